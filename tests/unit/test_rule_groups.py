"""The study of groups of rules: every row means a parameter, and what a group buys has its sign."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from scripts import script

from splinternet.facts import record
from splinternet.facts.tables import HOME
from splinternet.fit.stored import calibrated


@pytest.fixture(scope="module")
def study() -> ModuleType:
    return script("studies/rule_groups.py")


def test_each_group_sets_parameters_to_values_at_which_it_says_nothing(study: ModuleType) -> None:
    found = study.groups()
    assert found["diversion"].keys() >= {"diversion.feed", "diversion.messenger"}
    assert found["enforcement by provider"]["enforce.boxes.small_days"] == 0.0
    asked = study.runs(2, 1_000, {"fear": found["fear"]})
    assert [run.key for run in asked] == ["none/1", "none/2", "fear/1", "fear/2"]
    whole, without = dict(asked[1].values), dict(asked[3].values)
    assert whole["fear.principle"] > 0.0 and without["fear.principle"] == 0.0
    assert {**without, **found["fear"]} == {**whole, **found["fear"]}


def test_a_misspelt_parameter_is_refused(
    study: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = pd.DataFrame({"group": ["a"], "parameter": ["fear.principal"], "off": [0]})
    monkeypatch.setattr(study.pd, "read_csv", lambda _: table)
    with pytest.raises(ValueError, match=r"no parameter is called fear\.principal"):
        study.groups()


def test_what_a_group_buys_is_the_error_that_comes_without_it(
    study: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the first group all figures are 0.4 too high, without the second nothing changes."""
    monkeypatch.setattr(record, "DISCREPANCY", HOME / "discrepancy.csv")
    counted = np.array([past.observed.value for past in calibrated()])
    right = np.stack([counted, counted])
    table = study.bought({"none": right, "first": right + 0.4, "second": right})
    assert table["group"].tolist() == ["second", "first"]
    second, first = table.to_dict("records")
    assert second["all"] == second["low"] == second["high"] == 0.0
    assert 0.05 < first["low"] < first["all"] < first["high"] < 0.5
    assert all(first[kind] > 0.0 for kind in ("kept", "gained", "vpn"))
