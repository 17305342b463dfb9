"""Check the tree of a scenario by its models, by rules for the whole, and for every value that it
varies over; then build the scenario.

Rules read the tree, not the models, so that they also report problems if another part of the
scenario is wrong. Errors of pydantic become problems in plain words, each with its line and column.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from .. import policies
from ..errors import Code, InputError, Problem, did_you_mean
from ..facts.history import platform_not_there
from ..facts.loading import MOST_PLATFORMS
from ..facts.model import REST_OF_WORLD, limits_of
from ..facts.network import load_network
from ..facts.people import MOST_STATES, find_region, regions_of, states_of_region
from ..facts.states import load_places, state_anywhere
from ..policies.base import Policy
from ..policies.values import MOST, Names, Who, shown
from .doubts import doubts
from .scenario import FIRST_YEAR, LAST_YEAR, Scenario, Scene
from .schema import BEHAVIOURS, MOST_OF_STATE, Penetration, World
from .tree import (
    KEY,
    STATE_NUMBERS,
    Path,
    Policies,
    Step,
    Tree,
    as_day,
    as_number,
    by_id,
    canonical,
    in_use,
    split_path,
)

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
    "string_pattern_mismatch": (
        "{} is not an id",
        "letters, digits, - and _, without blanks or dots",
    ),
    "float_type": ("{} is not a number", "a number"),
    "finite_number": ("{} is not a finite number", "a finite number"),
    "bool_type": ("{} is neither true nor false", "true or false"),
}
"""The texts found and allowed, for errors that depend only on the value."""
_CODES = {
    "extra_forbidden": Code.UNKNOWN_KEY,
    "missing": Code.MISSING,
    "literal_error": Code.UNKNOWN_NAME,
    **dict.fromkeys((*_MAPPINGS, *_LISTS, "string_type", "float_type", "bool_type"), Code.TYPE),
    **dict.fromkeys((*_LIMITS, *_LENGTHS, "string_too_long", "string_too_short"), Code.RANGE),
}
_PARTS = {"Scenario": "scenario", "Range": "range", "Observed": "row", "Step": "step"}
"""The name of what a model describes; the keys of an instrument describe a policy."""


def problems_of(
    error: ValidationError, tree: Tree, model: type[BaseModel], above: Path = ()
) -> list[Problem]:
    """Return the problems in a validation error.

    Parameters
    ----------
    error : ValidationError
        The error from pydantic.
    tree : Tree
        The whole scenario, which has the places.
    model : type
        The model that was validated.
    above : tuple of str or int
        The path of the model in the scenario.
    """
    entries: list[dict[str, Any]] = [dict(entry) for entry in error.errors(include_url=False)]
    wrong = [entry["loc"] for entry in entries]
    return [
        _problem(entry, tree, model, above)
        for entry in entries
        # Skip problems that follow from others: a derived day, or a list too short because of a
        # wrong item.
        if entry["type"] != "default_factory_not_called"
        and not (
            entry["type"] == "too_short"
            and any(loc != entry["loc"] == loc[: len(entry["loc"])] for loc in wrong)
        )
    ]


def _problem(entry: Mapping[str, Any], tree: Tree, model: type[BaseModel], above: Path) -> Problem:
    """Return one problem."""
    kind = str(entry["type"])
    context = entry.get("ctx", {})
    loc = tuple(step for step in entry["loc"] if step != KEY)
    steps: Path = ()
    for at, step in enumerate(
        loc
    ):  # pydantic adds the branch of a union as a step, which is not in the tree
        may_lack = at == len(loc) - 1 and (kind == "missing" or not steps or " " not in str(step))
        if may_lack or tree.holds((*above, *steps, step)):
            steps = (*steps, step)
    path = (*above, *steps)
    is_key = KEY in entry["loc"] or kind == "extra_forbidden"
    found, allowed, hint = _words(kind, context, entry, loc, model)
    where = (
        tree.where(*path[:-1])
        if kind == "missing"
        else tree.where(*path, *((KEY,) if is_key else ()))
    )
    code = Code(context["code"]) if kind == "refused" else _CODES.get(kind, Code.INVALID)
    about = path[:-1] if kind in ("missing", "extra_forbidden") else path
    return Problem(where, found, allowed, hint, code, ".".join(map(str, about)))


def _words_of_key(kind: str, loc: Path, model: type[BaseModel]) -> tuple[str, str, str]:
    """Return the texts for an unknown or missing key."""
    last = str(loc[-1]) if loc else ""
    part: Any = model
    for step in loc[:-1]:
        if part is not None and step in part.model_fields:
            part = _model_in(part.model_fields[str(step)].annotation)
    keys = list(part.model_fields) if part is not None else []
    if kind == "extra_forbidden":
        return f"unknown key '{last}'", "one of " + ", ".join(keys), did_you_mean(last, keys)
    what = (
        "policy of this instrument"
        if "instrument" in keys
        else _PARTS.get(getattr(part, "__name__", ""), "entry")
    )
    return f"'{last}' is missing", f"every {what} needs it", ""


def _words(
    kind: str,
    context: Mapping[str, Any],
    entry: Mapping[str, Any],
    loc: Path,
    model: type[BaseModel],
) -> tuple[str, str, str]:
    """Return the texts found, allowed and hint; ``refused`` are the errors of the project's own
    types.
    """
    value = entry.get("input")
    text = shown(value)
    if kind == "refused":
        return context["found"], context["allowed"], context["hint"]
    if kind in ("extra_forbidden", "missing"):
        return _words_of_key(kind, loc, model)
    if kind == "literal_error":
        choices = str(context["expected"]).replace(" or ", ", ").replace("'", "")
        return (
            f"{text} is unknown",
            f"one of {choices}",
            did_you_mean(text.strip("'"), choices.split(", ")),
        )
    if kind in ("string_too_long", "string_too_short") or (
        kind == "too_long" and isinstance(value, str)
    ):
        return (
            f"a text of {len(str(value)):,} characters",
            f"at most {context.get('max_length', 64)}",
            "",
        )
    if kind in _LENGTHS:
        words, bound = _LENGTHS[kind]
        return f"{context['actual_length']} in the list", f"{words} {context[bound]}", ""
    if kind in _LIMITS:
        size, words, name = _LIMITS[kind]
        bound = context[name]
        number = as_number(value)
        is_percent = bound == 1 and name in ("le", "lt") and number is not None and number <= 100
        hint = f"{value} percent is {(number or 0.0) / 100:g}" if is_percent else ""
        return (
            f"{text} is {size}",
            f"{words} {int(bound) if bound == int(bound) else bound:,}",
            hint,
        )
    if kind not in _WORDS:
        return str(entry["msg"]), "", ""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    hint = (
        f"put it in quotes: '{text}'"
        if kind == "string_type" and not isinstance(value, dict | list | None)
        else ""
    )
    hint = f"[{value}]" if kind in _LISTS and isinstance(value, str) else hint
    if kind == "float_type" and is_number:
        return "a number of more than 300 digits", "a finite number", ""
    found, allowed = _WORDS[kind]
    return found.format(text), allowed, hint


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """Return the first model inside an annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(
        (model for part in get_args(annotation) if (model := _model_in(part)) is not None), None
    )


