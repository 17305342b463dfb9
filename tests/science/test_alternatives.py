"""What alternatives in use leave of a platform that opens by VPN alone, and of one that still opens."""

from __future__ import annotations

from typing import Any

import numpy as np
from conftest import AT_ONCE, NOBODY_JOINS, block, cell, scenario

from sim.experiments.pairs import run_pair

FILTER = {"technique.dpi.coverage": 1.0, "vpn.aware_share": 0.0, "vpn.aware_rate": 0.0} | AT_ONCE | NOBODY_JOINS
"""A filter that reaches everybody, in a world in which nobody learns of VPNs and nobody joins anything."""


def kept(policies: list[dict[str, Any]], substitutability: float, platform: str = "Instagram") -> float:
    """Return the share of a platform's users in Russia who are left after two months."""
    parameters = FILTER | {"choice.substitutability": substitutability}
    arm = run_pair(scenario(policies, days=60, people=2_000, parameters=parameters), 1)[1]
    users = cell(arm, "monthly_users", "RU", platform)
    return float(users[-1] / users[0])


def test_who_has_open_alternatives_gives_up_sooner_what_opens_by_vpn_alone() -> None:
    ban = [block(by="RU", targets=["Instagram"])]
    none, some, all_ = (kept(ban, share) for share in (0.0, 0.5, 0.9))
    assert none > some > all_ > 0


def test_an_alternative_that_is_closed_as_well_makes_up_for_nothing() -> None:
    one = block(by="RU", targets=["Instagram"])
    many = block(
        by="RU", targets=["Instagram", "Facebook", "Twitter", "VKontakte", "Odnoklassniki", "TikTok", "YouTube"]
    )
    assert kept([many], 0.9) > kept([one], 0.9), "there is less to turn to, so more is worth the effort"
    assert np.isclose(kept([many], 0.0), kept([one], 0.0), atol=0.05), "where nothing is an alternative, none is missed"


def test_what_still_opens_is_weighed_against_what_is_new_alone() -> None:
    slow = {
        "id": "slow",
        "instrument": "throttle",
        "by": "RU",
        "targets": ["YouTube"],
        "on": "2020-08-11",
        "share": 0.5,
    }
    found = [kept([slow], share, "YouTube") for share in (0.0, 0.9)]
    assert np.isclose(*found, atol=0.02), "hardly anything is new"
