"""Two runs in one picture: the effect of the policies of each, day by day, for what differs most between them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sim.metrics.registry import METRICS
from sim.plots.lines import date_axis, days, line, scale, wide
from sim.plots.look import BLUE, GREY, VERMILLION
from sim.plots.style import end_labels, fold, no_effect, page, wrapped
from sim.plots.timeline import draw_timeline, timeline_height
from sim.results.cells import Cell, cells_of
from sim.results.rows import Row, values
from sim.text.comparison import headline, main_rows
from sim.text.numbers import capital, cell_name, compact
from sim.text.reportable import EVER

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.results import Result
    from sim.results.compare import Comparison

_PANELS, _POLICIES, _CAPTION = 2, 3, 0.75  # panels; policies of each run; inches for the words above and the days below
_CHARS = 40  # letters of a line above a panel
_LOOK = ((BLUE, (0, (6, 1.5))), (VERMILLION, "-"))


def two_runs(both: Comparison) -> Figure:
    """Draw the effects of two runs over time, for the two metrics that differ most.

    Parameters
    ----------
    both : Comparison
        The runs.
    """
    rows = _to_draw(both)
    first, second = both.first, both.second
    if not rows:
        return no_effect(second, "the two runs do not differ", "By every metric over time the two runs do the same.")
    told = f"First: {first.scenario.title} (run {first.run_id}). Second: {second.scenario.title.rstrip('.')}"
    told += f"{'' if told.endswith(('?', '!')) else '.'} {both.why}"
    status = " / ".join(dict.fromkeys(str(run.scenario.status) for run in (first, second)))
    rooms = [timeline_height(run, _POLICIES) + _CAPTION for run in (first, second)]
    height = 6.6 + sum(rooms)
    made = page(second, headline(both)[0].removesuffix("."), told, height=height, status=status)
    lines = max(len(wrapped(_where(both, row), _CHARS)) for row in rows)
    above = replace(made, top=made.top - 0.2 * (lines - 1) / height, bottom=made.bottom + (sum(rooms) + 0.3) / height)
    grid = above.grid(1, len(rows), left=1.05, right=1.15, wspace=0.72)
    for i, row in enumerate(rows):
        _draw(made.figure.add_subplot(grid[i]), both, row)
    top = made.bottom + sum(rooms) / height
    for name, run, room in zip(("First", "Second"), (first, second), rooms, strict=True):
        place = replace(made, top=top - _CAPTION / height, bottom=top - room / height)
        axes = made.figure.add_subplot(place.grid(1, 1, left=1.05, right=1.15)[0])
        draw_timeline(axes, run, _POLICIES)
        axes.set_title(f"{name}: policies" if timeline_height(run) else f"{name}: no policies", fontsize=8.5)
        top -= room / height
    return made.figure


def _to_draw(both: Comparison) -> list[Row]:
    """Return a row of each of the metrics that differ most and have a course in time."""
    chosen: dict[str, Row] = {}
    for row in main_rows(both):
        if METRICS[str(row["metric"])].kind == "daily":
            chosen.setdefault(str(row["metric"]), row)
    # People, days and longer spells without contact are the share again, in other units: use comes second.
    wanted = [chosen[name] for name in (EVER, "active_users", "vpn_users") if name in chosen]
    return (wanted or list(chosen.values()))[:_PANELS]


def _cell(result: Result, row: Row) -> Cell:
    """Return the cell that a row is about, in one of the runs."""
    wanted = tuple(str(row[key]) for key in ("metric", "state", "platform", "group"))
    return next(cell for cell in cells_of(wanted[0], result.members[0][0].axes) if cell.key == wanted)


def _draw(axes: Axes, both: Comparison, row: Row) -> None:
    """Draw one measure: the effect in each run, median and band."""
    metric = METRICS[str(row["metric"])]
    effects, wides = [], []
    for result in (both.first, both.second):
        cell = _cell(result, row)
        effects.append(values(cell, result.members, 1) - values(cell, result.members, 0))
        wides.append(wide(result, cell, effect=True))
    share = metric.form == "share"
    by, word = (0.01, "") if share else scale(max(float(np.nanmax(np.abs(each))) for each in effects))
    labels = []
    for name, result, data, known, (colour, dashes) in zip(
        ("first", "second"), (both.first, both.second), effects, wides, _LOOK, strict=True
    ):
        spread = None if known is None else known / by
        last = line(axes, days(result), data / by, colour=colour, dashes=dashes, spread=spread)
        labels.append((last, f"{name}\n{compact(metric.name, last * by)}", colour))
    axes.axhline(0, color=GREY, linewidth=0.8, zorder=0)
    axes.set_title(fold(_where(both, row), _CHARS, 2))
    axes.set_ylabel(fold(f"{metric.label}, effect [{word}{'%' if share else metric.unit}]", 46))
    dates = sorted({*days(both.first), *days(both.second)})
    date_axis(axes, [dates[0], dates[-1]])
    end_labels(axes, labels)


def _where(both: Comparison, row: Row) -> str:
    """Return whom a row is about."""
    state, platform, group = (str(row[key]) for key in ("state", "platform", "group"))
    return capital(cell_name(both.first.scenario, str(row["metric"]), state, platform, group))
