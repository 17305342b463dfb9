"""Newcomers: how many there are per person who looks for a platform, and who follows them."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import block, cell, policy_arm, scenario

from splinternet.facts.platforms import languages_of, scope_of
from splinternet.people.kernel_types import PLATFORM
from splinternet.people.substitution import newcomers_share

ALIKE, FAR = 0.8, 0.2


def platforms() -> np.ndarray:
    """Return two platforms of one kind and one of another kind, which pulls a quarter as much."""
    rows = np.zeros(3, PLATFORM)
    rows["kind"] = [0, 0, 1]
    rows["pull"][:, :2] = [[ALIKE, FAR], [ALIKE, FAR], [FAR, ALIKE]]
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
    """Return how many in Russia use a platform more than on the first day, when WhatsApp is cut off
    on the eleventh.
    """
    fixed = {"technique.dpi.coverage": 1, "fear.principle": 1, "choice.join_rate": 0}
    changed = {f"wave.{name}": value for name, value in parameters.items()}
    spec = scenario(
        [block(by="RU", targets=["WhatsApp"])], days=40, people=3_000, parameters=fixed | changed
    )
    users = cell(policy_arm(spec, 1, ["monthly_users"]), "monthly_users", "RU", platform)
    return np.asarray(users - users[0])


def test_newcomers_bring_more_newcomers() -> None:
    alone, followed = gained(rate=0, news=0), gained(rate=0.5, news=0)
    assert alone[:10] == pytest.approx(followed[:10])
    assert followed.max() > 1.1 * alone.max() > 0


def test_the_news_of_newcomers_makes_a_platform_known() -> None:
    assert (
        gained("Signal", rate=0, news=50).max() > 1.2 * gained("Signal", rate=0, news=0).max() > 0
    )
    assert gained("Viber", rate=0, news=50) == pytest.approx(gained("Viber", rate=0, news=0)), (
        "all know it already"
    )


def test_nobody_follows_who_needs_more_newcomers_than_there_are() -> None:
    most = {"rate": 0.5, "news": 0, "rule": "threshold"}
    assert gained(**most, threshold=0.05).max() > gained(**most, threshold=1).max()


def taken_up(platform: str, share: float, people: int = 2_000, **parameters: float) -> float:
    """Return how many in the United States use a platform more, a month after the large messengers
    are cut off.

    ``share`` of the people there use it before.
    """
    world = {"penetration": {"US": {platform: share}}}
    ban = block(targets=["WhatsApp", "Messenger", "Facebook", "iMessage"])
    q = {"technique.dpi.coverage": 1, "fear.principle": 1} | parameters
    spec = scenario([ban], days=40, people=people, world=world, parameters=q)
    users = cell(policy_arm(spec), "monthly_users", "US", platform)
    return float(users[-1] - users[0])


def test_nobody_takes_up_what_opens_no_account_with_a_number_of_the_state() -> None:
    """Of two apps in the same language, used by as many, one asks for a number of China, Hong Kong,
    Macao or Taiwan.
    """
    assert scope_of("DingTalk").speaks(languages_of("US")) and not scope_of(
        "DingTalk"
    ).takes_numbers_of("US")
    assert taken_up("DingTalk", 0.05) <= 0 < taken_up("WeChat", 0.05)


def test_nobody_discovers_what_next_to_nobody_around_uses() -> None:
    """Known to few and used by fewer, it takes off on the news of its newcomers, unless nobody
    comes across it.
    """
    least = {"wave.news": 80, "wave.rate": 0.8, "kin.known_use": 0.005}
    seen, unseen = (
        taken_up("LINE", 0.0008, **least, **{"choice.least_use": bar}) for bar in (0, 0.001)
    )
    assert seen > 0 and unseen < 0.2 * seen
    many = [taken_up("LINE", 0.02, **least, **{"choice.least_use": bar}) for bar in (0, 0.001)]
    assert many[0] == pytest.approx(many[1], rel=0.02) and many[0] > 0, (
        "what is used around gains as before"
    )
