"""A flown run in a folder, written once for the tests that read one."""

import pathlib
import shutil

import pytest

import anabasis
from anabasis.campaign import folder as folders


@pytest.fixture(scope="session")
def written(flown, tmp_path_factory) -> pathlib.Path:
    """The folder of the default march; tests that change it take a copy."""
    folder = tmp_path_factory.mktemp("runs") / "march"
    folders.write_run(folder, flown("february-2022"), anabasis.load("february-2022"))
    return folder


@pytest.fixture
def copied(written, tmp_path) -> pathlib.Path:
    """A copy of that folder to spoil."""
    return pathlib.Path(shutil.copytree(written, tmp_path / "run"))


@pytest.fixture(scope="session")
def entry_alone(flown, tmp_path_factory) -> pathlib.Path:
    """The folder of one entry, quickly flown."""
    folder = tmp_path_factory.mktemp("runs") / "entry"
    folders.write_run(folder, flown("mars2020-entry"), anabasis.load("mars2020-entry"))
    return folder
