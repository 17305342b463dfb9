"""Who restricts what: scores by hand, the fit, chances that know nothing of the future, and the log
of looks.
"""

from __future__ import annotations

import csv
import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from conftest import call

from splinternet.errors import InputError
from splinternet.evidence import state_scores as study
from splinternet.evidence.forecast import forecast_orders, read_registration, score_orders
from splinternet.facts import load_facts, orders
from splinternet.facts.history import Before, Restriction
from splinternet.facts.orders import (
    REASONS,
    OrderWeight,
    chance_of_order,
    disputes_on,
    features,
    known_on,
)
from splinternet.facts.tables import HOME, read
from splinternet.facts.worlds import DEFAULT_WORLD
from splinternet.results.index_measured import last_recorded_day


def test_scores_by_hand() -> None:
    """Of 2 x 2 comparisons the order wins 3 and ties 1 half; of the two highest one was ordered."""
    found = study.scores(np.array([0.8, 0.5, 0.5, 0.1]), np.array([True, True, False, False]))
    assert found.auc == pytest.approx(3.5 / 4)
    assert found.brier == pytest.approx((0.04 + 0.25 + 0.25 + 0.01) / 4)
    assert found.log_score == pytest.approx(-(np.log(0.8) + 2 * np.log(0.5) + np.log(0.9)) / 4)
    assert found.precision_at_k == pytest.approx(0.75)  # the second place is one of two equals


def test_a_constant_ranks_by_chance_and_a_perfect_forecast_is_perfect() -> None:
    ordered = np.arange(50) % 10 == 0
    same = study.scores(np.full(50, 0.1), ordered)
    assert same.auc == pytest.approx(0.5)
    assert same.precision_at_k == pytest.approx(0.1)
    best = study.scores(ordered.astype(float), ordered)
    assert (best.auc, best.brier, best.precision_at_k) == (1.0, 0.0, 1.0)


def test_fit_finds_the_weights_that_made_the_data_and_a_penalty_shrinks_them() -> None:
    rng = np.random.default_rng(3)
    columns = rng.normal(size=(40_000, 2))
    ordered = rng.random(40_000) < 1.0 / (1.0 + np.exp(4.0 - columns @ np.array([1.0, -0.5])))
    found = study.fit(columns, ordered, 1e-9)
    assert found.constant == pytest.approx(-4.0, abs=0.1)
    assert found.weights == pytest.approx([1.0, -0.5], abs=0.1)
    gradient = columns.T @ (found.chance(columns) - ordered)
    assert np.abs(gradient).max() < 1e-4  # the score equations of the likelihood
    assert (
        np.abs(study.fit(columns, ordered, 1e4).weights).sum() < 0.5 * np.abs(found.weights).sum()
    )


def test_stored_weights_are_the_fit_to_the_first_half() -> None:
    pairs = study.training()
    assert set(pairs.years) == set(study.TRAIN)
    assert max(study.TRAIN) < min(study.TEST)
    found = study.fit(pairs.reasons[:, : len(REASONS)], pairs.ordered)
    stored = read(OrderWeight)
    assert found.constant == pytest.approx(stored["constant"].value, rel=1e-4)
    assert found.weights == pytest.approx([stored[name].value for name in REASONS], rel=1e-3)


def test_reasons_of_a_year_know_nothing_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """With all rows that begin in 2017 or later gone, the reasons of 2017 are the same."""
    states, years = ("RU", "TR", "IN", "UA"), (2017,)
    before = study.pair_years(states, years)
    known_on.cache_clear()
    early = {key: row for key, row in read(Restriction).items() if row.since < "2017"}
    real = orders.read
    monkeypatch.setattr(
        orders, "read", lambda row, *rest: early if row is Restriction else real(row, *rest)
    )
    after = study.pair_years.__wrapped__(states, years)
    known_on.cache_clear()
    assert np.array_equal(before.reasons, after.reasons)
    assert before.ordered.any()
    assert not after.ordered.any()