DECLARED = ("minutes",)
"""Metrics that a file may name although some versions do not compute them; their figures are
listed, not compared.
"""
MOST_VALUES = 1_000
"""Most values of one sweep path."""
MOST_EXACT = 2**53
"""Limit below which whole numbers are exact as floating-point numbers."""
_OPTIONAL_PARTS = (
    "world",
    "policies",
    "behaviour",
    "parameters",
    "uncertain",
    "sweep",
    "measure",
    "observed",
)
_VARIED = {
    "uncertain": ("parameters", "world", "policies"),
    "sweep": ("parameters", "world", "policies", "start", "days", "people"),
}
"""First steps of the paths that may vary."""
_CODE = re.compile("[A-Z]{2}")

type Faults = Iterator[Problem]


def checked(
    tree: Tree, names: Names, problems: list[Problem], known_metrics: Collection[str] | None = None
) -> Scenario | None:
    """Return the scenario that a tree describes, or None after adding all errors to the problems.

    Parameters
    ----------
    tree : Tree
        The merged tree with canonical names.
    names : Names
        The names that the scenario may use: states, platforms, communities and policies of its
        facts and its own.
    problems : list of Problem
        Earlier problems; new problems are added.
    known_metrics : collection of str, optional
        The metrics that ``measure:`` may name.
    """
    tree, left_out = _without_absent(tree, names)
    scenario = _validated(tree, names, problems, known_metrics)
    if not problems:
        problems += _faults_of_variations(tree, names)
    if problems or scenario is None:
        return None
    varied = (*scenario.uncertain, *scenario.sweep)
    scene = Scene(
        scenario.world,
        scenario.start,
        scenario.policies,
        scenario.observed,
        varied,
        names.facts.named,
    )
    scenario.note(scene=scene)
    if scenario.scene.least_states > MOST_STATES:
        found = f"{scenario.scene.least_states} states are named or known in detail"
        problems.append(
            Problem(tree.where(), found, f"at most {MOST_STATES} in one world", "", Code.RANGE)
        )
        return None
    scenario = scenario.model_copy(update={"world": _unfolded(scenario)})
    scenario.note(warnings=(*left_out, *doubts(tree, scenario, names)))
    return scenario


