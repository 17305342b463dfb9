"""Thresholds: found where they are, with an interval over seeds, and honest about a response that
turns back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import block, scenario

from splinternet.errors import InputError
from splinternet.experiments import parallel
from splinternet.experiments.threshold import ends_of, threshold
from splinternet.scenario import Scenario

PATH = "technique.dpi.coverage"


def spec(**keys: Any) -> Scenario:
    return scenario([block()], days=20, people=1_500, **keys)


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[float, int], float]], None]:
    """Let a function of value and seed stand for the model."""

    def install(function: Callable[[float, int], float]) -> None:
        def outcomes(_: Any, tasks: Any, **options: Any) -> Iterator[tuple[Any, Any]]:
            row = ["family_contact_ever_lost", "", "", "US<-CN", "total", "share", 0.0, 0.0]
            for task in tasks:
                effect = function(dict(task.values)[PATH], task.seed)
                yield task, {"seed": task.seed, "rows": [[*row, effect]]}

        monkeypatch.setattr(parallel, "outcomes", outcomes)

    return install


def test_the_place_is_found_for_every_seed_to_within_the_last_halving(toy: Any) -> None:
    toy(lambda x, seed: x**2 + 0.05 * seed)
    found = threshold(spec(), PATH, level=0.4, low=0.0, high=1.0, seeds=3)
    for seed, value in found.by_seed.items():
        assert value == pytest.approx((0.4 - 0.05 * seed) ** 0.5, abs=1 / 128)
    assert found.interval is not None
    middle, low, high = found.interval
    assert low < middle < high
    assert found.is_monotone
    assert len(found.outcomes) == 3 * (5 + 5)


def test_a_fall_through_the_level_counts_as_well(toy: Any) -> None:
    toy(lambda x, seed: -100 * x)
    found = threshold(spec(), PATH, level=-30.0, low=0.0, high=1.0, seeds=1)
    assert found.by_seed[1] == pytest.approx(0.3, abs=1 / 128)


def test_a_response_that_turns_back_is_told(toy: Any) -> None:
    toy(lambda x, seed: x * (1 - x))
    found = threshold(spec(), PATH, level=0.2, low=0.0, high=1.0, seeds=1)
    assert not found.is_monotone
    assert len(found.crossings(1)) == 2
    assert found.by_seed[1] == pytest.approx(0.2764, abs=1 / 128), "the first crossing"
    assert any("not monotone" in text and "2 time(s)" in text for text in found.warnings)


def test_members_that_do_not_pass_are_counted_apart(toy: Any) -> None:
    toy(lambda x, seed: {1: x, 2: 0.9, 3: 0.0}[seed])
    found = threshold(spec(), PATH, level=0.5, low=0.0, high=1.0, seeds=3)
    assert [seed for seed, value in found.by_seed.items() if value is not None] == [1]
    assert any(
        "2 of 3 seeds" in t and "1 are above" in t and "1 never reach" in t for t in found.warnings
    )
    toy(lambda x, seed: 0.0)
    assert threshold(spec(), PATH, level=0.5, low=0.0, high=1.0, seeds=2).interval is None


def test_the_ends_are_those_of_the_range() -> None:
    known = spec().facts.parameters[PATH]
    assert ends_of(spec(), PATH, None, None) == (known.low, known.high)
    drawn = spec(uncertain={PATH: {"low": 0.2, "high": 0.4}})
    assert ends_of(drawn, f"parameters.{PATH}", None, None) == (0.2, 0.4)
    assert ends_of(drawn, PATH, 0.3, None) == (0.3, 0.4)
    for path, low, high, told in (
        ("world.vpn_share.US", None, 0.3, "no range of its own"),
        (PATH, 0.9, 0.2, "swap them"),
        ("technique.dpi.coverag", None, None, "did you mean 'technique.dpi.coverage'"),
    ):
        with pytest.raises(InputError, match=told):
            ends_of(spec(), path, low, high)


def test_the_model_itself(tmp_path: Path) -> None:
    """Wider coverage costs more users: the level half way between the ends is passed once,
    inside.
    """
    ends = {"low": 0.1, "high": 0.9, "at": "total", "platform": "WeChat", "state": "US"}
    look = threshold(spec(), PATH, "active_users", 0.0, seeds=1, jobs=1, halvings=0, **ends)
    values = list(look.responses[1].values())
    assert values == sorted(values, reverse=True) and values[-1] < 0
    level = (values[0] + values[-1]) / 2
    keys = ends | {"seeds": 1, "jobs": 1, "halvings": 2, "out": tmp_path / "run"}
    found = threshold(spec(), PATH, "active_users", level, **keys)
    assert found.by_seed[1] is not None and 0.1 < found.by_seed[1] < 0.9
    assert (tmp_path / "run" / "figures" / "threshold.png").exists()
    again = threshold(spec(), PATH, "active_users", level, **keys)
    assert again.by_seed == found.by_seed


def test_a_path_that_makes_no_difference_is_told(toy: Any) -> None:
    toy(lambda x, seed: 0.05 * seed)
    found = threshold(spec(), PATH, level=0.4, low=0.0, high=1.0, seeds=2)
    assert "makes no difference" in found.words()
    toy(lambda x, seed: x)
    assert (
        "makes no difference"
        not in threshold(spec(), PATH, level=2.0, low=0.0, high=1.0, seeds=2).words()
    )
