"""Grow a carrier graph with states, after Elmokashfi, Kvalbein & Dovrolis 2010.

A few top carriers peer with one another. Then transit carriers, content networks and customer networks are added. Each
buys from carriers that are present in its state, more probably from those with many links. Then peering links are
added. States replace the paper's regions, and each network belongs to one state. With ``gateways``, a state allows only
that many of its transit carriers to have links abroad, as China does; all other networks there buy at home. The numbers
of the rules are in `sim/facts/growth.csv`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ..core.chance import Purpose, stream, uniform_plain
from ..errors import InputError, Problem
from ..facts import load_facts
from ..facts.model import GrowthRule
from ..facts.network import carrier_counts
from ..facts.tables import quantities, read
from .graph import Graph, Ints, build_graph

SMALLEST, LARGEST = 100, 100_000
MOST_LINKS = 48
"""Links that one network may open; the paper's means are far below."""
_DRAWS = 64  # random numbers reserved for one link, to try to find a new neighbour


def growth(
    n: int,
    seed: int = 1,
    *,
    states: Mapping[str, float] | Sequence[str] | None = None,
    gateways: Mapping[str, int] | None = None,
) -> Graph:
    """Grow a graph; the paper's rules are meant for 1,000 to 10,000 carriers.

    Parameters
    ----------
    n : int
        Carriers.
    seed : int
        The same seed, the same graph.
    states : mapping of str to float, or sequence of str, optional
        Alpha-2 codes with their shares of the carriers, or codes alone for equal shares; by default the states of the
        facts with their numbers of carriers. People are those of the facts (1 million in any other state), spread
        evenly over the state's transit and customer networks.
    gateways : mapping of str to int, optional
        State -> how many of its transit carriers may have links abroad.

    Raises
    ------
    InputError
        A number out of range, or a gateway state that is not among the states.
    """
    if not SMALLEST <= n <= LARGEST:
        raise InputError(Problem("n", f"{n} carriers", f"{SMALLEST:,} to {LARGEST:,}"))
    if states is None:
        states = {code: count.value for code, count in carrier_counts().items()}
    given = dict(states) if isinstance(states, Mapping) else dict.fromkeys(states, 1.0)
    if not given or min(given.values()) <= 0:
        raise InputError(Problem("states", f"{given or 'no state'}", "codes of states with shares above 0"))
    codes, total = tuple(sorted(given)), sum(given.values())
    limits = np.full(len(codes), -1, np.int64)
    for code, limit in (gateways or {}).items():
        if code not in given or limit < 1:
            raise InputError(Problem("gateways", f"{code}: {limit}", f"at least 1, for one of {', '.join(codes)}"))
        limits[codes.index(code)] = limit
    rules = {name.removeprefix("growth."): rule for name, rule in quantities(read(GrowthRule)).items()}
    means = {name: rule.value for name, rule in rules.items()}
    for name in means.keys() & {gain.removesuffix("_gain") for gain in rules if gain.endswith("_gain")}:
        means[name] += means[f"{name}_gain"] * n / 10_000
    low, high = int(rules["top_carriers"].low), int(rules["top_carriers"].high)
    tops = low + int(uniform_plain(stream(seed, Purpose.GROWTH), 0) * (high - low + 1))
    transit, content = (round(rules[name].value * n) for name in ("transit_share", "content_share"))
    key, edges = stream(seed, Purpose.GROWTH, 10), np.cumsum([given[code] / total for code in codes])
    drawn = [uniform_plain(key, at) for at in range(n)]
    home = np.minimum(np.searchsorted(edges, drawn, side="right"), len(codes) - 1).astype(np.int64)
    grown = _Growth(home, limits, tops, transit, content, means, int(stream(seed, Purpose.GROWTH, 2)))
    # Each state's people are spread over its transit and customer networks.
    facts, people = load_facts().states, np.zeros(n, np.int64)
    serves = np.ones(n, np.bool_)
    serves[:tops] = serves[tops + transit : tops + transit + content] = False
    for at, code in enumerate(codes):
        there = np.flatnonzero(serves & (home == at))
        users = round(facts[code].internet_users.value) if code in facts else 1_000_000
        if len(there):
            people[there] = users // len(there)
            people[there[: users % len(there)]] += 1
    return build_graph(
        np.array(grown.paid, np.int64) + 1,
        np.array(grown.peering, np.int64) + 1,
        asns=np.arange(1, n + 1),
        states={asn: codes[at] for asn, at in enumerate(home.tolist(), 1)},
        people=dict(enumerate(people.tolist(), 1)),
    )


