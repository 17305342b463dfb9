"""Substitutes: a burst, word of mouth, trials that end; orders that reach one provider after the
other.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from conftest import block, cell, policy_arm, scenario

from splinternet.engine.model import Model
from splinternet.facts import load_facts
from splinternet.facts.model import ORDERS
from splinternet.people.setting import covers, in_force_at

VALUES = {name: quantity.value for name, quantity in load_facts().parameters.items()}


def joined(parameters: dict[str, float], **keys: str) -> np.ndarray:
    """Return those in Russia who join a messenger on each day, when WhatsApp is cut off on the
    eleventh.
    """
    ban = block(by="RU", targets=["WhatsApp"], **keys)
    spec = scenario(
        [ban], days=60, people=3_000, parameters={"technique.dpi.coverage": 1} | parameters
    )
    arm = policy_arm(spec, 1, metrics=["installs"])
    return np.asarray(
        sum(cell(arm, "installs", "RU", name) for name in ("Telegram", "Viber", "Skype"))
    )


def test_new_accounts_come_in_a_burst_and_then_by_word_of_mouth() -> None:
    usual = joined({})[:10].mean()  # of new phones
    both = joined({}) - usual
    assert both[10:13].sum() > 3 * both[20:23].sum() > 0, "the first days against later ones"
    burst = joined({"choice.join_rate": 0}) - usual
    assert burst[10:13].sum() > 0
    assert burst[40:].sum() < 0.1 * burst[10:13].sum(), (
        "without word of mouth the burst is all there is"
    )


def test_a_new_account_is_dropped_sooner_where_nobody_of_the_circle_is() -> None:
    def left(parameters: dict[str, float]) -> float:
        ban = block(by="RU", targets=["WhatsApp"], until="2020-08-25")
        arm = policy_arm(
            scenario([ban], days=60, people=3_000, parameters=parameters),
            1,
            metrics=["monthly_users"],
        )
        users = cell(arm, "monthly_users", "RU", "Telegram")
        return float(users[-1] - users[0])

    alone = {"trial.keep_messenger": 0.0, "trial.circle": 1.0}
    assert left(alone) < left({"trial.keep_messenger": 1.0})


@pytest.mark.parametrize("order", ORDERS)
def test_an_order_reaches_more_lines_every_day_and_all_by_its_deadline(order: str) -> None:
    reached = [in_force_at(order, "isp", day, None, VALUES) for day in range(60)]
    assert reached == sorted(reached)
    assert 0.97 <= reached[-1] <= 1.0
    assert in_force_at(order, "isp", 5, 5, VALUES) == 1.0


def test_a_court_is_faster_than_a_register_and_boxes_need_nobody() -> None:
    first = {order: in_force_at(order, "isp", 0, None, VALUES) for order in ORDERS}
    assert first["court"] > 0.7 > 0.2 > first["register"]
    assert (
        in_force_at("register", "dpi", 0, None, VALUES)
        == in_force_at(None, "dpi", 0, None, VALUES)
        > 0.9
    )
    assert in_force_at(None, "geoblock", 0, None, VALUES) == 1.0


def test_evasion_works_against_lists_and_hardly_against_boxes() -> None:
    isp, dpi = (covers(None, technique, 0.9, VALUES) for technique in ("isp", "dpi"))
    left = 1.0 - 0.9 * VALUES["technique.isp.evaded"]
    assert isp == pytest.approx(left * VALUES["technique.isp.coverage"])
    assert dpi > 0.8
    assert covers("court", "isp", 0.0, VALUES) > covers("register", "isp", 0.0, VALUES)


def test_who_has_found_something_that_fills_the_time_does_not_look_on() -> None:
    """Five months after WhatsApp was cut off, those who lost it use one messenger more, not all
    that are open.
    """
    q = {
        "technique.dpi.coverage": 1,
        "fear.principle": 1,
        "choice.join_rate": 0.4,
        "burst.messenger": 0.2,
    }
    model = Model(
        scenario([block(by="RU", targets=["WhatsApp"])], days=150, people=2_000, parameters=q),
        collect=False,
    )
    model.run_for(150)
    names, people = model.setting.platforms, model.person
    bits = {
        name: 1 << names.index(name)
        for name in ("WhatsApp", "Telegram", "Viber", "Skype", "Signal", "imo")
    }
    whatsapp = bits.pop("WhatsApp")
    losers = (people["state"] == model.setting.states.index("RU")) & (
        people["first_member"] & whatsapp != 0
    )
    new = people["using"][losers] & ~people["first_member"][losers]
    found = sum((new & bit != 0).astype(int) for bit in bits.values())
    assert found.mean() < 1.5 < len(bits)
    assert (found > 0).mean() > 0.4


def test_who_loses_short_videos_takes_up_no_messenger() -> None:
    def new(platforms: Sequence[str], power: float) -> float:
        q = {"technique.dpi.coverage": 1, "fear.principle": 1, "choice.closeness_power": power}
        arm = policy_arm(
            scenario([block(targets=["TikTok"])], days=60, people=3_000, parameters=q),
            1,
            ["monthly_users"],
        )
        users = sum(cell(arm, "monthly_users", "US", name) for name in platforms)
        return float(users[-1] - users[0])

    messengers, feeds = (
        ("WhatsApp", "Messenger", "Telegram", "Signal"),
        ("Instagram", "Snapchat", "Pinterest", "Twitter"),
    )
    assert new(messengers, 2.0) < 0.5 * new(messengers, 1.0)
    assert new(messengers, 2.0) < 0.1 * new(feeds, 2.0)


def test_a_platform_that_works_again_regains_its_users_over_weeks() -> None:
    ban = block(by="RU", targets=["Instagram"], until="2020-09-20")
    spec = scenario(
        [ban], days=90, people=3_000, parameters={"technique.dpi.coverage": 1, "fear.principle": 1}
    )
    users = cell(policy_arm(spec, 1, metrics=()), "active_users", "RU", "Instagram")
    day = 50
    assert users[day - 1] < users[day] < users[day + 7] < users[day + 30] < users[0]
