"""Who gains and who loses money and time: firms by home country, a dot and an interval each."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np

from ..results.firms import Amount, FirmRow
from ..text.firms import chosen, is_sure
from ..text.numbers import brief, compact, compact_range, day, state_name
from .marks import Bar, rows, scale
from .page import UNSURE, Caption, Place, nothing
from .registry import chart
from .style import BLUE, GREEN, ORANGE, PURPLE, VERMILLION, WIDTH
from .titles import title

if TYPE_CHECKING:
    from ..results import Result

_COLOURS = {"US": BLUE, "CN": VERMILLION, "RU": PURPLE, "TR": GREEN}
_NAME = 28  # letters of a firm's name
_ROWS = 12
_PART = 0.01  # a firm whose money changes by less than this part of the largest change has no row (assumption)


def _size(result: Result) -> tuple[float, float]:
    return WIDTH, 2.6 + 0.3 * min(_ROWS, max(4, len(chosen(result).firms) + 2))


@chart(
    title="Who gains money, by firm and home country",
    description="Change of revenue over the run, by firm, its home and the country of its users. Diamonds: all firms "
    "of a home country. Firms whose interval includes zero have no row.",
    metrics=("revenue", "minutes"),
    of_metric=False,
    size=_size,
)
def firm_gains(result: Result, place: Place) -> Caption:
    """Draw what firms and home countries gain and lose: money, or time where no money surely changes."""
    for metric in ("revenue", "minutes"):
        result.need(metric)
    shown = chosen(result)
    name = "revenue" if any(is_sure(row.revenue) for row in shown.firms) else "minutes"
    lines = _lines([row for row in (*shown.firms, *shown.homes) if is_sure(_of(row, name))], name)
    if not lines:
        why = "For every firm and country of its users, the interval of the change of money and time includes zero."
        moves = any(
            not np.array_equal(b.arrays[m], p.arrays[m]) for b, p in result.members for m in ("minutes", "revenue")
        )
        return nothing(place, "no firm surely gains or loses time or money", why, UNSURE if moves else "No effect")
    by, word = scale(max(abs(end) for row in lines for end in (_of(row, name).low, _of(row, name).high)))
    axes = place.axes()
    rows(axes, [_bar(result, row, name) for row in lines], by)
    unit = "US$" if name == "revenue" else "minutes a day"
    axes.set_xlabel(f"change [{word}{unit}]")
    what = "Revenue over the run" if name == "revenue" else f"Time on {day(result.dates[-1])}"
    said = f"{what}, with the policies less without [{word}{unit}]; lines: 80 % intervals"
    notes = "Diamonds: all firms of a home country, everywhere; dots: firms, by the country of their users."
    return Caption(_title(result, lines, name), said, notes)


def _of(row: FirmRow, name: str) -> Amount:
    return row.revenue if name == "revenue" else row.minutes


def _lines(found: list[FirmRow], name: str) -> list[FirmRow]:
    """Return the rows from above, the largest gain first, without what is small beside the largest change."""
    most = max((abs(_of(row, name).change) for row in found), default=0.0)
    large = [row for row in found if abs(_of(row, name).change) >= _PART * most]
    kept = sorted(large, key=lambda row: -abs(_of(row, name).change))[:_ROWS]
    return sorted(kept, key=lambda row: -_of(row, name).change)


def _bar(result: Result, row: FirmRow, name: str) -> Bar:
    """Return a row of the chart."""
    amount = _of(row, name)
    home = brief(state_name(result.scenario, row.home, article=True))
    label = (
        f"{short_name(row.firm)}, in {state_name(result.scenario, row.users)}" if row.firm else f"All firms of {home}"
    )
    text = compact_range(name, amount.change, amount.low, amount.high)
    return Bar(
        label,
        amount.change,
        amount.low,
        amount.high,
        text,
        _COLOURS.get(row.home, ORANGE),
        0.0,
        "o" if row.firm else "D",
    )


def _title(result: Result, lines: list[FirmRow], name: str) -> str:
    """Return the finding: of the firms of the country that acts, else of those that change most; else of one firm."""
    homes = {row.home: row for row in lines if not row.firm}
    acting = [state for policy in result.scenario.policies for state in policy.by if state in homes]
    if name == "revenue" and homes:
        home = acting[0] if acting else max(homes, key=lambda code: abs(homes[code].revenue.change))
        change = homes[home].revenue.change
        who = state_name(result.scenario, home, article=True)
        text = "firm_gains_up" if change > 0 else "firm_gains_lose"
        return title(text, result, home=who, number=compact(name, abs(change)))
    most = max((row for row in lines if row.firm), key=lambda row: abs(_of(row, name).change), default=lines[0])
    who = short_name(most.firm) or f"Firms of {state_name(result.scenario, most.home, article=True)}"
    change = _of(most, name).change
    text = "firm_gains_time" if name != "revenue" else "firm_gains_down" if change < 0 else "firm_gains_up_one"
    return title(text, result, firm=who, number=compact(name, abs(change)))


def short_name(firm: str) -> str:
    """Return a firm's name as it fits beside the chart: without brackets, or cut with a mark, if too long."""
    plain = firm if len(firm) <= _NAME else firm.partition(" (")[0]
    first, *rest = textwrap.wrap(plain, _NAME - 1) if len(plain) > _NAME else [plain]
    return f"{first}…" if rest else first
