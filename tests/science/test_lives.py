"""Lives: a diary that is replayed gives the columns of the model, and all lives together give the
group's metrics.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import block, call, scenario

import splinternet as sn
from splinternet.core.groups import spoken
from splinternet.errors import InputError, RunError
from splinternet.experiments import ensemble
from splinternet.experiments.follow import (
    A_BRIDGE,
    AROUND,
    BY_VPN,
    DIRECT,
    INSTALLED,
    OTHER_APP,
    POORLY,
    SAME,
    Diary,
    Watched,
    all_lives,
    choose,
    watch,
)
from splinternet.experiments.pairs import DECAYED, RULES, arm_data, make_arms, run_pair
from splinternet.people.events import GONE, WAYS_TO_AGREE
from splinternet.plots import save_figure
from splinternet.results import open_run
from splinternet.results.panel import ARMS
from splinternet.results.ties import BETWEEN, HIT, OFF, ON, OTHER, OWN, TYPICAL, WORST, Life
from splinternet.scenario.load import member_spec
from splinternet.text import lives as words

DAYS, GROUP = 100, "US<-CN"
POLICIES = [
    {
        "id": "ban",
        "by": "US",
        "instrument": "transaction_ban",
        "targets": ["WeChat"],
        "announced": "2020-08-04",
        "on": "2020-08-08",
        "until": "2020-10-20",
    },
    block(id="wall", by="CN", targets=["QQ", "Skype"], on="2020-08-20", until="2020-09-25"),
]
QUICK = {
    "transaction_ban.speed": 0.2,
    "transaction_ban.ramp_days": 14,
    "delisting.loss_rate": 0.02,
    "ties.only_channel": 0.8,
}
SPEC = scenario(POLICIES, days=DAYS, people=14_000, parameters=QUICK)


class Kept:
    """One member with the diaries of a group, and the model's own columns on every day."""

    def __init__(self) -> None:
        arms = make_arms(SPEC, 1)
        number = [group.label for group in arms[1].world.groups].index(GROUP)
        ties = np.flatnonzero((arms[1].kin.group == number).any(axis=1))
        self.diaries = dict(zip(ARMS, (Diary(arm, ties) for arm in arms), strict=True))
        who = self.diaries["policy"].people
        self.first = {arm.arm: self.columns(arm, who, ties) for arm in arms}
        self.days: dict[str, list[dict[str, np.ndarray]]] = {name: [] for name in ARMS}
        for _ in range(DAYS):
            for arm in arms:
                arm.step()
                self.diaries[arm.arm].read()
                self.days[arm.arm].append(self.columns(arm, who, ties))
        self.watched = Watched(
            GROUP, *self.diaries.values(), (arm_data(arms[0]), arm_data(arms[1]))
        )
        self.lives = all_lives(self.watched)

    @staticmethod
    def columns(arm: Any, who: np.ndarray, ties: np.ndarray) -> dict[str, np.ndarray]:
        names = ("member", "using", "stuck", "uninstalled", "trial", "aware", "abroad")
        found = {name: arm.condition(name, who) for name in names}
        return found | {
            "vpn": arm.person["vpn"][who] > 0,
            "channels": arm.kin.channels[ties].copy(),
        }


@pytest.fixture(scope="module")
def kept() -> Kept:
    return Kept()


