"""What states and platforms decided: a table for the run folder, and the main decisions in words."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TextIO

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
    "cause",
    "scores",
)
"""Columns of a decision, after the seed in ``decisions.csv``; ``scores`` is a JSON mapping of names to numbers."""
_MAIN = 12


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
        writer.writerows((policy.seed, *row) for row in policy.decisions)


def read_decisions(stream: TextIO) -> dict[int, tuple[tuple[str, ...], ...]]:
    """Return the decisions by seed of a file that `write_decisions` wrote."""
    found: dict[int, list[tuple[str, ...]]] = {}
    rows = csv.reader(stream)
    next(rows, None)
    for seed, *row in rows:
        found.setdefault(int(seed), []).append(tuple(row))
    return {seed: tuple(entries) for seed, entries in found.items()}


def with_decisions(members: Sequence[Pair], decisions: Mapping[int, tuple[tuple[str, ...], ...]]) -> list[Pair]:
    """Return members whose policy arms hold the decisions of their seed."""
    return [(base, replace(policy, decisions=decisions.get(policy.seed, ()))) for base, policy in members]


def decisions_frame(members: Sequence[Pair]) -> pd.DataFrame:
    """Return the decisions of all members as a table with the columns ``seed`` and those of `COLUMNS`."""
    import pandas as pd

    rows = [(policy.seed, *row) for _, policy in members for row in policy.decisions]
    return pd.DataFrame(rows, columns=["seed", *COLUMNS])


def main_decisions(members: Sequence[Pair], most: int = _MAIN) -> list[str]:
    """Return the main decisions of a run, one line each: those that most members share, in the order of their days.

    Parameters
    ----------
    members : sequence of (ArmData, ArmData)
    most : int
        How many lines at most.

    Returns
    -------
    list of str
        ``2021-03-01 RU blocks Facebook: retaliation for ... (in 5 of 8 members)``; the day and the reason are those of
        the first member that decided so.
    """
    share: Counter[tuple[str, str]] = Counter()
    first: dict[tuple[str, str], tuple[str, ...]] = {}
    for _, policy in members:
        for key in dict.fromkeys((row[1], row[3]) for row in policy.decisions):
            share[key] += 1
        for row in policy.decisions:
            first.setdefault((row[1], row[3]), row)
    chosen = sorted(share, key=lambda key: (-share[key], first[key][0], key))[:most]
    lines = []
    for key in sorted(chosen, key=lambda key: (first[key][0], key)):
        row = first[key]
        shared = f" (in {share[key]} of {len(members)} members)" if len(members) > 1 else ""
        lines.append(f"{row[0]} {row[1]} {row[3]}: {row[7]}{shared}")
    return lines
