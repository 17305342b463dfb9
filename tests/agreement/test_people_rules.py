"""A rule of a user's own for people gives the same days in the fast engine and in the plain Mesa
model, bit for bit.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from phase_views import Seen, live
from reference import Twin
from test_reference import check_counts, check_people

import splinternet as sn
from splinternet.changes import using
from splinternet.engine.steps import schedule_with
from splinternet.world.build import make_world

WALL = {
    "id": "wall",
    "instrument": "block",
    "by": "RU",
    "targets": ["Instagram"],
    "on": "2020-08-08",
}


class Everything(sn.PeopleRule):
    """People do all that a rule can propose, some of them each."""

    def decide(self, people: Any, today: Any) -> Any:
        proposals, draw = people.proposals(), today.chance()
        users = people.affected("Instagram")
        proposals.keep(
            users[people.circle_share("Instagram", users, of="holds") >= 0.5], "Instagram"
        )
        proposals.drop((today.chance("VKontakte") < 0.01) & people.holds("VKontakte"), "VKontakte")
        proposals.adopt(
            (draw < 0.02) & people.lives_in("RU") & ~people.holds("Telegram"), "Telegram"
        )
        proposals.adopt((today.luck("Viber") < 0.3) & (draw > 0.8) & people.lives_in("TR"), "Viber")
        proposals.take_vpn(people.fails("Instagram") & (draw > 0.97) & people.opens("WhatsApp"))
        proposals.tell(users[draw[users] > 0.9], "VPN")
        proposals.keep((people.age < 30) & people.fails("Instagram"), "Instagram")
        proposals.tell((draw > 0.995) & people.is_kin_abroad(), "Signal")
        proposals.phone((draw > 0.999) & people.is_kin_abroad())
        proposals.agree((draw < 0.01) & people.is_kin_abroad(), "Telegram")
        proposals.agree((draw > 0.99) & people.lives_in("RU"), "Viber")
        proposals.take_vpn(people.kin_of(people.fails("Instagram") & (draw < 0.01)))
        return proposals


KEYS = {"title": "rules", "start": "2020-08-01", "people": 1_000, "days": 24, "policies": [WALL]}


def test_the_engine_and_the_plain_model_live_through_the_same_days() -> None:
    with using(behaviours=[Everything]):
        agreed = 0
        built = make_world(sn.load({**KEYS, "behaviour": {"everything": True}}), 1)
        engine, twin = sn.Model(built.spec, world=built, rng=1, collect=False), Twin(built)
        joined, told, held = 0, 0, np.zeros(len(twin.people), np.int64)
        for day in range(built.spec.days):
            engine.step()
            twin.step()
            check_counts(engine, twin)
            if day % 10 == 3:
                check_people(engine, twin)
                np.testing.assert_array_equal(
                    engine.person["aware"], [p.is_aware for p in twin.people]
                )
            agreed += int((engine.kin.agreed >= 0).sum())
            joined += int(engine.counts.joined.sum())
            told += int(engine.person["aware"].sum())
            held |= engine.person["member"]
    # Each kind of proposal has shown: people who gave up what was never closed, new users, new
    # holders of a VPN.
    platforms = built.setting.platforms
    bit = {name: 1 << platforms.index(name) for name in ("VKontakte", "Viber", "Telegram")}
    assert (engine.person["lapsed"] & bit["VKontakte"] != 0).any()
    assert engine.kin.rings.any() and agreed > 100
    assert joined and told and (engine.person["vpn"] == 2).any()
    new = held & ~engine.person["first_member"]
    assert (new & bit["Viber"] != 0).any() and (new & bit["Telegram"] != 0).any()


def test_the_phase_of_a_rule_touches_only_what_its_row_names() -> None:
    with using(behaviours=[Everything]):
        spec = sn.load({**KEYS, "days": 10, "behaviour": {"everything": True}})
        seen = Seen()
        live(spec, 1, seen, schedule_with([Everything]))
    assert (
        seen.writes["everything"] == {"proposals", "proposed"}
        and "people" in seen.reads["everything"]
    )


def test_the_plain_model_refuses_a_place_in_the_day_that_it_does_not_have() -> None:
    class Late(Everything):
        """The same, at the end of the day."""

        after = "contact"

    spec = {
        "title": "late",
        "start": "2020-08-01",
        "people": 1_000,
        "days": 5,
        "behaviour": {"late": True},
    }
    with using(behaviours=[Late]):
        assert [phase.name for phase in sn.Model(spec, collect=False).schedule].index("late") == 7
        with pytest.raises(
            sn.InputError, match=r"test_people_rules\.py:\d+:1: late comes after contact.*sn\.Model"
        ):
            Twin(spec)
