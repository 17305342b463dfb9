"""Charts of the evidence: observed figures beside the model, one event day by day, and what a
calibration narrows.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Sequence
from itertools import groupby
from types import SimpleNamespace
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from ..core.program import commit, version
from ..experiments.experiment import chart_of
from ..experiments.options import case_problems, check_all
from ..metrics.registry import METRICS
from ..plots.over_time import draw_rows
from ..plots.page import (
    BLUE,
    GREY,
    HEIGHT,
    INK,
    PALE,
    VERMILLION,
    WIDTH,
    Caption,
    House,
    Place,
    page,
    wrapped,
)
from ..results.manifest import short
from .hindcast import Scoreboard, ScoredRow
from .space import place as on_scale
from .stored import Calibration

_BINS = 10
_ROW = 0.25  # inches
_PER_CENT = 100.0
_MOST_SHOWN = 3.0  # end of the axis, in multiples of the reference
_SHORT = {
    "openers": "opened it",
    "active_users": "used it that day",
    "weekly_users": "used it in the week",
    "monthly_users": "used it in the month",
    "vpn_users": "have a VPN",
}
_COLUMNS = (0.12, 0.5, 1.72)  # inches right of the axes


@chart_of(
    "hindcast",
    "Simulated against observed, all figures",
    "The grey bar is what was observed, with its tolerance; the dot is the median of the members, the line 10-90 %.",
)
def hindcast_panel(board: Scoreboard) -> House:
    """Draw every figure of a scoreboard: observed with its tolerance, the model with its interval,
    two rivals.
    """
    scored = board.counting
    inside, covered = sum(row.is_inside for row in scored), sum(row.is_covered for row in scored)
    title = f"The model is within tolerance on {inside} of {len(scored)} observed figures"
    whole = next((summary for summary in board.by_kind() if summary.name == "all"), None)
    note = (
        f" Mean CRPS: model {whole.crps:.2f}, climatology {whole.rivals_crps['climatology']:.2f}."
        if whole
        else ""
    )
    subtitle = (
        "What is left or gained, as a share of what it is a share of [%]. Grey bar: observed, with its tolerance; dot: "
        f"median of the members, line: 80 % interval, which covers {covered}.{note} In brackets: shown, not scored."
    )
    lines: list[str | ScoredRow] = []
    for event, rows in groupby(board.rows, key=lambda row: row.event):
        spec = board.scenarios.get(event)
        lines += [wrapped(spec.title if spec else event, 110, 1), *rows]
    names = [_label(line) if isinstance(line, ScoredRow) else "" for line in lines]

    def paint(place: Place) -> Caption:
        axes = _rows(place, names)
        for at, line in enumerate(lines):
            if isinstance(line, ScoredRow):
                _draw_figure(axes, at, line)
            else:
                box = {
                    "facecolor": "white",
                    "edgecolor": "none",
                    "pad": 1.0,
                }  # grid lines end at the words
                style: dict[str, Any] = {
                    "fontsize": "small",
                    "fontweight": "bold",
                    "va": "center",
                    "bbox": box,
                }
                axes.annotate(
                    line, (0, at), (4, 0), ("axes fraction", "data"), "offset points", **style
                )
        low, high = axes.get_xlim()
        axes.set_xlim(max(low, -_PER_CENT), min(high, _MOST_SHOWN * _PER_CENT))
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.set_xlabel("of the reference [%]", color=GREY)
        signs = [
            Patch(color=PALE, label="observed, with tolerance"),
            Line2D([], [], color=BLUE, marker="o", label="model, within"),
            Line2D(
                [],
                [],
                color=VERMILLION,
                marker="o",
                markerfacecolor="white",
                label="model, outside",
            ),
            Line2D([], [], color=GREY, marker="x", linestyle="", label="rival: climatology"),
            Line2D([], [], color=GREY, marker="+", linestyle="", label="rival: one curve"),
        ]
        place.figure().legend(
            handles=signs, ncols=5, fontsize="x-small", loc="outside lower center"
        )
        return Caption(title, subtitle)

    return _page(_about_hindcast(board), paint, len(names))


def _label(row: ScoredRow) -> str:
    """Return what was counted, and when."""
    seen = row.observed
    what = _SHORT.get(seen.metric) or (
        METRICS[seen.metric].label.lower() if seen.metric in METRICS else seen.metric
    )
    who = " + ".join(seen.platform) or seen.group or ""
    text = f"{', '.join(filter(None, (who, what)))}, {seen.date.day} {seen.date:%b %Y}"
    text = f"gain: {text}" if seen.is_increment else text
    return text if row.counts else f"({text})"


def _draw_figure(axes: Axes, at: int, row: ScoredRow) -> None:
    """Draw one figure: a dot is full and blue within tolerance, hollow and red outside."""
    seen = row.observed
    low, high = (_PER_CENT * (seen.value + sign * seen.tolerance) for sign in (-1, 1))
    axes.barh(at, high - low, left=low, height=0.62, color=PALE, zorder=1)
    axes.plot(
        [_PER_CENT * seen.value] * 2, [at - 0.31, at + 0.31], color=INK, linewidth=1.6, zorder=2
    )
    colour, face = (BLUE, BLUE) if row.is_inside else (VERMILLION, "white")
    ends = [_PER_CENT * row.forecast.low, _PER_CENT * row.forecast.high]
    axes.plot(ends, [at, at], color=colour, linewidth=1.8, zorder=3)
    axes.plot(
        [_PER_CENT * row.simulated],
        [at],
        "o",
        color=colour,
        markerfacecolor=face,
        markersize=6,
        zorder=4,
    )
    for rival, mark, size in (("climatology", "x", 4.5), ("curve", "+", 5.5)):
        axes.plot(
            [_PER_CENT * row.rivals[rival].median],
            [at],
            mark,
            color=GREY,
            markersize=size,
            zorder=2,
        )


@chart_of(
    "hindcast",
    "Simulated against observed, one event day by day",
    "The line is the median of the members, the band 10-90 % of them; black marks were observed, rings lie outside.",
)
def hindcast_event(board: Scoreboard, event: str) -> House:
    """Draw one event of a scoreboard day by day: the model's median and range, and every figure
    that was observed.

    Raises
    ------
    InputError
        When no event is called so.
    """
    check_all(case_problems([event], list(dict.fromkeys(row.event for row in board.rows))))
    rows = [row for row in board.rows if row.event == event]
    spec = board.scenarios[event]
    end = max(row.observed.date for row in rows) + dt.timedelta(days=7)
    dates = [spec.start + dt.timedelta(days=d) for d in range((end - spec.start).days + 1)]
    about = _about_hindcast(board)
    about.scenario, about.name = spec, spec.name
    about.dates, about.days = [date.isoformat() for date in dates], dates
    beside = [row.beside for row in rows]
    return page(
        about, lambda place: draw_rows(place, about, beside, dates), figsize=(WIDTH, HEIGHT)
    )


@chart_of(
    "calibration",
    "How far the data narrow each parameter",
    "The grey bar is the prior, the blue bar the central 90 % of the posterior, the dot the value taken.",
)
def prior_and_posterior(found: Calibration) -> House:
    """Draw each parameter's posterior within its prior, those first that the data narrow most."""
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
        axes = _rows(where, [row.name for row in rows])
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
            ends, most = (
                f"{row.low:.3g} to {row.high:.3g}",
                f"{row.correlation:+.2f} {row.confounded_with}",
            )
            _beside(axes, i, (f"{row.shrink:.2f}", ends, most), INK if row.shrink < 0.5 else GREY)
        _beside(axes, -1.0, ("left", "90 % range", "goes most with"), GREY)
        axes.set_xticks([0, 1], ["low end of the prior", "high end"], fontsize="small")
        low_end, high_end = axes.get_xticklabels()
        low_end.set_horizontalalignment("left")
        high_end.set_horizontalalignment("right")
        axes.set_xlim(0, 1)
        axes.grid(False)
        return Caption(title, subtitle)

    return _page(_about_calibration(found), paint, len(rows))


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
    title = f"Held-out episodes: {inside} of {len(rows)} medians within tolerance"
    subtitle = (
        "Each episode forecast by parameters that were fitted to the others. Black: observed, with its tolerance. "
        f"Blue: median and 10-90 % of simulated draws, which cover {covered}; without the model's error between events."
    )

    def paint(place: Place) -> Caption:
        axes = _rows(place, [row["name"] for row in rows])
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
        axes.set_xlabel("part of what the figure is a share of [1]", color=GREY)
        if rows:
            axes.legend(ncols=2, loc="lower right", bbox_to_anchor=(1, 1))
        return Caption(title, subtitle)

    return _page(_about_calibration(found), paint, len(rows))


