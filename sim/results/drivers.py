"""Sources of the range of a figure: the unknown inputs and the past errors that seeds draw."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..facts.record import ERROR
from ..metrics.registry import METRICS
from .series import cells_of, values
from .summary import Row, numbers_at

if TYPE_CHECKING:
    from .panel import Array
    from .result import Result

LEAST_MEMBERS = 8
"""Fewest seeds from which the drivers of a range are computed (assumption)."""
_PERMUTATIONS = 400
"""Number of random permutations of the seeds, which show the effect of chance alone."""
_BY_CHANCE = 0.95
"""A part is clear if it exceeds the largest part in this share of the permutations [1]
(assumption).
"""


class Driver(NamedTuple):
    """An input or an error that seeds draw.

    Attributes
    ----------
    name : str
        A parameter or a path, or ``error.kept.block`` for a measured error.
    part : float
        Share of the variance between seeds that it explains: the square of the rank correlation
        [1].
    is_clear : bool
        Whether the part is larger than chance gives for the largest of all drawn values.
    """

    name: str
    part: float
    is_clear: bool

    @property
    def is_error(self) -> bool:
        """True if it is an error on past events, not an unknown input."""
        return self.name.startswith(ERROR)


def drivers(result: Result, row: Row) -> list[Driver]:
    """Return the drawn inputs with their part in the spread of a summary row's effect, the largest
    first; empty for few seeds.
    """
    members = result.members
    drawn = [result.drawn.get(str(pair[0].seed), {}) for pair in members]
    names = [
        name for name in drawn[0] if all(name in each for each in drawn) and _varies(name, drawn)
    ]
    if len(members) < LEAST_MEMBERS or not names:
        return []
    key = tuple(str(row[name]) for name in ("metric", "state", "platform", "group"))
    cells = cells_of(key[0], members[0][0].axes)
    cell = next((each for each in cells if each.key == key), None)
    if cell is None:
        return []
    arms = [values(cell, members, arm) for arm in (0, 1)]
    baseline, policy, _, _ = numbers_at(METRICS[key[0]], arms, row["at"])  # type: ignore[arg-type]
    effect = policy - baseline
    if np.isnan(effect).any() or np.ptp(effect) == 0:
        return []
    inputs = np.array([_ranks(np.array([each[name] for each in drawn])) for name in names])
    parts = (inputs @ _ranks(effect) / len(members)) ** 2
    rng = np.random.default_rng(0)
    orders = np.array([rng.permutation(_ranks(effect)) for _ in range(_PERMUTATIONS)])
    largest = ((orders @ inputs.T / len(members)) ** 2).max(axis=1)
    limit = float(np.quantile(largest, _BY_CHANCE))
    found = [
        Driver(name, float(part), bool(part > limit))
        for name, part in zip(names, parts, strict=True)
    ]
    return sorted(found, key=lambda each: (-each.part, each.name))


def _varies(name: str, drawn: list[dict[str, float]]) -> bool:
    return len({each[name] for each in drawn}) > 1


def _ranks(numbers: Array) -> Array:
    """Return the ranks of some numbers, with mean 0 and variance 1."""
    ranks = np.argsort(np.argsort(numbers, kind="stable"), kind="stable").astype(np.float64)
    ranks -= ranks.mean()
    return np.asarray(ranks / ranks.std())
