"""One cell of a metric over time, alone: both arms of a run, or the effects of several runs, in axes of any figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import InputError, Problem
from ..metrics.registry import METRICS
from ..results.compare import cell_of, cells_by_key, point_of
from ..results.series import Cell, fewest_people
from ..text.numbers import capital, cell_name
from .lines import BASELINE, POLICY, date_axis, days, line, of, policy_days, scale, wide
from .look import COLOURS, DASHES, GREY
from .registry import charts, unknown
from .saving import house_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..results import Result


def draw_cell(
    results: Sequence[Result],
    name: str,
    ax: Axes | None,
    asked: Mapping[str, str],
    dates: slice | None = None,
    *,
    figsize: tuple[float, float] | None = None,
    title: str = "",
) -> Figure | Axes:
    """Draw one cell of a metric over time.

    Parameters
    ----------
    results : sequence of Result
        One run, of which both arms are drawn, or several, of which the effects are.
    name : str
        A metric, or a chart, whose first metric is meant.
    ax : Axes, optional
        Where to draw; by default a figure of its own.
    asked : mapping of str to str
        ``group``, ``state`` and ``platform``; what is empty is chosen as in `splinternet.results.compare.compare`.
    dates : slice of str, optional
        First and last day.
    figsize : (float, float), optional
        Size of the new figure [inches].
    title : str
        What stands above; by default whom it is about.

    Returns
    -------
    Figure or Axes
        The axes where they were given.
    """
    metric = metric_meant(results[0], name)
    if METRICS[metric].kind == "total":
        raise InputError(Problem("", f"'{metric}' is one number a run", "a metric with a value each day"))
    for result in results:
        result.need(metric)
    key = cell_of(results, metric, asked, point_of(metric))
    with house_style():
        made = None
        if ax is None:
            from matplotlib.figure import Figure as Empty

            made = Empty(figsize=figsize or (8.0, 4.5), layout="constrained")
            ax = made.add_subplot()
        _lines(ax, results, [cells_by_key(result, metric)[key] for result in results])
        _limit(ax, results[0], dates)
        where = capital(cell_name(results[0].scenario, *key))
        people = min(fewest_people(cells_by_key(run, metric)[key], run.members) for run in results)
        ax.set_title(title or f"{where} ({people:,} simulated)")
    return ax if made is None else made


def metric_meant(result: Result, name: str) -> str:
    """Return the metric that a name means: its own, or the first one of a chart.

    Raises
    ------
    InputError
        When there is no chart and no metric of that name.
    """
    if name in METRICS:
        return name
    known = charts()
    if name not in known:
        raise unknown(name, [*known, *result.metrics])
    return known[name].metrics[0]


def _lines(axes: Axes, results: Sequence[Result], cells: Sequence[Cell]) -> None:
    """Draw both arms of one run, or the effect in each of several."""
    metric = METRICS[cells[0].metric]
    share, one = metric.form == "share", len(results) == 1
    arms = [[of(run, cell, arm) for arm in (BASELINE, POLICY)] for run, cell in zip(results, cells, strict=True)]
    drawn = arms[0] if one else [policy - baseline for baseline, policy in arms]
    by, word = (0.01, "") if share else scale(max(float(abs(each).max(initial=0.0)) for each in drawn))
    if one:
        x = days(results[0])
        line(axes, x, drawn[BASELINE] / by, colour=GREY, dashes=(0, (1, 2)), width=1.4)
        known = wide(results[0], cells[0])
        line(axes, x, drawn[POLICY] / by, colour=COLOURS[0], spread=None if known is None else known / by)
        names = ["without the policies", "with the policies"]
        policy_days(axes, results[0])
    else:
        axes.axhline(0, color=GREY, linewidth=0.8, zorder=0)
        for i, (run, cell, effect) in enumerate(zip(results, cells, drawn, strict=True)):
            known = wide(run, cell, effect=True)
            look: dict[str, Any] = {"colour": COLOURS[i % len(COLOURS)], "dashes": DASHES[i % len(DASHES)]}
            line(axes, days(run), effect / by, spread=None if known is None else known / by, **look)
        names = [run.name for run in results]
    lines = [each for each in axes.get_lines() if len(each.get_xdata()) > 2]  # type: ignore[arg-type]
    axes.legend(lines[-len(names) :], names, frameon=False, fontsize=9)
    what = f"{metric.label}{'' if one else ', effect'}"
    axes.set_ylabel(f"{what}\n[{word}{'%' if share else metric.unit}]")
    every = sorted({day for run in results for day in days(run)})
    date_axis(axes, every)


def _limit(axes: Axes, result: Result, dates: slice | None) -> None:
    """Show the days of a slice alone."""
    if dates is None:
        return
    import numpy as np

    ends = [dates.start or result.dates[0], dates.stop or result.dates[-1]]
    try:
        first, last = (np.datetime64(str(end)[:10], "D") for end in ends)
    except ValueError as error:
        allowed = 'slice("2020-09-01", "2020-12-31")'
        raise InputError(Problem("dates", f"slice({dates.start!r}, {dates.stop!r})", allowed)) from error
    if not first < last:
        raise InputError(Problem("dates", f"{first} to {last}", "a first day before the last day"))
    axes.set_xlim(float(first.astype(int)), float(last.astype(int)))


def resize(figure: Figure, *, figsize: tuple[float, float] | None = None, title: str = "") -> None:
    """Give a chart another size, or other words for its title."""
    if figsize is not None:
        figure.set_size_inches(*figsize)
    if title and figure.texts:
        figure.texts[0].set_text(title)
