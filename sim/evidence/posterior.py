"""Samples of a posterior: particles that walk from the prior, or from another posterior, through the emulators.

Sequential Monte Carlo (Del Moral, Doucet and Jasra 2006, https://doi.org/10.1111/j.1467-9868.2006.00553.x): the density
moves from one target to the next in steps so small that half of the particles still count; at each step particles are
resampled by their weight, and each walks on by a random walk that leaves the density as it is. Independent replicates
say how many independent draws the particles are worth. Posteriors without an episode start from the joint one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .emulator import Emulated, one_thread, sobol
from .model_error import Errors, covariance
from .space import Figure, ParameterRow, Space

type Array = np.ndarray[Any, np.dtype[np.float64]]
type Density = Callable[[Array], Array]
"""Returns the log density at points of the prior's unit cube, shape (points,)."""

LOW, HIGH = 0.05, 0.95
"""Ends of the posterior range of a parameter: the central 90 %."""
UNIFORM_SD = 12**-0.5
REPLICATES, PARTICLES = 4, 1024
"""Independent replicates, and particles of each."""
WALKS = 8
"""Steps of the random walk at each step of the density; the first and the last step take three times as many."""
KEPT = 0.5
"""Share of the particles that must still count after a step of the density [1]."""


@dataclass(frozen=True)
class Particles:
    """Draws of a posterior that count alike."""

    points: Array
    """(replicates, particles, parameters): In the prior's unit cube."""
    effective: float
    """Independent draws that the particles are worth: from how far the replicates' means differ."""
    accepted: float
    """Share of the steps of the random walk that were taken [1]."""
    steps: int
    """Steps of the density."""

    @property
    def flat(self) -> Array:
        """All particles, shape (replicates x particles, parameters)."""
        return np.asarray(self.points.reshape(-1, self.points.shape[-1]))

    @property
    def mixing(self) -> float:
        """The largest R-hat of a parameter over the replicates: 1 where they agree [1]."""
        n = self.points.shape[1]
        within = self.points.var(axis=1, ddof=1).mean(axis=0)
        between = n * self.points.mean(axis=1).var(axis=0, ddof=1)
        return float(np.sqrt(((n - 1) / n * within + between / n) / within).max())

    def some(self, n: int, seed: int) -> Array:
        """Return so many of the points, drawn without replacement while there are enough, shape (n, parameters)."""
        rng, flat = np.random.default_rng(seed), self.flat
        return np.asarray(flat[rng.choice(len(flat), n, replace=n > len(flat))])


def density_of(known: Emulated, figures: Sequence[Figure], errors: Errors, which: Sequence[int]) -> Density:
    """Return the log likelihood of some figures, as a function of points; 0 without any.

    Parameters
    ----------
    known : Emulated
        The emulators of every figure.
    figures : sequence of Figure
        All of them.
    errors : mapping of str to KindError
        The model's error by kind.
    which : sequence of int
        The figures that count.
    """
    places, chosen = list(which), [figures[at] for at in which]
    if not chosen:
        return lambda points: np.zeros(len(points))
    seen = np.array([one.target for one in chosen])
    alone = known.variance[places] + np.array([one.spread for one in chosen]) ** 2
    inverse = np.linalg.inv(np.linalg.cholesky(covariance(chosen, errors) + np.diag(alone)))

    def density(points: Array) -> Array:
        scaled = (known.means(points, places) - seen) @ inverse.T
        return np.asarray(-0.5 * (scaled**2).sum(axis=1))

    return density


def sample(
    density: Density,
    parameters: int,
    seed: int,
    *,
    start: Particles | None = None,
    start_density: Density | None = None,
    replicates: int = REPLICATES,
    particles: int = PARTICLES,
) -> Particles:
    """Return draws of a density over the prior's unit cube.

    Parameters
    ----------
    density : callable
        The log density to end with.
    parameters : int
        How many there are.
    seed : int
        Decides the draws.
    start, start_density : Particles and callable, optional
        Draws of another density to start from; by default points spread evenly over the prior.
    replicates, particles : int
        Independent replicates, and particles of each; those of ``start`` where it is given.
    """
    ends, taken, steps = [], [], []
    with one_thread():
        for replicate in range(len(start.points) if start is not None else replicates):
            rng = np.random.default_rng([seed, replicate])
            first = sobol(particles, parameters, seed + replicate) if start is None else start.points[replicate]
            points, accepted, number = _anneal(density, start_density, np.array(first), rng)
            ends.append(points)
            taken.append(accepted)
            steps.append(number)
    points = np.array(ends)
    return Particles(points, _effective(points), float(np.mean(taken)), max(steps))


