"""Platforms: the agents whose services policies cut, and whose owners gain or lose use."""

from __future__ import annotations

from typing import Protocol

import mesa

from sim.facts import PlatformFact
from sim.world.setting import Setting


class _Model(Protocol):
    """What a platform reads of the model it is in."""

    @property
    def setting(self) -> Setting:
        """Facts as they are today."""

    def active_users(self, platform: str, state: str | None = None) -> float:
        """Return the expected number of people who use a platform today."""


class Platform(mesa.Agent["_Model"]):
    """A platform, its facts and its use today.

    Attributes
    ----------
    name : str
        The name that results use.
    fact : PlatformFact
        Owner, home state, kind, modes, hosting and stores, with their source; a sale changes some of it.
    """

    def __init__(self, model: _Model, name: str) -> None:
        super().__init__(model)
        self.name = name

    @property
    def fact(self) -> PlatformFact:
        """What is known of it today, with the source."""
        fact: PlatformFact = self.model.setting.platform_facts[self.name]
        return fact

    @property
    def home(self) -> str:
        """State whose law the owner answers to, alpha-2."""
        return self.fact.home

    @property
    def active_users(self) -> float:
        """Expected number of people in all states who use it today [persons]."""
        return float(self.model.active_users(self.name))

    def __repr__(self) -> str:
        return f"<Platform {self.name} ({self.fact.kind}, {self.home}): {self.active_users:,.0f} active users>"
