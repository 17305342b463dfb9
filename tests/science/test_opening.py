"""Blocks that differ between the arms on the first day: the same people meet other blocks."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import block, same, scenario

from splinternet.engine.model import Model
from splinternet.errors import InputError
from splinternet.experiments.pairs import arm_data, make_arms, run_pair
from splinternet.people.access import TALK
from splinternet.scenario import Scenario, load

CHINA = sorted(platform for state, platform in load("baseline_2020").facts.blocks if state == "CN")
BAN = block(id="ban", by="US", targets=["WeChat"], on="2020-08-03")


def _arms(spec: Scenario, world_of: Scenario | None = None) -> tuple[Model, Model]:
    baseline, policy = make_arms(spec, 1, world_of=world_of)
    for _ in range(spec.days):
        baseline.step()
        policy.step()
    return baseline, policy


def test_a_block_in_one_arm_alone_is_a_block_that_began_long_before() -> None:
    wall = block(id="wall", by="CN", targets=["QQ"], technique="dpi", on="2010-08-01")
    by_world = _arms(
        scenario(days=30, people=1_500, world={"blocks_policy_arm": {"CN": [*CHINA, "QQ"]}})
    )
    by_policy = _arms(scenario([wall], days=30, people=1_500))
    for one, other in zip(by_world, by_policy, strict=True):
        assert same(arm_data(one), arm_data(other))
    assert not same(*map(arm_data, by_world))


def test_the_same_blocks_in_both_arms_are_no_difference() -> None:
    assert same(
        *run_pair(scenario(days=12, people=1_000, world={"blocks_policy_arm": {"CN": CHINA}}), 1)
    )


def test_where_the_policy_arm_lifts_its_blocks_families_find_a_way() -> None:
    facts = load("baseline_2020").facts
    wall = sorted(
        name
        for name, fact in facts.platforms.items()
        if set(fact.modes) & set(TALK) and name != "WeChat"
    )
    walled_in = scenario([BAN], days=25, people=5_000, world={"blocks": {"CN": wall}})
    let_out = scenario(
        [BAN],
        days=25,
        people=5_000,
        world={"blocks": {"CN": wall}, "blocks_policy_arm": {"CN": []}},
    )
    walled, opened = _arms(walled_in, let_out), _arms(let_out)
    assert same(arm_data(walled[0]), arm_data(opened[0])), "the baseline arm knows nothing of it"
    china, whatsapp = (
        opened[1].setting.states.index("CN"),
        opened[1].setting.platforms.index("WhatsApp"),
    )
    assert (walled[1].access.reach[china, whatsapp] < 0.5).all()
    assert (opened[1].access.reach[china, whatsapp] == 1.0).all()
    lost = [np.sum(arm_data(arms[1]).arrays["contact_days_lost"]) for arms in (walled, opened)]
    assert lost[1] < 0.9 * lost[0], lost


def test_there_are_two_arms() -> None:
    with pytest.raises(InputError, match="did you mean 'baseline'"):
        Model(scenario(days=1, people=1_000), arm="baselin", collect=False)
