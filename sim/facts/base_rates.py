"""Two counts of what followed the orders of the record: answers of homes, and ends in protests."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

from .history import Restriction, dates_of, owner_on
from .loading import load_facts
from .model import find_platform
from .orders import FIRST, LAST, counts, days_of, lasts, orders_between
from .relations import load_relations
from .tables import read
from .worlds import DEFAULT_WORLD, available_facts

YEARS = f"{FIRST.year}-{LAST.year}"
"""Years of the counted orders."""
ANSWER_DAYS = 730
PROTEST_DAYS = 60
"""Time in which a home may answer an order, and in which protests may end one [days]
(assumption).
"""


class BaseRate(NamedTuple):
    """Cases, and the orders among which they were counted."""

    cases: int
    of: int


@cache
def home_of(platform: str, day: date) -> str:
    """Return the home of a platform of the record on a day; empty if no world has the platform, or
    its launch has no date.
    """
    if platform not in dates_of("launched"):
        return ""
    worlds = [load_facts(world) for world in available_facts()]
    homes = [
        facts.platforms[name].home for facts in worlds if (name := find_platform(platform, facts))
    ]
    owner = owner_on(platform, day)
    return owner[1] if owner and homes else next(iter(homes), "")


@cache
def answered_in_kind() -> BaseRate:
    """Return the orders against foreign platforms that the home answered in kind within
    `ANSWER_DAYS`: it restricted a platform of the state that had ordered.
    """
    within = timedelta(days=ANSWER_DAYS)
    of = [
        (row.state, home_of(row.platform, day), day)
        for row in orders_between(FIRST, LAST + within, short=True)
        if (day := date.fromisoformat(row.since))
    ]
    made = [
        (row.state, home, day)
        for row in orders_between(FIRST, LAST)
        if (day := date.fromisoformat(row.since))
        if (home := home_of(row.platform, day)) not in ("", row.state)
    ]
    answered = sum(
        any((by, at) == (home, state) and day <= when <= day + within for by, at, when in of)
        for state, home, day in made
    )
    return BaseRate(answered, len(made))


@cache
def ended_in_protests() -> BaseRate:
    """Return the orders in force when large protests began in a state that decides, and how many of
    them ended within `PROTEST_DAYS`.
    """
    ends = [
        (row.until, day + timedelta(days=PROTEST_DAYS))
        for state in load_relations(DEFAULT_WORLD).freedom
        for day in days_of("protest").get(state, ())
        if FIRST <= day <= LAST
        for row in read(Restriction).values()
        if row.state == state and counts(row) and lasts(row)
        if row.since < day.isoformat() and row.holds_on(day)
    ]
    return BaseRate(sum(bool(end) and end <= by.isoformat() for end, by in ends), len(ends))
