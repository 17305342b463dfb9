"""Charts over time: contact with families, use of platforms, VPN users, and the policies under them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np

from ....core.groups import Group
from ....plots.style import BLUE, GREY, INK, ORANGE, VERMILLION, readable
from ....plots.timeline import Strip, strips
from ....text.numbers import compact, group_name, percent, state_name
from ..scene import LOST, USE, VPN, Scene
from .svg import Plot, colour, dash, line, margin, nice_top, rect, settle, text, whole

WIDTH = 460.0
LEFT, RIGHT = 44.0, 118.0
"""Margins of the charts that share their days: the names of lines stand in the right one."""
_LETTER = 6.6  # width of a letter of a bar's name [pixels]
_STAYED = "#9b9b9b"
_LONGEST_NAME = 15
_LONG_NAME = 11  # letters of a platform's name beside which its figures fit
_LEAST = 0.005  # smallest end of an axis of shares, so that values near zero look small
_MOST_ROWS = 8  # largest number of policies drawn
_ROW = 28.0  # height of a policy


def _ticks(high: float, form: str) -> list[tuple[float, str]]:
    """Return values of an axis from zero to a round number, with their names."""
    shares = (0.0, 0.5, 1.0)
    return [(high * s, percent(high * s) if form == "share" else compact(USE, high * s)) for s in shares]


def _events(scene: Scene) -> list[int]:
    """Return the days on which a policy begins or ends, counted from the first."""
    dates = [day for policy in scene.spec.policies for day in (policy.on, policy.until) if day is not None]
    return sorted({(day - scene.spec.start).days for day in dates})


def family(scene: Scene, colours: dict[str, int]) -> str:
    """Draw the share of each diaspora group that has lost every channel to its family.

    Parameters
    ----------
    scene : Scene
    colours : dict of str to int
        Place of each group among the colours; a group keeps its colour while it is shown.
    """
    labels = scene.groups
    settle(colours, labels)
    lines = {label: scene.both(LOST, scene.group(label)) for label in labels}
    high = nice_top(
        max([float(np.nanmax(v)) for pair in lines.values() for v in pair if np.isfinite(v).any()] + [_LEAST])
    )
    plot = Plot(WIDTH, 212, scene.spec.start, scene.horizon, 0.0, high, left=LEFT, right=RIGHT)
    plot.value_axis(_ticks(plot.high, "share"))
    plot.date_axis()
    plot.marks(_events(scene))
    names = []
    for label in labels:
        at = colours[label]
        without, given = lines[label]
        who = group_name(scene.spec, label)
        plot.curve(without, stroke=colour(at), width=1, dashes="2 3", title=f"{who}, without the policies")
        plot.curve(given, stroke=colour(at), width=2.4, dashes=dash(at), title=f"{who}, with the policies")
        group = Group.read(label)
        short = f"{group.residence} from {group.origin} {percent(float(given[-1]))}"
        names.append((float(np.nan_to_num(given[-1])), short))
    plot.today(scene.day)
    plot.names([(v, name, colour(colours[g])) for (v, name), g in zip(names, labels, strict=True)])
    groups_named = ", ".join(name for _, name in names) or "no group is large enough to show"
    return plot.picture(
        f"Share of diaspora groups without any platform channel to their family, {scene.date}: {groups_named}"
    )


def users(scene: Scene, state: str) -> str:
    """Draw the daily users of the platforms that matter in a state, each on its own scale, beside the baseline."""
    row = scene.policy.axes.states.index(state)
    parts, texts = [], []
    wide, tall = WIDTH / 2, 92.0
    for at, name in enumerate(scene.platforms(state)):
        column = scene.policy.axes.platforms.index(name)
        without, given = scene.both(USE, row, column)
        top = nice_top(float(max(np.nanmax(without), np.nanmax(given), 1.0)))
        plot = Plot(wide, tall, scene.spec.start, scene.horizon, 0.0, top, left=44, right=10, top=24, bottom=18)
        plot.value_axis([(0.0, "0"), (top, compact(USE, top))], size=10)
        plot.date_axis(size=9.5)
        plot.marks(_events(scene))
        plot.curve(without, stroke=GREY, width=1.4, dashes="4 2.5", title=f"{name} without the policies")
        stroke = VERMILLION if given[-1] < without[-1] else BLUE
        plot.curve(given, stroke=stroke, width=2.2, title=f"{name} with the policies")
        plot.today(scene.day)
        moved = compact(USE, float(given[-1]))
        if without[-1] > 0:
            change = f"{float(given[-1] / without[-1]) - 1:+.1%}".replace("%", " %")
            # A long name leaves no room for both.
            moved = change if len(name) > _LONG_NAME else f"{moved} ({change})"
        short = name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1].rstrip()}."
        plot.parts.append(text(44, 14, short, size=12, weight="600"))
        plot.parts.append(text(wide - 10, 14, moved, size=11, fill=readable(stroke), anchor="end", weight="600"))
        parts.append(f'<g transform="translate({at % 2 * wide:g} {at // 2 * (tall + 4):g})">{"".join(plot.parts)}</g>')
        texts.append(f"{name} {moved}")
    height = (len(texts) + 1) // 2 * (tall + 4) or tall
    where = state_name(scene.spec, state, article=True)
    return whole(WIDTH, height, parts, label=f"Daily users in {where} on {scene.date}: {'; '.join(texts)}")


def vpn(scene: Scene, colours: dict[str, int]) -> str:
    """Draw how many more VPN users there are than without the policies, by state."""
    states = list(dict.fromkeys(scene.vpn_states))
    settle(colours, states)
    more = {state: scene.effect(VPN)[:, scene.policy.axes.states.index(state)] for state in states}
    ends = [float(end) for values in more.values() for end in (values.min(), values.max())]
    low, high = -nice_top(-min(ends)) if min(ends) < -1 else 0.0, nice_top(max([*ends, 100.0]))
    names = []
    for state in states:
        now = float(more[state][-1])
        total = float(scene.both(VPN, scene.policy.axes.states.index(state))[1][-1])
        words = f"{state} {'+' if now >= 0 else '-'}{compact(VPN, abs(now))} (to {compact(VPN, total)})"
        names.append((now, words, colour(colours[state])))
    right = margin([name for _, name, _ in names])
    plot = Plot(WIDTH, 180, scene.spec.start, scene.horizon, low, high, left=LEFT, right=right)
    plot.value_axis([(v, compact(VPN, v)) for v in (*((low,) if low else ()), 0.0, high / 2, high)])
    plot.date_axis()
    plot.marks(_events(scene))
    for state in states:
        at = colours[state]
        name = state_name(scene.spec, state)
        title = f"{name}: more VPN users than without"
        plot.curve(more[state], stroke=colour(at), width=2.4, dashes=dash(at), title=title)
    plot.today(scene.day)
    plot.names(names)
    words = ", ".join(name for _, name, _ in names)
    return plot.picture(f"VPN users more than without the policies, by state, on {scene.date}: {words}")


def timeline(scene: Scene, off: Sequence[str] = ()) -> str:
    """Draw what each policy does in time, on the days of the chart above, with the day shown.

    Parameters
    ----------
    scene : Scene
    off : sequence of str
        What is switched off, for a line that says so.
    """
    spec = scene.spec
    last = spec.start + dt.timedelta(days=scene.horizon - 1)
    every = [strip for strip in strips(spec.policies, spec.start, last) if _begins(strip) <= last]
    rows = every[:_MOST_ROWS]
    later = len(strips(spec.policies, spec.start, spec.end)) - len(rows)
    notes = [f"switched off: {', '.join(off)}"] if off else []
    notes += (
        [f"{later} more {'policy' if later == 1 else 'policies'} later"] if later and len(every) == len(rows) else []
    )
    notes += [f"{later} more"] if len(every) > len(rows) else []
    height = _ROW * max(1, len(rows)) + 22 + (16 if notes else 0)
    foot = 20 + (16 if notes else 0)
    plot = Plot(WIDTH, height, spec.start, scene.horizon, 0.0, 1.0, left=LEFT, right=RIGHT, top=2, bottom=foot)
    if every or later:  # a line through the sentence would strike it out
        plot.today(scene.day)
    for at, strip in enumerate(rows):
        plot.parts += _bar(plot, strip, 2 + _ROW * at, scene.spec.start)
    if not every and not later:
        plot.parts.append(text(LEFT, 16, "No policy is switched on: both worlds are the same.", fill=GREY))
    plot.date_axis(size=10)
    if notes:
        plot.parts.append(text(LEFT, height - 3, "; ".join(notes), size=10.5, fill=GREY))
    words = "; ".join(f"{strip.label} announced {strip.announced}, from {strip.on}" for strip in rows)
    return plot.picture(f"Policies in time, the day shown is {scene.date}: {words or 'none'}")


def _begins(strip: Strip) -> dt.date:
    """Return the day from which a policy is to be seen."""
    return strip.announced or strip.on or dt.date.min


def _bar(plot: Plot, strip: Strip, y: float, start: dt.date) -> list[str]:
    """Return one policy: pale while announced, full while in force, grey while stayed; its name above."""

    def at(day: dt.date) -> float:
        return plot.x(min(max((day - start).days, 0), plot.days - 1))

    parts = []
    last = start + dt.timedelta(days=plot.days - 1)
    if strip.announced is not None and strip.announced <= last:
        until = strip.spans[0][0] if strip.spans else min(strip.on or last, last)
        x = at(strip.announced)
        title = f"{strip.label}: announced {strip.announced}"
        parts += [rect(x, y + 16, at(until) - x, 8, fill="#f5d08a", title=title)]
        parts += [line(x, y + 14, x, y + 26, stroke=ORANGE, width=2)]
    for first, after, kind in strip.spans:
        fill = VERMILLION if kind == "on" else _STAYED
        title = f"{strip.label}: {'in force' if kind == 'on' else 'stayed'} {first} to {after - dt.timedelta(days=1)}"
        parts.append(rect(at(first), y + 16, at(after) - at(first), 8, fill=fill, title=title))
    # Where the bar begins, but as far to the left as its name needs to end on the picture.
    where = max(0.0, min(at(strip.announced or strip.on or start), plot.width - _LETTER * len(strip.label)))
    parts.append(text(where, y + 11, strip.label, size=11, fill=INK, weight="600", halo=True))
    return parts
