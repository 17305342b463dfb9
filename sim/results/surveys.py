"""The platforms that gain the minutes of a lost one, next to the answers of its users in a survey."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.facts.platforms import read_surveys
from sim.results.firms import is_measured, minutes_gained
from sim.results.stats import HIGH, LOW

if TYPE_CHECKING:
    from sim.results.result import Result

_MOST = 6
"""Number of platforms with the largest gains that are listed next to those in the survey."""


@dataclass(frozen=True)
class BesideSurvey:
    """A platform that users of a lost one turn to: in the run, and by a survey.

    Attributes
    ----------
    state, lost, platform : str
    gained, low, high : float
        Share of the minutes gained in the state on the last day: median and 80 % interval of the members [1].
    asked : float or None
        Share of those asked who named it [1]; None where the survey did not ask.
    of_answers : float or None
        The same as a share of all answers [1].
    """

    state: str
    lost: str
    platform: str
    gained: float
    low: float
    high: float
    asked: float | None
    of_answers: float | None


def beside_surveys(result: Result) -> list[BesideSurvey]:
    """Return the platforms that gain most minutes and those asked about, for each target whose users were asked."""
    if not is_measured(result):
        return []
    aims = {
        (state, platform) for policy in result.scenario.policies for state in policy.by for platform in policy.targets
    }
    surveyed, found = read_surveys(), list[BesideSurvey]()
    for state, lost in sorted(aims & {(state, lost) for state, lost, _ in surveyed}):
        said = {platform: share for (s, p, platform), share in surveyed.items() if (s, p) == (state, lost)}
        shares = minutes_gained(result, state, lost) if state in result.members[0][0].axes.states else {}
        total = sum(each.value for each in said.values())
        most = sorted(shares, key=lambda name: -float(np.median(shares[name])))[:_MOST]
        for name in dict.fromkeys((*most, *said)) if shares else ():
            low, middle, high = (float(x) for x in np.quantile(shares.get(name, np.zeros(1)), (LOW, 0.5, HIGH)))
            answer = said[name].value if name in said else None
            of_all = answer / total if answer is not None else None
            found.append(BesideSurvey(state, lost, name, middle, low, high, answer, of_all))
    return found
