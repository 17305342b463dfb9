"""Charts by name; draws one as a page, in a part of a figure or in axes, and saves a figure."""

from __future__ import annotations

import inspect
import io
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import IO, Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from ..core.plugins import Registry, remember
from ..core.program import program_stamp
from ..errors import InputError, Problem, did_you_mean
from ..results import Result
from ..results.files import write_bytes
from ..results.result import OVERVIEW
from ..text.numbers import STATUS
from .page import (
    DPI,
    HEIGHT,
    WIDTH,
    House,
    Painter,
    Place,
    Source,
    fonts,
    framed,
    house_style,
    in_axes,
    page,
)

_DECLARED: dict[Callable[..., Any], Chart] = {}
ALIASES = {
    "contact_matrix": "contact_map",
    "contact_by_diaspora": "contact_days_by_group",
    "blocs": "internets_by_likeness",
}
"""Former names of charts, with the chart or metric that replaced each."""
_FORMS = (".png", ".svg", ".pdf")  # suffixes of a picture
# compression level of a PNG: as small as with zlib's default of 6, and a tenth faster
_PACKED = 3
# an animation: dots per inch, number of colours, duration of a picture [ms]
_GIF_DPI = 80
_GIF_COLOURS = 128
_GIF_STANDS = 400


@dataclass(frozen=True)
class Chart:
    """One kind of chart.

    Attributes
    ----------
    name : str
        The name that ``splinternet plot`` and `Result.plot` use.
    title : str
        What it shows, in a few words.
    description : str
        How to read it, in one or two sentences.
    metrics : tuple of str
        The metrics that it draws; `Result.plot` finds the chart by the first. Empty for a chart of
        any run.
    function : callable
        A function that takes a result and a `Place` and returns a `Caption`, or takes a result
        alone and returns a matplotlib Figure.
    of_metric : bool
        Whether the name of its first metric stands for this chart; False for a second chart of the
        same metric.
    of_observed : bool
        Whether it shows observed figures, so that it needs a scenario with ``observed:``.
    size : callable, optional
        A function that takes a result and returns width and height of the page [inches].
    frames : callable, optional
        A function that takes a result and yields the pictures of an animation: ``frames`` of the
        chart's file, if it exists.
    dpi, letters : float
        Resolution of its picture [pixels per inch], and font size relative to other pages.
    """

    name: str
    title: str
    description: str
    metrics: tuple[str, ...]
    function: Callable[..., Any]
    of_metric: bool = True
    of_observed: bool = False
    size: Callable[[Result], tuple[float, float]] | None = None
    frames: Callable[[Result], Iterator[Figure]] | None = None
    dpi: float = DPI
    letters: float = 1.0

    def fits(self, result: Result) -> bool:
        """Return whether a result has the metrics of the chart."""
        held = not self.metrics or self.metrics[0] in result.metrics
        return held and (bool(result.scenario.observed) or not self.of_observed)


