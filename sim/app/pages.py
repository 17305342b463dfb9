"""HTML pages from Jinja2 templates, which escape all text that is not marked as HTML.

A page is sections, a section is parts, and a part is a template of ``templates`` with its values.
"""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from ..core.program import program_stamp
from ..text.numbers import day, seeds_text
from ..text.scenario import plain
from ..text.tables import Table

if TYPE_CHECKING:
    from ..plots.page import House, Source

LARGEST_SVG = 150_000
"""Size above which a drawing is put on a page as pixels, so that no report exceeds 3 MB [bytes]."""
COLOURS = 256
"""Number of colours in the palette of a picture, the most that a PNG allows."""


class Picture(NamedTuple):
    """A chart as an inline picture."""

    data: str
    """The picture as a data URL."""
    alt: str
    """Description of the picture, in words."""
    width: int
    height: int
    """Its size [CSS pixels]."""
    caption: str
    """Text below the picture."""


class Section(NamedTuple):
    """A section of a page: its id within the page, its heading, and the parts below it."""

    anchor: str
    title: str
    parts: Sequence[Markup]


def tables(*shown: Table) -> Markup:
    """Return tables as a part of a page."""
    return render("tables.html", tables=shown)


def picture(result: Source, figure: House, description: str, *, pixels: bool = False) -> Picture:
    """Return a chart as an inline picture with a description in words.

    A large chart is stored as pixels, which keeps pages small. Other charts are stored so on
    request, because pixels take less room in a notebook.
    """
    from ..plots import write_figure

    stream = io.BytesIO()
    kind = "svg+xml"
    if not pixels:
        write_figure(figure, stream, "svg", result)
    if pixels or len(stream.getvalue()) > LARGEST_SVG:
        stream = io.BytesIO()
        kind = "png"
        write_figure(figure, stream, "png", result)
        stream = io.BytesIO(with_palette(stream.getvalue()))
    wide, high = (round(inches * 96) for inches in figure.get_size_inches())
    # A user's own chart may be a plain Figure; the title of a comparison is a whole sentence.
    title = getattr(figure, "title", "").removesuffix(".")
    alt = f"{title}. {description}".strip().removeprefix(". ")
    return Picture(inline(stream.getvalue(), kind), alt, wide, high, description)


def with_palette(picture: bytes) -> bytes:
    """Return a PNG with a palette, which is a third of the size; a PNG that already has one is
    unchanged.
    """
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    image = Image.open(io.BytesIO(picture))
    if image.mode == "P":
        return picture
    about = PngInfo()
    for key in ("Title", "Description", "Source", "Software"):
        if key in image.info:
            about.add_text(key, str(image.info[key]))
    paper = Image.new("RGBA", image.size, "white")
    flat = Image.alpha_composite(paper, image.convert("RGBA")).convert("RGB")
    stream = io.BytesIO()
    flat.quantize(COLOURS, dither=Image.Dither.NONE).save(
        stream, "PNG", optimize=True, pnginfo=about
    )
    return stream.getvalue()


def inline(data: bytes, kind: str) -> str:
    """Return a picture as a data URL."""
    return f"data:image/{kind};base64,{base64.b64encode(data).decode('ascii')}"


def render(template: str, **values: object) -> Markup:
    """Return a template of ``templates``, filled with its values, as HTML: a page or a part of one.

    A missing value raises ``jinja2.UndefinedError``.
    """
    return Markup(_environment().get_template(template).render(values))  # noqa: S704  (templates escape)


@cache
def _environment() -> Environment:
    """Return the environment in which templates are loaded and rendered."""
    found = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    # A number and its percent sign stay on one line; a dotted name may break after its dots and
    # underscores.
    found.filters["unbroken"] = lambda text: Markup(  # noqa: S704
        re.sub(r"(?<=\d) (?=%)", "&nbsp;", escape(text))
    )
    found.filters["pieces"] = lambda name: re.split(r"(?<=[._])", name)
    found.filters |= {"day": day, "seeds": seeds_text, "plain": plain}
    found.globals["program_stamp"] = program_stamp
    return found
