"""Who turns where: to what is in use already, as far as it stands in for what is missed."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import block, cell, scenario

from splinternet.experiments.pairs import run_pair
from splinternet.people.kernel_types import PERSON
from splinternet.people.state import count_turned

BAN = block(by="US", targets=["TikTok"])


def turned(
    people: list[tuple[list[int], list[int], list[int]]], tie_share: float = 0.0
) -> np.ndarray:
    """Return who turns to each of three platforms: people are (held on the first day, used today,
    missed).
    """
    rows = np.zeros(len(people), PERSON)
    bits = [[sum(1 << p for p in of) for of in person] for person in people]
    rows["first_member"], rows["using"] = (
        [first for first, _, _ in bits],
        [using for _, using, _ in bits],
    )
    replaced = np.array([[0.8, 0.6, 0.0], [0.6, 0.8, 0.0], [0.0, 0.0, 0.8]])
    out = np.zeros((1, 3))
    company = np.array([[0.5, 0.25, 1.0]])
    count_turned(
        rows,
        np.array([missed for *_, missed in bits]),
        replaced,
        np.full(3, tie_share),
        company,
        out,
    )
    return out[0]


def test_who_turns_where_by_hand() -> None:
    held, new = ([0, 1], [1], [0]), ([0], [1], [0])
    assert turned([held]) == pytest.approx([0, 0.6, 0]), "as far as it stands in for what is missed"
    assert turned([new]) == pytest.approx([0, 1, 0]), "who has taken it up has turned to it"
    assert turned([held, held, new]) == pytest.approx([0, 2.2, 0])
    assert turned([held], tie_share=0.4) == pytest.approx([0, 0.6 * (0.6 + 0.4 * 0.25), 0]), (
        "a quarter are met there"
    )
    assert turned([([0, 2], [2], [0])]) == pytest.approx([0, 0, 0]), "a shop stands in for no feed"
    assert turned([([0], [2], [0])]) == pytest.approx([0, 0, 0]), "nor does one that is new"
    assert turned([([0, 1], [0, 1], [])]) == pytest.approx([0, 0, 0]), (
        "who misses nothing turns nowhere"
    )
    assert turned([([0, 1], [0, 1], [0, 1])]) == pytest.approx([0, 0, 0]), (
        "and nobody to what is missed as well"
    )


def shares(**parameters: float) -> dict[str, float]:
    """Return what share of TikTok's users in the United States turn to each platform a month after
    a block.
    """
    spec = scenario(
        [BAN], days=40, people=3_000, parameters={"technique.dpi.coverage": 1, **parameters}
    )
    baseline, policy = run_pair(spec, 1, metrics=["monthly_users", "turned_to"])
    users = cell(baseline, "monthly_users", "US", "TikTok")[-1]
    assert baseline.arrays["turned_to"].max() == 0, "nobody misses anything without the policies"
    names = ("Instagram", "YouTube", "Google Search")
    return {name: float(cell(policy, "turned_to", "US", name)[-1] / users) for name in names}


def test_people_turn_to_what_they_hold_by_how_close_it_is() -> None:
    near, far = (shares(**{"closeness.feed-video": close}) for close in (0.9, 0.3))
    assert near["Instagram"] > 1.5 * far["Instagram"] > 0
    assert near["Google Search"] == far["Google Search"] == 0
    none = shares(
        **{
            "choice.substitutability": 0.0,
            "burst.feed": 0.0,
            "wave.rate": 0.0,
            "choice.join_rate": 0.0,
        }
    )
    assert none["YouTube"] == pytest.approx(0.0, abs=0.02), "where nothing stands in for anything"
