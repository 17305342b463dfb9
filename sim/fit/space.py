"""The inputs of a calibration: the free parameters with their priors, and the observed figures.

``sim/facts/calibrated.csv`` lists the parameters, which all events share. A fact of one event, such
as the earlier share of people with a VPN, is not fitted: its event file states a range under
``uncertain:``, from which every run draws.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from ..errors import InputError, Problem, did_you_mean
from ..experiments.hindcast import NORMAL_90
from ..experiments.options import case_problems, check_all
from ..experiments.record import Past, events, past_of, record
from ..facts import Facts, load_facts
from ..facts.tables import Fault, Names, Number, Row, Text, read
from ..metrics.registry import METRICS
from ..results.model_error import ESTIMATED, SCALE_OF, SCALES, error_kind

FACTS = Path(__file__).resolve().parents[1] / "facts"
CALIBRATED = FACTS / "calibrated.csv"

type Array = np.ndarray
type Space = Mapping[str, Free]
"""The calibrated parameters, by name; a point is an array of positions in the priors, each 0 to
1.
"""


class Free(Row, file="calibrated.csv", key=("name",)):
    """One calibrated parameter, shared by all events."""

    name: Text
    prior_low: Number
    prior_high: Number
    """Ends of the prior, uniform on its scale."""
    scale: Literal["lin", "log"]
    why: Text
    """Its effect on the events."""

    def at(self, u: float) -> float:
        """Return the value at a position in the prior, 0 to 1."""
        u = min(1.0, max(0.0, u))
        low = self.prior_low
        high = self.prior_high
        value = low * (high / low) ** u if self.scale == "log" else low + u * (high - low)
        return min(high, max(low, float(f"{value:.6g}")))

    def faults(self, names: Names) -> Iterator[Fault]:
        """Yield an unknown parameter, one of a single event, platform or state, and a bad range."""
        low = self.prior_low
        high = self.prior_high
        parameters = names["facts"].parameters
        owner = _owner(self.name, names["facts"], names["events"])
        if owner:
            found = f"'{self.name}' belongs to {owner} alone"
            allowed = "parameters that all events share"
            hint = "a fact of one event with a range stands under 'uncertain:' of its file, and is not fitted"
            yield found, f"{allowed}: none has a knob of its own", hint
        elif self.name not in parameters:
            hint = did_you_mean(self.name, parameters)
            yield f"there is no parameter '{self.name}'", "a name in parameters.csv", hint
        if not low < high or (self.scale == "log" and low <= 0):
            yield (
                f"a prior from {low:g} to {high:g}",
                "prior_low < prior_high, above 0 on a log scale",
            )
        if (
            self.name in parameters
            and parameters[self.name].unit == "share"
            and not (low >= 0 and high <= 1)
        ):
            yield f"a share from {low:g} to {high:g}", "shares are 0 to 1"


def place(prior: Free | ParameterRow, value: float) -> float:
    """Return the position of a value in a prior, 0 to 1, with values outside moved to the edge."""
    low = prior.prior_low
    high = prior.prior_high
    value = min(high, max(low, value))
    return (
        math.log(value / low) / math.log(high / low)
        if prior.scale == "log"
        else (value - low) / (high - low)
    )


def values_at(space: Space, point: Sequence[float] | Array) -> dict[str, float]:
    """Return the values of the parameters at a point."""
    return {free.name: free.at(float(u)) for free, u in zip(space.values(), point, strict=True)}


def read_space(path: Path = CALIBRATED, events: Sequence[str] = ()) -> dict[str, Free]:
    """Read the table of parameters to calibrate.

    Parameters
    ----------
    path : Path
    events : sequence of str
        Names of events, to which no parameter may belong.

    Raises
    ------
    InputError
        If the table has an unknown parameter, one of a single event, platform or state, or a bad
        range; the error lists all faults.
    """
    space = {
        row.name: row
        for row in read(Free, path, {"facts": load_facts(), "events": events}).values()
    }
    if not space:
        raise InputError(Problem(str(path), "it holds no parameters", "at least one row"))
    return space


def _owner(name: str, facts: Facts, events: Sequence[str]) -> str:
    """Return the event, state or platform of a parameter's name; empty for a shared parameter."""
    if name.split(".")[0] in ("policies", "world"):
        return "one scenario"
    parts = set(re.split(r"[.\-]", name))
    return next((own for own in (*events, *facts.platforms, *facts.states) if own in parts), "")


