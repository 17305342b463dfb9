"""Hindcasts: circumstances, the score, the scoreboard's charts, and what the
commands print.
"""

from __future__ import annotations

import json
import math
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import scoringrules
from conftest import call
from matplotlib.text import Text

from splinternet.errors import InputError, RunError
from splinternet.experiments.hindcast import Scoreboard, crps, hindcast, standings
from splinternet.experiments.record import Circumstances, circumstances
from splinternet.fit import scenario as writing
from splinternet.fit.circumstances import KnownBefore, known_before
from splinternet.plots.page import MOST_WORDS
from splinternet.scenario import load
from splinternet.scenario.schema import Observed
from splinternet_bench.cli import main as bench
from splinternet_bench.rivals import RIVALS

FEW = ["--people", "1500", "--seeds", "1", "--jobs", "1"]


def figure(value: float, **keys: object) -> Observed:
    known = {
        "date": "2020-01-03",
        "metric": "active_users",
        "state": "US",
        "platform": "TikTok",
        "tolerance": 0.1,
    }
    return Observed.model_validate(known | {"value": value} | keys)


def about(event: str, **keys: object) -> Circumstances:
    return circumstances(figure(0.5, **keys), load(event))


def before(event: str, **keys: object) -> KnownBefore:
    return known_before(figure(0.5, **keys), load(event))


def test_a_block_counts_only_once_it_is_in_force_and_never_while_stayed() -> None:
    hit = {"state": "RU", "platform": "Instagram"}
    assert about("events/ru_instagram_2022", **hit, date="2022-03-14").is_hit
    early = about("events/ru_instagram_2022", **hit, date="2022-03-13")
    assert (early.is_hit, early.is_null) == (False, True)
    assert before("events/ru_instagram_2022", **hit, date="2022-03-13").dose == 0.0
    gain = about("events/ru_instagram_2022", state="RU", platform="VKontakte", date="2022-07-31")
    assert (gain.is_hit, gain.is_null) == (False, False)
    stayed = about("events/us_wechat_2020", state="US", platform="WeChat", date="2020-12-31")
    assert (stayed.is_hit, stayed.is_null, stayed.technique) == (False, True, "transaction_ban")


def test_the_dose_is_what_the_technique_takes_of_direct_use() -> None:
    parameters = load("events/ru_instagram_2022").facts.parameters
    hit = {"state": "RU", "platform": "Instagram", "date": "2022-07-31"}
    found = before("events/ru_instagram_2022", **hit)
    assert found.dose == pytest.approx(parameters["technique.dpi.coverage"].value)
    assert (found.days, found.platform_kind) == (139, "feed")
    assert about("events/ru_instagram_2022", **hit).technique == "dpi"
    lifted = {"state": "BR", "platform": "X", "date": "2024-10-31"}
    assert about("events/br_x_2024", **lifted).is_hit
    assert before("events/br_x_2024", **lifted).dose == 0.0


def test_a_bystander_is_described_by_the_order_that_it_gains_from() -> None:
    gain = about(
        "events/br_x_2024", state="BR", platform="Bluesky", of="X", kind="gained", date="2024-09-04"
    )
    assert (gain.technique, gain.is_hit, gain.before) == ("isp", False, 0.0)
    vpn = about(
        "events/ru_instagram_2022",
        state="RU",
        platform=(),
        metric="vpn_users",
        of="internet_users",
        kind="vpn",
        date="2022-07-31",
    )
    assert vpn.before == load("events/ru_instagram_2022").world.vpn_share["RU"]


def test_alternatives_are_what_is_used_and_close() -> None:
    """Instagram's users in Russia have VKontakte; of two heirs the one in wider use has more part."""
    feed = before("events/ru_instagram_2022", state="RU", platform="Instagram", date="2022-07-31")
    assert feed.alternatives > 0.5
    assert feed.vpn_share == load("events/ru_instagram_2022").world.vpn_share["RU"]
    gain = {"of": "Telegram", "kind": "gained", "metric": "monthly_users", "date": "2018-07-01"}
    parts = [
        before("events/ir_telegram_2018", state="IR", platform=name, **gain).part
        for name in ("Soroush", "WhatsApp")
    ]
    assert 0.0 < parts[0] < parts[1] < 1.0


