"""How well the rule of platforms predicts who gives in first, as last computed (`sim/facts/answer_skill.csv`).

`notebooks/studies/platform_answers.py --write` writes the table; a test computes it again.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from sim.facts.table import checked_rows

TABLE = Path(__file__).parent / "answer_skill.csv"


class AnswerSkill(NamedTuple):
    """The skill of the rule on one demand: chances to put two firms in the right order [1]; 0.5 is chance.

    Attributes
    ----------
    series, rule : str
        The demand, or ``all`` of them; the behaviour whose rule is tested.
    firms : int
        Firms that were asked.
    skill, low, high : float
        Of the rule, with its 80 % interval over draws of the firms.
    least, most : float
        Lowest and highest with any one firm left out.
    stake, unfree, news : float
        Of the rivals: what the firm earns there, how unfree its home is, how little its users come for news.
    ahead_low, ahead_high : float
        80 % interval of the rule's lead over the best rival.
    """

    series: str
    rule: str
    firms: int
    skill: float
    low: float
    high: float
    least: float
    most: float
    stake: float
    unfree: float
    news: float
    ahead_low: float
    ahead_high: float


@lru_cache(maxsize=1)
def read_answer_skill() -> tuple[AnswerSkill, ...]:
    """Return the stored table.

    Raises
    ------
    InputError
        When the table is faulty: all of it, each with file and line.
    """
    found = []
    for row in checked_rows(TABLE, AnswerSkill._fields):
        numbers = [row.number(name) for name in AnswerSkill._fields[2:]]
        found.append(AnswerSkill(row.text("series"), row.text("rule"), int(numbers[0]), *numbers[1:]))
    return tuple(found)
