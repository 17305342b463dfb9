"""Metrics of routes, by hand on toy graphs, and what the shipped and grown graphs say about the
known cases.
"""

from __future__ import annotations

import numpy as np
import pytest
from network_plain import grown

import splinternet as sn
from splinternet.errors import InputError
from splinternet.facts import load_facts
from splinternet.network import build_graph, compare, coupling, shipped
from splinternet.network.compare import fewest_covering
from splinternet.network.routes import sample

# US: 1, 2 (top, peers); CN: 11 (buys from 1), 12 (buys from 11); RU: 21 (buys from 1 and 2), 22
# (buys from 2)
STATES = {1: "US", 2: "US", 11: "CN", 12: "CN", 21: "RU", 22: "RU"}
PEOPLE = {1: 0, 2: 10, 11: 4, 12: 6, 21: 3, 22: 1}
PAID = [(11, 1), (12, 11), (21, 1), (21, 2), (22, 2)]


def toy(**changes: object) -> sn.network.Graph:
    return build_graph(PAID, [(1, 2)], states=STATES, people=PEOPLE, **changes)  # type: ignore[arg-type]


def at(state: str) -> int:
    return ("CN", "RU", "US").index(state)


def test_traffic_by_hand() -> None:
    found = compare(toy()).before
    assert (found.reached == np.outer([10, 4, 10], [10, 4, 10])).all()
    assert (found.traffic.joined == found.reached).all()
    exits = dict(zip(found.graph.asns.tolist(), found.traffic.exits.tolist(), strict=True))
    # China leaves at 11; Russia at 21 and 22; the US's 10 people (of 2) go to China by 1, to Russia
    # straight from 2
    assert exits == {1: 10 * 10, 2: 10 * 4, 11: 10 * 14, 12: 0, 21: 3 * 20, 22: 20}
    # China to Russia and back crosses the US
    assert found.traffic.crossed[at("CN")].tolist() == [0, 0, 40]
    assert found.traffic.crossed[at("RU")].tolist() == [0, 0, 40]


def test_national_measures_by_hand() -> None:
    found = compare(toy()).before
    assert found.n_frontier.tolist() == [1, 2, 2]
    assert found.n_points_of_control.tolist() == [
        1,
        2,
        2,
    ]  # Russia: 75 % and 25 %; the US: 71 % and 29 %
    assert found.chokepoint_potential == pytest.approx(
        [1, 0.75**2 + 0.25**2, (10 / 14) ** 2 + (4 / 14) ** 2]
    )
    # between China and Russia, both ways, all crosses the US
    assert found.country_centrality[at("US")] == pytest.approx(1)
    assert found.domestic_reach.tolist() == [1, 1, 1]
    assert found.reach_abroad.tolist() == [1, 1, 1]


def test_points_of_control_are_the_fewest() -> None:
    rng = np.random.default_rng(1)
    for _ in range(50):
        amounts = rng.random(7)
        fewest = min(
            bin(chosen).count("1")
            for chosen in range(1, 128)
            if amounts[[i for i in range(7) if chosen >> i & 1]].sum() >= 0.9 * amounts.sum()
        )
        assert fewest_covering(amounts) == fewest
    assert fewest_covering(np.full(10, 0.1)) == 9
    assert fewest_covering(np.zeros(3)) == 0
    shut = compare(toy(), ["state:US", "state:CN", "state:RU"]).after
    assert shut.n_points_of_control.tolist() == [0, 0, 0]
    assert np.isnan(shut.chokepoint_potential).all() and np.isnan(shut.country_centrality).all()


def test_a_cut_by_hand() -> None:
    # without 1-2 traffic of 11 and 12 still reaches 21, by 1, but neither 2 nor 22
    found = compare(toy(), "link:1-2")
    lost = found.before.reached - found.after.reached
    assert lost[at("CN"), at("US")] == 100 and lost[at("CN"), at("RU")] == 10
    assert found.after.domestic_reach.tolist() == [1, 1, 1]
    # 21 pays 1 and 2: it passes nothing on between them, and no path grows longer
    assert found.whole_stretch == 1
    # China and 2's people: 11-1-2 (2 hops); the links of the borders are all still there
    assert found.capacity_left.tolist() == [1, 1, 1]


