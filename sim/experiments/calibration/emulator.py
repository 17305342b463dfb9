"""Emulators: for each target a Gaussian process that predicts the output of the simulator, with its uncertainty.

It has a trend linear in the parameters, a squared-exponential residual with a length for each parameter, and noise for
chance in the simulator (Kennedy and O'Hagan 2001, https://doi.org/10.1111/1467-9868.00294; Andrianakis et al. 2015).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sim.errors import InputError, Problem, more_packages

type Array = np.ndarray

TUNED_ON = 200
"""Most runs from which lengths and noise are found: the time grows with the cube of their number."""
_CONSTANT = 1e-9


@dataclass(frozen=True)
class Emulator:
    """What one target is at any point.

    Attributes
    ----------
    x : numpy.ndarray, shape (runs, parameters)
        Where it was simulated, from -1 to 1.
    middle, scale : float
        What outputs are measured against.
    rest, trend, noise : float
        Variances, in units of ``scale`` squared.
    lengths : numpy.ndarray, shape (parameters,)
    weights : numpy.ndarray, shape (runs,)
    inverse : numpy.ndarray, shape (runs, runs)
        Of the covariance of the runs.
    """

    x: Array
    middle: float
    scale: float
    rest: float
    trend: float
    noise: float
    lengths: Array
    weights: Array
    inverse: Array

    def __call__(self, points: Array) -> tuple[Array, Array]:
        """Return mean and variance of the target at points of the prior's unit cube, luck left out: (points,) each."""
        if self.scale < _CONSTANT:
            return np.full(len(points), self.middle), np.zeros(len(points))
        x = 2 * np.asarray(points) - 1
        across = self.covariance(x, self.x)
        mean = self.middle + self.scale * (across @ self.weights)
        own = self.rest + self.trend * (1 + (x**2).sum(axis=1))
        variance = own - ((across @ self.inverse) * across).sum(axis=1)
        return mean, self.scale**2 * np.maximum(variance, 1e-9)

    def covariance(self, one: Array, other: Array) -> Array:
        """Return the covariance of what is simulated at two sets of points, noise left out: (points, points)."""
        a, b = one / self.lengths, other / self.lengths
        square = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1) - 2 * a @ b.T
        return np.asarray(self.rest * np.exp(-0.5 * np.maximum(square, 0)) + self.trend * (1 + one @ other.T))

    def seeing(self, points: Array, outputs: Array) -> Emulator:
        """Return this emulator, with its lengths and variances, as one that has seen other runs."""
        if self.scale < _CONSTANT:
            return fit(points, outputs)
        return _on((self.middle, self.scale), (self.rest, self.trend, self.noise, self.lengths), points, outputs)

    def left_out(self) -> tuple[Array, Array]:
        """Return how far each run is off when predicted from the others, and in standard deviations: (runs,) each.

        Rasmussen and Williams (2006), Gaussian Processes for Machine Learning, equations 5.10 to 5.12.
        """
        if self.scale < _CONSTANT:
            return np.zeros(len(self.x)), np.zeros(len(self.x))
        precision = np.diag(self.inverse)
        off = self.weights / precision
        return self.scale * off, off * np.sqrt(precision)


def fit(points: Array, outputs: Array, seed: int = 0) -> Emulator:
    """Return the emulator of one target.

    Parameters
    ----------
    points : numpy.ndarray, shape (runs, parameters)
        In the prior's unit cube.
    outputs : numpy.ndarray, shape (runs,)
        What was simulated there.
    seed : int
        Which runs it is tuned on, where there are more than `TUNED_ON`.
    """
    middle, scale = float(outputs.mean()), float(outputs.std())
    d = points.shape[1]
    if scale < _CONSTANT:
        empty = np.zeros((len(points), len(points)))
        return Emulator(2 * points - 1, middle, 0.0, 0.0, 0.0, 0.0, np.ones(d), np.zeros(len(points)), empty)
    some = np.sort(np.random.default_rng(seed).permutation(len(points))[:TUNED_ON])
    tuned = _tuned(2 * points[some] - 1, (outputs[some] - middle) / scale)
    return _on((middle, scale), tuned, points, outputs)


