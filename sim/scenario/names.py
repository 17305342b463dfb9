"""The names that a scenario may use, and their places in it.

A state may be written US, USA or United States; all spellings become one before scenarios are merged and checked. The
same table of places defines how a dotted path (``--set``, ``sweep:``, ``uncertain:``) is read.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from ..core.groups import Group, is_community
from ..errors import Problem
from ..facts import Facts, find_platform, find_state
from ..facts.tables import fold
from ..policies.values import Names
from .schema import OTHER
from .tree import KEY, Path, Tree


@dataclass(frozen=True)
class Keyed:
    """A mapping whose keys are names of a kind: state, community, platform, origin, parameter or policy."""

    kind: str
    inner: Shape = None


STATE_NUMBERS = ("internet_users", "vpn_share")
"""What may stand with its state, or in a table of its own."""

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
        "communities": Keyed("state", Keyed("community", {"platforms": Keyed("platform"), "diaspora": Keyed("state")})),
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
        The fact tables it starts from.
    """
    states: dict[str, str] = {}
    for path, code, _ in tree.entries("world", "states"):
        spellings = (code, tree.get(*path, "name"))
        states |= {fold(text): code for text in spellings if isinstance(text, str) and find_state(text, facts) is None}
    added = {fold(name): name for name in tree.mapping("world", "platforms") if find_platform(name, facts) is None}
    ids = tuple(step for step in tree.mapping("policies") if isinstance(step, str))
    names = Names(facts, states, added, ids)
    communities = {
        str(Group(home, home, community=name)): None
        for path, state, _ in tree.entries("world", "communities")
        for name in tree.mapping(*path)
        if (home := names.state(state)) is not None and is_community(name)
    }
    return replace(names, communities=tuple(communities))


def canonical(tree: Tree, names: Names, problems: list[Problem]) -> Tree:
    """Return a tree in which every key that is a name has its canonical spelling, and rules have their numbers.

    Parameters
    ----------
    tree : Tree
        What one file states.
    names : Names
        The names in force.
    problems : list of Problem
        A name that appears twice in one mapping is added here.
    """

    @cache
    def renamed(path: Path) -> tuple[Path, Shape]:
        """Return the canonical path of a path, and the shape of what stands there."""
        if not path:
            return (), SHAPE
        (above, shape), step = renamed(path[:-1]), path[-1]
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
                entries[name] = _number_of_rule(entry, name, names) if is_rule else rebuilt(entry, (*path, key))
        return entries

    places: dict[Path, str] = {}
    for path, where in tree.places.items():
        places.setdefault(renamed(path)[0], where)
    return Tree(rebuilt(tree.data, ()), places)


def _number_of_rule(value: Any, name: object, names: Names) -> Any:
    """Return the value of a parameter that is one of a few rules by its place, where it was given by its name."""
    known = names.facts.parameters.get(str(name))
    if known is None or not known.choices:
        return value
    if isinstance(value, list):
        return [_number_of_rule(item, name, names) for item in value]
    return known.choices.index(value) if isinstance(value, str) and value in known.choices else value


def _resolve(kind: str, text: str, names: Names) -> str | None:
    """Return the canonical spelling of a name of a kind, or None when it is unknown."""
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
    """Return the steps of a dotted path; names with dots in them stay whole, and policies are named by id.

    A bare parameter name is the path of that parameter.

    Parameters
    ----------
    text : str
        Such as ``policies.wechat-ban.on``, ``world.vpn_share.DE`` or ``choice.review_days``.
    names : Names
        The names in force.
    """
    parts = text.split(".")
    subjects = {name.partition(".")[0] for name in names.facts.parameters} - {"policies", "world", "behaviour"}
    # A name that no parameter has, but that begins as some do, is a parameter too: the error then names the closest.
    if text in names.facts.parameters or (len(parts) > 1 and parts[0] in subjects):
        return "parameters", text
    steps: Path = ()
    current: Shape = SHAPE
    while parts:
        taken = _name_length(parts, current, names) if isinstance(current, Keyed) else 1
        name, parts = ".".join(parts[:taken]), parts[taken:]
        is_position = name.isascii() and name.isdigit() and len(name) < 7
        if isinstance(current, Keyed):
            if current.kind == "policy" and name not in names.policies and is_position:
                name = names.policies[int(name)] if int(name) < len(names.policies) else name
            steps, current = (*steps, _resolve(current.kind, name, names) or name), current.inner
        else:
            is_item = steps[:1] == ("observed",) and is_position
            steps, current = (*steps, int(name) if is_item else name), (current or {}).get(name)
    return steps


def _name_length(parts: list[str], shape: Keyed, names: Names) -> int:
    """Return how many dotted parts make up the name at the front: the longest that is known."""
    for length in range(len(parts), 0, -1):
        if _resolve(shape.kind, ".".join(parts[:length]), names) is not None:
            return length
    if shape.kind == "parameter":  # unknown: take it whole, so that the error names it whole
        return max(1, len(parts) - 1) if parts[-1] in ("low", "high", "distribution") else len(parts)
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
    """Return the path under which a tree states a number that two paths lead to; the path itself where it states none.

    A later value replaces the earlier one, even if it is stated under the other path.
    """
    return next((way for way in spellings(path) if tree.get(*way) is not None), path)
