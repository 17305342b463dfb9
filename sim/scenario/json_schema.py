"""The JSON Schema of a scenario file, for completion and checks in editors.

Draft 7, the newest that yaml-language-server documents; pydantic writes 2020-12, so definitions are renamed.
Names of states, platforms and so on are offered, not enforced: a scenario may add its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from sim import policies
from sim.facts import Facts, available_facts, load_facts
from sim.facts.model import TECHNIQUES
from sim.facts.states import load_places
from sim.scenario.behaviours import BEHAVIOURS
from sim.scenario.scenario import Scenario
from sim.scenario.schema import OTHER, REFERENCES

SCHEMA = Path(__file__).resolve().with_name("schema.json")
"""The generated schema that shipped scenarios and new ones name for editors."""
_REFERENCE = "#/definitions/{model}"
_IDENTITY = ["id", "instrument", "by"]
_DROPPED = frozenset({"x-one-or-more", "discriminator"})


def json_schema(metrics: Iterable[str] = ()) -> dict[str, Any]:
    """Return the JSON Schema of a scenario file.

    Parameters
    ----------
    metrics : iterable of str
        The metrics that ``measure:`` may name.
    """
    facts = load_facts()
    schema = Scenario.model_json_schema(ref_template=_REFERENCE)
    definitions: dict[str, Any] = schema.pop("$defs")
    definitions.pop("Policy", None)
    definitions["Behaviour"] = _behaviour(definitions["Behaviour"])
    instruments = policies.INSTRUMENTS
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
    properties["measure"]["items"] = _offered(dict(sorted(_described(metrics))))
    texts = _names(facts)
    named = {f"{kind}_name": _offered(choices) for kind, choices in texts.items()}
    named["metric_name"] = properties["measure"]["items"]
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
    converted = dict(_converted(schema))
    shared: dict[str, Any] = {}
    _offer_keys(converted, {kind: _as_keys(kind, choices, facts) for kind, choices in texts.items()}, shared)
    converted["definitions"] |= shared
    return converted


def _described(metrics: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield each metric with what it says of itself, where the caller gives more than names."""
    for name in metrics:
        metric = metrics[name] if isinstance(metrics, Mapping) else None
        yield name, f"{metric.description} [{metric.unit}]" if metric is not None else ""


def schema_text(metrics: Iterable[str] = ()) -> str:
    """Return the JSON Schema as the text of the file that editors read."""
    return json.dumps(json_schema(metrics), indent=1, ensure_ascii=False) + "\n"


def _instrument(name: str) -> dict[str, Any]:
    """Return the definitions of one instrument's keys."""
    keys = policies.INSTRUMENTS[name].model_json_schema(ref_template=_REFERENCE)
    inner = keys.pop("$defs", {})
    keys["properties"]["instrument"] = {"const": name}
    keys["required"] = [key for key in keys.get("required", ()) if key not in _IDENTITY]
    keys["title"] = name
    keys["description"] = _instrument_text(name)
    return {name: keys, **inner}


def _behaviour(part: Mapping[str, Any]) -> dict[str, Any]:
    """Return the definition of the switches of behaviour: a key for each behaviour, and no others."""
    switch = {**part["additionalProperties"], "default": False}
    keys = {name: {**switch, "description": BEHAVIOURS[name].summary} for name in BEHAVIOURS}
    return {**part, "additionalProperties": False, "properties": keys}


def _instrument_text(name: str) -> str:
    """Return what an editor says of an instrument."""
    known = policies.INSTRUMENTS[name]
    return f"{known.summary()} Case: {known.CASE}.{'' if known.AVAILABLE else ' Not in this version.'}"


