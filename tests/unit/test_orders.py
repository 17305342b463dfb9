"""What is said beside the total: each order where it alone acts, and where those under a limit of
age are instead.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from toy_results import PLATFORMS, STATES, toy_result

from splinternet.cli.runs import print_summary
from splinternet.facts import load_facts
from splinternet.facts.model import KINDS
from splinternet.results import Result
from splinternet.results.orders import orders_alone
from splinternet.text.findings import each_order, sentences
from splinternet.text.numbers import table
from splinternet.text.terminal import order_lines

US = STATES.index("US")
WECHAT, TIKTOK, IMESSAGE = (PLATFORMS.index(name) for name in ("WeChat", "TikTok", "iMessage"))
FIRST: dict[str, Any] = {
    "id": "first",
    "by": "US",
    "instrument": "block",
    "targets": ["WeChat"],
    "on": "2020-08-21",
}
BOTH = FIRST | {
    "id": "both",
    "targets": ["WeChat", "TikTok"],
    "on": "2020-10-01",
    "until": "2020-10-21",
}
LIMIT = {
    "id": "limit",
    "by": "US",
    "instrument": "age_limit",
    "age": 16,
    "targets": ["iMessage"],
    "on": "2020-08-21",
}


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


def two() -> Result:
    """Return a block of WeChat from day 20 and one of WeChat and TikTok from day 61 to day 80."""
    wechat = losing(slice(61, 81), 0.9, losing(slice(20, 100), 0.4))
    return made([FIRST, BOTH], "active_users", {WECHAT: wechat, TIKTOK: losing(slice(61, 81), 0.5)})


def test_each_order_has_what_its_target_loses_on_the_days_on_which_it_alone_acts() -> None:
    found = {(one.order, one.platform): one for one in orders_alone(two())}
    first = found["first", "WeChat"]
    assert first.days == 80 - 20, "not the days of the second order"
    assert first.row is not None and first.row["effect"] == pytest.approx(-0.4e6), (
        "nothing of the 0.9 while both act"
    )
    assert found["both", "WeChat"].days == 0 and found["both", "WeChat"].row is None
    other = found["both", "TikTok"]
    assert (other.days, other.row["effect"] if other.row else None) == (20, pytest.approx(-0.5e6))


def test_the_orders_are_said_below_the_answer_and_stand_in_its_file() -> None:
    first, both = each_order(two())
    assert first.startswith(
        "first alone (60 days): WeChat would lose 40 % of its daily users in the United States"
    )
    assert both.startswith("both alone (20 days): TikTok would lose 50 %")
    assert "other target" not in both, "the other order acts on WeChat as well, every day"
    assert (
        2 < len(order_lines(two(), 79)) <= 4
        and max(len(line.text) for line in order_lines(two(), 79)) <= 79
    )


def test_the_answer_with_its_orders_keeps_to_twenty_lines(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_summary(two())
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) <= 20 - 3, (
        "three more lines: the folder, the next command, the part of each order"
    )
    assert any(line.startswith("- first alone") for line in lines)
    print_summary(two(), every=True)
    assert "both alone (20 days)" in capsys.readouterr().out


@pytest.mark.parametrize("policies", [[FIRST], [FIRST | {"id": f"n{n}"} for n in range(7)]])
def test_one_order_or_more_than_six_have_no_lines(policies: list[dict[str, Any]]) -> None:
    result = made(policies, "active_users", {WECHAT: losing(slice(20, 100), 0.4)})
    assert orders_alone(result) == [] and order_lines(result) == []


def test_a_stay_ends_the_days_of_an_order_and_is_no_order() -> None:
    stay = {
        "id": "stay",
        "by": "US",
        "instrument": "injunction",
        "policy": "first",
        "on": "2020-08-31",
    }
    result = made(
        [FIRST, stay, BOTH],
        "active_users",
        {WECHAT: losing(slice(20, 30), 0.4), TIKTOK: np.ones(100)},
    )
    found = {(one.order, one.platform): one.days for one in orders_alone(result)}
    assert found == {("first", "WeChat"): 10, ("both", "WeChat"): 20, ("both", "TikTok"): 20}


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
        "under 16" in one and "500,000 more accounts with messengers" in one for one in said
    ), said
    assert any("40,000 more accounts with social networks" in one for one in said)
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
    assert first.startswith("Facebook") and "assumption" not in first
    assert second.startswith("IMessage")
    assert second.endswith("; how many people use iMessage in the United States is an assumption.")


def test_every_kind_of_platform_has_its_words() -> None:
    assert (
        set(table("findings", "KINDS"))
        == set(KINDS)
        >= {p.kind for p in load_facts().platforms.values()}
    )
