"""Registries of instruments, behaviours, metrics and charts: those of the package, and a user's
own.

A class or function registers itself when it is defined, and scenarios can then name it. Items of a
file under ``--import``, and items passed in a call (`items_added`), also appear in all lists.
`own_items` sends both to other processes.
"""

from __future__ import annotations

import hashlib
import inspect
import os
import re
import sys
import sysconfig
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar, Self

from ..errors import InputError, Place, Problem, RunError

_ROOT = __name__.partition(".")[0]
_REGISTRY_MODULES = {
    "instruments": "policies",
    "behaviours": "scenario.schema",
    "metrics": "metrics.registry",
    "charts": "plots.registry",
}
"""The module that has the registry of each kind."""


@dataclass(frozen=True)
class _Added:
    """The items that Python code has added, by kind and name, and their digests, by label in
    manifests.
    """

    items: Mapping[tuple[str, str], Any] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def packed(self) -> bytes:
        """The pickled items, for another process; empty without items."""
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
"""The latest class, metric or chart that a user's own code has defined in this process, by kind and
name.
"""
_registries: dict[str, Registry[Any]] = {}
_HANDED_OVER = " (handed over)"


def remember(kind: str, name: str, item: Any, module: str | None) -> None:
    """Register an item that a user's own Python code defines under its name.

    Parameters
    ----------
    kind : {"instruments", "behaviours", "metrics", "charts"}
    name : str
    item : object
    module : str, optional
        The name of the module that defines it, if any; the package's own modules are ignored.
    """
    if (module or "").partition(".")[0] != _ROOT and not name.startswith("_"):
        _known[kind, name] = item


def snake_case(name: str) -> str:
    """Return the name of a class as it is written in files: ``TakeOffice`` is ``take_office``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


class Item:
    """Base of the classes that are instruments and behaviours.

    Attributes
    ----------
    name : str
        Its name in scenarios: ``payment_ban`` for ``PaymentBan``.
    summary : str
        Its description: the first line of the docstring.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    items: ClassVar[str]  # the kind

    def __init_subclass__(cls, **keys: Any) -> None:
        super().__init_subclass__(**keys)
        cls.name = snake_case(cls.__name__)
        cls.summary = " ".join((cls.__doc__ or "").partition("\n\n")[0].split())
        remember(cls.items, cls.name, cls, cls.__module__)

    @classmethod
    def place(cls) -> Place:
        """Return the file and the line of the class, or its name if no file contains it, as in a
        notebook.
        """
        try:
            return Place(inspect.getsourcefile(cls) or "", inspect.getsourcelines(cls)[1])
        except (OSError, TypeError):  # in another process, for instance
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
    kind : {"instruments", "behaviours", "metrics", "charts"}
    shipped : sequence of str, or mapping of str to str
        The modules that declare the shipped items, in the order of tables; they are imported when
        names are first needed. If imports are slow, a mapping from each item's name to its module.
    read : callable
        Returns the items that a module declares, by name. It may raise an InputError.
    faults : callable, optional
        Yields the faults of an item.
    alphabetical : bool
        Whether names are in alphabetical order instead of that of the modules.
    """

    def __init__(
        self,
        kind: str,
        shipped: Sequence[str] | Mapping[str, str],
        read: Callable[[ModuleType], Mapping[str, T]],
        faults: Callable[[T], Iterable[Problem]] = lambda item: (),
        *,
        alphabetical: bool = False,
    ) -> None:
        self.kind = kind
        self._modules = shipped
        self._read = read
        self._faults = faults
        self._alphabetical = alphabetical
        self._loaded: dict[str, T] = {}
        self._passed: list[T] = []
        _registries[kind] = self

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

    def own(self) -> tuple[str, ...]:
        """Return the names of the user's own items that are imported or passed in a call."""
        return tuple(sorted(name for kind, name in _added["now"].items if kind == self.kind))

    def check_new(self, name: str) -> None:
        """Raise InputError if the name of an item that Python code adds is taken or not valid."""
        problems = self._faults_of_name(name, name)
        if name in self.own() and not problems:
            problems = [
                Problem(name, f"'{name}' is already an item of {self.kind}", "another name")
            ]
        if problems:
            raise InputError(problems)

    def _faults_of_name(self, name: str, where: str) -> list[Problem]:
        """Return the faults of the name of a user's own item."""
        if name in self._places:
            return [Problem(where, f"'{name}' is a shipped item of the same kind", "another name")]
        if not name.isidentifier():
            return [
                Problem(
                    where,
                    f"'{name}' is not a name",
                    "letters, digits and _, not beginning with a digit",
                )
            ]
        return []

    def __iter__(self) -> Iterator[str]:
        """Return the names: the shipped ones in order, then the user's own, sorted."""
        return iter((*self._places, *self.own()))

    def __contains__(self, name: object) -> bool:
        """Return whether an item has that name, in a list or defined by Python code."""
        return name in self._places or (self.kind, name) in _known

    def __len__(self) -> int:
        """Return the number of items."""
        return sum(1 for _ in self)

    def among(self, names: Iterable[str]) -> list[str]:
        """Return those of some names that are items, in the order of the tables.

        Items that Python code has defined count, so that the results of runs with them can be read.
        """
        wanted = set(names)
        return [
            n
            for n in dict.fromkeys((*self, *(name for kind, name in _known if kind == self.kind)))
            if n in wanted
        ]

    def __getitem__(self, name: str) -> T:
        """Return an item.

        Raises
        ------
        KeyError
            If there is no such item.
        InputError
            If an item of the user's own has faults; the error lists all of them.
        """
        if name in self._places:
            if name not in self._loaded:
                self._loaded[name] = self._read(import_module(self._places[name]))[name]
            return self._loaded[name]
        item: T = _known[self.kind, name]
        if not any(item is passed for passed in self._passed):
            self._passed.append(self.checked(item))
        return item

    def checked(self, item: T) -> T:
        """Return an item; raise InputError with all its faults."""
        problems = tuple(self._faults(item))
        if problems:
            raise InputError(problems)
        return item


