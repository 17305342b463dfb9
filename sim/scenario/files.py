"""The files of a scenario: how they are found, read together with those that they extend, and name a world of facts.

A file may only name what lies in its own top folder: the nearest folder above it that is called ``scenarios``, or else
its own folder. The project folder in use may hold tables of facts as well, and a run folder a copy of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from sim.errors import Code, InputError, Place, Problem, did_you_mean
from sim.facts.worlds import COPIES, MANIFEST, available_facts, is_key, known_tables, meant_world, name_in, read_own
from sim.plugins import project
from sim.scenario.tree import Tree, from_yaml
from sim.shipped import SUFFIXES, shipped, shipped_name

LARGEST_FILE = 2**20
"""Most bytes of a scenario file."""
LONGEST_CHAIN = 16
"""Most files that extend one another."""
_OS_TROUBLE = (OSError, ValueError, RuntimeError)  # a name too long, a zero byte in it, a loop of symbolic links


class Home(NamedTuple):
    """Where a file is, and the folder that everything it names must lie in."""

    folder: Path
    top: Path

    def contains(self, path: Path) -> bool:
        """Return whether a path lies in the top folder, links followed."""
        return path.resolve().is_relative_to(self.top.resolve())


@dataclass(frozen=True)
class Chain:
    """A scenario file and those it extends, the file itself first.

    Attributes
    ----------
    trees : tuple of Tree
        What stands in each.
    homes : tuple of Home
        Where each of them is.
    path : Path, optional
        The first file; None for a Python mapping.
    is_whole : bool
        Whether all that is extended could be read.
    """

    trees: tuple[Tree, ...]
    homes: tuple[Home, ...] = ()
    path: Path | None = None
    is_whole: bool = True


def find(source: str | Path, problems: list[Problem]) -> Path | None:
    """Return the file that a path or the bare name of a shipped scenario means.

    Parameters
    ----------
    source : str or Path
        A path, or a name with or without ``scenarios/`` and ``.yaml``.
    problems : list of Problem
        What is wrong is added here.
    """
    path, text = Path(source), str(source)
    shown = text if len(text) <= 120 else f"{text[:117]}..."
    try:
        if path.is_file():
            return path
        name = _bare(text.removeprefix("./").removeprefix("scenarios/"))
        if (known := shipped_name(name)) is not None:
            return shipped()[known]
        if path.is_dir():
            inside = sorted(file for file in path.glob("*") if file.suffix in SUFFIXES)
            hint = f"perhaps {display(inside[0])}" if inside else ""
            problems.append(Problem(shown, "this is a folder", "a scenario file", hint))
        elif path.exists():
            problems.append(Problem(shown, "this is not a regular file", "a scenario file"))
        else:
            near = next((f"{text}{end}" for end in SUFFIXES if Path(f"{text}{end}").is_file()), None)
            hint = f"did you mean the file {near}?" if near else did_you_mean(name, shipped())
            hint = hint or "splinternet list scenarios names the shipped ones"
            problems.append(Problem(shown, "no such file", "a YAML file or a shipped scenario", hint))
    except _OS_TROUBLE as error:
        problems.append(Problem(shown, f"cannot be opened ({_reason(error)})", "a scenario file"))
    return None


def read_chain(path: Path, problems: list[Problem]) -> Chain:
    """Read a file and all that it extends.

    Parameters
    ----------
    path : Path
    problems : list of Problem
        What is wrong is added here.
    """
    tree = _read(path, problems)
    if tree is None:
        return Chain((), path=path, is_whole=False)
    return extended(tree, path, problems)


def extended(tree: Tree, path: Path | None, problems: list[Problem]) -> Chain:
    """Return a tree with the trees of everything that it extends.

    Parameters
    ----------
    tree : Tree
    path : Path, optional
        Its file; a Python mapping, without one, may extend shipped scenarios and files in the working folder.
    problems : list of Problem
        What is wrong is added here.
    """
    before, home = len(problems), home_of(path)
    trees, homes = [tree], [home]
    seen = [] if path is None else [path.resolve()]
    while (wanted := trees[-1].get("extends")) is not None:
        where = trees[-1].where("extends")
        file = _extended_path(wanted, where, home, problems)
        if file is None:
            break
        if file.resolve() in seen:
            problems.append(Problem(where, f"'{wanted}' extends, by way of others, itself", "a chain that ends"))
            break
        if len(seen) >= LONGEST_CHAIN:
            problems.append(Problem(where, f"more than {LONGEST_CHAIN} files", "a shorter chain"))
            break
        parent = _read(file, problems)
        if parent is None:
            break
        home = Home(file.parent, home.top) if home.contains(file) else home_of(file)
        seen.append(file.resolve())
        trees.append(parent)
        homes.append(home)
    return Chain(tuple(trees), tuple(homes), path, len(problems) == before)


def home_of(path: Path | None) -> Home:
    """Return where a scenario file is; of a Python mapping, the working folder."""
    if path is None:
        return Home(Path.cwd(), Path.cwd())
    folder = path.resolve().parent
    top = next((above for above in (folder, *folder.parents) if above.name == "scenarios"), folder)
    return Home(path.parent, top)


def display(path: Path) -> str:
    """Return a path as error messages show it: from the working folder if it is inside."""
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except (ValueError, OSError):
        return str(path)


def world_of(text: str, home: Home) -> str:
    """Return the name of the world that a text means; the tables of a folder are read.

    Parameters
    ----------
    text : str
        Name of a shipped world, path of a folder, or the key of tables that were read before.
    home : Home
        Where the text stands.

    Raises
    ------
    InputError
        There is no such world, or its folder may not or cannot be read.
    """
    if text in available_facts() or known_tables(text) is not None:
        return text
    if is_key(text):
        return _copied_world(text, home)
    own = project()
    for place in (home, *((Home(own.root, own.root),) if own is not None else ())):
        if (path := _folder_inside(text, place)) is not None:
            return read_own(path).key
    try:
        is_outside = text.startswith(("/", "..")) or (home.folder / text).is_dir()
    except _OS_TROUBLE:
        is_outside = False
    if is_outside:
        found, allowed = f"'{text}' leaves the folder of the scenarios", f"a folder in {display(home.top)}"
        raise InputError(Problem("", found, f"{allowed}, or a shipped world", "", Code.OUTSIDE))
    found, allowed = f"no facts are called '{text}'", f"one of: {', '.join(available_facts())}"
    allowed = f"{allowed}; or a folder with {MANIFEST}"
    raise InputError(Problem("", found, allowed, meant_world(text), Code.UNKNOWN_NAME))


def world_of_project() -> str | None:
    """Return the world of the project folder in use, or None where it has no tables of its own.

    Raises
    ------
    InputError
        Its tables cannot be read.
    """
    own = project()
    folder = own.folders.get("facts") if own is not None else None
    return read_own(folder).key if folder is not None and (folder / MANIFEST).is_file() else None


def _copied_world(key: str, home: Home) -> str:
    """Return the key of tables of which a copy stands beside the scenario, in a run folder."""
    path = _folder_inside(f"{COPIES}/{name_in(key)}", home)
    copied = read_own(path).key if path is not None else ""
    if copied == key:
        return key
    where = f"{display(home.folder)}/{COPIES}/{name_in(key)}"
    found = f"the tables in {where} have changed: {copied}" if copied else f"the tables of {key} are not in {where}"
    raise InputError(Problem("", found, "a copy of the tables that the run was made with", "", Code.MISSING))


def _folder_inside(text: str, home: Home) -> Path | None:
    """Return the folder that a text means if it lies inside the top folder, or None."""
    try:
        path = home.folder / text
        return path if path.is_dir() and home.contains(path) else None
    except _OS_TROUBLE:
        return None


def _extended_path(wanted: object, where: str, home: Home, problems: list[Problem]) -> Path | None:
    """Return the file that an ``extends`` means: beside it, or a shipped scenario."""
    if not isinstance(wanted, str) or not wanted.strip():
        problems.append(Problem(where, "'extends' is not a file name", "the name of one scenario file"))
        return None
    try:
        path = home.folder / (wanted if Path(wanted).suffix in SUFFIXES else f"{wanted}.yaml")
        is_inside = home.contains(path)
        if is_inside and path.is_file():
            return path
        if (name := shipped_name(_bare(wanted))) is not None:
            return shipped()[name]
        if not is_inside:
            found = f"'{wanted}' leaves the folder of the scenarios"
            allowed = f"a file in {display(home.top)} or a shipped scenario"
            problems.append(Problem(where, found, allowed, "", Code.OUTSIDE))
            return None
        hint = did_you_mean(wanted, [*(name.name for name in home.folder.glob("*.yaml")), *shipped()])
        problems.append(Problem(where, f"'{wanted}': no such file", "a scenario file to extend", hint))
    except _OS_TROUBLE as error:
        problems.append(Problem(where, f"'{wanted}' cannot be opened ({_reason(error)})", "a scenario file"))
    return None


def _read(path: Path, problems: list[Problem]) -> Tree | None:
    """Return the tree of one file, or None with the reason among the problems."""
    name = display(path)
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:
            found, allowed = f"the file has {path.stat().st_size:,} bytes", f"at most {LARGEST_FILE:,}"
            problems.append(Problem(Place(name, 1), found, allowed, "is this a scenario?"))
            return None
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        found = f"byte {error.start + 1:,} is not UTF-8"
        problems.append(Problem(Place(name, 1), found, "a text file in UTF-8", "save it as UTF-8"))
        return None
    except OSError as error:
        problems.append(Problem(name, f"cannot be read ({_reason(error)})", "a readable file"))
        return None
    tree = from_yaml(text, name, problems)
    if tree is not None and not isinstance(tree.data, dict):
        what = "a list" if isinstance(tree.data, list) else "a single value"
        problems.append(Problem(tree.where(), f"the file holds {what}", "keys and values: title, start, days ..."))
        return None
    return tree


def _bare(text: str) -> str:
    """Return the name of a scenario without the end of a file's name."""
    return text.removesuffix(".yaml").removesuffix(".yml")


def _reason(error: Exception) -> str:
    """Return why the system refused, in its own words."""
    return (error.strerror if isinstance(error, OSError) else str(error)) or type(error).__name__
