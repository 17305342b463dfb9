"""Law as a process: which policies are announced, in force, stayed or ended on a day.

A court's injunction stays a policy while it stands; a lift ends it. Neither changes the policy itself, so every day is
worked out afresh from the scenario's dates.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sim.policies.base import PolicyKeys

HALTING = ("injunction", "lift")


@dataclass(frozen=True)
class Docket:
    """The law on one day.

    Attributes
    ----------
    in_force : tuple of (PolicyKeys, int)
        Policies in force and for how many days they have been.
    announced : tuple of (PolicyKeys, int or None)
        Policies that people know of and that do not bind yet, and in how many days they will; None for a bare threat.
    """

    in_force: tuple[tuple[PolicyKeys, int], ...]
    announced: tuple[tuple[PolicyKeys, int | None], ...]


def docket_of(policies: Iterable[PolicyKeys], today: date) -> Docket:
    """Return the law on a day; the order of the policies does not matter.

    Parameters
    ----------
    policies : iterable of PolicyKeys
        All policies of a scenario, those of courts among them.
    today : date
    """
    policies = sorted(policies, key=lambda p: p.id)
    halted = {getattr(p, "policy", None) for p in policies if p.instrument in HALTING and p.in_force(today)}
    in_force, announced = [], []
    for policy in policies:
        if policy.instrument in HALTING or policy.id in halted:
            continue
        if policy.in_force(today) and policy.on is not None:
            in_force.append((policy, (today - policy.on).days))
        elif policy.announced_by(today) and (policy.on is None or today < policy.on):
            if policy.until is None or today < policy.until:
                announced.append((policy, None if policy.on is None else (policy.on - today).days))
    return Docket(tuple(in_force), tuple(announced))
