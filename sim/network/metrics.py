"""Metrics of a carrier graph: who could watch or close a state's border, and who is on the routes of others.

Pure functions of counts by carrier or state; each docstring has the definition and its source.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.network.graph import Graph, Ints
from sim.network.traffic import Floats

ROUNDING = 1e-12
"""Relative difference that comes from summing in floating point [1]."""
COVERED = 0.9
"""Share that points of control cover (Roberts, Larochelle, Faris & Palfrey 2011, Mapping Local Internet Control)."""


def frontier_count(graph: Graph) -> Ints:
    """Return how many carriers of each state have a foreign neighbour, (S,) [carriers] (Renesys 2012)."""
    state = graph.state_of
    at_border = np.zeros(len(graph), np.bool_)
    for one, other in ((graph.customer, graph.provider), (graph.peer_a, graph.peer_b)):
        across = state[one] != state[other]
        at_border[one[across]] = True
        at_border[other[across]] = True
    return np.bincount(state[at_border], minlength=len(graph.state_codes))


def fewest_covering(amounts: Floats, share: float = COVERED) -> int:
    """Return the smallest number of entries that hold a share of the total; 0 when there is nothing to hold.

    Parameters
    ----------
    amounts : (K,) float64
        Not negative.
    share : float
        Of their sum [1].
    """
    total = amounts.sum()
    if total <= 0:
        return 0
    running = np.cumsum(np.sort(amounts)[::-1])
    # an entry that falls short by rounding alone is not counted as missing
    return int(np.searchsorted(running, share * total * (1 - ROUNDING)) + 1)


def points_of_control(graph: Graph, exits: Floats, share: float = COVERED) -> Ints:
    """Return the fewest carriers through which a share of each state's traffic abroad leaves it, (S,) [carriers].

    After Roberts et al. (Berkman Center 2011), who cover addresses; here people's traffic is covered. Every route
    leaves its state at one carrier, so the largest ones are the fewest.

    Parameters
    ----------
    graph : Graph
        The carriers.
    exits : (N,) float64
        Traffic abroad by the carrier at which it leaves [pairs].
    share : float
        To be covered [1].
    """
    found = [fewest_covering(exits[graph.state_of == at], share) for at in range(len(graph.state_codes))]
    return np.array(found, np.int64)


def chokepoint_potential(graph: Graph, exits: Floats) -> Floats:
    """Return how concentrated each state's traffic abroad is on its border carriers, (S,) [1]; NaN without any.

    The sum of the squared shares: 1 when all of it leaves at one carrier, 1/k when evenly at k. Our reading of the
    national chokepoint potential of Leyba et al. (2019, https://doi.org/10.1145/3314344.3332502).
    """
    found = np.full(len(graph.state_codes), np.nan)
    for at in range(len(found)):
        here = exits[graph.state_of == at]
        if here.sum() > 0:
            found[at] = float(((here / here.sum()) ** 2).sum())
    return found


def country_centrality(joined: Floats, crossed: Floats) -> Floats:
    """Return the share of the traffic between other states that crosses each state, (S,) [1] (Karlin et al. 2009).

    https://arxiv.org/abs/0903.3218 counts pairs of countries; here they are weighted by people. NaN without other
    states.

    Parameters
    ----------
    joined : (S, S) float64
        Pairs of people with a route, by state of either end.
    crossed : (S, S) float64
        Pairs of people of each state [row] whose route crosses each third state [column].
    """
    between = joined - np.diag(np.diag(joined))
    others = between.sum() - between.sum(axis=0) - between.sum(axis=1)
    # what is left when all but one state have no traffic is rounding
    some = others > ROUNDING * between.sum()
    return np.divide(crossed.sum(axis=0), others, out=np.full(len(others), np.nan), where=some)


def shares(part: Floats, whole: Floats) -> Floats:
    """Return part / whole, NaN where the whole is 0, and exactly 1 where they differ by rounding alone."""
    found = np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=np.asarray(whole) > 0)
    found[np.abs(found - 1.0) < ROUNDING] = 1.0
    return found


def border_traffic(graph: Graph, links: Floats, kept: npt.NDArray[np.bool_] | None = None) -> Floats:
    """Return the traffic over the border links of each state, (S,) [pairs].

    Parameters
    ----------
    graph : Graph
        Before any cut.
    links : (T + Q,) float64
        Traffic over each of its links.
    kept : (T + Q,) bool, optional
        Count these links only.
    """
    state = graph.state_of
    one = np.concatenate([state[graph.customer], state[graph.peer_a]])
    other = np.concatenate([state[graph.provider], state[graph.peer_b]])
    counted = one != other if kept is None else (one != other) & kept
    size = len(graph.state_codes)
    at_one = np.bincount(one[counted], links[counted], minlength=size)
    return at_one + np.bincount(other[counted], links[counted], minlength=size)


def cable_capacity(graph: Graph) -> Floats:
    """Return what the cables and land crossings of each state carry together, (S,) [Tbit/s]."""
    found = np.zeros(len(graph.state_codes))
    for cable in graph.cables:
        for state in set(cable.states) & set(graph.state_codes):
            found[graph.state_codes.index(state)] += cable.capacity
    return found
