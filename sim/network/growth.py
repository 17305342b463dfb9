"""Grow a carrier graph with states, after Elmokashfi, Kvalbein & Dovrolis 2010.

A few top carriers peer with one another. Then transit carriers, content networks and customer networks are added. Each
buys from carriers that are present in its state, more probably from those with many links. Then peering links are
added. States replace the paper's regions, and each network belongs to one state. With ``gateways``, a state allows only
that many of its transit carriers to have links abroad, as China does; all other networks there buy at home. The numbers
of the rules are in `sim/facts/growth.csv`.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sim.core.chance import Purpose, stream, uniform, uniform_plain
from sim.core.kernels import kernel, leaf, part
from sim.errors import InputError, Problem
from sim.facts import load_facts
from sim.facts.network import carrier_counts
from sim.facts.parameters import GrowthRule
from sim.facts.tables import quantities, read
from sim.network.graph import Graph, Ints, build_graph

SMALLEST, LARGEST = 100, 100_000
TOP, TRANSIT, CONTENT, EDGE = 0, 1, 2, 3
MOST_LINKS = 48
"""Links that one network may open; the paper's means are far below."""
_DRAWS = 64  # random numbers reserved for one link, to try to find a new neighbour

Means = namedtuple("Means", [
    "transit_providers", "content_providers", "edge_providers", "transit_peers", "content_transit_peers",
    "content_peers", "top_provider_chance", "edge_top_provider_chance", "transit_second_state", "content_second_state",
])  # fmt: skip
"""The rules at the size of the graph, by the names of ``growth.csv``."""
World = namedtuple("World", [
    "tops",  # number of top carriers
    "home",  # (N,): state of each carrier
    "limits",  # (S,): transit carriers that may have links abroad; -1 for all
    "members",  # (S, M): transit carriers present in each state
    "n_members",  # (S,)
    "second",  # (N,): a second state, or -1
    "gateway",  # (N,): whether it may have links abroad where that needs leave
    "degree",  # (N,): all links
    "peering",  # (N,): peering links
    "above",  # (M, M): whether the second sells to the first, directly or not
    "chosen",  # (N,): the last network that considered each one
    "links",  # (K, 2): customer, provider; then peers
    "ends",  # (2,): end of the paid links, end of all
    "near",  # (N, MOST_LINKS): those each one opened a link with
    "n_near",  # (N,)
    "pool",  # (3 M + tops,): candidates of one choice
])  # fmt: skip
"""Arrays that the kernel fills, for N carriers, S states and M transit carriers."""


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
    shares = _shares(states)
    codes = tuple(sorted(shares))
    limits = np.full(len(codes), -1, np.int64)
    for code, limit in (gateways or {}).items():
        if code not in shares or limit < 1:
            raise InputError(Problem("gateways", f"{code}: {limit}", f"at least 1, for one of {', '.join(codes)}"))
        limits[codes.index(code)] = limit
    rules = {name.removeprefix("growth."): rule for name, rule in quantities(read(GrowthRule)).items()}
    key = stream(seed, Purpose.GROWTH)
    low, high = int(rules["top_carriers"].low), int(rules["top_carriers"].high)
    top = low + int(uniform_plain(key, 0) * (high - low + 1))
    middle, content = (round(rules[name].value * n) for name in ("transit_share", "content_share"))
    counts = [top, middle, content, n - top - middle - content]
    kinds = np.repeat(np.array([TOP, TRANSIT, CONTENT, EDGE], np.int8), counts)
    means = {name: rules[name].value for name in Means._fields}
    for name in means.keys() & {gain.removesuffix("_gain") for gain in rules if gain.endswith("_gain")}:
        means[name] += rules[f"{name}_gain"].value * n / 10_000
    key = stream(seed, Purpose.GROWTH, 10)
    drawn = [uniform_plain(key, at) for at in range(n)]
    edges = np.cumsum([shares[code] for code in codes])
    home = np.minimum(np.searchsorted(edges, drawn, side="right"), len(codes) - 1).astype(np.int64)
    world = _empty_world(n, middle, top, home, limits)
    _grow(stream(seed, Purpose.GROWTH, 2), kinds, Means(**means), world)
    paid, all_links = world.ends
    links, asns = world.links.astype(np.int64) + 1, np.arange(1, n + 1)
    return build_graph(
        links[:paid],
        links[paid:all_links],
        asns=asns,
        states={asn: codes[at] for asn, at in enumerate(home.tolist(), 1)},
        people=dict(enumerate(_people(kinds, home, codes).tolist(), 1)),
    )


