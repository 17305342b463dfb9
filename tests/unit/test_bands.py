"""Own bands: `result.bands` agrees with the summary and the charts, the model's error in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from plain_interval import ends
from toy_results import toy_result

import splinternet as sn
from splinternet.facts import record
from splinternet.plots import marks
from splinternet.results import Result
from splinternet.results.model_error import SCALE_OF
from splinternet.text.terminal import text

ERROR = 0.6
"""Standard deviation of the error of every kind, on its scale."""
CELLS: tuple[tuple[str, dict[str, str]], ...] = (
    ("family_contact_lost", {"group": "US<-CN"}),
    ("family_contact_lost_people", {"group": "US<-CN"}),
    ("active_users", {"state": "US", "platform": "WeChat"}),
    ("active_users", {"state": "US", "platform": "Signal"}),
    ("vpn_users", {"state": "US"}),
)


@pytest.fixture
def result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Result]:
    """Return a toy run with the model's error in its intervals."""
    rows = [f"{kind},,{SCALE_OF[kind]},0,0,{ERROR},0,1,1,measured,a toy,x,," for kind in SCALE_OF]
    path = tmp_path / "discrepancy.csv"
    path.write_text("\n".join([",".join(record.ERROR_COLUMNS), *rows, ""]), encoding="utf-8")
    monkeypatch.setattr(record, "DISCREPANCY", path)
    made = toy_result(5, 120)
    yield Result(made.scenario, made.members)
    record.forget()


@pytest.mark.parametrize(("metric", "cell"), CELLS)
def test_a_band_ends_where_the_summary_and_the_chart_do(
    result: Result, metric: str, cell: dict[str, str]
) -> None:
    band = result.bands(metric, **cell)
    assert band.dims == ("date", "quantile") and band.shape == (120, 3)
    assert np.issubdtype(band["date"].dtype, np.datetime64)
    rows = result.summary()
    told = rows[(rows["metric"] == metric) & (rows["at"] == "end")]
    for name, label in cell.items():
        told = told[told[name] == label]
    last = band.isel(date=-1)
    for quantile, column in ((0.1, "low"), (0.5, "effect"), (0.9, "high")):
        assert last.sel(quantile=quantile).item() == told[column].item(), column
    found = marks.find(result, metric, **cell)
    assert found is not None
    curve = marks.curve(result, found)
    shown = np.isfinite(curve.low)
    assert 0 < shown.sum() < 120, "charts leave the days before the first policy out"
    np.testing.assert_array_equal(band.sel(quantile=0.1)[shown], curve.low[shown])
    np.testing.assert_array_equal(band.sel(quantile=0.5), curve.effect)
    np.testing.assert_array_equal(band.sel(quantile=0.9)[shown], curve.high[shown])
    level = result.bands(metric, **cell, arm="policy")
    np.testing.assert_array_equal(level.sel(quantile=0.9)[shown], curve.given[2][shown])


@pytest.mark.parametrize(("metric", "cell"), CELLS)
def test_it_is_wider_than_the_quantiles_of_the_members(
    result: Result, metric: str, cell: dict[str, str]
) -> None:
    arrays = result[metric].sel(cell)
    without, given = (arrays.sel(arm=arm).isel(date=-1) for arm in ("baseline", "policy"))
    is_lost = metric == "active_users" and float((given - without).median()) < 0
    # Users are lost as a share of those of the seed, and told of the median.
    effect = (given / without - 1) * float(without.median()) if is_lost else given - without
    narrow = ends(effect)
    wide = result.bands(metric, **cell).sel(quantile=[0.1, 0.9]).isel(date=-1)
    assert float(wide[1] - wide[0]) > 1.1 * (narrow[1] - narrow[0])
    alone = result.chance_only().bands(metric, **cell).sel(quantile=[0.1, 0.9]).isel(date=-1)
    np.testing.assert_allclose(alone, narrow, rtol=1e-12)


def test_the_baseline_has_the_quantiles_of_its_members(result: Result) -> None:
    cell = {"state": "US", "platform": "WeChat"}
    members = result["active_users"].sel(arm="baseline", **cell)
    said, alone = (" ".join(text(r, every=True).split()) for r in (result, result.chance_only()))
    assert "model's error on past events" in said and "model's error on past events" not in alone
    band = result.bands("active_users", **cell, arm="baseline")
    low, high = np.transpose([ends(day) for day in members.transpose("date", "seed")])
    expected = np.transpose([low, members.median("seed"), high])
    np.testing.assert_allclose(band, expected, rtol=1e-12)
    assert (band["arm"].item(), band.attrs["units"]) == ("baseline", "persons")


@pytest.mark.parametrize(
    ("metric", "keys", "told"),
    [
        ("family_contact_lsot", {}, "did you mean 'family_contact_lost'"),
        ("family_contact_lost", {"group": "US<-CM"}, "did you mean 'US<-CN'"),
        ("family_contact_lost", {"state": "US"}, "is not by state"),
        ("family_contact_lost", {"arm": "polcy"}, "did you mean 'policy'"),
    ],
)
def test_what_is_not_there_is_named(
    result: Result, metric: str, keys: dict[str, Any], told: str
) -> None:
    with pytest.raises(sn.InputError, match=told):
        result.bands(metric, **keys)
