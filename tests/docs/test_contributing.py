"""What contributors find: one fast command, hooks, a workflow on each supported Python; no test is
skipped, but for want of a browser.
"""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path
from typing import Any

import fast
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]
TESTS = sorted((ROOT / "tests").rglob("*.py"))


def read(name: str) -> Any:
    return YAML(typ="safe").load((ROOT / name).read_text(encoding="utf-8"))


def test_every_fast_test_is_there() -> None:
    assert [len(list((ROOT / "tests").glob(f"*/test_{name}.py"))) for name in fast.FAST] == [
        1
    ] * len(fast.FAST)


def skips(text: str) -> list[int]:
    """Return the lines of a module on which it skips a test, or expects one to fail."""
    named = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Attribute)]
    skipping = [node for node in named if "skip" in node.attr.lower() or node.attr == "xfail"]
    return sorted(
        node.lineno
        for node in skipping
        if ast.unparse(node).partition(".")[0] in ("pytest", "unittest")
    )


def test_no_test_is_skipped_but_for_want_of_a_browser() -> None:
    # The names are put in apart, so that a plain search for skipped tests finds none here.
    sample = "x = 1\npytest.{}()\n@pytest.mark.{}\ndef f(): pass\n".format(*("skip", "xfail"))
    assert skips(sample) == [2, 3]
    found = {
        path.relative_to(ROOT).as_posix(): skips(path.read_text(encoding="utf-8")) for path in TESTS
    }
    skipping = {name: len(lines) for name, lines in found.items() if lines}
    assert skipping == {"tests/helpers/browser.py": 1}, "for want of a browser, on a user's machine"


def test_continuous_integration_calls_the_same_script_on_every_supported_python() -> None:
    workflow = read(".github/workflows/ci.yml")
    (job,) = workflow["jobs"].values()
    assert [step["run"] for step in job["steps"] if "run" in step] == [".ci/run"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = [
        match[1]
        for each in project["classifiers"]
        if (match := re.fullmatch(r".*Python :: (3\.\d+)", each))
    ]
    assert job["strategy"]["matrix"]["python"] == named
    assert project["requires-python"] == f">={named[0]}"


def test_hooks_run_what_continuous_integration_runs_and_fetch_nothing() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    for repository in read(".pre-commit-config.yaml")["repos"]:
        assert repository["repo"] == "local"
        for hook in repository["hooks"]:
            assert hook["entry"] in script and hook["language"] == "system"
