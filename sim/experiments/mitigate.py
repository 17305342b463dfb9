"""Ways to spare families: an exemption, a delay, a bridge or a longer notice, compared with the
unchanged scenario.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, NamedTuple, Unpack

from ..core.groups import Group
from ..errors import InputError, Problem
from ..facts.orders import freedom_of_states
from ..facts.platforms import use_anywhere
from ..people.access import TALK
from ..policies.base import Policy
from ..results.compare import Ranking, compare
from ..results.focus import asked_groups, in_order
from ..results.result import Result
from ..scenario import Scenario
from ..scenario.load import load, varied, with_policies
from . import ensemble
from .options import Options

WAIT = timedelta(days=14)
"""Delay of a delayed order, and lead of an earlier notice [days] (assumption)."""
AS_IT_IS = "as it is"
MESSENGERS = ("messenger", "channel")
"""Kinds of platform that a bridge can join."""
_FREE = 0.5
"""A state less free than this may control the messengers of its firms (assumption) [1]."""


class Mitigation(NamedTuple):
    """One way to soften an order.

    Attributes
    ----------
    name : str
    scenario : Scenario or None
        The softened scenario; None if the way does not fit.
    why : str
        The change, or the reason why it does not fit.
    """

    name: str
    scenario: Scenario | None
    why: str


def mitigations(spec: Scenario) -> list[Mitigation]:
    """Return the ways to soften the orders of a scenario; a way that does not fit gives the reason.

    Parameters
    ----------
    spec : Scenario

    Raises
    ------
    InputError
        The scenario has no order that restricts platforms, or it already softens the orders in all
        these ways.
    """
    orders = [
        p
        for p in spec.policies
        if p.BANS and p.targets and p.on and p.acts_on_people() and not p.relieves()
    ]
    if not orders:
        found = f"{spec.name} has no dated order that restricts platforms"
        raise InputError(
            Problem("", found, "a block, a ban on transactions, a removal from the stores ...")
        )
    return [
        _exemption(spec, orders),
        _bridge(spec, orders),
        _moved(spec, orders, delay=True),
        _moved(spec, orders, delay=False),
    ]


def mitigate(scenario: Any, **options: Unpack[Options]) -> tuple[Ranking, list[Mitigation]]:
    """Run a scenario unchanged and with each mitigation that fits, for the same seeds.

    Parameters
    ----------
    scenario : Scenario, path, name or mapping
    **options
        See `Options`.

    Returns
    -------
    ranking : Ranking
        The runs in one table, best first; the unchanged scenario is the first run.
    ways : list of Mitigation
        All ways, including those that do not fit.

    Raises
    ------
    InputError
        The scenario cannot be used, or no way fits.
    RunError
        A seed failed.
    """
    spec = scenario if isinstance(scenario, Scenario) else load(scenario)
    ways = mitigations(spec)
    fitting = [(way.name, way.scenario) for way in ways if way.scenario is not None]
    if not fitting:
        raise InputError(
            Problem("", "; ".join(f"{way.name}: {way.why}" for way in ways), "a way that fits")
        )
    results = [ensemble.run(each, **options) for _, each in ((AS_IT_IS, spec), *fitting)]
    names = [AS_IT_IS, *(name for name, _ in fitting)]
    return compare(*results, names=names, group=_first_group(results[0])), ways


def _first_group(result: Result) -> str:
    """Return the first group of the question that clearly loses contact, as in the findings of the
    run; empty if there is none.
    """
    asked = set(asked_groups(result.scenario))
    metric = "family_contact_ever_lost"
    rows = {
        str(row["group"]): row
        for row in result.rows()
        if (row["metric"], row["at"]) == (metric, "total") and row["group"] in asked
    }
    ends = {
        group: [float(str(row[key] or 0)) for key in ("low", "effect")]
        for group, row in rows.items()
    }
    lost = {group: effect for group, (low, effect) in ends.items() if low > 0.0}
    return next(iter(in_order(result.scenario, lost)), "")


def _talking(spec: Scenario, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the platforms on which people talk to each other."""
    platforms = spec.platforms
    return tuple(
        name for name in names if name in platforms and set(platforms[name].modes) & set(TALK)
    )


