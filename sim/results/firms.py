"""Gains and losses of time and money: minutes and revenue by firm, its home and the state of its
users.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from itertools import product
from math import exp, log, sqrt
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from pydantic import TypeAdapter, ValidationError

from ..facts.model import REST_OF_WORLD
from ..facts.platforms import SURVEYS, minutes_of, read_halves
from ..facts.relations import OTHER, load_trade
from ..facts.tables import Quantity, quantities, read
from .interval import interval
from .panel import Array
from .series import MIN_PEOPLE, cells_of, fewest_people

if TYPE_CHECKING:
    from ..scenario import Scenario
    from .result import Result

MINUTES = "minutes"
REVENUE = "revenue"
_ROUNDING = 1e-9
_MOST_ASKED = 6
"""Number of platforms with the largest gains that are listed next to those in a survey."""

type Key = tuple[str, str, str]
type Owned = tuple[str, tuple[str, str], tuple[str, str], dt.date | None]
"""A platform, its owner and home, and the buyer, the buyer's home and the day of sale; None if it
is not sold.
"""


@dataclass(frozen=True)
class Amount:
    """A change due to the policies, and the value without them.

    Attributes
    ----------
    without : float
        The value without the policies, median over seeds.
    change : float
        The difference between the arms, median over seeds.
    low, high : float
        80 % interval of the change, over seeds and the range of the facts to which it is
        proportional.
    """

    without: float
    change: float
    low: float
    high: float

    @property
    def share(self) -> float | None:
        """The absolute change as a share of the value without the policies [1]; None if that is
        zero.
        """
        return abs(self.change) / self.without if self.without else None


@dataclass(frozen=True)
class FirmRow:
    """One firm with its users in one state, or all firms of a home state; empty texts mean all.

    Attributes
    ----------
    firm, home, users : str
        The owner, its home state, and the state of its users.
    minutes : Amount
        On the last day [minutes a day].
    revenue : Amount
        Over the run [US dollars].
    """

    firm: str
    home: str
    users: str
    minutes: Amount
    revenue: Amount


_FIRM_ROWS = TypeAdapter(list[FirmRow])


def stored_firms(summary: Mapping[str, Any]) -> Firms | None:
    """Return the gains and losses stored in the content of a ``summary.json``, or None."""
    with suppress(KeyError, ValidationError):
        return Firms(*(_FIRM_ROWS.validate_python(summary[name]) for name in ("firms", "homes")))
    return None


def is_measured(result: Result) -> bool:
    """Return whether a run has the metrics minutes and revenue."""
    return {MINUTES, REVENUE} <= set(result.metrics)


_PRINTED = 10
"""Number of rows by firm that `print` shows."""


class Firms(NamedTuple):
    """Time and money of a run, the largest loss of money first; rows without a change are left out.

    Attributes
    ----------
    by_firm : list of FirmRow
        Every firm by the state of its users, except where each of its platforms has fewer than 30
        simulated users.
    by_home : list of FirmRow
        The firms of each home state together, and the sellers of platforms, with users in all
        states of the run.
    """

    by_firm: list[FirmRow]
    by_home: list[FirmRow]

    def __repr__(self) -> str:
        return f"<Firms: {len(self.by_firm)} rows by firm, {len(self.by_home)} by home>"

    def __str__(self) -> str:
        head = f"{'firm':<24} {'home':<5} {'users':<6} {'minutes a day':>18} {'US dollars':>18}"
        rows = [
            f"{row.firm or 'all':<24} {row.home:<5} {row.users or 'all':<6} "
            f"{row.minutes.change:>+18,.0f} {row.revenue.change:>+18,.0f}"
            for row in (*self.by_home, *self.by_firm[:_PRINTED])
        ]
        return "\n".join([repr(self), head, *rows])


class Part(NamedTuple):
    """Minutes or revenue of a platform's owner from its users in one state."""

    owner: str
    home: str
    state: str
    without: Array  # (M,) without the policies
    change: Array  # (M,) difference between the arms
    low: float  # the low end of the facts divided by their value [1]
    high: float


