"""Demands on platforms: to sell, to host at home, to remove content, to appoint a representative.

A demand has a fixed outcome if platforms do not decide, and the platform's own answer if they do
(`Setting.answers`). A sanction follows a refusal.
"""

from __future__ import annotations

from collections.abc import Hashable
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from ..decisions import Hosted, Sold
from ..errors import Code
from ..people.setting import Enforcement, cut_off
from .access import Block, StoreRemoval, Throttle, TransactionBan, felt, slow
from .base import DayInForce, Event, Policy, Sanction
from .values import Day, Number, Share, TechniqueName, Text, parse_int, refuse

if TYPE_CHECKING:
    from ..people.access import AccessTable
    from ..people.setting import Setting

Sequel = Literal["transaction_ban", "block", "store_removal"]
"""Instruments that can follow a refusal: those without required keys."""
_SEQUELS: dict[str, type[Policy]] = {
    kind.name: kind for kind in (TransactionBan, Block, StoreRemoval)
}
GRANTED = ("complied", "sold", "freed")
"""Answers that settle a demand: obeyed, sold, or freed by a court."""
MOST_DAYS = 3_653
"""The longest time to sell: ten years [days]."""
USUAL_DAYS = 90
"""Usual time to sell [days], from the order of 14 August 2020 regarding the acquisition of
Musical.ly, section 2(b).
"""


def answer_of(policy: Policy, target: str, setting: Setting) -> str:
    """Return a platform's answer to a demand so far; empty while there is none."""
    return (setting.answers or {}).get((policy.id, target), "")


def refusing(policy: Policy, setting: Setting) -> tuple[str, ...]:
    """Return the targets that have neither granted the demand nor left; no answer counts as a
    refusal.
    """
    return tuple(
        t for t in policy.targets if answer_of(policy, t, setting) not in (*GRANTED, "left")
    )


class _Demand(Policy):
    """A demand with one deadline: an instrument follows a refusal.

    If platforms do not decide, the key ``outcome`` sets their answer, and `REFUSED` is the outcome
    that counts as a refusal; without this key, targets obey.
    """

    REFUSED: ClassVar[str] = "refused"

    def punished_from(self) -> date | None:
        """Return the day from which a refusal is punished; None for a bare threat."""
        return self.due()

    def sequel(self) -> str:
        """Return the instrument that follows a refusal."""
        return str(getattr(self, "then", "block"))

    def meets_filter(self) -> bool:
        """Return whether a refusal leads to a filter."""
        return self.sequel() == "block"

    def apply(self, access: AccessTable, day: DayInForce) -> None:
        """Apply the instrument that follows, from the deadline on, unless the scenario sets another
        outcome.
        """
        shut_out(self, access, day)
        due = self.punished_from()
        today = day.date
        is_open = day.setting.answers is not None or getattr(self, "outcome", "") == self.REFUSED
        targets = refusing(self, day.setting)
        if due is not None and today is not None and today >= due and is_open and targets:
            self.after(targets).apply(access, DayInForce((today - due).days, day.setting, today))

    def stage(self, day: DayInForce) -> Hashable:
        """Return the stage of the instrument that follows; the same text on all days before the
        deadline.
        """
        due = self.punished_from()
        today = day.date
        targets = refusing(self, day.setting)
        if due is None or today is None:
            return None
        if today < due:
            return "before its deadline"
        late = DayInForce((today - due).days, day.setting, today)
        stage = self.after(targets).stage(late) if targets else None
        return (
            day.number if stage == late.number else stage
        )  # an effect that changes daily counts from its own first day

    def feared(self, targets: tuple[str, ...], setting: Setting) -> Policy | None:
        """Return the policy that people expect: that after a refusal."""
        return self.after(targets)

    def after(self, targets: tuple[str, ...]) -> Policy:
        """Return the policy that follows a refusal, under the name of the demand."""
        return _sequel(self.sequel(), self.id, self.by, targets, self.on, self.technique)

    def sanctions(self, setting: Setting) -> list[Sanction]:
        """Return the sanctions that a refusing platform expects from the deadline on; none without
        one.

        A ban on business ends all revenue; a block costs the users whom its technique covers; a
        removal from stores costs the users lost within the horizon of the decision. Lost users take
        their revenue with them.
        """
        due = self.punished_from()
        then = self.sequel()
        q = setting.parameters
        if due is None:
            return []
        if then == "block":
            return [Sanction(due, users=q[f"technique.{self.technique or 'dpi'}.coverage"])]
        gone = min(1.0, q["delisting.loss_rate"] * q["compliance.horizon_days"])
        if then == "store_removal":
            return [Sanction(due, users=gone)]
        return [
            Sanction(
                due, revenue=1.0, users=max(gone, 1.0 - felt(q["transaction_ban.speed"], setting))
            )
        ]

    def _is_settled(self, outcome: str, today: date, setting: Setting) -> bool:
        """Return whether the scenario sets an outcome, and the deadline has come."""
        due = self.punished_from()
        return (
            setting.answers is None
            and getattr(self, "outcome", "") == outcome
            and due is not None
            and today >= due
        )


