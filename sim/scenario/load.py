"""Read a scenario: merge files or a mapping, apply ``--set``, and check the whole.

A range under ``uncertain:`` applies in the file that states it, even if that file also fixes the
value. A later layer (the file that extends it, ``--set``, a change in Python) that fixes the same
value drops the range.

A file may only name files in its own top folder: the nearest folder above it that is called
``scenarios``, or else its own folder. A run folder may contain a copy of tables of facts. Code and
the command line (``--facts``) may name a folder of tables anywhere.

Each seed of an ensemble draws all uncertain values:

1. Values under ``uncertain:``, within their range. 2. One draw of the joint posterior, for the
parameters that past events identify
   (``sim/facts/posterior.csv``).
3. Every other parameter with a range in its table: half of the draws lie below its value and half
   above, evenly on each side; on a logarithmic scale where the ends are ten times apart or more.
4. Among named rules that the record cannot distinguish, each with the same probability.

A parameter that the scenario sets is not drawn. With ``draw: stated`` only 1 is drawn, with ``draw:
nothing`` nothing. Parameters of the decisions of states and firms are drawn only if a scenario
requests it, because their weights are illustrations and a chronicle of decisions is read as one
story.
"""

from __future__ import annotations

import math
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any, NamedTuple

from ..core.shipped import SUFFIXES, shipped, shipped_name
from ..errors import Code, InputError, Place, Problem, did_you_mean
from ..facts import Facts, find_platform, load_facts
from ..facts.loading import apart, facts_on
from ..facts.record import read_posterior
from ..facts.tables import Quantity, fold
from ..facts.worlds import (
    COPIES,
    DEFAULT_WORLD,
    MANIFEST,
    available_facts,
    known_tables,
    meant_world,
    name_in,
    nearest_world,
    read_own,
    settled,
)
from ..policies.values import Names, shown
from .check import checked
from .doubts import NEAREST
from .scenario import FIRST_YEAR, LAST_YEAR, LONGEST_TITLE, Scenario
from .tree import (
    ROOT,
    STATE_NUMBERS,
    Tree,
    as_day,
    by_id,
    canonical,
    dotted,
    from_python,
    from_yaml,
    in_use,
    merge,
    names_of,
    paths_in,
    spellings,
    split_path,
    whole_text,
)
from .tree import (
    Path as TreePath,
)

LARGEST_FILE = 2**20
"""Most bytes of a scenario file."""
LONGEST_CHAIN = 16
"""Most files that extend one another."""
_CASE = ("policies", "world", "start")
"""First steps of the paths on which the title of a case depends."""
FACTS_PATH = "world.facts"
"""Paths whose change does not make another case: each result names the facts."""
_NAMED_WORDS = 3
"""Largest number of changes that a title names; more are counted."""
_FOLLOWS = frozenset({Code.MISSING, Code.UNKNOWN_ID})
"""Problems that only follow from another file that could not be read."""
_OS_TROUBLE = (
    OSError,
    ValueError,
    RuntimeError,
)  # errors from a name too long, a zero byte in it, or a loop of symbolic links


class Source(NamedTuple):
    """The contents of one file or Python mapping."""

    tree: Tree
    folder: Path
    """Folder of the file; the working folder for a Python mapping."""
    top: Path
    """The folder that must contain all files it names."""

    @classmethod
    def of(cls, tree: Tree, path: Path | None) -> Source:
        """Return the source of a file, or of a Python mapping."""
        if path is None:
            return cls(tree, Path.cwd(), Path.cwd())
        folder = path.resolve().parent
        top = next(
            (above for above in (folder, *folder.parents) if above.name == "scenarios"), folder
        )
        return cls(tree, path.parent, top)

    def contains(self, path: Path) -> bool:
        """Return whether a path, with links resolved, lies in the top folder."""
        return path.resolve().is_relative_to(self.top.resolve())


