"""The cost of a shutdown by the formula of the cost tools, next to that of the model; see
docs/cost-tools.md.

Brookings (West 2016), NetBlocks' COST and the reports that use it count the output that depends on
the Internet for the days and the share of people concerned: GDP x share of the Internet economy x
days / 365 x share of the users.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..core.groups import Group
from ..errors import InputError, Problem
from ..facts.states import state_anywhere
from ..facts.tables import Number, Row, Text, read
from ..world.law import docket_of

if TYPE_CHECKING:
    from ..results import Result

DAYS_A_YEAR = 365


class InternetEconomy(Row, file="internet_economy.csv", key=("state",)):
    """Share of the Internet economy in a state's product [1]."""

    state: Text
    value: Number
    low: Number
    high: Number
    unit: Text
    source: Text
    basis: Text
    note: str


class Cost(NamedTuple):
    """One event, or one run, by both ways.

    Attributes
    ----------
    days : int
        Days with a service blocked or slowed, or people cut off.
    users : tuple of float
        Part of the Internet users concerned: those of the largest service, and those of all added
        up [1].
    formula : tuple of float
        With the low share of the Internet economy and the fewest users, and with the high ones [US
        dollars].
    surplus, use_lost, regained, contact : numpy.ndarray, shape (seeds,)
        Consumer surplus lost over the run [US dollars], part of the use of the blocked services
        that is lost [1], part of that which turns up on other services [1], and days without any
        platform channel to family across the border, of people at both ends [person-days].
    """

    days: int
    users: tuple[float, float]
    formula: tuple[float, float]
    surplus: np.ndarray
    use_lost: np.ndarray
    regained: np.ndarray
    contact: np.ndarray


def formula_cost(gdp: float, internet_share: float, days: float, affected_share: float) -> float:
    """Return the cost of a shutdown by the formula of the cost tools [US dollars].

    Parameters
    ----------
    gdp : float
        Gross domestic product [US dollars a year].
    internet_share : float
        Share of the Internet economy in it [1].
    days : float
        Length [days].
    affected_share : float
        Part of the Internet users concerned [1].
    """
    return gdp * internet_share * days / DAYS_A_YEAR * affected_share


def internet_share(state: str) -> tuple[float, float, str]:
    """Return the share of the Internet economy in a state's product, low and high [1], and its
    source.

    A state without a figure has the span of those that have one (assumption).
    """
    known = read(InternetEconomy)
    if state in known:
        return known[state].low, known[state].high, known[state].source
    ends = min(row.low for row in known.values()), max(row.high for row in known.values())
    return *ends, f"assumption: no figure for {state}; the span of {', '.join(known)}"


def cost_in(result: Result, state: str) -> Cost:
    """Return what the restrictions of a state cost in a run, by the formula and in the model.

    Raises
    ------
    InputError
        The state has no policy, or the run does not measure what is needed.
    """
    if not any(state in p.by for p in result.scenario.policies):
        raise InputError(Problem("", f"{state} has no policy in this run", "a state that has one"))
    needed = ("consumer_surplus_lost", "contact_days_lost", "active_users", "monthly_users")
    if lacking := [name for name in needed if name not in result.metrics]:
        raise InputError(
            Problem("", f"the run does not have {', '.join(lacking)}", "a run without `measure:`")
        )
    spec, axes = result.scenario, result.members[0][0].axes
    s, fact = axes.states.index(state), state_anywhere(state, spec.facts)
    own = [
        i
        for i, label in enumerate(axes.groups)
        if len(states := Group.read(label).states) == 2 and state in states
    ]
    named = {target for p in spec.policies if p.OUTAGE and state in p.by for target in p.targets}
    cut = np.array([platform in named for platform in axes.platforms])
    online = float(spec.world.internet_users.get(state, fact.internet_users.value))
    dockets = (
        docket_of(spec.policies, spec.start + timedelta(days=day)) for day in range(spec.days)
    )
    laws = [[policy for policy, _ in law.in_force if state in policy.by] for law in dockets]
    rows: list[tuple[float, ...]] = []
    for without, with_them in result.members:
        users = without.arrays["monthly_users"][0, s] / online  # of the month before the first day
        part_of = dict(zip(axes.platforms, users.tolist(), strict=True))
        # on each day with a service cut: the least and the most part of the Internet users [1]
        concerned = []
        for mine in laws:
            parts = [
                part_of[name]
                for name in sorted({target for p in mine if p.OUTAGE for target in p.targets})
            ]
            parts += [policy.people_cut_off() for policy in mine if policy.people_cut_off()]
            if parts:
                concerned.append((max(parts), min(1.0, sum(parts))))
        least, most = np.mean(concerned, axis=0).tolist() if concerned else (0.0, 0.0)
        surplus, days_lost, use = (
            with_them.arrays[name] - without.arrays[name] for name in needed[:3]
        )
        before, lost = (
            float(without.arrays["active_users"][:, s, cut].sum()),
            -float(use[:, s, cut].sum()),
        )
        regained = float(use[:, s, ~cut].sum()) / lost if lost > 0 else 0.0
        worth, contact = float(surplus[:, s].sum()), float(np.nansum(days_lost[:, own]))
        rows.append(
            (
                len(concerned),
                least,
                most,
                worth,
                lost / before if before else 0.0,
                regained,
                contact,
            )
        )
    values = np.array(rows)
    days, least, most = np.median(values[:, :3], axis=0).tolist()
    (low, high, _), gdp = internet_share(state), fact.population.value * fact.gdp_per_head.value
    formula = formula_cost(gdp, low, days, least), formula_cost(gdp, high, days, most)
    return Cost(int(days), (least, most), formula, *values[:, 3:].T)
