"""Instruments: the hooks that a file may define, each with one signature, and the checks when it is loaded.

An instrument is one file: a module with ``SUMMARY``, ``CASE``, ``EXAMPLE``, a class ``Keys`` and at least one hook. The
shipped ones are in this package, a user's own in the folder ``instruments`` of a project (`sim.plugins`).
"""

from __future__ import annotations

import difflib
import inspect
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType, MappingProxyType, ModuleType
from typing import Any

from sim.errors import InputError, Place, Problem, did_you_mean
from sim.plugin_checks import file_of, nearest
from sim.plugins import Registry
from sim.policies import hooks
from sim.policies.base import PolicyKeys
from sim.policies.hooks import HOOKS


@dataclass(frozen=True)
class Instrument:
    """One instrument: what it says about itself, and its hooks.

    A hook that its file does not define does nothing, so that callers need not ask; `has` says which are defined.

    Attributes
    ----------
    name : str
        The name of its file, which scenarios write under ``instrument:``.
    summary, case : str
        What it does, and where it was used or ordered.
    example : mapping
        Keys of one policy, as a scenario has them, without ``id`` and ``instrument``; `sim.policies.checks` supplies
        ``on`` and, for an instrument that acts on another policy, a policy with the id ``ban``.
    keys : type
        The model of its keys.
    available : bool
        Whether its mechanism is in this version.
    frees : bool
        Whether `relieve` must know which policies it frees from.
    verb : str
        What a state that takes it up does, in the words before the name of its object; empty for no words of its own.
    file : str
        Path of the file.
    defined : frozenset of str
        The hooks that the file defines.
    """

    name: str
    summary: str
    case: str
    example: Mapping[str, Any]
    keys: type[PolicyKeys]
    available: bool
    frees: bool
    verb: str
    file: str
    defined: frozenset[str]
    apply: hooks.Apply = hooks.restricts_nothing
    relieve: hooks.Relieve = hooks.relieves_nothing
    cut: hooks.CutHook = hooks.cuts_nothing
    cost: hooks.Cost = hooks.costs_nothing
    feared: hooks.Feared = hooks.is_feared
    happens: hooks.Happens = hooks.changes_nothing
    sanctions: hooks.Sanctions = hooks.punishes_nobody
    answered: hooks.Answered = hooks.as_before

    def has(self, hook: str) -> bool:
        """Return whether the file defines a hook."""
        return hook in self.defined

    @property
    def relieves(self) -> bool:
        """Whether it gives back what others take, as an exemption or a bridge does."""
        return "relieve" in self.defined

    @property
    def demands(self) -> bool:
        """Whether it demands something of platforms, which they may answer."""
        return "sanctions" in self.defined


_REQUIRED: Mapping[str, tuple[type, str]] = MappingProxyType(
    {
        "SUMMARY": (str, 'SUMMARY = "Ends payments inside platforms."'),
        "CASE": (str, 'CASE = "Executive Order 13971, 5 January 2021"'),
        "EXAMPLE": (Mapping, 'EXAMPLE = {"by": "US", "targets": ["WeChat"]}'),
        "Keys": (type, "class Keys(PolicyKeys)"),
    }
)
_OPTIONAL: Mapping[str, type] = MappingProxyType({"AVAILABLE": bool, "FREES": bool, "VERB": str})
_ALIKE = 0.8
"""Similarity from which an unknown constant counts as a misspelt known one, as `difflib` calculates it (assumption)."""


def instrument_of(name: str, module: ModuleType) -> Instrument:
    """Return the instrument that a module declares.

    Raises
    ------
    InputError
        With everything that is wrong with the module.
    """
    problems = list(faults(name, module))
    if problems:
        raise InputError(problems)
    found = {hook: getattr(module, hook) for hook in HOOKS if hasattr(module, hook)}
    return Instrument(
        name=name,
        summary=module.SUMMARY,
        case=module.CASE,
        example=MappingProxyType(dict(module.EXAMPLE)),
        keys=module.Keys,
        available=getattr(module, "AVAILABLE", True),
        frees=getattr(module, "FREES", False),
        verb=getattr(module, "VERB", ""),
        file=file_of(module),
        defined=frozenset(found),
        **found,
    )


def _read(module: ModuleType) -> dict[str, Instrument]:
    """Return the instrument that a file declares, by its name."""
    name = module.__name__.rpartition(".")[2]
    return {name: instrument_of(name, module)}


_NO_INSTRUMENTS = {
    "base", "case", "checks", "demand", "docket", "effects", "hooks", "instrument", "law", "names", "routing", "shadow",
    "slowing", "values",
}  # fmt: skip
_FILES = [module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)])]
_SHIPPED = {name: f"sim.policies.{name}" for name in sorted(_FILES) if name not in _NO_INSTRUMENTS}
INSTRUMENTS = Registry("instruments", _SHIPPED, _read, "the names of an instrument")
"""The instruments by name. Names are known without importing any instrument."""
load = INSTRUMENTS.__getitem__


