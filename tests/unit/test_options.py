"""Every experiment takes the same keywords, means the same by them, and type checkers know them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from conftest import block, scenario

import splinternet as sn
from splinternet.experiments.options import Options, OptionsWithFolder
from splinternet.fit.scenario import forecast

ROOT = Path(__file__).resolve().parents[2]
EXPERIMENTS: list[Callable[..., Any]] = [
    sn.run,
    sn.sweep,
    sn.sensitivity,
    sn.attribute,
    sn.threshold,
    sn.hindcast,
]
ALL = [*EXPERIMENTS, forecast]
BAN = block(id="us", by="US", targets=["WeChat"], on="2020-08-02")
SMALL: dict[str, Any] = {"people": 1_000, "days": 4, "seeds": 1, "jobs": 1}


@sn.metric("Users of WeChat", "persons", (), "All who use WeChat.")
def holders(arm: Any) -> float:
    return float(arm.active[:, arm.setting.platforms.index("WeChat")].sum())


class Stayers(sn.PeopleRule):
    """People keep WeChat."""

    def decide(self, people: Any, today: Any) -> Any:
        proposals = people.proposals()
        proposals.keep(people.holds("WeChat"), "WeChat")
        return proposals


@pytest.mark.parametrize("experiment", ALL, ids=lambda experiment: experiment.__name__)
def test_an_experiment_shows_and_explains_every_keyword(experiment: Callable[..., Any]) -> None:
    shown, words = inspect.signature(experiment).parameters, inspect.getdoc(experiment) or ""
    assert set(OptionsWithFolder.__annotations__) <= set(shown)
    assert "options" not in shown and "See `Options`" not in words
    assert all(name in words for name in Options.__annotations__)


def test_a_model_takes_what_a_run_takes() -> None:
    common: dict[str, Any] = {
        "people": 1_000,
        "days": 4,
        "set": {"ties.only_channel": 0.9},
        "policies": [BAN],
    }
    model = sn.Model(scenario(days=9), metrics=[holders], behaviours=[Stayers], **common)
    pair = sn.run(
        scenario(days=9), seeds=1, jobs=1, metrics=[holders], behaviours=[Stayers], **common
    )
    model.run_for(4)
    assert (model.spec.days, [policy.id for policy in model.spec.policies]) == (4, ["us"])
    assert model.spec.digest == pair.scenario.digest
    assert "holders" in model.record.arrays and "vpn_users" in model.record.arrays
    with pytest.raises(sn.InputError, match="policies: Stayers stands here"):
        sn.Model(scenario(), policies=Stayers)  # type: ignore[arg-type]
    with pytest.raises(sn.InputError, match="did you mean 'people'"):
        sn.Model(scenario(), peple=300)  # type: ignore[call-arg]


@pytest.mark.parametrize("experiment", ALL, ids=lambda experiment: experiment.__name__)
def test_a_wrong_keyword_gets_a_hint(experiment: Callable[..., Any], tmp_path: Path) -> None:
    needed = {sn.threshold: ("ties.only_channel",), forecast: (tmp_path / "forecast",)}.get(
        experiment, ()
    )
    with pytest.raises(
        TypeError, match="unexpected keyword argument 'peple'; did you mean 'people'"
    ):
        experiment("cn_instagram_2014", *needed, peple=300)
    assert not list(tmp_path.iterdir())


def test_what_is_set_and_added_means_the_same_in_a_run_and_in_a_sweep() -> None:
    common = {**SMALL, "policies": [BAN], "metrics": [holders]}
    plain, world = scenario(days=4), {"ties.only_channel": 0.9}
    run = sn.run(plain, set=world, **common)
    swept = sn.sweep(plain, {"ties.only_channel": [0.3, 0.9]}, **common)
    fixed = sn.sweep(plain, {"choice.review_days": [30]}, set=world, **common)
    rows = run.summary()
    rows = rows[(rows["metric"] == "holders") & (rows["at"] == "end")]
    for found, point in ((swept, 1), (fixed, 0)):
        table = found.table
        at = (table["metric"] == "holders") & (table["at"] == "end") & (table["point"] == point)
        assert table[at]["policy"].item() == pytest.approx(rows["policy"].item())
    assert [policy.id for policy in swept.scenario.policies] == ["us"]
    assert swept.run_id != fixed.run_id
    shares = sn.attribute(plain, set=world, **common)
    assert set(shares.table["policy"]) >= {"us"}
    assert "holders" in set(shares.table["metric"])


def courses(board: Any) -> list[list[list[float]]]:
    """Return what each member says of each figure, day by day."""
    return [row.beside.course.tolist() for row in board.rows]


def test_a_hindcast_takes_values_an_executor_and_a_folder(tmp_path: Path) -> None:
    event, small = "cn_instagram_2014", {"people": 1_000, "seeds": 1}
    usual = sn.hindcast(event, jobs=1, **small)
    with ThreadPoolExecutor(1) as executor:
        there = sn.hindcast(event, cluster=executor, out=tmp_path / "board", **small)
    assert courses(there) == courses(usual)
    assert {"hindcast.csv", "hindcast.png", f"{event}.png"} <= {
        path.name for path in (tmp_path / "board").iterdir()
    }
    impatient = sn.hindcast(event, jobs=1, set={"choice.trying_days": 2}, **small)
    assert courses(impatient) != courses(usual)
    with pytest.raises(sn.InputError, match="seeds"):
        sn.hindcast(event, seeds=0)
