"""Check all tables of a user at once: those that every run reads, and those that few runs read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sim.errors import InputError, Problem
from sim.facts.growth import carrier_counts
from sim.facts.loading import load_facts
from sim.facts.network import load_network
from sim.facts.own import OwnTables, read_own
from sim.facts.relations import load_relations
from sim.facts.trade import load_trade

_READERS: tuple[Callable[[str], object], ...] = (load_facts, load_network, load_relations, load_trade, carrier_counts)


def check_own(folder: Path) -> tuple[OwnTables | None, tuple[Problem, ...]]:
    """Return the tables of a folder, and everything that is wrong with them, each with file and line.

    Parameters
    ----------
    folder : Path
        With ``world.csv`` and tables.

    Returns
    -------
    tables : OwnTables or None
        None where they cannot be read at all.
    problems : tuple of Problem
    """
    try:
        tables = read_own(folder)
    except InputError as error:
        return None, error.problems
    problems: dict[Problem, None] = {}
    for read in _READERS:
        try:
            read(tables.key)
        except InputError as error:
            problems |= dict.fromkeys(error.problems)
    return tables, tuple(problems)


def rows_in(tables: OwnTables) -> dict[str, int]:
    """Return how many rows each table of a folder has, its header aside."""
    counted = {file: len([line for line in text.splitlines() if line.strip()]) for file, text in tables.texts.items()}
    return {file: max(0, lines - 1) for file, lines in counted.items()}
