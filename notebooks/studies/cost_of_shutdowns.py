"""The cost of a shutdown by the formula of the cost tools, next to that of the model.

Brookings (West 2016), NetBlocks' COST and the reports that use it count the output that depends on the Internet for the
days and the share of people concerned: GDP x share of the Internet economy x days / 365 x share of the users. The page
``docs/cost-tools.md`` says why the two differ.

Run it from any folder::

    uv run python notebooks/studies/cost_of_shutdowns.py
    uv run python notebooks/studies/cost_of_shutdowns.py ua_vk_2017 --people 5000 --seeds 2

It prints a row for each event of the calibration table: days with a service blocked or slowed, the part of the Internet
users concerned, and the cost by the formula; then the consumer surplus lost, the part of the use of the blocked
services that is lost, and the person-days without contact to family, each with the median and 10-90 % of the members.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

import numpy as np

import splinternet as sn
from splinternet.core.groups import Group
from splinternet.facts.record import RecordRow
from splinternet.facts.tables import Number, Row, Text, read
from splinternet.policies.law import docket_of

DAYS_A_YEAR = 365


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


class Cost(NamedTuple):
    """One event by both ways.

    Attributes
    ----------
    days : int
        Days with a service blocked or slowed.
    users : tuple of float
        Part of the Internet users concerned: those of the largest service, and those of all added up [1].
    formula : tuple of float
        With the low share of the Internet economy and the fewest users, and with the high ones [US dollars].
    surplus, use_lost, regained, contact : numpy.ndarray, shape (seeds,)
        Consumer surplus lost over the run [US dollars], part of the use of the blocked services that is lost [1], part
        of that which turns up on other services [1], and days without any platform channel to family across the
        border, of people at both ends [person-days].
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


def events() -> dict[str, RecordRow]:
    """Return the rows of the calibration table by event."""
    return {row.event: row for row in read(RecordRow).values() if row.table == "calibration"}


def cost_of(event: str, people: int, seeds: int, jobs: int | None = None) -> Cost:
    """Return what an event costs by the formula and in the model, whose parameters are kept fixed."""
    row = events()[event]
    result = sn.run(row.file, people=people, seeds=seeds, jobs=jobs, set={"draw": "nothing"})
    spec, state, axes = result.scenario, row.state, result.members[0][0].axes
    s, fact = axes.states.index(state), spec.facts.states[state]
    own = [i for i, label in enumerate(axes.groups) if len(states := Group.read(label).states) == 2 and state in states]
    named = {p for policy in spec.policies if policy.OUTAGE and state in policy.by for p in policy.targets}
    cut = np.array([platform in named for platform in axes.platforms])
    online = float(spec.world.internet_users.get(state, fact.internet_users.value))
    shares, surplus, use_lost, regained, contact = [], [], [], [], []
    for baseline, policy in result.members:
        users = baseline.arrays["monthly_users"][0, s] / online  # of the month before the first day
        days, least, most = 0, 0.0, 0.0
        for day in range(spec.days):
            law = docket_of(spec.policies, spec.start + timedelta(days=day))
            hit = {p for policy, _ in law.in_force if policy.OUTAGE and state in policy.by for p in policy.targets}
            parts = [float(users[axes.platforms.index(platform)]) for platform in sorted(hit)]
            if parts:
                days, least, most = days + 1, least + max(parts), most + min(1.0, sum(parts))
        shares.append((days, least / max(1, days), most / max(1, days)))
        change = {name: policy.arrays[name] - baseline.arrays[name]
                  for name in ("consumer_surplus_lost", "contact_days_lost", "active_users")}  # fmt: skip
        before = float(baseline.arrays["active_users"][:, s, cut].sum())
        surplus.append(change["consumer_surplus_lost"][:, s].sum())
        lost = -float(change["active_users"][:, s, cut].sum())
        use_lost.append(lost / before if before else 0.0)
        regained.append(change["active_users"][:, s, ~cut].sum() / lost if lost > 0 else 0.0)
        contact.append(np.nansum(change["contact_days_lost"][:, own]))
    days, least, most = (float(x) for x in np.median(shares, axis=0))
    economy, gdp = read(InternetEconomy)[state], fact.population.value * fact.gdp_per_head.value
    formula = formula_cost(gdp, economy.low, days, least), formula_cost(gdp, economy.high, days, most)
    return Cost(int(days), (least, most), formula, *map(np.array, (surplus, use_lost, regained, contact)))


def spread(values: np.ndarray) -> str:
    """Return ``median (10 % to 90 %)``."""
    low, middle, high = np.quantile(values, (0.1, 0.5, 0.9))
    return f"{middle:.3g} ({low:.3g} to {high:.3g})"


def main(arguments: list[str] | None = None) -> None:
    """Run the events and print a row for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("events", nargs="*", metavar="EVENT", help="of the calibration table; by default all")
    parser.add_argument("--people", type=int, default=20_000, help="simulated people (default 20000)")
    parser.add_argument("--seeds", type=int, default=4, help="members of each event (default 4)")
    parser.add_argument("--jobs", type=int, help="number of processes; by default one per core")
    args = parser.parse_args(arguments)
    if unknown := [event for event in args.events if event not in events()]:
        parser.error(f"no event is called {', '.join(unknown)}; there are {', '.join(events())}")
    for event in args.events or events():
        cost = cost_of(event, args.people, args.seeds, args.jobs)
        print(f"{event}: {cost.days} days, {cost.users[0]:.0%} to {cost.users[1]:.0%} of the users")
        print(f"  formula              {cost.formula[0]:.3g} to {cost.formula[1]:.3g} US dollars")
        print(f"  surplus lost         {spread(cost.surplus)} US dollars")
        print(f"  use lost             {spread(cost.use_lost)} of that of the blocked services")
        print(f"  regained elsewhere   {spread(cost.regained)} of that")
        print(f"  without any channel  {spread(cost.contact)} person-days", flush=True)


if __name__ == "__main__":
    main()
