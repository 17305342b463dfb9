"""The joint posterior of the parameters that past events identify: draws, made by ``splinternet calibrate --write``."""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path

from sim.errors import InputError, Place, Problem
from sim.facts.worlds import HOME

POSTERIOR, PRIORS = HOME / "posterior.csv", HOME / "calibrated.csv"

type Draws = tuple[dict[str, float], ...]


def read_posterior() -> Draws:
    """Return the shipped draws, each a value for every parameter that is fitted; none where there are none to use.

    Draws of other parameters than those that are fitted now, or outside their priors, are of another version of the
    rules: they are not used, and members draw these parameters from their declared ranges until the next calibration.

    Raises
    ------
    InputError
        A cell is no number.
    """
    return _of_these_priors(POSTERIOR, PRIORS)


@lru_cache(maxsize=4)
def _of_these_priors(posterior: Path, priors: Path) -> Draws:
    """Return the draws of a table that are within the priors, all or none; read once."""
    draws = read_draws(posterior)
    with priors.open(encoding="utf-8", newline="") as file:
        ends = {row["name"]: (float(row["prior_low"]), float(row["prior_high"])) for row in csv.DictReader(file)}
    for row in draws:
        if set(row) != set(ends) or any(not ends[name][0] <= value <= ends[name][1] for name, value in row.items()):
            return ()
    return draws


def forget() -> None:
    """Read tables again: one has been written."""
    _of_these_priors.cache_clear()


def read_draws(path: Path) -> Draws:
    """Return the draws of a table; none where there is no such table.

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