def _validated(
    tree: Tree, names: Names, problems: list[Problem], known_metrics: Collection[str] | None = None
) -> Scenario | None:
    """Return the scenario if its models and rules find no error; each policy is checked by its
    instrument.
    """

    def add(found: Iterable[Problem]) -> None:
        """Add the problems at places without an earlier problem."""
        taken = {problem.where for problem in problems if problem.where}
        problems.extend([problem for problem in found if problem.where not in taken])

    listed = tuple(_policies(tree, names, problems))
    add(_policy_faults(tree, listed, names))
    keys = {
        key: value
        for key, value in tree.mapping().items()
        if not (key in _OPTIONAL_PARTS and value is None)
    }
    if isinstance(world := keys.get("world"), dict):
        keys["world"] = {key: value for key, value in world.items() if value is not None}
    scenario = None
    try:
        scenario = Scenario.model_validate({**keys, "policies": listed}, context=names)
    except ValidationError as error:
        problems += problems_of(error, tree, Scenario)
    add(fault for rule in _RULES for fault in rule(tree, names))
    add(_wrong_metrics(tree, known_metrics))
    return scenario


def _policies(tree: Tree, names: Names, problems: list[Problem]) -> Iterator[Policy]:
    """Yield the valid policies; the errors of the others are added to the problems."""
    listed = tree.get("policies")
    known = policies.INSTRUMENTS
    if listed is not None and not isinstance(listed, Policies):
        found = f"{shown(listed)} stands here"
        hint = "begin each with - id:"
        problems.append(tree.problem(("policies",), found, "a list of policies", hint, Code.TYPE))
        return
    for path, _, keys in tree.entries("policies"):
        instrument = tree.get(*path, "instrument")
        if not isinstance(keys, dict):
            allowed = "keys: id, instrument, by, targets, on ..."
            problems.append(tree.problem(path, "not a policy", allowed, "", Code.TYPE))
            continue
        if isinstance(instrument, str) and instrument not in known:
            found = f"unknown instrument {shown(instrument)}"
            hint = did_you_mean(instrument, known)
            allowed = f"one of {', '.join(known)}"
            problems.append(
                tree.problem((*path, "instrument"), found, allowed, hint, Code.UNKNOWN_NAME)
            )
            continue
        model = policies.INSTRUMENTS[instrument] if isinstance(instrument, str) else Policy
        try:
            yield model.model_validate(keys, context=names)
        except ValidationError as error:
            problems += problems_of(error, tree, model, path)


def _unfolded(scenario: Scenario) -> World:
    """Return a world with all penetrations in one table, including those given with a platform."""
    world = scenario.world
    table: dict[str, dict[str, Penetration]] = {
        state: dict(row) for state, row in world.penetration.items()
    }
    platforms = {}
    for name, keys in world.platforms.items():
        given = {} if keys.penetration is None else keys.penetration
        if not isinstance(given, Mapping):
            given = dict.fromkeys((*scenario.facts.states, *world.states), given)
        for state, value in given.items():
            table.setdefault(state, {})[name] = value
        platforms[name] = keys.model_copy(update={"penetration": None})
    return world.model_copy(update={"penetration": table, "platforms": platforms})


def _without_absent(tree: Tree, names: Names) -> tuple[Tree, list[Problem]]:
    """Return a tree without use and blocks of platforms that do not exist on its first day, with a
    warning for each block.

    These entries have no effect. Other mentions stay, and the checks refuse them with the dates of
    the platform.
    """
    left_out: list[Problem] = []

    def gone(name: object) -> tuple[str, str, str] | None:
        """Return the reason why a platform does not exist on the first day."""
        is_there = not isinstance(name, str) or names.platform(name) is not None
        return None if is_there else platform_not_there(str(name), names.facts)

    for path, _, _ in tree.entries("world", "penetration"):
        for cell, name, value in tree.entries(*path):
            shares = value.values() if isinstance(value, dict) else (value,)
            if all(share == 0 and not isinstance(share, bool) for share in shares) and gone(name):
                tree = tree.without(cell)
    for key in ("blocks", "blocks_policy_arm"):
        for path, _, _ in tree.entries("world", key):
            listed = tree.items(*path)
            reasons = {at: why for at, name in enumerate(listed) if (why := gone(name))}
            for at, why in reasons.items():
                found = f"{why[0]}; its block is left out"
                left_out.append(tree.problem((*path, at), found, why[1], "", Code.IDLE, about=path))
            if reasons:
                left = [name for at, name in enumerate(listed) if at not in reasons]
                tree = tree.replaced(path, left, tree.where(*path)) or tree
    return tree, left_out


