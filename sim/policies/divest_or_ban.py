"""Sets a clock: sell by the date, or another instrument follows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from sim.decisions import Sold
from sim.policies.base import Doubt, Known, PolicyKeys
from sim.policies.demand import Sequel, follow_up, loss_of, refusing, sequel, shut_out, today_of
from sim.policies.hooks import Event, Sanction
from sim.policies.values import Text, whole

if TYPE_CHECKING:
    from sim.people.access import AccessTable
    from sim.world.setting import Setting

SUMMARY = "Sets a clock: sell by the date, or another instrument follows."
CASE = "ByteDance and TikTok, 90 days from 14 August 2020"
EXAMPLE = {"by": "US", "targets": ["WeChat"], "announced": "2020-08-05", "days": 12, "then": "block"}
MOST_DAYS = 3_653
"""Ten years."""
USUAL_DAYS = 90
"""As in the order of 14 August 2020 regarding the acquisition of Musical.ly, section 2(b)."""


class Keys(PolicyKeys):
    """Keys of an order to sell."""

    IDLE_KEYS: ClassVar[frozenset[str]] = frozenset()
    SELLS: ClassVar[bool] = True

    days: Annotated[int, Field(ge=1, le=MOST_DAYS), BeforeValidator(whole)] | None = None
    """Days from the announcement to the deadline [days]; unstated: until `on` if that is later, otherwise 90."""
    buyer: Text | None = None
    """Who buys; the owner and the home of the platform change with a sale."""
    outcome: Literal["sold", "extended", "banned"] = "banned"
    """What happens at the deadline; not used where platforms answer by themselves."""
    then: Sequel = "transaction_ban"
    """The instrument that follows if nobody buys."""

    @model_validator(mode="before")
    @classmethod
    def _clock_runs(cls, keys: Any) -> Any:
        """Take the announcement for the first day where the clock is set and no other day is named."""
        if isinstance(keys, dict) and keys.get("days") is not None and keys.get("on") is None:
            return {**keys, "on": keys["announced"]} if keys.get("announced") is not None else keys
        return keys

    def doubts(self, known: Known) -> Iterator[Doubt]:
        """Yield a sale to the owner, which changes nothing."""
        buyer = (self.buyer or "").casefold()
        owned = [target for target in self.targets if known.owners.get(target, "").casefold() == buyer]
        if buyer and owned:
            yield Doubt("buyer", f"{self.buyer} owns {', '.join(owned)} already", "another firm")

    def deadline(self) -> date | None:
        """Return the day from which the other instrument follows; None for a bare threat."""
        if self.on is None:
            return None
        announced = self.announced or self.on
        if self.days is not None:
            return max(self.on, announced + timedelta(days=self.days))
        return self.on if self.on > announced else announced + timedelta(days=USUAL_DAYS)

    def bites(self, today: date) -> date | None:
        """Return the deadline; one that passes without consequence leaves a bare threat."""
        deadline = self.deadline()
        passed = deadline is not None and deadline <= today
        return None if passed and self.outcome == "extended" else deadline

    def due(self) -> date | None:
        """Return the deadline."""
        return self.deadline()

    def put_off(self, to: date) -> Self:
        """Return the order with another deadline."""
        announced = self.announced or self.on
        return self if announced is None else self.model_copy(update={"days": max(1, (to - announced).days)})

    def meets_filter(self) -> bool:
        """Return whether a platform that refuses it meets a filter."""
        return self.then == "block"


def apply(policy: Keys, days_in_force: int, table: AccessTable, setting: Setting) -> None:
    """Apply the other instrument from the deadline on, unless the platform was sold or the date was put off."""
    deadline, today = policy.deadline(), today_of(policy, days_in_force)
    shut_out(policy, days_in_force, table, setting)
    if deadline is None or today < deadline:
        return
    if setting.answers is not None or policy.outcome == "banned":
        follow_up(policy, policy.then, refusing(policy, setting), (today - deadline).days, table, setting)


def feared(policy: Keys, targets: tuple[str, ...], setting: Setting) -> PolicyKeys:
    """Return what people expect of the clock: that nobody buys."""
    return sequel(policy, policy.then, targets)


def happens(policy: Keys, today: date, setting: Setting) -> list[Event]:
    """Return the lasting change of a day: at the deadline, a sale that the scenario has settled."""
    deadline = policy.deadline()
    if setting.answers is not None or policy.outcome != "sold" or deadline is None or today < deadline:
        return []
    changes = []
    for target in policy.targets:
        owner, home = _buyer_of(policy, setting)
        fact = setting.platform_facts[target]
        if (fact.owner, fact.home) != (owner, home):
            setting = setting.sold(target, owner, home)
            changes.append(Event(target, Sold(owner, home), setting))
    return changes


def answered(policy: Keys, platform: str, answer: str, setting: Setting) -> Setting:
    """Return the setting after a platform's answer: who sells has another owner and another home."""
    return setting.sold(platform, *_buyer_of(policy, setting)) if answer == "sold" else setting


def _buyer_of(policy: Keys, setting: Setting) -> tuple[str, str]:
    """Return who buys and its home: that of its other platforms, or else the state that ordered the sale."""
    homes = {fact.owner: fact.home for fact in setting.platform_facts.values()}
    state = policy.by[0]
    buyer = policy.buyer or f"a buyer in {setting.state_facts[state].name}"
    return buyer, homes.get(buyer, state)


def sanctions(policy: Keys, setting: Setting) -> list[Sanction]:
    """Return what a platform that does not sell expects."""
    deadline = policy.deadline()
    revenue, users = loss_of(policy.then, policy.technique, setting)
    return [] if deadline is None else [Sanction(deadline, revenue=revenue, users=users)]