@contextmanager
def items_added(items: Mapping[tuple[str, str], Any]) -> Iterator[None]:
    """Add items that Python code defines, by kind and name, to those already added; remove them at
    the end.
    """
    before = _added["now"]
    _added["now"] = _Added({**before.items, **items}, {**before.digests, **_digests(items)})
    _known.update(items)
    try:
        yield
    finally:
        _added["now"] = before


def import_file(path: Path) -> dict[tuple[str, str], Any]:
    """Import a user's own Python file, and return the items that it declares, by kind and name.

    Raises
    ------
    InputError
        If the file is missing, cannot be imported, declares no item, or declares faulty ones; the
        error lists all faults.
    """
    if not path.is_file():
        raise InputError(Problem(str(path), "there is no such file", "a Python file", "--import"))
    name = f"imported_{re.sub(r'\W', '_', path.stem)}"
    before = dict(_known)
    _import(name, path)
    found = {key: item for key, item in _known.items() if item is not before.get(key)}
    if not found:
        allowed = "a class with the base sn.Policy, sn.Behaviour or sn.PeopleRule"
        functions = "a function under @sn.metric or @chart"
        raise InputError(Problem(str(path), "it declares no item", f"{allowed}, or {functions}"))
    problems = list[Problem]()
    for (kind, item_name), item in found.items():
        registry = _registries.get(kind)
        if registry is None:
            import_module(f"{_ROOT}.{_REGISTRY_MODULES[kind]}")
            registry = _registries[kind]
        try:
            registry.check_new(item_name)
            registry.checked(item)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return found


def _import(name: str, path: Path) -> None:
    """Run a file as a module of that name; its definitions are sent to other processes by value.

    Raises
    ------
    InputError
        If the import fails; the error names the line of the file.
    """
    import cloudpickle

    file = path.resolve()
    spec = spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise InputError(Problem(str(path), "it is not a Python file", "a file NAME.py"))
    module = module_from_spec(spec)
    sys.modules[name] = module
    folder = str(file.parent)
    if folder not in sys.path:
        sys.path.append(folder)  # it may import modules beside it
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        lines = [
            frame.lineno
            for frame in traceback.extract_tb(error.__traceback__)
            if frame.filename == str(file)
        ]
        if isinstance(error, SyntaxError) and error.filename == str(file):
            lines.append(error.lineno)
        found = f"cannot be imported: {type(error).__name__}: {error}"
        place = Place(str(path), (lines[-1] if lines else 1) or 1)
        raise InputError(Problem(place, found, "a module that imports")) from error
    cloudpickle.register_pickle_by_value(module)


