"""A result in Python: a mapping of metrics, print, charts in the user's own axes, several runs in
one picture.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import call
from matplotlib.figure import Figure
from toy_results import GROUPS, toy_result

import splinternet as sn
from splinternet.errors import InputError
from splinternet.plots import draw_cell
from splinternet.results import Result
from splinternet.results import result as results

NO = {"group": "", "state": "", "platform": ""}


@pytest.fixture(scope="module")
def result() -> Result:
    return toy_result(2, 70)


def test_a_result_is_a_mapping_of_metrics(result: Result) -> None:
    assert "active_users" in result and "active_userz" not in result and 3 not in result
    assert list(result) == result.metrics == result._ipython_key_completions_()
    assert len(result) == len(result.metrics)
    assert np.issubdtype(result["active_users"]["date"].dtype, np.datetime64)
    with pytest.raises(InputError, match="did you mean 'active_users'") as caught:
        result["active_userz"]
    assert len(str(caught.value)) < 350, "the error does not list every metric"


def test_own_axes_get_the_medians_of_the_cell(result: Result) -> None:
    axes = Figure().add_subplot()
    found = result.plot("family_contact", ax=axes, group="US<-CN", title="Mine")
    assert found is axes and axes.get_title(loc="left") == "Mine"
    g = GROUPS.index("US<-CN")
    by_hand = np.median(
        [p.arrays["family_contact_ever_lost"][:, g] for _, p in result.members], axis=0
    )
    drawn = next(
        line
        for line in axes.get_lines()
        if line.get_linestyle() == "-" and len(line.get_xdata()) == 70
    )
    assert drawn.get_ydata() == pytest.approx(100 * by_hand), "in per cent"


def test_several_runs_are_overlaid_with_their_effects(result: Result, tmp_path: Path) -> None:
    weak = toy_result(2, 70, effect=0.4, title="Weak")
    axes = Figure().add_subplot()
    draw_cell([result, weak], "contact_days_lost_per_member", NO, into=axes)
    lines = [line.get_ydata()[-1] for line in axes.get_lines() if len(line.get_xdata()) == 70]
    assert lines[0] > lines[1] > 0
    assert [" ".join(text.get_text().split()) for text in axes.texts] == [
        run.name.replace("_", " ") for run in (result, weak)
    ]


def test_command(
    result: Result,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    result.save("a")
    toy_result(2, 70, effect=0.4).save("b")
    assert call(capsys, "plot", "a", "b", "active_users", "--of", "US/WeChat") == (
        0,
        "Written to active_users.png\n",
        "",
    )
    assert call(capsys, "plot", "a", "b", "--group", "US<-CN", "--out", "x.svg")[0] == 0
    assert Path("x.svg").read_text(encoding="utf-8").startswith("<?xml")
    code, _, err = call(capsys, "plot", "a", "runs/none")
    assert code == 2 and "is not a folder" in err


def test_frames_have_dates_and_csv_has_days(result: Result, tmp_path: Path) -> None:
    days = result["active_users"]["date"].to_numpy()
    for frame in (
        result.series,
        result.summary(),
        result.decisions,
        sn.index(["US"], since="2026-01").internets(),
    ):
        assert frame["date"].dtype == np.dtype("datetime64[ns]")
    daily = result.series[result.series["metric"] == "active_users"]
    assert (np.unique(daily["date"]) == days).all()
    text = pd.read_csv(result.to_csv(tmp_path / "series.csv"), dtype=str)["date"]
    assert set(text) == {str(day) for day in days.astype("datetime64[D]")}
    stored = pd.read_parquet(result.to_parquet(tmp_path / "series.parquet"))
    pd.testing.assert_frame_equal(stored, result.series)
    with pytest.raises(InputError, match=r"to_parquet.*ends in '\.csv'"):
        result.to_parquet(tmp_path / "series.csv")


def test_a_csv_of_everything_that_is_too_large_is_refused_with_its_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = toy_result(1, 10)
    rows = len(pd.read_csv(result.to_csv(tmp_path / "all.csv", every=True)))
    monkeypatch.setattr(results, "MOST_CSV_ROWS", rows - 1)
    with pytest.raises(InputError, match=rf"{rows:,} rows, a file of about .* GB.*parquet"):
        result.to_csv(tmp_path / "more.csv", every=True)
    assert not (tmp_path / "more.csv").exists()


@pytest.mark.parametrize(
    "day",
    [
        pd.Timestamp("2020-08-10"),
        dt.datetime(2020, 8, 10),
        np.datetime64("2020-08-10T00:00:00.000000000"),
        dt.date(2020, 8, 10),
    ],
)
def test_a_date_may_be_of_any_library(day: Any) -> None:
    keys = {"id": "ban", "by": "US", "instrument": "block", "targets": ["WeChat"], "on": day}
    spec = sn.load({"title": "A day", "start": "2020-08-01", "days": 20, "policies": [keys]})
    assert str(spec.policies[0].on) == str(spec.policies[0].announced) == "2020-08-10"
    model = sn.Model(spec, people=1_000, set={"policies.ban.on": day + np.timedelta64(2, "D")})
    assert str(model.spec.policies[0].on) == "2020-08-12"
    assert sn.index(["US", "CN"], since=day).days[0] == dt.date(2020, 8, 1)


@pytest.mark.parametrize(
    "day", [pd.Timestamp("2020-08-10 15:00"), pd.NaT, dt.datetime(2020, 8, 10, tzinfo=dt.UTC)]
)
def test_a_time_of_day_is_no_date(day: Any) -> None:
    keys = {"id": "ban", "by": "US", "instrument": "block", "targets": ["WeChat"], "on": day}
    with pytest.raises(InputError, match=r"on: .*is not a date; .*YYYY-MM-DD"):
        sn.load({"title": "A day", "start": "2020-08-01", "days": 20, "policies": [keys]})
    with pytest.raises(InputError, match="--from"):
        sn.index(["US"], since=day)
