"""The charts by name, and how one is drawn: as a page, into a part of a figure, or into axes."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING, Any

from ..errors import InputError, Problem, did_you_mean
from ..plugins import Registry
from .saving import BY_DAY, day_by_day, save_animation
from .style import HEIGHT, WIDTH, fonts, house_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    from ..results import Result
    from .page import Caption, Painter, Place

_DECLARED: dict[Callable[..., Any], Chart] = {}
_MODULES = {
    "atlas": ("atlas",),
    "contact": ("contact_by_diaspora", "contact_days_by_group", "contact_map", "family_contact", "reconnection"),
    "money": ("firm_gains",),
    "networks": ("connectivity", "routes_matrix"),
    "observed": ("observed",),
    "overview": ("card", "overview"),
    "states": ("blocs", "decisions"),
    "use": ("active_users", "flows", "gains", "vpn_users"),
}
OVER_TIME = (
    "active_users", "blocs", "contact_by_diaspora", "family_contact", "observed", "reconnection", "vpn_users",
)  # fmt: skip
"""The charts whose axes are the days of a run."""
ALIASES = {"contact_matrix": "contact_map"}
"""Names of charts that are part of another now."""


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
        The metrics it draws; the first is what `Result.plot` finds it by. None at all: it is of any run.
    function : callable
        Takes a result and a `Place` and returns a `Caption`; or takes a result alone and returns a matplotlib Figure.
    of_metric : bool
        Whether it is what the name of its first metric means; a second chart of the same metric says no.
    of_observed : bool
        Whether it shows what was observed, so that it belongs only to a run whose scenario says so.
    size : callable, optional
        Takes a result and returns width and height of its page [inches].
    frames : callable, optional
        Takes a result and yields the pictures of an animation; None where the chart has none.
    dpi, letters : float
        Pixels an inch of its picture, and the size of letters, as a part of that of other pages.
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
    dpi: float = 150.0
    letters: float = 1.0

    def fits(self, result: Result) -> bool:
        """Return whether a result holds what the chart is of."""
        held = not self.metrics or self.metrics[0] in result.metrics
        return held and (bool(result.scenario.observed) or not self.of_observed)

    @property
    def makes_figures(self) -> bool:
        """Whether it makes a figure of its own, as charts of users may, and draws in no place that it is given."""
        return len(inspect.signature(self.function).parameters) < 2


def chart(
    title: str,
    description: str,
    metrics: tuple[str, ...],
    *,
    of_metric: bool = True,
    of_observed: bool = False,
    size: Callable[[Result], tuple[float, float]] | None = None,
    frames: Callable[[Result], Iterator[Figure]] | None = None,
    dpi: float = 150.0,
    letters: float = 1.0,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register the function below as a chart under its own name; for the arguments see `Chart`."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        _DECLARED[function] = Chart(
            function.__name__, title, description, metrics, function, of_metric, of_observed, size, frames, dpi, letters
        )
        return function

    return register


def charts() -> Mapping[str, Chart]:
    """Return every chart by name, in alphabetical order: the shipped ones and those of the project folder.

    Raises
    ------
    InputError
        When a file of the project folder cannot be imported or declares no chart of its name.
    """
    return MappingProxyType({name: CHARTS[name] for name in sorted(CHARTS)})


def _read(module: ModuleType) -> dict[str, Chart]:
    """Return the charts that a module declares, by name."""
    here = [each for each in _DECLARED.values() if each.function.__module__ == module.__name__]
    own = getattr(module, "frames", None)
    return {each.name: each if each.frames else replace(each, frames=own) for each in here}


_SHIPPED = {name: f"{__package__}.{module}" for module, names in _MODULES.items() for name in names}
CHARTS = Registry("charts", _SHIPPED, _read, "a function {name} under the decorator chart")


def find_chart(result: Result, name: str) -> Chart:
    """Return the chart of a name: of a chart, or of a metric, which without a chart of its own is drawn over time.

    Raises
    ------
    InputError
        When there is no such chart and no such metric.
    """
    known = charts()
    name = ALIASES.get(name, name)
    by_metric = {each.metrics[0]: each for each in reversed(list(known.values())) if each.metrics and each.of_metric}
    found = known.get(name) or by_metric.get(name)
    if found is not None:
        return found
    if name not in result.metrics:
        raise unknown(name, [*known, *ALIASES, *result.metrics])
    from .over_time import metric_over_time

    def of_metric(result: Result, place: Place) -> Caption:
        return metric_over_time(result, place, name)

    return Chart(name, name, "", (name,), of_metric)


def draw(
    result: Result,
    name: str,
    *,
    into: Figure | SubFigure | Axes | None = None,
    figsize: tuple[float, float] | None = None,
    title: str = "",
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
        What stands above instead of the finding.

    Returns
    -------
    matplotlib.figure.Figure, or what was given as ``into``
        A page is not tied to any window; a notebook shows it as it is.

    Raises
    ------
    InputError
        When there is no such chart and no such metric, the result does not hold what it needs, or the chart does not
        fit into one axes.
    """
    found = find_chart(result, name)
    for metric in found.metrics[:1]:
        result.need(metric)
    if found.makes_figures:
        if into is not None:
            raise InputError(Problem("ax", f"the chart '{name}' makes a figure of its own", "no ax= and no figure="))
        with house_style():
            figure = found.function(result)
        if figsize is not None:
            figure.set_size_inches(*figsize)
        return figure

    def paint(place: Place) -> Caption:
        made: Caption = found.function(result, place)
        return made

    size = figsize or (found.size(result) if found.size else (WIDTH, HEIGHT))
    return put(result, paint, into, chart=found.name, figsize=size, title=title, dpi=found.dpi, letters=found.letters)


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
    """Return a chart as a page, or draw it into a part of a figure or into axes, which are returned.

    Parameters
    ----------
    result : Result
        The run.
    paint : callable
        Draws into a `Place` and returns a `Caption`.
    into : Figure, SubFigure or Axes, optional
        Where to draw.
    chart : str
        Its name, for errors.
    figsize : (float, float)
        Size of the page [inches].
    title : str
        What stands above instead of the finding.
    **keys
        As for `page`.
    """
    from matplotlib.axes import Axes as OneAxes

    from .page import framed, in_axes, page

    if into is None:
        return page(result, paint, chart=chart, figsize=figsize, title=title, **keys)
    if isinstance(into, OneAxes):
        in_axes(into, paint, chart=chart, title=title)
        return into
    with house_style(fonts(into.bbox.width / into.get_figure(root=True).dpi)):
        framed(into, paint, chart=chart, title=title)
    return into


