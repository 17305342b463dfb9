"""The alternatives that people name in surveys if they lose a platform (`surveys.csv`)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from sim.facts.model import Quantity
from sim.facts.table import QUANTITY_COLUMNS, checked_rows, keep

_TABLE = Path(__file__).parent / "surveys.csv"


@lru_cache(maxsize=1)
def read_surveys() -> Mapping[tuple[str, str, str], Quantity]:
    """Return the share of a platform's users who say they go to another, by (state, lost, platform) [1].

    Raises
    ------
    InputError
        When the table is faulty: all of it, each with file and line.
    """
    found: dict[tuple[str, str, str], Quantity] = {}
    for row in checked_rows(_TABLE, ("state", "lost", "platform", *QUANTITY_COLUMNS)):
        keep(found, (row.text("state"), row.text("lost"), row.text("platform")), row.quantity(), row)
    return MappingProxyType(found)
