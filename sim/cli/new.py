"""The command new, which writes a scenario file."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_origin

import typer

from ..errors import Code, InputError, Problem, did_you_mean
from .app import Given, command
from .options import AS_JSON, PENETRATION, complete_scenarios
from .output import say, say_json

if TYPE_CHECKING:
    from ..facts.history import Recorded
    from ..policies import Policy
    from ..scenario import Scenario

_SUCH_AS = {"by": "a state by code or name, such as KZ", "on": "a date, such as 2026-10-12"}


def stated_keys(
    by: Annotated[
        list[str] | None, typer.Option(metavar="STATE", help="The state that orders it.")
    ] = None,
    of: Annotated[
        list[str] | None,
        typer.Option("--from", metavar="STATE", help="The state whose people lose access."),
    ] = None,
    instrument: Annotated[
        str, typer.Option(help="The instrument: see splinternet list instruments.")
    ] = "",
    technique: Annotated[str, typer.Option(help="The technique of enforcement.")] = "",
    targets: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TARGETS", help="Targets of the policy: 'A, B', a firm, a kind, '{home: US}'."
        ),
    ] = None,
    on: Annotated[str, typer.Option(metavar="DATE", help="First day in force.")] = "",
    until: Annotated[str, typer.Option(metavar="DATE", help="First day without the order.")] = "",
    announced: Annotated[str, typer.Option(metavar="DATE", help="Day people learn of it.")] = "",
    who: Annotated[
        str, typer.Option(metavar="WHO", help="The only people affected: '{age: [0, 15]}'.")
    ] = "",
    reference: Annotated[str, typer.Option(help="The law, order or report that states it.")] = "",
    key: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=VALUE", help="A key of the instrument's own: age=15."),
    ] = None,
) -> dict[str, Any]:
    """Return the keys given for an order, in the form of a scenario file."""
    texts = {
        "instrument": instrument,
        "by": _split_names(by),
        "from": _split_names(of),
        "targets": _targets(targets),
        "technique": technique,
        "on": on,
        "until": until,
        "announced": announced,
        "reference": reference,
    }
    keys: dict[str, Any] = {name: value for name, value in texts.items() if value}
    if who:
        keys["who"] = _yaml_value("--who", who)
    for given in key or ():
        name, equals, text = given.partition("=")
        if not equals or not name.strip():
            found = f"'{given}' is not KEY=VALUE"
            raise InputError(Problem("--key", found, "such as --key age=15"))
        if name.strip() in keys:
            found = f"'{name.strip()}' is stated twice"
            raise InputError(Problem("--key", found, "each key once", code=Code.DUPLICATE))
        keys[name.strip()] = _key_value(instrument, name.strip(), text)
    return keys


STATED: Any = Given(stated_keys)


@command("new kz --by KZ --instrument block --technique isp --targets Telegram --on 2026-10-12")
def new(
    name: Annotated[
        str | None, typer.Argument(help="Its name; writes NAME.yaml and never replaces a file.")
    ] = None,
    example: Annotated[
        str,
        typer.Option(
            "--from-example",
            metavar="EXAMPLE",
            help="A scenario to start from; with an order, the order is added to it.",
            autocompletion=complete_scenarios,
        ),
    ] = "",
    recorded: Annotated[
        bool,
        typer.Option(
            "--recorded",
            help="Take the newest order in the record by a state (--by), against --targets or "
            "begun about --on.",
        ),
    ] = False,
    keys: Any = STATED,
    facts: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="With --recorded: the folder of orders that you added."
        ),
    ] = None,
    title: Annotated[str, typer.Option(help="The title; made from the order unless stated.")] = "",
    penetration: PENETRATION = None,
    as_json: AS_JSON = False,
) -> None:
    """Write a scenario file that is ready to run: an order given by options, a recorded order, a
    variant of an example or, without options, a commented example.
    """
    if name is None:
        allowed = "splinternet new NAME"
        raise InputError(Problem("NAME", "the new scenario has no name", allowed, "", Code.MISSING))
    if recorded:
        _refuse_besides("--recorded", example, title, set(keys) - {"by", "targets", "on"})
        _write_recorded(name, keys, penetration or (), facts, as_json=as_json)
        return
    if facts is not None:
        found = "a scenario with your own order names its facts under world.facts"
        raise InputError(Problem("--facts", found, "with --recorded"))
    if keys:
        _write_order(name, keys, title, penetration or (), example, as_json=as_json)
        return
    _refuse_besides("--title", "", title, ())
    from ..scenario.new import write_new

    path = write_new(name, example, penetration or ())
    if as_json:
        say_json({"file": str(path), "says": [], "assumed": []})
        return
    say(f"Written to {path}; check it with: splinternet check {path}")


def _refuse_besides(option: str, example: str, title: str, keys: Any) -> None:
    """Refuse options that do not fit the source of the scenario."""
    if option == "--recorded" and example:
        found = "a recorded order does not start from an example"
        raise InputError(Problem("--recorded", found, "--recorded or --from-example, not both"))
    others = [f"--{key}" for key in keys]
    others += ["--title"] if title else []
    if others:
        found = f"{', '.join(others)} state an order of their own"
        allowed = {
            "--recorded": "with --recorded, only --by, --targets and --on",
            "--title": "with --by, --instrument and --on",
        }[option]
        raise InputError(Problem(option, found, allowed, "leave one of them out"))


def _write_order(
    name: str,
    keys: dict[str, Any],
    title: str,
    figures: Sequence[str],
    example: str,
    *,
    as_json: bool,
) -> None:
    """Write the scenario of an order, or an example with the order added; print the order and the
    assumptions.
    """
    from ..scenario import load
    from ..scenario.new import new_path, place_of, write_stated
    from ..scenario.order import added_to, file_keys, scenario_of
    from ..text.numbers import listed
    from ..text.orders import assumed_keys, capital, not_modelled, order_title, said_back
    from ..text.record import said_of_record

    path = new_path(name)
    base = load(example) if example else None

    def made(keys: dict[str, Any]) -> tuple[Scenario, Policy, dict[str, Any]]:
        if base is None:
            scenario = scenario_of(keys, title, figures)
            (policy,) = scenario.policies
            name = title or capital(order_title(scenario, policy))
            return scenario, policy, file_keys(scenario, name)
        scenario, stated = added_to(base, place_of(base, path), path, keys, title, figures)
        added = stated["policies"][0]["id"]
        policy = next(each for each in scenario.policies if each.id == added)
        later = order_title(scenario, policy)
        return scenario, policy, {**stated, "title": title or f"{base.title}; then {later}"}

    if sys.stdin.isatty():
        keys = _answered(keys, base, made)
    scenario, policy, stated = made(keys)
    says = said_back(scenario)
    assumed = [*assumed_keys(scenario, policy), *_called_otherwise(keys, scenario, policy)]
    apart = _excepted(keys, scenario)
    near = [*_namesakes(keys, scenario, policy), *_akin_left_out(keys, scenario, policy)]
    beyond = [
        *not_modelled(policy),
        *_without_figures(keys, scenario, policy),
        *_assistants_left_out(keys, scenario, policy),
    ]
    notes = [
        *says,
        *_as_note("Left out, as stated", [listed(apart)] if apart else []),
        *_as_note("Left out, because no target names them", near),
        *_as_note("Assumed, because it is not stated", assumed),
        *_as_note("Not modelled", beyond),
    ]
    # The order comes from options: lines of a file that does not exist yet would not help.
    warned = [str(replace(problem, where="", path="")) for problem in scenario.doubts]
    write_stated(path, stated, notes, figures)
    if as_json:
        record = said_of_record(scenario)
        left_out = [*apart, *near]
        told = {"says": says, "left_out": left_out, "assumed": assumed, "not_modelled": beyond}
        names = {"file": str(path), "policy": stated["policies"][0]["id"]}
        say_json({**names, **told, "record": record, "warnings": warned})
        return
    for note in (*notes, *said_of_record(scenario)):
        say(note)
    for warning in warned:
        say(f"warning: {warning}")
    say(_written_to(path, stated["policies"][0]["id"]))


def _written_to(path: Path, name: str) -> str:
    """Return where an order was written, and the id by which a later act names it."""
    return f"Written to {path} as the policy {name}; check it with: splinternet check {path}"


def _excepted(keys: Mapping[str, Any], scenario: Scenario) -> list[str]:
    """Return the platforms that the targets of an order leave out by ``except``."""
    from ..policies.targets import WITHOUT, catalogue_of

    known = catalogue_of(scenario.platforms, scenario.facts)
    selections = [item for item in keys.get("targets", ()) if isinstance(item, Mapping)]
    values = [item.get(WITHOUT, ()) for item in selections]
    names = [name for value in values for name in ([value] if isinstance(value, str) else value)]
    return list(dict.fromkeys(platform for name in names for platform in known.named(name)))


def _called_otherwise(keys: Mapping[str, Any], scenario: Scenario, policy: Policy) -> Iterator[str]:
    """Yield targets that have another name in the tables, as FaceTime is part of iMessage."""
    from ..facts import find_platform
    from ..facts.tables import fold

    names = [*policy.targets, *(scenario.platforms[name].owner for name in policy.targets)]
    known = {*map(fold, names)}
    for target in map(str, keys.get("targets", ())):
        name = find_platform(target, scenario.facts)
        if name in policy.targets and fold(target) not in known:
            yield f"{target} counts as {name}"


def _without_figures(keys: Mapping[str, Any], scenario: Scenario, policy: Policy) -> Iterator[str]:
    """Yield services of the targeted firms or states that have no figures in the tables. An order
    against a kind is not about them, unless its firms leave a state.
    """
    from ..facts.states import find_place
    from ..policies.targets import unmodelled
    from ..text.numbers import listed, state_name

    for target in keys.get("targets", ()):
        chosen = target if isinstance(target, Mapping) else {"firm": str(target)}
        if "kind" in chosen and policy.concerns() == policy.by:
            continue
        firms, homes, spared = (_texts(chosen.get(key, ())) for key in ("firm", "home", "except"))
        codes = [code for text in homes if (code := find_place(text))]
        services, stores = unmodelled(firms, codes, spared)
        if stores and policy.instrument != "store_removal":
            its = (
                "close by orders of their own"
                if len(stores) > 1
                else "closes by an order of its own"
            )
            yield f"{listed(stores)}, which {its} (store_removal)"
        if services:
            places = listed([state_name(scenario, code, article=True) for code in codes])
            whose = listed(firms) or f"the firms of {places}"
            have = "has" if len(services) == 1 else "have"
            yield f"{listed(services)} of {whose}, which {have} no figures"


def _namesakes(keys: Mapping[str, Any], scenario: Scenario, policy: Policy) -> Iterator[str]:
    """Yield targets that share their firm's name, such as Amazon, with the firm's platforms that
    the order leaves out.
    """
    from ..facts.tables import fold
    from ..text.numbers import listed

    platforms = scenario.platforms
    named = {fold(target) for target in keys.get("targets", ()) if isinstance(target, str)}
    for target in policy.targets:
        owner = platforms[target].owner
        others = [
            name
            for name, fact in platforms.items()
            if fact.owner == owner and name not in policy.targets
        ]
        if others and fold(target) in named and fold(owner) == fold(target):
            yield f"{listed(others)}, of the same firm as {target} (targets: {{firm: {owner}}})"


def _assistants_left_out(
    keys: Mapping[str, Any], scenario: Scenario, policy: Policy
) -> Iterator[str]:
    """Yield the assistants that an order against all platforms, a firm or a home would include but
    that are missing, because the scenario names no assistant.
    """
    from ..facts import load_facts
    from ..facts.tables import fold
    from ..text.numbers import listed

    known = load_facts(scenario.facts.name, named=True).platforms
    absent = {name: fact for name, fact in known.items() if name not in scenario.platforms}
    firms = {fold(text) for each in keys.get("targets", ()) for text in _firms(each)}
    others = set(known) - set(absent)
    homes = {known[name].home for name in policy.targets if name in known}
    is_broad = len(others - set(policy.targets)) <= len(policy.targets) or any(
        isinstance(each, Mapping) and "home" in each and "kind" not in each
        for each in keys.get("targets", ())
    )
    names = [
        name
        for name, fact in absent.items()
        if fold(fact.owner) in firms or (is_broad and fact.home in homes)
    ]
    if names:
        yield f"{listed(names)}, because a scenario has assistants only if it names one"


def _firms(target: Any) -> list[str]:
    """Return the names in a target that may be names of firms."""
    return _texts(target.get("firm", ())) if isinstance(target, Mapping) else [str(target)]


def _akin_left_out(keys: Mapping[str, Any], scenario: Scenario, policy: Policy) -> Iterator[str]:
    """Yield the platforms that an order against a kind leaves out although they also serve its
    purpose: those of kind ``mixed`` have feeds, messages and videos too.
    """
    from ..facts.platforms import KindRow
    from ..facts.states import find_place
    from ..facts.tables import read
    from ..text.numbers import listed

    chosen = [
        target if isinstance(target, Mapping) else {"kind": target}
        for target in keys.get("targets", ())
    ]
    kinds = {text for each in chosen for text in _texts(each.get("kind", ()))}
    homes = {find_place(text) for each in chosen for text in _texts(each.get("home", ()))}
    spared = {text for each in chosen for text in _texts(each.get("except", ()))}
    for kind, row in read(KindRow).items():
        named = sorted(kinds & {*row.also})
        akin = [
            name
            for name, fact in scenario.platforms.items()
            if fact.kind == kind
            and name not in {*policy.targets, *spared}
            and (not homes or fact.home in homes)
        ]
        if named and akin and kind not in kinds:
            yield f"{listed(akin)}, of kind {kind}, which counts as {listed(row.also)} too"


def _texts(value: Any) -> list[str]:
    """Return the value of a key as a list: one name or several."""
    return [value] if isinstance(value, str) else list(map(str, value))


def _as_note(label: str, items: Sequence[str]) -> list[str]:
    """Return the line that lists some items after a label; empty if there are none."""
    return [f"{label}: {'; '.join(items)}."] if items else []


def _answered(
    keys: dict[str, Any], base: Scenario | None, made: Callable[[dict[str, Any]], object]
) -> dict[str, Any]:
    """Return the keys of an order, after asking for each missing key, and again for those that do
    not go together with the others.
    """
    from ..scenario.order import option_of

    answered = _completed(keys, base)
    while True:
        try:
            made(answered)
        except InputError as error:
            wrong = {problem.where for problem in error.problems}
            again = [key for key in answered if key not in keys and option_of(key) in wrong]
            if not again:
                raise
            for problem in error.problems:
                say(f"Error: {problem}")
            left = {key: value for key, value in answered.items() if key not in again}
            answered = _completed(left, base)
        else:
            return answered


def _completed(keys: Mapping[str, Any], base: Scenario | None) -> dict[str, Any]:
    """Return the keys of an order, after asking for each missing key. Nothing is asked if a stated
    key is wrong.
    """
    from ..policies import INSTRUMENTS, Policy
    from ..scenario.order import described, faults_of, missing_keys, option_of

    keys = dict(keys)
    if not missing_keys(keys):
        return keys
    if wrong := [fault for key in keys for fault in faults_of(key, keys, base)]:
        raise InputError(wrong)
    while lacking := missing_keys(keys):
        key = lacking[0]
        if key == "instrument":
            choices = f"--instrument ({', '.join(INSTRUMENTS)}; such as block)"
            keys[key] = typer.prompt(choices, value_proc=_known_instrument)
            continue
        kind = INSTRUMENTS.get(keys["instrument"], Policy)
        field = kind.model_fields[key]
        such_as = _SUCH_AS.get(key) or f"such as {_example(kind.EXAMPLE.get(key))}"
        about = described(field) or key
        _ask(f"{option_of(key)}: {about} ({such_as})", key, keys, base)
    if "until" not in keys:
        ends = "--until: the first day without the order (empty: no end)"
        _ask(ends, "until", keys, base, default="")
    return keys


def _ask(
    question: str,
    key: str,
    keys: dict[str, Any],
    base: Scenario | None,
    default: str | None = None,
) -> None:
    """Ask for the value of a key, again as long as it is wrong, and state it unless it is empty."""
    from ..scenario.order import faults_of

    def right(text: str) -> Any:
        try:
            value = _typed(keys, key, text.strip())
            faults = faults_of(key, {**keys, key: value}, base) if value else []
        except InputError as error:
            faults = list(error.problems)
        if faults:
            raise typer.BadParameter("; ".join(map(str, faults)))
        return value

    value = typer.prompt(question, default=default, value_proc=right)
    if value not in ("", []):
        keys[key] = value


def _typed(keys: Mapping[str, Any], key: str, text: str) -> Any:
    """Return the value of a key that is typed on a terminal."""
    if key == "targets":
        return _targets([text])
    if key in ("by", "from"):
        return _split_names([text])
    return text if key in ("on", "until") else _key_value(keys["instrument"], key, text)


def _known_instrument(text: str) -> str:
    """Return the instrument with a typed name; the prompt asks again if it is unknown."""
    from ..policies import INSTRUMENTS

    if text not in INSTRUMENTS:
        hint = did_you_mean(text, INSTRUMENTS)
        raise typer.BadParameter(f"unknown instrument '{text}'; {hint or 'one of the names above'}")
    return text


def _example(value: Any) -> str:
    """Return the example of a key as a user types it."""
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _split_names(texts: Sequence[str] | None) -> list[str]:
    """Return the names in options: one for each option, or several separated by commas."""
    return [name.strip() for text in texts or () for name in text.split(",") if name.strip()]


def _targets(texts: Sequence[str] | None) -> list[Any]:
    """Return the targets in options: names and selections such as ``{home: US}``, separated by
    commas, or one list.
    """
    found: list[Any] = []
    for text in texts or ():
        if "{" not in text and "[" not in text:
            found += _split_names([text])
            continue
        is_list = text.strip().startswith("[")
        found += _yaml_value("--targets", text if is_list else f"[{text}]")
    return found


def _key_value(instrument: str, key: str, text: str) -> Any:
    """Return the value of an instrument's own key, read as YAML; a key for several names also takes
    them separated by commas.
    """
    from ..policies import INSTRUMENTS

    value = _yaml_value(f"--key {key}", text)
    kind = INSTRUMENTS.get(instrument)
    field = kind.model_fields.get(key) if kind else None
    takes_several = field is not None and get_origin(field.annotation) is tuple
    return _split_names([value]) if takes_several and isinstance(value, str) else value


def _yaml_value(option: str, text: str) -> Any:
    """Return the value of a text in YAML."""
    from ..scenario.load import values_of

    try:
        return values_of([f"value={text}"])["value"]
    except InputError as error:
        raise InputError(
            [Problem(option, p.found, p.allowed, p.hint, p.code) for p in error.problems]
        ) from None


def _write_recorded(
    name: str, keys: Mapping[str, Any], figures: Sequence[str], facts: Path | None, *, as_json: bool
) -> None:
    """Write the scenario of a recorded order, and print the scenario, the order, and other orders
    of the same days.
    """
    from ..facts.states import place_code
    from ..facts.worlds import facts_of
    from ..scenario import load
    from ..scenario.new import is_outside, write_recorded
    from ..scenario.recorded import missing, recorded_order, recorded_platform
    from ..text.numbers import sentence
    from ..text.orders import assumed_keys, capital, order_title, said_back
    from ..text.record import said_of_record

    by = keys.get("by", [])
    if len(by) != 1:
        found = "several states are named" if by else "the order has no state"
        hint = "splinternet list blocks names the orders of all states"
        raise InputError(Problem("--by", found, "a state by code or name", hint, Code.MISSING))
    platforms = [recorded_platform(target, "--targets") for target in keys.get("targets", ())]
    on = _day(keys["on"]) if "on" in keys else None
    world = facts_of(facts) if facts is not None else ""
    order: Recorded = recorded_order(place_code(by[0], "--by"), platforms, on, world)

    def told(of: Scenario) -> tuple[str, list[str]]:
        return capital(order_title(of, of.policies[0])), said_back(of)

    path, left_out = write_recorded(name, order, told, figures, facts)
    notes = [f"From the record: {order}; {order.sources[0]}", *(f"  {n}" for n in order.notes)]
    if left_out:
        notes.append(f"  left out, because the facts have no figures: {', '.join(left_out)}")
    scenario = load(path, overrides=[f"world.facts={world}"] if world else [])
    says = said_back(scenario)
    assumed = assumed_keys(scenario, scenario.policies[0])
    record = [*notes, *said_of_record(scenario, but=order)]
    if others := missing(scenario):
        first = str(others[0])
        record.append(
            sentence("orders", "companions", count=len(others), first=first, place=str(path))
        )
    if as_json:
        say_json({"file": str(path), "says": says, "assumed": assumed, "record": record})
        return
    for line in (*says, *_as_note("Assumed, because it is not stated", assumed), *record):
        say(line)
    with_facts = f" --facts {facts}" if facts is not None and is_outside(facts, path) else ""
    say(f"{_written_to(path, scenario.policies[0].id)}{with_facts}")


def _day(text: str) -> date:
    """Return the day given by ``--on``."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(Problem("--on", f"'{text}' is not a day", "YYYY-MM-DD")) from None
