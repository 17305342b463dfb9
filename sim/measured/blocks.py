"""From measurements, day by day, to blocks with a first and a last day, as a world's table of blocks has them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby, pairwise

from sim.measured.ooni import Day, Evidence

LEAST, SHARE, SHORTEST = 5, 0.5, 2
"""Assumptions: fewest measurements of a day, share of them blocked, fewest days that begin or end a block [days]."""
UNKNOWN_WAY = "isp"
"""Technique of a block whose measurements do not show it (assumption)."""


@dataclass(frozen=True)
class Rule:
    """When measurements show a block.

    Attributes
    ----------
    least : int
        Measurements that a day needs to count.
    share : float
        Share of them that must be blocked [1].
    shortest : int
        Days in a row that begin a block, and days in a row without it that end one [counted days].
    """

    least: int = LEAST
    share: float = SHARE
    shortest: int = SHORTEST

    def __str__(self) -> str:
        """Return the rule in words."""
        return f"{self.share:.0%} or more of at least {self.least} measurements a day, {self.shortest} days in a row"


@dataclass(frozen=True)
class FoundBlock:
    """A block that measurements show; the fields of a row of ``blocks.csv``.

    Attributes
    ----------
    state, platform, technique : str
    since : datetime.date
        First day on which it was seen.
    until : datetime.date or None
        First measured day without it; None where no end was measured.
    measurements, blocked, confirmed : int
        Of the days of the block.
    gap : int
        Longest time without a day that counts [days].
    source : str
    from_the_first_day : bool
        Whether the measurements begin with it, so that it may be older.
    """

    state: str
    platform: str
    technique: str
    since: date
    until: date | None
    measurements: int
    blocked: int
    confirmed: int
    gap: int
    source: str
    from_the_first_day: bool

    @property
    def note(self) -> str:
        """What a reader of the row should know."""
        parts = [f"{self.blocked} of {self.measurements} measurements blocked, {self.confirmed} confirmed"]
        if self.from_the_first_day:
            parts.append("seen from the first measured day on, so it may be older")
        if self.gap:
            parts.append(f"longest gap without enough measurements {self.gap} days")
        return "; ".join(parts)


def find_blocks(evidence: Evidence, rule: Rule | None = None) -> tuple[FoundBlock, ...]:
    """Return the blocks that measurements show, by state, platform and day.

    A gap in the measurements never ends a block: only measured days without it do.

    Parameters
    ----------
    evidence : Evidence
    rule : Rule, optional
        When a day counts, and how many days make a block.
    """
    rule = rule or Rule()
    found: list[FoundBlock] = []
    for _, days in groupby(evidence.days, key=lambda day: (day.state, day.platform)):
        counted = [day for day in days if day.seen >= rule.least]
        found += _blocks(counted, rule, ", ".join(evidence.files))
    return tuple(found)


def _blocks(days: Sequence[Day], rule: Rule, files: str) -> Iterator[FoundBlock]:
    """Yield the blocks of one platform in one state."""
    for begin, end in _spells([day.share >= rule.share for day in days], rule.shortest):
        spell = days[begin:end]
        ways = sum((day.ways for day in spell), Counter[str]())
        tests = sorted({test for day in spell for test in day.tests})
        gaps = [(later.day - earlier.day).days - 1 for earlier, later in pairwise(spell)]
        yield FoundBlock(
            state=spell[0].state,
            platform=spell[0].platform,
            technique=ways.most_common(1)[0][0] if ways else UNKNOWN_WAY,
            since=spell[0].day,
            until=days[end].day if end < len(days) else None,
            measurements=sum(day.seen for day in spell),
            blocked=sum(day.blocked for day in spell),
            confirmed=sum(day.confirmed for day in spell),
            gap=max(gaps, default=0),
            source=f"OONI measurements ({', '.join(tests)}) in {files}",
            from_the_first_day=begin == 0,
        )


def _spells(blocked: Sequence[bool], shortest: int) -> Iterator[tuple[int, int]]:
    """Yield (first, end) of each block among counted days; the end is the first day without it, or the length."""
    begin: int | None = None
    for at in range(len(blocked) - shortest + 1):
        run = blocked[at : at + shortest]
        if begin is None and all(run):
            begin = at
        elif begin is not None and not any(run):
            yield begin, at
            begin = None
    if begin is not None:
        yield begin, len(blocked)
