"""Outlines of the world's states, for maps and for distances between them (`sim/facts/outlines.csv`).

Natural Earth, 1:110 million, public domain; simplified. The smallest states have none.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

import numpy as np

from sim.facts.table import checked_rows

_TABLE = Path(__file__).parent / "outlines.csv"
_COLUMNS = ("state", "part", "longitudes", "latitudes")
RADIUS = 6_371.0
"""Mean radius of the Earth [km]."""


@lru_cache(maxsize=1)
def read_outlines() -> Mapping[str, tuple[np.ndarray, ...]]:
    """Return the outline of each state by its code: rings of (longitude, latitude), the largest first.

    Each ring has shape (points, 2) [degrees]. Land of no state of its own is under the empty code.

    Raises
    ------
    InputError
        When the table is faulty: all of it, each with file and line.
    """
    found: dict[str, list[np.ndarray]] = {}
    for row in checked_rows(_TABLE, _COLUMNS):
        try:
            ring = np.array([[float(x) for x in row.words(name)] for name in _COLUMNS[2:]]).T
            if len(ring) < 3:
                raise ValueError
        except ValueError:
            row.fault(
                "longitudes and latitudes are no ring", "three or more numbers each, as many of one as of the other"
            )
            continue
        found.setdefault(row.cells["state"], []).append(ring)
    return MappingProxyType({state: tuple(rings) for state, rings in found.items()})


@lru_cache(maxsize=1)
def centres() -> Mapping[str, tuple[float, float]]:
    """Return the centroid of the largest part of each state, (longitude, latitude) [degrees]."""
    found = {}
    for state, rings in read_outlines().items():
        x, y = rings[0].T
        cross = x * np.roll(y, -1) - np.roll(x, -1) * y
        area = float(cross.sum()) / 2.0
        middle = [float(((v + np.roll(v, -1)) * cross).sum()) / (6.0 * area) for v in (x, y)]
        found[state] = (middle[0], middle[1])
    found.pop("", None)
    return MappingProxyType(found)


def distance(a: str, b: str) -> float:
    """Return the distance between the centres of two states [km].

    Raises
    ------
    KeyError
        When a state has no outline.
    """
    (x1, y1), (x2, y2) = (np.radians(centres()[state]) for state in (a, b))
    inner = np.sin(y1) * np.sin(y2) + np.cos(y1) * np.cos(y2) * np.cos(x1 - x2)
    return float(RADIUS * np.arccos(np.clip(inner, -1.0, 1.0)))
