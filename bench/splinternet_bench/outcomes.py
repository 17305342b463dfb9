"""The task ``outcomes``: what happens to users after an order.

Each row is one figure: the remaining use of a platform, the gain of another one, or the share of
people with a VPN. ``figures.csv`` has facts known before the order, ``outcomes.csv`` the counts,
and ``folds.csv`` the groups of figures to hold out together.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd

FOLDS = ("episode", "technique", "state")
"""Ways to hold figures out: all figures of an episode, of a technique, or of a state."""
SERIES = ["episode", "kind", "place", "platform", "metric", "meter"]
"""Columns that identify a series, the counts of the same quantity by the same source; its dates
count once in every mean.
"""


def home() -> Path:
    """Return the folder of the tasks and entrants: in the package, or beside it in a clone."""
    package = Path(__file__).resolve().parent
    return package if (package / "tasks").is_dir() else package.parent


@cache
def _table(name: str) -> pd.DataFrame:
    """Return a file of the task, by row; an empty cell of text is an empty text."""
    table = pd.read_csv(home() / "tasks" / "outcomes" / name, keep_default_na=False)
    return table.set_index("row", drop=False)


@cache
def figures() -> pd.DataFrame:
    """Return all figures, with the facts known beforehand and the counted value, by row.

    Models may learn from figures that are not ``scored``.
    """
    counted = _table("outcomes.csv")[["value", "tolerance"]]
    table = _table("figures.csv").join(counted)
    table["place"] = table["group"].where(table["group"] != "", table["state"])
    table["series"] = table[SERIES].agg("|".join, axis=1)
    table["is_hit"] = table["hit"] == "yes"
    return table


@cache
def scored() -> pd.DataFrame:
    """Return the figures that are scored, by row."""
    return figures()[figures()["scored"] == "yes"]


@cache
def folds() -> pd.DataFrame:
    """Return the folds of each figure, by row, with one column for each of `FOLDS`."""
    return _table("folds.csv")
