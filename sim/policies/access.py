"""Instruments that restrict services: blocks, throttles, app stores, business and money, clouds,
VPNs, shutdowns and withdrawals.

In an exit, the owner leaves a state or removes content. An age limit requires a proof of age.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

import numpy as np
from pydantic import BeforeValidator, Field, create_model, field_validator, model_validator

from ..errors import Code
from ..facts.model import DEVICES, MODES, Order
from ..facts.platforms import store_of
from ..facts.relations import load_trade
from ..people.access import felt_speed, open_table
from ..people.setting import (
    NEVER_CHANGES,
    Enforcement,
    Setting,
    cut_off,
    income,
    replaced_tools,
    value_of_dollars,
)
from .base import FROM_FIELDS, DayInForce, Policy
from .values import (
    OLDEST,
    AtLeastOne,
    Clouds,
    Day,
    DecidingState,
    Line,
    Makers,
    Number,
    OneOrMore,
    Share,
    Stores,
    TechniqueName,
    Who,
    YesOrNo,
    parse_int,
    refuse,
)

if TYPE_CHECKING:
    from ..people.access import AccessTable

# ``from`` is a keyword in Python, so this field needs another form.
STORES_FROM: dict[str, Any] = {
    "from": (
        OneOrMore[DecidingState],
        Field(
            default=(),
            description="The state or states in which the stores close by order of their home, "
            "`by`, or by decision of their owner; unstated, they close in `by`.",
        ),
    )
}
ANDROID = DEVICES.index("Android")
LIGHT = ("text", "voice", "pay")
"""Modes that need little bandwidth (assumption)."""
HOURS_OF_A_DAY = 24.0
"""Hours of a day."""
HoursADay = Annotated[Number, Field(ge=0.5, le=23.5)]
WATCHED = ("video", "stream")
"""Kinds of platform for watching."""


def felt(speed: float, setting: Setting) -> float:
    """Return the speed as people notice it, from the remaining share of the usual speed [1]."""
    return float(felt_speed(speed, setting.parameters["choice.speed_unnoticed"]))


def slow(access: AccessTable, cell: tuple[int, int], left: float, setting: Setting) -> None:
    """Leave a platform in a state (``cell``: their numbers) at most a share ``left`` of its usual
    speed (in place).
    """
    access.speed[cell] = min(access.speed[cell], felt(left, setting))


def _networks_and_hours(networks: str | None, hours: float | None) -> str:
    """Return the name of the sentence for a block or a shutdown: ``mobile``, ``hours``, both, or
    neither.
    """
    words = ["mobile"] if networks == "mobile" else []
    return " ".join([*words, "hours"] if hours is not None else words)


class Block(Policy):
    """Blocks platforms by a technique that filters names, addresses or content."""

    CASE = "The Great Firewall; Ukraine and VKontakte 2017; Russia and Instagram 2022"
    EXAMPLE = {"by": "US", "targets": ["WeChat"], "technique": "isp"}
    VERB = "blocks"
    IDLE_KEYS = frozenset()
    NOTES = frozenset({"reference", "networks"})

    technique: TechniqueName = "dpi"
    """How the network enforces it."""
    order: Order | None = None
    """The body that orders providers to carry it out, which sets their speed: court, regulator,
    register or decree.
    """
    deadline: Day | None = None
    """The day by which every provider must have carried it out."""
    boxes: Share = 1.0
    """Share of lines behind the state's filtering equipment, for `dpi` [1]; on the other lines,
    providers' lists block (`isp`).
    """
    networks: Literal["all", "mobile"] | None = None
    """The networks concerned; for mobile networks alone, `share` of `who` gives the people who have
    no other line.
    """
    hours_a_day: HoursADay | None = None
    """Duration on each day; by default, all day [hours]."""

    def said_as(self) -> str:
        """Return the name of the sentence, which depends on mobile networks alone and on hours a
        day.
        """
        return _networks_and_hours(self.networks, self.hours_a_day)

    @model_validator(mode="after")
    def _mobile_share(self) -> Self:
        """Refuse mobile networks alone without the share of people who have no other line."""
        if self.networks == "mobile" and (self.who is None or self.who.share is None):
            found = "mobile networks alone without the share of people who have no other line"
            raise refuse(
                found,
                "the share whom it concerns, 0 to 1",
                "for example who: {share: 0.7}",
                Code.MISSING,
            )
        return self

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        """Refuse a deadline before the block begins."""
        if self.deadline is not None and self.on is not None and self.deadline < self.on:
            raise refuse(
                f"deadline {self.deadline} before on {self.on}",
                "a day from then on",
                code=Code.ORDER,
            )
        return self

    def apply(self, access: AccessTable, day: DayInForce) -> None:
        """Cut direct access to the targets; one rule for all events sets the share of people.

        A block for some hours a day cuts nobody off for a whole day: people come back in the other
        hours. The targets lose value, by the part of the day and of the people reached
        (assumption). A VPN avoids it.
        """
        if self.hours_a_day is None:
            for state in self.by:
                for target in self.targets:
                    cut_off(day.setting, access, state, target, self._how(day))
            return
        setting = day.setting
        blocked = open_table(len(setting.states), len(setting.platforms))
        for s, p in day.cells(self.by, self.targets):
            cut_off(setting, blocked, s, setting.platforms[p], self._how(day))
            open_hours = 1.0 - (1.0 - blocked.reach[s, p]) * self.hours_a_day / HOURS_OF_A_DAY
            left = float(open_hours @ setting.mode_weights[p])
            access.speed[s, p] = min(access.speed[s, p], left)

    def stage(self, day: DayInForce) -> Hashable:
        """Return the share of providers that have carried it out, and of people who have found a
        working VPN.
        """
        return self._how(day).stage(day.setting.parameters)

    def _how(self, day: DayInForce) -> Enforcement:
        """Return its enforcement on a day."""
        limit = (
            None
            if self.deadline is None or self.on is None
            else max(0, (self.deadline - self.on).days)
        )
        return Enforcement(self.technique, day.number, self.order, limit, self.boxes)


class Throttle(Policy):
    """Lowers the speed of platforms, so that people leave over time."""

    VERB = "slows down"
    CASE = "Turkey's ladder 2020; Russia and YouTube 2024"
    EXAMPLE = {"by": "US", "targets": ["WeChat"], "share": 0.95}
    DOSES = ("share", "coverage")
    STEADY = True

    rate_kbps: Annotated[Number, Field(ge=0.001, le=1e9)] | None = None
    """Speed that each user still gets [kbit/s]."""
    share: Share | None = None
    """Share of the usual speed that is removed [1]."""
    coverage: Share = 1.0
    """Share of each person's use that goes over slowed lines, such as mobile lines alone [1]."""

    @model_validator(mode="after")
    def _one_dose(self) -> Self:
        """Refuse a throttle without a dose, or with two."""
        if (self.rate_kbps is None) == (self.share is None):
            found = (
                "neither rate_kbps nor share" if self.share is None else "both rate_kbps and share"
            )
            raise refuse(found, "exactly one of them", "for example rate_kbps: 128")
        return self

    def apply(self, access: AccessTable, day: DayInForce) -> None:
        """Slow the targets; the slowest of several throttles counts, and a VPN avoids it."""
        for s, p in day.cells(self.by, self.targets):
            access.speed[s, p] = min(access.speed[s, p], self._speed_left(p, day.setting))

    def _speed_left(self, platform: int, setting: Setting) -> float:
        """Return the remaining speed of a platform, as people notice it [1].

        For a partial throttle, of some lines or of pictures but not of text, this is the uniform
        speed with the same remaining value.
        """
        if self.share is not None and self.coverage == 1.0:
            return felt(1.0 - self.share, setting)
        q = setting.parameters
        kind = setting.platform_facts[setting.platforms[platform]].kind
        exponent = q["choice.speed_exponent"]
        if self.share is not None:
            slowed = felt(1.0 - self.share, setting) ** exponent
        else:
            # The rate at which each mode works fully [kbit/s]: text, voice and payments need
            # little, pictures and video calls more, and videos most.
            light = q["throttle.need_messenger"]
            heavy = q["throttle.need_feed"]
            needs = [light if mode in LIGHT else heavy for mode in MODES]
            if kind in WATCHED:
                needs = [q["throttle.need_video"]] * len(MODES)
            rate = self.rate_kbps or 0.0
            parts = zip(setting.mode_weights[platform].tolist(), needs, strict=True)
            slowed = sum(
                weight * felt(min(1.0, rate / need), setting) ** exponent for weight, need in parts
            )
        return float((1.0 - self.coverage + self.coverage * slowed) ** (1.0 / exponent))


