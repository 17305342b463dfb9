"""Charts of a result: one function a chart, one file each, drawn from a `Result` alone.

To add a chart, add ``<name>.py`` to this package, or to the folder ``charts`` of a project, with a function of that
name that takes a result and returns a figure, under the decorator `chart`. Listing, ``splinternet plot`` and the run
folder follow. Nothing here loads matplotlib before a chart is drawn.
"""

from __future__ import annotations

from .leading import leading_charts, main_chart
from .registry import Chart, animate, chart, charts, draw
from .saving import save_animation, save_figure, save_forms, save_png, save_svg

__all__ = [
    "Chart",
    "animate",
    "chart",
    "charts",
    "draw",
    "leading_charts",
    "main_chart",
    "save_animation",
    "save_figure",
    "save_forms",
    "save_png",
    "save_svg",
]
