"""Rules for the whole scenario: dates in order, unique ids, known names, features of this version.

Rules read the tree, not the models, so that they also report problems if another part of the scenario is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import date
from itertools import pairwise

from sim import policies
from sim.errors import Code, InputError, Problem, did_you_mean
from sim.facts.places import load_places
from sim.policies.values import Names
from sim.scenario.behaviours import BEHAVIOURS
from sim.scenario.community_rules import broken_communities
from sim.scenario.messages import dotted
from sim.scenario.migrants import broken_migrants
from sim.scenario.observed_rules import late_rows, observed_problems
from sim.scenario.parameter_rules import parameter_doubts, parameter_faults
from sim.scenario.policy_rules import policy_doubts
from sim.scenario.schema import FEW_PEOPLE, MOST_PLATFORMS, Scenario
from sim.scenario.tree import Node, policy_id
from sim.scenario.variation_rules import variation_doubts, variation_faults
from sim.scenario.world_rules import world_doubts, world_faults

_CODE = re.compile("[A-Z]{2}")


def broken_rules(tree: Node, names: Names, known_metrics: Collection[str] | None) -> list[Problem]:
    """Return every rule that a scenario breaks.

    Parameters
    ----------
    tree : Node
        Merged and with canonical names.
    names : Names
        The names in force.
    known_metrics : collection of str, optional
        What ``measure:`` may name; None to leave it unchecked.
    """
    found = [*_ids(tree), *_span(tree), *_platforms(tree, names), *_states(tree, names)]
    found += [*broken_migrants(tree, names), *broken_communities(tree)]
    for at, policy in enumerate(_items(tree, "policies")):
        where = dotted(("policies", at), tree)
        found += [*_dates(policy, where), *_instrument(policy, where)]
    found += [
        *parameter_faults(tree, names),
        *_ranges(tree, names),
        *_behaviours(tree),
        *_measures(tree, known_metrics),
    ]
    found += [*world_faults(tree, names), *variation_faults(tree, names), *observed_problems(tree, known_metrics)]
    return found


def doubts(tree: Node, scenario: Scenario, names: Names) -> Iterator[Problem]:
    """Yield what is allowed but probably not meant."""
    if scenario.people < FEW_PEOPLE:
        found, allowed = (
            f"{scenario.people:,} simulated people are few: a diaspora that a policy can reach has fewer than 100",
            f"{FEW_PEOPLE:,} or more",
        )
        yield Problem(tree.where_of(("people",)), found, allowed, "", Code.FEW, "people")
    yield from late_rows(tree, scenario.end)
    yield from parameter_doubts(tree, names)
    yield from world_doubts(tree, scenario)
    yield from variation_doubts(tree, names)
    yield from policy_doubts(tree, scenario)
    for at, policy in enumerate(scenario.policies):
        path, here = f"policies.{policy.id}", ("policies", at)
        begins = policy.on or policy.announced
        if begins is not None and begins > scenario.end:
            found, allowed = (
                f"it begins on {begins}, after the last day of the run",
                f"{scenario.start} to {scenario.end}",
            )
            yield Problem(tree.where_of((*here, "on")), found, allowed, "more days?", Code.IDLE, path)
        if policy.on is not None and policy.on == policy.until:
            found, allowed = (
                "'until' is the day it begins, so it is never in force",
                "until is the first day free again",
            )
            yield Problem(tree.where_of((*here, "until")), found, allowed, "", Code.IDLE, path)
        for key in sorted(policy.IDLE_KEYS):
            if getattr(policy, key):
                found = f"'{key}' changes nothing for {policy.instrument}"
                yield Problem(tree.where_of((*here, key)), found, "leave it out", "", Code.IDLE, path)


def _ids(tree: Node) -> Iterator[Problem]:
    """Refuse an id that two policies share."""
    first: dict[str, str] = {}
    for policy in _items(tree, "policies"):
        name = policy_id(policy)
        node = policy.get("id")
        if name is None or node is None:
            continue
        if name in first:
            found = f"a second policy has the id '{name}' (the first: {first[name]})"
            yield Problem(node.where, found, "each id once", f"{name}-2, say", Code.DUPLICATE)
        first.setdefault(name, node.where)


def _dates(policy: Node, path: str) -> Iterator[Problem]:
    """Refuse dates out of order, and a policy without any."""
    keys = ("announced", "on", "until")
    if not any(_says(policy, key) for key in ("announced", "on")):
        hint = "on: 2020-09-20; announced alone is a bare threat"
        yield Problem(policy.where, "neither 'on' nor 'announced'", "at least one of them", hint, Code.MISSING, path)
    days = [(key, node, day) for key in keys if (node := policy.get(key)) is not None and (day := _day(node))]
    for (earlier, _, before), (later, node, after) in pairwise(days):
        if after < before:
            found = f"'{later}' is {after}, before '{earlier}' ({before})"
            yield Problem(node.where, found, "announced <= on <= until", "swap them?", Code.ORDER, path)


def _instrument(policy: Node, path: str) -> Iterator[Problem]:
    """Refuse an instrument without a mechanism, and a policy that stays itself."""
    node = policy.get("instrument")
    name = node.value if node is not None and node.value in policies.instruments() else None
    if node is not None and isinstance(name, str) and not policies.load(name).available:
        found, allowed = f"the mechanism of {name} is not in this version", "one of " + ", ".join(policies.available())
        yield Problem(node.where, found, allowed, "", Code.UNAVAILABLE, f"{path}.instrument")
    other, own = policy.get("policy"), policy_id(policy)
    if other is not None and own is not None and other.value == own:
        yield Problem(other.where, "it names itself", "the id of another policy", path=f"{path}.policy")


def _span(tree: Node) -> Iterator[Problem]:
    """Refuse a first day far from the world of the facts; the calendar's own end is far off then, too."""
    start = tree.get("start")
    first = _day(start) if start is not None else None
    if start is not None and first is not None and not 1990 <= first.year <= 2100:
        yield Problem(start.where, str(first), "a day from 1990 to 2100", "", Code.RANGE, "start")


