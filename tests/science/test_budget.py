"""A budget of time and money, by hand and in limits: nothing comes from nowhere, and what is lost
goes somewhere.
"""

from __future__ import annotations

import numpy as np
import pytest
from conftest import cell
from hypothesis import example, given, settings
from hypothesis import strategies as st
from reference.minutes import shared_out

from splinternet.experiments.pairs import run_pair
from splinternet.facts.model import KINDS
from splinternet.facts.platforms import BUDGETS, MINUTES, minutes_of
from splinternet.facts.tables import read
from splinternet.metrics.arm_day import from_purse, nowhere
from splinternet.metrics.use import settled
from splinternet.people import budget
from splinternet.people.budget import Spending
from splinternet.scenario import load

ALIKE = np.ones((3, 3))
amounts = st.lists(st.floats(0, 1e6), min_size=6, max_size=6).map(
    lambda x: np.array(x).reshape(2, 3)
)


def share_out(
    own: np.ndarray, base: np.ndarray, close: np.ndarray, lost: np.ndarray | float
) -> np.ndarray:
    """Share out what people lost, a row each, who are groups by themselves."""
    people, platforms = own.shape
    everything = np.full(people, (1 << platforms) - 1)
    uses = (Spending(everything, np.array(rows, np.float64)) for rows in (own, base))
    each = np.ones(own.shape)
    gone = np.broadcast_to(lost, platforms)
    return budget.share_out(*uses, own, np.arange(people), each, close, gone)


def test_lost_time_is_shared_between_new_use_and_what_is_used() -> None:
    base, own = np.array([[100.0, 30.0, 10.0]]), np.array([[0.0, 30.0, 10.0]])
    # 100 lost, half of it goes nowhere, the rest in proportion to use: 3 to 1.
    assert share_out(own, base, ALIKE, 0.5) == pytest.approx(np.array([[0.0, 67.5, 22.5]]))
    new = np.array(
        [[0.0, 30.0, 50.0]]
    )  # 40 new minutes weigh as much as 40 of what is used: half each, 3 to 1
    assert share_out(new, base, ALIKE, 0.5) == pytest.approx(np.array([[0.0, 48.75, 41.25]]))
    alone = np.array([[0.0, 0.0, 20.0]])  # 50 are free, and new use is that of a regular user
    assert share_out(alone, np.array([[100.0, 0.0, 0.0]]), ALIKE, 0.5) == pytest.approx(alone)


@settings(deadline=None)
@given(amounts, amounts, st.floats(0, 1))
@example(np.array([[0.0, 0.0, 5e-324]]), np.array([[0.0, 0.0, 1.0]]), 0.0)
@example(
    np.array([[376349.0, 5.9e-50, 0.0]]), np.array([[0.0, 1.0, 235274.3359375]]), 0.8802254423895632
)
def test_nobody_has_more_time_than_before(own: np.ndarray, base: np.ndarray, lost: float) -> None:
    found = share_out(own, base, ALIKE, lost)
    assert (found >= 0).all()
    assert (found.sum(axis=1) <= base.sum(axis=1) * (1 + 1e-9) + 1e-6).all()
    assert np.array_equal(share_out(base, base, ALIKE, lost), base)


def test_advertisers_pay_no_more_in_all_when_attention_moves() -> None:
    before = np.array([[10.0, 50.0, 40.0], [10.0, 50.0, 40.0], [10.0, 50.0, 0.0]])
    paid = np.array([[4.0, 70.0, 60.0], [4.0, 53.0, 40.0], [10.0, 50.0, 7.0]])
    # 6 lost and 40 gained: the gains shrink to 6; 6 lost and 3 gained: 3 go nowhere; a gain from
    # nothing is none.
    assert from_purse(paid, before) == pytest.approx(
        np.array([[4.0, 53.0, 43.0], [4.0, 53.0, 40.0], [10.0, 50.0, 0.0]])
    )


