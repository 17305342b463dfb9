"""Hindcasts: replay events and score the outcome against their ``observed:`` rows.

An event file is a scenario with `observed:`. Files that differ only in what was observed share
their runs. A series (`splinternet.experiments.record.Past.series`) is one quantity of one episode
from one source, such as seven dates of a panel: scores are averaged within a series, then over
series. Only rows with ``use: scored`` count, except null cases (orders that never took effect).
"""

from __future__ import annotations

import math
import statistics
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Unpack

import numpy as np
import pandas as pd

from ..changes import UNCHANGED, Given, Reader, reading
from ..core.shipped import EVENTS, event_names
from ..errors import InputError, Problem, RunError
from ..facts.record import BoardRow, error_of
from ..facts.tables import read
from ..results.files import csv_of, write_text
from ..results.interval import interval
from ..results.memory import release_memory
from ..results.model_error import NODES, Beside, beside, error_kind, metrics_of
from ..scenario import Scenario, load
from ..scenario.load import member_spec
from ..scenario.schema import Observed
from .experiment import draw
from .options import OptionsWithFolder, check_count, takes_options
from .pairs import arm_data, make_arms
from .parallel import Failure, check_cluster, outcomes, workers_for
from .record import Past, past_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PEOPLE = 10_000
"""Simulated people of each event, by default."""
SEEDS = 24
"""Default number of seeds: a score must not depend on a few draws of the parameters."""
THIS_MODEL = "splinternet"
"""Name of this model on the board of the bench."""
NORMAL_90 = 1.645
"""Half-width of the central 90 % of a normal distribution [standard deviations]; the tolerance of a
figure is taken to be this wide.
"""
EVENTS_APART = 1_000
"""Distance between the first seeds of two events of different names, which share no draws up to
this number of seeds. Events that share a run have the seeds of the first event.
"""
SEED_BLOCKS = 1_000_000
"""Number of blocks of seeds, to which names are assigned: the chance that any two of 100 events
share a block is 0.5 %.
"""
HIT = "hit platforms"
"""A set of rows that is summarised in addition to the kinds, as are the next two sets."""
BYSTANDERS = "bystanders"
WHOLE_RECORD = "all"


def crps(values: np.ndarray, observed: float) -> float:
    """Return the continuous ranked probability score of a sample [unit of the figure]; lower is
    better.

    Mean distance of the values from the observed figure, less half their mean distance from each
    other (Gneiting and Raftery 2007, https://doi.org/10.1198/016214506000001437).

    Parameters
    ----------
    values : numpy.ndarray, shape (values,)
        The sample.
    observed : float
        The observed value.
    """
    ranked = np.sort(values)
    n = len(ranked)
    apart = 2.0 * float((ranked * (2.0 * np.arange(n) + 1.0 - n)).sum()) / n**2
    return float(np.abs(ranked - observed).mean()) - 0.5 * apart


def with_error(course: np.ndarray, past: Past, *, chance_only: bool = False) -> Beside:
    """Return a figure with the seeds' values and the model's error from event to event.

    An episode of the record gets the error estimated from the other episodes, and any other episode
    the error of the whole record.

    Parameters
    ----------
    course : numpy.ndarray, shape (members, days)
        The course of each seed, up to the day of the figure [1].
    past : Past
        The figure, whose observed value is not used.
    chance_only : bool
        Whether to leave out the model's error.
    """
    kind = error_kind(past.observed)
    has_error = bool(kind) and not chance_only
    sd = error_of(kind, past.episode, past.about.technique) if has_error else 0.0
    return Beside(past.observed, course, before=past.about.before, sd=sd)


