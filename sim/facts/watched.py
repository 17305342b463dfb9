"""Places where the state watches contact abroad so closely that families break it off: `sim/facts/watched.csv`."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from sim.facts.model import BASES
from sim.facts.table import checked_rows

_TABLE = Path(__file__).parent / "watched.csv"
_COLUMNS = ("place", "basis", "source")


@lru_cache(maxsize=1)
def watched_places() -> frozenset[str]:
    """Return the places: codes of states, and communities as ``CN:Tibetans``.

    Raises
    ------
    InputError
        When the table is faulty: every row is named.
    """
    found = set()
    for row in checked_rows(_TABLE, _COLUMNS):
        row.one_of("basis", BASES)
        row.text("source")
        found.add(row.text("place"))
    return frozenset(found)


def is_watched(state: str, community: str = "") -> bool:
    """Return whether a state watches the contact abroad of its people, or of a community within it."""
    return state in watched_places() or (bool(community) and f"{state}:{community}" in watched_places())
