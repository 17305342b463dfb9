"""Where the items of each kind are found: in the package, in the user's project folder, or handed over in Python.

An item is one file: an instrument, a behaviour, a metric, a chart. A `Catalogue` lists the items of one kind by name
without importing them. A project is a folder with a ``splinternet.toml``; its items stand beside the shipped ones.
"""

from __future__ import annotations

import os
import pkgutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType

from sim.errors import InputError, Problem, did_you_mean

FILE = "splinternet.toml"
KINDS = ("instruments", "behaviours", "metrics", "charts", "facts")
"""What a project folder may add, and the default names of its subfolders."""
VARIABLE = "SPLINTERNET_PROJECT"
"""Environment variable that names the project folder; worker processes inherit it."""
_PREFIX = "splinternet_project"


@dataclass(frozen=True)
class Project:
    """A user's folder of items.

    Attributes
    ----------
    root : Path
        The folder that holds ``splinternet.toml``.
    folders : mapping of str to Path
        For each kind that the project adds, the folder of its items.
    """

    root: Path
    folders: Mapping[str, Path]


_current: dict[str, Project | None] = {}


def find_project(start: Path) -> Path | None:
    """Return the nearest folder with a ``splinternet.toml``, from a folder upwards; None where there is none."""
    for folder in (start.resolve(), *start.resolve().parents):
        if (folder / FILE).is_file():
            return folder
    return None


def read_project(root: Path) -> Project:
    """Return the project of a folder.

    Parameters
    ----------
    root : Path
        The folder that holds ``splinternet.toml``. The file may be empty; its table ``[folders]`` may name another
        subfolder for a kind.

    Raises
    ------
    InputError
        When the file is missing, is not TOML, or names an unknown kind or a folder that does not exist.
    """
    import tomllib  # late: most starts of the program have no project

    file = root.resolve() / FILE
    try:
        read = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(Problem(str(file), f"cannot be read ({error.strerror})", f"a file {FILE}")) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(Problem(str(file), f"is not TOML ({error})", "a table [folders], or an empty file")) from error
    problems = [
        Problem(str(file), f"unknown key '{key}'", "the table [folders]", did_you_mean(key, ["folders"]))
        for key in read
        if key != "folders"
    ]
    named = read.get("folders", {})
    if not isinstance(named, dict):
        raise InputError(
            Problem(str(file), "'folders' is not a table", '[folders] with lines such as metrics = "mine"')
        )
    for kind, folder in named.items():
        if kind not in KINDS:
            problems.append(
                Problem(str(file), f"unknown kind '{kind}'", f"any of {', '.join(KINDS)}", did_you_mean(kind, KINDS))
            )
        elif not isinstance(folder, str) or not (file.parent / folder).is_dir():
            problems.append(
                Problem(str(file), f"'{kind}': there is no folder {folder!r}", f"a folder below {file.parent}")
            )
    if problems:
        raise InputError(problems)
    found = {kind: file.parent / named.get(kind, kind) for kind in KINDS}
    return Project(file.parent, {kind: folder for kind, folder in found.items() if folder.is_dir()})


def use_project(root: Path | str | None) -> Project | None:
    """Make a folder the project of this process and of the processes that it starts; None leaves it.

    Raises
    ------
    InputError
        As `read_project`.
    """
    project = None if root is None else read_project(Path(root))
    _current["project"] = project
    if project is None:
        os.environ.pop(VARIABLE, None)
    else:
        os.environ[VARIABLE] = str(project.root)
    return project


def project() -> Project | None:
    """Return the project in use: the last one that `use_project` set, else the one that the environment names."""
    if "project" not in _current:
        root = os.environ.get(VARIABLE)
        _current["project"] = read_project(Path(root)) if root else None
    return _current["project"]


@contextmanager
def using(root: Path | None) -> Iterator[Project | None]:
    """Use the project of a folder for a while, and what was in use before afterwards; None changes nothing.

    Raises
    ------
    InputError
        As `read_project`.
    """
    if root is None:
        yield project()
        return
    before, variable = dict(_current), os.environ.get(VARIABLE)
    try:
        yield use_project(root)
    finally:
        _current.clear()
        _current.update(before)
        if variable is None:
            os.environ.pop(VARIABLE, None)
        else:
            os.environ[VARIABLE] = variable


