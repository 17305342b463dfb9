"""Time is limited: substitutes are used no more than what they replace."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import block, scenario

from splinternet.engine.model import Model
from splinternet.people.kernel_types import LEVELS


@pytest.fixture(scope="module")
def cut_off() -> Model:
    """WeChat and Facebook are closed to the United States; nearly everybody has to turn elsewhere."""
    policy = block(targets=["WeChat", "Facebook"], technique="geoblock")
    model = Model(
        scenario([policy], people=4_000, days=90, parameters={"circumvention.cost": 50}),
        rng=1,
        collect=False,
    )
    model.run_for(90)
    return model


def sessions(model: Model) -> np.ndarray:
    """Return the sessions a day of each person on each platform, from the chance of at least one."""
    return np.asarray(-np.log1p(-np.minimum(model.use, LEVELS - 1) / LEVELS))


def bits(column: np.ndarray, platforms: int) -> np.ndarray:
    return (column[:, None] >> np.arange(platforms)) & 1 == 1


def test_what_was_taken_up_is_used_no_more_often_than_what_it_replaces(cut_off: Model) -> None:
    habit = cut_off.columns.platform["habit"]
    held_first = bits(cut_off.person["first_member"], habit.size)
    new = bits(cut_off.person["using"], habit.size) & ~held_first
    now = sessions(cut_off)
    # Levels are rounded: half a step of the chance is worth the more sessions the nearer the chance
    # is to 1.
    rounding = 0.5 / LEVELS / np.exp(-now)
    freed = np.where(held_first, np.maximum(0.0, habit - now + rounding), 0.0).sum(axis=1)
    floor = cut_off.setting.parameters["choice.extra_use"] * np.where(new, habit, 0.0).sum(axis=1)
    taken = np.where(new, now - 2 * rounding, 0.0).sum(axis=1)
    many = new.sum(axis=1) >= 2
    assert many.sum() > 100
    assert (taken[many] <= np.maximum(freed, floor)[many] + 1e-9).all()
    # The limit binds: without it, each would be used as by a regular user.
    assert taken[many].sum() < 0.9 * np.where(new, habit, 0.0).sum(axis=1)[many].sum()
