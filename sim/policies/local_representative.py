"""Demands a representative in the state, with a ladder of sanctions; a platform may comply at each step."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from sim.errors import Code
from sim.policies.base import PolicyKeys
from sim.policies.demand import answer_of, refusing, shut_out, today_of
from sim.policies.hooks import Sanction
from sim.policies.slowing import felt, slow
from sim.policies.values import Day, Share, number, refuse

if TYPE_CHECKING:
    from sim.people.access import AccessTable
    from sim.world.setting import Setting

SUMMARY = "Demands a representative in the state, with a ladder of sanctions; a platform may comply at each step."
CASE = "Turkey's law 7253, in force 1 October 2020: up to -50 %, then up to -90 % of bandwidth"
EXAMPLE = {
    "by": "TR",
    "targets": ["Twitter"],
    "ladder": [
        {"on": "2020-08-20", "sanction": "ad_ban"},
        {"on": "2020-08-30", "sanction": "throttle", "share": 0.9},
    ],
}


class Step(BaseModel):
    """One step of the ladder."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    on: Day
    """First day of the step."""
    sanction: Literal["fine", "ad_ban", "throttle"]
    """What the platform suffers."""
    share: Share | None = None
    """For a throttle: share of the usual speed taken away [1]."""
    amount: Annotated[float, Field(ge=0, le=1e12), BeforeValidator(number)] | None = None
    """For a fine: what it costs [US dollars]; unstated, nothing is weighed."""

    @model_validator(mode="after")
    def _dose(self) -> Self:
        """Refuse a throttle without a dose, and a dose that means nothing."""
        if self.sanction == "throttle" and self.share is None:
            raise refuse(
                "a throttle without a share", "the share of the speed taken away, 0 to 1", "share: 0.5", Code.MISSING
            )
        if self.sanction != "throttle" and self.share is not None:
            raise refuse(f"'share' means nothing for {self.sanction}", "share only for a throttle", "leave it out")
        if self.sanction != "fine" and self.amount is not None:
            raise refuse(f"'amount' means nothing for {self.sanction}", "amount only for a fine", "leave it out")
        return self


class Keys(PolicyKeys):
    """Keys of a demand for a representative."""

    IDLE_KEYS: ClassVar[frozenset[str]] = frozenset({"technique"})
    BANS: ClassVar[bool] = False

    ladder: tuple[Step, ...] = Field(min_length=1)
    """The sanctions, in the order of their days."""

    @field_validator("ladder")
    @classmethod
    def _in_order(cls, ladder: tuple[Step, ...]) -> tuple[Step, ...]:
        """Refuse a ladder whose steps go back in time."""
        for before, after in pairwise(ladder):
            if after.on < before.on:
                raise refuse(
                    f"a step on {after.on} stands after one on {before.on}", "steps in the order of their days"
                )
        return ladder

    def bites(self, today: date) -> date | None:
        """Return the day of the first throttle: fines and a ban on advertising do not touch the users."""
        throttled = [step.on for step in self.ladder if step.sanction == "throttle"]
        return None if self.on is None or not throttled else max(self.on, throttled[0])

    def put_off(self, to: date) -> Self:
        """Return the demand with its first day, and every step of its ladder, moved by as many days."""
        if self.on is None:
            return self
        by = to - self.on
        steps = tuple(step.model_copy(update={"on": step.on + by}) for step in self.ladder)
        return self.model_copy(update={"on": to, "ladder": steps})


def apply(policy: Keys, days_in_force: int, table: AccessTable, setting: Setting) -> None:
    """Slow platforms that have not appointed anybody, from the days of the throttles; the latest step counts.

    A platform that has appointed one obeys removal orders from then on: a share of its content is silenced there.
    """
    today = today_of(policy, days_in_force)
    shut_out(policy, days_in_force, table, setting)
    steps = [step.share for step in policy.ladder if step.sanction == "throttle" and step.on <= today]
    left = 1.0 - (steps[-1] or 0.0) if steps else 1.0
    hit = refusing(policy, setting)
    for state in policy.by:
        s = setting.states.index(state)
        for target in policy.targets:
            p = setting.platforms.index(target)
            if target in hit:
                slow(table, (s, p), left, setting)
            elif answer_of(policy, target, setting) == "complied":
                table.silenced[s, p] = max(table.silenced[s, p], setting.parameters["compliance.silenced"])


def feared(policy: Keys, targets: tuple[str, ...], setting: Setting) -> PolicyKeys | None:
    """Return what people expect of the demand: that platforms are slowed as far as the ladder goes."""
    from sim.policies import throttle

    steps = [step.share for step in policy.ladder if step.sanction == "throttle"]
    if not steps:
        return None
    return throttle.Keys(id=policy.id, instrument="throttle", by=policy.by, targets=targets, share=steps[-1])


def sanctions(policy: Keys, setting: Setting) -> list[Sanction]:
    """Return the ladder as a platform that appoints nobody expects it."""
    q = setting.parameters
    ladder = []
    for step in policy.ladder:
        if step.sanction == "fine":
            ladder.append(Sanction(step.on, fine=(step.amount or 0.0) * q["compliance.fine_paid"]))
        elif step.sanction == "ad_ban":
            ladder.append(Sanction(step.on, revenue=q["compliance.ad_ban_loss"]))
        else:
            noticed = 1.0 - felt(1.0 - (step.share or 0.0), setting)
            ladder.append(Sanction(step.on, users=noticed * q["compliance.throttle_loss"]))
    return ladder
