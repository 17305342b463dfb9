"""Experiments: many runs of one scenario, and their joint result.

A kind of experiment consists of its design, the runs that it needs, and its reading, a table and a
chart of their outcomes. Every point runs the same seeds, and all random numbers are functions of
the seed. Two points therefore differ only in the changed values (common random numbers).

An experiment runs a scenario hundreds of times. It keeps no daily values, but the summary of each
run for the states, platforms and groups that the scenario names: ``outcomes.jsonl`` has one line
for each finished run. A line is written as soon as the run ends, so that a killed experiment
resumes.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields
from html import escape
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self

import numpy as np
import pandas as pd

from ..core.groups import Group, Partner, StatePair, is_diaspora, read
from ..core.program import commit, version
from ..errors import InputError, Problem, RunError, did_you_mean
from ..facts.model import REST_OF_WORLD
from ..facts.record import carries_errors
from ..metrics.registry import LOSSES, METRICS, WAYS, headlines_of
from ..results.files import csv_of, disk_errors, write_text
from ..results.focus import Focus, find_focus
from ..results.folder import Folder, write_manifest, write_scenario
from ..results.interval import interval
from ..results.manifest import LOG, MARKER, OUTCOMES, about, short
from ..results.panel import Pair
from ..results.series import FEW_MEMBERS, At, at_median, mc_error
from ..results.summary import main_point, summary_rows
from ..scenario import Scenario, varied
from ..scenario.load import member_spec, steps_of
from ..text.numbers import WHEN_WORDS, cell_name, counted, day, number
from .options import Cluster, Progress
from .parallel import check_cluster, error_of, progress_bar, run_missing, workers_for

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..plots.page import House

Outcome = dict[str, Any]
"""The report of one run of an experiment: ``seed`` and ``rows``, from `outcome_of`."""


class Store(Folder):
    """The outcomes of an experiment, in a folder or, without one, in memory.

    Parameters
    ----------
    path : Path, str or None
        The folder.
    identity : mapping
        The data that identify the experiment, including ``run_id``, ``experiment`` and
        ``settings``.

    Attributes
    ----------
    outcomes : dict of str to Outcome
        The finished runs by the key of their task.

    Raises
    ------
    InputError
        The folder contains something else, or another process uses it.
    RunError
        The disk cannot be written, or the outcomes of a finished experiment are damaged.
    """

    def __init__(self, path: Path | str | None, identity: Mapping[str, Any]) -> None:
        super().__init__(path, identity)
        self.outcomes: dict[str, Outcome] = {}
        if self.path is None:
            return
        if not self.is_finished:
            self.begin()
        with disk_errors(self.path):
            path = self.path / OUTCOMES
            lines = path.read_bytes().splitlines(keepends=True) if path.is_file() else []
            for line in lines:
                with suppress(ValueError, TypeError):
                    key, outcome = json.loads(line)
                    self.outcomes[key] = dict(outcome)
            is_whole = len(self.outcomes) == len(lines) and all(
                line.endswith(b"\n") for line in lines[-1:]
            )
            if self.is_finished and not (lines and is_whole):
                raise RunError(
                    f"{path} is damaged or missing; delete {path.parent} to run the experiment again"
                )
            if not is_whole:  # a kill or a full disk has cut a line short
                write_text(path, "".join(json.dumps(pair) + "\n" for pair in self.outcomes.items()))
        if not self.is_finished:
            self.log(f"resumed with {len(self.outcomes)} outcomes" if self.outcomes else "begun")

    @property
    def is_finished(self) -> bool:
        """True if the folder contains the whole experiment."""
        return self.state == "finished"

    def missing(self, tasks: Sequence[Any]) -> list[Any]:
        """Return the tasks whose outcome is not stored yet."""
        return [task for task in tasks if task.key not in self.outcomes]

    def keep(self, task: Any, outcome: Outcome) -> None:
        """Keep the outcome of a task."""
        self.outcomes[task.key] = outcome
        self.append(OUTCOMES, json.dumps([task.key, outcome], allow_nan=False))

    def finish(self, write: Callable[[Path], None], notes: Mapping[str, Any]) -> None:
        """Complete the folder of an experiment whose runs are finished.

        Parameters
        ----------
        write : callable
            Writes tables and charts into the folder.
        notes : mapping
            Entries of the manifest besides identity, packages and the SHA-256 of each file.
        """
        if self.path is None or self.is_finished:
            return
        write(self.path)
        with disk_errors(self.path):
            write_manifest(self.path, {**self.about, **notes})
            (self.path / MARKER).unlink()
        self.state = "finished"
        self.log("finished")


WHEN: tuple[At, ...] = ("total", "worst_week", "peak", "end")
MEMBER_RANGE = ("members_low", "members_high")
"""Columns of tables of experiments: the ends of the 80 % interval over seeds alone."""
_ROUNDED = [
    *("baseline", "policy", "effect", *MEMBER_RANGE, "mc_error", "sampling_error"),
    *("mu_star", "mu_star_conf", "mu", "sigma", "ST", "ST_conf", "S1", "S1_conf"),
]
"""Columns that ``print`` rounds; the settings of a point are not rounded."""
FIELDS = ("metric", "state", "platform", "group", "at", "unit", "baseline", "policy", "effect")


class Output(NamedTuple):
    """One number of a run's summary.

    Attributes
    ----------
    metric, state, platform, group : str
        The metric and its cell; empty means all.
    at : {"total", "worst_week", "peak", "end"}
        When.
    """

    metric: str
    state: str
    platform: str
    group: str
    at: str

    @property
    def unit(self) -> str:
        """Its unit; totals over days have a different unit."""
        metric = METRICS[self.metric]
        return metric.total_unit if self.at == "total" else metric.unit

    def words(self, scenario: Scenario) -> str:
        """Return a description for a title: ``People who lost every platform channel ..., people
        from China in ...``.
        """
        cell = cell_name(scenario, self.metric, self.state, self.platform, self.group)
        return f"{METRICS[self.metric].label}, {cell}, {WHEN_WORDS[self.at]}"


def outcome_of(scenarios: Sequence[Scenario], pair: Pair) -> Outcome:
    """Return the numbers of one seed for all cells that the scenarios name; undefined numbers are
    left out.

    Parameters
    ----------
    scenarios : sequence of Scenario
        The scenario that was run, and the scenario that it was made from.
    pair : (ArmData, ArmData)
        Baseline and policy arm of the seed.
    """
    named = [_named(scenario, pair) for scenario in scenarios]
    rows = summary_rows(
        [pair], lambda *cells: np.any([focus.shows(*cells) for focus in named], axis=0)
    )
    return {
        "seed": pair[0].seed,
        "rows": [[row[name] for name in FIELDS] for row in rows if row["effect"] is not None],
    }


def _named(scenario: Scenario, pair: Pair) -> Focus:
    """Return the cells that a scenario names, without the cells that move most, which differ
    between runs.
    """
    focus = find_focus(scenario, [pair])
    groups = tuple(g for g in pair[0].axes.groups if Group.read(g).states <= set(focus.states))
    pairs = frozenset((a, b) for a, b in focus.pairs if a in focus.states and b in focus.states)
    return Focus(focus.states, focus.named_platforms, focus.named_platforms, groups, pairs)


def effects(outcome: Outcome) -> dict[Output, float]:
    """Return the effect of every output of one run."""
    return {Output(*row[:5]): float(row[8]) for row in outcome["rows"]}


def spread_rows(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """Return one row for each output, summarised over the seeds of a point as in a run. The
    model's error on past events is left out, because all points share it.

    ``baseline``, ``policy`` and ``effect`` are medians, ``members_low`` and ``members_high`` the
    ends of the 80 % interval of the effect over seeds, ``mc_error`` the standard error of its mean.
    """
    by_output: dict[tuple[Any, ...], list[list[float]]] = {}
    for outcome in outcomes:
        for row in outcome["rows"]:
            by_output.setdefault(tuple(row[:6]), []).append(row[6:9])
    rows = []
    for key, values in by_output.items():
        numbers = np.array(values, dtype=np.float64)
        baseline, policy = at_median(METRICS[key[0]], numbers[:, 0], numbers[:, 1])
        effect = policy - baseline
        low, high = interval(effect)
        spread = {
            **dict(zip(MEMBER_RANGE, (float(low), float(high)), strict=True)),
            "mc_error": mc_error(effect),
            "members": len(values),
        }
        medians = np.median([baseline, policy, effect], axis=1)
        rows.append(dict(zip(FIELDS, (*key, *map(float, medians)), strict=True)) | spread)
    return rows


class NothingMovedError(InputError):
    """The policies change no headline: there is nothing to show, although the input is right."""


def choose(
    table: pd.DataFrame,
    metric: str | None,
    at: str | None,
    *,
    headlines: Sequence[str] = (),
    **cell: str,
) -> Output:
    """Return the output with a given metric and cell; by default the first headline that moves.

    Parameters
    ----------
    table : pandas.DataFrame
        With the columns of `Output` and ``effect``.
    metric, at : str, optional
        The metric, and the time; by default the whole run for a running total, and the peak for
        others.
    headlines : sequence of str
        The metrics of which the first that moves is chosen; by default those of the table.
    **cell
        Its ``state``, ``platform`` and ``group``; by default the cell that moves most.

    Raises
    ------
    NothingMovedError
        No metric is named, and the policies move no headline.
    InputError
        The table has no such number.
    """
    rows = table.assign(size=table["effect"].abs())
    for column, value in cell.items():
        rows = rows[(rows[column] == value).to_numpy()] if value else rows
    ranked = headlines or headlines_of(table["metric"].unique())
    for name in (metric,) if metric else ranked:
        when = at or (main_point(METRICS[name]) if name in METRICS else "")
        fitting = rows[((rows["metric"] == name) & (rows["at"] == when)).to_numpy()]
        if not metric:  # a diaspora shows the effect of a ban better than the residents around it
            diasporas = fitting[[is_diaspora(group) for group in fitting["group"]]]
            fitting = diasporas if len(diasporas) else fitting
        if len(fitting) and (metric or fitting["size"].max() > 0):
            most = fitting.iloc[int(fitting["size"].to_numpy().argmax())]
            return Output(*(str(most[column]) for column in Output._fields))
    words = " ".join(filter(None, (metric, at, *cell.values())))
    if not words:
        moved = table[(table["effect"].abs() > 0).to_numpy()]["metric"].drop_duplicates()
        allowed = (
            f"a metric that they move: {', '.join(moved)}"
            if len(moved)
            else "they move no other metric either"
        )
        raise NothingMovedError(
            Problem("", "the policies move none of the headlines", allowed, "name one: --metric")
        )
    metrics = list(dict.fromkeys(table["metric"]))
    hint = did_you_mean(metric, metrics) if metric and metric not in metrics else ""
    raise InputError(
        Problem(
            "",
            f"this experiment has no number for '{words}'",
            f"it has {', '.join(metrics)}",
            hint,
        )
    )


def check_output(
    scenario: Scenario,
    metric: str | None = None,
    at: str | None = None,
    state: str = "",
    platform: str = "",
    group: str = "",
) -> None:
    """Check the name of a number before anything is run for it.

    Parameters
    ----------
    scenario : Scenario
        The scenario with its states and platforms.
    metric, at, state, platform, group : str
        The number, as for `choose`; None or empty for the default.

    Raises
    ------
    InputError
        A name does not exist; the error lists all such names.
    """
    states = [*scenario.facts.states, *scenario.world.states, REST_OF_WORLD]
    platforms = [*scenario.platforms, *WAYS]
    problems = []
    parts = list[str]()
    example = "such as 'US<-CN', 'family:US<-CN' or US"
    try:  # the states or the platform that a group consists of
        match read(group) if group else None:
            case Group(residence=residence, origin=origin):
                parts = list(dict.fromkeys((residence, origin)))
            case StatePair(first=first, second=second):
                parts = [first, second]
            case Partner(state=partner):
                parts = [partner]
            case _:
                parts = [group]
    except ValueError as error:
        problems.append(Problem("--group", str(error), example))
    asked: list[tuple[str, str, str | None, list[str], str]] = [
        ("metric", "metric", metric, list(METRICS), "splinternet list metrics"),
        ("at", "time", at, list(WHEN), "total, worst_week, peak or end"),
        (
            "state",
            "state",
            state,
            states,
            "the code of a state, such as US; splinternet list states",
        ),
        (
            "platform",
            "platform",
            platform,
            platforms,
            "a platform of this world; splinternet list platforms",
        ),
        *(("group", "group", part, [*states, *platforms, *LOSSES], example) for part in parts),
    ]
    problems += [
        Problem(
            f"--{name}", f"there is no {word} '{value}'", allowed, did_you_mean(str(value), known)
        )
        for name, word, value, known, allowed in asked
        if value not in (None, "") and value not in known
    ]
    if problems:
        raise InputError(problems)


TABLE = "table.csv"
FIGURES = "figures"
AUTO = Path("<auto>")
"""Placeholder for ``runs/<scenario>-<experiment>-<hash>``, whose hash is not known yet."""


@dataclass(frozen=True)
class Task:
    """One seed of one point.

    Attributes
    ----------
    point : str
        Name of the point.
    spec : Scenario
        The scenario of the experiment.
    seed : int
        The random seed.
    values : tuple of (str, value)
        Paths and their values; a value that is set is no longer drawn.
    without : tuple of str
        Ids of policies that are left out; the world and all random numbers stay the same.
    carry : bool
        Whether errors on past events apply to the kin ties.
    """

    point: str
    spec: Scenario
    seed: int
    values: tuple[tuple[str, Any], ...] = ()
    without: tuple[str, ...] = ()
    carry: bool = field(default_factory=carries_errors)

    @property
    def key(self) -> str:
        """The key of the outcome: ``point-3-seed-1``."""
        return f"{self.point}-seed-{self.seed}"


@dataclass(eq=False, repr=False)
class Experiment(ABC):
    """Many runs of one scenario, and their joint result.

    A kind of experiment adds fields that decide which runs are made, yields these runs (`rounds`),
    and makes a table of their outcomes.

    Attributes
    ----------
    scenario : Scenario
        The scenario that all runs are made from.
    seeds : tuple of int
        The seeds of every point.
    outcomes : dict of str to Outcome
        The numbers of each run, by the key of its task; empty before `run`.
    run_id : str
        The digest of scenario, seeds, settings and program.
    folder : Path or None
        The folder to which it was written.
    name, version, commit : str
        Name of the scenario, version and git commit of the program.
    members : tuple of int
        The seeds, under the name that results use.
    """

    KIND: ClassVar[str]

    scenario: Scenario
    seeds: tuple[int, ...]
    outcomes: dict[str, Outcome] = field(default_factory=dict, init=False)
    run_id: str = field(default="", init=False)
    folder: Path | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        """Set the attributes that the house style of charts needs."""
        self.name = self.scenario.name
        self.members = self.seeds
        self.version = version()
        self.commit = commit()

    @abstractmethod
    def rounds(self) -> Iterator[list[Task]]:
        """Yield the runs that are needed; a round may depend on the outcomes of earlier rounds."""

    @property
    @abstractmethod
    def table(self) -> pd.DataFrame:
        """The result as a tidy table; each kind of experiment documents its columns."""

    @property
    def settings(self) -> dict[str, Any]:
        """Settings that, with the scenario and the seeds, decide which runs are made."""
        base = [each.name for each in fields(Experiment)]
        return {
            each.name: getattr(self, each.name)
            for each in fields(self)
            if each.init and each.name not in base
        }

    @property
    def identity(self) -> dict[str, Any]:
        """The inputs that identify the experiment, as JSON; ``run_id`` is their digest."""
        run = about(self.scenario, self.seeds)
        text = json.dumps([run["run_id"], self.KIND, self.settings], sort_keys=True, default=str)
        run_id = short(hashlib.sha256(text.encode()).hexdigest())
        return {**run, "run_id": run_id, "experiment": self.KIND, "settings": json.loads(text)[2]}

    def tasks(self, point: str, **changes: Any) -> list[Task]:
        """Return one run of a point for each seed, with ``values`` and ``without`` as for
        `Task`.
        """
        return [Task(point, self.scenario, seed, **changes) for seed in self.seeds]

    def effects(self, points: Sequence[str]) -> dict[Output, np.ndarray]:
        """Return the effect at some points by output, (seeds, points); outputs that a run lacks are
        left out.
        """
        found: dict[Output, np.ndarray] = {}
        for s, seed in enumerate(self.seeds):
            for p, point in enumerate(points):
                for output, effect in effects(self.outcomes[f"{point}-seed-{seed}"]).items():
                    found.setdefault(output, np.full((len(self.seeds), len(points)), np.nan))[
                        s, p
                    ] = effect
        return {output: values for output, values in found.items() if not np.isnan(values).any()}

    def run(
        self,
        *,
        jobs: int | None = None,
        cluster: Cluster | None = None,
        out: Path | str | None = None,
        progress: Progress | None = None,
    ) -> Self:
        """Make all runs that are not stored yet, write tables and chart, and return the experiment.

        Parameters
        ----------
        jobs : int, optional
            Number of processes; by default one per core. The outcome is the same for any number.
        cluster : str, Client or Executor, optional
            A Dask cluster to work on instead.
        out : path, optional
            A folder to write, or to resume if it exists. Without it, the function writes no files.
        progress : callable, optional
            A function that is called with (done, failed, total) after each run. By default a
            notebook or terminal shows a progress bar.

        Raises
        ------
        InputError
            The folder or the cluster cannot be used; nothing is written.
        RunError
            A run failed; the others are kept in the folder.
        """
        begun = time.monotonic()
        workers_for(jobs, 1)
        check_cluster(cluster)
        identity = self.identity
        self.run_id = identity["run_id"]
        if out == AUTO:
            out = Path("runs") / f"{self.name}-{self.KIND}-{self.run_id}"
        with Store(out, identity) as store, progress_bar(self.name, progress) as report:
            self.folder = store.path
            for tasks in self.rounds():
                failures = run_missing(
                    run_task, tasks, store, jobs=jobs, cluster=cluster, progress=report
                )
                if failures:
                    n = len(failures)
                    log = store.path / LOG if store.path else None
                    names = f"{'1 run' if n == 1 else f'{n} runs'} failed ({', '.join(list(failures)[:5])})"
                    raise error_of(failures, names, log)
                self.outcomes |= {task.key: store.outcomes[task.key] for task in tasks}
            seconds = round(time.monotonic() - begun, 3)
            notes = {
                "command": " ".join(sys.argv),
                "wall_seconds": seconds,
                "runs": len(self.outcomes),
            }
            finding = {"finding": self.words()} if self.words() else {}
            store.finish(
                self.write_files, {**notes, "warnings": list(self.scenario.warnings), **finding}
            )
        return self

    @property
    def made_with(self) -> str:
        """Seeds, people and days of all points; the experiment itself may vary people and days."""
        spec = self.scenario
        days = f"{day(spec.start.isoformat())} to {day(spec.end.isoformat())}"
        return f"{counted(len(self.seeds))} of each point, about {spec.people:,} simulated people in each, {days}"

    @property
    def warnings(self) -> list[str]:
        """Warnings that a reader needs before trusting the numbers, one sentence each."""
        n = len(self.seeds)
        few = f"{counted(n)} of each point: run at least {FEW_MEMBERS} seeds to see the effect of chance"
        return [*self.scenario.warnings, *([few] if n < FEW_MEMBERS else [])]

    def words(self) -> str:
        """Return the finding in a sentence; empty if the table is the finding."""
        return ""

    @property
    def headlines(self) -> tuple[str, ...]:
        """The metrics of which the first that moves is shown by default."""
        return headlines_of(self.sizes["metric"].unique())

    @property
    def sizes(self) -> pd.DataFrame:
        """The rows from which `output` chooses, with the columns of `Output` and ``effect``."""
        return self.table

    def output(self, metric: str | None = None, at: str | None = None, **cell: str) -> Output:
        """Return the output with a given metric and cell; by default the headline that moves
        most.
        """
        return choose(self.sizes, metric, at, headlines=self.headlines, **cell)

    def of(self, output: Output) -> pd.DataFrame:
        """Return the rows of the table for one output."""
        table = self.table
        return table[(table[list(Output._fields)] == list(output)).all(axis=1).to_numpy()]

    def plot(self, metric: str | None = None, at: str | None = None, **cell: str) -> Figure:
        """Return the chart of one output.

        Parameters
        ----------
        metric, at : str, optional
            The number to draw; by default the headline that moves most.
        **cell
            ``state``, ``platform``, ``group``.

        Raises
        ------
        InputError
            The experiment has no such number.
        """
        return draw(self.KIND, self, self.output(metric, at, **cell))

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables to write, by file name."""
        return {TABLE: self.table}

    def write_files(self, folder: Path) -> None:
        """Write scenario, tables and the main chart, unless nothing moved, into a folder."""
        from ..plots.registry import save_forms

        write_scenario(self.scenario, folder)
        for name, table in self.tables().items():
            write_text(folder / name, csv_of(table))
        try:
            figure = self.plot()
        except NothingMovedError:
            return
        with disk_errors(folder):
            save_forms(figure, folder / FIGURES, self.KIND, self)

    def __repr__(self) -> str:
        """Return kind, scenario and size in one line."""
        n = len(self.outcomes)
        seeds = "1 seed" if len(self.seeds) == 1 else f"{len(self.seeds)} seeds"
        kind = type(self).__name__
        return f"<{kind} of {self.name}: {self.scenario.status}, {n} runs, {seeds}>"

    def __str__(self) -> str:
        """Return the finding, or the rows of the number that moves most, for print."""
        if said := self.words():
            return f"{self!r}\n{said}"
        try:
            output = self.output()
        except NothingMovedError:
            return f"{self!r}\nNothing moved."
        rows = self.of(output).drop(columns=list(Output._fields))
        head = f"{output.words(self.scenario)} [{METRICS[output.metric].unit}]"
        floats = rows.select_dtypes("float").columns.intersection(_ROUNDED)
        text = rows.head(40).to_string(index=False, formatters=dict.fromkeys(floats, number))
        return f"{self!r}\n{head}\n{text}"

    def _repr_html_(self) -> str:
        """Return the table, for a notebook."""
        return f"<p>{escape(repr(self))}</p>" + str(self.table.head(40)._repr_html_())  # type: ignore[operator]