def _policy_faults(tree: Tree, listed: Collection[Policy], names: Names) -> Faults:
    """Yield contradictions between policies that are valid by themselves."""
    by_name = {policy.id: policy for policy in listed}
    for policy in listed:
        path = ("policies", policy.id)
        circle = [policy.id]
        about = policy.about() or ""
        while about in by_name and about not in circle:
            circle.append(about)
            about = by_name[about].about() or ""
        is_circle = (
            about == policy.id and len(circle) > 1
        )  # a policy that names itself has a separate error
        if is_circle:
            found = f"it acts on itself: {' -> '.join([*circle, about])}"
            yield tree.problem(
                (*path, "policy"), found, "acts that end at a law", "which came first?"
            )
        other = by_name.get(policy.about() or "")
        due = other.due() if other else None
        to = getattr(policy, "to", None)
        if policy.EXTENDS and due is not None and to is not None and to < due and not is_circle:
            found = f"'to' is {to}, before the day that it changes ({due})"
            yield tree.problem((*path, "to"), found, f"a day after {due}", "", Code.ORDER)
        if policy.who is not None:
            yield from _wrong_people(tree, policy, policy.who, names)
    if (
        narrowed := sum(part.who is not None for policy in listed for part in policy.parts())
    ) > MOST:
        found = f"{narrowed} policies with a 'who'"
        hint = "'targets' of one policy may name several platforms"
        yield tree.problem(("policies",), found, f"at most {MOST}", hint, Code.RANGE)


def _wrong_people(tree: Tree, policy: Policy, who: Who, names: Names) -> Faults:
    """Yield a community and a region that exist in none of a policy's states."""
    states = policy.concerns()
    here = [
        name
        for state, _, name in (each.partition(":") for each in names.communities)
        if state in states
    ]
    if who.community is not None and who.community not in here:
        found = f"no community '{who.community}' in {' or '.join(states)}"
        allowed = (
            f"one of {', '.join(here)}"
            if here
            else "a community of world.communities; there is none"
        )
        hint = (
            did_you_mean(who.community, here)
            or f"world.communities: {{{states[0]}: {{{who.community}: ...}}}}"
        )
        path: Path = ("policies", policy.id, "who", "community")
        yield tree.problem(path, found, allowed, hint, Code.UNKNOWN_NAME)
    for region in who.region or ():
        yield from _unknown_region(tree, policy, region, names.facts.name)


def _unknown_region(tree: Tree, policy: Policy, region: str, world: str) -> Faults:
    """Yield a region that the tables have in none of a policy's states."""
    states = policy.concerns()
    if any(find_region(region, state, world) is not None for state in states):
        return
    path: Path = ("policies", policy.id, "who", "region")
    known = [each.region for state in states for each in regions_of(state, world)]
    found = f"no region '{region}' in the table of regions, of {' or '.join(states)} or any state"
    own = "a row of regions.csv in a folder of tables of your own"
    of_it = f"the table has no region of {' or '.join(states)}"
    allowed = f"one of {', '.join(known)}; {own}" if known else f"{of_it}; {own}"
    hint = did_you_mean(region, known) or (
        f"region: {region} of its own, and the share of the people who live there"
        if "region" in type(policy).model_fields
        else "its share of the people, such as share: 0.02, picks as many anywhere in the state"
    )
    if others := states_of_region(region, world):
        found = f"no region '{region}' of {' or '.join(states)} in the table of regions"
        allowed = f"a region of {' or '.join(states)}; that one is of {', '.join(others)}"
        hint = f"by: {others[0]}"
    yield tree.problem(path, found, allowed, hint, Code.UNKNOWN_NAME)


def _wrong_policies(tree: Tree, names: Names) -> Faults:
    """Yield repeated ids, dates out of order or missing, instruments without a mechanism, and
    policies that act on themselves.
    """
    first: dict[Any, Path] = {}
    for path, _, policy in tree.entries("policies"):
        if not isinstance(policy, dict):
            continue
        if (
            isinstance(name := policy.get("id"), str)
            and (other := first.setdefault(name, path)) != path
        ):
            found = f"a second policy has the id '{name}' (the first: {tree.where(*other, 'id')})"
            yield tree.problem((*path, "id"), found, "each id once", "", Code.DUPLICATE)
        if policy.get("announced") is None and policy.get("on") is None:
            hint = "on: 2020-09-20; announced alone is a bare threat"
            yield tree.problem(
                path, "neither 'on' nor 'announced'", "at least one of them", hint, Code.MISSING
            )
        days = [
            (key, day)
            for key in ("announced", "on", "until")
            if (day := as_day(policy.get(key))) is not None
        ]
        for (earlier, before), (later, after) in pairwise(days):
            if after < before:
                found = f"'{later}' is {after}, before '{earlier}' ({before})"
                allowed = "announced <= on <= until"
                yield tree.problem(
                    (*path, later), found, allowed, "swap them?", Code.ORDER, about=path
                )
        if policy.get("policy") is not None and policy["policy"] == policy.get("id"):
            yield tree.problem((*path, "policy"), "it names itself", "the id of another policy")


