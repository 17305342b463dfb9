"""A scenario from the answers to a few questions: who does what to whom, when, for how long, with
which penalty.

Each answer is checked when it is given. The answers come from a user, from a news item
(`splinternet.scenario.news`), or from the record of orders. Nothing here prints or reads:
`splinternet.cli.new` asks.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple

from pydantic import ValidationError

from .. import policies
from ..errors import InputError, Problem, did_you_mean
from ..facts import Facts, available_facts, find_platform, load_facts
from ..facts.history import MOBILE_SHUTDOWN, Recorded, as_of, dates_of, recorded
from ..facts.model import REST_OF_WORLD, TECHNIQUES
from ..facts.states import load_places
from ..facts.worlds import nearest_world
from ..policies.values import Names
from .news import (
    CALLS,
    DAYS,
    SPAN,
    codes_of,
    instrument_of,
    members,
    phrase,
    platform_names,
    read_count,
    read_number,
    status_of,
    unions,
    vocabulary,
)

BEFORE, AFTER, OPEN_END = 28, 28, 180
"""Days before the first day in force, after the last one, and after the first one of no known end
(assumption).
"""
EARLIEST, LATEST = 1991, 2099
"""Years in which a policy may begin or end."""
LONGEST = 3_653
"""Longest scenario [days]."""
NONE = ("none", "no", "nothing")
KEEP = "keep"
NEAR = 30
"""An order of the record that began so many days around the first day is the one that is meant
[days] (assumption).
"""
STATUSES = {
    "hindcast": "it happened, and it is over",
    "projection": "it was ordered, or is in force",
    "what-if": "it is imagined",
}


class Question(NamedTuple):
    """A question."""

    key: str
    """What it is about."""
    text: str
    """The question."""
    allowed: str
    """What may be answered."""
    default: str | None = None
    """What an empty answer means; None where one must answer."""
    choices: tuple[tuple[str, str], ...] = ()
    """What there is to choose from, each with what it is; empty where it is anything."""
    more: str = ""
    """What helps to answer it."""

    def refuses(self, found: str, hint: str = "") -> InputError:
        """Return the error of an answer in which something was found."""
        return InputError(Problem(self.text, found, self.allowed, hint))


@dataclass
class Interview:
    """What the answers say so far."""

    by: tuple[str, ...] = ()
    """Acting states."""
    instrument: str = ""
    targets: tuple[str, ...] = ()
    """Platforms, by the names of the world nearest to the day; before the day is known, by those of
    the histories.
    """
    groups: tuple[str, ...] = ()
    """Groups of platforms that were named, such as ``social media``."""
    left_out: tuple[str, ...] = ()
    """Platforms that the facts have no figures for, as they were answered."""
    on: date | None = None
    until: date | None = None
    penalty: float = 0.0
    """Expected cost of a way around it to a user [US dollars a month]."""
    own: dict[str, Any] = field(default_factory=dict)
    """Keys of the instrument itself."""
    notes: list[str] = field(default_factory=list)
    """How an answer was understood, where it is not as it was written; a user should see it."""
    assumed: dict[str, str] = field(default_factory=dict)
    """The keys that nobody answered, each with where its value is from."""
    reference: str = ""
    status: str = ""
    title: str = ""
    _answered: set[str] = field(default_factory=set)
    _unknown: tuple[str, ...] = ()

    @property
    def start(self) -> date:
        """The first day of the scenario: `BEFORE`, or the launch of a platform that is younger on
        its first day.
        """
        if self.on is None:
            raise ValueError("the first day is not known yet")
        first = self.on - timedelta(days=BEFORE)
        launched = (
            date.fromisoformat(day)
            for name, day in dates_of("launched").items()
            if name in self.targets
        )
        return max([first, *(day for day in launched if day <= self.on)])

    @property
    def _facts(self) -> Facts:
        return as_of(load_facts(nearest_world(self.start), named=True), self.start)

    def question(self) -> Question | None:
        """Return what to ask next, or None when all is known."""
        return next(
            (question for question in self._questions() if question.key not in self._answered), None
        )

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
                codes = [code for word in _split(said) for code in codes_of(word, question.text)]
                if not codes or REST_OF_WORLD in codes:
                    raise question.refuses(f"'{said}'")
                self.by = tuple(dict.fromkeys(codes))
            case "what":
                self._take_instrument(question, said)
            case "whom":
                self._take_platforms(question, said)
            case "when":
                self._take_day(question, said)
            case "how long":
                self._take_end(question, said.casefold())
            case "penalty":
                amount = read_number(re.sub(r"(?i)^(us)?\$|usd|(us )?dollars", "", said))
                if (amount is None or amount < 0) and said.casefold() not in NONE:
                    raise question.refuses(f"'{said}'")
                self.penalty = amount or 0.0
            case "reference" | "status" | "title":
                if key == "status" and said not in STATUSES:
                    raise question.refuses(f"'{said}'", did_you_mean(said, STATUSES))
                setattr(self, key, said)
            case _:
                self.own[key] = self._own_value(question, said)
                if not text.strip():
                    self.assumed[key] = question.more
        self._answered.add(key)

    def known(self) -> list[Recorded]:
        """Return the orders of the record that the answers so far may mean, the newest first."""
        if not self.by or not (self.targets or self.groups):
            found = (
                recorded(self.by)
                if self.by and not policies.INSTRUMENTS[self.instrument].NEEDS_TARGETS
                else []
            )
            return [
                order
                for order in found
                if not order.platforms and instrument_of(order) == self.instrument
            ]
        wanted = set(self.targets)
        for world in available_facts():
            facts = load_facts(world, named=True)
            names = [name for group in self.groups for name in members(group, self.by, facts)]
            wanted |= {platform_names()[phrase(name)] for name in names}
        calls = "calls_only" if CALLS in self.groups else ""
        found = recorded(
            self.by, () if self.groups else wanted, calls
        )  # a group names its platforms loosely
        alike = [order for order in found if instrument_of(order) == self.instrument]
        return [order for order in alike if wanted.intersection(order.platforms)]

    @property
    def can_keep(self) -> bool:
        """Whether some platforms of an answer are unknown and others are known, so that `KEEP` is
        an answer.
        """
        return bool(self._unknown and (self.targets or self.groups))

    def nearest(self) -> Recorded | None:
        """Return the order of the record that began within a month of the first day; None where
        there is none.
        """
        on = self.on
        if on is None:
            return None
        near = [order for order in self.known() if abs((order.since - on).days) <= NEAR]
        return min(
            near,
            key=lambda order: (abs((order.since - on).days), -len(order.platforms)),
            default=None,
        )

    def use_nearest(self, day: str) -> Recorded:
        """Take and return the order of the record that is nearest to a day, or the newest where no
        day is known.
        """
        question, past = self._of("when"), self.known()
        if not past:
            raise question.refuses("the record has no such order", "leave out --recorded")
        on = _day(question, day) if day else past[0].since
        order = min(past, key=lambda order: (abs((order.since - on).days), -len(order.platforms)))
        self.use(order)
        return order

    def use(self, order: Recorded) -> None:
        """Take days, platforms, technique and source from an order of the record."""
        named = tuple(name for name in self.targets if name not in order.platforms)
        if named:
            left = f"not in that order, left out: {', '.join(named)}"
            self.notes.append(f"{left} (check --add-recorded adds other orders of the record)")
        self.targets, self.groups, self.until = order.platforms, (), order.until
        self._take_day(self._of("when"), order.since.isoformat())
        self.own |= {"technique": order.technique} if order.technique in TECHNIQUES else {}
        is_said = (
            "order" in policies.INSTRUMENTS[self.instrument].model_fields
            and order.order != "unknown"
        )
        self.own |= {"order": order.order} if is_said else {}
        if order.technique == MOBILE_SHUTDOWN:
            self.notes.append(
                f"{MOBILE_SHUTDOWN}: share is the part of people without a fixed line; the record has none"
            )
        self.notes += order.notes
        self.reference, self.status = (
            f"{'; '.join(order.sources)}: {'; '.join(order.notes)}".rstrip(": "),
            status_of(order),
        )
        self._answered |= {"when", "how long", "technique", "order", "reference", "status"}

    def _of(self, key: str) -> Question:
        """Return the question with a key."""
        return next(question for question in self._questions() if question.key == key)

    def _questions(self) -> Iterator[Question]:
        """Yield all questions that follow from the answers so far, in their order."""
        names = "a state by code or name, or EU; several with commas"
        yield Question(
            "who",
            "Who acts?",
            names,
            more="splinternet list states names them; names in other languages do",
        )
        kinds = tuple((name, policies.INSTRUMENTS[name].summary) for name in askable())
        allowed = "block, suspend, slow down, shut down, or another instrument"
        yield Question("what", "What does it do?", allowed, None, kinds)
        if not self.instrument:
            return
        kind = policies.INSTRUMENTS[self.instrument]
        if kind.NEEDS_TARGETS:
            listed = {
                f.name: f"{f.kind}, {f.owner} ({f.home})"
                for w in available_facts()
                for f in load_facts(w, named=True).platforms.values()
            }
            groups = {
                name: "a group of platforms" for name in dict.fromkeys(vocabulary("group").values())
            }
            allowed = (
                "names with commas, such as WhatsApp, Telegram; or a group, such as social media"
            )
            yield Question(
                "whom", "Which platforms?", allowed, None, tuple(sorted((groups | listed).items()))
            )
        past = tuple(
            (f"{at}", f"{order}; {order.sources[0]}") for at, order in enumerate(self.known(), 1)
        )
        allowed = "the first day in force, YYYY-MM-DD" + (
            ", or the number of an order of the record" if past else ""
        )
        yield Question(
            "when",
            "When does it begin?",
            allowed,
            None,
            past,
            "2026-02-17; the record has no such order",
        )
        allowed = "5 days, 3 weeks, a year, until YYYY-MM-DD, until further notice, or for good"
        yield Question(
            "how long",
            "For how long?",
            allowed,
            "for good",
            more="the last day in force is the day before 'until'",
        )
        if (
            kind.NEEDS_TARGETS
            and kind.has("apply")
            and kind.BANS
            and "penalty" not in kind.model_fields
        ):
            allowed = "US dollars a month, fine times chance; or none"
            more = (
                "what a user expects to pay: 100 dollars that one in 50 users pays in a month are 2"
            )
            yield Question(
                "penalty",
                "What does it cost a user who gets around it?",
                allowed,
                "none",
                more=more,
            )
        if self.on is None:
            return
        for key, example in own_keys(self.instrument).items():
            yield self._own_question(key, example)
        near = self.nearest()
        stated = "; ".join(near.sources) if near else "not stated"
        yield Question(
            "reference",
            "Which law, order or report says so?",
            "a text",
            stated,
            more="it is quoted in the report",
        )
        text = "Did it happen, was it ordered, or is it imagined?"
        usual = status_of(near) if near else "what-if"
        yield Question("status", text, ", ".join(STATUSES), usual, tuple(STATUSES.items()))
        union = next((name for name, states in unions().items() if set(states) == set(self.by)), "")
        who = union or " and ".join(load_places()[code].name for code in self.by)
        named = [*self.groups, *(() if self.groups else self.targets)]
        link = "on" if self.instrument.endswith(("_limit", "_ban", "_tax")) else "of"
        first, last = (
            (named[:3], f"{len(named) - 3} more")
            if len(named) > 3
            else (named[:-1], "".join(named[-1:]))
        )
        whom = f" {link} {' and '.join(filter(None, (', '.join(first), last)))}" if named else ""
        title = f"{who}: {self.instrument.replace('_', ' ')}{whom}, {self.on:%B %Y}"
        yield Question(
            "title", "What is the title?", "a text", title, more="charts and the report show it"
        )

    def _own_question(self, key: str, example: Any) -> Question:
        """Return the question about a key of the instrument itself.

        Its default is that of the schema; where the schema has none, one must answer.
        """
        info = policies.INSTRUMENTS[self.instrument].model_fields[key]
        if key == "technique":
            used = Counter(
                order.technique for order in recorded(self.by[:1]) if order.technique in TECHNIQUES
            )
            used = used or Counter(
                order.technique for order in recorded(()) if order.technique in TECHNIQUES
            )
            where = "the one used most in the table of blocks"
            text, choices = "How does the network enforce it?", tuple(TECHNIQUES.items())
            return Question(
                key, text, ", ".join(TECHNIQUES), used.most_common(1)[0][0], choices, where
            )
        allowed, usual = (info.description or "a value").rstrip("."), None
        if info.is_required() or info.default in (None, ()):
            allowed += f"; such as {', '.join(example) if isinstance(example, list) else example}"
        else:
            usual = (
                ", ".join(info.default) if isinstance(info.default, tuple) else str(info.default)
            )
        return Question(
            key,
            f"{self.instrument}: {key.replace('_', ' ')}?",
            allowed,
            usual,
            more="default of the schema",
        )

    def _take_instrument(self, question: Question, said: str) -> None:
        """Take an instrument by its name, or by a word of the news."""
        name = said.replace(" ", "_").replace("-", "_").casefold()
        name = name.replace("_", "") if name not in askable() else name  # 'shut down' is a shutdown
        if name not in askable():
            words = {**vocabulary("object"), **vocabulary("act")}
            name = words.get(phrase(said), "")
            if name not in askable():
                near = did_you_mean(said, [*askable(), *words])
                raise question.refuses(f"no instrument is called '{said}'", near or "? lists them")
            self.notes.append(f"'{said}' is understood as {name}")
        self.instrument = name

    def _take_platforms(self, question: Question, said: str) -> None:
        """Take the names of platforms and groups; keep leaves out those without figures."""
        if said.casefold() == KEEP and self.can_keep:
            self.left_out, self._unknown = (*self.left_out, *self._unknown), ()
            return
        words = {word: vocabulary("group").get(phrase(word), "") for word in _split(said)}
        self.groups = tuple(dict.fromkeys(group for group in words.values() if group))
        names = {
            word: platform_names().get(phrase(word), "")
            for word, group in words.items()
            if not group
        }
        figures = {
            word: name
            for word, name in names.items()
            if any(find_platform(name, load_facts(w, named=True)) for w in available_facts())
        }
        self.targets = tuple(dict.fromkeys(figures.values()))
        self._unknown = tuple(word for word in names if word not in figures)
        self.notes += [
            f"{word} is {name} in the facts"
            for word, name in figures.items()
            if phrase(word) != phrase(name)
        ]
        if CALLS in self.groups:
            self.own["technique"] = "calls_only"
            self._answered.add("technique")
        if self._unknown or not (self.targets or self.groups):
            found = f"no figures for {', '.join(self._unknown)}" if self._unknown else "no platform"
            known = [*platform_names().values(), *vocabulary("group").values()]
            close = {word: did_you_mean(word, known) for word in self._unknown if not names[word]}
            hints = [f"{word}: {hint}" for word, hint in close.items() if hint]
            raise question.refuses(found, "; ".join([*hints, *self._way_on()]))

    def _take_day(self, question: Question, said: str) -> None:
        """Take the first day in force; platforms that are not there then are asked for once more."""
        past = self.known()
        if said.isdecimal() and 0 < int(said) <= len(past):
            return self.use(past[int(said) - 1])
        self.on = _day(question, said)
        facts, start = self._facts, self.start
        names = {target: find_platform(target, facts) for target in self.targets}
        gone = tuple(target for target, name in names.items() if name is None)
        if gone:
            self.on, self._unknown = None, gone
            self.targets = tuple(target for target in self.targets if target not in gone)
            self._answered.discard("whom")
            found = ", ".join(f"{target} ({_lifetime(target, facts)})" for target in gone)
            hint = "; ".join(["name the platforms again", *self._way_on()])
            raise question.refuses(f"on {start} these do not exist: {found}", hint)
        grouped = [name for group in self.groups for name in members(group, self.by, facts)]
        if self.groups and not grouped:
            self.on = None
            raise question.refuses(
                f"nobody there uses {', '.join(self.groups)} in {facts.name}", "name the platforms"
            )
        if grouped:
            self.notes.append(f"{', '.join(self.groups)}: {', '.join(grouped)}")
        self.targets = tuple(dict.fromkeys([*filter(None, names.values()), *grouped]))
        return None

    def _take_end(self, question: Question, said: str) -> None:
        """Take the first day free again: a span such as ``5 days``, or a day."""
        self.until = None
        if phrase(said) in vocabulary("open"):
            return
        if self.on is None:
            raise ValueError("the first day is not known yet")
        span, first = SPAN.fullmatch(said), self.on
        if span:
            days = math.ceil(read_count(span[1]) * DAYS[span[2].casefold()])
            if days > LONGEST:
                raise question.refuses(f"'{said}'")
            end = first + timedelta(days=days)
        else:
            end = _day(question, said.removeprefix("until").strip())
        if not 0 < (end - first).days <= LONGEST - BEFORE - AFTER:
            raise question.refuses(f"it would end on {end}")
        self.until = end

    def _own_value(self, question: Question, said: str) -> Any:
        """Return the value of a key of the instrument itself, if the instrument takes it."""
        examples = own_keys(self.instrument)
        value: Any = said
        if isinstance(examples.get(question.key), list):
            value = _split(said)
        elif isinstance(examples.get(question.key), bool):
            value = {"yes": True, "true": True, "no": False, "false": False}.get(
                said.casefold(), said
            )
        elif (number := read_number(said)) is not None:
            value = int(number) if re.fullmatch(r"[0-9 ,_]+", said) else number
        keys = {
            "id": "it",
            "instrument": self.instrument,
            "by": "US",
            "on": self.on,
            "targets": list(self.targets),
        }
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
        named = ", ".join((*self.targets, *self.groups))
        return [f"{KEEP}: continue with {named}"] if named else []


def askable() -> tuple[str, ...]:
    """Return the instruments that a few answers describe: they act on no other policy and have no
    steps or clocks.
    """
    return tuple(name for name, tool in policies.INSTRUMENTS.items() if _is_simple(tool))


def _is_simple(tool: type[policies.Policy]) -> bool:
    """Return whether an instrument's own keys are numbers, words, and lists of words."""
    if tool.HALTS or tool.EXTENDS or tool.FREES or "announced" in tool.EXAMPLE:
        return False
    values = [value for key, value in tool.EXAMPLE.items() if key != "by"]
    plain = [item for value in values for item in (value if isinstance(value, list) else [value])]
    return all(
        isinstance(item, str | int | float) and not re.fullmatch(r"[\d-]{10}", str(item))
        for item in plain
    )


