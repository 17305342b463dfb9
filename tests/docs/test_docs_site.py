"""The site of the documentation is built without a warning, a warning stops it, and its search
finds pages.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from types import ModuleType

import pytest
from browsing import files_served, started
from playwright.sync_api import Page
from scripts import script
from toy_results import toy_result

ROOT = Path(__file__).resolve().parents[2]
RIGHT: dict[str, str | tuple[str, ...]] = {
    "add a country": "docs/data/#add-a-country-a-state",
    "add a platform": "docs/data/#add-a-platform",
    "sanction": "docs/statecraft/#sanctions-and-how-a-platform-decides",
    "family": (
        "docs/how-it-works/#one-family",
        "docs/model/#7-contact-with-family",
        "docs/limits/#contact-with-family",
    ),
    "who lost contact with whom": "notebooks/07_ties/",
}
"""What a reader types, and where the first result must lead: one of several where more pages have
a part on it.
"""


def copy_pages(folder: Path) -> Path:
    """Copy the pages, the notebooks and what builds them into a folder, and return it."""
    for name in ("docs", "pages"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(
        ROOT / "notebooks",
        folder / "notebooks",
        ignore=shutil.ignore_patterns(".ipynb_checkpoints"),
    )
    (folder / "sim" / "facts").mkdir(parents=True)
    for name in ("sim/facts/SOURCES.md", "LICENSE", "CITATION.cff", "zensical.toml"):
        shutil.copy(ROOT / name, folder / name)
    for page in ROOT.glob("*.md"):
        shutil.copy(page, folder)
    return folder


@pytest.fixture(scope="module")
def site() -> ModuleType:
    return script("pages/site.py")


@pytest.fixture(scope="module")
def copy(site: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the pages and the site that was built of them, with one card in its
    gallery.
    """
    import gallery

    folder = copy_pages(tmp_path_factory.mktemp("site"))
    place = folder / site.GALLERY
    card = gallery.card("wechat_as_ordered", toy_result(2, 30, title="A card"), place)
    (place / gallery.CARDS).write_text(json.dumps([asdict(card)]), encoding="utf-8")
    done = site.build(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_the_site_holds_every_page_and_each_stands_in_the_navigation(
    site: ModuleType, copy: Path
) -> None:
    listed = (copy / "zensical.toml").read_text(encoding="utf-8")
    for page in (copy / site.GATHERED).rglob("*.md"):
        name = page.relative_to(copy / site.GATHERED)
        place = name.with_suffix("")
        folder = place.parent if place.name == "index" else place
        assert (copy / site.SITE / folder / "index.html").is_file(), f"{place} is not on the site"
        assert f'"{name.as_posix()}"' in listed, f"{name} is not in zensical.toml"
    drawing = copy / site.SITE / "docs" / "how-it-works" / "index.html"
    assert '<pre class="mermaid">' in drawing.read_text(encoding="utf-8")
    assert not list((copy / site.GATHERED).rglob("README.md"))


def test_the_landing_page_is_the_gallery_and_leads_to_the_explorer(
    site: ModuleType, copy: Path
) -> None:
    text = (copy / site.SITE / "index.html").read_text(encoding="utf-8")
    assert "<h3>A card</h3>" in text and "not built yet" not in text
    for target in re.findall(r'(?:href|src)="((?:gallery|explorer)/[^"]+)"', text):
        assert (copy / site.SITE / target).is_file(), target
    assert 'href="start/"' in text, "the README is a page of the site"


def test_a_page_of_a_notebook_shows_its_code_tables_and_charts(
    site: ModuleType, copy: Path
) -> None:
    for path in sorted((copy / "notebooks").glob("*.ipynb")):
        page = copy / site.SITE / "notebooks" / path.stem / "index.html"
        text = page.read_text(encoding="utf-8")
        pictures = re.findall(r'<img[^>]*src="([^"]+)"', text)
        assert pictures and "<table" in text and 'class="nb-output"' in text
        for picture in pictures:
            assert (page.parent / picture).resolve().is_file(), (
                f"{path.stem} shows {picture}, which is not there"
            )
        assert all(
            re.search(r'alt="[^"]{10,}"', image) for image in re.findall(r"<img[^>]*>", text)
        ), path.stem
        assert not re.search(r'href="[^"]+\.ipynb"', text), "links lead to pages"
        assert "data:image" not in text and "<style scoped>" not in text


def test_a_link_that_leads_nowhere_stops_the_build(site: ModuleType, tmp_path: Path) -> None:
    page = copy_pages(tmp_path) / "docs" / "glossary.md"
    page.write_text(
        page.read_text(encoding="utf-8") + "\n[nowhere](nowhere.md)\n", encoding="utf-8"
    )
    done = site.build(tmp_path)
    assert done.returncode != 0
    assert "page does not exist" in done.stdout + done.stderr


# --- search ---


@pytest.fixture(scope="module")
def page(site: ModuleType, copy: Path) -> Iterator[Page]:
    """Return the site in a browser, its search open."""
    with files_served(copy / site.SITE) as port, started() as browser:
        made = browser.new_page()
        made.set_default_timeout(60_000)
        made.goto(f"http://127.0.0.1:{port}/docs/tutorial/")
        made.get_by_role("button", name="Search").first.click()
        yield made


def first(page: Page, words: str) -> str:
    """Return where the first result for some words leads, from the root of the site."""
    field = page.get_by_role("combobox", name="Search")
    results = page.locator(
        "ol[role=listbox] a"
    )  # inside an option, where no role of its own counts
    field.fill("")
    results.first.wait_for(state="detached")
    field.fill(words)
    results.first.wait_for()
    return str(results.first.get_attribute("href")).split("/", 3)[3]


@pytest.mark.parametrize("words", RIGHT)
def test_the_first_result_is_the_page_that_is_meant(page: Page, words: str) -> None:
    assert first(page, words).startswith(RIGHT[words])
