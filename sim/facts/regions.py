"""Regions of states: how many of a state's people live in each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .states import PlaceCode
from .tables import Basis, Fault, Names, Number, Row, Text, Words, fold, read


@dataclass(frozen=True)
class Region(Row, file="regions.csv", key=("state", "region")):
    """A region of a state.

    Attributes
    ----------
    state, region : str
        Alpha-2 code, and English name.
    also : tuple of str
        Other names of it.
    people, of : float
        Residents of the region and of the whole state, from one count [persons].
    """

    state: PlaceCode
    region: Text
    also: Words
    people: Number
    of: Number
    source: Text
    basis: Basis
    licence: Text
    note: str

    def faults(self, names: Names) -> Iterable[Fault]:
        """Yield a region that is no part of its state."""
        if not 0.0 < self.people < self.of:
            yield f"{self.people:g} people of {self.of:g}", "more than none, and fewer than in the whole state"

    @property
    def share(self) -> float:
        """Share of the state's people who live there [1]."""
        return self.people / self.of


def regions_of(state: str) -> list[Region]:
    """Return the regions of a state that the table has, in its order."""
    return [region for (code, _), region in read(Region).items() if code == state]


def find_region(text: str, state: str) -> str | None:
    """Return the name of a region given by name or alias, whatever its case; None where the table has none."""
    named = ((word, region) for region in regions_of(state) for word in (region.region, *region.also))
    return next((region.region for word, region in named if fold(word) == fold(text)), None)


def part_of(state: str, region: str) -> tuple[float, float]:
    """Return where a region lies among the people of its state, of whom each region takes a part in turn [1].

    Parameters
    ----------
    state : str
    region : str
        Its name or an alias.

    Returns
    -------
    low, high : float
        Both 0 where the table has no such region.
    """
    name, low = find_region(region, state), 0.0
    for each in regions_of(state):
        if each.region == name:
            return low, low + each.share
        low += each.share
    return 0.0, 0.0
