"""How fast an ascent flies, beside RocketPy on a rocket like its own Calisto.

Two things are timed. The Mars ascent of the default rocket, alone and in lanes; and a sounding
rocket defined by Calisto's public figures (mass, diameter, constant drag, trapezoid thrust) over
the Earth, flown here in three degrees of freedom and by RocketPy in six. The apogees stand beside
the times: two programs that do not agree on the height need not be compared on speed.

RocketPy is not among our dependencies; it runs in a process of its own:

    python -m venv .venv-rocketpy && .venv-rocketpy/bin/pip install rocketpy
    .venv/bin/python benchmarks/ascent.py --rocketpy .venv-rocketpy/bin/python
"""

from __future__ import annotations

import argparse
import json
import math
import pathlib
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import rocketpy_peer

CALISTO = {
    "dry_mass": 14.426 + 1.815,
    "propellant": 2.956,
    "radius": 0.0635,
    "drag_coefficient": 0.44,
    "times": [0.0, 0.15, 3.6, 3.9],
    "thrusts": [0.0, 1700.0, 1700.0, 0.0],
    "latitude_deg": 32.990254,
    "longitude_deg": -106.974998,
    "elevation_m": 0.0,
}
"""Mass without and with motor case [kg], propellant [kg], radius [m], and a trapezoid near the
M1670's mean thrust [s, N]; launched straight up from sea level in still standard air."""

LANES = 256


def timed(work: Callable[[], Any], repeats: int = 5) -> tuple[float, float]:
    """Seconds of the first call, and the median of later ones."""
    import jax

    begun = time.perf_counter()
    jax.block_until_ready(work())
    first = time.perf_counter() - begun
    later = []
    for _ in range(repeats):
        begun = time.perf_counter()
        jax.block_until_ready(work())
        later.append(time.perf_counter() - begun)
    return first, statistics.median(later)


def mars() -> None:
    """The default rocket from Three Forks: plan, one flight, lanes."""
    import equinox as eqx
    import jax
    import numpy as np

    sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "builders"))
    import derive_ascender  # pyright: ignore[reportMissingImports]

    from anabasis.campaign.orders.ascent import fly, plan
    from anabasis.guidance.steering import SolvedSteering
    from anabasis.worlds.world import make_world

    world = make_world("mars")
    orders = derive_ascender.three_forks(SolvedSteering())
    ascender = derive_ascender.lengthened(np.asarray(1.017))
    epoch = np.asarray(derive_ascender.EPOCH)
    first, later = timed(lambda: plan(orders, ascender, world).miss)
    print(f"Mars ascent, steering solved      {later:8.3f} s   (first time {first:.1f} s)")
    held = plan(orders, ascender, world)
    first, later = timed(lambda: fly(orders, ascender, world, None, held, epoch).figures)
    print(f"Mars ascent, one flight           {later:8.4f} s   (first time {first:.1f} s)")

    @eqx.filter_jit
    def lanes(thrusts: Any) -> Any:
        def one(thrust: Any) -> Any:
            rocket = eqx.tree_at(lambda a: a.stage_one.thrust, ascender, thrust)
            return fly(orders, rocket, world, None, held, epoch).figures["apoapsis"]

        return jax.vmap(one)(thrusts)

    thrusts = 7925.77 * (1.0 + 0.003 * np.random.default_rng(1).normal(size=LANES))
    first, later = timed(lambda: lanes(thrusts))
    print(
        f"Mars ascent, {LANES} lanes           {later:8.3f} s   (first time {first:.1f} s): "
        f"{LANES / later:.0f} flights/s"
    )


