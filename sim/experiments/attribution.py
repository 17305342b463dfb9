"""Attributions: the Shapley share of each policy in each effect, with the same random numbers in every subset.

The share of a policy (Shapley 1953) is the mean of what it adds, over all orders in which the policies could be added.
Values are doubles, that is, integer multiples of a power of two. All sums of shares are sums of integers, and only the
final result is rounded.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.core.chance import Purpose, stream, uniform_plain
from sim.errors import InputError, Problem
from sim.experiments.checks import count_problem
from sim.experiments.ensemble import DEFAULT_SEEDS, seeds_of
from sim.experiments.experiment import Experiment, Task
from sim.experiments.outcomes import Output, choose, effects, units
from sim.experiments.parallel import Progress
from sim.metrics.registry import METRICS
from sim.results.stats import HIGH, LOW, mc_error
from sim.scenario import Scenario, load

if TYPE_CHECKING:
    import pandas as pd

TOTAL = "all policies"
MOST_EXACT = 8
"""Up to so many policies all subsets are run; above, orders are sampled."""
DEFAULT_ORDERS = 32
"""Orders that are sampled by default: 16 and their reverses."""

MOST_ORDERS = 10_000
"""Beyond it somebody has mistaken orders for people."""


def attribute(
    scenario: Scenario | str | Path | dict[str, Any],
    *,
    people: int | None = None,
    days: int | None = None,
    seeds: int = DEFAULT_SEEDS,
    orders: int | None = None,
    jobs: int | None = None,
    cluster: Any = None,
    out: Path | str | None = None,
    progress: Progress | None = None,
) -> Attribution:
    """Attribute the effect of a scenario to each of its policies.

    A policy and what stays, lifts or exempts it count as one: a stay does nothing without what it stays.

    Parameters
    ----------
    scenario : Scenario, path, name of a shipped scenario, or mapping
    people, days : int, optional
        Simulated people and days, instead of the scenario's.
    seeds : int
        Members; every subset of the policies is run with the same ones.
    orders : int, optional
        Sample so many orders of the policies, an even number, instead of running all subsets; 32 above eight policies.
    jobs, cluster, out, progress
        As for `sweep`.

    Returns
    -------
    Attribution

    Raises
    ------
    InputError
        When there is no policy to attribute to, or a number is out of bounds.
    RunError
        When a run failed; the others are kept in the folder.
    """
    spec = load(scenario, people=people, days=days, known_metrics=METRICS)
    players = players_of(spec)
    members = seeds_of(spec, seeds)
    sampled = [] if orders is None and len(players) <= MOST_EXACT else orders_of(spec, len(players), orders)
    found = Attribution(spec, members, players, sampled)
    return found.run(jobs=jobs, cluster=cluster, out=out, progress=progress)


class Attribution(Experiment):
    """Shapley shares of each policy in each effect; the shares sum to the effect of all policies together.

    Parameters
    ----------
    scenario, seeds
        As for `Experiment`; outcomes are kept under ``subset-<bits, hexadecimal>-seed-<seed>``.
    players : mapping of str to sequence of str
        What is distinguished: the id of a policy -> it and all that stays, lifts or exempts it.
    orders : sequence of sequence of int
        Sampled orders of the players; empty when all subsets were run.
    """

    KIND = "attribution"

    def __init__(
        self,
        scenario: Scenario,
        seeds: Sequence[int],
        players: Mapping[str, Sequence[str]],
        orders: Sequence[Sequence[int]] = (),
    ) -> None:
        super().__init__(scenario, seeds)
        self.players = {name: tuple(ids) for name, ids in players.items()}
        self.orders = [list(order) for order in orders]

    @property
    def settings(self) -> dict[str, Any]:
        """The sampled orders."""
        return {"orders": self.orders}

    def rounds(self) -> Iterator[list[Task]]:
        """Yield the runs of all subsets of the policies, or of those that the orders pass through."""
        yield [
            Task(f"subset-{subset:x}-seed-{seed}", self.scenario, seed, without=self._left_out(subset))
            for subset in subsets_of(self.scenario, len(self.players), self.orders)
            for seed in self.seeds
        ]

    def _left_out(self, subset: int) -> tuple[str, ...]:
        """Return the ids of the policies that are not in a subset."""
        return tuple(name for i, ids in enumerate(self.players.values()) if not subset >> i & 1 for name in ids)

    @property
    def is_exact(self) -> bool:
        """Whether all subsets were run, so that there is no error of sampling."""
        return not self.orders

    @cached_property
    def _values(self) -> dict[Output, dict[int, dict[int, float]]]:
        """The effect of every subset: output -> seed -> subset -> value; outputs that a subset lacks are left out."""
        found: dict[Output, dict[int, dict[int, float]]] = {}
        for key, outcome in self.outcomes.items():
            _, subset, _, seed = key.split("-")
            for output, effect in effects(outcome).items():
                found.setdefault(output, {}).setdefault(int(seed), {})[int(subset, 16)] = effect
        whole = len(self.outcomes) // len(self.seeds)
        return {
            output: {seed: {0: 0.0, **values} for seed, values in sorted(by_seed.items())}
            for output, by_seed in found.items()
            if len(by_seed) == len(self.seeds) and all(len(values) == whole for values in by_seed.values())
        }

    def shares(self, output: Output) -> dict[int, list[Fraction]]:
        """Return the exact share of each player in one output, seed by seed."""
        n = len(self.players)
        if self.is_exact:
            return {
                seed: exact_shares([values[subset] for subset in range(1 << n)], n)
                for seed, values in self._values[output].items()
            }
        return {seed: mean_of(sampled_shares(values, self.orders)) for seed, values in self._values[output].items()}

    def sampling_error(self, output: Output) -> list[float]:
        """Return the standard error of each player's mean share that comes from sampling orders; 0 when exact.

        An order and its reverse are one draw: they lean in opposite directions, and their mean less.
        """
        if self.is_exact:
            return [0.0] * len(self.players)
        by_seed = [sampled_shares(values, self.orders) for values in self._values[output].values()]
        over_seeds = [mean_of(list(some)) for some in zip(*by_seed, strict=True)]  # order -> player
        pairs = [mean_of(over_seeds[i : i + 2]) for i in range(0, len(over_seeds), 2)]
        spread = np.array([[float(x) for x in pair] for pair in pairs])
        if len(pairs) < 2:
            return [math.nan] * len(self.players)
        return [float(x) for x in spread.std(axis=0, ddof=1) / math.sqrt(len(pairs))]

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row an output and policy, and one for all policies together.

        Returns
        -------
        pandas.DataFrame
            ``metric, state, platform, group, at, unit, policy``, then ``effect``: the mean over members of the share
            (means add up, medians do not), ``low, high``: its 10th and 90th percentile over members, ``mc_error``: the
            standard error of that mean over members, ``sampling_error``: that of sampling orders, and ``part``: the
            share as a part of the whole [1]. The effects of an output sum to that of all policies to the last digit.
        """
        import pandas as pd

        unit = units(self.outcomes.values())
        rows = [row for output in self._values for row in self._rows(output, unit[output])]
        numbers = ("effect", "low", "high", "mc_error", "sampling_error", "part")
        columns = [*Output._fields, "unit", "policy", *numbers]
        return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(numbers, "float64"))

    def _rows(self, output: Output, unit: str) -> list[dict[str, Any]]:
        """Return the rows of one output."""
        names = [*self.players, TOTAL]
        if not any(value for values in self._values[output].values() for value in values.values()):
            mean, spread, sampling = [0.0] * len(names), np.zeros((len(self.seeds), len(names))), [0.0] * len(names)
        else:
            by_seed = list(self.shares(output).values())
            parts, total = closed(mean_of(by_seed))
            mean = [*parts, total]
            spread = np.array([[*map(float, shares), float(sum(shares, Fraction(0)))] for shares in by_seed])
            sampling = [*self.sampling_error(output), 0.0]
        rows = []
        for i, name in enumerate(names):
            low, high = np.quantile(spread[:, i], (LOW, HIGH))
            numbers = {
                "effect": mean[i],
                "low": float(low),
                "high": float(high),
                "mc_error": mc_error(spread[:, i]),
                "sampling_error": sampling[i],
                "part": mean[i] / mean[-1] if mean[-1] else math.nan,
            }
            rows.append({**output._asdict(), "unit": unit, "policy": name, **numbers})
        return rows

    def in_words(self, player: str) -> str:
        """Return a policy with what stays, lifts or exempts it, since the share is that of all of them together."""
        rest = [policy for policy in self.players.get(player, ()) if policy != player]
        return f"{player} (with {', '.join(rest)})" if rest else player

    def output(self, metric: str | None = None, at: str | None = None, **cell: str) -> Output:
        """Return the output that a few words mean: the headline that moves most unless a metric is named."""
        whole = self.table[(self.table["policy"] == TOTAL).to_numpy()]
        return choose(whole, metric, at, **cell)


