"""Calibration: a pool of runs over the priors, emulators, a posterior, and a forecast of each
episode from the others.

`calibrate` runs all steps. The simulator is a plain function from a run to figures, so that tests
can use functions with known results.
"""

from __future__ import annotations

import hashlib
import json
import math
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, Unpack

import numpy as np

from ..changes import UNCHANGED, Changes, Reader, reading
from ..core.plugins import own_digests
from ..errors import InputError, Problem
from ..experiments.experiment import Store
from ..experiments.hindcast import Replays, Run, Simulator
from ..experiments.options import (
    MOST_MEMBERS,
    Bounds,
    Cluster,
    Progress,
    Work,
    check_all,
    number_problems,
    takes_options,
)
from ..experiments.parallel import check_cluster, error_of, run_missing, workers_for
from ..results.manifest import LOG, program, short
from ..results.model_error import SCALE_OF
from ..scenario.scenario import FEWEST_PEOPLE, MOST_PEOPLE
from .posterior import (
    ERRORS,
    PARTICLES,
    UNKNOWN,
    Emulated,
    Errors,
    Likelihood,
    Particles,
    emulate,
    error_sds,
    estimate,
    likelihood,
    one_thread,
    ranks,
    rows_of,
    sample,
    sobol,
)
from .space import (
    CALIBRATED,
    Figure,
    Space,
    counted_contact,
    digest_of_figures,
    episodes_of,
    figure_of,
    fitted,
    read_space,
    values_at,
    weighing,
)
from .stored import Calibration, kept_runs, read_report, write_back, write_files

type Array = np.ndarray[Any, np.dtype[np.float64]]

BOUNDS: dict[str, Bounds] = {
    "points": (8, 100_000),
    "refined": (0, 100_000),
    "people": (FEWEST_PEOPLE, MOST_PEOPLE),
    "held_out_draws": (2, MOST_MEMBERS),
    "particles": (64, 2**15),
    "seed": (0, 2**63 - 1),
}
"""Bounds of each integer setting; a larger number counts as a mistake."""
POSTERIOR_DRAWS = 100
"""Number of stored joint draws of the posterior: enough for an ensemble, few enough to read."""
NARROW = 0.5
"""Shrink below which a parameter counts as narrowed [1]."""
MOST_TRUTHS = 64
"""Most points of the prior at which simulation-based calibration generates figures."""
MIXED = 1.1
"""R-hat above which replicates of a posterior count as different."""


@dataclass(frozen=True)
class Settings:
    """The size of a calibration."""

    points: int = 128
    """Runs of the pool: points of the prior, each simulated once on every event. A power of two
    spreads them most evenly.
    """
    refined: int = 128
    """Runs of a second pool, at points where the first emulators expect the posteriors."""
    people: int = 3_000
    """Simulated people of every run."""
    held_out_draws: int = 24
    """Draws simulated for each episode that is held out."""
    particles: int = PARTICLES
    """Draws of each of the four replicates of a posterior; a power of two."""
    seed: int = 1
    """Seed of the design, the random numbers and the draws."""


class Options(Work, total=False):
    """The keywords of a calibration: `Changes`, `Work`, and the numbers of `Settings`.

    Attributes
    ----------
    out : path, optional
        The folder; by default ``runs/calibration-<hash>``. A killed calibration continues there.
    points, refined, held_out_draws, particles, seed : int, optional
        Numbers of `Settings`; ``people`` is also one of them.
    """

    out: Path | str | None
    points: int
    refined: int
    held_out_draws: int
    particles: int
    seed: int


@dataclass(frozen=True)
class Study:
    """The parameters, figures and simulator of a calibration."""

    space: Space
    """The parameters and their priors."""
    figures: tuple[Figure, ...]
    """The observed figures."""
    simulator: Simulator
    """Function from a run to a number for each figure."""


