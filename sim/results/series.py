"""The cells of a metric, one for each position in its array, and the tables of daily values and of
decisions.

A tidy table has three columns for arrays with up to five dimensions:

==================================  =========  ===========  =====================
dimensions of the metric            ``state``  ``platform`` ``group``
==================================  =========  ===========  =====================
state, platform                     state      platform     empty
state                               state      empty        empty
group                               empty      empty        group
group, way                          empty      way          group
group, step                         empty      step         group
state, partner (counted once)       empty      empty        ``US~CN``, one row a pair
state, partner (each way)           state      empty        ``partner:CN``
state, source, platform             state      platform     source platform
state, loss                         state      empty        ``users`` ...
platform                            empty      platform     empty
none                                empty      empty        empty
==================================  =========  ===========  =====================

The number and the interval of a cell come from paired arms. The effect is computed seed by seed
(policy minus baseline; for a loss of users, see `at_median`), then summarised: the value is the
median over seeds, `interval` gives the interval, and the Monte-Carlo error is the standard error of
the mean effect.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from ..core.groups import Partner, StatePair, Users
from ..decisions import to_data
from ..metrics.registry import METRICS, Metric
from .interval import interval
from .panel import ArmData, Array, Axes, Cells, Pair, marks, metrics_held

if TYPE_CHECKING:
    from .focus import Focus

FEW_MEMBERS = 5  # fewer seeds give no reliable interval
WEEK = 7  # days of a weekly mean

At = Literal["end", "peak", "worst_week", "total"]


@dataclass(frozen=True)
class Spread:
    """One number of each arm, over the seeds of an ensemble; None if undefined.

    Attributes
    ----------
    baseline, policy, effect : float or None
        Medians over seeds, in the unit of the metric.
    low, high : float or None
        Ends of the 80 % interval of the effect, over seeds and the model's error.
    mc_error : float or None
        Standard error of the mean effect; None with fewer than two seeds.
    day : int or None
        The day of the number, counted from the first; for a peak, the median of the seeds' days;
        for a worst week, the median of its last days.
    """

    baseline: float | None
    policy: float | None
    effect: float | None
    low: float | None
    high: float | None
    mc_error: float | None
    day: int | None = None


type Widen = Callable[[Array, Array, int], Array]
"""A function that takes the values of a cell in both arms, (M,) or (M, T), and the days that they
sum up. It returns the effects with the model's possible errors along one more axis: (M, errors) or
(M, T, errors).
"""


def spread(
    baseline: Array,
    policy: Array,
    day: int | None = None,
    *,
    widen: Widen | None = None,
    days: int = 1,
) -> Spread:
    """Summarise one number for each seed.

    Parameters
    ----------
    baseline, policy : (M,) float
        The number in each arm for each seed; NaN if undefined.
    day : int, optional
        The day the numbers belong to.
    widen : callable, optional
        The model's error, which widens the interval and leaves the medians unchanged.
    days : int
        Number of days over which the numbers are summed.
    """
    effect = policy - baseline
    if (
        len(effect) == 1 and widen is None and np.isfinite(effect[0])
    ):  # one seed, as in a point of a sweep, has no ranks
        one = float(effect[0])
        return Spread(
            float(baseline[0]) + 0.0, float(policy[0]) + 0.0, one + 0.0, one, one, None, day
        )
    if widen is None and not effect.any():  # as in most rows
        both = median(baseline)
        return Spread(both, both, 0.0, *_of_no_effect(len(effect)), day)
    if np.isnan(effect).all():
        return Spread(median(baseline), median(policy), None, None, None, None, None)
    known = effect[~np.isnan(effect)]
    wide = known if widen is None else widen(baseline, policy, days)[~np.isnan(effect)]
    low, high = interval(wide)
    return Spread(
        median(baseline),
        median(policy),
        median(known),
        float(low),
        float(high),
        mc_error(known),
        day,
    )


@cache
def _of_no_effect(members: int) -> tuple[float, float, float | None]:
    """Return the interval and the error of effects that are zero for every seed."""
    low, high = interval(np.zeros(members))
    return float(low), float(high), mc_error(np.zeros(members))


def at_median(metric: Metric, baseline: Array, policy: Array) -> tuple[Array, Array]:
    """Return both arms of a loss of users at the median number of users without the policies.

    Seeds draw how many people use a platform, and every seed loses a share of them. The loss in the
    printed number of users is this share of it. An interval of the seeds' own numbers would also
    contain the range of what nobody disputes, the users before the policies. Gains do not depend on
    the earlier users of the platform and stay as they are.

    Parameters
    ----------
    metric : Metric
        A metric that does not count users is not changed.
    baseline, policy : (M,) or (M, T) float
        The number in each arm for each seed.
    """
    if not metric.counts_users or len(baseline) == 1:  # the only seed is the median
        return baseline, policy
    middle = np.median(baseline, axis=0)
    is_loss = (np.median(policy - baseline, axis=0) <= 0) & (baseline > 0)
    factor = np.divide(middle, baseline, out=np.ones_like(baseline), where=is_loss)
    return baseline * factor, policy * factor


def mc_error(effects: Array) -> float | None:
    """Return the standard error of the mean effect over seeds; None with fewer than two seeds."""
    return float(np.std(effects, ddof=1)) / math.sqrt(effects.size) if effects.size >= 2 else None


def at_point(baseline: Array, policy: Array, at: At) -> tuple[Array, Array, int | None, int]:
    """Return one number of each arm for each seed.

    Parameters
    ----------
    baseline, policy : (M, T) float
    at : {"end", "peak", "worst_week", "total"}
        The last day; each seed's own day or week of the largest effect in either direction; or the
        sum over all days.

    Returns
    -------
    baseline, policy : (M,) float
    day : int or None
        The day of the numbers, counted from the first.
    days : int
        Number of days over which they are summed.
    """
    if at == "total":
        return _summed(baseline), _summed(policy), None, baseline.shape[1]
    if at == "end":
        return baseline[:, -1], policy[:, -1], baseline.shape[1] - 1, 1
    if np.array_equal(baseline, policy):  # as in most cells: any day or whole week is the largest
        first = baseline[:, : WEEK if at == "worst_week" else 1]
        number = first.sum(axis=1) / first.shape[1]
        return number, number, None, 1
    if at == "worst_week":
        baseline, policy = np.split(weekly(np.concatenate([baseline, policy])), 2)
    effect = policy - baseline
    size = np.where(np.isnan(effect), -1.0, np.abs(effect))
    days = size.argmax(axis=1)
    members = np.arange(len(size))
    # A seed whose arms never differ has no peak day, and must not move the median day to the first.
    moved = np.sort(days[size[members, days] > 0])
    return (
        baseline[members, days],
        policy[members, days],
        int(moved[(len(moved) - 1) // 2]) if len(moved) else None,
        1,
    )


def _summed(values: Array) -> Array:
    """Return the sum of the defined days, (M, T); NaN if all days are undefined."""
    sums = values.sum(axis=1)
    if not np.isnan(sums).any():
        return np.asarray(sums)
    return np.where(np.isnan(values).all(axis=1), np.nan, np.nansum(values, axis=1))


def spread_at(baseline: Array, policy: Array, at: At) -> Spread:
    """Summarise both arms for all seeds, (M, T), at one of the points in time of `at_point`."""
    baseline, policy, day, days = at_point(baseline, policy, at)
    return spread(baseline, policy, day, days=days)


def weekly(values: Array) -> Array:
    """Return the mean of the seven days that end on each day, (M, T); a run of fewer days is one
    week.

    Undefined days are left out of the mean. Before the first week is complete the mean is NaN.
    """
    width = min(WEEK, values.shape[1])
    out = np.full(values.shape, np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(values, width, axis=1)
    if not np.isnan(values).any():
        out[:, width - 1 :] = windows.sum(axis=-1) / width
        return out
    known = (~np.isnan(windows)).sum(axis=-1)
    np.divide(np.nansum(windows, axis=-1), known, out=out[:, width - 1 :], where=known > 0)
    return out


def band(values: Array) -> tuple[Array, Array, Array]:
    """Return the low end of the 80 % interval, the median and the high end over seeds, day by day.

    Parameters
    ----------
    values : (M, T) float
        One row for each seed; days that are undefined for all seeds become NaN.
    """
    low, high = interval(values[:, None, :])
    middle = np.full(values.shape[1], np.nan)
    known = ~np.isnan(values).all(axis=0)
    whole = ~np.isnan(values).any(axis=0)  # most days are computed together, the others one by one
    middle[whole] = np.median(values[:, whole], axis=0)
    middle[known & ~whole] = np.nanmedian(values[:, known & ~whole], axis=0)
    return low, middle, high


def median(values: Array) -> float | None:
    """Return the median of the known values; None if there are none."""
    known = np.sort(values[~np.isnan(values)])
    if not known.size:
        return None
    # The same number as from `numpy.median`, which is slower for few values.
    middle = known[(known.size - 1) // 2 : known.size // 2 + 1]
    return float(middle.sum() / middle.size)


# --- statistics of seeds --------------------------------------------------------------------------

MIN_PEOPLE = 30  # no result is printed for a cell of fewer simulated people
COLUMNS = ("seed", "arm", "date", "metric", "state", "platform", "group", "value", "unit")
DECISION_COLUMNS = (
    "date",
    "who",
    "behaviour",
    "what",
    "target",
    "instrument",
    "policy",
    "because",
    "evidence",
    "cause",
    "scores",
    "act",
    "object",
    "reason",
)
"""Columns of a decision, after the seed in ``decisions.csv``.

