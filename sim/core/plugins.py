"""Instruments, behaviours, metrics and charts by name: those of the package, and a user's own.

A class or function registers itself when it is defined: scenarios can name it from then on. Items
of a file under ``--import``, and items passed in a call (`items_added`), are in all lists too.
Other processes receive both with `own_items`.
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
"""The module below the package that has the registry of each kind."""


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
"""Each class, metric and chart that Python code of a user's own has defined in this process, by
kind and name; the latest of its name.
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
        The name of the module that defines it, if any; what the package defines is known already.
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
        What scenarios call it: ``PaymentBan`` is ``payment_ban``.
    summary : str
        What it does: the first line of its docstring.
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
    kind : {"instruments", "behaviours", "metrics", "charts"}
    shipped : sequence of str, or mapping of str to str
        The modules that declare the shipped items, in the order of tables; they are imported when
        names are first asked for. A mapping from the name of each item to its module, if importing
        them is slow.
    read : callable
        Returns the items that a module declares, by name. It may raise an InputError.
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
        """Return the names of the user's own items that are imported or handed over."""
        return tuple(sorted(name for kind, name in _added["now"].items if kind == self.kind))

    def check_new(self, name: str) -> None:
        """Raise InputError when an item that Python code adds has the name of another or cannot be
        named so.
        """
        problems = self._faults_of_name(name, name)
        if name in self.own() and not problems:
            problems = [
                Problem(name, f"'{name}' is an item of {self.kind} already", "another name")
            ]
        if problems:
            raise InputError(problems)

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
        """Return the names: the shipped ones in their order, then those that are imported or handed
        over, sorted.
        """
        return iter((*self._places, *self.own()))

    def __contains__(self, name: object) -> bool:
        """Return whether there is an item of that name, in a list or defined by Python code."""
        return name in self._places or (self.kind, name) in _known

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

        Raises
        ------
        KeyError
            If there is no such item.
        InputError
            Everything that is wrong with one of the user's own.
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
    _added["now"] = _Added({**before.items, **items}, {**before.digests, **_digests(items)})
    _known.update(items)
    try:
        yield
    finally:
        _added["now"] = before


def import_file(path: Path) -> dict[tuple[str, str], Any]:
    """Import a Python file of the user's own, and return the items that it declares, by kind and
    name.

    Raises
    ------
    InputError
        The file is missing, cannot be imported, declares nothing, or something with a fault: all
        that is wrong.
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
    """Run a file as a module of that name; what it defines travels to other processes whole.

    Raises
    ------
    InputError
        It cannot be imported: at the line of the file that fails.
    """
    import cloudpickle

    file = path.resolve()
    spec = spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise InputError(Problem(str(path), "it is no Python file", "a file NAME.py"))
    module = module_from_spec(spec)
    sys.modules[name] = module
    folder = str(file.parent)
    if folder not in sys.path:
        sys.path.append(folder)  # it may import its neighbours
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
    """Count a text, such as the source of functions that are no items, as the user's own code."""
    before = _added["now"]
    found = {f"{label}{_HANDED_OVER}": hashlib.sha256(text.encode()).hexdigest()}
    _added["now"] = _Added(before.items, {**before.digests, **found})
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


def items_in_use() -> tuple[tuple[str, str], ...]:
    """Return kind and name of each item that is imported or handed over."""
    return tuple(_added["now"].items)


def own_digests(used: Iterable[tuple[str, str]] = ()) -> dict[str, str]:
    """Return the SHA-256 of the code of each item of the user's own, by its label in manifests.

    Parameters
    ----------
    used : iterable of (str, str)
        Kind and name of what a scenario uses; what is imported or handed over counts in any case.
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
"""For another process: what is imported or handed over, and what else is defined."""


def own_items() -> Own:
    """Return the user's own items, for another process (`use_own_items`).

    Raises
    ------
    RunError
        When something that is imported or handed over cannot be sent.
    """
    import cloudpickle

    defined = dict[tuple[str, str], bytes]()
    for key, item in _known.items():
        if key not in _added["now"].items:
            with suppress(Exception):  # what is not used need not travel
                defined[key] = cloudpickle.dumps(item)
    return _added["now"].packed, defined


def use_own_items(own: Own) -> None:
    """Use, in another process, what `own_items` returned."""
    import cloudpickle

    packed, defined = own
    for key, item in defined.items():
        if _received.get(key) != item:
            _received[key] = item
            with suppress(Exception):  # a scenario that uses it says that it is unknown
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
    """Return the SHA-256 of the text of a class or function; of its name where no text is kept.

    Code that it uses does not count: after a change there, name a new folder or overwrite the run.
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

    Code of this package, of Python or of an installed package is not the user's own.
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
