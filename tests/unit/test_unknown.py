"""What the facts do not know about a scenario: each doubt is a warning with its code and its
place.
"""

from __future__ import annotations

import csv
import dataclasses
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from conftest import block, scenario

import splinternet as sn
from splinternet.core.shipped import shipped
from splinternet.errors import Code, Place, Problem
from splinternet.facts import load_facts
from splinternet.facts.people import largest_diasporas
from splinternet.facts.platforms import use_anywhere
from splinternet.facts.states import load_places
from splinternet.results import Result
from splinternet.results.focus import asked_groups, from_abroad, largest
from splinternet.results.summary import platforms_asked
from splinternet.scenario import Scenario, load
from splinternet.scenario.explain import carrying_cells, share_assumed
from splinternet.text.basis import basis
from splinternet.text.finding_sentences import sentences

FACTS = Path(__file__).resolve().parents[2] / "sim" / "facts"


def ban(by: str, *targets: str, on: str, start: str, **keys: Any) -> Scenario:
    """Return a scenario in which a state blocks platforms."""
    return scenario(
        [block(by=by, technique="isp", targets=list(targets), on=on)],
        start=start,
        people=30_000,
        **keys,
    )


def told(spec: Scenario, code: Code) -> list[Problem]:
    """Return the doubts of a scenario of one code."""
    return [doubt for doubt in spec.doubts if doubt.code is code]


def test_facts_of_another_time_are_named_with_what_has_changed() -> None:
    (doubt,) = told(
        ban("RU", "WhatsApp", on="2026-02-01", start="2026-01-05", world={"facts": "world-2020"}),
        Code.DATED,
    )
    assert (
        "the facts (world-2020) describe 2020-08-05, 5.4 years before the first day (2026-01-05)"
        in doubt.found
    )
    for part in (
        "Skype (2025-05-05)",
        "Threads (2023-07-05)",
        "RU Instagram (2022-03-14)",
        "stay those of 2020",
    ):
        assert part in doubt.allowed
    assert doubt.hint == "facts: world-2025 is nearer"
    assert "IR " not in doubt.allowed, "only the blocks of the states that act"


@pytest.mark.parametrize("start", ["2025-08-07", "2022-06-01"])
def test_facts_of_the_time_are_not_doubted(start: str) -> None:
    assert told(ban("RU", "Signal", on=start, start=start), Code.DATED) == []


def test_a_target_that_is_blocked_before_is_never_a_silent_zero() -> None:
    """LinkedIn in Russia, blocked on 17 November 2016: a real loss on that day, and a warning ever
    after.
    """
    then, later = (
        ban("RU", "LinkedIn", on=on, start=start)
        for on, start in (
            ("2016-11-17", "2016-10-20"),
            ("2017-11-17", "2017-10-20"),
        )
    )
    assert told(then, Code.ALREADY) == []
    assert then.facts.penetration["RU", "LinkedIn"].value > 0.01, "the use of the month before"
    (doubt,) = told(later, Code.ALREADY)
    assert "LinkedIn (since 2016-11-17) is blocked in RU before the policy begins" in doubt.found
    assert doubt.path == "policies.ban"


def test_what_the_scenario_says_of_blocks_wins() -> None:
    opened = ban(
        "RU", "LinkedIn", on="2020-09-01", start="2020-08-01", world={"blocks": {"RU": []}}
    )
    assert told(opened, Code.ALREADY) == []
    shut = ban(
        "RU", "Signal", on="2020-09-01", start="2020-08-01", world={"blocks": {"RU": ["Signal"]}}
    )
    assert "Signal (world.blocks)" in told(shut, Code.ALREADY)[0].found


def test_where_only_calls_are_cut_a_block_is_one_and_another_cut_of_calls_is_none() -> None:
    whole, calls = (
        scenario([block(by="AE", targets=["WhatsApp"], technique=way)], people=30_000)
        for way in ("isp", "calls_only")
    )
    assert told(whole, Code.ALREADY) == []
    assert "since 2017-01-01" in told(calls, Code.ALREADY)[0].found


def test_a_target_that_nobody_uses_is_named() -> None:
    (doubt,) = told(ban("NP", "Zalo", "WhatsApp", on="2025-09-04", start="2025-08-20"), Code.UNUSED)
    assert "nobody in NP uses Zalo in these facts" in doubt.found
    stated = {"penetration": {"NP": {"Zalo": 0.1}}}
    assert (
        told(ban("NP", "Zalo", on="2025-09-04", start="2025-08-20", world=stated), Code.UNUSED)
        == []
    )


def test_a_country_as_target_means_what_is_used_there() -> None:
    """Nobody typed imo, which hardly anybody in France uses."""
    leave = sn.load("sovereignty/us_firms_leave_eu")
    assert "imo" in leave.policies[0].targets
    assert not [doubt for doubt in leave.doubts if doubt.code is Code.UNUSED]
    typed = sn.load("sovereignty/us_firms_leave_eu", overrides=["policies.order.targets=[imo, X]"])
    (doubt, *_) = [doubt for doubt in typed.doubts if doubt.code is Code.UNUSED]
    assert "uses imo" in doubt.found


@cache
def unmeasured() -> str:
    """Return a state of which no figure of use is measured, even where it acts."""
    world = load_facts("world-2025")
    codes = (
        code
        for code in load_places()
        for facts in (dataclasses.replace(world, acting=frozenset({code})),)
        if not any(
            use_anywhere(code, name, facts).basis != "assumption" for name in facts.platforms
        )
    )
    return next(codes)


