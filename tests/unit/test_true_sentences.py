"""Sentences that once were false, each through the command line or the public Python that prints
it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from conftest import blank_pages, call
from plain_interval import ends
from toy_results import PLATFORMS, STATES, toy_result, toy_scenario

import splinternet as sn
from splinternet.decisions import Aim, Decision, Likely, PolicyName, Strike, TakeUp
from splinternet.experiments.mitigate import mitigations
from splinternet.results import Result
from splinternet.text.finding_sentences import sentences
from splinternet.text.findings import find
from splinternet.text.numbers import estimate
from splinternet.text.reportable import effect, index
from splinternet.text.terminal import text

GAMBIA = """\
title: The Gambia shuts down its networks, as ordered
status: projection
start: 2026-11-20
days: 40
policies:
  - {id: "off", instrument: shutdown, by: GM, on: 2026-12-04}
"""
NORWAY = """\
title: Norway bans children from video platforms
status: projection
start: 2026-12-20
days: 40
policies:
  - {id: young, instrument: age_limit, by: "NO", age: 15, targets: [TikTok, Snapchat, YouTube], on: 2027-01-01}
"""
NIGERIA = """\
title: Meta leaves Nigeria
status: what-if
start: 2027-01-01
days: 45
policies:
  - {id: leaves, instrument: withdrawal, by: US, from: NG, targets: [Facebook, Instagram], on: 2027-01-15}
"""
TONGA = """\
title: Tonga off
start: 2026-11-20
days: 30
policies:
  - {id: "off", instrument: shutdown, by: TO, on: 2026-12-04}
"""
RUSSIA = """\
title: Russia blocks Viber  # kept as it is
start: 2026-01-20
days: 120
policies:
  - {id: viber, instrument: block, by: RU, targets: [Viber], on: 2026-02-02}
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@cache
def run_of(scenario: str, seeds: int = 1, people: int = 1_000) -> Result:
    """Return the run of a small scenario."""
    with TemporaryDirectory() as folder:
        path = Path(folder, f"{'_'.join(scenario.split()[1:3])}.yaml")
        path.write_text(scenario, encoding="utf-8")
        return sn.run(path, people=people, seeds=seeds, jobs=1)


def everything(result: Result) -> str:
    """Return all that `run --all` prints, on one line."""
    return " ".join(text(result, 200, every=True).split())


def report_of(result: Result, folder: Path) -> str:
    """Return the words of a report."""
    with blank_pages():
        page = result.report(folder / "report.html").read_text(encoding="utf-8")
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def changed(result: Result, **changes: Callable[[np.ndarray, int], np.ndarray]) -> Result:
    """Return a made-up result with other arrays in the policy arm: functions of the baseline and of
    the number of the member.
    """
    members = []
    for at, (baseline, policy) in enumerate(result.members):
        arrays = {name: make(baseline.arrays[name].copy(), at) for name, make in changes.items()}
        members.append((baseline, replace(policy, arrays={**policy.arrays, **arrays})))
    return Result(result.scenario, members, result.info)


# --- others, and the end of the run ---------------------------------------------------------------


def test_a_loss_of_most_is_said_of_those_who_reach_their_family_by_app() -> None:
    """Not of "all people from the Gambia": a third of them have no such app to lose."""
    said = everything(run_of(GAMBIA))
    assert re.search(r"All people from the Gambia in \w+ who reach their family by app, or ", said)
    (group,) = {one.group for one in find(run_of(GAMBIA))[:4] if one.kind == "contact"}
    lost = index(run_of(GAMBIA)).get("family_contact_ever_lost_people", "total", group=group)
    assert effect(lost) < 0.8 * run_of(GAMBIA).members[0][0].real[group]
    few = everything(toy_result(3, 120))
    assert "people from China in the United States, or about" in few


def test_there_are_no_others_where_all_lose_contact(tmp_path: Path) -> None:
    said = report_of(run_of(GAMBIA), tmp_path)
    assert "All people from the Gambia" in said
    assert "he other people" not in said and "contacts would come back" not in said
    toy = toy_result(3, 120)
    part = report_of(toy, tmp_path)
    assert "The other people from China in the United States would always have an app" in part
    all_lost = changed(
        toy,
        family_contact_ever_lost=lambda before, _: before + 1.0,
        family_contact_ever_lost_people=lambda before, _: before + 2e6,
    )
    said = report_of(all_lost, tmp_path)
    assert "he other people" not in said
    assert "Lost contacts would come back by another app" in said