def _take_off_stores(
    access: AccessTable,
    cell: tuple[int, int],
    devices: Sequence[int],
    day: DayInForce,
    left: float = 0.0,
) -> None:
    """Let at most a share ``left`` of some devices install and update; apps are lost as phones and
    versions age (in place).

    Platforms without a store (websites) and preinstalled apps are not affected.
    """
    setting = day.setting
    q = day.setting.parameters
    days = day.number + 1
    if not setting.platform_facts[setting.platforms[cell[1]]].stores:
        return
    old = min(days, q["delisting.split_days"])
    hazard = q["delisting.loss_rate"] * old + q["delisting.split_rate"] * (days - old)
    rate = (
        q["delisting.loss_rate"] if days < q["delisting.split_days"] else q["delisting.split_rate"]
    )
    for device in devices:
        at = (*cell, device)
        access.install[at] = min(access.install[at], left)
        access.install_hazard[at] = max(access.install_hazard[at], hazard)
        access.install_rate[at] = max(access.install_rate[at], rate)


class StoreRemoval(
    create_model(  # type: ignore[misc]
        "_OfStores", __base__=Policy, __module__=__name__, **STORES_FROM
    )
):
    """Removes platforms from app stores, so that nobody can install or update them. Users lose the
    app when they replace the phone or the version becomes too old.
    """

    CASE = "Clean Store 2020; TikTok in the United States 2025"
    VERB = "takes {target} off the stores"
    EXAMPLE = {"by": "US", "targets": ["WeChat"]}
    PARAMETERS = ("delisting",)
    NOTES = frozenset({"reference", "reason"})

    stores: Stores = ()
    """The app stores concerned; all of them unless stated."""
    reason: Literal["own decision", "home order"] | None = None
    """Whether the owner of the stores decides it, or a state orders it, as it does unless stated;
    this has no effect in the model.
    """

    @model_validator(mode="after")
    def _store_decides(self) -> Self:
        """Refuse a decision by the owner of stores that are not named."""
        if self.acts_by_owner() and not self.stores:
            raise refuse(
                "a decision of stores that are not named",
                "the stores whose owner decides",
                "for example stores: [Apple App Store]",
                Code.MISSING,
            )
        return self

    def concerns(self) -> tuple[str, ...]:
        """Return the states whose people lose the targets."""
        return tuple(getattr(self, "from")) or self.by

    def acts_by_owner(self) -> bool:
        """Return whether the owner of the stores acts on its own decision."""
        return self.reason == "own decision"

    def said_as(self) -> str:
        """Return the name of the sentence if the owner of the stores decides, or if they close to
        another state; else empty.
        """
        if self.acts_by_owner():
            return "own decision"
        return "abroad" if getattr(self, "from") else ""

    def spares(self) -> tuple[str, ...]:
        """Return the homes of stores that close to other states alone."""
        return tuple(state for state in self.by if state not in self.concerns())

    def apply(self, access: AccessTable, day: DayInForce) -> None:
        """Remove the targets from the named stores."""
        for state in self.concerns():
            blocked = {platform for (where, platform) in day.setting.blocks if where == state}
            devices = [
                n
                for n, d in enumerate(DEVICES)
                if not self.stores or store_of(d, blocked) in self.stores
            ]
            for cell in day.cells((state,), self.targets):
                _take_off_stores(access, cell, devices, day)


