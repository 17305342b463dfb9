"""Charts of states: decisions, number of internets, services that still work, and routes between
countries.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from ..decisions import ADOPTS, Join, Lift
from ..metrics.registry import METRICS
from ..results import Result
from ..results.series import band
from ..results.summary import Row
from ..text.decisions import IN_WORDS, OF_STATES, Decisions, decided, note
from ..text.finding_sentences import short_figure
from ..text.findings import MUCH, Finding, find, is_transit_alone, seats
from ..text.numbers import day, percent, short_estimate, sized_state, state_name
from ..text.reportable import VISIBLE, acting, effect, ends, index, is_sure
from ..text.tables import BY_STATE, WORST, cut_most
from .marks import (
    Array,
    Bar,
    date_axis,
    days,
    end_labels,
    line,
    on_axis,
    only_some,
    policy_days,
    rows,
    short_state,
    with_ends,
)
from .page import (
    BLUE,
    DASHES,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    SKY,
    VERMILLION,
    WIDTH,
    Caption,
    Place,
    nothing,
    title,
)
from .registry import chart

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
TAKEN_OVER = "taken over"  # policies that states adopt as members of a programme
_SHORT = {
    "pushback": "retreats",
    "governments": "reviews",
    "control": "control of information",
    "coalition": TAKEN_OVER,
    TAKEN_OVER: TAKEN_OVER,
}
# most states, and height of each [inches]
_ROWS = 20
_HIGH = 0.24
_ROW = "#f3f3f3"
REACH = "reachable_pairs"
STRETCH = "path_stretch"
_STATES = 2
_PAIRS = 10
_SHOWN = tuple(metric for metric in BY_STATE if metric != "route_length")
_FELT = 0.005  # smallest change that is drawn [1] (assumption)
_LEADING = ("median_services", "reach_abroad")
_LEFT = ("abroad", "services", "opened")  # kinds of findings on the remaining connectivity
_TITLES = {
    "median_services": "connectivity_services",
    "reach_abroad": "routes_state",
    "services_usable": "connectivity",
    "contact_across_border": "connectivity_contact",
}
"""Titles of the chart of connectivity, by the metric that they state."""


@chart(
    title="What states decided",
    description="Policies that states adopt by themselves: running totals by kind, and the "
    "days of each country.",
    metrics=("cascade_size", "cascade_depth"),
    of_metric=False,
    size=lambda result: (WIDTH, 4.4 + _HIGH * min(len(_who(decided(result))), _ROWS)),
)
def decisions(result: Result, place: Place) -> Caption:
    """Draw running totals of decisions by behaviour and, below them, a row of marks for each state
    with decisions.
    """
    members = decided(result)
    if not any(members):
        return nothing(place, "decisions")
    who = _who(members)[: min(_ROWS, max(3, int((place.inches[1] - 3) / _HIGH)))]
    is_tall = place.is_page and place.inches[0] > 6 and place.inches[1] > 4
    above, *below = (
        place.figure()
        .subplots(
            1 + is_tall,
            1,
            sharex=True,
            height_ratios=(2.2, _HIGH * len(who) + 0.3)[: 1 + is_tall],
            squeeze=False,
        )
        .ravel()
    )
    labels = _running(above, result, members)
    above.set_ylabel("decisions so far")
    above.set_ylim(bottom=0)
    above.yaxis.set_major_locator(MaxNLocator("auto", integer=True))
    date_axis(above, days(result), few=not is_tall)
    policy_days(above, result)
    end_labels(above, labels)
    for axes in below:
        _marks(axes, result, members, who)
        date_axis(axes, days(result))
    lanes = "; each run has its own lane" if len(members) > 1 else ""
    said = "Decisions of states by themselves, so far, median of the runs"
    said += f"; below: each decision by country, hollow if it ends a policy{lanes}" if below else ""
    on = result.scenario.behaviour.on
    text, number, interval = _title(result, members)
    # A small page has no room for the caveat, which its report and the terminal print.
    worth = note(name for name in OF_STATES if name in on) if is_tall else ""
    return Caption(text, said, worth, number=number, interval=interval)


def _running(axes: Axes, result: Result, members: list[Decisions]) -> list[tuple[float, str, str]]:
    """Draw the running total of the policies of each behaviour, median over seeds, and return the
    labels.

    For a coalition, joining and the policies that its members adopt count separately. Ending a
    policy does not count, except for the pushback of people, which only ends policies.
    """
    programmes = {d.act for made in members for d in made if isinstance(d.act, Join)}
    labels = []
    dates = np.array(result.dates)
    dashes = (
        *dict.fromkeys(DASHES),
        (0, (2, 1, 6, 1)),
    )  # all different, so that lines can be distinguished in grey
    for i, kind in enumerate([*_LOOK, TAKEN_OVER]):
        behaviour = "coalition" if kind == TAKEN_OVER else kind
        counts = Join if kind == "coalition" else ADOPTS
        by_member = np.zeros((len(members), len(dates)))
        for total, made in zip(by_member, members, strict=True):
            for d in made:
                if d.behaviour == behaviour and (kind in _ENDING or isinstance(d.act, counts)):
                    total[dates >= d.day.isoformat()] += 1.0
        totals = band(by_member)[1]
        if totals.any():
            colour = _LOOK[behaviour][0]
            value = line(axes, days(result), totals, colour=colour, dashes=dashes[i % len(dashes)])
            word = _SHORT.get(kind) or IN_WORDS[kind]
            if kind == "coalition":
                word = "states joined" if len(programmes) == 1 else "joined a programme"
            labels.append((value, f"{word} {value:g}", colour))
    return labels


def _who(members: list[Decisions]) -> list[str]:
    """Return the states that decided, ordered by the number of seeds in which they did, then by
    first day.
    """
    first: dict[str, list[dt.date]] = {}
    for made in members:
        for code in {d.who for d in made}:
            first.setdefault(code, []).append(min(d.day for d in made if d.who == code))
    return sorted(
        first,
        key=lambda code: (-len(first[code]), sorted(first[code])[len(first[code]) // 2], code),
    )


def _title(result: Result, members: list[Decisions]) -> tuple[str, str, str]:
    """Return the first finding on decisions of states, with its number and interval; without one,
    the number of adopted policies.
    """
    told = [one for one in find(result) if one.metric and one.kind in ("joined", "adopted")]
    if not told:
        own = [sum(isinstance(d.act, ADOPTS) for d in made) for made in members]
        number = f"{np.median(own):.0f}"
        return title("decisions", result, number=number), number, ""
    number, interval = short_figure(result, told[0])
    if told[0].kind == "adopted":
        return title("decisions", result, number=number), number, interval
    leader = state_name(result.scenario, told[0].state, article=True)
    return title("decisions_join", result, number=number, leader=leader), number, interval


def _marks(axes: Axes, result: Result, members: list[Decisions], who: list[str]) -> None:
    """Draw a mark for each decision, hollow if it ends a policy, in a row for each state, with a
    legend.
    """
    lanes = np.zeros(1) if len(members) == 1 else np.linspace(-0.32, 0.32, len(members))
    size = 4.5 if len(members) < 4 else 3.2
    kinds = [kind for kind in _LOOK if any(d.behaviour == kind for made in members for d in made)]
    for y, code in enumerate(who):
        axes.axhspan(y - 0.44, y + 0.44, color=_ROW, linewidth=0, zorder=0)
        for kind in kinds:
            colour, marker = _LOOK[kind]
            for hollow in (False, True):
                at = [
                    (on_axis(d.day), y + lane)
                    for lane, made in zip(lanes, members, strict=True)
                    for d in made
                    if (d.who, d.behaviour, isinstance(d.act, Lift)) == (code, kind, hollow)
                ]
                if at:
                    face = "white" if hollow else colour
                    axes.plot(
                        *zip(*at, strict=True),
                        marker,
                        color=colour,
                        markerfacecolor=face,
                        markersize=size,
                        markeredgewidth=0.7,
                        clip_on=False,
                    )
        n = sum(any(d.who == code for d in made) for made in members)
        if len(members) > 1:
            axes.annotate(
                f"in {n} of {len(members)}",
                (1.0, y),
                (6, 0),
                ("axes fraction", "data"),
                "offset points",
                va="center",
                fontsize="x-small",
                color=GREY,
                annotation_clip=False,
            )
    axes.set_yticks(
        range(len(who)), [short_state(result, code) for code in who], fontsize="x-small"
    )
    axes.set_ylim(len(who) - 0.4, -0.6)
    axes.grid(visible=False)
    axes.tick_params(axis="y", length=0)
    key = [
        Line2D(
            [], [], marker=_LOOK[kind][1], color=_LOOK[kind][0], linestyle="", label=IN_WORDS[kind]
        )
        for kind in kinds
    ]
    figure: Any = axes.get_figure(root=False)
    wide = (
        max((len(IN_WORDS[kind]) for kind in kinds), default=0) + 8
    )  # width of a column with its mark [letters]
    room = int(Place(figure).letters("x-small", 0.5))
    figure.legend(
        handles=key,
        ncols=max(1, min(3, room // wide)),
        fontsize="x-small",
        loc="outside lower center",
    )


# --- what still works -----------------------------------------------------------------------------


@chart(
    title="Connectivity",
    description="What still works in the worst seven days, without the policies (ring) and with "
    "them (dot): routes to people, services, and contact between relatives.",
    metrics=("reach_abroad", *(metric for metric in _SHOWN if metric != "reach_abroad")),
    size=lambda result: (WIDTH, 2.4 + 0.42 * max(4, sum(map(len, connected(result).values())))),
)
def connectivity(result: Result, place: Place) -> Caption:
    """Draw the remaining connectivity of people in the states with the largest losses."""
    shown = connected(result)
    if not shown:
        any_ = any(
            effect(index(result).get(m, WORST, state=s)) for s in cut_most(result) for m in _SHOWN
        )
        return nothing(place, "connectivity_unsure" if any_ else "connectivity")
    axes = place.axes()
    several = len(shown) > 1
    bars = []
    for state, found in shown.items():
        where = f", {state_name(result.scenario, state)}" if several else ""
        bars += [_bar(row, where) for row in found]
    rows(axes, bars, unit="[%]")
    axes.set_xlim(-2, 104)
    state, found = next(iter(shown.items()))
    names = [sized_state(result, code) for code in shown]
    said = f"Worst seven days in {' and '.join(names)}: without the policies (ring), with them (dot) [%]"
    said += "; lines: 80 % intervals"
    notes = "Pairs of kin: share of those in contact without the policies. Measures without a clear change are not shown."
    # The title is about the metric of the first finding, else the world's services, else the
    # largest change.
    where = state_name(result.scenario, state, article=True)
    by_metric = {str(row["metric"]): row for row in found}
    leading = [
        by_metric[name]
        for name in _LEADING
        if name in by_metric and -effect(by_metric[name]) >= MUCH
    ]
    row = next(iter(leading), by_metric.get("services_usable"))
    row = max(found, key=lambda row: abs(effect(row)) / _by(row)) if row is None else row
    share, interval = short_estimate("services_usable", *(end / 100 for end in _bar(row, "").ends))
    first = next((one for one in find(result) if _is_of(one, state, found)), None)
    if first is not None:
        row = by_metric[first.metric]
        share, interval = short_figure(result, first)
    name = _TITLES.get(str(row["metric"]), "connectivity_other")
    what = METRICS[str(row["metric"])].label
    if share == "0 %" and row["metric"] in _LEADING:
        name += "_none"
    text = title(name, result, what=what, where=where, share=share)
    return Caption(text, said, notes, number=share, interval=interval)


def _is_of(one: Finding, state: str, rows: Sequence[Row]) -> bool:
    """Return whether a finding is about a drawn row of a state."""
    drawn = {row["metric"] for row in rows}
    return one.kind in _LEFT and one.state == state and one.metric in drawn


def connected(result: Result) -> dict[str, list[Row]]:
    """Return the rows of connectivity that clearly change, for the states with the largest
    losses.
    """
    known = index(result)
    found = {}
    for state in cut_most(result):
        lines = [known.get(metric, WORST, state=state) for metric in _SHOWN]
        kept = [
            row
            for row in lines
            if row is not None and is_sure(row) and abs(effect(row)) >= _FELT * _by(row) > 0
        ]
        if kept:
            found[state] = kept
    return dict(list(found.items())[:_STATES])


def _by(row: Row) -> float:
    """Return the reference of a row's share."""
    return 1.0 if METRICS[str(row["metric"])].form == "share" else effect(row, "baseline")


