"""The measured index: how many internets the record of blocks makes, and how alike the access of some states was."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from itertools import combinations
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.program import commit, program_stamp, version
from ..facts.states import load_places
from .figure import House
from .lines import date_axis, line
from .look import BLUE, COLOURS, DASHES, GREY, INK, WIDTH
from .saving import house_style
from .style import end_labels

if TYPE_CHECKING:
    from ..results.index_measured import MeasuredIndex

_LARGE = ("US", "CN", "RU", "IN")
_MOST = 6
"""Pairs that a chart shows."""


def draw_index(index: MeasuredIndex, pairs: Sequence[tuple[str, str]] = ()) -> House:
    """Draw the effective number of internets, and below it the likeness of pairs of states.

    Parameters
    ----------
    index : MeasuredIndex
    pairs : sequence of (str, str)
        Which pairs; by default those of the United States, China, Russia and India, where these are shown.
    """
    large = [code for code in _LARGE if code in index.shown]
    chosen = list(pairs or combinations(large if len(large) > 1 else index.shown, 2))[:_MOST]
    first, last = (f"{index.by_likeness[at]:.2f}" for at in (0, -1))
    begin, end = f"{index.days[0]:%B %Y}", f"{index.days[-1]:%B %Y}"
    with house_style():
        figure = House(figsize=(WIDTH, 6.6), result=about(index))
        head = f"Internets by what people could open: {first} in {begin}, {last} in {end}"
        figure.text(0.045, 0.96, head, fontsize=14, fontweight="bold", va="top", color=INK)
        what = (
            "Above: effective number of internets of all states [internets]; 1 where everybody can open the same "
            "platforms. Below: likeness of access of two states [1]: of the platforms that people of either can "
            "open, weighed by their users in the world, the share that both can."
        )
        figure.text(0.045, 0.905, textwrap.fill(what, 125), fontsize=9, va="top", color=GREY)
        grid = figure.add_gridspec(
            2, 1, left=0.085, right=0.76, top=0.805, bottom=0.14, hspace=0.18, height_ratios=(2, 3)
        )
        above, below = figure.add_subplot(grid[0]), figure.add_subplot(grid[1])
        numbers: Any = (("by likeness", index.by_likeness, BLUE, "-"), ("by blocs", index.by_blocs, GREY, DASHES[2]))
        ends = [(line(above, index.days, data[None], colour=colour, dashes=dash), f"{data[-1]:.2f} {word}", colour)
                for word, data, colour, dash in numbers]  # fmt: skip
        above.set_ylim(1.0, max(1.1, 1.05 * float(np.max([index.by_likeness, index.by_blocs]))))
        above.set_ylabel("internets", fontsize=8.5)
        date_axis(above, index.days, labels=False)
        end_labels(above, ends, size=8.5)
        names = {code: place.name for code, place in load_places().items()}
        ends = []
        for at, (a, b) in enumerate(chosen):
            colour, dash = COLOURS[at % len(COLOURS)], DASHES[at % len(DASHES)]
            value = line(below, index.days, index.between(a, b)[None], colour=colour, dashes=dash)
            ends.append((value, f"{value:.2f} {names[a]}, {names[b]}", colour))
        below.set_ylim(0.0, 1.02)
        below.set_ylabel("likeness of access [1]", fontsize=8.5)
        date_axis(below, index.days)
        end_labels(below, ends, size=8.5)
        left_out = sum(number for reason, number in index.left_out.items() if reason.startswith("by "))
        source = (
            f"Source: {program_stamp()}, block_history.csv up to {index.days[-1]}; nothing is simulated. "
            f"{index.counted} restrictions count, {left_out} are left out by technique, basis or duration. A state "
            "without a row counts as open. Platforms and states are weighed by their users in one year."
        )
        figure.text(0.045, 0.025, textwrap.fill(source, 150), fontsize=7.5, color=GREY, va="bottom")
    return figure


def about(index: MeasuredIndex) -> SimpleNamespace:
    """Return what the file of a figure carries of the index: name and version."""
    title = f"Measured Splinternet Index, {index.days[0]} to {index.days[-1]}"
    scenario = SimpleNamespace(title=title, status="measured", digest="")
    return SimpleNamespace(name="index", run_id="", version=version(), commit=commit(), scenario=scenario)
