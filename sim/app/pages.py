"""HTML pages from Jinja2 templates: what is not marked as HTML already is escaped.

A page is sections, a section is parts, and a part is data with the template in ``templates`` that shows it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar, NamedTuple, Protocol

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape


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
        The SVG file, base64.
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


class Part(Protocol):
    """A part of a page.

    Attributes
    ----------
    TEMPLATE : str
        File in ``templates`` that shows it, under the name ``part``.
    """

    TEMPLATE: ClassVar[str]


@dataclass(frozen=True)
class Section:
    """A section of a page.

    Attributes
    ----------
    anchor : str
        Its id within the page.
    title : str
        Its heading.
    parts : tuple of Part
        What is below the heading.
    """

    anchor: str
    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Folded:
    """A part that is folded away under its title.

    Attributes
    ----------
    title : str
        What it is about.
    inside : Part
        What is shown when it is opened.
    """

    TEMPLATE: ClassVar[str] = "folded.html"
    title: str
    inside: Part


def render(template: str, **values: object) -> str:
    """Return a page.

    Parameters
    ----------
    template : str
        A file in ``templates``.
    **values : object
        What the template names. A name that it uses and that is not given raises ``jinja2.UndefinedError``.
    """
    return _environment().get_template(template).render(values)


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
