"""Simple rivals, each fitted without the fold of the figure that it forecasts.

==============  ==================================================================================
rival           forecast
==============  ==================================================================================
half            every order leaves half of the use of its platform; nothing else changes
nothing         nothing changes
curve           restricted platforms: lost = dose x (a + b ln(1 + days)); other figures: the
                earlier level plus the mean rise in the other episodes
duplication     a gain is in proportion to the platform's part in the use of all substitutes (the
                duplication-of-purchase law); other figures as in ``curve``
regression      a linear regression on the scale of the kind of figure: dose, days, earlier VPNs,
                alternatives, part in use, with a level for each technique, shrunk to their common
                mean (empirical Bayes)
climatology     the distribution of outcomes in the other episodes, on top of the earlier level; the
                same technique counts double, and so does the same kind of platform
==============  ==================================================================================

A series counts once, however many dates it has. A kind that no other episode has is forecast like
the gains (``speed``), or as "nothing changes".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import numpy as np
import pandas as pd
from scipy.optimize import nnls
from scipy.special import expit, logit
from scipy.stats import norm

from . import outcomes
from .forecasts import Forecast, of_point

RIVALS = ("half", "nothing", "curve", "duplication", "regression", "climatology")
ALIKE = 2.0
"""Relative weight of an outcome with the same technique, or the same kind of platform [1].
Assumption: held-out CRPS hardly depends on it between 1 and 8.
"""
SPREADS = (0.0, 0.1, 0.3, 1.0)
"""Prior standard deviations of slopes and of techniques' levels that a regression tries, relative
to that of its residuals [1] (assumption).
"""
LOOSE = 10.0
"""Prior standard deviation of its mean level: wide (assumption) [1]."""
NODES = norm.ppf((np.arange(21) + 0.5) / 21)
"""Errors in standard deviations: the medians of 21 equal parts of a normal distribution."""
EDGE = 0.02
"""Least distance of a share from 0 and 1, because no measurement of use is finer (assumption)
[1].
"""
SMALL_GAIN = 0.05
"""Increment below which an error is an amount rather than a factor (assumption) [1]."""
LITTLE = 0.01
"""Least share of use that the curve leaves on a reference day [1]."""

_CIRCUMSTANCES = [
    "dose",
    "days",
    "reference_dose",
    "reference_days",
    "vpn_share",
    "alternatives",
    "part",
]

type Scale = tuple[Callable[[np.ndarray], np.ndarray], Callable[[np.ndarray], np.ndarray]]

_LOGIT: Scale = (lambda x: logit(np.clip(x, EDGE, 1.0 - EDGE)), expit)
_ASINH: Scale = (lambda x: np.arcsinh(x / SMALL_GAIN), lambda z: SMALL_GAIN * np.sinh(z))
_LOG: Scale = (lambda x: np.log(np.maximum(x, EDGE)), np.exp)
SCALES: Mapping[str, Scale] = {
    "kept": _LOGIT,
    "contact": _LOGIT,
    "gained": _ASINH,
    "vpn": _ASINH,
    "ratio": _LOG,
}
"""By kind of error: functions to and from a scale on which errors are similar for small and large
figures.
"""


@cache
def rival_forecasts(fold: str) -> dict[str, dict[str, Forecast]]:
    """Return the forecast of each rival for each scored figure, by rival and row.

    Parameters
    ----------
    fold : str
        The held-out fold, one of `outcomes.FOLDS`.
    """
    known = outcomes.figures()
    held_out = outcomes.folds()[fold]
    found: dict[str, dict[str, Forecast]] = {name: {} for name in RIVALS}
    for row in outcomes.scored().index:
        target = known.loc[row]
        apart = (held_out != held_out.loc[row]) & (known["event"] != target["event"])
        for name, forecast in rivals_of(target, known[apart]).items():
            found[name][str(row)] = forecast
    return found


def rivals_of(target: pd.Series, others: pd.DataFrame) -> dict[str, Forecast]:
    """Return the forecast of each rival for a figure.

    Parameters
    ----------
    target : pandas.Series
        The figure; its count is not used.
    others : pandas.DataFrame
        Figures to learn from.
    """
    kind = target["kind"]
    before = target["before"]
    is_hit = target["is_hit"]
    like = others[others["kind"] == kind]
    if like.empty and kind == "speed":
        like = others[others["kind"] == "gained"]
    curve = _curve(target, others, like)
    gains = kind in ("gained", "speed")
    return {
        "half": of_point(0.5 * before if is_hit and kind in ("kept", "return") else before),
        "nothing": of_point(before),
        "curve": of_point(curve),
        "duplication": of_point(before + _duplicated(like) * target["part"] if gains else curve),
        "regression": _regression(target, like),
        "climatology": _climatology(target, like),
    }


def weights_of(figures: pd.DataFrame) -> np.ndarray:
    """Return weights by which each series counts once, (figures,)."""
    return np.asarray(1.0 / figures.groupby("series")["row"].transform("size"), dtype=float)


def _rises(figures: pd.DataFrame) -> np.ndarray:
    """Return the change of figures from their earlier values [1]."""
    return (figures["value"] - figures["before"]).to_numpy(float)


def fit_curve(figures: pd.DataFrame) -> tuple[float, float]:
    """Return ``a`` and ``b`` of the curve, not negative, by least squares on restricted platforms
    [1].
    """
    hit = figures[
        (figures["kind"] == "kept") & (figures["dose"] > 0) & (figures["error_kind"] != "ratio")
    ]
    if hit.empty:
        return 0.0, 0.0
    root = np.sqrt(weights_of(hit))
    dose = hit["dose"].to_numpy(float) * root
    lasting = np.log1p(hit["days"].to_numpy(float))
    lost = (1.0 - hit["value"].to_numpy(float)) * root
    at_once, later = nnls(np.column_stack([dose, dose * lasting]), lost)[0]
    return float(at_once), float(later)


def _curve(target: pd.Series, others: pd.DataFrame, like: pd.DataFrame) -> float:
    """Return the curve's forecast of a figure [1]."""
    before = float(target["before"])
    if target["kind"] != "kept":
        rise = np.average(_rises(like), weights=weights_of(like)) if len(like) else 0.0
        return before + float(rise)
    if not target["is_hit"]:
        return before
    at_once, later = fit_curve(others)

    def kept(dose: float, days: float) -> float:
        return float(np.clip(1.0 - dose * (at_once + later * np.log1p(days)), 0.0, 1.0))

    then = kept(target["reference_dose"], target["reference_days"])
    return kept(target["dose"], target["days"]) / max(LITTLE, then)


