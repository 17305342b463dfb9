"""Money and value: the value of a dollar to people of a state, in units of the value of a marginal feed user."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.facts.model import REST_OF_WORLD
from sim.facts.trade import load_trade
from sim.world.setting import Setting

DAYS_OF_A_MONTH, DAYS_OF_A_YEAR = 30.0, 365.0


class Trade(NamedTuple):
    """What is traded by way of platforms."""

    spent: np.ndarray  # (states, platforms) by a user of a month [US$ a day]
    sold: np.ndarray  # (states, platforms) by a state's sellers [US$ a day]
    handsets: np.ndarray  # (states,) share of the maker's phones sold there, over the share of its owners who go online


def trade_of(setting: Setting, maker: str = "Apple") -> Trade:
    """Return the tables of trade of a setting; `maker` is the one whose phones depend on its own store."""
    facts = load_trade(setting.facts.name)
    pair = len(setting.states), len(setting.platforms)
    spent, sold, handsets = np.zeros(pair), np.zeros(pair), np.zeros(pair[0])
    for s, state in enumerate(setting.states):
        for p, platform in enumerate(setting.platforms):
            spent[s, p] = facts.spent(platform, state) / DAYS_OF_A_YEAR
            if (state, platform) in facts.sales:
                sold[s, p] = facts.sales[state, platform].value / DAYS_OF_A_YEAR
        if (maker, state) in facts.handset_sales:
            handsets[s] = facts.handset_sales[maker, state].value
    return Trade(spent, sold, handsets)


def advertising_of(setting: Setting) -> np.ndarray:
    """Return what a user of a month brings each platform, shape (states, platforms) [US$ a day].

    Revenue per user of the state, times the ratio of the platform; one without a figure is like the average.
    """
    facts, default = setting.facts, setting.parameters["compliance.revenue_ratio"]
    of_state = np.array([(facts.revenue.get(s) or facts.revenue[REST_OF_WORLD]).value for s in setting.states])
    known = [facts.monetisation.get(name) for name in setting.platforms]
    ratio = np.array([default if each is None else each.value for each in known])
    return np.asarray(of_state[:, None] * ratio / DAYS_OF_A_YEAR)


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
