"""Decisions are values: their words decide nothing, and what is stored is what was decided."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toy_results import toy_result

import splinternet as sn
from splinternet.actors.agents import StatesAlone
from splinternet.decisions import (
    Act,
    Aim,
    Answer,
    Cheapest,
    Decision,
    Join,
    Lift,
    PolicyName,
    Reason,
    Retaliation,
    Stated,
    Strike,
    from_data,
    to_data,
)
from splinternet.results.folder import read_member, write_member
from splinternet.results.series import DECISION_COLUMNS, decisions_frame
from splinternet.text import decisions as words

DAY = date(2020, 9, 20)
OF_TYPE: dict[Any, Any] = {
    str: st.text(max_size=12),
    bool: st.booleans(),
    int: st.integers(),
    float: st.floats(allow_nan=False, allow_infinity=False),
    tuple[str, ...]: st.lists(st.text(max_size=6), max_size=3).map(tuple),
    tuple[Aim, ...]: st.lists(st.builds(Aim, st.text(max_size=6), st.sampled_from(["", "cloud"])), max_size=3).map(
        tuple
    ),
}


def any_of(known: dict[str, type[Any]]) -> st.SearchStrategy[Any]:
    """Return acts or reasons of every kind, with anything in them that they can hold."""
    return st.one_of([st.builds(kind, *(OF_TYPE[part.type] for part in fields(kind))) for kind in known.values()])


def decisions() -> st.SearchStrategy[Decision]:
    return st.builds(
        Decision,
        day=st.dates(),
        who=st.sampled_from(["US", "TikTok, the app"]),
        behaviour=st.just("targets"),
        act=any_of(Act.known),
        target=OF_TYPE[tuple[Aim, ...]],
        policy=st.one_of(st.none(), st.builds(PolicyName, st.text(min_size=1, max_size=8), st.text(max_size=8))),
        cause=st.text(max_size=8),
        scores=st.dictionaries(st.text(max_size=4), st.floats(allow_nan=False, allow_infinity=False), max_size=3),
        reason=any_of(Reason.known),
    )


@pytest.fixture(scope="module")
def decided() -> Iterator[list[Decision]]:
    yield StatesAlone(sn.load("splinternet_2030", days=1200), 1).run().decisions


@given(st.lists(decisions(), max_size=3))
@settings(deadline=None, max_examples=60)
def test_what_is_stored_is_what_was_decided(made: list[Decision]) -> None:
    kept = tuple(decision.stored() for decision in made)
    assert tuple(from_data(json.loads(json.dumps(to_data(decision)))) for decision in kept) == kept


def test_a_member_on_disk_keeps_its_decisions(decided: list[Decision], tmp_path: Any) -> None:
    baseline, policy = toy_result(1, 30).members[0]
    policy = replace(policy, decisions=tuple(decision.stored() for decision in decided))
    read = read_member(write_member(tmp_path, baseline, policy))
    assert policy.decisions and read[1].decisions == policy.decisions and read[1].same_as(policy)
    assert {type(d.act) for d in policy.decisions} >= {Strike, Lift} and Retaliation in {
        type(d.reason) for d in policy.decisions
    }


def test_every_act_and_every_reason_has_words() -> None:
    apart = {"strike", "answer", "judgment"}
    assert set(words.ACTS) | apart == set(Act.known) and not apart & set(words.ACTS)
    assert set(words.REASONS) == set(Reason.known)
    for kind in ("comply", "contest", "sell", "leave", "evade"):
        assert words.act_text(Decision(DAY, "Zoom", "platforms", Answer(kind, in_effect=False))) == words.WILL[kind]
        assert words.act_text(Decision(DAY, "Zoom", "platforms", Answer(kind, in_effect=True))) == words.DID[kind]


def test_a_decision_is_told_in_words() -> None:
    huawei = (Aim("Huawei", "carrier"),)
    why = Retaliation("CN", (Aim("Cisco"), Aim("Juniper", "carrier")), "cn-ban")
    cut = Decision(DAY, "US", "retaliation", Strike("carrier_ban"), huawei, PolicyName("p", "carrier_ban"), reason=why)
    assert words.line(cut) == (
        "2020-09-20 US cuts the interconnections of Huawei: "
        "retaliation for what CN does to Cisco, Juniper (carrier) (cn-ban)"
    )
    assert cut.target_label == "Huawei (carrier)"
    firm = Decision(
        DAY, "A", "platforms", Answer("sell", in_effect=False), reason=Cheapest("law", 1.5e6, 2e9), platforms=("A", "B")
    )
    assert words.line(firm) == (
        "2020-09-20 A, B will sell: law, at a cost of US$ 1.5 million against US$ 2,000.0 million for refusing"
    )
    nobody = Decision(DAY, "RU", "sunset", Lift("RU-filter"), reason=Stated("its time was up"))
    assert words.act_text(nobody) == "lifts what it did to RU-filter", "what is aimed at nobody is named by its id"


def test_an_act_of_ones_own_is_told_and_stored_without_words_for_it() -> None:
    from dataclasses import dataclass

    @dataclass(frozen=True)
    class CallSummit(Act):
        place: str

    try:
        made = Decision(DAY, "FR", "summits", CallSummit("Paris"))
        assert words.act_text(made) == "call summit Paris"
        assert from_data(to_data(made.stored())) == made
        with pytest.raises(ValueError, match="the code 'join' is already in use"):
            type("Join", (Act,), {"__module__": "mine"})
    finally:
        del Act.known["call_summit"]


def test_codes_are_columns(decided: list[Decision]) -> None:
    baseline, policy = toy_result(1, 30).members[0]
    made = Decision(DAY, "DE", "coalition", Join("US", "CN"), (Aim("CN"),))
    table = decisions_frame([(baseline, replace(policy, decisions=(made,)))])
    assert list(table) == ["seed", *DECISION_COLUMNS]
    assert table.act[0] == "join"
    assert table.object[0] == '{"adversary": "CN", "leader": "US", "target": [{"name": "CN"}]}'
