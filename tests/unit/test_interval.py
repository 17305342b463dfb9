"""The interval of few members holds four of five further draws."""

from __future__ import annotations

import numpy as np
import pytest
from plain_interval import ends

import splinternet as sn
from splinternet.results.interval import interval
from splinternet.results.model_error import NODES
from splinternet.results.series import At, at_point

TRIALS = 4_000


def drawn(shape: tuple[int, ...], form: str) -> np.ndarray:
    rng = np.random.default_rng(3)
    return rng.normal(size=shape) if form == "normal" else rng.lognormal(sigma=1.0, size=shape)


@pytest.mark.parametrize("form", ["normal", "lognormal"])
@pytest.mark.parametrize(
    ("members", "held"), [(2, 1 / 3), (6, 5 / 7), (9, 0.8), (12, 0.8), (40, 0.8)]
)
def test_it_holds_four_of_five_further_draws(form: str, members: int, held: float) -> None:
    """Fewer than nine draws end at the least and the most: n of them hold (n - 1) / (n + 1)."""
    known, new = np.split(drawn((members + 1, TRIALS), form), [members])
    low, high = interval(known[:, None, :])
    assert np.mean((low <= new) & (new <= high)) == pytest.approx(held, abs=0.02)


@pytest.mark.parametrize("wide", [0.3, 1.0, 4.0])
def test_it_does_where_members_carry_an_error(wide: float) -> None:
    luck, error = np.split(drawn((14, TRIALS), "normal"), [13])
    draws = luck[:12, None, :] + wide * NODES[None, :, None]
    low, high = interval(draws)
    new = luck[12] + wide * error[0]
    assert np.mean((low <= new) & (new <= high)) == pytest.approx(0.8, abs=0.03)
    assert (low[0], high[0]) == pytest.approx(ends(draws[:, :, 0]))


def test_no_end_lies_beyond_the_members() -> None:
    assert tuple(map(float, interval(np.array([3.0, 1.0, 2.0])))) == (1.0, 3.0)
    assert tuple(map(float, interval(np.array([2.0])))) == (2.0, 2.0)
    draws = np.arange(20.0)
    assert tuple(map(float, interval(draws))) == pytest.approx(ends(draws))


@pytest.mark.parametrize("members", [1, 2, 5, 9, 12, 40])
def test_numbers_without_errors_have_the_ends_of_the_general_rule(members: int) -> None:
    draws = drawn((members,), "lognormal")
    general = interval(draws[:, None, None])
    assert interval(draws) == tuple(end[0] for end in general)


@pytest.mark.parametrize("at", ["peak", "worst_week"])
def test_equal_arms_have_the_same_numbers_beside_a_seed_that_differs(at: At) -> None:
    """Equal arms take a shorter way; a third seed whose arms differ sends all the longer one."""
    equal = drawn((2, 20), "normal")
    baseline, policy, day, _ = at_point(equal, equal, at)
    longer = at_point(np.vstack([equal, np.zeros(20)]), np.vstack([equal, np.ones(20)]), at)
    assert day is None and longer[2] is not None
    assert np.array_equal(baseline, longer[0][:2]) and np.array_equal(policy, longer[1][:2])


def test_members_that_do_not_define_a_day_are_left_out() -> None:
    draws = drawn((12, 5, 3), "normal")
    draws[3, :, 1] = np.nan
    draws[:, :, 2] = np.nan
    low, high = interval(draws)
    assert (low[1], high[1]) == pytest.approx(ends(np.delete(draws[:, :, 1], 3, axis=0)))
    assert np.isnan([low[2], high[2]]).all()


def test_a_run_says_the_least_and_the_most_of_few_members() -> None:
    result = sn.run("wechat_full_block", people=1_000, seeds=3, days=60, jobs=1)
    lost = result["family_contact_ever_lost"].sel(group="US<-CN", arm="policy").isel(date=-1)
    low, _, high = result.bands("family_contact_ever_lost", group="US<-CN").isel(date=-1).values
    assert (low, high) == pytest.approx((float(lost.min()), float(lost.max())))
