"""The parts of a report on several runs: one table and one picture, what each run is, numbers that differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ..results import Result
from ..results.compare import Ranking
from ..text.findings import headline as headline_of
from ..text.ranking import HEADER, ORDERED, cells, headline, where
from ..text.ranking import what as what_ranked
from .pages import Named, Picture, Table
from .report_evidence import assumed, what
from .report_run import POLICY_HEADER, picture, policy_row


@dataclass(frozen=True)
class Ranked:
    """Runs in one table and one picture, best first.

    Attributes
    ----------
    about : list of str
        The metric, and whom it is about.
    sentences : list of str
        The finding.
    picture : Picture
        A dot and an interval for each run.
    rows : Table
        The same numbers, and the differences from the first run.
    notes : list of str
        What a reader must know.
    """

    TEMPLATE: ClassVar[str] = "ranking.html"
    about: list[str]
    sentences: list[str]
    picture: Picture
    rows: Table
    notes: list[str]


@dataclass(frozen=True)
class Runs:
    """A table about several runs."""

    TEMPLATE: ClassVar[str] = "runs.html"
    numbers: Table


@dataclass(frozen=True)
class Differing:
    """The numbers that are not the same in all runs."""

    TEMPLATE: ClassVar[str] = "differing.html"
    numbers: Table


def ranked(ranking: Ranking) -> Ranked:
    """Return the picture and the table of runs, best first."""
    figure: Any = ranking.plot()
    shown = picture(ranking.runs[0], figure, f"A dot and an interval for each run, {ORDERED[ranking.order]}.")
    return Ranked(
        about=[what_ranked(ranking), where(ranking)],
        sentences=headline(ranking),
        picture=shown,
        rows=Table(f"Runs, {ORDERED[ranking.order]}", HEADER, [cells(row) for row in ranking.rows], numbers=(1, 2)),
        notes=[ranking.why, *ranking.notes],
    )


def runs(ranking: Ranking) -> Runs:
    """Return what each run is and found, in the order in which they were given."""
    rows = [
        (name, f"{run.scenario.title} [{run.scenario.status}]", headline_of(run)[0])
        for name, run in zip(ranking.names, ranking.runs, strict=True)
    ]
    return Runs(Table("The runs", ("run", "the case", "what it found"), rows, widths=(20, 35, 45)))


def policies(ranking: Ranking) -> Runs:
    """Return the policies of all runs; one that several runs share stands once."""
    held: dict[tuple[str, ...], list[str]] = {}
    for name, run in zip(ranking.names, ranking.runs, strict=True):
        for policy in run.scenario.policies:
            held.setdefault(policy_row(run, policy), []).append(name)
    every = len(ranking.runs)
    rows = [(*row, "all" if len(names) == every else ", ".join(names)) for row, names in held.items()]
    return Runs(Table("Policies", (*POLICY_HEADER, "runs"), rows, widths=(12, 8, 9, 9, 10, 19, 18, 15)))


def assumptions_that_differ(results: Sequence[Result], names: Sequence[str]) -> Differing:
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
    return Differing(Table("Numbers that differ between the runs", header, rows))
