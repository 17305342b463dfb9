"""The files of a scenario: how they are found, read together with those that they extend, and name a world of facts.

A file may only name what lies in its own top folder: the nearest folder above it that is called ``scenarios``, or else
its own folder. The project folder in use may hold tables of facts as well, and a run folder a copy of them.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from ..errors import Code, InputError, Place, Problem, did_you_mean
from ..facts.worlds import COPIES, MANIFEST, available_facts, known_tables, meant_world, name_in, read_own
from ..plugins import project
from ..shipped import SUFFIXES, shipped, shipped_name
from .tree import Tree, from_yaml

LARGEST_FILE = 2**20
"""Most bytes of a scenario file."""
LONGEST_CHAIN = 16
"""Most files that extend one another."""
_OS_TROUBLE = (OSError, ValueError, RuntimeError)  # a name too long, a zero byte in it, a loop of symbolic links


class Source(NamedTuple):
    """What one file states, or a Python mapping."""

    tree: Tree
    folder: Path
    """Where the file is; the working folder for a Python mapping."""
    top: Path
    """The folder that everything it names must lie in."""

    @classmethod
    def of(cls, tree: Tree, path: Path | None) -> Source:
        """Return the source of a file, or of a Python mapping."""
        if path is None:
            return cls(tree, Path.cwd(), Path.cwd())
        folder = path.resolve().parent
        top = next((above for above in (folder, *folder.parents) if above.name == "scenarios"), folder)
        return cls(tree, path.parent, top)

    def contains(self, path: Path) -> bool:
        """Return whether a path lies in the top folder, links followed."""
        return path.resolve().is_relative_to(self.top.resolve())


def find(given: str | Path, problems: list[Problem]) -> Path | None:
    """Return the file that a path or the bare name of a shipped scenario means.

    Parameters
    ----------
    given : str or Path
        A path, or a name with or without ``scenarios/`` and ``.yaml``.
    problems : list of Problem
        What is wrong is added here.
    """
    path, text = Path(given), str(given)
    found, allowed, hint = "no such file", "a YAML file or a shipped scenario", ""
    try:
        if path.is_file():
            return path
        name = text.removeprefix("./").removeprefix("scenarios/").removesuffix(".yaml").removesuffix(".yml")
        if (known := shipped_name(name)) is not None:
            return shipped()[known]
        if path.is_dir():
            found, allowed = "this is a folder", "a scenario file"
            hint = next((f"perhaps {display(f)}" for f in sorted(path.glob("*")) if f.suffix in SUFFIXES), "")
        elif path.exists():
            found, allowed = "this is not a regular file", "a scenario file"
        else:
            near = next((f"{text}{end}" for end in SUFFIXES if Path(f"{text}{end}").is_file()), None)
            hint = f"did you mean the file {near}?" if near else did_you_mean(name, shipped())
            hint = hint or "splinternet list scenarios names the shipped ones"
    except _OS_TROUBLE as error:
        found, allowed = f"cannot be opened ({error})", "a scenario file"
    problems.append(Problem(text if len(text) <= 120 else f"{text[:117]}...", found, allowed, hint))
    return None


def read_chain(tree: Tree | None, path: Path | None, problems: list[Problem]) -> list[Source]:
    """Return a file or a Python mapping, and all that it extends; nothing where the file cannot be read.

    Parameters
    ----------
    tree : Tree, optional
        What stands in it; read from the file unless given.
    path : Path, optional
        Its file; a Python mapping, without one, may extend shipped scenarios and files in the working folder.
    problems : list of Problem
        What is wrong is added here.
    """
    if tree is None and (path is None or (tree := _read(path, problems)) is None):
        return []
    chain = [Source.of(tree, path)]
    seen = [] if path is None else [path.resolve()]
    while (wanted := chain[-1].tree.get("extends")) is not None:
        last, where = chain[-1], chain[-1].tree.where("extends")
        file = _extended_path(wanted, last, where, problems)
        if file is None:
            break
        if file.resolve() in seen or len(seen) >= LONGEST_CHAIN:
            is_circle = file.resolve() in seen
            found = f"'{wanted}' extends, by way of others, itself" if is_circle else f"more than {LONGEST_CHAIN} files"
            problems.append(Problem(where, found, "a chain that ends" if is_circle else "a shorter chain"))
            break
        parent = _read(file, problems)
        if parent is None:
            break
        seen.append(file.resolve())
        chain.append(Source(parent, file.parent, last.top) if last.contains(file) else Source.of(parent, file))
    return chain


def display(path: Path) -> str:
    """Return a path as error messages show it: from the working folder if it is inside."""
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except (ValueError, OSError):
        return str(path)


def world_of(text: str, source: Source) -> str:
    """Return the name of the world that a text means; the tables of a folder are read.

    Parameters
    ----------
    text : str
        Name of a shipped world, path of a folder, or the key of tables that were read before.
    source : Source
        Where the text stands.

    Raises
    ------
    InputError
        There is no such world, or its folder may not or cannot be read.
    """
    if text in available_facts() or known_tables(text) is not None:
        return text
    if name_in(text):  # a copy of the tables stands beside the scenario, in a run folder
        path = _folder_inside(f"{COPIES}/{name_in(text)}", source.folder, source)
        copied = read_own(path).key if path is not None else ""
        if copied == text:
            return text
        where = f"{display(source.folder)}/{COPIES}/{name_in(text)}"
        found = (
            f"the tables in {where} have changed: {copied}" if copied else f"there are no tables of {text} in {where}"
        )
        raise InputError(Problem("", found, "a copy of the tables that the run was made with", "", Code.MISSING))
    own = project()
    for folder, top in ((source.folder, source), *(((own.root, source._replace(top=own.root)),) if own else ())):
        if (path := _folder_inside(text, folder, top)) is not None:
            return read_own(path).key
    if text.startswith(("/", "..")) or _is_folder(source.folder, text):
        found, allowed = f"'{text}' leaves the folder of the scenarios", f"a folder in {display(source.top)}"
        raise InputError(Problem("", found, f"{allowed}, or a shipped world", "", Code.OUTSIDE))
    allowed = f"one of: {', '.join(available_facts())}; or a folder with {MANIFEST}"
    raise InputError(Problem("", f"no facts are called '{text}'", allowed, meant_world(text), Code.UNKNOWN_NAME))


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


def _is_folder(folder: Path, text: str) -> bool:
    """Return whether a text names a folder below another one."""
    try:
        return (folder / text).is_dir()
    except _OS_TROUBLE:
        return False


def _folder_inside(text: str, folder: Path, source: Source) -> Path | None:
    """Return the folder that a text means if it lies inside the top folder of a source, or None."""
    return folder / text if _is_folder(folder, text) and source.contains(folder / text) else None


def _extended_path(wanted: object, source: Source, where: str, problems: list[Problem]) -> Path | None:
    """Return the file that an ``extends`` means: beside it, or a shipped scenario."""
    if not isinstance(wanted, str) or not wanted.strip():
        problems.append(Problem(where, "'extends' is not a file name", "the name of one scenario file"))
        return None
    try:
        path = source.folder / (wanted if Path(wanted).suffix in SUFFIXES else f"{wanted}.yaml")
        is_inside = source.contains(path)
        if is_inside and path.is_file():
            return path
        if (name := shipped_name(wanted.removesuffix(".yaml").removesuffix(".yml"))) is not None:
            return shipped()[name]
        hint = did_you_mean(wanted, [*(file.name for file in source.folder.glob("*.yaml")), *shipped()])
    except _OS_TROUBLE as error:
        problems.append(Problem(where, f"'{wanted}' cannot be opened ({error})", "a scenario file"))
        return None
    if is_inside:
        problems.append(Problem(where, f"'{wanted}': no such file", "a scenario file to extend", hint))
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
            found, allowed = f"the file has {path.stat().st_size:,} bytes", f"at most {LARGEST_FILE:,}"
            problems.append(Problem(Place(name, 1), found, allowed, "is this a scenario?"))
            return None
        tree = from_yaml(content.decode("utf-8-sig"), name, problems)
    except UnicodeDecodeError as error:
        found = f"byte {error.start + 1:,} is not UTF-8"
        problems.append(Problem(Place(name, 1), found, "a text file in UTF-8", "save it as UTF-8"))
        return None
    except OSError as error:
        problems.append(Problem(name, f"cannot be read ({error.strerror or error})", "a readable file"))
        return None
    if tree is not None and not isinstance(tree.data, dict):
        what = "a list" if isinstance(tree.data, list) else "a single value"
        problems.append(Problem(tree.where(), f"the file holds {what}", "keys and values: title, start, days ..."))
        return None
    return tree
