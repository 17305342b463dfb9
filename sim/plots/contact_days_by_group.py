"""Days without a platform channel to the family, by group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..core.groups import Group, is_diaspora, is_family
from ..metrics.registry import METRICS
from ..results.summary import Row
from ..text.numbers import capital, group_name, number
from ..text.reportable import (
    EVER_PEOPLE,
    FEWEST_CASES,
    LOST_DAYS,
    LOST_PEOPLE,
    any_lost,
    effect,
    family_groups,
    is_sure,
    main_groups,
    range_text,
)
from ..text.sampling import sized_name
from .lines import BASELINE, POLICY, find, of, only_some, scale
from .look import BLUE, GREY, INK, SKY, VERMILLION
from .registry import chart
from .style import TOO_FEW, UNSURE, fold, no_effect, page, whiskers

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..results import Result

_GROUPS = 10


@chart(
    title="Days without contact, by group",
    description="Person-days without any platform channel to the family over the run, by group, with intervals.",
    metrics=(LOST_DAYS,),
)
def contact_days_by_group(result: Result) -> Figure:
    """Draw the person-days that each group loses, with a bar from the 10th to the 90th percentile."""
    result.need(LOST_DAYS)
    every = _rows(result)
    rows = [row for row in every if is_sure(row)][:_GROUPS]
    if every and not rows:
        return no_effect(
            result,
            "no group surely loses days of contact",
            "For every group, the interval of the days lost includes zero.",
            verdict=UNSURE,
        )
    if not rows and any_lost(result):
        return no_effect(
            result,
            "no group is seen to lose days of contact",
            f"No more than {FEWEST_CASES - 1} simulated people of any group lose every platform channel to their "
            "family: too few to distinguish from chance.",
            verdict=TOO_FEW,
        )
    if not rows:
        return no_effect(
            result,
            "no day of contact was lost",
            "No group of at least 30 simulated people is without a platform channel to its family for a "
            "single day longer than without the policies.",
        )
    height = max(4.2, 3.0 + 0.42 * len(rows))
    made = page(result, _title(result, rows), _subtitle(result, _row_of_title(rows)), height=height, below=0.1)
    axes = made.figure.add_subplot(made.grid(1, 1, left=3.35, right=2.45)[0])
    _bars(axes, result, rows)
    return made.figure


def _rows(result: Result) -> list[Row]:
    """Return the totals that the policies move, the largest first; groups of whom only a few are hit are chance."""
    rows = [row for row in result.rows() if row["metric"] == LOST_DAYS and row["at"] == "total" and effect(row)]
    if {EVER_PEOPLE, LOST_PEOPLE} & set(result.metrics):
        hit = {*main_groups(result, len(rows)), *family_groups(result, len(rows))}
        rows = [row for row in rows if str(row["group"]) in hit]
    return sorted(rows, key=lambda row: -abs(effect(row)))


def _row_of_title(rows: list[Row]) -> Row:
    """Return whom the title is about: who loses most; a diaspora before its families where no other loses more."""
    diaspora = next((row for row in rows if is_diaspora(str(row["group"]))), rows[0])
    first, second = (Group.read(str(row["group"])) for row in (rows[0], diaspora))
    same = (first.residence, first.origin) == (second.residence, second.origin)
    return diaspora if same else rows[0]


def _title(result: Result, rows: list[Row]) -> str:
    """Return the finding."""
    row = _row_of_title(rows)
    group = str(row["group"])
    who = capital(group_name(result.scenario, group))
    whom = "them" if is_family(group) else "their family"
    return f"{who} lose {number(effect(row))} days of contact with {whom}"


def _subtitle(result: Result, row: Row) -> str:
    """Return what is drawn, and whether what the title reports happens in some members alone."""
    cell = find(result, LOST_DAYS, group=str(row["group"]))
    days = 0.0 if cell is None else np.nansum(of(result, cell, POLICY) - of(result, cell, BASELINE), axis=1)
    apart = only_some(np.atleast_1d(days))
    return f"{METRICS[LOST_DAYS].description} Both ends of a tie are counted, apart.{whiskers(result)}{apart}"


def _bars(axes: Axes, result: Result, rows: list[Row]) -> None:
    """Draw one bar a group."""
    by, word = scale(max(max(abs(effect(row)), abs(effect(row, "high"))) for row in rows))
    for i, row in enumerate(rows):
        group = str(row["group"])
        colour = VERMILLION if is_diaspora(group) else SKY if is_family(group) else BLUE
        axes.barh(
            i,
            effect(row) / by,
            color=colour,
            height=0.62,
            hatch="///" if is_family(group) else "",
            edgecolor="w",
        )
        if effect(row, "low") != effect(row, "high"):
            axes.plot([effect(row, "low") / by, effect(row, "high") / by], [i, i], color=INK, linewidth=1.6)
            for end in ("low", "high"):
                axes.plot([effect(row, end) / by] * 2, [i - 0.14, i + 0.14], color=INK, linewidth=1.6)
        far = max(effect(row), effect(row, "high")) / by
        axes.annotate(
            range_text(row),
            (far, i),
            (6, 0),
            textcoords="offset points",
            va="center",
            fontsize=8.5,
            color=INK,
            annotation_clip=False,
        )
    names = [capital(sized_name(result, str(row["group"]))) for row in rows]
    axes.set_yticks(range(len(rows)), [fold(name, 44, 2) for name in names], fontsize=8.5)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.grid(False, axis="y")
    axes.set_xlim(left=min(0.0, *(effect(row, "low") / by for row in rows)))
    axes.set_xlabel(f"{METRICS[LOST_DAYS].label} [{word}{METRICS[LOST_DAYS].unit}]", color=GREY)
