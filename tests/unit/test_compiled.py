"""Kernels are compiled once, kept apart from what users compile, and never stale."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numba
import pytest

from splinternet.cli import runs
from splinternet.core import kernels
from splinternet.core.chance import uniform


def test_a_run_is_the_first_until_the_visits_are_compiled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernels, "CACHE", tmp_path)
    assert kernels.is_first_run()
    (tmp_path / "visit.visit_all-splinternet.people.visit-40.py313.nbi").write_bytes(b"")
    assert not kernels.is_first_run()


@pytest.mark.parametrize("first", [True, False])
def test_the_first_run_says_that_it_compiles(
    first: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("splinternet.core.kernels.is_first_run", lambda: first)
    runs.announce_compiling()
    assert ("compiles the model" in capsys.readouterr().err) is first


MINE = """
import numba
before = dict(vars(numba.config))
import splinternet.engine.model
from splinternet.people.choice import find_due
assert dict(vars(numba.config)) == before

@numba.njit(cache=True)
def double(x):
    return 2 * x

double(1)
print(double.stats.cache_path, find_due.stats.cache_path)
"""


def test_a_users_own_compiled_function_is_kept_where_numba_puts_it(tmp_path: Path) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text(MINE)
    settings = {k: v for k, v in os.environ.items() if k != "NUMBA_CACHE_DIR"} | {
        "XDG_CACHE_HOME": str(tmp_path / "x")
    }
    settings["PYTHONPATH"] = os.pathsep.join(sys.path)
    printed = subprocess.run(
        [sys.executable, mine], env=settings, capture_output=True, text=True, check=True
    ).stdout
    own, kernels = map(Path, printed.split())
    assert own == tmp_path / "__pycache__"
    assert kernels.parent == tmp_path / "x" / "splinternet"


def test_compiled_code_is_never_stale_and_a_folder_that_cannot_be_written_is_no_obstacle(
    tmp_path: Path,
) -> None:
    package = tmp_path / "splinternet"
    shutil.copytree(
        Path(kernels.__file__).parents[1], package, ignore=shutil.ignore_patterns("__pycache__")
    )
    look = "from splinternet.core.kernels import CACHE; print(CACHE)"
    (tmp_path / "file").write_text("")  # where no folder can be made

    def folder() -> Path:
        env = {k: v for k, v in os.environ.items() if k != "NUMBA_CACHE_DIR"} | {
            "PYTHONPATH": str(tmp_path)
        }
        env["XDG_CACHE_HOME"] = str(tmp_path / "file")
        done = subprocess.run(
            [sys.executable, "-c", look],
            env=env,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        )
        return Path(done.stdout.strip())

    before = folder()
    assert before.is_dir() and tmp_path not in before.parents
    value = package / "people" / "value.py"  # `look_at` in another file calls what is here
    value.write_text(value.read_text().replace("1.5", "1.25"))
    assert folder() != before


def test_a_function_for_kernels_refuses_a_call_from_python() -> None:
    # It has no way in from Python, and numba would end the process.
    assert numba.njit(lambda key, who: uniform(key, who))(1, 2) < 1.0
    with pytest.raises(TypeError, match="uniform is compiled for other compiled functions"):
        uniform(1, 2)  # type: ignore[arg-type]