@takes_options(Options)
def calibrate(
    settings: Settings | None = None,
    *,
    parameters: Path | str = CALIBRATED,
    write: bool = False,
    cases: Sequence[str] | None = None,
    **options: Unpack[Options],
) -> Calibration:
    """Fit the shared parameters to the whole record, and forecast each episode from the others.

    ``days``, ``set``, ``policies`` and ``behaviours`` apply to each event.

    Parameters
    ----------
    settings : Settings, optional
        The size of the calibration; single numbers may be given by name instead, such as
        ``points=50``.
    parameters : path
        The table of parameters to fit with their priors.
    write : bool
        Put values, ranges, draws, held-out forecasts and the model's error into the model's tables
        of facts.
    cases : sequence of str, optional
        Events or episodes to fit; by default all.
    **options
        See `Options`.

    Raises
    ------
    InputError
        If a table is wrong, a number is out of bounds, or a package is missing.
    RunError
        If every run fails.
    """
    sizes: Any = {name: value for name in BOUNDS if (value := options.get(name)) is not None}
    changes: Any = {name: value for name, value in options.items() if name not in BOUNDS}
    with reading(changes, options.get("metrics", ()), kind=Options) as read:
        chosen = checked(replace(settings or Settings(), **sizes))
        if write and read:
            asked = ", ".join(name for name in Changes.__annotations__ if changes.get(name))
            raise InputError(
                Problem(
                    asked,
                    "the tables hold what fits the model as it is",
                    f"write or {asked}, not both",
                )
            )
        study = study_of(Path(parameters), cases, read)
        work: Any = {name: options.get(name) for name in ("jobs", "cluster", "out", "progress")}
        calibration = fit_study(study, chosen, **work)
        if write:
            write_back(calibration)
        return calibration


def checked(settings: Settings) -> Settings:
    """Return the settings, or raise InputError with all numbers that are out of bounds."""
    problems = {
        name: number_problems(
            f"--{name.replace('_', '-')}", getattr(settings, name), bounds, whole=True
        )
        for name, bounds in BOUNDS.items()
    }
    if not problems["particles"] and settings.particles & (settings.particles - 1):
        problems["particles"] = [Problem("--particles", f"{settings.particles}", "a power of two")]
    check_all(chain.from_iterable(problems.values()))
    return settings


def study_of(
    parameters: Path = CALIBRATED, cases: Sequence[str] | None = None, read: Reader = UNCHANGED
) -> Study:
    """Return the study of the model: the table of parameters, all scored figures, and the simulator
    of events.

    ``read`` is applied to every event.
    """
    past = fitted(cases)
    if not past:
        raise InputError(
            Problem("", "none of these events has a figure that counts", "an event that is scored")
        )
    past += counted_contact() if not cases else ()
    space = read_space(parameters, events=list(dict.fromkeys(one.event for one in past)))
    if fitted_too := ", ".join(
        name for name in read.values if name.removeprefix("parameters.") in space
    ):
        hint = f"leave it out of {parameters}"
        raise InputError(Problem("set", f"{fitted_too} is fitted", "what is not fitted", hint))
    return Study(space, tuple(map(figure_of, past)), Replays(past, read))


