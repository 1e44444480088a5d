"""Insertion: an orbiter falls towards Mars, brakes once with fire, and spirals down with ions.

    hyperbola -- burn at periapsis --> one-sol ellipse -- module dropped -->
        rounded off at the same period --> circle after circle --> working orbit

The burn is flown: thrust against the velocity for as long as it takes to bring the energy down to
that of the ellipse, so its loss against a blow at the periapsis is what it is. The spiral is
Edelbaum's closed form. It is charged the circular speed of the working orbit, as from escape. Read
as a path, that is the circular speed of the one-sol orbit for rounding off the ellipse, then the
spiral between circles, which also turns the plane where the arrival did not allow the wanted one.
The closed form of the rounding alone (`delta_v_burt1967`) would be about a third less, some
0.5 km/s here: the charge is on the safe side until the low-thrust leg is flown. J2 turns the node
all along this path, and the sum is kept, so that the plane at the end is known.
"""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from anabasis.mechanics.arrays import Array, Count, Scalar, Vector
from anabasis.mechanics.compiled import compiled
from anabasis.mechanics.edelbaum import (
    Spiral,
    circle_on_the_way,
    delta_v_burt1967,
    delta_v_edelbaum1961,
    spiral,
)
from anabasis.mechanics.flight import Burn, Flight, MassChange
from anabasis.mechanics.gravity import central_gravity
from anabasis.mechanics.kepler import kepler_step
from anabasis.mechanics.roots import polished
from anabasis.mechanics.secular import (
    MeanOrbit,
    OblateBody,
    orbit_of_state,
    position_velocity,
    secular_rates,
)
from anabasis.mechanics.state import PointState
from anabasis.outcome import Outcome
from anabasis.vehicles.orbiter import Orbiter
from anabasis.worlds.oblate import oblate_body
from anabasis.worlds.world import World

FIGURES: dict[str, str] = {
    "capture_delta_v": "m_s",
    "finite_burn_loss": "m_s",
    "spiral_delta_v": "m_s",
    "spiral_duration": "day",
    "propellant": "kg",
    "final_mass": "kg",
    "apoapsis": "km",
    "periapsis": "km",
    "inclination": "deg",
    # beyond the promised row: the plane at the end, and what is left to burn
    "node": "deg",
    "chemical_left": "kg",
    "xenon_left": "kg",
    "capture_periapsis": "km",
}

_TICKS = 96
"""Steps of the burn; 13 s each in a burn of 20 minutes, good to 1e-6 m/s."""
_SEARCH_STEPS = 14
"""Steps of the secant on the length of the burn; half of them suffice."""
_SPIRAL_STEPS = 64
_ELLIPTIC_POINTS, _CIRCULAR_POINTS = 14000, 14000
"""Of a track, while the ellipse is made round (a hundred a revolution) and after (twenty)."""
"""Pieces of the spiral over which rates are summed, each by three Gauss points."""
_LOWEST_PERIAPSIS = 120e3
"""Below this altitude the air takes hold of an orbiter that is not built for it [m]."""
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(3)


class InsertionLaw(eqx.Module):
    """What the orbiter means to do at Mars.

    Attributes:
        mode: "electric" (capture, drop the module, spiral) or "impulsive" (all chemical).
        capture_period: of the ellipse the burn ends on [s].
        burn_lead: part of the burn that lies before the periapsis of the arrival.
        apoapsis: of the working orbit, radius [m].
        periapsis: of the working orbit, radius [m].
        inclination: of the working orbit [rad].
    """

    mode: str = eqx.field(static=True)
    capture_period: Scalar
    burn_lead: Scalar
    apoapsis: Scalar
    periapsis: Scalar
    inclination: Scalar


class Capture(eqx.Module):
    """One burn at arrival: where and when it ends, and what it took.

    Attributes:
        start_epoch: of the burn [s TDB].
        duration: [s].
        position: at its end [m].
        velocity: at its end [m/s].
        delta_v: spent [m/s].
        ideal_delta_v: of a blow at the periapsis for the same energy [m/s].
        propellant: [kg].
        residual: energy missed, relative to the wanted one.
        record: time since ignition, position, velocity and mass at every tick.
    """

    start_epoch: Scalar
    duration: Scalar
    position: Vector
    velocity: Vector
    delta_v: Scalar
    ideal_delta_v: Scalar
    propellant: Scalar
    residual: Scalar
    record: Float[Array, "ticks 8"]


