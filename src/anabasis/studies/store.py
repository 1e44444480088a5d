"""Where an ensemble lives: immutable chunks, and one manifest that says what is complete.

    manifest.jsonl           who it is, then one line for every chunk that is safe
    scenario.toml            what is flown
    chunks/000000.parquet    rows of the first cases, and so on

A chunk is written to a temporary file, synced and renamed; only then does the manifest list it,
with its SHA-256. Whatever happens in between, a chunk is either listed and whole, or not there.
"""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import fcntl
import hashlib
import json
import os
import pathlib
import shutil
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from anabasis.campaign.bad_input import BadInput
from anabasis.exchange import ledger, parquet

SCHEMA = 1
MANIFEST, SCENARIO, CHUNKS = "manifest.jsonl", "scenario.toml", "chunks"
HELD_BYTES = 64e6
"""What the digest holds of the columns at a time."""
BEFORE_DRAWS = ("case", "outcome", "outcome_phase")


@dataclasses.dataclass(frozen=True)
class Finding:
    """Something about a store that is not as it should be."""

    file: str
    what: str


@dataclasses.dataclass
class Store:
    """One ensemble on the disk.

    Attributes:
        folder: where.
        identity: what a case is a function of, but its number; see `identity_problem`.
        scenario: the text of ``scenario.toml``.
        chunks: index -> what the manifest says of it.
        stop: the number of cases at which it was decided, if it was.
        closed: the digest in the manifest's last line, once every chunk is there.
        starts: how long the workers took to start, each time it was flown at [s].
    """

    folder: pathlib.Path
    identity: dict[str, Any]
    scenario: str
    chunks: dict[int, dict[str, Any]] = dataclasses.field(default_factory=dict)
    stop: int | None = None
    closed: str | None = None
    starts: list[float] = dataclasses.field(default_factory=list)
    _counted: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)
    _first_missing: int = 0

    # ---------------------------------------------------------------- making and opening

    @classmethod
    def create(cls, folder: pathlib.Path, identity: Mapping[str, Any], scenario: str) -> Store:
        """Make a store in an empty or new folder.

        Raises:
            OSError: where it cannot be written.
        """
        (folder / CHUNKS).mkdir(parents=True, exist_ok=True)
        ledger.write_whole(folder / SCENARIO, scenario.encode())
        store = cls(folder, dict(identity), scenario)
        ledger.append(folder / MANIFEST, store._identity_line())
        return store

    @classmethod
    def open(cls, folder: str | os.PathLike[str]) -> Store:
        """Open a store as its manifest has it.

        Raises:
            BadInput: where there is none, or nothing is left that says what it is.
        """
        place = pathlib.Path(folder)
        if not (place / MANIFEST).is_file() and not (place / CHUNKS).is_dir():
            raise BadInput(
                "holds no ensemble",
                file=str(place),
                hint="give the folder that anabasis disperse wrote",
            )
        lines = ledger.read(place / MANIFEST).lines
        head = next((line for line in lines if line.get("kind") == "ensemble"), None)
        if head is None:
            head = _recovered(place)
        store = cls(place, head["identity"], head["scenario"])
        for line in lines:
            store._take(line)
        return store

    def _identity_line(self) -> dict[str, Any]:
        return {
            "kind": "ensemble",
            "schema_version": SCHEMA,
            "identity": self.identity,
            "scenario": self.scenario,
        }

    def _take(self, line: Mapping[str, Any]) -> None:
        kind = line.get("kind")
        if kind == "chunk":
            self._count(self.chunks.get(int(line["index"])), -1)
            self.chunks[int(line["index"])] = dict(line)
            self._count(line, 1)
        elif kind == "dropped":
            index = int(line["index"])
            self._count(self.chunks.pop(index, None), -1)
            self._first_missing = min(self._first_missing, index)
            self.closed = None
        elif kind == "begun":
            self.starts.append(float(line["start_up_seconds"]))
        elif kind == "decided":
            self.stop = int(line["cases"])
        elif kind == "complete":
            self.closed = str(line["digest"])

    def _count(self, line: Mapping[str, Any] | None, times: int) -> None:
        if line is not None:  # kept, not summed anew: a study asks after every chunk
            self._counted["rows"] += times * int(line["rows"])
            self._counted["lost"] += times * int(line.get("lost", 0))

    # ---------------------------------------------------------------- how much there is

    @property
    def size(self) -> int:
        """Cases in a chunk."""
        return int(self.identity["chunk"])

    @property
    def count(self) -> int:
        """How many cases there are to be."""
        return int(self.identity["cases"]) if self.stop is None else self.stop

    @property
    def wanted(self) -> range:
        """The indices of all chunks."""
        return range(-(-self.count // self.size))

    def cases_of(self, index: int) -> range:
        """The cases of one chunk."""
        return range(index * self.size, min((index + 1) * self.size, int(self.identity["cases"])))

    def missing(self) -> list[int]:
        """The chunks that are still to be flown."""
        return [index for index in self.wanted if index not in self.chunks]

    @property
    def first_missing(self) -> int | None:
        """The first chunk that is still to be flown."""
        wanted = self.wanted
        while self._first_missing in self.chunks:
            self._first_missing += 1
        return self._first_missing if self._first_missing in wanted else None

    @property
    def complete(self) -> bool:
        """True once every chunk is listed."""
        return self.first_missing is None

    @property
    def done(self) -> int:
        """How many cases are safe."""
        return self._sum("rows")

    @property
    def lost(self) -> int:
        """How many of them are not nominal."""
        return self._sum("lost")

    def _sum(self, what: str) -> int:
        if self.stop is None:
            return self._counted[what]
        return sum(int(self.chunks[i].get(what, 0)) for i in self.wanted if i in self.chunks)

    def path_of(self, index: int) -> pathlib.Path:
        """The file of one chunk."""
        return self.folder / CHUNKS / f"{index:06d}.parquet"

    # ---------------------------------------------------------------- writing

    @contextlib.contextmanager
    def working(self) -> Iterator[None]:
        """Hold the store for writing: one process at a time.

        Raises:
            BadInput: where another process works on it.
        """
        handle = os.open(self.folder, os.O_RDONLY)  # goes with the process, however it ends
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise BadInput(
                    "another process is working on this ensemble",
                    file=str(self.folder),
                    hint="wait for it, or end it",
                ) from None
            yield
        finally:
            os.close(handle)

    def add(self, index: int, content: bytes, about: Mapping[str, Any]) -> None:
        """Put a chunk in its place, then list it.

        Args:
            index: of the chunk.
            content: the Parquet file.
            about: what the manifest says besides: seconds, worker, cases lost.

        Raises:
            OSError: a full disk, say; then the chunk is not listed and the store is as it was.
        """
        path = self.path_of(index)
        ledger.write_whole(path, content)
        line = {
            "kind": "chunk",
            "index": index,
            "file": f"{CHUNKS}/{path.name}",
            "sha256": hashlib.sha256(content).hexdigest(),
            "bytes": len(content),
            "rows": len(self.cases_of(index)),
            **about,
        }
        self.note(line)

    def note(self, line: Mapping[str, Any]) -> None:
        """Append a line to the manifest."""
        path = self.folder / MANIFEST
        before = path.stat().st_size
        try:
            ledger.append(path, line)
        except BaseException as failure:  # Ctrl-C too
            with contextlib.suppress(OSError):
                os.truncate(path, before)  # not half a line
            if isinstance(failure, OSError):
                failure.filename = failure.filename or str(path)
            raise
        self._take(line)

    def decide(self, cases: int) -> None:
        """The study ends here: what was flown beyond is not part of it."""
        self.note({"kind": "decided", "cases": cases})
        for index in [i for i in self.chunks if i not in self.wanted]:
            self.drop(index, "beyond the case at which the study was decided")

    def drop(self, index: int, why: str) -> None:
        """A chunk is no longer part of the store; its file goes."""
        self.note({"kind": "dropped", "index": index, "why": why})
        self.path_of(index).unlink(missing_ok=True)

    def close(self) -> str:
        """Write the manifest's last line: every chunk is there, and this is their digest."""
        if self.closed is None:
            self.note({"kind": "complete", "cases": self.count, "digest": self.digest()})
        assert self.closed is not None
        return self.closed

    # ---------------------------------------------------------------- finding damage, mending it

    def verify(self) -> list[Finding]:
        """Everything that is not as the manifest says; nothing is changed."""
        found = [
            Finding(MANIFEST, f"line {number} is damaged or torn")
            for number in ledger.read(self.folder / MANIFEST).damaged
        ]
        if not any(
            line.get("kind") == "ensemble" for line in ledger.read(self.folder / MANIFEST).lines
        ):
            found.append(Finding(MANIFEST, "does not say what the ensemble is"))
        if not _is(self.folder / SCENARIO, self.scenario.encode()):
            found.append(Finding(SCENARIO, "is not the scenario of the manifest"))
        found += [self._finding(i) for i in sorted(self.chunks) if not self._is_whole(i)]
        listed = {self.path_of(index).name for index in self.chunks}
        chunks = self.folder / CHUNKS
        for path in sorted(chunks.iterdir()) if chunks.is_dir() else ():
            if path.name not in listed and not path.name.startswith("."):
                found.append(Finding(f"{CHUNKS}/{path.name}", "is not in the manifest"))
        if self.complete and self.closed is None:
            found.append(Finding(MANIFEST, "its closing line is missing"))
        return found

    def _is_whole(self, index: int) -> bool:
        return _sha256(self.path_of(index)) == self.chunks[index]["sha256"]

    def _finding(self, index: int) -> Finding:
        path = self.path_of(index)
        name = f"{CHUNKS}/{path.name}"
        if not path.is_file():
            return Finding(name, "is listed in the manifest, but gone")
        if path.stat().st_size != self.chunks[index]["bytes"]:
            return Finding(
                name,
                f"has {path.stat().st_size} bytes instead of {self.chunks[index]['bytes']}",
            )
        return Finding(name, "its SHA-256 is not that of the manifest")

    def mend(self) -> list[Finding]:
        """Take back what is damaged, so that it is flown again; returns what was found.

        Only a damaged manifest is ever rewritten: its good lines, in their order.
        """
        found = self.verify()
        path = self.folder / MANIFEST
        reading = ledger.read(path)
        headed = any(line.get("kind") == "ensemble" for line in reading.lines)
        if reading.damaged or not headed:
            head = [] if headed else [self._identity_line()]
            ledger.rewrite(path, [*head, *reading.lines])
        if not _is(self.folder / SCENARIO, self.scenario.encode()):
            ledger.write_whole(self.folder / SCENARIO, self.scenario.encode())
        chunks = self.folder / CHUNKS
        chunks.mkdir(exist_ok=True)
        for index in sorted(self.chunks):
            if not self._is_whole(index):
                self.drop(index, self._finding(index).what)
        listed = {self.path_of(index).name for index in self.chunks}
        for other in list(chunks.iterdir()):
            if other.name in listed:
                continue
            if other.is_dir():
                shutil.rmtree(other)
            else:
                other.unlink()
        return found

    # ---------------------------------------------------------------- reading

    def _held(self) -> list[int]:
        return [index for index in self.wanted if index in self.chunks]

    def units(self) -> dict[str, str]:
        """The columns and their units, in the order of the table."""
        held = self._held()
        return parquet.read_names(self.path_of(held[0])) if held else {}

    def column(self, name: str) -> np.ndarray:
        """One column over all cases that are there, in the order of the cases."""
        pieces = [parquet.read_column(self.path_of(index), name) for index in self._held()]
        return np.concatenate(pieces)[: self.count] if pieces else np.zeros(0)

    def digest(self) -> str:
        """SHA-256 over the columns in the order of their names, rows in the order of the cases.

        A column is its name, its sort, and its values: whole numbers and floats as eight bytes,
        texts with their length before them; a missing number is one fixed NaN.
        """
        whole = hashlib.sha256()
        names = sorted(self.units())
        # a file is opened once for as many columns as may be held at a time
        together = max(1, int(HELD_BYTES // (8 * max(self.done, 1))))
        for first in range(0, len(names), together):
            some = names[first : first + together]
            held: dict[str, list[bytes]] = {name: [] for name in some}
            for index in self._held():
                columns = parquet.read_columns(self.path_of(index), some)
                for name, values in zip(some, columns, strict=True):
                    held[name].append(_bytes_of(values))
            for name in some:
                whole.update(name.encode() + b"\0")
                for piece in held[name]:
                    whole.update(piece)
        return whole.hexdigest()


def _bytes_of(values: np.ndarray) -> bytes:
    if values.dtype.kind == "f":
        values = np.where(np.isnan(values), np.nan, values)
        return values.astype("<f8").tobytes()
    if values.dtype.kind in "iu":
        return values.astype("<i8").tobytes()
    pieces = []
    for value in values:
        text = b"" if value is None else str(value).encode()
        pieces.append(len(text).to_bytes(8, "little") + text)
    return b"".join(pieces)


def _sha256(path: pathlib.Path) -> str:
    try:
        with open(path, "rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""


def _is(path: pathlib.Path, content: bytes) -> bool:
    try:
        return path.read_bytes() == content
    except OSError:
        return False


def _recovered(folder: pathlib.Path) -> dict[str, Any]:
    """Who a store is, by its chunks and its scenario, where the manifest no longer says it."""
    texts: dict[str, str] = {}
    for name in (SCENARIO, MANIFEST):  # the two may have been swapped
        with contextlib.suppress(OSError, ValueError):
            raw = (folder / name).read_bytes()
            texts[hashlib.sha256(raw).hexdigest()] = raw.decode("utf-8")
    for path in sorted((folder / CHUNKS).glob("*.parquet")):
        try:
            identity = json.loads(parquet.read_metadata(path)["identity"])
        except Exception:  # a damaged file may fail in any way
            continue
        if identity.get("scenario_sha256") in texts:
            return {"identity": identity, "scenario": texts[identity["scenario_sha256"]]}
    raise BadInput(
        "the manifest does not say what this ensemble is, nor does any chunk",
        file=str(folder / MANIFEST),
        hint="begin again in another folder",
    )


def identity_problem(
    store: Mapping[str, Any], now: Mapping[str, Any], before: str = "was", after: str = "is"
) -> list[str]:
    """What of the identity differs, each in one sentence."""
    problems: list[str] = []

    def compare(here: Any, there: Any, name: str) -> None:
        if isinstance(here, Mapping) and isinstance(there, Mapping):
            for key in sorted(set(here) | set(there)):
                compare(here.get(key), there.get(key), f"{name}.{key}" if name else key)
        elif here != there:
            one, other = _short(here, there), _short(there, here)
            problems.append(f"{name} {before} {one} and {after} {other}")

    compare(store, now, "")
    return problems


def _short(value: Any, other: Any) -> str:
    """A value on a short line; of a long text, the words that the other has not."""
    if isinstance(value, str) and isinstance(other, str) and len(json.dumps(value)) > 40:
        theirs = set(other.split())
        kept = " ".join(word for word in value.split() if word not in theirs)
        value = f"... {kept}".strip()
    text = json.dumps(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def columns_in_order(names: Iterable[str]) -> list[str]:
    """The columns of a chunk: case, verdict, draws, figures."""
    names = list(names)
    draws = [name for name in names if name.startswith("draw.")]
    return [*BEFORE_DRAWS, *draws, *(n for n in names if n not in BEFORE_DRAWS and n not in draws)]
