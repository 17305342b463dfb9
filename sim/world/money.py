"""Money and value: what a dollar is worth to people of a state, in the value of a marginal feed user."""

from __future__ import annotations

from sim.world.setting import Setting

DAYS_OF_A_MONTH = 30.0


def dollars_a_day(setting: Setting) -> float:
    """Return what one unit of value is worth to a person in the United States [US dollars a day]."""
    q = setting.parameters
    return q["money.facebook_month"] / DAYS_OF_A_MONTH / q["value.mixed"]


def income(setting: Setting, state: str) -> float:
    """Return income per head against the United States [1]."""
    facts = setting.state_facts
    return facts[state].gdp_per_head.value / facts["US"].gdp_per_head.value


def value_of_dollars(setting: Setting, state: str, dollars: float) -> float:
    """Return the value of so many dollars a day to a person of a state [marginal feed users' value].

    Willingness to pay is in proportion to income (assumption), so a dollar weighs more where people earn less.
    """
    return dollars / (dollars_a_day(setting) * income(setting, state))
