"""The world of a scenario before its first day: its facts, and the scenario's changes to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag, ValidationInfo

from sim.facts.model import Kind, Mode
from sim.policies.values import (
    PlatformName,
    Platforms,
    Share,
    StateCode,
    Text,
    Texts,
    no_twins,
    number,
    origin_name,
)
from sim.scenario.communities import CommunityKeys, CommunityName
from sim.scenario.part import Part

OTHER = "other"
"""In a penetration by group: everybody whose origin is not named."""


def _origin(text: str, info: ValidationInfo) -> str:
    """Resolve the origin of a group: a state, a community within one, or everybody else."""
    return text if text == OTHER else origin_name(text, info)


def _by_group(value: object) -> str:
    """Distinguish a penetration by group from a single number."""
    return "by group" if isinstance(value, Mapping) else "one number"


def _by_state(value: object) -> str:
    """Distinguish a penetration by state from a single number for all states."""
    return "by state" if isinstance(value, Mapping) else "one number"


Origin = Annotated[str, Field(json_schema_extra={"x-names": "origin"}), AfterValidator(_origin)]
Penetration = Annotated[
    Annotated[Share, Tag("one number")] | Annotated[Mapping[Origin, Share], Tag("by group")],
    Discriminator(_by_group),
]
PenetrationByState = Annotated[
    Annotated[Share, Tag("one number")] | Annotated[Mapping[StateCode, Penetration], Tag("by state")],
    Discriminator(_by_state),
]
People = Annotated[float, Field(ge=1, le=1e10), BeforeValidator(number)]


class PlatformKeys(Part):
    """A platform that is added, or what is changed of a known one; ``kind`` gives what is not stated."""

    owner: Text | None = None
    """The firm that decides about it."""
    home: StateCode | None = None
    """The state whose law the owner answers to."""
    kind: Kind | None = None
    """What it is for."""
    modes: Annotated[tuple[Mode, ...], Field(min_length=1), AfterValidator(no_twins)] | None = None
    """What people do there."""
    hosting: Texts | None = None
    """The clouds it runs on; own for data centres of its own."""
    stores: Texts | None = None
    """The app stores it depends on; an empty list for the web."""
    evasion: Share | None = None
    """Share of a block's coverage that its own counter-measures undo [1]."""
    penetration: PenetrationByState | None = None
    """Share of internet users who used it in the last 30 days [1]: one number, or by state, or by group."""


class StateKeys(Part):
    """A state that is added, or what is changed of a known one."""

    name: Text | None = None
    """English name."""
    population: People | None = None
    """Residents [persons]."""
    internet_users: People | None = None
    """Residents who use the Internet [persons]."""
    gdp_per_head: Annotated[float, Field(ge=1, le=1e7), BeforeValidator(number)] | None = None
    """Gross domestic product per resident [US dollars of 2015]."""
    ios_share: Share | None = None
    """Share of smartphones that are iPhones [1]."""
    vpn_share: Share | None = None
    """Share of internet users with a VPN that opens blocked services [1]."""


class World(Part):
    """The world before the first day: the fact tables, and what this scenario changes of them."""

    facts: Annotated[Text, Field(json_schema_extra=lambda schema: schema.pop("default", None))] = ""
    """The world to start from; the shipped one that is nearest to `start` unless stated."""
    penetration: Mapping[StateCode, Mapping[PlatformName, Penetration]] = Field(default_factory=dict)
    """Share of internet users who used a platform in the last 30 days [1], by state, platform and group."""
    vpn_share: Mapping[StateCode, Share] = Field(default_factory=dict)
    """Share of internet users with a VPN that opens blocked services [1], by state."""
    internet_users: Mapping[StateCode, People] = Field(default_factory=dict)
    """Internet users [persons], by state."""
    migrants: Mapping[StateCode, Mapping[StateCode, People]] = Field(default_factory=dict)
    """Diasporas added or changed [persons]: state of residence, then state of birth."""
    platforms: Mapping[Text, PlatformKeys] = Field(default_factory=dict)
    """Platforms added or changed, by name."""
    states: Mapping[Text, StateKeys] = Field(default_factory=dict)
    """States added or changed, by alpha-2 code."""
    blocks: Mapping[StateCode, Platforms] = Field(default_factory=dict)
    """What is blocked before the first day, by state; in both arms but for `blocks_policy_arm`."""
    blocks_policy_arm: Mapping[StateCode, Platforms] = Field(default_factory=dict)
    """What the policy arm finds blocked on its first day instead, by state; the same people meet it."""
    communities: Mapping[StateCode, Mapping[CommunityName, CommunityKeys]] = Field(default_factory=dict)
    """Named groups within a state, by state and name: Uyghurs, Tibetans, Kashmiris."""
