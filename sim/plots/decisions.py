"""What states decided and when: running totals by kind, and below them a row for each state."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from ..decisions import Join, Lift
from ..results.worlds import ADOPTS, by_kind, worlds
from ..text.numbers import state_name
from ..text.skill import OF_STATES, note
from ..text.states import IN_WORDS, counted, decided
from .lines import date_axis, days, line, on_axis, policy_days
from .look import BLUE, DASHES, GREEN, GREY, ORANGE, PURPLE, VERMILLION
from .registry import chart
from .style import end_labels, fold, no_effect, page

if TYPE_CHECKING:
    import datetime as dt

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..results import Result
    from ..text.states import Decisions

_LOOK = {
    "targets": (VERMILLION, "v"),
    "retaliation": (BLUE, "s"),
    "imitation": (ORANGE, "o"),
    "coalition": (GREEN, "D"),
    "pushback": (PURPLE, "X"),
    "governments": (GREY, "P"),
}
_ENDING = ("pushback", "governments")  # behaviours that only end policies
KIND_TITLES = {
    "two_camps": "hostile camps stand",
    "one_camp": "one camp stands",
    "apart": "no camp is left",
    "thaw": "policies are lifted",
    "quiet": "states hardly act",
}
TAKEN_OVER = "taken over"  # policies that members of a programme adopt from it
_KINDS = ("coalition", "targets", "imitation", TAKEN_OVER, "pushback", "retaliation", "governments")
_DASHES = dict(
    zip(_KINDS, (*dict.fromkeys(DASHES), (0, (2, 1, 6, 1))), strict=True)
)  # no two alike, so that lines can be distinguished in grey
_ROWS = 24
_ROW = "#f3f3f3"
_HIGH = 0.24  # inches for each state


@chart(
    title="What states decided",
    description="Policies that states adopt by themselves, by day and kind: running totals, and each state's own days.",
    metrics=("cascade_size", "cascade_depth"),
    of_metric=False,
)
def decisions(result: Result) -> Figure:
    """Draw running totals of decisions by behaviour, and below them a row of marks for each state that decided."""
    from matplotlib.ticker import MaxNLocator

    members = decided(result)
    if not any(members):
        return no_effect(
            result, "no state decided anything", "No behaviour of states is switched on, or none had a reason to act."
        )
    who = _who(members)
    rows = min(len(who), _ROWS)
    lanes = "" if len(members) == 1 else " Each member has its own lane in a state's row."
    below = f"Below: each decision, hollow where a policy ends.{lanes}"
    spread = ", median and band over members" if len(members) > 1 else ""
    on = result.scenario.behaviour.on
    subtitle = f"Above: running totals{spread}. {below} {note(name for name in OF_STATES if name in on)}"
    made = page(result, _title(result, members), subtitle, height=5.0 + _HIGH * rows)
    grid = made.grid(2, 1, left=1.55, right=2.2, hspace=0.12, height_ratios=(2.2, _HIGH * rows + 0.3))
    above = made.figure.add_subplot(grid[0, 0])
    labels = _running(above, result, members)
    above.set_ylabel("Decisions,\nrunning total", fontsize=8.5)
    above.set_ylim(bottom=0)
    above.yaxis.set_major_locator(MaxNLocator("auto", integer=True))
    date_axis(above, days(result), labels=False)
    policy_days(above, result)
    end_labels(above, labels, size=8.5)
    _marks(made.figure.add_subplot(grid[1, 0]), result, members, who[:rows])
    return made.figure


def _running(axes: Axes, result: Result, members: list[Decisions]) -> list[tuple[float, str, str]]:
    """Draw the running totals and return their labels; of programmes who joins, and what is taken over."""
    programmes = {d.act for made in members for d in made if isinstance(d.act, Join)}
    labels = []
    for kind in [*_LOOK, TAKEN_OVER]:
        totals = _totals(result, members, kind)
        if totals.any():
            colour = _LOOK["coalition" if kind == TAKEN_OVER else kind][0]
            value = line(axes, days(result), totals, colour=colour, dashes=_DASHES[kind])
            word = IN_WORDS["coalition" if kind == TAKEN_OVER else kind].replace("retreats before", "retreats for")
            if kind == "coalition":
                word = "states joined" if len(programmes) == 1 else "joined a programme"
            labels.append((value, fold(f"{word} {value:g}", 24), colour))
    return labels


def _who(members: list[Decisions]) -> list[str]:
    """Return the states that decided, those that did in most members first, then by their first days."""
    first: dict[str, list[dt.date]] = {}
    for made in members:
        for code in sorted({d.who for d in made}):
            first.setdefault(code, []).append(min(d.day for d in made if d.who == code))
    return sorted(first, key=lambda code: (-len(first[code]), sorted(first[code])[len(first[code]) // 2], code))


def _title(result: Result, members: list[Decisions]) -> str:
    """Return the finding: who joined whom, or how many policies, and who adopted most."""
    joined = [{d.who for d in made if isinstance(d.act, Join)} for made in members]
    own = [[d for d in made if isinstance(d.act, ADOPTS)] for made in members]
    kinds = {d.behaviour for made in members for d in made}
    if kinds == {"coalition"}:
        programme = next(d.act for made in members for d in made if isinstance(d.act, Join))
        names = [state_name(result.scenario, code, article=True) for code in (programme.leader, programme.adversary)]
        return f"{counted([len(s) for s in joined], 'state joins', 'states join')} {names[0]} against {names[1]}"
    by = Counter(d.who for made in own for d in made)
    found = worlds(result.members)
    alike = by_kind(found)
    if len(alike) > 1:  # no figure over members that differ in kind
        return "; ".join(
            f"in {len(of)} of {len(found)} worlds {KIND_TITLES[kind]}" for kind, of in alike.items()
        ).capitalize()
    text = f"States adopt {counted([len(made) for made in own], 'policy', 'policies')} of their own"
    if not by:
        return text
    (took, count), *others = by.most_common()
    if others and others[0][1] == count:
        return text
    return f"{text}, {state_name(result.scenario, took, article=True)} the most"


def _totals(result: Result, members: list[Decisions], kind: str) -> np.ndarray:
    """Return the running total of a behaviour's policies, shape (members, days).

    Of a coalition who joined counts, and apart from it what members take over; what ends a policy does not, save where
    people push back, which only ends.
    """
    dates = np.array(result.dates)
    out = np.zeros((len(members), len(dates)))
    for m, made in enumerate(members):
        for d in made:
            joins = isinstance(d.act, Join)
            counts = joins if kind == "coalition" else kind in _ENDING or isinstance(d.act, ADOPTS)
            if d.behaviour == ("coalition" if kind == TAKEN_OVER else kind) and counts:
                out[m, dates >= d.day.isoformat()] += 1.0
    return out


def _marks(axes: Axes, result: Result, members: list[Decisions], who: list[str]) -> None:
    """Draw a mark for each decision, a row for each state; hollow where a policy ends."""
    lanes = np.zeros(1) if len(members) == 1 else np.linspace(-0.32, 0.32, len(members))
    size = 4.5 if len(members) < 4 else 3.2
    for y, code in enumerate(who):
        axes.axhspan(y - 0.44, y + 0.44, color=_ROW, linewidth=0, zorder=0)
        for kind, (colour, marker) in _LOOK.items():
            for lane, made in zip(lanes, members, strict=True):
                for d in made:
                    if (d.who, d.behaviour) == (code, kind):
                        at = on_axis(d.day)
                        face = "white" if isinstance(d.act, Lift) else colour
                        axes.plot([at], [y + lane], marker, color=colour, markerfacecolor=face, markersize=size,
                                  markeredgewidth=0.7, clip_on=False)  # fmt: skip
        n = sum(any(d.who == code for d in made) for made in members)
        if len(members) > 1:
            axes.annotate(f"in {n} of {len(members)}", (1.015, y), xycoords=("axes fraction", "data"), va="center",
                          fontsize=7.5, color=GREY, annotation_clip=False)  # fmt: skip
    axes.set_yticks(range(len(who)), [state_name(result.scenario, code)[:20] for code in who], fontsize=8)
    axes.set_ylim(len(who) - 0.4, -0.6)
    axes.grid(visible=False)
    axes.tick_params(axis="y", length=0)
    date_axis(axes, days(result))