@lru_cache(maxsize=512)
def _sequel(
    then: str,
    name: str,
    by: tuple[str, ...],
    targets: tuple[str, ...],
    on: date | None,
    technique: str | None,
) -> Policy:
    """Return the policy that follows a refusal; cached, because creation is slower than
    application.
    """
    after = _SEQUELS[then](id=name, instrument=then, by=by, targets=targets, on=on)
    return (
        after.model_copy(update={"technique": technique})
        if technique and then == "block"
        else after
    )


def shut_out(policy: Policy, access: AccessTable, day: DayInForce) -> None:
    """Cut off the states from which a platform has withdrawn by itself (in place)."""
    for target in policy.targets:
        if answer_of(policy, target, day.setting) == "left":
            for state in policy.by:
                cut_off(day.setting, access, state, target, Enforcement("geoblock", day.number))


class DivestOrBan(_Demand):
    """Demands that the owner sell a platform by a date; otherwise another instrument follows."""

    VERB = "orders the sale of"
    CASE = "ByteDance and TikTok, 90 days from 14 August 2020"
    EXAMPLE = {
        "by": "US",
        "targets": ["WeChat"],
        "announced": "2020-08-05",
        "days": 12,
        "then": "block",
    }
    IDLE_KEYS = frozenset()
    SELLS = True
    REFUSED = "banned"

    days: Annotated[int, Field(ge=1, le=MOST_DAYS), BeforeValidator(parse_int)] | None = None
    """Days from the announcement to the deadline [days]; unstated: until `on` if that is later,
    otherwise 90.
    """
    buyer: Text | None = None
    """The buyer; a sale changes the owner and the home of the platform."""
    outcome: Literal["sold", "extended", "banned"] = "banned"
    """Outcome at the deadline; if platforms decide by themselves, only `extended` counts."""
    then: Sequel = "transaction_ban"
    """The instrument that follows if nobody buys."""

    @model_validator(mode="before")
    @classmethod
    def _clock_runs(cls, keys: Any) -> Any:
        """Use the announcement as the first day if `days` is set and no first day is."""
        if isinstance(keys, dict) and keys.get("days") is not None and keys.get("on") is None:
            return {**keys, "on": keys["announced"]} if keys.get("announced") is not None else keys
        return keys

    def due(self) -> date | None:
        """Return the deadline, after which another instrument follows; None for a bare threat."""
        if self.on is None:
            return None
        announced = self.announced or self.on
        if self.days is not None:
            return max(self.on, announced + timedelta(days=self.days))
        return self.on if self.on > announced else announced + timedelta(days=USUAL_DAYS)

    def bites(self, today: date) -> date | None:
        """Return the deadline; None if it passes without consequence."""
        deadline = self.due()
        passed = deadline is not None and deadline <= today
        return None if passed and self.outcome == "extended" else deadline

    def put_off(self, to: date) -> Self:
        """Return the order with another deadline."""
        announced = self.announced or self.on
        return (
            self
            if announced is None
            else self.model_copy(update={"days": max(1, (to - announced).days)})
        )

    def happens(self, today: date, setting: Setting) -> list[Event]:
        """Return the permanent change of a day: at the deadline, a sale that the scenario sets."""
        events = []
        for target in self.targets if self._is_settled("sold", today, setting) else ():
            owner, home = self._buyer(setting)
            fact = setting.platform_facts[target]
            if (fact.owner, fact.home) != (owner, home):
                setting = setting.with_platform(target, owner=owner, home=home)
                events.append(Event(target, Sold(owner, home), setting))
        return events

    def answered(self, platform: str, answer: str, setting: Setting) -> Setting:
        """Return the setting after a platform's answer: a sale changes owner and home."""
        if answer != "sold":
            return setting
        owner, home = self._buyer(setting)
        return setting.with_platform(platform, owner=owner, home=home)

    def is_done(self, setting: Setting) -> bool:
        """Return whether all its targets have been sold."""
        owner, _ = self._buyer(setting)
        return all(setting.platform_facts[target].owner == owner for target in self.targets)

    def _buyer(self, setting: Setting) -> tuple[str, str]:
        """Return the buyer and its home: that of its other platforms, or else the state that
        ordered the sale.
        """
        homes = {fact.owner: fact.home for fact in setting.platform_facts.values()}
        state = self.by[0]
        buyer = self.buyer or f"a buyer in {setting.state_facts[state].name}"
        return buyer, homes.get(buyer, state)


