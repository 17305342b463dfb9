"""Text can be read: every pair of text and background has the contrast of WCAG 2.2 level AA, light
and dark.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import splinternet.app
from splinternet.plots.page import COLOURS, READABLE, contrast, readable

APP = Path(splinternet.app.__file__).parent
PAPER = "#ffffff"


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#fff", 1.0),
        ("#767676", "#ffffff", 4.54),
        ("#ff0000", "#ffffff", 4.0),
    ],
)
def test_contrast_is_that_of_the_standard(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == contrast(other, one) == pytest.approx(ratio, abs=0.005)


@pytest.mark.parametrize("colour", COLOURS)
def test_a_label_in_the_colour_of_its_line_can_be_read(colour: str) -> None:
    made = readable(colour)
    assert contrast(made, PAPER) >= READABLE
    assert made == colour or contrast(made, PAPER) < READABLE + 0.4, "no darker than it must be"


def variables(block: str) -> dict[str, str]:
    """Return the colours that a block of CSS names."""
    return dict(re.findall(r"--([\w-]+): ?(#[0-9a-fA-F]{3,6})\b", block))


def test_the_report_can_be_read_in_light_and_dark() -> None:
    css = (APP / "templates" / "style.css").read_text(encoding="utf-8")
    light, dark = (variables(block) for block in re.findall(r":root \{(.*?)\}", css))
    assert set(light) == set(dark)
    for colours in (light, dark):
        for back in ("paper", "pale"):
            for ink in ("ink", "grey", "link"):
                assert contrast(colours[ink], colours[back]) >= READABLE, (ink, back)
    rest = re.sub(r":root \{.*?\}|figure img \{ background: #fff; \}", "", css)
    assert not re.findall(r"#[0-9a-fA-F]{3,6}\b", rest), "colours are named once"


@pytest.mark.parametrize(
    ("path", "start"),
    [
        (APP.parents[1] / "pages" / "gallery.html", "sp-"),
        (APP / "templates" / "explorer.html", ""),
    ],
)
def test_pages_for_a_browser_can_be_read_in_light_and_dark(path: Path, start: str) -> None:
    page = path.read_text(encoding="utf-8")
    light, dark = (
        variables(block) for block in re.findall(r'(?::root|"slate"\]) \{(.*?)\}', page, re.DOTALL)
    )
    assert set(light) == set(dark)
    inks = [ink for ink in light if ink.removeprefix(start) in ("ink", "grey", "link", "given")]
    for colours in (light, dark):
        for back in [back for back in colours if back.removeprefix(start) in ("paper", "soft")]:
            assert all(contrast(colours[ink], colours[back]) >= READABLE for ink in inks), (
                back,
                inks,
            )