def _platforms(tree: Node, names: Names) -> Iterator[Problem]:
    """Refuse too many platforms, a new one that says too little, and one penetration said twice."""
    known = names.facts.platforms
    added = [name for name, _ in _entries(tree, "world", "platforms") if name not in known]
    if len(known) + len(added) > MOST_PLATFORMS:
        found, allowed = (
            f"{len(added)} new platforms make {len(known) + len(added)}",
            f"at most {MOST_PLATFORMS} in all",
        )
        yield Problem(tree.where_of(("world", "platforms")), found, allowed, "", Code.RANGE, "world.platforms")
    for name, node in _entries(tree, "world", "platforms"):
        missing = [key for key in ("owner", "home", "kind") if not _says(node, key)]
        if name not in known and missing and isinstance(node.value, dict):
            where = tree.where_of(("world", "platforms", name), key=True)
            hint = did_you_mean(name, names.spellings("platform")) if len(missing) == 3 else ""
            found, allowed = f"no {', '.join(missing)}", "a new platform needs owner, home and kind"
            yield Problem(where, found, allowed, hint, Code.MISSING, f"world.platforms.{name}")
        for state, _ in _entries(tree, "world", "platforms", name, "penetration"):
            twice = tree.get("world", "penetration", state, name)
            if twice is not None:
                found, path = f"it stands in world.platforms.{name} too", f"world.penetration.{state}.{name}"
                yield Problem(twice.where, found, "each penetration once", "", Code.DUPLICATE, path)


