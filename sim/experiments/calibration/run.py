"""Calibration: one pool of runs over the priors, emulators, a posterior, and every episode forecast from the others.

`calibrate` runs all steps. The simulator is a plain function from a point to figures, so that tests can use functions
with a known answer.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from sim.errors import InputError, Problem
from sim.experiments.calibration.confirm import kept_runs
from sim.experiments.calibration.emulator import one_thread
from sim.experiments.calibration.errors import Errors
from sim.experiments.calibration.figures import Figure, digest_of_figures, figure_of, fitted
from sim.experiments.calibration.leave_one_out import HeldOut, episodes_of, leave_one_out
from sim.experiments.calibration.posterior import UNKNOWN, Emulated, Posterior, emulate, posterior, sobol, told
from sim.experiments.calibration.report import read_report, write_back, write_files
from sim.experiments.calibration.result import Calibration
from sim.experiments.calibration.simulator import Replays, Run, Simulator, Work
from sim.experiments.calibration.space import CALIBRATED, Space, read_space
from sim.experiments.calibration.stamp import stamp_now
from sim.experiments.checks import MOST_MEMBERS, Bounds, check_all, count_problem
from sim.experiments.executors import Progress, workers_for
from sim.experiments.store import Store
from sim.results.identity import code_hash, data_hashes, short, version
from sim.results.scales import SCALE_OF
from sim.scenario.schema import FEWEST_PEOPLE, MOST_PEOPLE

BOUNDS: dict[str, Bounds] = {
    "points": (8, 100_000), "people": (FEWEST_PEOPLE, MOST_PEOPLE), "held_out_draws": (2, MOST_MEMBERS),
    "candidates": (64, 2**20), "seed": (0, 2**63 - 1),
}  # fmt: skip
"""What each whole number of the settings may be: beyond the most somebody has mistaken one for another."""
POSTERIOR_DRAWS = 100
"""Joint draws of the posterior that are written: enough for an ensemble, few enough to read."""
NARROW = 0.5
"""Shrink from which a parameter counts as narrowed [1]."""

__all__ = ["Calibration", "Settings", "Study", "calibrate", "fit_study", "study_of", "write_back"]


@dataclass(frozen=True)
class Settings:
    """How large a calibration is.

    Attributes
    ----------
    points : int
        Runs of the pool: points of the prior, each simulated once on every event; a power of two is spread most evenly.
    people : int
        Simulated people of every run.
    held_out_draws : int
        Draws simulated for each episode that is held out.
    candidates : int
        Points of the prior that posteriors weigh; a power of two.
    seed : int
        Decides design, luck and draws.
    """

    points: int = 256
    people: int = 3_000
    held_out_draws: int = 24
    candidates: int = 2**15
    seed: int = 1


@dataclass(frozen=True)
class Study:
    """What is calibrated.

    Attributes
    ----------
    space : Space
        The parameters and their priors.
    figures : tuple of Figure
        What was observed.
    simulator : callable
        Takes a run and returns a number for each figure.
    rows : tuple of str
        The id of each figure in the record.
    dates, kinds : tuple of str
        When each is of, and what it tests.
    """

    space: Space
    figures: tuple[Figure, ...]
    simulator: Simulator
    rows: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    kinds: tuple[str, ...] = field(default=())


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
    """Fit the shared parameters to the whole record, and forecast each episode from the others.

    Parameters
    ----------
    settings : Settings, optional
        How large it is; single numbers of it may be given by name instead, such as ``points=50``.
    parameters : path
        The table of parameters to fit with their priors.
    jobs : int, optional
        Number of processes; by default one per core. The outcome is the same for any number.
    out : path, optional
        The folder; by default ``runs/calibration-<hash>``. A killed calibration continues there.
    progress : callable, optional
        Called with (done, failed, total) after each run.
    write : bool
        Put values, ranges, draws, held-out forecasts and the model's error into the model's tables of facts.
    cases : list of str, optional
        Events or episodes to fit; by default all.

    Raises
    ------
    InputError
        A table is wrong, a number is out of bounds, or a package is missing.
    RunError
        Every run failed.
    """
    chosen = checked(replace(settings or Settings(), **sizes))
    found = fit_study(study_of(Path(parameters), cases), chosen, jobs=jobs, out=out, progress=progress)
    if write:
        write_back(found)
    return found


def checked(settings: Settings) -> Settings:
    """Return the settings, or raise with all that is out of bounds."""
    problems = [count_problem(_option(name), getattr(settings, name), bounds) for name, bounds in BOUNDS.items()]
    if problems[list(BOUNDS).index("candidates")] is None and settings.candidates & (settings.candidates - 1):
        problems.append(Problem("--candidates", f"{settings.candidates}", "a power of two"))
    check_all(problems)
    return settings


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def study_of(parameters: Path = CALIBRATED, cases: list[str] | None = None) -> Study:
    """Return the model's calibration: the table of parameters, all figures that are scored, the replay of events."""
    past = fitted(cases)
    if not past:
        raise InputError(Problem("", "none of these events has a figure that counts", "an event that is scored"))
    space = read_space(parameters, events=list(dict.fromkeys(one.event for one in past)))
    return Study(
        space,
        tuple(map(figure_of, past)),
        Replays(past),
        rows=tuple(one.observed.row or "" for one in past),
        dates=tuple(one.observed.date.isoformat() for one in past),
        kinds=tuple(one.observed.kind for one in past),
    )


