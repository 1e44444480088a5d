"""A planet as a flight meets it: one object that answers for gravity, shape, spin, air and ground.

Everything takes an epoch (TDB seconds past J2000) and a position in inertial J2000 axes from the
planet's centre, for one flyer at one instant, and is free of Python branches on values.

`Planet` is the scenario's table ``[planet.mars]`` or ``[planet.earth]``: what it leaves out is the
planet's own. `make_world` turns it into a `World`.
"""

from __future__ import annotations

import functools

import equinox as eqx
import jax.numpy as jnp
import numpy as np

from anabasis.mechanics.arrays import Array, Flag, Matrix, Scalar, Vector
from anabasis.mechanics.gravity import (
    Harmonics,
    central_gravity,
    harmonic_gravity,
    oblate_gravity,
)
from anabasis.units import choice, flag, part, quantity, text, whole
from anabasis.worlds import tables
from anabasis.worlds.air import KINDS, Air, air_of
from anabasis.worlds.areoid import Areoid, mars_areoid
from anabasis.worlds.column import read_column
from anabasis.worlds.ground import Ground, mars_ground
from anabasis.worlds.local import local_axes
from anabasis.worlds.orientation import EarthOrientation, MarsOrientation, orientation_of
from anabasis.worlds.perturbation import Perturbation, disturbed
from anabasis.worlds.shape import Ellipsoid


class Planet(eqx.Module):
    """What a scenario changes about a planet; None keeps the planet's own value."""

    shape: str = choice(
        "figure that altitudes count from", ("ellipsoid", "sphere"), default="ellipsoid"
    )
    radius: Scalar | None = quantity(
        "km", 'radius of the sphere; only with shape = "sphere"', above=0.0, optional=True
    )
    apsis_radius: Scalar | None = quantity(
        "km", "radius that apsis altitudes count from", above=0.0, optional=True
    )
    gm: Scalar | None = quantity(
        "km3_s2", "gravitational parameter", above=0.0, maximum=1e9, optional=True
    )
    gravity_degree: int = whole(
        "degree of the gravity field: 0 point mass, 2 J2, up to 20 at Mars",
        minimum=0,
        maximum=20,
        default=2,
        source="engineering default (docs/conventions.md): "
        "J2 is what changes an entry or an orbit of weeks",
        confidence="assumed",
    )
    spin: Scalar | None = quantity(
        "rad_s", "rate of rotation", minimum=-1e-3, maximum=1e-3, optional=True
    )
    air: str = choice("model of the air", ("default", *KINDS), default="default")
    density_factor: Scalar = quantity(
        "",
        "factor on the density of the air",
        minimum=0.0,
        maximum=10.0,
        default=1.0,
        source="the table as published",
        confidence="published",
    )
    winds: bool = flag("whether the winds of the air's table blow", default=False)
    air_file: str | None = text(
        "a column of air of one's own, instead of air: a .csv (worlds/column.py)", optional=True
    )
    perturbation: Perturbation | None = part(
        "how the air differs from its mean; absent: not at all", optional=True
    )


class AirSample(eqx.Module):
    """The air at a place.

    Attributes:
        density: [kg/m^3].
        temperature: [K].
        pressure: [Pa].
        sound_speed: [m/s].
        wind: velocity of the air relative to the turning planet, inertial axes [m/s].
        outside: True outside the range of the table.
    """

    density: Scalar
    temperature: Scalar
    pressure: Scalar
    sound_speed: Scalar
    wind: Vector
    outside: Flag


