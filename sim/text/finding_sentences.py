"""The sentence of each finding, from its template, and the interval over seeds alone."""

from __future__ import annotations

from types import SimpleNamespace

from ..core.groups import is_diaspora, is_family
from ..facts.record import ERROR, Rank
from ..facts.tables import read
from ..metrics.registry import CONTACT_STEPS, METRICS, WAYS
from ..policies.base import Policy
from ..results.calls import Bill, bill
from ..results.drivers import Driver, drivers
from ..results.result import Result
from ..results.summary import Row, shares_by_way, summary_rows
from ..scenario import Scenario
from ..scenario.explain import target_cells
from .findings import (
    ALL,
    FIRST,
    MOST_NAMED,
    MUCH_WIDER,
    OF_NO_USE,
    TIE_KINDS,
    WEEK,
    Finding,
    Questions,
    contact,
    days_each,
    find,
    of_nobody,
    of_row,
    topics,
)
from .numbers import (
    LEAST_OF_STAKE,
    UNDER,
    as_exact_as_known,
    capital,
    day,
    estimate,
    group_name,
    is_plural,
    listed,
    number,
    percent,
    quantity,
    sentence,
    state_name,
    table,
)
from .reportable import (
    BY_STEP,
    EVER,
    EVER_PEOPLE,
    FEWEST_CASES,
    LEAST,
    TELEPHONE,
    aimed,
    cases,
    effect,
    ends,
    index,
    is_sure,
    movers,
)
from .tables import what

_HOURS = "blackout_hours"
READ_AS_ALL = 0.5
"""Share of those who reach relatives by app above which it is read as one of the whole group, so
that the sentence names them (assumption).
"""
MOST_RIVALS = 3
"""Largest number of platforms that are named as gaining as many users as the first."""
_CLOSING = frozenset(("block", "withdrawal"))
"""Instruments that end all use of their targets, but by a VPN."""
MOST_DRIVERS = 2
"""Largest number of inputs that the sentence on a range names."""
_LEAST_HOURS = 0.5
"""Smallest loss of contact that is compared with hours without Internet [hours] (assumption)."""


def headline(result: Result) -> list[str]:
    """Return the first findings of a run as sentences, the most important first; one sentence if
    there are none.
    """
    return sentences(result)[:FIRST]


def sentences(result: Result, found: list[Finding] | None = None) -> list[str]:
    """Return all findings of a run, by default those of `find`, as sentences, the most important
    first.
    """
    found = (find(result) if found is None else found) or [Finding("no_finding")]
    missed = {
        (each.observed.state, platform)
        for each in result.observed
        if not each.why and each.is_missed
        for platform in each.observed.platform
    }
    said = [
        sentence("findings", "in_the_model", said=in_words(result, one))
        if (one.state, one.platform) in missed
        else in_words(result, one)
        for one in found
    ]
    run = Questions(result)

    def add(at: int, platforms: str, places: str) -> None:
        said[at] = said[at].removesuffix(".") + sentence(
            "findings", "assumed", platforms=platforms, places=places
        )

    at = next((at for at, one in enumerate(found) if one.kind == "too_young"), None)
    if at is not None and any(
        _leaves_obedience_open(policy) for policy in result.scenario.policies
    ):
        said[at] = said[at].removesuffix(".") + sentence("findings", "obedience")
    of_no_use = OF_NO_USE | ({"no_contact"} if run.only_transit else set())
    at = next((at for at, one in enumerate(found) if one.kind not in of_no_use), None)
    # Where nobody is left online, what people used before decides nothing.
    dark = _cut_off_entirely(result.scenario)
    assumed = [cell for cell in run.assumed if cell.state not in dark]
    if assumed and at is not None:
        states, names = (
            list(dict.fromkeys(column))
            for column in zip(*((c.state, c.platform) for c in assumed), strict=True)
        )
        places = listed([state_name(result.scenario, code, article=True) for code in states])
        places = places if len(states) <= MOST_NAMED else f"{len(states)} countries"
        platforms = "" if run.aims else "which app"
        if run.aims and any(cell.measured for cell in target_cells(result.scenario)):
            platforms = "most of the targets"
        if len(names) <= MOST_NAMED:
            platforms = listed(names)
        add(at, platforms, places)
    for at, one in enumerate(found) if not run.assumed else ():
        if one.kind in ("platform", "too_young") and (one.state, one.platform) in run.guessed:
            add(at, one.platform, state_name(result.scenario, one.state, article=True))
    return said


