"""Any metric over time, in both arms: the chart of a metric without a chart of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..metrics.registry import METRICS
from ..results.series import MIN_PEOPLE, Cell, cells_of, fewest_people
from ..results.stats import WEEK, band, spread_at
from ..text.numbers import cell_name, day, quantity
from .lines import (
    BASELINE,
    POLICY,
    date_axis,
    days,
    line,
    of,
    policy_days,
    scale,
    wide,
)
from .look import COLOURS, DASHES, HEIGHT
from .marks import draw_observed, said
from .style import end_labels, fold, no_effect, page
from .timeline import panels, taller

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..results import Result

_LINES = 6


def metric_over_time(result: Result, metric: str) -> Figure:
    """Draw the cells of a metric that the policies move most: lines with the policies, dots without."""
    declared = METRICS[metric]
    if declared.kind == "total":
        return no_effect(result, f"{declared.label}: one number a run", "It has no values over time; see the summary.")
    cells = _most_moved(result, metric)
    if not cells:
        return no_effect(result, declared.label, f"The policies do not move it: {declared.description}")
    share = declared.form == "share"
    top = max(float(np.nanmax(of(result, cell, arm))) for cell in cells for arm in (BASELINE, POLICY))
    by, word = (0.01, "") if share else scale(top)
    subtitle = f"{declared.description} Line: with the policies; dotted: without; in brackets the simulated people."
    subtitle += said(result, cells)
    made = page(result, _title(result, cells[0]), subtitle, height=HEIGHT + taller(result))
    (axes,), days_labelled = panels(made, result, left=1.15, right=2.5)
    x = days(result)
    labels = []
    for i, cell in enumerate(cells):
        line(axes, x, of(result, cell, BASELINE) / by, colour=COLOURS[i], dashes=(0, (1, 2)), width=1.2)
        known = wide(result, cell)
        spread = None if known is None else known / by
        last = line(axes, x, of(result, cell, POLICY) / by, colour=COLOURS[i], dashes=DASHES[i], spread=spread)
        draw_observed(axes, result, cell, by, COLOURS[i])
        words = cell_name(result.scenario, metric, cell.state, cell.platform, cell.group)
        labels.append((last, fold(f"{words} ({fewest_people(cell, result.members):,})", 30), COLOURS[i]))
    axes.set_ylabel(fold(f"{declared.label} [{word}{'%' if share else declared.unit}]", 48))
    axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]) if top else -0.05)
    date_axis(axes, x, labels=days_labelled)
    policy_days(axes, result)
    end_labels(axes, labels, size=8.5)
    return made.figure


def _title(result: Result, cell: Cell) -> str:
    """Return the finding: what the policies do to the cell they move most, over the run or in the worst week."""
    metric = METRICS[cell.metric]
    worst = spread_at(of(result, cell, BASELINE), of(result, cell, POLICY), "end" if metric.running else "worst_week")
    effect = worst.effect or 0.0
    where = cell_name(result.scenario, cell.metric, cell.state, cell.platform, cell.group)
    change = quantity(cell.metric, abs(effect))
    date = day(result.dates[worst.day]) if worst.day is not None else "no day"
    week = min(WEEK, len(result.dates))
    when = f"on {date}" if week == 1 else f"by {date}" if metric.running else f"in the worst {week} days, to {date}"
    return f"{metric.label}, {where}: {change} {'more' if effect >= 0 else 'less'} {when}"


def _most_moved(result: Result, metric: str) -> list[Cell]:
    """Return the cells in focus with the largest effect on any day, in the median of members."""
    sizes = []
    for cell in cells_of(metric, result.members[0][0].axes, result.focus.shows):
        if fewest_people(cell, result.members) >= MIN_PEOPLE:
            middle = band(of(result, cell, POLICY) - of(result, cell, BASELINE))[1]
            sizes.append((float(np.nanmax(np.abs(middle))) if not np.isnan(middle).all() else 0.0, cell))
    moved = [pair for pair in sizes if pair[0] > 0]
    return [cell for _, cell in sorted(moved, key=lambda pair: -pair[0])[:_LINES]]
