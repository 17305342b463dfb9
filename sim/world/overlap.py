"""Overlap of the relatives of several diasporas: the families of a state represent no more people than live there.

Each member of a diaspora has a number of kin at home. If large diasporas left a small state, their kin would add up to
more people than live there, because one person is kin of several. The number of simulated family members stays the
same, and each represents fewer people.
"""

from __future__ import annotations

MOST_FAMILIES = 0.5
"""Share of a state's Internet users who belong to no diaspora that families take at most [1] (assumption)."""


def families_kept(users: float, diasporas: float, families: float) -> float:
    """Return the share of its families' people that a state has room for, 1 where all fit [1].

    Parameters
    ----------
    users, diasporas, families : float
        Internet users of the state, and those of them who belong to diasporas and, if nobody counted twice, to families
        of people who left [persons].
    """
    room = MOST_FAMILIES * max(0.0, users - diasporas)
    return min(1.0, room / families) if families > 0 else 1.0
