"""Other programmes than the scored one: how many states had joined, and when.

The pace of a coalition is based on these alone, so that the curve of the Clean Network (`coalition.csv`) is a test.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from sim.facts.model import Quantity
from sim.facts.table import checked_rows, keep

_TABLE = Path(__file__).parent / "programmes.csv"
_COLUMNS = ("programme", "date", "value", "low", "high", "unit", "source", "basis", "licence", "note")
_MONTH = 365.25 / 12
UNITED_NATIONS = 193
"""Member states of the United Nations since 2011 (191 in 2003): of whom a share joins."""


@dataclass(frozen=True)
class Programme:
    """How one programme grew.

    Attributes
    ----------
    counts : mapping of date to Quantity
        States that had joined by then [states], in order of time.
    """

    counts: Mapping[date, Quantity]

    @property
    def pace(self) -> float:
        """States won over in a month between the first two counts [share of all states a month]."""
        (first, before), (second, after) = list(self.counts.items())[:2]
        return (after.value - before.value) / UNITED_NATIONS / ((second - first).days / _MONTH)

    @property
    def hazard(self) -> float | None:
        """Chance per month to join, for a state that has not joined yet and will join in the end [1/month].

        None without a third count, which shows how many joined in the end.
        """
        if len(self.counts) < 3:
            return None
        (first, before), (second, after), *_ = self.counts.items()
        end = list(self.counts.values())[-1].value
        left = (end - after.value) / (end - before.value)
        return -math.log(left) / ((second - first).days / _MONTH)


@lru_cache(maxsize=1)
def read_programmes() -> Mapping[str, Programme]:
    """Return the programmes by name (`sim/facts/programmes.csv`).

    Raises
    ------
    InputError
        When the table is faulty: all of it, each with file and line.
    """
    found: dict[str, dict[date, Quantity]] = {}
    for row in checked_rows(_TABLE, _COLUMNS):
        day = row.date_of("date")
        if day is not None:
            keep(found.setdefault(row.text("programme"), {}), day, row.quantity(), row)
    return MappingProxyType({name: Programme(MappingProxyType(dict(sorted(c.items())))) for name, c in found.items()})
