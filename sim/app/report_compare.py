"""The parts of a report that hold several runs against the first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sim.app.markup import Safe, joined, table, tag
from sim.app.report_evidence import assumed, what
from sim.app.report_run import picture
from sim.results import Result
from sim.results.compare import Comparison, compare
from sim.results.compare_words import EXPLAINED, HEADER, about, cells, headline, main_rows


def comparisons(results: Sequence[Result]) -> Safe:
    """Return every run held against the first."""
    first, *others = results
    return joined(_comparison(compare(first, other), i) for i, other in enumerate(others, 2))


def _comparison(both: Comparison, place: int) -> Safe:
    """Return one comparison: words, picture, table."""
    runs = [tag("p", tag("b", f"{name}: "), text) for name, text in about(both)]
    found = tag("div", *(tag("p", sentence) for sentence in headline(both)), class_="finding")
    rows = [cells(both, row) for row in main_rows(both)]
    parts = [tag("h3", f"Run {place} against run 1"), *runs, found, _picture(both)]
    if rows:
        parts.append(table("What differs most", HEADER, rows, numbers=(3, 4, 5), note=EXPLAINED))
    parts += [tag("p", line, class_="note") for line in (both.why, *both.notes)]
    return joined(parts)


def _picture(both: Comparison) -> Safe:
    """Return the picture of a comparison; nothing where the two have no course in time to show."""
    from sim.plots.registry import house_style
    from sim.plots.two_runs import two_runs

    with house_style():
        figure: Any = two_runs(both)
    if figure.shows_nothing:
        return Safe("")
    return picture(both.second, figure, "The effect of each run's policies, day by day, for what differs most.")


def assumptions_that_differ(results: Sequence[Result]) -> Safe:
    """Return a table of the numbers that are not the same in all runs."""
    by_run = [{each.name: each for each in assumed(result)} for result in results]
    rows = []
    for known in dict.fromkeys(known for run in by_run for known in run):
        values = [run[known].value if known in run else "as in the tables" for run in by_run]
        if len(set(values)) > 1:
            one = next(run[known] for run in by_run if known in run)
            rows.append((what(one, results[0].scenario), *values))
    if not rows:
        return tag("p", "All runs rest on the same numbers; below are those of the first.")
    header = ("what", *(f"run {i}: {result.name}" for i, result in enumerate(results, 1)))
    made = table("Numbers that differ between the runs", header, rows)
    return joined([made, tag("p", "All others are the same; below are those of the first run.")])
