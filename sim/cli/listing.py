"""The lists of items as rows: the data behind ``list``. Each list loads only what it needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from types import MappingProxyType

type Table = tuple[tuple[str, ...], list[Sequence[object]]]

KINDS = (
    "scenarios", "states", "platforms", "carriers", "cables", "exchanges", "clouds",
    "instruments", "techniques", "behaviours", "metrics", "parameters", "charts", "record", "blocks",
)  # fmt: skip


def table(kind: str, on: date | None = None) -> Table:
    """Return the header and rows of one of :data:`KINDS`.

    Parameters
    ----------
    kind : str
    on : datetime.date, optional
        The day that states and platforms are shown on; the day of the newest world unless stated.
    """
    if kind in ("states", "platforms"):
        return _states(on) if kind == "states" else _platforms(on)
    if kind in _TABLES:
        return _TABLES[kind]()
    from . import listing_network

    found: Table = getattr(listing_network, kind)()
    return found


def narrowed(found: Table, state: str, platform: str) -> Table:
    """Return the rows of a table that are about a state and a platform.

    Parameters
    ----------
    found : (header, rows)
    state, platform : str
        By any of their names; empty for all of them.

    Raises
    ------
    InputError
        The table has no such column, or nothing has that name.
    """
    from ..errors import InputError, Problem, did_you_mean
    from ..facts.news import phrase
    from ..facts.states import place_code
    from ..scenario.news import platform_names

    header, rows = found
    wanted = {
        "state": place_code(state, "--state") if state else "",
        "platform": platform_names().get(phrase(platform), ""),
    }
    if platform and not wanted["platform"]:
        hint = did_you_mean(platform, platform_names().values())
        raise InputError(Problem("--platform", f"no platform is called '{platform}'", "a platform of the facts", hint))
    for column, name in wanted.items():
        if name and column not in header:
            raise InputError(Problem(f"--{column}", f"this list has no {column}", "list blocks, or list record"))
        rows = [row for row in rows if not name or name in str(row[header.index(column)]).split(" + ")]
    return header, rows


def all_names() -> list[str]:
    """Return every name that ``show`` knows, aliases aside."""
    return [str(row[0]) for kind in KINDS for row in table(kind)[1]]


def _scenarios() -> Table:
    from ..shipped import head, shipped

    rows = [(name, *head(path)) for name, path in shipped().items()]
    return ("name", "status", "title"), list(rows)


def _states(on: date | None) -> Table:
    from .listing_places import facts_of_day, rows

    return ("code", "name", "region", "population", "internet users", "VPN share", "facts"), rows(facts_of_day(on))


def _platforms(on: date | None) -> Table:
    from .listing_places import facts_of_day

    platforms = facts_of_day(on).platforms.values()
    return ("name", "home", "kind", "owner"), [(p.name, p.home, p.kind, p.owner) for p in platforms]


def _instruments() -> Table:
    from .. import policies

    rows = [(name, kind.AVAILABLE, kind.summary()) for name, kind in policies.INSTRUMENTS.items()]
    return ("name", "in this version", "what it does"), list(rows)


def _techniques() -> Table:
    from ..facts.model import TECHNIQUES

    return ("name", "how it works"), list(TECHNIQUES.items())


def _behaviours() -> Table:
    from ..scenario.schema import BEHAVIOURS

    known = [BEHAVIOURS[name] for name in BEHAVIOURS]
    return ("name", "every [days]", "what it does"), [(each.name, each.every_days, each.summary) for each in known]


def _metrics() -> Table:
    from ..metrics.registry import METRICS

    rows = [(m.name, m.unit, m.dims, m.label) for m in METRICS.values()]
    return ("name", "unit", "by", "what it measures"), list(rows)


def _parameters() -> Table:
    from ..facts import load_facts

    found = load_facts().parameters.items()
    rows = [(name, q.value, q.low, q.high, q.unit, q.basis, q.note) for name, q in found]
    return ("name", "value", "low", "high", "unit", "basis", "meaning"), list(rows)


def _charts() -> Table:
    from ..experiments.experiment import all_charts
    from ..plots import charts

    known = [("run", chart) for chart in charts().values()] + [(chart.kind, chart) for chart in all_charts()]
    return ("name", "drawn of a", "title", "how to read it"), [(c.name, of, c.title, c.description) for of, c in known]


def _record() -> Table:
    """Return the observed figures: scored, or not scored and why."""
    from ..facts.record import RecordRow
    from ..facts.tables import read

    header = (
        "row", "date", "value", "tolerance", "confidence", "status", "state", "platform", "what", "episode", "file",
    )  # fmt: skip
    rows = [
        (row.id, str(row.date), row.value, "" if row.tolerance != row.tolerance else row.tolerance, row.confidence,
         row.status, row.state, row.platform, row.what, row.episode, row.file)
        for row in read(RecordRow).values()
    ]  # fmt: skip
    return header, list(rows)


def _blocks() -> Table:
    """Return the history of restrictions, the newest first; what a state began on one day in one way is a row each."""
    from ..facts.history import recorded

    rows = [
        (order.state, platform, order.technique, order.since, order.until, order.order, order.sources, order.notes)
        for order in recorded(())
        for platform in order.platforms
    ]
    return ("state", "platform", "technique", "since", "until", "order", "source", "note"), list(rows)


_TABLES: MappingProxyType[str, Callable[[], Table]] = MappingProxyType(
    {
        "scenarios": _scenarios,
        "instruments": _instruments,
        "techniques": _techniques,
        "behaviours": _behaviours,
        "metrics": _metrics,
        "parameters": _parameters,
        "charts": _charts,
        "record": _record,
        "blocks": _blocks,
    }
)
