"""What people do on a platform of each kind: defaults for a platform that a scenario adds (`sim/facts/kinds.csv`)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from sim.errors import InputError, Place, Problem
from sim.facts.model import BASES, KINDS, MODES
from sim.facts.table import keep, read_rows

_TABLE = Path(__file__).parent / "kinds.csv"


@lru_cache(maxsize=1)
def read_kinds() -> Mapping[str, tuple[str, ...]]:
    """Return the modes of each kind of platform.

    Raises
    ------
    InputError
        When the table is faulty, or a kind has no row: all of it, each with file and line.
    """
    problems: list[Problem] = []
    found: dict[str, tuple[str, ...]] = {}
    for row in read_rows(_TABLE, ("kind", "modes", "basis", "source"), problems):
        row.one_of("basis", BASES)
        row.text("source")
        keep(found, row.one_of("kind", KINDS), row.all_of("modes", MODES), row)
    missing = [kind for kind in KINDS if kind not in found]
    problems += [Problem(Place(_TABLE.name, 1), f"no row for {kind}", "a row for each kind") for kind in missing]
    if problems:
        raise InputError(problems)
    return MappingProxyType(found)
