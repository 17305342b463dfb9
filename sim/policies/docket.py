"""Law as a process: which policies are announced, in force, stayed, extended, reversed or ended on a day.

A court's injunction stays a policy while it stands; an extension changes its date from the day it is granted; a lift
ends it. Each of these is reversed by an injunction or a lift that names it. None changes the policy itself, so every
day is computed again from the scenario's dates, and the order in the file does not matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sim.policies.base import PolicyKeys


class Notice(NamedTuple):
    """A policy that is announced and not in force yet.

    Attributes
    ----------
    policy : PolicyKeys
    days_left : int or None
        Days until it is in force; None for a threat without a date.
    days_known : int
        Days since the announcement.
    """

    policy: PolicyKeys
    days_left: int | None
    days_known: int


@dataclass(frozen=True)
class Docket:
    """The law on one day.

    Attributes
    ----------
    in_force : tuple of (PolicyKeys, int)
        Policies in force, with the number of days in force.
    announced : tuple of Notice
        Policies that are announced and not in force yet. A demand with a deadline is in both, because it is in force
        and people still expect its sanction.
    """

    in_force: tuple[tuple[PolicyKeys, int], ...]
    announced: tuple[Notice, ...]


def docket_of(policies: Iterable[PolicyKeys], today: date) -> Docket:
    """Return the law on a day; the order of the policies does not matter.

    Parameters
    ----------
    policies : iterable of PolicyKeys
        All policies of a scenario, those of courts among them.
    today : date
    """
    policies = sorted(policies, key=lambda p: p.id)
    if not policies:
        return Docket((), ())
    halted = _halted([p for p in policies if p.HALTS and p.in_force(today)], policies)
    granted = [p for p in policies if p.EXTENDS and p.in_force(today) and p.id not in halted]
    in_force, announced = [], []
    for policy in policies:
        if policy.HALTS or policy.EXTENDS or policy.id in halted:
            continue
        policy = _extended(policy, granted)
        if policy.in_force(today) and policy.on is not None:
            in_force.append((policy, (today - policy.on).days))
        bites = policy.bites(today)
        known = policy.days_known(today)
        if known is not None and (bites is None or today < bites):
            if policy.until is None or today < policy.until:
                left = None if bites is None else (bites - today).days
                announced.append(Notice(policy, left, known))
    return Docket(tuple(in_force), tuple(announced))


def _halted(halting: Sequence[PolicyKeys], policies: Sequence[PolicyKeys]) -> frozenset[str]:
    """Return the ids that are stayed or ended by an act of the same state that is not stayed or ended itself."""
    by_id = {policy.id: policy for policy in policies}
    against: dict[str, list[str]] = {}
    for act in halting:
        stopped_by = by_id.get(act.about() or "")
        if stopped_by is not None and act.binds(stopped_by):
            against.setdefault(stopped_by.id, []).append(act.id)

    def stopped(name: str, seen: frozenset[str]) -> bool:
        seen |= {name}
        return any(not stopped(act, seen) for act in against.get(name, ()) if act not in seen)

    return frozenset(name for name in against if stopped(name, frozenset()))


def _extended(policy: PolicyKeys, granted: Sequence[PolicyKeys]) -> PolicyKeys:
    """Return a policy with the date of the extension granted last, if there is one.

    An extension is granted by a state of the policy, and no later than the day that it changes: what has begun is
    stayed or ended, and not put off.
    """
    mine = [(act.on, act.new_date()) for act in granted if act.about() == policy.id and act.binds(policy)]
    for on, to in sorted((on, to) for on, to in mine if on is not None and to is not None):
        due = policy.due()
        if due is None or on <= due:
            policy = policy.put_off(to)
    return policy
