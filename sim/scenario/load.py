"""Read a scenario: files or a mapping, laid over one another, changed by ``--set``, checked as a whole.

A range under ``uncertain:`` applies in the file that states it, even if that file also fixes the value. A later layer
(the file that extends it, ``--set``, a change in Python) that fixes the same value drops the range.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from pathlib import Path as FilePath
from typing import Any, NamedTuple

from ..errors import Code, InputError, Place, Problem, did_you_mean
from ..facts import Facts, find_platform, load_facts
from ..facts.loading import facts_on
from ..facts.worlds import DEFAULT_WORLD, known_tables, nearest_world
from ..policies.values import Names, shown
from .check import checked
from .doubts import NEAREST
from .files import Source, find, read_chain, world_of, world_of_project
from .names import STATE_NUMBERS, canonical, in_use, names_of, spellings, split_path
from .scenario import FIRST_YEAR, LAST_YEAR, Scenario
from .tree import (
    ROOT,
    Path,
    Tree,
    as_day,
    by_id,
    dotted,
    from_python,
    from_yaml,
    merge,
    paths_in,
    whole_text,
)

_FOLLOWS = frozenset({Code.MISSING, Code.UNKNOWN_ID})
"""What follows from it when a file that was to bring something could not be read."""


class Change(NamedTuple):
    """A value that is set after the files are read."""

    path: str
    """As a user writes it."""
    value: Any
    """Plain."""
    where: str
    """The place of the value in error messages."""


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
    changes = [Change(key, value, f"--{key} {shown(value)}") for key, value in options if value is not None]
    changes += _overrides(overrides, problems)
    path: FilePath | None = None
    fixed: Mapping[str, Problem] = {}
    if isinstance(source, Scenario):
        tree = from_python(source.stated(), problems, source.places)
        path, fixed, chain = source.path, source.fixed, [Source.of(tree, source.path)]
    elif isinstance(source, Mapping):
        chain = read_chain(from_python(source, problems), None, problems)
    elif isinstance(source, str | FilePath):
        path = find(source, problems)
        chain = read_chain(None, path, problems)
    else:
        found = f"a scenario was given as {type(source).__name__}"
        raise InputError(Problem(ROOT, found, "a path, a name, a mapping or a Scenario"))
    try:
        return _resolved(chain, path, changes, problems, fixed, known_metrics)
    except InputError as error:
        if not chain or chain[-1].tree.get("extends") is None:
            raise  # all that is extended could be read
        raise InputError(p for p in error.problems if p.code not in _FOLLOWS) from None


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
    changes = [Change(path, from_python(value, problems).data, path) for path, value in values.items()]
    chain = [Source.of(from_python(scenario.stated(), problems), scenario.path)]
    return _resolved(chain, scenario.path, changes, problems, scenario.fixed)


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
    return _resolved([Source.of(tree, scenario.path)], scenario.path, (), problems, scenario.fixed)


def steps_of(scenario: Scenario, path: str) -> Path:
    """Return the steps of a path, the same for every way to write it: a bare parameter is ``parameters.<name>``."""
    return split_path(path, names_of(from_python(scenario.stated(), []), scenario.facts))


def values_of(texts: Iterable[str]) -> dict[str, Any]:
    """Return the values that ``PATH=VALUE`` texts set, by path.

    Raises
    ------
    InputError
        What cannot be read.
    """
    problems: list[Problem] = []
    values = {change.path: change.value for change in _overrides(texts, problems)}
    if problems:
        raise InputError(problems)
    return values


def _overrides(texts: Iterable[str], problems: list[Problem]) -> Iterator[Change]:
    """Yield the changes that ``PATH=VALUE`` texts mean; what cannot be read is added to the problems."""
    for given in texts:
        where = f"--set {given if len(given) <= 80 else given[:77] + '...'}"
        path, equals, text = (part.strip() for part in whole_text(given, where, problems).partition("="))
        if not equals or not path:
            problems.append(Problem(where, "no PATH=VALUE", "such as --set days=30"))
        elif path.partition(".")[0] == "extends":
            problems.append(Problem(where, "'extends' cannot be set", "extends in a file"))
        else:
            faults: list[Problem] = []
            tree = from_yaml(text, where, faults) if text else Tree(None, {})
            problems.extend(Problem(where, p.found, p.allowed, p.hint, p.code) for p in faults)
            if tree is not None:
                yield Change(path, tree.data, where)


def _resolved(
    chain: Sequence[Source],
    path: FilePath | None,
    changes: Sequence[Change],
    problems: list[Problem],
    fixed: Mapping[str, Problem],
    known_metrics: Collection[str] | None = None,
) -> Scenario:
    """Return the scenario of some files and changes, or raise with all problems.

    ``fixed`` are the ranges that were dropped before, as `Scenario.fixed` has them.
    """
    if not chain:
        raise InputError(problems)
    facts = _facts(chain, changes, problems)
    oldest_first = [source.tree for source in reversed(chain)]
    names = names_of(reduce(merge, oldest_first), facts)
    tree, dropped = Tree({}, {}), dict[str, Problem]()
    for layer in oldest_first:
        layer = canonical(layer, names, problems)
        tree = merge(tree, _respelled(layer, tree)).without(("extends",))
        _note_fixed(tree, layer, "", names, dropped)
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
        names = names_of(changed, facts)
        tree = canonical(changed, names, problems)
        if (stated := Tree({}, {}).replaced(steps, change.value, change.where)) is not None:
            by = change.where.partition(" ")[0] if change.where.startswith("--") else "a change in Python"
            _note_fixed(tree, canonical(stated, names, []), by, names, dropped)
    for name in dropped:
        tree = tree.without(("uncertain", name))
    tree = _with_world(tree, facts)
    scenario = checked(tree, names_of(tree, facts), problems, known_metrics)
    if scenario is None:
        raise InputError(dict.fromkeys(problems))
    places = {dotted(at): tree.where(*at) for at in paths_in(tree.data)}
    # A range that was stated once more after the value was fixed is drawn again.
    still = {name: doubt for name, doubt in {**fixed, **dropped}.items() if name not in scenario.uncertain}
    scenario.note(path=path, places=places, fixed=still, own=known_tables(facts.name))
    return scenario


def _note_fixed(tree: Tree, layer: Tree, by: str, names: Names, dropped: dict[str, Problem]) -> None:
    """Note which ranges a layer drops because it states their value, and which it states once more.

    Parameters
    ----------
    tree : Tree
        All layers so far.
    layer : Tree
        The last of them, with canonical names.
    by : str
        What states it; the place of each value where empty.
    names : Names
    dropped : dict of str to Problem
        The ranges dropped so far, by path; changed in place.
    """
    for path, row in tree.mapping("uncertain").items():
        ways = spellings(split_path(path, names))
        value, where = next((stated for way in ways if (stated := _stated(layer, way)) is not None), (None, ""))
        if layer.get("uncertain", path) is not None:
            dropped.pop(path, None)
        elif value is not None:
            at = "" if isinstance(value, dict | list) else f" at {_short(value)}"
            by_whom = by or (where.of_line if isinstance(where, Place) else where)
            low, high = (_short(row.get(end) if isinstance(row, dict) else None) for end in ("low", "high"))
            allowed = f"the range {low} to {high} under 'uncertain' is not drawn"
            dropped[path] = Problem("", f"{path} is fixed{at} by {by_whom}", allowed, "", Code.IDLE)


def _short(value: object) -> str:
    """Return a number without superfluous digits, another value as it is written."""
    return f"{value:g}" if isinstance(value, int | float) and not isinstance(value, bool) else shown(value)


def _stated(tree: Tree, path: Path) -> tuple[Any, str] | None:
    """Return the value of a layer at a path with its place, or the value above it that replaces the whole part."""
    for end in range(1, len(path) + 1):
        value = tree.get(*path[:end])
        if value is None:
            return None
        if end == len(path) or not isinstance(value, dict | list):
            return value, tree.where(*path[:end])
    return None


def _facts(chain: Sequence[Source], changes: Sequence[Change], problems: list[Problem]) -> Facts:
    """Return the facts to read a scenario with: those of its world, with the platforms of its first day.

    Names need only the platforms of the first day. Blocks and use on that day are computed for a run.
    """
    worlds: list[tuple[Any, str, Source]] = []
    for change in reversed(changes):
        whole = change.value.get("facts") if change.path == "world" and isinstance(change.value, dict) else None
        worlds.append((change.value if change.path == "world.facts" else whole, change.where, chain[0]))
    worlds += [(s.tree.get("world", "facts"), s.tree.where("world", "facts"), s) for s in chain]
    text, where, source = next((stated for stated in worlds if stated[0] is not None), ("", "", chain[0]))
    starts = [change.value for change in reversed(changes) if change.path == "start"]
    starts += [day for source in chain if (day := source.tree.get("start")) is not None]
    day = as_day(starts[0]) if starts else None
    day = day if day is not None and FIRST_YEAR <= day.year <= LAST_YEAR else None
    nearest = nearest_world(day) if day is not None else DEFAULT_WORLD
    try:  # where the world is no text, the schema says so
        base = load_facts(world_of(text, source) if isinstance(text, str) and text else world_of_project() or nearest)
    except InputError as error:
        problems += [problem if problem.where else problem.below("world.facts", where) for problem in error.problems]
        base = load_facts(nearest)
    if day is None:
        return base
    known = (find_platform(name, base.whole or base) for s in chain for name in s.tree.mapping("world", "platforms"))
    return facts_on(base.name, day, [name for name in known if name is not None])


def _with_world(tree: Tree, facts: Facts) -> Tree:
    """Return a tree that names its world as the facts do: one that names none, or names a folder, as well."""
    stated = tree.get("world", "facts")
    if not isinstance(tree.get("world") or {}, dict) or not isinstance(stated or "", str):
        return tree
    where = tree.where("world", "facts") if stated else NEAREST
    return tree.replaced(("world", "facts"), facts.name, where) or tree


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
