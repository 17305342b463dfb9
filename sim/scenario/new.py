"""Write a new scenario file that runs as it is: a commented one, a variant of another, or from answers to questions.

Each answer is checked when it is given. Nothing here prints or reads: `splinternet.cli.interview` asks.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError
from ruamel.yaml import YAML

from .. import policies
from ..errors import InputError, Problem, RunError, did_you_mean
from ..facts import Facts, available_facts, find_platform, load_facts
from ..facts.history import Restriction, as_of, dated_platforms, dates_of
from ..facts.model import REST_OF_WORLD, TECHNIQUES
from ..facts.states import load_places, place_code
from ..facts.tables import fold, read
from ..facts.worlds import nearest_world
from ..policies.values import Names
from ..shipped import SUFFIXES, shipped
from .json_schema import SCHEMA
from .load import load
from .scenario import Scenario, quoted

BEFORE, AFTER, OPEN_END = 28, 28, 180
"""Days before the first day in force, after the last one, and after the first one where no end is known."""
EARLIEST, LATEST = 1991, 2099
"""Years in which a policy may begin or end."""
LONGEST = 3_653
"""Longest scenario [days]."""
NONE = ("none", "no", "0", "nothing")
NO_END = ("for good", "no end", "open", "unknown", "none")
KEEP = "keep"
STATUSES = ("hindcast", "projection", "what-if")
_SPAN = re.compile(r"(?:for )?(\d{1,4}) ?(day|week|month|year)s?")
_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}
_AMOUNT = r"[0-9]{1,8}(\.[0-9]+)?"
_STEM = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")

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
extends: {extends}
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

_ANSWERED = """\
{mode_line}
# Answers to a few questions. Say here what is fact, with its source, and what is assumed.
#   splinternet check {file}                              everything that is wrong with it
#   splinternet explain {file}                            every value and where it comes from
{left_out}{keys}
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
        return _write(path, _WHOLE.format(mode_line=_mode_line(path), file=path, title=json.dumps(title)))
    parent = load(source)
    origin = (parent.path or Path()).resolve()
    known = next((f"{name}.yaml" for name, file in shipped().items() if file.resolve() == origin), "")
    place = known or Path(os.path.relpath(origin, path.parent.resolve())).as_posix()
    text = _VARIANT.format(
        mode_line=_mode_line(path),
        file=path,
        parent=place,
        extends=json.dumps(place),
        title=json.dumps(f"{title}, a variant of {parent.name}"),
        start=parent.start,
        days=parent.days,
        people=f"{parent.people:_}",
        policies="\n".join(_commented_policies(parent)) or "#   []",
    )
    try:
        return _write(path, text)
    except InputError as error:
        if path.exists():
            raise
        found = f"'{source}' cannot be extended from {path.parent.resolve()}"
        allowed = "a shipped scenario, or a file in the same folder or below the same folder called scenarios"
        hint = f"write it next to it: splinternet new {Path(source).parent / path.stem} --from {source}"
        raise InputError(Problem("--from", found, allowed, hint)) from error


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


def _write(path: Path, text: str) -> Path:
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


def _commented_policies(parent: Scenario) -> Iterator[str]:
    """Yield the policies of a scenario as comments, ready to be changed."""
    for policy in parent.policies:
        aim = f" on {', '.join(policy.targets)}" if policy.targets else ""
        yield f"{f'#   - id: {policy.id}':<32}# {policy.instrument} by {', '.join(policy.by)}{aim}"
        yield from (f"#     {key}: {day}" for key in ("announced", "on", "until") if (day := getattr(policy, key)))


def _mode_line(path: Path) -> str:
    """Return the line by which editors find the schema: a relative path near by, else its place on this machine."""
    folder = path.parent.resolve()
    is_near = folder.is_relative_to(SCHEMA.parents[2])
    place = Path(os.path.relpath(SCHEMA, folder)).as_posix() if is_near else SCHEMA.as_uri()
    return f"# yaml-language-server: $schema={place}"


class Question(NamedTuple):
    """A question.

    Attributes
    ----------
    key : str
        What it is about.
    text : str
        The question.
    allowed : str
        What may be answered.
    default : str or None
        What an empty answer means; None where one must answer.
    choices : tuple of (str, str)
        What there is to choose from, each with what it is; empty where it is anything.
    """

    key: str
    text: str
    allowed: str
    default: str | None = None
    choices: tuple[tuple[str, str], ...] = ()

    def refuses(self, found: str, hint: str = "") -> InputError:
        """Return the error of an answer in which something was found."""
        return InputError(Problem(self.text, found, self.allowed, hint))


