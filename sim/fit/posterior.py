"""Emulators of the simulator, and the posterior of the parameters and of the model's error.

An emulator is a Gaussian process with a trend linear in the parameters, a squared-exponential
residual with a length for each parameter, and noise for chance in the simulator (Kennedy and
O'Hagan 2001, https://doi.org/10.1111/1467-9868.00294; Andrianakis et al. 2015). Emulators do not
depend on the observations, so a posterior without one episode differs from the joint one only in
the figures that it weighs.

The model's error at its best parameters is also unknown. A posterior therefore covers the
parameters and the standard deviations of the errors that an episode, and a series, share, by kind.
Errors estimated from a wide posterior's forecasts would be wide, and would keep the next posterior
wide. A posterior has no error shared by the episodes of a technique, because it would have the same
effect as a parameter of the technique (Brynjarsdottir and O'Hagan 2014,
https://doi.org/10.1088/0266-5611/30/11/114007). Intervals of forecasts include this error
(`estimate`).

Sequential Monte Carlo samples a posterior, starting from the prior or from another posterior (Del
Moral, Doucet and Jasra 2006, https://doi.org/10.1111/j.1467-9868.2006.00553.x): the density changes
in steps so small that half of the particles keep their weight; at each step particles are resampled
by weight, and then move without changing the density. A move uses a normal distribution fitted to
the particles where the prior is standard normal (preconditioned Crank-Nicolson: Cotter et al. 2013,
https://doi.org/10.1214/13-STS421), so it is large in all directions without information.
Independent replicates give the effective number of draws. Posteriors without an episode start from
the joint one.

The model's error between events is estimated, by kind, with a hierarchical model of the errors of
held-out figures. On the scale of its kind, the error of a figure has four parts: one that all
episodes of a technique share, one that all figures of an episode share, one that all dates of a
series share, and a known part, which is the spread of the forecast and the tolerance of the
observation.

    off = w(technique) + u(episode) + v(series) + noise
    w ~ N(0, sd_technique^2),  u ~ N(0, sd_episode^2),  v ~ N(0, sd_series^2)

The standard deviations have half-normal priors, so that few episodes give a wide error instead of
none. The result is the mean of the variance over their joint posterior. The shared error of a
technique is wide if the record has no episode of it, and narrows with each episode; a bias shared
by the episodes remains. The technique of an episode is that of most of its figures.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from ..core.program import more_packages
from ..errors import InputError, Problem
from ..experiments.parallel import Failure, error_of, outcomes
from ..results.model_error import ESTIMATED
from .space import Figure, ParameterRow, Space

type Array = np.ndarray[Any, np.dtype[np.float64]]
type Places = np.ndarray[Any, np.dtype[np.int64]]
type Density = Callable[[Array], Array]
"""Function from points of the prior's unit cube to log densities, shape (points,)."""

TUNED_ON = 200
"""Most runs for estimating lengths and noise: the time grows with the cube of their number."""
FEWEST_RUNS = 4
UNKNOWN = 1e6
"""Fewest runs that must define a figure, and the variance of a figure with fewer, which makes it
uninformative.
"""
_CONSTANT = 1e-9
LOW = 0.05
HIGH = 0.95
"""Ends of a parameter's posterior range: the central 90 %."""
UNIFORM_SD = 12**-0.5
REPLICATES = 4
PARTICLES = 1024
"""Number of independent replicates, and of particles in each."""
WALKS = 8
"""Moves at each step of the density; the first step has three times as many."""
FORGETS = 100
"""Moves after the last step of the density (assumption: replicates of the record's posterior then
agree).
"""
FITTED = 10
"""Moves after which the normal distribution for moves is fitted again (assumption)."""
TAKEN = 0.25
"""Target share of accepted moves, which determines their size (assumption) [1]."""
WANTED_ERROR = 0.5
"""Scale of the half-normal priors of the errors at the best parameters [1]. Assumption: 0.12 for a
share of one half, slightly above the model's target error.
"""
ERRORS = tuple((kind, part) for kind in ESTIMATED for part in ("episode", "series"))
"""Errors whose standard deviations come after the parameters in a posterior: one shared by the
figures of an episode, and one by the dates of a series.
"""
VARIANCE_AT = 256
"""Points of the prior over which the variance of an emulator is averaged."""
KEPT = 0.5
"""Least effective share of the particles after a step of the density [1]."""


