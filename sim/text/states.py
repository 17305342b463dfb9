"""What states decided in a run, by member, and how far the number of internets moves beside the record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..decisions import Decision, TakeOffice
from ..facts import load_facts
from ..results.index_measured import yardstick
from .numbers import day
from .skill import OF_STATES
from .wording import table
from .worlds import spread

if TYPE_CHECKING:
    from ..results.result import Result

IN_WORDS = table("decisions", "IN_WORDS")
Decisions = tuple[Decision, ...]


def decided(result: Result) -> list[Decisions]:
    """Return what states decided, by member; a change of government is not among it."""
    return [
        tuple(d for d in policy.decisions if d.behaviour in OF_STATES and not isinstance(d.act, TakeOffice))
        for _, policy in result.members
    ]


def counted(values: Sequence[float], one: str, many: str) -> str:
    """Return the middle of the members with its range and what is counted: ``1 state``, ``7 (5 to 10) states``."""
    text = spread(values)
    return f"{text} {one if text == '1' else many}"


def beside_record(result: Result) -> Iterator[str]:
    """Yield how far the number of internets moved in the record and in the run, over the days that both cover."""
    spec, metric = result.scenario, "internets_by_likeness"
    if metric not in result.metrics:
        return
    states = result.members[0][0].axes.states
    known = yardstick(load_facts(str(spec.world.facts)), states, spec.start, spec.end)
    if known is None:
        return
    last, first, after = known
    at = (last - spec.start).days
    moved = [float(policy.arrays[metric][at] - policy.arrays[metric][0]) for _, policy in result.members]
    low, middle, high = np.quantile(moved, [0.1, 0.5, 0.9])
    spread_ = f" ({low:+.2f} to {high:+.2f})" if len(moved) > 1 else ""
    yield (
        f"By {day(last.isoformat())} the number by likeness moves by {middle:+.2f}{spread_}; in the record of blocks, "
        f"over the same states, it moved by {after - first:+.2f} (splinternet index)."
    )
