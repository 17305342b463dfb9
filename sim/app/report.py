"""Pages about runs that need no network: the report on one or several, and a result in a notebook.

The texts and numbers come from `splinternet.results` and `splinternet.text`; this module arranges
them. A page loads nothing from other addresses, and its content policy forbids it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from .. import plots
from ..errors import InputError, Problem
from ..results import Result
from ..results.compare import Ranking
from ..results.files import write_text
from ..text.basis import basis, for_readers, knowledge, status_text
from ..text.comparison import HEADER, ORDERED, cells, what, where
from ..text.comparison import headline as headline_of_ranking
from ..text.comparison import spared as spared_most
from ..text.finding_sentences import headline, in_touch, measured, sentences, without_internet
from ..text.findings import FIRST
from ..text.orders import FIRST_NAMED, FIRST_ORDERS, said_back
from ..text.tables import Named, Table
from ..text.terminal import short_table
from . import sections as parts
from .pages import Section, picture, render, tables

_PICTURE = (4.8, 5.2)
"""Width and height of the picture of the first screen [inches]."""
_LETTERS = 1.76
"""Font size relative to a page of this width: at least 11 pixels on a phone of 390 pixels, except
for the source.
"""


# --- the report -----------------------------------------------------------------------------------


def write_report(
    shown: Result | Ranking, path: Path | str, *, spared: Ranking | None = None
) -> Path:
    """Write the report on one run, or on several runs compared with the first, and return its path.

    An existing file is replaced, whole or not at all. For a single run, the report also shows the
    effect of softer orders, as ranked by `splinternet.experiments.mitigate.mitigate`.

    Raises
    ------
    InputError
        The path is a folder.
    RunError
        The disk is full.
    """
    target = Path(path)
    if target.is_dir():
        raise InputError(
            Problem(str(path), "this is a folder", "the name of a file to write", "report.html")
        )
    return write_text(target, report_html(shown, spared=spared))


def report_html(shown: Result | Ranking, *, spared: Ranking | None = None) -> str:
    """Return the report as the text of a page, as `write_report` takes it; the same runs give the
    same text.
    """
    if isinstance(shown, Ranking):
        return _page(f"{len(shown.runs)} runs compared", shown.runs, ranked(shown), _several(shown))
    below = parts.sections(shown, is_spared=spared is not None)
    return _page(shown.scenario.title, [shown], answer(shown, spared), below)


def _page(title: str, runs: Sequence[Result], top: Markup, below: Iterable[Section]) -> str:
    """Return a page on runs: the first screen, the folded sections below it, and a description of
    each run.
    """
    stamps = dict.fromkeys(status_text(run) for run in runs)
    return render(
        "page.html",
        title=title,
        stamps=stamps,
        top=top,
        sections=below,
        runs=runs,
        version=runs[0].version,
    )


def answer(result: Result, spared: Ranking | None = None) -> Markup:
    """Return the first screen: the sentences, the picture, ways to spare people, a table of six
    rows, and caveats.
    """
    name = plots.main_chart(result)
    figure: Any = plots.draw(result, name, figsize=_PICTURE, letters=_LETTERS)
    description = plots.charts()[name].description if name in plots.charts() else name
    first, *rest = sentences(result)[:FIRST]
    # Read this before you quote anything: kind of run, basis, and warnings.
    known = [*knowledge(result)]
    warned = [f"Warning: {text}" for text in for_readers(result)]
    doubts = [
        status_text(result)[1],
        *warned[:1],
        *known[:1],
        *basis(result)[:1],
        *warned[1:],
    ]
    kept = in_touch(result)
    rows = [cells(row)[:3] for row in spared.rows] if spared else []
    title = "" if spared is None else f"What would spare them: {what(spared)}"
    return render(
        "answer.html",
        ordered=said_back(result.scenario, FIRST_ORDERS, FIRST_NAMED),
        measured=measured(result),
        first=first,
        rest=rest,
        like=without_internet(result),
        kept=kept,
        spared=Table(title, ("", *HEADER[1:3]), rows, numbers=(1, 2)),
        said=spared_most(spared) if spared else "",
        caveats=[text for text in dict.fromkeys(doubts) if text][:4],
        table_of_rows=short_table(result),
        chart=None if figure.shows_nothing else picture(result, figure, description),
    )


def _table(ranking: Ranking, caption: str) -> Table:
    """Return the table of the compared runs."""
    return Table(caption, HEADER, [cells(row) for row in ranking.rows], numbers=(1, 2))


def _several(ranking: Ranking) -> Iterator[Section]:
    """Yield each section of the report on several runs; the report on each run has more detail."""
    named = dict(zip(ranking.names, ranking.runs, strict=True))
    first = {f"Assumptions of {ranking.names[0]}": parts.assumptions(ranking.runs[0])}
    facts = {name: parts.fact_and_projection(result) for name, result in named.items()}
    again = {name: parts.repeat(result) for name, result in named.items()}
    yield Section("runs", "What each run is and found, and what differs", [_what_differs(ranking)])
    yield Section(
        "fact", "What is fact and what is projection", [render("folded.html", parts=facts)]
    )
    yield Section(
        "assumptions",
        "What they rest on",
        [_numbers_that_differ(ranking), render("folded.html", parts=first)],
    )
    yield Section("limits", "What they must not be used to claim", [parts.limits(*ranking.runs)])
    yield Section("repeat", "How to repeat them", [render("folded.html", parts=again)])


# --- several runs ---------------------------------------------------------------------------------


def ranked(ranking: Ranking) -> Markup:
    """Return the finding, the picture and the table of runs, best first; or a note that the runs
    are not comparable.
    """
    if all(row["effect"] is None for row in ranking.rows):
        return render("ranking.html", about=[], sentences=[], chart=None, rows=None, notes=[])
    figure: Any = ranking.plot()
    return render(
        "ranking.html",
        about=[what(ranking), where(ranking)],
        sentences=headline_of_ranking(ranking),
        chart=picture(
            ranking.runs[0],
            figure,
            f"A dot and an interval for each run, {ORDERED[ranking.order]}.",
        ),
        rows=_table(ranking, f"Runs, {ORDERED[ranking.order]}"),
        notes=[ranking.why, *ranking.notes],
    )


def _what_differs(ranking: Ranking) -> Markup:
    """Return the descriptions and findings of the runs, in the given order, and their policies; a
    shared policy appears once.
    """
    cases = []
    held = dict[tuple[str, ...], list[str]]()
    for name, run in zip(ranking.names, ranking.runs, strict=True):
        cases.append((name, f"{run.scenario.title} [{run.scenario.status}]", headline(run)[0]))
        for policy in run.scenario.policies:
            held.setdefault(parts.policy_row(run, policy), []).append(name)
    rows = [
        (*row, "all" if len(names) == len(cases) else ", ".join(names))
        for row, names in held.items()
    ]
    return tables(
        Table("The runs", ("run", "the case", "what it found"), cases, widths=(20, 35, 45)),
        Table(
            "Policies", (*parts.POLICY_HEADER, "runs"), rows, widths=(12, 8, 9, 9, 10, 19, 18, 15)
        ),
    )


def _numbers_that_differ(ranking: Ranking) -> Markup:
    """Return a table of the numbers that are not the same in all runs."""
    by_run = [{each.name: each for each in parts.assumed(result)} for result in ranking.runs]
    rows = list[tuple[str | Named, ...]]()
    for known in dict.fromkeys(known for run in by_run for known in run):
        values = [run[known].value if known in run else "as in the tables" for run in by_run]
        if len(set(values)) > 1:
            one = next(run[known] for run in by_run if known in run)
            rows.append((parts.subject(one, ranking.runs[0].scenario), *values))
    found = Table("Numbers that differ between the runs", ("what", *ranking.names), rows)
    return render("differing.html", numbers=found)


# --- in a notebook --------------------------------------------------------------------------------


def notebook_page(shown: Result | Ranking) -> str:
    """Return a run, or a comparison of runs, as one piece of HTML: the finding, the picture, a
    table, notes.
    """
    figure: Any
    if isinstance(shown, Ranking):
        run = shown.runs[0]
        figure = shown.plot()
        stamp = None
        notes = [shown.why, *shown.notes]
        head = [what(shown), where(shown)]
        said = headline_of_ranking(shown)
        numbers = _table(shown, "Runs")
    else:
        run = shown
        figure = shown.plot(plots.main_chart(shown))
        stamp = status_text(shown)
        head = [shown.scenario.title]
        said = [*measured(shown), *headline(shown)]
        numbers = short_table(shown)
        warned = for_readers(shown)
        notes = [
            *basis(shown),
            *(f"Note: {n}" for n in shown.notes),
            *(f"Warning: {w}" for w in warned),
        ]
    chart = picture(run, figure, "", pixels=True)
    return render(
        "notebook.html",
        head=head,
        stamp=stamp,
        said=said,
        chart=chart,
        notes=notes,
        numbers=numbers,
    )
