"""The policies of a run as bars under a chart: announced, in force, stayed, ended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..text.states import counted, decided
from .lines import date_axis, days, on_axes, on_axis
from .look import GREY, INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..results import Result
    from .figure import House
    from .style import Page

MOST = 6  # policies shown; the rest is counted
_ROW = 0.34  # inches
_NAMED = 5  # states named one by one; more are counted
_CHAR = 0.064  # inches a letter of 8 points takes, on average


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
    return _ROW * (min(n, most) + 0.6 * (n > most) + own + 0.4) if n or own else 0.0


def taller(result: Result) -> float:
    """Return how much taller a page must be for the timeline under its charts [inches]."""
    return max(0.0, timeline_height(result) - 0.4)


def panels(
    made: Page,
    result: Result,
    rows: int = 1,
    columns: int = 1,
    *,
    left: float = 0.95,
    right: float = 0.45,
    wspace: float = 0.2,
    hspace: float = 0.2,
) -> tuple[list[Axes], bool]:
    """Return places for charts over the days, row by row, with the timeline of the policies drawn under them.

    Under one column the timeline shares its days; under several it has an axis of its own, as wide as all of them.

    Parameters
    ----------
    made : Page
        The page; see `taller` for its height.
    result : Result
        The run.
    rows, columns : int
        How many charts.
    left, right : float
        Margins [inches].
    wspace, hspace : float
        Room between charts, in widths and heights of one.

    Returns
    -------
    list of Axes
        The places, without axis labels.
    bool
        Whether the charts must label the days themselves.
    """
    height, room = made.figure.get_figheight(), timeline_height(result)
    aligned = columns == 1
    gap = 0.0 if not room else 0.1 if aligned else 0.5  # inches; days need a line of text
    upper = replace(made, bottom=made.bottom + (room + gap) / height)
    grid = upper.grid(rows, columns, left=left, right=right, wspace=wspace, hspace=hspace)
    places = [made.figure.add_subplot(grid[row, column]) for row in range(rows) for column in range(columns)]
    if room:
        lower = replace(made, top=made.bottom + room / height)
        draw_timeline(made.figure.add_subplot(lower.grid(1, 1, left=left, right=right)[0]), result)
    return places, not (room and aligned)


def draw_timeline(axes: Axes, result: Result, most: int = MOST) -> None:
    """Draw the policies of a run as bars over its days, at most so many; the rest is counted.

    Below them, what states decide by themselves: a mark for each decision, of all members.
    """
    x = days(result)
    every = strips(result.scenario.policies, x[0], x[-1])
    shown = every[:most]
    date_axis(axes, x)
    for row, strip in enumerate(shown):
        _draw_strip(axes, row, strip, x[0], x[-1])
    rows = len(shown)
    own = _decided(result)
    if own:
        _draw_own(axes, rows, result, own)
        rows += 1
    if len(every) > most:
        axes.text(
            0,
            rows - 0.05,
            f"and {len(every) - most} more",
            fontsize=8,
            color=GREY,
            transform=_row_space(axes),
        )
    axes.set_ylim(rows - 0.2 + 0.6 * (len(every) > most), -0.75)
    axes.set_yticks([])
    axes.grid(False)
    axes.spines["left"].set_visible(False)


def _decided(result: Result) -> list[dt.date]:
    """Return the days on which states adopted a policy, joined or lifted one, in any member."""
    from ..results.result import Result as Run

    if not isinstance(result, Run):  # a table of hindcasts stands in for a run, and keeps no decisions
        return []
    return sorted(d.day for made in decided(result) for d in made)


def _draw_own(axes: Axes, row: int, result: Result, dates: Sequence[dt.date]) -> None:
    """Draw a mark for each decision of a state, in one row; see `decisions` for who decides what."""
    at = on_axes(dates)
    axes.plot(at, [row] * len(at), "|", color=INK, markersize=7, markeredgewidth=0.9, alpha=0.6, clip_on=False)
    per = counted([len(made) for made in decided(result)], "decision", "decisions")
    members = "" if len(result.members) == 1 else "; marks: those of all members"
    axes.text(0, row - 0.28, f"States by themselves: {per}{members}", fontsize=8, va="bottom",
              transform=_row_space(axes))  # fmt: skip


def _row_space(axes: Axes) -> Any:
    """Return coordinates that run from 0 to 1 along the time axis and count rows down."""
    from matplotlib.transforms import blended_transform_factory

    return blended_transform_factory(axes.transAxes, axes.transData)


def _draw_strip(axes: Axes, row: int, strip: Strip, first: dt.date, last: dt.date) -> None:
    """Draw one policy: a ring where it is announced, a bar where it is in force, hatched where stayed."""
    begin = strip.spans[0][0] if strip.spans else last
    announced = max(strip.announced, first) if strip.announced else begin
    if announced < begin:
        ring = {"markerfacecolor": "white", "markeredgecolor": INK, "markersize": 5.5, "clip_on": False}
        axes.plot(on_axes([announced, begin]), [row, row], color=INK, linewidth=1.1, linestyle=(0, (2, 2)))
        axes.plot(on_axes([announced]), [row], "o", **ring)  # type: ignore[arg-type]
    for start, end, kind in strip.spans:
        colours = {"facecolor": "white", "hatch": "/////", "edgecolor": INK} if kind == "stayed" else {"facecolor": INK}
        look: dict[str, Any] = {"height": 0.3, **colours}
        axes.barh(row, (end - start).days, left=on_axis(start), **look)
    text = "; ".join([strip.label, *_phases(strip, first, last)])
    # The text starts at its bar, or as much earlier as it needs to end within the axis.
    low, high = axes.get_xlim()
    inches = axes.get_position().width * axes.figure.get_figwidth()  # type: ignore[union-attr]
    x = max(0.0, min((on_axis(min(announced, last)) - low) / (high - low), 1 - len(text) * _CHAR / inches))
    axes.text(x, row - 0.28, text, fontsize=8, va="bottom", transform=_row_space(axes))


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
    from .style import page

    n = len(result.scenario.policies)
    title = f"{'The policy' if n == 1 else 'The policies'} in time"
    made = page(result, title, "", height=2.2 + timeline_height(result, n))
    draw_timeline(made.figure.add_subplot(made.grid(1, 1, left=0.45, right=0.45)[0]), result, n)
    return made.figure