def players_of(spec: Scenario) -> dict[str, tuple[str, ...]]:
    """Return what is distinguished: the id of a policy -> it and all that refers to it, in the scenario's order.

    Raises
    ------
    InputError
        When there is none.
    """
    refers = {policy.id: policy.about() for policy in spec.policies}
    players: dict[str, list[str]] = {}
    for name in refers:
        root, seen = name, {name}
        while (other := refers.get(root)) is not None and other in refers and other not in seen:
            root = other
            seen.add(root)
        players.setdefault(root, []).append(name)
    if not players:
        hint = "splinternet run says what the world does by itself"
        raise InputError(Problem(str(spec.path or ""), "the scenario has no policies", "at least one policy", hint))
    return {name: tuple(ids) for name, ids in players.items()}


def orders_of(spec: Scenario, n: int, orders: int | None) -> list[list[int]]:
    """Return sampled orders of the players, each followed by its reverse (Castro, Gomez & Tejada 2009; antithetic).

    Parameters
    ----------
    spec : Scenario
        Its seed decides which.
    n : int
        Number of players.
    orders : int, optional
        How many; by default 32.
    """
    count = DEFAULT_ORDERS if orders is None else orders
    if count_problem("--orders", count, (4, MOST_ORDERS)) or count % 2:
        allowed = f"an even number, 4 to {MOST_ORDERS:,}: each order comes with its reverse"
        raise InputError(Problem("--orders", f"{count!r} orders", allowed, f"--orders {DEFAULT_ORDERS}"))
    found: list[list[int]] = []
    for draw in range(count // 2):
        key = stream(spec.seed, Purpose.ORDER, draw)
        order = sorted(range(n), key=lambda player: uniform_plain(key, player))
        found += [order, order[::-1]]
    return found


def subsets_of(spec: Scenario, n: int, orders: Sequence[Sequence[int]]) -> list[int]:
    """Return the subsets to run, as bits: all of them, or those that the orders pass through.

    The empty one is left out where it is zero by construction: without policies and behaviour both arms are the
    same, bit for bit.
    """
    subsets = set(range(1 << n)) if not orders else {0}
    for order in orders:
        subset = 0
        for player in order:
            subset |= 1 << player
            subsets.add(subset)
    acts_by_itself = bool(spec.behaviour.on or spec.world.blocks_policy_arm)
    return sorted(subsets if acts_by_itself else subsets - {0})


def exact_shares(values: Sequence[float], n: int) -> list[Fraction]:
    """Return the share of each player from the values of all subsets.

    Parameters
    ----------
    values : sequence of float
        2^n values; the value of a subset stands at the number whose bits are its players.
    n : int
        Number of players.
    """
    whole, scale = _whole(values)
    weights = [math.factorial(size) * math.factorial(n - size - 1) for size in range(n)]
    sums = [0] * n
    for subset in range(1 << n):
        for player in range(n):
            bit = 1 << player
            if not subset & bit:
                sums[player] += weights[subset.bit_count()] * (whole[subset | bit] - whole[subset])
    return [Fraction(total, math.factorial(n)) * scale for total in sums]


def sampled_shares(values: Mapping[int, float], orders: Sequence[Sequence[int]]) -> list[list[Fraction]]:
    """Return what each player adds in each order, the shares of which are estimates; each order sums to the total.

    Parameters
    ----------
    values : mapping of int to float
        The value of every subset that an order passes through.
    orders : sequence of sequence of int
        Orders of the players.
    """
    found = []
    for order in orders:
        added, subset = [Fraction(0)] * len(order), 0
        for player in order:
            after = subset | 1 << player
            added[player] = Fraction(values[after]) - Fraction(values[subset])
            subset = after
        found.append(added)
    return found


def mean_of(shares: Sequence[Sequence[Fraction]]) -> list[Fraction]:
    """Return the exact mean of several lists of shares, player by player."""
    return [sum(some, Fraction(0)) / len(shares) for some in zip(*shares, strict=True)]


def closed(shares: Sequence[Fraction]) -> tuple[list[float], float]:
    """Return shares as doubles that sum to their total to the last digit, and the total.

    Shares are cut to whole numbers of the total's last binary digit and what is left over goes, digit by digit, to
    those that lost most by the cut (the method of largest remainders, as seats are shared out by votes). Where all
    shares have one sign, adding them up in any order gives the total; otherwise an exact sum (``math.fsum``) does. A
    share of zero stays zero.

    Parameters
    ----------
    shares : sequence of Fraction
        Exact shares.
    """
    total = float(sum(shares, Fraction(0)))
    largest = max((abs(float(share)) for share in shares), default=0.0)
    if largest == 0.0:
        return [0.0] * len(shares), total
    # Large shares may cancel to a small total. The last digit of the largest share is then the unit of rounding.
    digit = Fraction(max(math.ulp(total), math.ulp(largest)))
    cut = [math.floor(share / digit) for share in shares]
    left = round(Fraction(total) / digit) - sum(cut)
    by_loss = sorted(range(len(shares)), key=lambda i: (cut[i] * digit - shares[i], i))
    for i in by_loss[: max(0, left)]:
        cut[i] += 1
    return [float(part * digit) for part in cut], float(round(Fraction(total) / digit) * digit)


def _whole(values: Sequence[float]) -> tuple[list[int], Fraction]:
    """Return doubles as whole numbers of one unit, and the unit."""
    ratios = [value.as_integer_ratio() for value in values]
    unit = max(below for _, below in ratios)
    return [above * (unit // below) for above, below in ratios], Fraction(1, unit)