def fit_study(
    study: Study,
    settings: Settings,
    *,
    jobs: int | None = None,
    out: Path | str | None = None,
    progress: Progress | None = None,
) -> Calibration:
    """Fit any study: pool, emulators, held-out episodes, posterior; the folder holds all of it."""
    begun = time.monotonic()
    workers_for(jobs, 1)  # an error comes before a folder is made
    with one_thread():  # scikit-learn is there
        pass
    identity = _identity(study, settings)
    folder = Path(out) if out is not None else Path("runs") / f"calibration-{identity['run_id']}"
    with Store(folder, identity) as store:
        if store.is_finished:
            return read_report(folder)
        episodes = episodes_of(study.figures)
        work = Work(store, settings.points + settings.held_out_draws * len(episodes), jobs, progress)
        pool = _pool_runs(study, settings)
        known = _pool(study, work, settings, pool)
        store.log("emulators have learnt from the pool")
        held_out = leave_one_out(known, study.figures, study.space, work, settings, study.simulator)
        joint = posterior(known, study.figures, held_out.errors, range(len(study.figures)))
        found = _as_rows(study, settings, known, held_out, joint)
        outputs = {run.key: store.outcomes[run.key]["outputs"] for run in pool if run.key in store.outcomes}
        found.numbers["runs"] = kept_runs(pool, outputs)
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


def _identity(study: Study, settings: Settings) -> dict[str, Any]:
    """Return what makes a calibration the one it is."""
    parts = {
        "settings": asdict(settings),
        "space": [asdict(one) for one in study.space.free],
        "figures": [f"{one.name} {one.observed} {one.tolerance}" for one in study.figures],
    }
    digest = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
    whole = json.dumps([digest, version(), code_hash(), data_hashes()], sort_keys=True)
    return {
        "run_id": short(hashlib.sha256(whole.encode()).hexdigest()), "version": version(), "experiment": "calibration",
        "settings": parts["settings"], "scenario": {"name": "calibration", "digest": digest},
        "seeds": [settings.seed], "code_sha256": code_hash(), "data_sha256": data_hashes(),
    }  # fmt: skip


def _pool_runs(study: Study, settings: Settings) -> list[Run]:
    """Return the runs of the pool: points of the prior."""
    points = sobol(settings.points, len(study.space.free), settings.seed)
    return [
        Run(f"pool-{i:04}", tuple(study.space.values(point).items()), settings.seed + 100_000 + i, settings.people)
        for i, point in enumerate(points)
    ]


