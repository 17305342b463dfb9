"""What still works for a person: the people reached, the services, and contact, before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..metrics.registry import METRICS
from ..results.summary import Row
from ..text.connectivity import BY_STATE, WORST, hit_most, main_sentence, moved
from ..text.numbers import percent
from ..text.reportable import effect, index
from ..text.sampling import sized_state
from .look import BLUE, GREY, INK
from .registry import chart
from .style import no_effect, page, whiskers

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..results import Result

_STATES = 2
_HIGH = 0.36  # of a bar
_SHOWN = tuple(metric for metric in BY_STATE if metric != "route_length")


@chart(
    title="Connectivity",
    description="Whom a person in the state still reaches, which services work and which pairs of kin are in contact, "
    "without the policies and with them, in the worst seven days.",
    metrics=("reach_abroad", *(metric for metric in _SHOWN if metric != "reach_abroad")),
)
def connectivity(result: Result) -> Figure:
    """Draw what is left of the Internet of a person in the states where most of it is lost."""
    result.need("reach_abroad")
    rows = {state: _rows(result, state) for state in hit_most(result) if moved(result, state)}
    rows = {state: found for state, found in rows.items() if any(_is_seen(row) for row in found)}
    rows = dict([(state, found) for state, found in rows.items() if found][:_STATES])
    if not rows:
        return no_effect(
            result,
            "nobody is out of reach and every service works",
            "In every state shown, people reach whom they reach without the policies, over the carriers and on "
            "platforms, and the same services work.",
        )
    subtitle = f"Worst seven days of each; pairs of kin as a share of those without the policies.{whiskers(result)}"
    made = page(
        result,
        main_sentence(result, next(iter(rows))),
        subtitle,
        height=3.0 + 0.42 * sum(len(each) for each in rows.values()),
        below=0.1,
    )
    grid = made.grid(len(rows), 1, left=2.9, right=1.4, hspace=0.35)
    for i, (state, each) in enumerate(rows.items()):
        _bars(made.figure.add_subplot(grid[i]), result, state, each)
    return made.figure


def _rows(result: Result, state: str) -> list[Row]:
    """Return what is known of the connectivity of a state."""
    known = index(result)
    rows = (known.get(metric, WORST, state=state) for metric in _SHOWN)
    return [row for row in rows if row is not None and effect(row, "baseline") > 0]


def _is_seen(row: Row) -> bool:
    """Return whether the two bars of a metric have different numbers beside them."""
    by = 1.0 if METRICS[str(row["metric"])].form == "share" else effect(row, "baseline")
    return percent(effect(row, "baseline") / by) != percent(effect(row, "policy") / by)


def _bars(axes: Axes, result: Result, state: str, rows: list[Row]) -> None:
    """Draw two bars for each metric: without the policies and with them."""
    for i, row in enumerate(rows):
        is_share = METRICS[str(row["metric"])].form == "share"
        by = 1.0 if is_share else effect(row, "baseline")
        was, now = effect(row, "baseline") / by, effect(row, "policy") / by
        ends = np.clip([was + effect(row, key) / by for key in ("low", "high")], 0.0, 1.0) if is_share else [now, now]
        labels = ("without the policies", "with them") if i == 0 else (None, None)
        axes.barh(i - _HIGH / 2, was, height=_HIGH, color="white", edgecolor=GREY, hatch="///", label=labels[0])
        axes.barh(i + _HIGH / 2, now, height=_HIGH, color=BLUE, label=labels[1])
        if ends[0] != ends[1]:
            axes.plot(ends, [i + _HIGH / 2] * 2, color=INK, linewidth=1.5)
        text = f"{percent(was)} to {percent(now)}"
        axes.annotate(text, (max(was, now, *ends), i), (6, 0), textcoords="offset points", va="center", fontsize=8.5)
    axes.set_yticks(range(len(rows)), [METRICS[str(row["metric"])].label for row in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(0, 1.04)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25", "50", "75", "100 %"])
    axes.grid(False, axis="y")
    axes.set_title(sized_state(result, state))
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, fontsize=8, frameon=False)
