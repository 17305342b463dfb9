"""Whom a policy concerns: `who` picks people, they alone are hit, their families follow, and whole
states are means.
"""

from __future__ import annotations

import itertools
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import block, scenario

import splinternet as sn
from splinternet.engine.model import Model
from splinternet.errors import InputError
from splinternet.experiments.pairs import make_arms
from splinternet.metrics.arm_day import usable_share
from splinternet.scenario import load
from splinternet.world.classes import concerned, expected
from splinternet.world.effects import whom

WORLD = "world-2020"
KURDS = {"world": {"communities": {"TR": {"Kurds": {"share": 0.18, "diaspora": {"DE": 500_000}}}}}}
CLOSED = dict(technique="geoblock", on="2020-08-03", targets=["WhatsApp", "Instagram"], by="TR")


def keys(*policies: dict[str, Any], **others: Any) -> dict[str, Any]:
    return {
        "title": "who",
        "start": "2020-08-01",
        "days": 12,
        "people": 4_000,
        "policies": list(policies),
        **others,
    }


def closed(name: str = "ban", **changed: Any) -> dict[str, Any]:
    return block(id=name, **{**CLOSED, **changed})


@cache
def lived(name: str) -> tuple[Model, Model]:
    """Return both arms after the last day."""
    policies = {
        "half": [closed(who={"share": 0.5})],
        "kurds": [closed(who={"community": "Kurds"})],
        "young": [closed(who={"age": [0, 24]})],
        "all": [closed()],
        "whole": [closed(who={"share": 1.0})],
        "nobody": [closed(who={"share": 0.0})],
    }[name]
    arms = make_arms(load(keys(*policies, **KURDS)), 1)
    for _ in range(arms[0].spec.days):
        for arm in arms:
            arm.step()
    return arms


def using(arm: Model, platform: str) -> np.ndarray:
    return arm.person["using"] >> arm.setting.platforms.index(platform) & 1 == 1


def people_in(arm: Model, state: str) -> np.ndarray:
    return arm.places.state[arm.person["state"]] == arm.setting.states.index(state)


@pytest.mark.parametrize("name", ["half", "kurds", "young"])
def test_only_the_people_meant_are_hit(name: str) -> None:
    baseline, policy = lived(name)
    (law,) = policy.spec.policies
    meant = people_in(policy, "TR") & concerned(
        law, policy.world.first, policy.world.groups, 1, WORLD
    )
    for platform in law.targets:
        lost = using(baseline, platform) & ~using(policy, platform)
        assert lost[meant].sum() > 0.5 * using(baseline, platform)[meant].sum() > 30
        assert not lost[~meant].any(), "nobody else meets the block"
    reach = policy.cells["reach"][
        policy.person["state"], policy.setting.platforms.index("WhatsApp")
    ].max(axis=1)
    at_home = people_in(policy, "TR")
    np.testing.assert_array_equal(reach[at_home] < 1.0, meant[at_home])


def test_who_is_meant_by_a_community_lives_there() -> None:
    _, policy = lived("kurds")
    groups = policy.world.groups
    hit = {
        groups[g].label
        for g in np.unique(policy.person["group"][policy.places.kind[policy.person["state"]] > 0])
    }
    assert hit == {"TR:Kurds", "family:DE<-TR:Kurds"}, "their diaspora lives elsewhere"


def test_ages_are_in_full_years_and_include_both_ends() -> None:
    world = lived("half")[1].world
    for low, high in ((0, 15), (13, 15), (16, 16), (60, 120)):
        (law,) = load(keys(closed(who={"age": [low, high]}))).policies
        meant = concerned(law, world.first, world.groups, 1, WORLD)
        np.testing.assert_array_equal(
            meant, (world.first["age"] >= low) & (world.first["age"] <= high)
        )
    young = load(keys(closed(who={"age": [0, 24]}))).policies[0]
    weight = np.array([group.weight for group in world.groups])[world.first["group"]]
    at_home = people_in(lived("half")[1], "TR")
    found = float((weight * concerned(young, world.first, world.groups, 1, WORLD))[at_home].sum())
    assert found == pytest.approx(
        expected(young, world.groups, world.setting, 2020).people, rel=0.12
    )


