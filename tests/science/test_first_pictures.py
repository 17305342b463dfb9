"""The picture of a report's first screen, for every shipped scenario: nothing collapses."""

from __future__ import annotations

import warnings

import pytest

import splinternet as sn
from splinternet import plots
from splinternet.app.report import _LETTERS, _PICTURE
from splinternet.core.shipped import shipped

DAYS_IN_FORCE = 14
OF_DECISIONS = 400
"""Days after which some state has decided something."""
LEAST = 60
"""Smallest height of a panel [pixels at 100 dots per inch]."""


@pytest.mark.parametrize("name", sorted(shipped()))
def test_the_first_picture_has_room_for_each_panel(name: str) -> None:
    spec = sn.load(name, people=1_000)
    begun = [(order.on - spec.start).days for order in spec.policies if order.on]
    shown = OF_DECISIONS if spec.behaviour.on else DAYS_IN_FORCE
    days = min(spec.days, max([0, *begun[:1]]) + shown)
    result = sn.run(sn.load(name, people=1_000, days=days), seeds=1, jobs=1)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)  # matplotlib's word for collapsed axes
        figure = plots.draw(result, plots.main_chart(result), figsize=_PICTURE, letters=_LETTERS)
        figure.draw_without_rendering()
    # The bars of policies below a panel have no scale.
    panels = [axes for axes in figure.axes if axes.get_visible() and len(axes.get_yticks())]
    heights = [axes.get_window_extent().height * 100 / figure.dpi for axes in panels]
    assert figure.shows_nothing or min(heights) >= LEAST, figure.title