def test_stretch_capacity_and_load_by_hand() -> None:
    # two ways from China: 11-1-21 (2 hops, by a peer of 1) and 11-3-4-21 (3 hops)
    states = {11: "CN", 21: "RU", 1: "US", 3: "DE", 4: "DE"}
    people = {11: 2, 21: 5, 1: 0, 3: 0, 4: 1}
    graph = build_graph(
        [(11, 1), (21, 1), (11, 3), (21, 4)], [(3, 4)], states=states, people=people
    )
    found = compare(graph, "pair:CN-US")
    where = found.states.index
    assert found.path_stretch[where("CN"), where("RU")] == pytest.approx(3 / 2)
    assert found.path_stretch[where("CN"), where("DE")] == 1
    # before: 20 pairs of China over its link with the US, 4 over that with Germany; after, all 24
    # over the latter
    assert found.capacity_left[where("CN")] == pytest.approx(4 / 24)
    assert found.gateway_load[where("CN")] == pytest.approx(6)
    assert (
        found.gateway_load[where("US")] == 0
    )  # its link with Russia is there, and carries nothing
    assert np.isnan(compare(graph, "state:US").gateway_load[where("US")])
    # the third state now in between
    assert found.before.country_centrality[where("DE")] == 0
    assert found.after.country_centrality[where("DE")] == pytest.approx(1)


def test_third_states_behind_a_cut() -> None:
    states = {1: "US", 2: "DE", 21: "RU", 31: "BY", 32: "BY"}
    people = {1: 300, 2: 800, 21: 100, 31: 1, 32: 1}
    graph = build_graph([(2, 1), (21, 1), (31, 21), (32, 31)], [], states=states, people=people)
    # the United States and Germany lose Russia, which is what was cut, and hardly anybody else
    assert compare(graph, "state:RU").third_states == ("BY",)
    assert compare(graph, "state:BY").third_states == ()
    assert compare(graph, "pair:US-RU").third_states == ("BY", "DE")


def test_people_are_counted_exactly() -> None:
    graph = grown(900, 2)
    found = compare(graph, "state:BR").after
    matrix = np.asarray(sn.network.reachable(graph, "state:BR"), bool)
    people = [int(p) for p in graph.people]
    for one in ("BR", "US"):
        for other in ("BR", "CN"):
            rows, columns = (
                np.flatnonzero(np.array(graph.states) == state) for state in (one, other)
            )
            plain = sum(people[x] * people[y] for x in rows for y in columns if matrix[x, y])
            joined = found.reached[graph.state_codes.index(one), graph.state_codes.index(other)]
            assert joined == pytest.approx(plain, rel=1e-12)


def test_a_sample_of_people_stands_for_all() -> None:
    graph = grown(2_500, 4)
    everybody, people = sample(graph, 10_000)
    some, weights = sample(graph, 300)
    assert people.sum() == weights.sum() == pytest.approx(graph.people.sum())
    assert len(some) <= 300 < len(everybody)


def test_coupling_has_the_states_of_the_facts() -> None:
    graph = shipped()
    still = coupling(graph)
    states = tuple(load_facts().states)
    assert still.states == states and still.states[-1] == "XX"
    assert (still.reach == 1).all() and (still.stretch == 1).all()
    assert (still.capacity_left == 1).all() and (still.load == 1).all()
    cut = coupling(graph, ["state:RU", "unpeered:RU"])
    russia, china = cut.states.index("RU"), cut.states.index("CN")
    assert (np.delete(cut.reach[russia], russia) == 0).all()
    assert 0 < cut.domestic_reach[russia] < 1
    assert cut.domestic_reach[china] == 1
    assert coupling(graph, ["unpeered:RU", "state:RU"]) is cut, (
        "worked out once for each set of cuts"
    )
    with pytest.raises(ValueError, match="read-only"):
        cut.reach[0, 0] = 2


def test_a_cable_takes_capacity_from_where_it_lands() -> None:
    graph = shipped()
    before, cut = coupling(graph), coupling(graph, "cable:FASTER")
    where = cut.states.index
    assert cut.capacity_left[where("US")] < 1 and cut.capacity_left[where("JP")] < 1
    assert cut.load[where("JP")] > 1
    assert cut.capacity_left[where("DE")] == 1
    assert (cut.reach == before.reach).all() and (cut.stretch == 1).all(), (
        "other cables carry the same links"
    )


