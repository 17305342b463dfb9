"""The headline of the opening case with its interval, and the assumptions that drive it, over all
draws.

``uv run python studies/what_drives.py --members 64 --people 2000 --out drives.png`` runs an
ensemble in which each seed draws all uncertain values, prints the median of a few figures of
contact with the 80 % interval over seeds, and draws one chart: the first-order Sobol index of each
drawn parameter and named rule, the largest first. The index is estimated from the ensemble itself
(Plischke, Borgonovo & Smith 2013, https://doi.org/10.1016/j.ejor.2012.11.047): seeds are sorted by
a parameter into classes of equal size, and the variance of the class means is divided by the total
variance. The expected index by chance is subtracted, and a line shows the value that chance reaches
in one of twenty random orders. Few seeds show only the main drivers. A seed takes about three
seconds on an idle core; Sobol's own design would need as many runs per sample as there are
parameters.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib as mpl
import numpy as np

from splinternet.experiments.pairs import run_pair
from splinternet.scenario import Scenario, load
from splinternet.scenario.load import drawn, drawn_names, member_spec

CASE, GROUP = "wechat_as_ordered", "US<-CN"
FIGURES = (
    "contact_days_lost_per_member",
    "family_contact_ever_lost",
    "family_contact_lost_7d",
    "family_contact_lost_30d",
)
SHOWN = 15
"""Number of parameters in the chart."""


def figures(spec: Scenario, seed: int) -> list[float]:
    """Return the figures of one seed, over the whole run."""
    _, policy = run_pair(member_spec(spec, seed), seed, metrics=FIGURES)
    group = policy.axes.labels("group").index(GROUP)
    return [float(policy.arrays[name][-1, group]) for name in FIGURES]


def first_order(values: np.ndarray, outcome: np.ndarray) -> float:
    """Return the share of the variance of an outcome that a parameter alone explains, minus the
    expected share by chance [1].

    Parameters
    ----------
    values, outcome : numpy.ndarray, shape (members,)
        A parameter or the number of a named rule, and the outcome.
    """
    n, levels = len(values), np.unique(values)
    if len(levels) <= 4:
        classes = [outcome[values == level] for level in levels]
    else:
        classes = np.array_split(
            outcome[np.argsort(values, kind="stable")], max(2, round(n ** (1 / 3)))
        )
    whole = float(outcome.var())
    if whole <= 0.0 or len(classes) < 2:
        return 0.0
    between = (
        sum(len(found) * (float(found.mean()) - float(outcome.mean())) ** 2 for found in classes)
        / n
    )
    by_chance = (len(classes) - 1) / (n - 1)
    return (between / whole - by_chance) / (1.0 - by_chance)


def noise(outcome: np.ndarray, values: np.ndarray, repeats: int = 400) -> float:
    """Return the index that a parameter without effect reaches in one of twenty random orders
    [1].
    """
    luck = np.random.default_rng(1)
    return float(
        np.quantile([first_order(luck.permutation(values), outcome) for _ in range(repeats)], 0.95)
    )


def chart(path: Path, ranked: list[tuple[str, float]], line: float, about: str) -> None:
    """Draw the largest indices and the line of chance."""
    mpl.use("Agg")
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.subplots()
    names, shares = zip(*ranked[:SHOWN][::-1], strict=True)
    axes.barh(names, np.maximum(0.0, shares))
    axes.axvline(line, color="black", linestyle="--", label="reached by chance, 1 in 20")
    axes.set_xlabel("Share of the variance between seeds that it alone explains")
    axes.set_title(about, fontsize=10)
    axes.legend(loc="lower right")
    figure.savefig(path, dpi=120)


def main() -> None:
    """Print the headline and the ranking, and draw the chart."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--members", type=int, default=64)
    asked.add_argument("--people", type=int, default=2_000)
    asked.add_argument("--days", type=int, default=None)
    asked.add_argument("--out", type=Path, default=None, help="a chart, as .png or .svg")
    told = asked.parse_args()
    spec = load(CASE, people=told.people, **({"days": told.days} if told.days else {}))
    seeds = range(1, told.members + 1)
    found = np.array([figures(spec, seed) for seed in seeds])
    for name, column in zip(FIGURES, found.T, strict=True):
        low, middle, high = np.quantile(column, [0.1, 0.5, 0.9])
        print(f"{name:32} {middle:.3f} ({low:.3f} to {high:.3f})")
    draws = [drawn(spec, seed) for seed in seeds]
    values = {name: np.array([draw[name] for draw in draws]) for name in drawn_names(spec)}
    outcome = found[:, 0]
    ranked = sorted(
        ((name, first_order(column, outcome)) for name, column in values.items()),
        key=lambda one: -one[1],
    )
    line = noise(outcome, np.arange(told.members, dtype=float))
    print(
        f"\nwhat drives {FIGURES[0]} of {GROUP}, of {len(values)} that are drawn; chance reaches {line:.2f} in 1 of 20"
    )
    for name, share in ranked[:SHOWN]:
        print(f"{name:40} {share:+.2f}")
    if told.out is not None:
        about = f"{CASE}: what moves {FIGURES[0]} of {GROUP}\n{told.members} members of {told.people:,} people"
        chart(told.out, ranked, line, about)


if __name__ == "__main__":
    main()