def _duplicated(like: pd.DataFrame) -> float:
    """Return the gain for each unit of a platform's part in use [1]."""
    if like.empty:
        return 0.0
    parts = like["part"].to_numpy(float)
    weights = weights_of(like)
    bottom = float((weights * parts**2).sum())
    return float((weights * parts * _rises(like)).sum()) / bottom if bottom > 0.0 else 0.0


def _features(figures: pd.DataFrame) -> np.ndarray:
    """Return the inputs of the regression: dose, days, VPNs before, alternatives, part in use."""
    known = figures[_CIRCUMSTANCES].astype(float)
    since = np.log1p(known["reference_days"]).where(known["reference_dose"] > 0.0, 0.0)
    return np.column_stack(
        [
            known["dose"] - known["reference_dose"],
            known["dose"] * (np.log1p(known["days"]) - since),
            known["vpn_share"],
            known["alternatives"],
            known["part"],
        ]
    )


def _regression(target: pd.Series, like: pd.DataFrame) -> Forecast:
    """Return the forecast of a hierarchical linear regression on the circumstances.

    Slopes and the levels of techniques have normal priors around 0, with the spreads that maximise
    the likelihood of the other figures (empirical Bayes); a technique without a record has the mean
    level and its spread. Nothing is extrapolated.
    """
    kind = target["error_kind"]
    same = like[like["error_kind"] == kind]
    if same.empty or not kind:
        return of_point(target["before"])
    forward, back = SCALES[kind]
    every = pd.concat([same, target.to_frame().T])
    base = every["before"].to_numpy(float) * (kind == "vpn")
    seen = forward(same["value"].to_numpy(float) - base[:-1])
    slopes = _scaled(_features(every))
    techniques = every["technique"].to_numpy(str)
    alike = techniques[:, None] == techniques
    weights = weights_of(same)
    noise = np.diag(1.0 / weights)
    middle = float(np.average(seen, weights=weights))
    best = -np.inf
    mean = middle
    spread = 1.0
    for slope in SPREADS:
        for level in SPREADS:
            shared = LOOSE**2 + slope**2 * slopes @ slopes.T + level**2 * alike
            known = shared[:-1, :-1] + noise
            solved = np.linalg.solve(known, np.stack([seen - middle, shared[:-1, -1]], axis=1))
            residual = float((seen - middle) @ solved[:, 0]) / len(seen)
            spreads = np.linalg.slogdet(known)[1]
            likely = -0.5 * (len(seen) * np.log(max(residual, 1e-12)) + spreads)
            if likely > best:
                best = likely
                mean = middle + float(shared[:-1, -1] @ solved[:, 0])
                left = 1.0 + shared[-1, -1] - shared[-1, :-1] @ solved[:, 1]
                spread = float(np.sqrt(residual * left))
    return Forecast(back(mean + spread * NODES) + base[-1])


def _scaled(slopes: np.ndarray) -> np.ndarray:
    """Return columns scaled by all rows but the last, which is clipped to their range."""
    known = slopes[:-1]
    inside = np.clip(slopes, known.min(axis=0), known.max(axis=0))
    away = known.std(axis=0)
    return np.asarray(
        (inside - known.mean(axis=0)) / np.where(away > 0.0, away, 1.0) * (away > 0.0)
    )


def _climatology(target: pd.Series, like: pd.DataFrame) -> Forecast:
    """Return the distribution of the outcomes of other episodes."""
    if like.empty:
        return of_point(target["before"])
    weights = weights_of(like)
    for column in ("technique", "platform_kind"):
        weights = weights * np.where(like[column] == target[column], ALIKE, 1.0)
    return Forecast(target["before"] + _rises(like), weights)