@pytest.mark.parametrize("arm", ARMS)
def test_the_diary_replayed_gives_the_columns_of_the_model_on_every_day(
    kept: Kept, arm: str
) -> None:
    diary = kept.diaries[arm]
    who = {int(number): at for at, number in enumerate(diary.people)}
    tie = {diary.ends(int(number)): at for at, number in enumerate(diary.ties)}
    bit = {name: 1 << p for p, name in enumerate(diary.arm.setting.platforms)}
    now = {name: column.copy() for name, column in kept.first[arm].items()}
    told = iter([*diary.happenings, None])
    one = next(told)
    for day, date in enumerate(kept.watched.pair[0].axes.dates):
        while one is not None and one.date == date:
            at = who[one.person]
            for name in one.platforms if one.what in OFF + ON else ():
                for column in (
                    "using",
                    *(("member",) if one.what not in ("fails", "works") else ()),
                ):
                    now[column][at] &= ~bit[name]
                    now[column][at] |= bit[name] if one.what in ON else 0
            if one.what in ("vpn", "no_vpn"):
                now["vpn"][at] = one.what == "vpn"
            if one.what in ("lost", "changed", "back") and (one.person, one.kin) in tie:
                channels = (
                    sum(bit[name] for name in one.platforms)
                    if one.what in ("back", "changed")
                    else 0
                )
                now["channels"][tie[one.person, one.kin]] = channels
            one = next(told)
        for column in ("using", "member", "vpn", "channels"):
            assert np.array_equal(now[column], kept.days[arm][day][column]), f"{column} on {date}"
    assert one is None
    assert (len(diary.happenings) > 2_000) == (arm == "policy")


def test_every_change_of_a_person_stands_in_the_diary_of_that_day(kept: Kept) -> None:
    diary, dates = kept.diaries["policy"], kept.watched.pair[0].axes.dates
    told = {(one.date, one.person) for one in diary.happenings}
    before, changes = kept.first["policy"], 0
    for date, now in zip(dates, kept.days["policy"], strict=True):
        moved = np.zeros(diary.people.size, bool)
        for column in now:
            moved |= now[column] != before[column] if column != "channels" else False
        changes += moved.sum()
        assert all((date, int(person)) in told for person in diary.people[moved]), date
        before = now
    assert changes > 1_000


def test_all_lives_together_give_the_metrics_of_the_group(kept: Kept) -> None:
    lives = {
        group: all_lives(kept.watched._replace(group=group)) for group in (GROUP, f"family:{GROUP}")
    }
    assert sum(map(len, lives.values())) >= 1_000
    for arm, group in ((arm, group) for arm in kept.watched.pair for group in lives):
        g = arm.axes.groups.index(group)
        lost = np.array([life.without(arm.arm) for life in lives[group]])
        longest = np.array([life.longest(arm.arm) for life in lives[group]])
        weight = lives[group][0].person.weight
        counted = {
            "family_contact_ever_lost": (longest > 0).mean(),
            "family_contact_lost_7d": (longest >= 7).mean(),
            "family_contact_lost_30d": (longest >= 30).mean(),
            "family_contact_ever_lost_people": (longest > 0).sum() * weight,
            "contact_days_lost_per_member": lost.sum(axis=1).mean(),
        }
        for metric, value in counted.items():
            assert arm.arrays[metric][-1, g] == pytest.approx(value, rel=1e-9), (
                f"{metric} of {group}, {arm.arm}"
            )
        np.testing.assert_allclose(
            arm.arrays["contact_days_lost"][:, g], lost.sum(axis=0) * weight, rtol=1e-9
        )
        assert (longest >= 30).any() == (arm.arm == "policy")


def test_each_thing_that_happens_has_its_rule_its_policy_and_its_people(kept: Kept) -> None:
    told = kept.diaries["policy"].happenings
    assert {one.what for one in told} <= {*OWN, *BETWEEN}
    for one in told:
        assert one.platforms or one.what in (
            "vpn",
            "no_vpn",
            "aware",
            "phones",
            "numbers",
            "changed",
        )
        assert (one.kin >= 0) == (one.what in (*BETWEEN, "agrees")) and one.rule
        assert one.what in words.DOES
    assert {one.policy for one in told} >= {"ban", "wall"}
    assert np.mean([one.policy != "" for one in told]) > 0.94, "hardly anything is nobody's"
    lost = [one for one in told if one.what == "lost"]
    assert {one.rule for one in lost} >= {"blocked", "update lapsed"}
    ends = {(one.person, one.kin, one.date, one.platforms) for one in told if one.what == "agrees"}
    assert ends and all((b, a, date, platforms) in ends for a, b, date, platforms in ends), (
        "both ends agree"
    )
    early = [
        one
        for one in told
        if one.what in ("agrees", "numbers") and one.rule in ("beforehand", "telephone numbers")
    ]
    assert early and {one.policy for one in early} <= {"ban", "wall"}
    back = [one for one in told if one.what == "back" and one.rule == OTHER_APP]
    agreed = {(one.person, one.kin) for one in told if one.what == "agrees"}
    assert back and np.mean([(one.person, one.kin) in agreed for one in back]) > 0.8