def _pool(study: Study, work: Work, settings: Settings, runs: Sequence[Run]) -> Emulated:
    """Run the pool and return the outputs of emulators trained on it."""
    d = len(study.space.free)
    points = sobol(settings.points, d, settings.seed)
    outputs = work.do(runs, study.simulator)
    kept = [i for i, run in enumerate(runs) if run.key in outputs]
    values = np.array([outputs[runs[i].key] for i in kept])
    scaled = np.stack([one.scaled(values[:, at]) for at, one in enumerate(study.figures)], axis=1)
    candidates = sobol(settings.candidates, d, settings.seed + 1)
    return emulate(study.figures, points[kept], scaled, candidates, settings.seed)


def _as_rows(study: Study, settings: Settings, known: Emulated, held_out: HeldOut, joint: Posterior) -> Calibration:
    """Return the calibration as rows."""
    parameters = told(study.space, known, joint)
    places = joint.some(POSTERIOR_DRAWS, settings.seed + 99)
    episodes = episodes_of(study.figures)
    numbers = {
        "free": len(study.space.free), "figures": len(study.figures), "episodes": len(episodes),
        "series": len({one.series for one in study.figures}), "effective": round(joint.effective, 1),
        "narrowed": sum(row.shrink < NARROW for row in parameters),
        "effective_without": {name: round(value, 1) for name, value in held_out.effective.items()},
        "settings": asdict(settings), "figures_digest": digest_of_figures(study.figures),
        "stamp": stamp_now() if study.rows else {},
    }  # fmt: skip
    warnings = [
        f"hardly any run defines {one.name}: more people would"
        for at, one in enumerate(study.figures)
        if known.variance[at] >= UNKNOWN
    ]
    if joint.power < 1.0:
        warnings.append(
            f"few points of the prior meet all figures: the likelihood was flattened to its power {joint.power:.2f} so "
            "that the posterior rests on enough points"
        )
    return Calibration(
        parameters=parameters,
        figures=[_figure(study, known, held_out, at) for at in range(len(study.figures))],
        errors=_errors("", held_out.errors) + [row for e, own in held_out.without.items() for row in _errors(e, own)],
        draws=[study.space.values(known.points[at]) for at in places],
        numbers=numbers,
        warnings=warnings,
    )


def _figure(study: Study, known: Emulated, held_out: HeldOut, at: int) -> dict[str, Any]:
    """Return a figure as a row."""
    one, members = study.figures[at], held_out.members.get(at, np.empty(0))
    low, middle, high = np.quantile(members, (0.1, 0.5, 0.9)) if members.size else (None, None, None)
    return {
        "row": study.rows[at] if study.rows else one.name, "event": one.event, "episode": one.episode,
        "kind": study.kinds[at] if study.kinds else one.kind, "date": study.dates[at] if study.dates else "",
        "name": one.name, "error_kind": one.kind, "observed": one.observed, "tolerance": one.tolerance,
        "median": _number(middle), "low": _number(low), "high": _number(high),
        "members": [float(value) for value in members], **known.checks[at],
    }  # fmt: skip


def _number(value: Any) -> float | None:
    """Return a plain number, or None."""
    return None if value is None else float(value)


def _errors(without: str, errors: Errors) -> list[dict[str, Any]]:
    """Return the model's error by kind as rows of ``discrepancy.csv``, contact after what is measured."""
    rows: list[dict[str, Any]] = [
        {
            "kind": kind, "without": without, "scale": SCALE_OF[kind], "sd_episode": one.sd_episode,
            "sd_series": one.sd_series, "sd": one.sd, "bias": one.bias, "series": one.series,
            "episodes": one.episodes, "basis": "measured",
            "source": "held-out episodes of the record, splinternet calibrate",
        }
        for kind, one in errors.items()
    ]  # fmt: skip
    widest = max((row for row in rows if row["kind"] in ("kept", "gained")), key=lambda row: row["sd"])
    source = f"assumption: no count of lost contact is clean; as wide on its scale as {widest['kind']}"
    contact = {**widest, "kind": "contact", "scale": "logit", "basis": "assumption", "source": source}
    return [*rows, {**contact, "bias": 0.0, "series": 0, "episodes": 0}]
