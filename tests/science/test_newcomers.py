"""Newcomers: how many there are per person who looks for a platform, and who follows them."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import block, cell, policy_arm, scenario

from splinternet.people.kernel_types import PLATFORM
from splinternet.people.substitution import newcomers_share

ALIKE, FAR = 0.8, 0.2


def platforms() -> np.ndarray:
    """Return two platforms of one kind and one of another kind, a quarter as close."""
    rows = np.zeros(3, PLATFORM)
    rows["kind"] = [0, 0, 1]
    rows["closeness"][:, :2] = [[ALIKE, FAR], [ALIKE, FAR], [FAR, ALIKE]]
    return rows


def test_newcomers_count_against_those_who_look_for_such_a_platform() -> None:
    losers = np.array([[100.0, 0, 0], [0, 0, 0], [0, 0, 1_000]])
    newcomers = np.array([[0.0, 10, 5], [0, 7, 0], [0, 10, 2_000]])
    expected = [
        [0, 0.1, 5 / 25],  # of a hundred who miss the first, a quarter look for the other kind
        [0, 0, 0],  # nobody misses anything
        [0, 10 / 250, 1],  # at most all
    ]
    assert newcomers_share(newcomers, losers, platforms()) == pytest.approx(np.array(expected))


def gained(platform: str = "Viber", /, **parameters: float | str) -> np.ndarray:
    """Return how many in Russia use a platform more than on the first day, when WhatsApp is cut off on the eleventh."""
    fixed = {"technique.dpi.coverage": 1, "fear.principle": 1, "choice.join_rate": 0}
    changed = {f"wave.{name}": value for name, value in parameters.items()}
    spec = scenario([block(by="RU", targets=["WhatsApp"])], days=40, people=3_000, parameters=fixed | changed)
    users = cell(policy_arm(spec, 1, ["monthly_users"]), "monthly_users", "RU", platform)
    return np.asarray(users - users[0])


def test_newcomers_bring_more_newcomers() -> None:
    alone, followed = gained(rate=0, news=0), gained(rate=0.5, news=0)
    assert alone[:10] == pytest.approx(followed[:10])
    assert followed.max() > 1.1 * alone.max() > 0


def test_the_news_of_newcomers_makes_a_platform_known() -> None:
    assert gained("Signal", rate=0, news=50).max() > 1.2 * gained("Signal", rate=0, news=0).max() > 0
    assert gained("Viber", rate=0, news=50) == pytest.approx(gained("Viber", rate=0, news=0)), "all know it already"


def test_nobody_follows_who_needs_more_newcomers_than_there_are() -> None:
    most = {"rate": 0.5, "news": 0, "rule": "threshold"}
    assert gained(**most, threshold=0.05).max() > gained(**most, threshold=1).max()
