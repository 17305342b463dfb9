"""The condition of everybody on the first day, and the keys of chance of each day."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from sim.chance import Purpose, stream
from sim.mechanisms.agenda import Agenda, first_agenda
from sim.mechanisms.own import Own, first_own
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


@lru_cache(maxsize=1024)  # both arms ask for it, and every arm that is simulated again
def luck_of(seed: int, day: int) -> Luck:
    """Return the keys of chance of one day; what is drawn once in a life has the key of the first day."""
    return as_record(
        Luck(**{name: stream(seed, purpose, day if name in _DAILY else 0) for name, purpose in _PURPOSE.items()})
    )


def first_condition(first: Rows, c: Columns, rules: Rules, seed: int, days: int) -> tuple[Rows, Own, Agenda]:
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
    own : Own
        How likely each uses each platform, and the rest that no contact looks at.
    agenda : Agenda
    """
    people = _lines(first.size)
    for name in FIRST.names or ():
        people[name] = first[name]
    people["using"] = people["first_member"] = first["member"]
    people["first_vpn"] = first["vpn"]
    own = first_own(first.size, c.platform)
    return people, own, first_agenda(people, len(c.taste), rules.review_days, seed, days)


def _lines(people: int) -> Rows:
    """Return rows of zeros, each of which is one line of a processor's cache: nobody is fetched in two parts."""
    room = np.zeros((people + 1) * PERSON.itemsize, np.uint8)
    first = -room.ctypes.data % PERSON.itemsize
    return room[first : first + people * PERSON.itemsize].view(PERSON)
