"""The result of a run: tidy tables, labelled arrays, a summary with intervals, and charts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import InputError, Problem, RunError
from sim.results.asked import thin_groups
from sim.results.cells import Cell
from sim.results.exports import Exports
from sim.results.focus import Focus, find_focus
from sim.results.metrics_held import MetricsHeld
from sim.results.model_error import ModelError
from sim.results.observed import Beside, beside
from sim.results.panel import ARMS, Pair
from sim.results.rows import COLUMNS, Row, summary_rows
from sim.results.sampling import Sampling, sampling_of
from sim.results.stats import FEW_MEMBERS
from sim.results.tie_tables import TieTables

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from rich.console import RenderableType

    from sim.scenario import Scenario


class Result(MetricsHeld, Exports, TieTables):
    """Both arms of every member of a run.

    Parameters
    ----------
    scenario : Scenario
        The resolved scenario.
    members : sequence of (ArmData, ArmData)
        Baseline and policy arm of every seed, all with the same axes; kept in the order of the seeds.
    info : mapping, optional
        What else is known of the run. Read here: ``name`` (of the scenario), ``notes`` and ``warnings``
        (lists of sentences, printed beside the results) and ``log`` (lines); the rest is stored in the
        manifest as it is.
    ties : Path, optional
        The file of the kin ties of a run that was read back; otherwise the members hold them.

    Raises
    ------
    RunError
        When there is no member, or the members do not fit together.
    """

    def __init__(
        self,
        scenario: Scenario,
        members: Sequence[Pair],
        info: Mapping[str, Any] | None = None,
        ties: Path | None = None,
    ) -> None:
        self.scenario, self.ties_file = scenario, ties
        self.members: list[Pair] = sorted(members, key=lambda pair: pair[0].seed)
        self.info: dict[str, Any] = dict(info or {})
        self.worked_out: dict[str, Any] = {}
        """What others work out of the members and keep here, by name, to do it once."""
        _check(self.members)

    @property
    def name(self) -> str:
        """Name of the scenario."""
        return str(self.info.get("name") or self.scenario.name)

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds of the members, in order."""
        return tuple(baseline.seed for baseline, _ in self.members)

    @property
    def dates(self) -> tuple[str, ...]:
        """The days of the run, ``YYYY-MM-DD``."""
        return self.members[0][0].axes.dates

    @cached_property
    def about(self) -> dict[str, Any]:
        """What makes this run the run it is: scenario, seeds, program and data; that of the run that was read back."""
        from sim.results.identity import about

        mine = about(self.scenario, self.seeds, self.name)
        stored = self.info.get("manifest", {})
        return {key: stored.get(key, value) for key, value in mine.items()}

    @property
    def run_id(self) -> str:
        """What identifies this run: 12 hexadecimal digits."""
        return str(self.about["run_id"])

    @property
    def version(self) -> str:
        """Version of the program that made the run."""
        return str(self.about["version"])

    @property
    def warnings(self) -> list[str]:
        """What a reader must know before trusting the numbers: one sentence each."""
        if "manifest" in self.info:  # read back: what was said when it ran
            return [str(text) for text in self.info["manifest"]["warnings"]]
        found = [str(text) for text in (*self.info.get("warnings", ()), *self.scenario.warnings)]
        n = len(self.members)
        if n < FEW_MEMBERS:
            members = "1 member" if n == 1 else f"{n} members"
            found.append(f"interval from {members}: run at least {FEW_MEMBERS} seeds to learn how far chance goes")
        found += [
            str(problem) for problem in thin_groups(self.scenario, [baseline.cells for baseline, _ in self.members])
        ]
        return list(dict.fromkeys(found))

    @property
    def notes(self) -> list[str]:
        """What the caller wants printed beside the results: one sentence each."""
        return [str(text) for text in self.info.get("notes", ())]

    @cached_property
    def focus(self) -> Focus:
        """What tables and charts show: what the scenario names, and what it touches most."""
        return find_focus(self.scenario, self.members)

    @cached_property
    def sampling(self) -> Sampling:
        """How its people are sampled: simulated people by group, weights of users, design effects."""
        return sampling_of(self.members)

    @cached_property
    def cells(self) -> list[Cell]:
        """The cells of the tidy table."""
        from sim.results.tidy import shown_cells

        return shown_cells(self.members, self.focus)

    @cached_property
    def stored_cells(self) -> list[Cell]:
        """The cells of the tidy table that a run folder holds, which is limited in length."""
        from sim.results.stored import stored_cells, zero_cells

        zero = zero_cells(self.cells, self.members)
        return stored_cells(self.cells, self.focus, len(self.dates), 2 * len(self.members), zero=zero)

    @cached_property
    def series(self) -> pd.DataFrame:
        """The daily values as a tidy table.

        Returns
        -------
        pandas.DataFrame
            Columns ``seed, arm, date, metric, state, platform, group, value, unit``; an empty text means all;
            people are real people. It holds the states and platforms that the scenario names and the ten
            platforms that gain and lose most; `to_xarray` holds everything. In a run folder it has fewer rows.
        """
        from sim.results.tidy import series_frame

        return series_frame(self.members, self.cells)

    @cached_property
    def _shown_rows(self) -> list[Row]:
        """The rows of the summary, computed once."""
        return list(summary_rows(self.members, self.focus, error=self.model_error))

    def keep_rows(self, rows: Sequence[Row]) -> None:
        """Take the rows of the summary as they were stored by this very program, instead of computing them again."""
        self._shown_rows = list(rows)

    def rows(self, *, every: bool = False) -> list[Row]:
        """Return the rows of the summary as dictionaries; what is not defined is None."""
        if not every:
            return list(self._shown_rows)
        return list(summary_rows(self.members, self.focus, every=True, error=self.model_error))

    def summary(self, all: bool = False) -> pd.DataFrame:
        """Return every metric at the end, at its peak and over the run.

        Parameters
        ----------
        all : bool
            Whether to show every cell, not only what the scenario is about. Cells of fewer than 30 simulated
            people are never shown.

        Returns
        -------
        pandas.DataFrame
            ``baseline``, ``policy`` and ``effect`` are medians over members, ``low`` and ``high`` the 10th
            and 90th percentile of the effect, ``mc_error`` the standard error of its mean, ``date`` the day
            of a peak.
        """
        import pandas as pd

        frame = pd.DataFrame(self.rows(every=all), columns=list(COLUMNS))
        numbers = ["baseline", "policy", "effect", "low", "high", "mc_error"]
        return frame.astype(dict.fromkeys(numbers, "float64"))

    @property
    def decisions(self) -> pd.DataFrame:
        """What states and platforms decided: a row each, by seed and day; empty where no behaviour is on."""
        from sim.results.decisions import decisions_frame

        return decisions_frame(self.members)

    def chance_only(self) -> Result:
        """Return the same run with intervals that hold chance and draws only, without the model's error."""
        return Result(self.scenario, self.members, {**self.info, "chance_only": True})

    @cached_property
    def model_error(self) -> ModelError:
        """The model's error from event to event, as the intervals hold it; none where the run was asked for chance."""
        return ModelError(self.scenario, self.members, chance_only=bool(self.info.get("chance_only")))

    @cached_property
    def observed(self) -> list[Beside]:
        """What was measured, where the scenario says so under ``observed:``, beside what the run says of it."""
        return beside(self.scenario.observed, self.members, self.model_error.of_observed)

    def plot(
        self,
        name: str = "",
        *,
        ax: Axes | None = None,
        group: str = "",
        state: str = "",
        platform: str = "",
        dates: slice | None = None,
        **size: Any,
    ) -> Figure | Axes:
        """Return a chart, or draw one cell of a metric over time into your own axes.

        Parameters
        ----------
        name : str
            A chart of ``splinternet list charts`` or a metric; the main chart unless stated.
        ax : matplotlib.axes.Axes, optional
            Where to draw; the axes are returned, and nothing is added to their figure.
        group, state, platform : str
            Draw this cell of the metric (or of the first metric of the chart) alone: both arms, median and band. With
            ``ax`` or ``dates`` and none of these, it is the group in which most people are hit, or the cell of the
            largest effect.
        dates : slice of str, optional
            First and last day, such as ``slice("2020-09-01", "2020-12-31")``.
        **size
            ``figsize`` ((float, float), inches) and ``title`` (str) of the figure or axes.

        Returns
        -------
        matplotlib.figure.Figure or matplotlib.axes.Axes
            The axes where ``ax`` is given.

        Raises
        ------
        InputError
            When a name is unknown or the cell has fewer than 30 simulated people.
        """
        from sim.plots.leading import main_chart
        from sim.plots.one_cell import draw_cell, resize
        from sim.plots.registry import draw

        if unknown := set(size) - {"figsize", "title"}:
            raise InputError(
                Problem("plot", f"no option '{min(unknown)}'", "ax, group, state, platform, dates, figsize, title")
            )
        shown = name or main_chart(self)
        asked = {"group": group, "state": state, "platform": platform}
        drawn: Figure | Axes
        if ax is None and dates is None and not any(asked.values()):
            drawn = draw(self, shown)
            resize(drawn, **size)
            return drawn
        drawn = draw_cell([self], shown, ax, asked, dates, **size)
        return drawn

    def save_figures(self, folder: Path | str) -> list[Path]:
        """Draw the main chart, and the others that show something, into a folder as PNG and return the files."""
        return self.begin_figures()(Path(folder))

    def begin_figures(self, share: Callable[..., Iterable[Any]] = map) -> Callable[[Path], list[Path]]:
        """Begin to draw the same charts; return a function that writes them into a folder once they are drawn.

        Parameters
        ----------
        share : callable, optional
            Maps a function over the names of charts, as `map` does; others may have begun when it returns.
        """
        from sim.plots.registry import begin_drawing

        return begin_drawing(self, share)

    def save(self, folder: Path | str) -> Path:
        """Write the run folder, whole or not at all, and return it.

        Raises
        ------
        InputError
            When the folder holds another run or other files.
        RunError
            When the disk is full.
        """
        from sim.results.save import save as save_run

        return save_run(self, folder)

    def report(self, path: Path | str, *, lives: int = 0) -> Path:
        """Write the report, one HTML page that needs nothing else to be read, and return it.

        Parameters
        ----------
        path : Path or str
            The file.
        lives : int
            How many simulated people of the group hit most to follow day by day; by default none.

        Raises
        ------
        InputError
            When the path is a folder.
        RunError
            When the disk is full.
        """
        from sim.app.report import write_report

        written: Path = write_report([self], path, [self.follow(count=lives)] if lives else [])
        return written

    def table(self) -> RenderableType:
        """Return the headline and the summary for a terminal."""
        from sim.text.terminal import table as show_summary

        return show_summary(self)

    def __eq__(self, other: object) -> bool:
        """Return whether two results are of the same scenario and hold the same values, bit for bit."""
        if not isinstance(other, Result):
            return NotImplemented
        if self.scenario.digest != other.scenario.digest or self.seeds != other.seeds:
            return False
        pairs = zip(self.members, other.members, strict=True)
        return all(mine.same_as(theirs) for a, b in pairs for mine, theirs in zip(a, b, strict=True))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        """Return one line that says what this is."""
        n = len(self.members)
        seeds = "1 seed" if n == 1 else f"{n} seeds"
        days = "1 day" if len(self.dates) == 1 else f"{len(self.dates)} days"
        size = f"{seeds}, {days}, {len(self.metrics)} metrics"
        return f"<Result {self.name}: {self.scenario.status}, {size}>"

    def __str__(self) -> str:
        """Return the title, the headline and the warnings, for print."""
        from sim.text.terminal import short as say_result

        return say_result(self)

    def _repr_html_(self) -> str:
        """Return the summary and the main chart, for a notebook."""
        from sim.app.notebook import page as show_result

        return show_result(self)


def _check(members: Sequence[Pair]) -> None:
    """Raise RunError when members do not fit together."""
    if not members:
        raise RunError("a result needs at least one member: every seed failed, or none was asked for")
    first = members[0][0]
    seen: set[int] = set()
    for pair in members:
        if tuple(arm.arm for arm in pair) != ARMS or pair[0].seed != pair[1].seed:
            raise RunError("a member must be a baseline and a policy arm of the same seed")
        if pair[0].seed in seen:
            raise RunError(f"seed {pair[0].seed} comes twice")
        seen.add(pair[0].seed)
        for arm in pair:
            arm.check()
            if arm.axes != first.axes or sorted(arm.arrays) != sorted(first.arrays):
                raise RunError(f"seed {arm.seed}, arm {arm.arm}: its axes or metrics are not those of the others")
