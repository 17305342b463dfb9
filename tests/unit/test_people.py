"""``model.people``: everybody by column, selected by who they are, and changed by nobody but the
day.
"""

from __future__ import annotations

import copy
import pickle
from collections import Counter
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from conftest import block, scenario
from reference import Twin

from splinternet.engine.model import Model
from splinternet.engine.people import COLUMNS, Person
from splinternet.engine.steps import Phase
from splinternet.errors import InputError
from splinternet.policies.values import Who
from splinternet.world.build import World, make_world
from splinternet.world.classes import concerned

UYGHURS = {"CN": {"Uyghurs": {"share": 0.01, "diaspora": {"TR": 50_000}}}}
DAYS = 14


@cache
def world() -> World:
    spec = scenario(
        [block(by="US", targets=["WeChat"], on="2020-08-05")],
        days=DAYS,
        people=2_000,
        world={"communities": UYGHURS},
    )
    return make_world(spec, 1)


@cache
def lived() -> Model:
    model = Model(world().spec, world=world(), collect=False)
    model.run_for(DAYS)
    return model


def test_columns_are_those_of_the_twin_after_two_weeks() -> None:
    people, twin = lived().people, Twin(world())
    for _ in range(DAYS):
        twin.step()
    bits = [sum(1 << p.index for p in person.using) for person in twin.people]
    assert people.platforms.tolist() == bits
    assert people.held.tolist() == [
        sum(1 << p.index for p in person.member) for person in twin.people
    ]
    assert (people.vpn > 0).tolist() == [person.has_vpn for person in twin.people]
    assert people.age.tolist() == [person.age for person in twin.people]
    assert people.residence.tolist() == [person.state.code for person in twin.people]
    ends = Counter(person for tie in twin.ties for person in tie.ends)
    assert people.ties.tolist() == [ends[person] for person in twin.people]
    assert people.contacts.tolist() == [len(person.circle) for person in twin.people]
    assert people.weight == pytest.approx([person.group.weight for person in twin.people])
    assert people.ties.sum() == 2 * len(twin.ties) > 0


def test_a_selection_is_who_the_same_words_pick_one_by_one() -> None:
    people = lived().people
    ids = people.select(state="US", origin="CN", age=(13, 19), platform="WeChat", vpn=False)
    by_hand = [
        p.index
        for p in people
        if (p.residence, p.origin) == ("US", "CN")
        and 13 <= p.age <= 19
        and "WeChat" in p.platforms
        and not p.has_vpn
    ]
    assert list(ids) == by_hand == np.asarray(ids).tolist() and len(ids) == len(by_hand) > 0
    assert ids[0] == by_hand[0] and by_hand[0] in ids and -1 not in ids
    assert people.age[ids].tolist() == ids.get("age").tolist() == [people[i].age for i in by_hand]


def test_both_ends_of_an_age_are_included_and_selections_narrow() -> None:
    people = lived().people
    of_age = {years: people.select(age=years) for years in range(101)}
    assert sum(map(len, of_age.values())) == len(people) == len(people.select())
    young = people.select(age=(13, 15))
    assert len(young) == len(of_age[13]) + len(of_age[14]) + len(of_age[15])
    assert young.count("age") == {years: len(of_age[years]) for years in (13, 14, 15)}
    assert list(young.select(state="US")) == list(people.select(age=(13, 15), state="US"))
    assert len(people.select(state=("US", "China"))) == len(people.select(state="US")) + len(
        people.select(state="CN")
    )
    assert len(people.select(age=(100, 100))) == len(of_age[100])


def test_members_of_a_community_are_found_at_home_and_abroad() -> None:
    found = lived().people.select(community="Uyghurs").count("group")
    assert {"CN:Uyghurs", "TR<-CN:Uyghurs", "family:TR<-CN:Uyghurs"} == set(found)
    assert set(lived().people.select(group="CN:Uyghurs").get("residence")) == {"CN"}


def test_a_region_is_the_one_that_a_policy_means() -> None:
    people = lived().people
    policy = (
        world()
        .spec.policies[0]
        .model_copy(update={"by": ("CN",), "who": Who(region=("Xinjiang",), age=(0, 40))})
    )
    meant = np.flatnonzero(
        concerned(policy, world().first, world().groups, world().seed, "world-2020")
    )
    assert list(people.select(state="CN", region="Xinjiang", age=(0, 40))) == meant.tolist()
    part = len(people.select(state="CN", region="Xinjiang")) / len(people.select(state="CN"))
    assert part == pytest.approx(25_852_345 / 1_411_778_724, abs=0.015)
    alias = people.select(region="Xinjiang Uyghur Autonomous Region")
    assert list(alias) == list(people.select(region="Xinjiang")) and set(
        alias.get("residence")
    ) == {"CN"}


