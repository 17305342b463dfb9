"""The policies of a run as bars under a chart: announced, in force, stayed, ended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..text.states import counted, decided
from .marks import date_axis, days, on_axes, on_axis, policy_days
from .saving import BY_DAY
from .style import GREY, INK, WIDTH, points

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..results import Result
    from .page import Caption, House, Place

MOST = 6  # policies shown; the rest is counted
_ROW, _DAYS = 0.34, 0.6  # inches: a policy, and the days below them where they have an axis of their own
_NAMED = 5  # states named one by one; more are counted


@dataclass(frozen=True)
class Strip:
    """One policy in time.

    Attributes
    ----------
    label : str
        What it is, who does it, to whom.
    announced, on : date or None
        The day people learn of it, and the first day in force; None for a bare threat.
    spans : tuple of (date, date, str)
        First day, first day after, and ``on`` or ``stayed``, within the run.
    """

    label: str
    announced: dt.date | None
    on: dt.date | None
    spans: tuple[tuple[dt.date, dt.date, str], ...]


def strips(policies: Sequence[Any], first: dt.date, last: dt.date) -> list[Strip]:
    """Return what each policy does in time; stays and endings are drawn on the policy they belong to.

    Parameters
    ----------
    policies : sequence of Policy
        The policies of a scenario.
    first, last : date
        First and last day of the run.
    """
    end = last + dt.timedelta(days=1)
    found = []
    for policy in policies:
        if policy.HALTS:
            continue
        about = [other for other in policies if other.about() == policy.id and other.on is not None]
        until = min([end, *([policy.until] if policy.until else []), *(o.on for o in about if o.ENDS)])
        stays = [(o.on, min(o.until or end, until)) for o in about if o.HALTS and not o.ENDS]
        spans = [] if policy.on is None else _spans(max(policy.on, first), until, sorted(stays))
        found.append(Strip(_label(policy), policy.announced, policy.on, tuple(spans)))
    return found


def _spans(
    start: dt.date, end: dt.date, stays: Sequence[tuple[dt.date, dt.date]]
) -> list[tuple[dt.date, dt.date, str]]:
    """Return a policy's time in force, cut where a court stays it."""
    spans = []
    at = start
    for stay, free in stays:
        stay, free = max(stay, at), min(free, end)
        if stay >= free:
            continue
        if at < stay:
            spans.append((at, stay, "on"))
        spans.append((stay, free, "stayed"))
        at = free
    if at < end:
        spans.append((at, end, "on"))
    return spans


def _label(policy: Any) -> str:
    """Return what a policy is, in a few words: who does what, to whom."""
    by = "+".join(policy.by) if len(policy.by) <= _NAMED else f"{len(policy.by)} states"
    what = str(policy.instrument).replace("_", " ")
    about = policy.about()
    if about:
        return f"{by}: {what} for {about}"
    objects = policy.objects()
    names = [name for kind, name in objects if kind == objects[0].kind]
    listed = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return f"{by}: {what}{f' on {listed}' if listed else ''}"


def timeline_height(result: Result, most: int = MOST) -> float:
    """Return how much room the timeline of at most so many policies takes [inches]; zero where nobody acts."""
    x = days(result)
    n = len(strips(result.scenario.policies, x[0], x[-1]))
    own = bool(_decided(result))
    return _ROW * (min(n, most) + 0.6 * (n > most) + own + 0.6) if n or own else 0.0


def over_time(
    place: Place, result: Result, rows: int = 1, columns: int = 1, *, dates: Sequence[dt.date] = (), **keys: Any
) -> list[Axes]:
    """Return axes over the days of a run, row by row, with the timeline of the policies below them where it fits.

    Parameters
    ----------
    place : Place
        Where to draw.
    result : Result
        The run.
    rows, columns : int
        How many charts.
    dates : sequence of date
        The days; by default all of the run.
    **keys
        As for `matplotlib.figure.Figure.subplots`.
    """
    room = timeline_height(result) if place.is_roomy else 0.0
    if not room or room > 0.4 * place.inches[1]:
        places = place.grid(rows, columns, **keys)
    elif rows * columns == 1:  # one chart and the timeline share their days
        upper, lower = place.grid(2, 1, sharex=True, height_ratios=(place.inches[1] - 1.6 - room, room))
        draw_timeline(lower, result)
        places = [upper]
    else:
        above, below = place.figure().subfigures(2, 1, height_ratios=(place.inches[1] - 2.2 - room, room + _DAYS))
        places = replace(place, area=above).grid(rows, columns, **keys)
        draw_timeline(replace(place, area=below).axes(), result)
    for axes in places:
        date_axis(axes, dates or days(result), few=place.inches[0] / columns < 3.6)
        axes.set_label(BY_DAY)
        policy_days(axes, result)
    return places


