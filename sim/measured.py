"""Readers of external measurements, from files that you supply: blocks (OONI) and losses of
connectivity (Cloudflare Radar, IODA).

`read_ooni` reads measurements and `find_blocks` derives blocks from them. `read_signal` reads a
signal of a state, such as its traffic, and `find_losses` computes the share of the signal lost on
each day.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import math
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import fmean
from typing import Any, NoReturn
from urllib.parse import urlsplit

import pandas as pd

from .errors import InputError, Place, Problem, RunError, did_you_mean
from .facts.history import dated_platforms
from .facts.platforms import platform_at, platform_of_test
from .facts.states import find_place, place_code
from .facts.tables import fold
from .facts.worlds import MANIFEST, nearest_world

__all__ = [
    "Evidence",
    "Losses",
    "Signal",
    "find_blocks",
    "find_losses",
    "find_outages",
    "read_ooni",
    "read_signal",
    "write_blocks",
    "write_losses",
]

UNKNOWN_WAY = "isp"
"""Technique of a block if its measurements do not show one (assumption)."""
BLOCKS = "blocks.csv"
DAYS = "evidence/blocks.csv"
"""Files that are written; files that are not tables of a world are in a subfolder."""
_WEB = "web_connectivity"
_WAYS: Mapping[str, str] = {
    "dns": "dns",
    "tcp_ip": "isp",
    "http-failure": "dpi",
    "http-diff": "isp",
}
"""OONI's kind of blocking -> technique of the model (the second and the fourth are assumptions)."""
_COUNTS = ("anomaly_count", "confirmed_count", "failure_count", "ok_count")
_STATUS: Mapping[str, tuple[str, ...]] = {
    "whatsapp": ("whatsapp_endpoints_status", "registration_server_status"),
    "telegram": ("telegram_tcp_blocking", "telegram_http_blocking"),
    "facebook_messenger": ("facebook_tcp_blocking", "facebook_dns_blocking"),
    "signal": ("signal_backend_status",),
}
"""The keys of a test that state whether an application is blocked; its web version does not count.
"""


_COUNTED = ("reached", "blocked", "confirmed", "failed", "dns", "isp", "dpi")
"""Columns that are summed over the measurements of a day."""


_BLOCK = "state platform technique since until measurements blocked confirmed source note"


@dataclass(frozen=True)
class Evidence:
    """Evidence from files of measurements.

    Attributes
    ----------
    days : pandas.DataFrame
        A row by ``state`` (alpha-2 code), ``platform`` (as in ``platform_dates.csv``) and ``day``
        (UTC) with its measurements: ``reached``, the application or site answered; ``blocked``,
        OONI calls it an anomaly or a confirmed block; ``confirmed``, the confirmed blocks;
        ``failed``, the probe or the site failed; ``dns, isp, dpi``, the blocked measurements by
        technique, if known; ``tests``, the names of the tests. ``seen`` is the number of
        measurements that show whether the platform was reached, and ``share`` is their blocked part
        [1].
    left_out : mapping of str to int
        Number of records without information on a platform, by reason.
    files : tuple of str
        Names of the files.
    """

    days: pd.DataFrame
    left_out: Mapping[str, int]
    files: tuple[str, ...]


