"""Recorded orders on the days of a scenario, in words."""

from __future__ import annotations

import shlex
from datetime import date

from ..facts.history import RECORD_ENDS, Recorded, owner_on, record_ends
from ..policies.base import Policy
from ..scenario import Scenario
from ..scenario.recorded import RECORDED_ACTS, on_these_days, recorded_as
from .numbers import day, listed, sentence, state_name, table

_NAMED_ORDERS = 4
_WHO_AND_WHEN = Recorded._fields.index("platforms")
"""Number of fields of a recorded order before its platforms: state, technique and dates."""


def said_of_record(scenario: Scenario, but: Recorded | None = None) -> list[str]:
    """Return a sentence on the recorded orders for the scenario's acting states, targets and days,
    and on the last day of the record. The result is empty if the record covers all days and has no
    order.

    Parameters
    ----------
    scenario : Scenario
    but : Recorded, optional
        An order to leave out, because another text has it.
    """
    known = on_these_days(scenario)
    if but is not None:  # the scenario may name fewer platforms
        known = [order for order in known if order[:_WHO_AND_WHEN] != but[:_WHO_AND_WHEN]]
    said = [said_of_order(scenario, order) for order in known[:_NAMED_ORDERS]]
    if len(known) > _NAMED_ORDERS:
        said.append(sentence("orders", "recorded_more", count=len(known) - _NAMED_ORDERS))
    newest = record_ends(scenario.facts.name)
    if scenario.status == "what-if":
        past = [p for p in scenario.policies if p.on and p.on <= newest and p.about() is None]
        said += dict.fromkeys(_said_of_past(scenario, policy) for policy in past[:_NAMED_ORDERS])
    if scenario.end > RECORD_ENDS and any(policy.by for policy in scenario.policies):
        later = _day_text(newest) if newest > RECORD_ENDS else ""
        said.append(sentence("orders", "record_ends", day=_day_text(RECORD_ENDS), newest=later))
    return said


def _said_of_past(scenario: Scenario, policy: Policy) -> str:
    """Return how to take an order of the past from the record, or that the record has none."""
    order = recorded_as(scenario, policy)
    if order is None:
        who = listed([state_name(scenario, code, article=True) for code in policy.by])
        many = len(policy.targets) > 1
        kept = policy.instrument in RECORDED_ACTS
        begins = _day_text(policy.on)
        return sentence("orders", "what_if", who=who, day=begins, many=many, is_kept=kept)
    targets = f"--targets {shlex.quote(', '.join(policy.targets))} " if policy.targets else ""
    options = f"--by {order.state} {targets}--on {order.since}"
    return sentence("orders", "as_recorded", options=options)


def _day_text(on: date | None) -> str:
    """Return a date in words."""
    return day(on.isoformat() if on else None)


def said_of_order(scenario: Scenario, order: Recorded) -> str:
    """Return an order of the record as a sentence: its state, or the owners who decided it, its
    platforms and days.
    """
    state = state_name(scenario, order.state, article=True)
    until = _day_text(order.until) if order.until else ""
    if order.order == "owner":
        known = [owner_on(platform, order.since) for platform in order.platforms]
        firms = dict.fromkeys(owner[0] if owner else "its owner" for owner in known)
        days = {"since": _day_text(order.since), "until": until}
        whom = listed(order.platforms)
        firm = listed([*firms])
        return sentence("orders", "recorded_exit", whom=whom, where=state, owners=firm, **days)
    return sentence(
        "orders",
        "recorded",
        whose=f"{state}'" if state.endswith("s") else f"{state}'s",
        what=listed(order.platforms) if order.platforms else "",
        since=_day_text(order.since),
        until=until,
        how=table("orders", "TECHNIQUES").get(order.technique, ""),
    )
