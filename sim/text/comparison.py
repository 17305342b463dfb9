"""A comparison of two runs in words and tables: for the terminal, the notebook and the report."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING

from sim.groups import is_diaspora, is_family
from sim.metrics.registry import METRICS
from sim.results.rows import Row
from sim.results.stats import FEW_MEMBERS
from sim.text.numbers import (
    WHEN_WORDS,
    capital,
    cell_name,
    compact,
    compact_range,
    day,
    group_name,
    quantity,
    seeds_text,
    with_range,
)
from sim.text.reportable import (
    CONTACT,
    EVER,
    EVER_PEOPLE,
    LOST,
    LOST_DAYS,
    LOST_PEOPLE,
    MONTH,
    WEEK,
    effect,
    family_groups,
    headline_row,
    main_groups,
)
from sim.text.sampling import simulated_text

if TYPE_CHECKING:
    from sim.results.compare import Comparison

MOST = 24  # rows that a table shows
_A_METRIC = 4  # rows of one metric
_FIRST = (*CONTACT, "active_users", "vpn_users", EVER_PEOPLE, LOST_DAYS, LOST, LOST_PEOPLE)
_SUMS = (LOST_DAYS, "conversations_lost", "consumer_surplus_lost")  # what is worth a sum over the run, and only that


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
            f"Not paired: {_UNPAIRED[both.unpaired]}. Every member of one run is held against every member of the "
            "other, so the interval holds the luck of both."
        )
    n, left = len(both.seeds), both.left_out
    members = f"{n} member{'s' * (n > 1)}"
    text = f"Paired by seed: {members} of the same world and luck in both runs ({seeds_text(both.seeds)})."
    return text + (f" {left} member{'s' * (left > 1)} without a counterpart left out." if left else "")


def notes(both: Comparison) -> Iterator[str]:
    """Yield what a reader must know before trusting the differences."""
    first, second = both.first, both.second
    if first.run_id == second.run_id:
        yield "Both are the same run: every difference is zero."
    if both.paired and (first.model_error.is_known or second.model_error.is_known):
        yield (
            "Both runs share the model's error from event to event, as they share luck: most of it cancels in the "
            "difference, and what is left of it is in the intervals."
        )
    if first.version != second.version:
        yield f"The first was made by splinternet {first.version}, the second by {second.version}."
    elif first.about["code_sha256"] != second.about["code_sha256"]:
        yield f"The code of the program, splinternet {first.version} in both, was changed between the two runs."
    if first.about["data_sha256"] != second.about["data_sha256"]:
        yield "The two runs were made with different fact tables."
    if first.scenario.status != second.scenario.status:
        yield f"The first is a {first.scenario.status}, the second a {second.scenario.status}."
    if len(first.dates) != len(second.dates):
        yield "The runs are of different length: their last days and their totals do not mean the same."
    only = set(first.metrics) ^ set(second.metrics)
    if only:
        yield f"Metrics of one run only are left out: {', '.join(sorted(only))}."


def differs(row: Row) -> bool:
    """Return whether the interval of a difference does not include zero."""
    low, high = row["low"], row["high"]
    return isinstance(low, float) and isinstance(high, float) and (low > 0 or high < 0)


def enough(both: Comparison) -> bool:
    """Return whether there are members enough for an interval to distinguish a clear difference from chance."""
    n = len(both.seeds) if both.paired else min(len(run.members) for run in (both.first, both.second))
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
        group for run in (both.first, both.second) for find in (main_groups, family_groups) for group in find(run, 99)
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


def headline(both: Comparison) -> list[str]:
    """Return what differs, one sentence each, the most important first."""
    if not any(row["difference"] or row["low"] or row["high"] for row in both.rows):
        return ["Nothing differs: by every metric the policies of both runs do the same."]
    said = list(_sentences(both))
    if said and not enough(both):
        said.append(f"Whether that is chance, fewer than {FEW_MEMBERS} members do not tell.")
    return said or ["What differs is smaller than the main metrics show: see the table."]


def _sentences(both: Comparison) -> Iterator[str]:
    """Yield a sentence on contact, for the group hit most in either run, and one on use."""
    rows = {(str(r["metric"]), str(r["at"]), str(r["group"])): r for r in both.rows if not r["state"]}
    groups = dict.fromkeys([*main_groups(both.first, 1), *main_groups(both.second, 1)])
    for group in [name for name in groups if is_diaspora(name)][:1]:
        for metric, at, told in (
            (EVER, "total", "ever lose every platform channel to their family"),
            (WEEK, "total", "lose it for 7 days in a row or more"),
            (MONTH, "total", "lose it for 30 days in a row or more"),
            (LOST, "worst_week", "have none in the worst seven days"),
        ):
            row = rows.get((metric, at, group))
            if row is None or row["difference"] is None or (metric == LOST and EVER in both.first.metrics):
                continue
            if not any(effect(row, key) for key in ("difference", "low", "high")):
                continue
            who = group_name(both.first.scenario, group) if metric in (EVER, LOST) else "them"
            was, now = (quantity(metric, effect(row, run)) for run in ("first", "second"))
            yield (
                f"In the second run {now} of {who} {told}, in the first {was}: second less first "
                f"{_difference(row)}{_sure(row)}."
            )
        row = rows.get((LOST_DAYS, "total", group))
        if row is not None and row["difference"] is not None:
            yield f"{_who(both, group)}: {_words(row, 'days without a platform channel to the family')}."
    used = [row for row in both.rows if row["metric"] == "active_users" and row["at"] == "end" and row["difference"]]
    if used:
        row = max(used, key=lambda each: (differs(each), abs(effect(each, "difference"))))
        scenario = both.first.scenario
        where = cell_name(scenario, "active_users", str(row["state"]), str(row["platform"]), "")
        yield f"{where}: {_words(row, 'daily users on the last day')}."


def _who(both: Comparison, group: str) -> str:
    """Return a group in words, with a capital, and its simulated people in both runs."""
    return f"{capital(group_name(both.first.scenario, group))} ({_sizes(both, group)})"


def _sizes(both: Comparison, group: str) -> str:
    """Return the simulated people of a group in both runs."""
    first, second = (simulated_text(run, group) for run in (both.first, both.second))
    return first if first == second else f"{first} in the first run, {second} in the second"


def _words(row: Row, what: str) -> str:
    """Return ``1.2 million more (0.9 to 1.5 million) daily users in the second run``, or how many fewer."""
    if not any(effect(row, key) for key in ("difference", "low", "high")):
        return f"as many {what} in both runs"
    sign = 1.0 if effect(row, "difference") >= 0 else -1.0
    ends = sorted(sign * effect(row, key) for key in ("low", "high"))
    text = with_range(str(row["metric"]), sign * effect(row, "difference"), *ends)
    number, bracket, rest = text.partition(" (")
    return f"{number} {'more' if sign > 0 else 'fewer'}{bracket}{rest} {what} in the second run{_sure(row)}"


def _difference(row: Row) -> str:
    """Return second less first with its interval; shares differ by percentage points."""
    spread = [None if row[key] is None else effect(row, key) for key in ("difference", "low", "high")]
    text = compact_range(str(row["metric"]), spread[0], spread[1], spread[2])
    return text.replace(" %", " points") if METRICS[str(row["metric"])].form == "share" else text


def _sure(row: Row) -> str:
    """Return what to add when chance could account for a difference."""
    return "" if differs(row) else " - no clear difference: the interval holds nought"


EXPLAINED = (
    "First and second are the median effects of each run's policies on its own baseline; the last columns are the "
    "median difference with the 10th to 90th percentile, for shares in percentage points, and whether that interval "
    "leaves out nought. What rests on fewer than 30 simulated people in either run is left out."
)
HEADER = ("metric", "of", "when", "first", "second", "second less first (10-90 %)", "clear")


def cells(both: Comparison, row: Row) -> tuple[str, ...]:
    """Return a row as text, under `HEADER`."""
    metric = str(row["metric"])
    label = METRICS[metric].label + (" [%]" if row["unit"] == "share" else f" [{row['unit']}]")
    group = str(row["group"])
    where = cell_name(both.first.scenario, metric, str(row["state"]), str(row["platform"]), group)
    where += f" ({_sizes(both, group)})" if group in both.first.sampling.groups else ""
    numbers = [None if row[key] is None else effect(row, key) for key in ("first", "second")]
    return (
        label,
        where,
        WHEN_WORDS[str(row["at"])],
        *(compact(metric, number) for number in numbers),
        _difference(row),
        "no" if not differs(row) else "yes" if enough(both) else "too few members",
    )


def about(both: Comparison) -> list[tuple[str, str]]:
    """Return what the two runs are."""
    return [
        (name, f"{run.scenario.title} [{run.scenario.status}]; run {run.run_id}, {span(run.dates)}")
        for name, run in (("first", both.first), ("second", both.second))
    ]


def span(dates: tuple[str, ...]) -> str:
    """Return the days of a run in words."""
    return f"{day(dates[0])} to {day(dates[-1])}"


def html(both: Comparison) -> str:
    """Return the main differences as HTML, for a notebook."""
    said = "".join(f"<b>{name}</b>: {escape(text)}<br>" for name, text in about(both))
    head = "".join(f'<th scope="col" style="text-align:left">{escape(title)}</th>' for title in HEADER)
    body = "".join(
        f"<tr>{''.join(f'<td style="text-align:left">{escape(cell)}</td>' for cell in cells(both, row))}</tr>"
        for row in main_rows(both)
    )
    lines = "<br>".join(escape(line) for line in (EXPLAINED, both.why, *both.notes))
    return (
        f'<div style="font-family:sans-serif;font-size:13px;line-height:1.4;max-width:60em"><p>{said}</p>'
        f"<p><b>{escape(' '.join(headline(both)))}</b></p><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
        f'</table><p style="opacity:.75">{lines}</p></div>'
    )
