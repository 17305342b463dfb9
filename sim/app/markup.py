"""HTML from Python: whatever is not marked as HTML already is escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape

VOID = frozenset({"img", "br", "hr", "meta", "col", "wbr"})
"""Elements that hold nothing."""


class Safe(str):
    """A text that is HTML already."""

    __slots__ = ()


def tag(name: str, *inside: str, **attributes: str) -> Safe:
    """Return an element.

    Parameters
    ----------
    name : str
        Its name.
    *inside : str
        What it holds; plain text is escaped.
    **attributes : str
        Its attributes; ``class_`` is ``class``, a ``_`` within a name is a ``-``.
    """
    told = "".join(f' {key.removesuffix("_").replace("_", "-")}="{escape(value)}"' for key, value in attributes.items())
    if name in VOID:
        return Safe(f"<{name}{told}>")
    held = joined(inside)
    if name == "p":  # a number and its sign stay on one line
        held = Safe(re.sub(r"(?<=\d) (?=%)", "&nbsp;", held))
    return Safe(f"<{name}{told}>{held}</{name}>")


def joined(parts: Iterable[str]) -> Safe:
    """Return parts one after the other, plain text escaped."""
    return Safe("".join(part if isinstance(part, Safe) else escape(part, quote=False) for part in parts))


def table(
    caption: str,
    header: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    numbers: Iterable[int] = (),
    widths: Sequence[int] = (),
    note: str = "",
) -> Safe:
    """Return a table whose first column names its rows, in a box that scrolls where the page is narrow.

    Parameters
    ----------
    caption : str
        What it shows.
    header : sequence of str
        Names of the columns.
    rows : iterable of sequences of str
        The cells.
    numbers : iterable of int
        Columns that hold numbers, from 0.
    widths : sequence of int
        Widths of the columns [% of the page]; as their cells need unless given.
    note : str
        What a reader must know, below it.
    """
    right = set(numbers)

    def look(at: int) -> dict[str, str]:
        return {"class_": "number"} if at in right else {}

    head = joined(tag("th", title, scope="col", **look(at)) for at, title in enumerate(header))
    body = joined(
        tag(
            "tr",
            tag("th", row[0], scope="row"),
            *(tag("td", cell, **look(at)) for at, cell in enumerate(row[1:], 1)),
        )
        for row in rows
    )
    columns = tag("colgroup", *(tag("col", style=f"width:{width}%") for width in widths)) if widths else Safe("")
    made = tag("table", tag("caption", caption), columns, tag("thead", tag("tr", head)), tag("tbody", body))
    box = tag("div", made, class_="wide", tabindex="0", role="region", aria_label=caption)
    return joined([box, tag("p", note, class_="note")]) if note else box


def listed(items: Iterable[str], kind: str = "ul") -> Safe:
    """Return a list."""
    return tag(kind, *(tag("li", item) for item in items))


def section(anchor: str, title: str, *inside: str) -> Safe:
    """Return a part of a page under its heading."""
    return tag("section", tag("h2", title, id=anchor), *inside)


def name(text: str) -> Safe:
    """Return a dotted name as code that may be broken after its dots and underscores."""
    parts = re.split(r"(?<=[._])", text)
    return tag("code", *(part for at, piece in enumerate(parts) for part in ((tag("wbr"),) if at else ()) + (piece,)))
