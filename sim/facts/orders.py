"""Orders, disputes between states, freedom and laws as known on a day, and the chances of orders.

The chance that a state restricts a platform is calculated from these and from the platform's use;
see `features`. The calculation for a day uses no later data.

An order is likelier near a moment: an election, a coup or a protest. The size of this effect is
measured within each state on the years that set the weights: observed days with orders inside the
window of a moment, relative to the number that the share of such days predicts. After the last day
of the table, elections come by law, and coups and protests as often as in the state's own past.

Laws on the Internet other than blocks: the frequency of each kind in 2012-2021. A state that
decides in a run adopts each kind once, at the rate of similarly free states.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import cache
from typing import Annotated, Literal, NamedTuple

import numpy as np
from pydantic import Field

from .history import NationalShutdown, Restriction
from .relations import load_relations
from .tables import (
    Cited,
    Code,
    DayText,
    DayTextOrNone,
    Figure,
    Number,
    Row,
    Spell,
    Text,
    one_of,
    read,
)
from .worlds import DEFAULT_WORLD

REASONS = ("unfreedom", "precedent", "siblings", "control", "calls")
"""Reasons that determine the chance of an order, in the order of every array."""
CANDIDATES = ("reach", "blocks", "habit", "war", "sanctions", "election", "coup", "conflict")
"""Reasons that were tested without improving the fit; they follow `REASONS` in arrays."""
TIMES = ("election", "coup", "protest")
"""Moments near which an order is likelier."""
PACKAGES = ("package", "memory", "included")
"""Packages of orders between two states: the rate during a war and on the day of a clash [1/year],
the half-life of that rate after the clash and the time after which it is zero [days], and the
chance that a package includes a given platform [1].
"""
PRECEDENT_DAYS = 365.0
"""Half-life of a restriction elsewhere as a precedent, and the age after which a state no longer
acts on an event (`is_recalled`) [days]. With each state held out, it improves the log score in both
halves of 2012-2021. Shorter times score even better, but a chance per year needs at least a year.
"""
REFUSAL_DAYS = 443.0
"""Half-life of a platform's refusal, and the age after which no state acts on it [days]. It is the
time from Russia's law on data at home (``laws.csv``) to the block of LinkedIn
(``block_history.csv``), the only refusal whose order the tables date. That others take as long is
an assumption.
"""
TRADES = ("commerce", "payment")
"""Kinds of platform that serve no state with which their home bars all trade."""
TALK = ("messenger", "channel", "feed", "mixed", "video", "stream")
"""Kinds of platform for public speech or private messages."""
LEAST_DAYS = 14
"""Shortest restriction that counts as an order [days]."""
HABIT_DAYS = 3 * 365
"""Period over which a state's own restrictions count as a habit [days] (assumption)."""
FEWEST_USERS = 0.001
"""Added to the share of people who use a platform, so that its logarithm has a floor [1]
(assumption).
"""
ENOUGH_USERS = 0.01
"""Share of people using a platform above which a state cares about what is said there [1]
(assumption: as ``control.demand_reach``, from laws that demand representatives).
"""
SERIES = ("clean_network", "equipment_ban")
"""The two series of states: 1 for a state that acted, 0 for one that did not (by the end of 2020
and of 2024).
"""
VARIABLES = ("ally", "freedom", "product", "people")
"""Variables known for each state."""
FIRST = date(2012, 1, 1)
LAST = date(2021, 12, 31)
"""Period of the orders that measure the effect of moments."""
RECORDED = date(2025, 12, 31)
"""Last day with moments in the table for the states that decide."""
BEFORE: Mapping[str, int] = {"election": 30}
"""Days before a moment that count; none before a moment that nobody can foresee [days]
(assumption).
"""
AFTER: Mapping[str, int] = {"election": 7, "coup": 30, "protest": 30}
"""Days after a moment that count [days] (assumption)."""
PRIOR = 1.0
"""Expected days with orders, added to both counts so that one case has little weight."""


class Joiner(Figure, file="joiners.csv", key=("state", "field")):
    """Whether a state joined, with the day if known, or a variable that may explain it, with its
    year.

    The states have a product of at least 25 billion dollars in 2019 and an outline. Taiwan is
    missing, because the table of products lacks it.
    """

    state: Text
    field: Annotated[str, one_of((*SERIES, *VARIABLES))]
    date: str