def fit_study(
    study: Study,
    settings: Settings,
    *,
    jobs: int | None = None,
    cluster: Cluster | None = None,
    out: Path | str | None = None,
    progress: Progress | None = None,
) -> Calibration:
    """Fit any study: pool, emulators, held-out episodes, posterior. The folder holds all
    results.
    """
    begun = time.monotonic()
    workers_for(jobs, 1)  # raise errors before the folder exists
    check_cluster(cluster)
    with one_thread():  # this checks that scikit-learn is installed
        pass
    identity = _identity(study, settings)
    folder = Path(out) if out is not None else Path("runs") / f"calibration-{identity['run_id']}"
    with Store(folder, identity) as store:
        if store.is_finished:
            return read_report(folder)
        total = (
            settings.points
            + settings.refined
            + settings.held_out_draws * len(episodes_of(study.figures))
        )
        done = 0
        failed = list[str]()

        def simulate(runs: Sequence[Run]) -> dict[str, list[float]]:
            """Return the numbers of successful runs, by key; raise RunError if all fail."""
            nonlocal done

            def report(new: int, lost: int, _: int) -> None:
                if progress is not None:
                    progress(done + new, len(failed) + lost, total)

            simulator = partial(_outcome, study.simulator)
            failures = run_missing(
                simulator, runs, store, jobs=jobs, cluster=cluster, progress=report
            )
            kept = {
                run.key: store.outcomes[run.key]["outputs"]
                for run in runs
                if run.key in store.outcomes
            }
            if not kept:
                log = store.path / LOG if store.path else None
                raise error_of(failures, f"every run failed ({runs[0].key} and on)", log)
            done += len(kept)
            failed.extend(failures)
            return {
                key: [math.nan if value is None else value for value in values]
                for key, values in kept.items()
            }

        free = len(study.space)
        figures = study.figures
        points = sobol(settings.points, free, settings.seed)
        pool = _runs_at(study, settings, "pool", points, 100_000)
        outputs = simulate(pool)

        def learnt() -> Emulated:
            kept = [i for i, run in enumerate(pool) if run.key in outputs]
            values = np.array([outputs[pool[i].key] for i in kept])
            scaled = np.stack([one.scaled(values[:, at]) for at, one in enumerate(figures)], axis=1)
            return emulate(figures, points[kept], scaled, settings.seed, jobs)

        known = learnt()
        store.log("emulators have learnt from the pool")
        if settings.refined:
            joint, _ = _joint(known, study, settings)
            drawn = joint.some(settings.refined, settings.seed + 29)[:, :free]
            second = _runs_at(study, settings, "refined", drawn, 200_000)
            outputs |= simulate(second)  # failed runs are not repeated
            points = np.concatenate([points, drawn])
            pool = [*pool, *second]
            known = learnt()
            store.log("emulators have learnt from the second pool")
        held_out = leave_one_out(known, study, settings, simulate)
        store.log("held-out episodes have been forecast; draws of the posterior")
        calibration = _as_rows(study, settings, known, held_out)
        calibration.numbers["runs"] = kept_runs(pool, store)
        if failed:
            calibration.warnings.append(
                f"{len(failed)} runs failed and were left out: {', '.join(failed[:5])}"
            )
        calibration.folder = folder
        seconds = round(time.monotonic() - begun, 1)
        notes = {
            "command": " ".join(sys.argv),
            "wall_seconds": seconds,
            "warnings": calibration.warnings,
        }
        store.finish(lambda place: write_files(calibration, place), notes)
    return calibration


def _runs_at(
    study: Study, settings: Settings, name: str, points: Array, first_seed: int
) -> list[Run]:
    """Return runs of the whole record, one at each point."""
    first = settings.seed + first_seed
    return [
        Run(f"{name}-{i:04}", tuple(values_at(study.space, at).items()), first + i, settings.people)
        for i, at in enumerate(points)
    ]


def _identity(study: Study, settings: Settings) -> dict[str, Any]:
    """Return the identity of a calibration: parameters, figures, settings, code and data."""
    space = [
        [free.name, free.prior_low, free.prior_high, free.scale] for free in study.space.values()
    ]
    parts = {
        "settings": asdict(settings),
        "space": space,
        "figures": digest_of_figures(study.figures),
    }
    if read := getattr(study.simulator, "read", None):
        parts["set"] = [[path, str(value)] for path, value in read.values.items()]
        rest = {"days": read.days, "policies": read.added, "own": own_digests()}
        parts |= {name: value for name, value in rest.items() if value}
    digest = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
    whole = json.dumps([digest, program()], sort_keys=True)
    return {
        "run_id": short(hashlib.sha256(whole.encode()).hexdigest()),
        "experiment": "calibration",
        "settings": parts["settings"],
        "scenario": {"name": "calibration", "digest": digest},
        "seeds": [settings.seed],
        **program(),
    }


