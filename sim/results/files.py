"""Functions to write files completely or not at all, and tables in which no name becomes a formula.

A name of a scenario may begin with ``=``, ``+``, ``-`` or ``@``, and a spreadsheet that opens a
table would calculate it. According to the rule of OWASP (CSV injection), a single quote is added
before such a text, so that it is read as text. The text can be read back: a text that begins with
quotes and such a character gets one more quote.
"""

from __future__ import annotations

import errno
import io
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from ..core.program import more_packages
from ..errors import InputError, Problem, RunError, did_you_mean

SUFFIXES = (".csv", ".xlsx", ".parquet")
MOST_ROWS = 1_048_575
"""Largest number of rows of a workbook's sheet, without the header."""
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_STREAMS = (Path("/dev"), Path("/dev/fd"), Path("/proc/self/fd"))
"""Folders of devices and of the streams of this process."""
_FORMULA = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""First characters of a formula, also in the wide forms of Chinese and Japanese keyboards."""


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turn an error of the disk into one that names a remedy.

    Raises
    ------
    RunError
        The disk is full, or the path cannot be written.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise RunError(
                f"the disk that holds {path} is full; nothing half-written was left. Free some space and "
                "give the same command again: the finished seeds of a run are kept"
            ) from error
        raise RunError(
            f"{path} cannot be written: {error.strerror or error}; choose another place with --out"
        ) from error


def write_bytes(path: Path, data: bytes) -> Path:
    """Write a file completely or not at all, by writing another file and renaming it, and return
    its path.

    A missing folder is created. A link is kept, and its target is written. A device or a pipe is
    written directly.

    Raises
    ------
    InputError
        The path is a folder.
    RunError
        The disk is full, or the path cannot be written.
    """
    with disk_errors(path):
        if path.is_dir():
            raise InputError(Problem(str(path), "this is a folder", "the name of a file to write"))
        if (path.exists() and not path.is_file()) or path.parent in _STREAMS:
            with path.open("wb") as stream:
                stream.write(data)
            return path
        target = path.resolve() if path.is_symlink() else path
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(
            prefix=f".{target.name}.", suffix=".part", dir=target.parent
        )
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            Path(name).chmod(0o644)
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    return path


def write_text(path: Path, text: str) -> Path:
    """Write a text file like `write_bytes`, in UTF-8 with plain line ends, and return its path."""
    return write_bytes(path, text.encode("utf-8"))


# --- tables ---------------------------------------------------------------------------------------


def neutral(text: str) -> str:
    """Return a text as a cell: a text that a spreadsheet could take for a formula gets a quote
    before it.
    """
    return f"'{text}" if text.lstrip("'")[:1] in _FORMULA else text


def original(cell: str) -> str:
    """Return the original text of a cell made by `neutral`."""
    return (
        cell[1:] if cell[:1] == "'" and cell.lstrip("'")[:1] in _FORMULA and cell != "'" else cell
    )


def csv_of(frame: pd.DataFrame, float_format: str | None = None) -> str:
    """Return a table as CSV without its index, every text in it made neutral, with empty cells for
    values that are not defined.

    Parameters
    ----------
    frame : pandas.DataFrame
    float_format : str, optional
        Format of numbers, such as ``%.10g``; by default all digits.
    """
    changed = frame.copy(deep=False)
    changed.columns = [neutral(str(name)) for name in frame.columns]
    for at, kind in enumerate(changed.dtypes):
        if kind.kind not in "biufM":  # all text dtypes of pandas
            texts = changed.iloc[:, at]
            safe = {text: neutral(text) for text in texts.unique() if isinstance(text, str)}
            if any(text != made for text, made in safe.items()):
                changed.isetitem(at, [safe.get(cell, cell) for cell in texts])
    return str(changed.to_csv(index=False, lineterminator="\n", float_format=float_format))


def check_suffix(path: Path) -> Path:
    """Return the path of a table; raise InputError if its name has no known suffix."""
    if path.suffix not in SUFFIXES:
        hint = did_you_mean(path.suffix, SUFFIXES) or f"{path.stem}{SUFFIXES[0]}"
        raise InputError(
            Problem("--out", f"'{path}' ends in '{path.suffix}'", " or ".join(SUFFIXES), hint)
        )
    return path


def write_table(
    frame: pd.DataFrame, path: Path | str, about: Iterable[tuple[str, str]] = ()
) -> Path:
    """Write a table completely or not at all, replacing an existing file, and return its path.

    Parameters
    ----------
    frame : pandas.DataFrame
    path : Path or str
    about : iterable of (str, str)
        Rows of the second sheet of a workbook, such as a title, units and notes.

    Raises
    ------
    InputError
        The path is a folder, its suffix is unknown, or the table has too many rows for a workbook.
    RunError
        Pyarrow is not installed, or the file cannot be written.
    """
    path = check_suffix(Path(path))
    if path.suffix == ".csv":
        return write_text(path, csv_of(frame))
    if path.suffix == ".xlsx":
        if len(frame) > MOST_ROWS:
            hint = f"write {path.with_suffix('.csv').name} instead"
            raise InputError(
                Problem(
                    str(path), f"{len(frame):,} rows", f"at most {MOST_ROWS:,} in a workbook", hint
                )
            )
        stream = io.BytesIO()
        with pd.ExcelWriter(stream, engine="openpyxl", datetime_format="YYYY-MM-DD") as book:
            frame.to_excel(book, sheet_name="table", index=False, freeze_panes=(1, 0))
            pd.DataFrame(list(about)).to_excel(book, sheet_name="about", index=False, header=False)
            for cell in (
                cell for sheet in book.sheets.values() for row in sheet.iter_rows() for cell in row
            ):
                if cell.data_type == "f":
                    cell.data_type = "s"  # a name that begins with = is not a formula
        return write_bytes(path, stream.getvalue())
    try:
        return write_bytes(path, frame.to_parquet(engine="pyarrow", index=False))
    except ImportError as error:
        raise RunError(f"this file needs pyarrow; {more_packages('parquet')}") from error
