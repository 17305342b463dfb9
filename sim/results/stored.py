"""Which cells `series.csv` holds: those that come first, up to a number of rows; the panel holds all."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.metrics.registry import METRICS

if TYPE_CHECKING:
    from sim.results.cells import Cell
    from sim.results.focus import Focus

MOST_ROWS = 200_000
"""Rows of the table that a run writes, where what is always in it takes fewer."""
_DAILY = "active_users"
_ALWAYS = ("family_contact_ever_lost", "family_contact_lost")
_NEXT = (
    "family_contact_lost_7d",
    "family_contact_lost_30d",
    "contact_days_lost_per_member",
    "contact_days_lost",
    "family_contact_lost_people",
    "family_contact_ever_lost_people",
)


def stored_cells(cells: Sequence[Cell], focus: Focus, days: int, arms: int, most: int = MOST_ROWS) -> list[Cell]:
    """Return the cells that the table of a run folder holds, in the order in which they were given.

    Always the daily users of the platforms that the scenario names, and who has lost contact, by group. Then, a metric
    at a time and whole or not at all: other headlines by group; what is by state or of a named platform; the rest.

    Parameters
    ----------
    cells : sequence of Cell
        What the run is about.
    focus : Focus
    days, arms : int
        Days of the run; arms of all members.
    most : int
        Rows that the table may have, unless what is always in it takes more.
    """
    left, kept = most, set[tuple[str, str, str, str]]()
    ranked = sorted(cells, key=lambda cell: _rank(cell, focus))
    for rank, of_rank in itertools.groupby(ranked, lambda cell: _rank(cell, focus)):
        group = list(of_rank)
        rows = sum(arms * (1 if METRICS[cell.metric].kind == "total" else days) for cell in group)
        if rank[0] == 0 or rows <= left:
            left -= rows
            kept.update(cell.key for cell in group)
    return [cell for cell in cells if cell.key in kept]


def _rank(cell: Cell, focus: Focus) -> tuple[int, int, str]:
    """Return how early a cell comes: a rank, a place within it, and the metric; 0 is always in."""
    named = cell.platform in focus.named_platforms
    if cell.metric in _ALWAYS or (cell.metric == _DAILY and named):
        return 0, 0, ""
    if cell.metric in _NEXT:
        return 1, _NEXT.index(cell.metric), cell.metric
    if named or not cell.platform:
        return 2, 0, cell.metric
    return 3, 0, cell.metric
