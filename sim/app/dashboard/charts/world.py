"""The world on a map: openness by state, corridors of lost contact, routes and cables cut."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import numpy as np

from ....facts.outlines import centres, read_outlines
from ....plots.atlas import EDGE, OTHER, PARTED_SHOWN, SHADES, STEPS, curve, shade
from ....plots.style import GREY, INK, VERMILLION
from ....results.worlds import LOST, OPENNESS, MapDay, map_day
from ....text.numbers import number, percent, state_name
from ..scene import Scene
from .svg import rect, text, whole

WIDTH = 460.0
VIEW = (-170.0, 180.0, -56.0, 80.0)
_SCALE = WIDTH / (VIEW[1] - VIEW[0])
HEIGHT = (VIEW[3] - VIEW[2]) * _SCALE
_WIDEST = 3.5


def atlas(scene: Scene) -> str:
    """Draw the world on the day shown; nothing where the run measures no openness."""
    if OPENNESS not in scene.policy.arrays:
        return ""
    shown = map_day([scene.pair], scene.spec, scene.day)
    parts = [*_land(scene, shown), *_lines(scene, shown), *_legend()]
    least = min(((v, code) for code, v in shown.openness.items()), default=(1.0, ""))
    said = [f"{state_name(scene.spec, least[1])} is least open ({percent(least[0])})"] if least[1] else []
    said += [_corridor(scene, *row) for row in reversed(shown.corridors[-3:])]
    return whole(WIDTH, HEIGHT + 22, parts, label=f"The world on {scene.date}: {'; '.join(said)}")


def _land(scene: Scene, shown: MapDay) -> list[str]:
    """Return the states, each with a tooltip."""
    paths = _paths()
    rest = "".join(path for code, path in paths.items() if code not in shown.openness)
    parts = [f'<path d="{rest}" fill="{OTHER}" stroke="{EDGE}" stroke-width="0.3"></path>']
    for code, share in shown.openness.items():
        if code in paths:
            said = f"{state_name(scene.spec, code)}: {percent(share)} open"
            parts.append(
                f'<path d="{paths[code]}" fill="{shade(share)}" stroke="{EDGE}" stroke-width="0.3">'
                f"<title>{said}</title></path>"
            )
    return parts


def _lines(scene: Scene, shown: MapDay) -> list[str]:
    """Return routes and cables cut, and on top of them the corridors of lost contact."""
    at, parts = centres(), []
    for a, b, _ in shown.parted[-PARTED_SHOWN:]:
        if a in at and b in at:
            parts += [_line(arc, INK, 0.8, dashes="1.5 1.5") for arc in arcs(at[a], at[b])]
    for _, joined in shown.cables:
        ends = [at[code] for code in joined if code in at]
        parts += [_line(arc, INK, 1.2) for here, there in pairwise(ends) for arc in arcs(here, there)]
    most = max((people for *_, people in scene_widest(scene, shown)), default=1.0)
    for residence, origin, people in shown.corridors:
        if residence in at and origin in at:
            width = 0.6 + _WIDEST * float(np.sqrt(min(1.0, people / most)))
            said = _corridor(scene, residence, origin, people)
            parts += [_line(arc, VERMILLION, width, title=said) for arc in arcs(at[origin], at[residence])]
    return parts


def scene_widest(scene: Scene, shown: MapDay) -> tuple[tuple[str, str, float], ...]:
    """Return the corridors that set the scale: those of the day, and the widest of the days so far."""
    if LOST not in scene.policy.arrays:
        return shown.corridors
    peak = float(np.nanmax(np.append(scene.effect(LOST).max(axis=0), 0.0)))
    return (*shown.corridors, ("", "", peak))


def _corridor(scene: Scene, residence: str, origin: str, people: float) -> str:
    """Return a corridor in words."""
    here, there = (state_name(scene.spec, code, article=True) for code in (residence, origin))
    return f"{number(people)} people from {there} in {here} out of contact"


def _line(points: np.ndarray, colour: str, width: float, *, dashes: str = "", title: str = "") -> str:
    """Return a line through points [degrees]."""
    way = " ".join(f"{x:.1f},{y:.1f}" for x, y in _place(points))
    broken = f' stroke-dasharray="{dashes}"' if dashes else ""
    said = f"<title>{title}</title>" if title else ""
    return (
        f'<polyline points="{way}" fill="none" stroke="{colour}" stroke-width="{width:.1f}"{broken}>{said}</polyline>'
    )


def arcs(here: tuple[float, float], there: tuple[float, float]) -> list[np.ndarray]:
    """Return the arc between two places, twice where it runs over the edge of the map, shape (points, 2) [degrees]."""
    turn = 360.0 * float(np.sign(there[0] - here[0])) if abs(there[0] - here[0]) > 180.0 else 0.0
    found = [curve(here, (there[0] - turn, there[1]))]
    return [*found, curve((here[0] + turn, here[1]), there)] if turn else found


def _place(points: np.ndarray) -> np.ndarray:
    """Return places on the picture of points on the globe, shape (points, 2)."""
    return np.column_stack([(points[:, 0] - VIEW[0]) * _SCALE, (VIEW[3] - points[:, 1]) * _SCALE])


@lru_cache(maxsize=1)
def _paths() -> dict[str, str]:
    """Return the outline of each state as an SVG path, rounded to half a unit, since it travels often."""
    found = {}
    for code, rings in read_outlines().items():
        ways = []
        for ring in rings:
            steps = list(dict.fromkeys(f"{x:g} {y:g}" for x, y in np.round(2 * _place(ring)) / 2))
            ways.append(f"M{'L'.join(steps)}Z")
        found[code] = "".join(ways)
    return found


def _legend() -> list[str]:
    """Return the shades with what they mean."""
    names = ("under 50", *(f"to {b:.0%}".removesuffix("%") for b in STEPS[1:]), "over 95 % open", "not in the run")
    parts = []
    for at, (fill, name) in enumerate(zip((*SHADES, OTHER), names, strict=True)):
        x = 4 + at * 68 + (30 if at == len(SHADES) else 0)
        parts += [
            rect(x, HEIGHT + 5, 12, 12, fill=fill, stroke="#cccccc"),
            text(x + 16, HEIGHT + 15, name, size=10, fill=GREY),
        ]
    return parts
