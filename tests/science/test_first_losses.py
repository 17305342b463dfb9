"""Why ties first lose contact: no app that works well enough is dropped, and each cause is counted as what it is."""

from __future__ import annotations

import json

import pytest
from conftest import block, scenario

from splinternet.cli import main
from splinternet.experiments.follow import first_losses
from splinternet.people.events import CAUSES, GONE, NO_WAY, WORKS
from splinternet.scenario import load


def test_nobody_drops_an_app_that_works_in_the_opening_case() -> None:
    # No draws, so that the service is slowed as much as the table says and the stores are closed for a year.
    found = first_losses(load("wechat_as_ordered", people=8_000, overrides=["uncertain={}"]), jobs=1)
    assert found.total > 50
    assert found.by_cause[CAUSES[WORKS]] == 0
    assert found.by_cause[CAUSES[GONE]] > 0.8 * found.total


def test_a_block_leaves_no_way_and_every_loss_has_one_cause() -> None:
    found = first_losses(scenario([block()], days=14), jobs=1)
    assert tuple(found.by_cause) == CAUSES
    assert 0 < found.total <= found.ties
    assert found.by_cause[CAUSES[NO_WAY]] == found.total


def test_the_command_counts_first_losses(capsys: pytest.CaptureFixture[str]) -> None:
    keys = ["losses", "wechat_full_block", "--people", "2000", "--days", "60", "--jobs", "1"]
    with pytest.raises(SystemExit) as left:
        main([*keys, "--json"])
    assert left.value.code == 0
    told = json.loads(capsys.readouterr().out)
    assert sum(row["ties"] for row in told["rows"]) <= told["ties"]
    assert [row["cause"] for row in told["rows"]] == list(CAUSES)
