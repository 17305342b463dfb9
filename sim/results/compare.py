"""Comparing runs: the difference between two runs by every metric, and many runs ranked by one
metric.

The effect of a run is relative to its own baseline. If two runs have the same world and random
numbers (for every common seed, the baseline arms are the same to the bit), they are paired by seed,
which removes their common chance. Otherwise every seed of one run is compared with every seed of
the other.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from ..core.groups import is_diaspora, is_family
from ..errors import InputError, Problem, did_you_mean
from ..metrics.registry import METRICS, Better
from .interval import interval
from .model_error import ModelError
from .panel import Array, Pair
from .result import Result
from .series import (
    FEW_MEMBERS,
    MIN_PEOPLE,
    At,
    Cell,
    Key,
    cells_of,
    fewest_people,
    mc_error,
    median,
    values,
)
from .summary import Row, cell_rows, numbers_at, points

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PAIR_COLUMNS = (
    "metric",
    "state",
    "platform",
    "group",
    "unit",
    "at",
    "first",
    "other",
    "difference",
    "low",
    "high",
    "mc_error",
)
COLUMNS = (
    "place",
    "run",
    "run_id",
    "title",
    "status",
    "seeds",
    "metric",
    "state",
    "platform",
    "group",
    "unit",
    "at",
    "effect",
    "low",
    "high",
    "mc_error",
    "simulated",
    "difference",
    "difference_low",
    "difference_high",
    "difference_mc_error",
    "paired",
    "clear",
)
"""Columns of the table of runs."""
DEFAULT = "contact_days_lost_per_member"
FALLBACK = "active_users"
_HIT: tuple[tuple[str, At], ...] = (
    ("family_contact_ever_lost_people", "total"),
    ("family_contact_lost_people", "worst_week"),
    (DEFAULT, "total"),
)
"""Metrics that choose the group; the first that the run has is used."""
_ORDERS: dict[Better, Order] = {"less": "lowest", "more": "highest", "": "least"}
_NAMED = 8
"""Most names that an error lists."""
_FEW = 3
"""Most names that an error lists for each run."""
Unpaired = Literal["days", "seeds", "worlds"]
"""Reasons why seeds are not paired: the runs have different days, share no seed, or differ before
any policy.
"""
Order = Literal["lowest", "highest", "least"]
Clear = Literal["yes", "no", "few", ""]


@dataclass(frozen=True)
class Comparison:
    """The difference between a run and the first run.

    Attributes
    ----------
    first, other : Result
        The runs.
    seeds : tuple of int
        The paired seeds; empty if the runs are not paired.
    unpaired : {"days", "seeds", "worlds"} or None
        The reason why the runs are not paired; None if they are.
    """

    first: Result
    other: Result
    seeds: tuple[int, ...]
    unpaired: Unpaired | None = None

    @property
    def paired(self) -> bool:
        """True if the runs are paired by seed."""
        return bool(self.seeds)

    @property
    def left_out(self) -> int:
        """Number of seeds without a counterpart in the other run."""
        return len(self.first.seeds) + len(self.other.seeds) - 2 * len(self.seeds)

    @cached_property
    def rows(self) -> list[Row]:
        """One row for each metric, cell and point in time, with `PAIR_COLUMNS`; None if a number is
        undefined.
        """
        return [
            row
            for name in self.first.metrics
            if name in self.other.metrics
            for row in self._rows(name)
        ]

    @cached_property
    def _sides(self) -> list[tuple[list[Pair], ModelError]]:
        """The compared members of both runs, and their model errors."""
        return [
            (
                [pair for pair in run.members if not self.paired or pair[0].seed in self.seeds],
                run.model_error,
            )
            for run in (self.first, self.other)
        ]

    def _rows(self, metric: str) -> Iterator[Row]:
        """Yield the rows of one metric for the cells that both runs have and either summary
        shows.
        """
        sparse = "source" in METRICS[metric].dims  # few of all pairs of platforms have a flow
        first, other = (cells_by_key(run, metric) for run in (self.first, self.other))
        runs = (self.first, self.other)
        shown = [
            c.key for run in runs for c in cells_of(metric, run.members[0][0].axes, run.focus.shows)
        ]
        for key in dict.fromkeys(shown):
            cells = [of_run[key] for of_run in (first, other) if key in of_run]
            sizes = [
                fewest_people(cell, members)
                for cell, (members, _) in zip(cells, self._sides, strict=False)
            ]
            if len(cells) == 2 and min(sizes) >= MIN_PEOPLE:
                for at in points(METRICS[metric]):
                    row, moved = self._row(cells, at)
                    if moved or not sparse:
                        yield row

    def row(self, key: Key, at: At) -> Row:
        """Return the row of one cell.

        Parameters
        ----------
        key : (str, str, str, str)
            Metric, state, platform and group, as in both runs.
        at : {"end", "peak", "worst_week", "total"}
            The point in time.
        """
        return self._row([cells_by_key(run, key[0])[key] for run in (self.first, self.other)], at)[
            0
        ]

    def _row(self, cells: Sequence[Cell], at: At) -> tuple[Row, bool]:
        """Return the row of a cell of both runs, and whether any policy has an effect on it.

        Two runs of one world share the model's error as well as chance, so most of the error
        cancels in the difference. Runs of two worlds share neither.
        """
        effects: list[Array] = []
        wide: list[
            Array
            # the effects with each of the model's errors, (M, errors); one column without errors
        ] = []
        for cell, (members, error) in zip(cells, self._sides, strict=True):
            baseline, policy, days = member_arms(cell, members, at)
            widen = error.of(cell, members)
            effects.append(policy - baseline)
            wide.append(effects[-1][:, None] if widen is None else widen(baseline, policy, days))
        if self.paired:
            differences = effects[1] - effects[0]
            spread_out = wide[1] - wide[0]
            mean_error = mc_error(differences[~np.isnan(differences)])
        else:
            differences = (effects[1][None, :] - effects[0][:, None]).ravel()
            known = [each[~np.isnan(each[:, 0])] for each in wide]
            apart = np.subtract.outer(known[1], known[0].ravel())
            spread_out = apart.reshape(len(apart), known[1].shape[1] * known[0].size)
            errors = [mc_error(effect[~np.isnan(effect)]) for effect in effects]
            mean_error = (
                None
                if None in errors
                else math.hypot(*(error for error in errors if error is not None))
            )
        low, high = _ends(spread_out)
        metric = METRICS[cells[0].metric]
        numbers = (
            median(effects[0]),
            median(effects[1]),
            median(differences),
            low,
            high,
            mean_error,
        )
        about = (*cells[0].key, metric.total_unit if at == "total" else metric.unit, at)
        return dict(zip(PAIR_COLUMNS, (*about, *numbers), strict=True)), any(
            np.any(effect) for effect in effects
        )


def _ends(draws: Array) -> tuple[float, float] | tuple[None, None]:
    """Return the ends of the interval of differences; None if all are undefined."""
    if not draws.size:
        return None, None
    low, high = map(float, interval(draws))
    return (None, None) if math.isnan(low) else (low, high)


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
        An argument is not a Result, or the two have no metric in common.
    """
    for given in (first, other):
        if not isinstance(given, Result):
            found = f"a run was given as {type(given).__name__}"
            raise InputError(
                Problem("", found, "results", "sn.open(folder) reads one from a run folder")
            )
    if not set(first.metrics) & set(other.metrics):
        found = f"{first.name} and {other.name} have no metric in common"
        raise InputError(
            Problem("", found, "runs that report the same metrics", "run both without `measure:`")
        )
    if first.dates != other.dates:
        return Comparison(first, other, (), "days")
    shared = tuple(sorted(set(first.seeds) & set(other.seeds)))
    if not shared:
        return Comparison(first, other, (), "seeds")
    one, two = ({baseline.seed: baseline for baseline, _ in run.members} for run in (first, other))
    metrics = [name for name in first.metrics if name in other.metrics]
    for mine, theirs in ((one[seed], two[seed]) for seed in shared):
        same = mine.axes == theirs.axes and dict(mine.real) == dict(theirs.real)
        if not same or not all(mine.same_array(theirs, name) for name in metrics):
            return Comparison(first, other, (), "worlds")
    return Comparison(first, other, shared)


