"""The folder of an ensemble is one table in other tools: the examples of the docs, each run."""

from __future__ import annotations

import pathlib
import re
import subprocess
import sys

import numpy as np
import pytest

from anabasis.studies import ensemble as ensembles

HERE = pathlib.Path(__file__).parent
SCENARIO = {
    "extends": "mars2020-entry",
    "name": "dispersed-entry",
    "dispersion": [{"path": "capsule.mass_kg", "sigma_percent": 1.0}],
}


@pytest.fixture(scope="module")
def entries(tmp_path_factory: pytest.TempPathFactory) -> ensembles.Ensemble:
    folder = tmp_path_factory.mktemp("readers")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(HERE))
        return ensembles.disperse(
            SCENARIO, 100, chunk=16, workers=1, out=folder / "entries", flyer="flyers:Entries"
        )


@pytest.mark.parametrize(
    "reader",
    [
        "pyarrow",
        *(pytest.param(name, marks=pytest.mark.truth) for name in ("pandas", "polars", "duckdb")),
        pytest.param("dask", marks=pytest.mark.truth),
    ],
)
def test_the_example_of_the_docs_reads_the_whole_table(
    reader: str, entries: ensembles.Ensemble, root: pathlib.Path
) -> None:
    text = (root / "docs" / "ensembles.md").read_text(encoding="utf-8")
    section = text.partition("### In other tools")[2].partition("\n## ")[0]
    blocks = re.findall(r"```python\n(.*?)```", section, flags=re.DOTALL)
    (code,) = [block for block in blocks if block.startswith(f"import {reader}")]
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=entries.folder.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lost = sum(outcome != "" for outcome in entries.column("outcome"))
    worst = np.nanmax(entries.column("entry.peak_deceleration_g"))
    words = ["100", str(lost), f"{worst:.4f}"]
    assert lost == 8
    assert done.stdout.split() == words + (["g"] if reader == "pyarrow" else [])
