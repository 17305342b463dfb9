"""An order in one plain sentence for the person who asked for it, with the assumptions that fill
what is not stated.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from ..facts.history import Recorded
from ..facts.network import load_network
from ..facts.people import part_of
from ..facts.platforms import APPLES_STORE
from ..policies.base import Policy
from ..scenario import Scenario
from ..scenario.recorded import recorded_as
from .numbers import day, listed, percent, sentence, state_name, table
from .scenario import in_text, key_label

FIRST_ORDERS = 2
FIRST_NAMED = 4
"""Orders that a run and its report say at the top, and targets that each names."""
_SAID_APART = frozenset(
    {
        "policy",
        "applies_to",
        "technique",
        "reason",
        "networks",
        "outcome",
        "then",
        "days",
        "deadline",
    }
)
"""Keys with words of their own in the sentence."""
_AMOUNTS = frozenset({"fee_per_day", "penalty"})
"""Numbers that are no shares."""
_OF_HOURS = frozenset({"hours_a_day", "hours"})
"""Numbers of hours."""
_TITLED = 3
"""Platforms that a title names; more are counted."""
_LEFT_OUT = 3
"""Platforms that an order against all others may leave out by name."""
_NEVER_ASSUMED = frozenset({"id", "instrument", "by", "on", "until", "reference", "who", "from"})
"""Keys that are stated, or that the sentence speaks of in any case."""


def said_back(scenario: Scenario, most: int = sys.maxsize, named: int = sys.maxsize) -> list[str]:
    """Return a description of each order of a scenario, in the order of the file.

    Parameters
    ----------
    scenario : Scenario
    most : int
        Orders that are said; of more, how many there are. Then those that act on no other order
        come first, and among them those whose targets the title names, in its order.
    named : int
        Targets that a sentence names; of more, how many there are.
    """
    policies = scenario.policies
    shown = first_orders(scenario, most)
    said = [order_sentences(scenario, policy, named) for policy in shown]
    left = [policy for policy in policies if policy not in shown]
    others = sum(policy.about() is None for policy in left)
    if others:
        said.append(sentence("orders", "more", count=others))
    if others < len(left):
        said.append(sentence("orders", "changed"))
    return said


def first_orders(scenario: Scenario, most: int) -> list[Policy]:
    """Return the orders that `said_back` says."""
    policies = scenario.policies
    shown = [policy for policy in policies if len(policies) <= most or policy.about() is None]
    if len(shown) <= most:
        return shown
    return sorted(shown, key=lambda policy: _place_in_title(scenario, policy))[:most]


def _place_in_title(scenario: Scenario, policy: Policy) -> int:
    """Return where the title first names a target of an order; its end if it names none."""
    places = [scenario.title.find(target) for target in policy.targets]
    return min((place for place in places if place >= 0), default=len(scenario.title))


def order_sentences(
    scenario: Scenario, policy: Policy, named: int = sys.maxsize, *, spared: bool = True
) -> str:
    """Return what a policy does, to whom, from when and until when.

    Parameters
    ----------
    scenario : Scenario
        The scenario that it stands in, which has its names and its last day.
    policy : Policy
        One of its policies.
    named : int
        Targets that are named; of more, how many there are.
    spared : bool
        Whether it says what people of the states that act keep.
    """
    said = [order_act(scenario, policy, named)]
    said += filter(None, [table("orders", "AFTER").get(policy.instrument)])
    if policy.who is not None and "{people}" not in _template(policy):
        said.append(f"It concerns only {policy.who}.")
    said += _who_live_there(scenario, policy)
    said += _what_is_spared(scenario, policy) if spared else ()
    said += _what_stays(scenario, policy)
    said += _answer(scenario, policy)
    if policy.announced is not None and policy.announced != policy.on:
        said.append(f"It is announced on {_day_text(policy.announced)}.")
    if policy.until is not None and policy.HALTS:
        said.append(sentence("orders", "resumed", day=_day_text(policy.until)))
    elif policy.until is not None:
        said.append(f"It ends on {_day_text(policy.until)}, the first day without the order.")
    elif policy.HALTS and not policy.ENDS:
        said.append(sentence("orders", "stayed"))
    elif policy.FREES and (end := _end_of_acted_on(scenario, policy)) is not None:
        said.append(sentence("orders", "ends_with", day=_day_text(end)))
    elif policy.on is not None and not (
        policy.HALTS or policy.EXTENDS or _is_ended(scenario, policy)
    ):
        days = (scenario.end - policy.on).days + 1  # the last day counts
        many = "1 day" if days == 1 else f"{days:,} days"
        covered = f"the run covers {many}" if days > 0 else "the run ends before it begins"
        said.append(f"No end is stated: {covered}.")
    if others := _others(scenario, policy):
        said.append(sentence("orders", "others_stay", places=listed(others)))
    return " ".join(said)


def _who_live_there(scenario: Scenario, policy: Policy) -> Iterator[str]:
    """Yield the share of a state's people who live in the regions that an order concerns."""
    regions = () if policy.who is None else policy.who.region or ()
    for code in policy.concerns():
        parts = {part_of(code, region, scenario.facts.name) for region in regions}
        share = sum(high - low for low, high in parts)
        if share > 0.0:
            place = state_name(scenario, code, article=True)
            yield sentence("orders", "live_there", share=percent(share), place=place)


