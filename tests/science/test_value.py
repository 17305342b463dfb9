"""What alternatives leave of a platform: who keeps it by VPN, and who drops it when it is slowed."""

from __future__ import annotations

from typing import Any

import numpy as np
from conftest import AT_ONCE, NOBODY_JOINS, block, cell, scenario

from sim.experiments.pairs import run_pair

NO_NEW_VPN = {"vpn.aware_share": 0.0, "vpn.aware_rate": 0.0}
FILTER = {"technique.dpi.coverage": 1.0} | AT_ONCE


def users(policy: dict[str, Any], platform: str, parameters: dict[str, float]) -> np.ndarray:
    """Return the monthly users of a platform in Russia, day by day, against the first day [share]."""
    arm = run_pair(scenario([policy], days=60, people=2_000, parameters=parameters), 1)[1]
    found = cell(arm, "monthly_users", "RU", platform)
    return np.asarray(found / found[0])


def test_what_was_in_use_on_the_first_day_makes_nothing_dispensable() -> None:
    ban = block(by="RU", targets=["WhatsApp"])
    found = [
        users(ban, "WhatsApp", FILTER | NOBODY_JOINS | NO_NEW_VPN | {"choice.substitutability": share})
        for share in (0.0, 0.9)
    ]
    assert np.array_equal(*found), "no alternative is new, so none makes up for more than before"
    assert 0 < found[0][-1] < 1


def test_new_alternatives_with_the_same_people_replace_what_opens_by_vpn_alone() -> None:
    ban = block(by="RU", targets=["Instagram"])
    rush = FILTER | NO_NEW_VPN | {"burst.feed": 1.0, "burst.dormant_share": 0.0, "trial.keep_feed": 1.0}
    alone, replaced = (users(ban, "Instagram", rush | {"choice.substitutability": share})[-1] for share in (0.0, 1.0))
    assert replaced < 0.8 * alone


def test_what_still_opens_is_dropped_only_when_little_of_it_is_left() -> None:
    def kept(share: float) -> float:
        slow = {"id": "slow", "instrument": "throttle", "by": "RU", "targets": ["YouTube"], "on": "2020-08-11"}
        return float(users(slow | {"share": share}, "YouTube", NOBODY_JOINS | NO_NEW_VPN)[-1])

    light, heavy, heavier = kept(0.5), kept(0.9), kept(0.98)
    assert light == 1.0, "half the speed leaves more than choice.drop_below of everybody's value"
    assert 1.0 > heavy > heavier
