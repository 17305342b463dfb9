"""The charts of sweeps, attributions, sensitivity analyses and searches for a threshold."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from sim.experiments.attribution import TOTAL, Attribution
from sim.experiments.experiment import chart_of
from sim.experiments.outcomes import Output
from sim.experiments.sensitivity import INDEX, Sensitivity
from sim.experiments.sweep import SweepResult, plain
from sim.experiments.threshold import Threshold
from sim.metrics.registry import METRICS
from sim.plots.figure import House
from sim.plots.lines import scale
from sim.plots.look import BLUE, COLOURS, DASHES, GREY, INK, VERMILLION
from sim.plots.saving import house_style
from sim.plots.style import fold, page
from sim.text.numbers import capital, compact, compact_range, quantity, unit

if TYPE_CHECKING:
    import pandas as pd

_DARK = 0.6  # from this part of the colour scale on, numbers are written in white
_NOISE = 1e-9
_BARS, _LINES = 14, 5
_LEGEND = 0.75  # inches for the names of the lines
_WORDS = {
    "morris": "change of the effect when the parameter goes through its range (Morris: mean size of elementary "
    "effects, to the right where it grows, to the left where it falls)",
    "sobol": "part of the variance of the effect that goes with the parameter, alone or with others (Sobol, total)",
}


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


@chart_of(
    "attribution",
    "The share of each policy in an effect",
    "A bar is the mean Shapley share over members, the whisker 10-90 % of them; the last bar is the whole effect.",
)
def attribution_bars(found: Attribution, output: Output) -> House:
    """Draw the share of each policy in one output, the largest above, the whole below.

    Parameters
    ----------
    found : Attribution
    output : Output
        What to draw.
    """
    rows = found.of(output).to_dict("records")
    for row in rows:  # the remainder of sums of rounded numbers is not a share
        row.update({name: 0.0 for name in ("effect", "low", "high") if abs(row[name]) < _NOISE * _size(rows)})
    parts = sorted((row for row in rows if row["policy"] != TOTAL), key=lambda row: -abs(row["effect"]))
    whole = next(row for row in rows if row["policy"] == TOTAL)
    what = f"'{METRICS[output.metric].label}'"  # not every label fits into a sentence
    title = f"{parts[0]['policy']} accounts for {_part(parts[0])} of the effect on {what}"
    if not whole["effect"]:
        title = f"No policy has an effect on {what}"
    how = "all subsets of the policies" if found.is_exact else f"{len(found.orders)} sampled orders of the policies"
    subtitle = (
        f"Shapley shares: {output.words(found.scenario)} [{METRICS[output.metric].unit}]. Means over members, which "
        f"add up to the whole; whisker: 10-90 % of members. From {how}, with the same seeds in each."
    )
    with house_style():
        height = max(3.9, 3.0 + 0.42 * len(rows))
        made = page(found, title, subtitle, height=height, below=0.1)
        axes = made.figure.add_subplot(made.grid(1, 1, left=2.6, right=2.5)[0])
        _share_bars(axes, [*parts, whole], output, len(found.seeds) > 1)
    return made.figure


def _size(rows: list[dict[Any, Any]]) -> float:
    """Return the size of the largest number of a chart."""
    return max(abs(float(row[name])) for row in rows for name in ("effect", "low", "high"))


def _part(row: dict[Any, Any]) -> str:
    """Return a share as a part of the whole, in per cent."""
    return f"{row['part'] * 100:.0f} %" if row["part"] == row["part"] else "0 %"


def _share_bars(axes: Axes, rows: list[dict[Any, Any]], output: Output, has_spread: bool) -> None:
    """Draw one bar a policy."""
    share = METRICS[output.metric].form == "share"
    by, word = (0.01, "") if share else scale(max(abs(row[name]) for row in rows for name in ("effect", "low", "high")))
    for i, row in enumerate(rows):
        colour = INK if row["policy"] == TOTAL else VERMILLION if row["effect"] > 0 else BLUE
        axes.barh(i, row["effect"] / by, height=0.62, color=colour)
        if has_spread:
            axes.plot([row["low"] / by, row["high"] / by], [i, i], color=GREY, linewidth=1.5)
        text = compact_range(output.metric, row["effect"], row["low"], row["high"])
        text = text if has_spread else compact(output.metric, row["effect"])
        far = max(0.0, row["effect"], row["high"] if has_spread else 0.0) / by
        label = text if row["policy"] == TOTAL else f"{_part(row)}: {text}"
        axes.annotate(label, (far, i), (6, 0), textcoords="offset points", va="center", fontsize=8.5)
    axes.set_yticks(range(len(rows)), [fold(str(row["policy"]), 30) for row in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.grid(False, axis="y")
    axes.axvline(0, color=INK, linewidth=0.8, zorder=3)
    axes.axhline(len(rows) - 1.5, color=GREY, linewidth=0.6)
    axes.set_xlabel(f"Effect [{word}{'%' if share else METRICS[output.metric].unit}]", color=GREY)


@chart_of(
    "sensitivity",
    "The parameters on which an effect depends most",
    "A bar is the index of a parameter with its 95 % interval, the longest first; beside it the index by samples.",
)
def tornado(found: Sensitivity, output: Output) -> House:
    """Draw the parameters that one output depends on most, and their index against the number of samples.

    Parameters
    ----------
    found : Sensitivity
    output : Output
        What to draw.
    """
    rows = found.indices(output).head(_BARS).to_dict("records")
    seems = "matters" if found.has_converged(output) else "seems to matter"
    title = f"{rows[0]['parameter']} {seems} most for '{METRICS[output.metric].label}'"
    kind = "trajectories" if found.method == "morris" else "base samples"
    settled = "settled" if found.has_converged(output) else "NOT settled yet"
    subtitle = (
        f"{output.words(found.scenario)}: {_WORDS[found.method]}. Whisker: 95 %. {found.samples} {kind}, "
        f"the same seeds in each; the first index is {settled}."
    )
    share = METRICS[output.metric].form == "share"
    size = max(row[INDEX[found.method]] for row in rows)
    by, word = (1.0, "") if found.method == "sobol" else (0.01, "") if share else scale(size)
    what = "part of variance" if found.method == "sobol" else f"{word}{unit(output.metric)}"
    with house_style():
        made = page(found, title, subtitle, height=max(4.4, 3.2 + 0.28 * len(rows)) + _LEGEND, below=0.1 + _LEGEND)
        grid = made.grid(1, 2, left=2.6, right=0.5, wspace=0.34, width_ratios=(1.7, 1))
        _index_bars(made.figure.add_subplot(grid[0]), rows, found.method, by, what)
        _convergence(made.figure.add_subplot(grid[1]), found, output, by, kind, what)
    return made.figure


def _index_bars(axes: Axes, rows: list[dict[Any, Any]], method: str, by: float, what: str) -> None:
    """Draw a bar a parameter, in the direction in which it moves the output."""
    for i, row in enumerate(rows):
        sign = -1 if row.get("mu", 0) < 0 else 1
        size, half = row[INDEX[method]] / by, row[f"{INDEX[method]}_conf"] / by
        axes.barh(i, sign * size, height=0.66, color=VERMILLION if sign > 0 else BLUE)
        axes.plot([sign * (size - half), sign * (size + half)], [i, i], color=INK, linewidth=1.3)
    axes.set_yticks(range(len(rows)), [fold(str(row["parameter"]), 34) for row in rows], fontsize=8.5)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.grid(False, axis="y")
    axes.axvline(0, color=INK, linewidth=0.8, zorder=3)
    axes.set_xlabel(f"[{what}]", color=GREY)


def _convergence(axes: Axes, found: Sensitivity, output: Output, by: float, kind: str, what: str) -> None:
    """Draw the index of the first parameters against the number of samples."""
    index = INDEX[found.method]
    table = found.convergence(output)
    for i, name in enumerate(found.indices(output)["parameter"].head(_LINES)):
        own = table[(table["parameter"] == name).to_numpy()]
        style = {"color": COLOURS[i], "linestyle": DASHES[i], "marker": "o", "markersize": 3, "label": fold(name, 28)}
        axes.plot(own["samples"], own[index] / by, **style)
        low, high = (own[index] - own[f"{index}_conf"]) / by, (own[index] + own[f"{index}_conf"]) / by
        axes.fill_between(own["samples"], low, high, color=COLOURS[i], alpha=0.1, linewidth=0)
    axes.set_ylim(bottom=0)
    axes.set_xlabel(kind, color=GREY)
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.set_ylabel(f"[{what}]", color=GREY)
    if len(set(table["samples"])) == 1:
        axes.set_xticks([int(table["samples"].iloc[0])])
    axes.set_title("Has it settled?", fontsize=9)
    # Below the axis: above it the legend would lie on the lines.
    inches = axes.get_position().height * axes.figure.get_figheight()  # type: ignore[union-attr]
    axes.legend(frameon=False, fontsize=7, loc="upper left", bbox_to_anchor=(0.0, -0.5 / inches), borderpad=0)


@chart_of(
    "threshold",
    "Where along a path the effect passes a level",
    "A thin line is one member, the dashed line the level; shaded is where 80 % of the members that pass it do so.",
)
def threshold_curve(found: Threshold, output: Output) -> House:
    """Draw a search for a threshold.

    Parameters
    ----------
    found : Threshold
    output : Output
        The effect that is searched.
    """
    metric = output.metric
    if found.interval is None:
        side = _side(found)
        title = f"No threshold of {found.path} between {found.ends}{side}"
    else:
        middle, low, high = found.interval
        level = quantity(metric, found.level)
        title = f"The effect passes {level} at {found.path} = {middle:.3g}"
        title += f" ({low:.3g} to {high:.3g})" * (low < high)
        if found.reached < len(found.responses):
            title += f", in {found.reached} of {len(found.responses)} members"
    subtitle = f"Effect of the policies: {output.words(found.scenario)} [{unit(metric)}]. A thin line a member, "
    subtitle += "the same seeds all along it; shaded: where 80 % of the members that pass the level pass it."
    subtitle += "" if found.is_monotone else " The response is not monotone."
    by = 0.01 if METRICS[metric].form == "share" else 1.0
    with house_style():
        made = page(found, title, subtitle, below=0.1)
        axes = made.figure.add_subplot(made.grid(1, 1)[0])
        for values in found.responses.values():
            y = [effect / by for effect in values.values()]
            axes.plot(list(values), y, color=BLUE, linewidth=1, marker="o", markersize=2.5, alpha=0.7)
        axes.axhline(found.level / by, color=VERMILLION, linewidth=1.4, linestyle="--")
        if found.interval is not None:
            axes.axvspan(found.interval[1], found.interval[2], color=VERMILLION, alpha=0.12, linewidth=0)
            axes.axvline(found.interval[0], color=VERMILLION, linewidth=1)
        level = f"level {found.level / by:g} %" if by != 1.0 else f"level {compact(metric, found.level)}"
        style: dict[str, Any] = {"color": VERMILLION, "fontsize": 8.5, "ha": "right", "va": "bottom"}
        axes.annotate(level, (1, found.level / by), (-4, 3), axes.get_yaxis_transform(), "offset points", **style)
        axes.axhline(0, color=INK, linewidth=0.8)
        axes.set_xlabel(found.path, color=GREY)
        axes.set_ylabel(f"Effect of the policies [{unit(metric)}]", color=GREY)
        if by == 1.0:
            axes.yaxis.set_major_formatter(lambda y, _: compact(metric, y))
    return made.figure


def _side(found: Threshold) -> str:
    """Return on which side of the level all effects are; empty where they are on both."""
    effects = [effect for values in found.responses.values() for effect in values.values()]
    if min(effects) > found.level:
        return ": above the level all along"
    return ": below the level all along" if max(effects) < found.level else ""
