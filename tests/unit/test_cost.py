"""The formula of the cost tools, by hand, and what it is put beside."""

from __future__ import annotations

import pytest

from splinternet.errors import InputError
from splinternet.experiments.cost import InternetEconomy, compare_costs, formula_cost
from splinternet.facts.tables import read


def test_the_formula_by_hand() -> None:
    assert formula_cost(365e9, 0.05, 10, 0.5) == pytest.approx(250e6)
    assert formula_cost(365e9, 0.05, 0, 0.5) == 0


def test_shares_of_the_internet_economy_are_within_their_ranges_for_every_event() -> None:
    for state in ("US", "CN", "RU", "UA"):
        row = read(InternetEconomy)[state]
        assert 0 < row.low <= row.value <= row.high < 0.2


def test_what_was_never_in_force_costs_nothing_by_the_formula_and_loses_nobody() -> None:
    (row,) = compare_costs(["us_wechat_2020"], people=1_500, seeds=1, jobs=1)
    assert (row.days, row.formula, row.contact_days) == (0, (0.0, 0.0), (0.0, 0.0, 0.0))


def test_a_block_keeps_part_of_the_use_that_the_formula_takes_for_lost() -> None:
    (row,) = compare_costs(["cn_instagram_2014"], people=2_000, seeds=2, jobs=1)
    assert row.days == 64 - 21, "from 29 September to the last day"
    assert 0 < row.formula[0] < row.formula[1]
    assert row.users_share[0] == pytest.approx(0.06, rel=0.2), "the penetration in the scenario"
    assert 0 < row.use_lost[0] < 1
    assert row.regained[0] > 0
    assert row.surplus[0] > 0


def test_an_unknown_event_is_told() -> None:
    with pytest.raises(InputError, match="did you mean 'ua_vk_2017'"):
        compare_costs(["ua_vk_2018"])
