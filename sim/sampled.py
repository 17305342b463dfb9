"""The sampling of a platform's users: the weight of a single simulated person, and the cost of weights in precision."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass

FEW, PART = 4, 0.25
"""So many simulated users must not make this part of a platform's users in a state."""


@dataclass(frozen=True)
class Sampled:
    """How the users of a targeted platform in a state are sampled.

    Attributes
    ----------
    state, platform : str
    users : float
        Real users on the first day [persons].
    simulated : int
        Simulated users on the first day.
    heaviest : float
        Real people that the heaviest simulated user stands for [persons].
    group : str
        Label of the group of that user.
    design_effect : float
        Of the weights of the simulated users, as `design_effect` gives it [1].
    """

    state: str
    platform: str
    users: float
    simulated: int
    heaviest: float
    group: str
    design_effect: float

    @property
    def share_of_few(self) -> float:
        """Share of the platform's users in the state for whom `FEW` of the heaviest simulated users stand [1]."""
        return FEW * self.heaviest / self.users if self.users > 0 else 0.0

    @property
    def within_limit(self) -> bool:
        """Whether so few simulated users are never more than `PART` of all."""
        return self.share_of_few <= PART * (1.0 + 1e-9)


def design_effect(weights: Sequence[float], counts: Sequence[int]) -> float:
    """Return by how much unequal weights raise the variance of a mean: 1 + their squared coefficient of variation.

    Kish's approximation, n x (sum of squared weights) / (sum of weights)^2; it holds for what does not go with weight.

    Parameters
    ----------
    weights : sequence of float
        Real people for each simulated one, by group [persons].
    counts : sequence of int
        Simulated people with that weight.

    Returns
    -------
    float
        1 or more; 1 without people [1].
    """
    total = math.fsum(n * w for w, n in zip(weights, counts, strict=True))
    squares = math.fsum(n * w * w for w, n in zip(weights, counts, strict=True))
    return sum(counts) * squares / (total * total) if total > 0 else 1.0


def to_text(users: Sequence[Sampled]) -> str:
    """Return how users are sampled, as a file holds it."""
    return json.dumps([asdict(one) for one in users])


def from_text(text: str) -> tuple[Sampled, ...]:
    """Return how users are sampled, from what a file holds.

    Raises
    ------
    ValueError, TypeError
        When it is not what `to_text` gives.
    """
    return tuple(Sampled(**one) for one in json.loads(text))
