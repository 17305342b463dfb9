"""Demands a representative in the state, with a ladder of sanctions; a platform may comply at each step."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from sim.policies.base import PolicyKeys
from sim.policies.values import Amount, Day, Share

INSTRUMENT = "local_representative"
SUMMARY = "Demands a representative in the state, with a ladder of sanctions; a platform may comply at each step."
CASE = "Turkey's law 7253, in force 1 October 2020: up to -50 %, then up to -90 % of bandwidth"
AVAILABLE = False


class Step(BaseModel):
    """One step of the ladder."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    on: Day
    """First day of the step."""
    sanction: Literal["fine", "ad_ban", "throttle"]
    """What the platform suffers."""
    share: Share | None = None
    """For a throttle: share of the usual speed taken away [1]."""
    amount: Amount | None = None
    """For a fine: what it costs [US dollars]."""


class Keys(PolicyKeys):
    """Keys of a demand for a representative."""

    ladder: tuple[Step, ...] = Field(min_length=1)
    """The sanctions, in the order of their days."""
