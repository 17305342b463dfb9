"""The runs a calibration is made of: a simulator at a point, kept one by one so that a killed calibration resumes.

The simulator is any function that takes a `Run` and returns a number for each target; `Hindcasts` is the model's.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any

import numpy as np

from sim.errors import RunError
from sim.experiments.executors import Failure, Progress, outcomes
from sim.experiments.hindcast.run import simulate
from sim.experiments.hindcast.targets import Target
from sim.experiments.store import Store
from sim.scenario import Scenario, load, varied


@dataclass(frozen=True)
class Run:
    """One point, simulated once on every event.

    Attributes
    ----------
    key : str
        What tells it from the others; the name of its file.
    values : tuple of (str, float)
        The shared parameters.
    seed : int
        The luck of all events.
    people : int
        Simulated people of each event.
    facts : tuple of (scenario, path, float)
        Facts of single events that are set; what is not named stays as the scenario says.
    """

    key: str
    values: tuple[tuple[str, float], ...]
    seed: int
    people: int
    facts: tuple[tuple[str, str, float], ...] = ()


type Simulator = Callable[[Run], Sequence[float]]


@dataclass(frozen=True)
class Hindcasts:
    """The model as a simulator: it replays every event that a target belongs to."""

    targets: tuple[Target, ...]

    def __call__(self, run: Run) -> list[float]:
        """Return what a run says of each target, in their order [1]."""
        found: dict[Target, np.ndarray] = {}
        for name in dict.fromkeys(target.scenario for target in self.targets):
            own = {path: value for scenario, path, value in run.facts if scenario == name}
            spec = varied(_event(name, run.people), {**{f"parameters.{n}": v for n, v in run.values}, **own})
            found |= simulate(spec, [t for t in self.targets if t.scenario == name], run.seed)
        return [float(found[target][-1]) for target in self.targets]


@lru_cache(maxsize=32)
def _event(name: str, people: int) -> Scenario:
    """Return the scenario of an event; a process reads it once."""
    return load(name, people=people)


@dataclass
class Work:
    """How runs are done, and how far they are.

    Attributes
    ----------
    store : Store
        Where outcomes are kept.
    total : int
        Runs planned in all.
    jobs : int, optional
        Processes; one for each core unless given.
    progress : callable, optional
        Called with (done, failed, total) whenever a run is through.
    cpu_seconds : float
        Processor time of the runs done by this process and its workers.
    """

    store: Store
    total: int
    jobs: int | None = None
    progress: Progress | None = None
    done: int = 0
    failed: int = 0
    simulated: int = 0
    cpu_seconds: float = 0.0
    failures: list[str] = field(default_factory=list)

    def do(self, runs: Sequence[Run], simulator: Simulator) -> dict[str, list[float]]:
        """Do the runs that are not kept yet and return what those that did not fail say, by key.

        Raises
        ------
        RunError
            When all failed.
        """
        missing = [run for run in runs if run.key not in self.store.outcomes]
        self.done += len(runs) - len(missing)
        last = ""
        for run, outcome in outcomes(partial(_timed, simulator), missing, jobs=self.jobs):
            if isinstance(outcome, Failure):
                self.failed += 1
                self.failures.append(run.key)
                last = outcome.last_words
                self.store.log(f"{run.key} failed\n{outcome.trace}")
            else:
                told, seconds = outcome
                self.store.add(run.key, {"values": dict(run.values), "outputs": told})
                self.done, self.simulated = self.done + 1, self.simulated + 1
                self.cpu_seconds += seconds
            if self.progress is not None:
                self.progress(self.done, self.failed, self.total)
        kept = {run.key: self.store.outcomes[run.key]["outputs"] for run in runs if run.key in self.store.outcomes}
        if runs and not kept:
            raise RunError(f"every run failed ({runs[0].key} and on): {last}; log.txt has the trace")
        return kept

    def once(self, key: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Return what was worked out under a key, now or before a kill."""
        if key not in self.store.outcomes:
            self.store.add(key, make())
        return self.store.outcomes[key]


def _timed(simulator: Simulator, run: Run) -> tuple[list[float], float]:
    """Return what a run says and the processor time it took [s]."""
    begun = time.process_time()
    told = [float(value) for value in simulator(run)]
    if not all(map(math.isfinite, told)):
        raise RunError(f"{run.key}: a target came out as no number: {told}")
    return told, time.process_time() - begun
