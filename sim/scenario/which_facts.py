"""Which facts a scenario is read with: the world that it names, or the nearest to its first day.

Names need the platforms of the first day and nothing else of it; what is blocked and used then is worked out for a run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date

from sim.errors import InputError, Problem
from sim.facts import Facts, find_platform, load_facts
from sim.facts.read import working_on
from sim.facts.worlds import DEFAULT_WORLD, nearest_world
from sim.scenario.names import set_at
from sim.scenario.tree import Node
from sim.scenario.yaml_text import read_value

FIRST_YEAR, LAST_YEAR = 1990, 2100
"""Years in which a scenario may start."""
NEAREST = "default"
"""Where the name of a world comes from that no file states."""


def choose_facts(
    trees: Sequence[Node],
    overrides: Sequence[str],
    problems: list[Problem],
    changed: Mapping[str, object] | None = None,
) -> Facts:
    """Return the facts to read a scenario with: those of its world, with the platforms of its first day.

    Parameters
    ----------
    trees : sequence of Node
        The file and those it extends, the file itself first.
    overrides : sequence of str
        ``PATH=VALUE`` each; what they say of the world and of the first day wins.
    problems : list of Problem
        What is wrong with the name of the world is added here.
    changed : mapping of str to object, optional
        Values that win over all, by path.
    """
    name, start = _stated(trees, "world", "facts"), _stated(trees, "start")
    for text in overrides:
        path, _, value = (part.strip() for part in text.partition("="))
        if path == "world.facts":
            name = Node(value, f"--set world.facts={value}")
        elif path == "start":
            start = Node(value, "")
        elif path == "world" and (said := read_value(value, "", [])) is not None:
            name = said.get("facts") or name
    if changed and "start" in changed:
        start = Node(changed["start"], "")
    if changed and "world.facts" in changed:
        name = Node(changed["world.facts"], "a change in Python")
    day = day_of(start)
    world = name.value if name is not None and isinstance(name.value, str) else ""
    if not world:  # where it is no text, the schema says so
        world = nearest_world(day) if day is not None else DEFAULT_WORLD
    try:
        base = load_facts(world)
    except InputError as error:
        where = name.where if name is not None else ""
        problems += [problem.below("world.facts", where or problem.where) for problem in error.problems]
        world = nearest_world(day) if day is not None else DEFAULT_WORLD
        base = load_facts(world)
    if day is None:
        return base
    whole = base.whole or base
    named = {key for tree in trees if (node := tree.get("world", "platforms")) is not None for key in node.mapping}
    return working_on(base, day, [known for key in named if (known := find_platform(key, whole)) is not None])


def with_world(tree: Node, facts: Facts) -> Node:
    """Return a tree that names its world; one that names none gets that of the facts.

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
    if stated is not None and stated.value not in (None, ""):
        return tree
    return set_at(tree, ("world", "facts"), Node(facts.name, NEAREST)) or tree


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
