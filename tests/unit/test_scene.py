"""Which world a scenario has: nearest to its first day, as of that day, with the states and
diasporas that matter.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from splinternet.errors import InputError
from splinternet.facts import load_facts
from splinternet.facts.people import (
    MOST_ADDED,
    MOST_STATES,
    exposures,
    largest_diasporas,
    migrants_of,
    share_exposed,
    states_added,
)
from splinternet.facts.relations import load_trade
from splinternet.facts.states import load_places
from splinternet.facts.worlds import nearest_world
from splinternet.network import coupling, shipped
from splinternet.network.graph import FIRST_NUMBER, PROVIDERS, assumed_carriers
from splinternet.scenario import Scenario, load, varied
from splinternet.scenario.explain import MUCH_USED, carrying_cells, share_assumed
from splinternet.world.build import make_world
from splinternet.world.groups import families_kept
from splinternet.world.people import lean_table
from splinternet.world.scenario_setting import make_setting
from splinternet.world.situation import situation_of

BAN = {"id": "ban", "instrument": "block", "by": "NP", "targets": ["WhatsApp"], "on": "2025-09-05"}

OFF = {"id": "off", "instrument": "shutdown", "by": "NP", "on": "2025-09-05"}


def scenario(**keys: Any) -> Scenario:
    """Return a scenario of some days with a ban by Nepal, with other keys."""
    return load({"title": "A ban", "start": "2025-09-01", "days": 10, "policies": [BAN], **keys})


def test_the_world_nearest_to_the_first_day_is_taken_and_named() -> None:
    assert scenario().world.facts == "world-2025" and scenario(
        policies=[], start="2019-01-01"
    ).world.facts == ("world-2020")
    assert scenario(world={"facts": "world-2020"}).world.facts == "world-2020"
    assert load(scenario()).digest == scenario(world={"facts": "world-2025"}).digest
    early = load({"title": "T", "start": "2020-08-01", "days": 3})
    assert load(early, overrides=["start=2025-08-01"]).world.facts == "world-2020", (
        "a resolved scenario keeps its world"
    )
    told = {"title": "T", "start": "2020-08-01", "days": 3}
    assert load(told, overrides=["start=2025-08-01"]).world.facts == "world-2025"
    assert (
        nearest_world(date(2023, 1, 1)) == "world-2020"
        and nearest_world(date(2023, 3, 1)) == "world-2025"
    )


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (
            {"policies": [{**BAN, "targets": "Skype"}]},
            "Skype closed on 2025-05-05, before the first day 2025-09-01",
        ),
        (
            {
                "start": "2022-09-01",
                "world": {"facts": "world-2025", "penetration": {"US": {"Threads": 0.1}}},
            },
            "Threads was launched on 2023-07-05, after the first day 2022-09-01",
        ),
        ({"policies": [{**BAN, "targets": "Koo"}]}, "Koo closed on"),
        ({"policies": [{**BAN, "targets": "Whatsap"}]}, "did you mean 'WhatsApp'"),
        ({"policies": [{**BAN, "by": "Uzbekistam"}]}, "did you mean 'Uzbekistan'"),
        ({"policies": [{**BAN, "by": "Rest of the world"}]}, "has no government"),
    ],
)
def test_a_name_that_is_not_there_is_told_with_its_dates(keys: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        scenario(**keys)


def test_a_platform_that_is_not_there_is_left_out_where_that_changes_nothing() -> None:
    world = {
        "penetration": {"US": {"Skype": 0, "WhatsApp": 0.3}},
        "blocks": {"CN": ["Skype", "WhatsApp"]},
    }
    spec = scenario(world=world)
    assert dict(spec.world.penetration["US"]) == {"WhatsApp": 0.3} and spec.world.blocks["CN"] == (
        "WhatsApp",
    )
    assert any("Skype closed on 2025-05-05" in warning for warning in spec.warnings)
    kept = scenario(
        world={"platforms": {"skype": {"penetration": {"US": 0.1}}}},
        policies=[{**BAN, "targets": "Skype"}],
    )
    setting = make_setting(kept)
    assert setting.platform_facts["Skype"].owner == "Microsoft" and "Skype" in setting.platforms


def test_the_largest_diasporas_of_a_state_that_acts_are_in_its_world() -> None:
    spec, facts = scenario(), load_facts("world-2025")
    three = {code for code, _ in largest_diasporas("NP", facts)}
    assert {"NP", *three} <= set(spec.facts.states)
    largest = [e for e in spec.scene.exposures if e.largest]
    assert {e.residence for e in largest} == three and all(e.origin == "NP" for e in largest)
    # What is not used between two states joins nobody there.
    unused = scenario(policies=[{**BAN, "targets": "KakaoTalk"}])
    assert set(unused.scene.states) == {"NP"}
    everything = scenario(policies=[OFF])
    assert set(spec.scene.states) <= set(everything.scene.states)


def test_a_world_has_room_for_so_many_states() -> None:
    codes = [code for code in load_places() if code != "XX"]
    many = scenario(policies=[{**BAN, "by": codes[:90]}])
    assert 90 < len(many.facts.states) <= MOST_STATES
    with pytest.raises(InputError, match=f"at most {MOST_STATES} in one world"):
        scenario(policies=[{**BAN, "by": codes[:140]}])


def test_other_diasporas_add_a_few_states_by_the_people_exposed() -> None:
    facts = load_facts("world-2025")
    found = exposures(facts, {"AE": {"WhatsApp"}})
    assert all(e.share <= 1 and e.exposed <= e.people for e in found)
    added = states_added(facts, found)
    others = [e for e in found if not e.largest and e.matters]
    assert len(added) <= MOST_ADDED + 3 and {"PK", "BD"} <= set(added)
    ranked = list(
        dict.fromkeys(
            code for e in others for code in (e.origin, e.residence) if code not in facts.states
        )
    )
    assert set(ranked[:MOST_ADDED]) <= set(added)
    assert exposures(facts, {"AE": set()}) == [] or all(
        e.share == 0 for e in exposures(facts, {"AE": set()})
    )
    assert all(e.share == 1 for e in exposures(facts, {"AE": None}))


def test_the_exposed_share_is_that_of_the_end_that_uses_it_less() -> None:
    facts = load_facts("world-2025")
    # Group figure of a diaspora: what it uses; the families are the others in the state of origin.
    group = facts.group_penetration["DE", "WhatsApp", "TR"].value
    assert share_exposed("DE", "TR", {"WhatsApp"}, facts) == min(
        group, facts.penetration["TR", "WhatsApp"].value
    )
    # Without one: as the people around it do, where that is more than what it brings from home.
    assert ("TR", "WhatsApp", "DE") not in facts.group_penetration
    use = [facts.penetration[code, "WhatsApp"].value for code in ("TR", "DE")]
    assert share_exposed("TR", "DE", {"WhatsApp"}, facts) == min(use)
    assert (
        share_exposed("DE", "TR", None, facts) == 1
        and share_exposed("DE", "TR", {"Nothing"}, facts) == 0
    )
    both = share_exposed("DE", "TR", {"WhatsApp", "Telegram"}, facts)
    assert both >= share_exposed("DE", "TR", {"Telegram"}, facts)


# Diasporas of a scenario's own


def test_a_diaspora_of_the_scenario_replaces_the_table() -> None:
    spec = scenario(world={"migrants": {"Germany": {"Turkey": 1_650_000}, "LI": {"NP": 40}}})
    stocks = make_setting(spec).facts.migrants
    assert stocks["DE", "TR"].value == 1_650_000 and stocks["LI", "NP"].value == 40
    assert stocks["TR", "DE"].value == spec.facts.migrants["TR", "DE"].value
    assert "LI" in spec.scene.states
    assert varied(spec, {"world.migrants.DE.TR": 5}).world.migrants["DE"]["TR"] == 5
    assert load(spec.model_dump(exclude_none=True)).digest == spec.digest
    assert "migrants" not in scenario().to_yaml()


@pytest.mark.parametrize(
    ("migrants", "words"),
    [
        (
            {"DE": {"Germany": 5}},
            "DE is where these people live and where they were born; two different states",
        ),
        ({"DE": {"TR": 0}}, "0 is too small; "),
        ({"LI": {"CH": 90_000}}, "90,000 people born elsewhere among 40,450 residents of LI"),
        ({"XX": {"TR": 5}}, "the rest of the world"),
        ({"DE": {"Turkye": 5}}, "did you mean 'Turkey'|did you mean 'Türkiye'"),
        ({"DE": 5}, "keys and values"),
    ],
)
def test_a_wrong_diaspora_is_refused(migrants: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        scenario(world={"migrants": migrants})


# Carriers


def test_a_state_without_carriers_gets_one_that_buys_from_those_of_its_neighbours() -> None:
    (nepal,) = assumed_carriers("world-2020", ("NP", "US", "UZ", "XX", "ZZ"))
    assert nepal.state == "NP" and nepal.asn >= FIRST_NUMBER and len(nepal.providers) == PROVIDERS
    states = (*load_facts().states, "NP")
    graph, plain = shipped("world-2020", states=states), shipped("world-2020")
    assert len(graph) == len(plain) + 1
    at = states.index("NP")
    still, cut = coupling(graph, None, states), coupling(graph, "state:NP", states)
    assert still.reach[at].min() > 0.99, "everybody is reached as long as nothing is cut"
    others = [i for i in range(len(states)) if i != at]
    assert cut.reach[at, others].max() == 0 and cut.reach[at, at] == 1
    assert cut.reach[others][:, others].min() == still.reach[others][:, others].min()


# Tables that know the detailed states alone


def test_a_state_without_rows_is_like_the_rest_of_the_world() -> None:
    trade = load_trade("world-2025")
    assert trade.maker_share("Huawei", "NP") == trade.maker_share("Huawei", "XX") > 0
    assert trade.maker_share("Huawei", "US") < trade.maker_share("Huawei", "CN")
    setting = make_setting(scenario())
    situation = situation_of(setting)
    nepal = situation.states.index("NP")
    assert not situation.decides[nepal] and situation.users[nepal].max() > 0.5
    lean = lean_table(setting.facts.youth_lean, ("NP", "XX"), setting.platforms)
    assert np.array_equal(lean[0], lean[1], equal_nan=True)


# Built worlds


def test_families_take_half_of_those_who_belong_to_no_diaspora_at_most() -> None:
    assert families_kept(100.0, 10.0, 40.0) == 1.0
    assert families_kept(100.0, 10.0, 90.0) == 0.5 and families_kept(100.0, 100.0, 7.0) == 0.0
    assert families_kept(100.0, 0.0, 0.0) == 1.0


def test_a_built_world_has_the_people_of_the_tables() -> None:
    """Syria: six million abroad, whose relatives would be more than its Internet users."""
    spec = scenario(policies=[{**BAN, "by": "SY"}], people=3_000)
    world = make_world(spec, 1)
    for code, users in world.setting.users.items():
        assert sum(g.people for g in world.groups if g.home == code) == pytest.approx(users), code
    stocks = migrants_of(load_facts("world-2025"), tuple(spec.facts.states))
    found = {(g.residence, g.origin): g.people for g in world.groups if g.side == "diaspora"}
    assert {(code, "SY") for code, _ in largest_diasporas("SY", spec.facts)} <= set(found)
    for (residence, origin), people in found.items():
        state = spec.facts.states[residence]
        online = state.internet_users.value / state.population.value
        assert people == pytest.approx(stocks[residence, origin].value * online), (
            residence,
            origin,
        )


# Cells


def test_the_cells_that_carry_a_result() -> None:
    spec = scenario(world={"penetration": {"NP": {"WhatsApp": 0.5}}})
    cells = {cell.state: cell for cell in carrying_cells(spec)}
    assert set(cells) >= {"NP", "IN", "MY", "SA"} and {
        cell.platform for cell in cells.values()
    } == {"WhatsApp"}
    assert (
        cells["NP"].use == "your own figure" and cells["NP"].share == 0.5 and cells["NP"].measured
    )
    for code in ("IN", "MY"):
        assert cells[code].measured == (
            spec.facts.penetration[code, "WhatsApp"].basis != "assumption"
        )
    assumed, all_of_them = share_assumed(list(cells.values()))
    assert assumed == sum(not cell.measured for cell in cells.values()) and all_of_them == len(
        cells
    )
    assert carrying_cells(scenario(policies=[])) == []
    off = carrying_cells(scenario(policies=[OFF]))
    assert {"Facebook", "YouTube"} <= {cell.platform for cell in off}
    assert all(cell.share is None or cell.share >= MUCH_USED for cell in off if cell.state == "NP")
