"""One order, stated by options, as a scenario: its keys are checked as those of a file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

from ..errors import Code, InputError, Problem, did_you_mean
from ..facts.network import load_network
from ..facts.platforms import counted_in
from ..facts.states import find_place
from ..facts.worlds import available_facts, nearest_world
from ..policies import INSTRUMENTS, Policy
from ..policies.targets import EVERY_PLATFORM, catalogue_of
from .load import load
from .new import AFTER, BEFORE, OPEN_END, checked_draft
from .scenario import Scenario, yaml_text
from .tree import as_day

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

_QUOTED = re.compile(r"(?:unknown key |^)'(\w+)'")
"""The key that a problem of a whole policy is about."""
_KEY_QUOTED = re.compile(r"'(\w+)'")
_KEY_NAMED = re.compile(r"([a-z]\w*)")
_EVERY_ORDER = ("instrument", "by", "on")
"""Keys that every order states."""
_EXAMPLES = {"instrument": "block", "by": "KZ", "on": "2026-10-12"}
"""Values of keys that every order states, as an example."""
_KEY_OF_FILE = re.compile(r"(for example )?(\w+): ([\w.-]+|\[.*\]|\{.*\})")
_INSTRUMENT_OF_FILE = re.compile(r"instrument: (\w+) with (\w+): \[(.*)\]")
"""A key with its value as a file states it, which may be an example; an instrument with one of its
keys.
"""
_OTHER_WAYS = {
    "networks": "of mobile networks alone, --who '{share: 0.7}': the people without another line",
    "hours_a_day": "block and shutdown have it; of a throttle, coverage=0.33 is eight hours",
}
"""What to state instead of a key of a shutdown, of an order that is none."""
_STATES_IN_ID = 3
"""States that an id names; of more it names the first, and how many there are."""
_NAMED_CABLES = 4
_COUNTED_STATES = 10
"""Fewest states in which a source has the use of a service of payment that an order may name."""
_REFUSED = (Code.IDLE, Code.INVALID)
"""Warnings of a file that a new order is refused for: it has no effect, or is not what it says."""


def missing_keys(keys: Mapping[str, Any]) -> list[str]:
    """Return the keys that an order must state and does not: those of every order, and those that
    its instrument needs.

    Parameters
    ----------
    keys : mapping
        The keys of the policy that are stated.
    """
    kind = INSTRUMENTS.get(str(keys.get("instrument")), Policy)
    needed = [key for key in _EVERY_ORDER if not (key == "on" and "announced" in keys)]
    if kind is not Policy:
        needed += ["targets"] if kind.NEEDS_TARGETS else []
        needed += [
            key
            for key, field in kind.model_fields.items()
            if field.is_required() and key not in ("id", *_EVERY_ORDER)
        ]
    return [key for key in needed if key not in keys]


def option_of(key: str) -> str:
    """Return the option that states a key of a policy: ``--on``, or ``--key share``."""
    return f"--{key}" if key in (*Policy.model_fields, "from", "title") else f"--key {key}"


def scenario_of(keys: Mapping[str, Any], title: str = "", figures: Sequence[str] = ()) -> Scenario:
    """Return the scenario of one order. It runs from four weeks before the announcement to four
    weeks after the end, or 180 days from the first day if no end is stated.

    Parameters
    ----------
    keys : mapping
        The keys of the policy, as a file states them, without its id.
    title : str
        The title; made from the order unless stated.
    figures : sequence of str
        Figures of use of the user's own, ``STATE.PLATFORM=SHARE`` each [share of Internet users].

    Raises
    ------
    InputError
        All that is wrong or missing or contradicts itself, each with its option.
    """
    kind = INSTRUMENTS.get(str(keys.get("instrument")), Policy)
    if kind.HALTS or kind.EXTENDS or "policy" in keys:
        found = f"{kind.name} acts on another policy"
        allowed = "with --from-example FILE, the file of that policy"
        hint = "--from-example ban.yaml --key policy=ID"
        raise InputError(Problem("--instrument", found, allowed, hint))
    if lacking := missing_keys(keys):
        raise InputError([_missing(key, keys) for key in lacking])
    try:
        scenario = load(_file_of(keys, title), overrides=_as_changes(figures))
    except InputError as error:
        raise InputError(_as_options(error.problems, keys)) from None
    (policy,) = scenario.policies
    faults = [*_contradictions(scenario, policy), *_uncounted(scenario, keys)]
    if faults := [*faults, *_without_effect(scenario, policy)]:
        raise InputError(faults)
    return scenario


def _file_of(keys: Mapping[str, Any], title: str = "") -> dict[str, Any]:
    """Return the file of an order, whose keys may be wrong."""
    start, last = _days_of(keys)
    return {
        "title": title or "An order",
        "status": "what-if",
        "start": start,
        "days": max(1, (last - start).days),
        "people": 25_000,
        "policies": [{"id": "order", **keys}],
    }


def faults_of(key: str, keys: Mapping[str, Any], base: Scenario | None = None) -> list[Problem]:
    """Return what is wrong with the value of one key of an order that is not complete yet, before
    other keys are known.

    Parameters
    ----------
    key : str
        The key.
    keys : mapping
        The keys of the policy so far; of those that are missing the check takes an example.
    base : Scenario, optional
        The scenario that the order is added to, which has the policy that it acts on.
    """
    kind = INSTRUMENTS.get(str(keys.get("instrument")), Policy)
    if key == "policy":
        if base is None or keys[key] in [policy.id for policy in base.policies]:
            return []
        return [Problem(option_of(key), f"there is no order '{keys[key]}'", *_orders_of(base))]
    examples = {**_EXAMPLES, **kind.EXAMPLE}
    filled = {name: examples[name] for name in missing_keys(keys) if name in examples}
    complete = {**filled, **keys}
    try:
        load(_file_of(complete))
    except InputError as error:
        problems = _as_options(error.problems, complete)
        return [problem for problem in problems if problem.where == option_of(key)]
    return []


def added_to(
    base: Scenario,
    place: str,
    path: Path,
    keys: Mapping[str, Any],
    title: str = "",
    figures: Sequence[str] = (),
) -> tuple[Scenario, dict[str, Any]]:
    """Return a scenario with one more order, such as a stay, a lift or an answer, and the text of
    its file, which extends the first scenario.

    Parameters
    ----------
    base : Scenario
        The scenario that it is added to.
    place : str
        Its file, as the new file names it under ``extends``.
    path : Path
        The new file.
    keys : mapping
        The keys of the policy, without its id.
    title : str
        The title; that of the scenario with the order unless stated.
    figures : sequence of str
        Figures of use of the user's own, as in `scenario_of`.

    Raises
    ------
    InputError
        All that is wrong or missing or contradicts itself, each with its option.
    """
    if lacking := missing_keys(keys):
        raise InputError([_missing(key, keys, base) for key in lacking])
    if keys.get("policy", "") not in ("", *(policy.id for policy in base.policies)):
        found = f"'{base.title}' has no order '{keys['policy']}'"
        allowed, hint = _orders_of(base)
        hint = did_you_mean(keys["policy"], [policy.id for policy in base.policies]) or hint
        raise InputError(Problem("--key policy", found, allowed, hint))
    name = _free_id(base, keys)
    stated = {
        "title": title or base.title,
        "extends": place,
        **_days_with(base, keys),
        "policies": [{"id": name, **keys}],
    }
    try:
        with checked_draft(path, yaml_text(stated)) as draft:
            scenario = load(draft, overrides=_as_changes(figures))
    except InputError as error:
        raise InputError(_as_options(error.problems, keys)) from None
    policy = next(each for each in scenario.policies if each.id == name)
    faults = [*_contradictions(scenario, policy), *_not_its_own(scenario, policy)]
    faults += _uncounted(scenario, keys)
    if faults := faults or list(_without_effect(scenario, policy)):
        raise InputError(faults)
    return scenario, stated


def _days_with(base: Scenario, keys: Mapping[str, Any]) -> dict[str, Any]:
    """Return the days that a scenario needs for one more order: around that order where nothing
    else happens, else up to its end.
    """
    first, last = _days_of(keys)
    if not (base.policies or base.behaviour.on or base.observed):
        return {"start": first, "days": max(1, (last - first).days)}
    days = (last - base.start).days
    return {"days": days} if days > base.days else {}


def _as_changes(figures: Sequence[str]) -> list[str]:
    """Return figures of use as changes of a scenario."""
    return [f"world.penetration.{figure}" for figure in figures]


def _without_effect(scenario: Scenario, policy: Policy) -> Iterator[Problem]:
    """Yield why an order changes nothing, where a file would only be warned of: a key without an
    effect, targets that nobody uses there, or targets that are blocked already.
    """
    path = f"policies.{policy.id}"
    own = [problem for problem in scenario.doubts if f"{problem.path}.".startswith(f"{path}.")]
    refused = [problem for problem in own if problem.code in _REFUSED]
    of_keys = [problem for problem in refused if problem.path != path]
    for problem in of_keys:
        key = problem.path.removeprefix(f"{path}.")
        if key not in policy.idle_keys():  # `_contradictions` has these
            yield Problem(option_of(key), *_rest(problem))
    if of_keys or not refused:
        return
    reasons = [problem for problem in own if problem.code in (Code.UNUSED, Code.ALREADY)]
    for found, allowed, hint, code in map(_rest, reasons or refused):
        own_figure = "or a figure of your own: --penetration STATE.PLATFORM=SHARE"
        mended = own_figure if code is Code.UNUSED else hint
        option = "--targets" if reasons else "--by, --on, --until"
        yield Problem(option, found, allowed, mended, code)


def _uncounted(scenario: Scenario, keys: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield each service of payment that an order names and whose use has a source in too few
    states, unless the scenario states figures of it.
    """
    known = catalogue_of(scenario.platforms, scenario.facts)
    chosen = [
        target if isinstance(target, Mapping) else {"name": target}
        for target in keys.get("targets", ())
        if target != EVERY_PLATFORM
    ]
    words = [each.get(key, ()) for each in chosen for key in ("name", "firm", "kind")]
    named = {
        name
        for value in words
        for text in ([value] if isinstance(value, str) else value)
        for name in known.named(text)
    }
    figures = scenario.world.penetration.values()
    own = {*scenario.world.platforms, *(name for row in figures for name in row)}
    for service in sorted(named - own):
        if scenario.platforms[service].kind != "payment":
            continue
        states = len(counted_in(service, scenario.facts))
        if states < _COUNTED_STATES:
            found = f"{service} (payment): a source has its use in {states} states"
            allowed = f"{_COUNTED_STATES} or more; all other figures of it are assumptions"
            own_figure = f"--penetration STATE.{service}=SHARE, a figure of your own"
            yield Problem("--targets", found, allowed, own_figure, Code.UNAVAILABLE)


