"""Ways to soften an order, names of runs, and orders that change nothing because of others."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from conftest import block, scenario

import splinternet as sn
from splinternet.cli.runs import _names
from splinternet.errors import Code, InputError
from splinternet.experiments.mitigate import mitigate, mitigations
from splinternet.results.focus import asked_groups


def test_each_way_changes_what_it_says_and_nothing_else() -> None:
    """WeChat was announced 45 days before its day, so a notice of 14 days adds nothing."""
    spec = sn.load("wechat_as_ordered")
    exempt, joined, late, notice = mitigations(spec)
    assert notice.scenario is None and "announced as early" in notice.why
    (order,) = spec.policies
    assert order.on is not None and exempt.scenario and joined.scenario and late.scenario
    assert exempt.scenario.policies[:1] == joined.scenario.policies[:1] == spec.policies
    assert exempt.scenario.policies[1].uses == ("personal communication",)  # type: ignore[attr-defined]
    bridge = joined.scenario.policies[1]
    assert bridge.platforms[0] == "WeChat" and bridge.platforms[1] != "WeChat"  # type: ignore[attr-defined]
    (put_off,) = late.scenario.policies
    assert (put_off.on - order.on).days == 14 and put_off.announced == order.announced  # type: ignore[operator]


def test_what_does_not_fit_says_why() -> None:
    sudden = scenario([block(targets=["Douyin"], on="2020-08-25", until="2020-08-30")], days=60)
    ways = {way.name: way for way in mitigations(sudden)}
    assert ways["private messages exempt"].scenario is None, "nobody talks to relatives there"
    assert ways["14 days later"].scenario is None, "it would be over by then"
    early = ways["14 days of notice"].scenario
    assert early is not None and early.policies[0].announced == date(2020, 8, 11)
    with pytest.raises(InputError, match="no dated order"):
        mitigations(scenario([], days=10))


def test_an_exemption_of_private_messages_spares_all_contact() -> None:
    ranking, _ = mitigate(
        scenario([block(technique="dpi")], people=2_000, days=20), seeds=1, jobs=1
    )
    effects = {str(row["run"]): row["effect"] for row in ranking.rows}
    assert effects["private messages exempt"] == 0.0
    assert effects["as it is"] >= 0.0


def test_a_withdrawal_is_softened_for_those_who_lose_it() -> None:
    leaves = {
        "id": "leaves",
        "by": "US",
        "from": "NG",
        "instrument": "withdrawal",
        "targets": ["WhatsApp"],
        "on": "2020-08-11",
    }
    spec = scenario([leaves], people=2_000, days=20)
    names = [way.name for way in mitigations(spec)]
    assert "joined with iMessage" not in names, "most used where the owner is at home"
    ranking, _ = mitigate(spec, seeds=1, jobs=1)
    effects = {str(row["run"]): row["effect"] for row in ranking.rows}
    assert effects["private messages exempt"] == 0.0
    assert effects["as it is"] > 0.0
    assert {str(row["group"]) for row in ranking.rows} <= {"", *_of_nigeria(spec)}


def _of_nigeria(spec: sn.Scenario) -> set[str]:
    """Return the groups of the question, all of which have Nigeria at an end."""
    groups = set(asked_groups(spec))
    assert groups and all("NG" in group for group in groups)
    return groups


def test_runs_are_named_by_title_or_by_the_user() -> None:
    class Run:
        def __init__(self, title: str) -> None:
            self.scenario, self.name = type("S", (), {"title": title})(), title[:3]

    runs, folders = [Run("One order"), Run("Two orders")], [Path("a"), Path("b")]
    assert _names(runs, folders, "") == ["One order", "Two orders"]  # type: ignore[arg-type]
    assert _names(runs, folders, "as it is, softer") == ["as it is", "softer"]  # type: ignore[arg-type]
    assert _names([runs[0]] * 2, folders, "") == ["a", "b"]  # type: ignore[list-item]
    for wrong in ("one", "same, same", "a,"):
        with pytest.raises(InputError, match="2 different names"):
            _names(runs, folders, wrong)  # type: ignore[arg-type]


SHUTDOWN = {"id": "dark", "by": "US", "instrument": "shutdown", "on": "2020-08-11"}


def _idle(*policies: dict[str, object]) -> set[str]:
    found = (
        scenario(list(policies), days=60).fixed.values(),
        scenario(list(policies), days=60).doubts,
    )
    return {
        problem.path
        for part in found
        for problem in part
        if problem.code in (Code.IDLE, Code.ORDER)
    }


def test_a_block_within_a_whole_shutdown_changes_nothing() -> None:
    later = block(on="2020-08-20", technique="dns")
    assert "policies.ban" in _idle(SHUTDOWN, later)
    assert "policies.ban" not in _idle({**SHUTDOWN, "share": 0.9}, later), (
        "a tenth is online and meets the block"
    )
    assert "policies.ban" not in _idle({**SHUTDOWN, "until": "2020-09-01"}, later), (
        "it outlives the shutdown"
    )


def test_a_lift_before_its_block_is_warned_of() -> None:
    lift = {"id": "end", "by": "US", "instrument": "lift", "policy": "ban"}
    assert "policies.end" in _idle(block(on="2020-08-20"), {**lift, "on": "2020-08-10"})
    assert "policies.end" not in _idle(block(on="2020-08-20"), {**lift, "on": "2020-08-30"})
    announced = block(on="2020-08-20", announced="2020-08-05")
    assert "policies.end" not in _idle(announced, {**lift, "on": "2020-08-10"}), (
        "an announced order may be dropped"
    )