def read_ooni(
    paths: str | Path | Sequence[str | Path], *, state: str = "", platform: str = ""
) -> Evidence:
    """Read OONI measurements, a list of measurements from OONI's interface, or its aggregated form.

    Parameters
    ----------
    paths : path or sequence of paths
        JSON, one JSON object a line, or CSV; plain or compressed with gzip.
    state, platform : str, optional
        The value that is missing in the rows of an aggregation, which has two axes, while a row
        needs state, platform and day.

    Returns
    -------
    Evidence
        If both the test of an application and the address of its site were measured in a state,
        only the test counts.

    Raises
    ------
    InputError
        A record cannot be read (the error lists file and line of each), or no file has a
        measurement of a platform.
    """
    files = [Path(path) for path in ([paths] if isinstance(paths, str | Path) else paths)]
    stated = (
        place_code(state, "state") if state else "",
        _platform_name(platform) if platform else "",
    )
    rows = list[tuple[Any, ...]]()
    left_out = Counter[str]()
    problems = list[Problem]()
    for where, at, record in (found for path in files for found in read_records(path)):
        try:
            subject = _subject_of(record, *stated)
            if isinstance(subject, str):
                left_out[subject] += 1
            else:
                rows.append((*subject, *_counts(record, subject[3])))
        except InputError as error:
            problems += [problem.below(at, where) for problem in error.problems]
    if not rows and not problems:
        reasons = (
            ", ".join(f"{reason}: {number}" for reason, number in left_out.items()) or "no record"
        )
        found = f"no measurement of a platform ({reasons})"
        allowed = "measurements of platforms in splinternet list platforms"
        problems.append(Problem(Place(str(files[0]), 1), found, allowed))
    if problems:
        raise InputError(problems[:MOST_PROBLEMS])
    return Evidence(days_of(rows), dict(left_out), tuple(path.name for path in files))


def days_of(rows: Sequence[tuple[Any, ...]]) -> pd.DataFrame:
    """Return the days of `Evidence` from rows of state, platform, day, test and numbers of
    measurements.
    """
    frame = pd.DataFrame(rows, columns=["state", "platform", "day", "test", *_COUNTED])
    pair = pd.MultiIndex.from_frame(frame[["state", "platform"]])
    is_site = (frame["test"] == _WEB).to_numpy()
    frame = frame[~is_site | ~pair.isin(pair[~is_site])]
    by_day = frame.groupby(["state", "platform", "day"])
    days = by_day[list(_COUNTED)].sum()
    days["tests"] = by_day["test"].agg(lambda tests: "|".join(sorted(set(tests))))
    days["seen"] = days["reached"] + days["blocked"]
    days["share"] = days["blocked"] / days["seen"].clip(lower=1)
    return days.reset_index()


def _platform_name(text: str) -> str:
    """Return the name of a platform in the histories."""
    names = {fold(name): name for name in dated_platforms()} | {"twitter": "X"}
    if fold(text) not in names:
        hint = did_you_mean(text, names.values())
        fail("platform", f"no platform is called '{text}'", "a name, such as WhatsApp", hint)
    return names[fold(text)]


def _subject_of(
    record: Mapping[str, Any], state: str, platform: str
) -> tuple[str, str, date, str] | str:
    """Return state, platform, day and test of a record, or the reason to leave it out."""
    aggregated = "measurement_count" in record
    test = str(record.get("test_name") or "")
    if not aggregated and "test_name" not in record:
        found = "neither 'test_name' nor 'measurement_count'"
        hint = "see docs/data.md#blocks-that-ooni-measured"
        fail("", found, "a measurement of OONI, or a row of its aggregation", hint)
    code = str(record.get("probe_cc") or state)
    if code == "ZZ":
        return "of no state"
    if not code:
        fail("", "it says no state", "probe_cc", 'name it: state="IR"')
    address = str(record.get("domain") or record.get("input") or "")
    try:
        host = (urlsplit(address).hostname or "") if "//" in address else address.split("/")[0]
    except ValueError:
        return "of an unreadable address"
    name = platform_of_test(test) or platform_at(host) or platform
    if not name and aggregated and not (test or host):
        found = "it says neither domain nor test_name"
        hint = 'name the platform: platform="WhatsApp"'
        fail("", found, "a row about one platform", hint)
    if not name:
        return "of no platform"
    key = "measurement_start_day" if aggregated else "measurement_start_time"
    text = str(record.get(key) or "")
    try:
        return place_code(code), name, date.fromisoformat(text[:10]), test or _WEB
    except ValueError:
        found, hint = (
            (f"{key} is '{text}'", "") if text else (f"it has no {key}", "ask for axis_x={key}")
        )
        fail("", found, "a date, YYYY-MM-DD", hint)


