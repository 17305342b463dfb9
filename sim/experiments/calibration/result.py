"""What a calibration found, as plain numbers: parameters, targets, and forecasts of events that were held out."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class ParameterRow:
    """What the data say of one parameter.

    Attributes
    ----------
    name : str
    scale : {"lin", "log"}
        The scale on which its prior is uniform.
    prior_low, prior_high : float
        Ends of the prior.
    low, median, high : float
        5, 50 and 95 % of the posterior.
    chosen : float
        The value that is taken.
    shrink : float
        Posterior against prior standard deviation, on the prior's scale; 1 where the data say nothing [1].
    confounded_with : str
        The parameter with which it goes most strongly in the posterior.
    correlation : float
        And how strongly, -1 to 1.
    """

    name: str
    scale: str
    prior_low: float
    prior_high: float
    low: float
    median: float
    high: float
    chosen: float
    shrink: float
    confounded_with: str
    correlation: float


@dataclass(frozen=True)
class ForecastRow:
    """A target of an event, forecast from the other events alone.

    Attributes
    ----------
    event, state, platform, metric, reference, date : str
        The target, as in calibration.csv.
    observed, tolerance : float
        Ratio to the reference [1].
    simulated, low, high : float
        Median, 10 and 90 % of simulated draws of the posterior that has not seen the event [1].
    at_optimum : float
        At the one draw that meets the other events best [1].
    curve, half, still : float
        The rivals: one curve of enforcement fitted to the other events, "half", "nothing changes" [1].
    error_seen : float
        Mean absolute error of that optimum on the targets it was fitted to: whether the fit had converged [1].
    """

    event: str
    state: str
    platform: str
    metric: str
    reference: str
    date: str
    observed: float
    tolerance: float
    simulated: float
    low: float
    high: float
    at_optimum: float
    curve: float
    half: float
    still: float
    error_seen: float

    def error(self, by: str = "simulated") -> float:
        """Return forecast less observed [1]."""
        return float(getattr(self, by)) - self.observed


def mean_error(rows: Sequence[ForecastRow], by: str = "simulated") -> float:
    """Return the mean absolute error of a forecast over targets [1]; NaN where there are none."""
    return sum(abs(row.error(by)) for row in rows) / len(rows) if rows else float("nan")


def inside(rows: Sequence[ForecastRow], by: str = "simulated") -> int:
    """Return how many targets a forecast meets within tolerance."""
    return sum(abs(row.error(by)) <= row.tolerance + 1e-12 for row in rows)


@dataclass
class Calibration:
    """What a calibration found.

    Attributes
    ----------
    parameters : list of ParameterRow
    targets : list of dict
        Each target with what the chosen parameters give, simulated: ``observed``, ``simulated``, ``used``, ...
    held_out : list of ForecastRow
        Forecasts of each event from the others.
    emulators : list of dict
        How well each fitted target is emulated.
    waves : list of dict
        Runs, part of the prior that is not ruled out, and the cut, by wave.
    draws : list of dict of str to float
        Joint draws of the posterior, by parameter.
    eigenvalues : list of float
        Posterior against prior variance along the directions of the data, ascending [1].
    numbers : dict
        Counts and settings: ``free``, ``targets``, ``independent_targets``, ``effective_draws`` ...
    warnings : list of str
    folder : Path or None
        Where it was written.
    """

    parameters: list[ParameterRow]
    targets: list[dict[str, Any]]
    held_out: list[ForecastRow]
    emulators: list[dict[str, Any]]
    waves: list[dict[str, Any]]
    draws: list[dict[str, float]]
    eigenvalues: list[float]
    numbers: dict[str, Any]
    warnings: list[str] = field(default_factory=list)
    folder: Path | None = None

    @property
    def directions(self) -> float:
        """How many directions the data narrow: the part of the variance that is gone, summed over directions.

        A direction that few draws make look narrow is made up for by one that they make look wide.
        """
        return max(0.0, sum(1.0 - value for value in self.eigenvalues))

    def data(self) -> dict[str, Any]:
        """Return all of it as JSON can hold it, the draws left out."""
        return {
            "numbers": {**self.numbers, "directions": round(self.directions, 3)},
            "warnings": self.warnings,
            "parameters": [asdict(row) for row in self.parameters],
            "targets": self.targets,
            "leave_one_out": [asdict(row) for row in self.held_out],
            "emulators": self.emulators,
            "waves": self.waves,
            "eigenvalues": self.eigenvalues,
        }


def table_text(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> str:
    """Return rows as CSV, numbers to six figures."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([f"{row[c]:.6g}" if isinstance(row[c], float) else row[c] for c in columns])
    return stream.getvalue()


FORECAST_COLUMNS = tuple(one.name for one in fields(ForecastRow))
PARAMETER_COLUMNS = tuple(one.name for one in fields(ParameterRow))


def read_forecasts(path: Path) -> list[ForecastRow]:
    """Return the forecasts of a table; none where there is no such file."""
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    texts = {"event", "state", "platform", "metric", "reference", "date"}
    told: list[dict[str, Any]] = [{k: v if k in texts else float(v) for k, v in row.items()} for row in rows]
    return [ForecastRow(**row) for row in told]
