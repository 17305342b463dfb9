"""Platforms: the agents whose services policies cut, and whose firms answer demands."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import mesa

from sim.actors.politics import Politics
from sim.decisions import Behaviour, Decision
from sim.facts import PlatformFact


class Platform(mesa.Agent[Any]):
    """A platform, its facts and its use today.

    Attributes
    ----------
    name : str
        The name that results use.
    number : int
        Its place in arrays of platforms.
    """

    def __init__(self, model: Politics, name: str) -> None:
        super().__init__(model)
        self.name, self.number = name, model.setting.platforms.index(name)

    @property
    def fact(self) -> PlatformFact:
        """Owner, home state, kind, modes, hosting and stores today, with their source; a sale changes some of it."""
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

    def step(self, behaviour: Behaviour, *about: Any) -> Iterable[Decision]:
        """Return what the firm behind the platform decides today by a behaviour.

        Parameters
        ----------
        behaviour : Behaviour
        *about
            What it is asked about, such as a demand.
        """
        return behaviour.decide(self, *about)

    def __repr__(self) -> str:
        return f"<Platform {self.name} ({self.fact.kind}, {self.home}): {self.active_users:,.0f} active users>"
