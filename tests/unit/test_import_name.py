"""Modules are called `splinternet.*`; a user's own `sim` is no harm; `import sim` works in a clone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


def python(folder: Path, code: str) -> subprocess.CompletedProcess[str]:
    script = folder / "script.py"
    script.write_text(code)
    return subprocess.run([sys.executable, str(script)], cwd=folder, capture_output=True, text=True)


def test_both_names_are_one_package() -> None:
    import sim
    import splinternet as sn
    from sim.errors import InputError

    assert sim is sn and InputError is sn.InputError
    assert InputError.__module__ == "splinternet.errors"
    assert [name for name in dir(sn) if not name.startswith("__")] == sorted(sn.__all__)


@pytest.mark.parametrize("name", ["sim", "splinternet"])
def test_both_names_are_commands(name: str) -> None:
    ran = subprocess.run([sys.executable, "-m", name, "--version"], capture_output=True, text=True)
    assert ran.stdout.startswith("splinternet "), ran.stderr


def test_a_wrong_name_gets_a_hint() -> None:
    import splinternet as sn

    with pytest.raises(AttributeError, match="module 'splinternet' has no attribute 'rnu'; did you mean 'run'"):
        _ = sn.rnu
    with pytest.raises(sn.InputError):
        sn.load({})


def test_a_file_sim_beside_the_script_is_no_harm(tmp_path: Path) -> None:
    (tmp_path / "sim.py").write_text("raise RuntimeError('not this one')\n")
    ran = python(tmp_path, "import splinternet as sn\nprint(sn.load('baseline_2020').title)\n")
    assert ran.returncode == 0, ran.stderr


def test_another_sim_loaded_before_is_no_harm(tmp_path: Path) -> None:
    (tmp_path / "sim.py").write_text("mine = 1\n")
    code = "import sim\nimport splinternet as sn\nfrom splinternet.errors import InputError\nprint(sim.mine, sn.load)\n"
    ran = python(tmp_path, code)
    assert ran.stdout.startswith("1 <function load"), ran.stderr
