"""Groups that nothing has reached sleep: nobody in them is looked at, and no result differs."""

from __future__ import annotations

import math

import numba
import numpy as np

from splinternet.core.chance import Purpose, stream, uniform_plain
from splinternet.engine.model import Model
from splinternet.people.choice import next_look

BLOCK = dict(id="cut", instrument="block", by="RU", targets=["Instagram"], technique="dpi")
SMALL = {"title": "sleep", "start": "2020-08-01", "days": 40, "people": 4_000}


def test_everybody_sleeps_in_a_world_without_policies() -> None:
    model = Model(SMALL, collect=False)
    planned = model.agenda.wake.copy()
    model.run_for(40)
    assert not model.agenda.active.any()
    assert np.array_equal(model.agenda.wake, planned) and (planned < model.day).any()


def test_people_who_are_reached_wake_their_group_and_the_others_sleep_on() -> None:
    model = Model(SMALL | {"policies": [BLOCK | {"on": "2020-08-06"}]}, collect=False)
    model.run_for(5)
    assert not model.agenda.active.any(), "nothing has happened yet"
    model.run_for(35)
    agenda = model.agenda
    russia = model.setting.states.index("RU")
    assert agenda.active[model.group_table.state == russia].all()
    assert agenda.active[agenda.group[agenda.circle_changed != 0]].all()
    assert not agenda.active.all()
    assert not model.person["seen"][agenda.active[agenda.group] == 0].any(), (
        "somebody who sleeps was visited"
    )


def test_reviews_that_were_passed_over_are_those_of_somebody_who_was_followed_day_by_day() -> None:
    model = Model(SMALL, collect=False)
    mean, agenda = model.rules["choice_review_days"], model.agenda
    look = numba.njit(lambda i, day, mean, agenda: next_look(i, day, mean, agenda))
    for i in range(50):
        dates = [int(agenda.wake[i])]
        while dates[-1] < 40:
            u = uniform_plain(stream(model.member_seed, Purpose.REVIEW, dates[-1]), i)
            dates.append(dates[-1] + 1 + int(-math.log(1.0 - u) * mean))
        for day in range(40):
            assert look(i, day, mean, agenda) == next(date for date in dates if date >= day)