def _outcome(simulator: Simulator, run: Run) -> dict[str, Any]:
    """Return the numbers of a run, None for those that are not finite (JSON has no NaN)."""
    outputs = [float(value) if math.isfinite(value) else None for value in simulator(run)]
    return {"values": dict(run.values), "outputs": outputs}


@dataclass(frozen=True)
class HeldOut:
    """Forecasts of every figure from the other episodes."""

    members: dict[int, Array]
    """By figure: the value of each simulated draw [1]."""
    errors: Errors
    """The model's error by kind, from all episodes."""
    without: dict[str, Errors]
    """By episode: the error by kind, from the other episodes."""


def _split(figures: Sequence[Figure], episode: str) -> tuple[list[int], list[int]]:
    """Return the positions of an episode's figures, and of all other figures that a posterior
    weighs.
    """
    own = [at for at, one in enumerate(figures) if one.episode == episode]
    return own, [at for at in weighing(figures) if figures[at].episode != episode]


def _joint(known: Emulated, study: Study, settings: Settings) -> tuple[Particles, Likelihood]:
    """Return a few draws of the joint posterior, and its likelihood."""
    whole = likelihood(known, study.figures, weighing(study.figures))
    dimensions = len(study.space) + len(ERRORS)
    few = max(128, settings.particles // 4)
    return sample(whole, dimensions, settings.seed + 3, replicates=1, particles=few), whole


def leave_one_out(
    known: Emulated,
    study: Study,
    settings: Settings,
    simulate: Callable[[Sequence[Run]], dict[str, list[float]]],
) -> HeldOut:
    """Forecast every episode from the others, and estimate the model's error from the misses.

    Each forecast consists of draws of the posterior of the other episodes, simulated on this
    episode.

    Parameters
    ----------
    known : Emulated
        The emulators of every figure.
    study : Study
    settings : Settings
    simulate : callable
        Simulates runs and returns the numbers of successful ones, by key.
    """
    figures = study.figures
    episodes = episodes_of(study.figures)
    runs: dict[str, list[Run]] = {}
    joint, whole = _joint(known, study, settings)
    for number, episode in enumerate(episodes):
        weighed = likelihood(known, figures, _split(figures, episode)[1])
        others = sample(
            weighed,
            joint.points.shape[2],
            settings.seed + 17 * number,
            start=joint,
            start_density=whole,
        )
        first_seed = settings.seed + 50_000_000 + 10_000 * number
        drawn = others.some(settings.held_out_draws, settings.seed + 17 * number)
        runs[episode] = [
            Run(
                f"without-{episode}-{i:03}",
                tuple(values_at(study.space, point).items()),
                first_seed + i,
                settings.people,
                episode,
            )
            for i, point in enumerate(drawn[:, : len(study.space)])
        ]
    outputs = simulate([run for own in runs.values() for run in own])
    members: dict[int, Array] = {}
    off = np.full(len(figures), np.nan)
    variance = np.ones(len(figures))
    for at, figure in enumerate(figures):
        values = np.array(
            [outputs[run.key][at] for run in runs[figure.episode] if run.key in outputs]
        )
        finite = values[np.isfinite(values)]
        if finite.size > 1:
            scaled = figure.scaled(finite)
            members[at] = finite
            off[at] = figure.target - float(np.median(scaled))
            variance[at] = float(np.var(scaled, ddof=1)) + figure.spread**2
    without: dict[str, Errors] = {}
    for episode in episodes:
        others_at = [at for at, one in enumerate(figures) if one.episode != episode]
        without[episode] = estimate(
            [figures[at] for at in others_at], off[others_at], variance[others_at]
        )
    return HeldOut(members, estimate(figures, off, variance), without)


def _as_rows(study: Study, settings: Settings, known: Emulated, held_out: HeldOut) -> Calibration:
    """Return the calibration as rows."""
    which = weighing(study.figures)
    free = len(study.space)
    weighed = likelihood(known, study.figures, which)
    joint = sample(weighed, free + len(ERRORS), settings.seed + 5, particles=settings.particles)
    parameters = rows_of(study.space, joint)
    truths = sobol(min(MOST_TRUTHS, settings.points // 4), free + len(ERRORS), settings.seed + 7)
    found = ranks(weighed, truths, settings.seed + 11)[:, :free]
    best = np.median(error_sds(joint.flat), axis=0)
    r2 = [known.checks[at]["r2"] for at in which]
    numbers = {
        "effective": round(joint.effective, 1),
        "mixing": round(joint.mixing, 4),
        "power": 1.0,
        "accepted": round(joint.accepted, 3),
        "steps": joint.steps,
        "r2": [round(float(q), 3) for q in np.quantile(r2, (0.1, 0.5, 0.9))] if r2 else [],
        "ranks": [[round(float(rank), 4) for rank in row] for row in found],
        "free": len(study.space),
        "figures": len(study.figures),
        "episodes": len(episodes_of(study.figures)),
        "series": len({one.series for one in study.figures}),
        "narrowed": sum(row.shrink < NARROW for row in parameters),
        "error_sds": {
            f"{kind} {part}": round(float(sd), 3)
            for (kind, part), sd in zip(ERRORS, best, strict=True)
        },
        "settings": asdict(settings),
        "figures_digest": digest_of_figures(study.figures),
    }
    warnings = [
        f"hardly any run defines {one.name}: more people would"
        for at, one in enumerate(study.figures)
        if known.variance[at] >= UNKNOWN
    ]
    if joint.mixing > MIXED:
        warnings.append(
            f"replicates of the posterior differ (R-hat {joint.mixing:.2f}): more particles would help"
        )
    return Calibration(
        parameters=parameters,
        figures=[
            _figure_row(one, held_out.members.get(at, np.empty(0)), known.checks[at])
            for at, one in enumerate(study.figures)
        ],
        errors=_error_rows("", held_out.errors)
        + [row for episode, own in held_out.without.items() for row in _error_rows(episode, own)],
        draws=[
            values_at(study.space, point[:free])
            for point in joint.some(POSTERIOR_DRAWS, settings.seed + 99)
        ],
        numbers=numbers,
        warnings=warnings,
    )


def _figure_row(one: Figure, members: Array, checks: Mapping[str, float]) -> dict[str, Any]:
    """Return a figure as a row, with its held-out forecast and the quality of its emulator."""
    low, middle, high = (
        map(float, np.quantile(members, (0.1, 0.5, 0.9))) if members.size else (None, None, None)
    )
    return {
        "row": one.row or one.name,
        "event": one.event,
        "episode": one.episode,
        "kind": one.tests or one.kind,
        "date": one.date,
        "name": one.name,
        "error_kind": one.kind,
        "observed": one.observed,
        "tolerance": one.tolerance,
        "median": middle,
        "low": low,
        "high": high,
        "members": members.tolist(),
        **checks,
    }


def _error_rows(without: str, errors: Errors) -> list[dict[str, Any]]:
    """Return the model's error by kind as rows of ``discrepancy.csv``, contact last.

    The row of contact stays an assumption, because surveys of lost contact measure something
    else.
    """
    rows: list[dict[str, Any]] = [
        {
            "kind": kind,
            "without": without,
            "scale": SCALE_OF[kind],
            **vars(one),
            "sd": one.sd,
            "basis": "measured",
            "techniques": "|".join(
                f"{name}:{number}:{sd:.4g}" for name, number, sd in one.techniques if name
            ),
            "source": "held-out episodes of the record, python -m splinternet.fit calibrate",
        }
        for kind, one in errors.items()
    ]
    kept, contact = (
        next(row for row in rows if row["kind"] == kind) for kind in ("kept", "contact")
    )
    if contact["series"]:
        source = "assumption: held-out figures of lost contact, surveys of other things than the model's figure"
    else:
        source = "assumption: without any count of lost contact, as wide as that of kept, whose scale it has"
        contact |= {**kept, "kind": "contact", "bias": 0.0, "series": 0, "episodes": 0}
    contact |= {"basis": "assumption", "source": source}
    return rows