def sounding_rocket() -> dict[str, float]:
    """The Calisto-like rocket to its apogee, in three degrees of freedom."""
    import equinox as eqx
    import jax
    import jax.numpy as jnp
    import numpy as np

    from anabasis.mechanics.segment import fly_segment
    from anabasis.worlds.local import enu
    from anabasis.worlds.world import make_world

    world = make_world("earth")
    times, thrusts = np.array(CALISTO["times"]), np.array(CALISTO["thrusts"])
    impulse = float(np.trapezoid(thrusts, times))
    area = math.pi * CALISTO["radius"] ** 2 * CALISTO["drag_coefficient"]
    epoch = np.asarray(0.0)
    place = [np.asarray(math.radians(CALISTO[n])) for n in ("latitude_deg", "longitude_deg")]
    radius = world.radius_of(place[0], place[1], altitude=np.asarray(CALISTO["elevation_m"]))
    ground = world.position_at(epoch, place[0], place[1], radius)
    at_rest = world.inertial_from_planet(epoch, ground, jnp.zeros(3))

    def flight(factor: Any) -> Any:
        def rate(t: Any, y: Any, given: Any) -> Any:
            position, velocity, mass = y
            sample = world.air(epoch + t, position)
            through = world.relative_velocity(epoch + t, position, velocity)
            speed = jnp.sqrt(through @ through + 1e-12)
            up = enu(world, epoch + t, position)[2]
            forward = jnp.where(speed > 1.0, through / speed, up)
            force = factor * jnp.interp(t, times, thrusts)
            push = force * forward - 0.5 * sample.density * speed * area * through
            gravity = world.gravity(epoch + t, position)
            return velocity, push / mass + gravity, -force * CALISTO["propellant"] / impulse

        def falling(t: Any, y: Any, given: Any) -> Any:
            through = world.relative_velocity(epoch + t, y[0], y[1])
            return jnp.where(t > 1.0, -(through @ y[0]) / radius / 100.0, -1.0)

        begun = (ground, at_rest, jnp.asarray(CALISTO["dry_mass"] + CALISTO["propellant"]))
        burn = times[-1]
        end = fly_segment(
            rate, begun, jnp.zeros(()), jnp.array([burn, 40.0]), (390, 800), event=falling
        )
        return world.altitude(epoch + end.time, end.state[0])

    one = eqx.filter_jit(flight)
    first, later = timed(lambda: one(np.asarray(1.0)))
    many = eqx.filter_jit(jax.vmap(flight))
    factors = 1.0 + 0.01 * np.random.default_rng(1).normal(size=LANES)
    _, together = timed(lambda: many(factors))
    return {
        "apogee_m": float(one(np.asarray(1.0))),
        "first": first,
        "seconds": later,
        "per_lane": together / LANES,
    }


def main() -> None:
    """Print every time, and the ratio if RocketPy is there."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rocketpy", default=".venv-rocketpy/bin/python")
    chosen = parser.parse_args()
    mars()
    ours = sounding_rocket()
    print(
        f"sounding rocket here, 3 dof       {ours['seconds']:8.4f} s   (first time "
        f"{ours['first']:.1f} s), {1e3 * ours['per_lane']:.3f} ms a lane, "
        f"apogee {ours['apogee_m']:.1f} m"
    )
    if not pathlib.Path(chosen.rocketpy).exists():
        print(f"RocketPy not found at {chosen.rocketpy}; see the head of this file")
        return
    answer = subprocess.run(
        [chosen.rocketpy, str(pathlib.Path(rocketpy_peer.__file__))],
        input=json.dumps(
            {"rocket": rocketpy_peer.CALISTO, "launches": [rocketpy_peer.UPRIGHT], "repeats": 5}
        ),
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode:
        print("RocketPy failed:", answer.stderr.strip().splitlines()[-1])
        return
    told = json.loads(answer.stdout.strip().splitlines()[-1])
    peer = {"version": told["rocketpy"], **told["answers"][0]}
    print(
        f"sounding rocket, RocketPy {peer['version']}  {peer['seconds']:8.4f} s   (6 dof, one at "
        f"a time), {peer['right_hand_sides']} right-hand sides, "
        f"{1e9 * peer['seconds'] / peer['right_hand_sides']:.0f} ns each, "
        f"apogee {peer['apogee_m']:.1f} m"
    )
    print(
        f"ratio: {peer['seconds'] / ours['seconds']:.1f} for one flight, "
        f"{peer['seconds'] / ours['per_lane']:.0f} for each of {LANES} lanes; apogees differ by "
        f"{100.0 * abs(ours['apogee_m'] / peer['apogee_m'] - 1.0):.2f} %"
    )


if __name__ == "__main__":
    main()
