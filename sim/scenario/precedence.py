"""The precedence of fixed and uncertain values: the one that is set later applies.

A range under ``uncertain:`` applies in the file that states it, even if that file also fixes the value. A later layer
(the file that extends it, ``--set``, a change in Python) that fixes the same value drops the range.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sim.policies.values import Names, shown
from sim.scenario.names import set_at, split_path
from sim.scenario.tree import Node, mapping_node, number_in, policy_id

_STATE_NUMBERS = ("vpn_share", "internet_users")


@dataclass(frozen=True)
class Fixed:
    """A value that is fixed, and therefore not drawn.

    Attributes
    ----------
    path : str
        The parameter, or the path into the scenario, as ``uncertain:`` names it.
    value : object
        What it is fixed at; None when it is no single value.
    by : str
        What fixed it: ``--set``, or the place in a file.
    low, high : object
        Ends of the range that is not drawn.
    """

    path: str
    value: object
    by: str
    low: object
    high: object

    def __str__(self) -> str:
        """Return it as one sentence without a full stop, as warnings are."""
        at = "" if self.value is None else f" at {_number(self.value)}"
        ends = f"{_number(self.low)} to {_number(self.high)}"
        return f"{self.path} is fixed{at} by {self.by}; the range {ends} under 'uncertain' is not drawn"


class Layer(NamedTuple):
    """What one file, one ``--set`` or one change in Python states."""

    tree: Node
    by: str = ""  # what states it; the place of each value where it is empty


def settle(tree: Node, layers: Sequence[Layer], names: Names) -> tuple[Node, list[Fixed]]:
    """Return a scenario without the ranges of values that a later layer fixes, and what was dropped.

    Parameters
    ----------
    tree : Node
        The finished scenario, with canonical names.
    layers : sequence of Layer
        What it was made of, the oldest first, with canonical names.
    names : Names
        The names in force.
    """
    ranges = tree.get("uncertain")
    if ranges is None or not ranges.mapping:
        return tree, []
    kept: dict[str, Node] = {}
    dropped: list[Fixed] = []
    for path, row in ranges.mapping.items():
        stated = max(
            (at for at, layer in enumerate(layers) if layer.tree.get("uncertain", path) is not None), default=0
        )
        fixed = _fixed_after(stated, with_id(split_path(path, names), names), layers)
        if fixed is None:
            kept[path] = row
            continue
        node, by = fixed
        value = None if isinstance(node.value, dict | list) else node.value
        low, high = (end.value if (end := row.get(key)) is not None else None for key in ("low", "high"))
        dropped.append(Fixed(path, value, by or node.where, low, high))
    if not dropped:
        return tree, []
    return tree.with_entry("uncertain", mapping_node(kept, ranges.where, ranges.keys)), dropped


def _fixed_after(stated: int, steps: tuple[str, ...], layers: Sequence[Layer]) -> tuple[Node, str] | None:
    """Return the last value at a path that a layer after ``stated`` fixes, and what fixes it."""
    for layer in reversed(layers[stated + 1 :]):
        for way in _spellings(steps):
            node = _stated(layer.tree, way)
            if node is not None:
                return node, layer.by
    return None


def with_id(steps: tuple[str, ...], names: Names) -> tuple[str, ...]:
    """Return a path that names a policy by its id, also where it was named by its position."""
    if len(steps) > 1 and steps[0] == "policies" and steps[1] not in names.policies and steps[1].isdecimal():
        at = int(steps[1])
        return (steps[0], names.policies[at], *steps[2:]) if at < len(names.policies) else steps
    return steps


def layer_of(steps: Sequence[str], node: Node) -> Node:
    """Return a tree that says nothing but one value; policies stand by their ids."""
    for step in reversed(steps):
        node = mapping_node({step: node}, node.where, {step: node.where})
    return node


def _stated(layer: Node, steps: Sequence[str]) -> Node | None:
    """Return the node of a layer at a path, or a single value above it that replaces the whole part."""
    node = layer
    for step in steps:
        if isinstance(node.value, list):
            found = next((item for item in node.items if policy_id(item) == step), None)
        elif isinstance(node.value, dict):
            found = node.get(step)
        else:
            return node if node.value is not None else None
        if found is None:
            return None
        node = found
    return node


def _spellings(steps: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Return the paths that lead to the same number."""
    match steps:
        case ("world", "penetration", state, platform, *rest):
            return [steps, ("world", "platforms", platform, "penetration", state, *rest)]
        case ("world", "platforms", platform, "penetration", state, *rest):
            return [steps, ("world", "penetration", state, platform, *rest)]
        case ("world", number, state) if number in _STATE_NUMBERS:
            return [steps, ("world", "states", state, number)]
        case ("world", "states", state, number) if number in _STATE_NUMBERS:
            return [steps, ("world", number, state)]
    return [steps]


def in_use(tree: Node, steps: tuple[str, ...]) -> tuple[str, ...]:
    """Return the path under which a tree states a number that two paths lead to; the path itself where it states none.

    A later value replaces the earlier one, even if it is stated under the other path.
    """
    return next((way for way in _spellings(steps) if tree.get(*way) is not None), steps)


def respelled(newer: Node, older: Node) -> Node:
    """Return a file's tree with the numbers of states under the paths that the file it extends has for them."""
    for key in _STATE_NUMBERS:
        table, states = newer.get("world", key), newer.get("world", "states")
        moved: list[tuple[str, ...]] = [("world", key, code) for code in (table.mapping if table else ())]
        moved += [("world", "states", code, key) for code in (states.mapping if states else ())]
        for steps in moved:
            node, there = newer.get(*steps), in_use(older, steps)
            if node is not None and there != steps and newer.get(*there) is None:
                newer = _without(newer, steps)
                newer = set_at(newer, there, node) or newer
    return newer


def _without(tree: Node, steps: Sequence[str]) -> Node:
    """Return a tree in which a path has no value."""
    entry = tree.get(steps[0])
    if entry is None:
        return tree
    if len(steps) > 1:
        return tree.with_entry(steps[0], _without(entry, steps[1:]))
    return mapping_node({key: node for key, node in tree.mapping.items() if key != steps[0]}, tree.where, tree.keys)


def _number(value: object) -> str:
    """Return a value as a reader writes it."""
    number = number_in(value)
    return shown(value) if number is None else f"{number:g}"
