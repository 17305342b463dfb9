"""A stored run that a page shows is of today's scenario, rules, facts and fit, and one case has one
number.
"""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import asdict, replace
from pathlib import Path
from types import ModuleType

import pytest
from scripts import script
from toy_results import toy_result

from splinternet.scenario import load

ROOT = Path(__file__).resolve().parents[2]
SHOWN = {
    ("README.md", "opening case in short"): ("wechat_as_ordered", "readme"),
    ("docs/results.md", "opening case"): ("wechat_as_ordered", "readme"),
    ("docs/statecraft.md", "case of states"): ("clean_network_coalition", "states"),
}
"""Page and part -> the scenario, and the name by which ``pages/refresh.py`` makes it again."""


EXPLORER = script("pages/explorer.py")
NOTEBOOKS = script("pages/notebook_pages.py")
RUN_NOTEBOOK = "pages/notebook_pages.py"


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


@pytest.mark.parametrize("name", EXPLORER.CASES)
def test_what_an_explorer_shows_is_not_stale(made_of: ModuleType, name: str) -> None:
    path = EXPLORER.stored(name)
    assert path.is_file(), f"run `uv run python pages/explorer.py {name}`"
    stored = json.loads(path.read_text(encoding="utf-8"))
    changed = made_of.changed(stored.get("made_of", {}), made_of.parts(name))
    assert not changed, f"other {changed} since: run `uv run python pages/explorer.py {name}`"


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda p: p.stem)
def test_what_a_notebook_shows_is_not_stale(made_of: ModuleType, path: Path) -> None:
    notebook = NOTEBOOKS.read(path)
    today = made_of.notebook_parts(NOTEBOOKS.code(notebook))
    changed = made_of.changed(notebook.metadata.get("made_of", {}), today)
    assert not changed, f"other {changed} since: run `uv run python {RUN_NOTEBOOK} {path.stem}`"


