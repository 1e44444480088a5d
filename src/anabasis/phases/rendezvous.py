"""Rendezvous: an orbiter finds the container, comes round to it, and takes it in.

    search -- phasing orbit -- drift -- transfer -- plane -- shape -- approach -- capture

    phasing:   two burns half a turn apart, to a circle above or below the container's
    drift:     wait there: the angle between the two closes, and J2 turns the two nodes apart or
               together; what J2 does not do, the plane burn does
    transfer:  two burns half a turn apart, to the container's semi-major axis
    plane:     one burn where the two planes cross
    shape:     two burns half a turn apart, to the container's eccentricity; now both move alike,
               the orbiter some tens of kilometres behind
    approach:  a slightly lower orbit closes that distance

Everything is told in mean elements, in which J2 is a steady turning, and every wait is solved, so
the two do meet: the plan is a list of burns with their instants, and the end of it is compared
with where the container then is. Which circle to wait on, and how many times to let the container
lap it, is searched on a grid for the least delta-v (a day being worth something); the search is
made anew for every pair of orbits, as flight controllers would. Burns are blows; small changes of
nearly circular orbits (Gauss's equations), good to the square of the relative change.
"""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Float

from anabasis.mechanics.arrays import Array, Count, Flag, Scalar
from anabasis.mechanics.compiled import compiled
from anabasis.mechanics.flight import Burn, Flight, MassChange
from anabasis.mechanics.roots import polished
from anabasis.mechanics.secular import (
    MeanOrbit,
    OblateBody,
    drift,
    mean_orbit,
    osculating,
    position_velocity,
    rotated,
    secular_rates,
)
from anabasis.mechanics.state import PointState
from anabasis.outcome import Outcome
from anabasis.units import DAY
from anabasis.vehicles.orbiter import Orbiter
from anabasis.worlds.oblate import oblate_body
from anabasis.worlds.world import World

FIGURES: dict[str, str] = {
    "delta_v": "m_s",
    "duration": "day",
    "plane_change": "deg",
    "target_node_rate": "deg_day",
    "differential_node_rate": "deg_day",
    "target_revolutions_per_nodal_day": "",
    "phase_rate": "deg_day",
    "drift_per_orbit": "km",
    "propellant": "kg",
    # beyond the promised row: where it waited, how well it met, what is left to burn
    "phasing_altitude": "km",
    "final_distance": "m",
    "hydrazine_left": "kg",
}

MEETING_DISTANCE = 1e3
"""The plan, flown open loop in mean elements, ends within this of the container [m]; cameras and
lidar close it, and their delta-v is in the approach's allowance."""
_ALTITUDES = 129
"""Waiting orbits tried, evenly between the lowest and the highest allowed."""
_LAPS = 64
"""Laps tried on each."""
_SLOWEST = 1e-9
"""Closing rates below this count as none [rad/s]; a lap would take 200 years."""
_ROUNDS = 14
"""Rounds of correcting the drift's length; each gains about two digits."""
_SETTLING_ROUNDS = 3
"""Of these, the first that still move the passages at which burns are made."""
_ROUND = 1e-7
"""A difference of shape below this counts as none: it is 0.4 m, and its direction is noise."""
_LATE = 0.3
"""The shortest wait for a burn's place, as an angle, so that a shift of the plan keeps it ahead."""
_TRACK_ROWS = 16000
"""Even in time; 16 a revolution over ten weeks, so that a metre is held between them."""
_TURN = 2.0 * jnp.pi


class RendezvousLaw(eqx.Module):
    """How the orbiter goes about it.

    Attributes:
        search_duration: to find the container and know its orbit, before the first burn [s].
        longest_duration: from the start to the capture [s].
        lowest_phasing: lowest circle to wait on, altitude [m].
        highest_phasing: highest [m].
        day_worth: the delta-v one day is worth when plans are compared [m/s].
        handover_distance: how far behind the container the approach starts [m].
        approach_duration: of the approach [s].
        approach_delta_v: allowance for corrections, inspection and capture [m/s].
        lowest_periapsis: a container below it comes down before it is met, altitude [m].
    """

    search_duration: Scalar
    longest_duration: Scalar
    lowest_phasing: Scalar
    highest_phasing: Scalar
    day_worth: Scalar
    handover_distance: Scalar
    approach_duration: Scalar
    approach_delta_v: Scalar
    lowest_periapsis: Scalar


