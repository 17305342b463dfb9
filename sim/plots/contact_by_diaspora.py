"""Contact with family, diaspora by diaspora: small panels on one scale, both ends of the ties."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from sim.groups import families_of
from sim.plots.lines import BASELINE, POLICY, date_axis, days, find, line, most, of, on_axis, only_some, policy_days
from sim.plots.look import BLUE, GREY, HEIGHT, INK, VERMILLION
from sim.plots.registry import chart
from sim.plots.style import TOO_FEW, fold, no_effect, page
from sim.plots.timeline import panels, taller
from sim.text.numbers import capital, group_name, label, percent
from sim.text.reportable import FEWEST_CASES, LOST, any_lost, effect, index, main_groups

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.results import Result

_GROUPS = 9
_MANY = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight")
_COLUMNS = 3
_ROOM = 1.32  # of the highest value: what is written in the corner stands above it


@chart(
    title="Contact with family, by diaspora",
    description="Share without any platform channel to the family, one panel a diaspora; dashed: its families at home.",
    metrics=(LOST,),
    of_metric=False,
)
def contact_by_diaspora(result: Result) -> Figure:
    """Draw one small panel for each diaspora that lost contact, with its families at home."""
    result.need(LOST)
    groups = main_groups(result, _GROUPS)
    if not groups and any_lost(result):
        return no_effect(
            result,
            "no diaspora is seen to lose contact with its family",
            f"Never more than {FEWEST_CASES - 1} simulated people of a diaspora have lost every platform channel to "
            "their family at once: too few to tell from chance.",
            verdict=TOO_FEW,
        )
    if not groups:
        return no_effect(
            result,
            "no diaspora lost contact with its family",
            "Every diaspora of at least 30 simulated people keeps, on every day, the platform channels to its family "
            "that it has without the policies.",
        )
    columns = min(len(groups), 2 if len(groups) in (2, 4) else _COLUMNS)
    rows = math.ceil(len(groups) / columns)
    height = max(HEIGHT, 2.9 + 1.75 * rows) + taller(result) + 0.4 * (columns > 1)
    made = page(result, _title(result, groups), f"{_subtitle()}{_members(result, groups)}", height=height)
    places, labels = panels(made, result, rows, columns, left=1.05, right=0.5, wspace=0.14, hspace=0.42)
    top = max(_top(result, group) for group in groups)
    for at, (axes, group) in enumerate(zip(places, groups, strict=False)):
        _draw(axes, result, group, top)
        lowest = at + columns >= len(groups)
        date_axis(axes, days(result), labels=labels and lowest)
        axes.set_ylim(0, top * _ROOM or 1)
        if top * _ROOM > 100:  # no share is larger, whatever room the numbers need
            axes.set_yticks(range(0, 101, 25))
        axes.tick_params(axis="y", labelleft=at % columns == 0)
        axes.tick_params(labelsize=8)
        if at == columns * (rows // 2):
            axes.set_ylabel(fold(label(LOST), 34), fontsize=8.5)
    for axes in places[len(groups) :]:
        axes.set_visible(False)
    return made.figure


def _title(result: Result, groups: list[str]) -> str:
    """Return the finding: how many diasporas, and where the share is highest."""
    found = index(result)
    shares = {group: effect(found.get(LOST, "peak", group=group)) for group in groups}
    worst = max(groups, key=lambda group: shares[group])
    who = group_name(result.scenario, worst)
    if len(groups) == 1:
        return f"One diaspora is seen to lose contact: up to {percent(shares[worst])} of {who}"
    many = _MANY[len(groups)] if len(groups) < _GROUPS else "Nine or more"
    lose = f"{many} diasporas are seen to lose contact"
    if len({percent(share) for share in shares.values()}) == 1:
        return f"{lose}, up to {percent(shares[worst])} of each"
    return f"{lose}; hardest hit, up to {percent(shares[worst])}: {who}"


def _subtitle() -> str:
    """Return what is drawn."""
    return (
        "Share of each diaspora (solid) and of its families at home (dashed) that had a platform channel to each other "
        "and have none, with the policies; all panels on one scale, the most people first. Numbers: the median of the "
        "members' peaks. Diasporas of fewer than 30 simulated people are not shown."
    )


def _members(result: Result, groups: list[str]) -> str:
    """Return a sentence where in many members no diaspora shown loses contact; else nothing."""
    peaks = np.zeros(len(result.members))
    for group in groups:
        cell = find(result, LOST, group=group)
        if cell is not None:
            peaks = np.fmax(peaks, np.abs(most(of(result, cell, POLICY) - of(result, cell, BASELINE))))
    return only_some(peaks)


def _top(result: Result, group: str) -> float:
    """Return the highest value of a panel [%]."""
    cells = [find(result, LOST, group=name) for name in (group, families_of(group))]
    highest = [float(np.nanmax(np.nan_to_num(of(result, cell, POLICY)))) for cell in cells if cell is not None]
    return max(highest, default=0.0) * 100


def _draw(axes: Axes, result: Result, group: str, top: float) -> None:
    """Draw one panel; all have the same highest value [%]."""
    x = days(result)
    peaks, ends = [], []
    looks = ((families_of(group), BLUE, (0, (4, 1.5)), 1.3), (group, VERMILLION, "-", 1.8))
    for name, colour, dashes, width in looks:
        cell = find(result, LOST, group=name)
        if cell is None:
            continue
        data = of(result, cell, POLICY)
        ends.append(line(axes, x, data * 100, colour=colour, dashes=dashes, width=width))
        peaks.append((effect(index(result).get(LOST, "peak", group=name)), colour))
    axes.set_title(fold(capital(group_name(result.scenario, group)), 40, 2), fontsize=8.5)
    axes.set_xlim(on_axis(x[0]), on_axis(x[-1]) + (len(x) == 1))
    policy_days(axes, result)
    # The numbers stand where the lines end low, in the upper corner; else below them.
    start = 0.95 if max(ends, default=0.0) < 0.55 * top else 0.5
    for at, (peak, colour) in enumerate(reversed(peaks)):
        who = ("diaspora", "families")[at]
        axes.text(
            0.985,
            start - 0.13 * at,
            f"{who} {percent(peak)}",
            transform=axes.transAxes,
            ha="right",
            va="top",
            fontsize=8,
            color=colour if colour != GREY else INK,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.8},
        )