def draw_timeline(axes: Axes, result: Result, most: int = MOST) -> None:
    """Draw the policies of a run as bars over its days, at most so many; the rest is counted.

    Below them, what states decide by themselves: a mark for each decision, of all members.
    """
    x = days(result)
    every = strips(result.scenario.policies, x[0], x[-1])
    date_axis(axes, x)
    rows = 0
    for strip in every[:most]:
        _draw_strip(axes, rows, strip, x[0], x[-1])
        rows += 1
    own = _decided(result)
    if own:
        axes.plot(on_axes(own), [rows] * len(own), "|", color=INK, markersize=7, alpha=0.6, clip_on=False)
        per = counted([len(made) for made in decided(result)], "decision", "decisions")
        _write(axes, 0.0, rows - 0.28, f"Countries by themselves: {per}")
        rows += 1
    if len(every) > most:
        _write(axes, 0.0, rows + 0.1, f"and {len(every) - most} more", color=GREY)
    axes.set_ylim(rows - 0.4 + 0.8 * (len(every) > most), -0.85)
    axes.set_yticks([])
    axes.grid(False)
    axes.spines["left"].set_visible(False)


def _decided(result: Result) -> list[dt.date]:
    """Return the days on which states adopted a policy, joined or lifted one, in any member."""
    if not hasattr(result, "model_error"):  # a table of hindcasts stands in for a run, and keeps no decisions
        return []
    return sorted(d.day for made in decided(result) for d in made)


def _write(axes: Axes, x: float, y: float, text: str, **look: Any) -> None:
    """Write over a row; along the days from 0 to 1."""
    axes.text(x, y, text, fontsize="x-small", va="bottom", transform=axes.get_yaxis_transform(), **look)


def _draw_strip(axes: Axes, row: int, strip: Strip, first: dt.date, last: dt.date) -> None:
    """Draw one policy: a ring where it is announced, a bar where it is in force, hatched where stayed."""
    begin = strip.spans[0][0] if strip.spans else last
    announced = max(strip.announced, first) if strip.announced else begin
    if announced < begin:
        axes.plot(on_axes([announced, begin]), [row, row], color=INK, linewidth=1.1, linestyle=(0, (2, 2)))
        axes.plot(on_axes([announced]), [row], "o", markerfacecolor="white", markeredgecolor=INK, markersize=5.5,
                  clip_on=False)  # fmt: skip
    for start, end, kind in strip.spans:
        colours = {"facecolor": "white", "hatch": "/////", "edgecolor": INK} if kind == "stayed" else {"facecolor": INK}
        look: dict[str, Any] = {"height": 0.3, **colours}
        axes.barh(row, (end - start).days, left=on_axis(start), **look)
    text = "; ".join([strip.label, *_phases(strip, first, last)])
    # The text starts at its bar, or as much earlier as it needs to end within the axis.
    low, high = axes.get_xlim()
    wide = axes.get_window_extent().width / axes.figure.dpi
    needs = len(text) * points("x-small") * 0.53 / 72
    x = max(0.0, min((on_axis(min(announced, last)) - low) / (high - low), 1 - needs / wide))
    _write(axes, x, row - 0.28, text)


def _phases(strip: Strip, first: dt.date, last: dt.date) -> list[str]:
    """Return when a policy was announced, began, was stayed and ended, in words."""
    year = first.year
    announced = strip.announced
    words = [f"announced {_short(announced, year)}"] if announced and (strip.on is None or announced < strip.on) else []
    if strip.on is None:
        return [*words, "never in force"]
    if strip.on > last:
        return [*words, f"in force from {_short(strip.on, year)}, after this run"]
    for start, _, kind in strip.spans[:4]:
        begin = strip.on if kind == "on" and start == first else start
        words.append(f"{'in force' if kind == 'on' else 'stayed'} from {_short(begin, year)}")
    if strip.spans and strip.spans[-1][1] <= last:
        words.append(f"ended {_short(strip.spans[-1][1], year)}")
    return words if strip.spans else [*words, "over before this run"]


def _short(date: dt.date, year: int) -> str:
    """Return a date as ``20 Sep``, with its year where that is another."""
    return f"{date.day} {date:%b}" + (f" {date.year}" if date.year != year else "")


def policy_timeline(result: Result) -> House:
    """Return all policies of a run in time, as a picture of their own."""
    from .page import Caption, page

    n = len(result.scenario.policies)

    def paint(place: Place) -> Caption:
        draw_timeline(place.axes(), result, n)
        return Caption(f"{'The policy' if n == 1 else 'The policies'} in time")

    return page(result, paint, figsize=(WIDTH, 1.6 + timeline_height(result, n)))
