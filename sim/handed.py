"""Items that Python code defines temporarily: instruments and metrics of a script or a notebook.

An item is made from a class, an object or a module, and looks like the module of a file, so that it is loaded and
checked like a file. Worker processes receive its parts (`packed`) and make it again (`unpack`).
"""

from __future__ import annotations

import builtins
import hashlib
import inspect
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

from sim.errors import InputError, Problem, RunError

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_BETWEEN_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@dataclass(frozen=True)
class Item:
    """Something that is handed over.

    Attributes
    ----------
    kind : str
        One of `sim.plugins.KINDS`.
    name : str
        What scenarios call it.
    made_of : object
        A class, an object or a module with the names that the file of such an item has; a declared metric.
    """

    kind: str
    name: str
    made_of: Any


@dataclass(frozen=True)
class _Held:
    """What is handed over at the moment."""

    items: tuple[Item, ...] = ()
    modules: Mapping[tuple[str, str], ModuleType] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    packed: list[bytes] = field(default_factory=list)  # made when first needed


_current: dict[str, _Held] = {"held": _Held()}
_past: dict[tuple[str, str], ModuleType] = {}


def names(kind: str) -> tuple[str, ...]:
    """Return the names of the items of a kind that are handed over at the moment."""
    return tuple(name for known, name in _current["held"].modules if known == kind)


def module(kind: str, name: str) -> ModuleType | None:
    """Return an item that is handed over at the moment; None where there is none of this name."""
    return _current["held"].modules.get((kind, name))


def past_names(kind: str) -> tuple[str, ...]:
    """Return the names of the items of a kind that were ever handed over in this process."""
    return tuple(name for known, name in _past if known == kind)


def past_module(kind: str, name: str) -> ModuleType | None:
    """Return an item that was handed over before: results that used it can still be read, shown and drawn."""
    return _past.get((kind, name))


@contextmanager
def held(items: Sequence[Item]) -> Iterator[None]:
    """Hand items over, beside those that are already, and take them back at the end."""
    before = _current["held"]
    _hold((*before.items, *items), {**before.sources, **{_label(item): _hash_of(item) for item in items}})
    try:
        yield
    finally:
        _current["held"] = before


def packed() -> bytes:
    """Return what is handed over at the moment, for another process; empty where nothing is.

    Raises
    ------
    RunError
        When something in it cannot be sent.
    """
    here = _current["held"]
    if not here.items:
        return b""
    if not here.packed:
        import cloudpickle

        try:
            here.packed.append(cloudpickle.dumps((here.items, here.sources)))
        except Exception as error:
            what = ", ".join(item.name for item in here.items)
            raise RunError(f"{what} cannot be sent to another process: {error}; run with one job (jobs=1)") from error
    return here.packed[0]


def unpack(sent: bytes) -> None:
    """Hand over, in another process, what `packed` returned; what was handed over there before is taken back."""
    here = _current["held"]
    if sent == (here.packed[0] if here.packed else b""):
        return
    if not sent:
        _current["held"] = _Held()
        return
    import cloudpickle

    _hold(*cloudpickle.loads(sent))  # a worker does not have the source
    _current["held"].packed.append(sent)


def sources() -> dict[str, str]:
    """Return the SHA-256 of what each item that is handed over consists of, by its kind and name."""
    return dict(_current["held"].sources)


def name_of(made_of: object) -> str:
    """Return the name of an instrument that is handed over: ``PaymentBan`` is called ``payment_ban``."""
    if isinstance(made_of, ModuleType):
        return made_of.__name__.rpartition(".")[2]
    kind = made_of if isinstance(made_of, type) else type(made_of)
    return _BETWEEN_WORDS.sub("_", kind.__name__).lower().strip("_")


def _hold(items: tuple[Item, ...], sources: Mapping[str, str]) -> None:
    """Make these items what is handed over."""
    modules = {(item.kind, item.name): _module_of(item) for item in items}
    _current["held"] = _Held(items, modules, sources)
    _past.update(modules)


def _label(item: Item) -> str:
    """Return what manifests call an item."""
    return f"{item.kind}/{item.name} (handed over)"


def _hash_of(item: Item) -> str:
    """Return the SHA-256 of what an item consists of."""
    return hashlib.sha256("\n".join(_parts(item.made_of)).encode()).hexdigest()


def _module_of(item: Item) -> ModuleType:
    """Return an item as the module that its file would be."""
    made_of = item.made_of
    if isinstance(made_of, ModuleType):
        return made_of
    shown = made_of if isinstance(made_of, type) else type(made_of)
    if isinstance(made_of, type) and any(map(_takes_self, vars(made_of).values())):
        try:
            made_of = made_of()
        except Exception as error:
            found = f"class {shown.__name__} cannot be made without arguments: {error}"
            raise InputError(Problem("policies", found, f"an object of it, such as {shown.__name__}(...)")) from error
    made = ModuleType(shown.__module__, getattr(shown, "__doc__", None))
    made.__file__ = _file_of(shown)
    own = [name for name in dir(made_of) if not name.startswith("_") or name == "__all__"]
    for name in own if item.kind == "instruments" else ():
        value = getattr(made_of, name)
        setattr(made, name, _as_function(value) if isinstance(value, MethodType) else value)
    if item.kind != "instruments":
        setattr(made, item.name, made_of)
    return made