def _anneal(
    density: Density, start: Density | None, points: Array, rng: np.random.Generator
) -> tuple[Array, float, int]:
    """Move particles from one density to another; return them, the share of steps taken, and the steps of density."""
    n, d = points.shape
    to = density(points)
    of = np.zeros(n) if start is None else start(points)
    power, number, scale, rates = 0.0, 0, 2.38 / np.sqrt(d), [0.25]
    while power < 1.0:
        reached = _next_power(to - of, power)
        weights = np.exp((reached - power) * ((to - of) - (to - of).max()))
        ends = np.cumsum(weights)
        chosen = np.searchsorted(ends, (np.arange(n) + rng.random()) / n * ends[-1]).clip(max=n - 1)
        points, to, of, power, number = points[chosen], to[chosen], of[chosen], reached, number + 1
        root = np.linalg.cholesky(np.cov(points.T) + 1e-8 * np.eye(d))
        for _ in range(WALKS * (3 if power == 1.0 or number == 1 else 1)):
            moved = points + scale * rng.standard_normal((n, d)) @ root.T
            moved = np.abs(moved)
            moved = 1.0 - np.abs(1.0 - moved)  # reflected at both ends of the prior
            inside = ((moved >= 0.0) & (moved <= 1.0)).all(axis=1)
            to_moved = density(moved)
            of_moved = np.zeros(n) if start is None else start(moved)
            rise = power * (to_moved - to) + (1.0 - power) * (of_moved - of)
            accepted = inside & (np.log(rng.random(n)) < rise)
            points = np.where(accepted[:, None], moved, points)
            to, of = np.where(accepted, to_moved, to), np.where(accepted, of_moved, of)
            rates.append(float(accepted.mean()))
            scale *= np.exp(rates[-1] - 0.25)  # a quarter of the steps taken walks fastest
    return points, float(np.mean(rates[1:])), number


def _next_power(rise: Array, power: float) -> float:
    """Return the largest power up to which `KEPT` of the particles still count, by halving."""

    def counts(reached: float) -> bool:
        weights = np.exp((reached - power) * (rise - rise.max()))
        return bool(weights.sum() ** 2 >= KEPT * len(rise) * (weights**2).sum())

    if counts(1.0):
        return 1.0
    low, high = 0.0, 1.0 - power  # of the step: the first ones may be a millionth
    for _ in range(50):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if counts(power + middle) else (low, middle)
    return power + max(low, 1e-12)


def _effective(points: Array) -> float:
    """Return how many independent draws would have means that differ as much between replicates, at most all."""
    replicates, n, _ = points.shape
    if replicates < 2:
        return float(n)
    spread, apart = points.var(axis=(0, 1)), points.mean(axis=1).var(axis=0, ddof=1)
    return float(min(replicates * n, replicates * spread.mean() / max(1e-12, apart.mean())))


def rows_of(space: Space, found: Particles) -> list[ParameterRow]:
    """Return what a posterior says of each parameter; its median is the value that is taken."""
    points = found.flat
    cov = np.cov(points.T, bias=True).reshape(len(space), len(space))
    sd = np.sqrt(np.diag(cov))
    together, ordered = cov / np.outer(sd, sd), np.sort(points, axis=0)
    rows = []
    for i, one in enumerate(space.values()):
        low, middle, high = (one.at(float(ordered[int(np.ceil(q * len(points))) - 1, i])) for q in (LOW, 0.5, HIGH))
        others = np.where(np.arange(len(space)) == i, 0.0, np.nan_to_num(together[i]))
        most = int(np.abs(others).argmax())
        rows.append(ParameterRow(one.name, one.scale, one.prior_low, one.prior_high, low, middle, high, middle,
                                 float(sd[i]) / UNIFORM_SD, list(space)[most], float(others[most])))  # fmt: skip
    return rows


def ranks(
    known: Emulated, figures: Sequence[Figure], errors: Errors, which: Sequence[int], truths: Array, seed: int
) -> Array:
    """Return the ranks of known parameters among draws of the posterior of what they would give, 0 to 1.

    Simulation-based calibration (Talts et al. 2018, https://arxiv.org/abs/1804.06788): figures are made up at points of
    the prior, with the model's error and the tolerance of the observations; where the sampler and the likelihood are
    right, every rank is as frequent.

    Parameters
    ----------
    known : Emulated
    figures : sequence of Figure
    errors : mapping of str to KindError
    which : sequence of int
        As for `density_of`.
    truths : numpy.ndarray, shape (truths, parameters)
        In the prior's unit cube.
    seed : int

    Returns
    -------
    numpy.ndarray, shape (truths, parameters)
    """
    places, chosen, rng = list(which), [figures[at] for at in which], np.random.default_rng(seed)
    alone = known.variance[places] + np.array([one.spread for one in chosen]) ** 2
    root = np.linalg.cholesky(covariance(chosen, errors) + np.diag(alone))
    inverse = np.linalg.inv(root)
    found = []
    for number, truth in enumerate(truths):
        with one_thread():
            said = known.means(truth[None, :], places)[0] + root @ rng.standard_normal(len(places))

        def density(points: Array, said: Array = said) -> Array:
            return np.asarray(-0.5 * (((known.means(points, places) - said) @ inverse.T) ** 2).sum(axis=1))

        drawn = sample(density, truths.shape[1], seed + 1 + number, replicates=1, particles=128).flat
        found.append((drawn < truth).mean(axis=0))
    return np.array(found)