class DataLocalisation(_Demand):
    """Demands that a platform stores data on the state's people in that state; otherwise a block
    follows.
    """

    CASE = "Russia's law 242-FZ (LinkedIn 2016); Turkey"
    VERB = "demands that {target} keep data at home"
    EXAMPLE = {"by": "RU", "targets": ["Instagram"], "deadline": "2020-08-15"}
    IDLE_KEYS = frozenset()
    NEEDS_OFFICE = True
    BANS = False

    deadline: Day | None = None
    """The day by which data must be at home; by default, the first day in force."""
    outcome: Literal["refused", "complied"] = "refused"
    """The platforms' answer; not used if platforms decide by themselves."""
    technique: TechniqueName = "isp"
    """Technique of the block that follows a refusal."""

    def due(self) -> date | None:
        """Return the day from which a refusal is punished; None for a bare threat."""
        return None if self.on is None else max(self.on, self.deadline or self.on)

    def put_off(self, to: date) -> Self:
        """Return the demand with another deadline."""
        return self.model_copy(update={"deadline": to})

    def happens(self, today: date, setting: Setting) -> list[Event]:
        """Return the permanent change of a day: at the deadline, a move of data that the scenario
        sets.
        """
        events = []
        for target in self.targets if self._is_settled("complied", today, setting) else ():
            for state in self.by:
                if not setting.hosted_in(target, state):
                    setting = setting.hosted(target, state)
                    events.append(Event(target, Hosted(state), setting))
        return events

    def answered(self, platform: str, answer: str, setting: Setting) -> Setting:
        """Return the setting after a platform's answer: a platform that complies hosts the states'
        data there.
        """
        for state in self.by if answer == "complied" else ():
            setting = setting.hosted(platform, state)
        return setting


