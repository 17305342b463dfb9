"""Instruments by which an owner leaves or takes a content away, and a state keeps a platform off official devices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field, create_model

from ..world.setting import Enforcement, cut_off
from .base import DayInForce, Policy
from .values import DecidingStates, Share

if TYPE_CHECKING:
    from ..people.access import AccessTable

_FROM = Field(description="The state or states whose people lose it; `by` is the home of the owner.")
# ``from`` is no name in Python, so that the field cannot be written as the others are.
_FIELDS: dict[str, Any] = {"from": (DecidingStates, _FROM)}
_Leaving = create_model("_Leaving", __base__=Policy, __module__=__name__, **_FIELDS)


class Withdrawal(_Leaving):  # type: ignore[valid-type,misc]
    """Lets the owner take platforms out of a state, with notice where it is announced."""

    CASE = "Twitch leaves South Korea, announced in December 2023 for 27 February 2024"
    EXAMPLE = {"by": "US", "from": "KR", "targets": ["Twitch"]}
    VERB = "withdraws"
    OBJECTS = {"targets": "platform", "from": "state"}
    OUTAGE = True

    def concerns(self) -> tuple[str, ...]:
        """Return the states that the owner leaves."""
        return tuple(getattr(self, "from"))

    def apply(self, access: AccessTable, day: DayInForce) -> None:
        """Shut the states out by account and address, as the owner does."""
        for state in self.concerns():
            for target in self.targets:
                cut_off(day.setting, access, state, target, Enforcement("geoblock", day.number))


class ContentWithdrawal(_Leaving):  # type: ignore[valid-type,misc]
    """Lets the owner take one kind of content, such as news, off platforms in a state; the platforms stay."""

    CASE = "Meta and the news in Canada, 1 August 2023"
    EXAMPLE = {"by": "US", "from": "CA", "targets": ["Facebook"], "share": 0.03}
    VERB = "takes content off"
    OBJECTS = {"targets": "platform", "from": "state"}
    BANS = False
    DOSES = ("share",)

    share: Share
    """Share of the time there that the content carries [1]."""

    def concerns(self) -> tuple[str, ...]:
        """Return the states in which the content goes."""
        return tuple(getattr(self, "from"))

    def apply(self, access: AccessTable, day: DayInForce) -> None:
        """Silence the content; people stay, as they did in Canada."""
        for cell in day.cells(self.concerns(), self.targets):
            access.silenced[cell] = max(access.silenced[cell], self.share)


class DeviceBan(Policy):
    """Keeps platforms off official devices, which concerns hardly anybody: only who has no other device loses them."""

    CASE = "Officials' phones: TikTok in 2022 and 2023, Telegram in Ukraine in September 2024"
    EXAMPLE = {"by": "UA", "targets": ["Telegram"], "devices": 0.01}
    DOSES = ("devices",)

    devices: Share
    """Share of the state's devices that it concerns [1]."""

    def apply(self, access: AccessTable, day: DayInForce) -> None:
        """Cut off the share of people who have an official device alone."""
        left = 1.0 - self.devices * day.setting.parameters["device_ban.only_device"]
        for s, p in day.cells(self.by, self.targets):
            access.reach[s, p] = access.reach[s, p].clip(max=left)
