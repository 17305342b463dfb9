"""Policies that a user adds on the page: the instruments to offer, and the initial keys of each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cache
from typing import Any

from ... import policies
from ...errors import InputError, Problem
from ...facts.model import REST_OF_WORLD
from ...policies.base import Policy
from ...text.numbers import state_name
from .choices import Choices

Data = dict[str, Any]
FIRST_DAYS = 30
"""Days after the first one on which an added policy begins unless stated (assumption)."""
_COMMON = frozenset(Policy.model_fields)


def completed(choices: Choices, instrument: str, by: str, target: str, on: str) -> Data:
    """Return the keys of a policy to add: what was chosen, an id of its own, and the example's values of own keys.

    Parameters
    ----------
    choices : Choices
        What the policy is added to.
    instrument, by, target, on : str
        Instrument, state, platform and first day; the platform counts only where the instrument is aimed at platforms.

    Raises
    ------
    InputError
        The instrument is not offered here, or the day is none.
    """
    if instrument not in offered():
        raise InputError(Problem("", f"'{instrument[:60]}' cannot be added here", "an instrument of the list"))
    taken = {policy.id for policy in (choices.opened or choices.base).policies} | {key["id"] for key in choices.added}
    stem = instrument.replace("_", "-")
    name = next(name for n in range(1, 10_000) if (name := f"{stem}-{n}") not in taken)
    keys: Data = {"id": name, "instrument": instrument, "by": [by[:60]], "on": _date(on)} | _own(instrument)
    if policies.INSTRUMENTS[instrument].NEEDS_TARGETS:
        keys["targets"] = [target[:60]]
    if "policy" in keys:
        acting = [policy.id for policy in choices.base.policies if not policy.about()]
        if not acting:
            raise InputError(Problem("", "there is no policy that it could act on", "", "add that policy first"))
        keys["policy"] = acting[0]
    return keys


def _date(text: str) -> str:
    try:
        return str(dt.date.fromisoformat(text.strip()))
    except ValueError:
        found, allowed = f"'{text[:40]}' is not a date", "a day such as 2020-09-20"
        raise InputError(Problem("In force from", found, allowed)) from None


@cache
def offered() -> tuple[str, ...]:
    """Return the instruments that can be added: those that platform, state, day and their example's keys make whole."""
    found = []
    for name in policies.available():
        kind = policies.INSTRUMENTS[name]
        keys = {"id": "x", "instrument": name, "by": ["US"], "on": dt.date(2020, 9, 1)} | _own(name)
        if kind.NEEDS_TARGETS:
            keys["targets"] = ["WeChat"]
        try:
            kind.model_validate(keys)
        except ValueError:
            continue
        found.append(name)
    return tuple(found)


def _own(instrument: str) -> Data:
    """Return the example's values of the keys that an instrument needs beside the common ones."""
    example: Mapping[str, Any] = policies.INSTRUMENTS[instrument].EXAMPLE
    needed = [name for name, key in policies.INSTRUMENTS[instrument].model_fields.items() if key.is_required()]
    keys = policies.INSTRUMENTS[instrument]
    own = {key: value for key, value in example.items() if key not in _COMMON and key in keys.model_fields}
    return {key: value for key, value in own.items() if key in needed or isinstance(value, int | float)}


def adding(choices: Choices) -> Data:
    """Return what the page offers to add a policy with: instruments, states, platforms, and the first day proposed."""
    base = choices.base
    states = [code for code in base.facts.states if code != REST_OF_WORLD]
    return {
        "instruments": [
            {
                "value": name,
                "text": name.replace("_", " ").capitalize(),
                "about": policies.INSTRUMENTS[name].summary(),
                "aimed": policies.INSTRUMENTS[name].NEEDS_TARGETS,
            }
            for name in offered()
        ],
        "states": [{"value": code, "text": state_name(base, code)} for code in states],
        "platforms": [{"value": name, "text": name} for name in platforms_of(choices)],
        "on": str(min(base.start + dt.timedelta(days=FIRST_DAYS), base.end)),
    }


def platforms_of(choices: Choices) -> list[str]:
    """Return the platforms that a policy can be aimed at: those of the tables and those that the scenario adds."""
    return list(dict.fromkeys([*choices.base.facts.platforms, *choices.base.world.platforms]))