class Step(eqx.Module):
    """The orbiter's orbit from one burn to the next.

    Attributes:
        time: since the start of the phase [s].
        orbit: mean elements just after the burn.
        delta_v: of the burn [m/s].
    """

    time: Scalar
    orbit: MeanOrbit
    delta_v: Scalar


class Choice(eqx.Module):
    """What the search decides.

    Attributes:
        semi_major_axis: of the waiting orbit [m].
        drift_duration: on it [s].
        feasible: whether any plan kept to the time allowed.
    """

    semi_major_axis: Scalar
    drift_duration: Scalar
    feasible: Flag


def relative_plane(chaser: MeanOrbit, target: MeanOrbit) -> tuple[Scalar, Scalar, Scalar]:
    """How two planes lie to each other.

    Args:
        chaser: one orbit.
        target: the other.

    Returns:
        The angle between the planes; the argument of latitude, on the chaser's orbit, of the line
        in which they cross; and how much larger it is on the target's [rad].
    """
    d_node = target.node - chaser.node
    cos_d, sin_d = jnp.cos(d_node), jnp.sin(d_node)
    cos_c, sin_c = jnp.cos(chaser.inclination), jnp.sin(chaser.inclination)
    cos_t, sin_t = jnp.cos(target.inclination), jnp.sin(target.inclination)
    # The target's normal in the chaser's axes (node, a quarter ahead, normal), and the reverse.
    x, y = sin_t * sin_d, sin_c * cos_t - cos_c * sin_t * cos_d
    z = cos_c * cos_t + sin_c * sin_t * cos_d
    x_t, y_t = sin_c * sin_d, sin_t * cos_c - cos_t * sin_c * cos_d
    square = x * x + y * y
    same = square < 1e-28
    angle = jnp.arctan2(jnp.sqrt(jnp.where(same, 0.0, square) + 1e-300), z)
    place = jnp.where(same, 0.0, jnp.arctan2(x, jnp.where(same, -1.0, -y)))
    place_t = jnp.where(same, 0.0, jnp.arctan2(x_t, jnp.where(same, 1.0, y_t)))
    shift = jnp.where(same, -d_node * cos_c, place_t - place)
    return jnp.where(same, 0.0, angle), place, jnp.arctan2(jnp.sin(shift), jnp.cos(shift))


def _circular_speed(semi_major_axis: Scalar, body: OblateBody) -> Scalar:
    return jnp.sqrt(body.gm / semi_major_axis)


def _half_way(
    first: MeanOrbit, a_last: Scalar, x_last: Scalar, y_last: Scalar, body: OblateBody
) -> tuple[MeanOrbit, Scalar, Scalar, Scalar]:
    """Between two tangential burns half a turn apart: the orbit, both burns, the first's place.

        dv1 + dv2 = V/2 da/a,   dv1 - dv2 = V/2 |de|,   the first where de points

    with V and a half way between the orbits, which makes the first good to the square of da/a.
    """
    d_x, d_y = x_last - first.eccentricity_x, y_last - first.eccentricity_y
    square = d_x**2 + d_y**2
    none = square < _ROUND**2
    size = jnp.where(none, 0.0, jnp.sqrt(jnp.where(none, 1.0, square)))
    place = jnp.where(none, first.latitude, jnp.arctan2(d_y, jnp.where(none, 1.0, d_x)))
    middle = 0.5 * (first.semi_major_axis + a_last)
    speed = _circular_speed(middle, body)
    both = 0.5 * speed * (a_last - first.semi_major_axis) / middle
    apart = 0.5 * speed * size
    one, two = 0.5 * (both + apart), 0.5 * (both - apart)
    between = MeanOrbit(
        first.semi_major_axis + 2.0 * middle * one / speed,
        first.eccentricity_x + 2.0 * one / speed * jnp.cos(place),
        first.eccentricity_y + 2.0 * one / speed * jnp.sin(place),
        first.inclination,
        first.node,
        first.latitude,
    )
    return between, one, two, place