# The whole.


@pytest.fixture(scope="module")
def board() -> Scoreboard:
    return hindcast("us_tiktok_2025", people=1_500, seeds=2, jobs=1)


def test_charts_say_what_the_scoreboard_holds(board: Scoreboard) -> None:
    panel, course = board.plot(), board.plot("us_tiktok_2025")
    told = " ".join(
        " ".join(
            text.get_text() for figure in (panel, course) for text in figure.findobj(Text)
        ).split()
    )
    inside = sum(row.is_covered for row in board.counting)
    assert f"{inside} of {len(board.counting)} observed figures lie inside" in told
    assert len(panel.title.split()) <= MOST_WORDS
    assert "TikTok, used it that day, 13 Feb 2025" in told
    assert "HINDCAST" in told
    assert "?:" not in told, "a title that asks is followed by its answer"
    dots = [line.get_xdata()[0] for line in panel.axes[0].get_lines() if line.get_marker() == "o"]  # type: ignore[index]
    assert dots == pytest.approx([100 * row.simulated for row in board.rows])
    medians = [100 * np.quantile(row.beside.course, 0.5, axis=0) for row in board.rows]
    lines = [line.get_ydata() for axes in course.axes for line in axes.get_lines()]
    assert any(len(y) == len(medians[0]) and np.allclose(y, medians[0]) for y in lines)
    with pytest.raises(InputError, match="did you mean 'us_tiktok_2025'"):
        board.plot("us_tiktok_2024")


def test_numbers_out_of_bounds_and_unknown_events_are_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for keys in ({"seeds": 0}, {"jobs": 0}, {"people": 5}):
        with pytest.raises(InputError):
            hindcast(["us_tiktok_2025"], **keys)  # type: ignore[arg-type]
    code, _, err = call(capsys, "hindcast", "us_tiktok_2024")
    assert code == 2 and "did you mean" in err


