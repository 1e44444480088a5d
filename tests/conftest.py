"""How the tests are run: shapes and dtypes checked, ranks never promoted, figures witnessed."""

from __future__ import annotations

import json
import os
import pathlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

ROOT = pathlib.Path(__file__).parent.parent

os.environ.setdefault("JAX_PLATFORMS", "cpu")
# one cache of compiled programs for all tests, also for those that start a process of their own
os.environ.setdefault("ANABASIS_CACHE", str(ROOT / ".cache" / "programs"))

import jax  # noqa: E402
import pytest  # noqa: E402
from jaxtyping import install_import_hook  # noqa: E402

install_import_hook("anabasis", "beartype.beartype")  # stays: rooms are imported lazily

import anabasis  # noqa: E402
from anabasis.mechanics import compiled  # noqa: E402

if TYPE_CHECKING:
    from anabasis.campaign.journey import Journey

jax.config.update("jax_numpy_rank_promotion", "raise")
jax.config.update("jax_numpy_dtype_promotion", "strict")


MOST_MEMORY = 2_500_000_000
"""What a process of tests may hold [bytes] before it lets its compiled programs go: one that held
several times as much was aborted by the compiler."""


@pytest.fixture(scope="module", autouse=True)
def programs_let_go() -> Iterator[None]:
    """Let go of compiled programs between files of tests where they have become many."""
    yield
    held = pathlib.Path("/proc/self/statm")
    if held.exists() and int(held.read_text().split()[1]) * os.sysconf("SC_PAGESIZE") > MOST_MEMORY:
        compiled._programs.clear()
        jax.clear_caches()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record", action="store_true", help="rewrite what the witnesses said")
    parser.addoption("--witnessed", default=None, help="folder for the figures of the truth tests")


@pytest.fixture
def record(request: pytest.FixtureRequest) -> bool:
    """True where the answers of a witness are to be written down anew."""
    return bool(request.config.getoption("--record"))


@pytest.fixture(scope="session")
def shared() -> pathlib.Path:
    """The folder of large public tables; a test that needs it skips where it is not."""
    folder = pathlib.Path(os.environ.get("ANABASIS_SHARED", ROOT.parent / "shared"))
    if not (folder / "data").is_dir():
        pytest.skip("the large public tables are not here (ANABASIS_SHARED)")
    return folder


@pytest.fixture
def witness(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Compare a figure with what a witness says, and write both down for docs/validation.md."""

    def compare(
        *,
        case: str,
        quantity: str,
        unit: str,
        expected: float,
        measured: float,
        tolerance: float,
        source: str,
        reason: str,
    ) -> None:
        measured = float(measured)
        row = {
            "file": pathlib.Path(request.node.path).name,
            "test": request.node.name,
            "case": case,
            "quantity": quantity,
            "unit": unit,
            "expected": float(expected),
            "measured": measured,
            "tolerance": float(tolerance),
            "source": source,
            "reason": reason,
        }
        folder = request.config.getoption("--witnessed")
        if folder:
            path = pathlib.Path(folder)
            path.mkdir(parents=True, exist_ok=True)
            with open(path / f"{os.getpid()}.jsonl", "a", encoding="utf-8") as stream:
                stream.write(json.dumps(row) + "\n")
        assert abs(measured - expected) <= tolerance, (
            f"{case}: {quantity} is {measured:.9g} {unit}, "
            f"expected {expected:.9g} +- {tolerance:.3g} ({source})"
        )

    return compare


@pytest.fixture(scope="session")
def root() -> pathlib.Path:
    """The folder of the checkout."""
    assert anabasis.__version__
    return ROOT


@pytest.fixture(scope="session")
def flown() -> Callable[[str], Journey]:
    """Scenarios of the shelf as they fly, with their tracks: each flown once and then kept."""
    journeys: dict[str, Journey] = {}

    def fly(name: str) -> Journey:
        if name not in journeys:
            journeys[name] = anabasis.fly(name, track=True)
        return journeys[name]

    return fly
