"""The world before the first day, as tables: facts with the scenario's changes, first access,
enforcement, and money.

One rule for all events determines the effect of blocks: the source of the order sets the pace of
each class of providers (mobile networks, the incumbent, small ones; lags within a class are
log-normal), and the technique sets the reach.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, lru_cache
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np

from ..facts import Facts, PlatformFact, StateFact
from ..facts.model import MODES, REST_OF_WORLD
from ..facts.relations import load_trade
from .access import AccessTable, open_table

NEVER_CHANGES = 10**9
"""Time in force after which nothing changes any more [days]."""
LONG_AGO = 3650
"""Time in force of a block from before the first day, when all lags are over [days]."""
DAYS_OF_A_MONTH = 30.0
DAYS_OF_A_YEAR = 365.0
_PACE = {
    "isp": "register",
    "dns": "regulator",
    "dpi": "boxes",
    "calls_only": "boxes",
    "geoblock": "",
}
"""Default source of the order, by technique; national filters and the platform itself need no
provider.
"""
_CALLS = tuple(MODES.index(mode) for mode in ("voice", "video"))
_MOST_ANSWERS = 4096
"""Largest number of results that a setting remembers."""
_LAG_SPREAD = 0.5
"""Spread of the logarithm of lags within a class of providers (assumption)."""


@dataclass(frozen=True)
class Setting:
    """States, platforms and parameters of one scenario.

    Attributes
    ----------
    states, platforms : tuple of str
        Codes and names, in the order of every table.
    state_facts, platform_facts : mapping
    penetration : mapping
        Figures of the scenario: state -> platform -> share or shares by origin.
    vpn_share, ios_share : numpy.ndarray, shape (states,)
    users : mapping of str to float
        Internet users [persons].
    blocks : mapping of (state, platform) to str
        Techniques of the blocks on the first day.
    parameters : mapping of str to float
        Every parameter, with the scenario's values.
    facts : Facts
    answers : mapping of (policy id, platform) to str, optional
        Answers of platforms to demands: ``complied, sold, freed, left, evades``; None if platforms
        do not decide and every demand has a fixed outcome.
    """

    states: tuple[str, ...]
    platforms: tuple[str, ...]
    state_facts: Mapping[str, StateFact]
    platform_facts: Mapping[str, PlatformFact]
    penetration: Mapping[str, Mapping[str, Any]]
    vpn_share: np.ndarray
    ios_share: np.ndarray
    users: Mapping[str, float]
    blocks: Mapping[tuple[str, str], str]
    parameters: Mapping[str, float]
    facts: Facts
    answers: Mapping[tuple[str, str], str] | None = None

    def __repr__(self) -> str:
        sizes = f"{len(self.states)} states, {len(self.platforms)} platforms"
        return f"<Setting: {sizes}, {len(self.parameters)} parameters>"

    @cached_property
    def _worked_out(self) -> dict[Any, Any]:
        """Results that rules have computed from this setting, by key; a new setting begins
        empty.
        """
        return {}

    def once[T](self, asked: Any, work_out: Callable[[], T]) -> T:
        """Return a value that follows from this setting and the arguments, computed only the first
        time.

        Parameters
        ----------
        asked : hashable
            Everything else on which the result depends, with a word that distinguishes it from
            other keys.
        work_out : callable
            Returns the result, which nobody may change.
        """
        if asked not in self._worked_out:
            if len(self._worked_out) >= _MOST_ANSWERS:
                self._worked_out.clear()
            self._worked_out[asked] = work_out()
        answer: T = self._worked_out[asked]
        return answer

    @cached_property
    def seats(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The home and the clouds of each platform."""
        return tuple(
            (self.platform_facts[p].home, tuple(self.platform_facts[p].hosting))
            for p in self.platforms
        )

    @cached_property
    def has_modes(self) -> np.ndarray:
        """1 if a platform has a mode, shape (platforms, modes) [0 or 1]."""
        return _read_only(
            [[mode in self.platform_facts[name].modes for mode in MODES] for name in self.platforms]
        )

    @cached_property
    def mode_weights(self) -> np.ndarray:
        """Share of each mode in a platform's value, shape (platforms, modes)."""
        weight = np.zeros((len(self.platforms), len(MODES)))
        for row, name in enumerate(self.platforms):
            for mode in self.platform_facts[name].modes or ("post",):
                weight[row, MODES.index(mode)] = self.parameters[f"mode_share.{mode}"]
        return _read_only(weight / weight.sum(axis=1, keepdims=True))

    @cached_property
    def always_on(self) -> np.ndarray:
        """Effort of using each platform by VPN, relative to the usual effort, shape (platforms,)
        [1].

        A messenger's text, voice and video arrive only while the VPN runs. Posts wait until the
        person looks.
        """
        waits = self.mode_weights[:, [MODES.index("post"), MODES.index("pay")]].sum(axis=1)
        kinds = [self.platform_facts[name].kind for name in self.platforms]
        talk = np.array([kind in ("messenger", "channel") for kind in kinds]) * (1.0 - waits)
        return _read_only(1.0 + (self.parameters["circumvention.always_on"] - 1.0) * talk)

    @cached_property
    def kind_value(self) -> np.ndarray:
        """Value of each platform's kind to the marginal user, shape (platforms,) [marginal feed
        users' value].
        """
        return _read_only(
            [self.parameters[f"value.{self.platform_facts[name].kind}"] for name in self.platforms]
        )

    def closed_on(self, today: date) -> tuple[str, ...]:
        """Return the platforms that worked on the first day of the scenario and have closed for
        good since.
        """
        first = self.facts.day.isoformat()
        now = today.isoformat()
        return tuple(
            name for name in self.platforms if first < self.platform_facts[name].closed <= now
        )

    def hosted(self, platform: str, state: str) -> Setting:
        """Return the setting after a platform has moved a state's data into that state."""
        return self.with_platform(
            platform, hosting=(*self.platform_facts[platform].hosting, f"at home in {state}")
        )

    def hosted_in(self, platform: str, state: str) -> bool:
        """Return whether a platform hosts a state's data there: the state is its home, or it has
        moved the data.
        """
        fact = self.platform_facts[platform]
        return fact.home == state or f"at home in {state}" in fact.hosting

    def answered(self, policy: str, platform: str, answer: str) -> Setting:
        """Return the setting after a platform has answered a demand."""
        return replace(self, answers={**(self.answers or {}), (policy, platform): answer})

    def with_platform(self, platform: str, **changed: Any) -> Setting:
        """Return the setting with changed facts of a platform, such as after a sale or with
        counter-measures.
        """
        fact = replace(self.platform_facts[platform], **changed)
        return replace(self, platform_facts={**self.platform_facts, platform: fact})


