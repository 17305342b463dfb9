"""A result in a notebook: the finding, the main chart and a table of six rows, in one piece of HTML."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any

from ..text.basis import basis, status_text
from ..text.comparison import HEADER, cells, what, where
from ..text.comparison import headline as headline_of_ranking
from ..text.findings import headline
from ..text.numbers import compact, compact_range
from ..text.reportable import effect
from ..text.terminal import row_name, short_rows
from .pages import Picture, Table, render

if TYPE_CHECKING:
    from ..results.compare import Ranking
    from ..results.result import Result


def page(result: Result) -> str:
    """Return the finding, the main chart and the rows of the summary that matter most as HTML."""
    from ..plots import main_chart

    rows = [
        (row_name(result, row), compact(str(row["metric"]), effect(row, "baseline")),
         compact_range(str(row["metric"]), *(effect(row, key) for key in ("effect", "low", "high"))))
        for row in short_rows(result)
    ]  # fmt: skip
    notes = [*basis(result), *(f"Note: {n}" for n in result.notes), *(f"Warning: {w}" for w in result.warnings)]
    return str(
        render(
            "notebook.html", head=[result.scenario.title], stamp=status_text(result), said=headline(result),
            chart=_picture(result.plot(main_chart(result)), result), notes=notes,
            numbers=Table("In numbers", ("", "without", "effect (80 %)"), rows, numbers=(1, 2)),
        )
    )  # fmt: skip


def ranking_page(ranking: Ranking) -> str:
    """Return a comparison of runs as HTML: the finding, the picture, the table, notes."""
    rows = [cells(row) for row in ranking.rows]
    return str(
        render(
            "notebook.html", head=[what(ranking), where(ranking)], stamp=None, said=headline_of_ranking(ranking),
            chart=_picture(ranking.plot(), ranking.runs[0]), notes=[ranking.why, *ranking.notes],
            numbers=Table("Runs", HEADER, rows, numbers=(1, 2)),
        )
    )  # fmt: skip


def _picture(figure: Any, result: Result) -> Picture:
    """Return a chart as pixels, which a notebook stores in less room than a drawing."""
    from ..plots import save_png

    stream = io.BytesIO()
    save_png(figure, stream, result)
    data = base64.b64encode(stream.getvalue()).decode("ascii")
    wide, high = (round(inches * 96) for inches in figure.get_size_inches())
    return Picture(f"data:image/png;base64,{data}", figure.title, wide, high, "")
