"""Lowers the reach of platforms by a technique: the name, the address or the content is filtered."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from pydantic import model_validator

from sim.errors import Code
from sim.facts.model import Order
from sim.policies.base import PolicyKeys
from sim.policies.values import Day, TechniqueName, refuse

if TYPE_CHECKING:
    from sim.people.access import AccessTable
    from sim.world.setting import Setting

SUMMARY = "Lowers the reach of platforms by a technique: the name, the address or the content is filtered."
CASE = "The Great Firewall; Ukraine and VKontakte 2017; Russia and Instagram 2022"
EXAMPLE = {"by": "US", "targets": ["WeChat"], "technique": "isp"}
VERB = "blocks"


class Keys(PolicyKeys):
    """Keys of a block."""

    IDLE_KEYS: ClassVar[frozenset[str]] = frozenset()
    OUTAGE: ClassVar[bool] = True

    technique: TechniqueName = "dpi"
    """How the network enforces it."""
    order: Order | None = None
    """Who orders providers to carry it out, which sets how fast they do: court, regulator, register or decree."""
    deadline: Day | None = None
    """The day by which every provider must have carried it out."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        """Refuse a deadline before the block begins."""
        if self.deadline is not None and self.on is not None and self.deadline < self.on:
            raise refuse(f"deadline {self.deadline} before on {self.on}", "a day from then on", code=Code.ORDER)
        return self


def apply(policy: Keys, days_in_force: int, table: AccessTable, setting: Setting) -> None:
    """Cut direct access to the targets; how many people it reaches follows one rule for all events."""
    from sim.world.setting import Enforcement, cut_off

    limit = None if policy.deadline is None or policy.on is None else max(0, (policy.deadline - policy.on).days)
    how = Enforcement(policy.technique, days_in_force, policy.order, limit)
    for state in policy.by:
        for target in policy.targets:
            cut_off(setting, table, state, target, how)
