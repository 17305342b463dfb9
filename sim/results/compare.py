"""The difference between two runs: the effects of their policies, compared member by member if that is valid.

The effect is that of a run's policies on its own baseline. If both runs have the same world and random numbers (for
every common seed, the baseline arms are the same to the bit), members are paired by seed, which removes the chance that
both have in common. Otherwise every member of one run is compared with every member of the other.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from sim.errors import InputError, Problem
from sim.metrics.registry import METRICS
from sim.results.cells import MIN_PEOPLE, Cell, cells_of
from sim.results.focus import fewest_people
from sim.results.model_error import ModelError
from sim.results.panel import Pair
from sim.results.result import Result
from sim.results.rows import Row, points, values
from sim.results.stats import HIGH, LOW, Array, At, mc_error, weekly
from sim.results.stored_arrays import same_array

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "metric", "state", "platform", "group", "unit", "at", "first", "other", "difference", "low", "high", "mc_error",
)  # fmt: skip
Key = tuple[str, str, str, str]
Unpaired = Literal["days", "seeds", "worlds"]
"""Why members are not paired: the runs are of different days, share no seed, or differ before any policy."""


@dataclass(frozen=True)
class Comparison:
    """The difference between a run and the first run.

    Attributes
    ----------
    first, other : Result
        The runs.
    seeds : tuple of int
        The seeds by which members are paired; empty when they are not.
    unpaired : {"days", "seeds", "worlds"} or None
        Why members are not paired; None where they are.
    """

    first: Result
    other: Result
    seeds: tuple[int, ...]
    unpaired: Unpaired | None = None

    @property
    def paired(self) -> bool:
        """Whether members are paired by seed."""
        return bool(self.seeds)

    @property
    def left_out(self) -> int:
        """Members without a counterpart in the other run."""
        return len(self.first.seeds) + len(self.other.seeds) - 2 * len(self.seeds)

    @property
    def why(self) -> str:
        """How members were put together, and why so: a sentence."""
        from sim.text.comparison import why as why_paired

        return why_paired(self)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know before trusting the differences: one sentence each."""
        from sim.text.comparison import notes as notes_on_comparison

        return tuple(notes_on_comparison(self))

    @cached_property
    def rows(self) -> list[Row]:
        """One row a metric, cell and point in time; the rows of `frame` as dictionaries, None where not defined."""
        return list(_rows(self))

    @property
    def frame(self) -> pd.DataFrame:
        """The differences as a table.

        Returns
        -------
        pandas.DataFrame
            ``metric, state, platform, group, unit, at`` say what a row is about; ``first`` and ``other`` are the
            median effects of the two runs, ``difference`` the median of other - first, ``low`` and ``high`` its
            10th and 90th percentile, ``mc_error`` the standard error of the mean difference.
        """
        import pandas as pd

        made = pd.DataFrame(self.rows, columns=list(COLUMNS))
        return made.astype(dict.fromkeys(("first", "other", "difference", "low", "high", "mc_error"), "float64"))

    def __repr__(self) -> str:
        """Return one line that says what this is."""
        how = f"{len(self.seeds)} seeds paired" if self.paired else "not paired"
        return f"<Comparison {self.other.name} - {self.first.name}: {how}, {len(self.rows)} rows>"


def compare_two(first: Result, other: Result) -> Comparison:
    """Compare a run with the first run.

    Parameters
    ----------
    first, other : Result
        The runs; differences are other - first.

    Returns
    -------
    Comparison

    Raises
    ------
    InputError
        When one of them is no Result, or the two have no metric in common.
    """
    for given in (first, other):
        if not isinstance(given, Result):
            found = f"a run was given as {type(given).__name__}"
            raise InputError(Problem("", found, "results", "sn.open(folder) reads one from a run folder"))
    if not set(first.metrics) & set(other.metrics):
        found = f"{first.name} and {other.name} have no metric in common"
        raise InputError(Problem("", found, "runs that report the same metrics", "run both without `measure:`"))
    return Comparison(first, other, *_pairing(first, other))