def _cut_off_entirely(scenario: Scenario) -> set[str]:
    """Return the states where an order cuts all people off every network."""
    cuts = [p for p in scenario.policies if p.who is None and p.people_cut_off() == 1.0]
    return {state for policy in cuts for state in policy.by}


def _leaves_obedience_open(policy: Policy) -> bool:
    """Return whether a policy is a limit of age without stated shares of users who are found and
    obey.
    """
    stated = policy.model_fields_set
    return policy.instrument == "age_limit" and not {"share_found", "obedience"} <= stated


def members_alone(result: Result) -> str:
    """Return the interval of the first finding without the model's error, as a sentence; empty if
    it differs little.

    Seeds differ by chance and by the uncertain parameters. The rest of an interval is the model's
    error on past events.
    """
    one = next(iter(find(result)), Finding(""))
    row = one.row
    if row is None or not result.model_error.is_known:
        return ""
    wide = sorted(abs(effect(row, end)) for end in ("low", "high"))
    if wide != sorted((abs(one.low), abs(one.high))):
        return ""  # the sentence differs from the row
    rows = summary_rows(result.members, result.focus.shows, only=[one.metric])
    keys = ("state", "platform", "group", "at")
    alone = next((each for each in rows if all(each[key] == row[key] for key in keys)), None)
    low, high = sorted(abs(effect(alone, end)) for end in ("low", "high"))
    span = estimate(one.metric, abs(one.value), low, high)[1]
    if (
        wide[1] - wide[0] < MUCH_WIDER * (high - low) or not span
    ):  # two equal seeds have no interval
        return ""
    # No past event counts the contact of groups, so its error is an assumption.
    is_assumed = "group" in METRICS[one.metric].dims
    return sentence("run", "members_alone", range=span, is_assumed=is_assumed)


def driven_by(result: Result) -> str:
    """Return a sentence on the sources of the first finding's range; empty for few seeds, or
    without the model's error in them.
    """
    one = next(iter(find(result)), Finding(""))
    found = [] if one.row is None or one.kind != "contact" else drivers(result, one.row)
    if not any(each.is_error for each in found):
        return ""
    clear = [each for each in found if each.is_clear][:MOST_DRIVERS]
    unknown = next((each.name for each in clear if not each.is_error), "")
    return sentence(
        "run",
        "driven_by",
        clear=[_driver(each) for each in clear],
        unknown=unknown,
        n=len(result.members),
        inputs=sum(not each.is_error for each in found),
        errors=sum(each.is_error for each in found),
    )


def _driver(one: Driver) -> str:
    """Return the part of a driver, and its name in words."""
    kind = one.name.removeprefix(ERROR).partition(".")[0] if one.is_error else ""
    return sentence("run", "driver", what=one.name, part=percent(round(one.part, 1)), kind=kind)


def in_touch(result: Result) -> str:
    """Return a sentence on what kept the first group in touch; empty if no group clearly loses
    contact or nothing kept it.

    It names the ways in which cut ties came back, each as a share of the ties that did, with its
    interval. If all lose contact, nobody kept it.
    """
    one = next(contact(Questions(result)), None)
    if one is None:
        return ""
    back = _ways_back(result, one.group)
    shares = shares_by_way(result, one.group) if back else {}
    ways = []
    for way, row in back.items():
        if cases(result, one.group, effect(row)) >= FEWEST_CASES:
            share, span = estimate(EVER, *shares[way])
            ways.append(sentence("run", "way_back", way=way, share=share, range=span))
    values_of = _values(result, one)
    if values_of.number == ALL and not ways:
        return ""
    return sentence("findings", "in_touch", f=values_of, ways=listed(ways))


def _ways_back(result: Result, group: str) -> dict[str, Row]:
    """Return the lost contacts of a group that came back, by way, the most frequent first."""
    known = index(result)
    rows = {way: known.get("reconnected", "end", platform=way, group=group) for way in WAYS}
    back = {way: row for way, row in rows.items() if row is not None and effect(row) > LEAST}
    return dict(sorted(back.items(), key=lambda item: -effect(item[1])))


def _replacing(result: Result, group: str) -> list[str]:
    """Return what clearly brings contacts of a group back where an order closes platforms on which
    most relatives talk. How often each does is not known well enough to be a number.
    """
    facts = result.scenario.facts.platforms
    closed = {
        facts[name].kind
        for policy in result.scenario.policies
        for name in policy.targets
        if policy.instrument in _CLOSING and name in facts
    }
    if closed.isdisjoint(TIE_KINDS):
        return []
    words = table("run", "WAYS")
    return [
        words[way]
        for way, row in _ways_back(result, group).items()
        if is_sure(row) and cases(result, group, effect(row)) >= FEWEST_CASES
    ]


