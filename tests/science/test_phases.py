"""`SCHEDULE` says truly what each phase of a day reads and writes: phases that see nothing else
give the same run.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from conftest import block, call, scenario
from phase_views import Seen, TrespassError, live, live_through

from splinternet.arm import Arm
from splinternet.engine.model import Model
from splinternet.engine.record import Record
from splinternet.engine.steps import FIXED_INPUTS, GROUPS, SCHEDULE, Phase
from splinternet.errors import InputError
from splinternet.experiments.pairs import run_pair
from splinternet.people.state import count_all
from splinternet.scenario import Scenario
from splinternet.world.build import make_world

DAYS = 36
DEMAND = dict(
    id="demand", by="US", instrument="divest_or_ban", targets=["TikTok"], on="2020-08-03", days=20
)
SALE = {
    "id": "sale",
    "by": "US",
    "instrument": "divest_or_ban",
    "targets": ["TikTok"],
    "on": "2020-08-03",
    "days": 10,
    "outcome": "sold",
    "buyer": "Oracle",
}
BORDER = dict(id="border", by="RU", instrument="border_cut", gateways_closed="all", on="2020-08-12")
BRIDGE = dict(
    id="bridge", by="US", instrument="bridge", platforms=["WeChat", "WhatsApp"], on="2020-08-20"
)
CHAMPION = dict(
    id="champion", by="RU", instrument="national_champion", targets=["VK"], on="2020-08-10"
)
EAGER = {
    "targets.threshold": 0.05,
    "targets.attention": 1.0,
    "targets.notice_days": 1.0,
    "targets.accustomed": 0.0,
    "capital.price": 0.0,
    "retaliation.delay_days": 7.0,
    "pushback.patience_days": 5.0,
    "compliance.court_days": 5.0,
    "compliance.court_power": 4.0,
    "compliance.lead_days": 5.0,
}


def deciding() -> Scenario:
    """Return a scenario in which states and platforms decide."""
    names = ("targets", "retaliation", "imitation", "coalition", "pushback", "platforms")
    return scenario(
        [DEMAND], days=DAYS, people=1_000, behaviour=dict.fromkeys(names, True), parameters=EAGER
    )


def routed() -> Scenario:
    """Return a scenario with cut routes, a bridge, a promoted platform and a sale settled
    beforehand.
    """
    return scenario([SALE, BORDER, BRIDGE, CHAMPION], days=DAYS, people=1_000)


def parted() -> Scenario:
    """Return a scenario in which kin lose touch and find each other again."""
    soon = {"kin.ready_days": 0.1, "kin.news_days": 0.5}
    return scenario([block(on="2020-08-03")], days=15, people=3_000, parameters=soon)


SCENARIOS = {"deciding": deciding, "routed": routed, "parted": parted}


@cache
def lived(name: str) -> tuple[Seen, Arm, Arm]:
    """Simulate a scenario through the views; return what the phases read and wrote, and both arms."""
    seen = Seen()
    return seen, *live(SCENARIOS[name](), 1, seen)


@pytest.mark.parametrize("name", SCENARIOS)
def test_phases_that_see_only_what_their_rows_name_give_the_same_run(name: str) -> None:
    _, *arms = lived(name)
    for arm, plain in zip(arms, run_pair(SCENARIOS[name](), 1), strict=True):
        assert isinstance(arm.record, Record)
        for metric, values in arm.record.arrays.items():
            np.testing.assert_array_equal(values, plain.arrays[metric], metric)
        assert len(arm.decisions) == len(plain.decisions)


def test_the_scenarios_have_what_they_are_for() -> None:
    _, _, policy = lived("deciding")
    assert {d.behaviour for d in policy.decisions} >= {"targets", "retaliation", "platforms"}
    _, _, policy = lived("routed")
    assert policy.routes is not None and policy.columns.bridged.any()
    assert [d.behaviour for d in policy.decisions] == ["scenario"]


@pytest.mark.parametrize("phase", SCHEDULE, ids=lambda phase: phase.name)
def test_a_row_names_nothing_that_is_not_read_or_written(phase: Phase) -> None:
    # Both scenarios together: what a phase may do, it does in one of them.
    read = set().union(*(lived(name)[0].reads[phase.name] for name in SCENARIOS))
    written = set().union(*(lived(name)[0].writes[phase.name] for name in SCENARIOS))
    assert set(phase.reads) <= read, "named as read, never read"
    if phase.name != "measure":  # the record is not looked into
        assert set(phase.writes) == written


def test_nothing_that_is_fixed_is_written_by_a_row() -> None:
    written = {
        name for phase in SCHEDULE for word in phase.writes for name in GROUPS.get(word, (word,))
    }
    assert not written & set(FIXED_INPUTS)
    assert written <= set(vars(lived("routed")[1]))


def test_a_model_runs_the_day_in_the_order_that_it_is_given(
    capsys: pytest.CaptureFixture[str],
) -> None:
    seen: list[str] = []

    def holiday(model: Model) -> None:
        """Count the days."""
        seen.append(str(model.day))

    spec = scenario([block()], days=4, people=1_500)
    model = Model(spec, rng=1, steps=[*SCHEDULE, holiday], collect=False)
    model.schedule.remove("reconnect")
    model.schedule.replace("routes", lambda arm: seen.append("routes"))
    assert model.schedule.names == [
        "events",
        "decide",
        "routes",
        "access",
        "people",
        "contact",
        "measure",
        "holiday",
    ]
    model.run_for(4)
    assert seen == [word for day in range(4) for word in ("routes", str(day))]
    print(model.schedule)
    assert "8. holiday    Count the days." in capsys.readouterr().out


def test_a_phase_that_changes_people_changes_the_run() -> None:
    def forget(model: Model) -> None:
        model.agenda.wake[:] = model.day + 1

    spec = scenario([block()], days=20, people=1_500)
    plain, changed = Model(spec, rng=1, collect=False), Model(spec, rng=1, collect=False)
    changed.schedule.insert(forget, before="people")
    with pytest.raises(ValueError, match="read-only"):
        changed.run_for(1)
    changed = Model(spec, rng=1, collect=False)
    changed.schedule.insert(
        Phase("forget", "everybody looks again", forget, writes=("people",)), before="people"
    )
    plain.run_for(20)
    changed.run_for(20)
    assert changed.visits != plain.visits


@pytest.mark.parametrize("steps", [["event"], ["events", "events"]])
def test_an_unknown_or_doubled_phase_is_refused(steps: list[str]) -> None:
    with pytest.raises(InputError, match="events"):
        Model(scenario(days=5, people=1_500), steps=steps, collect=False)


# --- phases that are wrong on purpose -------------------------------------------------------------


@cache
def arm() -> Arm:
    spec = scenario(days=5, people=1_500)
    return Arm(spec, "policy", 1, make_world(spec, 1))


def into_cell(arm: Arm) -> None:
    arm.everybody["member"][0] ^= 1


def into_world(arm: Arm) -> None:
    arm.world.ties.packed[0] += 1


def in_a_kernel(arm: Arm) -> None:
    count_all(arm.context(), arm.counts)


def sets_day(arm: Arm) -> None:
    arm.day = 3


def sets_part(arm: Arm) -> None:
    arm.access_diff.is_felt = True


WRONG: list[Callable[[Arm], object]] = [
    lambda arm: arm.contact,
    into_cell,
    into_world,
    in_a_kernel,
    sets_day,
    sets_part,
]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda function: function.__name__)
def test_a_phase_that_does_what_its_row_does_not_say_is_caught(
    wrong: Callable[[Arm], object],
) -> None:
    reads = ("access", "people", "counts", "decisions", "law")
    phase = Phase("wrong", "", wrong, reads, writes=("routes",))  # type: ignore[arg-type]
    with pytest.raises(TrespassError):
        live_through(arm(), phase, Seen())


def test_what_gets_round_the_view_is_caught_when_the_phase_is_over() -> None:
    whole = arm()

    def wrong(_: Arm) -> None:
        whole.offer += 1.0

    phase = Phase("wrong", "", wrong, reads=(), writes=("routes",))
    with pytest.raises(TrespassError, match="offer"):
        live_through(whole, phase, Seen())


def test_an_arm_needs_no_record_and_no_mesa() -> None:
    spec = scenario([block()], days=20, people=1_500)
    bare, recorded = Arm(spec, "policy", 1, make_world(spec, 1)), Model(spec, rng=1, collect=False)
    for _ in range(spec.days):
        bare.day += 1
        for phase in SCHEDULE:
            phase.function(bare)
        recorded.step()
    assert bare.record is None
    assert np.array_equal(bare.person, recorded.person) and np.array_equal(bare.use, recorded.use)


def test_show_values_prints_the_schedule(capsys: pytest.CaptureFixture[str]) -> None:
    rows = json.loads(call(capsys, "show", "wechat_as_ordered", "--values", "--json")[1])[
        "schedule"
    ]
    assert [(row["phase"], tuple(row["reads"]), tuple(row["writes"])) for row in rows] == [
        (phase.name, phase.reads, phase.writes) for phase in SCHEDULE
    ]
