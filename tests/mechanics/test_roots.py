"""A root found by halving is a root, and knows how it moves."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from anabasis.mechanics.roots import bracketed_root, polished


def test_a_bracketed_root_is_found_with_its_derivative() -> None:
    def root(p: jax.Array) -> jax.Array:
        return bracketed_root(lambda x: x * x - p, 0.0, 10.0)

    assert float(root(jnp.asarray(2.0))) == pytest.approx(np.sqrt(2.0), abs=1e-14)
    assert float(jax.jvp(root, (jnp.asarray(2.0),), (jnp.asarray(1.0),))[1]) == pytest.approx(
        0.5 / np.sqrt(2.0), rel=1e-12
    )
    many = jax.vmap(root)(jnp.array([1.0, 4.0, 9.0]))
    assert np.allclose(many, [1.0, 2.0, 3.0], atol=1e-13)


def test_polishing_a_root_keeps_it_and_gives_it_a_derivative() -> None:
    def cube_root(p: jax.Array) -> jax.Array:
        return polished(lambda x: x**3 - p, jnp.asarray(2.0))

    value, slope = jax.jvp(cube_root, (jnp.asarray(8.0),), (jnp.asarray(1.0),))
    assert float(value) == 2.0
    assert float(slope) == pytest.approx(1.0 / 12.0, rel=1e-14)
