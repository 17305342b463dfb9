"""Read and write files of measurements: JSON, one JSON object a line, or a table (CSV), plain or packed with gzip."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

import pandas as pd

from sim.errors import InputError, Place, Problem, RunError

FORMS = "JSON, one JSON object a line, or a table with a header (CSV)"
MOST_PROBLEMS = 20
"""Problems of a file that are reported: more of them have the same cause."""


def fail(where: str, found: str, allowed: str, hint: str = "") -> NoReturn:
    """Refuse an input for one problem."""
    raise InputError(Problem(where, found, allowed, hint)) from None


def read_text(path: Path) -> str:
    """Return the text of a file, unpacked where it is packed."""
    try:
        data = path.read_bytes()
        text = (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError) as error:  # a damaged packed file is unreadable as well
        reason = getattr(error, "strerror", None) or error
        fail(str(path), f"it cannot be read ({reason})", f"text in UTF-8: {FORMS}")
    if not text.strip():
        fail(Place(str(path), 1), "the file is empty", FORMS)
    return text


def read_json(path: Path, text: str) -> list[tuple[Place, Any]]:
    """Return the document in a file, or one for each line, with its place."""
    try:
        return [(Place(str(path), 1), json.loads(text))]
    except json.JSONDecodeError as error:
        whole = error
    lines = [(number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    try:
        json.loads(lines[0][1])
    except json.JSONDecodeError:
        found, where = f"this is no JSON: {whole.msg}", Place(str(path), whole.lineno, whole.colno)
        fail(where, found, "a whole JSON document")
    documents, problems = [], []
    for number, line in lines:
        where = Place(str(path), number)
        try:
            documents.append((where, json.loads(line)))
            if not isinstance(documents[-1][1], dict):
                problems.append(Problem(where, "this is no record", "one JSON object a line"))
        except json.JSONDecodeError as error:
            where = Place(str(path), number, error.colno)
            problems.append(Problem(where, f"this is no JSON: {error.msg}", "one JSON object a line"))
    if problems:
        raise InputError(problems[:MOST_PROBLEMS])
    return documents


def read_table(path: Path, text: str) -> list[tuple[Place, dict[str, str]]]:
    """Return the rows of a table by column, separated by commas, semicolons or tabs, with their places."""
    first = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count))
    header = [name.strip() for name in next(reader, [])]
    rows, problems = [], []
    for cells in reader:
        where = Place(str(path), reader.line_num)
        if len(cells) == len(header):
            rows.append((where, dict(zip(header, map(str.strip, cells), strict=True))))
        elif any(cells):
            problems.append(Problem(where, f"{len(cells)} fields", f"{len(header)} fields, as in the header"))
    if problems:
        raise InputError(problems[:MOST_PROBLEMS])
    if len(header) < 2 or not rows:
        fail(Place(str(path), 1), "no table", FORMS)
    return rows


def read_records(path: Path) -> Iterator[tuple[Place, str, dict[str, Any]]]:
    """Yield the records of a file: the place, the place within a document such as ``result[3]``, and the fields."""
    text = read_text(path)
    if text.lstrip()[:1] not in ("{", "["):
        yield from ((where, "", row) for where, row in read_table(path, text))
        return
    documents = read_json(path, text)
    for where, document in documents:
        name = ""
        if isinstance(document, dict):
            name = next((name for name in ("result", "results") if isinstance(document.get(name), list | dict)), "")
        inner = document[name] if name else document
        for at, item in enumerate(inner if isinstance(inner, list) else [inner]):
            if not isinstance(item, dict):
                fail(where, f"{name}[{at}] is no record", "a list of JSON objects")
            yield where, f"{name}[{at}]" if name or len(documents) == 1 else "", item


def table_text(columns: str, rows: Sequence[tuple[object, ...]]) -> str:
    """Return a table as text."""
    return pd.DataFrame(rows, columns=columns.split(), dtype=object).to_csv(index=False, lineterminator="\n")


def write_files(folder: Path, texts: Mapping[str, str]) -> tuple[Path, ...]:
    """Write files, all of them or none, and return them."""
    paths = {name: folder / name for name in texts}
    taken = [path for path in paths.values() if path.exists()]
    if taken:
        found = f"{', '.join(map(str, taken))} exists and is left as it is"
        fail("--out", found, "a folder without such a file", "name another folder")
    drafts = {name: path.with_name(f".{path.name}.part") for name, path in paths.items()}
    linked: list[Path] = []
    try:
        for name, text in texts.items():
            paths[name].parent.mkdir(parents=True, exist_ok=True)
            drafts[name].write_text(text, encoding="utf-8")
        for name, path in paths.items():
            os.link(drafts[name], path)  # unlike a rename, a link never replaces an existing file
            linked.append(path)
    except OSError as error:
        for path in linked:
            path.unlink()
        raise RunError(f"{folder} cannot be written: {error.strerror or error}") from error
    finally:
        for draft in drafts.values():
            with suppress(OSError):
                draft.unlink()
    return tuple(paths.values())
