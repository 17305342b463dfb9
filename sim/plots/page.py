"""The style of every chart, and the page, panel or axes in which it is drawn.

Colours are those of Okabe and Ito (2008), which people with any common colour blindness can
distinguish; lines also differ in dashes and have labels, so that a chart is legible in grey.
matplotlib's constrained layout places title, chart and foot.
"""

from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure, SubFigure
from matplotlib.font_manager import FontProperties

from ..core.program import program_stamp
from ..errors import InputError, Problem
from ..results.manifest import short
from ..text.numbers import brief, capital, is_plural, number, seeds_text, table, unbroken

# Okabe, M. and Ito, K. (2008), Color Universal Design, https://jfly.uni-koeln.de/color/
BLUE = "#0072B2"
VERMILLION = "#D55E00"
GREEN = "#009E73"
ORANGE = "#E69F00"
PURPLE = "#CC79A7"
SKY = "#56B4E9"
YELLOW = "#F0E442"
BLACK = "#000000"
COLOURS = (VERMILLION, BLUE, GREEN, ORANGE, PURPLE, SKY, BLACK)
DOTTED: Any = (0, (1, 2))
DASHES: tuple[Any, ...] = (
    "-",
    (0, (6, 1.5)),
    (0, (3, 1.2)),
    (0, (1.2, 1.2)),
    (0, (7, 1.5, 1.5, 1.5)),
    "-",
    (0, (4, 3)),
)
INK = "#222222"
GREY = "#6b6b6b"
PALE = "#d9d9d9"
# inches
WIDTH = 10.0
HEIGHT = 6.25
DPI = 150
"""Resolution of a picture [pixels per inch]."""
READABLE = 4.5
"""Least contrast of text with its background [1]: WCAG 2.2, success criterion 1.4.3, level AA."""
MOST_WORDS = 12
TITLES: dict[str, Any] = table("titles", "TITLES")
NOTHING: dict[str, Any] = table("titles", "NOTHING")
# Read now, because Solara's rcParams convert nothing.
HOUSE = dict(
    mpl.rc_params_from_file(Path(__file__).with_name("house.mplstyle"), use_default_template=False)
)
"""matplotlib's settings of every chart."""
LETTERS = 10.0
"""Font size on a page [points]."""
_SMALLEST = 0.6  # font size of the narrowest figure, relative to a page
# smallest font size beside axes, relative to a page: 5 points in the smallest figure
_IN_AXES = 0.75
_LETTER = 0.6  # mean width of a bold letter, in heights of the font
TALL = 3.6  # smallest height with room for the timeline of policies and for the source [inches]

type Source = Any
"""The subject of a figure: a run, an experiment or a stand-in, with ``name``, ``run_id``,
``version``, ``commit``, ``scenario``, ``seeds`` and ``members``.
"""


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours such as ``#0072B2``, 1 to 21, as WCAG 2.2 defines
    it.
    """

    def luminance(colour: str) -> float:
        parts = [
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
            for part in to_rgb(colour)
        ]
        return float(np.dot((0.2126, 0.7152, 0.0722), parts))

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def readable(colour: str, paper: str = "#ffffff") -> str:
    """Return the colour of the label of a line: the line's colour, darkened until it is legible."""
    parts = np.array(to_rgb(colour))
    made = colour
    while contrast(made, paper) < READABLE and parts.any():
        parts = 0.97 * parts
        made = to_hex(tuple(parts))
    return made


def fonts(inches: float) -> float:
    """Return the font size in a figure of this width, relative to a page."""
    return float(min(1.0, max(_SMALLEST, (inches / WIDTH) ** 0.45)))


@contextmanager
def house_style(part: float = 1.0) -> Iterator[None]:
    """Apply only the house style: a user's own settings must not change the charts of a run.

    The argument is the font size relative to a page.
    """
    with mpl.rc_context():
        mpl.rcdefaults()
        for key, value in (HOUSE | {"font.size": LETTERS * part}).items():
            mpl.rcParams[key] = value
        yield


def points(size: str) -> float:
    """Return a relative font size in points, in the current style."""
    return float(FontProperties(size=size).get_size_in_points())


def wrapped(text: str, width: int, most: int = 3) -> str:
    r"""Return a text wrapped to a width [letters] and a number of lines; a number stays with the
    next word.

    >>> wrapped("more by 476 % of it", 12)
    'more by\n476 % of it'
    """
    lines = textwrap.wrap(unbroken(text), width, break_on_hyphens=False)
    return "\n".join(lines[:most]).replace("\u00a0", " ")


# --- words ----------------------------------------------------------------------------------------


