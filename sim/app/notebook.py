"""A result in a notebook: the finding, the summary and the main chart, in one piece of HTML."""

from __future__ import annotations

import base64
import io
from html import escape
from typing import TYPE_CHECKING, Any

from ..metrics.registry import METRICS
from ..results.summary import Row
from ..text.basis import basis, status_text
from ..text.findings import headline
from ..text.numbers import WHEN_WORDS, cell_name, quantity, with_range
from ..text.ranking import HEADER, cells, what, where
from ..text.ranking import headline as headline_of_ranking
from ..text.reportable import CONTACT, EVER_PEOPLE, LOST, LOST_DAYS, effect, headline_row

if TYPE_CHECKING:
    from ..results.compare import Ranking
    from ..results.result import Result

_SHOWN = 24  # rows of the summary that a notebook shows
_FIRST = (*CONTACT, "active_users", "vpn_users", EVER_PEOPLE, LOST_DAYS, LOST)
_CSS = "font-family:sans-serif;font-size:13px;line-height:1.4;max-width:60em"


def page(result: Result) -> str:
    """Return the finding, the largest rows of the summary and the main chart as HTML."""
    stamp, meaning = status_text(result)
    first, *rest = headline(result)
    lines = [
        *basis(result),
        *(f"Note: {n}" for n in result.notes),
        *(f"Warning: {w}" for w in result.warnings),
    ]
    badge = f'<span style="border:1px solid;padding:0 .4em;font-weight:bold">{escape(stamp)}</span>'
    small = "<br>".join(escape(line) for line in lines)
    return (
        f'<div style="{_CSS}"><p><b>{escape(result.scenario.title)}</b><br>{badge} {escape(meaning)}</p>'
        f"<p><b>{escape(first)}</b> {escape(' '.join(rest))}</p>"
        f"{main_chart_html(result)}{table_html(result, main_rows(result))}"
        f'<p style="opacity:.75">{small}</p></div>'
    )


def main_rows(result: Result, n: int = _SHOWN) -> list[Row]:
    """Return the rows of the summary that matter most: the headline metrics, the largest effects first."""
    rows = [row for row in result.rows() if headline_row(row) and row["effect"] is not None and effect(row) != 0]

    def order(row: Row) -> tuple[int, float]:
        metric = str(row["metric"])
        return (_FIRST.index(metric) if metric in _FIRST else len(_FIRST), -abs(effect(row)))

    chosen = sorted(rows, key=order)
    # Half of the rows are for the first metrics, the rest for the largest effects of other metrics.
    kept: dict[str, int] = {}
    out = []
    for row in chosen:
        metric = str(row["metric"])
        kept[metric] = kept.get(metric, 0) + 1
        if kept[metric] <= max(3, n // len(_FIRST)):
            out.append(row)
    return out[:n]


def table_html(result: Result, rows: list[Row]) -> str:
    """Return rows of a summary as an HTML table."""
    if not rows:
        return ""
    titles = ("metric", "of", "when", "without", "with", "effect (10-90 %)", "simulated people")
    head = "".join(f'<th scope="col" style="text-align:left">{title}</th>' for title in titles)
    body = "".join(_row_html(result, row) for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _row_html(result: Result, row: Row) -> str:
    """Return one row of an HTML table."""
    metric = str(row["metric"])
    label = METRICS[metric].label + ("" if row["unit"] == "share" else f" [{row['unit']}]")
    where = cell_name(result.scenario, metric, str(row["state"]), str(row["platform"]), str(row["group"]))
    period = WHEN_WORDS[str(row["at"])]
    when = f"{period}, {row['date']}" if row["date"] and row["at"] != "total" else period
    none = [None if row[key] is None else effect(row, key) for key in ("baseline", "policy", "effect", "low", "high")]
    numbers = [
        quantity(metric, none[0]),
        quantity(metric, none[1]),
        with_range(metric, none[2], none[3], none[4]),
    ]
    words = "".join(f'<td style="text-align:left">{escape(text)}</td>' for text in (label, where, when))
    return f"<tr>{words}{''.join(f'<td>{escape(text)}</td>' for text in (*numbers, str(row['simulated'])))}</tr>"


def main_chart_html(result: Result) -> str:
    """Return the main chart as an inline image."""
    from ..plots import main_chart

    return _image(result.plot(main_chart(result)), result)


def ranking_page(ranking: Ranking) -> str:
    """Return a comparison of runs as HTML: the finding, the picture, the table, notes."""
    said = " ".join(headline_of_ranking(ranking))
    head = "".join(f'<th scope="col" style="text-align:left">{escape(title)}</th>' for title in HEADER)
    body = "".join(
        f"<tr>{''.join(f'<td style="text-align:left">{escape(cell)}</td>' for cell in cells(row))}</tr>"
        for row in ranking.rows
    )
    small = "<br>".join(escape(line) for line in (ranking.why, *ranking.notes))
    return (
        f'<div style="{_CSS}"><p>{escape(what(ranking))}<br>{escape(where(ranking))}</p><p><b>{escape(said)}</b></p>'
        f"{_image(ranking.plot(), ranking.runs[0])}<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        f'<p style="opacity:.75">{small}</p></div>'
    )


def _image(figure: Any, result: Result) -> str:
    """Return a chart as an inline image."""
    from ..plots import save_png

    stream = io.BytesIO()
    save_png(figure, stream, result)
    image = base64.b64encode(stream.getvalue()).decode("ascii")
    return f'<img alt="{escape(figure.title)}" style="max-width:100%" src="data:image/png;base64,{image}">'
