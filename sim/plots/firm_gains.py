"""Who gains and who loses money and time: firms by home state, a dot and an interval each."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..results.firms import Amount, FirmRow
from ..text.firms import chosen, in_short, is_sure
from ..text.numbers import compact_range, day, state_name
from .lines import scale
from .look import BLUE, GREEN, GREY, INK, ORANGE, PALE, PURPLE, VERMILLION, WIDTH
from .registry import chart
from .style import UNSURE, no_effect, page

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..results import Result

_COLOURS = {"US": BLUE, "CN": VERMILLION, "RU": PURPLE, "TR": GREEN}
_OTHERS = ORANGE
_NAME = 28  # letters of a firm's name
_LETTER, _APART = 0.064, 0.16  # inches: a letter of a number, and the space before it and after it
_PANELS = (("revenue", "Revenue over the run", "US$"), ("minutes", "Time on {date}", "minutes a day"))


class _Line(NamedTuple):
    """A line of the chart: its name, and its row."""

    name: str
    row: FirmRow


@chart(
    title="Who gains money and time, by firm and home state",
    description="Change of revenue over the run and of minutes on the last day, by firm, its home and the state of its "
    "users. Diamonds: all firms of a home state. Blank: the effect may be "
    "zero, or there are fewer than 30 simulated users.",
    metrics=("revenue", "minutes"),
    of_metric=False,
    like_tables=True,
)
def firm_gains(result: Result) -> Figure:
    """Draw what the firms of each home state gain and lose."""
    for metric in ("revenue", "minutes"):
        result.need(metric)
    shown = chosen(result)
    if not shown.firms:
        return no_effect(
            result,
            "no firm surely gains or loses time or money",
            "For every firm and the state of its users, the interval of the change includes zero, or fewer than 30 "
            "simulated people use its platforms.",
            verdict=UNSURE if _moves(result) else "No effect",
        )
    lines = _lines(result, shown.homes, shown.firms)
    subtitle = (
        "With the policies less without them. Dots: firms, by the state of their users; diamonds: all firms of a home "
        "state, everywhere. Lines: 80 % intervals of members and of minutes, spending and revenue per user."
    )
    made = page(result, in_short(result, shown), subtitle, height=3.4 + 0.31 * len(lines), below=0.15)
    places = made.grid(1, 2, left=2.75, right=0.35, wspace=0.06)
    for i, (name, title, unit) in enumerate(_PANELS):
        axes = made.figure.add_subplot(places[i])
        _dots(axes, [getattr(line.row, name) for line in lines], [line.row for line in lines], name, unit)
        axes.set_title(title.format(date=day(result.dates[-1])))
        axes.set_yticks(range(len(lines)), [line.name for line in lines] if i == 0 else [])
        for label, line in zip(axes.get_yticklabels(), lines, strict=False):
            label.set_fontweight("normal" if line.row.firm else "bold")
    return made.figure


def _moves(result: Result) -> bool:
    """Return whether the time or the money of any platform changes in any member at all."""
    return any(
        not np.array_equal(baseline.arrays[metric], policy.arrays[metric])
        for baseline, policy in result.members
        for metric in ("minutes", "revenue")
    )


def _lines(result: Result, homes: Sequence[FirmRow], firms: Sequence[FirmRow]) -> list[_Line]:
    """Return the lines from above: home states that gain first, each before its firms."""
    totals = {row.home: row for row in homes}
    order = [row.home for row in reversed(homes)]
    order += [home for home in dict.fromkeys(row.home for row in reversed(firms)) if home not in totals]
    lines = []
    for home in order:
        if home in totals:
            lines.append(_Line(state_name(result.scenario, home), totals[home]))
        own = sorted((row for row in firms if row.home == home), key=lambda row: -row.revenue.change)
        lines += [_Line(f"{short_name(row.firm)}, in {row.users}", row) for row in own]
    return lines


def short_name(firm: str) -> str:
    """Return a firm's name as it fits beside the chart: without brackets, or cut with a mark, if too long."""
    plain = firm if len(firm) <= _NAME else firm.partition(" (")[0]
    first, *rest = textwrap.wrap(plain, _NAME - 1) if len(plain) > _NAME else [plain]
    return f"{first}…" if rest else first


def _dots(axes: Axes, amounts: Sequence[Amount], rows: Sequence[FirmRow], metric: str, unit: str) -> None:
    """Draw a dot and an interval for each amount whose interval excludes zero."""
    sure = [each for each in amounts if is_sure(each)]
    ends = [end for each in sure for end in (each.change, each.low, each.high)]
    by, word = scale(max((abs(end) for end in ends), default=1.0))
    labels: list[tuple[float, str]] = []
    for i, (each, row) in enumerate(zip(amounts, rows, strict=True)):
        if not row.firm:
            axes.axhspan(i - 0.5, i + 0.5, color=PALE, alpha=0.35, linewidth=0, zorder=0)
        if not is_sure(each):
            continue
        colour, mark = _COLOURS.get(row.home, _OTHERS), "o" if row.firm else "D"
        axes.plot([each.low / by, each.high / by], [i, i], color=colour, linewidth=2.0, zorder=3)
        axes.plot([each.change / by], [i], mark, color=colour, markersize=6.5, zorder=4)
        text = compact_range(metric, each.change, each.low, each.high)
        far = max(0.0, each.change, each.high) / by
        labels.append((far, text))
        axes.annotate(text, (far, i), (7, 0), textcoords="offset points", va="center", fontsize=7.5, zorder=5)
    low, high = min((0.0, *ends)) / by, max((0.0, *ends)) / by
    wide = high - low or 1.0
    left = low - 0.04 * wide
    # The numbers stand to the right of the intervals, and the axis is as long as they need.
    across = float(axes.get_position().width) * WIDTH
    parts = [(far, min(0.8, (_LETTER * len(text) + _APART) / across)) for far, text in labels]
    axes.set_xlim(left, max([high + 0.04 * wide, *(left + (far - left) / (1 - part) for far, part in parts)]))
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.grid(False, axis="y")
    axes.axvline(0, color=INK, linewidth=0.8, zorder=2)
    axes.set_xlabel(f"change [{word}{unit}]", color=GREY)
