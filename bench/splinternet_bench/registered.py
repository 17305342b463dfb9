"""Registered forecasts: written once, with the time and the digest of each file, and scored later.

``tasks/open`` has the unresolved ones. A folder never changes.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import scoringrules

from . import due, orders, outcomes
from .forecasts import HIGH, LOW, of_quantiles
from .problems import BenchError, Problem

REGISTRATION = "registration.json"
TABLE = "orders.csv"
KIND = "orders"
"""The kind of a registration that forecasts orders; one without a kind forecasts the effects of a
scenario.
"""
TARGET = ["location", "target", "platform", "group", "kind", "of", "target_end_date"]
"""Columns that identify a forecast of a scenario; the table of counts also has them."""
MONTH = 365.25 / 12.0
"""[days]"""
MOST_MONTHS = 60


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def is_registered(folder: Path | str) -> bool:
    """Return whether a folder is a forecast on record."""
    return (Path(folder) / REGISTRATION).is_file()


def read_registration(folder: Path | str) -> dict[str, Any]:
    """Return the registration of a forecast, after a check that all of its files are unchanged.

    Raises
    ------
    BenchError
        If one of its files is missing or has changed.
    """
    place = Path(folder)
    said: dict[str, Any] = json.loads((place / REGISTRATION).read_text(encoding="utf-8"))
    changed = [
        Problem(
            str(place / name),
            None,
            "it is missing or was changed after the forecast was written down",
            f"the file with SHA-256 {digest}",
        )
        for name, digest in said["files_sha256"].items()
        if not (place / name).is_file() or sha256_of(place / name) != digest
    ]
    if changed:
        raise BenchError(*changed)
    return said


def score_registered(
    folder: Path | str, observed: Path | str | None = None, until: str | None = None
) -> dict[str, Any]:
    """Return the score of a forecast on record, as JSON data.

    Parameters
    ----------
    folder : path
        A forecast on record.
    observed : path, optional
        The outcomes. For orders, a table with the columns of ``tasks/orders/orders.csv``, by
        default the shipped one; for a scenario, one with the columns `TARGET` and ``observation``.
    until : str, optional
        For orders, the last day of the question, if earlier than that of the forecast.

    Raises
    ------
    BenchError
        If a file has changed, the outcomes are missing or none of them was forecast, or the day is
        outside the forecast.
    """
    said = read_registration(folder)
    if said.get("kind") == KIND:
        table = pd.read_csv(Path(folder) / TABLE, keep_default_na=False)
        return due.score_so_far(table, said, observed, until)
    if until is not None:
        raise BenchError(
            Problem("--until", None, until, "nothing: only orders have an early score")
        )
    if observed is None:
        allowed = f"a table with the columns {','.join([*TARGET, 'observation'])}"
        raise BenchError(Problem("--observed", None, "it is missing", allowed))
    return _score_scenario(Path(folder), said, Path(observed))


def so_far() -> list[dict[str, Any]]:
    """Return the score so far of each registered forecast of orders, as JSON data, the oldest
    first.
    """
    rows = []
    for folder in sorted((outcomes.home() / "tasks" / "open").glob(f"*/{REGISTRATION}")):
        said = read_registration(folder.parent)
        if said.get("kind") == KIND:
            last = min(due.last_asked(), said["until"])
            score = score_registered(folder.parent, due.found(), last)
            rows.append({"folder": folder.parent.name, **score})
    return rows


def _score_scenario(folder: Path, said: dict[str, Any], observed: Path) -> dict[str, Any]:
    """Return the score of a forecast of the effects of a scenario."""
    if not observed.is_file():
        raise BenchError(Problem(str(observed), None, "there is no such file", "a table"))
    counted = pd.read_csv(observed, dtype=str, keep_default_na=False)
    lost = [name for name in [*TARGET, "observation"] if name not in counted]
    if lost:
        allowed = f"the columns {','.join([*TARGET, 'observation'])}"
        raise BenchError(Problem(str(observed), 1, f"no column {', '.join(lost)}", allowed))
    names = [name for name in said["files_sha256"] if name.startswith("model-output/")]
    tables = [pd.read_csv(folder / name, dtype=str, keep_default_na=False) for name in names]
    quantiles = pd.concat(tables)
    both = quantiles.merge(counted[[*TARGET, "observation"]], on=TARGET)
    rows = [
        dict(zip(TARGET, key, strict=True)) | _scored(part)
        for key, part in both[both["output_type"] == "quantile"].groupby(TARGET, sort=False)
    ]
    if not rows:
        hint = "All of the columns before the observation must agree with a row of the forecast."
        found = "nothing in it is in the forecast"
        raise BenchError(Problem(str(observed), None, found, f"what {folder} forecasts", hint))
    means = pd.DataFrame(rows)[["wis", "crps", "covered"]].mean()
    return {
        "registered": said["registered"],
        "targets": len(rows),
        "wis": float(means["wis"]),
        "crps": float(means["crps"]),
        "coverage": float(means["covered"]),
        "not_forecast": len(counted) - len(rows),
        "rows": rows,
    }


def _scored(part: pd.DataFrame) -> dict[str, Any]:
    """Return the scores of one target: weighted interval score (Bracher et al. 2021,
    https://doi.org/10.1371/journal.pcbi.1008618), CRPS, and whether the 80 % interval covers the
    count.
    """
    levels = part["output_type_id"].astype(float).to_numpy()
    values = part["value"].astype(float).to_numpy()
    observed = float(part["observation"].iloc[0])
    low, median, high = np.interp((LOW, 0.5, HIGH), levels, values)
    score = scoringrules.crps_quantile(observed, values, levels, backend="numpy")
    return {
        "observed": observed,
        "median": float(median),
        "low": float(low),
        "high": float(high),
        "covered": bool(low <= observed <= high),
        "wis": float(score),
        "crps": of_quantiles(list(levels), list(values)).crps(observed),
    }


def register_orders(
    model: dict[str, float],
    entrant: str,
    out: Path | str,
    months: int = 12,
    *,
    deciding: bool = False,
) -> Path:
    """Register the chances of orders within some months, by a model and all rivals.

    The forecast begins on the day after the last recorded day, for each state and each platform
    that is open there.

    Parameters
    ----------
    model : dict of str to float
        The chance of each row within 12 months [1].
    entrant : str
        Name of the model.
    out : path
        A new folder.
    months : int
        Horizon [months].
    deciding : bool
        Whether to include only the states that decide in runs of splinternet.

    Raises
    ------
    BenchError
        If the folder exists, the horizon is not from 1 to `MOST_MONTHS`, or a pair has no chance.
    """
    place = Path(out)
    problems = []
    if place.exists():
        allowed = "a new folder: a forecast on record is never changed"
        problems.append(Problem(str(place), None, "it is there already", allowed))
    if not 1 <= months <= MOST_MONTHS:
        problems.append(Problem("--months", None, str(months), f"1 to {MOST_MONTHS}"))
    pairs = orders.pairs()
    pairs = pairs[(pairs["part"] == "open") & (pairs["decides"].eq("yes") | (not deciding))]
    lost = [row for row in pairs.index if row not in model]
    if lost:
        found = f"{len(lost)} open pairs have no chance, {lost[0]} first"
        hint = "" if deciding else "--deciding asks only for the states that decide in runs."
        problems.append(Problem(entrant, None, found, "a chance for each", hint))
    if problems:
        raise BenchError(*problems)
    day = date.fromisoformat(pairs["day"].iloc[0])
    until = day + timedelta(days=round(months * MONTH) - 1)
    chances = orders.rival_chances().loc[pairs.index]
    chances.insert(0, "model", [model[row] for row in pairs.index])
    scaled = (1.0 - (1.0 - chances) ** (months / 12.0)).round(6)
    table = pairs[["state", "platform"]].assign(**{"from": day, "until": until}).join(scaled)
    table = table.sort_values(["model", "state", "platform"], ascending=[False, True, True])
    text = table.to_csv(index=False, lineterminator="\n")
    said = {
        "registered": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "kind": KIND,
        "entrant": entrant,
        "origin_date": day.isoformat(),
        "until": until.isoformat(),
        "expected_orders": round(float(np.sum(table["model"])), 2),
        "files_sha256": {TABLE: hashlib.sha256(text.encode()).hexdigest()},
    }
    place.mkdir(parents=True)
    (place / TABLE).write_text(text, encoding="utf-8")
    (place / REGISTRATION).write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
    return place
