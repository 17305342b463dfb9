"""How many people have lost every platform channel to their family so far, for how long, and how many lack one now."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.groups import is_family
from ..results.stats import band, weekly
from ..text.numbers import capital, group_name, number, percent
from ..text.reportable import (
    EVER,
    EVER_PEOPLE,
    FEWEST_CASES,
    LOST,
    MONTH,
    WEEK,
    any_lost,
    effect,
    family_groups,
    index,
    main_groups,
)
from ..text.sampling import simulated_text
from .lines import BASELINE, POLICY, Array, date_axis, days, find, line, of, on_axis, policy_days, split, wide
from .look import BLUE, GREY, HEIGHT, INK, ORANGE, VERMILLION
from .registry import chart
from .style import TOO_FEW, end_labels, fold, no_effect, page
from .timeline import panels, taller

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..results import Result

LINES: tuple[tuple[str, str, str, Any, float], ...] = (
    (EVER, "on some day", VERMILLION, "-", 3.0),
    (WEEK, "for 7 days or more", ORANGE, (0, (6, 1.5)), 2.2),
    (MONTH, "for 30 days or more", INK, (0, (2, 1.2)), 2.0),
)
"""Metric, name, colour, dashes and width of the lines of what the days so far come to."""


@chart(
    title="Contact with family",
    description="Share of a diaspora that has lost every platform channel to its family so far: on some day, for 7 and "
    "for 30 days in a row, and the mean of the last seven days; over the policies.",
    metrics=(EVER, WEEK, MONTH, LOST),
)
def family_contact(result: Result) -> Figure:
    """Draw what becomes of the group hit most: shares so far, and the weekly mean, over the policies' timeline."""
    result.need(EVER)
    groups = main_groups(result) or family_groups(result, 1)
    if not groups and any_lost(result):
        return no_effect(
            result,
            "no group is seen to lose contact with its family",
            f"No more than {FEWEST_CASES - 1} simulated people of any group lose every platform channel to their "
            "family: too few to distinguish from chance.",
            verdict=TOO_FEW,
        )
    if not groups:
        return no_effect(
            result,
            "no group lost contact with its family",
            "In every member and on every day, each group of at least 30 simulated people keeps the platform channels "
            "to its family that it has without the policies.",
        )
    made = page(result, _title(result, groups[0]), _subtitle(result, groups), height=HEIGHT + taller(result))
    (axes,), labels = panels(made, result, right=2.2)
    _lines(axes, result, groups[0])
    date_axis(axes, days(result), labels=labels)
    return made.figure


def changes(result: Result, metric: str, group: str) -> Array | None:
    """Return what the policies change of a group's share by day, (M, T) [1]; None where there is nothing to draw."""
    cell = find(result, metric, group=group) if metric in result.metrics else None
    return None if cell is None else of(result, cell, POLICY) - of(result, cell, BASELINE)


def wide_changes(result: Result, metric: str, group: str) -> Array | None:
    """Return the same with each of the model's errors, (members x errors, T) [1]; None where there are none."""
    cell = find(result, metric, group=group) if metric in result.metrics else None
    return None if cell is None else wide(result, cell, effect=True)


def weekly_mean(result: Result, group: str) -> Array | None:
    """Return the same of the daily share, as the mean of the last seven days, (M, T) [1]."""
    daily = changes(result, LOST, group)
    return None if daily is None else weekly(daily)


def _title(result: Result, group: str) -> str:
    """Return the finding: how many of the group that is hit most, for how long, and whether in all members."""
    found = index(result)
    ever, people, week, month = (found.get(name, "total", group=group) for name in (EVER, EVER_PEOPLE, WEEK, MONTH))
    count = f" ({number(effect(people))})" if people is not None else ""
    who = group_name(result.scenario, group)
    whom = "the family member abroad" if is_family(group) else "their family"
    title = (
        f"{percent(effect(ever))} of {who}{count} ever lose every platform channel to {whom}{_members(result, group)}"
    )
    longer = [(week, "7 days"), (month, "30 days")]
    parts = [f"{percent(effect(row))} for {length} or more" for row, length in longer if row is not None]
    return title + (f", {', '.join(parts)}" if parts else "")


def _members(result: Result, group: str) -> str:
    """Return what the members say where some of them know nothing of it; else nothing."""
    shares = changes(result, EVER, group)
    ends = np.zeros(1) if shares is None else np.nan_to_num(shares[:, -1])
    halves = split(ends)
    if halves is None:
        return ""
    hit, middle = halves
    others = len(result.members) - hit
    few = "nobody" if (ends == 0).sum() == others else "hardly anybody"
    return f" ({percent(middle)} in {hit} of {len(result.members)} members, {few} in the other{'s' * (others > 1)})"


def _subtitle(result: Result, groups: list[str]) -> str:
    """Return what is drawn."""
    group, found = groups[0], index(result)
    whom = "the families at home that have a platform channel to the member abroad"
    if not is_family(group):
        whom = "the members of the diaspora who have a platform channel to their family"
    text = (
        f"Share of {whom} and then none, up to each day, less the same without the policies "
        f"({simulated_text(result, group)})"
    )
    if LOST in result.metrics:
        text += "; below, those who have none, as the mean of the last seven days"
    text += ". Telephone, SMS and e-mail do not count as a channel."
    if LOST in result.metrics and len(result.members) > 1:
        worst = percent(effect(found.get(LOST, "worst_week", group=group)))
        text += f" In the worst seven days of each member a mean of {worst} have none (median of members)."
    shares = [effect(found.get(EVER, "total", group=name)) for name in groups]
    if max(shares) > shares[0]:
        text += (
            " The title is about the group in which most people are affected; the share may be larger in another group."
        )
    # Show the assumptions of the headline; a picture does not need the part on how to set them.
    notes = [re.sub(r"; set [^;)]*(?=\))", "", note) for note in result.notes[:2]]
    return " ".join([text, *(capital(note if note.endswith(".") else f"{note}.") for note in notes)])


def _lines(axes: Axes, result: Result, group: str) -> None:
    """Draw the shares so far and the weekly mean of one group."""
    x, labels, top = days(result), [], 0.0
    mean = weekly_mean(result, group)
    shares = {metric: changes(result, metric, group) for metric, *_ in LINES} | {LOST: mean}
    for metric, name, colour, dashes, width in (*LINES, (LOST, "mean of 7 days", BLUE, "-", 1.6)):
        data = shares[metric]
        if data is None:
            continue
        known = wide_changes(result, metric, group)
        spread = None if known is None else (weekly(known) if metric == LOST else known) * 100
        last = line(axes, x, data * 100, colour=colour, dashes=dashes, width=width, spread=spread)
        drawn = band(data * 100 if spread is None else spread)[2]
        top = max(top, float(np.nanmax(drawn[~np.isnan(drawn)], initial=0.0)))
        labels.append((last, fold(f"{name}: {percent(last / 100)}", 27), colour))
    axes.axhline(0, color=GREY, linewidth=0.8, zorder=0)
    axes.set_ylim(0, top * 1.08 or 1)
    axes.set_xlim(on_axis(x[0]), on_axis(x[-1]) + (len(x) == 1))
    axes.set_ylabel(fold("Lost every platform channel to their family [%]", 34), fontsize=8.5)
    policy_days(axes, result)
    end_labels(axes, labels)
