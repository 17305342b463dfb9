"""Relations that change: how alike states vote moves how close they are, from one year to the next."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from test_statecraft import struck, toy

import splinternet as sn
from splinternet.actors.agents import StatesAlone
from splinternet.decisions import Decision
from splinternet.facts.relations import Votes, votes_by_year
from splinternet.facts.tables import read

WEIGHT = 0.2
PAIRS = (("RU", "US"), ("PH", "US"), ("CN", "RU"))


def in_2020(*more: str) -> StatesAlone:
    """Return the states of 2020 and a few more, on no day yet."""
    spec = dict(
        title="votes", start="2020-08-01", days=1, world={"states": {code: {} for code in more}}
    )
    return StatesAlone(sn.load(spec | {"parameters": {"imitation.votes": WEIGHT}}))


def close_on(model: StatesAlone, day: date) -> np.ndarray:
    """Return how close states are on a day."""
    model.day = (day - model.spec.start).days
    return model.outlook.close_today()


def test_the_table_has_whole_rows_of_known_states_and_its_widest_distance_is_one() -> None:
    rows = read(Votes)
    assert len(rows) == 193, "the members of the United Nations"
    by_year = votes_by_year(rows)
    assert min(by_year) == 2005 and max(by_year) == max(
        row.first + len(row.points) - 1 for row in rows.values()
    )
    seen = [points[~np.isnan(points)] for points in by_year.values()]
    assert max(np.ptp(points) for points in seen) == pytest.approx(1.0)
    assert not {"TW", "PS", "HK"} & set(rows), "without a vote of their own"


def test_a_state_that_has_lost_its_vote_keeps_its_last_point() -> None:
    by_year = votes_by_year(["VE"])
    row = read(Votes)["VE"]
    assert (
        by_year[2024][0]
        == by_year[2021][0]
        == pytest.approx(by_year[2020][0] * row.points[-1] / row.points[-2])
    )


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_two_states_are_as_close_as_the_table_says_from_the_next_year_on(
    one: str, other: str
) -> None:
    model, rows = in_2020("PH"), read(Votes)
    s = model.outlook.situation
    a, b = s.states.index(one), s.states.index(other)
    every = [
        np.array(
            [
                row.points[y - row.first]
                for row in rows.values()
                if 0 <= y - row.first < len(row.points)
            ]
        )
        for y in range(2005, 2025)
    ]
    widest = max(np.ptp(points) for points in every)
    for year in (2017, 2021, 2022):
        apart = abs(rows[one].points[year - 2005] - rows[other].points[year - 2005])
        expected = (1 - WEIGHT) * model.outlook.close[a, b] + WEIGHT * (1 - apart / widest)
        for day in (date(year + 1, 1, 1), date(year + 1, 12, 31)):
            assert close_on(model, day)[a, b] == pytest.approx(expected)


def test_votes_are_not_known_before_their_year_ends_and_the_last_ones_go_on() -> None:
    model = in_2020()
    assert np.array_equal(close_on(model, date(2025, 6, 1)), close_on(model, date(2030, 6, 1)))
    assert not np.array_equal(close_on(model, date(2024, 6, 1)), close_on(model, date(2025, 6, 1)))
    first = min(model.outlook.situation.votes)
    assert close_on(model, date(first, 12, 31)) is model.outlook.close, (
        "no votes of an earlier year"
    )


def test_where_a_state_has_no_vote_the_other_three_parts_have_all_the_weight() -> None:
    model = in_2020()
    s, close = model.outlook.situation, close_on(model, date(2022, 6, 1))
    without = s.states.index("HK")
    assert np.array_equal(close[without], model.outlook.close[without])
    assert np.array_equal(close[:, without], model.outlook.close[:, without])
    assert not np.isnan(close).any() and close.max() <= 1.0


def test_who_votes_with_the_first_state_from_a_year_on_copies_it_from_the_next_year_on() -> None:
    """With all weight on votes, a state that voted the other way copies nothing; the year after it
    turned, it does.
    """
    one = np.array([0.5, -0.5, -0.5, -0.5])
    turned = np.array([0.5, -0.5, 0.5, -0.5])

    def copied(votes: dict[int, np.ndarray]) -> list[Decision]:
        keys = {"imitation.votes": 1.0, "imitation.rate": 5.0, "imitation.strength": 2.0}
        arm = struck(
            replace(toy(), votes=votes), behaviour={"imitation": True}, days=900, parameters=keys
        )
        return [d for d in arm.decisions if d.who == arm.outlook.situation.states[2]]

    assert copied({2019: one, 2020: one}) == []
    late = copied({2019: one, 2020: turned})
    assert late and min(d.day for d in late) >= date(2021, 1, 1)
    assert late[0].scores["closeness"] == pytest.approx(1.0)
    assert min(d.day for d in copied({2019: turned})) < date(2021, 1, 1)
