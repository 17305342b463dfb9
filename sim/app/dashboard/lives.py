"""The days of simulated people on the page: both arms are simulated again up to the current day and observed."""

from __future__ import annotations

from ...errors import InputError, Problem
from ...experiments.follow import follow
from ...results.result import Result
from ...scenario import Scenario
from ...text.lives import text
from .scene import until
from .session import Moment

COUNT = 3
"""Simulated people: a typical one, a typical one of those who lose contact, and the worst."""


def lives_of(moment: Moment, whole: Scenario) -> tuple[str, str]:
    """Return name and text of a file with the days of simulated people of the group that loses most contact.

    Parameters
    ----------
    moment : Moment
        Of a session.
    whole : Scenario
        The scenario with all the policies that can be switched on: whose people are simulated.

    Raises
    ------
    InputError
        When no day is simulated yet, or nobody has kin abroad.
    RunError
        When the arms do not come out as the moment has them.
    """
    if moment.pair is None:
        raise InputError(Problem("", "no day is through yet", "play or step first"))
    # The page simulates stated values and draws nothing; its only member is that of the scenario itself.
    spec = moment.spec.model_copy(update={"days": moment.day + 1, "draw": "nothing"})
    pair = until(moment.pair[0], moment.day), until(moment.pair[1], moment.day)
    lives = follow(Result(spec, [pair]), count=COUNT, world_of=spec.model_copy(update={"policies": whole.policies}))
    return f"{moment.spec.name}_people_to_{lives.dates[-1]}.txt", text(lives)