def _bar(row: Row, where: str) -> Bar:
    """Return a row of a chart, from the level without the policies to the level with them [%]."""
    by = _by(row) / 100
    was = effect(row, "baseline") / _by(row) * 100
    middle, low, high = (min(100.0, max(0.0, was + end / by)) for end in ends(row))
    colour = VERMILLION if middle < was else BLUE
    label = f"{METRICS[str(row['metric'])].label}{where}"
    return Bar(
        label,
        (middle, low, high),
        f"{percent(was / 100)} to {percent(middle / 100)}",
        colour,
        "o-",
        was,
    )


@chart(
    title="Routes between countries",
    description="Share of people in two countries who can reach each other, without the policies "
    "(ring) and with them (dot). If all can, how much longer the routes are.",
    metrics=(REACH, STRETCH),
    size=lambda result: (WIDTH, 4.8),
)
def routes_matrix(result: Result, place: Place) -> Caption:
    """Draw the pairs of countries that lose most routes, or whose routes grow most, on the day of
    the largest change.
    """
    result.need(STRETCH)
    date, pairs = _pairs(result)
    if not pairs:
        return nothing(place, "routes_matrix")
    axes = place.axes()
    lost = bool(pairs[0][3].any())
    bars = []
    for i, j, was, change, longer in pairs[:_PAIRS]:
        names = f"{state_name(result.scenario, i)} and {state_name(result.scenario, j)}"
        if lost:
            low, middle, high = (100 * (was + x) for x in with_ends(change))
            text = f"{percent(was)} to {percent(middle / 100)}"
            bars.append(Bar(names, (middle, low, high), text, VERMILLION, "o-", 100 * was))
        else:
            low, middle, high = (100 * x for x in with_ends(longer))
            bars.append(Bar(names, (middle, low, high), f"+{percent(middle / 100)}", VERMILLION))
    rows(axes, bars, unit="pairs of people with a route [%]" if lost else "longer by [%]")
    a, b, was, change, longer = pairs[0]
    both = {
        "a": state_name(result.scenario, a, article=True),
        "b": state_name(result.scenario, b, article=True),
    }
    if lost:
        axes.set_xlim(-2, 104)
    kept = max(0.0, float(was + np.median(change)) / was) if was else 0.0
    share = percent(kept) if lost else percent(float(np.median(longer)))
    what = (
        "Pairs of people with a route over the carriers" if lost else "How much longer routes are"
    )
    said = f"{what}, on {day(date)}, the day of the largest change [%]; lines: 80 % of seeds"
    more = (
        f"{len(pairs) - _PAIRS} more pairs change and are not shown. "
        if len(pairs) > _PAIRS
        else ""
    )
    notes = f"{more}{only_some(change if lost else longer)}"
    abroad = index(result).get("reach_abroad", WORST, state=a)
    if lost and is_sure(abroad) and all(a in pair[:2] for pair in pairs):
        text = title(
            "routes_state", result, where=both["a"], share=percent(effect(abroad, "policy"))
        )
    else:
        text = title("routes_matrix" if lost else "routes_longer", result, share=share, **both)
    return Caption(text, said, notes)


