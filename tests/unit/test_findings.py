"""What a run says: findings are sure, stand in the summary, and are said in the mood of their
status.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from toy_results import PLATFORMS, POLICY, STATES, toy_result, toy_scenario

import splinternet as sn
from splinternet.decisions import Decision, TakeUp
from splinternet.facts import record
from splinternet.results import Result, model_error
from splinternet.results import firms as firms_of
from splinternet.text import reportable
from splinternet.text.basis import basis, for_readers
from splinternet.text.finding_sentences import (
    headline,
    in_touch,
    in_words,
    members_alone,
    of_group,
    sentences,
    without_internet,
)
from splinternet.text.findings import MUCH_WIDER, find, topics
from splinternet.text.numbers import compact_range, estimate
from splinternet.text.terminal import MOST_LINES, first_lines, text


@pytest.fixture(scope="module")
def result() -> Result:
    return toy_result(5, 120)


def with_arrays(result: Result, **changed: Any) -> Result:
    """Return a result with other arrays in the policy arm: functions of baseline and policy, by
    metric.
    """
    members = []
    for baseline, policy in result.members:
        arrays = {
            name: make(baseline.arrays[name], policy.arrays[name].copy())
            for name, make in changed.items()
        }
        members.append((baseline, replace(policy, arrays={**policy.arrays, **arrays})))
    return Result(result.scenario, members, result.info)


def with_scenario(result: Result, **keys: Any) -> Result:
    return Result(result.scenario.model_copy(update=keys), result.members, result.info)


def test_the_headline_opens_with_the_group_that_the_question_is_about(result: Result) -> None:
    first = find(result)[0]
    assert (first.kind, first.group) == ("contact", "US<-CN")
    said = headline(result)[0]
    assert "people from China in the United States" in said and "would lose" in said
    assert len(headline(result)) <= 3


def test_a_headline_on_assumed_use_says_so_first_and_names_no_winner_and_no_sum(
    result: Result,
) -> None:
    counted, assumed = (
        result,
        with_scenario(result, world=result.scenario.world.model_copy(update={"penetration": {}})),
    )
    said = "how many people use WeChat in the United States is an assumption."
    assert said in headline(assumed)[0] and not any(said in each for each in headline(counted))
    assert {"gain"} <= {one.kind for one in find(counted)}
    gained = [
        [row for row in reportable.shown_movers(each, 9) if row["effect"] > 0]
        for each in (counted, assumed)
    ]  # type: ignore[operator]
    assert gained[0] and not gained[1], "nor in a table"
    assert not {"gain", "firm", "own_firms"} & {one.kind for one in find(assumed)}


def test_use_is_counted_in_the_worst_week_where_every_policy_is_over_by_the_last_day(
    result: Result,
) -> None:
    """Under a block that has ended, what an app gains on the last day is not what it gained from
    the block.
    """
    short = with_scenario(
        result,
        policies=(result.scenario.policies[0].model_copy(update={"until": date(2020, 11, 1)}),),
    )
    for run, at, when in (
        (result, "end", "by the last day"),
        (short, "worst_week", "in its best week"),
    ):
        assert {row["at"] for row in reportable.shown_movers(run, 9)} == {at}
        gains = [one for one in find(run) if one.kind == "gain"]
        assert gains and all(one.row and one.row["at"] == at for one in gains)
        assert when in " ".join(sentences(run))
        rows = {str(row["platform"]): float(row["effect"] or 0.0) for row in reportable.movers(run)}  # type: ignore[arg-type]
        assert rows["WeChat"] == min(rows.values()) < 0
    drawn = short.plot("gains")
    assert "in the week of the largest change" in drawn.caption.subtitle


def test_a_loss_of_contact_is_said_with_its_days(result: Result) -> None:
    """Days cut off of all members, divided by the share that is ever cut off."""
    rows = {
        row["metric"]: row
        for row in result.rows()
        if (row["group"], row["at"]) == ("US<-CN", "total")
    }
    ever, each = (
        rows[name]["effect"]
        for name in ("family_contact_ever_lost", "contact_days_lost_per_member")
    )
    days = float(f"{float(each) / float(ever):.2g}")  # type: ignore[arg-type]
    said = headline(with_arrays(result, family_contact_lost=lambda _, policy: 0.5 * policy))[0]
    assert days > 1 and f"their family, for {days:g} days of the run on average. " in said


@pytest.mark.parametrize(
    ("status", "keeps", "leave"),
    [("projection", "would keep", "would leave"), ("hindcast", "keeps", "leave")],
)
def test_a_platform_that_keeps_its_users_loses_few_of_them_in_the_tense_of_the_run(
    result: Result, status: str, keeps: str, leave: str
) -> None:
    spared = with_arrays(result, active_users=lambda baseline, _: 0.995 * baseline)
    said = sentences(with_scenario(spared, status=status))
    kept = [
        one
        for one, text in zip(find(spared), said, strict=True)
        if one.kind == "kept"
        and text.startswith(f"WeChat {keeps} nearly all of its ")
        and text.endswith(f"; even in the worst week, under 2 % of them {leave}.")
    ]
    assert len(kept) == 1, said


def test_a_cut_of_two_days_is_said_with_its_days_and_not_with_its_worst_week(
    result: Result,
) -> None:
    cut = {"id": "cut", "by": "US", "instrument": "shutdown", "on": "2020-09-20"}

    def off(_: np.ndarray, policy: np.ndarray) -> np.ndarray:
        policy[50:52, 0] = 0.0
        return policy

    dark = with_arrays(result, median_services=off, reach_abroad=off)
    for until, said in (("2020-09-22", "works for 2 days"), ("2020-10-20", "in the worst week")):
        spec = toy_scenario(policies=[{**cut, "until": until}], status="hindcast")
        told = headline(Result(spec, dark.members, dark.info))
        assert any(said in each and "people in the United States use" in each for each in told), (
            told
        )
    told = headline(Result(toy_scenario(policies=[{**cut, "until": "2020-09-22"}]), dark.members))
    assert "use would work for 2 days, services at home included (assumption)" in " ".join(told)
    border = {"id": "cut", "by": "US", "instrument": "border_cut", "on": "2020-09-20"}
    told = headline(Result(toy_scenario(policies=[border]), dark.members, dark.info))
    assert "services at home" not in " ".join(told)


def test_use_counts_as_assumed_where_most_users_of_the_targets_are(result: Result) -> None:
    """A small platform that somebody counted does not make up for a large one that nobody did."""
    policy = {**POLICY, "targets": ["WeChat", "Skype"]}
    for use, is_assumed in (({"WeChat": 0.001}, True), ({"WeChat": 0.9}, False), ({}, True)):
        spec = toy_scenario(policies=[policy], world={"penetration": {"US": use}})
        told = Result(spec, result.members, result.info)
        assert ("is an assumption." in headline(told)[0]) == is_assumed, use
        assert ("gain" in {one.kind for one in find(told)}) != is_assumed, use


def test_a_run_says_of_its_targets_what_their_figures_are(result: Result) -> None:
    said = "User numbers in the United States (set by the scenario): WeChat 1 %."
    assert said in basis(result) and said in text(result)


def test_many_kinds_of_figures_of_the_targets_fit_a_line(result: Result) -> None:
    """Three assumed, two measured, one of the scenario's own and one that nobody uses."""
    names = ["QQ", "Weibo", "Douyin", "WhatsApp", "Facebook", "WeChat", "RuTube"]
    spec = toy_scenario(
        policies=[{**POLICY, "targets": names}], world={"penetration": {"US": {"WeChat": 0.01}}}
    )
    said = next(
        line.text
        for line in first_lines(Result(spec, result.members, result.info))
        if "User numbers" in line.text
    )
    assert said == "User numbers: 3 assumed, 2 measured and 2 others (--all)."


