"""Scripts of the docs and the studies, which no package holds, as modules."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]


def script(place: str, name: str = "") -> ModuleType:
    """Return a script as a new module.

    Parameters
    ----------
    place : str
        Where it is, such as ``pages/explorer.py``.
    name : str
        Name of the module; by default ``docs_explorer``.
    """
    beside = str((ROOT / place).parent)
    if beside not in sys.path:  # as Python does for a script that it runs
        sys.path.append(beside)
    name = name or place.removesuffix(".py").replace("/", "_")
    spec = importlib.util.spec_from_file_location(name, ROOT / place)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module