@dataclass(frozen=True)
class ScoredRow:
    """An observed figure with the forecasts of the seeds of an ensemble."""

    past: Past
    """The figure with its event, its episode and its circumstances."""
    beside: Beside = field(repr=False)
    """The values of the seeds and, if included, the model's error on past events."""

    @cached_property
    def values(self) -> np.ndarray:
        """Possible outcomes by the model, shape (seeds x errors,) [1]."""
        return self.beside.spread_out()[:, -1]

    @property
    def low(self) -> float:
        """The lower end of the 80 % interval [1]."""
        return self.beside.low

    @property
    def high(self) -> float:
        """The upper end of the 80 % interval [1]."""
        return self.beside.high

    @property
    def crps(self) -> float:
        """The score of the forecast, see `crps` [1]."""
        return crps(self.values, self.observed.value)

    @property
    def event(self) -> str:
        """The name of the event's file."""
        return self.past.event

    @property
    def observed(self) -> Observed:
        """The figure."""
        return self.past.observed

    @property
    def simulated(self) -> float:
        """The median of the seeds [1]."""
        return self.beside.simulated

    @property
    def is_near(self) -> bool:
        """True if the median lies within the tolerance."""
        return self.beside.is_near

    @property
    def is_covered(self) -> bool:
        """True if the observed figure lies within the 80 % interval."""
        return not self.beside.is_missed

    @property
    def is_covered_with_tolerance(self) -> bool:
        """True if the observed figure lies within the 80 % interval of the forecast with the error
        of the observation.
        """
        noise = NODES * self.observed.tolerance / NORMAL_90  # draws: (seeds, errors, days)
        draws = np.add.outer(self.beside.draws()[:, :, -1], noise)
        low, high = interval(draws.reshape(len(draws), -1))
        return bool(low <= self.observed.value <= high)

    @property
    def counts(self) -> bool:
        """True if the figure counts in the means."""
        return self.observed.use == "scored" and not self.past.about.is_null

    @property
    def scores(self) -> dict[str, float]:
        """The numbers of `Summary` for this row alone."""
        value = self.observed.value
        return {
            "mean_absolute_error": abs(self.simulated - value),
            "bias": self.simulated - value,
            "near": self.is_near,
            "coverage": self.is_covered,
            "coverage_with_tolerance": self.is_covered_with_tolerance,
            "width": self.high - self.low,
            "crps": self.crps,
        }

    def data(self) -> dict[str, object]:
        """Return the row as JSON data."""
        seen = self.observed
        about = self.past.about
        return {
            "event": self.event,
            "episode": self.past.episode,
            "row": seen.row,
            "kind": seen.kind,
            "state": seen.state,
            "platform": " + ".join(seen.platform) or None,
            "group": seen.group,
            "metric": seen.metric,
            "of": seen.of,
            "date": str(seen.date),
            "observed": seen.value,
            "tolerance": seen.tolerance,
            "simulated": self.simulated,
            "low": self.low,
            "high": self.high,
            "error": self.simulated - seen.value,
            "near": self.is_near,
            "covered": self.is_covered,
            "covered_with_tolerance": self.is_covered_with_tolerance,
            "crps": self.crps,
            "hit": about.is_hit,
            "null_case": about.is_null,
            "technique": about.technique or None,
            "use": seen.use,
            "meter": seen.meter,
            "confidence": seen.confidence,
            "source": seen.source,
            "note": seen.note,
        }


class Left(NamedTuple):
    """An observed figure that is not compared, with the reason."""

    event: str
    observed: Observed
    why: str


@dataclass(frozen=True)
class Summary:
    """The score of some rows; each series counts once in every mean."""

    name: str
    """The kind, the set or the series."""
    targets: int
    """Rows."""
    series: int
    """Number of series."""
    episodes: int
    """Number of episodes."""
    mean_absolute_error: float
    """Mean distance of the median from the observed figure [1]."""
    bias: float
    """Mean of the simulated median minus the observed figure [1]."""
    near: float
    """Share within tolerance [1]."""
    coverage: float
    """Share whose observed figure lies in the 80 % interval [1]."""
    coverage_with_tolerance: float
    """The coverage, with the tolerance of the observation included [1]."""
    width: float
    """Mean width of the 80 % interval [1]."""
    crps: float
    """Mean score [1]; lower is better."""