def _empty_world(n: int, middle: int, tops: int, home: Ints, limits: Ints) -> Any:
    """Return a world of so many carriers, transit carriers and top carriers without links."""
    states = len(limits)
    return World(
        tops=tops,
        home=home,
        limits=limits,
        members=np.zeros((states, middle), np.int32),
        n_members=np.zeros(states, np.int64),
        second=np.full(n, -1, np.int64),
        gateway=np.zeros(n, np.bool_),
        degree=np.zeros(n, np.int64),
        peering=np.zeros(n, np.int64),
        above=np.zeros((middle, middle), np.bool_),
        chosen=np.full(n, -1, np.int64),
        links=np.zeros((n * MOST_LINKS, 2), np.int32),
        ends=np.zeros(2, np.int64),
        near=np.zeros((n, MOST_LINKS), np.int32),
        n_near=np.zeros(n, np.int64),
        pool=np.zeros(2 * middle + tops, np.int64),
    )


def _shares(states: Mapping[str, float] | Sequence[str] | None) -> dict[str, float]:
    """Return each state's share of the carriers, summing to 1."""
    if states is None:
        states = {code: count.value for code, count in carrier_counts().items()}
    given = dict(states) if isinstance(states, Mapping) else dict.fromkeys(states, 1.0)
    if not given or min(given.values()) <= 0:
        raise InputError(Problem("states", f"{given or 'no state'}", "codes of states with shares above 0"))
    total = sum(given.values())
    return {code: share / total for code, share in given.items()}


def _people(kinds: Ints, home: Ints, codes: tuple[str, ...]) -> Ints:
    """Spread each state's people over its transit and customer networks [persons]."""
    facts = load_facts().states
    people = np.zeros(len(kinds), np.int64)
    serves = (kinds == TRANSIT) | (kinds == EDGE)
    for at, code in enumerate(codes):
        there = np.flatnonzero(serves & (home == at))
        total = round(facts[code].internet_users.value) if code in facts else 1_000_000
        if len(there):
            people[there] = total // len(there)
            people[there[: total % len(there)]] += 1
    return people


@leaf
def _draw_count(u: float, low: int, mean: float) -> int:
    """Return a whole number from ``low`` up, evenly spread, with the mean given."""
    span = 2.0 * (mean - low)
    whole = int(span)
    drawn = low + int(u * (whole + 1))
    # The rest of the span: one more, with half its size as the chance; drawn from the digits of u that are left.
    rest = u * (whole + 1) - int(u * (whole + 1))
    return drawn + (1 if rest < (span - whole) / 2.0 else 0)


@leaf
def _closed(x: int, w: Any) -> bool:
    """Return whether a carrier may have no links abroad."""
    return w.limits[w.home[x]] >= 0 and not w.gateway[x]


@leaf
def _may_link(x: int, y: int, w: Any) -> bool:
    """Return whether two carriers may have a link: at home always, abroad only if neither is closed."""
    return w.home[x] == w.home[y] or not (_closed(x, w) or _closed(y, w))


@leaf
def _open_link(x: int, y: int, paid: int, w: Any) -> None:
    """Write a link down; ``paid`` is 1 where the second sells to the first, 0 where they peer."""
    w.ends[0] += paid
    w.links[w.ends[1], 0] = x
    w.links[w.ends[1], 1] = y
    w.ends[1] += 1
    w.degree[x] += 1
    w.degree[y] += 1
    w.near[x, w.n_near[x]] = y
    w.n_near[x] += 1


@part
def _choose(key: Any, x: int, item: int, top: int, w: Any) -> int:
    """Return a top carrier (``top`` 1), or a transit carrier present in one of x's states, which x has not chosen yet.

    The rather the more links it has; -1 when there is none left that x may have a link with.
    """
    n, total = 0, 0
    if top == 1:
        for y in range(w.tops):
            w.pool[n] = y
            n += 1
    else:
        for turn in range(2):
            state = w.home[x] if turn == 0 else w.second[x]
            for one in range(w.n_members[state] if state >= 0 else 0):
                w.pool[n] = w.members[state, one]
                n += 1
    fits = 0
    for one in range(n):
        y = w.pool[one]
        if y != x and w.chosen[y] != x and _may_link(x, y, w):
            w.pool[fits] = y
            fits += 1
            total += w.degree[y] + top
    if total == 0:
        return -1
    left = uniform(key, x, item) * total
    for one in range(fits):
        left -= w.degree[w.pool[one]] + top
        if left < 0:
            return int(w.pool[one])
    return int(w.pool[fits - 1])