``what``, ``target``, ``because`` and ``evidence`` are words; ``act``, ``object`` and ``reason`` are
the codes that they come from. ``scores``, ``object`` and ``reason`` are JSON mappings.
"""
MOST_ROWS = 75_000
"""Largest number of rows of a run's ``series.csv``, unless the required cells and the headlines
need more.
"""
MOST_HEADLINE_ROWS = 200_000
"""Largest number of rows of ``series.csv`` with the headlines by group."""
MOST_DAILY_ROWS = 100_000
"""Rows above which ``series.csv`` has a row a week, or every four weeks: 12 members over 12 years
have 8 million.
"""
_FIRST, _HEADLINE, _OTHER, _ZERO = range(4)
_RANKS = {"first": _FIRST, "soon": _HEADLINE, "last": _OTHER}

type Key = tuple[str, str, str, str]
type Keep = Callable[[str, Axes], Cells]
"""A function that returns the mask of the cells of a metric in a table, in the shape of its array
without the date, such as `Focus.shows`.
"""


@dataclass(frozen=True, slots=True)
class Cell:
    """One place in the array of a metric.

    Attributes
    ----------
    metric : str
        Name of the metric.
    index : tuple of int
        Its index in the array, after the date.
    state, platform, group : str
        The columns of a table; empty means all.
    parts : mapping of str to str
        Its label along each dimension of the metric.
    """

    metric: str
    index: tuple[int, ...]
    state: str
    platform: str
    group: str
    parts: Mapping[str, str]

    @property
    def key(self) -> Key:
        """The metric and the three columns, which identify a cell."""
        return self.metric, self.state, self.platform, self.group


def cells_of(
    metric: str, axes: Axes, keep: Keep | None = None, among: np.ndarray | None = None
) -> Iterator[Cell]:
    """Yield the cells of a metric in the order of its array, each pair of states once.

    Parameters
    ----------
    metric : str
        Name of a metric in the registry.
    axes : Axes
        Labels along the dimensions.
    keep : callable, optional
        A `Keep` that selects the cells; by default all.
    among : numpy.ndarray of bool, optional
        Mask of the array of the metric, without the date; other cells are left out.
    """
    dims = METRICS[metric].dims
    pairs = METRICS[metric].pairs_once
    labels = [axes.labels(dim) for dim in dims]
    places = np.ones(tuple(map(len, labels)), np.bool_) if among is None else among
    places = places if keep is None else places & keep(metric, axes)
    for index in map(tuple, np.argwhere(np.triu(places, 1) if pairs else places).tolist()):
        parts = {dim: names[i] for dim, names, i in zip(dims, labels, index, strict=True)}
        state = parts.get("state", "")
        platform = parts.get("way", parts.get("step", parts.get("platform", "")))
        group = parts.get("source", parts.get("loss", parts.get("group", "")))
        if "partner" in parts:
            group = str(StatePair(state, parts["partner"]) if pairs else Partner(parts["partner"]))
            state = "" if pairs else state
        yield Cell(metric, index, state, platform, group, parts)


def simulated(cell: Cell, arm: ArmData) -> int:
    """Return the number of simulated people behind a cell of any metric; finer counts of the arm
    take precedence.
    """
    parts = cell.parts
    if "group" in parts:
        return arm.cells.get(parts["group"], 0)
    if METRICS[cell.metric].pairs_once:
        key = cell.group
        place = frozenset((parts["state"], parts["partner"]))
        return arm.cells[key] if key in arm.cells else arm.people_in(place)
    if "state" not in parts:
        return arm.people_in("")
    young = Users.TOO_YOUNG if METRICS[cell.metric].needs == "age_limit" else ""
    users = arm.cells.get(
        _users(cell.state, parts.get("source", cell.platform) + young), 0 if young else None
    )
    return arm.people_in(cell.state) if users is None else users


@lru_cache(maxsize=4096)
def _users(state: str, platform: str) -> str:
    """Return the key of the users of a platform in a state."""
    return str(Users(state, platform))


def fewest_people(cell: Cell, members: Sequence[Pair]) -> int:
    """Return the smallest number of simulated people behind a cell, over all seeds."""
    return min(simulated(cell, baseline) for baseline, _ in members)


def values(cell: Cell, members: Sequence[Pair], arm: int) -> Array:
    """Return the values of a cell in an arm (0 baseline, 1 policy): (M, T), or (M,) for kind
    ``total``.
    """
    return np.array(
        [pair[arm].series(cell.metric, cell.index) for pair in members], dtype=np.float64
    )


# --- tables ---------------------------------------------------------------------------------------


def shown_cells(members: Sequence[Pair], keep: Keep | None = None) -> list[Cell]:
    """Return the cells of a tidy table that are defined on some day for some seed."""
    cells: list[Cell] = []
    for name in metrics_held(members):
        defined = np.zeros((), np.bool_)
        for arm in itertools.chain(*members):
            known, there = marks(arm.arrays, name)
            # Few of all pairs of platforms have a flow.
            defined = defined | (known & there if "source" in METRICS[name].dims else known)
        cells += cells_of(name, members[0][0].axes, keep, defined)
    return cells


def stored_cells(
    cells: Sequence[Cell],
    members: Sequence[Pair],
    focus: Focus,
    most: int = MOST_ROWS,
    headlines: int = MOST_HEADLINE_ROWS,
) -> list[Cell]:
    """Return the cells of ``series.csv``, in the given order; the panel has all cells.

    The table always includes the daily users of the platforms that the scenario names, and lost
    contact by group. Then whole metrics are added in the order of the registry: other headlines by
    group, other metrics, and last the cells that are 0 on every day of all arms.

    Parameters
    ----------
    cells : sequence of Cell
        The cells in focus.
    members : sequence of (ArmData, ArmData)
    focus : Focus
    most, headlines : int
        Largest number of rows of the table, unless the required cells need more, and largest number
        of rows with headlines.
    """
    arms = list(itertools.chain(*members))
    days = len(members[0][0].axes.dates)

    @cache
    def is_moved(metric: str) -> Cells:
        return np.any([marks(arm.arrays, metric)[1] for arm in arms], axis=0)

    def rank(cell: Cell) -> int:
        if cell.metric == "active_users" and cell.platform in focus.named_platforms:
            return _FIRST
        if not is_moved(cell.metric)[cell.index]:
            return _ZERO
        return _RANKS[METRICS[cell.metric].written]

    by_rank: dict[tuple[int, str], list[Cell]] = {}
    for cell in cells:
        by_rank.setdefault((rank(cell), cell.metric), []).append(cell)
    n_rows = 0
    kept = set[Key]()
    for (first, metric), alike in sorted(by_rank.items(), key=lambda item: item[0][0]):
        more = len(alike) * len(arms) * (1 if METRICS[metric].kind == "total" else days)
        if first == _FIRST or n_rows + more <= (headlines if first == _HEADLINE else most):
            n_rows += more
            kept.update(cell.key for cell in alike)
    return [cell for cell in cells if cell.key in kept]


def days_apart(members: Sequence[Pair], cells: Sequence[Cell], most: int = MOST_DAILY_ROWS) -> int:
    """Return the days between two rows of a cell in ``series.csv``: 1, or 7 or 28 for long runs."""
    rows = 2 * len(members) * len(members[0][0].axes.dates)
    rows *= sum(METRICS[cell.metric].kind != "total" for cell in cells)
    return next((every for every in (1, 7) if rows <= most * every), 28)


def rows_of(members: Sequence[Pair], cells: Sequence[Cell]) -> int:
    """Return the number of rows of the tidy table with all days of some cells."""
    days = len(members[0][0].axes.dates)
    once = sum(METRICS[c.metric].kind == "total" for c in cells)
    return 2 * len(members) * (days * (len(cells) - once) + once)


def series_frame(members: Sequence[Pair], cells: Sequence[Cell], every: int = 1) -> pd.DataFrame:
    """Return the tidy table.

    A metric with one value for each run has the date of the last day.

    Parameters
    ----------
    members : sequence of (ArmData, ArmData)
        Baseline and policy arm of every seed.
    cells : sequence of Cell
        The cells to include.
    every : int
        Days between two rows of a cell; the last day is always included.

    Returns
    -------
    pandas.DataFrame
        Columns ``seed, arm, date`` (datetime64)``, metric, state, platform, group, value, unit``;
        an empty text means all; a value is NaN on a day on which it is undefined.
    """

    def texts(labels: Sequence[str], codes: np.ndarray) -> Any:
        return pd.array(list(labels), dtype="str").take(codes)  # far faster than checking every row

    arms = list(itertools.chain(*members))
    dates = members[0][0].axes.dates
    metrics = [METRICS[cell.metric] for cell in cells]
    shown = np.arange(len(dates) - 1, -1, -every)[::-1]
    of_each = [shown[-1:] if metric.kind == "total" else shown for metric in metrics]
    days = np.array([len(one) for one in of_each], dtype=np.int64)
    day = np.concatenate([*of_each, np.zeros(0, np.int64)])
    of_arm = np.repeat(np.arange(len(arms)), len(day))
    of_cell = np.tile(np.repeat(np.arange(len(cells)), days), len(arms))
    numbers = [
        values(cell, [(arm, arm)], 0).ravel()[one if len(one) > 1 else slice(-1, None)]
        for arm in arms
        for cell, one in zip(cells, of_each, strict=True)
    ]
    columns = {
        "seed": np.array([arm.seed for arm in arms], dtype=np.int64)[of_arm],
        "arm": texts([arm.arm for arm in arms], of_arm),
        "date": np.array(dates, "datetime64[ns]")[np.tile(day, len(arms))],
        **{name: texts([getattr(cell, name) for cell in cells], of_cell) for name in COLUMNS[3:7]},
        "value": np.concatenate(numbers or [np.zeros(0)]),
        "unit": texts([metric.unit for metric in metrics], of_cell),
    }
    return pd.DataFrame(columns)


def decisions_frame(members: Sequence[Pair]) -> pd.DataFrame:
    """Return the decisions of all seeds as a table with the columns ``seed`` and those of
    `DECISION_COLUMNS`.
    """
    from ..text.decisions import words_of as words_of_decision

    rows = []
    for seed, decision in (
        (policy.seed, decision) for _, policy in members for decision in policy.decisions
    ):
        data = to_data(decision)
        data |= {
            name: json.dumps(data[name], sort_keys=True) for name in ("scores", "object", "reason")
        }
        data |= words_of_decision(decision)
        rows.append((seed, *(str(data[name]) for name in DECISION_COLUMNS)))
    frame = pd.DataFrame(rows, columns=["seed", *DECISION_COLUMNS])
    return frame.astype({"date": "datetime64[ns]"})
