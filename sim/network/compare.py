"""Comparison of a carrier graph before and after a cut: by state, by pair of states, and for the
rest of the model.

The measures show the carriers that could watch or close a state's border, and the states on the
routes of others; each has a source. `coupling` passes the effect of a cut to the rest of the model:
the reach between states, and its quality.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt

from ..core.cut import NOTHING, Cut
from ..facts import load_facts
from ..facts.model import REST_OF_WORLD
from .graph import Graph, Ints, apply_cut, read_cut
from .routes import NO_ROUTE, Floats, Traffic, carry, find_routes, people_reached, reachable, sample

MOST_DESTINATIONS = 1_000
"""Largest number of destinations of traffic; larger graphs use a sample of people. Reach is always
computed for all carriers, without sampling.
"""
LEAST_LOSS = 0.01
"""Smallest share of reach abroad that a third state must lose to be listed as behind a cut."""
ROUNDING = 1e-12
"""Relative error of sums in floating point [1]."""
COVERED = 0.9
"""Share of traffic that points of control cover (Roberts, Larochelle, Faris & Palfrey 2011, Mapping
Local Internet Control).
"""


def shares(part: Floats, whole: Floats) -> Floats:
    """Return part / whole: NaN where the whole is 0, exactly 1 where they differ only by
    rounding.
    """
    ratio = np.divide(
        part, whole, out=np.full(np.shape(whole), np.nan), where=np.asarray(whole) > 0
    )
    ratio[np.abs(ratio - 1.0) < ROUNDING] = 1.0
    return ratio


def fewest_covering(amounts: Floats, share: float = COVERED) -> int:
    """Return the smallest number of entries that add up to a share of the total; 0 for a total of
    0. The entries, (K,), are not negative.
    """
    total = amounts.sum()
    if total <= 0:
        return 0
    running = np.cumsum(np.sort(amounts)[::-1])
    # A shortfall by rounding alone needs no further entry.
    return int(np.searchsorted(running, share * total * (1 - ROUNDING)) + 1)


def border_traffic(
    graph: Graph, links: Floats, kept: npt.NDArray[np.bool_] | None = None
) -> Floats:
    """Return the traffic over the border links of each state, (S,) [pairs].

    Parameters
    ----------
    graph : Graph
        The graph before any cut.
    links : (T + Q,) float64
        Traffic over each link of the graph.
    kept : (T + Q,) bool, optional
        Links to count; by default all.
    """
    sides = graph.state_of[graph.ends]
    counted = sides[:, 0] != sides[:, 1] if kept is None else (sides[:, 0] != sides[:, 1]) & kept
    at_one, at_other = (
        np.bincount(side[counted], links[counted], minlength=len(graph.state_codes))
        for side in sides.T
    )
    return at_one + at_other


def cable_capacity(graph: Graph) -> Floats:
    """Return the joint capacity of the cables and land crossings of each state, (S,) [Tbit/s]."""
    capacity = dict.fromkeys(graph.state_codes, 0.0)
    for cable in graph.cables:
        for state in set(cable.states) & set(capacity):
            capacity[state] += cable.capacity
    return np.array([*capacity.values()])


@dataclass(frozen=True, eq=False)
class Picture:
    """The network before or after a cut; S states, N carriers."""

    graph: Graph
    """The graph at that time."""
    reached: Floats
    """(S, S) float64: Ordered pairs of people with a route, by state of either end [pairs]."""
    n_pairs: int
    """Ordered pairs of different carriers with a route."""
    lengths: npt.NDArray[np.uint8]
    """(D, N) uint8: Hops to each destination."""
    destinations: Ints
    """(D,) int64: Positions of the destinations."""
    weights: Floats
    """(D,) float64: People whom each destination represents [persons]."""
    traffic: Traffic
    """Traffic to the destinations."""

    @cached_property
    def people(self) -> Floats:
        """People of each state, (S,) [persons]."""
        graph = self.graph
        return np.bincount(graph.state_of, graph.people, minlength=len(graph.state_codes)).astype(
            np.float64
        )

    @property
    def reach_abroad(self) -> Floats:
        """Share of the people elsewhere whom a person of each state reaches, (S,) [1]."""
        pairs = self.people * (self.people.sum() - self.people)
        return shares(self.reached.sum(axis=1) - np.diag(self.reached), pairs)

    @property
    def domestic_reach(self) -> Floats:
        """Share of the people of their own state whom a person of each state reaches, (S,) [1]."""
        return shares(np.diag(self.reached).copy(), self.people**2)

    @property
    def n_frontier(self) -> Ints:
        """Carriers of each state that have a foreign neighbour, (S,) (Renesys 2012)."""
        graph = self.graph
        sides = graph.state_of[graph.ends]
        at_border = np.unique(graph.ends[sides[:, 0] != sides[:, 1]])
        return np.bincount(graph.state_of[at_border], minlength=len(graph.state_codes))

    @property
    def exits_of_states(self) -> list[Floats]:
        """Traffic abroad of each state, by the carrier at which it leaves the state [pairs]."""
        return [
            self.traffic.exits[self.graph.state_of == at]
            for at in range(len(self.graph.state_codes))
        ]

    @property
    def n_points_of_control(self) -> Ints:
        """Fewest carriers at which 90 % of the traffic abroad of each state leaves it, (S,).

        Roberts et al. (Berkman Center 2011) count addresses; here people's traffic counts. Every
        route leaves its state at one carrier, so the fewest carriers are the largest.
        """
        return np.array([fewest_covering(exits) for exits in self.exits_of_states], np.int64)

    @property
    def chokepoint_potential(self) -> Floats:
        """Concentration of each state's traffic abroad on its border carriers, (S,) [1]; NaN
        without any. The sum of the squared shares: 1 if all traffic leaves at one carrier, 1/k if
        it is spread evenly over k carriers. This follows the national chokepoint potential of Leyba
        et al. (2019, https://doi.org/10.1145/3314344.3332502).
        """
        concentration = np.full(len(self.graph.state_codes), np.nan)
        for at, exits in enumerate(self.exits_of_states):
            if exits.sum() > 0:
                concentration[at] = float(((exits / exits.sum()) ** 2).sum())
        return concentration

    @property
    def country_centrality(self) -> Floats:
        """Share of the traffic between other states that crosses each, (S,) [1] (Karlin et al.
        2009).

        https://arxiv.org/abs/0903.3218 counts pairs of countries; here they are weighted by people. NaN without other
        states.
        """
        joined = self.traffic.joined
        between = joined - np.diag(np.diag(joined))
        others = between.sum() - between.sum(axis=0) - between.sum(axis=1)
        # If only one state has traffic, the rest is rounding.
        some = others > ROUNDING * between.sum()
        return np.divide(
            self.traffic.crossed.sum(axis=0), others, out=np.full(len(others), np.nan), where=some
        )


@dataclass(frozen=True, eq=False)
class Comparison:
    """The effect of a cut."""

    graph: Graph
    """The graph before the cut."""
    cut: Cut
    """The parts that are cut."""
    before: Picture
    after: Picture
    """The network before and after the cut."""

    @property
    def states(self) -> tuple[str, ...]:
        """The S states."""
        return self.graph.state_codes

    @cached_property
    def hop_sums(self) -> tuple[Floats, Floats]:
        """Sums of hops over pairs of people with a route before and after, by state of either end:
        before, and after, (S, S).
        """
        before = self.before
        after = self.after
        state = self.graph.state_of.astype(np.int64)
        sum_before, sum_after = np.zeros((2, len(self.states), len(self.states)))
        for row, d in enumerate(state[before.destinations].tolist()):
            both = (before.lengths[row] != NO_ROUTE) & (after.lengths[row] != NO_ROUTE)
            pairs = np.where(both, self.graph.people * before.weights[row], 0.0)
            np.add.at(sum_before[:, d], state, pairs * before.lengths[row])
            np.add.at(sum_after[:, d], state, pairs * after.lengths[row])
        return sum_before, sum_after

    @property
    def path_stretch(self) -> Floats:
        """Mean hops after / before, over pairs of people with a route both times, by state of
        either end, (S, S) [1].
        """
        return shares(self.hop_sums[1], self.hop_sums[0])

    @property
    def stretch_abroad(self) -> Floats:
        """Path stretch over all pairs of a state with other states, (S,) [1]."""
        before, after = (sums.sum(axis=1) - np.diag(sums) for sums in self.hop_sums)
        return shares(after, before)

    @property
    def whole_stretch(self) -> float:
        """Path stretch over all pairs [1]; NaN if no pair is left."""
        before, after = (np.array([sums.sum()]) for sums in self.hop_sums)
        return float(shares(after, before)[0])

    @property
    def capacity_left(self) -> Floats:
        """Share of each state's capacity abroad that is left, (S,) [1]; NaN if there was none
        before.

        The capacity of a border link is taken to be its traffic before the cut. Where cables are
        known and less of their capacity is left, that share counts.
        """
        kept = np.isin(np.arange(len(self.graph.link_ids)), self.after.graph.link_ids)
        links = self.before.traffic.links
        by_link = shares(border_traffic(self.graph, links, kept), border_traffic(self.graph, links))
        if not self.cut.cables:
            return by_link
        return np.fmin(
            by_link, shares(cable_capacity(self.after.graph), cable_capacity(self.graph))
        )

    @cached_property
    def border(self) -> tuple[Floats, Floats, Floats]:
        """Border traffic before the cut, the part of it for which capacity is left, and border
        traffic after, (S,) each [pairs].
        """
        before = border_traffic(self.graph, self.before.traffic.links)
        after = border_traffic(self.graph, self.after.traffic.links)
        return before, before * np.nan_to_num(self.capacity_left), after

    @property
    def gateway_load(self) -> Floats:
        """Traffic per capacity at each state's border, relative to before, (S,) [1]; NaN if nothing
        is left.
        """
        _, room, after = self.border
        return shares(after, room)

    @property
    def third_states(self) -> tuple[str, ...]:
        """States that the cut does not name, but that lose reach to states that the cut does not
        shut off.
        """
        states = self.graph.states
        carriers = [(states[self.graph.position(asn)], where) for asn, where in self.cut.carriers]
        shut = {state for state, _ in self.cut.gateways} | {
            state for state, where in carriers if not where
        }
        named = shut | {*self.cut.at_borders, *(state for pair in carriers for state in pair)}
        named |= {state for rule in self.cut.rules for state in (rule.state, *rule.states)}
        named |= {states[self.graph.position(asn)] for link in self.cut.links for asn in link}
        partners = np.array([code not in shut for code in self.states])
        before, after = (
            np.where(partners, picture.reached, 0.0).sum(axis=1) - np.diag(picture.reached)
            for picture in (self.before, self.after)
        )
        lost = np.nan_to_num(1.0 - shares(after, before))
        return tuple(
            code
            for code, loss in zip(self.states, lost, strict=True)
            if loss > LEAST_LOSS and code not in named
        )


def compare(graph: Graph, cut: Cut | str | Iterable[str] | None = None) -> Comparison:
    """Compare the reach of a graph before and after a cut. Results for a graph and a cut are
    cached.

    Parameters
    ----------
    graph : Graph
        The carriers.
    cut : Cut, str, or iterable of str, optional
        What is cut; see `splinternet.network.routes`.

    Raises
    ------
    InputError
        If the cut names something that is not in the graph.
    """
    cut = read_cut(cut, graph)
    return Comparison(graph, cut, picture(graph, NOTHING), picture(graph, cut))


@lru_cache(maxsize=4)
def picture(graph: Graph, cut: Cut) -> Picture:
    """Measure a graph after a cut. The last few results are cached; each takes a kilobyte a carrier
    in a large graph.
    """
    left = apply_cut(graph, cut)
    reach = reachable(graph, cut)
    reached = people_reached(graph, reach)
    n_pairs = reach.n_pairs() - len(graph)
    del reach  # the largest object in a large graph
    asns, weights = sample(graph, MOST_DESTINATIONS)
    routes = find_routes(graph, cut, asns.tolist())
    traffic = carry(routes, weights, len(graph.link_ids))
    return Picture(left, reached, n_pairs, routes.lengths(), routes.destinations, weights, traffic)


@dataclass(frozen=True, eq=False)
class Coupling:
    """The effect of a set of cuts, by state and pair of states; arrays are read-only, because they
    are shared.
    """

    states: tuple[str, ...]
    """The G states of the facts, in their order; carriers with other seats belong to ``XX``."""
    reach: Floats
    """(G, G) float64: Share of pairs of people, one in each state, whose carriers have a route to
    each other [1]; 1 if the graph has no people in one of the states.
    """
    stretch: Floats
    """(G, G) float64: Mean hops after / before, over the pairs with a route both times [1]; 1
    without such pairs.
    """
    capacity_left: Floats
    """(G,) float64: Share of the capacity at each state's border that is left [1]; 1 if there was
    none before.
    """
    load: Floats
    """(G,) float64: Traffic per capacity at each state's border, relative to before [1]; 1 if no
    capacity is left.
    """

    @property
    def domestic_reach(self) -> Floats:
        """Share of the people at home whom a person of each state reaches, (G,) [1]."""
        return np.diag(self.reach)


def coupling(
    graph: Graph,
    cut: Cut | str | Iterable[str] | None = None,
    facts: str | tuple[str, ...] = "world-2020",
) -> Coupling:
    """Return the reach between states under a cut, and the quality of their routes; results are
    cached by graph and cut.

    Parameters
    ----------
    graph : Graph
        The carriers, such as those of `splinternet.network.graph`.
    cut : Cut, str, or iterable of str, optional
        Everything that is cut at the time.
    facts : str or tuple of str
        The name of the fact tables that define the states, or the states themselves, including
        ``XX``.
    """
    return _coupling(graph, read_cut(cut, graph), facts)


@lru_cache(maxsize=256)
def _coupling(graph: Graph, cut: Cut, facts: str | tuple[str, ...]) -> Coupling:
    """Compute a coupling."""
    comparison = compare(graph, cut)
    states = tuple(load_facts(facts).states) if isinstance(facts, str) else facts
    size = len(states)
    rest = states.index(REST_OF_WORLD)
    group = np.array(
        [states.index(code) if code in states else rest for code in graph.state_codes], np.int64
    )

    def by_pair(amounts: Floats) -> Floats:
        total = np.zeros((size, size))
        np.add.at(total, (group[:, None], group[None, :]), amounts)
        return total

    def ratio(part: Floats, whole: Floats) -> Floats:
        table = np.nan_to_num(shares(part, whole), nan=1.0)  # no pairs, so no change
        table.flags.writeable = False  # it is shared
        return table

    people, before, kept, after = (
        np.bincount(group, amounts, minlength=size)
        for amounts in (comparison.before.people, *comparison.border)
    )
    hops_before, hops_after = (by_pair(sums) for sums in comparison.hop_sums)
    return Coupling(
        states,
        reach=ratio(by_pair(comparison.after.reached), np.outer(people, people)),
        stretch=ratio(hops_after, hops_before),
        capacity_left=ratio(kept, before),
        load=ratio(after, kept),
    )
