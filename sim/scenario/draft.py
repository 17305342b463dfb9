"""The text of a scenario that an interview describes, with comments."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from sim import policies
from sim.facts.places import load_places
from sim.scenario.interview import BEFORE, Interview, punishing

_PLAIN = re.compile(r"[A-Za-z]{2}[A-Za-z0-9 _./,-]*")
_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off"})  # what YAML 1.1 or 1.2 takes for no text


def draft_text(interview: Interview, file: str, mode_line: str) -> str:
    """Return the text of a scenario.

    Parameters
    ----------
    interview : Interview
        With every question answered.
    file : str
        How the file is called in the comments.
    mode_line : str
        The first line, by which editors find the schema.
    """
    return "\n".join([mode_line, *_lines(interview, file), ""])


def _lines(said: Interview, file: str) -> Iterator[str]:
    """Yield the lines after the first."""
    who = ", ".join(load_places()[code].name for code in said.by)
    yield "# Answers to a few questions. Say here what is fact, with its source, and what is assumed."
    yield f"#   splinternet check {file}                              everything that is wrong with it"
    yield f"#   splinternet explain {file}                            every value and where it comes from"
    if said.left_out:
        yield f"# Left out, because the facts have no figures: {', '.join(said.left_out)}."
    yield f"title: {_quoted(said.title)}"
    yield (
        f"status: {said.status}".ljust(32)
        + "# hindcast: it happened; projection: it was ordered; what-if: it is imagined"
    )
    yield f"start: {said.start}".ljust(32) + f"# {BEFORE} days before the first day in force"
    yield f"days: {said.days}"
    yield "people: 25_000                  # simulated people; each stands for many"
    yield "world:"
    yield f"  facts: {said.world}".ljust(32) + "# the shipped world nearest to the first day"
    yield "policies:"
    yield f"  - id: {said.instrument.replace('_', '-')}-1"
    yield f"    on: {said.on}".ljust(32) + "# the first day in force"
    if said.until:
        yield f"    until: {said.until}".ljust(32) + "# the first day free again"
    yield f"    by: {_list(said.by)}".ljust(32) + f"# {who}"
    yield f"    instrument: {said.instrument}"
    for key, value in said.own.items():
        yield f"    {key}: {_list(value) if isinstance(value, list) else _quoted(value)}"
    if said.targets:
        yield f"    targets: [{', '.join(map(_quoted, said.targets))}]"
    yield f"    reference: {_quoted(said.reference)}"
    if said.penalty:
        yield "  - id: penalty                 # for users of a way around it; it closes no VPN"
        yield f"    on: {said.on}"
        if said.until:
            yield f"    until: {said.until}"
        yield f"    by: {_list(said.by)}"
        yield f"    instrument: {punishing()}"
        doses = (key for key in policies.INSTRUMENTS[punishing()].DOSES if key != "penalty")
        yield from (f"    {key}: 0" for key in doses)
        yield f"    penalty: {said.penalty:g}".ljust(32) + "# expected cost to a user [US dollars a month]"
        yield f"    reference: {_quoted(said.reference)}"
    yield ""
    yield "# What is uncertain; each member of an ensemble draws it:"
    yield "# uncertain:"
    yield "#   ties.only_channel: {low: 0.3, high: 0.9}"


def yaml_word(text: str) -> str:
    """Return a text as YAML reads it back: in quotes where it could be taken for something else.

    Parameters
    ----------
    text : str
    """
    return text if _PLAIN.fullmatch(text) and text.casefold() not in _WORDS else json.dumps(text)


def _list(values: Any) -> str:
    """Return names as YAML: one by itself, several in brackets."""
    named = [_quoted(value) for value in values]
    return named[0] if len(named) == 1 else f"[{', '.join(named)}]"


def _quoted(value: Any) -> str:
    """Return a value as YAML reads it back."""
    return yaml_word(value) if isinstance(value, str) else json.dumps(value)
