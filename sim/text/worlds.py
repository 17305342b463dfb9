"""Kinds of worlds in words: the number of members of each kind, its features, and the chronicle of a typical one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..results.worlds import World, by_kind, typical, worlds
from .chronicle import chronicle, main_steps, plain
from .numbers import listed, number, state_name
from .skill import ILLUSTRATION, evidence

if TYPE_CHECKING:
    from ..results.result import Result

ALONE = {
    "apart": "most policies of states still stand on the last day",
    "thaw": "states have ended at least half of what they adopted by the last day",
}
"""The same where there are no programmes."""
ENDS = {
    "two_camps": "hostile camps stand on the last day",
    "one_camp": "a camp stands on the last day, and none against it",
    "apart": "no camp is left on the last day, and most policies of states still stand",
    "thaw": "no camp is left on the last day, and states have ended at least half of what they adopted",
    "quiet": "states hardly act",
}
"""What marks a kind of world."""
STEPS = 8
"""Steps of a chronicle in a summary."""


@dataclass(frozen=True)
class Typical:
    """The chronicle of a typical member of a kind.

    Attributes
    ----------
    head : str
        Which member, and of what kind.
    lines : tuple of str
        Its main steps, a line each.
    """

    head: str
    lines: tuple[str, ...]


def found(result: Result) -> Iterator[str]:
    """Yield a sentence for each kind of world: how many members, what marks it, how much happens."""
    every = worlds(result.members)
    for kind, alike in by_kind(every).items():
        where = f"In {len(alike)} of {len(every)} worlds" if len(every) > 1 else "In this world"
        yield f"{where} {_ends(result, kind)}{_camps(result, alike)}: {_counts(alike)}."


def chronicles(result: Result, most: int = STEPS) -> list[Typical]:
    """Return the chronicle of one typical member of each kind; none where no state decides."""
    every, on = worlds(result.members), result.scenario.behaviour.on
    out = []
    for kind, alike in by_kind(every).items():
        one = typical(alike)
        steps = main_steps(chronicle(result, one.member), most) if one.adopted else []
        if steps:
            which = f"Member {one.member}, typical of {len(alike)} of {len(every)} in which {_ends(result, kind)}"
            head = which if len(every) > 1 else "What led to what"
            head += "; " + ILLUSTRATION if any(evidence(name) == ILLUSTRATION for name in on) else ""
            out.append(
                Typical(f"{head} (all of it: splinternet show RUN --chronicle {one.member}):", tuple(plain(steps)))
            )
    return out


def _ends(result: Result, kind: str) -> str:
    """Return what marks a kind of world; of programmes only where there can be any."""
    return ENDS[kind] if result.scenario.behaviour.is_on("coalition") else ALONE.get(kind, ENDS[kind])


def _camps(result: Result, alike: Sequence[World]) -> str:
    """Return the camps that most members of a kind share, with who is in them in more than half: `` (...)``."""
    shared = Counter(pair for w in alike for pair in w.camps)
    camps = []
    for (leader, foe), count in shared.most_common(2):
        if 2 * count <= len(alike):
            continue
        inside = Counter(code for w in alike for code in w.camps.get((leader, foe), ()) if code != leader)
        most = sorted((code for code, n in inside.items() if 2 * n > count), key=lambda code: (-inside[code], code))
        names = [state_name(result.scenario, code, article=True) for code in (leader, foe, *most)]
        beside = f" with {listed(names[2:])}" if most else ""
        camps.append(f"{names[0]}{beside} against {names[1]}")
    return f" ({'; '.join(camps)})" if camps else ""


def _counts(alike: Sequence[World]) -> str:
    """Return how much happens in worlds of a kind."""
    parts = [
        f"states adopt {spread([w.adopted for w in alike])} policies of their own",
        f"end {spread([w.ended for w in alike])}",
        f"and leave programmes {spread([w.left for w in alike])} times",
    ]
    internets = [w.internets for w in alike if not np.isnan(w.internets)]
    more = f"; there are {np.median(internets):.2f} internets by likeness of access" if internets else ""
    return ", ".join(parts[:2]) + f" {parts[2]}{more}"


def spread(values: Sequence[float]) -> str:
    """Return the middle of members with their range, in whole things: ``7 (5 to 10)``."""
    ends = np.quantile(values, [0.1, 0.5, 0.9])
    low, middle, high = (number(float(v)) for v in (np.floor(ends[0]), ends[1], np.ceil(ends[2])))
    return middle if low == middle == high else f"{middle} ({low} to {high})"
