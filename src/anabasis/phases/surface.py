"""The rover brings the tubes to the lander and hands them over, sol by sol.

The rover has turned back when the lander left Earth and waits short of the landing site. After
touchdown it drives to where the lander really stands; an arm takes the tubes one by one; then the
ascender is checked out. The sol is the tick: one pure step per sol, a fixed number of sols.

        turn back            touchdown     arrival   loading     check-out   ready
           |---- drive ---- wait --|-- drive --|--||||||||||||--|-----------|
"""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Bool, Float

from anabasis.guidance.route import ground_distance
from anabasis.mechanics.arrays import Array, Flag, Scalar, Series
from anabasis.mechanics.compiled import compiled
from anabasis.mechanics.flight import Flight, MassChange
from anabasis.mechanics.state import PointState
from anabasis.mechanics.table import Table
from anabasis.outcome import Outcome
from anabasis.units import SOL
from anabasis.vehicles.rover import FetchRover, Helicopters, Rover
from anabasis.worlds.world import World

FIGURES: dict[str, str] = {
    "landing_sol": "",
    "landing_ls": "deg",
    "rover_start_distance": "km",
    "drive_distance": "km",
    "drive_duration": "sol",
    "loading_duration": "sol",
    "tubes_loaded_count": "",
    "tubes_left_count": "",
    "ready_sol": "",
    "ready_ls": "deg",
    "season_margin": "sol",
    "odometer": "km",
}
"""Bare name of every figure -> its unit at the walls (a sol *number* has none)."""

WORK_START = 10.0 / 24.0
WORK_END = 16.0 / 24.0
"""The working day, in sols after local mean midnight: things begin at ten and end at four
(`assumed`; the record's drives fall into these hours)."""

AT_HAND = 1e-6
"""A way shorter than this [m] is done: the sum of a hundred drives rounds."""


class SurfacePlan(eqx.Module):
    """What was settled on Earth: the way back, the working sols, the rules of loading.

    Attributes:
        midnight: TDB epoch of the local mean midnight that opens sol 0 of the plan [s].
        first_sol: mission sol of that sol.
        commanding: True on sols with commands from Earth (none near conjunction), shape (n,).
        season: areocentric solar longitude, unwrapped [rad], against time since `midnight` [s].
        closed_from, closed_to: no lift-off between these solar longitudes [rad].
        way: length of the route to the waiting place, corner to corner [m].
        start_distance: straight from the rover to the lander's target at the turn back [m].
        waiting_latitude, waiting_longitude: where the rover waits [rad].
        odometer: of the rover at the turn back [m].
        tubes_per_sol: pace of the arm.
        check_out: from the last tube to readiness [s, working sols].
        depot_latitude, depot_longitude: of the tubes on the ground [rad].
        fetch: what brings tubes from the depot, if anything does.
    """

    midnight: Scalar
    first_sol: Scalar
    commanding: Bool[Array, " n"]
    season: Table
    closed_from: Scalar
    closed_to: Scalar
    way: Scalar
    start_distance: Scalar
    waiting_latitude: Scalar
    waiting_longitude: Scalar
    odometer: Scalar
    tubes_per_sol: Scalar
    check_out: Scalar
    depot_latitude: Scalar
    depot_longitude: Scalar
    fetch: Helicopters | FetchRover | None


class Tubes(eqx.Module):
    """The cargo: what each tube weighs with its sample [kg], in the order of loading.

    Attributes:
        aboard: tubes that the rover carries to the lander, shape (a,).
        fetched: tubes to be fetched from the depot, shape (f,); may be none.
        filled: filled tubes there are on Mars in all, these included.
    """

    aboard: Float[Array, " a"]
    fetched: Float[Array, " f"]
    filled: Scalar


class Sol(eqx.Module):
    """Where things stand in the evening of a sol; of all sols, each field has shape (n,).

    Attributes:
        driven: path of the wheels [m].
        drive_sols: sols on which they turned.
        beside: the rover stands at the lander.
        fetching: working sols since touchdown.
        share: of a tube, by which the arm is ahead of the last whole one.
        from_rover, from_depot: tubes in the ascender.
        checked: working sols since all were.
    """

    driven: Array
    drive_sols: Array
    beside: Array
    fetching: Array
    share: Array
    from_rover: Array
    from_depot: Array
    checked: Array


