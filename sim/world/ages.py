"""The ages of people, in full years.

A person's youth (`splinternet.world.people`), standard normal among the internet users of a state,
is a rank by age: the youngest user has the highest youth. The age is read at that rank in the ages
of the state's internet users. Age is therefore correlated with everything that depends on youth
(platforms, ease with workarounds, activity), and needs no other random number.

The internet users of a state by age are its population by age times the share of each age that is
online. The shares by age are known for one state. In other states, one factor on their odds gives
the number of users in the facts.

If a policy of the scenario names an age, use is matched to ages more closely: users of a platform
with figures in ``platform_ages.csv`` have the age distribution of these figures. A platform keeps
its number of users in each group. Scenarios without ages do not change.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from statistics import NormalDist

import numpy as np

from ..facts.people import GROUP_YEARS, OLDEST, ONLINE, USE, Ages
from ..facts.tables import read
from ..people.setting import Setting
from ..scenario import Scenario

SURVEYED = slice(5, 75)
"""Ages to which a state's share of people online refers [years] (assumption: surveys start at 3 to
16 years, and most end at 74). The profile gives the share of older people.
"""
MOST_ONLINE = 0.999  # assumption: in no state is everybody online
USUAL = "US"
"""The state whose use by age also applies to states without figures (assumption)."""
_HALVINGS = 60


def population_by_age(states: Sequence[str], year: int) -> np.ndarray:
    """Return the people of states by full year of age.

    Parameters
    ----------
    states : sequence of str
        Codes; an unknown code stands for all places that are not listed.
    year : int
        The nearest year in ``ages.csv`` is used; of equally near ones, the earlier.

    Returns
    -------
    numpy.ndarray, shape (states, 101)
        The people of a five-year group are spread evenly (assumption); the last age includes all
        above [thousands of persons].
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
        state: np.concatenate(
            [np.repeat(np.array(row.people[:-1]) / GROUP_YEARS, GROUP_YEARS), row.people[-1:]]
        )
        for (state, known), row in rows.items()
        if known == nearest
    }