class World(eqx.Module):
    """A planet, ready to be flown at.

    Attributes:
        name: "mars" or "earth".
        gravity_degree: 0 point mass, 2 J2, above it the harmonics.
        winds: whether the table's winds blow.
        gm: gravitational parameter [m^3/s^2].
        j2: second zonal harmonic, unnormalised, at ``gravity_radius``.
        gravity_radius: reference radius of the gravity field [m].
        apsis_radius: radius that apsis altitudes count from [m].
        figure: sphere or ellipsoid.
        orientation: how it turns.
        atmosphere: its air by height.
        density_factor: on the density of the air.
        areoid: level surface of Mars; None where heights count from the figure.
        ground: elevations; None where there are none.
        harmonics: coefficients; None up to degree 2.
    """

    name: str = eqx.field(static=True)
    gravity_degree: int = eqx.field(static=True)
    winds: bool = eqx.field(static=True)
    gm: Scalar
    j2: Scalar
    gravity_radius: Scalar
    apsis_radius: Scalar
    figure: Ellipsoid
    orientation: MarsOrientation | EarthOrientation
    atmosphere: Air
    density_factor: Scalar
    areoid: Areoid | None
    ground: Ground | None
    harmonics: Harmonics | None

    @property
    def equatorial_radius(self) -> Scalar:
        """[m]"""
        return self.figure.equatorial_radius

    @property
    def polar_radius(self) -> Scalar:
        """[m]"""
        return self.figure.polar_radius

    @property
    def spin(self) -> Scalar:
        """Rate of rotation [rad/s]."""
        return self.orientation.spin

    # --- how it stands and turns

    def axes(self, epoch: Scalar) -> Matrix:
        """The planet-fixed axes as rows in J2000 axes: ``v_f = axes @ v``."""
        return self.orientation.axes(epoch)

    def pole_axes(self, epoch: Scalar) -> Matrix:
        """Inertial axes of the planet's equator of date as rows: x to its node, z to its pole.

        Elements of orbits about the planet are told in these. The node is the ascending node of
        the planet's equator on the J2000 equator (IAU); at the Earth, the mean equinox of date.
        """
        return self.orientation.pole_axes(epoch)

    def pole(self, epoch: Scalar) -> Vector:
        """Unit vector of the north pole of date, inertial axes."""
        return self.orientation.pole_axes(epoch)[2]

    def spin_vector(self, epoch: Scalar) -> Vector:
        """Rotation of the planet, inertial axes [rad/s]."""
        return self.spin * self.pole(epoch)

    # --- what it pulls

    def gravity(self, epoch: Scalar, position: Vector) -> Vector:
        """The planet's pull, inertial axes [m/s^2]."""
        if self.gravity_degree < 2:
            return central_gravity(position, self.gm)
        if self.harmonics is None:
            return oblate_gravity(position, self.pole(epoch), self.gm, self.j2, self.gravity_radius)
        axes = self.axes(epoch)
        return harmonic_gravity(axes @ position, self.gm, self.harmonics) @ axes

    # --- where things are

    def latitude_longitude(self, epoch: Scalar, position: Vector) -> tuple[Scalar, Scalar]:
        """Planetocentric latitude and east longitude in [-pi, pi] [rad]."""
        x, y, z = self.axes(epoch) @ position
        return jnp.arctan2(z, jnp.sqrt(x * x + y * y + 1e-6)), jnp.arctan2(y, x)

    def geodetic_latitude(self, epoch: Scalar, position: Vector) -> Scalar:
        """Angle between the normal of the figure and the equator [rad]."""
        return self.figure.geodetic_latitude(self.axes(epoch) @ position)

    def altitude(self, epoch: Scalar, position: Vector) -> Scalar:
        """Altitude above the figure (ellipsoid or sphere), along its normal [m]."""
        # The figure is round about the pole, so longitude and with it the spin do not matter.
        return self.figure.altitude(self.pole_axes(epoch) @ position)

    def height(self, epoch: Scalar, position: Vector) -> Scalar:
        """Height above the areoid [m]; where there is none (sphere, Earth), the altitude."""
        if self.areoid is None:
            return self.altitude(epoch, position)
        return self.areoid.height(self.axes(epoch) @ position)

    def clearance(self, epoch: Scalar, position: Vector) -> Scalar:
        """Height above the ground as coarsely known (15 or 60 km) [m]; see `Ground`."""
        height = self.height(epoch, position)
        if self.ground is None:
            return height
        return height - self.ground.elevation(*self.latitude_longitude(epoch, position))

    def radius_of(
        self,
        latitude: Scalar,
        longitude: Scalar,
        *,
        altitude: Scalar | None = None,
        height: Scalar | None = None,
    ) -> Scalar:
        """Distance from the centre of a place told by its altitude or by its height.

        Args:
            latitude: planetocentric [rad].
            longitude: east [rad].
            altitude: above the figure [m]; exactly one of these two.
            height: above the areoid [m].

        Returns:
            Radius [m], to a micrometre.
        """
        if (altitude is None) == (height is None):
            raise ValueError("give exactly one of altitude and height")
        direction_f = direction_of(latitude, longitude)
        if height is not None and self.areoid is not None:
            return self.areoid.radius(direction_f) + height
        wanted = altitude if altitude is not None else height
        assert wanted is not None
        radius = self.figure.surface_radius(direction_f) + wanted
        for _ in range(3):  # each step gains five digits: normal and radius differ by < 0.006 rad
            radius = radius + (wanted - self.figure.altitude(radius * direction_f))
        return radius

    def position_at(
        self, epoch: Scalar, latitude: Scalar, longitude: Scalar, radius: Scalar
    ) -> Vector:
        """Inertial position of a place on or above the planet [m].

        Args:
            epoch: TDB seconds past J2000 [s].
            latitude: planetocentric [rad].
            longitude: east [rad].
            radius: from the centre [m].
        """
        return radius * (direction_of(latitude, longitude) @ self.axes(epoch))

    # --- how things move

    def relative_velocity(self, epoch: Scalar, position: Vector, velocity: Vector) -> Vector:
        """Velocity relative to the turning planet, inertial axes [m/s]."""
        return velocity - jnp.cross(self.spin_vector(epoch), position)

    def inertial_from_planet(
        self, epoch: Scalar, position: Vector, relative_velocity: Vector
    ) -> Vector:
        """Inertial velocity of what moves so relative to the turning planet [m/s]."""
        return relative_velocity + jnp.cross(self.spin_vector(epoch), position)

    def air_velocity(self, epoch: Scalar, position: Vector, velocity: Vector) -> Vector:
        """Velocity relative to the air, wind included, inertial axes [m/s]."""
        relative = self.relative_velocity(epoch, position, velocity)
        return relative - self.air(epoch, position).wind if self.winds else relative

    # --- what blows

    def air(self, epoch: Scalar, position: Vector) -> AirSample:
        """The air at a place: by height above the areoid on Mars, by altitude elsewhere."""
        column = self.atmosphere(self.height(epoch, position))
        if self.winds:
            east, north, _ = local_axes(self.pole(epoch), position)
            wind = column.wind_east * east + column.wind_north * north
        else:
            wind = jnp.zeros(3)
        return AirSample(
            self.density_factor * column.density,
            column.temperature,
            self.density_factor * column.pressure,
            column.sound_speed,
            wind,
            column.outside,
        )


