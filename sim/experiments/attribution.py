"""Attributions: the Shapley share of each policy in each effect, with the same random numbers in every subset.

The share of a policy (Shapley 1953) is the mean of what it adds, over all orders in which the policies could be added.
Values are doubles, that is, integer multiples of a power of two. All sums of shares are sums of integers, and only the
final result is rounded.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from ..changes import Given
from ..core.chance import Purpose, stream, uniform_plain
from ..errors import InputError, Problem
from ..results.stats import HIGH, LOW, mc_error
from ..scenario import Scenario
from .checks import number_problems
from .experiment import Experiment, Task
from .options import OptionsWithFolder, posed, takes_options
from .outcomes import Output, effects

if TYPE_CHECKING:
    import pandas as pd

TOTAL = "all policies"
MOST_EXACT = 8
"""Up to so many policies all subsets are run; above, orders are sampled."""
DEFAULT_ORDERS = 32
"""Orders that are sampled by default: 16 and their reverses."""

MOST_ORDERS = 10_000
"""Beyond it somebody has mistaken orders for people."""


@takes_options()
def attribute(scenario: Given, *, orders: int | None = None, **options: Unpack[OptionsWithFolder]) -> Attribution:
    """Attribute the effect of a scenario to each of its policies.

    A policy and what stays, lifts or exempts it count as one: a stay does nothing without what it stays.

    Parameters
    ----------
    scenario : Scenario, path, name of a shipped scenario, or mapping
    orders : int, optional
        Sample so many orders of the policies, an even number, instead of running all subsets; 32 above eight policies.
    **options
        See `Options`.

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
    with posed(scenario, options) as (spec, seeds, place, _):
        players = players_of(spec)
        sampled = [] if orders is None and len(players) <= MOST_EXACT else orders_of(spec, len(players), orders)
        return Attribution(spec, seeds, players, sampled).run(**place)


