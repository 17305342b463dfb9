"""Read measurements of OONI: how often each platform was reached from each state, day by day.

Three forms are read: the measurements themselves (one JSON object a line), the list of measurements of OONI's
interface, and its aggregation (JSON or CSV). A measurement counts as one of these:

- ``reached``: the application or the site answered as it should;
- ``blocked``: OONI calls it an anomaly, or a confirmed block;
- ``failed``: it shows neither, because the probe or the site failed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sim.errors import InputError, Place, Problem, did_you_mean
from sim.facts.history import dated_platforms
from sim.facts.platforms import platform_at, platform_of_test
from sim.facts.states import place_code
from sim.facts.tables import fold
from sim.measured.records import MOST_PROBLEMS, Record, read_records

WEB = "web_connectivity"
_COUNTS = ("anomaly_count", "confirmed_count", "failure_count", "ok_count")
_WAYS: Mapping[str, str] = {"dns": "dns", "tcp_ip": "isp", "http-failure": "dpi", "http-diff": "isp"}
"""What OONI calls the way of a block -> technique of the model (the second and the fourth are assumptions)."""
_NOWHERE = "ZZ"


@dataclass
class Day:
    """Measurements of a platform from a state on a day.

    Attributes
    ----------
    state, platform : str
        Alpha-2 code; name as in ``platform_dates.csv``.
    day : datetime.date
        In Coordinated Universal Time.
    reached, blocked, confirmed, failed : int
        Measurements; the confirmed blocks are among the blocked.
    ways : Counter of str
        Blocked measurements by technique, where it is known.
    tests : set of str
        Names of the tests.
    """

    state: str
    platform: str
    day: date
    reached: int = 0
    blocked: int = 0
    confirmed: int = 0
    failed: int = 0
    ways: Counter[str] = field(default_factory=Counter)
    tests: set[str] = field(default_factory=set)

    @property
    def seen(self) -> int:
        """Measurements that show whether the platform was reached."""
        return self.reached + self.blocked

    @property
    def share(self) -> float:
        """Share of these that were blocked [1]; 0 without any."""
        return self.blocked / self.seen if self.seen else 0.0


@dataclass(frozen=True)
class Evidence:
    """What a file of measurements shows.

    Attributes
    ----------
    days : tuple of Day
        By state, platform and day.
    left_out : mapping of str to int
        Records that say nothing about a platform, by the reason.
    files : tuple of str
        Names of the files.
    """

    days: tuple[Day, ...]
    left_out: Mapping[str, int]
    files: tuple[str, ...]


@dataclass(frozen=True)
class _Kind:
    """What a record is about: state, platform and day, and the test."""

    state: str
    platform: str
    day: date
    test: str


def read_ooni(paths: str | Path | Sequence[str | Path], *, state: str = "", platform: str = "") -> Evidence:
    """Read files of OONI measurements.

    Parameters
    ----------
    paths : path or sequence of paths
        JSON, one JSON object a line, or CSV; plain or packed with gzip.
    state, platform : str, optional
        What the rows of an aggregation do not say: it has two axes, and a row needs state, platform and day.

    Returns
    -------
    Evidence
        Where the test of an application and the address of its site were both measured in a state, the test counts.

    Raises
    ------
    InputError
        Records that cannot be read, each with file and line; or files without any measurement of a platform.
    """
    listed = [Path(paths)] if isinstance(paths, str | Path) else [Path(path) for path in paths]
    reader = _Reader(place_code(state, "--state") if state else "", _named(platform) if platform else "")
    for path in listed:
        for record in read_records(path):
            reader.take(record)
            if len(reader.problems) >= MOST_PROBLEMS:
                break
    if reader.problems:
        raise InputError(reader.problems)
    if not reader.days:
        reasons = ", ".join(f"{reason}: {number}" for reason, number in reader.left_out.items()) or "no record"
        allowed = "measurements of platforms (splinternet list platforms)"
        raise InputError(Problem(Place(str(listed[0]), 1), f"no measurement of a platform ({reasons})", allowed))
    days = _tests_first(reader.days.values())
    return Evidence(days, dict(reader.left_out), tuple(path.name for path in listed))


class _Reader:
    """Counts records by state, platform, day and test."""

    def __init__(self, state: str, platform: str) -> None:
        self.state, self.platform = state, platform
        self.days: dict[_Kind, Day] = {}
        self.left_out: Counter[str] = Counter()
        self.problems: list[Problem] = []

    def take(self, record: Record) -> None:
        """Count one record, or note what is wrong with it."""
        data = record.data
        aggregated = "measurement_count" in data
        if not aggregated and "test_name" not in data:
            found = "neither 'test_name' nor 'measurement_count'"
            hint = "see docs/how-to/read-ooni-measurements.md"
            self.problems.append(record.problem(found, "a measurement of OONI, or a row of its aggregation", hint))
            return
        try:
            kind = self._kind(record, aggregated)
            if kind is not None:
                day = self.days.setdefault(kind, Day(kind.state, kind.platform, kind.day))
                day.tests.add(kind.test)
                _add(day, _counts(record) if aggregated else _verdict(data), data)
        except InputError as error:
            self.problems += error.problems

    def _kind(self, record: Record, aggregated: bool) -> _Kind | None:
        """Return what a record is about, or None where it is about no platform or no state."""
        data, test = record.data, str(record.data.get("test_name") or "")
        code = str(data.get("probe_cc") or self.state)
        if code == _NOWHERE:
            self.left_out["of no state"] += 1
            return None
        if not code:
            raise InputError(record.problem("it says no state", "probe_cc", "name it: --state IR"))
        platform = platform_of_test(test) or platform_at(_host(data)) or self.platform
        if not platform:
            if aggregated and not (test or _host(data)):
                found, hint = "it says neither domain nor test_name", "name the platform: --platform WhatsApp"
                raise InputError(record.problem(found, "a row about one platform", hint))
            self.left_out["of no platform"] += 1
            return None
        day = _day(record, "measurement_start_day" if aggregated else "measurement_start_time")
        return _Kind(place_code(code, record.where), platform, day, test or WEB)


def _named(text: str) -> str:
    """Return the name of a platform as the histories have it."""
    names = {fold(name): name for name in dated_platforms()} | {"twitter": "X"}
    if fold(text) not in names:
        hint = did_you_mean(text, names.values())
        raise InputError(Problem("--platform", f"no platform is called '{text}'", "a name, such as WhatsApp", hint))
    return names[fold(text)]


def _host(data: Mapping[str, Any]) -> str:
    """Return the host that a record is about, or an empty text."""
    text = str(data.get("domain") or data.get("input") or "")
    return (urlsplit(text).hostname or "") if "//" in text else text.split("/")[0]


def _day(record: Record, key: str) -> date:
    """Return the day of a record."""
    text = str(record.data.get(key) or "")
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        found = f"{key} is '{text}'" if text else f"it has no {key}"
        hint = "" if text else "ask for axis_x=measurement_start_day"
        raise InputError(record.problem(found, "a date, YYYY-MM-DD", hint)) from None


def _counts(record: Record) -> tuple[int, int, int, int]:
    """Return (anomalies, confirmed, failed, reached) of a row of the aggregation."""
    found = []
    for key in _COUNTS:
        text = str(record.data.get(key, "")).strip()
        if not text.isdecimal():
            raise InputError(record.problem(f"{key} is '{text}'", "a whole number"))
        found.append(int(text))
    return found[0], found[1], found[2], found[3]


def _verdict(data: Mapping[str, Any]) -> tuple[int, int, int, int]:
    """Return what one measurement counts as: (anomaly, confirmed, failed, reached), one of them 1."""
    keys = data.get("test_keys")
    if isinstance(keys, Mapping):
        blocked = _blocked(str(data["test_name"]), keys)
        return int(blocked is True), 0, int(blocked is None), int(blocked is False)
    if data.get("failure"):
        return 0, 0, 1, 0
    if data.get("confirmed"):
        return 0, 1, 0, 0
    return int(bool(data.get("anomaly"))), 0, 0, int(not data.get("anomaly"))


def _blocked(test: str, keys: Mapping[str, Any]) -> bool | None:
    """Return whether a measurement shows a block of the application or the site; None where it shows nothing.

    The web versions of WhatsApp and Telegram are left aside: the question is whether the application works.
    """
    if test == "whatsapp":
        return _any(keys.get(f"{part}_status") for part in ("whatsapp_endpoints", "registration_server"))
    if test == "telegram":
        return _any((keys.get("telegram_tcp_blocking"), keys.get("telegram_http_blocking")))
    if test == "facebook_messenger":
        return _any((keys.get("facebook_tcp_blocking"), keys.get("facebook_dns_blocking")))
    if test == "signal":
        return _any((keys.get("signal_backend_status"),))
    blocking = keys.get("blocking")
    if isinstance(blocking, str):
        return True
    return False if blocking is False and keys.get("accessible") is True else None


def _any(values: Iterable[object]) -> bool | None:
    """Return whether one of some values says blocked; None where none says anything."""
    blocked = [value in (True, "blocked") for value in values if value is not None]
    return any(blocked) if blocked else None


def _add(day: Day, counts: tuple[int, int, int, int], data: Mapping[str, Any]) -> None:
    """Add the counts of a record to its day."""
    anomalies, confirmed, failed, reached = counts
    day.blocked += anomalies + confirmed
    day.confirmed += confirmed
    day.failed += failed
    day.reached += reached
    way = _way(data)
    if way and anomalies + confirmed:
        day.ways[way] += anomalies + confirmed


def _way(data: Mapping[str, Any]) -> str:
    """Return the technique that a blocked record shows, or an empty text."""
    keys = data.get("test_keys")
    mapping = keys if isinstance(keys, Mapping) else {}
    if mapping.get("facebook_dns_blocking") is True:
        return "dns"
    if mapping.get("facebook_tcp_blocking") is True or mapping.get("telegram_tcp_blocking") is True:
        return "isp"
    scores = data.get("scores")
    analysis = scores.get("analysis") if isinstance(scores, Mapping) else None
    listed = analysis.get("blocking_type") if isinstance(analysis, Mapping) else None
    return _WAYS.get(str(mapping.get("blocking") or data.get("blocking_type") or listed or ""), "")


def _tests_first(days: Iterable[Day]) -> tuple[Day, ...]:
    """Return one entry for each state, platform and day: that of the application's test where it was measured."""
    listed = list(days)
    with_test = {(day.state, day.platform) for day in listed if day.tests != {WEB}}
    found: dict[tuple[str, str, date], Day] = {}
    for day in listed:
        if day.tests == {WEB} and (day.state, day.platform) in with_test:
            continue
        found[day.state, day.platform, day.day] = day
    return tuple(found[key] for key in sorted(found))
