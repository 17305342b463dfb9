"""The cells of a metric: the row of a table for each position in an array, and the people in it.

A tidy table has three columns for arrays with up to five dimensions:

==================================  =========  ===========  =====================
dimensions of the metric            ``state``  ``platform`` ``group``
==================================  =========  ===========  =====================
state, platform                     state      platform     empty
state                               state      empty        empty
group                               empty      empty        group
group, way                          empty      way          group
state, partner (counted once)       empty      empty        ``US~CN``, one row a pair
state, partner (each way)           state      empty        ``partner:CN``
state, source, platform             state      platform     source platform
platform                            empty      platform     empty
none                                empty      empty        empty
==================================  =========  ===========  =====================
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import getitem
from typing import NamedTuple

import numpy as np

from sim.groups import Group, Partner, StatePair, Users, read
from sim.metrics.registry import METRICS
from sim.results.panel import Axes

MIN_PEOPLE = 30  # no result is printed for a cell of fewer simulated people


@dataclass(frozen=True, slots=True)
class Cell:
    """One place in the array of a metric.

    Attributes
    ----------
    metric : str
        Name of the metric.
    index : tuple of int
        Where it stands, after the date.
    state, platform, group : str
        What the columns of a table say; empty means all.
    parts : mapping of str to str
        The label along every dimension of the metric.
    """

    metric: str
    index: tuple[int, ...]
    state: str
    platform: str
    group: str
    parts: Mapping[str, str]

    @property
    def key(self) -> tuple[str, str, str, str]:
        """The metric and the three columns: what identifies a cell."""
        return self.metric, self.state, self.platform, self.group


def is_pair(metric: str) -> bool:
    """Return whether a metric holds each pair of states in both directions."""
    return METRICS[metric].pairs_once


def cells_of(
    metric: str, axes: Axes, keep: Callable[[Cell], bool] = lambda _cell: True, among: np.ndarray | None = None
) -> Iterator[Cell]:
    """Yield the cells of a metric in the order of its array; a pair of states comes once.

    Parameters
    ----------
    metric : str
        Name of a metric in the registry.
    axes : Axes
        Labels along the dimensions.
    keep : function of Cell to bool
        Which ones to yield; all of them unless stated.
    among : numpy.ndarray of bool, optional
        Where the array of the metric holds something, without the date; other cells are not even looked at.
    """
    dims, pairs = METRICS[metric].dims, is_pair(metric)
    labels = [axes.labels(dim) for dim in dims]
    places: Iterable[tuple[int, ...]]
    named: Iterable[tuple[str, ...]]
    if among is None:
        places, named = itertools.product(*(range(len(each)) for each in labels)), itertools.product(*labels)
    else:
        places = _places(among)
        named = (tuple(map(getitem, labels, index)) for index in places)
    for index, names in zip(places, named, strict=True):
        if pairs and index[0] >= index[1]:
            continue
        cell = _cell(metric, index, dict(zip(dims, names, strict=True)), once=pairs)
        if keep(cell):
            yield cell


def _places(among: np.ndarray) -> list[tuple[int, ...]]:
    """Return the places of an array that are true, in the order of the array."""
    return [tuple(place) for place in np.argwhere(among).tolist()] if among.ndim else [()] * bool(among)


def _cell(metric: str, index: tuple[int, ...], parts: Mapping[str, str], *, once: bool) -> Cell:
    """Return the cell at a place, its columns filled as the head of this file says; pairs of states may stand once."""
    state, platform, group = parts.get("state", ""), parts.get("platform", ""), parts.get("group", "")
    if "way" in parts:
        platform = parts["way"]
    if "source" in parts:
        group = parts["source"]
    if "partner" in parts:
        group = str(StatePair(state, parts["partner"]) if once else Partner(parts["partner"]))
        state = "" if once else state
    return Cell(metric, index, state, platform, group, parts)


def simulated(cell: Cell, people: Mapping[str, int]) -> int:
    """Return how many simulated people a cell stands on.

    Parameters
    ----------
    cell : Cell
        A cell of any metric.
    people : mapping of str to int
        Simulated people of each group, as `ArmData.cells` holds them; a finer count under ``STATE/PLATFORM``
        or ``US~CN`` is used where there is one.
    """
    if "group" in cell.parts:
        return people.get(cell.parts["group"], 0)
    if is_pair(cell.metric):
        if cell.group in people:
            return people[cell.group]
        states = frozenset((cell.parts["state"], cell.parts["partner"]))
        return sum(people[group] for group in _groups_in(people).between.get(states, ()))
    if "state" not in cell.parts:
        return sum(people[group] for group in _groups_in(people).every)
    used = cell.parts.get("source", cell.parts.get("platform", ""))
    finer = people.get(_users(cell.state, used))
    if finer is not None:
        return finer
    return sum(people[group] for group in _groups_in(people).living_in.get(cell.state, ()))


@lru_cache(maxsize=4096)
def _users(state: str, platform: str) -> str:
    """Return the key of the users of a platform in a state."""
    return str(Users(state, platform))


class _Groups(NamedTuple):
    """Groups, by where they live and by the two states that a diaspora joins."""

    every: tuple[str, ...]
    living_in: Mapping[str, Sequence[str]]
    between: Mapping[frozenset[str], Sequence[str]]


_found: dict[int, tuple[Mapping[str, int], _Groups]] = {}
"""The groups among counts, by the identity of the counts. Counts never change once they are made."""
_MOST_FOUND = 1024


def _groups_in(people: Mapping[str, int]) -> _Groups:
    """Return the groups among the keys of counts; a summary needs those of each member thousands of times."""
    known = _found.get(id(people))
    if known is None or known[0] is not people:
        if len(_found) >= _MOST_FOUND:
            _found.clear()
        known = _found[id(people)] = people, _groups(tuple(people))
    return known[1]


@lru_cache(maxsize=64)
def _groups(keys: tuple[str, ...]) -> _Groups:
    """Sort out the groups among the keys of counts; the others are users of a platform, or pairs."""
    every = {key: group for key in keys if isinstance(group := read(key), Group)}
    living_in: dict[str, list[str]] = {}
    between: dict[frozenset[str], list[str]] = {}
    for key, group in every.items():
        living_in.setdefault(group.home, []).append(key)
        if group.side == "diaspora":
            between.setdefault(group.states, []).append(key)
    return _Groups(tuple(every), living_in, between)
