"""Each order of a scenario beside the total: what its target loses on the days on which no other
order acts there.

No further runs are needed, and nothing is split: days on which two orders act on one target belong
to neither. What an order adds to the others is another question, which `splinternet.attribute`
answers with a run for each subset.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..scenario.scenario import restricts
from .series import MIN_PEOPLE, WEEK, At, cells_of, fewest_people, values
from .summary import Row, cell_row

if TYPE_CHECKING:
    from ..policies.base import Policy
    from ..scenario import Scenario
    from .result import Result

FEWEST, MOST = 2, 6
"""Orders of a scenario whose own effects are reported: one is the total, and more fill a page
(assumption).
"""
USERS, SERVICES = "active_users", "median_services"
"""What an order takes: daily users of a target, or, where it cuts networks, the part of their
services that works.
"""


class Alone(NamedTuple):
    """What an order does to one target where it acts alone."""

    order: str
    """The id of the policy."""
    state: str
    platform: str
    """Empty for an order that cuts networks."""
    days: int
    """Days of the run on which it is in force and no other order acts there [days]."""
    row: Row | None
    """As a row of ``summary.json``, in the worst week of those days, or on the worst of fewer than
    seven; None where there is no such day, or where too few simulated people are behind it.
    """


def orders_of(scenario: Scenario) -> list[Policy]:
    """Return the policies that take something from somebody on days of their own: no stay,
    exemption or promotion.
    """
    ids = {policy.id for policy in scenario.policies}
    return [
        policy
        for policy in scenario.policies
        if policy.on is not None and policy.about() not in ids
        if restricts(policy) and not policy.FREES
        if policy.targets or policy.cuts_networks()
    ]


def orders_alone(result: Result) -> list[Alone]:
    """Return what each order does where it alone acts; nothing where the scenario has one order, or
    more than six.

    An order acts on a target in a state where it names it, or cuts the networks there. A stay or a
    lift ends its days.
    """
    orders = orders_of(result.scenario)
    if not FEWEST <= len(orders) <= MOST:
        return []
    days = [date.fromisoformat(text) for text in result.dates]
    halts = [policy for policy in result.scenario.policies if policy.HALTS]
    in_force = {}
    for order in orders:
        about = [halt for halt in halts if halt.about() == order.id]
        in_force[order.id] = np.array(
            [order.in_force(day) and not any(halt.in_force(day) for halt in about) for day in days]
        )
    found = []
    for order in orders:
        for state, platform in _targets(order):
            others = [
                in_force[o.id] for o in orders if o is not order and _acts_on(o, state, platform)
            ]
            alone = in_force[order.id] & ~np.logical_or.reduce([np.zeros(len(days), bool), *others])
            row = _row(result, state, platform, alone) if alone.any() else None
            found.append(Alone(order.id, state, platform, int(alone.sum()), row))
    return found


def _targets(order: Policy) -> Iterator[tuple[str, str]]:
    """Yield the state and platform of each target; one without platforms for each state whose
    networks are cut.
    """
    for state in order.concerns():
        yield from (
            (state, platform) for platform in ([""] if order.cuts_networks() else order.targets)
        )


def _acts_on(order: Policy, state: str, platform: str) -> bool:
    """Return whether an order changes what people of a state find on a platform, or on all of them
    (empty).
    """
    if state not in order.concerns():
        return False
    return order.CUTS_ALL or order.cuts_networks() or (bool(platform) and platform in order.targets)


def _row(result: Result, state: str, platform: str, alone: np.ndarray) -> Row | None:
    """Return the row of a target on some days, shape (days,); None where it is not measured."""
    metric = USERS if platform else SERVICES
    if metric not in result.metrics:
        return None
    for cell in cells_of(metric, result.members[0][0].axes):
        if (cell.state, cell.platform) != (state, platform):
            continue
        people = fewest_people(cell, result.members)
        if people < MIN_PEOPLE:
            return None
        arms = [values(cell, result.members, arm)[:, alone] for arm in (0, 1)]
        at: At = "worst_week" if alone.sum() >= WEEK else "peak"
        dates = np.array(result.dates)[alone].tolist()
        return cell_row(cell, arms, at, dates, people, result.model_error.of(cell, result.members))
    return None