def own_keys(instrument: str) -> dict[str, Any]:
    """Return the instrument's own keys to ask for, with an example of each; its penalty last.

    A key that may be left out, so that the model's parameters decide, is not asked for.
    """
    kind = policies.INSTRUMENTS[instrument]

    def may_lack(key: str) -> bool:
        """Return whether the schema leaves a key open and the instrument works without it."""
        if (
            kind.model_fields[key].is_required()
            or kind.model_fields[key].default is not None
            or key == "technique"
        ):
            return False
        rest = {name: value for name, value in kind.EXAMPLE.items() if name != key}
        try:
            kind.model_validate({"id": "it", "instrument": instrument, "on": "2020-08-01", **rest})
        except ValidationError:
            return False
        return True

    keys = {
        k: value
        for k, value in kind.EXAMPLE.items()
        if k not in ("by", "targets") and not may_lack(k)
    }
    return dict(sorted(keys.items(), key=lambda entry: entry[0] == "penalty"))


def _lifetime(platform: str, facts: Facts) -> str:
    """Return when a platform was launched and closed, which is why it is not there."""
    dates = {
        event: dates_of(event)[platform]
        for event in ("launched", "closed")
        if platform in dates_of(event)
    }
    return (
        ", ".join(f"{event} {day}" for event, day in dates.items()) or f"no figures in {facts.name}"
    )


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
