"""Who ordered what, as it was known on a day: the record of restrictions, disputes between states, and freedom.

The chance that a state orders a platform restricted is calculated from these and from the use of the platform;
`features` says how. Nothing here reads what came later than the day that it is asked about.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import cache
from typing import Annotated, Literal, NamedTuple

import numpy as np

from .history import Restriction
from .relations import load_relations
from .tables import Cited, Code, DayText, DayTextOrNone, Figure, Number, Row, Text, one_of, read
from .worlds import DEFAULT_WORLD

REASONS = ("unfreedom", "precedent", "siblings", "control")
"""What the chance of an order is calculated from, in the order of every array."""
CANDIDATES = ("reach", "blocks", "habit", "war", "sanctions", "election", "coup", "conflict")
"""Reasons that were tried and add nothing on the years that set the weights; they follow `REASONS` in arrays."""
TIMES = ("election", "coup", "protest", "dispute")
"""Moments near which an order is likelier; see `splinternet.facts.moments`."""
TALK = ("messenger", "feed", "mixed", "video")
"""Kinds of platform for public speech or private messages."""
LEAST_DAYS = 14
"""A restriction that ended sooner is no order that is counted [days]."""
HABIT_DAYS = 3 * 365
"""Time back that a state's own restrictions count as a habit [days] (assumption)."""
FEWEST_USERS = 0.001
"""Added to the share of people who use a platform, so that its logarithm has a floor [1] (assumption)."""
ENOUGH_USERS = 0.01
"""Share of people who use a platform from which a state cares what is said there [1] (assumption: as
``control.demand_reach``, from the laws that demand representatives)."""
SERIES = ("clean_network", "equipment_ban")
"""The series of states: 1 for a state that did, 0 for one that did not (by the end of 2020, and of 2024)."""
VARIABLES = ("ally", "freedom", "product", "people")
"""What is known of each state."""


class Joiner(Figure, file="joiners.csv", key=("state", "field")):
    """Whether a state joined, with the day where it is known; or a variable that may explain it, with its year.

    These are the states with a product of 25 billion dollars or more in 2019 and an outline; without Taiwan, which the
    table of products lacks.
    """

    state: Text
    field: Annotated[str, one_of((*SERIES, *VARIABLES))]
    date: str


class Dispute(Cited, file="disputes.csv", key=("a", "b", "since")):
    """War, an armed clash, or sanctions between two states.

    The rule of coding: a war or a clash between their armed forces with dead on either side; sanctions that one
    government has in force against the other or its agencies by a published act. No end means that none is known.
    """

    a: Code
    b: Code
    """The two states; which is named first says nothing."""
    kind: Literal["war", "clash", "sanctions"]
    since: DayText
    until: DayTextOrNone
    note: str


class OrderWeight(Cited, file="order_weights.csv", key=("reason",)):
    """The weight of a reason in the chance of an order, as `splinternet score-states --fit` writes it."""

    reason: Annotated[str, one_of((*REASONS, "constant", *TIMES))]
    """One of `REASONS`, ``constant``, or one of `TIMES`."""
    value: Number
    """Added to the log odds for each unit of the reason; how many times likelier an order is near a moment [1]."""
    se: Number
    """Its standard error: over draws of states, or of a count of days [1]."""


class Look(Row, file="order_looks.csv"):
    """A look at the years that are scored, 2022 to 2025: what was known to whoever chose the model since then."""

    date: DayText
    """Day of the look."""
    weights: Text
    """Digest of the weights that were scored."""
    changed: Text
    """What was changed since the look before."""
    auc: Number
    """Of the model on these years, as in `Scores` [1]."""
    brier: Number
    """Of the model, as in `Scores` [1]."""
    log_score: Number
    """Of the model, as in `Scores` [1]."""
    precision_at_k: Number
    """Of the model, as in `Scores` [1]."""
    rival_auc: Number
    """Of the product of unfreedom and earlier blocks."""
    apart_auc: Number
    """Of the model without Russia, which made most of the orders [1]."""
    rival_apart_auc: Number
    """Of the best rival without Russia [1]."""


@cache
def freedom_of_states() -> Mapping[str, float]:
    """Return how free each state is, as far as the tables have it [1]: those with relations, then `joiners.csv`."""
    known = {state: row.value for (state, field), row in read(Joiner).items() if field == "freedom"}
    return known | {state: figure.value for state, figure in load_relations(DEFAULT_WORLD).freedom.items()}