@dataclass(frozen=True)
class Figure:
    """One observed figure as a target, on the scale of its kind of error."""

    event: str
    episode: str
    """The event, and its episode."""
    series: tuple[str, ...]
    """The series of counts of the same quantity by the same source, whose dates are not
    independent.
    """
    kind: str
    """Its kind of error: a key of `SCALE_OF`."""
    name: str
    """The counted quantity, and its date."""
    observed: float
    tolerance: float
    before: float = 0.0
    """The figure, its tolerance, and its value before [1]."""
    row: str = ""
    date: str = ""
    tests: str = ""
    """Its id in the record, its date, and the tested effect (``kind`` under ``observed:``)."""
    technique: str = ""
    """The technique of the order, or without one, the instrument."""

    def scaled(self, values: Array | float) -> Array:
        """Return values of the figure on the scale of its kind."""
        return SCALES[SCALE_OF[self.kind]].forward(np.asarray(values, np.float64) - self._base)

    @property
    def target(self) -> float:
        """The observed figure on that scale."""
        return float(self.scaled(self.observed))

    @property
    def spread(self) -> float:
        """Standard deviation of the observed figure, on that scale; the tolerance is half of the 90
        % interval.
        """
        slope = SCALES[SCALE_OF[self.kind]].slope(np.asarray(self.observed - self._base))
        return float(slope) * self.tolerance / NORMAL_90

    @property
    def _base(self) -> float:
        """The value from which an increment is counted."""
        return self.before if self.kind == "vpn" else 0.0


def figure_of(past: Past) -> Figure:
    """Return an observed figure of the record as a target."""
    seen = past.observed
    name = " ".join(
        filter(
            None, (past.event, seen.kind, " + ".join(seen.platform), seen.metric, str(seen.date))
        )
    )
    return Figure(
        past.event,
        past.episode,
        past.series,
        error_kind(seen),
        name,
        seen.value,
        seen.tolerance,
        past.about.before,
        seen.row or "",
        seen.date.isoformat(),
        seen.kind,
        past.about.technique,
    )


def digest_of_figures(figures: Sequence[Figure]) -> str:
    """Return a digest of the observed figures and their tolerances."""
    rows = [[one.name, one.episode, one.observed, one.tolerance, one.before] for one in figures]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:16]


def fitted(cases: Sequence[str] | None = None) -> tuple[Past, ...]:
    """Return the figures of the record to fit: scored, of no null case, and of a computed metric.

    They exclude the effect of age checks, because the same few events give the priors of age
    limits.

    Parameters
    ----------
    cases : sequence of str, optional
        Events or episodes; by default all.

    Raises
    ------
    InputError
        If a case is unknown.
    """
    every = [
        past
        for past in record()
        if not past.about.is_null
        and past.observed.metric in METRICS
        and error_kind(past.observed) in ESTIMATED
        if past.about.technique != "age_limit"
    ]
    wanted = [case.rpartition("/")[2] for case in cases or ()]
    check_all(
        case_problems(
            wanted,
            list(dict.fromkeys(name for past in every for name in (past.event, past.episode))),
        )
    )
    return tuple(
        past for past in every if not wanted or past.event in wanted or past.episode in wanted
    )


def counted_contact() -> tuple[Past, ...]:
    """Return the figures of lost contact. No clean counts exist, so they only measure the error."""
    return tuple(
        past_of(row, spec)
        for spec in events()
        for row in spec.observed
        if row.use == "soft" and error_kind(row) == "contact"
    )


def weighing(figures: Sequence[Figure]) -> list[int]:
    """Return the positions of the figures that a posterior weighs: all but those of lost
    contact.
    """
    return [at for at, one in enumerate(figures) if one.kind in ESTIMATED]


def episodes_of(figures: Sequence[Figure]) -> list[str]:
    """Return the episodes, in the order of their first figures."""
    return list(dict.fromkeys(one.episode for one in figures))


@dataclass(frozen=True)
class ParameterRow:
    """The evidence of the data on one parameter."""

    name: str
    scale: str
    """The scale on which its prior is uniform."""
    prior_low: float
    prior_high: float
    """Ends of the prior."""
    low: float
    """5 % of the posterior."""
    median: float
    """50 % of the posterior."""
    high: float
    """95 % of the posterior."""
    chosen: float
    """The chosen value."""
    shrink: float
    """Posterior / prior standard deviation, on the prior's scale; 1 if the data are uninformative
    [1].
    """
    confounded_with: str
    """The parameter with the strongest correlation in the posterior."""
    correlation: float
    """The correlation with that parameter, -1 to 1."""
