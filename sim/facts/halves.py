"""Platforms with a separate service for the people of a state, run in that state (`sim/facts/halves.csv`).

In the model a platform is served from one place, so a cut of the border also stops such a service at home. Results for
it there are not valid, and reports leave them out.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from sim.facts.table import checked_rows

_TABLE = Path(__file__).parent / "halves.csv"
COLUMNS = ("state", "platform", "since", "source", "basis", "note")


@lru_cache(maxsize=1)
def read_halves() -> frozenset[tuple[str, str]]:
    """Return (state, platform) for each service that runs apart.

    Raises
    ------
    InputError
        When the table is faulty: all of it, each with file and line.
    """
    found = []
    for row in checked_rows(_TABLE, COLUMNS):
        row.day("since")
        row.one_of("basis", ("press", "survey", "assumption"))
        found.append((row.text("state"), row.text("platform")))
        row.text("source")
    return frozenset(found)
