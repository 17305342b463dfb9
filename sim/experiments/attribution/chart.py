"""An attribution: a bar for the share of each policy, and one for all of them together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.experiments.attribution.result import TOTAL, Attribution
from sim.experiments.charts import chart_of
from sim.metrics.registry import METRICS
from sim.plots.lines import scale
from sim.plots.look import BLUE, GREY, INK, VERMILLION
from sim.plots.saving import house_style
from sim.plots.style import fold, page
from sim.text.numbers import compact, compact_range

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.experiments.outcomes import Output
    from sim.plots.figure import House


_NOISE = 1e-9


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
        _bars(axes, [*parts, whole], output, len(found.seeds) > 1)
    return made.figure


def _size(rows: list[dict[Any, Any]]) -> float:
    """Return the size of the largest number of a chart."""
    return max(abs(float(row[name])) for row in rows for name in ("effect", "low", "high"))


def _part(row: dict[Any, Any]) -> str:
    """Return a share as a part of the whole, in per cent."""
    return f"{row['part'] * 100:.0f} %" if row["part"] == row["part"] else "0 %"


def _bars(axes: Axes, rows: list[dict[Any, Any]], output: Output, has_spread: bool) -> None:
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
