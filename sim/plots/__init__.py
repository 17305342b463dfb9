"""Charts of a result: functions that draw into a page, a part of a figure or axes, from a `Result` alone.

To add a chart, add ``<name>.py`` to the folder ``charts`` of a project, or a function to the file of this package on
its subject, under the decorator `chart`. The function has the name of the chart. It takes a result and returns a
matplotlib Figure; or it takes a result and a `page.Place` and returns a `page.Caption`, and then the chart can be a
page, a panel or axes. Listing and ``splinternet plot`` follow. Nothing here loads matplotlib before a chart is drawn.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .registry import Chart, animate, chart, charts, draw, run_charts
from .saving import save_animation, save_figure, save_forms, save_pdf, save_png, save_svg

if TYPE_CHECKING:
    from .over_time import draw_cell
    from .overview import leading_charts, main_chart

_HOMES = {"draw_cell": "over_time", "leading_charts": "overview", "main_chart": "overview"}

__all__ = [
    "Chart",
    "animate",
    "chart",
    "charts",
    "draw",
    "draw_cell",
    "leading_charts",
    "main_chart",
    "run_charts",
    "save_animation",
    "save_figure",
    "save_forms",
    "save_pdf",
    "save_png",
    "save_svg",
]


def __getattr__(name: str) -> Any:
    """Load what needs matplotlib when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module 'splinternet.plots' has no attribute '{name}'")
    return getattr(import_module(f"splinternet.plots.{_HOMES[name]}"), name)
