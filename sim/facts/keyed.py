"""Read the tables of one world whose keys are states and platforms: quantities, and the blocks of its first day."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sim.errors import Problem
from sim.facts.model import BASES, TECHNIQUES, BlockFact, PlatformFact, Quantity
from sim.facts.table import QUANTITY_COLUMNS, Row, keep
from sim.facts.worlds import World

_BLOCK_COLUMNS = ("state", "platform", "technique", "since", "source", "basis")
_KEYS = {
    "penetration.csv": ("state", "platform"),
    "group_penetration.csv": ("residence", "platform", "origin"),
    "migrants.csv": ("residence", "origin"),
    "revenue.csv": ("state",),
    "monetisation.csv": ("platform",),
    "news_use.csv": ("platform",),
    "youth_lean.csv": ("state", "platform"),
    "institutions.csv": ("state", "field"),
}


class KeyedTables:
    """Reads tables of quantities of one world whose key columns hold known names.

    Parameters
    ----------
    world : World
    states : tuple of str
    platforms : mapping of str to PlatformFact
    problems : list of Problem
        Faults are added here.
    own : bool
        Whether to read a user's own rows alone.
    """

    def __init__(
        self,
        world: World,
        states: tuple[str, ...],
        platforms: Mapping[str, PlatformFact],
        problems: list[Problem],
        *,
        own: bool = False,
    ) -> None:
        self._world, self._problems, self._platforms = world, problems, platforms
        self._own, self._rows = own, world.own_rows if own else world.rows
        codes = dict.fromkeys(states)
        self._choices: dict[str, Collection[str]] = {
            "state": codes,
            "residence": codes,
            "origin": codes,
            "platform": dict.fromkeys(platforms),
            "field": ("freedom", "courts"),
        }
        self._aliases = {alias: name for name, fact in platforms.items() for alias in fact.aliases}

    def table(self, file: str, unit: str) -> dict[tuple[str, ...], Quantity]:
        """Return a table in one unit, by its keys; in a shared one a platform may go by another of its names."""
        keys, table = _KEYS[file], dict[tuple[str, ...], Quantity]()
        elsewhere = self._own or not self._world.owns(file)
        for row in self._rows(file, (*keys, *QUANTITY_COLUMNS), self._problems):
            if elsewhere and "platform" in keys:
                row.cells["platform"] = self._aliases.get(row.cells["platform"], row.cells["platform"])
            key = tuple(row.one_of(column, self._choices[column]) for column in keys)
            if "origin" in keys and row.cells["origin"] == row.cells["residence"]:
                row.fault(f"residence and origin are both {row.cells['origin']}", "two different states")
            has_unit(row, unit)
            keep(table, key, row.quantity(), row)
        return table

    def blocks(self) -> dict[tuple[str, str], BlockFact]:
        """Return the blocks in force before the first day; none where the world takes them from the history.

        A block that is older than its platform is a fault.
        """
        blocks: dict[tuple[str, str], BlockFact] = {}
        if not self._own and not self._world.owns("blocks.csv"):
            return blocks
        for row in self._rows("blocks.csv", _BLOCK_COLUMNS, self._problems, ("until",)):
            if self._own:
                row.cells["platform"] = self._aliases.get(row.cells["platform"], row.cells["platform"])
            since, until = row.day("since"), row.day_or_none("until")
            if until and until <= since:
                row.fault(f"since {since}, until {until}", "an end after the beginning")
            key = (row.one_of("state", self._choices["state"]), row.one_of("platform", self._choices["platform"]))
            known = self._platforms.get(key[1])
            if known is not None and since < known.launched:
                found = f"since is {since}, but {known.name} was launched on {known.launched} (platforms.csv)"
                row.fault(found, f"{known.launched} or later")
            technique, basis = row.one_of("technique", TECHNIQUES), row.one_of("basis", BASES)
            keep(blocks, key, BlockFact(technique, since, row.text("source"), basis, until), row)
        return blocks


def has_unit(row: Row, unit: str) -> None:
    """Note a fault when a row's unit is not the one its table is kept in."""
    if row.cells["unit"] != unit:
        row.fault(f"unit is '{row.cells['unit']}'", f"'{unit}'")