@dataclass(frozen=True)
class Emulator:
    """An emulator of one target at any point of the prior."""

    x: Array
    """(runs, parameters): Simulated points, from -1 to 1."""
    middle: float
    scale: float
    """The unit in which outputs are measured."""
    rest: float
    trend: float
    noise: float
    """Variances, in units of ``scale`` squared."""
    lengths: Array
    """(parameters,): Correlation lengths."""
    weights: Array
    """(runs,): Weights of the runs in the mean."""
    inverse: Array
    """(runs, runs): Inverse covariance of the runs."""

    def __call__(self, points: Array) -> tuple[Array, Array]:
        """Return mean and variance of the target, without simulation noise, at points of the
        prior's unit cube: (points,) each.
        """
        x = 2 * np.asarray(points) - 1
        across = self.covariance(x, self.x)
        mean = self.middle + self.scale * (across @ self.weights)
        own = self.rest + self.trend * (1 + (x**2).sum(axis=1))
        variance = own - ((across @ self.inverse) * across).sum(axis=1)
        return mean, self.scale**2 * np.maximum(variance, 1e-9)

    def mean(self, points: Array) -> Array:
        """Return only the mean, shape (points,)."""
        return np.asarray(
            self.middle + self.scale * (self.covariance(2 * points - 1, self.x) @ self.weights)
        )

    def covariance(self, one: Array, other: Array) -> Array:
        """Return the covariance of simulated values at two sets of points, without noise: (points,
        points).
        """
        a = one / self.lengths
        b = other / self.lengths
        square = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1) - 2 * a @ b.T
        return np.asarray(
            self.rest * np.exp(-0.5 * np.maximum(square, 0)) + self.trend * (1 + one @ other.T)
        )

    def left_out(self) -> tuple[Array, Array]:
        """Return the error of each run predicted from the others, plain and in standard deviations:
        (runs,) each.

        Rasmussen and Williams (2006), Gaussian Processes for Machine Learning, equations 5.10 to
        5.12.
        """
        precision = np.diag(self.inverse)
        off = self.weights / precision
        return self.scale * off, off * np.sqrt(precision)

    def check(self) -> dict[str, float]:
        """Return the quality of predictions of each run from the others: R2, error, share within 2
        sd, and the noise.
        """
        off, scaled = self.left_out()
        return {
            "r2": 1 - float((off**2).mean()) / self.scale**2 if self.scale > 0 else 1.0,
            "error": float(np.sqrt((off**2).mean())),
            "within_2sd": float((np.abs(scaled) <= 2).mean()),
            "noise": self.scale * float(np.sqrt(self.noise)),
        }


def fit(points: Array, outputs: Array, seed: int = 0) -> Emulator:
    """Return the emulator of one target.

    Parameters
    ----------
    points : numpy.ndarray, shape (runs, parameters)
        Points in the prior's unit cube.
    outputs : numpy.ndarray, shape (runs,)
        Simulated values at these points.
    seed : int
        Seed for the choice of runs if there are more than `TUNED_ON`.
    """
    middle = float(outputs.mean())
    scale = float(outputs.std())
    x = 2 * points - 1
    n = len(points)
    if scale < _CONSTANT:
        return Emulator(x, middle, 0.0, 0.0, 0.0, 0.0, np.ones(x.shape[1]), np.zeros(n), np.eye(n))
    y = (outputs - middle) / scale
    some = np.sort(np.random.default_rng(seed).permutation(n)[:TUNED_ON])
    rest, trend, noise, lengths = _tuned(x[some], y[some])
    bare = Emulator(x, middle, scale, rest, trend, noise, lengths, y, np.eye(n))
    inverse = np.linalg.inv(bare.covariance(x, x) + noise * np.eye(n))
    inverse = 0.5 * (inverse + inverse.T)
    return replace(bare, weights=inverse @ y, inverse=inverse)


