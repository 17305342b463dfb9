"""Errors of pydantic as problems in plain words, each with its line and column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from sim.errors import Code, Problem, did_you_mean
from sim.policies.values import shown
from sim.scenario.tree import KEY, Path, Step, Tree, as_number

_MAPPINGS = ("model_type", "dict_type", "mapping_type", "model_attributes_type")
_LISTS = ("tuple_type", "list_type", "iterable_type")
_LIMITS = {
    "less_than_equal": ("too large", "at most", "le"),
    "less_than": ("too large", "less than", "lt"),
    "greater_than_equal": ("too small", "at least", "ge"),
    "greater_than": ("too small", "more than", "gt"),
}
_LENGTHS = {"too_short": ("at least", "min_length"), "too_long": ("at most", "max_length")}
_CODES = {
    "extra_forbidden": Code.UNKNOWN_KEY,
    "missing": Code.MISSING,
    "literal_error": Code.UNKNOWN_NAME,
    **dict.fromkeys((*_MAPPINGS, *_LISTS, "string_type"), Code.TYPE),
    **dict.fromkeys((*_LIMITS, *_LENGTHS, "string_too_long", "string_too_short"), Code.RANGE),
}
_PARTS = {"Scenario": "scenario", "Range": "range", "Observed": "row", "Step": "step"}
"""What a model describes, in a word; the keys of an instrument are a policy."""


def problems_of(error: ValidationError, tree: Tree, model: type[BaseModel], above: Path = ()) -> list[Problem]:
    """Return the problems in a validation error.

    Parameters
    ----------
    error : ValidationError
        What pydantic found.
    tree : Tree
        The whole scenario, for the places.
    model : type
        The model that was validated.
    above : tuple of str or int
        Where in the scenario that model stands.
    """
    entries: list[dict[str, Any]] = [dict(entry) for entry in error.errors(include_url=False)]
    wrong = [entry["loc"] for entry in entries]
    return [
        _problem(entry, tree, model, above)
        for entry in entries
        # A day that follows from another, and a list that is too short because an item of it is wrong, say nothing new.
        if entry["type"] != "default_factory_not_called"
        and not (entry["type"] == "too_short" and any(loc != entry["loc"] == loc[: len(entry["loc"])] for loc in wrong))
    ]


def _problem(entry: dict[str, Any], tree: Tree, model: type[BaseModel], above: Path) -> Problem:
    """Return one problem."""
    kind = str(entry["type"])
    loc = tuple(step for step in entry["loc"] if step != KEY)
    path = (*above, *_steps_in(tree, above, loc, is_missing=kind == "missing"))
    is_key = KEY in entry["loc"] or kind == "extra_forbidden"
    context = entry.get("ctx", {})
    found, allowed, hint = _words(kind, context, entry, loc, model)
    where = tree.where(*path[:-1]) if kind == "missing" else tree.where(*path, *((KEY,) if is_key else ()))
    code = Code(context["code"]) if kind == "refused" else _CODES.get(kind, Code.INVALID)
    about = path[:-1] if kind in ("missing", "extra_forbidden") else path
    return Problem(where, found, allowed, hint, code, ".".join(map(str, about)))


def _steps_in(tree: Tree, above: Path, loc: Path, *, is_missing: bool) -> Path:
    """Return the steps of a location that stand in the tree: pydantic adds the branch of a union as one."""
    steps: Path = ()
    for at, step in enumerate(loc):
        may_lack = at == len(loc) - 1 and (is_missing or not steps or " " not in str(step))
        if may_lack or tree.holds((*above, *steps, step)):
            steps = (*steps, step)
    return steps


def _words(
    kind: str, context: Mapping[str, Any], entry: Mapping[str, Any], loc: Path, model: type[BaseModel]
) -> tuple[str, str, str]:
    """Return what was found, what is allowed, and how to mend it."""
    value, last = entry.get("input"), str(loc[-1]) if loc else ""
    part = _model_at(model, loc[:-1])
    match kind:
        case "refused":
            return context["found"], context["allowed"], context["hint"]
        case "extra_forbidden":
            keys = list(part.model_fields) if part is not None else []
            return f"unknown key '{last}'", "one of " + ", ".join(keys), did_you_mean(last, keys)
        case "missing":
            is_policy = part is not None and "instrument" in part.model_fields
            what = "policy of this instrument" if is_policy else _PARTS.get(part.__name__ if part else "", "entry")
            return f"'{last}' is missing", f"every {what} needs it", ""
        case "literal_error":
            choices = str(context["expected"]).replace(" or ", ", ").replace("'", "")
            return f"{shown(value)} is unknown", f"one of {choices}", did_you_mean(str(value), choices.split(", "))
        case "string_type":
            hint = "" if isinstance(value, dict | list) or value is None else f"put it in quotes: '{value}'"
            return f"{shown(value)} is not a text", "a text", hint
        case "string_pattern_mismatch":
            return f"{shown(value)} is no id", "letters, digits, - and _, without blanks or dots", ""
    if kind in _MAPPINGS:
        return f"{shown(value)} stands here", "keys and values", ""
    if kind in _LISTS:
        return f"{shown(value)} stands here", "a list", f"[{value}]" if isinstance(value, str) else ""
    return _beyond_limit(kind, context, value) or (str(entry["msg"]), "", "")


def _beyond_limit(kind: str, context: Mapping[str, Any], value: object) -> tuple[str, str, str] | None:
    """Return the words for a value beyond a limit; None for other kinds of error."""
    if kind in ("string_too_long", "string_too_short") or (kind == "too_long" and isinstance(value, str)):
        return f"a text of {len(str(value)):,} characters", f"at most {context.get('max_length', 64)}", ""
    if kind in _LENGTHS:
        words, bound = _LENGTHS[kind]
        return f"{context['actual_length']} in the list", f"{words} {context[bound]}", ""
    if kind not in _LIMITS:
        return None
    size, words, name = _LIMITS[kind]
    bound, number = context[name], as_number(value)
    is_percent = bound == 1 and name in ("le", "lt") and number is not None and number <= 100
    hint = f"{value} percent is {(number or 0.0) / 100:g}" if is_percent else ""
    limit = f"{int(bound):,}" if bound == int(bound) else f"{bound:,}"
    return f"{shown(value)} is {size}", f"{words} {limit}", hint


def _model_at(model: type[BaseModel], loc: Sequence[Step]) -> type[BaseModel] | None:
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
