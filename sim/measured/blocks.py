"""Blocks from OONI measurements: how often each platform was reached from each state, day by day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pandas as pd

from ..errors import InputError, Place, Problem, did_you_mean
from ..facts.history import dated_platforms
from ..facts.platforms import platform_at, platform_of_test
from ..facts.states import place_code
from ..facts.tables import fold
from ..facts.worlds import MANIFEST, nearest_world
from .files import MOST_PROBLEMS, fail, read_records, table_text, write_files

UNKNOWN_WAY = "isp"
"""Technique of a block whose measurements do not show it (assumption)."""
BLOCKS, DAYS = "blocks.csv", "evidence/blocks.csv"
"""Files that are written; what is no table of a world lies in a folder of its own below it."""
_WEB = "web_connectivity"
_WAYS: Mapping[str, str] = {"dns": "dns", "tcp_ip": "isp", "http-failure": "dpi", "http-diff": "isp"}
"""What OONI calls the way of a block -> technique of the model (the second and the fourth are assumptions)."""
_COUNTS = ("anomaly_count", "confirmed_count", "failure_count", "ok_count")
_STATUS: Mapping[str, tuple[str, ...]] = {
    "whatsapp": ("whatsapp_endpoints_status", "registration_server_status"),
    "telegram": ("telegram_tcp_blocking", "telegram_http_blocking"),
    "facebook_messenger": ("facebook_tcp_blocking", "facebook_dns_blocking"),
    "signal": ("signal_backend_status",),
}
"""The keys by which a test of an application says whether it is blocked; its web version does not count."""


_COUNTED = ("reached", "blocked", "confirmed", "failed", "dns", "isp", "dpi")
"""What is added up of the measurements of a day."""


_BLOCK = "state platform technique since until measurements blocked confirmed source note"


@dataclass(frozen=True)
class Evidence:
    """What files of measurements show.

    Attributes
    ----------
    days : pandas.DataFrame
        A row by ``state`` (alpha-2 code), ``platform`` (as in ``platform_dates.csv``) and ``day`` (UTC) with its
        measurements: ``reached``, the application or site answered; ``blocked``, OONI calls it an anomaly or a
        confirmed block; ``confirmed``, the confirmed ones of these; ``failed``, the probe or the site failed; ``dns,
        isp, dpi``, the blocked ones by technique, where it is known; ``tests``, the names of the tests. ``seen`` are
        those that show whether the platform was reached, and ``share`` is the part of them that was blocked [1].
    left_out : mapping of str to int
        Records that say nothing about a platform, by the reason.
    files : tuple of str
        Names of the files.
    """

    days: pd.DataFrame
    left_out: Mapping[str, int]
    files: tuple[str, ...]


def read_ooni(paths: str | Path | Sequence[str | Path], *, state: str = "", platform: str = "") -> Evidence:
    """Read OONI measurements, the list of them that OONI's interface gives, or its aggregation.

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
    files = [Path(path) for path in ([paths] if isinstance(paths, str | Path) else paths)]
    stated = place_code(state, "--state") if state else "", _platform_name(platform) if platform else ""
    rows, left_out, problems = list[tuple[Any, ...]](), Counter[str](), list[Problem]()
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
        reasons = ", ".join(f"{reason}: {number}" for reason, number in left_out.items()) or "no record"
        found, allowed = (
            f"no measurement of a platform ({reasons})",
            "measurements of what splinternet list platforms has",
        )
        problems.append(Problem(Place(str(files[0]), 1), found, allowed))
    if problems:
        raise InputError(problems[:MOST_PROBLEMS])
    return Evidence(days_of(rows), dict(left_out), tuple(path.name for path in files))


def days_of(rows: Sequence[tuple[Any, ...]]) -> pd.DataFrame:
    """Return the days of `Evidence` from rows of state, platform, day, test and numbers of measurements."""
    frame = pd.DataFrame(rows, columns=["state", "platform", "day", "test", *_COUNTED])
    pair, is_site = pd.MultiIndex.from_frame(frame[["state", "platform"]]), (frame["test"] == _WEB).to_numpy()
    frame = frame[~is_site | ~pair.isin(pair[~is_site])]
    by_day = frame.groupby(["state", "platform", "day"])
    days = by_day[list(_COUNTED)].sum()
    days["tests"] = by_day["test"].agg(lambda tests: "|".join(sorted(set(tests))))
    days["seen"] = days["reached"] + days["blocked"]
    days["share"] = days["blocked"] / days["seen"].clip(lower=1)
    return days.reset_index()


def _platform_name(text: str) -> str:
    """Return the name of a platform as the histories have it."""
    names = {fold(name): name for name in dated_platforms()} | {"twitter": "X"}
    if fold(text) not in names:
        hint = did_you_mean(text, names.values())
        fail("--platform", f"no platform is called '{text}'", "a name, such as WhatsApp", hint)
    return names[fold(text)]


