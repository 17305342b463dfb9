"""The metrics of a result as a mapping of names to arrays, with names in order, completion and clear errors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sim.errors import InputError, Problem, did_you_mean
from sim.metrics.registry import METRICS
from sim.results.panel import Pair
from sim.results.rows import held

if TYPE_CHECKING:
    import xarray as xr

_NAMED = 6
"""Metrics that an error names where none is close to the one asked for."""


class MetricsHeld:
    """What a `Result` does like a mapping from metric names to arrays; it holds ``members``."""

    members: list[Pair]

    @property
    def metrics(self) -> list[str]:
        """The metrics that the run holds, in the order of the registry."""
        return held(self.members)

    def __getitem__(self, metric: str) -> xr.DataArray:
        """Return one metric as an array with dimensions seed, arm, date (datetime64) and those of the metric.

        Raises
        ------
        InputError
            When the run does not hold it.
        """
        from sim.results.arrays import data_array

        self.need(metric)
        return data_array(self.members, metric)

    def __contains__(self, metric: object) -> bool:
        """Return whether the run holds a metric."""
        return metric in self.metrics

    def __iter__(self) -> Iterator[str]:
        """Yield the names of the metrics that the run holds."""
        return iter(self.metrics)

    def __len__(self) -> int:
        """Return how many metrics the run holds."""
        return len(self.metrics)

    def __bool__(self) -> bool:
        """Return True: a result is one even if it holds no metric."""
        return True

    def _ipython_key_completions_(self) -> list[str]:
        """Return what may stand in the brackets, for IPython and Jupyter."""
        return self.metrics

    def need(self, metric: str) -> None:
        """Raise InputError when the run does not hold a metric; the error names one that is close, or a few."""
        if metric in self.metrics:
            return
        known = metric in METRICS
        first = ", ".join(self.metrics[:_NAMED])
        more = len(self.metrics) - _NAMED
        raise InputError(
            Problem(
                where="",
                found=f"this result does not have '{metric}'" if known else f"there is no metric '{metric}'",
                allowed=f"one of result.metrics: {first}{f' and {more} more' if more > 0 else ''}",
                hint="add it to `measure:` and run again" if known else did_you_mean(str(metric), self.metrics),
            )
        )
