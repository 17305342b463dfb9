"""Read a scenario: file or mapping -> tree of places -> frozen Scenario, or all its problems at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from pathlib import Path

from sim.errors import Code, InputError, Place, Problem, did_you_mean
from sim.facts import Facts
from sim.facts.own import known_tables
from sim.scenario.check import checked
from sim.scenario.files import Chain, find, read_chain, read_chain_of_mapping
from sim.scenario.gone import without_gone
from sim.scenario.names import canonical, names_of, set_at, split_path
from sim.scenario.precedence import Fixed, Layer, in_use, layer_of, respelled, settle, with_id
from sim.scenario.schema import Scenario
from sim.scenario.tree import ROOT, Node, from_python, leaves, list_node, merge, placed, whole_text
from sim.scenario.which_facts import choose_facts, with_world
from sim.scenario.yaml_text import read_value

_FOLLOWS = frozenset({Code.MISSING, Code.UNKNOWN_ID})
"""What follows from it when a file that was to bring something could not be read."""


def load(
    source: str | Path | Mapping[str, object] | Scenario,
    *,
    overrides: Sequence[str] = (),
    people: int | None = None,
    days: int | None = None,
    seed: int | None = None,
    known_metrics: Collection[str] | None = None,
) -> Scenario:
    """Read, check and resolve a scenario.

    Parameters
    ----------
    source : str, Path, mapping or Scenario
        A file, the bare name of a shipped scenario, or the same keys in Python.
    overrides : sequence of str
        ``PATH=VALUE`` each, as ``--set`` takes them: ``policies.wechat-ban.on=2020-11-12``.
    people, days, seed : int, optional
        Win over what the scenario says [persons, days, 1].
    known_metrics : collection of str, optional
        The metrics that ``measure:`` may name; without it they are not checked.

    Raises
    ------
    InputError
        Everything that is wrong, sorted by line.
    """
    problems: list[Problem] = []
    chain = _chain(source, problems)
    if not chain.trees:
        raise InputError(problems)
    facts = choose_facts(chain, overrides, problems)
    tree, layers = _resolved(chain, facts, problems)
    for key, value in (("people", people), ("days", days), ("seed", seed)):
        tree = tree if value is None else tree.with_entry(key, Node(value, f"--{key} {value}"))
    for text in overrides:
        tree = _override(tree, text, facts, problems, layers)
    given = source if isinstance(source, Scenario) else None
    before = given.fixed if given is not None else ()
    try:
        found = _built(tree, facts, chain.path, problems, layers, before, known_metrics)
        return found if given is None else _with_places_of(given, found)
    except InputError as error:
        if chain.whole:
            raise
        raise InputError(p for p in error.problems if p.code not in _FOLLOWS) from None


def _with_places_of(given: Scenario, found: Scenario) -> Scenario:
    """Return a scenario made of another one, whose doubts stand where those of the other do: in its file."""
    known = given.provenance
    places = {(doubt.code, doubt.path): doubt.where for doubt in known.warnings}
    found.note(
        warnings=tuple(replace(d, where=places.get((d.code, d.path), d.where)) for d in found.provenance.warnings),
        before={path: given.place(path) for path in given.origins if path.startswith("policies.")},
        idle=known.idle if _is_same_law(given, found) else None,
    )
    return found


def _is_same_law(one: Scenario, other: Scenario) -> bool:
    """Return whether two scenarios differ at most in how many people they simulate, and which."""
    return all(
        getattr(one, key) == getattr(other, key) for key in type(one).model_fields if key not in ("people", "seed")
    )


def varied(scenario: Scenario, values: Mapping[str, object]) -> Scenario:
    """Return a scenario with some values changed, checked like any other.

    Parameters
    ----------
    scenario : Scenario
        The one to start from.
    values : mapping of str to object
        Path or bare parameter name -> value, as in ``sweep:`` and ``uncertain:``.

    Raises
    ------
    InputError
        A path is unknown or a value is not allowed.
    """
    problems: list[Problem] = []
    chain = _chain(scenario, problems)
    tree, facts = chain.trees[0], choose_facts(chain, (), problems, values)
    layers = [Layer(tree)]
    for path, value in values.items():
        node = placed(from_python(value, problems), path)
        tree = _changed(tree, path, node, facts, problems, layers, "a change in Python")
    return _built(tree, facts, scenario.path, problems, layers, scenario.fixed)


def with_policies(scenario: Scenario, added: Sequence[Mapping[str, object]]) -> Scenario:
    """Return a scenario with more policies, checked like any other.

    Parameters
    ----------
    scenario : Scenario
        The one to start from.
    added : sequence of mapping
        The keys of each policy, as a file has them.

    Raises
    ------
    InputError
        Everything that is wrong with the policies that are added.
    """
    problems: list[Problem] = []
    chain = _chain(scenario, problems)
    tree, facts = chain.trees[0], choose_facts(chain, (), problems)
    new = [from_python(keys, problems, f"policies[{at}]") for at, keys in enumerate(added)]
    known = tree.get("policies")
    whole = tree.with_entry("policies", list_node([*(known.items if known else ()), *new], "policies"))
    canonical_whole = canonical(whole, names_of(whole, facts), problems)
    return _built(canonical_whole, facts, scenario.path, problems, [Layer(tree)], scenario.fixed)


def _built(
    tree: Node,
    facts: Facts,
    path: Path | None,
    problems: list[Problem],
    layers: Sequence[Layer],
    before: Sequence[Fixed],
    known_metrics: Collection[str] | None = None,
) -> Scenario:
    """Return the scenario of a finished tree, or raise with all problems.

    ``layers`` are what the tree is made of, the oldest first; ``before`` is what the scenario it starts from has fixed.
    """
    names = names_of(tree, facts)
    settled, fixed = settle(tree, [Layer(canonical(layer.tree, names, []), layer.by) for layer in layers], names)
    whole, gone = without_gone(with_world(settled, facts), names)
    scenario = checked(whole, names, problems, known_metrics)
    if scenario is None:
        raise InputError(dict.fromkeys(problems))
    scenario.note_doubts(gone)
    places = {".".join(steps): _line(node.where) for steps, node in leaves(settled)}
    # A range that was stated once more after the value was fixed is drawn again.
    kept = tuple(dict.fromkeys(one for one in (*before, *fixed) if one.path not in scenario.uncertain))
    scenario.note(path=path, places=places, fixed=kept, own=known_tables(facts.name))
    return scenario


def _line(where: str) -> str:
    """Return a place without its column."""
    return where.of_line if isinstance(where, Place) else where


def _chain(source: object, problems: list[Problem]) -> Chain:
    """Return the trees of a source and of all it extends."""
    if isinstance(source, Scenario):
        keys = source.model_dump(exclude_none=True)
        for policy, entry in zip(source.policies, keys["policies"], strict=True):
            if "announced" not in policy.model_fields_set:  # it follows `on`, also when that is changed
                entry.pop("announced", None)
        for row in keys["observed"]:
            if not row["platform"]:  # of a metric that has none
                row.pop("platform")
        return Chain((from_python(keys, problems),), source.path)
    if isinstance(source, Mapping):
        return read_chain_of_mapping(from_python(source, problems), problems)
    if isinstance(source, str | Path):
        path = find(source, problems)
        return Chain(()) if path is None else read_chain(path, problems)
    kind = type(source).__name__
    problems.append(Problem(ROOT, f"a scenario was given as {kind}", "a path, a name, a mapping or a Scenario"))
    return Chain(())


def _resolved(chain: Chain, facts: Facts, problems: list[Problem]) -> tuple[Node, list[Layer]]:
    """Return one tree for a chain and the files it is made of: names canonical, each laid over what it extends."""
    oldest_first = tuple(reversed(chain.trees))
    names = names_of(reduce(merge, oldest_first), facts)
    files = [canonical(tree, names, problems) for tree in oldest_first]
    merged = reduce(lambda older, newer: merge(older, respelled(newer, older)), files)
    entries = {key: node for key, node in merged.mapping.items() if key != "extends"}
    return Node(entries, chain.trees[0].where, merged.keys), [Layer(tree) for tree in files]


def _override(tree: Node, text: str, facts: Facts, problems: list[Problem], layers: list[Layer]) -> Node:
    """Return the tree with one ``PATH=VALUE`` worked in."""
    where = f"--set {text if len(text) <= 80 else text[:77] + '...'}"
    text = whole_text(text, where, problems)
    path, equals, value = text.partition("=")
    if not equals or not path.strip():
        problems.append(Problem(where, "no PATH=VALUE", "such as --set days=30"))
        return tree
    node = read_value(value, where, problems) if value.strip() else Node(None, where)
    return tree if node is None else _changed(tree, path.strip(), node, facts, problems, layers, "--set")


def _changed(
    tree: Node, path: str, node: Node, facts: Facts, problems: list[Problem], layers: list[Layer], by: str
) -> Node:  # fmt: skip
    """Return the tree with the value at a path changed, or the same tree and a problem; note what changed it."""
    names = names_of(tree, facts)
    steps = split_path(path, names)
    if steps[0] == "extends":
        problems.append(Problem(node.where, "'extends' cannot be set", "extends in a file"))
        return tree
    changed = set_at(tree, in_use(tree, steps), node)
    if changed is None:
        allowed = "the id of a policy: " + (", ".join(names.policies) or "there is none")
        hint = did_you_mean(steps[1], names.policies)
        problems.append(Problem(node.where, f"no policy or item '{steps[1]}'", allowed, hint, Code.UNKNOWN_NAME))
        return tree
    layers.append(Layer(layer_of(with_id(steps, names), node), by))
    return canonical(changed, names_of(changed, facts), problems)