def ideal_capture(v_infinity: Scalar, periapsis: Scalar, period: Scalar, gm: Scalar) -> Scalar:
    """The speed to take off at the periapsis of an arrival to be left on an ellipse.

        dv = sqrt(v_inf^2 + 2 gm / r) - sqrt(2 gm / r - gm / a),   a^3 = gm (P / 2 pi)^2

    Args:
        v_infinity: of the arrival [m/s].
        periapsis: radius r [m].
        period: of the ellipse [s]; infinite for bare capture.
        gm: [m^3/s^2].

    Returns:
        Delta-v [m/s], without losses.
    """
    fall = 2.0 * gm / periapsis
    energy = gm / semi_major_axis(period, gm)
    return jnp.sqrt(v_infinity**2 + fall) - jnp.sqrt(fall - energy)


def semi_major_axis(period: Scalar, gm: Scalar) -> Scalar:
    """Of an orbit with this period [m]."""
    return jnp.cbrt(gm * (period / (2.0 * jnp.pi)) ** 2)


@compiled
def arrival(
    v_infinity: Vector,
    epoch: Scalar,
    mass: Scalar,
    periapsis: Scalar,
    inclination: Scalar,
    world: World,
    *,
    rising: bool = True,
    lead: Scalar = 86400.0,
) -> PointState:
    """A state on the hyperbola that arrives with a given velocity and passes as it is told.

    The orbit's plane holds the incoming velocity s, so its inclination cannot be less than the
    declination of s; where less is asked for, the least is flown. Two planes have the wanted
    inclination:

        sin(node - alpha) = -tan(delta) / tan(i)

    Args:
        v_infinity: incoming velocity far from the planet, J2000 axes [m/s].
        epoch: of the periapsis [s TDB].
        mass: [kg].
        periapsis: radius [m].
        inclination: wanted, to the planet's equator [rad].
        world: the planet.
        rising: takes the plane whose ascending node lies within a quarter turn of the incoming
            direction; False the other one.
        lead: how long before the periapsis the state is given [s].

    Returns:
        The state ``lead`` before the periapsis.
    """
    axes = world.pole_axes(epoch)
    speed = jnp.sqrt(v_infinity @ v_infinity)
    s = axes @ (v_infinity / speed)
    declination = jnp.arctan2(s[2], jnp.sqrt(s[0] ** 2 + s[1] ** 2))
    ascension = jnp.arctan2(s[1], s[0])
    reachable = jnp.maximum(inclination, jnp.abs(declination) + 1e-9)
    sine = -jnp.tan(declination) / jnp.tan(reachable)
    offset = jnp.arcsin(jnp.clip(sine, -1.0, 1.0))
    node = ascension + (offset if rising else jnp.pi - offset)
    normal = jnp.stack(
        [
            jnp.sin(reachable) * jnp.sin(node),
            -jnp.sin(reachable) * jnp.cos(node),
            jnp.cos(reachable),
        ]
    )
    e = 1.0 + periapsis * speed**2 / world.gm
    towards = s / e - jnp.cross(normal, s) * jnp.sqrt(1.0 - 1.0 / e**2)
    ahead = jnp.cross(normal, towards)
    fastest = jnp.sqrt(speed**2 + 2.0 * world.gm / periapsis)
    position, velocity = kepler_step(periapsis * towards, fastest * ahead, world.gm, -lead)
    return PointState(epoch - lead, position @ axes, velocity @ axes, mass, world.name)


def time_to_periapsis(position: Vector, velocity: Vector, gm: Scalar) -> Scalar:
    """How long until a body on a hyperbola is nearest [s]; negative once it is past.

    t = sqrt(|a|^3 / gm) (F - e sinh F),   e sinh F = r.v / sqrt(gm |a|)
    """
    radius = jnp.sqrt(position @ position)
    a = -1.0 / (2.0 / radius - (velocity @ velocity) / gm)
    e_vector = jnp.cross(velocity, jnp.cross(position, velocity)) / gm - position / radius
    e = jnp.sqrt(e_vector @ e_vector)
    e_sinh = (position @ velocity) / jnp.sqrt(gm * a)
    return jnp.sqrt(a**3 / gm) * (jnp.arcsinh(e_sinh / e) - e_sinh)