@pytest.mark.parametrize("status", ["projection", "what-if", "hindcast"])
def test_what_has_not_happened_is_said_in_the_conditional(result: Result, status: str) -> None:
    told = sentences(with_scenario(result, status=status))
    assert told and all(("would" in said) == (status != "hindcast") for said in told)


def test_an_effect_that_may_be_zero_is_no_finding(result: Result) -> None:
    """Members that disagree about the sign: the platform loses in some and gains in others."""
    sign = iter([1.0, -1.0, 1.0, -1.0, 1.0])

    def both_ways(baseline: np.ndarray, policy: np.ndarray) -> np.ndarray:
        policy[:, 0, 0] = baseline[:, 0, 0] * (1.0 + 0.4 * next(sign))
        return policy

    unsure = with_arrays(result, active_users=both_ways)
    assert [one for one in find(result) if (one.kind, one.platform) == ("platform", "WeChat")]
    assert not [one for one in find(unsure) if (one.kind, one.platform) == ("platform", "WeChat")]


@pytest.mark.parametrize(
    ("of", "said", "short"),
    [
        ((0.0853, 0.0086, 0.482), ("about 9 %", "under 1 to 50 %"), "9 % (<1 to 50 %)"),
        ((0.146, 0.02, 0.149), ("about 10 %", "2 to 10 %"), "10 % (2 to 10 %)"),
        ((0.0041, 0.0012, 0.0086), ("under 1 %", ""), "<1 %"),
        ((-0.0041, -0.031, -0.0012), ("under 1 %", "under 1 to 3 %"), ">-1 % (-3 to >-1 %)"),
    ],
)
def test_a_wide_interval_has_one_digit_at_each_end_and_little_has_no_size(
    of: tuple[float, float, float], said: tuple[str, str], short: str
) -> None:
    """In a sentence and in a table by one rule; sentences and charts give sizes, without a sign."""
    value, low, high = of
    assert estimate("family_contact_ever_lost", *map(abs, (value, low, high))) == said
    assert compact_range("family_contact_ever_lost", value, low, high) == short