class PreinstallBan(Policy):
    """Bars some phone makers from preinstalling apps and from offering them in their own stores."""

    CASE = "Clean Apps 2020 (Huawei)"
    EXAMPLE = {"by": "CN", "targets": ["WeChat"], "makers": "Huawei"}
    OBJECTS = {"targets": "platform", "makers": "maker"}
    VERB = "bars makers of phones from preinstalling"

    makers: Makers = ()
    """The makers of Android phones concerned; all of them unless stated."""

    def apply(self, access: AccessTable, day: DayInForce) -> None:
        """Close the store on the makers' phones; working apps are lost as phones are replaced and
        versions age.

        The law applies everywhere for a platform whose owner is in its state, and only at home for
        others.
        """
        setting = day.setting
        trade = load_trade(day.setting.facts.name)
        for target in self.targets:
            everywhere = setting.platform_facts[target].home in self.by
            for state in setting.states if everywhere else self.by:
                share = sum(trade.maker_share(maker, state) for maker in self.makers)
                left = 1.0 - (min(1.0, share) if self.makers else 1.0)
                if left < 1.0:
                    for cell in day.cells((state,), (target,)):
                        _take_off_stores(access, cell, (ANDROID,), day, left)


class TransactionBan(Policy):
    """Bars business with platforms. App stores, payments and hosting stop; the service decays."""

    CASE = "WeChat and TikTok, to apply from 20 September 2020 (Executive Orders 13943 and 13942)"
    EXAMPLE = {"by": "US", "targets": ["WeChat"]}
    VERB = "bars business with"
    PARAMETERS = ("delisting",)

    def apply(self, access: AccessTable, day: DayInForce) -> None:
        """Remove the targets from the stores, end payments, and reduce speed as hosting, delivery
        and peering end.

        Use stays legal, and nothing is filtered: the service decays.
        """
        q = day.setting.parameters
        run_down = min(1.0, (day.number + 1) / q["transaction_ban.ramp_days"])
        left = 1.0 - (1.0 - q["transaction_ban.speed"]) * run_down
        for cell in day.cells(self.by, self.targets):
            _take_off_stores(access, cell, range(len(DEVICES)), day)
            slow(access, cell, left, day.setting)
            access.reach[(*cell, MODES.index("pay"))] = 0.0


