"""How far a simulated target may stand from the observed one, and how implausible a point is that stands further.

The budget of errors, all as standard deviations of a target: the observation's tolerance, taken for the half-width of
a 90 % interval; what the model leaves out (`DISCREPANCY`); chance, and facts of single events known within a range,
both measured by repeated runs (the internal discrepancy of Vernon et al. 2010, https://doi.org/10.1214/10-BA524).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.experiments.hindcast.targets import Target

type Array = np.ndarray

NORMAL_90 = 1.645
"""Half-width of the central 90 % of a normal distribution [standard deviations]."""
DISCREPANCY = 0.05
"""What a model of so few rules may miss of a ratio, assumption: half of the error on held-out events of an early
prototype (0.1 to 0.15) [1]."""
SHARED = 0.5
"""Part of the variance of observation and model that the dates of one platform in one event share, assumption: seven
dates of one panel are not seven independent figures [1]."""
CUT = 3.0
"""Implausibility from which a point is ruled out: by Pukelsheim's rule (1994, https://doi.org/10.2307/2684253) at most
5 % of any one-peaked distribution lies beyond [standard deviations]."""
SPARED = 1
"""Targets, the worst of each point, that do not rule it out: Vernon et al. (2010) also go by the second largest, since
a model may be unable to meet a single target at any point."""


@dataclass(frozen=True)
class Budget:
    """The errors of all fitted targets.

    Attributes
    ----------
    observed : numpy.ndarray, shape (targets,)
    covariance : numpy.ndarray, shape (targets, targets)
        Of simulated less observed at the true parameters, the emulator's error left out.
    parts : dict of str to numpy.ndarray
        Standard deviation of each target by cause.
    """

    observed: Array
    covariance: Array
    parts: dict[str, Array]

    def implausibility(self, mean: Array, variance: Array | float, which: Sequence[int] | None = None) -> Array:
        """Return how many standard deviations points are off, by their worst target but `SPARED`, shape (points,).

        Parameters
        ----------
        mean : numpy.ndarray, shape (points, targets)
            What is said of each target.
        variance : numpy.ndarray, shape (points, targets), or 0
            The emulator's.
        which : sequence of int, optional
            Targets that count; all unless given.
        """
        chosen = np.arange(self.observed.size) if which is None else np.asarray(which)
        spread = np.sqrt(np.diag(self.covariance) + variance)
        off = np.sort((np.abs(mean - self.observed) / spread)[:, chosen], axis=1)
        return np.asarray(off[:, -1 - min(SPARED, len(chosen) - 1)])

    def log_likelihood(self, mean: Array, variance: Array | float, which: Sequence[int] | None = None) -> Array:
        """Return the log likelihood of points, normal with the covariance and the emulator's variance, (points,)."""
        chosen = np.arange(self.observed.size) if which is None else np.asarray(which)
        off = (mean - self.observed)[:, chosen]
        whole = np.broadcast_to(self.covariance[np.ix_(chosen, chosen)], (len(off), chosen.size, chosen.size)).copy()
        whole[:, np.arange(chosen.size), np.arange(chosen.size)] += np.broadcast_to(variance, mean.shape)[:, chosen]
        root = np.linalg.cholesky(whole)
        scaled = np.linalg.solve(root, off[..., None])[..., 0]
        size = np.log(np.diagonal(root, axis1=1, axis2=2)).sum(axis=1)
        return np.asarray(-0.5 * (scaled**2).sum(axis=1) - size)


def budget_of(targets: Sequence[Target], plain: Array, drawn: Array, discrepancy: float = DISCREPANCY) -> Budget:
    """Return the budget of errors from repeated runs of one point.

    Parameters
    ----------
    targets : sequence of Target
    plain : numpy.ndarray, shape (repeats, targets)
        Runs that differ by their luck alone.
    drawn : numpy.ndarray, shape (repeats, targets)
        The same luck, the facts of events drawn from their ranges.
    discrepancy : float
        Standard deviation of what the model leaves out [1].
    """
    tolerance = np.array([target.tolerance for target in targets]) / NORMAL_90
    outer = np.sqrt(tolerance**2 + discrepancy**2)
    series = [(target.event, target.state, target.platform) for target in targets]
    like = np.array([[one == other for other in series] for one in series])
    correlation = np.where(like, SHARED, 0.0)
    np.fill_diagonal(correlation, 1.0)
    chance = np.atleast_2d(np.cov(plain, rowvar=False)) if len(plain) > 1 else np.zeros((len(targets),) * 2)
    moved = drawn - plain
    facts = moved.T @ moved / max(1, len(moved))
    parts = {
        "tolerance": tolerance,
        "model": np.full(len(targets), discrepancy),
        "chance": np.sqrt(np.diag(chance)),
        "facts of the event": np.sqrt(np.diag(facts)),
    }
    whole = correlation * np.outer(outer, outer) + chance + facts
    return Budget(np.array([target.observed for target in targets]), whole, parts)


def series_of(targets: Sequence[Target]) -> int:
    """Return how many independent targets there are: dates and meters of one platform in one event count as one."""
    return len({(target.event, target.state, target.platform) for target in targets})
