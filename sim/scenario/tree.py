"""A scenario as a tree of values with their places in files.

Files, ``--set`` and Python mappings all become such a tree. It is the only input of checking, merging and origins.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

from sim.errors import Problem

LARGEST = 20_000
"""Most values that a scenario may hold, aliases counted each time they are used."""
DEEPEST = 32
"""Most levels of mappings and lists in one another."""

ROOT = "scenario"
"""The place of a scenario that is a Python mapping."""

_LARGEST = sys.float_info.max  # Python has whole numbers beyond it
_HALF = re.compile("[\ud800-\udfff]")

type Key = str | int


@dataclass(frozen=True)
class Node:
    """A value and its place.

    Attributes
    ----------
    value : scalar, list of Node, or dict of str to Node
        What stands there.
    where : str
        ``file:line:column``, ``--set PATH=VALUE``, or the path of keys in a Python mapping.
    keys : mapping of str to str
        Where each key of a mapping stands.
    size : int
        Number of values in it, itself included.
    """

    value: object
    where: str
    keys: Mapping[str, str] = field(default_factory=dict)
    size: int = 1

    @property
    def mapping(self) -> dict[str, Node]:
        """The entries of a mapping; empty for anything else."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def items(self) -> list[Node]:
        """The entries of a list; empty for anything else."""
        return self.value if isinstance(self.value, list) else []

    def get(self, *path: Key) -> Node | None:
        """Return the node at a path of keys and positions, or None."""
        node: Node | None = self
        for step in path:
            if node is None:
                return None
            if isinstance(step, int):
                node = node.items[step] if step < len(node.items) else None
            else:
                node = node.mapping.get(step)
        return node

    def plain(self) -> object:
        """Return the value without places: scalars, lists and dicts."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def with_entry(self, key: str, node: Node) -> Node:
        """Return a mapping with one entry set."""
        entries, keys = {**self.mapping, key: node}, {**self.keys}
        keys.setdefault(key, node.where)
        return mapping_node(entries, self.where, keys)

    def where_of(self, path: Sequence[Key], *, key: bool = False) -> str:
        """Return where a path stands; steps that are not in the tree are passed over.

        Parameters
        ----------
        path : sequence of str or int
            Keys and positions.
        key : bool
            Whether the last key itself is meant, not its value.
        """
        node, where = self, self.where
        for step in path:
            entry = node.get(step)
            if entry is None:
                continue
            where = node.keys.get(step, entry.where) if key and isinstance(step, str) else entry.where
            node = entry
        return where


def mapping_node(entries: dict[str, Node], where: str, keys: Mapping[str, str]) -> Node:
    """Return a mapping; its size follows from its entries."""
    return Node(entries, where, keys, 1 + sum(node.size for node in entries.values()))


def list_node(items: list[Node], where: str) -> Node:
    """Return a list; its size follows from its items."""
    return Node(items, where, {}, 1 + sum(node.size for node in items))


def empty(where: str) -> Node:
    """Return an empty mapping."""
    return Node({}, where)


def leaves(node: Node, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Node]]:
    """Yield the path and node of everything that is no mapping and no list of mappings."""
    if node.mapping:
        for key, entry in node.mapping.items():
            yield from leaves(entry, (*path, key))
    elif path in (("policies",), ("observed",)):
        for position, entry in enumerate(node.items):
            yield from leaves(entry, (*path, policy_id(entry) or str(position)))
    else:
        yield path, node


def placed(node: Node, where: str) -> Node:
    """Return a tree with one place for everything in it."""
    if isinstance(node.value, dict):
        entries = {key: placed(entry, where) for key, entry in node.value.items()}
        return mapping_node(entries, where, dict.fromkeys(entries, where))
    if isinstance(node.value, list):
        return list_node([placed(entry, where) for entry in node.value], where)
    return Node(node.value, where)


def policy_id(node: Node) -> str | None:
    """Return the id of a policy, if it has one that is a text."""
    name = node.get("id")
    return name.value if name is not None and isinstance(name.value, str) else None


def number_in(value: object) -> float | None:
    """Return a value as a number; None for anything else, and for a whole number beyond all floats."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _LARGEST
    return float(value) if is_number else None  # type: ignore[arg-type]


def whole_text(text: str, where: str, problems: list[Problem]) -> str:
    """Return a text that can be written to a file; a half of a character is refused and becomes a question mark."""
    whole = _HALF.sub("?", text)
    if whole != text:
        found = f"'{whole[:40]}' has half of a character (a lone surrogate, U+D800 to U+DFFF)"
        problems.append(Problem(where, found, "whole characters", "\\U0001F600 for one outside the first 65,536"))
    return whole


def from_python(value: object, problems: list[Problem], path: str = "", depth: int = 0) -> Node:
    """Return the tree of a Python mapping; a place is the path of keys that leads there.

    ``True`` as a key means ``on``: that is what tools that still speak YAML 1.1 make of it.
    """
    if depth > DEEPEST:
        problems.append(Problem(path, f"more than {DEEPEST} levels in one another", "a scenario is shallow"))
        return Node(None, path)
    if isinstance(value, Mapping):
        named = {
            "on" if key is True else whole_text(str(key), path or ROOT, problems): entry for key, entry in value.items()
        }
        places = {key: f"{path}.{key}" if path else key or ROOT for key in named}
        nodes = {key: from_python(entry, problems, places[key], depth + 1) for key, entry in named.items()}
        return mapping_node(nodes, path or ROOT, places)
    if isinstance(value, list | tuple | set | frozenset):
        ordered = value if isinstance(value, list | tuple) else sorted(value, key=str)
        items = (from_python(item, problems, f"{path}.{at}", depth + 1) for at, item in enumerate(ordered))
        return list_node(list(items), path)
    if isinstance(value, PurePath):
        return Node(str(value), path)
    if isinstance(value, str):
        return Node(whole_text(value, path, problems), path)
    return Node(value.item() if hasattr(value, "item") and hasattr(value, "dtype") else value, path)


def merge(old: Node, new: Node, path: tuple[str, ...] = ()) -> Node:
    """Return what ``extends`` makes of a file and the one it is extended by.

    Mappings merge key by key, policies by their id (an empty list clears them); everything else is replaced.
    """
    if path == ("policies",) and isinstance(old.value, list) and new.items:
        return _merge_policies(old, new)
    if not isinstance(old.value, dict) or not isinstance(new.value, dict):
        return new
    entries = dict(old.mapping)
    for key, node in new.mapping.items():
        entries[key] = merge(entries[key], node, (*path, key)) if key in entries else node
    return mapping_node(entries, new.where, {**old.keys, **new.keys})


def _merge_policies(old: Node, new: Node) -> Node:
    """Merge two lists of policies by id; a changed instrument drops the old instrument's keys."""
    merged = list(old.items)
    places = {name: at for at, node in enumerate(merged) if (name := policy_id(node)) is not None}
    for node in new.items:
        name = policy_id(node)
        if name is None or name not in places:
            merged.append(node)
            continue
        known = merged[places[name]]
        changed = node.get("instrument")
        before = known.get("instrument")
        if changed is not None and before is not None and changed.value != before.value:
            common = {key: entry for key, entry in known.mapping.items() if key in COMMON_KEYS}
            known = mapping_node(common, known.where, known.keys)
        merged[places[name]] = merge(known, node, ("policies", name))
    return list_node(merged, new.where)


COMMON_KEYS = ("id", "instrument", "by", "targets", "announced", "on", "until", "technique", "reference")
