"""A model is used as any Mesa model, and says so where it cannot be."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable

import numpy as np
import pytest
from conftest import block, scenario

from splinternet.engine.model import Model
from splinternet.errors import InputError, RunError


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


def test_a_generator_gives_the_seed() -> None:
    made = [model(rng=np.random.default_rng(5)) for _ in range(2)]
    assert made[0].seed == made[1].seed != model().seed


def test_the_scenario_of_a_model_is_the_one_that_runs() -> None:
    one = model()
    assert one.scenario is one.spec
    with pytest.raises(InputError, match="another Model"):
        one.scenario = None


def test_a_step_after_the_last_day_is_refused_and_counts_no_day() -> None:
    one = model(days=2)
    one.run_for(2)
    with pytest.raises(RunError, match="ends after 2 days"):
        one.step()
    assert (one.time, one.day, one.running) == (2.0, 1, False)


def test_days_are_whole() -> None:
    with pytest.raises(InputError, match="whole number of days"):
        model().run_for(1.5)


def test_another_seed_is_another_model() -> None:
    with pytest.raises(InputError, match="rng=5"):
        model().reset_rng(5)
