"""Outlines of states, for maps and distances (`sim/facts/outlines.csv`).

Natural Earth, 1:110 million, public domain; simplified. The smallest states have none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Annotated

import numpy as np

from .tables import Fault, Names, Number, Row, read, split_words


class Ring(Row, file="outlines.csv"):
    """The outline of a part of a state; land that belongs to no state has no code [degrees]."""

    state: str
    part: str
    longitudes: Annotated[tuple[Number, ...], split_words]
    latitudes: Annotated[tuple[Number, ...], split_words]

    def faults(self, names: Names) -> Iterator[Fault]:
        """Yield numbers that do not form a ring."""
        if len(self.longitudes) < 3 or len(self.longitudes) != len(self.latitudes):
            found = f"{len(self.longitudes)} longitudes, {len(self.latitudes)} latitudes"
            yield found, "three or more numbers each, as many of one as of the other"


@cache
def read_outlines() -> Mapping[str, tuple[np.ndarray, ...]]:
    """Return the outline of each state by its code: rings of (longitude, latitude), the largest
    first.

    Each ring has shape (points, 2) [degrees]. Land that belongs to no state has the empty code.
    """
    rings: dict[str, tuple[np.ndarray, ...]] = {}
    for row in read(Ring).values():
        rings[row.state] = (*rings.get(row.state, ()), np.array([row.longitudes, row.latitudes]).T)
    return rings


@cache
def centres() -> Mapping[str, tuple[float, float]]:
    """Return the centroid of the largest part of each state, (longitude, latitude) [degrees]."""
    places = {}
    for state, rings in read_outlines().items():
        x, y = rings[0].T
        cross = x * np.roll(y, -1) - np.roll(x, -1) * y
        area = float(cross.sum()) / 2.0
        middle = [float(((v + np.roll(v, -1)) * cross).sum()) / (6.0 * area) for v in (x, y)]
        places[state] = (middle[0], middle[1])
    places.pop("", None)
    return places