def find(given: str | Path, problems: list[Problem]) -> Path | None:
    """Return the file of a path or of the name of a shipped scenario.

    Parameters
    ----------
    given : str or Path
        A path, or a name with or without ``scenarios/`` and ``.yaml``.
    problems : list of Problem
        Problems are added to this list.
    """
    path = Path(given)
    text = str(given)
    found = "no such file"
    allowed = "a YAML file or a shipped scenario"
    hint = ""
    try:
        if path.is_file():
            return path
        name = (
            text.removeprefix("./")
            .removeprefix("scenarios/")
            .removesuffix(".yaml")
            .removesuffix(".yml")
        )
        if (known := shipped_name(name)) is not None:
            return shipped()[known]
        if path.is_dir():
            found = "this is a folder"
            allowed = "a scenario file"
            hint = next(
                (f"perhaps {display(f)}" for f in sorted(path.glob("*")) if f.suffix in SUFFIXES),
                "",
            )
        elif path.exists():
            found = "this is not a regular file"
            allowed = "a scenario file"
        else:
            near = next(
                (f"{text}{end}" for end in SUFFIXES if Path(f"{text}{end}").is_file()), None
            )
            hint = f"did you mean the file {near}?" if near else did_you_mean(name, shipped())
            hint = hint or "splinternet list scenarios names the shipped ones"
    except _OS_TROUBLE as error:
        found = f"cannot be opened ({error})"
        allowed = "a scenario file"
    problems.append(Problem(text if len(text) <= 120 else f"{text[:117]}...", found, allowed, hint))
    return None


def read_chain(tree: Tree | None, path: Path | None, problems: list[Problem]) -> list[Source]:
    """Return a file or a Python mapping with all files that it extends; empty if the file cannot be
    read.

    Parameters
    ----------
    tree : Tree, optional
        The contents of the file; by default read from it.
    path : Path, optional
        The file; without one, a Python mapping may extend shipped scenarios and files in the
        working folder.
    problems : list of Problem
        Problems are added to this list.
    """
    if tree is None and (path is None or (tree := _read(path, problems)) is None):
        return []
    chain = [Source.of(tree, path)]
    seen = [] if path is None else [path.resolve()]
    while (wanted := chain[-1].tree.get("extends")) is not None:
        last = chain[-1]
        where = chain[-1].tree.where("extends")
        file = _extended_path(wanted, last, where, problems)
        if file is None:
            break
        if file.resolve() in seen or len(seen) >= LONGEST_CHAIN:
            is_circle = file.resolve() in seen
            found = (
                f"'{wanted}' extends, by way of others, itself"
                if is_circle
                else f"more than {LONGEST_CHAIN} files"
            )
            problems.append(
                Problem(where, found, "a chain that ends" if is_circle else "a shorter chain")
            )
            break
        parent = _read(file, problems)
        if parent is None:
            break
        seen.append(file.resolve())
        chain.append(
            Source(parent, file.parent, last.top)
            if last.contains(file)
            else Source.of(parent, file)
        )
    return chain


def display(path: Path) -> str:
    """Return a path for error messages: relative to the working folder if it is inside."""
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except (ValueError, OSError):
        return os.path.normpath(path)


def world_of(text: str, source: Source) -> str:
    """Return the name of a world; if the text is a folder, its tables are read.

    Parameters
    ----------
    text : str
        Name of a shipped world, path of a folder, or the key of tables that were read before.
    source : Source
        The source with the text.

    Raises
    ------
    InputError
        There is no such world, or its folder is not allowed or cannot be read.
    """
    if text in available_facts() or known_tables(text) is not None:
        return text
    if name_in(text):  # a run folder has a copy of the tables beside the scenario
        path = _folder_inside(f"{COPIES}/{name_in(text)}", source.folder, source)
        copied = read_own(path).key if path is not None else ""
        if copied == text:
            return text
        where = f"{display(source.folder)}/{COPIES}/{name_in(text)}"
        found = (
            f"the tables in {where} have changed: {copied}"
            if copied
            else f"there are no tables of {text} in {where}"
        )
        raise InputError(
            Problem("", found, "a copy of the tables that the run was made with", "", Code.MISSING)
        )
    if (path := _folder_inside(text, source.folder, source)) is not None:
        return read_own(path).key
    if text.startswith(("/", "..")) or _is_folder(source.folder, text):
        found = f"'{text}' leaves the folder of the scenarios"
        allowed = f"a folder in {display(source.top)}"
        raise InputError(Problem("", found, f"{allowed}, or a shipped world", "", Code.OUTSIDE))
    allowed = f"one of: {', '.join(available_facts())}; or a folder with {MANIFEST}"
    raise InputError(
        Problem("", f"no facts are called '{text}'", allowed, meant_world(text), Code.UNKNOWN_NAME)
    )


def _is_folder(folder: Path, text: str) -> bool:
    """Return whether a text names a folder below another one."""
    try:
        return (folder / text).is_dir()
    except _OS_TROUBLE:
        return False