def _circle(orbit: MeanOrbit, semi_major_axis: Scalar, x: Scalar, y: Scalar) -> MeanOrbit:
    """The same place and plane with another size and shape."""
    return MeanOrbit(semi_major_axis, x, y, orbit.inclination, orbit.node, orbit.latitude)


def _wait(orbit: MeanOrbit, place: Scalar, turn: Scalar, body: OblateBody) -> Scalar:
    """How long until the next passage of a place, at least `_LATE` ahead [s]."""
    ahead = jnp.mod(place - orbit.latitude - _LATE, turn) + _LATE
    return ahead / secular_rates(orbit, body).latitude


def _to_waiting_orbit(
    chaser: MeanOrbit, a_wait: Scalar, law: RendezvousLaw, body: OblateBody
) -> list[Step]:
    """Search, then two burns to the circle to wait on."""
    known = drift(chaser, body, law.search_duration)
    zero = jnp.zeros(())
    _, _, _, place = _half_way(known, a_wait, zero, zero, body)
    wait = _wait(known, place, _TURN, body)
    before = drift(known, body, wait)
    between, one, two, _ = _half_way(before, a_wait, zero, zero, body)
    half = jnp.pi / secular_rates(between, body).latitude
    after = _circle(drift(between, body, half), a_wait, zero, zero)
    start = law.search_duration + wait
    return [Step(start, between, one), Step(start + half, after, two)]


def itinerary(
    chaser: MeanOrbit,
    target: MeanOrbit,
    choice: Choice,
    law: RendezvousLaw,
    body: OblateBody,
    waits: tuple[Scalar, Scalar] | None = None,
    settling: Flag | None = None,
) -> tuple[list[Step], tuple[Scalar, Scalar]]:
    """Every burn from the start to the beginning of the approach.

    Args:
        chaser: the orbiter's mean orbit at the start.
        target: the container's.
        choice: waiting orbit and length of the drift.
        law: search time and the like.
        body: the planet.
        waits: counts of turns at which the plane and shape burns are made, from an earlier call;
            None takes the next passages.
        settling: True takes the next passages in spite of ``waits``.

    Returns:
        The steps in order (two to the waiting orbit, two of the transfer, the plane, two of the
        shape), and the counts of turns.
    """
    zero = jnp.zeros(())
    steps = _to_waiting_orbit(chaser, choice.semi_major_axis, law, body)
    a_target = target.semi_major_axis

    # Transfer: from anywhere on the waiting circle.
    waited = drift(steps[-1].orbit, body, choice.drift_duration)
    time = steps[-1].time + choice.drift_duration
    middle = 0.5 * (a_target + waited.semi_major_axis)
    speed = _circular_speed(middle, body)
    burn = 0.25 * speed * (a_target - waited.semi_major_axis) / middle
    between = _circle(
        waited,
        middle,
        2.0 * burn / speed * jnp.cos(waited.latitude),
        2.0 * burn / speed * jnp.sin(waited.latitude),
    )
    half = jnp.pi / secular_rates(between, body).latitude
    arrived = _circle(drift(between, body, half), a_target, zero, zero)
    steps += [Step(time, between, burn), Step(time + half, arrived, burn)]
    time = time + half

    # Plane: where the two cross.
    _, place, _ = relative_plane(arrived, drift(target, body, time))
    old_plane, old_shape = waits if waits else (None, None)
    wait, count_plane = _passage(arrived, place, jnp.pi, old_plane, settling, body)
    time = time + wait
    arrived = drift(arrived, body, wait)
    there = drift(target, body, time)
    angle, _, shift = relative_plane(arrived, there)
    x, y = rotated(arrived.eccentricity_x, arrived.eccentricity_y, shift)
    turned = MeanOrbit(a_target, x, y, there.inclination, there.node, arrived.latitude + shift)
    steps.append(Step(time, turned, 2.0 * _circular_speed(a_target, body) * jnp.sin(0.5 * angle)))

    # Shape: a pair that leaves the size as it is.
    _, _, _, place = _half_way(turned, a_target, there.eccentricity_x, there.eccentricity_y, body)
    wait, count_shape = _passage(turned, place, _TURN, old_shape, settling, body)
    time = time + wait
    before = drift(turned, body, wait)
    there = drift(target, body, time)
    between, one, two, _ = _half_way(
        before, a_target, there.eccentricity_x, there.eccentricity_y, body
    )
    half = jnp.pi / secular_rates(between, body).latitude
    steps.append(Step(time, between, one))
    time = time + half
    there = drift(target, body, time)
    after = _circle(
        drift(between, body, half), a_target, there.eccentricity_x, there.eccentricity_y
    )
    steps.append(Step(time, after, two))
    return steps, (count_plane, count_shape)


