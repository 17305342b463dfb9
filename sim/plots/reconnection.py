"""How ties come back: by access that returns, by VPN, or by a substitute."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..core.groups import is_diaspora
from ..metrics.registry import METRICS, WAYS
from ..results.stats import band
from ..text.numbers import group_name, number
from ..text.reportable import FEWEST_CASES, any_lost, cases
from ..text.sampling import simulated_text
from .lines import (
    BASELINE,
    POLICY,
    Array,
    date_axis,
    days,
    find,
    of,
    on_axes,
    on_axis,
    only_some,
    policy_days,
    scale,
)
from .look import BLUE, GREEN, HEIGHT, ORANGE, SKY
from .registry import chart
from .style import TOO_FEW, end_labels, fold, no_effect, page
from .timeline import panels, taller

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..results import Result

BACK = "reconnected"
_LOOK = {"substitute": (GREEN, ""), "VPN": (BLUE, "///"), "access back": (ORANGE, "..."), "bridge": (SKY, "xxx")}
_VERBS = {
    "substitute": "a substitute",
    "VPN": "a VPN",
    "access back": "the return of access",
    "bridge": "a bridge between messengers",
}


@chart(
    title="How ties came back",
    description="Ties that came back, running total, by way, for the diaspora that most ties came back to.",
    metrics=(BACK,),
)
def reconnection(result: Result) -> Figure:
    """Draw the ties that came back, stacked by way, for the diaspora with the most of them."""
    result.need(BACK)
    stacks = {group: _stack(result, group) for group in result.focus.groups if is_diaspora(group)}
    ends = {group: sum(float(ways[-1]) for ways in stack.values()) for group, stack in stacks.items()}
    group = max(ends, key=lambda name: ends[name], default="")
    if (not group or ends[group] <= 0) and any_lost(result):
        return no_effect(
            result,
            "those that were cut stay cut",
            "Ties between diasporas and their families lost all their channels, and none regained one during the run.",
            verdict="No tie came back",
        )
    if not group or ends[group] <= 0:
        return no_effect(
            result,
            "no tie came back",
            "No tie between a diaspora and its family lost its channels and regained one during the run.",
        )
    if cases(result, group, ends[group]) < FEWEST_CASES:
        return no_effect(
            result,
            "hardly any tie was cut and came back",
            f"Never more than {FEWEST_CASES - 1} simulated ties of a diaspora lost their channels and regained one "
            "during the run: that may be chance.",
            verdict=TOO_FEW,
        )
    height = HEIGHT + taller(result)
    made = page(result, _title(result, group, stacks[group]), _subtitle(result, group), height=height)
    (axes,), labels = panels(made, result, left=1.15, right=1.5)
    _draw(axes, result, stacks[group])
    date_axis(axes, days(result), labels=labels)
    return made.figure


def _stack(result: Result, group: str) -> dict[str, Array]:
    """Return the ties that came back because of the policies by way, median over members, (T,) [ties]."""
    out = {}
    for way in WAYS:
        cell = find(result, BACK, platform=way, group=group)
        if cell is not None:
            out[way] = np.nan_to_num(band(of(result, cell, POLICY) - of(result, cell, BASELINE))[1])
    return dict(sorted(((way, t) for way, t in out.items() if t.any()), key=lambda pair: -float(pair[1][-1])))


def _title(result: Result, group: str, stack: dict[str, Array]) -> str:
    """Return the finding: how many came back, and by what way most."""
    total = sum(float(ways[-1]) for ways in stack.values())
    way = next(iter(stack))
    share = float(stack[way][-1]) / total * 100
    who = group_name(result.scenario, group)
    most = "all" if share >= 99.5 else f"{share:.0f} %"
    return f"{number(total)} ties of {who} came back, {most} of them by {_VERBS[way]}"


def _subtitle(result: Result, group: str) -> str:
    """Return what is drawn, and whether ties come back in some members alone."""
    ends = np.zeros(len(result.members))
    for way in WAYS:
        cell = find(result, BACK, platform=way, group=group)
        if cell is not None:
            ends += np.nan_to_num(of(result, cell, POLICY)[:, -1] - of(result, cell, BASELINE)[:, -1])
    text = f"{METRICS[BACK].description} {group} ({simulated_text(result, group)}); median over members. "
    text += "A tie counts once, by its first way back."
    return f"{text}{only_some(ends)}"


def _draw(axes: Axes, result: Result, stack: dict[str, Array]) -> None:
    """Draw the ways on top of each other."""
    x = days(result)
    at = on_axes(x)
    by, word = scale(sum(float(ways.max()) for ways in stack.values()))
    floor = np.zeros(len(x))
    labels = []
    for way, ways in stack.items():
        colour, hatch = _LOOK[way]
        top = floor + ways / by
        if len(x) == 1:
            axes.bar(at, ways / by, bottom=floor, color=colour, hatch=hatch, edgecolor="white", width=0.4)
        else:
            axes.fill_between(at, floor, top, facecolor=colour, hatch=hatch, edgecolor="white", linewidth=0)
        labels.append((float(floor[-1] + top[-1]) / 2, f"{way}\n{number(float(ways[-1]))}", colour))
        floor = top
    axes.set_ylim(0, float(floor.max()) * 1.06 or 1)
    axes.set_ylabel(fold(f"{METRICS[BACK].label} [{word}{METRICS[BACK].unit}]", 48))
    axes.set_xlim(on_axis(x[0]), on_axis(x[-1]) + (len(x) == 1))
    policy_days(axes, result)
    end_labels(axes, labels)
