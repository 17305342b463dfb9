"""A comparison of a run with the first one in words: how members are paired, notes, and the metrics that differ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..core.groups import is_diaspora, is_family
from ..core.program import program_stamp
from ..metrics.registry import METRICS
from ..results.stats import FEW_MEMBERS
from ..results.summary import Row
from .numbers import (
    WHEN_WORDS,
    cell_name,
    compact,
    compact_range,
    day,
    seeds_text,
)
from .reportable import (
    CONTACT,
    EVER_PEOPLE,
    LOST,
    LOST_DAYS,
    LOST_PEOPLE,
    effect,
    family_groups,
    headline_row,
    main_groups,
)
from .sampling import simulated_text

if TYPE_CHECKING:
    from ..results.compare import Comparison

MOST = 24  # rows that a table shows
_A_METRIC = 4  # rows of one metric
_FIRST = (*CONTACT, "active_users", "vpn_users", EVER_PEOPLE, LOST_DAYS, LOST, LOST_PEOPLE)
_SUMS = (LOST_DAYS, "conversations_lost", "consumer_surplus_lost")  # metrics that are shown as a sum over the run only


_UNPAIRED = {
    "days": "the two runs are of different days",
    "seeds": "the two runs have no seed in common",
    "worlds": "the worlds differ before any policy (other people, places or parameters)",
}
"""Why members are not paired, by `Comparison.unpaired`."""


def why(both: Comparison) -> str:
    """Return how members were put together, and why so: a sentence."""
    if both.unpaired is not None:
        return (
            f"Not paired: {_UNPAIRED[both.unpaired]}. Every member of one run is compared with every member of the "
            "other, so the interval includes chance in both."
        )
    n, left = len(both.seeds), both.left_out
    members = f"{n} member{'s' * (n > 1)}"
    text = f"Paired by seed: {members} with the same world and random numbers in both runs ({seeds_text(both.seeds)})."
    return text + (f" {left} member{'s' * (left > 1)} without a counterpart left out." if left else "")


def notes(both: Comparison) -> Iterator[str]:
    """Yield what a reader must know before trusting the differences."""
    first, other = both.first, both.other
    if first.run_id == other.run_id:
        yield "Both are the same run: every difference is zero."
    if both.paired and (first.model_error.is_known or other.model_error.is_known):
        yield (
            "Both runs share the model's error from event to event, as they share random numbers: most of "
            "it cancels in the difference, and what is left of it is in the intervals."
        )
    if first.version != other.version:
        by, by_other = (program_stamp(each.version, each.commit) for each in (first, other))
        yield f"{first.name} was made by {by}, {other.name} by {by_other}."
    elif first.about["code_sha256"] != other.about["code_sha256"]:
        yield f"The code of the program, splinternet {first.version} in both, was changed between the two runs."
    if first.about["data_sha256"] != other.about["data_sha256"]:
        yield "The two runs were made with different fact tables."
    if len(first.dates) != len(other.dates):
        yield "The runs are of different length: their last days and their totals do not mean the same."
    only = set(first.metrics) ^ set(other.metrics)
    if only:
        yield f"Metrics of one run only are left out: {', '.join(sorted(only))}."


def differs(row: Row) -> bool:
    """Return whether the interval of a difference does not include zero."""
    low, high = row["low"], row["high"]
    return isinstance(low, float) and isinstance(high, float) and (low > 0 or high < 0)


def enough(both: Comparison) -> bool:
    """Return whether there are members enough for an interval to distinguish a clear difference from chance."""
    n = len(both.seeds) if both.paired else min(len(run.members) for run in (both.first, both.other))
    return n >= FEW_MEMBERS


def main_rows(both: Comparison, n: int = MOST) -> list[Row]:
    """Return the differences that matter most: contact, use and VPNs first, clear ones before others."""
    moved = [row for row in _worth_a_line(both) if row["difference"] not in (None, 0.0) or differs(row)]

    def order(row: Row) -> tuple[int, bool, float]:
        metric = str(row["metric"])
        rank = _FIRST.index(metric) if metric in _FIRST else len(_FIRST)
        return rank, not differs(row), -abs(effect(row, "difference"))

    kept: dict[str, int] = {}
    out = []
    for row in sorted(moved, key=order):
        metric = str(row["metric"])
        kept[metric] = kept.get(metric, 0) + 1
        if kept[metric] <= _A_METRIC:
            out.append(row)
    return out[:n]


def _worth_a_line(both: Comparison) -> Iterator[Row]:
    """Yield the rows that say something of their own.

    People summed over days say nothing, days of contact are nothing but a sum; the largest of many days is noise; and
    a diaspora of which hardly anybody lost contact in either run is chance.
    """
    hit = {
        group for run in (both.first, both.other) for find in (main_groups, family_groups) for group in find(run, 99)
    }
    last: Row = {}
    for row in filter(headline_row, both.rows):
        metric, group = METRICS[str(row["metric"])], str(row["group"])
        before, last = last, row
        is_sum = metric.running or metric.name in _SUMS
        if metric.kind == "daily" and is_sum != (row["at"] == "total"):
            continue
        if row["at"] == "worst_week" and all(
            row[key] == before.get(key) for key in ("metric", "group", "first", "difference")
        ):
            continue
        if not (is_diaspora(group) or is_family(group)) or group in hit:
            yield row


def _sizes(both: Comparison, group: str) -> str:
    """Return the simulated people of a group in both runs."""
    first, other = (simulated_text(run, group) for run in (both.first, both.other))
    return first if first == other else f"{first} in the first run, {other} in the other"


def difference_text(row: Row) -> str:
    """Return the difference (other - first) with its interval; shares differ by percentage points."""
    spread = [None if row[key] is None else effect(row, key) for key in ("difference", "low", "high")]
    text = compact_range(str(row["metric"]), spread[0], spread[1], spread[2])
    return text.replace(" %", " points") if METRICS[str(row["metric"])].form == "share" else text


EXPLAINED = (
    "First and other are the median effects of each run's policies on its own baseline; the last columns are the "
    "median difference (other - first) with the 10th to 90th percentile, for shares in percentage points, and whether "
    "that interval excludes zero. Effects on fewer than 30 simulated people in either run are left out."
)
HEADER = ("metric", "of", "when", "first", "other", "difference (10-90 %)", "clear")


def cells(both: Comparison, row: Row) -> tuple[str, ...]:
    """Return a row as text, under `HEADER`."""
    metric = str(row["metric"])
    label = METRICS[metric].label + (" [%]" if row["unit"] == "share" else f" [{row['unit']}]")
    group = str(row["group"])
    where = cell_name(both.first.scenario, metric, str(row["state"]), str(row["platform"]), group)
    where += f" ({_sizes(both, group)})" if group in both.first.sampling.groups else ""
    numbers = [None if row[key] is None else effect(row, key) for key in ("first", "other")]
    return (
        label,
        where,
        WHEN_WORDS[str(row["at"])],
        *(compact(metric, number) for number in numbers),
        difference_text(row),
        "no" if not differs(row) else "yes" if enough(both) else "too few members",
    )


def span(dates: tuple[str, ...]) -> str:
    """Return the days of a run in words."""
    return f"{day(dates[0])} to {day(dates[-1])}"
