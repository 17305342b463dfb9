"""Facts on trade and phones: what buyers spend and sellers sell on a platform, and the makers of people's phones.

They are read only when needed; most scenarios do not need them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from sim.errors import InputError, Problem
from sim.facts.loading import load_facts
from sim.facts.model import REST_OF_WORLD, Quantity
from sim.facts.table import QUANTITY_COLUMNS, keep
from sim.facts.worlds import DEFAULT_WORLD, World, load_world

OTHER = "other"
"""In the table of spending: every state that has no row of its own."""


@dataclass(frozen=True)
class TradeFacts:
    """Tables of one world.

    Attributes
    ----------
    makers : mapping of (state, maker) to Quantity
        Share of the Android phones in use [1]; an absent pair is 0, where the state has a figure of any maker.
    spending : mapping of (platform, state) to Quantity
        What a user of a month spends there [US$ a year]; state ``other`` stands for all that have no row.
    sales : mapping of (state, platform) to Quantity
        What the sellers of a state sell there [US$ a year]; an absent pair is not known.
    handset_sales : mapping of (maker, state) to Quantity
        Share of the maker's phones that is sold in a state [1].
    """

    makers: Mapping[tuple[str, str], Quantity]
    spending: Mapping[tuple[str, str], Quantity]
    sales: Mapping[tuple[str, str], Quantity]
    handset_sales: Mapping[tuple[str, str], Quantity]

    def maker_share(self, maker: str, state: str) -> float:
        """Return a maker's share of the Android phones in use; a state without any figure is like the others [1]."""
        if not any(where == state for where, _ in self.makers):
            state = REST_OF_WORLD
        found = self.makers.get((state, maker))
        return found.value if found else 0.0

    def spent(self, platform: str, state: str) -> float:
        """Return what a user of a platform in a state spends there, 0 where nothing is known [US$ a year]."""
        found = self.spending.get((platform, state)) or self.spending.get((platform, OTHER))
        return found.value if found else 0.0


@lru_cache(maxsize=8)
def load_trade(name: str = DEFAULT_WORLD) -> TradeFacts:
    """Return the tables of a world, read once.

    Raises
    ------
    InputError
        Everything that is wrong with them, each with file and line.
    """
    facts, world, problems = load_facts(name), load_world(name), list[Problem]()
    states, platforms = tuple(facts.states), tuple(facts.platforms)
    found = TradeFacts(
        makers=_pairs(world, "phone_makers.csv", "state", states, "maker", None, problems),
        spending=_pairs(world, "spending.csv", "platform", platforms, "state", (*states, OTHER), problems),
        sales=_pairs(world, "sales.csv", "state", states, "platform", platforms, problems),
        handset_sales=_pairs(world, "handset_sales.csv", "maker", None, "state", states, problems),
    )
    if problems:
        raise InputError(problems)
    return found


def _pairs(
    world: World, file: str, one: str, ones: tuple[str, ...] | None, other: str, others: tuple[str, ...] | None,
    problems: list[Problem],
) -> Mapping[tuple[str, str], Quantity]:  # fmt: skip
    """Read a table of quantities with two keys; a key without choices may be any text."""
    table: dict[tuple[str, str], Quantity] = {}
    for row in world.rows(file, (one, other, *QUANTITY_COLUMNS), problems):
        key = (
            row.one_of(one, ones) if ones else row.text(one),
            row.one_of(other, others) if others else row.text(other),
        )
        keep(table, key, row.quantity(), row)
    return MappingProxyType(table)
