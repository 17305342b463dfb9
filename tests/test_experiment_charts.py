"""The charts of experiments: registered under the kind of their experiment, beside its run and its result."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import sim
from sim.cli import main
from sim.experiments.attribution.result import Attribution
from sim.experiments.charts import KINDS, all_charts, charts_of
from sim.experiments.sensitivity.result import Sensitivity
from sim.experiments.sweep.result import SweepResult
from sim.experiments.threshold.result import Threshold
from sim.plots import charts

EXPERIMENTS = Path(sim.__file__).parent / "experiments"


def test_every_experiment_has_its_run_its_result_and_its_chart_in_one_folder() -> None:
    folders = {path.parent.name for path in EXPERIMENTS.glob("*/__init__.py")}
    assert folders == {*KINDS, "forecast", "lives"}, "a forecast is a table to be scored, and lives are read: no charts"
    for kind in KINDS:
        assert {"run.py", "result.py", "chart.py"} <= {path.name for path in (EXPERIMENTS / kind).iterdir()}, kind


@pytest.mark.parametrize("kind", KINDS)
def test_a_chart_is_registered_by_the_file_of_its_kind(kind: str) -> None:
    found = charts_of(kind)
    assert found, f"sim/experiments/{kind}/chart.py registers no chart"
    for name, chart in found.items():
        assert chart.function.__module__ == f"sim.experiments.{kind}.chart"
        assert (chart.name, chart.kind) == (name, kind)


def test_the_kind_of_a_result_has_charts() -> None:
    for result in (SweepResult, Attribution, Sensitivity, Threshold):
        assert result.KIND in KINDS, f"{result.__name__}.plot would find no chart"


def test_no_two_charts_have_one_name() -> None:
    names = [chart.name for chart in all_charts()]
    assert len({*names, *charts()}) == len(names) + len(charts())


def test_the_listing_names_the_charts_of_runs_and_of_experiments(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["list", "charts", "--json"])
    rows = {row["name"]: row["drawn of a"] for row in json.loads(capsys.readouterr().out)}
    assert rows == {**dict.fromkeys(charts(), "run"), **{chart.name: chart.kind for chart in all_charts()}}


def test_one_chart_of_an_experiment_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["show", "tornado"])
    told = capsys.readouterr().out
    assert "sensitivity" in told and charts_of("sensitivity")["tornado"].description[:40] in told


def test_a_result_loads_no_chart_before_it_is_drawn() -> None:
    code = (
        "import sys; from sim.experiments.sweep.result import SweepResult; "
        "assert 'sim.experiments.sweep.chart' not in sys.modules; assert 'matplotlib' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
