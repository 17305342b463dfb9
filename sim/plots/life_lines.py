"""Lives over time: kin ties of simulated people, the days with and without a channel, and what both people do."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from ..results.lives import Bond, Life, Lives, stretches
from ..results.panel import ARMS
from ..text.lives import ROLE
from ..text.numbers import group_name
from .lines import date_axis, on_axis
from .look import BLUE, GREEN, GREY, INK, ORANGE, VERMILLION
from .saving import house_style
from .style import page

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .figure import House

ROW = 0.36
"""Height of a row [inches]."""
MARKS = {"agrees": ("o", GREEN, "they agree on another platform"), "phones": ("s", ORANGE, "they begin to telephone")}
"""What is marked on a tie: form, colour, and what it means."""


def draw_lives(lives: Lives) -> House:
    """Return the kin ties of lives in time: with the policies, a row a tie; without them, wherever that differs."""
    ties = [(life, bond) for life in lives for bond in life.bonds if _is_open(bond)]
    with house_style():
        height = 2.9 + ROW * (len(ties) + 0.8 * len(lives))
        title = f"When {len(lives)} simulated {'person has' if len(lives) == 1 else 'people have'} a channel to kin"
        below = f"Kin ties of {group_name(lives.scenario, lives.group)} with the policies, one row for each."
        made = page(lives, title, below, height=height, below=0.35)
        axes = made.figure.add_subplot(made.grid(1, 1, left=2.1)[0])
        first = dt.date.fromisoformat(lives.dates[0])
        date_axis(axes, [dt.date.fromisoformat(date) for date in lives.dates])
        labels: list[tuple[float, str]] = []
        row = 0.0
        for life in lives:
            axes.text(
                on_axis(first),
                row,
                f"Person {life.person.number}: {ROLE[life.role]}",
                fontsize=9,
                fontweight="bold",
                va="center",
            )
            row += 0.8
            for bond in (bond for bond in life.bonds if _is_open(bond)):
                _draw(axes, row, life, bond, on_axis(first))
                labels.append((row, f"kin {bond.kin.number}"))
                row += 1.0
        _begins(axes, lives)
        axes.set_ylim(row - 0.3, -0.6)
        axes.set_yticks([at for at, _ in labels], [label for _, label in labels])
        axes.grid(False)
        _legend(axes)
        return made.figure


def _is_open(bond: Bond) -> bool:
    """Return whether a tie has a channel on any day in either arm: there is nothing to show of others."""
    return any(bond.open[arm].any() for arm in ARMS)


def _draw(axes: Axes, row: float, life: Life, bond: Bond, first: float) -> None:
    """Draw one tie: a line where it has a channel, a bar where it is out of contact, marks for what the two do."""
    for begin, end in stretches(bond.open[ARMS[1]]):
        axes.plot([first + begin, first + end - 1], [row, row], color=BLUE, linewidth=2, solid_capstyle="butt")
    for begin, end in stretches(bond.out[ARMS[1]]):
        axes.barh(row, end - begin, left=first + begin - 0.5, height=0.5, color=VERMILLION)
    for one in life.happenings[ARMS[1]]:
        if one.person == life.person.number and one.kin == bond.kin.number and one.what in MARKS:
            form, colour, _ = MARKS[one.what]
            axes.plot(
                [on_axis(dt.date.fromisoformat(one.date))], [row], form, color=colour, markeredgecolor="white",
                markersize=8, clip_on=False,
            )  # fmt: skip


def _begins(axes: Axes, lives: Lives) -> None:
    """Mark the first day in force of each policy that is behind anything shown."""
    named = {each.policy for life in lives for each in life.happenings[ARMS[1]]}
    for policy in lives.scenario.policies:
        if policy.id in named and policy.on is not None and lives.dates[0] < str(policy.on) <= lives.dates[-1]:
            axes.axvline(on_axis(policy.on), color=GREY, linewidth=0.9, linestyle=(0, (3, 2)), zorder=0)


def _legend(axes: Axes) -> None:
    """Say what lines, bars and marks mean, below the axis."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Any] = [
        Line2D([], [], color=BLUE, linewidth=2, label="a platform channel"),
        Patch(color=VERMILLION, label="none, where there is one without the policies"),
        *(
            Line2D([], [], marker=form, color=colour, linestyle="", label=label)
            for form, colour, label in MARKS.values()
        ),
        Line2D([], [], color=GREY, linewidth=0.9, linestyle=(0, (3, 2)), label="a policy begins"),
    ]
    inches = axes.get_position().height * axes.figure.get_figheight()  # type: ignore[union-attr]
    axes.legend(handles=handles, loc="upper left", bbox_to_anchor=(-0.16, -0.3 / inches), ncols=3, frameon=False,
                fontsize=8.5, labelcolor=INK)  # fmt: skip
