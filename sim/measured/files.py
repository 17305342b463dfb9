"""Read and write files of measurements: JSON, one JSON object a line, or a table (CSV), plain or packed with gzip."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

import pandas as pd

from ..errors import InputError, Place, Problem, RunError

FORMS = "JSON, one JSON object a line, or a table with a header (CSV)"
MOST_PROBLEMS = 20
"""Problems of a file that are reported: more of them have the same cause."""


def fail(where: str, found: str, allowed: str, hint: str = "") -> NoReturn:
    """Refuse an input for one problem."""
    raise InputError(Problem(where, found, allowed, hint)) from None


def read_file(path: Path) -> tuple[list[tuple[Place, Any]], bool]:
    """Return what is in a file, each with its place, and whether it is JSON.

    JSON is one document, or one a line. A table is a row of texts by column a line, separated by commas, semicolons or
    tabs.

    Raises
    ------
    InputError
        The file, or some of its lines, cannot be read.
    """
    try:
        data = path.read_bytes()
        text = (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode("utf-8-sig")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:  # a damaged packed file is unreadable as well
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
    """Yield the document in a text, or one for each line; what is no JSON adds to the problems."""
    try:
        yield Place(str(path), 1), json.loads(text)
        return
    except (ValueError, RecursionError) as error:  # also a number of too many digits, or nested too deeply
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


def _read_table(path: Path, text: str, problems: list[Problem]) -> Iterator[tuple[Place, dict[str, str]]]:
    """Yield the rows of a table by column; rows of another length than the header add to the problems."""
    first = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count))
    try:
        header = [name.strip() for name in next(reader, [])]
        for cells in reader:
            where = Place(str(path), reader.line_num)
            if len(cells) == len(header):
                yield where, dict(zip(header, map(str.strip, cells), strict=True))
            elif any(cells):
                problems.append(Problem(where, f"{len(cells)} fields", f"{len(header)} fields, as in the header"))
    except csv.Error as error:
        problems.append(Problem(Place(str(path), reader.line_num), str(error), FORMS))
        return
    if len(header) < 2 or reader.line_num < 2:
        problems.append(Problem(Place(str(path), 1), "no table", FORMS))


def read_records(path: Path) -> Iterator[tuple[Place, str, dict[str, Any]]]:
    """Yield the records of a file: the place, the place within a document such as ``result[3]``, and the fields."""
    documents, is_json = read_file(path)
    for where, document in documents:
        name = ""
        if is_json and isinstance(document, dict):
            name = next((name for name in ("result", "results") if isinstance(document.get(name), list | dict)), "")
        inner = document[name] if name else document
        for at, item in enumerate(inner if isinstance(inner, list) else [inner]):
            if not isinstance(item, dict):
                fail(where, f"{name}[{at}] is no record", "a JSON object, a list of them, or one JSON object a line")
            yield where, f"{name}[{at}]" if name or (is_json and len(documents) == 1) else "", item


def table_text(frame: pd.DataFrame) -> str:
    """Return a table as text."""
    return frame.to_csv(index=False, lineterminator="\n")


def write_files(folder: Path, texts: Mapping[str, str]) -> tuple[Path, ...]:
    """Write files, all of them or none, and return them; existing files are never replaced."""
    paths = {folder / name: text for name, text in texts.items()}
    if taken := [str(path) for path in paths if path.exists()]:
        found = f"{', '.join(taken)} exists and is left as it is"
        fail("--out", found, "a folder without such a file", "name another folder")
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
