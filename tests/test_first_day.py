"""The first day is that of its tables: who talks how often, and who uses what."""

from __future__ import annotations

import numpy as np
import pytest

from sim.scenario import load
from sim.world.build import World, make_world


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(load("wechat_as_ordered", people=30_000), 1)


def test_a_member_talks_with_all_kin_abroad_as_often_as_the_survey_says(world: World) -> None:
    q, ends = world.setting.parameters, world.ties.diaspora_end
    everybody = np.bincount(ends, weights=world.ties.conversations)[np.unique(ends)] * 30
    kinds = [(q[f"contact.{name}"], q[f"contact.talks_{talks}"]) for name, talks in HABITS.items()]
    for share, talks in kinds:
        found = np.isclose(everybody, talks, rtol=1e-4).mean()
        assert found == pytest.approx(share, abs=3 * np.sqrt(share * (1 - share) / everybody.size)), talks
    rest = 1 - sum(share for share, _ in kinds)
    expected = sum(share * talks for share, talks in kinds) + rest * q["contact.talks_rarely"]
    assert everybody.mean() == pytest.approx(expected, rel=0.05)


HABITS = {"weekly_or_more": "often", "weekly": "weekly", "monthly": "monthly"}
"""Shares of members and how often they talk, by the names of the parameters."""
