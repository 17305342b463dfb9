"""Charts of hindcasts: observations next to the model, all figures on a page, or one event day by day."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from sim.errors import InputError, Problem, did_you_mean
from sim.experiments.charts import chart_of
from sim.metrics.registry import METRICS
from sim.plots.look import BLUE, GREY, INK, PALE, VERMILLION
from sim.plots.observed import draw_rows
from sim.plots.saving import house_style
from sim.plots.style import fold, page
from sim.results.identity import version
from sim.results.observed import Beside

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.experiments.hindcast.result import Scoreboard, ScoredRow
    from sim.plots.figure import House

_ROW = 0.25  # inches
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
        made = page(_run(board), title, subtitle, height=3.4 + _ROW * len(lines), below=0.35)
        axes = made.figure.add_subplot(made.grid(1, 1, left=4.0, right=0.5)[0])
        for at, (text, row) in enumerate(lines):
            if row is None:
                box = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}  # grid lines end at the words
                style: dict[str, Any] = {"fontsize": 8.5, "fontweight": "bold", "va": "center", "bbox": box}
                axes.annotate(text, (0, at), (-3.55 * 72, 0), ("axes fraction", "data"), "offset points", **style)
            else:
                _figure(axes, at, row)
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


def _figure(axes: Axes, at: int, row: ScoredRow) -> None:
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
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

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
        return draw_rows(_run(board, spec=spec, dates=dates), beside, dates)


def _run(board: Scoreboard, *, spec: Any = None, dates: list[dt.date] | None = None) -> Any:
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