def online_by_age(population: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Return the share of each age that uses the Internet.

    Parameters
    ----------
    population : numpy.ndarray, shape (states, 101)
    share : numpy.ndarray, shape (states,)
        Share of people of the ages `SURVEYED` who are online [1].

    Returns
    -------
    numpy.ndarray, shape (states, 101)
        Shares whose odds are those of ``internet_ages.csv`` times a factor for each state [1].
    """
    usual = np.zeros(OLDEST + 1)
    for (youngest, oldest), row in read(ONLINE).items():
        usual[youngest : oldest + 1] = row.value
    odds = usual / (1.0 - usual)
    # logarithm of the factor
    low = np.full(len(share), -30.0)
    high = np.full(len(share), 30.0)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        online = odds * np.exp(middle)[:, None]
        online /= 1.0 + online
        found = (population * online)[:, SURVEYED].sum(axis=1) / population[:, SURVEYED].sum(axis=1)
        low = np.where(found < share, middle, low)
        high = np.where(found < share, high, middle)
    return np.asarray(online)


def user_ages(setting: Setting, year: int) -> np.ndarray:
    """Return the ages of the internet users of each state.

    Parameters
    ----------
    setting : Setting
    year : int
        Year of the first day.

    Returns
    -------
    numpy.ndarray, shape (states, 101)
        Share of the users of each age in full years; each row sums to 1 [1].
    """
    return setting.once(("ages of users", year), lambda: _user_ages(setting, year))


def _user_ages(setting: Setting, year: int) -> np.ndarray:
    """Work out the ages of the internet users of each state."""
    population = population_by_age(setting.states, year)
    share = np.array(
        [
            setting.users[code] / setting.state_facts[code].population.value
            for code in setting.states
        ]
    )
    users = population * online_by_age(population, np.minimum(share, MOST_ONLINE))
    ages = np.asarray(users / users.sum(axis=1, keepdims=True))
    ages.flags.writeable = False
    return ages


def age_steps(ages: np.ndarray) -> np.ndarray:
    """Return the rank from which people are older than each age.

    Parameters
    ----------
    ages : numpy.ndarray, shape (states, 101)
        Share of the users of each age.

    Returns
    -------
    numpy.ndarray, shape (states, 100)
        In column *a*, the lowest rank, standard normal and rising with age, of people older than
        *a* full years.
    """
    younger = np.cumsum(ages, axis=1)[:, :-1] / ages.sum(axis=1, keepdims=True)
    inverse = NormalDist().inv_cdf
    inside = [
        [inverse(p) if 0.0 < p < 1.0 else np.inf * (p - 0.5) for p in row]
        for row in younger.tolist()
    ]
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


def uses_ages(spec: Scenario) -> bool:
    """Return whether a policy of a scenario names an age, so that the ages of each platform's users
    matter.
    """
    return any(policy.names_age() for policy in spec.policies)


def use_by_age(setting: Setting) -> dict[tuple[int, int], np.ndarray]:
    """Return the use of each platform among people of each age.

    Parameters
    ----------
    setting : Setting

    Returns
    -------
    mapping of (int, int) to numpy.ndarray, shape (101,)
        By the numbers of state and platform: share of the people of each age who use it, of which
        only the proportions matter; 0 without a figure. A state without figures has those of the
        United States (assumption), except for platforms that ``youth_lean.csv`` covers in that
        state.
    """
    figures: dict[tuple[str, str], np.ndarray] = {}
    for (state, platform, youngest, oldest), figure in read(USE).items():
        figures.setdefault((state, platform), np.zeros(OLDEST + 1))[youngest : oldest + 1] = (
            figure.value
        )
    found = {}
    for column, platform in enumerate(setting.platforms):
        names = setting.platform_facts[platform].words()
        for row, state in enumerate(setting.states):
            own = next((figures[state, name] for name in names if (state, name) in figures), None)
            if own is None and (state, platform) not in setting.facts.youth_lean:
                own = next(
                    (figures[USUAL, name] for name in names if (USUAL, name) in figures), None
                )
            if own is not None:
                found[row, column] = own
    return found


def places_by_age(sizes: np.ndarray, use: np.ndarray, users: int) -> np.ndarray:
    """Return the number of a platform's users of each age.

    Parameters
    ----------
    sizes : numpy.ndarray of int, shape (ages,)
        People of each age who could use it.
    use : numpy.ndarray, shape (ages,)
        Relative frequency of use by age.
    users : int
        Number of all users, at most that of people.

    Returns
    -------
    numpy.ndarray of int, shape (ages,)
        Users in proportion to ``use``, at most the people of each age; their sum is ``users``.
    """
    wanted = np.zeros(len(sizes))
    full = np.zeros(len(sizes), np.bool_)
    use = np.maximum(
        use, 1e-9
    )  # ages without figures supply users only if all people of the others use it
    while True:
        weight = np.where(full, 0.0, use * sizes)
        left = users - sizes[full].sum()
        wanted = np.where(full, sizes, left * weight / max(weight.sum(), 1e-300))
        over = ~full & (wanted > sizes)
        if not over.any():
            break
        full |= over
    whole = np.minimum(np.floor(wanted + 1e-9).astype(np.int64), sizes)
    # The largest remainders get the remaining users, as in the allocation of seats to parties.
    order = np.argsort(-(wanted - whole) - 2.0 * (whole < sizes), kind="stable")
    whole[order[: users - int(whole.sum())]] += 1
    return np.asarray(whole)


def highest_by_age(score: np.ndarray, users: int, ages: np.ndarray, use: np.ndarray) -> np.ndarray:
    """Return the people with the highest scores of each age, in the numbers from `places_by_age`.

    Parameters
    ----------
    score : numpy.ndarray, shape (people,)
        Score of each person; minus infinity for people who cannot use the platform.
    users : int
        Number of users, at most that of people who can use it.
    ages : numpy.ndarray of uint8, shape (people,)
    use : numpy.ndarray, shape (101,)
        Use by age, from `use_by_age`.

    Returns
    -------
    numpy.ndarray of int, shape (users,)
        Positions among the people.
    """
    kinds, kind = np.unique(use[ages], return_inverse=True)
    sizes = np.bincount(kind[np.isfinite(score)], minlength=len(kinds))
    order = np.lexsort((-score, kind))
    first = np.searchsorted(kind[order], np.arange(len(kinds)))
    places = places_by_age(sizes, kinds, users)
    return np.concatenate(
        [order[start : start + n] for start, n in zip(first, places.tolist(), strict=True)]
    )
