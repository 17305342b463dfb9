"""What somebody has chosen on the page, the scenario that it makes, and the link that holds it.

A link is the query of the page's address: the scenario's name, the changed values, and the policies
that are switched off or added. It is not trusted: only these words are read, and each is checked
like an input.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlencode

from ... import policies
from ...errors import InputError, Problem
from ...policies.base import Policy
from ...scenario import Scenario, varied
from ...scenario.schema import BEHAVIOURS

SIZES = ("people", "days", "seed")
DATES = ("announced", "on", "until")
LISTS = ("by", "targets")
"""Keys of a policy that hold several names: the states that act, and the platforms it is aimed at."""
MOST_PEOPLE = 100_000
"""Simulated people of a page that is to stay quick; `splinternet run` takes more."""
MOST_ADDED = 12
"""Policies that can be added on the page (assumption: a longer list is easier to write as a file)."""
LONGEST, LONGEST_TEXT = 8_000, 200
"""Characters of a link, and of one input, that are read (assumption: every browser takes such a
link).
"""
FIRST_DAYS = 30
"""Days after the first one on which an added policy begins unless stated (assumption)."""
_YES, _NO = "yes", "no"
_COMMON = frozenset(Policy.model_fields)
_ADDED = ("id", "instrument", "by", "targets", "on")


@dataclass(frozen=True)
class Choices:
    """What somebody has chosen; every change returns a new one."""

    opened: Scenario
    """The scenario they started from."""
    off: frozenset[str] = frozenset()
    """Ids of the policies that are switched off."""
    changed: Mapping[str, str] = field(default_factory=dict)
    """Path of a value, as ``--set`` takes it, or name of a parameter -> the text that was put in."""
    added: tuple[Mapping[str, Any], ...] = ()
    """Policies that were added, each as a scenario file has it."""
    base: Scenario = field(init=False, compare=False)
    """The scenario with the added policies, before other changes."""

    def __post_init__(self) -> None:
        own = [policy.model_dump(exclude_none=True) for policy in self.opened.policies]
        values = {"policies": [*own, *map(dict, self.added)], "sweep": {}}
        object.__setattr__(self, "base", varied(self.opened, values) if self.added else self.opened)

    def with_policy(self, keys: Mapping[str, Any]) -> Choices:
        """Return the choices with one more policy; raise InputError for what is wrong with it."""
        if len(self.added) >= MOST_ADDED:
            found, allowed = (
                f"{len(self.added)} policies were added already",
                f"at most {MOST_ADDED}",
            )
            raise InputError(Problem("", found, allowed, "save the scenario file and go on there"))
        return replace(self, added=(*self.added, dict(keys)))

    def without_policy(self, name: str) -> Choices:
        """Return the choices without an added policy; a policy of the scenario itself can be
        switched off.
        """
        kept = {
            path: text
            for path, text in self.changed.items()
            if not path.startswith(f"policies.{name}.")
        }
        added = tuple(
            keys for keys in self.added if keys["id"] != name and keys.get("policy") != name
        )
        return replace(self, added=added, changed=kept, off=self.off - {name})

    def switched(self, policy: str, on: bool) -> Choices:
        """Return the choices with a policy switched on or off."""
        self._policy(policy)
        return replace(self, off=self.off - {policy} if on else self.off | {policy})

    def with_value(self, path: str, text: str) -> Choices:
        """Return the choices with another value; the scenario's own value is no change.

        Raises
        ------
        InputError
            When there is no such input on the page.
        """
        stated, text = self.stated(path), str(text).strip()[:LONGEST_TEXT]
        kept = {key: value for key, value in self.changed.items() if key != path}
        return replace(self, changed=kept if text == stated else kept | {path: text})

    def stated(self, path: str) -> str:
        """Return the text of a value as the scenario, or else the table of parameters, has it."""
        if path in SIZES:
            return str(getattr(self.base, path))
        if path in self.base.facts.parameters:
            return shown(self.base.parameters.get(path, self.base.facts.parameters[path].value))
        head, _, rest = path.partition(".")
        if head == "behaviour" and rest in BEHAVIOURS:
            return _YES if self.base.behaviour.is_on(rest) else _NO
        name, _, key = rest.rpartition(".")
        if head == "policies" and key in keys_of(self._policy(name)):
            return shown(getattr(self._policy(name), key))
        raise InputError(Problem(path[:LONGEST_TEXT], "no such input", "the inputs of the page"))

    def text(self, path: str) -> str:
        """Return what stands in an input."""
        return self.changed.get(path, self.stated(path))

    def is_on(self, policy: Policy) -> bool:
        """Return whether a policy is on: switched on, and what it stays or lifts is on as well."""
        return policy.id not in self.off and policy.about() not in self.off

    @property
    def is_changed(self) -> bool:
        """Whether something else is asked than the scenario asks; more people or another seed is
        the same question.
        """
        return bool(self.off or self.added or set(self.changed) - set(SIZES))

    def scenario(self) -> Scenario:
        """Return the scenario that was chosen; a change of substance makes it a what-if.

        Raises
        ------
        InputError
            Everything that is wrong; ``where`` of a problem is the path of its input.
        """
        on = [policy for policy in self.base.policies if self.is_on(policy)]
        gone = tuple(f"policies.{policy.id}." for policy in self.base.policies if policy not in on)
        uncertain = {
            path: drawn.model_dump()
            for path, drawn in self.base.uncertain.items()
            if path.removeprefix("parameters.") not in self.changed and not path.startswith(gone)
        }
        values: dict[str, Any] = {"sweep": {}, "uncertain": uncertain}
        if self.is_changed:
            values |= {"title": f"{self.base.title}, changed"[:300], "status": "what-if"}
        if gone:
            values["policies"] = [policy.model_dump(exclude_none=True) for policy in on]
        for path, text in self.changed.items():
            if not path.startswith(gone):
                values |= self._value(path, text)
        scenario = varied(self.base, values)
        if scenario.people > MOST_PEOPLE:
            found, allowed = (
                f"{scenario.people:,} people are too many for the page",
                f"at most {MOST_PEOPLE:,} here",
            )
            raise InputError(Problem("people", found, allowed, "splinternet run takes more"))
        return scenario

    def checked(self) -> tuple[Scenario | None, Mapping[str, str]]:
        """Return the scenario, and what is wrong, by the path of the input; under the empty path,
        what has none.
        """
        messages: dict[str, str] = {}
        try:
            return self.scenario(), messages
        except InputError as error:
            for problem in error.problems:
                messages.setdefault(
                    problem.where if problem.where in self.changed else "", in_words(problem)
                )
            return None, messages

    def _value(self, path: str, text: str) -> dict[str, Any]:
        """Return a value, and what moves with it, as a scenario takes it."""
        key = path.rpartition(".")[2] if path.startswith("policies.") else ""
        if key in DATES or key == "technique":
            policy = self._policy(path.split(".")[1])
            announced = path.removesuffix("on") + "announced"
            # If a policy is announced on the day it begins, both dates move together.
            together = (
                key == "on"
                and text
                and policy.announced == policy.on
                and announced not in self.changed
            )
            return {announced: text, path: text} if together else {path: text or None}
        if key in LISTS:
            return {path: [part.strip() for part in text.split(",") if part.strip()]}
        if path.startswith("behaviour."):
            return {path: {_YES: True, _NO: False}.get(text, text)}
        return {path: number_of(text)}

    def _policy(self, name: str) -> Policy:
        for policy in self.base.policies:
            if policy.id == name:
                return policy
        raise InputError(
            Problem(name[:60], "no policy has this id", "the policies of the scenario")
        )

    # --- the link ---------------------------------------------------------------------------------

    def link(self, name: str) -> str:
        """Return the query of an address that opens these choices of a scenario again."""
        pairs = [("scenario", name)]
        pairs += [("add", json.dumps(dict(keys), separators=(",", ":"))) for keys in self.added]
        pairs += [("off", each) for each in sorted(self.off)]
        return urlencode([*pairs, *self.changed.items()])

    def linked(self, query: str) -> tuple[Choices, list[str]]:
        """Return these choices with those of a link, and what is wrong with the parts that were
        left out.
        """
        choices, wrong = self, list[str]()
        for key, value in pairs_of(query):
            try:
                if key == "add":
                    choices = choices.with_policy(_plain_policy(value))
                elif key == "off":
                    choices = choices.switched(value, False)
                elif key != "scenario":
                    choices = choices.with_value(key, value)
            except InputError as error:
                wrong += [in_words(problem) for problem in error.problems]
            except (TypeError, ValueError, KeyError, AttributeError, RecursionError):
                wrong.append("A part of the link cannot be read")
        return choices, wrong


def pairs_of(query: str | None) -> list[tuple[str, str]]:
    """Return what a link says: added policies first, since other parts may be about them; nothing
    of one too long.
    """
    if not query or len(query) > LONGEST:
        return []
    try:
        found = parse_qsl(query, keep_blank_values=True, max_num_fields=200)
    except ValueError:
        return []
    return sorted(found, key=lambda pair: pair[0] != "add")


def _plain_policy(text: str) -> dict[str, Any]:
    """Return the keys of an added policy: plain words and numbers alone; raise ValueError where the
    text is none.
    """
    found = json.loads(text)
    if not isinstance(found, dict) or not all(
        isinstance(found.get(key), str) for key in ("id", "instrument", "on")
    ):
        raise ValueError(text)
    plain = (str, int, float)
    return {
        key: value
        for key, value in found.items()
        if (key in _ADDED or isinstance(value, plain))
        and (
            isinstance(value, plain)
            or (isinstance(value, list) and all(isinstance(each, str) for each in value))
        )
    }


# --- policies to add ------------------------------------------------------------------------------


def completed(choices: Choices, instrument: str, by: str, target: str, on: str) -> dict[str, Any]:
    """Return the keys of a policy to add: what was chosen, an id of its own, and the example's
    values of own keys.

    The platform counts only where the instrument is aimed at platforms; `on` is the first day.

    Raises
    ------
    InputError
        The instrument is not offered here, or the day is none.
    """
    if instrument not in offered():
        raise InputError(
            Problem("", f"'{instrument[:60]}' cannot be added here", "an instrument of the list")
        )
    try:
        begins = str(dt.date.fromisoformat(on.strip()))
    except ValueError:
        found, allowed = f"'{on[:40]}' is not a date", "a day such as 2020-09-20"
        raise InputError(Problem("In force from", found, allowed)) from None
    taken = {policy.id for policy in choices.base.policies}
    stem = instrument.replace("_", "-")
    name = next(name for n in range(1, 10_000) if (name := f"{stem}-{n}") not in taken)
    keys = {"id": name, "instrument": instrument, "by": [by[:60]], "on": begins} | _own(instrument)
    if policies.INSTRUMENTS[instrument].NEEDS_TARGETS:
        keys["targets"] = [target[:60]]
    if "policy" in keys:
        acting = [policy.id for policy in choices.base.policies if not policy.about()]
        if not acting:
            raise InputError(
                Problem("", "there is no policy that it could act on", "", "add that policy first")
            )
        keys["policy"] = acting[0]
    return keys


@cache
def offered() -> tuple[str, ...]:
    """Return the instruments that can be added: those that platform, state, day and their example's
    keys make whole.
    """
    found = []
    for name, kind in policies.INSTRUMENTS.items():
        keys = {"id": "x", "instrument": name, "by": ["US"], "on": dt.date(2020, 9, 1)} | _own(name)
        try:
            kind.model_validate(keys | ({"targets": ["WeChat"]} if kind.NEEDS_TARGETS else {}))
        except ValueError:
            continue
        found.append(name)
    return tuple(found)


def _own(instrument: str) -> dict[str, Any]:
    """Return the example's values of the keys that an instrument needs beside the common ones."""
    kind = policies.INSTRUMENTS[instrument]
    own = {
        key: value
        for key, value in kind.EXAMPLE.items()
        if key not in _COMMON and key in kind.model_fields
    }
    needed = {name for name, key in kind.model_fields.items() if key.is_required()}
    return {
        key: value for key, value in own.items() if key in needed or isinstance(value, int | float)
    }


# --- inputs ---------------------------------------------------------------------------------------


def keys_of(policy: Policy) -> tuple[str, ...]:
    """Return the keys of a policy that can be changed on the page: states, platforms, dates,
    technique, and numbers.
    """
    lists = ("by", "targets") if policy.targets else ("by",)
    technique = () if "technique" in policy.IDLE_KEYS else ("technique",)
    values = {key: getattr(policy, key) for key in type(policy).model_fields}
    numbers = [
        key
        for key, value in values.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    ]
    return (*lists, *DATES, *technique, *numbers)


def shown(value: object) -> str:
    """Return a value as the text of an input."""
    if value is None:
        return ""
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def number_of(text: str) -> object:
    """Return a text as a number; as it is where it is none, for the checks to say so."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def in_words(problem: Problem) -> str:
    """Return a problem as a sentence beside an input, which says by its place what it is about."""
    here = ("", problem.where, f"parameters.{problem.where}")
    parts = [problem.found if problem.path in here else problem.said]
    parts += [f"allowed: {problem.allowed}"] if problem.allowed else []
    parts += [problem.hint] if problem.hint else []
    text = "; ".join(parts)
    return text[:1].upper() + text[1:]
