"""What is left of the priors: points drawn by likelihood on the emulators, and what they say of each parameter.

The draws are made by emcee (Foreman-Mackey et al. 2013, https://doi.org/10.1086/670067) with moves by differential
evolution (ter Braak 2006), which need no tuning to how the parameters hang together.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.errors import InputError, Problem
from sim.experiments.calibration.budget import CUT, Budget
from sim.experiments.calibration.emulator import Emulators, one_thread
from sim.experiments.calibration.result import ParameterRow
from sim.experiments.calibration.space import Space

type Array = np.ndarray
type Density = Callable[[Array], Array]

WALKERS = 80
LOW, HIGH = 0.05, 0.95
"""Ends of the posterior range of a parameter: the central 90 %."""
_UNIFORM_SD = 12**-0.5
_STEEP = 20.0
"""How fast the density falls where a point is ruled out; such points are thrown away in the end [1/sd^2]."""


@dataclass(frozen=True)
class Draws:
    """Points drawn from a density.

    Attributes
    ----------
    points : numpy.ndarray, shape (draws, parameters)
        In the prior's unit cube; the first half of the walk is left out.
    density : numpy.ndarray, shape (draws,)
        Logarithm of the density there.
    effective : float
        How many independent draws they are worth: draws over the longest autocorrelation time.
    """

    points: Array
    density: Array
    effective: float

    def some(self, n: int, seed: int) -> Array:
        """Return some of the points, shape (n, parameters): each once while there are enough."""
        order = np.random.default_rng(seed).permutation(len(self.points))
        return self.points[order[np.arange(n) % len(order)]]


def walk(density: Density, starts: Array, steps: int, seed: int) -> Draws:
    """Draw from a density over the unit cube.

    Parameters
    ----------
    density : callable
        Log density of points, (n, parameters) -> (n,).
    starts : numpy.ndarray, shape (any, parameters)
        Where it is high; walkers begin near them.
    steps : int
        Steps of each walker; the first half is left out.
    seed : int
    """
    emcee = _emcee()
    d = starts.shape[1]
    walkers = max(WALKERS, 2 * d + 2 + d % 2)
    rng = np.random.default_rng(seed)
    first = np.clip(starts[np.arange(walkers) % len(starts)] + 0.02 * rng.normal(size=(walkers, d)), 1e-3, 1 - 1e-3)

    def inside(points: Array) -> Array:
        found = np.full(len(points), -np.inf)
        fine = ((points >= 0) & (points <= 1)).all(axis=1)
        if fine.any():
            found[fine] = density(points[fine])
        return found

    moves = [(emcee.moves.DEMove(), 0.7), (emcee.moves.DESnookerMove(), 0.15), (emcee.moves.StretchMove(), 0.15)]
    sampler = emcee.EnsembleSampler(walkers, d, inside, moves=moves, vectorize=True)
    # emcee takes the state of the older generator.
    state = np.random.RandomState(seed % 2**32).get_state()
    with one_thread(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sampler.run_mcmc(emcee.State(first, random_state=state), steps, skip_initial_state_check=True)
        times = np.asarray(sampler.get_autocorr_time(discard=steps // 2, tol=0), float)
    points, told = (
        sampler.get_chain(discard=steps // 2, flat=True),
        sampler.get_log_prob(discard=steps // 2, flat=True),
    )
    longest = float(np.nanmax(times)) if np.isfinite(times).any() else float(steps)
    return Draws(points, told, len(points) / max(1.0, longest))


def posterior(
    emulators: Emulators, budget: Budget, starts: Array, steps: int, seed: int, which: Sequence[int] | None = None
) -> Draws:
    """Draw from the posterior of the parameters given some targets; the prior is uniform over the cube."""

    def density(points: Array) -> Array:
        return budget.log_likelihood(*emulators(points, which), which)

    return walk(density, starts, steps, seed)


def not_ruled_out(
    emulators: Emulators, budget: Budget, candidates: Array, n: int, steps: int, seed: int
) -> tuple[Array, float, float]:
    """Return points that are not ruled out yet, spread evenly; the part of candidates that is not; and the cut.

    Where hardly any candidate is left, the cut is raised until the best hundredth passes, and that is told: the model
    then cannot meet the targets within the budget of errors anywhere.
    """
    with one_thread():
        off = np.concatenate([budget.implausibility(*emulators(part)) for part in np.array_split(candidates, 16)])
    left = candidates[off <= CUT]
    if len(left) >= n:
        return left[:n], len(left) / len(candidates), CUT
    best = candidates[np.argsort(off)[: max(WALKERS, len(left))]]

    def density(points: Array) -> Array:
        over = np.maximum(0.0, budget.implausibility(*emulators(points)) - CUT)
        return -_STEEP * over**2

    drawn = walk(density, best, steps, seed)
    fine = drawn.points[drawn.density == 0.0]
    share = len(left) / len(candidates)
    if len(fine) >= n:
        return fine[np.random.default_rng(seed).permutation(len(fine))[:n]], share, CUT
    order = np.argsort(-drawn.density)[: max(n, len(drawn.points) // 100)]
    cut = CUT + float(np.sqrt(-drawn.density[order[-1]] / _STEEP))
    return drawn.points[np.random.default_rng(seed).permutation(order)[:n]], share, cut


def told(space: Space, points: Array, chosen: dict[str, float]) -> tuple[list[ParameterRow], Array]:
    """Return what draws of the posterior say of each parameter, and the eigenvalues of how far directions narrow.

    Parameters
    ----------
    space : Space
    points : numpy.ndarray, shape (draws, parameters)
    chosen : dict of str to float
        The value of each parameter that is taken.

    Returns
    -------
    rows : list of ParameterRow
    eigenvalues : numpy.ndarray, shape (parameters,)
        Posterior against prior variance along the directions that the data narrow most, ascending [1].
    """
    together = np.atleast_2d(np.corrcoef(points, rowvar=False))
    rows = []
    for i, one in enumerate(space.free):
        low, middle, high = (one.at(float(u)) for u in np.quantile(points[:, i], (LOW, 0.5, HIGH)))
        others = np.where(np.arange(len(space.free)) == i, 0.0, np.nan_to_num(together[i]))
        most = int(np.abs(others).argmax())
        rows.append(
            ParameterRow(
                name=one.name, scale=one.scale, prior_low=one.low, prior_high=one.high, low=low, median=middle,
                high=high, chosen=chosen[one.name], shrink=float(points[:, i].std()) / _UNIFORM_SD,
                confounded_with=space.names[most], correlation=float(others[most]),
            )
        )  # fmt: skip
    eigenvalues = np.linalg.eigvalsh(np.atleast_2d(np.cov(points, rowvar=False)) / _UNIFORM_SD**2)
    return rows, np.asarray(eigenvalues)


def _emcee() -> Any:
    """Return emcee."""
    try:
        import emcee
    except ImportError as error:
        hint = "pip install 'splinternet[calibration]', or uv sync --extra calibration"
        raise InputError(Problem("", "emcee is not installed", "emcee for this command", hint)) from error
    return emcee
