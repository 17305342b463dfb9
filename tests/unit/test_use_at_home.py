"""Figures of use that hold only where a state acts: which they are, where they hold, and what they
leave alone.
"""

from datetime import date, timedelta

import pytest

from splinternet.core.shipped import shipped, shipped_name
from splinternet.facts.history import Restriction
from splinternet.facts.loading import facts_on
from splinternet.facts.model import REST_OF_WORLD
from splinternet.facts.people import with_states
from splinternet.facts.platforms import FRESH, AtHome, use_anywhere, where_acting
from splinternet.facts.states import state_anywhere
from splinternet.facts.tables import read
from splinternet.scenario.load import load
from splinternet.text.use import use_of_targets
from tests.keep.golden import RUNS

DAY = date(2026, 2, 1)
ROWS = tuple(read(AtHome).values())
GOLDEN = {shipped_name(name) for name in RUNS}


def block(state: str, platform: str, **world):
    """Return a scenario in which a state blocks a platform on its first day."""
    order = {"id": "order", "on": DAY, "by": state, "instrument": "block", "targets": [platform]}
    return load(
        {"title": "An order", "start": DAY, "days": 30, "world": world, "policies": [order]}
    )


def test_no_figure_is_dated_while_an_order_restricted_the_platform_there() -> None:
    restricted = [row for row in read(Restriction).values() if row.technique != "calls_only"]
    for row in ROWS:
        same = (r for r in restricted if (r.state, r.platform) == (row.state, row.platform))
        assert not [
            r for r in same if r.since <= row.until and (not r.until or r.until > row.since)
        ], row


@pytest.mark.parametrize("name", sorted(shipped()))
def test_scenarios_that_are_scored_or_golden_have_none(name: str) -> None:
    spec = load(str(shipped()[name]))
    if spec.observed or name in GOLDEN:
        now, without = spec.scene.dated, where_acting(spec.scene.dated, frozenset())
        for state in now.acting:
            assert all(
                use_anywhere(state, p, now) == use_anywhere(state, p, without)
                for p in now.platforms
            ), state


def test_a_figure_that_is_too_old_is_said_with_its_day() -> None:
    order = {"id": "order", "by": "DK", "instrument": "block", "targets": ["YouTube"]}
    for start, use, said in (
        ("2027-01-01", "measured", "YouTube 75 %"),
        ("2027-06-01", "assumption", "(the measured 75 % of 29 February 2024 is too old)"),
    ):
        spec = load(
            {"title": "t", "start": start, "days": 30, "policies": [{**order, "on": start}]}
        )
        ((state, found, names),) = use_of_targets(spec)
        assert (state, found) == ("DK", use) and names.endswith(said)


def test_a_figure_holds_where_its_state_acts_and_nowhere_else() -> None:
    facts = facts_on("world-2025", DAY)
    assert use_anywhere("ZM", "Facebook", facts).basis == "assumption"
    zambia = where_acting(facts, frozenset({"ZM"}))
    users = state_anywhere("ZM", facts).internet_users.value
    assert use_anywhere("ZM", "Facebook", zambia).value == pytest.approx(
        4_111_500 * 0.9 / users, abs=1e-4
    )
    others = ("MW", "ZW", "AO", "US", "RU")
    assert all(
        use_anywhere(s, p, zambia) == use_anywhere(s, p, facts)
        for s in others
        for p in facts.platforms
    )
    assert use_of_targets(block("ZM", "Facebook")) == [("ZM", "measured", "Facebook 53 %")]
    assert use_of_targets(block("MW", "X"))[0][1] != "measured"


@pytest.mark.parametrize("state", ["ZM", "AU"])
def test_what_the_acting_state_has_more_the_rest_of_the_world_has_less(state: str) -> None:
    """So the world's total of a platform stays, but for a state in detail, whose total is its own."""
    spec, platform = block(state, "Facebook"), "Facebook"
    now, without = (
        spec.facts,
        with_states(where_acting(spec.scene.dated, frozenset()), spec.scene.states),
    )

    def users(facts, code: str) -> float:
        return facts.states[code].internet_users.value * facts.penetration[code, platform].value

    if state in spec.scene.dated.states:
        assert users(now, REST_OF_WORLD) == users(without, REST_OF_WORLD)
        assert now.penetration[state, platform].basis == "press"
    else:
        total = users(spec.scene.dated, REST_OF_WORLD)
        added = [code for code in now.states if code not in spec.scene.dated.states]
        assert sum(users(now, code) for code in (*added, REST_OF_WORLD)) == pytest.approx(
            total, rel=1e-6
        )


def test_a_figure_holds_neither_before_its_first_day_nor_years_later_nor_under_a_block() -> None:
    row = read(AtHome)["ZM", "Facebook", "2025-01-01"]
    first, last = date.fromisoformat(row.since), date.fromisoformat(row.until) + timedelta(FRESH)
    days = [first - timedelta(1), first, last, last + timedelta(1)]
    assert [row.holds_on(day) for day in days] == [False, True, True, False]
    shut = where_acting(
        facts_on("world-2025", DAY), frozenset({"IQ"})
    )  # blocks Telegram since 2023
    assert all(use_anywhere("IQ", name, shut).basis == "assumption" for name in ("Telegram",))


def test_figures_of_a_user_take_precedence() -> None:
    spec = block("ZM", "Facebook", penetration={"ZM": {"Facebook": 0.2}})
    assert use_of_targets(spec) == [("ZM", "your own figure", "Facebook 20 %")]