def _tuned(x: Array, y: Array) -> tuple[float, float, float, Array]:
    """Return the maximum-likelihood variances of residual, trend and noise, and the lengths."""
    process, kernels = _sklearn()
    d = x.shape[1]
    kernel = (
        kernels.ConstantKernel(0.5, (1e-3, 1e2)) * kernels.RBF(np.full(d, 2.0), (0.2, 50.0))
        + kernels.ConstantKernel(0.1, (1e-4, 1e1)) * kernels.DotProduct(1.0, "fixed")
        + kernels.WhiteKernel(0.05, (1e-5, 2.0))
    )
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # a length at its bound means that the parameter has no effect
        tuned = process.GaussianProcessRegressor(kernel, alpha=1e-9).fit(x, y).kernel_
    smooth = tuned.k1.k1
    linear = tuned.k1.k2
    white = tuned.k2
    lengths = np.broadcast_to(np.asarray(smooth.k2.length_scale, float), (d,)).copy()
    return (
        float(smooth.k1.constant_value),
        float(linear.k1.constant_value),
        float(white.noise_level),
        lengths,
    )


def _sklearn() -> tuple[Any, Any]:
    """Return scikit-learn's Gaussian processes and their kernels."""
    try:
        from sklearn import gaussian_process
        from sklearn.gaussian_process import kernels
    except ImportError as error:
        hint = more_packages("calibration")
        raise InputError(
            Problem("", "scikit-learn is not installed", "scikit-learn for this command", hint)
        ) from error
    return gaussian_process, kernels


@contextmanager
def one_thread() -> Iterator[None]:
    """Let linear algebra use one thread, so that numbers are the same on every machine and
    processes do not compete for cores.
    """
    _sklearn()
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        yield


def sobol(n: int, dimensions: int, seed: int) -> Array:
    """Return points spread evenly over the unit cube, scrambled, shape (n, dimensions)."""
    from scipy.stats import qmc

    sampler = qmc.Sobol(dimensions, rng=np.random.default_rng(seed))
    return np.asarray(sampler.random_base2(max(1, int(np.ceil(np.log2(n)))))[:n])


@dataclass(frozen=True)
class Emulated:
    """Emulators of every figure over the prior."""

    variance: Array
    """(figures,): Variance of a run around the emulator, from chance and from inputs that are not
    fitted.
    """
    checks: tuple[dict[str, float], ...]
    """The quality of the emulator of each figure: ``r2``, ``error``, ``within_2sd``, ``noise``."""
    emulators: tuple[Emulator | None, ...]
    """The emulator of each figure; None if too few runs define it."""

    def means(self, points: Array, which: Sequence[int]) -> Array:
        """Return the emulated means of some figures at points of the unit cube, shape (points,
        figures).
        """
        said = np.zeros((len(points), len(which)))
        for column, at in enumerate(which):
            emulator = self.emulators[at]
            if emulator is not None:
                said[:, column] = emulator.mean(points)
        return said


def emulate(
    figures: Sequence[Figure], points: Array, values: Array, seed: int, jobs: int | None = 1
) -> Emulated:
    """Return emulators fitted to runs.

    Parameters
    ----------
    figures : sequence of Figure
        The figures.
    points, values : numpy.ndarray, shape (runs, parameters) and (runs, figures)
        The points of runs, and their values on the scale of each figure; NaN where not defined.
    seed : int
        Seed for the choice of runs for tuning, if there are many.
    jobs : int, optional
        Number of processes; by default one, with None one per core.

    Raises
    ------
    RunError
        If an emulator cannot be fitted.
    """
    variance = np.full(len(figures), UNKNOWN)
    checks = []
    anywhere = sobol(VARIANCE_AT, points.shape[1], seed)
    learnt = dict(outcomes(partial(_learn, points, values, seed), range(len(figures)), jobs=jobs))
    if failures := {
        figures[at].name: one for at, one in learnt.items() if isinstance(one, Failure)
    }:
        raise error_of(failures, "emulators could not be learnt", None)
    emulators = {
        at: one
        for at, one in sorted(learnt.items(), key=lambda pair: pair[0])
        if not isinstance(one, Failure)
    }
    for at, emulator in emulators.items():
        if emulator is None:
            checks.append({"r2": 0.0, "error": 0.0, "within_2sd": 0.0, "noise": 0.0})
            continue
        checks.append(emulator.check())
        with one_thread():
            variance[at] = float(emulator(anywhere)[1].mean()) + checks[-1]["noise"] ** 2
    return Emulated(variance, tuple(checks), tuple(emulators.values()))