def _passage(
    orbit: MeanOrbit,
    place: Scalar,
    turn: Scalar,
    count: Scalar | None,
    settling: Flag | None,
    body: OblateBody,
) -> tuple[Scalar, Scalar]:
    """Wait for the next passage of a place, or for the one with a given count."""
    ahead = jnp.ceil((orbit.latitude + _LATE - place) / turn)
    if count is None:
        count = ahead
    elif settling is not None:
        count = jnp.where(settling, ahead, count)
    count = jax.lax.stop_gradient(count)
    angle = place + count * turn - orbit.latitude
    return angle / secular_rates(orbit, body).latitude, count


def _angle_ahead(
    steps: list[Step], target: MeanOrbit, law: RendezvousLaw, body: OblateBody
) -> Scalar:
    """By what angle, turns included, the orbiter is ahead of where the approach starts."""
    last = steps[-1]
    there = drift(target, body, last.time)
    behind = law.handover_distance / target.semi_major_axis
    return last.orbit.latitude - (there.latitude - behind)


def choose(
    chaser: MeanOrbit, target: MeanOrbit, law: RendezvousLaw, world: World, body: OblateBody
) -> Choice:
    """Where to wait, and for how many laps: the least delta-v, a day being worth ``day_worth``.

    For every waiting circle the drift has as many possible lengths as there are laps. The node of
    the orbiter drifts against the container's meanwhile; the plane burn takes what is left at the
    end. So a costly plane change by burn is traded against time on a circle from which J2 does it.

    Args:
        chaser: the orbiter's mean orbit at the start.
        target: the container's.
        law: what is allowed.
        world: for the radius altitudes count from.
        body: the planet.

    Returns:
        The cheapest plan that keeps the time, on a grid; its drift's length is a first value.
    """
    altitudes = jnp.linspace(law.lowest_phasing, law.highest_phasing, _ALTITUDES)
    laps = jnp.arange(_LAPS, dtype=float)
    at_target = secular_rates(target, body)
    zero = jnp.zeros(())

    def on(altitude: Scalar) -> tuple[Float[Array, " laps"], Float[Array, " laps"], Array]:
        a_wait = world.apsis_radius + altitude
        trial = Choice(a_wait, zero, jnp.ones((), bool))
        steps, _ = itinerary(chaser, target, trial, law, body)
        waiting = steps[1].orbit
        rates = secular_rates(waiting, body)
        closing = rates.latitude - at_target.latitude
        stuck = jnp.abs(closing) < _SLOWEST
        safe = jnp.where(stuck, 1.0, closing)
        lap = jnp.abs(_TURN / safe)
        drifts = jnp.mod(-_angle_ahead(steps, target, law, body) / safe, lap) + lap * laps
        durations = steps[-1].time + drifts + law.approach_duration
        # What J2 leaves of the plane angle when the drift is over.
        node = waiting.node + rates.node * (steps[4].time - steps[1].time + drifts)
        node_t = target.node + at_target.node * (steps[4].time + drifts)
        half_node = jnp.sin(0.5 * (node_t - node))
        half_tilt = jnp.sin(0.5 * (target.inclination - waiting.inclination))
        sine_squared = half_tilt**2 + half_node**2 * jnp.sin(waiting.inclination) * jnp.sin(
            target.inclination
        )
        plane = 2.0 * _circular_speed(target.semi_major_axis, body) * jnp.sqrt(sine_squared)
        burns = sum((jnp.abs(s.delta_v) for s in (*steps[:4], *steps[5:])), start=zero)
        cost = burns + plane + law.day_worth * durations / DAY
        allowed = (durations <= law.longest_duration) & ~stuck
        return jnp.where(allowed, cost, jnp.inf), drifts, jnp.full(_LAPS, a_wait)

    cost, drifts, a_wait = jax.vmap(on)(altitudes)
    best = jnp.argmin(jnp.ravel(cost))
    return Choice(
        jnp.ravel(a_wait)[best],
        jnp.ravel(drifts)[best],
        jnp.isfinite(jnp.ravel(cost)[best]),
    )


