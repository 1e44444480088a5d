"""The rover brings the tubes to the lander and hands them over, sol by sol.

The rover has turned back when the lander left Earth and waits short of the landing site. After
touchdown it drives to where the lander really stands; an arm takes the tubes one by one and closes
the lid; then the ascender is checked out, and all the while its grain is kept warm. The sol is the
tick: one pure step per sol, a fixed number of sols.

        turn back            touchdown     arrival   loading     check-out   ready
           |---- drive ---- wait --|-- drive --|--||||||||||||--|-----------|
                                   |------------ the grain is kept warm ------------ ...

Chance comes as dice with names, each a pure function of one number, the sol or tube, and the name.
Where that number is 0 there is none: the rover drives what it is expected to, and nothing fails.
"""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Bool, Float

from anabasis.guidance.route import ground_distance
from anabasis.mechanics import dice
from anabasis.mechanics.arrays import Array, Flag, Scalar, Series
from anabasis.mechanics.compiled import compiled
from anabasis.mechanics.flight import Flight, MassChange
from anabasis.mechanics.state import PointState
from anabasis.mechanics.table import Table
from anabasis.outcome import Outcome
from anabasis.units import SOL
from anabasis.vehicles.arm import Arm, Work, lid_cycles, work
from anabasis.vehicles.igloo import Igloo, Night, hold
from anabasis.vehicles.igloo import ready as warm
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
    "tubes_stuck_count": "",
    "arm_cycles_count": "",
    "rover_faults_count": "",
    "grain_minimum": "K",
    "battery_minimum": "percent",
    "tubes_friable_count": "",
    "tubes_open_count": "",
}
"""Bare name of every figure -> its unit at the walls (a sol *number* has none)."""

WORK_START = 10.0 / 24.0
WORK_END = 16.0 / 24.0
"""The working day, in sols after local mean midnight: things begin at ten and end at four
(`assumed`; the record's drives fall into these hours)."""

FRIABLE, OPEN = 1.0, 2.0
"""Sorts of tubes that come to harm sooner than others."""

AT_HAND = 1e-6
"""A way shorter than this [m] is done: the sum of a hundred drives rounds."""


class Transit(eqx.Module):
    """How the rover makes way, as learnt from its record (`vehicles.habits`).

    What the record leaves uncertain is a number of drawn habits; a case takes one of them.

    Attributes:
        moves: probability of a drive on a sol, shape (k,).
        centre, spread: of the logarithm of its distance [ln m], shape (k,).
        longest: drive of a sol [m].
        expected: what a sol of transit brings on the average [m].
        spare: what the generator yields on each sol beyond what the rover needs standing [J],
            shape (n,).
        battery: usable [J].
        per_metre: energy of a metre driven [J/m].
    """

    moves: Float[Array, " k"]
    centre: Float[Array, " k"]
    spread: Float[Array, " k"]
    longest: Scalar
    expected: Scalar
    spare: Float[Array, " n"]
    battery: Scalar
    per_metre: Scalar


class Stops(eqx.Module):
    """Stops of the rover beyond those of its habits.

    Attributes:
        chance: that one begins on a sol.
        least, most: how long it lasts [s, whole sols].
    """

    chance: Scalar = 0.0
    least: Scalar = 20.0 * SOL
    most: Scalar = 40.0 * SOL


class Sky(eqx.Module):
    """What the waiting rocket lives on, as means of each sol, each of shape (n,).

    Attributes:
        light, air: sunlight [W/m2] and air [K] of a year without a storm.
        storm_light, storm_air: under a global storm.
    """

    light: Float[Array, " n"]
    air: Float[Array, " n"]
    storm_light: Float[Array, " n"]
    storm_air: Float[Array, " n"]


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
        transit: how the rover makes way; None: ``drive_per_sol`` on every working sol.
        luck: names the dice; 0 means that nothing happens but what is expected.
        stops: of the rover.
        arm: that loads.
        igloo: that keeps the grain warm; None: nobody looks.
        sky: what it lives on.
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
    transit: Transit | None = None
    luck: Scalar = 0.0
    stops: Stops = Stops()
    arm: Arm = Arm()
    igloo: Igloo | None = None
    sky: Sky | None = None


