"""Decisions of states and platforms in words: acts and reasons, skill of the rules, and chronicles.

The words are tables in ``templates/decisions.j2``: names in braces are fields of the act or the
reason. In addition, ``{target}`` is the target of the decision and ``{id}`` the policy that a
reason refers to, in brackets. A new act or reason needs a line there; the verb of an instrument is
in its own file.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple

import numpy as np

from .. import decisions as kinds
from .. import policies
from ..decisions import Act, Aim, Decision, Reason
from ..facts import load_facts
from ..facts.orders import RECORDED, SHUTDOWN, Dispute, Look
from ..facts.record import AnswerSkill, Skill, skilled_rules
from ..facts.tables import read
from ..policies.base import Policy
from ..results.index_measured import yardstick
from ..results.interval import interval
from ..results.result import Result
from ..results.summary import adopted, typical_member
from ..scenario import Scenario
from .numbers import UNDER, capital, day, listed, number, sentence, state_name, table
from .orders import order_act

OF_STATES = (
    "targets",
    "control",
    "retaliation",
    "imitation",
    "coalition",
    "pushback",
    "governments",
)
"""The behaviours of states."""
PLATFORMS = "platforms"
ALL = "all"
"""The behaviour of platforms, and the row of its skill on all known demands."""
CONTROL = "control"
"""The behaviour whose chances are fitted to the record of orders, and scored on later years."""
SKILL = "skill on a known series"
ILLUSTRATION = "illustration"
MOST_NAMES = 7
"""Largest number of platforms that a decision names."""
CLOSE = 0.3
"""Smallest willingness at which a state that joins a programme is called close to its leader [1]
(assumption).
"""
FINE = 0.1
"""Smallest chance that a chronicle rounds to 5 %; smaller ones are rounded to 1 % (assumption)."""
STEPS = 8
"""Number of steps of a chronicle in a summary."""
ANSWERS, ACTS, REASONS, SENTENCES, IN_WORDS = (
    table("decisions", name) for name in ("ANSWERS", "ACTS", "REASONS", "SENTENCES", "IN_WORDS")
)
Decisions = tuple[Decision, ...]


# --- acts and reasons -----------------------------------------------------------------------------


def words_of(decision: Decision) -> dict[str, str]:
    """Return the columns of ``decisions.csv`` in words: who, what, target, because, evidence."""
    return {
        "who": ", ".join(decision.platforms) or decision.who,
        "what": act_text(decision),
        "target": decision.target_label,
        "because": reason_text(decision.reason),
        "evidence": evidence(decision.behaviour),
    }


def act_text(decision: Decision, name: Callable[[str], str] = str) -> str:
    """Return the act in words: ``blocks WeChat``; ``name`` turns codes of states into names."""
    act = decision.act
    target = decision.target_label
    words = _parts(decision.act, name)
    if isinstance(act, kinds.Answer):
        return ANSWERS[act.kind][act.in_effect] if act.kind in ANSWERS else act.kind
    if isinstance(act, kinds.Judgment):
        return table("decisions", "JUDGMENTS")[act.won]
    if isinstance(act, kinds.Strike | kinds.Demand):
        return strike(act.instrument).format(target=_targets(decision))
    if isinstance(act, kinds.TakeUp) and act.instrument in policies.INSTRUMENTS:
        return policies.INSTRUMENTS[act.instrument].VERB or ACTS[act.code].format(**words)
    if isinstance(act, kinds.Grew):
        grew = table("decisions", "GREW")
        where = ", ".join(name(aim.name) for aim in decision.target)
        words["change"] = grew.get(act.what, grew["other"]).format(
            factor=f"{act.factor:.1f}", target=where
        )
    if isinstance(act, kinds.TakeOffice):
        ready = "readier" if act.readiness >= 1.0 else "less ready"
        words["change"] = f"{ready} to act than that of the first day"
    if isinstance(act, kinds.Lift):  # an act that ends a policy without a target names this policy
        target = target or act.policy
    return ACTS.get(act.code, _unworded(act)).format(target=target, **words)


def _targets(decision: Decision) -> str:
    """Return the names of the targets of a decision, or their number."""
    names = [aim.name for aim in decision.target]
    return f"{len(names)} platforms" if len(names) > MOST_NAMES else listed(names)


def strike(instrument: str) -> str:
    """Return the verb of an instrument with its target; the sector is left out if the verb implies
    it.
    """
    verb = policies.INSTRUMENTS[instrument].VERB if instrument in policies.INSTRUMENTS else ""
    return verb if "{target}" in verb else f"{verb or 'acts against'} {{target}}"


def reason_text(reason: Reason) -> str:
    """Return the reason in words: ``imitation of US (wechat-ban)``."""
    named = f" ({policy})" if (policy := getattr(reason, "policy", "")) else ""
    return REASONS.get(reason.code, _unworded(reason)).format(id=named, **_parts(reason))


def _unworded(value: Act | Reason) -> str:
    """Return a text for a value without an entry in the tables."""
    return " ".join([value.code.replace("_", " "), *(f"{{{name}}}" for name in _parts(value))])


def _parts(value: Act | Reason, name: Callable[[str], str] = str) -> dict[str, str]:
    """Return the fields of an act or a reason in words, by name: amounts of money, names, and lists
    of either.
    """

    def words(part: Any) -> str:
        if isinstance(part, float):
            return f"US$ {part / 1e6:,.1f} million"
        if isinstance(part, tuple):
            return listed([words(each) for each in part])
        return part.label if isinstance(part, Aim) else name(str(part))

    if isinstance(value, kinds.Likely):
        leading = table("decisions", "LEADING")
        near = table("decisions", "NEAR")
        return {
            "leading": leading.get(value.leading, value.leading),
            "near": near.get(value.near, value.near),
        }
    return {part.name: words(getattr(value, part.name)) for part in fields(value)}  # type: ignore[arg-type]


# --- the skill of rules: one without skill on known series is an illustration ---------------------


def evidence(behaviour: str) -> str:
    """Return the evidence for the decisions of a behaviour: skill on a known series, or
    illustration; else nothing.
    """
    if behaviour == PLATFORMS:
        return SKILL if answers().is_skilled else ILLUSTRATION
    if behaviour not in OF_STATES:
        return ""
    return SKILL if behaviour in skilled_rules() or behaviour == CONTROL else ILLUSTRATION


def answers() -> AnswerSkill:
    """Return the skill of the rule of platforms on all known demands together."""
    return next(
        row for row in read(AnswerSkill).values() if (row.series, row.rule) == (ALL, PLATFORMS)
    )


def is_dated(behaviour: str) -> bool:
    """Return whether decisions of a behaviour are shown with their days; answers of platforms
    without skill are not.
    """
    return behaviour != PLATFORMS or answers().is_skilled


def note(behaviours: Iterable[str]) -> str:
    """Return a sentence on the rules that are switched on: the illustrations, and the skill of the
    others.
    """
    behaviours = tuple(behaviours)
    on = [name for name in behaviours if name in OF_STATES]
    skilled = [name for name in on if name in skilled_rules()]
    rest = [name for name in on if name not in skilled and name != CONTROL]
    words = (
        [sentence("decisions", "no_skill", rules=listed(rest), many=len(rest) > 1)] if rest else []
    )
    for name in skilled:
        best = max(
            (s for s in read(Skill).values() if s.rule == name and s.is_skilled),
            key=lambda s: s.skill,
        )
        rival = max(best.ally, best.rich, best.near)
        words.append(sentence("decisions", "skill", rule=name, skill=best.skill, rival=rival))
    if CONTROL in on:
        *_, look = read(Look).values()
        recorded = day(RECORDED.isoformat())
        words.append(
            sentence("decisions", "skill_of_control", rule=CONTROL, look=look, recorded=recorded)
        )
    if PLATFORMS in behaviours:
        known = answers()
        rival = max(known.stake, known.unfree, known.news)
        words.append(
            sentence(
                "decisions",
                "skill_of_platforms",
                known=known,
                rival=rival,
                is_skilled=known.is_skilled,
            )
        )
    return " ".join(words)


# --- what states decided --------------------------------------------------------------------------


def decided(result: Result) -> list[Decisions]:
    """Return the decisions of states by seed, without changes of government."""
    return [
        tuple(
            d
            for d in policy.decisions
            if d.behaviour in OF_STATES and not isinstance(d.act, kinds.TakeOffice)
        )
        for _, policy in result.members
    ]


def spread(values: Sequence[float]) -> str:
    """Return the median of seeds with their range, as whole numbers: ``7 (5 to 10)``."""
    ends = interval(np.array(values))
    rounded = np.floor(ends[0]), np.median(values), np.ceil(ends[1])
    low, middle, high = (number(float(v)) for v in rounded)
    return middle if low == middle == high else f"{middle} ({low} to {high})"


def beside_record(result: Result) -> Iterator[str]:
    """Yield the change in the number of internets in the record and in the run, over the days that
    both cover.
    """
    spec = result.scenario
    metric = "internets_by_likeness"
    if metric not in result.metrics:
        return
    known = yardstick(
        load_facts(str(spec.world.facts)), result.members[0][0].axes.states, spec.start, spec.end
    )
    if known is None:
        return
    last, first, after = known
    at = (last - spec.start).days
    moved = [
        float(policy.arrays[metric][at] - policy.arrays[metric][0]) for _, policy in result.members
    ]
    low, high = interval(np.array(moved))
    middle = float(np.median(moved))
    range_ = f"{low:+.2f} to {high:+.2f}" if len(moved) > 1 else ""
    yield sentence(
        "run",
        "beside_record",
        date=day(last.isoformat()),
        moved=f"{middle:+.2f}",
        range=range_,
        record=f"{after - first:+.2f}",
    )


# --- chronicles: from cause to effect -------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """One step of a chronicle."""

    number: int
    """Its number in the chronicle, from 1."""
    depth: int
    """Number of steps between it and the first cause."""
    cause: int
    """The number of the step that it follows from; 0 for a first step."""
    date: str
    """ISO date."""
    text: str
    """One or two sentences."""
    id: str
    """The date of the decision or policy."""
    fact: str
    """The fact on which it is based; empty if it follows from another step."""
    dated: bool = True
    """Whether the date is shown; False for answers of platforms, whose days the rule cannot
    predict.
    """


def chronicle(result: Result, member: int) -> list[Step]:
    """Return all given policies and decisions of a seed, numbered from 1, each after its cause and
    in the order of days.
    """
    return steps(result.scenario, result.members[member - 1][1].decisions)


def steps(scenario: Scenario, decisions: Sequence[Decision]) -> list[Step]:
    """Return the steps of a scenario's given policies and of decisions, as whole trees in the order
    of their roots.
    """
    given = {p.id: p for p in scenario.policies if not (p.HALTS or p.EXTENDS or p.relieves())}
    made = {d.id: d for d in decisions}
    followed = {d.cause for d in decisions}
    known: dict[str, Decision | Policy] = {**given, **made}
    children: dict[str, list[Decision | Policy]] = {"": list(given.values())}
    for policy in scenario.policies:  # a stay or an extension follows what it concerns
        if (policy.HALTS or policy.EXTENDS) and policy.about() in given:
            children.setdefault(str(policy.about()), []).append(policy)
    for d in decisions:
        # A growing score or a new government is shown only if something follows; a block itself
        # states what it replaces.
        is_aside = isinstance(d.act, kinds.Grew | kinds.TakeOffice) or isinstance(
            d.reason, kinds.Hardened
        )
        if not is_aside or d.id in followed:
            children.setdefault(d.cause if d.cause in known and d.cause != d.id else "", []).append(
                d
            )
    children = {cause: _as_one(below, followed) for cause, below in children.items()}
    alike: dict[int, list[Decision]] = {}
    children = {
        root: _followers(scenario, below, followed, known, alike)
        for root, below in children.items()
    }

    def date(each: Decision | Policy) -> str:
        return str(
            each.day if isinstance(each, Decision) else each.announced or each.on or scenario.start
        )

    found: list[Step] = []
    stack = [
        (each, 0, 0) for each in reversed(sorted(children[""], key=date))
    ]  # on the same day, given policies come first
    while stack:
        each, depth, cause = stack.pop()
        at = len(found) + 1
        fact = ""
        dated = True
        if isinstance(each, Decision):
            before = known.get(each.cause)
            ended = _ended(each, known)
            text = step_text(scenario, each, before, ended, alike.get(id(each), ()))
            dated = is_dated(each.behaviour)
            fact = each.cause if each.rests_on_fact else ""
        else:
            text = given_text(scenario, each)
        found.append(Step(at, depth, cause, date(each), text, each.id, fact, dated))
        stack += [(below, depth + 1, at) for below in reversed(children.get(each.id, []))]
    return found


def _ended(decision: Decision, known: Mapping[str, Decision | Policy]) -> Decision | Policy | None:
    """Return the policy or decision that a decision ends; for a copied measure, the first of its
    kind, which names its targets. None if unknown.
    """
    if not isinstance(decision.act, kinds.Lift):
        return None
    ended = known.get(decision.act.policy)
    while isinstance(ended, Decision) and isinstance(ended.act, kinds.TakeOver):
        ended = known.get(ended.cause)
    return ended


def _as_one(
    found: Sequence[Decision | Policy], followed: Collection[str]
) -> list[Decision | Policy]:
    """Return decisions of one cause; equal decisions of several firms without consequences become
    one, where no firm's decisions change their order.
    """
    out: list[Decision | Policy] = []
    places: dict[str, int] = {}
    latest: dict[str, int] = {}
    for each in found:
        if not isinstance(each, Decision) or not each.platforms:
            out.append(each)
            continue
        words = "" if each.id in followed else act_text(each)
        place = places.get(words, -1)
        first = out[place] if place > latest.get(each.who, -1) else None
        if isinstance(first, Decision):
            out[place] = replace(first, platforms=(*first.platforms, *each.platforms))
        else:
            place = len(out)
            out.append(each)
        if words:
            places[words] = place
        latest[each.who] = place
    return out


def _followers(
    scenario: Scenario,
    found: Sequence[Decision | Policy],
    followed: Collection[str],
    known: Mapping[str, Decision | Policy],
    alike: dict[int, list[Decision]],
) -> list[Decision | Policy]:
    """Return decisions of one cause without repetitions by other states for the same reason;
    `alike` receives these, by the first decision.
    """
    out: list[Decision | Policy] = []
    first: dict[str, Decision] = {}
    for each in found:
        is_repeated = (
            isinstance(each, Decision)
            and not each.platforms
            and each.reason.code in table("decisions", "SHARED")
            and each.id not in followed
        )
        if not is_repeated or not isinstance(each, Decision):
            out.append(each)
            continue
        text = step_text(scenario, each, known.get(each.cause), _ended(each, known))
        said = text.removeprefix(capital(_namer(scenario)(each.who)))
        if said in first:
            alike.setdefault(id(first[said]), []).append(each)
        else:
            first[said] = each
            out.append(each)
    return out


def main_steps(found: Sequence[Step], most: int) -> list[Step]:
    """Return the steps with most consequences, in the order of days, each with its cause."""
    below = {step.number: 0 for step in found}
    for step in reversed(found):
        if step.cause:
            below[step.cause] += below[step.number] + 1
    kept = sorted(found, key=lambda step: (-below[step.number], step.number))[:most]
    return sorted(kept, key=lambda step: (step.date, step.number))


def step_text(
    scenario: Scenario,
    decision: Decision,
    before: Decision | Policy | None = None,
    ended: Decision | Policy | None = None,
    also: Sequence[Decision] = (),
) -> str:
    """Return a decision as sentences: who does what, and why. ``before`` is its cause, ``ended``
    the decision or policy that it ends, and ``also`` are later decisions of others in the same
    words.
    """
    name = _namer(scenario)
    act = decision.act
    done = _done(decision, before, ended, name)
    who = listed(decision.platforms) if decision.platforms else capital(name(decision.who))
    if isinstance(act, kinds.Grew) and act.what in ("revenue", "share"):
        return f"{capital(who)} grows: {done.removeprefix('has grown: ')}."
    if isinstance(act, kinds.TakeOffice):
        return f"{who} {done}."
    code, parts = _why(decision, before, name)
    if isinstance(act, kinds.Dissolve):
        code = "dissolved"
    others = [f"{name(each.who)} ({day(str(each.day))})" for each in also]
    if others:
        done += f"; so {'do' if len(others) > 1 else 'does'} {listed(others)}"
    is_shared = len(decision.platforms) > 1 or bool(others)
    why = (table("decisions", "SHARED") if is_shared else {}).get(code, SENTENCES.get(code, ""))
    return f"{who} {done}. {capital(why.format(**parts))}".rstrip()


def _done(
    decision: Decision,
    before: Decision | Policy | None,
    ended: Decision | Policy | None,
    name: Callable[[str], str],
) -> str:
    """Return the act in the words of a chronicle, which include its cause: the demand that a firm
    answers, the measure that a member copies, or the policy that is ended.
    """
    match decision.act:
        case kinds.Answer() if before and decision.act.kind in ANSWERS:
            told = table("decisions", "TOLD_ANSWERS")[decision.act.kind]
            return told[decision.act.in_effect].format(by=_author(before, name))
        case kinds.Judgment() if before:
            judged = table("decisions", "TOLD_JUDGMENTS")[decision.act.won]
            return judged.format(by=_author(before, name))
        case kinds.TakeOver() if isinstance(before, Decision):
            return f"{_done(before, None, None, name)} as well"
        case kinds.TakeOver() if isinstance(before, Policy):
            return f"{strike(before.instrument).format(target=listed(before.targets))} as well"
        case kinds.ShutOut():
            named = listed([_sold(aim) for aim in decision.target])
            return ACTS[decision.act.code].format(target=named)
        case kinds.Lift():
            return _end(decision, ended)
    return act_text(decision, name=name).replace("_", " ")


def _author(before: Decision | Policy, name: Callable[[str], str]) -> str:
    """Return the states that make a demand, given or decided."""
    return listed(
        [name(code) for code in ((before.who,) if isinstance(before, Decision) else before.by)]
    )


def _sold(aim: Aim) -> str:
    """Return the target of a decision inside a sentence: a platform, or the goods of a firm."""
    return table("decisions", "SECTORS").get(aim.sector, "{name}").format(name=aim.name)


def _end(decision: Decision, ended: Decision | Policy | None) -> str:
    """Return in words how a state ends its policy: ``unblocks Telegram``, without the id of the
    policy.
    """
    ends = table("decisions", "ENDS")
    aimed: Decision = ended if isinstance(ended, Decision) and ended.target else decision
    if isinstance(ended, Decision):
        instrument = ended.policy.instrument if ended.policy else ""
        if isinstance(ended.act, kinds.ShutOut):
            instrument = aimed.target[0].sector
    else:
        instrument = ended.instrument if ended else ""
    words = ends.get(instrument, ends["other"])
    is_named = bool(aimed.target) or "{target}" not in words
    return (words if is_named else ends["nobody"]).format(target=_targets(aimed))


def _why(
    decision: Decision, before: Decision | Policy | None, name: Callable[[str], str]
) -> tuple[str, dict[str, str]]:
    """Return the key of the sentence that gives the reason of a decision, and the names in it."""
    reason = decision.reason
    code = reason.code
    parts = _parts(reason, name)
    is_network = bool(decision.target and decision.target[0].sector)
    match reason:
        case kinds.Allegiance() if decision.scores.get("willing", 1.0) < CLOSE:
            code += "_weak"
        case kinds.Opposed() if reason.by == decision.who:
            code += "_self"
        case kinds.Reviewed() if reason.new_government or decision.behaviour == CONTROL:
            code += "_new" if reason.new_government else "_control"
        case kinds.Retaliation():
            parts["firms"] = listed([_sold(aim) for aim in reason.firms])
        case kinds.Enough():
            parts["adversary"] = name(decision.act.adversary)
            parts["policies"] = _policies(reason.policies)
        case kinds.FirstStrike():
            is_share = reason.leading == "popularity" and is_network
            fears = table("decisions", "FEARS")
            parts["fear"] = fears.get("share" if is_share else reason.leading, reason.leading)
        case kinds.Likely():
            code, more = _likely(decision, name)
            parts |= more
    return code, parts


def _policies(count: int) -> str:
    """Return a number of policies in words."""
    if count == 0:
        return "no policy"
    return "1 policy" if count == 1 else f"{count} policies"


def _likely(decision: Decision, name: Callable[[str], str]) -> tuple[str, dict[str, str]]:
    """Return the key of the sentence on the probability of a decision of `control`, and its values:
    a dispute, or a chance.

    A rate is given as a chance, never as a waiting time, because "after 281 years" is not a reason.
    """
    leading = getattr(decision.reason, "leading", "")
    scores = decision.scores
    if leading == "war":
        row = read(Dispute)[tuple(decision.cause.rpartition(":")[2].split("/"))]
        other = name(row.b if row.a == decision.who else row.a)
        return "likely_war", {
            "dispute": table("decisions", "DISPUTES")[row.kind].format(other=other)
        }
    rate = scores.get("rate", 0.0)
    if getattr(decision.act, "instrument", "") == SHUTDOWN:
        return "likely_shutdown", {"chance": _chance(rate)}
    code = f"likely_{leading}"
    if "rate" in scores:
        yearly = 1.0 - math.exp(-rate)
    else:
        yearly = 1.0 - (1.0 - min(1.0, scores.get("chance", 0.0))) ** scores.get("moments", 1.0)
    return (code if code in SENTENCES else "likely"), {"chance": _chance(yearly)}


def _chance(share: float) -> str:
    """Return a rounded chance: ``about 15 %``, never ``0.081 %``."""
    step = 5 if share >= FINE else 1
    rounded = step * round(100 * share / step)
    return f"about {rounded} %" if rounded else UNDER


def given_text(scenario: Scenario, policy: Policy) -> str:
    """Return a sentence on a policy of the scenario."""
    return f"{order_act(scenario, policy, happened=True)} ({policy.id}, given)"


def chronicle_lines(found: Iterable[Step]) -> list[str]:
    """Return a chronicle as lines, each indented below its cause and with the cause's number."""
    out = []
    tables = table("decisions", "TABLES")
    for step in found:
        why = f" <- {step.cause}" if step.cause else ""
        if step.fact and not step.cause:
            _, where, key = step.fact.split(":", 2)
            why = f" <- fact: {tables.get(where, where)} ({key})"
        date = step.date if step.dated else " " * len(step.date)
        out.append(f"{step.number:>4}  {date}  {'  ' * step.depth}{step.text}{why}")
    return out


def plain(found: Iterable[Step]) -> list[str]:
    """Return a chronicle as sentences with their days, without numbers."""
    return [
        f"{day(step.date)}: {step.text}" if step.dated else f"Later: {step.text}" for step in found
    ]


class Story(NamedTuple):
    """The chronicle of a typical seed: its heading, and its main steps, one a line."""

    head: str
    lines: tuple[str, ...]


def story(result: Result, most: int = STEPS) -> Story | None:
    """Return the chronicle of a typical seed; None if states adopt no policy in it."""
    member = typical_member(result.members)
    told = main_steps(chronicle(result, member), most)
    if not adopted(result.members)[member - 1] or not told:
        return None
    is_example = any(evidence(name) == ILLUSTRATION for name in result.scenario.behaviour.on)
    head = sentence("findings", "story", example=is_example, member=member)
    return Story(head, tuple(plain(told)))


def _namer(scenario: Scenario) -> Callable[[str], str]:
    """Return the function that replaces the code of a state by its name inside a sentence, and
    returns other words unchanged.
    """
    codes = frozenset(scenario.facts.states)
    return lambda word: state_name(scenario, word, article=True) if word in codes else word
