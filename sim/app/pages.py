"""HTML pages from Jinja2 templates: what is not marked as HTML already is escaped.

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

if TYPE_CHECKING:
    from ..plots.page import House, Source

LARGEST_SVG = 150_000
"""A drawing above this is put on a page as pixels, so that no report has more than 3 MB [bytes]."""


class Named(NamedTuple):
    """A cell of a table that shows a parameter or a path: in words, and by its name.

    Attributes
    ----------
    said : str
        What it means; empty where there are no words for it.
    code : str
        Its dotted name.
    """

    said: str
    code: str


class Table(NamedTuple):
    """A table whose first column names its rows.

    Attributes
    ----------
    caption : str
        What it shows.
    header : sequence of str
        Names of the columns.
    rows : sequence of sequences of str or Named
        The cells.
    numbers : collection of int
        Columns that hold numbers, from 0.
    widths : sequence of int
        Widths of the columns [% of the page]; by default as their cells need.
    note : str
        What a reader must know, below it.
    """

    caption: str
    header: Sequence[str]
    rows: Sequence[Sequence[str | Named]]
    numbers: Sequence[int] = ()
    widths: Sequence[int] = ()
    note: str = ""


class Picture(NamedTuple):
    """A chart as an inline picture.

    Attributes
    ----------
    data : str
        The picture as an address that holds it.
    alt : str
        What it shows, in words.
    width, height : int
        Its size [CSS pixels].
    caption : str
        What is printed below it.
    """

    data: str
    alt: str
    width: int
    height: int
    caption: str


class Section(NamedTuple):
    """A section of a page.

    Attributes
    ----------
    anchor, title : str
        Its id within the page, and its heading.
    parts : sequence of Markup
        What is below the heading.
    """

    anchor: str
    title: str
    parts: Sequence[Markup]


def folded(title: str, inside: Markup) -> Markup:
    """Return a part that is folded away under its title."""
    return render("folded.html", title=title, inside=inside)


def picture(result: Source, figure: House, description: str) -> Picture:
    """Return a chart as an inline picture with a description in words; a large one as pixels, to keep pages small."""
    from ..plots import save_png, save_svg

    stream, kind = io.BytesIO(), "svg+xml"
    save_svg(figure, stream, result)
    if len(stream.getvalue()) > LARGEST_SVG:
        stream, kind = io.BytesIO(), "png"
        save_png(figure, stream, result)
    data = base64.b64encode(stream.getvalue()).decode("ascii")
    wide, high = (round(inches * 96) for inches in figure.get_size_inches())
    return Picture(f"data:image/{kind};base64,{data}", f"{figure.title}. {description}", wide, high, description)


def render(template: str, **values: object) -> Markup:
    """Return a page, or a part of one, as HTML.

    Parameters
    ----------
    template : str
        A file in ``templates``.
    **values : object
        What the template names. A name that it uses and that is not given raises ``jinja2.UndefinedError``.
    """
    return Markup(_environment().get_template(template).render(values))  # noqa: S704  (templates escape)


@cache
def _environment() -> Environment:
    """Return where templates come from and what they may use."""
    found = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    found.filters["unbroken"] = unbroken
    found.filters["pieces"] = pieces
    return found


def unbroken(text: str) -> Markup:
    """Return a text as HTML in which a number and its percent sign stay on one line."""
    return Markup(re.sub(r"(?<=\d) (?=%)", "&nbsp;", escape(text)))  # noqa: S704  (the text has just been escaped)


def pieces(name: str) -> list[str]:
    """Return a dotted name in the pieces between which a line may break: after its dots and underscores."""
    return re.split(r"(?<=[._])", name)
