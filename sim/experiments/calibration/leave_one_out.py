"""Leave one event out: what the posterior that has not seen an event forecasts for it, beside dull rivals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.experiments.calibration.one_curve import dose_of, fit_curve
from sim.experiments.calibration.result import ForecastRow
from sim.experiments.calibration.simulator import Work
from sim.experiments.calibration.waves import Known, Settings, Study, posterior_of
from sim.experiments.hindcast.run import HIGH, LOW, row_of
from sim.experiments.hindcast.targets import Target
from sim.scenario import load


def leave_one_out(study: Study, known: Known, work: Work, settings: Settings) -> list[ForecastRow]:
    """Return forecasts of every event from the others; none where there is a single event.

    Parameters
    ----------
    study, known, work, settings
        What was matched, what was learnt, and how runs are done.
    """
    rows: list[ForecastRow] = []
    for event in study.events:
        others = study.without(event)
        if others:
            rows += _forecast(study, known, work, settings, event, others)
    return rows


def _forecast(
    study: Study, known: Known, work: Work, settings: Settings, event: str, others: Sequence[int]
) -> list[ForecastRow]:
    """Return the forecasts of one event: draws of the posterior of the others, simulated."""
    draws = posterior_of(known, work, settings, f"without-{event}", others)
    points = spread(np.array(draws["points"]), np.array(draws["density"]), settings.held_out_draws)
    first = settings.seed + 50_000_000
    runs = [study.run(f"without-{event}-{i:03}", point, first + i, settings.people) for i, point in enumerate(points)]
    told = work.do(runs, study.simulator)
    simulated = np.array([told[run.key] for run in runs if run.key in told])
    best = int(known.budget.log_likelihood(simulated, 0.0, others).argmax())
    seen = float(np.abs(simulated[best] - known.budget.observed)[others].mean())
    curve = fit_curve([study.targets[j] for j in others])
    rows = []
    for j, target in enumerate(study.targets):
        if target.event == event:
            rows.append(_row(target, simulated[:, j], best, curve.retained(*dose_of(target)), seen))
    return rows


def spread(points: np.ndarray, density: np.ndarray, n: int) -> np.ndarray:
    """Return the likeliest draw and others in the order in which they were kept, shape (n, parameters)."""
    best = int(density.argmax())
    rest = [i for i in range(len(points)) if i != best]
    return points[[best, *rest[: n - 1]]]


def _row(target: Target, simulated: np.ndarray, best: int, curve: float, seen: float) -> ForecastRow:
    """Return a target with its forecasts."""
    spec = load(target.scenario)
    rivals = row_of(target, spec, [np.ones(1)])
    low, middle, high = (float(x) for x in np.quantile(simulated, (LOW, 0.5, HIGH)))
    return ForecastRow(
        event=target.event, state=target.state, platform=target.platform, metric=target.metric,
        reference=target.reference, date=str(target.day), observed=target.observed, tolerance=target.tolerance,
        simulated=middle, low=low, high=high, at_optimum=float(simulated[best]),
        curve=curve if dose_of(target)[0] > 0 else rivals.still, half=rivals.half, still=rivals.still,
        error_seen=seen,
    )  # fmt: skip
