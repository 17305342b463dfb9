"""The kernel that grows a carrier graph: who buys from whom, then who peers with whom."""

from __future__ import annotations

from typing import Any, NamedTuple

from sim.chance import uniform
from sim.kernels import kernel, leaf, part

TOP, TRANSIT, CONTENT, EDGE = 0, 1, 2, 3
MOST_LINKS = 48
"""Links that one network may open; the paper's means are far below."""
_DRAWS = 64  # random numbers reserved for one link, to try to find a new neighbour


class Means(NamedTuple):
    """The rules at the size of the graph, as in `sim/facts/growth.csv`, and how many top carriers there are."""

    transit_providers: float
    content_providers: float
    edge_providers: float
    transit_peers: float
    content_transit_peers: float
    content_peers: float
    top_provider_chance: float
    edge_top_provider_chance: float
    transit_second_state: float
    content_second_state: float
    tops: int


class Room(NamedTuple):
    """Arrays that the kernel fills, for N carriers, S states and M transit carriers."""

    members: Any  # (S, M): transit carriers present in each state
    n_members: Any  # (S,)
    second: Any  # (N,): a second state, or -1
    gateway: Any  # (N,): whether it may have links abroad where that needs leave
    degree: Any  # (N,): all links
    peering: Any  # (N,): peering links
    above: Any  # (M, M): whether the second sells to the first, directly or not
    chosen: Any  # (N,): the last network that considered each one
    links: Any  # (K, 2): customer, provider; then peers
    ends: Any  # (2,): end of the paid links, end of all
    near: Any  # (N, MOST_LINKS): those each one opened a link with
    n_near: Any  # (N,)


@leaf
def _whole(u: float, low: int, mean: float) -> int:
    """Return a whole number from ``low`` up, evenly spread, with the mean given."""
    span = 2.0 * (mean - low)
    whole = int(span)
    drawn = low + int(u * (whole + 1))
    # the rest of the span: one more, with half its size as the chance; drawn from the digits of u that are left
    rest = u * (whole + 1) - int(u * (whole + 1))
    return drawn + (1 if rest < (span - whole) / 2.0 else 0)


@leaf
def _closed(home: Any, limits: Any, gateway: Any, x: int) -> bool:
    """Return whether a carrier may have no links abroad."""
    return limits[home[x]] >= 0 and not gateway[x]


@leaf
def _open_link(x: int, y: int, room: Any, which: int) -> None:
    """Write a link down."""
    if which == 0:
        room.ends[0] += 1
    room.links[room.ends[1], 0] = x
    room.links[room.ends[1], 1] = y
    room.ends[1] += 1
    room.degree[x] += 1
    room.degree[y] += 1
    room.near[x, room.n_near[x]] = y
    room.n_near[x] += 1


@part
def _pick_provider(key: Any, x: int, item: int, home: Any, limits: Any, means: Any, room: Any) -> int:
    """Return a transit carrier present in x's state, the rather the more links it has; -1 when there is none left."""
    closed = _closed(home, limits, room.gateway, x)
    total = 0
    for turn in range(2):
        state = home[x] if turn == 0 else room.second[x]
        if state < 0:
            continue
        for one in range(room.n_members[state]):
            y = room.members[state, one]
            if y != x and room.chosen[y] != x and _may(home, limits, room.gateway, closed, x, y):
                total += room.degree[y]
    if total == 0:
        return -1
    left = uniform(key, x, item) * total
    last = -1
    for turn in range(2):
        state = home[x] if turn == 0 else room.second[x]
        if state < 0:
            continue
        for one in range(room.n_members[state]):
            y = room.members[state, one]
            if y != x and room.chosen[y] != x and _may(home, limits, room.gateway, closed, x, y):
                left -= room.degree[y]
                last = y
                if left < 0:
                    return last
    return last


@leaf
def _may(home: Any, limits: Any, gateway: Any, closed: bool, x: int, y: int) -> bool:
    """Return whether two carriers may have a link: at home always, abroad only if neither is closed."""
    return home[x] == home[y] or not (closed or (limits[home[y]] >= 0 and not gateway[y]))


@part
def _pick_top(key: Any, x: int, item: int, home: Any, limits: Any, means: Any, room: Any) -> int:
    """Return a top carrier, the rather the more links it has; -1 when there is none left or x may not go abroad."""
    closed = _closed(home, limits, room.gateway, x)
    total = 0
    for y in range(means.tops):
        if room.chosen[y] != x and _may(home, limits, room.gateway, closed, x, y):
            total += room.degree[y] + 1
    if total == 0:
        return -1
    left = uniform(key, x, item) * total
    last = -1
    for y in range(means.tops):
        if room.chosen[y] != x and _may(home, limits, room.gateway, closed, x, y):
            left -= room.degree[y] + 1
            last = y
            if left < 0:
                return last
    return last


