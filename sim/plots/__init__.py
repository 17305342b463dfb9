"""Charts of a result: functions that draw into a page, a part of a figure or axes, from a `Result`
alone.

To add a chart, write a function with the decorator `chart` into a file of your own, or into the
file of this package on its subject. The function has the name of the chart. It takes a result and
returns a matplotlib Figure; or it takes a result and a `page.Place` and returns a `page.Caption`,
and then the chart can be a page, a panel or axes. ``splinternet list charts`` and ``splinternet
plot`` then include it.
"""

from .registry import (
    Chart,
    animate,
    chart,
    charts,
    draw,
    run_charts,
    run_figures,
    save_figure,
    save_forms,
    write_figure,
)

from .over_time import draw_cell  # isort: skip
from .overview import leading_charts, main_chart  # isort: skip

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
    "run_figures",
    "save_figure",
    "save_forms",
    "write_figure",
]
