"""A threshold: every member's effect along the path, the level, and where it is passed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.experiments.charts import chart_of
from sim.metrics.registry import METRICS
from sim.plots.look import BLUE, GREY, INK, VERMILLION
from sim.plots.saving import house_style
from sim.plots.style import page
from sim.text.numbers import compact, quantity, unit

if TYPE_CHECKING:
    from sim.experiments.threshold.result import Threshold
    from sim.plots.figure import House


@chart_of(
    "threshold",
    "Where along a path the effect passes a level",
    "A thin line is one member, the dashed line the level; shaded is where 80 % of the members that pass it do so.",
)
def threshold_curve(found: Threshold) -> House:
    """Draw a search for a threshold.

    Parameters
    ----------
    found : Threshold
    """
    metric = found.output.metric
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
    subtitle = f"Effect of the policies: {found.output.words(found.scenario)} [{unit(metric)}]. A thin line a member, "
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
