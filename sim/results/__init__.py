"""Results of a run as numbers: tables, arrays, run folder. Modules are imported on first use."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .folder import RunFolder, read_member, write_member
    from .manifest import default_folder
    from .panel import ArmData, Axes
    from .result import Result, open_run

_HOMES = {
    "ArmData": "panel",
    "Axes": "panel",
    "Result": "result",
    "RunFolder": "folder",
    "default_folder": "manifest",
    "open_run": "result",
    "read_member": "folder",
    "write_member": "folder",
}

__all__ = [
    "ArmData",
    "Axes",
    "Result",
    "RunFolder",
    "default_folder",
    "open_run",
    "read_member",
    "write_member",
]


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used: the engine needs `panel` alone, and no pandas."""
    if name not in _HOMES:
        raise AttributeError(f"module 'splinternet.results' has no attribute '{name}'")
    return getattr(import_module(f"splinternet.results.{_HOMES[name]}"), name)
