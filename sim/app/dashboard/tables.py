"""The numbers of each chart as a table, for download."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta

from ...errors import InputError, Problem
from ...results.files import neutral_row
from ...results.worlds import map_day
from .scene import LOST, USE, VPN, Scene

type Row = tuple[object, ...]
type Table = tuple[Row, Iterable[Row]]


def table(chart: str, scene: Scene, state: str) -> str:
    """Return the numbers that a chart shows, as CSV.

    Parameters
    ----------
    chart : str
        One of `TABLES`.
    scene : Scene
        The scene that is shown.
    state : str
        The state whose platforms are shown.

    Raises
    ------
    InputError
        There is no such chart.
    """
    if chart not in TABLES:
        raise InputError(Problem("", f"there is no chart '{chart[:40]}'", ", ".join(TABLES)))
    header, rows = TABLES[chart](scene, state)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(neutral_row(row) for row in rows)
    return stream.getvalue()


def _daily(scene: Scene, metric: str, *index: int) -> Iterator[Row]:
    """Yield date, value without and value with the policies, for each day up to the one shown."""
    without, given = scene.both(metric, *index)
    for day, (one, other) in enumerate(zip(without.tolist(), given.tolist(), strict=True)):
        yield str(scene.spec.start + timedelta(days=day)), one, other


def _family(scene: Scene, _: str) -> Table:
    rows = (
        (label, "1", *values) for label in scene.groups for values in _daily(scene, LOST, scene.group(label))
    )  # fmt: skip
    return ("group", "unit", "date", "without_policies", "with_policies"), rows


def _users(scene: Scene, state: str) -> Table:
    axes = scene.policy.axes
    row = axes.states.index(state)
    rows = (
        (state, name, "persons", *values)
        for name in scene.platforms(state)
        for values in _daily(scene, USE, row, axes.platforms.index(name))
    )
    return ("state", "platform", "unit", "date", "without_policies", "with_policies"), rows


def _vpn(scene: Scene, _: str) -> Table:
    states = list(dict.fromkeys(scene.vpn_states))
    places = scene.policy.axes.states
    rows = ((state, "persons", *values) for state in states for values in _daily(scene, VPN, places.index(state)))
    return ("state", "unit", "date", "without_policies", "with_policies"), rows


def _pairs(scene: Scene, _: str) -> Table:
    states = scene.states
    pairs = [(a, b, scene.ties(a, b)) for at, a in enumerate(states) for b in states[at + 1 :]]
    rows = ((str(scene.date), a, b, "ties", *ties) for a, b, ties in pairs if ties is not None)
    return ("date", "state", "other_state", "unit", "without_policies", "with_policies"), rows


def _timeline(scene: Scene, _: str) -> Table:
    rows = (
        (p.id, p.instrument, ", ".join(p.by), ", ".join(p.targets), p.announced or "", p.on or "", p.until or "")
        for p in scene.spec.policies
    )
    return ("policy", "instrument", "by", "targets", "announced", "on", "until"), rows


def _atlas(scene: Scene, _: str) -> Table:
    shown = map_day([scene.pair], scene.spec, scene.day)
    date = str(scene.date)
    rows: list[Row] = [(date, "openness", code, "", "1", value) for code, value in sorted(shown.openness.items())]
    rows += [(date, "people_out_of_contact", a, b, "persons", people) for a, b, people in shown.corridors]
    return ("date", "metric", "state", "other_state", "unit", "value"), rows


TABLES: Mapping[str, Callable[[Scene, str], Table]] = {
    "family": _family,
    "timeline": _timeline,
    "users": _users,
    "matrix": _pairs,
    "network": _pairs,
    "atlas": _atlas,
    "vpn": _vpn,
}
"""Chart -> what makes its table."""