class Caption(NamedTuple):
    """The words of a chart.

    Attributes
    ----------
    title : str
        The finding, in at most twelve words with one number.
    subtitle : str
        The quantity with its unit, the people, and the place.
    notes : str
        Caveats, for the foot.
    nothing : bool
        Whether the chart only says that there is nothing to show.
    number, interval : str
        The number of the finding, and its 80 % interval, for a card.
    """

    title: str
    subtitle: str = ""
    notes: str = ""
    nothing: bool = False
    number: str = ""
    interval: str = ""


@dataclass(frozen=True)
class Verb:
    """A verb that a template names: ``{v:lose}`` becomes ``would lose``, or ``lose`` for past
    events.
    """

    would: bool
    of_one: bool = False

    def __format__(self, verb: str) -> str:
        """Return the verb in its form."""
        if self.would:
            return f"would {verb}"
        return f"{verb}{'es' if verb.endswith('ch') else 's'}" if self.of_one else verb


@dataclass(frozen=True)
class Count:
    """A number with its noun: ``{n:policy/policies}`` becomes ``1 policy`` or ``3 policies``."""

    number: str

    def __format__(self, nouns: str) -> str:
        """Return the number and the noun in its form."""
        one, many = nouns.split("/")
        return f"{self.number} {one if self.number == '1' else many}"


def forms(name: str) -> tuple[str, ...]:
    """Return the templates of a title: those of its table, then the same templates without the
    place.
    """
    known = (TITLES[name],) if isinstance(TITLES[name], str) else TITLES[name]
    return *known, *(re.sub(" in {where}|In {where}, ", "", one) for one in known)


def title(name: str, result: Any, **parts: object) -> str:
    """Return a title: the first filled template of a name with at most twelve words.

    The run determines the mood of verbs.
    """
    would = str(result.scenario.status) != "hindcast"
    many = is_plural(str(parts.get("platform", "")))
    counted = Count(str(parts.get("number", "")))
    parts = {"its": "their" if many else "its", "n": counted} | parts
    said = [
        one.format(v=Verb(would), s=Verb(would, of_one=not many), **parts) for one in forms(name)
    ]
    said = [brief(one) for one in said]  # the subtitle has the full names of countries
    return capital(next((one for one in said if len(one.split()) <= MOST_WORDS), said[-1]))


# --- figures and places ---------------------------------------------------------------------------


class House(Figure):
    """A figure in the house style, which a notebook displays; it does not use pyplot's global
    state.

    Its file includes name, status and version of the run or experiment; ``caption`` contains its
    texts.
    """

    def __init__(self, *, result: Source, **keys: Any) -> None:
        super().__init__(layout="constrained", **{"dpi": DPI, **keys})
        self.result = result
        self.caption = Caption("")

    @property
    def title(self) -> str:
        """The finding above the figure."""
        return self.caption.title

    @property
    def shows_nothing(self) -> bool:
        """True if it only states that there is nothing to show."""
        return self.caption.nothing

    def _repr_png_(self) -> tuple[bytes, dict[str, str]]:
        """Return the figure as PNG and its finding as alternative text, for a notebook."""
        from .registry import write_figure

        stream = io.BytesIO()
        write_figure(self, stream, "png", self.result)
        return stream.getvalue(), {"alt": self.title}


@dataclass(frozen=True)
class Place:
    """The place in which a chart is drawn.

    Attributes
    ----------
    area : Figure, SubFigure or Axes
        A figure or a part of a figure, which a chart may divide, or axes, which it may not.
    chart : str
        Its name, for errors.
    is_page : bool
        Whether it is a separate page, which has room for the timeline of policies.
    """

    area: Figure | SubFigure | Axes
    chart: str = ""
    is_page: bool = False

    @property
    def inches(self) -> tuple[float, float]:
        """Width and height."""
        box = self.area.bbox
        figure = self.area.get_figure(root=True)
        dpi = 100.0 if figure is None else figure.dpi
        return box.width / dpi, box.height / dpi

    def letters(self, size: str = "medium", wide: float = _LETTER) -> float:
        """Return the number of letters of a size in a row; ``wide`` is their width in heights of
        the font.
        """
        return self.inches[0] * 72 / (wide * points(size))

    def figure(self) -> Any:
        """Return the figure, or part of a figure, that a chart may divide.

        Raises
        ------
        InputError
            The place is a single axes.
        """
        if isinstance(self.area, Axes):
            found = f"the chart '{self.chart}' has several panels and cannot be drawn in one axes"
            hint = (
                "figure = plt.figure(layout='constrained'); left, right = figure.subfigures(1, 2)"
            )
            raise InputError(
                Problem("ax", found, "a matplotlib SubFigure or Figure, as ax= or figure=", hint)
            )
        return self.area

    def axes(self) -> Axes:
        """Return the only axes of a chart."""
        return self.grid(1, 1)[0]

    def grid(self, rows: int, columns: int, **keys: Any) -> list[Axes]:
        """Return axes, row by row; a chart with a single panel gets one axes."""
        if rows * columns == 1 and isinstance(self.area, Axes):
            every = [self.area]
        else:
            every = list(self.figure().subplots(rows, columns, squeeze=False, **keys).ravel())
        for axes in every:
            axes.tick_params(
                labelsize=points("small")
            )  # ticks are created when drawn, maybe in another style
            for axis in (axes.xaxis, axes.yaxis):
                axis.label.set_fontsize("small")
            for spine in (
                axes.spines.values()
            ):  # they lie within the axes; measuring them took a third of the layout's time
                spine.set_in_layout(False)
        return every


