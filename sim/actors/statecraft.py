"""The rules of states: fear of a foreign firm, political cost, answers in proportion, imitation, coalition, pressure.

Pure functions on arrays of states and of firms that could be a target; nothing here depends on their names.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

REASONS = ("economy", "technology", "popularity")


class Reasons(NamedTuple):
    """The three reasons to fear a firm, each 0 to 1, shape (states, targets)."""

    economy: np.ndarray
    technology: np.ndarray
    popularity: np.ndarray


class Government(NamedTuple):
    """The government of a state.

    Attributes
    ----------
    readiness : float
        How ready to act it is, against that of the first day [1].
    since : int
        Day on which it took office; -1 for that of the first day [day of the run].
    row : str
        Id of the decision that says so; empty for the first one.
    """

    readiness: float = 1.0
    since: int = -1
    row: str = ""


def rivalry(alliance: np.ndarray, likeness: np.ndarray, product: np.ndarray, ally_discount: float) -> np.ndarray:
    """Return how far each state sees another as a rival [1], shape (states, states), row by row.

    A rival is no ally, is ruled otherwise, and is not small beside oneself.

    Parameters
    ----------
    alliance, likeness : numpy.ndarray, shape (states, states)
        Strength of alliance and likeness of regime [1].
    product : numpy.ndarray, shape (states,)
        Gross domestic product [US$].
    ally_discount : float
        Share of it that a full alliance takes away [1].
    """
    out = (1.0 - ally_discount * alliance) * (1.0 - likeness) * size_ratio(product)
    np.fill_diagonal(out, 0.0)
    return np.asarray(out)


def size_ratio(product: np.ndarray) -> np.ndarray:
    """Return the size of each economy beside each other [1], 1 for an equal or a larger one, shape (states, states)."""
    return np.asarray(np.minimum(1.0, 2.0 * product[None, :] / (product[None, :] + product[:, None])))


def fear(reasons: Reasons, weights: tuple[float, float, float], rival: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what each state fears of each target, and the number of the leading reason, shape (states, targets).

    Parameters
    ----------
    reasons : Reasons
    weights : tuple of float
        One for each reason.
    rival : numpy.ndarray, shape (states, targets)
        Rivalry with the target's home [1]; 0 at home.
    """
    parts = np.stack([w * part for w, part in zip(weights, reasons, strict=True)])
    return np.asarray(parts.sum(axis=0) * rival), np.asarray(parts.argmax(axis=0))


def political_cost(
    users: np.ndarray, diaspora: np.ndarray, exposure: np.ndarray, weights: tuple[float, float, float]
) -> np.ndarray:
    """Return what banning each target costs each government [1], shape (states, targets).

    Parameters
    ----------
    users : numpy.ndarray, shape (states, targets)
        Share of the people who use it, weighted by what its kind is worth against a messenger [1].
    diaspora : numpy.ndarray, shape (states, targets)
        Share of the people who come from its home and would lose a channel there [1].
    exposure : numpy.ndarray, shape (states, targets)
        Exposure to the target's home: of the state's own firms, or of its trade [1].
    weights : tuple of float
        One for each.
    """
    return np.asarray(weights[0] * users + weights[1] * diaspora + weights[2] * exposure)


def harm(revenue: np.ndarray, users: np.ndarray, people: np.ndarray) -> np.ndarray:
    """Return what a target's home loses when a state bans it [US$ bn a year], shape (states, targets).

    Its revenue falls by the state's part of its users (assumption: a user is worth the same everywhere).
    """
    here = users * people[:, None]
    world = here.sum(axis=0)
    return np.asarray(np.divide(here * revenue, world, out=np.zeros_like(here), where=world > 0))


def to_answer(suffered: float, inflicted: float, strength: float) -> float:
    """Return the harm that is still to be answered [US$ bn a year]; negative when more was done than suffered.

    Parameters
    ----------
    suffered, inflicted : float
        Harm in force, to this state by another and the other way round [US$ bn a year].
    strength : float
        Harm returned for each unit suffered [1]. Two states with strengths whose product is below 1 come to rest;
        above it the dispute grows until nothing is left to ban (Richardson 1960, Arms and Insecurity).
    """
    return strength * suffered - inflicted


def best_answer(wanted: float, harms: np.ndarray, slack: float) -> int:
    """Return the place of the policy whose harm is closest in proportion to what is wanted; -1 for none.

    Parameters
    ----------
    wanted : float
        Harm to be answered [US$ bn a year].
    harms : numpy.ndarray, shape (targets,)
        Harm that each possible policy does; 0 for what is no choice.
    slack : float
        How many times the wanted harm a policy may do at most [1].
    """
    fits = (harms > 0) & (harms <= slack * wanted)
    if wanted <= 0 or not fits.any():
        return -1
    off = np.where(fits, np.abs(np.log(np.where(fits, harms, 1.0)) - math.log(wanted)), np.inf)
    return int(off.argmin())


def closeness(
    alliance: np.ndarray, trade: np.ndarray, likeness: np.ndarray, weights: tuple[float, float, float], full: float
) -> np.ndarray:
    """Return how close each state is to another as a model to follow [1], shape (states, states).

    Alliances first, then trade, then likeness of regime: the order of Li 2022.

    Parameters
    ----------
    alliance, trade, likeness : numpy.ndarray, shape (states, states)
    weights : tuple of float
        One for each.
    full : float
        Trade share from which trade counts in full [1].
    """
    out = weights[0] * alliance + weights[1] * np.minimum(1.0, trade / full) + weights[2] * likeness
    np.fill_diagonal(out, 0.0)
    return np.asarray(out)