def changed(spec: Scenario, values: Mapping[str, Any]) -> Scenario:
    """Return a scenario with some values set; a value that is set is no longer drawn.

    Parameters
    ----------
    spec : Scenario
    values : mapping of str to value
        Path -> value, as in ``sweep:``.

    Raises
    ------
    InputError
        A path is unknown, or a value is not allowed.
    """
    taken = {steps_of(spec, path) for path in values}
    kept = {
        path: drawn for path, drawn in spec.uncertain.items() if steps_of(spec, path) not in taken
    }
    lean = spec.model_copy(update={"uncertain": kept, "sweep": {}})
    if not values:
        return lean
    point = varied(lean, values)
    point.note(drawn_from=spec)  # all points have the groups of the scenario, if possible
    return point


def unknown_path(spec: Scenario, path: str, where: str) -> list[Problem]:
    """Return the problem with a path that does not exist, or None.

    Parameters
    ----------
    spec : Scenario
    path : str
        A parameter's name, or a path into the scenario.
    where : str
        The option or key with the path.
    """
    steps = steps_of(spec, path)
    names = {*spec.facts.parameters, *spec.parameters}
    if steps[0] in Scenario.model_fields and (
        steps[0] != "parameters" or len(steps) != 2 or steps[1] in names
    ):
        return []
    hint = did_you_mean(
        path,
        [*spec.facts.parameters, *(f"{head}." for head in ("policies", "world", "parameters"))],
    )
    allowed = "a model parameter, or a path such as policies.<id>.on"
    found = f"unknown parameter or path '{path}'"
    return [Problem(where, found, allowed, hint or "splinternet list parameters names them")]


