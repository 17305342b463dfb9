"""Runs in one table, in words: the finding, the table and the picture of a terminal, notes."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..metrics.registry import METRICS
from ..results.series import MIN_PEOPLE
from ..results.stats import FEW_MEMBERS
from ..results.summary import Row
from .comparison import difference_text
from .comparison import notes as notes_on_pair
from .comparison import why as why_paired
from .findings import headline as found_by
from .layout import WIDTH, aligned, wrapped
from .numbers import WHEN_WORDS, capital, cell_name, compact, compact_range, listed, unit
from .reportable import effect

if TYPE_CHECKING:
    from ..results.compare import Ranking

HEADER = ("run", "effect (80 %)", "difference from the first (80 %)", "clear")
_SHORT = ("run", "effect (80 %)", "run - first (80 %)", "clear")
ORDERED = {"lowest": "lowest effect first", "highest": "highest effect first", "least": "smallest effect first"}
"""Which run comes first, by `Ranking.order`."""
_FOUND = {"lowest": "lowest", "highest": "highest", "least": "smallest"}
_CLEAR = {"yes": "yes", "no": "no", "few": "few seeds", "": ""}


def what(ranking: Ranking) -> str:
    """Return what the table is of: ``Days without any platform channel, per member [days], over the run``."""
    metric = ranking.metric
    shown = METRICS[metric].total_unit if ranking.at == "total" else unit(metric)
    if METRICS[metric].form == "share":
        shown = "%"
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
    said = [f"{listed(alike)} {have} the {_FOUND[ranking.order]} effect, {value_text(best)}."]
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
    return str(row["run"]), value_text(row), difference(row) + apart, _CLEAR[str(row["clear"])]


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


def text(ranking: Ranking, width: int = WIDTH) -> str:
    """Return the finding, the table and the picture as plain text.

    Parameters
    ----------
    ranking : Ranking
    width : int
        Columns to fit.
    """
    return "".join(f"{line}\n" for line in lines(ranking, width))


def lines(ranking: Ranking, width: int = WIDTH) -> Iterator[str]:
    """Yield the lines of `text`."""
    yield from textwrap.wrap(what(ranking), width)
    yield from textwrap.wrap(where(ranking), width)
    yield ""
    yield from (part for sentence in headline(ranking) for part in textwrap.wrap(sentence, width))
    yield ""
    yield from aligned([_SHORT, *(cells(row) for row in ranking.rows)], width, left=True)
    yield ""
    yield from picture(ranking, width)
    yield ""
    for name, run in zip(ranking.names, ranking.runs, strict=True):
        for said in found_by(run)[:1]:
            yield from wrapped(f"{name}: {said}", width, "- ")
    yield ""
    for sentence in (ranking.why, *ranking.notes):
        yield from textwrap.wrap(sentence, width)


def picture(ranking: Ranking, width: int = WIDTH) -> Iterator[str]:
    """Yield a dot and an interval for each run, on one axis from zero; the first run's dot is hollow.

    Parameters
    ----------
    ranking : Ranking
    width : int
        Columns to fit.
    """
    rows = [row for row in ranking.rows if row["effect"] is not None]
    ends = [effect(row, key) for row in rows for key in ("effect", "low", "high")]
    low, high = min(0.0, *ends, 0.0), max(0.0, *ends, 0.0)
    if not rows or low == high:
        return
    longest = min(28, max(len(str(row["run"])) for row in rows))
    room = width - longest - 3

    def column(value: float) -> int:
        return round((value - low) / (high - low) * (room - 1))

    for row in rows:
        bar = [" "] * room
        bar[column(0.0)] = "│"
        from_, to = column(effect(row, "low")), column(effect(row, "high"))
        bar[from_ : to + 1] = "─" * (to + 1 - from_)
        bar[column(effect(row))] = "○" if row["run"] == ranking.names[0] else "●"
        name = str(row["run"])
        short = name if len(name) <= longest else f"{name[: longest - 1]}…"
        yield f"{short.ljust(longest)}  {''.join(bar)}".rstrip()
    left, right = compact(ranking.metric, low), compact(ranking.metric, high)
    yield " " * (longest + 2) + left + right.rjust(room - len(left))
