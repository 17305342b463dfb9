"""Losses of connectivity from the traffic or signal of a state: Cloudflare Radar and IODA, their JSON or a table."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import fmean
from typing import Any

import pandas as pd

from ..errors import InputError, Place, Problem, did_you_mean
from ..facts.states import find_place, place_code
from .files import FORMS, MOST_PROBLEMS, fail, read_file, table_text, write_files

REFERENCE_DAYS = 7
"""Days at the beginning of a file that stand for life without an outage, unless others are named (assumption)."""
FROM, ALIKE = 0.1, 0.1
"""A day belongs to an outage from this share lost on; its days differ by no more than this (assumptions)."""
_TIMES = ("timestamps", "timestamp", "datetime", "date", "time", "day")
_UNUSABLE: Mapping[str, str] = {
    "MIN_MAX": "its lowest value is 0 by definition",
    "PERCENTAGE_CHANGE": "it is a change against another time",
    "OVERLAPPED_PERCENTAGE": "it is a share of another series",
    "RATIO": "it is a ratio of two series",
}
"""Normalisations of Radar that keep no level, and why."""


LOST, SHUTDOWNS = "evidence/connectivity.csv", "shutdowns.yaml"
"""Files that are written; what is no table of a world lies in a folder of its own."""


@dataclass(frozen=True)
class Signal:
    """A series of one state.

    Attributes
    ----------
    state : str
        Alpha-2 code; empty where the file does not name it.
    name : str
        Name of the series, such as ``ping-slash24``.
    points : tuple of (datetime, float)
        Time in Coordinated Universal Time, and value; in the order of time, without missing values.
    file : str
        Name of the file.
    """

    state: str
    name: str
    points: tuple[tuple[datetime, float], ...]
    file: str


def read_signal(path: str | Path, *, state: str = "", series: str = "") -> Signal:
    """Read a series of traffic or signal: an answer of Cloudflare Radar or IODA, or a table with a column of times.

    Parameters
    ----------
    path : path
        JSON or CSV, plain or packed with gzip.
    state : str, optional
        The state, where the file does not say it (IODA's JSON does).
    series : str, optional
        Which series, where the file has several.

    Raises
    ------
    InputError
        The file cannot be read, with line; or the state or the series is not clear.
    """
    path = Path(path)
    where, (content, is_json) = Place(str(path), 1), read_file(path)
    signals = _signals_of_document(where, content[0][1]) if is_json else _signals_of_table(where, content)
    wanted = place_code(state, "--state") if state else ""
    signals = [signal for signal in signals if not wanted or signal.state in ("", wanted)]
    names = list(dict.fromkeys(signal.name for signal in signals))
    states = sorted({signal.state for signal in signals})
    if not signals:
        fail(where, "no series", FORMS)
    if series and series not in names:
        fail(where, f"no series is called '{series}'", f"one of: {', '.join(names)}", did_you_mean(series, names))
    if len(states) > 1:
        found = f"series of {len(states)} states: {', '.join(states)}"
        fail(where, found, "one state", f"name it: --state {states[0]}")
    if not series and len(names) > 1:
        fail(where, f"{len(names)} series: {', '.join(names)}", "one series", f"name it: --series {names[0]}")
    name, code = series or names[0], states[0] or wanted
    if not code:
        fail(where, "the file names no state", "a state", "name it: --state IR")
    points = sorted(point for signal in signals if signal.name == name for point in signal.points)
    if not points:
        fail(where, f"the series '{name}' has no values", "numbers")
    return Signal(code, name, tuple(points), path.name)


def _signals_of_document(where: Place, document: Any) -> list[Signal]:
    """Return the series of an answer of Radar (``timestamps`` and ``values``) or of IODA (``from``, ``step``)."""
    for key in ("result", "data"):
        if isinstance(document, Mapping) and isinstance(document.get(key), Mapping | list):
            document = document[key]
    if isinstance(document, Mapping):
        return _signals_of_radar(where, document)
    signals, problems = [], []
    for at, item in enumerate(one for entry in document for one in (entry if isinstance(entry, list) else [entry])):
        series: Any = item if isinstance(item, Mapping) else {}
        values, begin, step = (series.get(key) for key in ("values", "from", "step"))
        if (type(values), type(begin), type(step)) != (list, int, int) or not 0 < step < 2**63 - abs(begin):
            allowed = "a list under values, and whole numbers of seconds under from and step"
            problems.append(Problem(where, f"data[{at}] is no series: from is {begin}, step is {step}", allowed))
        elif not any(isinstance(value, list | Mapping) for value in values):  # a signal with one value at a time
            times = [begin + step * n for n in range(len(values))]
            name = "/".join(str(item[key]) for key in ("datasource", "subtype") if item.get(key)) or f"data[{at}]"
            code = find_place(str(item.get("entityCode", ""))) if item.get("entityType") == "country" else None
            try:
                signals.append(Signal(code or "", name, _points([where] * len(times), times, values), ""))
            except InputError as error:
                problems += [problem.below(name) for problem in error.problems]
    if problems:
        raise InputError(problems[:MOST_PROBLEMS])
    return signals


def _signals_of_radar(where: Place, document: Mapping[str, Any]) -> list[Signal]:
    """Return the series of an answer of Radar; one whose zero does not mean none is refused."""
    meta = document.get("meta")
    way = str(meta.get("normalization", "")) if isinstance(meta, Mapping) else ""
    if way in _UNUSABLE:
        found = f"the series is normalised by {way}: {_UNUSABLE[way]}"
        fail(where, found, "a series whose zero means none", "ask for normalization=MIN0_MAX")
    signals = []
    for name, item in document.items():
        if isinstance(item, Mapping) and "timestamps" in item:
            times, values = item["timestamps"], item.get("values")
            if not isinstance(times, list) or not isinstance(values, list) or len(times) != len(values):
                fail(where, f"{name}: times and values differ in number", "one value for each time")
            signals.append(Signal("", name, _points([where] * len(times), times, values), ""))
    return signals


def _signals_of_table(where: Place, rows: Sequence[tuple[Place, dict[str, str]]]) -> list[Signal]:
    """Return the series of a table: a column of times, and every column of numbers."""
    header = list(rows[0][1]) if rows else []
    time = next((name for word in _TIMES for name in header if word in name.casefold()), None)
    if time is None:
        fail(where, f"no column of times among: {', '.join(header)}", f"one of: {', '.join(_TIMES)}")
    places, times = [place for place, _ in rows], [row[time] for _, row in rows]
    signals = []
    for name in header:
        cells = [row[name] for _, row in rows]
        is_time = any(word in name.casefold() for word in _TIMES)
        if not is_time and math.isfinite(_number(next(filter(None, cells), ""))):
            signals.append(Signal("", name, _points(places, times, cells), ""))
    if not signals:
        fail(where, "no column of numbers", "times, and numbers for each")
    return signals


def _points(places: Sequence[Place], times: Sequence[Any], values: Sequence[Any]) -> tuple[tuple[datetime, float], ...]:
    """Return (time, value) of those that have a value; what cannot be read is an error with its place."""
    points, problems = [], []
    for where, time, value in zip(places, times, values, strict=True):
        if value in (None, ""):
            continue
        amount = _number(value)
        if not math.isfinite(amount) or amount < 0:
            problems.append(Problem(where, f"the value at {time} is '{value}'", "a number from 0 on"))
        try:
            points.append((_time(time), amount))
        except (ValueError, OverflowError, OSError):
            allowed = "2026-01-08T17:00:00Z, 2026-01-08, or seconds since 1970"
            problems.append(Problem(where, f"the time is '{time}'", allowed))
    if problems:
        raise InputError(problems[:MOST_PROBLEMS])
    return tuple(points)


def _number(value: Any) -> float:
    """Return a number, NaN for what is none."""
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan


def _time(value: Any) -> datetime:
    """Return a time: seconds since 1970, or a text of ISO 8601; without a zone it is universal time."""
    text = str(value)
    if isinstance(value, int | float) or (text.isdecimal() and len(text) >= 9):
        return datetime.fromtimestamp(float(value), UTC)
    time = datetime.fromisoformat(text)
    return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Losses:
    """The losses of a series.

    Attributes
    ----------
    state : str
    days : pandas.DataFrame
        A row by ``day``: the ``share`` lost against the same times of day in the reference [1], 0 where there was more,
        and ``points``, the values of the day.
    noise : float
        Largest share that a day of the reference itself is below the reference [1]: smaller losses show nothing.
    reference : (datetime.date, datetime.date)
        First and last day that stand for life without an outage.
    signal : str
        Name of the series and of the file.
    """

    state: str
    days: pd.DataFrame
    noise: float
    reference: tuple[date, date]
    signal: str


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
    times = [time + timedelta(hours=utc_offset) for time, _ in signal.points]
    points = pd.DataFrame(
        {"day": [t.date() for t in times], "time": [t.time() for t in times], "value": [v for _, v in signal.points]}
    )
    first, last = times[0].date(), times[-1].date()
    begin, end = reference or (first, min(last, first + timedelta(days=REFERENCE_DAYS - 1)))
    normal = points[(points["day"] >= begin) & (points["day"] <= end)].groupby("time")["value"].median()
    if not (normal > 0).any():
        found = f"only zeros between {begin} and {end}" if len(normal) else f"nothing between {begin} and {end}"
        fail("--reference", found, f"days of normal life, from {first} to {last}", "name others")
    points["usual"] = points["time"].map(normal)
    by_day = points[points["usual"] > 0].groupby("day")
    days = by_day.agg(value=("value", "sum"), usual=("usual", "sum"), points=("value", "size")).reset_index()
    days.insert(1, "share", (1.0 - days.pop("value") / days.pop("usual")).clip(lower=0.0))
    noise = float(days.loc[days["day"].between(begin, end), "share"].max())
    return Losses(signal.state, days, noise, (begin, end), f"{signal.name} in {signal.file}")


def find_outages(losses: Losses, least: float = FROM) -> pd.DataFrame:
    """Return the outages: runs of days that lost about the same, from a share on.

    Parameters
    ----------
    losses : Losses
    least : float
        Share lost from which on a day belongs to an outage [1]. A day within the noise of the reference never does.

    Returns
    -------
    pandas.DataFrame
        A row for each, a ``shutdown`` of a scenario: ``state``, its first day ``on`` and the first day after it
        ``until``, and the mean ``share`` lost [1].
    """
    runs: list[list[tuple[date, float]]] = []
    lost = losses.days[(losses.days["share"] >= least) & (losses.days["share"] > losses.noise)]
    for day, share in zip(lost["day"], lost["share"], strict=True):
        run = runs[-1] if runs else []
        follows = bool(run) and day == run[-1][0] + timedelta(days=1)
        if follows and abs(share - fmean(before for _, before in run)) <= ALIKE:
            run.append((day, share))
        else:
            runs.append([(day, share)])
    rows = [(losses.state, run[0][0], run[-1][0] + timedelta(days=1), fmean(share for _, share in run)) for run in runs]
    return pd.DataFrame(rows, columns=["state", "on", "until", "share"])


def write_losses(folder: str | Path, losses: Losses, outages: pd.DataFrame) -> tuple[Path, ...]:
    """Write the share lost, day by day, below ``evidence``, and ``shutdowns.yaml``, policies of the outages.

    Parameters
    ----------
    folder : path
        Made where it is missing; files of these names are never replaced.
    losses : Losses
    outages : pandas.DataFrame
        From `find_outages`.

    Raises
    ------
    InputError
        One of the files exists.
    RunError
        The folder cannot be written.
    """
    begin, end = losses.reference
    policies = [
        f"  - id: outage-{number}\n    on: {outage.on}\n    until: {outage.until}\n    by: {outage.state}\n"
        f'    instrument: shutdown\n    share: {outage.share:.2f}\n    reference: "measured: {losses.signal}"\n'
        for number, outage in enumerate(outages.itertuples(), start=1)
    ]
    text = (
        f"# Share of connectivity lost, measured: {losses.signal}, against {begin} to {end}.\n"
        f"# The days of {begin} to {end} themselves differ from it by up to {losses.noise:.0%}.\n"
        f"policies:{'' if len(outages) else ' []'}\n"
    )
    columns = {"day": "date", "share": "share_lost", "points": "values"}
    days = losses.days.assign(share=losses.days["share"].map("{:.3f}".format)).rename(columns=columns)
    days.insert(0, "state", losses.state)
    table = table_text(days.assign(source=losses.signal))
    return write_files(Path(folder), {LOST: table, SHUTDOWNS: text + "".join(policies)})