def _states(tree: Node, names: Names) -> Iterator[Problem]:
    """Refuse a new state that says too little, or whose code is none."""
    for code, node in _entries(tree, "world", "states"):
        if code in names.facts.states or code in load_places() or not isinstance(node.value, dict):
            continue
        where = tree.where_of(("world", "states", code), key=True)
        missing = [key for key in ("name", "population", "internet_users") if not _says(node, key)]
        if not _CODE.fullmatch(code):
            hint = did_you_mean(code, names.spellings("state"))
            found, allowed = f"unknown state '{code}'", "two capital letters for a new one"
            yield Problem(where, found, allowed, hint, Code.UNKNOWN_NAME, "world.states")
        elif missing:
            found, allowed = f"no {', '.join(missing)}", "a new state needs name, population and internet_users"
            yield Problem(where, found, allowed, "", Code.MISSING, f"world.states.{code}")


def _ranges(tree: Node, names: Names) -> Iterator[Problem]:
    """Refuse ranges upside down, and ranges of what is one of a few rules."""
    for key, node in _entries(tree, "uncertain"):
        known = names.facts.parameters.get(key.removeprefix("parameters."))
        if known is not None and known.choices:
            allowed, hint = "no range: members draw among its choices", f"set it to one of {', '.join(known.choices)}"
            yield Problem(node.where, f"'{key}' is one of a few rules", allowed, hint, Code.RANGE, f"uncertain.{key}")
        low, high = node.get("low"), node.get("high")
        if low is None or high is None or not (_is_number(low) and _is_number(high)):
            continue
        if low.value > high.value:  # type: ignore[operator]
            found = f"low is {low.value} but high is {high.value}"
            yield Problem(low.where, found, "low must not be larger", "swap them?", Code.ORDER, f"uncertain.{key}")
        way = node.get("distribution")
        if way is not None and way.value == "log-uniform" and low.value <= 0:  # type: ignore[operator]
            found, allowed = f"low is {low.value}", "log-uniform needs low above 0"
            yield Problem(low.where, found, allowed, "", Code.RANGE, f"uncertain.{key}")


def _behaviours(tree: Node) -> Iterator[Problem]:
    """Refuse behaviours that do not exist, and those of a project folder whose file is faulty."""
    known = BEHAVIOURS
    for key, node in _entries(tree, "behaviour"):
        if key not in known:
            where = tree.where_of(("behaviour", key), key=True)
            hint = did_you_mean(key, known) or "behaviours of your own belong to a project folder"
            allowed = "one of " + ", ".join(known)
            yield Problem(where, f"unknown key '{key}'", allowed, hint, Code.UNKNOWN_KEY, "behaviour")
        elif key in BEHAVIOURS.own() and node.value:
            try:
                BEHAVIOURS[key]
            except InputError as error:
                yield from error.problems


def _measures(tree: Node, known: Collection[str] | None) -> Iterator[Problem]:
    """Refuse metrics that do not exist."""
    one = tree.get("measure")
    for node in _items(tree, "measure") or ([one] if one is not None else []):  # one metric needs no brackets
        if known is not None and isinstance(node.value, str) and node.value not in known:
            hint = did_you_mean(node.value, known) or "splinternet list metrics names them"
            found, allowed = f"unknown metric '{node.value}'", "a metric of the model"
            yield Problem(node.where, found, allowed, hint, Code.UNKNOWN_NAME, "measure")


def _items(tree: Node, *path: str) -> list[Node]:
    """Return the items of the list at a path."""
    node = tree.get(*path)
    return node.items if node is not None else []


def _entries(tree: Node, *path: str) -> list[tuple[str, Node]]:
    """Return the entries of the mapping at a path."""
    node = tree.get(*path)
    return list(node.mapping.items()) if node is not None else []


def _says(node: Node, key: str) -> bool:
    """Return whether a mapping gives a key a value; null is none."""
    entry = node.get(key)
    return entry is not None and entry.value is not None


def _day(node: Node) -> date | None:
    """Return the date that a node holds, if it holds one."""
    if isinstance(node.value, str):
        with suppress(ValueError):
            return date.fromisoformat(node.value)
    return node.value if type(node.value) is date else None


def _is_number(node: Node) -> bool:
    """Return whether a node holds a finite number."""
    return isinstance(node.value, int | float) and not isinstance(node.value, bool) and node.value == node.value
