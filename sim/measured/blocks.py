"""Blocks from OONI measurements: how often each platform was reached from each state, day by day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

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
        Measurements: the application or site answered; OONI calls it an anomaly or a confirmed block; of these the
        confirmed ones; the probe or the site failed.
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
        return self.blocked / max(1, self.seen)


@dataclass(frozen=True)
class Evidence:
    """What files of measurements show.

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
    days: dict[tuple[str, str, date, str], Day] = {}
    left_out: Counter[str] = Counter()
    problems: list[Problem] = []
    for where, at, record in (found for path in files for found in read_records(path)):
        try:
            subject = _subject_of(record, *stated)
            if isinstance(subject, str):
                left_out[subject] += 1
            else:
                _count(days.setdefault(subject, Day(*subject[:3])), record, subject[3])
        except InputError as error:
            problems += [problem.below(at, where) for problem in error.problems]
    if not days and not problems:
        reasons = ", ".join(f"{reason}: {number}" for reason, number in left_out.items()) or "no record"
        found, allowed = (
            f"no measurement of a platform ({reasons})",
            "measurements of what splinternet list platforms has",
        )
        problems.append(Problem(Place(str(files[0]), 1), found, allowed))
    if problems:
        raise InputError(problems[:MOST_PROBLEMS])
    tested = {key[:2] for key in days if key[3] != _WEB}
    kept = {key[:3]: day for key, day in days.items() if key[3] != _WEB or key[:2] not in tested}
    return Evidence(tuple(kept[key] for key in sorted(kept)), dict(left_out), tuple(path.name for path in files))


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


def _count(day: Day, record: Mapping[str, Any], test: str) -> None:
    """Add a measurement, or the counts of an aggregation, to its day."""
    keys = record.get("test_keys")
    if "measurement_count" in record:
        texts = {key: str(record.get(key, "")).strip() for key in _COUNTS}
        for key, text in texts.items():
            if not text.isdecimal() or len(text) > 15:
                fail("", f"{key} is '{text}'", "a whole number of at most 15 digits")
        anomalies, confirmed, failed, reached = map(int, texts.values())
    else:
        words = ("anomaly", "confirmed", "failure")
        result = next((word for word in reversed(words) if record.get(word)), "reached")
        if isinstance(keys, Mapping):
            result = {True: "anomaly", False: "reached", None: "failure"}[_is_blocked(test, keys)]
        anomalies, confirmed, failed, reached = (int(result == word) for word in (*words, "reached"))
    day.tests.add(test)
    day.blocked += anomalies + confirmed
    day.confirmed += confirmed
    day.failed += failed
    day.reached += reached
    way = _way(record, keys if isinstance(keys, Mapping) else {})
    if way and anomalies + confirmed:
        day.ways[way] += anomalies + confirmed


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


@dataclass(frozen=True)
class Rule:
    """When measurements show a block; the defaults are assumptions.

    Attributes
    ----------
    least : int
        Measurements that a day needs to count.
    share : float
        Share of them that must be blocked [1].
    shortest : int
        Days in a row that begin a block, and days in a row without it that end one [counted days].
    """

    least: int = 5
    share: float = 0.5
    shortest: int = 2

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
    counted: dict[tuple[str, str], list[Day]] = {}
    for day in evidence.days:
        if day.seen >= rule.least:
            counted.setdefault((day.state, day.platform), []).append(day)
    blocks = []
    for (state, platform), days in counted.items():
        for begin, end in _spells([day.share >= rule.share for day in days], rule.shortest):
            spell = days[begin:end]
            ways = sum((day.ways for day in spell), Counter[str]())
            tests = ", ".join(sorted({test for day in spell for test in day.tests}))
            gaps = [(later.day - earlier.day).days - 1 for earlier, later in pairwise(spell)]
            blocks.append(
                FoundBlock(
                    state=state,
                    platform=platform,
                    technique=ways.most_common(1)[0][0] if ways else UNKNOWN_WAY,
                    since=spell[0].day,
                    until=days[end].day if end < len(days) else None,
                    measurements=sum(day.seen for day in spell),
                    blocked=sum(day.blocked for day in spell),
                    confirmed=sum(day.confirmed for day in spell),
                    gap=max(gaps, default=0),
                    source=f"OONI measurements ({tests}) in {', '.join(evidence.files)}",
                    from_the_first_day=begin == 0,
                )
            )
    return tuple(blocks)


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


def write_blocks(folder: str | Path, evidence: Evidence, blocks: Sequence[FoundBlock]) -> tuple[Path, ...]:
    """Write tables of a user's own facts: ``blocks.csv``, the latest block of each pair, and the evidence.

    A folder that has no ``world.csv`` gets one that names the shipped world nearest to the last measured day.

    Parameters
    ----------
    folder : path
        Made where it is missing; files of these names are never replaced.
    evidence : Evidence
    blocks : sequence of FoundBlock
        From `find_blocks`.

    Raises
    ------
    InputError
        One of the files exists.
    RunError
        The folder cannot be written.
    """
    latest = {(block.state, block.platform): block for block in blocks}.values()
    rows = [
        (b.state, b.platform, b.technique, b.since, b.until or "", f"{b.source}; {b.note}", "measured") for b in latest
    ]
    days = [
        (day.state, day.platform, day.day, day.reached, day.blocked, day.confirmed, day.failed, f"{day.share:.3f}",
         "|".join(sorted(day.tests)))
        for day in evidence.days
    ]  # fmt: skip
    texts = {
        BLOCKS: table_text("state platform technique since until source basis", rows),
        DAYS: table_text("state platform date reached blocked confirmed failed share tests", days),
    }
    if not (Path(folder) / MANIFEST).exists():
        base = nearest_world(max(day.day for day in evidence.days))
        row = ("base", "", base, "OONI measurements", "measured", "")
        texts[MANIFEST] = table_text("key name value source basis note", [row])
    return write_files(Path(folder), texts)
