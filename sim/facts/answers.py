"""When platforms gave in to a state that demanded a representative (`answers.csv`): Turkey, Russia, India.

The table sets nothing in the model. It is used to test the rule by which platforms answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from sim.facts.table import checked_rows, keep

_TABLE = Path(__file__).parent / "answers.csv"
COLUMNS = ("series", "platform", "date", "earliest", "latest", "source", "basis", "note")
DEMANDS: Mapping[str, str] = MappingProxyType(
    {
        "tr_2020": "turkey_law_7253",
        "ru_2022": "cases/ru_law_236_2022",
        "in_2021": "cases/in_it_rules_2021",
    }
)
"""The series, and the scenario that has each demand as it was made."""
ENDS: Mapping[str, date] = MappingProxyType({"ru_2022": date(2022, 2, 24)})
"""The day on which a series ends, where that is before its scenario does: the war of 2022."""


@lru_cache(maxsize=1)
def read_answers() -> Mapping[str, Mapping[str, date | None]]:
    """Return the day on which each platform gave in, by series; None where it did not before the series ends.

    A platform speaks for all those of its firm that the demand names.

    Raises
    ------
    InputError
        When the table is faulty: all of it, each with file and line.
    """
    found: dict[str, dict[str, date | None]] = {name: {} for name in DEMANDS}
    for row in checked_rows(_TABLE, COLUMNS):
        row.text("source")
        row.one_of("basis", ("press", "survey", "assumption"))
        days = [row.day_or_none(name) for name in ("earliest", "date", "latest")]
        if sorted(days) != days:
            row.fault(f"{' / '.join(days)}", "earliest, date and latest in this order, or none of them")
        given = date.fromisoformat(days[1]) if days[1] else None
        keep(found[row.one_of("series", tuple(DEMANDS))], row.text("platform"), given, row)
    return MappingProxyType({name: MappingProxyType(days) for name, days in found.items()})