def _learn(points: Array, values: Array, seed: int, at: int) -> Emulator | None:
    """Return the emulator of one figure; None if too few runs define it."""
    defined = np.isfinite(values[:, at])
    if defined.sum() < FEWEST_RUNS:
        return None
    with one_thread():
        return fit(points[defined], values[defined, at], seed)


@dataclass(frozen=True)
class Likelihood:
    """The likelihood of some figures, as a function of points: parameters, then quantiles of
    `ERRORS`.
    """

    known: Emulated
    places: tuple[int, ...]
    seen: Array
    """(figures,): The observed figures, each on its scale."""
    blocks: tuple[tuple[int, Places, Array, Array, Array], ...]
    """For each kind of error with figures: its position in `ERRORS`, its figures, matrices of
    shared episodes and of shared series, and the variance of each figure.
    """

    def __call__(self, points: Array) -> Array:
        """Return the log density at points, shape (points,)."""
        found = np.zeros(len(points))
        if not self.places:
            return found
        parameters = points[:, : -len(ERRORS)]
        sds = error_sds(points)
        off = self.known.means(parameters, self.places) - self.seen
        for first, own, of_episode, of_series, alone in self.blocks:
            root = np.linalg.cholesky(_error(sds, first, of_episode, of_series) + np.diag(alone))
            scaled = np.linalg.solve(root, off[:, own, None])[..., 0]
            size = np.log(np.diagonal(root, axis1=-2, axis2=-1)).sum(axis=1)
            found += -0.5 * (scaled**2).sum(axis=1) - size
        return found

    def made_up(self, point: Array, rng: np.random.Generator) -> Likelihood:
        """Return the likelihood of figures generated at a point, with model error and chance."""
        seen = self.known.means(point[None, : -len(ERRORS)], self.places)[0]
        sds = error_sds(point[None, :])
        for first, own, of_episode, of_series, alone in self.blocks:
            root = np.linalg.cholesky(_error(sds, first, of_episode, of_series)[0] + np.diag(alone))
            seen[own] += root @ rng.standard_normal(len(own))
        return replace(self, seen=seen)


def error_sds(points: Array) -> Array:
    """Return the standard deviations of `ERRORS` at points, shape (points, errors) [1]."""
    from scipy.special import erfinv

    quantiles = np.clip(points[:, -len(ERRORS) :], 0.0, 1.0 - 1e-9)
    return np.asarray(WANTED_ERROR * np.sqrt(2.0) * erfinv(quantiles))


def _error(sds: Array, first: int, of_episode: Array, of_series: Array) -> Array:
    """Return the covariance of the model's error on the figures of a kind, shape (points, figures,
    figures).
    """
    square = sds[:, first : first + 2, None, None] ** 2
    return np.asarray(square[:, 0] * of_episode + square[:, 1] * of_series)


def likelihood(known: Emulated, figures: Sequence[Figure], which: Sequence[int]) -> Likelihood:
    """Return the log likelihood of some figures as a function of points; it is 0 without any.

    Parameters
    ----------
    known : Emulated
        The emulators of every figure.
    figures : sequence of Figure
        All of them.
    which : sequence of int
        The figures that count.
    """
    chosen = [figures[at] for at in which]
    blocks = list[tuple[int, Places, Array, Array, Array]]()
    alone = known.variance[list(which)] + np.array([one.spread for one in chosen]) ** 2
    for kind in ESTIMATED:
        own = np.array([at for at, one in enumerate(chosen) if one.kind == kind], np.int64)
        if own.size:
            episodes, series = (
                [getattr(chosen[at], name) for at in own] for name in ("episode", "series")
            )
            of_episode = np.array([[float(one == other) for other in episodes] for one in episodes])
            of_series = np.array([[float(one == other) for other in series] for one in series])
            first = ERRORS.index((kind, "episode"))
            blocks.append((first, own, of_episode, of_episode * of_series, np.asarray(alone[own])))
    return Likelihood(known, tuple(which), np.array([one.target for one in chosen]), tuple(blocks))