def _counts(record: Mapping[str, Any], test: str) -> tuple[int, ...]:
    """Return the numbers of a measurement or of a row of an aggregation, in the order of
    `_COUNTED`.
    """
    keys = record.get("test_keys")
    keys = keys if isinstance(keys, Mapping) else None
    if "measurement_count" in record:
        texts = {key: str(record.get(key, "")).strip() for key in _COUNTS}
        for key, text in texts.items():
            if not text.isdecimal() or len(text) > 15:
                fail("", f"{key} is '{text}'", "a whole number of at most 15 digits")
        anomalies, confirmed, failed, reached = map(int, texts.values())
    else:
        words = ("anomaly", "confirmed", "failure")
        result = next((word for word in reversed(words) if record.get(word)), "reached")
        if keys is not None:
            result = {True: "anomaly", False: "reached", None: "failure"}[_is_blocked(test, keys)]
        anomalies, confirmed, failed, reached = (
            int(result == word) for word in (*words, "reached")
        )
    blocked = anomalies + confirmed
    way = _way(record, keys or {})
    return (
        reached,
        blocked,
        confirmed,
        failed,
        *(blocked if way == each else 0 for each in _COUNTED[4:]),
    )


def _is_blocked(test: str, keys: Mapping[str, Any]) -> bool | None:
    """Return whether a measurement shows a block of the application or the site; None if it is
    inconclusive.
    """
    if test in _STATUS:
        said = [
            keys[key] in (True, "blocked") for key in _STATUS[test] if keys.get(key) is not None
        ]
        return any(said) if said else None
    if isinstance(keys.get("blocking"), str):
        return True
    return False if keys.get("blocking") is False and keys.get("accessible") is True else None


def _way(record: Mapping[str, Any], keys: Mapping[str, Any]) -> str:
    """Return the technique in a blocked record, or an empty text."""
    if keys.get("facebook_dns_blocking") is True:
        return "dns"
    if keys.get("facebook_tcp_blocking") is True or keys.get("telegram_tcp_blocking") is True:
        return "isp"
    analysis = record.get("scores")
    for key in ("analysis", "blocking_type"):
        analysis = analysis.get(key) if isinstance(analysis, Mapping) else None
    return _WAYS.get(str(keys.get("blocking") or record.get("blocking_type") or analysis or ""), "")


def find_blocks(
    evidence: Evidence, *, least: int = 5, share: float = 0.5, shortest: int = 2
) -> pd.DataFrame:
    """Return the blocks that measurements show, by state, platform and day.

    Only measured days without a block end it; a gap in the measurements does not. The defaults are
    assumptions.

    Parameters
    ----------
    evidence : Evidence
    least : int
        Smallest number of measurements of a counted day.
    share : float
        Smallest share of blocked measurements [1].
    shortest : int
        Number of consecutive days that begin a block, and of days without it that end a block
        [counted days].

    Returns
    -------
    pandas.DataFrame
        ``state, platform, technique``; ``since``, the first day on which the block was seen, and
        ``until``, the first measured day without it, or None if no end was measured;
        ``measurements, blocked, confirmed`` of its days; ``source``, and ``note``, a remark for
        readers.
    """
    rows = []
    counted = evidence.days[evidence.days["seen"] >= least]
    for (state, platform), days in counted.groupby(["state", "platform"]):
        for begin, end in _spells((days["share"] >= share).tolist(), shortest):
            spell = days.iloc[begin:end]
            seen, blocked, confirmed = (
                int(spell[name].sum()) for name in ("seen", "blocked", "confirmed")
            )
            ways = spell[list(_COUNTED[4:])].sum()
            notes = [f"{blocked} of {seen} measurements blocked, {confirmed} confirmed"]
            notes += ["seen from the first measured day on, so it may be older"] * (begin == 0)
            if gap := max(
                ((later - earlier).days - 1 for earlier, later in pairwise(spell["day"])), default=0
            ):
                notes.append(f"longest gap without enough measurements {gap} days")
            tests = ", ".join(
                sorted({test for names in spell["tests"] for test in names.split("|")})
            )
            rows.append(
                {
                    "state": state,
                    "platform": platform,
                    "technique": str(ways.idxmax()) if ways.any() else UNKNOWN_WAY,
                    "since": spell["day"].iloc[0],
                    "until": days["day"].iloc[end] if end < len(days) else None,
                    "measurements": seen,
                    "blocked": blocked,
                    "confirmed": confirmed,
                    "source": f"OONI measurements ({tests}) in {', '.join(evidence.files)}",
                    "note": "; ".join(notes),
                }
            )
    return pd.DataFrame(rows, columns=_BLOCK.split())


