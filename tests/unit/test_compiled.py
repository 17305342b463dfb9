"""The first run says that it compiles, and numba is not loaded to know it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numba
import pytest

from sim.chance import uniform
from sim.cli import runs

LOOK = "import sys; from sim import compiled; print(compiled.is_first_run(), 'numba' in sys.modules, compiled.CACHE)"


def look(cache: Path) -> list[str]:
    told = subprocess.run(
        [sys.executable, "-c", LOOK], env=os.environ | {"NUMBA_CACHE_DIR": str(cache)}, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    return told.stdout.split()


def test_a_run_is_the_first_until_the_visits_are_compiled(tmp_path: Path) -> None:
    first, loaded, folder = look(tmp_path)
    assert (first, loaded) == ("True", "False")
    kept = Path(folder) / "mechanisms_0" / "visit.visit_all-40.py313.nbi"
    kept.parent.mkdir()
    kept.write_bytes(b"")
    assert look(tmp_path)[:2] == ["False", "False"]


@pytest.mark.parametrize("first", [True, False])
def test_the_first_run_says_that_it_compiles(
    first: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sim.compiled.is_first_run", lambda: first)
    runs.announce_compiling()
    assert ("compiles the model" in capsys.readouterr().err) is first


def test_a_function_for_kernels_refuses_a_call_from_python() -> None:
    # It has no way in from Python, and numba would end the process.
    assert numba.njit(lambda key, who: uniform(key, who))(1, 2) < 1.0
    with pytest.raises(TypeError, match="uniform is compiled for other compiled functions"):
        uniform(1, 2)  # type: ignore[arg-type]
