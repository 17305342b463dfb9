"""``import sim`` in a clone: another name of ``splinternet``, with the same modules."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, spec_from_loader
from pathlib import Path
from types import ModuleType
from typing import Any


class Alias(MetaPathFinder, Loader):
    """Finds ``sim.x`` as ``splinternet.x``, so that a class is not loaded twice."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Return a specification for a module of ``sim``, None for any other."""
        return spec_from_loader(name, self) if name.startswith("sim.") else None

    def get_code(self, name: str) -> Any:
        """Return the code of a module, for ``python -m sim``."""
        spec = find_spec("splinternet" + name.removeprefix("sim"))
        return spec.loader.get_code(spec.name) if spec and spec.loader else None  # type: ignore[attr-defined]

    def exec_module(self, module: ModuleType) -> None:
        """Put the module of ``splinternet`` in the place of the new, empty one."""
        sys.modules[module.__name__] = import_module(
            "splinternet" + module.__name__.removeprefix("sim")
        )


if find_spec("splinternet") is None:  # the clone is on the path, but not installed
    sys.path.append(str(Path(__file__).parent))
sys.modules["sim"] = import_module("splinternet")
sys.meta_path.insert(0, Alias())
