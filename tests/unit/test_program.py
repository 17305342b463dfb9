"""One program, one identity: the version and the commit, in a clone, an archive and a wheel."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

import splinternet as sn
from splinternet.core import program
from splinternet.results import manifest

ROOT = Path(__file__).resolve().parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def git(folder: Path, *words: str) -> str:
    who = ("-c", "user.name=nobody", "-c", "user.email=nobody@example.org")
    done = subprocess.run(
        ["git", "-C", str(folder), *who, *words], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def known(folder: Path, name: str = "commit") -> str:
    """Return what the program in a folder says of itself, in a Python of its own."""
    code = f"import runpy; print(runpy.run_path('core/program.py')['{name}']())"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A small repository with the part of the program that knows its name."""
    folder = tmp_path / "clone"
    (folder / "sim" / "core").mkdir(parents=True)
    shutil.copy(ROOT / "sim" / "core" / "program.py", folder / "sim" / "core")
    for name in ("COMMIT", ".gitattributes"):
        shutil.copy(ROOT / name, folder)
    (folder / "pyproject.toml").write_text('[project]\nversion = "7.8.9"\n')
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "first")
    return folder


def test_the_version_is_in_one_place() -> None:
    assert (
        sn.__version__
        == program.version()
        == manifest.about(sn.load("baseline_2020"), [1])["version"]
    )
    assert sn.__version__ == PROJECT["version"]
    cited = YAML(typ="safe").load((ROOT / "CITATION.cff").read_text())
    assert (
        cited["version"] == PROJECT["version"]
        and cited["repository-code"] == PROJECT["urls"]["Source"]
    )
    assert re.search(
        rf"^## {re.escape(PROJECT['version'])} - ",
        (ROOT / "CHANGELOG.md").read_text(),
        re.MULTILINE,
    )


def test_a_tag_of_this_commit_is_the_version() -> None:
    if not (ROOT / ".git").exists():
        assert not program.commit().endswith("+")
        return
    tags = [
        tag
        for tag in git(ROOT, "tag", "--points-at", "HEAD").split()
        if re.fullmatch(r"v\d.*", tag)
    ]
    assert tags in ([], [f"v{PROJECT['version']}"])


def test_a_clone_knows_its_commit_and_whether_it_was_changed(clone: Path) -> None:
    head = git(clone, "rev-parse", "HEAD")
    assert (known(clone / "sim"), known(clone / "sim", "version")) == (head, "7.8.9")
    (clone / "notes.md").write_text("not the program")
    assert known(clone / "sim") == head
    (clone / "sim" / "own.py").write_text("x = 1\n")
    assert known(clone / "sim").startswith(f"{head}+")
    source = (clone / "sim" / "core" / "program.py").read_text()
    edited = []
    for text in ("x = 2\n", "x = 3\n", "x = 2\n"):
        (clone / "sim" / "core" / "program.py").write_text(f"{source}{text}")
        edited.append(known(clone / "sim"))
    assert edited[0] == edited[2] != edited[1], "an edit is another program, and undone it is not"


def test_an_archive_of_the_repository_knows_its_commit(clone: Path, tmp_path: Path) -> None:
    made = tmp_path / "made"
    made.mkdir()
    git(clone, "archive", "-o", str(tmp_path / "made.tar"), "HEAD")
    shutil.unpack_archive(tmp_path / "made.tar", made, filter="data")
    assert known(made / "sim") == git(clone, "rev-parse", "HEAD")
    shutil.copy(ROOT / "COMMIT", made)  # copied, not exported
    assert known(made / "sim") == ""


def test_a_run_keeps_the_commit_it_was_made_by(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(manifest, "commit", lambda: "a" * 40)
    small: dict[str, Any] = {"people": 1_000, "days": 2, "seeds": 1, "jobs": 1}
    run = sn.run("wechat_as_ordered", out=tmp_path / "run", **small)
    monkeypatch.setattr(manifest, "commit", lambda: "b" * 40)
    again = sn.open(tmp_path / "run")
    assert (
        json.loads((tmp_path / "run" / "manifest.json").read_text())["commit"]
        == again.commit
        == "a" * 40
    )
    assert again.run_id == run.run_id, "what is read back stays the work of its program"
    footer = " ".join(text.get_text() for text in again.plot("family_contact").texts)
    assert "(commit aaaaaaaa)" in " ".join(footer.split())
    monkeypatch.setattr(manifest, "commit", lambda: "")
    assert manifest.about(run.scenario, [1])["run_id"] != run.run_id


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the wheel of this clone holds."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(["uv", "build", "-q", "--wheel", "-o", str(folder)], cwd=ROOT, check=True)
    (built,) = folder.glob("*.whl")
    zipfile.ZipFile(built).extractall(folder)
    return folder


def test_the_wheel_is_the_same_program(wheel: Path) -> None:
    names = {path.relative_to(wheel).as_posix() for path in wheel.rglob("*") if path.is_file()}
    wanted = {
        "splinternet/py.typed",
        "splinternet/__main__.py",
        "splinternet/scenarios/wechat_as_ordered.yaml",
    }
    assert wanted <= names and not [name for name in names if name.startswith("sim/")]
    assert not [
        name for name in names if name.startswith("splinternet/scenarios/") and name.endswith(".py")
    ]
    said = "import json; from splinternet.results import manifest as m; import splinternet as sn; "
    said += "print(json.dumps([m.facts_hash(), m.commit(), sn.__version__]))"
    done = subprocess.run(
        [sys.executable, "-P", "-c", said],
        capture_output=True,
        text=True,
        cwd=wheel,
        env=beside(wheel),
        check=True,
    )
    here = [manifest.facts_hash(), program.commit(), sn.__version__]
    assert json.loads(done.stdout) == here


def beside(wheel: Path) -> dict[str, str]:
    """Return the environment of a Python that finds the package of the wheel first."""
    return {**os.environ, "PYTHONPATH": str(wheel)}
