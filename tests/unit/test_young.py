"""Where those under a limit of age are instead."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from toy_results import PLATFORMS, STATES, toy_result

from splinternet.plots.overview import chosen, main_chart
from splinternet.results import Result
from splinternet.text.finding_sentences import sentences
from splinternet.text.findings import find
from splinternet.text.numbers import estimate

US = STATES.index("US")
WECHAT, TIKTOK, IMESSAGE = (PLATFORMS.index(name) for name in ("WeChat", "TikTok", "iMessage"))
LIMIT = {"id": "limit", "by": "US", "instrument": "age_limit", "on": "2020-08-21"}
LIMIT |= {"age": 16, "targets": ["iMessage"]}


def made(
    policies: list[dict[str, Any]], metric: str, left: dict[int, np.ndarray], **keys: Any
) -> Result:
    """Return a made-up result of 100 days, 1,000 simulated people a cell, in which a metric has
    known values.

    ``left`` is what the policy arm has of a million in the United States, by platform, shape
    (days,).
    """
    result = toy_result(2, 100, effect=0.0, policies=policies, **keys)
    members = []
    for pair in result.members:
        arms = []
        for arm in pair:
            array = np.zeros_like(arm.arrays[metric])
            array[:, US, list(left)] = 1e6
            for p, share in left.items() if arm is pair[1] else ():
                array[:, US, p] *= share
            cells = arm.cells | {f"US/{name}: too young": 1_000 for name in PLATFORMS}
            arms.append(replace(arm, arrays={**arm.arrays, metric: array}, cells=cells))
        members.append((arms[0], arms[1]))
    return Result(result.scenario, members, result.info)


def losing(days: slice, share: float, before: np.ndarray | None = None) -> np.ndarray:
    """Return what is left on each of 100 days where a share is lost on some of them."""
    left = np.ones(100) if before is None else before.copy()
    left[days] = 1.0 - share
    return left


def limited(**keys: Any) -> Result:
    """Return a limit of age on iMessage, whose use is assumed, with messengers and Facebook
    instead.
    """
    names = {"WhatsApp": 1.3, "Signal": 1.2, "Facebook": 1.04}
    gains = {
        PLATFORMS.index(name): losing(slice(20, 100), 1.0 - share) for name, share in names.items()
    }
    return made(
        [LIMIT], "users_under_limit", {IMESSAGE: losing(slice(20, 100), 0.6), **gains}, **keys
    )


def test_of_assumed_use_the_young_are_counted_by_kind_and_no_winner_is_named() -> None:
    """WhatsApp and Signal have 0.3 + 0.2 million more users under 16; of a million at Facebook,
    0.04 are new.
    """
    said = sentences(limited(world={}))
    assert any(
        "under 16" in one and "500,000 more accounts on messengers" in one for one in said
    ), said
    assert any("40,000 more accounts on social networks" in one for one in said)
    assert not any("use WhatsApp" in one or "use Signal" in one for one in said)


def test_a_target_of_assumed_use_comes_after_those_that_are_measured_and_says_so() -> None:
    limit = {**LIMIT, "targets": ["iMessage", "Facebook"]}
    lost = {
        IMESSAGE: losing(slice(20, 100), 0.5),
        PLATFORMS.index("Facebook"): losing(slice(20, 100), 0.8),
    }
    first, second, *_ = (
        one
        for one in sentences(made([limit], "users_under_limit", lost))
        if "of its users under" in one
    )
    assert first.startswith("Facebook") and "how many people use" not in first
    assert first.endswith("; what share of them is found and obeys is an assumption.")
    assert second.startswith("iMessage")
    assert second.endswith("; how many people use iMessage in the United States is an assumption.")


def test_who_says_how_many_are_found_and_obey_is_not_told_that_it_is_assumed() -> None:
    limit = {**LIMIT, "targets": ["Facebook"], "share_found": 0.5, "obedience": 0.5}
    lost = {PLATFORMS.index("Facebook"): losing(slice(20, 100), 0.8)}
    said = sentences(made([limit], "users_under_limit", lost))
    assert said[0].startswith("Facebook") and "assumption" not in said[0]


def test_who_loses_contact_by_a_limit_of_age_is_young_or_proves_no_age() -> None:
    said = [one for one in sentences(toy_result(5, 120, policies=[LIMIT])) if "every app" in one]
    assert said and "under 16 or without a proof of age, would lose every app" in said[0]
    block = {**LIMIT, "instrument": "block"}
    del block["age"]
    said = [one for one in sentences(toy_result(5, 120, policies=[block])) if "every app" in one]
    assert said and "proof of age" not in said[0]


def test_charts_and_card_of_a_limit_are_of_the_young() -> None:
    """They show what the first sentence says, and no users of all ages."""
    result = limited()
    found = next(one for one in find(result) if one.kind == "too_young")
    said = estimate(found.metric, found.value, found.low, found.high)[0].removeprefix("about ")
    assert main_chart(result) == "users_under_limit"
    card = result.plot("card")
    assert card.title == f"iMessage would lose {said} of its users under 16"
    assert card.caption.number == said
    drawn = {one.name for one, _ in chosen(result)[0]}
    assert "users_under_limit" in drawn and not drawn & {"active_users", "gains", "flows"}


def test_where_some_use_is_measured_only_most_of_the_targets_are_called_assumed() -> None:
    assumed = ["iMessage", "Skype", "Signal", "Telegram", "WeChat"]
    block = {"id": "ban", "by": "US", "instrument": "block", "on": "2020-08-21"}
    for targets, which in (
        (assumed, "the targets"),
        ([*assumed, "Twitter"], "most of the targets"),
    ):
        result = toy_result(5, 120, policies=[{**block, "targets": targets}], world={})
        said = f"; how many people use {which} in the United States is an assumption."
        assert said in sentences(result)[0]
