"""The base of a user's own rules for people's decisions; it loads no compiler."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ..decisions import Switched

if TYPE_CHECKING:
    from .own_rules import PeopleToday, Proposals, RuleDay


class PeopleRule(Switched):
    """Base class for a rule by which people decide, in addition to the built-in rules. A scenario
    switches a subclass on by its name. The rule applies in both arms, as a phase of the day with
    its own name. The next phase ``people`` carries out its proposals, together with the decisions
    of the built-in rules.

    Attributes
    ----------
    before, after : str
        The phase of the day before or after which the rule runs; ``after`` takes precedence if it
        names a phase.
    """

    every_days: ClassVar[int] = 1
    before: ClassVar[str] = "people"
    after: ClassVar[str] = ""

    def decide(self, people: PeopleToday, today: RuleDay) -> Proposals | None:
        """Return the proposals of people for today.

        Parameters
        ----------
        people : splinternet.people.own_rules.PeopleToday
            All people, as read-only arrays.
        today : splinternet.people.own_rules.RuleDay
            The date, platforms, parameters and random numbers of this rule.

        Returns
        -------
        splinternet.people.own_rules.Proposals
            Proposals from ``people.proposals()``; None for none.
        """
        return None