@dataclass
class Interview:
    """A scenario from the answers to a few questions: who does what to whom, when, for how long, with which penalty.

    Attributes
    ----------
    by : tuple of str
        Acting states.
    instrument : str
    targets : tuple of str
        Platforms, by the names of the world nearest to the day.
    left_out : tuple of str
        Platforms that the facts have no figures for, as they were answered.
    on, until : datetime.date or None
    penalty : float
        Expected cost of a way around it to a user [US dollars a month].
    own : dict of str to Any
        Keys of the instrument itself.
    reference, status, title : str
    """

    by: tuple[str, ...] = ()
    instrument: str = ""
    targets: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    on: date | None = None
    until: date | None = None
    penalty: float = 0.0
    own: dict[str, Any] = field(default_factory=dict)
    reference: str = ""
    status: str = ""
    title: str = ""
    _answered: set[str] = field(default_factory=set)
    _known: tuple[str, ...] = ()
    _unknown: tuple[str, ...] = ()

    @property
    def start(self) -> date:
        """The first day of the scenario."""
        if self.on is None:
            raise ValueError("the first day is not known yet")
        return self.on - timedelta(days=BEFORE)

    @property
    def _facts(self) -> Facts:
        return as_of(load_facts(nearest_world(self.start)), self.start)

    def question(self) -> Question | None:
        """Return what to ask next, or None when all is known."""
        return next((question for question in self._questions() if question.key not in self._answered), None)

    def answer(self, key: str, text: str) -> None:
        """Take an answer.

        Parameters
        ----------
        key : str
            Of the question.
        text : str
            The answer; empty for the default.

        Raises
        ------
        InputError
            The answer is not one; the question stays open.
        """
        question = next(question for question in self._questions() if question.key == key)
        said = text.strip() or question.default
        if said is None:
            raise question.refuses("no answer")
        match key:
            case "who":
                codes = [place_code(word, question.text) for word in _split(said)]
                if not codes or REST_OF_WORLD in codes:
                    raise question.refuses(f"'{said}'")
                self.by = tuple(dict.fromkeys(codes))
            case "what":
                self.instrument = said.replace(" ", "_").replace("-", "_").casefold()
                if self.instrument not in askable():
                    hint, self.instrument = did_you_mean(self.instrument, askable()), ""
                    raise question.refuses(f"no instrument is called '{said}'", hint)
            case "whom":
                self._take_platforms(question, said)
            case "when":
                self._take_day(question, said)
            case "how long":
                self._take_end(question, said.casefold())
            case "penalty":
                amount = said.casefold().removeprefix("$").removesuffix("usd").removesuffix("dollars").strip()
                self.penalty = 0.0 if amount in NONE else float(amount) if re.fullmatch(_AMOUNT, amount) else -1
                if self.penalty < 0:
                    raise question.refuses(f"'{said}'")
            case "reference" | "status" | "title":
                if key == "status" and said not in STATUSES:
                    raise question.refuses(f"'{said}'", did_you_mean(said, STATUSES))
                setattr(self, key, said)
            case _:
                self.own[key] = self._own_value(question, said)
        self._answered.add(key)

    def _questions(self) -> Iterator[Question]:
        """Yield all questions that follow from the answers so far, in their order."""
        known = tuple((name, policies.INSTRUMENTS[name].summary()) for name in askable())
        usual = next(name for name in askable() if policies.INSTRUMENTS[name].OUTAGE)  # puts a service out of reach
        yield Question("who", "Who acts?", "a state by code or English name; several with commas")
        yield Question("what", "What does it do?", f"{usual}, or another instrument", usual, known)
        if not self.instrument:
            return
        kind = policies.INSTRUMENTS[self.instrument]
        if kind.NEEDS_TARGETS:
            listed = {fact.name: f"{fact.kind}, {fact.owner} ({fact.home})" for fact in _platforms()}
            allowed, choices = "names with commas, such as WhatsApp, Telegram", tuple(sorted(listed.items()))
            yield Question("whom", "Which platforms?", allowed, None, choices)
        yield Question("when", "When does it begin?", "the first day in force, YYYY-MM-DD")
        yield Question("how long", "For how long?", "5 days, 3 weeks, until YYYY-MM-DD, or for good", "for good")
        if "penalty" not in kind.EXAMPLE:
            allowed = "US dollars a month, fine times chance; or none"
            yield Question("penalty", "What does it cost a user who gets around it?", allowed, "none")
        if self.on is None:
            return
        for key, example in _own_keys(self.instrument).items():
            if key == "technique":
                used = Counter(r.technique for r in read(Restriction).values() if r.state == self.by[0] and r.is_block)
                most = used.most_common(1)[0][0] if used else "isp"
                text = "How does the network enforce it?"
                yield Question(key, text, ", ".join(TECHNIQUES), most, tuple(TECHNIQUES.items()))
            else:
                allowed = (kind.model_fields[key].description or "a value").rstrip(".")
                default = ", ".join(map(str, example)) if isinstance(example, list) else str(example)
                yield Question(key, f"{self.instrument}: {key.replace('_', ' ')}?", allowed, default)
        yield Question("reference", "Which law, order or report says so?", "a text", "not stated")
        yield Question("status", "Did it happen, was it ordered, or is it imagined?", ", ".join(STATUSES), "what-if")
        who = " and ".join(load_places()[code].name for code in self.by)
        more = f" and {len(self.targets) - 3} more" if len(self.targets) > 3 else ""
        whom = f" of {', '.join(self.targets[:3])}{more}" if self.targets else ""
        title = f"{who}: {self.instrument.replace('_', ' ')}{whom}, {self.on:%B %Y}"
        yield Question("title", "What is the title?", "a text", title)

    def _take_platforms(self, question: Question, said: str) -> None:
        """Take the names of platforms; those without figures are left out if the answer says to keep the others."""
        if said.casefold() == KEEP and self._unknown and self._known:
            self.targets, self.left_out = self._known, self._unknown
            return
        spellings = {fold(name): name for name in dated_platforms()}
        spellings |= {fold(word): fact.name for fact in _platforms() for word in (fact.name, *fact.aliases)}
        names = {word: spellings.get(fold(word), "") for word in _split(said)}
        worlds = [load_facts(world) for world in reversed(available_facts())]
        figures = {word: next(filter(None, (find_platform(n, f) for f in worlds)), None) for word, n in names.items()}
        self._known = tuple(dict.fromkeys(platform for platform in figures.values() if platform))
        self._unknown = tuple(word for word, platform in figures.items() if not platform)
        if self._unknown or not self._known:
            found = f"no figures for {', '.join(self._unknown)}" if self._unknown else "no platform"
            close = {word: did_you_mean(word, spellings.values()) for word, name in names.items() if not name}
            hints = [f"{word}: {hint}" for word, hint in close.items() if hint]
            raise question.refuses(found, "; ".join([*hints, *self._way_on()]))
        self.targets = self._known

    def _take_day(self, question: Question, said: str) -> None:
        """Take the first day in force; platforms that are not there then are asked for once more."""
        self.on = _day(question, said)
        facts, start = self._facts, self.start
        names = {target: find_platform(target, facts) for target in self.targets}
        self._known = tuple(name for name in names.values() if name is not None)
        self._unknown = tuple(target for target, name in names.items() if name is None)
        if self._unknown:
            self.on = None
            self._answered.discard("whom")
            found = ", ".join(f"{target} ({_lifetime(target, facts)})" for target in self._unknown)
            hint = "; ".join(["name the platforms again", *self._way_on()])
            raise question.refuses(f"on {start} these do not exist: {found}", hint)
        self.targets = self._known

    def _take_end(self, question: Question, said: str) -> None:
        """Take the first day free again: a span such as ``5 days``, or a day."""
        self.until, first = None, self.start + timedelta(days=BEFORE)
        if said in NO_END:
            return
        span = _SPAN.fullmatch(said)
        days = timedelta(days=int(span[1]) * _DAYS[span[2]]) if span else timedelta()
        if days.days > LONGEST:
            raise question.refuses(f"'{said}'")
        end = first + days if span else _day(question, said.removeprefix("until").strip())
        if not 0 < (end - first).days <= LONGEST - BEFORE - AFTER:
            raise question.refuses(f"it would end on {end}")
        self.until = end

    def _own_value(self, question: Question, said: str) -> Any:
        """Return the value of a key of the instrument itself, if the instrument takes it."""
        examples = _own_keys(self.instrument)
        value: Any = said
        if isinstance(examples[question.key], list):
            value = _split(said)
        elif isinstance(examples[question.key], bool):
            value = {"yes": True, "true": True, "no": False, "false": False}.get(said.casefold(), said)
        else:
            with suppress(ValueError):
                value = float(said) if "." in said else int(said)
        keys = {"id": "it", "instrument": self.instrument, "by": "US", "on": self.on, "targets": list(self.targets)}
        try:
            whole = {**keys, **examples, **self.own, question.key: value}
            policies.INSTRUMENTS[self.instrument].model_validate(whole, context=Names(self._facts))
        except ValidationError as error:
            for entry in error.errors(include_url=False):
                if entry["loc"][:1] == (question.key,):
                    context = entry.get("ctx", {})
                    found = str(context.get("found", f"'{value}': {entry['msg']}"))
                    raise question.refuses(found, str(context.get("hint", ""))) from None
        return value

    def _way_on(self) -> list[str]:
        """Return how to continue without what is unknown."""
        return [f"{KEEP}: continue with {', '.join(self._known)}"] if self._known else []


