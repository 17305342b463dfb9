"""The facts with which a scenario is read: the world that it names, or the nearest to its first day.

Names need only the platforms of the first day. Blocks and use on that day are computed for a run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date

from sim.errors import InputError, Problem
from sim.facts import Facts, find_platform, load_facts
from sim.facts.read import working_on
from sim.facts.worlds import DEFAULT_WORLD, nearest_world
from sim.scenario.files import Chain, Home, home_of
from sim.scenario.names import set_at
from sim.scenario.own_facts import projects_world, world_of
from sim.scenario.tree import Node
from sim.scenario.yaml_text import read_value

FIRST_YEAR, LAST_YEAR = 1990, 2100
"""Years in which a scenario may start."""
NEAREST = "default"
"""Where the name of a world comes from that no file states."""


def choose_facts(
    chain: Chain, overrides: Sequence[str], problems: list[Problem], changed: Mapping[str, object] | None = None
) -> Facts:
    """Return the facts to read a scenario with: those of its world, with the platforms of its first day.

    Parameters
    ----------
    chain : Chain
        The file and those it extends.
    overrides : sequence of str
        ``PATH=VALUE`` each; what they say of the world and of the first day wins.
    problems : list of Problem
        What is wrong with the name of the world is added here.
    changed : mapping of str to object, optional
        Values that win over all, by path.
    """
    named, start, home = _asked(chain, overrides, changed or {})
    day = day_of(start)
    nearest = nearest_world(day) if day is not None else DEFAULT_WORLD
    text = named.value if named is not None and isinstance(named.value, str) else ""
    try:  # where it is no text, the schema says so
        base = load_facts(world_of(text, home) if text else projects_world() or nearest)
    except InputError as error:
        where = named.where if named is not None else ""
        problems += [problem if problem.where else problem.below("world.facts", where) for problem in error.problems]
        base = load_facts(nearest)
    if day is None:
        return base
    whole = base.whole or base
    platforms = [key for tree in chain.trees if (node := tree.get("world", "platforms")) for key in node.mapping]
    return working_on(base, day, [known for key in platforms if (known := find_platform(key, whole)) is not None])


def _asked(
    chain: Chain, overrides: Sequence[str], changed: Mapping[str, object]
) -> tuple[Node | None, Node | None, Home]:
    """Return the nodes that name the world and the first day, and where the first of them stands."""
    home = chain.homes[0] if chain.homes else home_of(chain.path)
    named, start = _stated(chain.trees, "world", "facts"), _stated(chain.trees, "start")
    for tree, other in zip(chain.trees, chain.homes, strict=False):
        home = other if named is not None and tree.get("world", "facts") is named else home
    for text in overrides:
        path, _, value = (part.strip() for part in text.partition("="))
        if path == "world.facts":
            named = Node(value, f"--set world.facts={value}")
        elif path == "start":
            start = Node(value, "")
        elif path == "world" and (said := read_value(value, "", [])) is not None:
            named = said.get("facts") or named
    start = Node(changed["start"], "") if "start" in changed else start
    named = Node(changed["world.facts"], "a change in Python") if "world.facts" in changed else named
    return named, start, home


def with_world(tree: Node, facts: Facts) -> Node:
    """Return a tree that names its world as the facts do: one that names none, or names a folder, as well.

    Parameters
    ----------
    tree : Node
    facts : Facts
        As `choose_facts` returns them.
    """
    world = tree.get("world")
    if world is not None and world.value is not None and not isinstance(world.value, dict):
        return tree
    stated = tree.get("world", "facts")
    if stated is not None and stated.value is not None and not isinstance(stated.value, str):
        return tree
    where = stated.where if stated is not None and stated.value else NEAREST
    return set_at(tree, ("world", "facts"), Node(facts.name, where)) or tree


def day_of(node: Node | None) -> date | None:
    """Return the first day that a node holds, or None where it holds none that a scenario may start on."""
    value = node.value if node is not None else None
    if isinstance(value, str):
        with suppress(ValueError):
            value = date.fromisoformat(value)
    return value if type(value) is date and FIRST_YEAR <= value.year <= LAST_YEAR else None


def _stated(trees: Sequence[Node], *path: str) -> Node | None:
    """Return the first value that stands at a path, null aside."""
    found = (node for tree in trees if (node := tree.get(*path)) is not None)
    return next((node for node in found if node.value is not None), None)
