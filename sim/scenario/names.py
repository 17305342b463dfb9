"""The names that a scenario may use, and their places in it.

A state may be written US, USA or United States; all spellings become one before scenarios are merged and checked. The
same table of places defines how a dotted path (``--set``, ``sweep:``, ``uncertain:``) is read.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sim.errors import Problem
from sim.facts import Facts, find_platform, find_state
from sim.facts.names import fold
from sim.groups import Group, is_community
from sim.policies.values import Names
from sim.scenario.tree import Node, list_node, mapping_node, policy_id


@dataclass(frozen=True)
class Keyed:
    """A mapping whose keys are names of a kind: state, community, platform, origin, parameter or policy."""

    kind: str
    inner: Shape = None


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


def names_of(tree: Node, facts: Facts) -> Names:
    """Return the names that a scenario may use: those of its facts and those it adds itself.

    Parameters
    ----------
    tree : Node
        The scenario, checked or not.
    facts : Facts
        The fact tables it starts from.
    """
    states = {}
    for code, entry in _entries(tree, "world", "states").items():
        name = entry.get("name")
        spellings = [code, name.value] if name is not None and isinstance(name.value, str) else [code]
        states.update({fold(text): code for text in spellings if find_state(text, facts) is None})
    platforms = {
        fold(name): name for name in _entries(tree, "world", "platforms") if find_platform(name, facts) is None
    }
    policies = tree.get("policies")
    ids = (policy_id(node) for node in policies.items) if policies else ()
    names = Names(facts, states, platforms, tuple(dict.fromkeys(name for name in ids if name)))
    communities = (
        str(Group(home, home, community=name))
        for state, named in _entries(tree, "world", "communities").items()
        for name in named.mapping
        if (home := names.state(state)) is not None and is_community(name)
    )
    return replace(names, communities=tuple(dict.fromkeys(communities)))


def canonical(node: Node, names: Names, problems: list[Problem], shape: Shape = None) -> Node:
    """Return a tree in which every key that is a name has its canonical spelling.

    Parameters
    ----------
    node : Node
        The tree of one file.
    names : Names
        The names in force.
    problems : list of Problem
        A name that appears twice in one mapping is added here.
    shape : Shape
        What the keys of this node are; those of a whole scenario when left out.
    """
    shape = SHAPE if shape is None else shape
    if not isinstance(node.value, dict):
        return node
    entries: dict[str, Node] = {}
    keys: dict[str, str] = {}
    for key, entry in node.mapping.items():
        kind = shape.kind if isinstance(shape, Keyed) else ""
        inner = shape.inner if isinstance(shape, Keyed) else shape.get(key)
        name = resolve(kind, key, names) or key
        entry = _numbered(entry, name, names) if shape is SHAPE["parameters"] or shape is SHAPE["sweep"] else entry
        if name in entries:
            found = f"'{key}' means {name}, which is here already"
            problems.append(Problem(node.keys.get(key, entry.where), found, "each name once"))
            continue
        entries[name] = entry if inner is None else canonical(entry, names, problems, inner)
        keys[name] = node.keys.get(key, entry.where)
    return mapping_node(entries, node.where, keys)


def _numbered(node: Node, name: str, names: Names) -> Node:
    """Return the value of a parameter that is one of a few rules by its place, where it was given by its name."""
    known = names.facts.parameters.get(name)
    if known is None or not known.choices:
        return node
    if isinstance(node.value, list):
        return list_node([_numbered(item, name, names) for item in node.items], node.where)
    return Node(known.choices.index(node.value), node.where) if node.value in known.choices else node


def resolve(kind: str, text: str, names: Names) -> str | None:
    """Return the canonical spelling of a name of a kind, or None when it is unknown."""
    if kind == "origin":
        return text if text == "other" else names.origin(text)
    if kind == "state":
        return names.state(text)
    if kind == "community":
        return text if any(Group.read(known).community == text for known in names.communities) else None
    if kind == "platform":
        return names.platform(text)
    if kind == "parameter":
        return text if text in names.facts.parameters else None
    if kind == "policy":
        return text if text in names.policies else None
    return text


def split_path(text: str, names: Names) -> tuple[str, ...]:
    """Return the steps of a dotted path; names with dots in them stay whole.

    A bare parameter name is the path of that parameter.

    Parameters
    ----------
    text : str
        Such as ``policies.wechat-ban.on``, ``world.vpn_share.DE`` or ``choice.review_days``.
    names : Names
        The names in force.
    """
    if text in names.facts.parameters:
        return "parameters", text
    parts, steps = text.split("."), list[str]()
    current: Shape = SHAPE
    while parts:
        taken = 1
        if isinstance(current, Keyed):
            taken = _name_length(parts, current, names)
        name = ".".join(parts[:taken])
        parts = parts[taken:]
        if isinstance(current, Keyed):
            steps.append(resolve(current.kind, name, names) or name)
            current = current.inner
        else:
            steps.append(name)
            current = current.get(name) if current is not None else None
    return tuple(steps)


def _name_length(parts: list[str], shape: Keyed, names: Names) -> int:
    """Return how many dotted parts make up the name at the front: the longest that is known."""
    for length in range(len(parts), 0, -1):
        if resolve(shape.kind, ".".join(parts[:length]), names) is not None:
            return length
    if shape.kind == "parameter":  # unknown: take it whole, so that the error names it whole
        return max(1, len(parts) - 1) if parts[-1] in ("low", "high", "distribution") else len(parts)
    return 1


def set_at(tree: Node, steps: tuple[str, ...], node: Node) -> Node | None:
    """Return a tree in which the value at a path is another one; None when a policy on the way is unknown.

    Mappings that are missing on the way are made.
    """
    if not steps:
        return node
    if isinstance(tree.value, list):
        return _set_in_list(tree, steps, node)
    before = tree.get(steps[0]) or Node({}, node.where)
    if len(steps) > 1 and not isinstance(before.value, dict | list):
        before = Node({}, node.where)
    after = set_at(before, steps[1:], node)
    return None if after is None else tree.with_entry(steps[0], after)


def _set_in_list(tree: Node, steps: tuple[str, ...], node: Node) -> Node | None:
    """Set a value inside one item of a list: a policy by its id, or any item by its position."""
    items = list(tree.items)
    ids = [policy_id(item) for item in items]
    if steps[0] in ids:
        at = ids.index(steps[0])
    elif steps[0].isascii() and steps[0].isdigit() and len(steps[0]) < 6 and int(steps[0]) < len(items):
        at = int(steps[0])
    else:
        return None
    after = set_at(items[at], steps[1:], node)
    if after is None:
        return None
    items[at] = after
    return list_node(items, tree.where)


def _entries(tree: Node, *path: str) -> dict[str, Node]:
    """Return the entries of the mapping at a path; none when there is no such mapping."""
    node = tree.get(*path)
    return node.mapping if node is not None else {}