@part
def _settle(key: Any, x: int, kind: int, home: Any, limits: Any, means: Any, room: Any) -> None:
    """Say where a new network is present, and whether it is one of its state's gateways."""
    chance = means.transit_second_state if kind == TRANSIT else means.content_second_state
    state = home[x]
    if kind == TRANSIT and limits[state] >= 0 and room.n_members[state] < limits[state]:
        room.gateway[x] = True
    if kind != EDGE and uniform(key, x, 0) < chance and not _closed(home, limits, room.gateway, x):
        other = int(uniform(key, x, 1) * len(limits))
        if other != state and limits[other] < 0:
            room.second[x] = other
    if kind == TRANSIT:
        room.members[state, room.n_members[state]] = x
        room.n_members[state] += 1
        if room.second[x] >= 0:
            room.members[room.second[x], room.n_members[room.second[x]]] = x
            room.n_members[room.second[x]] += 1


@part
def _buy(key: Any, x: int, kind: int, home: Any, limits: Any, means: Any, room: Any) -> None:
    """Choose the providers of a new network."""
    mean = means.transit_providers if kind == TRANSIT else means.content_providers
    if kind == EDGE:
        mean = means.edge_providers
    chance = means.edge_top_provider_chance if kind == EDGE else means.top_provider_chance
    for one in range(min(_whole(uniform(key, x, 2), 1, mean), MOST_LINKS)):
        item = 3 + one * _DRAWS
        to_top = uniform(key, x, item) < chance
        y = _pick_top(key, x, item + 1, home, limits, means, room) if to_top else -1
        if y < 0:
            y = _pick_provider(key, x, item + 2, home, limits, means, room)
        if y < 0:
            y = _pick_top(key, x, item + 3, home, limits, means, room)
        if y < 0 and one == 0:  # a state without a gateway gets one, so that it has a way out
            y = 0
        if y < 0:
            return
        room.chosen[y] = x
        _open_link(x, y, room, 0)
        if kind == TRANSIT and y >= means.tops:
            a, b = x - means.tops, y - means.tops
            room.above[a, b] = True
            for z in range(len(room.above)):
                room.above[a, z] |= room.above[b, z]


@part
def _linked(x: int, y: int, room: Any) -> bool:
    """Return whether two networks have a link that either of them opened."""
    for one in range(room.n_near[x]):
        if room.near[x, one] == y:
            return True
    found = False
    for one in range(room.n_near[y]):
        found |= room.near[y, one] == x
    return found


@part
def _peer(
    key: Any, x: int, first: int, last: int, mean: float, item: int, home: Any, limits: Any, means: Any, room: Any
) -> None:
    """Open the peering links of a network with those from ``first`` to ``last``.

    Transit carriers choose, all over the world, the rather the more peers one has; content networks choose evenly in
    their own state (or second state).
    """
    closed = _closed(home, limits, room.gateway, x)
    middle = x - means.tops < len(room.above)
    for one in range(min(_whole(uniform(key, x, item), 0, mean), MOST_LINKS - room.n_near[x])):
        total = 0
        for turn in range(2):
            left = uniform(key, x, item + 1 + one) * total
            for y in range(first, last):
                if y == x or _linked(x, y, room) or not _may(home, limits, room.gateway, closed, x, y):
                    continue
                if middle:
                    a, b = x - means.tops, y - means.tops
                    if room.above[a, b] or room.above[b, a]:
                        continue
                elif home[y] != home[x] and home[y] != room.second[x]:
                    continue
                weight = room.peering[y] + 1 if middle else 1
                if turn == 0:
                    total += weight
                else:
                    left -= weight
                    if left < 0:
                        _open_link(x, y, room, 1)
                        room.peering[x] += 1
                        room.peering[y] += 1
                        break
        if total == 0:
            return


@kernel
def grow(key: Any, kinds: Any, home: Any, limits: Any, means: Any, room: Any) -> None:
    """Grow the graph: paid links first, network by network, then peering links."""
    n, tops, middle = len(kinds), means.tops, len(room.above)
    content = 0
    for x in range(n):
        if kinds[x] == CONTENT:
            content += 1
        if kinds[x] != TOP:
            _settle(key, x, kinds[x], home, limits, means, room)
            _buy(key, x, kinds[x], home, limits, means, room)
    for x in range(tops):
        for y in range(x):
            _open_link(x, y, room, 1)
    for x in range(tops, tops + middle):
        _peer(key, x, tops, tops + middle, means.transit_peers, 5000, home, limits, means, room)
    for x in range(tops + middle, tops + middle + content):
        _peer(key, x, tops, tops + middle, means.content_transit_peers, 6000, home, limits, means, room)
        _peer(key, x, tops + middle, tops + middle + content, means.content_peers, 7000, home, limits, means, room)
