"""People with a VPN that opens blocked services, by state."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..metrics.registry import METRICS
from ..results.series import Cell
from ..results.stats import spread_at
from ..text.numbers import number, percent, state_name
from ..text.sampling import sized_state
from .lines import (
    BASELINE,
    POLICY,
    date_axis,
    days,
    find,
    line,
    of,
    on_axis,
    only_some,
    policy_days,
    scale,
    wide,
)
from .look import BLUE, GREY, HEIGHT
from .marks import draw_observed, said
from .registry import chart
from .style import band_text, end_labels, fold, no_effect, page
from .timeline import panels, taller

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..results import Result

VPN = "vpn_users"
_STATES = 4


@chart(
    title="VPN users",
    description="People with a VPN or a like tool, by state, with the policies and without.",
    metrics=(VPN,),
)
def vpn_users(result: Result) -> Figure:
    """Draw the people with a VPN in each state where the policies move their number."""
    result.need(VPN)
    cells = _cells(result)
    if not cells:
        return no_effect(
            result,
            "as many people have a VPN as would have had one",
            "On every day and in every state shown, the number of people with a VPN is the same with the "
            "policies and without.",
        )
    rows = 1 if len(cells) < 3 else 2
    columns = -(-len(cells) // rows)
    height = HEIGHT + taller(result) + 0.5 * (columns > 1) + 1.2 * (rows - 1)
    title, subtitle = _title(result, cells[0]), "People with a VPN that opens blocked services, by state [persons]."
    subtitle += band_text(result)
    subtitle += only_some(of(result, cells[0], POLICY)[:, -1] - of(result, cells[0], BASELINE)[:, -1])
    subtitle += said(result, cells)
    made = page(result, title, subtitle, height=height)
    places, labels = panels(made, result, rows, columns, left=1.1, right=1.7, wspace=0.75, hspace=0.4)
    for axes, cell in zip(places, cells, strict=False):
        _draw(axes, result, cell, of_all=columns == 1)
        date_axis(axes, days(result), labels=labels)
    for axes in places[len(cells) :]:
        axes.set_visible(False)
    return made.figure


def _cells(result: Result) -> list[Cell]:
    """Return the states whose VPN users the policies move, the largest effect first."""
    sized = []
    for state in result.focus.states:
        cell = find(result, VPN, state=state)
        if cell is not None:
            size = abs(spread_at(of(result, cell, BASELINE), of(result, cell, POLICY), "peak").effect or 0.0)
            sized.append((size, cell))
    return [cell for size, cell in sorted(sized, key=lambda pair: -pair[0]) if size > 0][:_STATES]


def _title(result: Result, cell: Cell) -> str:
    """Return the finding for the state with the largest effect."""
    end = spread_at(of(result, cell, BASELINE), of(result, cell, POLICY), "end")
    where = state_name(result.scenario, cell.state, article=True)
    effect, base = end.effect or 0.0, end.baseline or 0.0
    more = "more" if effect >= 0 else "fewer"
    share = f", {percent(abs(effect) / base)} {more} than without the policies" if base else ""
    return f"{number(abs(effect))} {more} people in {where} have a VPN at the end{share}"


def _draw(axes: Axes, result: Result, cell: Cell, *, of_all: bool) -> None:
    """Draw one state, both arms; beside others, the axis says only its unit."""
    x = days(result)
    baseline, policy = of(result, cell, BASELINE), of(result, cell, POLICY)
    top = float(max(np.nanmax(baseline), np.nanmax(policy)))
    by, word = scale(top)
    without = line(axes, x, baseline / by, colour=GREY, dashes=(0, (1, 1.5)), width=1.6)
    known = wide(result, cell)
    with_them = line(axes, x, policy / by, colour=BLUE, width=2.4, spread=None if known is None else known / by)
    axes.set_title(sized_state(result, cell.state))
    what = f"{METRICS[VPN].label} " if of_all else ""
    axes.set_ylabel(fold(f"{what}[{word}{METRICS[VPN].unit}]", 34), fontsize=8.5)
    low = float(min(np.nanmin(baseline), np.nanmin(policy))) / by
    # The axis starts at zero unless the change would then be too small to see; the label says so.
    if top / by - low < 0.15 * top / by and not of_all:
        axes.set_ylabel(f"[{word}{METRICS[VPN].unit}]\nnot from 0", fontsize=8.5)  # a title stands above the panel
    elif top / by - low < 0.15 * top / by:
        note = {"fontsize": 7.5, "color": GREY, "ha": "right", "va": "bottom", "transform": axes.transAxes}
        axes.text(1.0, 1.015, "axis does not start at 0", **note)  # type: ignore[arg-type]
    else:
        axes.set_ylim(0, top / by * 1.08)
    axes.set_xlim(on_axis(x[0]), on_axis(x[-1]) + (len(x) == 1))
    policy_days(axes, result)
    draw_observed(axes, result, cell, by)
    labels = [
        (without, f"without {number(without * by)}", GREY),
        (with_them, f"with {number(with_them * by)}", BLUE),
    ]
    end_labels(axes, labels, size=8.5)
