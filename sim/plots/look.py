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
    "hatch.linewidth": 0.7,
    "text.parse_math": False,  # a dollar sign in a name is a dollar sign
    "svg.hashsalt": "splinternet",
}