type Painter = Callable[[Place], Caption]


def blank(axes: Axes) -> Axes:
    """Return axes without frame and ticks."""
    axes.set_axis_off()
    axes.set(xticks=[], yticks=[])
    return axes


def page(
    result: Source,
    paint: Painter,
    *,
    chart: str = "",
    figsize: tuple[float, float],
    title: str = "",
    status: str = "",
    dpi: float = DPI,
    letters: float = 1.0,
    source: str = "",
) -> House:
    """Return a page in the house style: status, title, subtitle, chart, caveats, source.

    Parameters
    ----------
    figsize : (float, float)
        Width and height [inches].
    title, status, source : str
        Texts that replace the finding, the scenario's status, and the source.
    dpi, letters : float
        Resolution [pixels per inch], and font size relative to a page of this width.
    """
    run = f"run {result.run_id}"
    if not source and figsize[1] >= TALL:
        people = number(float(result.scenario.people))
        source = (
            f"{program_stamp(result.version, result.commit)}. Scenario {result.name} "
            f"({short(result.scenario.digest)}), {run}; facts: {result.scenario.world.facts}; {people} simulated "
            f"people, {seeds_text(result.seeds)}."
        )
    with house_style(letters * fonts(figsize[0])):
        figure = House(result=result, figsize=figsize, dpi=dpi)
        _line(
            figure.suptitle,
            (status or str(result.scenario.status)).upper(),
            "small",
            "bold",
            readable(VERMILLION),
        )
        _line(
            figure.supxlabel,
            source or f"{program_stamp(result.version, result.commit)}, {run}",
            "x-small",
        )
        figure.caption = framed(figure, paint, chart=chart, title=title, is_page=True)
    return figure


def framed(
    area: Figure | SubFigure,
    paint: Painter,
    *,
    chart: str = "",
    title: str = "",
    is_page: bool = False,
    is_panel: bool = False,
    bare: bool = False,
) -> Caption:
    """Draw a chart with its title and its caveats in the caller's house style, and return its
    caption.

    A panel of a page has no caveats of its own, and a bare chart has no title.
    """
    outer: Any = area.subfigures()
    place = Place(outer.subfigures(), chart, is_page)
    caption = paint(place)
    caption = caption._replace(title=title or caption.title)
    if not bare:
        _line(outer.suptitle, caption.title, "large" if is_panel else "x-large", "bold", INK)
    if caption.subtitle:
        _line(place.figure().suptitle, caption.subtitle, "small")
    if caption.notes and not is_panel and place.inches[1] >= TALL / 2:
        _line(outer.supxlabel, caption.notes, "x-small")
    return caption


def in_axes(axes: Axes, paint: Painter, *, chart: str, title: str = "") -> Caption:
    """Draw a chart with its title into axes of any figure; the label of the axis gives the unit."""
    place = Place(axes, chart)
    with house_style(
        max(_IN_AXES, fonts(place.inches[0]))
    ):  # the figure is wider than the axes, which leave room for labels
        caption = paint(place)
        said = textwrap.fill(title or caption.title, max(16, int(place.letters())))
        axes.set_title(said, loc="left", fontsize="medium", fontweight="bold")
    return caption


def _line(
    put: Callable[..., Any], text: str, size: str, weight: str = "normal", colour: str = GREY
) -> None:
    """Write a text that matplotlib breaks into lines at the right edge."""
    text = " ".join(text.split())  # parts of a note may be empty
    text = unbroken(text) if weight == "normal" else text
    put(text, x=0.008, ha="left", wrap=True, fontsize=size, fontweight=weight, color=colour)


def nothing(place: Place, name: str, **parts: object) -> Caption:
    """Write that there is nothing to show and why, from the templates of `NOTHING`, instead of a
    chart.
    """
    said, why = (text.format(**parts) for text in NOTHING[name])
    axes = blank(place.axes())
    why = textwrap.fill(why, min(70, max(24, int(place.letters()))))
    axes.text(0.5, 0.5, why, ha="center", va="center", color=GREY, transform=axes.transAxes)
    return Caption(said, nothing=True)
