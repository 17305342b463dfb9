"""How old the people of each state are, and which share of each age uses the Internet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from .history import DatedPlatform
from .states import PlaceCode
from .tables import Basis, Row, Text, figure_table, parsed

OLDEST = 100
"""The last full year of age; it stands for everybody who is older, too [years]."""
GROUP_YEARS = 5
"""Years of age in each group of ``ages.csv`` but the last [years]."""


def _people(cell: str) -> tuple[float, ...]:
    """Return the people of each group of ages."""
    groups = tuple(float(number) for number in cell.split("|"))
    if len(groups) != OLDEST // GROUP_YEARS + 1 or not min(groups) >= 0.0 or not 0.0 < sum(groups) < 1e7:
        raise ValueError(cell)
    return groups


def _age(cell: str) -> int:
    """Return a full year of age."""
    if not 0 <= int(cell) <= OLDEST:
        raise ValueError(cell)
    return int(cell)


Age = Annotated[int, parsed(_age, f"a full year of age, 0 to {OLDEST}")]


@dataclass(frozen=True)
class Ages(Row, file="ages.csv", key=("state", "year")):
    """The people of a state by age in one year.

    Attributes
    ----------
    state : str
        Alpha-2 code of a state or territory.
    year : int
        The middle of it.
    people : tuple of float
        Of 0 to 4 full years, 5 to 9, and so on; the last number is of those of 100 and over [thousands of persons].
    """

    state: PlaceCode
    year: Annotated[int, parsed(int, "a year")]
    people: Annotated[
        tuple[float, ...], parsed(_people, "21 numbers of thousands of people separated by |: of 0-4, 5-9, ..., 100+")
    ]
    source: Text
    basis: Basis
    licence: Text
    note: str


ONLINE = figure_table("internet_ages.csv", unit="share", youngest=Age, oldest=Age)
"""Share of an age that uses the Internet in a state where some do and some do not; ages include both ends."""
USE = figure_table("platform_ages.csv", unit="share", state=PlaceCode, platform=DatedPlatform, youngest=Age, oldest=Age)
"""Share of an age that uses a platform where it is not blocked; how it differs from age to age is what counts."""
