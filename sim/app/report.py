"""The report: one HTML page about a run, or about several held against each other, that needs nothing else to be read.

The words and numbers are those of `sim.results`; here they are put in order. The look is in ``report.html``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from html import escape
from pathlib import Path
from string import Template

from sim.app.markup import Safe, joined, listed, section, tag
from sim.app.report_compare import assumptions_that_differ, comparisons
from sim.app.report_evidence import assumptions, fact_and_projection, limits
from sim.app.report_repeat import repeat
from sim.app.report_run import changed, charts, finding, losers, question
from sim.errors import InputError, Problem
from sim.results import Result
from sim.results.basis import status_text
from sim.results.files import disk_errors, write_text
from sim.results.words import day, seeds_text


def write_report(results: Sequence[Result], path: Path | str) -> Path:
    """Write the report on one run, or on several held against the first, and return the file.

    Parameters
    ----------
    results : sequence of Result
        The runs, the one to compare with first.
    path : Path or str
        The file; one that is there is replaced, whole or not at all.

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
    text = report_html(results)
    with disk_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
    write_text(target, text)
    return target


def report_html(results: Sequence[Result]) -> str:
    """Return the report as the text of an HTML page; the same runs give the same text.

    Parameters
    ----------
    results : sequence of Result
        One run, or several to compare with the first.
    """
    if not results:
        raise InputError(Problem("", "a report on no run", "at least one run"))
    first = results[0]
    title = first.scenario.title if len(results) == 1 else f"{len(results)} runs compared: {first.scenario.title}"
    sections = list(_one(first) if len(results) == 1 else _several(results))
    contents = [(anchor, name) for anchor, name, _ in sections]
    body = joined(
        [
            _head(results, title),
            tag("nav", listed([tag("a", name, href=f"#{a}") for a, name in contents], "ol"), aria_label="Contents"),
            tag("main", *(section(*part[:2], part[2]) for part in sections), id="main"),
            _foot(first),
        ]
    )
    return Template(_template()).substitute(title=escape(title), version=escape(first.version), body=body)


@cache
def _template() -> str:
    """Return the page that the report is put into."""
    return Path(__file__).with_name("report.html").read_text(encoding="utf-8")


def _one(result: Result) -> Iterator[tuple[str, str, Safe]]:
    """Yield anchor, heading and text of each part of the report on one run."""
    yield "question", "The question", question(result)
    yield "finding", "What was found", finding(result)
    yield "changed", "What was changed", changed(result)
    yield "charts", "Charts", charts(result)
    yield "who", "Who loses, who gains", losers(result)
    yield "fact", "What is fact and what is projection", fact_and_projection(result)
    yield "assumptions", "What it rests on", assumptions(result)
    yield "limits", "What it must not be used to claim", limits(result)
    yield "repeat", "How to repeat it", repeat([result])


def _several(results: Sequence[Result]) -> Iterator[tuple[str, str, Safe]]:
    """Yield anchor, heading and text of each part of the report on several runs."""
    yield "differences", "What differs", comparisons(results)
    for i, result in enumerate(results, 1):
        head = tag("p", tag("b", result.scenario.title), class_="lead")
        parts = [
            tag("h3", "The question"), question(result),
            tag("h3", "What was found"), finding(result),
            tag("h3", "What was changed"), changed(result, anchor=f"{i}"),
            tag("h3", "Charts"), charts(result, most=3),
            tag("h3", "Who loses, who gains"), losers(result),
        ]  # fmt: skip
        yield f"run-{i}", f"Run {i}: {result.name}", joined([head, *parts])
    yield (
        "fact",
        "What is fact and what is projection",
        joined([joined([tag("h3", f"{r.name}, run {r.run_id}"), fact_and_projection(r)]) for r in results]),
    )
    yield "assumptions", "What they rest on", joined([assumptions_that_differ(results), assumptions(results[0])])
    yield "limits", "What they must not be used to claim", limits(*results)
    yield "repeat", "How to repeat them", repeat(results)


def _head(results: Sequence[Result], title: str) -> Safe:
    """Return the head of the page: title, status, what it stands on."""
    stamps = dict.fromkeys(status_text(result) for result in results)
    lines = [tag("p", tag("span", stamp, class_="stamp"), meaning) for stamp, meaning in stamps]
    told = [
        f"{r.name}: {day(r.dates[0])} to {day(r.dates[-1])}; {seeds_text(r.seeds)}; about "
        f"{r.scenario.people:,} simulated people; run {r.run_id}; splinternet {r.version}."
        for r in results
    ]
    small = [tag("p", text, class_="meta") for text in told]
    kicker = tag("p", "Splinternet report", class_="kicker")
    return tag("header", kicker, tag("h1", title), *lines, *small, class_="top")


def _foot(result: Result) -> Safe:
    """Return the foot of the page."""
    return tag(
        "footer",
        tag(
            "p",
            f"Written by splinternet {result.version}, an agent-based model of what happens to people when states cut "
            "the Internet along their borders. This page holds its charts and needs no network.",
        ),
    )
