"""The gallery: every shipped scenario has a card, and what a card links to is there."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import html5lib
import pytest
from toy_results import toy_result

from sim import scenario
from sim.text.findings import headline

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def gallery() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_gallery", ROOT / "docs" / "gallery.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["docs_gallery"] = module
    spec.loader.exec_module(module)
    return module


def test_every_shipped_scenario_has_a_name_that_runs(gallery: ModuleType) -> None:
    names = gallery.names()
    assert {"wechat_as_ordered", "the_battle", "events/ir_telegram_2018"} <= set(names)
    shipped = [*(ROOT / "scenarios").glob("*.yaml"), *(ROOT / "scenarios" / "events").glob("*.yaml")]
    assert {path.stem for path in shipped} - {name.split("/")[-1] for name in names} == {
        path.stem for path in shipped if path.stem.endswith("_sweep")
    }
    assert scenario.load(names[0]).title


def test_a_card_shows_the_finding_and_its_links_lead_somewhere(gallery: ModuleType, tmp_path: Path) -> None:
    result = toy_result(2, 100, title="Ban & <b>answer</b>")
    page = gallery.write([gallery.card("events/ir_telegram_2018", result, tmp_path)], tmp_path)
    text = page.read_text(encoding="utf-8")
    html5lib.HTMLParser(strict=True).parse(text)
    assert "Ban &amp; &lt;b&gt;answer" in text and headline(result)[0] in text and "PROJECTION" in text
    targets = set(re.findall(r'(?:href|src)="([^"#]+)"', text)) - {"../index.html"}
    assert {Path(target).suffix for target in targets} == {".html", ".png", ".yaml"}
    assert all((tmp_path / target).is_file() for target in targets)
    assert "2 seeds, 100 days" in text, "a small run says that it is one"
    assert 'id="events-ir_telegram_2018"' in text and 'href="#events-ir_telegram_2018"' in text
