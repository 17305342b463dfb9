"""The measured index: by hand on few platforms, against the metric of a run, and its filters."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import splinternet as sn
from splinternet.cli import main
from splinternet.errors import InputError
from splinternet.facts import load_facts
from splinternet.facts.history import RECORD_ENDS, Restriction
from splinternet.facts.tables import read
from splinternet.results.index_measured import WEIGHTS, index, measure, yardstick
from splinternet.text.decisions import beside_record

FACTS = load_facts("world-2020")


def test_likeness_of_two_states_is_the_share_of_users_of_platforms_that_both_can_open() -> None:
    """Canada restricts nothing and Russia has just blocked LinkedIn, so the likeness is one minus
    LinkedIn's weight.
    """
    day = date(2017, 1, 1)
    found = measure(FACTS, ("RU", "CA"), np.ones(2), (day,), least_days=14, weights="world")
    users = {
        name: sum(
            FACTS.penetration[code, name].value * state.internet_users.value
            for code, state in FACTS.states.items()
            if (code, name) in FACTS.penetration
        )
        for name in FACTS.platforms
    }
    weight = sum(
        number for name, number in users.items() if name != "TikTok"
    )  # launched in September 2017
    assert found.between("RU", "CA")[0] == pytest.approx(1.0 - users["LinkedIn"] / weight, abs=1e-3)


def test_by_use_in_both_states_a_platform_counts_the_root_of_the_product_of_its_shares() -> None:
    day = date(2017, 1, 1)
    found = measure(FACTS, ("RU", "CA"), np.ones(2), (day,), least_days=14)
    counts = {
        name: math.sqrt(
            math.prod(
                FACTS.penetration[code, name].value if (code, name) in FACTS.penetration else 0.0
                for code in ("RU", "CA")
            )
        )
        for name in FACTS.platforms
        if name != "TikTok"
    }
    expected = 1.0 - counts["LinkedIn"] / sum(counts.values())
    assert found.between("RU", "CA")[0] == pytest.approx(expected, abs=1e-3)
    equal = measure(FACTS, ("RU", "CA"), np.ones(2), (day,), least_days=14, weights="equal")
    assert 0.9 < equal.between("RU", "CA")[0] < 1.0


def test_only_the_sentence_that_holds_under_all_weights_is_printed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Russia and the United States grew apart under each; who is nearer to Russia depends on it."""
    far = {}
    for name in WEIGHTS:
        found = index(["RU", "CN", "US"], since="2019-04", weights=name)
        assert found.between("RU", "US")[0] > 0.9
        assert found.between("RU", "US")[-1] < 0.7
        far[name] = found.between("RU", "CN")[-1] > found.between("RU", "US")[-1]
    assert set(far.values()) == {True, False}
    with pytest.raises(SystemExit, match="0"):
        main(["index", "--from", "2026-03", "--states", "RU,CN,US"])
    said = " ".join(capsys.readouterr().out.split())
    assert all(name in said for name in WEIGHTS)
    assert "depends on the weights" in said
    assert "Russia is nearer to China than to the United States since" not in said


def test_internets_are_the_inverse_of_the_mean_likeness_of_two_people() -> None:
    people = np.array([3.0, 1.0, 2.0])
    found = measure(FACTS, ("CN", "RU", "US"), people, (date(2024, 1, 1),))
    share = people / people.sum()
    assert found.by_likeness[0] == pytest.approx(1.0 / (share @ found.likeness[0] @ share))
    assert np.allclose(found.likeness[0], found.likeness[0].T)
    assert np.allclose(np.diag(found.likeness[0]), 1.0)


def test_nothing_counts_makes_one_internet() -> None:
    found = index(["RU", "CN", "US"], since="2026-01", techniques=["delist"], bases=["survey"])
    assert found.counted == 0
    assert np.allclose(found.by_likeness, 1.0)
    assert np.allclose(found.likeness, 1.0)


