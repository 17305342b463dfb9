"""Platforms that a scenario mentions and that did not exist on its first day: the entries that can be left out."""

from __future__ import annotations

from collections.abc import Mapping

from sim.errors import Code, Problem
from sim.policies.values import Names
from sim.scenario.names import set_at
from sim.scenario.tree import Node, list_node, mapping_node

_BLOCKS = ("blocks", "blocks_policy_arm")


def without_gone(tree: Node, names: Names) -> tuple[Node, list[Problem]]:
    """Return a tree without entries that have no effect: use and blocks of platforms that did not exist then.

    Other mentions stay; the checks refuse them with the dates of the platform.

    Parameters
    ----------
    tree : Node
        Merged and with canonical names.
    names : Names
        The names in force.

    Returns
    -------
    tree : Node
    left_out : list of Problem
        A warning for each block that is left out.
    """
    left_out: list[Problem] = []
    for state, row in _entries(tree, "penetration").items():
        kept = {name: node for name, node in row.mapping.items() if not (_is_gone(name, names) and _is_zero(node))}
        if len(kept) < len(row.mapping):
            tree = set_at(tree, ("world", "penetration", state), mapping_node(kept, row.where, row.keys)) or tree
    for key in _BLOCKS:
        for state, row in _entries(tree, key).items():
            if any(_is_gone(node.value, names) for node in row.items):
                left_out += [_warning(node, key, state, names) for node in row.items if _is_gone(node.value, names)]
                left = [node for node in row.items if not _is_gone(node.value, names)]
                tree = set_at(tree, ("world", key, state), list_node(left, row.where)) or tree
    return tree, left_out


def _is_gone(name: object, names: Names) -> bool:
    """Return whether a text names a platform that has dates and is not there on the first day."""
    if not isinstance(name, str) or names.platform(name) is not None:
        return False
    from sim.facts.dated import platform_not_there  # late: most scenarios mention no such platform

    return platform_not_there(name, names.facts) is not None


def _is_zero(node: Node) -> bool:
    """Return whether a penetration is zero, for all groups that it names."""
    value = node.plain()
    parts = list(value.values()) if isinstance(value, Mapping) else [value]
    return all(part == 0 and not isinstance(part, bool) for part in parts)


def _warning(node: Node, key: str, state: str, names: Names) -> Problem:
    """Return the warning about a block of a platform that is not there."""
    from sim.facts.dated import platform_not_there

    why = platform_not_there(str(node.value), names.facts) or ("", "", "")
    return Problem(node.where, f"{why[0]}; its block is left out", why[1], "", Code.IDLE, f"world.{key}.{state}")


def _entries(tree: Node, key: str) -> Mapping[str, Node]:
    """Return the entries of a table of the world."""
    node = tree.get("world", key)
    return node.mapping if node is not None else {}
