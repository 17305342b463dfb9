"""Tables of a result in files: CSV, Excel workbook or Parquet, by the suffix of the file name."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from sim.errors import InputError, Problem, RunError, did_you_mean, more_packages
from sim.results.csv_cells import csv_of
from sim.results.files import disk_errors, write_bytes

if TYPE_CHECKING:
    import pandas as pd

SUFFIXES = (".csv", ".xlsx", ".parquet")
MOST_ROWS = 1_048_575
"""Rows below the header that a sheet of a workbook holds."""


def check_suffix(path: Path) -> Path:
    """Return the path of a table, or raise InputError where its name does not say what kind of file it is."""
    if path.suffix not in SUFFIXES:
        hint = did_you_mean(path.suffix, SUFFIXES) or f"{path.stem}{SUFFIXES[0]}"
        raise InputError(Problem("--out", f"'{path}' ends in '{path.suffix}'", " or ".join(SUFFIXES), hint))
    return path


def write_table(frame: pd.DataFrame, path: Path | str) -> Path:
    """Write a table whole or not at all, and return the file; one that is there is replaced.

    Raises
    ------
    InputError
        When the path is a folder, its name ends otherwise, or a workbook cannot hold so many rows.
    RunError
        When openpyxl or pyarrow is not installed, or the file cannot be written.
    """
    path = check_suffix(Path(path))
    if path.suffix == ".csv":
        return store(path, csv_of(frame).encode())
    if path.suffix == ".xlsx":
        return store(path, workbook_of(frame, path))
    need_pyarrow()
    stream = io.BytesIO()
    frame.to_parquet(stream, engine="pyarrow", index=False)
    return store(path, stream.getvalue())


def workbook_of(frame: pd.DataFrame, path: Path) -> bytes:
    """Return a table as an Excel workbook of one sheet: numbers as numbers, texts as texts and never as formulas.

    Raises
    ------
    InputError
        When the table has more rows than a sheet holds.
    RunError
        When openpyxl is not installed.
    """
    if len(frame) > MOST_ROWS:
        hint = f"write {path.with_suffix('.csv').name} instead"
        raise InputError(Problem(str(path), f"{len(frame):,} rows", f"at most {MOST_ROWS:,} in a workbook", hint))
    try:
        from openpyxl import Workbook
    except ImportError as error:
        raise RunError(
            "a workbook needs openpyxl; install it in your clone: uv sync --inexact --extra excel"
        ) from error
    book = Workbook()
    sheet = book.active
    known = frame.astype(object).where(frame.notna(), None)  # what is not defined is an empty cell
    for at, row in enumerate([list(frame.columns), *known.to_numpy().tolist()], 1):
        for column, value in enumerate(row, 1):
            cell = sheet.cell(at, column, value)
            if isinstance(value, str):
                cell.data_type = "s"  # a name that begins with = is no formula
    sheet.freeze_panes = "A2"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def need_pyarrow() -> None:
    """Raise RunError where pyarrow is not installed."""
    try:
        import pyarrow  # noqa: F401
    except ImportError as error:
        raise RunError(f"Parquet needs pyarrow; {more_packages('parquet')}") from error


def store(path: Path, data: bytes) -> Path:
    """Write a file whole or not at all; its folder is made where it is missing."""
    if path.is_dir():
        raise InputError(Problem(str(path), "this is a folder", "the name of a file to write"))
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(path, data)
    return path
