"""The tables of parameters: value, range and source of each, its limits, and the rules after which a graph grows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from sim.facts.tables import HOME, Estimate, Fault, Names, Quantity, Row, Text, Words, read

PARAMETERS = HOME / "parameters.csv"
RULES = HOME / "rules.csv"
"""The named rules that the record cannot distinguish, in the form of a table of parameters."""
CHOICE = "choice"
"""Unit of a parameter that is one of a few named rules."""
_FACTOR = 100.0


@dataclass(frozen=True)
class Parameter(Estimate, file="parameters.csv", key=("name",)):
    """A parameter of the model: a number with its range, or one of a few named rules."""

    name: Text
    description: Text
    choices: Words = ()

    def faults(self, names: Names) -> Iterable[Fault]:
        """Yield what is wrong with the number, and choices that do not fit it."""
        yield from super().faults(names)
        last = len(self.choices) - 1
        if (self.unit == CHOICE) != bool(self.choices):
            found = f"unit is {self.unit}, choices are '{'|'.join(self.choices)}'"
            yield found, f"unit {CHOICE} and names, or neither"
        elif self.choices and (
            (self.low, self.high) != (0, last)
            or self.value not in range(last + 1)
            or len(set(self.choices)) <= max(1, last)
        ):
            found = f"value {self.value:g}, low {self.low:g}, high {self.high:g} with {last + 1} choices"
            yield found, f"two or more different names, the place of one from 0, low 0, high {last}"

    @property
    def quantity(self) -> Quantity:
        """The number with its description as its note."""
        given = (self.value, self.low, self.high, self.unit, self.source, self.basis)
        return Quantity(*given, note=self.description, choices=self.choices)


@dataclass(frozen=True)
class GrowthRule(Parameter, file="growth.csv"):
    """A rule after which a carrier graph grows."""


class Limits(NamedTuple):
    """What the model accepts, in the parameter's unit, and why.

    These are the limits of the program: values for which the model would divide by zero, or a number would overflow.
    The range that the evidence allows is low to high of each parameter.
    """

    least: float
    most: float
    reason: str = ""

    def allow(self, value: float) -> bool:
        """Return whether a value lies within."""
        return self.least <= value <= self.most


@dataclass(frozen=True)
class LimitRow(Row, file="limits.csv", key=("name",)):
    """Limits of a parameter, of all whose names begin so (``name*``), or of a unit (``unit:name``)."""

    name: Text
    least: str
    most: str
    source: Text


_rows = lru_cache(maxsize=1)(lambda: read(LimitRow))


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
    beginnings = [row for row in rows if row.endswith("*") and name.startswith(row[:-1])]
    key = name if name in rows else max(beginnings, key=len, default="*")
    if key == "*" and f"unit:{quantity.unit}" in rows:
        key = f"unit:{quantity.unit}"
    row = rows[key]
    widest = _FACTOR * max(1.0, abs(quantity.low), abs(quantity.high))
    low = float(row.least) if row.least else (0.0 if quantity.low >= 0 else -widest)
    high = float(row.most) if row.most else widest
    return Limits(min(low, quantity.low), max(high, quantity.high), row.source)
