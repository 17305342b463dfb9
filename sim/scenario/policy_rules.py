"""Rules for dates and references between policies: no circles, no impossible dates, no changes to others' policies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from pydantic import BaseModel

from sim.errors import Code, Problem
from sim.facts.chosen import facts_on
from sim.policies.base import Known, PolicyKeys
from sim.scenario.schema import Scenario
from sim.scenario.tree import Key, Node, policy_id

_LONG_AGO_DAYS = 3_653
"""A law that is announced ten years before it begins is none of which people have heard (assumption)."""
_OWN_RULES = frozenset({"announced", "on", "until"})


def policy_faults(tree: Node, listed: Iterable[PolicyKeys]) -> Iterator[Problem]:
    """Yield what policies contradict among themselves.

    Parameters
    ----------
    tree : Node
        The scenario, for the places.
    listed : iterable of PolicyKeys
        Its policies, each of them right by itself, in the order of the file.
    """
    policies = tuple(listed)
    by_id = {policy.id: policy for policy in policies}
    for at, policy in _placed(tree, policies):
        path = f"policies.{policy.id}"
        circle = _circle(policy, by_id)
        if circle:
            found = f"it acts on itself: {' -> '.join(circle)}"
            where = tree.where_of((*at, "policy"))
            yield Problem(where, found, "acts that end at a law", "which came first?", Code.INVALID, f"{path}.policy")
        other = by_id.get(policy.about() or "")
        due, to = (other.due() if other else None), policy.new_date()
        if policy.EXTENDS and due is not None and to is not None and to < due and not circle:
            found = f"'to' is {to}, before the day that it changes ({due})"
            yield Problem(tree.where_of((*at, "to")), found, f"a day after {due}", "", Code.ORDER, f"{path}.to")


def policy_doubts(tree: Node, scenario: Scenario) -> Iterator[Problem]:
    """Yield what policies say that cannot take effect, or is probably not meant."""
    by_id, known = {policy.id: policy for policy in scenario.policies}, _known(scenario)
    for at, policy in _placed(tree, scenario.policies):
        path = f"policies.{policy.id}"
        yield from _late_dates(tree, at, policy, scenario)
        yield from _acts_in_vain(tree, at, policy, by_id)
        if policy.announced and policy.on and (policy.on - policy.announced).days > _LONG_AGO_DAYS:
            found = f"it is announced {(policy.on - policy.announced).days // 365} years before it begins"
            yield Problem(tree.where_of((*at, "announced")), found, "a day that people remember", "", Code.RANGE, path)
        yield from (
            Problem(tree.where_of((*at, key)), found, allowed, "", Code.IDLE, f"{path}.{key}")
            for key, found, allowed in policy.doubts(known)
        )


def _known(scenario: Scenario) -> Known:
    """Return what the keys of policies can be compared with."""
    world = scenario.world
    # The states that its diasporas add are not needed here.
    facts = facts_on(world.facts, scenario.start, world.platforms)
    homes = {name: fact.home for name, fact in facts.platforms.items()}
    homes |= {name: keys.home for name, keys in world.platforms.items() if keys.home is not None}
    owners = {name: fact.owner for name, fact in facts.platforms.items()}
    owners |= {name: keys.owner for name, keys in world.platforms.items() if keys.owner is not None}
    return Known(facts, homes, owners)


def _late_dates(tree: Node, at: tuple[Key, ...], policy: PolicyKeys, scenario: Scenario) -> Iterator[Problem]:
    """Yield the dates of a policy's own keys that fall outside the run, or before the policy begins."""
    if policy.EXTENDS:
        return
    begins = policy.on or scenario.start
    for key in type(policy).model_fields:
        if key in _OWN_RULES:
            continue
        for day in _days(getattr(policy, key)):
            if day > scenario.end:
                found = f"{day} is after the last day of the run"
                allowed = f"{scenario.start} to {scenario.end}"
            elif day < begins:
                found, allowed = f"{day} is before the policy begins", f"a day from {begins} on"
            else:
                continue
            yield Problem(tree.where_of((*at, key)), found, allowed, "", Code.IDLE, f"policies.{policy.id}.{key}")


def _acts_in_vain(
    tree: Node, at: tuple[Key, ...], policy: PolicyKeys, by_id: Mapping[str, PolicyKeys]
) -> Iterator[Problem]:
    """Yield an act on a policy that is another state's, that never begins, or that is no law but an act itself."""
    other = by_id.get(policy.about() or "")
    if other is None:
        return
    where, path = tree.where_of((*at, "policy")), f"policies.{policy.id}"
    strangers = [state for state in policy.by if state not in other.by]
    if strangers and policy.binds(other):
        found = f"'{other.id}' is no policy of {', '.join(strangers)}, so their act changes nothing"
        yield Problem(tree.where_of((*at, "by")), found, f"states out of {', '.join(other.by)}", "", Code.IDLE, path)
    if not policy.binds(other):
        found = f"'{other.id}' is a policy of {', '.join(other.by)}, not of {', '.join(policy.by)}"
        allowed = "a state acts on its own policies; this one changes nothing"
        yield Problem(where, found, allowed, f"by: {other.by[0]}?", Code.IDLE, path)
    elif other.on is None and not policy.HALTS and not policy.EXTENDS:
        found = f"'{other.id}' never begins: it is only announced"
        yield Problem(where, found, "a policy with a first day", "on: ... there?", Code.IDLE, path)
    elif policy.EXTENDS and (due := other.due()) is not None and policy.on is not None and policy.on > due:
        found = f"it is granted on {policy.on}, after the day that it would change ({due}): it changes nothing"
        if not any(one.EXTENDS and one.about() == other.id and one.id != policy.id for one in by_id.values()):
            yield Problem(tree.where_of((*at, "on")), found, f"a day up to {due}", "", Code.IDLE, path)


def _circle(policy: PolicyKeys, by_id: Mapping[str, PolicyKeys]) -> list[str]:
    """Return the ids of the acts that lead from a policy back to itself; none where they end at a law."""
    seen = [policy.id]
    about = policy.about() or ""
    while about in by_id:
        seen.append(about)
        if about == policy.id:
            return seen if len(seen) > 2 else []  # one that names itself has an error of its own
        if about in seen[:-1]:
            return []
        about = by_id[about].about() or ""
    return []


def _placed(tree: Node, policies: Iterable[PolicyKeys]) -> Iterator[tuple[tuple[Key, ...], PolicyKeys]]:
    """Yield each policy with its place in the tree."""
    node = tree.get("policies")
    at = {policy_id(entry): number for number, entry in enumerate(node.items if node is not None else ())}
    for policy in policies:
        yield ("policies", at.get(policy.id, 0)), policy


def _days(value: object) -> Iterator[date]:
    """Yield the dates that a key holds: itself, its items, or those of its steps."""
    if isinstance(value, date):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _days(item)
    elif isinstance(value, BaseModel):
        for key in type(value).model_fields:
            yield from _days(getattr(value, key))