class Tubes(eqx.Module):
    """The cargo: what each tube weighs with its sample [kg], in the order of loading.

    Attributes:
        aboard: tubes that the rover carries to the lander, shape (a,).
        fetched: tubes to be fetched from the depot, shape (f,); may be none.
        filled: filled tubes there are on Mars in all, these included.
        aboard_places, fetched_places: places for each in the container; what lies beyond them in
            the order comes only where a tube before it sticks.
        aboard_sort, fetched_sort: `OPEN` for a tube that is not sealed, `FRIABLE` for rock that
            does not hold together, else 0, shapes (a,) and (f,); None: nobody looked.
    """

    aboard: Float[Array, " a"]
    fetched: Float[Array, " f"]
    filled: Scalar
    aboard_places: Scalar = jnp.inf
    fetched_places: Scalar = jnp.inf
    aboard_sort: Float[Array, " a"] | None = None
    fetched_sort: Float[Array, " f"] | None = None


class Sol(eqx.Module):
    """Where things stand in the evening of a sol; of all sols, each field has shape (n,).

    Attributes:
        driven: path of the wheels [m].
        drive_sols: sols on which they turned.
        charge: of the rover's battery [J].
        stopped: sols that a stop still lasts; ``stops``: how many there have been.
        beside: the rover stands at the lander.
        fetching: working sols since touchdown.
        share: of a cycle, by which the arm is ahead of the last whole one.
        rover_cycles, depot_cycles, lid_cycles: of the arm, at the rover's tubes, at those of the
            depot, and at the lid beyond its first.
        checked: working sols since all was done.
        night: how the rocket stands; None where nobody looks.
    """

    driven: Array
    drive_sols: Array
    charge: Array
    stopped: Array
    stops: Array
    beside: Array
    fetching: Array
    share: Array
    rover_cycles: Array
    depot_cycles: Array
    lid_cycles: Array
    checked: Array
    night: Night | None


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

    On a working sol the rover drives as its habits have it, or ``drive_per_sol`` where the plan has
    none, until the way is done: first to the waiting place, and from the sol after touchdown on to
    the lander, the straight line times the path ratio. If it has not reached the waiting place by
    then it goes there first: an upper bound. From the sol after its arrival the arm makes
    ``tubes_per_sol`` cycles a sol, at the rover's tubes before the fetched ones; a fraction of a
    cycle carries over to the next sol while there is work. A cycle that fails is made again; a tube
    that sticks stays behind. The lid is on with the last tube unless it takes more than one cycle.

    Args:
        start: the lander at touchdown, the ascender aboard.
        rover: what drives.
        plan: what was settled on Earth.
        world: Mars.
        cargo: what the tubes weigh.
        track: whether to keep every sol.

    Returns:
        The flight of the lander while it stands: it ends at readiness, heavier by the tubes. Lost
        if the sols of the plan run out first, or the lid stays open; the figures of what did not
        happen are then NaN. The event ``grain_too_cold`` may come after the end: until then the
        rocket can be launched.

    Valid: flat ground between waiting place and lander. Rates are the plan's own; what is behind
    them is in docs/surface.md.
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

    own = work(plan.arm, plan.luck, "rover", cargo.aboard.shape[0], cargo.aboard_places)
    theirs = work(plan.arm, plan.luck, "depot", cargo.fetched.shape[0], cargo.fetched_places)
    lid, closes = lid_cycles(plan.arm, plan.luck)
    wanted = jnp.sum(jnp.where(theirs.tried, 1.0, 0.0))
    reached = jnp.asarray(0.0) if plan.fetch is None else plan.fetch.reached(to_depot, wanted)
    own_cycles, their_cycles = jnp.sum(own.cycles), theirs.within(reached)

    def step(evening: Sol, tick: tuple[Scalar, Flag, Today]) -> tuple[Sol, Sol]:
        index, commanding, today = tick
        after_landing = commanding & (index > landing_tick)
        way = jnp.where(after_landing, whole_way, first_leg)
        stopped = jnp.maximum(evening.stopped - 1.0, 0.0)
        under_way = commanding & (evening.driven < way - AT_HAND)
        struck = under_way & (stopped <= 0.0) & today.struck
        stopped = jnp.where(struck, today.stop, stopped)
        far, charge, per_metre = today.drive, evening.charge, jnp.asarray(0.0)
        if plan.transit is not None:
            per_metre = jnp.asarray(plan.transit.per_metre)
            charge = jnp.clip(charge + today.spare, 0.0, plan.transit.battery)
            far = jnp.minimum(far, charge / per_metre)
        drive = jnp.where(
            commanding & (stopped <= 0.0), jnp.clip(way - evening.driven, 0.0, far), 0.0
        )
        driven = evening.driven + drive
        # What lies beside the lander in the morning is what the arm can take today.
        at_hand = jnp.asarray(0.0)
        if plan.fetch is not None:
            brought = plan.fetch.brought(evening.fetching * SOL, to_depot, wanted)
            at_hand = theirs.within(brought)
        from_rover = jnp.where(
            after_landing & evening.beside, own_cycles - evening.rover_cycles, 0.0
        )
        from_depot = jnp.where(after_landing, at_hand - evening.depot_cycles, 0.0)
        tubes_in = (evening.rover_cycles >= own_cycles) & (evening.depot_cycles >= their_cycles)
        at_lid = jnp.where(after_landing & tubes_in, lid - 1.0 - evening.lid_cycles, 0.0)
        ahead = from_rover + from_depot + at_lid
        busy = ahead > 0.0
        share = jnp.where(busy, evening.share + plan.tubes_per_sol, evening.share)
        whole = jnp.floor(share + 1e-9)
        taken = jnp.minimum(whole, ahead)
        at_rover = jnp.minimum(taken, from_rover)
        at_depot = jnp.minimum(taken - at_rover, from_depot)
        complete = tubes_in & (evening.lid_cycles >= lid - 1.0)
        night = evening.night
        if plan.igloo is not None and night is not None:
            since = (index - landing_tick) * SOL - plan.igloo.storm_after
            raging = (since >= 0.0) & (since < plan.igloo.storm_length)
            later = hold(
                plan.igloo,
                night,
                jnp.where(raging, today.storm_light, today.light),
                jnp.where(raging, today.storm_air, today.air),
            )
            night = jax.tree.map(
                lambda new, old: jnp.where(index > landing_tick, new, old), later, night
            )
        state = Sol(
            driven=driven,
            drive_sols=evening.drive_sols + jnp.where(drive > AT_HAND, 1.0, 0.0),
            charge=charge - drive * per_metre,
            stopped=stopped,
            stops=evening.stops + jnp.where(struck, 1.0, 0.0),
            beside=evening.beside | (after_landing & (driven >= whole_way - AT_HAND)),
            fetching=evening.fetching + jnp.where(after_landing, 1.0, 0.0),
            share=jnp.maximum(share - jnp.where(busy, whole, 0.0), 0.0),
            rover_cycles=evening.rover_cycles + at_rover,
            depot_cycles=evening.depot_cycles + at_depot,
            lid_cycles=evening.lid_cycles + (taken - at_rover - at_depot),
            checked=evening.checked + jnp.where(after_landing & complete, 1.0, 0.0),
            night=night,
        )
        return state, state

    count = plan.commanding.shape[0]
    nothing = jnp.asarray(0.0)
    full = nothing if plan.transit is None else jnp.asarray(plan.transit.battery)
    morning = Sol(
        driven=nothing,
        drive_sols=nothing,
        charge=full,
        stopped=nothing,
        stops=nothing,
        beside=jnp.asarray(False),
        fetching=nothing,
        share=nothing,
        rover_cycles=nothing,
        depot_cycles=nothing,
        lid_cycles=nothing,
        checked=nothing,
        night=None if plan.igloo is None else warm(plan.igloo),
    )
    sols = jnp.arange(count, dtype=float)
    ticks = (sols, jnp.asarray(plan.commanding), _today(plan, rover, sols))
    _, evenings = jax.lax.scan(step, morning, ticks)

    all_loaded = jnp.logical_and(
        jnp.logical_and(evenings.rover_cycles >= own_cycles, evenings.depot_cycles >= their_cycles),
        evenings.lid_cycles >= lid - 1.0,
    )
    check_out_sols = plan.check_out / SOL
    ready = all_loaded & (evenings.checked >= check_out_sols - 1e-9) & (sols > landing_tick)
    after = sols > landing_tick
    arrival, arrived = _first(jnp.asarray(evenings.beside))
    # An arm slower than a cycle a sol has been at work since before the first was done.
    working = jnp.logical_or(
        evenings.share > 0.0, evenings.rover_cycles + evenings.depot_cycles > 0.0
    )
    loading_start, started = _first(working)
    loading_end, finished = _first(all_loaded & after)
    ready_tick, is_ready = _first(ready)

    def at(tick: Scalar, hour: float, happened: Flag) -> Scalar:
        return jnp.where(happened, plan.midnight + (tick + hour) * SOL, jnp.nan)

    ready_epoch = at(ready_tick, WORK_END, is_ready)
    end_epoch = jnp.where(is_ready, ready_epoch, plan.midnight + count * SOL)
    driven, drive_sols = evenings.driven[-1], evenings.drive_sols[-1]
    from_rover, from_depot = evenings.rover_cycles[-1], evenings.depot_cycles[-1]
    own_in, theirs_in = own.done(from_rover), theirs.done(from_depot)
    tubes_loaded = _count(own_in) + _count(theirs_in)
    tubes_mass = jnp.sum(jnp.where(own_in, cargo.aboard, 0.0)) + jnp.sum(
        jnp.where(theirs_in, cargo.fetched, 0.0)
    )
    friable = unsealed = jnp.asarray(0.0)
    if cargo.aboard_sort is not None and cargo.fetched_sort is not None:
        sorts = jnp.concatenate((jnp.asarray(cargo.aboard_sort), jnp.asarray(cargo.fetched_sort)))
        inside = jnp.concatenate((own_in, theirs_in))
        friable, unsealed = (_count(inside & (sorts == sort)) for sort in (FRIABLE, OPEN))
    left_behind = _count(own.stuck & (own.until <= from_rover + 1e-9)) + _count(
        theirs.stuck & (theirs.until <= from_depot + 1e-9)
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
        "tubes_stuck_count": left_behind,
        "arm_cycles_count": from_rover + from_depot + 1.0 + evenings.lid_cycles[-1],
        "rover_faults_count": evenings.stops[-1],
        "tubes_friable_count": friable,
        "tubes_open_count": unsealed,
    }
    figures["grain_minimum"] = figures["battery_minimum"] = jnp.asarray(jnp.nan)
    waiting = after & (sols <= jnp.where(is_ready, ready_tick, count))
    cold_epoch = jnp.asarray(jnp.nan)
    if plan.igloo is not None and evenings.night is not None:
        nights = evenings.night
        figures["grain_minimum"] = jnp.min(jnp.where(waiting, nights.grain, jnp.inf))
        left = jnp.where(waiting, nights.charge / plan.igloo.battery, jnp.inf)
        figures["battery_minimum"] = jnp.min(left)
        cold_tick, is_cold = _first(after & (nights.grain < plan.igloo.floor))
        cold_epoch = at(cold_tick, 0.0, is_cold)
    arm = started & (tubes_loaded > 0.0)
    events = {
        "rover_at_lander": at(arrival, WORK_END, arrived),
        "loading_start": at(loading_start, WORK_START, arm),
        "loading_end": at(loading_end, WORK_END, arm & finished),
        "grain_too_cold": cold_epoch,
    }
    in_time = Outcome.where(closes, Outcome.nominal, Outcome.lid_not_closed)
    outcome = Outcome.where(
        is_ready,
        in_time,
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
        track=_track(plan, evenings, world, latitude, longitude, (own, theirs), cargo, start)
        if track
        else None,
    )


