"""Charts of hindcasts: observed figures beside the model, and one event day by day."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Sequence
from itertools import groupby
from types import SimpleNamespace
from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from ..core.program import commit, version
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
from .experiment import chart_of
from .hindcast import Scoreboard, ScoredRow
from .options import case_problems, check_all

_ROW = 0.25  # inches
_AS_PER_CENT = 100.0
_MOST_SHOWN = 3.0  # end of the axis, in multiples of the reference
_IN_SHORT = {
    "openers": "opened it",
    "active_users": "used it that day",
    "weekly_users": "used it in the week",
    "monthly_users": "used it in the month",
    "vpn_users": "have a VPN",
}


@chart_of(
    "hindcast",
    "Simulated against observed, all figures",
    "The grey bar is the observed figure with its tolerance; the dot is the median of the seeds, "
    "the line 10-90 %.",
)
def hindcast_panel(board: Scoreboard) -> House:
    """Draw every figure of a scoreboard: observed with its tolerance, the model with its range."""
    scored = board.counting
    near = sum(row.is_near for row in scored)
    covered = sum(row.is_covered for row in scored)
    title = f"{covered} of {len(scored)} observed figures lie inside the 80 % interval"
    subtitle = (
        "Users or contact kept or gained, as a share of the figure's own reference [%]. Grey bar: "
        f"observed, with its tolerance, which holds {near} medians; dot: median, line: 80 % "
        "interval. "
        "In brackets: shown, not scored."
    )
    lines: list[str | ScoredRow] = []
    for event, rows in groupby(board.rows, key=lambda row: row.event):
        spec = board.scenarios.get(event)
        lines += [wrapped(spec.title if spec else event, 110, 1), *rows]
    names = [_label(line) if isinstance(line, ScoredRow) else "" for line in lines]

    def paint(place: Place) -> Caption:
        axes = row_axes(place, names)
        for at, line in enumerate(lines):
            if isinstance(line, ScoredRow):
                _draw_figure(axes, at, line)
            else:
                box = {
                    "facecolor": "white",
                    "edgecolor": "none",
                    "pad": 1.0,
                }  # grid lines end at the labels
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
        axes.set_xlim(max(low, -_AS_PER_CENT), min(high, _MOST_SHOWN * _AS_PER_CENT))
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
        ]
        place.figure().legend(
            handles=signs, ncols=3, fontsize="x-small", loc="outside lower center"
        )
        return Caption(title, subtitle)

    return tall_page(_about_hindcast(board), paint, len(names))


def _label(row: ScoredRow) -> str:
    """Return the counted quantity with its day."""
    seen = row.observed
    what = _IN_SHORT.get(seen.metric) or (
        METRICS[seen.metric].label.lower() if seen.metric in METRICS else seen.metric
    )
    who = " + ".join(seen.platform) or seen.group or ""
    text = f"{', '.join(filter(None, (who, what)))}, {seen.date.day} {seen.date:%b %Y}"
    text = f"gain: {text}" if seen.is_increment else text
    return text if row.counts else f"({text})"


def _draw_figure(axes: Axes, at: int, row: ScoredRow) -> None:
    """Draw one figure: a full blue dot if it lies in the interval, a hollow red one if not."""
    seen = row.observed
    low, high = (_AS_PER_CENT * (seen.value + sign * seen.tolerance) for sign in (-1, 1))
    axes.barh(at, high - low, left=low, height=0.62, color=PALE, zorder=1)
    axes.plot(
        [_AS_PER_CENT * seen.value] * 2, [at - 0.31, at + 0.31], color=INK, linewidth=1.6, zorder=2
    )
    colour, face = (BLUE, BLUE) if row.is_covered else (VERMILLION, "white")
    ends = [_AS_PER_CENT * row.low, _AS_PER_CENT * row.high]
    axes.plot(ends, [at, at], color=colour, linewidth=1.8, zorder=3)
    axes.plot(
        [_AS_PER_CENT * row.simulated],
        [at],
        "o",
        color=colour,
        markerfacecolor=face,
        markersize=6,
        zorder=4,
    )


@chart_of(
    "hindcast",
    "Simulated against observed, one event day by day",
    "The line is the median of the seeds, the band 10-90 % of them; black marks were observed, "
    "rings are missed: outside the interval.",
)
def hindcast_event(board: Scoreboard, event: str) -> House:
    """Draw one event of a scoreboard day by day: the model's median and range, and every observed
    figure.

    Raises
    ------
    InputError
        No event has this name.
    """
    check_all(case_problems([event], list(dict.fromkeys(row.event for row in board.rows))))
    rows = [row for row in board.rows if row.event == event]
    spec = board.scenarios[event]
    end = max(row.observed.date for row in rows) + dt.timedelta(days=7)
    dates = [spec.start + dt.timedelta(days=d) for d in range((end - spec.start).days + 1)]
    about = _about_hindcast(board)
    about.scenario = spec
    about.name = spec.name
    about.dates = [date.isoformat() for date in dates]
    about.days = dates
    beside = [row.beside for row in rows]
    return page(
        about, lambda place: draw_rows(place, about, beside, dates), figsize=(WIDTH, HEIGHT)
    )


def tall_page(about: Any, paint: Callable[[Place], Caption], rows: int) -> House:
    """Return a page whose height fits a number of rows."""
    return page(about, paint, figsize=(WIDTH, 2.8 + _ROW * max(1, rows)))


def row_axes(place: Place, names: Sequence[str]) -> Axes:
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
    """Return the attributes that the house style of charts needs, for all events of a
    scoreboard.
    """
    facts = sorted({str(spec.world.facts) for spec in board.scenarios.values()}) or ["no facts"]
    title = f"Hindcasts of {len(board.scenarios)} events"
    return about_many(
        title, "hindcasts", board.data(), board.people, range(1, board.seeds + 1), ", ".join(facts)
    )


def about_many(
    title: str, name: str, data: object, people: int, seeds: Sequence[int], facts: str
) -> SimpleNamespace:
    """Return the attributes of a run that charts need, for a result of many runs."""
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
