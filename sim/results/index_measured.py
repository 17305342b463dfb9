"""The measured Splinternet Index: the likeness of access between states, month by month, from the
record of blocks alone.

No person is simulated. A platform is open in a state unless ``block_history.csv`` has a restriction
there. `statecraft.likeness_of_access` computes the likeness of two states, as for the metric
``access_likeness`` of a run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..actors.statecraft import (
    effective_internets,
    find_blocs,
    internets_by_likeness,
    likeness_of_access,
)
from ..errors import InputError, Problem, did_you_mean
from ..facts import load_facts
from ..facts.history import RECORD_ENDS, SLOWER, dates_of, record_ends, restrictions
from ..facts.model import REST_OF_WORLD, TECHNIQUES, Facts, find_platform
from ..facts.states import known_states, place_code, state_anywhere
from ..facts.tables import BASES
from ..facts.worlds import DEFAULT_WORLD
from ..policies.values import as_date

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FIRST = date(2009, 1, 1)
"""First month of the index: the record of blocks begins in 2008."""
LEAST_SHARED = 365
"""Shortest overlap of a run and the record for a comparison [days] (assumption)."""
WEIGHTS = {
    "pair": "by use in the two states",
    "world": "by users in all the world",
    "abroad": "by users outside the home of the platform",
    "equal": "with equal weights",
}
"""Weights of a platform in the likeness of two states; the first is the default."""
PAIR = "pair"
CALLS = "calls_only"
COUNTED = tuple(technique for technique in (*TECHNIQUES, *SLOWER) if technique != CALLS)
"""Techniques that count by default: all except those that leave text and posts open."""

_PAIRS_SHOWN = 5
"""Number of most and of least alike pairs that `print` shows."""


@dataclass(frozen=True, eq=False)
class MeasuredIndex:
    """The index on some days.

    Attributes
    ----------
    days : tuple of datetime.date
        By default the first of each month.
    states : tuple of str
        All states that count, alpha-2.
    shown : tuple of str
        The states whose pairs `table` lists.
    people : numpy.ndarray, shape (states,)
        Internet users [persons].
    likeness : numpy.ndarray, shape (days, states, states)
        Likeness of access [1].
    by_likeness, by_blocs : numpy.ndarray, shape (days,)
        Effective number of internets [internets].
    counted : int
        Number of restrictions that count.
    left_out : mapping of str to int
        Number of restrictions that do not count, by reason.
    without_record : tuple of str
        States of `shown` without a row in the record, which count as open.
    weights : str
        One of `WEIGHTS`.
    """

    days: tuple[date, ...]
    states: tuple[str, ...]
    shown: tuple[str, ...]
    people: np.ndarray
    likeness: np.ndarray
    by_likeness: np.ndarray
    by_blocs: np.ndarray
    counted: int
    left_out: Mapping[str, int]
    without_record: tuple[str, ...]
    weights: str = PAIR

    def __repr__(self) -> str:
        span = f"{self.days[0]} to {self.days[-1]}" if self.days else "no days"
        return f"<MeasuredIndex: {len(self.days)} days, {span}, {len(self.shown)} states shown>"

    def __str__(self) -> str:
        if not self.days:
            return repr(self)
        last = self.table()
        last = last[last["date"] == last["date"].max()].sort_values("likeness")
        ends = (
            last
            if len(last) <= 2 * _PAIRS_SHOWN
            else pd.concat([last[:_PAIRS_SHOWN], last[-_PAIRS_SHOWN:]])
        )
        lines = [
            repr(self),
            f"internets: {self.by_likeness[0]:.2f} on {self.days[0]}, "
            f"{self.by_likeness[-1]:.2f} on {self.days[-1]} (by likeness)",
            f"likeness of access on {self.days[-1]}, lowest and highest:",
            ends[["a", "b", "likeness"]].to_string(index=False, float_format="{:.3f}".format),
        ]
        return "\n".join(lines if len(last) else lines[:2])

    @cached_property
    def place(self) -> Mapping[str, int]:
        """State -> its index in the arrays."""
        return {state: i for i, state in enumerate(self.states)}

    def between(self, a: str, b: str) -> np.ndarray:
        """Return the likeness of two states on each day [1], shape (days,)."""
        for state in (a, b):
            if state not in self.place:
                raise InputError(
                    Problem(
                        "", f"'{state}' is not in the index", f"one of: {', '.join(self.shown)}"
                    )
                )
        return np.asarray(self.likeness[:, self.place[a], self.place[b]])

    def table(self) -> pd.DataFrame:
        """Return a row for each day and pair of states: ``date, a, b, likeness``."""
        pairs = list(combinations(self.shown, 2))
        days = np.array(self.days, "datetime64[ns]")
        columns: dict[str, Any] = {"date": np.repeat(days, len(pairs))}
        columns |= {
            name: np.tile([pair[at] for pair in pairs], len(self.days))
            for at, name in enumerate("ab")
        }
        one, other = ([self.place[pair[at]] for pair in pairs] for at in (0, 1))
        return pd.DataFrame(columns | {"likeness": self.likeness[:, one, other].ravel()})

    def internets(self) -> pd.DataFrame:
        """Return the effective number of internets on each day: ``date, by_likeness, by_blocs``."""
        days = np.array(self.days, "datetime64[ns]")
        return pd.DataFrame(
            {"date": days, "by_likeness": self.by_likeness, "by_blocs": self.by_blocs}
        )

    def crossing(self, state: str, nearer: str, than: str) -> date | None:
        """Return the first day from which a state stays nearer to one state than to another; None
        if never.

        Parameters
        ----------
        state, nearer, than : str
            For example ``RU``, ``CN``, ``US``.
        """
        ahead = self.between(state, nearer) > self.between(state, than)
        if not ahead.size or not ahead[-1]:
            return None
        behind = np.flatnonzero(~ahead)
        return self.days[int(behind[-1]) + 1 if behind.size else 0]

    def plot(self, pairs: Sequence[tuple[str, str]] = ()) -> Figure:
        """Return a chart of the number of internets, and of the likeness of some pairs of states.

        Parameters
        ----------
        pairs : sequence of (str, str)
            The pairs; by default those of the United States, China, Russia and India that are
            shown.
        """
        from ..plots.runs import draw_index

        return draw_index(self, pairs)


def index(
    states: Collection[str] | None = None,
    *,
    since: date | str | None = None,
    techniques: Collection[str] = (),
    bases: Collection[str] = (),
    least_days: int = 0,
    world: str = DEFAULT_WORLD,
    weights: str = PAIR,
) -> MeasuredIndex:
    """Return the measured Splinternet Index, monthly from 2009 to the last recorded day.

    Parameters
    ----------
    states : collection of str, optional
        The states whose pairs the index lists, as codes or names; by default the states that the
        world lists individually. The number of internets always counts all states.
    since : date, optional
        First month of the index; by default the start of 2009.
    techniques, bases : collection of str, optional
        Techniques and bases of the restrictions that count; by default all techniques except
        ``calls_only``, and all bases.
    least_days : int
        Shortest restriction that counts; restrictions still in force always count [days].
    world : str
        The world whose numbers of users weight platforms and states. The weights are the same on
        every day, so that only restrictions and launches change the index.
    weights : {"pair", "world", "abroad", "equal"}
        Weight of a platform. `pair` is the square root of the product of its shares of users in the
        two states, `world` its users in all states, and `abroad` its users outside its home state.
        `equal` gives all platforms the same weight.

    Raises
    ------
    InputError
        A state, technique, basis or weighting does not exist, or the first month is after the last
        recorded day.
    """
    facts = load_facts(world)
    shown = tuple(dict.fromkeys(place_code(text, "states") for text in states or ())) or tuple(
        code for code in facts.states if code != REST_OF_WORLD
    )
    every = tuple(
        dict.fromkeys((*shown, *(code for code in known_states(facts) if code != REST_OF_WORLD)))
    )
    people = np.array([state_anywhere(code, facts).internet_users.value for code in every])
    techniques = _known(techniques, (*TECHNIQUES, *SLOWER), "technique") or COUNTED
    bases = _known(bases, BASES, "basis") or BASES
    _known((weights,), tuple(WEIGHTS), "weights")
    days = _months(since, record_ends(facts.name))
    return measure(
        facts,
        every,
        people,
        days,
        shown,
        techniques=techniques,
        bases=bases,
        least_days=least_days,
        weights=weights,
    )


def weights_of(facts: Facts, states: Sequence[str], weights: str) -> np.ndarray:
    """Return the weight of each platform, shape (platforms,). For ``pair``, return the square root
    of its share of users in each state [1], shape (states, platforms).

    A state without its own figure has the figure of the rest of the world.

    Parameters
    ----------
    facts : Facts
    states : sequence of str
    weights : str
        One of `WEIGHTS`.
    """
    platforms = list(facts.platforms)

    def share(state: str, platform: str) -> float:
        found = facts.penetration.get((state, platform))
        if found is None and state not in facts.states:
            found = facts.penetration.get((REST_OF_WORLD, platform))
        return 0.0 if found is None else found.value

    if weights == PAIR:
        return np.sqrt([[share(state, platform) for platform in platforms] for state in states])
    if weights == "equal":
        return np.ones(len(platforms))
    return np.array(
        [
            sum(
                share(code, platform) * state.internet_users.value
                for code, state in facts.states.items()
                if weights == "world" or code != facts.platforms[platform].home
            )
            for platform in platforms
        ]
    )


def measure(
    facts: Facts,
    states: Sequence[str],
    people: np.ndarray,
    days: Sequence[date],
    shown: Sequence[str] = (),
    *,
    techniques: Collection[str] = COUNTED,
    bases: Collection[str] = BASES,
    least_days: int = 0,
    weights: str = PAIR,
) -> MeasuredIndex:
    """Return the index of some states on some days.

    Parameters
    ----------
    facts : Facts
        The world whose platforms count.
    states : sequence of str
    people : numpy.ndarray, shape (states,)
        Internet users [persons].
    days : sequence of datetime.date
    shown : sequence of str
        States whose pairs are listed; by default all.
    techniques, bases, least_days, weights
        The restrictions that count, and the weights of platforms, as for `index`.
    """
    base = facts.whole or facts
    platforms = list(base.platforms)
    at = {state: i for i, state in enumerate(states)}
    weight = weights_of(base, states, weights)
    launched = dates_of("launched")
    closed = dates_of("closed")
    dated = {find_platform(name, base): name for name in launched}
    counted = []
    left_out = Counter[str]()
    for row in restrictions(facts.name):
        name = find_platform(row.platform, base)
        lasted = (
            (date.fromisoformat(row.until) - date.fromisoformat(row.since)).days
            if row.until
            else least_days
        )
        reasons = {
            "by technique": row.technique not in techniques,
            "by basis": row.basis not in bases,
            "by duration": lasted < least_days,
            "no users in the tables": name is None,
            "elsewhere": row.state not in at,
        }
        if reason := next((reason for reason, holds in reasons.items() if holds), ""):
            left_out[reason] += 1
        else:
            counted.append(
                (at[row.state], platforms.index(str(name)), row.since, row.until or "9999")
            )
    likeness = np.empty((len(days), len(states), len(states)))
    internets = np.empty((2, len(days)))
    found = dict[bytes, tuple[np.ndarray, float, float]]()
    together = base.parameters["blocs.together"].value
    for t, today in enumerate(day.isoformat() for day in days):
        there = [
            launched.get(dated.get(p, ""), "") <= today < closed.get(dated.get(p, ""), "9999")
            for p in platforms
        ]
        usable = np.tile(np.array(there, dtype=float), (len(states), 1))
        for i, j, since, until in counted:
            if since <= today < until:
                usable[i, j] = 0.0
        key = usable.tobytes()
        if key not in found:  # few months differ from the previous month
            alike = _alike(usable, weight)
            blocs = effective_internets(find_blocs(alike, together), people)
            found[key] = alike, internets_by_likeness(alike, people), blocs
        likeness[t], internets[0, t], internets[1, t] = found[key]
    rows = {row.state for row in restrictions(facts.name)}
    listed = tuple(shown) or tuple(states)
    silent = tuple(state for state in listed if state not in rows)
    return MeasuredIndex(
        tuple(days),
        tuple(states),
        listed,
        people,
        likeness,
        internets[0],
        internets[1],
        len(counted),
        dict(left_out),
        silent,
        weights,
    )


def _alike(usable: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return the likeness of access of all states, computed once for states with equal access."""
    if weight.ndim == 1:
        rows = usable
    else:
        rows = np.hstack((usable, weight))
    _, first, kind = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    counts = weight if weight.ndim == 1 else weight[first]
    return np.asarray(likeness_of_access(usable[first], counts)[kind][:, kind])


