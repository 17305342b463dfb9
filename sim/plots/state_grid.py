"""The frame of a picture that has states on both sides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .look import PALE

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def state_grid(axes: Axes, states: Sequence[str]) -> None:
    """Rule thin lines between the cells of a state x state picture and name the states at both sides.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        A picture of shape (len(states), len(states)).
    states : sequence of str
    """
    for i in range(len(states)):
        for edge_line in (axes.axhline, axes.axvline):
            edge_line(i + 0.5, color=PALE, linewidth=0.6)
    axes.set_xticks(range(len(states)), states)
    axes.set_yticks(range(len(states)), states)
    axes.tick_params(length=0)
    axes.grid(False)
    axes.spines[:].set_visible(False)
