"""What the tests share is in ``tests/helpers/shared.py``. Here are the order of files, and where the
rest is loaded: not in the process that only hands tests out, as that takes three seconds.
"""

from __future__ import annotations

import gc
from importlib import import_module
from typing import Any

import kept_bytecode  # noqa: F401 - first, for what is imported after it
import pytest

gc.disable()  # until all files are read: what they hold stays

FIRST = ("test_reference", "test_plots", "test_live", "test_report")
"""Long files, to begin with. The first compiles the kernels; the second needs none, and runs beside
it meanwhile.
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start with the long files, so that no process ends with one while the others have nothing
    left to do.
    """
    items.sort(
        key=lambda item: FIRST.index(item.path.stem) if item.path.stem in FIRST else len(FIRST)
    )


def pytest_collection_finish() -> None:
    """Let Python look through objects again, ten times less often than it would: runs look through
    what they made themselves.
    """
    gc.freeze()
    gc.unfreeze()  # what is there counts as old
    gc.enable()
    young, middle, old = gc.get_threshold()
    gc.set_threshold(10 * young, middle, old)


def pytest_configure(config: pytest.Config) -> None:
    """Load the fixtures where tests run."""
    if hasattr(config, "workerinput") or not config.getoption("numprocesses", 0):
        config.pluginmanager.import_plugin("shared")


def __getattr__(name: str) -> Any:
    """Return what the tests import from here."""
    if name.startswith(("pytest", "_")):
        raise AttributeError(name)
    return getattr(import_module("shared"), name)
