"""The parts of a report on several runs: one table and one picture, what each run is, numbers that differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from ..results import Result
from ..results.compare import Ranking
from ..text.comparison import HEADER, ORDERED, cells, headline, where
from ..text.comparison import what as what_ranked
from ..text.findings import headline as headline_of
from .pages import Named, Table, picture, render
from .report_evidence import assumed, what
from .report_run import POLICY_HEADER, policy_row

UNLIKE = (
    "These runs are not alike: there is no group, country or platform of which all of them measure this. Each run has "
    "its own finding below."
)


def ranked(ranking: Ranking) -> Markup:
    """Return the finding, the picture and the table of runs, best first; or that the runs are not alike."""
    if all(row["effect"] is None for row in ranking.rows):
        return render("ranking.html", about=[], sentences=[UNLIKE], chart=None, rows=None, notes=[])
    figure: Any = ranking.plot()
    return render(
        "ranking.html", about=[what_ranked(ranking), where(ranking)], sentences=headline(ranking),
        chart=picture(ranking.runs[0], figure, f"A dot and an interval for each run, {ORDERED[ranking.order]}."),
        rows=Table(f"Runs, {ORDERED[ranking.order]}", HEADER, [cells(row) for row in ranking.rows], numbers=(1, 2)),
        notes=[ranking.why, *ranking.notes],
    )  # fmt: skip


def runs(ranking: Ranking) -> Markup:
    """Return what each run is and found, in the order in which they were given."""
    rows = [
        (name, f"{run.scenario.title} [{run.scenario.status}]", headline_of(run)[0])
        for name, run in zip(ranking.names, ranking.runs, strict=True)
    ]
    return tables(Table("The runs", ("run", "the case", "what it found"), rows, widths=(20, 35, 45)))


def policies(ranking: Ranking) -> Markup:
    """Return the policies of all runs; one that several runs share stands once."""
    held: dict[tuple[str, ...], list[str]] = {}
    for name, run in zip(ranking.names, ranking.runs, strict=True):
        for policy in run.scenario.policies:
            held.setdefault(policy_row(run, policy), []).append(name)
    every = len(ranking.runs)
    rows = [(*row, "all" if len(names) == every else ", ".join(names)) for row, names in held.items()]
    return tables(Table("Policies", (*POLICY_HEADER, "runs"), rows, widths=(12, 8, 9, 9, 10, 19, 18, 15)))


def assumptions_that_differ(results: Sequence[Result], names: Sequence[str]) -> Markup:
    """Return a table of the numbers that are not the same in all runs.

    Parameters
    ----------
    results : sequence of Result
    names : sequence of str
        A name for each.
    """
    by_run = [{each.name: each for each in assumed(result)} for result in results]
    rows: list[tuple[str | Named, ...]] = []
    for known in dict.fromkeys(known for run in by_run for known in run):
        values = [run[known].value if known in run else "as in the tables" for run in by_run]
        if len(set(values)) > 1:
            one = next(run[known] for run in by_run if known in run)
            rows.append((what(one, results[0].scenario), *values))
    header = ("what", *names)
    return render("differing.html", numbers=Table("Numbers that differ between the runs", header, rows))


def tables(*shown: Table) -> Markup:
    """Return tables as a part of a page."""
    return render("tables.html", tables=shown)
