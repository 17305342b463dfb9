"""Why ties first lose contact: for each kin tie, the event that ended its last channel on the first day without one.

If somebody leaves an app that works, and a tie loses contact because of that, this is a fault of the rules and not an
effect of a policy. The count shows how many such ties there are.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.errors import RunError
from sim.experiments.causes import CAUSE_OF_RULE, KinLog
from sim.experiments.checks import check_count
from sim.experiments.ensemble import seeds_of
from sim.experiments.pairs import make_arms
from sim.experiments.parallel import Failure, Progress, outcomes
from sim.people.events import CAUSES
from sim.scenario import Scenario, load
from sim.scenario.draws import member_spec


@dataclass(frozen=True)
class FirstLosses:
    """Kin ties that were out of contact on some day, by cause of the first time.

    Attributes
    ----------
    by_cause : dict of str to int
        Simulated ties, by cause.
    ties : int
        Simulated ties that had a channel on the first day.
    seeds : tuple of int
        The members counted.
    """

    by_cause: dict[str, int]
    ties: int
    seeds: tuple[int, ...]

    @property
    def total(self) -> int:
        """Simulated ties that were out of contact on some day."""
        return sum(self.by_cause.values())

    def rows(self) -> list[dict[str, Any]]:
        """Return one row a cause: the cause, the ties, and their share of all first losses."""
        return [
            {"cause": cause, "ties": n, "share": n / self.total if self.total else 0.0}
            for cause, n in self.by_cause.items()
        ]


def first_losses(
    scenario: Scenario | str | Path | dict[str, Any],
    *,
    people: int | None = None,
    days: int | None = None,
    seeds: int = 1,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> FirstLosses:
    """Run a scenario and count why kin ties were first out of contact.

    Parameters
    ----------
    scenario : Scenario, path, name of a shipped scenario, or mapping
    people, days : int, optional
        Simulated people and days, instead of the scenario's.
    seeds : int
        Members; their ties are added up.
    jobs : int, optional
        Number of processes; by default one per core.
    progress : callable, optional
        Called with (done, failed, total) after each member.

    Raises
    ------
    InputError
        When the scenario or a number cannot be used.
    RunError
        When a member failed.
    """
    check_count("--seeds", seeds, "members", 1)
    spec = load(scenario, people=people, days=days)
    wanted, found, ties, done = seeds_of(spec, seeds), Counter[str](), 0, 0
    for (_, seed), outcome in outcomes(_count, [(spec, seed) for seed in wanted], jobs=jobs):
        if isinstance(outcome, Failure):
            raise RunError(f"the member with seed {seed} failed: {outcome.last_words}")
        found.update(outcome[0])
        ties, done = ties + outcome[1], done + 1
        if progress is not None:
            progress(done, 0, len(wanted))
    return FirstLosses({cause: found[cause] for cause in CAUSES}, ties, wanted)


def _count(task: tuple[Scenario, int]) -> tuple[dict[str, int], int]:
    """Return the first losses of one member by cause, and its ties that have a channel on the first day."""
    spec, seed = member_spec(*task), task[1]
    baseline, policy = make_arms(spec, seed)
    log = KinLog(policy)
    for _ in range(spec.days):
        baseline.step()
        policy.step()
        log.read()
    history = log.history()
    rules = history.rule[history.cause[history.cause >= 0]].tolist()
    return Counter(CAUSE_OF_RULE[rule] for rule in rules), int((history.before != 0).sum())


__all__ = ["FirstLosses", "first_losses"]
