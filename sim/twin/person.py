"""A person of the reference model: an agent who looks at what happened, decides, and changes after all have decided."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import mesa
import numpy as np

from sim.core.chance import Purpose, normal_plain, uniform_plain
from sim.twin.contact import KinAbroad
from sim.twin.places import FULL, NEVER, SURPLUS_UNITS, Group, Platform, chance_of_use
from sim.twin.substitution import Substitutes
from sim.twin.value import Circumventing, Ways, Worth, better, covered_without

if TYPE_CHECKING:
    from sim.twin.contact import Tie
    from sim.twin.model import Twin


@dataclass
class Plan:
    """What a visitor decided: the own condition of tomorrow, and what others notice of it."""

    member: set[Platform]
    using: set[Platform]
    abroad: set[Platform]
    stuck: set[Platform]
    lapsed: set[Platform]
    uninstalled: set[Platform]
    use: dict[Platform, int]
    wake: int
    lapse_day: int
    has_vpn: bool
    surplus: int = 0
    seen: int = 0  # day after the last look
    hit_day: int = 0  # day after the loss began that is made up for
    vpn_day: int = 0  # day on which a VPN is found or let go
    is_aware: bool = False  # of VPNs
    is_returning: bool = False  # to something that works again
    is_closed: bool = False  # something is closed
    uses_vpn: bool = False
    trial: set[Platform] = field(default_factory=set)  # new accounts that are still on trial
    lost: set[Platform] = field(default_factory=set)  # platforms of which something is missing
    to_join: set[Platform] = field(default_factory=set)
    kept: dict[Platform, float] = field(default_factory=dict)  # share of the value of what was looked at
    joined: set[Platform] = field(default_factory=set)
    reason: Platform | None = None  # the lost platform that drove the joining

    def give_up(self, platform: Platform, day: int) -> None:
        """Give up a platform."""
        for held in (self.member, self.using, self.stuck):
            held.discard(platform)
        self.lapsed.add(platform)
        self.lapse_day = day

    def drop(self, platform: Platform) -> None:
        """Drop an account that was on trial."""
        for held in (self.member, self.using, self.stuck):
            held.discard(platform)
        self.lapsed.add(platform)

    def hold(self, platform: Platform) -> None:
        """Hold a platform and use it."""
        self.member.add(platform)
        self.using.add(platform)
        self.lapsed.discard(platform)

    def share_time(self, first_member: frozenset[Platform], extra_use: float) -> None:
        """Use what was newly taken up no more often, all together, than what it replaces was."""
        freed = 0.0
        for platform, kept in self.kept.items():
            if platform in first_member:
                freed += platform.habit * max(0.0, 1.0 - kept)
        new = sorted(self.using - first_member, key=lambda platform: platform.index)
        wish = 0.0
        for platform in new:
            wish += platform.habit
        for platform in new:
            share = max(extra_use, min(1.0, freed / wish))
            self.use[platform] = chance_of_use(self.kept.get(platform, 1.0) * share, platform.habit)

    def take_up(self, platforms: set[Platform]) -> None:
        """Take up platforms, with kin abroad too."""
        self.join(platforms)
        self.abroad |= platforms

    def join(self, platforms: set[Platform]) -> None:
        """Take up platforms."""
        for platform in platforms - self.member:
            self.joined.add(platform)
            self.hold(platform)
            self.use[platform] = chance_of_use(1.0, platform.habit)


NEEDY = 0.02  # a loss of value up to this leaves a person calm


class Person(Worth, Ways, Circumventing, Substitutes, KinAbroad, mesa.Agent):
    """A person.

    Attributes
    ----------
    member, using : set of Platform
        Platforms held, and those of them that work.
    abroad : set of Platform
        Platforms used with kin abroad.
    stuck, lapsed, uninstalled : set of Platform
        Held but failing or worth less than doing without; given up; with the app gone.
    ties : list of Tie
        Ties to kin abroad.
    looks_again : bool
        Whether something was agreed on with kin yesterday.
    trial, lost : set of Platform
        New accounts on trial; platforms of which something was missing at the last look.
    seen, hit_day, vpn_day : int
        Day after the last look, after the start of the present loss; day on which a VPN is found or let go; 0 for none.
    stirred : set of Platform
        Platforms on which the circle, or this person, has changed since the first day.
    """

    model: Twin

    def __init__(self, model: Twin, index: int, row: np.void, group: Group) -> None:
        super().__init__(model)
        self.index, self.group, self.state = index, group, group.state
        self.store = model.states[row["store"]]  # state of whose app store there is an account, beside the own
        self.friends: list[Person] = []
        self.kin: list[Person] = []
        self.effort = float(row["effort"])  # of a workaround, against a person of middling skill
        self.had_vpn = self.has_vpn = bool(row["vpn"])
        self.member = model.platforms_of(int(row["member"]))
        self.using = set(self.member)
        self.abroad = model.platforms_of(int(row["abroad"]))
        self.first_member, self.first_abroad = frozenset(self.member), frozenset(self.abroad)
        self.stuck: set[Platform] = set()
        self.lapsed: set[Platform] = set()
        self.uninstalled: set[Platform] = set()
        self.ties: list[Tie] = []
        self.looks_again = False
        self.circle_changed: set[Platform] = set()
        self.use = {platform: chance_of_use(1.0, platform.habit) for platform in self.member}
        self.wake = self.next_review(model.rules.choice_review_days)
        self.lapse_day = 0
        self.trial: set[Platform] = set()
        self.lost: set[Platform] = set()
        self.seen = self.hit_day = self.vpn_day = 0
        self.is_aware = False
        self.surplus = 0
        self.plan: Plan | None = None

    def chance(self, purpose: Purpose, item: int = 0) -> float:
        """Return this person's random number for a purpose: today's, or the one of a life."""
        return uniform_plain(self.model.keys[purpose], self.index, item)

    def next_review(self, mean: float) -> int:
        """Return the day of the next look, drawn ahead."""
        return self.model.day + 1 + int(-math.log(1.0 - self.chance(Purpose.REVIEW)) * mean)

    # --- one day -------------------------------------------------------------------------------------------------

    @property
    def is_review(self) -> bool:
        """Whether a review is due today."""
        return self.wake <= self.model.day

    def concerned(self) -> set[Platform]:
        """Return the platforms, of those held or given up, on which something differs from the first day."""
        return (self.group.touched | self.circle_changed) & (self.member | self.lapsed)

    def pushed(self) -> set[Platform]:
        """Return the promoted platforms that were never taken up."""
        return self.state.pushed - self.member - self.lapsed

    def brought_up(self) -> set[Platform]:
        """Return the platforms never taken up on which somebody of the circle has changed, in a language one reads."""
        return (self.circle_changed & self.group.reads) - self.member - self.lapsed

    def is_due(self) -> bool:
        """Return whether there is something to decide today; a review of nothing only plans the next one."""
        news = not self.state.changed.isdisjoint(self.member | self.lapsed)
        if not (self.is_review or self.stuck or self.looks_again or news):
            return False
        if self.concerned() or (self.is_review and (self.pushed() or self.brought_up())):
            return True
        if self.is_review:
            self.wake = self.next_review(self.model.rules.choice_review_days)
        return False

    def decide(self) -> None:
        """Look at every platform on which something differs, then act; what others do today is not seen."""
        plan = self.plan = Plan(
            set(self.member), set(self.using), set(self.abroad), set(self.stuck), set(self.lapsed),
            set(self.uninstalled), dict(self.use), self.wake, self.lapse_day, self.has_vpn,
        )  # fmt: skip
        plan.trial, plan.lost = set(self.trial), set()
        plan.seen, plan.hit_day, plan.vpn_day, plan.is_aware = self.seen, self.hit_day, self.vpn_day, self.is_aware
        concerned, losses, gains = self.concerned(), {}, {}
        days = min(60, max(1, self.model.day + 1 - self.seen)) if self.seen else 1
        surplus, wake = 0.0, NEVER
        for platform in self.model.platforms:
            if platform not in concerned:
                continue
            wake = min(wake, self.check_app(platform, plan))
            loss, gain, gained = self.look_at(platform, plan, days)
            surplus += gained
            if loss > 0:
                losses[platform], gains[platform] = loss, gain
                if loss > self.state.access[platform].threat:
                    plan.lost.add(platform)
        plan.surplus = int(surplus * SURPLUS_UNITS)
        if not losses:
            plan.hit_day = 0
        elif plan.lost - self.lost or not plan.hit_day:
            plan.hit_day, days = self.model.day + 1, 1
        plan.seen = self.model.day + 1
        if losses or self.trial:
            wake = min(wake, self.make_up(plan, losses, gains, days))
        if self.has_vpn and not self.had_vpn:
            wake = min(wake, self.keep_vpn(plan))
        if self.is_review and not plan.joined:
            self.heed_push(plan)
        if self.is_review and not losses:
            self.follow_the_circle(plan)
        plan.share_time(self.first_member, self.model.rules.choice_extra_use)
        self.plan_next_look(plan, wake)

    def make_up(self, plan: Plan, losses: dict[Platform, float], gains: dict[Platform, float], days: int) -> int:
        """Make up for what is lost, by a VPN and by substitutes, and settle trials; return when there is more to do."""
        wake = NEVER
        if self.trial:
            needed = {platform for platform in self.trial if self.needs_for_kin(platform)}
            wake = self.settle_trials(plan, losses, needed, days)
        if not losses:
            return wake
        company = self.company(losses)
        vpn_gain = 0.0
        for platform in gains:
            gains[platform] *= self.still_unmet(platform, plan.using, company)
            vpn_gain += gains[platform]
        if not self.has_vpn:
            wake = min(wake, self.look_for_vpn(plan, vpn_gain, days))
            if plan.has_vpn:
                for platform, gain in gains.items():
                    if gain >= self.doing_without(platform):
                        plan.hold(platform)
                        plan.use.setdefault(platform, 0)  # from tomorrow on
        return min(wake, self.find_substitutes(plan, losses, days))

    def plan_next_look(self, plan: Plan, wake: int) -> None:
        """Plan the next look: soon while a platform fails, or when access changed."""
        news = not self.state.changed.isdisjoint(self.member | self.lapsed)
        alert = bool(plan.stuck) or plan.is_returning or news
        if self.is_review or alert:
            rules = self.model.rules
            planned = self.next_review(rules.choice_alert_days if alert else rules.choice_review_days)
            plan.wake = planned if self.is_review else min(plan.wake, planned)
        plan.wake = max(self.model.day + 1, min(plan.wake, wake))

    def inform(self) -> None:
        """Let the circle know what changed; they hear of it tomorrow."""
        changed = (self.plan.member ^ self.member) | (self.plan.using ^ self.using)
        if changed:
            for person in (self, *self.friends, *self.kin):
                person.circle_changed |= changed

    def change(self) -> None:
        """Become what was decided."""
        plan, group = self.plan, self.group
        self.member, self.using, self.abroad, self.use = plan.member, plan.using, plan.abroad, plan.use
        self.stuck, self.lapsed, self.uninstalled = plan.stuck, plan.lapsed, plan.uninstalled
        self.wake, self.lapse_day, self.has_vpn, self.surplus = plan.wake, plan.lapse_day, plan.has_vpn, plan.surplus
        self.trial, self.lost, self.seen = plan.trial, plan.lost, plan.seen
        self.hit_day, self.vpn_day, self.is_aware = plan.hit_day, plan.vpn_day, plan.is_aware
        for platform in plan.joined:
            group.joined[platform] += 1
            if plan.reason is not None:
                flow = (plan.reason, platform)
                group.flows[flow] = group.flows.get(flow, 0) + 1
        self.looks_again = False
        self.plan = None

    # --- one platform --------------------------------------------------------------------------------------------

    def look_at(self, platform: Platform, plan: Plan, days: int) -> tuple[float, float, float]:
        """Decide on one platform; return the loss, what a VPN would add, and the value gained since the first day."""
        first_worth = gross = self.first_worth(platform)
        if platform in self.first_member:
            gross = self.open_worth(platform, first_worth)
        share = platform.tie_share
        worth = gross * ((1.0 - share) + share * self.liveliness(platform))
        direct, around = self.direct(platform, worth), self.by_vpn(platform, worth)
        if platform in plan.uninstalled and not self.can_reinstall(platform):
            direct = None
        best = better(direct, around) if self.has_vpn else direct
        keeping, eased = best, min(1.0, max(0.0, best / first_worth)) if best is not None else 0.0
        left = 1.0
        if best is not None and 0.0 < best < (1.0 - NEEDY) * first_worth:
            keepings = []
            if best != direct:
                left = self.advantage(platform, by_vpn=True)
                keepings.append(self.by_vpn(platform, gross * left) / self.model.rules.choice_drop_by_vpn)
                eased = self.by_vpn(platform, gross) / first_worth
            else:
                eased = self.direct(platform, gross) / first_worth
            if direct is not None and direct > 0.0:
                advantage = gross * self.advantage(platform, by_vpn=False)
                keepings.append(self.direct(platform, advantage) / self.model.rules.choice_drop_below)
            keeping = max(keepings)
        without = self.doing_without(platform)
        if platform in self.member:
            by_vpn = self.has_vpn and not self.had_vpn and (direct is None or direct < without)
            self.keep_or_lapse(platform, plan, keeping, worth, by_vpn and self.tires(platform, left))
        elif platform in self.first_member and direct is not None and min(direct, keeping) >= without:
            if self.is_returner(platform):
                if self.comes_back(platform, days):
                    plan.hold(platform)
                else:
                    plan.is_returning = True
        if direct is None or direct < without:
            plan.is_closed = True
        if self.has_vpn and platform in plan.using and around is not None and (direct is None or around > direct):
            plan.uses_vpn = True
        misses = keeping is None or keeping < without
        return self.reckon(platform, plan, best, around, direct, first_worth, misses, eased)

    def check_app(self, platform: Platform, plan: Plan) -> int:
        """Mark an app that has stopped working, or can be had again; return the day on which it will stop."""
        here = self.state.access[platform]
        hazard, rate = here.install_hazard[self.device], here.install_rate[self.device]
        if hazard <= 0.0 or self.in_store(platform):
            plan.uninstalled.discard(platform)
            return NEVER
        left = self.app_life(platform) - hazard
        if self.app_life(platform) <= hazard:
            plan.uninstalled.add(platform)
            return NEVER
        if platform not in self.member or rate <= 0.0:
            return NEVER
        return self.model.day + max(1, math.ceil(left / rate))

    def keep_or_lapse(
        self, platform: Platform, plan: Plan, keeping: float | None, worth: float, is_tired: bool
    ) -> None:
        """Set whether a platform held is in use, failing, or given up."""
        works, without = keeping is not None and keeping > 0.0, self.doing_without(platform)
        if works:
            plan.using.add(platform)
        else:
            plan.using.discard(platform)
        if works and keeping >= without:
            plan.stuck.discard(platform)
            gives_up = self.is_review and is_tired
        elif platform not in self.stuck:
            plan.stuck.add(platform)
            gives_up = False
        else:
            gives_up = self.stops_trying(platform, (keeping if works else worth) / without)
        if gives_up:
            plan.give_up(platform, self.model.day)

    def stops_trying(self, platform: Platform, dearness: float) -> bool:
        """Return whether a person gives up today; one keeps trying longer what is worth more."""
        rules = self.model.rules
        patience = math.exp(rules.choice_trying_spread * normal_plain(self.model.keys[Purpose.PATIENCE], self.index))
        days = rules.choice_trying_days * patience * max(0.3, dearness)
        return self.chance(Purpose.LAPSE, platform.index) < 1.0 - math.exp(-1.0 / days)

    def tires(self, platform: Platform, left: float) -> bool:
        """Return whether a habit kept by a workaround fades at this review: the more others give, the sooner."""
        rate = (
            self.model.rules.choice_fatigue_rate * (1.0 - left) / max(0.05, left) * self.model.rules.choice_review_days
        )
        return self.chance(Purpose.FATIGUE, platform.index) < 1.0 - math.exp(-rate)

    def is_returner(self, platform: Platform) -> bool:
        """Return whether one ever comes back to a platform that works again; fewer do after a long time away."""
        rules, away = self.model.rules, self.model.day - self.lapse_day
        lost = (1.0 - rules.return_ceiling) * (1.0 - math.exp(-away / rules.return_away_days))
        return self.chance(Purpose.RETURNER, platform.index) < 1.0 - lost

    def comes_back(self, platform: Platform, days: int) -> bool:
        """Return whether one who comes back some day has done so since the last look."""
        waited = 1 if platform in self.state.changed else days
        return self.chance(Purpose.RETURN, platform.index) < 1.0 - math.exp(-waited / self.model.rules.return_days)

    def reckon(
        self, platform: Platform, plan: Plan, best: float | None, around: float | None, direct: float | None,
        first_worth: float, misses: bool, eased: float,
    ) -> tuple[float, float, float]:  # fmt: skip
        """Note how likely a platform is used today; return the loss, what a VPN would add, and the value gained."""
        kept = 0.0
        plan.use.pop(platform, None)
        if platform in plan.using:
            kept = max(0.0, best) / first_worth
            plan.use[platform] = chance_of_use(kept, platform.habit)
        plan.kept[platform] = kept
        gained = 0.0
        if platform in self.first_member:
            gained = min(0.0, (best if platform in plan.using else 0.0) - first_worth)
            if gained < 0.0:  # a substitute counts for what it replaces, not for its own worth
                gained *= 1.0 - covered_without(platform, plan.using - self.first_member) / FULL
        if platform in plan.member:
            loss = 1.0 - min(1.0, eased) if platform in plan.using else 1.0
            loss = max(self.state.access[platform].threat, loss if loss > NEEDY else 0.0)
            if platform not in plan.uninstalled and not self.in_store(platform):
                rate = self.state.access[platform].install_rate[self.device]
                loss = max(loss, 1.0 - math.exp(-rate * self.model.rules.delisting_foresight_days))
        elif platform in self.first_member and misses:
            loss = 1.0  # given up, and missed for as long as it is closed
        else:
            return 0.0, 0.0, gained
        if self.has_vpn or around is None:
            return loss, 0.0, gained
        gain = around - (0.0 if direct is None else max(direct, 0.0))
        return loss, max(0.0, gain) if around >= self.doing_without(platform) else 0.0, gained
