"""What no change of the code may move: golden figures, public names, error messages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import call
from first_pictures import runs_and_has_room
from summary_numbers import faults

import splinternet as sn
from splinternet.metrics.registry import METRICS
from splinternet.plots.registry import ALIASES
from tests.keep import golden, messages

NAMES: dict[str, list[str]] = json.loads(golden.FILE_OF_NAMES.read_text(encoding="utf-8"))
GOLDEN: dict[str, dict[str, dict[str, list[float]]]] = json.loads(
    golden.FILE.read_text(encoding="utf-8")
)
MESSAGES: dict[str, list[str]] = json.loads(messages.FILE.read_text(encoding="utf-8"))


LIKE_OTHERS = ("wechat_with_bridge", "turkey_law_7253", "tit_for_tat_us_cn", "clean_network/all")
"""Runs whose kinds of findings other runs here have: families, demands, states, routes."""


@pytest.fixture(scope="module", params=golden.RUNS)
def run(request: pytest.FixtureRequest) -> tuple[str, sn.Result]:
    """Return the name of a small run, and the run."""
    return request.param, golden.made(request.param)


def test_small_runs_give_the_figures_that_are_kept(run: tuple[str, sn.Result]) -> None:
    name, now = run[0], golden.figures(run[1])
    for part, rows in GOLDEN[name].items():
        for row, values in rows.items():
            assert row in now[part], f"{name}: {part} has no {row} any more"
            assert now[part][row] == pytest.approx(values, rel=2e-8, abs=0), (
                f"{name}: {part} {row} moved. If that is meant, say so in the changelog under Results change, "
                "then run: uv run python -m tests.keep.golden"
            )


def test_what_is_said_of_small_runs_keeps_the_rules(run: tuple[str, sn.Result]) -> None:
    """Findings and titles are sure and short, and fit a terminal; `LIKE_OTHERS` say no more."""
    assert run[0] in LIKE_OTHERS or faults(run[1]) == []


def test_the_first_picture_of_small_runs_has_room_for_each_panel(
    run: tuple[str, sn.Result],
) -> None:
    runs_and_has_room(run[1])


@pytest.mark.parametrize("kind", [kind for kind in NAMES if kind not in ("python", "commands")])
def test_everything_that_had_a_name_still_has_it(
    kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = [
        str(row[next(iter(row))]) for row in json.loads(call(capsys, "list", kind, "--json")[1])
    ]
    there = {*listed, *METRICS}  # an alias may be of a metric, which has a drawing
    missing = {
        name for name in NAMES[kind] if name not in listed and ALIASES.get(name) not in there
    }
    assert not missing, f"gone from {kind}: {sorted(missing)}"


def test_the_python_names_are_there() -> None:
    assert not set(NAMES["python"]) - set(sn.__all__)
    for name in NAMES["python"]:
        assert getattr(sn, name) is not None


def test_the_commands_are_there(capsys: pytest.CaptureFixture[str]) -> None:
    shown = call(capsys, "--help")[1]
    words = {
        line.split()[0] for line in shown.splitlines() if line.startswith("  ") and line.strip()
    }
    assert not set(NAMES["commands"]) - words


def test_the_files_of_a_run_folder_are_there(tmp_path: Path) -> None:
    sn.run("wechat_as_ordered", people=1_000, days=3, seeds=1, jobs=1, out=tmp_path / "run")
    files = {path.name for path in (tmp_path / "run").iterdir()}
    assert files >= {
        "manifest.json",
        "scenario.resolved.yaml",
        "summary.json",
        "summary.csv",
        "series.csv",
        "panel.nc",
        "figures",
        "log.txt",
    }
    first = (tmp_path / "run" / "series.csv").read_text(encoding="utf-8").partition("\n")[0]
    assert first == "seed,arm,date,metric,state,platform,group,value,unit"
    first = (tmp_path / "run" / "summary.csv").read_text(encoding="utf-8").partition("\n")[0]
    assert first.startswith(
        "metric,state,platform,group,unit,at,date,baseline,policy,effect,low,high,mc_error"
    )


@pytest.mark.parametrize("name", list(messages.FILES))
def test_errors_name_place_and_word(name: str) -> None:
    now = [messages.essence(line) for line in messages.messages(messages.FILES[name])]
    for line in MESSAGES[name]:
        place, words = messages.essence(line)
        assert any(place == where and words <= others for where, others in now), (
            f"missing: {line}\nnow: {now}"
        )


def test_the_opening_case_is_where_the_readme_says() -> None:
    assert (Path(__file__).parents[2] / "scenarios" / "wechat_as_ordered.yaml").is_file()
