"""Read the records of a measurement file, whatever its form: JSON, one JSON object a line, or a table.

Files may be packed with gzip; what a file is follows from its first bytes, so that its name does not matter.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from sim.errors import InputError, Place, Problem

MOST_PROBLEMS = 20
"""Faults after which the reading of a file stops: more of them have the same cause."""
_GZIP = b"\x1f\x8b"
_LISTS = ("result", "results")
FORMS = "JSON, one JSON object a line, or a table with a header (CSV)"


@dataclass(frozen=True)
class Record:
    """One record of a file.

    Attributes
    ----------
    where : Place
        File and line; in a JSON document, the line that the document begins on.
    at : str
        Place within a JSON document, such as ``result[3]``; empty where the line says it.
    data : dict of str to Any
        Its fields. The fields of a table are texts.
    """

    where: Place
    at: str
    data: dict[str, Any]

    def problem(self, found: str, allowed: str, hint: str = "") -> Problem:
        """Return a problem of this record."""
        return Problem(self.where, f"{self.at}: {found}" if self.at else found, allowed, hint)


def read_document(path: Path) -> tuple[Any, str]:
    """Return the JSON document in a file, or None with the text of a file that holds none.

    Parameters
    ----------
    path : Path

    Raises
    ------
    InputError
        The file cannot be read, is empty, or begins as JSON and is none.
    """
    text = _text(path)
    if text.lstrip()[:1] not in ("{", "["):
        return None, text
    try:
        return json.loads(text), text
    except json.JSONDecodeError as error:
        found, allowed = f"this is no JSON: {error.msg}", "a whole JSON document"
        raise InputError(Problem(Place(str(path), error.lineno, error.colno), found, allowed)) from None


def read_table(path: Path, text: str) -> tuple[list[str], list[tuple[Place, list[str]]]]:
    """Return the header of a table, and its rows with their lines; empty lines are left out.

    Parameters
    ----------
    path : Path
        Named in errors.
    text : str
        Separated by commas, semicolons or tabs.

    Raises
    ------
    InputError
        The table has no header or no rows, or rows of another width (all of them).
    """
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    header = [name.strip().strip("\ufeff") for name in next(reader, [])]
    rows, problems = [], list[Problem]()
    for cells in reader:
        where = Place(str(path), reader.line_num)
        if len(cells) == len(header):
            rows.append((where, [cell.strip() for cell in cells]))
        elif any(cells):
            problems.append(Problem(where, f"{len(cells)} fields", f"{len(header)} fields, as in the header"))
        if len(problems) == MOST_PROBLEMS:
            break
    if problems:
        raise InputError(problems)
    if len(header) < 2 or not rows:
        raise InputError(Problem(Place(str(path), 1), "no table", FORMS))
    return header, rows


def read_records(path: Path) -> Iterator[Record]:
    """Yield the records of a file, one at a time where each has its line.

    Parameters
    ----------
    path : Path

    Raises
    ------
    InputError
        The file cannot be read, is empty, or holds something else.
    """
    first = _first_line(path)
    if first[:1] not in ("{", "["):
        header, rows = read_table(path, _text(path))
        yield from (Record(where, "", dict(zip(header, cells, strict=True))) for where, cells in rows)
        return
    try:
        whole = json.loads(first)
    except json.JSONDecodeError:
        whole, _ = read_document(path)
        yield from _unpacked(whole, Place(str(path), 1))
        return
    if isinstance(whole, dict) and not any(isinstance(whole.get(name), list | dict) for name in _LISTS):
        yield from _each_line(path)
    else:
        yield from _unpacked(whole, Place(str(path), 1))


def _unpacked(document: Any, where: Place) -> Iterator[Record]:
    """Yield the records of a whole document: a list, what an interface wraps in ``result``, or a single record."""
    name, inner = "", document
    if isinstance(document, dict):
        name = next((name for name in _LISTS if isinstance(document.get(name), list | dict)), "")
        inner = document[name] if name else document
    for at, item in enumerate(inner if isinstance(inner, list) else [inner]):
        if not isinstance(item, dict):
            raise InputError(Problem(where, f"{name}[{at}] is no record", "a list of JSON objects"))
        yield Record(where, f"{name}[{at}]", item)


def _each_line(path: Path) -> Iterator[Record]:
    """Yield one record a line."""
    problems: list[Problem] = []
    with _open(path) as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            where = Place(str(path), number)
            try:
                data = json.loads(line)
            except json.JSONDecodeError as error:
                where = Place(str(path), number, error.colno)
                problems.append(Problem(where, f"this is no JSON: {error.msg}", "one JSON object a line"))
            else:
                if isinstance(data, dict):
                    yield Record(where, "", data)
                    continue
                problems.append(Problem(where, "this is no record", "one JSON object a line"))
            if len(problems) == MOST_PROBLEMS:
                break
    if problems:
        raise InputError(problems)


def _first_line(path: Path) -> str:
    """Return the first line of a file that is not empty."""
    with _open(path) as lines:
        found = next((line.strip().strip("\ufeff") for line in lines if line.strip()), "")
    if not found:
        raise InputError(Problem(Place(str(path), 1), "the file is empty", FORMS))
    return found


def _text(path: Path) -> str:
    """Return the whole text of a file."""
    with _open(path) as lines:
        text = lines.read().strip("\ufeff")
    if not text.strip():
        raise InputError(Problem(Place(str(path), 1), "the file is empty", FORMS))
    return text


@contextmanager
def _open(path: Path) -> Iterator[IO[str]]:
    """Open a file as text, unpacked where it is packed.

    Raises
    ------
    InputError
        It cannot be read, or is no text in UTF-8.
    """
    try:
        with path.open("rb") as raw:
            packed = raw.read(len(_GZIP)) == _GZIP
        with gzip.open(path, "rt", encoding="utf-8") if packed else path.open(encoding="utf-8") as text:
            yield text
    except OSError as error:  # a damaged packed file is unreadable as well
        found = f"it cannot be read ({error.strerror or error})"
        raise InputError(Problem(str(path), found, "a readable file, whole")) from None
    except (UnicodeDecodeError, EOFError) as error:
        raise InputError(Problem(str(path), f"it cannot be read ({error})", f"text in UTF-8: {FORMS}")) from None
