"""A person of the reference model: an agent who looks at the day before, decides, and changes
after all people have decided.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import fields
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from splinternet.core.chance import Purpose, normal_plain

from .own_rules import Wish
from .surroundings import (
    ANDROID,
    FRIEND,
    FULL,
    NEVER,
    Condition,
    Group,
    Plan,
    Platform,
    chance_of_use,
)
from .ways import Ways

if TYPE_CHECKING:
    from .model import Twin
    from .surroundings import Tie

NEEDY = 0.02  # largest loss of value to which a person does not react
SURPLUS_UNITS = 64.0  # steps of value, in those of a marginal feed user


class Person(Ways):
    """A person, with all fields of `Condition`.

    Attributes
    ----------
    friends, kin : list of Person
        The circle; `circle` contains both, with their weights.
    around : Counter of Platform
        Weight of the people of the circle who use each platform, as counted at the last look.
    ties : list of Tie
        Ties to kin abroad.
    first_member : frozenset of Platform
        Platforms held on the first day.
    had_vpn : bool
        Whether there was a VPN on the first day.
    place, store : Place
        The place of residence, and the place whose app store the person also has an account of.
    effort, age : float, int
        Effort of a workaround, relative to a person of middling skill [1]; age on the first day
        [full years].
    circle_changed : set of Platform
        Platforms whose use by the circle, or by this person, has changed since the first day.
    looks_again : bool
        Whether the person agreed with kin on an app yesterday, or followed a user's own rule.
    """

    model: Twin

    def __init__(self, model: Twin, index: int, row: np.void, group: Group) -> None:
        super().__init__(model)
        self.index = index
        self.group = group
        self.state = group.state
        self.effort = float(row["effort"])
        self.had_vpn = bool(row["vpn"])
        self.age = int(row["age"])
        self.place, self.store = model.places_of(index, row, group)
        self.friends: list[Person] = []
        self.kin: list[Person] = []
        self.circle: list[tuple[Person, int]] = []
        self.around: Counter[Platform] = Counter()
        self.ties: list[Tie] = []
        member = model.platforms_of(int(row["member"]))
        abroad = model.platforms_of(int(row["abroad"]))
        self.first_member = frozenset(member)
        first = Condition(member, abroad, using=set(member), has_vpn=self.had_vpn)
        first.use = {platform: chance_of_use(1.0, platform.habit) for platform in member}
        first.wake = self.next_review(model.rules.choice_review_days)
        vars(self).update(vars(first))
        self.circle_changed: set[Platform] = set()
        self.looks_again = False
        self.plan: Plan | None = None
        self.wish = Wish()  # today's proposals of the user's own rules

    # --- what a user of the model asks ------------------------------------------------------------

    @property
    def weight(self) -> float:
        """Number of real people that this person represents."""
        return self.group.weight

    @property
    def platforms(self) -> list[str]:
        """The names of the platforms in use, in the order of the tables."""
        return [platform.name for platform in self.model.platforms if platform in self.using]

    def uses(self, name: str) -> bool:
        """Return whether a platform of this name is in use."""
        return name in self.platforms

    @property
    def is_out_of_touch(self) -> bool:
        """Whether a platform joined this person to kin abroad on the first day, and none does
        today.
        """
        return any(tie.first for tie in self.ties) and not any(tie.channels for tie in self.ties)

    # --- one day: who looks, decides, and changes -------------------------------------------------

    @property
    def is_review(self) -> bool:
        """Whether a review is due today."""
        return self.wake <= self.model.day

    def concerned(self) -> set[Platform]:
        """Return the platforms, held or given up, for which something differs from the first
        day.
        """
        differs = self.place.unlike_first_day | self.group.drifted | self.circle_changed
        return differs & (self.member | self.lapsed)

    def pushed(self) -> set[Platform]:
        """Return the promoted platforms that were never taken up."""
        return self.place.pushed - self.member - self.lapsed

    def brought_up(self) -> set[Platform]:
        """Return the platforms never taken up whose use by the circle has changed, if the person
        can take them up.
        """
        return (self.circle_changed & self.group.takes) - self.member - self.lapsed

    def has_news(self) -> bool:
        """Return whether access to a platform held or given up changed today."""
        return not self.place.changed.isdisjoint(self.member | self.lapsed)

    def is_due(self) -> bool:
        """Return whether there is something to decide today; a review without anything to decide
        only plans the next one.
        """
        if not (self.is_review or self.stuck or self.looks_again or self.has_news()):
            return False
        if self.concerned() or (self.is_review and (self.pushed() or self.brought_up())):
            return True
        if self.is_review:
            self.wake = self.next_review(self.model.rules.choice_review_days)
        return False

    def decide(self) -> None:
        """Look at every platform for which something differs, then act; the acts of others today
        are not visible.
        """
        plan = self.plan = self.as_it_is()
        plan.lost = set()
        plan.seen = self.model.day + 1
        self.around = weight_on(self.circle, "using")
        losses: dict[Platform, float] = {}
        gains: dict[Platform, float] = {}
        concerned = self.concerned()
        wake = NEVER
        surplus = 0.0
        days = min(60, max(1, plan.seen - self.seen)) if self.seen else 1
        for platform in self.model.platforms:
            if platform not in concerned:
                continue
            wake = min(wake, self.check_app(platform, plan))
            loss, gain, gained = self.look_at(platform, plan, days)
            surplus += gained
            if loss > 0:
                losses[platform] = loss
                gains[platform] = gain
                if loss > self.place.access[platform].threat:
                    plan.lost.add(platform)
        plan.surplus = int(surplus * SURPLUS_UNITS)
        days = self.note_loss(plan, bool(losses), days)
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

    def note_loss(self, plan: Plan, loses: bool, days: int) -> int:
        """Store the first day of the loss; return the days that count, 1 on the first day of a
        new loss.
        """
        if not loses:
            plan.hit_day = 0
        elif plan.lost - self.lost or not plan.hit_day:
            plan.hit_day = self.model.day + 1
            return 1
        return days

    def as_it_is(self) -> Plan:
        """Return a plan that changes nothing."""
        return Plan(**{part.name: copy(getattr(self, part.name)) for part in fields(Condition)})

    def make_up(
        self, plan: Plan, losses: dict[Platform, float], gains: dict[Platform, float], days: int
    ) -> int:
        """Replace lost platforms by a VPN and substitutes, and end trials; return the day of the
        next step.
        """
        wake = self.settle_trials(plan, losses, days)
        if not losses:
            return wake
        company = self.company(losses)
        vpn_gain = 0.0
        needs = {}
        new = plan.using - self.first_member - plan.trial
        for platform, loss in losses.items():
            needs[platform] = max(0.0, loss - self.filled(platform, new, company))
            needs[platform] *= 1.0 - self.turns_elsewhere(platform)
            gains[platform] *= self.still_unmet(platform, plan.using, company)
            vpn_gain += gains[platform]
        if not self.has_vpn:
            wake = min(wake, self.look_for_vpn(plan, vpn_gain, days))
            if plan.has_vpn:
                for platform, gain in gains.items():
                    if gain >= self.doing_without(platform):
                        plan.hold(platform)
                        plan.use.setdefault(platform, 0)  # from tomorrow on
        return min(wake, self.find_substitutes(plan, needs, days))

    def plan_next_look(self, plan: Plan, wake: int) -> None:
        """Plan the next look: soon while a platform fails, or after a change of access."""
        rules = self.model.rules
        alert = bool(plan.stuck) or plan.is_returning or self.has_news()
        if self.is_review or alert:
            planned = self.next_review(
                rules.choice_alert_days if alert else rules.choice_review_days
            )
            plan.wake = planned if self.is_review else min(plan.wake, planned)
        plan.wake = max(self.model.day + 1, min(plan.wake, wake))

    def inform(self) -> None:
        """Tell the circle what changed; they learn of it tomorrow."""
        changed = (self.plan.member ^ self.member) | (self.plan.using ^ self.using)
        if changed:
            self.tell_circle(changed)

    def tell_circle(self, changed: set[Platform]) -> None:
        """Let this person and the circle notice the platforms with a change."""
        for person in (self, *self.friends, *self.kin):
            person.circle_changed |= changed

    def change(self) -> None:
        """Take over the decided condition."""
        for part in fields(Condition):
            setattr(self, part.name, getattr(self.plan, part.name))
        for platform in self.plan.joined:
            self.group.note_joining(
                platform, None if platform in self.plan.by_rule else self.plan.reason
            )
        self.looks_again = self.plan.looks_again
        self.plan = None

    # --- one platform -----------------------------------------------------------------------------

    def look_at(self, platform: Platform, plan: Plan, days: int) -> tuple[float, float, float]:
        """Decide on one platform; return the loss, the gain of a VPN, and the value gained since
        the first day.
        """
        first_worth = gross = self.first_worth(platform)
        if platform in self.first_member:
            gross = self.open_worth(platform, first_worth)
        share = platform.tie_share
        without = self.doing_without(platform)
        worth = gross * ((1.0 - share) + share * self.liveliness(platform))
        direct = self.direct(platform, worth)
        around = self.by_vpn(platform, worth)
        if platform in plan.uninstalled and not self.can_reinstall(platform):
            direct = None
        best = better(direct, around) if self.has_vpn else direct
        keeping, eased, left = self.worth_of_keeping(platform, best, direct, gross, first_worth)
        closed = direct is None or direct < without
        if platform in self.member:
            by_new_vpn = self.has_vpn and not self.had_vpn and closed
            self.keep_or_lapse(
                platform, plan, keeping, worth, by_new_vpn and self.tires(platform, left)
            )
        elif (
            platform in self.first_member
            and not closed
            and keeping >= without
            and self.is_returner(platform)
        ):
            if self.comes_back(platform, days):
                plan.hold(platform)
            else:
                plan.is_returning = True
        in_use = platform in plan.using
        plan.is_closed |= closed
        by_vpn = (
            self.has_vpn and in_use and around is not None and (direct is None or around > direct)
        )
        kept = max(0.0, best) / first_worth if in_use else 0.0
        plan.kept[platform] = kept * self.use_by_vpn(platform) if by_vpn else kept
        plan.uses_vpn |= by_vpn
        plan.use.pop(platform, None)
        if in_use:
            plan.use[platform] = chance_of_use(plan.kept[platform], platform.habit)
        gained = 0.0
        if platform in self.first_member:
            gained = min(0.0, (best if in_use else 0.0) - first_worth)
            if (
                gained < 0.0
            ):  # a substitute counts for the loss that it replaces, not for its own worth
                gained *= 1.0 - platform.covered_by(plan.using - self.first_member) / FULL
        misses = platform in self.first_member and (keeping is None or keeping < without)
        gain = 0.0
        if not self.has_vpn and around is not None and around >= without:
            gain = max(0.0, around - (0.0 if direct is None else max(direct, 0.0)))
        return self.loss_of(platform, plan, eased, misses), gain, gained

    def worth_of_keeping(
        self,
        platform: Platform,
        best: float | None,
        direct: float | None,
        gross: float,
        first_worth: float,
    ) -> tuple[float | None, float, float]:
        """Return a platform's worth beside others in use, and the remaining shares of its worth
        and of its advantage.
        """
        rules = self.model.rules
        if best is None:
            return None, 0.0, 1.0
        if not 0.0 < best < (1.0 - NEEDY) * first_worth:
            return best, min(1.0, max(0.0, best / first_worth)), 1.0
        keepings = []
        left = 1.0
        eased = (self.by_vpn if best != direct else self.direct)(platform, gross) / first_worth
        if best != direct:
            left = self.advantage(platform, by_vpn=True)
            keepings.append(self.by_vpn(platform, gross * left) / rules.choice_drop_by_vpn)
        if direct is not None and direct > 0.0:
            advantage = gross * self.advantage(platform, by_vpn=False)
            keepings.append(self.direct(platform, advantage) / rules.choice_drop_below)
        return max(keepings), eased, left

    def check_app(self, platform: Platform, plan: Plan) -> int:
        """Mark an app that has stopped working, or can be installed again; return the day on
        which it will stop.
        """
        here = self.place.access[platform]
        hazard = here.install_hazard[self.device]
        rate = here.install_rate[self.device]
        if hazard <= 0.0 or self.in_store(platform):
            plan.uninstalled.discard(platform)
            return NEVER
        life = -math.log(
            1.0 - self.chance(Purpose.INSTALL, platform.index)
        )  # hazard at which this app stops working
        if life <= hazard:
            plan.uninstalled.add(platform)
            return NEVER
        if platform not in self.member or rate <= 0.0:
            return NEVER
        return self.model.day + max(1, math.ceil((life - hazard) / rate))

    def keep_or_lapse(
        self, platform: Platform, plan: Plan, keeping: float | None, worth: float, is_tired: bool
    ) -> None:
        """Set whether a platform held is in use, failing, or given up."""
        works = keeping is not None and keeping > 0.0
        without = self.doing_without(platform)
        (plan.using.add if works else plan.using.discard)(platform)
        gives_up = False
        if works and keeping >= without:
            plan.stuck.discard(platform)
            gives_up = self.is_review and is_tired
        elif platform not in self.stuck:
            plan.stuck.add(platform)
        else:
            gives_up = self.stops_trying(platform, (keeping if works else worth) / without)
        if gives_up and platform not in self.wish.kept:
            plan.drop(platform)
            plan.lapse_day = self.model.day

    def stops_trying(self, platform: Platform, dearness: float) -> bool:
        """Return whether a person gives up today; people try a more valuable platform for
        longer.
        """
        rules = self.model.rules
        patience = math.exp(
            rules.choice_trying_spread * normal_plain(self.model.keys[Purpose.PATIENCE], self.index)
        )
        return self.happens(
            Purpose.LAPSE,
            1.0 / (rules.choice_trying_days * patience * max(0.3, dearness)),
            platform.index,
        )

    def tires(self, platform: Platform, left: float) -> bool:
        """Return whether a habit kept by a workaround fades at this review, sooner if other
        platforms give more.
        """
        rules = self.model.rules
        rate = rules.choice_fatigue_rate * (1.0 - left) / max(0.05, left) * rules.choice_review_days
        return self.happens(Purpose.FATIGUE, rate, platform.index)

    def is_returner(self, platform: Platform) -> bool:
        """Return whether a person ever comes back to a platform that works again; fewer people do
        after a long absence.
        """
        rules = self.model.rules
        away = self.model.day - self.lapse_day
        lost = (1.0 - rules.return_ceiling) * (1.0 - math.exp(-away / rules.return_away_days))
        return self.chance(Purpose.RETURNER, platform.index) < 1.0 - lost

    def comes_back(self, platform: Platform, days: int) -> bool:
        """Return whether a person who will come back has done so since the last look."""
        waited = 1 if platform in self.place.changed else days
        return self.happens(Purpose.RETURN, waited / self.model.rules.return_days, platform.index)

    def loss_of(self, platform: Platform, plan: Plan, eased: float, misses: bool) -> float:
        """Return the part of a platform that is lost or feared to be lost, 0 to 1."""
        if platform not in plan.member:
            return 1.0 if misses else 0.0  # given up, and missed for as long as it is closed
        here = self.place.access[platform]
        loss = 1.0 - min(1.0, eased) if platform in plan.using else 1.0
        loss = max(here.threat, loss if loss > NEEDY else 0.0)
        if (
            platform in self.member
            and platform not in plan.uninstalled
            and not self.in_store(platform)
        ):
            rate = here.install_rate[self.device]
            loss = max(loss, 1.0 - math.exp(-rate * self.model.rules.delisting_foresight_days))
        return loss

    # --- what a platform is worth: its kind, the person's taste, its audience, and who of the circl

    def first_worth(self, platform: Platform) -> float:
        """Return the worth on the first day, in the value of a marginal feed user."""
        rules = self.model.rules
        u = max(self.chance(Purpose.VALUE, platform.index), 1e-12)
        taste = min(rules.choice_value_cap, math.exp(-rules.choice_value_spread * math.log(u)))
        return self.group.base_value[platform] * taste

    def doing_without(self, platform: Platform) -> float:
        """Return the worth below which a person does without a platform."""
        return min(1.0, self.group.base_value[platform])

    @cached_property
    def circle_weight(self) -> int:
        """The weight of the whole circle, in whole numbers."""
        return sum(weight for _, weight in self.circle)

    @cached_property
    def first_around(self) -> Counter[Platform]:
        """The weight of the people of the circle who held each platform on the first day."""
        return weight_on(self.circle, "first_member")

    def met_on(self, lost: Iterable[Platform]) -> list[tuple[Person, int]]:
        """Return the people of the circle who held any of the lost platforms on the first day,
        with their weights.
        """
        return [
            (other, weight)
            for other, weight in self.circle
            if not other.first_member.isdisjoint(lost)
        ]

    @property
    def prior(self) -> float:
        """The weight of the general audience, in the unit of the circle."""
        return self.model.rules.choice_audience_prior * FRIEND

    def liveliness(self, platform: Platform) -> float:
        """Return audience and circle on a platform, relative to the first day."""
        # People who still try are expected back, and count.
        now = sum(weight for other, weight in self.circle if platform in other.member)
        first = self.first_around[platform]
        return min(1.5, (self.prior * self.group.audience[platform] + now) / (self.prior + first))

    def advantage(self, platform: Platform, *, by_vpn: bool) -> float:
        """Return the remaining advantage of a platform over others in use; by VPN, over all that
        open directly.
        """
        if self.needs_for_kin(platform):
            return 1.0
        theirs = {other: other.using for other, _ in self.circle}
        if by_vpn:
            rivals = {
                rival
                for rival in self.using
                if self.opens(rival) and not platform.next_door & rival.bit
            }
            return self.left_beside(
                platform,
                rivals,
                theirs,
                self.left_next_door(platform, self.using) * self.left_elsewhere(platform),
            )
        now = self.left_beside(platform, self.using, theirs)
        first = {other: other.first_member for other, _ in self.circle}
        return now / max(0.05, self.left_beside(platform, self.first_member, first))

    def left_beside(
        self,
        platform: Platform,
        mine: Iterable[Platform],
        theirs: Mapping[Person, Iterable[Platform]],
        left: float = 1.0,
    ) -> float:
        """Return the share of a platform that others do not replace, given the platforms of this
        person and of the circle.
        """
        rules = self.model.rules
        share = platform.tie_share
        prior = self.prior
        met = [(other, weight) for other, weight in self.circle if platform in other.first_member]
        everybody = sum(weight for _, weight in met)
        for rival in self.model.platforms:
            close = rules.choice_substitutability * platform.kind.closeness[rival.kind]
            if rival is not platform and rival in mine and close > 0.0:
                there = sum(weight for other, weight in met if rival in theirs[other])
                seen = max(rules.choice_discovery, self.group.penetration[rival])
                size = seen * self.group.audience[rival]
                lost = self.group.penetration[platform]
                breadth = (1.0 - share) * (
                    1.0 if lost <= size else math.pow(size / lost, rules.choice_audience_power)
                )
                left *= 1.0 - close * (
                    breadth + share * ((prior * seen + there) / (prior + everybody))
                )
        return left

    # --- substitutes: close in kind, where the circle is ------------------------------------------

    def company(self, lost: Iterable[Platform]) -> dict[Platform, float]:
        """Return the share of a person's contacts on the lost platforms, as of the first day, who
        are on each platform, 0 to 1.
        """
        met = self.met_on(lost)
        prior = self.prior
        least = self.model.rules.choice_discovery
        everybody = sum(weight for _, weight in met)
        there = weight_on(met, "using")
        return {
            platform: (prior * max(least, self.group.penetration[platform]) + there[platform])
            / (prior + everybody)
            for platform in self.model.platforms
        }

    def share_of_circle(self, platform: Platform) -> float:
        """Return the share of the circle who use a platform."""
        return self.around[platform] / self.circle_weight if self.circle_weight else 0.0

    def share_of_followed(self, platform: Platform) -> float:
        """Return the share of the circle who use a platform, or the share that authors bring to
        it, if larger.
        """
        return max(self.share_of_circle(platform), self.state.led[platform])

    def comes_across(self, platform: Platform) -> bool:
        """Return whether people nearby, a member of the circle or authors use a platform, or the
        state promotes it.
        """
        return (
            platform in self.group.around | self.place.pushed
            or self.share_of_followed(platform) > 0.0
        )

    def knows(self, platform: Platform) -> bool:
        """Return whether a person has heard of a platform, or a member of the circle uses it."""
        if self.share_of_circle(platform) > 0.0:
            return True
        news = self.model.rules.wave_news * max(self.state.wave[platform], self.state.led[platform])
        return self.chance(Purpose.KNOWS, platform.index) < 1.0 - (
            1.0 - self.group.known[platform]
        ) * math.exp(-news)

    def hazard_of_following(
        self, platform: Platform, fresh: int, everybody: int, age: float, days: int
    ) -> float:
        """Return the hazard, since the last look, of following newcomers among contacts on lost
        platforms or in the state.

        ``fresh`` is the weight of the contacts who try the platform, ``everybody`` that of all
        contacts.
        """
        rules = self.model.rules
        newcomers = (self.prior * self.state.wave[platform] + fresh) / (self.prior + everybody)
        if newcomers <= 0.0:
            return 0.0
        if rules.wave_threshold > 0.0:
            newcomers = (
                1.0 if newcomers >= rules.wave_threshold * self.chance(Purpose.FOLLOWER) else 0.0
            )
        spent = math.exp(-max(0.0, age - days) / rules.wave_days) - math.exp(-age / rules.wave_days)
        return rules.wave_rate * rules.wave_days * spent * newcomers

    def still_unmet(
        self, lost: Platform, using: set[Platform], company: dict[Platform, float]
    ) -> float:
        """Return the share of a loss that the substitutes in use do not replace."""
        share = lost.tie_share
        left = self.left_next_door(lost, using) * self.left_elsewhere(lost)
        for platform in self.model.platforms:
            close = self.model.rules.choice_substitutability * lost.kind.closeness[platform.kind]
            if (
                platform is not lost
                and close > 0.0
                and platform in using
                and not lost.next_door & platform.bit
            ):
                left *= 1.0 - close * ((1.0 - share) + share * company[platform])
        return left

    def added_by(self, platform: Platform, using: set[Platform]) -> float:
        """Return the share of a platform's worth that platforms in use that open directly do not
        already give.
        """
        left = self.left_next_door(platform, using)
        there = [(other, weight) for other, weight in self.circle if platform in other.using]
        everybody = sum(weight for _, weight in there)
        met = weight_on(there, "using")
        for other in self.model.platforms:
            close = self.model.rules.choice_substitutability * platform.kind.closeness[other.kind]
            is_rival = other is not platform and close > 0.0 and not platform.next_door & other.bit
            if is_rival and other in using and self.opens(other):
                share = met[other] / everybody if everybody else 0.0
                left *= 1.0 - close * ((1.0 - platform.tie_share) + platform.tie_share * share)
        return left

    def filled(self, lost: Platform, new: set[Platform], company: dict[Platform, float]) -> float:
        """Return the share of the time on a lost platform that new ones fill, by closeness and
        company.
        """
        share = lost.tie_share
        filled = 0.0
        for platform in self.model.platforms:
            close = min(1.0, lost.kind.closeness[platform.kind] / 0.8)
            if platform is not lost and platform in new and close > 0.0:
                filled += (
                    close
                    * ((1.0 - share) + share * company[platform])
                    * platform.habit
                    / lost.habit
                )
        return filled

    def left_next_door(self, lost: Platform, using: Iterable[Platform]) -> float:
        """Return the share of a lost platform that services one click away do not replace: search
        engines, not networks.
        """
        left = 1.0
        for platform in self.model.platforms:
            if (
                lost.next_door & platform.bit
                and platform in self.group.takes
                and self.opens(platform)
            ):
                known = 1.0 if platform in using else self.group.known[platform]
                left *= 1.0 - (1.0 - self.model.rules.choice_next_door) * known
        return left

    def turns_elsewhere(self, lost: Platform) -> float:
        """Return the share of people looking for a service one click away who turn to one that
        the tables do not name.
        """
        neighbours = [
            platform
            for platform in self.model.platforms
            if lost.next_door & platform.bit and self.opens(platform)
        ]
        elsewhere = self.model.rules.choice_elsewhere
        if not neighbours or elsewhere <= 0.0:
            return 0.0
        named = sum(
            self.group.penetration[platform]
            for platform in neighbours
            if platform in self.group.takes
        )
        return elsewhere / (elsewhere + named)

    def left_elsewhere(self, lost: Platform) -> float:
        """Return the share of a lost platform that unnamed services one click away do not
        replace.
        """
        is_there = self.turns_elsewhere(lost) > 0.0
        return self.model.rules.choice_next_door if is_there else 1.0

    def would_take_up(self, platform: Platform) -> bool:
        """Return whether a platform can be installed and, as it works here today, is worth
        having.
        """
        if platform.apple_only and self.device == ANDROID:
            return False
        if not (self.has_vpn or self.can_reinstall(platform)):
            return False
        worth = self.first_worth(platform)
        best = better(
            self.direct(platform, worth), self.by_vpn(platform, worth) if self.has_vpn else None
        )
        return best is not None and best >= self.doing_without(platform)

    def push(
        self, platform: Platform, needs: dict[Platform, float]
    ) -> tuple[float, Platform | None]:
        """Return the push to a platform from all lost platforms, at most 1, and the lost platform
        with the largest push.
        """
        push = 0.0
        most = 0.0
        reason = None
        feared = self.place.access[platform].threat
        for lost, need in needs.items():
            this = lost.kind.pull[platform.kind] * (need - feared)
            push += max(0.0, this)
            if this > most:
                most = this
                reason = lost
        return min(1.0, push), reason

    def find_substitutes(self, plan: Plan, needs: dict[Platform, float], days: int) -> int:
        """Join substitutes for lost platforms, each with its own chance; return the day on which
        the first trial may end.
        """
        wake = NEVER
        rules = self.model.rules
        found = set()
        met = self.met_on(needs)
        fresh = weight_on(met, "trial")
        everybody = sum(weight for _, weight in met)
        candidates = self.group.takes - plan.member - self.lapsed
        for platform in self.model.platforms:
            if platform not in candidates:
                continue
            push, reason = self.push(platform, needs)
            if push <= 0.0 or not self.comes_across(platform):
                continue
            age = self.model.day + 2 - plan.hit_day
            hazard = push * self.hazard_of_following(
                platform, fresh[platform], everybody, age, days
            )
            if self.knows(platform):
                hazard += self.hazard_of_joining(platform, reason, push, age, days)
            hazard *= self.trust(platform) * self.unsaturated(platform)
            if self.happens(Purpose.JOIN, hazard, platform.index) and self.would_take_up(platform):
                found.add(platform)
                plan.reason = reason
                plan.trial.add(platform)
                wait = self.days_until(Purpose.TRIAL, rules.trial_days, platform.index)
                wake = min(wake, self.model.day + 1 + wait)
        plan.join(found)
        plan.abroad |= found
        return wake

    def trust(self, platform: Platform) -> float:
        """Return the factor on the rate of joining a platform that the state promotes."""
        return self.model.rules.choice_champion_trust if platform in self.place.pushed else 1.0

    def unsaturated(self, platform: Platform) -> float:
        """Return the factor on the rate of joining a widely used platform, which most people who
        want it already have.
        """
        return math.pow(1.0 - self.group.penetration[platform], self.model.rules.choice_saturation)

    def hazard_of_joining(
        self, platform: Platform, reason: Platform, push: float, age: float, days: int
    ) -> float:
        """Return the hazard since the last look: word of mouth, the burst of the first days, a
        dormant account.
        """
        rules = self.model.rules
        use = self.group.penetration[platform]
        hazard = rules.choice_join_rate * push * self.share_of_followed(platform) * days
        if age >= 12.0 * rules.burst_days:
            return hazard
        began = max(0.0, age - days)
        full = min(1.0, push / 0.8)
        is_messenger = reason in self.model.talk and reason.tie_share > 0.5
        size, span = (rules.burst_messenger, 1.0) if is_messenger else (rules.burst_feed, 7.0)
        part = math.exp(-began / rules.burst_days) - math.exp(-age / rules.burst_days)
        hazard += size * part / (1.0 - math.exp(-span / rules.burst_days)) * full
        dormant = rules.burst_dormant_share * use / (1.0 - use) if use < 1.0 else 0.0
        if self.chance(Purpose.DORMANT, platform.index) < dormant:
            hazard += (
                rules.burst_dormant_wakes * (math.exp(-began / 0.7) - math.exp(-age / 0.7)) * full
            )
        return hazard

    def settle_trials(self, plan: Plan, needs: dict[Platform, float], days: int) -> int:
        """Keep or drop new accounts whose trial is over; return the day on which the next may
        end.
        """
        rules = self.model.rules
        wake = NEVER
        for platform in self.trial:
            if not self.happens(Purpose.SETTLE, days / rules.trial_days, platform.index):
                wake = min(wake, self.model.day + 1 + int(rules.trial_days))
                continue
            plan.trial.discard(platform)
            push, _ = self.push(platform, needs)
            least = (
                rules.trial_keep_messenger if platform.tie_share > 0.5 else rules.trial_keep_feed
            )
            kept = least + (1.0 - least) * min(
                1.0, self.share_of_followed(platform) / rules.trial_circle
            )
            kept = 1.0 - (1.0 - kept) * (1.0 - rules.trial_push * push)
            kept *= 0.5 if push <= 0.0 else 1.0
            is_over = self.chance(
                Purpose.SETTLE, 64 + platform.index
            ) >= kept and not self.needs_for_kin(platform)
            if is_over and platform not in self.wish.kept:
                plan.drop(platform)
        return wake

    def follow_the_circle(self, plan: Plan) -> None:
        """Take up platforms that more of the circle use than on the first day, without a loss."""
        rules = self.model.rules
        brought_up = self.brought_up()
        for platform in self.model.platforms:
            if platform not in brought_up - plan.member:
                continue
            now = self.around[platform]
            first = self.first_around[platform]
            if now <= first:
                continue
            rate = (
                rules.choice_join_rate * rules.choice_bandwagon * (now - first) / self.circle_weight
            )
            rate *= self.trust(platform)
            rate *= self.unsaturated(platform)
            rate *= self.added_by(platform, plan.using)
            joins = self.happens(Purpose.JOIN, rate * rules.choice_review_days, platform.index)
            if joins and self.would_take_up(platform):
                plan.join({platform})

    def heed_push(self, plan: Plan) -> None:
        """Take up platforms that the state promotes, puts on new phones or makes compulsory."""
        for platform in self.model.platforms:
            if platform in (self.pushed() & self.group.takes) - plan.member - plan.lapsed:
                rate = self.place.access[platform].push * self.model.rules.choice_review_days
                if self.happens(Purpose.PUSH, rate, platform.index) and self.would_take_up(
                    platform
                ):
                    plan.join({platform})

    # --- kin abroad -------------------------------------------------------------------------------

    def needs_for_kin(self, platform: Platform) -> bool:
        """Return whether a platform is the only channel to a relative abroad."""
        return any(
            self.model.talk & self.using & other.using & self.abroad & other.abroad == {platform}
            for other in self.kin
            if other.group.state is not self.group.state
        )

    def can_use(self, platform: Platform) -> bool:
        """Return whether a person uses a platform or could take it up today."""
        return platform in self.using or self.would_take_up(platform)

    def nearness(self, platform: Platform) -> float:
        """Return the weight of a platform in a choice: 1 if in use, otherwise the share of the
        group who use it.
        """
        if platform in self.using:
            return 1.0
        return max(self.model.rules.choice_discovery, self.group.penetration[platform])

    def note_with_kin(self, platform: Platform | None) -> None:
        """Store that a rule lets the person agree with all kin on a platform, or telephone them."""
        for tie in self.ties:
            if platform is None:
                tie.rings = True
            else:
                tie.proposed.append(platform)

    def take_up_with_kin(self, platforms: set[Platform], reason: Platform | None) -> None:
        """Take up the platform agreed on with kin abroad; look at all platforms again tomorrow."""
        changed = platforms - self.using
        self.tell_circle(changed)
        for platform in changed:
            self.group.note_joining(platform, reason)
            self.use[platform] = chance_of_use(self.model.rules.choice_extra_use, platform.habit)
        self.member |= changed
        self.using |= changed
        self.lapsed -= changed
        self.abroad |= platforms
        self.looks_again = bool(changed)


def weight_on(circle: Iterable[tuple[Person, int]], condition: str) -> Counter[Platform]:
    """Return the weight of the people who have each platform in a set of their condition, such as
    ``using``.
    """
    weight_of: Counter[Platform] = Counter()
    for other, weight in circle:
        for platform in getattr(other, condition):
            weight_of[platform] += weight
    return weight_of


def better(one: float | None, other: float | None) -> float | None:
    """Return the better of two ways."""
    if one is None or other is None:
        return other if one is None else one
    return max(one, other)
