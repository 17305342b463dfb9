"""Bars clouds: platforms hosted there must move, at a cost, with downtime and lower speed."""

from __future__ import annotations

from typing import ClassVar

from sim.policies.base import PolicyKeys
from sim.policies.values import Texts

INSTRUMENT = "cloud_ban"
SUMMARY = "Bars clouds: platforms hosted there must move, at a cost, with downtime and lower speed."
CASE = "Clean Cloud 2020: Alibaba, Baidu, Tencent, China Mobile, China Telecom"
AVAILABLE = False


class Keys(PolicyKeys):
    """Keys of a ban on clouds."""

    NEEDS_TARGETS: ClassVar[bool] = False

    clouds: Texts
    """The clouds concerned."""