class Catalogue:
    """The items of one kind, by name.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    package : str
        The package whose modules are the shipped items.
    machinery : iterable of str
        Modules of that package that are no items; names that begin with an underscore never are.
    """

    def __init__(self, kind: str, package: str, machinery: tuple[str, ...] = ()) -> None:
        self.kind = kind
        self.package = package
        self._machinery = frozenset(machinery)
        self._handed: dict[str, ModuleType] = {}
        self._shipped: tuple[str, ...] | None = None
        self._own: tuple[Project, dict[str, Path]] | None = None

    def shipped(self) -> tuple[str, ...]:
        """Return the names of the shipped items, sorted, without importing any of them."""
        if self._shipped is None:
            path = [str(Path(__file__).parent.joinpath(*self.package.split(".")[1:]))]
            names = (found.name for found in pkgutil.iter_modules(path))
            self._shipped = tuple(sorted(n for n in names if n not in self._machinery and not n.startswith("_")))
        return self._shipped

    def own(self) -> dict[str, Path]:
        """Return the files of the project's items by name; its folder is read once.

        Raises
        ------
        InputError
            When an item has the name of a shipped one.
        """
        found = project()
        folder = None if found is None else found.folders.get(self.kind)
        if found is None or folder is None:
            return {}
        if self._own is not None and self._own[0] is found:
            return self._own[1]
        files = {p.stem: p for p in sorted(folder.glob("*.py")) if not p.stem.startswith("_")}
        taken = [Problem(str(p), f"'{n}' is a shipped item of the same kind", "another file name")
                 for n, p in files.items() if n in self.shipped()]  # fmt: skip
        if taken:
            raise InputError(taken)
        self._own = found, files
        return files

    def names(self) -> tuple[str, ...]:
        """Return the names of all items, sorted, without importing any of them."""
        return tuple(sorted({*self.shipped(), *self.own(), *self._handed}))

    def module(self, name: str) -> ModuleType:
        """Return the module of an item, imported when first asked for.

        Raises
        ------
        KeyError
            If there is no such item.
        InputError
            When the file of a project's item cannot be imported.
        """
        if name in self._handed:
            return self._handed[name]
        if name in self.shipped():
            return import_module(f"{self.package}.{name}")
        return _load(f"{_PREFIX}.{self.kind}.{name}", self.own()[name])

    def hand_over(self, name: str, item: ModuleType) -> None:
        """Add an item that Python code made; it replaces one handed over before, never a file."""
        if name in self.shipped() or name in self.own():
            raise InputError(Problem(name, f"'{name}' is an item of {self.kind} already", "another name"))
        self._handed[name] = item

    def take_back(self, name: str) -> None:
        """Remove an item that was handed over."""
        self._handed.pop(name, None)


class _Finder(MetaPathFinder):
    """Finds the modules of the project in use, so that other processes can import what they are sent."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return where a module below the project's prefix is; None for every other module."""
        prefix, *rest = fullname.split(".")
        if prefix != _PREFIX or len(rest) > 2:
            return None
        if len(rest) < 2:
            return ModuleSpec(fullname, None, is_package=True)
        found = project()
        folder = None if found is None else found.folders.get(rest[0])
        file = None if folder is None else folder / f"{rest[1]}.py"
        return spec_from_file_location(fullname, file) if file is not None and file.is_file() else None


sys.meta_path.append(_Finder())


def _load(name: str, file: Path) -> ModuleType:
    """Return the module of a file outside the package; import it when it is not loaded yet."""
    known = sys.modules.get(name)
    if known is not None and known.__file__ == str(file):
        return known
    sys.modules.pop(name, None)
    try:
        return import_module(name)
    except Exception as error:
        raise InputError(
            Problem(str(file), f"cannot be imported: {type(error).__name__}: {error}", "a module that imports")
        ) from error
