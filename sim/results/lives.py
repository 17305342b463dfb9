"""Lives: simulated people and their kin abroad, and all that changes for them from day to day, in both arms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .panel import ARMS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from ..scenario import Scenario

OWN = (
    "fails", "works", "gives_up", "drops", "takes_up", "promoted", "returns", "agrees", "poor", "good",
    "app_gone", "app_back", "kin_use", "stays", "vpn", "no_vpn", "aware",
)  # fmt: skip
"""What may happen to a person, one platform at a time; `OFF` and `ON` say what is then in use."""
OFF, ON = ("fails", "gives_up", "drops"), ("works", "takes_up", "promoted", "returns", "agrees")
BETWEEN = ("lost", "changed", "back", "phones", "numbers")
"""What may happen to a kin tie: no channel any more, other channels, a channel again, the telephone instead, and
numbers given to each other beforehand."""
ROLES = ("typical of the group", "typical of those who lose contact", "worst", "between")
TYPICAL, HIT, WORST, OTHER = ROLES


@dataclass(frozen=True)
class Happening:
    """One thing that happens to a person, or between a person and one of their kin.

    Attributes
    ----------
    date : str
        ``YYYY-MM-DD``.
    person : int
        Number of the simulated person.
    what : str
        One of `OWN` or `BETWEEN`.
    platforms : tuple of str
        The platform; of ``lost`` the last ones, of ``changed`` and ``back`` those that join the two from now on.
    rule : str
        Code of the rule of the model by which it happens.
    policy : str
        Id of the policy behind it; empty where none is.
    kin : int
        Number of the other person; -1 where nobody else takes part.
    instead : tuple of str
        Platforms that it makes up for, or that the two had until now.
    value : float
        The days out of contact [days]; NaN where there is nothing to say.
    """

    date: str
    person: int
    what: str
    platforms: tuple[str, ...]
    rule: str = ""
    policy: str = ""
    kin: int = -1
    instead: tuple[str, ...] = ()
    value: float = float("nan")


@dataclass(frozen=True)
class Person:
    """A simulated person on the first day; people of the model have no names.

    Attributes
    ----------
    number : int
    group, lives_in : str
        The group, such as ``US<-CN``, and the code of the state.
    weight : float
        Real people that this one stands for [persons].
    age, skill : float
        Rank among the internet users of the state, 0 for the youngest and the least skilled, to 1.
    platforms : tuple of str
        Platforms in use.
    has_vpn : bool
    """

    number: int
    group: str
    lives_in: str
    weight: float
    age: float
    skill: float
    platforms: tuple[str, ...]
    has_vpn: bool


@dataclass(frozen=True)
class Bond:
    """A kin tie of a life.

    Attributes
    ----------
    kin : Person
        The other end.
    channels : tuple of str
        Platforms that join the two before the first day.
    conversations : float
        Usual frequency [a day].
    afraid : bool
        Whether the household is watched and takes up no channel that it has not had on the first day.
    out : mapping of str to numpy.ndarray of bool, shape (days,)
        By arm, whether the tie is out of contact: no channel, where it has one without the policies.
    open : mapping of str to numpy.ndarray of bool, shape (days,)
        By arm, whether it has a channel.
    """

    kin: Person
    channels: tuple[str, ...]
    conversations: float
    afraid: bool
    out: Mapping[str, np.ndarray]
    open: Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Life:
    """One simulated person, the kin abroad, and what happens to them in both arms.

    Attributes
    ----------
    person : Person
    role : str
        Why this one is shown: one of `ROLES`.
    bonds : tuple of Bond
    happenings : mapping of str to tuple of Happening
        By arm, in the order of the days; those of the kin are among them.
    """

    person: Person
    role: str
    bonds: tuple[Bond, ...]
    happenings: Mapping[str, tuple[Happening, ...]]

    def had(self, arm: str) -> np.ndarray:
        """Return on which days the person has a channel to any kin without the policies, shape (days,).

        Before the first day, for the arm without the policies itself.
        """
        if arm == ARMS[1]:
            return _any(bond.open[ARMS[0]] for bond in self.bonds)
        return _any(np.full_like(bond.open[arm], bool(bond.channels)) for bond in self.bonds)

    def without(self, arm: str) -> np.ndarray:
        """Return on which days the person has no platform channel to any kin, of those in `had`, shape (days,)."""
        return np.asarray(self.had(arm) & ~_any(bond.open[arm] for bond in self.bonds))

    def days_without(self, arm: str = ARMS[1]) -> int:
        """Return the days without a platform channel to any kin [days]."""
        return int(self.without(arm).sum())

    def longest(self, arm: str = ARMS[1]) -> int:
        """Return the longest stretch of such days [days]."""
        return max((last - first for first, last in stretches(self.without(arm))), default=0)

    def to_data(self, dates: tuple[str, ...]) -> dict[str, Any]:
        """Return the life as data for JSON."""
        kin = [
            {**asdict(bond.kin), "channels": list(bond.channels), "conversations": round(bond.conversations, 4),
             "afraid": bond.afraid,
             "out": {arm: [{"from": dates[first], "until": dates[last] if last < len(dates) else None}
                         for first, last in stretches(bond.out[arm])] for arm in ARMS}}
            for bond in self.bonds
        ]  # fmt: skip
        return {
            **asdict(self.person),
            "role": self.role,
            "days_without": {arm: self.days_without(arm) for arm in ARMS},
            "longest": {arm: self.longest(arm) for arm in ARMS},
            "kin": kin,
            "happenings": {arm: [asdict(each) for each in self.happenings[arm]] for arm in ARMS},
        }


@dataclass(frozen=True)
class Lives:
    """Lives of one group in one member of a run.

    Attributes
    ----------
    name, run_id, version, commit : str
        Of the scenario, the run, and the program that made it.
    scenario : Scenario
    group : str
    seed : int
        Of the member.
    dates : tuple of str
        The days of the run.
    people : int
        Simulated people of the group who have a channel to kin.
    ever : int
        Of them, those without any on some day.
    chosen : tuple of Life
    """

    name: str
    run_id: str
    version: str
    commit: str
    scenario: Scenario
    group: str
    seed: int
    dates: tuple[str, ...]
    people: int
    ever: int
    chosen: tuple[Life, ...]

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seed of the member, as charts name it."""
        return (self.seed,)

    @property
    def members(self) -> tuple[int, ...]:
        """The member, as charts count it."""
        return (self.seed,)

    def plot(self) -> Figure:
        """Return a chart: the ties of each life in time, where they have a channel and where they have none."""
        from ..plots.runs import draw_lives

        return draw_lives(self)

    def __iter__(self) -> Iterator[Life]:
        return iter(self.chosen)

    def __len__(self) -> int:
        return len(self.chosen)

    def __getitem__(self, place: int) -> Life:
        return self.chosen[place]

    def to_data(self) -> dict[str, Any]:
        """Return everything as data for JSON."""
        return {
            "scenario": self.name,
            "run": self.run_id,
            "status": self.scenario.status,
            "group": self.group,
            "seed": self.seed,
            "from": self.dates[0],
            "to": self.dates[-1],
            "people": self.people,
            "ever_lost": self.ever,
            "lives": [life.to_data(self.dates) for life in self.chosen],
        }

    def to_frame(self) -> pd.DataFrame:
        """Return a row for each thing that happens: ``life, arm`` and the columns of `Happening`."""
        import pandas as pd

        rows = [
            {"life": life.person.number, "arm": arm, **asdict(each)}
            for life in self.chosen
            for arm in ARMS
            for each in life.happenings[arm]
        ]
        names = ("life", "arm", *Happening.__dataclass_fields__)
        return pd.DataFrame(rows, columns=list(names))

    def __str__(self) -> str:
        """Return the lives as plain text, 80 columns wide."""
        from ..text.lives import text as tell_lives

        return tell_lives(self)

    __repr__ = __str__


def stretches(flags: np.ndarray) -> list[tuple[int, int]]:
    """Return the stretches of a flag: the first day of each, and the first day after it."""
    step = np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8))
    return list(zip(np.flatnonzero(step == 1).tolist(), np.flatnonzero(step == -1).tolist(), strict=True))


def _any(flags: Iterator[np.ndarray]) -> np.ndarray:
    """Return whether any of some flags of the same days is set."""
    return np.asarray(np.logical_or.reduce(list(flags)))
