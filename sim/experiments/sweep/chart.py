"""A sweep: a line with its interval over one path, a heat map over two."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.experiments.charts import chart_of
from sim.experiments.sweep.result import SweepResult, plain
from sim.metrics.registry import METRICS
from sim.plots.look import BLUE, GREY, INK
from sim.plots.saving import house_style
from sim.plots.style import page
from sim.text.numbers import capital, compact, unit

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from sim.experiments.outcomes import Output
    from sim.plots.figure import House

_DARK = 0.6  # from this part of the colour scale on, numbers are written in white


@chart_of(
    "sweep",
    "The effect over the points of a sweep",
    "A line with its 10-90 % of members over one path, a cell for each pair of values over two.",
)
def sweep_grid(found: SweepResult, output: Output) -> House:
    """Draw one output of a sweep: over its first two paths, all others at their first value.

    Parameters
    ----------
    found : SweepResult
    output : Output
        What to draw.
    """
    rows = found.of(output)
    paths = [path for path, values in found.axes.items() if len(values) > 1] or list(found.axes)
    held = {path: found.axes[path][0] for path in paths[2:]}
    for path, value in held.items():
        rows = rows[rows[path] == plain(value)]
    title = _title(rows, paths[:2], output)
    subtitle = f"Effect of the policies: {output.words(found.scenario)} [{METRICS[output.metric].unit}]. Median"
    if len(found.seeds) > 1:
        subtitle += "; each cell says it with its 10-90 % of members" if len(paths) > 1 else " and 10-90 % of members"
    subtitle += "; the same seeds at every point." + "".join(f" {path} is {value}." for path, value in held.items())
    with house_style():
        made = page(found, title, subtitle, below=0.1)
        left, right = (2.0, 1.6) if len(paths) > 1 else (0.95, 0.6)
        axes = made.figure.add_subplot(made.grid(1, 1, left=left, right=right)[0])
        if len(paths) > 1:
            _heat_map(axes, found, rows, paths[0], paths[1], output)
        else:
            _line(axes, found, rows, paths[0], output)
    return made.figure


def _title(rows: pd.DataFrame, paths: list[str], output: Output) -> str:
    """Return the finding: the least and the greatest effect, and where on the grid they are."""
    known = rows.dropna(subset=["effect"])
    by = " and ".join(short_path(path) for path in paths)
    if known.empty:
        return capital(f"{METRICS[output.metric].label}, by {by}")
    effect = known["effect"].to_numpy()
    ends = [known.iloc[int(effect.argmin())], known.iloc[int(effect.argmax())]]
    texts = [f"{compact(output.metric, row['effect'])} ({', '.join(str(row[path]) for path in paths)})" for row in ends]
    return capital(f"{METRICS[output.metric].label}: {texts[0]} to {texts[1]}, by {by}")


def short_path(path: str) -> str:
    """Return a path without its first step where that says nothing: ``wechat-ban.on``."""
    return path.removeprefix("policies.").removeprefix("parameters.").removeprefix("world.")


def _line(axes: Axes, found: SweepResult, rows: pd.DataFrame, path: str, output: Output) -> None:
    """Draw the median and its interval over the values of a path."""
    values = found.axes[path]
    by_value = {row[path]: row for row in rows.to_dict("records")}
    known = [value for value in values if plain(value) in by_value]
    middle, low, high = (np.array([by_value[plain(v)][name] for v in known]) for name in ("effect", "low", "high"))
    places: list[Any] = list(range(len(known)))
    if known and all(isinstance(v, int | float) and not isinstance(v, bool) for v in known):
        places = known
    elif known and all(_is_date(v) for v in known):
        places = [dt.date.fromisoformat(str(v)) for v in known]
    else:
        axes.set_xticks(places, [str(plain(v)) for v in known])
    order = np.argsort(np.array(places))
    x = [places[i] for i in order]
    axes.fill_between(x, low[order], high[order], color=BLUE, alpha=0.2, linewidth=0)
    axes.plot(x, middle[order], color=BLUE, marker="o", linewidth=2)
    axes.axhline(0, color=INK, linewidth=0.8)
    axes.set_xlabel(path, color=GREY)
    axes.set_ylabel(f"Effect of the policies [{unit(output.metric)}]", color=GREY)
    if METRICS[output.metric].form == "share":
        axes.yaxis.set_major_formatter(lambda y, _: f"{y * 100:g}")
    else:
        axes.yaxis.set_major_formatter(lambda y, _: compact(output.metric, y))


def _heat_map(axes: Axes, found: SweepResult, rows: pd.DataFrame, down: str, across: str, output: Output) -> None:
    """Draw a cell for each pair of values, with its number."""
    shape = len(found.axes[down]), len(found.axes[across])
    grid = np.full(shape, math.nan)
    spans: dict[tuple[int, int], str] = {}
    for row in rows.to_dict("records"):
        i = [plain(v) for v in found.axes[down]].index(row[down])
        j = [plain(v) for v in found.axes[across]].index(row[across])
        grid[i, j] = row["effect"]
        low, high = (compact(output.metric, row[name]) for name in ("low", "high"))
        spread = f"\n({low.removesuffix(' %')} to {high})" if len(found.seeds) > 1 else ""
        spans[i, j] = compact(output.metric, row["effect"]) + spread
    top = float(np.nanmax(np.abs(grid))) or 1.0
    axes.imshow(np.abs(grid), cmap="Blues", vmin=0, vmax=top, aspect="auto")
    for (i, j), text in spans.items():
        colour = "white" if abs(grid[i, j]) > _DARK * top else INK
        axes.text(j, i, text, ha="center", va="center", color=colour, fontsize=8)
    axes.set_xticks(range(shape[1]), [str(plain(v)) for v in found.axes[across]])
    axes.set_yticks(range(shape[0]), [str(plain(v)) for v in found.axes[down]])
    axes.set_xlabel(across, color=GREY)
    axes.set_ylabel(down, color=GREY)
    axes.grid(False)


def _is_date(value: Any) -> bool:
    """Return whether a value is a date, or a text that says one."""
    try:
        dt.date.fromisoformat(str(value))
    except ValueError:
        return False
    return True
