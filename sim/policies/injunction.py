"""A court stays a policy from a day."""

from __future__ import annotations

from typing import ClassVar

from sim.policies.base import PolicyKeys
from sim.policies.values import PolicyId

SUMMARY = "A court stays a policy from a day."
CASE = "WeChat 19-20 September 2020; TikTok 27 September and 30 October 2020"
EXAMPLE = {"by": "US", "policy": "ban"}


class Keys(PolicyKeys):
    """Keys of a stay."""

    NEEDS_TARGETS: ClassVar[bool] = False
    IDLE_KEYS: ClassVar[frozenset[str]] = frozenset({"technique", "targets"})
    HALTS: ClassVar[bool] = True

    policy: PolicyId
    """The id of the policy that it stays."""

    def about(self) -> str:
        """Return the id of the policy concerned."""
        return self.policy
