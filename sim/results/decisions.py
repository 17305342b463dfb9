"""What states and platforms decided, as a table for the run folder and for Python."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TextIO

from sim.decisions import Decision, from_data, to_data
from sim.errors import RunError
from sim.results.csv_cells import neutral, original
from sim.results.panel import Pair

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "date",
    "who",
    "behaviour",
    "what",
    "target",
    "instrument",
    "policy",
    "because",
    "evidence",
    "cause",
    "scores",
    "act",
    "object",
    "reason",
)
"""Columns of a decision, after the seed in ``decisions.csv``.

``what``, ``target``, ``because`` and ``evidence`` are words; ``act``, ``object`` and ``reason`` are the codes that they
come from. ``scores``, ``object`` and ``reason`` are JSON mappings.
"""
_JSON = ("scores", "object", "reason")
_DAMAGED = (OSError, LookupError, ValueError, TypeError, AttributeError, RecursionError, csv.Error)
"""What reading rows that this program did not write can raise."""


def row_of(decision: Decision) -> tuple[str, ...]:
    """Return a decision as texts, in the order of `COLUMNS`."""
    from sim.text.decisions import words_of as words_of_decision

    data = to_data(decision)
    data |= {name: json.dumps(data[name], sort_keys=True) for name in _JSON}
    data |= words_of_decision(decision)
    return tuple(str(data[name]) for name in COLUMNS)


def write_decisions(stream: TextIO, members: Iterable[Pair]) -> None:
    """Write the decisions of all members as CSV; only the header where nobody decided anything.

    Parameters
    ----------
    stream : text file
    members : iterable of (ArmData, ArmData)
        Only the policy arm decides.
    """
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(("seed", *COLUMNS))
    for _, policy in members:
        writer.writerows((policy.seed, *map(neutral, row_of(decision))) for decision in policy.decisions)


def read_decisions(stream: TextIO) -> dict[int, tuple[Decision, ...]]:
    """Return the decisions by seed of a file that `write_decisions` wrote; its words are not read.

    Raises
    ------
    RunError
        When a column is missing, or a row holds an act or a reason that this program does not know.
    """
    found: dict[int, list[Decision]] = {}
    table = csv.DictReader(stream)
    try:
        names = table.fieldnames or ()
        if missing := [name for name in ("seed", *COLUMNS) if name not in names]:
            raise RunError(
                f"decisions.csv has no column {', '.join(missing)}; run the scenario again with this version"
            )
        for cells in table:
            row = {name: original(cell) for name, cell in cells.items()}
            data: dict[str, object] = {**row, **{name: json.loads(row[name]) for name in _JSON}}
            found.setdefault(int(row["seed"]), []).append(from_data(data))
    except _DAMAGED as error:
        where = f"line {max(1, table.line_num)} of decisions.csv cannot be read ({error})"
        raise RunError(f"{where}; run the scenario again") from error
    return {seed: tuple(entries) for seed, entries in found.items()}


def with_decisions(members: Sequence[Pair], decisions: Mapping[int, tuple[Decision, ...]]) -> list[Pair]:
    """Return members whose policy arms hold the decisions of their seed."""
    return [(base, replace(policy, decisions=decisions.get(policy.seed, ()))) for base, policy in members]


def decisions_frame(members: Sequence[Pair]) -> pd.DataFrame:
    """Return the decisions of all members as a table with the columns ``seed`` and those of `COLUMNS`."""
    import pandas as pd

    rows = [(policy.seed, *row_of(decision)) for _, policy in members for decision in policy.decisions]
    return pd.DataFrame(rows, columns=["seed", *COLUMNS])
