"""Limits of parameters: the values for which the model would divide by zero, or a number would overflow.

These are the limits of the program. The range that the evidence allows is low to high of each parameter.
"""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from sim.facts.model import Quantity

_TABLE = Path(__file__).parent / "limits.csv"
_FACTOR = 100.0


class Limits(NamedTuple):
    """What the model accepts, in the parameter's unit, and why."""

    least: float
    most: float
    reason: str = ""

    def allow(self, value: float) -> bool:
        """Return whether a value lies within."""
        return self.least <= value <= self.most


def limits_of(name: str, quantity: Quantity) -> Limits:
    """Return the limits of a parameter.

    The row of `limits.csv` that fits best counts: the name, else the longest beginning of it, else the unit. A table of
    parameters may go beyond them, as one of a project folder does that knows its own rule: its range is always allowed.

    Parameters
    ----------
    name : str
    quantity : Quantity
        The parameter's row.
    """
    rows = _rows()
    fitting = [row for row in rows if row.endswith("*") and name.startswith(row[:-1])]
    key = name if name in rows else max(fitting, key=len, default="*")
    if key == "*" and f"unit:{quantity.unit}" in rows:
        key = f"unit:{quantity.unit}"
    least, most, reason = rows[key]
    widest = _FACTOR * max(1.0, abs(quantity.low), abs(quantity.high))
    low = float(least) if least else (0.0 if quantity.low >= 0 else -widest)
    high = float(most) if most else widest
    return Limits(min(low, quantity.low), max(high, quantity.high), reason)


@lru_cache(maxsize=1)
def _rows() -> dict[str, tuple[str, str, str]]:
    """Return the rows of the table by name."""
    with _TABLE.open(encoding="utf-8", newline="") as stream:
        return {row["name"]: (row["least"], row["most"], row["source"]) for row in csv.DictReader(stream)}
