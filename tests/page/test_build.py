"""How the page gets into wheels: the same every time, with its licences, or left out."""

import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import zipfile

import pytest

from anabasis.viewer import report


def test_the_bundle_carries_the_licences_of_what_is_in_it():
    if not report.has_page():
        pytest.skip("installed without the page (ANABASIS_WITHOUT_PAGE)")
    text = report.read_bundle()["THIRD_PARTY.txt"]
    assert "three 0." in text
    assert "uplot 1." in text
    assert text.count("Permission is hereby granted, free of charge") == 2


def test_the_stamp_follows_every_source(root, tmp_path):
    sys.path.insert(0, str(root))
    try:
        hook = pytest.importorskip("hatch_build", reason="hatchling is not installed")
    finally:
        sys.path.remove(str(root))
    page = tmp_path / "page"
    shutil.copytree(root / "page", page, ignore=shutil.ignore_patterns("node_modules"))
    first = hook.stamp(page)
    (page / "node_modules").mkdir()
    (page / "node_modules" / "x.js").write_text("x")
    assert hook.stamp(page) == first
    (page / "src" / "words.ts").write_text("// changed")
    assert hook.stamp(page) != first


@pytest.mark.truth
def test_two_builds_give_the_same_bytes(root, node, tmp_path):
    vite = root / "page" / "node_modules" / "vite" / "bin" / "vite.js"
    if node is None or not vite.is_file():
        pytest.skip("no Node of version 22, or the page was not built on this machine")
    made = []
    for name in ("a", "b"):
        # in folders of other names, so that no path gets into the bundle
        place = tmp_path / name / "page"
        shutil.copytree(root / "page", place, ignore=shutil.ignore_patterns("node_modules"))
        (place / "node_modules").symlink_to(root / "page" / "node_modules")
        subprocess.run(
            [str(node), str(vite), "build", "--outDir", str(tmp_path / name / "out")],
            cwd=place, check=True, capture_output=True,
        )  # fmt: skip
        made.append({f.name: f.read_bytes() for f in (tmp_path / name / "out").iterdir()})
    assert made[0] == made[1]
    assert set(made[0]) == {"page.js", "page.css"}
    assert str(root).encode() not in made[0]["page.js"]


@pytest.fixture
def clone(root, tmp_path):
    """The tracked files and the bundle, as an archive of the project is made from."""
    pytest.importorskip("hatchling", reason="hatchling is not installed")
    if not (root / ".git").exists() or not report.has_page():
        pytest.skip("no checkout with a built page")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=root, check=True, capture_output=True
    ).stdout
    place = tmp_path / "clone"
    for name in listed.decode().split("\0"):
        if name and (root / name).is_file():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, place / name)
    shutil.copytree(
        root / "src" / "anabasis" / "viewer" / "page",
        place / "src" / "anabasis" / "viewer" / "page",
    )
    return place


def build(place: pathlib.Path, what: str, out: pathlib.Path, **more: str) -> pathlib.Path:
    """Call the build backend as pip does, in a process of its own."""
    code = f"import hatchling.build as b; print(b.build_{what}({str(out)!r}))"
    out.mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=place, env=os.environ | more, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return out / done.stdout.split()[-1]


BUNDLE = ("page.js", "page.css", "THIRD_PARTY.txt")


@pytest.mark.truth
def test_source_distribution_and_wheel_carry_the_bundle(clone, tmp_path):
    with tarfile.open(build(clone, "sdist", tmp_path / "dist")) as archive:
        names = {n.split("/", 1)[1] for n in archive.getnames() if "/" in n}
        archive.extractall(tmp_path / "unpacked", filter="data")
    assert {f"src/anabasis/viewer/page/{n}" for n in BUNDLE} <= names
    assert not any("node_modules" in n for n in names)
    # a wheel made from the archive needs no Node: none is on the path
    (unpacked,) = (tmp_path / "unpacked").iterdir()
    with zipfile.ZipFile(build(unpacked, "wheel", tmp_path / "dist", PATH="/nowhere")) as wheel:
        names = set(wheel.namelist())
        text = wheel.read("anabasis/viewer/page/THIRD_PARTY.txt").decode()
    assert {f"anabasis/viewer/page/{n}" for n in BUNDLE} <= names
    assert "uplot" in text


@pytest.mark.truth
def test_without_the_page_it_installs_and_says_how_to_get_it(clone, written, tmp_path):
    shutil.rmtree(clone / "src" / "anabasis" / "viewer" / "page")
    wheel = build(clone, "wheel", tmp_path / "dist", ANABASIS_WITHOUT_PAGE="1", PATH="/nowhere")
    place = tmp_path / "installed"
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-deps",
         "--no-index", "--target", str(place), str(wheel)],
        check=True, capture_output=True,
    )  # fmt: skip
    run = shutil.copytree(written, tmp_path / "run")
    (run / report.NAME).unlink(missing_ok=True)
    done = subprocess.run(
        [sys.executable, "-m", "anabasis", "report", str(run)], capture_output=True, text=True,
        check=False, env=os.environ | {"PYTHONPATH": str(place)}, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 2, done.stdout
    assert "carries no page" in done.stderr
    assert "ANABASIS_WITHOUT_PAGE" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (run / report.NAME).exists()
