"""Facts about a figure that are known before its order takes effect, for laws on past events.

Nothing is simulated: dose, duration and alternatives follow from the policies and the world before.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

import numpy as np

from ..experiments.record import (
    aimed_at,
    first_days_in_force,
    orders_behind,
    vpn_share_before,
)
from ..facts.platforms import use_anywhere
from ..people.setting import first_access
from ..scenario import Scenario
from ..scenario.schema import Observed
from ..world.build import closeness_table
from ..world.groups import OTHER
from ..world.law import access_under, docket_of
from ..world.scenario_setting import make_setting


class KnownBefore(NamedTuple):
    """Facts about a figure that are known beforehand."""

    platform_kind: str
    """Kind of the platform; empty for a figure without one."""
    dose: float
    """Share of direct use of the platform that the orders in force remove that day [1]."""
    days: int
    """Days since the first order against it began, even if that order has ended."""
    reference_dose: float
    """Dose on the figure's reference date; 0 without one [1]."""
    reference_days: int
    """Days since the first order, on the reference date."""
    part: float
    """Earlier use of the figure's platforms, relative to that of all substitutes for the restricted
    platforms [1].
    """
    vpn_share: float
    """Share of the state's Internet users who had a VPN before [1]."""
    alternatives: float
    """Earlier use of platforms outside the orders, weighted by their similarity to the restricted
    ones: alternatives for a typical person.
    """


def known_before(row: Observed, spec: Scenario) -> KnownBefore:
    """Return the facts about a figure that are known beforehand.

    Parameters
    ----------
    row : Observed
        The figure.
    spec : Scenario
        The scenario of the figure.
    """
    begun = first_days_in_force(aimed_at(row, spec), row, spec)
    first = min(begun.values(), default=None)

    def dose_and_days(day: date | None) -> tuple[float, int]:
        if first is None or day is None:
            return 0.0, 0
        return _dose(row, spec, day), max(0, (day - spec.start).days - first)

    dose, days = dose_and_days(row.date)
    reference_dose, reference_days = dose_and_days(row.reference_day)
    targets = {target for policy in orders_behind(row, spec) for target in policy.targets}
    part, alternatives = _stand_ins(row, spec, targets)
    facts = make_setting(spec).platform_facts
    return KnownBefore(
        platform_kind=facts[row.platform[0]].kind if row.platform else "",
        dose=dose,
        days=days,
        reference_dose=reference_dose,
        reference_days=reference_days,
        part=part,
        vpn_share=vpn_share_before(row, spec),
        alternatives=alternatives,
    )


def _stand_ins(row: Observed, spec: Scenario, hit: set[str]) -> tuple[float, float]:
    """Return the share of a figure's platforms in the use of all substitutes for restricted
    platforms [1].

    The second number is that of substitutes that a typical person uses, weighted by similarity.
    """
    if not row.state:
        return 0.0, 0.0
    setting = make_setting(spec)
    state = row.state
    close = closeness_table(setting)
    kinds = setting.facts.kinds
    facts = setting.platform_facts
    of_hit = [kinds.index(facts[name].kind) for name in hit & facts.keys()]
    use = {}
    alternatives = 0.0
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


def _dose(row: Observed, spec: Scenario, day: date) -> float:
    """Return the share of direct use of a platform that the policies in force on a day remove
    [1].
    """
    setting = make_setting(spec)
    everybody = {
        policy.parts()[-1].mark for policy in spec.policies
    }  # adults under an age limit, who only pass a check
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
