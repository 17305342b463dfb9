"""Hindcasts: what was observed beside what the model says, all targets on a page, or one event day by day."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from sim.experiments.charts import chart_of
from sim.metrics.registry import METRICS
from sim.plots.lines import date_axis, on_axes, on_axis, policy_days
from sim.plots.look import BLUE, GREY, HEIGHT, INK, PALE, VERMILLION
from sim.plots.saving import house_style
from sim.plots.style import fold, page
from sim.plots.timeline import panels, taller
from sim.results.identity import version
from sim.text.numbers import state_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.experiments.hindcast.result import HindcastRow, HindcastTable
    from sim.plots.figure import House

_ROW, _MOST_PANELS = 0.25, 6  # inches; panels of one event
_PER_CENT = 100.0


@chart_of(
    "hindcast",
    "Simulated against observed, all targets",
    "The grey bar is what was observed, with its tolerance; the dot is the median of the members, the line 10-90 %.",
)
def hindcast_panel(table: HindcastTable) -> House:
    """Draw every target of a table of hindcasts: observed with its tolerance, the model with its range, the rivals.

    Parameters
    ----------
    table : HindcastTable
    """
    scored, inside = len(table.scored), table.inside()
    title = f"The model is within tolerance on {inside} of {scored} observed figures"
    title += f"; 'half of the use is left' on {table.inside('half')}, 'nothing changes' on {table.inside('still')}"
    errors = ", ".join(f"{word} {table.mean_error(by):.2f}" for by, word in _FORECASTERS)
    subtitle = (
        "Use as a share of what it was before, VPN users as a share of internet users [%]. Grey bar: observed, with "
        f"its tolerance; dot: median of the members, line: 10-90 % of them. Mean absolute error: {errors}. "
        "In brackets: not scored, because the dose is assumed."
    )
    lines = _lines(table)
    with house_style():
        made = page(_run(table), title, subtitle, height=3.4 + _ROW * len(lines), below=0.35)
        axes = made.figure.add_subplot(made.grid(1, 1, left=3.75, right=0.5)[0])
        for at, (text, row) in enumerate(lines):
            if row is None:
                box = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}  # grid lines end at the words
                style: dict[str, Any] = {"fontsize": 8.5, "fontweight": "bold", "va": "center", "bbox": box}
                axes.annotate(text, (0, at), (-3.3 * 72, 0), ("axes fraction", "data"), "offset points", **style)
            else:
                _target(axes, at, row)
        names = [(at, _label(row)) for at, (_, row) in enumerate(lines) if row is not None]
        axes.set_yticks([at for at, _ in names], [text for _, text in names], fontsize=8)
        axes.set_ylim(len(lines) - 0.4, -0.6)
        axes.set_xlim(left=0)
        axes.grid(visible=False, axis="y")
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.set_xlabel("of the reference [%]", color=GREY)
        _legend(axes)
    return made.figure


_FORECASTERS: Any = (("model", "model"), ("half", "half"), ("still", "nothing changes"))


def _lines(table: HindcastTable) -> list[tuple[str, HindcastRow | None]]:
    """Return the lines of the panel: the title of each event, and below it its targets."""
    found: list[tuple[str, HindcastRow | None]] = []
    last = ""
    for row in table.rows:
        if row.target.event != last:
            last = row.target.event
            known = table.scenarios.get(row.target.scenario)
            found.append((fold(known.title if known else last, 110, 1), None))
        found.append(("", row))
    return found


def _label(row: HindcastRow) -> str:
    """Return what was counted, and when."""
    target = row.target
    what = METRICS[target.metric].label.lower()
    short = {"openers": "opened it", "active_users": "used it that day", "weekly_users": "used it in the week"}
    text = f"{target.platform}, {short.get(target.metric, what)}" if target.platform else "people with a VPN"
    text += f", {target.day.day} {target.day:%b %Y}"
    return text if target.is_scored else f"({text})"


def _target(axes: Axes, at: int, row: HindcastRow) -> None:
    """Draw one target: a dot is full and blue within tolerance, hollow and red outside."""
    target, inside = row.target, row.is_inside()
    low, high = (_PER_CENT * (target.observed + sign * target.tolerance) for sign in (-1, 1))
    axes.barh(at, high - low, left=low, height=0.62, color=PALE, zorder=1)
    axes.plot([_PER_CENT * target.observed] * 2, [at - 0.31, at + 0.31], color=INK, linewidth=1.6, zorder=2)
    colour = BLUE if inside else VERMILLION
    axes.plot([_PER_CENT * row.low, _PER_CENT * row.high], [at, at], color=colour, linewidth=1.8, zorder=3)
    face = colour if inside else "white"
    axes.plot([_PER_CENT * row.model], [at], "o", color=colour, markerfacecolor=face, markersize=6, zorder=4)
    axes.plot([_PER_CENT * row.half], [at], "x", color=GREY, markersize=4.5, zorder=2)
    axes.plot([_PER_CENT * row.still], [at], "+", color=GREY, markersize=5.5, zorder=2)


def _legend(axes: Axes) -> None:
    """Say what the signs mean, below the axis."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    signs = [
        Patch(color=PALE, label="observed, with tolerance"),
        Line2D([], [], color=BLUE, marker="o", label="model, within"),
        Line2D([], [], color=VERMILLION, marker="o", markerfacecolor="white", label="model, outside"),
        Line2D([], [], color=GREY, marker="x", linestyle="", label="rival: half is left"),
        Line2D([], [], color=GREY, marker="+", linestyle="", label="rival: nothing changes"),
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
def hindcast_event(table: HindcastTable, event: str) -> House:
    """Draw one event day by day: the model's median and range, and every figure that was observed.

    Parameters
    ----------
    table : HindcastTable
    event : str
        One of its events.
    """
    rows = [row for row in table.rows if row.target.event == event]
    series: dict[tuple[str, str, str], list[HindcastRow]] = {}
    for row in rows:
        series.setdefault((row.target.state, row.target.platform, row.target.metric), []).append(row)
    shown = list(series.values())[:_MOST_PANELS]
    spec = table.scenarios[rows[0].target.scenario]
    end = max(row.target.day for row in rows) + dt.timedelta(days=7)
    dates = [spec.start + dt.timedelta(days=d) for d in range((end - spec.start).days + 1)]
    run = _run(table, spec=spec, dates=dates)
    hits = sum(row.is_inside() for row in rows)
    colon = "" if spec.title.endswith("?") else ":"
    title = f"{spec.title}{colon} {hits} of {len(rows)} observed figures within tolerance"
    subtitle = (
        "Line: the model's median, band: 10-90 % of members, up to the last figure that was observed; black: observed, "
        "with its tolerance; ring: outside. Shares of what it was before, or of internet users [%]."
    )
    columns = min(3, len(shown))
    down = -(-len(shown) // columns)
    with house_style():
        height = HEIGHT + taller(run) + 0.5 * (columns > 1) + 1.7 * (down - 1)
        made = page(run, title, subtitle, height=height)
        made.top -= 0.25 / height  # titles of two lines
        places, labels = panels(made, run, down, columns, left=0.85, wspace=0.24, hspace=0.48)
        for axes, group in zip(places, shown, strict=False):
            _course(axes, run, group, 34 if columns > 2 else 52)
            date_axis(axes, dates, labels=labels)
        for axes in places[len(shown) :]:
            axes.set_visible(False)
        for axes in places[::columns]:
            axes.set_ylabel("of the reference [%]", color=GREY)
    return made.figure


def _course(axes: Axes, run: Any, rows: list[HindcastRow], width: int) -> None:
    """Draw one metric of one platform, and what was observed of it, under a title of so many letters a line."""
    low, middle, high = _PER_CENT * max((row.course for row in rows), key=lambda course: course.shape[1])
    at = on_axes(run.days[: len(middle)])
    axes.fill_between(at, low, high, color=BLUE, alpha=0.2, linewidth=0)
    axes.plot(at, middle, color=BLUE, linewidth=2)
    for row in rows:
        target, x = row.target, on_axis(row.target.day)
        face = INK if row.is_inside() else "white"
        axes.errorbar(
            [x], [_PER_CENT * target.observed], yerr=[_PER_CENT * target.tolerance], fmt="o", color=INK,
            markerfacecolor=face, markersize=6, capsize=3, zorder=5, clip_on=False,
        )  # fmt: skip
    target = rows[0].target
    what = METRICS[target.metric].label
    where = state_name(run.scenario, target.state)
    axes.set_title(fold(f"{target.platform or where}: {what[:1].lower()}{what[1:]}", width, 2), fontsize=9)
    axes.set_ylim(bottom=0)
    policy_days(axes, run)


def _run(table: HindcastTable, *, spec: Any = None, dates: list[dt.date] | None = None) -> Any:
    """Return what the house style reads of a run: footer, stamp and timeline."""
    specs = list(table.scenarios.values())
    facts = sorted({str(each.world.facts) for each in specs}) or ["no facts"]
    many = SimpleNamespace(
        title=f"Hindcasts of {len(specs)} events",
        status="hindcast",
        people=table.people,
        digest=table.run_id,
        policies=(),
        world=SimpleNamespace(facts=", ".join(facts)),
    )
    return SimpleNamespace(
        scenario=spec or many,
        name=spec.name if spec else "hindcasts",
        run_id=table.run_id,
        version=version(),
        seeds=tuple(range(1, table.seeds + 1)),
        members=range(table.seeds),
        dates=[date.isoformat() for date in dates or ()],
        days=dates or [],
    )