class Dispute(Spell, file="disputes.csv", key=("a", "b", "since")):
    """War, an armed clash, or sanctions between two states.

    Coding rule: a war or a clash between their armed forces with deaths on either side; or
    sanctions of one government against the other or its agencies by a published act. An empty end
    means that none is known.
    """

    a: Code
    b: Code
    """The two states; their order has no meaning."""
    kind: Literal["war", "clash", "sanctions"]
    trade: Literal["", "barred"]
    """Whether the act cited bars all trade and services, so that a firm of one can have no office
    in the other.
    """
    note: str


class OrderWeight(Cited, file="order_weights.csv", key=("reason",)):
    """The weight of a reason in the chance of an order, written by `python -m splinternet.fit
    order-weights --write`.
    """

    reason: Annotated[str, one_of((*REASONS, "constant", *TIMES, *PACKAGES))]
    """One of `REASONS`, ``constant``, one of `TIMES`, or one of `PACKAGES`."""
    value: Number
    """Increase in the log odds for each unit of the reason, factor on the chance of an order near a
    moment [1], or quantity of `PACKAGES`.
    """
    se: Number
    """Standard error over draws of states, or of a count of days [1]."""


class Look(Row, file="order_looks.csv"):
    """A test on the scored years, 2022 to 2025, whose results were known when the model was chosen
    later.
    """

    date: DayText
    """Day of the test."""
    weights: Text
    """Digest of the scored weights."""
    changed: Text
    """Changes since the previous test."""
    auc: Number
    """AUC of the model on these years, as in `Scores` [1]."""
    brier: Number
    """Score of the model, as in `Scores` [1]."""
    log_score: Number
    """Score of the model, as in `Scores` [1]."""
    precision_at_k: Number
    """Score of the model, as in `Scores` [1]."""
    rival_auc: Number
    """AUC of the product of unfreedom and earlier blocks."""
    apart_auc: Number
    """AUC of the model without Russia, which made most of the orders [1]."""
    rival_apart_auc: Number
    """AUC of the best rival without Russia [1]."""


@cache
def freedom_of_states() -> Mapping[str, float]:
    """Return the known freedom of each state [1], from the relations, then from `joiners.csv`."""
    known = {state: row.value for (state, field), row in read(Joiner).items() if field == "freedom"}
    return known | {
        state: figure.value for state, figure in load_relations(DEFAULT_WORLD).freedom.items()
    }


@cache
def disputes_on(day: date, *kinds: str) -> frozenset[frozenset[str]]:
    """Return the pairs of states that have a dispute of some kinds on a day."""
    return frozenset(
        frozenset((d.a, d.b)) for d in read(Dispute).values() if d.kind in kinds and d.holds_on(day)
    )


class AtWar(NamedTuple):
    """War and remembered clashes between two states in a period."""

    war_years: float
    """Time at war [years]."""
    clash_years: float
    """Time after clashes, weighted by how strongly they are remembered [years]."""


def at_war(a: str, b: str, first: date, until: date, memory: float) -> AtWar:
    """Return the time for which two states are at war or remember a clash, from one day to before
    another.

    The weight of a clash halves after ``memory`` days, and then drops to 0. Disputes that begin
    after the first day do not count, because they are unknown on it.
    """
    war_years = 0.0
    clash_years = 0.0
    for row in read(Dispute).values():
        if {row.a, row.b} != {a, b} or row.kind not in ("war", "clash") or not row.holds_on(first):
            continue
        end = min(until, date.fromisoformat(row.until)) if row.until else until
        days = (end - first).days
        if row.kind == "war":
            war_years += days / 365.25
        else:
            age = (first - date.fromisoformat(row.since)).days
            clash_years += remembered(age, age + days, memory)
    return AtWar(war_years, clash_years)


def remembered(first: float, last: float, memory: float) -> float:
    """Return the time between two ages of a clash, weighted by how strongly it is remembered
    [years].

    Parameters
    ----------
    first, last : float
        Ages [days].
    memory : float
        Half-life, and age from which a clash is forgotten [days].
    """
    last = min(last, memory)
    if first >= last:
        return 0.0
    parts = 2.0 ** (-first / memory) - 2.0 ** (-last / memory)
    return float(parts * memory / np.log(2.0) / 365.25)


