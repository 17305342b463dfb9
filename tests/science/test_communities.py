"""Communities: named groups within a state, with their own platforms, blocks, fear and
diasporas.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from conftest import block, scenario

from splinternet.core.chance import Purpose
from splinternet.core.groups import families_of
from splinternet.engine.model import Model
from splinternet.errors import InputError
from splinternet.experiments.pairs import run_pair
from splinternet.scenario import Scenario, load
from splinternet.text.numbers import group_name
from splinternet.world.build import World, make_world
from splinternet.world.people import uniform_draws

TIBETANS = {"share": 0.0045, "platforms": {"WeChat": 0.95}, "diaspora": {"IN": 73_000}}
IN_INDIA, FAMILIES = "IN<-CN:Tibetans", "family:IN<-CN:Tibetans"


def with_tibetans(
    policies: list[dict[str, Any]], people: int = 15_000, days: int = 10, **keys: Any
) -> Scenario:
    """Return a scenario with Tibetans, India without blocks, and WeChat used there by most who come
    from China.
    """
    world = {
        "communities": {"China": {"Tibetans": {**TIBETANS, **keys}}},
        "blocks": {"IN": []},
        "penetration": {"IN": {"WeChat": {"China:Tibetans": 0.7, "CN": 0.5, "other": 0.0003}}},
    }
    return scenario(policies, people=people, days=days, world=world)


def row_of(world: World, label: str) -> int:
    return [g.label for g in world.groups].index(label)


def people_of(world: World, label: str) -> np.ndarray:
    return np.flatnonzero(world.first["group"] == row_of(world, label))


def test_a_community_is_a_share_of_its_state_and_its_diaspora_of_the_stock() -> None:
    plain, world = (
        make_world(scenario([block(by="IN")], people=15_000), 1),
        make_world(with_tibetans([block(by="IN")]), 1),
    )
    here = {g.label: g for g in world.groups}
    users = world.setting.users["CN"]
    assert here["CN:Tibetans"].people + here[FAMILIES].people == pytest.approx(0.0045 * users)
    assert sum(g.people for g in world.groups if g.home == "CN") == pytest.approx(users, rel=1e-6)
    stock, online = world.setting.facts.migrants["IN", "CN"].value, world.setting.users["IN"]
    share = online / world.setting.state_facts["IN"].population.value
    assert here[IN_INDIA].people == pytest.approx(73_000 * share)
    before = next(g.people for g in plain.groups if g.label == "IN<-CN")
    assert before == pytest.approx(stock * share)
    assert here["IN<-CN"].people == pytest.approx((stock - 73_000) * share), "counted once"
    assert families_of(IN_INDIA) == FAMILIES
    assert group_name(world.spec, IN_INDIA) == "Tibetans from China in India"


def test_its_platforms_are_its_own_and_the_states_figure_holds_over_all() -> None:
    world = make_world(with_tibetans([block(by="IN")]), 1)
    table, at = world.sample.penetration, world.setting.platforms.index("WeChat")
    assert table[row_of(world, "CN:Tibetans"), at] == table[row_of(world, FAMILIES), at] == 0.95
    assert table[row_of(world, IN_INDIA), at] == 0.7 and table[row_of(world, "IN<-CN"), at] == 0.5
    rows = [row for row, g in enumerate(world.groups) if g.home == "CN"]
    people = np.array([world.groups[row].people for row in rows])
    figure = world.setting.facts.penetration["CN", "WeChat"].value
    assert float(table[rows, at] @ people / people.sum()) == pytest.approx(figure)
    held = (world.first["member"][people_of(world, FAMILIES)] >> at & 1).mean()
    assert held == pytest.approx(0.95, abs=0.01)


def test_without_a_figure_a_diaspora_brings_what_its_community_uses() -> None:
    spec = scenario(
        [block(by="US")],
        people=10_000,
        world={
            "communities": {
                "TR": {
                    "Kurds": {
                        "share": 0.18,
                        "platforms": {"Viber": 0.6},
                        "diaspora": {"DE": 500_000},
                    }
                }
            }
        },
    )
    world = make_world(spec, 1)
    at = world.setting.platforms.index("Viber")
    share = world.setting.parameters["people.origin_platform_share"]
    around = world.setting.facts.penetration["DE", "Viber"].value
    assert world.sample.penetration[row_of(world, "DE<-TR:Kurds"), at] == pytest.approx(
        max(around, share * 0.6)
    )


def test_what_is_blocked_for_a_community_is_open_to_those_around_it() -> None:
    spec = with_tibetans([block(by="IN")], people=60_000, blocks=["QQ"])
    world = make_world(spec, 1)
    at, states = world.setting.platforms.index("QQ"), world.setting.states
    assert len(world.places) == len(states) + 1
    for label, blocked in (
        ("CN:Tibetans", True),
        (FAMILIES, True),
        ("CN", False),
        (IN_INDIA, False),
    ):
        rows = people_of(world, label)
        assert (set(world.first["state"][rows].tolist()) == {len(states)}) == blocked, label
        on = world.first["member"][rows] >> at & 1 == 1
        luck = uniform_draws(world.seed, Purpose.PROVIDER_LUCK, rows)
        has_way = (world.first["vpn"][rows] == 1) | (luck > 0.9)
        if blocked:
            assert not (on & ~has_way).any() and on.any(), label
        elif label == "CN":
            assert (on & ~has_way).mean() > 0.4
    model = Model(spec, rng=1, world=world, collect=False)
    assert (
        model.cells["reach"][len(states), at].max()
        < 0.2
        < model.cells["reach"][states.index("CN"), at].max()
    )


def test_the_law_of_its_state_holds_for_a_community_too() -> None:
    spec = with_tibetans(
        [block(by="CN", targets=["WeChat"], on="2020-08-03", until="2020-08-06")], blocks=["QQ"]
    )
    model = Model(spec, rng=1, collect=False)
    own, at = len(model.setting.states), model.setting.platforms.index("WeChat")
    china = model.setting.states.index("CN")
    seen = []
    for _ in range(8):
        model.step()
        assert (model.cells["reach"][own, at] == model.cells["reach"][china, at]).all()
        seen.append(float(model.cells["reach"][own, at].max()))
    assert min(seen[2:5]) < 0.5 and seen[0] == seen[-1] == 1.0, "and it ends for both"


def test_those_who_fear_have_ended_contact_before_and_lose_nothing() -> None:
    ban = [block(by="IN", on="2020-08-02", technique="dpi")]
    spec = with_tibetans(ban, people=40_000, fear=0.4)
    world, free = make_world(spec, 1), make_world(with_tibetans(ban, people=40_000), 1)
    rows = people_of(world, FAMILIES)
    silent = world.first["abroad"][rows] == 0
    assert silent.mean() == pytest.approx(0.4, abs=0.06)
    assert (free.first["abroad"][rows] != 0).all() and (
        world.first["abroad"][people_of(world, "family:IN<-CN")] != 0
    ).all()
    _, policy = run_pair(spec, 1, metrics=["ties_out_of_contact"])
    _, other = run_pair(with_tibetans(ban, people=40_000), 1, metrics=["ties_out_of_contact"])
    g = policy.axes.groups.index(FAMILIES)
    lost = [np.nanmax(arm.arrays["ties_out_of_contact"][:, g]) for arm in (policy, other)]
    assert 0 < lost[0] < 0.8 * lost[1], "a channel that was given up cannot be lost"


FAULTS = [
    ("{CN: {Tibetans: {share: 0.9}}}", "0.9 is too large"),
    ("{CN: {Tibetans: {share: 0}}}", "0 is too small"),
    ("{CN: {'9': {share: 0.1}}}", "'9' cannot name a community"),
    ("{CN: {users: {share: 0.1}}}", "'users' names the users of targeted platforms"),
    (
        "{CN: {Han: {share: 0.4}, Hui: {share: 0.3}}}",
        "the communities of CN are 0.7 of its people together",
    ),
    (
        "{CN: {Tibetans: {share: 0.01, diaspora: {CN: 5000}}}}",
        "CN is where Tibetans come from and where they live",
    ),
    (
        "{CN: {Tibetans: {share: 0.01, diaspora: {XX: 5000}}}}",
        "a diaspora in the rest of the world (XX)",
    ),
    ("{XX: {Roma: {share: 0.01}}}", "the rest of the world (XX) is not a single state"),
]


@pytest.mark.parametrize(("table", "said"), FAULTS)
def test_a_community_that_cannot_be_is_refused(table: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        load("wechat_as_ordered", overrides=[f"world.communities={table}"])
    assert said in str(caught.value)


def test_a_figure_for_a_community_that_is_not_there_is_refused() -> None:
    with pytest.raises(InputError, match=r"unknown community 'CN:Uyghurs'; one of CN:Tibetans"):
        load(
            "wechat_as_ordered",
            overrides=[
                "world.communities={CN: {Tibetans: {share: 0.01}}}",
                "world.penetration={US: {WeChat: {'CN:Uyghurs': 0.5}}}",
            ],
        )
