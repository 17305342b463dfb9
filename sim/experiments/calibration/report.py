"""Write what a calibration found: the files of its folder, and, when asked, the tables of facts of the model."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sim.experiments.calibration.result import (
    FORECAST_COLUMNS,
    PARAMETER_COLUMNS,
    Calibration,
    ForecastRow,
    ParameterRow,
    table_text,
)
from sim.experiments.calibration.space import FACTS
from sim.experiments.charts import charts_of, draw
from sim.results.files import write_text

REPORT, POSTERIOR, LEFT_OUT = "report.json", "posterior.csv", "leave_one_out.csv"
LEAVE_ONE_OUT = FACTS / LEFT_OUT
"""The table that ``splinternet hindcast`` prints the leave-one-out error from."""
SAYS_NOTHING = 0.9
"""Posterior against prior standard deviation from which a parameter keeps its prior range: the data say next to
nothing, and the central 90 % of the prior would look like a finding [1]."""
FITTED = "fitted: history matching on calibration.csv, see docs/evidence.md"
_BY_HAND = "; the value is set by hand with the calibration events in sight, one for all"


def write_files(found: Calibration, folder: Path) -> None:
    """Write the report, its tables and its charts into a folder."""
    from sim.plots import save_forms

    write_text(folder / REPORT, json.dumps(found.data(), indent=1) + "\n")
    write_text(folder / "parameters.csv", table_text(map(asdict, found.parameters), PARAMETER_COLUMNS))
    write_text(folder / "targets.csv", table_text(found.targets, list(found.targets[0])))
    write_text(folder / POSTERIOR, posterior_text(found))
    write_text(folder / LEFT_OUT, table_text(map(asdict, found.held_out), FORECAST_COLUMNS))
    for name in charts_of("calibration") if found.held_out else ("prior_and_posterior",):
        figure = draw("calibration", found, name=name)
        save_forms(figure, folder / "figures", name, figure.result)


def posterior_text(found: Calibration) -> str:
    """Return the joint draws as CSV, a column a parameter."""
    return table_text(found.draws, [row.name for row in found.parameters])


def read_report(folder: Path) -> Calibration:
    """Return the calibration that a finished folder holds."""
    data: dict[str, Any] = json.loads((folder / REPORT).read_text(encoding="utf-8"))
    with (folder / POSTERIOR).open(encoding="utf-8", newline="") as file:
        draws = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
    return Calibration(
        parameters=[ParameterRow(**row) for row in data["parameters"]],
        targets=data["targets"],
        held_out=[ForecastRow(**row) for row in data["leave_one_out"]],
        emulators=data["emulators"],
        waves=data["waves"],
        draws=draws,
        eigenvalues=data["eigenvalues"],
        numbers={key: value for key, value in data["numbers"].items() if key != "directions"},
        warnings=data["warnings"],
        folder=folder,
    )


def write_back(found: Calibration, facts: Path = FACTS) -> list[Path]:
    """Put values and ranges into the table of parameters, and the draws and held-out forecasts beside it.

    A row's basis stays what it was; its source says that it is fitted. All other rows keep their bytes.

    Returns
    -------
    list of Path
        The files written.
    """
    table = facts / "parameters.csv"
    text = with_fitted(table.read_text(encoding="utf-8"), found.parameters)
    paths = [table, facts / POSTERIOR, facts / LEFT_OUT]
    held_out = table_text(map(asdict, found.held_out), FORECAST_COLUMNS)
    for path, own in zip(paths, (text, posterior_text(found), held_out), strict=True):
        write_text(path, own)
    return paths


def with_fitted(text: str, rows: Sequence[ParameterRow]) -> str:
    """Return the table of parameters, as text, with the values and ranges that were fitted."""
    fitted = {row.name: row for row in rows}
    lines = text.splitlines(keepends=True)
    header = next(csv.reader(lines[:1]))
    for i, line in enumerate(lines[1:], start=1):
        cells = dict(zip(header, next(csv.reader([line])), strict=True))
        if cells["name"] in fitted:
            cells |= _cells(fitted[cells["name"]], cells)
            stream = io.StringIO()
            csv.writer(stream, lineterminator="\n").writerow([cells[name] for name in header])
            lines[i] = stream.getvalue()
    return "".join(lines)


def range_of(row: ParameterRow) -> tuple[float, float]:
    """Return the range a parameter gets: its posterior's, its prior's where the data say nothing; the value within."""
    low, high = (row.prior_low, row.prior_high) if row.shrink > SAYS_NOTHING else (row.low, row.high)
    return min(low, row.chosen), max(high, row.chosen)


def _cells(row: ParameterRow, known: Mapping[str, str]) -> dict[str, str]:
    """Return the cells that change: value, range, source."""
    low, high = (f"{end:.3g}" for end in range_of(row))
    value = f"{row.chosen:.3g}"
    # Rounding must not put the value outside.
    low, high = min(low, value, key=float), max(high, value, key=float)
    head = "assumption: " if known["basis"] == "assumption" else ""
    rest = known["source"].removeprefix(head).replace(_BY_HAND, "").removeprefix(FITTED).removeprefix("; ")
    return {"value": value, "low": low, "high": high, "source": f"{head}{FITTED}; {rest}"}
