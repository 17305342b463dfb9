"""Hindcasts: circumstances, rivals and their arithmetic, the scoreboard's charts, and what the
commands print.
"""

from __future__ import annotations

import json
import math
from dataclasses import fields, replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from conftest import call
from matplotlib.text import Text

from splinternet.errors import InputError, RunError
from splinternet.evidence.hindcast import Scoreboard, hindcast
from splinternet.evidence.record import Circumstances, Past, circumstances
from splinternet.evidence.scores import (
    ALIKE,
    Forecast,
    crps,
    crps_of_quantiles,
    fit_curve,
    interval_score,
    rivals,
)
from splinternet.plots.page import MOST_WORDS
from splinternet.scenario import load
from splinternet.scenario.schema import Observed

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


def past(
    episode: str, value: float, *, kind: str = "kept", meter: str = "", **about: object
) -> Past:
    known = {
        "is_hit": kind == "kept",
        "is_null": False,
        "technique": "isp",
        "platform_kind": "feed",
        "dose": 0.0,
        "days": 0,
        "before": 1.0 if kind == "kept" else 0.0,
    }
    seen = figure(value, kind=kind, **({"meter": meter} if meter else {}))
    return Past(episode, episode, seen, Circumstances(**{**known, **about}))  # type: ignore[arg-type]


# What is known beforehand.


def about(event: str, **keys: object) -> Circumstances:
    return circumstances(figure(0.5, **keys), load(event))


def test_a_block_counts_only_once_it_is_in_force_and_never_while_stayed() -> None:
    hit = {"state": "RU", "platform": "Instagram"}
    assert about("events/ru_instagram_2022", **hit, date="2022-03-14").is_hit
    before = about("events/ru_instagram_2022", **hit, date="2022-03-13")
    assert (before.is_hit, before.is_null, before.dose) == (False, True, 0.0)
    gain = about("events/ru_instagram_2022", state="RU", platform="VKontakte", date="2022-07-31")
    assert (gain.is_hit, gain.is_null) == (False, False)
    stayed = about("events/us_wechat_2020", state="US", platform="WeChat", date="2020-12-31")
    assert (stayed.is_hit, stayed.is_null, stayed.technique) == (False, True, "transaction_ban")


def test_the_dose_is_what_the_technique_takes_of_direct_use() -> None:
    parameters = load("events/ru_instagram_2022").facts.parameters
    found = about("events/ru_instagram_2022", state="RU", platform="Instagram", date="2022-07-31")
    assert found.dose == pytest.approx(parameters["technique.dpi.coverage"].value)
    assert (found.days, found.technique, found.platform_kind) == (139, "dpi", "feed")
    lifted = about("events/br_x_2024", state="BR", platform="X", date="2024-10-31")
    assert (lifted.is_hit, lifted.dose) == (True, 0.0)


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


# Rivals.


def test_the_curve_is_found_where_it_is_the_truth_and_bystanders_gain_the_mean() -> None:
    a, b = 0.3, 0.1
    true = [
        past(f"e{i}", 1 - dose * (a + b * math.log1p(days)), dose=dose, days=days)
        for i, (dose, days) in enumerate(((0.9, 10), (0.5, 100), (0.2, 400), (0.9, 0)))
    ]
    fitted = fit_curve(true)
    assert (fitted.at_once, fitted.later) == (pytest.approx(a), pytest.approx(b))
    gains = [past("e1", 0.2, kind="gained"), past("e2", 0.6, kind="gained", meter="x")]
    told = rivals(past("new", 9.0, dose=0.5, days=30), [*true, *gains])
    assert told["curve"].median == pytest.approx(1 - 0.5 * (a + b * math.log1p(30)))
    assert (told["half"].median, told["nothing"].median) == (0.5, 1.0)
    assert rivals(past("new", 9.0, kind="gained"), [*true, *gains])[
        "curve"
    ].median == pytest.approx(0.4)
    over_time = past("new", 9.0, dose=0.9, days=100, reference=(0.9, 100))
    assert rivals(over_time, true)["curve"].median == pytest.approx(1.0), (
        "nothing changes between two like days"
    )


def test_a_rival_never_sees_the_episode_that_it_forecasts() -> None:
    others = [past("a", 0.2, dose=0.9, days=9), past("b", 0.4, dose=0.9, days=9)]
    own = [
        past("new", 0.99, dose=0.9, days=9),
        past("new", 0.98, dose=0.9, days=9, meter="another"),
    ]
    target = past("new", 0.97, dose=0.9, days=9)
    assert rivals(target, others) == rivals(target, [*others, *own])
    null = past("c", 0.01, is_hit=False, is_null=True)
    assert rivals(target, [*others, null]) == rivals(target, others), (
        "and learns nothing from a null case"
    )


