"""Turn errors of pydantic into problems in plain words, each with its line and column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from sim.errors import Code, Problem, did_you_mean
from sim.policies.values import shown
from sim.scenario.tree import Key, Node, number_in, policy_id

_SILENT = frozenset({"default_factory_not_called"})  # follows from another error of the same keys
_MAPPINGS = frozenset({"model_type", "dict_type", "mapping_type", "model_attributes_type"})
_LISTS = frozenset({"tuple_type", "list_type", "iterable_type"})
_LIMITS = ("less_than_equal", "less_than", "greater_than_equal", "greater_than", "string_too_long", "string_too_short",
           "too_short", "too_long")  # fmt: skip
_CODES: Mapping[str, Code] = MappingProxyType(
    {
        "extra_forbidden": Code.UNKNOWN_KEY,
        "missing": Code.MISSING,
        "literal_error": Code.UNKNOWN_NAME,
        **dict.fromkeys((*_MAPPINGS, *_LISTS, "string_type"), Code.TYPE),
        **dict.fromkeys(_LIMITS, Code.RANGE),
    }
)


def problems_of(error: ValidationError, tree: Node, model: type[BaseModel], above: Sequence[Key] = ()) -> list[Problem]:
    """Return the problems in a validation error.

    Parameters
    ----------
    error : ValidationError
        What pydantic found.
    tree : Node
        The whole scenario, for the places.
    model : type
        The model that was validated.
    above : sequence of str or int
        Where in the scenario that model stands.
    """
    entries = [entry for entry in error.errors(include_url=False) if entry["type"] not in _SILENT]
    places = [entry["loc"] for entry in entries]
    return [
        _problem(dict(entry), tree, model, above)
        for entry in entries
        if not (entry["type"] == "too_short" and any(_is_inside(place, entry["loc"]) for place in places))
    ]


def _is_inside(place: Sequence[Key], other: Sequence[Key]) -> bool:
    """Return whether a location lies inside another: a list may be too short because an item is wrong."""
    return len(place) > len(other) and tuple(place[: len(other)]) == tuple(other)


def dotted(path: Iterable[Key], tree: Node) -> str:
    """Return a path as users write it: a policy by its id, not by its position."""
    steps: list[str] = []
    for step in path:
        if steps == ["policies"] and isinstance(step, int):
            node = tree.get("policies", step)
            steps.append((policy_id(node) if node is not None else None) or str(step))
        else:
            steps.append(str(step))
    return ".".join(steps)


def _problem(entry: dict[str, Any], tree: Node, model: type[BaseModel], above: Sequence[Key]) -> Problem:
    """Return one problem."""
    kind = str(entry["type"])
    loc = [step for step in entry["loc"] if step != "[key]"]
    is_key = "[key]" in entry["loc"] or kind == "extra_forbidden"
    path = (*above, *_real(loc, tree.get(*above) or tree, missing=kind == "missing"))
    where = tree.where_of(path[:-1] if kind == "missing" else path, key=is_key)
    found, allowed, hint = _words(kind, entry, loc, model)
    place = dotted(path[:-1] if kind in ("missing", "extra_forbidden") else path, tree)
    return Problem(where, found, allowed, hint, _code(kind, entry), place)


def _code(kind: str, entry: Mapping[str, Any]) -> Code:
    """Return what kind of problem an error of pydantic is."""
    return Code(entry["ctx"]["code"]) if kind == "refused" else _CODES.get(kind, Code.INVALID)


def _real(loc: Sequence[Key], node: Node, *, missing: bool) -> list[Key]:
    """Return the steps of a location that stand in the tree: pydantic adds the branch of a union as one."""
    steps: list[Key] = []
    current: Node | None = node
    for at, step in enumerate(loc):
        entry = current.get(step) if current is not None else None
        if entry is not None or (at == len(loc) - 1 and (missing or not steps or " " not in str(step))):
            steps.append(step)
            current = entry
    return steps


def _words(kind: str, entry: dict[str, Any], loc: Sequence[Key], model: type[BaseModel]) -> tuple[str, str, str]:
    """Return what was found, what is allowed, and how to mend it."""
    context = entry.get("ctx", {})
    value = entry.get("input")
    last = str(loc[-1]) if loc else ""
    if kind == "refused":
        return context["found"], context["allowed"], context["hint"]
    if kind == "extra_forbidden":
        keys = _keys_at(model, loc[:-1])
        return f"unknown key '{last}'", "one of " + ", ".join(keys), did_you_mean(last, keys)
    if kind == "missing":
        return f"'{last}' is missing", f"every {_what(model, loc)} needs it", ""
    if kind == "literal_error":
        choices = str(context["expected"]).replace(" or ", ", ").replace("'", "")
        return (
            f"{shown(value)} is unknown",
            f"one of {choices}",
            did_you_mean(str(value), choices.split(", ")),
        )
    if kind in _MAPPINGS:
        return f"{shown(value)} stands here", "keys and values", ""
    if kind in _LISTS:
        return f"{shown(value)} stands here", "a list", f"[{value}]" if isinstance(value, str) else ""
    if kind == "string_type":
        hint = "" if isinstance(value, dict | list) or value is None else f"put it in quotes: '{value}'"
        return f"{shown(value)} is not a text", "a text", hint
    return _limits(kind, context, value) or (str(entry["msg"]), "", "")


def _limits(kind: str, context: dict[str, Any], value: object) -> tuple[str, str, str] | None:
    """Return the words for a value beyond a limit; None for other kinds of error."""
    if kind in ("less_than_equal", "less_than"):
        bound = context.get("le", context.get("lt"))
        number = number_in(value)
        percent = bound == 1 and number is not None and number <= 100
        hint = f"{value} percent is {(number or 0.0) / 100:g}" if percent else ""
        return f"{shown(value)} is too large", f"{_up_to(kind)} {_round(bound)}", hint
    if kind in ("greater_than_equal", "greater_than"):
        bound = context.get("ge", context.get("gt"))
        return f"{shown(value)} is too small", f"{_up_to(kind)} {_round(bound)}", ""
    if kind == "string_pattern_mismatch":
        return f"{shown(value)} is no id", "letters, digits, - and _, without blanks or dots", ""
    if kind in ("string_too_long", "string_too_short") or (kind == "too_long" and isinstance(value, str)):
        return f"a text of {len(str(value)):,} characters", f"at most {context.get('max_length', 64)}", ""
    if kind == "too_short":
        return f"{context['actual_length']} in the list", f"at least {context['min_length']}", ""
    if kind == "too_long":
        return f"{context['actual_length']} in the list", f"at most {context['max_length']}", ""
    return None


def _round(bound: Any) -> str:
    """Return a limit without needless decimals."""
    return f"{int(bound):,}" if bound == int(bound) else f"{bound:,}"


def _up_to(kind: str) -> str:
    """Return the words for a kind of limit."""
    return {
        "less_than_equal": "at most",
        "less_than": "less than",
        "greater_than_equal": "at least",
        "greater_than": "more than",
    }[kind]


def _what(model: type[BaseModel], loc: Sequence[Key]) -> str:
    """Return what a model describes, in a word."""
    inner = _model_at(model, loc[:-1])
    names = {
        "Scenario": "scenario",
        "Keys": "policy of this instrument",
        "Range": "range",
        "Step": "step",
        "Observed": "row",
    }
    return names.get(inner.__name__ if inner else "", "entry")


def _keys_at(model: type[BaseModel], loc: Sequence[Key]) -> list[str]:
    """Return the keys that may stand at a location."""
    inner = _model_at(model, loc)
    return list(inner.model_fields) if inner is not None else []


def _model_at(model: type[BaseModel], loc: Sequence[Key]) -> type[BaseModel] | None:
    """Return the model at a location, found by the annotations on the way."""
    current: type[BaseModel] | None = model
    for step in loc:
        if current is not None and isinstance(step, str) and step in current.model_fields:
            current = _model_in(current.model_fields[step].annotation)
    return current


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """Return the first model inside an annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for part in get_args(annotation) if (model := _model_in(part)) is not None), None)