@compiled
def load(
    start: PointState,
    rover: Rover,
    plan: SurfacePlan,
    world: World,
    cargo: Tubes,
    *,
    track: bool = False,
) -> Flight:
    """Bring the rover to the lander and the tubes aboard the ascender.

    On a working sol the rover drives ``drive_per_sol`` until the way is done: first to the waiting
    place, and from the sol after touchdown on to the lander, the straight line times the path
    ratio. If it has not reached the waiting place by then it goes there first: an upper bound.
    From the sol after its arrival the arm takes ``tubes_per_sol``, the rover's tubes before the
    fetched ones; a fraction of a tube carries over to the next sol while there are tubes to take.

    Args:
        start: the lander at touchdown, the ascender aboard.
        rover: what drives.
        plan: what was settled on Earth.
        world: Mars.
        cargo: what the tubes weigh.
        track: whether to keep every sol.

    Returns:
        The flight of the lander while it stands: it ends at readiness, heavier by the tubes. Lost
        if the sols of the plan run out first; the figures of what did not happen are then NaN.

    Valid: flat ground between waiting place and lander; no slip, no faults. Rates are
    the plan's own; what is behind them is in docs/conventions.md.
    """
    latitude, longitude = world.latitude_longitude(start.epoch, start.position)
    radius = world.equatorial_radius
    last_leg = rover.path_ratio * ground_distance(
        plan.waiting_latitude, plan.waiting_longitude, latitude, longitude, radius
    )
    to_depot = ground_distance(
        plan.depot_latitude, plan.depot_longitude, latitude, longitude, radius
    )
    first_leg = rover.path_ratio * plan.way
    whole_way = first_leg + last_leg
    landed = (start.epoch - plan.midnight) / SOL
    landing_tick = jnp.floor(landed)

    aboard = float(cargo.aboard.shape[0])
    wanted = float(cargo.fetched.shape[0])
    reached = jnp.asarray(0.0) if plan.fetch is None else plan.fetch.reached(to_depot, wanted)

    def step(evening: Sol, tick: tuple[Scalar, Flag]) -> tuple[Sol, Sol]:
        index, commanding = tick
        after_landing = commanding & (index > landing_tick)
        way = jnp.where(after_landing, whole_way, first_leg)
        drive = jnp.where(commanding, jnp.clip(way - evening.driven, 0.0, rover.drive_per_sol), 0.0)
        driven = evening.driven + drive
        # What lies beside the lander in the morning is what the arm can take today.
        brought = jnp.asarray(0.0)
        if plan.fetch is not None:
            brought = plan.fetch.brought(evening.fetching * SOL, to_depot, wanted)
        from_rover = jnp.where(after_landing & evening.beside, aboard - evening.from_rover, 0.0)
        from_depot = jnp.where(after_landing, brought - evening.from_depot, 0.0)
        busy = from_rover + from_depot > 0.0
        share = jnp.where(busy, evening.share + plan.tubes_per_sol, evening.share)
        taken = jnp.minimum(jnp.floor(share + 1e-9), from_rover + from_depot)
        from_rover_now = jnp.minimum(taken, from_rover)
        complete = (evening.from_rover >= aboard) & (evening.from_depot >= reached)
        state = Sol(
            driven=driven,
            drive_sols=evening.drive_sols + jnp.where(drive > AT_HAND, 1.0, 0.0),
            beside=evening.beside | (after_landing & (driven >= whole_way - AT_HAND)),
            fetching=evening.fetching + jnp.where(after_landing, 1.0, 0.0),
            share=jnp.maximum(share - jnp.where(busy, jnp.floor(share + 1e-9), 0.0), 0.0),
            from_rover=evening.from_rover + from_rover_now,
            from_depot=evening.from_depot + (taken - from_rover_now),
            checked=evening.checked + jnp.where(after_landing & complete, 1.0, 0.0),
        )
        return state, state

    count = plan.commanding.shape[0]
    nothing = jnp.asarray(0.0)
    morning = Sol(nothing, nothing, jnp.asarray(False), nothing, nothing, nothing, nothing, nothing)
    ticks = (jnp.arange(count, dtype=float), jnp.asarray(plan.commanding))
    _, evenings = jax.lax.scan(step, morning, ticks)

    loaded = jnp.asarray(evenings.from_rover + evenings.from_depot)
    all_loaded = jnp.logical_and(evenings.from_rover >= aboard, evenings.from_depot >= reached)
    check_out_sols = plan.check_out / SOL
    ready = all_loaded & (evenings.checked >= check_out_sols - 1e-9) & (ticks[0] > landing_tick)
    after = ticks[0] > landing_tick
    arrival, arrived = _first(jnp.asarray(evenings.beside))
    loading_start, started = _first(loaded > 0.0)
    # An arm slower than a tube a sol has been at work since before the first tube was in.
    working = jnp.logical_or(evenings.share > 0.0, loaded > 0.0)
    loading_start = jnp.minimum(loading_start, _first(working)[0])
    loading_end, finished = _first(all_loaded & after)
    ready_tick, is_ready = _first(ready)

    def at(tick: Scalar, hour: float, happened: Flag) -> Scalar:
        return jnp.where(happened, plan.midnight + (tick + hour) * SOL, jnp.nan)

    ready_epoch = at(ready_tick, WORK_END, is_ready)
    end_epoch = jnp.where(is_ready, ready_epoch, plan.midnight + count * SOL)
    tubes_loaded, driven, drive_sols = loaded[-1], evenings.driven[-1], evenings.drive_sols[-1]
    tubes_mass = _mass(cargo.aboard, evenings.from_rover[-1]) + _mass(
        cargo.fetched, evenings.from_depot[-1]
    )
    landing_ls, ready_ls = plan.season(landed * SOL), plan.season(ready_epoch - plan.midnight)
    figures = {
        "landing_sol": plan.first_sol + landing_tick,
        "landing_ls": jnp.mod(landing_ls, 2 * jnp.pi),
        "rover_start_distance": jnp.asarray(plan.start_distance),
        "drive_distance": driven,
        "drive_duration": drive_sols * SOL,
        "loading_duration": jnp.where(
            started & finished, (loading_end - loading_start + 1.0) * SOL, jnp.nan
        ),
        "tubes_loaded_count": tubes_loaded,
        "tubes_left_count": cargo.filled - tubes_loaded,
        "ready_sol": jnp.where(is_ready, plan.first_sol + ready_tick, jnp.nan),
        "ready_ls": jnp.where(is_ready, jnp.mod(ready_ls, 2 * jnp.pi), jnp.nan),
        "season_margin": jnp.where(
            is_ready, _season_margin(plan, ready_epoch - plan.midnight), jnp.nan
        ),
        "odometer": plan.odometer + driven,
    }
    arm = started & (tubes_loaded > 0.0)
    events = {
        "rover_at_lander": at(arrival, WORK_END, arrived),
        "loading_start": at(loading_start, WORK_START, arm),
        "loading_end": at(loading_end, WORK_END, arm & finished),
    }
    outcome = Outcome.where(
        is_ready,
        Outcome.nominal,
        Outcome.where(arrived, Outcome.not_ready_in_time, Outcome.rover_never_arrived),
    )
    position = world.position_at(end_epoch, latitude, longitude, jnp.linalg.norm(start.position))
    end = PointState(
        epoch=end_epoch,
        position=position,
        velocity=world.inertial_from_planet(end_epoch, position, jnp.zeros(3)),
        mass=start.mass + tubes_mass,
        centre=start.centre,
    )
    loading_epoch = jnp.where(arm & finished, events["loading_end"], end_epoch)
    return Flight(
        end=end,
        outcome=outcome,
        figures=figures,
        events=events,
        burns={},
        masses={"loading_end/tubes": MassChange(loading_epoch, tubes_mass)},
        extrapolations={"season": jnp.where(plan.season.outside(landed * SOL), 1.0, 0.0)},
        track=_track(plan, evenings, end, world, latitude, longitude, cargo, start)
        if track
        else None,
    )


