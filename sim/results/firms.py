"""Who gains and who loses time and money: minutes and revenue by firm, its home and the state of its users."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sim.facts.model import REST_OF_WORLD
from sim.facts.platforms import minutes_of, read_halves
from sim.facts.relations import OTHER, load_trade
from sim.facts.tables import Quantity
from sim.results.cells import MIN_PEOPLE, cells_of
from sim.results.focus import fewest_people
from sim.results.stats import HIGH, LOW
from sim.results.stored_arrays import days_last, last_day

if TYPE_CHECKING:
    from sim.results.result import Result
    from sim.scenario import Scenario

type Array = np.ndarray[Any, np.dtype[np.float64]]
MINUTES, REVENUE = "minutes", "revenue"
_ROUNDING = 1e-9


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


class Part(NamedTuple):
    """What the users of a platform in one state bring its owner."""

    owner: str
    home: str
    state: str
    without: Array  # (M,) without the policies
    change: Array  # (M,) with the policies less without
    low: float  # the low end of the facts over their value [1]
    high: float


def is_measured(result: Result) -> bool:
    """Return whether a run holds minutes and revenue."""
    return {MINUTES, REVENUE} <= set(result.metrics)


def firms(result: Result) -> list[FirmRow]:
    """Return every firm whose time or money changes, by the state of its users, the largest loss of money first.

    A firm is left out whose platforms each have fewer than 30 simulated users in the state.
    """
    return list(_once(result, "firms", lambda owner, home, state: (owner, home, state), MIN_PEOPLE))


def homes(result: Result) -> list[FirmRow]:
    """Return the firms of each home state together, with users in all states of the run; unchanged ones left out."""
    return list(_once(result, "homes", lambda _owner, home, _state: ("", home, ""), 0))


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


type Key = tuple[str, str, str]


def _once(result: Result, name: str, key: Callable[[str, str, str], Key], fewest: int) -> list[FirmRow]:
    """Return the rows as `_rows` does, worked out once: a headline, a table and a chart ask for the same ones."""
    place = f"{__name__}.{name}"
    if place not in result.worked_out:
        result.worked_out[place] = _rows(result, key, fewest)
    return result.worked_out[place]  # type: ignore[no-any-return]


def _rows(result: Result, key: Callable[[str, str, str], Key], fewest: int) -> list[FirmRow]:
    """Return rows summed by a key of owner, home and state of users, of at least so many simulated users."""
    both = {metric: _summed(result, metric, key) for metric in (MINUTES, REVENUE)}
    people = _people(result, key)
    rows = []
    for name in both[MINUTES]:
        if people[name] < fewest:
            continue
        minutes, revenue = (_amount(*both[metric][name]) for metric in (MINUTES, REVENUE))
        if minutes.change or revenue.change or minutes.low or minutes.high:
            rows.append(FirmRow(*name, minutes, revenue))
    return sorted(rows, key=lambda row: (row.revenue.change, row.minutes.change, row.firm, row.home, row.users))


def _summed(result: Result, metric: str, key: Callable[[str, str, str], Key]) -> dict[Key, tuple[Array, ...]]:
    """Return for each key what `_add` sums up, (M,) each."""
    out: dict[Key, tuple[Array, ...]] = {}
    for part in _parts(result)[metric]:
        _add(out, key(part.owner, part.home, part.state), (part.without, part.change), part.low, part.high)
    return out


def _parts(result: Result) -> dict[str, list[Part]]:
    """Return what `_parts_of` does; it is done once."""
    found: dict[str, list[Part]] = result.worked_out.get(__name__) or _parts_of(result)
    return result.worked_out.setdefault(__name__, found)  # type: ignore[no-any-return]


def _parts_of(result: Result) -> dict[str, list[Part]]:
    """Return what each platform gains and loses in each state, for minutes and revenue, a part for each owner."""
    axes, scenario = result.members[0][0].axes, result.scenario
    shown = [s for s, state in enumerate(axes.states) if result.sampling.in_state(state) >= MIN_PEOPLE]
    apart = served_apart(scenario)
    out: dict[str, list[Part]] = {}
    for metric in (MINUTES, REVENUE):
        base, policy = _both(result, metric)  # (members, states, platforms, days) each
        without, change = _of_run(metric, base), _of_run(metric, policy - base)
        parts = out[metric] = []
        for p, (platform, (owner, home), (buyer, new_home), day) in enumerate(_owned(result)):
            after = np.array([day is not None and dt.date.fromisoformat(date) >= day for date in axes.dates])
            for s in shown:
                state = axes.states[s]
                if (state, platform) in apart:
                    continue
                ends = _range(scenario, metric, platform, state)
                if day is None:
                    parts.append(Part(owner, home, state, without[:, s, p], change[:, s, p], *ends))
                    continue
                days = after[-base.shape[-1] :]
                kept = _of_run(metric, policy[:, s, p] * ~days - base[:, s, p])
                sold = _of_run(metric, policy[:, s, p] * days)
                parts.append(Part(owner, home, state, without[:, s, p], kept, *ends))
                parts.append(Part(buyer, new_home, state, np.zeros(len(sold)), sold, *ends))
    return out


def _both(result: Result, metric: str) -> tuple[Array, Array]:
    """Return the days of a metric that `_of_run` takes, of the baseline and the policy arms, days last."""
    arms = [arm.arrays for pair in result.members for arm in pair]
    # A sum over neighbours in memory is the same number whatever lies around them.
    both = last_day(arms, metric)[..., None] if metric == MINUTES else days_last(arms, metric)
    return both[0::2], both[1::2]


def _owned(result: Result) -> Iterator[tuple[str, tuple[str, str], tuple[str, str], dt.date | None]]:
    """Yield each platform, its owner and home, those that it is sold to, and the day; unsold, they are the same."""
    known, added = result.scenario.facts.platforms, result.scenario.world.platforms
    sold = sales_settled(result.scenario)
    for platform in result.members[0][0].axes.platforms:
        change = added.get(platform)
        owner = (change.owner if change else None) or (known[platform].owner if platform in known else platform)
        home = (change.home if change else None) or (known[platform].home if platform in known else REST_OF_WORLD)
        buyer, new_home, day = sold.get(platform, (owner, home, None))
        yield platform, (owner, home), (buyer, new_home), day


def _people(result: Result, key: Callable[[str, str, str], Key]) -> dict[Key, int]:
    """Return how many simulated people use the most used platform of each key, in the member with the fewest."""
    axes, owned = result.members[0][0].axes, list(_owned(result))
    out: dict[Key, int] = {}
    for (s, p), people in _users(result).items():
        _, first, after, _ = owned[p]
        for owner, home in {first, after}:
            which = key(owner, home, axes.states[s])
            out[which] = max(out.get(which, 0), people)
    return out


def _users(result: Result) -> dict[tuple[int, int], int]:
    """Return the simulated users by state and platform, in the member with the fewest; they are counted once."""
    place, axes = f"{__name__}.users", result.members[0][0].axes
    if place not in result.worked_out:
        cells = cells_of(MINUTES, axes)
        result.worked_out[place] = {cell.index: fewest_people(cell, result.members) for cell in cells}
    return result.worked_out[place]  # type: ignore[no-any-return]


def _of_run(metric: str, values: Array) -> Array:
    """Return the minutes of the last day, or the dollars of all days; days are the last axis."""
    return np.asarray(values[..., -1] if metric == MINUTES else values.sum(axis=-1))


def _add(out: dict[Key, tuple[Array, ...]], key: Key, both: Sequence[Array], low: float, high: float) -> None:
    """Add a platform's amounts to those of a key.

    Summed up are the amount without the policies, the change, the change where all facts are at their low or their high
    end, and the squares of how far the facts of each platform alone move the change down and up.
    """
    without, change = both
    ends = change * low, change * high
    down, up = change - np.minimum(*ends), np.maximum(*ends) - change
    parts = without, change, *ends, down**2, up**2
    known = out.get(key)
    out[key] = parts if known is None else tuple(a + b for a, b in zip(known, parts, strict=True))


def _amount(without: Array, change: Array, at_low: Array, at_high: Array, down: Array, up: Array) -> Amount:
    """Return an amount over members; a change that is only rounding is zero.

    Facts may err together, as the revenue of a state does for all platforms there, or each by itself, as the minutes of
    a platform do. The interval holds both: where one platform gains what another of the same firm loses, errors in
    common cancel, and those of each alone do not.
    """
    least = _ROUNDING * max(1.0, float(np.abs(without).max(initial=0.0)))
    low = np.minimum.reduce([at_low, at_high, change - np.sqrt(down)])
    high = np.maximum.reduce([at_low, at_high, change + np.sqrt(up)])
    change, low, high = (np.where(np.abs(each) > least, each, 0.0) for each in (change, low, high))
    ends = np.concatenate([low, high])
    return Amount(
        float(np.median(without)),
        float(np.median(change)),
        *map(float, np.quantile(ends, (LOW, HIGH))),
    )


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
    logs: Mapping[str, list[float]] = {"low": [], "high": []}
    for each in known:
        if each.value <= 0:
            continue
        for end, found in logs.items():
            found.append(log(max(getattr(each, end), 0.01 * each.value) / each.value))
    return exp(-sqrt(sum(x * x for x in logs["low"]))), exp(sqrt(sum(x * x for x in logs["high"])))