def plan_meeting(
    chaser: MeanOrbit, target: MeanOrbit, law: RendezvousLaw, world: World, body: OblateBody
) -> tuple[list[Step], Choice]:
    """The burns that bring the orbiter to the start of the approach, the last drift solved.

    Args:
        chaser: the orbiter's mean orbit at the start.
        target: the container's.
        law: what is allowed.
        world: for the radius altitudes count from.
        body: the planet.

    Returns:
        The steps, and what was chosen.
    """
    choice = jax.lax.stop_gradient(choose(chaser, target, law, world, body))
    zero = jnp.zeros(())
    waiting = _circle(chaser, choice.semi_major_axis, zero, zero)
    closing = secular_rates(waiting, body).latitude - secular_rates(target, body).latitude
    closing = jax.lax.stop_gradient(jnp.where(jnp.abs(closing) < _SLOWEST, 1.0, closing))

    def with_drift(duration: Scalar) -> Choice:
        return Choice(choice.semi_major_axis, duration, choice.feasible)

    def closer(
        round_: Count, carry: tuple[Array, Array, tuple[Scalar, Scalar]]
    ) -> tuple[Array, Array, tuple[Scalar, Scalar]]:
        # The lap is that of the choice; the passages are settled once the drift is known to a
        # fraction of a revolution, and then held, or they would hop about.
        duration, lap, waits = carry
        settling = round_ < _SETTLING_ROUNDS
        steps, waits = itinerary(chaser, target, with_drift(duration), law, body, waits, settling)
        angle = _angle_ahead(steps, target, law, body)
        lap = jnp.where(round_ == 0, jnp.round(angle / _TURN), lap)
        return duration - (angle - _TURN * lap) / closing, lap, waits

    found, lap, waits = jax.lax.stop_gradient(
        jax.lax.fori_loop(0, _ROUNDS, closer, (choice.drift_duration, zero, (zero, zero)))
    )

    def short(duration: Scalar) -> Scalar:
        steps, _ = itinerary(chaser, target, with_drift(duration), law, body, waits)
        return _angle_ahead(steps, target, law, body) - _TURN * lap

    final = with_drift(polished(short, found))
    steps, _ = itinerary(chaser, target, final, law, body, waits)
    return steps, final


def approach_orbit(
    last: MeanOrbit, law: RendezvousLaw, body: OblateBody
) -> tuple[MeanOrbit, Scalar]:
    """The slightly smaller orbit that closes the last distance, and what entering it costs.

        3/2 n da/a T = -distance / a     (solved with the exact rates)

    Args:
        last: the container's own orbit, some way behind it.
        law: distance and duration.
        body: the planet.

    Returns:
        The orbit, and the delta-v of entering it; leaving it costs the same [m/s].
    """
    wanted = (
        secular_rates(last, body).latitude
        + law.handover_distance / last.semi_major_axis / law.approach_duration
    )

    def excess(a: Scalar) -> Scalar:
        return secular_rates(eqx.tree_at(lambda o: o.semi_major_axis, last, a), body).latitude

    a = jnp.asarray(last.semi_major_axis, float)
    for _ in range(4):
        rate, slope = jax.jvp(excess, (a,), (jnp.ones_like(a),))
        a = a - (rate - wanted) / slope
    cost = 0.5 * _circular_speed(a, body) * jnp.abs(last.semi_major_axis - a) / a
    return eqx.tree_at(lambda o: o.semi_major_axis, last, a), cost