def check_paths(spec: Scenario, paths: Iterable[Any], where: str) -> None:
    """Raise InputError with every path that does not exist."""
    problems = list[Problem]()
    for path in paths:
        if isinstance(path, str):
            problems += unknown_path(spec, path, where)
        else:
            allowed = "a text, such as policies.<id>.on"
            problems.append(Problem(where, f"{path!r} as a path", allowed))
    if problems:
        raise InputError(problems)


def run_task(task: Task) -> Outcome:
    """Run one seed of one point and return its numbers."""
    from .pairs import (
        run_pair,
    )  # loads the engine, which is not needed if other processes do the work

    whole = member_spec(changed(task.spec, dict(task.values)), task.seed)
    part = whole.model_copy(
        update={"policies": tuple(p for p in whole.policies if p.id not in task.without)}
    )
    return outcome_of(
        (task.spec, whole), run_pair(part, task.seed, world_of=whole, carry=task.carry)
    )


_HOMES = {
    **dict.fromkeys(
        ("attribution", "sensitivity", "sweep", "threshold"), "splinternet.experiments.charts"
    ),
    "hindcast": "splinternet.experiments.hindcast_charts",
}
KINDS = tuple(sorted(_HOMES))
"""The experiments that have charts."""


class ExperimentChart(NamedTuple):
    """One chart of an experiment: name, kind (one of `KINDS`), title, description, and function.

    The function takes the result of the experiment and the output to draw, and returns a page.
    """

    name: str
    kind: str
    title: str
    description: str
    function: Callable[..., House]


_CHARTS: dict[str, ExperimentChart] = {}


def chart_of[**What](
    kind: str, title: str, description: str
) -> Callable[[Callable[What, House]], Callable[What, House]]:
    """Register the function below as a chart of a kind of experiment, under its own name."""

    def register(function: Callable[What, House]) -> Callable[What, House]:
        _CHARTS[function.__name__] = ExperimentChart(
            function.__name__, kind, title, description, function
        )
        return function

    return register


def charts_of(*kinds: str) -> dict[str, ExperimentChart]:
    """Return the charts of some kinds of experiment, by default of all, by name; each kind's main
    chart comes first.
    """
    for kind in kinds or KINDS:
        import_module(_HOMES[kind])  # loads matplotlib, which only charts need
    return {
        name: chart
        for kind in kinds or KINDS
        for name, chart in _CHARTS.items()
        if chart.kind == kind
    }


def draw(kind: str, *what: Any, name: str = "") -> House:
    """Return a chart of an experiment.

    Parameters
    ----------
    kind : str
        The experiment: one of `KINDS`.
    *what
        The arguments of the chart: the result and the output to draw.
    name : str
        Name of the chart; by default the main chart.
    """
    charts = charts_of(kind)
    return charts[name or next(iter(charts))].function(*what)
