"""How many people lose every platform channel to their family, day by day."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from sim.plots.lines import (
    BASELINE,
    POLICY,
    date_axis,
    days,
    find,
    line,
    of,
    on_axis,
    policy_days,
)
from sim.plots.registry import chart
from sim.plots.style import (
    COLOURS,
    DASHES,
    GREY,
    HEIGHT,
    INK,
    end_labels,
    fold,
    no_effect,
    page,
)
from sim.plots.timeline import panels, taller
from sim.results.cells import is_family
from sim.results.effects import (
    FEWEST_CASES,
    LOST,
    LOST_PEOPLE,
    any_lost,
    effect,
    family_groups,
    index,
    main_groups,
)
from sim.results.stats import band
from sim.results.words import capital, day, group_name, label, number, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.results import Result


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
        )
    if not groups:
        return no_effect(
            result,
            "no group lost contact with its family",
            "In every member and on every day, each group of at least 30 simulated people keeps the platform channels "
            "to its family that it has without the policies.",
        )
    made = page(result, _title(result, groups[0]), _subtitle(result, groups[0]), height=HEIGHT + taller(result))
    (axes,), labels = panels(made, result, right=2.2)
    _lines(axes, result, groups)
    date_axis(axes, days(result), labels=labels)
    return made.figure


def _title(result: Result, group: str) -> str:
    """Return the finding: how many of the group that is hit most, at the peak."""
    found = index(result)
    share = percent(effect(found.get(LOST, "peak", group=group)))
    people = found.get(LOST_PEOPLE, "peak", group=group)
    count = f" ({number(effect(people))})" if people is not None else ""
    who = group_name(result.scenario, group)
    whom = "the family member abroad" if is_family(group) else "their family"
    return f"Up to {share} of {who}{count} lose every platform channel to {whom}"


def _subtitle(result: Result, group: str) -> str:
    """Return what is drawn."""
    of = "families at home that had a platform channel to the member abroad and have none"
    if not is_family(group):
        of = "members of a diaspora that had a platform channel to their family and have none"
    text = f"Share of the {of}. Telephone, SMS and e-mail do not count as a channel."
    if len(result.members) > 1:
        text += " The title gives the median of the members' peaks, the line the median of each day."
    # What the headline hangs on stands beside it; how to set it is no matter for a picture.
    notes = [re.sub(r"; set [^;)]*(?=\))", "", note) for note in result.notes[:2]]
    return " ".join([text, *(capital(note if note.endswith(".") else f"{note}.") for note in notes)])


def _lines(axes: Axes, result: Result, groups: list[str]) -> None:
    """Draw one line a group with the policies, and one for all of them without."""
    x = days(result)
    labels: list[tuple[float, str, str]] = []
    top = 0.0
    for i, group in enumerate(groups):
        cell = find(result, LOST, group=group)
        if cell is None:
            continue
        if not labels:
            base = line(axes, x, of(result, cell, BASELINE) * 100, colour=GREY, dashes=(0, (1, 1.5)), width=1.6)
            labels.append((base, "without the policies", GREY))
        data = of(result, cell, POLICY) * 100
        last = line(axes, x, data, colour=COLOURS[i], dashes=DASHES[i], width=2.4)
        top = max(top, float(np.nanmax(data)))
        name = f"{capital(group_name(result.scenario, group))}: {percent(last / 100)}"
        labels.append((last, fold(name, 27), COLOURS[i]))
    axes.set_ylim(0, top * 1.08 or 1)
    axes.set_xlim(on_axis(x[0]), on_axis(x[-1]) + (len(x) == 1))
    if len(x) > 1:
        _mark_peak(axes, result, groups[0])
    axes.set_ylabel(fold(label(LOST), 48))
    policy_days(axes, result)
    end_labels(axes, labels)


def _mark_peak(axes: Axes, result: Result, group: str) -> None:
    """Write the highest day of the group hit most beside it: a peak of a few days is easily overlooked."""
    cell = find(result, LOST, group=group)
    if cell is None:
        return
    x, middle = days(result), band(of(result, cell, POLICY) * 100)[1]
    at = int(np.nanargmax(middle))
    late = at > 0.7 * len(x)
    axes.annotate(
        f"{percent(float(middle[at]) / 100)} on {day(result.dates[at])}{', median' * (len(result.members) > 1)}",
        (on_axis(x[at]), float(middle[at])),
        (-8 if late else 8, 4),
        textcoords="offset points",
        ha="right" if late else "left",
        va="bottom",
        fontsize=8.5,
        color=INK,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8, "alpha": 0.8},
    )
