"""The data of the explorer: complete, in order, and the same numbers as the run's own text."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import html5lib
import numpy as np
import pytest
from scripts import script
from toy_results import toy_result

import splinternet as sn
from splinternet.app.dashboard.choices import number_of
from splinternet.results import Result
from splinternet.scenario import load, varied
from splinternet.text.finding_sentences import headline, of_group
from splinternet.text.numbers import estimate


@pytest.fixture(scope="module")
def explorer() -> ModuleType:
    return script("pages/explorer.py")


@pytest.fixture(scope="module")
def data(explorer: ModuleType) -> dict[str, Any]:
    return dict(json.loads(explorer.DATA.read_text(encoding="utf-8")))


def test_every_combination_has_a_run_and_a_headline_that_its_lines_bear_out(
    explorer: ModuleType, data: dict[str, Any]
) -> None:
    wanted = {"/".join(options) for options in explorer.combinations()}
    assert len(wanted) == 81
    assert set(data["cells"]) == set(data["commands"]) == wanted
    for key, cell in data["cells"].items():
        assert cell["simulated"] >= 30
        for line in (cell["ever"], cell["now"]):
            assert all(len(part) == len(data["dates"]) for part in line)
            for middle, low, high in zip(*line, strict=True):
                assert middle is None or 0 <= low <= high, key
        for part in ("of people from China in the United States", "would lose every app"):
            assert part in cell["headline"][0], key
        stated = re.search(
            r"(?:About ([\d.]+) % of .*\()?([\d.]+) to ([\d.]+) %", cell["headline"][0]
        )
        assert stated, cell["headline"]
        middle, low, high = (line[-1] / data["part"] for line in cell["ever"])
        assert (stated[1] is None) == (low == 0), "an effect that may be none has no middle"
        for number, value in zip(stated.groups(), (middle, low, high), strict=True):
            assert number is None or abs(float(number) / 100 - value) <= (high - low) / 8, key
    assert explorer.DATA.stat().st_size < 300_000, "a page of this size loads on a phone"


def test_choices_in_the_data_are_those_of_the_script(
    explorer: ModuleType, data: dict[str, Any]
) -> None:
    assert data["choices"] == json.loads(json.dumps(explorer.CHOICES)), (
        "run pages/explorer.py again"
    )
    first = "/".join(choice["first"] for choice in explorer.CHOICES)
    assert first in data["cells"]
    stated = load("wechat_as_ordered").facts.states["US"].vpn_share.value
    assert stated == float(explorer.CHOICES[2]["first"])


def test_the_command_of_a_combination_makes_its_scenario(
    explorer: ModuleType, data: dict[str, Any]
) -> None:
    for technique, on, vpn, only in (
        ("stores", "2020-11-12", "0.5", "0.3"),
        ("providers", "2020-08-06", "0.03", "0.9"),
    ):
        words = shlex.split(data["commands"][f"{technique}/{on}/{vpn}/{only}"])
        changes = {
            key: number_of(text)
            for key, _, text in (word.partition("=") for word in words if "=" in word)
        }
        by_command = varied(load("wechat_as_ordered"), changes).policies[0]
        asked = load(explorer.scenario(technique, on, vpn, only)).policies[0]
        assert by_command.model_dump() == asked.model_dump()


def test_what_is_shown_is_what_the_run_says(explorer: ModuleType) -> None:
    options = ("providers", "2020-08-06", "0.03", "0.9")
    result = sn.run(explorer.scenario(*options), people=2_000, seeds=2, days=60, jobs=1)
    cell = explorer.shown(result)
    assert cell["headline"] == of_group(result, "US<-CN")
    both = result["family_contact_ever_lost"].sel(group="US<-CN")
    effect = (both.sel(arm="policy") - both.sel(arm="baseline")).median("seed").values
    at = explorer.points(len(effect))
    assert at[-1] == 59 and at[1] == explorer.STEP
    assert np.allclose(
        np.array(cell["ever"][0]) / explorer.PART, effect[at], atol=0.5 / explorer.PART + 1e-12
    )
    assert effect[-1] > 0.01
    row = next(
        row
        for row in result.rows()
        if (row["metric"], row["at"], row["group"])
        == ("family_contact_ever_lost", "total", "US<-CN")
    )
    number, _ = estimate(
        "family_contact_ever_lost", *(float(row[key]) for key in ("effect", "low", "high"))
    )
    assert cell["headline"][0].lower().startswith(number)


def test_headline_and_lines_are_of_one_group_even_if_the_run_is_about_another(
    explorer: ModuleType,
) -> None:
    made = toy_result(5, 120)
    at = made.members[0][1].axes.groups.index(explorer.GROUP)
    members = []
    for baseline, policy in made.members:
        changed = dict(policy.arrays)
        for metric in ("family_contact_ever_lost", "family_contact_ever_lost_people"):
            changed[metric] = changed[metric].copy()
            changed[metric][:, at] /= 50
        members.append((baseline, replace(policy, arrays=changed)))
    result = Result(made.scenario, members, made.info)
    assert any("families in China" in said for said in headline(result))
    cell = explorer.shown(result)
    stated = re.match(
        r"About ([\d.]+) % of people from China in the United States \(([\d.]+) to ([\d.]+) %\)",
        cell["headline"][0],
    )
    assert stated, cell["headline"]
    ends = [line[-1] / explorer.PART for line in cell["ever"]]
    assert ends[0] > 0
    assert [float(number) / 100 for number in stated.groups()] == pytest.approx(ends, rel=0.2), (
        "rounded"
    )


def test_the_page_is_valid_and_holds_its_data(
    explorer: ModuleType, data: dict[str, Any], tmp_path: Path
) -> None:
    page = explorer.page(tmp_path)
    text = page.read_text(encoding="utf-8")
    html5lib.HTMLParser(strict=True).parse(text)
    inside = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert inside and json.loads(inside[1]) == data
    assert json.loads((tmp_path / "explorer.json").read_text(encoding="utf-8")) == data
    assert "http" not in text.replace("http://www.w3.org", ""), "nothing is fetched from elsewhere"
