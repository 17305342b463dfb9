"""Which rows the tidy table of a run folder holds."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from toy_results import toy_result

from splinternet.metrics.registry import METRICS
from splinternet.results import Result, open_run
from splinternet.results.panel import StoredArrays, marks, metrics_held
from splinternet.results.series import MOST_ROWS, Cell, days_apart, series_frame, stored_cells

ALWAYS = ("contact_by_step", "family_contact_ever_lost", "family_contact_lost")


@pytest.fixture(scope="module")
def result() -> Result:
    return toy_result(seeds=2, days=36, start=18)


def stored(result: Result, most: int) -> list[Cell]:
    return stored_cells(result.cells, result.members, result.focus, most, headlines=most)


def rows(result: Result, cells: list[Cell]) -> int:
    days = (1 if METRICS[cell.metric].kind == "total" else len(result.dates) for cell in cells)
    return 2 * len(result.members) * sum(days)


def zero(result: Result) -> set[tuple[str, str, str, str]]:
    """Return the cells that are 0 on every day of all arms."""
    arms = [arm for pair in result.members for arm in pair]
    return {
        cell.key
        for cell in result.cells
        if all((arm.arrays[cell.metric][(..., *cell.index)] == 0).all() for arm in arms)
    }


def of_question(result: Result) -> set[tuple[str, str, str, str]]:
    always = {cell.key for cell in result.cells if cell.metric in ALWAYS} - zero(result)
    named = result.focus.named_platforms
    return always | {
        cell.key
        for cell in result.cells
        if cell.metric == "active_users" and cell.platform in named
    }


def test_a_table_with_room_holds_all_cells(result: Result) -> None:
    whole = rows(result, result.cells)
    assert whole <= MOST_ROWS
    assert result.stored_cells == stored(result, whole) == result.cells
    assert len(stored(result, whole - 1)) < len(result.cells)


def test_without_room_what_is_asked_for_stays(result: Result) -> None:
    assert {cell.key for cell in stored(result, 0)} == of_question(result)
    assert {key[0] for key in of_question(result)} == {"active_users", *ALWAYS}


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_the_limit_holds_and_the_order_stays(result: Result, share: float) -> None:
    most = int(share * rows(result, result.cells))
    found = stored(result, most)
    assert rows(result, found) <= max(most, rows(result, stored(result, 0)))
    assert of_question(result) <= {cell.key for cell in found}
    assert found == [cell for cell in result.cells if cell in found]


def test_headlines_come_before_the_rest(result: Result) -> None:
    first = rows(result, stored(result, 0))
    month = [
        cell
        for cell in result.cells
        if cell.metric == "family_contact_lost_7d" and cell.key not in zero(result)
    ]
    assert stored(result, first + rows(result, month)) == [
        cell for cell in result.cells if cell.key in of_question(result) or cell in month
    ]


def test_the_manifest_lists_what_is_left_out(
    result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result.save(tmp_path / "whole")
    assert "series_left_out" not in json.loads((tmp_path / "whole" / "manifest.json").read_text())
    short = toy_result(seeds=2, days=36, start=18)
    monkeypatch.setattr(Result, "stored_cells", stored(short, 0))
    short.save(tmp_path / "short")
    kept = set(pd.read_csv(tmp_path / "short" / "series.csv")["metric"])
    told = json.loads((tmp_path / "short" / "manifest.json").read_text())["series_left_out"]
    assert kept == {"active_users", *ALWAYS}
    assert set(told) | kept == {cell.metric for cell in short.cells}
    assert "active_users" in told, "those of other platforms are missing"


def test_a_long_run_has_a_row_a_week_and_its_last_day(result: Result) -> None:
    cells, dates = result.cells, result.members[0][0].axes.dates
    daily = series_frame(result.members, cells)
    assert days_apart(result.members, cells) == 1
    assert days_apart(result.members, cells, len(daily) // 2) == 7
    assert days_apart(result.members, cells, len(daily) // 20) == 28
    weekly = series_frame(result.members, cells, 7)
    kept = daily[daily["date"].isin(pd.to_datetime(dates[::-7]))]
    pd.testing.assert_frame_equal(weekly, kept.reset_index(drop=True))


def test_which_cells_are_defined_is_stored_with_an_array(result: Result, tmp_path: Path) -> None:
    result.save(tmp_path / "run")
    (stored, _), (made, _) = open_run(tmp_path / "run").members[0], result.members[0]
    for name in metrics_held([(made, made)]):
        known, there = marks(dict(made.arrays), name)
        assert isinstance(stored.arrays, StoredArrays)
        found = stored.arrays.stored_marks(name)
        assert found is not None
        np.testing.assert_array_equal(found[0], known, name)
        np.testing.assert_array_equal(found[1], there, name)
