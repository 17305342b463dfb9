"""Relations between states, their firms and their means: the facts on which states decide.

Kept apart from the tables of the first day: a run in which no state decides never reads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from pathlib import Path

from sim.errors import InputError, Problem
from sim.facts.loading import load_facts
from sim.facts.model import Quantity
from sim.facts.table import QUANTITY_COLUMNS, Row, keep
from sim.facts.worlds import DEFAULT_WORLD, World, load_world, read_world

SECTOR_OF_KIND: Mapping[str, str] = {
    "messenger": "social",
    "feed": "social",
    "mixed": "social",
    "professional": "social",
    "video": "video",
    "search": "search",
    "reference": "search",
    "commerce": "commerce",
    "payment": "payment",
}
"""The sector in which a kind of platform earns."""
INFRASTRUCTURE = ("carrier", "cloud", "equipment", "phones")
"""Sectors whose firms are no platforms."""
SECTORS = (*dict.fromkeys(SECTOR_OF_KIND.values()), *INFRASTRUCTURE)
MEANS = ("filter", "lists", "market")
ROLES = ("member", "hub", "spoke")


@dataclass(frozen=True)
class Firm:
    """A firm: where it is at home, and what it earns and spends.

    Attributes
    ----------
    name : str
    home : str
        Alpha-2 code of the state whose law it answers to.
    revenue : mapping of str to Quantity
        By sector [US$ bn a year].
    research : Quantity or None
        Research and development of the whole firm [US$ bn a year].
    """

    name: str
    home: str
    revenue: Mapping[str, Quantity]
    research: Quantity | None


@dataclass(frozen=True)
class Relations:
    """What states are to each other, and what they can do.

    Attributes
    ----------
    alliance : mapping of (state, state) to Quantity
        Strength of the closest pact that joins two states, both ways round [1]; absent: none.
    trade : mapping of (state, partner) to Quantity
        Share of a state's trade in goods that is with a partner [1]; absent: negligible.
    freedom : mapping of str to Quantity
        How free a state is [1]; likeness of regimes is one less the difference.
    firms : mapping of str to Firm
    presence : mapping of (firm, sector, state) to Quantity
        Share of a state's market that a firm which is no platform holds [1].
    means : mapping of (state, field) to Quantity
        ``filter``, ``lists`` and ``market`` [1].
    """

    alliance: Mapping[tuple[str, str], Quantity]
    trade: Mapping[tuple[str, str], Quantity]
    freedom: Mapping[str, Quantity]
    firms: Mapping[str, Firm]
    presence: Mapping[tuple[str, str, str], Quantity]
    means: Mapping[tuple[str, str], Quantity]


@lru_cache(maxsize=8)
def load_relations(name: str = DEFAULT_WORLD) -> Relations:
    """Return the relations of a shipped set of facts, read once.

    Parameters
    ----------
    name : str
        A set of facts.

    Raises
    ------
    InputError
        A table has faulty rows (all of them, each with file and line).
    """
    return _relations(load_world(name), tuple(load_facts(name).states), [])


def read_relations(folder: Path, states: tuple[str, ...]) -> Relations:
    """Read and check ``pacts.csv trade.csv regimes.csv firms.csv presence.csv means.csv`` of a folder.

    Parameters
    ----------
    folder : Path
    states : tuple of str
        The alpha-2 codes that may stand in the tables.

    Raises
    ------
    InputError
        Everything that is wrong with the tables, each with file and line.
    """
    problems: list[Problem] = []
    return _relations(read_world(folder, problems), states, problems)


def _relations(world: World, states: tuple[str, ...], problems: list[Problem]) -> Relations:
    """Read and check the tables of a world."""
    firms = _read_firms(world, states, problems)
    trade: dict[tuple[str, str], Quantity] = {}
    for row in world.rows("trade.csv", ("state", "partner", *QUANTITY_COLUMNS), problems):
        pair = row.one_of("state", states), row.one_of("partner", states)
        if pair[0] == pair[1]:
            row.fault(f"state and partner are both {pair[0]}", "two different states")
        keep(trade, pair, row.quantity(), row)
    freedom: dict[str, Quantity] = {}
    for row in world.rows("regimes.csv", ("state", *QUANTITY_COLUMNS), problems):
        keep(freedom, row.one_of("state", states), row.quantity(), row)
    presence: dict[tuple[str, str, str], Quantity] = {}
    for row in world.rows("presence.csv", ("firm", "sector", "state", *QUANTITY_COLUMNS), problems):
        row.cells["firm"] = world.renamed.get(row.cells["firm"], row.cells["firm"])
        key = row.one_of("firm", firms), row.one_of("sector", INFRASTRUCTURE), row.one_of("state", states)
        keep(presence, key, row.quantity(), row)
    means: dict[tuple[str, str], Quantity] = {}
    for row in world.rows("means.csv", ("state", "field", *QUANTITY_COLUMNS), problems):
        keep(means, (row.one_of("state", states), row.one_of("field", MEANS)), row.quantity(), row)
    alliance = _read_pacts(world, states, problems)
    if problems:
        raise InputError(problems)
    return Relations(alliance, trade, freedom, firms, presence, means)


def _read_firms(world: World, states: tuple[str, ...], problems: list[Problem]) -> dict[str, Firm]:
    """Read the table of firms: one row for each sector's revenue, one for the research of the whole."""
    homes: dict[str, str] = {}
    revenue: dict[str, dict[str, Quantity]] = {}
    research: dict[str, Quantity] = {}
    for row in world.rows("firms.csv", ("firm", "home", "sector", "field", *QUANTITY_COLUMNS), problems):
        name, home = world.renamed.get(row.cells["firm"], row.text("firm")), row.one_of("home", states)
        if homes.setdefault(name, home) != home:
            row.fault(f"{name} is at home in {homes[name]} and in {home}", "one home for each firm")
        if row.one_of("field", ("revenue", "research")) == "research":
            keep(research, name, row.quantity(), row)
        else:
            keep(revenue.setdefault(name, {}), row.one_of("sector", SECTORS), row.quantity(), row)
    return {name: Firm(name, home, revenue.get(name, {}), research.get(name)) for name, home in homes.items()}


def _read_pacts(world: World, states: tuple[str, ...], problems: list[Problem]) -> dict[tuple[str, str], Quantity]:
    """Read the table of pacts; the strongest that joins two states counts, and spokes are tied to their hub alone."""
    members: dict[str, list[tuple[Row, str, str, Quantity]]] = {}
    for row in world.rows("pacts.csv", ("pact", "state", "role", *QUANTITY_COLUMNS), problems):
        entry = row, row.one_of("state", states), row.one_of("role", ROLES), row.quantity()
        members.setdefault(row.text("pact"), []).append(entry)
    alliance: dict[tuple[str, str], Quantity] = {}
    for pact in members.values():
        for (_, a, role_a, strength), (_, b, role_b, _) in combinations(pact, 2):
            if role_a == role_b == "spoke":
                continue
            known = alliance.get((a, b))
            if known is None or known.value < strength.value:
                alliance[a, b] = alliance[b, a] = strength
    return alliance