def _orders_of(base: Scenario) -> tuple[str, str]:
    """Return which orders of a scenario can be named, and the option that names the first one."""
    names = [policy.id for policy in base.policies]
    if not names:
        return "a scenario with an order", "--from-example names another one"
    return f"one of {', '.join(names)}", f"--key policy={names[0]}"


def _not_its_own(scenario: Scenario, policy: Policy) -> Iterator[Problem]:
    """Yield that an act on another policy is by a state that did not order that one."""
    other = next((each for each in scenario.policies if each.id == policy.about()), None)
    if other is not None and not policy.binds(other):
        found = f"'{other.id}' is an order by {', '.join(other.by)}"
        hint = f"--by {other.by[0]}"
        yield Problem("--by", found, "a state stays, ends and changes its own orders", hint)
    elif other is not None and _ends_for_all(policy, other):
        found = (
            f"'{other.id}' is one order by {', '.join(other.by)}, and this act is for all of them"
        )
        yield Problem("--by", found, "all of its states", f"--by '{', '.join(other.by)}'")
    elif other is not None and other.until and policy.on and policy.on >= other.until:
        found = f"'{other.id}' is over by then: it ends on {other.until}"
        last = other.until - timedelta(days=1)
        yield Problem("--on", found, "a day on which it is in force", f"{last} or earlier")
    elif other is not None and other.targets and policy.targets:
        names = [name for name in policy.targets if name not in other.targets]
        if names:
            found = f"'{other.id}' is not about {', '.join(names)}"
            yield Problem("--targets", found, f"some of {', '.join(other.targets)}")


