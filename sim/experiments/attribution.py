"""Attributions: the Shapley share of each policy in each effect, with the same random numbers in
every subset.

The share of a policy (Shapley 1953) is the mean of what it adds, over all orders in which the
policies could be added.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, chain
from typing import Any, Unpack

import numpy as np
import pandas as pd

from ..changes import Given
from ..core.chance import Purpose, stream, uniform_plain
from ..errors import InputError, Problem
from ..results.interval import interval
from ..results.series import mc_error
from ..scenario import Scenario
from .experiment import MEMBER_RANGE, Experiment, Output, Task
from .options import OptionsWithFolder, number_problems, posed, takes_options

TOTAL = "all policies"
MOST_EXACT = 8
"""Largest number of policies for which all subsets are run; beyond it, orders are sampled."""
DEFAULT_ORDERS = 32
"""Orders that are sampled by default: 16 and their reverses."""

MOST_ORDERS = 10_000
"""Limit of orders; a larger number is probably a number of people."""


@takes_options()
def attribute(
    scenario: Given, *, orders: int | None = None, **options: Unpack[OptionsWithFolder]
) -> Attribution:
    """Attribute the effect of a scenario to each of its policies.

    A policy counts as one with the policies that stay it, lift it or exempt from it, because these
    have no effect without the policy itself.

    Parameters
    ----------
    scenario : Scenario, path, name of a shipped scenario, or mapping
    orders : int, optional
        Number of orders of the policies to sample instead of running all subsets, an even number.
        The default for more than eight policies is 32.
    **options
        See `Options`.

    Returns
    -------
    Attribution

    Raises
    ------
    InputError
        There is no policy to attribute to, or a number is out of bounds.
    RunError
        A run failed; the others are kept in the folder.
    """
    with posed(scenario, options) as (spec, seeds, place, _):
        players = players_of(spec)
        sampled = (
            []
            if orders is None and len(players) <= MOST_EXACT
            else orders_of(spec, len(players), orders)
        )
        return Attribution(spec, seeds, players, sampled).run(**place)


@dataclass(eq=False, repr=False)
class Attribution(Experiment):
    """Shapley shares of each policy in each effect; the shares sum to the effect of all policies
    together.

    Attributes
    ----------
    players : mapping of str to sequence of str
        The policies that have a share: id -> the policy and all policies that stay it, lift it or
        exempt from it.
    orders : sequence of sequence of int
        Sampled orders of the players; empty when all subsets were run.
    """

    KIND = "attribution"

    players: Mapping[str, Sequence[str]]
    orders: Sequence[Sequence[int]] = ()

    @property
    def subsets(self) -> list[int]:
        """The subsets of the players that are run, as bits: all of them, or those that the orders
        pass through.

        The empty subset is left out if its effect is zero by construction: without policies and
        behaviour both arms are equal, bit for bit.
        """
        subsets = {subset for order in self.orders for subset in _passed(order)} or set(
            range(1 << len(self.players))
        )
        acts_by_itself = bool(self.scenario.behaviour.on or self.scenario.world.blocks_policy_arm)
        return sorted(subsets if acts_by_itself else subsets - {0})

    def rounds(self) -> Iterator[list[Task]]:
        """Yield the runs of all subsets of the policies, or of those that the orders pass
        through.
        """
        yield [
            task
            for subset in self.subsets
            for left_out in [
                [ids for i, ids in enumerate(self.players.values()) if not subset >> i & 1]
            ]
            for task in self.tasks(
                f"subset-{subset:x}", without=tuple(chain.from_iterable(left_out))
            )
        ]

    @property
    def is_exact(self) -> bool:
        """True if all subsets were run, so that there is no error of sampling."""
        return not self.orders

    @cached_property
    def _whole(self) -> list[int]:
        """The subsets with a known value, as bits in ascending order: the subsets that are run, and
        the empty subset.
        """
        return sorted({0, *self.subsets})

    @cached_property
    def _values(self) -> dict[Output, np.ndarray]:
        """The effect of each subset by output, (seeds, subsets), including the empty subset;
        incomplete outputs are left out.
        """
        found = self.effects([f"subset-{subset:x}" for subset in self.subsets])
        return (
            found
            if 0 in self.subsets
            else {key: np.insert(values, 0, 0.0, axis=1) for key, values in found.items()}
        )

    def shares(self, output: Output) -> np.ndarray:
        """Return the share of each player in one output, seed by seed, shape (seeds, players)."""
        values = self._values[output]
        return (
            exact_shares(values)
            if self.is_exact
            else sampled_shares(values, self.orders, self._whole).mean(axis=1)
        )

    def sampling_error(self, output: Output) -> np.ndarray:
        """Return the standard error of each player's mean share from sampling orders; 0 if exact.

        An order and its reverse are one draw, because their errors have opposite signs.
        """
        if self.is_exact:
            return np.zeros(len(self.players))
        over_seeds = sampled_shares(self._values[output], self.orders, self._whole).mean(axis=0)
        pairs = over_seeds.reshape(-1, 2, len(self.players)).mean(axis=1)
        return np.asarray(pairs.std(axis=0, ddof=1) / math.sqrt(len(pairs)))

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row for each output and policy, and one for all policies together.

        Returns
        -------
        pandas.DataFrame
            ``metric, state, platform, group, at, unit, policy``, then ``effect``: the mean over
            seeds of the share (means add up, medians do not), ``members_low, members_high``: its 80
            % interval over seeds, without the model's error, ``mc_error``: the standard error of
            the mean over seeds, ``sampling_error``: the standard error from sampling orders, and
            ``part``: the share as a part of the whole [1]. The effects of an output sum to that of
            all policies.
        """
        rows = [row for output in self._values for row in self._rows(output)]
        numbers = ("effect", *MEMBER_RANGE, "mc_error", "sampling_error", "part")
        columns = [*Output._fields, "unit", "policy", *numbers]
        return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(numbers, "float64"))

    def _rows(self, output: Output) -> Iterator[dict[str, Any]]:
        """Yield the rows of one output."""
        shares = self.shares(output)
        spread = np.column_stack([shares, self._values[output][:, -1]])
        effect = spread.mean(axis=0)
        low, high = interval(spread[:, None, :])
        sampling = [*self.sampling_error(output), 0.0]
        for i, name in enumerate([*self.players, TOTAL]):
            yield {
                **output._asdict(),
                "unit": output.unit,
                "policy": name,
                "effect": effect[i],
                "members_low": low[i],
                "members_high": high[i],
                "mc_error": mc_error(spread[:, i]),
                "sampling_error": sampling[i],
                "part": effect[i] / effect[-1] if effect[-1] else math.nan,
            }

    @property
    def sizes(self) -> pd.DataFrame:
        """The rows of all policies together."""
        return self.table[(self.table["policy"] == TOTAL).to_numpy()]

    def in_words(self, player: str) -> str:
        """Return a policy with the policies that stay, lift or exempt it, because they share one
        Shapley share.
        """
        rest = [policy for policy in self.players.get(player, ()) if policy != player]
        return f"{player} (with {', '.join(rest)})" if rest else player


