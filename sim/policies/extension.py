"""Changes the date of a policy, or the deadline of a demand, from the day it is granted."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from sim.policies.base import PolicyKeys
from sim.policies.values import Day, PolicyId

SUMMARY = "Changes the date of a policy, or the deadline of a demand, from the day it is granted."
CASE = "ByteDance's deadline: from 12 to 27 November, then to 4 December 2020"
EXAMPLE = {"by": "US", "policy": "ban", "to": "2020-10-01"}


class Keys(PolicyKeys):
    """Keys of an extension; `on` is the day it is granted."""

    NEEDS_TARGETS: ClassVar[bool] = False
    IDLE_KEYS: ClassVar[frozenset[str]] = frozenset({"technique", "targets"})
    EXTENDS: ClassVar[bool] = True

    policy: PolicyId
    """The id of the policy whose date it changes."""
    to: Day
    """The new first day, or the new deadline."""

    def about(self) -> str:
        """Return the id of the policy concerned."""
        return self.policy

    def new_date(self) -> date:
        """Return the date that it gives the policy concerned."""
        return self.to