def _folder_inside(text: str, folder: Path, source: Source) -> Path | None:
    """Return the folder named by a text if it lies inside the top folder of a source, or None."""
    return folder / text if _is_folder(folder, text) and source.contains(folder / text) else None


def _extended_path(
    wanted: object, source: Source, where: str, problems: list[Problem]
) -> Path | None:
    """Return the file named by ``extends``: a file beside it, or a shipped scenario."""
    if not isinstance(wanted, str) or not wanted.strip():
        problems.append(
            Problem(where, "'extends' is not a file name", "the name of one scenario file")
        )
        return None
    try:
        path = source.folder / (wanted if Path(wanted).suffix in SUFFIXES else f"{wanted}.yaml")
        is_inside = source.contains(path)
        if is_inside and path.is_file():
            return path
        if (name := shipped_name(wanted.removesuffix(".yaml").removesuffix(".yml"))) is not None:
            return shipped()[name]
        hint = did_you_mean(
            wanted, [*(file.name for file in source.folder.glob("*.yaml")), *shipped()]
        )
    except _OS_TROUBLE as error:
        problems.append(Problem(where, f"'{wanted}' cannot be opened ({error})", "a scenario file"))
        return None
    if is_inside:
        problems.append(
            Problem(where, f"'{wanted}': no such file", "a scenario file to extend", hint)
        )
    else:
        allowed = f"a file in {display(source.top)} or a shipped scenario"
        found = f"'{wanted}' leaves the folder of the scenarios"
        problems.append(Problem(where, found, allowed, "", Code.OUTSIDE))
    return None


def _read(path: Path, problems: list[Problem]) -> Tree | None:
    """Return the tree of one file, or None with the reason among the problems."""
    name = display(path)
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:
            found = f"the file has {path.stat().st_size:,} bytes"
            allowed = f"at most {LARGEST_FILE:,}"
            problems.append(Problem(Place(name, 1), found, allowed, "is this a scenario?"))
            return None
        tree = from_yaml(content.decode("utf-8-sig"), name, problems)
    except UnicodeDecodeError as error:
        found = f"byte {error.start + 1:,} is not UTF-8"
        problems.append(Problem(Place(name, 1), found, "a text file in UTF-8", "save it as UTF-8"))
        return None
    except OSError as error:
        problems.append(
            Problem(name, f"cannot be read ({error.strerror or error})", "a readable file")
        )
        return None
    if tree is not None and not isinstance(tree.data, dict):
        what = "a list" if isinstance(tree.data, list) else "a single value"
        problems.append(
            Problem(
                tree.where(), f"the file holds {what}", "keys and values: title, start, days ..."
            )
        )
        return None
    return tree


