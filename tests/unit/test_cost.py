"""The formula of the cost tools, by hand, and what it is put beside."""

from __future__ import annotations

import pytest
from conftest import scenario
from scripts import script

import splinternet as sn
from splinternet.errors import InputError
from splinternet.experiments.cost import cost_in, internet_share
from splinternet.facts.tables import read

STUDY = script("benchmarks/cost_of_shutdowns.py")


def test_the_formula_by_hand() -> None:
    assert STUDY.formula_cost(365e9, 0.05, 10, 0.5) == pytest.approx(250e6)
    assert STUDY.formula_cost(365e9, 0.05, 0, 0.5) == 0


def test_shares_of_the_internet_economy_are_within_their_ranges_for_every_event() -> None:
    for state in ("US", "CN", "RU", "UA"):
        row = read(STUDY.InternetEconomy)[state]
        assert 0 < row.low <= row.value <= row.high < 0.2


def test_what_was_never_in_force_costs_nothing_by_the_formula_and_loses_nobody() -> None:
    cost = STUDY.cost_of("us_wechat_2020", people=1_500, seeds=1, jobs=1)
    assert (cost.days, cost.formula, cost.contact.tolist()) == (0, (0.0, 0.0), [0.0])


def test_a_block_keeps_part_of_the_use_that_the_formula_takes_for_lost(
    capsys: pytest.CaptureFixture[str],
) -> None:
    cost = STUDY.cost_of("cn_instagram_2014", people=2_000, seeds=2, jobs=1)
    assert cost.days == 64 - 21, "from 29 September to the last day"
    assert 0 < cost.formula[0] < cost.formula[1]
    assert cost.users[0] == pytest.approx(0.06, rel=0.2), "the penetration in the scenario"
    assert ((cost.use_lost > 0) & (cost.use_lost < 1)).all()
    assert (cost.surplus > 0).all()
    with pytest.raises(SystemExit):
        STUDY.main(["ua_vk_2018"])
    assert "ua_vk_2017" in capsys.readouterr().err


def test_the_sums_of_a_run_of_ones_own_are_those_of_the_formula() -> None:
    """A shutdown of half a country for ten days, by hand from its product; Albania has no figure of
    its own.
    """
    dark = {
        "id": "dark",
        "by": "AL",
        "instrument": "shutdown",
        "share": 0.5,
        "on": "2020-08-11",
        "until": "2020-08-21",
    }
    result = sn.run(scenario([dark], people=1_500, days=24), seeds=1, jobs=1)
    found, fact = cost_in(result, "AL"), result.scenario.facts.states["AL"]
    gdp, (low, high, source) = fact.population.value * fact.gdp_per_head.value, internet_share("AL")
    assert (found.days, found.users) == (10, (0.5, 0.5))
    assert found.formula == pytest.approx((gdp * low * 10 / 365 / 2, gdp * high * 10 / 365 / 2))
    assert source.startswith("assumption: no figure for AL")
    with pytest.raises(InputError, match="IT has no policy"):
        cost_in(result, "IT")
