"""The store: only what the manifest lists is complete, and every damage is found."""

from __future__ import annotations

import hashlib
import json
import pathlib
import shutil

import numpy as np
import pytest

from anabasis.campaign.bad_input import BadInput
from anabasis.exchange import ledger
from anabasis.exchange.parquet import Column, encode_table
from anabasis.studies.store import Store, identity_problem

TEXT = 'name = "x"\n'
IDENTITY = {
    "scenario_sha256": hashlib.sha256(TEXT.encode()).hexdigest(),
    "cases": 100,
    "chunk": 8,
    "seed": 1,
    "versions": {"jax": "1"},
}


def content(index: int, cases: range) -> bytes:
    rows = np.array(list(cases))
    figure = np.sin(rows + 0.5)
    figure[rows % 7 == 0] = np.nan
    return encode_table(
        [
            Column("case", rows),
            Column("outcome", ["lost" if r % 7 == 0 else "" for r in rows]),
            Column("outcome_phase", ["entry" if r % 7 == 0 else None for r in rows]),
            Column("entry.peak_g", figure, unit="g"),
        ],
        {"identity": json.dumps(IDENTITY), "chunk": str(index)},
    )


def fill(store: Store) -> list[int]:
    flown = store.missing()
    for index in flown:
        store.add(index, content(index, store.cases_of(index)), {"seconds": 0.1})
    store.close()
    return flown


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("store") / "whole"
    fill(Store.create(folder, IDENTITY, TEXT))
    return folder


def test_a_store_reads_back_what_was_put_in(whole: pathlib.Path) -> None:
    store = Store.open(whole)
    assert store.complete
    assert store.done == 100
    assert list(store.wanted) == list(range(13))
    np.testing.assert_array_equal(store.column("case"), np.arange(100))
    assert np.isnan(store.column("entry.peak_g")[0])
    assert store.units()["entry.peak_g"] == "g"
    assert store.verify() == []
    assert store.closed == store.digest()


def test_the_digest_knows_no_order_of_writing_and_every_number(
    whole: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    store = Store.create(tmp_path / "other", IDENTITY, TEXT)
    for index in [12, *range(12)]:
        store.add(index, content(index, store.cases_of(index)), {"seconds": 9.0, "worker": 1})
    assert store.digest() == Store.open(whole).digest()
    store.drop(3, "test")
    assert store.missing() == [3]
    wrong = content(3, range(24, 32)).replace(b"", b"")
    store.add(3, wrong, {})
    assert store.digest() == Store.open(whole).digest()
    store.drop(3, "test")
    store.add(3, content(3, range(25, 33)), {})
    assert store.digest() != Store.open(whole).digest()


def damage(folder: pathlib.Path, random: np.random.Generator) -> str:
    """One random damage somewhere; says which."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    path = files[random.integers(len(files))]
    raw = bytearray(path.read_bytes())
    how = str(random.choice(["flip", "truncate", "delete", "swap"]))
    if how == "flip":
        at = int(random.integers(len(raw)))
        raw[at] ^= 1 << int(random.integers(8))
        path.write_bytes(bytes(raw))
    elif how == "truncate":
        path.write_bytes(bytes(raw[: int(random.integers(len(raw)))]))
    elif how == "delete":
        path.unlink()
    else:
        other = files[(files.index(path) + 1 + int(random.integers(len(files) - 1))) % len(files)]
        theirs = other.read_bytes()
        other.write_bytes(bytes(raw))
        path.write_bytes(theirs)
    return f"{how} {path.name}"


@pytest.mark.parametrize("corruptions", [50, pytest.param(1000, marks=pytest.mark.truth)])
def test_every_corruption_is_found_and_only_what_was_hit_is_flown_again(
    corruptions: int, whole: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    random = np.random.default_rng(2022)
    digest = Store.open(whole).digest()
    listed = {
        line["file"]: line["sha256"]
        for line in ledger.read(whole / "manifest.jsonl").lines
        if line["kind"] == "chunk"
    }
    for turn in range(corruptions):
        folder = tmp_path / str(turn)
        shutil.copytree(whole, folder)
        what = damage(folder, random)
        hit = {
            name
            for name, sha in listed.items()
            if not (folder / name).is_file()
            or hashlib.sha256((folder / name).read_bytes()).hexdigest() != sha
        }
        manifest_hit = (folder / "manifest.jsonl").is_file() is False or (
            folder / "manifest.jsonl"
        ).read_bytes() != (whole / "manifest.jsonl").read_bytes()
        store = Store.open(folder)
        found = store.verify()
        assert found, what
        assert hit <= {finding.file for finding in found}, what
        still = set(Store.open(folder).chunks)
        store.mend()
        flown = {f"chunks/{index:06d}.parquet" for index in fill(store)}
        if not manifest_hit:
            assert flown == hit, what
        else:  # a chunk that the manifest no longer lists is flown again too, nothing else
            assert flown <= hit | {name for name in listed if int(name[7:13]) not in still}, what
        assert Store.open(folder).verify() == [], what
        assert Store.open(folder).digest() == digest, what
        shutil.rmtree(folder)


def test_a_torn_last_line_is_left_out_and_the_next_one_is_whole(tmp_path: pathlib.Path) -> None:
    store = Store.create(tmp_path / "torn", IDENTITY, TEXT)
    store.add(0, content(0, range(8)), {})
    store.add(1, content(1, range(8, 16)), {})
    manifest = tmp_path / "torn" / "manifest.jsonl"
    manifest.write_bytes(manifest.read_bytes()[:-5])
    again = Store.open(tmp_path / "torn")
    assert sorted(again.chunks) == [0]
    again.add(1, content(1, range(8, 16)), {})
    assert sorted(Store.open(tmp_path / "torn").chunks) == [0, 1]


def test_two_processes_do_not_write_one_store(whole: pathlib.Path) -> None:
    with (
        Store.open(whole).working(),
        pytest.raises(BadInput, match="another process"),
        Store.open(whole).working(),
    ):
        pass
    with Store.open(whole).working():
        pass


def test_a_decided_study_ends_where_it_was_decided(tmp_path: pathlib.Path) -> None:
    store = Store.create(tmp_path / "decided", IDENTITY, TEXT)
    for index in range(6):
        store.add(index, content(index, store.cases_of(index)), {})
    store.decide(32)
    again = Store.open(tmp_path / "decided")
    assert again.complete
    assert again.count == 32
    assert len(again.column("case")) == 32
    assert len(list((tmp_path / "decided" / "chunks").iterdir())) == 4


def test_what_holds_no_ensemble_is_refused(tmp_path: pathlib.Path) -> None:
    with pytest.raises(BadInput, match="holds no ensemble"):
        Store.open(tmp_path)
    Store.create(tmp_path / "x", IDENTITY, TEXT)
    (tmp_path / "x" / "manifest.jsonl").unlink()
    with pytest.raises(BadInput, match="does not say what this ensemble is"):
        Store.open(tmp_path / "x")


def test_what_differs_is_named() -> None:
    other = {**IDENTITY, "seed": 2, "versions": {"jax": "2"}}
    assert identity_problem(IDENTITY, IDENTITY) == []
    assert identity_problem(IDENTITY, other) == [
        "seed was 1 and is 2",
        'versions.jax was "1" and is "2"',
    ]
