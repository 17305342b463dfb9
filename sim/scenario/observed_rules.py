"""Rules for the observed figures of a whole scenario: known metrics, their places, days within the run."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from datetime import date, timedelta

from sim.errors import Problem, did_you_mean
from sim.scenario.tree import Node

DECLARED = ("minutes",)
"""Metrics that a file may name although not every version computes them: their figures are listed, not compared."""


def observed_problems(tree: Node, known: Collection[str] | None) -> Iterator[Problem]:
    """Yield every rule that the observed figures of a scenario break.

    Parameters
    ----------
    tree : Node
        The scenario, merged and with canonical names.
    known : collection of str, optional
        The metrics; where it is the registry itself, the place of each figure is checked as well. None to leave both
        unchecked.
    """
    listed = tree.get("observed")
    first: dict[object, str] = {}
    for at, row in enumerate(listed.items if listed is not None else []):
        path = f"observed.{at}"
        yield from _place(row, path, known)
        start, day, of = (_day(node) for node in (tree.get("start"), row.get("date"), row.get("of")))
        if day is not None and start is not None and day < start:
            yield Problem(row.where_of(("date",)), f"{path}.date: {day} is before the first day", f"{start} or later")
        if of is not None and start is not None and of < start:
            yield Problem(row.where_of(("of",)), f"{path}.of: {of} is before the first day", f"{start} or later")
        name = row.get("row")
        if name is not None and isinstance(name.value, str):
            if name.value in first:
                found = f"{path}.row: '{name.value}' appears twice (the first: {first[name.value]})"
                yield Problem(name.where, found, "each row of the table once")
            first.setdefault(name.value, name.where)


def late_rows(tree: Node, end: date) -> Iterator[Problem]:
    """Yield the figures after the last day: a run cannot be compared with them.

    Parameters
    ----------
    tree : Node
        The scenario.
    end : date
        Its last day.
    """
    listed, start = tree.get("observed"), _day(tree.get("start"))
    for at, row in enumerate(listed.items if listed is not None else []):
        day = _day(row.get("date"))
        if day is not None and day > end and start is not None:
            found = f"observed.{at}.date: {day} is after the last day"
            needed = (day - start) // timedelta(days=1) + 1
            yield Problem(row.where_of(("date",)), found, f"{end} or earlier", f"days: {needed} would reach it")


def _place(row: Node, path: str, known: Collection[str] | None) -> Iterator[Problem]:
    """Yield what is wrong with the metric of a figure, and with where it is said to be."""
    node = row.get("metric")
    if known is None or node is None or not isinstance(node.value, str) or node.value in DECLARED:
        return
    name = node.value
    if name not in known:
        hint = did_you_mean(name, [*known, *DECLARED]) or "splinternet list metrics names them"
        yield Problem(node.where, f"{path}.metric: unknown metric '{name}'", "a metric of the model", hint)
        return
    if not isinstance(known, Mapping):
        return
    dims = known[name].dims
    if known[name].kind != "daily" or not set(dims) <= {"state", "platform", "group"} or not dims:
        allowed = "a daily metric by state, by state and platform, or by group"
        yield Problem(node.where, f"{path}.metric: {name} has no figure of one place and day", allowed)
        return
    for dim in ("state", "platform", "group"):
        said = row.get(dim)
        if dim in dims and (said is None or said.value is None):
            yield Problem(row.where, f"{path}: no {dim}", f"{name} is by {' and '.join(dims)}", f"{dim}: ...")
        if dim not in dims and dim != "state" and said is not None and said.value is not None:
            yield Problem(said.where, f"{path}.{dim}: {name} has no {dim}", f"it is by {' and '.join(dims)}")


def _day(node: Node | None) -> date | None:
    """Return the date that a node holds, if it holds one."""
    if node is not None and isinstance(node.value, str):
        with suppress(ValueError):
            return date.fromisoformat(node.value)
    return node.value if node is not None and type(node.value) is date else None
