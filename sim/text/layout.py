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


def aligned(
    rows: Sequence[Sequence[str]], width: int = WIDTH, *, left: bool = False, cut: bool = False
) -> Iterator[str]:
    """Yield the lines of a table of which the first column gives way and the last ones are left out: numbers are whole.

    Parameters
    ----------
    rows : sequence of sequence of str
        Cells, the header first.
    width : int
        Columns to fit.
    left : bool
        Whether the other columns start at the left; by default they end at the right.
    cut : bool
        Whether a first cell that is too long is cut; by default it goes on below.
    """
    widths = [max(len(row[at]) for row in rows) for at in range(1, len(rows[0]))]
    while len(widths) > 1 and width - sum(widths) - 2 * len(widths) < LEAST_ROOM:
        widths.pop()
    room = max(LEAST_ROOM, width - sum(widths) - 2 * len(widths))
    longest = min(room, max(len(row[0]) for row in rows))
    for row in rows:
        first, *rest = textwrap.wrap(row[0], longest, break_on_hyphens=False) or [""]
        if cut and rest:
            first, rest = f"{row[0][: longest - 1]}…", []
        cells = (cell.ljust(size) if left else cell.rjust(size) for cell, size in zip(row[1:], widths, strict=False))
        yield "  ".join((first.ljust(longest), *cells)).rstrip()
        yield from (f"  {part}"[:longest] for part in rest)


def shortened(text: str, width: int, after: str = "") -> str:
    """Return a text on one line with what comes after it; a text that is too long ends in a dot of three."""
    room = width - len(after)
    return (text if len(text) <= room else f"{text[: room - 1]}…") + after
