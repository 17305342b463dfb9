"""The base of all results of experiments: the scenario, the seeds, a tidy table, a chart, and files."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from sim.experiments.outcomes import NothingMovedError, Output, choose, of_output
from sim.results.files import csv_of, write_text
from sim.results.folder import write_scenario
from sim.results.manifest import version
from sim.results.stats import FEW_MEMBERS
from sim.text.numbers import counted, day

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from sim.experiments.store import Outcome
    from sim.scenario import Scenario

TABLE, FIGURES = "table.csv", "figures"


class Experiment(ABC):
    """What many runs of one scenario say together.

    Parameters
    ----------
    scenario : Scenario
        The scenario they were made from.
    seeds : sequence of int
        The seeds of the members of every point.
    outcomes : mapping of str to Outcome
        What each run says, by the key of its task.
    run_id : str
        What identifies this experiment.

    Attributes
    ----------
    folder : Path or None
        Where it was written.
    """

    KIND = ""

    def __init__(self, scenario: Scenario, seeds: Sequence[int], outcomes: Mapping[str, Outcome], run_id: str) -> None:
        self.scenario = scenario
        self.seeds = tuple(seeds)
        self.outcomes = dict(outcomes)
        self.run_id = run_id
        self.folder: Path | None = None

    @property
    def name(self) -> str:
        """Name of the scenario."""
        return self.scenario.name

    @property
    def version(self) -> str:
        """Version of the program."""
        return version()

    @property
    def members(self) -> tuple[int, ...]:
        """The members of every point, by their seeds."""
        return self.seeds

    @property
    def made_with(self) -> str:
        """What every number rests on: members, people and days, but for what the experiment itself varies."""
        spec = self.scenario
        days = f"{day(spec.start.isoformat())} to {day(spec.end.isoformat())}"
        return f"{counted(len(self.seeds))} of each point, about {spec.people:,} simulated people in each, {days}"

    @property
    def warnings(self) -> list[str]:
        """What a reader must know before trusting the numbers: one sentence each."""
        found = list(self.scenario.warnings)
        n = len(self.seeds)
        if n < FEW_MEMBERS:
            found.append(f"{counted(n)} of each point: run at least {FEW_MEMBERS} seeds to learn how far chance goes")
        return found

    @property
    @abstractmethod
    def table(self) -> pd.DataFrame:
        """The result as a tidy table; each kind of experiment says what its columns are."""

    @abstractmethod
    def plot(self) -> Figure:
        """Return the chart of the main output."""

    def write_files(self, folder: Path) -> None:
        """Write scenario, tables and the main chart into a folder."""
        write_scenario(self.scenario, folder)
        for name, table in self.tables().items():
            write_text(folder / name, csv_of(table))
        self._write_figure(folder / FIGURES)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables to write, by file name."""
        return {TABLE: self.table}

    def _write_figure(self, folder: Path) -> None:
        """Draw the main chart as PNG and SVG, unless nothing moved."""
        from sim.plots.saving import save_forms

        try:
            figure = self.plot()
        except NothingMovedError:
            return
        save_forms(figure, folder, self.KIND, self)

    def __repr__(self) -> str:
        """Return one line that says what this is."""
        n = len(self.outcomes)
        return f"<{type(self).__name__} of {self.name}: {self.scenario.status}, {n} runs, {len(self.seeds)} seeds>"

    def _repr_html_(self) -> str:
        """Return the table, for a notebook."""
        return f"<p>{escape(repr(self))}</p>" + str(self.table.head(40)._repr_html_())  # type: ignore[operator]


class ManyOutputs(Experiment):
    """An experiment whose table has many outputs, of which one is chosen by a few words."""

    def output(self, metric: str | None = None, at: str | None = None, **cell: str) -> Output:
        """Return the output that a few words mean: the headline that moves most unless a metric is named."""
        return choose(self.table, metric, at, **cell)

    def of(self, output: Output) -> pd.DataFrame:
        """Return the rows of the table for one output."""
        return of_output(self.table, output)
