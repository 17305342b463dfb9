"""Warnings about a valid scenario: settings that are probably not intended, and missing figures.

Each doubt is a warning with its code and place. `splinternet.world.effects` finds policies that
change nothing on any day by comparing days; this module finds doubts that the text alone shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from math import prod

from ..errors import Code, Place, Problem
from ..facts import Facts, find_platform
from ..facts.history import blocks_before, blocks_on, dates_of, is_shut, missing_platforms
from ..facts.model import REST_OF_WORLD, BlockFact
from ..facts.network import load_network
from ..facts.platforms import UNUSED, blocks_elsewhere, use_anywhere
from ..facts.states import load_places
from ..facts.worlds import available_facts, nearest_world
from ..policies.base import Policy, dates_in
from ..policies.values import Names, shown
from .scenario import FEW_PEOPLE, Scenario, changed_platforms, restricts
from .tree import KEY, Path, Tree, as_number, split_path

NEAREST = "default"
"""The place that is printed for `world.facts` if no file states it."""
YEARS_APART = 2.0
"""Distance between facts and first day that gives a warning [years] (assumption)."""
DAYS_A_YEAR = 365.25
MANY_POINTS = 10_000
"""Number of points above which a sweep takes a day or longer (assumption: several seconds each)."""
_FAR = 10.0
"""Factor beyond an end of its range at which a parameter is far from the evidence (assumption)."""
_LONG_AGO_DAYS = 3_653
"""Longest time from announcement to beginning; people have forgotten an older announcement
(assumption).
"""
_EMPTY_CELLS = frozenset({"nan", "-nan", "na", "<na>", "n/a", "#n/a", "#na", "none", "null"})
"""Texts that readers of tables, such as pandas, take for a missing value."""
_SHOWN = 6

type Doubts = Iterator[Problem]


def doubts(tree: Tree, scenario: Scenario, names: Names) -> Doubts:
    """Yield warnings: settings that are allowed but probably not meant, and facts that are not
    known.

    Parameters
    ----------
    tree : Tree
        The scenario as written, with the places.
    scenario : Scenario
        The checked scenario.
    names : Names
        The known names.
    """
    facts = scenario.scene.dated
    if scenario.people < FEW_PEOPLE:
        found = f"{scenario.people:,} simulated people are few: a diaspora that a policy can reach has fewer than 100"
        yield tree.problem(("people",), found, f"{FEW_PEOPLE:,} or more", "", Code.FEW)
    for at, row in enumerate(scenario.observed):
        if row.date > scenario.end:
            hint = f"days: {(row.date - scenario.start).days + 1} would reach it"
            found = f"{row.date} is after the last day"
            allowed = f"{scenario.end} or earlier"
            yield tree.problem(("observed", at, "date"), found, allowed, hint)
    yield from _far_parameters(tree, names)
    yield from _doubtful_platforms(tree, scenario)
    yield from _idle_variations(tree, names)
    yield from _doubtful_policies(tree, scenario, facts)
    yield from _facts_of_another_time(tree, scenario, facts)
    acting: dict[str, Path] = {}  # place of each state's name
    for policy in scenario.policies:
        if restricts(policy) and not policy.FREES and (policy.targets or policy.CUTS_ALL):
            yield from _aimless_targets(tree, policy, scenario, facts)
            named = "by" if policy.concerns() == policy.by else "from"
            acting = dict.fromkeys(policy.concerns(), ("policies", policy.id, named)) | acting
    for state in acting:
        is_stated = scenario.world.penetration.get(state) or state in scenario.world.states
        if not is_stated and not any(
            use_anywhere(state, name, facts).basis != "assumption" for name in facts.platforms
        ):
            name = load_places()[state].name if state in load_places() else state
            found = f"{name} ({state}) has no measured figure for any platform; all are assumptions"
            allowed = f"figures of your own under world.penetration.{state}"
            hint = f"splinternet show {state}"
            yield Problem(tree.where(*acting[state]), found, allowed, hint, Code.UNMEASURED)


def _far_parameters(tree: Tree, names: Names) -> Doubts:
    """Yield values that the model accepts but that are far from all evidence.

    A what-if may leave the range of the table, and 0 switches a rule off: neither warns, except 0
    for a duration.
    """
    for key, value in tree.mapping("parameters").items():
        quantity = names.facts.parameters[key]
        number = as_number(value)
        if number is None or quantity.choices or (number == 0 and quantity.unit != "days"):
            continue
        if (
            not min(quantity.low, quantity.low / _FAR)
            <= number
            <= max(quantity.high, quantity.high * _FAR)
        ):
            found = f"{shown(value)} is far from the evidence"
            hint = f"splinternet show {key} shows where the range "
            allowed = f"{quantity.low:g} to {quantity.high:g}" + (
                "" if quantity.unit == "1" else f" {quantity.unit}"
            )
            yield tree.problem(("parameters", key), found, allowed, f"{hint}comes from", Code.RANGE)


def _doubtful_platforms(tree: Tree, scenario: Scenario) -> Doubts:
    """Yield platforms whose name reads as an empty cell of a table, and platforms without a home
    state.
    """
    for name, keys in scenario.world.platforms.items():
        path = ("world", "platforms", name)
        if name.strip().casefold() in _EMPTY_CELLS:
            found = f"the name '{name}' reads as an empty cell in exported tables"
            yield tree.problem((*path, KEY), found, "another name", "pandas: keep_default_na=False")
        if keys.home == REST_OF_WORLD:
            found = "its home is the rest of the world (XX)"
            yield tree.problem((*path, "home"), found, "a state that can decide", "", Code.IDLE)


def _idle_variations(tree: Tree, names: Names) -> Doubts:
    """Yield ranges of one value, quantities that are both swept and uncertain, and sweeps that
    would take days.
    """

    def file_of(path: Path) -> str:
        where = tree.where(*path)
        return where.file if isinstance(where, Place) else ""

    swept = {split_path(key, names): file_of(("sweep", key)) for key in tree.mapping("sweep")}
    for key, row in tree.mapping("uncertain").items():
        path = ("uncertain", key)
        # A file may sweep over a quantity that is uncertain in the file that it extends.
        if swept.get(split_path(key, names)) == file_of(path):
            found = f"'{key}' is in sweep too: a value that a sweep sets is not drawn"
            yield tree.problem(path, found, "one of the two", "", Code.IDLE)
        if row["low"] == row["high"]:
            found = f"low and high are both {row['low']}: nothing is drawn"
            hint = "or state the value itself"
            yield tree.problem((*path, "low"), found, "a range", hint, Code.IDLE, about=path)
    points = prod(max(1, len(values)) for values in tree.mapping("sweep").values())
    if points > MANY_POINTS:
        found = f"{points:,} points, each of several runs"
        allowed = f"up to {MANY_POINTS:,} take hours already"
        yield tree.problem(("sweep", KEY), found, allowed, "fewer values?", Code.RANGE)


def _doubtful_policies(tree: Tree, scenario: Scenario, facts: Facts) -> Doubts:
    """Yield settings of policies that are probably not intended; `splinternet.world.effects` finds
    those without effect.
    """
    platforms = changed_platforms(facts, scenario.world)
    by_name = {policy.id: policy for policy in scenario.policies}
    for policy in scenario.policies:
        path: Path = ("policies", policy.id)
        other = by_name.get(policy.about() or "")
        if other is not None:
            yield from _doubtful_ends(tree, path, policy, other)
        yield from _doubtful_gateways(tree, path, policy, facts)
        yield from _last_cables(tree, (*path, "cables"), policy, facts)
        yield from _cables_elsewhere(tree, (*path, "cables"), policy, facts)
        if policy.instrument == "transit_cut":
            yield from _invented_carriers(tree, (*path, "from"), policy, facts)
            yield from _no_transit(tree, (*path, "by"), policy, facts)
        if own := ", ".join(
            state for state in getattr(policy, "avoid_states", ()) if state in policy.by
        ):
            found = f"the traffic of {own} cannot avoid {own}, where it begins or ends"
            yield tree.problem(
                (*path, "avoid_states"), found, "other states", "", Code.IDLE, about=path
            )
        for key in sorted(policy.idle_keys() & policy.model_fields_set):
            if getattr(policy, key) != type(policy).model_fields[key].default:
                found = f"'{key}' changes nothing for '{policy.instrument}'"
                yield tree.problem((*path, key), found, "leave it out", "", Code.IDLE)
        yield from _doubtful_dates(tree, path, policy, scenario)
        if policy.PROMOTES:
            homes = {target: platforms[target].home for target in policy.targets}
            yield from _promoted_abroad(tree, path, policy, homes)


def _doubtful_gateways(tree: Tree, path: Path, policy: Policy, facts: Facts) -> Doubts:
    """Yield policies that close more gateways than exist."""
    closed = getattr(policy, "gateways_closed", None)
    if isinstance(closed, int) and closed > 0:
        most = max(len(load_network(facts.name).gateways(state)) for state in policy.by)
        if closed > most:
            found = f"{closed:,} gateways are to be closed; there are {most}"
            yield tree.problem((*path, "gateways_closed"), found, "all", "", Code.IDLE, about=path)


def _promoted_abroad(tree: Tree, path: Path, policy: Policy, homes: Mapping[str, str]) -> Doubts:
    """Yield the foreign platforms that a state promotes."""
    for target, home in homes.items():
        if home not in policy.by:
            found = f"{target} is at home in {home}, not in {', '.join(policy.by)}"
            allowed = "a platform of the state's own"
            yield tree.problem((*path, "targets"), found, allowed, "", Code.IDLE)


def _doubtful_ends(tree: Tree, path: Path, policy: Policy, other: Policy) -> Doubts:
    """Yield policies that relieve or end another policy that is not in force then."""
    if other.on is None and policy.FREES:
        found = f"'{other.id}' never begins: it is only announced"
        allowed = "a policy with a first day"
        yield tree.problem((*path, "policy"), found, allowed, "", Code.IDLE, about=path)
    elif policy.ENDS and policy.on and other.on and policy.on < (other.announced or other.on):
        found = (
            f"it ends '{other.id}' on {policy.on}, before it is announced: "
            f"'{other.id}' is never in force"
        )
        allowed = f"a day after {other.on}"
        yield tree.problem((*path, "on"), found, allowed, "swap the days?", Code.ORDER, about=path)


def _doubtful_dates(tree: Tree, path: Path, policy: Policy, scenario: Scenario) -> Doubts:
    """Yield the dates of a policy that have no effect, or are long before it begins."""
    begins = policy.on or policy.announced
    days = f"{scenario.start} to {scenario.end}"
    if begins is not None and begins > scenario.end:
        found = f"it begins on {begins}, after the last day of the run"
        yield tree.problem((*path, "on"), found, days, "more days?", Code.IDLE, about=path)
    if policy.on is not None and policy.on == policy.until:
        found = "'until' is the day it begins, so it is never in force"
        allowed = "until is the first day without the order"
        yield tree.problem((*path, "until"), found, allowed, "", Code.IDLE, about=path)
    known = policy.announced and policy.on and (policy.on - policy.announced).days
    if known and known > _LONG_AGO_DAYS:
        found = f"it is announced {known // 365} years before it begins"
        allowed = "a day that people remember"
        yield tree.problem((*path, "announced"), found, allowed, "", Code.RANGE, about=path)
    if policy.EXTENDS:
        return
    dated = set(type(policy).model_fields) - {"announced", "on", "until"}
    for key, day in sorted(
        (name, day) for name in dated for day in dates_in(getattr(policy, name))
    ):
        if day > scenario.end:
            found = f"{day} is after the last day of the run"
            yield tree.problem((*path, key), found, days, "", Code.IDLE)
        elif day < (policy.on or scenario.start):
            found = f"{day} is before the policy begins"
            allowed = f"a day from {policy.on or scenario.start} on"
            yield tree.problem((*path, key), found, allowed, "", Code.IDLE)


def _facts_of_another_time(tree: Tree, scenario: Scenario, facts: Facts) -> Doubts:
    """Yield a warning if facts and scenario are years apart, with the changes in between."""
    base = facts.whole or facts
    years = (scenario.start - base.day).days / DAYS_A_YEAR
    if abs(years) < YEARS_APART:
        return
    side = "before" if years > 0 else "after"
    found = f"the facts ({facts.name}) describe {base.day}, {abs(years):.1f} years {side} the first day ({scenario.start})"
    nearest = nearest_world(scenario.start)
    is_nearer = facts.name in available_facts() and nearest != facts.name
    hint = (
        f"facts: {nearest} is nearer"
        if is_nearer
        else "state under world what you know of that time"
    )
    allowed = "; ".join(
        (*_changes_since(scenario, base, base.day), f"figures of use stay those of {base.day.year}")
    )
    named = tree.where("world", "facts")
    where = named if named not in ("", NEAREST) else tree.where("start")
    yield Problem(where, found, allowed, hint, Code.DATED, "world.facts")


def _changes_since(scenario: Scenario, base: Facts, day: date) -> Iterator[str]:
    """Yield the differences between the day of the facts and the first day, by kind."""
    start = scenario.start.isoformat()
    then = blocks_on(base, day)
    now = blocks_on(base, scenario.start)
    ended = dates_of("closed")
    missing = [
        (name, since)
        for name, since in missing_platforms(base, scenario.start)
        if (name in ended if scenario.start < day else since > day.isoformat())
    ]
    acting = {state for policy in scenario.policies for state in policy.concerns()}
    own = scenario.world.blocks
    before = blocks_before(scenario.start, base, tuple(own)) if own else {}

    def dated(blocks: Mapping[tuple[str, str], BlockFact]) -> list[tuple[str, str]]:
        """Return the blocks of acting states with their days."""
        return [
            (" ".join(pair), fact.since)
            for pair, fact in sorted(blocks.items())
            if not acting or pair[0] in acting
        ]

    parts = {
        "closed by then, left out": [
            (n, fact.closed) for n, fact in base.platforms.items() if "" < fact.closed <= start
        ],
        "not launched yet, left out": [
            (n, fact.launched) for n, fact in base.platforms.items() if fact.launched > start
        ],
        "no figures for": missing,
        "blocks begun between the two": dated(
            {pair: fact for pair, fact in now.items() if pair not in then}
        ),
        "blocks ended between the two": dated(
            {pair: fact for pair, fact in then.items() if pair not in now}
        ),
        "blocks of that day that world.blocks leaves out": [
            (" ".join(pair), fact.since)
            for pair, fact in sorted(before.items())
            if pair[1] not in own[pair[0]]
        ],
    }
    yield from (
        f"{what}: {_first([f'{name} ({d})' for name, d in names])}"
        for what, names in parts.items()
        if names
    )


def _invented_carriers(tree: Tree, path: Path, policy: Policy, facts: Facts) -> Doubts:
    """Yield the states that lose transit but have no carrier in the tables, so that their routes
    follow from an invented carrier.
    """
    seats = {carrier.seat for carrier in load_network(facts.name).carriers.values()}
    for state in policy.concerns():
        if state not in seats:
            found = (
                f"the tables have no carrier in {state}; the model makes one up, "
                "a customer of all neighbours"
            )
            allowed = "a carrier of your own in carriers.csv and links.csv"
            hint = "do not quote which routes are left"
            yield tree.problem(path, found, allowed, hint, Code.UNMEASURED, about=path[:-1])


def _last_cables(tree: Tree, path: Path, policy: Policy, facts: Facts) -> Doubts:
    """Yield the states that a cut leaves without any cable of the tables, which have only large
    cables.
    """
    cut = set(getattr(policy, "cables", ()))
    cables = load_network(facts.name).cables.values()
    for state in policy.concerns() if cut else ():
        own = {c.name for c in cables if state in c.landings and c.status == "in service"}
        if own and own <= cut:
            found = f"these are all cables in service that the tables have of {state}"
            allowed = "a cable of your own in cables.csv, where one is left"
            hint = f"do not quote that {state} is cut off: the tables have only large cables"
            yield tree.problem(path, found, allowed, hint, Code.UNMEASURED, about=path[:-1])


def _cables_elsewhere(tree: Tree, path: Path, policy: Policy, facts: Facts) -> Doubts:
    """Yield the cables of an order that land in none of its states, whose people lose nothing by
    it.
    """
    cables = load_network(facts.name).cables
    states = {*policy.by, *policy.concerns()}
    landing = [name for name, cable in cables.items() if states & set(cable.landings)]
    for name in getattr(policy, "cables", ()):
        if name in cables and name not in landing:
            ends = ", ".join(cables[name].landings)
            found = f"{name} does not land in {' or '.join(sorted(states))}, but in {ends}"
            allowed = f"a cable that does: {_first(landing) if landing else 'the tables have none'}"
            hint = "splinternet list cables"
            yield tree.problem(path, found, allowed, hint, Code.INVALID)


def _no_transit(tree: Tree, path: Path, policy: Policy, facts: Facts) -> Doubts:
    """Yield cuts of transit by states that have no carrier in the tables, so that no traffic
    crosses them.
    """
    seats = {carrier.seat for carrier in load_network(facts.name).carriers.values()}
    if not getattr(policy, "cables", ()) and seats.isdisjoint(policy.by):
        found = f"the tables have no carrier in {', '.join(policy.by)}: it changes nothing"
        allowed = "a state that has one; a carrier of your own in carriers.csv and links.csv"
        hint = "or name the cables that it cuts: splinternet list cables"
        yield tree.problem(path, found, allowed, hint, Code.IDLE, about=path[:-1])


def _aimless_targets(tree: Tree, policy: Policy, scenario: Scenario, facts: Facts) -> Doubts:
    """Yield the targets that are already blocked before a policy begins, or that nobody uses."""
    path: Path = ("policies", policy.id)
    named = _named(tree.get(*path, "targets"), facts)
    for state in policy.concerns():
        shut = list[str]()
        unused = list[str]()
        for platform in policy.targets:
            if since := _blocked(state, platform, policy, scenario, facts):
                shut.append(f"{platform} ({since})")
            elif _use(state, platform, scenario, facts) < UNUSED:
                unused.append(platform)
        if len(unused) < len(policy.targets):  # a firm or a country means what is used there
            unused = [platform for platform in unused if platform in named]
        if shut:
            verb = "is" if len(shut) == 1 else "are"
            found = f"{_first(shut)} {verb} blocked in {state} before the policy begins"
            allowed = "a target that is open there; only people with a VPN can lose it"
            hint = f"world.blocks: {{{state}: [...]}} states what is blocked on the first day"
            yield tree.problem((*path, "targets"), found, allowed, hint, Code.ALREADY, about=path)
        if unused:
            found = (
                f"nobody in {state} uses {_first(unused)} in these facts, so nothing is lost there"
            )
            allowed = "a target that is used there"
            hint = f"a figure of your own under world.penetration.{state}"
            yield tree.problem((*path, "targets"), found, allowed, hint, Code.UNUSED, about=path)


def _named(stated: object, facts: Facts) -> set[str]:
    """Return the platforms that targets name one by one, not by a firm, a kind or a home."""
    texts = [stated] if isinstance(stated, str) else stated
    names = [text for text in texts if isinstance(text, str)] if isinstance(texts, list) else []
    return {find_platform(name, facts) or name for name in names}


def _blocked(state: str, platform: str, policy: Policy, scenario: Scenario, facts: Facts) -> str:
    """Return the start of a block of a platform in a state before a policy begins; empty if it is
    open.
    """
    stated = scenario.world.blocks.get(state)
    if stated is not None:
        return "world.blocks" if platform in stated else ""
    blocks = facts.blocks if state in facts.states else blocks_elsewhere(facts)
    fact = blocks.get((state, platform))
    same = fact is not None and fact.technique == policy.technique
    return (
        f"since {fact.since}"
        if fact is not None and (same or is_shut(blocks, (state, platform)))
        else ""
    )


def _use(state: str, platform: str, scenario: Scenario, facts: Facts) -> float:
    """Return the largest share of a state's Internet users, or of a group there, who use a platform
    [1].
    """
    stated = scenario.world.penetration.get(state, {}).get(platform)
    if stated is not None:
        return max(stated.values(), default=0.0) if isinstance(stated, Mapping) else stated
    fact = facts.platforms.get(platform)
    if fact is None or fact.home == state:
        # a scenario states the use of platforms it adds; a policy of the home state is about other
        # states
        return 1.0
    groups = (
        share.value
        for key, share in facts.group_penetration.items()
        if key[:2] == (state, platform)
    )
    return max(use_anywhere(state, platform, facts).value, *groups, 0.0)


def _first(names: list[str]) -> str:
    """Return the first of some names as a list in words, with the number of further names."""
    more = len(names) - _SHOWN
    *first, last = [*names[:_SHOWN], *([f"{more} more"] if more > 0 else [])]
    return f"{', '.join(first)} and {last}" if first else last