def test_duplication_follows_what_is_in_use_and_learns_one_number() -> None:
    """Gains of 0.4 and 0.2 on parts of 0.4 and 0.2 make a number of 1, so a part of 0.1 gains 0.1."""
    known = [past("a", 0.4, kind="gained", part=0.4), past("b", 0.2, kind="gained", part=0.2)]
    told = rivals(past("new", 9.0, kind="gained", part=0.1), known)
    assert told["duplication"].median == pytest.approx(0.1)
    hit = past("new", 9.0, dose=0.5, days=30)
    assert rivals(hit, known)["duplication"] == rivals(hit, known)["curve"], (
        "what is hit keeps what the curve leaves"
    )
    whatsapp = about(
        "events/ir_telegram_2018",
        state="IR",
        platform="WhatsApp",
        of="Telegram",
        kind="gained",
        metric="monthly_users",
        date="2018-07-01",
    )
    soroush = about(
        "events/ir_telegram_2018",
        state="IR",
        platform="Soroush",
        of="Telegram",
        kind="gained",
        metric="monthly_users",
        date="2018-07-01",
    )
    assert 0.0 < soroush.part < whatsapp.part < 1.0


def test_the_regression_finds_a_linear_law_and_the_level_of_a_technique() -> None:
    """On the scale of the figures (logit of what is kept) dose and technique add up, so a figure
    made so is met.
    """

    def kept(dose: float, technique: str) -> float:
        return 1.0 / (1.0 + math.exp(-(2.0 - 4.0 * dose + (1.0 if technique == "dns" else 0.0))))

    cases = [(0.1 * i, technique) for i in range(2, 10) for technique in ("isp", "dns")]
    known = [
        past(f"e{i}", kept(*case), dose=case[0], technique=case[1]) for i, case in enumerate(cases)
    ]
    for case in ((0.45, "isp"), (0.65, "dns")):
        told = rivals(past("new", 0.0, dose=case[0], technique=case[1]), known)["regression"]
        assert told.median == pytest.approx(kept(*case), abs=0.03)
        assert told.low < kept(*case) < told.high
    beyond = rivals(past("new", 0.0, dose=5.0), known)["regression"]
    assert beyond.median == pytest.approx(
        rivals(past("new", 0.0, dose=0.9), known)["regression"].median
    ), "nothing is extrapolated"


def test_alternatives_are_what_is_used_and_close() -> None:
    """Instagram's users in Russia have VKontakte; of a search engine nothing stands in for a feed."""
    feed = about("events/ru_instagram_2022", state="RU", platform="Instagram", date="2022-07-31")
    assert (
        feed.alternatives > 0.5
        and feed.vpn_share == load("events/ru_instagram_2022").world.vpn_share["RU"]
    )


def test_climatology_is_the_record_by_series_with_like_cases_twice() -> None:
    known = [past("a", 0.2, platform_kind="video", technique="dpi"), past("b", 0.4), past("b", 0.6)]
    told = rivals(past("new", 0.0), known)["climatology"]
    assert told.values == pytest.approx((0.2, 0.4, 0.6))
    assert told.weights == pytest.approx((1.0, 0.5 * ALIKE * ALIKE, 0.5 * ALIKE * ALIKE))
    vpn = [past("a", 0.3, kind="vpn", before=0.1), past("b", 0.5, kind="vpn", before=0.4)]
    risen = rivals(past("new", 0.0, kind="vpn", before=0.2), vpn)["climatology"]
    assert sorted(risen.values) == pytest.approx([0.3, 0.4]), (
        "what rose elsewhere, on top of what is here"
    )
    assert rivals(past("new", 0.0, kind="decay"), vpn)["climatology"] == Forecast((0.0,)), (
        "no other episode has it"
    )


# Scores.


def test_a_weighted_sample_is_scored_as_the_sample_it_stands_for() -> None:
    weighted = crps((0.1, 0.5, 0.9), 0.4, (2.0, 1.0, 3.0))
    assert weighted == pytest.approx(crps((0.1, 0.1, 0.5, 0.9, 0.9, 0.9), 0.4))
    assert Forecast((0.9, 0.1, 0.5), (1.0, 5.0, 4.0)).quantile(0.5) == 0.1
    assert Forecast((0.9, 0.1, 0.5), (1.0, 4.0, 5.0)).quantile(0.5) == 0.5
    assert Forecast((1.0, 2.0)).quantile(0.5) == 1.5


