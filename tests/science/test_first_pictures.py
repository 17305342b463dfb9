"""Every shipped scenario runs into its orders with finite results, and nothing collapses in the
picture of its report's first screen.
"""

from __future__ import annotations

import pytest
from first_pictures import days_of, runs_and_has_room

import splinternet as sn
from splinternet.core.shipped import shipped
from tests.keep import golden


@pytest.mark.parametrize("name", sorted(shipped()))
def test_it_runs_and_its_first_picture_has_room_for_each_panel(name: str) -> None:
    """`tests.keep` looks at runs of its own that are as long."""
    days = days_of(sn.load(name))
    if days > golden.RUNS.get(name, {"days": 0})["days"]:
        runs_and_has_room(sn.run(sn.load(name, people=1_000, days=days), seeds=1, jobs=1))
