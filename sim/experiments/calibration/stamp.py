"""Whether the stored calibration belongs to this program: a stamp of its rules, facts and events.

Rules are compared as code, so docstrings, comments and line breaks do not matter. From the table of parameters only the
numbers count, and those of fitted parameters do not, because a calibration starts from their priors.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import tokenize
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sim.experiments.calibration.space import CALIBRATED, FACTS
from sim.experiments.hindcast.circumstances import record
from sim.results.identity import file_hash
from sim.scenario import load
from sim.shipped import EVENTS

STAMP, LEFT_OUT, DISCREPANCY, POSTERIOR = "calibration.json", "leave_one_out.csv", "discrepancy.csv", "posterior.csv"
MADE = (LEFT_OUT, DISCREPANCY, POSTERIOR)
"""The tables that a calibration writes beside the stamp."""
RULES = ("mechanisms", "world", "policies", "engine", "network", "arm.py", "ledger.py", "kernels.py", "chance.py",
         "results/observed.py", "scenario/draws.py", "metrics")  # fmt: skip
"""Code that decides what a replay of an event says."""
_APART = {*MADE, "parameters.csv", "record.csv"}
_LAYOUT = {tokenize.INDENT, tokenize.DEDENT}
_SILENT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENCODING, tokenize.ENDMARKER}
_NUMBERS = ("name", "value", "low", "high", "unit", "choices")


def stamp_now(*, events: bool = True) -> dict[str, str]:
    """Return the digests of the rules, the facts and the events as they are, by these names.

    Parameters
    ----------
    events : bool
        Whether to read the events, which takes longest.
    """
    return {"rules": _rules(), "facts": _facts()} | ({"events": _events()} if events else {})


def differences(folder: Path = FACTS, *, events: bool = True) -> list[str] | None:
    """Return what has changed since the stored calibration: rules, facts, events, or a table; None without a stamp.

    Parameters
    ----------
    folder : Path
        The folder of facts.
    events : bool
        Whether to look at the events as well.
    """
    stored = read_stamp(folder)
    if stored is None:
        return None
    found = [name for name, digest in stamp_now(events=events).items() if stored.get(name) != digest]
    return found + altered(folder, stored)


def altered(folder: Path, stored: Mapping[str, Any]) -> list[str]:
    """Return the tables of a stored calibration that are not as it wrote them."""
    tables: Mapping[str, str] = stored.get("tables", {})
    return [name for name in MADE if _hash(folder / name) != tables.get(name)]


def read_stamp(folder: Path = FACTS) -> dict[str, Any] | None:
    """Return the stamp of the stored calibration; None where there is none."""
    path = folder / STAMP
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else None


def _hash(path: Path) -> str:
    """Return the SHA-256 of a file; nothing where it is missing."""
    return file_hash(path) if path.is_file() else ""


def _digest(parts: Iterable[str]) -> str:
    """Return a short digest of some texts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def _rules() -> str:
    """Return the digest of the code of the rules, without its comments and docstrings."""
    home = FACTS.parent
    files = sorted(path for part in RULES for path in _python(home / part))
    return _digest(f"{path.relative_to(home).as_posix()} {_code(path)}" for path in files)


def _python(path: Path) -> Iterable[Path]:
    """Return the Python files of a module or a package."""
    return [path] if path.suffix else path.rglob("*.py")


def _code(path: Path) -> str:
    """Return what a file does: its tokens without comments, docstrings and line breaks, alike on every Python."""
    found: list[str] = []
    line: list[tokenize.TokenInfo] = []
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type in _LAYOUT:
                found.append(tokenize.tok_name[token.type])
            elif token.type not in _SILENT:
                line.append(token)
            if token.type == tokenize.NEWLINE:
                if not all(each.type == tokenize.STRING for each in line):
                    found.append(" ".join(each.string for each in line))
                line = []
    return "\n".join(found)


def _facts() -> str:
    """Return the digest of the tables of facts that a calibration does not write."""
    files = sorted(path for path in FACTS.rglob("*.csv") if path.name not in _APART)
    lines = [f"{path.relative_to(FACTS).as_posix()} {file_hash(path)}" for path in files]
    return _digest([*lines, _parameters()])


def _parameters() -> str:
    """Return the numbers of the table of parameters that a calibration does not write."""
    with CALIBRATED.open(encoding="utf-8", newline="") as file:
        free = {row["name"] for row in csv.DictReader(file)}
    text = io.StringIO((FACTS / "parameters.csv").read_text(encoding="utf-8"))
    rows = [row for row in csv.DictReader(text) if row["name"] not in free]
    return json.dumps([[row.get(name) or "" for name in _NUMBERS] for row in rows])


def _events() -> str:
    """Return the digest of the events that are scored."""
    return _digest(load(f"{EVENTS}{name}").digest for name in dict.fromkeys(one.event for one in record()))
