"""The result of an attribution: the share of each policy in each effect."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.experiments.attribution.shapley import closed, exact_shares, mean_of, sampled_shares
from sim.experiments.charts import draw
from sim.experiments.experiment import Experiment
from sim.experiments.outcomes import Output, choose, effects, units
from sim.results.stats import HIGH, LOW, mc_error

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from sim.experiments.store import Outcome
    from sim.scenario import Scenario

TOTAL = "all policies"


class Attribution(Experiment):
    """Shapley shares of each policy in each effect; the shares sum to the effect of all policies together.

    Parameters
    ----------
    scenario, seeds, outcomes, run_id
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
        outcomes: Mapping[str, Outcome],
        run_id: str,
        players: Mapping[str, Sequence[str]],
        orders: Sequence[Sequence[int]] = (),
    ) -> None:
        super().__init__(scenario, seeds, outcomes, run_id)
        self.players = {name: tuple(ids) for name, ids in players.items()}
        self.orders = [list(order) for order in orders]

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

    def plot(self, metric: str | None = None, at: str | None = None, **cell: str) -> Figure:
        """Return a chart: a bar for each policy, and one for all together.

        Parameters
        ----------
        metric, at : str, optional
            What to draw; the headline that moves most unless stated.
        **cell
            ``state``, ``platform``, ``group``.
        """
        return draw(self.KIND, self, self.output(metric, at, **cell))


__all__ = ["TOTAL", "Attribution"]
