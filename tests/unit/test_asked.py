"""Arguments of experiments: wrong numbers, grids and places are reported before anything is
written.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from conftest import block, scenario

import splinternet as sn
from splinternet.errors import InputError, SplinternetError
from splinternet.fit.calibration import BOUNDS, calibrate
from splinternet.scenario import Scenario

PATH = "technique.dpi.coverage"
NAN, INF = math.nan, math.inf
OUT = "out"


def spec(**keys: Any) -> Scenario:
    return scenario([block()], days=3, people=1_000, **keys)


def threshold(**keys: Any) -> object:
    ends = {"low": 0.1, "high": 0.9} | keys
    return sn.threshold(spec(), PATH, seeds=1, jobs=1, out=OUT, **ends)


def swept(grid: Any) -> object:
    return sn.sweep(spec(), grid, seeds=1, jobs=1, out=OUT)


def sensitivity(**keys: Any) -> object:
    return sn.sensitivity(
        spec(uncertain={PATH: {"low": 0.2, "high": 0.4}}), seeds=1, jobs=1, out=OUT, **keys
    )


def attributed(**keys: Any) -> object:
    return sn.attribute(spec(), seeds=1, **({"jobs": 1, "out": OUT} | keys))


def calibrated(**keys: Any) -> object:
    sizes = {name: low for name, (low, _) in BOUNDS.items()}
    return calibrate(**({"jobs": 1, "out": OUT, "cases": ["ua_vk_2017"]} | sizes | keys))


EXPERIMENTS: dict[str, Callable[..., object]] = {
    "threshold": threshold,
    "sweep": swept,
    "sensitivity": sensitivity,
    "attribute": attributed,
    "calibrate": calibrated,
}

WRONG: Sequence[tuple[str, dict[str, Any], str]] = [
    ("threshold", {"level": NAN}, "--level: nan; a finite number"),
    ("threshold", {"low": 0.5, "high": 0.5}, "low is 0.5 but high is 0.5; low smaller"),
    ("threshold", {"high": 5.0}, "is not a share; 0 to 1"),
    ("threshold", {"halvings": 10**6}, "--halvings: 1000000 halvings; 0 to 50"),
    ("threshold", {"at": "peek"}, "worst_week, peak or end; did you mean 'peak'?"),
    ("threshold", {"state": "ZZ"}, "--state: there is no state 'ZZ'"),
    ("threshold", {"group": "US<-ZZ"}, "--group: there is no group 'ZZ'"),
    ("threshold", {"metric": "vpn_user"}, "did you mean 'vpn_users'?"),
    ("sweep", {"grid": {}}, "there is nothing to sweep"),
    ("sweep", {"grid": {"policies.bann.on": ["2020-08-11"]}}, "did you mean 'ban'"),
    ("sweep", {"grid": {"policies.ban.announced": ["2020-08-20"]}}, "before 'announced'"),
    ("sweep", {"grid": {"ties.only_channel": [0.1, 1.5, 1.7]}}, "1.5 is not a share"),
    ("sweep", {"grid": {"seed": list(range(10_001))}}, "10,001 points"),
    ("sweep", {"grid": ["a"]}, "a grid that is list; a mapping of paths to lists of values"),
    ("sweep", {"grid": {PATH: [0.5, 0.2, 0.5]}}, "0.5 appears twice; each value once"),
    ("sweep", {"grid": {3: [1]}}, "3 as a path; a text"),
    ("sensitivity", {"method": "moris"}, "morris or sobol; did you mean 'morris'?"),
    ("sensitivity", {"samples": 10**7}, "--samples: 10000000 samples; 2 to 100,000"),
    ("sensitivity", {"method": "sobol", "samples": 12}, "12 samples; a power of two"),
    ("attribute", {"orders": 3}, "3 orders; an even number, 4 to 10,000"),
    ("attribute", {"jobs": 0}, "jobs: 0 processes; at least 1"),
    ("calibrate", {"points": NAN}, "--points: nan; a whole number, 8 to 100,000"),
    ("calibrate", {"people": 999}, "--people: 999; 1,000 to 200,000,000"),
    ("calibrate", {"particles": 100}, "--particles: 100; a power of two"),
]


@pytest.mark.parametrize(("experiment", "keys", "expected"), WRONG)
def test_what_cannot_be_is_told_before_anything_is_written(
    experiment: str,
    keys: dict[str, Any],
    expected: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=re.escape(expected)):
        EXPERIMENTS[experiment](**keys)
    assert not list(tmp_path.iterdir())


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(InputError) as caught:
        calibrated(points=0, held_out_draws=0, seed=-1)
    assert [problem.where for problem in caught.value.problems] == [
        "--held-out-draws",
        "--points",
        "--seed",
    ]
    with pytest.raises(InputError) as caught:
        threshold(at="now", state="ZZ", platform="Qzone and more")
    assert [problem.where for problem in caught.value.problems] == ["--at", "--platform", "--state"]


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_a_folder_that_is_a_file_or_lies_in_one_is_told(
    experiment: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(OUT).write_text("mine", encoding="utf-8")
    keys: dict[str, Any] = {"sweep": {"grid": {PATH: [0.5]}}}.get(experiment, {})
    with pytest.raises(InputError, match="'out' cannot be used: it is a file"):
        EXPERIMENTS[experiment](**keys)
    monkeypatch.setattr(f"{__name__}.OUT", "out/inside")
    with pytest.raises(SplinternetError, match="out/inside cannot be written: Not a directory"):
        EXPERIMENTS[experiment](**keys)
    assert Path("out").read_text(encoding="utf-8") == "mine"