def _wrong_start(tree: Tree, names: Names) -> Faults:
    """Yield a first day outside of the years of the facts; this also excludes the end of the
    calendar.
    """
    first = as_day(tree.get("start"))
    if first is not None and not FIRST_YEAR <= first.year <= LAST_YEAR:
        yield tree.problem(
            ("start",), str(first), f"a day from {FIRST_YEAR} to {LAST_YEAR}", "", Code.RANGE
        )


def _wrong_platforms(tree: Tree, names: Names) -> Faults:
    """Yield too many platforms, incomplete new platforms, repeated penetrations, and unknown
    clouds.
    """
    known = names.facts.platforms
    added = [name for name in tree.mapping("world", "platforms") if name not in known]
    if len(known) + len(added) > MOST_PLATFORMS:
        found = f"{len(added)} new platforms make {len(known) + len(added)}"
        yield tree.problem(
            ("world", "platforms"), found, f"at most {MOST_PLATFORMS} in all", "", Code.RANGE
        )
    for path, name, keys in tree.entries("world", "platforms"):
        missing = [
            key
            for key in ("owner", "home", "kind")
            if isinstance(keys, dict) and keys.get(key) is None
        ]
        if name in added and missing:
            hint = did_you_mean(name, names.spellings("platform")) if len(missing) == 3 else ""
            allowed = "a new platform needs owner, home and kind"
            yield tree.problem(
                (*path, KEY), f"no {', '.join(missing)}", allowed, hint, Code.MISSING
            )
        for state in tree.mapping(*path, "penetration"):
            yield from _twice(
                tree, ("world", "penetration", state, name), f"world.platforms.{name}"
            )
        hosting: Path = (*path, "hosting")
        for at, cloud in enumerate(tree.items(*hosting) or [tree.get(*hosting)]):
            if isinstance(cloud, str) and cloud not in (clouds := _clouds(names)):
                found = f"unknown cloud '{cloud}'"
                hint = did_you_mean(cloud, clouds)
                allowed = f"one of {', '.join(clouds)}"
                yield tree.problem(
                    (*hosting, at), found, allowed, hint, Code.UNKNOWN_NAME, about=hosting
                )


def _twice(tree: Tree, path: Path, other: str) -> Faults:
    """Yield the problem of a number stated at a path and in another part."""
    if tree.get(*path) is not None:
        yield tree.problem(
            path, f"it is also in {other}", "each number once", "remove one", Code.DUPLICATE
        )


def _clouds(names: Names) -> tuple[str, ...]:
    """Return the clouds that a platform may run on: those of the facts, and `own` for its own data
    centres.
    """
    used = {place for fact in names.facts.platforms.values() for place in fact.hosting}
    used |= {
        host.name for host in load_network(names.facts.name).clouds.values() if host.kind != "store"
    }
    return ("own", *sorted(used - {"own"}))


def _wrong_states(tree: Tree, names: Names) -> Faults:
    """Yield incomplete new states, invalid codes, repeated numbers, and more users than people."""
    for path, code, keys in tree.entries("world", "states"):
        is_new = (
            code not in names.facts.states and code not in load_places() and isinstance(keys, dict)
        )
        missing = [
            key for key in ("name", "population", "internet_users") if tree.get(*path, key) is None
        ]
        if is_new and not _CODE.fullmatch(code):
            found = f"unknown state '{code}'"
            hint = did_you_mean(code, names.spellings("state"))
            allowed = "two capital letters for a new one"
            yield tree.problem(
                (*path, KEY), found, allowed, hint, Code.UNKNOWN_NAME, about=path[:-1]
            )
        elif is_new and missing:
            allowed = "a new state needs name, population and internet_users"
            yield tree.problem((*path, KEY), f"no {', '.join(missing)}", allowed, "", Code.MISSING)
        for key in STATE_NUMBERS:
            if key in tree.mapping(*path):
                yield from _twice(tree, ("world", key, code), f"world.states.{code}")
    for code in dict.fromkeys(
        (*tree.mapping("world", "states"), *tree.mapping("world", "internet_users"))
    ):
        path = ("world", "states", code)
        places = (("world", "internet_users", code), (*path, "internet_users"))
        stated = next((place for place in places if tree.get(*place) is not None), None)
        users = (
            as_number(tree.get(*stated)) if stated else _known_number(code, "internet_users", names)
        )
        people = tree.get(*path, "population")
        residents = (
            as_number(people) if people is not None else _known_number(code, "population", names)
        )
        if users and residents and users > residents:
            found = f"{users:,.10g} internet users among {residents:,.10g} residents"
            at = stated or (*path, "population")
            allowed = "no more users than residents"
            yield tree.problem(
                at, found, allowed, "set the other one, too?", Code.RANGE, about=path
            )
    for key in ("blocks", "blocks_policy_arm"):
        if REST_OF_WORLD in tree.mapping("world", key):
            path = ("world", key)
            found = "the rest of the world (XX) has no government"
            yield tree.problem((*path, REST_OF_WORLD), found, "one of the other states", about=path)