class CommerceBan(Policy):
    """Bars buyers, sellers or both from trading on platforms, so that rivals gain."""

    CASE = "Alibaba and AliExpress, threatened in August 2020"
    EXAMPLE = {"by": "US", "targets": ["AliExpress"]}
    VERB = "bars trade on"
    STEADY = True

    sides: AtLeastOne[Literal["buyers", "sellers"]] = ("buyers", "sellers")
    """The trade that is cut."""

    def apply(self, access: AccessTable, day: DayInForce) -> None:
        """Keep the states' buyers from buying, their sellers from selling, or both.

        A VPN does not help, because payment and shipping are barred.
        """
        facts = {target: day.setting.platform_facts[target] for target in self.targets}
        traded = [
            t
            for t, fact in facts.items()
            if fact.kind in ("commerce", "payment") or "pay" in fact.modes
        ]
        for s, p in day.cells(self.by, tuple(traded)):
            if "buyers" in self.sides:
                access.reach[s, p] = 0.0
                access.vpn_share[s, p] = 0.0
            if "sellers" in self.sides:
                access.sell[s, p] = 0.0


class CloudBan(Policy):
    """Bars clouds. Platforms hosted there must move, at a cost, with downtime and lower speed."""

    CASE = "Clean Cloud 2020: Alibaba, Baidu, Tencent, China Mobile, China Telecom"
    EXAMPLE = {"by": "US", "clouds": "Tencent Cloud"}
    VERB = "bars the cloud of"
    NEEDS_TARGETS = False
    IDLE_KEYS = frozenset({"technique", "targets"})
    OBJECTS = {"targets": "platform", "clouds": "cloud"}

    clouds: Clouds
    """The clouds concerned."""

    def apply(self, access: AccessTable, day: DayInForce) -> None:
        """Let services on the clouds fail for some days, then run slower until they have moved.

        Only the part of a platform on these clouds suffers, and it recovers fully after the
        move.
        """
        q = day.setting.parameters
        lost = 1.0 if day.number < q["cloud_ban.downtime_days"] else 1.0 - q["cloud_ban.speed"]
        for p, part in self._parts_hosted(day):
            for s in day.rows(self.by):
                slow(access, (s, p), 1.0 - part * lost, day.setting)

    def stage(self, day: DayInForce) -> Hashable:
        """Return whether the hosted services are down or slow; None after the move."""
        q = day.setting.parameters
        has_moved = day.number >= q["cloud_ban.move_days"]
        return None if has_moved else day.number < q["cloud_ban.downtime_days"]

    def cost(self, users: np.ndarray, day: DayInForce) -> np.ndarray:
        """Return the cost of the move for each platform, spread over its days [US dollars a day].

        Parameters
        ----------
        users : numpy.ndarray, shape (states, platforms)
            People who use each platform [persons].
        day : DayInForce
        """
        q = day.setting.parameters
        rows = day.rows(self.by)
        out = users * 0.0
        for p, part in self._parts_hosted(day):
            out[rows, p] = (
                users[rows, p] * part * q["cloud_ban.move_cost"] / q["cloud_ban.move_days"]
            )
        return out

    def _parts_hosted(self, day: DayInForce) -> Iterator[tuple[int, float]]:
        """Yield each platform that has not moved, and the share of its hosting there [1]; equal
        parts (assumption).
        """
        if day.number < day.setting.parameters["cloud_ban.move_days"]:
            for p, name in enumerate(day.setting.platforms):
                hosting = day.setting.platform_facts[name].hosting
                if concerned := set(hosting) & set(self.clouds):
                    yield p, len(concerned) / len(hosting)


