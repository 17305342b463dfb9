"""Turkey 2020-21: when platforms gave in to law 7253, simulated beside the real days.

Every member draws its seed and all that `scenarios/turkey_law_7253.yaml` calls uncertain. A firm that never gives in
(it refuses to the end, or leaves) ranks last. Run it from any folder::

    uv run python scenarios/turkey_answers.py
    uv run python scenarios/turkey_answers.py --members 40 --set compliance.waits=0

It prints a table and Spearman's rank correlation of the order with the real one, with its 10-90 % interval over the
members. Eight firms are few: an order drawn by lot reaches 0.52 in one of ten cases.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from sim import Model
from sim.experiments.ensemble import member_spec
from sim.scenario import Scenario, load

HERE = Path(__file__).parent
SCENARIO, OBSERVED = HERE / "turkey_law_7253.yaml", HERE / "turkey_law_7253_observed.csv"


@dataclass(frozen=True)
class Comparison:
    """Simulated days beside the real ones.

    Attributes
    ----------
    observed : mapping of str to date
        By the platform that speaks for its firm, in the real order.
    simulated : sequence of mapping of str to date or None
        One a member; None for a firm that did not give in.
    ladder : sequence of date
        The days of the sanctions.
    """

    observed: Mapping[str, date]
    simulated: Sequence[Mapping[str, date | None]]
    ladder: Sequence[date]

    def correlations(self) -> list[float]:
        """Return the rank correlation of each member's order with the real one; NaN where all gave in on one day."""
        real = [float(day.toordinal()) for day in self.observed.values()]
        return [rank_correlation(real, [_number(member[name]) for name in self.observed]) for member in self.simulated]

    def days_of(self, name: str) -> list[date]:
        """Return the days on which a firm gave in, in the members where it did, sorted."""
        return sorted(day for member in self.simulated if (day := member[name]) is not None)

    def errors(self, guess: date | None = None) -> list[int]:
        """Return how far off the days are, over members and firms that gave in [days].

        Parameters
        ----------
        guess : date, optional
            A dull rival instead: everybody gives in on this day.
        """
        if guess is not None:
            return [abs((guess - real).days) for real in self.observed.values()]
        days = ((member[name], real) for member in self.simulated for name, real in self.observed.items())
        return [abs((day - real).days) for day, real in days if day is not None]

    def share_by(self, limit: date) -> float:
        """Return the share of firms, over all members, that had given in before a day [share]."""
        given = [day for member in self.simulated for day in member.values()]
        return sum(day is not None and day < limit for day in given) / len(given)

    def lines(self) -> list[str]:
        """Return the table and the correlation, as text."""
        out = [f"{'':12} {'really':>11} {'simulated: median':>18} {'10 %':>11} {'90 %':>11} {'gave in':>8}"]
        for name, day in self.observed.items():
            days = self.days_of(name)
            share = f"{len(days) / len(self.simulated):.0%}"
            places = [days[round(q * (len(days) - 1))] for q in (0.5, 0.1, 0.9)] if days else ["never", "", ""]
            out.append(f"{name:12} {day!s:>11} {places[0]!s:>18} {places[1]!s:>11} {places[2]!s:>11} {share:>8}")
        known = [r for r in self.correlations() if not np.isnan(r)]
        low, middle, high = np.quantile(known, [0.1, 0.5, 0.9]) if known else (np.nan,) * 3
        out.append(
            f"Rank correlation with the real order, {len(self.observed)} firms: "
            f"{middle:.2f} ({low:.2f} to {high:.2f}) over {len(known)} members; by lot, 0 (-0.52 to 0.52)"
        )
        for step in self.ladder:
            out.append(f"Given in before {step}: {self.share_by(step):.0%}, really {self._really_by(step)}")
        rivals = ", ".join(f"{np.mean(self.errors(step)):.0f} had all given in on {step}" for step in self.ladder)
        out.append(f"Mean error of the day [days]: {np.mean(self.errors()):.0f} where a firm gave in; {rivals}")
        return out

    def _really_by(self, limit: date) -> str:
        """Return how many firms really had given in before a day."""
        return f"{sum(day < limit for day in self.observed.values()) / len(self.observed):.0%}"


def _number(day: date | None) -> float:
    """Return a day as a number; never comes after every day."""
    return float("inf") if day is None else float(day.toordinal())


def ranks(values: Sequence[float]) -> np.ndarray:
    """Return ranks from 1; equal values share the mean of theirs."""
    column = np.asarray(values, float)
    below = (column[:, None] > column[None, :]).sum(axis=1)
    equal = (column[:, None] == column[None, :]).sum(axis=1)
    return np.asarray(below + (equal + 1) / 2)


def rank_correlation(one: Sequence[float], other: Sequence[float]) -> float:
    """Return Spearman's rank correlation; NaN where either order is all ties."""
    a, b = ranks(one), ranks(other)
    a, b = a - a.mean(), b - b.mean()
    scale = np.sqrt((a**2).sum() * (b**2).sum())
    return float((a * b).sum() / scale) if scale > 0 else float("nan")


def read_observed(path: Path = OBSERVED) -> dict[str, date]:
    """Return the real days, by platform, in their order."""
    with path.open(encoding="utf-8", newline="") as stream:
        days = {row["platform"]: date.fromisoformat(row["date"]) for row in csv.DictReader(stream)}
    return dict(sorted(days.items(), key=lambda item: item[1]))


def simulate(spec: Scenario, seed: int, names: Sequence[str]) -> dict[str, date | None]:
    """Return the day on which each platform gave in, in one member."""
    drawn = member_spec(spec, seed)
    model = Model(drawn, rng=seed)
    policy = drawn.policies[0].id
    found: dict[str, date | None] = dict.fromkeys(names)
    for _ in range(drawn.days):
        model.step()
        for name in names:
            if found[name] is None and (model.setting.answers or {}).get((policy, name)) == "complied":
                found[name] = drawn.start + timedelta(days=model.day)
        if None not in found.values():
            break
    return found


def compare(members: int = 20, people: int = 2_000, parameters: Mapping[str, float] | None = None) -> Comparison:
    """Return the comparison over so many members.

    Parameters
    ----------
    members : int
    people : int
        Simulated people; what a platform has at stake hardly hangs on it.
    parameters : mapping of str to float, optional
        Parameters that differ; they are no longer drawn.
    """
    changed = dict(parameters or {})
    spec = load(SCENARIO, people=people)
    drawn = {name: spread for name, spread in spec.uncertain.items() if name not in changed}
    spec = spec.model_copy(update={"parameters": {**spec.parameters, **changed}, "uncertain": drawn})
    observed = read_observed()
    ladder = [step.on for step in getattr(spec.policies[0], "ladder", ())]
    return Comparison(observed, [simulate(spec, seed, list(observed)) for seed in range(1, members + 1)], ladder)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the comparison."""
    parser = argparse.ArgumentParser(description="When platforms gave in to Turkey's law 7253, simulated and real.")
    parser.add_argument("--members", type=int, default=20, help="members of the ensemble")
    parser.add_argument("--people", type=int, default=2_000, help="simulated people in each")
    parser.add_argument("--set", action="append", default=[], metavar="PARAMETER=VALUE", help="change a parameter")
    given = parser.parse_args(arguments)
    changed = {name: float(value) for name, _, value in (item.partition("=") for item in given.set)}
    print("\n".join(compare(given.members, given.people, changed).lines()))


if __name__ == "__main__":
    main()