def _spells(blocked: Sequence[bool], shortest: int) -> Iterator[tuple[int, int]]:
    """Yield (first, end) of each block among counted days; the end is the first day without it, or
    the number of days.
    """
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


def write_blocks(folder: str | Path, evidence: Evidence, blocks: pd.DataFrame) -> tuple[Path, ...]:
    """Write a folder of tables for use as your own facts: ``blocks.csv`` with the latest block of
    each state and platform, and the evidence.

    A folder that has no ``world.csv`` gets one that names the shipped world nearest to the last
    measured day.

    Parameters
    ----------
    folder : path
        The folder, created if missing; files of these names are never replaced.
    evidence : Evidence
    blocks : pandas.DataFrame
        The blocks from `find_blocks`.

    Raises
    ------
    InputError
        One of the files exists.
    RunError
        The folder cannot be written.
    """
    latest = blocks.drop_duplicates(["state", "platform"], keep="last")
    latest = latest.assign(source=latest["source"] + "; " + latest["note"], basis="measured")
    days = evidence.days.rename(columns={"day": "date"}).assign(
        share=evidence.days["share"].map("{:.3f}".format)
    )
    tables = {
        BLOCKS: latest[["state", "platform", "technique", "since", "until", "source", "basis"]],
        DAYS: days[
            [
                "state",
                "platform",
                "date",
                "reached",
                "blocked",
                "confirmed",
                "failed",
                "share",
                "tests",
            ]
        ],
    }
    if not (Path(folder) / MANIFEST).exists():
        row = ("base", "", nearest_world(max(days["date"])), "OONI measurements", "measured", "")
        tables[MANIFEST] = pd.DataFrame(
            [row], columns=["key", "name", "value", "source", "basis", "note"]
        )
    return write_files(Path(folder), {name: table_text(table) for name, table in tables.items()})


# --- files ----------------------------------------------------------------------------------------

FORMS = "JSON, one JSON object a line, or a table with a header (CSV)"
MOST_PROBLEMS = 20
"""Largest number of problems of a file that are reported; more have the same cause."""


def fail(where: str, found: str, allowed: str, hint: str = "") -> NoReturn:
    """Raise an error with one problem."""
    raise InputError(Problem(where, found, allowed, hint)) from None