def test_an_order_takes_a_pair_out_and_makes_its_platform_likelier_elsewhere() -> None:
    """Telegram was blocked in Russia in April 2018: no open pair in 2019, one order in 2018, more
    blocks afterwards.
    """
    pairs = study.pair_years(("RU", "KZ"), (2018, 2019))
    telegram = pairs.only(pairs.platforms == "Telegram")
    assert [(s, y) for s, y in zip(telegram.states, telegram.years, strict=True)] == [
        ("RU", 2018),
        ("KZ", 2018),
        ("KZ", 2019),
    ]
    assert telegram.ordered.tolist() == [True, False, False]
    assert (
        telegram.reasons[2, REASONS.index("precedent")]
        > telegram.reasons[1, REASONS.index("precedent")]
    )


def test_the_chance_rises_with_unfreedom_blocks_and_speech_that_many_read() -> None:
    def chance(
        unfreedom: float = 0.5,
        blocks: float = 10.0,
        share: float = 0.2,
        talk: bool = False,
        calls: float = 0.0,
    ) -> float:
        ones = np.ones((1, 1))
        found = features(
            unfreedom * ones[0],
            blocks * ones[0],
            share * ones,
            0 * ones,
            np.array([talk]),
            calls * ones[0],
        )
        return float(chance_of_order(found)[0, 0])

    assert chance(unfreedom=0.9) > chance() > chance(unfreedom=0.1)
    assert chance(blocks=50.0) > chance() > chance(blocks=0.0)
    assert chance(talk=True) > chance() == chance(share=0.02)
    assert chance(calls=5.0) < chance(calls=1.0) < chance()
    assert chance(talk=True, share=0.02) > chance(talk=True, share=0.005) == chance()


def test_use_is_that_before_an_order_and_not_what_the_order_left() -> None:
    """LinkedIn in Russia has its figure of 2016; China, which blocks Facebook, the mean of states
    that do not.
    """
    assert study._share("RU", "LinkedIn") == read(Before)["RU", "LinkedIn"].value
    facts = load_facts(DEFAULT_WORLD)
    others = [
        (s.internet_users.value, facts.penetration[code, "Facebook"].value)
        for code, s in facts.states.items()
        if (code, "Facebook") in facts.penetration and code not in ("US", "CN", "IR")
    ]
    mean = sum(people * share for people, share in others) / sum(people for people, _ in others)
    assert study._share("CN", "Facebook") == pytest.approx(
        mean, rel=0.02
    )  # a few small states restrict it, too
    assert facts.penetration["CN", "Facebook"].value < 0.02 < 0.4 < mean
    assert study._share("DE", "Facebook") == facts.penetration["DE", "Facebook"].value


def test_disputes_begin_and_end_on_their_days() -> None:
    sudan = frozenset(("SD", "US"))
    assert sudan in disputes_on(date(2017, 10, 11), "sanctions")
    assert sudan not in disputes_on(date(2017, 10, 12), "sanctions")
    assert sudan not in disputes_on(date(2017, 10, 11), "war", "clash")


def test_every_look_at_the_scored_years_is_logged() -> None:
    """Change the weights, and this fails until a look is logged with their digest and the score
    that they have.
    """
    *_, last = read(study.Look).values()
    assert last.weights == study.weights_digest()
    found = study.half_of(study.pair_years(study.deciding_states(), tuple(study.TEST))).scores[
        "model"
    ]
    assert (last.auc, last.brier) == pytest.approx((found.auc, found.brier), abs=1e-4)


def test_the_model_beats_every_rival_on_the_scored_years_by_brier_and_log_score() -> None:
    """By area it is not far from the best one, and the note of the rule says how far."""
    half = study.half_of(study.pair_years(study.deciding_states(), tuple(study.TEST)))
    for one in (half, half.without("RU")):
        model, *rivals = one.scores.values()
        assert all(
            model.brier < rival.brier and model.log_score < rival.log_score for rival in rivals
        )
        assert model.precision_at_k >= max(rival.precision_at_k for rival in rivals)
        assert model.auc > max(rival.auc for rival in rivals) - 0.02
    *_, last = read(study.Look).values()
    apart = half.without("RU").scores
    assert (apart["model"].auc, apart[study.PRODUCT].auc) == pytest.approx(
        (last.apart_auc, last.rival_apart_auc), abs=1e-4
    )
    assert half.scores[study.PRODUCT].auc == pytest.approx(last.rival_auc, abs=1e-4)


