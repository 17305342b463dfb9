"""An order in one plain sentence, which is said back to the person who asked for it, and what is
assumed because nobody said it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from ..policies.base import Policy
from ..scenario import Scenario
from .numbers import day, listed, state_name, table
from .scenario import in_text, key_label

_SAID_APART = frozenset({"technique", "outcome", "then", "days", "deadline"})
"""Keys with words of their own in the sentence."""
_TITLED = 3
"""Platforms that a title names; more are counted."""
_NEVER_ASSUMED = frozenset({"id", "instrument", "by", "on", "until", "reference", "who", "from"})
"""Keys that are stated, or that the sentence speaks of in any case."""


def order_sentences(scenario: Scenario, policy: Policy) -> str:
    """Return what a policy would do, to whom, from when and until when.

    Parameters
    ----------
    scenario : Scenario
        The scenario that it stands in, which has its names and its last day.
    policy : Policy
        One of its policies.
    """
    act = f"{actor(scenario, policy)} would {_act_words(scenario, policy)}"
    if policy.on is None:
        said = [f"{_capital(act)}: no first day is stated, so it stays a threat."]
    else:
        said = [f"From {_day_text(policy.on)} {act}."]
    if policy.who is not None:
        said.append(f"It concerns only {policy.who}.")
    if policy.announced is not None and policy.announced != policy.on:
        said.append(f"It is announced on {_day_text(policy.announced)}.")
    if policy.until is not None:
        said.append(f"It ends on {_day_text(policy.until)}, the first day free again.")
    elif policy.on is not None and not (policy.HALTS or policy.EXTENDS):
        days = (scenario.end - policy.on).days + 1  # the last day counts
        said.append(f"No end is stated: the run covers {days:,} days.")
    return " ".join(said)


def actor(scenario: Scenario, policy: Policy) -> str:
    """Return who acts: the firms whose platforms leave a state, otherwise the states that order
    it.
    """
    if "from" in policy.OBJECTS:
        facts = scenario.facts.platforms
        return listed(list(dict.fromkeys(facts[name].owner for name in policy.targets)))
    return listed([state_name(scenario, code, article=True) for code in policy.by])


def order_title(scenario: Scenario, policy: Policy) -> str:
    """Return the title of a scenario of one order: ``Kazakhstan: block of Telegram, October
    2026``.
    """
    begins = policy.on or policy.announced
    when = f", {begins:%B %Y}" if begins else ""
    shown = policy.targets[:_TITLED]
    more = len(policy.targets) - len(shown)
    names = [*shown, f"{more} more"] if more else list(shown)
    what = f" of {listed(names)}" if names else ""
    places = [state_name(scenario, code, article=True) for code in policy.concerns()]
    where = f" from {listed(places)}" if "from" in policy.OBJECTS else ""
    acts = policy.instrument.replace("_", " ")
    return f"{_capital(actor(scenario, policy))}: {acts}{what}{where}{when}"


def assumed_keys(policy: Policy) -> list[str]:
    """Return what holds of a policy because nobody said it: ``technique: dpi``."""
    kind = type(policy)
    found = [
        f"{key}: {text}"
        for key in kind.model_fields
        if key not in policy.model_fields_set | _NEVER_ASSUMED | kind.IDLE_KEYS
        and (text := _key_text(key, getattr(policy, key)))
    ]
    if policy.who is None and kind.acts_on_people():
        found.append(f"who: everybody in {', '.join(policy.concerns())}")
    return found


def _act_words(scenario: Scenario, policy: Policy) -> str:
    """Return what follows "would": the instrument's own words, and in brackets every stated key
    that they leave out.
    """
    template = table("orders", "ORDERS").get(
        policy.instrument, f"apply {policy.instrument} to {{targets}}"
    )
    words = {key: _key_text(key, getattr(policy, key)) for key in type(policy).model_fields}
    words |= {
        key: text for key, text in table("orders", "UNSTATED").items() if not words.get(key, text)
    }
    words["its"] = "its" if len(policy.by) == 1 else "their"
    words["due"] = _day_text(policy.due() or policy.on)
    words["avoided"] = _avoided(scenario, policy)
    if "from" in policy.OBJECTS:
        places = [state_name(scenario, code, article=True) for code in policy.concerns()]
        words["from"] = listed(places)
    extra = "; ".join(_left_out(policy, template))
    return template.format(**words) + (f" ({extra})" if extra else "")


def _left_out(policy: Policy, template: str) -> Iterator[str]:
    """Yield the technique of a block, and the stated keys that a template does not name."""
    if policy.technique is not None and "technique" not in policy.IDLE_KEYS:
        yield table("orders", "TECHNIQUES")[policy.technique]
    spoken = "avoid_carriers avoid_states" if "{avoided}" in template else ""
    for key in type(policy).model_fields:
        is_own = key not in Policy.model_fields and key not in _SAID_APART
        is_spoken = f"{{{key}}}" in template or key in spoken.split()
        text = _key_text(key, getattr(policy, key))
        if is_own and not is_spoken and key in policy.model_fields_set and text:
            label = f"{key_label(key).lower()}: {{value}}"
            known = table("orders", "KEYS").get(f"{policy.instrument}.{key}", label)
            yield known.format(value=text)
    outcome = getattr(policy, "outcome", None)
    if outcome is not None and "outcome" in policy.model_fields_set:
        yield f"assumed outcome: {outcome}"


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
        return str(value).replace("_", " ")
    if isinstance(value, float) and 0.0 <= value <= 1.0 and key not in ("fee_per_day", "penalty"):
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


def _capital(text: str) -> str:
    """Return a text with a capital at its start; a name such as imo keeps its own."""
    return f"The{text[3:]}" if text.startswith("the ") else text