class Change(NamedTuple):
    """A value that is set after the files are read."""

    path: str
    """Path as a user writes it."""
    value: Any
    """Plain."""
    where: str
    """The place of the value in error messages."""


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
        A file, the name of a shipped scenario, or a mapping with the keys of a scenario file.
    overrides : sequence of str
        Changes of the form ``PATH=VALUE``, as for ``--set``; for example
        ``policies.wechat-ban.on=2020-11-12``.
    people, days, seed : int, optional
        Values that replace those of the scenario [persons, days, 1].
    known_metrics : collection of str, optional
        The metrics that ``measure:`` may name; by default ``load`` does not check these names.

    Raises
    ------
    InputError
        The scenario is wrong; the error lists all problems by line.
    """
    problems: list[Problem] = []
    options = (("people", people), ("days", days), ("seed", seed))
    changes = [
        Change(key, value, f"--{key} {shown(value)}") for key, value in options if value is not None
    ]
    set_later = list(_overrides(overrides, problems))
    changes += set_later
    path: Path | None = None
    if isinstance(source, Scenario):
        tree = from_python(source.stated(), problems, source.places)
        path = source.path
        chain = [Source.of(tree, source.path)]
    elif isinstance(source, Mapping):
        chain = read_chain(from_python(source, problems), None, problems)
    elif isinstance(source, str | Path):
        path = find(source, problems)
        chain = read_chain(None, path, problems)
    else:
        found = f"a scenario was given as {type(source).__name__}"
        raise InputError(Problem(ROOT, found, "a path, a name, a mapping or a Scenario"))
    try:
        before = source if isinstance(source, Scenario) else None
        scenario = _resolved(chain, path, changes, problems, before, known_metrics)
        return retitled(scenario, [change.path for change in set_later])
    except InputError as error:
        if not chain or chain[-1].tree.get("extends") is None:
            raise  # all extended files could be read
        raise InputError(p for p in error.problems if p.code not in _FOLLOWS) from None


def retitled(scenario: Scenario, paths: Sequence[str], added: Sequence[str] = ()) -> Scenario:
    """Return a scenario whose title names the changes that were made after its file was read.

    A title such as "as ordered" would be false if ``--set`` moves the order. Other values, such as
    the number of people, do not change the case.

    Parameters
    ----------
    scenario : Scenario
    paths : sequence of str
        The changed paths, as a user writes them.
    added : sequence of str
        Ids of policies that were added.
    """
    set_paths = [
        path
        for path in dict.fromkeys(paths)
        if path.partition(".")[0] in _CASE and path != FACTS_PATH
    ]
    if "title" in paths or not (set_paths or added):
        return scenario
    parts = [
        f"{verb}: {', '.join(names) if len(names) <= _NAMED_WORDS else f'{len(names)} {what}'}"
        for verb, names, what in (
            ("with", added, "more policies"),
            ("changed", set_paths, "values"),
        )
        if names
    ]
    room = LONGEST_TITLE - len(scenario.title) - len(" ()")
    said = "; ".join(parts)[: max(0, room)]
    return scenario.model_copy(update={"title": f"{scenario.title} ({said})"}) if said else scenario


def varied(scenario: Scenario, values: Mapping[str, object]) -> Scenario:
    """Return a scenario with some values changed, checked like any other.

    Parameters
    ----------
    scenario : Scenario
        The scenario to change.
    values : mapping of str to object
        Path or bare parameter name -> value, as in ``sweep:`` and ``uncertain:``.

    Raises
    ------
    InputError
        A path is unknown or a value is not allowed.
    """
    problems: list[Problem] = []
    changes = [
        Change(path, from_python(value, problems).data, path) for path, value in values.items()
    ]
    chain = [Source.of(from_python(scenario.stated(), problems), scenario.path)]
    return _resolved(chain, scenario.path, changes, problems, scenario)


def with_policies(scenario: Scenario, added: Sequence[Mapping[str, object]]) -> Scenario:
    """Return a scenario with more policies, checked like any other.

    Parameters
    ----------
    scenario : Scenario
        The scenario to change.
    added : sequence of mapping
        The keys of each policy, as in a file.

    Raises
    ------
    InputError
        An added policy is wrong; the error lists all problems.
    """
    problems: list[Problem] = []
    keys = scenario.stated()
    tree = from_python({**keys, "policies": [*keys.get("policies", ()), *added]}, problems)
    return _resolved([Source.of(tree, scenario.path)], scenario.path, (), problems, scenario)


def steps_of(scenario: Scenario, path: str) -> TreePath:
    """Return the canonical steps of a path; a bare parameter becomes ``parameters.<name>``."""
    return split_path(path, names_of(from_python(scenario.stated(), []), scenario.facts))


def values_of(texts: Iterable[str]) -> dict[str, Any]:
    """Return the values that ``PATH=VALUE`` texts set, by path.

    Raises
    ------
    InputError
        A text cannot be read.
    """
    problems: list[Problem] = []
    values = {change.path: change.value for change in _overrides(texts, problems)}
    if problems:
        raise InputError(problems)
    return values


def _overrides(texts: Iterable[str], problems: list[Problem]) -> Iterator[Change]:
    """Yield the changes in ``PATH=VALUE`` texts; unreadable texts are added to the problems."""
    for given in texts:
        where = f"--set {given if len(given) <= 80 else given[:77] + '...'}"
        path, equals, text = (
            part.strip() for part in whole_text(given, where, problems).partition("=")
        )
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
    path: Path | None,
    changes: Sequence[Change],
    problems: list[Problem],
    before: Scenario | None,
    known_metrics: Collection[str] | None = None,
) -> Scenario:
    """Return the scenario of some files and changes; raise InputError with all problems.

    ``before`` is the scenario that is changed, with its dropped and inherited ranges.
    """
    if not chain:
        raise InputError(problems)
    facts = _facts(chain, changes, problems)
    ranges = _Ranges({}, set(before.inherited if before is not None else ()))
    tree = _merged([source.tree for source in reversed(chain)], facts, ranges, problems)
    for change in changes:
        tree = _changed(tree, change, facts, ranges, problems)
    for name in ranges.dropped:
        tree = tree.without(("uncertain", name))
    tree = _with_world(tree, facts)
    scenario = checked(tree, names_of(tree, facts), problems, known_metrics)
    if scenario is None:
        raise InputError(dict.fromkeys(problems))
    places = {dotted(at): tree.where(*at) for at in paths_in(tree.data)}
    # A range that is stated again after its value was fixed is drawn again.
    still = {
        name: doubt
        for name, doubt in {
            **(before.fixed if before is not None else {}),
            **ranges.dropped,
        }.items()
        if name not in scenario.uncertain
    }
    scenario.note(
        path=path,
        places=places,
        fixed=still,
        inherited=frozenset(ranges.inherited),
        own=known_tables(facts.name),
    )
    return scenario


@dataclass
class _Ranges:
    """Ranges under ``uncertain`` during the assembly of a scenario.

    Attributes
    ----------
    dropped : dict of str to Problem
        Ranges whose value a later file or change fixes, by path.
    inherited : set of str
        Paths of the ranges that only an extended file states.
    """

    dropped: dict[str, Problem]
    inherited: set[str]


def _merged(
    oldest_first: Sequence[Tree],
    facts: Facts,
    ranges: _Ranges,
    problems: list[Problem],
) -> Tree:
    """Return the files of a scenario as one tree, and record dropped and inherited ranges."""
    names = names_of(reduce(merge, oldest_first), facts)
    tree = Tree({}, {})
    for above, layer in enumerate(oldest_first, start=1 - len(oldest_first)):
        layer = canonical(layer, names, problems)
        if above < 0:  # another file extends this one
            ranges.inherited |= layer.mapping("uncertain").keys()
        elif len(oldest_first) > 1:
            ranges.inherited -= layer.mapping("uncertain").keys()
        tree = merge(tree, _respelled(layer, tree)).without(("extends",))
        _note_fixed(tree, layer, "", names, ranges.dropped)
    return tree


def _changed(
    tree: Tree,
    change: Change,
    facts: Facts,
    ranges: _Ranges,
    problems: list[Problem],
) -> Tree:
    """Return a tree with one change; if the policy or item is missing, add a problem and return the
    same tree.
    """
    names = names_of(tree, facts)
    steps = split_path(change.path, names)
    changed = tree.replaced(in_use(tree, steps), change.value, change.where)
    if changed is None:
        allowed = "the id of a policy: " + (", ".join(names.policies) or "there is none")
        found = f"no policy or item '{steps[1]}'"
        hint = did_you_mean(str(steps[1]), names.policies)
        problems.append(Problem(change.where, found, allowed, hint, Code.UNKNOWN_NAME))
        return tree
    changed = by_id(changed, problems)
    names = names_of(changed, facts)
    tree = canonical(changed, names, problems)
    if steps[0] == "uncertain":
        ranges.inherited -= set(map(str, steps[1:2])) or tree.mapping("uncertain").keys()
    stated = Tree({}, {}).replaced(steps, change.value, change.where)
    if stated is not None:
        option = change.where.partition(" ")[0]
        by = option if option.startswith("--") else "a change in Python"
        _note_fixed(tree, canonical(stated, names, []), by, names, ranges.dropped)
    return tree


def _note_fixed(
    tree: Tree, layer: Tree, by: str, names: Names, dropped: dict[str, Problem]
) -> None:
    """Record the ranges that a layer drops by fixing their value, and those that it states again.

    Parameters
    ----------
    tree : Tree
        All layers so far.
    layer : Tree
        The last layer, with canonical names.
    by : str
        Source of the values; if empty, the place of each value.
    names : Names
    dropped : dict of str to Problem
        The ranges dropped so far, by path; changed in place.
    """
    for path, row in tree.mapping("uncertain").items():
        ways = spellings(split_path(path, names))
        value, where = next(
            (stated for way in ways if (stated := _stated(layer, way)) is not None), (None, "")
        )
        if layer.get("uncertain", path) is not None:
            dropped.pop(path, None)
        elif value is not None:
            at = "" if isinstance(value, dict | list) else f" at {_short(value)}"
            by_whom = by or (where.of_line if isinstance(where, Place) else where)
            low, high = (
                _short(row.get(end) if isinstance(row, dict) else None) for end in ("low", "high")
            )
            allowed = f"the range {low} to {high} under 'uncertain' is not drawn"
            dropped[path] = Problem("", f"{path} is fixed{at} by {by_whom}", allowed, "", Code.IDLE)


def _short(value: object) -> str:
    """Return a number without superfluous digits, or any other value as written."""
    return (
        f"{value:g}"
        if isinstance(value, int | float) and not isinstance(value, bool)
        else shown(value)
    )


def _stated(tree: Tree, path: TreePath) -> tuple[Any, str] | None:
    """Return the value of a layer at a path, or the value above it that replaces the whole part,
    with its place.
    """
    for end in range(1, len(path) + 1):
        value = tree.get(*path[:end])
        if value is None:
            return None
        if end == len(path) or not isinstance(value, dict | list):
            return value, tree.where(*path[:end])
    return None


def _facts(chain: Sequence[Source], changes: Sequence[Change], problems: list[Problem]) -> Facts:
    """Return the facts for reading a scenario: those of its world, with the platforms of its first
    day.

    Names need only the platforms of the first day. Blocks and use on that day are computed for a
    run.
    """
    worlds: list[tuple[Any, str, Source]] = []
    for change in reversed(changes):
        whole = (
            change.value.get("facts")
            if change.path == "world" and isinstance(change.value, dict)
            else None
        )
        worlds.append(
            (change.value if change.path == "world.facts" else whole, change.where, chain[0])
        )
    worlds += [(s.tree.get("world", "facts"), s.tree.where("world", "facts"), s) for s in chain]
    stated = [each for each in worlds if each[0] is not None]
    text, where, source = stated[0] if stated else ("", "", chain[0])
    starts = [change.value for change in reversed(changes) if change.path == "start"]
    starts += [day for source in chain if (day := source.tree.get("start")) is not None]
    day = as_day(starts[0]) if starts else None
    day = day if day is not None and FIRST_YEAR <= day.year <= LAST_YEAR else None
    nearest = nearest_world(day) if day is not None else DEFAULT_WORLD
    try:  # the schema reports a world that is not a text
        named = world_of(text, source) if isinstance(text, str) and text else nearest
        shipped = (each for each, _, _ in stated if each in available_facts())
        base = load_facts(settled(named, next(shipped, nearest)))
    except InputError as error:
        problems += [
            problem if problem.where else problem.below("world.facts", where)
            for problem in error.problems
        ]
        base = load_facts(nearest)
    said = [
        (s.tree.get("world"), s.tree.get("policies"), s.tree.get("observed"), s.tree.get("sweep"))
        for s in chain
    ]
    is_named = not _words(
        (said, [(change.path.split("."), change.value) for change in changes])
    ).isdisjoint(apart(base.name))
    base = load_facts(base.name, named=True) if is_named else base
    if day is None:
        return base
    known = (
        find_platform(name, base.whole or base)
        for s in chain
        for name in s.tree.mapping("world", "platforms")
    )
    return facts_on(base.name, day, [name for name in known if name is not None], named=is_named)


def _words(value: Any) -> set[str]:
    """Return the texts and keys in a part of a scenario, in the form of `fold`."""
    if isinstance(value, str):
        return {fold(word) for word in value.strip("[]").split(",")}
    if isinstance(value, dict):
        return set().union(*map(_words, (*value, *value.values())))
    return set().union(*map(_words, value)) if isinstance(value, list | tuple) else set()


def _with_world(tree: Tree, facts: Facts) -> Tree:
    """Return a tree with the world's name from the facts, even if it names no world or a folder."""
    stated = tree.get("world", "facts")
    if not isinstance(tree.get("world") or {}, dict) or not isinstance(stated or "", str):
        return tree
    where = tree.where("world", "facts") if stated else NEAREST
    return tree.replaced(("world", "facts"), facts.name, where) or tree


