"""A scenario from the answers to a few questions: who does what to whom, when, for how long, with which penalty.

Each answer is checked when it is given. Nothing here prints or reads: `sim.cli.interview` asks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import Any

from pydantic import ValidationError

from sim import policies
from sim.errors import did_you_mean
from sim.facts import Facts, available_facts, find_platform, load_facts
from sim.facts.dated import as_of
from sim.facts.history import dated_platforms, load_events, load_restrictions
from sim.facts.model import REST_OF_WORLD, TECHNIQUES
from sim.facts.names import fold
from sim.facts.places import load_places, place_code
from sim.facts.worlds import nearest_world
from sim.policies.values import Names
from sim.scenario.answers import (
    Question,
    as_typed,
    is_date,
    read_amount,
    read_day,
    read_end,
    read_value,
    refused,
    words,
)

BEFORE, AFTER, OPEN_END = 28, 28, 180
"""Days before the first day in force, after the last one, and after the first one where no end is known."""
NO_PENALTY = ("none", "no", "0", "nothing")
NO_END = ("for good", "no end", "open", "unknown", "none")
KEEP = "keep"
STATUSES = ("hindcast", "projection", "what-if")


@dataclass
class Interview:
    """The answers so far.

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
    _asked: tuple[str, ...] = ()
    _unknown: tuple[str, ...] = ()
    _known: tuple[str, ...] = ()

    @property
    def start(self) -> date:
        """The first day of the scenario."""
        return _answered(self.on) - timedelta(days=BEFORE)

    @property
    def days(self) -> int:
        """The length of the scenario [days]."""
        last = self.until + timedelta(days=AFTER) if self.until else _answered(self.on) + timedelta(days=OPEN_END)
        return (last - self.start).days

    @property
    def world(self) -> str:
        """The shipped world nearest to the first day."""
        return nearest_world(self.start)

    def question(self) -> Question | None:
        """Return what to ask next, or None when all is known."""
        return next((one for one in self._questions() if one.key not in self._asked), None)

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
        question = next(one for one in self._questions() if one.key == key)
        said = text.strip() or question.default
        if said is None:
            raise refused(question, "no answer")
        take: Mapping[str, Callable[[Question, str], None]] = {
            "who": self._take_states,
            "what": self._take_instrument,
            "whom": self._take_platforms,
            "when": self._take_day,
            "how long": self._take_end,
            "penalty": self._take_penalty,
        }
        take.get(key, self._take_other)(question, said)
        self._asked = (*self._asked, key)

    def _questions(self) -> list[Question]:
        """Return all questions that follow from the answers so far, in their order."""
        asked = [
            Question("who", "Who acts?", "a state by code or English name; several with commas"),
            Question("what", "What does it do?", f"{_usual()}, or another instrument", _usual(), _instruments()),
        ]
        if not self.instrument:
            return asked
        tool = policies.INSTRUMENTS[self.instrument]
        if tool.NEEDS_TARGETS:
            asked.append(
                Question(
                    "whom", "Which platforms?", "names with commas, such as WhatsApp, Telegram", None, _platforms()
                )
            )
        asked += [
            Question("when", "When does it begin?", "the first day in force, YYYY-MM-DD"),
            Question("how long", "For how long?", "5 days, 3 weeks, until YYYY-MM-DD, or for good", "for good"),
        ]
        if "penalty" not in tool.EXAMPLE:
            words = "What does it cost a user who gets around it?"
            asked.append(Question("penalty", words, "US dollars a month, fine times chance; or none", "none"))
        if self.on is None:
            return asked
        asked += [self._own_question(key, value) for key, value in _own_keys(tool).items()]
        asked += [
            Question("reference", "Which law, order or report says so?", "a text", "not stated"),
            Question("status", "Did it happen, was it ordered, or is it imagined?", ", ".join(STATUSES), "what-if"),
            Question("title", "What is the title?", "a text", self._title()),
        ]
        return asked

    def _own_question(self, key: str, example: Any) -> Question:
        """Return the question for a key of the instrument itself."""
        if key == "technique":
            usual = usual_technique(self.by[0])
            choices = tuple(TECHNIQUES.items())
            return Question(key, "How does the network enforce it?", ", ".join(TECHNIQUES), usual, choices)
        about = policies.INSTRUMENTS[self.instrument].model_fields[key].description or "a value"
        return Question(key, f"{self.instrument}: {key.replace('_', ' ')}?", about.rstrip("."), as_typed(example))

    def _take_states(self, question: Question, said: str) -> None:
        codes = [place_code(word, question.text) for word in words(said)]
        if not codes or REST_OF_WORLD in codes:
            raise refused(question, f"'{said}'")
        self.by = tuple(dict.fromkeys(codes))

    def _take_instrument(self, question: Question, said: str) -> None:
        name = said.replace(" ", "_").replace("-", "_").casefold()
        if name not in askable():
            raise refused(question, f"no instrument is called '{said}'", did_you_mean(name, askable()))
        self.instrument = name

    def _take_platforms(self, question: Question, said: str) -> None:
        if said.casefold() == KEEP and self._unknown and self._known:
            self.targets, self.left_out = self._known, self._unknown
            return
        worlds = [load_facts(name) for name in available_facts()]
        known, unknown, hints = list[str](), list[str](), list[str]()
        spellings = {fold(name): name for name in dated_platforms()}
        spellings |= {fold(w): n for facts in worlds for n, p in facts.platforms.items() for w in (n, *p.aliases)}
        for word in words(said):
            name = spellings.get(fold(word))
            found = name and next((n for facts in reversed(worlds) if (n := find_platform(name, facts))), None)
            (known if found else unknown).append(found or word)
            if not found and (hint := did_you_mean(word, spellings.values())) and not name:
                hints.append(f"{word}: {hint}")
        self._known, self._unknown = tuple(dict.fromkeys(known)), tuple(unknown)
        if unknown or not known:
            found_text = f"no figures for {', '.join(unknown)}" if unknown else "no platform"
            raise refused(question, found_text, "; ".join([*hints, *self._way_on()]))
        self.targets = self._known

    def _take_day(self, question: Question, said: str) -> None:
        day = read_day(question, said)
        self.on = day
        facts = as_of(load_facts(self.world), self.start)
        names, gone = list[str](), list[str]()
        for target in self.targets:
            found = find_platform(target, facts)
            if found:
                names.append(found)
            else:
                gone.append(f"{target} ({_when(target, facts)})")
        if gone:
            self._known, self._unknown = tuple(names), tuple(word.split(" (")[0] for word in gone)
            self._asked = tuple(key for key in self._asked if key != "whom")
            found_text = f"on {self.start} these do not exist: {', '.join(gone)}"
            self.on = None
            raise refused(question, found_text, "; ".join(["name the platforms again", *self._way_on()]))
        self.targets = tuple(names)

    def _take_end(self, question: Question, said: str) -> None:
        text = said.casefold()
        if text in NO_END:
            self.until = None
            return
        self.until = read_end(question, text, _answered(self.on))
        if self.until <= _answered(self.on) or self.days > 3_653:
            problem = refused(question, f"it would end on {self.until}")
            self.until = None
            raise problem

    def _take_penalty(self, question: Question, said: str) -> None:
        if said.casefold() in NO_PENALTY:
            self.penalty = 0.0
            return
        self.penalty = read_amount(question, said)

    def _take_other(self, question: Question, said: str) -> None:
        if question.key == "status" and said not in STATUSES:
            raise refused(question, f"'{said}'", did_you_mean(said, STATUSES))
        if question.key in ("reference", "status", "title"):
            setattr(self, question.key, said)
            return
        value = read_value(said, _own_keys(policies.INSTRUMENTS[self.instrument])[question.key])
        self._check(question, value)
        self.own[question.key] = value

    def _check(self, question: Question, value: Any) -> None:
        """Refuse a value that the instrument does not take."""
        facts = as_of(load_facts(self.world), self.start)
        keys = {"id": "it", "instrument": self.instrument, "by": "US", "on": self.on, "targets": list(self.targets)}
        example = _own_keys(policies.INSTRUMENTS[self.instrument])
        try:
            whole = {**keys, **example, **self.own, question.key: value}
            policies.INSTRUMENTS[self.instrument].model_validate(whole, context=Names(facts))
        except ValidationError as error:
            for entry in error.errors(include_url=False):
                if entry["loc"][:1] == (question.key,):
                    context = entry.get("ctx", {})
                    found = str(context.get("found", f"'{value}': {entry['msg']}"))
                    raise refused(question, found, str(context.get("hint", ""))) from None

    def _way_on(self) -> list[str]:
        """Return how to continue without what is unknown."""
        return [f"{KEEP}: continue with {', '.join(self._known)}"] if self._known else []

    def _title(self) -> str:
        """Return a title made from the answers."""
        places = load_places()
        who = " and ".join(places[code].name for code in self.by)
        shown, more = self.targets[:3], len(self.targets) - 3
        whom = ", ".join(shown) + (f" and {more} more" if more > 0 else "")
        what = self.instrument.replace("_", " ")
        return f"{who}: {what}{f' of {whom}' if whom else ''}, {_answered(self.on):%B %Y}"