def _added(spec: Scenario, orders: list[Policy], **keys: Any) -> Scenario:
    """Return the scenario with one more policy, in force from the first day of the first order in
    all affected states.
    """
    of_order = [state for order in orders for state in order.concerns()]
    if keys["instrument"] == "exemption":  # a state can exempt only from its own orders
        of_order += [state for order in orders for state in order.by]
    by = list(dict.fromkeys(of_order))
    first = min(order.on for order in orders if order.on)
    return with_policies(
        spec, [{"id": f"mitigate-{keys['instrument']}", "on": first, "by": by, **keys}]
    )


def _exemption(spec: Scenario, orders: list[Policy]) -> Mitigation:
    """Return the mitigation that exempts private messages and calls from the orders."""
    name = "a licence for private messages"
    targets = _talking(
        spec, tuple(dict.fromkeys(target for order in orders for target in order.targets))
    )
    if not targets:
        return Mitigation(name, None, "nobody talks to relatives on the restricted platforms")
    if any(policy.FREES for policy in spec.policies):
        return Mitigation(name, None, "the scenario has an exemption already")
    uses = ["personal communication"]
    added = _added(spec, orders, instrument="exemption", targets=list(targets), uses=uses)
    return Mitigation(name, added, f"text and calls on {', '.join(targets)} stay free")


def _bridge(spec: Scenario, orders: list[Policy]) -> Mitigation:
    """Return the mitigation that connects the restricted messengers with the most used messenger
    open at both ends.

    This messenger has another owner, and its home is not an unfree state of the question, which may
    control it.
    """
    named = {target for policy in spec.policies for target in policy.targets}
    talking = _talking(spec, tuple(spec.facts.platforms))
    shut = [name for name in talking if name in named]
    states = tuple(dict.fromkeys(state for order in orders for state in order.concerns()))
    ends = {state for group in asked_groups(spec) for state in Group.read(group).states}
    ends |= {*states, *(state for order in orders for state in order.by)}
    blocked = {name for state, name in spec.facts.blocks if state in ends}
    blocked |= {name for state in ends for name in spec.world.blocks.get(state, ())}
    freedom = freedom_of_states()
    unfree = {state for state in ends if freedom.get(state, 1.0) < _FREE}
    owners = {spec.platforms[name].owner for name in shut}
    free = [
        name
        for name in talking
        if name not in named | blocked
        and spec.facts.platforms[name].kind in MESSENGERS
        and spec.facts.platforms[name].owner not in owners
        and spec.facts.platforms[name].home not in unfree
    ]
    use = {
        name: sum(use_anywhere(state, name, spec.facts).value for state in states) for name in free
    }
    best = max(free, key=lambda name: use[name], default="")
    if not shut or not best or use[best] <= 0:
        return Mitigation(
            "a bridge between messengers",
            None,
            "no restricted messenger, or no other messenger that is open at both ends and free of state control",
        )
    added = _added(spec, orders, instrument="bridge", platforms=[*shut, best])
    return Mitigation(
        f"a bridge to {best}", added, f"{', '.join(shut)} and {best} talk to each other"
    )


def _moved(spec: Scenario, orders: list[Policy], *, delay: bool) -> Mitigation:
    """Return the mitigation that begins the orders later, or announces them earlier, with the other
    date unchanged.
    """
    dates: dict[str, Any] = {}
    for order in orders:
        if order.on is None:
            continue
        known = order.announced or order.on
        later = order.on + WAIT
        earlier = order.on - WAIT
        if delay and later <= spec.end and (order.until is None or later < order.until):
            dates |= {f"policies.{order.id}.on": later, f"policies.{order.id}.announced": known}
        elif not delay and earlier >= spec.start and known > earlier:
            dates[f"policies.{order.id}.announced"] = earlier
    if delay:
        name = f"a delay of {WAIT.days} days"
        what = "the orders begin later and are announced as before"
        why = "each order or the run ends before the delayed order would begin"
    else:
        name = f"a notice of {WAIT.days} days"
        what = "the orders are announced earlier and begin as before"
        why = "each order is already announced as early, or the run begins too late"
    return Mitigation(name, varied(spec, dates) if dates else None, what if dates else why)
