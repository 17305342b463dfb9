"""Hindcasts: the calibration table, the arithmetic of the score, and the rivals."""

from __future__ import annotations

import csv
import json
import math
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from matplotlib.text import Text

from sim.cli import main
from sim.errors import InputError
from sim.experiments.hindcast.result import FORECASTERS, HindcastRow, HindcastTable
from sim.experiments.hindcast.run import hindcast, is_null_case, was_hit
from sim.experiments.hindcast.targets import CALIBRATION, Target, choose, read_targets
from sim.scenario import load

_KINDS = ("png", "svg")
HEADER = "event,scenario,state,platform,metric,reference,date,observed,tolerance,scored,note,source"


def target(**keys: object) -> Target:
    """Return a target with some of its keys changed."""
    known: dict[str, object] = {
        "event": "toy", "scenario": "events/us_tiktok_2025", "state": "US", "platform": "TikTok",
        "metric": "active_users", "reference": "first day", "day": date(2025, 1, 2), "observed": 0.9, "tolerance": 0.1,
        "is_scored": True, "note": "", "source": "a toy",
    }  # fmt: skip
    return Target(**known | keys)  # type: ignore[arg-type]


def toy_file(folder: Path, *lines: str, header: str = HEADER) -> Path:
    path = folder / "calibration.csv"
    path.write_text("\n".join((header, *lines)) + "\n", encoding="utf-8")
    return path


def test_the_table_of_targets_is_whole() -> None:
    targets = read_targets()
    assert len(targets) == 25
    assert sum(t.is_scored for t in targets) == 20
    assert {t.event for t in targets if not t.is_scored} == {"ru_youtube_2024"}
    assert len({(t.scenario, t.state, t.platform, t.metric, t.day) for t in targets}) == len(targets)
    for t in targets:
        assert t.scenario == f"events/{t.event}"
        assert 0 < t.tolerance < 0.5
        assert t.observed > 0
        assert t.source


def test_the_meter_belongs_to_the_source_not_to_the_event() -> None:
    with CALIBRATION.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        is_panel = "any session" in row["note"] or ("Mediascope" in row["source"] and "five minutes" not in row["note"])
        if is_panel:
            assert row["metric"] == "openers", row
        if "Weekly" in row["note"]:
            assert row["metric"] == "weekly_users", row
        if "five minutes" in row["note"]:
            assert row["metric"] == "active_users", row


def test_a_toy_file_is_read(tmp_path: Path) -> None:
    line = "toy,events/us_tiktok_2025,US,TikTok,active_users,first day,2025-01-02,0.9,0.1,no,a note,a toy"
    (read,) = read_targets(toy_file(tmp_path, line))
    assert read == target(is_scored=False, note="a note")


def test_faults_of_a_toy_file_are_told_all_at_once(tmp_path: Path) -> None:
    lines = (
        "toy,events/x,US,TikTok,activ_users,first day,2025-01-02,0.9,0.1,yes,,a toy",
        "toy,events/x,US,TikTok,active_users,yesterday,2025-13-02,much,0.1,perhaps,,",
    )
    with pytest.raises(InputError) as told:
        read_targets(toy_file(tmp_path, *lines))
    found = [str(problem) for problem in told.value.problems]
    assert "did you mean 'active_users'?" in found[0]
    for word in ("reference", "date", "observed", "scored", "source"):
        assert any(word in text for text in found[1:]), word
    with pytest.raises(InputError, match="columns"):
        read_targets(toy_file(tmp_path, lines[0], header="event,state"))


def test_cases_are_chosen_by_name_and_unknown_ones_told() -> None:
    targets = read_targets()
    assert choose(targets, None) == choose(targets, []) == targets
    for name in ("ua_vk_2017", "hindcast/ua_vk_2017", "scenarios/hindcast/ua_vk_2017.yaml"):
        assert {t.event for t in choose(targets, [name])} == {"ua_vk_2017"}
    with pytest.raises(InputError, match="did you mean 'ua_vk_2017'"):
        choose(targets, ["ua_vk_2018"])


def test_the_score_is_simple_arithmetic() -> None:
    rows = (
        HindcastRow(target(observed=0.4, tolerance=0.1), model=0.5, low=0.4, high=0.6, half=0.5, still=1.0),
        HindcastRow(target(observed=1.2, tolerance=0.1), model=1.0, low=1.0, high=1.0, half=1.0, still=1.0),
        HindcastRow(target(observed=0.9, is_scored=False), model=0.0, low=0.0, high=0.0, half=0.5, still=1.0),
    )
    table = HindcastTable(rows, people=1_000, seeds=1)
    assert [round(row.error(), 9) for row in rows] == [0.1, -0.2, -0.9]
    assert [row.is_inside() for row in rows] == [True, False, False]
    assert table.scored == rows[:2]
    assert table.mean_error() == pytest.approx(0.15)
    assert table.mean_error("half") == pytest.approx(0.15)
    assert table.mean_error("still") == pytest.approx(0.4)
    assert [table.inside(by) for by in FORECASTERS] == [1, 1, 0]
    assert math.isnan(HindcastTable((), people=1_000, seeds=1).mean_error())


