"""Leave one episode out: the forecast for it by the posterior of all other episodes, and the error of that forecast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.experiments.calibration.errors import START, Errors, estimate
from sim.experiments.calibration.figures import Figure
from sim.experiments.calibration.posterior import Emulated, posterior
from sim.experiments.calibration.simulator import Run, Simulator, Work
from sim.experiments.calibration.space import Space

type Array = np.ndarray[Any, np.dtype[np.float64]]

ROUNDS = 4
"""Rounds in which the errors of the emulated forecasts and the posteriors settle each other."""


@dataclass(frozen=True)
class HeldOut:
    """Forecasts of every figure from the other episodes.

    Attributes
    ----------
    members : dict of int to numpy.ndarray
        By figure: what each simulated draw says [1].
    errors : dict of str to KindError
        The model's error by kind, from all episodes.
    without : dict of str to dict of str to KindError
        By episode: the error by kind, from the other episodes.
    effective : dict of str to float
        By episode: how many points its posterior is worth.
    """

    members: dict[int, Array]
    errors: Errors
    without: dict[str, Errors]
    effective: dict[str, float]


def settled(known: Emulated, figures: Sequence[Figure]) -> Errors:
    """Return the model's error by kind, from emulated forecasts of each episode by the others.

    The error that a posterior is weighed with is that of forecasts that the same posterior makes: a few rounds settle
    both.
    """
    errors = START
    for _ in range(ROUNDS):
        off, variance = np.zeros(len(figures)), np.zeros(len(figures))
        for episode in episodes_of(figures):
            own, others = _split(figures, episode)
            weights = posterior(known, figures, errors, others).weights
            mean = weights @ known.mean[:, own]
            spread = weights @ (known.mean[:, own] - mean) ** 2
            off[own] = [float(figures[at].scaled(figures[at].observed)) for at in own] - mean
            variance[own] = spread + known.variance[own] + [figures[at].spread ** 2 for at in own]
        errors = estimate(figures, off, variance)
    return errors


def held_out_runs(
    known: Emulated, figures: Sequence[Figure], errors: Errors, space: Space, settings: Any
) -> tuple[dict[str, list[Run]], dict[str, float]]:
    """Return the runs that forecast each episode: draws of the posterior of the others, simulated on it alone.

    Parameters
    ----------
    known, figures, errors, space
        What is emulated, what was observed, the model's error, the parameters.
    settings : Settings
        For ``held_out_draws``, ``people`` and ``seed``.
    """
    runs, effective = {}, {}
    for number, episode in enumerate(episodes_of(figures)):
        _, others = _split(figures, episode)
        found = posterior(known, figures, errors, others)
        effective[episode] = found.effective
        places = found.some(settings.held_out_draws, settings.seed + 17 * number)
        first = settings.seed + 50_000_000 + 10_000 * number
        runs[episode] = [
            Run(f"without-{episode}-{i:03}", tuple(space.values(known.points[at]).items()), first + i,
                settings.people, episode)
            for i, at in enumerate(places)
        ]  # fmt: skip
    return runs, effective


def leave_one_out(
    known: Emulated, figures: Sequence[Figure], space: Space, work: Work, settings: Any, simulator: Simulator
) -> HeldOut:
    """Return forecasts of every episode from the others, and the model's error that follows from them."""
    first = settled(known, figures)
    runs, effective = held_out_runs(known, figures, first, space, settings)
    outputs = work.do([run for each in runs.values() for run in each], simulator)
    members: dict[int, Array] = {}
    for episode, own_runs in runs.items():
        own, _ = _split(figures, episode)
        own_values = np.array([outputs[run.key] for run in own_runs if run.key in outputs])
        for at in own:
            values = own_values[:, at][np.isfinite(own_values[:, at])] if len(own_values) else np.empty(0)
            if values.size > 1:
                members[at] = values
    off, variance = np.full(len(figures), np.nan), np.ones(len(figures))
    for at, values in members.items():
        one, scaled = figures[at], figures[at].scaled(values)
        off[at] = float(one.scaled(one.observed)) - float(np.median(scaled))
        variance[at] = float(np.var(scaled, ddof=1)) + one.spread**2
    without: dict[str, Errors] = {}
    for episode in episodes_of(figures):
        _, others = _split(figures, episode)
        without[episode] = estimate([figures[at] for at in others], off[others], variance[others])
    return HeldOut(members, estimate(figures, off, variance), without, effective)


def episodes_of(figures: Sequence[Figure]) -> list[str]:
    """Return the episodes, in the order of their first figures."""
    return list(dict.fromkeys(one.episode for one in figures))


def _split(figures: Sequence[Figure], episode: str) -> tuple[list[int], list[int]]:
    """Return the places of the figures of an episode, and of all others."""
    own = [at for at, one in enumerate(figures) if one.episode == episode]
    return own, [at for at, one in enumerate(figures) if one.episode != episode]
