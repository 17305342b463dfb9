"""Rules for the world before the first day: each figure once, no more users than people, clouds that exist."""

from __future__ import annotations

from collections.abc import Iterator

from sim.errors import Code, Problem, did_you_mean
from sim.facts import Facts
from sim.facts.elsewhere import state_anywhere
from sim.facts.model import REST_OF_WORLD
from sim.facts.places import load_places
from sim.policies.values import Names
from sim.scenario.schema import Scenario
from sim.scenario.tree import Node, number_in

_NUMBERS = ("internet_users", "vpn_share")
"""What may stand with its state, or in a table of its own."""
_OWN = "own"
_EMPTY_CELLS = frozenset({"nan", "-nan", "na", "<na>", "n/a", "#n/a", "#na", "none", "null"})
"""What readers of tables, pandas for one, take for a cell without a value."""


def world_faults(tree: Node, names: Names) -> Iterator[Problem]:
    """Yield what contradicts itself or the tables, before anything is built."""
    for code, node in _entries(tree, "world", "states"):
        for key in _NUMBERS:
            twice = tree.get("world", key, code)
            if twice is not None and twice.value is not None and node.get(key) is not None:
                found, path = f"it stands in world.states.{code} too", f"world.{key}.{code}"
                yield Problem(twice.where, found, "each number once", "remove one", Code.DUPLICATE, path)
    yield from _more_users_than_people(tree, names.facts)
    for key in ("blocks", "blocks_policy_arm"):
        nobody = tree.get("world", key, REST_OF_WORLD)
        if nobody is not None:
            found, path = "the rest of the world (XX) has no government", f"world.{key}"
            yield Problem(nobody.where, found, "one of the other states", "", Code.INVALID, path)
    yield from _unknown_clouds(tree, names)


def world_doubts(tree: Node, scenario: Scenario) -> Iterator[Problem]:
    """Yield what is allowed and probably not meant."""
    for name, keys in scenario.world.platforms.items():
        if name.strip().casefold() in _EMPTY_CELLS:
            where, path = tree.where_of(("world", "platforms", name), key=True), f"world.platforms.{name}"
            found = f"the name '{name}' reads as an empty cell in exported tables"
            yield Problem(where, found, "another name", "pandas: keep_default_na=False", Code.INVALID, path)
        if keys.home == REST_OF_WORLD:
            where, path = tree.where_of(("world", "platforms", name, "home")), f"world.platforms.{name}.home"
            yield Problem(
                where, "its home is the rest of the world (XX)", "a state that can decide", "", Code.IDLE, path
            )


def _more_users_than_people(tree: Node, facts: Facts) -> Iterator[Problem]:
    """Yield the states with more internet users than residents."""
    stated = {code: node for code, node in _entries(tree, "world", "states")}
    listed = dict(_entries(tree, "world", "internet_users"))
    for code in dict.fromkeys((*stated, *listed)):
        known = state_anywhere(code, facts) if code in facts.states or code in load_places() else None
        node = stated.get(code)
        users = listed.get(code) or (node.get("internet_users") if node else None)
        people = node.get("population") if node else None
        n_users = number_in(users.value) if users else known and known.internet_users.value
        n_people = number_in(people.value) if people else known and known.population.value
        if n_users and n_people and n_users > n_people:
            found = f"{n_users:,.10g} internet users among {n_people:,.10g} residents"
            where = (users or people or tree).where
            path = f"world.states.{code}"
            yield Problem(where, found, "no more users than residents", "set the other one, too?", Code.RANGE, path)


def _unknown_clouds(tree: Node, names: Names) -> Iterator[Problem]:
    """Yield the clouds of platforms that the facts do not know."""
    for name, node in _entries(tree, "world", "platforms"):
        given = node.get("hosting")
        if given is None:
            continue
        used = {place for fact in names.facts.platforms.values() for place in fact.hosting}
        known = (_OWN, *sorted({*used, *names.hosts()} - {_OWN}))
        for item in given.items or [given]:
            if isinstance(item.value, str) and item.value not in known:
                allowed, hint = "one of " + ", ".join(known), did_you_mean(item.value, known)
                path = f"world.platforms.{name}.hosting"
                yield Problem(item.where, f"unknown cloud '{item.value}'", allowed, hint, Code.UNKNOWN_NAME, path)


def _entries(tree: Node, *path: str) -> list[tuple[str, Node]]:
    """Return the entries of the mapping at a path."""
    node = tree.get(*path)
    return list(node.mapping.items()) if node is not None else []
