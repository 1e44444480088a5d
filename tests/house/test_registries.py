"""No tracked file says where packages come from: a registry is the reader's own choice."""

import json
import re
import subprocess

ADDRESS = re.compile(
    rb"https?://[^\s\"'<>)]*(registry|pythonhosted|npmjs|npmmirror|/simple\b|/pypi\b)"
)


def test_no_tracked_file_holds_the_address_of_a_registry(root):
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=root, capture_output=True, check=False
    ).stdout
    paths = [root / name.decode() for name in listed.split(b"\0") if name]
    if not paths:  # an unpacked source distribution: look at what is there
        paths = [p for top in ("src", "page", "tests", "docs") for p in (root / top).rglob("*")]
    found = [p for p in paths if p.is_file() and ADDRESS.search(p.read_bytes())]
    assert found == []


def test_the_lock_file_pins_by_checksum_and_names_no_place(root):
    lock = json.loads((root / "page" / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: held for name, held in lock["packages"].items() if name}
    assert packages
    assert all(held["integrity"].startswith("sha512-") for held in packages.values())
    assert not any("resolved" in held for held in packages.values())
    assert "omit-lockfile-registry-resolved=true" in (root / "page" / ".npmrc").read_text()
