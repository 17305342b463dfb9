"""The diary of one arm: everything that happens to the people of a group and to their kin abroad, day by day."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sim.engine.model import Model
from sim.experiments.lives.access_watch import AccessWatch
from sim.experiments.lives.people_watch import PeopleWatch
from sim.experiments.lives.tie_watch import TieStep, TieWatch
from sim.experiments.why_lost import Blame
from sim.people.contact import BRIDGED
from sim.results.lives import Happening
from sim.results.ties import BRIDGE


class Diary:
    """What happens in one arm to some kin ties and to the people at both ends of them.

    Parameters
    ----------
    model : Model
        Before its first day; the diary watches every phase and changes nothing.
    ties : numpy.ndarray of int, shape (watched,)
        Numbers of the kin ties.

    Attributes
    ----------
    happenings : list of Happening
        In the order of the days.
    open, out : numpy.ndarray of bool, shape (days, watched)
        Whether each tie has a channel, and whether it is out of contact.
    """

    def __init__(self, model: Model, ties: np.ndarray) -> None:
        kin, days = model.kin, model.spec.days
        self.model, self.ties = model, ties
        self.people = np.unique(np.concatenate([kin.diaspora_end[ties], kin.family_end[ties]]))
        self.first = kin.first[ties].copy()
        self.platforms = model.person["using"][self.people].copy()
        self.has_vpn = model.person["vpn"][self.people] > 0
        self._blame = blame = Blame(model)
        self._access = AccessWatch(model, self.people, blame)
        self._who = PeopleWatch(model, self.people, blame)
        self._ties = TieWatch(model, ties, blame)
        self.happenings: list[Happening] = []
        self.open, self.out = np.zeros((2, days, ties.size), np.bool_)
        model.watch = self._after

    def _after(self, model: Model, phase: str) -> None:
        """Note what a phase of the day has changed."""
        if phase == "access":
            self._who.begin()
            self.happenings += self._of_access()
        elif phase == "people":
            self.happenings += self._of_people()
        elif phase == "reconnect":
            self.happenings += self._of_agreements()
        elif phase == "contact":
            kin, other = model.kin, model.baseline
            baseline = kin.first if other is None else other.kin.channels
            steps = self._ties.followed(baseline, self._who.morning)
            self.happenings += [one for step in steps for one in self._of_tie(step)]
            self.open[model.day] = kin.channels[self.ties] != 0
            self.out[model.day] = (baseline[self.ties] != 0) & ~self.open[model.day]

    def _of_access(self) -> Iterator[Happening]:
        for one in self._access.changes():
            names = self.names(1 << one.platform)
            yield Happening(self._today, one.person, "access", names, one.rule, one.policy, value=one.speed)

    def _of_people(self) -> Iterator[Happening]:
        for step in self._who.decided():
            names, instead = self.names(step.platforms), self.names(step.instead)
            yield Happening(self._today, step.person, step.what, names, step.rule, step.policy, instead=instead)

    def _of_agreements(self) -> Iterator[Happening]:
        """Yield who agrees on what with whom, at both ends."""
        new = dict(self._who.agreed())
        for step in self._ties.agreements(new, self._who.morning):
            for end in self.ends(step.tie):
                self._who.blame(end, step.platforms.bit_length() - 1, step.policy)
            yield from self._of_tie(step)

    def _of_tie(self, step: TieStep) -> Iterator[Happening]:
        """Yield what becomes of a tie, once for each end."""
        one, two = self.ends(step.tie)
        names, instead = self.names(step.platforms), self.names(step.instead)
        policy = step.policy
        if not policy:  # the tie follows from what one of the two did about one of these platforms
            concerned = (step.platforms ^ step.instead if step.instead else step.platforms) & ~int(BRIDGED)
            policy = self._who.behind(one, concerned) or self._who.behind(two, concerned)
        if not policy and (step.platforms ^ step.instead) & int(BRIDGED):
            policy = self._blame.of_bridge(self.model)
        for person, kin in ((one, two), (two, one)):
            yield Happening(self._today, person, step.what, names, step.rule, policy, kin, instead, step.value)

    def ends(self, tie: int) -> tuple[int, int]:
        """Return the two people of a tie, the member of the diaspora first."""
        return int(self.model.kin.diaspora_end[tie]), int(self.model.kin.family_end[tie])

    def names(self, bits: int) -> tuple[str, ...]:
        """Return the platforms of bits, by name; a bridge between two of them comes last."""
        found = [name for p, name in enumerate(self.model.setting.platforms) if bits >> p & 1]
        return (*found, *([BRIDGE] if bits & int(BRIDGED) else []))

    @property
    def _today(self) -> str:
        return str(self.model.date)


__all__ = ["Diary"]
