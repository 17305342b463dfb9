"""The effect of routes on the rest of the model: which state reaches which, and how well, under the cuts in force."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from sim.cut import Cut
from sim.facts import load_facts
from sim.facts.model import REST_OF_WORLD
from sim.network import metrics
from sim.network.compare import Comparison, compare
from sim.network.cut_words import read_cut
from sim.network.graph import Graph, Ints
from sim.network.reachable import reachable
from sim.network.traffic import Floats


@dataclass(frozen=True, eq=False)
class Coupling:
    """The state x state table of a set of cuts; arrays are read-only, because they are shared.

    Attributes
    ----------
    states : tuple of str
        The G states of the facts, in their order; carriers seated elsewhere count to ``XX``.
    reach : (G, G) float64
        Share of the pairs of people, one in each state, whose carriers have a route to each other [1]; 1 if the graph
        has no people of one of the two states.
    stretch : (G, G) float64
        Mean hops / mean hops before, of the pairs with a route both times [1]; 1 where there are none.
    capacity_left : (G,) float64
        Share of the capacity at each state's border that is left [1]; 1 where there was none.
    load : (G,) float64
        Traffic per capacity at each state's border, against before [1]; 1 where nothing is left to load.
    """

    states: tuple[str, ...]
    reach: Floats
    stretch: Floats
    capacity_left: Floats
    load: Floats

    @property
    def domestic_reach(self) -> Floats:
        """Share of the people at home whom a person of each state reaches, (G,) [1]."""
        return np.diag(self.reach)


def coupling(
    graph: Graph, cut: Cut | str | Iterable[str] | None = None, facts: str | tuple[str, ...] = "world-2020"
) -> Coupling:
    """Return which state reaches which, and how well, under a cut; computed once for each graph and cut.

    Parameters
    ----------
    graph : Graph
        The carriers, such as those of `sim.network.shipped`.
    cut : Cut, str, or iterable of str, optional
        All that is cut at the time.
    facts : str or tuple of str
        The set of fact tables whose states are wanted, or the states themselves, ``XX`` among them.
    """
    return _coupling(graph, read_cut(cut, graph), facts)


def carrier_reach(
    graph: Graph, cut: Cut | str | Iterable[str] | None = None, facts: str | tuple[str, ...] = "world-2020"
) -> Floats:
    """Return the share of each state's people who reach each carrier, a content network say, (G, N) [1].

    Parameters
    ----------
    graph, cut, facts
        As in `coupling`. Meant for graphs of some thousand carriers.

    Returns
    -------
    (G, N) float64
        1 where the graph has nobody of the state. Read-only.
    """
    return _carrier_reach(graph, read_cut(cut, graph), facts)


@lru_cache(maxsize=256)
def _coupling(graph: Graph, cut: Cut, facts: str | tuple[str, ...]) -> Coupling:
    """Work out a coupling."""
    found = compare(graph, cut)
    states, group = _groups(graph.state_codes, facts)
    people = _sum_rows(found.before.people, group, len(states))
    reached = _sum_both(found.after.reached, group, len(states))
    hops = [_sum_both(sums, group, len(states)) for sums in found.hop_sums]
    before, kept, after = (_sum_rows(part, group, len(states)) for part in _border(found))
    capacity = _or_one(metrics.shares(kept, before))
    return Coupling(
        states,
        *map(
            _locked,
            (
                _or_one(metrics.shares(reached, np.outer(people, people))),
                _or_one(metrics.shares(hops[1], hops[0])),
                capacity,
                _or_one(metrics.shares(after, kept)),
            ),
        ),
    )


@lru_cache(maxsize=64)
def _carrier_reach(graph: Graph, cut: Cut, facts: str | tuple[str, ...]) -> Floats:
    """Work out who reaches each carrier."""
    states, group = _groups(graph.state_codes, facts)
    group_of = group[graph.state_of]
    reach = np.asarray(reachable(graph, cut), np.bool_)
    found = np.ones((len(states), len(graph)))
    for at in range(len(states)):
        here = np.flatnonzero((group_of == at) & (graph.people > 0))
        if len(here):
            people = graph.people[here].astype(np.float64)
            found[at] = metrics.shares(people @ reach[here], np.full(len(graph), people.sum()))
    return _locked(found)


def _border(found: Comparison) -> tuple[Floats, Floats, Floats]:
    """Return traffic at the border before, what is left of its capacity, and traffic after, (S,) each [pairs]."""
    graph = found.graph
    before = metrics.border_traffic(graph, found.before.traffic.links)
    after = metrics.border_traffic(graph, found.after.traffic.links)
    return before, before * np.nan_to_num(found.capacity_left), after


def _groups(codes: tuple[str, ...], facts: str | tuple[str, ...]) -> tuple[tuple[str, ...], Ints]:
    """Return the states that are wanted, and which of them each state of a graph counts to."""
    states = tuple(load_facts(facts).states) if isinstance(facts, str) else facts
    rest = states.index(REST_OF_WORLD)
    return states, np.array([states.index(code) if code in states else rest for code in codes], np.int64)


def _sum_rows(amounts: Floats, group: Ints, size: int) -> Floats:
    """Return amounts by group, (G,)."""
    return np.bincount(group, amounts, minlength=size)


def _sum_both(amounts: Floats, group: Ints, size: int) -> Floats:
    """Return amounts by group of row and of column, (G, G)."""
    found = np.zeros((size, size))
    np.add.at(found, (group[:, None], group[None, :]), amounts)
    return found


def _or_one(found: Floats) -> Floats:
    """Return shares with 1 where there is none: nothing known, nothing changed."""
    return np.where(np.isnan(found), 1.0, found)


def _locked(found: Floats) -> Floats:
    """Return an array that nobody can change."""
    found.flags.writeable = False
    return found
