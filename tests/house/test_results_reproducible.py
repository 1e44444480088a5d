"""The same scenario, flown in two processes, gives the same files byte for byte."""

from __future__ import annotations

import pathlib
import subprocess
import sys

import pytest

from anabasis.exchange.parquet import read_table


def fly(name: str, folder: pathlib.Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "anabasis", "fly", name, "--json", "--out", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("name", ["har-open-loop", "mars2020-entry"])
def test_results_reproducible(name: str, tmp_path: pathlib.Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    assert fly(name, one) == fly(name, two)
    names = sorted(str(path.relative_to(one)) for path in one.rglob("*") if path.is_file())
    assert names == sorted(str(path.relative_to(two)) for path in two.rglob("*") if path.is_file())
    for path in names:
        if path.endswith(".parquet"):
            first, second = read_table(one / path), read_table(two / path)
            assert list(first) == list(second)
            assert all((first[column] == second[column]).all() for column in first)
        else:
            assert (one / path).read_bytes() == (two / path).read_bytes(), path
