"""The cost of calls home for people who can only telephone: a month's bill, and its share of
income.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..core.groups import Group, is_diaspora
from ..facts.people import CALL_PRICES
from ..facts.tables import Quantity, quantities, read
from ..scenario import Scenario

PRICE = "phone.price"
"""The parameter for destinations without a price of their own."""
MONTHS = 12.0


@dataclass(frozen=True)
class Bill:
    """Cost of the usual conversations by telephone for a person of a diaspora.

    Attributes
    ----------
    group : str
    value, low, high : float
        [US dollars a month]; the range combines the lowest and the highest price and length, and is
        not an interval.
    share, share_low, share_high : float
        The cost as a share of a month's product per head in the state of residence [1].
    minutes : float
        Conversations a month, each of the usual length [minutes a month].
    price : float
        [US dollars a minute]
    is_sourced : bool
        Whether the price is a tariff for this destination; otherwise it is an assumption.
    """

    group: str
    value: float
    low: float
    high: float
    share: float
    share_low: float
    share_high: float
    minutes: float
    price: float
    is_sourced: bool


def talks_a_month(scenario: Scenario) -> float:
    """Return the conversations of a member of a diaspora with all kin abroad [conversations a
    month].
    """
    shares = [
        _value(scenario, f"contact.{name}") for name in ("weekly_or_more", "weekly", "monthly")
    ]
    talks = [
        _value(scenario, f"contact.talks_{name}")
        for name in ("often", "weekly", "monthly", "rarely")
    ]
    return sum(
        share * each for share, each in zip((*shares, 1.0 - sum(shares)), talks, strict=True)
    )


def bill(scenario: Scenario, label: str) -> Bill | None:
    """Return the cost of calls home for the members of a group; None if it is not a diaspora."""
    if not is_diaspora(label):
        return None
    group = Group.read(label)
    tariff = quantities(read(CALL_PRICES)).get(group.origin)
    price = tariff or _quantity(scenario, PRICE)
    length = _quantity(scenario, "phone.minutes")
    talks = talks_a_month(scenario)
    income = scenario.facts.states[group.residence].gdp_per_head.value / MONTHS
    value, low, high = (
        talks * getattr(length, end) * getattr(price, end) for end in ("value", "low", "high")
    )
    return Bill(
        label,
        value,
        low,
        high,
        value / income,
        low / income,
        high / income,
        talks * length.value,
        price.value,
        tariff is not None,
    )


def _quantity(scenario: Scenario, name: str) -> Quantity:
    return scenario.facts.parameters[name]


def _value(scenario: Scenario, name: str) -> float:
    return float(scenario.parameters.get(name, _quantity(scenario, name).value))