def askable() -> tuple[str, ...]:
    """Return the instruments that a few answers describe: they act on no other policy and have no steps or clocks."""
    return tuple(name for name in policies.available() if _is_simple(policies.INSTRUMENTS[name]))


def usual_technique(state: str) -> str:
    """Return the technique that a state used most in the history of blocks; ``isp`` where there is none.

    Parameters
    ----------
    state : str
        Alpha-2 code.
    """
    used = Counter(r.fact.technique for r in load_restrictions() if r.state == state and r.is_block)
    return used.most_common(1)[0][0] if used else "isp"


def _usual() -> str:
    """Return the instrument that states use most: the first that puts a service out of reach."""
    return next(name for name in askable() if policies.INSTRUMENTS[name].OUTAGE)


def punishing() -> str:
    """Return the instrument by which a state punishes users of a way around."""
    return next(name for name in policies.available() if "penalty" in policies.INSTRUMENTS[name].EXAMPLE)


def _instruments() -> tuple[tuple[str, str], ...]:
    """Return the instruments to choose from, each with what it does."""
    return tuple((name, policies.INSTRUMENTS[name].summary()) for name in askable())


@cache
def _platforms() -> tuple[tuple[str, str], ...]:
    """Return the platforms of all worlds, each with its owner and home."""
    listed = [load_facts(name).platforms for name in available_facts()]
    found = {
        name: f"{fact.kind}, {fact.owner} ({fact.home})" for platforms in listed for name, fact in platforms.items()
    }
    return tuple(sorted(found.items()))


