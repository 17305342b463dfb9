"""Modules are called `splinternet.*`; a user's own `sim` is no harm; `import sim` works in a clone."""

from __future__ import annotations

import subprocess
import sys

import pytest


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

    with pytest.raises(
        AttributeError, match="module 'splinternet' has no attribute 'rnu'; did you mean 'run'"
    ):
        _ = sn.rnu
    with pytest.raises(sn.InputError):
        sn.load({})
