"""The gallery: every shipped scenario has a card on the landing page, and what a card links to is
there.
"""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

import html5lib
import pytest
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


def test_a_card_shows_the_finding_and_its_links_lead_somewhere(
    gallery: ModuleType, tmp_path: Path
) -> None:
    result = toy_result(2, 100, title="Ban & <b>answer</b>")
    text = gallery.landing([gallery.card("events/ir_telegram_2018", result, tmp_path / "gallery")])
    assert (
        "Ban &amp; &lt;b&gt;answer" in text
        and gallery.finding("events/ir_telegram_2018", result) in text
        and "PROJECTION" in text
    )
    targets = set(re.findall(r'(?:href|src)="([^"#]+)"', text)) - {"explorer/index.html"}
    assert {Path(target).suffix for target in targets} == {".html", ".png", ".yaml"}
    assert all((tmp_path / target).is_file() for target in targets)
    assert 'data-platforms="WeChat"' in text and "<option>United States</option>" in text, (
        "a card is found by these"
    )
    assert "2 seeds, 100 days" in text, "a small run says that it is one"
    part = gallery.card("the_battle", result, tmp_path / "gallery", days=4_000)
    assert part.size.endswith("2 seeds, the first 100 of 4,000 days"), "a run of a part says so"
    assert "uv run splinternet run events/ir_telegram_2018" in text
    assert 'id="events-ir_telegram_2018"' in text and 'href="#events-ir_telegram_2018"' in text


def test_a_sweep_has_a_card_with_its_chart_and_table(gallery: ModuleType, tmp_path: Path) -> None:
    found = sn.sweep("wechat_sweep", people=1_000, days=55, seeds=1, jobs=1)
    card = gallery.sweep_card("wechat_sweep", found, tmp_path)
    assert card.command == "uv run splinternet sweep wechat_sweep"
    assert "6 points" in card.size and card.finding
    page = (tmp_path / card.report).read_text(encoding="utf-8")
    html5lib.HTMLParser(strict=True).parse(page)
    assert page.count("<tr data-values") == len(found.points), "a row a point"
    assert (tmp_path / card.picture).stat().st_size > 10_000
