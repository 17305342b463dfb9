"""The result of a run: tidy tables, labelled arrays, a summary with intervals, charts; and reading
it back.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import pandas as pd

from ..core.groups import is_diaspora, is_family
from ..errors import InputError, Problem, RunError, did_you_mean
from ..facts.record import ERROR
from ..metrics.registry import METRICS
from ..scenario import Scenario
from .files import csv_of, write_bytes, write_table, write_text
from .firms import Firms, find_firms
from .focus import Focus, find_focus, thin_groups
from .folder import SERIES_FORMAT, read_run, save
from .manifest import about
from .memory import available, gigabytes
from .model_error import Beside, ModelError, beside
from .panel import ARMS, Pair, check_pair, data_array, labels_of, metrics_held, people_of
from .series import (
    FEW_MEMBERS,
    Cell,
    decisions_frame,
    rows_of,
    series_frame,
    shown_cells,
    stored_cells,
)
from .summary import ROW_COLUMNS, Row, Sampling, summary_rows
from .ties import TieTable, read_ties, tie_frame

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure
    from rich.console import RenderableType

    from .ties import MemberTies

OVERVIEW = "overview"
"""The default chart of a run."""
MOST_CSV_ROWS = 2_000_000
"""Largest number of rows of a CSV file: about 170 MB, written in about 20 seconds."""
CSV_ROW = 87.0
"""Size of a row of a CSV file, as measured [bytes]."""
_NAMED = 6
"""Number of metrics that an error names if none is similar to the requested one."""


class Result:
    """Results of a run: both arms for all its seeds.

    Parameters
    ----------
    scenario : Scenario
        The resolved scenario.
    members : sequence of (ArmData, ArmData)
        Baseline and policy arm of every seed, all with the same axes; kept in the order of the
        seeds.
    info : mapping, optional
        Other data on the run. This class uses ``name`` (of the scenario), ``notes`` and
        ``warnings`` (lists of sentences, printed beside the results) and ``log`` (lines); the rest
        is stored unchanged in the manifest.
    ties : Path, optional
        The file of the kin ties of a run that was read back; otherwise the members contain them.
    rows : sequence of dict, optional
        The rows of its summary, if known; otherwise they are computed on first use.
    firms : Firms, optional
        Gains and losses of time and money, if known.
    focus : Focus, optional
        Contents of tables and charts, if known.

    Raises
    ------
    RunError
        There is no member, or the members do not fit together.
    """

    def __init__(
        self,
        scenario: Scenario,
        members: Sequence[Pair],
        info: Mapping[str, Any] | None = None,
        ties: Path | None = None,
        rows: Sequence[Row] | None = None,
        firms: Firms | None = None,
        focus: Focus | None = None,
    ) -> None:
        self.scenario = scenario
        self.ties_file = ties
        self.members: list[Pair] = sorted(members, key=lambda pair: pair[0].seed)
        self.info: dict[str, Any] = dict(info or {})
        self._rows = None if rows is None else list(rows)
        self._firms = firms
        self._focus = focus
        if not self.members:
            raise RunError(
                "a result needs at least one seed: every seed failed, or none was requested"
            )
        first = self.members[0][0]
        seeds = [baseline.seed for baseline, _ in self.members]
        for pair in self.members:
            check_pair(pair)
            if pair[0].axes != first.axes or set(pair[0].arrays) != set(first.arrays):
                raise RunError(
                    f"seed {pair[0].seed}: its axes or metrics differ from those of the others"
                )
        if twice := next((seed for seed in seeds if seeds.count(seed) > 1), None):
            raise RunError(f"seed {twice} is given twice")

    @property
    def name(self) -> str:
        """Name of the scenario."""
        return str(self.info.get("name") or self.scenario.name)

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds, in order."""
        return tuple(baseline.seed for baseline, _ in self.members)

    @property
    def dates(self) -> tuple[str, ...]:
        """The days of the run, ``YYYY-MM-DD``."""
        return self.members[0][0].axes.dates

    @cached_property
    def about(self) -> dict[str, Any]:
        """Inputs that identify the run: scenario, seeds, program and data. For a run that was read
        from a folder, this describes the stored run.
        """
        mine = about(self.scenario, self.seeds, self.name)
        stored = self.info.get("manifest", {})
        return {key: stored.get(key, value) for key, value in mine.items()}

    @property
    def run_id(self) -> str:
        """Identifier of the run, of 12 hexadecimal digits."""
        return str(self.about["run_id"])

    @property
    def version(self) -> str:
        """Version of the program that made the run."""
        return str(self.about["version"])

    @property
    def commit(self) -> str:
        """Git commit of the program that made the run; empty if unknown."""
        return str(self.about["commit"])

    @property
    def warnings(self) -> list[str]:
        """Warnings that a reader needs before trusting the numbers, one sentence each."""
        if "manifest" in self.info:  # read back: the warnings of the original run
            return [str(text) for text in self.info["manifest"]["warnings"]]
        found = [str(text) for text in (*self.info.get("warnings", ()), *self.scenario.warnings)]
        n = len(self.members)
        if n < FEW_MEMBERS:
            seeds = "1 seed" if n == 1 else f"{n} seeds"
            found.append(
                f"interval from {seeds}: run at least {FEW_MEMBERS} seeds to see the effect of chance"
            )
        found += self._idle_rules()
        found += map(
            str, thin_groups(self.scenario, [baseline.cells for baseline, _ in self.members])
        )
        return list(dict.fromkeys(found))

    def _idle_rules(self) -> list[str]:
        """Return a warning for each rule for people that proposed nothing for any seed."""
        idle = [set(arm.idle_rules) for pair in self.members for arm in pair]
        return [
            f"the rule {name} proposed nothing in this run, in either arm: print whom it selects, "
            "or let the policies that trigger it begin earlier"
            for name in sorted(set.intersection(*idle))
        ]

    @property
    def notes(self) -> list[str]:
        """The caller's sentences, printed beside the results."""
        return [str(text) for text in self.info.get("notes", ())]

    @cached_property
    def focus(self) -> Focus:
        """Contents of tables and charts: the items that the scenario names, and the items that
        change most.
        """
        return self._focus or find_focus(self.scenario, self.members)

    @cached_property
    def sampling(self) -> Sampling:
        """The sampling of people in the run: simulated people by group, weights of users, and
        design effects.
        """
        return Sampling.of(self.members)

    @cached_property
    def cells(self) -> list[Cell]:
        """The cells of the tidy table."""
        return shown_cells(self.members, self.focus.shows)

    @cached_property
    def stored_cells(self) -> list[Cell]:
        """The cells of the tidy table in a run folder, which is limited in length."""
        return stored_cells(self.cells, self.members, self.focus)

    @cached_property
    def series(self) -> pd.DataFrame:
        """The daily values as a tidy table.

        Returns
        -------
        pandas.DataFrame
            Columns ``seed, arm, date, metric, state, platform, group, value, unit``; ``date`` is
            datetime64, an empty text means all; people are real people. It includes the states and
            platforms that the scenario names and the ten platforms that gain and lose most;
            `to_xarray` includes everything. In a run folder it has fewer rows.
        """
        return series_frame(self.members, self.cells)

    def rows(self, *, every: bool = False) -> list[Row]:
        """Return the rows of the summary as dictionaries; undefined values are None."""
        if every:
            return list(summary_rows(self.members, error=self.model_error))
        if self._rows is None:
            self._rows = list(summary_rows(self.members, self.focus.shows, error=self.model_error))
        return list(self._rows)

    def summary(self, all: bool = False) -> pd.DataFrame:
        """Return a table of all metrics on the last day, at the peak and over the run.

        Parameters
        ----------
        all : bool
            Whether to show every cell, not only cells in focus. Cells of fewer than 30 simulated
            people are never shown.

        Returns
        -------
        pandas.DataFrame
            ``baseline``, ``policy`` and ``effect`` are medians over seeds, ``low`` and ``high`` the
            80 % interval of the effect over seeds and the model's error, ``mc_error`` the standard
            error of its mean, ``date`` the day of a peak (datetime64, NaT for other rows).
        """
        frame = pd.DataFrame(self.rows(every=all), columns=list(ROW_COLUMNS))
        numbers = ["baseline", "policy", "effect", "low", "high", "mc_error"]
        return frame.astype({**dict.fromkeys(numbers, "float64"), "date": "datetime64[ns]"})

    @property
    def decisions(self) -> pd.DataFrame:
        """Table of the decisions of states and platforms, one row for each decision, by seed and
        day. The table is empty if no behaviour is on in the scenario.
        """
        return decisions_frame(self.members)

    def chance_only(self) -> Result:
        """Return the same run with intervals that include only chance and draws, without the
        model's error.
        """
        return Result(self.scenario, self.members, {**self.info, "chance_only": True})

    @cached_property
    def model_error(self) -> ModelError:
        """The error of the model on past events, which the intervals include; None if the intervals
        cover chance only.
        """
        return ModelError(
            self.scenario,
            chance_only=bool(self.info.get("chance_only")),
            carried=any(name.startswith(ERROR) for row in self.drawn.values() for name in row),
        )

    @property
    def drawn(self) -> dict[str, dict[str, float]]:
        """Values that each seed drew: parameters by name, and the model's errors on past events in
        standard deviations (such as ``error.kept.block``).
        """
        return {str(seed): dict(row) for seed, row in (self.info.get("drawn") or {}).items()}

    @cached_property
    def firms(self) -> Firms:
        """Gains and losses of time and money by firm, for a run that has the metrics ``minutes``
        and ``revenue``.
        """
        return find_firms(self) if self._firms is None else self._firms

    @cached_property
    def observed(self) -> list[Beside]:
        """Table of the figures under ``observed:`` of the scenario, each next to the figure of the
        run.
        """
        return beside(self.scenario.observed, self.members, self.model_error.of_observed)

    @property
    def metrics(self) -> list[str]:
        """The metrics of the run, in the order of the registry."""
        return metrics_held(self.members)

    def __getitem__(self, metric: str) -> xr.DataArray:
        """Return one metric as an array with dimensions seed, arm, date (datetime64) and those of
        the metric.

        Raises
        ------
        InputError
            The run does not have the metric.
        """
        self.need(metric)
        return data_array(self.members, metric)

    def bands(
        self,
        metric: str,
        *,
        group: str = "",
        state: str = "",
        platform: str = "",
        arm: str | None = None,
    ) -> xr.DataArray:
        """Return the 80 % interval of one cell for each day, with the model's error.

        Quantiles of the arrays over ``seed`` include only chance and draws, and are often far too
        narrow.

        Parameters
        ----------
        metric : str
            A metric that the run holds.
        group, state, platform : str
            The cell, with names as in `summary`. By default the cell is chosen as in `plot`: the
            group with most people affected, or the cell with the largest effect.
        arm : {"policy", "baseline"}, optional
            The level in an arm, as `plot` draws it. By default the effect of the policies. The
            baseline has no error: its quantiles are those of the seeds.

        Returns
        -------
        xarray.DataArray
            Dimensions ``date`` (datetime64) and ``quantile`` (0.1, 0.5, 0.9), in the unit of the
            metric; NaN on a day on which it is undefined. A metric with one number for each run has
            no date. On a day with a row in `summary`, 0.1 and 0.9 of the effect are its ``low`` and
            ``high``, and 0.5, the median of the seeds, is its ``effect``.

        Raises
        ------
        InputError
            There is no such metric, cell or arm, or the cell has fewer than 30 simulated people.
        """
        from .bands import bands as find_bands

        asked = {"group": group, "state": state, "platform": platform}
        return find_bands(self, metric, asked, arm)

    def __contains__(self, metric: object) -> bool:
        """Return whether the run has a metric."""
        return metric in self.metrics

    def __iter__(self) -> Iterator[str]:
        """Yield the names of the run's metrics."""
        return iter(self.metrics)

    def __len__(self) -> int:
        """Return the number of the run's metrics."""
        return len(self.metrics)

    def _ipython_key_completions_(self) -> list[str]:
        """Return the names allowed in brackets, for completion in IPython and Jupyter."""
        return self.metrics

    def need(self, metric: str) -> None:
        """Raise InputError if the run does not have a metric; the error suggests similar or other
        names.
        """
        if metric in self.metrics:
            return
        known = metric in METRICS
        named = ", ".join(self.metrics[:_NAMED])
        raise InputError(
            Problem(
                where="",
                found=f"this result does not have '{metric}'"
                if known
                else f"there is no metric '{metric}'",
                allowed=f"one of result.metrics: {named} ... ({len(self.metrics)} in all)",
                hint="add it to `measure:` and run again"
                if known
                else did_you_mean(str(metric), self.metrics),
            )
        )

    def to_xarray(self, names: str | Sequence[str] | None = None) -> xr.Dataset:
        """Return all metrics of the run as one dataset. If it does not fit into memory, open
        ``panel.nc`` with xarray.

        Parameters
        ----------
        names : str or sequence of str, optional
            A metric, or several; by default all.

        Raises
        ------
        InputError
            The run lacks one of them, or they do not fit into memory.

        Returns
        -------
        xarray.Dataset
            Each metric with dimensions ``seed, arm, date`` and its own, with its unit as an
            attribute; ``simulated_people`` and ``real_people`` [persons] are the people behind each
            cell.
        """
        wanted = self.metrics if names is None else names
        chosen = [wanted] if isinstance(wanted, str) else list(wanted)
        for name in chosen:
            self.need(name)
        axes = self.members[0][0].axes
        free = max(0.0, min(available()))
        size = (
            8.0
            * len(self.members)
            * len(ARMS)
            * sum(math.prod(axes.shape(name)) for name in chosen)
        )
        if size > free:
            found = f"{len(chosen)} metrics of {len(self.members)} seeds need {gigabytes(size)}"
            hint = "name fewer metrics, or open panel.nc of the run folder with xarray, which reads only what you use"
            raise InputError(Problem("to_xarray", found, f"{gigabytes(free)} are free", hint))
        import xarray as xr

        people = {
            name: (("seed", "arm", dim), numbers)
            for name, (dim, numbers) in people_of(self.members).items()
        }
        whole = xr.Dataset(people, coords=labels_of(self.members), attrs={"Conventions": "CF-1.8"})
        return whole.assign({name: data_array(self.members, name) for name in chosen})

    def to_csv(self, path: Path | str, *, every: bool = False) -> Path:
        """Write the daily values as a tidy CSV file and return its path.

        Parameters
        ----------
        path : Path or str
            The file; an existing file is replaced.
        every : bool
            Whether to write every state, platform and group, not only cells in focus. More than
            `MOST_CSV_ROWS` rows are refused.

        Raises
        ------
        InputError
            The path is a folder, or the file would be too large to be useful.
        RunError
            The file cannot be written.
        """
        rows = rows_of(self.members, shown_cells(self.members)) if every else 0
        if rows > MOST_CSV_ROWS:
            found = f"{rows:,} rows, a file of about {gigabytes(rows * CSV_ROW)}"
            allowed = f"at most {MOST_CSV_ROWS:,} rows as CSV"
            hint = "a name that ends in .parquet (to_parquet): some 300 times smaller, or leave out every"
            raise InputError(Problem(str(path), found, allowed, hint))
        return write_text(Path(path), csv_of(self.daily(every=every), SERIES_FORMAT))

    def to_parquet(self, path: Path | str, *, every: bool = False) -> Path:
        """Write the daily values as a Parquet file and return its path. It has the rows and columns
        of ``to_csv`` without a limit of rows, with all digits, and with ``date`` as a timestamp.

        Parameters
        ----------
        path : Path or str
            A file ending in ``.parquet``; an existing file is replaced.
        every : bool
            Whether to write every state, platform and group, not only cells in focus.

        Raises
        ------
        InputError
            The path is a folder or has another suffix.
        RunError
            Pyarrow is not installed, or the file cannot be written.
        """
        path = Path(path)
        if path.suffix != ".parquet":
            found = f"'{path}' ends in '{path.suffix}'"
            raise InputError(Problem("to_parquet", found, ".parquet", f"{path.stem}.parquet"))
        return write_table(self.daily(every=every), path)

    def daily(self, *, every: bool = False) -> pd.DataFrame:
        """Return the daily values in the form of `series`, for all cells or only for cells in
        focus.
        """
        return series_frame(self.members, shown_cells(self.members)) if every else self.series

    def ties(self, group: str | None = None, arm: str | None = None) -> TieTable:
        """Return the table of ties: who lost contact with whom, when, why and for how long, and how
        contact returned.

        Parameters
        ----------
        group : str, optional
            Only the members of a group, such as ``US<-CN`` or ``family:US<-CN``.
        arm : {"baseline", "policy"}, optional
            Only one arm.

        Returns
        -------
        TieTable
            A `pandas.DataFrame` with ``story(row)``, which describes the history of one tie in
            sentences. It has a row for each simulated kin tie abroad of each person who ever has a
            channel to a relative abroad; both ends of a tie have a row. ``seed, arm, person, kin,
            residence, origin`` identify the row; ``age`` and ``skill`` are ranks among the internet
            users of the state, 0 to 1 (the youngest, the least skilled, first); ``weight`` is the
            number of real people that the person represents; ``channels_before`` and
            ``last_channel`` the platforms that connect the two before the first day, and on the day
            before the first loss; ``first_lost, spells, days_out`` the days out of contact;
            ``cause`` the policy and the event that ended the last channel; ``back, back_on,
            back_how`` the day, the platforms and the way of the tie's first return; ``phone`` the
            days until the two telephone instead, 0 if they already do; ``number_on`` the day on
            which they exchanged telephone numbers, if they did not know them; ``conversations``
            their number of conversations a day; ``group`` the group of the person.

        Raises
        ------
        InputError
            The run kept no ties, or has no such group.
        """
        labels = [
            group
            for group in self.members[0][0].axes.groups
            if is_diaspora(group) or is_family(group)
        ]
        asked: list[tuple[str, str | None, list[str]]] = [
            ("group", group, labels),
            ("arm", arm, list(ARMS)),
        ]
        problems = [
            Problem(
                name,
                f"there is no {name} '{given}'",
                f"one of {', '.join(known)}",
                did_you_mean(given, known),
            )
            for name, given, known in asked
            if given is not None and given not in known
        ]
        if problems:
            raise InputError(problems)
        if not (ties := self.kept_ties()):
            found = "this run kept no table of ties"
            hint = "run it again with --ties, or ties=True in Python"
            raise InputError(Problem("", found, "a run that keeps its ties", hint))
        members = [(policy, ties[policy.seed]) for _, policy in self.members]
        table = TieTable(tie_frame(members, group, arm))
        table.run = self
        return table

    def kept_ties(self) -> dict[int, MemberTies]:
        """Return the pairs of relatives by seed; empty if the run did not store them."""
        if self.ties_file is not None:
            return dict(sorted(read_ties(self.ties_file).items()))
        ties = {policy.seed: policy.ties for _, policy in self.members if policy.ties is not None}
        return ties if len(ties) == len(self.members) else {}

    @overload
    def plot(
        self,
        name: str = "",
        *,
        ax: None = None,
        figure: None = None,
        group: str = "",
        state: str = "",
        platform: str = "",
        dates: slice | None = None,
        figsize: tuple[float, float] | None = None,
        title: str = "",
    ) -> Figure: ...

    @overload
    def plot[Part: (Axes, SubFigure, Figure)](
        self,
        name: str = "",
        *,
        ax: Part,
        group: str = "",
        state: str = "",
        platform: str = "",
        dates: slice | None = None,
        figsize: tuple[float, float] | None = None,
        title: str = "",
    ) -> Part: ...

    @overload
    def plot[Part: (SubFigure, Figure)](
        self,
        name: str = "",
        *,
        figure: Part,
        group: str = "",
        state: str = "",
        platform: str = "",
        dates: slice | None = None,
        figsize: tuple[float, float] | None = None,
        title: str = "",
    ) -> Part: ...

    def plot(
        self,
        name: str = "",
        *,
        ax: Axes | SubFigure | Figure | None = None,
        figure: SubFigure | Figure | None = None,
        group: str = "",
        state: str = "",
        platform: str = "",
        dates: slice | None = None,
        figsize: tuple[float, float] | None = None,
        title: str = "",
    ) -> Figure | SubFigure | Axes:
        """Return a chart as a new figure, or draw it into your own figure.

        Parameters
        ----------
        name : str
            A chart of ``splinternet list charts`` or a metric; by default the answer in four panels
            (`overview`).
        ax : matplotlib.axes.Axes, SubFigure or Figure, optional
            The place to draw into, which is returned. A chart of several panels, such as a map,
            needs a SubFigure or a Figure.
        figure : matplotlib.figure.SubFigure or Figure, optional
            The same as ``ax`` for a part of a figure, or a figure. Make it with
            ``layout="constrained"``.
        group, state, platform : str
            Draw only this cell of the metric (or of the first metric of the chart): both arms,
            median and band. With ``dates`` alone, the cell is the group with most people affected,
            or the cell with the largest effect.
        dates : slice of str, optional
            First and last day, such as ``slice("2020-09-01", "2020-12-31")``.
        figsize : (float, float), optional
            Size of the figure [inches].
        title : str
            The title; by default the finding.

        Returns
        -------
        matplotlib.figure.Figure, or what was given as ``ax`` or ``figure``

        Raises
        ------
        InputError
            A name is unknown, the cell has fewer than 30 simulated people, or a chart of several
            panels does not fit into one axes.
        """
        from ..plots import draw, draw_cell, main_chart

        made: Figure | SubFigure | Axes
        into = ax if figure is None else figure
        _check_part(into, figsize)
        asked = {"group": group, "state": state, "platform": platform}
        if dates is not None or any(asked.values()):
            made = draw_cell(
                [self],
                name or main_chart(self),
                asked,
                dates,
                into=into,
                figsize=figsize,
                title=title,
            )
        else:
            made = draw(self, name or OVERVIEW, into=into, figsize=figsize, title=title)
        return made

    def animate(self, name: str = "atlas", path: Path | str | None = None) -> Path:
        """Write an animated GIF of a chart, from the first day to the last, and return the file.

        Parameters
        ----------
        name : str
            ``atlas``, or a chart of your own whose file has a function ``frames``.
        path : Path or str, optional
            A file ending in ``.gif``; by default ``<name>.gif`` in the current folder.

        Raises
        ------
        InputError
            The chart has no animation, or the file is not a GIF.
        """
        from ..plots import animate

        file = Path(path or f"{name}.gif")
        animate(self, name, file)
        return file

    def card(self, path: Path | str | None = None) -> Path:
        """Write the main finding as a picture of 1200 by 675 pixels and return the file.

        Parameters
        ----------
        path : Path or str, optional
            A file ending in ``.png``, ``.svg`` or ``.pdf``; by default ``card.png`` in the current
            folder.

        Raises
        ------
        InputError
            The file has another suffix.
        """
        from ..plots import draw, save_figure

        file = Path(path or "card.png")
        save_figure(draw(self, "card"), file, self)
        return file

    def save_figures(self, folder: Path | str) -> list[Path]:
        """Write the overview chart, the card and your own charts as PNG files into a folder, and
        return the files.

        Parameters
        ----------
        folder : Path or str
            The folder, which is created if missing.
        """
        from ..plots import run_figures

        paths = []
        for name, content in run_figures(self).items():
            paths.append(Path(folder) / f"{name}.png")
            write_bytes(paths[-1], content)
        return paths

    def save(self, folder: Path | str) -> Path:
        """Write the run folder, completely or not at all, and return its path.

        Raises
        ------
        InputError
            The folder contains another run or other files.
        RunError
            The disk is full.
        """
        return save(self, folder)

    def report(self, path: Path | str) -> Path:
        """Write the report, one HTML page that needs no other files, and return the path.

        Parameters
        ----------
        path : Path or str
            The file.

        Raises
        ------
        InputError
            The path is a folder.
        RunError
            The disk is full.
        """
        from ..app.report import write_report

        return write_report(self, path)

    def table(self) -> RenderableType:
        """Return the headline and the summary for a terminal."""
        from ..text.terminal import table as show_summary

        return show_summary(self)

    def __eq__(self, other: object) -> bool:
        """Return whether two results are of the same scenario and hold the same values, bit for
        bit.
        """
        if not isinstance(other, Result):
            return NotImplemented
        if self.scenario.digest != other.scenario.digest or self.seeds != other.seeds:
            return False
        pairs = zip(self.members, other.members, strict=True)
        return all(
            mine.same_as(theirs) for a, b in pairs for mine, theirs in zip(a, b, strict=True)
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        """Return a description in one line."""
        size = f"seeds: {len(self.members)}, days: {len(self.dates)}, metrics: {len(self.metrics)}"
        return f"<Result {self.name}: {self.scenario.status}, {size}>"

    def __str__(self) -> str:
        """Return the title, the headline and the warnings, for print."""
        from ..text.terminal import short as say_result

        return say_result(self)

    def _repr_html_(self) -> str:
        """Return the summary and the main chart, for a notebook."""
        from ..app.report import notebook_page as show_result

        return show_result(self)


def _check_part(into: Any, figsize: tuple[float, float] | None) -> None:
    """Raise InputError if the place of a chart is not part of a figure, or has a size in
    addition.
    """
    if into is None:
        return
    if not hasattr(into, "get_figure"):
        allowed = "axes, a part of a figure, or a figure"
        raise InputError(Problem("ax", f"{type(into).__name__} stands here", allowed))
    if figsize is not None:
        found = "ax= and figsize= are both given"
        hint = "plt.subplots(figsize=...) makes the figure"
        raise InputError(Problem("figsize", found, "one of the two", hint))


def open_run(folder: Path | str, *, verify: bool = True) -> Result:
    """Read a finished run, after checking that its files are unchanged.

    Parameters
    ----------
    folder : Path or str
        A run folder, written by ``splinternet run`` or ``Result.save``.
    verify : bool
        Whether every file must have the SHA-256 listed in the manifest. Otherwise the results may
        have been changed.

    Raises
    ------
    InputError
        The folder does not exist, is not a run folder, or its run is not finished.
    RunError
        A file in it is damaged, was changed since the run, or leads out of the folder.
    """
    return Result(*read_run(Path(folder), verify=verify))
