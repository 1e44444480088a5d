"""Makes the small tables of the worlds from published ones: areoid, ground, gravity, air, tubes.

    python builders/build_worlds.py [FOLDER WITH figures/ AND data/]

CSV tables are copied as they are, with their source lines; the two elevation grids become arrays
of whole metres, and the areoid is computed here: from GMM-3 to degree 20 and the spin of Mars by
Newton's method, and from the areoid column of the corridor grid (degree 60) near Jezero.
"""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

os.environ["JAX_ENABLE_X64"] = "1"

import jax
import jax.numpy as jnp
import numpy as np

from anabasis.mechanics.gravity import Harmonics, harmonic_potential
from anabasis.worlds.elements_iau import MARS_SPIN

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "src" / "anabasis" / "data"
COPIED = (
    "figures/mars-air-cospar.csv",
    "figures/perseverance-path.csv",
    "data/mars_gravity_20x20.csv",
    "data/sample_tubes.csv",
    "data/three_forks_depot.csv",
)
"""Tables shipped as they are, byte for byte. `mars-air-jezero.csv` is kept by hand: its source line
is written for readers of this package."""
EQUATORIAL, POLAR = 3396190.0, 3376200.0
GM, REFERENCE, W0 = 42828.372854e9, 3396000.0, 12652805.0
SIDE = 193
TAPER_DEG = 2.0
DEGREE = np.pi / 180.0


def comments(path: Path) -> str:
    """The source lines of a CSV."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return "\n".join(line.lstrip("# ") for line in lines if line.startswith("#"))


def read(path: Path, skip: int) -> np.ndarray:
    """The numbers of a CSV below ``skip`` lines of header (comments not counted)."""
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = [line for line in lines if line and not line.startswith("#")][skip:]
    return np.genfromtxt(io.StringIO("\n".join(rows)), delimiter=",")


def gravity_field(folder: Path) -> Harmonics:
    """GMM-3 to degree 20."""
    table = read(folder / "data/mars_gravity_20x20.csv", 1)
    cosine, sine = np.zeros((21, 21)), np.zeros((21, 21))
    cosine[0, 0] = 1.0
    n, m = table[:, 0].astype(int), table[:, 1].astype(int)
    cosine[n, m], sine[n, m] = table[:, 2], table[:, 3]
    return Harmonics.from_normalised(cosine, sine, REFERENCE)


def cube_directions() -> np.ndarray:
    """Unit vectors through the nodes of the six faces, in the order of `worlds.areoid`."""
    u, v = np.meshgrid(np.linspace(-1, 1, SIDE), np.linspace(-1, 1, SIDE), indexing="ij")
    one = np.ones_like(u)
    faces = [(s * one, u, v) for s in (1, -1)]
    faces += [(u, s * one, v) for s in (1, -1)]
    faces += [(u, v, s * one) for s in (1, -1)]
    directions = np.stack([np.stack(face, axis=-1) for face in faces])
    return directions / np.linalg.norm(directions, axis=-1, keepdims=True)


def level_radius(directions: np.ndarray, field: Harmonics) -> np.ndarray:
    """Radius at which gravity and spin together have the potential W0, by Newton's method."""

    def solve(direction: jax.Array) -> jax.Array:
        def excess(radius: jax.Array) -> jax.Array:
            place = radius * direction
            spin = 0.5 * MARS_SPIN**2 * (place[0] ** 2 + place[1] ** 2)
            return harmonic_potential(place, GM, field) + spin - W0

        radius = jnp.asarray(REFERENCE)
        for _ in range(5):
            value, slope = jax.jvp(excess, (radius,), (jnp.ones(()),))
            radius = radius - value / slope
        return radius

    flat = jnp.asarray(directions.reshape(-1, 3))
    radii = jax.jit(lambda all_: jax.lax.map(solve, all_, batch_size=4096))(flat)
    return np.array(radii).reshape(directions.shape[:-1])


def ellipsoid_radius(directions: np.ndarray) -> np.ndarray:
    """Radius of the IAU ellipsoid."""
    x, y, z = np.moveaxis(directions, -1, 0)
    return 1.0 / np.sqrt((x * x + y * y) / EQUATORIAL**2 + z * z / POLAR**2)