def test_a_small_loss_of_contact_is_said_without_a_size(result: Result) -> None:
    """About four of the thousand simulated people."""
    share = 0.004 / find(result)[0].value

    def less(_: np.ndarray, lost: np.ndarray) -> np.ndarray:
        return lost * share

    few = with_arrays(result, family_contact_ever_lost=less, family_contact_ever_lost_people=less)
    said = next(each for each in sentences(few) if "every app" in each)
    assert said.startswith("Under 1 % of people from China in the United States")
    assert few.plot("card").title.startswith("Under 1 %")


def test_a_firm_is_in_one_finding_and_the_own_firms_losses_are_never_left_out(
    result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every platform earns 5 million dollars a day everywhere; in the United States all but Signal
    lose most of it. What they earn is known to a half.
    """
    monkeypatch.setattr(firms_of, "_range", lambda *_: (0.5, 1.5))
    members = []
    for baseline, policy in result.members:
        before = np.full_like(baseline.arrays["revenue"], 5e6)
        after = before.copy()
        after[:, 0, :] *= 0.4
        members.append(
            (
                replace(baseline, arrays={**baseline.arrays, "revenue": before}),
                replace(policy, arrays={**policy.arrays, "revenue": after}),
            )
        )
    made = Result(result.scenario, members, result.info)
    found = find(made)
    firms = [one.firm for one in found if one.firm]
    assert "Tencent" in firms and len(firms) == len(set(firms))
    own = next(one for one in found if one.kind == "own_firms")
    assert (own.state, own.value < 0) == ("US", True)
    assert found.index(own) < 3, "a winner is among the first three, so is what the own firms lose"
    assert "from users in all countries" in in_words(made, own)
    border = {
        "id": "cut",
        "instrument": "border_cut",
        "by": "US",
        "on": "2020-09-20",
        "gateways_closed": "all",
    }
    cut_off = Result(toy_scenario(120, policies=[POLICY, border]), members, result.info)
    assert not [one for one in find(cut_off) if one.kind == "own_firms"], (
        "no measure of what a cut border costs"
    )


def test_a_caveat_of_the_scenario_comes_with_its_numbers(result: Result) -> None:
    said = "An upper bound: half of it would come back."
    assert said not in basis(result)
    warned = with_scenario(result, caveat=said)
    assert said in basis(warned)
    assert said in " ".join(line.text for line in first_lines(warned, 200))


def test_families_are_no_topic_where_no_target_carries_their_ties(result: Result) -> None:
    shopping = Result(
        toy_scenario(120, policies=[POLICY | {"targets": ["AliExpress"]}]),
        result.members,
        result.info,
    )
    assert not any(one.kind in ("contact", "back", "no_contact") for one in find(shopping))
    assert "families" in topics(result) and "families" not in topics(shopping)
    assert topics(shopping)[0] == "trade"


def test_a_ban_of_messengers_says_who_loses_the_family_what_is_left_and_what_replaces_it() -> None:
    """India bans WeChat and TikTok: the app that the families use is named, not the largest."""
    banned = sn.run("cases/in_wechat_2020_tibetans", people=3_000, seeds=2, days=120, jobs=1)
    families, back, app = headline(banned)
    assert "of Tibetans from China in India" in families
    assert all(left in families for left in ("telephone or text", "can do neither", "keep an app"))
    assert back.endswith("before the run ends, by a VPN or another app.")
    assert app.startswith("WeChat loses")
    losses = [one.platform for one in find(banned) if one.kind == "platform"]
    assert "TikTok" in losses
    ways = {"by another app", "by a VPN", "by the app that is back"}
    ways_back = r"by a VPN \(about [\d.]+ %, .+ to [\d.]+ %\) and another app \(about .+ to .+ %\)"
    assert re.search(ways_back, in_touch(banned)), "shares with their intervals"
    unclear = with_arrays(banned, reconnected=lambda before, _: before)
    assert not any(way in headline(unclear)[1] for way in ways), "nothing brought a contact back"
    ordered = sn.run("wechat_as_ordered", people=3_000, seeds=2, days=150, jobs=1)
    allowed = " ".join(sentences(ordered))  # business with WeChat is barred; people may use it
    assert "regain" in allowed and not any(way in allowed for way in ways)


def test_that_nothing_changed_is_a_finding() -> None:
    still = toy_result(3, 60)
    same = Result(
        still.scenario,
        [(b, replace(p, arrays=dict(b.arrays))) for b, p in still.members],
        still.info,
    )
    (said,) = headline(same)
    assert said.startswith("Nothing would change")


def test_of_one_group_either_the_loss_or_that_nobody_loses_is_said(result: Result) -> None:
    (said,) = of_group(result, "US<-CN")
    assert said == headline(result)[0]
    calm = with_arrays(
        result, family_contact_ever_lost=lambda baseline, policy: np.zeros_like(policy)
    )
    (said,) = of_group(calm, "US<-CN")
    assert said == (
        "Under 0.3 % of people from China in the United States would lose every app that connects "
        "them with their family: 0 of the 1,000 simulated."
    )
    half = [
        (base, policy if number % 2 == 0 else replace(policy, arrays=dict(base.arrays)))
        for number, (base, policy) in enumerate(result.members)
    ]
    (said,) = of_group(Result(result.scenario, half, result.info), "US<-CN")
    assert re.search(
        r"^0 to [\d.]+ % of .* would lose every app .*; the interval includes zero\.$", said
    ), "half of the members lose"
    assert of_group(result, "US<-TR") == [], "20 simulated people are too few"


def with_hours(result: Result, *hours: float) -> Result:
    """Return the result with hours of blackout a day of the first state, of its users, platforms
    and countries.
    """

    def changed(baseline: np.ndarray, policy: np.ndarray) -> np.ndarray:
        policy[:, 0] = hours
        return policy

    return with_arrays(result, blackout_hours=changed)


def test_a_ban_of_an_app_is_not_said_in_hours_of_a_blackout(result: Result) -> None:
    lost = with_hours(result, 0.1, 48, 0.2)
    assert without_internet(lost) == ""
    told = " ".join(line.text for line in first_lines(lost))
    assert "blackout" not in told and "without any Internet" not in told
    assert "blackout hours" in text(lost, every=True).lower(), "they stay among everything"


def test_a_shutdown_is_said_last_in_hours_without_internet_of_users_alone(result: Result) -> None:
    place = result.members[0][0].axes.states[0]
    order = {"id": "cut", "by": place, "instrument": "shutdown", "on": str(POLICY["on"])}
    unended = toy_scenario(120, policies=[{**order, "share": 0.5}])
    assert (
        without_internet(Result(unended, with_hours(result, 0.1, 48, 0.2).members, result.info))
        == ""
    )
    last_day = str(unended.end)
    whole = toy_scenario(120, policies=[{**order, "share": 1.0, "until": last_day}])
    lost = with_hours(result, 0.1, 48, 0.2).members
    assert without_internet(Result(whole, lost, result.info)) == "", "the cut itself is those hours"
    cut = toy_scenario(120, policies=[{**order, "share": 0.5, "until": last_day}])
    dark = Result(cut, with_hours(result, 0.1, 48, 0.2).members, result.info)
    said = without_internet(dark)
    assert said == (
        "For people in the United States with family abroad, this is as much lost contact as 12 hours "
        "without any Internet."
    )
    told = [line.text for line in first_lines(dark, 200)]
    last = [line for line in told if not line.startswith("Warning")][-1]
    assert last == said and sum("without any Internet" in line for line in told) == 1
    assert without_internet(Result(cut, with_hours(result, 0, 48, 0.2).members, result.info)) == ""


def test_who_loses_contact_is_said_as_a_share_in_people_and_with_the_telephone(
    result: Result,
) -> None:
    said = headline(result)[0]
    assert re.search(
        r" \([\d.]+ to [\d.]+ %\) of people .*, or about [\d,]+ people, would lose every app", said
    )
    assert re.search(
        r"\. .* could only telephone or text; .* could do neither; .* would keep an app",
        said,
    )
    assert re.search(r"Calls would cost each of them about US\$ [\d.]+ a month", said)
    spoken = with_arrays(result, contact_by_step=lambda base, policy: base)
    assert "telephone" not in headline(spoken)[0], "nobody is known to lose a step"
    seeds = iter(range(len(result.members)))
    unsure = with_arrays(
        result, contact_by_step=lambda base, policy: policy if next(seeds) else base
    )
    with_zero = r"About \d+ % \((0|under 1) to \d+ %\) could only telephone or text; "
    assert re.search(with_zero, headline(unsure)[0]), "the shares add up"


@pytest.mark.parametrize("width", [80, 120])
def test_the_answer_has_eighteen_lines_that_fit(result: Result, width: int) -> None:
    lines = first_lines(result, width)
    assert len(lines) <= MOST_LINES
    assert max(len(line.text) for line in lines) <= width
    assert lines[0].text.startswith("[PROJECTION] ")
    assert sum(line.text.startswith("- ") for line in lines) >= 3
    assert lines[-1].text.startswith("Warning: ") == bool(result.warnings)
    everything = text(result, width, every=True)
    assert all(
        said.split(" (")[0][:40] in " ".join(everything.split()) for said in sentences(result)
    )


def test_an_owner_who_leaves_concerns_the_country_that_it_leaves() -> None:
    """The policy is the owner's, of the United States; users are lost in Turkey."""
    leaves = {
        "id": "leaves",
        "by": "US",
        "from": "TR",
        "instrument": "withdrawal",
        "targets": ["Facebook"],
    }
    scenario = toy_scenario(120, policies=[leaves | {"on": str(POLICY["on"])}])
    assert scenario.scene.acting == {"TR": {"Facebook"}}

    def gone(baseline: np.ndarray, policy: np.ndarray) -> np.ndarray:
        policy[60:, STATES.index("TR"), PLATFORMS.index("Facebook")] *= 0.5
        return policy

    toy = toy_result(3, 120)
    lost = with_arrays(Result(scenario, toy.members, toy.info), active_users=gone)
    assert ("platform", "Facebook", "TR") in [
        (one.kind, one.platform, one.state) for one in find(lost)
    ]


@pytest.mark.parametrize(
    ("low", "high", "named"), [(10, 99, True), (10, 100, False), (-1, 5, False), (0, 5, False)]
)
def test_an_interval_that_spans_tenfold_names_no_winner(
    low: float, high: float, named: bool
) -> None:
    assert reportable.names_winner(low, high) == named


def test_both_intervals_are_said_where_the_models_error_makes_most_of_one(
    result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The members span what their own quantiles do; without an error there is one interval, and
    nothing to add.
    """
    monkeypatch.setattr(record, "error_of", lambda kind, *_: 1.5)
    monkeypatch.setattr(model_error, "error_of", lambda kind, *_: 1.5)
    whole = Result(result.scenario, result.members)
    one, alone = find(whole)[0], find(whole.chance_only())[0]
    assert one.kind == alone.kind == "contact" and one.high - one.low > MUCH_WIDER * (
        alone.high - alone.low
    )
    said = members_alone(whole)
    assert estimate(alone.metric, alone.value, alone.low, alone.high)[
        1
    ] in said and said.startswith("Unknown inputs alone give ")
    assert "an assumed error of the model widens" in said, "no past event counts contact"
    assert said in " ".join(text(whole, width=400).split("\n"))
    assert members_alone(whole.chance_only()) == ""


def test_readers_are_warned_of_few_people_only_of_a_group_that_is_printed(result: Result) -> None:
    """Every run of few people, and of a question on a small group, says so before it runs."""
    told = [
        "people: 5,000 simulated people are few: a diaspora may have fewer than 100",
        "people: fewer than 100 simulated people in groups that the question is about: US<-HK (61)",
    ]

    def warned(cells: dict[str, int]) -> list[str]:
        members = [
            (replace(base, cells=base.cells | cells), policy) for base, policy in result.members
        ]
        return for_readers(Result(result.scenario, members, result.info | {"warnings": told}))

    assert not [each for each in warned({}) if "simulated people" in each]
    (said,) = [each for each in warned({"US<-CN": 61}) if "simulated people" in each]
    assert said.startswith("Only 61 simulated people stand for people from China")


def test_what_a_state_closes_leads_where_it_is_many_platforms_and_much(result: Result) -> None:
    """The toy loses 30 % of the world's services; an order against one messenger is about
    families.
    """
    many = [{**POLICY, "id": "many", "targets": ["WeChat", "WhatsApp", "Signal", "TikTok"]}]
    scene = toy_scenario(120, policies=many)
    lead = find(Result(scene, result.members, result.info))[0]
    assert (lead.kind, lead.state) == ("closed", "US")
    said = headline(Result(scene, result.members, result.info))[0]
    assert "of the world's services" in said and "in the United States, instead of 100 %" in said
    assert not [one for one in find(result) if one.kind == "closed"]


@pytest.mark.parametrize("copies", [0, 2])
def test_a_run_on_copies_says_in_how_many_worlds_there_is_one(result: Result, copies: int) -> None:
    law = {
        "id": "law",
        "on": "2020-08-02",
        "by": "RU",
        "instrument": "sovereign_internet",
        "capability": "dpi",
    }
    scene = toy_scenario(120, policies=[law], behaviour={"imitation": True})
    row = Decision(date(2020, 10, 1), "TR", "imitation", TakeUp("sovereign_internet"))
    members = [
        (base, replace(policy, decisions=(row,) * (at < copies)))
        for at, (base, policy) in enumerate(result.members)
    ]
    found = find(Result(scene, members, result.info))
    one = next(one for one in found if one.kind == "copied")
    assert (one.value, one.state) == (copies, "RU")
    words = in_words(Result(scene, members, result.info), one)
    assert words == (
        f"In {copies} of 5 simulated worlds, another state would imitate the order of Russia."
    )
    mixed = toy_scenario(120, policies=[law, POLICY], behaviour={"imitation": True})
    assert not [f for f in find(Result(mixed, members, result.info)) if f.kind == "copied"]
