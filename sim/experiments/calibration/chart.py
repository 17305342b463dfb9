"""A calibration: how far the data narrow each parameter, and what was forecast for events that were held out."""

from __future__ import annotations

import hashlib
import json
import math
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from sim.experiments.charts import chart_of
from sim.plots.look import BLUE, GREY, INK, PALE, VERMILLION
from sim.plots.saving import house_style
from sim.plots.style import wrapped
from sim.results.identity import short, version

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.experiments.calibration.result import Calibration, ParameterRow
    from sim.plots.figure import House

_WIDTH, _ROW = 10.0, 0.3  # inches
_COLUMNS = (0.12, 0.5, 1.72)  # inches right of the axes


@chart_of(
    "calibration",
    "How far the data narrow each parameter",
    "The grey bar is the prior, the blue bar the central 90 % of the posterior, the dot the value taken.",
)
def prior_and_posterior(found: Calibration) -> House:
    """Draw each parameter's posterior within its prior, those first that the data narrow most."""
    rows = sorted(found.parameters, key=lambda row: row.shrink)
    narrowed = sum(row.shrink < 0.5 for row in rows)
    title = f"The events narrow {narrowed} of {len(rows)} parameters to less than half of what was allowed"
    numbers = found.numbers
    subtitle = (
        "Grey: the prior, each on its own scale. Blue: central 90 % of the posterior; bar: median; dot: the value "
        f"taken. Left: posterior by prior spread, 1 where the data say nothing. {numbers['free']} free parameters, "
        f"{numbers['figures']} figures in {numbers['series']} series of {numbers['episodes']} episodes."
    )
    with house_style():
        figure, axes = _page(found, title, subtitle, len(rows), left=2.35, right=3.75)
        for i, row in enumerate(rows):
            low, middle, high, dot = (_place(row, v) for v in (row.low, row.median, row.high, row.chosen))
            axes.barh(i, 1, height=0.56, color=PALE)
            axes.barh(i, high - low, left=low, height=0.56, color=BLUE)
            axes.plot([middle, middle], [i - 0.28, i + 0.28], color="white", linewidth=2)
            axes.plot(dot, i, "o", color=VERMILLION, markersize=5.5, markeredgecolor="white", markeredgewidth=0.6)
            ends, most = f"{row.low:.3g} to {row.high:.3g}", f"{row.correlation:+.2f} {row.confounded_with}"
            _beside(axes, i, (f"{row.shrink:.2f}", ends, most), INK if row.shrink < 0.5 else GREY)
        _beside(axes, -1.0, ("left", "90 % range", "goes most with"), GREY)
        axes.set_yticks(range(len(rows)), [row.name for row in rows], fontsize=8.5)
        axes.set_xticks([0, 1], ["low end of the prior", "high end"], fontsize=8.5)
        low_end, high_end = axes.get_xticklabels()
        low_end.set_horizontalalignment("left")
        high_end.set_horizontalalignment("right")
        axes.set_xlim(0, 1)
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.grid(False)
    return figure


@chart_of(
    "calibration",
    "Forecasts of episodes that were held out",
    "Black is what was observed, with its tolerance; blue is what parameters fitted to the other episodes forecast.",
)
def leave_one_out(found: Calibration) -> House:
    """Draw what the other episodes forecast for each figure, beside what was observed."""
    rows = [row for row in found.figures if row["median"] is not None]
    inside = sum(abs(row["median"] - row["observed"]) <= row["tolerance"] for row in rows)
    covered = sum(row["low"] <= row["observed"] <= row["high"] for row in rows)
    title = f"Held-out episodes: {inside} of {len(rows)} medians within tolerance, {covered} of the draws' ranges cover"
    subtitle = (
        "Each episode forecast by parameters that were fitted to the others. Black: observed, with its tolerance. "
        "Blue: median and 10-90 % of simulated draws, without the model's error from event to event."
    )
    with house_style():
        figure, axes = _page(found, title, subtitle, max(1, len(rows)), left=4.3, right=0.5)
        for i, row in enumerate(rows):
            reach = [row["observed"] - row["tolerance"], row["observed"] + row["tolerance"]]
            axes.plot(reach, [i - 0.14] * 2, color=INK, linewidth=1.2)
            axes.plot(row["observed"], i - 0.14, "D", color=INK, markersize=4.5, label="observed" if i == 0 else None)
            axes.plot([row["low"], row["high"]], [i + 0.14] * 2, color=BLUE, linewidth=3, solid_capstyle="butt")
            axes.plot(row["median"], i + 0.14, "o", color=BLUE, markersize=5.5, label="model" if i == 0 else None)
        axes.set_yticks(range(len(rows)), [row["name"] for row in rows], fontsize=7.5)
        axes.set_ylim(max(1, len(rows)) - 0.4, -0.6)
        axes.set_xlabel("part of what the figure is a share of [1]", color=GREY)
        axes.grid(False, axis="y")
        if rows:
            axes.legend(frameon=False, fontsize=8, ncols=2, loc="lower right", bbox_to_anchor=(1, 1))
    return figure


def _beside(axes: Axes, at: float, words: tuple[str, str, str], colour: str) -> None:
    """Write three columns to the right of the axes."""
    for inches, text in zip(_COLUMNS, words, strict=True):
        style: dict[str, Any] = {"fontsize": 7.5, "va": "center", "color": colour}
        axes.annotate(text, (1, at), (inches * 72, 0), ("axes fraction", "data"), "offset points", **style)


def _page(found: Calibration, title: str, subtitle: str, n: int, *, left: float, right: float) -> tuple[House, Axes]:
    """Return a page with its title, footer and one place for axes; margins in inches."""
    from sim.plots.figure import House

    lines, small = wrapped(title, 78), wrapped(subtitle, 140)
    head = 0.35 + 0.27 * len(lines) + 0.18 * len(small) + 0.45
    height = head + _ROW * n + 1.05
    about = _about(found)
    figure = House(figsize=(_WIDTH, height), result=about)
    style: dict[str, Any] = {"va": "top", "linespacing": 1.2}
    figure.text(0.03, 1 - 0.2 / height, "\n".join(lines), fontsize=13, fontweight="bold", **style)
    at = 1 - (0.3 + 0.27 * len(lines)) / height
    figure.text(0.03, at, "\n".join(small), fontsize=9, color=GREY, **style)
    settings = found.numbers["settings"]
    source = (
        f"Source: Splinternet {about.version}, {about.name}; {settings['points']} runs of every event "
        f"with {settings['people']:,} simulated people; figures with their sources: splinternet list record."
    )
    figure.text(0.03, 0.16 / height, source, fontsize=7.5, color=GREY, va="bottom")
    box = (left / _WIDTH, 0.95 / height, 1 - (left + right) / _WIDTH, _ROW * n / height)
    return figure, figure.add_axes(box)


def _about(found: Calibration) -> Any:
    """Return what the house style reads of a run, for the metadata of the files."""
    digest = short(hashlib.sha256(json.dumps(found.data(), sort_keys=True).encode()).hexdigest())
    title = "Calibration on past events"
    scenario = SimpleNamespace(title=title, status="hindcast", digest=digest)
    return SimpleNamespace(scenario=scenario, name="calibration", run_id=digest, version=version())


def _place(row: ParameterRow, value: float) -> float:
    """Return where in its prior a value stands, 0 to 1."""
    low, high = row.prior_low, row.prior_high
    if row.scale == "log":
        return math.log(value / low) / math.log(high / low)
    return (value - low) / (high - low)
