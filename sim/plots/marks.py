"""Elements of charts: days and policies in time, lines with their band, rows with their interval,
observations.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import MONTHLY, AutoDateLocator, ConciseDateFormatter, date2num

from ..metrics.registry import METRICS
from ..results import Result
from ..results.bands import baseline_band, effect_band, level_band
from ..results.interval import interval
from ..results.model_error import Beside
from ..results.series import MIN_PEOPLE, Cell, cells_of, fewest_people, values
from ..text.decisions import decided, spread
from ..text.numbers import state_name
from .page import BLUE, DOTTED, GREY, INK, SKY, TALL, Place, points, readable, wrapped

Array = np.ndarray[Any, np.dtype[np.float64]]
BAND = "band: 80 % interval; grey: in force"
SAID = "Diamonds: observed, with their tolerance; hollow: missed, outside the 80 % interval."
MOST = 6
"""Largest number of policies below a chart; others are only counted."""
# inches: height of a policy, and of the separate axis of days
_ROW = 0.34
_NAMED = 5  # states named one by one; others are only counted
_DATE = 6
"""Width of a date on an axis with its margin [letters]."""
_MARKED = 4  # most first days of policies that a chart marks
_POINTS = 60  # groups of days in a long line; the first, highest and lowest day of each are drawn
_SHORT_NAMES = 16
_FEWEST_ROWS = 4  # smallest number of rows for which a chart has room
# assumption: a seed with less than this part of the largest effect counts as unaffected
_UNTOUCHED = 0.02
_SOME = 0.25  # assumption: with this part of unaffected seeds, the median of all is not enough


# --- days -----------------------------------------------------------------------------------------


def days(result: Result) -> list[dt.date]:
    """Return the days of a run as dates."""
    return [dt.date.fromisoformat(date) for date in result.dates]


def on_axis(date: Any) -> Any:
    """Return the position of one or more dates on matplotlib's time axis [days]."""
    return date2num(date)  # type: ignore[no-untyped-call]


def date_axis(axes: Axes, x: Sequence[dt.date], *, few: bool = False) -> None:
    """Label an axis with the days of a run, in a form that fits its length; few labels in a narrow
    panel.
    """
    pad = 1.0 if len(x) == 1 else 0.0
    axes.set_xlim(on_axis(x[0]) - pad, on_axis(x[-1]) + pad)
    most = 4 if few else min(8, max(3, int(Place(axes).letters() / _DATE)))
    fewest = 2 if few else 3
    locator = AutoDateLocator(minticks=fewest, maxticks=most)  # type: ignore[no-untyped-call]
    locator.intervald[MONTHLY] = [1, 2, 3, 4, 6, 12]  # a year of months, where few dates fit
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(
        ConciseDateFormatter(  # type: ignore[no-untyped-call]
            locator,
            formats=["%Y", "%b", "%d %b", "%H:%M", "%H:%M", "%S.%f"],
            zero_formats=["", "%b\n%Y", "%b", "%d %b", "%H:%M", "%H:%M"],
            offset_formats=[""] * 6,
            show_offset=False,
        )
    )
    if len(x) == 1:
        axes.set_xticks([on_axis(x[0])], [x[0].isoformat()])
    axes.tick_params(axis="x", length=3)
    axes.grid(False, axis="x")


def policy_days(axes: Axes, result: Result) -> None:
    """Mark the first days of policies with thin lines, and days with a policy in force in grey.
    If there are many lines, which would hide the data, none is drawn.
    """
    first = days(result)[0]
    last = days(result)[-1]
    policies = result.scenario.policies
    begins = {p.on for p in policies if p.on is not None and first < p.on <= last}
    if len(begins) > _MARKED:
        return
    for on in sorted(begins):
        axes.axvline(on_axis(on), color=GREY, linewidth=0.8, linestyle=DOTTED, zorder=0)
    in_force: set[dt.date] = set()
    after = last + dt.timedelta(days=1)
    for policy in policies:
        for start, end, kind in _spans(policy, policies, first, after) if acts(policy) else ():
            lasts = (end - start).days if kind == "on" else 0
            in_force |= {start + dt.timedelta(days=n) for n in range(lasts)}
    flags = [0, *(int(day in in_force) for day in days(result)), 0]
    turns = np.flatnonzero(np.diff(flags))
    for start, end in zip(turns[::2], turns[1::2], strict=True):
        span = (on_axis(first) + start, on_axis(first) + end)
        axes.axvspan(*span, color=GREY, alpha=0.1, linewidth=0, zorder=-1)


