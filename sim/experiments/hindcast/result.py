"""The scoreboard: observed figures next to the forecasts of replays and rivals, summarised by kind and by series.

A series is one quantity from one source: seven dates of one panel count once in every mean. Only rows whose ``use`` is
scored count; the null case (an order that never took effect) is not part of the means.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from sim.experiments.charts import draw
from sim.experiments.hindcast.circumstances import Past
from sim.experiments.hindcast.rivals import RIVALS
from sim.experiments.hindcast.scores import Forecast
from sim.scenario.observed import Observed

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from sim.scenario import Scenario

HIT, BYSTANDERS, ALL = "hit platforms", "bystanders", "all"
"""Sets of rows that are summarised in addition to the kinds."""


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
            "error": self.error,
            "inside": self.is_inside,
            "covered": self.is_covered,
            "crps": self.crps,
            "hit": about.is_hit,
            "null_case": about.is_null,
            "technique": about.technique or None,
            "use": seen.use,
            "rivals": {name: self.rivals[name].median for name in RIVALS},
            "rivals_crps": {name: self.rivals[name].crps(seen.value) for name in RIVALS},
            "meter": seen.meter,
            "confidence": seen.confidence,
            "source": seen.source,
            "note": seen.note,
        }


@dataclass(frozen=True)
class Left:
    """An observed figure that is not compared, and why.

    Attributes
    ----------
    event : str
    observed : Observed
    why : str
    """

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
        series: dict[tuple[str, ...], list[ScoredRow]] = {}
        for row in self.counting:
            series.setdefault(row.past.series, []).append(row)
        return [summary_of(" ".join(filter(None, key[:-1])), rows) for key, rows in series.items()]

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
                {"event": one.event, "row": one.observed.row, "metric": one.observed.metric, "why": one.why}
                for one in self.left
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


def summary_of(name: str, rows: Sequence[ScoredRow]) -> Summary:
    """Return the score of some rows.

    Parameters
    ----------
    name : str
        What to call them.
    rows : sequence of ScoredRow
        At least one.
    """
    series: dict[tuple[str, ...], list[ScoredRow]] = {}
    for row in rows:
        series.setdefault(row.past.series, []).append(row)

    def mean(of: Callable[[ScoredRow], float]) -> float:
        return _mean(_mean(of(row) for row in own) for own in series.values())

    def off(rival: str) -> Callable[[ScoredRow], float]:
        return lambda row: abs(row.rivals[rival].median - row.observed.value)

    def score(rival: str) -> Callable[[ScoredRow], float]:
        return lambda row: row.rivals[rival].crps(row.observed.value)

    own, rivals_crps = mean(lambda row: row.crps), {rival: mean(score(rival)) for rival in RIVALS}
    dull = rivals_crps["climatology"]
    return Summary(
        name=name,
        targets=len(rows),
        series=len(series),
        episodes=len({row.past.episode for row in rows}),
        mean_absolute_error=mean(lambda row: abs(row.error)),
        inside=mean(lambda row: row.is_inside),
        coverage=mean(lambda row: row.is_covered),
        width=mean(lambda row: row.high - row.low),
        crps=own,
        rivals={rival: mean(off(rival)) for rival in RIVALS},
        rivals_crps=rivals_crps,
        skill=1.0 - own / dull if dull > 0 else None,
    )


def _mean(values: Iterable[float]) -> float:
    """Return a mean."""
    return statistics.fmean(values)
