"""The charts of experiments: registered under the kind of their experiment, beside its run and its result."""

from __future__ import annotations

import json

import pytest

from sim.cli import main
from sim.experiments.attribution import Attribution
from sim.experiments.experiment import KINDS, all_charts, charts_of
from sim.experiments.sensitivity import Sensitivity
from sim.experiments.sweep import SweepResult
from sim.experiments.threshold import Threshold
from sim.plots import charts


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
