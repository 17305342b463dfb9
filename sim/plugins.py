"""The places of items of each kind: the package, the user's project folder, or Python code.

An item is one file: an instrument, a behaviour, a metric, a chart. A `Catalogue` lists the items of one kind by name
without importing them. A project is a folder with a ``splinternet.toml``; its items stand beside the shipped ones.
"""

from __future__ import annotations

import os
import pkgutil
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType

from sim import handed
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
    """Return the project in use: what `use_project` set last, else what the environment names, else the one around.

    The project around is that of the current folder, as it is when the project is first asked for.
    """
    if "project" not in _current:
        named = os.environ.get(VARIABLE)
        root = Path(named) if named else find_project(Path.cwd())
        _current["project"] = read_project(root) if root else None
    return _current["project"]


type Own = tuple[str | None, bytes]
"""What a user adds, for another process: the project folder, and what Python code has handed over."""


def own_items() -> Own:
    """Return what the user adds, for another process (`use_own_items`).

    Raises
    ------
    RunError
        When something that was handed over cannot be sent.
    """
    return root(), handed.packed()


def use_own_items(own: Own) -> None:
    """Use, in another process, what `own_items` returned."""
    folder, given = own
    if folder != root():
        use_project(folder)
    handed.unpack(given)


def root() -> str | None:
    """Return the folder of the project in use as text, for another process; None where there is none."""
    found = project()
    return None if found is None else str(found.root)


@contextmanager
def project_around(folder: Path) -> Iterator[None]:
    """Use the project of a folder, or of the nearest one above it, and afterwards the one that was in use before.

    Where the folder has no project, the one that the environment names stays in use.

    Raises
    ------
    InputError
        As `read_project`.
    """
    before, named = dict(_current), os.environ.get(VARIABLE)
    found = find_project(folder)
    _current.clear()
    if found is not None:
        use_project(found)
    try:
        yield
    finally:
        _current.clear()
        _current.update(before)
        if named is None:
            os.environ.pop(VARIABLE, None)
        else:
            os.environ[VARIABLE] = named


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
        self._shipped: tuple[str, ...] | None = None
        self._shipped_modules: dict[str, ModuleType] = {}  # tables ask for the same few items thousands of times
        self._own: tuple[Project | None, dict[str, Path]] = (None, {})

    def shipped(self) -> tuple[str, ...]:
        """Return the names of the shipped items, sorted, without importing any of them."""
        if self._shipped is None:
            path = [str(Path(__file__).parent.joinpath(*self.package.split(".")[1:]))]
            names = (found.name for found in pkgutil.iter_modules(path))
            self._shipped = tuple(sorted(n for n in names if n not in self._machinery and not n.startswith("_")))
        return self._shipped

    def own(self) -> dict[str, Path]:
        """Return the files of the project's items by name; a folder is looked through once.

        Raises
        ------
        InputError
            When an item has the name of a shipped one, or its name cannot stand in Python and YAML.
        """
        found = project()
        folder = None if found is None else found.folders.get(self.kind)
        if found is None or folder is None:
            return {}
        if self._own[0] is found:
            return self._own[1]
        files = {p.stem: p for p in sorted(folder.glob("*.py")) if not p.stem.startswith("_")}
        taken = [Problem(str(p), f"'{n}' is a shipped item of the same kind", "another file name")
                 for n, p in files.items() if n in self.shipped()]  # fmt: skip
        taken += [Problem(str(p), f"'{n}' is no name", "letters, digits and _, not beginning with a digit")
                  for n, p in files.items() if not n.isidentifier()]  # fmt: skip
        if taken:
            raise InputError(taken)
        self._own = found, files
        return files

    def names(self) -> tuple[str, ...]:
        """Return the names of all items, sorted, without importing any of them."""
        return tuple(sorted({*self.shipped(), *self.own(), *handed.names(self.kind)}))

    def in_order(self, first: Iterable[str]) -> tuple[str, ...]:
        """Return the names of all items, those of ``first`` before all others, without importing any of them."""
        names = self.names()
        return tuple(dict.fromkeys((*(name for name in first if name in names), *names)))

    def module(self, name: str) -> ModuleType:
        """Return the module of an item, imported when first asked for.

        One that was handed over and taken back is in no list, and is still returned: results that used it need it.

        Raises
        ------
        KeyError
            If there is no such item.
        InputError
            When the file of a project's item cannot be imported.
        """
        given = handed.module(self.kind, name)
        if given is not None:
            return given
        if name in self.shipped():
            known = self._shipped_modules.get(name)
            if known is None:
                known = self._shipped_modules[name] = import_module(f"{self.package}.{name}")
            return known
        file, past = self.own().get(name), handed.past_module(self.kind, name)
        if file is None and past is not None:
            return past
        return _load(f"{_PREFIX}.{self.kind}.{name}", self.own()[name])

    def check_new(self, name: str) -> None:
        """Raise InputError when an item that Python code hands over has the name of another or cannot be named so."""
        if name in self.names():
            raise InputError(Problem(name, f"'{name}' is an item of {self.kind} already", "another name"))
        if not name.isidentifier():
            raise InputError(Problem(name, f"'{name}' is no name", "letters, digits and _, not beginning with a digit"))


class _Finder(MetaPathFinder):
    """Finds the modules of the project in use, ``splinternet_project.<kind>.<name>``, as `import` and `pickle` ask."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """Return the specification of a module of the project; None for every other module."""
        head, _, rest = name.partition(".")
        if head != _PREFIX:
            return None
        kind, _, item = rest.partition(".")
        if not item:
            return ModuleSpec(name, None, is_package=True)
        found = project()
        folder = None if found is None else found.folders.get(kind)
        file = folder / f"{item}.py" if folder is not None else None
        return spec_from_file_location(name, file) if file is not None and file.is_file() else None


sys.meta_path.append(_Finder())


def _load(name: str, file: Path) -> ModuleType:
    """Return the module of a file outside the package; import it when it is not loaded yet."""
    known = sys.modules.get(name)
    if known is not None and known.__file__ != str(file):  # of a project that was in use before
        del sys.modules[name]
    try:
        return import_module(name)
    except Exception as error:
        raise InputError(
            Problem(str(file), f"cannot be imported: {type(error).__name__}: {error}", "a module that imports")
        ) from error
