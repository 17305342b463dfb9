"""What states decided in a run, in words: who joined whom, how many measures, what followed from what.

What platforms answer is told elsewhere: this is about the behaviours of states.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim.results.words import day, number, state_name

if TYPE_CHECKING:
    from sim.results.result import Result

OF_STATES = ("targets", "retaliation", "imitation", "coalition", "pushback")
IN_WORDS = {
    "targets": "first strikes",
    "retaliation": "answers in kind",
    "imitation": "copies of others",
    "coalition": "taken over from a programme",
    "pushback": "retreats before their own people",
}
"""How the decisions of each behaviour are called."""
JOINS, LIFTS = "joins the programme of ", "lifts "
Rows = tuple[tuple[str, ...], ...]


def decided(result: Result) -> list[Rows]:
    """Return what states decided, by member, each a row in the columns of `sim.results.decisions`."""
    return [tuple(row for row in policy.decisions if row[2] in OF_STATES) for _, policy in result.members]


def found(result: Result) -> Iterator[str]:
    """Yield what states decided, one sentence each; nothing where none decided anything."""
    members = decided(result)
    if not any(members):
        return
    yield from _joined(result, members)
    yield from _measures(result, members)
    yield from _cascades(result)
    yield from _internets(result)


def spread(values: Sequence[float]) -> str:
    """Return the middle of the members with its range: ``7 (5 to 10)``."""
    low, middle, high = (number(float(v)) for v in np.quantile(values, [0.1, 0.5, 0.9]))
    return middle if low == middle == high else f"{middle} ({low} to {high})"


def counted(values: Sequence[float], one: str, many: str) -> str:
    """Return the middle of the members with its range and what is counted: ``1 state``, ``7 (5 to 10) states``."""
    text = spread(values)
    return f"{text} {one if text == '1' else many}"


def _joined(result: Result, members: list[Rows]) -> Iterator[str]:
    """Yield who joined a programme: how many states, and which in more than half of the members."""
    programmes = sorted({row[3].removeprefix(JOINS) for rows in members for row in rows if row[3].startswith(JOINS)})
    for programme in programmes:
        who = [{row[1] for row in rows if row[3] == JOINS + programme} for rows in members]
        leader, foe = (state_name(result.scenario, code, article=True) for code in programme.split(" against "))
        share = Counter(code for states in who for code in states)
        most = sorted((s for s in share if share[s] > len(members) / 2), key=lambda s: (-share[s], s))
        names = ", ".join(state_name(result.scenario, s, article=True) for s in most)
        where = "" if len(members) == 1 else "in more than half of the members "
        listed = f": {where}{names}" if most else ""
        count = counted([len(states) for states in who], "state has", "states have")
        yield f"{count} joined the programme of {leader} against {foe} by {day(result.dates[-1])}{listed}."


def _measures(result: Result, members: list[Rows]) -> Iterator[str]:
    """Yield how many measures states took, of which kind, who took most, and how many were lifted."""
    own = [[row for row in rows if not row[3].startswith((JOINS, LIFTS))] for rows in members]
    if not any(own):
        return
    kinds = Counter(row[2] for rows in own for row in rows)
    n = len(members)
    parts = [f"{IN_WORDS[kind]} {number(count / n)}" for kind, count in kinds.most_common()]
    mean = "" if n == 1 else "mean of the members: "
    measures = counted([len(rows) for rows in own], "measure", "measures")
    yield f"States take {measures} of their own ({mean}{', '.join(parts)})."
    by = Counter(row[1] for rows in own for row in rows)
    (who, most), *_ = by.most_common()
    name = state_name(result.scenario, who, article=True)
    lifted = [sum(row[3].startswith(LIFTS) for row in rows) for rows in members]
    ends = f"; lifted again: {spread(lifted)}" if any(lifted) else ""
    if most >= n:
        yield f"Most are taken by {name}, {number(most / n)} of them{ends}."


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
    yield (
        f"The largest cascade begins with {name}: {spread(size[:, i].tolist())} decisions follow from what it began, "
        f"in chains of up to {spread(depth[:, i].tolist())}."
    )


def _internets(result: Result) -> Iterator[str]:
    """Yield how many internets there are at the end, with and without the policies."""
    ends: dict[str, list[float]] = {
        name: [float(np.median([member[arm].arrays[name][-1] for member in result.members])) for arm in (1, 0)]
        for name in ("effective_internets", "internets_by_likeness")
        if name in result.metrics
    }
    if len(ends) < 2:
        return
    parts = []
    for name, word in (
        ("effective_internets", "by blocs of states"),
        ("internets_by_likeness", "by likeness of access"),
    ):
        with_, without = (f"{value:.2f}" for value in ends[name])
        instead = ", as without the policies" if with_ == without else f" instead of {without}"
        parts.append(f"{with_} {word}{instead}")
    yield f"Internets on the last day, in effective number: {'; '.join(parts)}."
