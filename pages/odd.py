"""The lists of the ODD page, from the classes, dtypes, comments and files of the model."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable
from importlib import import_module
from typing import Any

_FIELD = re.compile(r'^\s+\("(?P<name>\w+)", (?P<type>.+?)\),(?:\s+# (?P<note>.+))?$', re.MULTILINE)


def _file(module: str) -> str:
    """Return the file of a module of ``splinternet`` in the folder ``sim``."""
    return f"sim/{module.removeprefix('splinternet.').replace('.', '/')}.py"


def entities() -> str:
    """Return the kinds of entities, with their storage and their decisions."""
    text = ""
    for name, (module, found, held) in _ENTITIES.items():
        doc = " ".join(
            (inspect.getdoc(getattr(import_module(module), found)) or "")
            .partition("\n\n")[0]
            .split()
        )
        text += f"- **{name}** ({held}, `{_file(module)}`): {doc}\n"
    return text


_ENTITIES = {
    "state": ("splinternet.actors.agents", "State", "Mesa agent"),
    "platform": ("splinternet.actors.agents", "Platform", "Mesa agent"),
    "group": ("splinternet.world.groups", "Stratum", "record"),
    "people": ("splinternet.world.people", "People", "rows of a table"),
    "ties": ("splinternet.world.ties", "Ties", "compressed sparse rows"),
    "access": ("splinternet.people.access", "AccessTable", "arrays, state by platform"),
    "carrier": ("splinternet.facts.network", "CarrierFact", "record and node of a graph"),
}


def person() -> str:
    """Return the state variables of a person: the fields of a row, with their comments."""
    settings = import_module("splinternet.people.kernel_types")
    return _fields(settings, "PERSON")


def private() -> str:
    """Return the private state variables of a person, with their comments."""
    return _fields(import_module("splinternet.people.kernel_types"), "PRIVATE")


def tie() -> str:
    """Return the traits of a kin tie abroad, drawn on the first day."""
    doc = inspect.getdoc(import_module("splinternet.people.kernel_types").Bonds) or ""
    return "".join(
        f"- `{names.replace(', ', '`, `')}`: {' '.join(meaning.split())}\n"
        for names, meaning in _TRAIT.findall(doc + "\n")
    )


_TRAIT = re.compile(r"^([\w, ]+) : .+\n((?:    .+\n)+)", re.MULTILINE)


def _fields(settings: Any, name: str) -> str:
    """Return the fields of a dtype of a module, with their types and comments."""
    notes = _notes(inspect.getsource(settings), name)
    dtype = getattr(settings, name)
    rows = [
        (f"`{field}`", _kind(dtype.fields[field][0]), notes.get(field) or "-")
        for field in dtype.names
    ]
    return "".join(f"- {variable} ({kind}): {meaning}\n" for variable, kind, meaning in rows)


def cell() -> str:
    """Return the names of the state variables of a state and a platform: the columns of the access
    table.
    """
    return (
        ", ".join(
            f"`{name}`" for name in import_module("splinternet.people.kernel_types").CELL.names
        )
        + ".\n"
    )


def _notes(source: str, name: str) -> dict[str, str]:
    """Return the comment beside each field of a dtype."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == name:
            text = ast.get_source_segment(source, node) or ""
            return {m["name"]: m["note"] or "" for m in _FIELD.finditer(text)}
    raise LookupError(f"no dtype {name}")


def _kind(dtype: Any) -> str:
    """Return the type of a field, with its shape where it has one."""
    shape = "".join(f"[{n}]" for n in dtype.shape)
    return f"{dtype.base.name}{shape}"


PARTS: dict[str, Callable[[], str]] = {
    "odd cell": cell,
    "odd entities": entities,
    "odd person": person,
    "odd private": private,
    "odd tie": tie,
}
