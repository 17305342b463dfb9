"""What was ordered: read from a news item by rules, or taken from the record, as policies of a
scenario.

Of a news item only what stands in the text is taken; nothing is guessed. The tables of words,
states and platforms are those of the facts.

Recorded orders are those of blocks and of shutdowns that a scenario lacks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import Any, Literal, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, SequenceNode

from .. import policies
from ..errors import Code, InputError, Problem
from ..facts import available_facts, find_platform, load_facts
from ..facts.history import MOBILE_SHUTDOWN, Recorded, dated_name, dated_platforms, recorded
from ..facts.model import Facts
from ..facts.platforms import UNUSED, use_anywhere
from ..facts.states import load_places, local_names, place_code
from ..facts.tables import Cited, Text, Words, fold, read
from .scenario import Scenario, yaml_text

type WordKind = Literal[
    "act", "object", "group", "technique", "order", "open", "refused", "filler", "union", "capital"
]
LEAST_USE = 0.01
"""A group of platforms holds those that this share of a state's Internet users has in a month [1]
(assumption).
"""
CALLS = "calls"
"""The group of platforms whose calls are cut while text works."""
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
NUMBERS = (
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)
DAYS = {"hour": 1 / 24, "day": 1, "week": 7, "month": 30, "year": 365}
"""Days of a unit of time [days]."""
SPAN = re.compile(
    rf"(?:for |lasting )?(a|an|\d[\d,]*|{'|'.join(NUMBERS)})[ -]({'|'.join(DAYS)})s?", re.IGNORECASE
)
_NUMBER = re.compile(
    r"(\d{1,3}(?:[ ,_\u00a0\u202f]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?) ?(k|m|thousand|million)?"
)
_TIMES = {"": 1.0, "k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6}
_LONGEST = 8
"""Words of the longest name that is looked for."""
_SOON = 2
"""An act is on the Internet where that word follows it within so many words (assumption)."""
_MONTH = rf"(?P<month>{'|'.join(MONTHS)})[a-z]*\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?\.?"
_BEFORE = r"(?:\b(?P<before>until|till|to|through|from|since|on|of)\s+|\s(?P<dash>[-\u2013])\s*)?"
_DATES = [
    re.compile(_BEFORE + way, re.IGNORECASE)
    for way in (
        r"\b(?P<year>\d{4})-(?P<number>\d{1,2})-(?P<day>\d{1,2})\b",
        rf"\b{_DAY}\s+(?:of\s+)?{_MONTH}(?:,?\s+(?P<year>\d{{4}}))?\b",
        rf"\b{_MONTH}\s+{_DAY}(?:,?\s+(?P<year>\d{{4}}))?\b",
        r"\b(?P<day>\d{1,2})\.(?P<number>\d{1,2})\.(?P<year>\d{4})\b",
    )
]
_DAYS_OF_A_MONTH = re.compile(
    rf"\b(?P<first>\d{{1,2}})(?:st|nd|rd|th)?\s*(?P<link>to|until|till|through|[-\u2013])\s*(?={_DAY}\s+{_MONTH})",
    re.IGNORECASE,
)
"""Such as ``15 to 25 June 2019``."""
_PERCENT = re.compile(r"(?:by\s+)?(\d{1,3}(?:\.\d+)?)\s?(?:%|percent\b|per cent\b)", re.IGNORECASE)
_AGE = re.compile(
    r"\b(?:under|below|younger than)(?:[ -]the[ -]age[ -]of)?[ -](\d{1,2})(?:s|-year-olds)?\b",
    re.IGNORECASE,
)


class NewsWord(Cited, file="news_words.csv", key=("kind", "meaning")):
    """Words with one meaning."""

    kind: WordKind
    """``act``: the verb of an instrument; ``object``: what an instrument acts on, which comes
    before the verb; ``group``: a group of platforms; ``technique``: a technique of the table of
    blocks; ``order``: who orders; ``open``: no end is known; ``refused``: what no instrument
    covers; ``filler``: words that say nothing; ``union``: states that act as one; ``capital``: the
    seat of a government, by which the press names it.
    """
    meaning: Text
    """The instrument, the group, what is refused, the union, or the code of the state."""
    said: Words
    """The words."""
    covers: Words
    """Of a group: kinds of platforms, and names of others that belong to it; of a union: codes of
    its states.
    """
    note: str
    """What a user should know of it; of what is refused, the nearest question that can be asked."""


def phrase(text: str) -> str:
    """Return a name or a word as texts are searched for it: without case, accents, hyphens and
    curly quotes.
    """
    return " ".join(
        re.sub(r"[-\u2010\u2013_]", " ", fold(re.sub(r"[\u2018\u2019\u02bc]", "'", text))).split()
    )


@cache
def vocabulary(kind: WordKind) -> Mapping[str, str]:
    """Return the meaning of each word of a kind, by the word as `phrase` writes it, possessive or
    not.
    """
    said = [
        (word, row.meaning)
        for row in read(NewsWord).values()
        if row.kind == kind
        for word in row.said
    ]
    bare = {phrase(" ".join(map(_bare, word.split()))): meaning for word, meaning in said}
    return bare | {phrase(word): meaning for word, meaning in said}


def _bare(word: str) -> str:
    """Return a word without the ending of a possessive and without the dot of a sentence."""
    return re.sub(r"(['\u2019]s|['\u2019]|(?<=[a-z])\.)$", "", word)


def note_of(kind: WordKind, meaning: str) -> str:
    """Return what a user should know of a meaning; empty where there is nothing."""
    row = read(NewsWord).get((kind, meaning))
    return row.note if row is not None else ""


def members(group: str, states: tuple[str, ...], facts: Facts) -> tuple[str, ...]:
    """Return the platforms of a group that people of some states use, the most used first.

    Parameters
    ----------
    group : str
        Such as ``social media``.
    states : tuple of str
        Alpha-2 codes; use in any of them is enough.
    facts : Facts
        A world as of a day.
    """
    covers = read(NewsWord)["group", group].covers
    use = {
        name: max(use_anywhere(state, name, facts).value for state in states)
        for name, fact in facts.platforms.items()
        if fact.kind in covers or name in covers
    }
    return tuple(
        sorted(
            (name for name, share in use.items() if share >= LEAST_USE), key=lambda name: -use[name]
        )
    )


@dataclass
class News:
    """What a text says of an order."""

    answers: dict[str, str] = field(default_factory=dict)
    """The answers that it gives to the questions of an interview, by their keys."""
    understood: list[tuple[str, str]] = field(default_factory=list)
    """The words that were understood, and as what."""
    unread: tuple[str, ...] = ()
    """The words that were not."""

    def check(self, *, recorded: bool = False) -> None:
        """Raise InputError where the text does not say who does what to whom, and when; nothing is
        filled in.

        Parameters
        ----------
        recorded : bool
            Whether the day comes from the record.
        """
        missing = {"who": "who acts", "what": "what is done", "when": "when it begins"}
        if recorded:
            del missing["when"]
        kind = policies.INSTRUMENTS.get(self.answers.get("what", ""))
        if kind is not None and kind.NEEDS_TARGETS:
            missing["whom"] = "which platforms"
        unread = f"not understood: {' '.join(self.unread)}" if self.unread else ""
        problems = [
            Problem(
                "",
                f"the sentence does not say {words}",
                "who does what to whom, and when",
                unread,
                Code.MISSING,
            )
            for key, words in missing.items()
            if key not in self.answers
        ]
        if problems and self.understood:
            raise InputError(problems)


def read_news(text: str) -> News:
    """Return what a sentence says of an order.

    Parameters
    ----------
    text : str
        Such as ``Gabon suspends social media until further notice, 17 February 2026``.

    Raises
    ------
    InputError
        It names something that no instrument covers, two acts at once, or a day without its year.
    """
    news = News()
    said, note = news.answers, news.understood.append
    left = _take_days(text, news)
    if span := SPAN.search(left):
        said["how long"] = said.get("how long", span[0])
        note((span[0], "how long"))
        left = left.replace(span[0], " , ")
    if age := _AGE.search(left):
        said["age"] = age[1]
        note((age[0], f"people under {age[1]}"))
        left = left.replace(age[0], " minors ")
    if part := _PERCENT.search(left):
        said["share"] = f"{float(part[1]) / 100:g}"
        note((part[0], f"a share of {said['share']}"))
        left = left.replace(part[0], " , ")
    words = _Words(left)
    if goods := words.take(vocabulary("refused")):
        found = f"'{' '.join(each.name for each in goods)}' cannot be asked"
        raise InputError(
            Problem("", found, note_of("refused", goods[0].meaning), "", Code.UNAVAILABLE)
        )
    if opened := words.take(vocabulary("open")):
        said.setdefault("how long", opened[0].meaning)
        note((opened[0].name, "no end is known"))
    platforms = words.take(platform_names(), proper=True)
    groups = words.take(vocabulary("group"))
    places = words.take(_state_names(), proper=True)
    objects, acts = words.take(vocabulary("object")), words.take(vocabulary("act"))
    # "The internet is cut in Moscow" is about a town: a capital stands for its government only
    # before a verb.
    verb = min((each.at for each in acts), default=0)
    states = [
        each for each in places if phrase(each.name) not in vocabulary("capital") or each.at < verb
    ]
    if calls := [each for each in groups if each.meaning == CALLS]:
        said["technique"] = "calls_only"
        note((calls[0].name, "technique: calls_only"))
    whom = [*platforms, *(each for each in groups if not platforms or each not in calls)]
    # An act on the Internet itself counts only where no platform is named: "the Internet regulator
    # blocks X".
    meant = [each for each in objects if each.meaning != "shutdown" or not whom] or (
        acts if whom else []
    )
    # "blocks X and cuts the Internet": the second act has an object of its own.
    later = acts[1:] if whom else []
    cut = {
        o.meaning
        for o in objects
        for a in later
        if o.meaning == "shutdown" and 0 < o.at - a.at <= _SOON
    }
    what = {each.meaning for each in meant} | cut
    if missing := what - set(policies.INSTRUMENTS):
        hint = note_of("object", min(missing))
        raise InputError(
            Problem(
                "",
                f"{min(missing)} is not in this version",
                "an instrument of this version",
                hint,
                Code.UNAVAILABLE,
            )
        )
    if len(what) > 1 or (
        what and whom and not policies.INSTRUMENTS[meant[0].meaning].NEEDS_TARGETS
    ):
        found = ", ".join(f"'{each.name}'" for each in (*acts, *objects))
        hint = "a file for each, the second with extends: the first"
        raise InputError(Problem("", f"several acts: {found}", "one act in a sentence", hint))
    # "Turkey blocks apps of China": who acts comes before the verb, where any state does.
    first = min((each.at for each in (*acts, *meant)), default=0)
    by = [each for each in states if each.at < first] or states
    for key, found_there in (("who", by), ("whom", whom)):
        if found_there:
            said[key] = ", ".join(dict.fromkeys(each.meaning for each in found_there))
            news.understood += [(each.name, f"{key}: {each.meaning}") for each in found_there]
    if what:
        said["what"] = meant[0].meaning
        note(
            (
                ", ".join(dict.fromkeys(each.name for each in (*acts, *meant))),
                f"what: {said['what']}",
            )
        )
    if ordered := words.take(vocabulary("order")):
        said["order"] = ordered[0].meaning
        note((ordered[0].name, f"order: {ordered[0].meaning}"))
    words.take(vocabulary("filler"))
    spare = [
        each.name
        for each in (*places, *objects, *acts)
        if each not in (*by, *meant, *(acts if what else ()))
    ]
    news.unread = (*spare, *words.left())
    return news


def read_number(text: str) -> float | None:
    """Return a number as people write it: ``20,000``, ``20_000``, ``20k``, ``1.5 million``; None
    where it is none.
    """
    found = _NUMBER.fullmatch(text.strip().casefold())
    if found is None:
        return None
    return float(re.sub(r"[ ,_\u00a0\u202f]", "", found[1])) * _TIMES[found[2] or ""]


def read_count(text: str) -> int:
    """Return the number of a span of time: ``a``, ``two``, ``1,000``; 0 where it is none."""
    words = {"a": 1, "an": 1, **{word: at for at, word in enumerate(NUMBERS, 1)}}
    return words.get(text.strip().casefold()) or int(read_number(text) or 0)


@cache
def platform_names() -> Mapping[str, str]:
    """Return every name of a platform in any world or in the histories, with the one that the
    histories use.
    """
    names = {phrase(name): name for name in dated_platforms()}
    for world in available_facts():
        for fact in load_facts(world, named=True).platforms.values():
            names |= {phrase(word): dated_name(fact) for word in (fact.name, *fact.aliases)}
    return names


@cache
def unions() -> Mapping[str, tuple[str, ...]]:
    """Return the codes of the states of each union, by its name."""
    return {row.meaning: row.covers for row in read(NewsWord).values() if row.kind == "union"}


def codes_of(name: str, where: str) -> tuple[str, ...]:
    """Return the code of a state, or those of the states of a union; an unknown name raises
    InputError at ``where``.
    """
    union = vocabulary("union").get(phrase(name))
    return unions()[union] if union else (place_code(name, where),)


@cache
def _state_names() -> Mapping[str, str]:
    """Return the code of every name of a state, by those in other languages and by its capital, and
    of a union all.
    """
    local = {phrase(name): code for name, code in local_names().items()} | dict(
        vocabulary("capital")
    )
    places = {phrase(word): code for code, place in load_places().items() for word in place.words()}
    return (
        local
        | places
        | {word: ", ".join(unions()[name]) for word, name in vocabulary("union").items()}
    )


class Found(NamedTuple):
    """A name in a text: how it is written, what it means, and which word of the text it is."""

    name: str
    meaning: str
    at: int


class _Words:
    """The words of a text; what is understood is taken out."""

    def __init__(self, text: str) -> None:
        parts = re.findall(r"[^\s,;:!?()\"\u201c\u201d]+|[,;:!?()\"\u201c\u201d]", text)
        self._words = [_bare(word) for word in parts]

    def take(self, known: Mapping[str, str], *, proper: bool = False) -> list[Found]:
        """Take out the longest names that are known, each with its meaning.

        Parameters
        ----------
        known : mapping of str to str
            Meaning by name, as `phrase` writes names.
        proper : bool
            Whether a name begins with a capital, where its script has capitals; a short one is
            capitals alone. What the facts write in small letters may be so here, too.
        """
        found = []
        for at in range(len(self._words)):
            for length in range(min(_LONGEST, len(self._words) - at), 0, -1):
                words = self._words[at : at + length]
                name = " ".join(words)
                meaning = known.get(phrase(name)) if all(words) else None
                if meaning is not None and (not proper or _is_proper(name)):
                    found.append(Found(name, meaning, at))
                    self._words[at : at + length] = [""] * length
                    break
        return found

    def left(self) -> tuple[str, ...]:
        """Return the words that nobody took, without punctuation."""
        return tuple(word for word in self._words if re.search(r"\w", word))


def _is_proper(name: str) -> bool:
    """Return whether a word may be a name: ``US``, ``Gabon``, ``imo`` and what has no capitals, but
    not ``us``.
    """
    is_capital = name[:1] != name[:1].lower() and (len(name) > 2 or name.isupper())
    return is_capital or not name.isascii() or name in _small_names()


@cache
def _small_names() -> frozenset[str]:
    """Return the platforms whose names the facts write in small letters."""
    return frozenset(
        name
        for world in available_facts()
        for name in load_facts(world, named=True).platforms
        if name.islower()
    )


def _take_days(text: str, news: News) -> str:
    """Note the first day and the last one that a text names, and return the text without them."""
    text = _DAYS_OF_A_MONTH.sub(r"\g<first> \g<month> \g<link> ", text)
    found = sorted(
        (match for way in _DATES for match in way.finditer(text)),
        key=lambda m: (m.start("day"), -len(m[0])),
    )
    days: list[tuple[date, str, str]] = []
    year = next((match["year"] for match in found if match["year"]), None)
    for match in found:
        parts = match.groupdict()
        if match[0] not in text:
            continue
        if not (parts["year"] or year):
            raise InputError(
                Problem("", f"'{match[0].strip()}' has no year", "such as 17 February 2026")
            )
        number = parts.get("number") or str(MONTHS.index(parts["month"][:3].casefold()) + 1)
        try:
            day = date(int(parts["year"] or year or 0), int(number), int(parts["day"]))
        except ValueError:
            raise InputError(
                Problem("", f"'{match[0].strip()}' is no day", "such as 17 February 2026")
            ) from None
        days.append((day, (parts["before"] or parts["dash"] or "").casefold(), match[0].strip()))
        text = text.replace(match[0], " , ", 1)
    for day, before, word in days:
        if before in ("until", "till"):
            last = day
        elif before in ("to", "through", "-", "\u2013"):
            last = day + timedelta(days=1)  # "to 3 November" holds that day
        else:
            news.answers.setdefault("when", day.isoformat())
            news.understood.append((word, f"first day {day}"))
            continue
        news.answers["how long"] = f"until {last}"
        news.understood.append((word, f"first day free again {last}"))
    return text


# --- recorded orders ------------------------------------------------------------------------------

SAME = timedelta(days=60)
"""A policy on the same platform that begins so near to the recorded day is that order (assumption)."""
_SHOWN = 4


def instrument_of(order: Recorded) -> str:
    """Return the instrument that a recorded order is."""
    return vocabulary("technique").get(order.technique, "block")


def status_of(order: Recorded) -> str:
    """Return the status of a scenario of a recorded order: it happened and is over, or it is in
    force.
    """
    return "hindcast" if order.until is not None else "projection"


def missing(scenario: Scenario) -> list[Recorded]:
    """Return the recorded orders of the acting states that begin within a scenario's days and are
    not in it.

    Only platforms count that people there use; of each order, those that the scenario has no policy
    about.
    """
    acting = {state for policy in scenario.policies if not policy.PROMOTES for state in policy.by}
    facts, found = scenario.facts, []
    for order in recorded(acting) if acting else ():
        if scenario.start <= order.since <= scenario.end:
            if not order.platforms and not any(
                _is_cut(policy, order) for policy in scenario.policies
            ):
                found.append(order)
            blocked = scenario.world.blocks.get(order.state, ())
            names = [
                name for platform in order.platforms if (name := find_platform(platform, facts))
            ]
            used = [
                n
                for n in names
                if n not in blocked and use_anywhere(order.state, n, facts).value >= UNUSED
            ]
            if left := tuple(name for name in used if not _has(scenario, order, name)):
                found.append(order._replace(platforms=left))
    return sorted(found, key=lambda order: order.since)


def _is_cut(policy: Any, order: Recorded) -> bool:
    """Return whether a policy is a recorded shutdown: of its state, begun on about its day."""
    begins = policy.on or policy.announced
    is_of_it = policy.CUTS_ALL and order.state in policy.by and begins is not None
    return is_of_it and abs(order.since - begins) <= SAME / 2


def _has(scenario: Scenario, order: Recorded, platform: str) -> bool:
    """Return whether a policy of a scenario is about the platform of an order, around the day that
    it began.
    """

    def near(begins: date, until: date | None) -> bool:
        return begins - SAME <= order.since and (
            order.since <= begins + SAME or until is None or order.since < until
        )

    return any(
        order.state in policy.by and platform in policy.targets and near(begins, policy.until)
        for policy in scenario.policies
        if (begins := policy.on or policy.announced) is not None and not policy.PROMOTES
    )


def notes(scenario: Scenario, orders: Sequence[Recorded]) -> list[Problem]:
    """Return what the record knows of a scenario: orders that it lacks, and that it is no invented
    case.

    Parameters
    ----------
    scenario : Scenario
    orders : sequence of Recorded
        As `missing` returns them.
    """
    places, found = scenario.places, []
    where = places.get("policies", scenario.name)
    if orders:
        more = f"; and {len(orders) - _SHOWN} more" if len(orders) > _SHOWN else ""
        text = f"the record has orders within these days that are not here: {'; '.join(map(str, orders[:_SHOWN]))}{more}"
        hint = "--add-recorded writes them into the file; splinternet list blocks --state "
        found.append(Problem(where, text, "", hint + orders[0].state, Code.RECORDED, "policies"))
    acts = [p for p in scenario.policies if (p.targets and not p.PROMOTES and p.BANS) or p.CUTS_ALL]
    real = [order for policy in acts if (order := _real(scenario, policy)) is not None]
    if scenario.status == "what-if" and real and len(real) == len(acts):
        text = f"the record has this order: {real[0]}; it is no invented case"
        at = places.get("status", places.get("title", scenario.name))
        found.append(
            Problem(at, text, f"status: {status_of(real[0])}", "", Code.RECORDED, "status")
        )
    return found


def _real(scenario: Scenario, policy: Any) -> Recorded | None:
    """Return the order of the record that a policy is: of its state, its platforms, begun on about
    its day.
    """
    begins = policy.on or policy.announced
    for order in recorded(policy.by):
        if not order.platforms and _is_cut(policy, order):
            return order
        names = {find_platform(platform, scenario.facts) for platform in order.platforms}
        if names & set(policy.targets) and abs((order.since - begins).days) <= SAME.days // 2:
            return order
    return None


def policy_of(order: Recorded) -> dict[str, Any]:
    """Return the keys of the policy that a recorded order is.

    Raises
    ------
    InputError
        The record does not say what the instrument needs, such as how much slower a service was.
    """
    instrument = instrument_of(order)
    if order.technique == MOBILE_SHUTDOWN:
        hint = "add it by hand, with the share of people who have no fixed line: {instrument: shutdown, share: 0.7, ...}"
        raise InputError(
            Problem(
                "",
                f"{order}: the record does not say how many have no fixed line",
                "a share",
                hint,
                Code.MISSING,
            )
        )
    if instrument == "throttle":
        hint = "add it by hand, with a share of your own: {instrument: throttle, share: 0.8, ...}"
        raise InputError(
            Problem(
                "",
                f"{order}: the record does not say how much slower",
                "a share",
                hint,
                Code.MISSING,
            )
        )
    what = (
        order.platforms[0].replace(" ", "-").replace(".", "").lower()
        if order.platforms
        else instrument
    )
    name = f"{order.state.lower()}-{what}-{order.since}"
    keys: dict[str, Any] = {"id": name, "on": order.since}
    keys |= {"until": order.until} if order.until else {}
    keys |= {"by": order.state, "instrument": instrument}
    keys |= {"targets": list(order.platforms)} if order.platforms else {}
    if instrument == "block":
        keys["technique"] = order.technique
        keys |= {"order": order.order} if order.order in ("court", "regulator", "decree") else {}
    return {**keys, "reference": "; ".join(order.sources)}


def with_added(text: str, orders: Sequence[Recorded]) -> str:
    """Return the text of a scenario file with more policies; all else stays as it is.

    Raises
    ------
    InputError
        The file lists its policies in brackets, or an order cannot be written.
    """
    items = yaml_text([policy_of(order) for order in orders]).splitlines()
    root = YAML(typ="rt", pure=True).compose(text)
    pairs = root.value if isinstance(root, MappingNode) else []
    node = next((value for key, value in pairs if key.value == "policies"), None)
    if node is None:
        return f"{text.rstrip()}\n\npolicies:\n" + "".join(f"  {line}\n" for line in items)
    if not isinstance(node, SequenceNode) or node.flow_style:
        found = "the policies stand in brackets"
        raise InputError(
            Problem(
                "policies", found, "a list with a dash before each", "write each below the other"
            )
        )
    lines, at, column = text.splitlines(keepends=True), node.start_mark.line, node.start_mark.column
    return "".join([*lines[:at], *(f"{' ' * column}{line}\n" for line in items), *lines[at:]])