def capture(start: PointState, orbiter: Orbiter, law: InsertionLaw, world: World) -> Capture:
    """Brake from a hyperbola to the capture ellipse, with the thrust the engines have.

        r' = v,   v' = g(r) - F / m  v / |v|,   m' = -F / c

    from a part ``burn_lead`` of the burn before the periapsis; its length is the root of
    energy(end) = -gm / 2a.

    Valid: central gravity (J2 moves the energy by less than 1e-3 of its change in twenty minutes).
    """
    gm = world.gm
    exhaust, thrust = orbiter.chemical_exhaust_speed, orbiter.chemical_thrust
    square = start.velocity @ start.velocity
    v_infinity_squared = square - 2.0 * gm / jnp.sqrt(start.position @ start.position)
    arriving = v_infinity_squared > 0.0
    to_periapsis = time_to_periapsis(start.position, start.velocity, gm)
    at_p, v_p = kepler_step(start.position, start.velocity, gm, to_periapsis)
    periapsis = jnp.sqrt(at_p @ at_p)
    safe = jnp.where(arriving, v_infinity_squared, 1.0)
    ideal = ideal_capture(jnp.sqrt(safe), periapsis, law.capture_period, gm)
    wanted = -0.5 * gm / semi_major_axis(law.capture_period, gm)
    burn_out = start.mass * exhaust / thrust
    guess = -jnp.expm1(-ideal / exhaust) * burn_out

    def slope(y: Float[Array, "7"]) -> Float[Array, "7"]:
        r, v, m = y[:3], y[3:6], y[6]
        push = -thrust / (m * jnp.sqrt(v @ v))
        rate = jnp.reshape(-jnp.asarray(thrust / exhaust, float), (1,))
        return jnp.concatenate([v, central_gravity(r, gm) + push * v, rate])

    def fly(duration: Scalar) -> tuple[Float[Array, "7"], Float[Array, "ticks 7"]]:
        r, v = kepler_step(at_p, v_p, gm, -law.burn_lead * duration)
        h = duration / _TICKS

        def tick(y: Float[Array, "7"], _: None) -> tuple[Float[Array, "7"], Float[Array, "7"]]:
            k1 = slope(y)
            k2 = slope(y + 0.5 * h * k1)
            k3 = slope(y + 0.5 * h * k2)
            k4 = slope(y + h * k3)
            return y + h / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4), y

        first = jnp.concatenate([r, v, jnp.reshape(jnp.asarray(start.mass, float), (1,))])
        return jax.lax.scan(tick, first, None, length=_TICKS)

    def missed(duration: Scalar) -> Scalar:
        return _energy(fly(duration)[0], gm) / wanted - 1.0

    def closer(_: Count, carry: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        # The secant: no slopes are needed to find the root, only to differentiate it.
        before, missed_before, now = carry
        missed_now = jnp.asarray(missed(now))
        rise = missed_now - missed_before
        flat = rise == 0.0
        step = jnp.where(flat, 0.0, missed_now * (now - before) / jnp.where(flat, 1.0, rise))
        step = jnp.clip(step, -0.2 * guess, 0.2 * guess)
        return now, missed_now, jnp.clip(now - step, 0.2 * guess, 0.97 * burn_out)

    # At no length at all the energy is that of the arrival.
    none = -0.5 * v_infinity_squared / wanted - 1.0 + jnp.zeros(())
    first = (jnp.zeros_like(guess), none, 1.02 * guess)
    _, _, found = jax.lax.stop_gradient(jax.lax.fori_loop(0, _SEARCH_STEPS, closer, first))
    duration = polished(missed, found)
    end, rows = fly(duration)
    since = jnp.linspace(0.0, 1.0, _TICKS + 1) * duration
    record = jnp.column_stack([since, jnp.concatenate([rows, end[None, :]])])
    propellant = duration * thrust / exhaust
    return Capture(
        start_epoch=start.epoch + to_periapsis - law.burn_lead * duration,
        duration=duration,
        position=end[:3],
        velocity=end[3:6],
        delta_v=-exhaust * jnp.log1p(-propellant / start.mass),
        ideal_delta_v=ideal,
        propellant=propellant,
        residual=jnp.where(arriving, _energy(end, gm) / wanted - 1.0, jnp.inf),
        record=record,
    )


def _energy(y: Float[Array, "7"], gm: Scalar) -> Scalar:
    """Per kilogram, of position and velocity [m^2/s^2]."""
    return 0.5 * (y[3:6] @ y[3:6]) - gm / jnp.sqrt(y[:3] @ y[:3])


class Descent(eqx.Module):
    """The spiral down, as a path: what it costs, and the orbit at every step of it.

    Attributes:
        cost: delta-v, duration, propellant.
        elapsed: since its start [s].
        orbit: elements at those times; the last is the working orbit.
        fine: times [s], places [m] and velocities [m/s] many times a revolution, or None. The
            velocity is that of the place as it is told, not of an osculating orbit.
    """

    cost: Spiral
    elapsed: Float[Array, " steps"]
    orbit: MeanOrbit
    fine: tuple[Float[Array, " points"], Float[Array, "points 3"], Float[Array, "points 3"]] | None


def descend(
    first: MeanOrbit,
    mass: Scalar,
    orbiter: Orbiter,
    law: InsertionLaw,
    body: OblateBody,
    *,
    fine: bool = False,
) -> Descent:
    """Spiral from the capture ellipse down to the working orbit, and where the node goes.

        dv = V_first + dv_Edelbaum(V_first, V_working, plane change) + dv_Burt(e_working)

    which is the circular speed of the working orbit where it is a circle in the plane of arrival.
    Rates are summed over the delta-v by three-point Gauss.

    Args:
        first: the capture ellipse.
        mass: at the start of the spiral [kg].
        orbiter: its ion engines.
        law: the working orbit.
        body: the planet.
        fine: whether to tell every revolution as well (static).

    Returns:
        Cost and path.

    Valid: as Edelbaum and Burt; J2 turns the orbit but costs nothing.
    """
    thrust, impulse = orbiter.electric_thrust, orbiter.electric_specific_impulse
    a_end = 0.5 * (law.apoapsis + law.periapsis)
    e_end = (law.apoapsis - law.periapsis) / (law.apoapsis + law.periapsis)
    slow = jnp.sqrt(body.gm / first.semi_major_axis)
    fast = jnp.sqrt(body.gm / a_end)
    e_first = first.eccentricity
    change = law.inclination - first.inclination
    turn = jnp.abs(change)
    climb = delta_v_edelbaum1961(slow, fast, turn)
    flatten = delta_v_burt1967(fast, e_end)
    total = slow + climb + flatten
    cost = spiral(mass, total, thrust, impulse)

    def shape(spent: Scalar) -> tuple[Scalar, Scalar, Scalar]:
        """Semi-major axis, eccentricity and inclination when so much is spent."""
        rounding = jnp.clip(spent / slow, 0.0, 1.0)
        part = jnp.clip((spent - slow) / jnp.maximum(climb, 1e-9), 0.0, 1.0)
        speed, turned = circle_on_the_way(slow, fast, turn, part)
        last = jnp.clip((spent - slow - climb) / jnp.maximum(flatten, 1e-9), 0.0, 1.0)
        e = jnp.sin(jnp.arcsin(e_first) * (1.0 - rounding)) + e_end * last
        return body.gm / speed**2, e, first.inclination + jnp.sign(change) * turned

    def rates(spent: Scalar) -> Float[Array, "2"]:
        """Of node and mean latitude."""
        a, e, i = shape(spent)
        r = secular_rates(MeanOrbit(a, e, 0.0, i, 0.0, 0.0), body)
        return jnp.stack([r.node, r.latitude])

    # One half of the steps for each of the two long pieces, so that the corner is a step's end.
    half = jnp.linspace(0.0, 1.0, _SPIRAL_STEPS // 2 + 1)
    marks = jnp.concatenate([slow * half, slow + (climb + flatten) * half[1:]])
    pointing = jnp.arctan2(first.eccentricity_y, first.eccentricity_x)

    def turned(marks: Array) -> Array:
        """Node and mean latitude since the start, at increasing marks of the delta-v."""
        low, width = marks[:-1], jnp.diff(marks)
        spent = low[:, None] + width[:, None] * (0.5 + 0.5 * _NODES)[None, :]
        # dt = m / F d(dv)
        dwell = mass * jnp.exp(-spent / orbiter.electric_exhaust_speed) / thrust
        turning = jax.vmap(jax.vmap(rates))(spent) * dwell[:, :, None]
        pieces = 0.5 * width[:, None] * jnp.einsum("npk,p->nk", turning, jnp.asarray(_WEIGHTS))
        return jnp.concatenate([jnp.zeros((1, 2)), jnp.cumsum(pieces, axis=0)])

    def times(marks: Array) -> Array:
        return jnp.asarray(jax.vmap(lambda u: spiral(mass, u, thrust, impulse).duration)(marks))

    def orbit(mark: Scalar, turned: Float[Array, "2"]) -> MeanOrbit:
        a, e, i = shape(mark)
        argument = jnp.where(mark < slow, pointing, 0.0)
        x, y = e * jnp.cos(argument), e * jnp.sin(argument)
        return MeanOrbit(a, x, y, i, first.node + turned[0], first.latitude + turned[1])

    sums = turned(marks)
    path = jax.vmap(orbit)(marks, sums)
    if not fine:
        return Descent(cost, times(marks), path, None)

    def crowded(begin: int, end: int, points: int, argument: Array) -> Array:
        """Marks even in eccentric anomaly between two of the coarse ones: dense at periapsis."""
        known, at = jnp.asarray(path.latitude)[begin : end + 1], marks[begin : end + 1]
        even = jnp.linspace(known[0], known[-1], points) - argument
        e = jax.vmap(lambda mark: jnp.asarray(shape(mark)[1]))(
            jnp.interp(even + argument, known, at)
        )
        found = jnp.interp(even - e * jnp.sin(even) + argument, known, at)
        # a hair inside: at the corner between the two laws the path has two velocities
        hair = 1e-12 * (at[-1] - at[0])
        low, high = at[0] + hair, at[-1] - hair
        return jnp.clip(found, low, high).at[0].set(low).at[-1].set(high)

    corner, last = _SPIRAL_STEPS // 2, _SPIRAL_STEPS
    dense = jnp.concatenate(
        [
            crowded(0, corner, _ELLIPTIC_POINTS, pointing),
            crowded(corner, last, _CIRCULAR_POINTS, jnp.zeros(())),
        ]
    )

    def told(mark: Scalar, turned: Array) -> tuple[Array, Array]:
        rate = thrust / (mass * jnp.exp(-mark / orbiter.electric_exhaust_speed))
        return jax.jvp(
            lambda m, w: position_velocity(orbit(m, w), body)[0],
            (mark, turned),
            (jnp.asarray(rate, float), rates(mark)),
        )

    places, speeds = jax.vmap(told)(dense, turned(dense))
    return Descent(cost, times(marks), path, (times(dense), places, speeds))


@compiled
def escape_spiral(
    mass: Scalar, radius: Scalar, orbiter: Orbiter, world: World, v_infinity: Scalar = 0.0
) -> Spiral:
    """Spiral up from a circle to escape, and on to a speed far away, with the ion engines.

        dv = sqrt(gm / r) + v_inf

    Args:
        mass: at the start [kg].
        radius: of the circle [m].
        orbiter: its ion engines.
        world: the planet.
        v_infinity: to be left with [m/s].

    Returns:
        Delta-v, duration and propellant.

    Valid: `approximate`: the speed far away is charged at the electric specific impulse as if it
    came after the escape; a flown low-thrust leg overlaps the two.
    """
    return spiral(
        mass,
        jnp.sqrt(world.gm / radius) + v_infinity,
        orbiter.electric_thrust,
        orbiter.electric_specific_impulse,
    )


@compiled
def insert(
    start: PointState, orbiter: Orbiter, law: InsertionLaw, world: World, *, track: bool = False
) -> Flight:
    """Take an orbiter from its arrival hyperbola to its working orbit.

    Args:
        start: on the hyperbola, before the burn; the mass is the orbiter's with its module.
        orbiter: engines and tanks.
        law: what it means to do.
        world: Mars.
        track: whether to keep the burn and the spiral.

    Returns:
        The flight. The end is the working orbit as osculating elements. In the "impulsive" mode
        the module stays, capture_delta_v is everything down to the working orbit, and the spiral's
        figures are zero.

    Outcome: capture_failed where the arrival is no hyperbola, the burn does not reach the ellipse,
    or the ellipse dips below 120 km; out_of_propellant where a tank does not hold what it takes.
    """
    body = oblate_body(world)
    burn = capture(start, orbiter, law, world)
    axes = world.pole_axes(burn.start_epoch)
    ellipse = orbit_of_state(axes @ burn.position, axes @ burn.velocity, body)
    low = ellipse.semi_major_axis * (1.0 - ellipse.eccentricity)
    captured = burn.start_epoch + burn.duration
    mass = start.mass - burn.propellant
    loss = burn.delta_v - burn.ideal_delta_v
    burns = {"capture": Burn(burn.start_epoch, burn.delta_v, loss, burn.propellant)}
    masses = {"capture_burn/propellant": MassChange(captured, -burn.propellant)}
    spiral_delta_v = spiral_duration = xenon = jnp.zeros(())
    capture_delta_v = burn.delta_v

    if law.mode == "electric":
        unused = jnp.maximum(orbiter.chemical_propellant - burn.propellant, 0.0)
        masses["module_separation/module"] = MassChange(captured, -orbiter.module_dry)
        masses["module_separation/unused_propellant"] = MassChange(captured, -unused)
        mass = mass - orbiter.module_dry - unused
        way = descend(ellipse, mass, orbiter, law, body, fine=track)
        end_epoch = captured + way.cost.duration
        final = jax.tree.map(lambda leaf: leaf[-1], way.orbit)
        chemical, xenon = burn.propellant, way.cost.propellant
        spiral_delta_v, spiral_duration = way.cost.delta_v, way.cost.duration
        burns["spiral_down"] = Burn(captured, spiral_delta_v, jnp.zeros(()), xenon)
        masses["spiral_down/xenon"] = MassChange(end_epoch, -xenon)
        mass = mass - xenon
    else:
        way = None
        final, end_epoch, chemical = ellipse, captured, burn.propellant
        for name, epoch, delta_v, lowered in _lower_impulsively(ellipse, captured, law, body):
            fuel = -mass * jnp.expm1(-delta_v / orbiter.chemical_exhaust_speed)
            burns[name] = Burn(epoch, delta_v, jnp.zeros(()), fuel)
            masses[f"{name}/propellant"] = MassChange(epoch, -fuel)
            mass, chemical, end_epoch, final = mass - fuel, chemical + fuel, epoch, lowered
            capture_delta_v = capture_delta_v + delta_v

    chemical_left = orbiter.chemical_propellant - chemical
    xenon_left = orbiter.xenon - xenon
    reached = (jnp.abs(burn.residual) < 1e-6) & (low - world.apsis_radius > _LOWEST_PERIAPSIS)
    enough = (chemical_left >= 0.0) & (xenon_left >= 0.0)
    outcome = Outcome.where(
        reached,
        Outcome.where(enough, Outcome.nominal, Outcome.out_of_propellant),
        Outcome.capture_failed,
    )
    end_axes = world.pole_axes(end_epoch)
    position, velocity = position_velocity(final, body)
    e = final.eccentricity
    return Flight(
        end=PointState(end_epoch, position @ end_axes, velocity @ end_axes, mass, world.name),
        outcome=outcome,
        figures={
            "capture_delta_v": capture_delta_v,
            "finite_burn_loss": loss,
            "spiral_delta_v": spiral_delta_v,
            "spiral_duration": spiral_duration,
            "propellant": chemical + xenon,
            "final_mass": mass,
            "apoapsis": final.semi_major_axis * (1.0 + e) - world.apsis_radius,
            "periapsis": final.semi_major_axis * (1.0 - e) - world.apsis_radius,
            "inclination": jnp.asarray(final.inclination, float),
            "node": jnp.mod(final.node, 2.0 * jnp.pi),
            "chemical_left": jnp.asarray(chemical_left, float),
            "xenon_left": jnp.asarray(xenon_left, float),
            "capture_periapsis": low - world.apsis_radius,
        },
        events={"capture_burn": burn.start_epoch},
        burns=burns,
        masses=masses,
        extrapolations={},
        track=_track(burn, way, start, mass, orbiter, world, body) if track else None,
    )


def _lower_impulsively(
    ellipse: MeanOrbit, epoch: Scalar, law: InsertionLaw, body: OblateBody
) -> list[tuple[str, Scalar, Scalar, MeanOrbit]]:
    """From the capture ellipse to the working orbit in two blows: name, epoch, delta-v, orbit.

    At the apoapsis the periapsis is moved and the plane turned, at the next periapsis the apoapsis
    lowered. The plane turns at the apoapsis as if the line of nodes lay there, which is exact
    where no turn is needed. J2 turns the node meanwhile.
    """
    gm = body.gm
    a = ellipse.semi_major_axis
    far = a * (1.0 + ellipse.eccentricity)
    turn = law.inclination - ellipse.inclination
    middle = 0.5 * (far + law.periapsis)
    a_end = 0.5 * (law.apoapsis + law.periapsis)
    e_middle = (far - law.periapsis) / (far + law.periapsis)
    e_end = (law.apoapsis - law.periapsis) / (law.apoapsis + law.periapsis)

    before = jnp.sqrt(gm * (2.0 / far - 1.0 / a))
    after = jnp.sqrt(gm * (2.0 / far - 1.0 / middle))
    first = jnp.sqrt(before**2 + after**2 - 2.0 * before * after * jnp.cos(turn))
    fall = jnp.sqrt(gm * (2.0 / law.periapsis - 1.0 / middle))
    slow = jnp.sqrt(gm * (2.0 / law.periapsis - 1.0 / a_end))
    second = jnp.abs(fall - slow)

    argument = jnp.arctan2(ellipse.eccentricity_y, ellipse.eccentricity_x)
    anomaly = jnp.mod(ellipse.latitude - argument, 2.0 * jnp.pi)
    rates = secular_rates(ellipse, body)
    wait = jnp.mod(jnp.pi - anomaly, 2.0 * jnp.pi) / rates.mean_anomaly
    cos_w, sin_w = jnp.cos(argument), jnp.sin(argument)
    down = MeanOrbit(
        middle,
        e_middle * cos_w,
        e_middle * sin_w,
        law.inclination,
        ellipse.node + rates.node * wait,
        argument + jnp.pi,
    )
    down_rates = secular_rates(down, body)
    half = jnp.pi / down_rates.mean_anomaly
    end = MeanOrbit(
        a_end,
        e_end * cos_w,
        e_end * sin_w,
        law.inclination,
        down.node + down_rates.node * half,
        argument + 2.0 * jnp.pi,
    )
    return [
        ("periapsis_move", epoch + wait, first, down),
        ("apoapsis_lowering", epoch + wait + half, second, end),
    ]


def _track(
    burn: Capture,
    way: Descent | None,
    start: PointState,
    end_mass: Scalar,
    orbiter: Orbiter,
    world: World,
    body: OblateBody,
) -> dict[str, Array]:
    """The burn tick by tick, then the spiral, many points a revolution."""
    epoch = burn.start_epoch + burn.record[:, 0]
    position, velocity, mass = burn.record[:, 1:4], burn.record[:, 4:7], burn.record[:, 7]
    thrust = jnp.full(epoch.shape, jnp.asarray(orbiter.chemical_thrust, float))
    if way is not None:
        assert way.fine is not None
        axes = world.pole_axes(epoch[-1])
        elapsed, r, v = way.fine
        flow = orbiter.electric_thrust / orbiter.electric_exhaust_speed
        later = epoch[-1] + elapsed
        epoch = jnp.concatenate([epoch, later])
        position = jnp.concatenate([position, r @ axes])
        velocity = jnp.concatenate([velocity, v @ axes])
        mass = jnp.concatenate([mass, end_mass + flow * (elapsed[-1] - elapsed)])
        push = jnp.full(later.shape, jnp.asarray(orbiter.electric_thrust, float))
        thrust = jnp.concatenate([thrust, push])
    altitude = jnp.sqrt(jnp.sum(position**2, axis=1)) - world.equatorial_radius
    return {
        "epoch": epoch,
        "elapsed": epoch - start.epoch,
        "position": position,
        "velocity": velocity,
        "mass": mass,
        "altitude": altitude,
        "thrust": thrust,
    }