@settings(deadline=None)
@given(amounts, amounts)
def test_no_state_s_advertising_grows(paid: np.ndarray, before: np.ndarray) -> None:
    found = from_purse(paid, before)
    assert (found.sum(axis=1) <= before.sum(axis=1) * (1 + 1e-9) + 1e-6).all()
    assert (np.sign(found - before) * np.sign(paid - before) >= 0).all()
    assert np.array_equal(from_purse(before, before), before)


@settings(deadline=None)
@given(st.lists(st.floats(), min_size=1))
def test_recorded_numbers_keep_eight_digits(given_numbers: list[float]) -> None:
    values = np.array(given_numbers)
    found = settled(values)
    normal = np.isfinite(values) & (np.abs(values) > 1e-300) & (np.abs(values) < 1e300)
    assert found[normal] == pytest.approx(values[normal], rel=2e-9)
    assert (
        np.array_equal(np.isnan(found), np.isnan(values))
        and (settled(found)[normal] == found[normal]).all()
    )


def test_the_rounding_of_a_sum_is_not_recorded() -> None:
    forth = np.array([0.1] * 10).cumsum()[-1:] * 3e7
    assert forth[0] != 3e7 and settled(forth)[0] == 3e7
    assert settled(np.array([3e7 + 1.0]))[0] == 3e7 + 1.0
    assert (settled(np.array([0.0, -0.0, 5.0, -2.5])) == [0.0, 0.0, 5.0, -2.5]).all()


def test_the_share_that_goes_nowhere_falls_to_its_long_run() -> None:
    assert nowhere(0.6, np.array(0.4), 14, 0) == pytest.approx(0.6)
    assert nowhere(0.6, np.array(0.4), 14, 14) == pytest.approx(0.5)
    assert nowhere(0.6, np.array(0.4), 14, 1e4) == pytest.approx(0.4)


def test_every_kind_has_minutes_and_a_platform_of_its_own_comes_first() -> None:
    assert set(KINDS) <= set(read(MINUTES))
    assert minutes_of("Pinterest", "feed").value < minutes_of("nobody's", "feed").value
    assert all(
        row.basis != "assumption" or "assumption" in row.source for row in read(MINUTES).values()
    )


MONEY = ("minutes", "revenue", "minutes_by_home", "revenue_by_home")


def test_the_ban_of_tiktok_frees_time_that_others_get() -> None:
    baseline, policy = run_pair(load("tiktok_ban_2020", people=2_000, days=200), 1, metrics=MONEY)
    us = baseline.axes.states.index("US")
    without, under = (arm.arrays["minutes"][-1, us] for arm in (baseline, policy))
    change = under - without
    lost = -change[change < 0].sum()
    assert (
        cell(policy, "minutes", "US", "TikTok")[-1]
        < 0.85 * cell(baseline, "minutes", "US", "TikTok")[-1]
    )
    assert (
        0.25 * lost < change[change > 0].sum() < 0.75 * lost
    )  # 0.4 to 0.6 of what is lost goes nowhere
    for metric in ("minutes", "revenue"):
        for arm in (baseline, policy):
            of_homes = arm.arrays[f"{metric}_by_home"].sum(axis=2)
            assert of_homes == pytest.approx(arm.arrays[metric].sum(axis=2), rel=1e-8)
    ordered = dict(zip(baseline.axes.platforms, change, strict=True))
    assert ordered["YouTube"] > ordered["Twitch"] > 0, (
        "time goes to what people use already before it goes to what is new"
    )
    money = (policy.arrays["revenue"] - baseline.arrays["revenue"])[-1, us]
    recorded = 1e-8 * baseline.arrays["revenue"][-1, us].sum()  # amounts have eight digits
    assert 0 < money[money > 0].sum() <= -money[money < 0].sum() + recorded, (
        "what firms gain, others lose"
    )


def test_amazon_gains_less_than_people_no_longer_spend_at_alibaba() -> None:
    baseline, policy = run_pair(load("alibaba_ban", people=2_000, days=75), 1, metrics=["trade"])
    us = baseline.axes.states.index("US")
    change = (policy.arrays["trade"] - baseline.arrays["trade"])[-1, us]
    names = baseline.axes.platforms
    lost = -change[names.index("AliExpress")]
    assert 0 < change[names.index("Amazon")] < lost
    # Some share goes nowhere; all of what a person loses who uses no other shop.
    assert -lost <= change.sum() <= -read(BUDGETS)["money.nowhere"].value * lost * (1 - 1e-9)


