"""Gaps of the facts for a scenario: another time, targets that are out of reach anyway, no measured figure.

All of this is allowed; each doubt is a warning with its code and place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from sim import policies
from sim.errors import Code, Problem
from sim.facts import Facts
from sim.facts.chosen import facts_on
from sim.facts.dated import Changes, changes, is_shut
from sim.facts.history import load_events
from sim.facts.model import BlockFact
from sim.facts.places import load_places
from sim.facts.use import UNUSED, blocks_elsewhere, use_anywhere
from sim.facts.worlds import available_facts, nearest_world
from sim.policies.base import PolicyKeys
from sim.scenario.schema import Scenario
from sim.scenario.tree import Node
from sim.scenario.which_facts import NEAREST

YEARS_APART = 2.0
"""Facts and first day are this far apart when a warning says so [years] (assumption)."""
DAYS_A_YEAR = 365.25
_SHOWN = 6
_BY_HAND = "world.blocks"


def unknown(tree: Node, scenario: Scenario) -> Iterator[Problem]:
    """Yield what the facts do not know about a scenario.

    Parameters
    ----------
    tree : Node
        For the places.
    scenario : Scenario
    """
    # The states that its diasporas add are not needed here.
    facts = facts_on(scenario.world.facts, scenario.start, scenario.world.platforms)
    yield from _apart(tree, scenario, facts)
    reported: set[str] = set()
    for at, policy in enumerate(scenario.policies):
        if not _takes_away(policy):
            continue
        yield from _aimless(tree.where_of(("policies", at, "targets")), policy, scenario, facts)
        for state in policy.by:
            if state not in reported and _is_unmeasured(state, scenario, facts):
                reported.add(state)
                name = load_places()[state].name if state in load_places() else state
                found = f"{name} ({state}) has no measured figure of any platform; all are assumptions"
                allowed = f"figures of your own under world.penetration.{state}"
                where = tree.where_of(("policies", at, "by"))
                yield Problem(where, found, allowed, f"splinternet show {state}", Code.UNMEASURED)


def _apart(tree: Node, scenario: Scenario, facts: Facts) -> Iterator[Problem]:
    """Yield that facts and scenario are years apart, and what has changed in between."""
    base = facts.whole or facts
    if base.day is None:
        return
    years = (scenario.start - base.day).days / DAYS_A_YEAR
    if abs(years) < YEARS_APART:
        return
    side = "before" if years > 0 else "after"
    found = f"{facts.name} describes {base.day}, {abs(years):.1f} years {side} the first day ({scenario.start})"
    nearest = nearest_world(scenario.start)
    nearer = facts.name in available_facts() and nearest != facts.name
    hint = f"facts: {nearest} is nearer" if nearer else "state under world what you know of that time"
    changed = changes(facts, scenario.start)
    allowed = "; ".join((*_parts(changed, scenario, base), f"figures of use stay those of {base.day.year}"))
    yield Problem(_place_of_world(tree), found, allowed, hint, Code.DATED, "world.facts")


def _parts(changed: Changes, scenario: Scenario, base: Facts) -> Iterator[str]:
    """Yield what differs between the day of the facts and the first day, each part by name."""
    if changed.closed:
        yield f"closed by then, left out: {_dated(changed.closed)}"
    if changed.not_launched:
        yield f"not launched yet, left out: {_dated(changed.not_launched)}"
    day = (base.day or scenario.start).isoformat()
    ended = {event.platform for event in load_events() if event.event == "closed"}
    missing = [(name, since) for name, since in changed.missing if (name in ended if changed.days < 0 else since > day)]
    if missing:
        yield f"no figures for: {_dated(missing)}"
    acting = {state for policy in scenario.policies for state in policy.by}
    for word, blocks in (("begun", changed.begun), ("ended", changed.ended)):
        here = {pair: fact for pair, fact in blocks.items() if not acting or pair[0] in acting}
        if here:
            yield f"blocks {word} between the two: {_blocks(here)}"
    left = _left_out(scenario, base, scenario.start)
    if left:
        yield f"blocks of that day that world.blocks leaves out: {left}"


def _left_out(scenario: Scenario, base: Facts, day: date) -> str:
    """Return the blocks of a day that the scenario's own list of a state does not have."""
    from sim.facts.history import blocks_before  # late: most scenarios list no blocks of their own

    own = scenario.world.blocks
    known = blocks_before(day, base, tuple(own)) if own else {}
    return _blocks({pair: fact for pair, fact in known.items() if pair[1] not in own[pair[0]]})


