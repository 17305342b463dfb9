"""The tables of the network: every row has its source, nobody is cut off, circles are refused,
known facts hold.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from test_facts import broken

from splinternet.errors import InputError
from splinternet.facts import load_facts
from splinternet.facts.model import REST_OF_WORLD
from splinternet.facts.network import (
    ASSUMPTIONS,
    NetworkFacts,
    find_carriers,
    find_row,
    load_network,
    read_network,
    top_clique,
)
from splinternet.facts.tables import BASES
from splinternet.facts.worlds import load_world
from splinternet.network import reachable, shipped

CHINESE = ("China Telecom", "China Unicom", "China Mobile")
US_TIER1 = {174, 701, 1239, 3257, 3356, 6461, 7018}


@pytest.fixture(scope="module")
def facts() -> NetworkFacts:
    """Return the shipped network."""
    return load_network()


# Every row


def test_every_row_has_a_source_a_basis_and_a_confidence(facts: NetworkFacts) -> None:
    named = [
        *facts.carriers.values(),
        *facts.cables.values(),
        *facts.exchanges.values(),
        *facts.clouds.values(),
    ]
    for row in named:
        assert len(row.source) > 10 and row.basis in BASES, row.name
        assert (row.basis == "assumption") <= row.source.startswith("assumption: "), row.name
    for link in facts.links:
        assert len(link.source) > 10
        assert (link.basis == "stylised") == link.source.startswith(
            ("assumption: ", "Chinese regulation: ")
        ), link


def test_weak_links_say_so(facts: NetworkFacts) -> None:
    """A transit contract over a border is rarely public: only a cited one may be called better than
    low.
    """
    for link in facts.links:
        a, b = facts.carriers[link.a], facts.carriers[link.b]
        if (
            link.relation == "provider"
            and a.seat != b.seat
            and a.owner != b.owner
            and link.basis == "stylised"
        ):
            assert link.confidence == "low", link


# States


def test_the_network_knows_the_states_of_the_facts(facts: NetworkFacts) -> None:
    assert facts.states == tuple(load_facts().states)
    for state in facts.states:
        assert sum(facts.users_shares(state).values()) == pytest.approx(1, abs=1e-9), state
        assert len(facts.users_shares(state)) >= 2, f"{state} has one access carrier"


def test_indias_shares_are_those_of_the_regulator(facts: NetworkFacts) -> None:
    """TRAI, 31 August 2020: Jio 56 %, Airtel 22 %, Vodafone Idea 17 %, of 716 m with broadband."""
    shares: dict[str, float] = {}
    for asn, share in facts.users_shares("IN").items():
        owner = facts.carriers[asn].owner
        shares[owner] = shares.get(owner, 0.0) + share
    assert shares["Reliance Jio"] == pytest.approx(0.564, abs=0.01)
    assert shares["Bharti Airtel"] == pytest.approx(0.222, abs=0.01)
    assert shares["Vodafone Idea"] == pytest.approx(0.168, abs=0.01)


def test_nigerias_shares_are_those_of_the_regulator(facts: NetworkFacts) -> None:
    """NCC, August 2020, Internet subscribers: MTN 63.89 m, Airtel 39.8 m, Globacom 38.49 m, 9mobile
    7.17 m.
    """
    total = 63.89 + 39.8 + 38.49 + 7.17
    for asn, people in ((29465, 63.89), (36873, 39.8), (37148, 38.49), (37076, 7.17)):
        assert facts.users_shares("NG")[asn] == pytest.approx(people / total, abs=1e-3)


def test_states_own_what_they_are_known_to_own(facts: NetworkFacts) -> None:
    for asn in (20485, 9829, 47524, 6697, 49666, 7552):
        assert facts.carriers[asn].state_share >= 0.9, asn
    for owner in CHINESE:
        for carrier in facts.carriers.values():
            assert carrier.owner != owner or (
                carrier.state_owner == "CN" and carrier.state_share_high > 0.5
            )
    assert facts.carriers[4804].state_owner == "SG"  # Optus is Singtel's
    assert facts.carriers[3356].state_owner == ""


# The shape of the network


@pytest.mark.parametrize("assumption", ASSUMPTIONS)
def test_everybody_reaches_everybody(assumption: str) -> None:
    assert np.asarray(reachable(shipped(assumption=assumption)), bool).all()


def test_the_top_clique_is_the_published_one(facts: NetworkFacts) -> None:
    tier1 = {asn for asn, carrier in facts.carriers.items() if carrier.role == "tier1"}
    customers, peers = (top_clique(facts, assumption) for assumption in ASSUMPTIONS)
    assert customers == tier1
    # CAIDA's clique of 2013, all of which were still there in 2020
    known = "174 701 1299 2914 3257 3320 3356 5511 6453 6461 6762 7018 12956"
    assert set(map(int, known.split())) <= customers
    assert peers == tier1 | {4134, 4837, 58453}


def test_the_assumptions_differ_in_the_chinese_carriers_only(facts: NetworkFacts) -> None:
    for link in facts.links:
        if link.assumption_set:
            assert {facts.carriers[link.a].owner, facts.carriers[link.b].owner} & set(CHINESE), link
            assert link.confidence == "low", link
    bought = [
        link
        for link in facts.links_under("chinese_peers")
        if link.relation == "provider" and facts.carriers[link.b].owner in CHINESE
    ]
    assert all(facts.carriers[link.a].state in ("CN", "HK") for link in bought)
    for assumption in ASSUMPTIONS:  # US Senate PSI, 9 June 2020
        peers = {
            frozenset((x.a, x.b)) for x in facts.links_under(assumption) if x.relation == "peer"
        }
        assert {frozenset((7018, 4134)), frozenset((701, 4134)), frozenset((701, 4837))} <= peers
    us = {
        link.a
        for link in facts.links_under("chinese_customers")
        if link.b == 4134 and link.relation == "provider"
    }
    assert len(us & US_TIER1) >= 5


def test_the_border_is_crossed_by_as_many_as_is_known(facts: NetworkFacts) -> None:
    """Iran by two gateways and a university (NANOG, November 2019); Turkey by 21 at most (Renesys,
    June 2013).
    """
    bounds = {"CN": (3, 8), "RU": (10, 40), "TR": (4, 21), "IR": (2, 4), "KZ": (2, 5)}
    bounds |= {"KP": (1, 1), "SY": (1, 1), "BY": (2, 2)}
    for state, (least, most) in bounds.items():
        assert least <= len(facts.gateways(state)) <= most, state


def test_gateways_are_those_of_the_state_and_name_foreigners(facts: NetworkFacts) -> None:
    for state in facts.states:
        if state == REST_OF_WORLD:
            continue
        found = facts.gateways(state)
        assert found, f"{state} is cut off"
        for asn, others in found.items():
            assert facts.carriers[asn].seat == state
            assert others and all(facts.carriers[other].seat != state for other in others)


def test_north_korea_hangs_on_china_and_russia(facts: NetworkFacts) -> None:
    """Dyn, 2 October 2017."""
    assert facts.gateways("KP") == {131279: (4837, 20485)}


# Cables, exchanges, clouds


def test_every_state_has_a_cable(facts: NetworkFacts) -> None:
    working = [cable for cable in facts.cables.values() if cable.status == "in service"]
    for state in facts.states:
        assert any(state in cable.joins for cable in working), state
    assert len(facts.cables) >= 60


def test_china_can_carry_what_it_is_known_to_use(facts: NetworkFacts) -> None:
    """11.5 Tbit/s of international bandwidth in December 2020 (CNNIC); cables could carry more,
    within reason.
    """
    working = [c for c in facts.cables.values() if c.status == "in service" and "CN" in c.joins]
    low, high = (sum(getattr(c, f"capacity_{end}") for c in working) for end in ("low", "high"))
    assert low > 11.5
    assert high < 100 * 11.5


def test_a_cable_of_in_service_was_ready(facts: NetworkFacts) -> None:
    for cable in facts.cables.values():
        assert cable.status != "in service" or cable.ready <= 2020, cable.name
        assert cable.status != "planned" or cable.ready >= 2020, cable.name


def test_clean_cable_has_its_case(facts: NetworkFacts) -> None:
    for name in ("Pacific Light Cable Network", "HKA", "BtoBE"):
        cable = facts.cables[find_row(name, facts, "cables") or ""]
        assert cable.status == "planned" and {"US", "HK"} <= set(cable.joins), name
    direct = [
        c
        for c in facts.cables.values()
        if c.status == "in service" and {"US", "CN"} <= set(c.joins)
    ]
    assert {c.name for c in direct} == {"New Cross Pacific", "Trans-Pacific Express"}


def test_exchanges_are_met_by_those_who_could(facts: NetworkFacts) -> None:
    assert len(facts.exchanges) >= 30
    for name, exchange in facts.exchanges.items():
        assert len(exchange.members) >= 2 and len(set(exchange.members)) == len(exchange.members), (
            name
        )
        home = [asn for asn in exchange.members if facts.carriers[asn].seat == exchange.seat]
        assert home, f"nobody at home in {name}"
    assert 9121 not in facts.exchanges["TNAP"].members  # founded without Turk Telekom
    for name, exchange in facts.exchanges.items():
        if exchange.seat == "CN":
            assert all(facts.carriers[asn].seat == "CN" for asn in exchange.members), name


def test_platforms_run_on_known_clouds_and_stores(facts: NetworkFacts) -> None:
    kinds = {name: cloud.kind for name, cloud in facts.clouds.items()}
    for name, platform in load_facts().platforms.items():
        for host in set(platform.hosting) - {"own"}:
            assert kinds.get(host) == "cloud", (name, host)
        for store in platform.stores:
            assert kinds.get(store) == "store", (name, store)


def test_the_firms_of_clean_cloud_are_there(facts: NetworkFacts) -> None:
    """Named on 5 August 2020: Alibaba, Baidu, China Mobile, China Telecom, Tencent."""
    owners = {
        cloud.owner
        for cloud in facts.clouds.values()
        if cloud.home == "CN" and cloud.kind == "cloud"
    }
    assert {"Alibaba", "Baidu", "China Mobile", "China Telecom", "Tencent"} <= owners


# Names


def test_carriers_are_found_by_any_name(facts: NetworkFacts) -> None:
    names = {"AS20485": (20485,), "20485": (20485,), "ttk": (20485,), "Level 3": (3356,)}
    names |= {"rostelecom": (12389, 15378), "Géant": (20965,), "as 20485": (), "Nobody": ()}
    assert {text: find_carriers(text, facts) for text in names} == names


# The reader and the validator


BREAKS = [
    line.split(" | ")
    for line in """\
