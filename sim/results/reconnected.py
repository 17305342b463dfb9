"""How many of the ties that were cut came back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.metrics.registry import WAYS

if TYPE_CHECKING:
    from sim.results.result import Result

BACK, CUT = "reconnected", "ties_ever_out"
_LEAST = 1e-12
"""Fewer ties than this are rounding."""


def share_back(result: Result, group: str) -> float | None:
    """Return the share of a group's ties that have been cut and came back by the last day, by any way [1].

    Returns
    -------
    float or None
        None where no tie of the group is reported to have been cut.
    """
    rows = _ends(result)
    cut = rows.get((CUT, "", group), 0.0)
    if cut <= _LEAST:
        return None
    came = (rows.get((BACK, way, group), 0.0) for way in WAYS)
    return min(1.0, sum(ties for ties in came if ties > _LEAST) / cut)


def _ends(result: Result) -> dict[tuple[str, str, str], float]:
    """Return the effects on ties cut and ties back on the last day, by metric, way and group; worked out once."""
    if __name__ not in result.worked_out:
        result.worked_out[__name__] = {
            (str(row["metric"]), str(row["platform"]), str(row["group"])): float(row["effect"] or 0.0)
            for row in result.rows()
            if row["metric"] in (BACK, CUT) and row["at"] == "end"
        }
    return result.worked_out[__name__]  # type: ignore[no-any-return]