def _on(
    measure: tuple[float, float], tuned: tuple[float, float, float, Array], points: Array, outputs: Array
) -> Emulator:
    """Return the emulator with these lengths and variances that has seen these runs."""
    (middle, scale), (rest, trend, noise, lengths) = measure, tuned
    x, y = 2 * points - 1, (outputs - middle) / scale
    bare = Emulator(x, middle, scale, rest, trend, noise, lengths, y, np.eye(len(x)))
    inverse = np.linalg.inv(bare.covariance(x, x) + noise * np.eye(len(x)))
    inverse = 0.5 * (inverse + inverse.T)
    return replace(bare, weights=inverse @ y, inverse=inverse)


def _tuned(x: Array, y: Array) -> tuple[float, float, float, Array]:
    """Return the variances of rest, trend and noise, and the lengths, of most likelihood."""
    process, kernels = _sklearn()
    d = x.shape[1]
    kernel = (
        kernels.ConstantKernel(0.5, (1e-3, 1e2)) * kernels.RBF(np.full(d, 2.0), (0.2, 50.0))
        + kernels.ConstantKernel(0.1, (1e-4, 1e1)) * kernels.DotProduct(1.0, "fixed")
        + kernels.WhiteKernel(0.05, (1e-5, 2.0))
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a length at its bound means that the parameter has no effect here
        found = process.GaussianProcessRegressor(kernel, alpha=1e-9).fit(x, y).kernel_
    smooth, linear, white = found.k1.k1, found.k1.k2, found.k2
    lengths = np.broadcast_to(np.asarray(smooth.k2.length_scale, float), (d,)).copy()
    return (
        float(smooth.k1.constant_value), float(linear.k1.constant_value), float(white.noise_level), lengths,
    )  # fmt: skip


def _sklearn() -> tuple[Any, Any]:
    """Return scikit-learn's Gaussian processes and their kernels."""
    try:
        from sklearn import gaussian_process
        from sklearn.gaussian_process import kernels
    except ImportError as error:
        hint = more_packages("calibration")
        raise InputError(Problem("", "scikit-learn is not installed", "scikit-learn for this command", hint)) from error
    return gaussian_process, kernels


@dataclass(frozen=True)
class Emulators:
    """The emulators of all targets."""

    each: tuple[Emulator, ...]

    def __call__(self, points: Array, which: Sequence[int] | None = None) -> tuple[Array, Array]:
        """Return mean and variance of targets at points, shape (points, targets) each; zeros for those left out."""
        mean, variance = np.zeros((len(points), len(self.each))), np.zeros((len(points), len(self.each)))
        for j in range(len(self.each)) if which is None else which:
            mean[:, j], variance[:, j] = self.each[j](points)
        return mean, variance

    def seeing(self, points: Array, outputs: Array) -> Emulators:
        """Return these emulators as ones that have seen other runs."""
        with one_thread():
            return Emulators(tuple(one.seeing(points, outputs[:, j]) for j, one in enumerate(self.each)))

    def check(self) -> list[dict[str, float]]:
        """Return how well each target is predicted from the other runs: R2, error, share within 2 sd."""
        found = []
        for one in self.each:
            off, scaled = one.left_out()
            r2 = 1 - float((off**2).mean()) / one.scale**2 if one.scale > _CONSTANT else 1.0
            inside = float((np.abs(scaled) <= 2).mean())
            noise = one.scale * float(np.sqrt(one.noise))
            found.append({"r2": r2, "error": float(np.sqrt((off**2).mean())), "within_2sd": inside, "noise": noise})
        return found


def fit_all(points: Array, outputs: Array, seed: int = 0) -> Emulators:
    """Return the emulators of all targets, outputs of shape (runs, targets)."""
    with one_thread():
        return Emulators(tuple(fit(points, outputs[:, j], seed) for j in range(outputs.shape[1])))


@contextmanager
def one_thread() -> Iterator[None]:
    """Let linear algebra use one thread: the same numbers whatever the machine, and no quarrel over cores."""
    _sklearn()
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        yield
