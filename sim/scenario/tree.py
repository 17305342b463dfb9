"""The values of a scenario with the place of each: read from YAML or Python, merged, changed at a
path.

Policies are a mapping by id here, so that a path such as ``("policies", "wechat-ban", "on")`` does
not depend on their order. Paths have the form of pydantic's locations, so that each error has a
place.

A state may be written US, USA or United States; all spellings become one before scenarios are
merged and checked. The table of the places of names also determines how a dotted path (``--set``,
``sweep:``) is read.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import PurePath
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer, MaxDepthExceededError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import ScalarNode, SequenceNode

from ..core.groups import Group, is_community
from ..errors import Code, Place, Problem
from ..facts import Facts, find_platform, find_state
from ..facts.tables import fold
from ..policies.values import Names, as_date
from .schema import OTHER

LARGEST = 20_000
"""Largest number of values of a scenario, counting each use of an alias."""
DEEPEST = 32
"""Largest number of nested mappings and lists."""
ROOT = "scenario"
"""The place of a scenario that is a Python mapping."""
KEY = "[key]"
"""Last step of the path of a key itself, as in the locations of pydantic."""
COMMON_KEYS = (
    "id",
    "instrument",
    "by",
    "targets",
    "announced",
    "on",
    "until",
    "technique",
    "reference",
)
"""Keys that a policy keeps if an extending file changes its instrument."""

_TAG = "tag:yaml.org,2002:"
_PLAIN_TAGS = frozenset(
    _TAG + name for name in ("str", "int", "float", "bool", "null", "timestamp", "map", "seq")
)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_HALF = re.compile("[\ud800-\udfff]")
_OTHER_VERSION = re.compile(r"^%YAML +(?!1\.2\b)(\S*)", re.MULTILINE)
_TROUBLE = (
    YAMLError,
    ValueError,
    LookupError,
    AttributeError,
    TypeError,
    OverflowError,
    RuntimeError,
)

type Step = str | int
type Path = tuple[Step, ...]


class Policies(dict[Step, Any]):
    """The policies of a tree by id, or by position without an id."""


@dataclass(frozen=True)
class Tree:
    """A scenario as written."""

    data: Any
    """Plain values and `Policies`, which must not be changed."""
    places: Mapping[Path, str]
    """Place of each value, and under ``(*path, KEY)`` of each key: ``file:line:column``, ``--set
    PATH=VALUE``, or the path of keys in a Python mapping.
    """

    def get(self, *path: Step) -> Any:
        """Return the value at a path, or None."""
        value = self.data
        for step in path:
            if isinstance(value, dict):
                value = value.get(step)
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                value = value[step]
            else:
                return None
        return value

    def holds(self, path: Path) -> bool:
        """Return whether a path exists, even if its value is null."""
        above = self.get(*path[:-1])
        return path[-1] in above if isinstance(above, dict) else self.get(*path) is not None

    def mapping(self, *path: Step) -> dict[Any, Any]:
        """Return the mapping at a path; empty if missing."""
        value = self.get(*path)
        return value if isinstance(value, dict) else {}

    def entries(self, *path: Step) -> Iterator[tuple[Path, Any, Any]]:
        """Yield the path, the key and the value of each entry of the mapping at a path."""
        for key, value in self.mapping(*path).items():
            yield (*path, key), key, value

    def items(self, *path: Step) -> list[Any]:
        """Return the list at a path; empty if missing."""
        value = self.get(*path)
        return value if isinstance(value, list) else []

    def where(self, *path: Step) -> str:
        """Return the place of a path, or of the nearest mapping above it that has one."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, "")

    def problem(
        self,
        path: Path,
        found: str,
        allowed: str,
        hint: str = "",
        code: Code = Code.INVALID,
        about: Path | None = None,
    ) -> Problem:
        """Return a problem at a path, which it names unless ``about`` gives another path."""
        return Problem(
            self.where(*path), found, allowed, hint, code, dotted(path if about is None else about)
        )

    def replaced(self, path: Path, value: Any, where: str) -> Tree | None:
        """Return a tree with another value at a path; None if a policy or item of the path does not
        exist.

        Missing mappings are created.
        """
        data = _replaced(self.data, path, value)
        if data is None:
            return None
        places = dict(self.places)
        for end in range(1, len(path)):
            places.setdefault(path[:end], where)
            places.setdefault((*path[:end], KEY), where)
        return Tree(data, places | dict.fromkeys((*paths_in(value, path), (*path, KEY)), where))

    def without(self, path: Path) -> Tree:
        """Return a tree without the value at a path of keys."""
        if not self.holds(path):
            return self
        above = self.get(*path[:-1])
        rest = type(above)({key: value for key, value in above.items() if key != path[-1]})
        return Tree(_replaced(self.data, path[:-1], rest), self.places)


