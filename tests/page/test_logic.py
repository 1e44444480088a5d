"""The page's own logic, tested by its own tests, where its tools are at hand."""

import os
import subprocess

import pytest


@pytest.mark.parametrize(
    "command",
    [["vitest/vitest.mjs", "run", "--environment", "node"], ["typescript/bin/tsc", "--noEmit"]],
    ids=["vitest", "types"],
)
def test_the_pages_own_tests_pass(root, command, node):
    modules = root / "page" / "node_modules"
    if node is None or not (modules / command[0]).is_file():
        pytest.skip("no Node of version 22, or the page was not built on this machine")
    done = subprocess.run(
        [str(node), str(modules / command[0]), *command[1:]],
        cwd=root / "page",
        env=os.environ | {"PATH": f"{node.parent}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
