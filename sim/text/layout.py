"""Lines of a terminal: sentences and tables that fit a width."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

WIDTH = 80
LEAST_ROOM = 16
"""Columns that the names of a table have at least."""
_NO_BREAK = "\u00a0"
_UNITS = ("%", "million", "billion", "days")
"""Words that stay on the line of the number before them, as a number stays on that of its currency."""


def wrapped(sentence: str, width: int = WIDTH, front: str = "") -> list[str]:
    """Return a sentence as lines; numbers stay with their units, and further lines stand under the first word."""
    kept = sentence.replace("US$ ", f"US${_NO_BREAK}")
    for unit in _UNITS:
        kept = kept.replace(f" {unit}", f"{_NO_BREAK}{unit}")
    lines = textwrap.wrap(kept, width, initial_indent=front, subsequent_indent=" " * len(front), break_on_hyphens=False)
    return [line.replace(_NO_BREAK, " ") for line in lines]


def aligned(rows: Sequence[Sequence[str]], width: int = WIDTH, *, left: bool = False) -> Iterator[str]:
    """Yield the lines of a table of which the first column gives way and the last ones are left out: numbers are whole.

    Parameters
    ----------
    rows : sequence of sequence of str
        Cells, the header first.
    width : int
        Columns to fit.
    left : bool
        Whether the other columns start at the left; by default they end at the right.
    """
    widths = [max(len(row[at]) for row in rows) for at in range(1, len(rows[0]))]
    while len(widths) > 1 and width - sum(widths) - 2 * len(widths) < LEAST_ROOM:
        widths.pop()
    room = max(LEAST_ROOM, width - sum(widths) - 2 * len(widths))
    longest = min(room, max(len(row[0]) for row in rows))
    for row in rows:
        first, *rest = textwrap.wrap(row[0], longest, subsequent_indent="  ", break_on_hyphens=False) or [""]
        cells = (cell.ljust(size) if left else cell.rjust(size) for cell, size in zip(row[1:], widths, strict=False))
        yield "  ".join((first.ljust(longest), *cells)).rstrip()
        yield from rest


def shortened(text: str, width: int, after: str = "", most: int = 1) -> list[str]:
    """Return a text on so many lines at most, with what comes after it; one that is too long ends in three dots."""
    lines = wrapped(f"{text}{after}", width)
    if len(lines) <= most:
        return lines
    *lines, last = wrapped(text, width)[:most]
    return [*lines, f"{last[: width - len(after) - 1].rstrip()}…{after}"]
