"""What a sweep says: the summary of the run at every point of a grid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sim.results.experiment import ManyOutputs
from sim.results.outcomes import FIELDS, spread_rows

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from sim.results.store import Outcome
    from sim.scenario import Scenario

NUMBERS = ("baseline", "policy", "effect", "low", "high", "mc_error", "members")


class SweepResult(ManyOutputs):
    """Every point of a grid, each a paired ensemble with the same seeds.

    Parameters
    ----------
    scenario, seeds, outcomes, run_id
        As for `Experiment`.
    points : sequence of mapping
        Path -> value, one a point, in the order of the grid.
    keys : sequence of sequence of str
        The keys of each point's outcomes.
    """

    KIND = "sweep"

    def __init__(
        self,
        scenario: Scenario,
        seeds: Sequence[int],
        outcomes: Mapping[str, Outcome],
        run_id: str,
        points: Sequence[Mapping[str, Any]],
        keys: Sequence[Sequence[str]],
    ) -> None:
        super().__init__(scenario, seeds, outcomes, run_id)
        self.points = [dict(point) for point in points]
        self.keys = [list(some) for some in keys]

    @property
    def axes(self) -> dict[str, list[Any]]:
        """The values of every path."""
        found: dict[str, list[Any]] = {}
        for point in self.points:
            for path, value in point.items():
                seen = found.setdefault(path, [])
                if value not in seen:
                    seen.append(value)
        return found

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a point and output.

        Returns
        -------
        pandas.DataFrame
            ``point``, a column for each path, then ``metric, state, platform, group, at, unit`` and
            ``baseline, policy, effect`` (medians over members), ``low, high`` (10th and 90th percentile of the
            effect), ``mc_error`` (standard error of its mean) and ``members``.
        """
        import pandas as pd

        rows = []
        for number, (point, keys) in enumerate(zip(self.points, self.keys, strict=True)):
            told = {"point": number, **{path: plain(value) for path, value in point.items()}}
            rows += [{**told, **row} for row in spread_rows([self.outcomes[key] for key in keys])]
        columns = ["point", *self.axes, *FIELDS[:6], *NUMBERS]
        return pd.DataFrame(rows, columns=columns)

    def plot(self, metric: str | None = None, at: str | None = None, **cell: str) -> Figure:
        """Return a chart: a line over one path, a heat map over two.

        Parameters
        ----------
        metric, at : str, optional
            What to draw; the headline that moves most, at its peak, unless stated.
        **cell
            ``state``, ``platform``, ``group``.

        Raises
        ------
        InputError
            When the sweep holds no such number.
        """
        from sim.plots.sweep_grid import sweep_grid

        return sweep_grid(self, self.output(metric, at, **cell))


def plain(value: Any) -> Any:
    """Return a value of a path as a cell of a table: numbers stay numbers, all else becomes text."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return value
