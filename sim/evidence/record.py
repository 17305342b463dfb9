"""The record: every scored figure of the shipped events, and what is known of each from its order
alone.

The circumstances of a figure (platform hit, technique, dose, duration) follow from the policies and
the world before; nothing is simulated. Rival forecasts use only these, and tables use them to tell
hit platforms from bystanders.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import numpy as np

from ..core.shipped import event_names
from ..facts.platforms import use_anywhere
from ..people.setting import first_access
from ..policies.base import Policy
from ..scenario import Scenario, load
from ..scenario.scenario import restricts
from ..scenario.schema import INTERNET_USERS, Observed
from ..world.build import closeness_table
from ..world.groups import OTHER
from ..world.law import access_under, docket_of
from ..world.scenario_setting import make_setting


@dataclass(frozen=True)
class Circumstances:
    """What is known of a figure from its order and its world.

    Attributes
    ----------
    is_hit : bool
        Whether an order against the platform has been in force by its day. A figure that is neither
        hit nor null is that of a bystander.
    is_null : bool
        Whether an order against the platform exists that had not begun by then.
    technique : str
        How the order reaches people: a technique, or the instrument where it has none; empty
        without any order.
    platform_kind : str
        Kind of the platform; empty for a figure that has none.
    dose : float
        Share of direct use of the platform that the orders in force take that day [1].
    days : int
        Days since the first order against it began, also where that has ended by then.
    before : float
        What the figure is while nothing changes: 1 for a ratio, 0 for an increase [1].
    reference : tuple of (float, int)
        Dose and days on the date that the figure is a share of; no dose where it is a share of no
        date.
    part : float
        Use before of the figure's platforms, against that of all that stand in for what the orders
        name [1].
    vpn_share : float
        Share of the state's Internet users who had a VPN before [1].
    alternatives : float
        Use before of the platforms that no order names, each by how close it is to what the orders
        name: platforms that a typical person can turn to.
    """

    is_hit: bool
    is_null: bool
    technique: str
    platform_kind: str
    dose: float
    days: int
    before: float
    reference: tuple[float, int] = (0.0, 0)
    part: float = 0.0
    vpn_share: float = 0.0
    alternatives: float = 0.0


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
    """Return every scored figure of the shipped events, null cases among them, in the order of the
    files.
    """
    return tuple(
        past_of(row, spec) for spec in events() for row in spec.observed if row.use == "scored"
    )


def past_of(row: Observed, spec: Scenario) -> Past:
    """Return an observed figure of a scenario with its circumstances."""
    return Past(spec.name, spec.episode or spec.name, row, circumstances(row, spec))


def circumstances(row: Observed, spec: Scenario) -> Circumstances:
    """Return what is known of a figure from its order and its world.

    Parameters
    ----------
    row : Observed
        The figure.
    spec : Scenario
        The scenario that it belongs to.
    """
    orders = orders_behind(row, spec)
    begun = _first_days_in_force(_aimed(row, spec), row, spec)
    first = min(begun.values(), default=None)

    def since(day: date) -> int:
        return 0 if first is None else max(0, (day - spec.start).days - first)

    reference = row.reference_day
    part, alternatives = _stand_ins(
        row, spec, {target for policy in orders for target in policy.targets}
    )
    return Circumstances(
        is_hit=first is not None,
        is_null=bool(_aimed(row, spec)) and first is None,
        technique=_technique(orders, row),
        platform_kind=make_setting(spec).platform_facts[row.platform[0]].kind
        if row.platform
        else "",
        dose=0.0 if first is None else _dose(row, spec, row.date),
        days=since(row.date),
        before=_before(row, spec),
        reference=(0.0, 0)
        if reference is None or first is None
        else (_dose(row, spec, reference), since(reference)),
        part=part,
        vpn_share=_vpn_share(row, spec),
        alternatives=alternatives,
    )


def orders_behind(row: Observed, spec: Scenario) -> list[Policy]:
    """Return the orders that a figure is about: those against its platform that have begun.

    Of a bystander they are the orders against the platform that its figure is a share of, as it
    gains from them.
    """
    aimed = _aimed(row, spec)
    begun = _first_days_in_force(aimed, row, spec)
    acting = [policy for policy in aimed if policy.id in begun] or aimed
    if acting:
        return acting
    restricting = list(filter(restricts, spec.policies))
    named = [policy for policy in restricting if policy.targets]
    against = [policy for policy in named if row.reference_platform in policy.targets]
    return against or named or restricting


def _aimed(row: Observed, spec: Scenario) -> list[Policy]:
    """Return the policies that restrict the platform of a figure in its state."""
    return [
        policy
        for policy in filter(restricts, spec.policies)
        if row.state in policy.concerns() and set(row.platform) & set(policy.targets)
    ]


def _stand_ins(row: Observed, spec: Scenario, hit: set[str]) -> tuple[float, float]:
    """Return the part of a figure's platforms in the use of all that stand in for some platforms
    hit [1].

    And how many such platforms a typical person uses, each counted by how close it is.
    """
    if not row.state:
        return 0.0, 0.0
    setting, state = make_setting(spec), row.state
    close, kinds, facts = closeness_table(setting), setting.facts.kinds, setting.platform_facts
    of_hit = [kinds.index(facts[name].kind) for name in hit & facts.keys()]
    use, alternatives = {}, 0.0
    for name, fact in facts.items():
        closest = max((float(close[one, kinds.index(fact.kind)]) for one in of_hit), default=0.0)
        if name not in hit and closest > 0.0:
            stated = setting.penetration.get(state, {}).get(name)
            known = stated.get(OTHER) if isinstance(stated, Mapping) else stated
            use[name] = float(
                use_anywhere(state, name, spec.facts).value if known is None else known
            )
            alternatives += closest * use[name]
    whole = sum(use.values())
    return (
        sum(use.get(name, 0.0) for name in row.platform) / whole if whole > 0.0 else 0.0
    ), alternatives


def _first_days_in_force(
    policies: Sequence[Policy], row: Observed, spec: Scenario
) -> dict[str, int]:
    """Return the policies that have been in force by the day of a figure, with their first day of
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
    """Return how the first of some orders reaches people in the state of a figure."""
    own = [policy for policy in policies if row.state in policy.concerns()] or policies
    dated = sorted((policy.on, policy.id, policy) for policy in own if policy.on is not None)
    return next((policy.technique or policy.instrument for _, _, policy in dated), "")


def _dose(row: Observed, spec: Scenario, day: date) -> float:
    """Return the share of direct use of a platform that the policies in force on a day take [1]."""
    setting = make_setting(spec)
    everybody = {
        policy.parts()[-1].mark for policy in spec.policies
    }  # of an age limit: adults, who only pass a check
    table = access_under(
        docket_of(spec.policies, day).for_class(everybody), first_access(setting), setting
    )
    state = setting.states.index(row.state or "")
    left = [
        table.reach[state, at].mean()
        * table.speed[state, at]
        * np.exp(-table.install_hazard[state, at].mean())
        for at in map(setting.platforms.index, row.platform)
    ]
    return float(1.0 - np.mean(left))


def _before(row: Observed, spec: Scenario) -> float:
    """Return what a figure is while nothing changes [1]."""
    if row.is_increment:
        return 0.0
    return _vpn_share(row, spec) if row.metric == "vpn_users" and row.of == INTERNET_USERS else 1.0


def _vpn_share(row: Observed, spec: Scenario) -> float:
    """Return the share of the Internet users of a figure's state who have a VPN while nothing
    changes [1].
    """
    known = spec.facts.states.get(row.state or "")
    return spec.world.vpn_share.get(row.state or "", known.vpn_share.value if known else 0.0)