def acts(policy: Any) -> bool:
    """Return whether a policy acts itself, instead of ending or staying another one."""
    return not policy.HALTS and not policy.about()


def first_day(result: Result) -> int:
    """Return the first day of a band: the first day with a policy in force or a decision of a
    state.
    """
    starts = [p.on or p.announced for p in result.scenario.policies]
    begins = [start for start in starts if start is not None]
    begins += [d.day for _, policy in result.members for d in policy.decisions[:1]]
    return max(0, (min(begins) - days(result)[0]).days) if begins else 0


def thin(line: Array) -> np.ndarray:
    """Return the days of a line to draw, (N,) int: all days, or the peaks and troughs of a long
    line.
    """
    if len(line) <= 3 * _POINTS:
        return np.arange(len(line))
    kept = {len(line) - 1}
    for part in np.array_split(np.arange(len(line)), _POINTS):
        known = np.nan_to_num(line[part])
        kept |= {int(part[0]), int(part[known.argmax()]), int(part[known.argmin()])}
    return np.array(sorted(kept))


# --- policies in time -----------------------------------------------------------------------------


def _spans(
    policy: Any, policies: Sequence[Any], first: dt.date, end: dt.date
) -> list[tuple[dt.date, dt.date, str]]:
    """Return the periods in a run in which a policy is ``on`` or ``stayed``: first day, day after
    the last.
    """
    about = [other for other in policies if other.about() == policy.id and other.on is not None]
    about = [o for o in about if not o.HALTS or policy.without(o.by) is None]  # all its states
    until = min([end, *([policy.until] if policy.until else []), *(o.on for o in about if o.ENDS)])
    stays = [(o.on, min(o.until or end, until)) for o in about if o.HALTS and not o.ENDS]
    begin = max(policy.on, first) if policy.on else until
    # Days on which the policy changes from in force to stayed or back, between its first day and
    # its end.
    turns = sorted(
        {
            min(max(at, begin), until)
            for at in (begin, until, *(day for stay in stays for day in stay))
        }
    )
    spans: list[tuple[dt.date, dt.date, str]] = []
    for a, b in pairwise(turns):
        kind = "stayed" if any(start <= a < free for start, free in stays) else "on"
        joined = spans and spans[-1][2] == kind
        spans[-1:] = [(spans[-1][0], b, kind)] if joined else [*spans[-1:], (a, b, kind)]
    return spans


def policy_label(policy: Any) -> str:
    """Return a short description of a policy: state, action and targets."""
    by = "+".join(policy.by) if len(policy.by) <= _NAMED else f"{len(policy.by)} states"
    what = str(policy.instrument).replace("_", " ")
    about = policy.about()
    objects = policy.objects()
    if about:
        return f"{by}: {what} for {about}"
    names = [name for kind, name in objects if kind == objects[0].kind]
    listed = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return f"{by}: {what}{f' on {listed}' if listed else ''}"


def timeline_height(result: Result) -> float:
    """Return the height of the timeline of the policies [inches]; zero if there are none."""
    n = sum(not policy.HALTS for policy in result.scenario.policies)
    own = bool(_decided(result))
    return _ROW * (min(n, MOST) + 0.6 * (n > MOST) + own + 0.6) if n or own else 0.0


def over_time(
    place: Place,
    result: Result,
    rows: int = 1,
    columns: int = 1,
    *,
    dates: Sequence[dt.date] = (),
    **keys: Any,
) -> list[Axes]:
    """Return axes over the days of a run, row by row, with the days of a policy in grey. A single
    chart has the timeline of the policies below it if there is room.

    By default the days are those of the run; the keywords are those of
    `matplotlib.figure.Figure.subplots`.
    """
    room = timeline_height(result) if place.is_page and min(place.inches) >= TALL else 0.0
    if rows * columns > 1 or not room or room > 0.4 * place.inches[1]:
        places = place.grid(rows, columns, **keys)
    else:  # a single chart and the timeline share the axis of days
        upper, lower = place.grid(
            2, 1, sharex=True, height_ratios=(place.inches[1] - 1.6 - room, room)
        )
        draw_timeline(lower, result)
        places = [upper]
    for axes in places:
        date_axis(axes, dates or days(result), few=place.inches[0] / columns < 3.6)
        policy_days(axes, result)
    return places