def test_a_block_counts_only_once_it_is_in_force_and_never_while_stayed() -> None:
    blocked, stayed = load("events/ru_instagram_2022"), load("hindcast/us_wechat_2020")
    hit = {"state": "RU", "platform": "Instagram"}
    assert was_hit(target(**hit, day=date(2022, 3, 14)), blocked)
    assert not was_hit(target(**hit, day=date(2022, 3, 13)), blocked)
    assert not was_hit(target(state="RU", platform="VKontakte", day=date(2022, 7, 31)), blocked)
    assert not was_hit(target(state="US", platform="WeChat", day=date(2020, 12, 31)), stayed)


def test_a_replay_starts_at_one_and_the_rivals_say_their_line() -> None:
    toy = [
        target(day=date(2025, 1, 1), observed=1.0),
        target(day=date(2025, 1, 19), observed=0.1),
        target(metric="vpn_users", platform="", reference="internet users", day=date(2025, 1, 1), observed=0.14),
        target(reference="2025-01-02", day=date(2025, 1, 2), observed=1.0),
    ]
    table = hindcast(people=1_500, seeds=2, jobs=1, targets=toy)
    first, dark, vpn, itself = table.rows
    assert first.model == first.low == first.high == 1.0
    assert itself.model == 1.0
    assert dark.model < 0.5
    assert (dark.half, dark.still) == (0.5, 1.0)
    assert vpn.model == pytest.approx(0.14, abs=0.01)
    assert vpn.half == vpn.still == 0.14
    assert hindcast(people=1_500, seeds=2, jobs=2, targets=toy) == table
    assert dark.course.shape == (3, 19)
    assert dark.course[1, -1] == dark.model
    assert (dark.course[:, 0] == 1.0).all()
    assert_charts_say_what_the_table_holds(table, dark)


def assert_charts_say_what_the_table_holds(table: HindcastTable, dark: HindcastRow) -> None:
    panel, course = table.plot(), table.plot(dark.target.event)
    told = "\n".join(text.get_text() for figure in (panel, course) for text in figure.findobj(Text))
    scored = f"within tolerance on {table.inside()} of {len(table.scored)} observed figures"
    assert scored in " ".join(told.split())
    assert table.run_id in told
    assert "TikTok, used it that day, 19 Jan 2025" in told
    assert "HINDCAST" in told
    assert "?:" not in told, "a title that asks is followed by its answer"
    dots = [line.get_xdata()[0] for line in panel.axes[0].get_lines() if line.get_marker() == "o"]  # type: ignore[index]
    assert dots == pytest.approx([100 * row.model for row in table.rows])
    lines = [line.get_ydata() for axes in course.axes for line in axes.get_lines()]
    assert any(len(y) == 19 and np.allclose(y, 100 * dark.course[1]) for y in lines)
    spec = table.scenarios[dark.target.scenario]
    assert any(policy.instrument.replace("_", " ") in told for policy in spec.policies), "the policies in time"
    with pytest.raises(InputError, match="no event is called"):
        table.plot("nothing")


def test_numbers_out_of_bounds_are_refused() -> None:
    for keys in ({"seeds": 0}, {"jobs": 0}, {"people": 5}):
        with pytest.raises(InputError):
            hindcast(["us_tiktok_2025"], **keys)  # type: ignore[arg-type]


