"""Calibration by a published method: history matching with emulators, then a posterior, then larger runs to choose.

`calibrate` is the whole of it. The simulator is a plain function from a point to targets, so that the method is tested
on functions whose answer is known.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from sim.errors import InputError, Problem
from sim.experiments.calibration.budget import CUT, series_of
from sim.experiments.calibration.leave_one_out import leave_one_out, spread
from sim.experiments.calibration.posterior import told
from sim.experiments.calibration.report import read_report, write_back, write_files
from sim.experiments.calibration.result import Calibration
from sim.experiments.calibration.simulator import Hindcasts, Work
from sim.experiments.calibration.space import CALIBRATED, read_event_facts, read_space
from sim.experiments.calibration.waves import Known, Settings, Study, match, posterior_of
from sim.experiments.checks import MOST_MEMBERS, Bounds, check_all, count_problem, number_problem
from sim.experiments.executors import Progress, workers_for
from sim.experiments.hindcast.run import is_null_case, row_of
from sim.experiments.hindcast.targets import Target, choose, read_targets
from sim.experiments.store import Store
from sim.results.identity import code_hash, data_hashes, short, version
from sim.scenario import load, varied
from sim.scenario.schema import FEWEST_PEOPLE, MOST_PEOPLE

FEW_DRAWS = 10
"""Independent draws for each parameter below which ranges and correlations are not settled."""
CLEARLY_BETTER = 3.0
"""Log likelihood by which a draw must beat the middle of the posterior to be taken: "strong" evidence by Kass and
Raftery (1995, https://doi.org/10.1080/01621459.1995.10476572)."""
BOUNDS: dict[str, Bounds] = {
    "points": (2, 100_000), "waves": (1, 100), "people": (FEWEST_PEOPLE, MOST_PEOPLE), "repeats": (2, MOST_MEMBERS),
    "finalists": (1, MOST_MEMBERS), "final_people": (FEWEST_PEOPLE, MOST_PEOPLE), "final_seeds": (1, MOST_MEMBERS),
    "held_out_draws": (1, MOST_MEMBERS), "steps": (20, 1_000_000), "candidates": (64, 2**20), "seed": (0, 2**63 - 1),
}  # fmt: skip
"""What each whole number of the settings may be: beyond the most somebody has mistaken one for another."""
POSTERIOR_DRAWS = 100
"""Joint draws of the posterior that are written: enough for an ensemble, few enough to read."""

__all__ = ["Calibration", "Settings", "Study", "calibrate", "fit_study", "study_of", "write_back"]


def calibrate(
    settings: Settings | None = None,
    *,
    parameters: Path | str = CALIBRATED,
    jobs: int | None = None,
    out: Path | str | None = None,
    progress: Progress | None = None,
    write: bool = False,
    cases: list[str] | None = None,
    **sizes: Any,
) -> Calibration:
    """Fit the shared parameters to all past events at once, and forecast each event from the others.

    Parameters
    ----------
    settings : Settings, optional
        How large it is; single numbers of it may be given by name instead, such as ``points=50``.
    parameters : path
        The table of parameters to fit with their priors.
    jobs : int, optional
        Processes; one for each core unless given. The outcome is the same for any number.
    out : path, optional
        The folder; ``runs/calibration-<hash>`` unless given. A killed calibration goes on there.
    progress : callable, optional
        Called with (done, failed, total) whenever a run is through.
    write : bool
        Put values, ranges, draws and held-out forecasts into the model's tables of facts.
    cases : list of str, optional
        Events to fit; all of them unless given.

    Raises
    ------
    InputError
        A table is wrong, a number is out of bounds, or a package is missing.
    RunError
        Every run of a wave failed.
    """
    chosen = checked(replace(settings or Settings(), **sizes))
    found = fit_study(study_of(Path(parameters), chosen, cases), chosen, jobs=jobs, out=out, progress=progress)
    if write:
        write_back(found)
    return found


def checked(settings: Settings) -> Settings:
    """Return the settings, or raise with all that is out of bounds."""
    problems = [count_problem(_option(name), getattr(settings, name), bounds) for name, bounds in BOUNDS.items()]
    problems.append(number_problem("--discrepancy", settings.discrepancy, (0, 10)))
    if problems[list(BOUNDS).index("candidates")] is None and settings.candidates & (settings.candidates - 1):
        problems.append(Problem("--candidates", f"{settings.candidates}", "a power of two"))
    check_all(problems)
    return settings


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def study_of(parameters: Path, settings: Settings, cases: list[str] | None = None) -> Study:
    """Return the model's calibration: the table of parameters, all events, the replay of hindcasts.

    Targets that are not scored, and null cases, in which nothing came into force, are simulated in the end but not
    fitted: the first rest on an assumed dose, and the others say the same at any point.
    """
    targets = choose(read_targets(), cases)
    space = read_space(parameters, events=list(dict.fromkeys(t.event for t in targets)))
    fitted = tuple(t for t in targets if t.is_scored and not is_null_case(t))
    if not fitted:
        raise InputError(Problem("", "none of these events has a target that counts", "an event that is scored"))
    scenarios = dict.fromkeys(t.scenario for t in targets)
    facts = tuple(one for one in read_event_facts() if one.scenario in {t.scenario for t in fitted})
    known = load(fitted[0].scenario).facts.parameters
    for name in scenarios:  # an error comes before any run begins
        spec = load(name, people=settings.people)
        for end in (0.0, 1.0):
            corner = {f"parameters.{n}": v for n, v in space.values([end] * len(space.free)).items()}
            own = {one.path: one.low if end == 0.0 else one.high for one in facts if one.scenario == name}
            varied(spec, {**corner, **own})
    start = {one.name: known[one.name].value for one in space.free}
    return Study(space, fitted, Hindcasts(fitted), start, facts, targets, Hindcasts(targets))


def fit_study(
    study: Study,
    settings: Settings,
    *,
    jobs: int | None = None,
    out: Path | str | None = None,
    progress: Progress | None = None,
) -> Calibration:
    """Fit any study: waves, posterior, larger runs, leave-one-out; the folder holds all of it."""
    begun = time.monotonic()
    workers_for(jobs, 1)  # an error comes before a folder is made
    identity = _identity(study, settings)
    folder = Path(out) if out is not None else Path("runs") / f"calibration-{identity['run_id']}"
    with Store(folder, identity) as store:
        if store.is_finished:
            return read_report(folder)
        work = Work(store, _planned(study, settings), jobs, progress)
        known = match(study, work, settings, store.log)
        found = _judged(study, known, work, settings)
        found.held_out.extend(leave_one_out(study, known, work, settings))
        if work.failures:
            found.warnings.append(f"{len(work.failures)} runs failed and were left out: {', '.join(work.failures[:5])}")
        found.folder = folder
        cost = {
            "command": " ".join(sys.argv), "wall_seconds": round(time.monotonic() - begun, 1), "runs": work.simulated,
            "cpu_seconds": round(work.cpu_seconds, 1),
            "cpu_seconds_a_run": round(work.cpu_seconds / max(1, work.simulated), 3),
        }  # fmt: skip
        store.finish(lambda building: write_files(found, building), {**cost, "warnings": found.warnings})
    return found


def _planned(study: Study, settings: Settings) -> int:
    """Return how many runs there are in all."""
    held_out = sum(settings.held_out_draws for event in study.events if study.without(event))
    repeats = settings.repeats * (2 if study.facts else 1)
    return repeats + settings.waves * settings.points + held_out + (settings.finalists + 2) * settings.final_seeds


def _identity(study: Study, settings: Settings) -> dict[str, Any]:
    """Return what makes a calibration the one it is."""
    parts = {
        "settings": asdict(settings),
        "space": [asdict(one) for one in study.space.free],
        "targets": [
            f"{t.event} {t.state} {t.platform} {t.metric} {t.day} {t.observed} {t.tolerance}" for t in study.targets
        ],
    }
    digest = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
    whole = json.dumps([digest, version(), code_hash(), data_hashes()], sort_keys=True)
    return {
        "run_id": short(hashlib.sha256(whole.encode()).hexdigest()), "version": version(), "experiment": "calibration",
        "settings": parts["settings"], "scenario": {"name": "calibration", "digest": digest},
        "seeds": [settings.seed], "code_sha256": code_hash(), "data_sha256": data_hashes(),
    }  # fmt: skip


def _judged(study: Study, known: Known, work: Work, settings: Settings) -> Calibration:
    """Draw the posterior, let real, larger runs confirm the values that are taken, and tell all of it."""
    draws = posterior_of(known, work, settings, "joint", None)
    points = np.array(draws["points"])
    best, simulated, before = _chosen(study, known, work, settings, points, np.array(draws["density"]))
    rows, eigenvalues = told(study.space, points, study.space.values(best))
    checks = known.emulators.check()
    numbers = {
        "free": len(study.space.free), "targets": len(study.targets), "independent_targets": series_of(study.targets),
        "events": len(study.events), "effective_draws": round(draws["effective"], 1), "settings": asdict(settings),
        "fitted_error": _error(study, simulated), "error_before": _error(study, before),
        "people": settings.final_people, "seeds": settings.final_seeds,
    }  # fmt: skip
    warnings = [
        f"wave {row['wave']}: hardly any point is left at {CUT:g} standard deviations; the cut was raised to "
        f"{row['cut']:.2f}: the model cannot meet all targets within the budget of errors"
        for row in known.waves
        if row["cut"] > CUT
    ]
    if draws["effective"] < FEW_DRAWS * len(study.space.free):
        warnings.append(f"the posterior is worth {draws['effective']:.0f} draws only: more --steps")
    kept = [study.space.values(point) for point in points[:POSTERIOR_DRAWS]]
    names = [_name(target) for target in study.targets]
    return Calibration(
        parameters=rows, targets=_targets(study, known, simulated), held_out=[], waves=known.waves, draws=kept,
        emulators=[{"target": name, **check} for name, check in zip(names, checks, strict=True)],
        eigenvalues=[float(value) for value in eigenvalues], numbers=numbers, warnings=warnings,
    )  # fmt: skip


def _chosen(
    study: Study, known: Known, work: Work, settings: Settings, points: np.ndarray, density: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the point that is taken, what larger runs say there, and what they say at the values before.

    It is the middle of the posterior, parameter by parameter, unless a draw is better by more than `CLEARLY_BETTER`:
    a middle carries over to other events, where the luckiest of many draws need not.
    """
    middle = np.median(points, axis=0)
    candidates = [study.space.point(study.start), middle, *spread(points, density, settings.finalists)]
    runs = [
        study.run(f"final-{i:03}-{k}", point, settings.seed + 90_000_000 + k, settings.final_people)
        for i, point in enumerate(candidates)
        for k in range(settings.final_seeds)
    ]
    outputs = work.do(runs, study.whole)
    places = [study.all_targets.index(target) for target in study.targets]
    means: dict[int, np.ndarray] = {}
    for i in range(len(candidates)):
        own = [outputs[run.key] for run in runs if run.key.startswith(f"final-{i:03}-") and run.key in outputs]
        if own:
            means[i] = np.median(np.array(own), axis=0)
    score = {i: float(known.budget.log_likelihood(m[None, places], 0.0)[0]) for i, m in means.items() if i > 0}
    first = max(score, key=lambda i: score[i])
    if 1 in score and score[first] - score[1] <= CLEARLY_BETTER:
        first = 1
    return candidates[first], means[first], means.get(0, np.full(len(study.all_targets), np.nan))


def _error(study: Study, simulated: np.ndarray) -> float | None:
    """Return the mean absolute error over the targets that count [1]; None where it was not simulated."""
    off = [abs(s - t.observed) for t, s in zip(study.all_targets, simulated, strict=True) if t.is_scored]
    error = float(np.mean(off))
    return error if np.isfinite(error) else None


def _targets(study: Study, known: Known, simulated: np.ndarray) -> list[dict[str, Any]]:
    """Return every target with what the chosen parameters give and the rivals say."""
    rows = []
    for target, value in zip(study.all_targets, simulated, strict=True):
        rivals = row_of(target, load(target.scenario), [np.array([value])])
        rows.append(
            {
                "event": target.event, "state": target.state, "platform": target.platform, "metric": target.metric,
                "date": str(target.day), "observed": target.observed, "tolerance": target.tolerance,
                "simulated": float(value), "inside": rivals.is_inside(), "scored": target.is_scored,
                "fitted": target in study.targets, "half": rivals.half, "still": rivals.still,
            }
        )  # fmt: skip
    for j, target in enumerate(study.targets):
        for name, spread_ in known.budget.parts.items():
            rows[study.all_targets.index(target)][f"sd of {name}"] = float(spread_[j])
    filled = [f"sd of {name}" for name in known.budget.parts]
    return [{**dict.fromkeys([*rows[0], *filled], ""), **row} for row in rows]


def _name(target: Target) -> str:
    return " ".join(word for word in (target.event, target.platform, target.metric, str(target.day)) if word)
