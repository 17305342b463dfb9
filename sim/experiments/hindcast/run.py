"""Hindcasts: replay events and score the outcome against their ``observed:`` rows, next to rivals.

An event file is a scenario with `observed:`. Files that differ only in what was observed share their runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from sim.errors import InputError, Problem, RunError
from sim.experiments.checks import check_count
from sim.experiments.executors import Failure, Progress, outcomes
from sim.experiments.hindcast.circumstances import Past, circumstances
from sim.experiments.hindcast.result import Left, Scoreboard, ScoredRow
from sim.experiments.hindcast.rivals import rivals
from sim.experiments.hindcast.with_error import sd_of, with_error
from sim.experiments.pairs import arm_data, make_arms
from sim.metrics.registry import METRICS
from sim.results.observed import beside, metrics_of
from sim.scenario import Scenario, load
from sim.scenario.draws import member_spec
from sim.scenario.observed import Observed
from sim.shipped import event_names

PEOPLE, SEEDS = 50_000, 4
"""Default numbers of simulated people and members: with 4,000 people, chance alone moves a figure out of tolerance."""

type Event = str | Path | Scenario
type _Task = tuple[int, int]


def hindcast(
    events: Event | Sequence[Event] | None = None,
    *,
    people: int = PEOPLE,
    seeds: int = SEEDS,
    jobs: int | None = None,
    progress: Progress | None = None,
    chance_only: bool = False,
) -> Scoreboard:
    """Replay events and score what comes out.

    Parameters
    ----------
    events : path, name, Scenario, or a sequence of them, optional
        Event files: scenarios with ``observed:``; by default the shipped record.
    people, seeds : int
        Simulated people, and members of each event.
    jobs : int, optional
        Number of processes; by default one per core. The outcome is the same for any number.
    progress : callable, optional
        Called with (done, failed, total) after each member.
    chance_only : bool
        Leave the model's error from event to event out of the intervals.

    Raises
    ------
    InputError
        A file is wrong, or none has anything to compare.
    RunError
        A member failed.
    """
    check_count("--seeds", seeds, "members", SEEDS)
    if jobs is not None:
        check_count("--jobs", jobs, "processes", 2)
    if events is None or events == []:
        events = event_names()
    given = [_event(one, people) for one in ([events] if isinstance(events, str | Path | Scenario) else events)]
    specs = [spec for spec in given if spec.observed]
    if not specs:
        where = ", ".join(str(spec.path or spec.name) for spec in given) or "hindcast"
        raise InputError(Problem(where, "nothing under 'observed:'", "a scenario with observed figures"))
    runs = replayed(specs, seeds, jobs, progress)
    rows, left = [], []
    for spec, figures in zip(specs, runs, strict=True):
        for row, courses, why in figures:
            if why:
                left.append(Left(spec.name, row, why))
            else:
                rows.append(_scored(row, spec, courses, chance_only=chance_only))
    empty = tuple(spec.name for spec in given if not spec.observed)
    return Scoreboard(tuple(rows), tuple(left), people, seeds, empty, {spec.name: spec for spec in specs})


type Figures = list[tuple[Observed, np.ndarray, str]]
"""Each figure of an event with the values of all members, shape (members, days), or the reason why there are none."""


def replayed(specs: Sequence[Scenario], seeds: int, jobs: int | None, progress: Progress | None) -> list[Figures]:
    """Replay events; those that differ only in what was observed share their runs.

    Parameters
    ----------
    specs : sequence of Scenario
        Each with observed figures.
    seeds, jobs, progress
        As for `hindcast`.

    Raises
    ------
    RunError
        A member failed.
    """
    runs: dict[str, list[Scenario]] = {}
    for spec in specs:
        runs.setdefault(run_key(spec), []).append(spec)
    shared = list(runs.values())
    longest_first = sorted(range(len(shared)), key=lambda n: -_days(shared[n]))
    tasks = [(n, seed) for n in longest_first for seed in range(1, seeds + 1)]
    found: dict[tuple[int, Observed], dict[int, tuple[np.ndarray, str]]] = {}
    for done, ((n, seed), outcome) in enumerate(outcomes(partial(_member, shared), tasks, jobs=jobs), start=1):
        if isinstance(outcome, Failure):
            raise RunError(f"{shared[n][0].name}, seed {seed}:\n{outcome.trace}")
        for row, value in outcome.items():
            found.setdefault((n, row), {})[seed] = value
        if progress is not None:
            progress(done, 0, len(tasks))
    number = {run_key(group[0]): n for n, group in enumerate(shared)}
    return [[_gathered(row, found[number[run_key(spec)], row]) for row in spec.observed] for spec in specs]


def _gathered(row: Observed, members: dict[int, tuple[np.ndarray, str]]) -> tuple[Observed, np.ndarray, str]:
    """Return a figure with the members in the order of their seeds."""
    in_order = [members[seed] for seed in sorted(members)]
    return row, np.concatenate([course for course, _ in in_order]), next((why for _, why in in_order if why), "")


def _event(source: Event, people: int) -> Scenario:
    """Return an event.

    Raises
    ------
    InputError
        It says something that was observed after its last day.
    """
    spec = load(source, people=people, known_metrics=METRICS)
    where = str(spec.path or spec.name)
    late = [row for row in spec.observed if row.date > spec.end]
    if late:
        last = max(row.date for row in late)
        hint = f"days: {(last - spec.start).days + 1} would reach it"
        raise InputError(Problem(where, f"observed: {last} is after the last day", f"{spec.end} or earlier", hint))
    return spec


def run_key(spec: Scenario) -> str:
    """Return a key that events with the same runs share: everything except what was observed, and until when."""
    return spec.model_copy(update={"title": "", "days": 1, "episode": None, "observed": ()}).digest


def _days(specs: Sequence[Scenario]) -> int:
    """Return how many days must be run for all figures of some events."""
    return max((row.date - spec.start).days for spec in specs for row in spec.observed) + 1


def _member(shared: Sequence[Sequence[Scenario]], task: _Task) -> dict[Observed, tuple[np.ndarray, str]]:
    """Return the values of one member for each figure of the events that share its run, or why there are none.

    Returns
    -------
    dict
        By figure: shape (1, days) [1].
    """
    specs, seed = shared[task[0]], task[1]
    longest = max(specs, key=lambda spec: spec.days)
    rows = list(dict.fromkeys(row for spec in specs for row in spec.observed))
    baseline, policy = make_arms(member_spec(longest, seed), seed, metrics=metrics_of(rows))
    for _ in range(_days(specs)):
        baseline.step()
        policy.step()
    values = beside(rows, [(arm_data(baseline), arm_data(policy))])
    return {one.observed: (one.course, one.why) for one in values}


def _scored(row: Observed, spec: Scenario, courses: np.ndarray, *, chance_only: bool) -> ScoredRow:
    """Return a figure with what the members and the rivals say of it."""
    past = Past(spec.name, spec.episode or spec.name, row, circumstances(row, spec))
    members = tuple(map(float, courses[:, -1]))
    widened = with_error(members, past, chance_only=chance_only)
    return ScoredRow(past, members, widened, rivals(past), courses, sd_of(past, chance_only=chance_only))
