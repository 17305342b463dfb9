"""Hindcasts: simulated against observed, for every target of the calibration table, beside two dull rivals.

The rivals are "every block leaves half of the use" and "nothing changes"; a model that does not beat both on the same
targets has said nothing. Targets, tolerances and the meter of each source stand in ``sim/facts/calibration.csv``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from sim.engine.model import Model
from sim.errors import RunError
from sim.experiments.checks import check_count
from sim.experiments.executors import Failure, Progress, outcomes
from sim.experiments.hindcast.result import HindcastRow, HindcastTable
from sim.experiments.hindcast.targets import ALL_USERS, FIRST_DAY, Target, choose, own_targets, read_targets
from sim.policies.docket import docket_of
from sim.scenario import Scenario, load

PEOPLE, SEEDS = 50_000, 4
"""Simulated people and members unless told otherwise: at 4,000 people chance alone moves a target out of tolerance."""
LOW, HIGH = 0.1, 0.9


def hindcast(
    cases: Iterable[str] | None = None,
    *,
    people: int = PEOPLE,
    seeds: int = SEEDS,
    jobs: int | None = None,
    progress: Progress | None = None,
    targets: Sequence[Target] | Path | str | None = None,
) -> HindcastTable:
    """Replay past events and hold what comes out against what was observed.

    Parameters
    ----------
    cases : iterable of str, optional
        Events, such as ``ru_instagram_2022``; all of them unless given.
    people, seeds : int
        Simulated people, and members of each event.
    jobs : int, optional
        Processes; one for each core unless given. The outcome is the same for any number.
    progress : callable, optional
        Called with (done, failed, total) whenever a member is through.
    targets : path or sequence of Target, optional
        Events of one's own instead of the calibration table: a CSV with its columns; a scenario is looked for beside
        the CSV first, then as `load` does.

    Raises
    ------
    InputError
        An event is unknown, or a number is out of bounds.
    RunError
        A member failed.
    """
    check_count("--seeds", seeds, "members", SEEDS)
    if jobs is not None:
        check_count("--jobs", jobs, "processes", 2)
    if targets is None or isinstance(targets, str | Path):
        targets = read_targets() if targets is None else own_targets(Path(targets))
    chosen = choose(targets, cases)
    specs = {name: load(name, people=people) for name in dict.fromkeys(t.scenario for t in chosen)}
    tasks = [(spec, tuple(t for t in chosen if t.scenario == name)) for name, spec in specs.items()]
    found: dict[Target, dict[int, np.ndarray]] = {target: {} for target in chosen}
    courses = _courses([(*task, seed) for task in tasks for seed in range(1, seeds + 1)], jobs)
    for done, (seed, values) in enumerate(courses, start=1):
        for target, value in values.items():
            found[target][seed] = value
        if progress is not None:
            progress(done, 0, len(tasks) * seeds)
    rows = [row_of(target, specs[target.scenario], list(found[target].values())) for target in chosen]
    return HindcastTable(tuple(rows), people, seeds, specs)


type _Task = tuple[Scenario, tuple[Target, ...], int]


def _courses(tasks: Sequence[_Task], jobs: int | None) -> Iterator[tuple[int, dict[Target, np.ndarray]]]:
    """Yield the seed and the courses of each task, the longest run first."""
    for (spec, _, seed), outcome in outcomes(_simulated, sorted(tasks, key=lambda task: -task[0].days), jobs=jobs):
        if isinstance(outcome, Failure):
            raise RunError(f"{spec.name}, seed {seed}:\n{outcome.trace}")
        yield seed, outcome


def _simulated(task: _Task) -> dict[Target, np.ndarray]:
    """Return what one member says of each target."""
    spec, targets, seed = task
    return simulate(spec, targets, seed)


def simulate(spec: Scenario, targets: Sequence[Target], seed: int) -> dict[Target, np.ndarray]:
    """Run the policy arm of one member and return what it says of each target, day by day up to the target's [1].

    The other arm is not run: without policies the world stays as it is on the first day.
    """
    model = Model(spec, rng=seed)
    model.run_for(1 + max((target.day - spec.start).days for target in targets))
    return {target: _course(model, target) for target in targets}


def _course(model: Model, target: Target) -> np.ndarray:
    """Return a target's metric up to its day against its reference, shape (days,) [1]."""
    state = model.setting.states.index(target.state)
    place = (state, model.setting.platforms.index(target.platform)) if target.platform else (state,)
    days = (target.day - model.spec.start).days + 1
    series = model.record.arrays[target.metric][(slice(0, days), *place)]
    if target.reference == ALL_USERS:
        return np.asarray(series / model.setting.users[target.state])
    first = target.reference == FIRST_DAY
    before = 0 if first else (date.fromisoformat(target.reference) - model.spec.start).days
    return np.asarray(series / series[before])


def row_of(target: Target, spec: Scenario, courses: Sequence[np.ndarray]) -> HindcastRow:
    """Return a target with the spread over members and the rivals' forecasts."""
    course = np.quantile(np.sort(courses, axis=0), (LOW, 0.5, HIGH), axis=0)
    low, middle, high = (float(x) for x in course[:, -1])
    still = _first_share(target, spec) if target.reference == ALL_USERS else 1.0
    half = 0.5 if target.reference != ALL_USERS and was_hit(target, spec) else still
    return HindcastRow(target, middle, low, high, half, still, course)


def _first_share(target: Target, spec: Scenario) -> float:
    """Return the share of VPN holders before, which is what "nothing changes" says."""
    known = spec.facts.states.get(target.state)
    return spec.world.vpn_share.get(target.state, known.vpn_share.value if known else float("nan"))


def is_null_case(target: Target) -> bool:
    """Return whether a target is a null case: a policy against its platform was announced, and never came into force.

    Whatever a model says of a ban, it must say nothing of one that did not happen.
    """
    spec = load(target.scenario)
    aimed = any(target.state in policy.by and target.platform in policy.targets for policy in spec.policies)
    return aimed and not was_hit(target, spec)


def was_hit(target: Target, spec: Scenario) -> bool:
    """Return whether a policy against the target's platform has been in force by the target's day."""
    own = [policy for policy in spec.policies if target.state in policy.by and target.platform in policy.targets]
    if not own:
        return False
    days = (spec.start + timedelta(days=d) for d in range((target.day - spec.start).days + 1))
    ids = {policy.id for policy in own}
    return any(policy.id in ids for day in days for policy, _ in docket_of(spec.policies, day).in_force)
