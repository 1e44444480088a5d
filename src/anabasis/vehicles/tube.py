"""The 43 sample tubes of Perseverance: what each holds, where it is, and whether it is closed.

The table is `data/sample_tubes.csv` (NASA's public sample table, the traverse maps and the
Planetary Data System, one source per row); the ten tubes set down at Three Forks come from
`data/three_forks_depot.csv`. Loads no jax: `anabasis tubes` must answer at once.
"""

from __future__ import annotations

import csv
import dataclasses
import difflib
import functools
import importlib.resources
import re
from typing import Any, Literal

from anabasis.vehicles.traverse import LAST_KNOWN_SOL, distance, rover_place

Kind = Literal["atmosphere", "rock core", "regolith", "witness", "empty sample", "empty witness"]
Closure = Literal["sealed", "open", "empty"]
Where = Literal["rover", "depot"]
Condition = Literal["empty", "aboard, open", "aboard, sealed", "on the ground at Three Forks"]

DEPOT_LATITUDE_DEG = 18.45283
DEPOT_LONGITUDE_DEG = 77.40821
"""Centroid of the ten tubes at Three Forks (NOTEBOOK, MMGIS; `derived`)."""

_KINDS: dict[str, Kind] = {
    "atmosphere (failed core)": "atmosphere",
    "rock core": "rock core",
    "regolith": "regolith",
    "witness": "witness",
    "empty sample tube": "empty sample",
    "unused witness tube": "empty witness",
}
_FLAGS = {
    "flag_salts": "salts",
    "flag_sulfate": "sulfate",
    "flag_carbonate": "carbonate",
    "flag_silica": "silica",
    "flag_phyllosilicate_serpentine": "phyllosilicate or serpentine",
    "flag_organics": "organics",
    "flag_fluid_inclusion_potential": "fluid inclusions",
    "flag_potential_biosignature": "potential biosignature",
    "flag_geochronology": "geochronology",
    "flag_atmosphere": "atmosphere",
}


class UnknownTube(LookupError):
    """No tube has this id or name; the message says which come close."""


FRIABLE_WORDS = ("friable", "crumbly", "breakable")
"""Words of the record for rock that does not hold together."""


@dataclasses.dataclass(frozen=True)
class Tube:
    """One titanium tube, as the record has it.

    Attributes:
        number: place in the table, 1 to 43.
        id: unique; ``id_status`` says whether NASA published it, whether it was inferred from the
            order of filling, or whether it was assigned here (empty tubes have no public id).
        name: NASA's name of the sample, or what the tube is.
        kind: what is in it.
        core_sol, core_utc: when it was filled (a witness: opened); None where it is empty.
        seal_sol, seal_utc: when it was closed; None where it is not.
        length_cm: of the core [cm].
        volume_cm3: of the core [cm3], `derived`: length times the bore's 1.327 cm2.
        density_g_cm3: `assumed`, by kind of rock: 1.5 regolith to 3.1 olivine cumulate.
        mass_g: of the sample [grams], `derived` from volume and density: the rover does not weigh
            tubes.
        lithology_detail: what was found in the rock, in the words of the record.
        interest: what the sample is for, in the words of the record.
        elevation_m: of the place where it was filled, above the areoid [m].
        odometer_m: what the rover had driven when it was filled [m].
        seal_note: what the record adds to the closing, or empty.
        drop_order: 1 to 10, in the order of the drops at Three Forks.
        closure: sealed, open or empty, as last known.
        where: aboard the rover or on the ground at the depot, as last known.
        pair: name of the tube filled from the same rock.
        drop_sol, drop_utc, depot_latitude_deg, depot_longitude_deg: of the depot tubes.
        flags: what makes it interesting -> ``stated`` (in a source read) or ``unverified``.
        uncertain: keys whose source contradicts itself (``notes`` says how).
    """

    number: int
    id: str
    id_status: Literal["published", "inferred", "assigned"]
    name: str
    other_name: str
    kind: Kind
    core_sol: int | None
    core_utc: str | None
    seal_sol: int | None
    seal_utc: str | None
    length_cm: float | None
    volume_cm3: float | None
    density_g_cm3: float | None
    mass_g: float | None
    target: str
    place: str
    unit: str
    lithology: str
    lithology_detail: str
    interest: str
    elevation_m: float | None
    odometer_m: float | None
    latitude_deg: float | None
    longitude_deg: float | None
    closure: Closure
    seal_note: str
    where: Where
    pair: str | None
    drop_order: int | None
    drop_sol: int | None
    drop_utc: str | None
    depot_latitude_deg: float | None
    depot_longitude_deg: float | None
    flags: dict[str, Literal["stated", "unverified"]]
    uncertain: tuple[str, ...]
    source: str
    confidence: str
    notes: str

    @property
    def is_sample(self) -> bool:
        """True where it holds rock, regolith or air: what the rover set out to collect."""
        return self.kind in ("atmosphere", "rock core", "regolith")

    @property
    def is_solid(self) -> bool:
        """True where it holds rock or regolith."""
        return self.kind in ("rock core", "regolith")

    @property
    def is_friable(self) -> bool:
        """True where the record calls its rock one that does not hold together."""
        told = f"{self.lithology_detail} {self.interest}".lower()
        return any(word in told for word in FRIABLE_WORDS)


