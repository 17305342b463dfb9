"""Keep, try, lapse, return: how a person reacts if a platform fails or is worth less than giving it up."""

from __future__ import annotations

import math

from sim.chance import Key, normal, uniform
from sim.kernels import leaf
from sim.mechanisms.settings import LEAST_LEFT, LEVELS, Luck, Rules

SLACK = 1e-12
"""More than what rounding adds to a chance."""


@leaf
def happens(u: float, hazard: float) -> bool:
    """Return whether what has a hazard of at least 0 happens, given a number ``u`` drawn from [0, 1)."""
    # The chance is at most the hazard, so most of the time the exponential is not needed.
    return u <= hazard + SLACK and u < 1.0 - math.exp(-hazard)


@leaf
def lapses(i: int, p: int, worth: float, without: float, rules: Rules, luck: Luck) -> bool:
    """Return whether a person gives up today; one keeps trying longer what is worth more."""
    days = rules.trying_days * math.exp(rules.trying_spread * normal(luck.patience, i)) * max(0.3, worth / without)
    return uniform(luck.lapse, i, p) < 1.0 - math.exp(-1.0 / days)


@leaf
def tires(i: int, p: int, left: float, rules: Rules, luck: Luck) -> bool:
    """Return whether a habit kept by a workaround fades at this review.

    ``left`` is the share of a platform's value that what opens without a workaround leaves. Habits fade at a rate in
    proportion to what the others give against what the platform adds to them: who has nothing instead stays.
    """
    rate = rules.fatigue_rate * (1.0 - left) / max(LEAST_LEFT, left) * rules.review_days
    return happens(uniform(luck.fatigue, i, p), rate)


@leaf
def is_returner(i: int, p: int, away: int, rules: Rules, luck: Luck) -> bool:
    """Return whether somebody ever comes back to a platform that works again; fewer do after a long time away."""
    lost = (1.0 - rules.return_ceiling) * (1.0 - math.exp(-away / rules.return_away_days))
    return uniform(luck.returner, i, p) < 1.0 - lost


@leaf
def comes_back(i: int, p: int, days: int, rules: Rules, luck: Luck) -> bool:
    """Return whether somebody who comes back some day has done so in the days since the last look."""
    return uniform(luck.comeback, i, p) < 1.0 - math.exp(-days / rules.return_days)


@leaf
def chance_of_use(kept: float, habit: float) -> int:
    """Return the chance that a platform is used on a day, in LEVELS, given the share of its value that is left."""
    return int(LEVELS * (1.0 - math.exp(-habit * max(0.0, kept))) + 0.5)


@leaf
def next_review(i: int, day: int, mean: float, key: Key) -> int:
    """Return the day of the next look after one on ``day``, whose stream of chance has the key ``key``."""
    return day + 1 + int(-math.log(1.0 - uniform(key, i)) * mean)