def test_what_has_nothing_to_do_with_it_keeps_its_time() -> None:
    """A search engine pays neither for a lost network nor for new use beyond the loss; kinds lose a
    part for good.
    """
    close = np.array([[1.0, 0.8, 0.0], [0.8, 1.0, 0.0], [0.0, 0.0, 1.0]])
    gone = np.array([0.5, 0.2, 0.1])
    base, own = np.array([[10.0, 20.0, 500.0]]), np.array([[0.0, 60.0, 500.0]])
    found = share_out(own, base, close, gone)[0]
    assert found[2] == 500.0
    assert found.sum() == pytest.approx(base.sum() - 0.5 * 10), (
        "half of what is lost there is lost for good"
    )
    alone = share_out(np.array([[10.0, 20.0, 0.0]]), base, close, gone)[0]
    assert alone.tolist() == [10.0, 20.0, 0.0], "what nothing stands in for is not spent elsewhere"


def test_sharing_out_is_what_it_says_in_plain_steps() -> None:
    """Each group by itself, in plain Python: a loss goes nowhere in part, the rest to new use and
    to what is used.
    """
    random = np.random.default_rng(5)
    base = random.lognormal(3.0, 1.0, (40, 9)) * (random.random((40, 9)) < 0.7)
    own = base * random.choice([0.0, 0.5, 1.0, 1.3], (40, 9)) + 5.0 * (random.random((40, 9)) < 0.1)
    close = random.random((9, 9)) * (random.random((9, 9)) < 0.5)
    gone = 0.3
    found = share_out(own, base, close, gone)
    for row, expected in zip(found, zip(own, base, strict=True), strict=True):
        plain = shared_out(*(x.tolist() for x in expected), close.tolist(), [gone] * 9)
        assert row == pytest.approx(plain, abs=1e-9)


def test_what_one_person_loses_is_nobody_else_s_to_spend() -> None:
    """One of two people is offline: the other spends what they spent, though both are one group."""
    both = np.array([0b11, 0b11])
    now = Spending(np.array([0, 0b11]), np.array([[0.0, 0.0], [30.0, 10.0]]))
    before = Spending(both, np.array([[30.0, 10.0], [30.0, 10.0]]))
    rest = np.zeros(2, np.int64), np.ones((1, 2)), np.ones((2, 2)), np.zeros(2)
    found = budget.share_out(now, before, np.array([[30.0, 10.0]]), *rest)
    assert found.tolist() == [[30.0, 10.0]]
    # Who loses one platform and keeps another has the time for it.
    half = Spending(np.array([0b10, 0b11]), before.amount)
    found = budget.share_out(half, before, np.array([[30.0, 20.0]]), *rest)
    assert found.tolist() == [[30.0, 50.0]]


def test_those_who_are_offline_hand_their_minutes_to_nobody() -> None:
    """In a week without networks minutes and revenue fall with those who are online: nobody who is
    left has more than the day's time of a person, of which a part moves between platforms.
    """
    spec = load("networks/national_shutdown", people=2_000, days=38)
    baseline, policy = run_pair(spec, 1, metrics=(*MONEY, "active_users"))
    here = baseline.axes.states.index("IR")
    blackout = slice(32, 38)
    users, minutes, revenue = (
        [arm.arrays[name][blackout, here] for arm in (baseline, policy)]
        for name in ("active_users", "minutes", "revenue")
    )
    many = users[0].min(axis=0) > 0.05 * users[0].max()
    each, left = (
        minutes[arm][:, many].sum(axis=1) / users[arm][:, many].sum(axis=1) for arm in (0, 1)
    )
    assert left == pytest.approx(each, rel=0.15)
    kept_users = users[1].sum(axis=1) / users[0].sum(axis=1)
    assert (kept_users < 0.12).all()
    for kept in (minutes, revenue):
        assert (kept[1].sum(axis=1) < 1.3 * kept_users * kept[0].sum(axis=1)).all()
