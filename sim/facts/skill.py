"""How well the rules of states predict who acts in known series, as last computed (`sim/facts/skill.csv`).

`notebooks/studies/who_joins.py --write` writes the table; a test computes it again.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from sim.facts.skilled import is_skilled
from sim.facts.table import checked_rows

TABLE = Path(__file__).parent / "skill.csv"


class Skill(NamedTuple):
    """The skill of one rule on one series: chances to put two states in the right order [1]; 0.5 is chance.

    Attributes
    ----------
    series, question, rule : str
        What is known; ``who`` acts, or ``when`` of those that act; the behaviour whose rule is tested.
    states, yes : int
        States in the series, and those that did it.
    skill, low, high : float
        Of the rule, with its 80 % interval over draws of the states.
    least, most : float
        Lowest and highest with any one state left out.
    ally, rich, near : float
        Of the rivals: ally of the leader, product per head, near the adversary.
    ahead_low, ahead_high : float
        80 % interval of the rule's lead over the best rival.
    """

    series: str
    question: str
    rule: str
    states: int
    yes: int
    skill: float
    low: float
    high: float
    least: float
    most: float
    ally: float
    rich: float
    near: float
    ahead_low: float
    ahead_high: float


@lru_cache(maxsize=1)
def read_skill() -> tuple[Skill, ...]:
    """Return the stored table.

    Raises
    ------
    InputError
        When the table is faulty: all of it, each with file and line.
    """
    found = []
    for row in checked_rows(TABLE, Skill._fields):
        texts = row.text("series"), row.one_of("question", ("who", "when")), row.text("rule")
        numbers = [row.number(name) for name in Skill._fields[3:]]
        found.append(Skill(*texts, int(numbers[0]), int(numbers[1]), *numbers[2:]))
    return tuple(found)


def skilled_rules() -> frozenset[str]:
    """Return the rules that show skill on a series of who acts, against chance and the best simple rival."""
    return frozenset(s.rule for s in read_skill() if is_skilled(s) and s.question == "who")
