"""Decisions of states in a run, in words: who joined whom, how many policies, and their causes.

The answers of platforms are reported elsewhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..decisions import Decision, Join, Lift, TakeOffice
from ..facts import load_facts
from ..results.index_measured import yardstick
from ..results.worlds import ADOPTS, by_kind, worlds
from .numbers import day, number, percent, state_name
from .skill import OF_STATES, note
from .worlds import found as of_kinds
from .worlds import spread

if TYPE_CHECKING:
    from ..results.result import Result

IN_WORDS = {
    "targets": "first strikes",
    "retaliation": "answers in kind",
    "imitation": "copies of others",
    "coalition": "taken over from a programme",
    "pushback": "retreats before their own people",
    "governments": "reviews of their own policies",
}
"""How the decisions of each behaviour are called."""
_PROGRAMMES = 3
"""Programmes that are listed one by one; the rest is counted."""
Decisions = tuple[Decision, ...]


def decided(result: Result) -> list[Decisions]:
    """Return what states decided, by member; a change of government is not among it."""
    return [
        tuple(d for d in policy.decisions if d.behaviour in OF_STATES and not isinstance(d.act, TakeOffice))
        for _, policy in result.members
    ]


def found(result: Result) -> Iterator[str]:
    """Yield what states decided, one sentence each; nothing where none decided anything.

    Members that differ in kind have a sentence for each kind: no figure is a mean over kinds.
    """
    members = decided(result)
    if not any(members):
        return
    kinds = by_kind(worlds(result.members))
    if programmes_end(result) or len(kinds) > 1:
        yield from of_kinds(result)
    if len(kinds) == 1:
        yield from _joined(result, members)
        yield from _measures(result, members)
        yield from _cascades(result)
    yield from _internets(result)
    yield from beside_record(result)
    if worth := note(result.scenario.behaviour.on):
        yield worth


def programmes_end(result: Result) -> bool:
    """Return whether programmes can end and policies be reviewed in a run, so that worlds can differ in kind."""
    return result.scenario.behaviour.is_on("governments")


def counted(values: Sequence[float], one: str, many: str) -> str:
    """Return the middle of the members with its range and what is counted: ``1 state``, ``7 (5 to 10) states``."""
    text = spread(values)
    return f"{text} {one if text == '1' else many}"


def _joined(result: Result, members: list[Decisions]) -> Iterator[str]:
    """Yield who joined the programmes that most states join: how many, and which in more than half of the members.

    A programme that half of the members do not know is not reported: it is one of many that may come.
    """
    programmes = {d.act for made in members for d in made if isinstance(d.act, Join)}
    who = {p: [{d.who for d in made if d.act == p} for made in members] for p in programmes}
    shared = [p for p in programmes if sum(map(bool, who[p])) > len(members) / 2]
    ranked = sorted(shared, key=lambda p: (-sum(map(len, who[p])), p.leader, p.adversary))
    for programme in ranked[:_PROGRAMMES]:
        yield _joiners(result, programme, who[programme])
    others = [len({p for p in programmes if who[p][m]} - set(ranked[:_PROGRAMMES])) for m in range(len(members))]
    if any(others):
        what = "programme is" if spread(others) == "1" else "programmes are"
        yield f"{spread(others)} {'more ' if ranked else ''}{what} joined by one state or several."


def _joiners(result: Result, programme: Join, who: list[set[str]]) -> str:
    """Return how many states joined a programme, and which of them in more than half of the members."""
    leader, foe = (state_name(result.scenario, code, article=True) for code in (programme.leader, programme.adversary))
    share = Counter(code for states in who for code in states)
    most = sorted((s for s in share if share[s] > len(who) / 2), key=lambda s: (-share[s], s))
    names = ", ".join(state_name(result.scenario, s, article=True) for s in most)
    where = ":" if len(who) == 1 else ", among them in more than half of the members"
    listed = f"{where} {names}" if most else ""
    count = counted([len(states) for states in who], "state has", "states have")
    return f"{count} joined the programme of {leader} against {foe} by {day(result.dates[-1])}{listed}."


def _measures(result: Result, members: list[Decisions]) -> Iterator[str]:
    """Yield how many policies states adopted, of which kind, who adopted most, and how many were lifted."""
    own = [[d for d in made if isinstance(d.act, ADOPTS)] for made in members]
    if not any(own):
        return
    kinds = Counter(d.behaviour for made in own for d in made)
    n = len(members)
    per = {kind: [sum(d.behaviour == kind for d in made) for made in own] for kind, _ in kinds.most_common()}
    parts = [f"{spread(counts)} {IN_WORDS[kind]}" for kind, counts in per.items()]
    adopted = counted([len(made) for made in own], "policy", "policies")
    yield f"States adopt {adopted} of their own ({', '.join(parts)})."
    by = Counter(d.who for made in own for d in made)
    (who, most), *_ = by.most_common()
    name = state_name(result.scenario, who, article=True)
    lifted = [sum(isinstance(d.act, Lift) for d in made) for made in members]
    ends = f"; lifted again: {spread(lifted)}" if any(lifted) else ""
    runners_up = [count for code, count in by.items() if code != who]
    if most > n and all(most > count for count in runners_up):
        mean = "" if n == 1 else " on average"
        yield f"Most are taken by {name}, {number(most / n)} of them{mean}{ends}."
    elif ends:
        yield f"Lifted again: {spread(lifted)}."


def _cascades(result: Result) -> Iterator[str]:
    """Yield who began the largest cascade, and how far it went."""
    if not {"cascade_size", "cascade_depth"} <= set(result.metrics):
        return
    size, depth = (np.array([policy.arrays[name] for _, policy in result.members]) for name in
                   ("cascade_size", "cascade_depth"))  # fmt: skip
    if not size.any():
        return
    i = int(np.median(size, axis=0).argmax() if np.median(size, axis=0).any() else size.mean(axis=0).argmax())
    name = state_name(result.scenario, result.members[0][0].axes.states[i], article=True)
    longest = spread(depth[:, i].tolist())
    chains = "each straight from it" if longest == "1" else f"in chains of up to {longest} decisions"
    count = spread(size[:, i].tolist())
    follow = (
        "1 decision follows from what it began"
        if count == "1"
        else (f"{count} decisions follow from what it began, {chains}")
    )
    yield f"The largest cascade begins with {name}: {follow}."


_AS_BEFORE = 0.02
"""A difference in the number of internets below this is reported as none [internets] (assumption)."""
_COUNTS = {"effective_internets": "by blocs of states", "internets_by_likeness": "by likeness of access"}


def level(result: Result) -> Iterator[str]:
    """Yield how divided and how open the world is on the last day, for a run that changes nothing."""
    parts = [f"{_ends(result, name)[1]:.2f} {word}" for name, word in _COUNTS.items() if name in result.metrics]
    if parts:
        yield f"Internets on the last day, in effective number: {'; '.join(parts)}."
    if "openness" not in result.metrics:
        return
    axes = result.members[0][0].axes
    last = np.median([policy.arrays["openness"][-1] for _, policy in result.members], axis=0)
    least, most = int(np.nanargmin(last)), int(np.nanargmax(last))
    low, high = (percent(float(last[i])) for i in (least, most))
    if low == high:
        yield f"Everywhere people can use {low} of the world's platforms without effort."
        return
    here, there = (state_name(result.scenario, axes.states[i], article=True) for i in (most, least))
    yield (
        f"People can use {high} of the world's platforms without effort in {here}, where it is most, and {low} in "
        f"{there}, where it is least."
    )


def _internets(result: Result) -> Iterator[str]:
    """Yield how many internets there are at the end, with and without the policies."""
    if not set(_COUNTS) <= set(result.metrics):
        return
    parts = []
    for name, word in _COUNTS.items():
        without, with_ = _ends(result, name)
        as_before = abs(with_ - without) < _AS_BEFORE
        instead = ", as without the policies" if as_before else f" instead of {without:.2f}"
        parts.append(f"{with_:.2f} {word}{instead}")
    yield f"Internets on the last day, in effective number: {'; '.join(parts)}."


def beside_record(result: Result) -> Iterator[str]:
    """Yield how far the number of internets moved in the record and in the run, over the days that both cover."""
    spec, metric = result.scenario, "internets_by_likeness"
    if metric not in result.metrics:
        return
    states = result.members[0][0].axes.states
    known = yardstick(load_facts(str(spec.world.facts)), states, spec.start, spec.end)
    if known is None:
        return
    last, first, after = known
    at = (last - spec.start).days
    moved = [float(policy.arrays[metric][at] - policy.arrays[metric][0]) for _, policy in result.members]
    low, middle, high = np.quantile(moved, [0.1, 0.5, 0.9])
    spread_ = f" ({low:+.2f} to {high:+.2f})" if len(moved) > 1 else ""
    yield (
        f"By {day(last.isoformat())} the number by likeness moves by {middle:+.2f}{spread_}; in the record of blocks, "
        f"over the same states, it moved by {after - first:+.2f} (splinternet index)."
    )


def _ends(result: Result, name: str) -> tuple[float, float]:
    """Return a metric of the whole world on the last day, without the policies and with them."""
    without, with_ = (float(np.median([pair[arm].arrays[name][-1] for pair in result.members])) for arm in (0, 1))
    return without, with_