def test_a_tie_is_back_after_the_days_that_it_was_out(kept: Kept) -> None:
    diary, dates = kept.diaries["policy"], list(kept.watched.pair[0].axes.dates)
    tie = {diary.ends(int(number)): at for at, number in enumerate(diary.ties)}
    back = [one for one in diary.happenings if one.what == "back" and (one.person, one.kin) in tie]
    for one in back:
        day, out = dates.index(one.date), diary.out[:, tie[one.person, one.kin]]
        assert (
            out[day - int(one.value) : day].all()
            and not out[day]
            and not out[day - int(one.value) - 1]
        )
    assert len(back) > 50


def test_every_rule_and_every_thing_has_words() -> None:
    assert set(words.WHY) == {*RULES, DECAYED}
    assert set(words.OPENS) == {DIRECT, BY_VPN, POORLY, INSTALLED, AROUND, RULES[GONE]}
    assert set(words.HOW) == set(WAYS_TO_AGREE) and set(words.WAY) == {SAME, OTHER_APP, A_BRIDGE}
    assert set(words.DOES) == {*OWN, *BETWEEN}


def test_watching_changes_nothing() -> None:
    spec = SPEC.model_copy(update={"days": 30, "people": 2_000})
    plain = run_pair(member_spec(spec, 3), 3)
    assert all(
        one.same_as(other) for one, other in zip(plain, watch(spec, 3, GROUP).pair, strict=True)
    )


def test_a_bridge_is_named_where_it_joins_two_messengers() -> None:
    bridge = {
        "id": "joined",
        "by": "US",
        "instrument": "bridge",
        "platforms": ["WeChat", "WhatsApp"],
        "on": "2020-08-03",
    }
    told = watch(scenario([bridge], days=5, people=1_500), 1, GROUP).policy.happenings
    assert {(one.date, one.what, one.platforms[-1], one.policy) for one in told} == {
        ("2020-08-03", "changed", "a bridge", "joined")
    }


def test_who_is_shown_follows_from_the_days_without_contact() -> None:
    days = np.array([0, 0, 0, 9, 0, 2, 30, 0, 5, 30])
    none = np.zeros(10, int)
    # In order: people 0, 1, 2, 4 and 7 with no day, then 5 (2 days), 8 (5), 3 (9), 6 and 9 (30).
    assert choose(days, none, none, 3) == [(7, TYPICAL), (3, HIT), (9, WORST)]
    assert choose(days, none, none, 1) == [(3, HIT)]
    assert choose(days, none, none, 2) == [(3, HIT), (9, WORST)]
    silent = np.where(np.arange(10) == 6, 4.0, 1.0)
    assert choose(days, none, silent, 2)[-1] == (6, WORST), (
        "of two with as many days, who has lost more conversations"
    )
    assert [role for _, role in choose(days, none, none, 5)].count(OTHER) == 2
    assert len(choose(days, none, none, 50)) == 10
    assert choose(none, none, none, 1) == [(4, TYPICAL)]