@chart_of(
    "calibration",
    "Are the posteriors right?",
    "Where sampler and likelihood are right, all ten bars are within the grey band nineteen times in twenty.",
)
def posterior_ranks(found: Calibration) -> House:
    """Draw how often a known parameter has each rank among draws of the posterior of what it would
    give.
    """
    ranks = np.array(found.numbers.get("ranks", [])).ravel()
    truths = len(found.numbers.get("ranks", []))
    counts = np.histogram(ranks, _BINS, (0.0, 1.0))[0] / max(1, ranks.size)

    def paint(place: Place) -> Caption:
        axes = place.axes()
        # The parameters of one point are not independent, so a bar is as uncertain as the number of
        # points makes it.
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


def _page(about: Any, paint: Callable[[Place], Caption], rows: int) -> House:
    """Return a page with so many rows."""
    return page(about, paint, figsize=(WIDTH, 2.8 + _ROW * max(1, rows)))


def _rows(place: Place, names: Sequence[str]) -> Axes:
    """Return axes with a row for each name, the first on top."""
    axes = place.axes()
    axes.set_yticks(
        [at for at, name in enumerate(names) if name],
        [name for name in names if name],
        fontsize="small",
    )
    axes.set_ylim(max(1, len(names)) - 0.4, -0.6)
    axes.grid(False, axis="y")
    return axes


