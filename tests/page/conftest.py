"""A browser without a network, and reports to open in it; skipped where there is no Chromium."""

import contextlib
import pathlib
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import anabasis
from anabasis.campaign import folder as folders
from anabasis.viewer import report

FLAGS = [
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--no-sandbox",
    "--enable-precise-memory-info",
]


@pytest.fixture(scope="session")
def written(flown, tmp_path_factory) -> pathlib.Path:
    """The folder of the default march, with its report."""
    if not report.has_page():
        pytest.skip("installed without the page (ANABASIS_WITHOUT_PAGE)")
    folder = tmp_path_factory.mktemp("runs") / "march"
    folders.write_run(folder, flown("february-2022"), anabasis.load("february-2022"))
    report.write_report(folder)
    return folder


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
