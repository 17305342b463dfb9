"""The result of a sweep: the summary of the run at every point of a grid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any

from sim.experiments.charts import draw
from sim.experiments.experiment import Experiment
from sim.experiments.outcomes import FIELDS, HEADLINES, NothingMovedError, Output, choose, spread_rows
from sim.text.numbers import cells_in_words, unit

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from sim.experiments.store import Outcome
    from sim.scenario import Scenario

NUMBERS = ("baseline", "policy", "effect", "low", "high", "mc_error", "members")


class SweepResult(Experiment):
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

    @property
    def headlines(self) -> tuple[str, ...]:
        """The metrics to show unless one is named: those of the policies whose keys are swept, then the usual."""
        swept = {path.split(".")[1] for path in self.axes if path.startswith("policies.")}
        own = [name for policy in self.scenario.policies if policy.id in swept for name in policy.HEADLINES]
        return tuple(dict.fromkeys([*own, *HEADLINES]))

    def output(self, metric: str | None = None, at: str | None = None, **cell: str) -> Output:
        """Return the output that a few words mean: the headline that moves most unless a metric is named."""
        return choose(self.table, metric, at, headlines=self.headlines, **cell)

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
            cells = {"point": number, **{path: plain(value) for path, value in point.items()}}
            rows += [{**cells, **row} for row in spread_rows([self.outcomes[key] for key in keys])]
        columns = ["point", *self.axes, *FIELDS[:6], *NUMBERS]
        return pd.DataFrame(rows, columns=columns)

    def rows_in_words(self, output: Output) -> pd.DataFrame:
        """Return the rows of one output with their numbers as people read them: ``6.12m``, ``31 %``."""
        rows = self.of(output)[[*self.axes, *NUMBERS[:-1]]]
        return cells_in_words(rows, output.metric, NUMBERS[:-1])

    def _repr_html_(self) -> str:
        """Return what the sweep shows by default, for a notebook."""
        try:
            output = self.output()
        except NothingMovedError:
            return super()._repr_html_()
        head = escape(f"{self!r}. {output.words(self.scenario)} [{unit(output.metric)}]")
        return f"<p>{head}</p>{self.rows_in_words(output).to_html(index=False)}"

    def plot(self, metric: str | None = None, at: str | None = None, **cell: str) -> Figure:
        """Return a chart: a line over one path, a heat map over two.

        Parameters
        ----------
        metric, at : str, optional
            What to draw; the headline that moves most unless stated.
        **cell
            ``state``, ``platform``, ``group``.

        Raises
        ------
        InputError
            When the sweep holds no such number.
        """
        return draw(self.KIND, self, self.output(metric, at, **cell))


def plain(value: Any) -> Any:
    """Return a value of a path as a cell of a table: numbers stay numbers, all else becomes text."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return value
