"""The measured index: how many internets the record of blocks makes, and how alike the access of some states was."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np

from ..core.program import commit, program_stamp, version
from ..facts.states import load_places
from .marks import date_axis, end_labels, line
from .page import Caption, House, Place, page
from .style import BLUE, COLOURS, DASHES, GREY, WIDTH
from .titles import title

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

    def paint(place: Place) -> Caption:
        above, below = place.grid(2, 1, sharex=True, height_ratios=(2, 3))
        ends = []
        for word, data, colour, dash in (
            ("by likeness", index.by_likeness, BLUE, "-"),
            ("by blocs", index.by_blocs, GREY, DASHES[2]),
        ):
            ends.append((line(above, index.days, data, colour=colour, dashes=dash), f"{data[-1]:.2f} {word}", colour))
        above.set_ylim(1.0, max(1.1, 1.05 * float(np.max([index.by_likeness, index.by_blocs]))))
        above.set_ylabel("internets")
        end_labels(above, ends)
        names = {code: known.name for code, known in load_places().items()}
        ends = []
        for at, (a, b) in enumerate(chosen):
            colour, dash = COLOURS[at % len(COLOURS)], DASHES[at % len(DASHES)]
            value = line(below, index.days, index.between(a, b), colour=colour, dashes=dash)
            ends.append((value, f"{value:.2f} {names[a]}, {names[b]}", colour))
        below.set_ylim(0.0, 1.02)
        below.set_ylabel("likeness of access [1]")
        end_labels(below, ends)
        date_axis(below, index.days)
        said = (
            "Above: effective number of internets of all states, 1 where everybody can open the same platforms. Below: "
            "likeness of access of two states [1]"
        )
        notes = (
            "Likeness: of the platforms that people of either state can open, weighed by their users in the world, the "
            "share that both can. A state without a row counts as open. Weights are the users of one year."
        )
        return Caption(title("index", about(index), number=f"{index.by_likeness[-1]:.2f}"), said, notes)

    left_out = sum(number for reason, number in index.left_out.items() if reason.startswith("by "))
    source = (
        f"{program_stamp()}, block_history.csv up to {index.days[-1]}; nothing is simulated. {index.counted} "
        f"restrictions count, {left_out} are left out by technique, basis or duration."
    )
    return page(about(index), paint, figsize=(WIDTH, 6.6), source=source)


def about(index: MeasuredIndex) -> SimpleNamespace:
    """Return what the file of a figure carries of the index: name and version."""
    name = f"Measured Splinternet Index, {index.days[0]} to {index.days[-1]}"
    scenario = SimpleNamespace(title=name, status="measured", digest="")
    return SimpleNamespace(name="index", run_id="", version=version(), commit=commit(), scenario=scenario)
