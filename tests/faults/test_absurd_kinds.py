"""Well-typed nonsense of 87 kinds: each is refused, or gets a warning that names the key."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import pytest
from absurd import DOUBTED, REFUSED, TOLD

from splinternet.errors import InputError
from splinternet.scenario import load


def scenario(keys: dict[str, Any]) -> dict[str, Any]:
    return {"title": "absurd", "start": "2020-08-01", "days": 30, "people": 20_000} | keys


def is_told(kind: str, reports: Iterable[str]) -> bool:
    """Return whether a report says what is wrong with examples of a kind, and by which key."""
    return any(re.search(TOLD[kind], report) for report in reports)


def test_each_kind_has_two_examples() -> None:
    assert {len(examples) for examples in {**REFUSED, **DOUBTED}.values()} == {2}
    assert not set(REFUSED) & set(DOUBTED)
    assert len({**REFUSED, **DOUBTED}) >= 87
    assert set(TOLD) == {*REFUSED, *DOUBTED}


@pytest.mark.parametrize("kind", REFUSED)
def test_nonsense_that_cannot_be_run_is_refused(kind: str) -> None:
    for keys in REFUSED[kind]:
        with pytest.raises(InputError) as caught:
            load(scenario(keys))
        assert all(
            problem.where and problem.found and problem.allowed for problem in caught.value.problems
        )
        assert is_told(kind, map(str, caught.value.problems)), keys


@pytest.mark.parametrize("kind", DOUBTED)
def test_nonsense_without_effect_gets_a_warning(kind: str) -> None:
    for keys in DOUBTED[kind]:
        warnings = load(scenario(keys)).warnings
        assert is_told(kind, warnings), (keys, warnings)
        assert all(": " in warning and "; " in warning for warning in warnings)


SENSE: dict[str, dict[str, Any]] = {
    "a block": {"id": "p", "instrument": "block", "by": "US", "targets": ["WeChat"]},
    "an old law": dict(id="p", instrument="block", by="US", targets=["WeChat"], on="2015-01-01"),
    "a short ban": dict(
        id="p", instrument="block", by="US", targets=["WeChat"], until="2020-08-11"
    ),
    "a throttle": dict(id="p", instrument="throttle", by="RU", targets=["YouTube"], share=0.5),
    "a cut": {"id": "p", "instrument": "border_cut", "by": "RU", "gateways_closed": 1},
    "a drill": dict(id="p", instrument="sovereign_internet", by="RU", test_days=["2020-08-20"]),
    "a demand": {
        "id": "p",
        "instrument": "data_localisation",
        "by": "RU",
        "targets": ["Twitter"],
        "deadline": "2020-08-20",
        "technique": "dpi",
    },
    "a tax": dict(id="p", instrument="usage_tax", by="NG", targets=["Facebook"], fee_per_day=0.01),
    "a bridge": dict(id="p", instrument="bridge", by="US", platforms=["WeChat", "WhatsApp"]),
    "stores": dict(
        id="p", instrument="store_removal", by="US", targets=["TikTok"], stores=["Google Play"]
    ),
}


@pytest.mark.parametrize("name", SENSE)
def test_sense_gets_no_warning(name: str) -> None:
    assert load(scenario({"policies": [{"on": "2020-08-10", **SENSE[name]}]})).warnings == ()


def test_an_act_of_another_state_changes_nothing() -> None:
    """A court of China does not stay an American order, and a German licence does not free from it."""
    from datetime import date

    from splinternet.world.law import docket_of, exempted

    ban = dict(id="ban", instrument="block", by="US", targets=["WeChat"], on="2020-08-05")
    for instrument in ("injunction", "lift", "exemption"):
        for by, in_force in (("CN", True), ("US", False)):
            own = dict(id="act", instrument=instrument, by=by, policy="ban", on="2020-08-06")
            spec = load(scenario({"policies": [ban, own]}))
            docket = docket_of(spec.policies, date(2020, 8, 10))
            stands = [policy.id for policy, _ in docket.in_force]
            if instrument == "exemption":
                freed = exempted(spec.policies[1], docket)
                assert [policy.id for policy in freed] == ([] if in_force else ["ban"])
            else:
                assert stands == (["ban"] if in_force else [])
            assert (
                any("policies.act: it changes nothing" in warning for warning in spec.warnings)
                == in_force
            )


def test_an_extension_that_comes_too_late_changes_nothing() -> None:
    from datetime import date

    from splinternet.world.law import docket_of

    ban = {
        "id": "ban",
        "instrument": "block",
        "by": "US",
        "targets": ["WeChat"],
        "on": "2020-08-05",
    }
    later = dict(id="later", instrument="extension", by="US", policy="ban", to="2020-08-20")
    for granted, stands in (("2020-08-04", False), ("2020-08-05", False), ("2020-08-06", True)):
        spec = load(scenario({"policies": [ban, later | {"on": granted}]}))
        docket = docket_of(spec.policies, date(2020, 8, 10))
        assert [policy.id for policy, _ in docket.in_force] == (["ban"] if stands else [])
