"""Write the results of a calibration: the files of its folder and, on request, the fact tables of the model."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sim.experiments.calibration.result import PARAMETER_COLUMNS, Calibration, ParameterRow, table_text
from sim.experiments.calibration.space import FACTS
from sim.experiments.calibration.stamp import DISCREPANCY, LEFT_OUT, POSTERIOR, STAMP
from sim.experiments.charts import charts_of, draw
from sim.facts import posterior
from sim.facts.discrepancy import COLUMNS as ERROR_COLUMNS
from sim.facts.discrepancy import forget
from sim.facts.posterior import read_draws
from sim.results.files import write_text

REPORT = "report.json"
LEFT_OUT_COLUMNS = ("row", "event", "episode", "kind", "date", "observed", "tolerance", "median", "low", "high",
                    "members", "digest")  # fmt: skip
SAYS_NOTHING = 0.9
"""Posterior against prior standard deviation from which a parameter keeps its prior range: the data say next to
nothing, and the central 90 % of the prior would look like a finding [1]."""
FITTED = "fitted: splinternet calibrate on the record, see docs/evidence.md"
_FORMER = ("fitted: history matching on calibration.csv, see docs/evidence.md",)


def write_files(found: Calibration, folder: Path) -> None:
    """Write the report, its tables and its charts into a folder."""
    from sim.plots import save_forms

    write_text(folder / REPORT, json.dumps(found.data(), indent=1, allow_nan=False) + "\n")
    write_text(folder / "parameters.csv", table_text(map(vars, found.parameters), PARAMETER_COLUMNS))
    for name, text in tables_of(found).items():
        write_text(folder / name, text)
    for name in charts_of("calibration"):
        figure = draw("calibration", found, name=name)
        save_forms(figure, folder / "figures", name, figure.result)


def tables_of(found: Calibration) -> dict[str, str]:
    """Return the tables that a calibration makes for the model, by the names of their files."""
    digest = {"digest": digest_of(found)}
    left_out = [
        {**row, "members": " ".join(f"{value:.5g}" for value in row["members"]), **digest}
        for row in found.figures
        if row["members"]
    ]
    return {
        LEFT_OUT: table_text(left_out, LEFT_OUT_COLUMNS),
        DISCREPANCY: table_text([{**row, **digest} for row in found.errors], ERROR_COLUMNS),
        POSTERIOR: table_text(found.draws, [row.name for row in found.parameters]),
    }


def digest_of(found: Calibration) -> str:
    """Return one digest of the rules, the facts and the events that a calibration is of."""
    return hashlib.sha256(json.dumps(found.numbers["stamp"], sort_keys=True).encode()).hexdigest()[:12]


def read_report(folder: Path) -> Calibration:
    """Return the calibration that a finished folder holds."""
    data: dict[str, Any] = json.loads((folder / REPORT).read_text(encoding="utf-8"))
    return Calibration(
        parameters=[ParameterRow(**row) for row in data["parameters"]],
        figures=data["figures"],
        errors=data["errors"],
        draws=[dict(row) for row in read_draws(folder / POSTERIOR)],
        numbers=data["numbers"],
        warnings=data["warnings"],
        folder=folder,
    )


def write_back(found: Calibration, facts: Path = FACTS) -> list[Path]:
    """Put values and ranges into the table of parameters, and the other tables and their stamp beside it.

    A row's basis stays what it was; its source says that it is fitted. All other rows keep their bytes.

    Returns
    -------
    list of Path
        The files written.
    """
    table = facts / "parameters.csv"
    texts = {"parameters.csv": with_fitted(table.read_text(encoding="utf-8"), found.parameters), **tables_of(found)}
    for name, text in texts.items():
        write_text(facts / name, text)
    tables = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in tables_of(found).items()}
    kept = {name: found.numbers[name] for name in ("settings", "figures_digest", "runs")}
    stamp = {**found.numbers["stamp"], "tables": tables, **kept}
    write_text(facts / STAMP, json.dumps(stamp, indent=1) + "\n")
    forget()
    posterior.forget()
    return [facts / name for name in (*texts, STAMP)]


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
    rest = known["source"].removeprefix(head)
    for former in (FITTED, *_FORMER):
        rest = rest.removeprefix(former).removeprefix("; ")
    return {"value": value, "low": low, "high": high, "source": f"{head}{FITTED}; {rest}"}
