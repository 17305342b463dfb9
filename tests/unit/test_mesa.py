"""A model is used as any Mesa model, and says so where it cannot be."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable

import numpy as np
import pytest
from conftest import block, scenario

from splinternet.engine.model import Model
from splinternet.errors import RunError


def model(days: int = 4, **how: object) -> Model:
    spec = scenario([block(by="US", targets=["WeChat"], on="2020-08-02")], people=1_000, days=days)
    return Model(spec, **how)  # type: ignore[arg-type]


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_a_copy_goes_on_as_the_model_does(copied: Callable[[Model], Model]) -> None:
    one = model()
    one.run_for(2)
    other = copied(one)
    one.run_for(2)
    other.run_for(2)
    assert np.array_equal(one.record.today("active_users"), other.record.today("active_users"))


def test_a_step_after_the_last_day_is_refused_and_counts_no_day() -> None:
    one = model(days=2)
    one.run_for(2)
    with pytest.raises(RunError, match="ends after 2 days"):
        one.step()
    assert (one.time, one.day, one.running) == (2.0, 1, False)