def test_the_null_case_shows_no_fall_and_stays_out_of_the_means(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The American order was stayed before it began: the model must say nothing of it."""
    told = call(capsys, "hindcast", "us_wechat_2020", *FEW, "--out", str(tmp_path / "held"))[1]
    assert "never in force" in told
    assert "the model shows no fall" in told
    assert "CRPS" not in told.split("never in force")[1], "nothing is left to score"
    names = {path.name for path in (tmp_path / "held").iterdir()}
    assert names == {
        "hindcast.csv",
        *(f"{name}.{kind}" for name in ("hindcast", "us_wechat_2020") for kind in ("png", "svg")),
    }


# Forecasts on record.


def test_a_past_event_is_forecast_as_if_before_it_and_scored_later(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = load("events/us_tiktok_2025", people=1_500)
    seen = spec.observed[0]
    blind = spec.model_copy(update={"observed": (seen.model_copy(update={"value": 7.7}),)})
    first = tmp_path / "a"
    second = tmp_path / "b"
    writing.forecast(spec.model_copy(update={"observed": (seen,)}), first, seeds=2, jobs=1)
    writing.forecast(blind, second, seeds=2, jobs=1)
    (table,) = (first / "model-output" / writing.MODEL).glob("*.csv")
    text = table.read_text(encoding="utf-8")
    assert text == (second / table.relative_to(first)).read_text(encoding="utf-8"), (
        "what was counted is not looked at"
    )
    rows = [line.split(",") for line in text.splitlines()]
    assert tuple(rows[0]) == writing.COLUMNS
    horizons = {row[7] for row in rows[1:] if row[8] != str(seen.date)}
    assert horizons == {"1", "4", "16", "52"}
    origin = date.fromisoformat(rows[1][0])
    assert origin == min(policy.on for policy in spec.policies if policy.on)
    assert all((date.fromisoformat(r[8]) - origin).days == round(float(r[7]) * 7) for r in rows[1:])
    assert len(rows[1:]) % len(writing.LEVELS) == 0
    said = json.loads((first / writing.REGISTRATION).read_text(encoding="utf-8"))
    assert {"registered", "version", "files_sha256", "scenario"} <= set(said)
    counted = tmp_path / "counted.csv"
    head = "location,target,platform,group,kind,of,target_end_date,observation"
    line = f"US,active_users,TikTok,,level,baseline,{seen.date},0.5"
    counted.write_text(f"{head}\n{line}\n", encoding="utf-8")
    words = ["score", str(first), "--observed", str(counted), "--json"]
    assert bench(words) == 0
    told = json.loads(capsys.readouterr().out)
    place = ["active_users", "TikTok", "level", "baseline", str(seen.date)]
    own = [row for row in rows[1:] if [row[2], row[3], row[5], row[6], row[8]] == place]
    middle = next(float(row[-1]) for row in own if row[-2] == "0.5")
    assert (told["targets"], told["rows"][0]["observed"]) == (1, 0.5)
    assert told["rows"][0]["median"] == pytest.approx(middle)
    levels = np.array([float(row[-2]) for row in own])
    values = np.array([float(row[-1]) for row in own])
    by_hand = np.mean(2.0 * ((values > 0.5) - levels) * (values - 0.5))
    assert told["wis"] == pytest.approx(by_hand)
    with pytest.raises(InputError, match="never changed"):
        writing.forecast(spec, first)
    counted.write_text(f"{head}\n{line.replace('TikTok', 'X')}\n", encoding="utf-8")
    assert bench(words) == 2
    assert "nothing in it is in the forecast" in capsys.readouterr().err
    assert bench(["score", str(first)]) == 2
    assert "--observed" in capsys.readouterr().err
    table.write_text(text.replace("quantile,0.5,", "quantile,0.5,9"), encoding="utf-8")
    assert bench(words) == 2
    assert "was changed after the forecast" in capsys.readouterr().err


def test_a_forecast_that_cannot_be_written_leaves_nothing_and_what_others_wrote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, write_text = tmp_path / "out", writing.write_text
    folder.mkdir()

    def full(path: Path, text: str) -> Path:
        if path.name == writing.REGISTRATION:
            assert not any(folder.iterdir()), "nothing is in the folder before all is written"
            (folder / "another").touch()
            raise RunError("the disk is full")
        return write_text(path, text)

    monkeypatch.setattr(writing, "write_text", full)
    with pytest.raises(RunError, match="the disk is full"):
        writing.forecast(load("events/us_tiktok_2025", people=1_500), folder, seeds=1, jobs=1)
    assert list(tmp_path.iterdir()) == [folder]
    assert [path.name for path in folder.iterdir()] == ["another"]


def test_a_scenario_with_nothing_to_forecast_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nothing to forecast"):
        writing.forecast(
            {"title": "calm", "start": "2020-01-01", "days": 3, "people": 1_500},
            tmp_path / "no",
            seeds=1,
        )
    assert not (tmp_path / "no").exists()


def test_the_score_agrees_with_scoringrules() -> None:
    """The library takes long to import, so the model has this formula of its own."""
    sample = np.random.default_rng(7).random(40)
    for observed in (-0.2, 0.31, 0.5, 1.4):
        expected = scoringrules.crps_ensemble(observed, sample, estimator="nrg", backend="numpy")
        assert crps(sample, observed) == pytest.approx(expected)


def test_the_board_says_where_the_model_stands_in_an_event() -> None:
    (one,) = standings(["ua_vk_2017"])
    assert (one.name, one.figures) == ("ua_vk_2017", 7)
    rivals = {name: one.crps[name] for name in RIVALS}
    assert set(one.crps) == {"splinternet", "core", *RIVALS}
    assert one.over == min(rivals, key=lambda name: rivals[name])
    assert one.lead == pytest.approx(rivals[one.over] - one.crps["splinternet"], abs=1e-5)
    assert math.isnan(one.low), "a single episode has no interval"
    assert one.rank == 1 + sum(score < one.crps["splinternet"] for score in one.crps.values())
    assert standings(["my_event"]) == []
    assert standings()[0].name == "all"
    assert standings()[0].low < standings()[0].lead < standings()[0].high
