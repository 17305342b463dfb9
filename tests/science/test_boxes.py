"""Filtering as a stock: boxes that stand at more lines from year to year, so that the same order
bites more.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

import splinternet as sn
from splinternet.actors.agents import StatesAlone
from splinternet.facts.model import MODES
from splinternet.people.setting import Enforcement, cut_off, first_access, open_table
from splinternet.scenario import Scenario
from splinternet.world.law import access_under, docket_of
from splinternet.world.scenario_setting import make_setting

POST = MODES.index("post")


def left(spec: Scenario, day: date, state: str, platform: str) -> float:
    """Return the share of people whom the law of a day leaves direct access [1]."""
    setting = make_setting(spec)
    table = access_under(
        docket_of(spec.policies, day), first_access(setting), setting, routed=False
    )
    return float(table.reach[setting.states.index(state), setting.platforms.index(platform), POST])


def battle(*policies: dict[str, object]) -> Scenario:
    """Return the battle with some policies alone, and nobody who decides."""
    kept = sn.load("the_battle").model_dump(mode="json")
    return sn.load(kept | {"behaviour": {}, "uncertain": {}, "policies": list(policies)})


def order(state: str, on: date, **keys: object) -> dict[str, object]:
    """Return a block of Twitter."""
    return {
        "id": "x",
        "by": state,
        "instrument": "block",
        "targets": ["Twitter"],
        "on": on.isoformat(),
        **keys,
    }


def law(on: str, **keys: object) -> dict[str, object]:
    """Return Russia's law 90-FZ with boxes that are built over years."""
    return {
        "id": "law",
        "by": "RU",
        "instrument": "sovereign_internet",
        "on": on,
        "build_years": 1.2,
        **keys,
    }


def test_a_block_by_boxes_at_some_lines_lies_between_lists_and_boxes_by_hand() -> None:
    setting = make_setting(sn.load("wechat_as_ordered"))
    q, cell = (
        setting.parameters,
        (setting.states.index("RU"), setting.platforms.index("Twitter"), POST),
    )

    def reach(how: Enforcement) -> float:
        table = open_table(len(setting.states), len(setting.platforms))
        cut_off(setting, table, "RU", "Twitter", how)
        return float(table.reach[cell])

    by_boxes, by_lists = q["technique.dpi.coverage"], q["technique.isp.coverage"]
    old = 3650
    assert reach(Enforcement("dpi", old, boxes=0.4)) == pytest.approx(
        1.0 - (0.4 * by_boxes + 0.6 * by_lists), abs=0.01
    )
    assert reach(Enforcement("dpi", old, boxes=0.0)) == reach(Enforcement("isp", old))
    assert reach(Enforcement("dpi", old, boxes=1.0)) == reach(Enforcement("dpi", old))
    leaks = [reach(Enforcement("dpi", old, boxes=share)) for share in (0.0, 0.25, 0.5, 0.75, 1.0)]
    assert all(np.diff(leaks) < 0)


def test_the_same_order_bites_more_from_year_to_year_after_the_law_and_at_once_without_years() -> (
    None
):
    block = order("RU", date(2019, 12, 1), technique="isp")
    spec, at_once = (
        battle(law("2019-11-01"), block),
        battle(law("2019-11-01", build_years=None), block),
    )
    days = [
        date(2019, 11, 30),
        date(2020, 3, 1),
        date(2021, 3, 10),
        date(2022, 3, 10),
        date(2026, 3, 10),
    ]
    leaks = [left(spec, day, "RU", "Twitter") for day in days]
    assert leaks[0] == 1.0
    assert all(np.diff(leaks) < 0)
    assert leaks[-1] == pytest.approx(left(at_once, days[-1], "RU", "Twitter"), abs=0.003)
    assert left(at_once, days[2], "RU", "Twitter") < leaks[2] - 0.02


def test_a_state_blocks_by_its_boxes_once_they_stand_at_half_of_the_lines() -> None:
    """Law 90-FZ of November 2019: lists in 2020, boxes at three of four lines by March 2021, as
    Roskomnadzor said.
    """
    model = StatesAlone(sn.load("the_battle"), 1)
    state = next(each for each in model.outlook.states if each.code == "RU")
    target = next(t for t in model.outlook.situation.targets if t.name == "Twitter")
    seen = {}
    for day in (date(2019, 6, 1), date(2020, 3, 1), date(2021, 3, 10), date(2023, 1, 1)):
        model.day = (day - model.spec.start).days
        model.enforce()
        seen[day.year] = state.boxes, state.means_against(target)
    assert seen[2019][0] == 0.0
    assert 0.6 < seen[2021][0] < 0.8 < seen[2023][0] < 1.0
    assert [way[1]["technique"] for _, way in seen.values() if way] == ["isp", "isp", "dpi", "dpi"]
    boxes = [way[1].get("boxes") for _, way in seen.values() if way][2:]
    assert boxes == [round(seen[year][0], 2) for year in (2021, 2023)]


def test_what_the_table_of_means_says_holds_on_its_day() -> None:
    """Without a law of the run a state has what the table says; with one, what the table says on
    its day.
    """
    model = StatesAlone(sn.load("the_battle"), 1)
    by_code = {state.code: state for state in model.outlook.states}
    means = model.outlook.situation.means["filter"]
    model.day = (date(2020, 8, 1) - model.spec.start).days
    model.enforce()
    for code in ("TR", "CN", "US"):
        assert by_code[code].boxes == means[by_code[code].number]
    assert by_code["RU"].boxes == pytest.approx(means[by_code["RU"].number], abs=0.08)
