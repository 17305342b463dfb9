"""The data that the decisions of states and platforms keep from one day to the next."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from sim.policies.base import Policy
from sim.world.situation import Situation


@dataclass(frozen=True, slots=True)
class Standing:
    """A policy of one state that is announced or in force.

    Attributes
    ----------
    id : str
        Id of the policy, or of the decision if the modelled network has no instrument for it.
    by : int
        Number of the state.
    objects : tuple of int
        Numbers of its targets; empty for a policy without a target abroad.
    days : int
        Days in force; negative while it is only announced.
    policy : Policy or None
    """

    id: str
    by: int
    objects: tuple[int, ...]
    days: int
    policy: Policy | None = field(default=None, compare=False)


@dataclass
class Case:
    """One firm and one demand.

    Attributes
    ----------
    stance : str
        What it has decided last.
    due : int
        Day on which the decision takes effect, or the court's; -1 for none [day of the run].
    may_sue, may_sell : bool
        Whether a suit has not been lost, and a sale not been refused.
    scores : dict of str to float
        The costs of the answers when it decided [US dollars].
    """

    stance: str = "refuse"
    due: int = -1
    may_sue: bool = True
    may_sell: bool = True
    scores: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Government:
    """The government of a state.

    Attributes
    ----------
    readiness : float
        How ready to act it is, against that of the first day [1].
    since : int
        Day on which it took office; -1 for that of the first day [day of the run].
    row : str
        Id of the decision that says so; empty for the first one.
    """

    readiness: float = 1.0
    since: int = -1
    row: str = ""


@dataclass
class Stances:
    """The internal state of governments.

    Attributes
    ----------
    governments : dict
        Number of a state -> its government; without an entry it is the first one.
    tolerated : numpy.ndarray or None, shape (states, targets)
        Fear minus cost from which each state acts [1]; None before the first weighing.
    first : object
        The first weighing of every target; None before it.
    spent : dict
        Number of a state -> political capital spent, and the day [1].
    """

    governments: dict[int, Government] = field(default_factory=dict)
    tolerated: np.ndarray | None = None
    first: object = None
    spent: dict[int, tuple[float, int]] = field(default_factory=dict)


type Moment = tuple[int, int]
"""The day of the run and the number of decisions so far; a cached value is valid until one of them increases."""


@dataclass
class Ledger:
    """Data that behaviours keep from one day to the next.

    Attributes
    ----------
    situation : Situation or None
        The situation of the first day; None before it is first needed.
    rivals, close : numpy.ndarray or None, shape (states, states)
        How much each state sees another as a rival, and as a model to follow, on the first day [1].
    exposure : numpy.ndarray or None, shape (states, states)
        Share of the revenue of each state's own firms that comes from each other state [1].
    harms : numpy.ndarray or None, shape (states, targets)
        Loss of each target's home if a state bans the target [US$ bn a year].
    standing_policies : tuple of (Moment, list of Standing) or None
        The policies that are announced or in force, and when the list was computed.
    off_limits : tuple of (Moment, numpy.ndarray) or None
        The targets that each state does not act against, shape (states, targets), and when they were computed.
    aims : dict
        Id of a policy -> each state that it is by, and the numbers of the foreign targets it bans.
    trend : tuple of (int, numpy.ndarray, numpy.ndarray) or None
        Months since the first day, and by how much targets and economies have grown [log].
    stances : Stances
    cases : dict
        (id of a demand, owner of platforms) -> the firm's assessment of the demand.
    """

    situation: Situation | None = None
    rivals: np.ndarray | None = None
    close: np.ndarray | None = None
    exposure: np.ndarray | None = None
    harms: np.ndarray | None = None
    standing_policies: tuple[Moment, list[Standing]] | None = None
    off_limits: tuple[Moment, np.ndarray] | None = None
    aims: dict[str, list[tuple[int, tuple[int, ...]]]] = field(default_factory=dict)
    trend: tuple[int, np.ndarray, np.ndarray] | None = None
    stances: Stances = field(default_factory=Stances)
    cases: dict[tuple[str, str], Case] = field(default_factory=dict)
