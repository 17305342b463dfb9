"""Thresholds: "at what enforcement does family contact collapse?" - a scan along a path, then bisection, seed by seed.

The random numbers are the same at every value, so the response of a seed is a function of the value alone. Bisection of
the bracket in which it passes the level finds the value; the values of all seeds give an interval.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.errors import InputError, Problem
from sim.experiments.checks import check_all, count_problem, number_problem
from sim.experiments.ensemble import DEFAULT_SEEDS, seeds_of
from sim.experiments.outcomes import HEADLINES, Output, check_output, effects
from sim.experiments.parallel import Progress
from sim.experiments.points import Task, Work, about_it, changed, folder_of, ready, run_tasks, unknown_path
from sim.experiments.store import Outcome, Store, identity_of
from sim.experiments.threshold.result import Threshold, key_of
from sim.groups import is_diaspora
from sim.results.summary import main_point
from sim.scenario import Scenario, load
from sim.scenario.load import steps_of

GRID = 5
"""Values looked at before the search, the ends among them: enough to see a response that turns back once."""
HALVINGS = 5
"""Halvings of the bracket: with four intervals, to within 1/128 of the path."""
MOST_HALVINGS = 50
"""Beyond it two neighbouring values of a bracket are the same number."""


def threshold(
    scenario: Scenario | str | Path | dict[str, Any],
    path: str,
    metric: str = HEADLINES[1],
    level: float = 0.1,
    *,
    low: float | None = None,
    high: float | None = None,
    at: str | None = None,
    state: str = "",
    platform: str = "",
    group: str = "",
    people: int | None = None,
    days: int | None = None,
    seeds: int = DEFAULT_SEEDS,
    halvings: int = HALVINGS,
    jobs: int | None = None,
    cluster: Any = None,
    out: Path | str | None = None,
    progress: Progress | None = None,
) -> Threshold:
    """Find from which value of a path on an effect passes a level.

    Parameters
    ----------
    scenario : Scenario, path, name of a shipped scenario, or mapping
    path : str
        A number of the scenario, such as ``technique.dpi.coverage`` or ``policies.<id>.share``.
    metric : str
        The metric; the effect of the policies on it is looked at.
    level : float
        The level, in the unit of the metric; a share of 0.1 is ten percentage points.
    low, high : float, optional
        Ends of the path; by default those of ``uncertain:`` or of the table of parameters.
    at : {"total", "worst_week", "peak", "end"}, optional
        When; over the run for a running total, else at the peak, unless stated.
    state, platform, group : str
        The cell; of the metric's cells the one that moves most at the two ends unless stated.
    people, days, seeds, jobs, cluster, out, progress
        As for `sweep`.
    halvings : int
        How often the bracket is halved.

    Returns
    -------
    Threshold
        It says when the response is not monotone.

    Raises
    ------
    InputError
        When the path is unknown or has no ends, or there is no such metric.
    RunError
        When a run failed; the others are kept in the folder.
    """
    from sim.metrics.registry import METRICS

    begun = time.monotonic()
    spec = load(scenario, people=people, days=days, known_metrics=METRICS)
    when = at or (main_point(METRICS[metric]) if metric in METRICS else "")
    asked = {"metric": metric, "at": when, "state": state, "platform": platform, "group": group}
    check_output(spec, **asked)
    given = {"--level": level, "--low": low, "--high": high}
    check_all(number_problem(name, x) for name, x in given.items() if x is not None or name == "--level")
    check_all([count_problem("--halvings", halvings, (0, MOST_HALVINGS), "halvings", f"--halvings {HALVINGS}")])
    ends = ends_of(spec, path, low, high)
    wanted = seeds_of(spec, seeds)
    grid = [ends[0] + (ends[1] - ends[0]) * i / (GRID - 1) for i in range(GRID)]
    for value in grid:
        changed(spec, {path: value})
    settings = {**asked, "path": path, "level": level, "ends": ends, "halvings": halvings}
    identity = identity_of("threshold", spec, wanted, settings)
    work = ready(Work(jobs, cluster, progress))
    with Store(folder_of(out, spec, identity), identity) as store:
        search = _Search(spec, path, wanted, level, grid, asked, identity["run_id"], store, work)
        result = search.run(halvings)
        result.folder = store.path
        about = {**about_it(spec, begun, len(result.outcomes)), "finding": result.words()}
        store.finish(result.write_files, about)
    return result


@dataclass(frozen=True)
class _Search:
    """What a search is made of."""

    spec: Scenario
    path: str
    seeds: tuple[int, ...]
    level: float
    grid: list[float]
    asked: dict[str, str]
    run_id: str
    store: Store
    work: Work

    def run(self, halvings: int) -> Threshold:
        """Look at the grid, then halve every seed's first bracket so often."""
        found = self._outcomes({seed: self.grid for seed in self.seeds})
        output = chosen(found, self.asked)
        result = self._result(found, output)
        for _ in range(halvings):
            middles = {seed: [(a + b) / 2] for seed in self.seeds for a, b in result.crossings(seed)[:1]}
            if not middles:
                break
            found |= self._outcomes(middles)
            result = self._result(found, output)
        return result

    def _outcomes(self, values: dict[int, list[float]]) -> dict[str, Outcome]:
        """Run some values of each seed."""
        tasks = [
            Task(key_of(x, seed), self.spec, seed, ((self.path, x),)) for seed, some in values.items() for x in some
        ]
        return run_tasks(tasks, self.store, self.work)

    def _result(self, found: dict[str, Outcome], output: Output) -> Threshold:
        """Return what is known so far."""
        return Threshold(self.spec, self.seeds, found, self.run_id, self.path, output, self.level, self.grid)


def ends_of(spec: Scenario, path: str, low: float | None, high: float | None) -> tuple[float, float]:
    """Return the ends of a path: those given, or those of its range.

    Raises
    ------
    InputError
        When the path is unknown, has no ends, or they are upside down.
    """
    wrong = unknown_path(spec, path, "--path")
    if wrong:
        raise InputError(wrong)
    steps = steps_of(spec, path)
    known: Any = next((r for other, r in spec.uncertain.items() if steps_of(spec, other) == steps), None)
    if known is None and steps[0] == "parameters":
        known = spec.facts.parameters.get(steps[-1])
    first = low if low is not None else getattr(known, "low", None)
    last = high if high is not None else getattr(known, "high", None)
    if first is None or last is None:
        raise InputError(Problem("--low, --high", f"'{path}' has no range of its own", "both ends of the path"))
    if not first < last:
        raise InputError(
            Problem("--low, --high", f"low is {first:g} but high is {last:g}", "low smaller", "swap them?")
        )
    return float(first), float(last)


def chosen(found: dict[str, Outcome], asked: dict[str, str]) -> Output:
    """Return the output that is meant: of the cells that fit, the one that moves most.

    Raises
    ------
    InputError
        When no cell fits.
    """
    sizes: dict[Output, float] = {}
    for outcome in found.values():
        for output, effect in effects(outcome).items():
            place = output._asdict()
            if all(place[name] == value for name, value in asked.items() if value):
                sizes[output] = max(sizes.get(output, 0.0), abs(effect))
    if not sizes:
        said = " ".join(value for value in asked.values() if value)
        allowed = "a metric, state, platform or group that the scenario names; at: total, worst_week, peak or end"
        raise InputError(Problem("--metric", f"the scenario has no number for '{said}'", allowed))
    own = {o: size for o, size in sizes.items() if is_diaspora(o.group)} or sizes
    return max(own, key=lambda output: own[output])
