"""Rules for the diasporas that a scenario adds or changes."""

from __future__ import annotations

from collections.abc import Iterator

from sim.errors import Code, Problem
from sim.facts.elsewhere import state_anywhere
from sim.facts.model import REST_OF_WORLD
from sim.facts.places import load_places
from sim.policies.values import Names
from sim.scenario.tree import Node, number_in


def broken_migrants(tree: Node, names: Names) -> Iterator[Problem]:
    """Refuse a diaspora at home, one of nowhere in particular, and one larger than the state that it lives in.

    Parameters
    ----------
    tree : Node
        Merged and with canonical names.
    names : Names
        The names in force.
    """
    table = tree.get("world", "migrants")
    for residence, row in (table.mapping if table is not None else {}).items():
        total, where = 0.0, f"world.migrants.{residence}"
        for origin, node in row.mapping.items():
            path = f"{where}.{origin}"
            if residence == origin:
                found = f"{residence} is where these people live and where they were born"
                yield Problem(_key(tree, residence, origin), found, "two different states", "", Code.INVALID, path)
            elif REST_OF_WORLD in (residence, origin):
                found = f"the rest of the world ({REST_OF_WORLD}) is no home of a diaspora"
                yield Problem(_key(tree, residence, origin), found, "two states", "name the state", Code.INVALID, path)
            total += number_in(node.value) or 0.0
        people = _population(tree, residence, names)
        if people is not None and total > people:
            found = f"{total:,.0f} people born elsewhere among {people:,.0f} residents of {residence}"
            allowed = "no more than the population"
            yield Problem(tree.where_of(("world", "migrants", residence)), found, allowed, "", Code.RANGE, where)


def _population(tree: Node, code: str, names: Names) -> float | None:
    """Return the residents of a state, as the scenario or the facts give them, or None where neither does."""
    stated = tree.get("world", "states", code, "population")
    if stated is not None and (number := number_in(stated.value)) is not None:
        return number
    known = code in names.facts.states or code in load_places()
    return state_anywhere(code, names.facts).population.value if known else None


def _key(tree: Node, residence: str, origin: str) -> str:
    """Return where a pair stands."""
    return tree.where_of(("world", "migrants", residence, origin), key=True)
