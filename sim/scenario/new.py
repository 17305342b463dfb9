"""Write a new scenario file, commented, that runs as it is: a whole one, a variant of another, or from an interview."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from sim import policies
from sim.errors import InputError, Problem, RunError
from sim.facts.states import load_places
from sim.scenario.interview import BEFORE, Interview, punishing
from sim.scenario.json_schema import SCHEMA
from sim.scenario.load import load
from sim.scenario.scenario import Scenario
from sim.shipped import SUFFIXES, shipped

_STEM = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_PLAIN = re.compile(r"[A-Za-z]{2}[A-Za-z0-9 _./,-]*")
_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off"})  # what YAML 1.1 or 1.2 takes for no text

_WHOLE = """\
{mode_line}
# Say here what is fact, with its source, and what is assumed.
#   splinternet check {file}                              everything that is wrong with it
#   splinternet explain {file}                            every value and where it comes from
#   splinternet run {file} --people 20000 --seeds 2       a first look
title: {title}
status: what-if                 # hindcast: it happened; projection: it was ordered; what-if: it is imagined
start: 2020-08-01               # the first day; one step is one day
days: 180
people: 25_000                  # simulated people; each stands for many
# seed: 1                       # where the random numbers start

# What differs from the tables of facts (splinternet list platforms, splinternet list states):
# world:
#   penetration: {{US: {{WeChat: {{CN: 0.9, other: 0.0019}}}}}}    # share of internet users in a month, by origin
#   vpn_share: {{US: 0.15}}
#   blocks: {{CN: [WhatsApp, Facebook]}}                         # blocked before the first day, in both arms

policies:                       # what states do, in any order (splinternet list instruments)
  - id: first-block             # its own name: other policies, sweeps and --set refer to it
    announced: 2020-08-20       # the day people learn of it; the first day in force unless stated
    on: 2020-09-20              # the first day in force
    # until: 2020-12-01         # the first day free again; without it, it stays
    by: US
    instrument: block
    technique: isp              # how the network enforces it (splinternet list techniques)
    targets: [WeChat]
    reference: none; imagined   # the law, order or report it follows
  # - id: stay                  # a court stays a policy
  #   on: 2020-11-01
  #   by: US
  #   instrument: injunction
  #   policy: first-block

# Model parameters that differ from their table (splinternet list parameters):
# parameters: {{choice.review_days: 14}}

# What is uncertain; each member of an ensemble draws it:
# uncertain:
#   ties.only_channel: {{low: 0.3, high: 0.9}}

# The metrics to report, all of them unless stated (splinternet list metrics):
# measure: [family_contact_lost, active_users, vpn_users]
"""

_VARIANT = """\
{mode_line}
# A variant of {parent}: what is not named here stays as it is there. Say what is changed, and why.
#   splinternet check {file}                              everything that is wrong with it
#   splinternet explain {file}                            every value and where it comes from
#   splinternet run {file} --people 20000 --seeds 2       a first look
extends: {parent}
title: {title}
status: what-if                 # hindcast: it happened; projection: it was ordered; what-if: it is imagined
# start: {start}
# days: {days}
# people: {people}

# A policy is changed by naming its id and what differs; a new id adds one.
# policies:
{policies}

# Model parameters that differ from their table (splinternet list parameters):
# parameters: {{choice.review_days: 14}}