def _any_policy(instruments: Iterable[str]) -> dict[str, Any]:
    """Return the schema of a policy: which keys it takes depends on its instrument."""
    texts = [_instrument_text(name) for name in instruments]
    return {
        "type": "object",
        "required": ["id"],
        "properties": {
            "instrument": {"enum": list(instruments), "enumDescriptions": texts, "description": "What is done."}
        },
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
    texts = {
        name: f"{known.note} [{known.unit}]. Usually {known.value:g}, {known.low:g} to {known.high:g}."
        for name, known in facts.parameters.items()
    }
    properties["parameters"]["properties"] = {
        name: {"type": "number", "description": text} for name, text in texts.items()
    }
    properties["parameters"]["additionalProperties"] = False
    properties["uncertain"]["properties"] = {
        name: {"$ref": _REFERENCE.format(model="Range"), "description": text} for name, text in texts.items()
    }


def _names(facts: Facts) -> Mapping[str, dict[str, str]]:
    """Return what to offer for each kind of name, and what an editor says of it."""
    codes = {code: facts.states[code].name for code in facts.states}
    codes |= {code: place.name for code, place in load_places().items() if code not in codes}
    states = {code: f"{name}." for code, name in codes.items()}
    states |= {name: f"{name} ({code})." for code, name in codes.items()}
    worlds = [load_facts(world) for world in available_facts()]
    platforms = {p.name: p for known in worlds for p in (known.whole or known).platforms.values()}
    stores = sorted({store for platform in platforms.values() for store in platform.stores})
    return {
        "state": states,
        "origin": {**states, OTHER: "Everybody whose origin is not named."},
        "platform": {p.name: f"{p.kind.capitalize()}, of {p.owner} ({p.home})." for p in platforms.values()},
        "store": {store: "An app store." for store in stores},
        "technique": dict(TECHNIQUES),
        "reference": REFERENCES | {name: f"The users of {name}." for name in platforms},
    }


def _as_keys(kind: str, choices: Mapping[str, str], facts: Facts) -> Mapping[str, str]:
    """Return what is offered as a key: of states the codes alone, and those alone that most scenarios name.

    All other states, and names in full, are understood as well; a key for each would make the file three times as long.
    """
    if kind not in ("state", "origin"):
        return choices
    return {key: said for key, said in choices.items() if key in facts.states or key == OTHER}


def _offered(choices: Mapping[str, str]) -> dict[str, Any]:
    """Return the schema of a name: the known ones for completion, any other text for what a scenario adds.

    ``enumDescriptions`` is no word of JSON Schema; yaml-language-server shows it beside each value.
    """
    if not choices:
        return {"type": "string"}
    return {"anyOf": [{"enum": list(choices), "enumDescriptions": list(choices.values())}, {"type": "string"}]}


def _offer_keys(part: Any, texts: Mapping[str, Mapping[str, str]], shared: dict[str, Any]) -> None:
    """Name the known keys of every mapping by state, platform or origin; editors offer and explain only these.

    Parameters
    ----------
    part : anything
        A part of the schema, changed in place.
    texts : mapping of str to mapping of str to str
        Kind of name -> name -> description that an editor shows.
    shared : dict of str to schema
        Definitions shared by all keys of a mapping; filled here.
    """
    if isinstance(part, list):
        for item in part:
            _offer_keys(item, texts, shared)
    if not isinstance(part, dict):
        return
    for value in list(part.values()):
        _offer_keys(value, texts, shared)
    kind = part.get("propertyNames", {}).get("$ref", "").rpartition("/")[2].removesuffix("_name")
    if kind not in texts or "additionalProperties" not in part:
        return
    text = json.dumps(part["additionalProperties"], sort_keys=True)
    name = next((name for name, known in shared.items() if json.dumps(known, sort_keys=True) == text), "")
    name = name or f"value_{len(shared) + 1}"
    shared[name] = part["additionalProperties"]
    reference = {"$ref": _REFERENCE.format(model=name)}
    part["properties"] = {key: {"allOf": [reference], "description": said} for key, said in texts[kind].items()}
    part["additionalProperties"] = reference


def _converted(part: Any) -> Any:
    """Return a part of the schema without marks of our own and without generated titles."""
    if isinstance(part, list):
        return [_converted(item) for item in part]
    if not isinstance(part, dict):
        return part
    kept = {key: part[key] for key in ("description", "default") if key in part}
    if "x-names" in part:
        name = {"$ref": _REFERENCE.format(model=f"{part['x-names']}_name")}
        return {"allOf": [name], **kept} if kept else name  # draft 7 ignores what stands beside a $ref
    converted = {
        key: _entries(value) if key in ("properties", "definitions") else _converted(value)
        for key, value in part.items()
        if not (key in _DROPPED or (key == "title" and part.get("type") != "object"))
    }
    if "x-one-or-more" in part:
        several = {key: value for key, value in converted.items() if key not in kept}
        return {"anyOf": [converted["items"], several], **kept}
    if "$ref" in part and len(part) > 1:
        return {"allOf": [{"$ref": part["$ref"]}], **kept}
    return converted


def _entries(part: Mapping[str, Any]) -> dict[str, Any]:
    """Return converted properties or definitions: here a key is a name, whatever it is called."""
    return {key: _converted(value) for key, value in part.items()}