@dataclasses.dataclass(frozen=True)
class TubeAt:
    """A tube at one sol: its condition, and where it lay or rode."""

    tube: Tube
    sol: int
    condition: Condition
    place: str
    latitude_deg: float
    longitude_deg: float


def rows_of(name: str) -> list[dict[str, str]]:
    """The rows of one of the package's CSV files; lines that open with ``#`` are its source."""
    path = importlib.resources.files("anabasis").joinpath("data", name)
    lines = path.read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


@functools.cache
def all_tubes() -> tuple[Tube, ...]:
    """The 43 tubes in the order of the table, as last known."""
    drops = {row["tube_id"]: row for row in rows_of("three_forks_depot.csv")}
    return tuple(_tube(row, drops.get(row["tube_id"])) for row in rows_of("sample_tubes.csv"))


def find(word: str) -> Tube:
    """The tube with this id, name or number of the table; case and apostrophes do not matter.

    Raises:
        UnknownTube: none has it; the message names the closest.
    """
    wanted = _plain(word)
    names: dict[str, Tube] = {}
    for tube in all_tubes():
        for label in (tube.id, str(tube.number), tube.name, tube.other_name):
            if label and not label.startswith("("):
                names.setdefault(_plain(label), tube)
    if wanted in names:
        return names[wanted]
    close = difflib.get_close_matches(wanted, names, n=3, cutoff=0.5)
    hint = f"; did you mean {', '.join(dict.fromkeys(names[c].name for c in close))}?" * bool(close)
    raise UnknownTube(f"no tube is called {word!r}{hint}")


def tubes(at_sol: int | None = None) -> list[TubeAt]:
    """Every tube as it was at a sol, or as last known.

    A tube is empty before its core sol, open until its seal sol, aboard until its drop sol. After
    the last known sol nothing more is known, so nothing changes.

    Args:
        at_sol: mission sol; None means the last known sol of the rover.
    """
    sol = LAST_KNOWN_SOL if at_sol is None else at_sol
    return [_at(tube, sol) for tube in all_tubes()]


def describe(word: str | None = None, at_sol: int | None = None) -> list[dict[str, Any]]:
    """What `anabasis tubes` prints: one plain mapping per tube, names carrying their units.

    Args:
        word: id, name or number of one tube; None means all of them.
        at_sol: mission sol; None means as last known.

    Raises:
        UnknownTube: no tube is called ``word``.
    """
    wanted = None if word is None else find(word)
    return [_mapping(entry) for entry in tubes(at_sol) if wanted is None or entry.tube is wanted]


def _mapping(entry: TubeAt) -> dict[str, Any]:
    tube = entry.tube
    return {
        "number": tube.number,
        "id": tube.id,
        "id_status": tube.id_status,
        "name": tube.name,
        "kind": tube.kind,
        "sol": entry.sol,
        "condition": entry.condition,
        "place": entry.place,
        "latitude_deg": entry.latitude_deg,
        "longitude_deg": entry.longitude_deg,
        "core_sol": tube.core_sol,
        "core_utc": tube.core_utc,
        "seal_sol": tube.seal_sol,
        "seal_utc": tube.seal_utc,
        "drop_sol": tube.drop_sol,
        "drop_utc": tube.drop_utc,
        "drop_order": tube.drop_order,
        "closure": tube.closure,
        "seal_note": tube.seal_note,
        "core_length_m": _scaled(tube.length_cm, 1e-2),
        "core_volume_m3": _scaled(tube.volume_cm3, 1e-6),
        "sample_density_kg_m3": _scaled(tube.density_g_cm3, 1e3),
        "sample_density_confidence": None if tube.density_g_cm3 is None else "assumed",
        "sample_kg": _scaled(tube.mass_g, 1e-3),
        "sample_confidence": None if tube.mass_g is None else "derived",
        "target": tube.target,
        "filled_at": tube.place,
        "filled_latitude_deg": tube.latitude_deg,
        "filled_longitude_deg": tube.longitude_deg,
        "filled_height_m": tube.elevation_m,
        "odometer_m": tube.odometer_m,
        "unit": tube.unit,
        "lithology": tube.lithology,
        "lithology_detail": tube.lithology_detail,
        "interest": tube.interest,
        "pair": tube.pair,
        "flags": dict(tube.flags),
        "uncertain": list(tube.uncertain),
        "source": tube.source,
        "confidence": tube.confidence,
        "notes": tube.notes,
    }


