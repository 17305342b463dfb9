"""Cuts trade on platforms for buyers, sellers or both; a rival gains."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from sim.policies.base import PolicyKeys
from sim.policies.values import no_twins, one_or_more

INSTRUMENT = "commerce_ban"
SUMMARY = "Cuts trade on platforms for buyers, sellers or both; a rival gains."
CASE = "Alibaba and AliExpress, threatened in August 2020"
AVAILABLE = False

Sides = Annotated[
    tuple[Literal["buyers", "sellers"], ...],
    Field(min_length=1),
    AfterValidator(no_twins),
    BeforeValidator(one_or_more),
]


class Keys(PolicyKeys):
    """Keys of a ban on trade."""

    sides: Sides = ("buyers", "sellers")
    """Whose trade is cut."""
