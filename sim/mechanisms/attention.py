"""Time is limited: a person uses all new platforms together no more often than the platforms that they replace.

A person who loses one messenger and joins three others opens each of them less often than the lost one. Without this
limit, substitutes would gain more daily users than other platforms lose.
"""

from __future__ import annotations

import numpy as np

from sim.kernels import leaf, lowest
from sim.mechanisms.choice import chance_of_use
from sim.mechanisms.settings import Columns, Rules


@leaf
def sessions_freed(kept: float, habit: float) -> float:
    """Return the sessions a day that a platform no longer gets from somebody who keeps a share of its value."""
    return habit * max(0.0, 1.0 - kept)


@leaf
def share_time(new: int, freed: float, kept: np.ndarray, c: Columns, rules: Rules, use: np.ndarray) -> None:
    """Set how likely a person uses each new platform today (``use`` (platforms,), in LEVELS, in place).

    ``new`` are platforms used today that were not held on the first day, bits; ``freed`` the sessions a day that the
    first day's platforms no longer get; ``kept`` (platforms,) the share of its value that each gives. A person who lost
    no platform, but whose kin asked, whose state pushed, or who expects a ban, still uses a new platform a little.
    """
    wish, left = 0.0, new
    while left != 0:
        wish += c.platform[lowest(left)].habit
        left &= left - 1
    share = max(rules.extra_use, min(1.0, freed / wish))
    while new != 0:
        q = lowest(new)
        new &= new - 1
        use[q] = chance_of_use(kept[q] * share, c.platform[q].habit)
