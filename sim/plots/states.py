"""What states decide, and how many internets there are."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from ..decisions import Join, Lift
from ..results.stats import band
from ..results.worlds import ADOPTS
from ..text.numbers import state_name
from ..text.skill import OF_STATES, note
from ..text.states import IN_WORDS, decided
from .marks import (
    BAND,
    BASELINE,
    POLICY,
    date_axis,
    days,
    end_labels,
    find,
    line,
    of,
    on_axis,
    policy_days,
    short_state,
)
from .page import Caption, Place, nothing
from .registry import chart
from .style import BLUE, DASHES, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILLION, WIDTH, points
from .timeline import over_time
from .titles import title

if TYPE_CHECKING:
    import datetime as dt

    from matplotlib.axes import Axes

    from ..results import Result
    from ..text.states import Decisions

_LOOK = {
    "targets": (VERMILLION, "v"),
    "control": (SKY, "^"),
    "retaliation": (BLUE, "s"),
    "imitation": (ORANGE, "o"),
    "coalition": (GREEN, "D"),
    "pushback": (PURPLE, "X"),
    "governments": (GREY, "P"),
}
_ENDING = ("pushback", "governments")  # behaviours that only end policies
TAKEN_OVER = "taken over"  # policies that members of a programme adopt from it
_SHORT = {"pushback": "retreats", "governments": "reviews", "coalition": TAKEN_OVER, TAKEN_OVER: TAKEN_OVER}
_ROWS, _HIGH = 20, 0.24  # states, and inches for each
_ROW = "#f3f3f3"
INTERNETS, LIKENESS = "effective_internets", "internets_by_likeness"
_SEEN = 0.02  # a smaller change of a number of internets is not to be seen as a line [internets] (assumption)


def _size(result: Result) -> tuple[float, float]:
    return WIDTH, 4.4 + _HIGH * min(len(_who(decided(result))), _ROWS)


@chart(
    title="What states decided",
    description="Policies that states adopt by themselves: running totals by kind, and each country's own days.",
    metrics=("cascade_size", "cascade_depth"),
    of_metric=False,
    size=_size,
)
def decisions(result: Result, place: Place) -> Caption:
    """Draw running totals of decisions by behaviour, and below them a row of marks for each state that decided."""
    from matplotlib.ticker import MaxNLocator

    members = decided(result)
    if not any(members):
        why = "No behaviour of states is switched on, or none has a reason to act."
        return nothing(place, "no state decides anything", why)
    who = _who(members)[: min(_ROWS, max(3, int((place.inches[1] - 3) / _HIGH)))]
    is_tall = place.inches[1] > 4
    above, *below = place.figure().subplots(
        1 + is_tall, 1, sharex=True, height_ratios=(2.2, _HIGH * len(who) + 0.3)[: 1 + is_tall], squeeze=False
    ).ravel()  # fmt: skip
    labels = _running(above, result, members)
    above.set_ylabel("decisions so far")
    above.set_ylim(bottom=0)
    above.yaxis.set_major_locator(MaxNLocator("auto", integer=True))
    date_axis(above, days(result), few=place.inches[0] < 4)
    policy_days(above, result)
    end_labels(above, labels)
    for axes in below:
        _marks(axes, result, members, who)
        date_axis(axes, days(result))
    lanes = "; each member has its own lane" if len(members) > 1 else ""
    said = "Decisions of states by themselves, so far, median of the members"
    said += f"; below: each decision by country, hollow where a policy ends{lanes}" if below else ""
    on = result.scenario.behaviour.on
    text, counts = _title(result, members)
    low, middle, high = (f"{x:.0f}" for x in np.quantile(counts, (0.1, 0.5, 0.9)))
    return Caption(
        text, said, note(name for name in OF_STATES if name in on), number=middle, interval=f"{low} to {high}"
    )


def _running(axes: Axes, result: Result, members: list[Decisions]) -> list[tuple[float, str, str]]:
    """Draw the running totals and return their labels; of programmes who joins, and what is taken over."""
    programmes = {d.act for made in members for d in made if isinstance(d.act, Join)}
    labels = []
    dashes = (*dict.fromkeys(DASHES), (0, (2, 1, 6, 1)))  # no two alike, so that lines can be told apart in grey
    for i, kind in enumerate([*_LOOK, TAKEN_OVER]):
        totals = _totals(result, members, kind)
        if totals.any():
            colour = _LOOK["coalition" if kind == TAKEN_OVER else kind][0]
            value = line(axes, days(result), band(totals)[1], colour=colour, dashes=dashes[i % len(dashes)])
            word = _SHORT.get(kind) or IN_WORDS[kind]
            if kind == "coalition":
                word = "states joined" if len(programmes) == 1 else "joined a programme"
            labels.append((value, f"{word} {value:g}", colour))
    return labels


def _who(members: list[Decisions]) -> list[str]:
    """Return the states that decided, those that did in most members first, then by their first days."""
    first: dict[str, list[dt.date]] = {}
    for made in members:
        for code in sorted({d.who for d in made}):
            first.setdefault(code, []).append(min(d.day for d in made if d.who == code))
    return sorted(first, key=lambda code: (-len(first[code]), sorted(first[code])[len(first[code]) // 2], code))


def _title(result: Result, members: list[Decisions]) -> tuple[str, list[int]]:
    """Return the finding, and its number in each member: how many states join a programme, else policies adopted."""
    joins = Counter(d.act for made in members for d in made if isinstance(d.act, Join))
    if {d.behaviour for made in members for d in made} == {"coalition"} and joins:
        programme = joins.most_common(1)[0][0]
        joined = [len({d.who for d in made if d.act == programme}) for made in members]
        leader = state_name(result.scenario, programme.leader, article=True)
        return title("decisions_join", result, number=f"{np.median(joined):.0f}", leader=leader), joined
    own = [sum(isinstance(d.act, ADOPTS) for d in made) for made in members]
    return title("decisions", result, number=f"{np.median(own):.0f}"), own


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
    """Draw a mark for each decision, a row for each state; hollow where a policy ends; and the key of the marks."""
    from matplotlib.lines import Line2D

    lanes = np.zeros(1) if len(members) == 1 else np.linspace(-0.32, 0.32, len(members))
    size = 4.5 if len(members) < 4 else 3.2
    kinds = [kind for kind in _LOOK if any(d.behaviour == kind for made in members for d in made)]
    for y, code in enumerate(who):
        axes.axhspan(y - 0.44, y + 0.44, color=_ROW, linewidth=0, zorder=0)
        for kind in kinds:
            colour, marker = _LOOK[kind]
            for hollow in (False, True):
                at = [(on_axis(d.day), y + lane) for lane, made in zip(lanes, members, strict=True) for d in made
                      if (d.who, d.behaviour, isinstance(d.act, Lift)) == (code, kind, hollow)]  # fmt: skip
                if at:
                    face = "white" if hollow else colour
                    axes.plot(*zip(*at, strict=True), marker, color=colour, markerfacecolor=face, markersize=size,
                              markeredgewidth=0.7, clip_on=False)  # fmt: skip
        n = sum(any(d.who == code for d in made) for made in members)
        if len(members) > 1:
            axes.annotate(f"in {n} of {len(members)}", (1.0, y), (6, 0), ("axes fraction", "data"), "offset points",
                          va="center", fontsize="x-small", color=GREY, annotation_clip=False)  # fmt: skip
    axes.set_yticks(range(len(who)), [short_state(result, code) for code in who], fontsize="x-small")
    axes.set_ylim(len(who) - 0.4, -0.6)
    axes.grid(visible=False)
    axes.tick_params(axis="y", length=0)
    key = [
        Line2D([], [], marker=_LOOK[kind][1], color=_LOOK[kind][0], linestyle="", label=IN_WORDS[kind])
        for kind in kinds
    ]
    figure: Any = axes.get_figure(root=False)
    wide = max((len(IN_WORDS[kind]) for kind in kinds), default=0) + 8  # letters of a column, with its mark
    room = int(figure.bbox.width / figure.dpi * 72 / (0.5 * points("x-small")))
    figure.legend(handles=key, ncols=max(1, min(3, room // wide)), fontsize="x-small", loc="outside lower center")


@chart(
    title="Internets over time",
    description="The effective number of internets with the policies and without (dotted): by blocs of countries that "
    "can open the same platforms, and by likeness of what they can open.",
    metrics=("bloc", INTERNETS, LIKENESS),
)
def blocs(result: Result, place: Place) -> Caption:
    """Draw the effective number of internets, by blocs and by likeness, where the policies visibly move it."""
    for metric in (INTERNETS, LIKENESS):
        result.need(metric)
    moved = []
    for metric, word, colour in ((INTERNETS, "by blocs", VERMILLION), (LIKENESS, "by likeness", BLUE)):
        cell = find(result, metric)
        if cell is not None:
            arms = [of(result, cell, arm) for arm in (BASELINE, POLICY)]
            gap = np.nanmedian(arms[POLICY] - arms[BASELINE], axis=0)
            if float(np.nanmax(np.abs(gap), initial=0.0)) >= _SEEN:
                moved.append((arms, word, colour, gap))
    if not moved:
        why = "By blocs and by likeness there are as many internets as without the policies, to two hundredths."
        return nothing(place, "the number of internets", why)
    (axes,) = over_time(place, result)
    labels = []
    for arms, word, colour, _ in moved:
        without = line(axes, days(result), band(arms[BASELINE])[1], colour=GREY, dashes=(0, (1, 2)), width=1.4)
        low, middle, high = band(arms[POLICY])
        value = line(axes, days(result), middle, (low, high) if len(result.members) > 1 else None, colour=colour)
        labels += [(without, f"without {without:.2f}", GREY), (value, f"{word} {value:.2f}", colour)]
    axes.set_ylabel("internets, effective number")
    end_labels(axes, labels)
    arms, word, _, gap = moved[0]
    at = -1 if abs(gap[-1]) >= _SEEN else int(np.nanargmax(np.abs(gap)))
    numbers = [f"{float(np.nanmedian(arm[:, at])):.2f}" for arm in (arms[POLICY], arms[BASELINE])]
    text = title("blocs" if at == -1 else "blocs_worst", result, number=numbers[0], without=numbers[1])
    said = f"Effective number of internets {word}; dotted: without the policies; {BAND}"
    return Caption(text, said, "A bloc: countries whose people can open the same platforms. Likeness has no threshold.")