def _read_only(numbers: Any) -> np.ndarray:
    """Return numbers as a read-only array, for sharing."""
    table = np.array(numbers, dtype=np.float64)
    table.flags.writeable = False
    return table


def blocks_under(
    listed: Mapping[str, Sequence[str]], blocks: Mapping[tuple[str, str], str], facts: Facts
) -> dict[tuple[str, str], str]:
    """Return the techniques of blocks, by state and platform, with new lists for some states.

    Parameters
    ----------
    listed : mapping of str to sequence of str
        State -> platforms. A state in this mapping has these blocks and no others.
    blocks : mapping of (state, platform) to str
        Blocks of the other states.
    facts : Facts
    """
    others = {pair: technique for pair, technique in blocks.items() if pair[0] not in listed}
    return others | {
        (s, name): technique_of(facts, s, name) for s, names in listed.items() for name in names
    }


def technique_of(facts: Facts, state: str, platform: str) -> str:
    """Return the technique of a block in a scenario: that of the facts, or the state's most common
    one.
    """
    if (state, platform) in facts.blocks:
        return facts.blocks[state, platform].technique
    used = [block.technique for (s, _), block in facts.blocks.items() if s == state]
    return max(set(used), key=lambda t: (used.count(t), t)) if used else "dpi"


class Enforcement(NamedTuple):
    """The enforcement of a block."""

    technique: str
    days: int  # days in force, 0 on the first
    order: str | None = None  # source of the order to providers
    deadline: int | None = None  # days from the first until all must have carried it out
    # share of lines behind national DPI equipment, for `dpi`; providers' lists (`isp`) cover the
    # rest
    boxes: float = 1.0

    @property
    def parts(self) -> tuple[tuple[float, str], ...]:
        """The share of lines that each technique covers [1], and the technique."""
        if self.technique != "dpi" or self.boxes >= 1.0:
            return ((1.0, self.technique),)
        return (self.boxes, "dpi"), (1.0 - self.boxes, "isp")

    def stage(self, q: Mapping[str, float]) -> tuple[float, ...] | None:
        """Return the share of lines reached and of working tools, for each part; None once both are
        final.
        """
        parts = [part for _, part in self.parts]
        reached = [in_force_at(self.order, part, self.days, self.deadline, q) for part in parts]
        tools = [working_tools(part, self.days, q) for part in parts]
        is_over = min(reached) == 1.0 and tools == [
            working_tools(part, NEVER_CHANGES, q) for part in parts
        ]
        return None if is_over else (*reached, *tools)


