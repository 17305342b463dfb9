"""The model's error from event to event, by kind: a hierarchical model of how far held-out figures are off.

On the scale of its kind, the error of a figure has three parts: one that all figures of an episode share, one that all
dates of a series share, and a known part, which is the spread of the forecast and the tolerance of the observation.

    off = u(episode) + v(series) + noise,    u ~ N(0, sd_episode^2),  v ~ N(0, sd_series^2)

Both standard deviations have half-normal priors, so that few episodes give a wide error and not none. The result is the
mean of the variance over their joint posterior.
"""

from __future__ import annotations

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


@dataclass(frozen=True)
class KindError:
    """The error of one kind of figure, on its scale.

    Attributes
    ----------
    sd_episode, sd_series : float
        Standard deviations of what an episode and a series share [1].
    bias : float
        Mean over series of observed less forecast: above 0 where the model says too little [1].
    series, episodes : int
        How many there are.
    """

    sd_episode: float
    sd_series: float
    bias: float = 0.0
    series: int = 0
    episodes: int = 0

    @property
    def sd(self) -> float:
        """Standard deviation of the whole error [1]."""
        return float(np.hypot(self.sd_episode, self.sd_series))


type Errors = Mapping[str, KindError]
START: Errors = {kind: KindError(0.5, 0.5) for kind in ESTIMATED}
"""What is taken before anything has been held out (assumption)."""


def covariance(figures: Sequence[Figure], errors: Errors) -> Array:
    """Return the covariance of the model's errors on some figures, shape (figures, figures)."""
    shared = np.zeros((len(figures), len(figures)))
    for i, one in enumerate(figures):
        for j, other in enumerate(figures):
            if one.kind == other.kind and one.episode == other.episode:
                known = errors[one.kind]
                shared[i, j] = known.sd_episode**2 + (known.sd_series**2 if one.series == other.series else 0.0)
    return shared


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
    of_episode, of_series = np.meshgrid(GRID, GRID, indexing="ij")
    errors = {}
    for kind in START:
        density = -0.5 * (of_episode**2 + of_series**2) / PRIOR**2
        episodes: dict[str, list[int]] = {}
        by_series: dict[tuple[str, ...], list[float]] = {}
        for at, one in enumerate(figures):
            if one.kind == kind and np.isfinite(off[at]):
                episodes.setdefault(one.episode, []).append(at)
                by_series.setdefault(one.series, []).append(float(off[at]))
        for places in episodes.values():
            density = density + _log_likelihood([figures[at].series for at in places], off[places], variance[places])
        weight = np.exp(density - density.max())
        weight /= weight.sum()
        sd_episode, sd_series = (float(np.sqrt((weight * sd**2).sum())) for sd in (of_episode, of_series))
        bias = float(np.mean([np.mean(misses) for misses in by_series.values()])) if by_series else 0.0
        errors[kind] = KindError(sd_episode, sd_series, bias, len(by_series), len(episodes))
    return errors


def _log_likelihood(series: Sequence[tuple[str, ...]], off: Array, variance: Array) -> Array:
    """Return the log likelihood of the misses of one episode over the grid, shape (grid, grid)."""
    alike = np.array([[float(one == other) for other in series] for one in series])
    n = len(off)
    whole = (
        (GRID**2)[:, None, None, None] * np.ones((n, n)) + (GRID**2)[None, :, None, None] * alike + np.diag(variance)
    )
    root = np.linalg.cholesky(whole)
    scaled = np.linalg.solve(root, np.broadcast_to(off[:, None], (*whole.shape[:2], n, 1)))[..., 0]
    size = np.log(np.diagonal(root, axis1=-2, axis2=-1)).sum(axis=-1)
    return np.asarray(-0.5 * (scaled**2).sum(axis=-1) - size)
