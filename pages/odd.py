"""The lists of the page in ODD form, read from the classes, dtypes, kernels' comments and files of the model."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable
from importlib import import_module
from typing import Any

_FIELD = re.compile(r'^\s+\("(?P<name>\w+)", (?P<type>.+?)\),(?:\s+# (?P<note>.+))?$', re.MULTILINE)
_ATTRIBUTE = re.compile(r"^(?P<names>[\w, ]+?)(?: : (?P<kind>.+))?$")


def _file(module: str) -> str:
    """Return the file of a module of ``splinternet``, which the folder ``sim`` holds."""
    return f"sim/{module.removeprefix('splinternet.').replace('.', '/')}.py"


def entities() -> str:
    """Return the kinds of entities, how they are held and what they decide."""
    text = ""
    for name, (module, found, held) in _ENTITIES.items():
        doc = (inspect.getdoc(getattr(import_module(module), found)) or "").split("\n")[0]
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
    """Return the state variables of a person: the fields of its row."""
    return _fields("PERSON")


def cell() -> str:
    """Return the state variables of a state and a platform: the access table as the kernels read it."""
    return _fields("CELL")


def _fields(name: str) -> str:
    """Return the fields of a dtype of the kernels, with the comments beside them."""
    settings = import_module("splinternet.people.kernel_types")
    dtype = getattr(settings, name)
    notes = {**_notes_of_access(), **{f: note for f, note in _notes(inspect.getsource(settings), name).items() if note}}
    rows = [(f"`{field}`", _kind(dtype.fields[field][0]), notes.get(field) or "-") for field in dtype.names]
    return "".join(f"- {variable} ({kind}): {meaning}\n" for variable, kind, meaning in rows)


def _notes_of_access() -> dict[str, str]:
    """Return what each column of the access table means: the kernels' rows hold the same columns."""
    notes = {}
    for names, _, meaning in _attributes(import_module("splinternet.people.access").AccessTable):
        notes.update({name.strip(" `"): meaning.rstrip(".") for name in names.split(",")})
    return notes


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


def _attributes(cls: type) -> list[tuple[str, str, str]]:
    """Return (name, type, meaning) of each attribute that a class's docstring lists."""
    lines = (inspect.getdoc(cls) or "").split("Attributes\n----------\n")[-1].splitlines()
    rows: list[tuple[str, str, str]] = []
    for line in lines:
        if line.startswith(" "):
            names, kind, text = rows[-1]
            rows[-1] = (names, kind, f"{text} {line.strip()}".strip())
        elif match := _ATTRIBUTE.match(line):
            names = ", ".join(f"`{name.strip()}`" for name in match["names"].split(","))
            rows.append((names, match["kind"] or "", ""))
    return [(names, kind, _plain(text) or "-") for names, kind, text in rows]


def _plain(text: str) -> str:
    """Return a line of a docstring as Markdown."""
    return re.sub(r":\w+:`~?([\w.]+)`", r"`\1`", text).replace("``", "`")


PARTS: dict[str, Callable[[], str]] = {
    "odd cell": cell,
    "odd entities": entities,
    "odd person": person,
}