@cache
def trade_barred_on(day: date) -> frozenset[frozenset[str]]:
    """Return the pairs of states between which all trade and services are barred on a day."""
    return frozenset(
        frozenset((d.a, d.b)) for d in read(Dispute).values() if d.trade and d.holds_on(day)
    )


def counts(row: Restriction) -> bool:
    """Return whether a row of the record is an order: given by a state, and not only against
    calls.
    """
    return row.technique != "calls_only" and row.order != "owner"


def lasts(row: Restriction) -> bool:
    """Return whether a restriction lasts `LEAST_DAYS` or more, or has no known end."""
    return (
        not row.until
        or (date.fromisoformat(row.until) - date.fromisoformat(row.since)).days >= LEAST_DAYS
    )


class Known(NamedTuple):
    """The record as of a day."""

    blocks: Counter[str]
    """Restrictions of each platform so far, anywhere."""
    recent: Mapping[tuple[str, str], float]
    """Restrictions by platform and state, each with a weight that halves every `PRECEDENT_DAYS`."""
    habit: Counter[str]
    """Restrictions by each state in the last `HABIT_DAYS`."""
    standing: Mapping[str, frozenset[str]]
    """The platforms that are restricted in each state by any body."""
    calls: Counter[str]
    """Platforms on which each state restricts calls alone."""


def faded(age: float, half_life: float = PRECEDENT_DAYS) -> float:
    """Return the weight of a restriction as a precedent at some age [1]."""
    return float(2.0 ** (-age / half_life))


def is_recalled(age: float, half_life: float = PRECEDENT_DAYS) -> bool:
    """Return whether an event of some age still counts in a decision: not after its half-life, here
    a cut-off [days].
    """
    return age <= half_life


def recalled(age: float, half_life: float = PRECEDENT_DAYS) -> float:
    """Return the weight of an event in a decision [1]: one half after its half-life, and later 0.

    Parameters
    ----------
    age, half_life : float
        Time since the event, 0 for a future event, and its half-life [days].
    """
    return faded(max(0.0, age), half_life) if is_recalled(age, half_life) else 0.0


@cache
def known_on(day: date) -> Known:
    """Return the record as known on a day, by platform name, without orders that began on that day
    or later.
    """
    today = day.isoformat()
    early = (day - timedelta(days=HABIT_DAYS)).isoformat()
    before = [row for row in read(Restriction).values() if row.since < today]
    orders = [row for row in before if counts(row)]
    standing: dict[str, set[str]] = {}
    calls: dict[str, set[str]] = {}
    recent: dict[tuple[str, str], float] = {}
    for row in orders:
        age = (day - date.fromisoformat(row.since)).days
        key = row.platform, row.state
        recent[key] = recent.get(key, 0.0) + faded(age)
    for row in before:
        if row.holds_on(day):
            of = calls if row.technique == "calls_only" else standing
            of.setdefault(row.state, set()).add(row.platform)
    return Known(
        Counter(row.platform for row in orders),
        recent,
        Counter(row.state for row in orders if row.since >= early),
        {state: frozenset(platforms) for state, platforms in standing.items()},
        Counter({state: len(platforms) for state, platforms in calls.items()}),
    )


def precedents(day: date, states: Iterable[str] | None = None) -> Mapping[str, float]:
    """Return the weighted number of past restrictions of each platform, by some states or by
    all.
    """
    of = None if states is None else frozenset(states)
    found: dict[str, float] = {}
    for (platform, state), part in known_on(day).recent.items():
        if of is None or state in of:
            found[platform] = found.get(platform, 0.0) + part
    return found


def orders_between(first: date, last: date, *, short: bool = False) -> Iterable[Restriction]:
    """Return the states' orders that began between two days, both included, and lasted `LEAST_DAYS`
    (any time if ``short``).
    """
    begin = first.isoformat()
    end = last.isoformat()
    rows = (row for row in read(Restriction).values() if counts(row) and begin <= row.since <= end)
    return [row for row in rows if short or lasts(row)]


