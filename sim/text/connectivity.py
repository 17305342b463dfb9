"""Tables of a run that cuts networks: who is still reached, what still works, who is still in contact."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeGuard

from ..metrics.registry import METRICS
from ..results.summary import Row
from .finding import cutters
from .numbers import compact, compact_range, state_name
from .reportable import LEAST, effect, index

if TYPE_CHECKING:
    from ..results.result import Result

BY_STATE = (
    "reach_abroad", "domestic_reach", "route_length", "services_usable", "median_services", "people_within_reach",
    "contact_across_border",
)  # fmt: skip
PAIRS = "state_pairs_in_reach"
WORST = "worst_week"
HEADER = ("without", "with the policies", "effect (10-90 %)", "last day")
_STATES = 3
"""States that have a table."""


class Lines(NamedTuple):
    """A table of connectivity: of one state, or of all of them."""

    title: str
    rows: list[tuple[str, ...]]


def leads(result: Result) -> bool:
    """Return whether a run is first about who reaches whom: a policy in it cuts networks, and it was measured."""
    return bool(cutters(result)) and any(metric in result.metrics for metric in (*BY_STATE, PAIRS))


def hit_most(result: Result) -> list[str]:
    """Return the states whose policies cut networks, the one that loses most first; in other runs those in focus."""
    known = index(result)

    def lost(state: str) -> float:
        return sum(effect(known.get(metric, WORST, state=state)) for metric in ("services_usable", "reach_abroad"))

    states = cutters(result) or list(result.focus.states)
    most = sorted(states, key=lost)
    return most if not most or lost(most[0]) < 0 else most[::-1]  # where nobody loses, who gains most comes first


def moved(result: Result, state: str) -> bool:
    """Return whether any metric of a state's connectivity changes."""
    known = index(result)
    return any(abs(effect(known.get(metric, WORST, state=state))) > LEAST for metric in BY_STATE)


def tables(result: Result, *, every: bool = False) -> list[Lines]:
    """Return the tables of connectivity, all states first.

    Parameters
    ----------
    result : Result
    every : bool
        Whether to show them where no policy cuts networks too, of the states in focus where anything changes.
    """
    leading = leads(result)
    if not (leading or every):
        return []
    known = index(result)
    found = []
    row = known.get(PAIRS, WORST) if leading else None
    if row is not None:
        n = len(result.members[0][0].axes.states)
        title = f"Connectivity of all {n} states of the run, worst 7 days"
        found.append(Lines(title, [_cells(PAIRS, row, known.get(PAIRS, "end"))]))
    for state in [state for state in hit_most(result) if leading or moved(result, state)][:_STATES]:
        rows = [(metric, known.get(metric, WORST, state=state)) for metric in BY_STATE]
        lines = [_cells(metric, row, known.get(metric, "end", state=state)) for metric, row in rows if row is not None]
        title = f"The Internet of a person in {state_name(result.scenario, state, article=True)}, worst 7 days"
        if lines:
            found.append(Lines(title, lines))
    return found


def _cells(metric: str, row: Row, last: Row | None) -> tuple[str, ...]:
    """Return a row of a table: what is measured, without and with the policies, the effect, the last day.

    What the policies leave nothing of, as of routes whose length is asked for, has no level and no effect: the week in
    which it was measured is then a week before they are in force.
    """
    unit = "%" if METRICS[metric].unit == "share" else METRICS[metric].unit
    gone = last is not None and _is_number(last["baseline"]) and not _is_number(last["policy"])
    return (
        f"{METRICS[metric].label} [{unit}]",
        _level(metric, row, "baseline"),
        "none left" if gone else _level(metric, row, "policy"),
        "-" if gone else _range(metric, row),
        "" if last is None else _level(metric, last, "policy"),
    )


def _level(metric: str, row: Row, arm: str) -> str:
    """Return a level of an arm; in words where it is not defined, as the length of routes where none is left."""
    value = row[arm]
    if _is_number(value):
        return compact(metric, value)
    return "none left" if _is_number(row["baseline"]) else "not in this run"


def _is_number(value: object) -> TypeGuard[int | float]:
    """Return whether a cell of a summary row holds a number."""
    return isinstance(value, int | float)


def _range(metric: str, row: Row) -> str:
    """Return an effect with its interval; what is only rounding is zero."""
    values = [row[key] for key in ("effect", "low", "high")]
    if not all(_is_number(value) for value in values):
        return "-"
    shown = [effect(row, key) if abs(effect(row, key)) > LEAST else 0.0 for key in ("effect", "low", "high")]
    return compact_range(metric, *shown)