class NationalChampion(Policy):
    """Promotes its targets, which are domestic substitutes; they can also be preinstalled or
    compulsory.
    """

    CASE = "Weixin in China; VK and MAX in Russia"
    VERB = "promotes"
    EXAMPLE = {"by": "RU", "targets": ["VKontakte"], "compulsory": True}
    BANS = False
    PROMOTES = True
    STEADY = True

    promoted: YesOrNo = True
    """Whether the state advertises it."""
    preinstalled: YesOrNo = False
    """Whether it is installed on new phones."""
    compulsory: YesOrNo = False
    """Whether some services need it."""

    def apply(self, access: AccessTable, day: DayInForce) -> None:
        """Let people without the champions adopt them, at a rate for each form of promotion."""
        ways = ("promoted", "preinstalled", "compulsory")
        rate = sum(
            day.setting.parameters[f"national_champion.{way}"] for way in ways if getattr(self, way)
        )
        for cell in day.cells(self.by, self.targets):
            access.push[cell] = max(access.push[cell], rate)


class UsageTax(Policy):
    """Charges people a fee for each day on which they use platforms."""

    CASE = "Uganda's daily social-media tax 2018"
    EXAMPLE = {"by": "NG", "targets": ["Facebook"], "fee_per_day": 0.05}
    BANS = False
    DOSES = ("fee_per_day",)
    STEADY = True

    fee_per_day: Annotated[Number, Field(ge=0, le=1e4)]
    """Price of a day of use [US dollars]."""

    def apply(self, access: AccessTable, day: DayInForce) -> None:
        """Subtract the fee from the value of direct use; people with several taxed platforms pay
        once, and a VPN avoids it.

        The fee is due on a day on which any target is used, so each target bears a part
        (assumption: equal parts).
        """
        for state in self.by:
            part = value_of_dollars(day.setting, state, self.fee_per_day / len(self.targets))
            for cell in day.cells((state,), self.targets):
                access.price[cell] = max(access.price[cell], part)


