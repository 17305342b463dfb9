"""Who gains and who loses time and money: minutes and revenue by firm, its home and the state of its users."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from math import exp, log, sqrt
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.facts.model import REST_OF_WORLD
from sim.facts.platforms import SURVEYS, minutes_of, read_halves
from sim.facts.relations import OTHER, load_trade
from sim.facts.tables import Quantity, quantities, read
from sim.results.panel import Array
from sim.results.series import MIN_PEOPLE, cells_of, fewest_people
from sim.results.stats import HIGH, LOW

if TYPE_CHECKING:
    from sim.results.result import Result
    from sim.scenario import Scenario

MINUTES, REVENUE = "minutes", "revenue"
_ROUNDING = 1e-9
_MOST_ASKED = 6
"""Number of platforms with the largest gains that are listed next to those in a survey."""

type Key = tuple[str, str, str]


@dataclass(frozen=True)
class Amount:
    """What changes by the policies, and what there was.

    Attributes
    ----------
    without : float
        Without the policies: what was at stake; median over members.
    change : float
        With the policies less without; median over members.
    low, high : float
        80 % interval of the change: members, and the range of the facts that it is in proportion to.
    """

    without: float
    change: float
    low: float
    high: float

    @property
    def share(self) -> float | None:
        """The change as a share of what was at stake, without its sign [1]; None where nothing was."""
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


def is_measured(result: Result) -> bool:
    """Return whether a run holds minutes and revenue."""
    return {MINUTES, REVENUE} <= set(result.metrics)


class Part(NamedTuple):
    """What the users of a platform in one state bring its owner."""

    owner: str
    home: str
    state: str
    without: Array  # (M,) without the policies
    change: Array  # (M,) with the policies less without
    low: float  # the low end of the facts over their value [1]
    high: float


class Firms:
    """Time and money by firm of one run, computed on first use; `Result.firms` keeps it.

    Parameters
    ----------
    result : Result
    """

    def __init__(self, result: Result) -> None:
        self._result, self._axes = result, result.members[0][0].axes

    @cached_property
    def by_firm(self) -> list[FirmRow]:
        """As `firms` returns it."""
        return self._rows(lambda owner, home, state: (owner, home, state), MIN_PEOPLE)

    @cached_property
    def by_home(self) -> list[FirmRow]:
        """As `homes` returns it."""
        return self._rows(lambda _owner, home, _state: ("", home, ""), 0)

    def _rows(self, key: Callable[[str, str, str], Key], fewest: int) -> list[FirmRow]:
        """Return rows summed by a key of owner, home and state of users, of at least so many simulated users."""
        parts: dict[str, dict[Key, list[Part]]] = {MINUTES: {}, REVENUE: {}}
        for metric, by_key in parts.items():
            for part in self._parts[metric]:
                by_key.setdefault(key(part.owner, part.home, part.state), []).append(part)
        people: dict[Key, int] = {}  # of the most used platform, in the member with the fewest
        owned = list(self._owned())
        for (s, p), users in self._users.items():
            for owner, home in {owned[p][1], owned[p][2]}:
                which = key(owner, home, self._axes.states[s])
                people[which] = max(people.get(which, 0), users)
        rows = []
        for name in (name for name in parts[MINUTES] if people[name] >= fewest):
            minutes, revenue = (_amount(parts[metric][name]) for metric in (MINUTES, REVENUE))
            if minutes.change or revenue.change or minutes.low or minutes.high:
                rows.append(FirmRow(*name, minutes, revenue))
        return sorted(rows, key=lambda row: (row.revenue.change, row.minutes.change, row.firm, row.home, row.users))

    @cached_property
    def _parts(self) -> dict[str, list[Part]]:
        """What each platform gains and loses in each state, for minutes and revenue, a part for each owner."""
        axes, scenario, sampling = self._axes, self._result.scenario, self._result.sampling
        shown = [s for s, state in enumerate(axes.states) if sampling.in_state(state) >= MIN_PEOPLE]
        apart = served_apart(scenario)
        parts: dict[str, list[Part]] = {MINUTES: [], REVENUE: []}
        for metric, found in parts.items():
            base, policy = self._days(metric, 0), self._days(metric, 1)  # (members, states, platforms, days) each
            without, change = base.sum(axis=-1), (policy - base).sum(axis=-1)
            for p, (platform, (owner, home), (buyer, new_home), day) in enumerate(self._owned()):
                sold_days = [day is not None and dt.date.fromisoformat(date) >= day for date in axes.dates]
                days = np.array(sold_days)[-base.shape[-1] :]
                for s in shown:
                    state = axes.states[s]
                    if (state, platform) in apart:
                        continue
                    ends = _range(scenario, metric, platform, state)
                    if day is None:
                        found.append(Part(owner, home, state, without[:, s, p], change[:, s, p], *ends))
                        continue
                    kept = (policy[:, s, p] * ~days - base[:, s, p]).sum(axis=-1)
                    sold = (policy[:, s, p] * days).sum(axis=-1)
                    found.append(Part(owner, home, state, without[:, s, p], kept, *ends))
                    found.append(Part(buyer, new_home, state, np.zeros(len(sold)), sold, *ends))
        return parts

    def _days(self, metric: str, arm: int) -> Array:
        """Return the minutes of the last day or the dollars of all days in an arm, days last."""
        last = slice(-1, None) if metric == MINUTES else slice(None)
        arrays = [pair[arm].arrays[metric][last] for pair in self._result.members]
        # A sum over neighbours in memory is the same number whatever lies around them.
        return np.stack([np.ascontiguousarray(np.moveaxis(array, 0, -1)) for array in arrays])

    def _owned(self) -> Iterator[tuple[str, tuple[str, str], tuple[str, str], dt.date | None]]:
        """Yield each platform, its owner and home, those that it is sold to, and the day; unsold, they are the same."""
        scenario = self._result.scenario
        of_facts, sold = scenario.facts.platforms, sales_settled(scenario)
        for platform in self._axes.platforms:
            known = [each for each in (scenario.world.platforms.get(platform), of_facts.get(platform)) if each]
            owner = next((each.owner for each in known if each.owner), platform)
            home = next((each.home for each in known if each.home), REST_OF_WORLD)
            buyer, new_home, day = sold.get(platform, (owner, home, None))
            yield platform, (owner, home), (buyer, new_home), day

    @cached_property
    def _users(self) -> dict[tuple[int, ...], int]:
        """Simulated users by state and platform, in the member with the fewest."""
        return {cell.index: fewest_people(cell, self._result.members) for cell in cells_of(MINUTES, self._axes)}


def firms(result: Result) -> list[FirmRow]:
    """Return every firm whose time or money changes, by the state of its users, the largest loss of money first.

    A firm is left out whose platforms each have fewer than 30 simulated users in the state.
    """
    return list(result.firms.by_firm)


def homes(result: Result) -> list[FirmRow]:
    """Return the firms of each home state together, with users in all states of the run; unchanged ones left out."""
    return list(result.firms.by_home)


def _amount(parts: list[Part]) -> Amount:
    """Return the sum of some parts over members; a change that is only rounding is zero.

    Facts may err together, as the revenue of a state does for all platforms there, or each by itself, as the minutes of
    a platform do. The interval holds both: where one platform gains what another of the same firm loses, errors in
    common cancel, and those of each alone do not.
    """
    without, change, at_low, at_high, down, up = (np.zeros(len(parts[0].change)) for _ in range(6))
    for part in parts:
        ends = part.change * part.low, part.change * part.high
        without, change = without + part.without, change + part.change
        at_low, at_high = at_low + ends[0], at_high + ends[1]
        # The squares of how far the facts of each part alone move the change down and up.
        down = down + (part.change - np.minimum(*ends)) ** 2
        up = up + (np.maximum(*ends) - part.change) ** 2
    least = _ROUNDING * max(1.0, float(np.abs(without).max(initial=0.0)))
    low = np.minimum.reduce([at_low, at_high, change - np.sqrt(down)])
    high = np.maximum.reduce([at_low, at_high, change + np.sqrt(up)])
    change, low, high = (np.where(np.abs(each) > least, each, 0.0) for each in (change, low, high))
    ends = np.quantile(np.concatenate([low, high]), (LOW, HIGH))
    return Amount(float(np.median(without)), float(np.median(change)), *map(float, ends))


def minutes_gained(result: Result, state: str, lost: str) -> dict[str, Array]:
    """Return the share of the minutes gained in a state that each platform gets, on the last day, (members,) [1].

    Parameters
    ----------
    result : Result
    state : str
        A state of the run.
    lost : str
        The platform that is lost, which is left out.
    """
    axes = result.members[0][0].axes
    at = axes.states.index(state)
    gains = np.array([policy.arrays[MINUTES][-1, at] - base.arrays[MINUTES][-1, at] for base, policy in result.members])
    gains = np.maximum(gains, 0.0)
    if lost in axes.platforms:
        gains[:, axes.platforms.index(lost)] = 0.0
    total = gains.sum(axis=1)
    known = total > 0
    return {name: gains[known, p] / total[known] for p, name in enumerate(axes.platforms) if gains[:, p].any()}


def served_apart(scenario: Scenario) -> frozenset[tuple[str, str]]:
    """Return (state, platform) of which a run says nothing: a policy cuts networks, and the service runs at home."""
    return read_halves() if any(policy.CUTS_NETWORKS for policy in scenario.policies) else frozenset()


def sales_settled(scenario: Scenario) -> dict[str, tuple[str, str, dt.date]]:
    """Return the platforms that a scenario sells: their new owner, its home and the day."""
    homes = {fact.owner: fact.home for fact in scenario.facts.platforms.values()}
    found = {}
    for policy in scenario.policies:
        day = policy.bites(scenario.start) if policy.SELLS else None
        if day is None or getattr(policy, "outcome", "") != "sold" or scenario.behaviour.is_on("platforms"):
            continue
        buyer = getattr(policy, "buyer", None) or f"a buyer in {policy.by[0]}"
        for platform in policy.targets:
            found[platform] = (buyer, homes.get(buyer, policy.by[0]), day)
    return found


def _range(scenario: Scenario, metric: str, platform: str, state: str) -> tuple[float, float]:
    """Return by which factors the facts may be lower and higher that an amount is in proportion to [1]."""
    facts, added = scenario.facts, scenario.world.platforms.get(platform)
    kind = (added.kind if added else None) or (
        facts.platforms[platform].kind if platform in facts.platforms else "mixed"
    )
    if metric == MINUTES:
        return _factors(minutes_of(platform, kind))
    spending = load_trade(facts.name).spending
    bought = spending.get((platform, state)) or spending.get((platform, OTHER))
    if bought is not None:
        return _factors(bought)
    ratio = facts.monetisation.get(platform) or facts.parameters["compliance.revenue_ratio"]
    return _factors(facts.revenue.get(state) or facts.revenue[REST_OF_WORLD], ratio)


def _factors(*known: Quantity) -> tuple[float, float]:
    """Return the low and the high end over the value, of a product of independent facts [1]."""
    logs = {
        end: [log(max(getattr(each, end), 0.01 * each.value) / each.value) for each in known if each.value > 0]
        for end in ("low", "high")
    }
    low, high = (sqrt(sum(x * x for x in of_end)) for of_end in logs.values())
    return exp(-low), exp(high)


# --- beside surveys --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class BesideSurvey:
    """A platform that users of a lost one turn to: in the run, and by a survey.

    Attributes
    ----------
    state, lost, platform : str
    gained, low, high : float
        Share of the minutes gained in the state on the last day: median and 80 % interval of the members [1].
    asked : float or None
        Share of those asked who named it [1]; None where the survey did not ask.
    of_answers : float or None
        The same as a share of all answers [1].
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
    """Return the platforms that gain most minutes and those asked about, for each target whose users were asked."""
    if not is_measured(result):
        return []
    aims = {
        (state, platform) for policy in result.scenario.policies for state in policy.by for platform in policy.targets
    }
    surveyed, found = quantities(read(SURVEYS)), list[BesideSurvey]()
    for state, lost in sorted(aims & {(state, lost) for state, lost, _ in surveyed}):
        said = {platform: share for (s, p, platform), share in surveyed.items() if (s, p) == (state, lost)}
        shares = minutes_gained(result, state, lost) if state in result.members[0][0].axes.states else {}
        total = sum(each.value for each in said.values())
        most = sorted(shares, key=lambda name: -float(np.median(shares[name])))[:_MOST_ASKED]
        for name in dict.fromkeys((*most, *said)) if shares else ():
            low, middle, high = (float(x) for x in np.quantile(shares.get(name, np.zeros(1)), (LOW, 0.5, HIGH)))
            answer = said[name].value if name in said else None
            of_all = answer / total if answer is not None else None
            found.append(BesideSurvey(state, lost, name, middle, low, high, answer, of_all))
    return found
