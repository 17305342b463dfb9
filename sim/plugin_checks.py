"""Checks when the file of an item is loaded: whether it has all definitions, under the right names."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Iterable, Iterator, Mapping
from types import ModuleType

from sim.errors import Problem

_ALIKE = 0.6
"""Similarity from which a name counts as a misspelt one: the default of `difflib`."""


def faults_of(
    module: ModuleType, constants: Mapping[str, tuple[type, str]], hooks: Mapping[str, tuple[str, ...]]
) -> Iterator[Problem]:
    """Yield what the file of an item lacks: constants and functions that it must define.

    Parameters
    ----------
    module : module
        The file, imported.
    constants : mapping of str to (type, str)
        Each constant with the type of its value, and an example.
    hooks : mapping of str to tuple of str
        Each function with the names of its arguments, in order.
    """
    place, own = file_of(module), [name for name in vars(module) if not name.startswith("_")]
    for name, (kind, example) in constants.items():
        value = getattr(module, name, None)
        if name not in own:
            yield Problem(place, f"no {name}", example, nearest(name, [x for x in own if x.isupper()]))
        elif not isinstance(value, kind) or isinstance(value, bool) is not (kind is bool):
            yield Problem(place, f"{name} is {value!r}", example)
    for name, arguments in hooks.items():
        wanted, hook = f"def {name}({', '.join(arguments)})", getattr(module, name, None)
        if not inspect.isfunction(hook):
            functions = [x for x in own if inspect.isfunction(vars(module)[x])]
            yield Problem(place, f"no function {name}", wanted, nearest(name, functions))
        elif len(inspect.signature(hook).parameters) != len(arguments):
            yield Problem(place, f"def {name}{inspect.signature(hook)}", wanted)


def nearest(name: str, others: Iterable[str]) -> str:
    """Return ``did you mean ... by 'X'?`` for a name that looks like a misspelt one; empty where there is none."""
    close = difflib.get_close_matches(name, list(others), n=1, cutoff=_ALIKE)
    return f"did you mean '{name}' by '{close[0]}'?" if close else ""


def file_of(module: ModuleType) -> str:
    """Return the file of a module; its name where Python code made it."""
    return getattr(module, "__file__", None) or module.__name__
