"""The site of the documentation is built without a warning, and a warning stops it."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path
from types import ModuleType

import pytest
from scripts import script
from site_copy import copy_pages
from toy_results import toy_result

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def site() -> ModuleType:
    return script("pages/site.py")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a folder with the pages and what builds them."""
    return copy_pages(tmp_path)


def test_site_holds_every_page(site: ModuleType, copy: Path) -> None:
    done = site.build(copy)
    assert done.returncode == 0, done.stdout + done.stderr
    built = copy / "build" / "site"
    for page in site.gather(copy):
        place = page.relative_to(copy / site.GATHERED).with_suffix("")
        folder = place.parent if place.name == "index" else place
        assert (built / folder / "index.html").is_file(), f"{place} is not on the site"
    assert '<pre class="mermaid">' in (built / "docs" / "architecture" / "index.html").read_text(encoding="utf-8")


def test_the_landing_page_is_the_gallery_and_leads_to_the_explorer(site: ModuleType, copy: Path) -> None:
    import gallery

    folder = copy / site.GALLERY
    card = gallery.card("wechat_as_ordered", toy_result(2, 30, title="A card"), folder)
    (folder / gallery.CARDS).write_text(json.dumps([asdict(card)]), encoding="utf-8")
    assert site.build(copy).returncode == 0
    built = copy / site.SITE
    text = (built / "index.html").read_text(encoding="utf-8")
    assert "<h3>A card</h3>" in text and "not built yet" not in text
    for target in re.findall(r'(?:href|src)="((?:gallery|explorer)/[^"]+)"', text):
        assert (built / target).is_file(), target
    assert 'href="start/"' in text, "the README is a page of the site"
    assert not list((copy / site.GATHERED).rglob("README.md"))


def test_every_page_stands_in_the_navigation(site: ModuleType, copy: Path) -> None:
    listed = (copy / "zensical.toml").read_text(encoding="utf-8")
    for page in site.gather(copy):
        name = page.relative_to(copy / site.GATHERED).as_posix()
        assert f'"{name}"' in listed, f"{name} is not in zensical.toml"


def test_a_page_of_a_notebook_shows_its_code_tables_and_charts(site: ModuleType, copy: Path) -> None:
    assert site.build(copy).returncode == 0
    built = copy / site.SITE
    for path in sorted((copy / "notebooks").glob("*.ipynb")):
        page = built / "notebooks" / path.stem / "index.html"
        text = page.read_text(encoding="utf-8")
        pictures = re.findall(r'<img[^>]*src="([^"]+)"', text)
        assert pictures and "<table" in text and 'class="nb-output"' in text
        for picture in pictures:
            assert (page.parent / picture).resolve().is_file(), f"{path.stem} shows {picture}, which is not there"
        assert all(re.search(r'alt="[^"]{10,}"', image) for image in re.findall(r"<img[^>]*>", text)), path.stem
        assert not re.search(r'href="[^"]+\.ipynb"', text), "links lead to pages"
        assert "data:image" not in text and "<style scoped>" not in text
    assert '/notebooks/07_ties/"' in (built / "docs" / "index.html").read_text(encoding="utf-8")


def test_a_link_that_leads_nowhere_stops_the_build(site: ModuleType, copy: Path) -> None:
    page = copy / "docs" / "glossary.md"
    page.write_text(page.read_text(encoding="utf-8") + "\n[nowhere](nowhere.md)\n", encoding="utf-8")
    done = site.build(copy)
    assert done.returncode != 0
    assert "page does not exist" in done.stdout + done.stderr
