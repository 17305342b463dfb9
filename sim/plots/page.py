"""A page, a panel or axes to draw a chart in; matplotlib's constrained layout places title, chart and foot."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from ..core.program import program_stamp
from ..errors import InputError, Problem
from ..results.manifest import short
from ..text.numbers import number, seeds_text
from .style import GREY, INK, VERMILLION, WIDTH, fonts, house_style, points, readable

if TYPE_CHECKING:
    pass

DPI = 150
"""Pixels an inch of a picture."""
TOO_FEW, UNSURE, NO_EFFECT = "Too few to judge", "No sure effect", "No effect"
_LETTER = 0.6  # mean width of a bold letter, in heights of the font
_TALL = 3.6  # inches from which a figure has room for the policies in time, and for the source
_KEPT = ("%", "million", "billion")  # units that stay on the line of their number
_IN_AXES = 0.75  # least size of letters beside axes, as a part of that of a page: 5 points for the smallest
_EDGE = 0.008  # left edge of texts, as a share of the width


type Source = Any
"""What a figure shows: a run, an experiment, or a stand-in, with ``name``, ``run_id``, ``version``, ``commit``,
``scenario``, ``seeds`` and ``members``."""


class Caption(NamedTuple):
    """The words of a chart.

    Attributes
    ----------
    title : str
        The finding, in at most twelve words with one number.
    subtitle : str
        Unit and place: what is drawn, of whom, where.
    notes : str
        What a reader must know, for the foot.
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


class House(Figure):
    """A figure in the house style, which a notebook shows by itself; made without pyplot's global state.

    Parameters
    ----------
    result : Source
        The run or experiment it shows; its name, status and version go into the file.
    **keys
        As for `matplotlib.figure.Figure`.

    Attributes
    ----------
    caption : Caption
        Its words.
    """

    def __init__(self, *, result: Source, **keys: Any) -> None:
        super().__init__(layout="constrained", **{"dpi": DPI, **keys})
        self.result = result
        self.caption = Caption("")

    @property
    def title(self) -> str:
        """The finding that heads it."""
        return self.caption.title

    @property
    def shows_nothing(self) -> bool:
        """Whether it only says that there is nothing to show."""
        return self.caption.nothing

    def _repr_png_(self) -> tuple[bytes, dict[str, str]]:
        """Return the figure as PNG and its finding as alternative text, for a notebook."""
        from .saving import save_png

        stream = io.BytesIO()
        save_png(self, stream, self.result)
        return stream.getvalue(), {"alt": self.title}


@dataclass(frozen=True)
class Place:
    """Where a chart is drawn.

    Attributes
    ----------
    area : Figure, SubFigure or Axes
        A figure or a part of one, which a chart may divide; or axes, which it may not.
    chart : str
        Its name, for errors.
    is_page : bool
        Whether it is a page of its own, so that there is room for the policies in time.
    inches : tuple of float
        Width and height.
    """

    area: Figure | SubFigure | Axes
    chart: str = ""
    is_page: bool = False
    inches: tuple[float, float] = field(default=(WIDTH, 0.0))

    @property
    def is_roomy(self) -> bool:
        """Whether the policies in time fit below the chart."""
        return self.is_page and self.inches[1] >= _TALL and self.inches[0] >= _TALL

    def axes(self) -> Axes:
        """Return the only axes of a chart."""
        return _ready(self.area if isinstance(self.area, Axes) else self.area.subplots())

    def figure(self) -> Any:
        """Return the figure, or part of one, that a chart may divide.

        Raises
        ------
        InputError
            When the place is a single axes.
        """
        if isinstance(self.area, Axes):
            found = f"the chart '{self.chart}' has several panels and cannot be drawn in one axes"
            hint = "figure = plt.figure(layout='constrained'); left, right = figure.subfigures(1, 2)"
            raise InputError(Problem("ax", found, "a matplotlib SubFigure or Figure, as ax= or figure=", hint))
        return self.area

    def grid(self, rows: int, columns: int, **keys: Any) -> list[Axes]:
        """Return axes, row by row; a single one where that is all that a chart needs."""
        if rows * columns == 1:
            return [self.axes()]
        return [_ready(axes) for axes in self.figure().subplots(rows, columns, squeeze=False, **keys).ravel()]


def _ready(axes: Axes) -> Axes:
    """Return axes whose ticks, which matplotlib makes when it draws, get the letters of the style now in force."""
    axes.tick_params(labelsize=points("small"))
    for axis in (axes.xaxis, axes.yaxis):
        axis.label.set_fontsize("small")
    for (
        spine
    ) in axes.spines.values():  # they are where the axes are; measuring them took a third of the time of a layout
        spine.set_in_layout(False)
    return axes


