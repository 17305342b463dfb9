"""Check the scenarios that result from ``uncertain:`` and ``sweep:``, value by value, before anything runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sim.errors import Code, Problem, did_you_mean
from sim.policies.values import Names
from sim.scenario.names import canonical, set_at, split_path
from sim.scenario.precedence import in_use
from sim.scenario.tree import Node, mapping_node, placed

MOST_VALUES = 1_000
"""Most values of one sweep path."""
_HEADS = {
    "uncertain": ("parameters", "world", "policies"),
    "sweep": ("parameters", "world", "policies", "start", "days", "people"),
}

type Faults = Callable[[Node, Names], list[Problem]]


def faults_of_variations(tree: Node, names: Names, faults: Faults) -> list[Problem]:
    """Return what is wrong with the values that ensembles draw and sweeps go through.

    Parameters
    ----------
    tree : Node
        A scenario that is right as it stands.
    names : Names
        The names in force.
    faults : callable
        Returns what is wrong with a tree.
    """
    found: list[Problem] = []
    # What varies is checked once, by itself, and not again with each value.
    fixed = mapping_node({key: node for key, node in tree.mapping.items() if key not in _HEADS}, tree.where, tree.keys)
    for part, path, values in _variations(tree, found):
        where = tree.where_of((part, path), key=True)
        steps = split_path(path, names)
        if steps[0] not in _HEADS[part] or steps in (("parameters",), ("world",), ("policies",)):
            known = [*names.facts.parameters, *(f"{head}." for head in _HEADS[part])]
            hint = did_you_mean(path, known) or "splinternet list parameters names them"
            allowed = "a model parameter, or a path such as world.vpn_share.DE"
            said = f"unknown parameter or path '{path}'"
            found.append(Problem(where, said, allowed, hint, Code.UNKNOWN_NAME, part))
            continue
        for value in values:
            found += _faults_of_value(fixed, part, path, steps, value, names, faults)
    return found


def _variations(tree: Node, found: list[Problem]) -> Iterator[tuple[str, str, list[Node]]]:
    """Yield part, path and values of everything that varies."""
    for path, node in _entries(tree, "uncertain"):
        yield "uncertain", path, [end for key in ("low", "high") if (end := node.get(key)) is not None]
    for path, node in _entries(tree, "sweep"):
        if not 1 <= len(node.items) <= MOST_VALUES:
            found.append(Problem(node.where, f"{len(node.items)} values", f"1 to {MOST_VALUES:,}", "", Code.RANGE,
                                 f"sweep.{path}"))  # fmt: skip
            continue
        yield "sweep", path, node.items


def _faults_of_value(
    tree: Node, part: str, path: str, steps: tuple[str, ...], value: Node, names: Names, faults: Faults
) -> list[Problem]:
    """Return what is wrong with a scenario in which one value is set."""
    mark = f"{value.where} "  # unlike any other place, so that only what this value causes is taken
    changed = set_at(tree, in_use(tree, steps), placed(value, mark))
    if changed is None:
        hint = did_you_mean(steps[1], names.policies)
        said, allowed = f"no policy '{steps[1]}'", "the id of a policy"
        return [Problem(value.where, said, allowed, hint, Code.UNKNOWN_NAME, f"{part}.{path}")]
    caused = [problem for problem in faults(canonical(changed, names, []), names) if problem.where == mark]
    return [problem.below(part, value.where) for problem in caused]


def _entries(tree: Node, name: str) -> list[tuple[str, Node]]:
    """Return the entries of a part of the scenario."""
    node = tree.get(name)
    return list(node.mapping.items()) if node is not None else []
