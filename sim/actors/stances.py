"""Answers of platforms to demands, as states see them when they decide on orders.

An answer counts while the demand stands. A platform that obeys continues to obey, so obedience does
not fade. A refusal fades with its age, and no state acts on one that is older than `REFUSAL_DAYS`.
States restrict platforms that obey less often and platforms that refuse more often. Paying a fine
makes up for a part of a refusal. While a suit is pending, and after a platform has won it, the
answer has no effect. A platform that has left has nothing to restrict. A state may drop a demand if
a platform would rather leave than obey it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..core.chance import Purpose
from ..decisions import Answer, Decision, Judgment, Threatened
from ..facts.orders import REFUSAL_DAYS, recalled

if TYPE_CHECKING:  # Mesa is slow to load
    from ..policies.base import Policy
    from .agents import State
    from .politics import Politics, Standing

OBEYED = ("complied", "sold")
"""Answers that count as obedience."""


class Stance(NamedTuple):
    """The answer of a platform to a current demand of a state.

    Attributes
    ----------
    word : str
        ``obeyed``, ``refused``, ``paid`` (it refuses and pays its fines), ``left``, or ``court``.
    demand : str
        Id of the demand.
    cause : str
        Id of the decision by which it answered; without an answer, that of the demand.
    age : int
        Time since that decision, or since the demand came into force [days].
    """

    word: str
    demand: str
    cause: str
    age: int


def stances(model: Politics) -> dict[tuple[int, str], Stance]:
    """Return the answer of each platform to each state with a demand, by the number of the state
    and the name of the platform.

    One refusal outweighs any demand that the platform obeyed. Empty if platforms do not decide.
    """
    if model.setting.answers is None:
        return {}
    suing = _suing(model.decisions)
    answers = {
        (d.cause, name): d
        for d in model.decisions
        if isinstance(d.act, Answer) and d.act.in_effect
        for name in d.platforms
    }
    found: dict[tuple[int, str], Stance] = {}
    for standing in model.outlook.standing():
        demand = standing.policy
        if demand is None or not demand.demands():
            continue
        for name in getattr(demand, "targets", ()):
            word = _word(model, standing, demand, name, suing)
            key = standing.by, name
            if word and (key not in found or word in ("refused", "paid")):
                answer = answers.get((demand.id, name))
                cause = answer.id if answer else demand.id
                age = (model.date - answer.day).days if answer else standing.days
                found[key] = Stance(word, demand.id, cause, age)
    return found


def _suing(decisions: list[Decision]) -> set[tuple[str, str]]:
    """Return the demands and platforms with a pending suit."""
    pending: set[tuple[str, str]] = set()
    for d in decisions:
        cases = {(d.cause, name) for name in d.platforms}
        if isinstance(d.act, Answer) and d.act.kind == "contest":
            pending |= cases
        elif isinstance(d.act, Judgment | Answer):
            pending -= cases
    return pending


def _word(
    model: Politics,
    standing: Standing,
    demand: Policy,
    name: str,
    suing: set[tuple[str, str]],
) -> str:
    given = (model.setting.answers or {}).get((demand.id, name), "")
    if given in OBEYED:
        return "obeyed"
    if given == "left":
        return "left"
    if given == "freed" or (demand.id, name) in suing:
        return "court"
    if standing.days < 0:
        return ""
    fallen = [s for s in demand.sanctions(model.setting) if s.on <= model.date]
    has_paid = bool(fallen) and all(s.fine for s in fallen)
    return "paid" if has_paid else "refused"


def factors(model: Politics, names: list[str]) -> tuple[np.ndarray, dict[tuple[int, str], Stance]]:
    """Return the factor on the odds of an order for each state and platform [1], shape (states,
    platforms), and the answers behind it.

    Parameters
    ----------
    model : Politics
    names : list of str
        The platforms, in order.
    """
    q = model.setting.parameters
    plain = {"obeyed": q["control.obeyed"], "left": 0.0}
    part = {"refused": 1.0, "paid": 1.0 - q["control.paid"]}
    out = np.ones((len(model.outlook.situation.states), len(names)))
    found = stances(model)
    at = {name: column for column, name in enumerate(names)}
    for (state, name), stance in found.items():
        if name in at:
            weight = part.get(stance.word, 0.0) * recalled(stance.age, REFUSAL_DAYS)
            out[state, at[name]] = plain.get(stance.word, q["control.refused"] ** weight)
    return out, found


def with_odds(chance: np.ndarray, factor: np.ndarray) -> np.ndarray:
    """Return chances with their odds multiplied by a factor [1], shapes alike."""
    return np.asarray(chance * factor / (1.0 - chance + chance * factor))


def threats(model: Politics) -> list[Decision]:
    """Return the decisions of yesterday by which firms will leave a state rather than obey it."""
    yesterday = model.date - timedelta(days=1)
    recent = takewhile(lambda d: d.day >= yesterday, reversed(model.decisions))
    return [
        d
        for d in recent
        if d.day == yesterday
        and isinstance(d.act, Answer)
        and d.act.kind == "leave"
        and not d.act.in_effect
    ]


def dropped(state: State, behaviour: str) -> Iterator[Decision]:
    """Yield the end, by chance, of each demand of a state over which a firm announced its exit
    yesterday.

    Free states, and states with many users of the platform, give way more often.
    """
    model = state.model
    s = model.outlook.situation
    i = state.number
    users = model.users_today()[i]
    number = {target.name: j for j, target in enumerate(s.targets) if target.platform >= 0}
    standing = {m.id: m for m in state.standing}
    for threat in threats(model):
        demand = standing.get(threat.cause)
        if demand is None or demand.policy is None or len(demand.policy.by) > 1:
            continue
        if not model.outlook.can_be_lifted(demand):
            continue
        at_stake = max(float(users[number[name]]) for name in threat.platforms)
        chance = state.parameters["control.gives_way"] * float(s.freedom[i]) * at_stake
        if state.luck(Purpose.THREATS, number[threat.platforms[0]]) < chance:
            scores = {"chance": chance, "users": at_stake}
            yield state.lift(demand, behaviour, Threatened(threat.who), scores, cause=threat.id)
