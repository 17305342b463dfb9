"""Who reaches whom: by hand, against a plain search, and against matrix-bgpsim."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from matrix_bgpsim import RMatrix
from network_plain import grown, random_graph, reaches

import splinternet as sn
from splinternet.errors import InputError
from splinternet.network import NO_ROUTE, Cut, Graph, PathRule, build_graph, find_routes, reachable

#     1 ---- 2        top carriers, peers
#    / \      \
#   3   4      5      3 and 4 buy from 1, 5 from 2; 4 and 5 peer
#   |   |      |
#   6   7      8
TOY_PAID = [(3, 1), (4, 1), (5, 2), (6, 3), (7, 4), (8, 5)]
TOY_PEERS = [(1, 2), (4, 5)]
TOY_STATES = {1: "US", 2: "US", 3: "US", 6: "US", 4: "CN", 7: "CN", 5: "RU", 8: "RU"}


def toy(**changes: object) -> Graph:
    return build_graph(TOY_PAID, TOY_PEERS, states=TOY_STATES, **changes)  # type: ignore[arg-type]


def joined(graph: Graph, cut: object = None) -> set[tuple[int, int]]:
    """Return the pairs of different ASes that reach each other, the lower number first."""
    matrix = np.asarray(reachable(graph, cut), bool)  # type: ignore[arg-type]
    assert (matrix == matrix.T).all() and matrix.diagonal().all()
    return {(int(graph.asns[a]), int(graph.asns[b])) for a, b in np.argwhere(np.triu(matrix, 1))}


def test_routes_of_the_toy_by_hand() -> None:
    routes = find_routes(toy())
    assert routes.path(7, 8) == [7, 4, 5, 8]  # a peer's route before a provider's
    assert routes.path(6, 8) == [6, 3, 1, 2, 5, 8]
    assert routes.path(4, 2) == [4, 1, 2]
    assert routes.path(3, 3) == [3]
    assert find_routes(toy(), "link:1-2").path(6, 8) == []
    # a longer customer's route wins against a peer's: 1 -> 3 -> 6 -> 9 although 9 is also its
    # peer's customer
    graph = build_graph([(3, 1), (6, 3), (9, 6), (9, 2)], [(1, 2)])
    assert find_routes(graph).path(1, 9) == [1, 3, 6, 9]
    # among equals the lowest number
    graph = build_graph([(9, 5), (9, 4), (5, 1), (4, 1)], [])
    assert find_routes(graph).path(1, 9) == [1, 4, 9]
    assert find_routes(graph).path(9, 1) == [9, 4, 1]


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(
    "density", [{"transit": 2.0, "peering": 1.5}, {"transit": 0.8, "peering": 0.3}]
)
def test_agrees_with_a_plain_search(seed: int, density: dict[str, float]) -> None:
    graph = random_graph(150, seed, **density)
    matrix = np.asarray(sn.network.reachable(graph), bool)
    assert (matrix == reaches(graph)).all()
    routes = find_routes(graph)
    assert (matrix == (routes.lengths() != NO_ROUTE).T).all()
    for x in graph.asns[::17].tolist():
        for y in graph.asns[::13].tolist():
            path = routes.path(x, y)
            assert bool(path) == reachable(graph).has(x, y)
            assert len(path) == len(set(path))


def bgpsim(graph: Graph) -> RMatrix:
    rows = [(graph.provider, graph.customer, -1), (graph.peer_a, graph.peer_b, 0)]
    links = [
        (str(graph.asns[a]), str(graph.asns[b]), kind)
        for one, other, kind in rows
        for a, b in zip(one, other, strict=True)
    ]
    matrix = RMatrix(links)
    matrix.run(n_jobs=1, save_next_hop=False)
    return matrix


def thinned(graph: Graph) -> Graph:
    """Return a graph without every third link."""
    return graph.cut_down(np.arange(len(graph.link_ids)) % 3 != 0)


@pytest.mark.parametrize(
    ("make", "whole"),
    [
        (lambda: random_graph(150, 2, transit=0.9, peering=0.2), False),
        (lambda: thinned(grown(200, 4)), False),
    ],
    ids=["random, thinned", "grown, thinned"],
)
def test_no_mismatch_with_matrix_bgpsim(make: Callable[[], Graph], whole: bool) -> None:
    """Reach and hops agree for all ordered pairs with
    https://github.com/yhchen-tsinghua/matrix-bgpsim (MIT).
    """
    graph = make()
    theirs = bgpsim(graph)
    hops = find_routes(graph).lengths().T  # source, destination
    matrix = np.asarray(reachable(graph), bool)
    linked = {
        int(x)
        for part in (graph.customer, graph.provider, graph.peer_a, graph.peer_b)
        for x in part
    }
    assert matrix.all() == whole
    mismatches = 0
    for x in sorted(linked):
        for y in sorted(linked):
            if x == y:
                continue
            kind, length = theirs.get_state(str(graph.asns[x]), str(graph.asns[y]))
            mismatches += (kind is not None) != matrix[x, y]
            mismatches += kind is not None and length != hops[x, y]
    assert mismatches == 0


def test_the_matrix_is_as_promised() -> None:
    graph = random_graph(130, 3, transit=0.8)
    reach = reachable(graph)
    matrix = np.asarray(reach, bool)
    assert matrix.shape == (len(graph.asns), len(graph.asns))
    assert matrix.dtype == bool and matrix.diagonal().all()
    assert reach.n_pairs() == matrix.sum()
    assert (reach.row(int(graph.asns[7])) == matrix[7]).all()
    assert np.asarray(reach).dtype == bool
    with pytest.raises(ValueError, match="copy"):
        np.asarray(reach, copy=False)
    with pytest.raises(KeyError):
        reach.row(10**9)


@pytest.mark.parametrize("seed", range(3))
def test_path_rules_agree_with_a_plain_search(seed: int) -> None:
    graph = random_graph(120, seed)
    rules = (
        PathRule("AA", states=("BB",)),
        PathRule("CC", carriers=tuple(graph.asns[:20].tolist())),
    )
    matrix = np.asarray(reachable(graph, Cut(rules=rules)), bool)
    barred = {"AA": graph.state_of == 1, "CC": np.arange(len(graph)) < 20}
    nobody = np.zeros(len(graph), bool)
    for one in "AA", "BB", "CC", "DD":
        for other in "AA", "BB", "CC", "DD":
            plain = reaches(graph, barred.get(one, nobody) | barred.get(other, nobody))
            part = np.ix_(np.array(graph.states) == one, np.array(graph.states) == other)
            assert (matrix[part] == plain[part]).all(), (one, other)
    assert (matrix == (find_routes(graph, Cut(rules=rules)).lengths() != NO_ROUTE).T).all()


def test_a_path_rule_leaves_the_avoided_as_an_end() -> None:
    pairs = joined(toy(), "avoid:RU:CN")
    assert (4, 8) in pairs and (4, 5) in pairs
    assert (7, 8) not in pairs  # 7 is reached through 4 only
    assert (6, 7) in pairs  # no business of Russia's


def test_cuts_by_hand() -> None:
    graph = toy()
    assert joined(graph, "state:CN") == joined(
        build_graph([(3, 1), (5, 2), (6, 3), (7, 4), (8, 5)], [(1, 2)])
    )
    assert joined(graph, "pair:RU-CN") == joined(graph, "link:4-5") == joined(graph)
    assert joined(graph, "carrier:4@US") == joined(graph, "link:1-4") == joined(graph, "pair:CN-US")
    assert joined(graph, "carrier:4") == {pair for pair in joined(graph) if not {4, 7} & set(pair)}
    assert joined(graph, "carrier:1@US") == joined(
        graph, ["carrier:1"]
    )  # in its own state: all of it
    assert (
        joined(graph, "gateways:RU:1")
        == joined(graph, "state:RU")
        == joined(graph, "gateways:RU:all")
    )


def test_gateways_close_from_the_one_with_most_people_behind() -> None:
    paid = [(11, 1), (12, 1), (13, 11), (14, 12), (15, 12)]
    states = {1: "US", **dict.fromkeys((11, 12, 13, 14, 15), "RU")}
    graph = build_graph(paid, [], states=states, people={1: 5, 11: 10, 12: 1, 13: 1, 14: 4, 15: 5})
    assert [int(graph.asns[at]) for at in sn.network.gateways_of(graph, "RU")] == [11, 12]
    assert reachable(graph, "gateways:RU:1").has(14, 1)
    assert not reachable(graph, "gateways:RU:1").has(13, 1)
    assert not reachable(graph, "gateways:RU:2").has(14, 1)


def test_a_mesh_joins_a_state_that_is_cut_off() -> None:
    states = {1: "US", **dict.fromkeys((11, 12, 13, 14), "RU")}
    graph = build_graph([(11, 1), (12, 1), (13, 11), (14, 1)], [], states=states)
    inside = {(11, 12), (11, 13), (11, 14), (12, 13), (12, 14), (13, 14)}
    assert joined(graph, "state:RU") == {(11, 13)}
    assert joined(graph, ["state:RU", "mesh:RU"]) == inside
    meshed = build_graph(
        [(11, 1), (13, 11), (12, 1), (14, 1)], [(11, 12), (11, 14), (12, 14)], states=states
    )
    assert joined(meshed, ["state:RU", "unpeered:RU"]) == {(11, 13)}
    assert joined(meshed, ["state:RU", "unpeered:RU", "mesh:RU"]) == inside


def test_the_last_cable() -> None:
    graph = toy()
    cables = (
        sn.network.Cable("East", ("US", "CN"), 10.0),
        sn.network.Cable("West", ("US", "CN"), 5.0),
    )
    object.__setattr__(graph, "cables", cables)
    assert joined(graph, "cable:East") == joined(toy())
    assert joined(graph, ["cable:east", "cable:West"]) == joined(toy(), ["state:CN", "state:US"])


def test_more_is_never_joined_after_a_cut() -> None:
    graph = grown(400, 8)
    before = np.asarray(reachable(graph), bool)
    for cut in ("state:US", "carrier:1", "gateways:BR:3", "avoid:DE:US", "unpeered:US"):
        after = np.asarray(reachable(graph, cut), bool)
        assert not (after & ~before).any()
        assert not (np.asarray(reachable(graph, [cut, "state:FR"]), bool) & ~after).any()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("stat:US", "did you mean 'state'"),
        ("state:Narnia", "a state with carriers in the graph"),
        ("gateways:RU:0", "a number above 0"),
        ("gateways:RU", "a number above 0"),
        ("pair:US-US", "two different states"),
        ("pair:US", "pair:US-CN"),
        ("link:1-8", "have no link"),
        ("carrier:77", "AS77 is not in the graph"),
        ("carrier:Nobody", "no carrier is called 'Nobody'"),
        ("avoid:US:", "nothing to avoid"),
        ("cable:Atlantis", "no cable is called"),
        ("state:", "not a cut"),
    ],
)
def test_a_cut_that_says_nothing_is_refused(words: str, expected: str) -> None:
    with pytest.raises(InputError, match=expected):
        reachable(toy(), words)


def test_all_that_is_wrong_with_cuts_is_told_at_once() -> None:
    with pytest.raises(InputError) as error:
        reachable(toy(), ["state:Narnia", "carrier:77", "link:1-2"])
    assert len(error.value.problems) == 2
