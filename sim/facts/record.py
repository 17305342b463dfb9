"""The record: every observed figure, whether the model is judged by it, and if not, why.

The table has each figure as it was published. The event files (``scenarios/events``) hold the same figures as rows
under ``observed:``, converted where a gain was printed as a level.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from sim.facts.table import Row, checked_rows, keep

RECORD = Path(__file__).resolve().parent / "record.csv"
USES = ("scored", "soft", "evidence", "none")
REASONS = (
    "not an order", "no such platform", "no such metric", "no such instrument", "an input", "within a day", "soft",
    "evidence",
)  # fmt: skip
"""What a reason for not being scored begins with."""
_COLUMNS = (
    "id", "table", "event", "episode", "file", "use", "why", "kind", "state", "platform", "what", "date", "value",
    "unit", "tolerance", "confidence", "proposed", "meter", "raw", "source", "note",
)  # fmt: skip


@dataclass(frozen=True)
class RecordRow:
    """One figure as it was printed.

    Attributes
    ----------
    id : str
        Event and number, such as ``br_x_2024.3``.
    table : str
        ``calibration``: one of the figures of the first five events; ``events``: collected later.
    event, episode : str
    file : str
        The event file, such as ``events/br_x_2024``; empty where there is none.
    use : str
        One of `USES`: scored; soft (shown beside the model, outside the score); evidence (for a rule or a parameter);
        none.
    why : str
        Why it is not scored, beginning with one of `REASONS`; empty for what is.
    kind : str
        As in ``observed:``; empty for what is not compared.
    state, platform, what : str
        Where, on what, and what was counted, in the words of the source.
    day : date
    value, tolerance : float
        The figure and how far a forecast may be off [unit]; NaN for a figure without a tolerance.
    unit, confidence, proposed, meter, raw, source, note : str
        ``raw`` is what was printed; ``proposed`` the use that the collection proposed.
    """

    id: str
    table: str
    event: str
    episode: str
    file: str
    use: str
    why: str
    kind: str
    state: str
    platform: str
    what: str
    day: date
    value: float
    unit: str
    tolerance: float
    confidence: str
    proposed: str
    meter: str
    raw: str
    source: str
    note: str

    @property
    def status(self) -> str:
        """Whether it is scored, and the reason where it is not."""
        return "scored" if self.use == "scored" else f"not scored: {self.why}"


@lru_cache(maxsize=4)
def read_record(path: Path = RECORD) -> tuple[RecordRow, ...]:
    """Read the record.

    Raises
    ------
    InputError
        Everything that is wrong with it.
    """
    found: dict[str, RecordRow] = {}
    for row in checked_rows(path, _COLUMNS):
        one = _row(row)
        keep(found, one.id, one, row)
    return tuple(found.values())


def _row(row: Row) -> RecordRow:
    """Return one row, noting what is wrong with it."""
    use, why = row.one_of("use", USES), row.cells["why"]
    if (use == "scored") != (not why):
        row.fault(f"use is {use}, why is '{why}'", "a reason for what is not scored, and none for what is")
    if why and not why.startswith(REASONS):
        row.fault(f"why is '{why}'", "a reason that begins with one of: " + ", ".join(REASONS))
    if use == "scored" and not row.cells["file"]:
        row.fault("no file", "the event file of what is scored")
    day = row.date_of("date") or date.min
    texts = {name: row.text(name) for name in ("id", "event", "episode", "what", "source")}
    plain = ("file", "kind", "state", "platform", "unit", "confidence", "meter", "raw", "note")
    return RecordRow(
        **texts,
        **{name: row.cells[name] for name in plain},
        table=row.one_of("table", ("calibration", "events")),
        use=use,
        why=why,
        day=day,
        value=row.number("value"),
        tolerance=row.number("tolerance") if row.cells["tolerance"] else float("nan"),
        proposed=row.one_of("proposed", USES),
    )
