"""What a calibration fits: the free parameters with their priors, and the observed figures they must meet.

The parameters stand in ``sim/facts/calibrated.csv``; all events share them. A fact of one event, such as the share of
people with a VPN before, is not fitted: its event file states a range under ``uncertain:``, and every run draws it.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from sim.errors import InputError, Problem, did_you_mean
from sim.evidence.record import Past, record
from sim.experiments.checks import case_problems, check_all
from sim.facts import Facts, load_facts
from sim.facts.tables import Fault, Names, Number, Row, Text, read
from sim.metrics.registry import METRICS
from sim.results.model_error import ESTIMATED, SCALE_OF, SCALES, error_kind

FACTS = Path(__file__).resolve().parents[1] / "facts"
CALIBRATED = FACTS / "calibrated.csv"
NORMAL_90 = 1.645
"""Half-width of the central 90 % of a normal distribution: for what a tolerance is taken [standard deviations]."""

type Array = np.ndarray


@dataclass(frozen=True)
class Free:
    """One parameter that is calibrated, shared by all events.

    Attributes
    ----------
    name : str
    low, high : float
        Ends of the prior, uniform on its scale.
    scale : {"lin", "log"}
    why : str
        What it does to the events.
    """

    name: str
    low: float
    high: float
    scale: str = "lin"
    why: str = ""

    def at(self, u: float) -> float:
        """Return the value at a place in the prior, 0 to 1."""
        u = min(1.0, max(0.0, u))
        if self.scale == "log":
            value = self.low * (self.high / self.low) ** u
        else:
            value = self.low + u * (self.high - self.low)
        return min(self.high, max(self.low, float(f"{value:.6g}")))

    def place(self, value: float) -> float:
        """Return the place of a value in the prior, 0 to 1; what lies outside is put on the edge."""
        value = min(self.high, max(self.low, value))
        if self.scale == "log":
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)


@dataclass(frozen=True)
class Space:
    """All parameters that are calibrated; a point of it is an array of places in the priors, each 0 to 1."""

    free: tuple[Free, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(one.name for one in self.free)

    def values(self, point: Sequence[float] | Array) -> dict[str, float]:
        """Return what the parameters are at a point."""
        return {one.name: one.at(float(u)) for one, u in zip(self.free, point, strict=True)}


@dataclass(frozen=True)
class FreeRow(Row, file="calibrated.csv", key=("name",)):
    """A parameter to calibrate, with its prior."""

    name: Text
    prior_low: Number
    prior_high: Number
    scale: Literal["lin", "log"]
    why: Text

    def faults(self, names: Names) -> Iterator[Fault]:
        """Yield a parameter that is none, or of a single event, platform or state, and a bad range."""
        low, high = self.prior_low, self.prior_high
        parameters = names["facts"].parameters
        owner = _owner(self.name, names["facts"], names["events"])
        if owner:
            found, allowed = f"'{self.name}' belongs to {owner} alone", "parameters that all events share"
            hint = "a fact of one event with a range stands under 'uncertain:' of its file, and is not fitted"
            yield found, f"{allowed}: none has a knob of its own", hint
        elif self.name not in parameters:
            hint = did_you_mean(self.name, parameters)
            yield f"there is no parameter '{self.name}'", "a name in parameters.csv", hint
        if not low < high or (self.scale == "log" and low <= 0):
            yield f"a prior from {low:g} to {high:g}", "prior_low < prior_high, above 0 on a log scale"
        if self.name in parameters and parameters[self.name].unit == "share" and not (low >= 0 and high <= 1):
            yield f"a share from {low:g} to {high:g}", "shares are 0 to 1"


def read_space(path: Path = CALIBRATED, facts: Facts | None = None, events: Sequence[str] = ()) -> Space:
    """Read the table of parameters to calibrate.

    Parameters
    ----------
    path : Path
    facts : Facts, optional
        Whose parameters they are; by default those shipped.
    events : sequence of str
        Names of events: no parameter may belong to one.

    Raises
    ------
    InputError
        Everything that is wrong with it: an unknown parameter, one of a single event, platform or state, a bad range.
    """
    facts = facts or load_facts()
    rows = read(FreeRow, path, {"facts": facts, "events": events}).values()
    if not rows:
        raise InputError(Problem(str(path), "it holds no parameters", "at least one row"))
    return Space(tuple(Free(row.name, row.prior_low, row.prior_high, row.scale, row.why) for row in rows))


def _owner(name: str, facts: Facts, events: Sequence[str]) -> str:
    """Return the event, state or platform that a name belongs to; empty when it is shared by all."""
    if name.split(".")[0] in ("policies", "world"):
        return "one scenario"
    parts = set(re.split(r"[.\-]", name))
    return next((own for own in (*events, *facts.platforms, *facts.states) if own in parts), "")


@dataclass(frozen=True)
class Figure:
    """One observed figure as a target, on the scale of its kind of error.

    Attributes
    ----------
    event, episode : str
        The event, and the episode that it is part of.
    series : tuple of str
        What one meter counts of one thing: its dates are not independent.
    kind : str
        Its kind of error: a key of `SCALE_OF`.
    name : str
        What was counted, and when.
    observed, tolerance, before : float
        The figure, how far a forecast may be off, and what was there before [1].
    """

    event: str
    episode: str
    series: tuple[str, ...]
    kind: str
    name: str
    observed: float
    tolerance: float
    before: float = 0.0

    def scaled(self, values: Array | float) -> Array:
        """Return values of the figure on the scale of its kind."""
        return SCALES[SCALE_OF[self.kind]].forward(np.asarray(values, np.float64) - self._base)

    @property
    def spread(self) -> float:
        """Standard deviation of what was observed, on that scale: the tolerance is the half-width of 90 %."""
        slope = SCALES[SCALE_OF[self.kind]].slope(np.asarray(self.observed - self._base))
        return float(slope) * self.tolerance / NORMAL_90

    @property
    def _base(self) -> float:
        """What an increment comes on top of."""
        return self.before if self.kind == "vpn" else 0.0


def figure_of(past: Past) -> Figure:
    """Return an observed figure of the record as a target."""
    seen = past.observed
    name = " ".join(filter(None, (past.event, seen.kind, " + ".join(seen.platform), seen.metric, str(seen.date))))
    kind = error_kind(seen)
    return Figure(past.event, past.episode, past.series, kind, name, seen.value, seen.tolerance, past.about.before)


def digest_of_figures(figures: Sequence[Figure]) -> str:
    """Return a digest of what was observed, and within what tolerance."""
    rows = [[one.name, one.episode, one.observed, one.tolerance, one.before] for one in figures]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:16]


def fitted(cases: Sequence[str] | None = None) -> tuple[Past, ...]:
    """Return the figures of the record that a calibration meets: scored, no null case, of a metric that is computed.

    Parameters
    ----------
    cases : sequence of str, optional
        Events or episodes; by default all.

    Raises
    ------
    InputError
        A case is unknown.
    """
    every = [
        one
        for one in record()
        if not one.about.is_null and one.observed.metric in METRICS and error_kind(one.observed) in ESTIMATED
    ]
    wanted = [case.rpartition("/")[2] for case in cases or ()]
    check_all(case_problems(wanted, list(dict.fromkeys(name for one in every for name in (one.event, one.episode)))))
    return tuple(one for one in every if not wanted or one.event in wanted or one.episode in wanted)


def episodes_of(figures: Sequence[Figure]) -> list[str]:
    """Return the episodes, in the order of their first figures."""
    return list(dict.fromkeys(one.episode for one in figures))


@dataclass(frozen=True)
class ParameterRow:
    """What the data say of one parameter.

    Attributes
    ----------
    name : str
    scale : {"lin", "log"}
        The scale on which its prior is uniform.
    prior_low, prior_high : float
        Ends of the prior.
    low, median, high : float
        5, 50 and 95 % of the posterior.
    chosen : float
        The value that is taken.
    shrink : float
        Posterior against prior standard deviation, on the prior's scale; 1 where the data say nothing [1].
    confounded_with : str
        The parameter with which it goes most strongly in the posterior.
    correlation : float
        And how strongly, -1 to 1.
    """

    name: str
    scale: str
    prior_low: float
    prior_high: float
    low: float
    median: float
    high: float
    chosen: float
    shrink: float
    confounded_with: str
    correlation: float
