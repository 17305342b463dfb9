"""The report: one self-contained HTML page about a run, or about several runs that are compared.

The texts and numbers come from `splinternet.results`; this module arranges them. The HTML is in ``templates``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from ..core.program import program_stamp
from ..errors import InputError, Problem
from ..results import Result
from ..results.compare import Ranking, compare
from ..results.files import write_text
from ..results.lives import Lives
from ..text.basis import status_text
from ..text.numbers import day, seeds_text
from .pages import Folded, Section, render
from .report_compare import assumptions_that_differ, policies, ranked, runs
from .report_evidence import assumptions, fact_and_projection, limits
from .report_lives import followed
from .report_losers import losers
from .report_reached import reached
from .report_repeat import repeat
from .report_run import changed, charts, finding, main_picture, observed_beside, question


def write_report(
    results: Sequence[Result],
    path: Path | str,
    lives: Sequence[Lives] = (),
    *,
    by: str = "",
    group: str = "",
    names: Sequence[str] = (),
) -> Path:
    """Write the report on one run, or on several that are compared with the first, and return the file.

    Parameters
    ----------
    results : sequence of Result
        The runs, the one to compare with first.
    path : Path or str
        The file; one that is there is replaced, whole or not at all.
    lives : sequence of Lives
        Simulated people of the runs to show, if any (`Result.follow`).
    by, group, names
        Of several runs, as for `splinternet.results.compare.compare`.

    Raises
    ------
    InputError
        When there is no run, or the path is a folder.
    RunError
        When the disk is full.
    """
    target = Path(path)
    if target.is_dir():
        raise InputError(Problem(str(path), "this is a folder", "the name of a file to write", "report.html"))
    text = report_html(results, lives, by=by, group=group, names=names)
    return write_text(target, text)


def report_html(
    results: Sequence[Result],
    lives: Sequence[Lives] = (),
    *,
    by: str = "",
    group: str = "",
    names: Sequence[str] = (),
) -> str:
    """Return the report as the text of an HTML page; the same runs give the same text.

    Parameters
    ----------
    results : sequence of Result
        One run, or several to compare with the first.
    lives : sequence of Lives
        As for `write_report`.
    by, group, names
        Of several runs, as for `splinternet.results.compare.compare`.
    """
    if not results:
        raise InputError(Problem("", "a report on no run", "at least one run"))
    first = results[0]
    title = first.scenario.title if len(results) == 1 else f"{len(results)} runs compared: {first.scenario.title}"
    stamps = dict.fromkeys(status_text(result) for result in results)
    if len(results) == 1:
        sections = tuple(_one(first, lives))
    else:
        sections = tuple(_several(compare(*results, by=by, group=group, names=names), lives))
    lines = [_run_line(result) for result in results]
    return render("page.html", title=title, version=first.version, stamps=stamps, runs=lines, sections=sections)


def _one(result: Result, lives: Sequence[Lives]) -> Iterator[Section]:
    """Yield each section of the report on one run."""
    yield Section("question", "The question", (question(result),))
    yield Section("finding", "What was found", (finding(result), main_picture(result), reached(result)))
    if result.scenario.observed:
        yield Section("observed", "What was observed", (observed_beside(result),))
    yield Section("changed", "What was changed", (changed(result),))
    yield Section("charts", "Charts", (charts(result),))
    yield Section("who", "Who loses, who gains", (losers(result),))
    yield from _followed(lives)
    yield Section("fact", "What is fact and what is projection", (fact_and_projection(result),))
    yield Section("assumptions", "What it rests on", (assumptions(result),))
    yield Section("limits", "What it must not be used to claim", (limits(result),))
    yield Section("repeat", "How to repeat it", (repeat([result]),))


def _several(ranking: Ranking, lives: Sequence[Lives]) -> Iterator[Section]:
    """Yield each section of the report on several runs; the report on a run has more of it."""
    results, names = ranking.runs, ranking.names
    yield Section("ranking", "Which run does best", (ranked(ranking),))
    yield Section("runs", "What each run is and found", (runs(ranking), policies(ranking)))
    yield from _followed(lives)
    facts = [Folded(name, fact_and_projection(result)) for name, result in zip(names, results, strict=True)]
    yield Section("fact", "What is fact and what is projection", tuple(facts))
    rests = (assumptions_that_differ(results, names), Folded(f"Assumptions of {names[0]}", assumptions(results[0])))
    yield Section("assumptions", "What they rest on", rests)
    yield Section("limits", "What they must not be used to claim", (limits(*results),))
    again = [Folded(name, repeat([result])) for name, result in zip(names, results, strict=True)]
    yield Section("repeat", "How to repeat them", tuple(again))


def _followed(lives: Sequence[Lives]) -> Iterator[Section]:
    """Yield the section on single simulated people, where any were followed."""
    if lives:
        yield Section("lives", "Simulated people, day by day", tuple(followed(each) for each in lives))


def _run_line(result: Result) -> str:
    """Return what a run is, in one line: days, seeds, people, id, version."""
    return (
        f"{result.name}: {day(result.dates[0])} to {day(result.dates[-1])}; {seeds_text(result.seeds)}; about "
        f"{result.scenario.people:,} simulated people; run {result.run_id}; "
        f"{program_stamp(result.version, result.commit)}."
    )
