"""A map of the world with the Pacific in the middle: access, lost family contact, and camps of
states.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from ..core.groups import Group
from ..core.program import program_stamp
from ..decisions import ADOPTS, Decision, camps_of
from ..facts.outlines import centres, read_outlines
from ..results import Result
from ..results.interval import interval
from ..results.summary import typical_member
from ..results.world_map import LOST, OPENNESS, REACH, MapDay, map_day
from ..text.numbers import day as day_text
from ..text.numbers import number, percent, state_name
from ..text.reportable import EVER, index, is_sure
from .marks import date_axis, days, on_axis
from .page import (
    GREY,
    INK,
    ORANGE,
    PALE,
    VERMILLION,
    WIDTH,
    Caption,
    House,
    Place,
    blank,
    house_style,
    nothing,
    title,
)
from .registry import chart

STEPS = (0.5, 0.7, 0.85, 0.95)
"""Openness values at which the shade changes [1]; equal for all runs, so that maps can be compared.
"""
SHADES = ("#08306b", "#2171b5", "#6baed6", "#c6dbef", "#eff5fb")
"""Shades from least to most open; they differ in lightness, so that they are legible in grey."""
OTHER = "#f4f4f2"
EDGE = "#b9b9b9"
"""Colours of land outside of the run, and of borders."""
MEMBER = "#dedede"
"""Colour of a country of the run that is in no camp."""
CAMPS = ("#f0b08a", "#85bce0", "#8fd3bd", "#f3d08a", "#e3bdd2")
"""Colours of camps, pale so that arrows are legible on them."""
VIEW = (-26.0, 334.0, -56.0, 78.0)
"""Limits of longitude and latitude [degrees]: the Pacific in the middle, the edge in the Atlantic.
"""
MAPS = 4
FRAMES = 24
"""Number of maps on the chart; largest number of pictures of the animation."""
PARTED_SHOWN = 12
ARROWS = 14
"""Largest number of pairs of states without a route, and of policies against firms, in one picture.
"""
_FELT = 0.005  # smallest fall in openness that a title names [1] (assumption)
_WIDEST = 4.0  # points, for the corridor with most people out of contact
_FRAME = (10.0, 5.7)  # inches
# outlines with more points are drawn with every second point on a small map
_LONG = 60
_COARSE = 12


@dataclass(frozen=True)
class Scene:
    """Contents of one map."""

    shown: MapDay  # openness, corridors, routes and cables of the day
    camps: (
        Mapping[str, str] | None
    )  # country -> the leader of its camp; None where states do not decide in the run
    strikes: Sequence[
        tuple[str, str, str]
    ]  # acting state, home and name of its target, since the previous map
    leaders: tuple[str, ...] = ()  # camps of all maps, so that a camp has the same colour on each


def scenes(result: Result, count: int) -> tuple[list[Scene], int]:
    """Return ``count`` maps from the first day of a run to the last, and the number of the seed
    that they show: a typical seed if states decide, 0 for the median of all seeds.
    """
    decided = any(policy.decisions for _, policy in result.members)
    one = typical_member(result.members) if decided else 0
    members = [result.members[one - 1]] if decided else result.members
    made = members[0][1].decisions if decided else ()
    last = len(result.dates) - 1
    when = {round(last * k / max(1, count - 1)) for k in range(min(count, last + 1))}
    if (
        LOST in result.metrics and not decided and len(when) == MAPS
    ):  # one of the maps is of the worst day
        out_of_contact = [
            np.nansum(policy.arrays[LOST] - base.arrays[LOST], axis=1) for base, policy in members
        ]
        worst = int(np.median(out_of_contact, axis=0).argmax())
        if worst not in when:
            when.remove(min(when - {0, last}, key=lambda at: abs(at - worst)))
            when.add(worst)
    before = days(result)[0] + dt.timedelta(days=-1)
    out = list[Scene]()
    for at in sorted(when):
        today = days(result)[at]
        stand = camps_of(d for d in made if d.day <= today)
        camps = (
            {state: leader for (leader, _), inside in stand.items() for state in inside}
            if decided
            else None
        )
        strikes = dict.fromkeys(
            s for d in made if before < d.day <= today for s in _strikes(result, d)
        )
        out.append(Scene(map_day(members, result.scenario, at), camps, list(strikes)))
        before = today
    leaders = tuple(sorted({leader for each in out for leader in (each.camps or {}).values()}))
    return [replace(each, leaders=leaders) for each in out], one


def _strikes(result: Result, decision: Decision) -> Iterator[tuple[str, str, str]]:
    """Yield each platform abroad that a state acts against with a new policy: the state, the
    platform's home, and its name.
    """
    platforms = result.scenario.facts.platforms
    for aim in decision.target if isinstance(decision.act, ADOPTS) else ():
        home = platforms[aim.name].home if aim.name in platforms else aim.name
        if home != decision.who and home in centres() and decision.who in centres():
            yield decision.who, home, aim.name


@chart(
    title="The world on a map",
    description="Shade: how much of the world's platforms people can open or, if states decide, "
    "which camp each state is in. Orange arcs: families out of contact. Arrows: who "
    "acts against whom. Black: routes and cables cut.",
    metrics=(OPENNESS, LOST, REACH),
    of_metric=False,
    size=lambda result: (WIDTH, 5.8),
)
def atlas(result: Result, place: Place) -> Caption:
    """Draw the world on four days of a run; in a small place only on the worst of them, or on the
    last if states decide.
    """
    shown, one = scenes(result, MAPS)
    if not _moves(shown, result):
        return nothing(place, "atlas")
    if place.inches[0] < 6 or place.inches[1] < 3.5:
        shown = [shown[-1] if one else max(reversed(shown), key=_out_of_contact)]
    columns = 1 if len(shown) == 1 else 2
    widest = max(map(_out_of_contact, shown))
    for axes, each in zip(place.grid(-(-len(shown) // columns), columns), shown, strict=False):
        draw(axes, each, widest)
        axes.set_title(day_text(each.shown.date), fontsize="small")
    _legend(place, axes, shown[-1], result)
    notes = f"{_whose(one, len(result.members))} Outlines: Natural Earth."
    return Caption(_title(result, shown), _subtitle(shown), notes)


def frames(result: Result) -> Iterator[Figure]:
    """Yield the pictures of the animation, one map each, from the first day of a run to the
    last.
    """
    every, one = scenes(result, FRAMES)
    widest = max(map(_out_of_contact, every))
    seen: list[tuple[str, str, str]] = []
    for each in every:
        seen += each.strikes
        with house_style():
            figure = House(result=result, figsize=_FRAME)
            figure.set_layout_engine("none")
            draw(figure.add_axes((0.0, 0.15, 1.0, 0.72)), each, widest, labels=True)
            _time_bar(figure.add_axes((0.03, 0.1, 0.94, 0.025)), result, each.shown.date)
            day = day_text(each.shown.date)
            status = str(result.scenario.status).upper()
            below = f"{_subtitle(every)}. {_whose(one, len(result.members))}"
            stamp = f"{program_stamp(result.version, result.commit)}, run {result.run_id}"
            count = ""
            if each.camps is not None:
                count = f"{len(each.camps)} countries in camps; {len(seen)} policies against firms abroad so far"
            elif people := sum(people for *_, people in each.shown.corridors):
                count = f"{number(people)} people abroad out of contact"
            bold: dict[str, Any] = {"fontweight": "bold", "va": "top"}
            figure.text(0.015, 0.975, status, fontsize="small", color=VERMILLION, **bold)
            figure.text(0.015, 0.935, day, fontsize="x-large", **bold)
            figure.text(0.985, 0.935, count, fontsize="large", ha="right", va="top")
            figure.text(0.015, 0.012, below, fontsize="x-small", color=GREY)
            figure.text(0.985, 0.012, stamp, fontsize="x-small", color=GREY, ha="right")
            figure.caption = Caption(day)
            yield figure


def _time_bar(axes: Axes, result: Result, date: str) -> None:
    """Draw a bar of the days so far, with a tick for the first day of each policy."""
    first = days(result)[0]
    last = days(result)[-1]
    axes.barh(0, max(1, (last - first).days), left=on_axis(first), height=1, color=PALE)
    axes.barh(
        0, (dt.date.fromisoformat(date) - first).days, left=on_axis(first), height=1, color=INK
    )
    for policy in result.scenario.policies:
        if policy.on is not None and first <= policy.on <= last:
            axes.axvline(on_axis(policy.on), color=VERMILLION, linewidth=1.5)
    date_axis(axes, days(result))
    axes.set_ylim(-0.5, 0.5)
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    axes.tick_params(labelsize="x-small")


def shade(openness: float) -> str:
    """Return the shade of an openness [1]."""
    return SHADES[sum(openness >= step for step in STEPS)]


def _fill(code: str, each: Scene) -> str:
    """Return the colour of a country."""
    if code not in each.shown.openness and code not in (each.camps or {}):
        return OTHER
    if each.camps is None:
        return shade(each.shown.openness[code])
    camp = each.camps.get(code)
    return CAMPS[each.leaders.index(camp) % len(CAMPS)] if camp else MEMBER


def draw(axes: Axes, each: Scene, widest: float, *, labels: bool = False) -> None:
    """Draw a map; ``widest`` is the widest corridor of all maps [persons], and labels name the
    targets of the newest policies.
    """
    axes.add_collection(_land(each, fine_everywhere=labels))
    blank(axes).set(xlim=VIEW[:2], ylim=VIEW[2:], aspect="equal")
    at = {code: (x + 360.0 * (x < VIEW[0]), y) for code, (x, y) in centres().items()}
    _draw_lines(axes, each.shown, at, widest)
    for who, home, name in each.strikes[-ARROWS:]:
        look: dict[str, Any] = {
            "arrowstyle": "-|>",
            "connectionstyle": "arc3,rad=-0.2",
            "color": INK,
            "linewidth": 1.1,
        }
        axes.annotate("", at[home], at[who], arrowprops=look, zorder=6)
        if labels:
            look = {"fontsize": "x-small", "fontweight": "bold", "zorder": 7}
            axes.annotate(name, at[home], (4, 4), textcoords="offset points", **look)


def _land(each: Scene, *, fine_everywhere: bool) -> PolyCollection:
    """Return the countries in their colours."""
    rings: list[np.ndarray] = []
    fills: list[str] = []
    for code, parts in read_outlines().items():
        for whole in parts:
            # Long outlines, and all outlines outside of the run, are coarser: they are most of the
            # file size.
            longest = _LONG if code in each.shown.openness else _COARSE
            fine = fine_everywhere or len(whole) <= longest
            ring = whole if fine else whole[::2]
            for turn in (0.0, 360.0):  # a country at the edge of the map is drawn on both sides
                if ring[:, 0].max() + turn > VIEW[0] and ring[:, 0].min() + turn < VIEW[1]:
                    rings.append(ring + np.array([turn, 0.0]))
                    fills.append(_fill(code, each))
    return PolyCollection(rings, facecolors=fills, edgecolors=EDGE, linewidths=0.3)


def _draw_lines(
    axes: Axes, shown: MapDay, at: Mapping[str, tuple[float, float]], widest: float
) -> None:
    """Draw lost routes, cut cables, and people out of contact."""
    for a, b, share in shown.parted[-PARTED_SHOWN:]:
        if a in at and b in at:
            look: dict[str, Any] = {
                "linewidth": 0.4 + 0.8 * share,
                "linestyle": (0, (1.5, 1.5)),
                "alpha": 0.7,
            }
            axes.plot(*curve(at[a], at[b]).T, color=INK, **look)
    for _, joined in shown.cables:
        for here, there in pairwise([at[code] for code in joined if code in at]):
            line = curve(here, there)
            axes.plot(*line.T, color=INK, linewidth=1.2, zorder=3)
            axes.plot(*line[len(line) // 4], marker="x", color=INK, markersize=5, zorder=4)
    for residence, origin, people in shown.corridors:
        if residence in at and origin in at:
            width = 0.6 + _WIDEST * float(np.sqrt(people / widest))
            axes.plot(
                *curve(at[origin], at[residence]).T,
                color=ORANGE,
                linewidth=width,
                alpha=0.8,
                zorder=5,
                solid_capstyle="round",
            )


def curve(here: tuple[float, float], there: tuple[float, float]) -> np.ndarray:
    """Return points of an arc that bends to the north, shape (points, 2) [degrees]."""
    (x1, y1) = here
    (x2, y2) = there
    top = ((x1 + x2) / 2, (y1 + y2) / 2 + 0.18 * float(np.hypot(x2 - x1, y2 - y1)))
    t = np.linspace(0.0, 1.0, 24)[:, None]
    return np.asarray(
        (1 - t) ** 2 * np.array(here) + 2 * t * (1 - t) * np.array(top) + t**2 * np.array(there)
    )


def _moves(shown: Sequence[Scene], result: Result) -> bool:
    """Return whether the policies change anything that one of the maps shows."""
    return any(
        each.camps
        or each.strikes
        or each.shown.corridors
        or each.shown.parted
        or each.shown.cables
        or any(
            shade(was) != shade(each.shown.openness[code])
            for code, was in _without(result, each.shown).items()
        )
        for each in shown
    )


def _without(result: Result, shown: MapDay) -> dict[str, float]:
    """Return the openness of each state with an outline on the day of a map without the policies,
    median over seeds.
    """
    at = result.dates.index(shown.date)
    codes = result.members[0][0].axes.states
    opened = np.median([base.arrays[OPENNESS][at] for base, _ in result.members], axis=0)
    return {
        code: float(was) for code, was in zip(codes, opened, strict=True) if code in read_outlines()
    }


def _out_of_contact(each: Scene) -> float:
    """Return the number of people that the largest arc of a map represents [persons]."""
    return max((people for *_, people in each.shown.corridors), default=0.0)


def _title(result: Result, shown: Sequence[Scene]) -> str:
    """Return the finding: camps, people out of contact, routes, or what a country loses."""
    found = index(result)
    corridors = sorted(
        (people, here, home) for each in shown for here, home, people in each.shown.corridors
    )
    for each in reversed(shown):
        day = each.shown
        if each.camps:
            return title("atlas_camps", result, number=len(each.camps))
        for people, residence, origin in reversed(corridors):
            row = found.get(EVER, "total", group=str(Group(residence, origin, "diaspora")))
            if EVER not in result.metrics or is_sure(row):
                here, there = (
                    state_name(result.scenario, code, article=True) for code in (residence, origin)
                )
                return title("atlas_contact", result, number=number(people), a=there, b=here)
        if day.parted:
            return title("atlas_routes", result, number=len(day.parted))
        falls = [(was - day.openness[code], code) for code, was in _without(result, day).items()]
        fall, code = max(falls, default=(0.0, ""))
        at = result.dates.index(day.date)
        place = result.members[0][0].axes.states.index(code)
        change = [
            p.arrays[OPENNESS][at, place] - base.arrays[OPENNESS][at, place]
            for base, p in result.members
        ]
        # In 80 % of the seeds the state is less open than without the policies.
        if fall >= _FELT and interval(np.array(change))[1] < 0:
            share = percent(day.openness[code])
            return title(
                "atlas_open",
                result,
                where=state_name(result.scenario, code, article=True),
                share=share,
            )
    strikes = sum(len(each.strikes) for each in shown)
    return (
        title("atlas_strikes", result, number=strikes) if strikes else title("atlas_small", result)
    )


def _subtitle(shown: Sequence[Scene]) -> str:
    """Return the description of the drawn elements."""
    parts = ["Colour: camps of countries; arrows: who acts against whom"]
    if shown[0].camps is None:
        parts = ["Shade: share of the world's platforms that people can use without effort"]
    parts += ["orange: people abroad cut off from family"] * any(
        each.shown.corridors for each in shown
    )
    parts += ["dotted: routes lost"] * any(each.shown.parted for each in shown)
    parts += ["crosses: cables cut"] * any(each.shown.cables for each in shown)
    return "; ".join(parts)


def _whose(one: int, members: int) -> str:
    """Return which seeds the map shows."""
    if one:
        return f"Run {one}, a typical one."
    return "Median over seeds." if members > 1 else ""


def _legend(place: Place, axes: Axes, each: Scene, result: Result) -> None:
    """Draw the legend of the colours below the last map."""
    if each.camps is not None:
        names = [
            (CAMPS[i % len(CAMPS)], f"with {state_name(result.scenario, code, article=True)}")
            for i, code in enumerate(each.leaders)
        ]
        names.append((MEMBER, "in no camp"))
    else:
        edges = [
            "under 50 %",
            *(f"{a:.0%} to {b:.0%}".replace("%", " %") for a, b in pairwise(STEPS)),
            "95 % or more",
        ]
        names = list(zip(SHADES, edges, strict=True))
    names.append((OTHER, "not in the run"))
    handles = [Patch(facecolor=fill, edgecolor=EDGE, label=label) for fill, label in names]
    if place.area is axes:
        axes.legend(
            handles=handles,
            loc="upper center",
            ncols=3,
            fontsize="x-small",
            bbox_to_anchor=(0.5, 0.0),
        )
    else:
        ncols = len(handles) if place.inches[0] > 5 else 3
        place.figure().legend(
            handles=handles, loc="outside lower center", ncols=ncols, fontsize="x-small"
        )
