"""Instruments that Python code defines: a class, an object or a module, made into the module that its file would be."""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Callable
from functools import wraps
from types import FunctionType, MethodType, ModuleType
from typing import Any

from sim.errors import InputError, Problem

_BETWEEN_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def name_of(made_of: object) -> str:
    """Return the name of an instrument that is handed over: ``PaymentBan`` is called ``payment_ban``."""
    if isinstance(made_of, ModuleType):
        return made_of.__name__.rpartition(".")[2]
    kind = made_of if isinstance(made_of, type) else type(made_of)
    return _BETWEEN_WORDS.sub("_", kind.__name__).lower().strip("_")


def module_of(made_of: Any) -> ModuleType:
    """Return an instrument as the module that its file would be."""
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
    for name in own:
        value = getattr(made_of, name)
        setattr(made, name, _as_function(value) if isinstance(value, MethodType) else value)
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
