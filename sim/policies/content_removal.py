"""Silences a share of the content or accounts of platforms."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import BeforeValidator, Field

from sim.policies.base import PolicyKeys
from sim.policies.demand import Sequel, answer_of, follow_up, loss_of, refusing, sequel, shut_out
from sim.policies.hooks import Sanction
from sim.policies.values import Share, number

if TYPE_CHECKING:
    from sim.people.access import AccessTable
    from sim.world.setting import Setting

SUMMARY = "Silences a share of the content or accounts of platforms."
CASE = "Turkey's law 7253, 2020"
EXAMPLE = {"by": "TR", "targets": ["Twitter"], "share": 0.2, "hours": 48}
HOURS_A_DAY = 24


class Keys(PolicyKeys):
    """Keys of a removal of content."""

    IDLE_KEYS: ClassVar[frozenset[str]] = frozenset()
    BANS: ClassVar[bool] = False
    DOSES: ClassVar[tuple[str, ...]] = ("share",)

    share: Share
    """Share of content or accounts silenced [1]."""
    hours: Annotated[float, Field(ge=0.01, le=87_660), BeforeValidator(number)] | None = None
    """Time a platform has to remove it [hours]; from then on it is silenced, or the refusal is punished."""
    then: Sequel = "block"
    """The instrument that follows a refusal; only where platforms answer by themselves, otherwise they obey."""

    def delay(self) -> int:
        """Return the whole days until the demand is met or punished [days]."""
        return 0 if self.hours is None else int(self.hours // HOURS_A_DAY)

    def meets_filter(self) -> bool:
        """Return whether a platform that refuses it meets a filter."""
        return self.then == "block"


def apply(policy: Keys, days_in_force: int, table: AccessTable, setting: Setting) -> None:
    """Silence the share on platforms that obey; punish those that do not. People can still use the platform."""
    shut_out(policy, days_in_force, table, setting)
    days = days_in_force - policy.delay()
    if days < 0:
        return
    for target in policy.targets:
        if setting.answers is None or answer_of(policy, target, setting) == "complied":
            p = setting.platforms.index(target)
            for state in policy.by:
                s = setting.states.index(state)
                table.silenced[s, p] = max(table.silenced[s, p], policy.share)
    if setting.answers is not None:
        follow_up(policy, policy.then, refusing(policy, setting), days, table, setting)


def feared(policy: Keys, targets: tuple[str, ...], setting: Setting) -> PolicyKeys | None:
    """Return what people expect of the demand: the punishment, or nothing where platforms obey."""
    return None if setting.answers is None else sequel(policy, policy.then, targets)


def sanctions(policy: Keys, setting: Setting) -> list[Sanction]:
    """Return what a platform that does not obey expects."""
    revenue, users = loss_of(policy.then, policy.technique, setting)
    if policy.on is None:
        return []
    return [Sanction(policy.on + timedelta(days=policy.delay()), revenue=revenue, users=users)]