def _as_likely(result: Result, one: Finding) -> list[str]:
    """Return the other platforms that may gain as many users as the one of a finding, where
    platforms leave: who replaces them is then not known. Of many, the first ones.
    """
    if "exits" not in topics(result):
        return []
    aims = aimed(result)
    names = [
        str(row["platform"])
        for row in movers(result)
        if row["state"] == one.state
        and row["platform"] != one.platform
        and (row["state"], row["platform"]) not in aims
        and is_sure(row)
        and effect(row, "high") >= one.value
    ]
    more = len(names) - MOST_RIVALS
    return names if more < 2 else [*names[:MOST_RIVALS], f"{more} others"]


def measured(result: Result) -> list[str]:
    """Return sentences that compare measurements of a past order with the model: misses first, then
    by size of error.

    They are the scored figures; if none is scored, the figures that are only shown. A figure is
    missed if it lies outside the 80 % interval of the model, which is fitted to all figures. A
    scored figure of the record has the forecast of a fit without the figures of its event, and its
    place among those of the rivals.
    """
    ranks = read(Rank)
    known = [each for each in result.observed if not each.why]
    shown = [each for each in known if each.observed.use == "scored"] or known
    told = []
    for each in shown:
        value = each.observed.value
        model, span = estimate(EVER, each.simulated, each.low, each.high)
        rank = ranks.get(each.observed.row)
        forecast = ("", "") if rank is None else estimate(EVER, rank.median, rank.low, rank.high)
        said = sentence(
            "run",
            "measured",
            what=what(result.scenario, each.observed),
            value=quantity(EVER, value),
            model=model,
            range=span,
            is_missed=each.is_missed,
            is_scored=each.observed.use == "scored",
            rank=rank,
            forecast=forecast,
        )
        told.append((not each.is_missed, -abs(each.simulated - value), said))
    return [said for _, _, said in sorted(told)][:FIRST]


def held_out(result: Result) -> str:
    """Return a sentence on how many measurements of a past order the model's held-out forecasts
    were the nearest to; empty if the record has none of the figures.
    """
    ranks = read(Rank)
    known = [ranks[each.observed.row] for each in result.observed if each.observed.row in ranks]
    nearest = sum(rank.rank == 1 for rank in known)
    return sentence("run", "held_out", nearest=nearest, known=known) if known else ""


def without_internet(result: Result) -> str:
    """Return a sentence that compares a cut with hours without any Internet, for people with family
    abroad. It is empty if networks stay up, if only the end of the run ends the cut, if the cut
    itself is such hours, or if the low end of the loss is below half an hour.
    """
    known = index(result)
    ended = {state for p in result.scenario.policies if p.until is not None for state in p.by}
    acting = result.scenario.scene.acting.items()
    ended -= _cut_off_entirely(result.scenario)
    cut = [state for state, targets in acting if targets is None and state in ended]
    rows = [known.get(_HOURS, "total", state=state, group="users") for state in cut]
    row = max((row for row in rows if row is not None), key=effect, default=None)
    if row is None or not is_sure(row) or effect(row) < _LEAST_HOURS:
        return ""
    hours, span = estimate(_HOURS, *(effect(row, end) for end in ("effect", "low", "high")))
    place = state_name(result.scenario, str(row["state"]), article=True)
    return sentence("run", "without_internet", place=place, hours=hours, range=span)


def of_group(result: Result, group: str) -> list[str]:
    """Return sentences on the contact of any group in the summary."""
    row = index(result).get(EVER, "total", group=group)
    if row is None:
        return []
    if effect(row) <= 0:
        return [in_words(result, of_nobody(row))]
    kind = "contact" if is_sure(row) else "unsure_contact"
    days = days_each(index(result), row) if kind == "contact" else {}
    return [in_words(result, of_row(kind, row, simulated=effect(row, "simulated"), **days))]


def in_words(result: Result, one: Finding) -> str:
    """Return a finding as a sentence."""
    return capital(sentence("findings", one.kind, f=_values(result, one)))


def figure(result: Result, one: Finding) -> tuple[str, str]:
    """Return the number of a finding as in its sentence, and its interval; empty if there is
    none.
    """
    values = _values(result, one)
    return values.number, values.range


def short_figure(result: Result, one: Finding) -> tuple[str, str]:
    """Return the number and interval of a finding without ``about``, for a title or a card."""
    number, span = figure(result, one)
    return number.removeprefix("about "), span


def _people(result: Result, group: str) -> str:
    """Return the number of people in a group who ever lose every app; empty if not measured."""
    lost = index(result).get(EVER_PEOPLE, "total", group=group)
    return estimate(EVER_PEOPLE, *ends(lost))[0] if lost else ""


