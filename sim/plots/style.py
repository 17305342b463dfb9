"""The page of a chart in the house style: title, stamp, footer, labels."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..core.program import program_stamp
from ..results.manifest import short
from ..text.numbers import STATUS, number, seeds_text
from .look import GREY, HEIGHT, INK, WIDTH, readable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.gridspec import GridSpec

    from ..results import Result
    from .figure import House
    from .source import PageSource

_SIDE = 0.45  # inches left free at the left and right edge
_TITLE_CHARS, _SUBTITLE_CHARS = 62, 128
_TITLE_LINE, _SUBTITLE_LINE = 0.27, 0.19  # inches


@dataclass
class Page:
    """A figure with its title, stamp and footer, and the room that is left for axes.

    Attributes
    ----------
    figure : Figure
        The figure.
    top, bottom : float
        Edges of the room left, as shares of the height.
    """

    figure: House
    top: float
    bottom: float

    def grid(self, rows: int, columns: int, *, left: float = 0.95, right: float = 0.45, **keys: Any) -> GridSpec:
        """Return a grid of places for axes; left and right are margins in inches."""
        return self.figure.add_gridspec(
            rows,
            columns,
            left=left / WIDTH,
            right=1 - right / WIDTH,
            top=self.top,
            bottom=self.bottom,
            **keys,
        )


def page(
    result: PageSource, title: str, subtitle: str, *, height: float = HEIGHT, below: float = 0.0, status: str = ""
) -> Page:
    """Return an empty page in the house style.

    Parameters
    ----------
    result : PageSource
        The run or experiment, for stamp and footer.
    title : str
        The finding, in a sentence.
    subtitle : str
        What is drawn, in which unit, and what the band means.
    height : float
        Height of the figure [inches].
    below : float
        Room between axes and footer for axis labels and what a chart writes there [inches].
    status : str
        What the stamp says; by default the scenario's status.
    """
    from .figure import House

    figure = House(figsize=(WIDTH, height), result=result)
    lines = wrapped(title, _TITLE_CHARS) or [""]
    small = wrapped(subtitle, _SUBTITLE_CHARS)
    left = _SIDE / WIDTH
    y = 0.32
    figure.text(left, 1 - y / height, "\n".join(lines), fontsize=14, fontweight="bold", va="top", linespacing=1.2)
    y += _TITLE_LINE * len(lines) + 0.07
    figure.text(left, 1 - y / height, "\n".join(small), fontsize=9.5, color=GREY, va="top", linespacing=1.3)
    y += _SUBTITLE_LINE * len(small) + 0.32
    _stamp(figure, (status or str(result.scenario.status)).upper(), height)
    _footer(figure, result, height)
    return Page(figure, 1 - y / height, (1.1 + below) / height)


def _stamp(figure: Figure, status: str, height: float) -> None:
    """Stamp the status into the upper right corner."""
    box = {"boxstyle": "square,pad=0.35", "facecolor": "white", "edgecolor": INK, "linewidth": 1.2}
    x, y = 1 - (_SIDE + 0.06) / WIDTH, 1 - 0.33 / height
    figure.text(x, y, status, fontsize=10, fontweight="bold", ha="right", va="top", bbox=box)


def _footer(figure: Figure, result: PageSource, height: float) -> None:
    """Write what the figures stand on along the lower edge."""
    n = len(result.members)
    people = number(float(result.scenario.people))
    spread = "one member, no interval" if n == 1 else f"medians of {n} members, ranges from 10 to 90 % of them"
    if _has_error(result):
        spread += ", with the model's error where it is known"
    scenario = f"scenario {result.name} ({short(result.scenario.digest)}), run {result.run_id}"
    source = (
        f"Source: {program_stamp(result.version, result.commit)}, simulated on {result.scenario.world.facts}; "
        f"{scenario}; {seeds_text(result.seeds)}; {people} simulated people; {spread}."
    )
    lines = [STATUS.get(str(result.scenario.status), ""), *textwrap.wrap(source, 165)]
    style: dict[str, Any] = {"fontsize": 7.5, "color": GREY, "va": "bottom", "linespacing": 1.35}
    figure.text(_SIDE / WIDTH, 0.16 / height, "\n".join(lines), **style)


def whiskers(result: Result) -> str:
    """Return what the whiskers of a bar mean; empty where there are none."""
    return band_text(result, "Whisker")


def band_text(result: Result, what: str = "Band") -> str:
    """Return what bands or whiskers hold, after a space; empty where there are none."""
    if _has_error(result):
        return f" {what}: 80 % interval, members and model error."
    return f" {what}: 10-90 % of members." if len(result.members) > 1 else ""


def _has_error(result: PageSource) -> bool:
    """Return whether the intervals of a run include the model's error; those of an experiment do not."""
    known = getattr(result, "model_error", None)
    return known is not None and known.is_known


