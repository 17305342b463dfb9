"""The details of items: the data behind ``show``."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import date

from .. import policies
from ..facts import Facts, Quantity, find_platform, load_facts
from ..facts.model import TECHNIQUES
from ..facts.record import RecordRow
from ..facts.tables import read
from ..policies.base import Policy
from ..scenario.schema import BEHAVIOURS
from .listing_places import shown

type Pairs = list[tuple[str, object]]


@dataclass(frozen=True)
class Entry:
    """One thing and all there is to know about it.

    Attributes
    ----------
    kind, name : str
        What it is and what it is called.
    pairs : list of (str, object)
        What is known, in order.
    """

    kind: str
    name: str
    pairs: Pairs


def details(name: str, on: date | None = None) -> list[Entry]:
    """Return everything that is called by a name: a metric and a chart may share one, a firm has many carriers.

    Parameters
    ----------
    name : str
    on : datetime.date, optional
        The day that states and platforms are shown on; the day of the newest world unless stated.
    """
    from .listing_network import entries

    found = [_scenario(name), _state(name, on), _platform(name, on), *(make(name) for make in _DETAILS)]
    return [*(one for one in found if one is not None), *(Entry(*one) for one in entries(name))]


def _scenario(name: str) -> Entry | None:
    from ..shipped import shipped, shipped_name

    known = shipped_name(name.removesuffix(".yaml").removeprefix("scenarios/"))
    if known is None:
        return None
    path = shipped()[known]
    return Entry("scenario", name, [("file", str(path)), ("text", path.read_text(encoding="utf-8"))])


def _state(name: str, on: date | None) -> Entry | None:
    from .listing_network import border
    from .listing_places import entry, facts_of_day

    facts = facts_of_day(on)
    found = entry(name, facts)
    if found is None:
        return None
    code = dict(found[1])["code"]
    return Entry("state", found[0], [("on", str(facts.day)), *found[1], *border(str(code))])


def _platform(name: str, on: date | None) -> Entry | None:
    from .listing_places import facts_of_day

    facts = facts_of_day(on)
    found = find_platform(name, facts)
    if found is None:
        return _former_platform(name, facts)
    used = [
        (f"used in {state}", shown(quantity))
        for (state, platform), quantity in facts.penetration.items()
        if platform == found and quantity.value > 0
    ]
    age = [
        (f"leans to the young in {state}" if quantity.value >= 0 else f"leans to the old in {state}", shown(quantity))
        for (state, platform), quantity in facts.youth_lean.items()
        if platform == found
    ]
    of: Pairs = [("used in ...", "share of the state's internet users who use it in a month")] if used else []
    return Entry("platform", found, [("on", str(facts.day)), *_facts_of(facts.platforms[found]), *of, *used, *age])


def _former_platform(name: str, facts: Facts) -> Entry | None:
    """Return a platform that does not work on the facts' day, with its dates; None where there is none of that name."""
    whole = facts.whole or facts
    found = find_platform(name, whole)
    if found is None:
        return None
    return Entry("platform", found, [("on", f"{facts.day}: it does not work"), *_facts_of(whole.platforms[found])])


def _instrument(name: str) -> Entry | None:
    if name not in policies.INSTRUMENTS:
        return None
    known = policies.INSTRUMENTS[name]
    model = known
    own = [
        (f"key {key}", field.description or "")
        for key, field in model.model_fields.items()
        if key not in Policy.model_fields
    ]
    idle = model.IDLE_KEYS if model.acts_on_people() else {*model.IDLE_KEYS, "who"}
    common = ", ".join(key for key in Policy.model_fields if key not in idle)
    pairs: Pairs = [
        ("what it does", known.summary()),
        ("the case", known.CASE),
        ("in this version", known.AVAILABLE),
        *own,
        ("common keys", common),
    ]
    return Entry("instrument", name, pairs)


def _technique(name: str) -> Entry | None:
    if name not in TECHNIQUES:
        return None
    prefix = f"technique.{name}."
    numbers = [(key, shown(q)) for key, q in load_facts().parameters.items() if key.startswith(prefix)]
    return Entry("technique", name, [("how it works", TECHNIQUES[name]), *numbers])


def _behaviour(name: str) -> Entry | None:
    if name not in BEHAVIOURS:
        return None
    known = BEHAVIOURS[name]
    pairs: Pairs = [("what it does", known.summary), ("every [days]", known.every_days)]
    return Entry("behaviour", name, [*pairs, ("switched on by", f"behaviour: {{{name}: true}}")])


def _metric(name: str) -> Entry | None:
    from ..metrics.registry import METRICS

    if name not in METRICS:
        return None
    metric = METRICS[name]
    return Entry("metric", name, [(f.name, getattr(metric, f.name)) for f in fields(metric) if f.repr])


def _parameter(name: str) -> Entry | None:
    parameters = load_facts().parameters
    if name not in parameters:
        return None
    found = parameters[name]
    numbers: Pairs = [(key, getattr(found, key)) for key in ("value", "low", "high", "unit", "basis", "source")]
    return Entry("parameter", name, [("meaning", found.note), *numbers])


def _chart(name: str) -> Entry | None:
    from ..experiments.experiment import all_charts
    from ..plots import charts

    if name in charts():
        chart = charts()[name]
        about: Pairs = [("title", chart.title), ("how to read it", chart.description), ("metrics", chart.metrics)]
        return Entry("chart", name, about)
    for known in all_charts():
        if known.name == name:
            pairs: Pairs = [("drawn of a", known.kind), ("title", known.title), ("how to read it", known.description)]
            return Entry("chart", name, pairs)
    return None


def _record_row(name: str) -> Entry | None:
    row = read(RecordRow).get(name)
    if row is None:
        return None
    data = {**asdict(row), "tolerance": "" if row.tolerance != row.tolerance else row.tolerance}
    pairs = [(key, value) for key, value in data.items() if key not in ("id", "use", "why") and value != ""]
    return Entry("record row", row.id, [("status", row.status), *pairs])


_DETAILS = (_instrument, _technique, _behaviour, _metric, _parameter, _chart, _record_row)


def _facts_of(fact: object) -> Pairs:
    """Return the fields of a fact; quantities with their range and source."""
    pairs: Pairs = []
    for field in fields(fact):  # type: ignore[arg-type]
        value = getattr(fact, field.name)
        if value not in ((), ""):
            pairs.append((field.name.replace("_", " "), shown(value) if isinstance(value, Quantity) else value))
    return pairs
