"""Write a forecast down: quantiles of the main targets of a scenario, in the model-output format of the hubverse.

The folder holds ``model-output/splinternet-abm/<origin date>-splinternet-abm.csv``
(https://docs.hubverse.io/en/latest/user-guide/model-output.html), the resolved scenario, and ``registration.json``:
when it was written, by which code and data, and the digest of each file. A folder is written once and never changed.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sim.errors import InputError, Problem
from sim.experiments import ensemble
from sim.experiments.executors import Progress
from sim.experiments.forecast.targets import days_needed, origin_of, targets_of
from sim.experiments.hindcast.scores import Forecast
from sim.facts.own import COPIES
from sim.metrics.registry import METRICS
from sim.results.csv_cells import neutral_row
from sim.results.files import disk_errors, remove_tree, write_text
from sim.results.identity import about, file_hash
from sim.results.observed import Beside, beside
from sim.results.result import Result
from sim.scenario import Scenario, load
from sim.scenario.schema import MOST_DAYS

LEVELS = (0.01, 0.025, *(round(0.05 * i, 2) for i in range(1, 20)), 0.975, 0.99)
"""The 23 quantiles that forecast hubs ask for."""
MODEL, REGISTRATION, SCENARIO = "splinternet-abm", "registration.json", "scenario.resolved.yaml"
COLUMNS = (
    "origin_date", "location", "target", "platform", "group", "kind", "of", "horizon", "target_end_date",
    "output_type", "output_type_id", "value",
)  # fmt: skip
"""The columns: what is forecast (task ids), then the three that every hub has."""


def forecast(
    scenario: Scenario | str | Path | Mapping[str, object],
    out: Path | str,
    *,
    people: int | None = None,
    seeds: int = ensemble.DEFAULT_SEEDS,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> Path:
    """Run a scenario for a year from its first order and write the quantiles of its main targets into a new folder.

    Parameters
    ----------
    scenario : Scenario, path, name or mapping
        What to forecast. Rows under its ``observed:`` are forecast on their dates, whatever value they have.
    out : path
        A folder that is not there yet, or is empty.
    people, seeds, jobs, progress
        As for `ensemble.run`.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    InputError
        When the scenario cannot be used, or the folder holds something.
    RunError
        When a member fails or the disk is full; nothing is written then.
    """
    folder = Path(out)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        found = "it holds a forecast already" if (folder / REGISTRATION).exists() else "it is not an empty folder"
        raise InputError(Problem(str(folder), found, "a new folder", "a forecast on record is never changed"))
    spec = load(scenario, people=people, known_metrics=METRICS)
    days = days_needed(spec)
    if days > MOST_DAYS:
        raise InputError(Problem(spec.name, f"its horizons need {days:,} days", f"at most {MOST_DAYS:,}"))
    spec = load(spec, days=max(days, spec.days))
    result = ensemble.run(spec, seeds=seeds, jobs=jobs, progress=progress)
    texts = _texts(result)
    with disk_errors(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        building = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        for name, text in texts.items():
            (building / name).parent.mkdir(parents=True, exist_ok=True)
            write_text(building / name, text)
        digests = {name: file_hash(building / name) for name in texts}
        write_text(building / REGISTRATION, json.dumps(_registration(result, digests), indent=1) + "\n")
        with disk_errors(folder):
            building.chmod(0o755)
            if folder.exists():
                folder.rmdir()
            building.rename(folder)
    finally:
        remove_tree(building)
    return folder


def quantiles(each: Beside) -> list[float]:
    """Return the quantiles of a target at `LEVELS` [1]."""
    forecast_of = Forecast(tuple(map(float, each.spread_out()[:, -1])))
    return [forecast_of.quantile(level) for level in LEVELS]


def _texts(result: Result) -> dict[str, str]:
    """Return the files of a forecast by their path in its folder."""
    origin = origin_of(result.scenario)
    rows = [row for each in _of_targets(result) if not each.why for row in _rows(each, origin)]
    if not rows:
        hint = "a policy with a target that people use, or rows under observed:"
        raise InputError(Problem(result.name, "the scenario has nothing to forecast", hint))
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerows([COLUMNS, *map(neutral_row, rows)])
    table = f"model-output/{MODEL}/{origin.isoformat()}-{MODEL}.csv"
    own = result.scenario.own_tables
    tables = {f"{COPIES}/{own.name}/{file}": text for file, text in own.texts.items()} if own is not None else {}
    return {table: stream.getvalue(), SCENARIO: result.scenario.to_yaml(), **tables}


def _of_targets(result: Result) -> list[Beside]:
    """Return the forecast of each target, with the model's error."""
    return beside(targets_of(result), result.members, result.model_error.of_observed)


def _rows(each: Beside, origin: dt.date) -> list[Sequence[object]]:
    """Return the rows of a target, one for each quantile."""
    seen = each.observed
    weeks = (seen.date - origin).days / 7
    task = (
        origin.isoformat(), seen.state or seen.group, seen.metric, " + ".join(seen.platform), seen.group or "",
        "gain" if seen.is_increment else "level", seen.of, f"{weeks:.6g}", seen.date.isoformat(),
    )  # fmt: skip
    return [(*task, "quantile", level, f"{q:.6g}") for level, q in zip(LEVELS, quantiles(each), strict=True)]


def _registration(result: Result, digests: Mapping[str, str]) -> dict[str, Any]:
    """Return what a forecast says of itself."""
    return {
        "registered": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "origin_date": origin_of(result.scenario).isoformat(),
        "command": " ".join([Path(sys.argv[0]).name, *sys.argv[1:]]),
        "people": result.scenario.people,
        **about(result.scenario, result.seeds, result.name),
        "files_sha256": dict(digests),
    }
