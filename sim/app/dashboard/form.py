"""The inputs of the page as plain data: the values that can be changed, their current texts, and their problems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...facts.model import REST_OF_WORLD, TECHNIQUES
from ...policies.base import Policy
from ...scenario.scenario import FEWEST_PEOPLE, MOST_DAYS
from ...scenario.schema import BEHAVIOURS
from ...text.numbers import STATUS, state_name
from .adding import adding, platforms_of
from .choices import DATES, LISTS, MOST_PEOPLE, Choices, keys_of, shown

Data = dict[str, Any]
MAIN = (
    "ties.only_channel",
    "choice.invite_acceptance",
    "choice.review_days",
    "circumvention.cost",
    "announcement.belief",
    "value.messenger",
)
"""Parameters on the page whatever the scenario; those it calls uncertain come before them."""
_LABELS = {
    "by": "States that act",
    "targets": "Platforms",
    "announced": "Announced",
    "on": "In force from",
    "until": "Free again from",
    "technique": "Enforced by",
}


def form(
    choices: Choices,
    asked: Sequence[str],
    names: Sequence[tuple[str, str]],
    name: str,
    behaviours: Sequence[str] = (),
) -> Data:
    """Return everything that the left side of the page shows.

    Parameters
    ----------
    choices : Choices
        What is chosen.
    asked : sequence of str
        Parameters that somebody added to the page.
    names : sequence of (str, str)
        Name and title of the scenarios offered.
    name : str
        The one that is open.
    behaviours : sequence of str
        What states and platforms can be let decide by themselves.
    """
    problems = choices.problems()
    base = choices.base
    status = "what-if" if choices.is_changed else base.status
    parameters = _parameters(choices, asked)
    return {
        "scenarios": [{"name": each, "title": title} for each, title in names],
        "name": name,
        "title": base.title,
        "status": status,
        "statusText": STATUS[status],
        "changed": choices.is_changed,
        "policies": [_policy(choices, policy, problems) for policy in base.policies],
        "behaviours": [_behaviour(choices, key, problems) for key in behaviours],
        "sizes": [
            _size(choices, "people", "Simulated people", FEWEST_PEOPLE, MOST_PEOPLE, problems),
            _size(choices, "days", "Days", 1, MOST_DAYS, problems),
            _size(choices, "seed", "Seed", 0, None, problems),
        ],
        "parameters": [_parameter(choices, each, problems) for each in parameters],
        "adding": adding(choices),
        "others": sorted(set(base.facts.parameters) - set(parameters)),
        "problem": problems.get("", ""),
        "wrong": len(problems),
        "from": str(base.start),
        "to": str(base.end),
    }


def _policy(choices: Choices, policy: Policy, problems: Mapping[str, str]) -> Data:
    """Return one policy with its inputs."""
    about = policy.about()
    by = ", ".join(state_name(choices.base, code) for code in policy.by)
    return {
        "id": policy.id,
        "title": f"{policy.instrument.replace('_', ' ').capitalize()}{f' of {about}' if about else ''}",
        "who": f"{by}{' against ' if policy.targets else ''}{', '.join(policy.targets)}",
        "summary": policy.summary(),
        "reference": policy.reference or "",
        "on": choices.is_on(policy),
        "needs": about if about in choices.off else "",
        "fields": [_field(choices, policy, key, problems) for key in keys_of(policy)],
    }


def _field(choices: Choices, policy: Policy, key: str, problems: Mapping[str, str]) -> Data:
    """Return one input of a policy."""
    path = f"policies.{policy.id}.{key}"
    field = {
        "path": path,
        "label": _LABELS.get(key, key.replace("_", " ").capitalize()),
        "value": choices.text(path),
        "changed": path in choices.changed,
        "error": problems.get(path, ""),
        "help": type(policy).model_fields[key].description or "",
        "kind": "list" if key in LISTS else "date" if key in DATES else "choice" if key == "technique" else "number",
    }
    if key in LISTS:
        names = [part.strip() for part in choices.text(path).split(",") if part.strip()]
        states = choices.base.facts.states
        every = platforms_of(choices) if key == "targets" else [code for code in states if code != REST_OF_WORLD]
        field["values"] = [_named(choices, key, each) for each in names]
        field["options"] = [_named(choices, key, each) for each in every if each not in names]
    if key == "technique":
        named = [{"value": name, "text": f"{name}: {summary}"} for name, summary in TECHNIQUES.items()]
        none = [] if choices.stated(path) else [{"value": "", "text": "as the instrument has it"}]
        field["options"] = none + named
    return field


def _named(choices: Choices, key: str, name: str) -> Data:
    """Return a state or a platform with what the page calls it."""
    known = key == "by" and name in choices.base.facts.states
    return {"value": name, "text": state_name(choices.base, name) if known else name}


def _size(choices: Choices, key: str, label: str, low: int, high: int | None, problems: Mapping[str, str]) -> Data:
    """Return one of the inputs that say how much is simulated."""
    return {
        "path": key,
        "label": label,
        "value": choices.text(key),
        "changed": key in choices.changed,
        "error": problems.get(key, ""),
        "low": low,
        "high": high,
    }


def _behaviour(choices: Choices, key: str, problems: Mapping[str, str]) -> Data:
    """Return one switch of what is decided in the model itself."""
    path = f"behaviour.{key}"
    label = BEHAVIOURS[key].summary.rstrip(".")
    return {"path": path, "label": label, "on": choices.text(path) == "yes", "error": problems.get(path, "")}


def _parameters(choices: Choices, asked: Sequence[str]) -> list[str]:
    """Return the parameters on the page: what the scenario calls uncertain or sets, the main ones, those asked for."""
    known = choices.base.facts.parameters
    uncertain = [path.removeprefix("parameters.") for path in choices.base.uncertain]
    wanted = [*asked, *uncertain, *choices.base.parameters, *MAIN]
    return [name for name in dict.fromkeys(wanted) if name in known]


def _parameter(choices: Choices, name: str, problems: Mapping[str, str]) -> Data:
    """Return one parameter with its range, its unit and where it comes from."""
    fact = choices.base.facts.parameters[name]
    return {
        "path": name,
        "label": fact.note or name,
        "value": choices.text(name),
        "stated": choices.stated(name),
        "changed": name in choices.changed,
        "error": problems.get(name, ""),
        "low": shown(fact.low),
        "high": shown(fact.high),
        "step": shown((fact.high - fact.low) / 100 or 1.0),
        "unit": fact.unit,
        "basis": fact.basis,
        "source": fact.source,
    }
