"""The posterior: points of the prior, weighted by how well their emulated figures agree with the observations.

The points, and the runs on which the emulators are trained, come from the prior alone. A posterior without one episode
therefore differs from the joint one only in the figures that it weighs; nothing else in it depends on the episode.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.experiments.calibration.emulator import Emulator, fit, one_thread
from sim.experiments.calibration.errors import Errors, covariance
from sim.experiments.calibration.figures import Figure
from sim.experiments.calibration.result import ParameterRow
from sim.experiments.calibration.space import Space

type Array = np.ndarray[Any, np.dtype[np.float64]]

LOW, HIGH = 0.05, 0.95
"""Ends of the posterior range of a parameter: the central 90 %."""
FEWEST = 30.0
"""Points that a posterior must be worth; below, the likelihood is flattened until it is (assumption)."""
FEWEST_RUNS, UNKNOWN = 4, 1e6
"""Runs that must define a figure; one of fewer says nothing of any point, as its variance has it."""
UNIFORM_SD = 12**-0.5


@dataclass(frozen=True)
class Emulated:
    """What is known of every figure at many points of the prior.

    Attributes
    ----------
    points : numpy.ndarray, shape (points, parameters)
        In the prior's unit cube.
    mean : numpy.ndarray, shape (points, figures)
        On the scale of each figure.
    variance : numpy.ndarray, shape (figures,)
        Of one run there: the emulator's own, luck, and the draw of all that is not fitted.
    checks : tuple of dict
        How well each figure is emulated: ``r2``, ``error``, ``within_2sd``, ``noise``.
    """

    points: Array
    mean: Array
    variance: Array
    checks: tuple[dict[str, float], ...]


@dataclass(frozen=True)
class Posterior:
    """Weights of the points, given some figures.

    Attributes
    ----------
    weights : numpy.ndarray, shape (points,)
        They sum to 1.
    effective : float
        How many equally weighted points they are worth.
    power : float
        To which the likelihood was raised, 1 unless too few points were left.
    """

    weights: Array
    effective: float
    power: float

    def some(self, n: int, seed: int) -> list[int]:
        """Return the places of n points, each as often as its weight asks for (systematic resampling)."""
        start = np.random.default_rng(seed).random()
        ends = np.cumsum(self.weights)
        places = np.searchsorted(ends, (np.arange(n) + start) / n * ends[-1])
        return [int(at) for at in np.random.default_rng(seed + 1).permutation(np.minimum(places, len(ends) - 1))]


def sobol(n: int, dimensions: int, seed: int) -> Array:
    """Return points spread evenly over the unit cube, scrambled, shape (n, dimensions)."""
    from scipy.stats import qmc

    sampler = qmc.Sobol(dimensions, rng=np.random.default_rng(seed))
    return np.asarray(sampler.random_base2(max(1, int(np.ceil(np.log2(n)))))[:n])


def emulate(figures: Sequence[Figure], points: Array, outputs: Array, candidates: Array, seed: int) -> Emulated:
    """Return what emulators that have seen runs say of candidates.

    Parameters
    ----------
    figures : sequence of Figure
        The figures.
    points, outputs : numpy.ndarray, shape (runs, parameters) and (runs, figures)
        Where runs were made, and what they say, on the scale of each figure; NaN where it is not defined.
    candidates : numpy.ndarray, shape (points, parameters)
        Where to know.
    seed : int
        Which runs emulators are tuned on, where there are many.
    """
    mean, variance, checks = np.zeros((len(candidates), len(figures))), np.zeros(len(figures)), []
    with one_thread():
        for at in range(len(figures)):
            known = np.isfinite(outputs[:, at])
            if known.sum() < FEWEST_RUNS:
                variance[at] = UNKNOWN
                checks.append({"r2": 0.0, "error": 0.0, "within_2sd": 0.0, "noise": 0.0})
                continue
            one = fit(points[known], outputs[known, at], seed)
            mean[:, at], own = one(candidates)
            checks.append(_check(one))
            variance[at] = float(own.mean()) + checks[-1]["noise"] ** 2
    return Emulated(candidates, mean, variance, tuple(checks))


def _check(one: Emulator) -> dict[str, float]:
    """Return how well runs are predicted from the others: R2, error, share within 2 sd, and the noise."""
    off, scaled = one.left_out()
    r2 = 1 - float((off**2).mean()) / one.scale**2 if one.scale > 0 else 1.0
    within = float((np.abs(scaled) <= 2).mean())
    noise = one.scale * float(np.sqrt(one.noise))
    return {"r2": r2, "error": float(np.sqrt((off**2).mean())), "within_2sd": within, "noise": noise}


def posterior(known: Emulated, figures: Sequence[Figure], errors: Errors, which: Sequence[int]) -> Posterior:
    """Return the weights of points, given some figures.

    Parameters
    ----------
    known : Emulated
        What is known of every figure.
    figures : sequence of Figure
        All of them.
    errors : mapping of str to KindError
        The model's error by kind.
    which : sequence of int
        The figures that count.
    """
    chosen = [figures[at] for at in which]
    if not chosen:
        n = len(known.points)
        return Posterior(np.full(n, 1.0 / n), float(n), 1.0)
    seen = np.array([float(one.scaled(one.observed)) for one in chosen])
    alone = known.variance[list(which)] + np.array([one.spread for one in chosen]) ** 2
    root = np.linalg.cholesky(covariance(chosen, errors) + np.diag(alone))
    scaled = np.linalg.solve(root, (known.mean[:, list(which)] - seen).T)
    density = -0.5 * (scaled**2).sum(axis=0)
    power = 1.0
    while True:
        weights = np.exp(power * (density - density.max()))
        weights /= weights.sum()
        effective = float(1.0 / (weights**2).sum())
        if effective >= min(FEWEST, len(weights) / 2) or power < 0.01:
            return Posterior(weights, effective, power)
        power *= 0.9


def told(space: Space, known: Emulated, found: Posterior) -> list[ParameterRow]:
    """Return what a posterior says of each parameter; its median is the value that is taken."""
    mean = found.weights @ known.points
    centred = known.points - mean
    cov = (found.weights[:, None] * centred).T @ centred
    sd = np.sqrt(np.diag(cov))
    together = cov / np.outer(sd, sd)
    rows = []
    for i, one in enumerate(space.free):
        order = np.argsort(known.points[:, i])
        ends = np.cumsum(found.weights[order])
        places = [known.points[order[min(int(np.searchsorted(ends, q)), len(order) - 1)], i] for q in (LOW, 0.5, HIGH)]
        low, middle, high = (one.at(float(u)) for u in places)
        others = np.where(np.arange(len(space.free)) == i, 0.0, np.nan_to_num(together[i]))
        most = int(np.abs(others).argmax())
        rows.append(
            ParameterRow(
                name=one.name, scale=one.scale, prior_low=one.low, prior_high=one.high, low=low, median=middle,
                high=high, chosen=middle, shrink=float(sd[i]) / UNIFORM_SD,
                confounded_with=space.names[most], correlation=float(others[most]),
            )
        )  # fmt: skip
    return rows
