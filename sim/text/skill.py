"""The skill of the rules of states and platforms in words; a rule without skill on known series is an illustration."""

from __future__ import annotations

from collections.abc import Iterable

from ..facts.orders import Look
from ..facts.record import AnswerSkill, Skill, is_skilled, skilled_rules
from ..facts.tables import read
from .numbers import listed

OF_STATES = ("targets", "control", "retaliation", "imitation", "coalition", "pushback", "governments")
"""The behaviours of states."""
PLATFORMS, ALL = "platforms", "all"
"""The behaviour of platforms, and the row of its skill on all known demands together."""
CONTROL = "control"
"""The behaviour whose chances are fitted to the record of orders, and scored on later years."""
SKILL, ILLUSTRATION = "skill on a known series", "illustration"


def evidence(behaviour: str) -> str:
    """Return what stands behind decisions of a behaviour: skill on a known series, or illustration; else nothing."""
    if behaviour == PLATFORMS:
        return SKILL if is_skilled(answers()) else ILLUSTRATION
    if behaviour not in OF_STATES:
        return ""
    return SKILL if behaviour in skilled_rules() or behaviour == CONTROL else ILLUSTRATION


def answers() -> AnswerSkill:
    """Return the skill of the rule of platforms on all known demands together."""
    return next(row for row in read(AnswerSkill).values() if (row.series, row.rule) == (ALL, PLATFORMS))


def is_dated(behaviour: str) -> bool:
    """Return whether decisions of a behaviour are shown with their days: not where platforms answer without skill."""
    return behaviour != PLATFORMS or is_skilled(answers())


def note(behaviours: Iterable[str]) -> str:
    """Return a sentence on the rules that are switched on: which are illustrations, and what the others can do."""
    behaviours = tuple(behaviours)
    on = [name for name in behaviours if name in OF_STATES]
    skilled = [name for name in on if name in skilled_rules()]
    rest = [name for name in on if name not in skilled and name != CONTROL]
    words = []
    if rest:
        what = "rules show" if len(rest) > 1 else "rule shows"
        words.append(f"Illustration: the {what} no skill beside simple rivals ({listed(rest)}).")
    for name in skilled:
        best = max((s for s in read(Skill).values() if s.rule == name and is_skilled(s)), key=lambda s: s.skill)
        words.append(
            f"On a known series the rule of {name} puts a state that acted above one that did not in {best.skill:.2f} "
            f"of pairs (0.5 is chance, {max(best.ally, best.rich, best.near):.2f} the best simple rival); it shows no "
            "skill for dates."
        )
    if CONTROL in on:
        *_, look = read(Look).values()
        words.append(
            f"Of a restriction that states ordered in 2022-2025 and one that they did not, the rule of {CONTROL} finds "
            f"the first likelier in {look.auc:.2f} of pairs, unfreedom x earlier blocks in {look.rival_auc:.2f} "
            f"(without Russia {look.apart_auc:.2f} and {look.rival_apart_auc:.2f}); its weights are of 2012-2021 "
            "(splinternet score-states)."
        )
    if PLATFORMS in behaviours:
        words.append(_of_platforms())
    return " ".join(words)


def _of_platforms() -> str:
    """Return a sentence on the rule by which platforms answer."""
    known = answers()
    text = f"of two firms it puts the one that really gave in sooner first in {known.skill:.2f} of pairs "
    text += f"({known.low:.2f} to {known.high:.2f}; 0.5 is chance, "
    text += f"{max(known.stake, known.unfree, known.news):.2f} the best simple rival)"
    if is_skilled(known):
        return f"On three known demands the rule of platforms shows skill: {text}."
    worth = "Illustration: the rule by which platforms answer shows no skill beside simple rivals"
    return f"{worth}: {text}; no days are shown."
