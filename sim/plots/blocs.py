"""Fragmentation: the effective number of internets, and which states share one, day by day."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ..results.stats import band
from ..text.numbers import day, state_name
from .lines import BASELINE, POLICY, Array, date_axis, days, find, line, of, on_axes, policy_days
from .look import BLUE, COLOURS, GREY, INK
from .registry import chart
from .style import end_labels, no_effect, page
from .timeline import draw_timeline, timeline_height

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..results import Result

INTERNETS, LIKENESS, BLOC = "effective_internets", "internets_by_likeness", "bloc"
_ROWS = 24
_SEEN = 0.02  # a smaller change of a number of internets is not to be seen as a line [internets] (assumption)
_RIGHT = 1.85  # inches for the names of lines
Pairs = dict[str, tuple[Array, Array]]  # without the policies and with them, (M, T) each
_ABOVE, _ROW = 1.7, 0.2  # inches: the upper panel, and a row below it


@chart(
    title="Blocs over time",
    description="The effective number of internets with the policies and without, and the bloc of each state, by day.",
    metrics=(BLOC, INTERNETS, LIKENESS),
)
def blocs(result: Result) -> Figure:
    """Draw the effective number of internets, and below it a strip of colour for each state: one colour, one bloc."""
    for metric in (BLOC, INTERNETS, LIKENESS):
        result.need(metric)
    cells = {m: find(result, m) for m in (INTERNETS, LIKENESS)}
    pairs = {m: (of(result, c, BASELINE), of(result, c, POLICY)) for m, c in cells.items() if c is not None}
    if not pairs or all(np.array_equal(a, b, equal_nan=True) for a, b in pairs.values()):
        return no_effect(
            result,
            "the same states share an Internet as would have without them",
            "On every day, people of any two states can use the same platforms with and without the policies.",
        )
    levels = _unmoved(result, pairs)
    if levels:
        return no_effect(
            result,
            "the blocs are as they would be without the policies",
            f"Every state is in the same bloc with the policies and without ({levels[0]} internets), and by likeness "
            f"there are {levels[1]} internets at the end of both.",
        )
    seed = result.seeds[0]
    subtitle = (
        f"Above: effective number of internets by blocs and, without a threshold, by likeness; median and 10-90 % of "
        f"members. Below: the bloc of each state, named after one of them, seed {seed}; states that keep together "
        "share a row."
    )
    room, rows = timeline_height(result), _rows(result)
    low = max(0.6, _ROW * len(rows))
    made = page(result, _title(result, pairs), subtitle, height=2.9 + _ABOVE + low + room)
    above_it = replace(made, bottom=made.bottom + room / made.figure.get_figheight())
    grid = above_it.grid(2, 1, left=1.7, right=_RIGHT, hspace=0.4 / (_ABOVE + low), height_ratios=(_ABOVE, low))
    _numbers(made.figure.add_subplot(grid[0, 0]), result, pairs)
    _strips(made.figure.add_subplot(grid[1, 0]), result, rows, labels=not room)
    if room:
        below = replace(made, top=made.bottom + room / made.figure.get_figheight())
        draw_timeline(made.figure.add_subplot(below.grid(1, 1, left=1.7, right=_RIGHT)[0]), result)
    return made.figure


def _title(result: Result, pairs: Pairs) -> str:
    """Return the finding: how the policies divide the world at the end, or on some day, or by likeness alone."""
    without, with_ = (band(arm)[1] for arm in pairs[INTERNETS])
    if f"{with_[-1]:.2f}" != f"{without[-1]:.2f}":
        return f"{with_[-1]:.2f} internets at the end, {without[-1]:.2f} without the policies"
    at = int(np.nanargmax(np.abs(with_ - without)))
    if f"{with_[at]:.2f}" != f"{without[at]:.2f}":
        text = f"{with_[at]:.2f} internets on {day(result.dates[at])}, {without[at]:.2f} without the policies"
        return f"{text}; at the end as many as without"
    closer = _closer(pairs)
    kept = f"The policies leave {'the blocs as they are' if _same_blocs(result) else 'the number of blocs as it is'}"
    if closer[0] == closer[1]:
        return f"{kept}, and likeness within 0.01 ({closer[0]} internets)"
    return f"{kept}; by likeness {closer[1]} internets at the end, {closer[0]} without the policies"


def _closer(pairs: Pairs) -> tuple[str, str]:
    """Return the effective number of internets by likeness on the last day, without the policies and with them."""
    without, given = (f"{np.nanmedian(arm[:, -1]):.3g}" for arm in pairs[LIKENESS])
    return without, given


def _same_blocs(result: Result) -> bool:
    """Return whether every state is in the same bloc in both arms, on every day of every member."""
    return all(np.array_equal(b.arrays[BLOC], p.arrays[BLOC], equal_nan=True) for b, p in result.members)


def _unmoved(result: Result, pairs: Pairs) -> tuple[str, str] | None:
    """Return both numbers of internets on the last day if no line and no strip shows a change; else None."""
    lines = [[band(arm)[1] for arm in pair] for pair in pairs.values()]
    far = max(float(np.nanmax(np.abs(given - without), initial=0.0)) for without, given in lines)
    if set(pairs) != {INTERNETS, LIKENESS} or far >= _SEEN or not _same_blocs(result):
        return None
    return f"{lines[0][POLICY][-1]:.3g}", _closer(pairs)[POLICY]


def _numbers(axes: Axes, result: Result, pairs: Pairs) -> None:
    """Draw the effective number of internets by blocs and by likeness, with the policies and without."""
    x = days(result)
    labels = []
    looks = ((INTERNETS, "-", (0, (1, 1.5)), "blocs"), (LIKENESS, (0, (4, 2)), (0, (1, 3)), "likeness"))
    for metric, dashes, dots, word in looks:
        without = line(axes, x, pairs[metric][BASELINE], colour=GREY, dashes=dots, width=1.4)
        value = line(axes, x, pairs[metric][POLICY], colour=BLUE, dashes=dashes, width=2.0)
        labels += [(without, f"without: {word} {without:.2f}", GREY), (value, f"{word} {value:.2f}", BLUE)]
    axes.set_ylabel("Effective number\nof internets [internets]", fontsize=8.5)
    date_axis(axes, x, labels=False)
    policy_days(axes, result)
    end_labels(axes, labels, size=8.5)


def _rows(result: Result) -> list[list[int]]:
    """Return the states by row: those that are in the same bloc on every day of the first member together."""
    table = result.members[0][POLICY].arrays[BLOC]
    alike: dict[bytes, list[int]] = {}
    for i in sorted(range(table.shape[1]), key=lambda i: (table[-1, i], i)):
        alike.setdefault(table[:, i].tobytes(), []).append(i)
    return list(alike.values())[:_ROWS]


def _strips(axes: Axes, result: Result, rows: list[list[int]], *, labels: bool) -> None:
    """Draw the bloc of each row of states in the first member, states of one bloc at the end together."""
    table = result.members[0][POLICY].arrays[BLOC]
    states = result.members[0][0].axes.states
    ranked = sorted(set(np.unique(table[np.isfinite(table)]).astype(int)))
    colour = {number: COLOURS[k % len(COLOURS)] for k, number in enumerate(ranked)}
    when = on_axes(days(result))
    for row, (i, *_) in enumerate(rows):
        cuts = [0, *(np.flatnonzero(np.diff(table[:, i])) + 1), len(when)]
        for first, last in pairwise(cuts):
            number_ = int(table[first, i])
            begin, end = when[first], when[last - 1] + 1
            axes.broken_barh([(begin, end - begin)], (row - 0.42, 0.84), color=colour[number_], alpha=0.75, linewidth=0)
            if last - first > len(when) / 8 and number_ < len(states):
                axes.text(
                    begin + (end - begin) / 2,
                    row,
                    state_name(result.scenario, states[number_]),
                    ha="center",
                    va="center",
                    fontsize=7,
                    color=INK,
                )
    names = [[state_name(result.scenario, states[i]) for i in row] for row in rows]
    texts = [row[0] if len(row) == 1 else f"{row[0]} and {len(row) - 1} more" for row in names]
    axes.set_yticks(range(len(rows)), texts, fontsize=7.5)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.grid(visible=False)
    axes.tick_params(axis="y", length=0)
    date_axis(axes, days(result), labels=labels)
