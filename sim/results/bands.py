"""The 80 % interval of one cell of a run, day by day, over its seeds and the model's error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputError, Problem, did_you_mean
from ..metrics.registry import METRICS
from .compare import cell_of, cells_by_key, point_of
from .interval import HIGH_SHARE, LOW_SHARE, interval
from .panel import ARMS, Array, attributes_of, labels_of
from .series import Cell, at_median, band, values

if TYPE_CHECKING:
    import xarray as xr

    from .result import Result

QUANTILES = (LOW_SHARE, 0.5, HIGH_SHARE)


def effect_band(result: Result, cell: Cell) -> Array:
    """Return the effect of the policies on a cell, shape (3, T), with the numbers of the summary.

    The rows are `QUANTILES`. The ends include the model's error; the median is that of the seeds,
    without the error. A metric with one number for each run has T = 1.
    """
    arms = [_by_day(result, cell, arm) for arm in (0, 1)]
    baseline, policy = at_median(METRICS[cell.metric], *arms)
    effect = policy - baseline
    widen = result.model_error.of(cell, result.members)
    low, middle, high = band(effect)
    if widen is not None:
        low, high = interval(np.moveaxis(widen(baseline, policy, 1), -1, 1))
    return np.array([low, middle, high])


def level_band(level: Array, effect: Array) -> Array:
    """Return the level with the policies, shape (3, T): the level without them, (T,), plus the band
    of their effect, (3, T).

    The interval of a count or a share of people does not go below zero.
    """
    given = level + effect
    is_amount = np.nanmin([level, given[1]], initial=0.0) >= 0
    return np.asarray(np.maximum(given, 0.0)) if is_amount else given


def baseline_band(result: Result, cell: Cell) -> Array:
    """Return a cell without the policies, shape (3, T), over the seeds alone, because no error of
    it is known.
    """
    return np.array(band(_by_day(result, cell, 0)))


def bands(result: Result, metric: str, asked: Mapping[str, str], arm: str | None) -> xr.DataArray:
    """Return the table that `Result.bands` documents."""
    import xarray as xr

    if arm is not None and arm not in ARMS:
        found = f"there is no arm '{arm}'"
        allowed = f"one of {', '.join(ARMS)}; without it, the effect of the policies"
        raise InputError(Problem("arm", found, allowed, did_you_mean(arm, ARMS)))
    result.need(metric)
    key = cell_of([result], metric, asked, point_of(metric))
    cell = cells_by_key(result, metric)[key]
    numbers = baseline_band(result, cell) if arm == "baseline" else effect_band(result, cell)
    if arm == "policy":
        numbers = level_band(baseline_band(result, cell)[1], numbers)
    places = {"state": cell.state, "platform": cell.platform, "group": cell.group}
    coords: dict[str, Any] = {name: label for name, label in places.items() if label}
    coords["arm"] = arm or "effect"
    coords["quantile"] = list(QUANTILES)
    dims = ["date", "quantile"]
    coords["date"] = labels_of(result.members)["date"]
    if METRICS[metric].kind == "total":
        dims = ["quantile"]
        numbers = numbers[:, 0]
        del coords["date"]
    return xr.DataArray(numbers.T, coords, dims, metric, attributes_of(metric) | _HOLDS)


_HOLDS = {"interval": "80 %, over the seeds and the model's error from event to event"}


def _by_day(result: Result, cell: Cell, arm: int) -> Array:
    """Return the values of a cell in an arm, shape (M, T)."""
    return values(cell, result.members, arm).reshape(len(result.members), -1)
