"""The model's error from event to event, by kind: a hierarchical model of how far held-out figures are off.

On the scale of its kind, the error of a figure has four parts: one that all episodes of a technique share, one that all
figures of an episode share, one that all dates of a series share, and a known part, which is the spread of the forecast
and the tolerance of the observation.

    off = w(technique) + u(episode) + v(series) + noise
    w ~ N(0, sd_technique^2),  u ~ N(0, sd_episode^2),  v ~ N(0, sd_series^2)

The standard deviations have half-normal priors, so that few episodes give a wide error and not none. The result is the
mean of the variance over their joint posterior. What a technique shares is wide for one that the record does not have,
and known the better, the more of its episodes the record has; a bias that they share stays in it. An episode counts for
the technique of most of its figures.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..results.model_error import ESTIMATED
from .space import Figure

type Array = np.ndarray[Any, np.dtype[np.float64]]

PRIOR = 1.0
"""Scale of the half-normal priors, assumption: on the logit scale 1 is 0.27 instead of 0.5, on the others a factor of
2.7; larger errors than that would make the model useless [1]."""
GRID = np.linspace(0.02, 3.0, 60)
"""Standard deviations that are tried [1]."""
OF_TECHNIQUES = np.linspace(0.02, 3.0, 30)
"""The same for what the episodes of a technique share [1]."""


@dataclass(frozen=True)
class KindError:
    """The error of one kind of figure, on its scale."""

    sd_episode: float
    """Standard deviation of what an episode shares [1]."""
    sd_series: float
    """Standard deviation of what a series shares [1]."""
    bias: float = 0.0
    """Mean over series of observed less forecast: above 0 where the model says too little [1]."""
    series: int = 0
    """Series of this kind."""
    episodes: int = 0
    """Episodes of this kind."""
    sd_technique: float = 0.0
    """Standard deviation of what a technique shares [1]."""
    techniques: tuple[tuple[str, int, float], ...] = ()
    """The episodes of each technique, and the standard deviation of what they share, given their misses [1]."""

    @property
    def sd(self) -> float:
        """Standard deviation of the whole error, of a technique that the record has [1]."""
        episodes = max(1, sum(number for _, number, _ in self.techniques))
        shared = sum(number * sd**2 for _, number, sd in self.techniques) / episodes
        return float(np.sqrt(self.sd_episode**2 + self.sd_series**2 + shared))


type Errors = Mapping[str, KindError]
KINDS = (*ESTIMATED, "contact")
"""Kinds of figures whose error is estimated."""


def estimate(figures: Sequence[Figure], off: Array, variance: Array) -> dict[str, KindError]:
    """Return the error of each kind: the mean variance over the posterior of both standard deviations.

    Parameters
    ----------
    figures : sequence of Figure
        The figures that were held out.
    off : numpy.ndarray, shape (figures,)
        Observed less forecast, on the scale of each.
    variance : numpy.ndarray, shape (figures,)
        Of the forecast, and of what was observed.
    """
    of_episode, of_series, of_technique = np.meshgrid(GRID, GRID, OF_TECHNIQUES, indexing="ij", sparse=True)
    errors = {}
    for kind in KINDS:
        density = -0.5 * (of_episode**2 + of_series**2 + of_technique**2) / PRIOR**2
        episodes: dict[str, list[int]] = {}
        by_series: dict[tuple[str, ...], list[float]] = {}
        for at, one in enumerate(figures):
            if one.kind == kind and np.isfinite(off[at]):
                episodes.setdefault(one.episode, []).append(at)
                by_series.setdefault(one.series, []).append(float(off[at]))
        parts: dict[str, list[tuple[Array, Array, Array]]] = {}
        for places in episodes.values():
            names = Counter(figures[at].technique for at in places)
            part = _log_likelihood([figures[at].series for at in places], off[places], variance[places])
            technique = max(sorted(names), key=names.__getitem__)
            if technique:
                parts.setdefault(technique, []).append(part)
            else:
                density = density + part[0][:, :, None]
        for known in parts.values():
            # What the episodes of a technique share is summed out: the algebra of a normal mean with a normal prior.
            log, precision, pull = (np.sum([part[k] for part in known], axis=0)[:, :, None] for k in range(3))
            room = 1.0 + of_technique**2 * precision
            density = density + log + 0.5 * of_technique**2 * pull**2 / room - 0.5 * np.log(room)
        weight = np.exp(density - density.max())
        weight /= weight.sum()
        sds = [float(np.sqrt((weight * sd**2).sum())) for sd in (of_episode, of_series, of_technique)]
        bias = float(np.mean([np.mean(misses) for misses in by_series.values()])) if by_series else 0.0
        techniques = []
        for name, known in sorted(parts.items()):
            precision, pull = (np.sum([part[k] for part in known], axis=0)[:, :, None] for k in (1, 2))
            room = of_technique**2 / (1.0 + of_technique**2 * precision)  # variance of what it shares, given the misses
            square = float((weight * (room + (room * pull) ** 2)).sum())
            techniques.append((name, len(known), float(np.sqrt(square))))
        errors[kind] = KindError(sds[0], sds[1], bias, len(by_series), len(episodes), sds[2], tuple(techniques))
    return errors


def _log_likelihood(series: Sequence[tuple[str, ...]], off: Array, variance: Array) -> tuple[Array, Array, Array]:
    """Return the log likelihood of the misses of one episode over the grid, shape (grid, grid).

    Beside it the precision of the sum of all, and that of the misses: what an error that they share depends on.
    """
    alike = np.array([[float(one == other) for other in series] for one in series])
    n = len(off)
    whole = (
        (GRID**2)[:, None, None, None] * np.ones((n, n)) + (GRID**2)[None, :, None, None] * alike + np.diag(variance)
    )
    root = np.linalg.cholesky(whole)
    both = np.linalg.solve(root, np.broadcast_to(np.stack([off, np.ones(n)], axis=1), (*whole.shape[:2], n, 2)))
    scaled, ones = both[..., 0], both[..., 1]
    size = np.log(np.diagonal(root, axis1=-2, axis2=-1)).sum(axis=-1)
    log = np.asarray(-0.5 * (scaled**2).sum(axis=-1) - size)
    return log, np.asarray((ones**2).sum(axis=-1)), np.asarray((ones * scaled).sum(axis=-1))