@cache
def disputes_on(day: date, *kinds: str) -> frozenset[frozenset[str]]:
    """Return the pairs of states that have a dispute of some kinds on a day."""
    today = day.isoformat()
    rows = (row for row in read(Dispute).values() if row.kind in kinds)
    return frozenset(
        frozenset((row.a, row.b)) for row in rows if row.since <= today and (not row.until or row.until > today)
    )


def counts(row: Restriction) -> bool:
    """Return whether a row of the record is an order: of a state, and of more than calls."""
    return row.technique != "calls_only" and row.order != "owner"


def lasts(row: Restriction) -> bool:
    """Return whether a restriction lasts `LEAST_DAYS` or more; one without a known end does."""
    return not row.until or (date.fromisoformat(row.until) - date.fromisoformat(row.since)).days >= LEAST_DAYS


class Known(NamedTuple):
    """What the record said on a day."""

    blocks: Counter[str]
    """Restrictions of each platform so far, anywhere."""
    habit: Counter[str]
    """Restrictions by each state in the last `HABIT_DAYS`."""
    standing: Mapping[str, frozenset[str]]
    """The platforms that are restricted in each state, by whomever."""


@cache
def known_on(day: date) -> Known:
    """Return what the record said on a day, by the platforms' names in it; nothing that began on that day or later."""
    today, early = day.isoformat(), (day - timedelta(days=HABIT_DAYS)).isoformat()
    before = [row for row in read(Restriction).values() if row.since < today]
    orders = [row for row in before if counts(row)]
    standing: dict[str, set[str]] = {}
    for row in before:
        if row.technique != "calls_only" and (not row.until or row.until > today):
            standing.setdefault(row.state, set()).add(row.platform)
    return Known(
        Counter(row.platform for row in orders),
        Counter(row.state for row in orders if row.since >= early),
        {state: frozenset(platforms) for state, platforms in standing.items()},
    )


def orders_between(first: date, last: date, *, short: bool = False) -> Iterable[Restriction]:
    """Return the orders of states that began between two days, both included, and lasted `LEAST_DAYS`; or all."""
    begin, end = first.isoformat(), last.isoformat()
    rows = (row for row in read(Restriction).values() if counts(row) and begin <= row.since <= end)
    return [row for row in rows if short or lasts(row)]


def features(
    unfreedom: np.ndarray, blocks: np.ndarray, share: np.ndarray, restricted: np.ndarray, talk: np.ndarray
) -> np.ndarray:
    """Return the reasons of each state against each platform, shape (reasons, states, platforms).

    Parameters
    ----------
    unfreedom : numpy.ndarray, shape (states,)
        1 less freedom [1].
    blocks : numpy.ndarray, shape (platforms,)
        Restrictions of each platform so far, anywhere.
    share : numpy.ndarray, shape (states, platforms)
        Share of the state's internet users who use it, or did before it was restricted there [1].
    restricted : numpy.ndarray, shape (states, platforms)
        Platforms of the same home that the state restricts today.
    talk : numpy.ndarray of bool, shape (platforms,)
        Whether it is for public speech or private messages.

    Returns
    -------
    numpy.ndarray
        ``unfreedom``; ``precedent``, unfreedom x log(1 + blocks); ``siblings``, unfreedom x log(1 + restricted);
        ``control``, unfreedom, where the platform is for talk and at least `ENOUGH_USERS` use it.
    """
    every = np.broadcast_to(unfreedom[:, None], share.shape)
    parts = np.log1p(blocks)[None, :], np.log1p(restricted), talk[None, :] & (share >= ENOUGH_USERS)
    return np.stack([every, *(every * part for part in parts)])


def weights() -> Mapping[str, float]:
    """Return the stored weight of each reason, and of ``constant``."""
    return {row.reason: row.value for row in read(OrderWeight).values()}


def chance_of_order(reasons: np.ndarray) -> np.ndarray:
    """Return the chance of an order within 12 months by the stored weights [1], shape (states, platforms).

    Parameters
    ----------
    reasons : numpy.ndarray, shape (reasons, states, platforms)
        From `features`.
    """
    table = weights()
    log_odds = table["constant"] + sum(table[name] * values for name, values in zip(REASONS, reasons, strict=True))
    return np.asarray(1.0 / (1.0 + np.exp(-log_odds)))