def write_interview(name: str, said: Interview) -> Path:
    """Write the scenario that answers describe, whole or not at all, and return it.

    Parameters
    ----------
    name : str
        As in `write_new`.
    said : Interview
        With every question answered.

    Raises
    ------
    InputError
        When the name cannot be used, a file of that name is there, or the answers together make no scenario.
    RunError
        When the place cannot be written.
    """
    path, start = new_path(name), said.start
    first = start + timedelta(days=BEFORE)
    last = said.until + timedelta(days=AFTER) if said.until else first + timedelta(days=OPEN_END)
    common = {"on": first, **({"until": said.until} if said.until else {}), "by": list(said.by)}
    policy = {"id": f"{said.instrument.replace('_', '-')}-1", **common, "instrument": said.instrument, **said.own}
    policy |= {"targets": list(said.targets)} if said.targets else {}
    acts = [{**policy, "reference": said.reference}]
    if said.penalty:  # a policy of its own, which closes no VPN
        instrument = next(name for name in policies.available() if "penalty" in policies.INSTRUMENTS[name].EXAMPLE)
        doses = dict.fromkeys(policies.INSTRUMENTS[instrument].DOSES, 0) | {"penalty": said.penalty}
        acts.append({"id": "penalty", **common, "instrument": instrument, **doses, "reference": said.reference})
    keys = {"title": said.title, "status": said.status, "start": start, "days": (last - start).days, "people": 25_000}
    text = StringIO()
    writer = YAML(typ="rt", pure=True)
    writer.width, writer.allow_unicode = 4096, False
    writer.dump(quoted({**keys, "world": {"facts": nearest_world(start)}, "policies": acts}), text)
    names = ", ".join(said.left_out)
    left_out = f"# Left out, because the facts have no figures: {names}.\n" if names else ""
    filled = {"mode_line": _mode_line(path), "file": path, "left_out": left_out, "keys": text.getvalue()}
    return _write(path, _ANSWERED.format(**filled))