@dataclass(frozen=True)
class Particles:
    """Draws of a posterior with equal weights."""

    points: Array
    """(replicates, particles, parameters): Draws in the prior's unit cube."""
    effective: float
    """Effective number of independent draws, estimated from the differences between the means of
    the replicates.
    """
    accepted: float
    """Share of accepted moves [1]."""
    steps: int
    """Steps of the density."""

    @property
    def flat(self) -> Array:
        """All particles, shape (replicates x particles, parameters)."""
        return np.asarray(self.points.reshape(-1, self.points.shape[-1]))

    @property
    def mixing(self) -> float:
        """The largest R-hat of a parameter over the replicates: 1 if they agree [1]."""
        n = self.points.shape[1]
        within = self.points.var(axis=1, ddof=1).mean(axis=0)
        between = n * self.points.mean(axis=1).var(axis=0, ddof=1)
        return float(np.sqrt(((n - 1) / n * within + between / n) / within).max())

    def some(self, n: int, seed: int) -> Array:
        """Return ``n`` of the points, drawn without replacement if there are enough, shape (n,
        parameters).
        """
        rng = np.random.default_rng(seed)
        flat = self.flat
        return np.asarray(flat[rng.choice(len(flat), n, replace=n > len(flat))])


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
        The target log density.
    parameters : int
        Number of parameters.
    seed : int
        Seed of the draws.
    start, start_density : Particles and callable, optional
        Draws of another density to start from; by default points spread evenly over the prior.
    replicates, particles : int
        Numbers of independent replicates and of particles in each; with ``start``, the same as in
        it.
    """
    ends = []
    taken = []
    steps = []
    with one_thread():
        for replicate in range(len(start.points) if start is not None else replicates):
            rng = np.random.default_rng([seed, replicate])
            first = (
                sobol(particles, parameters, seed + replicate)
                if start is None
                else start.points[replicate]
            )
            points, accepted, number = _anneal(density, start_density, np.array(first), rng)
            ends.append(points)
            taken.append(accepted)
            steps.append(number)
    points = np.array(ends)
    return Particles(points, _effective(points), float(np.mean(taken)), max(steps))


def _anneal(
    density: Density, start: Density | None, points: Array, rng: np.random.Generator
) -> tuple[Array, float, int]:
    """Move particles from one density to another; return them, the share of accepted moves, and the
    steps of the density.
    """
    from scipy.special import ndtr, ndtri

    n, d = points.shape
    to = density(points)
    of = np.zeros(n) if start is None else start(points)
    at = ndtri(np.clip(points, 1e-12, 1.0 - 1e-12))  # the prior is standard normal here
    power = 0.0
    number = 0
    step = 0.5
    rates = [TAKEN]
    while power < 1.0:
        reached = _next_power(to - of, power)
        weights = np.exp((reached - power) * ((to - of) - (to - of).max()))
        ends = np.cumsum(weights)
        chosen = np.searchsorted(ends, (np.arange(n) + rng.random()) / n * ends[-1]).clip(max=n - 1)
        at = at[chosen]
        to = to[chosen]
        of = of[chosen]
        power = reached
        number = number + 1
        for move in range(FORGETS if power == 1.0 else WALKS * (3 if number == 1 else 1)):
            if move % FITTED == 0:
                middle, root, over = _normal(at)
                above = over(at)
            moved = (
                middle
                + np.sqrt(1.0 - step**2) * (at - middle)
                + step * rng.standard_normal((n, d)) @ root.T
            )
            to_moved = density(ndtr(moved))
            above_moved = over(moved)
            of_moved = np.zeros(n) if start is None else start(ndtr(moved))
            rise = power * (to_moved - to) + (1.0 - power) * (of_moved - of) + above_moved - above
            accepted = np.log(rng.random(n)) < rise
            at = np.where(accepted[:, None], moved, at)
            to = np.where(accepted, to_moved, to)
            of = np.where(accepted, of_moved, of)
            above = np.where(accepted, above_moved, above)
            rates.append(float(accepted.mean()))
            step = min(1.0, step * np.exp(0.5 * (rates[-1] - TAKEN)))
    return np.asarray(ndtr(at)), float(np.mean(rates[1:])), number


def _normal(at: Array) -> tuple[Array, Array, Density]:
    """Return the normal distribution fitted to points, and the function log prior density minus its
    log density.

    If there are few points for their dimensions, the covariance is shrunk towards that of the
    prior.
    """
    n, d = at.shape
    middle = at.mean(axis=0)
    shrunk = d / (n + d)
    root = np.linalg.cholesky((1.0 - shrunk) * np.cov(at.T).reshape(d, d) + shrunk * np.eye(d))

    def over(points: Array) -> Array:
        scaled = np.linalg.solve(root, (points - middle).T)
        return np.asarray(0.5 * (scaled**2).sum(axis=0) - 0.5 * (points**2).sum(axis=1))

    return middle, root, over


def _next_power(rise: Array, power: float) -> float:
    """Return the largest power at which the effective share of particles is `KEPT`, by
    bisection.
    """

    def counts(reached: float) -> bool:
        weights = np.exp((reached - power) * (rise - rise.max()))
        return bool(weights.sum() ** 2 >= KEPT * len(rise) * (weights**2).sum())

    if counts(1.0):
        return 1.0
    # relative precision, because the first steps may be a millionth
    low = 0.0
    high = 1.0 - power
    for _ in range(50):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if counts(power + middle) else (low, middle)
    return power + max(low, 1e-12)


def _effective(points: Array) -> float:
    """Return the effective number of independent draws, at most all, from the variance between the
    means of replicates.
    """
    replicates, n, _ = points.shape
    if replicates < 2:
        return float(n)
    spread = points.var(axis=(0, 1))
    apart = points.mean(axis=1).var(axis=0, ddof=1)
    return float(min(replicates * n, replicates * spread.mean() / max(1e-12, apart.mean())))


def rows_of(space: Space, found: Particles) -> list[ParameterRow]:
    """Return a row for each parameter of a posterior, whose median is the chosen value."""
    points = found.flat[:, : len(space)]
    cov = np.cov(points.T, bias=True).reshape(len(space), len(space))
    sd = np.sqrt(np.diag(cov))
    together = cov / np.outer(sd, sd)
    ordered = np.sort(points, axis=0)
    rows = []
    for i, one in enumerate(space.values()):
        low, middle, high = (
            one.at(float(ordered[int(np.ceil(q * len(points))) - 1, i])) for q in (LOW, 0.5, HIGH)
        )
        others = np.where(np.arange(len(space)) == i, 0.0, np.nan_to_num(together[i]))
        most = int(np.abs(others).argmax())
        rows.append(
            ParameterRow(
                one.name,
                one.scale,
                one.prior_low,
                one.prior_high,
                low,
                middle,
                high,
                middle,
                float(sd[i]) / UNIFORM_SD,
                list(space)[most],
                float(others[most]),
            )
        )
    return rows


def ranks(weighed: Likelihood, truths: Array, seed: int) -> Array:
    """Return the ranks of known points, 0 to 1, among draws of the posterior fitted to their own
    figures.

    Simulation-based calibration (Talts et al. 2018, https://arxiv.org/abs/1804.06788): figures are
    generated at points of the prior, with the model's error and the tolerance of the observations.
    If sampler and likelihood are correct, all ranks are equally frequent.

    Parameters
    ----------
    weighed : Likelihood
        The likelihood whose figures are generated.
    truths : numpy.ndarray, shape (truths, parameters + errors)
        Points in the prior's unit cube.
    seed : int

    Returns
    -------
    numpy.ndarray, shape (truths, parameters + errors)
    """
    rng = np.random.default_rng(seed)
    found = []
    for number, truth in enumerate(truths):
        with one_thread():
            density = weighed.made_up(truth, rng)
        drawn = sample(
            density, truths.shape[1], seed + 1 + number, replicates=1, particles=128
        ).flat
        found.append((drawn < truth).mean(axis=0))
    return np.array(found)


# --- the model's error ----------------------------------------------------------------------------

PRIOR = 1.0
"""Scale of the half-normal priors [1]. Assumption: on the logit scale 1 means 0.27 instead of 0.5,
on other scales a factor of 2.7. Larger errors would make the model useless.
"""
GRID = np.linspace(0.02, 3.0, 60)
"""Grid of standard deviations [1]."""
OF_TECHNIQUES = np.linspace(0.02, 3.0, 30)
"""Grid of standard deviations of the error shared by the episodes of a technique [1]."""


@dataclass(frozen=True)
class KindError:
    """The error of one kind of figure, on its scale."""

    sd_episode: float
    """Standard deviation of the error that all figures of an episode share [1]."""
    sd_series: float
    """Standard deviation of the error that all dates of a series share [1]."""
    bias: float = 0.0
    """Mean over series of observed minus forecast: above 0 if the model is too low [1]."""
    series: int = 0
    """Series of this kind."""
    episodes: int = 0
    """Episodes of this kind."""
    sd_technique: float = 0.0
    """Standard deviation of the error that all episodes of a technique share [1]."""
    techniques: tuple[tuple[str, int, float], ...] = ()
    """The episodes of each technique, and the standard deviation of the error that they share,
    given their misses [1].
    """

    @property
    def sd(self) -> float:
        """Standard deviation of the total error for a recorded technique [1]."""
        episodes = max(1, sum(number for _, number, _ in self.techniques))
        shared = sum(number * sd**2 for _, number, sd in self.techniques) / episodes
        return float(np.sqrt(self.sd_episode**2 + self.sd_series**2 + shared))


type Errors = Mapping[str, KindError]
KINDS = (*ESTIMATED, "contact")
"""Kinds of figures whose error is estimated."""


def estimate(figures: Sequence[Figure], off: Array, variance: Array) -> dict[str, KindError]:
    """Return the error of each kind: its mean variance over the posterior of the standard
    deviations.

    Parameters
    ----------
    figures : sequence of Figure
        The held-out figures.
    off : numpy.ndarray, shape (figures,)
        Observed minus forecast, on the scale of each figure.
    variance : numpy.ndarray, shape (figures,)
        Variance of the forecast and the observation.
    """
    of_episode, of_series, of_technique = np.meshgrid(
        GRID, GRID, OF_TECHNIQUES, indexing="ij", sparse=True
    )
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
            part = _log_likelihood(
                [figures[at].series for at in places], off[places], variance[places]
            )
            technique = max(sorted(names), key=names.__getitem__)
            if technique:
                parts.setdefault(technique, []).append(part)
            else:
                density = density + part[0][:, :, None]
        for known in parts.values():
            # The error shared by a technique's episodes is integrated out: a normal mean with a
            # normal prior.
            log, precision, pull = (
                np.sum([part[k] for part in known], axis=0)[:, :, None] for k in range(3)
            )
            room = 1.0 + of_technique**2 * precision
            density = density + log + 0.5 * of_technique**2 * pull**2 / room - 0.5 * np.log(room)
        weight = np.exp(density - density.max())
        weight /= weight.sum()
        sds = [
            float(np.sqrt((weight * sd**2).sum())) for sd in (of_episode, of_series, of_technique)
        ]
        bias = (
            float(np.mean([np.mean(misses) for misses in by_series.values()])) if by_series else 0.0
        )
        techniques = []
        for name, known in sorted(parts.items()):
            precision, pull = (
                np.sum([part[k] for part in known], axis=0)[:, :, None] for k in (1, 2)
            )
            room = of_technique**2 / (
                1.0 + of_technique**2 * precision
            )  # variance of the shared error, given the misses
            square = float((weight * (room + (room * pull) ** 2)).sum())
            techniques.append((name, len(known), float(np.sqrt(square))))
        errors[kind] = KindError(
            sds[0], sds[1], bias, len(by_series), len(episodes), sds[2], tuple(techniques)
        )
    return errors


def _log_likelihood(
    series: Sequence[tuple[str, ...]], off: Array, variance: Array
) -> tuple[Array, Array, Array]:
    """Return the log likelihood of the misses of one episode over the grid, shape (grid, grid).

    Also return the precision of the sum of all errors, and its product with the misses, for a
    shared error.
    """
    alike = np.array([[float(one == other) for other in series] for one in series])
    n = len(off)
    whole = (
        (GRID**2)[:, None, None, None] * np.ones((n, n))
        + (GRID**2)[None, :, None, None] * alike
        + np.diag(variance)
    )
    root = np.linalg.cholesky(whole)
    both = np.linalg.solve(
        root, np.broadcast_to(np.stack([off, np.ones(n)], axis=1), (*whole.shape[:2], n, 2))
    )
    scaled = both[..., 0]
    ones = both[..., 1]
    size = np.log(np.diagonal(root, axis1=-2, axis2=-1)).sum(axis=-1)
    log = np.asarray(-0.5 * (scaled**2).sum(axis=-1) - size)
    return log, np.asarray((ones**2).sum(axis=-1)), np.asarray((ones * scaled).sum(axis=-1))
