"""Read YAML 1.2 into a tree of values with their line and column.

The tree is built from parser events without recursion, so that neither deep nesting nor aliases of aliases
can exhaust anything; tags and a second document are refused, so that a file can only hold data.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Any, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    MappingStartEvent,
    ScalarEvent,
)
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.resolver import VersionedResolver

from sim.errors import Place, Problem
from sim.scenario.tree import DEEPEST, LARGEST, Node, list_node, mapping_node, placed, whole_text

_TAG = "tag:yaml.org,2002:"
_PLAIN_TAGS = frozenset(_TAG + name for name in ("str", "int", "float", "bool", "null", "timestamp", "map", "seq"))
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_LONGEST_NUMBER = 400
_SHORT = 50_000  # the tree of a longer text is not cached, because somebody may send many (assumption) [characters]
_TROUBLE = (YAMLError, ValueError, LookupError, AttributeError, TypeError, OverflowError, RuntimeError)


class _StopError(Exception):
    """Reading cannot go on; the problem is noted already."""


@dataclass
class _Frame:
    """A mapping or list that is being read."""

    where: str
    is_mapping: bool
    anchor: str | None
    entries: dict[str, Node] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    items: list[Node] = field(default_factory=list)
    key: str | None = None
    is_key: bool = False

    def close(self) -> Node:
        """Return the finished node."""
        if self.is_mapping:
            return mapping_node(self.entries, self.where, self.keys)
        return list_node(self.items, self.where)


def read_yaml(text: str, name: str, problems: list[Problem]) -> Node | None:
    """Return the tree of a YAML text, or None if it cannot be read.

    Parameters
    ----------
    text : str
        One YAML document.
    name : str
        What to call the file in error messages.
    problems : list of Problem
        Everything that is wrong is added here.
    """
    read = _understood if len(text) <= _SHORT else _understood.__wrapped__
    root, found = read(text, name)
    problems.extend(found)
    return root


@lru_cache(maxsize=256)
def _understood(text: str, name: str) -> tuple[Node | None, tuple[Problem, ...]]:
    """Return the tree of a YAML text and what is wrong; trees do not change, so a text is read once."""
    problems: list[Problem] = []
    reader = _Reader(name, problems)
    try:
        for event in _events(text):
            reader.take(event)
    except _StopError:
        return None, tuple(problems)
    except _TROUBLE as error:  # the parser raises other errors than YAMLError on hostile text
        return None, (*problems, _syntax_problem(error, name))
    if reader.root is None:
        problems.append(Problem(Place(name, 1), "nothing stands in the file", "a scenario: title, start, days ..."))
    return reader.root, tuple(problems)


def read_value(text: str, where: str, problems: list[Problem]) -> Node | None:
    """Return the tree of the YAML text of one value; all of it stands at one place."""
    found: list[Problem] = []
    node = read_yaml(text, where, found)
    problems.extend(replace(problem, where=where) for problem in found)
    return None if node is None else placed(node, where)


def _events(text: str) -> Iterator[Any]:
    """Yield the parser's events."""
    return iter(YAML(typ="safe", pure=True).parse(text))


