"""Plain SVG: axes, lines and labels as text, drawn in a millisecond or two and sharp at any size."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np

from ....plots.style import COLOURS, GREY, INK, PALE, readable, spread_apart

Array = np.ndarray[Any, np.dtype[np.float64]]
DASHES = ("", "9 3", "4 2.5", "1.5 2.5", "10 3 2 3", "6 5")
"""Dashes by place, so that lines are distinguished in grey as well."""
GRID = "#e6e6e6"
_CHAR = 0.56  # width of a letter against the size of the type, on average


def colour(at: int) -> str:
    """Return the colour of a line by its place."""
    return COLOURS[at % len(COLOURS)]


def settle(colours: dict[str, int], labels: Sequence[str]) -> None:
    """Give each label a place among the colours: the one it had, or the first that none of the others has.

    Parameters
    ----------
    colours : dict of str to int
        The places so far; changed.
    labels : sequence of str
        What is drawn now.
    """
    taken: set[int] = set()
    for label in sorted(labels, key=lambda label: label not in colours):
        if colours.get(label) in taken or label not in colours:
            colours[label] = next(at for at in range(len(labels) + len(taken) + 1) if at not in taken)
        taken.add(colours[label])


def dash(at: int) -> str:
    """Return the dashes of a line by its place."""
    return DASHES[at % len(DASHES)]


def text(
    x: float,
    y: float,
    what: str,
    *,
    size: float = 11,
    fill: str = INK,
    anchor: str = "start",
    weight: str = "",
    halo: bool = False,
) -> str:
    """Return a text; `halo` sets it off from what is under it."""
    bold = f' font-weight="{weight}"' if weight else ""
    off = ' stroke="white" stroke-width="3" paint-order="stroke"' if halo else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" fill="{fill}" text-anchor="{anchor}"{bold}{off}>'
        f"{escape(what)}</text>"
    )


def line(x1: float, y1: float, x2: float, y2: float, *, stroke: str = GRID, width: float = 1, dashes: str = "") -> str:
    """Return a straight line."""
    broken = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{stroke}" '
        f'stroke-width="{width:g}"{broken}/>'
    )


def rect(x: float, y: float, width: float, height: float, *, fill: str, stroke: str = "", title: str = "") -> str:
    """Return a rectangle with a tooltip."""
    edge = f' stroke="{stroke}"' if stroke else ""
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(0.0, width):.1f}" height="{height:.1f}" fill="{fill}"{edge}>'
        f"{_title(title)}</rect>"
    )


def _title(what: str) -> str:
    return f"<title>{escape(what)}</title>" if what else ""


def whole(width: float, height: float, parts: Sequence[str], *, label: str) -> str:
    """Return a picture of its parts, with a label for those who do not see it."""
    return (
        f'<svg viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{escape(label, quote=True)}" '
        f'xmlns="http://www.w3.org/2000/svg">{"".join(parts)}</svg>'
    )


def margin(names: Sequence[str], size: float = 11) -> float:
    """Return the width of a margin that holds names beside a plot."""
    return 14 + max((len(name) for name in names), default=0) * size * _CHAR


def nice_top(value: float) -> float:
    """Return a round number at or above a value.

    >>> nice_top(0.0069), nice_top(428_000), nice_top(0)
    (0.008, 500000.0, 1.0)
    """
    if not value > 0:
        return 1.0
    size = 10.0 ** math.floor(math.log10(value))
    return next(float(f"{step * size:.12g}") for step in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if step * size >= value * 0.999)


@dataclass
class Plot:
    """A plane of days and values, and what is drawn on it.

    Attributes
    ----------
    width, height : float
        Of the whole picture.
    left, right, top, bottom : float
        Margins.
    start : date
        The first day.
    days : int
        Days along the horizontal axis.
    low, high : float
        Ends of the vertical axis.
    parts : list of str
        What is drawn.
    """

    width: float
    height: float
    start: dt.date
    days: int
    low: float
    high: float
    left: float = 44
    right: float = 12
    top: float = 10
    bottom: float = 22
    parts: list[str] = field(default_factory=list)

    def x(self, day: float) -> float:
        """Return where a day stands."""
        return self.left + (self.width - self.left - self.right) * day / max(1, self.days - 1)

    def y(self, value: float) -> float:
        """Return where a value stands."""
        room = self.height - self.top - self.bottom
        return self.top + room * (1 - (value - self.low) / (self.high - self.low))

    def value_axis(self, labels: Sequence[tuple[float, str]], size: float = 10.5) -> None:
        """Draw a line across at each value, named at the left."""
        for value, name in labels:
            y = self.y(value)
            self.parts += [line(self.left, y, self.width - self.right, y)]
            self.parts += [text(self.left - 5, y + 3.6, name, size=size, fill=GREY, anchor="end")]

    def date_axis(self, size: float = 10.5) -> None:
        """Name the months along the lower edge, as many as there is room for."""
        foot = self.height - self.bottom
        self.parts.append(line(self.left, foot, self.width - self.right, foot, stroke=PALE))
        firsts = _firsts(self.start, self.days)
        room = (self.width - self.left - self.right) / max(1, len(firsts))
        every = next((n for n in (1, 2, 3, 4, 6, 12, 24, 60) if room * n >= 44), 120)
        for first in firsts:
            if (first.month - 1) % every if every <= 12 else first.month != 1 or first.year % (every // 12):
                continue
            x = self.x((first - self.start).days)
            name = f"{first:%b}" if first.month != 1 or every > 12 else f"{first:%Y}"
            name = f"{first:%Y}" if every > 12 else name
            self.parts += [line(x, foot, x, foot + 4, stroke=GREY)]
            self.parts += [text(x, foot + 15, name, size=size, fill=GREY, anchor="middle")]

    def curve(self, values: Array, *, stroke: str, width: float = 2, dashes: str = "", title: str = "") -> None:
        """Draw a line through the days; gaps where it is not defined."""
        known = np.nonzero(~np.isnan(values))[0]
        if not known.size:
            return
        thinned = known[:: max(1, known.size // 500)]
        if thinned[-1] != known[-1]:
            thinned = np.append(thinned, known[-1])
        points = " ".join(f"{self.x(int(d)):.1f},{self.y(float(values[d])):.1f}" for d in thinned)
        broken = f' stroke-dasharray="{dashes}"' if dashes else ""
        self.parts.append(
            f'<polyline points="{points}" fill="none" stroke="{stroke}" stroke-width="{width:g}" '
            f'stroke-linejoin="round"{broken}>{_title(title)}</polyline>'
        )

    def today(self, day: int) -> None:
        """Mark the day shown."""
        x = self.x(day)
        self.parts.append(line(x, self.top, x, self.height - self.bottom, stroke=INK, width=1, dashes="2 2"))

    def marks(self, days: Sequence[int]) -> None:
        """Mark days on which a policy begins or ends."""
        for day in days:
            if 0 <= day < self.days:
                x = self.x(day)
                self.parts.append(line(x, self.top, x, self.height - self.bottom, stroke="#bdbdbd"))

    def names(self, labels: Sequence[tuple[float, str, str]], size: float = 11) -> None:
        """Name lines in the right margin, where no line is: value, text and colour of each, at the height of its value.

        Names that would overlap are moved apart. The margin must be wide enough: see `margin`.
        """
        x, foot = self.width - self.right + 6, self.height - self.bottom - 3
        at = spread_apart([self.y(v) + 4 for v, _, _ in labels], size * 1.25, self.top + size, foot) if labels else []
        for (_, name, fill), y in zip(labels, at, strict=True):
            self.parts.append(text(x, y, name, size=size, fill=readable(fill), weight="600"))

    def picture(self, label: str) -> str:
        """Return the picture."""
        return whole(self.width, self.height, self.parts, label=label)


def _firsts(start: dt.date, days: int) -> list[dt.date]:
    """Return the first days of months within a run."""
    end = start + dt.timedelta(days=days)
    year, month = start.year, start.month
    found = []
    while (first := dt.date(year, month, 1)) < end:
        if first >= start:
            found.append(first)
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return found
