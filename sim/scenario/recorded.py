"""Recorded orders as policies of a scenario: the blocks and shutdowns that the scenario lacks, and
the policy for each.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from functools import cache
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, SequenceNode

from ..errors import Code, InputError, Problem, did_you_mean
from ..facts import available_facts, find_platform, load_facts
from ..facts.history import (
    MOBILE_SHUTDOWN,
    Recorded,
    dated_name,
    dated_platforms,
    record_ends,
    recorded,
)
from ..facts.platforms import UNUSED, use_anywhere
from ..facts.tables import fold
from .scenario import Scenario, yaml_text

SAME = timedelta(days=60)
"""Largest distance of a policy's first day from a recorded order on the same platform to count as
this order (assumption).
"""
NEAR = timedelta(days=30)
"""Largest distance of an order from a given day to be the requested order (assumption)."""
SAME_DAY = timedelta(days=3)
"""Largest distance of a policy's first day from a recorded order to be this order (assumption)."""
_ADDED = re.compile(r", with (\d+) more orders? of the record$")
_ORDERS_NAMED = 4
_INSTRUMENTS = {
    "throttle": "throttle",
    "shutdown": "shutdown",
    MOBILE_SHUTDOWN: "shutdown",
    "delist": "store_removal",
    "age_gate": "age_limit",
}
"""The instruments of recorded techniques other than blocks."""
RECORDED_ACTS = frozenset({"block", *_INSTRUMENTS.values()})
"""The instruments that the record lists."""
_NATIONAL = 0.9
"""Smallest share of a state's people cut off in a national shutdown (assumption)."""


@cache
def _platform_names() -> dict[str, str]:
    """Return all names of platforms in any world or the histories, each with the name in the
    histories.
    """
    names = {fold(name): name for name in dated_platforms()}
    for world in available_facts():
        for fact in load_facts(world, named=True).platforms.values():
            names |= {fold(word): dated_name(fact) for word in (fact.name, *fact.aliases)}
    return names


def recorded_platform(text: str, where: str) -> str:
    """Return the name of a platform in the histories.

    Parameters
    ----------
    text : str
        Any name of the platform, in any case.
    where : str
        The place of the text, for the error.

    Raises
    ------
    InputError
        No platform has this name.
    """
    names = _platform_names()
    if fold(text) not in names:
        found = f"no platform is called '{text}'"
        hint = did_you_mean(text, names.values())
        raise InputError(Problem(where, found, "a platform of the facts", hint))
    return names[fold(text)]


def recorded_order(
    state: str, platforms: Collection[str] = (), on: date | None = None, world: str = ""
) -> Recorded:
    """Return an order of the record: the order that began nearest to a day, or the newest.

    Parameters
    ----------
    state : str
        Alpha-2 code of the acting state.
    platforms : collection of str
        Platforms as returned by `recorded_platform`; the order is about at least one of them. If
        empty, it may be about any platform, or about the Internet itself.
    on : datetime.date, optional
        A day within 30 days of the order's beginning.
    world : str
        Name of a world whose own tables may add orders to the record.

    Raises
    ------
    InputError
        The record has no such order.
    """
    known = recorded((state,), platforms, world=world)
    near = [order for order in known if on is None or abs(order.since - on) <= NEAR]
    if not near:
        about = f" on {', '.join(platforms)}" if platforms else ""
        around = f" that began around {on}" if on else ""
        found = f"the record has no order of {state}{about}{around}"
        allowed = "; ".join(map(str, known[:_ORDERS_NAMED])) or "a state with a recorded order"
        hint = f"splinternet list blocks --state {state}" if known else "splinternet list blocks"
        raise InputError(Problem("--recorded", found, allowed, hint, Code.RECORDED))
    if on is None:
        return near[0]
    return min(near, key=lambda order: (abs(order.since - on), -len(order.platforms)))


def instrument_of(order: Recorded) -> str:
    """Return the instrument of a recorded order."""
    return _INSTRUMENTS.get(order.technique, "block")


def status_of(order: Recorded) -> str:
    """Return the status of a scenario of a recorded order: past, or still in force."""
    return "hindcast" if order.until is not None else "projection"


