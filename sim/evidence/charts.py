"""Charts of the evidence: observed figures beside the model, one event day by day, and what a calibration narrows."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
from types import SimpleNamespace
from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.errors import InputError, Problem, did_you_mean
from sim.evidence.hindcast import Scoreboard, ScoredRow
from sim.evidence.space import ParameterRow
from sim.evidence.stored import Calibration
from sim.experiments.experiment import chart_of
from sim.metrics.registry import METRICS
from sim.plots.figure import House
from sim.plots.look import BLUE, GREY, INK, PALE, VERMILLION
from sim.plots.observed import draw_rows
from sim.plots.saving import house_style
from sim.plots.style import fold, page, wrapped
from sim.results.manifest import short, version
from sim.results.observed import Beside

_FIGURE_ROW = 0.25  # inches
_PER_CENT = 100.0
_MOST_SHOWN = 3.0  # end of the axis, in multiples of the reference
_SHORT = {
    "openers": "opened it", "active_users": "used it that day", "weekly_users": "used it in the week",
    "monthly_users": "used it in the month", "vpn_users": "have a VPN",
}  # fmt: skip


@chart_of(
    "hindcast",
    "Simulated against observed, all figures",
    "The grey bar is what was observed, with its tolerance; the dot is the median of the members, the line 10-90 %.",
)
def hindcast_panel(board: Scoreboard) -> House:
    """Draw every figure of a scoreboard: observed with its tolerance, the model with its interval, two rivals.

    Parameters
    ----------
    board : Scoreboard
    """
    scored = board.counting
    inside, covered = sum(row.is_inside for row in scored), sum(row.is_covered for row in scored)
    title = f"The model is within tolerance on {inside} of {len(scored)} observed figures"
    title += f"; its 80 % intervals cover {covered}"
    scores = {each.name: each for each in board.by_kind()}
    note = ""
    if "all" in scores:
        whole = scores["all"]
        note = f" Mean CRPS: model {whole.crps:.2f}, climatology {whole.rivals_crps['climatology']:.2f}."
    subtitle = (
        "What is left or gained, as a share of what it is a share of [%]. Grey bar: observed, with its tolerance; dot: "
        f"median of the members, line: 80 % interval.{note} In brackets: shown, not scored."
    )
    lines = _lines(board)
    with house_style():
        made = page(_about_hindcast(board), title, subtitle, height=3.4 + _FIGURE_ROW * len(lines), below=0.35)
        axes = made.figure.add_subplot(made.grid(1, 1, left=4.0, right=0.5)[0])
        for at, (text, row) in enumerate(lines):
            if row is None:
                box = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}  # grid lines end at the words
                style: dict[str, Any] = {"fontsize": 8.5, "fontweight": "bold", "va": "center", "bbox": box}
                axes.annotate(text, (0, at), (-3.55 * 72, 0), ("axes fraction", "data"), "offset points", **style)
            else:
                _draw_figure(axes, at, row)
        names = [(at, _label(row)) for at, (_, row) in enumerate(lines) if row is not None]
        axes.set_yticks([at for at, _ in names], [text for _, text in names], fontsize=8)
        axes.set_ylim(len(lines) - 0.4, -0.6)
        low, high = axes.get_xlim()
        axes.set_xlim(max(low, -_PER_CENT), min(high, _MOST_SHOWN * _PER_CENT))
        axes.grid(visible=False, axis="y")
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.set_xlabel("of the reference [%]", color=GREY)
        _legend(axes)
    return made.figure


def _lines(board: Scoreboard) -> list[tuple[str, ScoredRow | None]]:
    """Return the lines of the panel: the title of each event, and below it its figures."""
    found: list[tuple[str, ScoredRow | None]] = []
    last = ""
    for row in board.rows:
        if row.event != last:
            last = row.event
            known = board.scenarios.get(last)
            found.append((fold(known.title if known else last, 110, 1), None))
        found.append(("", row))
    return found


def _label(row: ScoredRow) -> str:
    """Return what was counted, and when."""
    seen = row.observed
    what = _SHORT.get(seen.metric) or (METRICS[seen.metric].label.lower() if seen.metric in METRICS else seen.metric)
    who = " + ".join(seen.platform) or seen.group or ""
    text = f"{', '.join(filter(None, (who, what)))}, {seen.date.day} {seen.date:%b %Y}"
    text = f"gain: {text}" if seen.is_increment else text
    return text if row.counts else f"({text})"


def _draw_figure(axes: Axes, at: int, row: ScoredRow) -> None:
    """Draw one figure: a dot is full and blue within tolerance, hollow and red outside."""
    seen, inside = row.observed, row.is_inside
    low, high = (_PER_CENT * (seen.value + sign * seen.tolerance) for sign in (-1, 1))
    axes.barh(at, high - low, left=low, height=0.62, color=PALE, zorder=1)
    axes.plot([_PER_CENT * seen.value] * 2, [at - 0.31, at + 0.31], color=INK, linewidth=1.6, zorder=2)
    colour = BLUE if inside else VERMILLION
    axes.plot([_PER_CENT * row.low, _PER_CENT * row.high], [at, at], color=colour, linewidth=1.8, zorder=3)
    face = colour if inside else "white"
    axes.plot([_PER_CENT * row.simulated], [at], "o", color=colour, markerfacecolor=face, markersize=6, zorder=4)
    axes.plot([_PER_CENT * row.rivals["climatology"].median], [at], "x", color=GREY, markersize=4.5, zorder=2)
    axes.plot([_PER_CENT * row.rivals["curve"].median], [at], "+", color=GREY, markersize=5.5, zorder=2)


def _legend(axes: Axes) -> None:
    """Say what the signs mean, below the axis."""
    signs = [
        Patch(color=PALE, label="observed, with tolerance"),
        Line2D([], [], color=BLUE, marker="o", label="model, within"),
        Line2D([], [], color=VERMILLION, marker="o", markerfacecolor="white", label="model, outside"),
        Line2D([], [], color=GREY, marker="x", linestyle="", label="rival: climatology"),
        Line2D([], [], color=GREY, marker="+", linestyle="", label="rival: one curve"),
    ]
    inches = axes.get_position().height * axes.figure.get_figheight()  # type: ignore[union-attr]
    axes.legend(
        handles=signs, ncols=5, frameon=False, fontsize=8, loc="upper right", bbox_to_anchor=(1.0, -0.5 / inches),
        handletextpad=0.5, columnspacing=1.4,
    )  # fmt: skip


@chart_of(
    "hindcast",
    "Simulated against observed, one event day by day",
    "The line is the median of the members, the band 10-90 % of them; black marks were observed, rings lie outside.",
)
def hindcast_event(board: Scoreboard, event: str) -> House:
    """Draw one event day by day: the model's median and range, and every figure that was observed.

    Parameters
    ----------
    board : Scoreboard
    event : str
        One of its events.

    Raises
    ------
    InputError
        When no event is called so.
    """
    rows = [row for row in board.rows if row.event == event]
    if not rows:
        known = list(dict.fromkeys(row.event for row in board.rows))
        raise InputError(
            Problem("", f"no event is called '{event}'", "one of " + ", ".join(known), did_you_mean(event, known))
        )
    spec = board.scenarios[event]
    end = max(row.observed.date for row in rows) + dt.timedelta(days=7)
    dates = [spec.start + dt.timedelta(days=d) for d in range((end - spec.start).days + 1)]
    with house_style():
        beside = [Beside(row.observed, row.course, before=row.past.about.before, sd=row.sd) for row in rows]
        return draw_rows(_about_hindcast(board, spec=spec, dates=dates), beside, dates)


def _about_hindcast(board: Scoreboard, *, spec: Any = None, dates: list[dt.date] | None = None) -> Any:
    """Return what the house style reads of a run: footer, stamp and timeline."""
    specs = list(board.scenarios.values())
    facts = sorted({str(each.world.facts) for each in specs}) or ["no facts"]
    run_id = hashlib.sha256(json.dumps([board.data(), version()], sort_keys=True).encode()).hexdigest()[:12]
    many = SimpleNamespace(
        title=f"Hindcasts of {len(specs)} events",
        status="hindcast",
        people=board.people,
        digest=run_id,
        policies=(),
        world=SimpleNamespace(facts=", ".join(facts)),
    )
    return SimpleNamespace(
        scenario=spec or many,
        name=spec.name if spec else "hindcasts",
        run_id=run_id,
        version=version(),
        seeds=tuple(range(1, board.seeds + 1)),
        members=range(board.seeds),
        dates=[date.isoformat() for date in dates or ()],
        days=dates or [],
    )


_WIDTH, _PARAMETER_ROW = 10.0, 0.3  # inches
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
        figure, axes = _page_of_rows(found, title, subtitle, len(rows), left=2.35, right=3.75)
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
        figure, axes = _page_of_rows(found, title, subtitle, max(1, len(rows)), left=4.3, right=0.5)
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


def _page_of_rows(
    found: Calibration, title: str, subtitle: str, n: int, *, left: float, right: float
) -> tuple[House, Axes]:
    """Return a page with its title, footer and one place for axes; margins in inches."""
    lines, small = wrapped(title, 78), wrapped(subtitle, 140)
    head = 0.35 + 0.27 * len(lines) + 0.18 * len(small) + 0.45
    height = head + _PARAMETER_ROW * n + 1.05
    about = _about_calibration(found)
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
    box = (left / _WIDTH, 0.95 / height, 1 - (left + right) / _WIDTH, _PARAMETER_ROW * n / height)
    return figure, figure.add_axes(box)


def _about_calibration(found: Calibration) -> Any:
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
