"""Grow a carrier graph with states, after Elmokashfi, Kvalbein & Dovrolis 2010.

A few top carriers peer with one another. Then transit carriers, content networks and customer networks are added. Each
buys from carriers that are present in its state, more probably from those with many links. Then peering links are
added. States replace the paper's regions, and each network belongs to one state. With ``gateways``, a state allows only
that many of its transit carriers to have links abroad, as China does; all other networks there buy at home. The numbers
of the rules are in `sim/facts/growth.csv`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sim.chance import Purpose, stream, uniform_plain
from sim.errors import InputError, Problem
from sim.facts import load_facts
from sim.facts.growth import carrier_counts, growth_rules
from sim.network import growing
from sim.network.build import build_graph
from sim.network.graph import Graph, Ints

SMALLEST, LARGEST = 100, 100_000
_KEYS = {kind: at for at, kind in enumerate(("state", "second", "link"))}


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
    kinds, numbers = _sizes(n, seed)
    home = _homes(n, seed, np.array([shares[code] for code in codes]))
    transit, peering = _links(kinds, numbers, home, limits, stream(seed, Purpose.GROWTH, _KEYS["link"]))
    asns = np.arange(1, n + 1)
    people = _people(kinds, home, codes)
    return build_graph(
        transit + 1,
        peering + 1,
        asns=asns,
        states={asn: codes[at] for asn, at in enumerate(home.tolist(), 1)},
        people=dict(enumerate(people.tolist(), 1)),
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


def _sizes(n: int, seed: int) -> tuple[Ints, dict[str, float]]:
    """Return the kind of each carrier, (N,) int8, and the means that hold for this size."""
    rules = {name.removeprefix("growth."): rule for name, rule in growth_rules().items()}
    key = stream(seed, Purpose.GROWTH)
    low, high = (int(edge) for edge in (rules["top_carriers"].low, rules["top_carriers"].high))
    top = low + int(uniform_plain(key, 0) * (high - low + 1))
    middle, content = (round(rules[name].value * n) for name in ("transit_share", "content_share"))
    kinds = np.repeat(
        np.array([growing.TOP, growing.TRANSIT, growing.CONTENT, growing.EDGE], np.int8),
        [top, middle, content, n - top - middle - content],
    )
    numbers = {name: rule.value for name, rule in rules.items()}
    for name in [name for name in numbers if name.endswith("_gain")]:
        numbers[name.removesuffix("_gain")] += numbers[name] * n / 10_000
    return kinds, numbers


def _homes(n: int, seed: int, shares: Any) -> Ints:
    """Return the state of each carrier, (N,) int64."""
    key = stream(seed, Purpose.GROWTH, _KEYS["state"] + 10)
    drawn = [uniform_plain(key, at) for at in range(n)]
    return np.minimum(np.searchsorted(np.cumsum(shares), drawn, side="right"), len(shares) - 1).astype(np.int64)


def _links(kinds: Ints, numbers: dict[str, float], home: Ints, limits: Ints, key: np.uint64) -> tuple[Ints, Ints]:
    """Return links of customers to providers and between peers, (T, 2) and (Q, 2) positions."""
    n, n_states = len(kinds), len(limits)
    middle = int((kinds == growing.TRANSIT).sum())
    tops = float((kinds == growing.TOP).sum())
    means = growing.Means._make({**numbers, "tops": tops}[name] for name in growing.Means._fields)
    room = growing.Room(
        members=np.zeros((n_states, middle), np.int32),
        n_members=np.zeros(n_states, np.int64),
        second=np.full(n, -1, np.int64),
        gateway=np.zeros(n, np.bool_),
        degree=np.zeros(n, np.int64),
        peering=np.zeros(n, np.int64),
        above=np.zeros((middle, middle), np.bool_),
        chosen=np.full(n, -1, np.int64),
        links=np.zeros((n * growing.MOST_LINKS, 2), np.int32),
        ends=np.zeros(2, np.int64),
        near=np.zeros((n, growing.MOST_LINKS), np.int32),
        n_near=np.zeros(n, np.int64),
    )
    growing.grow(key, kinds, home, limits, means._replace(tops=int(tops)), room)
    paid, all_links = room.ends
    return room.links[:paid].astype(np.int64), room.links[paid:all_links].astype(np.int64)


def _people(kinds: Ints, home: Ints, codes: tuple[str, ...]) -> Ints:
    """Spread each state's people over its transit and customer networks [persons]."""
    known = load_facts().states
    people = np.zeros(len(kinds), np.int64)
    serves = (kinds == growing.TRANSIT) | (kinds == growing.EDGE)
    for at, code in enumerate(codes):
        there = np.flatnonzero(serves & (home == at))
        whole = round(known[code].internet_users.value) if code in known else 1_000_000
        if len(there):
            people[there] = whole // len(there)
            people[there[: whole % len(there)]] += 1
    return people
