"""The rules of states as pure functions of arrays: rivals, models to follow, answers, programmes,
and blocs.

Nothing here depends on the names of states or of firms.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

FEARS = ("economy", "technology", "popularity")
"""Reasons for which a state fears a firm, in the order of every table."""


class Government(NamedTuple):
    """The government of a state.

    Attributes
    ----------
    readiness : float
        Readiness to act, relative to that of the first day's government [1].
    since : int
        Day on which it took office; -1 for that of the first day [day of the run].
    row : str
        Id of the decision with the change; empty for the first government.
    """

    readiness: float = 1.0
    since: int = -1
    row: str = ""


def chance(rate: float, days: float) -> float:
    """Return the chance that an event with a monthly rate happens within some days [1]."""
    return 1.0 - math.exp(-max(0.0, rate) * days / 30.0)


def felt(contact: np.ndarray, surplus: np.ndarray, q: Mapping[str, float]) -> np.ndarray:
    """Return the loss from policies that the people of each state feel [1], shape (states,).

    Parameters
    ----------
    contact : numpy.ndarray, shape (states,)
        Share of the people who have lost every platform channel to their family abroad [1].
    surplus : numpy.ndarray, shape (states,)
        Consumer surplus lost [US$ a day and user].
    q : mapping of str to float
        Parameters of ``pushback``.
    """
    return np.asarray(
        q["pushback.contact"] * contact + q["pushback.surplus"] * np.maximum(0.0, surplus)
    )


# --- relations between states ---------------------------------------------------------------------


def rivalry(
    alliance: np.ndarray, likeness: np.ndarray, product: np.ndarray, ally_discount: float
) -> np.ndarray:
    """Return the rivalry that each state (row) sees in each other state [1], shape (states,
    states).

    A rival is not an ally, has a different regime, and is not much smaller.

    Parameters
    ----------
    alliance, likeness : numpy.ndarray, shape (states, states)
        Strength of alliance and likeness of regime [1].
    product : numpy.ndarray, shape (states,)
        Gross domestic product [US$].
    ally_discount : float
        Share of the rivalry that a full alliance removes [1].
    """
    out = (1.0 - ally_discount * alliance) * (1.0 - likeness) * size_ratio(product)
    np.fill_diagonal(out, 0.0)
    return np.asarray(out)


def size_ratio(product: np.ndarray) -> np.ndarray:
    """Return the size of each economy relative to each other one [1], at most 1, shape (states,
    states).
    """
    return np.asarray(
        np.minimum(1.0, 2.0 * product[None, :] / (product[None, :] + product[:, None]))
    )


def closeness(
    alliance: np.ndarray,
    trade: np.ndarray,
    likeness: np.ndarray,
    weights: tuple[float, float, float],
    full: float,
) -> np.ndarray:
    """Return the closeness of each state to each other state as a model to follow [1], shape
    (states, states).

    Alliances first, then trade, then likeness of regime: the order of Li 2022.

    Parameters
    ----------
    alliance, trade, likeness : numpy.ndarray, shape (states, states)
    weights : tuple of float
        Weight of each.
    full : float
        Trade share from which trade counts in full [1].
    """
    out = weights[0] * alliance + weights[1] * np.minimum(1.0, trade / full) + weights[2] * likeness
    np.fill_diagonal(out, 0.0)
    return np.asarray(out)


def with_votes(close: np.ndarray, votes: np.ndarray, weight: float) -> np.ndarray:
    """Return closeness with the likeness of votes as its fourth part [1], shape (states, states).

    If one of two states has no vote, the other three parts have all the weight.

    Parameters
    ----------
    close : numpy.ndarray, shape (states, states)
        Closeness from `closeness`.
    votes : numpy.ndarray, shape (states,)
        Ideal point of each state, over the widest distance of two states [1]; NaN for a state
        without a vote.
    weight : float
        Share of closeness that votes have [1].
    """
    alike = np.maximum(0.0, 1.0 - np.abs(votes[:, None] - votes[None, :]))
    out = np.where(np.isnan(alike), close, (1.0 - weight) * close + weight * alike)
    np.fill_diagonal(out, 0.0)
    return np.asarray(out)


# --- growth ---------------------------------------------------------------------------------------


def grown(share: np.ndarray, log: np.ndarray) -> np.ndarray:
    """Return shares of people after their odds have grown by a factor, given as a logarithm; same
    shape.
    """
    factor = np.exp(log)
    return np.asarray(share * factor / (1.0 - share + share * factor))


def contest_moved(
    revenue: np.ndarray, own_best: np.ndarray, size: np.ndarray, product: np.ndarray
) -> np.ndarray:
    """Return the change of economic rivalry since the first day [1], shape (states, targets).

    The scale is that of the first day, so a growing contest can exceed the largest one of that day.

    Parameters
    ----------
    revenue : numpy.ndarray, shape (targets,)
        What each target earned on the first day [US$ bn a year].
    own_best : numpy.ndarray, shape (states, targets)
        What the state's largest firm in the target's sector earned [US$ bn a year].
    size, product : numpy.ndarray, shape (targets,) and (states,)
        Logarithm of the growth of each target, and of each state's economy, with which its own
        firms grow [1].
    """
    then = np.log1p(np.minimum(revenue[None, :], own_best))
    now = np.log1p(np.minimum(revenue * np.exp(size), own_best * np.exp(product)[:, None]))
    most = float(then.max(initial=0.0))
    return np.asarray((now - then) / most if most > 0 else np.zeros_like(then))


# --- answers and programmes -----------------------------------------------------------------------


def best_answer(wanted: float, harms: np.ndarray, slack: float) -> int:
    """Return the position of the policy whose harm is closest in proportion to that wanted; -1 for
    none.

    Parameters
    ----------
    wanted : float
        Harm to be answered [US$ bn a year].
    harms : numpy.ndarray, shape (targets,)
        Harm that each possible policy does; 0 for an impossible policy.
    slack : float
        Largest allowed harm of a policy, relative to that wanted [1].
    """
    fits = (harms > 0) & (harms <= slack * wanted)
    if wanted <= 0 or not fits.any():
        return -1
    off = np.where(fits, np.abs(np.log(np.where(fits, harms, 1.0)) - math.log(wanted)), np.inf)
    return int(off.argmin())


def joining_rate(willing: np.ndarray, dependence: np.ndarray, rate: float) -> np.ndarray:
    """Return the rate at which states join a programme if its leader had time for each of them
    [1/month].

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
    """Return rates at which states join when the leader can win over a limited number a month,
    shape as ``rates`` [1/month].

    While more states are willing than the leader can talk to, its effort is divided in proportion
    to their rates, and the programme grows by the same number every month; later, each state joins
    at its own rate.

    Parameters
    ----------
    rates : numpy.ndarray
        Rates if the leader had time for each [1/month].
    most : float
        States that a leader can win over in a month at most [states/month].
    """
    wanted = float(rates.sum())
    return np.asarray(rates * min(1.0, most / wanted) if wanted > 0 else rates)


