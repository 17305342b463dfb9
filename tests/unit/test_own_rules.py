"""A rule of a user's own for people: what it sees and proposes, in any number of jobs, checked with
its line.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numba
import numpy as np
import pytest
from conftest import block, call, scenario
from reference import Twin
from scripts import script

import splinternet as sn
from splinternet.changes import using
from splinternet.core import plugins
from splinternet.core.plugins import import_file
from splinternet.experiments.item_checks import check_item
from splinternet.metrics.registry import METRICS

BAN = block(technique="geoblock", on="2020-08-05")
SMALL: dict[str, Any] = {"seeds": 2, "people": 1_000, "days": 60}


class Solidarity(sn.PeopleRule):
    """People keep an app for as long as half of their circle hold it."""

    def decide(self, people: Any, today: Any) -> Any:
        proposals = people.proposals()
        for app in today.affected:
            users = people.affected(app)
            proposals.keep(users[people.circle_share(app, users, of="holds") >= 0.5], app)
        return proposals


class Nobody(sn.PeopleRule):
    """People do what they do."""

    def decide(self, people: Any, today: Any) -> Any:
        return people.proposals()


class Loyal(sn.PeopleRule):
    """Nobody gives up anything."""

    def decide(self, people: Any, today: Any) -> Any:
        proposals = people.proposals()
        for app in today.platforms:
            proposals.keep(people.ids, app)
        return proposals


def model(rule: type[sn.PeopleRule] | None, days: int = 60, **keys: Any) -> sn.Model:
    """Return a model after all its days."""
    switched = {} if rule is None else {"behaviour": {rule.name: True}}
    with using(behaviours=[] if rule is None else [rule]):
        made = sn.Model(scenario([BAN], days=days, people=1_000, **switched, **keys), collect=False)
        made.run_for(days)
    return made


def test_a_rule_that_proposes_nothing_changes_nothing() -> None:
    one = model(None)
    other = model(Nobody)
    assert (
        one.person.tobytes() == other.person.tobytes() and one.use.tobytes() == other.use.tobytes()
    )
    assert [phase.name for phase in other.schedule].index("nobody") == 4, "before the phase people"


def test_who_keeps_an_app_holds_it_though_it_fails() -> None:
    alone = model(None)
    together = model(Solidarity)
    loyal = model(Loyal)
    bit = 1 << alone.setting.platforms.index("WeChat")
    given_up = [int((each.person["lapsed"] & bit != 0).sum()) for each in (alone, together, loyal)]
    assert given_up[0] > given_up[1] >= given_up[2] == 0
    # Nothing of it works again by being kept: who gave it up alone does not use it here either.
    gone = alone.person["lapsed"] & bit != 0
    dead = loyal.person["member"] & ~loyal.person["using"] & bit != 0
    assert (dead & gone).any()


def test_the_study_of_solidarity_keeps_more_the_fewer_of_the_circle_it_takes() -> None:
    study = script("notebooks/studies/solidarity.py")
    runs = [
        sn.run(study.SCENARIO, behaviours=rules, people=2_000, seeds=1, days=110, jobs=1)
        for rules in ([], [study.Solidarity], [study.Quorum])
    ]
    alone, half, quarter = (study.kept(run, "openers") for run in runs)
    assert alone < half <= quarter < 1.0
    assert all(
        run["openers"].sel(arm="baseline").equals(runs[0]["openers"].sel(arm="baseline"))
        for run in runs
    )


def test_the_outcome_is_the_same_for_any_number_of_jobs_and_holds_in_both_arms() -> None:
    class Leave(sn.PeopleRule):
        """Some leave Facebook each day."""

        def decide(self, people: Any, today: Any) -> Any:
            proposals = people.proposals()
            proposals.drop(people.holds("Facebook") & (today.chance() < 0.02), "Facebook")
            return proposals

    small = {**SMALL, "days": 40}
    one, two = (sn.run(scenario([BAN]), behaviours=[Leave], jobs=jobs, **small) for jobs in (1, 2))
    assert one == two
    users = one["active_users"].sel(platform="Facebook", state="US").mean("seed")
    assert (users.isel(date=-1) < 0.6 * users.isel(date=0)).all(), "in the baseline arm too"
    assert "leave" in one.scenario.to_yaml()


@numba.njit
def at_least(numbers: np.ndarray, least: int) -> np.ndarray:
    return numbers >= least


class Compiled(sn.PeopleRule):
    """People from 20 on give WeChat up; numba compiles who."""

    def decide(self, people: Any, today: Any) -> Any:
        proposals = people.proposals()
        proposals.drop(people.holds("WeChat") & at_least(people.age, 20), "WeChat")
        return proposals


def test_a_rule_that_numba_compiles_runs_and_keeps_its_identity() -> None:
    before = plugins.digest(Compiled)
    model = sn.Model(scenario([BAN]), people=1_000, days=2, behaviours=[Compiled], collect=False)
    model.run_for(2)
    held = model.people.held >> model.people.names.index("WeChat") & 1 == 1
    assert (model.people.age[held] < 20).mean() > 0.9, "a few come back with their kin"
    assert plugins.digest(Compiled) == before, (
        "what numba has compiled since is no change of the code"
    )


def test_a_circle_is_counted_as_by_hand() -> None:
    made = model(None, days=5)
    people = made.people_today
    differs = made.access_diff.differs
    people.begin(made.person, made.private, made.cells, differs, made.days_out_of_touch)
    start, packed = people.ties
    assert (
        people.age.tolist() == made.world.first["age"].tolist() and not people.age.flags.writeable
    )
    uses = people.uses("WhatsApp")
    kin = made.world.rules.ties_kin_weight
    expected = []
    for i in range(50):
        circle = packed[start[i] : start[i + 1]]
        weight = np.where(circle & 1, kin, 4)
        expected.append((weight * uses[circle >> 1]).sum() / weight.sum() if circle.size else 0.0)
    np.testing.assert_array_equal(people.circle_share("WhatsApp", np.arange(50)), expected)
    np.testing.assert_array_equal(people.circle_share_of(uses)[:50], expected)
    states = np.array([made.world.groups[g].home for g in made.person["group"]])
    np.testing.assert_array_equal(people.lives_in("US", "IN"), np.isin(states, ("US", "IN")))
    assert (people.opens("Facebook") == (people.access("Facebook", "dark") == 0))[
        ~people.lives_in("CN")
    ].mean() > 0.9


def test_who_is_numbers_or_yes_or_no_and_nothing_else() -> None:
    made = model(None, days=5)
    people = made.people_today
    differs = made.access_diff.differs
    people.begin(made.person, made.private, made.cells, differs, made.days_out_of_touch)
    today = people.day("it", 5, made.spec.start, {})
    some = people.lives_in("US")
    ask: tuple[Any, ...] = (
        lambda who: people.circle_share("WhatsApp", who),
        lambda who: people.uses("WhatsApp", who),
        lambda who: people.opens("WhatsApp", who),
        lambda who: people.access("WhatsApp", "speed", who),
        lambda who: today.chance("WhatsApp", who),
        lambda who: today.luck(who=who),
    )
    for one in ask:
        np.testing.assert_array_equal(one(some), one(None)[some])
        np.testing.assert_array_equal(one(np.flatnonzero(some)), one(None)[some])
        for wrong in ([10**9], [-1], [1.5], some[:-1]):
            with pytest.raises(sn.InputError, match=r"test_own_rules\.py:\d+"):
                one(wrong)
    assert (today.chance(1) != today.chance(today.platforms[0])).any(), (
        "a number and a platform are two streams"
    )


def test_a_rule_has_its_place_in_the_day_and_the_values_show_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    class Late(Nobody):
        """People think it over at night."""

        after = "contact"

    class Lost(Nobody):
        """People think it over."""

        before = "peple"

    names = [phase.name for phase in model(Late, days=2).schedule]
    assert names[-3:] == ["contact", "late", "measure"]
    with using(behaviours=[Late]):
        keys = {"days": 2, "people": 1_000, "behaviour": {"late": True}}
        moved = sn.Model(
            scenario([BAN], **keys),
            steps=["late", *(name for name in names if name != "late")],
            collect=False,
        )
    assert moved.schedule.names == ["late", *(name for name in names if name != "late")]
    with pytest.raises(
        sn.InputError, match=r"lost comes before 'peple', no phase.*did you mean 'people'"
    ):
        model(Lost, days=2)
    mine(folder, HEAD.format(body="pass"))
    values = ("show", "wechat_full_block", "--values", "--set", "behaviour.mine=true")
    printed = call(capsys, *values)[1]
    assert (
        printed.index("mine  ") < printed.index("keep, lapse, get a VPN")
        and "Does something." in printed
    )


def test_ties_say_that_a_rule_decided_and_blame_no_policy() -> None:
    class Leave(sn.PeopleRule):
        """People in the United States leave WeChat for Signal at once."""

        def decide(self, people: Any, today: Any) -> Any:
            proposals = people.proposals()
            here = people.lives_in("US")
            proposals.drop(here & people.holds("WeChat"), "WeChat")
            proposals.adopt(here & ~people.holds("Signal"), "Signal")
            return proposals

    with using(behaviours=[Leave]):
        spec = scenario(
            [{**BAN, "on": "2020-08-09"}], days=10, people=2_000, behaviour={"leave": True}
        )
        result = sn.run(spec, seeds=1, jobs=1, ties=True)
    ties = result.ties("US<-CN", "policy")
    row = ties.index[ties["cause"] == "own rule"][0]
    assert "WeChat, the last between them: a user's own rule decided so." in ties.story(row)
    causes = set(ties["cause"])
    assert "own rule" in causes and not any(
        "own rule" in cause and "ban" in cause for cause in causes
    )


# --- faults ---------------------------------------------------------------------------------------

HEAD = '''import numpy as np
import splinternet as sn


class Mine(sn.PeopleRule):
    """Does something."""

    def decide(self, people, today):
        proposals = people.proposals()
        {body}
        return proposals
'''
FAULTS = {
    "proposals.keep(people.ids, 'WeChatt')": r"10:1: unknown platform 'WeChatt'.*did you mean 'WeChat'",
    "proposals.keep(people.uses('WeChat')[:9], 'WeChat')": r"10:1: keep\(\) of an array of bool and shape",
    "proposals.adopt([len(people)], 'WeChat')": r"10:1: adopt\(\) of person \d+",
    "people.access('WeChat', 'sped')": r"10:1: unknown column 'sped'.*did you mean 'speed'",
    "today.day > 5 and people.no()": r"10:1: AttributeError.*in `today\.day > 5 and people\.no\(\)`",
    "people.bits('using')[0] = 1": r"10:1: ValueError: assignment destination is read-only",
    "proposals.keep(np.random.random(len(people)) < 0.5, 'QQ')": r"5:1: a second run gives",
    "return proposals.keep(people.ids, 'WeChat')": r"5:1: Mine\.decide\(\) .* returns None",
    "return [1]": r"5:1: Mine\.decide\(\) returns list; people\.proposals\(\)",
}


@pytest.fixture
def folder(tmp_path: Path, forget: None) -> Path:
    """Return a folder; what a test defines is forgotten afterwards."""
    return tmp_path


def mine(folder: Path, text: str, file: str = "mine.py") -> None:
    """Write a file and import it."""
    (folder / file).write_text(text)
    import_file(folder / file)


@pytest.mark.parametrize("body", FAULTS)
def test_the_check_names_one_fault_with_its_line(folder: Path, body: str) -> None:
    mine(folder, HEAD.format(body=body))
    (fault,) = check_item("behaviours", "mine")
    assert re.search(rf"mine\.py:{FAULTS[body]}", str(fault)), str(fault)


def test_a_right_rule_passes_the_check_and_a_misspelt_one_is_not_loaded(folder: Path) -> None:
    right = "proposals.take_vpn(people.fails('Instagram') & (today.chance() < 0.5))"
    mine(folder, HEAD.format(body=right))
    assert check_item("behaviours", "mine") == ()
    with pytest.raises(sn.InputError, match="class Mine decides nothing"):
        mine(folder, HEAD.format(body="pass").replace("decide", "decides"))
    with pytest.raises(
        sn.InputError,
        match=r"mine.py:8:1: def decide\(self, people\); def decide\(self, people, today\)",
    ):
        mine(folder, HEAD.format(body="pass").replace("people, today", "people"))


def test_the_check_runs_what_is_imported(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "mine.py").write_text(HEAD.format(body="people.nothing()"))
    (folder / "with.yaml").write_text("title: x\nstart: 2020-08-01\ndays: 30\npeople: 20000\n")
    for words in ([str(folder / "with.yaml")], []):
        code, out, err = call(capsys, "check", *words, "--import", str(folder / "mine.py"))
        assert code == 2 and "mine.py:10:1" in out + err


def test_a_behaviour_of_states_a_metric_and_a_chart_are_run_too(folder: Path) -> None:
    behaviour = (
        HEAD.replace("PeopleRule", "Behaviour").replace("people, today", "state").format(body="")
    )
    mine(folder, behaviour.replace("people.proposals()", "state.nothing + 1"))
    metric = "import splinternet as sn\n\n\n@sn.metric('x', 'persons', ('state',), 'x.')\ndef wrong(arm):\n    return {}\n"
    mine(folder, metric.format("arm.activ"), "wrong.py")
    chart = "from splinternet.plots.registry import chart\n\n\n@chart('x', 'x.', ('active_users',))\ndef empty(result):\n"
    mine(folder, chart + "    return result.nothing\n", "empty.py")
    found = [
        check_item(*each)
        for each in (("behaviours", "mine"), ("metrics", "wrong"), ("charts", "empty"))
    ]
    assert [len(each) for each in found] == [1, 1, 1]
    for (problem,), place in zip(
        found, ("mine.py:9:1", "wrong.py:6:1", "empty.py:6:1"), strict=True
    ):
        assert place in str(problem) and "AttributeError" in str(problem)
    mine(folder, metric.format("arm.active"), "wrong.py")
    assert "wrong.py:4:1: the metric wrong returned an array of shape" in str(
        check_item("metrics", "wrong")[0]
    )


# --- own code that fails --------------------------------------------------------------------------


class Dies(sn.PeopleRule):
    """Dies on the third day."""

    def decide(self, people: Any, today: Any) -> Any:
        _ = 1 / (2 - today.day)


def test_own_code_that_fails_shows_its_line_and_its_traceback() -> None:
    with pytest.raises(
        sn.RunError, match=r"ZeroDivisionError.*in your own code, \S*test_own_rules\.py:\d+$"
    ) as caught:
        sn.run(scenario([BAN]), behaviours=[Dies], jobs=2, **{**SMALL, "days": 6})
    assert "_ = 1 / (2 - today.day)" in caught.value.trace
    for words in ("log.txt", "please report", "the others are kept"):
        assert words not in str(caught.value), (
            "there is no folder, and it is no fault of the program"
        )


def test_a_run_is_replaced_only_where_that_is_wanted_and_a_run_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small: dict[str, Any] = {"people": 1_000, "days": 5, "seeds": 1, "jobs": 1}
    run = tmp_path / "run"
    other = tmp_path / "other"
    sn.run(scenario([BAN]), out=run, **small)
    (run / "notes.md").write_text("mine")
    with pytest.raises(sn.InputError, match=r"it has another run.*overwrite"):
        sn.run(scenario([BAN]), out=run, **{**small, "days": 6})
    assert len(sn.open(run)["active_users"].date) == 5
    with pytest.raises(sn.RunError, match=r"ZeroDivisionError"):
        sn.run(scenario([BAN]), out=run, overwrite=True, behaviours=[Dies], **small)
    assert len(sn.open(run)["active_users"].date) == 5, (
        "the old run stays until the new one is whole"
    )
    assert "ZeroDivisionError" in (tmp_path / "run.new" / "log.txt").read_text()
    sn.run(scenario([BAN]), out=run, overwrite=True, **{**small, "days": 6})
    assert len(sn.open(run)["active_users"].date) == 6 and (run / "notes.md").read_text() == "mine"
    assert {path.name for path in tmp_path.iterdir()} == {"run"}
    other.mkdir()
    (other / "thesis.tex").write_text("mine")
    with pytest.raises(sn.InputError, match="it contains other files"):
        sn.run(scenario([BAN]), out=other, overwrite=True, **small)
    assert (other / "thesis.tex").read_text() == "mine"
    mine = tmp_path / "mine"
    sn.run(scenario([BAN]), out=mine, behaviours=[Loyal], **small)
    assert sn.open(mine).seeds == (1,)
    monkeypatch.delitem(plugins._known, ("behaviours", "loyal"))  # as in another session
    with pytest.raises(
        sn.InputError, match=r"items of your own, behaviours/loyal \(handed over\): import the"
    ):
        sn.open(mine)
    monkeypatch.undo()
    swept = tmp_path / "swept"
    sn.sweep(scenario([BAN]), {"ties.only_channel": [0.1]}, out=swept, **small)
    with pytest.raises(sn.InputError, match=r"it has an experiment \(sweep\), not a run"):
        sn.run(scenario([BAN]), out=swept, overwrite=True, **small)


class EldersAsk(sn.PeopleRule):
    """The old who lost touch with their kin ask for help."""

    seen: ClassVar[list[tuple[int, Any, Any]]] = []

    def decide(self, people: Any, today: Any) -> Any:
        self.seen.append((today.day, people.out_of_touch, people.days_out_of_touch))
        proposals = people.proposals()
        for app in today.talk:
            proposals.tell(people.out_of_touch & (people.age >= 60), app)
        return proposals


def test_a_rule_sees_who_is_out_of_touch_as_the_metric_counts_them() -> None:
    with using(behaviours=[EldersAsk]):
        spec = scenario([BAN], days=40, people=1_000, behaviour={"elders_ask": True})
        EldersAsk.seen.clear()
        baseline = sn.Model(spec, arm="baseline", collect=False)
        made = sn.Model(spec, baseline=baseline, world=baseline.world, collect=False)
        lost = []
        rows = 0
        for day in range(40):
            baseline.step()
            made.step()
            group = made.person["group"]
            people = made.people
            without = np.bincount(group[people.out_of_touch], minlength=made.contact.without.size)
            np.testing.assert_array_equal(without, made.contact.without, f"day {day}")
            lost.append(people.out_of_touch.copy())
            rows += int(without.sum())
        assert rows > 100, "the ban cuts many off"
        chosen = people.select(out_of_touch=True, state="US", age=(60, 120))
        assert (chosen.to_frame()["days_out_of_touch"] > 0).all()
        assert set(chosen) <= set(np.flatnonzero(lost[-1]))
        with pytest.raises(sn.InputError, match="out_of_touch"):
            people.select(out_of_touch=3)
        policy = EldersAsk.seen[1::2]
        assert [day for day, *_ in policy] == list(range(40))
        for day, out, days in policy[1:]:
            np.testing.assert_array_equal(
                out, lost[day - 1], "what a rule sees is yesterday evening"
            )
            row = np.array(lost[:day])[::-1].cumprod(axis=0).sum(axis=0)
            np.testing.assert_array_equal(days, row)
        engine = policy[-1][2]
        EldersAsk.seen.clear()
        lone = sn.Model(spec, world=baseline.world, collect=False)
        twin = Twin(baseline.world)
        for _ in range(25):
            lone.step()
            twin.step()
        ours, theirs = EldersAsk.seen[-2:]
        assert ours[0] == theirs[0] == 24 and ours[2].any() and engine.any()
        np.testing.assert_array_equal(ours[2], theirs[2], "the plain twin agrees")


# --- kin, ties and attributes of one's own --------------------------------------------------------


class Phones(sn.PeopleRule):
    """Who has lost touch telephones."""

    def decide(self, people: sn.PeopleToday, today: sn.RuleDay) -> sn.Proposals:
        proposals = people.proposals()
        proposals.phone(people.out_of_touch)
        return proposals


class Agrees(sn.PeopleRule):
    """Who has lost touch agrees with kin on Signal."""

    def decide(self, people: sn.PeopleToday, today: sn.RuleDay) -> sn.Proposals:
        proposals = people.proposals()
        proposals.agree(people.out_of_touch, "Signal")
        return proposals


class Installs(sn.PeopleRule):
    """Those abroad install a VPN for their families when these lose touch."""

    def decide(self, people: sn.PeopleToday, today: sn.RuleDay) -> sn.Proposals:
        proposals = people.proposals()
        proposals.take_vpn(people.kin_of(people.out_of_touch & people.lives_in("US")))
        return proposals


class Worries(sn.PeopleRule):
    """People worry by a tenth a day while half of their colleagues abroad are out of touch."""

    def decide(self, people: sn.PeopleToday, today: sn.RuleDay) -> sn.Proposals:
        def draw() -> tuple[np.ndarray, np.ndarray]:
            here = people.ids[people.lives_in("US")]
            there = people.ids[people.lives_in("CN")]
            n = min(len(here), len(there))
            return here[:n], there[:n]

        worry = people.attribute("worry")
        worry[people.own_ties("colleagues", draw).share_in_touch < 0.5] += 0.1
        return people.proposals()


class Calms(sn.PeopleRule):
    """Who worries a lot leaves WeChat: a rule that reads what another writes."""

    after = "worries"

    def decide(self, people: sn.PeopleToday, today: sn.RuleDay) -> sn.Proposals:
        proposals = people.proposals()
        proposals.drop(people.attribute("worry") > 0.45, "WeChat")
        return proposals


def test_kin_telephone_agree_on_an_app_and_install_a_vpn_for_each_other() -> None:
    alone = model(None)
    lost = alone.contact.without.sum(), alone.contact.entirely.sum()
    assert lost[1] > 0
    phones = model(Phones)
    assert phones.contact.entirely.sum() < lost[1] / 2, "they telephone"
    assert phones.kin.rings.any() and not alone.kin.rings.any()
    agrees = model(Agrees)
    assert agrees.contact.without.sum() < lost[0]
    signal = 1 << agrees.setting.platforms.index("Signal")
    pairs = [((m.kin.channels & signal) != 0).sum() for m in (alone, agrees)]
    assert pairs[1] > pairs[0]
    vpns = [
        ((m.people.vpn == 2) & (m.people.residence == "CN")).sum() for m in (alone, model(Installs))
    ]
    assert vpns[1] > vpns[0]
    people = alone.people_today
    one = alone.world.ties.diaspora_end
    other = alone.world.ties.family_end
    assert people.kin_of([int(one[0])]).tolist() == sorted(set(other[one == one[0]].tolist()))


def test_an_attribute_and_ties_of_ones_own_are_seen_by_rules_metrics_and_tables() -> None:
    @sn.metric("Worry", "index", (), form="index")
    def worry_of_all(arm: Any) -> float:
        """Mean worry."""
        return float(arm.people.attribute("worry").mean())

    made = sn.Model(
        scenario([BAN], days=60), people=1_000, behaviours=[Worries, Calms], metrics=[worry_of_all]
    )
    made.run_for(60)
    worry = made.people.worry
    colleagues = made.people_today.own_ties("colleagues")
    assert 0 < (worry > 0.45).sum() < worry.size and not worry.flags.writeable
    assert (worry[colleagues.of_each == 0] == 0).all()
    holds = made.people.held >> made.people.names.index("WeChat") & 1 == 1
    assert holds[worry > 0.6].mean() < 0.05 < 0.2 < holds[worry == 0].mean(), (
        "but for who comes back"
    )
    assert made.record.today("worry_of_all") == pytest.approx(worry.mean())
    assert (
        made.people.select(state="US").to_frame()["worry"] == worry[made.people.select(state="US")]
    ).all()
    using = made.people.platforms
    talk = made.people_today.talk_bits
    by_hand = using[colleagues.one] & using[colleagues.other] & talk != 0
    np.testing.assert_array_equal(colleagues.in_touch, by_hand)
    of_first = colleagues.share_in_touch[colleagues.one]
    np.testing.assert_array_equal(of_first, by_hand.astype(float), "one tie each")
    share = colleagues.share_of(made.people.vpn > 0)
    np.testing.assert_array_equal(share[colleagues.one], (made.people.vpn > 0)[colleagues.other])
    for wrong in (
        lambda: made.people_today.own_ties("friends"),
        lambda: made.people_today.own_ties("friends", lambda: ([1, 2], [3])),
        lambda: made.people_today.attribute("age"),
    ):
        with pytest.raises(sn.InputError, match=r"test_own_rules\.py:\d+"):
            wrong()


def test_a_rule_that_proposed_nothing_says_so(tmp_path: Path) -> None:
    spec = scenario([{**BAN, "on": "2020-09-30"}])
    few: Any = {**SMALL, "days": 15}
    result = sn.run(spec, behaviours=[Phones, Loyal], jobs=2, out=tmp_path / "run", **few)
    told = [text for text in result.warnings if "proposed nothing" in text]
    assert len(told) == 1 and "the rule phones proposed nothing" in told[0]
    assert told[0] in sn.open(tmp_path / "run").warnings
    busy = sn.run(scenario([BAN]), behaviours=[Phones], jobs=1, **few)
    assert not [text for text in busy.warnings if "proposed nothing" in text]


@sn.metric("Days", "days", (), form="index", follows="people")
def days_gone(arm: Any) -> float:
    """Days since the first."""
    return float(arm.day)


@sn.metric("Holders of VPNs", "persons", ("state",), follows="people")
def vpns_held(arm: Any) -> np.ndarray:
    """Holders of a VPN."""
    return arm.by_state(arm.counts.vpn)


FOLLOWS = r"test_own_rules\.py:\d+:1: the metric days_gone has follows='people', but its value"


def test_a_run_names_a_metric_that_follows_something_else_than_it_says() -> None:
    spec = scenario([BAN])
    few: Any = {**SMALL, "days": 8}
    with pytest.raises(sn.InputError, match=FOLLOWS):
        sn.run(spec, metrics=[days_gone], jobs=2, **few)
    with pytest.raises(sn.InputError, match=FOLLOWS):
        sn.Model(spec, metrics=[days_gone]).run_for(8)
    result = sn.run(spec, metrics=[vpns_held], jobs=1, **few)
    held = result["vpns_held"].sel(arm="policy")
    np.testing.assert_array_equal(held, result["vpn_users"].sel(arm="policy"))


def test_shipped_metrics_follow_what_they_say_as_own_ones_must() -> None:
    shipped = [METRICS[name] for name in METRICS.shipped()]
    own = [
        replace(metric, name=f"my_{metric.name}", headline=0)
        for metric in shipped
        if metric.follows != "day" and metric.kind == "daily"
    ]
    assert len(own) > 50
    result = sn.run("tit_for_tat_us_cn", metrics=own, people=1_000, days=70, seeds=1, jobs=1)
    assert {metric.name for metric in own if metric.needs == ""} <= set(result)
