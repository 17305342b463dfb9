"""The record of observed figures as rows and as details: the data behind ``list record`` and ``show ROW``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from ..facts.record import RecordRow
from ..facts.tables import read

HEADER = (
    "row", "date", "value", "tolerance", "confidence", "status", "state", "platform", "what", "episode", "file",
)  # fmt: skip


def table() -> tuple[tuple[str, ...], list[Sequence[object]]]:
    """Return the header and one row for each figure: scored, or not scored and why."""
    return HEADER, [_cells(row) for row in read(RecordRow).values()]


def entry(name: str) -> tuple[str, str, list[tuple[str, object]]] | None:
    """Return kind, name and details of the figure with an id; None when there is none."""
    row = read(RecordRow).get(name)
    if row is None:
        return None
    data = {**asdict(row), "tolerance": _tolerance(row)}
    pairs = [(key, value) for key, value in data.items() if key not in ("id", "use", "why") and value != ""]
    return "record row", row.id, [("status", row.status), *pairs]


def _cells(row: RecordRow) -> Sequence[object]:
    """Return the cells of one figure."""
    place = (row.state, row.platform, row.what, row.episode, row.file)
    return (row.id, str(row.date), row.value, _tolerance(row), row.confidence, row.status, *place)


def _tolerance(row: RecordRow) -> float | str:
    """Return the tolerance; nothing for a figure without one."""
    return "" if row.tolerance != row.tolerance else row.tolerance