def cells_by_key(result: Result, metric: str) -> dict[Key, Cell]:
    """Return every cell of a metric by its columns."""
    return {cell.key: cell for cell in cells_of(metric, result.members[0][0].axes)}


def member_arms(cell: Cell, members: Sequence[Pair], at: At) -> tuple[Array, Array, int]:
    """Return one number of each arm for each seed, (M,) each, and the number of days that it
    sums.
    """
    metric = METRICS[cell.metric]
    arms = [values(cell, members, arm) for arm in (0, 1)]
    if at == "total":  # a day counts if both arms define it
        unknown = np.isnan(arms[0]) | np.isnan(arms[1])
        arms = [np.where(unknown, np.nan, arm) for arm in arms]
    baseline, policy, _, days = numbers_at(metric, arms, at)
    return baseline, policy, days


# --- many runs ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ranking:
    """Runs in one table, best first.

    Attributes
    ----------
    runs : tuple of Result
        The runs in the given order; the others are compared with the first.
    names : tuple of str
        A unique name for each run.
    key : (str, str, str, str)
        Metric, state, platform and group of the table.
    at : {"end", "worst_week", "total"}
        The point in time.
    chosen : bool
        Whether the metric was requested or is the default; False if the default does not apply to
        these runs.
    pairs : tuple of Comparison
        Comparison of each other run with the first.
    """

    runs: tuple[Result, ...]
    names: tuple[str, ...]
    key: Key
    at: At
    chosen: bool
    pairs: tuple[Comparison, ...]

    @property
    def metric(self) -> str:
        """The metric that ranks the runs."""
        return self.key[0]

    @property
    def order(self) -> Order:
        """The rule for the best run: lowest, highest or smallest effect."""
        return _ORDERS[METRICS[self.metric].better]

    @cached_property
    def rows(self) -> list[Row]:
        """The rows of `table` as dictionaries, best first, with None for values that are not
        defined.
        """
        size = {"lowest": lambda x: x, "highest": lambda x: -x, "least": abs}[self.order]
        rows = [self._row(at) for at in range(len(self.runs))]
        rows.sort(
            key=lambda row: (row["effect"] is None, size(float(row["effect"] or 0.0)))
        )  # not defined: last
        return [{**row, "place": place} for place, row in enumerate(rows, 1)]

    @property
    def table(self) -> pd.DataFrame:
        """The runs as a table, best first.

        Returns
        -------
        pandas.DataFrame
            ``effect`` is the median effect of the run's policies, ``low`` and ``high`` its 80 %
            interval with the model's error, as in the summary of the run. ``difference`` is
            the median of run - first run, with its own percentiles, by seed where ``paired``.
            ``clear`` says whether the interval of the difference excludes zero: ``yes``, ``no``,
            ``few`` (fewer than 5 seeds), empty for the first run.
        """
        numbers = [
            name
            for name in COLUMNS
            if name.startswith(("effect", "low", "high", "mc_error", "difference"))
        ]
        return pd.DataFrame(self.rows, columns=list(COLUMNS)).astype(
            dict.fromkeys(numbers, "float64")
        )

    @property
    def frame(self) -> pd.DataFrame:
        """The difference between each other run and the first, by every metric.

        Returns
        -------
        pandas.DataFrame
            ``run, metric, state, platform, group, unit, at`` identify a row; ``first`` and
            ``other`` are the median effects of the two runs, ``difference`` the median of other -
            first, ``low`` and ``high`` its 80 % interval, ``mc_error`` the standard
            error of the mean difference.
        """
        named = zip(self.names[1:], self.pairs, strict=True)
        rows = [{"run": name, **row} for name, pair in named for row in pair.rows]
        return pd.DataFrame(rows, columns=["run", *PAIR_COLUMNS]).astype(
            dict.fromkeys(PAIR_COLUMNS[6:], "float64")
        )

    @property
    def paired(self) -> bool:
        """True if all runs are paired with the first by seed."""
        return all(pair.paired for pair in self.pairs)

    @property
    def why(self) -> str:
        """The pairing of seeds, in one sentence for each kind."""
        from ..text.comparison import why as why_ranked

        return why_ranked(self)

    @property
    def notes(self) -> tuple[str, ...]:
        """Warnings about the table: one sentence each."""
        from ..text.comparison import notes as notes_on_ranking

        return tuple(notes_on_ranking(self))

    def plot(self) -> Figure:
        """Return the picture: a dot and an interval for each run, best first."""
        from ..plots.runs import draw_ranking

        return draw_ranking(self)

    def save(self, path: Path | str) -> Path:
        """Write the table (.csv, .xlsx, .parquet) or the picture (.png, .svg, .pdf) and return the
        file.

        Raises
        ------
        InputError
            The name has another suffix.
        RunError
            A required package is not installed, or the file cannot be written.
        """
        from ..plots.runs import save_ranking

        return save_ranking(self, Path(path))

    def __repr__(self) -> str:
        """Return the table as plain text."""
        from ..text.comparison import text as show_ranking

        return show_ranking(self)

    def _repr_html_(self) -> str:
        """Return the picture and the table, for a notebook."""
        from ..app.report import notebook_page

        return notebook_page(self)

    def _row(self, at: int) -> Row:
        """Return the row of a run, without its place."""
        run = self.runs[at]
        of_pair = {**dict.fromkeys(COLUMNS[-6:]), "clear": ""}
        cell = cells_by_key(run, self.metric)[self.key]
        mine = next(
            row
            for row in cell_rows(cell, run.members, run.model_error.of(cell, run.members))
            if row["at"] == self.at
        )
        if at:
            both = self.pairs[at - 1]
            row = both.row(self.key, self.at)
            low = row["low"]
            high = row["high"]
            n = (
                len(both.seeds)
                if both.paired
                else min(len(one.members) for one in (both.first, both.other))
            )
            excludes_zero = (
                isinstance(low, float) and isinstance(high, float) and (low > 0 or high < 0)
            )
            clear: Clear = "no"
            if excludes_zero:
                clear = "yes" if n >= FEW_MEMBERS else "few"
            of_pair = dict(
                zip(
                    COLUMNS[-6:],
                    (row["difference"], low, high, row["mc_error"], both.paired, clear),
                    strict=True,
                )
            )
        about: Row = {
            "place": 0,
            "run": self.names[at],
            "run_id": run.run_id,
            "title": run.scenario.title,
            "status": str(run.scenario.status),
            "seeds": len(run.members),
        }
        return about | {key: mine[key] for key in COLUMNS if key in mine} | of_pair


