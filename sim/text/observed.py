"""Observations next to the values of a run, in words: the rows of a table, and notes on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..results.observed import Beside
    from ..results.result import Result
    from ..scenario.schema import Observed

TITLE = "Observed beside simulated"
HEADER = ("observed", "+-", "simulated (10-90 %)", "inside")
_KINDS = {"gained": "gain: ", "speed": "gain within days: ", "return": "return: ", "decay": "what is left: "}


def observed_rows(result: Result) -> list[tuple[str, ...]]:
    """Return what was observed and what the run says of it, a row for each figure that can be compared.

    Returns
    -------
    list of tuple of str
        What was counted, and the columns of `HEADER`; "inside" stands in brackets where the figure is not scored.
    """
    return [(what(each.observed), *_cells(each)) for each in result.observed if not each.why]


def observed_notes(result: Result) -> list[str]:
    """Return what must be said of the comparison: what a figure is, what is not scored, and what is not compared."""
    rows = [each for each in result.observed if not each.why]
    notes = []
    if rows:
        notes.append("Shares of what follows 'of', or of the same figure without the policies; +- is the tolerance.")
    soft = sum(each.observed.use != "scored" for each in rows)
    if soft:
        notes.append(f"In brackets: shown, and not scored ({soft} of {len(rows)}).")
    notes += [f"Not compared: {what(each.observed)}: {each.why}." for each in result.observed if each.why]
    return notes


def what(seen: Observed) -> str:
    """Return what was counted, where and when: ``Twitter active_users in BR, 8 Oct 2024``."""
    who = " + ".join(seen.platform)
    of = "" if seen.of == "baseline" else f" of {seen.of.replace('_', ' ')}"
    where = seen.group or seen.state or ""
    return f"{_KINDS.get(seen.kind, '')}{' '.join(filter(None, (who, seen.metric)))}{of}, {where}, {seen.date}"


def _cells(each: Beside) -> tuple[str, ...]:
    """Return a figure beside what the run says of it."""
    seen = each.observed
    inside = "yes" if each.is_inside else "no"
    return (
        f"{seen.value:.3g}",
        f"{seen.tolerance:.2g}",
        f"{each.simulated:.2f} ({each.low:.2f} to {each.high:.2f})",
        inside if seen.use == "scored" else f"({inside})",
    )