def not_modelled(policy: Policy) -> list[str]:
    """Return what the model leaves out of an order, by its instrument and the keys it states."""
    known = table("orders", "NOT_MODELLED")
    keys = [key for key in type(policy).model_fields if getattr(policy, key) is not None]
    return [known[key] for key in (policy.instrument, *keys) if key in known]


def _what_is_spared(scenario: Scenario, policy: Policy) -> Iterator[str]:
    """Yield what people of the states that act keep, where those of another state lose."""
    spared = [state_name(scenario, code, article=True) for code in policy.spares()]
    if spared:
        known = table("orders", "SPARED")
        them = "it" if len(policy.targets) == 1 else "them"
        text = known.get(policy.instrument, known[""])
        yield text.format(places=listed(spared), them=them)


def _answer(scenario: Scenario, policy: Policy) -> Iterator[str]:
    """Yield that the model assumes that platforms refuse a demand: nothing else is stated, they do
    not decide, and it is not an event of the past.
    """
    outcome = type(policy).model_fields.get("outcome")
    is_other = outcome is not None and getattr(policy, "outcome", None) != outcome.default
    is_known = scenario.behaviour.is_on("platforms") or scenario.status == "hindcast"
    if not (is_other or is_known):
        yield from filter(None, [table("orders", "UNANSWERED").get(policy.instrument)])


def _is_ended(scenario: Scenario, policy: Policy) -> bool:
    """Return whether other policies stay or end it for good, each with a sentence of its own."""
    acts = [p for p in scenario.policies if p.HALTS and not p.until and p.about() == policy.id]
    return policy.without({state for act in acts for state in act.by}) is None


def _acted_on(scenario: Scenario, policy: Policy) -> Policy | None:
    """Return the policy that another one acts on; None where it acts on none."""
    return next((each for each in scenario.policies if each.id == policy.about()), None)


def _end_of_acted_on(scenario: Scenario, policy: Policy) -> date | None:
    """Return the first day without the policy that another one acts on; None if unstated."""
    other = _acted_on(scenario, policy)
    if other is None or other.until is not None or not _is_ended(scenario, other):
        return None if other is None else other.until
    ends = [p.on for p in scenario.policies if p.ENDS and p.on and p.about() == other.id]
    return max(ends, default=None)


def _others(scenario: Scenario, policy: Policy) -> list[str]:
    """Return the states whose order stays where one of several states stays, ends or narrows it."""
    other = _acted_on(scenario, policy)
    acts = policy.HALTS or policy.FREES
    rest = other.without(policy.by) if other is not None and acts else None
    return [state_name(scenario, code, article=True) for code in rest.by] if rest else []


