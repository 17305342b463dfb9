"""A sensitivity analysis: the longest bars of the tornado, and whether they have settled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.experiments.charts import chart_of
from sim.experiments.sensitivity.result import INDEX, Sensitivity
from sim.metrics.registry import METRICS
from sim.plots.lines import scale
from sim.plots.look import BLUE, COLOURS, DASHES, GREY, INK, VERMILLION
from sim.plots.saving import house_style
from sim.plots.style import fold, page
from sim.text.numbers import unit

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.experiments.outcomes import Output
    from sim.plots.figure import House

_BARS, _LINES = 14, 5
_LEGEND = 0.75  # inches for the names of the lines
_WORDS = {
    "morris": "change of the effect when the parameter goes through its range (Morris: mean size of elementary "
    "effects, to the right where it grows, to the left where it falls)",
    "sobol": "part of the variance of the effect that goes with the parameter, alone or with others (Sobol, total)",
}


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
        _bars(made.figure.add_subplot(grid[0]), rows, found.method, by, what)
        _convergence(made.figure.add_subplot(grid[1]), found, output, by, kind, what)
    return made.figure


def _bars(axes: Axes, rows: list[dict[Any, Any]], method: str, by: float, what: str) -> None:
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
    from matplotlib.ticker import MaxNLocator

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