def _ends_for_all(policy: Policy, other: Policy) -> bool:
    """Return whether an act of some of the states of an order concerns the order of the others."""
    is_whole = other.without(policy.by) is None if policy.HALTS else policy.EXTENDS
    return is_whole and not set(other.by) <= set(policy.by)


def _free_id(base: Scenario, keys: Mapping[str, Any]) -> str:
    """Return an id for an order that no policy of a scenario has."""
    by = keys["by"] if isinstance(keys["by"], list) else [keys["by"]]
    name = _id([find_place(str(state)) or str(state) for state in by], str(keys["instrument"]))
    taken = {policy.id for policy in base.policies}
    return next(each for n in count(1) if (each := name if n == 1 else f"{name}-{n}") not in taken)


def _days_of(keys: Mapping[str, Any]) -> tuple[date, date]:
    """Return the first day of the scenario of an order, and the day after its last one."""
    days = [as_day(keys.get(key)) for key in ("on", "announced")]
    known = [day for day in days if day is not None]
    if not known:  # the check says what is no date
        return date(2026, 1, 1), date(2026, 1, 2)
    ends = as_day(keys.get("until"))
    last = known[0] + timedelta(days=OPEN_END) if ends is None else ends + timedelta(days=AFTER)
    return min(known) - timedelta(days=BEFORE), last