class VpnBan(Policy):
    """Closes a share of VPNs and punishes their use."""

    CASE = "China; Russia 2017 and 2024"
    VERB = "bars VPNs"
    EXAMPLE = {"by": "CN", "share_closed": 0.7, "penalty": 2}
    NEEDS_TARGETS = False
    IDLE_KEYS = frozenset({"technique", "targets"})
    DOSES = ("share_closed", "penalty")

    share_closed: Share
    """Share of VPNs that stop working at first [1]; some are replaced."""
    penalty: Annotated[Number, Field(ge=0, le=1e6)] = 0.0
    """Expected cost of use to a user [US dollars a month]."""
    order: Order | None = None
    """The body that ordered the fine, which sets how many people know of it: court, regulator,
    register, or a law or decree (decree).
    """

    def said_as(self) -> str:
        """Return the name of the sentence if VPNs stay open and only their use is punished."""
        return "" if self.share_closed else "punished"

    def apply(self, access: AccessTable, day: DayInForce) -> None:
        """Close a share of the working VPNs, and put an expected fine on each platform opened by
        VPN.

        Closed tools are replaced, up to a limit, while the ban is in force. People who know of the
        fine and fear it use no VPN. The share of people who know of it follows from the body that
        ordered it; by default, a law. Among them, the share who fear it grows with the expected
        cost of a month's use, relative to income.
        """
        q = day.setting.parameters
        replaced = replaced_tools(day.number, q)
        of_order = {"court": "fear.known_court", "decree": "fear.law_known"}
        known = of_order.get(
            self.order or "decree", "fear.known_regulator"
        )  # regulators keep the registers
        for state, s in zip(self.by, day.rows(self.by), strict=True):
            access.vpn_open[s] = min(access.vpn_open[s], 1.0 - self.share_closed * (1.0 - replaced))
            if self.penalty > 0.0:
                expected = self.penalty / income(day.setting, state)
                feared = expected / (expected + q["fear.fine_half"])
                access.deterred[s] = max(access.deterred[s], q[known] * q["fear.fine"] * feared)
            access.penalty[s] = max(
                access.penalty[s], value_of_dollars(day.setting, state, self.penalty / 30.0)
            )

    def stage(self, day: DayInForce) -> Hashable:
        """Return the share of replaced tools; None once it is final."""
        q = day.setting.parameters
        replaced = replaced_tools(day.number, q)
        return None if replaced == replaced_tools(NEVER_CHANGES, q) else replaced


class Shutdown(Policy):
    """Switches off the Internet in a state or in one of its regions."""

    CASE = "Blackouts in India, Iran 2019, Myanmar 2021"
    VERB = "shuts down its networks"
    EXAMPLE = {"by": "US", "share": 0.4}
    NEEDS_TARGETS = False
    IDLE_KEYS = frozenset({"technique", "targets"})
    CUTS_ALL = True
    DOSES = ("share",)
    NOTES = frozenset({"reference", "region", "networks"})
    STEADY = True

    share: Share = 1.0
    """Share of people cut off [1]."""
    networks: Literal["all", "mobile"] | None = None
    """The networks concerned; for mobile networks alone, `share` gives the people who have no other
    line.
    """
    hours_a_day: HoursADay | None = None
    """Duration on each day; by default, all day [hours]."""
    region: Line | None = None
    """The region concerned, in words; `share` gives the share of people there."""
    telephone: YesOrNo = False
    """Whether the same people also lose telephone and text messages across the border."""

    def people_cut_off(self) -> float:
        """Return the share of people in its states whom it cuts off all networks while in force
        [1]. A cut for some hours a day cuts nobody off for a whole day.
        """
        return self.share if self.hours_a_day is None else 0.0

    def said_as(self) -> str:
        """Return the name of the sentence, which depends on mobile networks alone and on hours a
        day.
        """
        return _networks_and_hours(self.networks, self.hours_a_day)

    @model_validator(mode="after")
    def _mobile_share(self) -> Self:
        """Refuse mobile networks alone without the share of people cut off."""
        if self.networks == "mobile" and "share" not in self.model_fields_set:
            raise refuse(
                "mobile networks alone without the share of people who have no other line",
                "the share that is cut off, 0 to 1",
                "for example share: 0.7",
                Code.MISSING,
            )
        return self

    def apply(self, access: AccessTable, day: DayInForce) -> None:
        """Cut a share of the people off every platform, at home and abroad, whatever the way of
        access.

        The provider decides for each person, as in every partial block: one draw per person. A
        shutdown for some hours a day cuts nobody off for a whole day, because relatives talk in the
        other hours; platforms lose value by the part of the day and of the people (assumption).
        """
        if self.hours_a_day is not None:
            left = 1.0 - self.share * self.hours_a_day / HOURS_OF_A_DAY
            for s in day.rows(self.by):
                access.speed[s] = access.speed[s].clip(max=left)
                access.vpn_speed[s] = access.vpn_speed[s].clip(
                    max=left
                )  # no VPN works without a line
            return
        for s in day.rows(self.by):
            access.reach[s] = access.reach[s].clip(max=1.0 - self.share)
            access.dark[s] = access.dark[s].clip(min=self.share)
            if self.telephone:
                access.lines_cut[s] = max(access.lines_cut[s], self.share)