def _steps(result: Result, group: str) -> dict[str, str]:
    """Return the share of a group at each step of contact, with its interval: people who keep an
    app, and each other step with a clear share or with 1 % or more, so that the shares add up.
    """
    said = {}
    rows = {
        step: index(result).get(BY_STEP, "total", platform=step, group=group)
        for step in CONTACT_STEPS
    }
    for step, row in rows.items():
        is_felt = step == "app" or is_sure(row) or effect(row, "policy") >= LEAST_OF_STAKE
        if row is None or not is_felt:
            continue
        was = effect(row, "baseline")
        low, high = sorted(min(1.0, max(0.0, was + effect(row, end))) for end in ("low", "high"))
        value = effect(row, "policy")
        share, interval = estimate(BY_STEP, value, low, high)
        in_brackets = f"{share} ({interval})" if interval else share
        said[step] = quantity(BY_STEP, value) if step == "app" else in_brackets
    return said


def _bill_in_words(calls: Bill) -> SimpleNamespace:
    """Return the monthly cost of calls, and its share of a month's income, in words."""
    value, low, high = as_exact_as_known(calls.value, calls.low, calls.high)
    return SimpleNamespace(
        dollars=number(value),
        range=f"{number(low)} to {number(high)}",
        share=UNDER if calls.share < LEAST_OF_STAKE else percent(calls.share),
    )


def _by_age(scenario: Scenario) -> int:
    """Return the age limit if all losses come from limits of that age; otherwise 0."""
    ages = {getattr(each, "age", 0) for each in scenario.policies if each.about() is None}
    return int(ages.pop()) if len(ages) == 1 else 0


def _values(result: Result, one: Finding) -> SimpleNamespace:
    """Return the values for the template of a finding, by name."""
    scenario = result.scenario
    falls = one.value < 0
    happened = scenario.status == "hindcast"

    def would(verb: str) -> str:
        """Return ``would lose`` for ``loses`` and ``would be able`` for ``is able``; for past
        events, the verb itself.
        """
        first, blank, rest = verb.partition(" ")
        known = {"is": "be", "are": "be", "has": "have", "does": "do", "goes": "go"}
        return (
            verb if happened else f"would {known.get(first, first.removesuffix('s'))}{blank}{rest}"
        )

    def place(code: str) -> str:
        return state_name(scenario, code, article=True) if code else ""

    is_contact = one.kind == "contact"
    people = _people(result, one.group) if is_contact else ""
    steps = _steps(result, one.group) if is_contact else {}
    lasts = one.more.get("days", WEEK) >= WEEK  # a bill of a month says nothing of days
    calls = bill(scenario, one.group) if TELEPHONE in steps and lasts else None
    value, low, high = (abs(each) for each in (one.value, one.low, one.high))
    form = (
        "family_contact_lost" if one.kind == "longer" else one.metric
    )  # a ratio, given as a share
    text, interval = (
        estimate(form, value, *sorted((low, high))) if form else (number(one.value), "")
    )
    if one.kind == "joined":
        text = number(value)  # a whole number of countries
    if form and METRICS[form].form == "money":
        text = (
            f"about US$ {text.removeprefix('about ')}"
            if text.startswith("about")
            else f"US$ {text}"
        )
    group = one.group
    if is_diaspora(group) or is_family(group):
        group = group_name(scenario, group)
    return SimpleNamespace(
        number=text,
        range=interval,
        was=quantity(one.metric, one.against) if one.metric else number(one.against),
        place=place(one.state),
        place2=place(one.group.removeprefix("partner:"))
        if one.kind in ("pair", "longer", "joined")
        else "",
        group=group,
        of_families=is_family(one.group),
        is_most=is_contact and one.value >= READ_AS_ALL,
        by_age=_by_age(scenario),
        label=METRICS[one.metric].label if one.metric else "",
        whom=", ".join(filter(None, (place(one.state), one.platform, group))),
        platform=one.platform,
        is_plural=is_plural(one.platform),
        firm=one.firm,
        date=day(one.date) if one.date else "",
        at=one.row["at"] if one.row else "",
        falls=falls,
        more=SimpleNamespace(**{name: number(each) for name, each in one.more.items()}),
        people=people,
        steps=SimpleNamespace(**steps),
        bill=_bill_in_words(calls) if calls else None,
        rivals=listed(_as_likely(result, one)) if one.kind == "gain" else "",
        ways=listed(_replacing(result, one.group), "or") if one.kind == "back" else "",
        would=would,
    )