def chance(rate: float, days: float) -> float:
    """Return the chance that something with a monthly rate happens within so many days [1]."""
    return 1.0 - math.exp(-max(0.0, rate) * days / 30.0)


def grown(share: np.ndarray, log: np.ndarray) -> np.ndarray:
    """Return shares of people whose odds have grown by a factor, given as its logarithm; never above 1, shape kept."""
    factor = np.exp(log)
    return np.asarray(share * factor / (1.0 - share + share * factor))


def contest_moved(revenue: np.ndarray, own_best: np.ndarray, size: np.ndarray, product: np.ndarray) -> np.ndarray:
    """Return by how much economic rivalry has moved since the first day [1], shape (states, targets).

    The scale is that of the first day, so that a contest that grows counts for more than the largest of then.

    Parameters
    ----------
    revenue : numpy.ndarray, shape (targets,)
        What each target earned on the first day [US$ bn a year].
    own_best : numpy.ndarray, shape (states, targets)
        What the state's largest firm in the target's sector earned [US$ bn a year].
    size, product : numpy.ndarray, shape (targets,) and (states,)
        Logarithm of the growth of each target, and of each state's economy, with which its own firms grow [1].
    """
    then = np.log1p(np.minimum(revenue[None, :], own_best))
    now = np.log1p(np.minimum(revenue * np.exp(size), own_best * np.exp(product)[:, None]))
    most = float(then.max(initial=0.0))
    return np.asarray((now - then) / most if most > 0 else np.zeros_like(then))


def turnover(freedom: np.ndarray, free: float, unfree: float) -> np.ndarray:
    """Return the rate at which governments change [1/month], shape as ``freedom``.

    Parameters
    ----------
    freedom : numpy.ndarray, shape (states,)
        How free each state is [1].
    free, unfree : float
        Rate of a wholly free and of a wholly unfree state [1/year].
    """
    return np.asarray((unfree + (free - unfree) * freedom) / 12.0)


def echoed(depths: np.ndarray, echo: float) -> np.ndarray:
    """Return how far harm counts as a wrong [1], shape as ``depths``: an answer less than what it answers, and so on.

    Parameters
    ----------
    depths : numpy.ndarray of int
        Answers in a row behind each policy: 0 for one that answers nothing.
    echo : float
        Share that is left with each answer [1]. With a strength r, the n-th answer to a first harm H is
        r^n echo^(n (n - 1) / 2) H: a dispute is bounded for any strength where the echo is below 1.
    """
    return np.asarray(np.power(echo, np.asarray(depths, dtype=float)))


def leaving_rate(willing_now: float, willing_then: float, rate: float) -> float:
    """Return the rate at which a member leaves a programme [1/month]; none while it is as willing as when it joined.

    Parameters
    ----------
    willing_now, willing_then : float
        Willingness today, and on the day on which it joined [1].
    rate : float
        Rate of a member that has lost all of it [1/month].
    """
    return rate * max(0.0, 1.0 - willing_now / willing_then) if willing_then > 0 else rate


def joining_rate(willing: np.ndarray, dependence: np.ndarray, rate: float) -> np.ndarray:
    """Return the rate at which states join a programme if its leader had time for each of them [1/month].

    Parameters
    ----------
    willing : numpy.ndarray, shape (states,)
        Closeness to the leader times rivalry with the adversary [1].
    dependence : numpy.ndarray, shape (states,)
        Trade with the adversary against that from which a state never joins [1].
    rate : float
        Rate of a wholly willing state [1/month].
    """
    return np.asarray(rate * willing * np.maximum(0.0, 1.0 - dependence))


def shared_effort(rates: np.ndarray, most: float) -> np.ndarray:
    """Return rates at which states join when the leader wins over only so many a month, shape as ``rates`` [1/month].

    States join one talk at a time. While more are willing than the leader can talk to, its effort goes to each in
    proportion to how willing it is, and members grow by the same number every month; once few are left, each joins at
    its own rate.

    Parameters
    ----------
    rates : numpy.ndarray
        Rates if the leader had time for each [1/month].
    most : float
        States that a leader can win over in a month at most [states/month].
    """
    wanted = float(rates.sum())
    return np.asarray(rates * min(1.0, most / wanted) if wanted > 0 else rates)


def pressure(contact: np.ndarray, surplus: np.ndarray, freedom: np.ndarray, q: dict[str, float]) -> np.ndarray:
    """Return the pressure on each government from its people [1], shape (states,).

    Parameters
    ----------
    contact : numpy.ndarray, shape (states,)
        Share of the people who have lost every platform channel to their family abroad [1].
    surplus : numpy.ndarray, shape (states,)
        Consumer surplus lost [US$ a day and user].
    freedom : numpy.ndarray, shape (states,)
        How free the state is [1]: an unfree government hears less.
    q : dict
        Parameters of ``pushback``.
    """
    heard = 1.0 - q["pushback.deaf_share"] * (1.0 - freedom)
    felt = q["pushback.contact"] * contact + q["pushback.surplus"] * np.maximum(0.0, surplus)
    return np.asarray(heard * felt)
