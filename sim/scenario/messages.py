"""Errors of pydantic as problems in plain words, each with its line and column."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from sim.errors import Code, Problem, did_you_mean
from sim.policies.values import shown
from sim.scenario.tree import KEY, Path, Tree, as_number

_MAPPINGS = ("model_type", "dict_type", "mapping_type", "model_attributes_type")
_LISTS = ("tuple_type", "list_type", "iterable_type")
_LIMITS = {
    "less_than_equal": ("too large", "at most", "le"),
    "less_than": ("too large", "less than", "lt"),
    "greater_than_equal": ("too small", "at least", "ge"),
    "greater_than": ("too small", "more than", "gt"),
}
_LENGTHS = {"too_short": ("at least", "min_length"), "too_long": ("at most", "max_length")}
_WORDS = {
    **dict.fromkeys(_MAPPINGS, ("{} stands here", "keys and values")),
    **dict.fromkeys(_LISTS, ("{} stands here", "a list")),
    "string_type": ("{} is not a text", "a text"),
    "string_pattern_mismatch": ("{} is no id", "letters, digits, - and _, without blanks or dots"),
    "float_type": ("{} is not a number", "a number"),
    "finite_number": ("{} is not a finite number", "a finite number"),
    "bool_type": ("{} is neither true nor false", "true or false"),
}
"""What was found and what is allowed, for errors that need no more than the value."""
_CODES = {
    "extra_forbidden": Code.UNKNOWN_KEY,
    "missing": Code.MISSING,
    "literal_error": Code.UNKNOWN_NAME,
    **dict.fromkeys((*_MAPPINGS, *_LISTS, "string_type", "float_type", "bool_type"), Code.TYPE),
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


def _problem(entry: Mapping[str, Any], tree: Tree, model: type[BaseModel], above: Path) -> Problem:
    """Return one problem."""
    kind, context = str(entry["type"]), entry.get("ctx", {})
    loc = tuple(step for step in entry["loc"] if step != KEY)
    steps: Path = ()
    for at, step in enumerate(loc):  # pydantic adds the branch of a union as a step, which does not stand in the tree
        may_lack = at == len(loc) - 1 and (kind == "missing" or not steps or " " not in str(step))
        if may_lack or tree.holds((*above, *steps, step)):
            steps = (*steps, step)
    path = (*above, *steps)
    is_key = KEY in entry["loc"] or kind == "extra_forbidden"
    found, allowed, hint = _words(kind, context, entry, loc, model)
    where = tree.where(*path[:-1]) if kind == "missing" else tree.where(*path, *((KEY,) if is_key else ()))
    code = Code(context["code"]) if kind == "refused" else _CODES.get(kind, Code.INVALID)
    about = path[:-1] if kind in ("missing", "extra_forbidden") else path
    return Problem(where, found, allowed, hint, code, ".".join(map(str, about)))


def _words(
    kind: str, context: Mapping[str, Any], entry: Mapping[str, Any], loc: Path, model: type[BaseModel]
) -> tuple[str, str, str]:
    """Return what was found, what is allowed, and how to mend it."""
    value, last = entry.get("input"), str(loc[-1]) if loc else ""
    if kind == "refused":
        return context["found"], context["allowed"], context["hint"]
    if kind in ("extra_forbidden", "missing"):
        part: Any = model
        for step in loc[:-1]:
            if part is not None and step in part.model_fields:
                part = _model_in(part.model_fields[str(step)].annotation)
        keys = list(part.model_fields) if part is not None else []
        if kind == "extra_forbidden":
            return f"unknown key '{last}'", "one of " + ", ".join(keys), did_you_mean(last, keys)
        what = (
            "policy of this instrument" if "instrument" in keys else _PARTS.get(getattr(part, "__name__", ""), "entry")
        )
        return f"'{last}' is missing", f"every {what} needs it", ""
    if kind == "literal_error":
        choices = str(context["expected"]).replace(" or ", ", ").replace("'", "")
        return f"{shown(value)} is unknown", f"one of {choices}", did_you_mean(str(value), choices.split(", "))
    if kind in ("string_too_long", "string_too_short") or (kind == "too_long" and isinstance(value, str)):
        return f"a text of {len(str(value)):,} characters", f"at most {context.get('max_length', 64)}", ""
    if kind in _LENGTHS:
        words, bound = _LENGTHS[kind]
        return f"{context['actual_length']} in the list", f"{words} {context[bound]}", ""
    if kind in _LIMITS:
        size, words, name = _LIMITS[kind]
        bound, number = context[name], as_number(value)
        is_percent = bound == 1 and name in ("le", "lt") and number is not None and number <= 100
        hint = f"{value} percent is {(number or 0.0) / 100:g}" if is_percent else ""
        return f"{shown(value)} is {size}", f"{words} {int(bound) if bound == int(bound) else bound:,}", hint
    if kind not in _WORDS:
        return str(entry["msg"]), "", ""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    hint = f"put it in quotes: '{value}'" if kind == "string_type" and not isinstance(value, dict | list | None) else ""
    hint = f"[{value}]" if kind in _LISTS and isinstance(value, str) else hint
    if kind == "float_type" and is_number:
        return "a number of more than 300 digits", "a finite number", ""
    found, allowed = _WORDS[kind]
    return found.format(shown(value)), allowed, hint


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """Return the first model inside an annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for part in get_args(annotation) if (model := _model_in(part)) is not None), None)
