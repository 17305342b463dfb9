"""Texts in the cells of a CSV file: a spreadsheet must not interpret a name as a formula.

A name of a scenario may begin with ``=``, ``+``, ``-`` or ``@``, and a spreadsheet that opens the table would calculate
it. According to the rule of OWASP (CSV injection), a single quote is added before such a text, so that it is read as
text. The text can be read back: if it begins with quotes and then such a character, it gets one more quote.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

_BEGINS = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""What begins a formula, also as the wide forms of Chinese and Japanese keyboards."""
_QUOTE = "'"


def neutral(text: str) -> str:
    """Return a text as a cell: one that a spreadsheet could take for a formula has a quote before it."""
    return f"{_QUOTE}{text}" if text.lstrip(_QUOTE)[:1] in _BEGINS else text


def original(cell: str) -> str:
    """Return the text that `neutral` made a cell of."""
    return cell[1:] if cell[:1] == _QUOTE and cell.lstrip(_QUOTE)[:1] in _BEGINS and cell != _QUOTE else cell


def neutral_row(cells: Iterable[object]) -> list[object]:
    """Return the cells of a row, texts among them made neutral; numbers stay as they are."""
    return [neutral(cell) if isinstance(cell, str) else cell for cell in cells]


def csv_of_rows(rows: Iterable[Mapping[str, object]], columns: Sequence[str]) -> str:
    """Return rows as the CSV that `csv_of` makes of the same table, without loading pandas.

    Parameters
    ----------
    rows : iterable of mapping of str to object
        Texts, numbers, or None and NaN for a cell that stays empty.
    columns : sequence of str
        Keys of each row, in the order of the columns.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(neutral_row(columns))
    for row in rows:
        cells = (row[name] for name in columns)
        writer.writerow(neutral_row("" if isinstance(cell, float) and math.isnan(cell) else cell for cell in cells))
    return stream.getvalue()


def csv_of(frame: pd.DataFrame) -> str:
    """Return a table as CSV without its index, every text in it made neutral."""
    changed = frame.copy(deep=False)
    changed.columns = [neutral(str(name)) for name in frame.columns]
    for at, kind in enumerate(changed.dtypes):
        if kind.kind in "OUST" or str(kind) in ("str", "string", "category"):
            texts = changed.iloc[:, at].astype(object)
            changed.isetitem(at, [neutral(cell) if isinstance(cell, str) else cell for cell in texts])
    return str(changed.to_csv(index=False, lineterminator="\n"))