def _what_stays(scenario: Scenario, policy: Policy) -> Iterator[str]:
    """Yield what an exemption leaves of an order, and what cables a state that loses some keeps."""
    other = _acted_on(scenario, policy)
    if other is not None and policy.FREES and policy.targets:
        left = [name for name in other.targets if name not in policy.targets]
        if left:
            yield sentence("orders", "rest_stays", targets=listed(left))
    cut = getattr(policy, "cables", ())
    if cut:
        cables = load_network(scenario.facts.name).cables.values()
        used = [cable for cable in cables if cable.status == "in service" and cable.name not in cut]
        landing = {state for cable in used for state in cable.landings}
        places = [s for s in policy.concerns() if s in landing]
        if places:
            names = [state_name(scenario, code, article=True) for code in places]
            yield sentence("orders", "other_cables", places=listed(names))


def order_act(
    scenario: Scenario, policy: Policy, named: int = sys.maxsize, *, happened: bool = False
) -> str:
    """Return the first sentence of `order_sentences`: what a policy does and from when. If it
    `happened`, as in a chronicle, the sentence is in the past and leaves out settings.
    """
    act = f"{actor(scenario, policy, named)} {_act_words(scenario, policy, named, happened)}"
    if policy.on is None:
        return f"{capital(act)}: no first day is stated, so it stays a threat."
    return f"From {_day_text(policy.on)} {act}."


def actor(scenario: Scenario, policy: Policy, named: int = sys.maxsize) -> str:
    """Return who acts: the firms whose platforms leave a state by themselves, otherwise the states
    that order it.
    """
    states = [state_name(scenario, code, article=True) for code in policy.by]
    if policy.acts_by_owner():
        return listed(_shortened(owners(scenario, policy), named, "firms"))
    return listed(_shortened(states, named, "countries"))


def owners(scenario: Scenario, policy: Policy) -> list[str]:
    """Return the firms that own the targets of a policy, each once; of a removal that stores decide
    by themselves, those that own the stores.
    """
    stores = getattr(policy, "stores", ()) if policy.acts_by_owner() else ()
    if stores:
        clouds = load_network(scenario.facts.name).clouds
        return list(dict.fromkeys(clouds[name].owner for name in stores))
    platforms = scenario.platforms
    return list(dict.fromkeys(platforms[name].owner for name in policy.targets))


def _targets_named(scenario: Scenario, policy: Policy, most: int, *, titled: bool = False) -> str:
    """Return the targets of an order: ``all platforms``, but a few that are left out, or the names;
    of too many the first ones. Assistants are not among all unless one of them is named.
    """
    left = [
        name
        for name, fact in scenario.platforms.items()
        if name not in policy.targets and fact.kind != "assistant"
    ]
    if len(left) <= _LEFT_OUT < len(policy.targets):
        return f"all platforms but {listed(left)}" if left else "all platforms"
    more = len(policy.targets) - most
    if titled and more > 0:
        return listed([*policy.targets[:most], f"{more} more"])
    return listed(_shortened(policy.targets, most, "platforms"))


def _shortened(names: Sequence[str], most: int, what: str) -> list[str]:
    """Return names, of too many the first ones and how many more there are."""
    if len(names) <= most:
        return list(names)
    if most == 1:
        return [f"{len(names)} {what}"]
    return [*names[: most - 1], f"{len(names) - most + 1} other {what}"]


def order_title(scenario: Scenario, policy: Policy) -> str:
    """Return the title of a scenario of one order: ``a block of Telegram in Kazakhstan, October
    2026``, with a small letter at its start.
    """
    begins = policy.on or policy.announced
    when = f", {begins:%B %Y}" if begins else ""
    known = table("orders", "TITLES")
    forms = (f"{policy.instrument}.{policy.said_as()}", policy.instrument)
    unknown = f"{policy.instrument.replace('_', ' ')}{' of {targets}' if policy.targets else ''}"
    template = next((known[form] for form in forms if form in known), unknown)
    words = _words(scenario, policy, _TITLED)
    if policy.targets:
        words["targets"] = _targets_named(scenario, policy, _TITLED, titled=True)
    places = [state_name(scenario, code, article=True) for code in policy.by]
    who = listed(_shortened(places, _TITLED, "countries"))
    regions = _regions(policy)
    where = f" in {listed(regions)}, {who}" if regions else f" in {who}"
    where = "" if "{from}" in template else where
    return f"{template.format(**words, actors=who)}{where}{when}"


