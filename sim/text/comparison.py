"""Runs compared, in words: the finding and the table of all of them, the metrics that differ in a pair, notes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..core.groups import is_diaspora, is_family
from ..core.program import program_stamp
from ..metrics.registry import METRICS
from ..results.series import MIN_PEOPLE
from ..results.stats import FEW_MEMBERS
from ..results.summary import Row
from .findings import headline as found_by
from .numbers import (
    WHEN_WORDS,
    WIDTH,
    aligned,
    capital,
    cell_name,
    compact,
    compact_range,
    listed,
    seeds_text,
    simulated_text,
    unit,
    wrapped,
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

if TYPE_CHECKING:
    from ..results.compare import Comparison, Ranking

MOST = 24  # rows that a table of a pair shows
_A_METRIC = 4  # rows of one metric
_FIRST = (*CONTACT, "active_users", "vpn_users", EVER_PEOPLE, LOST_DAYS, LOST, LOST_PEOPLE)
_SUMS = (LOST_DAYS, "conversations_lost", "consumer_surplus_lost")  # metrics that are shown as a sum over the run only
EXPLAINED = (
    "First and other are the median effects of each run's policies on its own baseline; the last columns are the "
    "median difference (other - first) with the 10th to 90th percentile, for shares in percentage points, and whether "
    "that interval excludes zero. Effects on fewer than 30 simulated people in either run are left out."
)
PAIR_HEADER = ("metric", "of", "when", "first", "other", "difference (10-90 %)", "clear")
HEADER = ("run", "effect (80 %)", "difference from the first (80 %)", "clear")
ORDERED = {"lowest": "lowest effect first", "highest": "highest effect first", "least": "smallest effect first"}
"""Which run comes first, by `Ranking.order`."""
_UNPAIRED = {
    "days": "the two runs are of different days",
    "seeds": "the two runs have no seed in common",
    "worlds": "the worlds differ before any policy (other people, places or parameters)",
}
"""Why members are not paired, by `Comparison.unpaired`."""


# --- a pair -----------------------------------------------------------------------------------------------------------


def why_paired(both: Comparison) -> str:
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


def notes_on_pair(both: Comparison) -> Iterator[str]:
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
    return effect(row, "low") > 0 or effect(row, "high") < 0


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


def difference_text(row: Row) -> str:
    """Return the difference (other - first) with its interval; shares differ by percentage points."""
    spread = [None if row[key] is None else effect(row, key) for key in ("difference", "low", "high")]
    text = compact_range(str(row["metric"]), spread[0], spread[1], spread[2])
    return text.replace(" %", " points") if METRICS[str(row["metric"])].form == "share" else text


def pair_cells(both: Comparison, row: Row) -> tuple[str, ...]:
    """Return a row as text, under `PAIR_HEADER`."""
    metric, group = str(row["metric"]), str(row["group"])
    where = cell_name(both.first.scenario, metric, str(row["state"]), str(row["platform"]), group)
    if group in both.first.sampling.groups:
        first, other = (simulated_text(run, group) for run in (both.first, both.other))
        where += f" ({first})" if first == other else f" ({first} in the first run, {other} in the other)"
    members = len(both.seeds) if both.paired else min(len(run.members) for run in (both.first, both.other))
    return (
        METRICS[metric].label + (" [%]" if row["unit"] == "share" else f" [{row['unit']}]"),
        where,
        WHEN_WORDS[str(row["at"])],
        *(compact(metric, None if row[key] is None else effect(row, key)) for key in ("first", "other")),
        difference_text(row),
        "no" if not differs(row) else "yes" if members >= FEW_MEMBERS else "too few members",
    )


# --- all runs ---------------------------------------------------------------------------------------------------------


def what(ranking: Ranking) -> str:
    """Return what the table is of: ``Days without any platform channel, per member [days], over the run``."""
    metric = ranking.metric
    of_total = ranking.at == "total" and METRICS[metric].form != "share"
    shown = METRICS[metric].total_unit if of_total else unit(metric)
    return f"{METRICS[metric].label} [{shown}], {WHEN_WORDS[ranking.at]}"


def where(ranking: Ranking) -> str:
    """Return whom the table is about, with its simulated people."""
    metric, state, platform, group = ranking.key
    name = capital(cell_name(ranking.runs[0].scenario, metric, state, platform, group))
    fewest = min(int(effect(row, "simulated")) for row in ranking.rows)
    return f"{name} ({group + '; ' if group else ''}{fewest:,} simulated)"


def headline(ranking: Ranking) -> list[str]:
    """Return the finding: the best run, and how far it is from the first one."""
    rows, first = ranking.rows, ranking.names[0]
    known = [row for row in rows if row["effect"] is not None]
    if not known:
        return ["The metric is not defined in any of these runs."]
    if not any(effect(row, key) for row in rows for key in ("effect", "low", "high")):
        return ["The policies have no effect by this metric in any of these runs."]
    best = known[0]
    alike = [str(row["run"]) for row in known if row["effect"] == best["effect"]]
    have = "has" if len(alike) == 1 else "have"
    said = [f"{listed(alike)} {have} the {ORDERED[ranking.order].partition(' ')[0]} effect, {value_text(best)}."]
    if str(best["run"]) != first:
        base = next(row for row in rows if row["run"] == first)
        said = [f"{said[0].removesuffix('.')}; {first} has {value_text(base)}: a difference of {_sure(best)}."]
    elif len(alike) < len(known):
        after = next(row for row in known if str(row["run"]) not in alike)
        said.append(f"Next is {after['run']} with {value_text(after)}: a difference of {_sure(after)}.")
    unclear = [str(row["run"]) for row in rows if row["clear"] == "no" and row is not best]
    if unclear and str(best["run"]) != first:
        said.append(f"No clear difference from {first}: {listed(unclear)}.")
    if any(row["clear"] == "few" for row in rows):
        said.append(f"With fewer than {FEW_MEMBERS} members, chance cannot be ruled out.")
    return said


def _sure(row: Row) -> str:
    """Return the difference of a run from the first, and whether its interval excludes zero."""
    return difference(row) + (" (not clear: the interval includes zero)" if row["clear"] == "no" else "")


def value_text(row: Row) -> str:
    """Return the effect of a run with its interval: ``5.4 (3.1 to 8)``."""
    numbers = [None if row[key] is None else effect(row, key) for key in ("effect", "low", "high")]
    return compact_range(str(row["metric"]), numbers[0], numbers[1], numbers[2])


def difference(row: Row) -> str:
    """Return the difference of a run from the first one, with its interval; shares in percentage points."""
    if row["paired"] is None:
        return "-"
    spread = {"difference": "difference", "low": "difference_low", "high": "difference_high"}
    return difference_text({"metric": row["metric"]} | {key: row[column] for key, column in spread.items()})


def cells(row: Row) -> tuple[str, str, str, str]:
    """Return a row as text, under `HEADER`."""
    apart = "" if row["paired"] in (None, True) else " *"
    return (
        str(row["run"]),
        value_text(row),
        difference(row) + apart,
        {"few": "few seeds"}.get(str(row["clear"]), str(row["clear"])),
    )


def why(ranking: Ranking) -> str:
    """Return how members are paired: one sentence for each way, with the runs that it holds for."""
    ways: dict[str, list[str]] = {}
    for name, pair in zip(ranking.names[1:], ranking.pairs, strict=True):
        ways.setdefault(why_paired(pair), []).append(name)
    if len(ways) == 1:
        return next(iter(ways))
    return " ".join(f"{listed(names)}: {text}" for text, names in ways.items())


def notes(ranking: Ranking) -> Iterator[str]:
    """Yield what a reader must know before trusting the table."""
    if not ranking.chosen:
        yield (
            "Nobody loses contact in any of these runs, or not all of them measure it, so they are ranked by another "
            "metric; choose one with --by."
        )
    if not ranking.paired:
        yield "*: not paired by seed; the interval of this difference includes chance in both runs."
    yield (
        f"Effects are those of each run's policies on its own baseline, with 80 % intervals; clear: the interval of "
        f"the difference excludes zero. Effects on fewer than {MIN_PEOPLE} simulated people are not shown."
    )
    kinds: dict[str, list[str]] = {}
    for name, run in zip(ranking.names, ranking.runs, strict=True):
        kinds.setdefault(str(run.scenario.status), []).append(name)
    if len(kinds) > 1:
        yield "; ".join(f"{kind}: {listed(names)}" for kind, names in kinds.items()) + "."
    of_pairs = [note for pair in ranking.pairs for note in notes_on_pair(pair)]
    yield from dict.fromkeys(of_pairs)


def lines(ranking: Ranking, width: int = WIDTH) -> Iterator[str]:
    """Yield the finding, the table, what each run found, and notes, as lines of so many columns."""
    for said in (what(ranking), where(ranking), "", *headline(ranking), ""):
        yield from wrapped(said, width) if said else [""]
    header = ("run", "effect (80 %)", "run - first (80 %)", "clear")
    yield from aligned([header, *(cells(row) for row in ranking.rows)], width, left=True)
    yield ""
    for name, run in zip(ranking.names, ranking.runs, strict=True):
        for said in found_by(run)[:1]:
            yield from wrapped(f"{name}: {said}", width, "- ")
    yield ""
    for said in (ranking.why, *ranking.notes):
        yield from wrapped(said, width)


def text(ranking: Ranking, width: int = WIDTH) -> str:
    """Return the same as plain text."""
    return "".join(f"{line}\n" for line in lines(ranking, width))
