"""Forecasts as samples or quantiles, how they are scored, and the rivals that a model must beat.

The formulas agree with the library scoringrules (a test compares them), which takes five seconds to
import.

There are six rivals, each fitted without the episode that it forecasts:

==============
========================================================================================= rival
forecast
==============
========================================================================================= half
every order leaves half of the use of its platform; nothing else changes nothing         nothing
changes curve           hit platforms: lost = dose x (a + b ln(1 + days)), two numbers; everything
else: what was
                there before and the mean rise in the other episodes
duplication     a gain is in proportion to the platform's part in the use of all that stand in for
what was hit, one
                number (the duplication-of-purchase law: people who turn elsewhere spread as
                everybody does); other figures as the curve
regression      a linear law on the scale of the kind of figure: dose, days, VPNs before,
alternatives, with a level
                for each technique, all drawn to their common mean by as much as the other episodes
                say
climatology     the distribution of what came in the other episodes, on top of what was there
before;
                a like technique counts double, a like kind of platform too
==============
=========================================================================================

A series counts once, however many dates it has. A kind that no other episode has is forecast by the
gains (`speed`), or as "nothing changes".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..facts.record import error_of
from ..results.model_error import NODES, SCALE_OF, SCALES, Beside, error_kind
from .record import Past, record

LOW, HIGH = 0.1, 0.9
"""Ends of the interval that is printed: 80 % of a forecast lie within."""


@dataclass(frozen=True)
class Forecast:
    """What is said of one figure beforehand: values with weights; a single value is a point
    forecast.
    """

    values: tuple[float, ...]
    """What may come [1]."""
    weights: tuple[float, ...] = ()
    """How much each counts; all alike where it is empty."""

    def quantile(self, level: float) -> float:
        """Return a quantile: between members where all count alike, else the first value that
        reaches the level.
        """
        if not self.weights:
            return float(np.quantile(self.values, level))
        order = np.argsort(self.values, kind="stable")
        reached = np.cumsum(np.asarray(self.weights)[order]) / sum(self.weights)
        return float(np.asarray(self.values)[order][int(np.searchsorted(reached, level - 1e-12))])

    @property
    def median(self) -> float:
        """The middle of it [1]."""
        return self.quantile(0.5)

    @property
    def low(self) -> float:
        """The lower end of its 80 % interval [1]."""
        return self.quantile(LOW)

    @property
    def high(self) -> float:
        """The upper end of its 80 % interval [1]."""
        return self.quantile(HIGH)

    def crps(self, observed: float) -> float:
        """Return the score of the forecast, see `crps`."""
        return crps(self.values, observed, self.weights)


def with_error(course: np.ndarray, past: Past, *, chance_only: bool = False) -> Beside:
    """Return a figure beside what members say of it, with the model's error from event to event.

    The error is that of the other episodes where the record holds the episode.

    Parameters
    ----------
    course : numpy.ndarray, shape (members, days)
        What each member says, up to the day of the figure [1].
    past : Past
        The figure; what was observed of it is not looked at.
    chance_only : bool
        Whether to leave the model's error out.
    """
    kind = error_kind(past.observed)
    sd = error_of(kind, past.episode, past.about.technique) if kind and not chance_only else 0.0
    return Beside(past.observed, course, before=past.about.before, sd=sd)


def crps(values: Sequence[float], observed: float, weights: Sequence[float] = ()) -> float:
    """Return the continuous ranked probability score of a sample [unit of the figure]; lower is
    better.

    Mean distance of the values from the observed figure, less half their mean distance from each
    other (Gneiting and Raftery 2007, https://doi.org/10.1198/016214506000001437); for one value the
    absolute error.

    Parameters
    ----------
    values : sequence of float
        The sample.
    observed : float
        What was observed.
    weights : sequence of float
        How much each value counts; all alike where it is empty.
    """
    sample = np.asarray(values, dtype=np.float64)
    weight = np.asarray(weights, dtype=np.float64) if len(weights) else np.ones(sample.size)
    order = np.argsort(sample, kind="stable")
    sample, weight = sample[order], weight[order] / weight.sum()
    below = np.cumsum(weight) - weight
    apart = 2.0 * float((weight * sample * (2.0 * below + weight - 1.0)).sum())
    return float((weight * np.abs(sample - observed)).sum()) - 0.5 * apart


def _pinball(levels: Sequence[float], quantiles: Sequence[float], observed: float) -> np.ndarray:
    """Return the quantile score of each quantile, shape (levels,) [unit of the figure]."""
    level, quantile = np.asarray(levels), np.asarray(quantiles)
    return np.asarray(2.0 * ((observed < quantile) - level) * (quantile - observed))


def interval_score(levels: Sequence[float], quantiles: Sequence[float], observed: float) -> float:
    """Return the weighted interval score of a set of quantiles [unit of the figure]; lower is
    better.

    The mean quantile score, which for a median and central intervals is the score of Bracher et al.
    2021 (https://doi.org/10.1371/journal.pcbi.1008618).

    Parameters
    ----------
    levels, quantiles : sequence of float
        The quantiles, by their levels.
    observed : float
        What was observed.
    """
    return float(_pinball(levels, quantiles, observed).mean())


def crps_of_quantiles(
    levels: Sequence[float], quantiles: Sequence[float], observed: float
) -> float:
    """Return the CRPS of a forecast that is known by its quantiles [unit of the figure].

    The quantile score over all levels, taken as straight between those known and as flat beyond the
    outermost.

    Parameters
    ----------
    levels, quantiles : sequence of float
        The quantiles, by rising level.
    observed : float
        What was observed.
    """
    scores = _pinball(levels, quantiles, observed)
    return float(np.trapezoid([scores[0], *scores, scores[-1]], np.array([0.0, *levels, 1.0])))


# --- rivals ---------------------------------------------------------------------------------------

RIVALS = ("half", "nothing", "curve", "duplication", "regression", "climatology")
ALIKE = 2.0
"""How much more an outcome counts that shares the technique, or the kind of platform, assumption:
of 1 to 8, held-out CRPS hardly depends on it [1].
"""
SPREADS = (0.0, 0.1, 0.3, 1.0)
"""Standard deviations of slopes and of techniques' levels that a regression tries, in those of its
residuals [1] (assumption).
"""
LOOSE = 10.0
"""The same of its mean level: wide (assumption) [1]."""
_LITTLE = 0.01
_INSTEAD = {"speed": "gained"}


@dataclass(frozen=True)
class Curve:
    """A fitted curve of enforcement.

    Attributes
    ----------
    at_once, later : float
        ``a`` and ``b`` of the formula [1].
    """

    at_once: float
    later: float

    def kept(self, dose: float, days: int) -> float:
        """Return the share of use that is left, so many days after the first order came into force
        [1].
        """
        return min(1.0, max(0.0, 1.0 - dose * (self.at_once + self.later * float(np.log1p(days)))))


def fit_curve(past: Sequence[Past]) -> Curve:
    """Fit the curve to platforms that an order had hit, by least squares, not negative; each series
    counts once.
    """
    from scipy.optimize import nnls

    kept = [
        one for one in past if one.observed.kind == "kept" and one.observed.reference_day is None
    ]
    hit = [one for one in kept if one.about.dose > 0]
    if not hit:
        return Curve(0.0, 0.0)
    root = np.sqrt(_weights(hit))
    dose = np.array([one.about.dose for one in hit]) * root
    lasting = np.log1p([one.about.days for one in hit])
    lost = np.array([1.0 - one.observed.value for one in hit]) * root
    return Curve(*map(float, nnls(np.stack([dose, dose * lasting], axis=1), lost)[0]))


def rivals(target: Past, past: Sequence[Past] | None = None) -> dict[str, Forecast]:
    """Return what each rival says of a figure.

    Parameters
    ----------
    target : Past
        The figure; what was observed of it is not looked at.
    past : sequence of Past, optional
        Figures to learn from; by default the shipped record. Those of the target's episode are left
        out.
    """
    others = [
        one
        for one in (record() if past is None else past)
        if one.episode != target.episode and one.event != target.event and not one.about.is_null
    ]
    kind, about = target.observed.kind, target.about
    like = [one for one in others if one.observed.kind == kind]
    like = like or [one for one in others if one.observed.kind == _INSTEAD.get(kind)]
    before = about.before
    halved = about.is_hit and kind in ("kept", "return")
    curve = before
    if kind == "kept":
        if about.is_hit:
            fitted = fit_curve(others)
            curve = fitted.kept(about.dose, about.days) / max(
                _LITTLE, fitted.kept(*about.reference)
            )
    elif like:
        curve = before + float(np.average([_rise(one) for one in like], weights=_weights(like)))
    parts, roots = np.array([one.about.part for one in like]), np.sqrt(_weights(like))
    rises = np.array([_rise(one) for one in like])
    bottom = float(((parts * roots) ** 2).sum()) if like else 0.0
    duplicated = float((parts * rises * roots**2).sum()) / bottom if bottom > 0.0 else 0.0
    return {
        "half": Forecast((0.5 * before if halved else before,)),
        "nothing": Forecast((before,)),
        "curve": Forecast((curve,)),
        "duplication": Forecast(
            (before + duplicated * about.part if kind in ("gained", "speed") else curve,)
        ),
        "regression": _regression(target, like),
        "climatology": _climatology(target, like),
    }


def _regression(target: Past, like: Sequence[Past]) -> Forecast:
    """Return the forecast of a hierarchical linear regression on the circumstances.

    Slopes and the levels of techniques have normal priors around 0, whose spreads are those under
    which the other episodes are likeliest (empirical Bayes); a technique that the record does not
    have gets the mean level, and its spread. Each series counts once.
    """
    kind = error_kind(target.observed)
    same = [one for one in like if error_kind(one.observed) == kind]
    if not same or not kind:
        return Forecast((target.about.before,))
    scale, every = SCALES[SCALE_OF[kind]], [*same, target]
    base = np.array([one.about.before if kind == "vpn" else 0.0 for one in every])
    seen = scale.forward(np.array([one.observed.value for one in same]) - base[:-1])
    slopes = np.array([_features(one) for one in every])
    slopes = np.clip(
        slopes, slopes[:-1].min(axis=0), slopes[:-1].max(axis=0)
    )  # nothing is extrapolated
    away = slopes[:-1].std(axis=0)
    slopes = (slopes - slopes[:-1].mean(axis=0)) / np.where(away > 0.0, away, 1.0) * (away > 0.0)
    techniques = np.array([one.about.technique for one in every])
    alike = techniques[:, None] == techniques
    noise, middle = np.diag(1.0 / _weights(same)), float(np.average(seen, weights=_weights(same)))
    best, chosen = -np.inf, (middle, 1.0)
    for slope in SPREADS:
        for level in SPREADS:
            shared = LOOSE**2 + slope**2 * slopes @ slopes.T + level**2 * alike
            known = shared[:-1, :-1] + noise
            solved = np.linalg.solve(known, np.stack([seen - middle, shared[:-1, -1]], axis=1))
            residual = float((seen - middle) @ solved[:, 0]) / len(seen)
            likely = -0.5 * (len(seen) * np.log(max(residual, 1e-12)) + np.linalg.slogdet(known)[1])
            if likely > best:
                spread = residual * (1.0 + shared[-1, -1] - shared[-1, :-1] @ solved[:, 1])
                best, chosen = (
                    likely,
                    (middle + float(shared[:-1, -1] @ solved[:, 0]), float(np.sqrt(spread))),
                )
    values = scale.back(chosen[0] + chosen[1] * NODES) + base[-1]
    return Forecast(tuple(map(float, values)))


def _features(one: Past) -> tuple[float, ...]:
    """Return what the regression knows of a figure: dose, days, VPNs before, alternatives, part in
    what is used.
    """
    about = one.about
    lasting = float(np.log1p(about.days)) - (
        float(np.log1p(about.reference[1])) if about.reference[0] else 0.0
    )
    return (
        about.dose - about.reference[0],
        about.dose * lasting,
        about.vpn_share,
        about.alternatives,
        about.part,
    )


def _climatology(target: Past, like: Sequence[Past]) -> Forecast:
    """Return the distribution of the outcomes of other episodes."""
    if not like:
        return Forecast((target.about.before,))
    own = target.about
    weights = _weights(like)
    for at, one in enumerate(like):
        weights[at] *= ALIKE if one.about.technique == own.technique else 1.0
        weights[at] *= ALIKE if one.about.platform_kind == own.platform_kind else 1.0
    return Forecast(tuple(own.before + _rise(one) for one in like), tuple(map(float, weights)))


def _rise(one: Past) -> float:
    """Return how far a figure is from what was there before [1]."""
    return one.observed.value - one.about.before


def _weights(past: Sequence[Past]) -> np.ndarray:
    """Return weights by which each series counts once, shape (figures,)."""
    dates = Counter(one.series for one in past)
    return np.array([1.0 / dates[one.series] for one in past])
