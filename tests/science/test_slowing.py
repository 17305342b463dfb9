"""Speed: people notice a slow-down, or do not, whatever its cause."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from conftest import Keys, cell, scenario

from splinternet.experiments.pairs import run_pair
from splinternet.people.setting import first_access
from splinternet.world.law import access_under, docket_of
from splinternet.world.scenario_setting import make_setting

ON = "2020-08-11"
CABLES = {
    "id": "cables",
    "by": "AU",
    "instrument": "cable_ban",
    "cables": ["Southern Cross", "Hawaiki", "INDIGO-West", "Australia Singapore Cable"],
    "on": ON,
}
"""Slows everything that crosses the border of Australia, and a little that of Indonesia, and cuts
nobody off.
"""


def speed_under(policies: list[Keys], **parameters: float) -> np.ndarray:
    """Return the speed under some policies after nine days, shape (states, platforms)."""
    setting = make_setting(scenario(policies, parameters=parameters))
    today = docket_of(scenario(policies).policies, date(2020, 8, 20))
    return access_under(today, first_access(setting), setting).speed


def throttle(share: float, **keys: Any) -> Keys:
    return (
        dict(id="slow", instrument="throttle", by="RU", targets=["YouTube"], on=ON, share=share)
        | keys
    )


def as_throttles(policies: list[Keys]) -> list[Keys]:
    """Return throttles that take as much speed as some policies do, one for each state and speed."""
    setting, speed = (
        make_setting(scenario(policies)),
        speed_under(policies, **{"choice.speed_unnoticed": 0.0}),
    )
    found = []
    for s in np.flatnonzero((speed < 1).any(axis=1)):
        for left in np.unique(speed[s][speed[s] < 1]):
            targets = [name for p, name in enumerate(setting.platforms) if speed[s, p] == left]
            keys = {"id": f"slow-{len(found)}", "by": setting.states[s], "targets": targets}
            found.append(throttle(1.0 - float(left), **keys))
    return found


def test_routes_and_throttles_that_take_the_same_speed_have_the_same_effect_on_use() -> None:
    # Both scenarios name the same policies, so that they have the same states and people; one cause
    # does nothing.
    idle, later = (
        [policy | {"share": 0.0} for policy in as_throttles([CABLES])],
        CABLES | {"on": "2021-08-11"},
    )
    slow = as_throttles([CABLES, *idle])
    assert {policy["by"] for policy in slow} == {"AU", "ID"}
    no_vpn = {
        "parameters": {"vpn.aware_share": 0.0, "vpn.aware_rate": 0.0},
        "world": {"vpn_share": {"AU": 0.0, "ID": 0.0}},
    }  # a VPN goes round a throttle and not round a crowded border
    by_routes, by_law = [CABLES, *idle], [later, *slow]
    np.testing.assert_allclose(speed_under(by_routes), speed_under(by_law), rtol=1e-12)
    found = [
        run_pair(scenario(policies, people=1_500, days=30, **no_vpn), 1, metrics=())
        for policies in (by_routes, by_law)
    ]
    used = [[cell(arm, "active_users", "AU", "YouTube") for arm in pair] for pair in found]
    np.testing.assert_array_equal(used[0], used[1])
    assert used[1][1][-1] < used[1][0][-1]


@pytest.mark.parametrize("instrument", ["throttle", "local_representative", "transaction_ban"])
def test_every_law_that_slows_does_so_beyond_the_threshold_alone(instrument: str) -> None:
    policy = throttle(0.2, instrument=instrument)
    if instrument != "throttle":
        policy.pop("share")
    if instrument == "local_representative":
        policy["ladder"] = [{"on": ON, "sanction": "throttle", "share": 0.2}]
    run_down = {"transaction_ban.speed": 0.8, "transaction_ban.ramp_days": 1.0}
    assert (speed_under([policy], **run_down) == 1).all()
    assert speed_under(
        [policy], **run_down, **{"choice.speed_unnoticed": 0.1}
    ).min() == pytest.approx(0.8 / 0.9)


def test_a_throttle_that_nobody_notices_changes_nothing_and_a_stronger_one_does() -> None:
    light, heavy = (
        run_pair(scenario([throttle(share)], people=1_000, days=30), 1, metrics=())
        for share in (0.2, 0.9)
    )
    assert np.array_equal(light[0].arrays["active_users"], light[1].arrays["active_users"])
    used = cell(heavy[1], "active_users", "RU", "YouTube")[-1]
    assert used < cell(heavy[0], "active_users", "RU", "YouTube")[-1]


def test_some_lines_or_modes_slowed_unnoticeably_count_as_full() -> None:
    setting = make_setting(scenario())
    need = setting.parameters["throttle.need_video"]
    for keys in ({"coverage": 0.5}, {"share": None, "rate_kbps": 0.81 * need}):
        assert (speed_under([throttle(0.2) | keys]) == 1).all()
    assert speed_under([throttle(0.9, coverage=0.5)]).min() < 1
