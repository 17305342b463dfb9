"""The JSON Schema of a scenario file, for completion and checks in editors.

Draft 7, the newest that yaml-language-server documents; pydantic writes 2020-12, so definitions are renamed.
Names of states, platforms and so on are offered, not enforced: a scenario may add its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sim import policies
from sim.facts import Facts, load_facts
from sim.policies.values import TECHNIQUES
from sim.scenario.schema import OTHER, Scenario

_REFERENCE = "#/definitions/{model}"
_IDENTITY = ["id", "instrument", "by"]
_DROPPED = frozenset({"x-one-or-more", "discriminator"})


def json_schema(metrics: Iterable[str] = ()) -> dict[str, Any]:
    """Return the JSON Schema of a scenario file.

    Parameters
    ----------
    metrics : iterable of str
        The measures that ``measure:`` may name.
    """
    facts = load_facts()
    schema = Scenario.model_json_schema(ref_template=_REFERENCE)
    definitions: dict[str, Any] = schema.pop("$defs")
    definitions.pop("PolicyKeys", None)
    instruments = policies.instruments()
    for name in instruments:
        definitions |= _instrument(name)
    properties = schema["properties"]
    properties["extends"] = {
        "type": "string",
        "description": "Another scenario, in this folder or shipped; this file changes what it names.",
    }
    properties["policies"] = {
        "type": ["array", "null"],
        "items": _any_policy(instruments),
        "description": "What states do, in any order.",
    }
    _offer_parameters(properties, facts)
    properties["measure"]["items"] = _offered(sorted(metrics))
    named = {f"{kind}_name": _offered(choices) for kind, choices in _names(facts).items()}
    whole = {
        "required": schema.pop("required"),
        "properties": {"policies": {"items": {"required": _IDENTITY}}},
    }
    schema |= {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Splinternet scenario",
        "if": {"not": {"required": ["extends"]}},  # what a file extends may bring the rest
        "then": whole,
        "definitions": definitions | named,
    }
    return dict(_converted(schema))


def schema_text(metrics: Iterable[str] = ()) -> str:
    """Return the JSON Schema as the text of the file that editors read."""
    return json.dumps(json_schema(metrics), indent=1, ensure_ascii=False) + "\n"


def _instrument(name: str) -> dict[str, Any]:
    """Return the definitions of one instrument's keys."""
    module = policies.module(name)
    keys = policies.keys(name).model_json_schema(ref_template=_REFERENCE)
    inner = keys.pop("$defs", {})
    keys["properties"]["instrument"] = {"const": name}
    keys["required"] = [key for key in keys.get("required", ()) if key not in _IDENTITY]
    keys["title"] = name
    absent = "" if module.AVAILABLE else " Not in this version."
    keys["description"] = f"{module.SUMMARY} Case: {module.CASE}.{absent}"
    return {name: keys, **inner}


def _any_policy(instruments: Iterable[str]) -> dict[str, Any]:
    """Return the schema of a policy: which keys it takes depends on its instrument."""
    told = [f"{name}: {policies.module(name).SUMMARY}" for name in instruments]
    return {
        "type": "object",
        "required": ["id"],
        "properties": {"instrument": {"enum": list(instruments), "description": "\n\n".join(told)}},
        "allOf": [
            {
                "if": {"required": ["instrument"], "properties": {"instrument": {"const": name}}},
                "then": {"$ref": _REFERENCE.format(model=name)},
            }
            for name in instruments
        ],
    }


def _offer_parameters(properties: dict[str, Any], facts: Facts) -> None:
    """Name every model parameter, with its meaning and its usual value."""
    told = {
        name: f"{known.note} [{known.unit}]. Usually {known.value:g}, {known.low:g} to {known.high:g}."
        for name, known in facts.parameters.items()
    }
    properties["parameters"]["properties"] = {
        name: {"type": "number", "description": text} for name, text in told.items()
    }
    properties["parameters"]["additionalProperties"] = False
    properties["uncertain"]["properties"] = {
        name: {"$ref": _REFERENCE.format(model="Range"), "description": text} for name, text in told.items()
    }


def _names(facts: Facts) -> Mapping[str, list[str]]:
    """Return what to offer for each kind of name."""
    states = [*facts.states, *(state.name for state in facts.states.values())]
    stores = sorted({store for platform in facts.platforms.values() for store in platform.stores})
    return {
        "state": states,
        "origin": [*states, OTHER],
        "platform": list(facts.platforms),
        "store": stores,
        "technique": list(TECHNIQUES),
    }


def _offered(choices: list[str]) -> dict[str, Any]:
    """Return the schema of a name: the known ones for completion, any other text for what a scenario adds."""
    return {"anyOf": [{"enum": choices}, {"type": "string"}]} if choices else {"type": "string"}


def _converted(part: Any) -> Any:
    """Return a part of the schema without marks of our own and without generated titles."""
    if isinstance(part, list):
        return [_converted(item) for item in part]
    if not isinstance(part, dict):
        return part
    told = {key: part[key] for key in ("description", "default") if key in part}
    if "x-names" in part:
        name = {"$ref": _REFERENCE.format(model=f"{part['x-names']}_name")}
        return {"allOf": [name], **told} if told else name  # draft 7 ignores what stands beside a $ref
    converted = {
        key: _entries(value) if key in ("properties", "definitions") else _converted(value)
        for key, value in part.items()
        if not (key in _DROPPED or (key == "title" and part.get("type") != "object"))
    }
    if "x-one-or-more" in part:
        several = {key: value for key, value in converted.items() if key not in told}
        return {"anyOf": [converted["items"], several], **told}
    if "$ref" in part and len(part) > 1:
        return {"allOf": [{"$ref": part["$ref"]}], **told}
    return converted


def _entries(part: Mapping[str, Any]) -> dict[str, Any]:
    """Return converted properties or definitions: here a key is a name, whatever it is called."""
    return {key: _converted(value) for key, value in part.items()}
