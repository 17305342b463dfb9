"""Read the tables that growing a carrier graph needs: the rules of growth, and how many carriers each state has."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from sim.errors import InputError, Problem
from sim.facts.loading import load_facts
from sim.facts.model import Quantity
from sim.facts.table import checked_rows, keep
from sim.facts.worlds import load_world

_HOME = Path(__file__).parent
_RULES = ("name", "value", "low", "high", "unit", "basis", "source", "description")
_COUNTS = ("state", "value", "low", "high", "unit", "source", "basis", "licence", "note")


@lru_cache(maxsize=1)
def growth_rules() -> Mapping[str, Quantity]:
    """Return the rules after which a carrier graph grows, by name (`sim/facts/growth.csv`)."""
    rules: dict[str, Quantity] = {}
    for row in checked_rows(_HOME / "growth.csv", _RULES):
        row.text("description")
        keep(rules, row.text("name"), row.quantity("description", licensed=False), row)
    return MappingProxyType(rules)


@lru_cache(maxsize=8)
def carrier_counts(name: str = "world-2020") -> Mapping[str, Quantity]:
    """Return how many AS numbers each state has [carriers].

    Parameters
    ----------
    name : str
        A set of fact tables.
    """
    problems: list[Problem] = []
    counts: dict[str, Quantity] = {}
    for row in load_world(name).rows("as_counts.csv", _COUNTS, problems):
        keep(counts, row.one_of("state", load_facts(name).states), row.quantity(), row)
    if problems:
        raise InputError(problems)
    return MappingProxyType(counts)
