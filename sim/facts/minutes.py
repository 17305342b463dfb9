"""How long people use a platform on a day (`minutes.csv`), and where lost time and money go (`budget.csv`)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from sim.errors import InputError, Place, Problem
from sim.facts.model import KINDS, Quantity
from sim.facts.table import QUANTITY_COLUMNS, keep, read_rows

_FOLDER = Path(__file__).parent
BUDGET = ("time.nowhere_first", "time.nowhere_later", "time.settle_days", "time.new_weight", "money.nowhere")
"""What `budget.csv` must hold."""


@lru_cache(maxsize=1)
def read_minutes() -> Mapping[str, Quantity]:
    """Return the minutes of a day of use, by platform, and by kind for those without a row [minutes a day].

    Raises
    ------
    InputError
        When the table is faulty, or a kind has no row: all of it, each with file and line.
    """
    return _read("minutes.csv", KINDS)


@lru_cache(maxsize=1)
def read_budget() -> Mapping[str, Quantity]:
    """Return which share of lost time and spending goes nowhere, how fast people settle, and what new use weighs.

    Raises
    ------
    InputError
        When the table is faulty, or a row is missing: all of it, each with file and line.
    """
    return _read("budget.csv", BUDGET)


def minutes_of(platform: str, kind: str) -> Quantity:
    """Return the minutes of a day of use of a platform; those of its kind where it has no row [minutes a day]."""
    table = read_minutes()
    return table.get(platform) or table[kind]


def _read(name: str, needed: tuple[str, ...]) -> Mapping[str, Quantity]:
    """Return a table of quantities by name."""
    problems: list[Problem] = []
    found: dict[str, Quantity] = {}
    for row in read_rows(_FOLDER / name, ("of", *QUANTITY_COLUMNS), problems):
        quantity = row.quantity()
        if quantity.low < 0:
            row.fault(f"low {quantity.low:g}", "a number from 0 on")
        keep(found, row.text("of"), quantity, row)
    missing = [each for each in needed if each not in found]
    problems += [Problem(Place(name, 1), f"no row for {each}", "a row for each") for each in missing]
    if problems:
        raise InputError(problems)
    return MappingProxyType(found)
