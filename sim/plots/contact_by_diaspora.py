"""Contact with family, diaspora by diaspora: small panels on one scale, both ends of the ties."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.groups import families_of
from ..results.stats import band, weekly
from ..text.numbers import capital, group_name, percent
from ..text.reportable import EVER, FEWEST_CASES, LOST, MONTH, WEEK, any_lost, effect, index, main_groups
from ..text.sampling import both_ends_text
from .family_contact import changes, weekly_mean, wide_changes
from .lines import date_axis, days, line, on_axis, only_some, policy_days
from .look import BLUE, GREY, HEIGHT, VERMILLION, readable
from .registry import chart
from .style import TOO_FEW, fold, no_effect, page
from .timeline import panels, taller

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..results import Result

_GROUPS = 9
_MANY = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight")
_COLUMNS = 3
_LETTERS = {1: 88, 2: 44, 3: 32}
"""Letters of a panel's title that fit into its width, by the number of panels in a row."""
_LOOKS: dict[str, tuple[str, Any, float]] = {
    MONTH: (VERMILLION, (0, (1, 1.2)), 1.4),
    WEEK: (VERMILLION, (0, (5, 1.5)), 1.4),
    EVER: (VERMILLION, "-", 1.8),
}
_ROOM = 1.32  # of the highest value: what is written in the corner stands above it


@chart(
    title="Contact with family, by diaspora",
    description="Share that has lost every platform channel to the family so far, for how long, and the mean of the "
    "last seven days, one panel a diaspora; blue: its families at home.",
    metrics=(EVER, WEEK, MONTH, LOST),
    of_metric=False,
)
def contact_by_diaspora(result: Result) -> Figure:
    """Draw one small panel for each diaspora that lost contact, with its families at home."""
    result.need(EVER)
    groups = main_groups(result, _GROUPS)
    if not groups and any_lost(result):
        return no_effect(
            result,
            "no diaspora is seen to lose contact with its family",
            f"No more than {FEWEST_CASES - 1} simulated people of any diaspora lose every platform channel to their "
            "family: too few to distinguish from chance.",
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
        _draw(axes, result, group, top, _LETTERS[columns])
        lowest = at + columns >= len(groups)
        date_axis(axes, days(result), labels=labels and lowest)
        axes.set_ylim(0, top * _ROOM or 1)
        if top * _ROOM > 100:  # no share is larger, whatever room the numbers need
            axes.set_yticks(range(0, 101, 25))
        axes.tick_params(axis="y", labelleft=at % columns == 0)
        axes.tick_params(labelsize=8)
        if at == columns * (rows // 2):
            axes.set_ylabel(fold("Lost every platform channel to their family [%]", 34), fontsize=8.5)
    for axes in places[len(groups) :]:
        axes.set_visible(False)
    return made.figure


def _title(result: Result, groups: list[str]) -> str:
    """Return the finding: how many diasporas, and where the share is highest."""
    found = index(result)
    shares = {group: effect(found.get(EVER, "total", group=group)) for group in groups}
    worst = max(groups, key=lambda group: shares[group])
    who = group_name(result.scenario, worst)
    if len(groups) == 1:
        return f"One diaspora is seen to lose contact: {percent(shares[worst])} of {who} at some time"
    many = _MANY[len(groups)] if len(groups) < _GROUPS else "Nine or more"
    lose = f"{many} diasporas are seen to lose contact"
    if len({percent(share) for share in shares.values()}) == 1:
        return f"{lose}, {percent(shares[worst])} of each at some time"
    return f"{lose}; hardest hit, {percent(shares[worst])} at some time: {who}"


def _subtitle() -> str:
    """Return what is drawn."""
    return (
        "Share of those of each diaspora who have a platform channel to their family and then none, up to each day: on "
        "some day (solid), for 7 days in a row or more (dashed), for 30 (dotted); blue: its families at home, on some "
        "day; grey: those of the diaspora who have none, as the mean of the last seven days. Less the same without the "
        "policies; all panels on one scale, the most people first; in brackets the simulated people of both. Diasporas "
        "of fewer than 30 simulated people are not shown."
    )


def _members(result: Result, groups: list[str]) -> str:
    """Return a sentence where in many members no diaspora shown loses contact; else nothing."""
    ends = np.zeros(len(result.members))
    for group in groups:
        shares = changes(result, EVER, group)
        if shares is not None:
            ends = np.fmax(ends, shares[:, -1])
    return only_some(ends)


def _top(result: Result, group: str) -> float:
    """Return the highest value of a panel [%]."""
    drawn = []
    for name in (group, families_of(group)):
        shares, known = changes(result, EVER, name), wide_changes(result, EVER, name)
        drawn += [shares] if shares is not None else []
        drawn += [band(known)[2]] if known is not None else []
    highest = [float(np.nanmax(np.nan_to_num(shares))) for shares in drawn]
    return max(highest, default=0.0) * 100


def _draw(axes: Axes, result: Result, group: str, top: float, letters: int) -> None:
    """Draw one panel with so many letters in a line of its title; all have the same highest value [%]."""
    x, family = days(result), families_of(group)
    lost = wide_changes(result, LOST, group)
    week = None if lost is None else weekly(lost)
    mine = wide_changes(result, EVER, family)
    drawn = [
        (weekly_mean(result, group), week, GREY, "-", 1.2),
        (changes(result, EVER, family), mine, BLUE, (0, (4, 1.5)), 1.3),
    ]
    drawn += [
        (changes(result, metric, group), wide_changes(result, metric, group), *look) for metric, look in _LOOKS.items()
    ]
    ends = []
    for data, known, colour, dashes, width in drawn:
        if data is not None:
            spread = None if known is None else known * 100
            ends.append(line(axes, x, data * 100, colour=colour, dashes=dashes, width=width, spread=spread))
    name = f"{capital(group_name(result.scenario, group))} ({both_ends_text(result, group)})"
    axes.set_title(fold(name, letters, 3), fontsize=8.5)
    axes.set_xlim(on_axis(x[0]), on_axis(x[-1]) + (len(x) == 1))
    policy_days(axes, result)
    # The numbers stand where the lines end low, in the upper corner; else below them.
    start = 0.95 if max(ends, default=0.0) < 0.55 * top else 0.4
    labels = [(f"diaspora {percent(effect(index(result).get(EVER, 'total', group=group)))}", VERMILLION)]
    if changes(result, EVER, family) is not None:
        labels.append((f"families {percent(effect(index(result).get(EVER, 'total', group=family)))}", BLUE))
    for at, (words, colour) in enumerate(labels):
        axes.text(
            0.985,
            start - 0.13 * at,
            words,
            transform=axes.transAxes,
            ha="right",
            va="top",
            fontsize=8,
            color=readable(colour),
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.8},
        )