def askable() -> tuple[str, ...]:
    """Return the instruments that a few answers describe: they act on no other policy and have no steps or clocks."""
    return tuple(name for name in policies.available() if _is_simple(policies.INSTRUMENTS[name]))


def _is_simple(tool: type[policies.Policy]) -> bool:
    """Return whether an instrument's own keys are numbers, words, and lists of words."""
    if tool.HALTS or tool.EXTENDS or tool.FREES or "announced" in tool.EXAMPLE:
        return False
    values = [value for key, value in tool.EXAMPLE.items() if key != "by"]
    plain = [item for value in values for item in (value if isinstance(value, list) else [value])]
    return all(isinstance(item, str | int | float) and not re.fullmatch(r"[\d-]{10}", str(item)) for item in plain)


def _own_keys(instrument: str) -> dict[str, Any]:
    """Return the instrument's own keys to ask for, with an example of each; its penalty last."""
    example = policies.INSTRUMENTS[instrument].EXAMPLE
    keys = {key: value for key, value in example.items() if key not in ("by", "targets")}
    return dict(sorted(keys.items(), key=lambda entry: entry[0] == "penalty"))


def _platforms() -> list[Any]:
    """Return the platforms of all shipped worlds."""
    return [fact for name in available_facts() for fact in load_facts(name).platforms.values()]


def _lifetime(platform: str, facts: Facts) -> str:
    """Return when a platform was launched and closed, which is why it is not there."""
    dates = {event: dates_of(event)[platform] for event in ("launched", "closed") if platform in dates_of(event)}
    return ", ".join(f"{event} {day}" for event, day in dates.items()) or f"no figures in {facts.name}"


def _split(text: str) -> list[str]:
    """Return the parts of a list with commas."""
    return [word.strip() for word in text.split(",") if word.strip()]


def _day(question: Question, text: str) -> date:
    """Return an answer as a day."""
    with suppress(ValueError):
        day = date.fromisoformat(text.replace("/", "-"))
        if EARLIEST <= day.year <= LATEST:
            return day
    raise question.refuses(f"'{text}'")