def _aimless(where: str, policy: PolicyKeys, scenario: Scenario, facts: Facts) -> Iterator[Problem]:
    """Yield the targets that are out of reach before a policy begins, or that nobody uses."""
    path = f"policies.{policy.id}"
    for state in policy.by:
        shut, idle = list[str](), list[str]()
        for platform in policy.targets:
            since = _blocked(state, platform, policy, scenario, facts)
            if since:
                shut.append(f"{platform} ({since})")
            elif _use(state, platform, scenario, facts) < UNUSED:
                idle.append(platform)
        if shut:
            found = f"{_some(shut)} {_is(shut)} blocked in {state} before the policy begins"
            allowed = "a target that is open there; only people with a VPN can lose it"
            hint = f"world.blocks: {{{state}: [...]}} says what is blocked on the first day"
            yield Problem(where, found, allowed, hint, Code.ALREADY, path)
        if idle:
            found = f"nobody in {state} uses {_some(idle)} in these facts, so nothing is lost there"
            hint = f"a figure of your own under world.penetration.{state}"
            yield Problem(where, found, "a target that is used there", hint, Code.UNUSED, path)


def _blocked(state: str, platform: str, policy: PolicyKeys, scenario: Scenario, facts: Facts) -> str:
    """Return since when a platform is blocked in a state before a policy begins; empty where it is open."""
    stated = scenario.world.blocks.get(state)
    if stated is not None:
        return _BY_HAND if platform in stated else ""
    blocks = facts.blocks if state in facts.states else blocks_elsewhere(facts)
    fact = blocks.get((state, platform))
    same = fact is not None and fact.technique == policy.technique
    return f"since {fact.since}" if fact is not None and (same or is_shut(blocks, (state, platform))) else ""


def _use(state: str, platform: str, scenario: Scenario, facts: Facts) -> float:
    """Return the largest share of a state's Internet users, or of a group there, who use a platform [1]."""
    stated = scenario.world.penetration.get(state, {}).get(platform)
    if stated is not None:
        return max(stated.values(), default=0.0) if isinstance(stated, Mapping) else stated
    fact = facts.platforms.get(platform)
    if fact is None or fact.home == state:
        return 1.0  # one that the scenario adds says itself where it is used; one at home is aimed at people elsewhere
    groups = (share.value for key, share in facts.group_penetration.items() if key[:2] == (state, platform))
    return max(use_anywhere(state, platform, facts).share.value, *groups, 0.0)


def _is_unmeasured(state: str, scenario: Scenario, facts: Facts) -> bool:
    """Return whether no figure of use in a state is measured, nor stated by the scenario."""
    if scenario.world.penetration.get(state) or state in scenario.world.states:
        return False
    return not any(use_anywhere(state, name, facts).measured for name in facts.platforms)


def _takes_away(policy: PolicyKeys) -> bool:
    """Return whether a policy takes something away from people."""
    if policy.PROMOTES or policy.HALTS or policy.EXTENDS or policies.load(policy.instrument).frees:
        return False
    return bool(policy.targets) or policy.CUTS_ALL


def _place_of_world(tree: Node) -> str:
    """Return where the world is named, or else the first day."""
    node = tree.get("world", "facts")
    return node.where if node is not None and node.where not in ("", NEAREST) else tree.where_of(("start",))


def _dated(pairs: list[tuple[str, str]] | tuple[tuple[str, str], ...]) -> str:
    """Return names with their dates."""
    return _some([f"{name} ({day})" for name, day in pairs])


def _blocks(blocks: Mapping[tuple[str, str], BlockFact]) -> str:
    """Return blocks by state, platform and first day."""
    return _some([f"{state} {platform} ({fact.since})" for (state, platform), fact in sorted(blocks.items())])


def _some(names: list[str]) -> str:
    """Return the first of some names, and how many more there are."""
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _is(names: list[str]) -> str:
    """Return the verb of some names."""
    return "is" if len(names) == 1 else "are"
