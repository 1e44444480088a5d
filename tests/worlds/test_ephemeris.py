"""Planets move smoothly, add up, and are refused outside their span."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from anabasis.worlds.ephemeris import GM, Ephemeris, EpochOutOfRange, check_span, load_ephemeris

EPOCHS = jnp.linspace(3.6e8, 1.79e9, 40)
BODIES = ["sun", "venus", "earth", "moon", "earth-moon", "mars", "jupiter"]


@pytest.fixture(scope="module")
def ephemeris() -> Ephemeris:
    return load_ephemeris()


@pytest.mark.parametrize("body", [b for b in BODIES if b != "sun"])
def test_velocity_is_the_derivative_of_position(ephemeris: Ephemeris, body: str) -> None:
    def both(epoch: jnp.ndarray) -> tuple[jnp.ndarray, jnp.ndarray]:
        _, slope = jax.jvp(lambda t: ephemeris.position(body, t), (epoch,), (jnp.ones(()),))
        return slope, ephemeris.state(body, epoch)[1]

    slope, velocity = jax.jit(jax.vmap(both))(EPOCHS)
    np.testing.assert_allclose(slope, velocity, rtol=1e-12, atol=1e-10)


def test_centres_add_up(ephemeris: Ephemeris) -> None:
    for epoch in (4e8, 9.1e8, 1.7e9):
        moon = ephemeris.position("moon", epoch, "mars")
        via_earth = ephemeris.position("earth", epoch, "mars") + ephemeris.position(
            "moon", epoch, "earth"
        )
        np.testing.assert_allclose(moon, via_earth, atol=1e-3)
        np.testing.assert_array_equal(ephemeris.position("mars", epoch, "mars"), np.zeros(3))


def test_earth_and_moon_balance_about_their_barycentre(ephemeris: Ephemeris) -> None:
    earth = ephemeris.position("earth", 8e8, "earth-moon")
    moon = ephemeris.position("moon", 8e8, "earth-moon")
    # Both series stand in the kernel; they were fitted to each other within a metre.
    np.testing.assert_allclose(GM["earth"] * earth, -GM["moon"] * moon, atol=1.0 * GM["earth"])
    assert GM["earth"] + GM["moon"] == pytest.approx(GM["earth-moon"], rel=1e-12)


def test_numbers_and_compiled_code_agree_bit_for_nearly_bit(ephemeris: Ephemeris) -> None:
    compiled = jax.jit(jax.vmap(lambda t: ephemeris.position("mars", t, "earth")))(EPOCHS)
    alone = [ephemeris.position("mars", float(t), "earth") for t in EPOCHS]
    np.testing.assert_allclose(compiled, alone, atol=1e-3)


def test_no_step_where_one_polynomial_hands_over_to_the_next(ephemeris: Ephemeris) -> None:
    for series in ephemeris.series:
        seam = float(series.start) + 7 * float(series.interval)
        before, after = series(seam - 1e-6), series(seam + 1e-6)
        np.testing.assert_allclose(before[0], after[0], atol=0.3)
        np.testing.assert_allclose(before[1], after[1], atol=1e-4)


def test_the_span_is_2011_to_2056(ephemeris: Ephemeris) -> None:
    first, last = ephemeris.span
    assert first <= 347_155_200.0
    assert last >= 1_798_718_400.0


@pytest.mark.parametrize("epoch", [3.0e8, 1.9e9, float("nan")])
def test_an_epoch_outside_the_span_is_refused_in_a_sentence(epoch: float) -> None:
    with pytest.raises(EpochOutOfRange, match="covers 2010-12-29 to 2056-12-31"):
        check_span(epoch)
    with pytest.raises(ValueError, match="outside the ephemeris"):
        load_ephemeris().state("mars", epoch)


def test_an_unknown_body_is_refused_with_the_known_ones(ephemeris: Ephemeris) -> None:
    with pytest.raises(ValueError, match="choose one of earth, earth-moon, jupiter, mars"):
        ephemeris.state("pluto", 6e8)


def test_a_kernel_of_the_users_takes_its_place_beside_the_planets(tmp_path) -> None:
    spiceypy = pytest.importorskip("spiceypy")
    pytest.importorskip("jplephem")
    path = tmp_path / "craft.bsp"
    begin, length = 6.0e8, 86400.0
    handle = spiceypy.spkopn(str(path), "craft", 0)
    # Two spans of x = 1000 + 2 T_1 + T_2 km, y = 3 km, z = 0, about Mars.
    record = np.array([[1000.0, 2.0, 1.0], [3.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    both = np.stack([record, record]).ravel()
    spiceypy.spkw02(
        handle, -168, 4, "J2000", begin, begin + 2 * length, "c", length, 2, 2, both, begin
    )
    spiceypy.spkcls(handle)
    ephemeris = load_ephemeris(kernel=path)
    position, velocity = ephemeris.state("-168", begin + 0.75 * length, "mars")
    x = 0.5
    np.testing.assert_allclose(position, [1e3 * (1000 + 2 * x + 2 * x * x - 1), 3e3, 0.0])
    np.testing.assert_allclose(velocity, [1e3 * (2 + 4 * x) * 2 / length, 0.0, 0.0])
    assert np.linalg.norm(ephemeris.position("-168", begin + 10.0, "sun")) > 2e11
