"""Whether a firm gives in to a demand: the cost of refusing it, compared with the cost of each answer.

All costs are expected US dollars over the horizon of the decision. Nothing here depends on a platform's name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

DAYS_A_YEAR = 365.0


class Blow(NamedTuple):
    """A sanction as a platform sees it on the day it decides."""

    in_days: int
    """Days until it falls; 0 or less once it has been carried out [days]."""
    fine: float = 0.0
    """Paid once [US dollars]."""
    revenue: float = 0.0
    """Share of the revenue in the state that is lost [1]."""
    users: float = 0.0
    """Share of the users in the state who are lost [1]."""


class Stake(NamedTuple):
    """What a platform has in a state."""

    revenue: float
    """Revenue there [US dollars a year]."""
    worth: float
    """Worth of its users there beyond revenue: growth, or a mission [US dollars a year]."""


@dataclass(frozen=True)
class Court:
    """What a suit promises.

    Attributes
    ----------
    chance : float
        Chance that the court stays the demand [1].
    days : int
        Days until it decides [days].
    cost : float
        Lawyers [US dollars].
    """

    chance: float
    days: int
    cost: float


def trust(prior: float, weight: float, carried_out: int) -> float:
    """Return how far a platform believes that the next sanction will be carried out [1].

    The rule of succession: a prior worth ``weight`` cases, and one success for each sanction carried out so far.
    """
    return (prior * weight + carried_out) / (weight + carried_out)


def loss_of_refusing(blows: Sequence[Blow], stake: Stake, belief: float, horizon: float) -> float:
    """Return what refusing is expected to cost from today to the horizon [US dollars].

    The strictest sanction so far counts. Users lost take their revenue with them. A sanction to come is believed as far
    as those before it are: the second one ahead with the square of the belief. Fines that were imposed are sunk.

    Parameters
    ----------
    blows : sequence of Blow
    stake : Stake
    belief : float
        From `trust` [1].
    horizon : float
        [days].
    """
    total, revenue, users, rate, chance = 0.0, 0.0, 0.0, 0.0, 1.0
    for blow in sorted(blows):
        if blow.in_days >= horizon:
            break
        if blow.in_days > 0:
            chance *= belief
            total += chance * blow.fine
        revenue, users = max(revenue, blow.revenue), max(users, blow.users)
        after = stake.revenue * (1.0 - (1.0 - revenue) * (1.0 - users)) + stake.worth * users
        total += chance * (after - rate) * (horizon - max(0, blow.in_days)) / DAYS_A_YEAR
        rate = after
    return total


def cost_of_reputation(
    share: float, news_use: float, free_revenue: float, freedom_here: float, company: float, others_obeyed: float
) -> float:
    """Return what obeying costs abroad [US dollars a year].

    Parameters
    ----------
    share : float
        Share of the revenue in free states at risk when a platform made for news obeys a state without freedom [1].
    news_use : float
        Share of its users who regularly get news there [1].
    free_revenue : float
        Revenue in the other states, each weighted by its freedom [US dollars a year].
    freedom_here : float
        Freedom of the state that demands [1]: obeying a free state costs nothing abroad.
    company : float
        Share of the cost that is gone once everybody else has obeyed [1].
    others_obeyed : float
        Share of the other firms asked that have obeyed [1].
    """
    return share * news_use * free_revenue * (1.0 - freedom_here) * (1.0 - company * others_obeyed)


def cost_of_precedent(chance: float, fixed: float, unfree_states: float) -> float:
    """Return what it costs that others ask the same [US dollars a year].

    Parameters
    ----------
    chance : float
        Chance that a state without freedom asks the same [1].
    fixed : float
        Cost of obeying in one state [US dollars a year].
    unfree_states : float
        The other states that it serves, each counted by its lack of freedom [states].
    """
    return chance * fixed * unfree_states


def suit(courts: float, power: float, days: float, cost: float) -> Court:
    """Return what a suit promises where the courts have an index of 0 to 1; worse courts are slower, too."""
    chance = max(courts, 1e-6) ** power
    return Court(chance, round(days / chance), cost)


def answers(
    refuse: float,
    comply: float | None = None,
    leave: float | None = None,
    sell: float | None = None,
    evade: float | None = None,
    court: Court | None = None,
    until_judgment: float = 0.0,
) -> dict[str, float]:
    """Return the expected cost of each answer that is open [US dollars].

    Parameters
    ----------
    refuse, comply, leave, sell, evade : float
        Cost of each over the horizon; None where it is not open.
    court : Court, optional
        A suit, where none was lost before.
    until_judgment : float
        What refusing costs until the court decides.
    """
    costs = {"refuse": refuse, "comply": comply, "leave": leave, "sell": sell, "evade": evade}
    open_to = {name: cost for name, cost in costs.items() if cost is not None}
    if court is not None:
        open_to["contest"] = court.cost + until_judgment + (1.0 - court.chance) * min(open_to.values())
    return open_to


def loss_of_waiting(blows: Sequence[Blow], stake: Stake, belief: float, lead: float, pause: float) -> float:
    """Return what a platform loses if it decides one meeting later [US dollars].

    A decision takes effect after a lead; what falls before that can no longer be helped.

    Parameters
    ----------
    lead : float
        Days until a decision takes effect [days].
    pause : float
        Days until the next meeting [days].
    """
    return loss_of_refusing(blows, stake, belief, lead + pause) - loss_of_refusing(blows, stake, belief, lead)


def choose(costs: Mapping[str, float]) -> str:
    """Return the cheapest answer; doing nothing wins a tie."""
    return min(sorted(costs), key=lambda name: (costs[name], name != "refuse"))