# What is uncertain; each member of an ensemble draws it:
# uncertain:
#   ties.only_channel: {{low: 0.3, high: 0.9}}
"""


def write_new(name: str, source: str = "") -> Path:
    """Write a new scenario file, whole or not at all, and return it.

    Parameters
    ----------
    name : str
        What it is called, with or without ``.yaml``; a folder before it must exist.
    source : str
        A scenario to start from; the new file extends it. Without one, the file shows every part of a scenario.

    Raises
    ------
    InputError
        When the name cannot be used, a file of that name is there, or the source is wrong or cannot be extended from
        there.
    RunError
        When the place cannot be written.
    """
    path = new_path(name)
    words = path.stem.replace("_", " ").replace("-", " ").strip()
    title = f"{words[:1].upper()}{words[1:]}"
    if not source:
        return _written(path, _WHOLE.format(mode_line=_mode_line(path), file=path, title=yaml_word(title)))
    parent = load(source)
    text = _VARIANT.format(
        mode_line=_mode_line(path),
        file=path,
        parent=yaml_word(_place_from(path, parent)),
        title=yaml_word(f"{title}, a variant of {parent.name}"),
        start=parent.start,
        days=parent.days,
        people=f"{parent.people:_}",
        policies="\n".join(_commented_policies(parent)) or "#   []",
    )
    try:
        return _written(path, text)
    except InputError as error:
        if path.exists():
            raise
        found = f"'{source}' cannot be extended from {path.parent.resolve()}"
        allowed = "a shipped scenario, or a file in the same folder or below the same folder called scenarios"
        hint = f"write it next to it: splinternet new {Path(source).parent / path.stem} --from {source}"
        raise InputError(Problem("--from", found, allowed, hint)) from error


def write_interview(name: str, interview: Interview) -> Path:
    """Write the scenario that answers describe, whole or not at all, and return it.

    Parameters
    ----------
    name : str
        As in `write_new`.
    interview : Interview
        With every question answered.

    Raises
    ------
    InputError
        When the name cannot be used, a file of that name is there, or the answers together make no scenario.
    RunError
        When the place cannot be written.
    """
    path = new_path(name)
    return _written(path, "\n".join([_mode_line(path), *_answered_lines(interview, path), ""]))


def new_path(name: str) -> Path:
    """Return the file that a name means.

    Parameters
    ----------
    name : str
        As in `write_new`.

    Raises
    ------
    InputError
        When the name cannot be used, or a file of that name is there.
    """
    given = Path(name)
    path = given if given.suffix in SUFFIXES or not given.name else given.with_name(f"{given.name}.yaml")
    if not _STEM.fullmatch(path.stem):
        allowed = "letters, digits, - and _, beginning with a letter or digit"
        raise InputError(Problem("NAME", f"'{name}' cannot be a scenario's name", allowed, "splinternet new mine"))
    if not path.parent.is_dir():
        found = f"the folder '{path.parent}' does not exist"
        raise InputError(Problem("NAME", found, "a name in a folder that exists", "make the folder first"))
    if path.exists():
        raise _taken(path)
    return path


def yaml_word(value: Any) -> str:
    """Return a value as YAML reads it back: a text in quotes where it could be taken for something else."""
    is_plain = isinstance(value, str) and _PLAIN.fullmatch(value) and value.casefold() not in _WORDS
    return str(value) if is_plain else json.dumps(value)


def _written(path: Path, text: str) -> Path:
    """Write a scenario that loads, never over a file, and return its path."""
    draft = path.with_name(f".{path.stem}.part{path.suffix}")
    try:
        draft.write_text(text, encoding="utf-8")
        load(draft)
        os.link(draft, path)  # unlike a rename, a link never replaces an existing file
    except FileExistsError:
        raise _taken(path) from None
    except OSError as error:
        raise RunError(f"{path} cannot be written: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            draft.unlink()
    return path


def _taken(path: Path) -> InputError:
    """Return the error for a file that is there already."""
    return InputError(Problem("NAME", f"{path} exists and is left as it is", "a name that is not taken"))


def _place_from(path: Path, parent: Scenario) -> str:
    """Return how a new file names the one it extends: a shipped one by its name, another by its place."""
    origin = (parent.path or Path()).resolve()
    name = next((name for name, known in shipped().items() if known.resolve() == origin), "")
    return f"{name}.yaml" if name else Path(os.path.relpath(origin, path.parent.resolve())).as_posix()


def _commented_policies(parent: Scenario) -> Iterator[str]:
    """Yield the policies of a scenario as comments, ready to be changed."""
    for policy in parent.policies:
        aim = f" on {', '.join(policy.targets)}" if policy.targets else ""
        yield _line(f"#   - id: {policy.id}", f"{policy.instrument} by {', '.join(policy.by)}{aim}")
        yield from (f"#     {key}: {day}" for key in ("announced", "on", "until") if (day := getattr(policy, key)))


def _mode_line(path: Path) -> str:
    """Return the line by which editors find the schema: a relative path near by, else its place on this machine."""
    folder = path.parent.resolve()
    is_near = folder.is_relative_to(SCHEMA.parents[2])
    place = Path(os.path.relpath(SCHEMA, folder)).as_posix() if is_near else SCHEMA.as_uri()
    return f"# yaml-language-server: $schema={place}"


def _line(text: str, comment: str) -> str:
    """Return a line of YAML with a comment, in a column with the others."""
    return text.ljust(32) + f"# {comment}"


def _answered_lines(said: Interview, file: Path) -> Iterator[str]:
    """Yield the lines of a scenario that answers describe, after the first."""
    by = f"    by: {_words(said.by)}"
    dates = [_line(f"    on: {said.on}", "the first day in force")]
    dates += [_line(f"    until: {said.until}", "the first day free again")] if said.until else []
    reference = f"    reference: {yaml_word(said.reference)}"
    yield "# Answers to a few questions. Say here what is fact, with its source, and what is assumed."
    yield f"#   splinternet check {file}                              everything that is wrong with it"
    yield f"#   splinternet explain {file}                            every value and where it comes from"
    if said.left_out:
        yield f"# Left out, because the facts have no figures: {', '.join(said.left_out)}."
    yield f"title: {yaml_word(said.title)}"
    statuses = "hindcast: it happened; projection: it was ordered; what-if: it is imagined"
    yield _line(f"status: {said.status}", statuses)
    yield _line(f"start: {said.start}", f"{BEFORE} days before the first day in force")
    yield f"days: {said.days}"
    yield _line("people: 25_000", "simulated people; each stands for many")
    yield "world:"
    yield _line(f"  facts: {said.world}", "the shipped world nearest to the first day")
    yield "policies:"
    yield f"  - id: {said.instrument.replace('_', '-')}-1"
    yield from dates
    yield _line(by, ", ".join(load_places()[code].name for code in said.by))
    yield f"    instrument: {said.instrument}"
    for key, value in said.own.items():
        yield f"    {key}: {_words(value) if isinstance(value, list) else yaml_word(value)}"
    if said.targets:
        yield f"    targets: [{', '.join(map(yaml_word, said.targets))}]"
    yield reference
    if said.penalty:
        instrument = punishing()
        yield _line("  - id: penalty", "for users of a way around it; it closes no VPN")
        yield from dates
        yield by
        yield f"    instrument: {instrument}"
        yield from (f"    {key}: 0" for key in policies.INSTRUMENTS[instrument].DOSES if key != "penalty")
        yield _line(f"    penalty: {said.penalty:g}", "expected cost to a user [US dollars a month]")
        yield reference
    yield ""
    yield "# What is uncertain; each member of an ensemble draws it:"
    yield "# uncertain:"
    yield "#   ties.only_channel: {low: 0.3, high: 0.9}"


def _words(values: Any) -> str:
    """Return names as YAML: one by itself, several in brackets."""
    named = [yaml_word(value) for value in values]
    return named[0] if len(named) == 1 else f"[{', '.join(named)}]"
