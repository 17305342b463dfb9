"""How much of a state's connectivity was lost, day by day, and the outages that follow from it."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from sim.errors import InputError, Problem
from sim.measured.signals import Signal

REFERENCE_DAYS = 7
"""Days at the beginning of a file that stand for life without an outage, unless others are named (assumption)."""
FROM, ALIKE = 0.1, 0.1
"""A day belongs to an outage from this share lost on; the days of an outage differ by no more than this
(assumptions)."""


@dataclass(frozen=True)
class Loss:
    """What was lost on a day.

    Attributes
    ----------
    state : str
    day : datetime.date
    share : float
        Share lost against the same times of day in the reference [1]; 0 where there was more.
    points : int
        Values on the day.
    """

    state: str
    day: date
    share: float
    points: int


@dataclass(frozen=True)
class Losses:
    """The losses of a series.

    Attributes
    ----------
    days : tuple of Loss
    noise : float
        Largest share that a day of the reference itself is below the reference [1]: smaller losses show nothing.
    reference : (datetime.date, datetime.date)
        First and last day that stand for life without an outage.
    signal : str
        Name of the series and of the file.
    """

    days: tuple[Loss, ...]
    noise: float
    reference: tuple[date, date]
    signal: str


@dataclass(frozen=True)
class Outage:
    """Days in a row that lost about the same: a ``shutdown`` of a scenario.

    Attributes
    ----------
    state : str
    on, until : datetime.date
        First day, and first day after it.
    share : float
        Mean share lost [1].
    """

    state: str
    on: date
    until: date
    share: float


def find_losses(signal: Signal, *, reference: tuple[date, date] | None = None, utc_offset: float = 0.0) -> Losses:
    """Return the share lost on each day.

    The loss of a day is one minus the sum of its values over the sum of the reference at the same times of day; the
    reference at a time of day is the median over its days.

    Parameters
    ----------
    signal : Signal
    reference : (date, date), optional
        First and last day of normal life; the first week of the file without it.
    utc_offset : float
        Hours to add for local days [hours].

    Raises
    ------
    InputError
        The reference is not in the file, or is zero.
    """
    points = [(time + timedelta(hours=utc_offset), value) for time, value in signal.points]
    first, last = points[0][0].date(), points[-1][0].date()
    begin, end = reference or (first, min(last, first + timedelta(days=REFERENCE_DAYS - 1)))
    by_time: dict[time, list[float]] = {}
    for at, value in points:
        if begin <= at.date() <= end:
            by_time.setdefault(at.time(), []).append(value)
    normal = {at: statistics.median(values) for at, values in by_time.items()}
    if not any(normal.values()):
        found = f"only zeros between {begin} and {end}" if normal else f"nothing between {begin} and {end}"
        raise InputError(Problem("--reference", found, f"days of normal life, from {first} to {last}", "name others"))
    by_day: dict[date, list[tuple[float, float]]] = {}
    for at, value in points:
        if usual := normal.get(at.time()):
            by_day.setdefault(at.date(), []).append((value, usual))
    lost = {day: 1.0 - sum(v for v, _ in pairs) / sum(u for _, u in pairs) for day, pairs in by_day.items()}
    days = tuple(Loss(signal.state, day, max(0.0, share), len(by_day[day])) for day, share in lost.items())
    noise = max(0.0, *(share for day, share in lost.items() if begin <= day <= end))
    return Losses(days, noise, (begin, end), f"{signal.name} in {signal.file}")


def find_outages(losses: Losses, least: float = FROM) -> tuple[Outage, ...]:
    """Return the outages: runs of days that lost about the same, from a share on.

    Parameters
    ----------
    losses : Losses
    least : float
        Share lost from which on a day belongs to an outage [1]. A day within the noise of the reference never does.
    """
    found: list[Outage] = []
    run: list[Loss] = []
    for loss in losses.days:
        is_out = loss.share >= least and loss.share > losses.noise
        follows = run and loss.day == run[-1].day + timedelta(days=1)
        if run and not (is_out and follows and abs(loss.share - _mean(run)) <= ALIKE):
            found.append(_outage(run))
            run = []
        if is_out:
            run.append(loss)
    return (*found, *([_outage(run)] if run else []))


def _outage(run: Sequence[Loss]) -> Outage:
    """Return the outage of a run of days."""
    return Outage(run[0].state, run[0].day, run[-1].day + timedelta(days=1), _mean(run))


def _mean(run: Sequence[Loss]) -> float:
    """Return the mean share lost."""
    return statistics.fmean(loss.share for loss in run)