def _regions(policy: Policy) -> list[str]:
    """Return the regions that an order names."""
    if region := getattr(policy, "region", None):
        return [region]
    return list(policy.who.region or ()) if policy.who is not None else []


def assumed_keys(scenario: Scenario, policy: Policy) -> list[str]:
    """Return the defaults of a policy that nobody stated and that matter, such as ``applies_to:
    accounts``.
    """
    kind = type(policy)
    left = [key for key in kind.model_fields if key not in policy.model_fields_set]
    left = [key for key in left if key not in _NEVER_ASSUMED | _idle_beside(policy)]
    values = {key: _key_text(key, getattr(policy, key)) for key in left}
    known = {**table("orders", "UNSTATED"), **table("orders", "ASSUMED")}
    for key in left:
        text = known.get(f"{policy.instrument}.{key}", known.get(key, values[key]))
        quantity = scenario.facts.parameters.get(f"{policy.instrument}.{key}")
        ends = {} if quantity is None else {"low": quantity.low, "high": quantity.high}
        drawn = {end: _key_text(key, value) for end, value in ends.items()}
        values[key] = text.format(due=_day_text(policy.due()), **drawn)
    if "technique" in left:
        technique = policy.technique or "dpi"  # of a block that follows a refusal
        values["technique"] = f"{technique}, {table('orders', 'TECHNIQUES')[technique]}"
    found = [f"{key}: {text}" for key, text in values.items() if text]
    found += filter(None, [table("orders", "ASSUMED_OF_ALL").get(policy.instrument)])
    found += _drawn(scenario, policy)
    states_answer = "outcome" in kind.model_fields
    if policy.NEEDS_OFFICE and not states_answer and not scenario.behaviour.is_on("platforms"):
        found.append(sentence("orders", "nobody_complies"))
    places = listed([state_name(scenario, code, article=True) for code in policy.concerns()])
    share = policy.people_cut_off() if policy.who is None else policy.who.share
    if share and share < 1.0:
        found.append(
            sentence("orders", "at_random", share=_key_text("share", share), places=places)
        )
    # Of a shutdown the sentence says how many of the people.
    is_everybody = policy.who is None and kind.acts_on_people() and not kind.CUTS_ALL
    if is_everybody and not policy.names_age():
        found.append(f"who: everybody in {places}")
    return found


def _drawn(scenario: Scenario, policy: Policy) -> Iterator[str]:
    """Yield what is assumed by parameters that decide what an order does and that nobody stated."""
    form = f"{policy.instrument}.{policy.said_as()}".removesuffix(".")
    if getattr(policy, "stores", ()) == (APPLES_STORE,):
        return  # what is said of stores is of phones with Android
    for key, text in table("orders", "DRAWN").items():
        instrument, _, name = key.rpartition(" ")
        if instrument == form and name not in scenario.parameters:
            quantity = scenario.facts.parameters[name]
            ends = {"low": quantity.low, "high": quantity.high}
            yield text.format(**{end: percent(value) for end, value in ends.items()})


def _idle_beside(policy: Policy) -> set[str]:
    """Return the keys that change nothing beside what else a policy states."""
    idle = {*policy.idle_keys()}
    if policy.technique != "dpi":
        idle.add("boxes")
    if policy.technique not in ("dns", "isp"):  # on lists of providers
        idle |= {"order", "deadline"} if policy.instrument == "block" else set()
    if policy.technique is None and not policy.meets_filter():
        idle.add("technique")
    if not getattr(policy, "penalty", True):  # a fine is known by who ordered it
        idle.add("order")
    if getattr(policy, "outcome", "sold") != "sold":
        idle.add("buyer")
    return idle


