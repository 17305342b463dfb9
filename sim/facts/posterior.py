"""The joint posterior of the parameters that past events identify: draws, made by ``splinternet calibrate --write``."""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path

from sim.errors import InputError, Place, Problem
from sim.facts.worlds import HOME

POSTERIOR = HOME / "posterior.csv"


@lru_cache(maxsize=2)
def read_posterior(path: Path = POSTERIOR) -> tuple[dict[str, float], ...]:
    """Return the draws, each a value for every parameter that was fitted; none where there is no such table.

    Raises
    ------
    InputError
        A cell is no number.
    """
    if not path.is_file():
        return ()
    found = []
    with path.open(encoding="utf-8", newline="") as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            try:
                found.append({name: float(value) for name, value in row.items()})
            except (TypeError, ValueError):
                where = Place(f"{path.parent.name}/{path.name}", line)
                raise InputError(Problem(where, "a cell is no number", "a number for each parameter")) from None
    return tuple(found)
