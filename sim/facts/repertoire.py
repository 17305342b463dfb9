"""The instrument that a state uses against a target: the first row of `sim/facts/repertoire.csv` that matches."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from sim.facts.model import BASES, TECHNIQUES
from sim.facts.relations import MEANS, SECTORS
from sim.facts.table import checked_rows

_TABLE = Path(__file__).parent / "repertoire.csv"
_COLUMNS = ("object", "sector", "means", "instrument", "technique", "basis", "source")
OBJECTS = ("platform", "carrier", "cloud")
"""Kinds of object against which states act by themselves."""


class Way(NamedTuple):
    """One way to act.

    Attributes
    ----------
    object : str
        One of `OBJECTS`.
    sector : str
        The sector of the object; empty for any.
    means : str
        What the state must have; empty for nothing.
    instrument : str
        The name of the instrument.
    technique : str
        The technique that its policy states; empty for none.
    """

    object: str
    sector: str
    means: str
    instrument: str
    technique: str


@lru_cache(maxsize=1)
def read_repertoire() -> tuple[Way, ...]:
    """Return all ways to act, those that are preferred first.

    Raises
    ------
    InputError
        When the table is faulty: all of it, each with file and line.
    """
    found = []
    for row in checked_rows(_TABLE, _COLUMNS):
        row.one_of("basis", BASES)
        row.text("source")
        found.append(
            Way(
                row.one_of("object", OBJECTS),
                row.one_of("sector", ("", *SECTORS)),
                row.one_of("means", ("", *MEANS)),
                row.text("instrument"),
                row.one_of("technique", ("", *TECHNIQUES)),
            )
        )
    return tuple(found)
