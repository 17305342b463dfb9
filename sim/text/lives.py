"""Lives of simulated people in words: who they are, and the events for them and their kin, day by
day.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Sequence
from itertools import groupby

from ..results.panel import ARMS
from ..results.ties import BETWEEN, ROLES, Happening, Life, Lives, Person
from ..scenario import Scenario
from .decisions import given_text
from .numbers import (
    STATUS,
    WIDTH,
    capital,
    day,
    days_text,
    group_name,
    listed,
    sentence,
    state_name,
    table,
)

WHY, OPENS, HOW, WAY, DOES = (
    table("lives", name) for name in ("WHY", "OPENS", "HOW", "WAY", "DOES")
)
ROLE = dict(zip(ROLES, table("lives", "ROLES"), strict=True))
ARM = dict(zip(ARMS, ("Without the policies", "With the policies"), strict=True))


def text(lives: Lives, width: int = WIDTH) -> str:
    """Return lives as plain text, in lines of so many characters."""
    lines: list[str] = []
    for head in (*heading(lives), *policies(lives)):
        lines += _wrapped(head, width)
    for place, life in enumerate(lives, start=1):
        lines.append("")
        for said in (title(lives, life, place), *about(lives, life)):
            lines += _wrapped(said, width)
        for arm in ARMS:
            days = list(sentences(life, arm))
            lines.append(f"{ARM[arm]}:{'' if days else ' nothing changes.'}")
            for date, said_on in days:
                for at, said in enumerate(said_on):
                    lines += _wrapped(said, width, " " * 12 if at else f"{date}  ", " " * 14)
    return "".join(f"{line}\n" for line in lines)


def _wrapped(line: str, width: int, front: str = "", below: str = "") -> list[str]:
    """Return a sentence as lines; names with hyphens, such as ids of policies, stay whole."""
    return textwrap.wrap(
        line, width, initial_indent=front, subsequent_indent=below, break_on_hyphens=False
    )


def heading(lives: Lives) -> Iterator[str]:
    """Yield what was followed, and what these people are."""
    scenario = lives.scenario
    yield f"{scenario.title}  [{scenario.status}]"
    yield STATUS[scenario.status]
    who, first, last = (
        capital(group_name(scenario, lives.group)),
        day(lives.dates[0]),
        day(lives.dates[-1]),
    )
    yield sentence("lives", "heading", who=who, first=first, last=last, lives=lives)
    yield sentence("lives", "simulated")


def title(lives: Lives, life: Life, place: int) -> str:
    """Return the title of one life."""
    return f"Life {place} of {len(lives):,}: person {life.person.number}, {ROLE[life.role]}"


def about(lives: Lives, life: Life) -> Iterator[str]:
    """Yield who a person and the kin are, and how many days they are out of contact."""
    who, place = life.person, _state(lives.scenario, life.person)
    for said in ("lives_in", "uses"):
        yield sentence("lives", said, who=who, place=place)
    for bond in life.bonds:
        yield sentence("lives", "kin", bond=bond, place=_state(lives.scenario, bond.kin))
    without, with_policies = (life.days_without(arm) for arm in ARMS)
    yield sentence(
        "lives", "out_of_contact", cut=with_policies, longest=life.longest(), anyway=without
    )


def sentences(life: Life, arm: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each day on which something happens to a person or, on a platform of theirs, to the
    kin: date, sentences.

    Each sentence ends with the policy behind it in square brackets, where one is.
    """
    for date, of_day in groupby(_shown(life, arm), key=lambda one: one.date):
        alike: dict[tuple[object, ...], list[Happening]] = {}
        for one in of_day:
            key = (
                one.person,
                one.what,
                one.platforms,
                one.rule,
                one.policy,
                one.instead,
                str(one.value),
            )
            alike.setdefault(key, []).append(one)
        yield date, [happening(life, ones[0], [one.kin for one in ones]) for ones in alike.values()]


def happening(life: Life, one: Happening, kin: Sequence[int]) -> str:
    """Return one happening as a sentence; ``kin`` are the numbers of all with whom it happens
    alike.
    """
    form = DOES[one.what]
    if one.rule == "own rule":
        form = table("lives", "BY_OWN_RULE").get(one.what, form)
    said = form.format(
        p=listed(one.platforms) if one.platforms else "no platform",
        why=WHY.get(one.rule, one.rule),
        opens=OPENS.get(one.rule, one.rule),
        how=HOW.get(one.rule, one.rule).format(
            instead=listed(one.instead) if one.instead else "it"
        ),
        way=WAY.get(one.rule, one.rule),
        instead=listed(one.instead) if one.instead else "nothing",
        kin=listed([f"kin {each}" for each in kin]),
        days="" if math.isnan(one.value) else days_text(int(one.value)),
    )
    whose = "" if one.person == life.person.number else f"Kin {one.person}: "
    return f"{whose}{said}{f' [{one.policy}]' if one.policy else ''}"


def _shown(life: Life, arm: str) -> list[Happening]:
    """Return what the text reports: all of the person, and of the kin what concerns platforms that
    join them.
    """
    me = life.person.number
    shared = {name for bond in life.bonds for name in bond.channels}
    shared |= {
        name
        for each in life.happenings[arm]
        if each.what in (*BETWEEN, "agrees")
        for name in each.platforms
    }
    return [
        each
        for each in life.happenings[arm]
        if each.person == me
        or shared & {*each.platforms, *(each.instead if not each.platforms else ())}
    ]


def policies(lives: Lives) -> Iterator[str]:
    """Yield the policies that are named, as the scenario gives them; what states decide by
    themselves has no line.
    """
    named = {each.policy for life in lives for arm in ARMS for each in life.happenings[arm]}
    for policy in lives.scenario.policies:
        if policy.id in named:
            yield f"[{policy.id}] {given_text(lives.scenario, policy)}"


def _state(scenario: Scenario, who: Person) -> str:
    return state_name(scenario, who.lives_in, article=True)