def _is_simple(tool: policies.Instrument) -> bool:
    """Return whether an instrument's own keys are numbers, words, and lists of words."""
    if tool.HALTS or tool.EXTENDS or tool.FREES or "announced" in tool.EXAMPLE:
        return False
    values = [value for key, value in tool.EXAMPLE.items() if key != "by"]
    plain = [item for value in values for item in (value if isinstance(value, list) else [value])]
    return all(isinstance(item, str | int | float) and not is_date(item) for item in plain)


def _own_keys(tool: policies.Instrument) -> dict[str, Any]:
    """Return the instrument's own keys to ask for, with an example of each."""
    return {key: value for key, value in tool.EXAMPLE.items() if key not in ("by", "targets", "penalty")} | (
        {"penalty": tool.EXAMPLE["penalty"]} if "penalty" in tool.EXAMPLE else {}
    )


def _when(platform: str, facts: Facts) -> str:
    """Return why a platform is not there: when it was launched or closed."""
    dates = {e.event: e.date for e in load_events() if e.platform == platform and e.event in ("launched", "closed")}
    listed = ", ".join(f"{event} {day}" for event, day in dates.items())
    return listed or f"no figures in {facts.name}"


def _answered(day: date | None) -> date:
    """Return the first day in force, which other answers need."""
    if day is None:
        raise ValueError("the first day is not known yet")
    return day
