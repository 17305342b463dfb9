"""Decisions are values: their words decide nothing, and what is stored is what was decided."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from splinternet.decisions import (
    Act,
    Aim,
    Answer,
    Decision,
    PolicyName,
    Reason,
    from_data,
    to_data,
)
from splinternet.text import decisions as words

DAY = date(2020, 9, 20)
OF_TYPE: dict[Any, Any] = {
    str: st.text(max_size=12),
    bool: st.booleans(),
    int: st.integers(),
    float: st.floats(allow_nan=False, allow_infinity=False),
    tuple[str, ...]: st.lists(st.text(max_size=6), max_size=3).map(tuple),
    tuple[Aim, ...]: st.lists(
        st.builds(Aim, st.text(max_size=6), st.sampled_from(["", "cloud"])), max_size=3
    ).map(tuple),
}


def any_of(known: dict[str, type[Any]]) -> st.SearchStrategy[Any]:
    """Return acts or reasons of every kind, with anything in them that they can hold."""
    return st.one_of(
        [st.builds(kind, *(OF_TYPE[part.type] for part in fields(kind))) for kind in known.values()]
    )


def decisions() -> st.SearchStrategy[Decision]:
    return st.builds(
        Decision,
        day=st.dates(),
        who=st.sampled_from(["US", "TikTok, the app"]),
        behaviour=st.just("targets"),
        act=any_of(Act.known),
        target=OF_TYPE[tuple[Aim, ...]],
        policy=st.one_of(
            st.none(), st.builds(PolicyName, st.text(min_size=1, max_size=8), st.text(max_size=8))
        ),
        cause=st.text(max_size=8),
        scores=st.dictionaries(
            st.text(max_size=4), st.floats(allow_nan=False, allow_infinity=False), max_size=3
        ),
        reason=any_of(Reason.known),
    )


@given(st.lists(decisions(), max_size=3))
@settings(deadline=None, max_examples=25)
def test_what_is_stored_is_what_was_decided(made: list[Decision]) -> None:
    kept = tuple(decision.stored() for decision in made)
    assert tuple(from_data(json.loads(json.dumps(to_data(decision)))) for decision in kept) == kept


def test_every_act_and_every_reason_has_words() -> None:
    apart = {"strike", "demand", "answer", "judgment"}
    assert set(words.ACTS) | apart == set(Act.known) and not apart & set(words.ACTS)
    assert set(words.REASONS) == set(Reason.known)
    for kind in ("comply", "contest", "sell", "leave", "evade"):
        for in_effect, said in enumerate(words.ANSWERS[kind]):
            answer = Answer(kind, in_effect=bool(in_effect))
            assert words.act_text(Decision(DAY, "Zoom", "platforms", answer)) == said


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
