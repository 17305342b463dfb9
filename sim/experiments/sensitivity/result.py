"""Result of a sensitivity analysis: how much an output depends on each parameter, and whether the samples suffice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from sim.experiments.charts import draw
from sim.experiments.experiment import Experiment
from sim.experiments.outcomes import HEADLINES, Output, choose, effects, units

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from sim.experiments.store import Outcome
    from sim.scenario import Range, Scenario

type Method = Literal["morris", "sobol"]
Array = np.ndarray[Any, np.dtype[np.float64]]

INDEX: Mapping[str, str] = {"morris": "mu_star", "sobol": "ST"}
"""The index that ranks parameters, by method."""
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "morris": ("mu_star", "mu_star_conf", "mu", "sigma"),
    "sobol": ("ST", "ST_conf", "S1", "S1_conf"),
}
LEVELS = 4
"""Levels of the Morris grid: the usual choice (Campolongo, Cariboni & Saltelli 2007)."""
_SHOWN = (*HEADLINES, "contact_days_lost", "ties_out_of_contact", "consumer_surplus_lost")
_STEPS = 4  # number of sample sizes at which convergence is checked; the last is the whole sample


class Sensitivity(Experiment):
    """How much each effect depends on each parameter.

    Parameters
    ----------
    scenario, seeds, outcomes, run_id
        As for `Experiment`; outcomes are kept under ``row-<n>-seed-<seed>``.
    method : {"morris", "sobol"}
    ranges : mapping of str to Range
        What is varied, and between what.
    design : (rows, parameters) float
        Where in its range each parameter stands in each row [1].
    """

    KIND = "sensitivity"

    def __init__(
        self,
        scenario: Scenario,
        seeds: Sequence[int],
        outcomes: Mapping[str, Outcome],
        run_id: str,
        method: Method,
        ranges: Mapping[str, Range],
        design: Array,
    ) -> None:
        super().__init__(scenario, seeds, outcomes, run_id)
        self.method: Method = method
        self.ranges = dict(ranges)
        self.design = design

    @property
    def block(self) -> int:
        """Rows of one trajectory (Morris) or one base sample (Sobol)."""
        return len(self.ranges) + (1 if self.method == "morris" else 2)

    @property
    def samples(self) -> int:
        """Trajectories or base samples."""
        return len(self.design) // self.block

    @cached_property
    def _outputs(self) -> dict[Output, Array]:
        """Mean effect over members in each row, by output; outputs that a row lacks are left out."""
        sums: dict[Output, Array] = {}
        counts: dict[Output, int] = {}
        for key, outcome in self.outcomes.items():
            row = int(key.split("-")[1])
            for output, effect in effects(outcome).items():
                sums.setdefault(output, np.zeros(len(self.design)))[row] += effect
                counts[output] = counts.get(output, 0) + 1
        whole = len(self.design) * len(self.seeds)
        return {o: values / len(self.seeds) for o, values in sums.items() if counts[o] == whole}

    def indices(self, output: Output, samples: int | None = None) -> pd.DataFrame:
        """Return the indices of one output, the most important parameter first.

        Parameters
        ----------
        output : Output
        samples : int, optional
            Trajectories or base samples to use, from the first on; by default all.

        Returns
        -------
        pandas.DataFrame
            ``parameter, low, high``; for Morris ``mu_star`` (mean size of the change of the output when the parameter
            goes through its range), ``mu_star_conf`` (half the width of its 95 % interval), ``mu`` (with its sign) and
            ``sigma`` (how much that depends on the others); for Sobol ``ST`` (part of the output's variance that goes
            with the parameter, alone or with others), ``S1`` (alone) and their ``_conf``.
        """
        import pandas as pd

        n = (samples or self.samples) * self.block
        found = self._analysed(self._outputs[output][:n], self.design[:n])
        rows = [
            {"parameter": name, "low": r.low, "high": r.high, **{column: found[column][i] for column in found}}
            for i, (name, r) in enumerate(self.ranges.items())
        ]
        frame = pd.DataFrame(rows)
        return frame.sort_values(INDEX[self.method], ascending=False, kind="stable", ignore_index=True)

    def _analysed(self, values: Array, design: Array) -> dict[str, Array]:
        """Return the columns of the method, by SALib; zero where nothing moves."""
        import warnings

        from SALib.analyze import morris, sobol

        names = list(self.ranges)
        if np.ptp(values) <= 1e-12 * max(1.0, float(np.abs(values).max())):
            return {column: np.zeros(len(names)) for column in COLUMNS[self.method]}
        problem = problem_of(names)
        seed = self.scenario.seed % 2**32
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # one trajectory has no interval; SALib would warn at length
            if self.method == "morris":
                found = morris.analyze(problem, design, values, num_levels=LEVELS, seed=seed)
            else:
                found = sobol.analyze(problem, values, calc_second_order=False, seed=seed)
        return {column: np.nan_to_num(np.asarray(found[column], np.float64)) for column in COLUMNS[self.method]}

    def convergence(self, output: Output) -> pd.DataFrame:
        """Return the ranking index of each parameter against the number of samples it was worked out from.

        Returns
        -------
        pandas.DataFrame
            ``samples, parameter`` and the index with its ``_conf``.
        """
        import pandas as pd

        index = INDEX[self.method]
        sizes = sorted({max(2, self.samples * step // _STEPS) for step in range(1, _STEPS + 1)} & set(_sizes(self)))
        parts = [self.indices(output, n)[["parameter", index, f"{index}_conf"]].assign(samples=n) for n in sizes]
        return pd.concat(parts, ignore_index=True)[["samples", "parameter", index, f"{index}_conf"]]

    def has_converged(self, output: Output) -> bool:
        """Return whether the interval of the most important parameter is narrower than a tenth of its index.

        Sarrazin, Pianosi & Wagener (2016) take an interval of 0.05 for converged where indices go from 0 to 1.
        """
        index = INDEX[self.method]
        first = self.indices(output).iloc[0]
        return bool(2 * first[f"{index}_conf"] <= 0.1 * first[index])

    @cached_property
    def table(self) -> pd.DataFrame:
        """The indices of every headline that moves: the columns of `Output`, ``unit``, and those of `indices`."""
        import pandas as pd

        unit = units(self.outcomes.values())
        parts = [
            self.indices(output).assign(**output._asdict(), unit=unit[output])
            for output, values in self._outputs.items()
            if output.metric in _SHOWN and np.ptp(values) > 0
        ]
        columns = [*Output._fields, "unit", "parameter", "low", "high", *COLUMNS[self.method]]
        return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables to write: indices, and the design with the main outputs."""
        import pandas as pd

        values = {path: [r.at(u) for u in self.design[:, i]] for i, (path, r) in enumerate(self.ranges.items())}
        return {"table.csv": self.table, "design.csv": pd.DataFrame(values)}

    def output(self, metric: str | None = None, at: str | None = None, **cell: str) -> Output:
        """Return the output that a few words mean: the headline that moves most unless a metric is named."""
        import pandas as pd

        rows = [{**o._asdict(), "effect": float(np.abs(values).max())} for o, values in self._outputs.items()]
        return choose(pd.DataFrame(rows, columns=[*Output._fields, "effect"]), metric, at, **cell)

    def plot(self, metric: str | None = None, at: str | None = None, **cell: str) -> Figure:
        """Return a tornado chart, with the convergence of its longest bars beside it."""
        return draw(self.KIND, self, self.output(metric, at, **cell))


def problem_of(names: Sequence[str]) -> dict[str, Any]:
    """Return parameters as SALib describes them: each from 0 to 1, a part of its range."""
    return {"num_vars": len(names), "names": list(names), "bounds": [[0.0, 1.0]] * len(names)}


def _sizes(found: Sensitivity) -> list[int]:
    """Return the numbers of samples that may be looked at by themselves."""
    return list(range(2, found.samples + 1)) or [found.samples]