def test_other_code_or_facts_make_a_notebook_stale(
    made_of: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = made_of.notebook_parts(["print(1)"])
    assert made_of.changed(stored, made_of.notebook_parts(["print(1)"])) == []
    assert made_of.changed(stored, made_of.notebook_parts(["print(2)"])) == ["code"]
    folder = shutil.copytree(ROOT / "sim" / "facts", tmp_path / "facts")
    table = folder / "world-2025" / "penetration.csv"
    table.write_text(table.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    monkeypatch.setattr(made_of, "FACTS", folder)
    assert made_of.changed(stored, made_of.notebook_parts(["print(1)"])) == ["facts"]


def test_a_stale_card_is_left_out_of_the_gallery(made_of: ModuleType, tmp_path: Path) -> None:
    gallery = script("pages/gallery.py")
    card = gallery.card("wechat_as_ordered", toy_result(2, 30), tmp_path)
    old = replace(card, made_of=card.made_of.replace("fit ", "fit 0"))
    for each, shown in ((card, [card]), (old, []), (replace(card, made_of=""), [])):
        (tmp_path / gallery.CARDS).write_text(json.dumps([asdict(each)]), encoding="utf-8")
        assert gallery.stored(tmp_path) == shown


@pytest.mark.parametrize(
    ("table", "part"),
    [
        ("surveys.csv", "facts"),
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


def test_a_changed_parameter_makes_it_stale_and_other_words_for_it_do_not(
    made_of: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = made_of.line("wechat_as_ordered")
    folder = shutil.copytree(ROOT / "sim" / "facts", tmp_path / "facts")
    table = folder / "parameters.csv"
    text = table.read_text(encoding="utf-8")
    monkeypatch.setattr(made_of, "FACTS", folder)
    for old, new, parts in (
        (",Mean days between two", ",Average days between two", []),
        ("choice.review_days,21,", "choice.review_days,22,", ["facts"]),
    ):
        assert old in text
        table.write_text(text.replace(old, new), encoding="utf-8")
        assert made_of.stale("wechat_as_ordered", line) == parts


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


def test_rules_by_which_states_decide_make_stale_only_that_in_which_they_do(
    made_of: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Russia cut off has no stored figures, and depends on all that are no states' decisions."""
    cells = {"they decide": ["sn.run('the_battle')"], "nobody decides": ["sn.run('x')"]}
    before = {name: made_of.notebook_parts(code) for name, code in cells.items()}
    line = made_of.line("russia_cut_off")
    golden = json.loads(made_of.GOLDEN.read_text(encoding="utf-8"))

    def stale(changed: str) -> list[bool]:
        other = tmp_path / "golden.json"
        other.write_text(json.dumps({**golden, changed: {}}), encoding="utf-8")
        monkeypatch.setattr(made_of, "GOLDEN", other)
        now = {name: made_of.notebook_parts(code) for name, code in cells.items()}
        found = [now[name] != before[name] for name in cells]
        return [*found, bool(made_of.stale("russia_cut_off", line))]

    assert stale("the_battle") == [True, False, False]
    assert stale("wechat_as_ordered") == [True, True, True]


def test_another_rule_of_intervals_makes_it_stale(
    made_of: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = made_of.line("wechat_as_ordered")
    monkeypatch.setattr("splinternet.results.interval.LOW_SHARE", 0.2)
    assert made_of.stale("wechat_as_ordered", line) == ["rules"]


def test_the_opening_case_has_one_number() -> None:
    """On the README, on the page of results and on the explorer of the landing page."""
    path = EXPLORER.stored("wechat_as_ordered")
    stored = json.loads(path.read_text(encoding="utf-8"))
    texts = [
        part_of("README.md", "opening case in short"),
        part_of("docs/results.md", "opening case"),
        stored["runs"][0]["said"][0],
    ]
    share = re.compile(r"About ([\d.]+) % \(([^)]+)\) of people from China in the United States")
    found = {share.search(" ".join(text.split())) for text in texts}
    numbers = {one.groups() for one in found if one}
    assert None not in found and len(numbers) == 1, numbers


def printed(case: str) -> dict[str, str]:
    """Return what each surface prints of a case, by the place where it is read."""
    found = {}
    title = f"<b>{load(case).title}</b>"
    for page, name in SHOWN:
        if SHOWN[page, name][0] == case:
            found[f"{page}: {name}"] = part_of(page, name)
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        for cell in NOTEBOOKS.read(path).cells:
            for out in cell.get("outputs", ()):
                html = out.get("data", {}).get("text/html", "")
                if title in html:
                    found[path.name] = re.sub(r"<[^>]+>", " ", html)
    return found


@pytest.mark.parametrize("case", EXPLORER.CASES)
def test_every_page_and_notebook_says_of_a_case_what_its_explorer_says(case: str) -> None:
    """The sentence with its number and interval is the same; a smaller run would have others."""
    held = json.loads(EXPLORER.stored(case).read_text(encoding="utf-8"))
    first = held["runs"][0]["said"][0]
    seen = {place: " ".join(text.split()) for place, text in printed(case).items()}
    assert [place for place, text in seen.items() if first not in text] == []
    if case == "wechat_as_ordered":
        assert len(seen) == 5, "README, page of results, three notebooks"


def test_a_card_of_the_gallery_has_the_number_of_the_full_run_or_none(tmp_path: Path) -> None:
    """A small run shows a shape: the words of its card have no figure."""
    gallery = script("pages/gallery.py")
    result = toy_result(2, 30)
    known = gallery.card("wechat_as_ordered", result, tmp_path)
    held = json.loads(EXPLORER.stored("wechat_as_ordered").read_text(encoding="utf-8"))
    assert known.finding == held["runs"][0]["said"][0]
    other = gallery.card("wechat_full_block", result, tmp_path)
    assert other.finding.startswith("From ") and "%" not in other.finding + other.alternative
