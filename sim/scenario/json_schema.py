"""The JSON Schema of a scenario file, for completion and checks in editors.

Draft 7, the newest that yaml-language-server documents; pydantic writes 2020-12, so definitions are
renamed. Names of states, platforms and so on are offered, not enforced: a scenario may add its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from .. import policies
from ..facts import Facts, available_facts, load_facts
from ..facts.model import TECHNIQUES
from ..facts.states import load_places
from ..policies.targets import EVERY_PLATFORM, SELECTS
from .scenario import Scenario
from .schema import BEHAVIOURS, OTHER, REFERENCES

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
    behaviour = definitions["Behaviour"]
    switch = {**behaviour["additionalProperties"], "default": False}
    switches = {name: {**switch, "description": BEHAVIOURS[name].summary} for name in BEHAVIOURS}
    definitions["Behaviour"] = {**behaviour, "additionalProperties": False, "properties": switches}
    texts = {}
    for name, known in policies.INSTRUMENTS.items():
        keys = known.model_json_schema(ref_template=_REFERENCE)
        texts[name] = f"{known.summary} Case: {known.CASE}."
        keys["properties"]["instrument"] = {"const": name}
        if not known.acts_on_people():
            del keys["properties"]["who"]
        keys["required"] = [key for key in keys.get("required", ()) if key not in _IDENTITY]
        inner = keys.pop("$defs", {})
        definitions |= {name: {**keys, "title": name, "description": texts[name]}, **inner}
    properties = schema["properties"]
    properties["extends"] = {
        "type": "string",
        "description": "Another scenario, in this folder or shipped; this file changes what it names.",
    }
    properties["policies"] = {
        "type": ["array", "null"],
        "items": _any_policy(texts),
        "description": "What states do, in any order.",
    }
    meanings = {
        name: f"{known.note} [{known.unit}]. Usually {known.value:g}, {known.low:g} to {known.high:g}."
        for name, known in facts.parameters.items()
    }
    properties["parameters"] |= {
        "properties": {
            name: {"type": "number", "description": text} for name, text in meanings.items()
        },
        "additionalProperties": False,
    }
    reference = {"$ref": _REFERENCE.format(model="Range")}
    ranges = {name: {**reference, "description": text} for name, text in meanings.items()}
    properties["uncertain"]["properties"] = ranges
    described = {
        name: f"{metrics[name].description} [{metrics[name].unit}]"
        if isinstance(metrics, Mapping)
        else ""
        for name in sorted(metrics)
    }
    properties["measure"]["items"] = _offered(described)
    names = _names(facts)
    definitions |= {f"{kind}_name": _offered(choices) for kind, choices in names.items()}
    definitions["metric_name"] = properties["measure"]["items"]
    definitions["target_name"]["anyOf"].append(_selection())
    schema |= {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Splinternet scenario",
        "if": {"not": {"required": ["extends"]}},  # an extended file may have the other keys
        "then": {
            "required": schema.pop("required"),
            "properties": {"policies": {"items": {"required": _IDENTITY}}},
        },
        "definitions": definitions,
    }
    # Only the codes of states that most scenarios name are offered as keys. All other states and
    # full names are valid too, but offering them would triple the length of the file.
    keys = {
        **names,
        **{
            kind: {
                key: said
                for key, said in names[kind].items()
                if key in facts.states or key == OTHER
            }
            for kind in ("state", "origin")
        },
    }
    shared: dict[str, Any] = {}
    converted: dict[str, Any] = _converted(schema, keys, shared)
    converted["definitions"] |= shared
    return converted


def schema_text(metrics: Iterable[str] = ()) -> str:
    """Return the JSON Schema as the text of the file that editors read."""
    return json.dumps(json_schema(metrics), indent=1, ensure_ascii=False) + "\n"


def _any_policy(texts: Mapping[str, str]) -> dict[str, Any]:
    """Return the schema of a policy, whose keys depend on its instrument."""
    offered = {
        "enum": list(texts),
        "enumDescriptions": list(texts.values()),
        "description": "The kind of policy.",
    }
    keys = [
        {
            "if": {"required": ["instrument"], "properties": {"instrument": {"const": name}}},
            "then": {"$ref": _REFERENCE.format(model=name)},
        }
        for name in texts
    ]
    return {
        "type": "object",
        "required": ["id"],
        "properties": {"instrument": offered},
        "allOf": keys,
    }


def _selection() -> dict[str, Any]:
    """Return the schema of targets selected by common properties."""
    name = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
    keys = {key: {**name, "description": f"{said.capitalize()}."} for key, said in SELECTS.items()}
    return {
        "type": "object",
        "properties": keys,
        "additionalProperties": False,
        "minProperties": 1,
    }


def _names(facts: Facts) -> dict[str, Mapping[str, str]]:
    """Return the names to offer for each kind, with the descriptions that an editor shows."""
    codes = {code: facts.states[code].name for code in facts.states}
    codes |= {code: place.name for code, place in load_places().items() if code not in codes}
    states = {code: f"{name}." for code, name in codes.items()}
    states |= {name: f"{name} ({code})." for code, name in codes.items()}
    worlds = [load_facts(world, named=True) for world in available_facts()]
    platforms = {p.name: p for known in worlds for p in (known.whole or known).platforms.values()}
    described = {
        p.name: f"{p.kind.capitalize()}, of {p.owner} ({p.home})." for p in platforms.values()
    }
    firms = {p.owner: f"All platforms of {p.owner}." for p in platforms.values()}
    kinds = {str(p.kind): f"All platforms of the kind {p.kind}." for p in platforms.values()}
    stores = sorted({store for platform in platforms.values() for store in platform.stores})
    return {
        "state": states,
        "origin": {**states, OTHER: "Everybody whose origin is not named."},
        "platform": described,
        "target": {EVERY_PLATFORM: "All platforms of the day.", **kinds, **firms, **described},
        "store": {store: "An app store." for store in stores},
        "technique": dict(TECHNIQUES),
        "reference": REFERENCES | {name: f"The users of {name}." for name in platforms},
    }


def _offered(choices: Mapping[str, str]) -> dict[str, Any]:
    """Return the schema of a name: known names for completion, and any other text for names that a
    scenario adds.

    ``enumDescriptions`` is not part of JSON Schema; yaml-language-server shows it beside each
    value.
    """
    if not choices:
        return {"type": "string"}
    return {
        "anyOf": [
            {"enum": list(choices), "enumDescriptions": list(choices.values())},
            {"type": "string"},
        ]
    }


def _converted(part: Any, keys: Mapping[str, Mapping[str, str]], shared: dict[str, Any]) -> Any:
    """Return a part of the schema without internal marks and generated titles.

    Every mapping by state, platform or origin names its known keys; editors offer and explain only
    these.

    Parameters
    ----------
    part : anything
        A part of the schema.
    keys : mapping of str to mapping of str to str
        Kind of name -> name -> description that an editor shows.
    shared : dict of str to schema
        Definitions shared by all keys of a mapping; filled here.
    """
    if isinstance(part, list):
        return [_converted(item, keys, shared) for item in part]
    if not isinstance(part, dict):
        return part
    kept = {key: part[key] for key in ("description", "default") if key in part}
    if "x-names" in part:
        name = {"$ref": _REFERENCE.format(model=f"{part['x-names']}_name")}
        return {"allOf": [name], **kept} if kept else name  # draft 7 ignores keys beside a $ref
    converted: dict[str, Any] = {}
    for key, value in part.items():
        if key in ("properties", "definitions"):  # here every key is a name
            converted[key] = {
                name: _converted(entry, keys, shared) for name, entry in value.items()
            }
        elif key not in _DROPPED and (key != "title" or part.get("type") == "object"):
            converted[key] = _converted(value, keys, shared)
    if "x-one-or-more" in part:
        several = {key: value for key, value in converted.items() if key not in kept}
        return {"anyOf": [converted["items"], several], **kept}
    if "$ref" in part and len(part) > 1:
        return {"allOf": [{"$ref": part["$ref"]}], **kept}
    kind = part.get("propertyNames", {}).get("x-names")
    if kind in keys and "additionalProperties" in converted:
        values = converted["additionalProperties"]
        model = next(
            (name for name, known in shared.items() if known == values), f"value_{len(shared) + 1}"
        )
        shared[model] = values
        reference = {"$ref": _REFERENCE.format(model=model)}
        converted["properties"] = {
            k: {"allOf": [reference], "description": said} for k, said in keys[kind].items()
        }
        converted["additionalProperties"] = reference
    return converted
