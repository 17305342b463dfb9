"""The scenario library: every case runs, says where it is from, and moves what its mechanism says
it moves.
"""

from __future__ import annotations

import csv
import re
import runpy
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from conftest import Pair, cell
from toy_results import toy_result

import splinternet as sn
from splinternet.core.shipped import shipped
from splinternet.engine.model import Model
from splinternet.experiments.pairs import run_pair
from splinternet.facts import load_facts
from splinternet.facts.model import Parameter
from splinternet.facts.orders import Law
from splinternet.facts.platforms import BesideTalk
from splinternet.facts.tables import read
from splinternet.scenario import load
from splinternet.scenario.load import member_spec
from splinternet.text import findings
from splinternet.text.finding_sentences import headline
from splinternet.text.findings import find

STUDIES = Path(__file__).parents[2] / "notebooks" / "studies"
LIBRARY = (
    "clean_network/store",
    "clean_network/apps",
    "clean_network/cloud",
    "clean_network/carrier",
    "clean_network/carrier_peers",
    "clean_network/carrier_followed",
    "clean_network/carrier_followed_peers",
    "clean_network/cable",
    "clean_network/cable_in_service",
    "clean_network/path",
    "clean_network/all",
    "china_mobile_telecom_ban",
    "china_mobile_telecom_ban_peers",
    "carriers_leave_russia_2022",
    "russia_cut_off",
    "russia_gateways_sweep",
    "alibaba_threat",
    "alibaba_ban",
    "baidu_ban",
    "blacklist_2020",
    "apple_wechat",
    "apple_wechat_19m",
    "apple_wechat_all_stores",
    "russia_sovereign_internet",
    "russia_blocks_twitter_2021",
    "great_firewall",
    "wechat_with_exemption",
    "wechat_with_bridge",
    "wechat_without_chinas_blocks",
    "national_shutdown",
)
DIASPORA, FAMILIES = "US<-CN", "family:US<-CN"
SEEDS = (1, 2)
SEEN = (
    "active_users",
    "sales",
    "trade",
    "contact_days_lost",
    "handset_sales_at_stake",
    "consumer_surplus_lost",
)


@cache
def pair(name: str, people: int, days: int, seed: int) -> Pair:
    """Run one member of a shipped scenario; the same call is run once."""
    spec = load(name, people=people, days=days)
    return run_pair(member_spec(spec, seed), seed, metrics=SEEN)


def first_binding_day(name: str) -> int:
    """Return the day of a run on which its first policy begins, 0 if none does."""
    spec = load(name)
    return min(
        (
            max(0, (policy.on - spec.start).days)
            for policy in spec.policies
            if policy.on is not None
        ),
        default=0,
    )


def text_of(name: str) -> str:
    """Return the text of a scenario file and of those it extends."""
    path: Path | None = shipped()[name]
    text = ""
    while path is not None:
        mine = path.read_text(encoding="utf-8")
        parent = re.search(r"^extends: (\S+)$", mine, re.MULTILINE)
        path = (path.parent / parent[1]).resolve() if parent else None
        text += mine
    return text


@pytest.mark.parametrize("name", LIBRARY)
def test_each_case_says_what_it_asks_and_where_it_is_from(name: str) -> None:
    spec = load(name)
    assert re.search(r"^status: (hindcast|projection|what-if)$", text_of(name), re.MULTILINE)
    assert re.search(r"https://\S+", text_of(name))
    assert "Fact" in text_of(name)
    assert re.search(r"Imagined|Projection|Assumption|assumption|Not as it happened", text_of(name))
    assert all(policy.reference for policy in spec.policies)


def test_a_ban_on_alibaba_ends_trade_at_both_ends() -> None:
    for seed in SEEDS:
        baseline, policy = pair("alibaba_ban", 1_500, 65, seed)
        for place in (
            ("sales", "US", "Taobao"),
            ("active_users", "US", "AliExpress"),
            ("trade", "US", "AliExpress"),
        ):
            assert cell(baseline, *place)[-1] > 0
            assert cell(policy, *place)[-1] == 0
        without, banned = (cell(arm, "sales", "CN", "AliExpress")[-1] for arm in (baseline, policy))
        assert 0 < banned < without  # China's sellers keep the buyers of other states
        spent = [cell(arm, "trade", "US", "Amazon").sum() for arm in (baseline, policy)]
        assert spent[0] < spent[1] < 1.01 * spent[0]
    assert "Amazon would gain less than 1 % of its sales" in (load("alibaba_ban").caveat or "")