@dataclass(frozen=True)
class Scoreboard:
    """Every observed figure of some events, with its value in the replays."""

    rows: tuple[ScoredRow, ...]
    """The observed figures, in the order of the files."""
    left: tuple[Left, ...] = ()
    """Figures that this version cannot compare."""
    people: int = 0
    """Simulated people of each run."""
    seeds: int = 0
    """Seeds of each event."""
    empty: tuple[str, ...] = ()
    """Events without an observed figure that can be compared."""
    scenarios: Mapping[str, Scenario] = field(default_factory=dict, compare=False, repr=False)
    """The names of the events' files."""

    @property
    def counting(self) -> tuple[ScoredRow, ...]:
        """The rows that count."""
        return tuple(row for row in self.rows if row.counts)

    def by_kind(self) -> list[Summary]:
        """Return the score of each kind; then of restricted platforms, of other platforms, and of
        all rows.
        """
        sets = _grouped(self.counting, lambda row: str(row.observed.kind))
        sets[HIT] = [row for row in self.counting if row.past.about.is_hit]
        sets[BYSTANDERS] = [
            row for row in self.counting if row.observed.platform and not row.past.about.is_hit
        ]
        sets[WHOLE_RECORD] = list(self.counting)
        return [summary_of(name, rows) for name, rows in sets.items() if rows]

    def by_metric(self) -> list[Summary]:
        """Return the score of each metric: daily, weekly and monthly users are different
        metrics.
        """
        sets = _grouped(self.counting, lambda row: row.observed.metric)
        return [summary_of(name, rows) for name, rows in sorted(sets.items())]

    def by_technique(self) -> list[Summary]:
        """Return the score of each technique, or of the instrument if an order has no technique."""
        sets = _grouped(self.counting, lambda row: row.past.about.technique or "none")
        return [summary_of(name, rows) for name, rows in sorted(sets.items())]

    def by_series(self) -> list[Summary]:
        """Return the score of each series."""
        sets = _grouped(self.counting, lambda row: row.past.series)
        return [summary_of(" ".join(filter(None, key[:-1])), rows) for key, rows in sets.items()]

    @property
    def frame(self) -> pd.DataFrame:
        """The rows as a table, with the columns of ``--json``."""
        return pd.DataFrame([row.data() for row in self.rows])

    def data(self) -> dict[str, object]:
        """Return the scoreboard as JSON data."""
        return {
            "people": self.people,
            "seeds": self.seeds,
            "scored": len(self.counting),
            "rows": [row.data() for row in self.rows],
            "not_compared": [
                {"event": event, "row": row.row, "metric": row.metric, "why": why}
                for event, row, why in self.left
            ],
            "nothing_observed": list(self.empty),
            "summary": {
                name: [vars(summary) for summary in getattr(self, name)()]
                for name in ("by_kind", "by_metric", "by_technique", "by_series")
            },
        }

    def plot(self, event: str | None = None) -> Figure:
        """Return the chart of all figures, or the course of one event with its observed figures.

        Parameters
        ----------
        event : str, optional
            Name of an event, such as ``ua_vk_2017``; by default all figures.

        Raises
        ------
        InputError
            No event has this name.
        """
        return (
            draw("hindcast", self)
            if event is None
            else draw("hindcast", self, event, name="hindcast_event")
        )

    def write(self, folder: Path) -> None:
        """Write the rows into a folder as ``hindcast.csv``, with charts of all figures and of each
        event.
        """
        from ..plots import save_forms

        write_text(folder / "hindcast.csv", csv_of(self.frame))
        for name in (None, *dict.fromkeys(row.event for row in self.rows)):
            figure: Any = self.plot(name)
            save_forms(figure, folder, name or "hindcast", figure.result)


