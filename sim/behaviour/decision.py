"""A decision of a state or a platform: who, when, what and why, as the log of a run keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from sim.policies.base import PolicyKeys


@dataclass(frozen=True)
class Decision:
    """One decision.

    Attributes
    ----------
    day : datetime.date
        When it was taken.
    who : str
        The state (alpha-2 code) or the platform that decided.
    behaviour : str
        Which behaviour it comes from.
    what : str
        What was decided, in words.
    because : str
        The reason, in words.
    policy : PolicyKeys, optional
        The policy that follows from it; it joins those of the scenario.
    scores : mapping of str to float
        What was weighed, by name.
    target : str
        Whom it is aimed at, where it is aimed at one.
    cause : str
        Id of the policy that it answers, copies or ends; empty where nobody began before.
    """

    day: date
    who: str
    behaviour: str
    what: str
    because: str
    policy: PolicyKeys | None = None
    scores: Mapping[str, float] = field(default_factory=dict)
    target: str = ""
    cause: str = ""

    def __str__(self) -> str:
        return f"{self.day} {self.who} {self.what}: {self.because}"
