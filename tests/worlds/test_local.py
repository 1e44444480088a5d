"""Speed and two angles say the same as a vector."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from anabasis.worlds.local import angles_from_velocity, local_axes, velocity_from_angles

POLE, PLACE = jnp.array([0.0, 0.0, 1.0]), jnp.array([2.0e6, 1.5e6, 2.2e6])


def test_local_axes_are_a_rotation_with_up_outward_and_east_level() -> None:
    axes = local_axes(POLE, PLACE)
    np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-15)
    np.testing.assert_allclose(np.linalg.det(axes), 1.0, atol=1e-15)
    np.testing.assert_allclose(axes[2], PLACE / np.linalg.norm(PLACE))
    assert abs(float(axes[0] @ POLE)) < 1e-15
    assert float(axes[1] @ POLE) > 0.0


def test_a_velocity_and_its_angles_undo_each_other() -> None:
    axes = local_axes(POLE, PLACE)
    for told in [(5553.56, -0.27, 1.74), (12.0, 1.2, 5.9), (7.0e3, 0.0, 3.5)]:
        found = angles_from_velocity(velocity_from_angles(*told, axes), axes)
        np.testing.assert_allclose(found, told, rtol=1e-13, atol=1e-13)


def test_north_is_azimuth_zero_and_east_a_quarter_turn() -> None:
    axes = local_axes(POLE, PLACE)
    north = velocity_from_angles(1.0, 0.0, 0.0, axes)
    east = velocity_from_angles(1.0, 0.0, np.pi / 2, axes)
    np.testing.assert_allclose(north, axes[1], atol=1e-15)
    np.testing.assert_allclose(east, axes[0], atol=1e-15)


def test_straight_up_has_derivatives() -> None:
    axes = local_axes(POLE, PLACE)
    slopes = jax.jacfwd(lambda v: jnp.stack(angles_from_velocity(v, axes)))(30.0 * axes[2])
    assert np.all(np.isfinite(slopes))
