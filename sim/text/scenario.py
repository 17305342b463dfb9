"""Keys and values of a scenario in words, with units and distributions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from ..core.groups import Group, Side
from ..facts.record import read_posterior
from ..facts.tables import Quantity
from ..policies.base import Policy
from ..scenario import Scenario
from .numbers import capital, day, group_name, state_name, table

if TYPE_CHECKING:
    from ..results import Result

_UNIT = re.compile(r"\[([^\]]+)\]")
"""Pattern of the unit in the description of a key."""

_LABELS = table("scenario", "LABELS")
"""Labels of keys whose names are not clear."""


def key_label(key: str) -> str:
    """Return the label of a key of a scenario or a policy: ``In force from`` for ``on``."""
    return _LABELS.get(key, capital(key.replace("_", " ")))


def path_label(path: str, scenario: Scenario) -> str:
    """Return the label of a path of a sweep, in words if possible."""
    steps = path.split(".")
    known = scenario.facts.parameters.get(path.removeprefix("parameters."))
    if known is not None and known.note:
        return known.note
    if steps[0] == "policies" and len(steps) == 3:
        return f"{key_label(steps[2])} ({steps[1]})"
    return in_words(path, scenario) or path


def drawn(scenario: Scenario, path: str) -> str:
    """Return ``drawn, 0.3 to 0.9`` for a path or parameter that seeds draw; empty for others."""
    found = scenario.uncertain.get(path) or scenario.uncertain.get(f"parameters.{path}")
    if found is None:
        return ""
    how = "" if found.distribution == "uniform" else ", on a logarithmic scale"
    return f"drawn, {plain(found.low)} to {plain(found.high)}{how}"


def drawn_from(name: str, known: Quantity) -> str:
    """Return the distribution of a parameter that the scenario does not set: its range or the
    posterior.
    """
    if known.choices:
        return f"drawn: {' or '.join(known.choices)}"
    if any(name in row for row in read_posterior()[:1]):
        return "drawn jointly with others, as fitted to past events"
    return f"drawn, {plain(known.low)} to {plain(known.high)}"


def own_keys(scenario: Scenario, policy: Policy) -> str:
    """Return the instrument's own keys of a policy: ``share: 0.5; ladder: fine of ...``."""
    own = [
        key
        for key in type(policy).model_fields
        if key not in Policy.model_fields or key == "technique"
    ]
    values = (
        (key, drawn(scenario, f"policies.{policy.id}.{key}") or _value(policy, key)) for key in own
    )
    who = (f"who: {policy.who}",) if policy.who is not None else ()
    return "; ".join((*who, *(f"{key}: {text}" for key, text in values if text)))


def _value(keys: BaseModel, key: str) -> str:
    """Return the value of a key with its unit; empty if not set."""
    value = getattr(keys, key)
    if value is None or value in ([], (), {}, ""):
        return ""
    unit = _UNIT.search(type(keys).model_fields[key].description or "")
    counted = isinstance(value, int | float) and not isinstance(value, bool)
    # Shares have no unit, and a key called days contains its own.
    return (
        f"{in_text(value)} {unit[1]}"
        if unit and counted and unit[1] not in ("1", key)
        else in_text(value)
    )


def in_text(value: Any) -> str:
    """Return a value as text: ``131,000,000``, ``0.49``, ``Signal, Threema``, ``4 November
    2020``.
    """
    if isinstance(value, BaseModel):
        parts = [(key, _value(value, key)) for key in type(value).model_fields]
        return ", ".join(f"{key} {text}" for key, text in parts if text)
    if isinstance(value, list | tuple):
        between = ", then " if any(isinstance(item, BaseModel) for item in value) else ", "
        return between.join(map(in_text, value)) or "none"
    if isinstance(value, date):
        return day(value.isoformat())
    if isinstance(value, bool):
        return "yes" if value else "no"
    return plain(value) if isinstance(value, float) else str(value)


def plain(value: float) -> str:
    """Return a number for a table."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:g}"


def world_changes(result: Result) -> list[tuple[str, str]]:
    """Return the changes that the scenario makes to the world before the first day: path and value,
    or range if drawn.
    """
    scenario = result.scenario
    keys = scenario.world.model_dump(
        mode="json", exclude_none=True, exclude_defaults=True, exclude={"facts"}
    )
    return [
        (path, drawn(scenario, path) or in_text(value))
        for path, value in ((f"world.{path}", value) for path, value in _leaves(keys, ""))
    ]


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield path and value of everything inside nested mappings."""
    if not isinstance(value, dict):
        yield path, value
        return
    for key, inner in value.items():
        yield from _leaves(inner, f"{path}.{key}" if path else str(key))


def in_words(path: str, scenario: Scenario) -> str:
    """Return a path of the world in words; empty for a parameter, which its table describes."""
    steps = path.split(".")
    if steps[0] != "world" or len(steps) < 3:
        return ""
    place = state_name(scenario, steps[2], article=True)
    if steps[1] == "penetration" and len(steps) > 3:
        who = f"internet users in {place}"
        if len(steps) > 4:
            home = Group.read(steps[4])
            side: Side = "resident" if home.residence == steps[2] else "diaspora"
            who = group_name(scenario, str(Group(steps[2], home.residence, side, home.community)))
            who = f"all others in {place}" if steps[4] == "other" else who
        return f"Share of {who} who use {steps[3]} in a month"
    if steps[1] == "communities" and len(steps) > 4:
        who = steps[3]
        key = steps[4]
        last = steps[-1]
        words = {
            "who": who,
            "place": place,
            "last": last,
            "there": state_name(scenario, last, article=True),
        }
        known = table("scenario", "COMMUNITIES").get(key, "").format(**words)
        return known if len(steps) > 5 or key not in ("platforms", "diaspora") else ""
    return table("scenario", "WORLD").get(steps[1], "").format(place=place)
