"""One case has one number: the first finding on every surface of a run, side by side."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from conftest import blank_pages
from test_report import parsed, words_of

import splinternet as sn
from splinternet.app.explorer import explored
from splinternet.app.report import report_html
from splinternet.plots import main_chart
from splinternet.results import Result
from splinternet.text import terminal
from splinternet.text.finding_sentences import headline, short_figure
from splinternet.text.findings import find
from splinternet.text.orders import said_back

CASES: dict[str, dict[str, Any]] = {
    "wechat_full_block": {"days": 60, "seeds": 2},
    "events/br_x_2024": {"days": 32, "seeds": 2},
    "russia_cut_off": {"days": 35, "seeds": 1},
    "tiktok_ban_2020": {"days": 70, "seeds": 2},
    "the_battle": {"days": 200, "seeds": 1},
}
"""A block stands for the ban of WeChat, which cuts few of so few people off."""


@cache
def run_of(name: str) -> Result:
    return sn.run(name, people=1_000, jobs=1, **CASES[name])


def words(text: str) -> str:
    return " ".join(text.replace("\u00a0", " ").split())


@pytest.mark.parametrize("name", CASES)
def test_the_first_finding_is_the_same_on_every_surface(name: str) -> None:
    result = run_of(name)
    number, span = short_figure(result, find(result)[0])
    first = words(headline(result)[0])
    assert number in first or number == "0 %"
    with blank_pages():
        report = words(words_of(parsed(report_html(result))))
    card = result.plot("card")
    chart = result.plot(main_chart(result))
    seen = {
        "run": words(terminal.text(result)),
        "everything": words(terminal.text(result, every=True)),
        "report": report,
        "in short": words(terminal.short(result)),
    }
    assert [surface for surface, text in seen.items() if first not in text] == []
    assert (card.caption.number, card.caption.interval) == (number, span)
    assert (chart.caption.number, chart.caption.interval) == (number, span)
    for title in (card.title, chart.title):
        assert number in title or number in ("0 %", "100 %"), title


def test_a_loss_of_users_has_one_interval_in_sentence_row_and_chart() -> None:
    """Seeds draw how many use TikTok: their own losses differ more than the shares they lose."""
    result = sn.run("tiktok_ban_2020", people=1_000, days=70, seeds=6, jobs=1)
    cell = {"state": "US", "platform": "TikTok"}
    first = find(result)[0]
    assert (first.kind, first.platform) == ("platform", "TikTok")
    told = (first.value, first.high, first.low)
    rows = result.summary()
    rows = rows[(rows["metric"] == "active_users") & (rows["at"] == "worst_week")]
    row = rows[(rows["state"] == "US") & (rows["platform"] == "TikTok")].iloc[0]
    assert told == pytest.approx([-row[end] / row["baseline"] for end in ("effect", "low", "high")])
    assert row["policy"] == pytest.approx(row["baseline"] + row["effect"])
    use = result["active_users"].sel(cell)
    without, given = (use.sel(arm=arm).isel(date=-1) for arm in ("baseline", "policy"))
    assert without.max() > 1.2 * without.min()
    kept = result.bands("active_users", **cell, arm="policy").isel(date=-1) / without.median()
    assert float(kept.sel(quantile=0.5)) == pytest.approx(float((given / without).median()))
    alone = result.chance_only().bands("active_users", **cell).isel(date=-1) / without.median()
    assert 1 + float(alone.sel(quantile=0.1)) >= float((given / without).min()) - 1e-9


def test_the_explorer_says_what_the_run_says(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "wechat_full_block"
    spec = sn.load(name, people=1_000, days=60)
    monkeypatch.setattr("splinternet.app.explorer.LATER", ())
    data = explored(spec, 2, lambda each, _: sn.run(each, seeds=2, jobs=1), ["run"], most=2)
    assert data["runs"][0]["said"] == headline(run_of(name))


def test_an_order_after_the_last_day_covers_no_days_of_the_run() -> None:
    told = " ".join(said_back(sn.load("tiktok_ban_2020", days=90), 3, 1))
    assert "the run covers 40 days" in told
    assert "the run ends before it begins" in told and "-13" not in told