def test_real_people_are_counted_by_weight() -> None:
    people, groups = lived().people, {group.label: group for group in world().groups}
    ids = people.select(group="US<-CN")
    assert ids.count(weighted=True) == pytest.approx(groups["US<-CN"].people)
    states = people.select().count("residence", weighted=True)
    assert states["CN"] == pytest.approx(
        sum(group.people for group in groups.values() if group.home == "CN")
    )
    called: list[Person] = []
    assert ids.do(called.append) is ids and [p.index for p in called] == list(ids)
    assert people.age[called[0]] == called[0].age, "a person indexes a column"


def test_columns_are_views_that_only_the_day_writes() -> None:
    model = Model(world().spec, world=world(), collect=False)
    people = model.people
    for name in ("age", "platforms", "held", "abroad", "vpn"):
        assert np.shares_memory(getattr(people, name), model.everybody), name
    before = people.platforms.copy()
    for name in COLUMNS:
        with pytest.raises(ValueError, match="read-only"):
            getattr(people, name)[0] = getattr(people, name)[1]
    with pytest.raises(ValueError, match="read-only"):
        model.person["using"] |= 1
    for table in (
        model.everybody["using"],
        model.private["stuck"],
        model.use,
        model.agenda.wake,
        model.world.first["age"],
    ):
        with pytest.raises(ValueError, match="read-only"):
            table[0] = 0
    with pytest.raises(ValueError, match="read-only"):
        people.select().ids[0] = 5
    with pytest.raises(AttributeError, match="only phases of the day"):
        people.vpn = np.zeros(len(people))  # type: ignore[attr-defined]

    def meddle(today: Model) -> None:
        today.people.platforms[:] = 0

    model.schedule.insert(meddle, before="contact")
    with pytest.raises(ValueError, match="read-only"):
        model.step()
    assert (people.platforms == before).all(), "nothing is half written"
    for again in (copy.deepcopy(lived()), pickle.loads(pickle.dumps(lived()))):
        with pytest.raises(ValueError, match="read-only"):
            again.everybody["using"] |= 1
    other = copy.deepcopy(lived())
    assert other.people.platforms.tolist() == lived().people.platforms.tolist()
    assert not np.shares_memory(other.people.vpn, lived().people.vpn)


def test_a_phase_writes_people_where_its_row_says_so() -> None:
    def leave(today: Model) -> None:
        today.everybody["vpn"][:] = 0

    model = Model(world().spec, world=world(), collect=False)
    model.schedule.insert(
        Phase("leave", "everybody leaves VPNs", leave, writes=("people",)), after="people"
    )
    assert (model.people.vpn > 0).any()
    model.step()
    assert not model.people.vpn.any() and not model.everybody.flags.writeable
    model.schedule.replace("leave", leave)
    with pytest.raises(ValueError, match="read-only"):
        model.step()


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda people: people.select(state="Chna"), "did you mean 'CN'|one of: AE"),
        (lambda people: people.select(platform="TikTik"), "did you mean 'TikTok'"),
        (lambda people: people.select(community="Uyghur"), "did you mean 'Uyghurs'"),
        (lambda people: people.select(age=(15, 13)), r"age=\(13, 15\)"),
        (lambda people: people.select(age="13-15"), "full years"),
        (lambda people: people.select(community=3), "3 is not a name"),
        (lambda people: people.select(vpn="no"), "True for people with a VPN"),
        (lambda people: people.select().get("agee"), "did you mean 'age'"),
        (lambda people: people.column("youth"), "one of: age, skill"),
    ],
)
def test_wrong_names_get_the_closest_one(call: Callable[[object], object], says: str) -> None:
    with pytest.raises(InputError, match=says):
        call(lived().people)


def test_people_and_a_selection_are_tables() -> None:
    people = lived().people
    everybody = people.to_frame()
    assert list(everybody.columns) == list(COLUMNS) and len(everybody) == len(people)
    for name in ("age", "weight", "group", "vpn"):
        assert everybody[name].to_list() == people.column(name).tolist()
    assert everybody["platforms"].to_list() == [", ".join(one.platforms) for one in people]
    young = people.select(state="US", age=(13, 19))
    table = young.to_frame()
    assert table.index.to_list() == list(young) and table.index.name == "person"
    assert table.equals(everybody.loc[young.ids])
    assert people.select(age=(0, 0), state="US", vpn=True).to_frame().empty