def _act_words(scenario: Scenario, policy: Policy, named: int, happened: bool) -> str:
    """Return what an order does: the instrument's own words, and in brackets every stated key that
    they leave out. It would do it, unless it happened or is written as what did.
    """
    words = _words(scenario, policy, named)
    template = _template(policy, itself=owners(scenario, policy) == list(policy.targets))
    recorded = None if happened else recorded_as(scenario, policy)
    real = recorded if scenario.status == "what-if" else None
    extra = "" if happened else "; ".join(_left_out(policy, template, real))
    text = template.format(**words) + (f" ({extra})" if extra else "")
    if scenario.status != "hindcast" and not happened and recorded is None:
        return f"would {text}"
    return text if words["its"] == "their" else _of_one(text)


def _words(scenario: Scenario, policy: Policy, named: int) -> dict[str, str]:
    """Return what stands for the names in braces of the words for an order."""
    words = {key: _key_text(key, getattr(policy, key)) for key in type(policy).model_fields}
    words |= {
        key: text for key, text in table("orders", "UNSTATED").items() if not words.get(key, text)
    }
    if policy.targets:
        words["targets"] = _targets_named(scenario, policy, named)
        words["demanded"] = _demanded(scenario, policy, words["targets"])
    many = len(owners(scenario, policy) if policy.acts_by_owner() else policy.by) > 1
    words["its"] = "their" if many else "its"
    words["people"] = _people(policy, words)
    words["about"] = _about(scenario, policy, words["its"])
    words["acted"] = _called(_acted_on(scenario, policy))
    words["due"] = _day_text(policy.due() or policy.on)
    words |= _cable_words(policy)
    words["avoided"] = _avoided(scenario, policy)
    places = [state_name(scenario, code, article=True) for code in policy.concerns()]
    words["from"] = listed(_shortened(places, named, "countries"))
    if policy.targets:
        words["owners"] = listed(_shortened(owners(scenario, policy), named, "firms"))
    return words


def _demanded(scenario: Scenario, policy: Policy, targets: str) -> str:
    """Return of whom a demand is: the platforms, after the firms where one has several of them."""
    firms = owners(scenario, policy)
    return targets if len(firms) == len(policy.targets) else f"{listed(firms)} for {targets}"


def _people(policy: Policy, words: Mapping[str, str]) -> str:
    """Return whom an order cuts off: those whom it concerns, or a share of all people there."""
    share = words.get("share", "")
    if policy.who is None:
        return f"{share} of {words['its']} people"
    return str(policy.who) if share == "all" else f"{share} of {policy.who}"


def _about(scenario: Scenario, policy: Policy, its: str) -> str:
    """Return the order that a policy acts on: ``the block of X ('ban')``; its own orders where it
    names none.
    """
    name = policy.about()
    other = _acted_on(scenario, policy)
    if other is None:
        return f"'{name}'" if name else "its own orders"
    targets = f" of {_targets_named(scenario, other, _TITLED)}" if other.targets else ""
    part = f"{its} part of " if _others(scenario, policy) else ""
    return f"{part}the {_called(other)}{targets} ('{name}')"


def _called(other: Policy | None) -> str:
    """Return what an act on another order calls that order."""
    if other is None:
        return "orders"
    return table("orders", "CALLED").get(other.instrument, other.instrument.replace("_", " "))


def _template(policy: Policy, *, itself: bool = False) -> str:
    """Return the words of an instrument, as its keys have it; where firms called as their platforms
    leave, those that name them once (`itself`).
    """
    known = table("orders", "ORDERS")
    unknown = f"apply {policy.instrument} to {{targets}}"
    forms = [policy.said_as(), ""]
    if itself:
        forms = [f"{policy.said_as()} itself", "itself", *forms]
    keys = [f"{policy.instrument}.{form.strip()}".removesuffix(".") for form in forms]
    return next((known[key] for key in keys if key in known), unknown)


