"""Runs in one picture: a dot and an interval for each, best first, and the difference from the first run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..metrics.registry import METRICS
from ..results.files import SUFFIXES, write_table
from ..results.summary import Row
from ..text.ranking import ORDERED, difference, headline, value_text, what, where
from ..text.reportable import effect
from .lines import scale
from .look import BLUE, GREY, INK, VERMILLION
from .saving import house_style, save_figure
from .style import fold, page

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..results.compare import Ranking
    from .figure import House

_CHARS = 34  # letters of a line of a name


def draw(ranking: Ranking) -> House:
    """Return the picture of runs in one table.

    Parameters
    ----------
    ranking : Ranking
        The runs.
    """
    with house_style():
        return _drawn(ranking)


def _drawn(ranking: Ranking) -> House:
    """Return the picture; in the house style."""
    rows = ranking.rows
    status = " / ".join(dict.fromkeys(str(run.scenario.status) for run in ranking.runs))
    title, *_ = headline(ranking)
    subtitle = f"{where(ranking)}. Effect of each run's policies, {ORDERED[ranking.order]}. {_bars_mean(ranking)}"
    made = page(
        ranking.runs[0], title.removesuffix("."), subtitle, height=3.5 + 0.5 * len(rows), status=status, below=0.15
    )
    axes = made.figure.add_subplot(made.grid(1, 1, left=2.9, right=2.75)[0])
    _dots(axes, ranking, rows)
    return made.figure


def _bars_mean(ranking: Ranking) -> str:
    """Return what dots and lines are."""
    return f"Dots: medians; lines: 80 % intervals. Dashed: {ranking.names[0]}, which the others are compared with."


def _dots(axes: Axes, ranking: Ranking, rows: list[Row]) -> None:
    """Draw a dot and an interval for each run."""
    first, share = ranking.names[0], METRICS[ranking.metric].form == "share"
    ends = [effect(row, key) for row in rows for key in ("effect", "low", "high")]
    by, word = (0.01, "") if share else scale(max(abs(end) for end in ends) or 1.0)
    for i, row in enumerate(rows):
        colour = VERMILLION if row["run"] == first else BLUE
        face = "white" if row["run"] == first else colour
        axes.plot([effect(row, "low") / by, effect(row, "high") / by], [i, i], color=colour, linewidth=2.2, zorder=3)
        axes.plot(
            [effect(row) / by], [i], "o", color=colour, markerfacecolor=face, markersize=8, zorder=4, clip_on=False
        )
        beside: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points", "va": "center"}
        axes.annotate(_numbers(row, first), (1.0, i), (10, 0), fontsize=8.5, color=INK, **beside)
    base = next(row for row in rows if row["run"] == first)
    axes.axvline(effect(base) / by, color=VERMILLION, linewidth=1.0, linestyle=(0, (4, 3)), zorder=2)
    axes.axvline(0, color=INK, linewidth=0.8, zorder=2)
    axes.set_yticks(range(len(rows)), [fold(str(row["run"]).replace("_", "_\u200b"), _CHARS, 2) for row in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    low, high = min(0.0, *ends) / by, max(0.0, *ends) / by
    axes.set_xlim(low - 0.03 * (high - low), high + 0.04 * (high - low or 1.0))
    axes.grid(False, axis="y")
    shown = what(ranking).replace("[", f"[{word}")
    axes.set_xlabel(fold(shown, 70, 2), color=GREY)


def _numbers(row: Row, first: str) -> str:
    """Return what is written beside a run: its effect, and the difference from the first."""
    if row["run"] == first:
        return f"{value_text(row)}\nthe first run"
    clear = {"yes": "", "few": " (few seeds)", "no": " (not clear)"}[str(row["clear"])]
    return f"{value_text(row)}\nrun - first: {difference(row)}{clear}"


def save(ranking: Ranking, path: Path) -> Path:
    """Write the table or the picture, as the name of the file says, and return the file."""
    if path.suffix.lower() in SUFFIXES:
        return write_table(ranking.table, path)
    save_figure(draw(ranking), path, ranking.runs[0])
    return path