def cut_off(
    setting: Setting, table: AccessTable, place: str | int, platform: str, how: Enforcement
) -> None:
    """Apply a block to the access of one state or place to one platform (in place); the stricter
    rule counts.

    Parameters
    ----------
    setting : Setting
    table : AccessTable
    place : str or int
        Code of a state, or the row of a place in the table.
    platform : str
    how : Enforcement
    """
    row = setting.states.index(place) if isinstance(place, str) else place
    column = setting.platforms.index(platform)
    q = setting.parameters
    evasion = setting.platform_facts[platform].evasion

    def enforced() -> tuple[float, float, float]:
        reached = sum(
            share
            * in_force_at(how.order, part, how.days, how.deadline, q)
            * covers(how.order, part, evasion, q)
            for share, part in how.parts
        )
        effort = sum(share * q[f"technique.{part}.effort"] for share, part in how.parts)
        return (
            1.0 - reached,
            effort,
            sum(share * working_tools(part, how.days, q) for share, part in how.parts),
        )

    left, effort, works = setting.once(("block", how, evasion), enforced)
    for mode in _CALLS if how.technique == "calls_only" else range(len(MODES)):
        table.reach[row, column, mode] = min(table.reach[row, column, mode], left)
    table.effort[row, column] = max(table.effort[row, column], effort * setting.always_on[column])
    table.vpn_share[row, column] = min(table.vpn_share[row, column], works)


def first_access(setting: Setting) -> AccessTable:
    """Return the access table of the first day: everything works except blocked platforms."""
    table = open_table(len(setting.states), len(setting.platforms))
    for (state, platform), technique in setting.blocks.items():
        cut_off(setting, table, state, platform, Enforcement(technique, LONG_AGO))
    return table


def in_force_at(
    order: str | None, technique: str, days: int, deadline: int | None, q: Mapping[str, float]
) -> float:
    """Return the share of lines on which an order is in force [share].

    Parameters
    ----------
    order : str, optional
        Source of the order, one of `facts.model.ORDERS`. It matters for techniques that providers
        enforce by themselves, ``dns`` and ``isp``.
    technique : str
    days : int
        Days in force, 0 on the first.
    deadline : int, optional
        Days from the first until every provider must have carried it out.
    q : mapping
        Parameters.
    """
    pace = order if order and technique in ("dns", "isp") else _PACE[technique]
    if not pace or (deadline is not None and days >= deadline):
        return 1.0
    mobile = q["enforce.mobile_share"]
    incumbent = q["enforce.incumbent_share"]
    lags = tuple(q[f"enforce.{pace}.{name}_days"] for name in ("mobile", "incumbent", "small"))
    return _reached(days, (mobile, incumbent, max(0.0, 1.0 - mobile - incumbent)), lags)


@lru_cache(maxsize=4096)
def _reached(days: int, shares: tuple[float, ...], lags: tuple[float, ...]) -> float:
    """Return the share of lines cut by providers with some shares of lines and some lags [days]
    [share].
    """
    reached = 0.0
    for share, lag in zip(shares, lags, strict=True):
        reached += share * (
            1.0 if lag <= 0.0 else NormalDist().cdf(math.log((days + 1) / lag) / _LAG_SPREAD)
        )
    return min(1.0, round(reached / sum(shares), 2))  # in steps, to avoid daily changes


