"""A scenario from the answers to a few questions: who does what to whom, when, for how long, with which penalty.

Each answer is checked when it is given. Nothing here prints or reads: `sim.cli.interview` asks.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from pydantic import ValidationError

from sim import policies
from sim.errors import InputError, Problem, did_you_mean
from sim.facts import Facts, available_facts, find_platform, load_facts
from sim.facts.history import as_of, dated_platforms, load_events, load_restrictions
from sim.facts.model import REST_OF_WORLD, TECHNIQUES
from sim.facts.states import load_places, place_code
from sim.facts.tables import fold
from sim.facts.worlds import nearest_world
from sim.policies.values import Names

BEFORE, AFTER, OPEN_END = 28, 28, 180
"""Days before the first day in force, after the last one, and after the first one where no end is known."""
EARLIEST, LATEST = 1991, 2099
"""Years in which a policy may begin or end."""
LONGEST = 3_653
"""Longest scenario [days]."""
NO_PENALTY = ("none", "no", "0", "nothing")
NO_END = ("for good", "no end", "open", "unknown", "none")
KEEP = "keep"
STATUSES = ("hindcast", "projection", "what-if")
_SPAN = re.compile(r"(?:for )?(\d{1,4}) ?(day|week|month|year)s?")
_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}


@dataclass(frozen=True)
class Question:
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
    _answered: tuple[str, ...] = ()
    _known: tuple[str, ...] = ()
    _unknown: tuple[str, ...] = ()

    @property
    def start(self) -> date:
        """The first day of the scenario."""
        return self._first_day - timedelta(days=BEFORE)

    @property
    def days(self) -> int:
        """The length of the scenario [days]."""
        last = self.until + timedelta(days=AFTER) if self.until else self._first_day + timedelta(days=OPEN_END)
        return (last - self.start).days

    @property
    def world(self) -> str:
        """The shipped world nearest to the first day."""
        return nearest_world(self.start)

    @property
    def _first_day(self) -> date:
        if self.on is None:
            raise ValueError("the first day is not known yet")
        return self.on

    @property
    def _facts(self) -> Facts:
        return as_of(load_facts(self.world), self.start)

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
                codes = [place_code(word, question.text) for word in _words(said)]
                if not codes or REST_OF_WORLD in codes:
                    raise question.refuses(f"'{said}'")
                self.by = tuple(dict.fromkeys(codes))
            case "what":
                name = said.replace(" ", "_").replace("-", "_").casefold()
                if name not in askable():
                    raise question.refuses(f"no instrument is called '{said}'", did_you_mean(name, askable()))
                self.instrument = name
            case "whom":
                self._take_platforms(question, said)
            case "when":
                self._take_day(question, said)
            case "how long":
                self._take_end(question, said.casefold())
            case "penalty":
                self.penalty = 0.0 if said.casefold() in NO_PENALTY else _amount(question, said)
            case "reference" | "status" | "title":
                if key == "status" and said not in STATUSES:
                    raise question.refuses(f"'{said}'", did_you_mean(said, STATUSES))
                setattr(self, key, said)
            case _:
                self.own[key] = self._own_value(question, said)
        self._answered = (*self._answered, key)

    def _questions(self) -> Iterator[Question]:
        """Yield all questions that follow from the answers so far, in their order."""
        known = tuple((name, policies.INSTRUMENTS[name].summary()) for name in askable())
        usual = next(name for name in askable() if policies.INSTRUMENTS[name].OUTAGE)  # puts a service out of reach
        yield Question("who", "Who acts?", "a state by code or English name; several with commas")
        yield Question("what", "What does it do?", f"{usual}, or another instrument", usual, known)
        if not self.instrument:
            return
        if policies.INSTRUMENTS[self.instrument].NEEDS_TARGETS:
            allowed = "names with commas, such as WhatsApp, Telegram"
            facts = [fact for name in available_facts() for fact in load_facts(name).platforms.values()]
            listed = {fact.name: f"{fact.kind}, {fact.owner} ({fact.home})" for fact in facts}
            yield Question("whom", "Which platforms?", allowed, None, tuple(sorted(listed.items())))
        yield Question("when", "When does it begin?", "the first day in force, YYYY-MM-DD")
        yield Question("how long", "For how long?", "5 days, 3 weeks, until YYYY-MM-DD, or for good", "for good")
        if "penalty" not in policies.INSTRUMENTS[self.instrument].EXAMPLE:
            text, allowed = (
                "What does it cost a user who gets around it?",
                "US dollars a month, fine times chance; or none",
            )
            yield Question("penalty", text, allowed, "none")
        if self.on is None:
            return
        for key, example in _own_keys(self.instrument).items():
            if key == "technique":
                usual = usual_technique(self.by[0])
                text = "How does the network enforce it?"
                yield Question(key, text, ", ".join(TECHNIQUES), usual, tuple(TECHNIQUES.items()))
            else:
                allowed = (policies.INSTRUMENTS[self.instrument].model_fields[key].description or "a value").rstrip(".")
                default = ", ".join(map(str, example)) if isinstance(example, list) else str(example)
                yield Question(key, f"{self.instrument}: {key.replace('_', ' ')}?", allowed, default)
        yield Question("reference", "Which law, order or report says so?", "a text", "not stated")
        yield Question("status", "Did it happen, was it ordered, or is it imagined?", ", ".join(STATUSES), "what-if")
        yield Question("title", "What is the title?", "a text", self._title())

    def _take_platforms(self, question: Question, said: str) -> None:
        """Take the names of platforms; those without figures are left out if the answer says to keep the others."""
        if said.casefold() == KEEP and self._unknown and self._known:
            self.targets, self.left_out = self._known, self._unknown
            return
        known, unknown, hints = list[str](), list[str](), list[str]()
        spellings = _spellings()
        for word in _words(said):
            name = spellings.get(fold(word), "")
            facts = (load_facts(world) for world in reversed(available_facts()))
            platform = next((platform for known_by in facts if (platform := find_platform(name, known_by))), None)
            (known if platform else unknown).append(platform or word)
            if not name and (hint := did_you_mean(word, spellings.values())):
                hints.append(f"{word}: {hint}")
        self._known, self._unknown = tuple(dict.fromkeys(known)), tuple(unknown)
        if unknown or not known:
            found = f"no figures for {', '.join(unknown)}" if unknown else "no platform"
            raise question.refuses(found, "; ".join([*hints, *self._way_on()]))
        self.targets = self._known

    def _take_day(self, question: Question, said: str) -> None:
        """Take the first day in force; platforms that are not there then are asked for once more."""
        self.on = _day(question, said)
        facts, start = self._facts, self.start
        names = {target: find_platform(target, facts) for target in self.targets}
        gone = [target for target, name in names.items() if name is None]
        self._known = tuple(name for name in names.values() if name is not None)
        if gone:
            self.on, self._unknown = None, tuple(gone)
            self._answered = tuple(key for key in self._answered if key != "whom")
            found = ", ".join(f"{target} ({_lifetime(target, facts)})" for target in gone)
            hint = "; ".join(["name the platforms again", *self._way_on()])
            raise question.refuses(f"on {start} these do not exist: {found}", hint)
        self.targets = self._known

    def _take_end(self, question: Question, said: str) -> None:
        """Take the first day free again: a span such as ``5 days``, or a day."""
        self.until = None
        if said in NO_END:
            return
        span = _SPAN.fullmatch(said)
        days = timedelta(days=int(span[1]) * _DAYS[span[2]]) if span else timedelta()
        end = self._first_day + days if span else _day(question, said.removeprefix("until").strip())
        if end <= self._first_day or (end - self._first_day).days > LONGEST - BEFORE - AFTER:
            raise question.refuses(f"it would end on {end}")
        self.until = end

    def _own_value(self, question: Question, said: str) -> Any:
        """Return the value of a key of the instrument itself, if the instrument takes it."""
        examples = _own_keys(self.instrument)
        value = _value(said, examples[question.key])
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

    def _title(self) -> str:
        """Return a title made from the answers."""
        who = " and ".join(load_places()[code].name for code in self.by)
        more = len(self.targets) - 3
        whom = ", ".join(self.targets[:3]) + (f" and {more} more" if more > 0 else "")
        what = self.instrument.replace("_", " ")
        return f"{who}: {what}{f' of {whom}' if whom else ''}, {self._first_day:%B %Y}"


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


def punishing() -> str:
    """Return the instrument by which a state punishes users of a way around."""
    return next(name for name in policies.available() if "penalty" in policies.INSTRUMENTS[name].EXAMPLE)


def _is_simple(tool: type[policies.Policy]) -> bool:
    """Return whether an instrument's own keys are numbers, words, and lists of words."""
    if tool.HALTS or tool.EXTENDS or tool.FREES or "announced" in tool.EXAMPLE:
        return False
    values = [value for key, value in tool.EXAMPLE.items() if key != "by"]
    plain = [item for value in values for item in (value if isinstance(value, list) else [value])]
    return all(isinstance(item, str | int | float) and not _is_date(item) for item in plain)