@cache
def most_orders(state: str, known: date, today: date) -> float:
    """Return the upper bound on a state's expected orders a year [1/year].

    The bound is half a case (`HALF`) in the time since `FIRST` for a state without any order, even
    a short one, in the known record. There is no bound for a state with an order, or in the first
    ten years after `FIRST` (assumption).
    """
    years = (today - FIRST).days / 365.25
    return float("inf") if years < 10.0 or state in _have_ordered(known) else HALF / years


@cache
def _have_ordered(day: date) -> frozenset[str]:
    """Return the states with an order in the record before a day."""
    made = orders_between(FIRST, day - timedelta(days=1), short=True)
    return frozenset(row.state for row in made)


def bounded(chances: np.ndarray, most: float) -> np.ndarray:
    """Return a state's chances of orders against all platforms [1], scaled down if their sum
    exceeds the bound.

    Parameters
    ----------
    chances : numpy.ndarray, shape (platforms,)
    most : float
        The bound from `most_orders`.
    """
    whole = float(chances.sum())
    return chances * (most / whole) if whole > most else chances


def features(
    unfreedom: np.ndarray,
    blocks: np.ndarray,
    share: np.ndarray,
    restricted: np.ndarray,
    talk: np.ndarray,
    calls: np.ndarray,
) -> np.ndarray:
    """Return the reasons of each state against each platform, shape (reasons, states, platforms).

    Parameters
    ----------
    unfreedom : numpy.ndarray, shape (states,)
        1 - freedom [1].
    blocks : numpy.ndarray, shape (platforms,)
        Weighted number of past restrictions of each platform (`precedents`).
    share : numpy.ndarray, shape (states, platforms)
        Share of the state's internet users who use the platform, or did before its restriction
        there [1].
    restricted : numpy.ndarray, shape (states, platforms)
        Platforms of the same home that the state restricts today.
    talk : numpy.ndarray of bool, shape (platforms,)
        Whether the platform is for public speech or private messages.
    calls : numpy.ndarray, shape (states,)
        Platforms on which the state restricts calls alone.

    Returns
    -------
    numpy.ndarray
        ``unfreedom``; ``precedent``, unfreedom x log(1 + blocks); ``siblings``, unfreedom x log(1 +
        restricted); ``control``, unfreedom if the platform is for talk and at least `ENOUGH_USERS`
        use it; ``calls``, unfreedom x log(1 + calls): a state that restricts calls leaves the
        platforms open.
    """
    every = np.broadcast_to(unfreedom[:, None], share.shape)
    parts = (
        np.log1p(blocks)[None, :],
        np.log1p(restricted),
        talk[None, :] & (share >= ENOUGH_USERS),
        np.log1p(calls)[:, None],
    )
    return np.stack([every, *(every * part for part in parts)])


def weights() -> Mapping[str, float]:
    """Return the stored weight of each reason, and of ``constant``."""
    return {row.reason: row.value for row in read(OrderWeight).values()}


def chance_of_order(reasons: np.ndarray, packages: np.ndarray | float = 0.0) -> np.ndarray:
    """Return the chance of an order within 12 months by the stored weights [1], shape (states,
    platforms).

    Parameters
    ----------
    reasons : numpy.ndarray, shape (reasons, states, platforms)
        From `features`.
    packages : numpy.ndarray, shape (states, platforms)
        Expected packages of orders in these months, if the state is at war or has clashed with the
        platform's home [1]; else 0.
    """
    table = weights()
    log_odds = table["constant"] + sum(
        table[name] * values for name, values in zip(REASONS, reasons, strict=True)
    )
    spared = np.exp(-table["included"] * np.asarray(packages))
    return np.asarray(1.0 - (1.0 - 1.0 / (1.0 + np.exp(-log_odds))) * spared)


class Moment(Cited, file="moments.csv", key=("state", "kind", "since", "what")):
    """A dated moment in a state.

    Coding rules: the first day of elections that choose the head of government; coups and attempts;
    years of war with 1,000 or more battle deaths; the first day of protests with 100,000 people on
    one day or people killed. Elections, coups and wars cover all states with known freedom to 2021;
    for states that decide, all moments are covered to `RECORDED`.
    """

    state: Code
    kind: Literal["election", "coup", "protest", "war"]
    since: DayText
    """The day, or the first one."""
    until: DayTextOrNone
    """The end of a war; empty otherwise."""
    what: str


