"""Runs compared, in words: the finding and the table of all of them, the metrics that differ in a pair, notes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from ..core.groups import is_diaspora, is_family
from ..core.program import program_stamp
from ..metrics.registry import METRICS
from ..results.compare import point_of
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
    sentence,
    simulated_text,
    unit,
    wrapped,
)
from .reportable import CONTACT, EVER_PEOPLE, LOST_DAYS, LOST_PEOPLE, effect, family_groups, main_groups

if TYPE_CHECKING:
    from ..results.compare import Comparison, Ranking

_ROWS, _A_METRIC = 24, 4  # rows that a table of a pair shows, and those of one metric
_FIRST = (*CONTACT, "active_users", "vpn_users", EVER_PEOPLE, LOST_DAYS, LOST_PEOPLE)
PAIR_HEADER = ("metric", "of", "when", "first", "other", "difference (10-90 %)", "clear")
HEADER = ("run", "effect (80 %)", "difference from the first (80 %)", "clear")
ORDERED = {"lowest": "lowest effect first", "highest": "highest effect first", "least": "smallest effect first"}
"""Which run comes first, by `Ranking.order`."""


# --- a pair -----------------------------------------------------------------------------------------------------------


def why_paired(both: Comparison) -> str:
    """Return how members were put together, and why so: a sentence."""
    n, seeds = len(both.seeds), seeds_text(both.seeds)
    return sentence("compare", "paired", unpaired=both.unpaired or "", n=n, left=both.left_out, seeds=seeds)


def notes_on_pair(both: Comparison) -> Iterator[str]:
    """Yield what a reader must know before trusting the differences."""
    first, other = both.first, both.other
    same_version = first.version == other.version
    only = sorted(set(first.metrics) ^ set(other.metrics))
    held = {
        "same_run": first.run_id == other.run_id,
        "shared_error": both.paired and (first.model_error.is_known or other.model_error.is_known),
        "versions": not same_version,
        "code": same_version and first.about["code_sha256"] != other.about["code_sha256"],
        "tables": first.about["data_sha256"] != other.about["data_sha256"],
        "lengths": len(first.dates) != len(other.dates),
        "only": bool(only),
    }
    by = [program_stamp(each.version, each.commit) for each in (first, other)]
    for name in (name for name, holds in held.items() if holds):
        yield sentence("compare", name, first=first, other=other, by=by, only=", ".join(only))


def differs(row: Row) -> bool:
    """Return whether the interval of a difference does not include zero."""
    return effect(row, "low") > 0 or effect(row, "high") < 0


def main_rows(both: Comparison) -> list[Row]:
    """Return the differences that matter most: contact, use and VPNs first, clear ones before others.

    Each metric stands at the point in time that says most of it; a diaspora of which hardly anybody loses contact in
    either run is chance.
    """
    hit = {
        group for run in (both.first, both.other) for find in (main_groups, family_groups) for group in find(run, 99)
    }

    def order(row: Row) -> tuple[int, str, bool, float]:
        metric = str(row["metric"])
        rank = _FIRST.index(metric) if metric in _FIRST else len(_FIRST)
        return rank, metric, not differs(row), -abs(effect(row, "difference"))

    moved = [
        row
        for row in both.rows
        if row["at"] == point_of(str(row["metric"])) and (row["difference"] or differs(row))
        if (group := str(row["group"])) in hit or not (is_diaspora(group) or is_family(group))
    ]
    by_metric = groupby(sorted(moved, key=order), key=lambda row: row["metric"])
    return [row for _, rows in by_metric for row in list(rows)[:_A_METRIC]][:_ROWS]


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
        return [sentence("compare", "not_defined")]
    if not any(effect(row, key) for row in rows for key in ("effect", "low", "high")):
        return [sentence("compare", "no_effect")]
    best = known[0]
    alike = [str(row["run"]) for row in known if row["effect"] == best["effect"]]
    base = next(row for row in rows if row["run"] == first)
    after = next((row for row in known if str(row["run"]) not in alike), None)
    unclear = [str(row["run"]) for row in rows if row["clear"] == "no" and row is not best]
    most = sentence(
        "compare", "best", runs=listed(alike), many=len(alike) > 1, value=value_text(best), first=first,
        order=ORDERED[ranking.order].partition(" ")[0], base="" if str(best["run"]) == first else value_text(base),
        apart=_sure(best),
    )  # fmt: skip
    said = [most]
    if str(best["run"]) == first and after is not None:
        said.append(sentence("compare", "next", run=after["run"], value=value_text(after), apart=_sure(after)))
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
    kinds: dict[str, list[str]] = {}
    for name, run in zip(ranking.names, ranking.runs, strict=True):
        kinds.setdefault(str(run.scenario.status), []).append(name)
    if not ranking.chosen:
        yield sentence("compare", "other_metric")
    if not ranking.paired:
        yield sentence("compare", "not_paired")
    yield sentence("compare", "of_ranking", fewest=MIN_PEOPLE)
    if len(kinds) > 1:
        yield "; ".join(f"{kind}: {listed(names)}" for kind, names in kinds.items()) + "."
    yield from dict.fromkeys(note for pair in ranking.pairs for note in notes_on_pair(pair))


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
