"""The record: every scored figure of the shipped events, and its circumstances, which follow from
the order alone.

The circumstances of a figure (whether its platform was hit, by which technique) follow from the
policies and the world before; nothing is simulated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from ..core.shipped import event_names
from ..policies.base import Policy
from ..scenario import Scenario, load
from ..scenario.scenario import restricts
from ..scenario.schema import INTERNET_USERS, Observed
from ..world.law import docket_of


@dataclass(frozen=True)
class Circumstances:
    """Circumstances of a figure, from its order and its world.

    Attributes
    ----------
    is_hit : bool
        Whether an order against the platform has been in force by the figure's day. A figure that
        is neither hit nor null belongs to a bystander.
    is_null : bool
        Whether an order against the platform exists that had not begun by then.
    technique : str
        The technique of the order, or its instrument if it has no technique; empty without an
        order.
    before : float
        The value of the figure without change: 1 for a ratio, 0 for an increase [1].
    """

    is_hit: bool
    is_null: bool
    technique: str
    before: float


@dataclass(frozen=True)
class Past:
    """An observed figure of an event, with its circumstances.

    Attributes
    ----------
    event, episode : str
        The name of the event's file, and the episode that it is part of.
    observed : Observed
        The figure.
    about : Circumstances
        The circumstances that follow from the order alone.
    """

    event: str
    episode: str
    observed: Observed
    about: Circumstances

    @property
    def series(self) -> tuple[str, ...]:
        """The key of its series: one quantity counted by one source."""
        seen = self.observed
        place = seen.group or seen.state or ""
        return (
            self.episode,
            seen.kind,
            place,
            " + ".join(seen.platform),
            seen.metric,
            seen.meter or "",
        )


@cache
def events() -> tuple[Scenario, ...]:
    """Return the shipped events, in the order of their files."""
    return tuple(map(load, event_names()))


@cache
def record() -> tuple[Past, ...]:
    """Return every scored figure of the shipped events, including null cases, in the order of the
    files.
    """
    return tuple(
        past_of(row, spec) for spec in events() for row in spec.observed if row.use == "scored"
    )


def past_of(row: Observed, spec: Scenario) -> Past:
    """Return an observed figure of a scenario with its circumstances."""
    return Past(spec.name, spec.episode or spec.name, row, circumstances(row, spec))


def circumstances(row: Observed, spec: Scenario) -> Circumstances:
    """Return the circumstances of a figure, from its order and its world.

    Parameters
    ----------
    row : Observed
        The figure.
    spec : Scenario
        The scenario that it belongs to.
    """
    aimed = aimed_at(row, spec)
    is_hit = bool(first_days_in_force(aimed, row, spec))
    return Circumstances(
        is_hit=is_hit,
        is_null=bool(aimed) and not is_hit,
        technique=_technique(orders_behind(row, spec), row),
        before=_before(row, spec),
    )


def orders_behind(row: Observed, spec: Scenario) -> list[Policy]:
    """Return the orders that a figure is about: those against its platform that have begun.

    For a bystander they are the orders against the platform that its figure is a share of, because
    it gains from them.
    """
    aimed = aimed_at(row, spec)
    begun = first_days_in_force(aimed, row, spec)
    acting = [policy for policy in aimed if policy.id in begun] or aimed
    if acting:
        return acting
    restricting = list(filter(restricts, spec.policies))
    named = [policy for policy in restricting if policy.targets]
    against = [policy for policy in named if row.reference_platform in policy.targets]
    return against or named or restricting


def aimed_at(row: Observed, spec: Scenario) -> list[Policy]:
    """Return the policies that restrict the platform of a figure in its state."""
    return [
        policy
        for policy in filter(restricts, spec.policies)
        if row.state in policy.concerns() and set(row.platform) & set(policy.targets)
    ]


def first_days_in_force(
    policies: Sequence[Policy], row: Observed, spec: Scenario
) -> dict[str, int]:
    """Return the policies that have been in force by the day of a figure, with their first day in
    the run.
    """
    ids = {policy.id for policy in policies}
    first_days: dict[str, int] = {}
    for day in range((row.date - spec.start).days + 1 if ids else 0):
        for policy, _ in docket_of(spec.policies, spec.start + timedelta(days=day)).in_force:
            if policy.id in ids:
                first_days.setdefault(policy.id, day)
    return first_days


def _technique(policies: Sequence[Policy], row: Observed) -> str:
    """Return the technique or instrument of the first of some orders in the state of a figure."""
    own = [policy for policy in policies if row.state in policy.concerns()] or policies
    dated = sorted((policy.on, policy.id, policy) for policy in own if policy.on is not None)
    return next((policy.technique or policy.instrument for _, _, policy in dated), "")


def _before(row: Observed, spec: Scenario) -> float:
    """Return the value of a figure without change [1]."""
    if row.is_increment:
        return 0.0
    return (
        vpn_share_before(row, spec)
        if row.metric == "vpn_users" and row.of == INTERNET_USERS
        else 1.0
    )


def vpn_share_before(row: Observed, spec: Scenario) -> float:
    """Return the share of Internet users in a figure's state who have a VPN without change [1]."""
    known = spec.facts.states.get(row.state or "")
    return spec.world.vpn_share.get(row.state or "", known.vpn_share.value if known else 0.0)