def missing(scenario: Scenario) -> list[Recorded]:
    """Return the recorded orders of the acting states that begin within a scenario's days but are
    missing from it.

    Only platforms count that people in the state use and that no policy of the scenario is about.
    """
    acting = {state for policy in scenario.policies if not policy.PROMOTES for state in policy.by}
    facts = scenario.facts
    found = []
    for order in recorded(acting, world=facts.name) if acting else ():
        if scenario.start <= order.since <= scenario.end:
            if not order.platforms and not any(
                _is_cut(policy, order) for policy in scenario.policies
            ):
                found.append(order)
            blocked = scenario.world.blocks.get(order.state, ())
            names = [
                name for platform in order.platforms if (name := find_platform(platform, facts))
            ]
            used = [
                n
                for n in names
                if n not in blocked and use_anywhere(order.state, n, facts).value >= UNUSED
            ]
            if left := tuple(name for name in used if not _has(scenario, order, name)):
                found.append(order._replace(platforms=left))
    return sorted(found, key=lambda order: order.since)


def _is_cut(policy: Any, order: Recorded) -> bool:
    """Return whether a policy is a recorded shutdown, with the same state and about the same first
    day.
    """
    begins = policy.on or policy.announced
    is_of_it = policy.CUTS_ALL and order.state in policy.by and begins is not None
    return is_of_it and abs(order.since - begins) <= SAME / 2


def _has(scenario: Scenario, order: Recorded, platform: str) -> bool:
    """Return whether a scenario has a policy about the platform of an order around the order's
    first day.
    """

    def near(begins: date, until: date | None) -> bool:
        return begins - SAME <= order.since and (
            order.since <= begins + SAME or until is None or order.since < until
        )

    return any(
        order.state in policy.by and platform in policy.targets and near(begins, policy.until)
        for policy in scenario.policies
        if (begins := policy.on or policy.announced) is not None and not policy.PROMOTES
    )


def notes(scenario: Scenario, orders: Sequence[Recorded]) -> list[Problem]:
    """Return notes from the record on a scenario: missing orders, and whether an invented case is
    real.

    Parameters
    ----------
    scenario : Scenario
    orders : sequence of Recorded
        The orders returned by `missing`.
    """
    places = scenario.places
    found = []
    where = places.get("policies", scenario.name)
    if orders:
        more = f"; and {len(orders) - _ORDERS_NAMED} more" if len(orders) > _ORDERS_NAMED else ""
        named = "; ".join(map(str, orders[:_ORDERS_NAMED]))
        text = f"the record has orders within these days that are not here: {named}{more}"
        hint = "--add-recorded writes them into the file; splinternet list blocks --state "
        found.append(Problem(where, text, "", hint + orders[0].state, Code.RECORDED, "policies"))
    acts = [p for p in scenario.policies if (p.targets and not p.PROMOTES and p.BANS) or p.CUTS_ALL]
    real = [order for policy in acts if (order := _real(scenario, policy)) is not None]
    if scenario.status == "what-if" and real and len(real) == len(acts):
        text = f"the record has this order: {real[0]}; it is not an invented case"
        at = places.get("status", places.get("title", scenario.name))
        found.append(
            Problem(at, text, f"status: {status_of(real[0])}", "", Code.RECORDED, "status")
        )
    return found


def on_these_days(scenario: Scenario) -> list[Recorded]:
    """Return the recorded orders on the days of a scenario, newest first: those in the states whose
    people it concerns against its targets, and shutdowns if the scenario cuts all networks.
    """
    found: dict[Recorded, None] = {}
    for policy in scenario.policies:
        if policy.PROMOTES or not policy.by:
            continue
        for order in recorded(policy.concerns(), world=scenario.facts.name):
            names = {find_platform(name, scenario.facts) for name in order.platforms}
            is_about_it = names & set(policy.targets) if names else policy.CUTS_ALL
            is_over = order.until is not None and order.until <= scenario.start
            if is_about_it and not is_over and order.since <= scenario.end:
                found[order] = None
    return sorted(found, key=lambda order: order.since, reverse=True)


def _real(scenario: Scenario, policy: Any) -> Recorded | None:
    """Return the recorded order of a policy, with the same state, a common platform, and about the
    same first day.
    """
    begins = policy.on or policy.announced
    for order in recorded(policy.by, world=scenario.facts.name):
        if not order.platforms and _is_cut(policy, order):
            return order
        names = {find_platform(platform, scenario.facts) for platform in order.platforms}
        if names & set(policy.targets) and abs((order.since - begins).days) <= SAME.days // 2:
            return order
    return None