def _takes_self(value: object) -> bool:
    """Return whether something in a class is a method of its objects."""
    return isinstance(value, FunctionType) and next(iter(inspect.signature(value).parameters), "") == "self"


def _as_function(method: MethodType) -> Callable[..., Any]:
    """Return a method as a plain function, without its first argument."""

    @wraps(method.__func__)
    def function(*given: Any, **named: Any) -> Any:
        return method(*given, **named)

    function.__signature__ = inspect.signature(method)  # type: ignore[attr-defined]
    return function


def _file_of(kind: type) -> str:
    """Return the file that a class is in; its name where it is in no file that a user knows, as in a notebook."""
    functions = (value for value in vars(kind).values() if isinstance(value, FunctionType | staticmethod))
    files = {inspect.unwrap(function).__code__.co_filename for function in functions}
    file = files.pop() if len(files) == 1 else ""
    kernel = os.sep + "ipykernel_" in file
    return file if os.path.isfile(file) and not kernel else f"class {kind.__name__}"  # noqa: PTH113


def _parts(value: object, seen: set[int] | None = None) -> Iterator[str]:
    """Yield texts that change whenever what a value consists of changes: code, constants, and what the code names.

    What is imported from elsewhere counts by its name alone.
    """
    seen = set() if seen is None else seen
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, MethodType):
        yield from _parts(value.__func__, seen)
        yield from _parts(value.__self__, seen)
    elif isinstance(value, staticmethod | classmethod):
        yield from _parts(value.__func__, seen)
    elif isinstance(value, FunctionType):
        yield from _parts_of_function(value, seen)
    elif isinstance(value, type):
        yield from _parts_of_class(value, seen)
    elif isinstance(value, ModuleType):
        yield value.__name__
        yield "" if _is_installed(value.__name__) else _text_of(value)
    elif isinstance(value, Mapping):
        for key, entry in value.items():
            yield str(key)
            yield from _parts(entry, seen)
    elif isinstance(value, list | tuple | set | frozenset):
        for entry in sorted(value, key=repr) if isinstance(value, set | frozenset) else value:
            yield from _parts(entry, seen)
    elif hasattr(value, "tobytes"):
        yield hashlib.sha256(value.tobytes()).hexdigest()
    elif hasattr(value, "__dict__"):
        yield from _parts(type(value), seen)
        yield from _parts(vars(value), seen)
    else:
        yield _ADDRESS.sub("", repr(value))


def _parts_of_function(function: FunctionType, seen: set[int]) -> Iterator[str]:
    """Yield what a function consists of, with the values of the names that it uses."""
    yield f"{function.__module__}.{function.__qualname__}"
    if _is_installed(function.__module__):
        return
    yield from _parts_of_code(function.__code__)
    yield from _parts((function.__defaults__, function.__kwdefaults__), seen)
    for cell in function.__closure__ or ():
        yield from _parts(cell.cell_contents, seen)
    for name in _names_in(function.__code__):
        if name in function.__globals__:
            yield name
            yield from _parts(function.__globals__[name], seen)


def _parts_of_class(kind: type, seen: set[int]) -> Iterator[str]:
    """Yield what a class consists of."""
    yield f"{kind.__module__}.{kind.__qualname__}"
    if _is_installed(kind.__module__) or getattr(builtins, kind.__name__, None) is kind:
        return
    yield _text_of(kind)
    for base in kind.__bases__:
        yield from _parts(base, seen)
    for name, value in vars(kind).items():
        if isinstance(value, FunctionType | staticmethod | classmethod | type) or (not name.startswith("_")):
            yield name
            yield from _parts(value, seen)


def _parts_of_code(code: CodeType) -> Iterator[str]:
    """Yield what compiled code consists of, the places of its lines aside."""
    yield f"{code.co_code.hex()} {code.co_names} {code.co_varnames}"
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _parts_of_code(constant)
        else:
            yield repr(sorted(constant, key=repr) if isinstance(constant, frozenset) else constant)


def _names_in(code: CodeType) -> tuple[str, ...]:
    """Return the names that code and the functions in it use."""
    inner = (_names_in(constant) for constant in code.co_consts if isinstance(constant, CodeType))
    return tuple(dict.fromkeys((*code.co_names, *(name for found in inner for name in found))))


def _is_installed(module: str | None) -> bool:
    """Return whether a module is of this package or installed; what is neither is the user's own."""
    if module is None:  # made by `exec`
        return False
    if module.partition(".")[0] == "sim":
        return True
    file = getattr(sys.modules.get(module), "__file__", None) or ""
    return module != "__main__" and ("site-packages" in file or file.startswith(os.path.dirname(os.__file__)))  # noqa: PTH120


def _text_of(value: type | ModuleType) -> str:
    """Return the source of a class or a module; an empty text where nobody kept it."""
    try:
        return inspect.getsource(value)
    except (OSError, TypeError):
        return ""