def blank(axes: Axes) -> Axes:
    """Return axes without frame and ticks."""
    axes.set_axis_off()
    axes.set(xticks=[], yticks=[])
    return axes


def place_of(area: Figure | SubFigure | Axes, chart: str, *, is_page: bool = False) -> Place:
    """Return a place, measured."""
    figure = area.get_figure(root=True)
    box = area.bbox
    dpi = figure.dpi if figure is not None else 100.0
    return Place(area, chart, is_page, (box.width / dpi, box.height / dpi))


type Painter = Callable[[Place], Caption]


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
    """Return a page in the house style: status, title, unit and place, the chart, caveats, source.

    Parameters
    ----------
    result : Source
        The run or experiment, for status and source.
    paint : callable
        Draws into a place and returns the words.
    chart : str
        The name of the chart, for errors.
    figsize : (float, float)
        Width and height [inches].
    title : str
        What stands above instead of the finding.
    status : str
        What the first line says; by default the status of the scenario.
    dpi : float
        Pixels an inch of its picture.
    letters : float
        Size of letters, as a part of that of a page of this width.
    source : str
        What the numbers stand on; by default the run and its world.
    """
    part = letters * fonts(figsize[0])
    with house_style(part):
        figure = House(result=result, figsize=figsize, dpi=dpi)
        _line(figure.suptitle, (status or str(result.scenario.status)).upper(), "small", "bold", readable(VERMILLION))
        _line(
            figure.supxlabel, source or source_line(result) if figsize[1] >= _TALL else _short_source(result), "x-small"
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
    """Draw a chart between its title and its caveats, and return its words; in the house style of the caller.

    A panel of a page has no caveats of its own, and a bare one has no title.
    """
    outer: Any = area.subfigures()
    inner: Any = outer.subfigures()
    width, height = (side / inner.get_figure(root=True).dpi for side in (area.bbox.width, area.bbox.height))
    caption = paint(Place(inner, chart, is_page, (width, height)))
    caption = caption._replace(title=title or caption.title)
    if not bare:
        _line(outer.suptitle, caption.title, "large" if is_panel else "x-large", "bold", INK)
    if caption.subtitle:
        _line(inner.suptitle, caption.subtitle, "small")
    if caption.notes and not is_panel and height >= _TALL / 2:
        _line(outer.supxlabel, caption.notes, "x-small")
    return caption


def in_axes(axes: Axes, paint: Painter, *, chart: str, title: str = "") -> Caption:
    """Draw a chart into axes of any figure, under its title; the label of the axis says the unit."""
    place = place_of(axes, chart)
    with house_style(max(_IN_AXES, fonts(place.inches[0]))):  # axes leave room for labels: the figure is wider
        caption = paint(place)
        letters = place.inches[0] * 72 / (_LETTER * points("medium"))
        said = textwrap.fill(title or caption.title, max(16, int(letters)))
        axes.set_title(said, loc="left", fontsize="medium", fontweight="bold")
    return caption


def _line(put: Callable[..., Any], text: str, size: str, weight: str = "normal", colour: str = GREY) -> None:
    """Write a text that matplotlib breaks into lines at the right edge."""
    for unit in _KEPT if weight == "normal" else ():
        text = text.replace(f" {unit}", f"\u00a0{unit}")
    put(text, x=_EDGE, ha="left", wrap=True, fontsize=size, fontweight=weight, color=colour)


def nothing(place: Place, title: str, why: str, verdict: str = NO_EFFECT) -> Caption:
    """Say in place of a chart that there is nothing to show, and why.

    Parameters
    ----------
    place : Place
    title : str
        What the chart is about.
    why : str
        What was looked at and found empty.
    verdict : str
        What that comes to; an effect on too few people is not the same as none.
    """
    axes = blank(place.axes())
    letters = max(24, int(place.inches[0] * 72 / (0.6 * points("medium"))))
    axes.text(0.5, 0.5, textwrap.fill(why, min(70, letters)), ha="center", va="center", color=GREY,
              transform=axes.transAxes)  # fmt: skip
    return Caption(f"{verdict}: {title}", nothing=True)


def _short_source(result: Source) -> str:
    """Return the program and the run, for a figure that is too small for more."""
    return f"{program_stamp(result.version, result.commit)}, run {result.run_id}"


def source_line(result: Source) -> str:
    """Return what the numbers stand on."""
    n = len(result.members)
    people = number(float(result.scenario.people))
    members = "1 member" if n == 1 else f"{n} members"
    return (
        f"{program_stamp(result.version, result.commit)}. Scenario {result.name} ({short(result.scenario.digest)}), "
        f"run {result.run_id}; "
        f"facts: {result.scenario.world.facts}; {people} simulated people, {members} ({seeds_text(result.seeds)})."
    )