def dotted(path: Path) -> str:
    """Return a path in dotted form."""
    return ".".join(str(step) for step in path if step != KEY)


def paths_in(value: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the path of a value and of everything inside it."""
    yield path
    entries: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, dict):
        entries = value.items()
    elif isinstance(value, list):
        entries = enumerate(value)
    for step, entry in entries:
        yield from paths_in(entry, (*path, step))


def merge(old: Tree, new: Tree) -> Tree:
    """Return the merged content of a file and the file that extends it.

    Mappings merge key by key, policies by id (an empty list clears them); everything else is
    replaced.
    """
    return Tree(_merged(old.data, new.data, ()), {**old.places, **new.places})


def _merged(old: Any, new: Any, path: Path) -> Any:
    """Return the merged values of two trees; a changed instrument drops the keys of the old one."""
    if (
        not isinstance(old, dict)
        or not isinstance(new, dict)
        or (isinstance(new, Policies) and not new)
    ):
        return new
    if (
        len(path) == 2
        and path[0] == "policies"
        and None not in (now := new.get("instrument"), old.get("instrument"))
    ):
        old = (
            old
            if now == old["instrument"]
            else {key: value for key, value in old.items() if key in COMMON_KEYS}
        )
    merged = type(old)(old)
    for step, value in new.items():
        merged[step] = _merged(old[step], value, (*path, step)) if step in old else value
    return merged


def _replaced(data: Any, path: Path, value: Any) -> Any:
    """Return the values with another value at a path; None if a part of the path does not exist."""
    if not path:
        return value
    step = path[0]
    rest = path[1:]
    if isinstance(data, list):
        if not isinstance(step, int) or step >= len(data):
            return None
        inner = _replaced(data[step], rest, value)
        return None if inner is None and rest else [*data[:step], inner, *data[step + 1 :]]
    if isinstance(data, Policies) and step not in data:
        return None
    entries = data if isinstance(data, dict) else {}
    inner = _replaced(entries.get(step, {}), rest, value)
    return None if inner is None and rest else type(entries)({**entries, step: inner})


def as_day(value: object) -> date | None:
    """Return a value as a date if it is one, or its text."""
    if isinstance(value, str):
        with suppress(ValueError):
            return date.fromisoformat(value)
    return value if type(value) is date else None


def as_number(value: object) -> float | None:
    """Return a value as a number; None for other values and for integers too large for a float."""
    is_number = (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and abs(value) <= sys.float_info.max
    )
    return float(value) if is_number else None  # type: ignore[arg-type]


def whole_text(text: str, where: str, problems: list[Problem]) -> str:
    """Return a text that can be written to a file; a lone surrogate is reported and replaced by a
    question mark.
    """
    whole = _HALF.sub("?", text)
    if whole != text:
        found = f"'{whole[:40]}' has half of a character (a lone surrogate, U+D800 to U+DFFF)"
        problems.append(
            Problem(
                where, found, "whole characters", "\\U0001F600 for one outside the first 65,536"
            )
        )
    return whole


def by_id(tree: Tree, problems: list[Problem]) -> Tree:
    """Return a tree whose list of policies is a mapping by id; a repeated id is refused."""
    listed = tree.get("policies")
    if not isinstance(tree.data, dict) or not isinstance(listed, list):
        return tree
    policies = Policies()
    steps = list[Step]()
    for at, policy in enumerate(listed):
        name = policy.get("id") if isinstance(policy, dict) else None
        step = name if isinstance(name, str) else at
        if step in policies:
            first = tree.where("policies", steps.index(step), "id")
            found = f"a second policy has the id '{step}' (the first: {first})"
            where = tree.where("policies", at, "id")
            problems.append(Problem(where, found, "each id once", f"{step}-2, say", Code.DUPLICATE))
            step = at
        policies[step] = policy
        steps.append(step)

    def moved(path: Path) -> Path:
        is_inside = path[:1] == ("policies",) and len(path) > 1 and isinstance(path[1], int)
        return ("policies", steps[path[1]], *path[2:]) if is_inside else path  # type: ignore[index]

    return Tree(
        {**tree.data, "policies": policies},
        {moved(path): where for path, where in tree.places.items()},
    )


def from_python(
    value: object, problems: list[Problem], places_of: Mapping[str, str] | None = None
) -> Tree:
    """Return the tree of a Python mapping.

    ``True`` as a key means ``on``, because tools with YAML 1.1 convert it so.

    Parameters
    ----------
    value : object
    problems : list of Problem
        Problems are added to this list.
    places_of : mapping of str to str, optional
        Places of values by dotted path; by default the paths themselves.
    """
    places: dict[Path, str] = {}

    def plain(value: Any, path: Path) -> Any:
        places[path] = where = dotted(path) or ROOT
        if len(path) > DEEPEST:
            problems.append(
                Problem(
                    where, f"more than {DEEPEST} levels in one another", "a scenario is shallow"
                )
            )
            return None
        if isinstance(value, Mapping):
            entries = {}
            for key, entry in value.items():
                name = "on" if key is True else whole_text(str(key), where, problems)
                places[(*path, name, KEY)] = dotted((*path, name)) or ROOT
                entries[name] = plain(entry, (*path, name))
            return entries
        if isinstance(value, list | tuple | set | frozenset):
            items = value if isinstance(value, list | tuple) else sorted(value, key=str)
            return [plain(entry, (*path, at)) for at, entry in enumerate(items)]
        if isinstance(value, str | PurePath):
            return whole_text(str(value), where, problems)
        value = as_date(value)
        return (
            value.item() if hasattr(value, "item") and hasattr(value, "dtype") else value
        )  # a number of numpy

    tree = by_id(Tree(plain(value, ()), places), problems)
    if not places_of:
        return tree
    return Tree(
        tree.data,
        {path: places_of[dotted(path)] for path in tree.places if dotted(path) in places_of},
    )


def from_yaml(text: str, name: str, problems: list[Problem]) -> Tree | None:
    """Return the tree of a YAML 1.2 text, or None if it cannot be read.

    Parameters
    ----------
    text : str
        One YAML document.
    name : str
        Name of the file in error messages.
    problems : list of Problem
        Problems are added to this list.
    """
    if version := _OTHER_VERSION.search(text):
        where = Place(name, text.count("\n", 0, version.start()) + 1)
        found = f"the file says it is YAML {version[1]}"
        problems.append(Problem(where, found, "YAML 1.2", "remove the %YAML line"))
        return None
    yaml = YAML(typ="safe", pure=True)
    yaml.max_depth = DEEPEST
    yaml.Composer = _LimitedComposer
    try:
        root = yaml.compose(text)
        if root is not None:
            reader = _Reader(name, problems)
            return by_id(Tree(reader.value(root, ()), reader.places), problems)
        problems.append(
            Problem(Place(name, 1), "the file is empty", "a scenario: title, start, days ...")
        )
    except _TROUBLE as error:  # the parser raises other errors than YAMLError on malicious text
        problems.append(_syntax_problem(error, name))
    return None


class _TooMuchError(MarkedYAMLError):  # type: ignore[misc]
    """A text is YAML but too large for a scenario; reading stops."""

    def __init__(self, limit: str, mark: Any) -> None:
        super().__init__(problem=f"more than {limit}", problem_mark=mark)


class _LimitedComposer(Composer):  # type: ignore[misc]
    """A composer that stops if a text has too many values, because reading the rest would take
    long.
    """

    warn_double_anchors = False
    count = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Compose a node unless there are too many."""
        self.count += 1
        if self.count > LARGEST:
            raise _TooMuchError(f"{LARGEST:,} values", self.parser.peek_event().start_mark)
        return super().compose_node(parent, index)


class _Reader:
    """Reads ruamel's nodes as plain values with places, and collects problems."""

    def __init__(self, name: str, problems: list[Problem]) -> None:
        self.name = name
        self.problems = problems
        self.places: dict[Path, str] = {}
        self._seen = 0

    def value(self, node: Any, path: Path) -> Any:
        """Return the value of a node; tags are refused, so that a file can only contain data."""
        self._seen += 1
        where = self._place(node)
        self.places[path] = where
        if self._seen > LARGEST:
            raise _TooMuchError(f"{LARGEST:,} values, aliases counted", node.start_mark)
        if len(path) > DEEPEST:  # an alias inside its own node
            raise _TooMuchError(f"{DEEPEST} levels in one another", node.start_mark)
        if node.tag not in _PLAIN_TAGS:
            self.problems.append(Problem(where, f"the tag {node.tag}", "plain values without tags"))
        if isinstance(node, SequenceNode):
            return [self.value(item, (*path, at)) for at, item in enumerate(node.value)]
        if isinstance(node, ScalarNode):
            text = whole_text(node.value, where, self.problems)
            return _scalar(text, str(node.tag).removeprefix(_TAG))
        return self._mapping(node, path)

    def _mapping(self, node: Any, path: Path) -> dict[str, Any]:
        entries: dict[str, Any] = {}
        for key_node, entry in node.value:
            key = self._key(key_node, entries, path)
            if key is not None:
                self.places[(*path, key, KEY)] = self._place(key_node)
                entries[key] = self.value(entry, (*path, key))
        return entries

    def _key(self, node: Any, entries: Mapping[str, Any], path: Path) -> str | None:
        """Return a key, or None if it is not a text, or is a duplicate."""
        where = self._place(node)
        if not isinstance(node, ScalarNode):
            self.problems.append(Problem(where, "a list or mapping as a key", "a text as a key"))
            return None
        key = whole_text(node.value, where, self.problems)
        if key in entries:
            line = self.places[(*path, key, KEY)].rsplit(":", 2)[-2]
            found = f"the key '{key}' appears twice (first in line {line})"
            self.problems.append(Problem(where, found, "once"))
            return None
        return key

    def _place(self, node: Any) -> Place:
        return Place(self.name, node.start_mark.line + 1, node.start_mark.column + 1)


def _scalar(text: str, kind: str) -> object:
    """Return the value of a scalar by the rules of YAML 1.2; its text if it is invalid for its
    kind.
    """
    with suppress(ValueError):
        match kind:
            case "null" if text.casefold() in ("", "~", "null"):
                return None
            case "bool" if text.casefold() in ("true", "false"):
                return text.casefold() == "true"
            case "int" if len(text) <= 400:  # Python refuses to convert thousands of digits
                return int(
                    text, 0 if text.lstrip("+-")[:2].casefold() in ("0x", "0o", "0b") else 10
                )
            case "float":
                return float(
                    text.replace("_", "").casefold().replace(".inf", "inf").replace(".nan", "nan")
                )
            case "timestamp" if _DAY.fullmatch(text):
                return date.fromisoformat(text)
    return text


def _syntax_problem(error: Exception, name: str) -> Problem:
    """Return the problem of a text that is not YAML, too large, or nested too deeply."""
    where = Place(name, 1)
    found = "this is not YAML"
    if isinstance(error, MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        where = Place(name, mark.line + 1, mark.column + 1) if mark is not None else where
        if isinstance(error, MaxDepthExceededError | _TooMuchError):
            is_deep = isinstance(error, MaxDepthExceededError)
            found = f"more than {DEEPEST} levels in one another" if is_deep else str(error.problem)
            return Problem(where, found, "a scenario is small and shallow")
        found = f"this is not YAML ({', '.join(part.strip() for part in (error.context, error.problem) if part)})"
    hint = (
        "indent with blanks, not with tabs"
        if "\\t" in found
        else "compare with splinternet show baseline_2020"
    )
    return Problem(where, found, "YAML 1.2: key: value, one a line", hint)


@dataclass(frozen=True)
class Keyed:
    """A mapping whose keys are names of one kind: state, community, platform, origin, parameter or
    policy.
    """

    kind: str
    inner: Shape = None


STATE_NUMBERS = ("internet_users", "vpn_share")
"""Values that may be given with their state or in a separate table."""

type Shape = dict[str, Shape] | Keyed | None

_BY_GROUP = Keyed("origin")
SHAPE: dict[str, Shape] = {
    "world": {
        "penetration": Keyed("state", Keyed("platform", _BY_GROUP)),
        "vpn_share": Keyed("state"),
        "internet_users": Keyed("state"),
        "migrants": Keyed("state", Keyed("state")),
        "platforms": Keyed("platform", {"penetration": Keyed("state", _BY_GROUP)}),
        "states": Keyed("state"),
        "blocks": Keyed("state"),
        "blocks_policy_arm": Keyed("state"),
        "communities": Keyed(
            "state",
            Keyed("community", {"platforms": Keyed("platform"), "diaspora": Keyed("state")}),
        ),
    },
    "policies": Keyed("policy"),
    "parameters": Keyed("parameter"),
    "uncertain": Keyed("parameter"),
    "sweep": Keyed("parameter"),
}


def names_of(tree: Tree, facts: Facts) -> Names:
    """Return the names that a scenario may use: those of its facts and those it adds itself.

    Parameters
    ----------
    tree : Tree
        The scenario, checked or not.
    facts : Facts
        The fact tables of the scenario.
    """
    states: dict[str, str] = {}
    for path, code, _ in tree.entries("world", "states"):
        spellings = (code, tree.get(*path, "name"))
        states |= {
            fold(text): code
            for text in spellings
            if isinstance(text, str) and find_state(text, facts) is None
        }
    added = {
        fold(name): name
        for name in tree.mapping("world", "platforms")
        if find_platform(name, facts) is None
    }
    ids = tuple(step for step in tree.mapping("policies") if isinstance(step, str))
    changed = {
        find_platform(str(name), facts) or str(name): {
            key: text
            for key in ("owner", "home", "kind")
            if isinstance(text := tree.get(*path, key), str)
        }
        for path, name, _ in tree.entries("world", "platforms")
    }
    names = Names(facts, states, added, ids, changed=changed)
    communities = {
        str(Group(home, home, community=name)): None
        for path, state, _ in tree.entries("world", "communities")
        for name in tree.mapping(*path)
        if (home := names.state(state)) is not None and is_community(name)
    }
    return replace(names, communities=tuple(communities))


def canonical(tree: Tree, names: Names, problems: list[Problem]) -> Tree:
    """Return a tree with canonical names as keys and with numbers for rules.

    Parameters
    ----------
    tree : Tree
        The tree of one file.
    names : Names
        The names in force.
    problems : list of Problem
        Names that appear twice in one mapping are added to this list.
    """

    @cache
    def renamed(path: Path) -> tuple[Path, Shape]:
        """Return the canonical form of a path, and the shape of its value."""
        if not path:
            return (), SHAPE
        (above, shape) = renamed(path[:-1])
        step = path[-1]
        if isinstance(shape, Keyed) and isinstance(step, str) and step != KEY:
            return (*above, _resolve(shape.kind, step, names) or step), shape.inner
        return (*above, step), shape.get(str(step)) if isinstance(shape, dict) else None

    def rebuilt(value: Any, path: Path) -> Any:
        if not isinstance(value, dict) or renamed(path)[1] is None:
            return value
        entries = type(value)()
        for key, entry in value.items():
            name = renamed((*path, key))[0][-1]
            if name in entries:
                found = f"'{key}' means {name}, which is here already"
                problems.append(Problem(tree.where(*path, key, KEY), found, "each name once"))
            else:
                is_rule = path in (("parameters",), ("sweep",))
                entries[name] = (
                    _number_of_rule(entry, name, names) if is_rule else rebuilt(entry, (*path, key))
                )
        return entries

    places: dict[Path, str] = {}
    for path, where in tree.places.items():
        places.setdefault(renamed(path)[0], where)
    return Tree(rebuilt(tree.data, ()), places)


def _number_of_rule(value: Any, name: object, names: Names) -> Any:
    """Return the number of a rule for a parameter that was given the rule's name."""
    known = names.facts.parameters.get(str(name))
    if known is None or not known.choices:
        return value
    if isinstance(value, list):
        return [_number_of_rule(item, name, names) for item in value]
    return (
        known.choices.index(value) if isinstance(value, str) and value in known.choices else value
    )


def _resolve(kind: str, text: str, names: Names) -> str | None:
    """Return the canonical spelling of a name of a kind, or None if unknown."""
    match kind:
        case "origin":
            return text if text == OTHER else names.origin(text)
        case "state":
            return names.state(text)
        case "platform":
            return names.platform(text)
        case "community":
            is_known = any(Group.read(known).community == text for known in names.communities)
        case "parameter":
            is_known = text in names.facts.parameters
        case _:
            is_known = text in names.policies
    return text if is_known else None


def split_path(text: str, names: Names) -> Path:
    """Return the steps of a dotted path; names with dots stay whole, and policies are named by id.

    A bare parameter name is the path of that parameter.

    Parameters
    ----------
    text : str
        The path, such as ``policies.wechat-ban.on``, ``world.vpn_share.DE`` or
        ``choice.review_days``.
    names : Names
        The names in force.
    """
    parts = text.split(".")
    # An unknown name with the prefix of a parameter counts as a parameter, so that the error names
    # the closest.
    is_subject = len(parts) > 1 and parts[0] not in ("policies", "world", "behaviour")
    if text in names.facts.parameters or (
        is_subject and any(name.startswith(f"{parts[0]}.") for name in names.facts.parameters)
    ):
        return "parameters", text
    steps: Path = ()
    current: Shape = SHAPE
    while parts:
        taken = _name_length(parts, current, names) if isinstance(current, Keyed) else 1
        name = ".".join(parts[:taken])
        parts = parts[taken:]
        is_position = name.isascii() and name.isdigit() and len(name) < 7
        if isinstance(current, Keyed):
            if current.kind == "policy" and name not in names.policies and is_position:
                name = names.policies[int(name)] if int(name) < len(names.policies) else name
            steps = (*steps, _resolve(current.kind, name, names) or name)
            current = current.inner
        else:
            is_item = steps[:1] == ("observed",) and is_position
            steps = (*steps, int(name) if is_item else name)
            current = (current or {}).get(name)
    return steps


def _name_length(parts: list[str], shape: Keyed, names: Names) -> int:
    """Return the number of dotted parts of the longest known name at the front."""
    for length in range(len(parts), 0, -1):
        if _resolve(shape.kind, ".".join(parts[:length]), names) is not None:
            return length
    if shape.kind == "parameter":  # unknown: keep it whole, so that the error shows it whole
        return (
            max(1, len(parts) - 1) if parts[-1] in ("low", "high", "distribution") else len(parts)
        )
    return 1


def spellings(path: Path) -> list[Path]:
    """Return the paths that lead to the same number."""
    match path:
        case ("world", "penetration", state, platform, *rest):
            return [path, ("world", "platforms", platform, "penetration", state, *rest)]
        case ("world", "platforms", platform, "penetration", state, *rest):
            return [path, ("world", "penetration", state, platform, *rest)]
        case ("world", number, state) if number in STATE_NUMBERS:
            return [path, ("world", "states", state, number)]
        case ("world", "states", state, number) if number in STATE_NUMBERS:
            return [path, ("world", number, state)]
    return [path]


def in_use(tree: Tree, path: Path) -> Path:
    """Return the path under which a tree states a number that has two paths; the given path if it
    states neither.

    A later value replaces an earlier one, even under the other path.
    """
    return next((way for way in spellings(path) if tree.get(*way) is not None), path)
