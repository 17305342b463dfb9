"""VPNs of the reference model: learned of, looked for, found, and let go once they lie idle."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sim.chance import Purpose

from .places import NEVER

if TYPE_CHECKING:
    from .person import Person
    from .plan import Plan


class Circumventing:
    """What a person does about a VPN."""

    @property
    def ability(self: Person) -> float:
        """Return how easy workarounds are, from 0 to 1."""
        spread = self.model.rules.circumvention_effort_spread
        return 1.0 / (1.0 + math.exp(1.7 * math.log(self.effort) / spread)) if spread > 0.0 else 0.5

    def holders_around(self: Person) -> float:
        """Return the share of contacts who have a VPN."""
        circle = self.friends + self.kin
        return sum(other.has_vpn for other in circle) / len(circle) if circle else 0.0

    def cost_of_vpn(self: Person) -> float:
        """Return what it takes to get a VPN: less, the more contacts have one."""
        rules = self.model.rules
        effort = math.pow(self.effort, rules.circumvention_want_power)
        return rules.circumvention_cost * effort * math.exp(-rules.circumvention_contagion * self.holders_around())

    def obeys(self: Person) -> bool:
        """Return whether a person gets no VPN on principle or for fear of a fine, whatever it would bring."""
        deterred = self.state.access[self.model.platforms[0]].deterred
        return self.chance(Purpose.OBEY) < 1.0 - (1.0 - self.model.rules.fear_principle) * (1.0 - deterred)

    def knows_of_vpns(self: Person, days: int) -> bool:
        """Return whether a person knows what a VPN is, or has learned of it since the last look."""
        rules = self.model.rules
        knows = 1.0 - (1.0 - rules.vpn_aware_share) * math.pow(1.0 - self.state.vpn_share, 3.0)
        rate = rules.vpn_aware_rate * (0.15 + self.holders_around() / 0.3)
        return self.ability >= 1.0 - knows or self.chance(Purpose.AWARE) < 1.0 - math.exp(-rate * days)

    def look_for_vpn(self: Person, plan: Plan, gain: float, days: int) -> int:
        """Learn of VPNs, look for one, or have found one; return when there is something to do about it."""
        if gain <= self.cost_of_vpn() or self.obeys():
            plan.vpn_day = 0
            return NEVER
        if not (plan.is_aware or self.knows_of_vpns(days)):
            return NEVER
        plan.is_aware = True
        if not plan.vpn_day:
            rate = math.log(2.0) / self.model.rules.vpn_find_days * (0.4 + 1.2 * self.ability)
            plan.vpn_day = self.model.day + int(-math.log(1.0 - self.chance(Purpose.FIND)) / rate) + 1
        if plan.vpn_day > self.model.day + 1:
            return plan.vpn_day - 1
        plan.has_vpn, plan.vpn_day = True, 0
        return self.model.day + 1

    def keep_vpn(self: Person, plan: Plan) -> int:
        """Let a VPN got since the first day go once it lies idle; return when that is due."""
        rules, today = self.model.rules, self.model.day
        if plan.uses_vpn:
            plan.vpn_day = 0
            return NEVER
        floor, days = rules.vpn_keep_lifted, rules.vpn_lifted_days / math.log(2.0)
        if plan.is_closed:
            floor, days = rules.vpn_keep_idle, rules.vpn_idle_days
        if self.chance(Purpose.KEEPER) < floor:
            return NEVER
        due = today + 1 + int(-math.log(1.0 - self.chance(Purpose.DROP)) * days)
        if not plan.vpn_day or (not plan.is_closed and plan.vpn_day - today > 5.0 * rules.vpn_lifted_days):
            plan.vpn_day = due
        if plan.vpn_day > today:
            return plan.vpn_day
        plan.has_vpn, plan.vpn_day = False, 0
        return NEVER