def _pairing(first: Result, other: Result) -> tuple[tuple[int, ...], Unpaired | None]:
    """Return the seeds that pair members, none when they cannot be paired, and then why not."""
    if first.dates != other.dates:
        return (), "days"
    shared = tuple(sorted(set(first.seeds) & set(other.seeds)))
    if not shared:
        return (), "seeds"
    one = {pair[0].seed: pair[0] for pair in first.members}
    two = {pair[0].seed: pair[0] for pair in other.members}
    if not all(_same_world(one[seed], two[seed]) for seed in shared):
        return (), "worlds"
    return shared, None


def _same_world(one: object, two: object) -> bool:
    """Return whether two baseline arms are of one world and luck: what both report is the same to the bit."""
    from sim.results.panel import ArmData

    if not isinstance(one, ArmData) or not isinstance(two, ArmData) or one.axes != two.axes:
        return False
    shared = set(one.arrays) & set(two.arrays)
    return dict(one.real) == dict(two.real) and all(same_array(one.arrays, two.arrays, name) for name in shared)


def _rows(both: Comparison) -> Iterator[Row]:
    """Yield the rows, in the order of the registry."""
    runs = (both.first, both.other)
    members, errors = sides(both)
    for name in (name for name in both.first.metrics if name in both.other.metrics):
        every = [cells_by_key(result, name) for result in runs]
        for key in dict.fromkeys(key for result in runs for key in _shown(result, name)):
            if key not in every[0] or key not in every[1]:
                continue
            pair = (every[0][key], every[1][key])
            if min(fewest_people(cell, run) for cell, run in zip(pair, members, strict=True)) < MIN_PEOPLE:
                continue
            for at in points(METRICS[name]):
                arms = [member_arms(cell, run, at) for cell, run in zip(pair, members, strict=True)]
                effects = [policy - baseline for baseline, policy, _ in arms]
                if "source" in METRICS[name].dims and not any(np.any(each) for each in effects):
                    continue  # of all pairs of platforms, nearly none has a flow
                wide = [_widened(error, cell, *arm) for error, cell, arm in zip(errors, pair, arms, strict=True)]
                yield _row(pair[0], at, *effects, paired=both.paired, wide=wide)


def row_of(both: Comparison, key: Key, at: At) -> Row:
    """Return one row of a comparison.

    Parameters
    ----------
    both : Comparison
    key : (str, str, str, str)
        Metric, state, platform and group, as both runs hold them.
    at : {"end", "worst_week", "total"}
        The point in time.
    """
    members, errors = sides(both)
    cells = [cells_by_key(run, key[0])[key] for run in (both.first, both.other)]
    arms = [member_arms(cell, run, at) for cell, run in zip(cells, members, strict=True)]
    effects = [policy - baseline for baseline, policy, _ in arms]
    wide = [_widened(error, cell, *arm) for error, cell, arm in zip(errors, cells, arms, strict=True)]
    return _row(cells[0], at, *effects, paired=both.paired, wide=wide)


def sides(both: Comparison) -> tuple[list[Sequence[Pair]], list[ModelError]]:
    """Return the members of the first and the other run that are compared, and the model's error in each."""
    runs = (both.first, both.other)
    members: list[Sequence[Pair]] = [run.members for run in runs]
    if both.paired:
        members = [[pair for pair in run if pair[0].seed in both.seeds] for run in members]
    errors = [
        ModelError(run.scenario, shared, chance_only=bool(run.info.get("chance_only")))
        for run, shared in zip(runs, members, strict=True)
    ]
    return members, errors


def cells_by_key(result: Result, metric: str) -> dict[Key, Cell]:
    """Return every cell of a metric by what it is about."""
    return {cell.key: cell for cell in cells_of(metric, result.members[0][0].axes)}