def _known_number(code: str, key: str, names: Names) -> float | None:
    """Return the population or the internet users of a state from the facts; None for an unknown
    state.
    """
    is_known = code in names.facts.states or code in load_places()
    return float(getattr(state_anywhere(code, names.facts), key).value) if is_known else None


def _wrong_migrants(tree: Tree, names: Names) -> Faults:
    """Yield diasporas in their own state, without a state, or larger than their state of
    residence.
    """
    for path, residence, row in tree.entries("world", "migrants"):
        for here, origin, _ in tree.entries(*path):
            if residence == origin:
                found = f"{residence} is where these people live and where they were born"
                yield tree.problem((*here, KEY), found, "two different states")
            elif REST_OF_WORLD in (residence, origin):
                found = f"the rest of the world ({REST_OF_WORLD}) cannot be the home of a diaspora"
                yield tree.problem((*here, KEY), found, "two states", "name the state")
        total = sum(
            as_number(number) or 0.0 for number in (row.values() if isinstance(row, dict) else ())
        )
        people = as_number(tree.get("world", "states", residence, "population"))
        people = _known_number(residence, "population", names) if people is None else people
        if people is not None and total > people:
            found = (
                f"{total:,.0f} people born elsewhere among {people:,.0f} residents of {residence}"
            )
            yield tree.problem(path, found, "no more than the population", "", Code.RANGE)


def _wrong_communities(tree: Tree, names: Names) -> Faults:
    """Yield communities without a state, communities that are too large a part of a state, and
    diasporas in their own state.
    """
    for path, state, _ in tree.entries("world", "communities"):
        if state == REST_OF_WORLD:
            found = f"the rest of the world ({REST_OF_WORLD}) is not a single state"
            yield tree.problem((*path, KEY), found, "the state that they are part of")
        shares = [
            share
            for here, *_ in tree.entries(*path)
            if (share := tree.get(*here, "share")) is not None
        ]
        total = sum(as_number(share) or 0.0 for share in shares)
        if len(shares) > 1 and total > MOST_OF_STATE:
            found = f"the communities of {state} are {total:g} of its people together"
            yield tree.problem(path, found, f"at most {MOST_OF_STATE:g}", "", Code.RANGE)
        for here, name, _ in tree.entries(*path):
            if state in tree.mapping(*here, "diaspora"):
                found = f"{state} is where {name} come from and where they live"
                yield tree.problem((*here, "diaspora", state, KEY), found, "another state")


def _wrong_parameters(tree: Tree, names: Names) -> Faults:
    """Yield unknown parameters, and values that the model does not accept."""
    known = names.facts.parameters
    for path, key, value in tree.entries("parameters"):
        number = as_number(value)
        quantity = known.get(key)
        if quantity is None:
            found = f"unknown parameter '{key}'"
            hint = did_you_mean(key, known)
            hint = hint or "splinternet list parameters names them"
            yield tree.problem(
                (*path, KEY), found, "a model parameter", hint, Code.UNKNOWN_NAME, about=path[:1]
            )
        elif quantity.choices:
            if number is not None and number not in range(len(quantity.choices)):
                allowed = f"one of: {', '.join(quantity.choices)}"
                yield tree.problem(path, f"{shown(value)} is not allowed", allowed, "", Code.RANGE)
        elif number is not None:
            least, most = limits_of(key, quantity)
            if least <= number <= most:
                continue
            fault = f"is too {'small' if number < least else 'large'}"
            fault = "is negative" if least >= 0 > number else fault
            fault = "is not a share" if quantity.unit == "share" and not 0 <= number <= 1 else fault
            allowed = f"{least:g} to {most:g}"
            hint = f"{quantity.low:g} to {quantity.high:g}"
            yield tree.problem(
                path, f"{shown(value)} {fault}", allowed, f"the evidence gives {hint}", Code.RANGE
            )


