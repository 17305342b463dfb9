"""Which charts show what a run found, in the order of its headline."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..text.connectivity import leads
from ..text.findings import felt_movers
from ..text.reportable import EVER, family_groups, index, is_sure, main_groups
from ..text.states import decided

if TYPE_CHECKING:
    from ..results import Result

CONTACT, USE = "family_contact", "active_users"


def leading_charts(result: Result) -> Iterator[str]:
    """Yield the charts of what the headline reports, in its order; none where it reports no effect.

    Contact leads only where the interval of the group hit most excludes zero, and use only where a platform surely
    gains or loses users.
    """
    if any(decided(result)) and "cascade_size" in result.metrics:
        yield "decisions"
    if leads(result) and "reach_abroad" in result.metrics:
        yield "connectivity"
    if EVER in result.metrics:
        groups = main_groups(result) or family_groups(result, 1)
        if groups and is_sure(index(result).get(EVER, "total", group=groups[0])):
            yield CONTACT
    if USE in result.metrics and felt_movers(result):
        yield USE


def main_chart(result: Result) -> str:
    """Return the name of the chart of a run's main finding; of a run without one, a chart that says so."""
    first = next(leading_charts(result), "")
    if first:
        return first
    held = ((CONTACT, EVER), (USE, USE))
    return next((name for name, metric in held if metric in result.metrics), result.metrics[0])
