"""Graphs of links of a user's own: what they hold, and what is refused."""

from __future__ import annotations

import pytest

from splinternet.errors import InputError
from splinternet.network import UNKNOWN, build_graph, reachable

PAID, FREE = [(3, 1), (4, 2)], [(1, 2), (3, 4)]


def test_a_graph_has_the_links_states_and_people_that_it_is_made_of() -> None:
    graph = build_graph(PAID, FREE, states={1: "US", 3: "CN"}, people={1: 10, 3: 30, 4: 2})
    asns = graph.asns
    assert set(
        zip(asns[graph.customer].tolist(), asns[graph.provider].tolist(), strict=True)
    ) == set(PAID)
    assert set(zip(asns[graph.peer_a].tolist(), asns[graph.peer_b].tolist(), strict=True)) == set(
        FREE
    )
    assert graph.states == ("US", UNKNOWN, "CN", UNKNOWN)
    assert graph.people.tolist() == [10, 0, 30, 2]
    assert build_graph(PAID, FREE).people.tolist() == [1, 1, 1, 1]
    assert reachable(graph).has(3, 2) and not reachable(build_graph(PAID, [])).has(3, 2)


def test_a_circle_is_named() -> None:
    with pytest.raises(InputError, match=r"is a customer of .* is a customer of .*: a circle"):
        build_graph([(9, 7), (2, 1), (3, 2), (1, 8), (1, 3), (9, 1)], [])


def test_a_graph_keeps_to_one_link_for_two() -> None:
    for paid, free in (
        ([(1, 2), (2, 1)], []),
        ([(1, 2)], [(2, 1)]),
        ([], [(1, 2), (2, 1)]),
        ([(3, 3)], []),
    ):
        with pytest.raises(InputError):
            build_graph(paid, free)


def test_customers_come_before_their_providers() -> None:
    graph = build_graph([(4, 3), (3, 2), (2, 1), (4, 1), (5, 1)], [(5, 3)])
    place = {int(at): where for where, at in enumerate(graph.order)}
    assert all(
        place[int(c)] < place[int(p)] for c, p in zip(graph.customer, graph.provider, strict=True)
    )