class _Exit(
    create_model(  # type: ignore[misc]
        "_Exit", __base__=Policy, __module__=__name__, **FROM_FIELDS
    )
):
    """An act of an owner by which the people of another state lose something."""

    OBJECTS = {"targets": "platform", "from": "state"}
    NOTES = frozenset({"reference", "reason"})

    reason: Literal["own decision", "home order", "local law"] | None = None
    """The owner's reason to leave: its own decision, an order of its home, or a law of the state
    that it leaves; this has no effect in the model.
    """

    def concerns(self) -> tuple[str, ...]:
        """Return the states whose people lose the targets."""
        return tuple(getattr(self, "from"))

    def acts_by_owner(self) -> bool:
        """Return whether the owner acts on its own decision, not on an order of its home."""
        return self.reason != "home order"

    def said_as(self) -> str:
        """Return the reason, which selects the sentence."""
        return self.reason or ""


class Withdrawal(_Exit):
    """The owner withdraws platforms from a state, with notice if the withdrawal is announced."""

    CASE = "Twitch leaves South Korea, announced in December 2023 for 27 February 2024"
    EXAMPLE = {"by": "US", "from": "KR", "targets": ["Twitch"]}
    VERB = "withdraws"
    STEADY = True

    def spares(self) -> tuple[str, ...]:
        """Return the homes of the owners who leave, unless they leave there, too."""
        return tuple(state for state in self.by if state not in self.concerns())

    def apply(self, access: AccessTable, day: DayInForce) -> None:
        """Exclude the states by account and address, as the owner does."""
        for state in self.concerns():
            for target in self.targets:
                cut_off(day.setting, access, state, target, Enforcement("geoblock", day.number))


class ContentWithdrawal(_Exit):
    """The owner removes one kind of content, such as news, from platforms in a state. The platforms
    stay open.
    """

    CASE = "Meta and the news in Canada, 1 August 2023"
    EXAMPLE = {"by": "US", "from": "CA", "targets": ["Facebook"], "share": 0.03}
    VERB = "takes content off"
    STEADY = True
    BANS = False
    DOSES = ("share",)

    share: Share
    """Share of time on the platform spent on this content [1]."""

    def apply(self, access: AccessTable, day: DayInForce) -> None:
        """Silence the content; its users stay, as in Canada."""
        for cell in day.cells(self.concerns(), self.targets):
            access.silenced[cell] = max(access.silenced[cell], self.share)


class DeviceBan(Policy):
    """Bars platforms from official devices. Only people without another device lose access."""

    CASE = "Officials' phones: TikTok in 2022 and 2023, Telegram in Ukraine in September 2024"
    VERB = "bars {target} from official devices"
    STEADY = True
    BANS = False
    EXAMPLE = {"by": "UA", "targets": ["Telegram"], "devices": 0.01}
    DOSES = ("devices",)

    devices: Share
    """Share of the state's devices that are official [1]."""

    def apply(self, access: AccessTable, day: DayInForce) -> None:
        """Cut off the share of people who have only an official device."""
        left = 1.0 - self.devices * day.setting.parameters["device_ban.only_device"]
        for s, p in day.cells(self.by, self.targets):
            access.reach[s, p] = access.reach[s, p].clip(max=left)


