"""Replay event files and score them: what comes out beside what their ``observed:`` says.

An event file is a scenario with `observed:`. Files that differ only in what was observed share their runs.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import numpy as np

from sim.errors import InputError, Problem, RunError
from sim.experiments.checks import check_count
from sim.experiments.ensemble import member_spec
from sim.experiments.executors import Failure, Progress, outcomes
from sim.experiments.hindcast.observed import Replay, course
from sim.experiments.hindcast.scoreboard import Left, Scoreboard, ScoredRow
from sim.experiments.pairs import arm_data, make_arms
from sim.metrics.registry import METRICS
from sim.policies.base import PolicyKeys
from sim.policies.docket import docket_of
from sim.scenario import Scenario, load
from sim.scenario.observed import Observed

PEOPLE, SEEDS = 50_000, 4
"""Simulated people and members unless told otherwise: at 4,000 people chance alone moves a figure out of tolerance."""
NO_METRIC = "this version does not compute the metric"
NO_REFERENCE = "what it is a share of ({of}) is 0 in some member; more people may help"

type _Task = tuple[int, int]


def score_events(
    sources: Sequence[str | Path | Scenario],
    *,
    people: int = PEOPLE,
    seeds: int = SEEDS,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> Scoreboard:
    """Replay events and score what comes out.

    Parameters
    ----------
    sources : sequence of str, Path or Scenario
        Event files: scenarios with ``observed:``.
    people, seeds : int
        Simulated people, and members of each event.
    jobs : int, optional
        Processes; one for each core unless given. The outcome is the same for any number.
    progress : callable, optional
        Called with (done, failed, total) whenever a member is through.

    Raises
    ------
    InputError
        A file is wrong, or none has anything to compare.
    RunError
        A member failed.
    """
    check_count("--seeds", seeds, "members", SEEDS)
    given = [_event(source, people) for source in sources]
    specs = [spec for spec in given if spec.observed]
    if not specs:
        where = ", ".join(str(spec.path or spec.name) for spec in given) or "hindcast"
        raise InputError(Problem(where, "nothing under 'observed:'", "a scenario with observed figures"))
    runs: dict[str, list[Scenario]] = {}
    for spec in specs:
        runs.setdefault(_run_key(spec), []).append(spec)
    shared = list(runs.values())
    longest_first = sorted(range(len(shared)), key=lambda n: -_days(shared[n]))
    tasks = [(n, seed) for n in longest_first for seed in range(1, seeds + 1)]
    found: dict[tuple[int, Observed], dict[int, tuple[float, float]]] = {}
    for done, ((n, seed), told) in enumerate(outcomes(partial(_member, shared), tasks, jobs=jobs), start=1):
        if isinstance(told, Failure):
            raise RunError(f"{shared[n][0].name}, seed {seed}:\n{told.trace}")
        for row, value in told.items():
            found.setdefault((n, row), {})[seed] = value
        if progress is not None:
            progress(done, 0, len(tasks))
    number = {_run_key(group[0]): n for n, group in enumerate(shared)}
    rows, left = [], []
    for spec in specs:
        for row in spec.observed:
            members = found.get((number[_run_key(spec)], row), {})
            told_by = [members[seed] for seed in sorted(members)]
            if told_by and np.isfinite(told_by).all():
                rows.append(_scored(row, spec, told_by))
            else:
                left.append(Left(spec.name, row, NO_REFERENCE.format(of=row.of) if told_by else NO_METRIC))
    empty = tuple(spec.name for spec in given if not spec.observed)
    return Scoreboard(tuple(rows), tuple(left), people, seeds, empty)


def _event(source: str | Path | Scenario, people: int) -> Scenario:
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


def _run_key(spec: Scenario) -> str:
    """Return what tells the runs of an event from those of others: everything but what was observed, and till when."""
    return spec.model_copy(update={"title": "", "days": 1, "episode": None, "observed": ()}).digest


def _days(specs: Sequence[Scenario]) -> int:
    """Return how many days must be run for all figures of some events."""
    return max((row.date - spec.start).days for spec in specs for row in spec.observed) + 1


def _member(shared: Sequence[Sequence[Scenario]], task: _Task) -> dict[Observed, tuple[float, float]]:
    """Return what one member says of each figure of the events that share its run, and what its baseline arm says."""
    specs, seed = shared[task[0]], task[1]
    longest = max(specs, key=lambda spec: spec.days)
    baseline, policy = make_arms(member_spec(longest, seed), seed)
    for _ in range(_days(specs)):
        baseline.step()
        policy.step()
    replay = Replay(arm_data(baseline), arm_data(policy), baseline.setting.users, specs[0].start)
    unchanged = replace(replay, policy=replay.baseline)
    rows = dict.fromkeys(row for spec in specs for row in spec.observed if row.metric in METRICS)
    return {row: (float(course(row, replay)[-1]), float(course(row, unchanged)[-1])) for row in rows}


def _scored(row: Observed, spec: Scenario, told: Sequence[tuple[float, float]]) -> ScoredRow:
    """Return a figure with what the members and the rivals say of it."""
    members, unchanged = zip(*told, strict=True)
    hit, nothing = _was_hit(row, spec), statistics.fmean(unchanged)
    return ScoredRow(
        event=spec.name,
        episode=spec.episode or spec.name,
        observed=row,
        members=members,
        half=0.5 * nothing if hit and row.kind in ("kept", "return") else nothing,
        nothing=nothing,
        is_hit=hit,
        is_null=not hit and any(_aims_at(policy, row) for policy in spec.policies),
    )


def _aims_at(policy: PolicyKeys, row: Observed) -> bool:
    """Return whether a policy restricts the platform of a figure, in its state."""
    return not policy.PROMOTES and row.state in policy.by and bool(set(row.platform) & set(policy.targets))


def _was_hit(row: Observed, spec: Scenario) -> bool:
    """Return whether an order against the platform of a figure has been in force by its day."""
    ids = {policy.id for policy in spec.policies if _aims_at(policy, row)}
    days = (spec.start + timedelta(days=d) for d in range((row.date - spec.start).days + 1)) if ids else ()
    return any(policy.id in ids for day in days for policy, _ in docket_of(spec.policies, day).in_force)
