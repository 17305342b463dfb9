"""The table of the battle follows from its stored run, and its arrows from the decisions."""

from __future__ import annotations

import json
from datetime import date

from scripts import script

from splinternet.decisions import (
    Aim,
    Answer,
    Decision,
    Demand,
    Demanded,
    Lift,
    Likely,
    Obeyed,
    PolicyName,
    Protested,
    Spare,
    Strike,
    Threatened,
)
from splinternet.fit.orders import drawable
from splinternet.scenario import load

BATTLE = script("pages/battle.py")


def test_the_page_has_the_table_of_the_stored_run() -> None:
    stored = json.loads(BATTLE.STORED.read_text(encoding="utf-8"))
    page = BATTLE.PAGE.read_text(encoding="utf-8")
    assert BATTLE.page_with(page, BATTLE.table(stored)) == page
    readme = BATTLE.README.read_text(encoding="utf-8")
    block = BATTLE.in_short(stored)
    assert BATTLE.page_with(readme, block, BATTLE.IN_README) == readme
    assert all(f"| {name} | " in block for name in BATTLE.STATES.values())
    for part in (
        "gave in / refused / ",
        "lifted for people",
        "people move states",
        "](docs/img/battle.png)",
    ):
        assert part in block  # platforms, people and the six arrows, not orders alone
    assert BATTLE.PICTURE.is_file()
    assert "](img/battle.png)" in page
    known = {age for one in stored["members"] for age in one["clashes cited"].values()}
    assert all(age <= 388 for age in known)  # nobody cites a clash that is forgotten


def test_orders_that_no_run_can_draw_are_told_apart_by_hand() -> None:
    """China: Wikipedia and Signal, once; Threads and Bluesky are not in the world, WhatsApp and
    Telegram are shut on the first day. Russia: X is slowed, then blocked.
    """
    drawn = drawable(BATTLE.SCENARIO, BATTLE.RECORDED)
    china = sorted((row.platform, row.since[:4]) for row in drawn if row.state == "CN")
    assert china == [("Signal", "2021"), ("Wikipedia", "2019")]
    assert [row.since for row in drawn if (row.state, row.platform) == ("RU", "X")] == [
        "2021-03-10"
    ]
    fact = BATTLE.in_fact(load(BATTLE.SCENARIO).start)
    assert [sum(each) for each in zip(*fact.values(), strict=True)] == [45, 36]
    assert "| Russia | 12 (10) | " in BATTLE.README.read_text(encoding="utf-8")


def test_arrows_count_who_moved_whom() -> None:
    day = date(2021, 1, 1)
    aim = (Aim("X"),)
    order = Strike("block")
    rows = [
        Decision(day, "TR", "control", order, aim, reason=Likely("control", "")),
        Decision(day, "TR", "control", order, aim, reason=Likely("refused", "")),
        Decision(day, "TR", "control", Spare(), aim, reason=Obeyed("law")),
        Decision(day, "TR", "control", Lift("law"), aim, reason=Threatened("X")),
        Decision(day, "TR", "pushback", Lift("x"), aim, reason=Protested()),
        Decision(
            day,
            "X",
            "platforms",
            Answer("comply", in_effect=True),
            reason=Demanded("law"),
            platforms=("X",),
        ),
    ]
    assert BATTLE.arrows(rows) == {
        "states on platforms": 1,
        "platforms on states": 3,
        "states on people": 2,
        "people on states": 1,
        "platforms on people": 1,
        "states on states": 0,
    }


def test_a_firm_that_answers_no_demand_has_refused() -> None:
    spec = load("turkey_law_7253")
    (law,) = spec.policies
    day = date(2021, 1, 1)
    firms = {spec.platforms[name].owner for name in law.targets}
    asked = BATTLE.counted(spec, [])["TR"]
    assert asked["refused"] == len(firms) and asked["gave in"] == 0
    obeyed = Decision(
        day,
        "Facebook",
        "platforms",
        Answer("comply", in_effect=True),
        reason=Demanded(law.id),
        platforms=("Facebook", "Instagram"),
        cause=law.id,
    )
    asked = BATTLE.counted(spec, [obeyed])["TR"]
    assert (asked["refused"], asked["gave in"]) == (len(firms) - 1, 1)
    made = Decision(
        day,
        "RU",
        "control",
        Demand("local_representative"),
        (Aim("WhatsApp"), Aim("TikTok")),
        policy=PolicyName("law", "local_representative"),
    )
    assert BATTLE.counted(spec, [made])["RU"]["refused"] == 2