def read_file(path: Path) -> tuple[list[tuple[Place, Any]], bool]:
    """Return the documents or rows of a file, each with its place, and whether it is JSON.

    A JSON file has one document, or one in each line. A table has one row in each line, separated
    by commas, semicolons or tabs.

    Raises
    ------
    InputError
        The file, or some of its lines, cannot be read.
    """
    try:
        data = path.read_bytes()
        text = (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode("utf-8-sig")
    except (
        OSError,
        EOFError,
        zlib.error,
        UnicodeDecodeError,
    ) as error:  # includes damaged compressed files
        fail(str(path), f"it cannot be read ({error})", f"text in UTF-8: {FORMS}")
    if not text.strip():
        fail(Place(str(path), 1), "the file is empty", FORMS)
    is_json = text.lstrip()[:1] in ("{", "[")
    problems: list[Problem] = []
    found = list(_read_json(path, text, problems) if is_json else _read_table(path, text, problems))
    if problems:
        raise InputError(problems[:MOST_PROBLEMS])
    return found, is_json


def _read_json(path: Path, text: str, problems: list[Problem]) -> Iterator[tuple[Place, Any]]:
    """Yield the document in a text, or one for each line; lines that are no JSON add problems."""
    try:
        yield Place(str(path), 1), json.loads(text)
        return
    except (
        ValueError,
        RecursionError,
    ) as error:  # also numbers with too many digits, or too deep nesting
        allowed = "a whole JSON document, or one JSON object a line"
        where = Place(str(path), getattr(error, "lineno", 1), getattr(error, "colno", 1))
        whole = Problem(where, f"this is no JSON: {getattr(error, 'msg', error)}", allowed)
    for line, part in enumerate(text.splitlines(), start=1):
        try:
            if part.strip():
                yield Place(str(path), line), json.loads(part)
        except (ValueError, RecursionError) as error:
            where = Place(str(path), line, getattr(error, "colno", 1))
            found = f"this is no JSON: {getattr(error, 'msg', error)}"
            problems.append(Problem(where, found, allowed) if line > 1 else whole)
            if line == 1:
                return


def _read_table(
    path: Path, text: str, problems: list[Problem]
) -> Iterator[tuple[Place, dict[str, str]]]:
    """Yield the rows of a table by column; rows of another length than the header add problems."""
    first = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count))
    try:
        header = [name.strip() for name in next(reader, [])]
        for cells in reader:
            where = Place(str(path), reader.line_num)
            if len(cells) == len(header):
                yield where, dict(zip(header, map(str.strip, cells), strict=True))
            elif any(cells):
                problems.append(
                    Problem(
                        where, f"{len(cells)} fields", f"{len(header)} fields, as in the header"
                    )
                )
    except csv.Error as error:
        problems.append(Problem(Place(str(path), reader.line_num), str(error), FORMS))
        return
    if len(header) < 2 or reader.line_num < 2:
        problems.append(Problem(Place(str(path), 1), "no table", FORMS))


def read_records(path: Path) -> Iterator[tuple[Place, str, dict[str, Any]]]:
    """Yield the records of a file: the place, the place within a document such as ``result[3]``,
    and the fields.
    """
    documents, is_json = read_file(path)
    for where, document in documents:
        name = ""
        if is_json and isinstance(document, dict):
            name = next(
                (
                    name
                    for name in ("result", "results")
                    if isinstance(document.get(name), list | dict)
                ),
                "",
            )
        inner = document[name] if name else document
        for at, item in enumerate(inner if isinstance(inner, list) else [inner]):
            if not isinstance(item, dict):
                fail(
                    where,
                    f"{name}[{at}] is not a record",
                    "a JSON object, a list of them, or one JSON object a line",
                )
            yield where, f"{name}[{at}]" if name or (is_json and len(documents) == 1) else "", item


def table_text(frame: pd.DataFrame) -> str:
    """Return a table as text."""
    return frame.to_csv(index=False, lineterminator="\n")


def write_files(folder: Path, texts: Mapping[str, str]) -> tuple[Path, ...]:
    """Write files, all of them or none, and return them; existing files are never replaced."""
    paths = {folder / name: text for name, text in texts.items()}
    if taken := [str(path) for path in paths if path.exists()]:
        found = f"{', '.join(taken)} already exists"
        fail("folder", found, "a folder without such a file", "name another folder")
    written: list[Path] = []
    try:
        for path, text in paths.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                written.append(path)
                file.write(text)
    except OSError as error:
        for path in written:
            path.unlink()
        raise RunError(f"{folder} cannot be written: {error.strerror or error}") from error
    return tuple(written)


