"""Make a carrier graph from AS numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from sim.errors import InputError, Problem
from sim.network.graph import UNKNOWN, Graph, Ints, pair_key


def build_graph(
    transit: Sequence[tuple[int, int]] | Ints,
    peering: Sequence[tuple[int, int]] | Ints,
    *,
    asns: Sequence[int] | Ints = (),
    states: Mapping[int, str] | None = None,
    people: Mapping[int, int] | None = None,
    names: Mapping[int, str] | None = None,
) -> Graph:
    """Make a graph from AS numbers.

    Parameters
    ----------
    transit : (T, 2) int
        Paid links: customer, provider.
    peering : (Q, 2) int
        Peering links.
    asns : (K,) int, optional
        ASes that are there even without a link.
    states, people, names : mapping of AS number, optional
        Its state (`UNKNOWN` where missing), people (0 where missing; 1 each without the mapping) and name.

    Raises
    ------
    InputError
        There is a circle of customers and providers, or two ASes have two links.
    """
    paid, free = (np.asarray(links, np.int64).reshape(-1, 2) for links in (transit, peering))
    numbers = np.unique(np.concatenate([paid.ravel(), free.ravel(), np.asarray(asns, np.int64).ravel()]))
    ends = [np.searchsorted(numbers, side).astype(np.int32) for side in (*paid.T, *free.T)]
    customer, provider = _sorted_links(ends[0], ends[1])
    one, other = _sorted_links(np.minimum(ends[2], ends[3]), np.maximum(ends[2], ends[3]))
    n = len(numbers)
    keys = np.concatenate([pair_key(customer, provider, n), pair_key(one, other, n)])
    if len(np.unique(keys)) < len(keys) or (customer == provider).any() or (one == other).any():
        raise InputError(Problem("", "two links between the same two ASes, or one from an AS to itself", "one link"))
    found = [(states or {}).get(int(asn), UNKNOWN) for asn in numbers]
    codes = tuple(sorted(set(found)))
    where = {code: at for at, code in enumerate(codes)}
    carried = [1 if people is None else people.get(int(asn), 0) for asn in numbers]
    graph = Graph(
        asns=numbers,
        state_codes=codes,
        state_of=np.array([where[code] for code in found], np.int16),
        people=np.array(carried, np.int64),
        customer=customer,
        provider=provider,
        peer_a=one,
        peer_b=other,
        link_ids=np.arange(len(customer) + len(one), dtype=np.int32),
        names=tuple((names or {}).get(int(asn), "") for asn in numbers),
    )
    _ = graph.order  # refuses circles
    return graph


def _sorted_links(one: Ints, other: Ints) -> tuple[Ints, Ints]:
    """Return links in ascending order of their first, then second side."""
    order = np.lexsort((other, one))
    return one[order], other[order]
