"""Store accounts that migrants keep: a removal from the stores where they live does not reach them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.chance import Purpose, stream, uniform_plain
from sim.world.people import People
from sim.world.strata import Group


def keep_accounts(people: People, groups: Sequence[Group], states: Sequence[str], share: float, seed: int) -> None:
    """Let a share of each diaspora keep an account of the app stores of the state of origin (in place, ``people``).

    Parameters
    ----------
    people : People
    groups : sequence of Group
        In the order of the people.
    states : sequence of str
        In the order of every table.
    share : float
        Share of a diaspora that does, 0 to 1.
    seed : int
    """
    key, first = int(stream(seed, Purpose.STORE_ACCOUNT)), 0
    for group in groups:
        rows = range(first, first + group.size)
        first += group.size
        if group.role == "diaspora" and share > 0.0:
            kept = [i for i in rows if uniform_plain(key, i) < share]
            people.store[np.array(kept, np.int64)] = states.index(group.origin)