def corridor(folder: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Latitudes, longitudes, areoid radii and elevations of the corridor grid."""
    table = read(folder / "data/mars_topo_jezero_corridor_0p125deg.csv", 1)
    latitudes, longitudes = np.unique(table[:, 0]), np.unique(table[:, 1])
    shape = (latitudes.size, longitudes.size)
    order = np.lexsort((table[:, 1], table[:, 0]))
    table = table[order]
    return latitudes, longitudes, table[:, 3].reshape(shape), table[:, 4].reshape(shape)


def areoid(folder: Path) -> dict[str, np.ndarray]:
    """Areoid less ellipsoid on the cube, the finer field worked in near Jezero."""
    field = gravity_field(folder)
    directions = cube_directions()
    radius = level_radius(directions, field)
    latitudes, longitudes, fine, _ = corridor(folder)
    latitude = np.arcsin(directions[..., 2]) / DEGREE
    longitude = np.arctan2(directions[..., 1], directions[..., 0]) / DEGREE
    edge = np.minimum.reduce(
        [
            latitude - latitudes[0],
            latitudes[-1] - latitude,
            longitude - longitudes[0],
            longitudes[-1] - longitude,
        ]
    )
    inside = edge > 0.0
    weight = np.clip(edge[inside] / TAPER_DEG, 0.0, 1.0)
    weight = weight * weight * (3.0 - 2.0 * weight)
    step = latitudes[1] - latitudes[0]
    y, x = (latitude[inside] - latitudes[0]) / step, (longitude[inside] - longitudes[0]) / step
    i, j = y.astype(int), x.astype(int)
    f, g = y - i, x - j
    here = (fine[i, j] * (1 - g) + fine[i, j + 1] * g) * (1 - f) + (
        fine[i + 1, j] * (1 - g) + fine[i + 1, j + 1] * g
    ) * f
    # The corridor grid counts in whole metres; the smooth part of it is what is wanted.
    radius[inside] += weight * (here - radius[inside])
    excess = np.round(10.0 * (radius - ellipsoid_radius(directions)))
    assert np.abs(excess).max() < 32767
    source = (
        "Areoid radius less IAU ellipsoid (3396.19/3376.20 km), decimetres, on the faces "
        "+x -x +y -y +z -z of a cube, nodes even in the tangent plane. Potential of GMM-3 to "
        "degree 20 (Genova et al. 2016, Icarus 272, 228-245) and spin, W0 = 12652805 m2/s2 (mean "
        "equatorial radius 3396.000 km); 12-27 N 62-84 E from the degree-60 areoid of:\n"
        + comments(folder / "data/mars_topo_jezero_corridor_0p125deg.csv")
    )
    return {
        "source": np.array(source),
        "equatorial_radius": np.array(EQUATORIAL),
        "polar_radius": np.array(POLAR),
        "excess_dm": excess.astype(np.int16),
    }


def ground(folder: Path) -> dict[str, np.ndarray]:
    """The two elevation grids, whole metres, rows from south, the globe wrapped at both sides."""
    latitudes, longitudes, _, elevation = corridor(folder)
    path = folder / "data/mars_topo_global_1deg.csv"
    globe = read(path, 1)
    rows, values = globe[:, 0], globe[:, 1:]
    values = values[np.argsort(rows)]
    values = np.concatenate([values[:, -1:], values, values[:, :1]], axis=1)
    return {
        "source": np.array(
            comments(folder / "data/mars_topo_jezero_corridor_0p125deg.csv")
            + "\n\n"
            + comments(path)
        ),
        "corridor_origin_deg": np.array([latitudes[0], longitudes[0], 0.125]),
        "corridor_m": np.round(elevation).astype(np.int16),
        "globe_origin_deg": np.array([rows.min(), -0.5, 1.0]),
        "globe_m": np.round(values).astype(np.int16),
    }


def main() -> None:
    """Writes every table into the package."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT.parent / "shared")
    OUT.mkdir(parents=True, exist_ok=True)
    for name in COPIED:
        (OUT / Path(name).name).write_bytes((folder / name).read_bytes())
    np.savez_compressed(OUT / "mars_areoid.npz", **areoid(folder))
    np.savez_compressed(OUT / "mars_ground.npz", **ground(folder))
    for path in sorted(OUT.iterdir()):
        print(f"{path.stat().st_size:>9}  {path.name}")


if __name__ == "__main__":
    main()
