"""The result of a search for a threshold: the value of a path at which an effect passes a level, seed by seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from sim.experiments.charts import draw
from sim.experiments.experiment import Experiment
from sim.experiments.outcomes import Output, effects
from sim.results.stats import HIGH, LOW
from sim.text.numbers import counted, quantity

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from sim.experiments.store import Outcome
    from sim.scenario import Scenario


class Threshold(Experiment):
    """Where an effect passes a level on the way through the values of a path.

    Parameters
    ----------
    scenario, seeds, outcomes, run_id
        As for `Experiment`; outcomes are kept under ``at-<value, hexadecimal>-seed-<seed>``.
    path : str
        What goes through its values.
    output : Output
        The effect that is looked at.
    level : float
        The level, in its unit.
    grid : sequence of float
        The values at which every seed was looked at before the search.
    """

    KIND = "threshold"

    def __init__(
        self,
        scenario: Scenario,
        seeds: Sequence[int],
        outcomes: Mapping[str, Outcome],
        run_id: str,
        path: str,
        output: Output,
        level: float,
        grid: Sequence[float],
    ) -> None:
        super().__init__(scenario, seeds, outcomes, run_id)
        self.path, self.output, self.level = path, output, level
        self.grid = list(grid)

    @cached_property
    def responses(self) -> dict[int, dict[float, float]]:
        """The effect at every value looked at, by seed, in the order of the values; zero where it is not defined."""
        found: dict[int, dict[float, float]] = {seed: {} for seed in self.seeds}
        for key, outcome in self.outcomes.items():
            value = value_of(key)
            found[int(outcome["seed"])][value] = effects(outcome).get(self.output, 0.0)
        return {seed: dict(sorted(values.items())) for seed, values in found.items()}

    def crossings(self, seed: int) -> list[tuple[float, float]]:
        """Return the neighbouring values looked at between which a seed's effect passes the level."""
        points = pairwise(self.responses[seed].items())
        return [(x0, x1) for (x0, y0), (x1, y1) in points if (y0 >= self.level) != (y1 >= self.level)]

    @cached_property
    def by_seed(self) -> dict[int, float | None]:
        """The first crossing of each seed, in the middle of its bracket; None where the level is not passed."""
        firsts = {seed: self.crossings(seed)[:1] for seed in self.seeds}
        return {seed: (found[0][0] + found[0][1]) / 2 if found else None for seed, found in firsts.items()}

    @property
    def is_monotone(self) -> bool:
        """Whether no seed's effect, at the values of the grid, both rises and falls."""
        for seed in self.seeds:
            steps = np.diff([self.responses[seed][x] for x in self.grid])
            if (steps > 0).any() and (steps < 0).any():
                return False
        return True

    @property
    def moves(self) -> bool:
        """Whether any seed's effect differs anywhere along the path."""
        return any(len(set(values.values())) > 1 for values in self.responses.values())

    @property
    def reached(self) -> int:
        """How many seeds pass the level at all."""
        return sum(value is not None for value in self.by_seed.values())

    @property
    def interval(self) -> tuple[float, float, float] | None:
        """Median, 10th and 90th percentile of the threshold over the seeds that pass it; None when none does."""
        known = [value for value in self.by_seed.values() if value is not None]
        if not known:
            return None
        low, middle, high = np.quantile(known, (LOW, 0.5, HIGH))
        return float(middle), float(low), float(high)

    @property
    def warnings(self) -> list[str]:
        """What a reader must know before trusting the numbers: one sentence each."""
        found = super().warnings
        if not self.is_monotone:
            most = max(len(self.crossings(seed)) for seed in self.seeds)
            found.append(
                f"the response is not monotone: it rises and falls along the path, and passes the level up to {most} "
                "time(s); the first crossing is reported"
            )
        if self.reached < len(self.seeds):
            missed = len(self.seeds) - self.reached
            above = sum(self.responses[s][self.grid[0]] >= self.level for s, x in self.by_seed.items() if x is None)
            found.append(
                f"{missed} of {len(self.seeds)} members do not pass the level between {self.ends}: {above} are above "
                f"it from the start, {missed - above} never reach it"
            )
        return found

    @property
    def ends(self) -> str:
        """The ends of the path, in words."""
        return f"{self.grid[0]:g} and {self.grid[-1]:g}"

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a seed and value looked at: ``seed``, the path, ``effect`` and ``passes``."""
        import pandas as pd

        rows = [
            (seed, value, effect, effect >= self.level)
            for seed, values in self.responses.items()
            for value, effect in values.items()
        ]
        return pd.DataFrame(rows, columns=["seed", self.path, "effect", "passes"])

    def words(self) -> str:
        """Return the finding in a sentence."""
        what = f"{self.output.words(self.scenario)}, passes {quantity(self.output.metric, self.level)}"
        if not self.moves:
            return f"{what}: never, for {self.path} makes no difference here; does the scenario use it?"
        if self.interval is None:
            return f"{what}: in no member, between {self.ends} of {self.path}"
        middle, low, high = self.interval
        spread = "" if self.reached == 1 else f"{low:.3g} to {high:.3g}, 10-90 % of "  # one member has no interval
        return f"{what} at {self.path} = {middle:.3g} ({spread}{counted(self.reached)})"

    def plot(self) -> Figure:
        """Return a chart: every seed's effect along the path, the level, and where it is passed."""
        return draw(self.KIND, self)


def key_of(value: float, seed: int) -> str:
    """Return the key of a run: the value to the last bit, and the seed."""
    return f"at-{float(value).hex()}-seed-{seed}"


def value_of(key: str) -> float:
    """Return the value that a key names."""
    return float.fromhex(key.removeprefix("at-").rpartition("-seed-")[0])


__all__ = ["Threshold", "key_of", "value_of"]
