"""Who restricts what: open pairs, reasons that know nothing of the future, the stored weights and
the log of looks.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from splinternet.facts import base_rates, load_facts, orders
from splinternet.facts.history import Before, Restriction
from splinternet.facts.orders import (
    REASONS,
    Look,
    at_war,
    chance_of_order,
    counts,
    disputes_on,
    faded,
    features,
    known_on,
    remembered,
)
from splinternet.facts.tables import HOME, read
from splinternet.facts.worlds import DEFAULT_WORLD
from splinternet.fit import orders as study
from splinternet_bench import orders as scoring
from splinternet_bench.board import shipped_entrants
from splinternet_bench.orders import PRODUCT
from splinternet_bench.submission import read_submission


def test_stored_weights_are_the_fit_to_the_first_half() -> None:
    pairs = study.training()
    assert set(pairs.years) == set(study.TRAIN)
    assert max(study.TRAIN) < min(study.TEST)
    assert study.weights_table() == (HOME / "order_weights.csv").read_text(encoding="utf-8")


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
    # More blocks by the beginning of 2019 than a year before, of which half is remembered.
    before, after = telegram.reasons[1:, REASONS.index("precedent")]
    new = sum(
        faded((date(2019, 1, 1) - date.fromisoformat(row.since)).days)
        for row in read(Restriction).values()
        if row.platform == "Telegram" and "2018" <= row.since < "2019" and counts(row)
    )
    unfree = telegram.reasons[1, REASONS.index("unfreedom")]
    assert np.expm1(after / unfree) == pytest.approx(np.expm1(before / unfree) / 2 + new)


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


def test_a_clash_is_half_forgotten_after_its_half_life_and_then_for_good() -> None:
    memory = study.disputes_of(study.TRAIN)["memory"].ratio
    assert memory == 388  # from the strike of 3 January 2020 to the order of 25 January 2021
    year = remembered(0, memory, memory)
    assert year == pytest.approx(memory / 365.25 * 0.5 / np.log(2))
    assert remembered(0, 10 * memory, memory) == year
    assert remembered(memory, 2 * memory, memory) == 0.0
    first, last = date(2021, 1, 1), date(2022, 1, 1)
    assert 0.0 < at_war("IN", "CN", first, last, memory).clash_years < year
    assert at_war("IN", "CN", last, date(2023, 1, 1), memory) == (0.0, 0.0)
    assert at_war("IN", "CN", date(2020, 1, 1), first, memory) == (0.0, 0.0)  # it is not known yet
    assert at_war("UA", "RU", first, last, memory) == (pytest.approx(365 / 365.25), 0.0)


def test_a_precedent_fades(monkeypatch: pytest.MonkeyPatch) -> None:
    one = next(row for row in read(Restriction).values() if counts(row) and row.since > "2015")
    monkeypatch.setattr(orders, "read", lambda *_: {"x": one})
    found = [
        known_on.__wrapped__(date.fromisoformat(one.since) + timedelta(days)).recent
        for days in (1, 366, 731)
    ]
    parts = [each[one.platform, one.state] for each in found]
    assert parts[1] / parts[0] == pytest.approx(0.5)
    assert parts[2] / parts[1] == pytest.approx(0.5)


def test_a_reason_is_judged_with_each_state_held_out() -> None:
    """Without the reasons beside it the product of unfreedom and blocks ranks little better than
    chance.
    """
    whole = study.held_out()
    product = study.held_out(["precedent"], packages=False)
    assert whole["auc"] == pytest.approx(0.829, abs=1e-3)
    assert whole["auc"] > product["auc"] + 0.1
    assert whole["log_score"] < product["log_score"]


@pytest.fixture(scope="module")
def scored_years() -> dict[str, Any]:
    """The scores of 2022-2025. Their intervals, which take most of the time, are not looked at."""
    chances = read_submission(shipped_entrants()["splinternet-orders"]).chances
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scoring, "DRAWS", 5)
        found: dict[str, Any] = scoring.study(chances)["test"]
    return found


def test_every_look_at_the_scored_years_is_logged(scored_years: dict[str, Any]) -> None:
    """Change the weights, and this fails until a look is logged with their digest and the score
    that they have.
    """
    *_, last = read(Look).values()
    assert last.weights == study.weights_digest()
    assert (last.auc, last.brier) == pytest.approx(
        (scored_years["auc"], scored_years["brier"]), abs=1e-4
    )
    rivals = scored_years["rivals"]
    apart = scored_years["without_russia"]
    assert rivals[PRODUCT]["auc"] == pytest.approx(last.rival_auc, abs=1e-4)
    assert apart["auc"] == pytest.approx(last.apart_auc, abs=1e-4)
    assert apart["rivals"][PRODUCT]["auc"] == pytest.approx(last.rival_apart_auc, abs=1e-4)


def test_the_model_beats_every_rival_on_the_scored_years_by_brier_and_log_score(
    scored_years: dict[str, Any],
) -> None:
    """By area it is not far from the best one, and the note of the rule says how far."""
    for one in (scored_years, scored_years["without_russia"]):
        rivals = one["rivals"].values()
        assert all(one["brier"] < rival["brier"] for rival in rivals)
        assert all(one["log_score"] < rival["log_score"] for rival in rivals)
        assert one["precision_at_k"] >= max(rival["precision_at_k"] for rival in rivals)
        assert one["auc"] > max(rival["auc"] for rival in rivals) - 0.02


def test_moments_of_a_year_by_hand() -> None:
    """Turkey had a coup attempt and a war in 2016; Ukraine elected in March 2019 and had war in
    2014 and 2015.
    """
    election, coup, conflict = study.moments_of_year(("TR", "UA"), date(2017, 1, 1))
    assert (election, coup, conflict) == ([0.0, 0.0], [1.0, 0.0], [1.0, 0.0])
    assert study.moments_of_year(("UA",), date(2019, 1, 1))[0] == [1.0]
    assert study.moments_of_year(("UA",), date(2016, 1, 1))[1:] == [[1.0], [1.0]]


def test_no_home_answered_in_kind_and_no_order_ended_in_protests(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As two parameters say; and an answer or an end that the record had would be counted."""
    assert base_rates.answered_in_kind() == (0, 168)
    assert base_rates.ended_in_protests() == (0, 44)
    rows = dict(read(Restriction))
    india = next(row for row in rows.values() if (row.state, row.since) == ("IN", "2020-06-29"))
    answer = replace(india, state="CN", platform="Signal", since="2021-06-01")
    iran = next(
        key
        for key, row in rows.items()
        if row.state == "IR" and row.holds_on(date(2019, 11, 15)) and counts(row)
    )
    ended = rows | {iran: replace(rows[iran], until="2019-12-01"), ("x",): answer}
    home_of = base_rates.home_of
    for module in (orders, base_rates):
        monkeypatch.setattr(
            module, "read", lambda kind: ended if kind is Restriction else read(kind)
        )
    monkeypatch.setattr(
        base_rates,
        "home_of",
        lambda name, day: "IN" if day == date(2021, 6, 1) else home_of(name, day),
    )
    assert base_rates.answered_in_kind.__wrapped__().cases >= 1
    assert base_rates.ended_in_protests.__wrapped__().cases == 1