def _respelled(newer: Tree, older: Tree) -> Tree:
    """Return a file's tree with the numbers of states under the same paths as in the file that it
    extends.
    """
    paths: list[TreePath] = [
        ("world", key, code) for key in STATE_NUMBERS for code in newer.mapping("world", key)
    ]
    states = newer.mapping("world", "states")
    paths += [("world", "states", code, key) for code in states for key in STATE_NUMBERS]
    for path in paths:
        value = newer.get(*path)
        there = in_use(older, path)
        if value is not None and there != path and newer.get(*there) is None:
            newer = newer.without(path).replaced(there, value, newer.where(*path)) or newer
    return newer


# --- draws of seeds -------------------------------------------------------------------------------

HELD = frozenset(
    {
        "targets",
        "control",
        "retaliation",
        "imitation",
        "coalition",
        "pushback",
        "regimes",
        "blocs",
        "compliance",
    }
)
"""Prefixes of the parameters of decisions of states and firms, which are drawn only if a scenario
states so.
"""
HELD_ALONE = frozenset({"routes.chinese_peers"})
"""Parameters with two answers that scenarios contrast; a quotation of a run names its answer."""
WIDE = 10.0
"""Ratio of the ends of a range from which a parameter is drawn on a logarithmic scale (assumption).
"""
_POSTERIOR = "<posterior>"

