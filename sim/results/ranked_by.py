"""The subject of a table of runs: the metric, the point in time, and the group, state or platform."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from sim.errors import InputError, Problem, did_you_mean
from sim.groups import is_diaspora, is_family
from sim.metrics.registry import METRICS
from sim.results.cells import MIN_PEOPLE, Cell
from sim.results.compare import Key, cells_by_key, member_effects
from sim.results.focus import fewest_people
from sim.results.result import Result
from sim.results.rows import points
from sim.results.stats import At

DEFAULT, FALLBACK = "contact_days_lost_per_member", "active_users"
SUMS = frozenset({"contact_days_lost", "conversations_lost"})
"""Counts of a day whose sum over the run means something; money does, too."""
_HIT: tuple[tuple[str, At], ...] = (
    ("family_contact_ever_lost_people", "total"),
    ("family_contact_lost_people", "worst_week"),
    (DEFAULT, "total"),
)
"""By which metric the group is chosen: the first that the run holds."""


def metric_of(runs: Sequence[Result], asked: str, group: str) -> tuple[str, bool]:
    """Return the metric that ranks runs, and whether it is the one that was asked for or the default one.

    Parameters
    ----------
    runs : sequence of Result
    asked : str
        What the user asked for; empty for the default.
    group : str
        A group that the user asked for keeps the default metric.
    """
    shared = [name for name in runs[0].metrics if all(name in run.metrics for run in runs)]
    if asked:
        if asked not in shared:
            found = f"some of these runs do not have the metric '{asked}'"
            raise InputError(Problem("by", found, "a metric that all of them have", _close(asked, shared)))
        return asked, True
    if DEFAULT in shared and (group or any(hit_most(run) for run in runs)):
        return DEFAULT, True
    if FALLBACK in shared:
        return FALLBACK, False
    return shared[0], False


def point_of(metric: str, asked: str = "") -> At:
    """Return the point in time of a table: that asked for, or the one that suits the metric; never a peak."""
    declared = METRICS[metric]
    allowed: list[At] = [at for at in points(declared) if at != "peak"]
    if asked:
        for at in allowed:
            if at == asked:
                return at
        found = f"'{metric}' at '{asked}'"
        why = "the largest of many noisy days depends on their number" if asked == "peak" else ""
        raise InputError(Problem("at", found, " or ".join(allowed), did_you_mean(asked, allowed) or why))
    if declared.running or declared.kind == "total" or declared.form == "money" or metric in SUMS:
        return "total"
    return "worst_week" if declared.form in ("share", "index") else "end"


def hit_most(run: Result) -> str:
    """Return the group in which most people lose contact in a run, families included; empty where nobody does."""
    for metric, at in _HIT:
        if metric in run.metrics:
            sizes = {
                cell.group: _size(cell, run, at)
                for cell in cells_by_key(run, metric).values()
                if (is_diaspora(cell.group) or is_family(cell.group)) and fewest_people(cell, run.members) >= MIN_PEOPLE
            }
            group = max(sizes, key=lambda name: sizes[name], default="")
            return group if group and sizes[group] > 0 else ""
    return ""


def cell_of(runs: Sequence[Result], metric: str, asked: Mapping[str, str], at: At) -> Key:
    """Return what a table is about: the cell that was asked for, or the one of the largest effect in the first run.

    Parameters
    ----------
    runs : sequence of Result
    metric : str
    asked : mapping of str to str
        ``group``, ``state`` and ``platform`` that the user asked for; empty where there is none.
    at : {"end", "worst_week", "total"}
        The point in time.

    Raises
    ------
    InputError
        When there is no such cell in every run, or too few simulated people in it.
    """
    cells = [cells_by_key(run, metric) for run in runs]
    shared = [key for key in cells[0] if all(key in others for others in cells[1:])]
    for place, part in enumerate(("state", "platform", "group"), 1):
        if asked[part]:
            shared = _narrowed(metric, shared, place, part, asked[part])
    if not shared:
        raise InputError(Problem("", f"these runs share no part of '{metric}'", "runs with the same groups and states"))
    thick = [key for key in shared if _fewest(runs, cells, key) >= MIN_PEOPLE]
    if not thick:
        found = f"fewer than {MIN_PEOPLE} simulated people in {' '.join(part for part in shared[0][1:] if part)}"
        raise InputError(Problem("", found, f"{MIN_PEOPLE} or more in every run", "run them with more --people"))
    if "group" in METRICS[metric].dims and not asked["group"]:
        first = next((group for run in runs if (group := hit_most(run))), "")
        thick = [key for key in thick if key[3] == first] or thick
    return max(thick, key=lambda key: _size(cells[0][key], runs[0], at))


def _narrowed(metric: str, keys: Sequence[Key], place: int, part: str, asked: str) -> list[Key]:
    """Return the cells of one state, platform or group, or raise InputError where there are none."""
    found = [key for key in keys if key[place] == asked]
    if not found:
        choices = list(dict.fromkeys(key[place] for key in keys if key[place]))
        if not choices:
            raise InputError(Problem(part, f"'{metric}' is not by {part}", f"a comparison without {part}"))
        said = f"no {part} '{asked}' in all of these runs by '{metric}'"
        raise InputError(Problem(part, said, f"a {part} that all of them have", _close(asked, choices)))
    return found


def _close(asked: str, choices: Sequence[str], most: int = 8) -> str:
    """Return a hint: what was probably meant, or the first of what there is."""
    named = ", ".join(choices[:most]) + (f" and {len(choices) - most} more" if len(choices) > most else "")
    return did_you_mean(asked, choices) or f"choose from {named}"


def _fewest(runs: Sequence[Result], cells: Sequence[Mapping[Key, Cell]], key: Key) -> int:
    """Return the simulated people of a cell, in the run and member in which they are fewest."""
    return min(fewest_people(of[key], run.members) for run, of in zip(runs, cells, strict=True))


def _size(cell: Cell, run: Result, at: At) -> float:
    """Return the size of the median effect of a cell; zero where it is not defined."""
    effects = member_effects(cell, run.members, at)
    known = effects[~np.isnan(effects)]
    return float(abs(np.median(known))) if known.size else 0.0
