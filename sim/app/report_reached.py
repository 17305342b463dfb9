"""The part of a report on who is still reached and what still works."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..results import Result
from ..text.connectivity import HEADER, tables
from .pages import Table


@dataclass(frozen=True)
class Reached:
    """Who is still reached and what still works: the tables of the summary; of the states where anything changes."""

    TEMPLATE: ClassVar[str] = "reached.html"
    tables: list[Table]


def reached(result: Result) -> Reached:
    """Return who is still reached and what still works, a table for all states and one for each that cuts networks."""
    header = ("", *HEADER)
    return Reached(
        [Table(each.title, header, each.rows, numbers=range(1, len(header))) for each in tables(result, every=True)]
    )
