"""The import name of the project: ``import splinternet as sn``.

The code is in the package ``sim``. This package loads it from its own folder, so that a file ``sim.py`` of the user
does not shadow it, and offers the same names.
"""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim import *  # noqa: F403

_HERE = Path(__file__).resolve().parent
_HOME = _HERE.parent.parent if _HERE.parent.name == "import_name" else _HERE.parent / "sim"
"""The folder of ``sim``: around this package in a clone, beside it where the wheel is installed."""


def _load() -> ModuleType:
    """Return the package ``sim`` of this project, loaded when it is not yet."""
    known = sys.modules.get("sim")
    if known is not None:
        file = getattr(known, "__file__", None) or ""
        if Path(file).resolve().parent == _HOME:
            return known
        raise ImportError(
            f"splinternet needs the module name 'sim', which {file or 'another module'} has taken. "
            "Import splinternet first, or rename that module."
        )
    spec = spec_from_file_location("sim", _HOME / "__init__.py", submodule_search_locations=[str(_HOME)])
    if spec is None or spec.loader is None:
        raise ImportError(f"the package 'sim' is not in {_HOME}")
    package = module_from_spec(spec)
    sys.modules["sim"] = package
    try:
        spec.loader.exec_module(package)
    except BaseException:
        del sys.modules["sim"]
        raise
    return package


_sim = _load()
__all__ = list(_sim.__all__)
__version__: str = _sim.__version__


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        """Return a public name of ``sim``, loaded when it is first used."""
        return getattr(_sim, name)


def __dir__() -> list[str]:
    return dir(_sim)
