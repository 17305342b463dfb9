"""Why ties first lose contact: for each kin tie, the event that ended its last channel on the first day without one.

If somebody leaves an app that works, and a tie loses contact because of that, this is a fault of the rules and not an
effect of a policy. The count shows how many such ties there are.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..people.events import CAUSES
from ..scenario import Scenario
from .causes import CAUSE_OF_RULE
from .ensemble import run
from .parallel import Progress


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
    result = run(scenario, people=people, days=days, seeds=seeds, jobs=jobs, progress=progress, ties=True)
    histories = [ties.policy for ties in result.kept_ties().values()]
    rules = [rule for history in histories for rule in history.rule[history.cause[history.cause >= 0]].tolist()]
    counts = Counter(CAUSE_OF_RULE[rule] for rule in rules)
    ties = sum(int((history.before != 0).sum()) for history in histories)
    return FirstLosses({cause: counts[cause] for cause in CAUSES}, ties, result.seeds)


__all__ = ["FirstLosses", "first_losses"]
