"""Sweeps: each point is the run it says it is, with the same luck as its neighbours, and none is
lost.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import block, call, scenario

import splinternet as sn
from splinternet.errors import InputError, RunError
from splinternet.experiments import experiment
from splinternet.experiments.experiment import OUTCOMES, Output, Store, changed
from splinternet.experiments.sweep import SweepResult, points_of, sweep
from splinternet.results import open_run
from splinternet.scenario import Scenario
from splinternet.scenario.load import steps_of
from splinternet.text.numbers import number

DATES = ["2020-08-11", "2020-08-16"]
GRID = {"policies.ban.on": DATES, "ties.only_channel": [0.3, 0.9]}
USE = Output("active_users", "US", "WeChat", "", "end")


def spec(**keys: Any) -> Scenario:
    return scenario([block()], days=20, people=1_500, **keys)


@pytest.fixture(scope="module")
def swept() -> SweepResult:
    return sweep(spec(sweep=GRID), seeds=2, jobs=1)


def test_a_point_is_the_run_of_the_changed_scenario(swept: SweepResult) -> None:
    table = swept.of(USE)
    assert list(table["point"]) == [0, 1, 2, 3], "the last path changes fastest"
    assert [list(point.values()) for point in swept.points][1] == ["2020-08-11", 0.9]
    plain = scenario(
        [block(on="2020-08-16")], days=20, people=1_500, parameters={"ties.only_channel": 0.9}
    )
    run = sn.run(plain, seeds=2, jobs=1).summary()
    row = run[
        (run.metric == "active_users")
        & (run.platform == "WeChat")
        & (run.state == "US")
        & (run["at"] == "end")
    ]
    for name in ("baseline", "policy", "effect", "mc_error"):
        assert row[name].item() == table[name].to_list()[3], name
    for name in ("low", "high"):  # no test has the model's error but those about it
        assert row[name].item() == table[f"members_{name}"].to_list()[3], name
    assert not {"low", "high"} & set(table.columns), "that of members alone has its own names"


def test_what_is_printed_is_the_table_of_what_moves_most(swept: SweepResult) -> None:
    output = swept.output()
    first, head, columns, *rows = str(swept).splitlines()
    assert first == repr(swept) and output.words(swept.scenario) in head
    table = swept.of(output)
    assert "effect" in columns and len(rows) == len(table)
    told = [number(effect) for effect in table["effect"]]
    assert all(effect in row.split() for effect, row in zip(told, rows, strict=True))
    paths = swept.scenario.sweep or {}
    assert all(path in columns for path in paths)


def test_points_share_their_luck(swept: SweepResult) -> None:
    table = swept.of(USE)
    alike = table.groupby("ties.only_channel")["baseline"].nunique()
    assert len(alike) == 2 and (alike == 1).all(), (
        "the date of a policy changes nothing in the arm without it"
    )
    whole = swept.of(USE._replace(at="total"))
    by_date = whole.groupby("policies.ban.on")["effect"].mean()
    assert by_date[DATES[0]] < by_date[DATES[1]] < 0, "five more days of a block cost users"


def test_a_design_of_ones_own_is_run_row_by_row(swept: SweepResult) -> None:
    frame = pd.DataFrame(
        {"policies.ban.on": [DATES[1], DATES[0]], "ties.only_channel": np.array([0.9, 0.3])}
    )
    design = sn.sweep(spec(), points=frame, seeds=2, jobs=1)
    assert design.points == frame.to_dict("records"), "in its own order"
    grid = swept.of(USE)["effect"].to_list()
    assert design.of(USE)["effect"].to_list() == [grid[3], grid[0]], "each the point of the grid"
    assert not design.is_grid and swept.is_grid
    axes = design.plot("active_users", "end", state="US", platform="WeChat").axes[0]
    dots = [dots for dots in axes.collections if len(dots.get_offsets()) == 2]
    assert next(sorted(place) for place in dots[0].get_offsets().T) == [0.3, 0.9]
    again = sn.sweep(spec(), points=frame.to_dict("records"), seeds=2, jobs=1)
    assert again.run_id == design.run_id


@pytest.mark.parametrize(
    ("points", "said"),
    [
        (5, "int stands here"),
        ([], "there is no point"),
        ([{"ties.only_channel": 0.3}, {"people": 1_000}], r"points\[1\].*not all points state"),
        ([{"ties.only_channel": 0.3}] * 2, r"points\[1\].*is points\[0\] again"),
        (pd.DataFrame({"ties.only_channel": [0.3, None]}), r"points\[1\].*an empty cell"),
        ([{"ties.only_chanel": 0.3}], "did you mean 'ties.only_channel'"),
        ([{"policies.ban.on": "2020-13-01"}], "policies.ban.on=2020-13-01.*is not a date"),
        ([{5: 0.3}], "5 as a path"),
    ],
)
def test_a_design_that_cannot_be_run_is_refused(points: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        sn.sweep(spec(), points=points)
    with pytest.raises(InputError, match="a grid and points"):
        sn.sweep(spec(), GRID, points=[{"ties.only_channel": 0.3}])


def test_what_is_swept_is_no_longer_drawn_and_the_rest_is_drawn_alike() -> None:
    drawn = {
        "ties.only_channel": {"low": 0.3, "high": 0.9},
        "circumvention.cost": {"low": 1, "high": 5},
    }
    one = changed(spec(uncertain=drawn), {"parameters.ties.only_channel": 0.5})
    assert list(one.uncertain) == ["circumvention.cost"]
    assert one.parameters["ties.only_channel"] == 0.5
    assert steps_of(spec(), "ties.only_channel") == steps_of(spec(), "parameters.ties.only_channel")


def test_an_interrupted_sweep_goes_on_to_the_same_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = {"policies.ban.on": DATES}
    sweep(spec(), small, seeds=1, jobs=2, out=tmp_path / "straight")
    run_task = experiment.run_task
    seen: list[str] = []

    def interrupted(task: experiment.Task) -> Any:
        if seen:
            raise KeyboardInterrupt
        seen.append(task.key)
        return run_task(task)

    monkeypatch.setattr(experiment, "run_task", interrupted)
    with pytest.raises(KeyboardInterrupt):
        sweep(spec(), small, seeds=1, jobs=1, out=tmp_path / "resumed")
    assert (tmp_path / "resumed" / "unfinished").exists()
    monkeypatch.setattr(experiment, "run_task", run_task)
    told: list[tuple[int, int, int]] = []
    sweep(
        spec(), small, seeds=1, jobs=1, out=tmp_path / "resumed", progress=lambda *n: told.append(n)
    )
    assert told == [(2, 0, 2)], "only the missing point is run"
    assert (tmp_path / "resumed" / "figures" / "sweep.png").exists()
    assert (tmp_path / "straight" / "table.csv").read_text() == (
        tmp_path / "resumed" / "table.csv"
    ).read_text()
    with pytest.raises(
        InputError, match=r"contains an experiment .*not a single run.*look at .*sweep\.png"
    ):
        open_run(tmp_path / "resumed")
    before = (tmp_path / "resumed" / "manifest.json").read_bytes()
    again = sweep(spec(), small, seeds=1, jobs=1, out=tmp_path / "resumed")
    assert len(again.outcomes) == 2
    assert (tmp_path / "resumed" / "manifest.json").read_bytes() == before, (
        "a finished sweep is left as it is"
    )
    with pytest.raises(InputError, match="another experiment"):
        sweep(spec(), {"policies.ban.on": DATES[:1]}, seeds=1, out=tmp_path / "resumed")


def test_a_failed_run_is_told_and_the_others_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_task = experiment.run_task

    def failing(task: experiment.Task) -> Any:
        if task.key == "point-0-seed-1":
            raise ZeroDivisionError("as in a bug")
        return run_task(task)

    monkeypatch.setattr(experiment, "run_task", failing)
    with pytest.raises(
        RunError, match=r"1 run failed \(point-0-seed-1\): ZeroDivisionError: as in a bug"
    ):
        sweep(spec(), {"policies.ban.on": DATES}, seeds=1, jobs=1, out=tmp_path / "run")
    lines = (tmp_path / "run" / "outcomes.jsonl").read_text().splitlines()
    assert [json.loads(line)[0] for line in lines] == ["point-1-seed-1"]
    assert "Traceback" in (tmp_path / "run" / "log.txt").read_text()


def test_a_grid_may_vary_what_the_whole_run_is_made_of() -> None:
    grid = {"days": [5, 10], "people": [1_000], "policies.ban.technique": ["dns", "dpi"]}
    assert len(points_of(spec(), grid)) == 4


# The folder of an experiment.

MINE: dict[str, Any] = {"run_id": "mine", "experiment": "sweep", "settings": {}}


def finished(path: Path) -> Path:
    with Store(path, MINE) as store:
        store.keep(SimpleNamespace(key="a"), {"rows": []})
        store.keep(SimpleNamespace(key="b"), {"rows": []})
        store.finish(lambda folder: None, {})
    return path / OUTCOMES


@pytest.mark.parametrize("marker", [b'{"run_id": "mi', b"\xff\xfe", b"5"])
def test_outcomes_under_a_damaged_marker_are_not_adopted(marker: bytes, tmp_path: Path) -> None:
    (tmp_path / "unfinished").write_bytes(marker)
    with Store(tmp_path, MINE) as store:
        assert store.outcomes == {}, "killed at once"
        store.keep(SimpleNamespace(key="a"), {"rows": []})
    (tmp_path / "unfinished").write_bytes(marker)
    with pytest.raises(InputError, match="another experiment or run"):
        Store(tmp_path, MINE | {"run_id": "another"})


DAMAGED = (
    b'["a", {"rows": []}]\n["b", {"ro',
    b'["a", {"rows": []}]\n5\n',
    b'["a", 1]\n',
    b"\xff\n",
)


@pytest.mark.parametrize("content", [None, *DAMAGED])
def test_a_finished_experiment_without_its_outcomes_is_refused_and_left(
    content: bytes | None, tmp_path: Path
) -> None:
    outcomes = finished(tmp_path / "run")
    outcomes.unlink()
    if content is not None:
        outcomes.write_bytes(content)
    with pytest.raises(RunError, match="is damaged or missing; delete"):
        Store(tmp_path / "run", MINE)
    assert (outcomes.read_bytes() if outcomes.exists() else None) == content


@pytest.mark.parametrize("content", DAMAGED)
def test_an_unfinished_experiment_runs_again_what_is_damaged(
    content: bytes, tmp_path: Path
) -> None:
    with Store(tmp_path, MINE):
        (tmp_path / OUTCOMES).write_bytes(content)
    with Store(tmp_path, MINE) as store:
        kept = dict(store.outcomes)
        store.keep(SimpleNamespace(key="c"), {"rows": []})
    assert set(kept) <= {"a"}
    with Store(tmp_path, MINE) as store:
        assert store.outcomes == kept | {"c": {"rows": []}}


def test_a_point_whose_policy_comes_after_the_last_day_is_warned_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "late.yaml"
    file.write_text(
        spec(sweep={"policies.ban.on": [DATES[0], "2020-12-24"]}).to_yaml(), encoding="utf-8"
    )
    err = call(
        capsys, "sweep", str(file), "--seeds", "1", "--jobs", "1", "--out", str(tmp_path / "run")
    )[2]
    few, late, _ = err.splitlines()
    assert "1,500 simulated people are few" in few, (
        "one warning for the scenario, not one per point"
    )
    assert "it begins on 2020-12-24, after the last day of the run" in late


def test_a_sweep_of_a_border_rule_shows_what_the_rule_acts_on() -> None:
    policy = {"id": "gateways", "by": "RU", "instrument": "sovereign_internet", "on": "2020-08-02"}
    shut = scenario([policy | {"gateways_closed": "all"}], days=3, people=1_000)
    within = shut.model_copy(
        update={"policies": (shut.policies[0].model_copy(update={"domestic_peering": False}),)}
    )
    for spec, grid, metric in (
        (shut, {"policies.gateways.gateways_closed": [1, "all"]}, "border_capacity"),
        (within, {"policies.gateways.domestic_mesh": [False, True]}, "domestic_reach"),
    ):
        found = sweep(spec, grid, seeds=1, jobs=1)
        assert found.output()[:3] == (metric, "RU", "")
        assert "Russia, at the peak [%]" in found._repr_html_() and re.search(
            r"<td>-\d+ %</td>", found._repr_html_()
        )
    other = sweep(shut, {"ties.only_channel": [0.3, 0.9]}, seeds=1, jobs=1)
    contact = other.headlines.index("family_contact_ever_lost_people")
    assert contact == 0 and "border_capacity" not in other.headlines, "no rule is swept"
