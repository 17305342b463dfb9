"""A carrier graph before and after a cut, measured: by state, by pair of states, and for the rest of the model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt

from sim.cut import NOTHING, Cut
from sim.network import metrics
from sim.network.cut_words import read_cut
from sim.network.cuts import apply_cut
from sim.network.graph import Graph, Ints
from sim.network.reach import people_reached
from sim.network.reachable import reachable
from sim.network.routes import find_routes
from sim.network.traffic import Floats, Traffic, carry, hop_sums, sample

MOST_DESTINATIONS = 1_000
"""Destinations of traffic; above that a sample of people stands for all. Who reaches whom is never sampled."""
LARGE = 2_000
"""Carriers above which few pictures are kept: each takes a kilobyte a carrier."""
LEAST_LOSS = 0.01
"""Share of its reach abroad that a third state must lose to be listed as behind a cut."""


@dataclass(frozen=True, eq=False)
class Picture:
    """The network at one time; S states, N carriers.

    Attributes
    ----------
    graph : Graph
        What the cut has left.
    reached : (S, S) float64
        Ordered pairs of people that are joined, of all carriers [pairs].
    n_pairs : int
        Ordered pairs of different carriers that are joined.
    lengths : (D, N) uint8
        Hops to each destination.
    destinations : (D,) int64
        Their positions.
    weights : (D,) float64
        Persons that each stands for.
    traffic : Traffic
        Where it goes.
    """

    graph: Graph
    reached: Floats
    n_pairs: int
    lengths: npt.NDArray[np.uint8]
    destinations: Ints
    weights: Floats
    traffic: Traffic

    @cached_property
    def people(self) -> Floats:
        """People of each state, (S,) [persons]."""
        graph = self.graph
        return np.bincount(graph.state_of, graph.people, minlength=len(graph.state_codes)).astype(np.float64)

    @property
    def reach_abroad(self) -> Floats:
        """Share of the people elsewhere whom a person of each state reaches, (S,) [1]."""
        pairs = self.people * (self.people.sum() - self.people)
        return metrics.shares(self.reached.sum(axis=1) - np.diag(self.reached), pairs)

    @property
    def domestic_reach(self) -> Floats:
        """Share of the people of their own state whom a person of each state reaches, (S,) [1]."""
        return metrics.shares(np.diag(self.reached).copy(), self.people**2)

    @property
    def n_frontier(self) -> Ints:
        """Carriers with a foreign neighbour, (S,)."""
        return metrics.frontier_count(self.graph)

    @property
    def n_points_of_control(self) -> Ints:
        """Fewest carriers at which 90 % of the traffic abroad leaves, (S,)."""
        return metrics.points_of_control(self.graph, self.traffic.exits)

    @property
    def chokepoint_potential(self) -> Floats:
        """Concentration of the traffic abroad on border carriers, (S,) [1]."""
        return metrics.chokepoint_potential(self.graph, self.traffic.exits)

    @property
    def country_centrality(self) -> Floats:
        """Share of the traffic between other states that crosses each, (S,) [1]."""
        return metrics.country_centrality(self.traffic.joined, self.traffic.crossed)


@dataclass(frozen=True, eq=False)
class Comparison:
    """What a cut does.

    Attributes
    ----------
    graph : Graph
        Before the cut.
    cut : Cut
        What is cut.
    before, after : Picture
        The network without and with it.
    """

    graph: Graph
    cut: Cut
    before: Picture
    after: Picture

    @property
    def states(self) -> tuple[str, ...]:
        """The S states."""
        return self.graph.state_codes

    @cached_property
    def hop_sums(self) -> tuple[Floats, Floats]:
        """Hops of the pairs with a route both times, by state of either end, before and after, (S, S) each."""
        before, after = self.before, self.after
        return hop_sums(self.graph, before.lengths, after.lengths, before.destinations, before.weights)

    @property
    def path_stretch(self) -> Floats:
        """Mean hops after / before of pairs that have a route both times, by state of either end, (S, S) [1]."""
        return metrics.shares(self.hop_sums[1], self.hop_sums[0])

    @property
    def stretch_abroad(self) -> Floats:
        """The same for all pairs of a state with other states, (S,) [1]."""
        before, after = (sums.sum(axis=1) - np.diag(sums) for sums in self.hop_sums)
        return metrics.shares(after, before)

    @property
    def whole_stretch(self) -> float:
        """The same for all pairs [1]; NaN when none is left."""
        before, after = (np.array([sums.sum()]) for sums in self.hop_sums)
        return float(metrics.shares(after, before)[0])

    @property
    def capacity_left(self) -> Floats:
        """Share of its capacity abroad that each state has left, (S,) [1]; NaN without any before.

        Border links are taken to be as wide as their traffic before the cut; where cables are known, the share of their
        capacity that is left counts when it is smaller.
        """
        kept = np.zeros(len(self.graph.link_ids), np.bool_)
        kept[self.after.graph.link_ids[self.after.graph.link_ids >= 0]] = True
        links = self.before.traffic.links
        by_link = metrics.shares(
            metrics.border_traffic(self.graph, links, kept), metrics.border_traffic(self.graph, links)
        )
        by_cable = metrics.shares(metrics.cable_capacity(self.after.graph), metrics.cable_capacity(self.graph))
        return np.fmin(by_link, by_cable) if self.cut.cables else by_link

    @property
    def gateway_load(self) -> Floats:
        """Traffic per capacity at the border of each state, against before, (S,) [1]; NaN where nothing is left."""
        links = self.before.traffic.links
        room = metrics.border_traffic(self.graph, links) * np.nan_to_num(self.capacity_left)
        return metrics.shares(metrics.border_traffic(self.graph, self.after.traffic.links), room)

    @property
    def third_states(self) -> tuple[str, ...]:
        """States that the cut does not name and that lose reach all the same, other than to those it shuts off."""
        states = self.graph.states
        shut = {state for state, _ in self.cut.gateways}
        shut |= {states[self.graph.position(asn)] for asn, where in self.cut.carriers if not where}
        named = shut | {*self.cut.at_borders, *(rule.state for rule in self.cut.rules)}
        named |= {state for rule in self.cut.rules for state in rule.states}
        for asn, where in self.cut.carriers:
            named |= {states[self.graph.position(asn)], where}
        named |= {states[self.graph.position(asn)] for link in self.cut.links for asn in link}
        partners = np.array([code not in shut for code in self.states])
        before, after = (
            np.where(partners, picture.reached, 0.0).sum(axis=1) - np.diag(picture.reached)
            for picture in (self.before, self.after)
        )
        lost = np.nan_to_num(1.0 - metrics.shares(after, before))
        return tuple(
            code for code, loss in zip(self.states, lost, strict=True) if loss > LEAST_LOSS and code not in named
        )


def compare(graph: Graph, cut: Cut | str | Iterable[str] | None = None) -> Comparison:
    """Measure a graph before and after a cut. Results for a graph and a cut are cached.

    Parameters
    ----------
    graph : Graph
        The carriers.
    cut : Cut, str, or iterable of str, optional
        What is cut; see `sim.network.reachable`.

    Raises
    ------
    InputError
        The cut names something that is not in the graph.
    """
    cut = read_cut(cut, graph)
    return Comparison(graph, cut, picture(graph, NOTHING), picture(graph, cut))


def picture(graph: Graph, cut: Cut) -> Picture:
    """Measure a graph after a cut. Results are cached; for large graphs, only the last two.

    Parameters
    ----------
    graph : Graph
        The carriers.
    cut : Cut
        What is cut.
    """
    return (_small_picture if len(graph) <= LARGE else _large_picture)(graph, cut)


def _draw(graph: Graph, cut: Cut) -> Picture:
    """Measure a graph after a cut."""
    left = apply_cut(graph, cut)
    reach = reachable(graph, cut)
    reached, n_pairs = people_reached(graph, reach), reach.n_pairs() - len(graph)
    del reach  # for a large graph this is the largest object
    asns, weights = sample(graph, MOST_DESTINATIONS)
    routes = find_routes(graph, cut, asns.tolist())
    traffic = carry(routes, weights, len(graph.link_ids))
    return Picture(left, reached, n_pairs, routes.lengths(), routes.destinations, weights, traffic)


_small_picture = lru_cache(maxsize=256)(_draw)
_large_picture = lru_cache(maxsize=2)(_draw)