def _about_hindcast(board: Scoreboard) -> SimpleNamespace:
    """Return what the house style reads of a run, for all events of a scoreboard."""
    facts = sorted({str(spec.world.facts) for spec in board.scenarios.values()}) or ["no facts"]
    title = f"Hindcasts of {len(board.scenarios)} events"
    return _about(
        title, "hindcasts", board.data(), board.people, range(1, board.seeds + 1), ", ".join(facts)
    )


def _about_calibration(found: Calibration) -> SimpleNamespace:
    """Return what the house style reads of a run, for a calibration; its members are the points of
    the pool.
    """
    settings = found.numbers["settings"]
    seeds = range(1, settings["points"] + 1)
    return _about(
        "Calibration on past events",
        "calibration",
        found.data(),
        settings["people"],
        seeds,
        "every event",
    )


def _about(
    title: str, name: str, data: object, people: int, seeds: Sequence[int], facts: str
) -> SimpleNamespace:
    """Return what the house style reads of a run, for something made of many runs."""
    digest = short(
        hashlib.sha256(json.dumps([data, version()], sort_keys=True).encode()).hexdigest()
    )
    world = SimpleNamespace(facts=facts)
    scenario = SimpleNamespace(
        title=title, status="hindcast", people=people, digest=digest, policies=(), world=world
    )
    return SimpleNamespace(
        scenario=scenario,
        name=name,
        run_id=digest,
        version=version(),
        commit=commit(),
        seeds=tuple(seeds),
        members=seeds,
        dates=[],
        days=[],
    )
