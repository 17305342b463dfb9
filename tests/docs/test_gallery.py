"""The gallery: every shipped scenario has a card on the landing page, and what a card links to is
there.
"""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from scripts import script
from toy_results import toy_result

import splinternet as sn
from splinternet.core.shipped import shipped

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def gallery() -> ModuleType:
    return script("pages/gallery.py")


def test_every_shipped_scenario_is_in_the_gallery(gallery: ModuleType) -> None:
    assert len(list((ROOT / "scenarios").rglob("*.yaml"))) == len(shipped())
    assert set(gallery.names()) == set(shipped())
    assert {
        "wechat_as_ordered",
        "wechat_sweep",
        "events/ir_telegram_2018",
        "clean_network/all",
    } <= set(shipped())
    assert {sn.load(name).status for name in gallery.names()} <= set(gallery.KINDS), (
        "each card has its group"
    )
    assert len(gallery.CHOSEN) == 8 and set(gallery.CHOSEN) <= set(shipped())


def test_a_card_shows_what_is_ordered_and_its_links_lead_somewhere(
    gallery: ModuleType, tmp_path: Path
) -> None:
    result = toy_result(2, 100, title="Ban & <b>answer</b>")
    card = gallery.card("events/ir_telegram_2018", result, tmp_path / "gallery")
    text = gallery.landing([card])
    assert (
        "Ban &amp; &lt;b&gt;answer" in text
        and gallery.finding("events/ir_telegram_2018", result.scenario) in text
        and "PROJECTION" in text
    )
    targets = set(re.findall(r'(?:href|src)="([^"#]+)"', text)) - {"explorer/index.html"}
    assert {Path(target).suffix for target in targets} == {".png", ".yaml"}
    assert all((tmp_path / target).is_file() for target in targets)
    assert 'data-platforms="WeChat"' in text and "<option>United States</option>" in text, (
        "a card is found by these"
    )
    assert "2 seeds, 100 days" in text, "a small run says that it is one"
    part = gallery.card("the_battle", result, tmp_path / "gallery", days=4_000)
    assert part.size.endswith("2 seeds, the first 100 of 4,000 days"), "a run of a part says so"
    assert "uv run splinternet run events/ir_telegram_2018" in text
    assert 'id="events-ir_telegram_2018"' in text and 'href="#events-ir_telegram_2018"' in text


def test_a_card_leads_to_the_stored_full_run_of_its_case_and_to_no_small_run(
    gallery: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gallery, "_picture", lambda _, path: path.write_bytes(b""))
    result = toy_result(2, 100)
    explorer = script("pages/explorer.py")
    pages = {path.name for path in explorer.pages(tmp_path / "explorer")}
    for name in gallery.CHOSEN:
        card = gallery.card(name, result, tmp_path / "gallery")
        if name not in explorer.CASES:
            assert not card.page
            continue
        assert (tmp_path / card.page).is_file() and Path(card.page).name in pages
        assert f'href="{card.page}"' in gallery.landing([card])
    assert {path.suffix for path in (tmp_path / "gallery").iterdir()} == {".png", ".yaml"}, (
        "no page and no table of a small run"
    )


def drawn(gallery: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list to which the texts of each picture are added when it is written."""
    seen = list[str]()

    def note(figure: Figure, path: Path) -> None:
        figure.draw_without_rendering()
        path.write_bytes(b"")
        shown = [text for text in figure.findobj(Text) if text.get_visible()]
        # The foot has the version and the size of the run.
        seen.extend(one.get_text() for one in shown if not one.get_text().startswith("splinternet"))

    monkeypatch.setattr(gallery, "_picture", note)
    return seen


@pytest.mark.parametrize("name", ["wechat_full_block", "clean_network/all", "great_firewall"])
def test_the_picture_of_a_small_run_has_no_number(
    gallery: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Only its words on what is drawn have one: the interval, the simulated people, dates."""
    texts = drawn(gallery, monkeypatch)
    result = sn.run(name, people=1_000, seeds=2, days=90, jobs=1)
    gallery.card(name, result, tmp_path)
    assert texts
    words = re.compile(
        r"\(\d[\d,]* simulated|80\s% interval|for 7 days|announced|in force from|\n20\d\d$"
        r"|^\d{1,2} [A-Z][a-z]{2}$|^and \d+ more$"
    )
    assert [one for one in texts if re.search(r"\d", one) and not words.search(one)] == []


def test_a_number_beside_a_mark_is_removed_and_the_words_stay(gallery: ModuleType) -> None:
    figure = Figure()
    axes = figure.subplots()
    said = {
        "no app 6.8 %": "no app",
        "no app for 7 days 3.7 %": "no app for 7 days",
        "nor telephone under 1 %": "nor telephone",
        "100 % to 87 %": "",
        "-1.3m (-1.7m to -950k)": "",
        "in 2 of 2": "",
        "5,770\n(0 to 11.5k)": "",
        "control of information 54.5": "control of information",
        "US: announced 6 Aug; in force from 20 Sep": "US: announced 6 Aug; in force from 20 Sep",
    }
    texts = [axes.annotate(text, (0, 0)) for text in said]
    gallery.without_numbers(figure)
    assert [text.get_text() for text in texts] == list(said.values())


def test_a_sweep_has_a_card_with_its_chart(
    gallery: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = sn.sweep("wechat_sweep", people=1_000, days=55, seeds=1, jobs=1)
    texts = drawn(gallery, monkeypatch)
    card = gallery.sweep_card("wechat_sweep", found, tmp_path)
    assert card.command == "uv run splinternet sweep wechat_sweep"
    assert "6 points" in card.size and not card.page
    assert card.finding.startswith("From ") and "%" not in card.finding
    assert found.scenario.title in texts and found.plot().title not in texts
