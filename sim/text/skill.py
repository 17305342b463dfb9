"""What the rules of states are worth, in words: a rule without skill on a known series is called an illustration."""

from __future__ import annotations

from collections.abc import Iterable

from sim.facts.skill import read_skill, skilled_rules
from sim.text.numbers import listed

OF_STATES = ("targets", "retaliation", "imitation", "coalition", "pushback", "governments")
"""The behaviours of states."""
SKILL, ILLUSTRATION = "skill on a known series", "illustration"


def evidence(behaviour: str) -> str:
    """Return what stands behind decisions of a behaviour: skill on a known series, or illustration; else nothing."""
    if behaviour not in OF_STATES:
        return ""
    return SKILL if behaviour in skilled_rules() else ILLUSTRATION


def note(behaviours: Iterable[str]) -> str:
    """Return a sentence on the rules that are switched on: which are illustrations, and what the others can do."""
    on = [name for name in behaviours if name in OF_STATES]
    skilled = [name for name in on if name in skilled_rules()]
    rest = [name for name in on if name not in skilled]
    words = []
    if rest:
        what = "rules show" if len(rest) > 1 else "rule shows"
        words.append(f"Illustration: the {what} no skill beside simple rivals ({listed(rest)}).")
    for name in skilled:
        best = max((s for s in read_skill() if s.rule == name and s.is_skilled), key=lambda s: s.skill)
        words.append(
            f"On a known series the rule of {name} puts a state that acted above one that did not in {best.skill:.2f} "
            f"of pairs (0.5 is chance, {max(best.ally, best.rich, best.near):.2f} the best simple rival); it shows no "
            "skill for dates."
        )
    return " ".join(words)
