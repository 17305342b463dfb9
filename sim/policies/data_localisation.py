"""Demands that data are hosted at home; otherwise a block follows."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from sim.decisions import Hosted
from sim.policies.base import PolicyKeys
from sim.policies.demand import follow_up, loss_of, refusing, sequel, shut_out, today_of
from sim.policies.hooks import Event, Sanction
from sim.policies.values import Day, TechniqueName

if TYPE_CHECKING:
    from sim.people.access import AccessTable
    from sim.world.setting import Setting

SUMMARY = "Demands that data are hosted at home; otherwise a block follows."
CASE = "Russia's law 242-FZ (LinkedIn 2016); Turkey"
EXAMPLE = {"by": "RU", "targets": ["Instagram"], "deadline": "2020-08-15"}


class Keys(PolicyKeys):
    """Keys of a demand to host at home."""

    IDLE_KEYS: ClassVar[frozenset[str]] = frozenset()
    BANS: ClassVar[bool] = False

    deadline: Day | None = None
    """The day by which data must be at home; unstated, the day the law is in force."""
    outcome: Literal["refused", "complied"] = "refused"
    """What the platforms do; not used where they answer by themselves."""
    technique: TechniqueName = "isp"
    """How the block that follows is enforced."""

    def due(self) -> date | None:
        """Return the day from which a refusal is punished; None for a bare threat."""
        return None if self.on is None else max(self.on, self.deadline or self.on)

    def bites(self, today: date) -> date | None:
        """Return the deadline."""
        return self.due()

    def put_off(self, to: date) -> Self:
        """Return the demand with another deadline."""
        return self.model_copy(update={"deadline": to})

    def meets_filter(self) -> bool:
        """Return whether a platform that refuses it meets a filter."""
        return True


def apply(policy: Keys, days_in_force: int, table: AccessTable, setting: Setting) -> None:
    """Block, from the deadline on, every platform that does not host at home."""
    due, today = policy.due(), today_of(policy, days_in_force)
    shut_out(policy, days_in_force, table, setting)
    if due is None or today < due:
        return
    if setting.answers is not None or policy.outcome == "refused":
        follow_up(policy, "block", refusing(policy, setting), (today - due).days, table, setting)


def feared(policy: Keys, targets: tuple[str, ...], setting: Setting) -> PolicyKeys:
    """Return what people expect of the demand: a block."""
    return sequel(policy, "block", targets)


def happens(policy: Keys, today: date, setting: Setting) -> list[Event]:
    """Return the lasting change of a day: at the deadline, data that move as the scenario has settled."""
    due = policy.due()
    if setting.answers is not None or policy.outcome != "complied" or due is None or today < due:
        return []
    changes = []
    for target in policy.targets:
        for state in policy.by:
            if not setting.hosted_in(target, state):
                setting = setting.hosted(target, state)
                changes.append(Event(target, Hosted(state), setting))
    return changes


def answered(policy: Keys, platform: str, answer: str, setting: Setting) -> Setting:
    """Return the setting after a platform's answer: who complies hosts the data of the states there."""
    if answer == "complied":
        for state in policy.by:
            setting = setting.hosted(platform, state)
    return setting


def sanctions(policy: Keys, setting: Setting) -> list[Sanction]:
    """Return what a platform that does not host at home expects."""
    due = policy.due()
    revenue, users = loss_of("block", policy.technique, setting)
    return [] if due is None else [Sanction(due, revenue=revenue, users=users)]
