"""Results: what a summary says, what a run folder holds, and that no kill or full disk leaves half
of one.
"""

from __future__ import annotations

import dataclasses
import errno
import hashlib
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import call
from plain_interval import ends
from toy_results import toy_axes, toy_pair, toy_result, toy_scenario

from splinternet.errors import InputError, RunError
from splinternet.metrics.registry import METRICS, WAYS
from splinternet.results import Result, RunFolder, default_folder, open_run
from splinternet.results import manifest as identity
from splinternet.results.firms import Amount, FirmRow, stored_firms
from splinternet.results.panel import ArmData
from splinternet.results.series import (
    Cell,
    band,
    cells_of,
    series_frame,
    simulated,
    spread,
    spread_at,
    weekly,
)
from splinternet.text.terminal import text

NUMBERS = ("baseline", "policy", "effect", "low", "high", "mc_error", "simulated")


@pytest.fixture(scope="module")
def result() -> Result:
    return toy_result(seeds=3, days=95)


@pytest.fixture(scope="module")
def saved(result: Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return result.save(tmp_path_factory.mktemp("runs") / "toy")


def rows_of(result: Result, **wanted: str) -> list[dict[str, Any]]:
    return [row for row in result.rows() if all(row[key] == value for key, value in wanted.items())]


def contents(folder: Path) -> dict[str, str]:
    """Return the hash of every file of a run that must be the same each time."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    kept = [path for path in paths if path.name not in ("manifest.json", "log.txt")]
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in kept
    }


# --- one number from many members -----------------------------------------------------------------


def test_spread_agrees_with_numpy_by_hand() -> None:
    baseline = np.array([10.0, 12.0, 9.0, 11.0])
    policy = np.array([7.0, 12.5, 3.0, 10.0])
    effects = sorted([-3.0, 0.5, -6.0, -1.0])
    got = spread(baseline, policy)
    assert got.baseline == 10.5
    assert got.policy == 8.5
    assert got.effect == (effects[1] + effects[2]) / 2
    # Of four draws, a fifth of further ones lies below the least: no end is beyond it.
    assert (got.low, got.high) == (effects[0], effects[3])
    mean = sum(effects) / 4
    variance = sum((e - mean) ** 2 for e in effects) / 3
    assert got.mc_error == pytest.approx(math.sqrt(variance / 4))


@pytest.mark.parametrize(
    ("baseline", "policy", "at", "effect", "day"),
    [
        ([[1.0], [100.0], [1000.0]], [[0.0], [99.0], [999.0]], "end", -1.0, 0),  # paired by seed
        ([[0.0] * 4], [[0.0, 3.0, -5.0, 4.0]], "peak", -5.0, 2),  # the largest in either direction
        ([[1.0] * 3] * 2, [[1.0] * 3] * 2, "peak", 0.0, None),
        (
            [[0.0] * 3] * 3,
            [[0.0, 0.0, 5.0], [0.0] * 3, [0.0] * 3],
            "peak",
            0.0,
            2,
        ),  # of the members that have one
    ],
)
def test_the_effect_of_a_point_in_time(
    baseline: Any, policy: Any, at: Any, effect: float, day: int | None
) -> None:
    got = spread_at(np.array(baseline), np.array(policy), at)
    assert (got.effect, got.day) == (effect, day)


def test_days_that_are_not_defined_are_passed_over() -> None:
    baseline = np.array([[np.nan, 1.0, 2.0], [np.nan, np.nan, np.nan]])
    policy = np.array([[np.nan, 3.0, 2.0], [np.nan, np.nan, np.nan]])
    assert spread_at(baseline, policy, "peak").effect == 2.0
    assert spread_at(baseline, policy, "total").baseline == 3.0
    nothing = spread_at(np.full((2, 3), np.nan), np.full((2, 3), np.nan), "end")
    assert dataclasses.astuple(nothing) == (None,) * 7
    low, middle, high = band(policy)
    assert np.isnan(middle[0])
    assert (low[1], middle[1], high[1]) == (3.0, 3.0, 3.0)


# --- cells ----------------------------------------------------------------------------------------


def test_a_pair_of_states_comes_once() -> None:
    pairs = [cell.group for cell in cells_of("cross_border_contact", toy_axes(1))]
    assert pairs == ["US~CN", "US~TR", "US~DE", "CN~TR", "CN~DE", "TR~DE"]


def test_no_two_cells_of_a_metric_share_their_columns() -> None:
    for metric in METRICS:
        keys = [cell.key for cell in cells_of(metric, toy_axes(1))]
        assert len(keys) == len(set(keys)), metric


def test_simulated_people_behind_a_cell() -> None:
    people = {"US": 50, "CN": 60, "US<-CN": 40, "family:US<-CN": 70, "US/QQ": 5}
    arm = ArmData(1, "baseline", toy_axes(1), {}, people)
    finer = ArmData(1, "baseline", toy_axes(1), {}, people | {"US~CN": 33})

    def cell(metric: str, *columns: str) -> Cell:
        return next(
            c for c in cells_of(metric, toy_axes(1)) if (c.state, c.platform, c.group) == columns
        )

    assert simulated(cell("family_contact_lost", "", "", "US<-CN"), arm) == 40
    assert simulated(cell("vpn_users", "US", "", ""), arm) == 90
    assert simulated(cell("vpn_users", "CN", "", ""), arm) == 130
    assert simulated(cell("active_users", "US", "QQ", ""), arm) == 5
    assert simulated(cell("active_users", "US", "WeChat", ""), arm) == 90
    assert simulated(cell("cross_border_contact", "", "", "US~CN"), arm) == 40
    assert simulated(cell("cross_border_contact", "", "", "US~CN"), finer) == 33
    assert simulated(cell("cross_border_contact", "", "", "TR~DE"), arm) == 0


# --- summary --------------------------------------------------------------------------------------


def test_summary_agrees_with_the_arrays(result: Result) -> None:
    g = result.members[0][0].axes.groups.index("US<-CN")
    series = np.array(
        [[arm.arrays["contact_days_lost"][:, g] for arm in pair] for pair in result.members]
    )
    effect = series[:, 1] - series[:, 0]
    (total,) = rows_of(result, metric="contact_days_lost", group="US<-CN", at="total")
    sums = effect.sum(axis=1)
    assert total["effect"] == pytest.approx(np.median(sums))
    assert [total["low"], total["high"]] == pytest.approx(list(ends(sums)))
    assert total["mc_error"] == pytest.approx(np.std(sums, ddof=1) / np.sqrt(3))
    assert total["simulated"] == 1000
    (end,) = rows_of(result, metric="contact_days_lost", group="US<-CN", at="end")
    assert end["effect"] == pytest.approx(np.median(effect[:, -1]))
    (peak,) = rows_of(result, metric="contact_days_lost", group="US<-CN", at="peak")
    assert peak["effect"] == pytest.approx(np.median(effect.max(axis=1)))
    assert peak["date"] in result.dates


def test_the_total_of_a_running_metric_is_its_last_day(result: Result) -> None:
    for name in ("family_contact_ever_lost", "contact_days_lost_per_member", "ties_ever_out"):
        found = {row["at"]: row for row in rows_of(result, metric=name, group="US<-CN")}
        assert set(found) == {"end", "total"}, "it has no peak of its own"
        assert found["total"] == found["end"] | {"at": "total"}
        assert found["total"]["date"] == result.dates[-1]
        assert found["total"]["unit"] == METRICS[name].unit


def test_the_worst_week_is_the_largest_mean_of_seven_days() -> None:
    policy = np.zeros((2, 20))
    policy[0, 9] = (
        # one day: a mean of 1 in every week that includes it, the first of which ends on that day
        7.0
    )
    policy[1, 3:13] = [2.0] * 9 + [4.0]
    got = spread_at(np.zeros((2, 20)), policy, "worst_week")
    assert got.effect == pytest.approx(np.median([1.0, (6 * 2.0 + 4.0) / 7]))
    assert got.day == 9
    short = spread_at(np.zeros((1, 3)), np.array([[3.0, 6.0, 0.0]]), "worst_week")
    assert (short.effect, short.day) == (3.0, 2), "a run of fewer days is one week"
    gaps = np.full((1, 9), np.nan)
    gaps[0, 2:4] = 1.0, 3.0
    assert weekly(gaps)[0, 6:].tolist() == [2.0, 2.0, 2.0], "days that are not defined are left out"
    assert np.isnan(weekly(gaps)[0, :6]).all(), "there is no mean before the first week is full"
    ends = spread_at(np.ones((2, 10)), np.ones((2, 10)), "worst_week")
    assert (ends.effect, ends.day) == (0.0, None)


def test_cells_of_fewer_than_thirty_people_are_left_out(result: Result) -> None:
    assert not rows_of(result, group="US<-TR")
    assert not rows_of(result, metric="active_users", state="US", platform="VKontakte")
    assert rows_of(result, metric="active_users", state="US", platform="Telegram")
    assert "US<-TR" not in set(result.summary(all=True)["group"])
    assert "US<-TR" not in text(result)
    # The rule is for what is printed: the table of daily values and the panel hold them.
    assert "US<-TR" in set(result.series["group"])


def test_undefined_is_null() -> None:
    short = toy_result(seeds=2, days=30)
    (row,) = rows_of(short, metric="ties_severed", group="US<-CN")
    assert [row[key] for key in ("baseline", "policy", "effect", "low", "high", "mc_error")] == [
        None
    ] * 6
    assert "NaN" not in json.dumps({"rows": short.rows()}, allow_nan=False)


def test_warning_for_few_members() -> None:
    assert toy_result(seeds=4, days=60).warnings == [
        "interval from 4 seeds: run at least 5 seeds to see the effect of chance"
    ]
    assert toy_result(seeds=5, days=60).warnings == []
    assert "interval from 1 seed:" in toy_result(seeds=1, days=60).warnings[0]


# --- tables and arrays ----------------------------------------------------------------------------


def test_series(result: Result) -> None:
    frame = result.series
    assert list(frame.columns) == [
        "seed",
        "arm",
        "date",
        "metric",
        "state",
        "platform",
        "group",
        "value",
        "unit",
    ]
    users = frame[frame.metric == "active_users"]
    for state in ("US", "CN"):
        one = users[
            (users.state == state)
            & (users.platform == "WeChat")
            & (users.group == "")
            & (users.seed == 3)
        ]
        assert sorted(set(one.arm)) == ["baseline", "policy"]
        for arm in ("baseline", "policy"):
            assert one[one.arm == arm].date.dt.strftime("%Y-%m-%d").tolist() == list(result.dates)
    ties = frame[frame.metric == "cross_border_contact"]
    assert set(ties.group) == {"US~CN"}
    assert set(ties.state) == {""}
    back = frame[(frame.metric == "reconnected") & (frame.group == "US<-CN")]
    assert set(back.platform) == set(WAYS)
    moves = frame[frame.metric == "flows"]
    assert set(moves.group) == {"WeChat"}
    assert set(moves.date) == {pd.Timestamp(result.dates[-1])}


def test_series_holds_the_named_and_the_ten_most_moved(result: Result) -> None:
    arm = result.members[0][0]
    many = tuple(f"P{i}" for i in range(30))
    axes = dataclasses.replace(arm.axes, platforms=(*many, "WeChat"))
    baseline = np.ones((95, 4, 31))
    policy = baseline.copy()
    policy[:, 1, :12] += np.arange(12)
    members = [
        (
            ArmData(1, "baseline", axes, {"active_users": baseline}, arm.cells, arm.real),
            ArmData(1, "policy", axes, {"active_users": policy}, arm.cells, arm.real),
        )
    ]
    shown = set(Result(toy_scenario(95), members).series["platform"])
    assert shown == {"WeChat", *many[2:12]}


def test_arrays(result: Result) -> None:
    lost = result["family_contact_lost"]
    assert lost.dims == ("seed", "arm", "date", "group")
    assert lost.shape == (3, 2, 95, 9)
    one = lost.sel(seed=2, arm="policy", group="US<-CN").to_numpy()
    assert np.array_equal(one, result.members[1][1].arrays["family_contact_lost"][:, 4])
    assert result["flows"].dims == ("seed", "arm", "state", "source", "platform")
    assert float(lost.sel(date="2020-10-31", arm="policy", group="US<-CN").max()) > 0


def test_a_dataset_of_some_metrics_reads_no_others(saved: Path, result: Result) -> None:
    back = open_run(saved)
    panel = back.to_xarray(["active_users", "vpn_users"])
    assert panel["active_users"].identical(result["active_users"])
    read = {name for _, name, _ in back.members[0][0].arrays._held.arrays}  # type: ignore[attr-defined]
    assert read == {"active_users", "vpn_users"}
    assert {"active_users", "vpn_users", "real_people"} <= set(
        panel.data_vars
    ) and "openers" not in panel
    with pytest.raises(InputError, match=r"no metric 'activ_users'.*did you mean 'active_users'"):
        back.to_xarray(["activ_users"])
    assert list(back.to_xarray("vpn_users").data_vars) == list(
        back.to_xarray(["vpn_users"]).data_vars
    )


# --- the run folder -------------------------------------------------------------------------------


def test_run_folder_holds_what_is_promised(result: Result, saved: Path) -> None:
    names = {path.name for path in saved.iterdir()}
    assert names == {
        "manifest.json",
        "scenario.resolved.yaml",
        "series.csv",
        "summary.json",
        "summary.csv",
        "panel.nc",
        "figures",
        "log.txt",
    }
    manifest = json.loads((saved / "manifest.json").read_text())
    assert manifest["scenario"]["digest"] == result.scenario.digest
    assert manifest["seeds"] == [1, 2, 3]
    assert manifest["command"] == "splinternet run toy"
    assert {"version", "packages", "facts_sha256", "warnings", "wall_seconds"} <= set(manifest)
    for name, digest in manifest["files_sha256"].items():
        assert hashlib.sha256((saved / name).read_bytes()).hexdigest() == digest


def test_series_csv_is_the_table(result: Result, saved: Path) -> None:
    read = pd.read_csv(saved / "series.csv", keep_default_na=False, na_values={"value": [""]})
    expected = series_frame(result.members, result.stored_cells)
    assert list(read.columns) == list(expected.columns)
    for name in ("seed", "arm", "metric", "state", "platform", "group", "unit"):
        assert read[name].tolist() == expected[name].tolist()
    assert read["date"].tolist() == expected["date"].dt.strftime("%Y-%m-%d").tolist()
    assert np.allclose(read["value"], expected["value"], rtol=1e-9, atol=0, equal_nan=True)


def test_the_table_and_the_workbook_of_the_summary_hold_its_rows_as_numbers(
    saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from openpyxl import load_workbook

    rows = json.loads((saved / "summary.json").read_text())["rows"]
    table = pd.read_csv(
        saved / "summary.csv", keep_default_na=False, na_values={n: [""] for n in NUMBERS}
    )
    assert list(table.columns) == list(rows[0]) and len(table) == len(rows) > 50
    filled = [
        any(row[name] is not None for name in ("baseline", "policy", "effect")) for row in rows
    ]
    rows, table = (
        [row for row, has in zip(rows, filled, strict=True) if has],
        table[filled],
    )  # no rows without numbers
    workbook = tmp_path / "summary.xlsx"
    assert call(capsys, "export", str(saved), "--summary", "--out", str(workbook))[0] == 0
    book = load_workbook(workbook)
    head, *sheet = (row[: len(rows[0])] for row in book["table"].iter_rows(values_only=True))
    assert list(head) == list(rows[0]) and len(sheet) == len(rows)
    words = [str(cell.value) for cell in tuple(book["table"].columns)[len(head)]]
    assert words[0] == "in words" and any(
        "People from China in the United States" in text for text in words
    )
    noted = dict(book["about"].iter_rows(values_only=True))
    assert (
        noted["title"] == open_run(saved).scenario.title
        and "PROJECTION" in noted["status"]
        and "unit" in noted
    )
    for row, line, cells in zip(rows, table.to_dict("records"), sheet, strict=True):
        for name, cell in zip(head, cells, strict=True):
            if name in NUMBERS and row[name] is not None:
                assert cell == pytest.approx(row[name], rel=1e-14) and line[name] == pytest.approx(
                    row[name], rel=1e-14
                )
            elif name in NUMBERS:
                assert cell is None and np.isnan(line[name])
            elif name == "date":
                assert str(cell.date() if cell else "") == line[name] == (row[name] or "")
            else:
                assert (cell or "") == line[name] == (row[name] or "")


def test_opening_gives_the_same_result(result: Result, saved: Path, tmp_path: Path) -> None:
    back = open_run(saved)
    assert back == result
    assert back.rows() == result.rows()
    assert back.name == result.name
    assert back.notes == result.notes
    pd.testing.assert_frame_equal(back.series, result.series)
    assert back.to_xarray().identical(result.to_xarray())
    assert back != toy_result(seeds=2, days=95)
    assert contents(back.save(tmp_path / "again")) == contents(saved)
    old, new = (
        json.loads((folder / "manifest.json").read_text()) for folder in (saved, tmp_path / "again")
    )
    assert {**old, "written": ""} == {**new, "written": ""}


def test_save_that_is_interrupted_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = toy_result(seeds=1, days=3)
    before = contents(folder := result.save(tmp_path / "run"))

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Result, "save_figures", killed)
    for target in (folder, tmp_path / "new"):
        with pytest.raises(KeyboardInterrupt):
            result.save(target)
    assert contents(folder) == before
    assert list(tmp_path.iterdir()) == [folder]


def test_full_disk_is_told_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: Any, **_keys: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("splinternet.results.folder.panel_bytes", full)
    with pytest.raises(RunError, match=r"disk that holds .* is full.*nothing half-written"):
        toy_result(seeds=1, days=3).save(tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def test_run_is_resumed_where_it_was_left(tmp_path: Path) -> None:
    scenario, seeds, path = toy_scenario(5), (1, 2, 3), tmp_path / "run"
    with RunFolder(path, scenario, seeds) as folder:
        assert folder.state == "new"
        folder.add(*toy_pair(2, 5))
    (path / "members" / ".seed-3.nc.x.part").write_bytes(b"half")
    (path / ".building").mkdir()
    with pytest.raises(InputError, match="not finished"):
        open_run(path)
    with RunFolder(path, scenario, seeds) as folder:
        assert folder.state == "unfinished"
        assert folder.missing() == [1, 3]
        for seed in folder.missing():
            folder.add(*toy_pair(seed, 5))
        folder.finish(Result(scenario, list(folder.members()), {"command": "x"}))
    assert not {"members", "unfinished", ".building"} & {p.name for p in path.iterdir()}
    log = (path / "log.txt").read_text()
    told = (
        "3 seeds: begun",
        "seed 2 is done, 2 to go",
        "resumed with 1 of 3",
        "seed 3 is done, 0 to go",
        "finished",
    )
    assert [line for line in told if line not in log] == []
    straight = Result(scenario, [toy_pair(seed, 5) for seed in seeds]).save(tmp_path / "straight")
    assert contents(path) == contents(straight)
    with RunFolder(path, scenario, seeds) as folder:
        assert folder.state == "finished"
        assert folder.missing() == []


def test_folder_of_another_run_is_left_alone(saved: Path, tmp_path: Path) -> None:
    other = toy_scenario(10)
    before = contents(saved)
    with pytest.raises(InputError, match="it has another run"):
        RunFolder(saved, other, [1])
    with pytest.raises(InputError, match="it has another run"):
        toy_result(seeds=1, days=3).save(saved)
    assert contents(saved) == before
    with (
        RunFolder(tmp_path / "half", toy_scenario(3), [1]),
        pytest.raises(InputError, match="not finished"),
    ):
        RunFolder(tmp_path / "half", other, [1])


def test_what_differs_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = toy_scenario(3)
    folder = Result(scenario, [toy_pair(1, 3), toy_pair(2, 3)]).save(tmp_path / "run")
    with pytest.raises(InputError, match="the same scenario, but seeds 1-2"):
        RunFolder(folder, scenario, [1])
    with pytest.raises(InputError, match="another run, of the scenario the_united_states"):
        RunFolder(folder, toy_scenario(4), [1, 2])
    with monkeypatch.context() as patch:
        patch.setattr(identity, "commit", lambda: "0" * 40)
        with pytest.raises(
            InputError, match=r"the same scenario and seeds, by another program: .*commit 00000000"
        ):
            RunFolder(folder, scenario, [1, 2])
    with monkeypatch.context() as patch:
        patch.setattr(identity, "facts_hash", lambda: "0" * 64)
        with pytest.raises(InputError, match="the same scenario and seeds, but other fact tables"):
            RunFolder(folder, scenario, [1, 2])
        # What was read back stays the work of the program that made it.
        open_run(folder).save(tmp_path / "copy")
    assert RunFolder(tmp_path / "copy", scenario, [1, 2]).state == "finished"


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(
        InputError, match=r"--out: .*it contains other files; .*name a new folder: --out .*-2"
    ):
        RunFolder(tmp_path, toy_scenario(3), [1])
    with pytest.raises(InputError, match="it is a file"):
        RunFolder(tmp_path / "thesis.txt", toy_scenario(3), [1])
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]


def test_two_processes_do_not_write_one_run(tmp_path: Path) -> None:
    with (
        RunFolder(tmp_path / "run", toy_scenario(3), [1]),
        pytest.raises(InputError, match="another process is writing this run"),
    ):
        RunFolder(tmp_path / "run", toy_scenario(3), [1])
    RunFolder(tmp_path / "run", toy_scenario(3), [1]).close()


def test_identity_of_a_run() -> None:
    scenario = toy_scenario(3)

    def run_id(spec: Any, seeds: list[int]) -> str:
        return str(identity.about(spec, seeds)["run_id"])

    assert run_id(scenario, [2, 1]) == run_id(scenario, [1, 2])
    assert run_id(scenario, [1]) != run_id(scenario, [1, 2])
    assert run_id(scenario, [1]) != run_id(toy_scenario(4), [1])
    assert (
        default_folder(scenario, [1]) == Path("runs") / f"{scenario.name}-{run_id(scenario, [1])}"
    )


# --- words ----------------------------------------------------------------------------------------


def test_sums_over_days_have_the_unit_of_a_sum() -> None:
    units = {name: metric.total_unit for name, metric in METRICS.items()}
    assert units["active_users"] == "person-days" and units["contact_days_lost"] == "person-days"
    assert units["consumer_surplus_lost"] == "US dollars" and units["sales"] == "US$"
    assert units["ties_severed"] == "ties" and units["installs"] == "installs"
    (total,) = rows_of(toy_result(2, 70), metric="consumer_surplus_lost", state="US", at="total")
    assert total["unit"] == "US dollars"


def test_what_firms_lose_is_read_from_the_summary_and_not_worked_out_again(
    saved: Path, result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert open_run(saved).firms == result.firms
    row = FirmRow("Tencent", "CN", "US", Amount(3.0, -1.0, -2.0, 0.1), Amount(0.3, -0.1, -0.2, 0.0))
    stored = dataclasses.asdict(row) | {
        "revenue": dataclasses.asdict(row.revenue) | {"share": row.revenue.share}
    }
    summary = json.loads(json.dumps({"firms": [stored], "homes": []}))
    assert stored_firms(summary) == ([row], [])
    assert stored_firms({"firms": [{}], "homes": []}) is None
    monkeypatch.delattr("splinternet.results.result.find_firms")
    assert open_run(saved).firms == result.firms