def unknown(name: str, choices: list[str]) -> InputError:
    """Return the error for a chart that does not exist."""
    return InputError(
        Problem(
            where="",
            found=f"there is no chart '{name}'",
            allowed=f"a chart ({', '.join(charts())}) or a metric of the run",
            hint=did_you_mean(name, choices),
        )
    )


def animate(result: Result, name: str, path: Path) -> None:
    """Write a chart of a result as an animated GIF, from the first day to the last.

    A chart with pictures of its own shows these, any other one over time what is drawn up to each day.

    Raises
    ------
    InputError
        When the chart is not one that moves, or the file does not end in ``.gif``.
    """
    if path.suffix.lower() != ".gif":
        raise InputError(Problem("--out", f"'{path.name}' is no animation", "a name that ends in .gif", f"{name}.gif"))
    found = find_chart(result, name)
    if found.frames is not None:
        return save_animation(found.frames(result), path, result)
    figure = draw(result, name)
    over_time = [axes for axes in figure.axes if axes.get_label() == BY_DAY]
    if not over_time:
        moving = sorted({*OVER_TIME, *(each.name for each in charts().values() if each.frames is not None)})
        allowed = f"one of {', '.join(moving)}, where this run has something to show, or a metric with a value each day"
        hint = "result.animate('atlas')"
        raise InputError(Problem("--out", f"the chart '{name}' does not change from day to day", allowed, hint))
    return save_animation(day_by_day(figure, over_time), path, result)


def run_charts(result: Result) -> list[str]:
    """Return the names of the charts of a run folder: the answer in four panels, the card, and the user's own."""
    own = [name for name in charts() if name not in CHARTS.shipped() and CHARTS[name].fits(result)]
    return ["overview", "card", *own]
