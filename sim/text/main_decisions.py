"""The main decisions of a run, one line each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import zip_longest
from typing import Any

from ..decisions import Decision, Grew, Reason, TakeOffice
from ..results.panel import Pair
from ..results.series import decision_row
from .decisions import act_text, reason_text, who_text
from .numbers import listed
from .skill import OF_STATES, is_dated
from .wording import table

MAIN_HEAD = table("run", "HEADS")["decisions"]
"""What stands over the main decisions."""
_MAIN = 12


@dataclass(frozen=True)
class Line:
    """One of the main decisions.

    Attributes
    ----------
    text : str
        ``2021-03-01 RU blocks Facebook: retaliation for ... (in 5 of 8 members, 2020-11-02 to 2021-06-12)``; the day
        is that of the member in the middle, the reason the commonest. Answers of platforms have no day.
    names : frozenset of str
        Every name in it, codes of states among them.
    """

    text: str
    names: frozenset[str]


def main_decisions(members: Sequence[Pair], most: int = _MAIN, *, of_states: bool = True) -> list[Line]:
    """Return the main decisions of a run, one line each, in the order of their days.

    Each behaviour has its turn: of each, those that most members share, as many of one as of another where there are.

    Parameters
    ----------
    members : sequence of (ArmData, ArmData)
    most : int
        How many lines at most.
    of_states : bool
        Whether what states decide is among them; the chronicles have it where members differ in kind.
    """
    taken: dict[tuple[str, str, str], dict[int, Decision]] = {}
    own: set[str] = set()
    for member, (_, policy) in enumerate(members):
        for decision in policy.decisions:
            own.add(decision.id)
            if isinstance(decision.act, Grew | TakeOffice) or (decision.behaviour in OF_STATES and not of_states):
                continue  # what happens in the world is in the chronicle
            said = (decision.behaviour, who_text(decision), act_text(decision))
            taken.setdefault(said, {}).setdefault(member, decision)
    alike = {key: sorted(by.values(), key=decision_row) for key, by in taken.items()}
    ranked = sorted(alike, key=lambda key: (-len(alike[key]), _middle(alike[key]).day, key))
    turns = {behaviour: [key for key in ranked if key[0] == behaviour] for behaviour in sorted({k[0] for k in ranked})}
    chosen = [key for row in zip_longest(*turns.values()) for key in row if key is not None][:most]
    return sorted((_line(alike[key], len(members), own) for key in chosen), key=lambda line: line.text)


def _middle(decisions: list[Decision]) -> Decision:
    """Return the decision of the middle day."""
    return decisions[(len(decisions) - 1) // 2]


def _line(decisions: list[Decision], members: int, own: set[str]) -> Line:
    """Return what several members decided alike, in a line; ``own`` are the ids of decided policies."""
    middle = _middle(decisions)
    who = listed(middle.platforms or (middle.who,))  # a firm that decides for several platforms
    reasons = [_reason(decision.reason, own) for decision in decisions]
    because = Counter(reasons).most_common(1)[0][0]
    first, last = decisions[0].day, decisions[-1].day
    dated = is_dated(middle.behaviour)
    when = f", {first} to {last}" if first != last and dated else ""
    shared = f" (in {len(decisions)} of {members} members{when})" if members > 1 else ""
    reason = decisions[reasons.index(because)].reason
    names = frozenset([middle.who, *_names(middle.act), *_names(reason)])
    day = f"{middle.day} " if dated else ""
    return Line(f"{day}{who} {act_text(middle)}: {because}{shared}", names)


def _reason(reason: Reason, own: set[str]) -> str:
    """Return a reason; the id of a decided policy is left out, since it holds a day that is another in each member."""
    return reason_text(reason, with_id=getattr(reason, "policy", "") not in own)


def _names(value: Any) -> list[str]:
    """Return the texts that an act or a reason holds."""
    held = [getattr(value, part.name) for part in fields(value)]
    return [name for each in held for name in (each if isinstance(each, tuple) else (each,)) if isinstance(name, str)]