def draw_timeline(axes: Axes, result: Result) -> None:
    """Draw the first policies of a run as bars over its days; others are only counted.

    Below them, marks show the decisions of states for all seeds.
    """
    x = days(result)
    every = [policy for policy in result.scenario.policies if not policy.HALTS]
    date_axis(axes, x)
    look: dict[str, Any] = {
        "fontsize": "x-small",
        "va": "bottom",
        "transform": axes.get_yaxis_transform(),
    }
    for row, policy in enumerate(every[:MOST]):
        spans = _spans(policy, result.scenario.policies, x[0], x[-1] + dt.timedelta(days=1))
        _draw_policy(axes, row, policy, spans, x, look)
    rows = len(every[:MOST])
    own = _decided(result)
    if own:
        axes.plot(
            on_axis(own), [rows] * len(own), "|", color=INK, markersize=7, alpha=0.6, clip_on=False
        )
        per = spread([len(made) for made in decided(result)])
        decisions = "decision" if per == "1" else "decisions"
        axes.text(0.0, rows - 0.28, f"Countries by themselves: {per} {decisions}", **look)
        rows += 1
    if len(every) > MOST:
        axes.text(0.0, rows + 0.1, f"and {len(every) - MOST} more", color=GREY, **look)
    axes.set_ylim(rows - 0.4 + 0.8 * (len(every) > MOST), -0.85)
    axes.set_yticks([])
    axes.grid(False)
    axes.spines["left"].set_visible(False)


def _decided(result: Result) -> list[dt.date]:
    """Return the days on which states adopted, joined or lifted a policy, for any seed."""
    if not hasattr(
        result, "model_error"
    ):  # a table of hindcasts takes the place of a run and has no decisions
        return []
    return sorted(d.day for made in decided(result) for d in made)


def _draw_policy(
    axes: Axes,
    row: int,
    policy: Any,
    spans: Sequence[Any],
    x: Sequence[dt.date],
    look: dict[str, Any],
) -> None:
    """Draw one policy with its label: a ring when announced, a bar while in force, hatched while
    stayed.
    """
    announced = policy.announced
    on = policy.on
    first = x[0]
    last = x[-1]

    def short(date: dt.date) -> str:
        return f"{date.day} {date:%b}" + (f" {date.year}" if date.year != first.year else "")

    begin = spans[0][0] if spans else last
    known = max(announced, first) if announced else begin
    if known < begin:
        axes.plot(
            on_axis([known, begin]), [row, row], color=INK, linewidth=1.1, linestyle=(0, (2, 2))
        )
        axes.plot(
            on_axis([known]),
            [row],
            "o",
            markerfacecolor="white",
            markeredgecolor=INK,
            markersize=5.5,
            clip_on=False,
        )
    words = [policy_label(policy)]
    words += (
        [f"announced {short(announced)}"] if announced and (on is None or announced < on) else []
    )
    for start, end, kind in spans:
        stayed = {"facecolor": "white", "hatch": "/////", "edgecolor": INK}
        bar: dict[str, Any] = {
            "height": 0.3,
            **(stayed if kind == "stayed" else {"facecolor": INK}),
        }
        axes.barh(row, (end - start).days, left=on_axis(start), **bar)
    for start, _, kind in spans[:4]:
        from_ = on if on and kind == "on" and start == first else start
        words.append(f"{'in force' if kind == 'on' else 'stayed'} from {short(from_)}")
    if on is None:
        words.append("never in force")
    elif not spans:
        words.append(
            f"in force from {short(on)}, after this run" if on > last else "over before this run"
        )
    elif spans[-1][1] <= last:
        words.append(f"ended {short(spans[-1][1])}")
    room = Place(axes).letters("x-small", 0.53)
    if len("; ".join(words)) > room and announced:
        words = [
            part for part in words if not part.startswith("announced")
        ]  # the ring shows the announcement
    if len("; ".join(words)) > room:
        words = words[:1]  # the bar shows the days
    # The text starts at its bar, or earlier if it would end outside of the axis.
    text = "; ".join(words)
    (low, high) = axes.get_xlim()
    needs = len(text) / room
    at = (on_axis(min(announced or begin, last)) - low) / (high - low)
    axes.text(max(0.0, min(at, 1 - needs)), row - 0.28, text, **look)


