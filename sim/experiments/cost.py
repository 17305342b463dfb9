"""The cost of a shutdown by the formula of the cost tools, next to that of the model, and why the two differ.

Brookings (West 2016), NetBlocks' COST and the reports that use it count the output that depends on the Internet for the
days and the share of people concerned: GDP x share of the Internet economy x days / 365 x share of the users. See
docs/cost-tools.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

import numpy as np

from sim.core.groups import Group
from sim.errors import RunError
from sim.experiments.checks import case_problems, check_all
from sim.experiments.pairs import run_pair
from sim.experiments.parallel import Failure, outcomes
from sim.facts.record import read_record
from sim.facts.tables import Number, Row, Text, read
from sim.policies.law import docket_of
from sim.results.panel import Pair
from sim.results.stats import HIGH, LOW
from sim.scenario import Scenario, load

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


@dataclass(frozen=True)
class CostRow:
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
    surplus : tuple of float
        The model's consumer surplus lost over the run: median, 10th and 90th percentile [US dollars].
    contact_days : tuple of float
        The model's person-days without any platform channel to family across the border, at both ends: the same.
    use_lost : tuple of float
        Part of the use of the services cut that is lost, in person-days over the run; the formula says 1: the same [1].
    regained : tuple of float
        Part of that lost use that turns up on other services of the state; the formula says 0: the same [1].
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


@cache
def internet_economy() -> dict[str, tuple[float, float, float]]:
    """Return the share of the Internet economy in GDP by state: value, low, high [1].

    Raises
    ------
    InputError
        Everything that is wrong with the table.
    """
    return {state: (row.value, row.low, row.high) for state, row in read(InternetEconomy).items()}


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
        Events of the record, such as ``ua_vk_2017``; by default all.
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
    events = _events(cases)
    specs = {event: load(name, people=people) for event, (name, _) in events.items()}
    tasks = [(event, spec, seed) for event, spec in specs.items() for seed in range(1, seeds + 1)]
    found: dict[str, list[tuple[float, ...]]] = {event: [] for event in events}
    for task, outcome in outcomes(_run, [(*task, events[task[0]][1]) for task in tasks], jobs=jobs, cluster=cluster):
        if isinstance(outcome, Failure):
            raise RunError(f"{task[0]}, seed {task[2]}: {outcome.last_words}")
        found[task[0]].append((task[2], *outcome))
    return [_row(event, events[event][1], specs[event], sorted(values)) for event, values in found.items()]


def _events(cases: Iterable[str] | None) -> dict[str, tuple[str, str]]:
    """Return the file and the state of each event: those of the first table of the record, which shut whole services.

    Raises
    ------
    InputError
        An event is unknown.
    """
    known = {one.event: (one.file, one.state) for one in read_record() if one.table == "calibration"}
    wanted = list(cases or known)
    check_all(case_problems(wanted, known))
    return {case: known[case] for case in wanted}


def _run(task: tuple[str, Scenario, int, str]) -> tuple[float, ...]:
    """Return what one member says of an event: days, and then the numbers of a row, in its order."""
    _, spec, seed, state = task
    pair = run_pair(spec, seed)
    days, least, most = concerned(spec, state, pair)
    baseline, policy = (arm.arrays for arm in pair)
    s = pair[0].axes.states.index(state)
    lost = float((policy["consumer_surplus_lost"] - baseline["consumer_surplus_lost"])[:, s].sum())
    joined = [Group.read(group).states for group in pair[0].axes.groups]
    own = [i for i, states in enumerate(joined) if len(states) == 2 and state in states]
    contact = float(np.nansum((policy["contact_days_lost"] - baseline["contact_days_lost"])[:, own]))
    return days, least, most, lost, contact, *_use(spec, state, pair)


def _use(spec: Scenario, state: str, pair: Pair) -> tuple[float, float]:
    """Return the part of the use of the services cut that is lost, and the part of it found on others [1]."""
    axes = pair[0].axes
    s = axes.states.index(state)
    before, after = (arm.arrays["active_users"][:, s].sum(axis=0) for arm in pair)
    named = {p for policy in spec.policies if policy.OUTAGE and state in policy.by for p in policy.targets}
    cut = np.array([platform in named for platform in axes.platforms])
    lost = float((before - after)[cut].sum())
    if not cut.any() or lost <= 0:
        return 0.0, 0.0
    return lost / float(before[cut].sum()), float((after - before)[~cut].sum()) / lost


def concerned(spec: Scenario, state: str, pair: Pair) -> tuple[int, float, float]:
    """Return days with a service blocked or slowed in a state, and the part of its users concerned: least and most [1].

    Users are those of the month before the first day.
    """
    axes, arrays = pair[0].axes, pair[0].arrays
    s = axes.states.index(state)
    users = arrays["monthly_users"][0, s] / _internet_users(spec, state)
    least, most, days = 0.0, 0.0, 0
    for day in range(spec.days):
        law = docket_of(spec.policies, spec.start + timedelta(days=day))
        cut = {p for policy, _ in law.in_force if policy.OUTAGE and state in policy.by for p in policy.targets}
        shares = [float(users[axes.platforms.index(platform)]) for platform in sorted(cut)]
        if shares:
            days, least, most = days + 1, least + max(shares), most + min(1.0, sum(shares))
    return days, least / max(1, days), most / max(1, days)


def _internet_users(spec: Scenario, state: str) -> float:
    """Return a state's Internet users, as the scenario has them [persons]."""
    return float(spec.world.internet_users.get(state, spec.facts.states[state].internet_users.value))


def _row(event: str, state: str, spec: Scenario, values: Sequence[tuple[float, ...]]) -> CostRow:
    """Return one event from the members' values."""
    fact = spec.facts.states[state]
    gdp = fact.population.value * fact.gdp_per_head.value
    _, low, high = internet_economy()[state]
    _, days, least, most, surplus, contact, lost, regained = (list(column) for column in zip(*values, strict=True))
    shares = float(np.median(least)), float(np.median(most))
    return CostRow(
        event,
        state,
        int(days[0]),
        shares,
        (formula_cost(gdp, low, days[0], shares[0]), formula_cost(gdp, high, days[0], shares[1])),
        _spread(surplus),
        _spread(contact),
        _spread(lost),
        _spread(regained),
    )


def _spread(values: Sequence[float]) -> tuple[float, float, float]:
    """Return median, 10th and 90th percentile."""
    middle, low, high = np.quantile(values, (0.5, LOW, HIGH))
    return float(middle), float(low), float(high)
