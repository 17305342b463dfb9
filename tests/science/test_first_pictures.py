"""Every shipped scenario runs into its orders with finite results, and nothing collapses in the
picture of its report's first screen.
"""

from __future__ import annotations

import pytest
from first_pictures import days_of, runs_and_has_room
from test_scenarios import NULL

import splinternet as sn
from splinternet.core.shipped import shipped
from tests.keep import golden

LOOKED_AT = {
    **{name: size["days"] for name, size in golden.RUNS.items()},
    **dict.fromkeys(NULL, 200),
}
"""Scenarios whose picture other tests look at, after so many days."""
LEFT = [
    name
    for name in sorted(shipped())
    if name not in LOOKED_AT or days_of(sn.load(name)) > LOOKED_AT[name]
]


@pytest.mark.parametrize("name", LEFT)
def test_it_runs_and_its_first_picture_has_room_for_each_panel(name: str) -> None:
    spec = sn.load(name)
    runs_and_has_room(sn.run(spec, people=1_000, days=days_of(spec), seeds=1, jobs=1))
