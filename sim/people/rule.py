"""The base of a user's own rules for what people decide; it loads no compiler."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ..decisions import Switched

if TYPE_CHECKING:
    from .own_rules import PeopleToday, Proposals, RuleDay


class PeopleRule(Switched):
    """What people decide beside the built-in rules; a subclass is switched on by its name in a
    scenario.

    It holds in both arms. Its turn is a phase of the day under its name; what it proposes is
    carried out by the next phase ``people``, together with what the built-in rules decide.

    Attributes
    ----------
    before, after : str
        The phase of the day that it comes before or after; ``before`` counts unless ``after`` names
        one.
    """

    every_days: ClassVar[int] = 1
    before: ClassVar[str] = "people"
    after: ClassVar[str] = ""

    def decide(self, people: PeopleToday, today: RuleDay) -> Proposals | None:
        """Return what people propose to do today.

        Parameters
        ----------
        people : splinternet.people.own_rules.PeopleToday
            Everybody as arrays, which cannot be written.
        today : splinternet.people.own_rules.RuleDay
            The date, platforms, parameters and random numbers of this rule.

        Returns
        -------
        splinternet.people.own_rules.Proposals
            As ``people.proposals()`` makes them; None for nothing.
        """
        return None
