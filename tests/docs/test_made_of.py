"""A stored run that a page shows is of today's scenario, rules, facts and fit, and one case has one
number.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from types import ModuleType

import pytest
from scripts import script

ROOT = Path(__file__).resolve().parents[2]
SHOWN = {
    ("README.md", "opening case in short"): ("wechat_as_ordered", "readme"),
    ("docs/results.md", "opening case"): ("wechat_as_ordered", "readme"),
    ("docs/statecraft.md", "case of states"): ("clean_network_coalition", "states"),
}
"""Page and part -> the scenario, and the name by which ``pages/refresh.py`` makes it again."""


@pytest.fixture(scope="module")
def made_of() -> ModuleType:
    return script("pages/made_of.py")


def part_of(page: str, name: str) -> str:
    text = (ROOT / page).read_text(encoding="utf-8")
    return text.split(f"<!-- begin {name} -->")[1].split(f"<!-- end {name} -->")[0]


@pytest.mark.parametrize(("page", "name"), SHOWN)
def test_what_a_page_shows_is_not_stale(made_of: ModuleType, page: str, name: str) -> None:
    scenario, only = SHOWN[page, name]
    changed = made_of.stale(scenario, part_of(page, name))
    assert not changed, f"other {changed} since: run `uv run python pages/refresh.py --only {only}`"


@pytest.mark.parametrize(
    ("table", "part"),
    [
        ("parameters.csv", "facts"),
        ("world-2020/penetration.csv", "facts"),
        ("posterior.csv", "fit"),
    ],
)
def test_a_changed_table_makes_it_stale(
    made_of: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    table: str,
    part: str,
) -> None:
    line = made_of.line("wechat_as_ordered")
    assert made_of.stale("wechat_as_ordered", line) == []
    folder = shutil.copytree(ROOT / "sim" / "facts", tmp_path / "facts")
    changed = folder / table
    changed.write_text(changed.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    monkeypatch.setattr(made_of, "FACTS", folder)
    assert made_of.stale("wechat_as_ordered", line) == [part]


def test_changed_rules_make_it_stale(
    made_of: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = made_of.line("wechat_as_ordered")
    golden = json.loads(made_of.GOLDEN.read_text(encoding="utf-8"))
    other = tmp_path / "golden.json"
    other.write_text(json.dumps({**golden, "wechat_as_ordered": {}}), encoding="utf-8")
    monkeypatch.setattr(made_of, "GOLDEN", other)
    assert made_of.stale("wechat_as_ordered", line) == ["rules"]
    assert "rules" in made_of.stale("wechat_as_ordered", "a part without digests")


def test_another_rule_of_intervals_makes_it_stale(
    made_of: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = made_of.line("wechat_as_ordered")
    monkeypatch.setattr("splinternet.results.interval.LOW", 0.2)
    assert made_of.stale("wechat_as_ordered", line) == ["rules"]


def test_the_opening_case_has_one_number() -> None:
    """On the README, on the page of results and on the explorer of the landing page."""
    stored = json.loads((ROOT / "pages" / "explorer.json").read_text(encoding="utf-8"))
    texts = [
        part_of("README.md", "opening case in short"),
        part_of("docs/results.md", "opening case"),
        stored["runs"][0]["said"][0],
    ]
    share = re.compile(r"About ([\d.]+) % of people from China in the United States \(([^)]+)\)")
    found = {share.search(" ".join(text.split())) for text in texts}
    numbers = {one.groups() for one in found if one}
    assert None not in found and len(numbers) == 1, numbers