def _syntax_problem(error: Exception, name: str) -> Problem:
    """Return the problem for a text that is not YAML."""
    where, found = Place(name, 1), "this is not YAML"
    if isinstance(error, MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        where = Place(name, mark.line + 1, mark.column + 1) if mark is not None else where
        parts = (part.strip() for part in (error.context, error.problem) if part)
        found = f"this is not YAML ({', '.join(parts)})"
    hint = "indent with blanks, not with tabs" if "\\t" in found else "compare with splinternet show baseline_2020"
    return Problem(where, found, "YAML 1.2: key: value, one a line", hint)


class _Reader:
    """Builds the tree from events; keeps going where it can."""

    def __init__(self, name: str, problems: list[Problem]) -> None:
        self.name = name
        self.problems = problems
        self.root: Node | None = None
        self.stack: list[_Frame] = []
        self.anchors: dict[str, Node | None] = {}
        self.documents = 0
        self.values = 0
        self.resolver = VersionedResolver(version=(1, 2), loader=None)

    def take(self, event: Any) -> None:
        """Take one event in."""
        where = Place(self.name, event.start_mark.line + 1, event.start_mark.column + 1)
        if isinstance(event, DocumentStartEvent):
            self._begin(event, where)
        elif isinstance(event, AliasEvent):
            self._add(self._alias(event, where))
        elif isinstance(event, ScalarEvent):
            self._check_tag(event, where)
            event.value = whole_text(str(event.value), where, self.problems)
            node = Node(self._scalar(event), where)
            self._remember(event.anchor, node)
            self._add(node, text=event.value)
        elif isinstance(event, CollectionStartEvent):
            self._open(event, where)
        elif isinstance(event, CollectionEndEvent):
            frame = self.stack.pop()
            node = frame.close()
            self._remember(frame.anchor, node)
            if not frame.is_key:
                self._add(node)

    def _begin(self, event: Any, where: str) -> None:
        """Begin a document: only one, in YAML 1.2."""
        self.documents += 1
        if self.documents > 1:
            self._stop(Problem(where, "a second document begins", "one document a file", "remove the line ---"))
        version = event.version
        if version is not None and tuple(version) != (1, 2):
            number = ".".join(str(part) for part in version)
            self._stop(Problem(where, f"the file says it is YAML {number}", "YAML 1.2", "remove the %YAML line"))

    def _open(self, event: Any, where: str) -> None:
        """Open a mapping or list."""
        self._check_tag(event, where)
        if len(self.stack) >= DEEPEST:
            self._stop(Problem(where, f"more than {DEEPEST} levels in one another", "a scenario is shallow"))
        frame = _Frame(where, isinstance(event, MappingStartEvent), event.anchor)
        above = self.stack[-1] if self.stack else None
        if above is not None and above.is_mapping and above.key is None:
            self.problems.append(Problem(where, "a list or mapping as a key", "a text as a key"))
            frame.is_key, above.key = True, ""
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        self.stack.append(frame)

    def _add(self, node: Node, text: str | None = None) -> None:
        """Add a node as a key, a value, an item, or the root."""
        self.values += 1
        if self.values > LARGEST:  # stop at once: reading the rest would take long
            self._stop(Problem(node.where, f"more than {LARGEST:,} values", "a scenario is small"))
        if not self.stack:
            self.root = node
            return
        frame = self.stack[-1]
        if not frame.is_mapping:
            frame.items.append(node)
        elif frame.key is None:
            frame.key = text if text is not None else str(node.value)
            self._check_key(frame, frame.key, node.where)
        else:
            frame.entries.setdefault(frame.key, node)
            frame.key = None

    def _check_key(self, frame: _Frame, key: str, where: str) -> None:
        """Refuse a key that appears twice; the first one is kept."""
        if key in frame.keys:
            first = frame.keys[key].rsplit(":", 2)[-2]
            self.problems.append(Problem(where, f"the key '{key}' appears twice (first in line {first})", "once"))
        frame.keys.setdefault(key, where)

    def _alias(self, event: Any, where: str) -> Node:
        """Return what an alias stands for."""
        if event.anchor not in self.anchors:
            self._stop(Problem(where, f"the alias *{event.anchor} names nothing", "an anchor further up"))
        node = self.anchors[event.anchor]
        if node is None:  # its mapping or list is still open
            self._stop(Problem(where, f"the alias *{event.anchor} is inside the node that it names", "no such loop"))
        return node

    def _remember(self, anchor: str | None, node: Node) -> None:
        """Keep a finished node for its aliases."""
        if anchor is not None:
            self.anchors[anchor] = node
        if node.size > LARGEST:
            self._stop(Problem(node.where, f"more than {LARGEST:,} values, aliases counted", "a scenario is small"))

    def _check_tag(self, event: Any, where: str) -> None:
        """Refuse tags: a scenario holds data, never objects."""
        if event.tag is not None and event.tag not in _PLAIN_TAGS:
            self.problems.append(Problem(where, f"the tag {event.tag}", "plain values without tags"))

    def _scalar(self, event: Any) -> object:
        """Return the value of a scalar by the rules of YAML 1.2."""
        text = event.value
        tag = event.tag or self.resolver.resolve(ScalarNode, text, event.implicit)
        kind = str(tag).removeprefix(_TAG)
        try:
            return _value(text, kind)
        except ValueError:
            return text

    def _stop(self, problem: Problem) -> NoReturn:
        """Note a problem after which reading cannot go on."""
        self.problems.append(problem)
        raise _StopError


def _value(text: str, kind: str) -> object:
    """Return the Python value of a scalar of a kind; ValueError when its text does not fit the kind."""
    if kind == "null":
        return None
    if kind == "bool":
        return text.casefold() == "true"
    if kind == "int":
        return _integer(text)
    if kind == "float":
        plain = text.replace("_", "").casefold()
        return float(plain.replace(".inf", "inf").replace(".nan", "nan"))
    if kind == "timestamp" and _DAY.fullmatch(text):
        return date.fromisoformat(text)
    return text


def _integer(text: str) -> int:
    """Return a whole number; 0o17 is octal, 0x1F hexadecimal, and 017 is seventeen."""
    plain = text.replace("_", "")
    if len(plain) > _LONGEST_NUMBER:
        raise ValueError(text)
    digits = plain.lstrip("+-").casefold()
    base = {"0x": 16, "0o": 8, "0b": 2}.get(digits[:2], 10)
    number = int(digits, base)
    return -number if plain.startswith("-") else number
