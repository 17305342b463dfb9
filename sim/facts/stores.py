"""App stores: which one the phones of a state use (`sim/facts/stores.csv`)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from sim.errors import InputError, Place, Problem
from sim.facts.model import BASES, DEVICES
from sim.facts.table import keep, read_rows

APPLES_STORE = "Apple App Store"
"""The store that the model names: without it an iPhone loses an app, and its maker buyers."""
_TABLE = Path(__file__).parent / "stores.csv"
_COLUMNS = ("store", "device", "gives_way_to", "where_blocked", "usual", "basis", "source")


class StoreFact(NamedTuple):
    """One app store.

    Attributes
    ----------
    device : str
        One of `sim.facts.model.DEVICES`.
    gives_way_to : str
        The store that its phones use instead where a platform is blocked; empty for none.
    where_blocked : str
        That platform.
    usual : bool
        Whether a platform that a scenario adds is in it, unless the scenario says otherwise. Of each kind of device
        this is the store that phones use where nothing is blocked.
    """

    device: str
    gives_way_to: str
    where_blocked: str
    usual: bool


@lru_cache(maxsize=1)
def read_stores() -> Mapping[str, StoreFact]:
    """Return the app stores by name.

    Raises
    ------
    InputError
        When the table is faulty, or not exactly one store of a kind of device is the usual one.
    """
    problems: list[Problem] = []
    found: dict[str, StoreFact] = {}
    for row in read_rows(_TABLE, _COLUMNS, problems):
        row.one_of("basis", BASES)
        row.text("source")
        usual = row.one_of("usual", ("yes", "no")) == "yes"
        fact = StoreFact(row.one_of("device", DEVICES), row.cells["gives_way_to"], row.cells["where_blocked"], usual)
        keep(found, row.text("store"), fact, row)
    for device in DEVICES:
        usual_ones = [name for name, fact in found.items() if fact.device == device and fact.usual]
        if len(usual_ones) != 1:
            problems.append(Problem(Place(_TABLE.name, 1), f"{len(usual_ones)} usual stores for {device}", "one"))
    if problems:
        raise InputError(problems)
    return MappingProxyType(found)


def usual_stores() -> tuple[str, ...]:
    """Return the stores of a platform that says nothing about them, in the order of the devices."""
    return tuple(store_of(device, ()) for device in DEVICES)


def store_of(device: str, blocked: Collection[str]) -> str:
    """Return the store that phones of a kind use in a state.

    Parameters
    ----------
    device : str
        One of `sim.facts.model.DEVICES`.
    blocked : collection of str
        The platforms that are blocked in the state on the first day.
    """
    name, fact = next((name, fact) for name, fact in read_stores().items() if fact.device == device and fact.usual)
    return fact.gives_way_to if fact.where_blocked in blocked else name
