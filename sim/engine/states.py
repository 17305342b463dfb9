"""States: the agents whose borders cut the network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import mesa

from sim.facts import StateFact

if TYPE_CHECKING:
    from sim.policies.base import Policy


class _Model(Protocol):
    """What a state reads of the model it is in."""

    def policies_in_force(self) -> list[Policy]:
        """Return the policies in force today."""


class State(mesa.Agent["_Model"]):
    """A state, its facts and the policies of its own that are in force.

    Attributes
    ----------
    code : str
        ISO 3166 alpha-2.
    fact : StateFact
        Population, users, income and phones, with their sources.
    policies : list of str
        Ids of its policies in force today.
    """

    def __init__(self, model: _Model, code: str, fact: StateFact) -> None:
        super().__init__(model)
        self.code = code
        self.fact = fact

    @property
    def name(self) -> str:
        """English name."""
        return self.fact.name

    @property
    def policies(self) -> list[str]:
        """Ids of its policies in force today."""
        return [p.id for p in self.model.policies_in_force() if self.code in p.by]

    def __repr__(self) -> str:
        return f"<State {self.code}: {', '.join(self.policies) or 'no policy in force'}>"
