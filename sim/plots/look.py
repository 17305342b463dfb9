"""How every chart looks: colours, dashes, sizes, and matplotlib's settings.

Colours are those of Okabe and Ito (2008), which people with any common colour blindness can distinguish; lines also
differ in dashes and carry their names, so that a chart reads in grey.
"""

from __future__ import annotations

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
    "font.size": 9.5,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.labelsize": 9.5,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
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