class ContentRemoval(_Demand):
    """Makes platforms remove a share of their content or accounts in the state."""

    CASE = "Turkey's law 7253, 2020"
    VERB = "demands that {target} remove content"
    EXAMPLE = {"by": "TR", "targets": ["Twitter"], "share": 0.2, "hours": 48}
    IDLE_KEYS = frozenset()
    BANS = False
    DOSES = ("share",)

    share: Share
    """Share of content or accounts silenced [1]."""
    hours: Annotated[Number, Field(ge=0.01, le=87_660)] | None = None
    """Time for the removal [hours]; afterwards content is silenced, or the refusal is punished."""
    then: Sequel = "block"
    """The instrument that follows a refusal if platforms decide by themselves; otherwise they
    obey.
    """

    def punished_from(self) -> date | None:
        """Return the day from which content is silenced, or a refusal is punished; None for a bare
        threat.
        """
        return None if self.on is None else self.on + timedelta(days=int((self.hours or 0.0) // 24))

    def apply(self, access: AccessTable, day: DayInForce) -> None:
        """Silence the share on platforms that obey; punish those that do not. People can still use
        the platform.
        """
        deadline = self.punished_from()
        answers = day.setting.answers
        if deadline is not None and day.date is not None and day.date >= deadline:
            obeying = [
                t
                for t in self.targets
                if answers is None or answer_of(self, t, day.setting) == "complied"
            ]
            for cell in day.cells(self.by, tuple(obeying)):
                access.silenced[cell] = max(access.silenced[cell], self.share)
        super().apply(access, day)

    def feared(self, targets: tuple[str, ...], setting: Setting) -> Policy | None:
        """Return the policy that people expect: the punishment, or None if platforms obey."""
        return None if setting.answers is None else super().feared(targets, setting)


class Step(BaseModel):
    """One step of the sanctions."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    on: Day
    """First day of the step."""
    sanction: Literal["fine", "ad_ban", "throttle", "block"]
    """The sanction."""
    share: Share | None = None
    """For a throttle: share of the usual speed that is removed [1]."""
    amount: Annotated[Number, Field(ge=0, le=1e12)] | None = None
    """For a fine: its amount [US dollars]; by default it has no effect on decisions."""

    @model_validator(mode="after")
    def _dose(self) -> Self:
        """Refuse a throttle without a dose, and a dose without a meaning."""
        if self.sanction == "throttle" and self.share is None:
            allowed = "the share of the speed taken away, 0 to 1"
            raise refuse(
                "a throttle without a share", allowed, "for example share: 0.5", Code.MISSING
            )
        for key, value, sanction in (
            ("share", self.share, "throttle"),
            ("amount", self.amount, "fine"),
        ):
            if value is not None and self.sanction != sanction:
                found = f"'{key}' means nothing for {self.sanction}"
                allowed = f"{key} only for a {sanction}"
                raise refuse(found, allowed, "leave it out")
        return self


class LocalRepresentative(Policy):
    """Demands a representative in the state and raises sanctions step by step. A platform may
    comply at each step.
    """

    VERB = "demands a local representative of"
    CASE = "Turkey's law 7253, in force 1 October 2020: up to -50 %, then up to -90 % of bandwidth"
    EXAMPLE = {
        "by": "TR",
        "targets": ["Twitter"],
        "ladder": [
            {"on": "2020-08-20", "sanction": "ad_ban"},
            {"on": "2020-08-30", "sanction": "throttle", "share": 0.9},
        ],
    }
    NEEDS_OFFICE = True
    BANS = False

    ladder: tuple[Step, ...] = Field(min_length=1)
    """The sanctions, in the order of their days: `on`, and as `sanction` fine (with its `amount`
    in US dollars), ad_ban, throttle (with its `share` [1]) or block.
    """

    @field_validator("ladder")
    @classmethod
    def _in_order(cls, ladder: tuple[Step, ...]) -> tuple[Step, ...]:
        """Refuse steps that are not in the order of time."""
        for before, after in pairwise(ladder):
            if after.on < before.on:
                found = f"a step on {after.on} follows one on {before.on}"
                raise refuse(found, "steps in the order of their days")
        return ladder

    def bites(self, today: date) -> date | None:
        """Return the day of the first throttle or block; fines and bans on advertising do not
        affect users.
        """
        felt_steps = self._felt()
        return None if self.on is None or not felt_steps else max(self.on, felt_steps[0].on)

    def put_off(self, to: date) -> Self:
        """Return the demand with its first day and all its steps moved by the same time."""
        if self.on is None:
            return self
        delay = to - self.on
        steps = tuple(step.model_copy(update={"on": step.on + delay}) for step in self.ladder)
        return self.model_copy(update={"on": to, "ladder": steps})

    def apply(self, access: AccessTable, day: DayInForce) -> None:
        """Slow or block platforms without a representative, from the days of the steps; the latest
        step counts.

        A platform with a representative obeys removal orders from then on: a share of its content
        is silenced.
        """
        setting = day.setting
        today = day.date
        shut_out(self, access, day)
        reached = [step for step in self._felt() if today is not None and step.on <= today]
        targets = refusing(self, setting)
        if reached and reached[-1].sanction == "block" and targets and today is not None:
            late = DayInForce((today - reached[-1].on).days, setting, today)
            _sequel("block", self.id, self.by, targets, self.on, self.technique).apply(access, late)
        elif reached:
            for cell in day.cells(self.by, targets):
                slow(access, cell, 1.0 - (reached[-1].share or 0.0), setting)
        for cell in day.cells(
            self.by, tuple(t for t in self.targets if answer_of(self, t, setting) == "complied")
        ):
            access.silenced[cell] = max(
                access.silenced[cell], setting.parameters["compliance.silenced"]
            )

    def stage(self, day: DayInForce) -> Hashable:
        """Return the number of steps in force that affect users; None once their effect is
        final.
        """
        steps = self._felt()
        reached = [step for step in steps if day.date is None or step.on <= day.date]
        coming = len(steps) - len(reached)
        targets = refusing(self, day.setting)
        if day.date is not None and targets and reached and reached[-1].sanction == "block":
            late = DayInForce((day.date - reached[-1].on).days, day.setting, day.date)
            block = _sequel("block", self.id, self.by, targets, self.on, self.technique)
            how = block.stage(late)
            return (len(reached), how) if coming or how is not None else None
        return len(reached) if coming else None

    def feared(self, targets: tuple[str, ...], setting: Setting) -> Policy | None:
        """Return the policy that people expect: the strictest throttle or block among the steps."""
        steps = self._felt()
        if not steps:
            return None
        if steps[-1].sanction == "block":
            return _sequel("block", self.id, self.by, targets, self.on, self.technique)
        return Throttle(
            id=self.id,
            instrument="throttle",
            by=self.by,
            targets=targets,
            share=steps[-1].share,
        )

    def sanctions(self, setting: Setting) -> list[Sanction]:
        """Return the sanctions that a platform without a representative expects."""
        q = setting.parameters
        expected = []
        for step in self.ladder:
            if step.sanction == "fine":
                expected.append(
                    Sanction(step.on, fine=(step.amount or 0.0) * q["compliance.fine_paid"])
                )
            elif step.sanction == "ad_ban":
                expected.append(Sanction(step.on, revenue=q["compliance.ad_ban_loss"]))
            elif step.sanction == "block":
                covered = q[f"technique.{self.technique or 'dpi'}.coverage"]
                expected.append(Sanction(step.on, users=covered))
            else:
                noticed = 1.0 - felt(1.0 - (step.share or 0.0), setting)
                expected.append(Sanction(step.on, users=noticed * q["compliance.throttle_loss"]))
        return expected

    def meets_filter(self) -> bool:
        """Return whether a refusal leads to a filter."""
        return any(step.sanction == "block" for step in self.ladder)

    def _felt(self) -> list[Step]:
        """Return the steps that affect users: those that slow or block the platform."""
        return [step for step in self.ladder if step.sanction in ("throttle", "block")]