def _pairs(result: Result) -> tuple[str, list[tuple[str, str, float, Array, Array]]]:
    """Return the day of the largest change, and the pairs of states whose routes visibly change on
    that day.

    A pair has the share with a route without the policies, and two changes, (M,): of this share,
    and of the length of routes [1]. Pairs with an acting state come first, then pairs with most
    people affected. After a cut of transit alone, routes of a state without a carrier in the tables
    are left out, because they follow from an assumed carrier.
    """
    axes = result.members[0][0].axes
    real = result.members[0][0].real
    acts = acting(result)
    known = np.ones(len(axes.states), dtype=np.bool_)
    if is_transit_alone(result.scenario):
        known = np.isin(axes.states, list(seats(result.scenario)))
    both = np.logical_and.outer(known, known)
    reach, far = (
        np.where(both, [[arm.arrays[key] for arm in pair] for pair in result.members], 0.0)
        for key in (REACH, STRETCH)
    )
    # Median over seeds of the sum over all pairs of states.
    by_day = [
        np.abs(np.diff(np.median(part, axis=0), axis=0))[0].sum(axis=(1, 2))
        for part in (reach, far)
    ]
    at = int(np.argmax(by_day[0] if by_day[0].any() else by_day[1]))
    reach = reach[:, :, at]
    far = far[:, :, at]
    change = reach[:, 1] - reach[:, 0]
    with np.errstate(invalid="ignore", divide="ignore"):
        longer = np.where((far[:, 0] > 0) & (reach[:, 1] > 0), far[:, 1] / far[:, 0] - 1, 0.0)
    lost = (np.median(change, axis=0) <= -VISIBLE).any()
    size = -np.median(change, axis=0) if lost else np.median(np.nan_to_num(longer), axis=0)
    found = []
    for i, j in zip(*np.nonzero(np.triu(size >= VISIBLE, 1)), strict=True):
        a = axes.states[i]
        b = axes.states[j]
        people = real.get(a, 0.0) * real.get(b, 0.0)
        a, b, own = (b, a, True) if b in acts and a not in acts else (a, b, a in acts)
        shift = change[:, i, j] if lost else np.zeros(len(change))
        pair = (a, b, float(np.median(reach[:, 0, i, j])), shift, longer[:, i, j])
        found.append((not own, -float(size[i, j]) * people, pair))
    return axes.dates[at], [each for *_, each in sorted(found, key=lambda one: one[:2])]
