"""The Python reference on ``docs/python.md``, made from the docstrings of the public names."""

from __future__ import annotations

import inspect
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property
from types import ModuleType
from typing import Any

_SHARED = 4  # keywords that this many functions share are described once
_OWN = {
    "Model": "reset_rng active_today adopt anybody_changed begin_day condition connected decide "
    "end_day enforce losses person share_concerned users_today users_without_policies",
    "ArmDay": "begin",
    "Behaviour": "declared_in place",
    "PeopleRule": "declared_in place",
    "StatesAlone": "adopt date decide enforce losses share_concerned users_today",
    "Result": "cells chance_only focus kept_ties need stored_cells",
    "Scenario": "doubts drawn_from model_post_init note own_tables places platforms scene",
}
"""Class -> internal members, which are not part of the public interface."""
_GIVEN = ("Result", "Sizes")
"""Classes that users do not instantiate, or that are dictionaries."""
_RECEIVED = ("AccessTable", "ArmDay", "DayInForce", "State")
"""Classes that hooks of a user receive as arguments: not instantiated, but described fully."""
_ELSEWHERE = {
    "Policy": "[Scenario files](scenario-files.md#policies) has the keys, and [add an "
    "instrument](extend.md#more-hooks) the hooks and class variables.",
    "PolicyKeys": "It is `sn.Policy`, under the name that type hints use.",
}
"""Class -> reference to the page that describes its members."""
_SECTION = re.compile(r"^(\w[\w ]*)\n-{3,}$", re.MULTILINE)


def reference() -> str:
    """Return a section for each public name, in alphabetical order, modules last."""
    import splinternet as sn

    found = {name: getattr(sn, name) for name in sn.__all__}
    names = sorted(found, key=lambda name: (isinstance(found[name], ModuleType), name.lower()))
    text = {name: _of(name, found[name]) for name in names}
    said = Counter(
        line for each in text.values() for line in set(each.splitlines()) if line.startswith("- `")
    )
    shared = [line for line, number in said.items() if number >= _SHARED]
    front = "### Shared keywords\n\n" + "\n".join(sorted(shared)) + "\n\n"
    return (
        front
        + "\n\n".join(f"### sn.{name}\n\n{_without(text[name], shared)}" for name in names)
        + "\n"
    )


def _without(text: str, lines: Sequence[str]) -> str:
    """Return a text without the given lines at its start; only the first sentence of other items is
    kept.
    """
    kept = [line for line in text.splitlines() if line not in lines]
    return "\n".join(_first(line) if line.startswith("- `") else line for line in kept).strip()


def _of(name: str, value: Any) -> str:
    """Return the description of one name; for a second name of a class, a reference."""
    if isinstance(value, ModuleType):
        held = sorted(value.__all__)
        classes = [f"`{one}`" for one in held if isinstance(getattr(value, one), type)]
        return f"{_words(value)}\n\n{_members(value, held)}\n\nIts classes: {', '.join(classes)}."
    if not isinstance(value, type):
        return f"{_call(name, value)}\n\n{_words(value)}"
    if value.__name__ != name:
        return _ELSEWHERE[name]
    own = [
        part
        for part in dir(value)
        if not part.startswith("_") and any(part in vars(base) for base in _bases(value))
    ]
    is_made = not issubclass(value, Exception) and name not in (*_GIVEN, *_RECEIVED)
    about = [_call(name, value)] if is_made else []
    if name in _ELSEWHERE:
        return "\n\n".join(
            [*about, f"{_plain(_SECTION.split(inspect.getdoc(value) or '')[0])} {_ELSEWHERE[name]}"]
        )
    own = [part for part in own if part not in _OWN.get(name, "").split()]
    said = _first(inspect.getdoc(value) or "") if name in _GIVEN else _words(value)
    return "\n\n".join(filter(None, [*about, said, _members(value, own)]))


def _bases(value: type) -> list[type]:
    """Return a class and its bases in this program."""
    return [base for base in value.__mro__ if base.__module__.startswith("splinternet")]


def _call(name: str, value: Any) -> str:
    """Return the signature as code, with one keyword a line if it is long."""
    if hasattr(value, "model_rebuild"):
        value.model_rebuild()  # pydantic defers it, and the signature has no keys until then
    parameters = list(inspect.signature(value).parameters.values())
    parts = []
    starred = False
    for each in parameters:
        if each.kind is each.KEYWORD_ONLY and not starred:
            parts.append("*")
        starred = starred or each.kind in (each.KEYWORD_ONLY, each.VAR_POSITIONAL)
        front = {each.VAR_POSITIONAL: "*", each.VAR_KEYWORD: "**"}.get(each.kind, "")
        default = "" if each.default is each.empty else f"={_default(each.default)}"
        parts.append(f"{front}{each.name}{default}")
    return f"`sn.{name}({', '.join(parts)})`".replace(chr(39), chr(34))


def _default(value: Any) -> str:
    """Return a default as a user writes it; empty if it has no short form."""
    text = repr(value)
    return text if len(text) < 40 and "<" not in text and " at 0x" not in text else "..."


def _words(value: Any) -> str:
    """Return a docstring in numpy style as Markdown, without errors, which the page describes
    once.
    """
    text = inspect.getdoc(value) or ""
    head, *rest = _SECTION.split(text)
    parts = [_plain(head)]
    for title, body in zip(rest[::2], rest[1::2], strict=True):
        if title in ("Parameters", "Attributes"):
            parts.append("\n".join(_items(body)))
        elif title == "Returns":
            parts.append("Returns " + ", ".join(item.removeprefix("- ") for item in _items(body)))
    return "\n\n".join(part.strip() for part in parts if part.strip())


def _items(body: str) -> Iterator[str]:
    """Yield the entries of a section: a name with its type, and its description."""
    entries: list[tuple[str, list[str]]] = []
    for line in inspect.cleandoc(body).splitlines():
        if line and not line.startswith(" "):
            entries.append((line, []))
        elif line and entries:
            entries[-1][1].append(line.strip())
    for head, said in entries:
        name, colon, kind = head.partition(" : ")
        label = f"`{name}`" + (f" ({_plain(kind).removesuffix(', optional')})" if colon else "")
        yield f"- {label}" + (f": {_plain(' '.join(said))}" if said else "")


def _members(value: Any, names: list[str]) -> str:
    """Return the methods and properties of a class, or the names of a module, each with its first
    sentence.
    """
    rows = []
    for name in names:
        member = inspect.getattr_static(value, name)
        member = getattr(member, "__func__", member)
        is_read = isinstance(member, property | cached_property)
        said = inspect.getdoc(member) if callable(member) or is_read else ""
        if said and not isinstance(member, type):
            called = "" if is_read else "()"
            rows.append(f"- `{name}{called}`: {_first(said)}")
    return "\n".join(rows)


def _first(text: str) -> str:
    """Return the first sentence of a docstring."""
    return re.split(r"(?<=[.])\s+(?=[A-Z])", _plain(text.partition("\n\n")[0]), maxsplit=1)[0]


def _plain(text: str) -> str:
    """Return running text; names in single backticks stay code, double ones become single."""
    return re.sub(r"``([^`]*)``", r"`\1`", " ".join(text.split()))