def test_the_end_of_the_run_is_no_duration() -> None:
    """The shutdown has no end: nobody knows how long its people are cut off."""
    said = everything(run_of(GAMBIA))
    contact = re.findall(r"would lose every app that connects them with [a-z ]+,[^.]*\.", said)
    assert contact and all(", to the end of the run." in each for each in contact)
    assert "before the run ends" in said and "by the end." not in said
    assert "without any Internet" not in said, "the run ends the cut, not the order"
    assert "Nothing that people in the Gambia use would work" in said
    assert "how many people use" not in said, "where nobody is online, no use decides anything"
    toy = toy_result(3, 120)
    over = changed(toy, family_contact_lost=lambda before, _: before)
    for result, words in ((toy, "to the end of the run"), (over, r"for \d+ days on average")):
        assert re.search(rf"their family, {words}\. ", everything(result))


def test_a_cut_of_days_has_no_bill_of_a_month_and_is_not_compared_with_other_hours() -> None:
    """Three days off every network are 72 hours without Internet, not "about 84"."""
    said = everything(run_of(GAMBIA.replace("12-04}", "12-04, until: 2026-12-07}")))
    assert "All people from the Gambia" in said and "for 3 days" in said
    assert "Calls would cost" not in said and "without any Internet" not in said
    assert "Calls would cost each of them about US$ " in everything(run_of(GAMBIA))


def test_what_replaces_a_firm_that_leaves_has_rivals_that_cannot_be_told_apart() -> None:
    """Which messenger of several with assumed use wins is not known; no single one is "it"."""
    leaves = sn.run("sovereignty/firm_leaves_uk", people=3_000, seeds=3, days=120, jobs=1)
    gains = [one for one in find(leaves) if one.kind == "gain"]
    said = [text for text in sentences(leaves) if " would gain " in text]
    assert len(gains) == len(said) > 1
    first, second = gains[:2]
    named = re.search(r"; (.+) may gain as many\.$", said[0])
    assert second.high >= first.value and named and second.platform in named[1]
    assert not any(one.platform == first.platform for one in gains[1:])
    assert first.platform not in named[1] and "WhatsApp" not in named[1], "which leaves"
    toy = toy_result(5, 120)
    others = " ".join(sentences(toy))
    assert " would gain " in others and "may gain as many" not in others, "nobody leaves"


def test_an_age_law_names_no_platform_of_assumed_use_as_the_one_that_children_turn_to() -> None:
    law = sn.load("ages/fr_law_2023", people=6_000, days=60)
    result = sn.run(law, seeds=3, jobs=1)
    kinds = {one.kind for one in find(result)}
    assert "instead_by_kind" in kinds and "instead" not in kinds
    own = dict.fromkeys(law.platforms, 0.1)  # the same run with figures of one's own
    world = law.world.model_copy(update={"penetration": {"FR": own}})
    counted = Result(law.model_copy(update={"world": world}), result.members, result.info)
    assert "instead" in {one.kind for one in find(counted)}


def test_no_number_of_days_is_said_of_contacts_that_come_back() -> None:
    """Half of them come back within days that are measured but have no range, so none is said."""
    leaves = sn.run("sovereignty/firm_leaves_uk", people=3_000, seeds=2, days=120, jobs=1)
    (one,) = (found for found in find(leaves) if found.kind == "back")
    row = index(leaves).get("days_to_reconnect", "total", group=one.group)
    assert one.low >= 0.5 and effect(row, "policy") > 0.0, "there is such a number"
    assert "would regain" in everything(leaves) and "half of them" not in everything(leaves)
    said = zip(find(leaves), sentences(leaves), strict=True)
    others = [text for found, text in said if found.kind != "contact"]
    assert len(others) > 3 and not any(re.search(r"\d days?\b", each) for each in others)


def test_a_shutdown_of_a_part_says_nothing_of_the_median_person() -> None:
    off = '{id: "off", instrument: shutdown, by: SN, networks: mobile, share: 0.7, on: 2027-02-20}'
    said = everything(run_of(f"title: t\nstart: 2027-02-10\ndays: 20\npolicies: [{off}]\n"))
    assert "Nothing that people in Senegal use" not in said
    assert "of pairs of one person in Senegal and one abroad would keep a route" in said


# --- runs that have nothing in common -------------------------------------------------------------


