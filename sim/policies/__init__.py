"""The instruments of states: one file each, found by its name.

To add an instrument, add ``sim/policies/<instrument>.py`` with ``INSTRUMENT``, ``SUMMARY``, ``CASE``,
``AVAILABLE``, a light ``class Keys(PolicyKeys)`` and, once it works, ``apply``. Listing, schema, completion
and checks follow.
"""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.policies.base import PolicyKeys

_NO_INSTRUMENTS = frozenset({"base", "docket", "law", "names", "routing", "values"})


@cache
def instruments() -> tuple[str, ...]:
    """Return the names of all instruments, sorted, without importing any of them."""
    names = (module.name for module in pkgutil.iter_modules(__path__))
    return tuple(sorted(name for name in names if name not in _NO_INSTRUMENTS and not name.startswith("_")))


def module(instrument: str) -> ModuleType:
    """Return the module of an instrument.

    Raises
    ------
    KeyError
        If there is no such instrument.
    """
    if instrument not in instruments():
        raise KeyError(instrument)
    return import_module(f"{__name__}.{instrument}")


def relieves(instrument: str) -> bool:
    """Return whether an instrument gives back what others take, as an exemption or a bridge does."""
    return hasattr(module(instrument), "relieve")


def keys(instrument: str) -> type[PolicyKeys]:
    """Return the model of an instrument's keys."""
    model: type[PolicyKeys] = module(instrument).Keys
    return model


def available() -> tuple[str, ...]:
    """Return the instruments whose mechanism is in this version."""
    return tuple(name for name in instruments() if module(name).AVAILABLE)