def _of_one(words: str) -> str:
    """Return words that begin with a verb, as one state or firm does it: ``blocks Telegram``."""
    verb, _, rest = words.partition(" ")
    if verb == "have":
        return f"has {rest}"
    ending = "es" if verb.endswith(("sh", "ch", "x", "ss")) else "s"
    return f"{verb}{ending} {rest}"


def _left_out(policy: Policy, template: str, recorded: Recorded | None) -> Iterator[str]:
    """Yield the technique of a block, and the stated keys that a template does not name. Another
    default is not said: the file of a run states all of them.
    """
    if "technique" not in policy.idle_keys() and policy.technique is not None:
        how = table("orders", "TECHNIQUES")[policy.technique]
        is_other = recorded is not None and recorded.technique != policy.technique
        yield f"in this model {how}" if is_other else how
    spoken = "avoid_carriers avoid_states" if "{avoided}" in template else ""
    spoken += " share" if "{people}" in template else ""
    for key in type(policy).model_fields:
        is_own = key not in Policy.model_fields and key not in _SAID_APART
        is_spoken = f"{{{key}}}" in template or key in spoken.split()
        value = getattr(policy, key)
        text = _key_text(key, value)
        is_said = key in policy.model_fields_set and value != type(policy).model_fields[key].default
        if is_own and not is_spoken and is_said and text:
            label = f"{key_label(key).lower()}: {{value}}"
            known = table("orders", "KEYS").get(f"{policy.instrument}.{key}", label)
            yield known.format(value=text)
    outcome = getattr(policy, "outcome", None)
    if outcome is not None and outcome != type(policy).model_fields["outcome"].default:
        yield f"assumed outcome: {outcome}"


def _cable_words(policy: Policy) -> dict[str, str]:
    """Return the words of an order about cables, of one or of several."""
    names = getattr(policy, "cables", ())
    if not names:
        return {}
    if len(names) > 1:
        return {"the": "the cables", "kept": "cables", "them": "them"}
    the = "the" if "crossing" in names[0] else "the cable"
    return {
        "the": the,
        "kept": "a cable",
        "them": "them" if names[0].endswith("crossings") else "it",
    }


def _avoided(scenario: Scenario, policy: Policy) -> str:
    """Return the carriers and the states that a rule on paths forbids."""
    states = [state_name(scenario, s, article=True) for s in getattr(policy, "avoid_states", ())]
    return listed([*getattr(policy, "avoid_carriers", ()), *states])


def _key_text(key: str, value: Any) -> str:
    """Return the value of a key as the sentence has it; nothing where it is not set."""
    if value is None or value in ((), ""):
        return ""
    if key == "ladder":
        return ", then ".join(_step(step) for step in value)
    if key == "then":
        return table("orders", "THEN").get(value, str(value).replace("_", " "))
    if key in _OF_HOURS:
        return "1 hour" if value == 1 else f"{in_text(value)} hours"
    if isinstance(value, float) and 0.0 <= value <= 1.0 and key not in _AMOUNTS:
        return "all" if value == 1.0 else f"{100 * value:g} %"
    if isinstance(value, tuple) and all(isinstance(item, str) for item in value):
        return listed(value)
    return in_text(value)


def _step(step: Any) -> str:
    """Return a step of a ladder of sanctions: ``no advertising from 20 August 2020``."""
    share = _key_text("share", step.share)
    amount = f" of US$ {step.amount:,.0f}" if step.amount else ""
    what = table("orders", "SANCTIONS")[step.sanction].format(share=share)
    return f"{what}{amount} from {_day_text(step.on)}"


def _day_text(value: date | None) -> str:
    """Return a date in words."""
    return day(value.isoformat() if value else None)


def capital(text: str) -> str:
    """Return a text with a capital at its start; a name such as imo keeps its own."""
    is_name = text.partition(" ")[0] not in ("a", "an", "the")
    return text if is_name else f"{text[0].upper()}{text[1:]}"
