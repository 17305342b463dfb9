"""Connectivity: whom and what people still reach, by hand and in limits; removing access adds no
contact.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from conftest import cell

from splinternet.engine.model import Model
from splinternet.experiments.pairs import run_pair
from splinternet.metrics.arm_day import ArmDay, is_no_contact, people_online
from splinternet.metrics.reach import services_left
from splinternet.metrics.registry import METRICS
from splinternet.people.contact import BRIDGED
from splinternet.scenario import load

PEOPLE = np.array([100.0, 300.0, 100.0])
CUT = np.array([[1.0, 0.5, 0.0], [0.5, 1.0, 1.0], [0.0, 1.0, 1.0]])
"""The first state reaches half of the second's people and nobody in the third."""


def test_reach_and_pairs_by_hand() -> None:
    arm: Any = SimpleNamespace(routes_reach=CUT, internet_users=PEOPLE)
    assert METRICS["reach_abroad"](arm) == pytest.approx([150 / 400, (50 + 100) / 200, 300 / 400])
    assert METRICS["state_pairs_in_reach"](arm) == 1.5
    assert METRICS["state_pairs_in_reach"](SimpleNamespace(routes_reach=np.ones((4, 4)))) == 6


def test_length_is_a_mean_over_the_routes_that_are_left() -> None:
    stretch = np.array([[1.0, 2.0, 9.0], [2.0, 1.0, 1.0], [9.0, 1.0, 1.0]])
    arm: Any = SimpleNamespace(routes_reach=CUT, internet_users=PEOPLE, on_routes=lambda _: stretch)
    assert METRICS["route_length"](arm) == pytest.approx([2.0, (2 * 50 + 100) / 150, 1.0])
    arm.routes_reach = np.eye(3)
    assert np.isnan(METRICS["route_length"](arm)).all()


def test_people_meet_on_the_platform_that_joins_most_of_them_and_not_on_a_shop() -> None:
    usable = np.array([[1.0, 0.5, 1.0], [1.0, 1.0, 1.0]])
    holders = np.array([[10.0, 0.0, 100.0], [30.0, 90.0, 100.0]])
    people, social = np.array([100.0, 100.0]), np.array([True, True, False])
    arm: Any = SimpleNamespace(usable=usable, members=holders, internet_users=people, social=social)
    arm.routes_reach = np.ones((2, 2))
    # From the first: max(1 x 0.3, 0.5 x 0.9); from the second: max(0.1, 0).
    assert METRICS["people_within_reach"](arm) == pytest.approx([0.45, 0.1])
    arm.routes_reach = np.eye(2)
    assert np.asarray(METRICS["people_within_reach"](arm)).tolist() == [0, 0]


def test_services_count_by_their_users() -> None:
    assert services_left(np.array([[1.0, 0.0], [0.5, 0.5]]), np.array([3.0, 1.0])) == pytest.approx(
        [0.75, 0.5]
    )
    assert np.isnan(services_left(np.ones((1, 2)), np.zeros(2)))


def test_a_pair_without_contact_at_first_counts_only_through_what_law_opens() -> None:
    channels = np.array([0, 2, BRIDGED, 1])
    opened = np.array(
        [[0, 0], [0, 0], [0, 0], [0, 1]]
    )  # law has opened the first platform at the family's end
    assert is_no_contact(channels, opened).tolist() == [False, True, False, False]


def test_states_that_do_not_reach_each_other_share_no_internet() -> None:
    """With the same platforms open, likeness is the share of pairs of people that have a route; one
    with oneself.
    """
    reach = CUT * np.array([0.2, 1.0, 1.0])
    stub = SimpleNamespace(
        usable=np.ones((3, 4)), world_users=np.ones(4), routes_reach=reach, _usable_before=None
    )
    found = ArmDay.likeness.func(stub)  # type: ignore[attr-defined, arg-type]
    assert found == pytest.approx(np.array([[1.0, 0.1, 0.0], [0.1, 1.0, 1.0], [0.0, 1.0, 1.0]]))


def test_the_largest_shutdown_counts() -> None:
    spec = load("national_shutdown", overrides=["policies.blackout.share=0.6"])
    half = spec.policies[0].model_copy(update={"share": 0.5})
    both = [(spec.policies[0], 3), (half, 1)]
    assert people_online(both, ("US", "IR")).tolist() == [1.0, 0.4]
    assert people_online([], ("US", "IR")).tolist() == [1.0, 1.0]


def test_a_blackout_takes_people_off_all_routes_and_gives_all_back() -> None:
    spec = load("national_shutdown", people=2_000, days=42)
    baseline, policy = run_pair(spec, 1)
    first, last = ((day - spec.start).days for day in (spec.policies[0].on, spec.policies[0].until))
    dark = slice(first, last)
    assert cell(policy, "reach_abroad", "IR")[dark] == pytest.approx(0.05)
    assert cell(policy, "domestic_reach", "IR")[dark] == pytest.approx(0.05**2)
    assert (
        cell(policy, "median_services", "IR")[dark] < 0.01
    ).all()  # 19 in 20 are cut off, so the median person is
    for metric in ("reach_abroad", "domestic_reach", "services_usable", "median_services"):
        with_it, without = cell(policy, metric, "IR"), cell(baseline, metric, "IR")
        assert (with_it[:first] == without[:first]).all() and (
            with_it[last:] == without[last:]
        ).all()


def test_without_the_blocks_of_2020_the_same_people_have_more_services_and_more_people_within_reach() -> (
    None
):
    baseline, policy = run_pair(load("open_internet", people=1_500, days=3), 1)
    for metric in ("services_usable", "people_within_reach"):
        assert cell(policy, metric, "CN")[0] > 1.5 * cell(baseline, metric, "CN")[0]
    assert cell(policy, "services_usable", "CN")[0] == pytest.approx(1.0)
    assert cell(policy, "services_usable", "DE")[0] == cell(baseline, "services_usable", "DE")[0]


def test_metrics_of_routes_are_kept_only_while_routes_and_people_on_a_network_stay() -> None:
    """What the record carries forward is what a reader without a memory finds on the same day."""
    policies = [
        dict(id="cables", instrument="cable_ban", by="AU", on="2020-08-04", until="2020-08-08")
        | {"cables": ["Southern Cross", "Hawaiki", "INDIGO-West", "Australia Singapore Cable"]},
        {
            "id": "dark",
            "instrument": "shutdown",
            "by": "IN",
            "on": "2020-08-06",
            "until": "2020-08-10",
            "share": 0.5,
        },
    ]
    model = Model(
        dict(title="routes", start="2020-08-01", days=14, people=1_000, policies=policies),
        collect=False,
    )
    names = [name for name, metric in METRICS.items() if metric.follows == "routes"]
    seen = set()
    for _ in range(14):
        model.step()
        fresh = ArmDay(model)
        fresh.begin(model)
        for name in names:
            np.testing.assert_array_equal(model.record.today(name), METRICS[name](fresh), name)
        seen.add(float(model.record.today("state_pairs_in_reach")))
    assert len(names) == 8 and len(seen) > 1
