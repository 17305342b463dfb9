"""Rules for ``uncertain:`` and ``sweep:``: each quantity once, each value once, not too many."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from sim.errors import Code, Place, Problem
from sim.policies.values import Names
from sim.scenario.names import split_path
from sim.scenario.tree import Node

MANY_POINTS = 10_000
"""A sweep of more points takes days (assumption: seconds for each)."""
MOST_EXACT = 2**53
"""Whole numbers below this are exact as floating-point numbers."""


def variation_faults(tree: Node, names: Names) -> Iterator[Problem]:
    """Yield a quantity that appears twice by two paths, and a value that appears twice."""
    for part in ("uncertain", "sweep"):
        first: dict[tuple[str, ...], str] = {}
        for path, _ in _entries(tree, part):
            steps = split_path(path, names)
            if steps in first:
                where = tree.where_of((part, path), key=True)
                found = f"'{path}' and '{first[steps]}' are the same"
                yield Problem(where, found, "each quantity once", "", Code.DUPLICATE, part)
            first.setdefault(steps, path)
    for path, node in _entries(tree, "sweep"):
        seen: set[str] = set()
        for item in node.items:
            value = item.plain()
            # An integer equals the same number with a decimal point, but not a truth value.
            text = repr(value)
            if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < MOST_EXACT:
                text = repr(float(value))
            if text in seen:
                found = f"{value} appears twice"
                yield Problem(item.where, found, "each value once", "", Code.DUPLICATE, f"sweep.{path}")
                break
            seen.add(text)


def variation_doubts(tree: Node, names: Names) -> Iterator[Problem]:
    """Yield a range of one value, a quantity that is both swept and uncertain, and a sweep that would take days."""
    swept = {split_path(path, names): _file_of(node) for path, node in _entries(tree, "sweep")}
    for path, node in _entries(tree, "uncertain"):
        # A file may well sweep over what the file that it extends leaves uncertain.
        if swept.get(split_path(path, names)) == _file_of(node):
            found = f"'{path}' is in sweep too: a value that a sweep sets is not drawn"
            yield Problem(node.where, found, "one of the two", "", Code.IDLE, f"uncertain.{path}")
    for path, node in _entries(tree, "uncertain"):
        low, high = node.get("low"), node.get("high")
        if low is not None and high is not None and low.value == high.value:
            found = f"low and high are both {low.value}: nothing is drawn"
            yield Problem(low.where, found, "a range", "or state the value itself", Code.IDLE, f"uncertain.{path}")
    sweep = _entries(tree, "sweep")
    points = prod(max(1, len(node.items)) for _, node in sweep)
    if points > MANY_POINTS:
        found = f"{points:,} points, each of several runs"
        where = tree.where_of(("sweep",), key=True)
        yield Problem(where, found, f"up to {MANY_POINTS:,} take hours already", "fewer values?", Code.RANGE, "sweep")


def _file_of(node: Node) -> str:
    """Return the name of the file in which a node stands; empty where it came from no file."""
    return node.where.file if isinstance(node.where, Place) else ""


def _entries(tree: Node, name: str) -> list[tuple[str, Node]]:
    """Return the entries of a part of the scenario."""
    node = tree.get(name)
    return list(node.mapping.items()) if node is not None else []
