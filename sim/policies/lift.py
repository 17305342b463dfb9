"""A state ends a policy from a day."""

from __future__ import annotations

from typing import ClassVar

from sim.policies.base import PolicyKeys
from sim.policies.values import PolicyId

SUMMARY = "A state ends a policy from a day."
CASE = "TikTok and WeChat orders revoked, 9 June 2021"
EXAMPLE = {"by": "US", "policy": "ban"}


class Keys(PolicyKeys):
    """Keys of the end of a policy."""

    NEEDS_TARGETS: ClassVar[bool] = False
    IDLE_KEYS: ClassVar[frozenset[str]] = frozenset({"technique", "targets"})
    HALTS: ClassVar[bool] = True
    ENDS: ClassVar[bool] = True

    policy: PolicyId
    """The id of the policy that it ends."""

    def about(self) -> str:
        """Return the id of the policy concerned."""
        return self.policy
