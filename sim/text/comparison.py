"""Comparisons of runs in words: the finding, the table, the pairing of seeds, and notes."""

from __future__ import annotations

from collections.abc import Iterator

from ..core.program import program_stamp
from ..metrics.registry import METRICS
from ..results.compare import Comparison, Ranking
from ..results.series import FEW_MEMBERS, MIN_PEOPLE
from ..results.summary import Row
from .finding_sentences import headline as found_by
from .numbers import (
    WHEN_WORDS,
    WIDTH,
    aligned,
    capital,
    cell_title,
    compact_range,
    listed,
    percent,
    seeds_text,
    sentence,
    unit,
    wrapped,
)
from .reportable import effect
from .tables import range_text

HEADER = ("run", "effect (80 %)", "difference from the first (80 %)", "clear")
ORDERED = {
    "lowest": "lowest effect first",
    "highest": "highest effect first",
    "least": "smallest effect first",
}
"""The order of the runs in words, by `Ranking.order`."""
_NEARLY = 0.1
"""Largest remaining share of a loss at which nearly everybody is spared [1] (assumption)."""


# --- a pair ---------------------------------------------------------------------------------------


def why_paired(both: Comparison) -> str:
    """Return a sentence on the pairing of seeds and its reason."""
    n = len(both.seeds)
    seeds = seeds_text(both.seeds)
    return sentence(
        "compare", "paired", unpaired=both.unpaired or "", n=n, left=both.left_out, seeds=seeds
    )


def notes_on_pair(both: Comparison) -> Iterator[str]:
    """Yield notes that a reader needs to judge the differences."""
    first = both.first
    other = both.other
    by = [program_stamp(each.version, each.commit) for each in (first, other)]
    only = sorted(set(first.metrics) ^ set(other.metrics))
    held = {
        "same_run": first.run_id == other.run_id,
        "shared_error": both.paired and (first.model_error.is_known or other.model_error.is_known),
        "versions": by[0] != by[1],
        "tables": first.about["facts_sha256"] != other.about["facts_sha256"],
        "lengths": len(first.dates) != len(other.dates),
        "only": bool(only),
    }
    for name in (name for name, holds in held.items() if holds):
        yield sentence("compare", name, first=first, other=other, by=by, only=", ".join(only))


# --- all runs -------------------------------------------------------------------------------------


def what(ranking: Ranking) -> str:
    """Return the title of the table: ``Days without any platform channel, per person [days], over
    the run``.
    """
    metric = ranking.metric
    of_total = ranking.at == "total" and METRICS[metric].form != "share"
    shown = METRICS[metric].total_unit if of_total else unit(metric)
    return f"{METRICS[metric].label} [{shown}], {WHEN_WORDS[ranking.at]}"


def where(ranking: Ranking) -> str:
    """Return the group or place of the table, with its number of simulated people."""
    *_, group = ranking.key
    name = cell_title(ranking.runs[0].scenario, *ranking.key)
    fewest = min(int(effect(row, "simulated")) for row in ranking.rows)
    return f"{name} ({group + '; ' if group else ''}{fewest:,} simulated)"


def headline(ranking: Ranking) -> list[str]:
    """Return the finding: the loss that the best run spares relative to the first, or that no run
    clearly does.
    """
    rows = ranking.rows
    first = ranking.names[0]
    known = [row for row in rows if row["effect"] is not None]
    if not any(effect(row, key) for row in rows for key in ("effect", "low", "high")):
        return [sentence("compare", "no_effect")]
    base = next(row for row in rows if row["run"] == first)
    clear = [row for row in known if row is not base and row["clear"] != "no"]
    better = [row for row in clear if known.index(row) < rows.index(base)]
    said = []
    if better:
        alike = [row for row in better if row["effect"] == better[0]["effect"]]
        said.append(
            sentence(
                "compare",
                "better",
                runs=capital(listed([called(row) for row in alike])),
                value=range_text(better[0]),
                first=called(base),
                base=range_text(base),
                whom=_spared(ranking, better[0], base),
                order=ranking.order,
            )
        )
    elif clear:
        said.append(
            sentence(
                "compare",
                "none_better",
                first=capital(called(base)),
                base=range_text(base),
                run=called(clear[0]),
                value=range_text(clear[0]),
                order=ranking.order,
            )
        )
    unclear = [called(row) for row in rows if row["clear"] == "no"]
    if unclear:
        said.append(
            sentence(
                "compare",
                "unclear",
                first=called(base),
                runs=listed(unclear),
                base="" if clear else range_text(base),
            )
        )
    if any(row["clear"] == "few" for row in rows):
        said.append(f"With fewer than {FEW_MEMBERS} seeds, chance cannot be ruled out.")
    return said


def called(row: Row) -> str:
    """Return the name of a run inside a sentence; its differences keep their spelling."""
    name, bracket, differs = str(row["run"]).partition(" (")
    return f"{name.replace('_', ' ')}{bracket}{differs}"


def _spared(ranking: Ranking, best: Row, base: Row) -> str:
    """Return the share of a loss that the best run spares, in words; empty if the metric counts
    no loss or a baseline has no loss.
    """
    most = effect(base)
    if ranking.order != "lowest" or most <= 0.0:
        return ""
    left = max(0.0, effect(best) / most)
    who = "group" in METRICS[ranking.metric].dims
    if left <= _NEARLY:
        return sentence("compare", "all_spared", who=who, nearly=bool(effect(best, "high")))
    return sentence("compare", "part_spared", share=percent(1.0 - left), who=who)


def spared(ranking: Ranking) -> str:
    """Return a sentence on the way to soften an order that spares most people, relative to the
    first run.
    """
    best = ranking.rows[0]
    known = {str(row["run"]): row for row in ranking.rows}
    is_one = best["run"] != ranking.names[0] and best["clear"] != "no"
    label = METRICS[ranking.metric].label
    values = [range_text(row) for row in (best, known[ranking.names[0]])]
    return sentence(
        "compare",
        "spared",
        best=best["run"] if is_one else "",
        label=label[0].lower() + label[1:],
        values=values,
    )


def difference(row: Row) -> str:
    """Return the difference of a run from the first run, with its interval; shares are in
    percentage points.
    """
    if row["paired"] is None:
        return "-"
    keys = ("difference", "difference_low", "difference_high")
    metric = str(row["metric"])
    text = compact_range(metric, *(None if row[key] is None else effect(row, key) for key in keys))
    return text.replace(" %", " points") if METRICS[metric].form == "share" else text


def cells(row: Row) -> tuple[str, str, str, str]:
    """Return the cells of a row as text, in the order of `HEADER`."""
    apart = "" if row["paired"] in (None, True) else " *"
    return (
        str(row["run"]),
        range_text(row),
        difference(row) + apart,
        {"few": "few seeds"}.get(str(row["clear"]), str(row["clear"])),
    )


def why(ranking: Ranking) -> str:
    """Return the pairing of seeds: one sentence for each kind, with its runs."""
    ways: dict[str, list[str]] = {}
    for name, pair in zip(ranking.names[1:], ranking.pairs, strict=True):
        ways.setdefault(why_paired(pair), []).append(name)
    if len(ways) == 1:
        return next(iter(ways))
    return " ".join(f"{listed(names)}: {text}" for text, names in ways.items())


def notes(ranking: Ranking) -> Iterator[str]:
    """Yield notes that a reader needs to judge the table."""
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
    """Yield the finding, the table, the finding of each run, and notes, as lines of a given
    width.
    """
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
    """Return the comparison as plain text."""
    return "".join(f"{line}\n" for line in lines(ranking, width))