def test_moments_of_a_year_by_hand() -> None:
    """Turkey had a coup attempt and a war in 2016; Ukraine elected in March 2019 and had war in
    2014 and 2015.
    """
    election, coup, conflict = study.moments_of_year(("TR", "UA"), date(2017, 1, 1))
    assert (election, coup, conflict) == ([0.0, 0.0], [1.0, 0.0], [1.0, 0.0])
    assert study.moments_of_year(("UA",), date(2019, 1, 1))[0] == [1.0]
    assert study.moments_of_year(("UA",), date(2016, 1, 1))[1:] == [[1.0], [1.0]]


def test_json_has_both_halves_and_all_rivals(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    draws_of = study.draws_of_states
    monkeypatch.setattr(study, "draws_of_states", lambda states, *_: draws_of(states, 5))
    monkeypatch.setattr(study, "gains", lambda: {"+ reach": {"auc": 0.0}})
    code, out, _ = call(capsys, "score-states", "--json")
    found = json.loads(out)
    assert code == 0
    for half in ("train", "test"):
        assert {"auc", "brier", "precision_at_k", "pairs", "orders", "rivals"} <= set(found[half])
        assert set(found[half]["rivals"]) == set(study.RIVALS)
        assert all(
            {"auc", "brier", "precision_at_k"} <= set(rival)
            for rival in found[half]["rivals"].values()
        )
    assert found["test"]["years"] == [2022, 2025]


def test_a_forecast_of_orders_is_signed_and_scored_when_its_time_is_over(tmp_path: Path) -> None:
    """One order comes that the forecast has, a year later than the record: the score is that of one
    order.
    """
    folder = forecast_orders(tmp_path / "orders", 12)
    with (folder / "orders.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["from"] == (last_recorded_day() + timedelta(days=1)).isoformat()
    assert not {(row["state"], row["platform"]) for row in rows} & {
        ("CN", "Facebook"),
        ("RU", "Instagram"),
        ("US", "X"),
    }
    with pytest.raises(InputError, match="the record ends on"):
        score_orders(folder)
    with pytest.raises(InputError, match="holds a forecast already"):
        forecast_orders(folder)
    top, later = rows[0], date.fromisoformat(rows[0]["until"])
    table = (HOME / "block_history.csv").read_text(encoding="utf-8")
    table += (
        f"{top['state']},{top['platform']},isp,{later - timedelta(days=30)},,decree,a test,press,\n"
    )
    # elsewhere: the record reaches the last day
    table += f"AF,Pinterest,isp,{later},,decree,a test,press,\n"
    (tmp_path / "longer.csv").write_text(table, encoding="utf-8")
    found = score_orders(folder, tmp_path / "longer.csv")
    assert (found["pairs"], found["orders"], found["auc"], found["precision_at_k"]) == (
        len(rows),
        1,
        1.0,
        1.0,
    )
    assert found["expected"] == pytest.approx(sum(float(row["model"]) for row in rows))
    assert found["rivals"]["constant"]["auc"] == pytest.approx(0.5)
    (folder / "orders.csv").write_text("state\n", encoding="utf-8")
    with pytest.raises(InputError, match="was changed after the forecast"):
        score_orders(folder, tmp_path / "longer.csv")


def test_the_shipped_forecast_is_as_it_was_written() -> None:
    folders = list((Path(__file__).parents[2] / "bench" / "tasks" / "open").glob("*-orders"))
    assert folders
    for folder in folders:
        said = read_registration(folder)
        assert said["kind"] == "orders"
        assert said["weights"] in {look.weights for look in read(study.Look).values()}
