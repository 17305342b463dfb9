"""The picture of the evidence page: its title counts what the table of forecasts holds, and every
figure has a mark.
"""

from __future__ import annotations

from types import ModuleType

import pytest
from scripts import script


@pytest.fixture(scope="module")
def scoreboard() -> ModuleType:
    return script("pages/scoreboard.py")


def test_the_title_counts_hits_and_misses(scoreboard: ModuleType) -> None:
    hit = {
        "kind": "kept",
        "observed": 0.5,
        "tolerance": 0.1,
        "median": 0.55,
        "low": 0.4,
        "high": 0.6,
    }
    wide = {
        "kind": "vpn",
        "observed": 0.5,
        "tolerance": 0.01,
        "median": 0.55,
        "low": 0.4,
        "high": 0.6,
    }
    miss = {
        "kind": "decay",
        "observed": 0.5,
        "tolerance": 0.1,
        "median": 0.9,
        "low": 0.8,
        "high": 1.0,
    }
    said = scoreboard.title([hit, wide, miss])
    assert (
        "of 3 observed figures, 1 medians lie within" in said
        and "2 figures lie within the range" in said
    )
    counts = [len(axes.lines) for axes in scoreboard.draw([hit, wide, miss]).axes]
    assert counts == [3, 1, 3, 3], (
        "the diagonal of each panel, and a line and a mark for each figure"
    )


def test_every_stored_forecast_is_drawn(scoreboard: ModuleType) -> None:
    rows = scoreboard.forecasts()
    assert len(rows) > 50
    drawn = sum((len(axes.lines) - 1) // 2 for axes in scoreboard.draw(rows).axes)
    assert drawn == len(rows)