def _shown(result: Result, metric: str) -> list[Key]:
    """Return what a run's summary shows of a metric."""
    return [cell.key for cell in cells_of(metric, result.members[0][0].axes, result.focus.shows)]


def member_effects(cell: Cell, members: Sequence[Pair], at: At) -> Array:
    """Return the effect of the policies in each member, (M,), in the unit of the metric.

    Parameters
    ----------
    cell, members, at
        As for `member_arms`.
    """
    baseline, policy, _ = member_arms(cell, members, at)
    return policy - baseline


def member_arms(cell: Cell, members: Sequence[Pair], at: At) -> tuple[Array, Array, int]:
    """Return one number of each arm in each member, (M,) each, and over how many days it is summed up.

    Parameters
    ----------
    cell : Cell
        What to look at.
    members : sequence of (ArmData, ArmData)
        Baseline and policy arm of every seed.
    at : {"end", "peak", "worst_week", "total"}
        The last day, each member's own day or week of the largest effect, or the sum over all days.
    """
    both = [values(cell, members, arm) for arm in (0, 1)]
    metric = METRICS[cell.metric]
    if metric.kind == "total":
        return both[0], both[1], 1
    if at == "worst_week":
        both = [weekly(arm) for arm in both]
    if at == "end" or metric.running:
        return both[0][:, -1], both[1][:, -1], 1
    effect = both[1] - both[0]
    if at != "total":
        days = np.where(np.isnan(effect), -1.0, np.abs(effect)).argmax(axis=1)
        return both[0][np.arange(len(days)), days], both[1][np.arange(len(days)), days], 1
    unknown = np.isnan(effect).all(axis=1)
    known = ~np.isnan(effect)  # a day counts where both arms define it
    sums = [np.where(unknown, np.nan, np.where(known, arm, 0.0).sum(axis=1)) for arm in both]
    return sums[0], sums[1], effect.shape[1]


def _widened(error: ModelError, cell: Cell, baseline: Array, policy: Array, days: int) -> Array:
    """Return the effects with each of the model's errors, (M, errors); one column where it has none."""
    widen = error.of(cell)
    return (policy - baseline)[:, None] if widen is None else widen(baseline, policy, days)


def _row(cell: Cell, at: At, first: Array, other: Array, *, paired: bool, wide: Sequence[Array]) -> Row:
    """Return one row.

    Two runs of one world share the model's error, as they share luck: what the model gets wrong of an event it gets
    wrong of both, so most of it cancels in the difference. Runs of two worlds share neither.
    """
    if paired:
        differences, spread_out = other - first, (wide[1] - wide[0]).ravel()
    else:
        differences = (other[None, :] - first[:, None]).ravel()
        spread_out = (wide[1].ravel()[None, :] - wide[0].ravel()[:, None]).ravel()
    known = spread_out[~np.isnan(spread_out)]
    low, high = np.quantile(known, (LOW, HIGH)) if known.size else (math.nan, math.nan)
    metric = METRICS[cell.metric]
    certain = differences[~np.isnan(differences)]
    numbers = {
        "first": _median(first),
        "other": _median(other),
        "difference": _median(differences),
        "low": float(low) if known.size else None,
        "high": float(high) if known.size else None,
        "mc_error": mc_error(certain) if paired else _error_apart(first, other),
    }
    unit = metric.total_unit if at == "total" else metric.unit
    about = {"metric": cell.metric, "state": cell.state, "platform": cell.platform, "group": cell.group}
    return {**about, "unit": unit, "at": at, **numbers}


def _median(numbers: Array) -> float | None:
    """Return the median of what is known; None when nothing is."""
    known = numbers[~np.isnan(numbers)]
    return float(np.median(known)) if known.size else None


def _error_apart(first: Array, other: Array) -> float | None:
    """Return the standard error of the difference of two means of independent members; None with too few."""
    errors = [mc_error(each[~np.isnan(each)]) for each in (first, other)]
    return None if None in errors else math.hypot(*(error for error in errors if error is not None))