def test_a_region_is_a_part_of_its_state_and_the_same_for_all_policies() -> None:
    ban = {"by": "US", "targets": ["WeChat"]}
    spec = load(
        keys(
            closed("texas", **ban, who={"region": "texas"}),
            closed("utah", **ban, who={"region": "Utah"}),
            closed("again", **ban, who={"region": "Texas"}),
        )
    )
    model = Model(spec, collect=False)
    texas, utah, again = (
        concerned(law, model.world.first, model.world.groups, 1, WORLD) for law in spec.policies
    )
    assert not (texas & utah).any() and (texas == again).all()
    home = model.places.state[model.person["state"]]
    assert set(home[texas]) == {model.setting.states.index("US")}, "nobody elsewhere"
    share, people = 29_145_505 / 331_449_281, home == model.setting.states.index("US")
    assert texas[people].mean() == pytest.approx(share, abs=4 * (share / people.sum()) ** 0.5)
    assert expected(
        spec.policies[0], model.world.groups, model.setting, 2020
    ).people == pytest.approx(share * model.world.setting.users["US"], rel=1e-6)


def test_regions_of_a_state_share_its_people_out() -> None:
    from splinternet.facts.people import find_region, part_of, regions_of

    parts = [part_of("UA", region.region, WORLD) for region in regions_of("UA", WORLD)]
    assert parts[0][0] == 0.0 and parts[-1][1] < 1.0
    assert all(before[1] == after[0] for before, after in itertools.pairwise(parts))
    assert find_region("kashmir", "IN", WORLD) == "Jammu and Kashmir" and part_of(
        "IN", "Texas", WORLD
    ) == (
        0.0,
        0.0,
    )


def test_families_follow_whom_the_policy_concerns() -> None:
    _, policy = lived("kurds")
    lost, labels = policy.contact.without, [group.label for group in policy.world.groups]
    assert lost[labels.index("DE<-TR:Kurds")] > 0 and lost[labels.index("family:DE<-TR:Kurds")] > 0
    assert lost.sum() == lost[[at for at, label in enumerate(labels) if "Kurds" in label]].sum(), (
        "no other family"
    )


def test_everybody_and_nobody_are_the_limits_to_the_bit() -> None:
    (baseline, all_), (_, whole), (_, nobody) = lived("all"), lived("whole"), lived("nobody")
    for name in ("member", "using", "vpn", "seen"):
        np.testing.assert_array_equal(whole.person[name], all_.person[name])
        np.testing.assert_array_equal(nobody.person[name], baseline.person[name])
    for metric, values in all_.record.arrays.items():
        np.testing.assert_allclose(
            whole.record.arrays[metric], values, rtol=1e-12, atol=1e-12, err_msg=metric
        )
        np.testing.assert_array_equal(
            nobody.record.arrays[metric], baseline.record.arrays[metric], metric
        )


def test_measures_of_a_state_weigh_its_classes_by_people() -> None:
    _, policy = lived("half")
    at, setting = policy.setting.states.index("TR"), policy.setting
    share = policy.places.share[at]
    assert share.sum() == pytest.approx(1.0) and share[1] == pytest.approx(0.5, abs=0.06)
    everybody, hit = (usable_share(table, setting)[at] for table in policy.by_class)
    found = policy.record._today.usable[at]
    np.testing.assert_allclose(found, share[0] * everybody + share[1] * hit, rtol=1e-12)
    others = [row for row in range(len(setting.states)) if row != at]
    np.testing.assert_array_equal(policy.access.block[others], policy.by_class[0].block[others])
    whole = lived("all")[1].record.today("openness")[at]
    none = lived("all")[0].record.today("openness")[at]
    assert policy.record.today("openness")[at] == pytest.approx(
        none + share[1] * (whole - none), rel=1e-9
    )


def test_shares_are_drawn_by_the_id_of_the_policy_and_are_nested() -> None:
    world = lived("half")[1].world
    laws = load(
        keys(closed(who={"share": 0.2}), closed("other", who={"share": 0.2}), closed("ban2"))
    ).policies
    few, other = (concerned(law, world.first, world.groups, 1, WORLD) for law in laws[:2])
    more = concerned(lived("half")[1].spec.policies[0], world.first, world.groups, 1, WORLD)
    assert few.mean() == pytest.approx(0.2, abs=0.02) and not (few & ~more).any(), (
        "of one id, a larger share has all"
    )
    assert (few & other).mean() == pytest.approx(0.04, abs=0.015), (
        "of two ids, they are independent"
    )
    again = concerned(laws[0], world.first, world.groups, 2, WORLD)
    assert (few != again).any(), "another seed, other people"


