"""Moments at which orders come: elections, coups, protests, and the first year of a war with a platform's home.

An order is likelier near a moment. How much is measured on the years that set the weights of
`splinternet.facts.orders`, within each state: days with orders inside the window of a moment, beside those that the
state's share of such days predicts. After the last day of the table, elections come by law, and coups and protests as
often as in the state's own past.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import cache
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from .orders import Dispute, OrderWeight, orders_between
from .tables import Cited, Code, DayText, DayTextOrNone, Number, read

FIRST, LAST = date(2012, 1, 1), date(2021, 12, 31)
"""Days of the orders from which the times are measured."""
RECORDED = date(2025, 12, 31)
"""Last day for which the table has the moments of the states that decide."""
BEFORE: Mapping[str, int] = {"election": 30}
"""Days before a moment that count; none before what nobody knows of in advance [days] (assumption)."""
AFTER: Mapping[str, int] = {"election": 7, "coup": 30, "protest": 30, "dispute": 365}
"""Days after a moment that count [days] (assumption)."""
PRIOR = 1.0
"""Days with orders, as many as expected, that are added to those of the record, so that one case proves little."""


class Moment(Cited, file="moments.csv", key=("state", "kind", "since", "what")):
    """A dated moment in a state.

    The rules of coding: elections that choose the head of government, their first day; coups and attempts; years of war
    with 1,000 or more dead in battle; protests with 100,000 people on one day or people killed, their first day. All
    states whose freedom is known have elections, coups and wars to 2021; those that decide have all to `RECORDED`.
    """

    state: Code
    kind: Literal["election", "coup", "protest", "war"]
    since: DayText
    """The day, or the first one."""
    until: DayTextOrNone
    """The end of a war; empty otherwise."""
    what: str


class Term(Cited, file="terms.csv", key=("state",)):
    """For how long a head of government is chosen; states without a row have no election that may change it."""

    state: Code
    what: Literal["head of government", "parliament"]
    """Who is elected: the head of government, or the parliament that chooses it."""
    years: int
    """Longest time from one election to the next [years]."""
    seated_days: Number
    """From the vote to taking office [days]."""
    seated: Annotated[str, Field(pattern=r"|\d\d-\d\d")]
    """``MM-DD`` where the law fixes the day; empty otherwise."""


class Rate(NamedTuple):
    """Days with orders in the windows of a kind of moment."""

    observed: int
    """Days with orders in the windows."""
    expected: float
    """The same if they fell on any day of the state alike [days]."""

    @property
    def ratio(self) -> float:
        """How many times likelier an order is inside a window than outside it, drawn towards 1 by `PRIOR` [1]."""
        return (self.observed + PRIOR) / (self.expected + PRIOR)


@cache
def days_of(kind: str) -> Mapping[tuple[str, str], tuple[date, ...]]:
    """Return the days of the recorded moments of a kind, by state and other side of a dispute (empty for others).

    A dispute is a war or an armed clash: near the beginning of sanctions orders are no likelier (2012-2021).
    """
    found: dict[tuple[str, str], list[date]] = {}
    if kind == "dispute":
        for row in (row for row in read(Dispute).values() if row.kind in ("war", "clash")):
            for pair in ((row.a, row.b), (row.b, row.a)):
                found.setdefault(pair, []).append(date.fromisoformat(row.since))
    for moment in read(Moment).values():
        if moment.kind == kind:
            found.setdefault((moment.state, ""), []).append(date.fromisoformat(moment.since))
    return {key: tuple(sorted(set(days))) for key, days in found.items()}


def is_near(day: date, kind: str, moments: Iterable[date]) -> bool:
    """Return whether a day is in the window of any moment."""
    before, after = BEFORE.get(kind, 0), AFTER[kind]
    return any(-before <= (day - moment).days <= after for moment in moments)


def share_near(kind: str, moments: Iterable[date], first: date = FIRST, last: date = LAST) -> float:
    """Return the share of the days between two, both included, that are in the window of any moment [1]."""
    before, after = BEFORE.get(kind, 0), AFTER[kind]
    near = {moment + timedelta(k) for moment in moments for k in range(-before, after + 1)}
    return sum(first <= day <= last for day in near) / ((last - first).days + 1)


def rate_of(kind: str, homes: Mapping[str, str], first: date = FIRST, last: date = LAST) -> Rate:
    """Return how many days with orders fell into the windows of a kind of moment, of all states that have one.

    Parameters
    ----------
    kind : str
        One of `TIMES`.
    homes : mapping of str to str
        Home of each platform, for disputes.
    first, last : datetime.date
    """
    rows = orders_between(first, last, short=True)  # a moment says when an order comes, not how long it lasts
    days = {(row.state, homes.get(row.platform, "") if kind == "dispute" else "", row.since) for row in rows}
    observed, expected = 0, 0.0
    for state, other, since in days:
        moments = days_of(kind).get((state, other), ())
        observed += is_near(date.fromisoformat(since), kind, moments)
        expected += share_near(kind, moments, first, last)
    return Rate(observed, expected)


@cache
def factor(kind: str, state: str, other: str = "") -> tuple[float, float]:
    """Return by what the chance of an order is multiplied outside and inside of the windows of a moment [1].

    The mean over the days that set the weights is 1, so that the moments move orders and add none.
    """
    ratio = read(OrderWeight)[kind].value
    outside = 1.0 / (1.0 + share_near(kind, days_of(kind).get((state, other), ())) * (ratio - 1.0))
    return outside, outside * ratio


def elections(state: str, first: date, last: date) -> list[date]:
    """Return the elections of the head of government between two days: those of the table, then those of the law."""
    found = list(days_of("election").get((state, ""), ()))
    term = read(Term).get(state)
    while term is not None and found and found[-1] < last:
        found.append(found[-1].replace(year=found[-1].year + term.years, day=min(28, found[-1].day)))
    return [day for day in found if first <= day <= last]


def seating(term: Term, election: date) -> date:
    """Return the day on which who was elected takes office: that of the law, if it comes within a year."""
    expected = election + timedelta(days=round(term.seated_days))
    if not term.seated:
        return expected
    days = [date(year, *map(int, term.seated.split("-"))) for year in (election.year, election.year + 1)]
    return min(days, key=lambda day: abs((day - expected).days))


def a_year(kind: str, state: str, states: Iterable[str]) -> float:
    """Return how often a moment comes in a state [1/year]: its own past, with one year at the mean of all states."""
    names = list(states)
    counts = {name: len(days_of(kind).get((name, ""), ())) for name in names}
    years = (RECORDED - FIRST).days / 365.25
    mean = sum(counts.values()) / (len(names) * years)
    return (counts.get(state, 0) + mean) / (years + 1.0)