# --- losses of connectivity -----------------------------------------------------------------------

REFERENCE_DAYS = 7
"""Number of days at the beginning of a file that are the default reference without an outage
(assumption).
"""
FROM = 0.1
ALIKE = 0.1
"""Smallest lost share of a day in an outage, and largest difference between its days (assumptions).
"""
_TIMES = ("timestamps", "timestamp", "datetime", "date", "time", "day")
_UNUSABLE: Mapping[str, str] = {
    "MIN_MAX": "its lowest value is 0 by definition",
    "PERCENTAGE_CHANGE": "it is a change against another time",
    "OVERLAPPED_PERCENTAGE": "it is a share of another series",
    "RATIO": "it is a ratio of two series",
}
"""Normalisations of Radar that lose the level, with the reason."""


LOST = "evidence/connectivity.csv"
SHUTDOWNS = "shutdowns.yaml"
"""Files that are written; files that are not tables of a world are in a folder of their own."""


@dataclass(frozen=True)
class Signal:
    """A series of one state.

    Attributes
    ----------
    state : str
        Alpha-2 code; empty if the file does not name the state.
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
    """Read a time series of traffic or another signal: an answer of Cloudflare Radar or IODA, or a
    table with a column of times.

    Parameters
    ----------
    path : path
        JSON or CSV, plain or compressed with gzip.
    state : str, optional
        The state, if the file does not name it (IODA's JSON does).
    series : str, optional
        The series, if the file has several.

    Raises
    ------
    InputError
        The file cannot be read (the error names the line), or the state or the series is ambiguous.
    """
    path = Path(path)
    where = Place(str(path), 1)
    (content, is_json) = read_file(path)
    signals = (
        _signals_of_document(where, content[0][1]) if is_json else _signals_of_table(where, content)
    )
    wanted = place_code(state, "state") if state else ""
    signals = [signal for signal in signals if not wanted or signal.state in ("", wanted)]
    names = list(dict.fromkeys(signal.name for signal in signals))
    states = sorted({signal.state for signal in signals})
    if not signals:
        fail(where, "no series", FORMS)
    if series and series not in names:
        fail(
            where,
            f"no series is called '{series}'",
            f"one of: {', '.join(names)}",
            did_you_mean(series, names),
        )
    if len(states) > 1:
        found = f"series of {len(states)} states: {', '.join(states)}"
        fail(where, found, "one state", f'name it: state="{states[0]}"')
    if not series and len(names) > 1:
        fail(
            where,
            f"{len(names)} series: {', '.join(names)}",
            "one series",
            f'name it: series="{names[0]}"',
        )
    name = series or names[0]
    code = states[0] or wanted
    if not code:
        fail(where, "the file names no state", "a state", 'name it: state="IR"')
    points = sorted(point for signal in signals if signal.name == name for point in signal.points)
    if not points:
        fail(where, f"the series '{name}' has no values", "numbers")
    return Signal(code, name, tuple(points), path.name)


def _signals_of_document(where: Place, document: Any) -> list[Signal]:
    """Return the series of an answer of Radar (``timestamps`` and ``values``) or of IODA (``from``,
    ``step``).
    """
    for key in ("result", "data"):
        if isinstance(document, Mapping) and isinstance(document.get(key), Mapping | list):
            document = document[key]
    if isinstance(document, Mapping):
        return _signals_of_radar(where, document)
    signals = []
    problems = []
    for at, item in enumerate(
        one for entry in document for one in (entry if isinstance(entry, list) else [entry])
    ):
        series: Any = item if isinstance(item, Mapping) else {}
        values, begin, step = (series.get(key) for key in ("values", "from", "step"))
        if (type(values), type(begin), type(step)) != (
            list,
            int,
            int,
        ) or not 0 < step < 2**63 - abs(begin):
            allowed = "a list under values, and whole numbers of seconds under from and step"
            problems.append(
                Problem(
                    where, f"data[{at}] is not a series: from is {begin}, step is {step}", allowed
                )
            )
        elif not any(
            isinstance(value, list | Mapping) for value in values
        ):  # signals with one value for each time
            times = [begin + step * n for n in range(len(values))]
            name = (
                "/".join(str(item[key]) for key in ("datasource", "subtype") if item.get(key))
                or f"data[{at}]"
            )
            code = (
                find_place(str(item.get("entityCode", "")))
                if item.get("entityType") == "country"
                else None
            )
            try:
                signals.append(
                    Signal(code or "", name, _points([where] * len(times), times, values), "")
                )
            except InputError as error:
                problems += [problem.below(name) for problem in error.problems]
    if problems:
        raise InputError(problems[:MOST_PROBLEMS])
    return signals


def _signals_of_radar(where: Place, document: Mapping[str, Any]) -> list[Signal]:
    """Return the series of an answer of Radar; a series whose zero does not mean none is
    refused.
    """
    meta = document.get("meta")
    way = str(meta.get("normalization", "")) if isinstance(meta, Mapping) else ""
    if way in _UNUSABLE:
        found = f"the series is normalised by {way}: {_UNUSABLE[way]}"
        fail(where, found, "a series whose zero means none", "ask for normalization=MIN0_MAX")
    signals = []
    for name, item in document.items():
        if isinstance(item, Mapping) and "timestamps" in item:
            times = item["timestamps"]
            values = item.get("values")
            if (
                not isinstance(times, list)
                or not isinstance(values, list)
                or len(times) != len(values)
            ):
                fail(where, f"{name}: times and values differ in number", "one value for each time")
            signals.append(Signal("", name, _points([where] * len(times), times, values), ""))
    return signals


def _signals_of_table(where: Place, rows: Sequence[tuple[Place, dict[str, str]]]) -> list[Signal]:
    """Return the series of a table with a column of times, one for each column of numbers."""
    header = list(rows[0][1]) if rows else []
    time = next((name for word in _TIMES for name in header if word in name.casefold()), None)
    if time is None:
        fail(
            where, f"no column of times among: {', '.join(header)}", f"one of: {', '.join(_TIMES)}"
        )
    places = [place for place, _ in rows]
    times = [row[time] for _, row in rows]
    signals = []
    for name in header:
        cells = [row[name] for _, row in rows]
        is_time = any(word in name.casefold() for word in _TIMES)
        if not is_time and math.isfinite(_number(next(filter(None, cells), ""))):
            signals.append(Signal("", name, _points(places, times, cells), ""))
    if not signals:
        fail(where, "no column of numbers", "times, and numbers for each")
    return signals


def _points(
    places: Sequence[Place], times: Sequence[Any], values: Sequence[Any]
) -> tuple[tuple[datetime, float], ...]:
    """Return the pairs (time, value) with a value; an unreadable entry raises an error with its
    place.
    """
    points = []
    problems = []
    for where, time, value in zip(places, times, values, strict=True):
        if value in (None, ""):
            continue
        amount = _number(value)
        if not math.isfinite(amount) or amount < 0:
            problems.append(
                Problem(where, f"the value at {time} is '{value}'", "a number from 0 on")
            )
        try:
            points.append((_time(time), amount))
        except (ValueError, OverflowError, OSError):
            allowed = "2026-01-08T17:00:00Z, 2026-01-08, or seconds since 1970"
            problems.append(Problem(where, f"the time is '{time}'", allowed))
    if problems:
        raise InputError(problems[:MOST_PROBLEMS])
    return tuple(points)


def _number(value: Any) -> float:
    """Return a number, or NaN if the value is none."""
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan


def _time(value: Any) -> datetime:
    """Return a time from seconds since 1970 or an ISO 8601 text; without a zone it is in UTC."""
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
        A row by ``day``: the ``share`` lost relative to the same times of day in the reference [1],
        0 for a gain, and ``points``, the number of values of the day.
    noise : float
        Largest share lost on a day of the reference itself [1]; smaller losses are not significant.
    reference : (datetime.date, datetime.date)
        First and last day of the reference without an outage.
    signal : str
        Name of the series and of the file.
    """

    state: str
    days: pd.DataFrame
    noise: float
    reference: tuple[date, date]
    signal: str


def find_losses(
    signal: Signal, *, reference: tuple[date, date] | None = None, utc_offset: float = 0.0
) -> Losses:
    """Return the share of traffic or signal lost on each day.

    The loss of a day is one minus the sum of its values over the sum of the reference at the same
    times of day; the reference at a time of day is the median over its days.

    Parameters
    ----------
    signal : Signal
    reference : (date, date), optional
        First and last day without an outage; by default the first week of the file.
    utc_offset : float
        Offset of local days [hours].

    Raises
    ------
    InputError
        The reference is not in the file, or is zero.
    """
    times = [time + timedelta(hours=utc_offset) for time, _ in signal.points]
    points = pd.DataFrame(
        {
            "day": [t.date() for t in times],
            "time": [t.time() for t in times],
            "value": [v for _, v in signal.points],
        }
    )
    first = times[0].date()
    last = times[-1].date()
    begin, end = reference or (first, min(last, first + timedelta(days=REFERENCE_DAYS - 1)))
    if end < begin:
        fail("reference", f"{end} is before {begin}", "the first day first", "swap them?")
    normal = (
        points[(points["day"] >= begin) & (points["day"] <= end)].groupby("time")["value"].median()
    )
    if not (normal > 0).any():
        found = (
            f"only zeros between {begin} and {end}"
            if len(normal)
            else f"nothing between {begin} and {end}"
        )
        fail("reference", found, f"days of normal life, from {first} to {last}", "name others")
    points["usual"] = points["time"].map(normal)
    by_day = points[points["usual"] > 0].groupby("day")
    days = by_day.agg(
        value=("value", "sum"), usual=("usual", "sum"), points=("value", "size")
    ).reset_index()
    days.insert(1, "share", (1.0 - days.pop("value") / days.pop("usual")).clip(lower=0.0))
    noise = float(days.loc[days["day"].between(begin, end), "share"].max())
    return Losses(signal.state, days, noise, (begin, end), f"{signal.name} in {signal.file}")


def find_outages(losses: Losses, least: float = FROM) -> pd.DataFrame:
    """Return the outages, which are periods of days with about the same loss, above a minimum
    share.

    Parameters
    ----------
    losses : Losses
    least : float
        Smallest lost share of a day in an outage [1]. A day within the noise of the reference never
        counts.

    Returns
    -------
    pandas.DataFrame
        A row for each outage, in the form of a ``shutdown`` of a scenario: ``state``, the first day
        ``on``, the first day after it ``until``, and the mean ``share`` lost [1].
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
    rows = [
        (losses.state, run[0][0], run[-1][0] + timedelta(days=1), fmean(share for _, share in run))
        for run in runs
    ]
    return pd.DataFrame(rows, columns=["state", "on", "until", "share"])


def write_losses(folder: str | Path, losses: Losses, outages: pd.DataFrame) -> tuple[Path, ...]:
    """Write the share lost on each day below ``evidence``, and policies for the outages into
    ``shutdowns.yaml``.

    Parameters
    ----------
    folder : path
        The folder, created if missing; files of these names are never replaced.
    losses : Losses
    outages : pandas.DataFrame
        The outages from `find_outages`.

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
    days = losses.days.assign(share=losses.days["share"].map("{:.3f}".format)).rename(
        columns=columns
    )
    days.insert(0, "state", losses.state)
    table = table_text(days.assign(source=losses.signal))
    return write_files(Path(folder), {LOST: table, SHUTDOWNS: text + "".join(policies)})
