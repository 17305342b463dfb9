"""The instruments of states: one file each, found by its name.

To add an instrument, add ``instruments/<name>.py`` to a project folder, or ``sim/policies/<name>.py`` to the package,
with ``SUMMARY``, ``CASE``, ``EXAMPLE``, a light ``class Keys(PolicyKeys)`` and at least one hook, such as ``apply``
(`sim.policies.instrument`). Listing, schema, completion and checks follow.
"""

from __future__ import annotations

from sim.policies.base import PolicyKeys
from sim.policies.instrument import INSTRUMENTS, Instrument, load

__all__ = ["Instrument", "available", "ending", "in_order", "instruments", "keys", "load"]


def instruments() -> tuple[str, ...]:
    """Return the names of all instruments, the shipped ones first, without importing any of them."""
    return tuple(INSTRUMENTS)


def in_order() -> tuple[str, ...]:
    """Return the names of all instruments, the shipped ones first: what a user adds moves no shipped one's place."""
    return tuple(INSTRUMENTS)


def keys(instrument: str) -> type[PolicyKeys]:
    """Return the model of an instrument's keys."""
    return load(instrument).keys


def available() -> tuple[str, ...]:
    """Return the instruments whose mechanism is in this version."""
    return tuple(name for name in instruments() if load(name).available)


def ending() -> str:
    """Return the instrument by which a government takes a policy back."""
    return next(name for name in in_order() if load(name).keys.ENDS)
