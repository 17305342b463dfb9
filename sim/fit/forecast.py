"""The model as an entrant of the bench: its stored forecasts as submissions.

The figures of each episode are forecast with parameters and errors fitted to the other episodes
(``leave_one_out.csv``), the orders with the stored weights (``order_weights.csv``).
"""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pandas as pd

from ..core.program import version
from ..errors import InputError, Problem
from ..facts.record import why_refused
from ..results.files import write_text
from .orders import (
    PairYears,
    deciding_states,
    known_states,
    model_chance,
    open_pairs,
)
from .stored import held_out_board
from .tasks import days, text_of

OF_OUTCOMES = "splinternet"
OF_ORDERS = "splinternet-orders"
"""The folders of the two entrants."""
SUBMITTED_QUANTILES = np.round(np.arange(0.01, 1.0, 0.01), 2)
"""The quantiles of a submission."""
ALL_STATES_SINCE = 2017
"""First year with forecasts for all states; states that decide in runs have forecasts for all
years.
"""
SUBMISSION = ["row", "output_type", "output_type_id", "value"]
METHODS = {
    OF_OUTCOMES: (
        "outcomes",
        "agent-based model; each episode by parameters and errors fitted to the others",
    ),
    OF_ORDERS: (
        "orders",
        "logistic regression on five reasons, and packages of orders between states at war",
    ),
}


def outcome_forecasts() -> pd.DataFrame:
    """Return the held-out forecasts of the record, one row for each quantile.

    Raises
    ------
    InputError
        If the stored calibration does not match its tables.
    """
    if found := why_refused():
        hint = "python -m splinternet.fit calibrate --write makes it again"
        raise InputError(Problem("calibration", found, "the tables that it wrote", hint))
    rows = [
        (row.observed.row, "quantile", level, value)
        for row in held_out_board().counting
        for level, value in zip(
            SUBMITTED_QUANTILES, np.quantile(row.values, SUBMITTED_QUANTILES), strict=True
        )
    ]
    return pd.DataFrame(rows, columns=SUBMISSION)


def order_forecasts() -> pd.DataFrame:
    """Return the chance of an order for each open pair, one row for each pair and year."""
    tables = []
    for year, (day, until, _) in days().items():
        states = known_states() if year >= ALL_STATES_SINCE else deciding_states()
        pairs = open_pairs(states, day, until)
        tables.append(_chances(pairs))
    return pd.concat(tables)


def _chances(pairs: PairYears) -> pd.DataFrame:
    """Return the chance of each pair as a row of a submission."""
    names = zip(pairs.years, pairs.states, pairs.platforms, strict=True)
    return pd.DataFrame(
        {
            "row": [f"{year}-{state}-{platform}" for year, state, platform in names],
            "output_type": "pmf",
            "output_type_id": "ordered",
            "value": model_chance(pairs),
        }
    )[SUBMISSION]


def write_entrants(folder: Path) -> list[Path]:
    """Write the submissions of the model below a folder, and return their paths."""
    for name, table in ((OF_OUTCOMES, outcome_forecasts()), (OF_ORDERS, order_forecasts())):
        task, methods = METHODS[name]
        about = {
            "name": name,
            "task": task,
            "folds": "episode",
            "authors": "The Splinternet developers",
            "license": "MIT",
            "methods": f"splinternet {version()}, {methods}",
        }
        place = folder / name
        place.mkdir(parents=True, exist_ok=True)
        text = "".join(f"{key}: {value}\n" for key, value in about.items())
        write_text(place / "model.yml", text)
        if name == OF_ORDERS:  # 55,000 rows; no time stamp, so that equal tables give equal files
            packed = gzip.compress(text_of(table).encode(), mtime=0)
            (place / "forecasts.csv.gz").write_bytes(packed)
        else:
            write_text(place / "forecasts.csv", text_of(table))
    return [folder / OF_OUTCOMES, folder / OF_ORDERS]