@pytest.mark.parametrize("as_json", [True, False])
def test_the_command_prints_the_table(as_json: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as leaving:
        few = ["--people", "1500", "--seeds", "1", "--jobs", "1", "--out", str(tmp_path / "held")]
        main(["hindcast", "us_tiktok_2025", *few, *(["--json"] if as_json else [])])
    told = capsys.readouterr()
    assert (leaving.value.code, told.err) == (0, "")
    names = {path.name for path in (tmp_path / "held").iterdir()}
    assert names == {"hindcast.csv", *(f"{name}.{kind}" for name in ("hindcast", "us_tiktok_2025") for kind in _KINDS)}
    if not as_json:
        assert "TikTok active_users" in told.out
        assert "rival: nothing changes" in told.out
        assert "ratios: 1 is the first day of the run, or what follows 'of'" in told.out
        assert "assumed dose" not in told.out, "the one target is scored"
        assert "The model's parameters were fitted to 1 of the 1 that are scored" in told.out
        assert "These forecasts are stored ones, of the calibration that made" in told.out, "not of this run"
        return
    data = json.loads(told.out)
    (row,) = data["rows"]
    assert row["error"] == pytest.approx(row["simulated"] - row["observed"])
    assert row["rival_half"] == 0.5
    assert data["scores"]["half"]["mean_absolute_error"] == pytest.approx(0.41)
    assert data["scored"] == 1


def test_a_target_says_what_it_is_a_share_of() -> None:
    from sim.cli.hindcast import _explained, _what

    (known, *_) = read_targets()
    rows = [
        HindcastRow(replace(known, reference=reference, is_scored=False), 1.0, 1.0, 1.0, 0.5, 1.0)
        for reference in ("first day", "internet users", "2014-09-01")
    ]
    ends = [_what(row).removeprefix(f"{known.platform} {known.metric}") for row in rows]
    assert ends == ["", " of internet users", " of 2014-09-01"]
    assert "0 of 3 targets are scored; the others rest on an assumed dose." in _explained(
        HindcastTable(tuple(rows), 1, 1)
    )


def test_an_unknown_case_leaves_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as leaving:
        main(["hindcast", "us_tiktok_2024"])
    assert leaving.value.code == 2
    assert "did you mean 'us_tiktok_2025'?" in capsys.readouterr().err


OWN = """title: mine
start: 2025-01-01
days: 20
policies: [{id: cut, instrument: block, by: US, targets: [TikTok], on: 2025-01-05}]
"""


def test_own_events_come_from_a_csv_with_their_scenario_beside_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "cut.yaml").write_text(OWN, encoding="utf-8")
    line = "mine,cut,US,TikTok,active_users,first day,2025-01-15,0.2,0.1,yes,,a count of mine"
    file = toy_file(tmp_path / "own", line)
    monkeypatch.chdir(tmp_path)
    table = hindcast(people=1_500, seeds=1, jobs=1, targets="own/calibration.csv")
    (row,) = table.rows
    assert row.target.event == "mine"
    assert row.model < 0.6, "a national filter costs most of the use"
    with pytest.raises(SystemExit) as leaving:
        main(["hindcast", "--targets", str(file), "--people", "1500", "--seeds", "1", "--jobs", "1"])
    assert leaving.value.code == 0
    told = capsys.readouterr().out
    assert "mine" in told
    assert "were fitted" not in told, "nothing was fitted to an event of one's own"
    for wrong, told in ((tmp_path / "none.csv", "no such file"), (toy_file(tmp_path), "no events")):
        with pytest.raises(InputError, match=told):
            hindcast(targets=wrong)


def test_the_null_case_shows_no_fall(capsys: pytest.CaptureFixture[str]) -> None:
    """The American order was stayed before it began: the model must say nothing of it."""
    nulls = [t for t in read_targets() if is_null_case(t)]
    assert {t.event for t in nulls} == {"us_wechat_2020"}
    table = hindcast(["us_wechat_2020"], people=4_000, seeds=2, jobs=1)
    (row,) = table.rows
    assert row.low >= 1 - row.target.tolerance
    assert row.is_inside()
    with pytest.raises(SystemExit):
        main(["hindcast", "us_wechat_2020", "--people", "1500", "--seeds", "1", "--jobs", "1"])
    assert "never in force" in capsys.readouterr().out


def test_the_error_on_held_out_events_is_printed_once_there_is_a_calibration(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from sim.experiments.calibration import report
    from sim.experiments.calibration.result import FORECAST_COLUMNS

    one = "us_tiktok_2025,US,TikTok,active_users,first day,2025-02-13,0.91,0.1,0.86,0.8,0.9,0.87,0.94,0.5,1,0.04"
    another = one.replace("us_tiktok_2025", "other")
    known = tmp_path / "leave_one_out.csv"
    known.write_text("\n".join((",".join(FORECAST_COLUMNS), one, another)) + "\n", encoding="utf-8")
    command = ["hindcast", "us_tiktok_2025", "--people", "1500", "--seeds", "1", "--jobs", "1"]
    for path, is_there in ((tmp_path / "none.csv", False), (known, True)):
        monkeypatch.setattr(report, "LEAVE_ONE_OUT", path)
        with pytest.raises(SystemExit):
            main(command)
        assert ("rival: one curve of enforcement" in capsys.readouterr().out) is is_there
    with pytest.raises(SystemExit):
        main([*command, "--json"])
    left_out = json.loads(capsys.readouterr().out)["leave_one_out"]
    assert left_out["scored"] == 1, "only the events that were asked for"
    assert left_out["scores"]["simulated"] == {"mean_absolute_error": pytest.approx(0.05), "inside": 1}
    assert left_out["scores"]["curve"]["mean_absolute_error"] == pytest.approx(0.03)
