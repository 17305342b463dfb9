"""The cost of a shutdown by the formula of the cost tools, next to that of the model, and why the two differ.

Brookings (West 2016), NetBlocks' COST and the reports that use it count the output that depends on the Internet for the
days and the share of people concerned: GDP x share of the Internet economy x days / 365 x share of the users. See
docs/cost-tools.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

import numpy as np

from ..core.groups import Group
from ..errors import RunError
from ..facts.record import RecordRow
from ..facts.tables import Number, Row, Text, read
from ..policies.law import docket_of
from ..results.panel import Pair
from ..results.stats import HIGH, LOW
from ..scenario import Scenario, load
from .checks import case_problems, check_all
from .pairs import run_pair
from .parallel import Failure, outcomes

DAYS_A_YEAR = 365


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


class CostRow(NamedTuple):
    """One event by both ways.

    Attributes
    ----------
    event, state : str
    days : int
        Days with a service blocked or slowed.
    users_share : tuple of float
        Part of the Internet users concerned, mean over those days: at least the users of the largest service, at most
        those of all added up [1].
    formula : tuple of float
        The formula's cost with the low share of the Internet economy and the fewest users, and with the high ones
        [US dollars].
    surplus, contact_days, use_lost, regained : tuple of float
        What the model says: median, 10th and 90th percentile of the members. ``surplus`` is the consumer surplus lost
        over the run [US dollars]. ``contact_days`` are days without any platform channel to family across the border,
        of people at both ends [person-days]. ``use_lost`` is the part of the use of the blocked services that is lost;
        the formula takes 1 [1]. ``regained`` is the part of that which turns up on other services of the state; the
        formula takes 0 [1].
    """

    event: str
    state: str
    days: int
    users_share: tuple[float, float]
    formula: tuple[float, float]
    surplus: tuple[float, float, float]
    contact_days: tuple[float, float, float]
    use_lost: tuple[float, float, float]
    regained: tuple[float, float, float]


@dataclass(frozen=True)
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


def compare_costs(
    cases: Iterable[str] | None = None,
    *,
    people: int = 20_000,
    seeds: int = 4,
    jobs: int | None = None,
    cluster: Any = None,
) -> list[CostRow]:
    """Put the formula beside the model for past events.

    Parameters
    ----------
    cases : iterable of str, optional
        Events of the record, such as ``ua_vk_2017``; by default all that shut whole services.
    people, seeds : int
        Simulated people, and members of each event.
    jobs, cluster
        As for `splinternet.run`.

    Raises
    ------
    InputError
        An event is unknown.
    RunError
        A member failed.
    """
    known = {row.event: row for row in read(RecordRow).values() if row.table == "calibration"}
    wanted = list(cases or known)
    check_all(case_problems(wanted, known))
    specs = {event: load(known[event].file, people=people) for event in wanted}
    tasks = [(spec, seed, known[event].state) for event, spec in specs.items() for seed in range(1, seeds + 1)]
    members: dict[tuple[str, int], tuple[float, ...]] = {}
    for (spec, seed, _), outcome in outcomes(_member_costs, tasks, jobs=jobs, cluster=cluster):
        if isinstance(outcome, Failure):
            raise RunError(f"{spec.name}, seed {seed}: {outcome.last_words}")
        members[spec.digest, seed] = outcome
    rows = []
    for event, spec in specs.items():
        state = known[event].state
        values = np.array([members[spec.digest, seed] for seed in range(1, seeds + 1)])
        days, (least, most) = values[0, 0], np.median(values[:, 1:3], axis=0).tolist()
        fact = spec.facts.states[state]
        gdp = fact.population.value * fact.gdp_per_head.value
        share = read(InternetEconomy)[state]
        formula = (formula_cost(gdp, share.low, days, least), formula_cost(gdp, share.high, days, most))
        spreads = [tuple(map(float, np.quantile(column, (0.5, LOW, HIGH)))) for column in values[:, 3:].T]
        rows.append(CostRow(event, state, int(days), (least, most), formula, *spreads))  # type: ignore[arg-type]
    return rows


def _member_costs(task: tuple[Scenario, int, str]) -> tuple[float, ...]:
    """Return the numbers of one member: days, least and most share of users, then the last columns of `CostRow`."""
    spec, seed, state = task
    pair = run_pair(spec, seed)
    baseline, policy = (arm.arrays for arm in pair)
    s = pair[0].axes.states.index(state)
    surplus = float((policy["consumer_surplus_lost"] - baseline["consumer_surplus_lost"])[:, s].sum())
    joined = [Group.read(group).states for group in pair[0].axes.groups]
    own = [i for i, states in enumerate(joined) if len(states) == 2 and state in states]
    contact = float(np.nansum((policy["contact_days_lost"] - baseline["contact_days_lost"])[:, own]))
    before, after = (arm["active_users"][:, s].sum(axis=0) for arm in (baseline, policy))
    named = {p for policy in spec.policies if policy.OUTAGE and state in policy.by for p in policy.targets}
    cut = np.array([platform in named for platform in pair[0].axes.platforms])
    lost = float((before - after)[cut].sum())
    use = (lost / float(before[cut].sum()), float((after - before)[~cut].sum()) / lost) if lost > 0 else (0.0, 0.0)
    return *concerned(spec, state, pair), surplus, contact, *use


def concerned(spec: Scenario, state: str, pair: Pair) -> tuple[int, float, float]:
    """Return days with a service blocked or slowed in a state, and the part of its users concerned: least and most [1].

    Users are those of the month before the first day.
    """
    axes = pair[0].axes
    internet_users = spec.world.internet_users.get(state, spec.facts.states[state].internet_users.value)
    users = pair[0].arrays["monthly_users"][0, axes.states.index(state)] / float(internet_users)
    days, least, most = 0, 0.0, 0.0
    for day in range(spec.days):
        law = docket_of(spec.policies, spec.start + timedelta(days=day))
        cut = {p for policy, _ in law.in_force if policy.OUTAGE and state in policy.by for p in policy.targets}
        shares = [float(users[axes.platforms.index(platform)]) for platform in sorted(cut)]
        if shares:
            days, least, most = days + 1, least + max(shares), most + min(1.0, sum(shares))
    return days, least / max(1, days), most / max(1, days)
