"""What each shipped scenario has to hold in a small run: finite results, and a first picture in
which nothing collapses.
"""

from __future__ import annotations

import warnings

import numpy as np
from conftest import same

import splinternet as sn
from splinternet import plots
from splinternet.app.report import _LETTERS, _PICTURE
from splinternet.results.panel import ArmData

DAYS_IN_FORCE = 14
OF_DECISIONS = 200
"""Days after which some state has decided something."""
LEAST = 60
"""Smallest height of a panel [pixels at 100 dots per inch]."""
FINITE = ("active_users", "sales", "trade", "handset_sales_at_stake", "consumer_surplus_lost")


def days_of(spec: sn.Scenario) -> int:
    """Return the days until the first order has been in force for a while."""
    begun = [(order.on - spec.start).days for order in spec.policies if order.on]
    shown = OF_DECISIONS if spec.behaviour.on else DAYS_IN_FORCE
    return min(spec.days, max([0, *begun[:1]]) + shown)


def runs_well(spec: sn.Scenario, baseline: ArmData, policy: ArmData) -> None:
    """Every figure is finite; where no policy is known and no state decides, the arms are alike."""
    for arm in (baseline, policy):
        for metric in FINITE:
            assert np.isfinite(arm.arrays[metric]).all(), metric
        active = arm.arrays["active_users"]
        assert active.shape[0] == spec.days and (active >= 0).all() and active.sum() > 0
    acts = any(order.days_known(spec.end) is not None for order in spec.policies)
    if not (acts or spec.behaviour.on or "blocks_policy_arm" in spec.world.model_fields_set):
        assert same(baseline, policy)


def runs_and_has_room(result: sn.Result) -> None:
    """Check the arms of the first seed, and the heights of the panels of the first picture."""
    runs_well(result.scenario, *result.members[0])
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)  # matplotlib's word for collapsed axes
        figure = plots.draw(result, plots.main_chart(result), figsize=_PICTURE, letters=_LETTERS)
        figure.get_layout_engine().execute(figure)
    # The bars of policies below a panel have no scale.
    panels = [axes for axes in figure.axes if axes.get_visible() and len(axes.get_yticks())]
    heights = [axes.get_window_extent().height * 100 / figure.dpi for axes in panels]
    assert figure.shows_nothing or min(heights) >= LEAST, figure.title
