"""The places of scenario files, and how a file is read together with those that it extends.

A file may only extend a file in the same top folder. This is the nearest folder above it that is called ``scenarios``,
or else its own folder.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from sim.errors import Code, Place, Problem, did_you_mean
from sim.scenario.tree import Node
from sim.scenario.yaml_text import read_yaml
from sim.shipped import SUFFIXES, shipped, shipped_name

LARGEST_FILE = 2**20
"""Most bytes of a scenario file."""
LONGEST_CHAIN = 16
"""Most files that extend one another."""


class Home(NamedTuple):
    """Where a file is, and the folder that everything it names must lie in."""

    folder: Path
    top: Path


@dataclass(frozen=True)
class Chain:
    """A scenario file and those it extends, the file itself first.

    Attributes
    ----------
    trees : tuple of Node
        What stands in each.
    path : Path, optional
        The first file; None for a Python mapping.
    whole : bool
        Whether all that is extended could be read.
    homes : tuple of Home
        Where each of the trees is from.
    """

    trees: tuple[Node, ...]
    path: Path | None = None
    whole: bool = True
    homes: tuple[Home, ...] = ()


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
    try:
        if path.is_file():
            return path
        known = shipped()
        name = Path(text.removeprefix("./").removeprefix("scenarios/"))
        bare = name.with_suffix("").as_posix() if name.suffix in SUFFIXES else name.as_posix()
        if (found := shipped_name(bare)) is not None:
            return known[found]
        if path.is_dir():
            hint = _inside(path)
            problems.append(Problem(_shown(text), "this is a folder", "a scenario file", hint))
        elif path.exists():
            problems.append(Problem(_shown(text), "this is not a regular file", "a scenario file"))
        else:
            near = next((path.with_name(path.name + end) for end in SUFFIXES if Path(f"{text}{end}").is_file()), None)
            hint = f"did you mean the file {_shown(str(near))}?" if near else did_you_mean(bare, known)
            hint = hint or "splinternet list scenarios names the shipped ones"
            problems.append(Problem(_shown(text), "no such file", "a YAML file or a shipped scenario", hint))
    except (OSError, ValueError) as error:  # a name too long, or with a zero byte in it
        problems.append(Problem(_shown(text), f"cannot be opened ({_reason(error)})", "a scenario file"))
    return None


def read_chain(path: Path, problems: list[Problem]) -> Chain:
    """Read a file and all that it extends.

    Parameters
    ----------
    path : Path
        The file.
    problems : list of Problem
        What is wrong is added here.
    """
    tree = _read(path, problems)
    if tree is None:
        return Chain((), path, whole=False)
    return _chain(tree, path, path.parent, _top(path), problems)


def read_chain_of_mapping(tree: Node, problems: list[Problem]) -> Chain:
    """Read all that a Python mapping extends: shipped scenarios, or files in the working folder."""
    return _chain(tree, None, Path.cwd(), Path.cwd(), problems)


def _chain(tree: Node, path: Path | None, folder: Path, top: Path, problems: list[Problem]) -> Chain:
    """Return a tree and all that it extends."""
    before = len(problems)
    seen = [] if path is None else [path.resolve()]
    parents = _extended(tree, folder, top, seen, problems)
    trees = (tree, *(parent for parent, _ in parents))
    homes = (Home(folder, top), *(home for _, home in parents))
    return Chain(trees, path, whole=len(problems) == before, homes=homes)


def home_of(path: Path | None) -> Home:
    """Return where a scenario file is; of a Python mapping, the working folder."""
    return Home(Path.cwd(), Path.cwd()) if path is None else Home(path.parent, _top(path))


def display(path: Path) -> str:
    """Return a path as error messages show it: from the working folder if it is inside."""
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except (ValueError, OSError):
        return str(path)


def _extended(
    tree: Node, folder: Path, top: Path, seen: list[Path], problems: list[Problem]
) -> list[tuple[Node, Home]]:
    """Return the trees of everything a tree extends, nearest first, each with where it is from."""
    trees: list[tuple[Node, Home]] = []
    while (wanted := tree.get("extends")) is not None and wanted.value is not None:
        path = _extended_path(wanted, folder, top, problems)
        if path is None:
            break
        if path.resolve() in seen:
            found = f"'{wanted.value}' extends, by way of others, itself"
            problems.append(Problem(wanted.where, found, "a chain that ends"))
            break
        if len(seen) >= LONGEST_CHAIN:
            problems.append(Problem(wanted.where, f"more than {LONGEST_CHAIN} files", "a shorter chain"))
            break
        parent = _read(path, problems)
        if parent is None:
            break
        seen.append(path.resolve())
        inside = path.resolve().is_relative_to(top.resolve())
        tree, folder, top = parent, path.parent, top if inside else _top(path)
        trees.append((parent, Home(folder, top)))
    return trees


def _extended_path(wanted: Node, folder: Path, top: Path, problems: list[Problem]) -> Path | None:
    """Return the file that an ``extends`` means: beside it, or a shipped scenario."""
    if not isinstance(wanted.value, str) or not wanted.value.strip():
        problems.append(Problem(wanted.where, "'extends' is not a file name", "the name of one scenario file"))
        return None
    text = wanted.value
    try:
        path = folder / text if Path(text).suffix in SUFFIXES else folder / f"{text}.yaml"
        inside = path.resolve().is_relative_to(top.resolve())
        if inside and path.is_file():
            return path
        bare = text.removesuffix(".yaml").removesuffix(".yml")
        if (name := shipped_name(bare)) is not None:
            return shipped()[name]
        if not inside:
            allowed = f"a file in {display(top)} or a shipped scenario"
            found = f"'{text}' leaves the folder of the scenarios"
            problems.append(Problem(wanted.where, found, allowed, "", Code.OUTSIDE))
            return None
        beside = [name.name for name in folder.glob("*.yaml")] + list(shipped())
        hint = did_you_mean(text, beside)
        problems.append(Problem(wanted.where, f"'{text}': no such file", "a scenario file to extend", hint))
    except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: a loop of symbolic links
        problems.append(Problem(wanted.where, f"'{text}' cannot be opened ({_reason(error)})", "a scenario file"))
    return None


def _read(path: Path, problems: list[Problem]) -> Node | None:
    """Return the tree of one file, or None with the reason among the problems."""
    name = display(path)
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            found, allowed = f"the file has {size:,} bytes", f"at most {LARGEST_FILE:,}"
            problems.append(Problem(Place(name, 1), found, allowed, "is this a scenario?"))
            return None
        with path.open("rb") as file:
            text = file.read(LARGEST_FILE + 1).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        found = f"byte {error.start + 1:,} is not UTF-8"
        problems.append(Problem(Place(name, 1), found, "a text file in UTF-8", "save it as UTF-8"))
        return None
    except OSError as error:
        problems.append(Problem(name, f"cannot be read ({_reason(error)})", "a readable file"))
        return None
    tree = read_yaml(text, name, problems)
    if tree is not None and not isinstance(tree.value, dict):
        what = "a list" if isinstance(tree.value, list) else "a single value"
        problems.append(Problem(tree.where, f"the file holds {what}", "keys and values: title, start, days ..."))
        return None
    return tree


def _top(path: Path) -> Path:
    """Return the folder that what a file extends must lie in."""
    folder = path.resolve().parent
    return next((above for above in (folder, *folder.parents) if above.name == "scenarios"), folder)


def _inside(folder: Path) -> str:
    """Return a hint that names a scenario in a folder."""
    found = sorted(path for path in folder.glob("*") if path.suffix in SUFFIXES)
    return f"perhaps {display(found[0])}" if found else ""


def _reason(error: Exception) -> str:
    """Return why the system refused, in its own words."""
    return (error.strerror if isinstance(error, OSError) else str(error)) or type(error).__name__


def _shown(text: str) -> str:
    """Return a path shortened for a message."""
    return text if len(text) <= 120 else f"{text[:117]}..."