def _first(happened: Bool[Array, " n"]) -> tuple[Scalar, Flag]:
    """The first tick at which something holds, and whether there is one."""
    return jnp.argmax(happened).astype(float), jnp.any(happened)


def _mass(masses: Series, count: Scalar) -> Scalar:
    """What the first ``count`` tubes weigh together [kg]."""
    index = jnp.arange(masses.shape[0], dtype=float)
    return jnp.sum(jnp.where(index < count, masses, 0.0))


def _season_margin(plan: SurfacePlan, elapsed: Scalar) -> Scalar:
    """Time from readiness to the closing of the season [s]; negative: closed since.

    In the open season the next closing counts, in the closed one the last.
    """
    full = 2 * jnp.pi
    now = plan.season(elapsed)
    since = jnp.mod(now - plan.closed_from, full)
    closed = since < jnp.mod(plan.closed_to - plan.closed_from, full)
    closing = jnp.where(closed, now - since, now + full - since)
    return jnp.interp(closing, plan.season.value, plan.season.argument) - elapsed


def _track(
    plan: SurfacePlan,
    evenings: Sol,
    end: PointState,
    world: World,
    latitude: Scalar,
    longitude: Scalar,
    cargo: Tubes,
    start: PointState,
) -> dict[str, Array]:
    """Every evening of the plan: the lander where the planet has carried it, and the errand."""
    index = jnp.arange(plan.commanding.shape[0], dtype=float)
    epoch = plan.midnight + (index + WORK_END) * SOL
    radius = jnp.linalg.norm(start.position)

    def place(now: Scalar) -> tuple[Array, Array]:
        position = world.position_at(now, latitude, longitude, radius)
        return position, world.inertial_from_planet(now, position, jnp.zeros(3))

    position, velocity = jax.vmap(place)(epoch)
    mass = jax.vmap(lambda a, f: start.mass + _mass(cargo.aboard, a) + _mass(cargo.fetched, f))(
        evenings.from_rover, evenings.from_depot
    )
    return {
        "epoch": jnp.asarray(epoch),
        "elapsed": jnp.asarray(epoch - start.epoch),
        "position": position,
        "velocity": velocity,
        "mass": jnp.asarray(mass),
        "latitude": jnp.full(epoch.shape, latitude),
        "longitude": jnp.full(epoch.shape, longitude),
        "rover_driven": evenings.driven,
        "tubes_loaded": evenings.from_rover + evenings.from_depot,
        "tubes_from_rover": evenings.from_rover,
    }