def _at(tube: Tube, sol: int) -> TubeAt:
    latitude, longitude = rover_place(sol)
    if tube.core_sol is None or sol < tube.core_sol:
        return TubeAt(tube, sol, "empty", "aboard Perseverance", latitude, longitude)
    if tube.drop_sol is not None and sol >= tube.drop_sol:
        assert tube.depot_latitude_deg is not None
        assert tube.depot_longitude_deg is not None
        where = (tube.depot_latitude_deg, tube.depot_longitude_deg)
        return TubeAt(tube, sol, "on the ground at Three Forks", "Three Forks depot", *where)
    closed = tube.seal_sol is not None and sol >= tube.seal_sol
    condition: Condition = "aboard, sealed" if closed else "aboard, open"
    return TubeAt(tube, sol, condition, "aboard Perseverance", latitude, longitude)


def _tube(row: dict[str, str], drop: dict[str, str] | None) -> Tube:
    """One row of the table, read; every word of it that can be doubted is marked."""
    number = int(row["tube_seq"])
    kind = _KINDS[row["type"]]
    closure: Closure
    if kind in ("empty sample", "empty witness"):
        closure = "empty"
    else:
        closure = "sealed" if row["sealed"].startswith("yes") else "open"
    uncertain = tuple(key for key in ("seal_sol", "seal_date_utc") if "?" in row[key])
    depot = row["location_now"] == "Three Forks depot"
    return Tube(
        number=number,
        id=row["tube_id"] or f"M2020-empty-{number:02d}",
        id_status={"published": "published", "inferred": "inferred"}.get(
            row["tube_id_status"], "assigned"
        ),  # pyright: ignore[reportArgumentType]
        name=row["name"].strip("()"),
        other_name=row["alt_name"],
        kind=kind,
        core_sol=_whole(row["core_sol"]),
        core_utc=row["core_date_utc_derived"] or None,
        seal_sol=_whole(row["seal_sol"]),
        seal_utc=row["seal_date_utc"].rstrip(" ?") or None,
        length_cm=_number(row["core_length_cm"]),
        volume_cm3=_number(row["core_volume_cm3_derived"]),
        density_g_cm3=_number(row["density_g_cm3_assumed"]),
        mass_g=_number(row["mass_g_derived"]),
        target=row["target_feature"],
        place=row["location"],
        unit=row["unit"],
        lithology=row["lithology_nasa"],
        lithology_detail=row["lithology_detail"],
        interest=row["science_interest"],
        elevation_m=_number(row["elev_m"]),
        odometer_m=_number(row["odometer_m_at_core"]),
        latitude_deg=_number(row["lat_deg"]),
        longitude_deg=_number(row["lon_deg"]),
        closure=closure,
        seal_note=_seal_note(row["sealed"]) if closure != "empty" else "",
        where="depot" if depot else "rover",
        pair=row["pair_of"] or None,
        drop_order=int(drop["order"]) if drop else None,
        drop_sol=_whole(row["depot_drop_sol"]),
        drop_utc=drop["drop_utc_derived"] if drop else None,
        depot_latitude_deg=float(drop["rover_lat_deg"]) if drop else None,
        depot_longitude_deg=float(drop["rover_lon_deg"]) if drop else None,
        flags={
            word: "stated" if row[key] == "V" else "unverified"
            for key, word in _FLAGS.items()
            if row[key]
        },
        uncertain=uncertain,
        source=row["source"],
        confidence=row["confidence"],
        notes=row["notes"],
    )


def _seal_note(word: str) -> str:
    """What the record adds to its yes or no."""
    return re.sub(r"^(yes|NO - )\s*", "", word).strip("() ")


def _scaled(value: float | None, factor: float) -> float | None:
    return None if value is None else float(f"{value * factor:.6g}")


def _plain(word: str) -> str:
    return re.sub(r"[^a-z0-9?-]", "", word.lower())


@dataclasses.dataclass(frozen=True)
class Drop:
    """One tube set down at Three Forks; ``spacing_m`` from the one before [m]."""

    order: int
    tube: Tube
    sol: int
    lmst: str
    utc: str
    latitude_deg: float
    longitude_deg: float
    elevation_m: float
    spacing_m: float | None


@functools.cache
def depot() -> tuple[Drop, ...]:
    """The ten drops at Three Forks in their order.

    Places are the rover's at the drop: the tube lies within one or two metres of it (NOTEBOOK for
    sols and hours, MMGIS for places). Spacings are great-circle distances between them.
    """
    found: list[Drop] = []
    for row in sorted(rows_of("three_forks_depot.csv"), key=lambda row: int(row["order"])):
        here = float(row["rover_lat_deg"]), float(row["rover_lon_deg"])
        before = found[-1] if found else None
        found.append(
            Drop(
                int(row["order"]),
                find(row["tube_id"]),
                int(row["drop_sol"]),
                row["drop_lmst"],
                row["drop_utc_derived"],
                *here,
                float(row["elev_geoid_m"]),
                distance(before.latitude_deg, before.longitude_deg, *here) if before else None,
            )
        )
    return tuple(found)


def _whole(word: str) -> int | None:
    return int(word.rstrip("?")) if word else None


def _number(word: str) -> float | None:
    return float(word) if word else None
