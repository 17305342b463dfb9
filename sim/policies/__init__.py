"""The instruments of states, by name: each a subclass of `Policy`.

To add one, write ``class PaymentBan(Policy)`` into a file of your own, or into a module of this
package, with ``CASE``, ``EXAMPLE``, keys and at least one hook, such as ``apply``. Listing, schema,
completion and checks then include it.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from types import FunctionType

from ..core.plugins import Item, Registry
from ..errors import Place, Problem, did_you_mean
from .base import HOOKS, Policy

__all__ = ["INSTRUMENTS", "Policy", "PolicyKeys", "ending"]

PolicyKeys = Policy
"""The former name of `Policy`."""


def _missing_parts(kind: type[Policy], place: Place) -> Iterator[Problem]:
    """Yield the missing parts of an instrument's class, and keys of ``EXAMPLE`` that it does not
    have.
    """
    needed = (
        ("docstring", kind.summary, "its first line says what the instrument does"),
        ("CASE", kind.CASE, 'CASE = "Executive Order 13971, 5 January 2021"'),
        ("EXAMPLE", kind.EXAMPLE, 'EXAMPLE = {"by": "US", "targets": ["WeChat"]}'),
    )
    yield from (
        Problem(place, f"no {part}", allowed) for part, value, allowed in needed if not value
    )
    for key in sorted({"id", "instrument"} & set(kind.EXAMPLE)):
        yield Problem(
            place, f"EXAMPLE has the key '{key}'", "the other keys of a policy", "leave it out"
        )


def faults(kind: type[Policy]) -> Iterator[Problem]:
    """Yield the faults of an instrument's class."""
    place = kind.place()
    fields = kind.model_fields
    try:
        kind.model_rebuild(raise_errors=True)
    except Exception as error:  # a type without a rule for its values may raise anything
        yield Problem(
            place,
            f"its keys cannot be read: {type(error).__name__}: {error}",
            "types that pydantic knows",
        )
        return
    yield from _missing_parts(kind, place)
    known = [name for base in (Policy, Item) for name in vars(base) if not name.startswith("_")]
    own = {
        name: value
        for base in reversed(kind.__mro__[: kind.__mro__.index(Policy)])
        for name, value in vars(base).items()
    }
    for name, value in own.items():
        code = getattr(value, "__code__", None)
        where = place if code is None else Place(code.co_filename, code.co_firstlineno)
        if isinstance(value, FunctionType) and name in HOOKS:
            arguments, expected = (
                tuple(inspect.signature(f).parameters) for f in (value, getattr(Policy, name))
            )
            if arguments != expected:
                found, allowed = (
                    f"def {name}({', '.join(names)})" for names in (arguments, expected)
                )
                yield Problem(where, found, allowed, "arguments have these names, in this order")
        elif name not in known and not name.startswith("_") and (hint := did_you_mean(name, known)):
            allowed = f"a hook ({', '.join(HOOKS)}), a class variable of Policy, or a name that is less similar to one"
            yield Problem(where, f"'{name}' is unknown", allowed, hint)
    for key in sorted((set(fields) - set(Policy.model_fields)) & set(known)):
        yield Problem(place, f"the key '{key}' has the name of a part of Policy", "another name")
    for name in ("IDLE_KEYS", "DOSES", "OBJECTS"):
        for key in sorted(set(getattr(kind, name)) - set(fields)):
            yield Problem(
                place,
                f"{name} names the key '{key}'",
                "keys that there are",
                did_you_mean(key, fields),
            )
    if not (kind.HALTS or kind.EXTENDS or any(map(kind.has, HOOKS))):
        found = f"instrument '{kind.name}' has no hook, so it does nothing"
        yield Problem(place, found, f"at least one of {', '.join(HOOKS)}")


_MODULES = (
    "splinternet.policies.access",
    "splinternet.policies.acts",
    "splinternet.policies.demands",
    "splinternet.policies.network",
)
INSTRUMENTS = Registry("instruments", _MODULES, Policy.declared_in, faults, alphabetical=True)
"""The instruments by name, the shipped ones first."""


def ending() -> str:
    """Return the instrument by which a government revokes a policy."""
    return next(name for name, kind in INSTRUMENTS.items() if kind.ENDS)
