"""Hindcasts: replay events and score the outcome against their ``observed:`` rows, next to rivals.

An event file is a scenario with `observed:`. Files that differ only in what was observed share their runs. In every
mean a series counts once: seven dates of one panel are one quantity from one source. Only rows whose ``use`` is scored
count, and no null case (an order that never took effect).
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.errors import InputError, Problem, RunError
from sim.evidence.record import Past, past_of
from sim.evidence.rivals import RIVALS, rivals
from sim.evidence.scores import Forecast, error_sd, with_error
from sim.experiments.checks import check_count
from sim.experiments.experiment import draw
from sim.experiments.pairs import arm_data, make_arms
from sim.experiments.parallel import Failure, Progress, outcomes
from sim.metrics.registry import METRICS
from sim.results.observed import Beside, beside, metrics_of
from sim.scenario import Scenario, load
from sim.scenario.draws import member_spec
from sim.scenario.schema import Observed
from sim.shipped import event_names

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

PEOPLE, SEEDS = 50_000, 4
"""Default numbers of simulated people and members: with 4,000 people, chance alone moves a figure out of tolerance."""
HIT, BYSTANDERS, ALL = "hit platforms", "bystanders", "all"
"""Sets of rows that are summarised in addition to the kinds."""

type Event = str | Path | Scenario
type Replayed = list[tuple[Observed, np.ndarray, str]]
"""Each figure of an event with the values of all members, shape (members, days), or the reason why there are none."""


@dataclass(frozen=True)
class ScoredRow:
    """An observed figure with the forecasts of the members of an ensemble and of the rivals.

    Attributes
    ----------
    past : Past
        The figure with its event, its episode and its circumstances.
    members : tuple of float
        Value of each member [1].
    forecast : Forecast
        Forecast of the model: the members, and the model's error from event to event if it is included.
    rivals : mapping of str to Forecast
        Forecast of each of `RIVALS`.
    course : numpy.ndarray, shape (members, days)
        Value of each member day by day, up to the day of the figure [1].
    sd : float
        The model's error in the forecast, a standard deviation on the scale of its kind [1].
    """

    past: Past
    members: tuple[float, ...]
    forecast: Forecast
    rivals: Mapping[str, Forecast]
    course: np.ndarray = field(default_factory=lambda: np.empty((0, 0)), compare=False, repr=False)
    sd: float = 0.0

    @property
    def event(self) -> str:
        """The event, by the name of its file."""
        return self.past.event

    @property
    def observed(self) -> Observed:
        """The figure."""
        return self.past.observed

    @property
    def simulated(self) -> float:
        """The median of the members [1]."""
        return float(np.quantile(self.members, 0.5))

    @property
    def low(self) -> float:
        """The lower end of the 80 % interval [1]."""
        return self.forecast.low

    @property
    def high(self) -> float:
        """The upper end of the 80 % interval [1]."""
        return self.forecast.high

    @property
    def error(self) -> float:
        """Simulated less observed [1]."""
        return self.simulated - self.observed.value

    @property
    def is_inside(self) -> bool:
        """Whether the forecast lies within the tolerance."""
        return abs(self.error) <= self.observed.tolerance

    @property
    def is_covered(self) -> bool:
        """Whether the observed figure lies within the 80 % interval."""
        return self.forecast.covers(self.observed.value)

    @property
    def crps(self) -> float:
        """The continuous ranked probability score of the forecast [1]."""
        return self.forecast.crps(self.observed.value)

    @property
    def counts(self) -> bool:
        """Whether it counts in the means."""
        return self.observed.use == "scored" and not self.past.about.is_null

    def data(self) -> dict[str, object]:
        """Return the row as JSON data."""
        seen, about = self.observed, self.past.about
        return {
            "event": self.event, "episode": self.past.episode, "row": seen.row, "kind": seen.kind, "state": seen.state,
            "platform": " + ".join(seen.platform) or None, "group": seen.group, "metric": seen.metric, "of": seen.of,
            "date": str(seen.date), "observed": seen.value, "tolerance": seen.tolerance, "simulated": self.simulated,
            "low": self.low, "high": self.high, "error": self.error, "inside": self.is_inside,
            "covered": self.is_covered, "crps": self.crps, "hit": about.is_hit, "null_case": about.is_null,
            "technique": about.technique or None, "use": seen.use,
            "rivals": {name: self.rivals[name].median for name in RIVALS},
            "rivals_crps": {name: self.rivals[name].crps(seen.value) for name in RIVALS},
            "meter": seen.meter, "confidence": seen.confidence, "source": seen.source, "note": seen.note,
        }  # fmt: skip


class Left(NamedTuple):
    """An observed figure that is not compared, and why."""

    event: str
    observed: Observed
    why: str


@dataclass(frozen=True)
class Summary:
    """The score of some rows; each series counts once in every mean.

    Attributes
    ----------
    name : str
        The kind, the set or the series.
    targets, series, episodes : int
        Rows, and series and episodes among them.
    mean_absolute_error : float
        Of the median [1].
    inside, coverage : float
        Share within tolerance, and share whose observed figure lies in the 80 % interval [1].
    width, crps : float
        Mean width of that interval, and mean score [1].
    rivals, rivals_crps : mapping of str to float
        Mean absolute error and mean score of each rival [1].
    skill : float or None
        1 - CRPS / CRPS of climatology [1]: above 0 where the model knows more; None where climatology is exact.
    """

    name: str
    targets: int
    series: int
    episodes: int
    mean_absolute_error: float
    inside: float
    coverage: float
    width: float
    crps: float
    rivals: Mapping[str, float]
    rivals_crps: Mapping[str, float]
    skill: float | None

    def data(self) -> dict[str, object]:
        """Return the summary as JSON data."""
        return {**vars(self), "rivals": dict(self.rivals), "rivals_crps": dict(self.rivals_crps)}


@dataclass(frozen=True)
class Scoreboard:
    """Every observed figure of some events, with what replays say of it.

    Attributes
    ----------
    rows : tuple of ScoredRow
        In the order of the files.
    left : tuple of Left
        Figures that this version cannot compare.
    people, seeds : int
        Simulated people of each run, and members of each event.
    empty : tuple of str
        Events of which nothing was observed that could be compared.
    scenarios : mapping of str to Scenario
        The events, by the names of their files.
    """

    rows: tuple[ScoredRow, ...]
    left: tuple[Left, ...] = ()
    people: int = 0
    seeds: int = 0
    empty: tuple[str, ...] = ()
    scenarios: Mapping[str, Scenario] = field(default_factory=dict, compare=False, repr=False)

    @property
    def counting(self) -> tuple[ScoredRow, ...]:
        """The rows that count."""
        return tuple(row for row in self.rows if row.counts)

    def by_kind(self) -> list[Summary]:
        """Return the score of each kind; then of hit platforms, of bystanders, and of all rows."""
        counting = self.counting
        kinds = dict.fromkeys(row.observed.kind for row in counting)
        sets: list[tuple[str, list[ScoredRow]]] = [
            *((str(kind), [row for row in counting if row.observed.kind == kind]) for kind in kinds),
            (HIT, [row for row in counting if row.past.about.is_hit]),
            (BYSTANDERS, [row for row in counting if row.observed.platform and not row.past.about.is_hit]),
            (ALL, list(counting)),
        ]
        return [summary_of(name, rows) for name, rows in sets if rows]

    def by_series(self) -> list[Summary]:
        """Return the score of each series."""
        return [summary_of(" ".join(filter(None, key[:-1])), rows) for key, rows in _by_series(self.counting).items()]

    @property
    def frame(self) -> pd.DataFrame:
        """The rows as a table, with the columns of ``--json``; rivals as ``rivals.half`` and so on."""
        import pandas as pd

        return pd.json_normalize([row.data() for row in self.rows])

    def data(self) -> dict[str, object]:
        """Return the scoreboard as JSON data."""
        return {
            "people": self.people,
            "seeds": self.seeds,
            "scored": len(self.counting),
            "rows": [row.data() for row in self.rows],
            "not_compared": [
                {"event": event, "row": row.row, "metric": row.metric, "why": why} for event, row, why in self.left
            ],
            "nothing_observed": list(self.empty),
            "summary": {
                "by_kind": [summary.data() for summary in self.by_kind()],
                "by_series": [summary.data() for summary in self.by_series()],
            },
        }

    def plot(self, event: str | None = None) -> Figure:
        """Return the panel of all figures, or the course of one event beside what was observed.

        Parameters
        ----------
        event : str, optional
            Such as ``ua_vk_2017``; by default the panel of all.

        Raises
        ------
        InputError
            When no event here is called so.
        """
        return draw("hindcast", self) if event is None else draw("hindcast", self, event, name="hindcast_event")


def _by_series(rows: Sequence[ScoredRow]) -> dict[tuple[str, ...], list[ScoredRow]]:
    """Return rows by their series."""
    series: dict[tuple[str, ...], list[ScoredRow]] = {}
    for row in rows:
        series.setdefault(row.past.series, []).append(row)
    return series


def summary_of(name: str, rows: Sequence[ScoredRow]) -> Summary:
    """Return the score of some rows, at least one, under a name."""
    series = _by_series(rows)

    def mean(value: Callable[[ScoredRow], float]) -> float:
        return statistics.fmean(statistics.fmean(map(value, own)) for own in series.values())

    crps = mean(lambda row: row.crps)
    rivals_crps = {rival: mean(lambda row, r=rival: row.rivals[r].crps(row.observed.value)) for rival in RIVALS}  # type: ignore[misc]
    climatology = rivals_crps["climatology"]
    return Summary(
        name=name,
        targets=len(rows),
        series=len(series),
        episodes=len({row.past.episode for row in rows}),
        mean_absolute_error=mean(lambda row: abs(row.error)),
        inside=mean(lambda row: row.is_inside),
        coverage=mean(lambda row: row.is_covered),
        width=mean(lambda row: row.high - row.low),
        crps=crps,
        rivals={rival: mean(lambda row, r=rival: abs(row.rivals[r].median - row.observed.value)) for rival in RIVALS},  # type: ignore[misc]
        rivals_crps=rivals_crps,
        skill=1.0 - crps / climatology if climatology > 0 else None,
    )


def hindcast(
    events: Event | Sequence[Event] | None = None,
    *,
    people: int = PEOPLE,
    seeds: int = SEEDS,
    jobs: int | None = None,
    progress: Progress | None = None,
    chance_only: bool = False,
) -> Scoreboard:
    """Replay events and score what comes out.

    Parameters
    ----------
    events : path, name, Scenario, or a sequence of them, optional
        Event files: scenarios with ``observed:``; by default the shipped record.
    people, seeds : int
        Simulated people, and members of each event.
    jobs : int, optional
        Number of processes; by default one per core. The outcome is the same for any number.
    progress : callable, optional
        Called with (done, failed, total) after each member.
    chance_only : bool
        Leave the model's error from event to event out of the intervals.

    Raises
    ------
    InputError
        A file is wrong, or none has anything to compare.
    RunError
        A member failed.
    """
    check_count("--seeds", seeds, "members", SEEDS)
    if jobs is not None:
        check_count("--jobs", jobs, "processes", 2)
    if events is None or events == []:
        events = event_names()
    given = [_event(one, people) for one in ([events] if isinstance(events, str | Path | Scenario) else events)]
    specs = [spec for spec in given if spec.observed]
    if not specs:
        where = ", ".join(str(spec.path or spec.name) for spec in given) or "hindcast"
        raise InputError(Problem(where, "nothing under 'observed:'", "a scenario with observed figures"))
    rows, left = [], []
    for spec, figures in zip(specs, replayed(specs, seeds, jobs, progress), strict=True):
        for row, courses, why in figures:
            if why:
                left.append(Left(spec.name, row, why))
            else:
                past, members = past_of(row, spec), tuple(map(float, courses[:, -1]))
                forecast = with_error(members, past, chance_only=chance_only)
                sd = error_sd(past, chance_only=chance_only)
                rows.append(ScoredRow(past, members, forecast, rivals(past), courses, sd))
    empty = tuple(spec.name for spec in given if not spec.observed)
    return Scoreboard(tuple(rows), tuple(left), people, seeds, empty, {spec.name: spec for spec in specs})


def _event(source: Event, people: int) -> Scenario:
    """Return an event; raise InputError where something was observed after its last day."""
    spec = load(source, people=people, known_metrics=METRICS)
    last = max((row.date for row in spec.observed), default=spec.start)
    if last > spec.end:
        hint = f"days: {(last - spec.start).days + 1} would reach it"
        found = f"observed: {last} is after the last day"
        raise InputError(Problem(str(spec.path or spec.name), found, f"{spec.end} or earlier", hint))
    return spec


def run_key(spec: Scenario) -> str:
    """Return a key that events with the same runs share: everything except what was observed, and until when."""
    return spec.model_copy(update={"title": "", "days": 1, "episode": None, "observed": ()}).digest


def replayed(specs: Sequence[Scenario], seeds: int, jobs: int | None, progress: Progress | None) -> list[Replayed]:
    """Replay events; those that differ only in what was observed share their runs.

    Parameters
    ----------
    specs : sequence of Scenario
        Each with observed figures.
    seeds, jobs, progress
        As for `hindcast`.

    Raises
    ------
    RunError
        A member failed.
    """
    shared: dict[str, list[Scenario]] = {}
    for spec in specs:
        shared.setdefault(run_key(spec), []).append(spec)
    longest_first = sorted(shared, key=lambda key: -_days(shared[key]))
    tasks = [(key, seed) for key in longest_first for seed in range(1, seeds + 1)]
    values: dict[tuple[str, Observed], dict[int, tuple[np.ndarray, str]]] = {}
    for done, ((key, seed), outcome) in enumerate(outcomes(partial(_member, shared), tasks, jobs=jobs), start=1):
        if isinstance(outcome, Failure):
            raise RunError(f"{shared[key][0].name}, seed {seed}:\n{outcome.trace}")
        for row, value in outcome.items():
            values.setdefault((key, row), {})[seed] = value
        if progress is not None:
            progress(done, 0, len(tasks))

    def gathered(key: str, row: Observed) -> tuple[Observed, np.ndarray, str]:
        members = [values[key, row][seed] for seed in sorted(values[key, row])]
        return row, np.concatenate([course for course, _ in members]), next((why for _, why in members if why), "")

    return [[gathered(run_key(spec), row) for row in spec.observed] for spec in specs]


def _days(specs: Sequence[Scenario]) -> int:
    """Return how many days must be run for all figures of some events."""
    return max((row.date - spec.start).days for spec in specs for row in spec.observed) + 1


def _member(shared: Mapping[str, Sequence[Scenario]], task: tuple[str, int]) -> dict[Observed, tuple[np.ndarray, str]]:
    """Return the values of one member for each figure of the events that share its run, or why there are none.

    Returns
    -------
    dict
        By figure: shape (1, days) [1].
    """
    specs, seed = shared[task[0]], task[1]
    rows = list(dict.fromkeys(row for spec in specs for row in spec.observed))
    longest = max(specs, key=lambda spec: spec.days)
    return {one.observed: (one.course, one.why) for one in replay(member_spec(longest, seed), seed, rows, _days(specs))}


def replay(spec: Scenario, seed: int, rows: Sequence[Observed], days: int) -> list[Beside]:
    """Run both arms of one member for some days; return each figure beside what the run says of it."""
    baseline, policy = make_arms(spec, seed, metrics=metrics_of(rows))
    for _ in range(days):
        baseline.step()
        policy.step()
    return beside(rows, [(arm_data(baseline), arm_data(policy))])