@contextmanager
def code_counted(label: str, text: str) -> Iterator[None]:
    """Add a text, such as the source of functions that are not items, to the digests of the user's
    own code.
    """
    before = _added["now"]
    found = {f"{label}{_HANDED_OVER}": hashlib.sha256(text.encode()).hexdigest()}
    _added["now"] = _Added(before.items, {**before.digests, **found})
    try:
        yield
    finally:
        _added["now"] = before


@contextmanager
def items_of_run(labels: Iterable[str]) -> Iterator[None]:
    """Add the items that a stored run received in a call, if Python code has defined them.

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


def items_in_use() -> tuple[tuple[str, str], ...]:
    """Return kind and name of each item that is imported or passed in a call."""
    return tuple(_added["now"].items)


def own_digests(used: Iterable[tuple[str, str]] = ()) -> dict[str, str]:
    """Return the SHA-256 of the code of each item of the user's own, by its label in manifests.

    Parameters
    ----------
    used : iterable of (str, str)
        Kind and name of the items that a scenario uses; items that are imported or passed in a call
        are always included.
    """
    others = {
        (kind, name): _known[kind, name]
        for kind, name in used
        if (kind, name) in _known and name not in _registries[kind].shipped()
    }
    return _digests(others) | dict(_added["now"].digests)


def _digests(items: Mapping[tuple[str, str], Any]) -> dict[str, str]:
    """Return the SHA-256 of the code of each item, by its label in manifests."""
    return {f"{kind}/{name}{_HANDED_OVER}": digest(item) for (kind, name), item in items.items()}


type Own = tuple[bytes, Mapping[tuple[str, str], bytes]]
"""Data for another process: the items in use, and other defined items."""


def own_items() -> Own:
    """Return the user's own items, for another process (`use_own_items`).

    Raises
    ------
    RunError
        If an item that is imported or passed in a call cannot be sent.
    """
    import cloudpickle

    defined = dict[tuple[str, str], bytes]()
    for key, item in _known.items():
        if key not in _added["now"].items:
            with suppress(Exception):  # an unused item need not be sent
                defined[key] = cloudpickle.dumps(item)
    return _added["now"].packed, defined


def use_own_items(own: Own) -> None:
    """Use, in another process, what `own_items` returned."""
    import cloudpickle

    packed, defined = own
    for key, item in defined.items():
        if _received.get(key) != item:
            _received[key] = item
            with suppress(Exception):  # a scenario that uses the item is refused
                _known[key] = cloudpickle.loads(item)
    if packed != _added["now"].packed:
        added = (
            _Added(*cloudpickle.loads(packed)) if packed else _Added()
        )  # a worker does not have the source
        added.__dict__["packed"] = packed
        _added["now"] = added
        _known.update(added.items)


_received: dict[tuple[str, str], bytes] = {}


def digest(item: object) -> str:
    """Return the SHA-256 of the source of a class or function, or of its name if there is no
    source.

    The digest does not cover code that the item calls: after a change there, name a new folder or
    overwrite the run.
    """
    own: Any = getattr(item, "function", item)  # a metric has one
    try:
        text = inspect.getsource(own)
    except (OSError, TypeError):  # in ``python -c``, for instance
        text = getattr(own, "__qualname__", repr(own))
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def _installed() -> tuple[str, ...]:
    """Return the folders of files that are not the user's own: this package, Python, installed
    packages.
    """
    places = (sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib"))
    return ("<frozen ", *(str(place) + os.sep for place in (Path(__file__).parents[1], *places)))


def own_frames(error: BaseException) -> list[traceback.FrameSummary]:
    """Return the frames of an error's traceback, from the first to the last frame of the user's own
    code.

    Code of this package, of Python or of an installed package is not the user's own.
    """
    frames = traceback.extract_tb(error.__traceback__)
    own = [at for at, frame in enumerate(frames) if _is_own(frame)]
    return frames[own[0] : own[-1] + 1] if own else []


def _is_own(frame: traceback.FrameSummary) -> bool:
    """Return whether a frame is of the user's own code."""
    return not frame.filename.startswith(_installed())


def own_callers() -> list[traceback.FrameSummary]:
    """Return the frames of the user's own code on the call stack, the outermost first."""
    return [frame for frame in traceback.extract_stack() if _is_own(frame)]