def test_the_interval_score_is_that_of_its_definition() -> None:
    low, middle, high, observed = 0.2, 0.5, 0.6, 0.9
    interval = (high - low) + 2 / 0.2 * (observed - high)
    by_hand = (0.5 * abs(observed - middle) + 0.2 / 2 * interval) / 1.5
    assert interval_score((0.1, 0.5, 0.9), (low, middle, high), observed) == pytest.approx(by_hand)
    levels = np.linspace(0.001, 0.999, 999)
    sample = np.sort(np.random.default_rng(1).normal(size=400))
    told = crps_of_quantiles(list(levels), list(np.quantile(sample, levels)), 0.7)
    assert told == pytest.approx(crps(sample, 0.7), rel=0.01)
    assert interval_score((0.1, 0.5, 0.9), (0.3, 0.3, 0.3), 0.3) == 0.0


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
    inside = sum(row.is_inside for row in board.counting)
    assert f"within tolerance on {inside} of {len(board.counting)} observed figures" in told
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
    from splinternet.evidence import forecast as writing
    from splinternet.evidence.forecast import ObservedRow, score

    first, second = tmp_path / "a", tmp_path / "b"
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
    found = score(first, "events/us_tiktok_2025")
    (own,) = (row for row in found["rows"] if row["date"] == str(seen.date))
    assert own["observed"] == seen.value
    place = [own["metric"], own["platform"], own["kind"], own["of"], own["date"]]
    values = [
        float(row[-1]) for row in rows[1:] if [row[2], row[3], row[5], row[6], row[8]] == place
    ]
    assert own["wis"] == pytest.approx(interval_score(writing.LEVELS, values, seen.value))
    registration = json.loads((first / writing.REGISTRATION).read_text(encoding="utf-8"))
    assert {"registered", "commit", "facts_sha256", "files_sha256", "scenario"} <= set(registration)
    counted = tmp_path / "counted.csv"
    line = f"US,active_users,TikTok,,level,baseline,{seen.date},0.5"
    counted.write_text(
        ",".join(field.name for field in fields(ObservedRow)) + f"\n{line}\n", encoding="utf-8"
    )
    told = json.loads(call(capsys, "score", str(first), "--observed", str(counted), "--json")[1])
    assert told["rows"][0]["observed"] == 0.5
    assert told["targets"] == 1
    assert_it_is_never_changed(first, spec)


def assert_it_is_never_changed(folder: Path, spec: object) -> None:
    from splinternet.evidence import forecast as writing
    from splinternet.evidence.forecast import score

    with pytest.raises(InputError, match="never changed"):
        writing.forecast(spec, folder)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="nothing in it is in the forecast"):
        score(folder, "events/br_x_2024")
    (table,) = (folder / "model-output" / writing.MODEL).glob("*.csv")
    table.write_text(
        table.read_text(encoding="utf-8").replace("quantile,0.5,", "quantile,0.5,9"),
        encoding="utf-8",
    )
    with pytest.raises(InputError, match="was changed after the forecast"):
        score(folder, "events/us_tiktok_2025")
    with pytest.raises(InputError, match="no forecast here"):
        score(folder.parent, "events/us_tiktok_2025")


def test_a_forecast_that_cannot_be_written_leaves_nothing_and_what_others_wrote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from splinternet.evidence import forecast as writing

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
    from splinternet.evidence.forecast import forecast

    with pytest.raises(InputError, match="nothing to forecast"):
        forecast(
            {"title": "calm", "start": "2020-01-01", "days": 3, "people": 1_500},
            tmp_path / "no",
            seeds=1,
        )
    assert not (tmp_path / "no").exists()
    assert replace(past("a", 0.5), event="b").series == past("a", 0.5).series


def test_scores_agree_with_scoringrules() -> None:
    """The library takes five seconds to import, so the program has these three formulas of its own."""
    import scoringrules

    rng = np.random.default_rng(7)
    sample, weights, levels = rng.random(40), rng.random(40), np.linspace(0.05, 0.95, 19)
    for observed in (-0.2, 0.31, 0.5, 1.4):
        assert crps(sample, observed) == pytest.approx(
            scoringrules.crps_ensemble(observed, sample, estimator="nrg")
        )
        weighted = scoringrules.crps_ensemble(observed, sample, ens_w=weights, estimator="nrg")
        assert crps(sample, observed, weights) == pytest.approx(weighted)
        quantiles = np.quantile(sample, levels)
        expected = scoringrules.crps_quantile(observed, quantiles, levels)
        assert interval_score(levels, quantiles, observed) == pytest.approx(expected)