class Today(eqx.Module):
    """What a sol brings; of all sols, each field has shape (n,).

    Attributes:
        drive: how far the rover would drive [m].
        spare: energy its generator yields beyond what it needs standing [J].
        struck: whether a stop begins; ``stop``: how long that would last [sols].
        light, air, storm_light, storm_air: as of `Sky`.
    """

    drive: Array
    spare: Array
    struck: Array
    stop: Array
    light: Array
    air: Array
    storm_light: Array
    storm_air: Array


def _today(plan: SurfacePlan, rover: Rover, sols: Series) -> Today:
    """The dice of every sol, and its weather."""
    none = jnp.zeros(sols.shape)

    def roll(name: str) -> Array:
        return dice.chance(dice.key_of(plan.luck, name), sols)

    by_chance = plan.luck > 0.0
    transit = plan.transit
    if transit is None:
        drive, spare = jnp.full(sols.shape, rover.drive_per_sol), none
    else:
        pick = dice.chance(dice.key_of(plan.luck, "habit"), jnp.asarray(0.0))
        which = (pick * transit.moves.shape[0]).astype(int)
        far = jnp.exp(
            jnp.asarray(transit.centre)[which]
            + jnp.asarray(transit.spread)[which] * dice.noise(dice.key_of(plan.luck, "far"), sols)
        )
        rolled = jnp.where(
            roll("moves") < jnp.asarray(transit.moves)[which],
            jnp.minimum(far, transit.longest),
            0.0,
        )
        drive = jnp.where(by_chance, rolled, transit.expected)
        spare = jnp.asarray(transit.spare)
    stop = jnp.ceil(
        (plan.stops.least + roll("length") * (plan.stops.most - plan.stops.least)) / SOL
    )
    sky = plan.sky or Sky(none, none, none, none)
    return Today(
        drive=drive,
        spare=spare,
        struck=by_chance & (roll("stop") < plan.stops.chance),
        stop=stop,
        light=jnp.asarray(sky.light),
        air=jnp.asarray(sky.air),
        storm_light=jnp.asarray(sky.storm_light),
        storm_air=jnp.asarray(sky.storm_air),
    )


