"""The common part of demands on platforms: a sanction after a refusal, and the effect of a platform's answer.

A demand (to sell, to host at home, to appoint a representative, to remove content) has a fixed outcome if platforms do
not decide, and the platform's own answer if they do (`Setting.answers`).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

from sim.policies.instrument import load
from sim.policies.slowing import felt

if TYPE_CHECKING:
    from sim.people.access import AccessTable
    from sim.policies.base import PolicyKeys
    from sim.world.setting import Setting

Sequel = Literal["transaction_ban", "block", "store_removal"]
"""Instruments that can follow a refusal: those that need no keys of their own."""
GRANTED = ("complied", "sold", "freed")
"""Answers after which a demand has nothing more to ask: obeyed, sold, or freed by a court."""


def answer_of(policy: PolicyKeys, target: str, setting: Setting) -> str:
    """Return a platform's answer to a demand so far; an empty text while there is none."""
    return (setting.answers or {}).get((policy.id, target), "")


def today_of(policy: PolicyKeys, days_in_force: int) -> date:
    """Return the date of a day on which a policy has been in force for so many days."""
    if policy.on is None:
        raise ValueError(f"{policy.id} is not in force")
    return policy.on + timedelta(days=days_in_force)


def refusing(policy: PolicyKeys, setting: Setting) -> tuple[str, ...]:
    """Return the targets that the sanction hits; without answers, all of them."""
    return tuple(t for t in policy.targets if answer_of(policy, t, setting) not in (*GRANTED, "left"))


def shut_out(policy: PolicyKeys, days_in_force: int, table: AccessTable, setting: Setting) -> None:
    """Cut off the states from which a platform has withdrawn: it shuts them out by itself."""
    from sim.world.setting import Enforcement, cut_off

    for target in policy.targets:
        if answer_of(policy, target, setting) == "left":
            for state in policy.by:
                cut_off(setting, table, state, target, Enforcement("geoblock", days_in_force))


def sequel(policy: PolicyKeys, then: str, targets: tuple[str, ...]) -> PolicyKeys:
    """Return the policy of the instrument that follows a refusal; it bears the name of the demand."""
    after = load(then).keys(id=policy.id, instrument=then, by=policy.by, targets=targets, on=policy.on)
    if policy.technique and then == "block":
        after = after.model_copy(update={"technique": policy.technique})
    return after


def follow_up(
    policy: PolicyKeys, then: str, targets: tuple[str, ...], days: int, table: AccessTable, setting: Setting
) -> None:
    """Apply the instrument that follows a refusal, so many days after it began."""
    if targets:
        load(then).apply(sequel(policy, then, targets), days, table, setting)


def loss_of(then: str, technique: str | None, setting: Setting) -> tuple[float, float]:
    """Return the shares of revenue and of users in the state that an instrument is expected to cost [1].

    Business that is barred earns nothing; a block costs whom its technique covers; a platform that is off the stores
    loses whom the horizon of the decision lets go; users lost take their revenue with them.
    """
    q = setting.parameters
    if then == "block":
        return 0.0, q[f"technique.{technique or 'dpi'}.coverage"]
    gone = min(1.0, q["delisting.loss_rate"] * q["compliance.horizon_days"])
    if then == "store_removal":
        return 0.0, gone
    return 1.0, max(gone, 1.0 - felt(q["transaction_ban.speed"], setting))