def test_groups_may_be_written_as_people_say_them() -> None:
    for said in ("CN-in-US", "US<-CN", " CN-in-US "):
        assert spoken(said) == "US<-CN"
    assert (
        spoken("family:CN-in-US") == "family:US<-CN"
        and spoken("CN:Tibetans-in-IN") == "IN<-CN:Tibetans"
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("run") / "run"
    ensemble.run(SPEC.model_copy(update={"days": 40, "people": 1_500}), seeds=3, jobs=1, out=path)
    return path


def test_the_command_gives_the_same_bytes_in_any_way(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = call(capsys, "follow", str(folder), "--group", GROUP, "--count", "3")
    assert first[0] == 0 and first == call(capsys, "follow", str(folder), "--group", "CN-in-US")
    result = open_run(folder)
    assert first[1] == str(result.follow(GROUP)) == str(sn.follow(folder, group=GROUP, count=3))
    assert max(map(len, first[1].splitlines())) <= 80
    for said in ("Life 3 of 3", "the worst of the group", "[ban]", "Loses the last channel to kin"):
        assert said in first[1]
    data = json.loads(
        call(capsys, "follow", str(folder), "--group", "family:CN-in-US", "--count", "5", "--json")[
            1
        ]
    )
    assert data["group"] == "family:US<-CN" and len(data["lives"]) == 5
    assert {life["lives_in"] for life in data["lives"]} == {"CN"}


def test_lives_stand_in_a_table_and_a_chart(folder: Path, tmp_path: Path) -> None:
    lives = open_run(folder).follow(GROUP, 2)
    frame = lives.to_frame()
    assert len(frame["life"].unique()) == 2 and set(frame["arm"]) == {"policy"}
    save_figure(lives.plot(), tmp_path / "lives.svg", lives)
    drawn = (tmp_path / "lives.svg").read_text(encoding="utf-8")
    for life in lives:
        assert f"Person {life.person.number}: " in drawn
        for bond in life.bonds:
            assert f"kin {bond.kin.number}" in drawn or not any(
                bond.open[arm].any() for arm in ARMS
            )
    out = int(sum(bond.out["policy"].sum() for life in lives for bond in life.bonds))
    thick = [bar for bar in lives.plot().axes[0].patches if bar.get_height() == pytest.approx(0.5)]  # type: ignore[attr-defined]
    assert out > 0 and sum(bar.get_width() for bar in thick) == out, (
        "a bar is as long as the days out of contact"
    )  # type: ignore[attr-defined]


def test_the_middle_member_is_followed_unless_another_is_asked_for(folder: Path) -> None:
    result = open_run(folder)
    g = result.members[0][0].axes.groups.index(GROUP)
    share = {
        policy.seed: policy.arrays["family_contact_ever_lost"][-1, g]
        for _, policy in result.members
    }
    assert share[result.follow(GROUP, 1).seed] == np.median(list(share.values()))
    assert result.follow(GROUP, 1, seed=result.seeds[-1]).seed == result.seeds[-1]


def test_what_cannot_be_followed_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for wrong, said in (
        (("--group", "US<-CM"), "did you mean 'US<-CN'"),
        (("--group", "US"), "there is no group 'US'"),
        (("--seed", "99"), "no member with seed 99"),
        (("--count", "0"), "--count"),
        (("--out", "lives.doc"), "a name that ends in .png, .svg, .pdf"),
    ):
        code, out, error = call(capsys, "follow", str(folder), *wrong)
        assert (code, out) == (2, "") and said in error
    result = open_run(folder)
    (_, policy), *_ = result.members
    other = policy.arrays["active_users"] + 1.0
    object.__setattr__(policy, "arrays", {**policy.arrays, "active_users": other})
    with pytest.raises(RunError, match=r"does not give the numbers of the run.*, code "):
        result.follow(GROUP, seed=result.seeds[0])
    with pytest.raises(InputError, match="is not a folder"):
        sn.follow(folder / "nowhere")


def test_a_life_in_which_nothing_happens_says_so(kept: Kept) -> None:
    quiet = next(life for life in kept.lives if life.happenings["policy"])
    still: Life = replace(quiet, happenings={arm: () for arm in ARMS})
    assert list(words.sentences(still, "policy")) == [] and list(words.sentences(quiet, "policy"))