def players_of(spec: Scenario) -> dict[str, tuple[str, ...]]:
    """Return the policies that attribution distinguishes: id -> the policy and all policies that
    refer to it, in the scenario's order.

    Raises
    ------
    InputError
        The scenario has no policies.
    """
    refers = {policy.id: policy.about() for policy in spec.policies}
    players: dict[str, list[str]] = {}
    for name in refers:
        root = name
        seen = {name}
        while (other := refers.get(root)) is not None and other in refers and other not in seen:
            root = other
            seen.add(root)
        players.setdefault(root, []).append(name)
    if not players:
        hint = "splinternet run shows what happens without policies"
        raise InputError(
            Problem(
                str(spec.path or ""), "the scenario has no policies", "at least one policy", hint
            )
        )
    return {name: tuple(ids) for name, ids in players.items()}


def orders_of(spec: Scenario, n: int, orders: int | None) -> list[list[int]]:
    """Return sampled orders of the players, each followed by its reverse (Castro, Gomez & Tejada
    2009; antithetic).

    Parameters
    ----------
    spec : Scenario
        Its seed selects the orders.
    n : int
        Number of players.
    orders : int, optional
        Number of orders; by default 32.
    """
    count = DEFAULT_ORDERS if orders is None else orders
    if number_problems("--orders", count, (4, MOST_ORDERS), whole=True) or count % 2:
        allowed = f"an even number, 4 to {MOST_ORDERS:,}: each order comes with its reverse"
        raise InputError(
            Problem("--orders", f"{count!r} orders", allowed, f"--orders {DEFAULT_ORDERS}")
        )
    sampled: list[list[int]] = []
    for draw in range(count // 2):
        key = stream(spec.seed, Purpose.ORDER, draw)
        order = sorted(range(n), key=lambda player: uniform_plain(key, player))
        sampled += [order, order[::-1]]
    return sampled


def _passed(order: Sequence[int]) -> list[int]:
    """Return the subsets that an order of the players passes through, as bits, beginning with the
    empty subset.
    """
    return list(accumulate(order, lambda subset, player: subset | 1 << player, initial=0))


def exact_shares(values: np.ndarray) -> np.ndarray:
    """Return the share of each player from the values of all subsets.

    Parameters
    ----------
    values : numpy.ndarray, shape (..., 2 ** players)
        The value of each subset; bit i of its index represents player i.

    Returns
    -------
    numpy.ndarray, shape (..., players)
    """
    values = np.asarray(values, np.float64)
    n = values.shape[-1].bit_length() - 1
    subsets = np.arange(values.shape[-1])
    size = np.bitwise_count(subsets)
    weight = np.array([1.0 / (n * math.comb(n - 1, k)) for k in range(n)])
    without = [subsets[subsets >> player & 1 == 0] for player in range(n)]
    added = [
        (values[..., rest | 1 << i] - values[..., rest]) @ weight[size[rest]]
        for i, rest in enumerate(without)
    ]
    return np.stack(added, axis=-1)


def sampled_shares(
    values: np.ndarray, orders: Sequence[Sequence[int]], subsets: Sequence[int]
) -> np.ndarray:
    """Return the effect that each player adds in each order. The mean over orders estimates the
    share; each order sums to the total.

    Parameters
    ----------
    values : numpy.ndarray, shape (..., subsets)
    orders : sequence of sequence of int
        Orders of the players.
    subsets : sequence of int
        The subsets that the orders pass through, as bits in ascending order.

    Returns
    -------
    numpy.ndarray, shape (..., orders, players)
    """
    places = np.searchsorted(subsets, [_passed(order) for order in orders])
    added = np.diff(values[..., places], axis=-1)
    return np.take_along_axis(
        added, np.broadcast_to(np.argsort(orders, axis=1), added.shape), axis=-1
    )