class TermOfOffice(Cited, file="terms.csv", key=("state",)):
    """The term of a head of government; states without a row have no election that may change the
    government.
    """

    state: Code
    what: Literal["head of government", "parliament"]
    """The elected body: the head of government, or the parliament that chooses it."""
    years: int
    """Longest time from one election to the next [years]."""
    seated_days: Number
    """Time from the vote to taking office [days]."""
    seated: Annotated[str, Field(pattern=r"|\d\d-\d\d")]
    """``MM-DD`` if the law fixes the day; empty otherwise."""


class Rate(NamedTuple):
    """Days with orders in the windows of a kind of moment."""

    observed: int
    """Days with orders in the windows."""
    expected: float
    """Expected number if all days of the state were equally likely [days]."""

    @property
    def ratio(self) -> float:
        """Ratio of the chances of an order inside and outside a window, drawn towards 1 by `PRIOR`
        [1].
        """
        return (self.observed + PRIOR) / (self.expected + PRIOR)


@cache
def days_of(kind: str) -> Mapping[str, tuple[date, ...]]:
    """Return the days of the recorded moments of a kind, by state."""
    found: dict[str, list[date]] = {}
    for moment in read(Moment).values():
        if moment.kind == kind:
            found.setdefault(moment.state, []).append(date.fromisoformat(moment.since))
    return {key: tuple(sorted(set(days))) for key, days in found.items()}


def is_near(day: date, kind: str, moments: Iterable[date]) -> bool:
    """Return whether a day is in the window of any moment."""
    before = BEFORE.get(kind, 0)
    after = AFTER[kind]
    return any(-before <= (day - moment).days <= after for moment in moments)


def share_near(kind: str, moments: Iterable[date], first: date = FIRST, last: date = LAST) -> float:
    """Return the share of the days between two, both included, that are in the window of any moment
    [1].
    """
    before = BEFORE.get(kind, 0)
    after = AFTER[kind]
    near = {moment + timedelta(k) for moment in moments for k in range(-before, after + 1)}
    return sum(first <= day <= last for day in near) / ((last - first).days + 1)


def rate_of(kind: str, first: date = FIRST, last: date = LAST) -> Rate:
    """Return the days with orders in the windows of a kind of moment, over all states with such
    moments.

    Parameters
    ----------
    kind : str
        One of `TIMES`.
    first, last : datetime.date
    """
    rows = orders_between(
        first, last, short=True
    )  # moments affect when an order comes, not how long it lasts
    observed = 0
    expected = 0.0
    for state, since in {(row.state, row.since) for row in rows}:
        moments = days_of(kind).get(state, ())
        observed += is_near(date.fromisoformat(since), kind, moments)
        expected += share_near(kind, moments, first, last)
    return Rate(observed, expected)


@cache
def factor(kind: str, state: str) -> tuple[float, float]:
    """Return the factors on the chance of an order outside and inside the windows of a moment [1].

    Their mean over the days that set the weights is 1, so moments shift orders in time without
    adding any.
    """
    ratio = read(OrderWeight)[kind].value
    outside = 1.0 / (1.0 + share_near(kind, days_of(kind).get(state, ())) * (ratio - 1.0))
    return outside, outside * ratio


def elections(state: str, first: date, last: date) -> list[date]:
    """Return the elections of the head of government between two days: from the table, then by
    law.
    """
    found = list(days_of("election").get(state, ()))
    term = read(TermOfOffice).get(state)
    while term is not None and found and found[-1] < last:
        found.append(
            found[-1].replace(year=found[-1].year + term.years, day=min(28, found[-1].day))
        )
    return [day for day in found if first <= day <= last]


def seating(term: TermOfOffice, election: date) -> date:
    """Return the day on which the elected government takes office: the day fixed by law, if within
    a year.
    """
    expected = election + timedelta(days=round(term.seated_days))
    if not term.seated:
        return expected
    days = [
        date(year, *map(int, term.seated.split("-"))) for year in (election.year, election.year + 1)
    ]
    return min(days, key=lambda day: abs((day - expected).days))


