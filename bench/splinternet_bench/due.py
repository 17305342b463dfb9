"""Forecasts of orders, scored by the orders that have come so far.

``tasks/open/orders-of-2026.yml`` has the rules, which were frozen before the search; beside it are
the orders found, and the searched lists.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from . import orders, outcomes
from .problems import BenchError, Problem

LEAST_DAYS = 14
"""Shortest order that counts [days]."""
YEAR = 365
"""Period of the task's chances [days]."""
RULES = "orders-of-2026.yml"
FOUND = "orders-of-2026.csv"
LISTS = "lists-of-2026.csv"


def days_between(first: str, last: str) -> int:
    """Return the days from one to another, both included [days]."""
    return (date.fromisoformat(last) - date.fromisoformat(first)).days + 1


def within(chance: pd.DataFrame, share: float) -> pd.DataFrame:
    """Return the chances within a share of a period, from those within the whole period [1]."""
    return 1.0 - (1.0 - chance) ** share


def last_asked() -> str:
    """Return the last day of the question about the orders of 2026, by the frozen rules."""
    folder = outcomes.home() / "tasks" / "open"
    lines = (folder / RULES).read_text(encoding="utf-8").splitlines()
    said = dict(line.split(": ") for line in lines if line and not line.startswith("#"))
    newest = date.fromisoformat(str(pd.read_csv(folder / LISTS)["newest"].max()))
    reached = newest - timedelta(days=int(said["least_days"]))
    return min(said["last"], reached.isoformat())


def found() -> Path:
    """Return the table of the orders found for 2026."""
    return outcomes.home() / "tasks" / "open" / FOUND


def score_so_far(
    table: pd.DataFrame,
    said: Mapping[str, Any],
    observed: Path | str | None,
    until: str | None = None,
) -> dict[str, Any]:
    """Return the score of chances on record, as JSON data.

    Parameters
    ----------
    table : pandas.DataFrame
        The forecast: one row for each pair, and a column for the model and for each rival [1].
    said : mapping
        Its registration.
    observed : path, optional
        The orders that came, with the columns of ``tasks/orders/orders.csv``; by default that
        table. A pair that is restricted on the first day was not open, and is excluded.
    until : str, optional
        The last day of the question; by default that of the forecast.

    Raises
    ------
    BenchError
        If the day is outside the forecast, or the record ends before it.
    """
    first = said["origin_date"]
    due = said["until"]
    made = orders.recorded(observed)
    last = _last_day(made, observed, first, due, until)
    names = table.columns.drop(["state", "platform", "from", "until"])
    share = days_between(first, last) / days_between(first, due)
    chances = within(table[names], share).join(_later_rivals(table, first, last))
    pairs = pd.MultiIndex.from_frame(table[["state", "platform"]])
    began = made[(made["since"] >= first) & (made["since"] <= last) & _lasts(made)]
    shut = made[(made["since"] < first) & _holds_on(made, first)]
    ordered = pairs.isin(pd.MultiIndex.from_frame(began[["state", "platform"]]))
    is_open = ~pairs.isin(pd.MultiIndex.from_frame(shut[["state", "platform"]]))
    whole = {
        "registered": said["registered"],
        "from": first,
        "until": last,
        "due": due,
        **_scored(chances[is_open], ordered[is_open]),
    }
    if not is_open.all():
        whole["with_restricted"] = _scored(chances, ordered & is_open)
    return whole


def _last_day(
    made: pd.DataFrame, observed: Path | str | None, first: str, due: str, until: str | None
) -> str:
    """Return the last day of the question."""
    if until is None:
        end = str(made["since"].max())
        if end < due:
            raise BenchError(
                Problem(
                    str(observed or "tasks/orders/orders.csv"),
                    None,
                    f"the record ends on {end}, the forecast on {due}",
                    f"orders up to {due}",
                    "Score it when the record is longer, name a longer one with --observed, or "
                    "choose an earlier day with --until.",
                )
            )
        return due
    try:
        day = date.fromisoformat(until).isoformat()
    except ValueError:
        day = ""
    if not first <= day <= due:
        raise BenchError(Problem("--until", None, f"'{until}'", f"a day from {first} to {due}"))
    return day


def _lasts(made: pd.DataFrame) -> pd.Series:
    """Return whether each restriction lasted `LEAST_DAYS` or has no known end."""
    if "until" not in made:
        return pd.Series(True, index=made.index)
    ended = pd.to_datetime(made["until"], errors="coerce")
    return ended.isna() | ((ended - pd.to_datetime(made["since"])).dt.days >= LEAST_DAYS)


def _holds_on(made: pd.DataFrame, day: str) -> pd.Series:
    """Return whether each restriction began before a day and still holds on it."""
    if "until" not in made:
        return pd.Series(False, index=made.index)
    return (made["until"] == "") | (made["until"] > day)


def _later_rivals(table: pd.DataFrame, first: str, last: str) -> pd.DataFrame:
    """Return the chances of the rivals that a registered table lacks, marked as later."""
    known = orders.pairs()
    rows = first[:4] + "-" + table["state"] + "-" + table["platform"]
    if not set(rows) <= set(known.index[known["day"] == first]):
        return pd.DataFrame(index=table.index)
    later = orders.rival_chances().drop(columns=[*table.columns], errors="ignore").loc[rows]
    later = later.add_suffix(" (later)").set_index(table.index)
    return within(later, days_between(first, last) / YEAR)


def _scored(chances: pd.DataFrame, ordered: np.ndarray) -> dict[str, Any]:
    """Return the scores of a model and its rivals on some pairs."""
    each = {name: orders.scores(chances[name].to_numpy(), ordered)._asdict() for name in chances}
    return {
        "pairs": len(chances),
        "orders": int(ordered.sum()),
        "expected": float(chances["model"].sum()),
        **each.pop("model"),
        "rivals": each,
    }
