"""The model's error from event to event, by kind of figure: a table that ``splinternet calibrate --write`` makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from sim.facts.model import BASES
from sim.facts.table import checked_rows
from sim.facts.worlds import HOME

DISCREPANCY = HOME / "discrepancy.csv"
COLUMNS = (
    "kind", "without", "scale", "sd_episode", "sd_series", "sd", "bias", "series", "episodes", "basis", "source",
    "digest",
)  # fmt: skip


@dataclass(frozen=True)
class Discrepancy:
    """The error of one kind of figure.

    Attributes
    ----------
    kind : str
        ``kept``, ``gained``, ``vpn``, ``ratio`` or ``contact``.
    without : str
        The episode that it was estimated without; empty for all episodes.
    scale : str
        On which scale it is.
    sd : float
        Standard deviation [1].
    basis, source : str
        Where it is from.
    """

    kind: str
    without: str
    scale: str
    sd: float
    basis: str
    source: str


def read_discrepancy(path: Path | None = None) -> Mapping[tuple[str, str], Discrepancy]:
    """Return the table by kind and by the episode left out; empty where there is none.

    Parameters
    ----------
    path : Path, optional
        The table; by default the shipped one.

    Raises
    ------
    InputError
        Everything that is wrong with it.
    """
    return _read(DISCREPANCY if path is None else path)


@lru_cache(maxsize=4)
def _read(path: Path) -> Mapping[tuple[str, str], Discrepancy]:
    """Return a table, read once."""
    if not path.is_file():
        return {}
    found: dict[tuple[str, str], Discrepancy] = {}
    for row in checked_rows(path, COLUMNS):
        one = Discrepancy(
            row.text("kind"), row.cells["without"], row.text("scale"), row.number("sd"), row.one_of("basis", BASES),
            row.text("source"),
        )  # fmt: skip
        if one.sd < 0:
            row.fault(f"sd is {one.sd:g}", "0 or more")
        found[one.kind, one.without] = one
    return found


def forget() -> None:
    """Read tables again: one has been written."""
    _read.cache_clear()


def error_of(kind: str, without: str = "") -> float:
    """Return the standard deviation of the model's error of a kind, on its scale; 0 where none is known.

    Parameters
    ----------
    kind : str
        ``kept``, ``gained``, ``vpn``, ``ratio`` or ``contact``.
    without : str
        An episode: where the record holds it, the error of the other episodes.
    """
    table = read_discrepancy()
    known = table.get((kind, without)) or table.get((kind, ""))
    return known.sd if known is not None else 0.0
