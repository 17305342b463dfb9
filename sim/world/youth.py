"""Youth: besides activity online, it decides which platforms a person uses and how easily they find workarounds.

Audiences differ in age (Odnoklassniki's is old, Instagram's young), and young people find workarounds more easily. Both
follow from one trait of a person, which is standard normal among the internet users of a state. Without it, the users
of every platform would be equally able to get round its block.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from sim.facts.model import REST_OF_WORLD, Quantity

HOLDER_NOISE = 0.7  # assumption: chance in who holds a VPN on the first day, against ease [standard deviations]


def lean_table(
    facts: Mapping[tuple[str, str], Quantity], states: Sequence[str], platforms: Sequence[str]
) -> np.ndarray:
    """Return how far using each platform goes with youth.

    Parameters
    ----------
    facts : mapping of (state, platform) to Quantity
        Of ``youth_lean.csv``; the rest of the world stands for states without a figure.
    states, platforms : sequence of str

    Returns
    -------
    numpy.ndarray, shape (states, platforms)
        Correlations, -1 to 1; not a number where there is no figure at all.
    """
    table = np.full((len(states), len(platforms)), np.nan)
    for row, state in enumerate(states):
        for column, platform in enumerate(platforms):
            known = facts.get((state, platform)) or facts.get((REST_OF_WORLD, platform))
            if known is not None:
                table[row, column] = known.value
    return table


def leaning_weights(lean: float, rules: Mapping[str, float]) -> tuple[float, float, float, float]:
    """Return the weights of activity, youth, community and own taste in how much a person leans to a platform.

    Parameters
    ----------
    lean : float
        Correlation of using the platform and youth; not a number where it is as for anything done online.
    rules : mapping
        ``people.activity``, ``people.homophily`` and ``people.youth_activity``.

    Notes
    -----
    Activity carries some youth with it, ``activity x youth_activity``; youth's own weight makes up the difference.
    """
    activity, community = rules["people.activity"], rules["people.homophily"]
    together = rules["people.youth_activity"]
    youth = 0.0 if math.isnan(lean) else lean - activity * together
    explained = activity * activity + youth * youth + 2 * activity * youth * together + community * community
    # Above 1 the sum is no longer standard normal; it only ranks people, so nothing depends on that.
    return activity, youth, community, math.sqrt(max(0.0, 1 - explained))


def skill_weights(activity: float, youth: float, together: float) -> tuple[float, float, float]:
    """Return the weights of activity, youth and luck in how easy workarounds are for a person.

    Parameters
    ----------
    activity, youth : float
        Correlations of ease with activity online and with youth.
    together : float
        Correlation of the two, below 1.

    Notes
    -----
    These are the coefficients of a regression on both, so that each correlation comes out as asked.
    """
    room = 1 - together * together
    w_activity = (activity - together * youth) / room
    w_youth = (youth - together * activity) / room
    explained = activity * w_activity + youth * w_youth
    return w_activity, w_youth, math.sqrt(max(0.0, 1 - explained))