@part
def _place(key: Any, x: int, kind: int, means: Any, w: Any) -> None:
    """Decide where a new network is present, and whether it is one of its state's gateways."""
    chance = means.transit_second_state if kind == TRANSIT else means.content_second_state
    state = w.home[x]
    if kind == TRANSIT and w.limits[state] >= 0 and w.n_members[state] < w.limits[state]:
        w.gateway[x] = True
    if kind != EDGE and uniform(key, x, 0) < chance and not _closed(x, w):
        other = int(uniform(key, x, 1) * len(w.limits))
        if other != state and w.limits[other] < 0:
            w.second[x] = other
    if kind == TRANSIT:
        w.members[state, w.n_members[state]] = x
        w.n_members[state] += 1
        if w.second[x] >= 0:
            w.members[w.second[x], w.n_members[w.second[x]]] = x
            w.n_members[w.second[x]] += 1


@part
def _buy(key: Any, x: int, kind: int, means: Any, w: Any) -> None:
    """Choose the providers of a new network."""
    mean = means.transit_providers if kind == TRANSIT else means.content_providers
    if kind == EDGE:
        mean = means.edge_providers
    chance = means.edge_top_provider_chance if kind == EDGE else means.top_provider_chance
    for one in range(min(_draw_count(uniform(key, x, 2), 1, mean), MOST_LINKS)):
        item = 3 + one * _DRAWS
        to_top = uniform(key, x, item) < chance
        y = _choose(key, x, item + 1, 1, w) if to_top else -1
        if y < 0:
            y = _choose(key, x, item + 2, 0, w)
        if y < 0:
            y = _choose(key, x, item + 3, 1, w)
        if y < 0 and one == 0:  # a state without a gateway gets one, so that it has a way out
            y = 0
        if y < 0:
            return
        w.chosen[y] = x
        _open_link(x, y, 1, w)
        if kind == TRANSIT and y >= w.tops:
            a, b = x - w.tops, y - w.tops
            w.above[a, b] = True
            for z in range(len(w.above)):
                w.above[a, z] |= w.above[b, z]


@part
def _linked(x: int, y: int, w: Any) -> bool:
    """Return whether two networks have a link that either of them opened."""
    for one in range(w.n_near[x]):
        if w.near[x, one] == y:
            return True
    opened = False
    for one in range(w.n_near[y]):
        opened |= w.near[y, one] == x
    return opened


@part
def _peer(key: Any, x: int, first: int, last: int, mean: float, item: int, w: Any) -> None:
    """Open the peering links of a network with those from ``first`` to ``last``.

    Transit carriers choose, all over the world, the rather the more peers one has; content networks choose evenly in
    their own state (or second state).
    """
    middle = x - w.tops < len(w.above)
    for one in range(min(_draw_count(uniform(key, x, item), 0, mean), MOST_LINKS - w.n_near[x])):
        total = 0
        for turn in range(2):
            left = uniform(key, x, item + 1 + one) * total
            for y in range(first, last):
                if y == x or _linked(x, y, w) or not _may_link(x, y, w):
                    continue
                if middle:
                    a, b = x - w.tops, y - w.tops
                    if w.above[a, b] or w.above[b, a]:
                        continue
                elif w.home[y] != w.home[x] and w.home[y] != w.second[x]:
                    continue
                weight = w.peering[y] + 1 if middle else 1
                if turn == 0:
                    total += weight
                else:
                    left -= weight
                    if left < 0:
                        _open_link(x, y, 0, w)
                        w.peering[x] += 1
                        w.peering[y] += 1
                        break
        if total == 0:
            return


@kernel
def _grow(key: Any, kinds: Any, means: Any, w: Any) -> None:
    """Grow the graph: paid links first, network by network, then peering links."""
    n, tops, middle = len(kinds), w.tops, len(w.above)
    content = 0
    for x in range(n):
        if kinds[x] == CONTENT:
            content += 1
        if kinds[x] != TOP:
            _place(key, x, kinds[x], means, w)
            _buy(key, x, kinds[x], means, w)
    for x in range(tops):
        for y in range(x):
            _open_link(x, y, 0, w)
    for x in range(tops, tops + middle):
        _peer(key, x, tops, tops + middle, means.transit_peers, 5000, w)
    for x in range(tops + middle, tops + middle + content):
        _peer(key, x, tops, tops + middle, means.content_transit_peers, 6000, w)
        _peer(key, x, tops + middle, tops + middle + content, means.content_peers, 7000, w)
