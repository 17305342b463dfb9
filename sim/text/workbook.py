"""What a workbook says beside its numbers: names for the codes, and a sheet with title, units and notes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..metrics.registry import METRICS
from .basis import basis, status_text
from .numbers import capital, cell_name

if TYPE_CHECKING:
    import pandas as pd

    from ..results import Result

COLUMNS = {
    "metric, state, platform, group": "codes of what a row is about; the column 'in words' spells them out",
    "unit": "of all numbers of the row; a share of 0.1 is 10 %",
    "at": "end: the last day; peak: the day of the largest effect; worst_week: seven days; total: over the run",
    "baseline, policy, effect": "medians over members, without the policies, with them, and the difference",
    "low, high": "10th and 90th percentile of the effect, with the model's error",
    "mc_error": "standard error of the mean effect: chance alone",
    "simulated": "simulated people behind the row; rows of fewer than 30 are left out",
}


def with_names(result: Result, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a summary with one more column, in which each row is named: the metric, the people, the place."""
    keys = frame[["metric", "state", "platform", "group"]].fillna("").itertuples(index=False)
    words = [f"{METRICS[key[0]].label}: {capital(cell_name(result.scenario, *key))}".rstrip(": ") for key in keys]
    return frame.assign(**{"in words": words})


def about(result: Result) -> Iterator[tuple[str, str]]:
    """Yield the rows of the sheet on a run: title, status, what the numbers stand on, and the columns."""
    yield "title", result.scenario.title
    yield "status", " ".join(status_text(result))
    yield "days", f"{result.dates[0]} to {result.dates[-1]}"
    yield from (("basis", text) for text in basis(result))
    yield from (("warning", text) for text in result.warnings)
    yield from COLUMNS.items()
