"""What the plots of a rigid ascent draw, read off its track: attitude, turn rates, nozzle.

A three-degree ascent has no attitude, and none of these plots.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from anabasis.viewer.run import Track

Columns = tuple[str, dict[str, np.ndarray]]
"""Name of the axis with its unit, and what is drawn over the time by label."""

_PARTS = tuple(f"q_i_from_b_{part}" for part in "wxyz")


def attitude(track: Track) -> Columns | None:
    """How high the nose points over the local horizontal, and how high the rocket moves."""
    if any(part not in track.columns for part in _PARTS):
        return None
    nose = body_axis(track)
    up = track.position() / np.linalg.norm(track.position(), axis=1, keepdims=True)
    motion = track.velocity()
    motion = motion / np.linalg.norm(motion, axis=1, keepdims=True)

    def elevation(direction: np.ndarray) -> np.ndarray:
        return np.degrees(np.arcsin(np.clip(np.sum(direction * up, axis=1), -1.0, 1.0)))

    return "elevation_deg", {"nose": elevation(nose), "inertial velocity": elevation(motion)}


def body_axis(track: Track) -> np.ndarray:
    """The x axis of the body, J2000 [n, 3], from the attitude's quaternion."""
    w, x, y, z = (track.columns[part] for part in _PARTS)
    return np.stack(
        [1.0 - 2.0 * (y * y + z * z), 2.0 * (x * y + w * z), 2.0 * (x * z - w * y)], axis=1
    )


def turn_rates(track: Track) -> Columns | None:
    """Angular velocity across the body's axis."""
    return _rates(track, "yz")


def spin(track: Track) -> Columns | None:
    """Angular velocity about the body's axis: roll, and the spin of the second stage."""
    return _rates(track, "x")


def _rates(track: Track, axes: str) -> Columns | None:
    if any(f"rate_{axis}_deg_s" not in track.columns for axis in axes):
        return None
    return "rate_deg_s", {f"about {axis}": track.columns[f"rate_{axis}_deg_s"] for axis in axes}


def gimbal(track: Track) -> Columns | None:
    """Deflections of the first stage's nozzle, about both axes across the body."""
    if any(f"gimbal_{axis}_deg" not in track.columns for axis in "yz"):
        return None
    return "deflection_deg", {
        f"towards {axis}": track.columns[f"gimbal_{axis}_deg"] for axis in "yz"
    }