def _known(wanted: Collection[str], allowed: Sequence[str], what: str) -> tuple[str, ...]:
    """Return the requested names after checking that each exists."""
    problems = [
        Problem(
            f"--{what}",
            f"there is no {what} '{word}'",
            f"one of: {', '.join(allowed)}",
            did_you_mean(word, allowed),
        )
        for word in wanted
        if word not in allowed
    ]
    if problems:
        raise InputError(problems)
    return tuple(dict.fromkeys(wanted))


def _months(since: object, last: date) -> tuple[date, ...]:
    """Return the first days of the months from a given day, and the last recorded day.

    Raises
    ------
    InputError
        The text is not a date, or is a date after the last recorded day.
    """
    since = as_date(since)
    try:
        first: Any = (
            date.fromisoformat(since if len(since) > 7 else f"{since}-01")
            if isinstance(since, str)
            else since or FIRST
        )
        if type(first) is not date:
            raise ValueError
    except ValueError:
        raise InputError(
            Problem("--from", f"'{since}' is not a month", "a month or a day, such as 2014-01")
        ) from None
    if first > last:
        raise InputError(
            Problem("--from", f"{first} is after the last recorded day", f"a day up to {last}")
        )
    first = max(first, FIRST)
    months = [
        date(n // 12, n % 12 + 1, 1)
        for n in range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    ]
    return tuple(months if months[-1] == last else [*months, last])


def yardstick(
    facts: Facts, states: Sequence[str], begin: date, end: date
) -> tuple[date, float, float] | None:
    """Return the change in the number of internets by the record, over the days of a run.

    Parameters
    ----------
    facts : Facts
        The world of the run.
    states : sequence of str
        The states of the run; the rest of the world counts as open, as in the run.
    begin, end : datetime.date
        First and last day of the run.

    Returns
    -------
    (datetime.date, float, float) or None
        The last day of the run that the record covers, and the effective number of internets on the
        first day and on that day; None if they overlap by less than `LEAST_SHARED`.
    """
    last = min(end, RECORD_ENDS)
    if begin < FIRST or (last - begin).days < LEAST_SHARED:
        return None
    people = [facts.states[s] if s in facts.states else state_anywhere(s, facts) for s in states]
    found = measure(
        facts,
        states,
        np.array([fact.internet_users.value for fact in people]),
        (begin, last),
        weights="world",  # the weights of a run's metric
    )
    return last, float(found.by_likeness[0]), float(found.by_likeness[1])
