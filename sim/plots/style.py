"""How every chart looks: colours, dashes, fonts, and matplotlib's settings.

Colours are those of Okabe and Ito (2008), which people with any common colour blindness can distinguish; lines also
differ in dashes and carry their names, so that a chart reads in grey.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

# Okabe, M. and Ito, K. (2008), Color Universal Design, https://jfly.uni-koeln.de/color/
BLUE, VERMILLION, GREEN, ORANGE, PURPLE, SKY, YELLOW, BLACK = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#E69F00",
    "#CC79A7",
    "#56B4E9",
    "#F0E442",
    "#000000",
)
COLOURS = (VERMILLION, BLUE, GREEN, ORANGE, PURPLE, SKY, BLACK)
DASHES: tuple[Any, ...] = (
    "-",
    (0, (6, 1.5)),
    (0, (3, 1.2)),
    (0, (1.2, 1.2)),
    (0, (7, 1.5, 1.5, 1.5)),
    "-",
    (0, (4, 3)),
)
INK, GREY, PALE = "#222222", "#6b6b6b", "#d9d9d9"
WIDTH, HEIGHT = 10.0, 6.25  # inches
_SMALLEST = 0.6  # fonts of the narrowest figure, as a part of those of a page
READABLE = 4.5
"""Least contrast of text with its background [1]: WCAG 2.2, success criterion 1.4.3, level AA."""
_DARKER = 0.97  # factor of a step towards black


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours such as ``#0072B2``, 1 to 21, as WCAG 2.2 defines it."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    """Return the relative luminance of a colour, 0 (black) to 1 (white)."""
    parts = [part / 255 for part in _parts(colour)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _parts(colour: str) -> list[int]:
    """Return red, green and blue of a colour, 0 to 255."""
    digits = colour.removeprefix("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    return [int(digits[at : at + 2], 16) for at in (0, 2, 4)]


def readable(colour: str, paper: str = "#ffffff") -> str:
    """Return a colour for text that belongs to a line of that colour: the same, darkened until it can be read."""
    parts = [float(part) for part in _parts(colour)]
    made = colour
    while contrast(made, paper) < READABLE and max(parts) > 1:
        parts = [part * _DARKER for part in parts]
        made = "#" + "".join(f"{round(part):02x}" for part in parts)
    return made


HOUSE: dict[str, Any] = {
    "figure.facecolor": "white",
    "font.family": ["DejaVu Sans"],  # comes with matplotlib: the same bytes on any machine
    "font.size": 10,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.labelsize": "small",
    "axes.titlesize": "medium",
    "axes.titleweight": "bold",
    "xtick.labelsize": "small",
    "ytick.labelsize": "small",
    "legend.frameon": False,
    "legend.fontsize": "small",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e6e6e6",
    "grid.linewidth": 0.8,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "text.color": INK,
    "text.hinting": "no_hinting",  # moving the edges of letters to whole pixels took a fifth of the time of a chart
    "hatch.linewidth": 0.7,
    "text.parse_math": False,  # a dollar sign in a name is a dollar sign
    "svg.hashsalt": "splinternet",
}


def fonts(inches: float) -> float:
    """Return how large letters are in a figure so wide, as a part of those of a page."""
    return float(min(1.0, max(_SMALLEST, (inches / WIDTH) ** 0.45)))


@contextmanager
def house_style(part: float = 1.0) -> Iterator[None]:
    """Draw in the house style and nothing else: a user's own settings must not change what a run writes.

    Parameters
    ----------
    part : float
        Size of letters, as a part of that of a page.
    """
    import matplotlib as mpl

    with mpl.rc_context():
        mpl.rcdefaults()
        for key, value in (HOUSE | {"font.size": HOUSE["font.size"] * part}).items():
            mpl.rcParams[key] = value  # type: ignore[index]
        yield


def spread_apart(positions: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Return positions moved as little as needed to stand a gap apart, within limits; their order is kept.

    >>> spread_apart([0.0, 0.1, 5.0], 1.0, 0.0, 10.0)
    [0.0, 1.0, 5.0]
    """
    order = sorted(range(len(positions)), key=lambda i: positions[i])
    placed = [0.0] * len(positions)
    floor = low
    for i in order:
        placed[i] = max(positions[i], floor)
        floor = placed[i] + gap
    ceiling = high
    for i in reversed(order):
        placed[i] = min(placed[i], ceiling)
        ceiling = placed[i] - gap
    return placed


def points(size: str) -> float:
    """Return a relative size of font in points, in the style that is in force."""
    from matplotlib.font_manager import FontProperties

    return float(FontProperties(size=size).get_size_in_points())


def wrapped(text: str, width: int, most: int = 3) -> str:
    r"""Return a text in at most so many lines of so many letters; a number stays with what follows it.

    >>> wrapped("more by 476 % of it", 12)
    'more by\n476 % of it'
    """
    kept = re.sub(r"(\d) (%|million|billion)", "\\1\u00a0\\2", text)
    lines = [line.replace("\u00a0", " ") for line in textwrap.wrap(kept, width, break_on_hyphens=False)]
    return "\n".join(lines[:most])
