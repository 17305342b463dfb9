"""Rules for the values of parameters: the limits of the model, and the range of the evidence."""

from __future__ import annotations

from collections.abc import Iterator

from sim.errors import Code, Problem, did_you_mean
from sim.facts.limits import limits_of
from sim.policies.values import Names, shown
from sim.scenario.tree import Node, number_in

_FAR = 10.0
"""So many times beyond either end of its range a parameter is far from the evidence (assumption)."""


def parameter_faults(tree: Node, names: Names) -> Iterator[Problem]:
    """Yield unknown parameters, and values with which the model cannot work."""
    known = names.facts.parameters
    for key, node in _entries(tree):
        if key not in known:
            hint = did_you_mean(key, known) or "splinternet list parameters names them"
            where = tree.where_of(("parameters", key), key=True)
            found = f"unknown parameter '{key}'"
            yield Problem(where, found, "a model parameter", hint, Code.UNKNOWN_NAME, "parameters")
        elif (value := number_in(node.value)) is not None:
            yield from _beyond(key, value, node, names)


def parameter_doubts(tree: Node, names: Names) -> Iterator[Problem]:
    """Yield values that the model accepts and that lie far from all evidence.

    A what-if may leave the range of the table, and 0 switches a rule off: neither is in doubt, other than 0 days.
    """
    for key, node in _entries(tree):
        quantity, value = names.facts.parameters[key], number_in(node.value)
        if value is None or quantity.choices or (value == 0 and quantity.unit != "days"):
            continue
        if min(quantity.low, quantity.low / _FAR) <= value <= max(quantity.high, quantity.high * _FAR):
            continue
        found = f"{shown(node.value)} is far from the evidence"
        hint = f"splinternet show {key} shows where the range comes from"
        allowed = f"{quantity.low:g} to {quantity.high:g}" + ("" if quantity.unit == "1" else f" {quantity.unit}")
        yield Problem(node.where, found, allowed, hint, Code.RANGE, f"parameters.{key}")


def _beyond(key: str, value: float, node: Node, names: Names) -> Iterator[Problem]:
    """Yield the problem of a value beyond the limits of the model."""
    quantity = names.facts.parameters[key]
    limits, choices = limits_of(key, quantity), quantity.choices
    if choices and value not in range(len(choices)):
        found, allowed = f"{shown(node.value)} is no choice", f"one of: {', '.join(choices)}"
        yield Problem(node.where, found, allowed, "", Code.RANGE, f"parameters.{key}")
    if choices or limits.allow(value):
        return
    if quantity.unit == "share" and not 0 <= value <= 1:
        found = f"{shown(node.value)} is no share"
    elif limits.least >= 0 > value:
        found = f"{shown(node.value)} is negative"
    else:
        found = f"{shown(node.value)} is too {'small' if value < limits.least else 'large'}"
    allowed = f"{limits.least:g} to {limits.most:g}"
    hint = f"the evidence gives {quantity.low:g} to {quantity.high:g}"
    yield Problem(node.where, found, allowed, hint, Code.RANGE, f"parameters.{key}")


def _entries(tree: Node) -> list[tuple[str, Node]]:
    """Return the parameters that are set."""
    node = tree.get("parameters")
    return list(node.mapping.items()) if node is not None else []
