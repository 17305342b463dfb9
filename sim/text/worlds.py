"""Kinds of worlds in words: the chronicle of a typical member of each kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..results.worlds import by_kind, typical, worlds
from .chronicle import chronicle, main_steps, plain
from .numbers import number
from .skill import ILLUSTRATION, evidence
from .wording import sentence, table

if TYPE_CHECKING:
    from ..results.result import Result

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


def chronicles(result: Result, most: int = STEPS) -> list[Typical]:
    """Return the chronicle of one typical member of each kind; none where no state decides."""
    every, on = worlds(result.members), result.scenario.behaviour.on
    out = []
    for kind, alike in by_kind(every).items():
        one = typical(alike)
        steps = main_steps(chronicle(result, one.member), most) if one.adopted else []
        if steps:
            is_example = any(evidence(name) == ILLUSTRATION for name in on)
            ends = table("findings", "WORLDS")[kind] if len(every) > 1 else ""
            head = sentence("findings", "story", ends=ends, example=is_example, member=one.member)
            out.append(Typical(head, tuple(plain(steps))))
    return out


def spread(values: Sequence[float]) -> str:
    """Return the middle of members with their range, in whole things: ``7 (5 to 10)``."""
    ends = np.quantile(values, [0.1, 0.5, 0.9])
    low, middle, high = (number(float(v)) for v in (np.floor(ends[0]), ends[1], np.ceil(ends[2])))
    return middle if low == middle == high else f"{middle} ({low} to {high})"
