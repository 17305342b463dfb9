"""Instruments that act on other policies or give relief from them: stays, ends, new dates, licences
and bridges.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from ..facts.model import MODES
from ..people.access import TALK
from .base import DayInForce, Policy
from .values import Day, OneOrMore, Platforms, PolicyId

if TYPE_CHECKING:
    from ..people.access import AccessTable

MODES_OF = {
    "personal communication": ("text", "voice", "video"),
    "publishing": ("post",),
    "payment": ("pay",),
}
"""Modes of access that each use needs."""
_TALK_NEEDS = (
    "speed",
    "install",
    "install_hazard",
    "install_rate",
    "vpn_share",
    "effort",
    "price",
    "sell",
)
"""Columns of the access table that an exemption restores: communication needs the app, its servers
and workarounds.
"""


class Injunction(Policy):
    """A court suspends a policy, from the first day of the injunction."""

    CASE = "WeChat 19-20 September 2020; TikTok 27 September and 30 October 2020"
    EXAMPLE = {"by": "US", "policy": "ban"}
    NEEDS_TARGETS = False
    IDLE_KEYS = frozenset({"technique", "targets"})
    HALTS = True

    policy: PolicyId
    """The id of the policy to suspend."""


class Lift(Policy):
    """A state ends one of its policies on a given day."""

    CASE = "TikTok and WeChat orders revoked, 9 June 2021"
    EXAMPLE = {"by": "US", "policy": "ban"}
    NEEDS_TARGETS = False
    IDLE_KEYS = frozenset({"technique", "targets"})
    HALTS = True
    ENDS = True

    policy: PolicyId
    """The id of the policy to end."""


class Extension(Policy):
    """Changes the start date of a policy or the deadline of a demand, on the day on which the state
    grants the extension.
    """

    CASE = "ByteDance's deadline: from 12 to 27 November, then to 4 December 2020"
    EXAMPLE = {"by": "US", "policy": "ban", "to": "2020-10-01"}
    NEEDS_TARGETS = False
    IDLE_KEYS = frozenset({"technique", "targets"})
    EXTENDS = True

    policy: PolicyId
    """The id of the policy whose date it changes."""
    to: Day
    """The new first day, or the new deadline."""


class Exemption(Policy):
    """Exempts some uses or platforms from policies in force."""

    CASE = "A licence for private messages, as asked for in the WeChat case 2020"
    EXAMPLE = {"by": "US", "targets": ["WeChat"]}
    NEEDS_TARGETS = False
    FREES = True

    uses: OneOrMore[Literal["personal communication", "publishing", "payment"]] = ()
    """The uses that stay free; all of them unless stated."""
    policy: PolicyId | None = None
    """The policy concerned; all of the same states and targets unless stated."""

    def relieve(
        self, access: AccessTable, free: AccessTable, freed: tuple[Policy, ...], day: DayInForce
    ) -> None:
        """Restore the exempted uses of the platforms to the access without the policies in
        question.
        """
        uses = [use for use in MODES_OF if not self.uses or use in self.uses]
        modes = [MODES.index(mode) for use in uses for mode in MODES_OF[use]]
        targets = self.targets or tuple(
            dict.fromkeys(target for other in freed for target in other.targets)
        )
        for s, p in day.cells(self.by, targets):
            access.reach[s, p, modes] = free.reach[s, p, modes]
            for column in (*_TALK_NEEDS, *(("silenced",) if "publishing" in uses else ())):
                getattr(access, column)[s, p] = getattr(free, column)[s, p]


class Bridge(Policy):
    """Connects messengers, so that people on different platforms can talk to each other."""

    CASE = "Interoperability of messengers, EU Digital Markets Act 2022"
    EXAMPLE = {"by": "US", "platforms": ["WeChat", "WhatsApp"]}
    NEEDS_TARGETS = False
    IDLE_KEYS = frozenset({"technique", "targets"})
    OBJECTS = {"platforms": "platform"}

    platforms: Platforms = Field(min_length=2)
    """The messengers to connect."""

    def relieve(
        self, access: AccessTable, free: AccessTable, freed: tuple[Policy, ...], day: DayInForce
    ) -> None:
        """Connect the messengers for people in the states that demand it, and for their contacts.

        Two bridges in one state act as one that connects all their messengers. Everybody is assumed
        to use it (an upper bound).
        """
        joined = 0
        for name in self.platforms:
            if set(day.setting.platform_facts[name].modes) & set(TALK):
                joined |= 1 << day.setting.platforms.index(name)
        for s in day.rows(self.by):
            access.bridged[s] |= joined
