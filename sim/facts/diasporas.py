"""Who was born where and lives where: all pairs of states with 1,000 people or more.

A world keeps the pairs of its detailed states in ``migrants.csv``; the other pairs are in ``other_migrants.csv``, one
short row each, and are read when somebody asks for them.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping
from functools import lru_cache
from types import MappingProxyType

from sim.errors import InputError, Place, Problem
from sim.facts.model import REST_OF_WORLD, Facts, Quantity
from sim.facts.places import load_places
from sim.facts.worlds import load_world

Pair = tuple[str, str]
LEAST = 1000
"""Persons from which on a pair is in the tables."""
SOURCES = {
    "UN DESA 2024": (0.9, 1.1),
    "UN DESA 2020": (0.8, 1.25),
    "UN DESA 2019": (0.8, 1.25),
}
"""Revisions of the International Migrant Stock, and the range about their figures [ratio] (assumption)."""
_LINK = "https://www.un.org/development/desa/pd/content/international-migrant-stock"
_HEADER = ["residence", "origin", "value", "source", "basis"]


@lru_cache(maxsize=4)
def other_pairs(world: str) -> Mapping[Pair, tuple[int, str]]:
    """Return the pairs of a world with at least one state that is not detailed: (people, revision), read once.

    Parameters
    ----------
    world : str
        A shipped world.

    Raises
    ------
    InputError
        The table has faulty rows (all of them, each with file and line).
    """
    path = load_world(world).path("other_migrants.csv")
    where, states, problems = f"{path.parent.name}/{path.name}", load_places(), list[Problem]()
    found: dict[Pair, tuple[int, str]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        if next(rows, None) != _HEADER:
            raise InputError(Problem(Place(where, 1), "another header", ", ".join(_HEADER)))
        for number, cells in enumerate(rows, start=2):
            fault = _fault(cells, states, found)
            if fault:
                problems.append(Problem(Place(where, number), *fault))
            else:
                found[cells[0], cells[1]] = int(cells[2]), cells[3]
    if problems:
        raise InputError(problems)
    return MappingProxyType(found)


def migrants_of(facts: Facts, states: Collection[str]) -> dict[Pair, Quantity]:
    """Return the people born in one and living in the other of some states, by (residence, origin) [persons].

    Parameters
    ----------
    facts : Facts
        A shipped world.
    states : collection of str
        Alpha-2 codes, of detailed states and of others.
    """
    wanted = frozenset(states)
    own = {pair: stock for pair, stock in facts.migrants.items() if pair[0] in wanted and pair[1] in wanted}
    others = {
        pair: _stock(*found)
        for pair, found in other_pairs(facts.name).items()
        if pair[0] in wanted and pair[1] in wanted and pair not in own
    }
    return own | others


def largest_diasporas(origin: str, facts: Facts, most: int = 3) -> tuple[tuple[str, float], ...]:
    """Return where most people born in a state live: (residence, persons), the largest first.

    Parameters
    ----------
    origin : str
        Alpha-2 code of any state.
    facts : Facts
        A shipped world.
    most : int
        How many.
    """
    return _largest(facts, 1, origin, most)


def largest_origins(residence: str, facts: Facts, most: int = 3) -> tuple[tuple[str, float], ...]:
    """Return where most of the foreign-born residents of a state are from: (origin, persons), the largest first.

    Parameters
    ----------
    residence : str
        Alpha-2 code of any state.
    facts : Facts
        A shipped world.
    most : int
        How many.
    """
    return _largest(facts, 0, residence, most)


def _largest(facts: Facts, side: int, state: str, most: int) -> tuple[tuple[str, float], ...]:
    """Return the largest pairs that have a state on one side, named by the other side."""
    stocks = {pair: float(people) for pair, (people, _) in other_pairs(facts.name).items() if pair[side] == state}
    stocks |= {pair: stock.value for pair, stock in facts.migrants.items() if pair[side] == state}
    pairs = sorted(stocks, key=lambda pair: (-stocks[pair], pair))
    return tuple((pair[1 - side], stocks[pair]) for pair in pairs if REST_OF_WORLD not in pair)[:most]


def _stock(people: int, revision: str) -> Quantity:
    """Return a stock with its range and source."""
    low, high = SOURCES[revision]
    source = f"{revision.replace('UN DESA', 'UN DESA International Migrant Stock')}, {_LINK}"
    return Quantity(people, round(people * low), round(people * high), "persons", source, "measured", "CC BY 3.0 IGO")


def _fault(cells: list[str], states: Mapping[str, object], found: Mapping[Pair, object]) -> tuple[str, str] | None:
    """Return what is wrong with a row and what is allowed, or None."""
    if len(cells) != len(_HEADER):
        return f"{len(cells)} fields", f"{len(_HEADER)} fields"
    residence, origin, people, source, basis = cells
    unknown = [code for code in (residence, origin) if code not in states]
    if unknown or residence == origin:
        return f"residence {residence}, origin {origin}", "two different codes of state_names.csv"
    if not people.isdecimal() or int(people) < LEAST:
        return f"value is '{people}'", f"a whole number of {LEAST} or more"
    if source not in SOURCES or basis != "measured":
        return f"source '{source}', basis '{basis}'", f"one of: {', '.join(SOURCES)}; measured"
    if (residence, origin) in found:
        return f"a second row for {residence} / {origin}", "one row for each"
    return None
