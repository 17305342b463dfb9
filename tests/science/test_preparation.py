"""Notice: families who know what is coming agree on another channel beforehand, and lose less
contact for it.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from conftest import AT_ONCE, NOBODY_JOINS, Keys, block, scenario
from test_announcement import announced, table
from test_instruments import setting_of

from splinternet.engine.model import Model
from splinternet.world.build import make_world

SHUT = {"technique.dpi.coverage": 1, "technique.dpi.vpn_share": 0} | AT_ONCE | NOBODY_JOINS
NOBODY_AGREES = ("choice.invite_acceptance", "choice.late_acceptance")
A_YEAR, DAYS_45, A_DAY = "2020-08-11", "2021-06-27", "2021-08-10"


@cache
def lost(known: str | None, *without: str) -> tuple[int, int]:
    """Return pair-days without a channel, and most pairs without on a day, under a full block of 11
    August 2021.

    ``known`` is the day of its announcement; the parameters ``without`` are 0.
    """
    ban = block(on="2021-08-11") | ({"announced": known} if known else {})
    parameters = SHUT | dict.fromkeys(without, 0.0)
    model = Model(
        scenario([ban], start="2020-08-05", days=420, people=2_500, parameters=parameters),
        collect=False,
    )
    g = [group.label for group in model.world.groups].index("US<-CN")
    chinese, daily = (model.kin.group[:, 0] == g) & (model.kin.first != 0), []
    for _ in range(420):
        model.step()
        daily.append(int((model.kin.channels[chinese] == 0).sum()))
    return sum(daily), max(daily)


def test_notice_spares_contact_and_the_more_the_longer_it_is() -> None:
    (year_days, year_peak), (days, peak), (day_days, day_peak) = (
        lost(A_YEAR),
        lost(DAYS_45),
        lost(A_DAY),
    )
    assert year_days <= days < day_days
    assert year_peak <= peak < day_peak


def test_notice_is_nothing_to_families_who_agree_on_nothing() -> None:
    assert lost(A_YEAR, *NOBODY_AGREES) == lost(None, *NOBODY_AGREES)


def test_without_plans_notice_leaves_the_first_day_as_it_is() -> None:
    """Telephone numbers alone are exchanged: they help to meet again, and spare nobody the loss."""
    assert lost(A_YEAR, "announcement.plan_share")[1] == lost(None)[1]


def test_the_share_that_plans_is_the_stated_one_after_45_days() -> None:
    parameters = dict.fromkeys(
        ("kin.elder_needs_helper", "kin.young_needs_helper", "kin.household_correlation"), 0.0
    )
    for days in (3.0, 30.0):
        changed = parameters | {"announcement.plan_share": 0.3, "announcement.plan_days": days}
        plan = make_world(scenario([block()], people=6_000, parameters=changed), 1).bonds.plan
        assert np.mean(plan <= 45) == pytest.approx(0.3, abs=0.025)
        in_time = -np.expm1(-days / days) / -np.expm1(-45 / days)
        assert np.mean(plan <= days) == pytest.approx(0.3 * in_time, abs=0.025), "an exponential"


def test_more_families_plan_where_more_would_and_none_sooner_where_help_is_far() -> None:
    def leads(**changed: float) -> np.ndarray:
        parameters = {name.replace("__", "."): value for name, value in changed.items()}
        return make_world(scenario([block()], people=2_000, parameters=parameters), 1).bonds.plan

    for less, more in pairwise(
        [leads(announcement__plan_share=share) for share in (0.0, 0.1, 0.4)]
    ):
        assert (more <= less).all() and (more < less).any()
    near, far = leads(kin__helper_days=3), leads(kin__helper_days=60)
    assert (far >= near).all() and (far > near).any()


def coming(*found: Keys, today: date) -> float:
    us, p = setting_of().states.index("US"), setting_of().platforms.index("WeChat")
    return float(table(*found, today=today).coming[us, p])


def test_what_has_a_date_is_coming_until_it_ends_and_a_bare_threat_is_not() -> None:
    before, known, force = date(2020, 8, 4), date(2020, 9, 1), date(2020, 9, 25)
    ban = announced("transaction_ban", "US", "WeChat")
    assert [coming(ban, today=day) for day in (before, known, force)] == pytest.approx(
        [0.0, 1.0, 1.0]
    )
    bare = {name: value for name, value in ban.items() if name != "on"}
    assert coming(bare, today=known) == 0.0
    stay = dict(
        id="stay", instrument="injunction", by="US", policy="transaction_ban", on="2020-09-19"
    )
    assert coming(ban, stay, today=known) == pytest.approx(1.0)
    assert coming(ban, stay, today=force) == 0.0
    licence = announced("exemption", "US", policy="transaction_ban")
    assert coming(ban, licence, today=known) == 0.0
