"""Scenarios made by chance: what `check` refuses names the fault, and what it accepts runs."""

from __future__ import annotations

from itertools import islice
from typing import Any

import fuzz
import pytest

from splinternet.errors import InputError
from splinternet.scenario import load

SEED, COUNT = 20, 60


def test_mutants_are_refused_or_run() -> None:
    found = [fuzz.fault_of(mutant) for mutant in islice(fuzz.mutants(SEED), COUNT)]
    assert [fault for fault, _ in found if fault] == []
    accepted = sum(accepted for _, accepted in found)
    assert 8 <= accepted <= COUNT - 20, "both kinds are tried"


def test_the_same_seed_makes_the_same_mutants_and_another_makes_others() -> None:
    one, again, other = (repr(list(islice(fuzz.mutants(seed), 12))) for seed in (3, 3, 4))
    assert one == again != other


def test_a_fault_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    good = {"title": "x", "start": "2020-08-01", "days": 3}
    monkeypatch.setattr(fuzz.ends, "wrong_in", lambda spec: ["it is infinite"])
    assert fuzz.fault_of(good) == ("it is infinite", True)
    assert fuzz.fault_of({**good, "days": 0}) == ("", False)
    monkeypatch.setattr(fuzz, "load", crash)
    assert "ZeroDivisionError" in fuzz.fault_of(good)[0]


HUGE = 10**400


@pytest.mark.parametrize(
    "keys",
    [
        {"world": {"migrants": {"US": {"CN": HUGE}}}},
        {"world": {"states": {"US": {"population": -HUGE, "internet_users": HUGE}}}},
        {"world": {"communities": {"CN": {"A": {"share": HUGE}, "B": {"share": -HUGE}}}}},
        {
            "world": {"vpn_share": {"US": -HUGE}},
            "parameters": {"stickiness.feed": HUGE},
            "seed": HUGE,
        },
        {
            "uncertain": {"stickiness.feed": {"low": -HUGE, "high": HUGE}},
            "sweep": {"days": [HUGE]},
            "people": HUGE,
        },
    ],
)
def test_whole_numbers_beyond_all_floats_are_refused(keys: dict[str, Any]) -> None:
    with pytest.raises(InputError) as caught:
        load({"title": "x", "start": "2020-08-01", "days": 3, **keys})
    assert all(problem.found and problem.allowed for problem in caught.value.problems)
