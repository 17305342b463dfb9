"""Read a scenario: files or a mapping, laid over one another, changed by ``--set``, checked as a whole.

A range under ``uncertain:`` applies in the file that states it, even if that file also fixes the value. A later layer
(the file that extends it, ``--set``, a change in Python) that fixes the same value drops the range.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from pathlib import Path as FilePath
from typing import Any, NamedTuple

from sim.errors import Code, InputError, Place, Problem, did_you_mean
from sim.facts import Facts, find_platform, load_facts
from sim.facts.loading import working_on
from sim.facts.worlds import DEFAULT_WORLD, known_tables, nearest_world
from sim.policies.values import Names
from sim.scenario.check import checked
from sim.scenario.doubts import NEAREST
from sim.scenario.files import Chain, Home, extended, find, home_of, read_chain, world_of, world_of_project
from sim.scenario.names import STATE_NUMBERS, canonical, in_use, names_of, spellings, split_path
from sim.scenario.scenario import FIRST_YEAR, LAST_YEAR, Fixed, Scenario
from sim.scenario.tree import (
    ROOT,
    Path,
    Tree,
    as_day,
    by_id,
    dotted,
    from_python,
    leaves,
    merge,
    value_from_yaml,
    whole_text,
)

_FOLLOWS = frozenset({Code.MISSING, Code.UNKNOWN_ID})
"""What follows from it when a file that was to bring something could not be read."""
_PYTHON = "a change in Python"


class Change(NamedTuple):
    """A value that is set after the files are read.

    Attributes
    ----------
    path : str
        As a user writes it.
    value : object
        Plain.
    where : str
        The place of the value in error messages.
    by : str
        What sets it.
    """

    path: str
    value: Any
    where: str
    by: str


class Layer(NamedTuple):
    """What one file or one change states, by what; the place of each value where ``by`` is empty."""

    tree: Tree
    by: str = ""


def load(
    source: str | FilePath | Mapping[str, object] | Scenario,
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
    options = (("people", people), ("days", days), ("seed", seed))
    changes = [Change(key, value, f"--{key} {value}", f"--{key}") for key, value in options if value is not None]
    changes += _overrides(overrides, problems)
    chain = _chain(source, problems)
    given = source if isinstance(source, Scenario) else None
    try:
        scenario = _resolved(chain, changes, problems, given.fixed if given is not None else (), known_metrics)
    except InputError as error:
        if chain.is_whole or not chain.trees:
            raise
        raise InputError(p for p in error.problems if p.code not in _FOLLOWS) from None
    if given is not None:
        _keep_places(scenario, given)
    return scenario


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
    changes = [Change(path, from_python(value, problems).data, path, _PYTHON) for path, value in values.items()]
    return _resolved(_chain(scenario, problems), changes, problems, scenario.fixed)


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
    keys = scenario.stated()
    tree = from_python({**keys, "policies": [*keys.get("policies", ()), *added]}, problems)
    return _resolved(Chain((tree,), path=scenario.path), (), problems, scenario.fixed)


def steps_of(scenario: Scenario, path: str) -> Path:
    """Return the steps of a path, the same for every way to write it: a bare parameter is ``parameters.<name>``."""
    return split_path(path, names_of(from_python(scenario.stated(), []), scenario.facts))


def _chain(source: object, problems: list[Problem]) -> Chain:
    """Return the trees of a source and of all it extends."""
    if isinstance(source, Scenario):
        return Chain((from_python(source.stated(), problems),), path=source.path)
    if isinstance(source, Mapping):
        return extended(from_python(source, problems), None, problems)
    if isinstance(source, str | FilePath):
        path = find(source, problems)
        return Chain(()) if path is None else read_chain(path, problems)
    kind = type(source).__name__
    problems.append(Problem(ROOT, f"a scenario was given as {kind}", "a path, a name, a mapping or a Scenario"))
    return Chain(())


def _overrides(texts: Iterable[str], problems: list[Problem]) -> Iterator[Change]:
    """Yield the changes that ``PATH=VALUE`` texts mean; what cannot be read is added to the problems."""
    for given in texts:
        where = f"--set {given if len(given) <= 80 else given[:77] + '...'}"
        text = whole_text(given, where, problems)
        path, equals, value = (part.strip() for part in text.partition("="))
        if not equals or not path:
            problems.append(Problem(where, "no PATH=VALUE", "such as --set days=30"))
        elif path.partition(".")[0] == "extends":
            problems.append(Problem(where, "'extends' cannot be set", "extends in a file"))
        else:
            before = len(problems)
            plain = value_from_yaml(value, where, problems)
            if plain is not None or len(problems) == before:
                yield Change(path, plain, where, "--set")


def _resolved(
    chain: Chain,
    changes: Sequence[Change],
    problems: list[Problem],
    fixed_before: Sequence[Fixed],
    known_metrics: Collection[str] | None = None,
) -> Scenario:
    """Return the scenario of some files and changes, or raise with all problems."""
    if not chain.trees:
        raise InputError(problems)
    facts = _facts(chain, changes, problems)
    oldest_first = tuple(reversed(chain.trees))
    names = names_of(reduce(merge, oldest_first), facts)
    files = [canonical(tree, names, problems) for tree in oldest_first]
    tree = reduce(lambda older, newer: merge(older, _respelled(newer, older)), files).without(("extends",))
    layers = [Layer(file) for file in files]
    for change in changes:
        names = names_of(tree, facts)
        steps = split_path(change.path, names)
        changed = tree.replaced(in_use(tree, steps), change.value, change.where)
        if changed is None:
            allowed = "the id of a policy: " + (", ".join(names.policies) or "there is none")
            found, hint = f"no policy or item '{steps[1]}'", did_you_mean(str(steps[1]), names.policies)
            problems.append(Problem(change.where, found, allowed, hint, Code.UNKNOWN_NAME))
            continue
        changed = by_id(changed, problems)
        tree = canonical(changed, names_of(changed, facts), problems)
        if stated := Tree({}, {}).replaced(steps, change.value, change.where):
            layers.append(Layer(stated, change.by))
    names = names_of(tree, facts)
    settled, fixed = _settled(tree, [Layer(canonical(layer.tree, names, []), layer.by) for layer in layers], names)
    scenario = checked(_with_world(settled, facts), names, problems, known_metrics)
    if scenario is None:
        raise InputError(dict.fromkeys(problems))
    origins = {dotted(path): settled.where(*path) for path in leaves(settled.data)}
    origins = {path: where.of_line if isinstance(where, Place) else where for path, where in origins.items()}
    # A range that was stated once more after the value was fixed is drawn again.
    still = tuple(dict.fromkeys(one for one in (*fixed_before, *fixed) if one.path not in scenario.uncertain))
    scenario.note(path=chain.path, places=origins, fixed=still, own=known_tables(facts.name))
    return scenario


def _keep_places(made: Scenario, given: Scenario) -> None:
    """Note for a scenario made of another one that its doubts stand where those of the other do: in its file."""
    known = given.provenance
    places = {(doubt.code, doubt.path): doubt.where for doubt in known.warnings}
    keys = (key for key in Scenario.model_fields if key not in ("people", "seed"))
    made.note(
        warnings=tuple(replace(d, where=places.get((d.code, d.path), d.where)) for d in made.provenance.warnings),
        before={path: given.place(path) for path in given.origins if path.startswith("policies.")},
        # How many people are simulated, and which, makes no policy idle.
        idle=known.idle if all(getattr(made, key) == getattr(given, key) for key in keys) else None,
    )


def _facts(chain: Chain, changes: Sequence[Change], problems: list[Problem]) -> Facts:
    """Return the facts to read a scenario with: those of its world, with the platforms of its first day.

    Names need only the platforms of the first day. Blocks and use on that day are computed for a run.
    """
    text, where, home = _stated_world(chain, changes)
    starts = [change.value for change in reversed(changes) if change.path == "start"]
    starts += [day for tree in chain.trees if (day := tree.get("start")) is not None]
    day = as_day(starts[0]) if starts else None
    day = day if day is not None and FIRST_YEAR <= day.year <= LAST_YEAR else None
    nearest = nearest_world(day) if day is not None else DEFAULT_WORLD
    try:
        base = load_facts(world_of(text, home) if text else world_of_project() or nearest)
    except InputError as error:
        problems += [problem if problem.where else problem.below("world.facts", where) for problem in error.problems]
        base = load_facts(nearest)
    if day is None:
        return base
    stated = (name for tree in chain.trees for name in tree.mapping("world", "platforms"))
    known = (find_platform(name, base.whole or base) for name in stated)
    return working_on(base, day, [name for name in known if name is not None])


def _stated_world(chain: Chain, changes: Sequence[Change]) -> tuple[str, str, Home]:
    """Return the text that names the world, its place, and where the file is that states it; empty where none does."""
    homes = chain.homes or (home_of(chain.path),)
    for change in reversed(changes):
        world = change.value.get("facts") if change.path == "world" and isinstance(change.value, dict) else None
        world = change.value if change.path == "world.facts" else world
        if world is not None:
            return world if isinstance(world, str) else "", change.where, homes[0]
    for tree, home in zip(chain.trees, homes, strict=True):
        if (world := tree.get("world", "facts")) is not None:  # where it is no text, the schema says so
            return world if isinstance(world, str) else "", tree.where("world", "facts"), home
    return "", "", homes[0]


def _with_world(tree: Tree, facts: Facts) -> Tree:
    """Return a tree that names its world as the facts do: one that names none, or names a folder, as well."""
    stated = tree.get("world", "facts")
    if not isinstance(tree.get("world") or {}, dict) or not isinstance(stated or "", str):
        return tree
    where = tree.where("world", "facts") if stated else NEAREST
    return tree.replaced(("world", "facts"), facts.name, where) or tree


def _settled(tree: Tree, layers: Sequence[Layer], names: Names) -> tuple[Tree, list[Fixed]]:
    """Return a tree without the ranges of values that a later layer fixes, and what was dropped."""
    dropped: list[Fixed] = []
    for path, row in tree.mapping("uncertain").items():
        last = max((at for at, layer in enumerate(layers) if layer.tree.get("uncertain", path) is not None), default=0)
        ways = spellings(split_path(path, names))
        later = (
            (layer, stated)
            for layer in reversed(layers[last + 1 :])
            for way in ways
            if (stated := _stated(layer.tree, way)) is not None
        )
        layer, (value, where) = next(later, (None, (None, "")))
        if layer is not None:
            value = None if isinstance(value, dict | list) else value
            low, high = (row.get(end) if isinstance(row, dict) else None for end in ("low", "high"))
            dropped.append(Fixed(path, value, layer.by or where, low, high))
    for one in dropped:
        tree = tree.without(("uncertain", one.path))
    return tree, dropped


def _stated(tree: Tree, path: Path) -> tuple[Any, str] | None:
    """Return the value of a layer at a path with its place, or the value above it that replaces the whole part."""
    for end in range(1, len(path) + 1):
        value = tree.get(*path[:end])
        if value is None:
            return None
        if end == len(path) or not isinstance(value, dict | list):
            return value, tree.where(*path[:end])
    return None


def _respelled(newer: Tree, older: Tree) -> Tree:
    """Return a file's tree with the numbers of states under the paths that the file it extends has for them."""
    paths: list[Path] = [("world", key, code) for key in STATE_NUMBERS for code in newer.mapping("world", key)]
    states = newer.mapping("world", "states")
    paths += [("world", "states", code, key) for code in states for key in STATE_NUMBERS]
    for path in paths:
        value, there = newer.get(*path), in_use(older, path)
        if value is not None and there != path and newer.get(*there) is None:
            newer = newer.without(path).replaced(there, value, newer.where(*path)) or newer
    return newer
