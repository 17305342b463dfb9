"""Taking access away never raises contact across a border beyond chance: studies/removals.py
tries all.
"""

from __future__ import annotations

import pytest
from scripts import script

from splinternet.scenario import load

STUDY = script("studies/removals.py")
MOST_RISE, changes, only_takes_away = STUDY.MOST_RISE, STUDY.changes, STUDY.only_takes_away


@pytest.mark.parametrize(
    "name, days",
    [
        ("wechat_full_block", 90),
        ("national_shutdown", 40),
        ("cases/tr_instagram_2024", 40),
        ("russia_cut_off", 40),
    ],
)
def test_contact_across_borders_never_rises(name: str, days: int) -> None:
    spec = load(name, people=2_000, days=days)
    assert only_takes_away(spec)
    change = changes(spec, 1)
    assert change.max() <= MOST_RISE
    assert change.min() < -MOST_RISE, "and falls"


@pytest.mark.parametrize(
    "name", ["wechat_with_bridge", "wechat_with_exemption", "baseline_2020", "the_battle"]
)
def test_what_gives_access_is_left_out(name: str) -> None:
    assert not only_takes_away(load(name))
