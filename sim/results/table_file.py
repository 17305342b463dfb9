"""Tables of a result in files: CSV or Parquet, as the name says."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from sim.errors import InputError, Problem, RunError, did_you_mean, more_packages
from sim.results.csv_cells import csv_of
from sim.results.files import disk_errors, write_bytes

if TYPE_CHECKING:
    import pandas as pd

SUFFIXES = (".csv", ".parquet")


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
        When the path is a folder, or its name ends in neither .csv nor .parquet.
    RunError
        When pyarrow is not installed, or the file cannot be written.
    """
    path = check_suffix(Path(path))
    if path.suffix == SUFFIXES[0]:
        return store(path, csv_of(frame).encode())
    need_pyarrow()
    stream = io.BytesIO()
    frame.to_parquet(stream, engine="pyarrow", index=False)
    return store(path, stream.getvalue())


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
