"""Ways to soften an order, names of runs, and orders that change nothing because of others."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from conftest import block, scenario
from toy_results import toy_result

import splinternet as sn
from splinternet.cli.runs import _names
from splinternet.core.groups import Group
from splinternet.errors import Code, InputError
from splinternet.experiments.mitigate import mitigate, mitigations
from splinternet.facts.orders import freedom_of_states
from splinternet.results.focus import asked_groups
from splinternet.text.comparison import headline


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
    assert ways["a licence for private messages"].scenario is None, (
        "nobody talks to relatives there"
    )
    assert ways["a delay of 14 days"].scenario is None, "it would be over by then"
    early = ways["a notice of 14 days"].scenario
    assert early is not None and early.policies[0].announced == date(2020, 8, 11)
    with pytest.raises(InputError, match="no dated order"):
        mitigations(scenario([], days=10))


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
    assert "a bridge to iMessage" not in names, "most used where the owner is at home"
    ranking, _ = mitigate(spec, seeds=1, jobs=1)
    effects = {str(row["run"]): row["effect"] for row in ranking.rows}
    assert effects["a licence for private messages"] == 0.0
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
    long = [Run("The United States bans WeChat transactions, as ordered"), Run("Two orders")]
    named = _names(long, folders, "")  # type: ignore[arg-type]
    assert named == ["The US bans WeChat transactions…", "Two orders"]
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


@pytest.mark.parametrize(
    "name",
    ["wechat_as_ordered", "events/ir_telegram_2018", "events/in_wechat_tibet_2020"],
)
def test_a_bridge_leads_to_a_messenger_of_others_that_is_open_at_both_ends(name: str) -> None:
    spec = sn.load(name)
    way = next(way for way in mitigations(spec) if "bridge" in way.name)
    assert way.scenario is not None
    *shut, best = way.scenario.policies[-1].platforms  # type: ignore[attr-defined]
    ends = {state for group in asked_groups(spec) for state in Group.read(group).states}
    ends |= {state for policy in spec.policies for state in (*policy.by, *policy.concerns())}
    assert not {(state, best) for state in ends} & set(spec.facts.blocks)
    facts = spec.facts.platforms
    assert facts[best].owner not in {facts[target].owner for target in shut}
    unfree = {state for state in ends if freedom_of_states().get(state, 1.0) < 0.5}
    assert facts[best].home not in unfree


def test_a_states_own_messenger_is_no_relief() -> None:
    """China blocks Instagram: what most people there have left is WeChat."""
    spec = sn.load("events/cn_instagram_2014")
    assert [way.name for way in mitigations(spec) if "bridge" in way.name] == [
        "a bridge to iMessage"
    ]


@pytest.mark.parametrize(
    ("effects", "said"),
    [
        ((1.0, 0.0), "Licence would spare everybody: 0; ordered: "),
        ((1.0, 0.05), "Licence would spare nearly everybody: "),
        ((1.0, 0.4), "Licence would spare 60 % of what people would lose: "),
        ((0.4, 1.0), "Ordered would lose least: "),
    ],
)
def test_a_comparison_says_the_decision_with_one_verb(
    effects: tuple[float, float], said: str
) -> None:
    runs = [toy_result(5, 60, effect=effect) for effect in effects]
    found = sn.compare(*runs, by="family_contact_lost_people", names=["ordered", "licence"])
    assert headline(found)[0].startswith(said), headline(found)


def test_runs_that_surely_differ_in_nothing_name_no_best() -> None:
    runs = [toy_result(5, 60), toy_result(5, 60)]
    rows = sn.compare(*runs, names=["one", "other"]).rows
    assert {str(row["clear"]) for row in rows if row["clear"]} == {"no"}
    (said,) = headline(sn.compare(*runs, names=["one", "other"]))
    assert said.startswith("No clear difference from one (") and said.endswith(": other.")


def test_long_titles_give_way_to_short_names() -> None:
    class Run:
        def __init__(self, name: str) -> None:
            title = f"How much family contact would a licence have kept under the order {name}?"
            self.scenario = type("S", (), {"title": title})()
            self.name = name

    folders = [Path("ordered"), Path("licence")]
    names = ["wechat_as_ordered", "wechat_with_exemption"]
    assert _names([Run(name) for name in names], folders, "") == names  # type: ignore[arg-type]
