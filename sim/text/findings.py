"""What a run found, as sentences: each from a finding and its template."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

from ..core.groups import is_diaspora, is_family
from ..metrics.registry import METRICS
from ..results.summary import summary_rows
from .finding import FIRST, Finding, assumed_use, find, of_row
from .numbers import capital, day, estimate, group_name, listed, number, quantity, state_name
from .reportable import EVER, effect, index, is_sure
from .wording import sentence

if TYPE_CHECKING:
    from ..results.result import Result

MOST_NAMED = 3
"""Platforms that a remark on assumed use names; more are "what it is aimed at"."""
MUCH_WIDER = 1.5
"""Both intervals of the first finding are shown where one is at least so many times as wide (assumption)."""


def headline(result: Result) -> list[str]:
    """Return the first findings of a run as sentences, the most important first; one sentence where there are none."""
    return sentences(result)[:FIRST]


def sentences(result: Result) -> list[str]:
    """Return all findings of a run as sentences, the most important first."""
    found = find(result) or [Finding("no_finding")]
    first, *others = (in_words(result, one) for one in found)
    if (assumed := assumed_use(result)) and found[0].kind not in ("nothing", "no_policies", "no_finding"):
        places = listed(
            [state_name(result.scenario, code, article=True) for code in dict.fromkeys(s for s, _ in assumed)]
        )
        names = list(dict.fromkeys(platform for _, platform in assumed))
        platforms = listed(names) if len(names) <= MOST_NAMED else ""
        first = first.removesuffix(".") + sentence("findings", "assumed", platforms=platforms, places=places)
    return [first, *others]


def members_alone(result: Result) -> str:
    """Return the interval of the first finding without the model's error, as a sentence; empty where it differs little.

    The members differ by chance and by what is not known of the parameters. The rest of an interval is how far the
    model was off on past events.
    """
    one = next(iter(find(result)), None)
    row = one.row if one is not None else None
    if one is None or row is None or not result.model_error.is_known:
        return ""
    wide = sorted(abs(effect(row, end)) for end in ("low", "high"))
    if wide != sorted((abs(one.low), abs(one.high))):
        return ""  # the sentence is not of the row as it stands
    rows = summary_rows(result.members, result.focus.shows, only=[one.metric])
    keys = ("state", "platform", "group", "at")
    alone = next((each for each in rows if all(each[key] == row[key] for key in keys)), None)
    low, high = sorted(abs(effect(alone, end)) for end in ("low", "high"))
    if wide[1] - wide[0] < MUCH_WIDER * (high - low):
        return ""
    return sentence("run", "members_alone", range=estimate(one.metric, abs(one.value), low, high)[1])


def of_group(result: Result, group: str) -> list[str]:
    """Return what becomes of the contact of one group, as sentences; any group that the summary shows will do."""
    row = index(result).get(EVER, "total", group=group)
    if row is None:
        return []
    kind = (
        "contact" if is_sure(row) and effect(row) > 0 else "unsure_contact" if effect(row, "high") > 0 else "no_contact"
    )
    return [in_words(result, of_row(kind, row, simulated=effect(row, "simulated")))]


def in_words(result: Result, one: Finding) -> str:
    """Return a finding as a sentence."""
    return capital(sentence("findings", one.kind, f=_values(result, one)))


def figure(result: Result, one: Finding) -> tuple[str, str]:
    """Return the number of a finding as its sentence has it, and its interval; empty where there is none."""
    values = _values(result, one)
    return values.number, values.range


def _values(result: Result, one: Finding) -> SimpleNamespace:
    """Return the names that the template of a finding may use."""
    scenario, falls = result.scenario, one.value < 0
    happened = scenario.status == "hindcast"

    def would(verb: str) -> str:
        return verb if happened else f"would {_infinitive(verb)}"

    def place(code: str) -> str:
        return state_name(scenario, code, article=True) if code else ""

    value, low, high = (abs(each) for each in (one.value, one.low, one.high))
    form = "family_contact_lost" if one.kind == "longer" else one.metric  # a ratio, said as a share
    text, interval = estimate(form, value, *sorted((low, high))) if form else (number(one.value), "")
    if form and METRICS[form].form == "money":
        text = f"about US$ {text.removeprefix('about ')}" if text.startswith("about") else f"US$ {text}"
    return SimpleNamespace(
        number=text,
        range=interval,
        was=quantity(one.metric, one.against) if one.metric else number(one.against),
        place=place(one.state),
        place2=place(one.group.removeprefix("partner:")) if one.kind in ("pair", "longer", "joined") else "",
        group=group_name(scenario, one.group) if is_diaspora(one.group) or is_family(one.group) else one.group,
        of_families=is_family(one.group),
        platform=one.platform,
        is_plural=one.platform.endswith("sites"),
        firm=one.firm,
        date=day(one.date) if one.date else "",
        falls=falls,
        more=SimpleNamespace(**{name: number(each) for name, each in one.more.items()}),
        would=would,
    )


def _infinitive(verb: str) -> str:
    """Return the infinitive of the present tense of a verb: ``lose`` for ``loses``, ``be able`` for ``is able``."""
    first, blank, rest = verb.partition(" ")
    known = {"is": "be", "are": "be", "has": "have", "does": "do", "goes": "go"}
    plain = known.get(first) or (first.removesuffix("s") if first.endswith("s") else first)
    return f"{plain}{blank}{rest}"