def test_a_state_without_a_measured_figure_is_named() -> None:
    code = unmeasured()
    (doubt,) = told(ban(code, "WhatsApp", on="2025-09-04", start="2025-08-20"), Code.UNMEASURED)
    assert f"({code}) has no measured figure for any platform" in doubt.found
    assert told(ban("NP", "WhatsApp", on="2025-09-04", start="2025-08-20"), Code.UNMEASURED) == []
    own = {"penetration": {code: {"WhatsApp": 0.5}}}
    assert (
        told(ban(code, "WhatsApp", on="2025-09-04", start="2025-08-20", world=own), Code.UNMEASURED)
        == []
    )


def test_warnings_have_the_line_of_the_file_also_in_a_run(tmp_path: Path) -> None:
    path = tmp_path / "ban.yaml"
    path.write_text(
        "title: a ban\nstart: 2026-01-05\ndays: 3\npeople: 1000\nworld: {facts: world-2020}\npolicies:\n"
        "  - {id: ban, by: RU, instrument: block,\n     targets: [LinkedIn], on: 2026-01-06}\n",
        encoding="utf-8",
    )
    spec = load(path)
    lines = {
        doubt.code: doubt.where.line for doubt in spec.doubts if isinstance(doubt.where, Place)
    }
    assert lines == {Code.FEW: 4, Code.DATED: 5, Code.ALREADY: 8}
    result = sn.run(path, seeds=1, jobs=1)
    assert any("ban.yaml:8:" in text and "is blocked in RU" in text for text in result.warnings)


@pytest.fixture(scope="module")
def turkey() -> Result:
    """Run Turkey's block of Instagram on few people."""
    return sn.run(
        ban("TR", "Instagram", on="2024-08-02", start="2024-07-25", days=14),
        people=4_000,
        seeds=1,
        jobs=1,
    )


def by_tables(state: str, world: str) -> list[str]:
    """Return where most people born in a state live, read from the tables themselves."""
    stocks: dict[str, float] = {}
    for table in ("other_migrants.csv", "migrants.csv"):
        with (FACTS / world / table).open(encoding="utf-8", newline="") as file:
            stocks |= {
                row["residence"]: float(row["value"])
                for row in csv.DictReader(file)
                if row["origin"] == state
            }
    return sorted((code for code in stocks if code != "XX"), key=lambda code: -stocks[code])[:3]


def test_the_question_is_about_the_largest_diasporas_and_the_target(turkey: Result) -> None:
    names = [load_places()[code].name for code in by_tables("TR", "world-2025")]
    assert names == ["Germany", "France", "Netherlands"]
    # Instagram has messages: who would lose contact comes first, and the target in the three
    # sentences at the latest.
    assert any("Instagram" in sentence for sentence in sentences(turkey)[:3])
    assert [one.residence for one in largest(turkey.scenario)["TR"]] == by_tables(
        "TR", "world-2025"
    )


def test_groups_of_the_question_have_rows_and_thin_ones_a_warning(turkey: Result) -> None:
    cells = turkey.members[0][0].cells
    asked = [group for group in asked_groups(turkey.scenario) if group in cells]
    assert {"DE<-TR", "family:DE<-TR"} <= set(asked) <= set(turkey.focus.groups)
    thin = [group for group in asked if cells[group] < 100]
    warned = [text for text in turkey.warnings if "groups that the question is about" in text]
    assert len(warned) == bool(thin)
    assert all(f"{group} ({cells[group]})" in warned[0] for group in thin)


def test_the_share_of_assumptions_is_stated(turkey: Result) -> None:
    assumed, total = share_assumed(carrying_cells(turkey.scenario))
    (line,) = [text for text in basis(turkey) if "usage figures behind this result" in text]
    assert line.startswith(
        f"{assumed} of the {total} usage figures behind this result are assumptions ("
    )


@pytest.mark.parametrize(
    "name",
    [
        name for name in shipped() if name.startswith("cases/") and "grok" not in name
    ],  # nobody meets on an assistant
)
def test_cases_ask_about_a_diaspora(name: str) -> None:
    spec = load(name)
    assert spec.title.endswith("?")
    assert spec.world.facts in ("world-2020", "world-2025")
    assert spec.observed == (), "what is scored stands with the events"
    for state, found in largest(spec).items():
        assert [one.residence for one in found] == [
            code for code, _ in largest_diasporas(state, spec.facts)
        ]
    assert any(exposure.matters for exposure in spec.scene.exposures)


def test_where_more_people_have_come_than_left_they_are_named_too() -> None:
    """By the tables 3.5 million people from India live in the Emirates, and 40,000 from there
    anywhere else.
    """
    inside = from_abroad(load("cases/gulf_calls_2017"))
    assert [one.origin for one in inside["AE"]] == ["IN", "BD", "PK"]
    assert inside["SA"][0].origin == "IN"
    assert from_abroad(ban("NP", "WhatsApp", on="2025-09-04", start="2025-08-20")) == {}


def test_the_loss_of_a_target_is_that_of_its_worst_day_whatever_it_gains_later(
    turkey: Result,
) -> None:
    """By hand: half is lost on the second day, and three times as many come on the last."""
    baseline, policy = turkey.members[0]
    at = policy.axes.states.index("TR"), policy.axes.platforms.index("YouTube")
    arrays = {name: array.copy() for name, array in baseline.arrays.items()}
    arrays["active_users"][1, *at] *= 0.5
    arrays["active_users"][-1, *at] *= 3.0
    spec = ban("TR", "YouTube", "Instagram", on="2024-08-02", start="2024-07-25", days=14)
    moved = Result(spec, [(baseline, dataclasses.replace(policy, arrays=arrays))])
    assert [(one["platform"], one["share_lost"]) for one in platforms_asked(moved)] == [
        ("YouTube", pytest.approx(0.5)),
        ("Instagram", pytest.approx(0.0)),
    ]
