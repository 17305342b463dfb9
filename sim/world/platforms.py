"""Platforms: the agents whose services policies cut, and whose owners gain or lose use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mesa

from sim.facts import PlatformFact

if TYPE_CHECKING:
    from sim.model import Model


class Platform(mesa.Agent["Model"]):
    """A platform, its facts and its use today.

    Attributes
    ----------
    fact : PlatformFact
        Owner, home state, kind, modes, hosting and stores, with their source.
    cases : dict
        The demands it has to answer for its firm, where platforms decide: (policy, owner) to what it thinks of it.
    """

    def __init__(self, model: Model, fact: PlatformFact) -> None:
        super().__init__(model)
        self.fact = fact
        self.cases: dict[tuple[str, str], Any] = {}

    @property
    def name(self) -> str:
        """The name that results use."""
        return self.fact.name

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