class _Growth:
    """Networks that are added one by one, top carriers first, then transit, content and customer networks.

    Parameters
    ----------
    home : (N,) int64
        State of each network.
    limits : (S,) int64
        Transit carriers of each state that may have links abroad; -1 for all.
    tops, transit, content : int
        Top carriers, transit carriers (M) and content networks.
    means : mapping of str to float
        The rules at the size of the graph, by the names of ``growth.csv``.
    key : int
        Of the stream of random numbers.

    Attributes
    ----------
    paid, peering : list of (int, int)
        Links: customer and provider; two peers.
    """

    def __init__(
        self, home: Ints, limits: Ints, tops: int, transit: int, content: int, means: Mapping[str, float], key: int
    ) -> None:
        n, self.transits = len(home), tops + transit
        self.home, self.limits, self.tops, self.means, self.key = home, limits, tops, means, key
        self.paid, self.peering = list[tuple[int, int]](), list[tuple[int, int]]()
        # Transit carriers present in each state, and how many there are.
        self.members, self.n_members = np.zeros((len(limits), transit), np.int64), np.zeros(len(limits), np.int64)
        self.closed = limits[home] >= 0  # whether each may have no links abroad
        self.second = np.full(n, -1, np.int64)  # a second state, or -1
        self.buyer = np.full(n, -1, np.int64)  # the last network that bought from each one
        self.degree, self.n_peers, self.opened = np.zeros((3, n), np.int64)
        self.above = np.zeros((transit, transit), np.bool_)  # whether the second sells to the first, directly or not
        self.linked: list[set[int]] = [set() for _ in range(n)]
        for x in range(tops, n):
            kind = "transit" if x < self.transits else "content" if x < self.transits + content else "edge"
            if kind != "edge":
                self._place(x, kind)
            self._buy(x, kind)
        for x in range(tops):
            for y in range(x):
                self._open_link(x, y, self.peering)
        for x in range(tops, self.transits):
            self._peer(x, tops, self.transits, means["transit_peers"], 5000)
        for x in range(self.transits, self.transits + content):
            self._peer(x, tops, self.transits, means["content_transit_peers"], 6000)
            self._peer(x, self.transits, self.transits + content, means["content_peers"], 7000)

    def _count(self, x: int, item: int, low: int, mean: float) -> int:
        """Draw a whole number from ``low`` up, evenly spread, with the mean given."""
        span, u = 2.0 * (mean - low), uniform_plain(self.key, x, item)
        whole = int(span)
        # The rest of the span: one more, with half its size as the chance; drawn from the digits of u that are left.
        rest = u * (whole + 1) - int(u * (whole + 1))
        return low + int(u * (whole + 1)) + (1 if rest < (span - whole) / 2.0 else 0)

    def _may_link(self, x: int, others: Ints) -> np.ndarray:
        """Return with whom a network may have a link: at home always, abroad only if neither is closed."""
        return np.asarray((self.home[others] == self.home[x]) | ~(self.closed[x] | self.closed[others]))

    def _pick(self, x: int, item: int, weights: Ints) -> int:
        """Draw a place in a list, the rather the more it weighs; its length where nothing does."""
        total = np.cumsum(weights)
        if not len(total) or total[-1] == 0:
            return len(total)
        return int(np.searchsorted(total, uniform_plain(self.key, x, item) * total[-1], side="right"))

    def _open_link(self, x: int, y: int, links: list[tuple[int, int]]) -> None:
        links.append((x, y))
        self.degree[[x, y]] += 1
        self.opened[x] += 1
        self.linked[x].add(y)
        self.linked[y].add(x)

    def _place(self, x: int, kind: str) -> None:
        """Decide where a new network is present, and whether it is one of its state's gateways."""
        state = int(self.home[x])
        if kind == "transit" and self.n_members[state] < self.limits[state]:
            self.closed[x] = False
        if uniform_plain(self.key, x, 0) < self.means[f"{kind}_second_state"] and not self.closed[x]:
            other = int(uniform_plain(self.key, x, 1) * len(self.limits))
            if other != state and self.limits[other] < 0:
                self.second[x] = other
        if kind == "transit":
            for present in {state, int(self.second[x])} - {-1}:
                self.members[present, self.n_members[present]] = x
                self.n_members[present] += 1

    def _provider(self, x: int, item: int, *, top: bool) -> int:
        """Return a top carrier, or a transit carrier present in one of x's states, which sells nothing to x yet.

        The rather the more links it has; -1 when there is none left that x may have a link with.
        """
        present = [state for state in (int(self.home[x]), int(self.second[x])) if state >= 0]
        listed = [self.members[state, : self.n_members[state]] for state in present]
        candidates = np.arange(self.tops) if top else np.concatenate(listed)
        candidates = candidates[(candidates != x) & (self.buyer[candidates] != x) & self._may_link(x, candidates)]
        at = self._pick(x, item, self.degree[candidates] + int(top))
        return int(candidates[at]) if at < len(candidates) else -1

    def _buy(self, x: int, kind: str) -> None:
        """Choose the providers of a new network."""
        chance = self.means["edge_top_provider_chance" if kind == "edge" else "top_provider_chance"]
        for link in range(min(self._count(x, 2, 1, self.means[f"{kind}_providers"]), MOST_LINKS)):
            item = 3 + link * _DRAWS
            tries = ((item + 1, True),) if uniform_plain(self.key, x, item) < chance else ()
            sellers = (self._provider(x, at, top=top) for at, top in (*tries, (item + 2, False), (item + 3, True)))
            # A state without a gateway gets one, so that it has a way out.
            y = next((y for y in sellers if y >= 0), 0 if link == 0 else -1)
            if y < 0:
                return
            self._open_link(x, y, self.paid)
            self.buyer[y] = x
            if kind == "transit" and y >= self.tops:
                self.above[x - self.tops, y - self.tops] = True
                self.above[x - self.tops] |= self.above[y - self.tops]

    def _peer(self, x: int, first: int, last: int, mean: float, item: int) -> None:
        """Open the peering links of a network with those from ``first`` to ``last``.

        Transit carriers choose, all over the world, the rather the more peers one has; content networks choose evenly
        in their own state (or second state).
        """
        others, is_transit = np.arange(first, last), x < self.transits
        fits = self._may_link(x, others) & (others != x)
        if is_transit:
            fits &= ~(self.above[x - self.tops] | self.above[:, x - self.tops])
        else:
            fits &= (self.home[others] == self.home[x]) | (self.home[others] == self.second[x])
        for link in range(min(self._count(x, item, 0, mean), MOST_LINKS - int(self.opened[x]))):
            fits[[y - first for y in self.linked[x] if first <= y < last]] = False
            at = self._pick(x, item + 1 + link, np.where(fits, self.n_peers[others] + 1 if is_transit else 1, 0))
            if not fits.any():
                return
            if at < len(others):
                self._open_link(x, first + at, self.peering)
                self.n_peers[[x, first + at]] += 1
