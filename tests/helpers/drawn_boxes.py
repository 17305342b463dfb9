"""Where the texts and the lines of a chart are, once it is drawn."""

from __future__ import annotations

from itertools import combinations
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from splinternet.plots.page import house_style

ROOM = 1.0
"""Pixels by which two boxes may reach into each other: letters do not fill their box."""


def texts_of(figure: Any) -> list[tuple[str, Bbox]]:
    """Return every text that can be seen, with its box in pixels; ticks outside of their axis are
    not drawn.
    """
    renderer = _drawn(figure)
    found = []
    for item in figure.findobj(Text):
        box = item.get_window_extent(renderer)
        if (
            item.get_text().strip()
            and item.get_visible()
            and box.width
            and figure.bbox.overlaps(box)
        ):
            found.append((item.get_text(), box))
    hidden = [label for axes in figure.axes for label in _beyond(axes)]
    boxes = [label.get_window_extent(renderer).bounds for label in hidden]
    return [(text, box) for text, box in found if box.bounds not in boxes]


def _drawn(figure: Any) -> Any:
    """Draw a figure as a PNG is drawn, and return what measures its texts."""
    canvas = FigureCanvasAgg(figure)
    with house_style():
        canvas.draw()
    return canvas.get_renderer()


def _beyond(axes: Any) -> list[Text]:
    """Return the labels of ticks that lie outside of what an axis shows."""
    labels = []
    for axis in (axes.xaxis, axes.yaxis):
        low, high = sorted(axis.get_view_interval())
        ticks = zip(axis.get_majorticklocs(), axis.get_majorticklabels(), strict=False)
        labels += [label for place, label in ticks if not low <= place <= high]
    return labels


def _meet(one: Bbox, other: Bbox) -> bool:
    across = min(one.x1, other.x1) - max(one.x0, other.x0)
    up = min(one.y1, other.y1) - max(one.y0, other.y0)
    return across > ROOM and up > ROOM


def misplaced(figure: Any) -> list[tuple[str, ...]]:
    """Return the texts that leave the page, and the pairs of texts of which one is drawn over the
    other.
    """
    page, texts = figure.bbox, texts_of(figure)
    outside = [
        (text,)
        for text, at in texts
        if min(at.x0, at.y0) < -2 or at.x1 > page.x1 + 2 or at.y1 > page.y1 + 2
    ]
    return outside + [
        (a, b) for (a, one), (b, other) in combinations(texts, 2) if _meet(one, other)
    ]


def crossed(figure: Any) -> list[str]:
    """Return the texts of panels that an interval (a horizontal line between two ends) runs
    through.
    """
    renderer = _drawn(figure)
    found = []
    for axes in figure.axes:
        lines = [line for line in axes.get_lines() if _is_interval(line)]
        for text in axes.texts:
            box = text.get_window_extent(renderer)
            for line in lines:
                (x0, y), (x1, _) = axes.transData.transform(line.get_xydata())
                ends = Bbox.from_extents(min(x0, x1), y - 1.1, max(x0, x1), y + 1.1)
                if _meet(box, ends):
                    found.append(text.get_text())
    return found


def _is_interval(line: Line2D) -> bool:
    x, y = line.get_xdata(), line.get_ydata()
    return (
        len(x) == 2
        and y[0] == y[1]
        and x[0] != x[1]
        and line.get_transform() == line.axes.transData
    )
