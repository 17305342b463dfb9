"""AI assistants: where people go when one is blocked, whom it costs, and in which worlds there are
any.
"""

from __future__ import annotations

from datetime import date
from functools import cache

import numpy as np
from conftest import Pair, block, cell

from splinternet.experiments.pairs import run_pair
from splinternet.facts.loading import apart, facts_on
from splinternet.facts.model import ABSENT, MODES
from splinternet.scenario import load
from splinternet.scenario.scenario import Scenario

ASSISTANTS = {"ChatGPT", "Gemini", "DeepSeek", "Grok", "Claude"}
WORLD, START = "world-2025", date(2026, 1, 1)


def banned(*targets: str, **parameters: float) -> Scenario:
    """Return a scenario in which Indonesia blocks platforms completely from the eleventh day."""
    ban = block(by="ID", targets=list(targets), on="2026-01-11")
    fixed = {"technique.dpi.coverage": 1, **parameters}
    keys = dict(title="a test", start=str(START), days=45, people=3_000, world={"facts": WORLD})
    return load({**keys, "policies": [ban], "parameters": fixed})


@cache
def pair(next_door: float) -> Pair:
    """Return both arms of a block of ChatGPT, and what an open neighbour leaves of the loss."""
    return run_pair(banned("ChatGPT", **{"choice.next_door": next_door}), 1)


def changed(metric: str, platform: str, next_door: float = 0.01) -> float:
    """Return how many more there are in Indonesia on the last day with the block."""
    baseline, policy = (
        cell(arm, metric, "ID", *([platform] if platform else []))[-1] for arm in pair(next_door)
    )
    return float(policy - baseline)


def test_people_go_to_the_next_assistant() -> None:
    spec = banned("ChatGPT")
    gains = {name: changed("monthly_users", name) for name in spec.facts.platforms}
    assert gains["ChatGPT"] < 0
    assert max(gains, key=lambda name: gains[name]) in ASSISTANTS - {"ChatGPT"}
    others = [
        gains[name]
        for name, fact in spec.facts.platforms.items()
        if fact.kind not in ("assistant", "search")
    ]
    assert sum(gains[name] for name in ASSISTANTS - {"ChatGPT"}) > 2 * sum(
        abs(gain) for gain in others
    )


def test_a_vpn_is_rare_while_another_assistant_is_one_click_away() -> None:
    before = cell(pair(0.01)[0], "vpn_users", "ID")[-1]
    assert changed("vpn_users", "") < 0.02 * before
    assert changed("vpn_users", "", next_door=1.0) > 5 * max(1.0, changed("vpn_users", ""))


def test_no_family_loses_contact_with_an_assistant() -> None:
    baseline, policy = pair(0.01)
    for metric in ("family_contact_lost", "ties_out_of_contact", "contact_days_lost"):
        lost = [np.nan_to_num(np.asarray(arm.arrays[metric])) for arm in (baseline, policy)]
        assert np.array_equal(*lost), metric


def test_assistants_enter_where_a_scenario_names_one_and_change_nothing_elsewhere() -> None:
    without, with_them = banned("TikTok").facts, banned("DeepSeek").facts
    assert set(with_them.platforms) - set(without.platforms) == ASSISTANTS - {"ChatGPT"}
    assert {
        name for name, fact in with_them.platforms.items() if fact.kind == "assistant"
    } == ASSISTANTS
    alone_there = [name for name, fact in without.platforms.items() if fact.kind == "assistant"]
    assert alone_there == ["ChatGPT"], "an assistant, no search engine"
    dated, alone = banned("DeepSeek").scene.dated, banned("TikTok").scene.dated
    shared = {
        pair: share for pair, share in dated.penetration.items() if pair[1] in alone.platforms
    }
    assert shared == dict(alone.penetration)
    in_use = load(
        dict(title="a test", start=str(START), days=3, world={"penetration": {"IT": {"Grok": 0.1}}})
    )
    assert set(in_use.facts.platforms) == set(with_them.platforms), (
        "a figure of use names one as well"
    )


def test_each_assistant_is_apart_and_carries_no_talk() -> None:
    facts = facts_on(WORLD, START, named=True)
    for name in ASSISTANTS:
        fact = facts.platforms[name]
        assert name.casefold() in apart(WORLD)
        assert fact.unless_named in (ABSENT, "assistant") and set(fact.modes) <= set(MODES) - {
            "text",
            "voice",
            "video",
        }
    assert not apart("world-2020")
