"""Demands on platforms with fixed outcomes: what each does, when it ends, and how it meets other
policies.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import permutations
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from conftest import Keys, cell, scenario

from splinternet.engine.model import Model
from splinternet.errors import InputError
from splinternet.experiments.pairs import run_pair
from splinternet.policies import INSTRUMENTS
from splinternet.results.panel import ArmData
from splinternet.scenario import Scenario, load
from splinternet.world.law import docket_of

SEEDS = range(1, 3)
SEEN = (
    "active_users",
    "monthly_users",
    "openness",
    "voice_silenced",
    "accounts_silenced",
    "concentration",
)
LADDER = [
    {"on": "2020-08-12", "sanction": "fine", "amount": 1e6},
    {"on": "2020-08-15", "sanction": "ad_ban"},
    {"on": "2020-08-20", "sanction": "throttle", "share": 0.5},
    {"on": "2020-08-30", "sanction": "throttle", "share": 0.9},
]
DEMANDS: dict[str, Keys] = {
    "divest_or_ban": {"by": "US", "targets": "TikTok", "announced": "2020-08-05", "days": 12},
    "local_representative": dict(by="TR", targets="Twitter", on="2020-08-10", ladder=LADDER),
    "data_localisation": dict(by="RU", targets="Instagram", on="2020-08-05", deadline="2020-08-15"),
    "content_removal": dict(by="TR", targets="Twitter", on="2020-08-10", share=0.2, hours=48),
}


def demand(instrument: str, **keys: Any) -> Keys:
    """Return a demand of each kind, with some keys changed."""
    return {"id": "demand", "instrument": instrument} | DEMANDS[instrument] | keys


def arms(spec: Scenario) -> list[tuple[ArmData, ArmData]]:
    return [run_pair(spec, seed, metrics=SEEN) for seed in SEEDS]


def after(policies: list[Keys], days: int, **keys: Any) -> Model:
    """Return a model after so many days."""
    model = Model(scenario(policies, days=days + 5, **keys), collect=False)
    model.run_for(days)
    return model


def tables_differ(model: Model) -> bool:
    return any(
        not np.array_equal(a, b) for a, b in zip(model.access, model.world.access, strict=True)
    )


@pytest.mark.parametrize(
    "instrument", ["divest_or_ban", "local_representative", "data_localisation"]
)
def test_a_refusal_that_is_punished_loses_users_in_every_pair(instrument: str) -> None:
    spec = scenario([demand(instrument)], days=50)
    where = (str(DEMANDS[instrument]["by"]), str(DEMANDS[instrument]["targets"]))
    for baseline, policy in arms(spec):
        assert cell(policy, "active_users", *where)[-1] < cell(baseline, "active_users", *where)[-1]
        assert cell(policy, "openness", where[0])[-1] < cell(baseline, "openness", where[0])[-1]


def test_removal_silences_a_share_from_its_hours_on_and_touches_no_access() -> None:
    for baseline, policy in arms(scenario([demand("content_removal")], days=20)):
        silenced = cell(policy, "voice_silenced", "TR", "Twitter")
        assert (silenced[:11] == 0).all()  # two days to obey, from 10 August
        assert (silenced[11:] == 0.2).all()
        monthly = cell(policy, "monthly_users", "TR", "Twitter")
        assert cell(policy, "accounts_silenced", "TR")[-1] == pytest.approx(0.2 * monthly[-1])
        assert (cell(baseline, "voice_silenced", "TR", "Twitter") == 0).all()
        assert np.array_equal(cell(policy, "openness", "TR"), cell(baseline, "openness", "TR"))


@pytest.mark.parametrize("instrument", list(DEMANDS))
def test_when_a_demand_ends_access_is_back_to_the_bit(instrument: str) -> None:
    lift = dict(
        id="lift", instrument="lift", by=DEMANDS[instrument]["by"], policy="demand", on="2020-09-05"
    )
    for ended in ([demand(instrument, until="2020-09-05")], [demand(instrument), lift]):
        model = Model(scenario(ended, days=40), collect=False)
        model.run_for(35)
        assert tables_differ(model)
        model.step()
        assert model.date == date(2020, 9, 5)
        assert not tables_differ(model)


@pytest.mark.parametrize("instrument", list(DEMANDS))
def test_a_stayed_demand_does_nothing(instrument: str) -> None:
    stay = dict(id="stay", instrument="injunction", by=DEMANDS[instrument]["by"], policy="demand")
    model = after([demand(instrument), stay | {"on": "2020-08-05"}], 35)
    assert not tables_differ(model)
    assert not model.decisions


def test_a_stay_that_is_reversed_no_longer_stays() -> None:
    policies = [
        demand("divest_or_ban"),
        dict(id="stay", instrument="injunction", by="US", policy="demand", on="2020-08-10"),
        dict(id="appeal", instrument="injunction", by="US", policy="stay", on="2020-08-25"),
    ]
    model = after(policies, 24)
    assert not model.docket.in_force
    model.run_for(1)
    assert [policy.id for policy in model.policies_in_force()] == ["demand"]
    assert tables_differ(model)


def test_two_acts_that_end_each_other_do_not_loop() -> None:
    policies = [
        {"id": "a", "instrument": "lift", "by": "US", "policy": "b", "on": "2020-08-01"},
        {"id": "b", "instrument": "lift", "by": "US", "policy": "a", "on": "2020-08-01"},
    ]
    with pytest.raises(InputError, match="it acts on itself: a -> b -> a"):
        scenario(policies)
    made = [
        INSTRUMENTS["lift"](**keys) for keys in policies
    ]  # as states that decide could make them
    for order in permutations(made):
        assert docket_of(order, date(2020, 8, 5)) == docket_of(made, date(2020, 8, 5))


def test_an_extension_moves_the_deadline_from_the_day_it_is_granted() -> None:
    later = dict(id="later", instrument="extension", by="US", policy="demand", on="2020-08-15")
    spec = scenario([demand("divest_or_ban"), later | {"to": "2020-08-27"}])
    before, granted = (docket_of(spec.policies, date(2020, 8, day)) for day in (14, 15))
    assert before.announced[0].days_left == 3  # to 17 August
    assert granted.announced[0].days_left == 12  # to 27 August
    assert (
        after(
            list(spec.model_dump(mode="json", exclude_none=True)["policies"]), 27
        ).access.install.min()
        == 0.0
    )
    assert (
        after(
            list(spec.model_dump(mode="json", exclude_none=True)["policies"]), 26
        ).access.install.min()
        == 1.0
    )


def test_an_extension_moves_any_other_policy_and_a_ladder_with_all_its_steps() -> None:
    to = dict(id="later", instrument="extension", policy="demand", on="2020-08-09", to="2020-08-30")
    block = dict(id="demand", instrument="block", by="US", targets="TikTok", on="2020-08-10")
    spec = scenario([block, to | {"by": "US"}])
    assert not docket_of(spec.policies, date(2020, 8, 29)).in_force
    assert docket_of(spec.policies, date(2020, 8, 30)).in_force[0][1] == 0
    spec = scenario([demand("local_representative"), to | {"by": "TR"}])
    moved = docket_of(spec.policies, date(2020, 8, 30)).in_force[0][0]
    assert moved.ladder[2].on == date(2020, 9, 9)
    assert moved.ladder[2].on - spec.policies[0].ladder[2].on == timedelta(days=20)


def test_people_fear_a_deadline_while_the_clock_runs_and_rush_in_its_last_days() -> None:
    model = Model(scenario([demand("divest_or_ban")], days=40), collect=False)
    us, p = model.setting.states.index("US"), model.setting.platforms.index("TikTok")
    threat, rush = [], []
    for _ in range(20):
        model.step()
        threat.append(bool(model.access.threat[us, p] > 0))
        rush.append(bool(model.access.rush[us, p] > 0))
    assert threat == [False] * 4 + [True] * 12 + [False] * 4  # announced 5 August, 12 days
    assert rush == [False] * 13 + [True] * 3 + [False] * 4


def test_a_sale_changes_owner_and_home_for_good_and_no_access() -> None:
    spec = scenario([demand("divest_or_ban", outcome="sold", buyer="Microsoft")], days=30)
    model = Model(spec, collect=False, metrics=["use_by_home"])
    model.run_for(16)
    us, china = (model.setting.states.index(code) for code in ("US", "CN"))
    chinese, american = model.record.today("use_by_home")[us, [china, us]]
    tiktok = model.active_users("TikTok", "US")
    model.step()
    assert [(str(d.day), d.who) for d in model.decisions] == [("2020-08-17", "TikTok")]
    fact = next(platform.fact for platform in model.platforms if platform.name == "TikTok")
    assert (fact.owner, fact.home) == ("Microsoft", "US")
    after_sale = model.record.today("use_by_home")[us, [china, us]]
    assert after_sale[0] == pytest.approx(chinese - tiktok, rel=0.02)
    assert after_sale[1] == pytest.approx(american + tiktok, rel=0.02)
    assert not tables_differ(model)
    model.run_for(10)
    assert len(model.decisions) == 1
    assert (
        model.world.setting.platform_facts["TikTok"].owner == "ByteDance"
    )  # the other arm keeps its world


def test_an_order_that_is_put_off_for_good_leaves_a_threat() -> None:
    model = after([demand("divest_or_ban", outcome="extended")], 30)
    assert [notice.days_left for notice in model.docket.announced] == [None]
    assert model.access.threat.max() == 0  # old news by then
    assert model.access.install.min() == 1.0


def test_a_clock_can_be_told_in_three_ways() -> None:
    dated = {"announced": "2020-08-05", "on": "2020-08-17", "days": None}
    plain = {"announced": None, "on": "2020-08-05", "days": 12}
    usual = {"announced": None, "on": "2020-08-05", "days": None}
    told = [
        demand("divest_or_ban"),
        *(demand("divest_or_ban", **keys) for keys in (dated, plain, usual)),
    ]
    told = [{key: value for key, value in keys.items() if value is not None} for keys in told]
    deadlines = [scenario([keys]).policies[0].due() for keys in told]
    assert deadlines == [date(2020, 8, 17)] * 3 + [date(2020, 11, 3)]
    bare = {key: value for key, value in demand("divest_or_ban").items() if key != "days"}
    assert scenario([bare]).policies[0].due() is None


def test_who_hosts_at_home_is_not_blocked() -> None:
    model = after([demand("data_localisation", outcome="complied")], 30)
    assert not tables_differ(model)
    assert "at home in RU" in model.setting.platform_facts["Instagram"].hosting
    assert [d.who for d in model.decisions] == ["Instagram"]


def test_with_no_sanction_reached_nothing_happens() -> None:
    spec = scenario([demand("local_representative")], days=15)
    baseline, policy = run_pair(spec, 1)
    for metric in ("active_users", "vpn_users", "contact_days_lost"):  # known from 10 August
        assert np.array_equal(baseline.arrays[metric][:9], policy.arrays[metric][:9])
    assert (cell(policy, "openness", "TR") == cell(baseline, "openness", "TR")).all()


def test_openness_counts_value_reach_speed_and_stores() -> None:
    from splinternet.metrics.registry import METRICS

    reach = np.array([[[1.0, 1.0], [0.5, 0.0]]])
    modes = np.array([[0.5, 0.5], [0.8, 0.2]])
    speed, installable = np.array([[1.0, 0.5]]), np.array([[0.5, 1.0]])
    day = SimpleNamespace(value_share=np.array([0.5, 0.5]))
    day.usable_by_weight = (reach * modes).sum(axis=2) * speed * installable
    assert np.asarray(METRICS["openness"](day)).tolist() == [0.5 * 0.5 + 0.5 * (0.8 * 0.5) * 0.5]
    arm: Any = SimpleNamespace(
        access=SimpleNamespace(silenced=np.array([[0.1, 0.0]])), members=np.array([[50.0, 7.0]])
    )
    assert np.asarray(METRICS["accounts_silenced"](arm)).tolist() == [5.0]


def test_openness_is_what_the_day_s_blocks_leave() -> None:
    model = after([], 1)
    opened = dict(zip(model.setting.states, model.record.today("openness"), strict=True))
    assert opened["DE"] == pytest.approx(1.0)
    assert opened["CN"] < opened["IR"] < opened["RU"] < 1.0


@pytest.mark.parametrize(
    ("instrument", "keys", "expected"),
    [
        ("divest_or_ban", {"then": "throttle"}, "transaction_ban"),
        ("divest_or_ban", {"outcome": "sole"}, "sold"),
        ("divest_or_ban", {"days": 0}, "greater than or equal to 1|1 or more|at least 1"),
        ("divest_or_ban", {"days": 10**9}, "3,653"),
        ("local_representative", {"ladder": [LADDER[0] | {"amount": 1e300}]}, "1000000000000|1e"),
        ("local_representative", {"ladder": []}, "at least 1"),
        ("local_representative", {"ladder": LADDER[::-1]}, "order of their days"),
        (
            "local_representative",
            {"ladder": [{"on": "2020-09-01", "sanction": "throttle"}]},
            "without a share",
        ),
        (
            "local_representative",
            {"ladder": [LADDER[0] | {"share": 0.5}]},
            "means nothing for fine",
        ),
        (
            "local_representative",
            {"ladder": [LADDER[1] | {"amount": 5}]},
            "means nothing for ad_ban",
        ),
        ("content_removal", {"share": 1.5}, "0 to 1|1.5"),
        ("content_removal", {"hours": 0}, "0 is too small"),
        ("data_localisation", {"deadline": "soon"}, "a date"),
    ],
)
def test_what_is_wrong_with_a_demand_is_said(instrument: str, keys: Keys, expected: str) -> None:
    with pytest.raises(InputError, match=expected):
        load(dict(title="t", start="2020-08-01", days=9, policies=[demand(instrument, **keys)]))
