"""Sensitivity: closed forms of the indices, no noise where nothing depends on a parameter, and
clear errors.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from conftest import block, scenario

import splinternet as sn
from splinternet.errors import InputError
from splinternet.experiments.experiment import Output
from splinternet.experiments.sensitivity import Sensitivity, design_of, ranges_of, sensitivity
from splinternet.scenario import Range, Scenario

PEAK = Output("family_contact_lost_people", "", "", "US<-CN", "peak")
NAMES = ["a", "b", "c"]


def toy(method: Any, samples: int, function: Any) -> Sensitivity:
    """Return the analysis of a function of three parts of a range."""
    design = design_of(method, NAMES, samples, seed=1)
    row = [*PEAK, "persons", 0.0, 0.0]
    outcomes = {
        f"row-{i}-seed-1": {"seed": 1, "rows": [[*row, float(function(*u))]]}
        for i, u in enumerate(design)
    }
    found = Sensitivity(
        scenario(), (1,), method, {name: Range(low=0, high=1) for name in NAMES}, design
    )
    found.outcomes = outcomes
    return found


def test_morris_finds_the_slopes_of_a_plane() -> None:
    found = toy("morris", 6, lambda a, b, c: 3 * a - b).indices(PEAK).set_index("parameter")
    assert list(found.index) == NAMES
    assert found["mu_star"].to_list() == pytest.approx([3, 1, 0])
    assert found["mu"].to_list() == pytest.approx([3, -1, 0])
    assert found["sigma"].to_list() == pytest.approx([0, 0, 0], abs=1e-12)


def test_sobol_meets_the_closed_form_of_ishigami() -> None:
    """Ishigami & Homma (1990), a = 7, b = 0.1: S1 = 0.314, 0.442, 0; ST = 0.558, 0.442, 0.244."""

    def ishigami(*u: float) -> float:
        x, y, z = (np.pi * (2 * part - 1) for part in u)
        return float(np.sin(x) + 7 * np.sin(y) ** 2 + 0.1 * z**4 * np.sin(x))

    found = toy("sobol", 2048, ishigami).indices(PEAK).set_index("parameter").loc[NAMES]
    assert found["ST"].to_list() == pytest.approx([0.558, 0.442, 0.244], abs=0.03)
    assert found["S1"].to_list() == pytest.approx([0.314, 0.442, 0.0], abs=0.03)


def test_a_linear_effect_has_converged_and_a_product_has_not() -> None:
    assert toy("morris", 4, lambda a, b, c: 3 * a).has_converged(PEAK)
    assert not toy("morris", 4, lambda a, b, c: a * b * c).has_converged(PEAK)
    few, many = (
        toy("sobol", n, lambda a, b, c: 3 * a - b + a * c).indices(PEAK) for n in (256, 1024)
    )
    assert many["ST_conf"][0] < few["ST_conf"][0]


def spec(**keys: Any) -> Scenario:
    return scenario([block()], days=20, people=1_500, **keys)


@pytest.fixture(scope="module")
def analysed() -> Sensitivity:
    ranges = {
        "circumvention.cost": {"low": 1, "high": 5, "distribution": "log-uniform"},
        "throttle.need_video": {"low": 1000, "high": 5000},
    }
    return sensitivity(spec(uncertain=ranges), samples=2, seeds=1, jobs=1)


def test_an_idle_parameter_has_index_zero_and_cost_keeps_users_away(
    analysed: Sensitivity,
) -> None:
    found = analysed.indices(Output("active_users", "US", "WeChat", "", "total")).set_index(
        "parameter"
    )
    assert found["mu_star"]["throttle.need_video"] == 0, (
        "nothing is slowed here: with the same luck there is no noise"
    )
    assert found["mu"]["circumvention.cost"] < 0, "dearer workarounds, fewer users under the ban"
    assert set(analysed.table["parameter"]) == set(analysed.ranges)


def test_ranges_come_from_the_scenario_first_and_the_design_keeps_to_them(
    analysed: Sensitivity,
) -> None:
    cost = analysed.tables()["design.csv"]["circumvention.cost"]
    assert cost.min() >= 1 and cost.max() <= 5 + 1e-9
    assert sorted({round(value, 3) for value in cost})[1] == pytest.approx(
        5 ** (1 / 3), abs=1e-3
    ), "drawn by logarithm"
    every = ranges_of(analysed.scenario, every=True)
    assert (every["circumvention.cost"].low, every["circumvention.cost"].high) == (1, 5)
    assert len(every) > 80
    assert all(r.low < r.high for r in every.values())
    with pytest.raises(InputError, match="nothing is uncertain"):
        ranges_of(spec(), every=False)


def test_inherited_ranges_are_varied_only_where_they_are_named() -> None:
    own = {"circumvention.cost": {"low": 1, "high": 5}}
    child = {"extends": "wechat_as_ordered", "title": "A child", "days": 2, "uncertain": own}
    size: Any = {"people": 1_000, "samples": 2, "seeds": 1, "jobs": 1}
    assert list(sn.sensitivity(child, **size).ranges) == ["circumvention.cost"]
    asked = sn.sensitivity(child, only=["parameters.ties.only_channel", "authors.follow"], **size)
    assert list(asked.ranges) == ["authors.follow", "ties.only_channel"]
    known = sn.load(child).facts.parameters["authors.follow"]
    assert asked.ranges["authors.follow"].high == known.high
    assert asked.ranges["ties.only_channel"] == sn.load(child).uncertain["ties.only_channel"]
    bare = {key: value for key, value in child.items() if key != "uncertain"}
    with pytest.raises(InputError, match=r"nothing is uncertain, but what it inherits.*--only"):
        sn.sensitivity(bare, set={"ties.no_family_share": 0.1}, **size)
    again = sn.load(bare)
    assert "ties.only_channel" in again.inherited
    assert "ties.only_channel" in ranges_of(again, every=True)
    stated = sn.sensitivity(
        bare, set={"uncertain.circumvention.cost": {"low": 2, "high": 4}}, **size
    )
    assert list(stated.ranges) == ["circumvention.cost"], "what is set is its own"


@pytest.mark.parametrize("only", ["circumvention.cost", [], ["circumvention.cots"], [5]])
def test_only_names_what_has_a_range(only: Any) -> None:
    with pytest.raises(InputError, match=r"only: .*(stands here|did you mean)"):
        sn.sensitivity(spec(), only=only)
