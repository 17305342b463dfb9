"""The runs of a calibration, stored one by one so that a killed calibration can resume.

A simulator is any function that takes a `Run` and returns a number for each figure; `Replays` is that of the model.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial

import numpy as np

from sim.errors import RunError
from sim.evidence.hindcast import replay, run_key
from sim.evidence.record import Past
from sim.experiments.memory import release_memory
from sim.experiments.parallel import Failure, Progress, outcomes
from sim.experiments.store import Store
from sim.scenario import Scenario, load
from sim.scenario.draws import member_spec
from sim.shipped import EVENTS


@dataclass(frozen=True)
class Run:
    """One point, simulated once on some events.

    Attributes
    ----------
    key : str
        What identifies it; the name of its file.
    values : tuple of (str, float)
        The parameters that are fitted; all others are drawn from their declared ranges by the seed.
    seed : int
        The luck of all events, and the draw of what is not fitted.
    people : int
        Simulated people of each event.
    episode : str
        The episode to simulate alone; all of them where it is empty.
    """

    key: str
    values: tuple[tuple[str, float], ...]
    seed: int
    people: int
    episode: str = ""


type Simulator = Callable[[Run], Sequence[float]]
"""Returns a number for each figure, in their order; NaN for those of other episodes and for what is not defined."""


@dataclass(frozen=True)
class Replays:
    """The model as a simulator: it replays every event that a figure belongs to."""

    figures: tuple[Past, ...]

    def __call__(self, run: Run) -> list[float]:
        """Return the value of each figure in a run, in their order [1]."""
        values = [float("nan")] * len(self.figures)
        shared: dict[str, list[int]] = {}
        for at, past in enumerate(self.figures):
            if run.episode in ("", past.episode):
                shared.setdefault(run_key(_event(past.event, run.people)), []).append(at)
        for places in shared.values():
            rows = [self.figures[at].observed for at in places]
            longest = max((_event(self.figures[at].event, run.people) for at in places), key=lambda spec: spec.days)
            fixed = longest.model_copy(update={"parameters": {**longest.parameters, **dict(run.values)}})
            days = max((row.date - longest.start).days for row in rows) + 1
            replayed = replay(member_spec(fixed, run.seed, posterior=()), run.seed, rows, days)
            for at, one in zip(places, replayed, strict=True):
                values[at] = float("nan") if one.why else float(one.course[0, -1])
            release_memory()
        return values


@lru_cache(maxsize=64)
def _event(name: str, people: int) -> Scenario:
    """Return the scenario of an event; a process reads it once."""
    return load(f"{EVENTS}{name}", people=people)


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
        Number of processes; by default one per core.
    progress : callable, optional
        Called with (done, failed, total) after each run.
    done, simulated : int
        Runs with an outcome, and those that were simulated now.
    cpu_seconds : float
        Processor time of the runs done by this process and its workers.
    failures : list of str
        Keys of the runs that failed.
    """

    store: Store
    total: int
    jobs: int | None = None
    progress: Progress | None = None
    done: int = 0
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
                self.failures.append(run.key)
                last = outcome.last_words
                self.store.log(f"{run.key} failed\n{outcome.trace}")
            else:
                values, seconds = outcome
                self.store.add(run.key, {"values": dict(run.values), "outputs": values})
                self.done, self.simulated = self.done + 1, self.simulated + 1
                self.cpu_seconds += seconds
            if self.progress is not None:
                self.progress(self.done, len(self.failures), self.total)
        kept = {run.key: self.store.outcomes[run.key]["outputs"] for run in runs if run.key in self.store.outcomes}
        if runs and not kept:
            raise RunError(f"every run failed ({runs[0].key} and on): {last}; log.txt has the trace")
        return {key: [float("nan") if value is None else value for value in values] for key, values in kept.items()}


def _timed(simulator: Simulator, run: Run) -> tuple[list[float | None], float]:
    """Return the values of a run, None for those that are not finite (JSON has no NaN), and its processor time [s]."""
    begun = time.process_time()
    values = [float(value) if np.isfinite(value) else None for value in simulator(run)]
    return values, time.process_time() - begun