def recorded_as(scenario: Scenario, policy: Any) -> Recorded | None:
    """Return the recorded order that a policy states, or None: for each of its states an order with
    the same instrument, all of its targets, and about the same first day. For several states,
    return the order of the first.
    """
    world = scenario.facts.name
    if policy.on is None or policy.on > record_ends(world) or policy.who is not None:
        return None
    if policy.CUTS_ALL and policy.people_cut_off() < _NATIONAL:
        return None

    def found(state: str) -> Recorded | None:
        for order in recorded((state,), world=world):
            names = {find_platform(name, scenario.facts) for name in order.platforms}
            is_near = abs(order.since - policy.on) <= SAME_DAY
            is_same = instrument_of(order) == policy.instrument and names >= set(policy.targets)
            if is_near and is_same and order.technique != MOBILE_SHUTDOWN:
                return order
        return None

    orders = [found(state) for state in policy.by]
    return orders[0] if all(orders) else None


def policy_of(order: Recorded) -> dict[str, Any]:
    """Return the keys of a policy for a recorded order.

    Raises
    ------
    InputError
        The record lacks a value that the instrument needs, such as the slowdown of a service.
    """
    instrument = instrument_of(order)
    if order.technique == MOBILE_SHUTDOWN:
        hint = "add it by hand, with the share of people who have no fixed line: {instrument: shutdown, share: 0.7, ...}"
        raise InputError(
            Problem(
                "",
                f"{order}: the record has no share of people without a fixed line",
                "a share",
                hint,
                Code.MISSING,
            )
        )
    if instrument == "throttle":
        hint = "add it by hand, with a share of your own: {instrument: throttle, share: 0.8, ...}"
        raise InputError(
            Problem(
                "",
                f"{order}: the record has no size of the slowdown",
                "a share",
                hint,
                Code.MISSING,
            )
        )
    what = (
        order.platforms[0].replace(" ", "-").replace(".", "").lower()
        if order.platforms
        else instrument
    )
    name = f"{order.state.lower()}-{what}-{order.since}"
    keys: dict[str, Any] = {"id": name, "on": order.since}
    keys |= {"until": order.until} if order.until else {}
    keys |= {"by": order.state, "instrument": instrument}
    keys |= {"targets": list(order.platforms)} if order.platforms else {}
    if instrument == "block":
        keys["technique"] = order.technique
        keys |= {"order": order.order} if order.order in ("court", "regulator", "decree") else {}
    return {**keys, "reference": "; ".join(order.sources)}


def with_added(text: str, orders: Sequence[Recorded]) -> str:
    """Return the text of a scenario file with more policies and no other change.

    Raises
    ------
    InputError
        The file lists its policies in brackets, or an order cannot be written.
    """
    items = yaml_text([policy_of(order) for order in orders]).splitlines()
    root = YAML(typ="rt", pure=True).compose(text)
    pairs = root.value if isinstance(root, MappingNode) else []
    node = next((value for key, value in pairs if key.value == "policies"), None)
    if node is None:
        return f"{text.rstrip()}\n\npolicies:\n" + "".join(f"  {line}\n" for line in items)
    if not isinstance(node, SequenceNode) or node.flow_style:
        found = "the policies are in brackets"
        raise InputError(
            Problem(
                "policies", found, "a list with a dash before each", "write each below the other"
            )
        )
    lines = text.splitlines(keepends=True)
    at = node.start_mark.line
    column = node.start_mark.column
    return "".join([*lines[:at], *(f"{' ' * column}{line}\n" for line in items), *lines[at:]])


def title_with(title: str, added: int) -> str:
    """Return the title of a scenario with added orders of the record, which counts these orders.

    >>> title_with("A block, with 1 more order of the record", 2)
    'A block, with 3 more orders of the record'
    """
    before = _ADDED.search(title)
    count = added + (int(before[1]) if before else 0)
    orders = "order" if count == 1 else "orders"
    return f"{_ADDED.sub('', title)}, with {count} more {orders} of the record"


def with_title(text: str, title: str) -> str:
    """Return the text of a scenario file with another title and no other change."""
    line = yaml_text({"title": title}).rstrip()
    root = YAML(typ="rt", pure=True).compose(text)
    pairs = root.value if isinstance(root, MappingNode) else []
    node = next((value for key, value in pairs if key.value == "title"), None)
    if node is None:  # the title is in the file that it extends
        at = root.start_mark.index
        return f"{text[:at]}{line}\n{text[at:]}"
    start = node.start_mark.index
    end = node.end_mark.index
    after = "\n" if text[start:end].endswith("\n") else ""
    return f"{text[:start]}{line.removeprefix('title: ')}{after}{text[end:]}"
