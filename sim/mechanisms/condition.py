"""The condition of everybody on the first day, and the keys of chance of each day."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from sim.chance import Purpose, stream
from sim.kernels import kernel
from sim.mechanisms.agenda import Agenda, first_agenda
from sim.mechanisms.choice import chance_of_use
from sim.mechanisms.settings import FIRST, PERSON, Columns, Luck, Rows, Rules, as_record

_DAILY = ("review", "lapse", "comeback", "join", "fatigue", "push", "aware", "find", "drop", "trial", "settle")
_PURPOSE = {
    "provider": Purpose.PROVIDER_LUCK,
    "vpn": Purpose.VPN_LUCK,
    "device": Purpose.DEVICE,
    "value": Purpose.VALUE,
    "patience": Purpose.PATIENCE,
    "install": Purpose.INSTALL,
    "sideload": Purpose.SIDELOAD,
    "review": Purpose.REVIEW,
    "lapse": Purpose.LAPSE,
    "comeback": Purpose.RETURN,
    "join": Purpose.JOIN,
    "fatigue": Purpose.FATIGUE,
    "agree_on": Purpose.AGREE_ON,
    "knows": Purpose.KNOWS,
    "returner": Purpose.RETURNER,
    "obey": Purpose.OBEY,
    "keeper": Purpose.KEEPER,
    "dormant": Purpose.DORMANT,
    "aware": Purpose.AWARE,
    "find": Purpose.FIND,
    "drop": Purpose.DROP,
    "trial": Purpose.TRIAL,
    "settle": Purpose.SETTLE,
    "follow": Purpose.FOLLOWER,
    "maker": Purpose.MAKER,
    "push": Purpose.PUSH,
}


@lru_cache(maxsize=1024)  # both arms ask for it, and every arm that is lived through again
def luck_of(seed: int, day: int) -> Luck:
    """Return the keys of chance of one day; what is drawn once in a life has the key of the first day."""
    return as_record(
        Luck(**{name: stream(seed, purpose, day if name in _DAILY else 0) for name, purpose in _PURPOSE.items()})
    )


@kernel
def _first_use(c: Columns, people: Rows, use: np.ndarray) -> None:
    for i in range(people.size):
        for p in range(c.platform.size):
            if people[i].member & (1 << p):
                use[i, p] = chance_of_use(1.0, c.platform[p].habit)


def first_condition(first: Rows, c: Columns, rules: Rules, seed: int, days: int) -> tuple[Rows, np.ndarray, Agenda]:
    """Return everybody on the first day: everything held is in use, nobody has anything to decide.

    Parameters
    ----------
    first : numpy.ndarray of FIRST, shape (people,)
        The people of the world; not changed.
    c : Columns
    rules : Rules
    seed : int
    days : int
        Days of the run.

    Returns
    -------
    people : numpy.ndarray of PERSON, shape (people,)
        Everything held works, and nothing is given up.
    use : numpy.ndarray, shape (people, platforms), uint8
        Chance that each uses each platform on a day, in LEVELS.
    agenda : Agenda
    """
    people, use = np.zeros(first.size, PERSON), np.zeros((first.size, c.platform.size), np.uint8)
    for name in FIRST.names or ():
        people[name] = first[name]
    people["using"] = people["first_member"] = first["member"]
    people["first_abroad"], people["first_vpn"] = first["abroad"], first["vpn"]
    _first_use(c, people, use)
    return people, use, first_agenda(people, len(c.taste), rules.review_days, seed, days)
