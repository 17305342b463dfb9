"""A scenario in a notebook: its events, its changes to the world, and its uncertain values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..scenario.scenario import Scenario

_CSS = "font-family:sans-serif;font-size:13px;line-height:1.4;max-width:60em"
_BADGE = "border:1px solid;padding:0 .4em;font-weight:bold"


def html(scenario: Scenario) -> str:
    """Return a scenario as a piece of HTML.

    Parameters
    ----------
    scenario : Scenario
        What to show.
    """
    head = (
        f"<p><b>{escape(scenario.title)}</b><br>"
        f'<span style="{_BADGE}">{escape(scenario.status.upper())}</span> {scenario.start} to {scenario.end} '
        f"({scenario.days:,} days), {scenario.people:,} simulated people, {escape(scenario.world.facts)}</p>"
    )
    policies = [
        (
            policy.id,
            policy.instrument,
            ", ".join(policy.by),
            ", ".join(policy.targets),
            policy.announced or "",
            policy.on or "never",
            policy.until or "",
            policy.reference or "",
        )
        for policy in scenario.policies
    ]
    header = ("policy", "instrument", "by", "on", "announced", "from", "until", "reference")
    parts = [head, _table(header, policies) if policies else "<p>No policies.</p>"]
    numbers = [(name, f"{value:g}", "set") for name, value in scenario.parameters.items()]
    numbers += [
        (name, f"{drawn.low:g} to {drawn.high:g}", f"drawn, {drawn.distribution}")
        for name, drawn in scenario.uncertain.items()
    ]
    if numbers:
        parts.append(_table(("number", "value", "how"), numbers))
    notes = [f"digest {scenario.digest[:12]}", *(f"Warning: {warning}" for warning in scenario.warnings)]
    parts.append(f'<p style="opacity:.75">{"<br>".join(escape(note) for note in notes)}</p>')
    return f'<div style="{_CSS}">{"".join(parts)}</div>'


def _table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return an HTML table."""
    left = 'style="text-align:left"'
    head = "".join(f'<th scope="col" {left}>{escape(title)}</th>' for title in header)
    body = "".join(f"<tr>{''.join(f'<td {left}>{escape(str(cell))}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
