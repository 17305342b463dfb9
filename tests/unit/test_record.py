"""The record of an arm: all metrics, or those that somebody asks for."""

from __future__ import annotations

import numpy as np

import splinternet as sn
from sim.engine.record import ALWAYS
from sim.experiments.pairs import make_arms
from sim.metrics.registry import METRICS
from sim.results.observed import metrics_of


def test_a_record_of_some_metrics_says_what_the_whole_record_says() -> None:
    """Which metrics are written changes neither the run nor the figures of those that are."""
    spec = sn.load("wechat_full_block", people=2_000, days=60)
    whole = make_arms(spec, 3)
    part = make_arms(spec, 3, metrics=["monthly_users", "family_contact_lost"])
    for _ in range(spec.days):
        for arm in (*whole, *part):
            arm.step()
    for all_of_it, some in zip(whole, part, strict=True):
        assert set(all_of_it.record.arrays) == set(METRICS)
        assert set(some.record.arrays) == {"monthly_users", "family_contact_lost", *ALWAYS}
        for name, array in some.record.arrays.items():
            np.testing.assert_array_equal(array, all_of_it.record.arrays[name])
    assert np.nanmax(part[1].record.arrays["family_contact_lost"]) > 0


def test_observed_figures_name_the_metrics_that_they_need() -> None:
    """A hindcast records what its figures are compared with, and no more."""
    spec = sn.load("scenarios/events/br_x_2024.yaml", people=2_000)
    assert metrics_of(spec.observed) == {"monthly_users", *(row.metric for row in spec.observed)}