def find_firms(result: Result) -> Firms:
    """Return the gains and losses of time and money in a run with minutes and revenue."""
    axes = result.members[0][0].axes
    scenario = result.scenario
    sold = sales_settled(result.scenario)
    owned = list[Owned]()
    platforms = scenario.platforms
    for platform in axes.platforms:
        fact = platforms.get(platform)
        owner, home = (fact.owner, fact.home) if fact else (platform, REST_OF_WORLD)
        buyer, new_home, day = sold.get(platform, (owner, home, None))
        owned.append((platform, (owner, home), (buyer, new_home), day))
    parts = {metric: list(_parts(result, metric, owned)) for metric in (MINUTES, REVENUE)}
    people: dict[Key, int] = {}  # users of the most used platform, for the seed with the fewest
    for cell in cells_of(MINUTES, axes):
        _, old, new, _ = owned[cell.index[1]]
        for firm in {old, new}:
            people[*firm, cell.state] = max(
                people.get((*firm, cell.state), 0), fewest_people(cell, result.members)
            )

    def rows(key: Callable[[Part], Key]) -> list[FirmRow]:
        by_key: dict[Key, dict[str, list[Part]]] = {}
        for metric, every in parts.items():
            for part in every:
                if people[part.owner, part.home, part.state] >= MIN_PEOPLE or not key(part)[2]:
                    by_key.setdefault(key(part), {MINUTES: [], REVENUE: []})[metric].append(part)
        changed = []
        for name, of_key in by_key.items():
            minutes = _amount(of_key[MINUTES])
            revenue = _amount(of_key[REVENUE])
            if minutes.change or revenue.change or minutes.low or minutes.high:
                changed.append(FirmRow(*name, minutes, revenue))
        return sorted(
            changed,
            key=lambda row: (row.revenue.change, row.minutes.change, row.firm, row.home, row.users),
        )

    # A sale passes on the revenue of all countries, so the seller's loss has their base, too.
    sellers = {old for _, old, _, day in owned if day is not None}
    whole = rows(lambda part: (part.owner, part.home, "")) if sellers else []
    return Firms(
        rows(lambda part: (part.owner, part.home, part.state)),
        [
            *rows(lambda part: ("", part.home, "")),
            *(row for row in whole if (row.firm, row.home) in sellers),
        ],
    )


def _parts(result: Result, metric: str, owned: Sequence[Owned]) -> Iterator[Part]:
    """Yield the gains and losses of each platform in each state, one part for each owner."""
    axes = result.members[0][0].axes
    scenario = result.scenario
    sampling = result.sampling
    apart = served_apart(scenario)
    last = slice(-1, None) if metric == MINUTES else slice(None)
    shown = [s for s, state in enumerate(axes.states) if sampling.in_state(state) >= MIN_PEOPLE]
    shape = len(result.members), len(axes.states), len(owned)
    without = np.zeros(shape)
    change = np.zeros(shape)
    # for a sold platform: the change of the seller's amount, and the buyer's amount
    kept = np.zeros(shape)
    passed = np.zeros(shape)
    dates = np.array(axes.dates[last], dtype="datetime64[D]")
    for (m, pair), s in product(enumerate(result.members), shown):
        # Days last: a sum over contiguous memory does not depend on the other dimensions.
        held = [arm.row(metric, s) for arm in pair]
        base, policy = (row[:, last] for row in held)
        without[m, s] = base.sum(axis=-1)
        if held[1] is not held[0]:  # most states are the same in both arms
            change[m, s] = (policy - base).sum(axis=-1)
        for p, (_, _, _, day) in enumerate(owned):
            if day is not None:
                sold = dates >= np.datetime64(day)
                kept[m, s, p] = (policy[p] * ~sold - base[p]).sum()
                passed[m, s, p] = (policy[p] * sold).sum()
    moved = change.any(axis=0)
    for (p, (platform, old, new, day)), s in product(enumerate(owned), shown):
        state = axes.states[s]
        if (state, platform) in apart:
            continue
        ends = _range(scenario, metric, platform, state) if moved[s, p] or day else (1.0, 1.0)
        if day is None:
            yield Part(*old, state, without[:, s, p], change[:, s, p], *ends)
            continue
        yield Part(*old, state, without[:, s, p], kept[:, s, p], *ends)
        yield Part(*new, state, np.zeros(len(kept)), passed[:, s, p], *ends)


def _amount(parts: list[Part]) -> Amount:
    """Return the sum of some parts, summarised over seeds; a rounding error becomes a change of
    zero.

    Errors of facts may be common, as for the revenue of a state, or independent, as for the minutes
    of a platform. The interval includes both: if one platform gains what another of the same firm
    loses, common errors cancel, and independent errors do not.
    """
    changes = np.array([part.change for part in parts])
    withouts = np.array([part.without for part in parts])
    if not changes.any():  # as for most firms
        return Amount(float(np.median(_added(withouts))), 0.0, *_around_zero(changes.shape[1]))
    ends = [changes * np.array([[getattr(part, at)] for part in parts]) for at in ("low", "high")]
    # Squared changes, down and up, from the facts of each part alone.
    alone = (changes - np.minimum(*ends)) ** 2, (np.maximum(*ends) - changes) ** 2
    of_each = withouts, changes, *ends, *alone
    without, change, at_low, at_high, down, up = map(_added, of_each)
    least = _ROUNDING * max(1.0, float(np.abs(without).max(initial=0.0)))
    low = np.minimum.reduce([at_low, at_high, change - np.sqrt(down)])
    high = np.maximum.reduce([at_low, at_high, change + np.sqrt(up)])
    change, low, high = (np.where(np.abs(each) > least, each, 0.0) for each in (change, low, high))
    around = interval(np.column_stack([low, high]))
    return Amount(float(np.median(without)), float(np.median(change)), *map(float, around))


