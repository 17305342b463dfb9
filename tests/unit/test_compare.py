"""The difference between two runs: pairs by seed where that is fair, intervals worked out by hand,
kind errors.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from plain_interval import ends
from toy_results import toy_arm, toy_pair, toy_result, toy_scenario

from splinternet.errors import InputError
from splinternet.results import Result
from splinternet.results.compare import Comparison, compare_two
from splinternet.text.comparison import notes_on_pair, why_paired

GROUP = "US<-CN"
DAYS = 120


def weaker(seeds: int = 5, effect: float = 0.5) -> Result:
    """Return the same worlds under a weaker policy."""
    return toy_result(seeds, DAYS, effect=effect, title="The same order, half enforced")


@pytest.fixture(scope="module")
def both() -> Comparison:
    return compare_two(toy_result(5, DAYS), weaker())


def row(both: Comparison, metric: str, at: str, **columns: str) -> dict:
    wanted = {"metric": metric, "at": at, "state": "", "platform": "", "group": "", **columns}
    return next(r for r in both.rows if all(r[key] == value for key, value in wanted.items()))


def effects(result: Result, metric: str, group: str) -> np.ndarray:
    """Return the sum of the effect over all days in each member, by hand."""
    g = result.members[0][0].axes.groups.index(group)
    return np.array(
        [(p.arrays[metric][:, g] - b.arrays[metric][:, g]).sum() for b, p in result.members]
    )


def test_a_run_against_itself_differs_in_nothing() -> None:
    result = toy_result(4, DAYS)
    both = compare_two(result, result)
    assert both.paired
    assert all(r["difference"] in (0.0, None) and r["low"] in (0.0, None) for r in both.rows)
    assert "the same run" in next(notes_on_pair(both))


def test_differences_are_taken_seed_by_seed(both: Comparison) -> None:
    assert both.seeds == (1, 2, 3, 4, 5)
    found = row(both, "contact_days_lost", "total", group=GROUP)
    by_hand = effects(both.other, "contact_days_lost", GROUP) - effects(
        both.first, "contact_days_lost", GROUP
    )
    assert found["difference"] == pytest.approx(np.median(by_hand))
    assert (found["low"], found["high"]) == pytest.approx(ends(by_hand))
    assert found["mc_error"] == pytest.approx(by_hand.std(ddof=1) / 5**0.5)
    assert found["unit"] == "person-days"


def test_pairing_makes_a_difference_sure_that_luck_would_hide(both: Comparison) -> None:
    """The worlds differ in luck by far more than the policies do; only pairs take that luck out."""
    first, second = toy_result(8, DAYS), weaker(8, effect=0.93)
    others = [toy_pair(seed, DAYS, effect=0.93) for seed in range(11, 19)]
    apart = compare_two(first, Result(second.scenario, others))
    together = compare_two(first, second)
    assert together.paired
    assert not apart.paired
    widths = []
    for each in (together, apart):
        found = row(each, "contact_days_lost", "total", group=GROUP)
        widths.append(found["high"] - found["low"])
        assert (found["low"] > 0 or found["high"] < 0) == each.paired
    assert widths[0] < widths[1] / 3


def test_only_shared_seeds_are_paired() -> None:
    found = compare_two(toy_result(5, DAYS), weaker(3))
    assert found.seeds == (1, 2, 3)
    assert "2 others have no counterpart and are left out" in why_paired(found)


def test_says_why_members_are_not_paired() -> None:
    first = toy_result(3, DAYS)
    assert "different days" in why_paired(compare_two(first, toy_result(3, 90)))
    strangers = Result(first.scenario, [toy_pair(seed, DAYS) for seed in (7, 8)])
    assert "no seed in common" in why_paired(compare_two(first, strangers))
    changed = []
    for baseline, policy in first.members:
        use = baseline.arrays["vpn_users"].copy()
        use[3, 1] += 1.0
        changed.append(
            (dataclasses.replace(baseline, arrays={**baseline.arrays, "vpn_users": use}), policy)
        )
    other = compare_two(first, Result(first.scenario, changed))
    assert not other.paired
    assert "worlds differ before any policy" in why_paired(other)


def test_unpaired_intervals_hold_every_member_against_every_other() -> None:
    first = toy_result(3, DAYS)
    second = Result(first.scenario, [toy_pair(seed, DAYS, effect=0.5) for seed in (7, 8)])
    found = row(compare_two(first, second), "contact_days_lost", "total", group=GROUP)
    a, b = effects(first, "contact_days_lost", GROUP), effects(second, "contact_days_lost", GROUP)
    every = [[y - x for x in a] for y in b]
    assert found["difference"] == pytest.approx(np.median(every))
    assert found["low"] == pytest.approx(ends(every)[0])
    assert found["mc_error"] == pytest.approx(
        np.hypot(a.std(ddof=1) / 3**0.5, b.std(ddof=1) / 2**0.5)
    )


def test_runs_that_cannot_be_compared_are_told() -> None:
    first = toy_result(1, 30, start=-30)
    with pytest.raises(InputError, match=r"given as str.*sn\.open"):
        compare_two(first, "runs/x")  # type: ignore[arg-type]
    pair = [
        dataclasses.replace(a, arrays={"vpn_users": a.arrays["vpn_users"]}) for a in toy_pair(1, 30)
    ]
    rest = [
        dataclasses.replace(a, arrays={"active_users": a.arrays["active_users"]})
        for a in (toy_arm(1, "baseline", 30, 0.0), toy_arm(1, "policy", 30, 1.0))
    ]
    one, two = (Result(toy_scenario(30), [tuple(each)]) for each in (pair, rest))  # type: ignore[list-item]
    with pytest.raises(InputError, match="no metric in common"):
        compare_two(one, two)
    partly = compare_two(one, first)
    assert "Metrics of one run only are left out" in " ".join(notes_on_pair(partly))
    assert {r["metric"] for r in partly.rows} == {"vpn_users"}
