"""Score a forecast on record against observations: WIS, CRPS and coverage."""

from __future__ import annotations

import csv
import json
import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.errors import InputError, Problem
from sim.experiments.forecast.run import REGISTRATION
from sim.experiments.forecast.targets import key
from sim.experiments.hindcast.scores import HIGH, LOW, crps_of_quantiles, interval_score
from sim.facts.table import Row, checked_rows
from sim.metrics.registry import METRICS
from sim.results.csv_cells import original
from sim.results.identity import file_hash
from sim.scenario import load

OBSERVED_COLUMNS = ("location", "target", "platform", "group", "kind", "of", "target_end_date", "observation")
"""The columns of a CSV of what was counted: what is forecast, and the figure [1]."""
type Key = tuple[str, ...]


@dataclass(frozen=True)
class ScoredQuantiles:
    """A target of a forecast that somebody counted.

    Attributes
    ----------
    key : tuple of str
        Metric, state, platform, group, ``gain`` or ``level``, ``of`` and date.
    quantiles : mapping of float to float
        By level [1].
    observed : float
        What was counted [1].
    """

    key: Key
    quantiles: Mapping[float, float]
    observed: float

    @property
    def wis(self) -> float:
        """The weighted interval score [1]."""
        return interval_score(list(self.quantiles), list(self.quantiles.values()), self.observed)

    @property
    def crps(self) -> float:
        """The CRPS, from the quantiles [1]."""
        return crps_of_quantiles(list(self.quantiles), list(self.quantiles.values()), self.observed)

    @property
    def is_covered(self) -> bool:
        """Whether the figure lies in the 80 % interval."""
        return self.quantiles[LOW] <= self.observed <= self.quantiles[HIGH]

    def data(self) -> dict[str, object]:
        """Return it as JSON data."""
        names = ("metric", "state", "platform", "group", "kind", "of", "date")
        middle, low, high = (self.quantiles[level] for level in (0.5, LOW, HIGH))
        entry = {"observed": self.observed, "median": middle, "low": low, "high": high}
        score = {"covered": self.is_covered, "wis": self.wis, "crps": self.crps}
        return {**{name: part or None for name, part in zip(names, self.key, strict=True)}, **entry, **score}


@dataclass(frozen=True)
class ForecastScore:
    """The score of a forecast.

    Attributes
    ----------
    rows : tuple of ScoredQuantiles
        Targets that were counted.
    unmatched : tuple of tuple of str
        What was counted and is not in the forecast, as keys.
    registered : str
        When the forecast was written down.
    scenario : str
        What it is of.
    """

    rows: tuple[ScoredQuantiles, ...]
    unmatched: tuple[Key, ...]
    registered: str
    scenario: str

    def data(self) -> dict[str, object]:
        """Return it as JSON data."""
        return {
            "scenario": self.scenario,
            "registered": self.registered,
            "targets": len(self.rows),
            "wis": statistics.fmean(row.wis for row in self.rows),
            "crps": statistics.fmean(row.crps for row in self.rows),
            "coverage": statistics.fmean(row.is_covered for row in self.rows),
            "width": statistics.fmean(row.quantiles[HIGH] - row.quantiles[LOW] for row in self.rows),
            "rows": [row.data() for row in self.rows],
            "not_forecast": [" ".join(filter(None, one)) for one in self.unmatched],
        }


def score(folder: Path | str, observed: Path | str) -> ForecastScore:
    """Score a forecast by what was counted since.

    Parameters
    ----------
    folder : path
        What `forecast` wrote.
    observed : path
        What was counted: a scenario with ``observed:`` (only rows that are ``scored`` count), or a CSV with the columns
        of `OBSERVED_COLUMNS`.

    Raises
    ------
    InputError
        When there is no forecast, one of its files was changed, or nothing that was counted is in it.
    """
    at = Path(folder)
    registration = _registration(at)
    known: dict[Key, dict[float, float]] = {}
    for name in registration["files_sha256"]:
        if Path(name).suffix == ".csv":
            _read_quantiles(at / name, known)
    counted = _observed(observed)
    rows = [ScoredQuantiles(one, known[one], value) for one, value in counted if one in known]
    if not rows:
        hint = "metric, place, platform, 'of', kind and date must all agree with a row of the forecast"
        raise InputError(
            Problem(str(observed), "nothing in it is in the forecast", f"a figure that {at} forecasts", hint)
        )
    unmatched = tuple(one for one, _ in counted if one not in known)
    return ForecastScore(tuple(rows), unmatched, registration["registered"], registration["scenario"]["name"])


def _registration(folder: Path) -> dict[str, Any]:
    """Return what a forecast says of itself, after a look at each of its files."""
    path = folder / REGISTRATION
    if not path.is_file():
        hint = "splinternet forecast SCENARIO --out DIR writes one"
        raise InputError(Problem(str(folder), "there is no forecast here", f"a folder with {REGISTRATION}", hint))
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    for name, digest in found["files_sha256"].items():
        if not (folder / name).is_file() or file_hash(folder / name) != digest:
            said = "it is missing or was changed after the forecast was written down"
            raise InputError(Problem(str(folder / name), said, f"the file with SHA-256 {digest}"))
    return found


def _read_quantiles(path: Path, known: dict[Key, dict[float, float]]) -> None:
    """Add the quantiles of a model-output file, by target."""
    with path.open(encoding="utf-8", newline="") as file:
        for cells in csv.DictReader(file):
            row = {name: original(cell) for name, cell in cells.items()}
            if row["output_type"] == "quantile":
                known.setdefault(_key_of(row), {})[float(row["output_type_id"])] = float(row["value"])


def _key_of(row: Mapping[str, str]) -> Key:
    """Return the key of a row of a model-output file, or of a table of what was counted."""
    state = "" if row["group"] else row["location"]
    return (row["target"], state, row["platform"], row["group"], row["kind"], row["of"], row["target_end_date"])


def _observed(path: Path | str) -> list[tuple[Key, float]]:
    """Return what was counted, by target."""
    if Path(path).suffix != ".csv":
        spec = load(path, known_metrics=METRICS)
        if not spec.observed:
            raise InputError(Problem(str(path), "nothing under 'observed:'", "a scenario with observed figures"))
        return [(key(one), one.value) for one in spec.observed if one.use == "scored"]
    if not Path(path).is_file():
        raise InputError(Problem(str(path), "there is no such file", "a CSV or a scenario with observed:"))
    return [_counted(row) for row in checked_rows(Path(path), OBSERVED_COLUMNS)]


def _counted(row: Row) -> tuple[Key, float]:
    """Return one line of a CSV of what was counted, noting what is wrong with it."""
    row.one_of("kind", ("gain", "level"))
    row.day("target_end_date")
    row.text("location")
    row.one_of("target", list(METRICS))
    return _key_of(row.cells), row.number("observation")
