"""Read how much traffic or signal a state had: Cloudflare Radar and IODA, their JSON or a table (CSV).

Radar's interface answers with series of ``timestamps`` and ``values``, IODA's with ``from``, ``step`` and ``values``;
a table has a column of times and one or more columns of numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sim.errors import InputError, Place, Problem, did_you_mean
from sim.facts.states import find_place, place_code
from sim.measured.records import FORMS, MOST_PROBLEMS, read_document, read_table

_TIMES = ("timestamps", "timestamp", "datetime", "date", "time", "day")
_UNUSABLE: Mapping[str, str] = {
    "MIN_MAX": "its lowest value is 0 by definition",
    "PERCENTAGE_CHANGE": "it is a change against another time",
    "OVERLAPPED_PERCENTAGE": "it is a share of another series",
    "RATIO": "it is a ratio of two series",
}
"""Normalisations of Radar that keep no level, and why."""


@dataclass(frozen=True)
class Signal:
    """A series of one state.

    Attributes
    ----------
    state : str
        Alpha-2 code.
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


@dataclass(frozen=True)
class _Series:
    """A series as a file has it; the state is empty where the file does not name one."""

    name: str
    state: str
    points: list[tuple[datetime, float]]


def read_signal(path: str | Path, *, state: str = "", series: str = "") -> Signal:
    """Read a series of traffic or signal.

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
    document, text = read_document(path)
    found = _of_table(path, text) if document is None else _of_document(path, document)
    wanted = place_code(state, "--state") if state else ""
    found = [one for one in found if not wanted or one.state in ("", wanted)]
    chosen = _chosen(path, found, series)
    code = chosen.state or wanted
    if not code:
        raise InputError(Problem(Place(str(path), 1), "the file names no state", "a state", "name it: --state IR"))
    if not chosen.points:
        raise InputError(Problem(Place(str(path), 1), f"the series '{chosen.name}' has no values", "numbers"))
    return Signal(code, chosen.name, tuple(sorted(chosen.points)), path.name)


def _chosen(path: Path, found: Sequence[_Series], name: str) -> _Series:
    """Return the series of a name, or the only one."""
    names = list(dict.fromkeys(one.name for one in found))
    states = sorted({one.state for one in found})
    allowed = f"one of: {', '.join(names)}" if names else FORMS
    if not found or (name and name not in names):
        what = f"no series is called '{name}'" if name and found else "no series"
        raise InputError(Problem(Place(str(path), 1), what, allowed, did_you_mean(name, names)))
    if len(states) > 1:
        series = f"series of {len(states)} states: {', '.join(states)}"
        raise InputError(Problem(Place(str(path), 1), series, "one state", f"name it: --state {states[0]}"))
    if not name and len(names) > 1:
        what = f"{len(names)} series: {', '.join(names)}"
        raise InputError(Problem(Place(str(path), 1), what, "one series", f"name it: --series {names[0]}"))
    kept = [one for one in found if not name or one.name == name]
    return _Series(kept[0].name, kept[0].state, [point for one in kept for point in one.points])


def _of_document(path: Path, document: Any) -> list[_Series]:
    """Return the series of a JSON document."""
    inner = document
    for key in ("result", "data"):
        if isinstance(inner, Mapping) and isinstance(inner.get(key), Mapping | list):
            inner = inner[key]
    if isinstance(inner, Mapping):
        return _of_radar(path, inner)
    listed = [one for item in inner for one in (item if isinstance(item, list) else [item])]
    problems: list[Problem] = []
    found = [one for at, item in enumerate(listed) if (one := _of_ioda(path, item, at, problems)) is not None]
    if problems:
        raise InputError(problems[:MOST_PROBLEMS])
    return found


def _of_radar(path: Path, result: Mapping[str, Any]) -> list[_Series]:
    """Return the series of an answer of Radar."""
    where, meta = Place(str(path), 1), result.get("meta")
    way = str(meta.get("normalization", "")) if isinstance(meta, Mapping) else ""
    if way in _UNUSABLE:
        found = f"the series is normalised by {way}: {_UNUSABLE[way]}"
        raise InputError(Problem(where, found, "a series whose zero means none", "ask for normalization=MIN0_MAX"))
    series = []
    for name, item in result.items():
        if not (isinstance(item, Mapping) and "timestamps" in item):
            continue
        times, values = item["timestamps"], item.get("values")
        if not isinstance(times, list) or not isinstance(values, list) or len(times) != len(values):
            raise InputError(Problem(where, f"{name}: times and values differ in number", "one value for each time"))
        series.append(_Series(name, "", list(_points(zip(times, values, strict=True), lambda _: where))))
    return series


def _of_ioda(path: Path, item: Any, at: int, problems: list[Problem]) -> _Series | None:
    """Return a series of an answer of IODA; of signals with several values at a time, none."""
    where = Place(str(path), 1)
    if not (isinstance(item, Mapping) and isinstance(item.get("values"), list)):
        problems.append(Problem(where, f"data[{at}] has no values", "a series of IODA, or an answer of Radar"))
        return None
    begin, step = item.get("from"), item.get("step")
    if not isinstance(begin, int) or not isinstance(step, int) or step <= 0:
        problems.append(Problem(where, f"data[{at}]: from is {begin}, step is {step}", "whole numbers of seconds"))
        return None
    if any(isinstance(value, list | Mapping) for value in item["values"]):
        return None
    name = "/".join(str(item[key]) for key in ("datasource", "subtype") if item.get(key))
    code = str(item.get("entityCode", "")) if item.get("entityType") == "country" else ""
    times = (begin + step * n for n in range(len(item["values"])))
    points = _points(zip(times, item["values"], strict=True), lambda _: where)
    return _Series(name or f"data[{at}]", find_place(code) or "", list(points))


def _of_table(path: Path, text: str) -> list[_Series]:
    """Return the series of a table: a column of times, and every column of numbers."""
    header, rows = read_table(path, text)
    folded = [name.casefold() for name in header]
    time = next((at for word in _TIMES for at, name in enumerate(folded) if word in name), None)
    if time is None:
        found = f"no column of times among: {', '.join(header)}"
        raise InputError(Problem(Place(str(path), 1), found, f"one of: {', '.join(_TIMES)}"))
    others = [at for at in range(len(header)) if at != time and not any(word in folded[at] for word in _TIMES)]
    # A column contains numbers if its first cell that is not empty is a number.
    columns = [at for at in others if _is_number(next((cells[at] for _, cells in rows if cells[at]), ""))]
    if not columns:
        raise InputError(Problem(Place(str(path), 1), "no column of numbers", "times, and numbers for each"))
    lines = [where for where, _ in rows]
    found_series = []
    for at in columns:
        pairs = ((cells[time], cells[at]) for _, cells in rows)
        found_series.append(_Series(header[at], "", list(_points(pairs, lines.__getitem__))))
    return found_series


def _points(pairs: Iterator[tuple[Any, Any]], where: Callable[[int], Place]) -> Iterator[tuple[datetime, float]]:
    """Yield (time, value) of the pairs that have a value; what cannot be read is an error with its place."""
    for number, (time, value) in enumerate(pairs):
        if value in (None, ""):
            continue
        try:
            amount = float(value)
        except (TypeError, ValueError):
            amount = math.nan
        if not math.isfinite(amount) or amount < 0:
            raise InputError(Problem(where(number), f"the value at {time} is '{value}'", "a number from 0 on"))
        yield _time(time, where(number)), amount


def _time(value: Any, where: Place) -> datetime:
    """Return a time: seconds since 1970, or a text of ISO 8601; without a zone it is universal time."""
    try:
        if isinstance(value, int | float):
            return datetime.fromtimestamp(value, UTC)
        text = str(value)
        if text.isdecimal() and len(text) >= 9:
            return datetime.fromtimestamp(int(text), UTC)
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        allowed = "2026-01-08T17:00:00Z, 2026-01-08, or seconds since 1970"
        raise InputError(Problem(where, f"the time is '{value}'", allowed)) from None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _is_number(text: str) -> bool:
    """Return whether a text is a number."""
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
