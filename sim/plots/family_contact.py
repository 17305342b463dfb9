"""How many people lose every platform channel to their family, day by day."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from sim.groups import is_family
from sim.plots.lines import (
    BASELINE,
    POLICY,
    date_axis,
    days,
    find,
    line,
    most,
    of,
    on_axis,
    policy_days,
    split,
)
from sim.plots.look import COLOURS, DASHES, GREY, HEIGHT
from sim.plots.registry import chart
from sim.plots.style import TOO_FEW, end_labels, fold, no_effect, page
from sim.plots.timeline import panels, taller
from sim.results.stats import band
from sim.text.numbers import capital, day, group_name, label, number, percent
from sim.text.reportable import (
    FEWEST_CASES,
    LOST,
    LOST_PEOPLE,
    any_lost,
    effect,
    family_groups,
    index,
    main_groups,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.results import Result

_WIDE = 4.0  # points: the line of the group that the title names, under thinner ones


@chart(
    title="Contact with family",
    description="Share of a diaspora that has lost every platform channel to its family, over the policies.",
    metrics=(LOST,),
)
def family_contact(result: Result) -> Figure:
    """Draw the share of each diaspora that lost contact, both arms, over the policies' timeline."""
    result.need(LOST)
    groups = main_groups(result) or family_groups(result, 1)
    if not groups and any_lost(result):
        return no_effect(
            result,
            "no group is seen to lose contact with its family",
            f"Never more than {FEWEST_CASES - 1} simulated people of a group have lost every platform channel to their "
            "family at once: too few to tell from chance.",
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
    _lines(axes, result, groups)
    date_axis(axes, days(result), labels=labels)
    return made.figure


def _title(result: Result, group: str) -> str:
    """Return the finding: how many of the group that is hit most, at the peak, and whether in all members."""
    found = index(result)
    share = percent(effect(found.get(LOST, "peak", group=group)))
    people = found.get(LOST_PEOPLE, "peak", group=group)
    count = f" ({number(effect(people))})" if people is not None else ""
    who = group_name(result.scenario, group)
    whom = "the family member abroad" if is_family(group) else "their family"
    return f"Up to {share} of {who}{count} lose every platform channel to {whom}{_members(result, group)}"


def _members(result: Result, group: str) -> str:
    """Return what the members say where some of them know nothing of it; else nothing."""
    cell = find(result, LOST, group=group)
    peaks = np.zeros(1) if cell is None else most(of(result, cell, POLICY) - of(result, cell, BASELINE))
    told = split(peaks)
    if told is None:
        return ""
    hit, middle = told
    others = len(result.members) - hit
    few = "nobody" if (peaks == 0).sum() == others else "hardly anybody"
    return f": {percent(middle)} in {hit} of {len(result.members)} members, {few} in the other{'s' * (others > 1)}"


def _subtitle(result: Result, groups: list[str]) -> str:
    """Return what is drawn."""
    group, found = groups[0], index(result)
    whom = "families at home that had a platform channel to the member abroad and have none"
    if not is_family(group):
        whom = "members of a diaspora that had a platform channel to their family and have none"
    text = f"Share of the {whom}. Telephone, SMS and e-mail do not count as a channel."
    if len(result.members) > 1:
        text += " The title gives the median of the members' peaks, the line the median of each day."
    peaks = [effect(found.get(LOST, "peak", group=name)) for name in groups]
    if max(peaks) > peaks[0]:
        text += (
            " The title tells of the group of which most people are hit; of a smaller group it may be a larger share."
        )
    cell = find(result, LOST, group=group)
    if cell is not None and np.nanmax(band(of(result, cell, POLICY))[1], initial=0.0) <= 0:
        text += " Here each member has its peak on days of its own, so the line lies at nought."
    # What the headline hangs on stands beside it; how to set it is no matter for a picture.
    notes = [re.sub(r"; set [^;)]*(?=\))", "", note) for note in result.notes[:2]]
    return " ".join([text, *(capital(note if note.endswith(".") else f"{note}.") for note in notes)])


def _lines(axes: Axes, result: Result, groups: list[str]) -> None:
    """Draw one line a group with the policies, and one for all of them without."""
    x = days(result)
    labels: list[tuple[float, str, str]] = []
    base: list[tuple[float, str, str]] = []
    top = 0.0
    for i, group in enumerate(groups):
        cell = find(result, LOST, group=group)
        if cell is None:
            continue
        if not base:
            without = line(axes, x, of(result, cell, BASELINE) * 100, colour=GREY, dashes=(0, (1, 1.5)), width=1.6)
            base.append((without, "without the policies", GREY))
        data = of(result, cell, POLICY) * 100
        # The group of the title is drawn wide under the others, so that it is seen where they run together.
        width = _WIDE if i == 0 and len(groups) > 1 else 2.4 - 0.4 * (i > 0)
        last = line(axes, x, data, colour=COLOURS[i], dashes=DASHES[i], width=width)
        top = max(top, float(np.nanmax(data)))
        name = f"{capital(group_name(result.scenario, group))}: {percent(last / 100)}"
        labels.insert(0, (last, fold(name, 27), COLOURS[i]))  # the first stands highest where all end alike
    axes.set_ylim(0, top * 1.08 or 1)
    axes.set_xlim(on_axis(x[0]), on_axis(x[-1]) + (len(x) == 1))
    if len(x) > 1:
        _mark_peak(axes, result, groups[0])
    axes.set_ylabel(fold(label(LOST), 48))
    policy_days(axes, result)
    end_labels(axes, [*base, *labels])


def _mark_peak(axes: Axes, result: Result, group: str) -> None:
    """Write the highest day of the group hit most beside it: a peak of a few days is easily overlooked."""
    cell = find(result, LOST, group=group)
    if cell is None:
        return
    x, middle = days(result), band(of(result, cell, POLICY) * 100)[1]
    at = int(np.nanargmax(middle))
    if middle[at] <= 0:  # each member has its peak on a day of its own
        return
    axes.plot([on_axis(x[at])], [middle[at]], "o", color=COLOURS[0], markersize=6, markeredgecolor="white", zorder=5)
    late = at > 0.7 * len(x)
    axes.annotate(
        f"{percent(float(middle[at]) / 100)} on {day(result.dates[at])}{', median' * (len(result.members) > 1)}",
        (on_axis(x[at]), float(middle[at])),
        (-8 if late else 8, 4),
        textcoords="offset points",
        ha="right" if late else "left",
        va="bottom",
        fontsize=8.5,
        color=COLOURS[0],
        fontweight="bold",
        zorder=6,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8, "alpha": 0.8},
    )