def covers(order: str | None, technique: str, evasion: float, q: Mapping[str, float]) -> float:
    """Return the share of people whom a technique in force keeps from a platform [share].

    Parameters
    ----------
    order, technique
        As in `in_force_at`. A court names the firms that must obey, so more of them obey.
    evasion : float
        Strength of the platform's own counter-measures, which hardly work against DPI equipment
        [share].
    q : mapping
        Parameters.
    """
    coverage = q[f"technique.{technique}.coverage"]
    if order == "court" and technique == "isp":
        coverage = 1.0 - q["enforce.court.gap"] * (1.0 - coverage)
    return coverage * (1.0 - q[f"technique.{technique}.evaded"] * evasion)


def working_tools(technique: str, days: int, q: Mapping[str, float]) -> float:
    """Return the share of VPNs through which a blocked platform works, ``days`` after the block
    began [share].

    People whose tool fails find a working one, as after a ban on VPNs; the fewer tools work, the
    later. No tool opens a platform that itself refuses people by account and SIM card.
    """
    works = q[f"technique.{technique}.vpn_share"]
    return (
        works
        if technique == "geoblock"
        else works + (1.0 - works) * replaced_tools(works * days, q)
    )


def replaced_tools(days: float, q: Mapping[str, float]) -> float:
    """Return the share of failed VPNs that have been replaced after ``days`` [share]."""
    come = round(
        1.0 - math.exp(-days / max(1e-9, q["vpn.replace_days"])), 1
    )  # in steps, to avoid daily changes
    return (1.0 - q["vpn.closed_for_good"]) * come


class Trade(NamedTuple):
    """Trade on platforms."""

    spent: np.ndarray  # (states, platforms) by a monthly user [US$ a day]
    sold: np.ndarray  # (states, platforms) by a state's sellers [US$ a day]
    handsets: (
        np.ndarray
    )  # (states,) share of iPhones sold there / share of their owners who are online


def trade_of(setting: Setting) -> Trade:
    """Return the tables of trade of a setting."""
    facts = load_trade(setting.facts.name)
    states = setting.states
    platforms = setting.platforms
    sales = [[facts.sales.get((state, platform)) for platform in platforms] for state in states]
    handsets = [facts.handset_sales.get(("Apple", state)) for state in states]
    return Trade(
        np.array([[facts.spent(platform, state) for platform in platforms] for state in states])
        / DAYS_OF_A_YEAR,
        np.array([[0.0 if sold is None else sold.value for sold in row] for row in sales])
        / DAYS_OF_A_YEAR,
        np.array([0.0 if share is None else share.value for share in handsets]),
    )


def advertising_of(setting: Setting) -> np.ndarray:
    """Return the advertising revenue of each platform from a monthly user, shape (states,
    platforms) [US$ a day].

    This is the state's revenue per user times the platform's ratio; a platform without a figure has
    the average ratio.
    """
    facts = setting.facts
    average = setting.parameters["compliance.revenue_ratio"]
    of_state = np.array(
        [(facts.revenue.get(s) or facts.revenue[REST_OF_WORLD]).value for s in setting.states]
    )
    ratios = [facts.monetisation.get(name) for name in setting.platforms]
    ratio = np.array([average if q is None else q.value for q in ratios])
    return np.asarray(of_state[:, None] * ratio / DAYS_OF_A_YEAR)


def dollars_a_day(setting: Setting) -> float:
    """Return the worth of one unit of value to a person in the United States [US dollars a day]."""
    q = setting.parameters
    return q["money.facebook_month"] / DAYS_OF_A_MONTH / q["value.mixed"]


def income(setting: Setting, state: str) -> float:
    """Return income per head, relative to the United States [1]."""
    facts = setting.state_facts
    return facts[state].gdp_per_head.value / facts["US"].gdp_per_head.value


def value_of_dollars(setting: Setting, state: str, dollars: float) -> float:
    """Return the value of an amount of dollars a day to a person in a state [marginal feed users'
    value].

    Willingness to pay is in proportion to income (assumption), so a dollar is worth more where
    people earn less.
    """
    return dollars / (dollars_a_day(setting) * income(setting, state))