type Posterior = Sequence[Mapping[str, float]]


def member_spec(spec: Scenario, seed: int, *, posterior: Posterior | None = None) -> Scenario:
    """Return the scenario of one seed, with all uncertain values drawn from this seed alone.

    Parameters
    ----------
    spec : Scenario
        The scenario of the ensemble.
    seed : int
        The random seed.
    posterior : sequence of dict, optional
        Joint draws of the parameters that events identify; by default the shipped draws. With
        ``()``, every parameter is drawn from its range.
    """
    draws = drawn(spec, seed, posterior=posterior)
    if not draws:
        return spec
    stated = {path: draws[path] for path in spec.uncertain if path in draws}
    lean = spec.model_copy(update={"uncertain": {}, "draw": "nothing"})
    whole = varied(lean, stated) if stated else lean
    others = {
        name: value
        for name, value in draws.items()
        if name not in stated and name not in whole.parameters
    }
    member = whole.model_copy(update={"parameters": {**others, **whole.parameters}})
    member.note(drawn_from=spec)  # all seeds have the groups of the original scenario
    return member


def drawn(spec: Scenario, seed: int, *, posterior: Posterior | None = None) -> dict[str, float]:
    """Return the values drawn for one seed, by path or by name of a parameter.

    Parameters
    ----------
    spec, seed, posterior
        As for `member_spec`.
    """
    names = drawn_by_default(spec)
    stated = sorted(spec.uncertain) if spec.draw != "nothing" else []
    if not names and not stated:
        return {}
    from ..core.chance import Purpose, stream, uniform_plain

    key = int(stream(seed, Purpose.UNCERTAIN))

    # The position in the stream depends only on the name, so adding a range changes no other draw.
    def uniform(name: str) -> float:
        return float(uniform_plain(key, int.from_bytes(name.encode(), "big") % (2**61 - 1)))

    found = {path: spec.uncertain[path].at(uniform(path)) for path in stated}
    joint = read_posterior() if posterior is None else posterior
    row = joint[int(uniform(_POSTERIOR) * len(joint))] if joint else {}
    return found | {
        name: row[name] if name in row else at(known, uniform(name))
        for name, known in names.items()
    }


