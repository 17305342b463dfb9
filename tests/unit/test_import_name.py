"""Modules are called `splinternet.*`; a user's own `sim` is no harm; `import sim` works in a clone."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from sim.results import manifest

ROOT = Path(__file__).resolve().parents[2]


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


def test_the_wheel_is_the_same_program(tmp_path: Path) -> None:
    subprocess.run(["uv", "build", "-q", "--wheel", "-o", str(tmp_path)], cwd=ROOT, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    wanted = {"splinternet/py.typed", "splinternet/__main__.py", "splinternet/scenarios/wechat_as_ordered.yaml"}
    assert wanted <= names and not [name for name in names if name.startswith("sim/")]
    assert not [name for name in names if name.startswith("splinternet/scenarios/") and name.endswith(".py")]
    zipfile.ZipFile(wheel).extractall(tmp_path)
    identity = "import json; from sim.results import manifest as m; print(json.dumps([m.code_hash(), m.data_hashes()]))"
    first = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import splinternet; "
    installed = subprocess.run(
        [sys.executable, "-P", "-c", first + identity], capture_output=True, text=True, cwd=tmp_path, check=True
    )
    assert json.loads(installed.stdout) == [manifest.code_hash(), manifest.data_hashes()]
