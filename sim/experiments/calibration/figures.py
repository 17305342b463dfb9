"""The targets of a calibration: the observed figures of the record, each on the scale of its kind of error."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.experiments.checks import case_problems, check_all
from sim.experiments.hindcast.circumstances import Past, record
from sim.metrics.registry import METRICS
from sim.results.scales import ESTIMATED, SCALE_OF, SCALES, error_kind

type Array = np.ndarray

NORMAL_90 = 1.645
"""Half-width of the central 90 % of a normal distribution: for what a tolerance is taken [standard deviations]."""


@dataclass(frozen=True)
class Figure:
    """One observed figure.

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


def figure_of(one: Past) -> Figure:
    """Return an observed figure of the record."""
    seen = one.observed
    name = " ".join(filter(None, (one.event, seen.kind, " + ".join(seen.platform), seen.metric, str(seen.date))))
    before = one.about.before
    return Figure(one.event, one.episode, one.series, error_kind(seen), name, seen.value, seen.tolerance, before)


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
    known = list(dict.fromkeys(name for one in every for name in (one.event, one.episode)))
    check_all(case_problems(wanted, known))
    return tuple(one for one in every if not wanted or one.event in wanted or one.episode in wanted)
