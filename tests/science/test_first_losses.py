"""Why ties first lose contact: no app that works well enough is dropped, and each cause is counted
as what it is.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from conftest import block, scenario

from splinternet.experiments import ensemble
from splinternet.experiments.pairs import RULES
from splinternet.people.events import GONE, NO_WAY, WORKS
from splinternet.scenario import load


def first_losses(spec: Any) -> Counter[str]:
    """Return how many ties each rule cuts off first, in the policy arm."""
    ties = ensemble.run(spec, seeds=1, jobs=1, ties=True).kept_ties().values()
    return Counter(
        rule
        for each in ties
        for rule in each.policy.rule[each.policy.cause[each.policy.cause >= 0]]
    )


def test_hardly_anybody_drops_an_app_that_works_in_the_opening_case() -> None:
    # No draws, so that the service is slowed as much as the table says and the stores are closed
    # for a year.
    found = first_losses(load("wechat_as_ordered", people=8_000, overrides=["uncertain={}"]))
    assert found.total() > 50
    assert found[RULES[WORKS]] <= 0.02 * found.total(), "their circle has moved on"
    assert found[RULES[GONE]] > 0.8 * found.total()


def test_a_block_leaves_no_way() -> None:
    found = first_losses(scenario([block()], days=14))
    assert set(found) == {RULES[NO_WAY]}
