"""A metric of a user's own says all about itself: it ranks as a headline, carries the model's
error, and says which run is better.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import block, scenario
from test_model_error import table

import splinternet as sn
from splinternet.facts import record
from splinternet.metrics.family import share
from splinternet.metrics.registry import METRICS, headlines_of
from splinternet.text.finding_sentences import headline
from splinternet.text.terminal import first_lines

SMALL: dict[str, Any] = {"people": 2_000, "seeds": 2, "jobs": 1, "days": 9}
BAN = block(id="ban", by="US", targets=["WeChat"], on="2020-08-04", technique="geoblock")


def silent(arm: Any) -> np.ndarray:
    """Share of a group out of touch with all kin today."""
    return np.asarray(share(arm.contact.without, arm.contact.members))


def bare_one(arm: Any) -> np.ndarray:
    """Share of a group out of touch with all kin today."""
    return silent(arm)


def declared(function: Any = silent, **keys: Any) -> Any:
    """Return the metric with a declaration of its own."""
    return sn.metric("Out of touch today", "share", ("group",), form="share", **keys)(function)


@pytest.fixture(scope="module")
def ranked() -> sn.Result:
    return sn.run(
        scenario([BAN]), metrics=[declared(better="less", error="contact", headline=1)], **SMALL
    )


@pytest.fixture(scope="module")
def bare() -> sn.Result:
    return sn.run(scenario([BAN]), metrics=[declared(bare_one)], **SMALL)


def width(result: sn.Result, metric: str = "silent") -> float:
    """Return how wide the interval of the own metric is for people from China on the last day."""
    low, effect, high = result.bands(metric, group="US<-CN").isel(date=-1).values
    assert 0 < effect < 1
    return float(high - low)


def test_a_headline_of_ones_own_opens_the_run(ranked: sn.Result, bare: sn.Result) -> None:
    said = headline(ranked)[0]
    assert said.startswith("Out of touch today, ") and " more" in said
    assert any("Out of touch today" in line.text for line in first_lines(ranked))
    assert not any("Out of touch today" in each for each in headline(bare))


def test_its_interval_holds_the_model_s_error(
    ranked: sn.Result, bare: sn.Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "DISCREPANCY", table(tmp_path, ("contact", "", 0.9)))
    ranked, bare = (sn.Result(each.scenario, each.members, each.info) for each in (ranked, bare))
    assert width(ranked) > 2 * width(bare, "bare_one")
    record.forget()
    assert width(ranked.chance_only()) == pytest.approx(width(bare, "bare_one"))


def test_it_says_which_run_is_better(ranked: sn.Result) -> None:
    weak = sn.run(
        scenario([BAN | {"on": "2020-08-08"}]),
        metrics=[declared(better="less", error="contact", headline=1)],
        **SMALL,
    )
    table = sn.compare(ranked, weak, by="silent", group="US<-CN")
    assert table.order == "lowest"


def test_it_leads_the_headlines_of_an_experiment(tmp_path: Path) -> None:
    mine = declared(better="less", error="contact", headline=1)
    swept = sn.sweep(
        scenario([BAN]), {"ties.only_channel": [0.2, 0.8]}, metrics=[mine], **SMALL | {"seeds": 1}
    )
    assert swept.headlines[0] == "silent" and swept.output().metric == "silent"
    assert headlines_of(METRICS.shipped()) == (
        "family_contact_ever_lost_people",
        "family_contact_ever_lost",
        "active_users",
        "vpn_users",
    )


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"better": "lower"}, "better is 'lower'; any of less, more"),
        ({"error": "contacts"}, "error is 'contacts'.*did you mean 'contact'"),
        ({"error": "users"}, "error is 'users' and there is no dimension platform, state"),
    ],
)
def test_a_wrong_declaration_is_refused(keys: dict[str, str], said: str) -> None:
    with pytest.raises(sn.InputError, match=said):
        sn.run(scenario([BAN]), metrics=[declared(**keys)], **SMALL)