def _own_keys(instrument: str) -> dict[str, Any]:
    """Return the instrument's own keys to ask for, with an example of each; its penalty last."""
    example = policies.INSTRUMENTS[instrument].EXAMPLE
    keys = {key: value for key, value in example.items() if key not in ("by", "targets")}
    return dict(sorted(keys.items(), key=lambda entry: entry[0] == "penalty"))


def _spellings() -> dict[str, str]:
    """Return the platforms of all worlds and times by any of their names, folded."""
    facts = [fact for name in available_facts() for fact in load_facts(name).platforms.values()]
    spellings = {fold(name): name for name in dated_platforms()}
    return spellings | {fold(word): fact.name for fact in facts for word in (fact.name, *fact.aliases)}


def _lifetime(platform: str, facts: Facts) -> str:
    """Return when a platform was launched and closed, which is why it is not there."""
    dates = {e.event: e.date for e in load_events() if e.platform == platform and e.event in ("launched", "closed")}
    return ", ".join(f"{event} {day}" for event, day in dates.items()) or f"no figures in {facts.name}"


def _words(text: str) -> list[str]:
    """Return the parts of a list with commas."""
    return [word.strip() for word in text.split(",") if word.strip()]


def _is_date(value: object) -> bool:
    """Return whether a value is the text of a date."""
    try:
        return isinstance(value, str) and bool(date.fromisoformat(value))
    except ValueError:
        return False


def _day(question: Question, text: str) -> date:
    """Return an answer as a day."""
    with suppress(ValueError):
        day = date.fromisoformat(text.replace("/", "-"))
        if EARLIEST <= day.year <= LATEST:
            return day
    raise question.refuses(f"'{text}'")


def _amount(question: Question, text: str) -> float:
    """Return an answer as an amount of money [US dollars], written with or without ``$`` or ``USD``."""
    with suppress(ValueError):
        amount = float(text.casefold().removeprefix("$").removesuffix("usd").removesuffix("dollars").strip())
        if 0 <= amount < 1e6:
            return amount
    raise question.refuses(f"'{text}'")


def _value(text: str, example: Any) -> Any:
    """Return an answer of the kind of an example; the text itself where it is not of that kind."""
    if isinstance(example, list):
        return _words(text)
    if isinstance(example, bool):
        return {"yes": True, "true": True, "no": False, "false": False}.get(text.casefold(), text)
    for kind in (int, float):
        with suppress(ValueError):
            return kind(text)
    return text
