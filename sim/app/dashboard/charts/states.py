"""Charts of states: who loses touch with whom, as a table and as a network."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ....plots.style import GREY, INK
from ....text.numbers import compact, percent, state_name
from ..scene import TIES, Scene
from .svg import line, rect, text, whole

STEPS = (0.0005, 0.005, 0.02, 0.1, 0.3)
"""Shares of ties lost at which the shade changes; the same for every scenario, so that pictures can be compared."""
SHADES = ("#f2f3f4", "#fbd3a4", "#f7a85e", "#e9742a", "#b84a0a", "#6b2500")
"""From none lost to most lost; a row of lightness, so that it reads in grey and for the colour-blind."""
WHITE_FROM = 4
"""Text is white from this shade on, and dark on the lighter ones."""
_LEGEND = ("under 0.05", "to 0.5", "to 2", "to 10", "to 30", "over 30 %")


def _step(share: float) -> int:
    """Return the shade of a share of ties lost."""
    return sum(share >= step for step in STEPS)


def _lost(ties: tuple[float, float]) -> float:
    """Return the share of ties that have no channel, of those that would have one."""
    return max(0.0, 1.0 - ties[1] / ties[0])


def _pair(scene: Scene, a: str, b: str, ties: tuple[float, float]) -> str:
    """Return the tooltip of a pair of states."""
    names = " and ".join(state_name(scene.spec, code) for code in (a, b))
    return f"{names}: {percent(_lost(ties))} of {compact(TIES, ties[0])} kin ties without a channel"


def _legend(x: float, y: float) -> list[str]:
    """Return the shades with their shares."""
    parts = []
    for at, (fill, name) in enumerate(zip(SHADES, _LEGEND, strict=True)):
        here = x + at * 64 + (22 if at else 0)
        parts += [
            rect(here, y, 13, 13, fill=fill, stroke="#cccccc"),
            text(here + 17, y + 11, name, size=10.5, fill=GREY),
        ]
    return parts


def matrix(scene: Scene) -> str:
    """Draw the share of kin ties between each pair of states that has no channel, against the baseline."""
    states = scene.states
    width, left, top = 460.0, 104.0, 22.0
    wide, tall = (width - left - 4) / max(1, len(states)), 25.0
    parts = []
    texts = []
    for row, a in enumerate(states):
        y = top + row * tall
        parts.append(text(left - 7, y + tall / 2 + 4, _short(state_name(scene.spec, a)), size=11, anchor="end"))
        parts.append(text(left + (row + 0.5) * wide, top - 8, a, size=11, anchor="middle", weight="600"))
        for column, b in enumerate(states):
            x = left + column * wide
            ties = scene.ties(a, b) if a != b else None
            if ties is None:
                if a != b:
                    parts.append(text(x + wide / 2, y + tall / 2 + 4, "·", size=11, fill=GREY, anchor="middle"))
                continue
            share = _lost(ties)
            step = _step(share)
            parts.append(rect(x + 1, y + 1, wide - 2, tall - 2, fill=SHADES[step], title=_pair(scene, a, b, ties)))
            fill = "#ffffff" if step >= WHITE_FROM else INK
            if step:
                name = percent(share).removesuffix(" %")
                parts.append(text(x + wide / 2, y + tall / 2 + 4, name, size=11, fill=fill, anchor="middle"))
                if a < b:
                    texts.append(f"{a} and {b} {percent(share)}")
    foot = top + len(states) * tall + 8
    parts += _legend(8, foot)
    label = (
        f"Kin ties without a channel on {scene.date}, share of those without the policies: {', '.join(texts) or 'none'}"
    )
    return whole(width, foot + 18, parts, label=label)


def network(scene: Scene) -> str:
    """Draw the states on a circle; a link is as wide as the ties that have a channel, and as dark as ties are lost."""
    states = scene.states
    width, height = 460.0, 279.0
    cx, cy, rx, ry = width / 2, 128.0, 180.0, 104.0
    turn = 2 * math.pi / max(1, len(states))
    place = {s: (cx + rx * math.sin(i * turn), cy - ry * math.cos(i * turn)) for i, s in enumerate(states)}
    found = [
        (a, b, ties) for i, a in enumerate(states) for b in states[i + 1 :] if (ties := scene.ties(a, b)) is not None
    ]
    most = max((ties[0] for _, _, ties in found), default=1.0)
    parts = _links(scene, sorted(found, key=lambda link: _lost(link[2])), place, most)
    for state in states:
        x, y = place[state]
        own = [ties for a, b, ties in found if state in (a, b)]
        without, given = (sum(pair[arm] for pair in own) for arm in (0, 1))
        size = 9 + 9 * math.sqrt(without / (most * 2)) if own else 9
        share = _lost((without, given)) if without else 0.0
        step = _step(share)
        said = (
            f"{state_name(scene.spec, state)}: {percent(share)} of {compact(TIES, without)} kin ties without a channel"
        )
        parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{min(size, 20):.1f}" fill="{SHADES[step]}" stroke="{INK}" '
            f'stroke-width="1.2"><title>{said}</title></circle>'
        )
        parts.append(
            text(x, y + 4, state, size=11, anchor="middle", weight="600", fill="#fff" if step >= WHITE_FROM else INK)
        )
    parts += _legend(8, height - 15)
    listed = ", ".join(f"{a} and {b} {percent(_lost(t))}" for a, b, t in found if _step(_lost(t)))
    return whole(
        width, height, parts, label=f"Network of kin ties between states on {scene.date}: lost {listed or 'none'}"
    )


def _links(
    scene: Scene,
    found: Sequence[tuple[str, str, tuple[float, float]]],
    place: dict[str, tuple[float, float]],
    most: float,
) -> list[str]:
    """Return the links, those that lost most on top: what there would be in pale, what is left over it."""
    parts = []
    for a, b, ties in found:
        (x1, y1), (x2, y2) = place[a], place[b]
        before, now = (1 + 13 * math.sqrt(value / most) for value in ties)
        step = _step(_lost(ties))
        stroke = "#9fb4c4" if step == 0 else SHADES[step]
        parts.append(line(x1, y1, x2, y2, stroke="#e3e8ec", width=before + 2))
        link = line(x1, y1, x2, y2, stroke=stroke, width=now if ties[1] > 0 else 0)
        parts.append(f"<g>{link}<title>{_pair(scene, a, b, ties)}</title></g>")
    return parts


def _short(name: str) -> str:
    """Return a name, shortened to fit next to the table."""
    return name if len(name) <= 17 else f"{name[:16].rstrip()}."
