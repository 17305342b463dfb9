"""The charts by name, and how one is drawn."""

from __future__ import annotations

import io
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING, Any

from ..errors import InputError, Problem, did_you_mean
from ..plugins import Registry
from .leading import main_chart
from .saving import house_style, save_animation, save_png

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..results import Result

_HELPERS = (
    "figure",
    "leading",
    "life_lines",
    "lines",
    "index_measured",
    "look",
    "marks",
    "metric_over_time",
    "one_cell",
    "ranking",
    "registry",
    "saving",
    "source",
    "state_grid",
    "style",
    "timeline",
)
_DECLARED: dict[Callable[..., Figure], Chart] = {}


@dataclass(frozen=True)
class Chart:
    """One kind of chart.

    Attributes
    ----------
    name : str
        The name that ``splinternet plot`` and `Result.plot` use, and the file's stem.
    title : str
        What it shows, in a few words.
    description : str
        How to read it, in one or two sentences.
    metrics : tuple of str
        The metrics it draws; the first is what `Result.plot` finds it by.
    function : callable
        Takes a result and returns a matplotlib Figure.
    of_metric : bool
        Whether it is what the name of its first metric means; a second chart of the same metric says no.
    of_observed : bool
        Whether it shows what was observed, so that it belongs only to a run whose scenario says so.
    like_tables : bool
        Whether most of its work is the same as for the tables of a result: the process that writes these does it once.
    frames : callable, optional
        Takes a result and yields the pictures of an animation; None where the chart has none.
    """

    name: str
    title: str
    description: str
    metrics: tuple[str, ...]
    function: Callable[[Result], Figure]
    of_metric: bool = True
    of_observed: bool = False
    like_tables: bool = False
    frames: Callable[[Result], Iterator[Figure]] | None = None

    def fits(self, result: Result) -> bool:
        """Return whether a result holds what the chart is of."""
        return self.metrics[0] in result.metrics and (bool(result.scenario.observed) or not self.of_observed)


def chart(
    title: str,
    description: str,
    metrics: tuple[str, ...],
    *,
    of_metric: bool = True,
    of_observed: bool = False,
    like_tables: bool = False,
) -> Callable[[Callable[[Result], Figure]], Callable[[Result], Figure]]:
    """Register the function below as a chart under its own name."""

    def register(function: Callable[[Result], Figure]) -> Callable[[Result], Figure]:
        _DECLARED[function] = Chart(
            function.__name__, title, description, metrics, function, of_metric, of_observed, like_tables
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
    return {each.name: replace(each, frames=getattr(module, "frames", None)) for each in here}


_FILES = [module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)])]
_SHIPPED = {name: f"splinternet.plots.{name}" for name in _FILES if name not in _HELPERS}
CHARTS = Registry("charts", _SHIPPED, _read, "a function {name} under the decorator chart")


def draw(result: Result, name: str) -> Figure:
    """Return a chart of a result.

    Parameters
    ----------
    result : Result
        The run.
    name : str
        A chart, or a metric: a metric without a chart of its own is drawn over time.

    Returns
    -------
    matplotlib.figure.Figure
        Not tied to any window; a notebook shows it as it is.

    Raises
    ------
    InputError
        When there is no such chart and no such metric, or the result does not hold what it needs.
    """
    known = charts()
    by_metric = {each.metrics[0]: each for each in reversed(list(known.values())) if each.of_metric}
    if name not in known and name not in by_metric and name not in result.metrics:
        raise unknown(name, [*known, *result.metrics])
    from .metric_over_time import metric_over_time

    found = known.get(name) or by_metric.get(name)
    with house_style():
        return found.function(result) if found is not None else metric_over_time(result, name)


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

    Raises
    ------
    InputError
        When the chart is not one that moves.
    """
    known = charts()
    moving = [each.name for each in known.values() if each.frames is not None]
    if name not in moving:
        hint = f"splinternet plot RUN {moving[0]} --out {moving[0]}.gif" if moving else ""
        raise InputError(Problem("--out", f"the chart '{name}' does not move", f"for a GIF: {', '.join(moving)}", hint))
    frames = known[name].frames
    if frames is not None:
        with house_style():
            save_animation(frames(result), path, result)


def fitting_charts(result: Result) -> list[str]:
    """Return the names of the charts whose metrics a result holds."""
    return [each.name for each in charts().values() if each.fits(result)]


def chart_png(result: Result, name: str) -> bytes:
    """Return a chart as PNG; nothing where it shows nothing, unless it is the main one, which then says so."""
    figure: Any = draw(result, name)
    if getattr(figure, "shows_nothing", False) and name != main_chart(result):
        return b""
    stream = io.BytesIO()
    save_png(figure, stream, result)
    return stream.getvalue()