@compiled
def meet(
    start: PointState,
    orbiter: Orbiter,
    law: RendezvousLaw,
    world: World,
    cargo: PointState,
    *,
    track: bool = False,
) -> Flight:
    """Bring the orbiter to the container and take it aboard.

    Args:
        start: the orbiter, osculating, at or before the container's epoch.
        orbiter: thrusters and tanks.
        law: what is allowed.
        world: Mars.
        cargo: the container, osculating; its mass is what is taken aboard.
        track: whether to keep the path.

    Returns:
        The flight; it starts at the later of the two epochs. The rates among the figures are those
        of the two orbits at that instant: ``differential_node_rate`` is the orbiter's less the
        container's; ``phase_rate`` (of the two mean motions; J2 adds about 1 %, which the plan
        knows) and ``drift_per_orbit`` (3 pi da) are sizes.
        ``plane_change`` is the angle that was burnt, not the part J2 did.

    Outcome: rendezvous_failed where no plan keeps the time allowed or the plan misses by more than
    `MEETING_DISTANCE`; orbit_decays where the container's periapsis lies below the bound;
    out_of_propellant where the hydrazine does not suffice.
    """
    body = oblate_body(world)
    epoch = jnp.maximum(start.epoch, cargo.epoch)
    axes = world.pole_axes(epoch)
    chaser = _brought_to(start, epoch, world, body)
    target = _brought_to(cargo, epoch, world, body)

    steps, choice = plan_meeting(chaser, target, law, world, body)
    last = steps[-1]
    closing, approach_burn = approach_orbit(last.orbit, law, body)
    duration = last.time + law.approach_duration
    met = drift(closing, body, law.approach_duration)
    there = drift(target, body, duration)
    distance = _distance(met, there, body)

    groups = {
        "phasing": (steps[0].time, _spent(steps[0:2])),
        "transfer": (steps[2].time, _spent(steps[2:4])),
        "plane": (steps[4].time, _spent(steps[4:5])),
        "shape": (steps[5].time, _spent(steps[5:7])),
        "approach": (last.time, 2.0 * approach_burn + law.approach_delta_v),
    }
    burns, masses = {}, {}
    mass, total = jnp.asarray(start.mass, float), jnp.zeros(())
    for name, (time, delta_v) in groups.items():
        fuel = -mass * jnp.expm1(-delta_v / orbiter.reaction_control_exhaust_speed)
        burns[name] = Burn(epoch + time, delta_v, jnp.zeros(()), fuel)
        masses[f"{name}/hydrazine"] = MassChange(epoch + time, -fuel)
        mass, total = mass - fuel, total + delta_v
    end_epoch = epoch + duration
    masses["container_captured/container"] = MassChange(end_epoch, jnp.asarray(cargo.mass, float))
    propellant = start.mass - mass

    at_target, at_chaser = secular_rates(target, body), secular_rates(chaser, body)
    plane, _, _ = relative_plane(
        drift(steps[3].orbit, body, steps[4].time - steps[3].time),
        drift(target, body, steps[4].time),
    )
    lowest = target.semi_major_axis * (1.0 - target.eccentricity) - world.apsis_radius
    left = orbiter.hydrazine - propellant
    outcome = Outcome.where(
        left >= 0.0,
        Outcome.nominal,
        Outcome.out_of_propellant,
    )
    outcome = Outcome.where(
        choice.feasible & (distance <= MEETING_DISTANCE), outcome, Outcome.rendezvous_failed
    )
    outcome = Outcome.where(lowest >= law.lowest_periapsis, outcome, Outcome.orbit_decays)

    position, velocity = osculating(there, body)
    end_axes = world.pole_axes(end_epoch)
    return Flight(
        end=PointState(
            end_epoch, position @ end_axes, velocity @ end_axes, mass + cargo.mass, world.name
        ),
        outcome=outcome,
        figures={
            "delta_v": total,
            "duration": duration,
            "plane_change": plane,
            "target_node_rate": at_target.node,
            "differential_node_rate": at_chaser.node - at_target.node,
            "target_revolutions_per_nodal_day": at_target.latitude / (world.spin - at_target.node),
            "phase_rate": jnp.abs(
                jnp.sqrt(body.gm / chaser.semi_major_axis**3)
                - jnp.sqrt(body.gm / target.semi_major_axis**3)
            ),
            "drift_per_orbit": 3.0
            * jnp.pi
            * jnp.abs(chaser.semi_major_axis - target.semi_major_axis),
            "propellant": propellant,
            "phasing_altitude": choice.semi_major_axis - world.apsis_radius,
            "final_distance": distance,
            "hydrazine_left": left,
        },
        events={"container_captured": jnp.where(outcome == Outcome.nominal, end_epoch, jnp.nan)},
        burns=burns,
        masses=masses,
        extrapolations={},
        track=_track(chaser, target, steps, closing, duration, epoch, start, axes, body, orbiter)
        if track
        else None,
    )


