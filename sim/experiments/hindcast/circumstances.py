"""The circumstances of an observed figure, without its value: the platform hit, the technique, the dose, the duration.

Rivals use only these for their forecasts, and tables use them to separate platforms that an order hit from bystanders.
They follow from the policies and the world before; nothing is simulated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import numpy as np

from sim.policies.base import PolicyKeys
from sim.policies.docket import docket_of
from sim.policies.law import access_under
from sim.scenario import Scenario, load
from sim.scenario.observed import INTERNET_USERS, Observed
from sim.shipped import event_names
from sim.world.setting import first_access, make_setting


@dataclass(frozen=True)
class Circumstances:
    """What is known of a figure from its order and its world.

    Attributes
    ----------
    is_hit : bool
        Whether an order against the platform has been in force by its day; the others are bystanders.
    is_null : bool
        Whether an order against the platform was announced and had not been in force by then.
    technique : str
        How the order reaches people: a technique, or the instrument where it has none; empty without any order.
    platform_kind : str
        Kind of the platform; empty for a figure that has none.
    dose : float
        Share of direct use of the platform that the orders in force take that day [1].
    days : int
        Days since the first order in force against it began.
    before : float
        What the figure is while nothing changes [1].
    reference : tuple of (float, int)
        Dose and days on the date that the figure is a share of; no dose where it is a share of no date.
    """

    is_hit: bool
    is_null: bool
    technique: str
    platform_kind: str
    dose: float
    days: int
    before: float
    reference: tuple[float, int] = (0.0, 0)


@dataclass(frozen=True)
class Past:
    """An observed figure of an event, with its circumstances.

    Attributes
    ----------
    event, episode : str
        The event, by the name of its file, and the episode that it is part of.
    observed : Observed
        The figure.
    about : Circumstances
        What is known of it from the order alone.
    """

    event: str
    episode: str
    observed: Observed
    about: Circumstances

    @property
    def series(self) -> tuple[str, ...]:
        """The key of its series: one meter's count of one thing."""
        return series_of(self.episode, self.observed)


def series_of(episode: str, seen: Observed) -> tuple[str, ...]:
    """Return the key of the series that a figure belongs to."""
    place = seen.group or seen.state or ""
    return (episode, seen.kind, place, " + ".join(seen.platform), seen.metric, seen.meter or "")


@cache
def record() -> tuple[Past, ...]:
    """Return every scored figure of the shipped events, null cases among them, in the order of the files."""
    return tuple(
        Past(spec.name, spec.episode or spec.name, row, circumstances(row, spec))
        for spec in map(load, event_names())
        for row in spec.observed
        if row.use == "scored"
    )


def circumstances(row: Observed, spec: Scenario) -> Circumstances:
    """Return what is known of a figure from its order and its world.

    Parameters
    ----------
    row : Observed
        The figure.
    spec : Scenario
        The scenario that it belongs to.
    """
    aimed = [policy for policy in spec.policies if _aims_at(policy, row)]
    begun = _begun(aimed, row, spec)
    first = min(begun.values(), default=None)
    acting = [policy for policy in aimed if policy.id in begun] or aimed or _others(row, spec)
    day = row.reference_day
    return Circumstances(
        is_hit=first is not None,
        is_null=bool(aimed) and first is None,
        technique=_technique(acting, row),
        platform_kind=_kind(row, spec),
        dose=_dose(row, spec, row.date) if first is not None else 0.0,
        days=_since(first, row.date, spec) if first is not None else 0,
        before=_before(row, spec),
        reference=(0.0, 0) if day is None or first is None else (_dose(row, spec, day), _since(first, day, spec)),
    )


def _since(first: int, day: date, spec: Scenario) -> int:
    """Return the days from the first day of an order, counted from the start of the run, to a date."""
    return max(0, (day - spec.start).days - first)


def _restricts(policy: PolicyKeys) -> bool:
    """Return whether a policy takes something from its targets."""
    return not (policy.PROMOTES or policy.HALTS or policy.EXTENDS)


def _aims_at(policy: PolicyKeys, row: Observed) -> bool:
    """Return whether a policy restricts the platform of a figure, in its state."""
    return _restricts(policy) and row.state in policy.by and bool(set(row.platform) & set(policy.targets))


def _others(row: Observed, spec: Scenario) -> list[PolicyKeys]:
    """Return the orders that a bystander gains from: those against the platform that its figure is a share of."""
    every = [policy for policy in spec.policies if _restricts(policy)]
    named = [policy for policy in every if policy.targets]
    return [policy for policy in named if row.reference_platform in policy.targets] or named or every


def _begun(policies: Sequence[PolicyKeys], row: Observed, spec: Scenario) -> dict[str, int]:
    """Return the policies that have been in force by the day of a figure, with their first day of the run."""
    ids = {policy.id for policy in policies}
    found: dict[str, int] = {}
    for day in range((row.date - spec.start).days + 1 if ids else 0):
        for policy, _ in docket_of(spec.policies, spec.start + timedelta(days=day)).in_force:
            if policy.id in ids:
                found.setdefault(policy.id, day)
    return found


def _technique(policies: Sequence[PolicyKeys], row: Observed) -> str:
    """Return how the first of some orders reaches people in the state of a figure."""
    own = [policy for policy in policies if row.state in policy.by] or policies
    dated = sorted((policy.on, policy.id, policy) for policy in own if policy.on is not None)
    return next((policy.technique or policy.instrument for _, _, policy in dated), "")


def _kind(row: Observed, spec: Scenario) -> str:
    """Return the kind of the platform that a figure is of; empty where it is of none."""
    if not row.platform:
        return ""
    return make_setting(spec).platform_facts[row.platform[0]].kind


def _dose(row: Observed, spec: Scenario, day: date) -> float:
    """Return the share of direct use of a platform that the policies in force on a day take [1]."""
    setting = make_setting(spec)
    table = access_under(docket_of(spec.policies, day), first_access(setting), setting)
    state = setting.states.index(row.state or "")
    left = [
        table.reach[state, at].mean() * table.speed[state, at] * np.exp(-table.install_hazard[state, at].mean())
        for at in map(setting.platforms.index, row.platform)
    ]
    return float(1.0 - np.mean(left))


def _before(row: Observed, spec: Scenario) -> float:
    """Return what a figure is while nothing changes [1]."""
    if row.is_increment:
        return 0.0
    if row.metric == "vpn_users" and row.of == INTERNET_USERS:
        known = spec.facts.states.get(row.state or "")
        return spec.world.vpn_share.get(row.state or "", known.vpn_share.value if known else 0.0)
    return 1.0