def test_all_that_is_stated_must_hold() -> None:
    world = lived("kurds")[1].world
    both, few = (
        load(keys(closed(who=who), **KURDS)).policies[0]
        for who in ({"community": "Kurds", "share": 0.3}, {"share": 0.3})
    )
    kurds = lived("kurds")[1].spec.policies[0]
    meant = [concerned(law, world.first, world.groups, 1, WORLD) for law in (both, few, kurds)]
    np.testing.assert_array_equal(meant[0], meant[1] & meant[2])
    people = expected(both, world.groups, world.setting, 2020)
    assert people.people == pytest.approx(0.3 * 0.18 * world.setting.users["TR"], rel=1e-6)
    assert people.everybody == pytest.approx(world.setting.users["TR"], rel=1e-6)


def test_two_policies_make_four_classes_and_the_stricter_counts() -> None:
    slow = dict(id="slow", instrument="throttle", by="TR", targets=["WhatsApp"], share=0.9)
    spec = load(
        keys(closed(who={"share": 0.5}), {**slow, "on": "2020-08-02", "who": {"share": 0.4}})
    )
    model = Model(spec, collect=False)
    model.run_for(4)
    p, tr = model.setting.platforms.index("WhatsApp"), people_in(model, "TR")
    ban, throttle = (
        concerned(law, model.world.first, model.world.groups, 1, WORLD)[tr] for law in spec.policies
    )
    cells = model.cells[model.person["state"][tr], p]
    np.testing.assert_array_equal(cells["reach"].max(axis=1) < 1, ban)
    np.testing.assert_array_equal(cells["speed"] < 1, throttle)
    assert len(model.places.classes) == 4


def test_a_policy_that_is_only_announced_is_feared_by_those_it_concerns() -> None:
    model = Model(
        load(keys(closed(announced="2020-08-02", on="2020-09-20", who={"share": 0.5}))),
        collect=False,
    )
    model.run_for(3)
    meant = concerned(
        model.spec.policies[0], model.world.first, model.world.groups, 1, WORLD
    ) & people_in(model, "TR")
    threat = model.cells["threat"][model.person["state"], model.setting.platforms.index("WhatsApp")]
    np.testing.assert_array_equal(threat > 0, meant)


def test_check_says_how_few_people_a_policy_concerns() -> None:
    spec = load(keys(closed(who={"share": 0.001}), closed("none", who={"share": 0}), **KURDS))
    few, none = (str(warning) for warning in spec.warnings if "concerns" in str(warning))
    assert (
        "it concerns 6" in few
        and "simulated people" in few
        and none.partition("users of TR: ")[2][:6] == "nobody"
    )
    assert [policy.id for policy, _ in whom(spec)] == ["ban", "none"]
    assert not list(whom(scenario([block()])))


@pytest.mark.parametrize(
    ("who", "words"),
    [
        ({"community": "Kurd"}, "no community 'Kurd' in TR; one of Kurds; did you mean 'Kurds'?"),
        (
            {"region": "Lapland"},
            "no region 'Lapland' in the table of regions, of TR or any state; the table has no"
            " region of TR; a row of regions.csv in a folder of tables of your own; its share of"
            " the people, such as share: 0.02, picks as many",
        ),
        (
            {"region": "Catalonia"},
            "no region 'Catalonia' of TR in the table of regions; a region of TR; that one is of"
            " ES",
        ),
        ({"age": [15, 3]}, "from 15 to 3 years; the lower age first"),
        ({"age": [0, 121]}, "an age of 121; 0 to 120 years"),
        ({"age": 15}, "15 is not a range of ages; two ages in full years"),
        ({"share": 1.5}, "1.5 is too large; at most 1"),
        ({}, "'who' names nobody; at least one of age, share, community, region"),
        ({"sex": "all"}, "unknown key 'sex'; one of age, share, community, region"),
    ],
)
def test_a_wrong_who_is_refused_in_words(who: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError) as caught:
        load(keys(closed(who=who), **KURDS))
    assert words in str(caught.value) and "policies.ban.who" in str(caught.value)


def test_stores_close_to_another_state_by_order_of_their_home() -> None:
    order = {
        "id": "stores",
        "on": "2020-08-02",
        "by": "US",
        "from": "TR",
        "instrument": "store_removal",
        "targets": ["WhatsApp"],
        "stores": ["Apple App Store", "Google Play"],
    }
    model = Model(load(keys(order)), collect=False)
    assert model.spec.policies[0].concerns() == ("TR",)
    model.run_for(4)
    p = model.setting.platforms.index("WhatsApp")
    install = {
        code: model.cells["install"][model.setting.states.index(code), p] for code in ("TR", "US")
    }
    assert install["TR"].max() == 0.0
    assert install["US"].min() == 1.0