def faults(name: str, module: ModuleType) -> Iterator[Problem]:
    """Yield what is wrong with the file of an instrument.

    Parameters
    ----------
    name : str
        Of the instrument.
    module : module
        Its file, imported.
    """
    yield from _faults_of_constants(module)
    yield from _faults_of_functions(module)
    keys = getattr(module, "Keys", None)
    if isinstance(keys, type):
        yield from _faults_of_keys(module, keys)
    acts = any(hasattr(module, hook) for hook in HOOKS) or getattr(keys, "HALTS", False)
    if not acts and not getattr(keys, "EXTENDS", False) and getattr(module, "AVAILABLE", True):
        found = f"instrument '{name}' has no hook, so it does nothing"
        yield Problem(_place(module), found, f"at least one of {', '.join(HOOKS)}, or AVAILABLE = False")


def _faults_of_constants(module: ModuleType) -> Iterator[Problem]:
    """Yield what is wrong with what the file says about its instrument."""
    known = {**{name: kind for name, (kind, _) in _REQUIRED.items()}, **_OPTIONAL}
    own = [name for name in vars(module) if name.isupper() and not name.startswith("_") and name not in known]
    for name, (kind, shown) in _REQUIRED.items():
        if not hasattr(module, name):
            yield Problem(_place(module), f"no {name}", shown, nearest(name, own))
        elif not isinstance(getattr(module, name), kind):
            yield Problem(_place(module), f"{name} is {getattr(module, name)!r}", shown)
    for name, kind in _OPTIONAL.items():
        if hasattr(module, name) and not isinstance(getattr(module, name), kind):
            yield Problem(_place(module), f"{name} is {getattr(module, name)!r}", f"a value of type {kind.__name__}")
        elif not hasattr(module, name) and (close := _nearest(name, own)):
            yield Problem(_place(module), f"unknown constant '{close}'", f"one of {', '.join(known)}, or a name of "
                          "your own that is not so close to one of them", f"did you mean '{name}'?")  # fmt: skip
    example = getattr(module, "EXAMPLE", None)
    if isinstance(example, Mapping):
        for key in sorted({"id", "instrument"} & set(example)):
            yield Problem(_place(module), f"EXAMPLE has the key '{key}'", "the other keys of a policy", "leave it out")


def _nearest(name: str, others: list[str]) -> str:
    """Return the constant whose name looks like a misspelt one; an empty text where there is none."""
    return next(iter(difflib.get_close_matches(name, others, n=1, cutoff=_ALIKE)), "")


def _faults_of_functions(module: ModuleType) -> Iterator[Problem]:
    """Yield the public functions that are no hooks, and the hooks whose arguments are not as they are called."""
    exported = tuple(getattr(module, "__all__", ()))
    for name, value in vars(module).items():
        if name in HOOKS and not isinstance(value, FunctionType):
            yield Problem(_place(module), f"'{name}' is not a function", f"def {name}({', '.join(HOOKS[name])})")
        if not isinstance(value, FunctionType) or value.__module__ != module.__name__:
            continue
        where = Place(file_of(module), inspect.unwrap(value).__code__.co_firstlineno)
        if name in HOOKS:
            arguments = tuple(inspect.signature(value).parameters)
            if arguments != HOOKS[name]:
                found, allowed = f"def {name}({', '.join(arguments)})", f"def {name}({', '.join(HOOKS[name])})"
                yield Problem(where, found, allowed, "arguments have these names, in this order")
        elif not name.startswith("_") and name not in exported:
            allowed = f"a hook ({', '.join(HOOKS)}), a name that begins with _, or one listed in __all__"
            hint = did_you_mean(name, HOOKS) or f"rename it to _{name}, or list it in __all__ if other files import it"
            yield Problem(where, f"function '{name}' is no hook", allowed, hint)


def _faults_of_keys(module: ModuleType, keys: type) -> Iterator[Problem]:
    """Yield what is wrong with the model of the keys."""
    if not issubclass(keys, PolicyKeys):
        yield Problem(_place(module), "Keys is not a PolicyKeys", "class Keys(PolicyKeys)")
        return
    known = {name for name in vars(PolicyKeys) if name.isupper()}
    for name in vars(keys):
        if name.isupper() and not name.startswith("_") and name not in known:
            hint = did_you_mean(name, known)
            yield Problem(_place(module), f"Keys.{name} is unknown", f"any of {', '.join(sorted(known))}", hint)
    fields = set(keys.model_fields)
    for name in ("IDLE_KEYS", "DOSES", "OBJECTS"):
        for key in sorted(set(getattr(keys, name)) - fields):
            hint = did_you_mean(key, fields)
            yield Problem(_place(module), f"Keys.{name} names the key '{key}'", "keys that there are", hint)


def _place(module: ModuleType) -> str:
    """Return the place of a problem that concerns the whole file."""
    return Place(file_of(module), 1)