def test_a_cable_that_is_not_laid_yet_takes_nothing_away() -> None:
    """The Pacific Light Cable Network to Hong Kong was not in service when Clean Cable was
    announced.
    """
    graph = shipped()
    planned = [cable.name for cable in graph.cables if cable.capacity == 0]
    assert any("PLCN" in name or "Pacific Light" in name for name in planned)
    cut = coupling(graph, [f"cable:{name}" for name in planned])
    assert (cut.capacity_left == 1).all() and (cut.load == 1).all()


# ---- the known cases


def share(found: sn.network.Comparison, one: str, other: str) -> tuple[float, float]:
    a, b = (found.states.index(state) for state in (one, other))
    whole = found.before.people[a] * found.before.people[b]
    return found.before.reached[a, b] / whole, found.after.reached[a, b] / whole


@pytest.mark.parametrize("assumption", ["chinese_customers", "chinese_peers"])
def test_two_large_carriers_leave_russia(assumption: str) -> None:
    """March 2022: Cogent and Lumen left, and no loss of connectivity was measured."""
    found = compare(shipped(assumption=assumption), ["carrier:Cogent@RU", "carrier:Lumen@RU"])
    russia = found.states.index("RU")
    assert len(found.after.graph.link_ids) < len(found.graph.link_ids)
    assert found.after.reach_abroad[russia] > 0.999
    assert found.after.domestic_reach[russia] > 0.999
    assert found.gateway_load[russia] > 1, "what is left carries more"


def test_russia_cut_off_lives_by_its_exchanges() -> None:
    """Law 90-FZ: without peering at home little of the inside is left; with a mesh of all carriers
    nearly all.
    """
    graph = shipped()
    russia = graph.state_codes.index("RU")

    def inside(*more: str) -> float:
        return float(compare(graph, ["state:RU", *more]).after.domestic_reach[russia])

    alone, as_it_is, meshed = inside("unpeered:RU"), inside(), inside("unpeered:RU", "mesh:RU")
    assert alone < 0.5 < 0.99 < meshed
    assert alone < as_it_is <= meshed
    assert compare(graph, "state:RU").after.reach_abroad[russia] == 0


def test_chinas_few_gateways_against_russias_many() -> None:
    """Roberts et al. 2011: China 4, Russia 36."""
    named = compare(shipped()).before
    where = named.graph.state_codes.index
    assert named.n_points_of_control[where("CN")] <= 4 <= named.n_points_of_control[where("RU")]


CHINA = ("China Telecom", "China Mobile", "China Unicom")


def test_clean_carrier_turns_on_what_the_chinese_carriers_are() -> None:
    """As customers of the top carriers they come in through third states; as their peers they do
    not.
    """
    ban = [f"carrier:{name}@US" for name in CHINA]
    customers = compare(shipped(assumption="chinese_customers"), ban)
    peers = compare(shipped(assumption="chinese_peers"), ban)
    assert share(customers, "US", "CN") == (1, 1)
    assert customers.path_stretch[customers.states.index("US"), customers.states.index("CN")] > 1.05
    assert share(peers, "US", "CN")[1] < 0.6
    assert "MX" in peers.third_states, "Mexico comes in through the United States"
    # third states that follow close it only if Hong Kong's own carriers do too, or if the Chinese
    # ones are peers
    states = [state for state in customers.states if state != "CN"]
    left = {}
    for assumption in ("chinese_customers", "chinese_peers"):
        for followers in ("all", "all but Hong Kong"):
            chosen = [state for state in states if followers == "all" or state != "HK"]
            follow = [f"carrier:{name}@{state}" for name in CHINA for state in chosen]
            left[assumption, followers] = share(
                compare(shipped(assumption=assumption), follow), "US", "CN"
            )[1]
    assert left == {
        ("chinese_customers", "all"): 0,
        ("chinese_customers", "all but Hong Kong"): 1,
        ("chinese_peers", "all"): 0,
        ("chinese_peers", "all but Hong Kong"): 0,
    }


def test_what_is_wrong_with_a_cut_or_an_assumption_is_told() -> None:
    with pytest.raises(InputError, match="Atlantis"):
        compare(shipped(), "state:Atlantis")
    with pytest.raises(InputError, match="did you mean 'chinese_peers'"):
        shipped(assumption="chinese_peer")