def _subject_of(record: Mapping[str, Any], state: str, platform: str) -> tuple[str, str, date, str] | str:
    """Return state, platform, day and test of a record, or why it is left out."""
    aggregated, test = "measurement_count" in record, str(record.get("test_name") or "")
    if not aggregated and "test_name" not in record:
        found, hint = "neither 'test_name' nor 'measurement_count'", "see docs/how-to/read-ooni-measurements.md"
        fail("", found, "a measurement of OONI, or a row of its aggregation", hint)
    code = str(record.get("probe_cc") or state)
    if code == "ZZ":
        return "of no state"
    if not code:
        fail("", "it says no state", "probe_cc", "name it: --state IR")
    address = str(record.get("domain") or record.get("input") or "")
    try:
        host = (urlsplit(address).hostname or "") if "//" in address else address.split("/")[0]
    except ValueError:
        return "of an unreadable address"
    name = platform_of_test(test) or platform_at(host) or platform
    if not name and aggregated and not (test or host):
        found, hint = "it says neither domain nor test_name", "name the platform: --platform WhatsApp"
        fail("", found, "a row about one platform", hint)
    if not name:
        return "of no platform"
    key = "measurement_start_day" if aggregated else "measurement_start_time"
    text = str(record.get(key) or "")
    try:
        return place_code(code), name, date.fromisoformat(text[:10]), test or _WEB
    except ValueError:
        found, hint = (f"{key} is '{text}'", "") if text else (f"it has no {key}", "ask for axis_x={key}")
        fail("", found, "a date, YYYY-MM-DD", hint)


def _counts(record: Mapping[str, Any], test: str) -> tuple[int, ...]:
    """Return the numbers of a measurement or of a row of an aggregation, as in `_COUNTED`."""
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
        anomalies, confirmed, failed, reached = (int(result == word) for word in (*words, "reached"))
    blocked, way = anomalies + confirmed, _way(record, keys or {})
    return reached, blocked, confirmed, failed, *(blocked if way == each else 0 for each in _COUNTED[4:])


def _is_blocked(test: str, keys: Mapping[str, Any]) -> bool | None:
    """Return whether a measurement shows a block of the application or the site; None where it shows nothing."""
    if test in _STATUS:
        said = [keys[key] in (True, "blocked") for key in _STATUS[test] if keys.get(key) is not None]
        return any(said) if said else None
    if isinstance(keys.get("blocking"), str):
        return True
    return False if keys.get("blocking") is False and keys.get("accessible") is True else None


def _way(record: Mapping[str, Any], keys: Mapping[str, Any]) -> str:
    """Return the technique that a blocked record shows, or an empty text."""
    if keys.get("facebook_dns_blocking") is True:
        return "dns"
    if keys.get("facebook_tcp_blocking") is True or keys.get("telegram_tcp_blocking") is True:
        return "isp"
    analysis = record.get("scores")
    for key in ("analysis", "blocking_type"):
        analysis = analysis.get(key) if isinstance(analysis, Mapping) else None
    return _WAYS.get(str(keys.get("blocking") or record.get("blocking_type") or analysis or ""), "")


def find_blocks(evidence: Evidence, *, least: int = 5, share: float = 0.5, shortest: int = 2) -> pd.DataFrame:
    """Return the blocks that measurements show, by state, platform and day.

    A gap in the measurements never ends a block: only measured days without it do. The defaults are assumptions.

    Parameters
    ----------
    evidence : Evidence
    least : int
        Measurements that a day needs to count.
    share : float
        Share of them that must be blocked [1].
    shortest : int
        Days in a row that begin a block, and days in a row without it that end one [counted days].

    Returns
    -------
    pandas.DataFrame
        ``state, platform, technique``; ``since``, the first day on which the block was seen, and ``until``, the first
        measured day without it, None where no end was measured; ``measurements, blocked, confirmed`` of its days;
        ``source``, and ``note``, what a reader should know.
    """
    rows = []
    counted = evidence.days[evidence.days["seen"] >= least]
    for (state, platform), days in counted.groupby(["state", "platform"]):
        for begin, end in _spells((days["share"] >= share).tolist(), shortest):
            spell = days.iloc[begin:end]
            seen, blocked, confirmed = (int(spell[name].sum()) for name in ("seen", "blocked", "confirmed"))
            ways = spell[list(_COUNTED[4:])].sum()
            notes = [f"{blocked} of {seen} measurements blocked, {confirmed} confirmed"]
            notes += ["seen from the first measured day on, so it may be older"] * (begin == 0)
            if gap := max(((later - earlier).days - 1 for earlier, later in pairwise(spell["day"])), default=0):
                notes.append(f"longest gap without enough measurements {gap} days")
            tests = ", ".join(sorted({test for names in spell["tests"] for test in names.split("|")}))
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


def write_blocks(folder: str | Path, evidence: Evidence, blocks: pd.DataFrame) -> tuple[Path, ...]:
    """Write tables of a user's own facts: ``blocks.csv``, the latest block of each pair, and the evidence.

    A folder that has no ``world.csv`` gets one that names the shipped world nearest to the last measured day.

    Parameters
    ----------
    folder : path
        Made where it is missing; files of these names are never replaced.
    evidence : Evidence
    blocks : pandas.DataFrame
        From `find_blocks`.

    Raises
    ------
    InputError
        One of the files exists.
    RunError
        The folder cannot be written.
    """
    latest = blocks.drop_duplicates(["state", "platform"], keep="last")
    latest = latest.assign(source=latest["source"] + "; " + latest["note"], basis="measured")
    days = evidence.days.rename(columns={"day": "date"}).assign(share=evidence.days["share"].map("{:.3f}".format))
    tables = {
        BLOCKS: latest[["state", "platform", "technique", "since", "until", "source", "basis"]],
        DAYS: days[["state", "platform", "date", "reached", "blocked", "confirmed", "failed", "share", "tests"]],
    }
    if not (Path(folder) / MANIFEST).exists():
        row = ("base", "", nearest_world(max(days["date"])), "OONI measurements", "measured", "")
        tables[MANIFEST] = pd.DataFrame([row], columns=["key", "name", "value", "source", "basis", "note"])
    return write_files(Path(folder), {name: table_text(table) for name, table in tables.items()})
