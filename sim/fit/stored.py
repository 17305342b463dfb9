"""The stored calibration: its tables, and a check that they belong to this program.

A calibration writes tables beside the facts, and ``calibration.json`` with three of its runs and
their values of every figure. They belong to any program that gives the same numbers: `confirm`
repeats the three runs on the whole record, and tests repeat them on short episodes.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError, Problem
from ..experiments.experiment import Store
from ..experiments.hindcast import Run, Scoreboard, ScoredRow, Simulator, with_error
from ..experiments.options import Progress
from ..experiments.parallel import Failure, outcomes
from ..experiments.record import Past, record
from ..facts.record import ERROR_COLUMNS, STAMP, forget, read_draws, read_stamp, why_refused
from ..results.files import write_text
from .space import FACTS, Figure, ParameterRow, counted_contact, digest_of_figures, fitted

REPORT = "report.json"
LEFT_OUT = "leave_one_out.csv"
ERRORS_TABLE = "discrepancy.csv"
DRAWS_TABLE = "posterior.csv"
LEFT_OUT_COLUMNS = (
    "row",
    "event",
    "episode",
    "kind",
    "date",
    "observed",
    "tolerance",
    "median",
    "low",
    "high",
    "members",
    "digest",
)
SAYS_NOTHING = 0.9
"""Posterior standard deviation, relative to the prior one, above which a parameter keeps its prior
range [1]. The data then have almost no information, and a narrower range would look like a
result.
"""
FITTED = "fitted: python -m splinternet.fit calibrate on the record, see docs/evidence.md"
KEPT_RUNS = 3
"""Number of runs that a calibration keeps with their figures; each run is one point of the prior on
every event.
"""
ROUNDING = 1e-7
"""Allowed relative difference of two figures: time and money are recorded to eight significant
digits.
"""


@dataclass
class Calibration:
    """The outcome of a calibration."""

    parameters: list[ParameterRow]
    """A row for each fitted parameter."""
    figures: list[dict[str, Any]]
    """Each figure with the quality of its emulator, and the members of its held-out forecast."""
    errors: list[dict[str, Any]]
    """The model's error by kind, and by kind without each episode: the rows of
    ``discrepancy.csv``.
    """
    draws: list[dict[str, float]]
    """Joint draws of the posterior, by parameter."""
    numbers: dict[str, Any]
    """Counts and settings."""
    warnings: list[str] = field(default_factory=list)
    """Warnings for the reader."""
    folder: Path | None = None
    """The folder to which it was written."""

    def data(self) -> dict[str, Any]:
        """Return the calibration without the draws, for JSON."""
        return {
            "numbers": self.numbers,
            "warnings": self.warnings,
            "parameters": [vars(row) for row in self.parameters],
            "figures": self.figures,
            "errors": self.errors,
        }


def write_files(found: Calibration, folder: Path) -> None:
    """Write the report, its tables and its charts into a folder."""
    from ..plots import save_forms
    from . import charts

    write_text(folder / REPORT, json.dumps(found.data(), indent=1, allow_nan=False) + "\n")
    columns = [one.name for one in fields(ParameterRow)]
    tables = {
        "parameters.csv": _table_text(map(vars, found.parameters), columns),
        **tables_of(found),
    }
    for name, text in tables.items():
        write_text(folder / name, text)
    for chart in charts.CHARTS:
        figure = chart(found)
        save_forms(figure, folder / "figures", chart.__name__, figure.result)


def read_report(folder: Path) -> Calibration:
    """Return the calibration in a finished folder."""
    data: dict[str, Any] = json.loads((folder / REPORT).read_text(encoding="utf-8"))
    rows = [ParameterRow(**row) for row in data["parameters"]]
    draws = [*map(dict, read_draws(folder / DRAWS_TABLE))]
    return Calibration(
        rows, data["figures"], data["errors"], draws, data["numbers"], data["warnings"], folder
    )


def tables_of(found: Calibration) -> dict[str, str]:
    """Return a calibration's tables for the model, by file name."""
    said = json.dumps(
        [found.numbers["settings"], found.numbers["figures_digest"], found.numbers["runs"]]
    )
    digest = {"digest": hashlib.sha256(said.encode()).hexdigest()[:12]}
    left_out = [
        {**row, "members": " ".join(f"{value:.5g}" for value in row["members"]), **digest}
        for row in found.figures
        if row["members"]
    ]
    return {
        LEFT_OUT: _table_text(left_out, LEFT_OUT_COLUMNS),
        ERRORS_TABLE: _table_text([{**row, **digest} for row in found.errors], ERROR_COLUMNS),
        DRAWS_TABLE: _table_text(found.draws, [row.name for row in found.parameters]),
    }