def compare(
    *runs: Result,
    by: str = "",
    at: str = "",
    group: str = "",
    state: str = "",
    platform: str = "",
    names: Sequence[str] = (),
) -> Ranking:
    """Compare runs with the first run, in a table that lists the best run first.

    Parameters
    ----------
    *runs : Result
        Two or more runs; the table gives differences from the first run.
    by : str
        The metric that ranks the runs; by default ``contact_days_lost_per_member``. If nobody loses
        contact in any run, it is ``active_users``.
    at : {"end", "worst_week", "total"}
        The time of the value. By default `total` for sums and running totals, `worst_week` for
        shares, and `end` for other metrics. Never a peak: the largest of many noisy days depends on
        their number.
    group, state, platform : str
        The cell to compare. By default the group with most people affected in the first run, and
        the state and platform with the largest effect in the first run.
    names : sequence of str
        A name for each run; by default the name of its scenario. If two runs share a name, the
        names also state their differences.

    Raises
    ------
    InputError
        There are fewer than two runs, an argument is not a Result, a name does not exist, the
        cell is missing in a run or has fewer than 30 simulated people, or it is undefined in all
        runs.
    """
    if len(runs) < 2:
        raise InputError(
            Problem(
                "", f"{len(runs)} run to compare", "two results or more", "sn.compare(first, other)"
            )
        )
    pairs = tuple(compare_two(runs[0], other) for other in runs[1:])
    shared = [name for name in runs[0].metrics if all(name in run.metrics for run in runs)]
    if by and by not in shared:
        found = f"some of these runs do not have the metric '{by}'"
        raise InputError(Problem("by", found, "a metric that all of them have", _close(by, shared)))
    if not by and DEFAULT in shared and (group or any(hit_most(run) for run in runs)):
        by = DEFAULT
    metric = by or (FALLBACK if FALLBACK in shared else shared[0])
    when = point_of(metric, at)
    key = cell_of(runs, metric, {"group": group, "state": state, "platform": platform}, when)
    if names and len(names) != len(runs):
        raise InputError(
            Problem("names", f"{len(names)} names for {len(runs)} runs", "one for each run")
        )
    called = [str(name) for name in names] or names_of(runs)
    for more in (
        [f" {run.run_id[:6]}" for run in runs],
        [f" ({i})" for i in range(1, len(runs) + 1)],
    ):
        called = [
            name + end * (called.count(name) > 1) for name, end in zip(called, more, strict=True)
        ]
    ranking = Ranking(runs, tuple(called), key, when, bool(by), pairs)
    is_chosen = bool(group or state or platform)
    if not _says_something(ranking, is_chosen=is_chosen):
        raise InputError(_unlike(ranking))
    return ranking


