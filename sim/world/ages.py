"""How old people are, in full years.

A person's youth (`sim.world.people`), standard normal among the internet users of a state, is a rank by age: the
youngest user has the highest youth. The age is read at that rank in the ages of the state's internet users. It
therefore goes with all that goes with youth (platforms, ease with workarounds, activity), and needs no other chance.

The internet users of a state by age are its population by age times the share of each age that is online. How these
shares differ from age to age is a fact of one state; in the others their odds are all higher or lower by one factor,
such that the state has as many users as the facts say.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from statistics import NormalDist

import numpy as np

from ..facts.ages import GROUP_YEARS, OLDEST, ONLINE, Ages
from ..facts.tables import read
from .setting import Setting

SURVEYED = slice(5, 75)
"""Ages to which the share of a state that is online refers (assumption: surveys ask from 3 to 16 years on, most of them
up to 74); older people follow from the profile [years]."""
MOST_ONLINE = 0.999  # assumption: in no state is everybody online
_HALVINGS = 60


def population_by_age(states: Sequence[str], year: int) -> np.ndarray:
    """Return the people of states by full year of age.

    Parameters
    ----------
    states : sequence of str
        A code that is no state's or territory's stands for all places that are not listed.
    year : int
        The nearest year of ``ages.csv`` counts, of two equally near the earlier.

    Returns
    -------
    numpy.ndarray, shape (states, 101)
        The people of a group of five years are spread evenly (assumption); the last age stands for all above [thousands
        of persons].
    """
    people = _people_of(year)
    others = sum(ages for code, ages in people.items() if code not in states)
    return np.array([people.get(code, others) for code in states])


@lru_cache(maxsize=4)
def _people_of(year: int) -> dict[str, np.ndarray]:
    """Return the people of every state and territory by age in the year nearest to one."""
    rows = read(Ages)
    nearest = min((known for _, known in rows), key=lambda known: (abs(known - year), known))
    return {
        state: np.concatenate([np.repeat(np.array(row.people[:-1]) / GROUP_YEARS, GROUP_YEARS), row.people[-1:]])
        for (state, known), row in rows.items()
        if known == nearest
    }


def online_by_age(population: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Return which share of each age uses the Internet.

    Parameters
    ----------
    population : numpy.ndarray, shape (states, 101)
    share : numpy.ndarray, shape (states,)
        Of the people of the ages `SURVEYED` [1].

    Returns
    -------
    numpy.ndarray, shape (states, 101)
        Odds of ``internet_ages.csv`` times a factor that each state has of its own [1].
    """
    usual = np.zeros(OLDEST + 1)
    for (youngest, oldest), row in read(ONLINE).items():
        usual[youngest : oldest + 1] = row.value
    odds = usual / (1.0 - usual)
    low, high = np.full(len(share), -30.0), np.full(len(share), 30.0)  # logarithm of the factor
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        online = odds * np.exp(middle)[:, None]
        online /= 1.0 + online
        found = (population * online)[:, SURVEYED].sum(axis=1) / population[:, SURVEYED].sum(axis=1)
        low, high = np.where(found < share, middle, low), np.where(found < share, high, middle)
    return np.asarray(online)


def user_ages(setting: Setting, year: int) -> np.ndarray:
    """Return how old the internet users of each state are.

    Parameters
    ----------
    setting : Setting
    year : int
        Of the first day.

    Returns
    -------
    numpy.ndarray, shape (states, 101)
        Share of the users who are so many full years old; each row sums to 1 [1].
    """
    population = population_by_age(setting.states, year)
    share = np.array([setting.users[code] / setting.state_facts[code].population.value for code in setting.states])
    users = population * online_by_age(population, np.minimum(share, MOST_ONLINE))
    return np.asarray(users / users.sum(axis=1, keepdims=True))


def age_steps(ages: np.ndarray) -> np.ndarray:
    """Return from which rank on people have each age.

    Parameters
    ----------
    ages : numpy.ndarray, shape (states, 101)
        Share of the users of each age.

    Returns
    -------
    numpy.ndarray, shape (states, 100)
        In column *a*, the lowest rank, standard normal and rising with age, of people older than *a* full years.
    """
    younger = np.cumsum(ages, axis=1)[:, :-1] / ages.sum(axis=1, keepdims=True)
    inverse = NormalDist().inv_cdf
    inside = [[inverse(p) if 0.0 < p < 1.0 else np.inf * (p - 0.5) for p in row] for row in younger.tolist()]
    return np.array(inside)


def age_of(youth: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Return the age of people in full years.

    Parameters
    ----------
    youth : numpy.ndarray, shape (people,)
        Standard normal among the internet users of their state.
    steps : numpy.ndarray, shape (100,)
        Row of the state in `age_steps`.

    Returns
    -------
    numpy.ndarray of uint8, shape (people,)
    """
    return np.searchsorted(steps, -youth, side="right").astype(np.uint8)
