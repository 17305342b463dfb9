"""The sum behind one person's decision: equal to the formulas of the page, and to what happens."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import pytest

import splinternet as sn
from splinternet.engine.model import Model

PAGE = Path(__file__).resolve().parents[2] / "docs" / "people.md"


@pytest.fixture(scope="module")
def model() -> Model:
    made = Model("wechat_full_block", people=2_000, days=80, collect=False)
    made.run_for(57)
    return made


def test_the_page_has_at_most_fifteen_steps_and_as_many_lines() -> None:
    text = PAGE.read_text(encoding="utf-8")
    steps = [int(number) for number in re.findall(r"^(\d+)\. ", text, re.MULTILINE)]
    assert steps == list(range(1, 16))


def test_the_lines_follow_from_each_other_as_the_page_says(model: Model) -> None:
    q = model.setting.parameters
    seen = {"direct": 0, "by VPN": 0, "no way": 0}
    for number in np.flatnonzero(model.people.failing)[:60].tolist():
        why = model.people[number].explain()
        effort = float(model.person["effort"][number])
        share = why["part that comes from people [1]"]
        there = why["who is there, against the first day [1]"]
        worth = why["worth today"]
        assert worth == pytest.approx(why["with nothing closed"] * (1 - share + share * there))
        base, uniform = (
            float(text) for text in re.findall(r"b ([\d.e-]+), U ([\d.e-]+)", why.terms[0].rule)[0]
        )
        spread = q["choice.value_spread"]
        value = base * min(q["choice.value_cap"], uniform**-spread)
        assert why["worth on the first day"] == pytest.approx(value, rel=0.02)
        assert why["doing without"] == pytest.approx(min(1.0, base), rel=0.01)
        cost = q["circumvention.cost"] * effort ** q["circumvention.want_power"]
        holders = why["circle with a VPN [1]"]
        cost *= math.exp(-q["circumvention.contagion"] * holders)
        assert why["what a VPN costs"] == pytest.approx(cost, rel=1e-6)
        days = why["days of trying [days]"]
        assert why["given up at a look [1]"] == pytest.approx(1 - math.exp(-1 / days))
        weighed = why["what is weighed"]
        seen["no way" if math.isnan(weighed) else "by VPN"] += 1
        if math.isnan(weighed):
            assert math.isnan(why["directly"])
        if why.platform == "WeChat" and not math.isnan(weighed) and math.isnan(why["directly"]):
            # friction and penalty are what line 7 takes off line 5
            taken = worth - why["by VPN"]
            left = why["left beside the others in use [1]"]
            by_hand = (why["with nothing closed"] * left - taken) / q["choice.drop_by_vpn"]
            needed = "only channel" in why.terms[7].rule
            assert needed or weighed == pytest.approx(by_hand, rel=1e-5)
    assert seen["no way"] and seen["by VPN"], "both ways have shown"


def test_what_is_said_is_what_happens_and_nothing_moves(model: Model) -> None:
    before = model.everybody.tobytes(), model.private.tobytes(), model.offer.tobytes()
    names = model.people.names
    said = {
        number: model.people[number].explain()
        for number in np.flatnonzero(model.people.failing).tolist()
    }
    assert before == (model.everybody.tobytes(), model.private.tobytes(), model.offer.tobytes())
    failing = model.people.failing.copy()
    vpn = model.people.vpn.copy()
    model.step()
    agreed = model.kin.agreed >= 0
    ends = {*model.kin.diaspora_end[agreed].tolist(), *model.kin.family_end[agreed].tolist()}
    found = set(np.flatnonzero(model.people.vpn != vpn).tolist())
    told = {"given up": 0, "tried on": 0, "kept": 0}
    for number in said.keys() - ends - found:  # a VPN that is found, and kin, come after the look
        why = said[number]
        bit = 1 << names.index(why.platform)
        assert failing[number] & bit
        verdict = next(word for word in told if f"is {word}" in why.said)
        told[verdict] += 1
        held = bool(model.people.held[number] & bit)
        still = bool(model.people.failing[number] & bit)
        assert held == (verdict != "given up"), why
        assert still == (verdict == "tried on"), why
    assert told["given up"] > 3 and told["tried on"] > 3, told


def test_an_app_of_no_name_and_a_term_of_no_name_are_named(model: Model) -> None:
    person = model.people[3]
    with pytest.raises(sn.InputError, match=r"'Wechatt'.*did you mean 'WeChat'"):
        person.explain("Wechatt")
    why = person.explain("WeChat")
    assert "WeChat" in repr(why) and "15 " in repr(why)
    with pytest.raises(sn.InputError, match="no term 'worth'"):
        why["worth"]