def a_year(kind: str, state: str, states: Iterable[str]) -> float:
    """Return the rate of a moment in a state [1/year]: from its own past, plus one year at the mean
    of all states.
    """
    names = list(states)
    counts = {name: len(days_of(kind).get(name, ())) for name in names}
    years = (RECORDED - FIRST).days / 365.25
    mean = sum(counts.values()) / (len(names) * years)
    return (counts.get(state, 0) + mean) / (years + 1.0)


# --- laws -----------------------------------------------------------------------------------------

KINDS_OF_LAWS = (
    "content_removal",
    "data_localisation",
    "vpn_ban",
    "sovereign_internet",
    "national_champion",
    "age_limit",
    "device_ban",
)
"""Instruments that a state adopts by a separate law, in the order in which it considers them each
month.
"""
COUNTED_FROM = date(2016, 1, 1)
"""First day of the count behind ``shutdowns.csv`` (STOP data of Access Now, which begin in
2016).
"""
REPRESENTATIVE = "local_representative"
"""A demand that some states make by a separate law; its rate is ``control.demand_rate``."""
SHUTDOWN = "shutdown"
"""An act of a state that is possible in a month of protests or of a coup."""
FREE = 0.5
"""Freedom from which a state counts as free here [1] (assumption: between not free, below 0.35, and
free, from 0.7).
"""
HALF = 0.5
"""Cases added to each count, so that an unobserved event is rare but not impossible (Jeffreys
1946).
"""


class Met(NamedTuple):
    """Moments of unrest, and the number of them that led to a national shutdown."""

    moments: int
    shut: int


@cache
def met_by_shutdown(state: str) -> Met:
    """Return a state's protests and coups of 2016-2021 and its shutdowns after them."""
    moments = [
        (kind, day)
        for kind in ("protest", "coup")
        for day in days_of(kind).get(state, ())
        if COUNTED_FROM <= day <= LAST
    ]
    cuts = [
        date.fromisoformat(row.since)
        for row in read(NationalShutdown).values()
        if row.state == state and row.networks == "all"
    ]
    shut = sum(any(0 <= (cut - day).days <= AFTER[kind] for cut in cuts) for kind, day in moments)
    return Met(len(moments), shut)


@cache
def chance_of_shutdown(state: str) -> float:
    """Return the chance that a state orders a shutdown in a month of unrest [1].

    The chance combines the state's own record with one moment at the mean of free, or unfree,
    states; half a case is added to the mean.
    """
    freedom = load_relations(DEFAULT_WORLD).freedom
    alike = [
        met_by_shutdown(s)
        for s, value in freedom.items()
        if (value.value >= FREE) == (freedom[state].value >= FREE)
    ]
    mean = (sum(met.shut for met in alike) + HALF) / (sum(met.moments for met in alike) + HALF)
    own = met_by_shutdown(state)
    return (own.shut + mean) / (own.moments + 1.0)


class Law(Cited, file="laws.csv", key=("state", "instrument")):
    """The first law or order of a kind in a state that decides, 2012-2021.

    Coding rule: an act in force that binds platforms, providers or offices in the whole state. A
    demand for a representative in ``answers.csv`` has no row; the demand of the European Union has
    a row for each member state that decides and had no such law.
    """

    state: Code
    instrument: Annotated[str, one_of((*KINDS_OF_LAWS, REPRESENTATIVE))]
    since: DayText


class LawRate(NamedTuple):
    """Frequency of a kind of law."""

    laws: int
    chances: float
    """Years of states without one [years]."""

    @property
    def ratio(self) -> float:
        """Laws per year and state, with half a case added [1/year]."""
        return (self.laws + HALF) / (self.chances + HALF)


@cache
def rate_of_laws(instrument: str, *, free: bool) -> LawRate:
    """Return the rate at which free, or unfree, states first adopted a kind of law in 2012-2021."""
    states = [
        state
        for state, value in load_relations(DEFAULT_WORLD).freedom.items()
        if (value.value >= FREE) == free
    ]
    laws = {
        row.state: date.fromisoformat(row.since)
        for row in read(Law).values()
        if row.instrument == instrument
    }
    made = sum(state in laws for state in states)
    return LawRate(made, sum((laws.get(state, LAST) - FIRST).days for state in states) / 365.25)
