"""A user's own rules for people in the plain model: the same code, called with the same people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from splinternet.errors import InputError, Problem
from splinternet.people.access import bits, differs, joined
from splinternet.people.kernel_types import PERSON, PRIVATE, pack
from splinternet.people.own_rules import OF_NONE, PeopleToday, ask
from splinternet.scenario.schema import BEHAVIOURS

from .surroundings import Platform, chance_of_use

if TYPE_CHECKING:
    from .model import Twin
    from .person import Person
    from .surroundings import Plan


@dataclass
class Wish:
    """The proposals of the user's own rules for a person today."""

    kept: set[Platform] = field(default_factory=set)
    dropped: set[Platform] = field(default_factory=set)
    adopted: set[Platform] = field(default_factory=set)
    gets_vpn: bool = False
    learns_of_vpns: bool = False

    @property
    def is_more_than_keeping(self) -> bool:
        """Whether a person decides because of it who otherwise has nothing to decide."""
        return bool(self.dropped or self.adopted or self.gets_vpn or self.learns_of_vpns)


class OwnRules:
    """The rules that the scenario switches on.

    Parameters
    ----------
    model : Twin

    Raises
    ------
    InputError
        A rule does not come right before people decide: the plain model has no phases for another
        place.
    """

    def __init__(self, model: Twin) -> None:
        self.model = model
        setting = model.world.setting
        world = model.world
        self.rules = [BEHAVIOURS[name]() for name in model.spec.behaviour.of_people]
        for rule in self.rules:
            if (rule.after or rule.before) not in ("access", "people") or rule.after == "people":
                order = f"after {rule.after}" if rule.after else f"before {rule.before}"
                found = f"{rule.name} comes {order}"
                allowed = 'before = "people", the only place in the plain twin'
                raise InputError(
                    Problem(rule.place(), found, allowed, "use the fast engine: sn.Model")
                )
        self.people = PeopleToday(
            world.columns,
            world.groups,
            setting.states,
            setting.platforms,
            world.rules.ties_kin_weight,
            world.seed,
            (world.ties.diaspora_end, world.ties.family_end),
        )
        self.tellers: list[tuple[Person, Platform]] = []

    def ask(self) -> None:
        """Call each rule, and store its proposals with each person."""
        self.tellers = []
        if not self.rules:
            return
        for tie in self.model.ties:
            tie.proposed.clear()
        model = self.model
        everybody = self.model.everybody
        for person in everybody:
            person.wish = Wish()
        table, first = (
            joined(rows)
            for rows in zip(*((p.table, p.first) for p in model.places.values()), strict=True)
        )
        unlike = differs(table, first) | (table.install_hazard > 0).any(axis=2)
        cells = pack(table, first)
        self.people.begin(*self._rows(), cells, bits(unlike), self._days_out_of_touch)
        for rule in self.rules:
            date = model.spec.start + timedelta(days=model.day)
            parameters = model.parameters
            made = ask(rule, self.people, self.people.day(rule.name, model.day, date, parameters))
            for verb, proposals in made.made.items() if made is not None else ():
                for numbers, p in proposals:
                    for person in (everybody[i] for i in numbers.tolist()):
                        self._note(verb, person, None if p == OF_NONE else model.platforms[p])

    def _note(self, verb: str, person: Person, platform: Platform | None) -> None:
        """Note one proposal."""
        match verb, platform:
            case "take_vpn", _:
                person.wish.gets_vpn = True
            case "tell", None:
                for other, _ in person.circle:
                    other.wish.learns_of_vpns = True
            case "tell", platform:
                self.tellers.append((person, platform))
            case "phone" | "agree", _:
                person.note_with_kin(platform)
            case "keep", platform:
                person.wish.kept.add(platform)
            case "drop", platform:
                person.wish.dropped.add(platform)
            case "adopt", platform:
                person.wish.adopted.add(platform)

    def amend(self) -> Iterator[Person]:
        """Add the proposals to the decisions; yield people who decide only because of a rule."""
        for person in self.model.everybody if self.rules else ():
            if person.wish.is_more_than_keeping:
                if person.plan is None:
                    person.plan = person.as_it_is()
                    person.plan.looks_again = person.looks_again
                    yield person
                self._add(person, person.wish, person.plan)

    def _add(self, person: Person, wish: Wish, plan: Plan) -> None:
        """Add a wish to the plan of a person."""
        for platform in (wish.dropped & person.member & plan.member) - wish.kept:
            plan.drop(platform)
            plan.trial.discard(platform)
            plan.use.pop(platform, None)
            plan.lapse_day = self.model.day
        for platform in wish.adopted - person.member - plan.member:
            if person.would_take_up(platform):
                plan.hold(platform)
                plan.joined.add(platform)
                plan.by_rule.add(platform)
                plan.use[platform] = chance_of_use(
                    self.model.rules.choice_extra_use, platform.habit
                )
                plan.looks_again = True
        plan.is_aware |= wish.learns_of_vpns or wish.gets_vpn
        if wish.gets_vpn and not plan.has_vpn:
            plan.has_vpn = True
            plan.vpn_day = 0
            plan.looks_again = True

    def tell(self) -> None:
        """Let the circles of people who tell others of a platform look at it again."""
        for person, platform in self.tellers:
            for other, _ in person.circle:
                other.circle_changed.add(platform)

    def _days_out_of_touch(self) -> np.ndarray:
        """Return the number of days in a row, up to yesterday, that each person has been out of
        touch.
        """
        return np.array([self._days_in_a_row(one) for one in self.model.everybody], np.int16)

    def _days_in_a_row(self, person: Person) -> int:
        """Return the number of days in a row, up to yesterday, that a person was out of touch."""
        days = self.model.days_out.get(person, [])
        last = self.model.day - 1
        return sum(day == last - ago for ago, day in enumerate(reversed(days)))

    def _rows(self) -> tuple[np.ndarray, np.ndarray]:
        """Return all people as rows of PERSON and PRIVATE, with the values that a rule can see."""
        people = self.model.everybody
        rows = np.zeros(len(people), PERSON)
        private = np.zeros(len(people), PRIVATE)
        for name in ("member", "using", "abroad", "first_member", "trial", "lapsed", "stuck"):
            column = private if name == "stuck" else rows
            column[name] = [
                sum(platform.bit for platform in getattr(person, name)) for person in people
            ]
        rows["group"] = [person.group.index for person in people]
        number = {place: n for n, place in enumerate(self.model.places.values())}
        rows["state"] = [number[person.place] for person in people]
        rows["vpn"] = [person.has_vpn for person in people]
        rows["aware"] = [person.is_aware for person in people]
        rows["age"] = [person.age for person in people]
        rows["effort"] = [person.effort for person in people]
        return rows, private