carriers | 3356, | 3356, | 0, | asn is '0'
carriers | 3356, | ,US,US, | ,DE,US, | has its seat in DE and stands under US
carriers | 3356, | ,tier1, | ,tier2, | role is 'tier2'; one of: tier1
carriers | 3356, |  | 3356, | a second row for 3356
carriers | 7922, | 7922,Comcast, | 7922,Level 3, | 'Level 3' already names Lumen
carriers | 7922, | ,0.1516, | ,0.16, | the users_share of US sum to
carriers | 7922, | ,0.1516, | ,2, | 0 <= low <= value <= high <= 1
carriers | 9121, | ,0.367,TR, | ,0.367,, | and state_owner ''
carrier_links | 9121,47331, | 9121, | 9122, | a link names AS9122
carrier_links | 9121,47331, | ,47331, | ,9121, | AS9121 is linked to itself
carrier_links | 9121,47331,provider |  | 47331,9121,peer | a second link of AS47331 and AS9121
carrier_links | 9121,47331, | 47331,provider | 47331,peer | does not peer with AS174
carrier_links | 9121,47331, |  | 47331,3257, | each buys from the next: AS3257 -> AS47331 -> AS9121
carrier_links | 174,701, | 701,peer,, | 701,peer,chinese_peers, | has no provider and does not peer with
cables | PLCN, | US|HK|XX | US|HK | joins US|HK and lands in US|HK|TW|PH
cables | PLCN, | ,144,120,144, | ,144,150,160, | low <= value <= high
cables | PLCN, | ,2020, | ,202, | ready is 202
exchanges | HKIX, | 4760| | 4761234| | HKIX names AS4761234
""".splitlines()
]


@pytest.mark.parametrize(("table", "start", "old", "new", "message"), BREAKS)
def test_a_bad_row_is_refused_with_file_and_line(
    tmp_path: Path, table: str, start: str, old: str, new: str, message: str
) -> None:
    folder = tmp_path / "world-test"
    broken(folder, table, start, old, new)
    world = replace(load_world(), name=folder.name, folder=folder)
    with pytest.raises(InputError) as caught:
        read_network(world, tuple(load_facts().states))
    told = str(caught.value)
    assert message in told
    assert re.search(r"world-test/\w+\.csv:\d+:1", told)
