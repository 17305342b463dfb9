"""Who gains and who loses daily users, by platform and state."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..metrics.registry import METRICS
from ..results.summary import Row
from ..text.numbers import day, number, percent, state_name
from ..text.reportable import FELT, effect, is_felt, is_sure, movers, range_text
from .lines import BASELINE, POLICY, find, of, only_some, scale
from .look import BLUE, GREY, INK, VERMILLION
from .registry import chart
from .style import TOO_FEW, UNSURE, no_effect, page, whiskers

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..results import Result

_BARS = 7  # on each side


@chart(
    title="Who gains, who loses",
    description="Change in daily users on the last day, by platform and state, with intervals.",
    metrics=("active_users",),
)
def gains(result: Result) -> Figure:
    """Draw the platforms that gain and lose most daily users on the last day."""
    result.need("active_users")
    rows = movers(result)
    sure = [row for row in rows if is_sure(row)]
    up = [row for row in sure if effect(row) > 0][:_BARS]
    down = [row for row in reversed(sure) if effect(row) < 0][:_BARS]
    if rows and not sure:
        return no_effect(
            result,
            "no platform surely gains or loses users",
            "For every platform, in every state shown, the interval of the change in daily users on the last day "
            "includes zero.",
            verdict=UNSURE,
        )
    if not rows:
        return no_effect(
            result,
            "no platform gained or lost users",
            "On the last day every platform has, in every state shown, the daily users it has without the policies.",
        )
    if not any(abs(effect(row)) >= FELT * effect(row, "baseline") for row in (*up, *down)):
        return no_effect(
            result,
            "no platform is seen to gain or lose users",
            f"On the last day no platform, in any state shown, has {percent(FELT)} more or fewer daily users than "
            "without the policies: too few to distinguish from chance.",
            verdict=TOO_FEW,
        )
    shown = [*up, *reversed(down)]
    made = page(
        result,
        _title(result, up, down),
        _subtitle(result, [*down, *up]),
        height=max(3.6, 2.6 + 0.36 * len(shown)),
        below=0.1,
    )
    _bars(made.figure.add_subplot(made.grid(1, 1, left=2.6, right=2.5)[0]), result, shown)
    return made.figure


def _name(result: Result, row: Row) -> str:
    """Return ``Signal, United States``."""
    return f"{row['platform']}, {state_name(result.scenario, str(row['state']))}"


def _title(result: Result, up: list[Row], down: list[Row]) -> str:
    """Return the finding: the largest gain and the largest loss that is felt, if any is."""
    parts = []
    for rows, verb in (([row for row in down if is_felt(row)] or ([] if up else down), "loses"), (up, "gains")):
        if rows:
            where = state_name(result.scenario, str(rows[0]["state"]), article=True)
            parts.append(f"{rows[0]['platform']} in {where} {verb} {number(abs(effect(rows[0])))}")
    return f"{'; '.join(parts)} daily users"


def _subtitle(result: Result, rows: list[Row]) -> str:
    """Return what is drawn, and whether the largest change happens in some members alone."""
    most = max(rows, key=lambda row: abs(effect(row)))
    cell = find(result, "active_users", state=str(most["state"]), platform=str(most["platform"]))
    ends = 0.0 if cell is None else of(result, cell, POLICY)[:, -1] - of(result, cell, BASELINE)[:, -1]
    text = f"Daily users with the policies minus those without, on {day(result.dates[-1])}.{whiskers(result)}"
    return f"{text}{only_some(np.atleast_1d(ends))}"


def _bars(axes: Axes, result: Result, rows: list[Row]) -> None:
    """Draw one bar a platform and state, gains above."""
    ends = [effect(row, key) for row in rows for key in ("effect", "low", "high")]
    by, word = scale(max(abs(end) for end in ends))
    for i, row in enumerate(rows):
        up = effect(row) > 0
        look = {"color": BLUE} if up else {"color": VERMILLION, "hatch": "///", "edgecolor": "white"}
        axes.barh(i, effect(row) / by, height=0.62, **look)  # type: ignore[arg-type]
        if effect(row, "low") != effect(row, "high"):
            axes.plot([effect(row, "low") / by, effect(row, "high") / by], [i, i], color=INK, linewidth=1.5)
        # The numbers of a loss stand on the free side of the axis, clear of the names.
        far = max(0.0, effect(row), effect(row, "high")) / by
        axes.annotate(range_text(row), (far, i), (6, 0), textcoords="offset points", va="center", fontsize=8.5)
    axes.set_yticks(range(len(rows)), [_name(result, row) for row in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    low, high = min(0.0, *ends) / by, max(0.0, *ends) / by
    axes.set_xlim(low * 1.04, high + (high - low) * 0.05)
    axes.grid(False, axis="y")
    axes.axvline(0, color=INK, linewidth=0.8, zorder=3)
    axes.set_xlabel(f"{METRICS['active_users'].label}, change [{word}{METRICS['active_users'].unit}]", color=GREY)