def test_runs_with_nothing_to_compare_are_refused_with_what_differs(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, scenario in (("gambia", GAMBIA), ("norway", NORWAY)):
        run_of(scenario).save(here / name)
    code, out, err = call(capsys, "compare", "gambia", "norway")
    said = " ".join(err.split())
    assert (code, out) == (2, "")
    assert "2026-11-20 to 2026-12-29; 2026-12-20 to 2027-01-28" in said
    for words in ("differ in scenario", "days", "states", "groups", "splinternet report RUN"):
        assert words in said


# --- titles ---------------------------------------------------------------------------------------


def test_a_title_names_what_was_set(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "gambia.yaml").write_text(GAMBIA, encoding="utf-8")
    moved = ("--set", "policies.off.on=2026-12-08", "--people", "1000", "--seeds", "1")
    code, out, _ = call(capsys, "run", "gambia.yaml", *moved)
    heading = " ".join(out.split("\n- ")[0].split())
    assert code == 0
    assert "as ordered (changed: policies.off.on) From 8 December 2026 the Gambia would" in heading
    title = sn.load("wechat_as_ordered").title
    in_python = sn.run(
        "wechat_as_ordered",
        people=1_000,
        days=2,
        seeds=1,
        jobs=1,
        set={"policies.wechat-ban.on": "2020-11-12", "ties.only_channel": 0.5},
        policies=[
            {"id": "more", "instrument": "block", "by": "US", "on": "2020-08-02", "targets": ["QQ"]}
        ],
    )
    ending = " (with: more; changed: policies.wechat-ban.on)"
    assert in_python.scenario.title == f"{title}{ending}"
    same = sn.load("wechat_as_ordered", overrides=["parameters.ties.only_channel=0.5", "days=9"])
    assert same.title == title, "the case is as ordered"
    own = sn.load(
        "wechat_as_ordered", overrides=["policies.wechat-ban.on=2020-11-12", "title=Late"]
    )
    assert own.title == "Late"


def test_a_title_counts_the_orders_that_were_added(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = here / "ru.yaml"
    path.write_text(RUSSIA, encoding="utf-8")
    code, out, _ = call(capsys, "check", "ru.yaml", "--add-recorded")
    added = out.count("added: ")
    assert code == 0 and added > 1
    title = f"Russia blocks Viber, with {added} more orders of the record"
    assert sn.load(path).title == title
    assert f"title: {title}  # kept as it is" in path.read_text(encoding="utf-8")


# --- who loses ------------------------------------------------------------------------------------


def test_a_firm_that_leaves_is_a_question_about_the_country_that_it_leaves(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = run_of(NIGERIA)
    diasporas = [group for group in result.focus.groups if "<-" in group]
    assert "US<-NG" in diasporas and all("NG" in group for group in diasporas)
    said = everything(result)
    assert "Mexico" not in said and "US<-MX" not in said
    (here / "nigeria.yaml").write_text(
        NIGERIA.replace("NG", "DK").replace("Facebook", "Amazon"), encoding="utf-8"
    )
    assert "use of targets in DK" in call(capsys, "check", "nigeria.yaml")[1]
    ways = [way.name for way in mitigations(result.scenario) if way.scenario is not None]
    assert "a bridge to Snapchat" in ways, "the one most used in Nigeria of another owner than Meta"


# --- numbers --------------------------------------------------------------------------------------


def test_a_use_by_all_is_100_per_cent(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "tonga.yaml").write_text(TONGA, encoding="utf-8")
    code, out, _ = call(capsys, "check", "tonga.yaml")
    assert code == 0 and "Facebook 100 %" in out and "e+02" not in out


def test_the_interval_of_a_share_is_that_of_the_shares_of_members() -> None:
    """Members differ in how many use a platform and in how many leave; the loss in persons over the
    median of use would be another interval.
    """
    result = run_of(NORWAY, seeds=3)
    one = next(one for one in find(result) if one.kind == "too_young")
    users = result["users_under_limit"].sel(state=one.state, platform=one.platform).isel(date=-1)
    without, given = (users.sel(arm=arm).to_numpy().ravel() for arm in ("baseline", "policy"))
    low, high = ends((without - given) / without)
    assert (one.low, one.high) == pytest.approx((min(low, one.value), max(high, one.value)))
    persons = np.array(ends(without - given)) / np.median(without)
    assert (one.low, one.high) != pytest.approx(tuple(persons), rel=0.02)
    assert f"({estimate(one.metric, one.value, one.low, one.high)[1]})" in everything(result)


def test_people_with_a_vpn_are_no_finding_where_the_ends_are_tenfold_apart() -> None:
    def more(ratio: float) -> Result:
        def policy(before: np.ndarray, at: int) -> np.ndarray:
            before[60:, STATES.index("US")] += 1e6 * ratio ** (at / 4)
            return before

        return changed(toy_result(5, 120), vpn_users=policy)

    assert "would have a VPN" in everything(more(4.0))
    assert "would have a VPN" not in everything(more(100.0))


# --- money ----------------------------------------------------------------------------------------


def earning(lost: float, at: str = "US", **keys: Any) -> Result:
    """Return a made-up result in which every platform earns 5 million dollars a day in each state,
    and all lose a part of it in one state.
    """
    toy = toy_result(3, 120, **keys)
    s = STATES.index(at)
    members = []
    for baseline, policy in toy.members:
        before = np.full_like(baseline.arrays["revenue"], 5e6)
        after = before.copy()
        after[:, s] *= 1.0 - lost
        members.append(
            (
                replace(baseline, arrays={**baseline.arrays, "revenue": before}),
                replace(policy, arrays={**policy.arrays, "revenue": after}),
            )
        )
    return Result(toy.scenario, members, toy.info)


def test_a_sum_below_one_per_cent_of_what_is_at_stake_is_no_finding(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("splinternet.results.firms._range", lambda *_: (0.5, 1.5))
    loses = "Tencent would lose"
    firms = "Firms of the United States would earn"
    said = everything(earning(0.1))
    assert loses in said and firms in said
    assert loses not in everything(earning(0.005)), "6 million dollars of 1.2 billion"
    assert firms not in everything(earning(0.0005)), "1.5 million beside the same 1.2 billion"
    monkeypatch.setattr("splinternet.results.firms._range", lambda *_: (0.2, 2.5))
    said = everything(earning(0.1))
    assert loses not in said and firms not in said, "known to a factor of twelve"


def test_what_people_spend_less_is_a_finding_from_one_per_cent_on() -> None:
    def spent(share: float) -> Result:
        def policy(before: np.ndarray, at: int) -> np.ndarray:
            return before * (1.0 - share)

        toy = toy_result(3, 120)
        for baseline, _ in toy.members:
            baseline.arrays["trade"][:, STATES.index("US"), PLATFORMS.index("WeChat")] = 1e9
        return changed(toy, trade=policy)

    assert "would spend" in everything(spent(0.05))
    assert "would spend" not in everything(spent(2e-5))


def test_services_at_home_that_keep_their_users_lose_no_money(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where blocks end, services at home keep their users by assumption."""
    monkeypatch.setattr("splinternet.results.firms._range", lambda *_: (0.5, 1.5))
    opened = {"world": {"blocks_policy_arm": {"CN": []}}, "policies": []}
    toy = earning(0.3, "CN")
    result = Result(toy_scenario(120, **opened), toy.members, toy.info)
    assert "Firms of China" not in everything(result)


# --- reasons --------------------------------------------------------------------------------------


def test_a_law_that_no_state_makes_has_no_waiting_time(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    toy = toy_result(1, 120)
    day = date(2020, 11, 1)
    made = [
        Decision(
            day,
            state,
            "control",
            act,
            target,
            PolicyName(f"{state}-{at}", "block"),
            "fact:regimes:DE",
            {"rate": rate},
            Likely(leading, ""),
        )
        for at, (state, act, target, rate, leading) in enumerate(
            (
                ("DE", TakeUp("vpn_ban"), (), 1 / 281, "laws"),
                ("TR", Strike("content_removal"), (Aim("WeChat"),), 1 / 40, "demands"),
                ("DE", TakeUp("shutdown"), (), 1 / 180, "laws"),
            )
        )
    ]
    members = [(baseline, replace(policy, decisions=made)) for baseline, policy in toy.members]
    Result(toy.scenario, members, toy.info).save(here / "run")
    code, out, _ = call(capsys, "show", "run", "--chronicle", "1")
    said = " ".join(out.split())
    assert code == 0
    assert not re.search(r"after about|once in|one of \d+", said)
    assert "In a year under 1 % of states like it make such a law." in said
    assert "In a year about 2 % of states like it make such a demand." in said
    assert "In a month of unrest the chance of this is about 1 %" in said