def _table_text(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> str:
    """Return rows as CSV, numbers to six figures."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(
        [f"{row[c]:.6g}" if isinstance(row[c], float) else row[c] for c in columns] for row in rows
    )
    return stream.getvalue()


def write_back(found: Calibration, facts: Path = FACTS) -> list[Path]:
    """Write values and ranges into the table of parameters, and the other tables and their stamp
    beside it.

    A fitted row keeps its basis, and its source states the fit. All other rows keep their bytes.

    Returns
    -------
    list of Path
        The files written.
    """
    tables = tables_of(found)
    stamp = {
        "tables": {
            name: hashlib.sha256(text.encode()).hexdigest() for name, text in tables.items()
        },
        **{name: found.numbers[name] for name in ("settings", "figures_digest", "runs")},
        "rows": [row["row"] for row in found.figures],
        "posterior": {
            name: found.numbers[name] for name in ("effective", "mixing", "power", "accepted", "r2")
        },
    }
    parameters = with_fitted(
        (facts / "parameters.csv").read_text(encoding="utf-8"), found.parameters
    )
    texts = {"parameters.csv": parameters, **tables, STAMP: json.dumps(stamp, indent=1) + "\n"}
    for name, text in texts.items():
        write_text(facts / name, text)
    forget()
    return [facts / name for name in texts]


def with_fitted(text: str, rows: Sequence[ParameterRow]) -> str:
    """Return the table of parameters, as text, with the values, ranges and sources of the fitted
    ones.
    """
    by_name = {row.name: row for row in rows}
    lines = text.splitlines(keepends=True)
    header = next(csv.reader(lines[:1]))
    for i, line in enumerate(lines[1:], start=1):
        cells = dict(zip(header, next(csv.reader([line])), strict=True))
        if row := by_name.get(cells["name"]):
            value, *ends = (f"{number:.3g}" for number in (row.chosen, *range_of(row)))
            low, *_, high = sorted(
                (value, *ends), key=float
            )  # rounding must not put the value outside
            head = "assumption: " if cells["basis"] == "assumption" else ""
            rest = cells["source"].removeprefix(head).removeprefix(FITTED).removeprefix("; ")
            cells |= {"value": value, "low": low, "high": high, "source": f"{head}{FITTED}; {rest}"}
            lines[i] = _table_text([cells], header).splitlines(keepends=True)[1]
    return "".join(lines)


def range_of(row: ParameterRow) -> tuple[float, float]:
    """Return the range of a parameter: that of the posterior, or of the prior if the data are
    uninformative; it contains the value.
    """
    low, high = (
        (row.prior_low, row.prior_high) if row.shrink > SAYS_NOTHING else (row.low, row.high)
    )
    return min(low, row.chosen), max(high, row.chosen)


def kept_runs(runs: Sequence[Run], store: Store) -> list[dict[str, Any]]:
    """Return the first runs of a calibration for JSON, with their number for each figure."""
    kept = [run for run in runs if run.key in store.outcomes][:KEPT_RUNS]
    return [
        {
            "key": run.key,
            "values": dict(run.values),
            "seed": run.seed,
            "people": run.people,
            "said": store.outcomes[run.key]["outputs"],
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
    episodes: Sequence[str] = (),
) -> int:
    """Repeat the kept runs of the stored calibration and compare every figure.

    Parameters
    ----------
    figures : sequence of Figure
        The figures of today's record.
    simulator : callable
        Today's program.
    folder : Path
        The folder of facts, with the stored calibration.
    jobs, progress
        See `calibrate`.
    episodes : sequence of str
        An episode for each kept run, which simulates only this one; if empty, the whole record.

    Returns
    -------
    int
        The number of compared figures.

    Raises
    ------
    InputError
        If there is no stored calibration, its tables or the figures have changed, or a run differs.
    """
    stored = read_stamp(folder)
    found = why_refused(folder)
    if not found and stored["figures_digest"] != digest_of_figures(figures):
        found = "other figures are observed than the calibration was fitted to"
    if found:
        raise _refused(found)
    kept: Sequence[Mapping[str, Any]] = stored["runs"]
    runs = [
        Run(run["key"], tuple(run["values"].items()), run["seed"], run["people"], part)
        for run, part in zip(kept, episodes or [""] * len(kept), strict=True)
    ]
    said = {run["key"]: run["said"] for run in kept}
    compared = 0
    for done, (run, outcome) in enumerate(outcomes(simulator, runs, jobs=jobs), start=1):
        if isinstance(outcome, Failure):
            raise _refused(f"{run.key} fails: {outcome.last_words}")
        places = [at for at, figure in enumerate(figures) if run.episode in ("", figure.episode)]
        now = np.array(outcome, np.float64)[places]
        before = np.array(said[run.key], np.float64)[
            places
        ]  # undefined values are None, and become NaN
        unlike = np.flatnonzero(~np.isclose(now, before, rtol=ROUNDING, atol=0.0, equal_nan=True))
        if unlike.size:
            at = int(unlike[0])
            first = f"{figures[places[at]].name} first: {now[at]:.6g} now, {before[at]:.6g} when it was calibrated"
            raise _refused(f"{unlike.size} of {now.size} figures differ, {first}")
        compared += now.size
        if progress is not None:
            progress(done, 0, len(runs))
    return compared


def calibrated() -> tuple[Past, ...]:
    """Return the figures of the stored calibration, in order, without later ones."""
    now = {past.observed.row: past for past in (*fitted(), *counted_contact())}
    return tuple(now[row] for row in read_stamp()["rows"] if row in now)


def _refused(found: str) -> InputError:
    """Return the error for a stored calibration that is not this program's."""
    hint = "python -m splinternet.fit calibrate --write makes it again"
    return InputError(
        Problem("calibration", found, "the numbers of the program that it was made with", hint)
    )


def held_out_board(folder: Path = FACTS, *, chance_only: bool = False) -> Scoreboard:
    """Return every figure forecast from the other episodes, with the model's error of the other
    episodes.

    Parameters
    ----------
    folder : Path
        The folder of facts.
    chance_only : bool
        Whether to omit the model's error.
    """
    known = {past.observed.row: past for past in record()}
    with (folder / LEFT_OUT).open(encoding="utf-8", newline="") as file:
        lines = [
            (known[line["row"]], line["members"])
            for line in csv.DictReader(file)
            if line["row"] in known
        ]
    stored = [(past, np.array(members.split(), np.float64)[:, None]) for past, members in lines]
    rows = [
        ScoredRow(past, with_error(course, past, chance_only=chance_only))
        for past, course in stored
    ]
    settings = read_stamp(folder).get("settings", {})
    return Scoreboard(
        tuple(rows), people=settings.get("people", 0), seeds=settings.get("held_out_draws", 0)
    )
