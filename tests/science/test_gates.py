"""A limit of age takes platforms from those under it, and from the others what checks cost; nobody
else meets it.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from conftest import Keys

import splinternet as sn
from splinternet.engine.model import Model
from splinternet.errors import InputError
from splinternet.experiments.pairs import make_arms
from splinternet.metrics.arm_day import under_limit
from splinternet.scenario import load
from splinternet.world.effects import whom

LIMIT: Keys = dict(
    id="limit", instrument="age_limit", by="AU", targets=["TikTok", "WhatsApp"], age=16
)
LIMIT |= {"on": "2027-01-06", "share_found": 0.8, "obedience": 0.75}
SMALL: Keys = dict(title="A limit", start="2027-01-01", days=30, people=6_000, draw="nothing")


def spec(*policies: Keys, **keys: Any) -> Any:
    return load({**SMALL, "world": {"facts": "world-2025"}, "policies": list(policies), **keys})


@cache
def lived(name: str) -> tuple[Model, Model]:
    """Return both arms of a limit after thirty days: as it is, at visits, or for nobody."""
    law = {
        "accounts": LIMIT,
        "visits": LIMIT | {"applies_to": "visits"},
        "nobody": LIMIT | {"share_found": 0.0},
    }[name]
    settled = {"age_limit.refuse_accounts": 0.0} if name == "nobody" else {}
    arms = make_arms(spec(law, parameters=settled), 1)
    for _ in range(30):
        for arm in arms:
            arm.step()
    return arms


def at_home(model: Model) -> np.ndarray:
    return np.asarray(model.places.state[model.person["state"]] == model.setting.states.index("AU"))


def reach(model: Model, platform: str) -> np.ndarray:
    """Return the share of their class whom a platform reaches, for each person."""
    p = model.setting.platforms.index(platform)
    return np.asarray(model.cells["reach"][model.person["state"], p].max(axis=1))


def test_those_under_the_age_lose_what_is_found_and_obeyed_and_the_others_what_checks_cost() -> (
    None
):
    for name, refused in (("accounts", "refuse_accounts"), ("visits", "refuse_visits")):
        _, policy = lived(name)
        young, home = policy.person["age"] < 16, at_home(policy)
        left = 1.0 - policy.setting.parameters[f"age_limit.{refused}"]
        for platform in ("TikTok", "WhatsApp"):
            found = reach(policy, platform)
            assert found[home & young] == pytest.approx(
                1.0 - 0.8 * (0.75 if name == "accounts" else 1.0)
            )
            assert found[home & ~young] == pytest.approx(left)
            assert found[~home].min() == pytest.approx(
                reach(lived(name)[0], platform)[~home].min()
            ), "nobody abroad"
        assert (reach(policy, "Snapchat")[home] == 1.0).all()
        by_vpn = policy.cells["vpn_share"][
            policy.person["state"], policy.setting.platforms.index("TikTok")
        ]
        assert by_vpn[home & young] == pytest.approx(0.0 if name == "accounts" else 0.25), (
            "who obeys stays out"
        )


def test_no_adult_loses_a_platform_but_by_a_check() -> None:
    baseline, policy = lived("accounts")
    p, home = policy.setting.platforms.index("TikTok"), at_home(policy)
    lost = (baseline.person["using"] >> p & 1 == 1) & (policy.person["using"] >> p & 1 == 0) & home
    had = (baseline.person["using"] >> p & 1 == 1) & home
    young = policy.person["age"] < 16
    assert lost[young].sum() / had[young].sum() == pytest.approx(0.6, abs=0.15)
    check = policy.setting.parameters["age_limit.refuse_accounts"]
    assert 0.0 < lost[~young].sum() / had[~young].sum() < 2 * check
    unchecked = Model(spec(LIMIT, parameters={"age_limit.refuse_accounts": 0.0}), collect=False)
    unchecked.run_for(7)
    assert (reach(unchecked, "TikTok")[home & ~young] == 1.0).all(), (
        "without a cost of checks it does not reach them"
    )


def test_a_limit_that_finds_nobody_and_checks_nobody_changes_nothing() -> None:
    baseline, policy = lived("nobody")
    for name in ("member", "using", "vpn"):
        np.testing.assert_array_equal(baseline.person[name], policy.person[name])


def test_users_under_the_limit_are_counted_in_both_arms_by_hand() -> None:
    for arm in lived("accounts"):
        weight = np.array([group.weight for group in arm.world.groups])[arm.person["group"]]
        meant = at_home(arm) & (arm.person["age"] < 16)
        np.testing.assert_array_equal(np.flatnonzero(meant), under_limit(arm))
        p, s = arm.setting.platforms.index("TikTok"), arm.setting.states.index("AU")
        counted = arm.record.today("users_under_limit")
        by_hand = weight[meant & (arm.person["using"] >> p & 1 == 1)].sum()
        assert counted[s, p] == pytest.approx(by_hand)
        assert counted.sum() == pytest.approx(counted[s].sum()), "of no other state"


def test_a_run_without_a_limit_has_no_such_metric_and_a_cell_stands_on_the_young() -> None:
    block = dict(id="ban", instrument="block", by="AU", targets=["TikTok"], on="2027-01-06")
    short: Keys = {"people": 1_500, "days": 8}
    assert "users_under_limit" not in sn.run(spec(block, **short), seeds=1).metrics
    result = sn.run(spec(LIMIT, **short), seeds=1)
    rows = [row for row in result.rows() if row["metric"] == "users_under_limit"]
    baseline = result.members[0][0]
    assert all(
        row["simulated"] == baseline.cells[f"AU/{row['platform']}: too young"] for row in rows
    )
    assert all(row["simulated"] >= 30 for row in rows)


def test_a_who_narrows_both_parts_by_the_same_draw() -> None:
    half = spec(LIMIT | {"who": {"share": 0.5}})
    model = Model(half, collect=False)
    model.run_for(10)
    young, home, found = model.person["age"] < 16, at_home(model), reach(model, "TikTok")
    for part in (young, ~young):
        assert (found[home & part] < 1.0).mean() == pytest.approx(0.5, abs=0.1)
    parts = [(str(part.who), expected.people) for part, expected in whom(half)]
    assert [words for words, _ in parts] == [
        "50 % of the people aged 0 to 15",
        "50 % of the people aged 16 to 120",
    ]
    assert sum(people for _, people in parts) == pytest.approx(
        0.5 * model.setting.users["AU"], rel=1e-3
    )


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"age": 0}, "0 is too small"),
        ({"age": "old"}, "'old' is not a whole number"),
        ({"who": {"age": [0, 15]}}, "'who' names ages, and so does 'age'"),
        ({"applies_to": "phones"}, "'phones'"),
        ({"share_found": 1.4}, "1.4 is too large; at most 1"),
    ],
)
def test_wrong_limits_are_refused_in_words(keys: Keys, words: str) -> None:
    with pytest.raises(InputError) as caught:
        spec(LIMIT | keys)
    assert words in str(caught.value) and "policies.limit" in str(caught.value)


def test_a_lift_and_an_exemption_free_both_those_under_the_age_and_the_others() -> None:
    for act in (
        {"instrument": "lift", "on": "2027-01-08"},
        {"instrument": "exemption", "on": "2027-01-07"},
    ):
        model = Model(
            spec(LIMIT, {"id": "act", "by": "AU", "policy": "limit", **act}), collect=False
        )
        model.run_for(12)
        assert (reach(model, "TikTok")[at_home(model)] == 1.0).all(), act["instrument"]
