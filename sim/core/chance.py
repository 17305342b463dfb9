"""Counter-based random numbers: every number is a pure function of its purpose.

A number depends only on (seed, purpose, day, person[, item]). The order of work, the number of
threads and other policies do not change the draws of any person. The two arms of a pair have the
same random numbers. The mixing function is the finaliser of SplitMix64 (Steele, Lea & Flood 2014,
https://doi.org/10.1145/2660193.2660195).
"""

from __future__ import annotations

import hashlib
import math
from enum import IntEnum, unique
from typing import Any

import numpy as np
from numba import uint64

from .kernels import leaf

_MASK = 0xFFFFFFFFFFFFFFFF
_GOLDEN = 0x9E3779B97F4A7C15
_PERSON = 0xD1342543DE82EF95
_ITEM = 0xAF251AF3B0F025B5
_STEP_1 = 0xBF58476D1CE4E5B9
_STEP_2 = 0x94D049BB133111EB
_TO_UNIT = 1.0 / 9007199254740992.0  # 2 ** -53

Key = int | np.uint64


Purpose = IntEnum(
    "Purpose",
    {
        "ACTIVITY": 1,
        "COMMUNITY": 2,
        "TASTE": 3,
        "SKILL": 4,
        "VPN_HOLDER": 5,
        "PROVIDER_LUCK": 6,
        "VPN_LUCK": 7,
        "DEVICE": 8,
        "VALUE": 9,
        "PATIENCE": 10,
        "INSTALL": 11,
        "SIDELOAD": 12,
        "DEGREE": 13,
        "FRIEND": 14,
        "RECIPROCAL": 15,
        "HOME_COMMUNITY": 16,
        "HAS_FAMILY": 17,
        "KIN_COUNT": 18,
        "KIN": 19,
        "SINGLE_CHANNEL": 20,
        "SECOND_CHANNEL": 21,
        "FREQUENCY": 22,
        "HOUSEHOLD": 23,
        "NOTICE": 24,
        "READY": 25,
        "NUMBER": 26,
        "ROUTE": 27,
        "NEED": 28,
        "HELPER": 29,
        "FIRST_REVIEW": 30,
        "REVIEW": 31,
        "LAPSE": 32,
        "RETURN": 33,
        "JOIN": 34,
        "FATIGUE": 35,
        "AGREE": 36,
        "AGREE_ON": 37,
        "FOLLOW": 38,
        "MAKER": 39,
        "UNCERTAIN": 40,
        "PUSH": 41,
        "ORDER": 42,
        "YOUTH": 44,
        "BY_PHONE": 45,
        "PHONE": 46,
        "KNOWS": 47,
        "ACCOUNT": 48,
        "RETURNER": 100,
        "OBEY": 101,
        "KEEPER": 102,
        "DORMANT": 103,
        "AWARE": 104,
        "FIND": 105,
        "DROP": 106,
        "TRIAL": 107,
        "SETTLE": 108,
        "FOLLOWER": 109,
        "PLAN": 120,
        "EXCHANGE": 121,
        "AFRAID": 122,
        "STORE_ACCOUNT": 123,
        "CALLER": 124,
        "FEAR": 55,
        "TAIL": 56,
        "FIRM": 60,
        "BOARD_DAY": 61,
        "COURT": 62,
        "SALE": 63,
        "TARGETS": 70,
        "RETALIATION": 71,
        "IMITATION": 72,
        "COALITION": 73,
        "GOVERNMENT": 74,
        "TREND": 75,
        "POLICY_REVIEW": 76,
        "LEAVING": 77,
        "CONCERNED": 130,
        "REGION": 131,
        "CONTROL": 78,
        "CONTROL_ENDS": 79,
        "MOMENTS": 80,
        "DEMANDS": 81,
        "UNREST": 82,
        "CONTROL_WAYS": 83,
        "PACKAGES": 84,
        "LAWS": 85,
        "PRESSED": 86,
        "THREATS": 88,
        "IN_KIND": 89,
        "AUTHORS": 87,
        "CARRIED": 90,
        "ERROR": 91,
    },
)
"""Purposes of random numbers: each has its own numbered stream."""
unique(Purpose)


@leaf
def _mix(x: Any) -> Any:
    x = (x ^ (x >> uint64(30))) * uint64(_STEP_1)
    x = (x ^ (x >> uint64(27))) * uint64(_STEP_2)
    return x ^ (x >> uint64(31))


@leaf
def uniform(key: Key, person: int, item: int = 0) -> float:
    """Return a number in [0, 1) for a person and an item (a platform, a tie, a draw) in the stream
    of ``key``.
    """
    x = _mix(uint64(key) + uint64(person) * uint64(_PERSON) + uint64(item) * uint64(_ITEM))
    return float(x >> uint64(11)) * _TO_UNIT


@leaf
def normal(key: Key, person: int, item: int = 0) -> float:
    """Return a standard normal number (Box and Muller 1958) for a person and an item in the stream
    of ``key``.
    """
    u = 1.0 - uniform(key, person, 2 * item)
    v = uniform(key, person, 2 * item + 1)
    return math.sqrt(-2.0 * math.log(u)) * math.cos(2.0 * math.pi * v)


def mix(x: int) -> int:
    """Return the 64-bit mixing of an integer, in plain Python (for keys, and for the reference
    model).
    """
    x &= _MASK
    x = ((x ^ (x >> 30)) * _STEP_1) & _MASK
    x = ((x ^ (x >> 27)) * _STEP_2) & _MASK
    return x ^ (x >> 31)


def stream(seed: int, purpose: Purpose, day: int = 0) -> np.uint64:
    """Return the key of a stream.

    Parameters
    ----------
    seed : int
        The seed of the world.
    purpose : Purpose
        The purpose of the numbers.
    day : int
        Days since the first day; 0 also for a single draw.
    """
    return np.uint64(mix(mix(seed * _GOLDEN + int(purpose)) + (day + 1) * _GOLDEN))


def own_stream(seed: int, name: str, day: int = -1) -> np.uint64:
    """Return the key of a named stream for a user's own code, so that no other draw changes.

    Parameters
    ----------
    seed : int
        The seed of the world.
    name : str
    day : int
        Days since the first day; -1 for a single draw.
    """
    purpose = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little")
    return np.uint64(mix(mix(seed * _GOLDEN + purpose) + (day + 1) * _GOLDEN))


def uniform_many(key: Key, people: np.ndarray, item: int = 0) -> np.ndarray:
    """Return the value of `uniform` for each of some people, given by number, shape (people,); not
    compiled.
    """
    start = np.uint64((int(key) + item * _ITEM) & _MASK)
    x = start + people.astype(np.uint64) * np.uint64(_PERSON)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(_STEP_1)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(_STEP_2)
    return np.asarray(((x ^ (x >> np.uint64(31))) >> np.uint64(11)) * _TO_UNIT)


def uniform_plain(key: Key, person: int, item: int = 0) -> float:
    """Return the value of `uniform`, in plain Python."""
    return (mix(int(key) + person * _PERSON + item * _ITEM) >> 11) * _TO_UNIT


def normal_plain(key: Key, person: int, item: int = 0) -> float:
    """Return the value of `normal`, in plain Python."""
    u = 1.0 - uniform_plain(key, person, 2 * item)
    v = uniform_plain(key, person, 2 * item + 1)
    return math.sqrt(-2.0 * math.log(u)) * math.cos(2.0 * math.pi * v)
