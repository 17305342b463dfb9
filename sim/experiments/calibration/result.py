"""The result of a calibration as plain numbers: parameters, joint draws, forecasts of held-out episodes, and errors."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
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


@dataclass
class Calibration:
    """What a calibration found.

    Attributes
    ----------
    parameters : list of ParameterRow
        One for each that is fitted.
    figures : list of dict
        Each figure with how well it is emulated, and the members of its held-out forecast.
    errors : list of dict
        The model's error by kind, and by kind without each episode: the rows of ``discrepancy.csv``.
    draws : list of dict of str to float
        Joint draws of the posterior, by parameter.
    numbers : dict
        Counts and settings.
    warnings : list of str
        What a reader must know.
    folder : Path or None
        Where it was written.
    """

    parameters: list[ParameterRow]
    figures: list[dict[str, Any]]
    errors: list[dict[str, Any]]
    draws: list[dict[str, float]]
    numbers: dict[str, Any]
    warnings: list[str] = field(default_factory=list)
    folder: Path | None = None

    def data(self) -> dict[str, Any]:
        """Return all of it as JSON can hold it, the draws left out."""
        return {
            "numbers": self.numbers,
            "warnings": self.warnings,
            "parameters": [vars(row) for row in self.parameters],
            "figures": self.figures,
            "errors": self.errors,
        }


def table_text(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> str:
    """Return rows as CSV, numbers to six figures."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([f"{row[c]:.6g}" if isinstance(row[c], float) else row[c] for c in columns])
    return stream.getvalue()


PARAMETER_COLUMNS = tuple(one.name for one in fields(ParameterRow))
