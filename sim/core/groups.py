"""Groups of people, and the other entries of a column ``group``, as values; samples of their users.

===========================  =====================================================
text                         value
===========================  =====================================================
``US``                       `Group`: people in the United States who belong to no other group
``US<-CN``                   `Group`: a diaspora, people from China in the United States
``family:US<-CN``            `Group`: their families, in China
``CN:Tibetans``              `Group`: a community within a state
``IN<-CN:Tibetans``          `Group`: a diaspora from a community; ``family:`` before it names its
                             families
``US:users``                 `Group`: residents of the United States who use a targeted platform,
                             where they are sampled separately
``CN~US``                    `StatePair`: two states, whatever the direction
``partner:CN``               `Partner`: the other state, where each direction is counted separately
``US/WeChat``                `Users`: the users of a platform in a state
``AU/TikTok: too young``     `Users`: those users who are under an age limit
===========================  =====================================================

``str()`` gives the text and ``read()`` the value; no other code takes the texts apart.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Literal

Side = Literal["resident", "diaspora", "family"]
"""Sides of a group: residents of a state, people who moved there from another one, and the families
they left behind.
"""

_FROM = "<-"
_FAMILY = "family:"
_PAIR = "~"
_PARTNER = "partner:"
_USERS = "/"
_WITHIN = ":"
USERS = "users"
"""Name used instead of a community for residents who use a platform that a policy targets."""


def is_community(text: str) -> bool:
    """Return whether a text can name a community: letters, digits, blanks, hyphens, and a letter
    first.
    """
    return re.fullmatch(r"[^\W\d_][\w' -]*(?<! )", text) is not None


@dataclass(frozen=True)
class Group:
    """A group of people.

    Raises
    ------
    ValueError
        If a state is missing, a diaspora's two states are the same, or a text cannot name a
        community.
    """

    residence: str
    origin: str
    """Codes of the states in which the diaspora lives and was born; for residents, the same state
    twice.
    """
    side: Side = "resident"
    """Families live in ``origin``, all others in ``residence``."""
    community: str = ""
    """The community within ``origin`` to which the people belong; empty for none."""

    def __post_init__(self) -> None:
        if not (self.residence and self.origin):
            raise ValueError(
                f"a group needs its states; '{self.residence}' and '{self.origin}' were given"
            )
        if (self.residence == self.origin) != (self.side == "resident"):
            raise ValueError(
                f"{self.side} of {self.residence} and {self.origin}: only residents have a single state"
            )
        if self.community and not is_community(self.community):
            raise ValueError(
                f"'{self.community}' names no group within a state: letters, digits, blanks and hyphens do"
            )

    def __str__(self) -> str:
        within = f"{_WITHIN}{self.community}" if self.community else ""
        if self.side == "resident":
            return f"{self.residence}{within}"
        return f"{_FAMILY if self.side == 'family' else ''}{self.residence}{_FROM}{self.origin}{within}"

    @staticmethod
    @lru_cache(maxsize=4096)
    def read(text: str) -> Group:
        """Return the group that a text names: ``US``, ``US<-CN``, ``family:US<-CN`` or
        ``IN<-CN:Tibetans``.

        Raises
        ------
        ValueError
            If it names no group.
        """
        family = text.startswith(_FAMILY)
        named, within, community = text.removeprefix(_FAMILY).partition(_WITHIN)
        states = named.split(_FROM)
        if len(states) > 2 or (len(states) == 1 and family) or (within and not community):
            raise ValueError(
                f"'{text}' is not a group such as 'US', 'US{_FROM}CN' or '{_FAMILY}US{_FROM}CN'"
            )
        if len(states) == 1:
            return Group(named, named, community=community)
        return Group(states[0], states[1], "family" if family else "diaspora", community)

    @property
    def home(self) -> str:
        """The state in which its people live."""
        return self.origin if self.side == "family" else self.residence

    @property
    def partner(self) -> str:
        """The state of its kin: the other state of a diaspora or its families; for residents, their
        own.
        """
        return self.residence if self.side == "family" else self.origin

    @property
    def states(self) -> frozenset[str]:
        """The group's states: one for residents, two for a diaspora and its families."""
        return frozenset((self.residence, self.origin))

    @property
    def label(self) -> str:
        """Its text."""
        return str(self)

    @property
    def families(self) -> Group:
        """The families of a diaspora; ValueError for other groups."""
        if self.side != "diaspora":
            raise ValueError(
                f"'{self}' is not a diaspora, and only those have families: 'US{_FROM}CN' is one"
            )
        return Group(self.residence, self.origin, "family", self.community)


