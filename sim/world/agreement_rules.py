"""The numbers of the rules of agreeing: shares as quantiles, the rate of agreeing, and the named rules in use."""

from __future__ import annotations

import math
from collections.abc import Mapping
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from sim.people.kernel_types import NEVER_DAYS

STEADY, TOGETHER, WAKES = 0, 0, 0
"""The first of the named rules of `sim/facts/rules.csv`, each by its place among the choices."""


class Draw(NamedTuple):
    """Numbers by which kin ties draw how they come back, each as it is used."""

    news: float  # days until the news of a ban reaches either end, mean
    ready: float  # days until an app that both have is in use, median
    month: float  # rate of agreeing of pairs at the middle [1/day]
    fading: float  # time constant with which it falls, where it does [days]
    spread: float  # of the logarithm of the rate
    together: float  # share of the variance that a household shares
    elder: float  # youth below which somebody is old
    elder_calls: float  # share of the old who only call
    elder_needs: float  # each as the quantile of a standard normal
    young_needs: float
    helper: float
    number: float
    by_phone: float  # chance that the other end can help by telephone
    help: float  # days, median
    route: float  # chance of a third way to arrange it
    route_days: float  # mean
    plan: float  # share with a plan after 45 days of notice
    plan_days: float  # time constant
    exchange: float  # share of those without a number who exchange one, in the end
    follow: float
    follow_days: float  # median
    habit: float
    takeover: float
    phone_days: float
    fear_phone: float  # share of the households that are afraid who give up the telephone, too


def _quantile(share: float) -> float:
    """Return the standard normal number below which a share of all lie."""
    if share <= 0.0:
        return -math.inf
    return NormalDist().inv_cdf(share) if share < 1.0 else math.inf


def monthly_rate(share: float, spread: float, days: float = 30.0) -> float:
    """Return the rate of pairs of middling readiness at which a share of all pairs has agreed in 30 days [1/day].

    Parameters
    ----------
    share : float
        0 to 1: 0 for nobody ever, 1 for everybody at once.
    spread : float
        Of the logarithm of the rate between pairs.
    days : float
        Days at the full rate that 30 days are worth.
    """
    if share <= 0.0:
        return 0.0
    if share >= 1.0:
        return 1e6
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    pace, weights = np.exp(spread * nodes), weights / weights.sum()
    low, high = 1e-9, 1e6
    for _ in range(200):
        middle = math.sqrt(low * high)
        reached = float(weights @ -np.expm1(-days * middle * pace))
        low, high = (middle, high) if reached < share else (low, middle)
    return low


def worth_of(days: float, fading: float) -> float:
    """Return how many days at the first day's rate some days of searching are worth, where the rate fades [days].

    Parameters
    ----------
    days : float
        From the first day on which two can arrange it.
    fading : float
        Time constant with which the rate falls; infinite for a steady one [days].
    """
    return days if math.isinf(fading) else -fading * math.expm1(-days / fading)


def numbers_of(q: Mapping[str, float]) -> Draw:
    """Return the numbers that follow from the parameters and the named rules in force."""
    fading = math.inf if q["kin.agreement_rule"] == STEADY else q["kin.fading_days"]
    return Draw(
        news=q["kin.news_days"],
        ready=q["kin.ready_days"] if q["kin.dormant_rule"] == WAKES else float(NEVER_DAYS),
        month=monthly_rate(q["choice.invite_acceptance"], q["kin.readiness_spread"], worth_of(30.0, fading)),
        fading=fading,
        spread=q["kin.readiness_spread"],
        together=q["kin.household_correlation"],
        elder=_quantile(q["kin.elder_share"]),
        elder_calls=q["kin.elder_calls"],
        elder_needs=_quantile(q["kin.elder_needs_helper"]),
        young_needs=_quantile(q["kin.young_needs_helper"]),
        helper=_quantile(q["kin.helper_at_hand"]),
        number=_quantile(q["phone.number_known"]),
        by_phone=q["kin.help_by_phone"],
        help=q["kin.helper_days"],
        route=q["kin.other_route"],
        route_days=q["kin.other_route_days"],
        plan=q["announcement.plan_share"],
        plan_days=q["announcement.plan_days"],
        exchange=q["announcement.number_share"],
        follow=q["choice.late_acceptance"] if q["kin.household_rule"] == TOGETHER else 0.0,
        follow_days=q["kin.follow_days"],
        habit=q["phone.habit"],
        takeover=q["phone.takeover"],
        phone_days=q["phone.days"],
        fear_phone=q["fear.kin_telephone"],
    )