def file_keys(scenario: Scenario, title: str) -> dict[str, Any]:
    """Return the keys in the file of an order, with names as in the facts."""
    (policy,) = scenario.policies
    stated = policy.model_dump(mode="python", include=policy.model_fields_set, exclude_none=True)
    order = ["id", "announced", "on", "until", "by", "from", "instrument", "technique", "targets"]
    stated["id"] = _id(policy.by, policy.instrument)
    first = {key: stated[key] for key in order if key in stated}
    world = {"world": {"facts": scenario.facts.name}}
    return {
        "title": title,
        "status": scenario.status,
        "start": scenario.start,
        "days": scenario.days,
        "people": scenario.people,
        **(world if scenario.facts.name in available_facts() else {}),
        "policies": [_as_yaml({**first, **stated})],
    }


def _as_yaml(value: Any) -> Any:
    """Return a value as YAML writes it: lists for tuples; what is not set is left out."""
    if isinstance(value, dict):
        return {key: _as_yaml(inner) for key, inner in value.items() if inner is not None}
    return [_as_yaml(item) for item in value] if isinstance(value, tuple | list) else value


def _id(states: Sequence[str], instrument: str) -> str:
    """Return the id of the policy: ``kz-block``, ``pl-de-block``, or ``at-and-26-more-block``."""
    is_short = len(states) <= _STATES_IN_ID
    acting = "-".join(states) if is_short else f"{states[0]}-and-{len(states) - 1}-more"
    label = f"{acting}-{instrument}".lower().replace("_", "-").replace(" ", "-")
    return "".join(c for c in label if c.isascii() and (c.isalnum() or c == "-")).lstrip("-")[:64]


def described(field: FieldInfo) -> str:
    """Return the first sentence of what a key means."""
    return " ".join((field.description or "").split()).partition(". ")[0].rstrip(".")


def _missing(key: str, keys: Mapping[str, Any], base: Scenario | None = None) -> Problem:
    """Return the error of a key that is not stated; a `policy` is one of those of a scenario."""
    if key == "policy" and base is not None:
        return Problem(option_of(key), "it is not stated", *_orders_of(base), Code.MISSING)
    kind = INSTRUMENTS.get(str(keys.get("instrument")), Policy)
    example = {**_EXAMPLES, **kind.EXAMPLE}.get(key, "")
    field = kind.model_fields.get(key)
    allowed = described(field) if field else ""
    form = f"--key {key}={example}" if option_of(key).startswith("--key") else f"--{key} {example}"
    if isinstance(example, list) and not isinstance(example[0], dict):
        form = form.replace(str(example), f"'{', '.join(map(str, example))}'")
    form = f"for example {form}{', or --recorded' if key == 'instrument' else ''}"
    form = _cables_of(keys) if key == "cables" else form
    return Problem(option_of(key), "it is not stated", allowed or key, form, Code.MISSING)