def test_an_instrument_that_cuts_networks_concerns_everybody() -> None:
    cut = dict(id="cut", instrument="border_cut", by="RU", on="2020-08-05", who={"share": 0.5})
    with pytest.raises(InputError, match="border_cut concerns whole states"):
        load(keys(cut))


def test_no_more_policies_have_a_who_than_classes_can_tell_apart() -> None:
    ages = [closed(f"p{age}", who={"age": [age, age]}) for age in range(64)]
    with pytest.raises(InputError, match="64 policies with a 'who'; at most 63"):
        load(keys(*ages))
    spec = load(keys(*ages[:63], people=1_000))
    model = Model(spec, collect=False)
    met = {name for each in model.places.classes for name in each}
    here = model.people.select(state="TR").count("age")
    assert met == {f"p{age}" for age in here if age < 63}


def test_without_who_a_scenario_keeps_its_digest_and_its_one_class() -> None:
    spec = load(keys(closed()))
    assert "who" not in spec.stated()["policies"][0]
    model = Model(spec, collect=False)
    assert (
        len(model.places) == len(model.setting.states)
        and model.access is model.found is model.by_class[0]
    )


def test_sweeps_and_attribution_take_a_who() -> None:
    few = {
        **keys(closed(who={"share": 0.3})),
        "people": 1_500,
        "days": 5,
        "measure": ["active_users"],
    }
    swept = sn.sweep(
        {**few, "sweep": {"policies.ban.who.share": [0.1, 0.9]}}, seeds=1, jobs=1
    ).table
    other = closed("other", who={"age": [0, 25]})
    shared = sn.attribute({**few, "policies": [*few["policies"], other]}, seeds=1, jobs=1).table

    def effects(table: pd.DataFrame) -> list[float]:
        rows = table[
            (table.metric == "active_users") & (table.state == "TR") & (table["at"] == "end")
        ]
        return list(rows[rows.platform == "WhatsApp"].effect)

    little, much = effects(swept)
    assert much < 3 * little < 0.0, "nine tenths lose more than a tenth do"
    one, two, both = effects(shared)
    assert one + two == pytest.approx(both) and max(one, two) < 0.0


def test_several_regions_of_a_policy_are_their_people_together() -> None:
    ban = {"by": "US", "targets": ["WeChat"]}
    regions = (["utah", "Texas"], "Utah", "Texas")
    spec = load(keys(*(closed(f"r{n}", **ban, who={"region": r}) for n, r in enumerate(regions))))
    model = Model(spec, collect=False)
    groups = model.world.groups
    both, utah, texas = (
        concerned(law, model.world.first, groups, 1, WORLD) for law in spec.policies
    )
    np.testing.assert_array_equal(both, utah | texas)
    people = [expected(law, groups, model.setting, 2020).people for law in spec.policies]
    assert people[0] == pytest.approx(people[1] + people[2])
    assert "in utah or Texas" in str(spec.policies[0].who)
    assert spec.stated()["policies"][1]["who"] == {"region": "Utah"}, "one keeps its digest"


def test_a_policy_has_as_many_simulated_people_as_it_asks_for_in_both_arms() -> None:
    few = {"by": "US", "targets": ["WeChat"], "who": {"region": "Texas", "age": [0, 40]}}
    many = {**few, "who": {**few["who"], "simulated": 300}}
    arms = [make_arms(load(keys(closed(**policy))), 1) for policy in (few, many)]
    found = []
    for baseline, policy in arms:
        texans = [
            arm.people.select(state="US", region="Texas", age=(0, 40)) for arm in (baseline, policy)
        ]
        np.testing.assert_array_equal(*(selection.ids for selection in texans))
        found.append(texans[1])
    assert len(found[0]) < 100 < 270 < len(found[1]), "the draw may miss what is expected a little"
    expects = expected(
        arms[0][1].spec.policies[0], arms[0][1].world.groups, arms[0][1].setting, 2020
    )
    assert found[1].count(weighted=True) == pytest.approx(expects.people, rel=0.25)
    others = [len(policy.people.select(state="TR")) for _, policy in arms]
    assert others[1] >= 0.5 * others[0], "it does not come out of the others"
    too_many = load(keys(closed(**{**few, "who": {"region": "Utah", "simulated": 90_000}})))
    assert "90000 simulated people or more" in str(too_many.warnings)
    assert len(Model(too_many, collect=False).people) < 4 * 4_000 + 1_500
