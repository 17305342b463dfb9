"""A decision of a state or a platform: who, when, what, to whom and why."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Protocol

from sim.decisions.acts import Act
from sim.decisions.reasons import Reason, Stated
from sim.decisions.values import Aim

FACT = "fact:"
"""What the cause of a decision begins with where it is a fact: ``fact:TABLE:KEY``."""


class Policy(Protocol):
    """The attributes that a decision reads of the policy that follows from it."""

    @property
    def id(self) -> str:
        """Its name."""

    @property
    def instrument(self) -> str:
        """What is done."""


@dataclass(frozen=True)
class PolicyName:
    """The id and the instrument of a policy, as they are stored."""

    id: str
    instrument: str


@dataclass(frozen=True)
class Decision:
    """One decision.

    Attributes
    ----------
    day : datetime.date
        When it was taken.
    who : str
        The state that decided (alpha-2 code), or the platform; for a firm with several, the one that represents it.
    behaviour : str
        Which behaviour it comes from.
    act : Act
        What is done.
    target : tuple of Aim
        Whom it is aimed at, if anybody.
    policy : Policy, optional
        The policy that follows from it: all its keys while the model runs, so that it joins those of the scenario;
        a `PolicyName` once it is stored.
    cause : str
        Id of the policy or decision that it follows from, or the fact of the tables, ``fact:TABLE:KEY``.
    scores : mapping of str to float
        What was weighed, by name.
    reason : Reason
        Why.
    platforms : tuple of str
        All platforms for which a firm decides; empty for a state.
    """

    day: date
    who: str
    behaviour: str
    act: Act
    target: tuple[Aim, ...] = ()
    policy: Policy | None = None
    cause: str = ""
    scores: Mapping[str, float] = field(default_factory=dict)
    reason: Reason = field(default_factory=lambda: Stated(""))
    platforms: tuple[str, ...] = ()

    @property
    def target_label(self) -> str:
        """The labels of what it is aimed at, for tables and ids."""
        return ", ".join(aim.label for aim in self.target)

    @property
    def id(self) -> str:
        """The id of its policy; a decision without one goes by state, target and day."""
        return self.policy.id if self.policy else name_of(self.who, self.target_label, self.day)

    @property
    def rests_on_fact(self) -> bool:
        """Whether its cause is a fact of the tables and no earlier decision or policy."""
        return self.cause.startswith(FACT)

    def stored(self) -> Decision:
        """Return the decision in its stored form: scores with six digits, and the id and instrument of the policy."""
        policy = None if self.policy is None else PolicyName(self.policy.id, self.policy.instrument)
        scores = {name: float(f"{value:.6g}") for name, value in sorted(self.scores.items())}
        return replace(self, policy=policy, scores=scores)


def name_of(state: str, target: str, day: date) -> str:
    """Return the id of a decided policy: state, target and day."""
    word = re.sub("[^a-z0-9]+", "-", target.casefold()).strip("-") or "measure"
    return f"{state}-{word[:40]}-{day}"