def _cables_of(keys: Mapping[str, Any]) -> str:
    """Return how to name cables that land in the states that order it, planned ones first."""
    by = keys.get("by", ())
    named = [str(name) for name in (by if isinstance(by, list) else [by])]
    states = {find_place(name) or name for name in named}
    cables = load_network(nearest_world(_days_of(keys)[0])).cables.values()
    landing = [cable for cable in cables if states & set(cable.landings)]
    landing.sort(key=lambda cable: cable.status != "planned")
    names = ", ".join(cable.name for cable in landing[:_NAMED_CABLES])
    listed = "splinternet list cables"
    some = f"--key cables='{names}', or others of {listed}" if names else f"{listed} names them"
    return (
        f"{some}; IN-CN means all that land in both states; "
        "new cables that no table names have no effect, because nobody uses them yet"
    )


def _as_options(problems: tuple[Problem, ...], keys: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield the problems of a scenario, each with the option that it is about."""
    for problem in problems:
        steps = problem.path.split(".")
        if problem.code is Code.OUTSIDE:  # the file that the new one extends
            hint = "copy it here, or name the new file beside it"
            yield Problem("--from-example", problem.found, problem.allowed, hint, problem.code)
            continue
        if steps[0] != "policies":
            yield Problem("--title" if steps[0] == "title" else problem.where, *_rest(problem))
            continue
        quoted = _QUOTED.search(problem.found)
        lacking = _KEY_OF_FILE.fullmatch(problem.hint)
        unstepped = lacking[2] if lacking else "instrument"
        unstepped = quoted[1] if quoted else unstepped
        key = steps[2] if len(steps) > 2 else unstepped
        found, allowed, hint, code = _rest(problem)
        if key == "from" and code is Code.UNKNOWN_KEY:
            have = [name for name in INSTRUMENTS if "from" in INSTRUMENTS[name].model_fields]
            found = f"{keys['instrument']} concerns the people of --by alone"
            allowed = f"with --from, one of {', '.join(have)}"
            places = keys["from"] if isinstance(keys["from"], list) else [keys["from"]]
            hint = f"--by {quote(', '.join(places))} without --from, or another instrument"
            if keys["instrument"] == "cloud_ban":
                allowed, hint = _cloud_abroad(keys)
        if key == "hours_a_day" and code is not Code.UNKNOWN_KEY:
            hint = hint or "leave it out for the whole day"
        if code is Code.UNKNOWN_KEY and quoted and quoted[1] == key:
            hint = _OTHER_WAYS.get(key, hint)
        found, allowed, hint = (_in_options(text, keys) for text in (found, allowed, hint))
        yield Problem(option_of(key), found, allowed, hint, code)


def _in_options(text: str, keys: Mapping[str, Any]) -> str:
    """Return a part of a problem with options for keys: ``--key share=0.7`` for ``share: 0.7``, and
    ``--on`` for ``'on'``.
    """
    fields = INSTRUMENTS.get(str(keys.get("instrument")), Policy).model_fields
    quoted = _KEY_QUOTED if "<=" not in text else _KEY_NAMED  # announced <= on
    text = quoted.sub(lambda m: option_of(m[1]) if m[1] in fields else m[0], text)
    if other := _INSTRUMENT_OF_FILE.fullmatch(text):
        instrument, key, names = other.groups()
        if "from" in keys and "from" not in INSTRUMENTS[instrument].model_fields:
            return "; ".join(_cloud_abroad({**keys, key: names}))
        return f"--instrument {instrument} --key {key}='{names}'"
    stated = _KEY_OF_FILE.fullmatch(text)
    if stated is None or stated[2] not in fields:
        return text
    option = option_of(stated[2])
    value = stated[3] if stated[3][0] not in "[{" else f"'{stated[3]}'"
    return f"{stated[1] or ''}{option}{'=' if option.startswith('--key') else ' '}{value}"


def _cloud_abroad(keys: Mapping[str, Any]) -> tuple[str, str]:
    """Return why a cloud ban for another state is refused, and the nearest order that works."""
    states = keys["from"] if isinstance(keys["from"], list) else [keys["from"]]
    clouds = keys.get("clouds", "")
    named = clouds if isinstance(clouds, str) else ", ".join(map(str, clouds))
    missing = (
        "who rents a cloud there is in no table, so what its customers abroad lose is not modelled"
    )
    nearest = f"--by {states[0]} --instrument cloud_ban --key clouds='{named}'"
    return (
        missing,
        f"nearest, without --from: {nearest}, by which platforms hosted there run slower",
    )


def _rest(problem: Problem) -> tuple[str, str, str, Code]:
    """Return all of a problem but its place."""
    return problem.found, problem.allowed, problem.hint, problem.code


def _contradictions(scenario: Scenario, policy: Policy) -> Iterator[Problem]:
    """Yield options that do not go together, where a file would only be warned of."""
    for key in sorted(policy.idle_keys() & policy.model_fields_set):
        if policy.HALTS and key == "targets":
            found = f"{policy.instrument} is about all of '{policy.about()}'"
            part = "an exemption, which frees some of its platforms"
            yield Problem("--targets", found, part, "--instrument exemption")
            continue
        found = f"{policy.instrument} does nothing with it"
        allowed = "an instrument that uses it, such as block"
        yield Problem(option_of(key), found, allowed, "leave it out")
    if getattr(policy, "region", None) and "share" not in policy.model_fields_set:
        found = "a region without the share of the people who live there is the whole state"
        allowed = "the share that is cut off, 0 to 1"
        yield Problem("--key share", found, allowed, "for example --key share=0.1", Code.MISSING)
    both = set(policy.by) & set(policy.concerns()) if "from" in policy.OBJECTS else set()
    if policy.instrument == "transit_cut" and both:
        found = f"{', '.join(sorted(both))} would cut itself off"
        own = "--instrument border_cut, or shutdown, without --from"
        yield Problem("--from", found, "another state", own)
    elif "from" in policy.OBJECTS and policy.targets:
        yield from _wrong_home(scenario, policy)
    elif policy.instrument == "store_removal" and (
        getattr(policy, "from") or policy.acts_by_owner()
    ):
        yield from _stores_elsewhere(scenario, policy)


def _wrong_home(scenario: Scenario, policy: Policy) -> Iterator[Problem]:
    """Yield each state in which platforms are at home that leave another one, and that is not
    among the states named.
    """
    facts = scenario.platforms
    state = policy.concerns()[0]
    for home in dict.fromkeys(facts[name].home for name in policy.targets):
        if home in policy.by:
            continue
        names = [name for name in policy.targets if facts[name].home == home]
        owner = facts[names[0]].owner
        more = f", as {len(names) - 1} more platforms are" if len(names) > 1 else ""
        found = f"{owner}, which decides about {names[0]}, is at home in {home}{more}"
        other = f"an order by {state} against it is --by {state} --instrument block"
        if state == home:
            other = f"or --by {home} --from {policy.by[0]}, where the people of {policy.by[0]} lose"
        yield Problem("--by", found, "the home of the owner who leaves", f"--by {home}; {other}")
    at_home = {facts[name].home for name in policy.targets} <= set(policy.by)
    if at_home and set(policy.concerns()) <= set(policy.by):
        found = f"{', '.join(policy.concerns())} is where the owner is at home"
        own = f"an order at home is --by {state} --instrument block, without --from"
        yield Problem("--from", found, "another state", own)


def _stores_elsewhere(scenario: Scenario, policy: Policy) -> Iterator[Problem]:
    """Yield the app stores that cannot close to another state by order of the states named: those
    at home elsewhere, and all of them where none is named.
    """
    stores = tuple(getattr(policy, "stores", ()))
    facts = load_network(scenario.facts.name).clouds
    if not stores:
        used = {name for fact in scenario.facts.platforms.values() for name in fact.stores}
        own = ", ".join(sorted(name for name in used if facts[name].home in policy.by))
        hint = f"--key stores='{own}'" if own else "leave --from out"
        found = "it is not stated which stores close to another state"
        allowed = f"stores at home in {', '.join(policy.by)}"
        yield Problem("--key stores", found, allowed, hint, Code.MISSING)
    for name in stores:
        if facts[name].home not in policy.by:
            home = facts[name].home
            found = f"{name} is at home in {home}"
            hint = f"--by {home}"
            if policy.acts_by_owner() and policy.concerns() == policy.by:
                hint = f"{hint} --from {', '.join(policy.by)}"
            yield Problem("--by", found, "the home of the store", hint)