def test_fewer_restrictions_count_with_every_filter_and_all_rows_are_accounted_for() -> None:
    everything = index(["RU", "CN", "US"], since="2026-03")
    total = everything.counted + sum(everything.left_out.values())
    for keys in ({"bases": ["press"]}, {"techniques": ["dpi"]}, {"least_days": 30}):
        some = index(["RU", "CN", "US"], since="2026-03", **keys)  # type: ignore[arg-type]
        assert some.counted < everything.counted
        assert some.counted + sum(some.left_out.values()) == total
        assert some.by_likeness[-1] <= everything.by_likeness[-1] + 1e-9


def test_russia_turned_and_the_day_is_the_first_from_which_it_stays_so() -> None:
    found = measure(
        FACTS,
        ("RU", "CN", "US"),
        np.ones(3),
        (date(2025, 6, 1), date(2025, 12, 1), date(2026, 4, 1)),
        weights="world",
    )
    assert found.crossing("RU", "CN", "US") == date(2025, 12, 1)
    assert found.crossing("RU", "US", "CN") is None
    assert found.crossing("US", "US", "CN") == date(2025, 6, 1)


def test_yardstick_needs_a_year_that_run_and_record_share() -> None:
    known = yardstick(FACTS, tuple(FACTS.states), date(2019, 4, 1), date(2030, 12, 31))
    assert known is not None
    last, before, after = known
    assert last == RECORD_ENDS
    assert 0.1 < after - before < 0.16  # the audit of the record found 0.13
    assert yardstick(FACTS, ("US", "CN"), last, date(2030, 12, 31)) is None
    assert yardstick(FACTS, ("US", "CN"), date(2008, 1, 1), date(2020, 12, 31)) is None


def test_run_prints_how_far_it_moves_beside_the_record() -> None:
    """Two members that move by 0.02 and 0.04, over states that the record moved by 0.13."""
    days = (date(2026, 4, 1) - date(2019, 4, 1)).days + 10
    members = []
    for moved in (0.02, 0.04):
        course = np.full(days, 1.2 + moved)
        course[0] = 1.2
        arm = SimpleNamespace(
            axes=SimpleNamespace(states=tuple(FACTS.states)),
            arrays={"internets_by_likeness": course},
        )
        members.append((arm, arm))
    spec = SimpleNamespace(
        world=SimpleNamespace(facts="world-2020"), start=date(2019, 4, 1), end=date(2026, 4, 10)
    )
    result: Any = SimpleNamespace(
        scenario=spec, members=members, metrics=("internets_by_likeness",)
    )
    (sentence,) = beside_record(result)
    assert "By 1 April 2026" in sentence
    assert "+0.03 (+0.02 to +0.04)" in sentence
    assert "changed by +0.13" in sentence


@pytest.mark.parametrize(
    ("keys", "where"),
    [
        ({"states": ["Narnia"]}, "states"),
        ({"techniques": ["magic"]}, "--technique"),
        ({"bases": ["rumour"]}, "--basis"),
        ({"weights": "gold"}, "--weights"),
        ({"since": "soon"}, "--from"),
        ({"since": "2031-01"}, "--from"),
    ],
)
def test_what_does_not_exist_is_named(keys: dict[str, object], where: str) -> None:
    with pytest.raises(InputError, match=where):
        sn.index(**keys)  # type: ignore[arg-type]


def test_the_page_shows_the_index_with_its_first_and_last_number() -> None:
    root = Path(__file__).resolve().parents[2]
    shown = (root / "docs" / "index-measured.md").read_text(encoding="utf-8")
    by_likeness = sn.index().internets()["by_likeness"]
    assert (
        f"{by_likeness.iloc[0]:.2f} in January 2009 to {by_likeness.iloc[-1]:.2f} in April 2026"
        in shown
    )
    assert (
        "(img/index_measured.png)" in shown
        and (root / "docs" / "img" / "index_measured.png").is_file()
    )


def test_no_restriction_begins_after_the_record_ends() -> None:
    assert max(row.since for row in read(Restriction).values()) <= RECORD_ENDS.isoformat()
