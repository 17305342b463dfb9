"""The task files of the bench, made from the scenarios' ``observed:`` and the tables of orders.

The bench imports no model, so these files contain its data on past events: counts, facts about each
figure known before its order, and the open pairs of state and platform by day. A test compares the
files with the results of these functions.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from ..experiments.record import Past, events, orders_behind, past_of
from ..facts.history import RECORD_ENDS, dates_of, owner_on
from ..facts.orders import disputes_on, freedom_of_states, known_on, orders_between
from ..facts.record import read_stamp
from ..results.files import csv_of, write_text
from ..results.model_error import error_kind
from ..scenario import Scenario
from .circumstances import known_before
from .orders import (
    TEST,
    TRAIN,
    deciding_states,
    fears,
    known_states,
    moments_of_year,
    scored_platforms,
    shares,
)

OWN_YEARS = 5
"""Number of past years in which a state's own orders count as its history."""
NOT_FITTED = "no: limits of age set their own priors"
NEWER = "no: newer than the stored forecasts"


def outcome_tables() -> dict[str, pd.DataFrame]:
    """Return the files of the task ``outcomes`` by name.

    Null cases, orders that never took effect, are excluded: there was nothing to forecast.
    """
    every = [
        (past_of(row, spec), spec)
        for spec in events()
        for row in spec.observed
        if row.use == "scored"
    ]
    cases = [(past, spec) for past, spec in every if not past.about.is_null]
    forecast = set(read_stamp()["rows"])
    figures = pd.DataFrame([_figure(past, spec, forecast) for past, spec in cases])
    outcomes = pd.DataFrame(
        {
            "row": past.observed.row,
            "value": past.observed.value,
            "tolerance": past.observed.tolerance,
            "meter": past.observed.meter,
            "confidence": past.observed.confidence,
            "source": past.observed.source,
        }
        for past, _ in cases
    )
    folds = figures[["row", "episode", "technique"]].assign(
        state=figures["state"].fillna(figures["group"])
    )
    return {"figures.csv": figures, "outcomes.csv": outcomes, "folds.csv": folds}


def _figure(past: Past, spec: Scenario, forecast: set[str]) -> dict[str, object]:
    """Return a figure as a row: the question, and facts known before the order."""
    seen = past.observed
    about = past.about
    orders = orders_behind(seen, spec)
    first = orders[0] if orders else None
    by = sorted({state for policy in orders for state in policy.by})
    targets = list(dict.fromkeys(target for policy in orders for target in policy.targets))
    scored = "yes" if seen.row in forecast else NEWER
    return {
        "row": seen.row,
        "event": past.event,
        "episode": past.episode,
        "scored": NOT_FITTED if about.technique == "age_limit" else scored,
        "kind": seen.kind,
        "error_kind": error_kind(seen),
        "metric": seen.metric,
        "of": seen.of,
        "state": seen.state,
        "group": seen.group,
        "platform": " + ".join(seen.platform),
        "date": seen.date,
        "meter": seen.meter,
        "instrument": first.instrument if first else "",
        "technique": about.technique,
        "ordered_by": " + ".join(by),
        "targets": " + ".join(targets),
        "on": first.on if first else "",
        "until": first.until if first else "",
        "hit": "yes" if about.is_hit else "no",
        "before": about.before,
        **known_before(seen, spec)._asdict(),
    }


# --- orders ---------------------------------------------------------------------------------------


@cache
def days() -> Mapping[int, tuple[date, date, str]]:
    """Return the days on which pairs are listed, by year: day, last day of its horizon, and part.

    The last one is the day after the record ends; the orders of its year are unknown.
    """
    found = {
        year: (date(year, 1, 1), date(year, 12, 31), "train" if year in TRAIN else "scored")
        for year in (*TRAIN, *TEST)
    }
    after = RECORD_ENDS + timedelta(days=1)
    return found | {after.year: (after, after + timedelta(days=364), "open")}


def order_tables() -> dict[str, pd.DataFrame]:
    """Return the files of the task ``orders`` by name."""
    return {
        "days.csv": pd.DataFrame(
            [(year, *about) for year, about in days().items()],
            columns=["year", "day", "until", "part"],
        ),
        "states.csv": _by_year(_states),
        "platforms.csv": _by_year(_platforms),
        "restricted.csv": _by_year(_restricted),
        "disputes.csv": _by_year(_disputes),
        "pairs.csv": _pairs(),
        "orders.csv": _orders(),
    }


def _by_year(rows_of: Callable[[date], Iterable[dict[str, object]]]) -> pd.DataFrame:
    """Return a table of the facts known on each day, with the year as first column."""
    return pd.DataFrame(
        {"year": year, **row} for year, (day, _, _) in days().items() for row in rows_of(day)
    )


