"""Whether a stored calibration is still valid for a changed program: some of its runs are repeated and compared.

Many changes of the code, for example for speed, do not change results. A calibration takes hours, so it stores a few of
its runs with their outputs. If the current program gives the same outputs, except for the rounding of long sums, the
stamp is renewed. If not, nothing is written, and the calibration must be run again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sim.errors import InputError, Problem
from sim.experiments.calibration.figures import Figure, digest_of_figures
from sim.experiments.calibration.simulator import Run, Simulator
from sim.experiments.calibration.space import FACTS
from sim.experiments.calibration.stamp import STAMP, altered, read_stamp, stamp_now
from sim.experiments.executors import Failure, Progress, outcomes
from sim.results.files import write_text

KEPT_RUNS = 3
"""Runs that a calibration keeps with what they said: each is one point of the prior on every event."""
ROUNDING = 1e-7
"""Relative difference that two figures may have: time and money are recorded to eight significant digits."""


def kept_runs(runs: Sequence[Run], outputs: Mapping[str, Sequence[float | None]]) -> list[dict[str, Any]]:
    """Return the first runs of a calibration as JSON can hold them, with what they said of each figure."""
    kept = [run for run in runs if run.key in outputs][:KEPT_RUNS]
    return [
        {
            "key": run.key,
            "values": dict(run.values),
            "seed": run.seed,
            "people": run.people,
            "said": list(outputs[run.key]),
        }
        for run in kept
    ]


def confirm(
    figures: Sequence[Figure],
    simulator: Simulator,
    folder: Path = FACTS,
    *,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> int:
    """Do the kept runs of the stored calibration again, and renew its stamp where they say the same.

    Parameters
    ----------
    figures : sequence of Figure
        What is observed today.
    simulator : callable
        Today's program.
    folder : Path
        The folder of facts, with the stored calibration.
    jobs, progress
        As for `calibrate`.

    Returns
    -------
    int
        How many figures were compared.

    Raises
    ------
    InputError
        There is no stored calibration, its tables or the figures were changed, or a run says something else. Nothing is
        written then.
    """
    stored = read_stamp(folder)
    kept: Sequence[Mapping[str, Any]] = (stored or {}).get("runs", ())
    if stored is None or not kept:
        raise _refused("no stored calibration that keeps some of its runs")
    changed = altered(folder, stored)
    if changed:
        raise _refused(f"{' and '.join(changed)} changed since the calibration wrote them")
    if stored.get("figures_digest") != digest_of_figures(figures):
        raise _refused("other figures are observed than the calibration was fitted to")
    runs = [Run(one["key"], tuple(one["values"].items()), one["seed"], one["people"]) for one in kept]
    said = {one["key"]: one["said"] for one in kept}
    compared = 0
    for done, (run, outcome) in enumerate(outcomes(simulator, runs, jobs=jobs), start=1):
        if isinstance(outcome, Failure):
            raise _refused(f"{run.key} fails: {outcome.last_words}")
        now = np.array(outcome, np.float64)
        before = np.array([np.nan if value is None else value for value in said[run.key]], np.float64)
        unlike = ~np.isclose(now, before, rtol=ROUNDING, atol=0.0, equal_nan=True)
        if unlike.any():
            at = int(np.flatnonzero(unlike)[0])
            found = f"{int(unlike.sum())} of {unlike.size} figures differ, {figures[at].name} first: {now[at]:.6g}"
            raise _refused(f"{found} now, {before[at]:.6g} when it was calibrated")
        compared += unlike.size
        if progress is not None:
            progress(done, 0, len(runs))
    write_text(folder / STAMP, json.dumps({**stored, **stamp_now()}, indent=1) + "\n")
    return compared


def _refused(found: str) -> InputError:
    return InputError(
        Problem(
            "calibration", found, "the program that it was made with", "splinternet calibrate --write makes it again"
        )
    )
