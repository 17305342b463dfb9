"""States that decide: what can be worked out by hand, and what must be the same to the bit."""

from __future__ import annotations

import math
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from random_states import drawn, faults, live
from test_statecraft import STUDIES, struck, toy

import splinternet as sn
from splinternet.actors import statecraft
from splinternet.actors.agents import StatesAlone
from splinternet.actors.statecraft import shared_effort
from splinternet.decisions import FirstStrike, Join, Lift
from splinternet.experiments.pairs import run_pair
from splinternet.results.panel import ArmData
from splinternet.world.situation import Situation

SLACK = 3.0
BOTH = {"retaliation": True, "imitation": True}
FULL = {
    "retaliation.strength": 2.0,
    "retaliation.slack": 6.0,
    "imitation.strength": 60.0,
    "imitation.rate": 0.06,
}
ORDER: dict[str, Any] = dict(
    id="order", by="US", instrument="transaction_ban", targets=["WeChat"], on="2020-08-11"
)


def few(rivals: int) -> Situation:
    """Return a toy world with as many platforms for each state as there is room for."""
    return toy(rivals, 2 if rivals > 4 else 3)


def dated(days: int = 45, **keys: Any) -> sn.Scenario:
    """Return a scenario with a dated policy and as few people as there may be."""
    base = dict(title="dated", start="2020-08-01", days=days, people=1_000, policies=[ORDER])
    return sn.load(base | keys)


# --- the corners and the middle of the phase diagram ----------------------------------------------


@pytest.mark.parametrize("rivals", [2, 3, 4, 5])
def test_the_corners_are_one_internet_and_as_many_as_rivals(rivals: int) -> None:
    none = struck(
        few(rivals),
        behaviour=BOTH,
        parameters={"retaliation.strength": 0.0, "imitation.strength": 0.0},
    )
    assert none.decisions == [] and none.effective_internets() == 1.0
    likeness = 1 - 1 / len(
        none.outlook.situation.targets
    )  # one platform of all is lost, by one state
    z = np.ones((rivals, rivals))
    z[0, 1:] = z[1:, 0] = likeness
    assert none.internets_by_likeness() == pytest.approx(
        statecraft.internets_by_likeness(z, np.ones(rivals))
    )
    full = struck(few(rivals), behaviour=BOTH, parameters=FULL)
    assert full.effective_internets() == pytest.approx(rivals)
    assert full.internets_by_likeness() == pytest.approx(rivals)


@pytest.mark.parametrize(
    ("strength", "answers"),
    [
        (1 / SLACK - 0.01, 0),
        (1 / SLACK + 0.01, 1),
        (1 + 1 / SLACK - 0.01, 1),
        (1 + 1 / SLACK + 0.01, 5),
    ],
)
def test_a_quarrel_has_two_borders_since_measures_are_whole(strength: float, answers: int) -> None:
    arm = struck(
        toy(),
        behaviour={"retaliation": True},
        parameters={"retaliation.strength": strength, "retaliation.slack": SLACK},
    )
    assert len(arm.decisions) == answers


@pytest.mark.parametrize(("rivals", "found"), [(2, 2.0), (3, 9 / 5), (4, 1.0), (5, 1.0)])
def test_a_quarrel_of_two_to_the_end_splits_small_worlds_alone(rivals: int, found: float) -> None:
    arm = struck(
        few(rivals), behaviour={"retaliation": True}, parameters={"retaliation.strength": 2.0}
    )
    assert arm.likeness()[0, 1] == pytest.approx((rivals - 2) / rivals)
    assert arm.effective_internets() == pytest.approx(found)


