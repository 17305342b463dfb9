"""Pictures of several runs, and of the measured index."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.program import commit, program_stamp, version
from ..facts.states import load_places
from ..results.files import SUFFIXES, write_table
from ..text.comparison import ORDERED, difference, headline, what, where
from ..text.reportable import effect, ends
from ..text.tables import range_text
from .marks import Bar, date_axis, end_labels, line, rows, scale
from .page import (
    BLUE,
    COLOURS,
    DASHES,
    GREY,
    VERMILLION,
    WIDTH,
    Caption,
    House,
    Place,
    page,
    title,
    wrapped,
)
from .registry import save_figure

if TYPE_CHECKING:
    from ..results.compare import Ranking
    from ..results.index_measured import MeasuredIndex


def draw_ranking(ranking: Ranking) -> House:
    """Return the picture of runs in one table: a dot and an interval for each, best first."""
    status = " / ".join(dict.fromkeys(str(run.scenario.status) for run in ranking.runs))
    known = [row for row in ranking.rows if row["effect"] is not None]

    def paint(place: Place) -> Caption:
        said, *_ = headline(ranking)
        first = ranking.names[0]
        by, word = scale(max(abs(end) for row in known for end in ends(row)) or 1.0, ranking.metric)
        axes = place.axes()
        rows(
            axes,
            [_bar(row, first) for row in known],
            by,
            wrapped(what(ranking).replace("[", f"[{word}"), 60, 2),
        )
        base = next((row for row in known if row["run"] == first), None)
        if base is not None:
            axes.axvline(
                effect(base) / by, color=VERMILLION, linewidth=1.0, linestyle=(0, (4, 3)), zorder=1
            )
        missing = [str(row["run"]) for row in ranking.rows if row["effect"] is None]
        notes = f"Dashed: {first}, with which the others are compared. Lines: 80 % intervals."
        notes += f" Not defined in {', '.join(missing)}." if missing else ""
        return Caption(wrapped(said, 400, 1), f"{where(ranking)}; {ORDERED[ranking.order]}", notes)

    return page(
        ranking.runs[0], paint, figsize=(WIDTH, 2.7 + 0.5 * max(3, len(known))), status=status
    )


def _bar(row: Any, first: str) -> Bar:
    """Return a run as a row: its effect, and the difference from the first."""
    name = str(row["run"]).replace("_", " ")
    if row["run"] == first:
        return Bar(name, ends(row), f"{range_text(row)}\nthe first run", VERMILLION, "o")
    clear = {"yes": "", "few": " (few seeds)", "no": " (not clear)"}[str(row["clear"])]
    return Bar(
        name, ends(row), f"{range_text(row)}\nrun - first: {difference(row)}{clear}", BLUE, "o"
    )


def save_ranking(ranking: Ranking, path: Path) -> Path:
    """Write the table or the picture, depending on the suffix of the file, and return the file."""
    if path.suffix.lower() in SUFFIXES:
        head = [
            ("ranked by", what(ranking)),
            ("people", where(ranking)),
            ("found", " ".join(headline(ranking))),
        ]
        return write_table(
            ranking.table, path, [*head, *(("note", note) for note in ranking.notes)]
        )
    save_figure(draw_ranking(ranking), path, ranking.runs[0])
    return path


# --- the measured index ---------------------------------------------------------------------------

_LARGE = ("US", "CN", "RU", "IN")
_MOST = 6  # most pairs on a chart


def draw_index(index: MeasuredIndex, pairs: Sequence[tuple[str, str]] = ()) -> House:
    """Draw the effective number of internets, and below it the likeness of pairs of states.

    By default, these are the pairs of the United States, China, Russia and India that are shown.
    """
    large = [code for code in _LARGE if code in index.shown]
    chosen = list(pairs or combinations(large if len(large) > 1 else index.shown, 2))[:_MOST]

    from ..results.index_measured import WEIGHTS

    def paint(place: Place) -> Caption:
        above, below = place.grid(2, 1, sharex=True, height_ratios=(2, 3))
        ends = []
        for word, data, colour, dash in (
            ("by likeness", index.by_likeness, BLUE, "-"),
            ("by blocs", index.by_blocs, GREY, DASHES[2]),
        ):
            ends.append(
                (
                    line(above, index.days, data, colour=colour, dashes=dash),
                    f"{data[-1]:.2f} {word}",
                    colour,
                )
            )
        above.set_ylim(1.0, max(1.1, 1.05 * float(np.max([index.by_likeness, index.by_blocs]))))
        above.set_ylabel("internets")
        end_labels(above, ends)
        names = {code: known.name for code, known in load_places().items()}
        ends = []
        for at, (a, b) in enumerate(chosen):
            colour = COLOURS[at % len(COLOURS)]
            dash = DASHES[at % len(DASHES)]
            value = line(below, index.days, index.between(a, b), colour=colour, dashes=dash)
            ends.append((value, f"{value:.2f} {names[a]}, {names[b]}", colour))
        below.set_ylim(0.0, 1.02)
        below.set_ylabel("likeness of access (index)")
        end_labels(below, ends)
        date_axis(below, index.days)
        said = (
            "Above: effective number of internets of all states, 1 if everybody can open the same platforms. Below: "
            "likeness of access of two states (index)"
        )
        notes = (
            f"Likeness: of the platforms that people of either state can open, "
            f"{WEIGHTS[index.weights]}, the share that both can. "
            "A state without a row counts as open. Weights are the users of one year."
        )
        return Caption(
            title("index", about(index), number=f"{index.by_likeness[-1]:.2f}"), said, notes
        )

    left_out = sum(number for reason, number in index.left_out.items() if reason.startswith("by "))
    source = (
        f"{program_stamp()}, block_history.csv up to {index.days[-1]}; nothing is simulated. {index.counted} "
        f"restrictions count, {left_out} are left out by technique, basis or duration."
    )
    return page(about(index), paint, figsize=(WIDTH, 6.6), source=source)


def about(index: MeasuredIndex) -> SimpleNamespace:
    """Return the metadata of the index for the file of a figure: name and version."""
    name = f"Measured Splinternet Index, {index.days[0]} to {index.days[-1]}"
    scenario = SimpleNamespace(title=name, status="measured", digest="")
    return SimpleNamespace(
        name="index", run_id="", version=version(), commit=commit(), scenario=scenario
    )