# --- blocs: how many internets there are ----------------------------------------------------------


def likeness_of_access(usable: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return the likeness of access to platforms for each pair of states [1], shape (states,
    states).

    This is the weighted Jaccard index: the share of platforms open to either state that are open to
    both. It depends on access and not on preference, so a preference for a domestic platform does
    not reduce it.

    Parameters
    ----------
    usable : numpy.ndarray, shape (states, platforms)
        Share of each platform that a person in the state gets without effort, 0 to 1.
    weight : numpy.ndarray, shape (platforms,) or (states, platforms)
        Weight of each platform, such as its users worldwide on the first day. With a row for each
        state, the weight for a pair is the product of their rows, such as square roots of use.
    """
    pairs = usable[:, None], usable[None]
    counts = weight if weight.ndim == 1 else weight[:, None] * weight[None]
    either, both = ((counts * table(*pairs)).sum(axis=2) for table in (np.maximum, np.minimum))
    out = np.divide(both, either, out=np.ones_like(both), where=either > 0)
    np.fill_diagonal(out, 1.0)
    return out


def find_blocs(likeness: np.ndarray, together: float) -> np.ndarray:
    """Return the bloc of each state, shape (states,): the number of its first member.

    Blocs grow by average linkage (Sokal & Michener 1958): the two most similar blocs join, as long
    as the average likeness of their members is at least ``together``. Among equal pairs, the first
    one joins.

    Parameters
    ----------
    likeness : numpy.ndarray, shape (states, states)
    together : float
        Average likeness from which two blocs are one [1].
    """
    n = likeness.shape[0]
    bloc = np.arange(n)
    size = np.ones(n)
    mean = likeness.astype(float).copy()
    np.fill_diagonal(mean, -1.0)
    while n > 1:
        a, b = sorted(divmod(int(mean.argmax()), n))
        if mean[a, b] < together or mean[a, b] < 0:
            break
        joined = (size[a] * mean[a] + size[b] * mean[b]) / (size[a] + size[b])
        mean[a] = joined
        mean[:, a] = joined
        mean[b] = -1.0
        mean[:, b] = -1.0
        mean[a, a] = -1.0
        size[a] += size[b]
        bloc[bloc == b] = a
    return bloc


def effective_internets(bloc: np.ndarray, people: np.ndarray) -> float:
    """Return 1 / the sum of squared bloc sizes: 1 for one Internet, k for k blocs of equal size.

    Parameters
    ----------
    bloc : numpy.ndarray of int, shape (states,)
    people : numpy.ndarray, shape (states,)
        Internet users [persons].
    """
    share = np.bincount(bloc, weights=people) / people.sum()
    return float(1.0 / (share**2).sum())


def internets_by_likeness(likeness: np.ndarray, people: np.ndarray) -> float:
    """Return the effective number of internets without any threshold [1].

    The diversity of order 2 with similarities: the inverse of the expected likeness of access of
    two random people (Leinster & Cobbold 2012, https://doi.org/10.1890/10-2402.1).

    Parameters
    ----------
    likeness : numpy.ndarray, shape (states, states)
    people : numpy.ndarray, shape (states,)
        Internet users [persons].
    """
    share = people / people.sum()
    return float(1.0 / (share[:, None] * likeness * share[None, :]).sum())