class AgeLimit(Policy):
    """Bars people under an age from platforms, and requires all others to prove their age."""

    CASE = "Accounts from 16 years on in Australia, December 2025; checks at sites for adults in Britain, July 2025"
    EXAMPLE = {"by": "AU", "targets": ["TikTok"], "age": 16, "share_found": 0.5, "obedience": 0.55}
    VERB = "sets an age limit for"
    STEADY = True
    BANS = False
    DOSES = ("share_found", "obedience")
    PARAMETERS = ("age_limit", "technique.geoblock")
    NOTES = frozenset({"reference", "proof"})

    age: Annotated[int, Field(ge=1, le=OLDEST), BeforeValidator(parse_int)]
    """The age from which people may use the targets; the limit concerns people under it [years]."""
    applies_to: Literal["accounts", "visits"] = "accounts"
    """The step that needs a proof of age: an account, as in a social network, or every visit, as at
    a site without accounts.
    """
    share_found: Share | None = None
    """Share of the users under the age whom the platform finds [1]; by default
    `age_limit.share_found`.
    """
    obedience: Share | None = None
    """Share of the people found who stay out; the others find a way in [1]; by default
    `age_limit.obedience`.
    """
    proof: Line | None = None
    """Proof of age, such as an identity card; this has no effect in the model, because
    `share_found` gives the share of people found.
    """

    @field_validator("who")
    @classmethod
    def _without_age(cls, who: Who | None) -> Who | None:
        """Refuse ages in `who`, because the limit itself sets the age."""
        if who is not None and who.age is not None:
            allowed = "a share, a community or a region"
            raise refuse(
                "'who' names ages, and so does 'age'",
                allowed,
                "age: 16 concerns people under 16",
                Code.RANGE,
            )
        return who

    def said_as(self) -> str:
        """Return the step that needs a proof of age, which selects the sentence."""
        return self.applies_to

    def parts(self) -> tuple[Policy, ...]:
        """Return two parts: the limit for people under the age, and the check for all others."""
        if self._ages() is not None:
            return (self,)
        rest = {} if self.who is None else self.who.model_dump()
        return tuple(
            self.model_copy(update={"who": Who(**{**rest, "age": ages})})
            for ages in ((0, self.age - 1), (self.age, OLDEST))
        )

    @property
    def mark(self) -> str:
        """Name of the class of people to whom the policy, or a part of it, applies."""
        ages = self._ages()
        return self.id if ages is None else f"{self.id} {ages[0]}-{ages[1]}"

    def names_age(self) -> bool:
        """Return True, because the ages of each platform's users matter."""
        return True

    def apply(self, access: AccessTable, day: DayInForce) -> None:
        """Keep out people found to be under the age, or people above it who refuse the check.

        People who are found and obey stay out in any case. Others find a way. If the limit applies
        to accounts, they use a false age or a borrowed account; a VPN does not help, because the
        account is closed from every address. If it applies to visits, only a VPN helps, because
        visits from foreign addresses are not checked.
        """
        q = day.setting.parameters
        ages = self._ages()
        by_account = self.applies_to == "accounts"
        if ages is not None and ages[0] >= self.age:
            shut = q[f"age_limit.refuse_{self.applies_to}"]
            by_vpn = q["technique.geoblock.vpn_share"] if by_account else 1.0
        else:
            found = q["age_limit.share_found"] if self.share_found is None else self.share_found
            obey = q["age_limit.obedience"] if self.obedience is None else self.obedience
            shut, by_vpn = (found * obey, 0.0) if by_account else (found, 1.0 - obey)
        if shut <= 0.0:
            return
        for cell in day.cells(self.by, self.targets):
            access.reach[cell] = access.reach[cell].clip(max=1.0 - shut)
            effort = q["technique.geoblock.effort"] * day.setting.always_on[cell[1]]
            access.effort[cell] = max(access.effort[cell], effort)
            access.vpn_share[cell] = min(access.vpn_share[cell], by_vpn)

    def _ages(self) -> tuple[int, int] | None:
        """Return the ages of a part; None for the whole policy."""
        return None if self.who is None else self.who.age


def too_young(policies: Iterable[Policy]) -> frozenset[str]:
    """Return the marks of people under any age limit."""
    return frozenset(policy.parts()[0].mark for policy in policies if isinstance(policy, AgeLimit))
