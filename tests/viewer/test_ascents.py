"""The plots of a rigid ascent: what is read off a track is what was put into it."""

from __future__ import annotations

import pathlib

import numpy as np
import pytest

from anabasis.viewer import ascents
from anabasis.viewer.plot import Curve, Plot, columns_of, draw, plot_of
from anabasis.viewer.run import Run, Track


@pytest.fixture
def track() -> Track:
    """A body over the x axis that leans from upright to level, towards y, in eleven steps."""
    lean = np.radians(np.linspace(0.0, 90.0, 11))
    n = lean.size
    columns = {
        "et_s": np.arange(n) * 1.0,
        "elapsed_s": np.arange(n) * 1.0,
        "altitude_km": np.linspace(0.0, 10.0, n),
        "angle_of_attack_deg": np.linspace(0.0, 3.0, n),
        "thruster_propellant_kg": np.linspace(0.0, 0.1, n),
        "speed_m_s": np.linspace(200.0, 900.0, n),
        # a turn about z by the angle of leaning
        "q_i_from_b_w": np.cos(0.5 * lean),
        "q_i_from_b_x": np.zeros(n),
        "q_i_from_b_y": np.zeros(n),
        "q_i_from_b_z": np.sin(0.5 * lean),
    }
    for axis, place, motion in (("x", 3400.0, 0.5), ("y", 0.0, 0.5), ("z", 0.0, 0.0)):
        columns[f"position_{axis}_km"] = np.full(n, place)
        columns[f"velocity_{axis}_km_s"] = np.full(n, motion)
        columns[f"rate_{axis}_deg_s"] = np.full(n, 9.0)
        columns[f"gimbal_{axis}_deg"] = np.linspace(-1.0, 1.0, n)
    return Track("mars", columns, {})


def test_the_nose_stands_as_high_as_it_was_turned(track: Track) -> None:
    told = ascents.attitude(track)
    assert told is not None
    axis, curves = told
    assert axis == "elevation_deg"
    assert np.allclose(curves["nose"], np.linspace(90.0, 0.0, 11), atol=1e-5)
    assert np.allclose(curves["inertial velocity"], 45.0)


def test_every_plot_a_user_expects_is_there(track: Track) -> None:
    run = Run(pathlib.Path(), {"events": []}, None, {"ascent": track})  # pyright: ignore
    for name in ("altitude", "speed", "angle_of_attack", "attitude", "turn_rates", "gimbal",
                 "spin", "thruster_propellant"):  # fmt: skip
        plot = plot_of(run, f"ascent_{name}")
        assert draw(plot).axes[0].lines
        told = columns_of(plot)
        assert all(len(column) == len(told["curve"]) for column in told.values())
    assert len(plot_of(run, "ascent_turn_rates").curves) == 2


def test_a_point_that_flies_has_no_attitude(track: Track) -> None:
    bare = {k: v for k, v in track.columns.items() if not k.startswith(("q_", "rate", "gimbal"))}
    point = Track("mars", bare, {})
    assert ascents.attitude(point) is None
    assert ascents.turn_rates(point) is ascents.spin(point) is None
    assert ascents.gimbal(point) is None


def test_a_scatter_shows_its_window() -> None:
    cloud = Curve("nominal", np.array([310.0, 320.0]), np.array([350.0, 390.0]))
    frame = (300.0, 375.0, 300.0, 375.0, "window")
    plot = Plot("x", "periapsis_km", "apoapsis_km", (cloud,), dotted=True, frames=(frame,))
    axes = draw(plot).axes[0]
    assert len(axes.lines) == 2
    assert axes.lines[0].get_marker() == "o"
    assert axes.get_legend() is not None
