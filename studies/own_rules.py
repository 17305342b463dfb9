"""The cost of a user's own rule for people, relative to the built-in rules.

``uv run python studies/own_rules.py --people 100000`` prints processor seconds of one thread for
the phase `people`, the built-in rules, and for each rule of [the
docs](../../docs/extend.md#a-rule-for-people), over a run. A rule that numba compiles is shown with
and without its first turn, which includes compiling. A busy machine has little effect on processor
seconds, and less on ratios.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import numba
import numpy as np

import splinternet as sn
from splinternet.engine.steps import Schedule

SCENARIO = "wechat_full_block"
DAYS = 120


class Company(sn.PeopleRule):
    """People keep an app as long as half of their circle has it; the rule reads only the affected
    people.
    """

    def decide(self, people: Any, today: Any) -> Any:
        """Keep each app that loses access if the circle has it."""
        proposals = people.proposals()
        for app in today.affected:
            users = people.affected(app)
            proposals.keep(users[people.circle_share(app, users, of="holds") >= 0.5], app)
        return proposals


class Everybody(sn.PeopleRule):
    """The same rule, which reads everybody."""

    def decide(self, people: Any, today: Any) -> Any:
        """Keep each app that loses access if the circle has it."""
        proposals = people.proposals()
        for app in today.affected:
            proposals.keep(people.holds(app) & (people.circle_share(app, of="holds") >= 0.5), app)
        return proposals


@numba.njit
def who_follow(start, entry, lapsed, bit, least):  # type: ignore[no-untyped-def]
    """Return whether at least a number of each person's circle have given up a platform."""
    out = np.zeros(start.size - 1, np.bool_)
    for i in range(out.size):
        left = 0
        for e in range(start[i], start[i + 1]):
            left += lapsed[entry[e] >> 1] & bit != 0
        out[i] = left >= least
    return out


class Follow(sn.PeopleRule):
    """People give up an app when two of their circle have; numba compiles the rule."""

    def decide(self, people: Any, today: Any) -> Any:
        """Give up each app that two contacts have given up."""
        proposals, (start, entry) = people.proposals(), people.ties
        for app in today.affected:
            bit = 1 << today.platforms.index(app)
            proposals.drop(
                people.holds(app) & who_follow(start, entry, people.bits("lapsed"), bit, 2), app
            )
        return proposals


class Timed:
    """A function of a phase that records the processor seconds of each call."""

    def __init__(self, function: Callable[[Any], None], spent: list[float]) -> None:
        self.func, self._function, self._spent = (
            getattr(function, "func", function),
            function,
            spent,
        )

    def __call__(self, arm: Any) -> None:
        """Call it."""
        begun = time.process_time()
        self._function(arm)
        self._spent.append(time.process_time() - begun)


def seconds(rule: type[sn.PeopleRule], people: int, days: int) -> dict[str, list[float]]:
    """Return the processor seconds of each day, by phase."""
    model = sn.Model(
        SCENARIO, people=people, days=days, behaviours=[rule], collect=False, metrics=()
    )
    spent: dict[str, list[float]] = defaultdict(list)
    model.schedule = Schedule(
        p._replace(function=Timed(p.function, spent[p.name])) for p in model.schedule
    )
    model.run_for(days)
    return spent


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--days", type=int, default=DAYS)
    asked = parser.parse_args()
    sn.Model(SCENARIO, people=1_000, days=2, collect=False, metrics=()).run_for(
        2
    )  # compiles the program's own kernels
    print(
        f"{SCENARIO}, {asked.people:,} people, {asked.days} days; processor seconds of one thread"
    )
    for rule in (Company, Everybody, Follow):
        spent = seconds(rule, asked.people, asked.days)
        own, built_in = spent[rule.name], sum(spent["people"])
        first = max(own)
        print(
            f"{rule.name:10} {sum(own):6.2f} s, {sum(own) / built_in:4.2f} of the built-in rules ({built_in:.2f} s); "
            f"without its longest turn {(sum(own) - first) / built_in:4.2f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
