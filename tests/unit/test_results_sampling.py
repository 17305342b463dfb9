"""How a run's people are sampled: stored with the run, the same number of a group everywhere,
limits in words.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from toy_results import toy_result

import splinternet as sn
from splinternet.core.groups import Sampled
from splinternet.results import Result
from splinternet.results.folder import read_member, write_member
from splinternet.text.basis import basis, too_heavy
from splinternet.text.tables import by_group
from splinternet.text.terminal import text

LIGHT = Sampled("US", "WeChat", 2_400_000.0, 1_600, 1_100.0, "US:users", 1.04)
HEAVY = Sampled("IN", "QQ", 60_000.0, 8, 6_000.0, "IN:users", 2.5)


def sampled(result: Result, *users: Sampled) -> Result:
    """Return a result whose members are sampled so."""
    arms = [
        tuple(dataclasses.replace(arm, sampled=users) for arm in pair) for pair in result.members
    ]
    return Result(result.scenario, arms, result.info)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def result() -> Result:
    return sampled(toy_result(2, 120), LIGHT, HEAVY)


def test_the_design_effect_of_a_run_is_that_of_its_weights(result: Result) -> None:
    cells, real = result.members[0][0].cells, result.members[0][0].real
    groups = result.members[0][0].axes.groups
    weights = [real[g] / cells[g] for g in groups for _ in range(cells[g])]
    mean = sum(weights) / len(weights)
    variance = sum((w - mean) ** 2 for w in weights) / len(weights)
    assert result.sampling.design_effect == pytest.approx(1 + variance / mean**2)
    assert result.sampling.in_state("US") == sum(
        cells[g] for g in groups if g == "US" or g.startswith("US<-")
    )


def test_a_run_folder_holds_how_it_is_sampled(tmp_path: Path, result: Result) -> None:
    folder = result.save(tmp_path / "run")
    stored = json.loads((folder / "summary.json").read_text())
    assert stored["sampling"]["design_effect"] == result.sampling.design_effect
    assert (
        stored["sampling"]["groups"]["US<-CN"]["simulated"]
        == result.sampling.simulated("US<-CN")
        == 1_000
    )
    (light, heavy) = stored["sampling"]["users"]
    assert (light["platform"], light["within_limit"]) == ("WeChat", True)
    assert (heavy["share_of_four"], heavy["within_limit"]) == (pytest.approx(0.4), False)
    assert sn.open(folder).sampling == result.sampling
    assert read_member(write_member(tmp_path, *result.members[0]))[0].sampled == (LIGHT, HEAVY)


def test_of_several_members_the_worst_is_told(result: Result) -> None:
    first, second = result.members
    other = dataclasses.replace(HEAVY, heaviest=9_000.0, simulated=11)
    arms = tuple(dataclasses.replace(arm, sampled=(LIGHT, other)) for arm in second)
    (_, heavy) = Result(result.scenario, [first, arms]).sampling.users  # type: ignore[list-item]
    assert heavy.share_of_few == pytest.approx(0.6) and heavy.simulated == 8


def test_a_weight_beyond_the_limit_is_named_and_no_other(result: Result) -> None:
    (warning,) = too_heavy(result)
    assert "40 % of the 60,000 users of QQ in India" in warning
    assert list(too_heavy(sampled(result, LIGHT))) == []
    assert warning in basis(result), "the summary says so"


def charts_of_groups(result: Result) -> Iterator[tuple[str, str]]:
    """Yield the charts that show groups, and all that they say."""
    from matplotlib.text import Text

    for name in ("family_contact", "contact_days_by_group", "reconnection"):
        figure: Any = result.plot(name)
        yield name, " ".join(" ".join(item.get_text().split()) for item in figure.findobj(Text))


def test_every_chart_and_table_says_how_many_are_simulated_and_the_same_number(
    result: Result,
) -> None:
    number, group = f"{result.sampling.simulated('US<-CN'):,}", "US<-CN"
    for name, said in charts_of_groups(result):
        assert number in said and "simulated" in said, name
    assert f"({group}): {number} simulated people" in " ".join(text(result, every=True).split())
    table = by_group(result)
    assert table is not None and table.header[1] == "simulated"
    assert {row[0]: row[1] for row in table.rows}[
        "People from China in the United States"
    ] == number
