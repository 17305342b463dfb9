"""The charts of sweeps, attributions, sensitivity analyses and searches for a threshold."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ..metrics.registry import METRICS
from ..plots.marks import Bar, rows, scale
from ..plots.page import (
    BLUE,
    GREY,
    HEIGHT,
    INK,
    VERMILLION,
    WIDTH,
    Caption,
    House,
    Place,
    page,
)
from ..text.numbers import capital, compact, compact_range, quantity, unit
from .attribution import TOTAL, Attribution
from .experiment import MEMBER_RANGE, Output, chart_of
from .sensitivity import INDEX, Sensitivity
from .sweep import SweepResult, plain
from .threshold import Threshold

_DARK = 0.6  # part of the colour scale beyond which numbers are white
_NOISE = 1e-9
_BARS = 14
_WORDS = {
    "morris": "change of the effect when the parameter goes through its range (Morris: mean size of elementary "
    "effects, to the right where it grows, to the left where it falls)",
    "sobol": "part of the variance of the effect that is due to the parameter, alone or with others (Sobol, total)",
}


@chart_of(
    "sweep",
    "The effect over the points of a sweep",
    "For one path, a line with 10-90 % of seeds; for two, a cell for each pair of values; for a "
    "design, a dot for each point.",
)
def sweep_grid(sweep: SweepResult, output: Output) -> House:
    """Draw one output of a sweep over its first two paths, with all others at their first value.
    For a design, draw it over the path with the strongest relation to the effect.
    """
    if not sweep.is_grid:
        return _design(sweep, output)
    found = sweep.of(output)
    paths = [path for path, values in sweep.axes.items() if len(values) > 1] or list(sweep.axes)
    held = {path: sweep.axes[path][0] for path in paths[2:]}
    for path, value in held.items():
        found = found[found[path] == plain(value)]
    title = _title(found, paths[:2], output)
    subtitle = f"Effect of the policies: {output.words(sweep.scenario)} [{METRICS[output.metric].unit}]. Median"
    if len(sweep.seeds) > 1:
        subtitle += (
            "; each cell gives it with 10-90 % of seeds, without the model's error"
            if len(paths) > 1
            else " and 10-90 % of seeds, without the model's error"
        )
    subtitle += "; the same seeds at every point." + "".join(
        f" {path} is {value}." for path, value in held.items()
    )

    def paint(place: Place) -> Caption:
        if len(paths) > 1:
            _heat_map(place.axes(), sweep, found, paths[0], paths[1], output)
        else:
            _line(place.axes(), sweep, found, paths[0], output)
        return Caption(title, subtitle)

    return page(sweep, paint, figsize=(WIDTH, HEIGHT))


def _design(sweep: SweepResult, output: Output) -> House:
    """Draw the points of a design over the path with the strongest rank correlation to the
    effect.
    """
    found = sweep.of(output)
    ranks = {
        path: abs(found["effect"].corr(found[path], method="spearman"))
        for path in sweep.axes
        if pd.api.types.is_numeric_dtype(found[path])
    }
    path = (
        max(ranks, key=lambda path: np.nan_to_num(ranks[path])) if ranks else next(iter(sweep.axes))
    )
    subtitle = (
        f"Effect of the policies: {output.words(sweep.scenario)} [{METRICS[output.metric].unit}]. "
        f"A dot is one of {len(found)} points, its whisker 10-90 % of seeds without the model's "
        f"error; the same seeds at every point. The axis is {path}, the path whose "
        "rank correlation with the effect is strongest."
    )

    def paint(place: Place) -> Caption:
        axes = place.axes()
        x = found[path]
        y = found["effect"]
        axes.vlines(x, found[MEMBER_RANGE[0]], found[MEMBER_RANGE[1]], color=BLUE, alpha=0.4)
        axes.scatter(x, y, color=BLUE)
        axes.axhline(0, color=INK, linewidth=0.8)
        _name_axes(axes, path, output)
        return Caption(_title(found, [path], output), subtitle)

    return page(sweep, paint, figsize=(WIDTH, HEIGHT))


def _name_axes(axes: Axes, path: str, output: Output) -> None:
    """Label the axes of an effect over a path."""
    axes.set_xlabel(path, color=GREY)
    axes.set_ylabel(f"Effect of the policies [{unit(output.metric)}]", color=GREY)
    is_share = METRICS[output.metric].form == "share"
    axes.yaxis.set_major_formatter(
        lambda y, _: f"{y * 100:g}" if is_share else compact(output.metric, y)
    )


def _title(rows: pd.DataFrame, paths: list[str], output: Output) -> str:
    """Return the finding: the smallest and the largest effect with their points on the grid."""
    rows = rows.dropna(subset=["effect"])
    if rows.empty:
        return f"{capital(METRICS[output.metric].label)}: not defined"
    ends = [rows.iloc[int(at)] for at in (rows["effect"].argmin(), rows["effect"].argmax())]
    least, most = (
        f"{compact(output.metric, end['effect'])} ({', '.join(str(end[p]) for p in paths)})"
        for end in ends
    )
    return f"The effect goes from {least} to {most}"


def _line(axes: Axes, sweep: SweepResult, rows: pd.DataFrame, path: str, output: Output) -> None:
    """Draw the median and its interval over the values of a path: numbers, dates, or names at equal
    distances.
    """
    rows = rows.set_index(path)
    values = [value for value in sweep.axes[path] if plain(value) in rows.index]
    places: list[Any] = list(range(len(values)))
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        places = values
    else:
        try:
            places = [dt.date.fromisoformat(str(value)) for value in values]
        except ValueError:
            axes.set_xticks(places, [str(plain(value)) for value in values])
    order = sorted(range(len(values)), key=places.__getitem__)
    x = [places[i] for i in order]
    rows = rows.loc[[plain(values[i]) for i in order]]
    axes.fill_between(
        x, rows["members_low"], rows["members_high"], color=BLUE, alpha=0.2, linewidth=0
    )
    axes.plot(x, rows["effect"], color=BLUE, marker="o", linewidth=2)
    axes.axhline(0, color=INK, linewidth=0.8)
    _name_axes(axes, path, output)


def _heat_map(
    axes: Axes, sweep: SweepResult, rows: pd.DataFrame, down: str, across: str, output: Output
) -> None:
    """Draw a cell for each pair of values, with its number."""
    labels = {path: [plain(value) for value in sweep.axes[path]] for path in (down, across)}
    effect = rows.pivot_table(index=down, columns=across, values="effect")
    size = effect.reindex(index=labels[down], columns=labels[across]).abs().to_numpy()
    top = float(np.nanmax(size)) or 1.0
    axes.imshow(size, cmap="Blues", vmin=0, vmax=top, aspect="auto")
    for row in rows.to_dict("records"):
        i = labels[down].index(row[down])
        j = labels[across].index(row[across])
        middle, low, high = (
            compact(output.metric, row[name]) for name in ("effect", *MEMBER_RANGE)
        )
        text = f"{middle}\n({low.removesuffix(' %')} to {high})" if len(sweep.seeds) > 1 else middle
        colour = "white" if size[i, j] > _DARK * top else INK
        axes.text(j, i, text, ha="center", va="center", color=colour, fontsize="small")
    axes.set_xticks(range(len(labels[across])), [str(label) for label in labels[across]])
    axes.set_yticks(range(len(labels[down])), [str(label) for label in labels[down]])
    axes.set_xlabel(across, color=GREY)
    axes.set_ylabel(down, color=GREY)
    axes.grid(False)


@chart_of(
    "attribution",
    "The share of each policy in an effect",
    "A bar is the mean Shapley share over seeds, the whisker 10-90 % of them; the last bar is the whole effect.",
)
def attribution_bars(attribution: Attribution, output: Output) -> House:
    """Draw the share of each policy in one output, the largest above, the whole below."""
    ends = ["effect", *MEMBER_RANGE]
    metric = METRICS[output.metric]
    found = attribution.of(output)
    size = float(found[ends].abs().to_numpy().max())
    found = found.assign(
        **found[ends].where(found[ends].abs() >= _NOISE * size, 0.0)
    )  # a rounding error is not a share
    is_total = (found["policy"] == TOTAL).to_numpy()
    parts = found[~is_total].sort_values("effect", key=lambda effect: -effect.abs(), kind="stable")
    found = pd.concat([parts, found[is_total]])
    shares = [f"{part * 100:.0f} %" for part in found["part"].fillna(0.0)]
    title = f"{parts['policy'].iloc[0]} accounts for {shares[0]} of the effect"
    if not found["effect"].iloc[-1]:
        title = "No policy has an effect"
    orders = f"{len(attribution.orders)} sampled orders of the policies"
    how = "all subsets of the policies" if attribution.is_exact else orders
    subtitle = (
        f"Shapley shares: {output.words(attribution.scenario)} [{metric.unit}]. Means over seeds, which "
        f"add up to the whole; whisker: 10-90 % of seeds, without the model's error. From {how}, with the same seeds in each."
    )
    has_spread = len(attribution.seeds) > 1
    by, word = (0.01, "%") if metric.form == "share" else scale(size)

    def paint(place: Place) -> Caption:
        axes = place.axes()
        bars = []
        for name, part, *row in zip(
            found["policy"], shares, *(found[end] for end in ends), strict=True
        ):
            number = (
                compact_range(output.metric, *row) if has_spread else compact(output.metric, row[0])
            )
            text = number if name == TOTAL else f"{part}: {number}"
            bars.append(Bar(name, row if has_spread else row[:1] * 3, text, _colour(name, row[0])))
        rows(axes, bars, by)
        axes.axhline(len(parts) - 0.5, color=GREY, linewidth=0.6)
        axes.set_xlabel(
            f"Effect [{word if metric.form == 'share' else word + metric.unit}]", color=GREY
        )
        return Caption(title, subtitle)

    return page(attribution, paint, figsize=(WIDTH, max(3.9, 2.6 + 0.42 * len(found))))


def _colour(name: str, size: float) -> str:
    """Return the colour of a bar: rises are red, falls blue, the total black."""
    if name == TOTAL:
        return INK
    return VERMILLION if size > 0 else BLUE


@chart_of(
    "sensitivity",
    "The parameters on which an effect depends most",
    "A bar is the index of a parameter with its 95 % interval, the longest first.",
)
def tornado(analysis: Sensitivity, output: Output) -> House:
    """Draw the parameters that one output depends on most."""
    found = analysis.indices(output).head(_BARS)
    index = INDEX[analysis.method]
    is_settled = analysis.has_converged(output)
    verb = "matters" if is_settled else "seems to matter"
    title = f"{found['parameter'][0]} {verb} most for the effect"
    kind = "trajectories" if analysis.method == "morris" else "base samples"
    subtitle = (
        f"{output.words(analysis.scenario)}: {_WORDS[analysis.method]}. Whisker: 95 %. {analysis.samples} {kind}, "
        f"the same seeds in each; the first index is {'settled' if is_settled else 'NOT settled yet'}."
    )
    is_share = METRICS[output.metric].form == "share"
    by, word = (0.01, "") if is_share else scale(float(found[index].max()))
    label = f"[{word}{unit(output.metric)}]"
    if analysis.method == "sobol":
        by = 1.0
        label = "[part of variance]"
    sign = np.where(found["mu"] < 0, -1, 1) if "mu" in found else np.ones(len(found))
    size = sign * found[index] / by
    half = found[f"{index}_conf"] / by

    def paint(place: Place) -> Caption:
        axes = place.axes()
        ends = zip(found["parameter"], size, size - half, size + half, strict=True)
        rows(axes, [Bar(name, end, "", _colour(name, end[0])) for name, *end in ends])
        axes.set_xlabel(label, color=GREY)
        return Caption(title, subtitle)

    return page(analysis, paint, figsize=(WIDTH, max(4.4, 3.4 + 0.3 * len(found))))


@chart_of(
    "threshold",
    "The value of a path at which the effect passes a level",
    "A thin line is one seed, the dashed line the level; 80 % of the seeds that pass it do so in the shaded part.",
)
def threshold_curve(search: Threshold, output: Output) -> House:
    """Draw a search for a threshold."""
    metric = output.metric
    said = f"Effect of the policies: {output.words(search.scenario)} [{unit(metric)}]. A thin line a seed, "
    said += "the same along the whole path; shaded: the range of the crossings of 80 % of the seeds that pass the level"
    passing = sum(value is not None for value in search.by_seed.values())
    if search.interval is None:
        first, last = search.ends
        effects = [effect for values in search.responses.values() for effect in values.values()]
        side = ""
        if min(effects) > search.level:
            side = "above"
        elif max(effects) < search.level:
            side = "below"
        title = f"No threshold of {search.path} between {first:g} and {last:g}"
        title += f": all {side} the level" if side else ""
    else:
        middle, low, high = search.interval
        title = (
            f"The effect passes {quantity(metric, search.level)} at {search.path} = {middle:.3g}"
        )
        said += f" ({low:.3g} to {high:.3g})" if low < high else ""
        if passing < len(search.seeds):
            said += f"; {passing} of {len(search.seeds)} seeds do"
    subtitle = f"{said}."
    subtitle += "" if search.is_monotone else " The response is not monotone."
    is_share = METRICS[metric].form == "share"
    by = 0.01 if is_share else 1.0

    def paint(place: Place) -> Caption:
        axes = place.axes()
        for values in search.responses.values():
            y = [effect / by for effect in values.values()]
            axes.plot(
                list(values), y, color=BLUE, linewidth=1, marker="o", markersize=2.5, alpha=0.7
            )
        axes.axhline(search.level / by, color=VERMILLION, linewidth=1.4, linestyle="--")
        if search.interval is not None:
            axes.axvspan(
                search.interval[1], search.interval[2], color=VERMILLION, alpha=0.12, linewidth=0
            )
            axes.axvline(search.interval[0], color=VERMILLION, linewidth=1)
        level = (
            f"level {search.level / by:g} %"
            if is_share
            else f"level {compact(metric, search.level)}"
        )
        style: dict[str, Any] = {
            "color": VERMILLION,
            "fontsize": "small",
            "ha": "right",
            "va": "bottom",
        }
        axes.annotate(
            level,
            (1, search.level / by),
            (-4, 3),
            axes.get_yaxis_transform(),
            "offset points",
            **style,
        )
        axes.axhline(0, color=INK, linewidth=0.8)
        axes.set_xlabel(search.path, color=GREY)
        axes.set_ylabel(f"Effect of the policies [{unit(metric)}]", color=GREY)
        if not is_share:
            axes.yaxis.set_major_formatter(lambda y, _: compact(metric, y))
        return Caption(title, subtitle)

    return page(search, paint, figsize=(WIDTH, HEIGHT))
