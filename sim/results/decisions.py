"""What states and platforms decided: a table for the run folder, and the main decisions in words."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import TYPE_CHECKING, TextIO

from sim.results.panel import Pair
from sim.results.words import listed

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
MAIN_HEAD = (
    "What was decided: of each kind what most members share, on the day of the middle one (in brackets how many "
    "members share it, and their first and last day; all of it is in decisions.csv)"
)
"""What stands over the main decisions."""
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
    """Return the main decisions of a run, one line each, in the order of their days.

    Each behaviour has its turn: of each, those that most members share, as many of one as of another where there are.

    Parameters
    ----------
    members : sequence of (ArmData, ArmData)
    most : int
        How many lines at most.

    Returns
    -------
    list of str
        ``2021-03-01 RU blocks Facebook: retaliation for ... (in 5 of 8 members, 2020-11-02 to 2021-06-12)``; the day
        is that of the member in the middle, the reason the commonest.
    """
    taken: dict[tuple[str, str, str], dict[int, tuple[str, ...]]] = {}
    for member, (_, policy) in enumerate(members):
        for row in policy.decisions:
            taken.setdefault((row[2], row[1], row[3]), {}).setdefault(member, row)
    told = {key: sorted(by.values()) for key, by in taken.items()}
    ranked = sorted(told, key=lambda key: (-len(told[key]), _middle(told[key])[0], key))
    turns = {behaviour: [key for key in ranked if key[0] == behaviour] for behaviour in sorted({k[0] for k in ranked})}
    chosen = [key for row in zip_longest(*turns.values()) for key in row if key is not None][:most]
    return sorted(_line(told[key], len(members)) for key in chosen)


def _middle(rows: list[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the row of the middle day."""
    return rows[(len(rows) - 1) // 2]


def _line(rows: list[tuple[str, ...]], members: int) -> str:
    """Return what several members decided alike, in a line."""
    day, who, _, what = _middle(rows)[:4]
    who = listed(who.split(", "))  # a firm that decides for several platforms
    # The id of a decided policy ends with its day, which is another in each member.
    because = Counter(re.sub(r" \(\S*-\d{4}-\d\d-\d\d\)$", "", row[7]) for row in rows).most_common(1)[0][0]
    first, last = rows[0][0], rows[-1][0]
    when = f", {first} to {last}" if first != last else ""
    return f"{day} {who} {what}: {because}" + (f" (in {len(rows)} of {members} members{when})" if members > 1 else "")
