"""Charts of a calibration: narrowed parameters, held-out forecasts, and checks of posteriors."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ..experiments.hindcast_charts import about_many, row_axes, tall_page
from ..plots.page import (
    BLUE,
    GREY,
    INK,
    PALE,
    VERMILLION,
    WIDTH,
    Caption,
    House,
    Place,
    page,
)
from .space import place as on_scale
from .stored import Calibration

_BINS = 10
_PER_CENT = 100.0
_COLUMNS = (0.12, 0.5, 1.72)  # inches right of the axes


def prior_and_posterior(found: Calibration) -> House:
    """Draw each parameter's posterior within its prior, the most narrowed ones first."""
    rows = sorted(found.parameters, key=lambda row: row.shrink)
    narrowed = sum(row.shrink < 0.5 for row in rows)
    title = f"The events narrow {narrowed} of {len(rows)} parameters to less than half"
    numbers = found.numbers
    subtitle = (
        "Grey: the prior, each on its own scale. Blue: central 90 % of the posterior; bar: median; dot: the value "
        f"taken. Left: posterior by prior spread, 1 where the data say nothing. {numbers['free']} free parameters, "
        f"{numbers['figures']} figures in {numbers['series']} series of {numbers['episodes']} episodes."
    )

    def paint(where: Place) -> Caption:
        axes = row_axes(where, [row.name for row in rows])
        for i, row in enumerate(rows):
            low, middle, high, dot = (
                on_scale(row, value) for value in (row.low, row.median, row.high, row.chosen)
            )
            axes.barh(i, 1, height=0.56, color=PALE)
            axes.barh(i, high - low, left=low, height=0.56, color=BLUE)
            axes.plot([middle, middle], [i - 0.28, i + 0.28], color="white", linewidth=2)
            axes.plot(
                dot,
                i,
                "o",
                color=VERMILLION,
                markersize=5.5,
                markeredgecolor="white",
                markeredgewidth=0.6,
            )
            ends = f"{row.low:.3g} to {row.high:.3g}"
            most = f"{row.correlation:+.2f} {row.confounded_with}"
            _beside(axes, i, (f"{row.shrink:.2f}", ends, most), INK if row.shrink < 0.5 else GREY)
        _beside(axes, -1.0, ("left", "90 % range", "goes most with"), GREY)
        axes.set_xticks([0, 1], ["low end of the prior", "high end"], fontsize="small")
        low_end, high_end = axes.get_xticklabels()
        low_end.set_horizontalalignment("left")
        high_end.set_horizontalalignment("right")
        axes.set_xlim(0, 1)
        axes.grid(False)
        return Caption(title, subtitle)

    return tall_page(_about_calibration(found), paint, len(rows))


def leave_one_out(found: Calibration) -> House:
    """Draw each observed figure beside its forecast from the other episodes."""
    rows = [row for row in found.figures if row["median"] is not None]
    inside = sum(abs(row["median"] - row["observed"]) <= row["tolerance"] for row in rows)
    covered = sum(row["low"] <= row["observed"] <= row["high"] for row in rows)
    title = f"Held-out episodes: {inside} of {len(rows)} medians within tolerance"
    subtitle = (
        "Each episode forecast by parameters that were fitted to the others. Black: observed, with its tolerance. "
        f"Blue: median and 10-90 % of simulated draws, which cover {covered}; without the model's error between events."
    )

    def paint(place: Place) -> Caption:
        axes = row_axes(place, [row["name"] for row in rows])
        for i, row in enumerate(rows):
            reach = [row["observed"] - row["tolerance"], row["observed"] + row["tolerance"]]
            axes.plot(reach, [i - 0.14] * 2, color=INK, linewidth=1.2)
            axes.plot(
                row["observed"],
                i - 0.14,
                "D",
                color=INK,
                markersize=4.5,
                label="observed" if i == 0 else None,
            )
            axes.plot(
                [row["low"], row["high"]],
                [i + 0.14] * 2,
                color=BLUE,
                linewidth=3,
                solid_capstyle="butt",
            )
            axes.plot(
                row["median"],
                i + 0.14,
                "o",
                color=BLUE,
                markersize=5.5,
                label="model" if i == 0 else None,
            )
        axes.set_xlabel("share of the figure's reference [1]", color=GREY)
        if rows:
            axes.legend(ncols=2, loc="lower right", bbox_to_anchor=(1, 1))
        return Caption(title, subtitle)

    return tall_page(_about_calibration(found), paint, len(rows))


def posterior_ranks(found: Calibration) -> House:
    """Draw the ranks of known parameters among draws of the posterior of their own figures."""
    ranks = np.array(found.numbers.get("ranks", [])).ravel()
    truths = len(found.numbers.get("ranks", []))
    counts = np.histogram(ranks, _BINS, (0.0, 1.0))[0] / max(1, ranks.size)

    def paint(place: Place) -> Caption:
        axes = place.axes()
        # The parameters of a point are not independent, so points, not ranks, set the error of a
        # bar.
        room = 1.96 * (0.1 * 0.9 / max(1, truths)) ** 0.5
        axes.axhspan(_PER_CENT * max(0.0, 0.1 - room), _PER_CENT * (0.1 + room), color=PALE)
        axes.bar((np.arange(_BINS) + 0.5) / _BINS, _PER_CENT * counts, 0.9 / _BINS, color=BLUE)
        axes.set_xlabel("rank of the known value among the draws, 0 to 1", color=GREY)
        axes.set_ylabel("share of the ranks [%]", color=GREY)
        title = f"Known parameters have each tenth of the ranks with {counts.min():.0%} to {counts.max():.0%}"
        subtitle = f"Simulation-based calibration: figures made up at {truths} points of the prior, all parameters together."
        return Caption(title, subtitle, "Grey: where nineteen in twenty bars would be.")

    return page(_about_calibration(found), paint, figsize=(WIDTH, 4.2))


def _beside(axes: Axes, at: float, words: tuple[str, str, str], colour: str) -> None:
    """Write three columns to the right of the axes."""
    for inches, text in zip(_COLUMNS, words, strict=True):
        style: dict[str, Any] = {"fontsize": "x-small", "va": "center", "color": colour}
        axes.annotate(
            text, (1, at), (inches * 72, 0), ("axes fraction", "data"), "offset points", **style
        )


def _about_calibration(found: Calibration) -> SimpleNamespace:
    """Return the data about a calibration that the chart style needs, with pool points as
    members.
    """
    settings = found.numbers["settings"]
    seeds = range(1, settings["points"] + 1)
    return about_many(
        "Calibration on past events",
        "calibration",
        found.data(),
        settings["people"],
        seeds,
        "every event",
    )


CHARTS = (prior_and_posterior, leave_one_out, posterior_ranks)
"""The charts of a calibration."""