def _brought_to(state: PointState, epoch: Scalar, world: World, body: OblateBody) -> MeanOrbit:
    """The mean orbit of a state, at another epoch, in the equatorial axes of its own epoch.

    The pole of Mars moves by 1e-6 rad in a year; between the two epochs that is left out.
    """
    axes = world.pole_axes(state.epoch)
    now = mean_orbit(axes @ state.position, axes @ state.velocity, body)
    return drift(now, body, epoch - state.epoch)


def _spent(steps: list[Step]) -> Scalar:
    return sum((jnp.abs(step.delta_v) for step in steps), start=jnp.zeros(()))


def _distance(one: MeanOrbit, other: MeanOrbit, body: OblateBody) -> Scalar:
    """Between the places that two sets of mean elements tell [m]."""
    gap = position_velocity(one, body)[0] - position_velocity(other, body)[0]
    return jnp.sqrt(gap @ gap + 1e-12)


def _track(
    chaser: MeanOrbit,
    target: MeanOrbit,
    steps: list[Step],
    closing: MeanOrbit,
    duration: Scalar,
    epoch: Scalar,
    start: PointState,
    axes: Float[Array, "3 3"],
    body: OblateBody,
    orbiter: Orbiter,
) -> dict[str, Array]:
    """Places of both at even intervals and on both sides of every burn.

    Where the container is stands in the orbiter's own axes: radially outward, along the track,
    across the plane (towards the angular momentum).
    """
    zero = jnp.zeros(())
    legs = [Step(zero, chaser, zero), *steps[:-1], Step(steps[-1].time, closing, steps[-1].delta_v)]
    stacked = jax.tree.map(
        lambda *leaves: jnp.stack([jnp.asarray(x, float) for x in leaves]), *legs
    )
    spent = jnp.cumsum(jnp.abs(stacked.delta_v))
    even = jnp.linspace(0.0, 1.0, _TRACK_ROWS) * duration
    after = jnp.arange(len(legs))
    times = jnp.concatenate([even, stacked.time[1:], stacked.time[1:]])
    leg_of = jnp.concatenate(
        [
            jnp.searchsorted(stacked.time, even, side="right").astype(after.dtype) - 1,
            after[1:] - 1,
            after[1:],
        ]
    )
    order = jnp.lexsort((leg_of, times))
    times, leg_of = times[order], leg_of[order]

    def at(time: Scalar, index: Count) -> tuple[Array, ...]:
        leg = jax.tree.map(lambda leaf: leaf[index], stacked)
        here = drift(leg.orbit, body, time - leg.time)
        there = drift(target, body, time)
        r, v = osculating(here, body)
        r_t, _ = osculating(there, body)
        mass = start.mass * jnp.exp(-spent[index] / orbiter.reaction_control_exhaust_speed)
        gap = r_t - r
        out = r / jnp.sqrt(r @ r)
        pole = jnp.cross(r, v)
        pole = pole / jnp.sqrt(pole @ pole)
        apart = jnp.sqrt(gap @ gap + 1e-12)
        in_axes = jnp.stack([gap @ out, gap @ jnp.cross(pole, out), gap @ pole])
        return r @ axes, v @ axes, mass, apart, jnp.asarray(here.semi_major_axis), in_axes

    position, velocity, mass, apart, size, in_axes = jax.vmap(at)(times, leg_of)
    return {
        "epoch": epoch + times,
        "elapsed": times,
        "position": position,
        "velocity": velocity,
        "mass": mass,
        "distance": apart,
        "semi_major_axis": size,
        "container_radial": in_axes[:, 0],
        "container_along": in_axes[:, 1],
        "container_across": in_axes[:, 2],
    }
