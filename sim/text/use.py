"""The use of a scenario's targets, in words. The module loads neither results nor pandas, so that
`splinternet check` is fast.
"""

from __future__ import annotations

from ..facts import Facts
from ..facts.platforms import outdated_at_home
from ..scenario import Scenario
from ..scenario.explain import CarryingCell, Use, target_cells
from .numbers import day, percent

_NAMED_CELLS = 6
"""Largest number of targets that are named; others are counted."""


def use_of_targets(spec: Scenario) -> list[tuple[str, Use, str]]:
    """Return the targets with their use, by state and by origin of the figure: (state, origin,
    platforms).

    An example is ``("VN", "regional median", "Telegram 12 % (median of 8 states in Asia)")``; the
    most used targets come first.
    """
    found = dict[tuple[str, Use], list[CarryingCell]]()
    for cell in sorted(
        target_cells(spec), key=lambda cell: -(1.0 if cell.share is None else cell.share)
    ):
        found.setdefault((cell.state, cell.use), []).append(cell)
    said = []
    for (state, use), cells in found.items():
        names = [_named(cell, spec.facts) for cell in cells[:_NAMED_CELLS]]
        more = f" and {len(cells) - _NAMED_CELLS} more" if len(cells) > _NAMED_CELLS else ""
        said.append((state, use, f"{', '.join(names)}{more}"))
    return said


def _named(cell: CarryingCell, facts: Facts) -> str:
    """Return a platform with its use; for a median of states, with these states; for what is not
    measured, with a measured figure that is too old.
    """
    share = "" if cell.share is None else f" {percent(cell.share)}"
    notes = [cell.source.removeprefix("assumption: ")] if cell.use == "regional median" else []
    old = None if cell.measured else outdated_at_home(cell.state, cell.platform, facts)
    if old is not None:
        notes.append(f"the measured {percent(old.value)} of {day(old.until)} is too old")
    return f"{cell.platform}{share}{f' ({"; ".join(notes)})' if notes else ''}"
