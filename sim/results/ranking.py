"""Many runs in one table: the effect of each run's policies by one metric, and its difference from the first run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from sim.errors import InputError, Problem
from sim.results.cells import Cell
from sim.results.compare import Comparison, Key, cells_by_key, compare_two, row_of
from sim.results.ranked_by import cell_of, metric_of, point_of
from sim.results.result import Result
from sim.results.rows import Row, row_at
from sim.results.stats import FEW_MEMBERS, At

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

COLUMNS = (
    "place", "run", "run_id", "title", "status", "seeds", "metric", "state", "platform", "group", "unit", "at",
    "effect", "low", "high", "mc_error", "simulated", "difference", "difference_low", "difference_high",
    "difference_mc_error", "paired", "clear",
)  # fmt: skip
"""Columns of the table of runs."""
NUMBERS = (
    "effect", "low", "high", "mc_error", "difference", "difference_low", "difference_high", "difference_mc_error",
)  # fmt: skip
LESS_IS_BETTER = frozenset(
    {
        "family_contact_ever_lost", "family_contact_lost_7d", "family_contact_lost_30d", "contact_days_lost_per_member",
        "family_contact_ever_lost_people", "family_contact_lost", "family_contact_lost_people",
        "family_contact_lost_entirely", "contact_days_lost", "conversations_lost", "ties_out_of_contact", "ties_lost",
        "ties_severed", "ties_ever_out", "fragile_ties", "days_to_reconnect", "route_length", "path_stretch",
        "border_load", "consumer_surplus_lost", "cost_to_platforms", "handset_sales_at_stake", "voice_silenced",
        "accounts_silenced", "platforms_restricted", "cascade_size", "cascade_depth",
    }
)  # fmt: skip
"""Metrics by which the best run has the lowest effect."""
MORE_IS_BETTER = frozenset(
    {
        "cross_border_contact", "contact_across_border", "state_pairs_in_reach", "reach_abroad", "services_usable",
        "median_services", "people_within_reach", "reachable_pairs", "domestic_reach", "border_capacity", "openness",
        "sales", "trade",
    }
)  # fmt: skip
"""Metrics by which the best run has the highest effect; by all others, the one that changes least comes first."""
Order = Literal["lowest", "highest", "least"]
Clear = Literal["yes", "no", "few", ""]


@dataclass(frozen=True)
class Ranking:
    """Runs in one table, best first.

    Attributes
    ----------
    runs : tuple of Result
        The runs as they were given; the first is the one that the others are compared with.
    names : tuple of str
        A name for each, no two alike.
    key : (str, str, str, str)
        Metric, state, platform and group that the table is about.
    at : {"end", "worst_week", "total"}
        The point in time.
    chosen : bool
        Whether the metric was asked for or is the default one; False where the default says nothing of these runs.
    pairs : tuple of Comparison
        Each other run with the first.
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
        """Which run comes first: the one of the lowest effect, the highest, or the least in size."""
        if self.metric in LESS_IS_BETTER:
            return "lowest"
        return "highest" if self.metric in MORE_IS_BETTER else "least"

    @cached_property
    def rows(self) -> list[Row]:
        """The rows of `table` as dictionaries, best first; what is not defined is None."""
        found = [self._row(at) for at in range(len(self.runs))]
        found.sort(key=self._sorting)
        return [{**row, "place": place} for place, row in enumerate(found, 1)]

    @property
    def table(self) -> pd.DataFrame:
        """The runs as a table, best first.

        Returns
        -------
        pandas.DataFrame
            ``effect`` is the median effect of the run's policies, ``low`` and ``high`` its 10th and 90th percentile
            with the model's error, as in the summary of the run. ``difference`` is the median of run - first run,
            with its own percentiles, by seed where ``paired``. ``clear`` says whether the interval of the difference
            excludes zero: ``yes``, ``no``, ``few`` (fewer than 5 members), empty for the first run.
        """
        import pandas as pd

        return pd.DataFrame(self.rows, columns=list(COLUMNS)).astype(dict.fromkeys(NUMBERS, "float64"))

    @property
    def frame(self) -> pd.DataFrame:
        """The difference between each other run and the first, by every metric: a column ``run``, then as the pairs."""
        import pandas as pd

        frames = [
            pair.frame.assign(run=name)[["run", *pair.frame.columns]]
            for name, pair in zip(self.names[1:], self.pairs, strict=True)
        ]
        return pd.concat(frames, ignore_index=True)

    @property
    def paired(self) -> bool:
        """Whether all runs are paired with the first by seed."""
        return all(pair.paired for pair in self.pairs)

    @property
    def why(self) -> str:
        """How members are paired: one sentence for each way."""
        from sim.text.ranking import why as why_ranked

        return why_ranked(self)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know before trusting the table: one sentence each."""
        from sim.text.ranking import notes as notes_on_ranking

        return tuple(notes_on_ranking(self))

    def plot(self) -> Figure:
        """Return the picture: a dot and an interval for each run, best first."""
        from sim.plots.ranking import draw as draw_ranking

        return draw_ranking(self)

    def save(self, path: Path | str) -> Path:
        """Write the table (.csv, .xlsx, .parquet) or the picture (.png, .svg) and return the file.

        Raises
        ------
        InputError
            When the name says no such form.
        RunError
            When a package that the form needs is not installed, or the file cannot be written.
        """
        from sim.plots.ranking import save as save_ranking

        return save_ranking(self, Path(path))

    def __repr__(self) -> str:
        """Return the table as plain text."""
        from sim.text.ranking import text as show_ranking

        return show_ranking(self)

    def _repr_html_(self) -> str:
        """Return the picture and the table, for a notebook."""
        from sim.app.notebook import ranking_page

        return ranking_page(self)

    def _cell(self, run: Result) -> Cell:
        """Return the cell of a run that the table is about."""
        return cells_by_key(run, self.metric)[self.key]

    def _row(self, at: int) -> Row:
        """Return the row of a run, its place left open."""
        run = self.runs[at]
        cell = self._cell(run)
        mine = row_at(cell, run.members, self.at, run.model_error.of(cell))
        beside: dict[str, Any] = dict.fromkeys(("difference", "difference_low", "difference_high"), None)
        beside |= {"difference_mc_error": None, "paired": None, "clear": ""}
        if at:
            both = self.pairs[at - 1]
            found = row_of(both, self.key, self.at)
            beside = {
                "difference": found["difference"],
                "difference_low": found["low"],
                "difference_high": found["high"],
                "difference_mc_error": found["mc_error"],
                "paired": both.paired,
                "clear": _clear(both, found),
            }
        about: Row = {"place": 0, "run": self.names[at], "run_id": run.run_id, "title": run.scenario.title}
        about |= {"status": str(run.scenario.status), "seeds": len(run.members)}
        return about | {key: mine[key] for key in COLUMNS if key in mine} | beside

    def _sorting(self, row: Row) -> tuple[bool, float]:
        """Return a key that sorts the best first; what is not defined comes last."""
        value = row["effect"]
        if not isinstance(value, float):
            return True, 0.0
        return False, {"lowest": value, "highest": -value, "least": abs(value)}[self.order]


def compare(
    *runs: Result,
    by: str = "",
    at: str = "",
    group: str = "",
    state: str = "",
    platform: str = "",
    names: Sequence[str] = (),
) -> Ranking:
    """Compare runs with the first one, in one table, best first.

    Parameters
    ----------
    *runs : Result
        Two or more; differences are those from the first.
    by : str
        The metric that ranks them; ``contact_days_lost_per_member`` unless stated. Where nobody loses contact in
        any run, it is ``active_users``.
    at : {"end", "worst_week", "total"}
        When; over the run for sums and running totals, the worst week for shares, else the last day. Never a peak:
        the largest of many noisy days depends on their number.
    group, state, platform : str
        Whom it is about. The group is the one in which most people are hit in the first run unless stated, the state
        and platform those of the largest effect in the first run.
    names : sequence of str
        A name for each run; by default that of its scenario, with the run's identity where two have the same.

    Raises
    ------
    InputError
        When fewer than two runs are given or one of them is no result, when a name does not exist, or when the cell is
        missing in a run or has fewer than 30 simulated people there.
    """
    if len(runs) < 2:
        raise InputError(Problem("", f"{len(runs)} run to compare", "two results or more", "sn.compare(first, other)"))
    pairs = tuple(compare_two(runs[0], other) for other in runs[1:])
    metric, chosen = metric_of(runs, by, group)
    key = cell_of(runs, metric, {"group": group, "state": state, "platform": platform}, point_of(metric, at))
    return Ranking(runs, _names(runs, names), key, point_of(metric, at), chosen, pairs)


def _names(runs: Sequence[Result], given: Sequence[str]) -> tuple[str, ...]:
    """Return a name for each run, no two alike."""
    if given and len(given) != len(runs):
        raise InputError(Problem("names", f"{len(given)} names for {len(runs)} runs", "one for each run"))
    names = [str(name) for name in given] or [run.name for run in runs]
    alike = [
        f"{name} {run.run_id[:6]}" if names.count(name) > 1 else name for name, run in zip(names, runs, strict=True)
    ]
    return tuple(f"{name} ({i})" if alike.count(name) > 1 else name for i, name in enumerate(alike, 1))


def _clear(both: Comparison, row: Row) -> Clear:
    """Return whether the interval of a difference excludes zero, and rests on members enough to say so."""
    low, high = row["low"], row["high"]
    if not (isinstance(low, float) and isinstance(high, float) and (low > 0 or high < 0)):
        return "no"
    n = len(both.seeds) if both.paired else min(len(run.members) for run in (both.first, both.other))
    return "yes" if n >= FEW_MEMBERS else "few"
