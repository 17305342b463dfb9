"""Why ties first lose contact: for each kin tie, the event that ended its last channel on the first day without one.

If somebody leaves an app that works, and a tie loses contact because of that, this is a fault of the rules and not an
effect of a policy. The count shows how many such ties there are.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Unpack

from ..changes import Given
from ..people.events import CAUSES
from .causes import CAUSE_OF_RULE
from .ensemble import run
from .options import OptionsWithFolder, takes_options


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


@takes_options(seeds=1)
def first_losses(scenario: Given, **options: Unpack[OptionsWithFolder]) -> FirstLosses:
    """Run a scenario and count why kin ties were first out of contact, all members together.

    Parameters
    ----------
    scenario : Scenario, path, name of a shipped scenario, or mapping
    **options
        See `Options`.

    Raises
    ------
    InputError
        When the scenario or a number cannot be used.
    RunError
        When a member failed.
    """
    asked: OptionsWithFolder = {"seeds": 1, **options}
    result = run(scenario, ties=True, **asked)
    histories = [ties.policy for ties in result.kept_ties().values()]
    rules = [rule for history in histories for rule in history.rule[history.cause[history.cause >= 0]].tolist()]
    counts = Counter(CAUSE_OF_RULE[rule] for rule in rules)
    ties = sum(int((history.before != 0).sum()) for history in histories)
    return FirstLosses({cause: counts[cause] for cause in CAUSES}, ties, result.seeds)