def contact_lost(name: str) -> np.ndarray:
    """Return person-days of the diaspora and the families without a channel, by seed."""
    arms = [pair(name, 2_500, 75, seed)[1] for seed in SEEDS]
    return np.array(
        [sum(cell(arm, "contact_days_lost", g).sum() for g in (DIASPORA, FAMILIES)) for arm in arms]
    )


@pytest.mark.parametrize("name", ["wechat_with_exemption", "wechat_with_bridge"])
def test_what_spares_families_loses_less_contact_than_the_order_alone(name: str) -> None:
    spared, ordered = contact_lost(name), contact_lost("wechat_as_ordered")
    assert (ordered > 0).all()
    assert (spared < ordered).all()


def test_the_whole_blacklist_leaves_no_better_access_than_any_part_of_it() -> None:
    """Whatever the order or the decay: the strictest counts, so all of it together is at least as
    strict as each.
    """
    day = 110
    tables = {}
    for name in (
        "blacklist_2020",
        "wechat_as_ordered",
        "tiktok_ban_2020",
        "alibaba_ban",
        "clean_network/cloud",
    ):
        model = Model(load(name, people=1_000, days=day + 1), metrics=(), collect=False)
        model.run_for(day)
        tables[name] = model.setting.states, model.access
    states, whole = tables.pop("blacklist_2020")
    for name, (known, part) in tables.items():
        both = [state for state in states if state in known]
        mine, theirs = (
            [states.index(state) for state in both],
            [known.index(state) for state in both],
        )
        assert {"US", "CN"} <= set(both)
        for column in ("reach", "speed", "install", "vpn_share", "sell"):
            assert (getattr(whole, column)[mine] <= getattr(part, column)[theirs]).all(), (
                name,
                column,
            )


def test_apple_has_more_at_stake_in_all_stores_than_in_one_and_with_more_users() -> None:
    at_stake = {
        name: [
            cell(pair(name, 1_500, 52, seed)[1], "handset_sales_at_stake", "WeChat")[-1]
            for seed in SEEDS
        ]
        for name in ("apple_wechat", "apple_wechat_19m", "apple_wechat_all_stores")
    }
    one, many, everywhere = (np.array(values) for values in at_stake.values())
    assert (one > 0).all()
    assert (many > one).all()
    assert (everywhere > one).all()


def test_without_chinas_blocks_the_two_worlds_differ_in_those_blocks_alone() -> None:
    names = ("wechat_as_ordered", "wechat_without_chinas_blocks")
    ordered, opened = (Model(load(name, people=1_500, days=1), collect=False) for name in names)
    differs = (ordered.world.access.reach != opened.world.access.reach).any(axis=2)
    states, platforms = ordered.setting.states, ordered.setting.platforms
    blocked = {
        platform for state, platform in load("baseline_2020").facts.blocks if state == "CN"
    } - {"TikTok"}
    found = {(states[s], platforms[p]) for s, p in np.argwhere(differs)}
    assert found == {("CN", platform) for platform in blocked}


def test_the_firewall_is_in_the_policy_arm_alone_and_is_that_of_the_facts() -> None:
    model = Model(load("great_firewall", people=1_500, days=2), collect=False)
    model.step()
    blocks = {pair for pair in load("baseline_2020").facts.blocks if pair[0] == "CN"}
    s, names = model.setting.states.index("CN"), model.setting.platforms
    for _, platform in blocks - {("CN", "TikTok")}:
        assert (model.world.access.reach[s, names.index(platform)] == 1).all()
        assert (model.access.reach[s, names.index(platform)] < 1).all()


def test_a_loss_that_a_summary_would_not_name_is_no_change_to_the_clean_carrier_study() -> None:
    verdict = runpy.run_path(str(STUDIES / "clean_carrier_study.py"))["verdict"]
    told = []
    for people in (
        0,
        2,
        3,
    ):  # simulated people of the diaspora who lose their family on the last day
        result = toy_result(1, 30, effect=0.0)
        policy = result.members[0][1]
        where = policy.axes.groups.index(DIASPORA)
        lost = people * policy.real[DIASPORA] / policy.cells[DIASPORA]
        for metric in (
            "family_contact_lost_people",
            "family_contact_ever_lost_people",
            "contact_days_lost",
        ):
            policy.arrays[metric][-1, where] = lost
        told.append(verdict(result, "alone"))
    assert [re.split(r"[:;,(]", text)[1].strip() for text in told] == [
        "no family loses contact on any day",
        "no family in this run loses contact",
        "contact changes",
    ]


