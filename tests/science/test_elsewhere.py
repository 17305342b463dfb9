"""What people use besides the platforms of the tables: other search engines, one click away."""

from __future__ import annotations

from functools import cache

import pytest
from conftest import Pair, block, cell, scenario

from splinternet.experiments.pairs import run_pair
from splinternet.facts import load_facts

PLACES = [("US", "world-2020"), ("BR", "world-2025")]


@cache
def blocked(state: str, world: str, *targets: str, elsewhere: float = 0.1) -> Pair:
    """Return both arms of a block of search engines for two months."""
    year = world.removeprefix("world-")
    ban = block(by=state, targets=list(targets), on=f"{year}-08-11")
    q = {"technique.dpi.coverage": 1, "choice.elsewhere": elsewhere}
    keys = {"start": f"{year}-08-01", "world": {"facts": world}, "parameters": q}
    return run_pair(
        scenario([ban], days=70, people=2_000, **keys), 1, metrics=["monthly_users", "vpn_users"]
    )


def more_vpns(pair: Pair, state: str) -> float:
    """Return the holders of a VPN at most, against those without the block."""
    baseline, policy = (cell(arm, "vpn_users", state) for arm in pair)
    return float((policy / baseline).max())


def gains(pair: Pair, state: str) -> dict[str, float]:
    """Return how many more use each platform of another state at most [millions]."""
    homes = {name: fact.home for name, fact in load_facts("world-2025").platforms.items()}
    return {
        name: float((policy - baseline).max() / 1e6)
        for name in pair[0].axes.labels("platform")
        for baseline, policy in [[cell(arm, "monthly_users", state, name) for arm in pair]]
        if homes.get(name) != state
    }


@pytest.mark.parametrize(("state", "world"), PLACES)
def test_a_block_of_google_sends_nobody_abroad(state: str, world: str) -> None:
    pair = blocked(state, world, "Google Search")
    lost = [cell(arm, "monthly_users", state, "Google Search")[-1] for arm in pair]
    assert lost[1] < 0.6 * lost[0], "it is closed"
    assert more_vpns(pair, state) < 1.5
    assert max(gains(pair, state).values()) < 1


def test_without_the_others_they_would_go_abroad_and_get_vpns() -> None:
    pair = blocked("US", "world-2020", "Google Search", elsewhere=0)
    assert more_vpns(pair, "US") > 3
    assert gains(pair, "US")["Yandex"] > 1


def test_an_order_against_every_search_engine_closes_the_others_as_well() -> None:
    pair = blocked("US", "world-2020", "search")
    assert more_vpns(pair, "US") > 3
    assert max(gains(pair, "US").values()) < 1


def test_where_the_tables_name_what_is_used_most_people_go_there() -> None:
    russia, america = (blocked(state, "world-2020", "Google Search") for state in ("RU", "US"))
    rise = [
        cell(pair[1], "monthly_users", state, "Yandex")[-1]
        - cell(pair[0], "monthly_users", state, "Yandex")[-1]
        for pair, state in ((russia, "RU"), (america, "US"))
    ]
    assert rise[0] > 1e6 > rise[1]