def chart(
    title: str, description: str, metrics: tuple[str, ...], **keys: Any
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register the function below as a chart under its own name; for all arguments see `Chart`."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        made = Chart(function.__name__, title, description, metrics, function, **keys)
        _DECLARED[function] = made
        remember("charts", made.name, made, function.__module__)
        return function

    return register


def charts() -> Mapping[str, Chart]:
    """Return every chart by name, in alphabetical order: the shipped ones and the user's own."""
    return MappingProxyType({name: CHARTS[name] for name in sorted(CHARTS)})


def _read(module: ModuleType) -> dict[str, Chart]:
    """Return the charts that a module declares, by name."""
    here = [each for each in _DECLARED.values() if each.function.__module__ == module.__name__]
    return {
        each.name: each if each.frames else replace(each, frames=getattr(module, "frames", None))
        for each in here
    }


_SHIPPED = [
    f"{__package__}.{module.name}" for module in pkgutil.iter_modules([str(Path(__file__).parent)])
]
CHARTS = Registry("charts", _SHIPPED, _read, alphabetical=True)


def find_chart(result: Result, name: str) -> Chart:
    """Return the chart with a name, or the chart of a metric; a metric without its own chart is
    drawn over time.

    Raises
    ------
    InputError
        There is no such chart and no such metric.
    """
    known = charts()
    name = ALIASES.get(name, name)
    by_metric = {
        each.metrics[0]: each
        for each in reversed(list(known.values()))
        if each.metrics and each.of_metric
    }
    found = known.get(name) or by_metric.get(name)
    if found is not None:
        return found
    if name not in result.metrics:
        raise unknown(name, [*known, *ALIASES, *result.metrics])
    from .over_time import metric_over_time

    return Chart(
        name, name, "", (name,), lambda result, place: metric_over_time(result, place, name)
    )


def draw(
    result: Result,
    name: str,
    *,
    into: Figure | SubFigure | Axes | None = None,
    figsize: tuple[float, float] | None = None,
    title: str = "",
    letters: float = 1.0,
) -> Any:
    """Return a chart of a result.

    Parameters
    ----------
    result : Result
        The run.
    name : str
        A chart, or a metric: a metric without a chart of its own is drawn over time.
    into : Figure, SubFigure or Axes, optional
        Where to draw; by default a page of its own.
    figsize : (float, float), optional
        Size of the page [inches].
    title : str
        The title, which replaces the finding.
    letters : float
        Font size relative to other pages of this width.

    Returns
    -------
    matplotlib.figure.Figure, or what was given as ``into``
        A page is not tied to any window; a notebook shows it as it is.

    Raises
    ------
    InputError
        There is no such chart and no such metric, the result lacks a metric that the chart needs,
        or the chart does not fit into one axes.
    """
    found = find_chart(result, name)
    for metric in found.metrics[:1]:
        result.need(metric)
    if (
        len(inspect.signature(found.function).parameters) < 2
    ):  # a user's chart may make its own figure
        if into is not None:
            raise InputError(
                Problem(
                    "ax", f"the chart '{name}' makes a figure of its own", "neither ax= nor figure="
                )
            )
        with house_style():
            figure = found.function(result)
        if figsize is not None:
            figure.set_size_inches(*figsize)
        return figure
    size = figsize or (found.size(result) if found.size else (WIDTH, HEIGHT))
    return put(
        result,
        lambda place: found.function(result, place),
        into,
        chart=found.name,
        figsize=size,
        title=title,
        dpi=found.dpi,
        letters=letters * found.letters,
    )


def put(
    result: Result,
    paint: Painter,
    into: Figure | SubFigure | Axes | None,
    *,
    chart: str,
    figsize: tuple[float, float],
    title: str = "",
    **keys: Any,
) -> Any:
    """Return a chart as a page, or draw it into a part of a figure or into axes and return them;
    see `page`.
    """
    if into is None:
        return page(result, paint, chart=chart, figsize=figsize, title=title, **keys)
    if isinstance(into, Axes):
        in_axes(into, paint, chart=chart, title=title)
        return into
    with house_style(fonts(Place(into).inches[0])):
        framed(into, paint, chart=chart, title=title)
    return into


def unknown(name: str, choices: list[str]) -> InputError:
    """Return the error for a chart that does not exist."""
    allowed = f"a chart ({', '.join(charts())}) or a metric of the run"
    return InputError(
        Problem("", f"there is no chart '{name}'", allowed, did_you_mean(name, choices))
    )


def run_charts(result: Result) -> list[str]:
    """Return the names of the charts of a run folder: the answer in four panels, the card, and the
    user's own.
    """
    own = [name for name in charts() if name not in CHARTS.shipped() and CHARTS[name].fits(result)]
    return ["overview", "card", *own]


def run_figures(result: Result) -> dict[str, bytes]:
    """Return the charts of a run folder as PNG files, by name; a chart that shows nothing is left
    out, except the answer in four panels.
    """
    drawn = {}
    for name in run_charts(result):
        figure = draw(result, name)
        if not getattr(figure, "shows_nothing", False) or name == OVERVIEW:
            drawn[name] = _figure_bytes(figure, "png", result)
    return drawn


# --- files: with the run, its status and the version inside, and no time stamp --------------------


def write_figure(figure: Figure, stream: IO[bytes], form: str, result: Source) -> None:
    """Write a figure as ``png``, ``svg`` or ``pdf`` in the house style; a user's own figure is
    saved with a tight border.

    An SVG has text as outlines, so that it looks the same everywhere; text in a PDF can be
    selected.
    """
    about = _about(result, getattr(figure, "title", ""))
    made = {
        "Title": about["Title"],
        "Creator": about["Software"],
    }  # PNG has the key Software instead of Creator
    words: dict[str, dict[str, Any]] = {
        "png": about,
        "svg": made
        | {"Description": about["Description"], "Source": about["Source"], "Date": None},
        "pdf": made | {"Subject": about["Source"], "CreationDate": None},
    }
    keys: dict[str, Any] = {"pil_kwargs": {"compress_level": _PACKED}} if form == "png" else {}
    keys |= {"dpi": "figure"} if isinstance(figure, House) else {"bbox_inches": "tight", "dpi": DPI}
    with house_style():
        figure.savefig(stream, format=form, metadata=words[form], **keys)


def _about(result: Source, finding: str) -> dict[str, Any]:
    """Return the metadata of a picture; its description begins with the finding."""
    status = STATUS.get(str(result.scenario.status), "")
    return {
        "Title": f"{result.scenario.title} ({result.scenario.status})",
        "Description": f"{finding.removesuffix('.')}. {status}".removeprefix(". "),
        "Source": f"scenario {result.name}, digest {result.scenario.digest}, run {result.run_id}",
        "Software": program_stamp(result.version, result.commit),
    }


def check_form(path: Path) -> str:
    """Return the ending of a file for a figure.

    Raises
    ------
    InputError
        The name does not end in ``.png``, ``.svg`` or ``.pdf``.
    """
    ending = path.suffix.lower()
    if ending not in _FORMS:
        found = f"'{path.name}' does not end in a known kind of picture"
        raise InputError(
            Problem("--out", found, f"a name that ends in {', '.join(_FORMS)}", f"{path.stem}.png")
        )
    return ending


def save_figure(figure: Figure, path: Path, result: Source) -> None:
    """Write a figure into a file; a missing folder is created.

    Parameters
    ----------
    figure : Figure
    path : Path
        A file ending in ``.png``, ``.svg`` or ``.pdf``.
    result : Result or Experiment
        The run it shows.

    Raises
    ------
    InputError
        The name has another ending.
    """
    write_bytes(path, _figure_bytes(figure, check_form(path).removeprefix("."), result))


def _figure_bytes(figure: Figure, form: str, result: Source) -> bytes:
    """Return the file of a figure."""
    stream = io.BytesIO()
    write_figure(figure, stream, form, result)
    return stream.getvalue()


def save_forms(figure: Figure, folder: Path, name: str, result: Source) -> list[Path]:
    """Write a figure as PNG and SVG into a folder, which is created if missing, and return the
    files.
    """
    paths = [folder / f"{name}{ending}" for ending in (".png", ".svg")]
    for path in paths:
        save_figure(figure, path, result)
    return paths


# --- animations -----------------------------------------------------------------------------------


def animate(result: Result, name: str, path: Path) -> None:
    """Write a chart of a result as an animated GIF, from the first day to the last.

    Raises
    ------
    InputError
        The chart has no animation, or the file does not end in ``.gif``.
    """
    if path.suffix.lower() != ".gif":
        raise InputError(
            Problem(
                "--out",
                f"'{path.name}' is not an animation",
                "a name that ends in .gif",
                f"{name}.gif",
            )
        )
    found = find_chart(result, name)
    if found.frames is None:
        moving = ", ".join(name for name, each in charts().items() if each.frames is not None)
        raise InputError(
            Problem(
                "--out", f"the chart '{name}' has no animation", moving, "result.animate('atlas')"
            )
        )
    from PIL import Image

    pictures = []
    for figure in found.frames(result):
        stream = io.BytesIO()
        with house_style():
            figure.savefig(stream, format="png", dpi=_GIF_DPI)
        pictures.append(Image.open(stream).convert("RGB"))
    # All pictures share the palette of the first and the last, so that colours of the legend are
    # constant.
    both = Image.new("RGB", (pictures[0].width, 2 * pictures[0].height))
    both.paste(pictures[0], (0, 0))
    both.paste(pictures[-1], (0, pictures[0].height))
    palette = both.quantize(_GIF_COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    first, *others = [each.quantize(palette=palette, dither=Image.Dither.NONE) for each in pictures]
    stands = [_GIF_STANDS] * len(others) + [3 * _GIF_STANDS]
    about = _about(result, "")
    out = io.BytesIO()
    first.save(
        out,
        format="GIF",
        save_all=True,
        append_images=others,
        duration=stands,
        loop=0,
        comment=f"{about['Title']}; {about['Source']}; {about['Software']}".encode(),
    )
    write_bytes(path, out.getvalue())