@pytest.mark.parametrize(
    ("script", "arguments", "expected"),
    [
        ("two_ended_block", ["--days", "52"], ("as ordered", "licence", "bridge", "iPhone")),
        ("block_against_blackout", ["TR"], ("WhatsApp in TR", "Twitter in TR")),
        (
            "clean_carrier_study",
            ["--days", "52"],
            ("customers, alone", "no family loses contact", "peers, followed"),
        ),
        ("silicon_valley_gain", ["alibaba_ban", "--days", "62"], ("US$ at stake", "concentration")),
    ],
)
def test_the_studies_run_from_any_folder(
    script: str,
    arguments: list[str],
    expected: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    module = runpy.run_path(str(STUDIES / f"{script}.py"))
    module["main"]([*arguments, "--people", "1000", "--seeds", "1", "--jobs", "1"])
    printed = capsys.readouterr().out
    assert all(words in printed for words in expected)
    assert (tmp_path / f"{script}.png").stat().st_size > 0


def test_captions_say_what_the_tables_hold() -> None:
    """Figures in a caveat are those of the tables: what WeChat carries in China, and whom a block
    reaches.
    """
    carried = {
        row.what: row.value
        for row in read(BesideTalk).values()
        if (row.state, row.platform) == ("CN", "WeChat")
    }
    spent, retail, paid = carried.values()
    everywhere, iphones = (
        load("apple_wechat_all_stores"),
        load_facts("world-2020").states["CN"].ios_share.value,
    )
    for text in (load("wechat_full_block").caveat or "", everywhere.caveat or ""):
        assert f"US$ {spent / 1e9:.0f} billion, about {retail:.0%}".replace("%", " %") in text
        assert f"{paid:.0%}".replace("%", " %") in text
    assert f"US$ {iphones * spent / 1e9:.0f} billion a year" in (everywhere.caveat or "")
    lists = read(Parameter)["technique.isp.coverage"]
    taken = f"from {100 * lists.low:.0f} to {lists.high:.0%} of people".replace("%", " %")
    assert taken in (load("russia_sovereign_internet").caveat or "")


def test_what_states_did_in_fact_is_said_as_the_tables_have_it() -> None:
    joined = load("clean_network_coalition")
    table = STUDIES.parents[1] / "sim" / "facts" / "coalition.csv"
    rows = csv.DictReader(table.read_text(encoding="utf-8").splitlines())
    members = {row["state"] for row in rows if row["kind"] == "member"} & set(joined.facts.states)
    assert f"In fact {len(members)} states of this run" in (joined.caveat or "")
    copied = load("sovereign_echo")
    own = {law.state for law in read(Law).values() if law.instrument == "sovereign_internet"}
    assert own == {"RU", "IR"}, "the caveat names Iran alone beside Russia"
    assert (copied.caveat or "").startswith("In fact none of the states that decide here copied")


def test_where_blocks_end_no_owner_is_named_as_a_loser() -> None:
    """What was open already loses a little to what opens: that is no answer to what an open
    Internet would do.
    """
    assert list(findings.firm(SimpleNamespace(scenario=load("open_internet")))) == []  # type: ignore[arg-type]


def test_in_the_great_firewall_as_many_have_a_vpn_as_any_count_found() -> None:
    """5 to 29 % of users in 2020; half of them where closed tools come back within months."""
    result = sn.run("great_firewall", people=1_000, seeds=1, jobs=1)
    ((_, policy),) = result.members
    holders = float(policy.arrays["vpn_users"][-1, list(policy.axes.states).index("CN")])
    known = sn.load("great_firewall").facts.states["CN"].vpn_share
    assert known.low < holders / policy.internet_users["CN"] < known.high


def test_the_sovereign_internet_is_answered_first_by_what_an_order_does_before_and_after() -> None:
    result = sn.run("russia_sovereign_internet", people=1_000, days=60, seeds=1, jobs=1)
    first = find(result)[0]
    known = result.scenario.facts.parameters
    before, after = (1.0 - known[f"technique.{way}.coverage"].value for way in ("isp", "dpi"))
    assert (first.kind, first.value, first.against) == ("boxes", after, before)
    said = "the same block would leave about 4 % (1 to 10 %) of people in Russia"
    assert said in headline(result)[0]


def test_a_share_that_a_user_sets_has_no_range_around_it() -> None:
    known = {"set": {"parameters.technique.dpi.coverage": 0.9}}
    result = sn.run("russia_sovereign_internet", people=1_000, days=60, seeds=1, jobs=1, **known)
    first = find(result)[0]
    assert (first.value, first.low, first.high) == pytest.approx((0.1, 0.1, 0.1))