@pytest.mark.parametrize("rivals", [2, 4])
@pytest.mark.parametrize("share", [0.25, 0.5, 0.75])
def test_internets_follow_from_the_share_that_rivals_ban_of_each_other(
    rivals: int, share: float
) -> None:
    """Each bans the same share of the platforms of every other; those that two ban of a third are
    chosen freely.
    """
    firms = (
        4**rivals
    )  # so that every choice of banned quarters is met exactly as often as by chance
    usable = np.ones((rivals, rivals * firms))
    for i in range(rivals):
        for home in range(rivals):
            if home != i:
                usable[
                    i, home * firms + np.flatnonzero(np.arange(firms) // 4**i % 4 < 4 * share)
                ] = 0.0
    z = (2 * (1 - share) + (rivals - 2) * (1 - share) ** 2) / (2 + (rivals - 2) * (1 - share**2))
    likeness = statecraft.likeness_of_access(usable, np.ones(usable.shape[1]))
    assert likeness[0, 1] == pytest.approx(z)
    people = np.ones(rivals)
    assert statecraft.internets_by_likeness(likeness, people) == pytest.approx(
        rivals / (1 + (rivals - 1) * z)
    )
    assert statecraft.effective_internets(statecraft.find_blocs(likeness, 0.6), people) == (
        1.0 if z >= 0.6 else rivals
    )


def test_a_measure_spreads_as_an_infection_does_and_twice_as_fast_at_twice_the_strength() -> None:
    """The mean number of states that have it is that of a birth process in which each holder draws
    the others on half as much after a year, and not at all later: simulated here once more.
    """
    rivals, months, members, worlds = 6, 24, 40, 20_000

    def spread(strength: float) -> float:
        counts = []
        for seed in range(members):
            arm = struck(
                few(rivals),
                days=30 * months + 2,
                behaviour={"imitation": True},
                parameters={"imitation.strength": strength, "imitation.rate": 0.02},
                seed=seed,
                level=True,
            )
            counts.append(1 + len(arm.decisions))
        return float(np.mean(counts))

    def expected(rate: float) -> tuple[float, float]:
        rng = np.random.default_rng(1)
        since = np.full((worlds, rivals - 1), np.inf)  # the rival that is struck adopts nothing
        since[:, 0] = 0.0
        for day in range(30, 30 * months + 1, 30):
            age = day - since
            drawn_on = np.where((age >= 0.0) & (age <= 365.0), 2.0 ** (-age / 365.0), 0.0)
            pull = drawn_on.sum(axis=1, keepdims=True)
            adopts = rng.random(since.shape) < 1.0 - np.exp(-rate * pull)
            since[adopts & np.isinf(since)] = day
        holders = np.isfinite(since).sum(axis=1)
        return float(holders.mean()), float(holders.std() / math.sqrt(members))

    found = {strength: spread(strength) for strength in (1.0, 2.0)}
    for strength, mean in found.items():
        right, error = expected(0.02 * strength)
        assert abs(mean - right) < 3 * error, (strength, mean, right)
    assert found[2.0] > found[1.0] > 1.5


def test_the_chart_of_phases_is_drawn_and_its_corner_is_first_strikes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = runpy.run_path(str(STUDIES / "splinternet_phases.py"))
    script["main"](["--steps", "2", "--days", "200", "--out", str(tmp_path / "phases.png")])
    assert (tmp_path / "phases.png").stat().st_size > 10_000
    assert "nan" not in capsys.readouterr().out
    spec = script["world"](0.0, 0.0, 400, open_start=True)
    spec = spec.model_copy(update={"parameters": {**spec.parameters, "targets.accustomed": 0.0}})
    arm = StatesAlone(spec, 1).run()
    kinds = {d.behaviour for d in arm.decisions}
    assert "targets" in kinds and not kinds & {"retaliation", "imitation"}
    assert arm.effective_internets() == 1.0


# --- joining, giving way --------------------------------------------------------------------------


def test_a_leader_wins_over_so_many_a_month_and_the_willing_sooner() -> None:
    rates = np.array([0.4, 0.2, 0.1, 0.0])
    held = shared_effort(rates, 0.35)
    assert held.sum() == pytest.approx(0.35) and held[0] == pytest.approx(2 * held[1])
    assert np.array_equal(shared_effort(rates, 5.0), rates)
    assert np.array_equal(shared_effort(np.zeros(2), 0.35), np.zeros(2))


def test_members_grow_evenly_while_many_are_willing() -> None:
    """With effort as the limit, as many join in the first half as in the second; without it, most
    join at once.
    """

    def early(talks: float) -> float:
        first = every = 0
        changes = [f"parameters.coalition.talks={talks}", "parameters.coalition.rate=0.25"]
        spec = sn.load("clean_network_coalition", overrides=changes)
        for seed in range(12):
            days = [
                (d.day - spec.start).days
                for d in StatesAlone(spec, seed).run().decisions
                if isinstance(d.act, Join)
            ]
            first, every = first + sum(day < 125 for day in days), every + len(days)
        return first / every

    limited = early(0.03)
    assert abs(limited - 0.5) < 0.12
    assert early(1.0) > max(0.5, limited)


def test_an_answer_that_was_too_strong_stands_while_the_other_does_as_before() -> None:
    """A small strike is answered, then a large one by more than is owed: the small answer stands."""
    there = toy(2)
    there.revenue[:] = [1.0, 15.0, 15.0, 1.0, 10.0, 10.0]
    strikes = [
        {
            "id": name,
            "instrument": "block",
            "by": [there.states[0]],
            "targets": [there.targets[j].name],
            "on": on,
        }
        for name, j, on in (("small", 3, "2020-08-01"), ("large", 4, "2021-03-01"))
    ]
    arm = struck(
        there,
        days=400,
        behaviour={"retaliation": True},
        parameters={"retaliation.strength": 1.0},
        policies=strikes,
    )
    assert [d.target_label for d in arm.decisions if d.who == there.states[1]][:2] == ["P00", "P01"]
    assert not any(isinstance(d.act, Lift) for d in arm.decisions)


# --- the same to the bit --------------------------------------------------------------------------


def same(a: tuple[ArmData, ArmData], b: tuple[ArmData, ArmData]) -> bool:
    return all(x.same_as(y) for x, y in zip(a, b, strict=True))


def test_behaviours_that_decide_nothing_change_no_bit() -> None:
    never = {"targets.threshold": 100.0, "retaliation.strength": 0.0, "imitation.strength": 0.0}
    never |= {"coalition.rate": 0.0, "pushback.tolerance": 100.0}
    on = dict.fromkeys(("targets", *BOTH, "coalition", "pushback"), True)
    assert same(run_pair(dated(), 5), run_pair(dated(behaviour=on, parameters=never), 5))


def test_without_retaliation_and_imitation_people_see_first_strikes_alone() -> None:
    """At strength zero the two behaviours have no effect: the same decisions and the same people,
    to the bit.
    """
    eager: dict[str, float] = {
        "targets.attention": 1.0,
        "targets.notice_days": 5.0,
        "targets.accustomed": 0.0,
    }
    nought = eager | {"retaliation.strength": 0.0, "imitation.strength": 0.0}
    first = run_pair(dated(behaviour={"targets": True}, parameters=eager), 5)
    assert first[1].decisions
    assert {d.behaviour for d in first[1].decisions} <= {"targets", "trend"}
    assert all(
        isinstance(d.reason, FirstStrike) for d in first[1].decisions if d.behaviour == "targets"
    )
    assert same(first, run_pair(dated(behaviour=BOTH | {"targets": True}, parameters=nought), 5))


# --- random worlds with people --------------------------------------------------------------------


@pytest.mark.parametrize("k", range(2))
def test_random_worlds_with_people_run_without_a_nan_or_a_state_acting_on_itself(k: int) -> None:
    baseline, policy = live(drawn(k, 100), k)
    assert policy.decisions
    assert faults(baseline, policy) == []
