"""Groups of people as values: their texts and back."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import splinternet as sn
from splinternet.core.groups import Group, Partner, StatePair, Users, is_diaspora, is_family, read
from splinternet.world.build import make_world

CODE = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=2, max_size=3)
PLATFORM = st.text(min_size=1, max_size=12)


@given(CODE, CODE, PLATFORM)
@settings(deadline=None)
def test_every_value_comes_back_from_its_text(a: str, b: str, platform: str) -> None:
    assume(a != b)
    moved = Group(a, b, "diaspora")
    for value in (
        Group(a, a),
        moved,
        moved.families,
        StatePair(a, b),
        Partner(a),
        Users(a, platform),
    ):
        assert read(str(value)) == value
        if isinstance(value, Group):
            assert Group.read(str(value)) == value


@pytest.mark.parametrize(
    ("text", "value", "home", "states"),
    [
        ("US", Group("US", "US", "resident"), "US", {"US"}),
        ("US<-CN", Group("US", "CN", "diaspora"), "US", {"US", "CN"}),
        ("family:US<-CN", Group("US", "CN", "family"), "CN", {"US", "CN"}),
        ("CN:Tibetans", Group("CN", "CN", "resident", "Tibetans"), "CN", {"CN"}),
        ("IN<-CN:Tibetans", Group("IN", "CN", "diaspora", "Tibetans"), "IN", {"IN", "CN"}),
        ("family:IN<-CN:Tibetans", Group("IN", "CN", "family", "Tibetans"), "CN", {"IN", "CN"}),
    ],
)
def test_where_people_live_and_which_states_they_join(
    text: str, value: Group, home: str, states: set[str]
) -> None:
    assert (
        Group.read(text) == value
        and str(value) == text
        and value.home == home
        and value.states == states
    )
    assert (is_diaspora(text), is_family(text)) == (
        value.side == "diaspora",
        value.side == "family",
    )


@pytest.mark.parametrize(
    "text",
    ["US<-", "US<-CN<-RU", "family:US", "US<-US", "", "CN:9", "family:CN:Tibetans"],
)
def test_a_text_that_names_no_group_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"group|only residents"):
        Group.read(text)


def test_every_group_of_a_built_world_is_read_as_what_it_is() -> None:
    world = make_world(sn.load("wechat_full_block", people=1_500), 1)
    assert {g.side for g in world.groups} == {"resident", "diaspora", "family"}
    for group in world.groups:
        named = Group.read(group.label)
        assert (named.side, named.home) == (group.side, group.home)
        assert named.side == "resident" or named.residence == group.residence