@dataclass(frozen=True)
class StatePair:
    """Two states, whatever the direction."""

    first: str
    second: str

    def __str__(self) -> str:
        return f"{self.first}{_PAIR}{self.second}"

    @property
    def states(self) -> frozenset[str]:
        """Both states."""
        return frozenset((self.first, self.second))


@dataclass(frozen=True)
class Partner:
    """The other state, where each direction is counted separately."""

    state: str

    def __str__(self) -> str:
        return f"{_PARTNER}{self.state}"


@dataclass(frozen=True)
class Users:
    """The users of a platform in a state; or, if ``platform`` ends with `TOO_YOUNG`, those under an
    age limit.
    """

    state: str
    platform: str
    TOO_YOUNG: ClassVar[str] = ": too young"

    def __str__(self) -> str:
        return f"{self.state}{_USERS}{self.platform}"


def read(text: str) -> Group | StatePair | Partner | Users:
    """Return the group that a text names; the table at the head of this file lists the forms.

    Raises
    ------
    ValueError
        If it names none.
    """
    if text.startswith(_PARTNER):
        return Partner(text.removeprefix(_PARTNER))
    if _USERS in text:
        return Users(*text.split(_USERS, 1))
    if _PAIR in text:
        first, second = text.split(_PAIR, 1)
        return StatePair(first, second)
    return Group.read(text)


def is_diaspora(text: str) -> bool:
    """Return whether a text names a diaspora."""
    return bool(text) and getattr(read(text), "side", "") == "diaspora"


def is_family(text: str) -> bool:
    """Return whether a text names the families of a diaspora."""
    return bool(text) and getattr(read(text), "side", "") == "family"


def families_of(diaspora: str) -> str:
    """Return the text of the families of a diaspora: ``family:US<-CN`` for ``US<-CN``; ValueError
    for other texts.
    """
    return Group.read(diaspora).families.label


FEW = 4
PART = 0.25
"""Limit: `FEW` simulated users must not represent more than the share `PART` of a platform's users
in a state.
"""


@dataclass(frozen=True)
class Sampled:
    """The sample of the users of a targeted platform in a state."""

    state: str
    platform: str
    users: float
    """Real users on the first day [persons]."""
    simulated: int
    """Simulated users on the first day."""
    heaviest: float
    """Largest number of real people that one simulated user represents [persons]."""
    group: str
    """Label of the group of that user."""
    design_effect: float
    """Design effect of the weights of the simulated users, from `design_effect` [1]."""

    @property
    def share_of_few(self) -> float:
        """Share of the platform's users in the state that `FEW` simulated users, each as heavy as
        the heaviest, would represent [1].
        """
        return FEW * self.heaviest / self.users if self.users > 0 else 0.0

    @property
    def within_limit(self) -> bool:
        """True if `share_of_few` is at most `PART`."""
        return self.share_of_few <= PART * (1.0 + 1e-9)


def design_effect(weights: Sequence[float], counts: Sequence[int]) -> float:
    """Return the factor by which unequal weights raise the variance of a mean: 1 + their squared
    coefficient of variation.

    Kish's approximation, n x (sum of squared weights) / (sum of weights)^2; it holds for quantities
    that do not depend on the weights.

    Parameters
    ----------
    weights : sequence of float
        Real people that a simulated person represents, by group [persons].
    counts : sequence of int
        Simulated people with that weight.

    Returns
    -------
    float
        At least 1; exactly 1 without people [1].
    """
    total = math.fsum(n * w for w, n in zip(weights, counts, strict=True))
    squares = math.fsum(n * w * w for w, n in zip(weights, counts, strict=True))
    return sum(counts) * squares / (total * total) if total > 0 else 1.0