def _added(rows: Array) -> Array:
    """Return the sum of rows, added one by one: in the same order for any number of seeds."""
    return np.asarray(np.add.accumulate(rows)[-1])


@cache
def _around_zero(members: int) -> tuple[float, float]:
    """Return the interval of a change that is zero for every seed and every fact."""
    low, high = interval(np.zeros((members, 2)))
    return float(low), float(high)


def served_apart(scenario: Scenario) -> frozenset[tuple[str, str]]:
    """Return the pairs (state, platform) without a result: a policy cuts networks, and the service
    has servers in the state.
    """
    return (
        read_halves()
        if any(policy.cuts_networks() for policy in scenario.policies)
        else frozenset()
    )


def sales_settled(scenario: Scenario) -> dict[str, tuple[str, str, dt.date]]:
    """Return the platforms that a scenario sells: their new owner, its home and the day."""
    homes = {fact.owner: fact.home for fact in scenario.facts.platforms.values()}
    found = {}
    for policy in scenario.policies:
        day = policy.bites(scenario.start) if policy.SELLS else None
        if (
            day is None
            or getattr(policy, "outcome", "") != "sold"
            or scenario.behaviour.is_on("platforms")
        ):
            continue
        buyer = getattr(policy, "buyer", None) or f"a buyer in {policy.by[0]}"
        for platform in policy.targets:
            found[platform] = (buyer, homes.get(buyer, policy.by[0]), day)
    return found


def _range(scenario: Scenario, metric: str, platform: str, state: str) -> tuple[float, float]:
    """Return the low and the high end, relative to the value, of the facts to which an amount is
    proportional [1].
    """
    facts = scenario.facts
    if metric == MINUTES:
        known = scenario.platforms.get(platform)
        return _factors(minutes_of(platform, known.kind if known else "mixed"))
    spending = load_trade(facts.name).spending
    bought = spending.get((platform, state)) or spending.get((platform, OTHER))
    if bought is not None:
        return _factors(bought)
    ratio = facts.monetisation.get(platform) or facts.parameters["compliance.revenue_ratio"]
    return _factors(facts.revenue.get(state) or facts.revenue[REST_OF_WORLD], ratio)


def _factors(*known: Quantity) -> tuple[float, float]:
    """Return the low and the high end of a product of independent facts, divided by its value
    [1].
    """
    logs = {
        end: [
            log(max(getattr(each, end), 0.01 * each.value) / each.value)
            for each in known
            if each.value > 0
        ]
        for end in ("low", "high")
    }
    low, high = (sqrt(sum(x * x for x in of_end)) for of_end in logs.values())
    return exp(-low), exp(high)


# --- beside surveys -------------------------------------------------------------------------------


@dataclass(frozen=True)
class BesideSurvey:
    """A platform that users of a lost platform turn to, in the run and in a survey.

    Attributes
    ----------
    state, lost, platform : str
    gained, low, high : float
        Share of the minutes gained in the state on the last day: median and 80 % interval over
        seeds [1].
    asked : float or None
        Share of respondents who named it [1]; None if the survey did not ask about it.
    of_answers : float or None
        Its share of all answers [1].
    """

    state: str
    lost: str
    platform: str
    gained: float
    low: float
    high: float
    asked: float | None
    of_answers: float | None


def beside_surveys(result: Result) -> list[BesideSurvey]:
    """Return the platforms that gain most minutes and the platforms of the survey, for each target
    with a survey.
    """
    if not is_measured(result):
        return []
    aims = {
        (state, platform)
        for policy in result.scenario.policies
        for state in policy.concerns()
        for platform in policy.targets
    }
    axes = result.members[0][0].axes
    surveyed = quantities(read(SURVEYS))
    found = list[BesideSurvey]()
    for state, lost in sorted(aims & {(state, lost) for state, lost, _ in surveyed}):
        said = {
            platform: share
            for (s, p, platform), share in surveyed.items()
            if (s, p) == (state, lost)
        }
        if state not in axes.states:
            continue
        at = axes.states.index(state)
        gains = np.array(
            [
                policy.row(MINUTES, at)[:, -1] - base.row(MINUTES, at)[:, -1]
                for base, policy in result.members
            ]
        )
        gains = np.where(np.array(axes.platforms) == lost, 0.0, np.maximum(gains, 0.0))
        all_gains = gains.sum(axis=1)
        known = all_gains > 0
        gained = zip(axes.platforms, gains.T, strict=True)
        shares = {name: of_one[known] / all_gains[known] for name, of_one in gained if of_one.any()}
        total = sum(each.value for each in said.values())
        most = sorted(shares, key=lambda name: -float(np.median(shares[name])))[:_MOST_ASKED]
        for name in dict.fromkeys((*most, *said)) if shares else ():
            of_members = shares.get(name, np.zeros(1))
            middle = float(np.median(of_members))
            low, high = map(float, interval(of_members))
            answer = said[name].value if name in said else None
            of_all = answer / total if answer is not None else None
            found.append(BesideSurvey(state, lost, name, middle, low, high, answer, of_all))
    return found
