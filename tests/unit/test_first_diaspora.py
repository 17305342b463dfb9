"""Which diaspora stands first: the largest flow of people, then all of which many lose contact."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from conftest import scenario

import splinternet as sn
from splinternet.facts.people import STAYED, EarlierMigrants, recent_migrants
from splinternet.facts.tables import read
from splinternet.results.focus import MOST_DIASPORAS, asked_groups, diasporas_asked, in_order
from splinternet.text import basis
from splinternet.text.basis import first_group
from splinternet.text.findings import losing

EUROPE = "sovereignty/us_firms_leave_eu"


def test_who_came_since_2000_is_what_the_stock_has_beyond_those_who_stayed() -> None:
    """A stock that grew and one that shrank; a pair without a row is not known."""
    grown = read(EarlierMigrants)["US", "CN"].earlier
    assert recent_migrants("US", "CN", 2_000_000) == pytest.approx(2e6 * (1 - STAYED * grown))
    assert read(EarlierMigrants)["UA", "RU"].earlier > 1.0
    assert recent_migrants("UA", "RU", 3_000_000) < 0.1 * 3e6  # type: ignore[operator]
    assert recent_migrants("GM", "BT", 1_000) is None


def test_the_diasporas_of_many_states_are_asked_by_their_flow() -> None:
    """27 states lose something: the most people who came since 2000 are from Poland in Germany."""
    spec = sn.load(EUROPE)
    asked = [group for group in asked_groups(spec) if not group.startswith("family:")]
    flows = [diasporas_asked(spec)[group].flow for group in asked]
    assert asked[0] == "DE<-PL" and len(asked) == MOST_DIASPORAS
    assert flows == sorted(flows, reverse=True)
    assert diasporas_asked(spec)["DE<-PL"].recent is not None


def test_a_small_flow_of_which_many_lose_stands_before_a_larger_of_which_few_do() -> None:
    """The largest flow stays first whatever it loses; families come last."""
    block = {"id": "b", "by": "TR", "instrument": "block", "targets": ["WhatsApp"], "on": 5}
    spec = scenario([{**block, "on": "2020-08-10"}], days=20, people=1_000)
    flow = diasporas_asked(spec)
    assert flow["DE<-TR"].flow > flow["FR<-TR"].flow > flow["NL<-TR"].flow
    lost = {"family:DE<-TR": 0.9, "NL<-TR": 0.4, "FR<-TR": 0.05, "DE<-TR": 0.01}
    assert in_order(spec, lost) == ["DE<-TR", "NL<-TR", "FR<-TR", "family:DE<-TR"]
    assert in_order(spec, {**lost, "FR<-TR": 0.2})[1] == "FR<-TR"


def test_between_two_states_those_who_lose_at_both_ends_stand_first() -> None:
    """A larger flow that loses nothing lets no other one stand before those who lose much."""
    by = {"instrument": "block", "on": "2026-11-10"}
    orders = [
        {**by, "id": "poland", "by": "PL", "targets": ["VKontakte", "Telegram"]},
        {**by, "id": "belarus", "by": "BY", "targets": ["Facebook", "YouTube"]},
    ]
    spec = sn.Scenario(title="two", start="2026-10-13", days=60, people=1_000, policies=orders)
    flow = diasporas_asked(spec)
    assert flow["UA<-BY"].flow < flow["DE<-PL"].flow
    lost = {"UA<-BY": 0.01, "US<-BY": 0.11, "PL<-BY": 0.12}
    assert in_order(spec, lost) == ["PL<-BY", "US<-BY", "UA<-BY"]
    assert in_order(spec, {**lost, "DE<-PL": 0.01})[1] == "DE<-PL"
    spec = sn.Scenario(title="one", start="2026-10-13", days=60, people=1_000, policies=orders[:1])
    lost = {"PL<-BY": 0.12, "PL<-UA": 0.01, "GB<-PL": 0.02}
    assert in_order(spec, lost)[0] == "GB<-PL", "no order concerns people in Belarus"


def test_the_first_line_of_a_run_names_the_largest_flow_and_says_which() -> None:
    """Before, the order against 27 states named no diaspora."""
    result = sn.run(EUROPE, people=3_000, seeds=1, jobs=1, days=40)
    assert losing(result)[0] == "DE<-PL"
    (said,) = first_group(result)
    assert "people from Poland in Germany. At least" in said and "came since 2000" in said
    assert said.startswith("Of the groups for which orders at both ends take something, the one")


def test_a_group_of_which_nobody_is_known_to_have_come_lately_has_no_least_number() -> None:
    """Of people from Belarus in Poland "at least 0 of 56,300" had come since 2000."""
    (said,) = first_group(sn.run("orders/two_states", people=3_000, seeds=1, jobs=1, days=60))
    assert "people from Belarus in Poland. They are 56,300, and no table shows that any" in said
    assert "least 0" not in said


def test_no_reason_is_given_that_the_first_group_does_not_have(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of a first group with 7 % it said "of the groups of which more than a tenth lose contact"."""
    result = sn.run("orders/two_states", people=3_000, seeds=1, jobs=1, days=60)
    first = losing(result)[0]
    asked = diasporas_asked(result.scenario)
    small = {**asked, first: SimpleNamespace(group=first, people=9.0, recent=None, flow=0.0)}
    monkeypatch.setattr(basis, "diasporas_asked", lambda _: small)
    monkeypatch.setattr(basis, "at_both_ends", lambda *_: False)
    assert list(first_group(result)) == []
    monkeypatch.setattr(basis, "MANY_LOSE", 0.05)
    assert "of which more than a tenth lose contact" in "".join(first_group(result))


def test_emigrants_before_more_recent_immigrants_are_not_called_the_most_recent_of_all() -> None:
    """More people from Poland came to Denmark since 2000 than Danes to the United Kingdom."""
    name = "sovereignty/us_firms_leave_denmark"
    result = sn.run(name, people=4_000, seeds=1, jobs=1, days=60)
    asked = diasporas_asked(result.scenario)
    first = losing(result)[0]
    assert first.endswith("<-DK") and asked["DK<-PL"].flow > asked[first].flow
    said = " ".join(first_group(result))
    assert "DK<-PL" in losing(result) and "of people from Denmark abroad of which" in said