def _wrong_ranges(tree: Tree, names: Names) -> Faults:
    """Yield ranges with a low end above the high end, and ranges of parameters that select a
    rule.
    """
    for path, key, row in tree.entries("uncertain"):
        known = names.facts.parameters.get(key.removeprefix("parameters."))
        if known is not None and known.choices:
            allowed = "no range: seeds draw among its choices"
            hint = f"set it to one of {', '.join(known.choices)}"
            yield tree.problem(
                path, f"'{key}' selects one of several rules", allowed, hint, Code.RANGE
            )
        low = as_number(tree.get(*path, "low"))
        high = as_number(tree.get(*path, "high"))
        if low is not None and high is not None and low > high:
            found = f"low is {row['low']} but high is {row['high']}"
            yield tree.problem(
                (*path, "low"),
                found,
                "low must not be larger",
                "swap them?",
                Code.ORDER,
                about=path,
            )
        if (
            low is not None
            and high is not None
            and low <= 0
            and row.get("distribution") == "log-uniform"
        ):
            found = f"low is {row['low']}"
            allowed = "log-uniform needs low above 0"
            yield tree.problem((*path, "low"), found, allowed, "", Code.RANGE, about=path)


def _said_twice(tree: Tree, names: Names) -> Faults:
    """Yield quantities that vary by two paths, and repeated values of a sweep."""
    for part in _VARIED:
        first: dict[Path, str] = {}
        for path, key, _ in tree.entries(part):
            if (other := first.setdefault(split_path(key, names), key)) != key:
                found = f"'{key}' and '{other}' are the same"
                yield tree.problem(
                    (*path, KEY), found, "each quantity once", "", Code.DUPLICATE, about=(part,)
                )
    for path, _, _ in tree.entries("sweep"):
        seen: set[str] = set()
        for at, value in enumerate(tree.items(*path)):
            # An integer equals the same float, but not a boolean.
            number = as_number(value)
            text = hex(value) if isinstance(value, int) else repr(value)
            text = text if number is None or abs(number) >= MOST_EXACT else repr(number)
            if text in seen:
                found = f"{shown(value)} appears twice"
                yield tree.problem(
                    (*path, at), found, "each value once", "", Code.DUPLICATE, about=path
                )
                break
            seen.add(text)


def _wrong_behaviours(tree: Tree, names: Names) -> Faults:
    """Yield unknown behaviours, and the errors of a user's own behaviours."""
    for path, key, is_on in tree.entries("behaviour"):
        if key not in BEHAVIOURS:
            hint = did_you_mean(key, BEHAVIOURS) or "your own: --import FILE, or behaviours=[...]"
            found = f"unknown key '{key}'"
            allowed = f"one of {', '.join(BEHAVIOURS)}"
            yield tree.problem((*path, KEY), found, allowed, hint, Code.UNKNOWN_KEY, about=path[:1])
        elif is_on:
            try:
                BEHAVIOURS[key]
            except InputError as error:
                yield from error.problems


_RULES: tuple[Callable[[Tree, Names], Faults], ...] = (
    _wrong_start,
    _wrong_platforms,
    _wrong_states,
    _wrong_migrants,
    _wrong_communities,
    _wrong_policies,
    _wrong_parameters,
    _wrong_ranges,
    _said_twice,
    _wrong_behaviours,
)


def _wrong_metrics(tree: Tree, known: Collection[str] | None) -> Faults:
    """Yield unknown metrics, and every rule that the observed figures of a scenario break.

    ``known`` are the metrics; if it is the registry itself, the cell of each figure is checked too.
    """
    stated = tree.get("measure")  # one metric needs no brackets
    for at, name in enumerate(stated if isinstance(stated, list) else [stated]):
        yield from _unknown_metric(tree, ("measure", at), name, known, ("measure",))
    start = as_day(tree.get("start"))
    first = dict[str, str]()
    for at, row in enumerate(tree.items("observed")):
        path = ("observed", at)
        keys = row if isinstance(row, dict) else {}
        metric = keys.get("metric")
        if metric not in DECLARED:
            yield from _unknown_metric(tree, (*path, "metric"), metric, known)
            if isinstance(known, Mapping) and isinstance(metric, str) and metric in known:
                yield from _misplaced(tree, path, keys, known[metric])
        for key in ("date", "of"):
            day = as_day(keys.get(key))
            if day is not None and start is not None and day < start:
                yield tree.problem(
                    (*path, key), f"{day} is before the first day", f"{start} or later"
                )
        name = keys.get("row")
        where = tree.where(*path, "row")
        if isinstance(name, str) and first.setdefault(name, where) != where:
            found = f"'{name}' appears twice (the first: {first[name]})"
            yield tree.problem((*path, "row"), found, "each row of the table once")


