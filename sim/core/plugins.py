"""Instruments, behaviours, metrics and charts by name: those of the package, of a project folder,
and of Python code.

A project is a folder with a ``splinternet.toml``; each of its items is a file in the subfolder of
its kind. Python code adds items temporarily (`items_added`); other processes receive them with
`own_items`.
"""

from __future__ import annotations

import hashlib
import inspect
import os
import re
import sys
import sysconfig
import tomllib
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import import_module, invalidate_caches
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar, Self

from ..errors import InputError, Place, Problem, RunError, did_you_mean

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

    def files(self, kind: str) -> dict[str, Path]:
        """Return the files of the items of a kind, by name."""
        folder = self.folders.get(kind)
        return (
            {p.stem: p for p in sorted(folder.glob("*.py")) if not p.stem.startswith("_")}
            if folder
            else {}
        )


_current: dict[str, Project | None] = {}


def find_project(start: Path) -> Path | None:
    """Return the nearest folder with a ``splinternet.toml``, from a folder upwards; None where
    there is none.
    """
    return next(
        (f for f in (start.resolve(), *start.resolve().parents) if (f / FILE).is_file()), None
    )


def read_project(root: Path) -> Project:
    """Return the project of a folder.

    Parameters
    ----------
    root : Path
        The folder that holds ``splinternet.toml``. The file may be empty; its table ``[folders]``
        may name another subfolder for a kind.

    Raises
    ------
    InputError
        When the file is missing, is not TOML, or names an unknown kind or a folder that does not
        exist.
    """
    file = root.resolve() / FILE
    try:
        keys = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(
            Problem(str(file), f"cannot be read ({error.strerror})", f"a file {FILE}")
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(
            Problem(str(file), f"is not TOML ({error})", "a table [folders], or an empty file")
        ) from error
    folders = keys.pop("folders", {})
    faults = [
        (f"unknown key '{key}'", "the table [folders]", did_you_mean(key, ["folders"]))
        for key in keys
    ]
    if not isinstance(folders, dict):
        faults.append(
            ("'folders' is not a table", '[folders] with lines such as metrics = "mine"', "")
        )
        folders = {}
    for kind, folder in folders.items():
        if kind not in KINDS:
            faults.append(
                (f"unknown kind '{kind}'", f"any of {', '.join(KINDS)}", did_you_mean(kind, KINDS))
            )
        elif not isinstance(folder, str) or not (file.parent / folder).is_dir():
            faults.append(
                (f"'{kind}': there is no folder {folder!r}", f"a folder below {file.parent}", "")
            )
    if faults:
        raise InputError([Problem(str(file), *fault) for fault in faults])
    paths = {kind: file.parent / folders.get(kind, kind) for kind in KINDS}
    return Project(file.parent, {kind: path for kind, path in paths.items() if path.is_dir()})


def use_project(root: Path | str | None) -> Project | None:
    """Make a folder the project of this process and of the processes that it starts; None leaves
    it.

    Raises
    ------
    InputError
        As `read_project`.
    """
    found = _current["project"] = _importable(None if root is None else read_project(Path(root)))
    if found is None:
        os.environ.pop(VARIABLE, None)
    else:
        os.environ[VARIABLE] = str(found.root)
    return found


def project() -> Project | None:
    """Return the project in use: what `use_project` set last, else what the environment names, else
    the one around.

    The project around is that of the current folder, as it is when the project is first asked for.
    """
    if "project" not in _current:
        folder = os.environ.get(VARIABLE)
        root = Path(folder) if folder else find_project(Path.cwd())
        _current["project"] = _importable(read_project(root) if root else None)
    return _current["project"]


@contextmanager
def project_around(folder: Path) -> Iterator[None]:
    """Use the project of a folder, or of the nearest one above it, and afterwards the one that was
    in use before.

    Where the folder has no project, the one that the environment names stays in use.

    Raises
    ------
    InputError
        As `read_project`.
    """
    before = dict(_current)
    variable = os.environ.get(VARIABLE)
    modules = {
        name: module for name, module in sys.modules.items() if name.partition(".")[0] == _PREFIX
    }
    _current.clear()
    try:
        if (root := find_project(folder)) is not None:
            use_project(root)
        yield
    finally:
        use_project(None)
        _current.clear()
        _current.update(before)
        _importable(before.get("project"))
        sys.modules.update(modules)  # pickle finds what was made of them before
        os.environ |= {} if variable is None else {VARIABLE: variable}


def _importable(found: Project | None) -> Project | None:
    """Let ``import`` and pickle find the modules of a project as
    ``splinternet_project.<kind>.<name>``; return it.
    """
    for name in [name for name in sys.modules if name.partition(".")[0] == _PREFIX]:
        del sys.modules[name]
    if found is not None:
        folders = {f"{_PREFIX}.{kind}": [str(folder)] for kind, folder in found.folders.items()}
        for name, places in {_PREFIX: [], **folders}.items():
            sys.modules[name] = package = ModuleType(name)
            package.__path__ = places
    return found


@dataclass(frozen=True)
class _Added:
    """The items that Python code has added, by kind and name, with the digest of each by its label
    in manifests.
    """

    items: Mapping[tuple[str, str], Any] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def packed(self) -> bytes:
        """The same for another process; empty where there are none."""
        if not self.items:
            return b""
        import cloudpickle

        try:
            return bytes(cloudpickle.dumps((self.items, self.digests)))
        except Exception as error:
            names = ", ".join(name for _, name in self.items)
            raise RunError(
                f"{names} cannot be sent to another process: {error}; run with one job (jobs=1)"
            ) from error


_added: dict[str, _Added] = {"now": _Added()}
_known: dict[tuple[str, str], Any] = {}
"""Each class and metric that was ever defined in this process, the latest of its name: stored runs
that use it can be read, shown and drawn.
"""
_HANDED_OVER = " (handed over)"


def remember(kind: str, name: str, item: Any) -> None:
    """Keep an item that Python code defines, so that stored runs that use it can be read."""
    _known[kind, name] = item


def snake_case(name: str) -> str:
    """Return the name of a class as it is written in files: ``TakeOffice`` is ``take_office``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


class Item:
    """Base of the classes that are instruments and behaviours.

    Attributes
    ----------
    name : str
        What scenarios call it: ``PaymentBan`` is ``payment_ban``.
    summary : str
        What it does: the first line of its docstring.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    items: ClassVar[str]  # the kind of `KINDS`

    def __init_subclass__(cls, **keys: Any) -> None:
        super().__init_subclass__(**keys)
        cls.name = snake_case(cls.__name__)
        cls.summary = " ".join((cls.__doc__ or "").partition("\n\n")[0].split())
        remember(cls.items, cls.name, cls)

    @classmethod
    def place(cls) -> Place:
        """Return the file and the line of the class; the name of the class where no file has it, as
        in a notebook.
        """
        try:
            return Place(inspect.getsourcefile(cls) or "", inspect.getsourcelines(cls)[1])
        except (OSError, TypeError):  # as in another process
            code = next(
                (
                    code
                    for value in vars(cls).values()
                    if (code := getattr(value, "__code__", None))
                ),
                None,
            )
            return (
                Place(code.co_filename, code.co_firstlineno)
                if code
                else Place(f"class {cls.__name__}", 1)
            )

    @classmethod
    def declared_in(cls, module: ModuleType) -> dict[str, type[Self]]:
        """Return the subclasses that a module declares, by name."""
        classes = [
            each
            for each in vars(module).values()
            if isinstance(each, type) and issubclass(each, cls)
        ]
        here = [
            each
            for each in classes
            if each.__module__ == module.__name__ and not each.__name__.startswith("_")
        ]
        return {each.name: each for each in here}


class Registry[T](Mapping[str, T]):
    """The items of one kind by name, the shipped ones first.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    shipped : sequence of str, or mapping of str to str
        The modules that declare the shipped items, in the order of tables; they are imported when
        names are first asked for. Where importing them is slow, a mapping: the name of each item
        and its module.
    read : callable
        Returns the items that a module declares, by name. It may raise an InputError.
    sample : str
        What the file of an item must declare, with ``{name}``, or ``{Name}`` for the name of a
        class.
    faults : callable, optional
        Yields what is wrong with an item.
    alphabetical : bool
        Whether names stand in alphabetical order instead of that of the modules.
    """

    def __init__(
        self,
        kind: str,
        shipped: Sequence[str] | Mapping[str, str],
        read: Callable[[ModuleType], Mapping[str, T]],
        sample: str,
        faults: Callable[[T], Iterable[Problem]] = lambda item: (),
        *,
        alphabetical: bool = False,
    ) -> None:
        self.kind = kind
        self.sample = sample
        self._modules = shipped
        self._read = read
        self._faults = faults
        self._alphabetical = alphabetical
        self._loaded: dict[str, tuple[ModuleType, T]] = {}

    @cached_property
    def _places(self) -> Mapping[str, str]:
        """The module of each shipped item."""
        if isinstance(self._modules, Mapping):
            return self._modules
        places = {
            name: module for module in self._modules for name in self._read(import_module(module))
        }
        return dict(sorted(places.items())) if self._alphabetical else places

    def shipped(self) -> tuple[str, ...]:
        """Return the names of the shipped items."""
        return tuple(self._places)

    def own(self) -> dict[str, Path]:
        """Return the files of the project's items by name, without importing any of them.

        Raises
        ------
        InputError
            When an item has the name of a shipped one, or its name cannot be written in Python and
            YAML.
        """
        current = project()
        files = current.files(self.kind) if current else {}
        if problems := [
            problem
            for name, file in files.items()
            for problem in self._faults_of_name(name, str(file))
        ]:
            raise InputError(problems)
        return files

    def check_new(self, name: str) -> None:
        """Raise InputError when an item that Python code adds has the name of another or cannot be
        named so.
        """
        problems = self._faults_of_name(name, name)
        if name in self and not problems:
            problems = [
                Problem(name, f"'{name}' is an item of {self.kind} already", "another name")
            ]
        if problems:
            raise InputError(problems)

    def is_of_project(self, item: Any) -> bool:
        """Return whether an item that Python code hands over is the project's own, imported from
        its file.
        """
        file = self.own().get(item.name)
        module = sys.modules.get(
            getattr(item, "function", item).__module__
        )  # a metric has a function
        there = getattr(module, "__file__", None)
        return file is not None and there is not None and Path(there).resolve() == file.resolve()

    def _faults_of_name(self, name: str, where: str) -> list[Problem]:
        """Return what is wrong with the name of an item of the user's own."""
        if name in self._places:
            return [Problem(where, f"'{name}' is a shipped item of the same kind", "another name")]
        if not name.isidentifier():
            return [
                Problem(
                    where,
                    f"'{name}' is no name",
                    "letters, digits and _, not beginning with a digit",
                )
            ]
        return []

    def __iter__(self) -> Iterator[str]:
        """Return the names: the shipped ones in their order, then the user's own, sorted."""
        own = {*self.own(), *(name for kind, name in _added["now"].items if kind == self.kind)}
        return iter((*self._places, *sorted(own)))

    def __contains__(self, name: object) -> bool:
        """Return whether there is an item of this name."""
        return (
            name in self._places or (self.kind, name) in _added["now"].items or name in self.own()
        )

    def __len__(self) -> int:
        """Return how many items there are."""
        return sum(1 for _ in self)

    def among(self, names: Iterable[str]) -> list[str]:
        """Return which of some names are items, in the order of the tables.

        Items that Python code has defined count: the results of runs that used them can be read.
        """
        wanted = set(names)
        return [
            n
            for n in dict.fromkeys((*self, *(name for kind, name in _known if kind == self.kind)))
            if n in wanted
        ]

    def __getitem__(self, name: str) -> T:
        """Return an item.

        One that Python code added and that was taken back is in no list, and is still returned.

        Raises
        ------
        KeyError
            If there is no such item.
        InputError
            When the file of a project's item cannot be imported, or does not declare it: all that
            is wrong with it.
        """
        key = self.kind, name
        if key in _added["now"].items:
            return _added["now"].items[key]  # type: ignore[no-any-return]
        if name in self._places:
            if name not in self._loaded:
                self.own()  # refuses a file of the same name, which would stay without effect
                module = import_module(self._places[name])
                self._loaded[name] = module, self._read(module)[name]
            return self._loaded[name][1]
        file = self.own().get(name)
        if file is None:
            return _known[key]  # type: ignore[no-any-return]
        module = _load(f"{_PREFIX}.{self.kind}.{name}", file)
        if name not in self._loaded or self._loaded[name][0] is not module:
            items = self._read(module)
            if name not in items:
                found = f"it declares {', '.join(items) or 'no ' + self.kind[:-1]}"
                allowed = self.sample.format(name=name, Name=name.title().replace("_", ""))
                raise InputError(Problem(str(file), found, allowed, "rename it or the file"))
            self._loaded[name] = module, self.checked(items[name])
        return self._loaded[name][1]

    def checked(self, item: T) -> T:
        """Return an item; raise InputError with everything that is wrong with it."""
        problems = tuple(self._faults(item))
        if problems:
            raise InputError(problems)
        return item


@contextmanager
def items_added(items: Mapping[tuple[str, str], Any]) -> Iterator[None]:
    """Add items that Python code defines, by kind and name, beside those already added; take them
    back at the end.
    """
    before = _added["now"]
    digests = {f"{kind}/{name}{_HANDED_OVER}": digest(item) for (kind, name), item in items.items()}
    _added["now"] = _Added({**before.items, **items}, {**before.digests, **digests})
    _known.update(items)
    try:
        yield
    finally:
        _added["now"] = before


@contextmanager
def items_of_run(labels: Iterable[str]) -> Iterator[None]:
    """Add the items that were handed over to a stored run, as far as Python code has defined them.

    Parameters
    ----------
    labels : iterable of str
        The items' labels in the manifest of the run.
    """
    found = dict[tuple[str, str], Any]()
    for label in labels:
        kind, _, name = label.removesuffix(_HANDED_OVER).partition("/")
        if label.endswith(_HANDED_OVER) and (kind, name) in _known:
            found[kind, name] = _known[kind, name]
    with items_added(found):
        yield


def added_digests() -> dict[str, str]:
    """Return the SHA-256 of the code of each item that Python code has added, by its label in
    manifests.
    """
    return dict(_added["now"].digests)


type Own = tuple[str | None, bytes]
"""What a user adds, for another process: the project folder, and what Python code has added."""


def own_items() -> Own:
    """Return what the user adds, for another process (`use_own_items`).

    Raises
    ------
    RunError
        When something that Python code has added cannot be sent.
    """
    current = project()
    return None if current is None else str(current.root), _added["now"].packed


def use_own_items(own: Own) -> None:
    """Use, in another process, what `own_items` returned."""
    folder, packed = own
    if folder != (str(current.root) if (current := project()) else None):
        use_project(folder)
    if packed != _added["now"].packed:
        import cloudpickle

        added = (
            _Added(*cloudpickle.loads(packed)) if packed else _Added()
        )  # a worker does not have the source
        added.__dict__["packed"] = packed
        _added["now"] = added
        _known.update(added.items)


def digest(item: object) -> str:
    """Return the SHA-256 of the text of a class or function; of its name where no text is kept.

    What it uses does not count: change that, and name a new folder, or overwrite the run.
    """
    own: Any = getattr(item, "function", item)  # a metric has one
    try:
        text = inspect.getsource(own)
    except (OSError, TypeError):  # as in ``python -c``
        text = getattr(own, "__qualname__", repr(own))
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def _installed() -> tuple[str, ...]:
    """Return where files stand that are not the user's own: this package, Python, and installed
    packages.
    """
    places = (sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib"))
    return ("<frozen ", *(str(place) + os.sep for place in (Path(__file__).parents[1], *places)))


def own_frames(error: BaseException) -> list[traceback.FrameSummary]:
    """Return the frames of the traceback of an error from the user's own code on, up to the last of
    that code.

    What belongs to this package, to Python or to an installed package is not the user's own.
    """
    frames = traceback.extract_tb(error.__traceback__)
    own = [at for at, frame in enumerate(frames) if _is_own(frame)]
    return frames[own[0] : own[-1] + 1] if own else []


def _is_own(frame: traceback.FrameSummary) -> bool:
    """Return whether a frame is of the user's own code."""
    return not frame.filename.startswith(_installed())


def own_callers() -> list[traceback.FrameSummary]:
    """Return the frames of the user's own code that led here, the outermost first."""
    return [frame for frame in traceback.extract_stack() if _is_own(frame)]


def _load(name: str, file: Path) -> ModuleType:
    """Return the module of a file of the project; import it when it is not loaded yet."""
    invalidate_caches()  # the file may be younger than what Python knows of its folder
    try:
        return import_module(name)
    except Exception as error:
        lines = [
            frame.lineno
            for frame in traceback.extract_tb(error.__traceback__)
            if frame.filename == str(file)
        ]
        if isinstance(error, SyntaxError) and error.filename == str(file):
            lines.append(error.lineno)
        line = lines[-1] if lines else 1
        found = f"cannot be imported: {type(error).__name__}: {error}"
        raise InputError(
            Problem(Place(str(file), line or 1), found, "a module that imports")
        ) from error