def drawn_by_default(spec: Scenario) -> Mapping[str, Quantity]:
    """Return the parameters that seeds draw by default, without the scenario naming them."""
    if spec.draw != "all":
        return {}
    settled = {path.removeprefix("parameters.") for path in spec.uncertain} | set(spec.parameters)
    return {
        name: known
        for name, known in spec.facts.parameters.items()
        if known.low < known.high
        and name not in settled
        and name not in HELD_ALONE
        and name.partition(".")[0] not in HELD
    }


def drawn_names(spec: Scenario) -> tuple[str, ...]:
    """Return the names of all values that seeds draw: paths of the scenario, and parameters."""
    return (*(spec.uncertain if spec.draw != "nothing" else ()), *drawn_by_default(spec))


def at(known: Quantity, part: float) -> float:
    """Return the value of a parameter at a part of its range; at one half, its usual value.

    Parameters
    ----------
    known : Quantity
        The parameter.
    part : float
        A uniform draw, 0 to less than 1 [1].
    """
    if known.choices:
        return float(int(part * len(known.choices)))
    low, high = (known.low, known.value) if part < 0.5 else (known.value, known.high)
    share = 2.0 * part if part < 0.5 else 2.0 * part - 1.0
    if low > 0 and known.high >= WIDE * known.low:
        return math.exp(math.log(low) + share * (math.log(high) - math.log(low)))
    return low + share * (high - low)
