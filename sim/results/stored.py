"""The cells in `series.csv`: the first ones, up to a number of rows; the panel has all."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from sim.metrics.registry import METRICS

if TYPE_CHECKING:
    from sim.results.cells import Cell
    from sim.results.focus import Focus
    from sim.results.panel import Pair

type Key = tuple[str, str, str, str]
MOST_ROWS = 75_000
"""Rows of the table that a run writes, where what is always in it and the headlines take fewer."""
MOST_HEADLINE_ROWS = 200_000
"""Rows up to which the headlines by group are in it."""
_DAILY = "active_users"
_ALWAYS = ("family_contact_ever_lost", "family_contact_lost")
_HEADLINES = ("family_contact_lost_7d", "family_contact_lost_30d", "contact_days_lost_per_member")
_NEXT = ("contact_days_lost", "family_contact_lost_people", "family_contact_ever_lost_people")
_FIRST, _HEADLINE, _OTHER, _NAMED, _REST, _ZERO = range(6)


def stored_cells(
    cells: Sequence[Cell],
    focus: Focus,
    days: int,
    arms: int,
    most: int = MOST_ROWS,
    headlines: int = MOST_HEADLINE_ROWS,
    zero: Collection[Key] = (),
) -> list[Cell]:
    """Return the cells that the table of a run folder holds, in the order in which they were given.

    Always the daily users of the platforms that the scenario names, and who has lost contact, by group. Then, a metric
    at a time and whole or not at all: other headlines by group; what is by state or of a named platform; the rest; and
    last the cells that are 0 throughout.

    Parameters
    ----------
    cells : sequence of Cell
        What the run is about.
    focus : Focus
    days, arms : int
        Days of the run; arms of all members.
    most, headlines : int
        Rows that the table may have, unless what is always in it takes more; and rows up to which headlines are in it.
    zero : collection of (str, str, str, str)
        Keys of the cells that are 0 on every day of all arms.
    """
    written, kept = 0, set[Key]()
    ranked = sorted(cells, key=lambda cell: _rank(cell, focus, zero))
    for rank, of_rank in itertools.groupby(ranked, lambda cell: _rank(cell, focus, zero)):
        group = list(of_rank)
        rows = sum(arms * (1 if METRICS[cell.metric].kind == "total" else days) for cell in group)
        if rank[0] == _FIRST or written + rows <= (headlines if rank[0] == _HEADLINE else most):
            written += rows
            kept.update(cell.key for cell in group)
    return [cell for cell in cells if cell.key in kept]


def zero_cells(cells: Sequence[Cell], members: Sequence[Pair]) -> set[Key]:
    """Return the keys of the cells that are 0 on every day of all arms."""
    arms = [arm.arrays for pair in members for arm in pair]

    def is_zero(cell: Cell) -> bool:
        place: Any = (..., *cell.index)
        return not any(arm[cell.metric][place].any() for arm in arms)

    return {cell.key for cell in cells if is_zero(cell)}


def _rank(cell: Cell, focus: Focus, zero: Collection[Key]) -> tuple[int, int, str]:
    """Return how early a cell comes: a rank, a place within it, and the metric; what has the first is always in."""
    named = cell.platform in focus.named_platforms
    if cell.metric == _DAILY and named:
        return _FIRST, 0, ""
    if cell.key in zero:
        known = (*_ALWAYS, *_HEADLINES, *_NEXT)
        return _ZERO, known.index(cell.metric) if cell.metric in known else len(known), cell.metric
    if cell.metric in _ALWAYS:
        return _FIRST, 0, ""
    if cell.metric in _HEADLINES:
        return _HEADLINE, _HEADLINES.index(cell.metric), cell.metric
    if cell.metric in _NEXT:
        return _OTHER, _NEXT.index(cell.metric), cell.metric
    return (_NAMED if named or not cell.platform else _REST), 0, cell.metric