def names_of(runs: Sequence[Result]) -> list[str]:
    """Return the names of runs: their titles, shortened, if all scenarios and titles differ; else
    those of the scenarios. If runs share a name, each name after the first states the differences
    of scenario and user's code from the first.
    """
    from ..text.numbers import brief_title

    titles = [brief_title(run.scenario.title) for run in runs]
    if len(set(titles)) == len({run.name for run in runs}) == len(titles):
        return titles
    first: dict[str, Result] = {}
    called = []
    for run in runs:
        other = first.setdefault(run.name, run)
        values = (dict(_values(each.scenario.stated())) for each in (run, other))
        told = _differences(*values) + _differences_of_code(
            run.about["own_sha256"], other.about["own_sha256"]
        )
        more = [f"{len(told) - _FEW} more"] if len(told) > _FEW else []
        said = ", ".join([*told[:_FEW], *more])
        called.append(f"{run.name} ({said})" if said else run.name)
    return called


def _differences(mine: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """Return in words the differences between the values of two scenarios."""
    ids = [path for path in {**mine, **other} if path.endswith(".id")]
    alone = {
        path.removesuffix("id"): path in mine for path in ids if (path in mine) != (path in other)
    }
    told = [
        f"{'with' if is_mine else 'without'} {begin.removeprefix('policies.').rstrip('.')}"
        for begin, is_mine in alone.items()
    ]
    for path in {**mine, **other}:
        is_said = path.startswith((*_UNTOLD, *alone))
        if mine.get(path) != other.get(path) and not is_said:
            told.append(f"{path.removeprefix('parameters.')}={mine.get(path, 'none')}")
    return told


def _differences_of_code(mine: Mapping[str, str], other: Mapping[str, str]) -> list[str]:
    """Return in words the differences of a user's own code that the scenario does not show.

    Parameters
    ----------
    mine, other : mapping of str to str
        Digests by label, as in manifests.
    """
    told = []
    for label in {**other, **mine}:
        kind, _, name = label.partition(" (")[0].partition("/")
        if mine.get(label) == other.get(label):
            continue
        if kind == "steps":
            told.append("with another order of phases")
        elif label in mine and label in other:
            told.append(f"other code of {name}")
        elif kind == "metrics":
            told.append(f"{'with' if label in mine else 'without'} {name}")
    return told


_UNTOLD = ("title", "caveat", "status", "uncertain.")
"""Keys that follow from other keys or only affect presentation."""


def _values(keys: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each value of nested keys with its path; paths of policies contain their ids."""
    if isinstance(keys, Mapping):
        for name, value in keys.items():
            yield from _values(value, f"{path}.{name}" if path else str(name))
    elif isinstance(keys, list | tuple) and all(isinstance(key, Mapping) for key in keys):
        for at, value in enumerate(keys):
            yield from _values(value, f"{path}.{value.get('id', at)}")
    else:
        yield path, keys


def _says_something(ranking: Ranking, *, is_chosen: bool) -> bool:
    """Return whether the effect is defined in a run and, for runs of different worlds, not zero in
    all.

    If runs of different worlds share no cell that their policies change, the default cell has no
    effect. If a user asked for the cell, zero is an answer.
    """
    effects = [row["effect"] for row in ranking.rows]
    if all(effect is None for effect in effects):
        return False
    return is_chosen or any(effects) or any(pair.paired for pair in ranking.pairs)


def _unlike(ranking: Ranking) -> Problem:
    """Return the problem with runs that have nothing to compare, with their differences."""
    runs = ranking.runs
    axes = [run.members[0][0].axes for run in runs]
    about = {
        "scenario": [run.name for run in runs],
        "days": [f"{run.dates[0]} to {run.dates[-1]}" for run in runs],
        "states": _apart([each.states for each in axes]),
        "groups": _apart([run.focus.groups for run in runs]),
    }
    differing = [
        f"{what} ({'; '.join(each)})" for what, each in about.items() if len(set(each)) > 1
    ]
    metric, *cell = ranking.key
    of_what = " ".join(part for part in cell if part)
    found = f"'{metric}' of {of_what or 'all'} has no value in any of these runs"
    if differing:
        found += f", and they differ in {', '.join(differing)}"
    hint = "splinternet report RUN shows a single run"
    return Problem("", found, "runs of one case, or --by and --group that all of them have", hint)


def _apart(listed: Sequence[Sequence[str]]) -> list[str]:
    """Return, for each run, the names that not all runs have."""
    shared = set[str].intersection(*map(set, listed))
    own = [[name for name in names if name not in shared] for names in listed]
    return [
        f"{', '.join(names[:_FEW])}{f' and {len(names) - _FEW} more' if len(names) > _FEW else ''}"
        or "no others"
        for names in own
    ]


def point_of(metric: str, asked: str = "") -> At:
    """Return the point in time of a table: the requested one, or the one that suits the metric;
    never a peak.
    """
    declared = METRICS[metric]
    allowed = [at for at in points(declared) if at != "peak"]
    if asked and asked not in allowed:
        why = "the largest of many noisy days depends on their number" if asked == "peak" else ""
        hint = did_you_mean(asked, allowed) or why
        raise InputError(Problem("at", f"'{metric}' at '{asked}'", " or ".join(allowed), hint))
    if asked:
        return next(at for at in allowed if at == asked)
    if declared.running or declared.kind == "total" or declared.form == "money" or declared.adds_up:
        return "total"
    return "worst_week" if declared.form in ("share", "index") else "end"


def hit_most(run: Result) -> str:
    """Return the group, including families, in which most people lose contact in a run; empty if
    nobody does.
    """
    metric, at = next(
        ((metric, at) for metric, at in _HIT if metric in run.metrics), ("", _HIT[0][1])
    )
    cells = cells_of(metric, run.members[0][0].axes) if metric else ()
    sizes = {
        cell.group: _size(cell, run, at)
        for cell in cells
        if (is_diaspora(cell.group) or is_family(cell.group))
        and fewest_people(cell, run.members) >= MIN_PEOPLE
    }
    largest = max(sizes.values(), default=0.0)
    return next((group for group, size in sizes.items() if size == largest > 0), "")


def cell_of(runs: Sequence[Result], metric: str, asked: Mapping[str, str], at: At) -> Key:
    """Return the subject of a table: the requested cell, or the cell with the largest effect in the
    first run.

    Parameters
    ----------
    runs : sequence of Result
    metric : str
    asked : mapping of str to str
        Requested ``group``, ``state`` and ``platform``; empty for the default.
    at : {"end", "worst_week", "total"}
        The point in time.

    Raises
    ------
    InputError
        A run lacks the cell, or has too few simulated people in it.
    """
    cells = [cells_by_key(run, metric) for run in runs]
    shared = [key for key in cells[0] if all(key in others for others in cells[1:])]
    for place, part in enumerate(("state", "platform", "group"), 1):
        if not asked[part]:
            continue
        choices = list(dict.fromkeys(key[place] for key in shared if key[place]))
        if not choices:
            raise InputError(
                Problem(part, f"'{metric}' is not by {part}", f"a comparison without {part}")
            )
        shared = [key for key in shared if key[place] == asked[part]]
        if not shared:
            found = f"no {part} '{asked[part]}' in all of these runs by '{metric}'"
            raise InputError(
                Problem(
                    part, found, f"a {part} that all of them have", _close(asked[part], choices)
                )
            )
    if not shared:
        raise InputError(
            Problem(
                "",
                f"these runs have no cell of '{metric}' in common",
                "runs with the same groups and states",
            )
        )
    fewest = {
        key: min(
            fewest_people(of_run[key], run.members) for run, of_run in zip(runs, cells, strict=True)
        )
        for key in shared
    }
    thick = [key for key in shared if fewest[key] >= MIN_PEOPLE]
    if not thick:
        found = f"fewer than {MIN_PEOPLE} simulated people in {' '.join(part for part in shared[0][1:] if part)}"
        raise InputError(
            Problem("", found, f"{MIN_PEOPLE} or more in every run", "run them with more people")
        )
    if "group" in METRICS[metric].dims and not asked["group"]:
        first = next((group for run in runs if (group := hit_most(run))), "")
        thick = [key for key in thick if key[3] == first] or thick
    return max(thick, key=lambda key: _size(cells[0][key], runs[0], at))


def _close(asked: str, choices: Sequence[str]) -> str:
    """Return a hint: the name that was probably meant, or the first available names."""
    named = ", ".join(choices[:_NAMED]) + (
        f" and {len(choices) - _NAMED} more" if len(choices) > _NAMED else ""
    )
    return did_you_mean(asked, choices) or f"choose from {named}"


def _size(cell: Cell, run: Result, at: At) -> float:
    """Return the size of the median effect of a cell; zero if undefined."""
    baseline, policy, _ = member_arms(cell, run.members, at)
    return abs(median(policy - baseline) or 0.0)