TOO_FEW, UNSURE = "Too few to judge", "No sure effect"


def no_effect(result: Result, title: str, what: str, *, verdict: str = "No effect", height: float = 4.2) -> Figure:
    """Return a page that says that there is nothing to show, and why.

    Parameters
    ----------
    result : Result
        The run.
    title : str
        What the chart is about.
    what : str
        A sentence: what was looked at and found empty.
    verdict : str
        What that comes to; an effect on too few people is not the same as none.
    """
    made = page(result, f"{verdict}: {title}", "", height=height)
    made.figure.shows_nothing = True
    middle = (made.top + made.bottom) / 2
    made.figure.text(0.5, middle + 0.04, verdict.lower(), fontsize=22, color=GREY, ha="center", va="center")
    # Lines of like length: the last word does not stand alone.
    width = len(what) // -(-len(what) // 90) + 12
    made.figure.text(0.5, middle - 0.06, textwrap.fill(what, width), fontsize=10.5, color=GREY, ha="center", va="top")
    return made.figure


def wrapped(text: str, width: int) -> list[str]:
    """Return a text in lines of at most so many characters; a number stays with what follows it: ``9.3 %``.

    >>> wrapped("more by 476 % of it", 12)
    ['more by', '476 % of it']
    """
    kept = re.sub(r"(\d) (%|million|billion)", "\\1\u00a0\\2", text)
    return [line.replace("\u00a0", " ") for line in textwrap.wrap(kept, width, break_on_hyphens=False)]


def fold(text: str, width: int, lines: int = 3) -> str:
    """Return a text broken into lines of at most so many characters; what does not fit is dropped."""
    return "\n".join(wrapped(text, width)[:lines])


def spread_apart(positions: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Return positions moved as little as needed to stand a gap apart, within limits; their order is kept.

    >>> spread_apart([0.0, 0.1, 5.0], 1.0, 0.0, 10.0)
    [0.0, 1.0, 5.0]
    """
    order = sorted(range(len(positions)), key=lambda i: positions[i])
    placed = [0.0] * len(positions)
    floor = low
    for i in order:
        placed[i] = max(positions[i], floor)
        floor = placed[i] + gap
    ceiling = high
    for i in reversed(order):
        placed[i] = min(placed[i], ceiling)
        ceiling = placed[i] - gap
    return placed


def end_labels(axes: Axes, labels: Sequence[tuple[float, str, str]], *, size: float = 9.0) -> None:
    """Write the names of lines beside their right ends, moved apart where they would overlap.

    Parameters
    ----------
    axes : Axes
        Axes whose limits are final.
    labels : sequence of (float, str, str)
        Value at the right end, text and colour of each line.
    size : float
        Size of the text [points].
    """
    axes.get_ylim()  # settles limits that are still to be fitted to the data
    figure = axes.figure
    inches = axes.get_position().height * figure.get_figheight()  # type: ignore[union-attr]
    shown = [float(axes.transAxes.inverted().transform(axes.transData.transform((0, y)))[1]) for y, _, _ in labels]
    lines = max((text.count("\n") + 1 for _, text, _ in labels), default=1)
    gap = size / 72 * 1.35 * lines / inches
    for (_, text, colour), at, was in zip(labels, spread_apart(shown, gap, 0.0, 1.0), shown, strict=True):
        style: dict[str, Any] = {
            "xycoords": "axes fraction",
            "textcoords": "axes fraction",
            "annotation_clip": False,
        }
        # A label that had to move is tied to its line; the tie ends at the label's edge, clear of the others.
        arrow = {"arrowstyle": "-", "color": colour, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 0, "relpos": (0, 0.5)}
        axes.annotate(
            text, (1.0, was), (1.022, at), va="center", color=readable(colour), fontsize=size, arrowprops=arrow, **style
        )