@dataclass(eq=False, repr=False)
class Attribution(Experiment):
    """Shapley shares of each policy in each effect; the shares sum to the effect of all policies together.

    Attributes
    ----------
    players : mapping of str to sequence of str
        What is distinguished: the id of a policy -> it and all that stays, lifts or exempts it.
    orders : sequence of sequence of int
        Sampled orders of the players; empty when all subsets were run.
    """

    KIND = "attribution"

    players: Mapping[str, Sequence[str]]
    orders: Sequence[Sequence[int]] = ()

    @property
    def subsets(self) -> list[int]:
        """The subsets of the players that are run, as bits."""
        return subsets_of(self.scenario, len(self.players), self.orders)

    def rounds(self) -> Iterator[list[Task]]:
        """Yield the runs of all subsets of the policies, or of those that the orders pass through."""
        yield [
            task
            for subset in self.subsets
            for left_out in [[ids for i, ids in enumerate(self.players.values()) if not subset >> i & 1]]
            for task in self.tasks(f"subset-{subset:x}", without=tuple(chain.from_iterable(left_out)))
        ]

    @property
    def is_exact(self) -> bool:
        """Whether all subsets were run, so that there is no error of sampling."""
        return not self.orders

    @cached_property
    def _values(self) -> dict[Output, list[dict[int, float]]]:
        """The effect of every subset: output -> one dict of subset -> value a seed; incomplete outputs are left out."""
        by_output: dict[Output, list[dict[int, float]]] = {}
        for i, seed in enumerate(self.seeds):
            for subset in self.subsets:
                for output, effect in effects(self.outcomes[f"subset-{subset:x}-seed-{seed}"]).items():
                    by_output.setdefault(output, [{0: 0.0} for _ in self.seeds])[i][subset] = effect
        whole = len({0, *self.subsets})
        return {o: values for o, values in by_output.items() if all(len(by_subset) == whole for by_subset in values)}

    def shares(self, output: Output) -> list[list[Fraction]]:
        """Return the exact share of each player in one output, seed by seed."""
        n = len(self.players)
        if self.is_exact:
            return [exact_shares([values[subset] for subset in range(1 << n)], n) for values in self._values[output]]
        return [mean_of(sampled_shares(values, self.orders)) for values in self._values[output]]

    def sampling_error(self, output: Output) -> list[float]:
        """Return the standard error of each player's mean share that comes from sampling orders; 0 when exact.

        An order and its reverse are one draw: they lean in opposite directions, and their mean less.
        """
        if self.is_exact:
            return [0.0] * len(self.players)
        by_seed = [sampled_shares(values, self.orders) for values in self._values[output]]
        over_seeds = [mean_of(list(shares)) for shares in zip(*by_seed, strict=True)]  # order -> player
        pairs = [mean_of(over_seeds[i : i + 2]) for i in range(0, len(over_seeds), 2)]
        spread = np.array([[float(x) for x in pair] for pair in pairs])
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

        rows = [row for output in self._values for row in self._rows(output)]
        numbers = ("effect", "low", "high", "mc_error", "sampling_error", "part")
        columns = [*Output._fields, "unit", "policy", *numbers]
        return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(numbers, "float64"))

    def _rows(self, output: Output) -> Iterator[dict[str, Any]]:
        """Yield the rows of one output."""
        names = [*self.players, TOTAL]
        if any(value for values in self._values[output] for value in values.values()):
            by_seed = self.shares(output)
            parts, total = closed(mean_of(by_seed))
            spread = np.array([[*map(float, shares), float(sum(shares, Fraction(0)))] for shares in by_seed])
            sampling = [*self.sampling_error(output), 0.0]
        else:
            parts, total, sampling = [0.0] * len(self.players), 0.0, [0.0] * len(names)
            spread = np.zeros((len(self.seeds), len(names)))
        for i, (name, effect) in enumerate(zip(names, [*parts, total], strict=True)):
            low, high = np.quantile(spread[:, i], (LOW, HIGH))
            numbers = {"effect": effect, "low": low, "high": high, "mc_error": mc_error(spread[:, i])}
            part = effect / total if total else math.nan
            yield {
                **output._asdict(),
                "unit": output.unit,
                "policy": name,
                **numbers,
                "sampling_error": sampling[i],
                "part": part,
            }

    @property
    def sizes(self) -> pd.DataFrame:
        """The rows of all policies together."""
        return self.table[(self.table["policy"] == TOTAL).to_numpy()]

    def in_words(self, player: str) -> str:
        """Return a policy with what stays, lifts or exempts it, since the share is that of all of them together."""
        rest = [policy for policy in self.players.get(player, ()) if policy != player]
        return f"{player} (with {', '.join(rest)})" if rest else player


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
    if number_problems("--orders", count, (4, MOST_ORDERS), whole=True) or count % 2:
        allowed = f"an even number, 4 to {MOST_ORDERS:,}: each order comes with its reverse"
        raise InputError(Problem("--orders", f"{count!r} orders", allowed, f"--orders {DEFAULT_ORDERS}"))
    sampled: list[list[int]] = []
    for draw in range(count // 2):
        key = stream(spec.seed, Purpose.ORDER, draw)
        order = sorted(range(n), key=lambda player: uniform_plain(key, player))
        sampled += [order, order[::-1]]
    return sampled


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
    ratios = [value.as_integer_ratio() for value in values]
    unit = max(below for _, below in ratios)  # a power of two: all values are whole numbers of 1 / unit
    whole = [above * (unit // below) for above, below in ratios]
    weights = [math.factorial(size) * math.factorial(n - size - 1) for size in range(n)]
    sums = [0] * n
    for subset in range(1 << n):
        for player in range(n):
            bit = 1 << player
            if not subset & bit:
                sums[player] += weights[subset.bit_count()] * (whole[subset | bit] - whole[subset])
    return [Fraction(total, math.factorial(n) * unit) for total in sums]


def sampled_shares(values: Mapping[int, float], orders: Sequence[Sequence[int]]) -> list[list[Fraction]]:
    """Return what each player adds in each order, the shares of which are estimates; each order sums to the total.

    Parameters
    ----------
    values : mapping of int to float
        The value of every subset that an order passes through.
    orders : sequence of sequence of int
        Orders of the players.
    """
    shares = []
    for order in orders:
        added, subset = [Fraction(0)] * len(order), 0
        for player in order:
            after = subset | 1 << player
            added[player] = Fraction(values[after]) - Fraction(values[subset])
            subset = after
        shares.append(added)
    return shares


def mean_of(shares: Sequence[Sequence[Fraction]]) -> list[Fraction]:
    """Return the exact mean of several lists of shares, player by player."""
    return [sum(values, Fraction(0)) / len(shares) for values in zip(*shares, strict=True)]


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