# --- cells ----------------------------------------------------------------------------------------


def find(result: Result, metric: str, **columns: str) -> Cell | None:
    """Return the cell of a metric with these columns (state, platform, group), or None.

    A cell with fewer than 30 simulated people counts as missing: no chart shows it.
    """
    wanted = {"state": "", "platform": "", "group": "", **columns}
    for cell in cells_of(metric, result.members[0][0].axes) if metric in result.metrics else ():
        if (cell.state, cell.platform, cell.group) == tuple(wanted.values()):
            return cell if fewest_people(cell, result.members) >= MIN_PEOPLE else None
    return None


def arms(result: Result, cell: Cell) -> tuple[Array, Array]:
    """Return the values of a cell without the policies and with them, (M, T) each."""
    return values(cell, result.members, 0), values(cell, result.members, 1)


def change_of(result: Result, metric: str, **columns: str) -> Array:
    """Return the effect of the policies on a cell of a metric, (M, T); zero if the cell is missing
    or not defined.
    """
    cell = find(result, metric, **columns)
    if cell is None:
        return np.zeros((len(result.members), len(result.dates)))
    without, given = arms(result, cell)
    return np.nan_to_num(given - without)


@dataclass(frozen=True)
class Curve:
    """A cell over time: the level without the policies, and the effect with its 80 % interval, as
    in the summary.

    The arrays have shape (T,); before the first policy is in force the interval is not defined.
    """

    cell: Cell
    level: Array  # without the policies, median over seeds
    low: Array
    effect: Array  # effect of the policies, median over seeds
    high: Array

    @property
    def given(self) -> Array:
        """The level with the policies, (3, T), see `level_band`."""
        return level_band(self.level, np.array([self.low, self.effect, self.high]))

    @property
    def size(self) -> float:
        """The largest effect on any day, in either direction."""
        return float(np.abs(np.nan_to_num(self.effect)).max(initial=0.0))

    @property
    def is_sure(self) -> bool:
        """True if the interval excludes zero on some day."""
        with np.errstate(invalid="ignore"):
            return bool((np.nan_to_num(self.low) > 0).any() or (np.nan_to_num(self.high) < 0).any())


def curve(result: Result, cell: Cell) -> Curve:
    """Return a cell over time."""
    low, effect, high = effect_band(result, cell)
    for end in (low, high):
        end[: first_day(result)] = np.nan
    return Curve(cell, baseline_band(result, cell)[1], low, effect, high)


# --- lines ----------------------------------------------------------------------------------------


def line(
    axes: Axes,
    x: Sequence[dt.date],
    middle: Array,
    ends: tuple[Array, Array] | None = None,
    *,
    colour: str = BLUE,
    dashes: Any = "-",
    width: float = 2.0,
) -> float:
    """Draw steps, (T,), over T days, with the lower and upper end of its band, (T,) each; return
    its last value.
    """
    kept = thin(middle)
    at = on_axis(x)[kept]
    if len(x) == 1:  # a single day is a point, its band a bar
        spread = None if ends is None else np.nan_to_num([middle - ends[0], ends[1] - middle])
        axes.errorbar(at, middle, yerr=spread, fmt="o", color=colour, capsize=4, markersize=6)
    else:
        if ends is not None:
            axes.fill_between(
                at,
                ends[0][kept],
                ends[1][kept],
                step="post",
                color=colour,
                alpha=0.18,
                linewidth=0,
            )
        axes.plot(
            at,
            middle[kept],
            color=colour,
            linestyle=dashes,
            linewidth=width,
            solid_capstyle="round",
            drawstyle="steps-post",  # a day keeps its value
        )
    known = middle[~np.isnan(middle)]
    return float(known[-1]) if known.size else float("nan")


