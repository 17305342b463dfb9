"""Residents who use a targeted platform, sampled separately from other residents: who they are, and what else they use.

If one person in five hundred uses a platform, a sample of the residents of a state contains few of its users. They are
therefore a separate group with its own weight. The group must represent the users in the whole population. Users of a
platform have a higher leaning to it than others (`sim/world/people.py`). Leaning is correlated with activity online and
with youth, and through these with the leaning to other platforms. The group is drawn from this tail of the
distribution, with more simulated people.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from sim.world.youth import HOLDER_NOISE, leaning_weights, skill_weights

_NORMAL = NormalDist()
_STEPS = 200  # quantiles of the tail over which shares are averaged


class Tail(NamedTuple):
    """Whom a group of users is drawn from: those who lean most to what they use.

    Attributes
    ----------
    chosen : frozenset of str
        The platforms whose users among the residents are all in the group.
    share : float
        Share of the residents who are in the group [1].
    activity, youth : float
        Correlation of leaning with activity online and with youth [1].
    vpn : float
        Share of them who hold a VPN on the first day [1].
    """

    chosen: frozenset[str]
    share: float
    activity: float
    youth: float
    vpn: float


class Leaning(NamedTuple):
    """How leaning to one platform goes with activity online and with youth, given the other one.

    Attributes
    ----------
    activity, youth : float
        Weights, as `youth.leaning_weights` gives them.
    together : float
        Correlation of activity and youth [1].
    """

    activity: float
    youth: float
    together: float

    @property
    def with_activity(self) -> float:
        """Correlation with activity [1]."""
        return self.activity + self.youth * self.together

    @property
    def with_youth(self) -> float:
        """Correlation with youth [1]."""
        return self.youth + self.activity * self.together

    def correlation(self, other: Leaning) -> float:
        """Return the correlation with leaning to another platform [1]: they share activity and youth, no more."""
        return self.activity * other.with_activity + self.youth * other.with_youth


def leaning_of(lean: float, rules: Mapping[str, float]) -> Leaning:
    """Return how leaning to a platform goes with activity and youth.

    Parameters
    ----------
    lean : float
        As in `youth.lean_table`.
    rules : mapping
        Parameters ``people.*``.
    """
    activity, youth, _, _ = leaning_weights(lean, rules)
    return Leaning(activity, youth, rules["people.youth_activity"])


def holding_of(rules: Mapping[str, float]) -> Leaning:
    """Return how holding a VPN goes with activity and youth: as ease does, but for chance.

    Parameters
    ----------
    rules : mapping
        Parameters ``people.*`` and ``circumvention.*``.
    """
    together, whole = rules["people.youth_activity"], math.sqrt(1.0 + HOLDER_NOISE * HOLDER_NOISE)
    activity, youth, _ = skill_weights(
        rules["circumvention.skill_correlation"], rules["circumvention.skill_youth"], together
    )
    return Leaning(activity / whole, youth / whole, together)


def users_apart(
    shares: Mapping[str, float], chosen: Sequence[str], leaning: Mapping[str, Leaning], vpn: tuple[float, Leaning]
) -> tuple[Tail, dict[str, float]]:
    """Return whom a group of users is drawn from, and the share of it that uses each platform.

    Parameters
    ----------
    shares : mapping of str to float
        Share of all residents who use each platform [1].
    chosen : sequence of str
        The platforms whose users are in the group, all of them.
    leaning : mapping of str to Leaning
    vpn : tuple of (float, Leaning)
        Share of all residents who hold a VPN [1], and how holding one goes with activity and youth.

    Notes
    -----
    The group is the share 1 - product of (1 - share) of the residents, as if they used the chosen platforms
    independently (assumption); of several chosen platforms, the mean leaning weighted by users stands for all.
    """
    in_group, users = share_of_any(shares[name] for name in chosen), sum(shares[name] for name in chosen)
    mean = Leaning(
        sum(shares[n] * leaning[n].activity for n in chosen) / users,
        sum(shares[n] * leaning[n].youth for n in chosen) / users,
        leaning[chosen[0]].together,
    )
    depth = in_tail(in_group, (np.arange(_STEPS) + 0.5) / _STEPS)
    holders = _given(vpn[0], mean.correlation(vpn[1]), depth)
    tail = Tail(frozenset(chosen), in_group, mean.with_activity, mean.with_youth, holders)
    uses = {
        name: min(1.0, share / in_group) if name in chosen else _given(share, mean.correlation(leaning[name]), depth)
        for name, share in shares.items()
        if share > 0
    }
    return tail, uses


def share_of_any(shares: Iterable[float]) -> float:
    """Return the share of people who use any of several platforms, used independently of each other [1]."""
    left = 1.0
    for share in shares:
        left *= 1.0 - share
    return 1.0 - left


def in_tail(share: float, luck: np.ndarray) -> np.ndarray:
    """Return how much people of the tail lean to what they use, standard normal in the whole population.

    Parameters
    ----------
    share : float
        Share of the population that is in the tail [1].
    luck : numpy.ndarray, shape (people,)
        Place in the tail, 0 to 1.
    """
    return np.array([_NORMAL.inv_cdf(1.0 - share * min(max(u, 1e-12), 1.0 - 1e-12)) for u in luck.tolist()])


def _given(share: float, correlation: float, depth: np.ndarray) -> float:
    """Return the share that uses a platform among people who lean so much to another one (bivariate normal) [1]."""
    if not 0.0 < share < 1.0:
        return share
    threshold, own = _NORMAL.inv_cdf(1.0 - share), math.sqrt(1.0 - min(correlation * correlation, 0.999))
    return float(np.mean([_NORMAL.cdf((correlation * d - threshold) / own) for d in depth.tolist()]))


def condition(tail: Tail, together: float, luck: np.ndarray, activity: np.ndarray, youth: np.ndarray) -> None:
    """Let people be as active and as young as those in the tail are (in place).

    Parameters
    ----------
    tail : Tail
    together : float
        Correlation of activity and youth [1].
    luck : numpy.ndarray, shape (people,)
        Place in the tail, 0 to 1.
    activity, youth : numpy.ndarray, shape (people,)
        Standard normal, with that correlation; afterwards, as given how much they lean to what they use.

    Notes
    -----
    With leaning L, activity and youth are normal about (r_a L, r_y L); what is drawn fills the rest of their variance.
    """
    depth = in_tail(tail.share, luck)
    alone = (activity - together * youth) / math.sqrt(1.0 - together * together)
    spread = math.sqrt(1.0 - tail.youth * tail.youth)
    common = (together - tail.activity * tail.youth) / spread
    rest = math.sqrt(max(0.0, 1.0 - tail.activity * tail.activity - common * common))
    activity[:] = tail.activity * depth + common * youth + rest * alone
    youth[:] = tail.youth * depth + spread * youth
