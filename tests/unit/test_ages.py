"""Ages: the tables, who of each age is online, and the age of every person of a world."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import block, scenario
from reference import Twin
from scipy.stats import norm

from splinternet.engine.model import Model
from splinternet.facts import load_facts
from splinternet.facts.people import OLDEST, Ages
from splinternet.facts.states import load_places
from splinternet.facts.tables import read
from splinternet.world.ages import (
    age_of,
    age_steps,
    highest_by_age,
    online_by_age,
    places_by_age,
    population_by_age,
    use_by_age,
    user_ages,
    uses_ages,
)
from splinternet.world.build import make_world
from splinternet.world.scenario_setting import make_setting


def test_every_state_and_territory_has_people_of_all_ages_as_many_as_it_has_elsewhere() -> None:
    rows = read(Ages)
    assert {state for state, _ in rows} == set(load_places())
    assert len(rows) == 3 * len(load_places())
    for code, fact in load_facts("world-2020").states.items():
        if code in load_places():
            total = sum(rows[code, 2020].people) * 1000
            assert total == pytest.approx(fact.population.value, rel=0.08), code


def test_the_rest_of_the_world_is_everybody_else() -> None:
    some, all_of_them = population_by_age(("US", "XX"), 2020), population_by_age(("XX",), 2020)
    assert some[1] + population_by_age(("US",), 2020)[0] == pytest.approx(all_of_them[0])
    assert all_of_them.sum() / 1e6 == pytest.approx(7.8, rel=0.01)  # thousand million people
    assert (population_by_age(("US",), 2019) == population_by_age(("US",), 2020)).all()
    assert (population_by_age(("US",), 2024) == population_by_age(("US",), 2025)).all()


def test_ages_are_read_at_the_rank_of_youth() -> None:
    """By hand: half of the users are 10, a quarter 20, a quarter 30 years old."""
    ages = np.zeros((1, OLDEST + 1))
    ages[0, [10, 20, 30]] = 0.5, 0.25, 0.25
    (steps,) = age_steps(ages)
    youth = np.array(
        [3.0, 0.01, -0.01, -0.67, -0.68, -4.0]
    )  # the upper quartile of a standard normal is at 0.6745
    assert age_of(youth, steps).tolist() == [10, 10, 20, 20, 30, 30]
    grid = (np.arange(100_000) + 0.5) / 100_000
    found = np.bincount(age_of(norm.ppf(grid), steps), minlength=OLDEST + 1) / grid.size
    assert found == pytest.approx(ages[0], abs=1e-4)


def test_a_state_has_as_many_users_as_the_facts_say_and_the_young_go_online_first() -> None:
    population = population_by_age(("NG", "CN", "US"), 2020)
    for share in (0.1, 0.5, 0.95):
        online = online_by_age(population, np.full(3, share))
        counted = (population * online)[:, 5:75].sum(axis=1) / population[:, 5:75].sum(axis=1)
        assert counted == pytest.approx(share)
        assert (online[:, :5] == 0.0).all(), "people under five count as users nowhere"
        assert (online[:, 25] > online[:, 45]).all() and (online[:, 45] > online[:, 70]).all()
    few, many = (online_by_age(population, np.full(3, share)) for share in (0.2, 0.8))
    assert (many[:, 5:] > few[:, 5:]).all()


def test_other_surveys_find_the_same_ages_online() -> None:
    """None of these is in the table, which is of China: ITU of the world, ONS of the United
    Kingdom.
    """
    setting = make_setting(scenario())
    population = population_by_age(setting.states, 2020)
    share = np.array(
        [setting.users[s] / setting.state_facts[s].population.value for s in setting.states]
    )
    users = population * online_by_age(population, np.minimum(share, 0.999))
    young = users[:, 15:25].sum() / population[:, 15:25].sum()
    assert young == pytest.approx(
        0.71, abs=0.03
    )  # ITU, Facts and Figures 2021: of those aged 15 to 24, in 2020
    others = np.r_[0:15, 25:101]
    assert users[:, others].sum() / population[:, others].sum() == pytest.approx(
        0.57, abs=0.08
    )  # the same source
    britain, people = (table[setting.states.index("GB")] for table in (users, population))
    for first, last, known in (
        (16, 44, 0.99),
        (55, 64, 0.92),
        (65, 74, 0.80),
    ):  # ONS, Internet users, 2018
        part = slice(first, last + 1)
        assert britain[part].sum() / people[part].sum() == pytest.approx(known, abs=0.04), first


def test_people_have_the_ages_of_the_users_of_their_state_and_the_twin_the_same() -> None:
    spec = scenario([block(by="RU", targets=["Instagram"])], people=20_000)
    world = make_world(spec, 1)
    shares = dict(
        zip(
            world.setting.states,
            np.cumsum(user_ages(world.setting, spec.start.year), axis=1),
            strict=True,
        )
    )
    for row, group in enumerate(world.groups):
        ages = world.first["age"][world.first["group"] == row]
        if group.is_rest and ages.size > 500:
            found = np.searchsorted(np.sort(ages), np.arange(OLDEST + 1), side="right") / ages.size
            apart = np.abs(found - shares[group.home]).max()
            assert apart < 1.63 / np.sqrt(ages.size), group.label  # Kolmogorov and Smirnov at 1 %
    small = make_world(scenario([block(targets=["WhatsApp"])], people=1_000, days=3), 2)
    assert [person.age for person in Twin(small).people] == Model(
        small.spec, world=small, collect=False
    ).person["age"].tolist()


# --- who uses what, where a policy names an age ---------------------------------------------------


def test_users_are_shared_out_over_ages_in_proportion_as_far_as_there_are_people() -> None:
    """By hand."""
    sizes = np.array([100, 100, 200])
    assert places_by_age(sizes, np.array([0.6, 0.3, 0.15]), 60).tolist() == [30, 15, 15]
    assert places_by_age(sizes, np.array([0.9, 0.3, 0.3]), 230).tolist() == [100, 43, 87], (
        "the first is full"
    )
    assert places_by_age(sizes, np.array([0.9, 0.3, 0.3]), 400).tolist() == [100, 100, 200]
    assert places_by_age(sizes, np.array([0.5, 0.0, 0.0]), 120).tolist() == [100, 7, 13], (
        "the rest comes from others"
    )
    assert places_by_age(sizes, np.array([0.2, 0.1, 0.1]), 0).tolist() == [0, 0, 0]
    assert places_by_age(np.array([1, 1, 1]), np.ones(3), 2).sum() == 2
    score, ages = (
        np.array([5.0, 4.0, 3.0, 2.0, -np.inf, 1.0]),
        np.array([10, 10, 10, 40, 40, 40], np.uint8),
    )
    use = np.where(np.arange(101) < 20, 0.25, 0.5)
    assert sorted(highest_by_age(score, 3, ages, use).tolist()) == [0, 3, 5], (
        "1.5 x 0.25 : 0.5 of 3 and 2 people"
    )


def test_where_a_policy_names_an_age_platforms_have_the_ages_that_surveys_find() -> None:
    plain_spec, aged_spec = (
        scenario([block(by="US", targets=["TikTok"]) | who], people=30_000)
        for who in ({}, {"who": {"age": [0, 15]}})
    )
    assert not uses_ages(plain_spec) and uses_ages(aged_spec)
    plain, aged = make_world(plain_spec, 1), make_world(aged_spec, 1)
    assert (aged.first["age"] == plain.first["age"]).all() and (
        aged.first["effort"] == plain.first["effort"]
    ).all()
    names, groups = aged.setting.platforms, len(aged.groups)
    for bit in range(len(names)):  # every group keeps its number of users
        on = [
            world.first["group"][world.first["member"] >> bit & 1 == 1] for world in (plain, aged)
        ]
        users = [np.bincount(of_group, minlength=groups) for of_group in on]
        assert np.abs(users[0] - users[1]).max() <= 1, names[bit]
    rest = next(
        row for row, group in enumerate(aged.groups) if group.is_rest and group.home == "US"
    )
    use, here = use_by_age(aged.setting), aged.first["group"] == rest
    for name in ("TikTok", "Snapchat", "LinkedIn"):
        column = names.index(name)
        ages, on = aged.first["age"][here], aged.first["member"][here] >> column & 1 == 1
        known = use[aged.setting.states.index("US"), column][ages]
        expected = known * on.sum() / known.sum()
        assert expected.max() < 1.0, "no age is full, so that all are in proportion"
        for figure in np.unique(known):
            among = known == figure
            assert on[among].sum() == pytest.approx(expected[among].sum(), abs=1.0), (name, figure)
        was = (plain.first["member"][here] >> column & 1) - expected
        assert max(abs(was[known == figure].sum()) for figure in np.unique(known)) > 5, (
            "otherwise it is not so"
        )


def test_figures_of_a_state_itself_go_before_those_of_the_united_states() -> None:
    setting = make_setting(scenario())
    use = use_by_age(setting)
    us, ru, de = map(setting.states.index, ("US", "RU", "DE"))
    tiktok, vk = map(setting.platforms.index, ("TikTok", "VKontakte"))
    assert (use[de, tiktok] == use[us, tiktok]).all()
    assert (ru, tiktok) not in use, "of Russia it is known how TikTok goes with youth"
    assert (ru, vk) not in use and (us, vk) not in use
    assert (us, setting.platforms.index("Twitter")) in use, "by its other name"
