"""The scoreboard: observed figures beside what replays say of them, summed up by kind and by series.

A series is what one meter counts of one thing: seven dates of one panel are one series. Only rows whose ``use`` is
scored count; the null case (an order that never took effect) is kept out of the means.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.scenario.observed import Observed

LOW, HIGH = 0.1, 0.9
"""Ends of the interval that is printed: 80 % of members lie within."""
RIVALS = ("half", "nothing")


@dataclass(frozen=True)
class ScoredRow:
    """An observed figure and what the members of an ensemble say of it.

    Attributes
    ----------
    event, episode : str
        The event, by the name of its file, and the episode that it is part of.
    observed : Observed
        The figure.
    members : tuple of float
        What each member says [1].
    half, nothing : float
        What the rivals "every order leaves half" and "nothing changes" say [1].
    is_hit : bool
        Whether an order against the platform has been in force by then; the others are bystanders.
    is_null : bool
        Whether it is a null case: an order against the platform that had not been in force by then.
    """

    event: str
    episode: str
    observed: Observed
    members: tuple[float, ...]
    half: float
    nothing: float
    is_hit: bool = False
    is_null: bool = False

    @property
    def simulated(self) -> float:
        """The median of the members [1]."""
        return float(np.quantile(self.members, 0.5))

    @property
    def low(self) -> float:
        """The lower end of the 80 % interval of the members [1]."""
        return float(np.quantile(self.members, LOW))

    @property
    def high(self) -> float:
        """The upper end of the 80 % interval of the members [1]."""
        return float(np.quantile(self.members, HIGH))

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
        return self.low <= self.observed.value <= self.high

    @property
    def crps(self) -> float:
        """The continuous ranked probability score of the members [1]; the absolute error where there is one."""
        return crps(self.members, self.observed.value)

    @property
    def counts(self) -> bool:
        """Whether it counts in the means."""
        return self.observed.use == "scored" and not self.is_null

    @property
    def series(self) -> tuple[str, ...]:
        """What tells the series that it belongs to from others."""
        seen = self.observed
        place = seen.group or seen.state or ""
        meter = seen.meter or ""
        return (self.episode, seen.kind, place, " + ".join(seen.platform), seen.metric, meter)

    def data(self) -> dict[str, object]:
        """Return the row as JSON data."""
        seen = self.observed
        return {
            "event": self.event,
            "episode": self.episode,
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
            "hit": self.is_hit,
            "null_case": self.is_null,
            "use": seen.use,
            "rivals": {rival: getattr(self, rival) for rival in RIVALS},
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
    """The score of some rows.

    Attributes
    ----------
    name : str
        The kind or the series.
    targets, series : int
        Rows, and series among them.
    mean_absolute_error : float
        Mean over series of the mean over their rows [1].
    inside, coverage : float
        Share of rows within tolerance, and of rows whose observed figure lies in the 80 % interval [1].
    width, crps : float
        Mean width of that interval, and mean score [1].
    rivals : mapping of str to float
        Mean absolute error of each rival, as of the model [1].
    """

    name: str
    targets: int
    series: int
    mean_absolute_error: float
    inside: float
    coverage: float
    width: float
    crps: float
    rivals: Mapping[str, float]

    def data(self) -> dict[str, object]:
        """Return the summary as JSON data."""
        return {**vars(self), "rivals": dict(self.rivals)}


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
    """

    rows: tuple[ScoredRow, ...]
    left: tuple[Left, ...]
    people: int
    seeds: int
    empty: tuple[str, ...] = ()

    @property
    def counting(self) -> tuple[ScoredRow, ...]:
        """The rows that count."""
        return tuple(row for row in self.rows if row.counts)

    def by_kind(self) -> list[Summary]:
        """Return the score of each kind, and of all kinds together last."""
        kinds = dict.fromkeys(row.observed.kind for row in self.counting)
        groups = [(str(kind), [row for row in self.counting if row.observed.kind == kind]) for kind in kinds]
        return [_summary(name, rows) for name, rows in [*groups, ("all", list(self.counting))] if rows]

    def by_series(self) -> list[Summary]:
        """Return the score of each series."""
        series = dict.fromkeys(row.series for row in self.counting)
        return [
            _summary(" ".join(filter(None, key[:-1])), [row for row in self.counting if row.series == key])
            for key in series
        ]

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


def crps(members: Sequence[float], observed: float) -> float:
    """Return the continuous ranked probability score of an ensemble [unit of the figure]; lower is better.

    Mean distance of members from the observed figure, less half their mean distance from each other (Gneiting and
    Raftery 2007); for one member the absolute error.

    Parameters
    ----------
    members : sequence of float
        What each member says.
    observed : float
        What was observed.
    """
    values = np.sort(np.asarray(members, dtype=np.float64))
    n = values.size
    apart = 2.0 * float(((2 * np.arange(1, n + 1) - n - 1) * values).sum()) / n**2
    return float(np.abs(values - observed).mean()) - 0.5 * apart


def _summary(name: str, rows: Sequence[ScoredRow]) -> Summary:
    """Return the score of some rows; each series counts once in an error."""

    def error_of(told: Callable[[ScoredRow], float]) -> float:
        by_series: dict[tuple[str, ...], list[float]] = {}
        for row in rows:
            by_series.setdefault(row.series, []).append(abs(told(row) - row.observed.value))
        return _mean(_mean(errors) for errors in by_series.values())

    return Summary(
        name=name,
        targets=len(rows),
        series=len({row.series for row in rows}),
        mean_absolute_error=error_of(lambda row: row.simulated),
        inside=_mean(row.is_inside for row in rows),
        coverage=_mean(row.is_covered for row in rows),
        width=_mean(row.high - row.low for row in rows),
        crps=_mean(row.crps for row in rows),
        rivals={rival: error_of(lambda row, rival=rival: float(getattr(row, rival))) for rival in RIVALS},  # type: ignore[misc]
    )


def _mean(values: Iterable[float]) -> float:
    """Return a mean."""
    return statistics.fmean(values)