def _states(day: date) -> list[dict[str, object]]:
    """Return the facts known about each state on a day."""
    names = known_states()
    known = known_on(day)
    freedom = freedom_of_states()
    begin = day.replace(year=day.year - OWN_YEARS)
    own: dict[str, set[str]] = {}
    for row in orders_between(begin, day - timedelta(days=1), short=True):
        own.setdefault(row.state, set()).add(row.since)
    election, coup, war = moments_of_year(names, day)
    return [
        {
            "state": state,
            "decides": "yes" if state in deciding_states() else "no",
            "unfreedom": 1.0 - freedom[state],
            "own_orders": len(own.get(state, ())),
            "restrictions": known.habit[state],
            "calls": known.calls[state],
            "election": int(election[at]),
            "coup": int(coup[at]),
            "war": int(war[at]),
        }
        for at, state in enumerate(names)
    ]


def _platforms(day: date) -> list[dict[str, object]]:
    """Return the facts known about each platform in service on a day."""
    launched = dates_of("launched")
    closed = dates_of("closed")
    blocks = known_on(day).blocks
    return [
        {
            "platform": name,
            "kind": fact.kind,
            "home": (owner_on(name, day) or ("", fact.home))[1],
            "earlier_blocks": blocks[name],
        }
        for name, fact in scored_platforms().items()
        if launched[name] < day.isoformat() < closed.get(name, "9999")
    ]


def _restricted(day: date) -> list[dict[str, object]]:
    """Return the number of platforms of each home that a state restricted on a day."""
    homes = {
        name: (owner_on(name, day) or ("", fact.home))[1]
        for name, fact in scored_platforms().items()
    }
    counts: dict[tuple[str, str], int] = {}
    for state, names in known_on(day).standing.items():
        for name in names & homes.keys():
            counts[state, homes[name]] = counts.get((state, homes[name]), 0) + 1
    return [
        {"state": state, "home": home, "platforms": number}
        for (state, home), number in sorted(counts.items())
        if state in known_states()
    ]


def _disputes(day: date) -> list[dict[str, object]]:
    """Return the pairs of states at war, after a clash, or under sanctions on a day."""
    return [
        {"kind": kind, "a": a, "b": b}
        for kind in ("war", "clash", "sanctions")
        for a, b in sorted(map(sorted, disputes_on(day, kind)))
    ]


def _pairs() -> pd.DataFrame:
    """Return each pair of state and platform, with its use and the years in which it is open."""
    states = known_states()
    names = tuple(scored_platforms())
    use = shares(states)
    fear = fears()
    there = {
        year: {str(row["platform"]): row["home"] for row in _platforms(day)}
        for year, (day, _, _) in days().items()
    }
    standing = {year: known_on(day).standing for year, (day, _, _) in days().items()}
    rows = []
    for i, state in enumerate(states):
        for j, name in enumerate(names):
            open_in = [
                year
                for year, homes in there.items()
                if name in homes
                and homes[name] != state
                and name not in standing[year].get(state, ())
            ]
            if open_in:
                afraid = fear.get((state, name), math.nan)
                rows.append((state, name, use[i, j], afraid, spells(open_in)))
    return pd.DataFrame(rows, columns=["state", "platform", "use", "fear", "open"])


def spells(years: list[int]) -> str:
    """Return years as spells, such as ``2012-2014 2018``."""
    breaks = np.flatnonzero(np.diff(years) > 1) + 1
    parts = [part.tolist() for part in np.split(np.array(years), breaks)]
    return " ".join(f"{p[0]}-{p[-1]}" if len(p) > 1 else f"{p[0]}" for p in parts)


def _orders() -> pd.DataFrame:
    """Return the counted orders: state, platform, first day, and year of the horizon."""
    first = date(TRAIN[0], 1, 1)
    last = RECORD_ENDS
    rows = [
        (row.state, row.platform, row.since, row.until, row.technique)
        for row in orders_between(first, last)
        if row.state in known_states() and row.platform in scored_platforms()
    ]
    columns = ["state", "platform", "since", "until", "technique"]
    return pd.DataFrame(rows, columns=columns).sort_values(["since", "state", "platform"])


def write_tasks(folder: Path) -> list[Path]:
    """Write the files of both tasks below a folder, and return their paths."""
    files = [
        (folder / task / name, table)
        for task, tables in (("outcomes", outcome_tables()), ("orders", order_tables()))
        for name, table in tables.items()
    ]
    for path, table in files:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, text_of(table))
    return [path for path, _ in files]


def text_of(table: pd.DataFrame) -> str:
    """Return a table as CSV, numbers to six significant digits."""
    return csv_of(table, "%.6g")
