"""Authors who leave a platform gather on others, and the people who lost them follow."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from conftest import block, cell, policy_arm, scenario

from splinternet.engine.model import Model
from splinternet.people.authors import authors_gone, led_to, make_heirs, open_to_authors
from splinternet.people.kernel_types import PLATFORM
from splinternet.scenario import Scenario
from splinternet.scenario.load import load

CHOICE = {"authors.follow": 1.0, "authors.reach": 1.0, "authors.gather": 4.0}
ALIKE = 0.8


def platforms(*tie_shares: float) -> np.ndarray:
    """Return platforms of one kind, by the share of their value that comes from who is there."""
    rows = np.zeros(len(tie_shares), PLATFORM)
    rows["pull"][:, 0], rows["tie_share"] = ALIKE, tie_shares
    return rows


def heirs(
    rows: np.ndarray, use: list[float], /, *, owners: str = "abc", key: int = 1, **choice: float
) -> Any:
    """Return the heirs in one state where everything is known."""
    q = CHOICE | {f"authors.{name}": value for name, value in choice.items()}
    return make_heirs(
        rows, np.array([use]), np.ones((1, len(rows)), np.bool_), list(owners), q, key
    )


def shares(of: Any) -> np.ndarray:
    """Return the shares of the first platform's authors who go to each one."""
    weight = of.nearness[0] * of.appeal[0]
    return np.asarray(weight / weight.sum())


def test_each_platform_wins_the_authors_as_often_as_its_owner_reaches_people() -> None:
    won = [shares(heirs(platforms(0, 0, 0), [0.5, 0.8, 0.2], key=key)) for key in range(2_000)]
    assert np.mean([share.argmax() == 1 for share in won]) == pytest.approx(0.8, abs=0.03)
    blind = [
        shares(heirs(platforms(0, 0, 0), [0.5, 0.8, 0.2], key=key, reach=0.0))
        for key in range(2_000)
    ]
    assert np.mean([share.argmax() == 1 for share in blind]) == pytest.approx(0.5, abs=0.03)
    with_owner = [
        shares(heirs(platforms(0, 0, 0), [0.8, 0.8, 0.001], owners="aba", key=k))
        for k in range(2_000)
    ]
    assert np.mean([share.argmax() == 2 for share in with_owner]) == pytest.approx(0.5, abs=0.03)


def test_authors_gather_on_fewer_platforms_the_more_they_look_at_each_other() -> None:
    most = [
        np.mean(
            [
                shares(heirs(platforms(0, 0, 0), [0.5] * 3, key=k, gather=g)).max()
                for k in range(300)
            ]
        )
        for g in (1.0, 4.0)
    ]
    assert 0.6 < most[0] < most[1] - 0.1


def test_authors_matter_by_what_comes_from_strangers() -> None:
    assert heirs(platforms(0.1, 0.1, 0.1), [0.5] * 3).carried[0].tolist() == pytest.approx(
        [0, 0.9, 0.9]
    )
    assert heirs(platforms(0.9, 0.9, 0.9), [0.5] * 3).carried[0].tolist() == pytest.approx(
        [0, 0.1, 0.1]
    )


def test_authors_leave_with_the_audience_or_before_a_law_with_a_date() -> None:
    gone, level, coming = np.zeros((1, 3)), np.array([[1.0, 0.2, 1.0]]), np.array([[0.0, 0.0, 0.9]])
    for _ in range(1_000):
        gone = authors_gone(gone, level, coming, 90.0)
    assert gone[0].tolist() == pytest.approx([0, 0.8, 0.9], abs=0.001)


def exit_of_twitch(follow: float) -> Scenario:
    """Return the exit of Twitch from South Korea; people follow a share of the authors."""
    return load(
        "events/kr_twitch_2024",
        people=3_000,
        overrides=[f"authors.follow={follow}", "authors.gather=1"],
    )


def joined(spec: Scenario) -> float:
    """Return how many more people use either of two rivals at the end than on the first day
    [persons].
    """
    arm = policy_arm(spec, 1, ["monthly_users"])
    users = sum(cell(arm, "monthly_users", "KR", name) for name in ("Chzzk", "AfreecaTV"))
    return float(users[-1] - users[0])


def test_people_follow_authors_to_a_platform_that_nobody_of_their_circle_uses() -> None:
    followed, alone = (joined(exit_of_twitch(share)) for share in (1.0, 0.0))
    assert followed > 1.5 * alone > 0


def test_notice_lets_authors_go_beforehand() -> None:
    spec = exit_of_twitch(1.0)
    (leaving,) = spec.policies
    sudden = spec.model_copy(
        update={"policies": (leaving.model_copy(update={"announced": leaving.on}),)}
    )
    assert joined(spec) > 1.2 * joined(sudden) > 0


def test_authors_go_to_what_is_open() -> None:
    model = Model("events/kr_twitch_2024", people=1_000, rng=1)
    model.run_for(30)
    at = [
        model.setting.platforms.index(name) for name in ("Twitch", "Chzzk", "AfreecaTV", "Bilibili")
    ]
    s, here, heirs = model.setting.states.index("KR"), model.by_class[0], model.world.heirs
    twitch, chzzk, afreeca, bilibili = led_to(model.authors_gone, open_to_authors(here), heirs)[
        s, at
    ]
    assert twitch == 0 and min(chzzk, afreeca) > 0 and bilibili == 0, (
        "hardly anybody there uses Bilibili"
    )
    closed = here._replace(reach=here.reach.copy())
    closed.reach[s, at[1]] = 0.0
    assert led_to(model.authors_gone, open_to_authors(closed), heirs)[s, at[1]] == 0
    assert led_to(model.authors_gone, open_to_authors(closed), heirs)[s, at[2]] > afreeca, (
        "who is left gets all"
    )


def test_authors_come_back_when_nothing_keeps_them_away() -> None:
    """Also where nobody has changed anything: a law with a date may be withdrawn before anybody
    acts on it.
    """
    model = Model("baseline_2020", people=1_000, rng=1)
    model.run_for(1)
    assert not model.contact_cache.ever
    model.authors_gone[0, 0] = 0.5
    model.run_for(1)
    assert model.authors_gone[0, 0] == pytest.approx(
        0.5 * (1 - 1 / model.setting.parameters["choice.audience_lag_days"])
    )


def test_authors_see_the_law_as_people_of_their_state_do_on_average() -> None:
    """A ban that concerns the people of one region makes that part of the authors go."""
    model = Model(
        scenario(
            [
                block(
                    targets=["TikTok"],
                    on="2020-09-01",
                    announced="2020-08-11",
                    who={"region": "Texas"},
                )
            ],
            people=2_000,
        ),
        rng=1,
    )
    s = model.setting.states.index("US")
    tiktok = model.setting.platforms.index("TikTok")
    in_texas = float(model.places.share[s, 1])
    assert 0.05 < in_texas < 0.15
    lag = model.setting.parameters["choice.audience_lag_days"]
    expected = 0.0
    for _ in range(25):
        model.run_for(1)
        everybody, texans = (float(table.coming[s, tiktok]) for table in model.by_class)
        assert everybody == 0.0, "nothing is announced to other people"
        expected += (in_texas * texans - expected) / lag
    assert expected > 0.0
    assert model.authors_gone[s, tiktok] == pytest.approx(expected)
