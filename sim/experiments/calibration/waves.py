"""History matching: waves of runs, each in what the emulators of those before have not ruled out.

Craig et al. 1997; Vernon, Goldstein and Bower 2010 (https://doi.org/10.1214/10-BA524); Andrianakis et al. 2015
(https://doi.org/10.1371/journal.pcbi.1003968). The last of three or more waves is drawn where the posteriors lie, that
of all targets and those without one event each, so that the emulators are best where they are used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from sim.experiments.calibration.budget import DISCREPANCY, Budget, budget_of
from sim.experiments.calibration.emulator import Emulators, fit_all
from sim.experiments.calibration.posterior import Draws, not_ruled_out, posterior
from sim.experiments.calibration.simulator import Run, Simulator, Work
from sim.experiments.calibration.space import EventFact, Space
from sim.experiments.hindcast.targets import Target

type Array = np.ndarray

MOST_RUNS = 500
"""Runs that emulators see, the least implausible first: far ones teach little about where the targets are met."""
KEPT_DRAWS = 2_000
"""Draws of a posterior that are kept, of many more that hang together."""


@dataclass(frozen=True)
class Settings:
    """How large a calibration is.

    Attributes
    ----------
    points, waves : int
        Runs of each wave, and waves.
    people : int
        Simulated people of these runs.
    repeats : int
        Pairs of runs that measure chance, and what facts of events known within a range add.
    finalists, final_people, final_seeds : int
        Draws of the posterior among which the parameters are chosen by larger runs.
    held_out_draws : int
        Draws simulated for each event that is held out.
    steps : int
        Steps of each walker that draws from a posterior.
    candidates : int
        Points of the prior that are tried when a wave is designed; a power of two.
    discrepancy : float
        Standard deviation of what the model leaves out of each target [1].
    seed : int
    """

    points: int = 300
    waves: int = 3
    people: int = 10_000
    repeats: int = 12
    finalists: int = 16
    final_people: int = 40_000
    final_seeds: int = 2
    held_out_draws: int = 16
    steps: int = 2000
    candidates: int = 8192
    discrepancy: float = DISCREPANCY
    seed: int = 1


@dataclass(frozen=True)
class Study:
    """What is calibrated.

    Attributes
    ----------
    space : Space
    targets : tuple of Target
        Those that count.
    simulator : callable
        Takes a run and returns a number for each of them.
    start : mapping of str to float
        The parameters as they are.
    facts : tuple of EventFact
        Facts of events known within a range.
    all_targets, whole : tuple of Target, callable
        All targets, those that do not count among them, and a simulator of them; for the last runs.
    """

    space: Space
    targets: tuple[Target, ...]
    simulator: Simulator
    start: Mapping[str, float]
    facts: tuple[EventFact, ...]
    all_targets: tuple[Target, ...]
    whole: Simulator

    @property
    def events(self) -> tuple[str, ...]:
        """Events with a target that counts."""
        return tuple(dict.fromkeys(target.event for target in self.targets))

    def without(self, event: str) -> list[int]:
        """Return the places of the targets of all other events."""
        return [j for j, target in enumerate(self.targets) if target.event != event]

    def run(self, key: str, point: Sequence[float] | Array, seed: int, people: int) -> Run:
        """Return a run at a point."""
        return Run(key, tuple(self.space.values(point).items()), seed, people)


@dataclass(frozen=True)
class Known:
    """What has been simulated, and the emulators that learnt from it.

    Attributes
    ----------
    points : numpy.ndarray, shape (runs, parameters)
    outputs : numpy.ndarray, shape (runs, targets)
    emulators : Emulators
    budget : Budget
    waves : list of dict
        What each wave left.
    """

    points: Array
    outputs: Array
    emulators: Emulators
    budget: Budget
    waves: list[dict[str, Any]]

    def near(self, which: Sequence[int] | None = None) -> Array:
        """Return the places of the runs that meet some targets best, `MOST_RUNS` at most, in their order."""
        off = self.budget.implausibility(self.outputs, 0.0, which)
        return np.sort(np.argsort(off, kind="stable")[:MOST_RUNS])

    def posterior(self, which: Sequence[int] | None, steps: int, seed: int) -> Draws:
        """Draw from the posterior given some targets, on emulators that saw the runs that meet those best."""
        near = self.near(which)
        emulators = self.emulators if which is None else self.emulators.seeing(self.points[near], self.outputs[near])
        likely = self.budget.log_likelihood(self.outputs, 0.0, which)
        starts = self.points[np.argsort(-likely, kind="stable")[:40]]
        return posterior(emulators, self.budget, starts, steps, seed, which)


def sobol(n: int, dimensions: int, seed: int) -> Array:
    """Return points spread evenly over the unit cube, scrambled, shape (n, dimensions)."""
    from scipy.stats import qmc

    sampler = qmc.Sobol(dimensions, rng=np.random.default_rng(seed))
    return np.asarray(sampler.random_base2(max(1, int(np.ceil(np.log2(n)))))[:n])


def measure_errors(study: Study, work: Work, settings: Settings) -> tuple[Budget, Array]:
    """Repeat one point with other luck and other facts of the events; return the budget of errors and the runs."""
    start = study.space.point(study.start)
    n = max(2, settings.repeats)
    plain = [study.run(f"plain-{k:03}", start, settings.seed + 10_000 + k, settings.people) for k in range(n)]
    drawn = list(plain)
    if study.facts:
        places = sobol(n, len(study.facts), settings.seed)
        drawn = [
            Run(f"drawn-{k:03}", run.values, run.seed, run.people, _drawn(study.facts, places[k]))
            for k, run in enumerate(plain)
        ]
    told = work.do([*plain, *(run for run in drawn if run not in plain)], study.simulator)
    pairs = [(told[a.key], told[b.key]) for a, b in zip(plain, drawn, strict=True) if a.key in told and b.key in told]
    first, second = np.array([a for a, _ in pairs]), np.array([b for _, b in pairs])
    return budget_of(study.targets, first, second, settings.discrepancy), first


def _drawn(facts: Sequence[EventFact], places: Array) -> tuple[tuple[str, str, float], ...]:
    """Return facts of events at places in their ranges."""
    return tuple(
        (one.scenario, one.path, float(f"{one.low + (one.high - one.low) * u:.6g}"))
        for one, u in zip(facts, places, strict=True)
    )


def match(study: Study, work: Work, settings: Settings, say: Callable[[str], None]) -> Known:
    """Run all waves.

    Parameters
    ----------
    study, work, settings
        What, and how.
    say : callable
        Takes a line for the log.
    """
    budget, repeated = measure_errors(study, work, settings)
    start = np.tile(study.space.point(study.start), (len(repeated), 1))
    known = Known(start, repeated, Emulators(()), budget, [])
    for wave in range(1, settings.waves + 1):
        design = work.once(f"design-{wave}", partial(_design, study, known, settings, wave))
        runs = [
            study.run(f"wave-{wave}-{i:04}", point, settings.seed + 100_000 * wave + i, settings.people)
            for i, point in enumerate(design["points"])
        ]
        told = work.do(runs, study.simulator)
        points = [study.space.point(dict(run.values)) for run in runs if run.key in told]
        outputs = [told[run.key] for run in runs if run.key in told]
        known = _learnt(known, np.array(points), np.array(outputs), settings.seed)
        row = {"wave": wave, "runs": len(points), "drawn_from": design["drawn_from"]}
        known.waves.append({**row, "not_ruled_out": design["share"], "cut": design["cut"]})
        say(f"wave {wave}: {len(points)} runs, {design['drawn_from']}")
    return known


def _learnt(known: Known, points: Array, outputs: Array, seed: int) -> Known:
    """Return what is known with the runs of one more wave."""
    points, outputs = np.concatenate([known.points, points]), np.concatenate([known.outputs, outputs])
    whole = Known(points, outputs, known.emulators, known.budget, known.waves)
    near = whole.near()
    return Known(points, outputs, fit_all(points[near], outputs[near], seed), known.budget, known.waves)


def _design(study: Study, known: Known, settings: Settings, wave: int) -> dict[str, Any]:
    """Return the points of a wave, where they were drawn from, and what is not ruled out before it."""
    d, n, seed = len(study.space.free), settings.points, settings.seed + wave
    if wave == 1:
        return {"points": sobol(n, d, seed).tolist(), "drawn_from": "the prior", "share": 1.0, "cut": 0.0}
    candidates = sobol(settings.candidates, d, seed)
    points, share, cut = not_ruled_out(known.emulators, known.budget, candidates, n, settings.steps // 2, seed)
    told = {"drawn_from": "what is not ruled out", "share": share, "cut": cut}
    if wave == settings.waves > 2:
        sets: list[list[int] | None] = [None, *(study.without(e) for e in study.events if study.without(e))]
        share_each = n // 2 // max(1, len(sets) - 1)
        each = [n - share_each * (len(sets) - 1), *[share_each] * (len(sets) - 1)]
        walks = [known.posterior(which, settings.steps, seed + 17 * k) for k, which in enumerate(sets)]
        points = np.concatenate([w.some(m, seed) for w, m in zip(walks, each, strict=True) if m])
        told["drawn_from"] = "the posteriors"
    return {"points": points.tolist(), **told}


def posterior_of(
    known: Known, work: Work, settings: Settings, name: str, which: Sequence[int] | None
) -> dict[str, Any]:
    """Return kept draws of a posterior: ``points``, their log ``density``, and how many they are worth."""

    def drawn() -> dict[str, Any]:
        draws = known.posterior(which, settings.steps, settings.seed + 1_000)
        order = np.random.default_rng(settings.seed).permutation(len(draws.points))[:KEPT_DRAWS]
        return {
            "points": draws.points[order].tolist(), "density": draws.density[order].tolist(),
            "effective": draws.effective,
        }  # fmt: skip

    return work.once(f"posterior-{name}", drawn)