def _grouped[Key](
    rows: Sequence[ScoredRow], key: Callable[[ScoredRow], Key]
) -> dict[Key, list[ScoredRow]]:
    """Return rows by a key, in their order."""
    groups: dict[Key, list[ScoredRow]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return groups


def summary_of(name: str, rows: Sequence[ScoredRow]) -> Summary:
    """Return the score of some rows, at least one, under a name."""
    series = _grouped(rows, lambda row: row.past.series)
    scores = {key: [row.scores for row in own] for key, own in series.items()}
    means = {
        number: statistics.fmean(
            statistics.fmean(score[number] for score in own) for own in scores.values()
        )
        for number in rows[0].scores
    }
    return Summary(
        name=name,
        targets=len(rows),
        series=len(series),
        episodes=len({row.past.episode for row in rows}),
        **means,
    )


class BoardPlace(NamedTuple):
    """The held-out rank of the model among the rivals of the bench, on some figures."""

    name: str
    """The event, or the kind of figure."""
    figures: int
    crps: Mapping[str, float]
    """The score of each entrant, the model's under `THIS_MODEL` [1]; lower is better."""
    over: str
    """The best rival on these figures."""
    lead: float
    """Lead of the model over this rival [1]."""
    low: float
    """Lower end of the 80 % interval of the lead; NaN for a single episode [1]."""
    high: float
    """Upper end of the interval [1]."""

    @property
    def rank(self) -> int:
        """The model's rank among all entrants, 1 for the best; equal scores share a rank."""
        return 1 + sum(crps < self.crps[THIS_MODEL] for crps in self.crps.values())


def standings(events: Sequence[str] = ()) -> list[BoardPlace]:
    """Return the rank of the model on the stored board of the bench.

    Parameters
    ----------
    events : sequence of str
        Names of events; if empty, all kinds of figure.
    """
    table = read(BoardRow)
    wanted = [("event", name) for name in events]
    if not events:
        wanted = [key[1:] for key in table if key[0] == THIS_MODEL and key[1] in ("all", "kind")]
    found = []
    for by, name in wanted:
        ours = table.get((THIS_MODEL, by, name))
        if ours is not None:
            scores = {
                row.entrant: row.crps for row in table.values() if (row.by, row.name) == (by, name)
            }
            interval = ours.lead_low, ours.lead_high
            found.append(BoardPlace(name, ours.figures, scores, ours.over, ours.lead, *interval))
    return found


@takes_options(people=PEOPLE, seeds=SEEDS)
def hindcast(
    events: Given | Sequence[Given] | None = None,
    *,
    chance_only: bool = False,
    **options: Unpack[OptionsWithFolder],
) -> Scoreboard:
    """Replay events and score the results against the measured figures.

    The arguments ``people``, ``days``, ``set`` and ``policies`` apply to each event. The folder
    ``out`` receives the table and the charts.

    Parameters
    ----------
    events : path, name, Scenario, mapping, or a sequence of them, optional
        The events, which are scenarios with ``observed:``; by default the shipped record.
    chance_only : bool
        Whether the intervals leave out the model's error between events.
    **options
        See `Options`.

    Raises
    ------
    InputError
        A file is wrong, or no file has an observed figure to compare.
    RunError
        A seed failed.
    """
    asked: OptionsWithFolder = {"people": PEOPLE, "seeds": SEEDS, **options}
    people = asked["people"] or PEOPLE
    seeds = asked["seeds"]
    check_count("seeds", seeds, "members", SEEDS)
    workers_for(asked.get("jobs"), 1)
    check_cluster(asked.get("cluster"))
    if events is None or events == []:
        events = event_names()
    sources = [events] if isinstance(events, str | Path | dict | Scenario) else events
    with reading(asked, asked.get("metrics", ()), kind=OptionsWithFolder) as read:
        given = [_reaching(read(one)[0]) for one in sources]
        specs = [spec for spec in given if spec.observed]
        if not specs:
            where = ", ".join(str(spec.path or spec.name) for spec in given) or "hindcast"
            raise InputError(
                Problem(where, "nothing under 'observed:'", "a scenario with observed figures")
            )
        figures = [(spec, row) for spec in specs for row in spec.observed]
        replayed = _replayed(figures, seeds, asked)
    rows: list[ScoredRow] = []
    left: list[Left] = []
    for (spec, row), compared in zip(figures, replayed, strict=True):
        if why := next((one.why for one in compared if one.why), ""):
            left.append(Left(spec.name, row, why))
        else:
            past = past_of(row, spec)
            course = np.concatenate([one.course for one in compared])
            rows.append(ScoredRow(past, with_error(course, past, chance_only=chance_only)))
    empty = tuple(spec.name for spec in given if not spec.observed)
    board = Scoreboard(
        tuple(rows), tuple(left), people, seeds, empty, {spec.name: spec for spec in specs}
    )
    if (out := asked.get("out")) is not None:
        board.write(Path(out))
    return board


def _reaching(spec: Scenario) -> Scenario:
    """Return an event; raise InputError if a figure was observed after its last day."""
    last = max((row.date for row in spec.observed), default=spec.start)
    if last > spec.end:
        hint = f"days: {(last - spec.start).days + 1} would reach it"
        found = f"observed: {last} is after the last day"
        raise InputError(
            Problem(str(spec.path or spec.name), found, f"{spec.end} or earlier", hint)
        )
    return spec


type Target = tuple[Scenario, Observed]
"""An event and one of its observed figures."""


def shared_runs(targets: Sequence[Target]) -> list[list[int]]:
    """Return the indices of targets by run: events that differ only in the observed figures and the
    last day share a run.
    """
    runs: dict[str, list[int]] = {}
    for at, (spec, _) in enumerate(targets):
        key = spec.model_copy(
            update={"title": "", "days": 1, "episode": None, "observed": ()}
        ).digest
        runs.setdefault(key, []).append(at)
    return list(runs.values())


def replay(
    targets: Sequence[Target],
    seed: int,
    parameters: Mapping[str, float] | None = None,
    posterior: Sequence[Mapping[str, float]] | None = None,
) -> list[Beside]:
    """Replay the event of some targets for one seed, and return each figure with its value.

    Parameters
    ----------
    targets : sequence of (Scenario, Observed)
        Events and figures that share a run.
    seed : int
        The random seed.
    parameters : mapping of str to float, optional
        Parameters that are set.
    posterior : sequence of mapping, optional
        Joint draws of the parameters that are not set; by default the stored ones.
    """
    longest = max((spec for spec, _ in targets), key=lambda spec: spec.days)
    if parameters:
        longest = longest.model_copy(update={"parameters": {**longest.parameters, **parameters}})
    rows = [row for _, row in targets]
    member = member_spec(longest, seed, posterior=posterior)
    baseline, policy = make_arms(member, seed, metrics=metrics_of(rows))
    for _ in range(_days(targets)):
        baseline.step()
        policy.step()
    return beside(rows, [(arm_data(baseline), arm_data(policy))])


def _days(targets: Sequence[Target]) -> int:
    """Return the number of days to run for all targets."""
    return max((row.date - spec.start).days for spec, row in targets) + 1


def _replayed(
    targets: Sequence[Target], seeds: int, asked: OptionsWithFolder
) -> list[list[Beside]]:
    """Return each target with its value for every seed; raise RunError if a seed failed."""
    runs = [(places, [targets[at] for at in places]) for places in shared_runs(targets)]
    runs.sort(key=lambda run: -_days(run[1]))  # the longest first
    tasks = [
        (places, shared, seed) for places, shared in runs for seed in _seeds_of(shared[0][0], seeds)
    ]
    values: dict[tuple[int, int], Beside] = {}

    def replay_one(task: tuple[list[int], list[Target], int]) -> list[Beside]:
        return replay(task[1], task[2])

    jobs = asked.get("jobs")
    cluster = asked.get("cluster")
    progress = asked.get("progress")
    found = outcomes(replay_one, tasks, jobs=jobs, cluster=cluster)
    for done, ((places, shared, seed), outcome) in enumerate(found, start=1):
        if isinstance(outcome, Failure):
            raise RunError(f"{shared[0][0].name}, seed {seed}:\n{outcome.trace}")
        values |= {(at, seed): one for at, one in zip(places, outcome, strict=True)}
        if progress is not None:
            progress(done, 0, len(tasks))
    own = {at: _seeds_of(shared[0][0], seeds) for places, shared in runs for at in places}
    return [[values[at, seed] for seed in own[at]] for at in range(len(targets))]


def _seeds_of(spec: Scenario, seeds: int) -> range:
    """Return the seeds of an event; events have different seeds, so that their draws of parameters
    differ.
    """
    first = 1 + EVENTS_APART * (zlib.crc32(spec.name.encode()) % SEED_BLOCKS)
    return range(first, first + seeds)


@dataclass(frozen=True)
class Run:
    """One point of a calibration, simulated once on some events."""

    key: str
    """The name of the point."""
    values: tuple[tuple[str, float], ...]
    """The parameters that are fitted; all others are drawn from their ranges by the seed."""
    seed: int
    """The random numbers of all events, and the draw of the inputs that are not fitted."""
    people: int
    """Simulated people of each event."""
    episode: str = ""
    """The only episode to simulate; all episodes if it is empty."""


type Simulator = Callable[[Run], Sequence[float]]
"""Returns a number for each figure, in order; NaN for figures of other episodes and undefined
values.
"""


@dataclass(frozen=True)
class Replays:
    """The model as a simulator: it replays the event of every figure, after ``read`` has changed
    it.
    """

    figures: tuple[Past, ...]
    read: Reader = UNCHANGED

    def __call__(self, run: Run) -> list[float]:
        """Return the value of each figure in a run, in their order [1]."""
        values = [math.nan] * len(self.figures)
        wanted = [at for at, past in enumerate(self.figures) if run.episode in ("", past.episode)]
        events = {
            name: self.event(name, run.people) for name in {self.figures[at].event for at in wanted}
        }
        targets = [(events[self.figures[at].event], self.figures[at].observed) for at in wanted]
        for places in shared_runs(targets):
            replayed = replay(
                [targets[i] for i in places], run.seed, dict(run.values), posterior=()
            )
            for i, one in zip(places, replayed, strict=True):
                values[wanted[i]] = math.nan if one.why else float(one.course[0, -1])
            release_memory()
        return values

    def event(self, name: str, people: int) -> Scenario:
        """Return the scenario of an event with the changes."""
        spec = _shipped(name, people)
        return self.read(spec)[0] if self.read else spec


@lru_cache(maxsize=64)
def _shipped(name: str, people: int) -> Scenario:
    """Return the scenario of an event; each process reads it once."""
    return load(f"{EVENTS}{name}", people=people)
