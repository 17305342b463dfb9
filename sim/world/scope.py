"""The platforms that the people of each group could start to use: those that they can read, register for, and know.

Whether a person knows a platform depends on how many people of the group use it, and not on whether other platforms are
blocked.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.facts.app_scope import languages_of, scope_of
from sim.people.access import bits
from sim.world.setting import Setting
from sim.world.strata import Group


class Scope(NamedTuple):
    """What each group could take up.

    Attributes
    ----------
    reads : numpy.ndarray, shape (groups,), int64
        Platforms in a language that the group reads, bits.
    registers : numpy.ndarray, shape (groups,), int64
        Platforms that take a telephone number of its state of residence, bits.
    known : numpy.ndarray, shape (groups, platforms)
        Share of the group that has heard of each platform [share].
    talk : int
        Platforms that carry talk, bits.
    """

    reads: np.ndarray
    registers: np.ndarray
    known: np.ndarray
    talk: int


def scope_of_groups(groups: list[Group], setting: Setting, penetration: np.ndarray, talk: np.ndarray) -> Scope:
    """Return what each group could take up.

    Parameters
    ----------
    groups : list of Group
    setting : Setting
    penetration : numpy.ndarray, shape (groups, platforms)
    talk : numpy.ndarray of bool, shape (platforms,)
        Platforms that carry talk.

    Notes
    -----
    A diaspora reads the languages of both its states, its families those of the state of origin.
    """
    scopes = [scope_of(name) for name in setting.platforms]
    reads = np.zeros(penetration.shape, np.bool_)
    registers = np.zeros_like(reads)
    for row, group in enumerate(groups):
        tongues = languages_of(group.residence)
        if group.role == "diaspora":
            tongues |= languages_of(group.origin)
        reads[row] = [scope.speaks(tongues) for scope in scopes]
        registers[row] = [scope.takes_numbers_of(group.residence) for scope in scopes]
    known = -np.expm1(-penetration / max(1e-9, setting.parameters["kin.known_use"]))
    return Scope(bits(reads), bits(registers), known, int(bits(talk[None, :])[0]))
