"""Takes uses or platforms out of the policies in force."""

from __future__ import annotations

from typing import ClassVar

from sim.policies.base import PolicyKeys
from sim.policies.values import PolicyId, Texts

INSTRUMENT = "exemption"
SUMMARY = "Takes uses or platforms out of the policies in force."
CASE = "A licence for private messages, as asked for in the WeChat case 2020"
AVAILABLE = False


class Keys(PolicyKeys):
    """Keys of an exemption."""

    NEEDS_TARGETS: ClassVar[bool] = False

    uses: Texts = ()
    """The uses that stay free, such as personal communication."""
    policy: PolicyId | None = None
    """The policy concerned; all of them unless stated."""
