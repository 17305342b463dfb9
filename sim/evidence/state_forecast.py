"""Forecasts of orders on record: the chance of one for each state and platform, and its score when the time is over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..errors import InputError, Problem
from ..facts.history import Restriction
from ..facts.orders import REASONS, chance_of_order, counts, lasts
from ..facts.tables import read
from ..results.files import csv_of
from ..results.index_measured import last_recorded_day
from .forecast import read_registration, register
from .state_scores import RIVALS, deciding_states, open_pairs, rival_chances, scores, weights_digest

KIND, TABLE = "orders", "orders.csv"
"""What the registration says that it forecasts, and the file with the chances."""
MONTH = 365.25 / 12.0
"""[days]"""
MOST_MONTHS = 60


def forecast_orders(out: str | Path, months: int = 12) -> Path:
    """Write down the chance of an order within some months, for each state that decides and each platform open there.

    The forecast is made on the day after the last recorded day, from what the record says then; see
    `splinternet.evidence.state_scores` for what counts as an order.

    Parameters
    ----------
    out : path
        A new folder.
    months : int
        Horizon [months].

    Raises
    ------
    InputError
        The folder holds something, or the horizon is not from 1 to `MOST_MONTHS`.
    """
    if not 1 <= months <= MOST_MONTHS:
        raise InputError(Problem("--forecast", f"it is {months}", f"1 to {MOST_MONTHS} months"))
    day = last_recorded_day() + timedelta(days=1)
    until = day + timedelta(days=round(months * MONTH) - 1)
    pairs = open_pairs(deciding_states(), day, until)
    chances = {"model": chance_of_order(pairs.reasons[:, : len(REASONS)].T), **rival_chances(pairs)}
    table = pd.DataFrame({"state": pairs.states, "platform": pairs.platforms, "from": day, "until": until})
    for name, chance in chances.items():
        table[name] = np.round(1.0 - (1.0 - chance) ** (months / 12.0), 6)
    table = table.sort_values(["model", "state", "platform"], ascending=[False, True, True])
    described = {
        "kind": KIND,
        "origin_date": day.isoformat(),
        "until": until.isoformat(),
        "weights": weights_digest(),
        "reasons": list(REASONS),
        "expected_orders": round(float(table["model"].sum()), 2),
    }
    return register(Path(out), {TABLE: csv_of(table)}, described)


def score_orders(folder: str | Path, observed: str | Path | None = None) -> dict[str, Any]:
    """Return the score of a forecast of orders, once its time is over.

    Parameters
    ----------
    folder : path
        What `forecast_orders` wrote.
    observed : path, optional
        A table with the columns of ``block_history.csv``; by default the shipped one.

    Raises
    ------
    InputError
        The folder holds no such forecast, a file was changed, or the table ends before the forecast does.
    """
    registration = read_registration(folder)
    if registration.get("kind") != KIND:
        raise InputError(Problem(str(folder), "it forecasts no orders", "what score-states --forecast wrote"))
    table = pd.read_csv(Path(folder) / TABLE, keep_default_na=False)
    rows: Mapping[Any, Restriction] = read(Restriction, Path(observed) if observed is not None else None)
    begin, end = registration["origin_date"], registration["until"]
    last = max(row.since for row in rows.values())
    if last < end:
        found = f"the record ends on {last}, the forecast on {end}"
        hint = "score it when the record is longer, or name a longer one with --observed"
        raise InputError(
            Problem(str(observed or "block_history.csv"), found, f"rows up to {date.fromisoformat(end)}", hint)
        )
    made = {(r.state, r.platform) for r in rows.values() if counts(r) and lasts(r) and begin <= r.since <= end}
    ordered = np.array([pair in made for pair in zip(table["state"], table["platform"], strict=True)])
    each = {name: scores(table[name].to_numpy(float), ordered)._asdict() for name in ("model", *RIVALS)}
    return {
        "registered": registration["registered"], "from": begin, "until": end, "pairs": len(table),
        "orders": int(ordered.sum()), "expected": float(table["model"].sum()), **each.pop("model"), "rivals": each,
    }  # fmt: skip
