"""The plain twin is a Mesa model as anyone knows them: agents, sets of agents, a data collector,
days.
"""

from __future__ import annotations

import pickle

import mesa
import numpy as np
import pytest
from conftest import block
from reference import Twin
from reference.person import Person

import splinternet as sn

BAN = {
    "title": "a ban",
    "start": "2020-08-01",
    "people": 1_000,
    "days": 12,
    "policies": [
        block(id="ban", by="US", targets=["WeChat"], on="2020-08-03"),
        block(id="wall", by="RU", targets=["YouTube"], on="2020-08-05"),
    ],
}


@pytest.fixture(scope="module")
def twin() -> Twin:
    model = Twin(BAN)
    model.run_for(12)
    return model


def test_people_are_agents_to_select_and_ask(twin: Twin) -> None:
    assert isinstance(twin, mesa.Model) and twin.people is twin.agents_by_type[Person]
    assert len(twin.people) == len(twin.everybody) == len(twin.world.first)
    here = twin.agents.select(lambda agent: isinstance(agent, Person) and agent.state.code == "US")
    assert set(here) == set(twin.people.select(lambda person: person.state.code == "US"))
    on_wechat = here.select(lambda person: person.uses("WeChat"))
    assert 0 < len(on_wechat) < len(here)
    assert all("WeChat" in names for names in on_wechat.get("platforms"))
    by_state = twin.people.groupby(lambda person: person.state.code).agg("has_vpn", sum)
    assert sum(by_state.values()) == sum(person.has_vpn for person in twin.everybody) > 0
    assert twin.people.agg("weight", sum) == pytest.approx(
        sum(g.weight * len(g.people) for g in twin.groups)
    )


def test_both_ends_of_a_tie_know_that_they_are_out_of_touch() -> None:
    """Those abroad and their families: counted one by one, as the model counts the group."""
    soon = ["policies.wechat-ban.on=2020-08-10"]
    twin = Twin(sn.load("wechat_full_block", overrides=soon), people=1_000, days=17)
    twin.run_for(17)
    for group in ("US<-CN", "family:US<-CN"):
        had = [
            person
            for person in twin.people
            if person.group.label == group and any(tie.first for tie in person.ties)
        ]
        lost = sum(person.is_out_of_touch for person in had) / len(had)
        assert lost == twin.family_contact_lost(group) > 0


def test_it_collects_what_the_engine_collects(twin: Twin) -> None:
    engine = sn.Model(BAN)
    engine.run_for(12)
    expected, found = (m.datacollector.get_model_vars_dataframe() for m in (engine, twin))
    assert len(found) == 12 and found["policies_in_force"].iloc[-1] == 2
    for name in expected:
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-12, err_msg=name)
    assert found["vpn_users"].iloc[-1] > found["vpn_users"].iloc[0]


def test_overrides_a_seed_and_a_shared_world() -> None:
    one = Twin(BAN, people=1_200, rng=3)
    assert one.spec.people == 1_200
    assert one.world.seed == 3
    baseline = Twin(one.world, arm="baseline")
    policy = Twin(baseline.world, baseline=baseline)
    first, shared = ([p.platforms for p in each.everybody] for each in (one, policy))
    assert first == shared != [p.platforms for p in Twin(BAN, people=1_200, rng=4).everybody]
    with pytest.raises(sn.InputError, match="people for a world that is built"):
        Twin(one.world, people=300)
    with pytest.raises(sn.InputError, match=r"'polcy' is not an arm.*did you mean 'policy'"):
        Twin(one.world, arm="polcy")


def test_half_a_day_is_refused(twin: Twin) -> None:
    for days in (1.5, -1, float("nan")):
        with pytest.raises(sn.InputError, match="whole number of days"):
            twin.run_for(days)
    with pytest.raises(sn.InputError, match="rng=5"):
        twin.reset_rng(5)
    assert repr(twin) == f"<Twin a_ban: policy arm, day 12 of 12, {len(twin.everybody):,} people>"


def test_a_copy_goes_on_and_ends_as_the_first_does() -> None:
    one = Twin(BAN)
    one.run_for(4)
    for each in (one, pickle.loads(pickle.dumps(one))):
        each.run_for(8)
        assert each.datacollector.get_model_vars_dataframe().equals(
            one.datacollector.get_model_vars_dataframe()
        )
        with pytest.raises(sn.RunError, match="ends after 12 days"):
            each.step()
        assert (each.time, each.running) == (12.0, False), "what is refused counts as no day"


def test_a_subclass_changes_what_one_person_does() -> None:
    """A Mesa user overrides a method: here nobody in the United States takes up anything new."""

    class Loyal(Person):
        def would_take_up(self, platform: object) -> bool:
            return False if self.state.code == "US" else super().would_take_up(platform)

    model = Twin(BAN)
    for person in model.everybody:
        person.__class__ = Loyal
    model.run_for(12)
    americans = [person for person in model.everybody if person.state.code == "US"]
    assert not any(person.trial for person in americans)