def direction_of(latitude: Scalar, longitude: Scalar) -> Vector:
    """Planet-fixed unit vector towards a planetocentric latitude and east longitude [rad]."""
    level = jnp.cos(latitude)
    return jnp.stack([level * jnp.cos(longitude), level * jnp.sin(longitude), jnp.sin(latitude)])


class _Constants(eqx.Module):
    """A planet's own numbers [SI]."""

    gm: float
    j2: float
    gravity_radius: float
    equatorial_radius: float
    polar_radius: float
    mean_radius: float
    air: str
    highest_degree: int


# Mars: GM, J2 and reference radius of GMM-3 (Genova et al. 2016), radii of the IAU (pck00010).
# Earth: WGS 84; J2 from its C20.
_CONSTANTS = {
    "mars": _Constants(
        42828.372854e9,
        1.956607e-3,
        3396.0e3,
        3396.19e3,
        3376.20e3,
        3389.5e3,
        "jezero-2021-02-18",
        20,
    ),
    "earth": _Constants(
        398600.4418e9,
        1.082629821313e-3,
        6378.137e3,
        6378.137e3,
        6356.752314245e3,
        6371.0088e3,
        "us76",
        2,
    ),
}


def make_world(name: str, planet: Planet | None = None) -> World:
    """A planet with its own numbers, or with those of a scenario.

    Args:
        name: "mars" or "earth".
        planet: what is different; None for nothing.

    Raises:
        ValueError: for an unknown planet or a choice that does not fit it.
    """
    if name not in _CONSTANTS:
        raise ValueError(f"no world is called {name!r}; choose one of {', '.join(_CONSTANTS)}")
    own = _CONSTANTS[name]
    given = Planet() if planet is None else planet
    sphere = given.shape == "sphere"
    if given.radius is not None and not sphere:
        raise ValueError('radius_km belongs to shape = "sphere"; leave it out for an ellipsoid')
    degree = given.gravity_degree
    if degree == 1 or degree > own.highest_degree:
        raise ValueError(
            f"gravity_degree = {degree} is not known for {name}; "
            f"allowed 0, 2{' and 3 to 20' if own.highest_degree > 2 else ''}"
        )
    if sphere:
        radius = _number(given.radius, own.mean_radius)
        figure = Ellipsoid(radius, radius)
    else:
        figure = Ellipsoid(np.asarray(own.equatorial_radius), np.asarray(own.polar_radius))
    mars = name == "mars"
    return World(
        name=name,
        gravity_degree=degree,
        winds=given.winds,
        gm=_number(given.gm, own.gm),
        j2=np.asarray(own.j2),
        gravity_radius=np.asarray(own.gravity_radius),
        apsis_radius=_number(given.apsis_radius, own.equatorial_radius),
        figure=figure,
        orientation=orientation_of(name, None if given.spin is None else _number(given.spin, 0.0)),
        atmosphere=_air_of(given, own.air),
        density_factor=_number(given.density_factor, 1.0),
        areoid=mars_areoid() if mars and not sphere else None,
        ground=mars_ground() if mars and not sphere else None,
        harmonics=mars_harmonics().truncated(degree) if degree > 2 else None,
    )


@functools.cache
def mars_harmonics() -> Harmonics:
    """GMM-3 to degree and order 20, static part (Genova et al. 2016)."""
    table = tables.columns("mars_gravity_20x20.csv")
    cosine, sine = np.zeros((21, 21)), np.zeros((21, 21))
    cosine[0, 0] = 1.0
    n, m = table["n"].astype(int), table["m"].astype(int)
    cosine[n, m], sine[n, m] = table["C"], table["S"]
    return Harmonics.from_normalised(cosine, sine, 3396.0e3)


def _air_of(given: Planet, usual: str) -> Air:
    if given.air_file is not None:
        air: Air = read_column(given.air_file)
    else:
        air = air_of(usual if given.air == "default" else given.air)
    return air if given.perturbation is None else disturbed(air, given.perturbation)


def _number(value: Scalar | None, own: float) -> Array:
    """A scenario's number, or the planet's own, as an array: changing it compiles nothing."""
    if value is None:
        return np.asarray(own)
    return np.asarray(value, dtype=float) if isinstance(value, float | int) else value