def both_arms(
    axes: Axes, result: Result, shown: Curve, by: float = 1.0, *, colour: str = BLUE
) -> None:
    """Draw a cell without the policies, dotted, with them and their effect's band, and the observed
    figures.
    """
    line(axes, days(result), shown.level / by, colour=GREY, dashes=DOTTED, width=1.4)
    low, middle, high = shown.given / by
    line(axes, days(result), middle, (low, high), colour=colour)
    for each in observed_of(result, shown.cell):
        mark(axes, each, each.level / by, each.observed.tolerance * each.reference / by)


def change(
    axes: Axes, run: Result, shown: Curve, by: float, *, colour: str, dashes: Any = "-"
) -> float:
    """Draw the difference between the arms with its band, and return the last value."""
    axes.axhline(0, color=GREY, linewidth=0.8, zorder=0)
    ends = shown.low / by, shown.high / by
    return line(axes, days(run), shown.effect / by, ends, colour=colour, dashes=dashes)


def spread_apart(positions: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Return positions moved as little as possible so that each gap is large enough, within limits
    and in the same order.

    >>> spread_apart([0.0, 0.1, 5.0], 1.0, 0.0, 10.0)
    [0.0, 1.0, 5.0]
    """
    order = np.argsort(positions, kind="stable")
    steps = gap * np.arange(len(order))
    up = np.maximum.accumulate(np.maximum(np.asarray(positions, float)[order], low) - steps) + steps
    down = np.minimum.accumulate((np.minimum(up, high) + steps[::-1])[::-1])[::-1] - steps[::-1]
    placed = np.empty(len(order))
    placed[order] = down
    return [float(each) for each in placed]


def end_labels(axes: Axes, labels: Sequence[tuple[float, str, str]]) -> None:
    """Write the names of lines beside their right ends, moved apart if they would overlap.

    A label is the value at the right end, the text and the colour of a line; the limits of the axes
    are final.
    """
    low, high = axes.get_ylim()
    inches = 0.7 * Place(axes).inches[1]  # titles and foot still take a part of the layout
    shown = [min(1.0, max(0.0, (y - low) / (high - low))) for y, _, _ in labels]
    gap = (
        points("small")
        / 72
        * 1.25
        * max((text.count("\n") + 1 for _, text, _ in labels), default=1)
        / inches
    )
    for (_, text, colour), at in zip(labels, spread_apart(shown, gap, 0.0, 1.0), strict=True):
        axes.annotate(
            text,
            (1.0, at),
            (6, 0),
            xycoords="axes fraction",
            textcoords="offset points",
            va="center",
            color=readable(colour),
            fontsize="small",
            annotation_clip=False,
        )


# --- rows -----------------------------------------------------------------------------------------


class Bar(NamedTuple):
    """A row of a chart: a value with its interval, named on the left, with a text on the right."""

    name: str
    ends: Sequence[float]  # the value, and the ends of its interval
    text: str = ""
    colour: str = BLUE
    form: str = "bar"  # "o-": a ring and a dot; otherwise the marker of a dot
    without: float = (
        0.0  # start of the bar: zero for a change, the level without the policies for a level
    )


def rows(axes: Axes, shown: Sequence[Bar], by: float = 1.0, unit: str = "") -> None:
    """Draw rows, the first on top, with a bar or a dot, an interval, and a text on the right.

    The unit is below them.
    """
    bold = {i for i, each in enumerate(shown) if each.form == "D"}
    for i, each in enumerate(shown):
        value, low, high, without = (number / by for number in (*each.ends, each.without))
        if each.form == "bar":
            hatch = "///" if value < without or each.colour == SKY else ""
            axes.barh(
                i,
                value - without,
                left=without,
                height=0.6,
                color=each.colour,
                hatch=hatch,
                edgecolor="white",
            )
        elif each.form == "o-":  # from the level without the policies to the level with them
            axes.plot([without, value], [i, i], color=each.colour, linewidth=2.5, zorder=2)
            axes.plot(
                [without], [i], "o", color=GREY, markerfacecolor="white", markersize=7, zorder=3
            )
            axes.plot([value], [i], "o", color=each.colour, markersize=7, zorder=4)
        else:
            axes.plot([value], [i], each.form, color=each.colour, markersize=6.5, zorder=4)
        if low != high:
            ink = each.colour
            if each.form in ("bar", "o-"):  # contrasts with the mark below
                ink = GREY if each.colour == INK else INK
            axes.plot([low, high], [i, i], color=ink, linewidth=1.4, zorder=3)
        if each.text:
            axes.annotate(
                each.text,
                (1.0, i),
                (6, 0),
                ("axes fraction", "data"),
                "offset points",
                va="center",
                fontsize="x-small",
                annotation_clip=False,
            )
    axes.set_yticks(
        range(len(shown)), [wrapped(each.name, 34, 2) for each in shown], fontsize="small"
    )
    for i in bold:
        axes.get_yticklabels()[i].set_fontweight("bold")
    room = max(0.0, (_FEWEST_ROWS - len(shown)) / 2)  # otherwise a single row would fill the chart
    axes.set_ylim(len(shown) - 0.4 + room, -0.6 - room)
    axes.tick_params(axis="y", length=0)
    axes.grid(False, axis="y")
    axes.axvline(0, color=INK, linewidth=0.8, zorder=2)
    axes.set_xlabel(unit)


# --- what was observed ----------------------------------------------------------------------------


def observed_of(result: Result, cell: Cell) -> list[Beside]:
    """Return the observed figures of a cell of a metric that can be compared."""
    place = (cell.metric, cell.state, cell.platform, cell.group)
    return [
        each
        for each in result.observed
        if not each.why
        and (
            each.observed.metric,
            each.observed.state or "",
            " + ".join(each.observed.platform),
            each.observed.group or "",
        )
        == place
    ]


def mark(axes: Axes, each: Beside, at: float, tolerance: float) -> None:
    """Draw one mark with its tolerance; a hollow mark is missed, outside the 80 % interval."""
    face = "white" if each.is_missed else INK
    axes.errorbar(
        [on_axis(each.observed.date)],
        [at],
        yerr=[tolerance],
        fmt="D",
        color=INK,
        markerfacecolor=face,
        markersize=5,
        capsize=3,
        zorder=5,
        clip_on=False,
    )


# --- words ----------------------------------------------------------------------------------------


def only_some(effects: Array) -> str:
    """Return a sentence if the reported effect, (M,), is absent for many seeds; else an empty text.

    An effect that occurs in one half of the seeds and not in the other has a median that no seed
    shows.
    """
    sizes = np.abs(np.nan_to_num(effects))
    hit = sizes > _UNTOUCHED * sizes.max(initial=0.0)
    if not hit.any() or hit.mean() > 1 - _SOME:
        return ""
    return f"In {int((~hit).sum())} of {len(effects)} runs this does not happen."


def surely_most(effects: Sequence[Array]) -> bool:
    """Return whether the first of some effects is clearly the largest: the 80 % interval of each
    lead is above zero.

    Effects are (M,) each; a loss is negative, and then the largest loss comes first.
    """
    first, *others = (np.nan_to_num(each) for each in effects)
    sign = 1.0 if float(np.median(first)) >= 0 else -1.0
    return all(interval(sign * (first - each))[0] > 0 for each in others)


def with_ends(values: Array) -> tuple[float, float, float]:
    """Return the low end of the 80 % interval over seeds, (M,), their median, and the high end."""
    low, high = map(float, interval(values))
    return low, float(np.median(values)), high


def scale(top: float, metric: str = "") -> tuple[float, str]:
    """Return the divisor of counts on an axis, and its name before the unit; shares are in per
    cent.
    """
    if metric and METRICS[metric].form == "share":
        return 0.01, ""
    for size, word in ((1e9, "billion "), (1e6, "million "), (1e3, "thousand ")):
        if top >= size:
            return size, word
    return 1.0, ""


def short_state(result: Result, code: str) -> str:
    """Return the short name of a country for a row or a panel."""
    name = state_name(result.scenario, code)
    return name if len(name) <= _SHORT_NAMES else name.partition(" (")[0]
