"""The choices on the page and the scenario that they make, checked like a file; each problem is shown at its input."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from ...errors import InputError, Problem
from ...policies.base import Policy
from ...scenario import Scenario, varied
from ...scenario.schema import BEHAVIOURS

SIZES = ("people", "days", "seed")
DATES = ("announced", "on", "until")
LISTS = ("by", "targets")
"""Keys of a policy that hold several names: the states that act, and the platforms it is aimed at."""
MOST_PEOPLE = 1_000_000
"""Simulated people of a page that is to stay quick; `splinternet run` takes more."""
MOST_ADDED = 12
"""Policies that can be added on the page (assumption: a longer list is easier to write as a file)."""
LONGEST_TEXT = 200
"""Characters of one input that are looked at."""
_YES, _NO = "yes", "no"
_SAME_WORLD = frozenset(SIZES)


@dataclass(frozen=True)
class Choices:
    """What somebody has chosen; every change returns a new one.

    Attributes
    ----------
    base : Scenario
        The scenario they started from.
    off : frozenset of str
        Ids of the policies that are switched off.
    changed : mapping of str to str
        Path of a value, as ``--set`` takes it, or name of a parameter -> the text that was put in.
    added : tuple of mapping
        Policies that were added, each as a scenario file has it; `base` holds them.
    removed : frozenset of str
        Ids of the scenario's own policies that were removed; `base` lacks them.
    opened : Scenario, optional
        The scenario as it was opened, before policies were added or removed; by default `base`.
    """

    base: Scenario
    off: frozenset[str] = frozenset()
    changed: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    added: tuple[Mapping[str, Any], ...] = ()
    removed: frozenset[str] = frozenset()
    opened: Scenario | None = None

    def with_policy(self, keys: Mapping[str, Any]) -> Choices:
        """Return the choices with one more policy, on the page like the scenario's own.

        Parameters
        ----------
        keys : mapping of str to object
            As a scenario file has them; `completed` gives those that an instrument needs.

        Raises
        ------
        InputError
            What is wrong with it.
        """
        if len(self.added) >= MOST_ADDED:
            found, allowed = f"{len(self.added)} policies were added already", f"at most {MOST_ADDED}"
            raise InputError(Problem("", found, allowed, "download the scenario file and go on there"))
        return self._rebased((*self.added, MappingProxyType(dict(keys))), self.removed)

    def without_policy(self, name: str) -> Choices:
        """Return the choices without a policy, and without those that stay or lift it.

        Raises
        ------
        InputError
            When no policy has the id.
        """
        self._policy(name)
        gone = {policy.id for policy in self.base.policies if name in (policy.id, policy.about())}
        added = tuple(keys for keys in self.added if keys["id"] not in gone)
        return self._rebased(added, self.removed | (gone - {keys["id"] for keys in self.added}))

    def _rebased(self, added: tuple[Mapping[str, Any], ...], removed: frozenset[str]) -> Choices:
        """Return the choices on top of other policies; what was changed of those that are gone is gone as well."""
        opened = self.opened or self.base
        own = [policy.model_dump(exclude_none=True) for policy in opened.policies if policy.id not in removed]
        ids = {policy["id"] for policy in own} | {keys["id"] for keys in added}
        uncertain = {
            path: drawn.model_dump()
            for path, drawn in opened.uncertain.items()
            if not path.startswith("policies.") or path.split(".")[1] in ids
        }
        values = {"policies": [*own, *map(dict, added)], "sweep": {}, "uncertain": uncertain}
        kept = {p: text for p, text in self.changed.items() if not p.startswith("policies.") or p.split(".")[1] in ids}
        return Choices(varied(opened, values), self.off & ids, MappingProxyType(kept), added, removed, opened)

    def switched(self, policy: str, on: bool) -> Choices:
        """Return the choices with a policy of the scenario switched on or off."""
        self._policy(policy)
        return replace(self, off=self.off - {policy} if on else self.off | {policy})

    def with_value(self, path: str, text: str) -> Choices:
        """Return the choices with another value; the scenario's own value is no change.

        Raises
        ------
        InputError
            When there is no such input on the page.
        """
        current = self.stated(path)
        kept = {key: value for key, value in self.changed.items() if key != path}
        text = str(text).strip()[:LONGEST_TEXT]
        if text != current:
            kept[path] = text
        return replace(self, changed=MappingProxyType(kept))

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
        raise InputError(Problem(path, "no such input", "the inputs of the page"))

    def text(self, path: str) -> str:
        """Return what stands in an input."""
        return self.changed.get(path, self.stated(path))

    def is_on(self, policy: Policy) -> bool:
        """Return whether a policy is on: switched on, and what it stays or lifts is on as well."""
        return policy.id not in self.off and policy.about() not in self.off

    @property
    def is_changed(self) -> bool:
        """Whether something else is asked than the scenario asks; more people or another seed is the same question."""
        return bool(self.off or self.added or self.removed or set(self.changed) - _SAME_WORLD)

    def scenario(self) -> Scenario:
        """Return the scenario that was chosen; a change of substance makes it a what-if.

        Raises
        ------
        InputError
            Everything that is wrong; ``where`` of a problem is the path of its input.
        """
        policies = [policy for policy in self.base.policies if self.is_on(policy)]
        values: dict[str, Any] = {"sweep": {}, "uncertain": self._uncertain(policies)}
        if self.is_changed:
            values |= {"title": f"{self.base.title}, changed"[:300], "status": "what-if"}
        if len(policies) < len(self.base.policies):
            values["policies"] = [policy.model_dump(exclude_none=True) for policy in policies]
        on = {policy.id for policy in policies}
        for path, text in self.changed.items():
            if not path.startswith("policies.") or path.split(".")[1] in on:
                values |= self._value(path, text)
        scenario = varied(self.base, values)
        if scenario.people > MOST_PEOPLE:
            found, allowed = f"{scenario.people:,} people are too many for the page", f"at most {MOST_PEOPLE:,} here"
            raise InputError(Problem("people", found, allowed, "splinternet run takes more"))
        return scenario

    def whole(self) -> Scenario:
        """Return the scenario with every policy switched on: whom they are about decides how the world is made."""
        try:
            return replace(self, off=frozenset()).scenario()
        except InputError:  # the policy is off
            return self.base

    def problems(self) -> Mapping[str, str]:
        """Return what is wrong, by the path of the input; under the empty path what belongs to none."""
        try:
            self.scenario()
        except InputError as error:
            messages: dict[str, str] = {}
            for problem in error.problems:
                path = problem.where if problem.where in self.changed else ""
                messages.setdefault(path, in_words(problem))
            return messages
        return {}

    def _value(self, path: str, text: str) -> dict[str, Any]:
        """Return a value, and what moves with it, as a scenario takes it."""
        key = path.rpartition(".")[2] if path.startswith("policies.") else ""
        if key in DATES or key == "technique":
            values: dict[str, Any] = {path: text or None}
            policy = self._policy(path.split(".")[1]) if key == "on" else None
            announced = path.removesuffix("on") + "announced"
            # If a policy is announced on the day it begins, both dates move together.
            if text and policy is not None and policy.announced == policy.on and announced not in self.changed:
                values = {announced: text, path: text}
            return values
        if key in LISTS:
            return {path: [part.strip() for part in text.split(",") if part.strip()]}
        if path.startswith("behaviour."):
            return {path: {_YES: True, _NO: False}.get(text, text)}
        return {path: number_of(text)}

    def _uncertain(self, policies: list[Policy]) -> dict[str, Any]:
        """Return what stays uncertain: all but what was set by hand or belongs to a policy that is off."""
        gone = {f"policies.{policy.id}." for policy in self.base.policies if policy not in policies}
        return {
            path: drawn.model_dump()
            for path, drawn in self.base.uncertain.items()
            if path.removeprefix("parameters.") not in self.changed and not path.startswith(tuple(gone))
        }

    def _policy(self, name: str) -> Policy:
        """Return a policy by its id."""
        for policy in self.base.policies:
            if policy.id == name:
                return policy
        raise InputError(Problem(name, f"no policy has the id '{name}'", "the policies of the scenario"))


def behaviours_of(scenario: Scenario) -> tuple[str, ...]:
    """Return what states and platforms can be let decide by themselves in a scenario: all that this version accepts."""
    found = []
    for key in BEHAVIOURS:
        try:
            varied(scenario, {f"behaviour.{key}": True, "sweep": {}, "uncertain": {}})
        except InputError:
            continue
        found.append(key)
    return tuple(found)


def keys_of(policy: Policy) -> tuple[str, ...]:
    """Return the keys of a policy that can be changed on the page: states, platforms, dates, technique, and numbers."""
    lists = ("by", "targets") if policy.targets else ("by",)
    technique = () if "technique" in policy.IDLE_KEYS else ("technique",)
    numbers = tuple(
        key
        for key in type(policy).model_fields
        if isinstance(getattr(policy, key), int | float) and not isinstance(getattr(policy, key), bool)
    )
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