def _count(which: Bool[Array, " n"]) -> Scalar:
    return jnp.sum(jnp.where(which, 1.0, 0.0))


def _first(happened: Bool[Array, " n"]) -> tuple[Scalar, Flag]:
    """The first tick at which something holds, and whether there is one."""
    return jnp.argmax(happened).astype(float), jnp.any(happened)


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
    world: World,
    latitude: Scalar,
    longitude: Scalar,
    rows: tuple[Work, Work],
    cargo: Tubes,
    start: PointState,
) -> dict[str, Array]:
    """Every evening of the plan: the lander where the planet has carried it, and the errand."""
    index = jnp.arange(plan.commanding.shape[0], dtype=float)
    epoch = plan.midnight + (index + WORK_END) * SOL
    radius = jnp.linalg.norm(start.position)
    own, theirs = rows

    def place(now: Scalar) -> tuple[Array, Array]:
        position = world.position_at(now, latitude, longitude, radius)
        return position, world.inertial_from_planet(now, position, jnp.zeros(3))

    def aboard(at_rover: Scalar, at_depot: Scalar) -> tuple[Scalar, Scalar, Scalar]:
        mine, others = own.done(at_rover), theirs.done(at_depot)
        mass = jnp.sum(jnp.where(mine, cargo.aboard, 0.0))
        mass = mass + jnp.sum(jnp.where(others, cargo.fetched, 0.0))
        return _count(mine), _count(others), mass

    position, velocity = jax.vmap(place)(epoch)
    from_rover, from_depot, mass = jax.vmap(aboard)(evenings.rover_cycles, evenings.depot_cycles)
    kept = {
        "epoch": jnp.asarray(epoch),
        "elapsed": jnp.asarray(epoch - start.epoch),
        "position": position,
        "velocity": velocity,
        "mass": jnp.asarray(start.mass + mass),
        "latitude": jnp.full(epoch.shape, latitude),
        "longitude": jnp.full(epoch.shape, longitude),
        "rover_driven": evenings.driven,
        "tubes_loaded": from_rover + from_depot,
        "tubes_from_rover": from_rover,
        "rover_cycles": evenings.rover_cycles,
        "depot_cycles": evenings.depot_cycles,
    }
    if plan.transit is not None:
        kept["rover_charge"] = evenings.charge
    if evenings.night is not None:
        kept["grain"] = evenings.night.grain
    return kept
