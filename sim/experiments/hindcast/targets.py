"""What was observed: the targets that hindcasts are held against, read from ``sim/facts/calibration.csv``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from sim.errors import InputError, Problem, did_you_mean
from sim.facts.table import Row, read_rows
from sim.metrics.registry import METRICS

FIRST_DAY, ALL_USERS = "first day", "internet users"
CALIBRATION = Path(__file__).resolve().parents[2] / "facts" / "calibration.csv"
_COLUMNS = (
    "event", "scenario", "state", "platform", "metric", "reference", "date", "observed", "tolerance", "scored", "note",
    "source",
)  # fmt: skip


@dataclass(frozen=True)
class Target:
    """One figure that was observed.

    Attributes
    ----------
    event, scenario : str
        The event, and the scenario that replays it.
    state, platform : str
        Where, and on what; an empty platform for a figure of the whole state.
    metric : str
        The metric whose meter the source's is like: a property of the source, never of the event.
    reference : str
        What it is a share of: ``first day`` of the run, a date, or ``internet users`` of the state.
    day : date
    observed, tolerance : float
        Ratio to the reference [1].
    is_scored : bool
        Whether it counts; a target whose dose is assumed does not.
    note, source : str
    """

    event: str
    scenario: str
    state: str
    platform: str
    metric: str
    reference: str
    day: date
    observed: float
    tolerance: float
    is_scored: bool
    note: str
    source: str


def choose(targets: Sequence[Target], cases: Iterable[str] | None) -> tuple[Target, ...]:
    """Return the targets of some events; of all when ``cases`` is None or empty.

    Raises
    ------
    InputError
        An event is unknown.
    """
    wanted = [case.removesuffix(".yaml").rpartition("/")[2] for case in cases or ()]
    events = list(dict.fromkeys(target.event for target in targets))
    problems = [
        Problem("", f"no event is called '{case}'", "one of " + ", ".join(events), did_you_mean(case, events))
        for case in wanted
        if case not in events
    ]
    if problems:
        raise InputError(problems)
    return tuple(target for target in targets if not wanted or target.event in wanted)


def read_targets(path: Path = CALIBRATION) -> tuple[Target, ...]:
    """Read the calibration table.

    Raises
    ------
    InputError
        Everything that is wrong with it.
    """
    problems: list[Problem] = []
    targets = tuple(_target(row) for row in read_rows(path, _COLUMNS, problems))
    if problems:
        raise InputError(problems)
    return targets


def own_targets(path: Path) -> tuple[Target, ...]:
    """Read a table of one's own events; a scenario's file is looked for beside it first.

    Raises
    ------
    InputError
        The file is not there, or everything that is wrong with it.
    """
    if not path.is_file():
        hint = "the columns are those of sim/facts/calibration.csv"
        raise InputError(Problem(str(path), "there is no such file", "a CSV of observed figures", hint))
    found = []
    for target in read_targets(path):
        own = [path.parent / f"{target.scenario}{ending}" for ending in ("", ".yaml")]
        own = [file for file in own if file.is_file()]
        found.append(replace(target, scenario=str(own[0])) if own else target)
    if not found:
        raise InputError(Problem(str(path), "it holds no events", "at least one row"))
    return tuple(found)


def _target(row: Row) -> Target:
    """Return the target of one line, noting what is wrong with it."""
    reference = row.text("reference")
    if reference not in (FIRST_DAY, ALL_USERS):
        _day(row, "reference")
    return Target(
        event=row.text("event"),
        scenario=row.text("scenario"),
        state=row.text("state"),
        platform=row.cells["platform"],
        metric=row.one_of("metric", [m for m in METRICS if "state" in METRICS[m].dims]),
        reference=reference,
        day=_day(row, "date"),
        observed=row.number("observed"),
        tolerance=row.number("tolerance"),
        is_scored=row.one_of("scored", ("yes", "no")) == "yes",
        note=row.cells["note"],
        source=row.text("source"),
    )


def _day(row: Row, column: str) -> date:
    try:
        return date.fromisoformat(row.cells[column])
    except ValueError:
        row.fault(f"{column} is '{row.cells[column]}'", "a date, YYYY-MM-DD")
        return date.min