def _unknown_metric(
    tree: Tree, path: Path, name: object, known: Collection[str] | None, about: Path | None = None
) -> Faults:
    """Yield the problem of an unknown metric."""
    if known is not None and isinstance(name, str) and name not in known:
        hint = did_you_mean(name, known) or "splinternet list metrics names them"
        yield tree.problem(
            path,
            f"unknown metric '{name}'",
            "a metric of the model",
            hint,
            Code.UNKNOWN_NAME,
            about,
        )


def _misplaced(tree: Tree, path: Path, row: Mapping[str, Any], metric: Any) -> Faults:
    """Yield the errors in the cell of an observed figure, by the dimensions of its metric."""
    dims = metric.dims
    if metric.kind != "daily" or not set(dims) <= {"state", "platform", "group"} or not dims:
        allowed = "a daily metric by state, by state and platform, or by group"
        yield tree.problem(
            (*path, "metric"), f"{metric.name} has no figure of one place and day", allowed
        )
        return
    for dim in ("state", "platform", "group"):
        if dim in dims and row.get(dim) is None:
            yield tree.problem(
                path, f"no {dim}", f"{metric.name} is by {' and '.join(dims)}", f"{dim}: ..."
            )
        if dim not in dims and dim != "state" and row.get(dim) is not None:
            yield tree.problem(
                (*path, dim), f"{metric.name} has no {dim}", f"it is by {' and '.join(dims)}"
            )


def _faults_of_variations(tree: Tree, names: Names) -> Faults:
    """Yield the errors of the values that seeds draw and sweeps use, before anything runs.

    The scenario with each value is checked like any other; ``tree`` itself is valid.
    """
    # The variations are checked once, not again with each value.
    fixed = Tree(
        {key: value for key, value in tree.data.items() if key not in _VARIED}, tree.places
    )
    paths = [
        in_use(fixed, split_path(key, names)) for part in _VARIED for key in tree.mapping(part)
    ]
    varied = {
        fixed.where(*path) for path in paths if fixed.holds(path)
    }  # a run replaces these values
    for part, heads in _VARIED.items():
        for key, stated in tree.mapping(part).items():
            path = (part, key)
            steps = split_path(key, names)
            ends = [
                (*path, end)
                for end in (("low", "high") if part == "uncertain" else range(len(stated)))
            ]
            if steps[0] not in heads or (len(steps) == 1 and steps[0] in heads[:3]):
                known = [*names.facts.parameters, *(f"{head}." for head in heads)]
                hint = did_you_mean(key, known) or "splinternet list parameters names them"
                found = f"unknown parameter or path '{key}'"
                allowed = "a model parameter, or a path such as "
                allowed += "world.vpn_share.DE"
                yield tree.problem(
                    (*path, KEY), found, allowed, hint, Code.UNKNOWN_NAME, about=(part,)
                )
            elif not 1 <= len(ends) <= MOST_VALUES:
                yield tree.problem(
                    path, f"{len(ends)} values", f"1 to {MOST_VALUES:,}", "", Code.RANGE
                )
            else:
                concerned = _part_of(fixed, steps[0])
                for end in ends:
                    yield from _faults_of_value(tree, concerned, varied, path, end, steps, names)


def _part_of(tree: Tree, part: Step) -> Tree:
    """Return a tree with what a value in a part can make wrong: no rule compares two of the large
    parts with each other.
    """
    if part not in _VARIED["uncertain"]:
        return tree

    def is_kept(step: Step) -> bool:
        return step == part or step not in _OPTIONAL_PARTS

    return Tree(
        {key: value for key, value in tree.data.items() if is_kept(key)},
        {path: where for path, where in tree.places.items() if not path or is_kept(path[0])},
    )


def _faults_of_value(
    tree: Tree,
    fixed: Tree,
    varied: Collection[str],
    path: Path,
    end: Path,
    steps: Path,
    names: Names,
) -> Faults:
    """Yield the errors of a scenario in which one value is set."""
    where = tree.where(*end)
    mark = f"{where} "  # a unique place, so that only problems from this value are taken
    value = tree.get(*end)
    changed = (
        fixed.replaced(in_use(fixed, steps), value, mark)
        if value is not None or path[0] == "sweep"
        else fixed
    )
    if changed is None:
        found = f"no policy '{steps[1]}'"
        hint = did_you_mean(str(steps[1]), names.policies)
        yield tree.problem(end, found, "the id of a policy", hint, Code.UNKNOWN_NAME, about=path)
        return
    caused: list[Problem] = []
    _validated(canonical(by_id(changed, []), names, []), names, caused)
    yield from (
        problem.below(str(path[0]), where) for problem in caused if problem.where not in varied
    )
