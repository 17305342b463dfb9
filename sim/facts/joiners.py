"""Who joined the Clean Network, and who kept Huawei's equipment out of 5G: two series, with explanatory variables.

The table has the states with a product of 25 billion dollars or more in 2019 and an outline; without Taiwan, which the
table of products lacks. It sets nothing in the model; the rules of states are tested on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from sim.facts.model import Quantity
from sim.facts.table import QUANTITY_COLUMNS, checked_rows, keep

_TABLE = Path(__file__).parent / "joiners.csv"
SERIES = ("clean_network", "equipment_ban")
"""The series: 1 for a state that did, 0 for one that did not (by the end of 2020, and of 2024)."""
VARIABLES = ("ally", "freedom", "product", "people")
"""What is known of each state."""


class Joiners(NamedTuple):
    """Two series and what may explain them.

    Attributes
    ----------
    did : mapping of str to (mapping of str to Quantity)
        Series -> state -> 1 or 0.
    when : mapping of str to (mapping of str to date)
        Series -> state -> the day, where it is known.
    known : mapping of (state, variable) to Quantity
    """

    did: Mapping[str, Mapping[str, Quantity]]
    when: Mapping[str, Mapping[str, date]]
    known: Mapping[tuple[str, str], Quantity]


@lru_cache(maxsize=1)
def read_joiners() -> Joiners:
    """Return both series (`sim/facts/joiners.csv`).

    Raises
    ------
    InputError
        When the table is faulty: all of it, each with file and line.
    """
    did: dict[str, dict[str, Quantity]] = {name: {} for name in SERIES}
    when: dict[str, dict[str, date]] = {name: {} for name in SERIES}
    known: dict[tuple[str, str], Quantity] = {}
    for row in checked_rows(_TABLE, ("state", "field", "date", *QUANTITY_COLUMNS)):
        state, field = row.text("state"), row.one_of("field", (*SERIES, *VARIABLES))
        if field not in SERIES:
            keep(known, (state, field), row.quantity(), row)
            continue
        keep(did[field], state, row.quantity(), row)
        day = row.date_of("date") if row.cells["date"] else None
        if day is not None:
            when[field][state] = day
    return Joiners(MappingProxyType(did), MappingProxyType(when), MappingProxyType(known))
