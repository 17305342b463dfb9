"""The parts of a report that hold several runs against the first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from sim.app.pages import Named, Picture, Table
from sim.app.report_evidence import assumed, what
from sim.app.report_run import picture
from sim.results import Result
from sim.results.compare import Comparison, compare
from sim.text.comparison import EXPLAINED, HEADER, about, cells, headline, main_rows


@dataclass(frozen=True)
class Compared:
    """A run and the first run, side by side.

    Attributes
    ----------
    place : int
        Which run it is, from 2.
    runs : list of tuple of str
        Name of each of the two runs, and what it is.
    sentences : list of str
        What differs.
    picture : Picture, optional
        Effects day by day; None if the two have no metric over time to show.
    rows : Table
        What differs most.
    notes : list of str
        What a reader must know.
    """

    TEMPLATE: ClassVar[str] = "comparison.html"
    place: int
    runs: list[tuple[str, str]]
    sentences: list[str]
    picture: Picture | None
    rows: Table
    notes: list[str]


@dataclass(frozen=True)
class Differing:
    """The numbers that are not the same in all runs."""

    TEMPLATE: ClassVar[str] = "differing.html"
    numbers: Table


def comparisons(results: Sequence[Result]) -> Iterator[Compared]:
    """Yield the comparison of each other run with the first."""
    first, *others = results
    return (_comparison(compare(first, other), i) for i, other in enumerate(others, 2))


def _comparison(both: Comparison, place: int) -> Compared:
    """Return one comparison: words, picture, table."""
    rows = [cells(both, row) for row in main_rows(both)]
    return Compared(
        place=place,
        runs=list(about(both)),
        sentences=list(headline(both)),
        picture=_picture(both),
        rows=Table("What differs most", HEADER, rows, numbers=(3, 4, 5), note=EXPLAINED),
        notes=[both.why, *both.notes],
    )


def _picture(both: Comparison) -> Picture | None:
    """Return the picture of a comparison; None if the two have no metric over time to show."""
    from sim.plots.saving import house_style
    from sim.plots.two_runs import two_runs

    with house_style():
        figure: Any = two_runs(both)
    if figure.shows_nothing:
        return None
    return picture(both.second, figure, "The effect of each run's policies, day by day, for what differs most.")


def assumptions_that_differ(results: Sequence[Result]) -> Differing:
    """Return a table of the numbers that are not the same in all runs."""
    by_run = [{each.name: each for each in assumed(result)} for result in results]
    rows: list[tuple[str | Named, ...]] = []
    for known in dict.fromkeys(known for run in by_run for known in run):
        values = [run[known].value if known in run else "as in the tables" for run in by_run]
        if len(set(values)) > 1:
            one = next(run[known] for run in by_run if known in run)
            rows.append((what(one, results[0].scenario), *values))
    header = ("what", *(f"run {i}: {result.name}" for i, result in enumerate(results, 1)))
    return Differing(Table("Numbers that differ between the runs", header, rows))
